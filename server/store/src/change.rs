//! Change records: what an object was and what it became, who did it, and in which request. They are gathered while a
//! [`Write`](crate::Write) is under way and stored by its commit, in the same transaction.
//!
//! What people edit is recorded; tokens and sign-ins are not. Whoever reads the change log sees changes of the types that they
//! may see. Secrets stand as asterisks, one that was changed as `***CHANGED***`; fields that
//! never leave the server do not stand at all; `updated` does not, because it says nothing that the record's time does not.

use crate::{
    Action, StoreError,
    database::Door,
    related::{Related, gather},
};
use peerage_model::{
    Kind, ObjectType, Record, Value, Who,
    filter::named_after,
    label::label,
    types::{CHANGE, USER},
};
use serde_json::{Map, Value as Json};

const SECRET: &str = "*************";
const SECRET_CHANGED: &str = "***CHANGED***";
/// Characters of the object's label that are kept.
const LABEL: usize = 200;

/// A change that is not stored yet.
pub(crate) struct Pending {
    pub action: Action,
    /// The object's label where it cannot be told later, because what it is called after goes as well.
    pub label: Option<String>,
    pub before: Option<Record>,
    pub after: Option<Record>,
}

impl Pending {
    fn record(&self) -> Option<&Record> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

/// Whether changes of a type are recorded.
pub(crate) fn is_recorded(of: &ObjectType) -> bool {
    of.origin.is_edited()
}

/// The account to which the changes are ascribed: whoever deletes their own is named and not referred to.
pub(crate) fn user(who: &Who, pending: &[Pending]) -> Option<i64> {
    let gone = |change: &Pending| {
        change.action == Action::Delete
            && change.before.as_ref().is_some_and(|gone| gone.of.is(&USER) && who.user == Some(gone.id))
    };
    who.user.filter(|_| !pending.iter().any(gone))
}

/// Rows for the change log, in the order in which things were done.
pub(crate) async fn rows(
    door: &mut Door<'_>,
    who: &Who,
    user: Option<i64>,
    request_id: &str,
    at: i64,
    pending: &[Pending],
) -> Result<Vec<Record>, StoreError> {
    let mut types: Vec<&'static ObjectType> = Vec::new();
    for change in pending.iter().filter(|change| change.label.is_none()) {
        if let Some(record) = change.record()
            && !types.contains(&record.of)
        {
            types.push(record.of);
        }
    }
    let mut related: Vec<(&'static ObjectType, Related)> = Vec::new();
    for of in types {
        let records: Vec<Record> =
            pending.iter().filter_map(Pending::record).filter(|record| record.of.is(of)).cloned().collect();
        related.push((of, label_relations(door, who, of, &records).await?));
    }
    let row = |change: &Pending| -> Option<Record> {
        let record = change.record()?;
        let words = change.label.clone().unwrap_or_else(|| {
            let known = related.iter().find(|(of, _)| of.is(record.of)).map(|(_, related)| related);
            known.map_or_else(|| label(record, &()), |known| label(record, known))
        });
        let data = |side: &Option<Record>, against: Option<&Record>| {
            side.as_ref().map_or(Value::Null, |record| Value::Json(snapshot(record, against).into()))
        };
        Some(
            Record::new(&CHANGE)
                .with("time", Value::Time(at))
                .with("user", user.map_or(Value::Null, Value::Int))
                .with("user_name", Value::text(&*who.name))
                .with("request_id", Value::text(request_id))
                .with("action", Value::text(change.action.word()))
                .with("changed_object_type", Value::text(record.of.key()))
                .with("changed_object_id", Value::Int(record.id))
                .with("object_repr", Value::text(words.chars().take(LABEL).collect::<String>()))
                .with("prechange_data", data(&change.before, None))
                .with("postchange_data", data(&change.after, change.before.as_ref())),
        )
    };
    Ok(pending.iter().filter_map(row).collect())
}

/// What the labels of some records need.
pub(crate) async fn label_relations(
    door: &mut Door<'_>,
    who: &Who,
    of: &'static ObjectType,
    records: &[Record],
) -> Result<Related, StoreError> {
    let fields: Vec<usize> = named_after(of).filter_map(|(field, _)| of.index_of(field.name)).collect();
    gather(door, who, records, &fields).await
}

/// A record as the change log keeps it; `against` is what it was before.
fn snapshot(record: &Record, against: Option<&Record>) -> Json {
    let mut data = Map::new();
    for (index, (field, value)) in record.iter().enumerate() {
        if field.is_internal() || field.name == "updated" {
            continue;
        }
        let json = match (field.kind, value) {
            (Kind::Secret { .. }, Value::Null) => Json::Null,
            (Kind::Secret { .. }, value) if against.is_some_and(|before| before.at(index) != value) => {
                SECRET_CHANGED.into()
            }
            (Kind::Secret { .. }, _) => SECRET.into(),
            (kind, value) => kind.to_json(value),
        };
        data.insert(field.name.to_owned(), json);
    }
    Json::Object(data)
}
