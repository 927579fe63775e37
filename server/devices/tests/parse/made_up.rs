//! Forms that releases and set-ups bring, in answers made up here.

use peerage_devices::{Neighbour, Platform, State, What, parse};

fn read(platform: Platform, text: &str) -> Vec<Neighbour> {
    parse(platform, What::Neighbours, &[("made up", text)]).unwrap()
}

#[test]
fn no_neighbours_is_an_empty_list() {
    for (platform, text) in [
        (Platform::Frr, "{ }"),
        (Platform::Frr, "{\n\"default\":{\n}\n}\n"),
        (Platform::Frr, "{\"default\":{\"vrfId\":0,\"vrfName\":\"default\"}}"),
        (Platform::Frr, "{\"bgpNoSuchNeighbor\":true}"),
        (Platform::Frr, "% BGP instance not found\n"),
        (Platform::Frr, ""),
        (Platform::Bird, "BIRD 2.0.12 ready.\n"),
        (
            Platform::Bird,
            "BIRD 2.0.12 ready.\nName       Proto      Table      State  Since         Info\ndevice1    Device     ---        up     20:39:38.140  \n\n",
        ),
        (Platform::OpenBgpd, "{\"status\":\"FAILED\",\"error\":\"no such neighbor\"}"),
        (Platform::OpenBgpd, "{\"neighbors\":[]}"),
    ] {
        assert_eq!(read(platform, text), [], "{text}");
    }
}

#[test]
fn what_is_no_answer_is_a_problem() {
    for platform in Platform::ALL {
        assert!(parse(platform, What::Neighbours, &[("x", "bash: vtysh: command not found")]).is_err(), "{platform}");
    }
    assert!(
        parse(Platform::Frr, What::Neighbours, &[("x", "{\"ipv4Unicast\":{\"peers\":{\"192.0.2.1\":{\"state\":")])
            .is_err()
    );
    assert!(parse(Platform::OpenBgpd, What::Neighbours, &[("x", "{\"neighbors\": [{\"state\"")]).is_err());
}

#[test]
fn frr_unnumbered_dynamic_and_refused() {
    let text = r#"{"ipv4Unicast":{"as":64500,"vrfName":"default","peers":{
        "swp1":{"remoteAs":64501,"state":"Established","peerUptimeMsec":5000,"pfxRcd":3,"idType":"interface"},
        "192.0.2.7":{"remoteAs":64502,"state":"Established","dynamicPeer":true,"pfxRcd":-1,"peerUptimeMsec":-5},
        "fe80::1%eth0":{"remoteAs":64503,"state":"Connect","peerUptime":"never","peerUptimeMsec":0,"peerUptimeEstablishedEpoch":0},
        "192.0.2.8":{"remoteAs":64504,"state":"Established","peerState":"Policy","pfxRcd":0},
        "192.0.2.9":{"remoteAs":64505,"state":"Idle (PfxCt)"}
    }},"l2VpnEvpn":{"peers":{"swp1":{"remoteAs":64501,"state":"Established","pfxRcd":9,"pfxSnt":2}}}}
    {"red":{"ipv6Unicast":{"vrfName":"red","peers":{"2001:db8::1":{"remoteAs":"64512.1","state":"OpenConfirm"}}}}}"#;
    let all = read(Platform::Frr, text);
    assert_eq!(all.len(), 6);
    assert_eq!((all[0].interface.as_deref(), all[0].address, all[0].families.len()), (Some("swp1"), None, 2));
    assert_eq!(
        (all[0].families[1].afi.as_str(), all[0].families[1].safi.as_str(), all[0].families[1].accepted),
        ("l2vpn", "evpn", Some(9))
    );
    let dynamic = all.iter().find(|n| n.dynamic).unwrap();
    assert_eq!((dynamic.families[0].accepted, dynamic.seconds), (None, None), "negative is unknown");
    let local = all.iter().find(|n| n.interface.as_deref() == Some("eth0")).unwrap();
    assert_eq!((local.address, local.seconds, local.since), (Some("fe80::1".parse().unwrap()), None, None));
    assert!(all.iter().find(|n| n.remote_as == Some(64504)).unwrap().reason.as_ref().unwrap().contains("RFC 8212"));
    assert_eq!(all.iter().find(|n| n.remote_as == Some(64505)).unwrap().state, Some(State::Idle));
    let red = all.iter().find(|n| n.vrf == "red").unwrap();
    assert_eq!((red.remote_as, red.state), (Some(64_512 * 65_536 + 1), Some(State::OpenConfirm)));
}

