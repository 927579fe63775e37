//! A fictional PeeringDB: a hundred networks and ten exchanges, in the shape of PeeringDB's API, on documentation
//! prefixes (RFC 5737, RFC 3849) and with AS numbers that nobody has been given, but that are not private either. The demonstration reads it as an operator's
//! server reads the real one, and so do the browser tests.

use serde_json::{Value as Json, json};
use std::{io, net::Ipv4Addr, path::Path};

/// The operator of the demonstration.
pub const OPERATOR_ASN: u32 = 1_000_500;
pub const OPERATOR_NAME: &str = "Halyard Networks";

const EXCHANGES: [(&str, &str, &str, &str); 10] = [
    ("Northgate IX", "Hamburg", "DE", "Europe"),
    ("Harbour-IX", "Rotterdam", "NL", "Europe"),
    ("Meridian Exchange", "London", "GB", "Europe"),
    ("Alpenrand Peering", "Zurich", "CH", "Europe"),
    ("Sundmark IX", "Copenhagen", "DK", "Europe"),
    ("Quay West", "Bristol", "GB", "Europe"),
    ("Prairie Exchange", "Chicago", "US", "North America"),
    ("Tidewater IX", "Norfolk", "US", "North America"),
    ("Karoo-IX", "Cape Town", "ZA", "Africa"),
    ("Tasman Peering", "Auckland", "NZ", "Australia"),
];

const FIRST: [&str; 20] = [
    "Alder",
    "Brightwater",
    "Cobalt",
    "Dovetail",
    "Eastfield",
    "Fernhill",
    "Gantry",
    "Hollow Oak",
    "Ironbridge",
    "Juniper Lane",
    "Kestrel",
    "Larkspur",
    "Millrace",
    "Nordlys",
    "Osprey",
    "Pennant",
    "Quayside",
    "Rookery",
    "Saltmarsh",
    "Tamarind",
];

/// Last word, PeeringDB `info_type`, traffic, general policy.
const SECOND: [(&str, &str, &str, &str); 5] = [
    ("Fibre", "Cable/DSL/ISP", "50-100Gbps", "Open"),
    ("Cloud", "Content", "500-1000Gbps", "Selective"),
    ("Telecom", "NSP", "1-5Tbps", "Restrictive"),
    ("University", "Educational/Research", "10-20Gbps", "Open"),
    ("Hosting", "Content", "100-200Gbps", "Open"),
];

const STAMP: &str = "2026-01-15T08:00:00Z";
const NEXT_STAMP: &str = "2026-01-16T07:00:00Z";

/// Writes `<type>.json` for all thirteen types into a directory that is there.
///
/// # Errors
/// If the files cannot be written.
pub fn write(directory: &Path) -> io::Result<()> {
    write_rows(directory, rows(), 1_768_464_000)
}

/// As [`write()`], a day later: a peer of the operator moved its address, one is out of operation, one has left; another says
/// something new of itself, and somebody is new at an exchange of the operator's.
///
/// # Errors
/// If the files cannot be written.
pub fn write_next_day(directory: &Path) -> io::Result<()> {
    write_rows(directory, rows_next_day(), 1_768_550_400)
}

fn write_rows(directory: &Path, rows: Rows, generated: u32) -> io::Result<()> {
    for (namespace, rows) in rows {
        let answer = json!({"data": rows, "meta": {"generated": generated}});
        std::fs::write(directory.join(format!("{namespace}.json")), answer.to_string())?;
    }
    Ok(())
}

fn rows_next_day() -> Rows {
    let mut rows = rows();
    for (namespace, rows) in &mut rows {
        let mut change = |id: u32, changes: Json| {
            let row = rows.iter_mut().find(|row| row["id"] == id).and_then(Json::as_object_mut);
            let changes = changes.as_object().into_iter().flatten();
            if let Some(row) = row {
                row.extend(changes.map(|(name, value)| (name.clone(), value.clone())));
                row.insert("updated".to_owned(), json!(NEXT_STAMP));
            }
        };
        match *namespace {
            "net" => {
                change(5, json!({"info_prefixes4": 400, "policy_general": "Selective"}));
                change(90, json!({"info_traffic": "1-5Tbps"}));
            }
            "netixlan" => {
                change(2, json!({"ipaddr4": lan4(1, 120).to_string()}));
                change(5, json!({"operational": false}));
                change(4, json!({"speed": 400_000}));
                rows.retain(|port| port["id"] != 7);
                let mut new = port(2, 121, 100);
                new["id"] = json!(rows.len() + 100);
                new["updated"] = json!(NEXT_STAMP);
                rows.push(new);
            }
            _ => {}
        }
    }
    rows
}

