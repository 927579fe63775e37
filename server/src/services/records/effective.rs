//! What is true of an object in the end, for its page and for scripts: the rules are [`peerage_model::effective`]'s, here what they
//! look at is fetched, and what somebody may not see is left out.

use crate::services::surroundings::Surroundings;
use peerage_app::records::{Effective, InEffect, Overridden};
use peerage_model::{
    Facts, Problem, Record, Who, at_peeringdb,
    effective::{self, Direction, From},
    label::label,
    permit::View,
    types::{DIRECT_SESSION, IX_SESSION},
    wire::ObjectRef,
};
use peerage_store::Store;
use serde_json::Value as Json;

/// What a rule found, before there are labels.
struct Found {
    name: &'static str,
    label: &'static str,
    values: Vec<Value>,
}

struct Value {
    said: Said,
    origin: Record,
    /// Words that have no effect; none: the same.
    overrode: Vec<(Option<Json>, Record)>,
}

impl Value {
    fn plain(origin: Record, said: Json) -> Self {
        Self { said: Said::Plain(said), origin, overrode: Vec::new() }
    }
}

enum Said {
    Plain(Json),
    Object(Record),
}

/// # Errors
/// If the database fails.
pub async fn of(store: &Store, who: &Who, record: &Record) -> Result<Vec<InEffect>, Problem> {
    if !effective::is_inheriting(record) {
        return Ok(Vec::new());
    }
    let found = Surroundings::new(store).ask(|facts| rules(record, facts)).await?;
    let mut told = Vec::new();
    for Found { name, label, values } in found {
        let mut seen = Vec::new();
        let mut withheld = false;
        for Value { said, origin, overrode } in values {
            let visible = match &said {
                Said::Plain(_) => true,
                Said::Object(object) => who.allows::<View>(object.of),
            };
            // whose it is tells something of that object as well
            if !visible || !who.allows::<View>(origin.of) {
                withheld = true;
                continue;
            }
            let (value, object) = match said {
                Said::Plain(value) => (value, None),
                Said::Object(object) => (Json::from(words(store, who, &object).await?), Some(reference(&object))),
            };
            let origin_label = words(store, who, &origin).await?;
            let mut others = Vec::new();
            for (other, origin) in overrode {
                if !who.allows::<View>(origin.of) {
                    withheld = true;
                    continue;
                }
                others.push(Overridden {
                    value: other.unwrap_or_else(|| value.clone()),
                    origin: reference(&origin),
                    origin_label: words(store, who, &origin).await?,
                });
            }
            seen.push(Effective { value, object, origin: reference(&origin), origin_label, overrode: others });
        }
        told.push(InEffect { name: name.to_owned(), label: label.to_owned(), values: seen, withheld });
    }
    Ok(told)
}

/// What is not known yet is left out; the rules run again when it is.
fn rules(record: &Record, facts: &dyn Facts) -> Vec<Found> {
    let mut found = Vec::new();
    if let (Some(From { value, origin, .. }), Some(others)) =
        (effective::status(record, facts), effective::overridden_statuses(record, facts))
    {
        let overrode = others.into_iter().map(|other| (Some(other.value.into()), other.origin)).collect();
        let values = vec![Value { said: Said::Plain(value.into()), origin, overrode }];
        found.push(Found { name: "status", label: "Status", values });
    }
    if ![&IX_SESSION, &DIRECT_SESSION].into_iter().any(|of| record.of.is(of)) {
        return found;
    }
    let objects = |values: Vec<From<Record>>| {
        let one = |From { value, origin, also }| Value {
            said: Said::Object(value),
            origin,
            overrode: also.into_iter().map(|origin| (None, origin)).collect(),
        };
        values.into_iter().map(one).collect()
    };
    for (direction, label) in [(Direction::Import, "Import policies"), (Direction::Export, "Export policies")] {
        if let Some(values) = effective::policies(record, direction, facts) {
            found.push(Found { name: direction.field(), label, values: objects(values) });
        }
    }
    if let Some(values) = effective::communities(record, facts) {
        found.push(Found { name: "communities", label: "Communities", values: objects(values) });
    }
    if let Some(Some(From { value, origin, .. })) = effective::max_prefixes(record, facts) {
        let values = vec![Value::plain(origin, value.into())];
        found.push(Found { name: "max_prefixes", label: "Max prefixes", values });
    }
    if record.of.is(&IX_SESSION) {
        found.extend(at_peeringdb::listed(record, facts).map(|port| {
            let said = |port: Record| Value { said: Said::Object(port.clone()), origin: port, overrode: Vec::new() };
            let values = port.into_iter().map(said).collect();
            Found { name: "exists_in_peeringdb", label: "Listed at PeeringDB", values }
        }));
        if at_peeringdb::is_abandoned(record, facts) == Some(true) {
            let values = vec![Value::plain(record.clone(), true.into())];
            found.push(Found { name: "is_abandoned", label: "Abandoned", values });
        }
    }
    found
}

fn reference(record: &Record) -> ObjectRef {
    ObjectRef { of: record.of.key(), id: record.id }
}

async fn words(store: &Store, who: &Who, record: &Record) -> Result<String, Problem> {
    let related = store.related(&who.permit::<View>(record.of)?, std::slice::from_ref(record)).await?;
    Ok(label(record, &related))
}
