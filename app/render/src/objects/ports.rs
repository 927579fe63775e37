//! What PeeringDB's ports on exchange LANs say: who is there without a session to us, and whether a session's peer still is.
//!
//! None means, as everywhere, that the graph does not know yet.

use super::{Object, members, queryset::QuerySet, relations, shared};
use crate::pass::type_of;
use peerage_model::{Record, types::hides};
use std::{collections::BTreeSet, net::IpAddr};

const PORT: &str = "peeringdb.networkixlan";
const HIDDEN: &str = "peeringdb.hiddenpeer";

/// Rows of a type whose field leads to a row; none of them where the type does not exist.
fn leading_to(object: &Object, type_key: &str, field: &str, to: &Record) -> Option<Vec<Record>> {
    let Some((of, field)) = type_of(type_key).and_then(|of| Some((of, of.field(field)?))) else {
        return Some(Vec::new());
    };
    object.pass.referring(of, field, to.of, to.id)
}

fn set(object: &Object, type_key: &str, rows: Vec<Record>) -> QuerySet {
    QuerySet::new(&object.pass, type_of(type_key), rows)
}

fn addresses(port: &Record) -> impl Iterator<Item = IpAddr> + '_ {
    ["ipaddr6", "ipaddr4"].into_iter().filter_map(|field| {
        let value = port.get(field);
        value.as_net().map(|net| net.addr()).or_else(|| value.as_ip())
    })
}

/// The LAN of an exchange. Inner none: it is linked to none.
fn lan(exchange: &Object) -> Option<Option<Record>> {
    let field = exchange.record.of.field("peeringdb_ixlan");
    match (field, exchange.record.int("peeringdb_ixlan")) {
        (Some(field), Some(id)) => exchange.pass.follow(exchange.record.of, field, id),
        _ => Some(None),
    }
}

/// Peers of an exchange that are hidden now.
pub fn hidden(exchange: &Object) -> Option<QuerySet> {
    let Some(lan) = lan(exchange)? else { return Some(set(exchange, HIDDEN, Vec::new())) };
    let mut rows = leading_to(exchange, HIDDEN, "peeringdb_ixlan", &lan)?;
    rows.retain(|row| hides(row, exchange.pass.now()));
    Some(set(exchange, HIDDEN, rows))
}

/// Ports on an exchange's LAN, other than our own and hidden ones, with an address that does not have a session on every
/// connection of ours. By AS number.
pub fn available(exchange: &Object, with_hidden: bool) -> Option<QuerySet> {
    let Some(lan) = lan(exchange)? else { return Some(set(exchange, PORT, Vec::new())) };
    let ports = leading_to(exchange, PORT, "ixlan", &lan);
    let connections = relations::connections(exchange);
    let sessions = relations::ixp_sessions(exchange, None);
    let hidden = if with_hidden { Some(BTreeSet::new()) } else { networks_of(exchange) };
    let own = exchange.attribute("local_autonomous_system").and_then(|own| own.get_attr("asn").ok()?.as_i64());
    let (mut ports, connections, sessions, hidden) = (ports?, connections?, sessions?, hidden?);
    let used = |ip: IpAddr| {
        !connections.is_empty()
            && connections.unordered().iter().all(|connection| {
                sessions.unordered().iter().any(|session| {
                    session.int("ixp_connection") == Some(connection.id)
                        && session.get("ip_address").as_ip() == Some(ip)
                })
            })
    };
    ports.retain(|port| {
        port.int("asn") != own
            && !port.int("net").is_some_and(|net| hidden.contains(&net))
            && addresses(port).any(|ip| !used(ip))
    });
    Some(set(exchange, PORT, ports).by("asn"))
}

fn networks_of(exchange: &Object) -> Option<BTreeSet<i64>> {
    Some(hidden(exchange)?.unordered().iter().filter_map(|row| row.int("peeringdb_network")).collect())
}

