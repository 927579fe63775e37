//! What travels between browser, scripts and server. Records go as columns: `{type, fields, rows}`, where a row is
//! `[id, version, value, ...]` in the order of `fields`. Everything is resolved against the registry here and nowhere
//! else; an unknown name is a problem with its path.

use crate::{ObjectType, Problem, Record, Value, filter::unknown_field, registry};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// Records of one type as columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RecordSet {
    #[serde(rename = "type")]
    pub of: String,
    pub fields: Vec<String>,
    /// `[id, version, value, ...]`
    pub rows: Vec<Vec<Json>>,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub records: RecordSet,
    /// Objects that the rows refer to, in brief: enough for their labels.
    pub related: Vec<RecordSet>,
    /// All rows that match, on every page.
    pub total: u64,
}

/// A write: only the fields that change, and the version that they were based on (0: a new object).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(rename = "type")]
    pub of: String,
    #[serde(default)]
    pub id: i64,
    #[serde(default)]
    pub version: i64,
    #[serde(default)]
    pub fields: Map<String, Json>,
}

/// One object by type and number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    #[serde(rename = "type")]
    pub of: String,
    pub id: i64,
}

impl RecordSet {
    /// Some fields (by index) of some records of one type.
    pub fn new(of: &'static ObjectType, fields: &[usize], records: &[Record]) -> Self {
        let row = |record: &Record| {
            let values = fields.iter().map(|index| of.fields[*index].kind.to_json(record.at(*index)));
            [Json::from(record.id), Json::from(record.version)].into_iter().chain(values).collect()
        };
        Self {
            of: of.key(),
            fields: fields.iter().map(|index| of.fields[*index].name.to_owned()).collect(),
            rows: records.iter().map(row).collect(),
        }
    }

    /// All fields that may leave the server.
    pub fn whole(of: &'static ObjectType, records: &[Record]) -> Self {
        let fields: Vec<usize> = (0..of.fields.len()).filter(|index| !of.fields[*index].is_internal()).collect();
        Self::new(of, &fields, records)
    }

    /// Back to records; fields that did not travel are null.
    ///
    /// # Errors
    /// `Malformed`, with the path of what is not understood.
    pub fn resolve(&self) -> Result<Vec<Record>, Problem> {
        let of = registry::get(&self.of).map_err(|message| Problem::malformed(format!("type: {message}")))?;
        let indexes = self
            .fields
            .iter()
            .enumerate()
            .map(|(at, name)| {
                of.index_of(name).ok_or_else(|| Problem::malformed(format!("fields.{at}: {}", unknown_field(of, name))))
            })
            .collect::<Result<Vec<_>, _>>()?;
        self.rows.iter().enumerate().map(|(at, row)| resolve_row(of, &indexes, at, row)).collect()
    }
}

fn resolve_row(of: &'static ObjectType, indexes: &[usize], at: usize, row: &[Json]) -> Result<Record, Problem> {
    let [id, version, values @ ..] = row else {
        return Err(Problem::malformed(format!("rows.{at}: id and version are missing.")));
    };
    if values.len() != indexes.len() {
        let message = format!("rows.{at}: {} values for {} fields.", values.len(), indexes.len());
        return Err(Problem::malformed(message));
    }
    let number =
        |json: &Json| json.as_i64().ok_or_else(|| Problem::malformed(format!("rows.{at}: {json} is no number.")));
    let mut slots = vec![Value::Null; of.fields.len()];
    for (index, json) in indexes.iter().zip(values) {
        let field = &of.fields[*index];
        slots[*index] = field
            .kind
            .from_json(json)
            .map_err(|message| Problem::malformed(format!("rows.{at}.{}: {message}", field.name)))?;
    }
    Ok(Record::from_values(of, number(id)?, number(version)?, slots))
}

impl Edit {
    /// The edit that makes `after` from `before` (or from nothing).
    pub fn between(before: Option<&Record>, after: &Record) -> Self {
        let changed = after.iter().enumerate().filter(|(index, (field, value))| {
            !field.is_internal()
                && !field.is_read_only()
                && !matches!(value, Value::Hidden)
                && before.is_none_or(|before| before.at(*index) != *value)
        });
        Self {
            of: after.of.key(),
            id: before.map_or(0, |before| before.id),
            version: before.map_or(0, |before| before.version),
            fields: changed.map(|(_, (field, value))| (field.name.to_owned(), field.kind.to_json(value))).collect(),
        }
    }

    /// # Errors
    /// `Malformed` for an unknown type, with the nearest known name.
    pub fn of(&self) -> Result<&'static ObjectType, Problem> {
        registry::get(&self.of).map_err(|message| Problem::malformed(format!("type: {message}")))
    }

    /// The record as it will be: `before` (or a new one) with these fields.
    ///
    /// # Errors
    /// `Malformed` for an unknown field, `Invalid` at the field for a value of the wrong form or one that only the system sets.
    pub fn apply(&self, before: Option<&Record>) -> Result<Record, Problem> {
        let of = self.of()?;
        let mut record = before.cloned().unwrap_or_else(|| Record::new(of));
        let mut problems = crate::check::Problems::default();
        for (name, json) in &self.fields {
            let index = of.index_of(name).filter(|index| !of.fields[*index].is_internal());
            let index =
                index.ok_or_else(|| Problem::malformed(format!("fields.{name}: {}", unknown_field(of, name))))?;
            let field = &of.fields[index];
            if field.is_read_only() {
                problems.add(name, format!("{} is set by the system.", field.label()));
                continue;
            }
            match field.kind.from_json(json) {
                Ok(Value::Hidden) => {}
                Ok(value) => record.set_at(index, value),
                Err(message) => problems.add(name, message),
            }
        }
        problems.into_result()?;
        Ok(record)
    }
}
