//! How objects stand in files that people take away and bring back: CSV in words, JSON in values. Writing and reading are here
//! together, so that what was written reads as the same again: a cell's [`cell`] text or [`json`], read by [`read`], is the
//! value that it was made of, but for references, which are names that whoever reads has to look up.
//!
//! An object is called by its label where no two can have the same (`AS64500 - Example`), else by its label and number
//! (`Example-IX on edge1 #12`). In a list, items stand with commas between them; an item with a comma, a semicolon, a line break
//! or a quotation mark of its own stands in quotation marks, doubled inside, as in CSV.

use crate::{
    Field, Kind, Lookup, ObjectType, Record, Value,
    filter::Path,
    label::{label, label_fields},
    registry,
};
use serde_json::{Map, Value as Json, json};

/// What stands for a secret that is not shown to whoever wrote the file.
pub const NOT_SHOWN: &str = "set, not shown";

/// The number of an object is a column like others.
pub const ID: &str = "id";

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Nothing.
    Empty,
    Value(Value),
    /// An object of a type by a name of it.
    One(&'static ObjectType, String),
    Many(&'static ObjectType, Vec<String>),
}

/// A cell as it came.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// Of a file that has nothing but text.
    Text(&'a str),
    Json(&'a Json),
}

// ---- writing ----

/// Rows as CSV (RFC 4180), a heading first. The number of each is in front: by it a row is found again, whatever else was edited.
pub fn to_csv(columns: &[Path], rows: &[Record], lookup: &dyn Lookup) -> String {
    let line = |id: String, cells: &mut dyn Iterator<Item = String>| csv_line(std::iter::once(id).chain(cells));
    let mut out = line(ID.to_owned(), &mut columns.iter().map(ToString::to_string));
    for record in rows {
        out.push_str(&line(record.id.to_string(), &mut columns.iter().map(|path| cell(path, record, lookup))));
    }
    out
}

/// Rows as a JSON array of objects.
pub fn to_json(columns: &[Path], rows: &[Record], lookup: &dyn Lookup) -> Json {
    let object = |record: &Record| {
        let mut object = Map::new();
        object.insert(ID.to_owned(), json!(record.id));
        object.extend(columns.iter().map(|path| (path.to_string(), json_cell(path, record, lookup))));
        Json::Object(object)
    };
    rows.iter().map(object).collect()
}

/// Rows as a YAML sequence of mappings, one line for each field: a value as JSON is YAML as well.
pub fn to_yaml(columns: &[Path], rows: &[Record], lookup: &dyn Lookup) -> String {
    let mut out = String::new();
    for record in rows {
        out.push_str(&format!("- {ID}: {}\n", record.id));
        for path in columns {
            out.push_str(&format!("  {path}: {}\n", json_cell(path, record, lookup)));
        }
    }
    if out.is_empty() { "[]\n".to_owned() } else { out }
}

fn csv_line(cells: impl Iterator<Item = String>) -> String {
    let quoted = |text: String| {
        if text.contains(['"', ',', '\n', '\r', ';', '\t']) || text.trim() != text {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    cells.map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A record's cell as text.
pub fn cell(path: &Path, record: &Record, lookup: &dyn Lookup) -> String {
    let value = path.value(record, lookup);
    match (path.field().kind, &value) {
        _ if value.is_empty() => String::new(),
        (_, Value::Hidden) => NOT_SHOWN.to_owned(),
        (_, Value::Int(id)) if let Some(to) = leads_to(path, record) => name(to, *id, lookup),
        (Kind::References { to }, Value::Ids(ids)) => list(ids.iter().map(|id| name(to, *id, lookup))),
        (Kind::Choice(_), Value::Text(code)) => path.field().kind.label_of(code).to_owned(),
        (_, Value::Texts(texts)) => list(texts.iter().map(ToString::to_string)),
        (_, Value::Json(json)) => json.to_string(),
        (kind, value) => kind.print(value),
    }
}

/// A record's cell as JSON.
pub fn json_cell(path: &Path, record: &Record, lookup: &dyn Lookup) -> Json {
    let value = path.value(record, lookup);
    match (path.field().kind, &value) {
        (_, Value::Int(id)) if let Some(to) = leads_to(path, record) => json!(name(to, *id, lookup)),
        (Kind::References { to }, Value::Ids(ids)) => ids.iter().map(|id| name(to, *id, lookup)).collect(),
        (kind, value) => kind.to_json(value),
    }
}

/// The type of the one object that a column's value leads to.
fn leads_to(path: &Path, record: &Record) -> Option<&'static ObjectType> {
    match path.field().kind {
        Kind::Reference { to, .. } => Some(to),
        _ if path.hops().is_empty() && record.of.attached_id().is_some_and(|id| id.name == path.field().name) => {
            registry::get(record.attached_to()?.0).ok()
        }
        _ => None,
    }
}

/// What an object is called in a file.
pub fn name(of: &'static ObjectType, id: i64, lookup: &dyn Lookup) -> String {
    match lookup.find(of, id) {
        Some(record) if is_called_uniquely(of) => label(&record, lookup),
        Some(record) => format!("{} #{id}", label(&record, lookup)),
        None => format!("#{id}"),
    }
}

/// Whether no two objects of a type have the same label.
fn is_called_uniquely(of: &ObjectType) -> bool {
    !of.label.contains('[') && label_fields(of).iter().any(|field| field.is_unique())
}

fn list(items: impl Iterator<Item = String>) -> String {
    let quoted = |item: String| {
        if item.contains(is_separator) || item.contains('"') || item.trim() != item || item.is_empty() {
            format!("\"{}\"", item.replace('"', "\"\""))
        } else {
            item
        }
    };
    items.map(quoted).collect::<Vec<_>>().join(", ")
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '\n' | '\r')
}

// ---- reading ----

/// The field by which a type's objects are known as autonomous systems are: by a bare number.
pub fn number_field(of: &'static ObjectType) -> Option<&'static Field> {
    label_fields(of).into_iter().find(|field| matches!(field.kind, Kind::Asn { .. }))
}

/// The fields by which somebody may name an object of a type, the surest first: unique ones, then slugs, addresses, and what
/// it is called after or what is copied from it.
pub fn key_fields(of: &'static ObjectType) -> Vec<&'static Field> {
    let called_after = label_fields(of);
    let rank = |field: &Field| {
        let line = matches!(field.kind, Kind::Text { .. } | Kind::Slug { .. } | Kind::Email);
        let number = matches!(field.kind, Kind::Asn { .. } | Kind::IpHost { .. } | Kind::IpInterface { .. });
        match () {
            () if field.is_internal() || !(line || number) => None,
            () if field.is_unique() => Some(0),
            () if number || matches!(field.kind, Kind::Slug { .. }) => Some(1),
            () if called_after.iter().any(|other| other.name == field.name) => Some(2),
            () if field.is_copy() => Some(3),
            () => None,
        }
    };
    let mut ranked: Vec<_> = of.fields.iter().filter_map(|field| Some((rank(field)?, field))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, field)| field).collect()
}

/// The number at the end of a name: `Example-IX on edge1 #12` is `("Example-IX on edge1", 12)`.
pub fn numbered(name: &str) -> Option<(&str, i64)> {
    let (rest, number) = name.rsplit_once('#')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| digits).map(|number| (rest.trim_end(), number))
}

/// What a cell says. `attached_to`: the type that the row's object is attached to, if it is known.
///
/// # Errors
/// A sentence for the person, saying what to write.
pub fn read(
    of: &ObjectType,
    field: &Field,
    cell: Cell<'_>,
    attached_to: Option<&'static ObjectType>,
) -> Result<Said, String> {
    let json = match cell {
        Cell::Text(text) => return read_text(of, field, text, attached_to),
        Cell::Json(json) => json,
    };
    match (field.kind, json) {
        (_, Json::Null) => Ok(Said::Empty),
        (Kind::Json { .. }, json) => field.kind.from_json(json).map(Said::Value),
        (Kind::Secret { .. }, Json::Object(_)) => field.kind.from_json(json).map(Said::Value),
        (kind, Json::Array(items)) => {
            let items = items.iter().map(scalar).collect::<Option<Vec<String>>>();
            let items = items.ok_or_else(|| format!("{} is expected, not lists in a list.", kind.expected()))?;
            of_items(field, items)
        }
        (kind, json) => match scalar(json) {
            Some(text) => read_text(of, field, &text, attached_to),
            None => Err(format!("{} is expected, not an object.", kind.expected())),
        },
    }
}

fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn read_text(
    of: &ObjectType,
    field: &Field,
    text: &str,
    attached_to: Option<&'static ObjectType>,
) -> Result<Said, String> {
    let whole = matches!(field.kind, Kind::Markdown | Kind::Template | Kind::Secret { .. });
    if text.is_empty() || !whole && text.trim().is_empty() {
        return Ok(Said::Empty);
    }
    match field.kind {
        Kind::Secret { .. } if text == NOT_SHOWN => Ok(Said::Value(Value::Hidden)),
        Kind::Reference { to, .. } => Ok(Said::One(to, text.trim().to_owned())),
        Kind::Int { .. } if of.attached_id().is_some_and(|id| id.name == field.name) => {
            let to = attached_to
                .ok_or("What it belongs to is named by two columns: this one, and the one with its type.")?;
            Ok(Said::One(to, text.trim().to_owned()))
        }
        Kind::References { .. } | Kind::Choices(_) | Kind::TextList | Kind::Permissions | Kind::IntList => {
            of_items(field, items(text)?)
        }
        kind => kind.parse(text).map(Said::Value),
    }
}

fn of_items(field: &Field, items: Vec<String>) -> Result<Said, String> {
    let one = |kind: Kind, item: &str| kind.parse(item);
    match field.kind {
        Kind::References { to } => Ok(Said::Many(to, items)),
        Kind::TextList | Kind::Permissions => {
            Ok(Said::Value(Value::Texts(items.into_iter().map(Into::into).collect())))
        }
        Kind::Choices(set) => {
            let codes = items.iter().map(|item| match one(Kind::Choice(set), item)? {
                Value::Text(code) => Ok(code),
                _ => Err(format!("“{item}” is not one of them.")),
            });
            Ok(Said::Value(Value::Texts(codes.collect::<Result<_, String>>()?)))
        }
        Kind::IntList => {
            let number = |item: &String| item.parse().map_err(|_| format!("“{item}” is not a whole number."));
            Ok(Said::Value(Value::Ids(items.iter().map(number).collect::<Result<_, String>>()?)))
        }
        kind => Err(format!("{} is expected, not a list.", kind.expected())),
    }
}

/// The items of a list.
fn items(text: &str) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('"') {
            let mut item = String::new();
            let mut letters = inside.char_indices();
            let end = loop {
                match letters.next() {
                    Some((at, '"')) if inside[at + 1..].starts_with('"') => {
                        letters.next();
                        item.push('"');
                    }
                    Some((at, '"')) => break at + 1,
                    Some((_, letter)) => item.push(letter),
                    None => return Err("A quotation mark is not closed.".to_owned()),
                }
            };
            items.push(item);
            rest = inside[end..].trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(is_separator) {
                return Err("After a closed quotation mark a comma is expected.".to_owned());
            }
        } else {
            let end = rest.find(is_separator).unwrap_or(rest.len());
            let item = rest[..end].trim();
            if !item.is_empty() {
                items.push(item.to_owned());
            }
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches(|c: char| is_separator(c) || c.is_whitespace());
    }
    Ok(items)
}

/// Whether people say what a field holds.
pub fn is_said_by_people(field: &Field) -> bool {
    !field.is_internal() && !field.is_read_only() && !field.is_observed()
}

/// The field that a column's heading means: by its name or its label, whatever the case.
pub fn field_of_heading(of: &'static ObjectType, heading: &str) -> Option<&'static Field> {
    let wanted = heading.trim();
    let named = |field: &&Field| field.name.eq_ignore_ascii_case(wanted);
    let labelled = |field: &&Field| field.label().to_lowercase() == wanted.to_lowercase();
    let known = || of.fields.iter().filter(|field| !field.is_internal());
    known().find(named).or_else(|| known().find(labelled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AUTONOMOUS_SYSTEM, CONNECTION, ROUTER, TAG};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_read_as_they_were_written(list_of in proptest::collection::vec("[ -~\n\"',;é]{1,12}", 0..6)) {
            prop_assert_eq!(items(&list(list_of.iter().cloned())), Ok(list_of));
        }
    }

    #[test]
    fn objects_are_called_so_that_one_is_meant() {
        let network =
            Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(64_500)).with("name", Value::text("Example, Inc."));
        struct Only(Record);
        impl Lookup for Only {
            fn find(&self, of: &'static ObjectType, _: i64) -> Option<Record> {
                Some(self.0.clone()).filter(|record| record.of.is(of))
            }
        }
        assert_eq!(name(&AUTONOMOUS_SYSTEM, 7, &Only(network)), "AS64500 - Example, Inc.");
        assert_eq!(name(&CONNECTION, 7, &Only(Record::new(&CONNECTION))), "Connection #0 #7");
        assert_eq!(name(&TAG, 7, &()), "#7");
        assert_eq!(numbered("Connection #0 #7"), Some(("Connection #0", 7)));
        assert_eq!(numbered("C#"), None);
    }

    #[test]
    fn what_an_object_is_named_by_follows_from_its_type() {
        let names = |of| key_fields(of).iter().map(|field| field.name).collect::<Vec<_>>();
        assert_eq!(names(&ROUTER)[..2], ["name", "hostname"]);
        assert_eq!(names(&TAG), ["name", "slug"]);
        assert_eq!(names(&AUTONOMOUS_SYSTEM)[..2], ["asn", "name"]);
        assert_eq!(number_field(&AUTONOMOUS_SYSTEM).map(|field| field.name), Some("asn"));
        assert!(number_field(&TAG).is_none());
    }
}
