//! What a run found changed upstream, row by row: noted in the transaction that writes the rows, so that no note tells of
//! what did not happen, and nothing happens untold. A type that was never taken before is only counted.
//!
//! A run notes all changes that concern us, and of the others the first [`MOST_OTHERS`]; how many were left out is known.

use super::{cache::Stamps, concerns::Concerns, ours::by_id};
use peerage_model::{
    Field, Kind, ObjectType, OnDelete, Origin, Permit, Record, Value, Who,
    label::label,
    peeringdb::{NAMESPACES, NO_CONCERN, UPSTREAM_CHANGE},
    permit::View,
    registry,
};
use peerage_store::{Store, StoreError};
use serde_json::{Value as Json, json};
use std::collections::{HashMap, HashSet};

/// Changes of one run that are noted although they do not concern us.
const MOST_OTHERS: usize = 2000;
/// Characters of a text that are kept.
const MOST_TEXT: usize = 300;

/// The changes of a run.
pub struct Changes<'a> {
    store: &'a Store,
    who: &'a Who,
    /// Loaded with the first change: most runs in which nothing changed need none.
    concerns: Option<Concerns>,
    others: usize,
    pub concerning: usize,
    pub left_out: usize,
}

/// What is to be noted of rows that are about to be written.
#[derive(Default)]
pub struct Noted {
    pub notes: Vec<Record>,
    /// Changes that are only counted.
    pub left_out: usize,
}

/// A row before and after.
struct Change {
    namespace: &'static str,
    before: Option<Record>,
    after: Option<Record>,
}

impl Change {
    /// What is known of it last.
    fn row(&self) -> Option<&Record> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

impl<'a> Changes<'a> {
    pub fn new(store: &'a Store, who: &'a Who) -> Self {
        Self { store, who, concerns: None, others: 0, concerning: 0, left_out: 0 }
    }

    /// Counts what was written.
    pub fn count<'n>(&mut self, notes: impl IntoIterator<Item = &'n Record>, left_out: usize) {
        for note in notes {
            *if note.text("concern") == NO_CONCERN { &mut self.others } else { &mut self.concerning } += 1;
        }
        self.left_out += left_out;
    }

    /// Notes of what is about to be written: rows of one type that come, and ids of those that go.
    pub async fn of(
        &mut self,
        namespace: &'static str,
        of: &'static ObjectType,
        upserts: &[Record],
        deletes: &[i64],
        stamps: &Stamps,
    ) -> Result<Noted, StoreError> {
        if upserts.is_empty() && deletes.is_empty() {
            return Ok(Noted::default());
        }
        let mut concerns = match self.concerns.take() {
            Some(concerns) => concerns,
            None => Concerns::load(self.store, self.who).await?,
        };
        let notes = self.all(&mut concerns, namespace, of, upserts, deletes, stamps).await;
        self.concerns = Some(concerns);
        notes
    }

    async fn all(
        &mut self,
        concerns: &mut Concerns,
        namespace: &'static str,
        of: &'static ObjectType,
        upserts: &[Record],
        deletes: &[i64],
        stamps: &Stamps,
    ) -> Result<Noted, StoreError> {
        let known: Vec<i64> = upserts.iter().map(|row| row.id).filter(|id| stamps.of.contains_key(id)).collect();
        let mut before: HashMap<i64, Record> =
            by_id(self.store, self.who, of, &known).await?.into_iter().map(|row| (row.id, row)).collect();
        let mut changes: Vec<Change> = upserts
            .iter()
            .map(|row| Change { namespace, before: before.remove(&row.id), after: Some(row.clone()) })
            .filter(|change| change.before.as_ref().is_none_or(|before| differs(before, change.after.as_ref())))
            .collect();
        changes.extend(self.going(namespace, of, deletes).await?);

        let mut kept = Vec::new();
        let mut left_out = 0;
        let mut others = self.others;
        for change in changes {
            let concern = concerns.judge(change.namespace, change.before.as_ref(), change.after.as_ref());
            if !concern.is_any() {
                if others >= MOST_OTHERS {
                    left_out += 1;
                    continue;
                }
                others += 1;
            }
            kept.push((change, concern));
        }
        let labels = self.labels(kept.iter().filter_map(|(change, _)| change.row())).await?;
        let notes = kept
            .iter()
            .filter_map(|(change, concern)| {
                let row = change.row()?;
                let action = match (&change.before, &change.after) {
                    (None, _) => "appeared",
                    (_, Some(_)) => "changed",
                    (_, None) => "went",
                };
                let subject = labels.get(&(row.of.model, row.id)).cloned().unwrap_or_default();
                let note = Record::new(&UPSTREAM_CHANGE)
                    .with("concern", Value::text(concern.level))
                    .with("action", Value::text(action))
                    .with("namespace", Value::text(change.namespace))
                    .with("subject", Value::text(cut(&subject, 255)))
                    .with("why", Value::text(cut(&concern.why, 500)))
                    .with("object_id", Value::Int(row.id))
                    .with("changes", differences(change))
                    .with("ours", concern.ours());
                Some(note)
            })
            .collect();
        Ok(Noted { notes, left_out })
    }