#[test]
fn frr_one_family_alone_and_neighbours_detail() {
    let text = r#"{"routerId":"192.0.2.1","as":64500,"peers":{"2001:db8::9":{"remoteAs":4200000005,"state":"Active","peerUptime":"01w2d03h"}}}"#;
    let all = read(Platform::Frr, text);
    assert_eq!(
        (all[0].families[0].afi.as_str(), all[0].remote_as, all[0].seconds),
        ("ipv6", Some(4_200_000_005), Some(9 * 86_400 + 3 * 3_600))
    );
    let text = r#"{"192.0.2.5":{"remoteAs":64501,"localAs":64500,"nbrDesc":"x","peerGroup":"IXP","adminShutDown":true,"bgpState":"Idle","remoteRouterId":"0.0.0.0",
        "lastShutdownDescription":"maintenance","connectionsEstablished":2,"connectionsDropped":2,"lastResetTimerMsecs":90000,"lastResetDueTo":"Admin. shutdown",
        "addressFamilyInfo":{"ipv4Unicast":{"acceptedPrefixCounter":0,"prefixAllowedMax":100}}}}"#;
    let all = read(Platform::Frr, text);
    let one = &all[0];
    assert_eq!(
        (one.vrf.as_str(), one.admin_down, one.seconds, one.flaps, one.remote_id),
        ("default", true, Some(90), Some(2), None)
    );
    assert_eq!(
        (one.reason.as_deref(), one.group.as_deref(), one.families[0].limit),
        (Some("maintenance"), Some("IXP"), Some(100))
    );
}

