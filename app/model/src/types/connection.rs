//! One port or VLAN of ours: where it lands, and our addresses on it.

use super::{
    COMMENTS, CREATED, DESCRIPTION, INTERNET_EXCHANGE, LOCAL_CONTEXT, ROUTER, STATUS, TAGS, UPDATED, believable,
};
use crate::{
    Facts, ObjectType, OnDelete, Record,
    address::family_of,
    check::Problems,
    facts::one,
    field::{choice, int, ip_interface, mac, reference, text},
    object::object,
    peeringdb::{IXLAN_PREFIX, NETWORK_IXLAN},
};
use ipnet::IpNet;

/// The fields of our addresses, IPv4 and IPv6.
pub const CONNECTION_ADDRESSES: [&str; 2] = ["ipv4_address", "ipv6_address"];

pub static CONNECTION: ObjectType = object("net", "connections", "connection")
    .called("Connection", "Connections")
    .icon("connection")
    .label("[{internet_exchange_point}][ on {router}[ {interface}]]")
    .order(&["internet_exchange_point", "router"])
    .checks(&[addresses_are_on_the_lan, believable::connection_is_one])
    .about("A port or VLAN of yours at an exchange: the router that it lands on, and your addresses on the LAN. Sessions are made over connections.")
    .fields(&[
        reference("internet_exchange_point", &INTERNET_EXCHANGE).label_as("Exchange").nullable()
            .on_delete(OnDelete::Cascade).column().filter().group("Connection").help("Whose LAN it is on."),
        reference("router", &ROUTER).nullable().on_delete(OnDelete::SetNull).column().filter()
            .help("The router that it lands on; its configuration will carry the sessions."),
        text("interface", 200).column().search().help("As the router names it, like et-0/0/4.640."),
        choice("status", STATUS).required().default_text("enabled").column().filter()
            .help("Disabled or in maintenance, its sessions are as well."),
        ip_interface("ipv6_address").family(6).nullable().column().search().copy().group("Addresses")
            .help("Ours on the LAN, with prefix length, like 2001:db8::10/64."),
        ip_interface("ipv4_address").family(4).nullable().column().search().copy()
            .help("Ours on the LAN, with prefix length, like 192.0.2.10/24."),
        int("vlan", 1, 4094).nullable().help("1 to 4094."),
        mac("mac_address").nullable().copy().help("Any spelling; kept as 00:1b:77:49:54:fd."),
        reference("peeringdb_netixlan", &NETWORK_IXLAN).label_as("PeeringDB port").nullable().on_delete(OnDelete::SetNull)
            .help("Our entry on the LAN. Found by our addresses when PeeringDB is synchronised."),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);

/// Our addresses lie in a prefix that PeeringDB knows of the exchange's LAN. Exchanges renumber, and PeeringDB may be behind, so
/// that it can be overridden.
fn addresses_are_on_the_lan(record: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(networks) = lan_prefixes(record, facts) else { return };
    for field in CONNECTION_ADDRESSES {
        let Some(ours) = record.get(field).as_net() else { continue };
        let ours = ours.addr();
        let of_family = networks.iter().filter(|net| family_of(net.addr()) == family_of(ours));
        let lan: Vec<String> = of_family.clone().map(IpNet::to_string).collect();
        if !lan.is_empty() && !of_family.clone().any(|net| net.contains(&ours)) {
            problems.warn(field, format!("{ours} is not on the LAN, which is {}.", lan.join(", ")));
        }
    }
}

/// What PeeringDB knows of the LAN that a connection is on.
pub(super) fn lan_prefixes(connection: &Record, facts: &dyn Facts) -> Option<Vec<IpNet>> {
    let Some(exchange) = one(facts, connection, "internet_exchange_point")? else { return Some(Vec::new()) };
    let Some(lan) = exchange.int("peeringdb_ixlan") else { return Some(Vec::new()) };
    let prefixes = facts.referring(&IXLAN_PREFIX, IXLAN_PREFIX.field("ixlan")?, lan)?;
    Some(prefixes.iter().filter_map(|row| row.get("prefix").as_net()).collect())
}
