//! What PeeringDB says of our objects: the record of an AS, the port of a session's peer, and so whether a session is abandoned.
//! The same rules stand behind templates, pages and scripts. None: something is not known yet, see [`crate::facts`].

use crate::{
    Facts, Record, Value,
    address::family_of,
    facts::one,
    peeringdb::{IXLAN_PREFIX, NETWORK, NETWORK_IXLAN, PORT_ADDRESSES},
    types::is_private,
};
use ipnet::IpNet;
use std::net::IpAddr;

/// The cached network of an AS. Inner none: PeeringDB has none of its number, as of no private one.
pub fn network(system: &Record, facts: &dyn Facts) -> Option<Option<Record>> {
    let field = NETWORK.field("asn").filter(|_| !is_private(system));
    match (field, system.int("asn")) {
        (Some(field), Some(asn)) => Some(facts.holding(&NETWORK, field, &Value::Int(asn))?.into_iter().next()),
        _ => Some(None),
    }
}

/// The addresses of a port on an exchange's LAN (a `netixlan`).
pub fn addresses(port: &Record) -> impl Iterator<Item = IpAddr> + '_ {
    PORT_ADDRESSES.into_iter().rev().filter_map(|field| port.get(field).as_ip())
}

/// Under which port the peer of an IX session lists the session's address. Inner none: under none.
pub fn listed(session: &Record, facts: &dyn Facts) -> Option<Option<Record>> {
    let Some(ip) = session.get("ip_address").as_ip() else { return Some(None) };
    let Some(system) = one(facts, session, "autonomous_system")? else { return Some(None) };
    let Some(network) = network(&system, facts)? else { return Some(None) };
    let ports = facts.referring(&NETWORK_IXLAN, NETWORK_IXLAN.field("net")?, network.id)?;
    Some(ports.into_iter().find(|port| addresses(port).any(|own| own == ip)))
}

/// Whether an IX session is down and its peer no longer lists its address: on a connection that is linked to PeeringDB, on a
/// router (if any) that is polled, with a peer that PeeringDB knows.
pub fn is_abandoned(session: &Record, facts: &dyn Facts) -> Option<bool> {
    let Some(connection) = one(facts, session, "ixp_connection")? else { return Some(false) };
    let polled = one(facts, &connection, "router")?.is_none_or(|router| router.flag("poll_bgp_sessions_state"));
    let down = matches!(session.text("bgp_state"), "idle" | "active");
    if !polled || !down || connection.int("peeringdb_netixlan").is_none() {
        return Some(false);
    }
    let known = match one(facts, session, "autonomous_system")? {
        Some(system) => network(&system, facts)?.is_some(),
        None => false,
    };
    Some(known && listed(session, facts)?.is_none())
}

/// A port's address of a family (4, 6) with the prefix length of the LAN's prefix that holds it. Inner none: there is none.
pub fn cidr(port: &Record, family: u8, facts: &dyn Facts) -> Option<Option<IpNet>> {
    let Some(ip) = addresses(port).find(|ip| family_of(*ip) == family) else { return Some(None) };
    let Some(lan) = port.int("ixlan") else { return Some(None) };
    let prefixes = facts.referring(&IXLAN_PREFIX, IXLAN_PREFIX.field("ixlan")?, lan)?;
    let holding = prefixes.iter().filter_map(|row| row.get("prefix").as_net()).find(|net| net.contains(&ip));
    Some(holding.and_then(|net| IpNet::new(ip, net.prefix_len()).ok()))
}

/// Whether a port's network is elsewhere than the exchange's switch: both places are known and are not the same.
pub fn is_remote_peer(port: &Record) -> bool {
    matches!((port.int("net_side"), port.int("ix_side")), (Some(net), Some(ix)) if net != ix)
}
