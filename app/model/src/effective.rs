//! What is true of an object in the end: its own values and those that it inherits, each with the object that it comes
//! from. The same functions stand behind templates, the pages and the REST API.
//!
//! A session inherits from its AS, then from its group or its exchange; communities also from its router. None: something is
//! not known yet, see [`crate::facts`].

use crate::{
    Facts, Record,
    address::family_of,
    facts::{many, one},
    types::{CONNECTION, DIRECT_SESSION, IX_SESSION},
};

/// A value, and the object that it was said of.
#[derive(Clone, Debug, PartialEq)]
pub struct From<T> {
    pub value: T,
    pub origin: Record,
}

/// Which way routes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Import,
    Export,
}

impl Direction {
    /// The field that holds an object's own policies.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Import => "import_routing_policies",
            Self::Export => "export_routing_policies",
        }
    }
}

/// Maintenance and what surrounds it.
const PHASES: [&str; 3] = ["pre-maintenance", "maintenance", "post-maintenance"];

/// The status that an object has in effect: its own, unless what it runs over is disabled or under maintenance.
///
/// Its own `disabled` wins. A connection follows its exchange, then its router's maintenance; a direct session its group
/// (disabled or in maintenance, not before and after it), then its router's maintenance; an IX session its connection. A
/// router that is disabled disables nothing.
pub fn status(record: &Record, facts: &dyn Facts) -> Option<From<String>> {
    let own = |record: &Record| From { value: record.text("status").to_owned(), origin: record.clone() };
    let taken = |from: Option<Record>, codes: &[&str]| {
        from.filter(|from| codes.contains(&from.text("status"))).map(|from| own(&from))
    };
    let maintained = |facts: &dyn Facts| Some(taken(one(facts, record, "router")?, &PHASES));
    if record.text("status") == "disabled" {
        return Some(own(record));
    }
    let inherited = if record.of.is(&CONNECTION) {
        let exchange = one(facts, record, "internet_exchange_point")?;
        match taken(exchange, &["disabled", PHASES[0], PHASES[1], PHASES[2]]) {
            None => maintained(facts)?,
            some => some,
        }
    } else if record.of.is(&DIRECT_SESSION) {
        match taken(one(facts, record, "bgp_group")?, &["disabled", "maintenance"]) {
            None => maintained(facts)?,
            some => some,
        }
    } else if record.of.is(&IX_SESSION) {
        match one(facts, record, "ixp_connection")? {
            Some(connection) => Some(status(&connection, facts)?)
                .filter(|from| from.value == "disabled" || PHASES.contains(&&*from.value)),
            None => None,
        }
    } else {
        None
    };
    Some(inherited.unwrap_or_else(|| own(record)))
}

/// The policies of an object, its own first, then those that it inherits, each once. Inherited ones are for the session's
/// address family or for all; its own are taken as they are. An exchange has only its own.
pub fn policies(record: &Record, direction: Direction, facts: &dyn Facts) -> Option<Vec<From<Record>>> {
    let family = family(record);
    let fits = |policy: &Record| match (policy.int("address_family"), family) {
        (Some(4 | 6), Some(family)) => policy.int("address_family") == Some(family),
        _ => true,
    };
    let mut merged: Vec<From<Record>> = Vec::new();
    for origin in origins(record, facts)? {
        let own = origin == *record;
        for value in many(facts, &origin, direction.field())? {
            if (own || fits(&value)) && merged.iter().all(|other| other.value.id != value.id) {
                merged.push(From { value, origin: origin.clone() });
            }
        }
    }
    Some(merged)
}

/// The communities of a session, its own first, then those that it inherits, its router's last, each once.
pub fn communities(record: &Record, facts: &dyn Facts) -> Option<Vec<From<Record>>> {
    let mut origins = origins(record, facts)?;
    let router = match record.of.field("ixp_connection") {
        Some(_) => match one(facts, record, "ixp_connection")? {
            Some(connection) => one(facts, &connection, "router")?,
            None => None,
        },
        None => one(facts, record, "router")?,
    };
    origins.extend(router);
    let mut merged: Vec<From<Record>> = Vec::new();
    for origin in origins {
        for value in many(facts, &origin, "communities")? {
            if merged.iter().all(|other| other.value.id != value.id) {
                merged.push(From { value, origin: origin.clone() });
            }
        }
    }
    Some(merged)
}

/// The most prefixes that a session should accept: its AS's number for its address family. Null and 0 are both legal, and
/// templates tell them apart. Inner none: no peer, or no address yet.
pub fn max_prefixes(session: &Record, facts: &dyn Facts) -> Option<Option<From<Option<i64>>>> {
    let field = match family(session) {
        Some(6) => "ipv6_max_prefixes",
        Some(_) => "ipv4_max_prefixes",
        None => return Some(None),
    };
    let system = one(facts, session, "autonomous_system")?;
    Some(system.map(|system| From { value: system.int(field), origin: system }))
}

/// What a record inherits from, nearest first: itself, its AS, its group or its exchange.
fn origins(record: &Record, facts: &dyn Facts) -> Option<Vec<Record>> {
    let mut origins = vec![record.clone()];
    if record.of.is(&IX_SESSION) || record.of.is(&DIRECT_SESSION) {
        origins.extend(one(facts, record, "autonomous_system")?);
    }
    if record.of.is(&DIRECT_SESSION) {
        origins.extend(one(facts, record, "bgp_group")?);
    } else if record.of.is(&IX_SESSION)
        && let Some(connection) = one(facts, record, "ixp_connection")?
    {
        origins.extend(one(facts, &connection, "internet_exchange_point")?);
    }
    Some(origins)
}

/// The address family of a session: that of the peer's address.
fn family(record: &Record) -> Option<i64> {
    record.of.field("ip_address").and_then(|field| record.get(field.name).as_ip()).map(|ip| i64::from(family_of(ip)))
}

/// Whether an object has anything in effect beyond its own fields.
pub fn is_inheriting(record: &Record) -> bool {
    [&IX_SESSION, &DIRECT_SESSION, &CONNECTION].into_iter().any(|of| record.of.is(of))
}
