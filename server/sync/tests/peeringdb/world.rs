//! Invented rows of all thirteen types, in the shape that PeeringDB's API has today.

use super::upstream::Tables;
use serde_json::{Value, json};

/// 2026-01-01
pub const BEGIN: i64 = 1_767_225_600;

/// Rows in [`world`].
pub const ROWS: usize = 18;

/// A time of the API, so many seconds after [`BEGIN`].
pub fn time(seconds: i64) -> String {
    peerage_model::text::print_time((BEGIN + seconds) * 1_000_000)
}

/// A row with what all rows have, changed last at second `at`.
pub fn row(id: i64, at: i64, keys: Value) -> Value {
    let mut row = json!({"id": id, "created": time(0), "updated": time(at), "status": "ok"});
    for (key, value) in keys.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

pub fn net(id: i64, at: i64, asn: i64) -> Value {
    row(
        id,
        at,
        json!({"org_id": 1, "asn": asn, "name": format!("Example Net {asn}"), "aka": "", "name_long": "", "website": "",
        "social_media": [{"service": "website", "identifier": "https://example.net"}], "looking_glass": "",
        "route_server": "", "irr_as_set": format!("AS-EXAMPLE{id}"), "info_type": "NSP", "info_types": ["NSP", "Content"],
        "info_prefixes4": 100, "info_prefixes6": 40, "info_traffic": "", "info_ratio": "", "info_scope": "",
        "info_unicast": true, "info_multicast": false, "info_ipv6": true, "info_never_via_route_servers": false,
        "ix_count": 1, "fac_count": 1, "notes": "Réseau", "netixlan_updated": null, "policy_url": "",
        "policy_general": "Open", "policy_locations": "Not Required", "policy_ratio": false,
        "policy_contracts": "Not Required", "allow_ixp_update": false, "status_dashboard": null, "rir_status": "ok",
        "rir_status_updated": "2024-06-26T04:47:55Z", "logo": null}),
    )
}

pub fn port(id: i64, at: i64, net: i64, asn: i64, ipv4: Option<&str>, ipv6: Option<&str>) -> Value {
    row(
        id,
        at,
        json!({"net_id": net, "ix_id": 1, "name": "Example-IX: Main", "ixlan_id": 1, "notes": "", "speed": 10000,
        "asn": asn, "ipaddr4": ipv4, "ipaddr6": ipv6, "is_rs_peer": true, "bfd_support": false, "operational": true,
        "net_side_id": null, "ix_side_id": 1}),
    )
}

/// Two networks at one exchange, and all that belongs to them.
pub fn world() -> Tables {
    let place = json!({"address1": "1 Example Road", "address2": "", "city": "Berlin", "country": "DE", "state": "",
        "zipcode": "10000", "floor": "", "suite": "", "latitude": 52.5, "longitude": 13.4, "name_long": "", "aka": "",
        "website": "https://example.net", "social_media": [], "notes": "", "logo": null});
    let placed = |id, at, keys: Value| {
        let mut placed = row(id, at, place.clone());
        keys.as_object().unwrap().iter().for_each(|(key, value)| placed[key] = value.clone());
        placed
    };
    let tables = [
        ("org", vec![placed(1, 10, json!({"name": "Example Org"})), placed(2, 11, json!({"name": "Other Org"}))]),
        (
            "campus",
            vec![row(1, 12, json!({"org_id": 1, "name": "Campus", "name_long": null, "aka": null, "notes": ""}))],
        ),
        (
            "fac",
            vec![
                placed(
                    1,
                    13,
                    json!({"org_id": 1, "campus_id": 1, "name": "Colo 1", "property": null,
                    "available_voltage_services": ["48 VDC"], "diverse_serving_substations": null}),
                ),
                placed(2, 14, json!({"org_id": 2, "campus_id": null, "name": "Colo 2"})),
            ],
        ),
        ("carrier", vec![row(1, 15, json!({"org_id": 2, "name": "Carrier", "website": ""}))]),
        ("carrierfac", vec![row(1, 16, json!({"carrier_id": 1, "fac_id": 1, "name": "Colo 1"}))]),
        ("net", vec![net(1, 17, 1_000_001), net(2, 18, 1_000_002)]),
        (
            "ix",
            vec![row(
                1,
                19,
                json!({"org_id": 2, "name": "Example-IX", "city": "Berlin", "country": "DE", "media": "Ethernet"}),
            )],
        ),
        ("ixfac", vec![row(1, 20, json!({"ix_id": 1, "fac_id": 1, "name": "Colo 1"}))]),
        (
            "ixlan",
            vec![row(
                1,
                21,
                json!({"ix_id": 1, "name": "", "descr": "", "mtu": 1500, "rs_asn": 0, "arp_sponge": null,
            "ixf_ixp_member_list_url_visible": "Private"}),
            )],
        ),
        (
            "ixpfx",
            vec![
                row(1, 22, json!({"ixlan_id": 1, "protocol": "IPv4", "prefix": "192.0.2.0/24", "in_dfz": false})),
                row(2, 22, json!({"ixlan_id": 1, "protocol": "IPv6", "prefix": "2001:db8::/64", "in_dfz": false})),
            ],
        ),
        ("netfac", vec![row(1, 23, json!({"net_id": 1, "fac_id": 1, "local_asn": 1_000_001, "name": "Colo 1"}))]),
        (
            "netixlan",
            vec![
                port(1, 24, 1, 1_000_001, Some("192.0.2.1"), Some("2001:db8::1")),
                port(2, 25, 2, 1_000_002, Some("192.0.2.2"), None),
            ],
        ),
        (
            "poc",
            vec![row(
                1,
                26,
                json!({"net_id": 1, "role": "NOC", "visible": "Public", "name": "Desk", "phone": "",
            "email": "noc@example.net", "url": ""}),
            )],
        ),
    ];
    tables
        .into_iter()
        .map(|(namespace, rows)| (namespace, rows.into_iter().map(|row| (row["id"].as_i64().unwrap(), row)).collect()))
        .collect()
}
