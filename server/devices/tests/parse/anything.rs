//! Whatever comes, the parsers do not panic.

use peerage_devices::{Platform, What, parse};
use proptest::prelude::*;

const SEEDS: [(Platform, &str); 4] = [
    (
        Platform::Frr,
        r#"{"default":{"ipv4Unicast":{"as":64500,"vrfName":"default","peers":{"192.0.2.1":{"remoteAs":64501,"state":"Established","peerUptimeMsec":5000,"pfxRcd":3,"desc":"ünï"}}}}}"#,
    ),
    (
        Platform::Frr,
        "BGP router identifier 192.0.2.1, local AS number 64500\nNeighbor V AS MsgRcvd MsgSent TblVer InQ OutQ Up/Down State/PfxRcd PfxSnt Desc\n192.0.2.1 4 64501 1 2 0 0 0 01:02:03 12 1 ünï\nBGP neighbor is 192.0.2.1, remote AS 64501, local AS 64500\n  BGP state = Established, up for 1d\n For address family: IPv4 Unicast\n  4 accepted prefixes\n",
    ),
    (
        Platform::Bird,
        "BIRD 2.0 ready.\nCurrent server time is 2026-11-26 20:41:14.459\na BGP --- up 20:41:04 Established\n  Description: ünï\n  BGP state: Established\n    Neighbor address: fe80::1%e\n  Channel ipv4\n    Routes: 2 imported, 1 filtered\n",
    ),
    (
        Platform::OpenBgpd,
        r#"{"neighbors":[{"remote_as":"64501","remote_addr":"192.0.2.1","description":"ünï","state":"Established","last_updown":"01w0d16h","stats":{"prefixes":{"sent":1}}}]}"#,
    ),
];

#[test]
fn truncated_anywhere() {
    for (platform, text) in SEEDS {
        for end in (0..text.len()).filter(|i| text.is_char_boundary(*i)) {
            let _ = parse(platform, What::Neighbours, &[("cut", &text[..end])]);
            let _ = parse(platform, What::Neighbours, &[("cut", &text[end..])]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        for platform in Platform::ALL {
            let _ = parse(platform, What::Neighbours, &[("any", &text)]);
        }
    }

    #[test]
    fn any_bytes_in_an_answer(which in 0..SEEDS.len(), at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..12), cut in 0usize..20) {
        let (platform, text) = SEEDS[which];
        let at = at.index(text.len());
        let mut broken = text.as_bytes()[..at].to_vec();
        broken.extend(bytes);
        broken.extend(&text.as_bytes()[(at + cut).min(text.len())..]);
        let _ = parse(platform, What::Neighbours, &[("broken", &String::from_utf8_lossy(&broken))]);
    }

    #[test]
    fn words_of_listings_in_any_order(words in prop::collection::vec(prop::sample::select(vec![
        "BGP neighbor is ", "BGP state = ", "\n", " ", "Neighbor ", "Up/Down", "192.0.2.1", "4", "64501", "Idle (Admin)", "(", ")", "%", "ü", "Established", "up", "BGP", "start", "Routes:", "Channel ", ", up for ", "-1",
        "99999999999999999999", "Update statistics", "Prefixes ", "Neighbor address:", "Current server time is ", "2026-11-26", "20:41:14", "{", "}", "\"peers\":", ":", ",", "Summary:", "VRF ",
    ]), 0..60)) {
        let text = words.concat();
        for platform in Platform::ALL {
            let _ = parse(platform, What::Neighbours, &[("words", &text)]);
        }
    }
}
