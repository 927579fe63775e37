//! Peering Manager's filters on objects: sessions of a router, prefixes of an exchange, inherited status.

use super::{FilterRow, row, sequences};
use crate::{
    objects::{
        Object, Pending,
        address::Address,
        class_name,
        manager::Manager,
        members::{self, DIRECT_SESSION, IX_SESSION},
        ports,
        queryset::QuerySet,
        relations, shared,
    },
    python::{
        arguments::{Args, as_int},
        collections::{self, Dict, List},
        fault, type_name,
    },
};
use minijinja::{Error, State, Value, value::ValueKind};
use peerage_model::{
    address,
    effective::{self, Direction},
    types::CONNECTION_ADDRESSES,
};
use std::net::IpAddr;

const ROUTER: &str = "devices.router";
const AUTONOMOUS_SYSTEM: &str = "peering.autonomoussystem";
const INTERNET_EXCHANGE: &str = "peering.internetexchange";
const GROUP: &str = "peering.bgpgroup";

const ONE: &[&str] = &["value"];
const FAMILY: &[&str] = &["value", "family"];

fn object(args: &Args) -> Option<&Object> {
    args.value(0).downcast_object_ref::<Object>()
}

/// The value as an object of one of some types.
fn one_of<'a>(args: &'a Args, types: &[&str], refusal: &str) -> Result<&'a Object, Error> {
    object(args).filter(|object| types.iter().any(|of| object.is(of))).ok_or_else(|| fault(refusal.to_owned()))
}

fn is_session(object: &Object) -> bool {
    object.is(IX_SESSION) || object.is(DIRECT_SESSION)
}

fn shown(set: Option<QuerySet>) -> Value {
    set.map_or_else(Pending::value, Value::from_object)
}

/// What was asked for as a family; anything but a number asks for all.
fn family_at(a: &Args) -> i64 {
    a.get(1).and_then(Value::as_i64).unwrap_or_default()
}

/// Rows of one family; family other than 4 or 6 is all.
fn of_family(set: QuerySet, family: i64) -> QuerySet {
    match family {
        4 | 6 => set.kept(|row| row.get("ip_address").as_ip().is_some_and(|ip| ip.is_ipv4() == (family == 4))),
        _ => set,
    }
}

fn id_at(args: &Args, at: usize) -> Option<i64> {
    Some(args.get(at)?.downcast_object_ref::<Object>()?.record.id)
}