/// All types' rows, by PeeringDB's names of them.
type Rows = Vec<(&'static str, Vec<Json>)>;

fn rows() -> Rows {
    let networks: Vec<Json> = (0..=100).map(network).collect();
    let organizations = networks
        .iter()
        .map(|net| row(json!({"id": net["org_id"], "name": net["name"], "country": "DE", "city": "Hamburg"})));
    let exchange_owner =
        row(json!({"id": 1, "name": "Association of Fictional Exchanges", "country": "DE", "city": "Hamburg"}));
    let facilities: Vec<Json> = (1..=10).map(facility).collect();
    let exchanges: Vec<Json> = (0..10).map(exchange).collect();
    let lans = (1..=10).map(|id| {
        row(json!({"id": id, "ix_id": id, "name": "", "descr": "", "mtu": 1500, "dot1q_support": false, "rs_asn": 0,
            "arp_sponge": null, "ixf_ixp_member_list_url_visible": "Private"}))
    });
    let prefixes = (1..=10).flat_map(|id| {
        [
            row(json!({"id": id * 2, "ixlan_id": id, "protocol": "IPv4", "prefix": format!("{}/25", lan4(id, 0)), "in_dfz": false})),
            row(json!({"id": id * 2 + 1, "ixlan_id": id, "protocol": "IPv6", "prefix": format!("{}/64", lan6(id, 0)), "in_dfz": false})),
        ]
    });
    let contacts = (0..=100).map(|at| {
        row(json!({"id": at + 1, "net_id": at + 1, "role": "NOC", "visible": "Public", "name": "Peering desk",
            "email": format!("peering@as{}.example.net", asn(at)), "phone": "", "url": ""}))
    });
    let at_facilities = (0..=100)
        .filter(|at| at % 3 != 2)
        .map(|at| row(json!({"id": at + 1, "net_id": at + 1, "fac_id": at % 10 + 1, "local_asn": asn(at)})));
    vec![
        ("org", std::iter::once(exchange_owner).chain(organizations).collect()),
        ("campus", vec![row(json!({"id": 1, "org_id": 1, "name": "Harbour Campus"}))]),
        ("fac", facilities),
        ("carrier", vec![row(json!({"id": 1, "org_id": 2, "name": "Halyard Waves"}))]),
        ("carrierfac", vec![row(json!({"id": 1, "carrier_id": 1, "fac_id": 1}))]),
        ("net", networks),
        ("ix", exchanges),
        ("ixfac", (1..=10).map(|id| row(json!({"id": id, "ix_id": id, "fac_id": id}))).collect()),
        ("ixlan", lans.collect()),
        ("ixpfx", prefixes.collect()),
        ("netfac", at_facilities.collect()),
        ("netixlan", ports()),
        ("poc", contacts.collect()),
    ]
}

fn row(mut row: Json) -> Json {
    row["created"] = json!(STAMP);
    row["updated"] = json!(STAMP);
    row["status"] = json!("ok");
    row
}

/// The operator is number 0.
fn asn(at: u32) -> u32 {
    if at == 0 { OPERATOR_ASN } else { OPERATOR_ASN + at * 13 }
}

fn network(at: u32) -> Json {
    let index = at.saturating_sub(1) as usize;
    let (second, kind, traffic, policy) = SECOND[index % SECOND.len()];
    let name = if at == 0 {
        OPERATOR_NAME.to_owned()
    } else {
        format!("{} {second}", FIRST[index / SECOND.len() % FIRST.len()])
    };
    let (kind, policy) = if at == 0 { ("NSP", "Open") } else { (kind, policy) };
    row(json!({
        "id": at + 1, "org_id": at + 2, "asn": asn(at), "name": name, "aka": "", "irr_as_set": format!("AS{}:AS-ALL", asn(at)),
        "info_type": kind, "info_types": [kind], "info_traffic": traffic, "info_ratio": "Balanced", "info_scope": "Europe",
        "info_prefixes4": 20 + at * 17 % 900, "info_prefixes6": 5 + at * 7 % 200, "info_unicast": true, "info_multicast": false,
        "info_ipv6": true, "info_never_via_route_servers": false, "policy_general": policy, "policy_locations": "Not Required",
        "policy_ratio": false, "policy_contracts": "Not Required", "policy_url": "", "looking_glass": "", "route_server": "",
        "website": format!("https://as{}.example.net", asn(at)), "notes": "",
    }))
}

fn facility(id: u32) -> Json {
    let (_, city, country, continent) = EXCHANGES[(id - 1) as usize];
    row(json!({"id": id, "org_id": 1, "name": format!("{city} Colo {id}"), "city": city, "country": country,
        "region_continent": continent, "latitude": 53.55, "longitude": 10.0}))
}

fn exchange(at: usize) -> Json {
    let (name, city, country, continent) = EXCHANGES[at];
    row(json!({"id": at + 1, "org_id": 1, "name": name, "name_long": "", "city": city, "country": country,
        "region_continent": continent, "media": "Ethernet", "proto_unicast": true, "proto_multicast": false, "proto_ipv6": true}))
}

/// Everybody's ports: the operator at the first three exchanges, others at two to four, spread unevenly.
fn ports() -> Vec<Json> {
    let mut ports = Vec::new();
    for lan in 1..=10u32 {
        let members = (0..=100u32).filter(|at| if *at == 0 { lan <= 3 } else { (at * 7 + lan * 3) % (lan + 2) < 2 });
        for (host, at) in members.enumerate() {
            let mut port = port(lan, host as u32 + 10, at);
            port["id"] = json!(ports.len() + 1);
            ports.push(port);
        }
    }
    ports
}

fn port(lan: u32, host: u32, at: u32) -> Json {
    let ipv6 = at % 9 != 4;
    let speed = [1000, 10_000, 100_000][(at % 3) as usize];
    row(json!({
        "net_id": at + 1, "ix_id": lan, "ixlan_id": lan, "asn": asn(at),
        "ipaddr4": lan4(lan, host).to_string(), "ipaddr6": ipv6.then(|| lan6(lan, asn(at))),
        "speed": speed, "is_rs_peer": at.is_multiple_of(2), "bfd_support": at.is_multiple_of(10),
        "operational": at % 23 != 22, "notes": "", "net_side_id": null, "ix_side_id": null,
    }))
}

/// Ten /25 of the documentation and benchmarking ranges.
fn lan4(lan: u32, host: u32) -> Ipv4Addr {
    let base = match lan {
        1 => Ipv4Addr::new(192, 0, 2, 0),
        2 => Ipv4Addr::new(198, 51, 100, 0),
        3 => Ipv4Addr::new(203, 0, 113, 0),
        _ => Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + lan * 256),
    };
    Ipv4Addr::from(u32::from(base) + host)
}

fn lan6(lan: u32, host: u32) -> String {
    if host == 0 {
        format!("2001:db8:{lan}::")
    } else {
        format!("2001:db8:{lan}::{:x}:{:x}", host >> 16, host & 0xffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn addresses_are_unique_and_inside_their_lan() {
        let mut seen = HashSet::new();
        for port in ports() {
            assert!(seen.insert(port["ipaddr4"].to_string()), "{port}");
            let ip: Ipv4Addr = port["ipaddr4"].as_str().unwrap().parse().unwrap();
            let lan = port["ixlan_id"].as_u64().unwrap() as u32;
            assert_eq!(u32::from(ip) & !127, u32::from(lan4(lan, 0)), "{port}");
        }
    }

    #[test]
    fn it_is_a_world_of_the_promised_size() {
        let count = |wanted: &str| rows().iter().find(|(name, _)| *name == wanted).map(|(_, rows)| rows.len());
        assert_eq!((count("net"), count("ix")), (Some(101), Some(10)));
        assert_eq!(rows().len(), 13);
    }
}
