//! How a field lies in a table: which columns it has, and its values as what the databases hold. Written once here, so
//! that reading, writing, filters and the schema cannot disagree.
//!
//! A reference is a column `<name>_id`; references have no column but a table of their own ([`link_table`]); addresses are
//! text in their canonical form and a second column `<name>_key` that sorts and searches like the address
//! ([`peerage_model::address`]). Lists are JSON with one item a line: a raw line end cannot stand inside a JSON string,
//! so that `\nITEM\n` finds an item exactly, on both databases alike.

use crate::{
    StoreError,
    secret::{SecretError, SecretKey},
};
use peerage_model::{Field, Kind, ObjectType, Problem, Value, address};
use std::sync::Arc;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Int,
    Bool,
    Real,
    Text,
}

/// What came out of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Bool(bool),
    Real(f64),
    Text(String),
}

impl Cell {
    pub fn int(&self) -> i64 {
        if let Self::Int(number) = self { *number } else { 0 }
    }
}

/// A column of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub shape: Shape,
    pub nullable: bool,
}

/// The column that holds a field's value.
pub(crate) fn main_column(field: &Field) -> String {
    match field.kind {
        Kind::Reference { .. } => format!("{}_id", field.name),
        _ => field.name.to_owned(),
    }
}

/// The column that a field is ordered, and for addresses compared, by.
pub(crate) fn sort_column(field: &Field) -> String {
    if is_address(field.kind) { format!("{}_key", field.name) } else { main_column(field) }
}

pub(crate) fn is_address(kind: Kind) -> bool {
    matches!(kind, Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix)
}

pub(crate) fn has_search(of: &ObjectType) -> bool {
    of.fields.iter().any(Field::is_search)
}

/// The table of a [`Kind::References`] field: `owner_id`, `target_id`.
pub(crate) fn link_table(of: &ObjectType, field: &Field) -> String {
    format!("{}_{}", of.table(), field.name)
}

pub(crate) fn links(of: &'static ObjectType) -> impl Iterator<Item = (usize, &'static Field, &'static ObjectType)> {
    of.fields.iter().enumerate().filter_map(|(index, field)| match field.kind {
        Kind::References { to } => Some((index, field, to)),
        _ => None,
    })
}

pub(crate) fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::Bool => Shape::Bool,
        Kind::Int { .. } | Kind::Asn { .. } | Kind::Time | Kind::Reference { .. } | Kind::References { .. } => {
            Shape::Int
        }
        Kind::Float { .. } => Shape::Real,
        _ => Shape::Text,
    }
}

/// The columns of a field, the one with its value first; none for references.
pub fn columns(field: &Field) -> Vec<Column> {
    if matches!(field.kind, Kind::References { .. }) {
        return Vec::new();
    }
    let nullable = field.is_nullable();
    let mut columns = vec![Column { name: main_column(field), shape: shape(field.kind), nullable }];
    if is_address(field.kind) {
        columns.push(Column { name: sort_column(field), shape: Shape::Text, nullable });
    }
    columns
}

/// `peering_router.napalm_password`: what a sealed value is bound to.
pub(crate) fn place(of: &ObjectType, field: &Field) -> String {
    format!("{}.{}", of.table(), field.name)
}

/// What stands in a field's columns for a value, in the order of [`columns`].
pub(crate) fn encode(
    of: &ObjectType,
    field: &'static Field,
    value: &Value,
    key: Option<&SecretKey>,
) -> Result<Vec<sea_query::Value>, StoreError> {
    if value.is_null() {
        if !field.is_nullable() {
            return Err(Problem::field(field.name, format!("{} is needed.", field.label())).into());
        }
        return Ok(columns(field).iter().map(|column| null(column.shape)).collect());
    }
    if let Kind::Secret { .. } = field.kind {
        let clear = value.as_text().ok_or_else(|| misfit(field))?;
        let key = key.ok_or(SecretError::NoKey)?;
        return Ok(vec![key.seal(&place(of, field), clear)?.into()]);
    }
    let mut encoded = vec![operand(field.kind, value).ok_or_else(|| misfit(field))?];
    if is_address(field.kind) {
        encoded.push(sort_operand(field.kind, value).ok_or_else(|| misfit(field))?);
    }
    Ok(encoded)
}

fn misfit(field: &Field) -> StoreError {
    let expected = match field.kind {
        Kind::Time => "a time",
        kind => kind.expected(),
    };
    Problem::field(field.name, format!("{expected} is expected.")).into()
}

