//! What travels between browser, scripts and server. Records go as columns: `{type, fields, rows}`, where a row is
//! `[id, version, value, ...]` in the order of `fields`. Everything is resolved against the registry here and nowhere
//! else; an unknown name is a problem with its path.

use crate::{Kind, ObjectType, Problem, Record, Value, filter::unknown_field, registry};
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

/// A write: only the fields that change, and the version that they were based on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(rename = "type")]
    pub of: String,
    /// 0: a new object.
    #[serde(default)]
    pub id: i64,
    /// 0: whichever there is. Forms always say theirs; a script that sets a field to what must be there need not look first.
    #[serde(default)]
    pub version: i64,
    #[serde(default)]
    pub fields: Map<String, Json>,
    /// Warnings were seen: it is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insist: bool,
}

/// One object by type and number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRef {
    #[serde(rename = "type")]
    pub of: String,
    pub id: i64,
}

/// Objects of one type: these, or all that a filter shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    #[serde(rename = "type")]
    pub of: String,
    #[serde(default)]
    pub ids: Vec<i64>,
    /// See [`crate::filter`]. Taken when there are no ids; the empty filter shows everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}

/// The same change to many objects. A field that is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManyEdits {
    pub which: Selection,
    /// New values; null or the empty text clears.
    #[serde(default)]
    pub fields: Map<String, Json>,
    /// Of fields that lead to many objects (tags): ids that are added to what is there...
    #[serde(default)]
    pub add: Map<String, Json>,
    /// ... and ids that are taken away.
    #[serde(default)]
    pub remove: Map<String, Json>,
    /// Warnings were seen: it is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insist: bool,
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

impl ManyEdits {
    /// A record as it will be.
    ///
    /// # Errors
    /// As [`Edit::apply`].
    pub fn apply(&self, before: &Record) -> Result<Record, Problem> {
        let mut fields = self.fields.clone();
        for (changes, adds) in [(&self.add, true), (&self.remove, false)] {
            for (name, json) in changes {
                let field = before.of.field(name).filter(|field| matches!(field.kind, Kind::References { .. }));
                let field = field.ok_or_else(|| {
                    Problem::malformed(format!("{name}: only fields that lead to many objects take ids in and out."))
                })?;
                let told = field.kind.from_json(json).map_err(|why| Problem::field(name.as_str(), why))?;
                let now = fields.get(name).map_or_else(|| field.kind.to_json(before.get(name)), Json::clone);
                let now = field.kind.from_json(&now).map_err(|why| Problem::field(name.as_str(), why))?;
                let mut ids = now.as_ids().to_vec();
                ids.retain(|id| !told.as_ids().contains(id));
                if adds {
                    ids.extend(told.as_ids());
                }
                fields.insert(name.clone(), field.kind.to_json(&Value::Ids(ids.into())));
            }
        }
        Edit { of: before.of.key(), fields, ..Edit::default() }.apply(Some(before))
    }
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
            insist: false,
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
                // as the form does: blanks around what stands on one line are nobody's wish
                Ok(Value::Text(text)) if matches!(field.kind, Kind::Text { .. } | Kind::Slug { .. }) => {
                    record.set_at(index, Value::text(text.trim()));
                }
                Ok(value) => record.set_at(index, value),
                Err(message) => problems.add(name, message),
            }
        }
        problems.into_result()?;
        if let Some(settle) = of.settled {
            settle(&mut record);
        }
        Ok(record)
    }
}
