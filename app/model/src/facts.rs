//! How rules get at objects beside the one that they are about: a session's policies, an exchange's prefixes. Rules are plain
//! functions that cannot wait, and nothing is at hand everywhere, so an answer may be "not known": the browser then leaves
//! the rule to the server, the server fetches what was asked for and runs the rule again, and a rendering asks for it as for
//! anything else that it needs.

use crate::{Field, Kind, Lookup, ObjectType, Record, Value, order::compare_towards};

/// Objects around a record. None: not known, at least not yet.
pub trait Facts {
    /// The objects that a reference, or a field with many of them, leads to, in no order; those that are gone are left out.
    fn follow(&self, from: &Record, field: &'static Field) -> Option<Vec<Record>>;

    /// Objects of a type whose field leads to the object of this id.
    fn referring(&self, of: &'static ObjectType, field: &'static Field, id: i64) -> Option<Vec<Record>>;

    /// Objects of a type whose field is exactly this value: an AS number, an address. For what few objects share; the browser cannot
    /// look for them.
    fn holding(&self, _of: &'static ObjectType, _field: &'static Field, _value: &Value) -> Option<Vec<Record>> {
        None
    }

    /// Every object of a type of which there are few.
    fn all(&self, _of: &'static ObjectType) -> Option<Vec<Record>> {
        None
    }

    /// Now, in microseconds since 1970.
    fn now(&self) -> Option<i64> {
        None
    }

    /// Objects of a type that are attached to a record, in no order; see [`crate::object::Attached`].
    fn attached(&self, of: &'static ObjectType, to: &Record) -> Option<Vec<Record>> {
        let found = self.referring(of, of.attached_id()?, to.id)?;
        Some(found.into_iter().filter(|one| one.is_attached_to(to)).collect())
    }
}

/// Knows nothing: rules that need others are left out.
impl Facts for () {
    fn follow(&self, _: &Record, _: &'static Field) -> Option<Vec<Record>> {
        None
    }

    fn referring(&self, _: &'static ObjectType, _: &'static Field, _: i64) -> Option<Vec<Record>> {
        None
    }
}

/// As far as objects can be found by their number.
pub struct Found<'a>(pub &'a dyn Lookup);

impl Facts for Found<'_> {
    fn follow(&self, from: &Record, field: &'static Field) -> Option<Vec<Record>> {
        let of = field.kind.target()?;
        targets(from.get(field.name)).into_iter().map(|id| self.0.find(of, id)).collect()
    }

    fn referring(&self, _: &'static ObjectType, _: &'static Field, _: i64) -> Option<Vec<Record>> {
        None
    }
}

/// The ids that a reference holds, to one object or to many, or the number of an object that something is attached to.
pub fn targets(value: &Value) -> Vec<i64> {
    value.as_int().map_or_else(|| value.as_ids().to_vec(), |id| vec![id])
}

/// The one object that a field leads to. Outer none: not known; inner none: there is none, or the type has no such field.
pub fn one(facts: &dyn Facts, from: &Record, field: &str) -> Option<Option<Record>> {
    match from.of.field(field) {
        Some(field) if !from.get(field.name).is_empty() => Some(facts.follow(from, field)?.into_iter().next()),
        _ => Some(None),
    }
}

/// The objects that a field leads to, in their type's own order; none where the type has no such field.
pub fn many(facts: &dyn Facts, from: &Record, field: &str) -> Option<Vec<Record>> {
    match from.of.field(field) {
        Some(field) if !from.get(field.name).is_empty() => {
            let mut found = facts.follow(from, field)?;
            found.sort_by(in_own_order);
            Some(found)
        }
        _ => Some(Vec::new()),
    }
}

/// By the type's order, as far as it is of fields of its own.
fn in_own_order(a: &Record, b: &Record) -> std::cmp::Ordering {
    let fields = a.of.order.iter().map(|key| (key.trim_start_matches('-'), key.starts_with('-')));
    fields
        .filter(|(name, _)| a.of.field(name).is_some_and(|field| !matches!(field.kind, Kind::Reference { .. })))
        .map(|(name, descending)| compare_towards(a.get(name), b.get(name), descending))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.id.cmp(&b.id))
}
