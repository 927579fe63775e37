//! Peering Manager's field list: which fields its REST API shows of each kind of object, and in which form. The data are in
//! `shapes.txt`, one schema a line, condensed from the OpenAPI document of release 1.10:
//!
//! ```text
//! Router devices/routers: id:integer name:string platform:NestedPlatform communities:[integer] vlan:integer? ...
//! ```
//!
//! After the schema's name stands the endpoint that lists it, or `-`; `?` marks what may be null; `json` is anything. At the
//! end of the file are nested schemas that the document leaves out, because it takes them for numbers; they are as its answers
//! have them.

use peerage_model::{ObjectType, registry};
use std::{collections::HashMap, sync::LazyLock};

/// What is shown of one kind of object.
#[derive(Debug)]
pub struct Shape {
    /// The schema's name: `Router`, `NestedRouter`.
    pub name: &'static str,
    /// `devices/routers`; empty for what is only shown within others.
    pub endpoint: &'static str,
    pub fields: Vec<ShownField>,
}

/// A field as it is shown.
#[derive(Debug)]
pub struct ShownField {
    pub name: &'static str,
    pub form: Form,
    pub nullable: bool,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A number, a text, a flag or any JSON.
    Plain,
    /// A text; of a choice, an object with its code and label.
    Text,
    /// A choice's code.
    Code,
    /// A choice that is a text to us, as an object with the text as code and label.
    Labelled,
    /// An object of another schema.
    Object(&'static str),
    /// A list of objects of a schema.
    Objects(&'static str),
    /// A list, whose document says that it holds numbers; of other objects it holds those.
    Items,
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| include_str!("shapes.txt").lines().filter_map(shape).collect());

static BY_NAME: LazyLock<HashMap<&'static str, &'static Shape>> =
    LazyLock::new(|| SHAPES.iter().map(|shape| (shape.name, shape)).collect());

/// The shape that lists show of a type, by the type's address.
static BY_TYPE: LazyLock<HashMap<usize, &'static Shape>> = LazyLock::new(|| {
    let listed = SHAPES.iter().filter(|shape| !shape.endpoint.is_empty());
    listed.filter_map(|shape| Some((std::ptr::from_ref(type_of(shape)?).addr(), shape))).collect()
});

fn shape(line: &'static str) -> Option<Shape> {
    let (head, fields) = line.split_once(": ")?;
    let (name, endpoint) = head.split_once(' ')?;
    let endpoint = if endpoint == "-" { "" } else { endpoint };
    Some(Shape { name, endpoint, fields: fields.split(' ').filter_map(field).collect() })
}

fn field(text: &'static str) -> Option<ShownField> {
    let (name, form) = text.split_once(':')?;
    let (form, nullable) = form.strip_suffix('?').map_or((form, false), |form| (form, true));
    let inner = form.strip_prefix('[').and_then(|form| form.strip_suffix(']'));
    let is_schema = |form: &str| form.starts_with(char::is_uppercase);
    let form = match (form, inner) {
        (_, Some(inner)) if is_schema(inner) => Form::Objects(inner),
        (_, Some(_)) => Form::Items,
        ("string", _) => Form::Text,
        ("enum", _) => Form::Code,
        ("choice", _) => Form::Labelled,
        (form, _) if is_schema(form) => Form::Object(form),
        _ => Form::Plain,
    };
    Some(ShownField { name, form, nullable })
}

/// Every shape that an endpoint lists, in the order in which its rows can be stored.
pub fn listed() -> Vec<(&'static ObjectType, &'static Shape)> {
    registry::TYPES.iter().copied().filter_map(|of| Some((of, of_type(of)?))).collect()
}

/// Every shape that an endpoint lists, those of types that are not ours included.
pub fn all_listed() -> impl Iterator<Item = &'static Shape> {
    SHAPES.iter().filter(|shape| !shape.endpoint.is_empty())
}

/// Our type of what a shape shows.
pub fn type_of(shape: &Shape) -> Option<&'static ObjectType> {
    let app = shape.endpoint.split('/').next()?;
    let model = shape.name.trim_start_matches("PDB").to_lowercase();
    registry::TYPES.iter().copied().find(|of| of.app == app && of.model == model)
}

/// What lists show of a type.
pub fn of_type(of: &'static ObjectType) -> Option<&'static Shape> {
    BY_TYPE.get(&std::ptr::from_ref(of).addr()).copied()
}

/// What is shown of an object of a type within another.
pub fn nested(of: &'static ObjectType) -> &'static Shape {
    let own = of_type(of).and_then(|shape| named(&format!("Nested{}", shape.name)));
    own.unwrap_or_else(|| BY_NAME["NestedOther"])
}

pub fn named(name: &str) -> Option<&'static Shape> {
    BY_NAME.get(name).copied()
}