#[test]
fn frr_steps_on_the_way_up_are_no_errors() {
    let of = |state: &str, why: &str| {
        let text = format!(r#"{{"192.0.2.5":{{"remoteAs":64501,"bgpState":"{state}","lastResetDueTo":"{why}"}}}}"#);
        read(Platform::Frr, &text).remove(0).reason
    };
    for state in ["Established", "OpenSent", "Active"] {
        assert_eq!(of(state, "Waiting for peer OPEN"), None, "{state}");
    }
    assert_eq!(of("Established", "Waiting for NHT"), None);
    assert_eq!(of("Active", "Waiting for NHT").as_deref(), Some("Waiting for NHT"));
    assert_eq!(of("Established", "Hold Timer Expired").as_deref(), Some("Hold Timer Expired"));
    let text = "BGP neighbor is 192.0.2.5, remote AS 64501, local AS 64500, external link\n  BGP state = Established, up for 00:00:09\n  Last reset 00:00:12,  Waiting for peer OPEN\n";
    assert_eq!(read(Platform::Frr, text)[0].reason, None);
}

#[test]
fn frr_text_with_description_and_wrapped_address() {
    let text = "\nIPv6 Unicast Summary (VRF blue):\nBGP router identifier 192.0.2.1, local AS number 64500 vrf-id 3\n\nNeighbor        V         AS   MsgRcvd   MsgSent   TblVer  InQ OutQ  Up/Down State/PfxRcd   PfxSnt Desc\n2001:db8:1234:5678:9abc:def0:1234:5678\n                4      64501         1         2        0    0    0 3d04h00m           12        1 a peer of ours\n2001:db8::2     4 4200000005         0         0        0    0    0    never Idle (Admin)        0 N/A\n\nTotal number of neighbors 2\n";
    let all = read(Platform::Frr, text);
    assert_eq!(all.len(), 2);
    assert_eq!(
        (all[0].vrf.as_str(), all[0].seconds, all[0].description.as_deref()),
        ("blue", Some(3 * 86_400 + 4 * 3_600), Some("a peer of ours"))
    );
    assert_eq!(
        (all[0].families[0].accepted, all[0].families[0].advertised, all[0].local_as),
        (Some(12), Some(1), Some(64500))
    );
    assert_eq!(
        (all[1].state, all[1].admin_down, all[1].seconds, all[1].description.as_deref()),
        (Some(State::Idle), true, None, None)
    );
}

const BIRD: &str = "BIRD 2.15 ready.
Current server time is 2026-11-26 20:41:14.459
Name       Proto      Table      State  Since         Info
as64501_v4 BGP        ---        up     20:41:04.459  Established
  Description:    AS64501
  VRF:            red
  BGP state:          Established
    Neighbor address: 198.51.100.101
    Neighbor AS:      64501
    Local AS:         64500
    Neighbor ID:      192.0.2.101
    Source address:   198.51.100.12
  Channel ipv4
    State:          UP
    Import limit:   100 [HIT]
      Action:       restart
    Routes:         2 imported, 1 filtered, 1 exported, 2 preferred
  Channel ipv6
    Routes:         7 imported, 3 exported, 0 preferred

as64502_v6 BGP        ---        start  2026-11-25 20:41:14    Active        Socket: Connection refused
  BGP state:          Active
    Neighbor address: fe80::2%eth1
    Neighbor AS:      4200000005
    Last error:       Socket: Connection refused
  Channel ipv6
    State:          DOWN

off        BGP        ---        down   2026-11-26 00:00:00.000
  BGP state:          Down
    Neighbor range: 192.0.2.0/24
passive    BGP        ---        start  20:41:14.000  Passive
  BGP state:          Passive
    Neighbor address: 198.51.100.9
";

#[test]
fn bird_by_label() {
    let all = read(Platform::Bird, BIRD);
    assert_eq!(all.len(), 4);
    let one = &all[0];
    assert_eq!(
        (one.vrf.as_str(), one.table.as_deref(), one.seconds, one.local_as),
        ("red", None, Some(10), Some(64500))
    );
    assert_eq!(
        (one.families[0].received, one.families[0].accepted, one.families[0].advertised, one.families[0].limit),
        (Some(3), Some(2), Some(1), Some(100))
    );
    assert_eq!(
        (one.families[1].afi.as_str(), one.families[1].received, one.families[1].accepted),
        ("ipv6", None, Some(7))
    );
    assert_eq!(
        (all[1].interface.as_deref(), all[1].state, all[1].seconds, all[1].reason.as_deref()),
        (Some("eth1"), Some(State::Active), Some(86_400), Some("Socket: Connection refused"))
    );
    assert_eq!(
        (all[2].admin_down, all[2].dynamic, all[2].state, all[2].address),
        (true, true, Some(State::Idle), None)
    );
    assert_eq!(all[3].state, Some(State::Active));
    // the same as `birdc -v` prints it
    let coded: String = BIRD
        .lines()
        .map(|l| if l.starts_with([' ', '\t']) { format!("1006-{l}\n") } else { format!("1002-{l}\n") })
        .collect();
    assert_eq!(read(Platform::Bird, &coded), all);
}

#[test]
fn openbgpd_down_templates_and_text() {
    let text = r#"{"neighbors":[{"remote_as":"64501","remote_addr":"192.0.2.1","bgpid":"0.0.0.0","state":"Idle","last_updown":"Never","last_updown_sec":-1,
        "config":{"down":true,"capabilities":{"multiprotocol":["IPv4 unicast","IPv6 unicast"]}},"stats":{"prefixes":{"sent":0,"received":0},"last_error_received":"Cease, administratively down"}},
        {"remote_as":"0","remote_addr":"198.51.100.0/24","state":"Idle","config":{"template":true}}]}"#;
    let all = read(Platform::OpenBgpd, text);
    assert_eq!(
        (all[0].admin_down, all[0].seconds, all[0].remote_id, all[0].families[0].afi.as_str()),
        (true, None, None, "any")
    );
    assert_eq!(all[0].reason.as_deref(), Some("Cease, administratively down"));
    assert_eq!((all[1].dynamic, all[1].address, all[1].remote_as), (true, None, None));
    let text = "BGP neighbor is 198.51.100.102, remote AS 64502\n Description: AS64502 v4\n Max-prefix: 100 (restart 5)\n  BGP version 4, remote router-id 198.51.100.102\n  BGP state = Established, up for 00:26:55\n  Neighbor capabilities:\n    Multiprotocol extensions: IPv4 unicast\n\n  Update statistics:\n                  Sent       Received   Pending\n  Prefixes                 1          4\n\n  Local host:         198.51.100.13, Local port:  52002\n";
    let all = read(Platform::OpenBgpd, text);
    assert_eq!(
        (
            all[0].state,
            all[0].seconds,
            all[0].families[0].received,
            all[0].families[0].advertised,
            all[0].families[0].limit
        ),
        (Some(State::Established), Some(1_615), Some(4), Some(1), Some(100))
    );
    let text = "Neighbor                   AS    MsgRcvd    MsgSent  OutQ Up/Down  State/PrfRcvd\nAS64501 v4              64501        191        165     0 00:26:55      3/100\n2001:db8::5        4200000005          0          0     0 Never    Active\n";
    let all = read(Platform::OpenBgpd, text);
    assert_eq!(
        (all[0].description.as_deref(), all[0].families[0].received, all[0].families[0].limit),
        (Some("AS64501 v4"), Some(3), Some(100))
    );
    assert_eq!(
        (all[1].address, all[1].state, all[1].remote_as),
        (Some("2001:db8::5".parse().unwrap()), Some(State::Active), Some(4_200_000_005))
    );
}

#[test]
fn as_json_what_is_unknown_is_null() {
    let json = serde_json::to_value(&read(Platform::Bird, BIRD)[3]).unwrap();
    assert_eq!(json["remote_as"], serde_json::Value::Null);
    assert_eq!(json["state"], "Active");
    assert_eq!(json["address"], "198.51.100.9");
}
