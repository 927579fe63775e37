//! Objects that records refer to, in brief: what their labels need and what is marked `brief`. Fetched in rounds, one
//! statement for each type and round, because a label may lead further (a session is called after its connection's
//! exchange); how many rounds there are follows from the labels, never from the number of rows.

use crate::{
    StoreError,
    database::Door,
    rows::{Wanted, load_visible},
};
use peerage_model::{
    Field, Lookup, ObjectType, Record, Value, Who, filter::named_after, permit::View, query::brief_fields, registry,
    wire::RecordSet,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Labels lead at most this far; a circle of labels ends here.
const MOST_ROUNDS: usize = 6;

/// Objects in brief. Finds them for labels.
#[derive(Clone, Debug, Default)]
pub struct Related {
    types: Vec<(&'static ObjectType, HashMap<i64, Record>)>,
}

impl Related {
    /// Adds records that are at hand anyway.
    pub fn add(&mut self, records: impl IntoIterator<Item = Record>) {
        for record in records {
            self.of(record.of).insert(record.id, record);
        }
    }

    /// As they travel, each type's in the order of their ids.
    pub fn into_sets(self) -> Vec<RecordSet> {
        let set = |(of, records): (&'static ObjectType, HashMap<i64, Record>)| {
            let mut records: Vec<Record> = records.into_values().collect();
            records.sort_unstable_by_key(|record| record.id);
            RecordSet::new(of, &brief_fields(of), &records)
        };
        self.types.into_iter().filter(|(_, records)| !records.is_empty()).map(set).collect()
    }

    fn of(&mut self, of: &'static ObjectType) -> &mut HashMap<i64, Record> {
        let at = self.types.iter().position(|(known, _)| known.is(of)).unwrap_or_else(|| {
            self.types.push((of, HashMap::new()));
            self.types.len() - 1
        });
        &mut self.types[at].1
    }

    fn knows(&self, of: &'static ObjectType, id: i64) -> bool {
        self.types.iter().any(|(known, records)| known.is(of) && records.contains_key(&id))
    }
}

impl Lookup for Related {
    fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record> {
        self.types.iter().find(|(known, _)| known.is(of))?.1.get(&id).cloned()
    }
}

/// Ids that are still to be fetched, by the type's key so that the order is always the same.
#[derive(Default)]
struct Missing(BTreeMap<String, (Option<&'static ObjectType>, BTreeSet<i64>)>);

impl Missing {
    fn note(&mut self, who: &Who, known: &Related, record: &Record, index: usize) {
        let Some(to) = record.of.fields.get(index).and_then(|field| leads_to(record, field)) else { return };
        if !who.allows::<View>(to) {
            return;
        }
        let ids = match record.at(index) {
            Value::Int(id) => std::slice::from_ref(id),
            Value::Ids(ids) => ids,
            _ => return,
        };
        let entry = self.0.entry(to.key()).or_default();
        entry.0 = Some(to);
        entry.1.extend(ids.iter().filter(|id| !known.knows(to, **id)));
    }
}

/// The type of what a field refers to: that of its description, or the one that the record names beside it.
fn leads_to(record: &Record, field: &Field) -> Option<&'static ObjectType> {
    let attached = record.of.attached.filter(|attached| attached.id == field.name);
    attached.map_or_else(|| field.kind.target(), |attached| registry::get(record.text(attached.of)).ok())
}

/// What the given fields of some records refer to, and what those labels need in turn, as far as `who` may see it.
pub(crate) async fn gather(
    door: &mut Door<'_>,
    who: &Who,
    records: &[Record],
    fields: &[usize],
) -> Result<Related, StoreError> {
    let mut related = Related::default();
    let mut missing = Missing::default();
    for record in records {
        for index in fields {
            missing.note(who, &related, record, *index);
        }
    }
    for _ in 0..MOST_ROUNDS {
        let mut next = Missing::default();
        for (of, ids) in std::mem::take(&mut missing.0).into_values() {
            let Some(of) = of else { continue };
            let ids: Vec<i64> = ids.into_iter().filter(|id| !related.knows(of, *id)).collect();
            if ids.is_empty() {
                continue;
            }
            let found = load_visible(door, who, &Wanted::new(of, brief_fields(of)), &ids).await?;
            for record in &found {
                for index in named_after(of).filter_map(|(field, _)| of.index_of(field.name)) {
                    next.note(who, &related, record, index);
                }
            }
            related.add(found);
        }
        if next.0.is_empty() {
            break;
        }
        missing = next;
    }
    Ok(related)
}
