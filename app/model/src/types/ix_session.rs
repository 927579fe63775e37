//! A BGP session over an exchange: one of our connections, a peer, the peer's address.

use super::{
    AUTONOMOUS_SYSTEM, BGP_STATE, COMMENTS, CONNECTION, CREATED, DESCRIPTION, LOCAL_CONTEXT, SESSION_STATUS, TAGS,
    UPDATED,
};
use crate::{
    ObjectType, OnDelete,
    field::{bool, choice, int, ip_host, reference, secret, text, time},
    object::{Unique, object},
};

const UINT: i64 = 2_147_483_647;

pub static IX_SESSION: ObjectType = object(
    "peering",
    "internet-exchange-peering-sessions",
    "internetexchangepeeringsession",
)
.called("IX session", "IX sessions")
.icon("session")
.label("[{ixp_connection.internet_exchange_point} - ]AS{autonomous_system.asn} - IP {ip_address}")
.order(&["service_reference", "autonomous_system", "ixp_connection", "ip_address"])
.about("A BGP session with a peer over an exchange. The quickest way to add some is Available peers.")
.unique(&[Unique {
    name: "unique_internetexchangepeeringsession_connection_ip",
    fields: &["ixp_connection", "ip_address"],
    message: "This connection already has a session with that address. Open that one, or choose another address.",
}])
.fields(&[
    reference("autonomous_system", &AUTONOMOUS_SYSTEM)
        .required()
        .on_delete(OnDelete::Cascade)
        .column()
        .filter()
        .group("Peer")
        .help("Number or name of the peer."),
    reference("ixp_connection", &CONNECTION)
        .label_as("Connection")
        .required()
        .on_delete(OnDelete::Cascade)
        .column()
        .filter()
        .help("Where our side of the session lives."),
    ip_host("ip_address")
        .label_as("IP address")
        .required()
        .column()
        .filter()
        .search()
        .copy()
        .help("The peer's address on the exchange's LAN."),
    bool("is_route_server").label_as("Route server").filter().help("The peer is the exchange's route server."),
    choice("status", SESSION_STATUS)
        .required()
        .default_text("enabled")
        .column()
        .filter()
        .group("Properties")
        .help("What we ask for; templates decide what becomes of it."),
    text("service_reference", 255).nullable().search().help("Your ticket or order number."),
    secret("password", 255).nullable().help("TCP MD5 password (RFC 2385). Kept encrypted, never shown in changes."),
    secret("encrypted_password", 255).nullable().read_only().hidden(),
    int("multihop_ttl", 1, 255).label_as("TTL").default_int(1).help("1 to 255; more than 1 is multihop."),
    bool("passive").help("Wait for the peer to connect."),
    choice("bgp_state", BGP_STATE).label_as("BGP state").nullable().read_only().column().filter().group("Observed"),
    int("received_prefix_count", 0, UINT).label_as("Received").default_int(0).read_only(),
    int("accepted_prefix_count", 0, UINT).label_as("Accepted").default_int(0).read_only(),
    int("advertised_prefix_count", 0, UINT).label_as("Advertised").default_int(0).read_only(),
    time("last_established_state").label_as("Last established").nullable().read_only(),
    DESCRIPTION,
    LOCAL_CONTEXT,
    TAGS,
    COMMENTS,
    CREATED,
    UPDATED,
]);
