//! What objects lead to: connections, sessions, networks, routers, policies and prefixes, as query sets or rows. Relations by a
//! plain field are the description's; these go over several. Every function answers none for "not in the graph yet".

use super::{
    Object,
    manager::Manager,
    members::{
        AUTONOMOUS_SYSTEM, CONNECTION, DIRECT_SESSION, GROUP, INTERNET_EXCHANGE, IX_SESSION, ROUTER, ROUTING_POLICY,
    },
    queryset::QuerySet,
};
use crate::pass::type_of;
use peerage_model::{Record, effective::Direction, facts};
use std::sync::Arc;

/// Rows that refer to an object; nothing where their type does not exist; none where they are not known.
pub(super) fn referring(object: &Object, type_key: &str, field: &str) -> Option<Vec<Record>> {
    let Some((of, field)) = type_of(type_key).and_then(|of| Some((of, of.field(field)?))) else {
        return Some(Vec::new());
    };
    object.pass.referring(of, field, object.record.of, object.record.id)
}

pub(super) fn set(object: &Object, type_key: &str, rows: Vec<Record>) -> QuerySet {
    QuerySet::new(&object.pass, type_of(type_key), rows)
}

pub(super) fn related(object: &Object, record: &Record) -> Object {
    Object { pass: Arc::clone(&object.pass), record: record.clone() }
}

/// The rows that a reference field of these rows leads to, without doubles.
pub(super) fn followed<'r>(
    object: &Object,
    rows: impl IntoIterator<Item = &'r Record>,
    field: &str,
) -> Option<Vec<Record>> {
    let mut found: Vec<Record> = Vec::new();
    let mut known = Some(());
    let mut seen = std::collections::HashSet::new();
    for row in rows {
        let Some(id) = row.of.field(field).and_then(|_| row.get(field).as_int()) else { continue };
        if !seen.insert(id) {
            continue;
        }
        match row.of.field(field).and_then(|field| object.pass.follow(row.of, field, id)) {
            Some(next) => found.extend(next),
            None => known = None,
        }
    }
    known.map(|()| found)
}

/// Sessions that run over these connections.
pub(super) fn over(object: &Object, connections: &[Record]) -> Option<Vec<Record>> {
    let mut all = Vec::new();
    let mut known = Some(());
    for connection in connections {
        match referring(&related(object, connection), IX_SESSION, "ixp_connection") {
            Some(sessions) => all.extend(sessions),
            None => known = None,
        }
    }
    known.map(|()| all)
}

/// Connections of a router or an exchange.
pub fn connections(object: &Object) -> Option<QuerySet> {
    let field = if object.is(ROUTER) { "router" } else { "internet_exchange_point" };
    Some(set(object, CONNECTION, referring(object, CONNECTION, field)?))
}

/// IXP sessions of a router, an exchange or an AS, all or at one exchange.
pub fn ixp_sessions(object: &Object, exchange: Option<i64>) -> Option<QuerySet> {
    let at = |connection: &Record| exchange.is_none_or(|id| connection.int("internet_exchange_point") == Some(id));
    let rows = if object.is(AUTONOMOUS_SYSTEM) {
        let sessions = referring(object, IX_SESSION, "autonomous_system")?;
        match exchange {
            None => sessions,
            Some(_) => {
                let there = followed(object, &sessions, "ixp_connection")?;
                let there: Vec<i64> =
                    there.iter().filter(|connection| at(connection)).map(|connection| connection.id).collect();
                sessions.into_iter().filter(|s| s.int("ixp_connection").is_some_and(|id| there.contains(&id))).collect()
            }
        }
    } else {
        let connections: Vec<Record> = connections(object)?.unordered().filter(|c| at(c)).cloned().collect();
        over(object, &connections)?
    };
    Some(set(object, IX_SESSION, rows))
}

/// Direct sessions of a router, a group or an AS.
pub fn direct_sessions(object: &Object, group: Option<i64>) -> Option<QuerySet> {
    let field = match () {
        () if object.is(ROUTER) => "router",
        () if object.is(GROUP) => "bgp_group",
        () => "autonomous_system",
    };
    let mut rows = referring(object, DIRECT_SESSION, field)?;
    rows.retain(|row| group.is_none_or(|id| row.int("bgp_group") == Some(id)));
    Some(set(object, DIRECT_SESSION, rows))
}

/// Autonomous systems of a set's sessions, each once.
pub fn systems_of(object: &Object, sessions: &QuerySet) -> Option<QuerySet> {
    Some(set(object, AUTONOMOUS_SYSTEM, followed(object, sessions.unordered(), "autonomous_system")?))
}

/// Peers of a router by direct or IXP session, as a union.
pub fn peers(router: &Object) -> Option<QuerySet> {
    let direct = systems_of(router, &direct_sessions(router, None)?);
    let over_ixp = systems_of(router, &ixp_sessions(router, None)?);
    let rows = direct?.unordered().chain(over_ixp?.unordered()).cloned().collect();
    Some(set(router, AUTONOMOUS_SYSTEM, rows).into_union())
}

