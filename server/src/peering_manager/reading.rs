//! Records from rows as Peering Manager's REST API lists them.

use peerage_model::{Field, Kind, ObjectType, Record, Value, types::DATA_SOURCE};
use serde_json::{Map, Value as Json};

/// A record that is to be taken over.
#[derive(Clone, Debug)]
pub struct Row {
    pub record: Record,
    /// Which fields it came with, by index; the others hold their defaults.
    pub given: Vec<usize>,
}

/// The record that a row stands for. Fields that are not ours are passed over, and unless the row is `whole` also those that
/// never leave a server. A row without a number gets 0.
///
/// # Errors
/// A sentence naming the field that cannot be read.
pub fn row(of: &'static ObjectType, json: &Map<String, Json>, whole: bool) -> Result<Row, String> {
    let mut record = Record::new(of);
    record.id = json.get("id").and_then(Json::as_i64).unwrap_or_default();
    let mut given = Vec::new();
    for (index, field) in of.fields.iter().enumerate().filter(|(_, field)| whole || !field.is_internal()) {
        let Some(json) = json.get(field.name) else { continue };
        let value = value(field, json).map_err(|message| format!("{}: {message}", field.name))?;
        record.set_at(index, value);
        given.push(index);
    }
    if of.is(&DATA_SOURCE) {
        take_password(&mut record, &mut given);
    }
    Ok(Row { record, given })
}

fn value(field: &Field, json: &Json) -> Result<Value, String> {
    let id = |json: &Json| json.as_i64().or_else(|| json.get("id")?.as_i64());
    match (field.kind, json) {
        (_, Json::Null) if field.is_nullable() => Ok(Value::Null),
        // there it stands for what is not known as well
        (_, Json::Number(count)) if field.is_counted() && count.as_i64() == Some(0) => Ok(Value::Null),
        (Kind::Json { .. }, json) => field.kind.from_json(json),
        (_, Json::Null) => Ok(field.empty_value()),
        (Kind::Reference { .. }, json) => {
            id(json).map(Value::Int).ok_or_else(|| "an object without a number".to_owned())
        }
        (Kind::References { .. }, Json::Array(items)) => {
            let ids =
                items.iter().map(|item| id(item).ok_or("an object without a number")).collect::<Result<Vec<_>, _>>()?;
            let mut ids = ids;
            ids.sort_unstable();
            ids.dedup();
            Ok(Value::Ids(ids.into()))
        }
        (kind, Json::Object(choice)) if kind.is_textual() => kind.from_json(choice.get("value").unwrap_or(&Json::Null)),
        // a person's empty secret is none
        (Kind::Secret { .. }, Json::String(text)) if text.is_empty() && !field.is_read_only() => Ok(Value::Null),
        (Kind::IpHost { .. }, Json::String(text)) => field.kind.parse(text.split('/').next().unwrap_or_default()),
        (kind, json) => kind.from_json(json),
    }
}

/// A git repository's password stands among its parameters there; here it is a secret.
fn take_password(record: &mut Record, given: &mut Vec<usize>) {
    let Value::Json(parameters) = record.get("parameters").clone() else { return };
    let mut parameters = (*parameters).clone();
    let password = parameters.as_object_mut().and_then(|parameters| parameters.remove("password"));
    let Some(Json::String(password)) = password else { return };
    record.set("parameters", Value::Json(parameters.into()));
    record.set("password", Value::text(password));
    given.extend(record.of.index_of("password"));
}