    /// Rows that go, and what goes with them: upstream has tombstones of those as well, but by then they are not here.
    async fn going(
        &self,
        namespace: &'static str,
        of: &'static ObjectType,
        ids: &[i64],
    ) -> Result<Vec<Change>, StoreError> {
        let mut going = Vec::new();
        let mut seen: HashSet<(&str, i64)> = HashSet::new();
        let mut waves = vec![(namespace, by_id(self.store, self.who, of, ids).await?)];
        while let Some((namespace, mut rows)) = waves.pop() {
            rows.retain(|row| seen.insert((row.of.model, row.id)));
            let Some(first) = rows.first() else { continue };
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            for (child, field) in registry::referring(first.of).filter(|(child, field)| cascades(child, field)) {
                let Some((name, _)) = NAMESPACES.iter().find(|(_, of)| of.is(child)) else { continue };
                let permit: Permit<View> = self.who.permit(child)?;
                waves.push((name, self.store.reverse(&permit, field.name, &ids).await?));
            }
            going.extend(rows.into_iter().map(|row| Change { namespace, before: Some(row), after: None }));
        }
        Ok(going)
    }

    /// What rows are called, by type and id.
    async fn labels<'r>(
        &self,
        rows: impl Iterator<Item = &'r Record>,
    ) -> Result<HashMap<(&'static str, i64), String>, StoreError> {
        let mut by_type: Vec<(&'static ObjectType, Vec<Record>)> = Vec::new();
        for row in rows {
            match by_type.iter_mut().find(|(of, _)| of.is(row.of)) {
                Some((_, rows)) => rows.push(row.clone()),
                None => by_type.push((row.of, vec![row.clone()])),
            }
        }
        let mut labels = HashMap::new();
        for (of, rows) in by_type {
            let permit: Permit<View> = self.who.permit(of)?;
            let related = self.store.related(&permit, &rows).await?;
            labels.extend(rows.iter().map(|row| ((of.model, row.id), label(row, &related))));
        }
        Ok(labels)
    }
}

fn cascades(child: &ObjectType, field: &Field) -> bool {
    child.origin == Origin::PeeringDb && matches!(field.kind, Kind::Reference { on_delete: OnDelete::Cascade, .. })
}

/// Fields that say when, not what.
fn is_stamp(field: &Field) -> bool {
    matches!(field.name, "created" | "updated")
}

fn differs(before: &Record, after: Option<&Record>) -> bool {
    after.is_none_or(|after| after.differences(before).any(|(field, ..)| !is_stamp(field)))
}

/// `[{field, before, after}]`: of a row that came or went what its list shows.
fn differences(change: &Change) -> Value {
    let told: Vec<Json> = match (&change.before, &change.after) {
        (Some(before), Some(after)) => after
            .differences(before)
            .filter(|(field, ..)| !is_stamp(field))
            .map(|(field, before, after)| {
                json!({"field": field.name, "before": short(field, before), "after": short(field, after)})
            })
            .collect(),
        (None, Some(row)) => shown(row).map(|(field, value)| json!({"field": field, "after": value})).collect(),
        (Some(row), None) => shown(row).map(|(field, value)| json!({"field": field, "before": value})).collect(),
        (None, None) => Vec::new(),
    };
    if told.is_empty() { Value::Null } else { Value::Json(Json::Array(told).into()) }
}

fn shown(row: &Record) -> impl Iterator<Item = (&'static str, Json)> + '_ {
    let told = |field: &Field, value: &Value| field.is_column() && !value.is_empty() && field.kind.target().is_none();
    row.iter().filter(move |(field, value)| told(field, value)).map(|(field, value)| (field.name, short(field, value)))
}

fn short(field: &Field, value: &Value) -> Json {
    match field.kind.to_json(value) {
        Json::String(text) => Json::String(cut(&text, MOST_TEXT)),
        Json::Array(_) | Json::Object(_) => Json::String(cut(&field.kind.print(value), MOST_TEXT)),
        other => other,
    }
}

/// The text, or its beginning.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most.saturating_sub(1)) {
        Some((at, _)) if text[at..].chars().count() > 1 => format!("{}…", &text[..at]),
        _ => text.to_owned(),
    }
}
