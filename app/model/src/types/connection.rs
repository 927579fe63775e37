//! One port or VLAN of ours: where it lands, and our addresses on it.

use super::{COMMENTS, CREATED, DESCRIPTION, INTERNET_EXCHANGE, LOCAL_CONTEXT, ROUTER, STATUS, TAGS, UPDATED};
use crate::{
    ObjectType, OnDelete,
    field::{choice, int, ip_interface, mac, reference, text},
    object::object,
    peeringdb::NETWORK_IXLAN,
};

pub static CONNECTION: ObjectType = object("net", "connections", "connection")
    .called("Connection", "Connections")
    .icon("connection")
    .label("[{internet_exchange_point}][ on {router}[ {interface}]]")
    .order(&["internet_exchange_point", "router"])
    .about("A port or VLAN of yours at an exchange: the router that it lands on, and your addresses on the LAN. Sessions are made over connections.")
    .fields(&[
        reference("internet_exchange_point", &INTERNET_EXCHANGE).label_as("Exchange").nullable()
            .on_delete(OnDelete::Cascade).column().filter().group("Connection"),
        reference("router", &ROUTER).nullable().on_delete(OnDelete::SetNull).column().filter()
            .help("The router that it lands on; its configuration will carry the sessions."),
        text("interface", 200).column().search().help("As the router names it, like et-0/0/4.640."),
        choice("status", STATUS).required().default_text("enabled").column().filter(),
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
