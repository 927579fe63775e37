//! A store in memory that answers needs as a server does: what a test drives the needs loop with.

#![allow(dead_code, reason = "each test uses a part of it")]

use peerage_model::{Kind, Need, ObjectType, Record, Value, registry, wire::RecordSet};
use peerage_render::{Graph, Session, Step};
use serde_json::Value as Json;

/// A record with some values.
pub fn row(of: &'static ObjectType, id: i64, values: &[(&str, Value)]) -> Record {
    let mut record = values.iter().fold(Record::new(of), |record, (name, value)| record.with(name, value.clone()));
    record.id = id;
    record.version = 1;
    record
}

pub struct Store(pub Vec<Record>);

impl Store {
    /// From `{"app/path": {"fields": [...], "rows": [[...], ...]}}`; types that the registry lacks are left out.
    pub fn read(text: &str) -> Self {
        let data: serde_json::Map<String, Json> = serde_json::from_str(text).unwrap();
        let mut records = Vec::new();
        for (place, table) in &data {
            let (app, path) = place.split_once('/').unwrap();
            let Some(of) = registry::by_path(app, path) else { continue };
            let fields: Vec<&str> = table["fields"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
            for row in table["rows"].as_array().unwrap() {
                records.push(record(of, &fields, row.as_array().unwrap()));
            }
        }
        Self(records)
    }

    pub fn find(&self, type_key: &str, field: &str, value: &str) -> Option<i64> {
        let same = |record: &&Record| match record.get(field) {
            Value::Text(text) => &**text == value,
            Value::Int(number) => number.to_string() == value,
            Value::Bool(yes) => yes.to_string() == value,
            _ => false,
        };
        self.0.iter().filter(|record| record.of.key() == type_key).find(same).map(|record| record.id)
    }

    pub fn fetch(&self, needs: &[Need]) -> Vec<RecordSet> {
        needs.iter().map(|need| self.rows(need)).collect()
    }

    fn rows(&self, need: &Need) -> RecordSet {
        let of = need.object_type().unwrap();
        let wanted = |record: &&Record| match need {
            Need::Rows { ids, .. } => ids.contains(&record.id),
            Need::Relation { field, ids, .. } => match record.get(field) {
                Value::Int(id) => ids.contains(id),
                Value::Ids(all) => all.iter().any(|id| ids.contains(id)),
                _ => false,
            },
            Need::Named { field, values, .. } => values.iter().any(|value| match record.get(field) {
                Value::Text(text) => **text == **value,
                Value::Int(number) => number.to_string() == *value,
                Value::Bool(yes) => yes.to_string() == *value,
                _ => false,
            }),
            Need::All { .. } => true,
        };
        let records: Vec<Record> = self.0.iter().filter(|record| record.of.is(of)).filter(wanted).cloned().collect();
        RecordSet::whole(of, &records)
    }

    /// Runs a session to its end.
    pub fn drive(&self, session: &mut Session, graph: &mut Graph) -> Step {
        loop {
            match session.step(graph) {
                Step::Needs(needs) => graph.answer(&needs, &self.fetch(&needs)).unwrap(),
                end => return end,
            }
        }
    }
}

fn record(of: &'static ObjectType, fields: &[&str], row: &[Json]) -> Record {
    let mut record = Record::new(of);
    record.version = 1;
    // lists of some types leave the times out
    for name in ["created", "updated"].into_iter().filter(|name| of.field(name).is_some()) {
        record.set(name, Value::Time(1_767_225_600_000_000));
    }
    for (name, json) in fields.iter().zip(row) {
        if *name == "id" {
            record.id = json.as_i64().unwrap();
        } else if let Some(field) = of.field(name) {
            let value = match (field.kind, json) {
                (Kind::Reference { .. }, Json::Array(_)) => Value::Null,
                (kind, json) => kind.from_json(json).unwrap_or_else(|error| panic!("{}.{name}: {error}", of.key())),
            };
            record.set(name, value);
        }
    }
    record
}
