//! What is true of an object in the end: its own values and those that it inherits, each with the object that it comes
//! from. The same functions stand behind templates, the pages and the REST API.
//!
//! A session inherits from its AS, then from its group or its exchange; communities also from its router. None: something is
//! not known yet, see [`crate::facts`].

use crate::{
    Facts, ObjectType, Record,
    address::{family_of, of_family},
    facts::{many, one},
    types::{CONNECTION, DIRECT_SESSION, IX_SESSION},
};

/// A value, and the object that it was said of.
#[derive(Clone, Debug, PartialEq)]
pub struct From<T> {
    pub value: T,
    pub origin: Record,
    /// What says the same from further away, and adds nothing.
    pub also: Vec<Record>,
}

impl<T> From<T> {
    const fn of(value: T, origin: Record) -> Self {
        Self { value, origin, also: Vec::new() }
    }
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

/// Maintenance and what surrounds it, after what takes everything down.
const DOWN: [&str; 4] = ["disabled", "pre-maintenance", "maintenance", "post-maintenance"];
const PHASES: &[&str] = DOWN.split_at(1).1;

/// What a type runs over, the strongest first, and the statuses of it that an object takes.
fn runs_over(of: &ObjectType) -> &'static [(&'static str, &'static [&'static str])] {
    if of.is(&CONNECTION) {
        &[("internet_exchange_point", &DOWN), ("router", PHASES)]
    } else if of.is(&DIRECT_SESSION) {
        &[("bgp_group", &["disabled", "maintenance"]), ("router", PHASES)]
    } else if of.is(&IX_SESSION) {
        &[("ixp_connection", &DOWN)]
    } else {
        &[]
    }
}

fn own_status(record: &Record) -> From<String> {
    From::of(record.text("status").to_owned(), record.clone())
}

/// The status that an object has in effect: its own, unless what it runs over is disabled or under maintenance.
///
/// Its own `disabled` wins. A connection follows its exchange, then its router's maintenance; a direct session its group
/// (disabled or in maintenance, not before and after it), then its router's maintenance; an IX session its connection. A
/// router that is disabled disables nothing.
pub fn status(record: &Record, facts: &dyn Facts) -> Option<From<String>> {
    let own = own_status(record);
    if own.value == DOWN[0] {
        return Some(own);
    }
    for (field, taken) in runs_over(record.of) {
        let Some(below) = one(facts, record, field)? else { continue };
        let said = status(&below, facts)?;
        if taken.contains(&&*said.value) {
            return Some(said);
        }
    }
    Some(own)
}

/// What else is said of the status of an object, and did not win: its own word, and of what it runs over the words that would have
/// taken it along. Nearest first; not what says the same.
pub fn overridden_statuses(record: &Record, facts: &dyn Facts) -> Option<Vec<From<String>>> {
    fn gather(record: &Record, facts: &dyn Facts, said: &mut Vec<From<String>>) -> Option<()> {
        for (field, taken) in runs_over(record.of) {
            let Some(below) = one(facts, record, field)? else { continue };
            said.extend(Some(own_status(&below)).filter(|own| taken.contains(&&*own.value)));
            gather(&below, facts, said)?;
        }
        Some(())
    }
    let wins = status(record, facts)?;
    let mut said = vec![own_status(record)];
    gather(record, facts, &mut said)?;
    said.retain(|other| other.value != wins.value);
    Some(said)
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
            if own || fits(&value) {
                merge(&mut merged, value, &origin);
            }
        }
    }
    Some(merged)
}

/// Each stands once, where it was said first.
fn merge(merged: &mut Vec<From<Record>>, value: Record, origin: &Record) {
    match merged.iter_mut().find(|known| known.value.id == value.id) {
        Some(known) => known.also.push(origin.clone()),
        None => merged.push(From::of(value, origin.clone())),
    }
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
            merge(&mut merged, value, &origin);
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
    Some(system.map(|system| From::of(system.int(field), system)))
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
        Field, Value,
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
            let others = overridden_statuses(&session, &world).unwrap().into_iter();
            let others: Vec<_> = others.map(|other| format!("{} {}", other.origin.of.model, other.value)).collect();
            (found.value, found.origin.of.model, others.join(", "))
        };
        let (ix, router, connection, own) = ("internetexchange", "router", "connection", IX_SESSION.model);
        for (given, expected, over) in [
            (["enabled", "enabled", "enabled", "requested"], ("requested", own), vec![]),
            (
                ["maintenance", "post-maintenance", "enabled", "enabled"],
                ("maintenance", ix),
                vec![(own, "enabled"), (router, "post-maintenance")],
            ),
            (["disabled", "enabled", "enabled", "enabled"], ("disabled", ix), vec![(own, "enabled")]),
            (
                ["enabled", "pre-maintenance", "maintenance", "enabled"],
                ("pre-maintenance", router),
                vec![(own, "enabled"), (connection, "maintenance")],
            ),
            // a router that is disabled disables nothing
            (["enabled", "disabled", "enabled", "enabled"], ("enabled", own), vec![]),
            (["enabled", "enabled", "maintenance", "enabled"], ("maintenance", connection), vec![(own, "enabled")]),
            (["enabled", "maintenance", "maintenance", "maintenance"], ("maintenance", router), vec![]),
            // its own word is the last
            (["maintenance", "enabled", "enabled", "disabled"], ("disabled", own), vec![(ix, "maintenance")]),
            (
                ["maintenance", "enabled", "disabled", "enabled"],
                ("disabled", connection),
                vec![(own, "enabled"), (ix, "maintenance")],
            ),
        ] {
            let [a, b, c, d] = given;
            let found = effective(a, b, c, d);
            let over: Vec<String> = over.iter().map(|(whose, status)| format!("{whose} {status}")).collect();
            assert_eq!((found.0.as_str(), found.1, found.2), (expected.0, expected.1, over.join(", ")), "{given:?}");
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
        let again: Vec<Vec<&str>> =
            found.iter().map(|from| from.also.iter().map(|origin| origin.of.model).collect()).collect();
        let found: Vec<(i64, &str)> = found.iter().map(|from| (from.value.id, from.origin.of.model)).collect();
        let (own, system, exchange) = (IX_SESSION.model, AUTONOMOUS_SYSTEM.model, INTERNET_EXCHANGE.model);
        assert_eq!(found, [(2, own), (4, system), (3, system), (1, exchange)]);
        assert_eq!(again, [vec![], vec![exchange], vec![], vec![]], "of the wrong family the network says nothing");
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
