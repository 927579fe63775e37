//! A BGP session over an exchange: one of our connections, a peer, the peer's address.

use super::{
    AUTONOMOUS_SYSTEM, COMMENTS, COMMUNITIES, CONNECTION, CREATED, DESCRIPTION, EXPORT_POLICIES, IMPORT_POLICIES,
    LOCAL_CONTEXT, TAGS, UPDATED, believable,
    connection::{CONNECTION_ADDRESSES, lan_prefixes},
    session,
};
use crate::{
    Facts, ObjectType, OnDelete, Record,
    address::{family_of, no_host, of_family},
    check::Problems,
    facts::one,
    field::{bool, ip_host, reference},
    object::{Unique, object},
};
use ipnet::IpNet;

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
.checks(&[session::policies_fit, address_is_on_the_lan, believable::peer_is_there])
.unique(&[Unique {
    name: "unique_internetexchangepeeringsession_connection_ip",
    fields: &["ixp_connection", "ip_address"],
    message: "This connection already has a session with that address. Open that one, or choose another address.",
    at: "ip_address",
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
    IMPORT_POLICIES.group("Policy"),
    EXPORT_POLICIES,
    COMMUNITIES,
    session::STATUS,
    session::SERVICE_REFERENCE,
    session::PASSWORD,
    session::ENCRYPTED_PASSWORD,
    session::TTL,
    session::PASSIVE,
    session::BFD_PROFILE,
    session::STATE,
    session::SINCE,
    session::RECEIVED,
    session::ACCEPTED,
    session::ADVERTISED,
    session::AVAILABILITY,
    session::LAST_ESTABLISHED,
    session::LAST_ERROR,
    session::FAMILIES,
    session::POLLED,
    DESCRIPTION,
    LOCAL_CONTEXT,
    TAGS,
    COMMENTS,
    CREATED,
    UPDATED,
]);

/// The peer's address lies where ours does: in the network of our address on that connection, or in a prefix that PeeringDB
/// knows of the LAN. Exchanges renumber, and PeeringDB may be behind, so that it can be overridden.
fn address_is_on_the_lan(record: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(ip) = record.get("ip_address").as_ip() else { return };
    if let Some(what) = no_host(ip) {
        problems.add("ip_address", format!("{ip} is {what}, which no peer has."));
        return;
    }
    let Some(Some(connection)) = one(facts, record, "ixp_connection") else { return };
    let family = family_of(ip);
    let ours = connection.get(of_family(CONNECTION_ADDRESSES, family)).as_net();
    if ours.is_some_and(|ours| ours.addr() == ip) {
        problems.add("ip_address", "This is our own address on that connection. Give the peer's.");
        return;
    }
    if ours.is_none() && CONNECTION_ADDRESSES.iter().any(|field| !connection.get(field).is_null()) {
        problems.warn(
            "ip_address",
            format!("Our connection has no IPv{family} address, so that nothing of ours could talk to it."),
        );
    }
    let Some(mut networks) = lan_prefixes(&connection, facts) else { return };
    networks.retain(|net| family_of(net.addr()) == family);
    networks.extend(ours.filter(|ours| ours.prefix_len() < ours.max_prefix_len()).map(|ours| ours.trunc()));
    networks.dedup();
    if networks.is_empty() || networks.iter().any(|net| net.contains(&ip)) {
        return;
    }
    let networks: Vec<String> = networks.iter().map(IpNet::to_string).collect();
    problems.warn("ip_address", format!("{ip} is not on the LAN, which is {}.", networks.join(", ")));
}
