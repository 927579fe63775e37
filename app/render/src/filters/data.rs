//! `as_json` and `as_yaml`, and the data form of values that they and `tojson` print.
//!
//! An object becomes its stored fields without id, references as ids, tags as names: what Peering Manager's serialiser
//! gives. Texts are printed as Python's `json` and PyYAML print them.

use super::{FilterRow, row, yaml};
use crate::{
    bounds,
    objects::{self, address::Address, queryset::QuerySet},
    python::{arguments::Args, fault, text, time::Moment, type_name},
};
use minijinja::{Error, Value, value::ValueKind};
use std::{fmt::Write as _, net::IpAddr};

/// Data as JSON and YAML know it. Keys keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Null,
    Bool(bool),
    /// A number as Python prints it, and whether it is a float.
    Number(String, bool),
    Text(String),
    List(Vec<Data>),
    Map(Vec<(Data, Data)>),
    /// What YAML gives a type of Python's for: a tuple, an address.
    Tagged(String, Vec<Data>),
}

pub const FILTERS: &[FilterRow] = &[
    row("as_json", &["value", "indent", "sort_keys"], 1, |_, a| {
        let data = to_json(a.value(0), a.flag(2, true), true)?;
        Ok(Value::from(write_json(&data, indent(a, 4)?)))
    }),
    row("as_yaml", &["value", "indent", "sort_keys"], 1, |_, a| {
        let data = nested(a.value(0), Form { sorted: a.flag(2, true), whole: true, tagged: true }, 0)?;
        Ok(Value::from(yaml::write(&data, indent(a, 2)?.unwrap_or(2))))
    }),
];

fn indent(args: &Args, default: i64) -> Result<Option<usize>, Error> {
    match args.get(1) {
        Some(value) if value.is_none() => Ok(None),
        _ => level(args.int(1, default)?).map(Some),
    }
}

/// Spaces of one level: every line has as many times so many as it is deep.
///
/// # Errors
/// They are too many.
pub fn level(asked: i64) -> Result<usize, Error> {
    const MOST: i64 = 200;
    if asked > MOST {
        return Err(fault(format!("an indentation of {asked} is too much: at most {MOST}")));
    }
    bounds::width(asked)
}

/// A value as data. `whole` also takes objects and query sets.
///
/// # Errors
/// `Object of type X is not JSON serializable`; mixed keys that have to be sorted.
pub fn to_json(value: &Value, sorted: bool, whole: bool) -> Result<Data, Error> {
    nested(value, Form { sorted, whole, tagged: false }, 0)
}

#[derive(Clone, Copy)]
struct Form {
    sorted: bool,
    whole: bool,
    tagged: bool,
}

