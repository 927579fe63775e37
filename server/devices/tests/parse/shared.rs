//! Answers from other projects' test suites, against what those say they mean.

use peerage_devices::{Neighbour, Platform, State, What, parse};
use std::path::Path;

/// The text of a shared file; `None`, with a line that says so, where the folder is not here.
fn shared(file: &str) -> Option<String> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/router-output");
    if !place.exists() {
        println!("SKIPPED: the shared answers of routers are not here (shared/data/router-output beside the checkout)");
        return None;
    }
    Some(std::fs::read_to_string(place.join(file)).unwrap())
}

fn read(platform: Platform, files: &[(&str, &str)]) -> Vec<Neighbour> {
    parse(platform, What::Neighbours, files).unwrap()
}

fn find<'a>(all: &'a [Neighbour], vrf: &str, address: &str) -> &'a Neighbour {
    let address = address.parse().unwrap();
    all.iter()
        .find(|n| n.vrf == vrf && n.address == Some(address))
        .unwrap_or_else(|| panic!("{address} in {vrf} is missing"))
}

#[test]
fn frr_exporter_summary() {
    let Some(text) = shared("frr_exporter/show_bgp_vrf_all_ipv4_summary.json") else { return };
    let all = read(Platform::Frr, &[("summary", &text)]);
    assert_eq!(all.len(), 5);
    let up = find(&all, "default", "192.168.0.2");
    assert_eq!(
        (up.state, up.remote_as, up.local_as, up.seconds),
        (Some(State::Established), Some(64513), Some(64512), Some(10))
    );
    assert_eq!((up.families[0].accepted, up.families[0].advertised), (Some(0), None));
    let active = find(&all, "default", "192.168.0.3");
    assert_eq!((active.state, active.seconds, active.admin_down), (Some(State::Active), None, false));
    let off = find(&all, "default", "192.168.0.4");
    assert_eq!((off.state, off.admin_down), (Some(State::Idle), true));
    assert_eq!(find(&all, "red", "192.168.1.2").seconds, Some(20));
    assert_eq!(find(&all, "red", "192.168.1.2").families[0].accepted, Some(2));
    assert_eq!(find(&all, "red", "192.168.1.3").local_as, Some(64612));
}

#[test]
fn frr_exporter_summary_and_descriptions_together() {
    let (Some(summary), Some(neighbours)) = (
        shared("frr_exporter/show_bgp_vrf_all_ipv4_summary.json"),
        shared("frr_exporter/show_bgp_vrf_all_neighbors.json"),
    ) else {
        return;
    };
    let all = read(Platform::Frr, &[("summary", &summary), ("neighbors", &neighbours)]);
    assert_eq!(all.len(), 8);
    assert_eq!(find(&all, "default", "10.1.1.10").description.as_deref(), Some("{\"desc\":\"rt1\"}"));
    assert_eq!(find(&all, "vrf1", "10.2.0.1").state, None, "what is not told is absent");
    let unnumbered = all.iter().find(|n| n.interface.as_deref() == Some("swp2")).unwrap();
    assert_eq!((unnumbered.address, unnumbered.description.as_deref()), (None, Some("{\"desc\":\"fw1\"}")));
}

#[test]
fn frr_summary_without_instances() {
    let Some(text) = shared("frr-topotests/bgp_ecmp_topo1/r1/summary.txt") else { return };
    let all = read(Platform::Frr, &[("summary", &text)]);
    assert_eq!(all.len(), 20);
    assert!(all.iter().all(|n| n.vrf == "default"
        && n.is_established()
        && n.local_as == Some(100)
        && n.families[0].accepted == Some(42)
        && n.remote_as.is_none()));
}

#[test]
fn frr_vpn_families_and_instances() {
    let Some(text) = shared("frr-topotests/bgp_l3vpn_hidden/pe1/show_bgp_summary.json") else { return };
    let all = read(Platform::Frr, &[("summary", &text)]);
    assert_eq!(all.len(), 4);
    assert_eq!(
        (
            find(&all, "default", "192.168.0.101").families[0].afi.as_str(),
            find(&all, "default", "192.168.0.101").families[0].safi.as_str()
        ),
        ("ipv4", "vpn")
    );
    assert_eq!(find(&all, "RED", "3fff:1::ff").families[0].afi, "ipv6");
}