/// No value, of the shape that the driver must be told.
pub(crate) fn null(shape: Shape) -> sea_query::Value {
    match shape {
        Shape::Int => sea_query::Value::BigInt(None),
        Shape::Bool => sea_query::Value::Bool(None),
        Shape::Real => sea_query::Value::Double(None),
        Shape::Text => sea_query::Value::String(None),
    }
}

/// A value as its main column holds it; none when it is not of the kind.
pub(crate) fn operand(kind: Kind, value: &Value) -> Option<sea_query::Value> {
    Some(match (kind, value) {
        (Kind::Bool, Value::Bool(yes)) => (*yes).into(),
        (
            Kind::Int { .. } | Kind::Asn { .. } | Kind::Reference { .. } | Kind::References { .. },
            Value::Int(number),
        ) => (*number).into(),
        (Kind::Time, Value::Time(micros)) => (*micros).into(),
        // minus nought is nought
        (Kind::Float { .. }, Value::Float(number)) if number.is_finite() => (number + 0.0).into(),
        (kind, Value::Text(text)) if kind.is_textual() => text.to_string().into(),
        (Kind::IpHost { .. }, Value::Ip(ip)) => ip.to_string().into(),
        (Kind::IpInterface { .. } | Kind::Prefix, Value::Net(net)) => net.to_string().into(),
        (Kind::Mac, Value::Mac(_)) => kind.print(value).into(),
        (Kind::Json { .. }, Value::Json(json)) => json.to_string().into(),
        (Kind::IntList, Value::Ids(items)) => lines(items.iter().map(i64::to_string)).into(),
        (Kind::Choices(_) | Kind::TextList | Kind::Permissions, Value::Texts(items)) => {
            lines(items.iter().map(|item| quoted(item))).into()
        }
        _ => return None,
    })
}

/// A value as [`sort_column`] holds it.
pub(crate) fn sort_operand(kind: Kind, value: &Value) -> Option<sea_query::Value> {
    match (kind, value) {
        (Kind::IpHost { .. }, Value::Ip(ip)) => Some(address::host_key(*ip).into()),
        (Kind::IpInterface { .. } | Kind::Prefix, Value::Net(net)) => Some(address::net_key(*net).into()),
        (kind, _) if is_address(kind) => None,
        _ => operand(kind, value),
    }
}

fn lines(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "[]".to_owned() } else { format!("[\n{}\n]", items.join("\n,\n")) }
}

fn quoted(item: &str) -> String {
    serde_json::Value::from(item).to_string()
}

/// What a list's column contains if this is one of its items.
pub(crate) fn item_needle(kind: Kind, item: &Value) -> Option<String> {
    match (kind, item) {
        (Kind::IntList, Value::Int(number)) => Some(format!("\n{number}\n")),
        (Kind::Choices(_) | Kind::TextList | Kind::Permissions, Value::Text(text)) => {
            Some(format!("\n{}\n", quoted(text)))
        }
        _ => None,
    }
}

/// A field's value from its main column. A secret that is set reads as [`Value::Hidden`].
pub(crate) fn decode(of: &ObjectType, field: &Field, cell: Cell) -> Result<Value, StoreError> {
    let unreadable = |reason: String| StoreError::Unreadable { place: place(of, field), reason };
    match (field.kind, cell) {
        (Kind::References { .. }, _) => Ok(Value::Ids([].into())),
        (_, Cell::Null) => Ok(Value::Null),
        (Kind::Secret { .. }, _) => Ok(Value::Hidden),
        (Kind::Time, Cell::Int(micros)) => Ok(Value::Time(micros)),
        (_, Cell::Int(number)) => Ok(Value::Int(number)),
        (_, Cell::Bool(yes)) => Ok(Value::Bool(yes)),
        (_, Cell::Real(number)) => Ok(Value::Float(number)),
        (Kind::IpHost { .. }, Cell::Text(text)) => text.parse().map(Value::Ip).map_err(|e| unreadable(format!("{e}"))),
        (Kind::IpInterface { .. } | Kind::Prefix, Cell::Text(text)) => {
            text.parse().map(Value::Net).map_err(|e| unreadable(format!("{e}")))
        }
        (Kind::Mac, Cell::Text(text)) => field.kind.parse(&text).map_err(unreadable),
        (
            Kind::Json { .. } | Kind::IntList | Kind::TextList | Kind::Permissions | Kind::Choices(_),
            Cell::Text(text),
        ) => {
            let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
            match field.kind {
                Kind::Json { .. } => Ok(Value::Json(Arc::new(json))),
                kind => kind.from_json(&json).map_err(unreadable),
            }
        }
        (_, Cell::Text(text)) => Ok(Value::text(text)),
    }
}
