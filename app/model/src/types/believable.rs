//! Whether what is said of a session or a connection agrees with what is known otherwise: PeeringDB's ports, our other
//! sessions, whose router it is. All of it may be right all the same (PeeringDB is behind, a network moves), so these are
//! warnings, and a change is warned of only what was not so before ([`crate::check::Problems::beyond`]).

use super::{CONNECTION, CONNECTION_ADDRESSES, DIRECT_SESSION, is_private};
use crate::{
    Asn, Facts, Record, Value,
    address::{family_of, of_family},
    check::Problems,
    facts::one,
    peeringdb::{NETWORK_IXLAN, PORT_ADDRESSES},
};
use std::net::IpAddr;

fn number(system: &Record) -> Option<Asn> {
    system.int("asn").and_then(|asn| u32::try_from(asn).ok()).map(Asn)
}

/// An IX session's peer is somebody else, and PeeringDB and our other sessions agree that it is there, with that address.
pub(super) fn peer_is_there(session: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(Some(system)) = one(facts, session, "autonomous_system") else { return };
    let (Some(asn), Some(ip)) = (number(&system), session.get("ip_address").as_ip()) else { return };
    if system.flag("affiliated") {
        problems.warn("autonomous_system", format!("{asn} is one of your own networks, not a peer."));
        return;
    }
    used_by_another(session, &system, facts, problems);
    // what is on its way out need not be where it was
    if !session.text("status").starts_with("decommission") {
        listed(session, &system, asn, ip, facts, problems);
    }
}

/// What PeeringDB lists at the address, and for the network.
fn listed(
    session: &Record,
    system: &Record,
    asn: Asn,
    ip: IpAddr,
    facts: &dyn Facts,
    problems: &mut Problems,
) -> Option<()> {
    let connection = one(facts, session, "ixp_connection")??;
    let exchange = one(facts, &connection, "internet_exchange_point")??;
    let lan = exchange.get("peeringdb_ixlan");
    lan.as_int()?;
    let family = of_family(PORT_ADDRESSES, family_of(ip));
    let of_address = facts.holding(&NETWORK_IXLAN, NETWORK_IXLAN.field(family)?, &Value::Ip(ip))?;
    let here = of_address.iter().find(|port| port.get("ixlan") == lan);
    if let Some(other) = here.and_then(number)
        && other != asn
    {
        problems.warn("ip_address", format!("PeeringDB lists {ip} for {other} there, not for {asn}."));
    }
    if here.is_some() || is_private(system) {
        return Some(());
    }
    let of_network = facts.holding(&NETWORK_IXLAN, NETWORK_IXLAN.field("asn")?, system.get("asn"))?;
    let there: Vec<&Record> = of_network.iter().filter(|port| port.get("ixlan") == lan).collect();
    let addresses: Vec<String> =
        there.iter().filter_map(|port| port.get(family).as_ip()).map(|ip| ip.to_string()).collect();
    if there.is_empty() {
        problems.warn("autonomous_system", format!("PeeringDB does not list {asn} at this exchange, or no longer."));
    } else if !addresses.is_empty() {
        problems.warn(
            "ip_address",
            format!("PeeringDB lists {asn} there with {}, not with {ip}.", addresses.join(" and ")),
        );
    }
    Some(())
}

/// No other session has the same address under another AS number.
fn used_by_another(session: &Record, system: &Record, facts: &dyn Facts, problems: &mut Problems) -> Option<()> {
    let address = session.get("ip_address");
    let same = facts.holding(session.of, session.of.field("ip_address")?, address)?;
    let mut others: Vec<String> = Vec::new();
    for other in same.iter().filter(|other| other.id != session.id) {
        // private links of different routers may well have the same addresses
        let elsewhere = session.of.is(&DIRECT_SESSION) && other.get("router") != session.get("router");
        if elsewhere || other.int("autonomous_system") == Some(system.id) {
            continue;
        }
        let other = one(facts, other, "autonomous_system")?.and_then(|other| number(&other));
        others.extend(other.map(|asn| asn.to_string()));
    }
    others.sort();
    others.dedup();
    if !others.is_empty() {
        let ip = address.as_ip()?;
        problems.warn("ip_address", format!("A session with {} has the address {ip} as well.", others.join(" and ")));
    }
    Some(())
}

/// A direct session is with somebody else, on a router of the network that it is for.
pub(super) fn ends_where_it_belongs(session: &Record, facts: &dyn Facts, problems: &mut Problems) {
    if let Some(Some(system)) = one(facts, session, "autonomous_system") {
        if session.int("local_autonomous_system") == Some(system.id) {
            let asn = number(&system).map(|asn| asn.to_string()).unwrap_or_default();
            problems
                .warn("autonomous_system", format!("{asn} is on both sides: that is a session inside your network."));
        }
        used_by_another(session, &system, facts, problems);
    }
    routers_network(session, one(facts, session, "local_autonomous_system"), "the session", facts, problems);
}

/// The router is of the network that something else of ours belongs to.
fn routers_network(
    record: &Record,
    network: Option<Option<Record>>,
    what: &str,
    facts: &dyn Facts,
    problems: &mut Problems,
) -> Option<()> {
    let router = one(facts, record, "router")??;
    let theirs = one(facts, &router, "local_autonomous_system")??;
    let ours = network??;
    if ours.id != theirs.id {
        let (theirs, ours) = (number(&theirs)?, number(&ours)?);
        problems.warn("router", format!("{} is a router of {theirs}, and {what} is {ours}'s.", router.text("name")));
    }
    Some(())
}

/// A connection is there once, on a router of the network that is at the exchange.
pub(super) fn connection_is_one(connection: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(Some(exchange)) = one(facts, connection, "internet_exchange_point") else { return };
    doubled(connection, &exchange, facts, problems);
    routers_network(connection, one(facts, &exchange, "local_autonomous_system"), "the exchange", facts, problems);
}

fn doubled(connection: &Record, exchange: &Record, facts: &dyn Facts, problems: &mut Problems) -> Option<()> {
    let siblings = facts.referring(&CONNECTION, CONNECTION.field("internet_exchange_point")?, exchange.id)?;
    let others = || siblings.iter().filter(|other| other.id != connection.id);
    for field in CONNECTION_ADDRESSES {
        let ours = connection.get(field).as_ip();
        if let Some(ip) = ours
            && others().any(|other| other.get(field).as_ip() == ours)
        {
            problems.warn(field, format!("Another connection to this exchange has {ip} already."));
        }
    }
    let same = |other: &&Record| ["router", "interface", "vlan"].iter().all(|f| other.get(f) == connection.get(f));
    let placed = connection.int("router").is_some() && !connection.text("interface").is_empty();
    if placed && others().any(|other| same(&other)) {
        problems.warn("interface", "There is a connection to this exchange over this interface already.");
    }
    Some(())
}