/// VyOS prints what FRR (and Quagga before it) prints.
#[test]
fn vyos_text_against_its_expected_result() {
    let folder = "napalm-vyos/get_bgp_neighbors/normal";
    let (Some(summary), Some(detail), Some(expected)) = (
        shared(&format!("{folder}/show_ip_bgp_summary.text")),
        shared(&format!("{folder}/show_ip_bgp_neighbors_10_0_1_100.text")),
        shared(&format!("{folder}/expected_result.json")),
    ) else {
        return;
    };
    let all = read(Platform::Frr, &[("summary", &summary), ("neighbors", &detail)]);
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let peers = expected["global"]["peers"].as_object().unwrap();
    assert_eq!(all.len(), peers.len());
    for (address, wanted) in peers {
        let one = find(&all, "default", address);
        assert_eq!(u64::from(one.remote_as.unwrap()), wanted["remote_as"].as_u64().unwrap());
        assert_eq!(u64::from(one.local_as.unwrap()), wanted["local_as"].as_u64().unwrap());
        assert_eq!(one.is_established(), wanted["is_up"].as_bool().unwrap());
        assert_eq!(!one.admin_down, wanted["is_enabled"].as_bool().unwrap());
        assert_eq!(one.families.len(), wanted["address_family"].as_object().unwrap().len());
        assert_eq!(one.families[0].advertised, None, "-1 means unknown");
    }
    let one = &all[0];
    assert_eq!(
        (one.seconds, one.remote_id, one.local_address),
        (Some(21 * 86_400), Some([10, 0, 2, 100].into()), Some([10, 0, 1, 222].into()))
    );
    assert_eq!((one.families[0].accepted, one.flaps), (Some(0), Some(0)));
}

#[test]
fn birdwatcher_bgp_among_pipes() {
    let (Some(text), Some(status)) =
        (shared("birdwatcher/protocols_bgp_pipe.sample"), shared("birdwatcher/status1.sample"))
    else {
        return;
    };
    let all = read(Platform::Bird, &[("protocols", &text), ("status", &status)]);
    assert_eq!(all.len(), 1, "pipes are no neighbours");
    let one = &all[0];
    assert_eq!(
        (one.name.as_deref(), one.table.as_deref(), one.description.as_deref()),
        (Some("R194_42"), Some("T65001_nada_co_ripe"), Some("Nada Co"))
    );
    assert_eq!((one.state, one.remote_as, one.admin_down), (Some(State::Established), Some(1764), false));
    assert_eq!((one.address, one.local_address), (Some([172, 31, 194, 42].into()), Some([172, 31, 192, 157].into())));
    assert_eq!(one.reason.as_deref(), Some("Socket: Connection closed"));
    let family = &one.families[0];
    assert_eq!(
        (family.afi.as_str(), family.received, family.accepted, family.filtered, family.advertised, family.limit),
        ("ipv4", Some(710), Some(710), Some(0), Some(154_998), Some(200_000))
    );
    // 2018-05-31 15:38:40 to 2021-03-30 02:28:45
    assert_eq!(one.seconds, Some(89_290_205));
    assert_eq!(one.families.len(), 1);
}

#[test]
fn birdwatcher_short_listing() {
    let Some(text) = shared("birdwatcher/protocols_short.sample") else { return };
    let all = read(Platform::Bird, &[("protocols", &text)]);
    assert_eq!(all.len(), text.lines().filter(|l| l.split_whitespace().nth(1) == Some("BGP")).count());
    let named = |name: &str| all.iter().find(|n| n.name.as_deref() == Some(name)).unwrap();
    assert_eq!(named("R194_42").state, Some(State::Established));
    assert_eq!(
        (named("R194_205").state, named("R194_205").reason.as_deref()),
        (Some(State::Idle), Some("BGP Error: Bad peer AS"))
    );
    assert_eq!((named("R_janus1").state, named("R_janus1").reason.as_deref()), (Some(State::Idle), None));
}

#[test]
fn alice_openbgpd() {
    let Some(text) = shared("alice-lg-openbgpd/show.neighbor.json") else { return };
    let all = read(Platform::OpenBgpd, &[("neighbor", &text)]);
    assert_eq!(all.len(), 2);
    let one = find(&all, "default", "200.100.25.7");
    assert_eq!(
        (one.remote_as, one.group.as_deref(), one.remote_id),
        (Some(123), Some("clients"), Some([206, 100, 25, 7].into()))
    );
    assert_eq!(
        (one.state, one.seconds, one.local_address),
        (Some(State::Established), Some(7 * 86_400 + 16 * 3_600), Some([206, 126, 225, 254].into()))
    );
    let family = &one.families[0];
    assert_eq!(
        (family.afi.as_str(), family.received, family.accepted, family.advertised, family.limit),
        ("ipv4", Some(1), None, Some(864), Some(577))
    );
    let six = find(&all, "default", "2000:1:2::3");
    assert_eq!(
        (six.families[0].afi.as_str(), six.families[0].received, six.families[0].advertised),
        ("ipv6", Some(0), Some(127))
    );
}