fn nested(value: &Value, form: Form, depth: usize) -> Result<Data, Error> {
    if depth > 200 {
        return Err(fault("it is nested too deeply"));
    }
    let refuse = || Err(fault(format!("Object of type {} is not JSON serializable", type_name(value))));
    let Form { sorted, whole, tagged } = form;
    let inner = |value: &Value| nested(value, Form { whole: false, ..form }, depth + 1);
    if tagged && let Some(address) = value.downcast_object_ref::<Address>() {
        return Ok(Data::Tagged(
            format!("python/object/apply:ipaddress.{}", type_name(value)),
            vec![match address {
                Address::Host(IpAddr::V4(ip)) => Data::Number(u32::from(*ip).to_string(), false),
                address => Data::Text(address.to_string()),
            }],
        ));
    }
    if whole {
        if let Some(set) = value.downcast_object_ref::<QuerySet>() {
            return set.objects().map(|object| fields(&object, sorted)).collect::<Result<_, _>>().map(Data::List);
        }
        if let Some(object) = value.downcast_object::<objects::Object>() {
            return fields(&object, sorted);
        }
    }
    Ok(match value.kind() {
        ValueKind::None => Data::Null,
        ValueKind::Bool => Data::Bool(value.is_true()),
        ValueKind::Number => Data::Number(text::str_of(value), !value.is_integer()),
        ValueKind::String => Data::Text(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq if objects::class_name(value).is_none() => {
            let items = value.try_iter()?.map(|item| inner(&item)).collect::<Result<_, _>>()?;
            if tagged && value.is_tuple() { Data::Tagged("python/tuple".to_owned(), items) } else { Data::List(items) }
        }
        ValueKind::Map if objects::class_name(value).is_none() => {
            let mut pairs = Vec::new();
            for key in value.try_iter()? {
                if !tagged
                    && !matches!(key.kind(), ValueKind::String | ValueKind::Number | ValueKind::Bool | ValueKind::None)
                {
                    let of = type_name(&key);
                    return Err(fault(format!("keys must be str, int, float, bool or None, not {of}")));
                }
                let item = inner(&value.get_item(&key)?)?;
                pairs.push((inner(&key)?, item));
            }
            let mut sorted = sorted;
            if sorted {
                let texts = pairs.iter().filter(|(key, _)| matches!(key, Data::Text(_))).count();
                let nothing = pairs.iter().filter(|(key, _)| matches!(key, Data::Null)).count();
                if texts != 0 && texts != pairs.len() || nothing != 0 && pairs.len() > 1 {
                    if !tagged {
                        return Err(fault("'<' not supported between instances of 'int' and 'str'"));
                    }
                    // YAML leaves in their order what cannot be put into one
                    sorted = false;
                }
            }
            if sorted {
                pairs.sort_by(|(a, _), (b, _)| order(a, b));
            }
            Data::Map(pairs)
        }
        _ => return refuse(),
    })
}

fn order(a: &Data, b: &Data) -> std::cmp::Ordering {
    match (a, b) {
        (Data::Text(a), Data::Text(b)) => a.cmp(b),
        (a, b) => {
            let number = |data: &Data| match data {
                Data::Number(text, _) => text.parse::<f64>().unwrap_or_default(),
                Data::Bool(yes) => f64::from(u8::from(*yes)),
                _ => 0.0,
            };
            number(a).total_cmp(&number(b))
        }
    }
}

/// An object's stored fields.
fn fields(object: &objects::Object, sorted: bool) -> Result<Data, Error> {
    let mut pairs = Vec::new();
    for (name, value) in object.stored_fields() {
        let data = match (value.downcast_object_ref::<Address>(), value.downcast_object_ref::<Moment>()) {
            (Some(address), _) => Data::Text(address.to_string()),
            (_, Some(moment)) => Data::Text(moment.json()),
            _ if value.downcast_object_ref::<objects::address::Mac>().is_some() => Data::Text(text::str_of(&value)),
            _ => to_json(&value, sorted, false)?,
        };
        pairs.push((Data::Text(name.to_owned()), data));
    }
    if sorted {
        pairs.sort_by(|(a, _), (b, _)| order(a, b));
    }
    Ok(Data::Map(pairs))
}

/// `json.dumps` with ASCII only.
pub fn write_json(data: &Data, indent: Option<usize>) -> String {
    let mut out = String::new();
    json(data, indent, 0, &mut out);
    out
}

fn json(data: &Data, indent: Option<usize>, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        if let Some(width) = indent {
            out.push('\n');
            out.push_str(&" ".repeat(width * depth));
        }
    };
    let separator = if indent.is_some() { "," } else { ", " };
    match data {
        Data::Null => out.push_str("null"),
        Data::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Data::Number(number, _) => out.push_str(match number.as_str() {
            "inf" => "Infinity",
            "-inf" => "-Infinity",
            "nan" => "NaN",
            number => number,
        }),
        Data::Text(text) => json_text(text, out),
        Data::List(items) | Data::Tagged(_, items) if items.is_empty() => out.push_str("[]"),
        Data::Map(pairs) if pairs.is_empty() => out.push_str("{}"),
        Data::List(items) | Data::Tagged(_, items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { separator } else { "" });
                line(out, depth + 1);
                json(item, indent, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        Data::Map(pairs) => {
            out.push('{');
            for (at, (key, item)) in pairs.iter().enumerate() {
                out.push_str(if at > 0 { separator } else { "" });
                line(out, depth + 1);
                match key {
                    Data::Text(text) => json_text(text, out),
                    other => {
                        out.push('"');
                        json(other, None, 0, out);
                        out.push('"');
                    }
                }
                out.push_str(": ");
                json(item, indent, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // writing to a String cannot fail
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}
