//! What PeeringDB's ports on exchange LANs say: who is there without a session to us.
//!
//! None means, as everywhere, that the graph does not know yet.

use super::{Object, members, queryset::QuerySet, relations, shared};
use crate::pass::type_of;
use peerage_model::{Record, at_peeringdb::addresses, types::hides};
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
            && connections.unordered().all(|connection| {
                sessions.unordered().any(|session| {
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
    Some(hidden(exchange)?.unordered().filter_map(|row| row.int("peeringdb_network")).collect())
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
        let there: BTreeSet<IpAddr> = sessions.unordered().filter_map(|s| s.get("ip_address").as_ip()).collect();
        ports.retain(|port| addresses(port).any(|ip| !there.contains(&ip)));
    }
    Some(set(one, PORT, ports))
}