pub const FILTERS: &[FilterRow] = &[
    row("tags", ONE, 1, |_, a| shown_tags(a).map(shown)),
    row("has_tag", &["value", "tag"], 2, |_, a| tagged(a)),
    row("has_not_tag", &["value", "tag"], 2, |_, a| {
        let found = tagged(a)?;
        Ok(if Pending::is(&found) { found } else { Value::from(!found.is_true()) })
    }),
    row("inherited_status", ONE, 1, |_, a| inherited_status(a)),
    row("ip_version", ONE, 1, |_, a| Ok(Value::from(session_family(a)?))),
    row("max_prefix", ONE, 1, |_, a| {
        let field = format!("ipv{}_max_prefixes", session_family(a)?);
        let system = object(a).and_then(|session| session.attribute("autonomous_system")).unwrap_or_default();
        Ok(if Pending::is(&system) { system } else { system.get_attr(&field)? })
    }),
    row("local_ips", FAMILY, 1, local_ips),
    row("sessions", FAMILY, 1, |_, a| {
        let owner = one_of(a, &[INTERNET_EXCHANGE, GROUP], "value has no peering sessions")?;
        let all = if owner.is(GROUP) {
            relations::direct_sessions(owner, None)
        } else {
            relations::ixp_sessions(owner, None)
        };
        let family = family_at(a);
        Ok(shown(all.map(|set| of_family(set, family))))
    }),
    row("direct_sessions", &["value", "family", "group"], 1, |_, a| {
        let owner = one_of(a, &[ROUTER, AUTONOMOUS_SYSTEM], "value has no direct peering sessions")?;
        let family = family_at(a);
        Ok(shown(relations::direct_sessions(owner, id_at(a, 2)).map(|set| of_family(set, family))))
    }),
    row("ixp_sessions", &["value", "family", "ixp"], 1, |_, a| {
        let owner = one_of(a, &[ROUTER, AUTONOMOUS_SYSTEM], "value has no ixp peering sessions")?;
        if a.get(2).is_some_and(Pending::is) {
            return Ok(Pending::value());
        }
        let family = family_at(a);
        Ok(shown(relations::ixp_sessions(owner, id_at(a, 2)).map(|set| of_family(set, family))))
    }),
    row("route_server", FAMILY, 1, |_, a| {
        let exchange = one_of(a, &[INTERNET_EXCHANGE], "value is not an internet exchange")?;
        let family = family_at(a);
        let Some(all) = relations::ixp_sessions(exchange, None) else { return Ok(Pending::value()) };
        let servers = all.filtered(&[("is_route_server".to_owned(), Value::from(true))], false)?;
        Ok(shown(Some(of_family(servers, family))))
    }),
    row("connections", ONE, 1, |_, a| {
        Ok(shown(relations::connections(one_of(a, &[ROUTER, INTERNET_EXCHANGE], "value has no connections")?)))
    }),
    row("direct_peers", &["value", "group"], 1, |_, a| peers(a, true)),
    row("ixp_peers", &["value", "ixp"], 1, |_, a| peers(a, false)),
    row("bfds", ONE, 1, |state, a| {
        one_of(a, &[ROUTER], "value is not a router")?;
        a.value(0).call_method(state, "get_bfd_configs", &[])
    }),
    row("communities", &["value", "field"], 1, |_, a| communities(a)),
    row("merge_communities", ONE, 1, |_, a| match object(a).filter(|object| is_session(object)) {
        Some(session) => Ok(members::merged_communities(session)),
        None => communities(a),
    }),
    row("iter_import_policies", &["value", "field", "family"], 1, |_, a| own_policies(a, "import")),
    row("iter_export_policies", &["value", "field", "family"], 1, |_, a| own_policies(a, "export")),
    row("merge_import_policies", &["value", "order"], 1, |_, a| merged(a, Direction::Import)),
    row("merge_export_policies", &["value", "order"], 1, |_, a| merged(a, Direction::Export)),
    row("routing_policies", &["value", "field", "family"], 1, |state, a| {
        one_of(a, &[ROUTER], "value is not a router")?;
        let set = a.value(0).call_method(state, "get_routing_policies", &[])?;
        if Pending::is(&set) {
            return Ok(set);
        }
        fielded(sequences::items(&set)?, a)
    }),
    row("contact", &["value", "role", "field"], 2, contact),
    row("context_has_key", &["value", "key", "recursive"], 2, |_, a| Ok(Value::from(context_key(a, 2)?.is_some()))),
    row("context_has_not_key", &["value", "key", "recursive"], 2, |_, a| Ok(Value::from(context_key(a, 2)?.is_none()))),
    row("context_get_key", &["value", "key", "default", "recursive"], 2, |_, a| {
        Ok(context_key(a, 3)?.or_else(|| a.get(2).cloned()).unwrap_or_else(|| Value::from(())))
    }),
    row("prefix_list", FAMILY, 1, |_, a| {
        let owner = one_of(a, &[AUTONOMOUS_SYSTEM, INTERNET_EXCHANGE], "value has no prefixes")?;
        let family = family_at(a);
        if owner.is(AUTONOMOUS_SYSTEM) {
            return Ok(members::irr_prefixes(owner, family));
        }
        let all = owner.attribute("peeringdb_prefixes").unwrap_or_default();
        if Pending::is(&all) {
            return Ok(all);
        }
        match family {
            4 | 6 => {
                let found = all.get_attr(&format!("ipv{family}"))?;
                Ok(if found.is_undefined() { List::value(Vec::new()) } else { found })
            }
            _ => Ok(all),
        }
    }),
    row("as_list", ONE, 1, |_, a| {
        let system = one_of(a, &[AUTONOMOUS_SYSTEM], "value has no AS list")?;
        Ok(system.attribute("as_list").unwrap_or_default())
    }),
    row("relationships", &["value", "local_autonomous_system"], 1, |state, a| {
        one_of(a, &[AUTONOMOUS_SYSTEM], "value has no relationships")?;
        a.value(0).call_method(state, "get_relationships", &[])
    }),
    row("ixps", &["value", "other"], 2, |_, a| {
        let system = one_of(a, &[AUTONOMOUS_SYSTEM], "value is not an autonomous system")?;
        if Pending::is(a.value(1)) {
            return Ok(Pending::value());
        }
        Ok(shown(relations::exchanges_of_system(system, id_at(a, 1))))
    }),
    row("shared_ixps", &["value", "other"], 2, |_, a| {
        Ok(both(a)?.map_or_else(Pending::value, |(one, two)| shown(shared::exchanges(one, two))))
    }),
    row("shared_facilities", &["value", "other"], 2, |_, a| {
        Ok(both(a)?.map_or_else(Pending::value, |(one, two)| shown(shared::facilities(one, two))))
    }),
    row("missing_sessions", &["value", "other", "ixp"], 2, |_, a| {
        let Some((one, two)) = both(a)? else { return Ok(Pending::value()) };
        let exchange = a.get(2).and_then(|exchange| exchange.downcast_object_ref::<Object>());
        Ok(shown(ports::missing(one, two, exchange)))
    }),
];