/// Ports of `one` that lack a session, on LANs where `two` is as well (or on the LAN of one exchange). Where one side is a
/// PeeringDB network: all ports of the second on LANs of the first.
pub fn missing(one: &Object, two: &Object, exchange: Option<&Object>) -> Option<QuerySet> {
    let none = || Some(set(one, PORT, Vec::new()));
    let nowhere = (shared::is_nowhere(one), shared::is_nowhere(two));
    if nowhere.0? || nowhere.1? || one.is(members::AUTONOMOUS_SYSTEM) && one.is_same(two) {
        return none();
    }
    let systems = one.is(members::AUTONOMOUS_SYSTEM) && two.is(members::AUTONOMOUS_SYSTEM);
    let whose = if systems { one } else { two };
    let other = if systems { two } else { one };
    let lans = match exchange {
        Some(exchange) => lan(exchange)?.into_iter().map(|lan| lan.id).collect(),
        None => shared::places(other, PORT, "ixlan")?,
    };
    let Some(network) = shared::network(whose)? else { return none() };
    let mut ports = leading_to(one, PORT, "net", &network)?;
    ports.retain(|port| port.int("ixlan").is_some_and(|lan| lans.contains(&lan)));
    if systems {
        let sessions = relations::ixp_sessions(one, None)?;
        let there: BTreeSet<IpAddr> = sessions.unordered().iter().filter_map(|s| s.get("ip_address").as_ip()).collect();
        ports.retain(|port| addresses(port).any(|ip| !there.contains(&ip)));
    }
    Some(set(one, PORT, ports))
}

/// Whether the peer of an IX session lists its address in PeeringDB.
pub fn exists(session: &Object) -> Option<bool> {
    let Some(ip) = session.record.get("ip_address").as_ip() else { return Some(false) };
    let Some(network) = peer(session)? else { return Some(false) };
    Some(leading_to(session, PORT, "net", &network)?.iter().any(|port| addresses(port).any(|own| own == ip)))
}

/// The PeeringDB record of a session's peer.
fn peer(session: &Object) -> Option<Option<Record>> {
    let field = session.record.of.field("autonomous_system");
    let Some((field, id)) = field.zip(session.record.int("autonomous_system")) else { return Some(None) };
    let Some(system) = session.pass.follow(session.record.of, field, id)? else { return Some(None) };
    members::network(&Object { pass: std::sync::Arc::clone(&session.pass), record: system })
}

/// Whether a session is down and its peer no longer lists its address: on a connection that is linked to PeeringDB, on a
/// router (if any) that is polled.
pub fn is_abandoned(session: &Object) -> Option<bool> {
    let connection = session.attribute("ixp_connection").unwrap_or_default();
    if super::Pending::is(&connection) {
        return None;
    }
    let Some(connection) = connection.downcast_object_ref::<Object>() else { return Some(false) };
    let router = connection.attribute("router").unwrap_or_default();
    if super::Pending::is(&router) {
        return None;
    }
    let polled = router.downcast_object_ref::<Object>().is_none_or(|r| r.record.flag("poll_bgp_sessions_state"));
    let down = matches!(session.record.text("bgp_state"), "idle" | "active");
    if connection.record.int("peeringdb_netixlan").is_none() || !polled || !down || peer(session)?.is_none() {
        return Some(false);
    }
    exists(session).map(|exists| !exists)
}

/// A port's address with the prefix length of the LAN's prefix that holds it. Inner none: there is none.
pub fn cidr(port: &Object, family: i64) -> Option<Option<ipnet::IpNet>> {
    let Some(ip) = addresses(&port.record).find(|ip| ip.is_ipv4() == (family == 4)) else { return Some(None) };
    let Some((field, id)) = port.record.of.field("ixlan").zip(port.record.int("ixlan")) else { return Some(None) };
    let Some(lan) = port.pass.follow(port.record.of, field, id)? else { return Some(None) };
    let prefixes = leading_to(port, "peeringdb.ixlanprefix", "ixlan", &lan)?;
    let holding = prefixes.iter().filter_map(|row| row.get("prefix").as_net()).find(|net| net.contains(&ip));
    Some(holding.and_then(|net| ipnet::IpNet::new(ip, net.prefix_len()).ok()))
}