/// Exchanges at which a router has connections.
pub fn exchanges(router: &Object) -> Option<QuerySet> {
    let connections = connections(router)?;
    Some(set(router, INTERNET_EXCHANGE, followed(router, connections.unordered(), "internet_exchange_point")?))
}

pub(super) fn routers(object: &Object) -> Option<QuerySet> {
    if object.is(GROUP) {
        let sessions = direct_sessions(object, None)?;
        return Some(set(object, ROUTER, followed(object, sessions.unordered(), "router")?).distinct());
    }
    let connections = if object.is(AUTONOMOUS_SYSTEM) {
        let sessions = ixp_sessions(object, None)?;
        followed(object, sessions.unordered(), "ixp_connection")?
    } else {
        connections(object)?.unordered().cloned().collect()
    };
    let mut rows = followed(object, &connections, "router")?;
    if object.is(AUTONOMOUS_SYSTEM) {
        rows.extend(followed(object, direct_sessions(object, None)?.rows(), "router")?);
        return Some(set(object, ROUTER, rows).into_union());
    }
    Some(set(object, ROUTER, rows).distinct())
}

/// Prefixes of an exchange's LAN. Family 4 or 6, else both.
pub fn lan_prefix_set(exchange: &Object, family: i64) -> Option<QuerySet> {
    let of = type_of("peeringdb.ixlanprefix");
    let field = exchange.record.of.field("peeringdb_ixlan");
    let (Some(of), Some(field), Some(id)) = (of, field, exchange.record.int("peeringdb_ixlan")) else {
        return Some(QuerySet::new(&exchange.pass, of, Vec::new()));
    };
    let Some(lan) = exchange.pass.follow(exchange.record.of, field, id)? else {
        return Some(QuerySet::new(&exchange.pass, Some(of), Vec::new()));
    };
    let mut rows = exchange.pass.referring(of, of.field("ixlan")?, lan.of, lan.id)?;
    rows.retain(|row| match (family, row.get("prefix").as_net()) {
        (4, Some(net)) => net.addr().is_ipv4(),
        (6, Some(net)) => net.addr().is_ipv6(),
        _ => true,
    });
    Some(QuerySet::new(&exchange.pass, Some(of), rows))
}

/// Own policies of one direction; empty where policies do not exist yet.
pub fn policies(object: &Object, direction: &str) -> Option<QuerySet> {
    let field = format!("{direction}_routing_policies");
    let manager = object.attribute(&field)?;
    match manager.downcast_object_ref::<Manager>() {
        Some(manager) => manager.all(),
        None => Some(QuerySet::new(&object.pass, None, Vec::new())),
    }
}

/// Policies that a router needs: those of its sessions, of their networks, groups and exchanges, by name. A router without any
/// session gets all that there are.
pub(super) fn policies_of_router(router: &Object) -> Option<QuerySet> {
    let sessions = direct_sessions(router, None).zip(ixp_sessions(router, None));
    let (direct, over_ixp) = sessions?;
    let (direct, over_ixp) = (direct.unordered(), over_ixp.unordered());
    let rows = if direct.len() + over_ixp.len() == 0 {
        type_of(ROUTING_POLICY).map(|of| router.pass.all(of)).unwrap_or_default()?
    } else {
        // everything that is lacking is to be noted, so nothing ends this early
        let systems = [
            followed(router, direct.clone(), "autonomous_system"),
            followed(router, over_ixp.clone(), "autonomous_system"),
        ];
        let groups = followed(router, direct.clone(), "bgp_group");
        let connections = followed(router, over_ixp.clone(), "ixp_connection");
        let exchanges = connections.and_then(|rows| followed(router, &rows, "internet_exchange_point"));
        let mut owners: Vec<Record> = direct.chain(over_ixp).cloned().collect();
        let mut known = Some(());
        for found in systems.into_iter().chain([groups, exchanges]) {
            match found {
                Some(found) => owners.extend(found),
                None => known = None,
            }
        }
        let mut rows: Vec<Record> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for owner in &owners {
            for direction in [Direction::Import, Direction::Export] {
                match facts::many(&*router.pass, owner, direction.field()) {
                    Some(found) => rows.extend(found.into_iter().filter(|policy| seen.insert(policy.id))),
                    None => known = None,
                }
            }
        }
        known.map(|()| rows)?
    };
    Some(set(router, ROUTING_POLICY, rows).by("name"))
}

/// Exchanges where an AS has sessions and whose local AS is `other`.
pub fn exchanges_of_system(system: &Object, other: Option<i64>) -> Option<QuerySet> {
    let sessions = ixp_sessions(system, None)?;
    let connections = followed(system, sessions.unordered(), "ixp_connection")?;
    let mut rows = followed(system, &connections, "internet_exchange_point")?;
    rows.retain(|row| row.int("local_autonomous_system") == other);
    Some(set(system, INTERNET_EXCHANGE, rows))
}