/// Value and argument, each an AS or a PeeringDB network; none: the argument is pending.
fn both(a: &Args) -> Result<Option<(&Object, &Object)>, Error> {
    if Pending::is(a.value(1)) {
        return Ok(None);
    }
    let side = |at: usize| {
        let object = a.value(at).downcast_object_ref::<Object>();
        object.filter(|object| object.is(AUTONOMOUS_SYSTEM) || object.is("peeringdb.network"))
    };
    match (side(0), side(1)) {
        (Some(one), Some(two)) => Ok(Some((one, two))),
        _ => Err(fault("value is not an autonomous system")),
    }
}

fn shown_tags(a: &Args) -> Result<Option<QuerySet>, Error> {
    let tags = object(a).and_then(|object| object.attribute("tags"));
    let manager = tags.as_ref().and_then(|tags| tags.downcast_object_ref::<Manager>());
    manager.map(Manager::all).ok_or_else(|| fault("object has no tags"))
}

fn tagged(a: &Args) -> Result<Value, Error> {
    let wanted = a.text(1, "")?;
    let Some(set) = shown_tags(a)? else { return Ok(Pending::value()) };
    Ok(Value::from(set.rows().any(|tag| tag.text("name") == wanted || tag.text("slug") == wanted)))
}

fn session_family(a: &Args) -> Result<u8, Error> {
    let session = object(a).filter(|object| is_session(object)).ok_or_else(|| fault("value is not a bgp session"))?;
    Ok(match session.record.get("ip_address").as_ip() {
        Some(IpAddr::V4(_)) => 4,
        _ => 6,
    })
}

fn inherited_status(a: &Args) -> Result<Value, Error> {
    let this = object(a).filter(|object| object.record.of.field("status").is_some());
    let this = this.ok_or_else(|| fault(format!("{} has no status", type_name(a.value(0)))))?;
    if this.is(IX_SESSION) && this.record.int("ixp_connection").is_none() && this.record.text("status") != "disabled" {
        return Err(fault("'NoneType' object has no attribute 'status'"));
    }
    let status = effective::status(&this.record, &*this.pass);
    Ok(status.map_or_else(Pending::value, |status| Value::from(status.value)))
}

fn local_ips(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let Some(this) = object(a) else { return Ok(Value::from(())) };
    let family = family_at(a);
    let field = |family: u8| address::of_family(CONNECTION_ADDRESSES, family);
    if this.is(DIRECT_SESSION) {
        return Ok(this.attribute("local_ip_address").unwrap_or_default());
    }
    if this.is(IX_SESSION) {
        let connection = this.attribute("ixp_connection").unwrap_or_default();
        return Ok(match connection.downcast_object_ref::<Object>() {
            Some(connection) => connection.attribute(field(session_family(a)?)).unwrap_or_default(),
            None => connection,
        });
    }
    if !this.is(INTERNET_EXCHANGE) {
        return Ok(Value::from(()));
    }
    let Some(connections) = relations::connections(this) else { return Ok(Pending::value()) };
    let mut addresses = Vec::new();
    for connection in connections.rows() {
        for (version, name) in [(4, field(4)), (6, field(6))] {
            if let Some(net) = connection.get(name).as_net().filter(|_| !matches!(family, 4 | 6) || family == version) {
                addresses.push(Value::from_object(Address::Interface(net)));
            }
        }
    }
    Ok(List::value(addresses))
}

fn peers(a: &Args, direct: bool) -> Result<Value, Error> {
    let router = one_of(a, &[ROUTER], "value is not a router")?;
    let slug = a.text(1, "")?;
    let (type_key, all) = if direct { (GROUP, None) } else { (INTERNET_EXCHANGE, relations::exchanges(router)) };
    let _ = type_key;
    let mut only = None;
    if !slug.is_empty() {
        let candidates = if direct {
            let groups = relations::direct_sessions(router, None);
            groups.map(|set| {
                set.objects()
                    .filter_map(|s| s.attribute("bgp_group")?.downcast_object_ref::<Object>().cloned())
                    .collect::<Vec<_>>()
            })
        } else {
            all.map(|set| set.objects().collect())
        };
        let Some(candidates) = candidates else { return Ok(Pending::value()) };
        only = candidates.iter().find(|object| object.record.text("slug") == slug).map(|object| object.record.id);
    }
    let sessions =
        if direct { relations::direct_sessions(router, only) } else { relations::ixp_sessions(router, only) };
    Ok(shown(sessions.and_then(|sessions| relations::systems_of(router, &sessions))))
}

