//! What is true of an object in the end: its own values and those that it inherits, each with the object that it comes
//! from. The same functions stand behind templates, the pages and the REST API.
//!
//! A session inherits from its AS, then from its group or its exchange; communities also from its router. None: something is
//! not known yet, see [`crate::facts`].

use crate::{
    Facts, Record,
    address::{family_of, of_family},
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
    let Some(ip) = session.get("ip_address").as_ip() else { return Some(None) };
    let field = of_family(["ipv4_max_prefixes", "ipv6_max_prefixes"], family_of(ip));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Field, ObjectType, Value,
        facts::targets,
        types::{AUTONOMOUS_SYSTEM, BGP_GROUP, COMMUNITY, INTERNET_EXCHANGE, ROUTER, ROUTING_POLICY},
    };

    /// Everything that there is.
    struct World(Vec<Record>);

    impl Facts for World {
        fn follow(&self, from: &Record, field: &'static Field) -> Option<Vec<Record>> {
            let of = field.kind.target()?;
            let ids = targets(from.get(field.name));
            Some(self.0.iter().filter(|record| record.of.is(of) && ids.contains(&record.id)).cloned().collect())
        }

        fn referring(&self, _: &'static ObjectType, _: &'static Field, _: i64) -> Option<Vec<Record>> {
            None
        }
    }

    fn object(of: &'static ObjectType, id: i64, fields: &[(&str, Value)]) -> Record {
        let mut record = Record::new(of);
        record.id = id;
        fields.iter().for_each(|(name, value)| record.set(name, value.clone()));
        record
    }

    fn ids(ids: &[i64]) -> Value {
        Value::Ids(ids.into())
    }

    fn ix_session(ip: &str) -> Record {
        let ip = Value::Ip(ip.parse().unwrap());
        object(
            &IX_SESSION,
            1,
            &[("autonomous_system", Value::Int(1)), ("ixp_connection", Value::Int(1)), ("ip_address", ip)],
        )
    }

    #[test]
    fn what_it_runs_over_takes_a_session_into_maintenance() {
        let effective = |exchange: &str, router: &str, connection: &str, own: &str| {
            let world = World(vec![
                object(&INTERNET_EXCHANGE, 1, &[("status", Value::text(exchange))]),
                object(&ROUTER, 1, &[("status", Value::text(router))]),
                object(
                    &CONNECTION,
                    1,
                    &[
                        ("status", Value::text(connection)),
                        ("internet_exchange_point", Value::Int(1)),
                        ("router", Value::Int(1)),
                    ],
                ),
            ]);
            let session = ix_session("192.0.2.1").with("status", Value::text(own));
            let found = status(&session, &world).unwrap();
            (found.value, found.origin.of.model)
        };
        let (ix, router, connection, own) = ("internetexchange", "router", "connection", IX_SESSION.model);
        for (given, expected) in [
            (["enabled", "enabled", "enabled", "requested"], ("requested", own)),
            (["maintenance", "post-maintenance", "enabled", "enabled"], ("maintenance", ix)),
            (["disabled", "enabled", "enabled", "enabled"], ("disabled", ix)),
            (["enabled", "pre-maintenance", "maintenance", "enabled"], ("pre-maintenance", router)),
            // a router that is disabled disables nothing
            (["enabled", "disabled", "enabled", "enabled"], ("enabled", own)),
            (["enabled", "enabled", "maintenance", "enabled"], ("maintenance", connection)),
            // its own word is the last
            (["maintenance", "enabled", "enabled", "disabled"], ("disabled", own)),
            (["maintenance", "enabled", "disabled", "enabled"], ("disabled", connection)),
        ] {
            let [a, b, c, d] = given;
            let found = effective(a, b, c, d);
            assert_eq!((found.0.as_str(), found.1), expected, "{given:?}");
        }
    }

    #[test]
    fn a_direct_session_follows_its_group_into_maintenance_but_not_around_it() {
        let effective = |group: &str, router: &str| {
            let world = World(vec![
                object(&BGP_GROUP, 1, &[("status", Value::text(group))]),
                object(&ROUTER, 1, &[("status", Value::text(router))]),
            ]);
            let session = object(&DIRECT_SESSION, 1, &[("bgp_group", Value::Int(1)), ("router", Value::Int(1))]);
            status(&session, &world).unwrap().value
        };
        for (group, router, expected) in [
            ("maintenance", "enabled", "maintenance"),
            ("disabled", "maintenance", "disabled"),
            ("pre-maintenance", "enabled", "enabled"),
            ("pre-maintenance", "post-maintenance", "post-maintenance"),
        ] {
            assert_eq!(effective(group, router), expected, "{group} {router}");
        }
    }

    #[test]
    fn inherited_policies_are_for_the_family_and_each_stands_once() {
        let policy = |id, family, weight| {
            object(&ROUTING_POLICY, id, &[("address_family", Value::Int(family)), ("weight", Value::Int(weight))])
        };
        let world = World(vec![
            policy(1, 0, 1),
            policy(2, 6, 9),
            policy(3, 4, 5),
            policy(4, 4, 7),
            object(
                &AUTONOMOUS_SYSTEM,
                1,
                &[("import_routing_policies", ids(&[2, 3, 4])), ("ipv4_max_prefixes", Value::Null)],
            ),
            object(&INTERNET_EXCHANGE, 1, &[("import_routing_policies", ids(&[1, 4])), ("communities", ids(&[1, 2]))]),
            object(&CONNECTION, 1, &[("internet_exchange_point", Value::Int(1)), ("router", Value::Int(1))]),
            object(&ROUTER, 1, &[("communities", ids(&[2, 3]))]),
            object(&COMMUNITY, 1, &[("value", Value::text("64500:1"))]),
            object(&COMMUNITY, 2, &[("value", Value::text("64500:2"))]),
            object(&COMMUNITY, 3, &[("value", Value::text("64500:0"))]),
        ]);
        // its own is taken whatever its family
        let session = ix_session("192.0.2.1").with("import_routing_policies", ids(&[2]));
        let found = policies(&session, Direction::Import, &world).unwrap();
        let found: Vec<(i64, &str)> = found.iter().map(|from| (from.value.id, from.origin.of.model)).collect();
        let (own, system, exchange) = (IX_SESSION.model, AUTONOMOUS_SYSTEM.model, INTERNET_EXCHANGE.model);
        assert_eq!(found, [(2, own), (4, system), (3, system), (1, exchange)]);
        let found = communities(&session, &world).unwrap();
        let found: Vec<(i64, &str)> = found.iter().map(|from| (from.value.id, from.origin.of.model)).collect();
        assert_eq!(found, [(1, exchange), (2, exchange), (3, ROUTER.model)]);
        assert_eq!(max_prefixes(&session, &world).unwrap().unwrap().value, None, "null is not nought");
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(status(&ix_session("192.0.2.1"), &()), None);
        assert_eq!(policies(&ix_session("192.0.2.1"), Direction::Export, &()), None);
    }
}
