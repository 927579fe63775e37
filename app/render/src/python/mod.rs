//! Python's behaviour for values: what templates written for Jinja2 take for granted.
//!
//! [`text`] prints, [`operators`] adds and compares, [`collections`] are the lists and dicts that change, [`methods`] what
//! can be called on text, numbers and containers, [`markup`] text that is safe in HTML, [`printf`] the `%` formatting, [`mod@format`] `str.format`, [`slices`] `x[1:3]`,
//! [`wrap`] and [`pretty`] the modules `textwrap` and `pprint`, [`time`] moments.

pub mod arguments;
pub mod collections;
pub mod format;
pub mod markup;
pub mod methods;
pub mod operators;
pub mod pattern;
pub mod pretty;
pub mod printf;
pub mod slices;
pub mod strings;
pub mod text;
pub mod time;
pub mod wrap;

use minijinja::{Error, ErrorKind, Value, value::ValueKind};

pub(crate) fn fault(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// What Python calls the type of a value, for messages.
pub fn type_name(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "Undefined",
        ValueKind::None => "NoneType",
        ValueKind::Bool => "bool",
        ValueKind::Number if value.is_integer() => "int",
        ValueKind::Number => "float",
        ValueKind::String => "str",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq if value.is_tuple() => "tuple",
        ValueKind::Seq => crate::objects::class_name(value).unwrap_or("list"),
        ValueKind::Map => {
            crate::objects::class_name(value).or_else(|| collections::engine_class(value)).unwrap_or("dict")
        }
        ValueKind::Iterable => crate::objects::class_name(value).unwrap_or("generator"),
        _ => crate::objects::class_name(value).unwrap_or("object"),
    }
}