fn communities(a: &Args) -> Result<Value, Error> {
    let Some(value) = object(a).and_then(|object| object.attribute("communities")) else {
        return Ok(List::value(Vec::new()));
    };
    if a.get(1).is_some_and(Value::is_true) {
        return Err(fault("'ManyRelatedManager' object is not iterable"));
    }
    Ok(shown(value.downcast_object_ref::<Manager>().and_then(Manager::all)))
}

fn own_policies(a: &Args, direction: &str) -> Result<Value, Error> {
    let owner = object(a)
        .filter(|object| object.attribute(&format!("{direction}_routing_policies")).is_some() && !object.is(ROUTER));
    let owner = owner.ok_or_else(|| fault("value has no routing policies"))?;
    match relations::policies(owner, direction) {
        Some(set) => fielded(set.objects().map(Value::from_object).collect(), a),
        None => Ok(Pending::value()),
    }
}

/// Policies of a family, or one of their fields.
fn fielded(items: Vec<Value>, a: &Args) -> Result<Value, Error> {
    let family = a.int(2, -1)?;
    let field = a.text(1, "")?;
    let mut kept = Vec::new();
    for item in items {
        let own = item.get_attr("address_family").ok().and_then(|own| as_int(&own).ok()).unwrap_or_default();
        if matches!(family, 0 | 4 | 6) && own != 0 && own != family {
            continue;
        }
        kept.push(match field {
            "" => item,
            field => super::product::attribute(&item, field).ok_or_else(|| {
                fault(format!("'{}' object has no attribute '{field}'", class_name(&item).unwrap_or("object")))
            })?,
        });
    }
    Ok(List::value(kept))
}

fn merged(a: &Args, direction: Direction) -> Result<Value, Error> {
    let owner = object(a).filter(|object| is_session(object) || object.is(INTERNET_EXCHANGE));
    let owner = owner.ok_or_else(|| fault("value cannot merge policies"))?;
    Ok(members::merged_policies(owner, direction, a.text(1, "")? == "reverse"))
}

fn contact(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let role = a.text(1, "")?.to_lowercase();
    let this = object(a).ok_or_else(|| fault(format!("{} has no contacts", type_name(a.value(0)))))?;
    let owner =
        if is_session(this) { this.attribute("autonomous_system").unwrap_or_default() } else { a.value(0).clone() };
    if Pending::is(&owner) {
        return Ok(owner);
    }
    let owner = owner
        .downcast_object_ref::<Object>()
        .filter(|owner| owner.is(AUTONOMOUS_SYSTEM) || owner.is(INTERNET_EXCHANGE));
    let contacts = owner.and_then(|owner| owner.attribute("contacts"));
    let contacts = contacts.ok_or_else(|| fault(format!("{} has no contacts", this.label())))?;
    let Some(assignments) = contacts.downcast_object_ref::<Manager>().and_then(Manager::all) else {
        return Ok(Pending::value());
    };
    for assignment in assignments.objects() {
        let name = assignment.attribute("role").and_then(|role| role.get_attr("name").ok()).unwrap_or_default();
        if name.as_str().is_some_and(|name| name.to_lowercase() == role) {
            let contact = assignment.attribute("contact").unwrap_or_default();
            return match a.text(2, "")? {
                "" => Ok(contact),
                field => super::product::attribute(&contact, field)
                    .ok_or_else(|| fault(format!("'Contact' object has no attribute '{field}'"))),
            };
        }
    }
    Ok(Value::from(()))
}

/// The first value of a key, depth first in key order, through dicts only.
fn context_key(a: &Args, recursive_at: usize) -> Result<Option<Value>, Error> {
    let key = a.value(1).clone();
    let context = object(a).and_then(|object| object.attribute("config_context"));
    let context = context.ok_or_else(|| fault("object has no config context"))?;
    let context = if context.is_none() { Dict::value([]) } else { context };
    Ok(search(&context, &key, a.flag(recursive_at, true), 0))
}

fn search(context: &Value, key: &Value, recursive: bool, depth: usize) -> Option<Value> {
    let pairs = collections::pairs(context);
    for (name, value) in &pairs {
        if name == key {
            return Some(value.clone());
        }
        if recursive
            && depth < 50
            && value.kind() == ValueKind::Map
            && let Some(found) = search(value, key, recursive, depth + 1)
        {
            return Some(found);
        }
    }
    None
}
