//! Stock filters on sequences, where minijinja's differ from Jinja2's: size, order, joining, grouping into rows.

use super::{FilterRow, row};
use crate::{
    bounds,
    objects::queryset::QuerySet,
    python::{
        arguments::Args,
        collections::{self, Dict, List},
        fault, markup, operators, text, type_name,
    },
};
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Enumerator, Object, ObjectRepr, Tuple, ValueKind},
};
use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

pub const FILTERS: &[FilterRow] = &[
    row("length", &["value"], 1, length),
    row("count", &["value"], 1, length),
    row("len", &["value"], 1, length),
    row("list", &["value"], 1, |_, a| Ok(List::value(items(a.value(0))?))),
    row("join", &["value", "d", "attribute"], 1, |state, a| {
        let mut joined = String::new();
        let items: Vec<Value> = match a.get(2).filter(|path| !path.is_none()) {
            Some(path) => items(a.value(0))?.iter().map(|item| follow(item, path)).collect::<Result<_, _>>()?,
            None => items(a.value(0))?,
        };
        let safe = super::stock::is_escaping(state) && (a.value(1).is_safe() || items.iter().any(Value::is_safe));
        let shown = |value| if safe { Cow::Owned(markup::escaped_text(value)) } else { text::as_str(value) };
        let separator = a.get(1).map(shown).unwrap_or_default();
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                bounds::make(separator.len())?;
                joined.push_str(&separator);
            }
            let item = shown(item);
            bounds::make(item.len())?;
            joined.push_str(&item);
        }
        state.consume_fuel(joined.len() as u64 / 64)?;
        Ok(markup::safe_if(safe, joined))
    }),
    row("sort", &["value", "reverse", "case_sensitive", "attribute"], 1, sort),
    row("dictsort", &["value", "case_sensitive", "by", "reverse"], 1, |_, a| {
        let by_value = match a.text(2, "key")? {
            "key" => false,
            "value" => true,
            _ => return Err(fault("You can only sort by either \"key\" or \"value\"")),
        };
        let sensitive = a.flag(1, false);
        if a.value(0).is_undefined() {
            return Err(operators::undefined());
        }
        if a.value(0).kind() != ValueKind::Map {
            return Err(fault(format!("'{}' object has no attribute 'items'", type_name(a.value(0)))));
        }
        let mut pairs = collections::pairs(a.value(0));
        operators::sort_by_key(&mut pairs, a.flag(3, false), |(key, value)| {
            fold(if by_value { value } else { key }, sensitive)
        })?;
        Ok(List::value(pairs.into_iter().map(Value::from).collect()))
    }),
    row("max", &["value", "case_sensitive", "attribute"], 1, |_, a| extreme(a, std::cmp::Ordering::Greater)),
    row("min", &["value", "case_sensitive", "attribute"], 1, |_, a| extreme(a, std::cmp::Ordering::Less)),
    row("unique", &["value", "case_sensitive", "attribute"], 1, unique),
    row("slice", &["value", "slices", "fill_with"], 2, slice),
    row("map", &["value", " 1", " 2", " 3", " 4", " 5", " 6", "**"], 1, map),
    row("batch", &["value", "linecount", "fill_with"], 2, |_, a| {
        let size = bounds::width(a.int(1, 1)?)?.max(1);
        let mut rows = Vec::new();
        for part in items(a.value(0))?.chunks(size) {
            let mut part = part.to_vec();
            if let Some(fill) = a.get(2).filter(|fill| !fill.is_none()) {
                part.resize(size, fill.clone());
            }
            rows.push(List::value(part));
        }
        Ok(List::value(rows))
    }),
    row("first", &["seq"], 1, |_, a| Ok(iterate(a.value(0))?.next().unwrap_or_default())),
    row("last", &["seq"], 1, |_, a| Ok(items(a.value(0))?.pop().unwrap_or_default())),
    row("random", &["seq"], 1, |state, a| {
        let items = items(a.value(0))?;
        let seed = crate::engine::seed(state);
        let at = usize::try_from(seed % (items.len().max(1) as u64)).unwrap_or_default();
        Ok(items.get(at).cloned().unwrap_or_default())
    }),
    row("groupby", &["value", "attribute", "default", "case_sensitive"], 2, groupby),
    row("urlencode", &["value"], 1, |_, a| {
        let value = a.value(0);
        if value.as_str().is_some() || value.is_none() || value.try_iter().is_err() {
            return Ok(Value::from(percent(&text::str_of(value), "/", false)));
        }
        let pairs: Vec<(Value, Value)> = match value.kind() {
            ValueKind::Map => collections::pairs(value),
            _ => value
                .try_iter()?
                .map(|pair| Ok((pair.get_item_by_index(0)?, pair.get_item_by_index(1)?)))
                .collect::<Result<_, Error>>()?,
        };
        let word = |value: &Value| percent(&text::str_of(value), "", true);
        Ok(Value::from(
            pairs.iter().map(|(key, value)| format!("{}={}", word(key), word(value))).collect::<Vec<_>>().join("&"),
        ))
    }),
    row("tojson", &["value", "indent"], 1, |_, a| {
        let indent = match a.get(1) {
            Some(asked) if !asked.is_none() => Some(super::data::level(a.int(1, 0)?)?),
            _ => None,
        };
        let json = super::data::to_json(a.value(0), true, false)?;
        let text = super::data::write_json(&json, indent);
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '<' => out.push_str("\\u003c"),
                '>' => out.push_str("\\u003e"),
                '&' => out.push_str("\\u0026"),
                '\'' => out.push_str("\\u0027"),
                c => out.push(c),
            }
        }
        Ok(Value::from_safe_string(out))
    }),
];

fn iterate(value: &Value) -> Result<impl Iterator<Item = Value>, Error> {
    match value.kind() {
        ValueKind::None | ValueKind::Plain | ValueKind::Number | ValueKind::Bool => {
            Err(fault(format!("'{}' object is not iterable", type_name(value))))
        }
        _ => value.try_iter(),
    }
}

/// All items.
///
/// # Errors
/// The value is not iterable.
pub fn items(value: &Value) -> Result<Vec<Value>, Error> {
    Ok(iterate(value)?.collect())
}

fn length(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let value = a.value(0);
    if let Some(set) = value.downcast_object_ref::<QuerySet>() {
        return Ok(Value::from(set.len()));
    }
    match value.kind() {
        ValueKind::Undefined => Ok(Value::from(0)),
        ValueKind::String => Ok(Value::from(value.as_str().unwrap_or_default().chars().count())),
        ValueKind::None | ValueKind::Plain | ValueKind::Number | ValueKind::Bool => {
            Err(fault(format!("object of type '{}' has no len()", type_name(value))))
        }
        ValueKind::Map if let Some(class) = collections::engine_class(value) => match class {
            "LoopContext" => value.get_attr("length"),
            _ => Err(fault(format!("object of type '{class}' has no len()"))),
        },
        _ => Ok(Value::from(value.len().map_or_else(|| value.try_iter().map(Iterator::count), Ok)?)),
    }
}

/// Case-insensitive form of a text, for sorting.
pub fn fold(value: &Value, sensitive: bool) -> Value {
    match value.as_str() {
        Some(text) if !sensitive => Value::from(text.to_lowercase()),
        _ => value.clone(),
    }
}

/// An attribute path: `a.b`, `0.name`, or an index.
///
/// # Errors
/// What the path goes on from is undefined.
pub fn follow(value: &Value, path: &Value) -> Result<Value, Error> {
    let Some(text) = path.as_str() else { return Ok(value.get_item(path).unwrap_or_default()) };
    text.split('.').try_fold(value.clone(), |value, part| match part.parse::<usize>() {
        _ if value.is_undefined() => Err(operators::undefined()),
        Ok(index) => Ok(value.get_item_by_index(index).unwrap_or_default()),
        Err(_) => Ok(value.get_attr(part).unwrap_or_default()),
    })
}

fn attribute_or_self(item: &Value, path: Option<&Value>) -> Result<Value, Error> {
    path.filter(|path| !path.is_none()).map_or_else(|| Ok(item.clone()), |path| follow(item, path))
}

fn sort(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let (reverse, sensitive) = (a.flag(1, false), a.flag(2, false));
    let paths: Vec<Value> = match a.get(3).filter(|attribute| !attribute.is_none()) {
        None => Vec::new(),
        Some(attribute) => match attribute.as_str() {
            Some(text) => text.split(',').map(Value::from).collect(),
            None => vec![attribute.clone()],
        },
    };
    let mut keyed = Vec::new();
    for item in iterate(a.value(0))? {
        let key = match paths.as_slice() {
            [] => fold(&item, sensitive),
            [path] => fold(&follow(&item, path)?, sensitive),
            paths => {
                let keys = paths.iter().map(|path| Ok(fold(&follow(&item, path)?, sensitive)));
                Value::from(Tuple::from(keys.collect::<Result<Vec<_>, Error>>()?))
            }
        };
        keyed.push((key, item));
    }
    // Jinja2 compares lists of keys: what is equal needs no order
    operators::merge_sort(&mut keyed, &mut |(a, _), (b, _)| {
        let order = if a == b { std::cmp::Ordering::Equal } else { operators::order(a, b, "<")? };
        Ok::<_, Error>(if reverse { order.reverse() } else { order })
    })?;
    Ok(List::value(keyed.into_iter().map(|(_, item)| item).collect()))
}

/// The first of the items that no other exceeds.
fn extreme(a: &Args, wanted: std::cmp::Ordering) -> Result<Value, Error> {
    let key = |item: &Value| Ok::<_, Error>(fold(&attribute_or_self(item, a.get(2))?, a.flag(1, false)));
    let mut best: Option<(Value, Value)> = None;
    for item in iterate(a.value(0))? {
        let own = key(&item)?;
        let better = match &best {
            None => true,
            Some((known, _)) => operators::order(&own, known, if wanted.is_gt() { ">" } else { "<" })? == wanted,
        };
        if better {
            best = Some((own, item));
        }
    }
    Ok(best.map(|(_, item)| item).unwrap_or_default())
}

fn unique(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let mut seen = std::collections::HashSet::new();
    let mut kept = Vec::new();
    for item in iterate(a.value(0))? {
        let own = attribute_or_self(&item, a.get(2))?;
        let own = match own.kind() {
            // one to Python's hash
            ValueKind::Bool => Value::from(i64::from(own.is_true())),
            _ => fold(&own, a.flag(1, false)),
        };
        if seen.insert(own) {
            kept.push(item);
        }
    }
    Ok(List::value(kept))
}

/// So many columns of nearly the same length.
fn slice(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let items = items(a.value(0))?;
    let columns = bounds::width(a.int(1, 1)?)?;
    if columns == 0 {
        return Err(fault("integer division or modulo by zero"));
    }
    let (each, longer) = (items.len() / columns, items.len() % columns);
    let mut rest = items.into_iter();
    let column = |at: usize| {
        let mut column: Vec<Value> = rest.by_ref().take(each + usize::from(at < longer)).collect();
        if let Some(fill) = a.get(2).filter(|fill| !fill.is_none())
            && at >= longer
        {
            column.push(fill.clone());
        }
        List::value(column)
    };
    Ok(List::value((0..columns).map(column).collect()))
}

/// `map(attribute=path, default=x)`, or `map('filter', ...)` with the filter's own arguments.
fn map(state: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let all = items(a.value(0))?;
    let named = |name: &str| a.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    if a.get(1).is_none()
        && let Some(path) = named("attribute")
    {
        if let Some((unknown, _)) = a.extra.iter().find(|(name, _)| name != "attribute" && name != "default") {
            return Err(fault(format!("Unexpected keyword argument '{unknown}'")));
        }
        let mapped = all.iter().map(|item| {
            let found = follow(item, path);
            match named("default") {
                Some(default) => {
                    Ok(found.ok().filter(|found| !found.is_undefined()).unwrap_or_else(|| default.clone()))
                }
                None => found,
            }
        });
        return Ok(List::value(mapped.collect::<Result<_, _>>()?));
    }
    let Some(filter) = a.get(1) else { return Err(fault("map requires a filter argument")) };
    let filter = filter.as_str().unwrap_or_default().to_owned();
    if !super::is_filter(&filter) {
        return Err(fault(format!("No filter named '{filter}'.")));
    }
    let mut args: Vec<Value> =
        std::iter::once(Value::UNDEFINED).chain((2..7).map_while(|at| a.get(at).cloned())).collect();
    if !a.extra.is_empty() {
        args.push(Value::from(a.extra.iter().cloned().collect::<minijinja::value::Kwargs>()));
    }
    let mut mapped = Vec::with_capacity(all.len());
    for item in all {
        args[0] = item;
        mapped.push(state.apply_filter(&filter, &args)?);
    }
    Ok(List::value(mapped))
}

/// Any mapping as a dict that can change: global `dict(...)`.
///
/// # Errors
/// Pairs that are not pairs.
pub fn dict(args: &Args) -> Result<Value, Error> {
    let mut all = args.get(0).map_or_else(|| Ok(Vec::new()), collections::pairs_of)?;
    all.extend(args.extra.iter().map(|(key, value)| (Value::from(key.as_str()), value.clone())));
    Dict::checked(all)
}

/// `urllib.parse.quote`, or `quote_plus`.
fn percent(text: &str, safe: &str, plus: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match char::from(byte) {
            ' ' if plus => out.push('+'),
            c if c.is_ascii_alphanumeric() || "_.-~".contains(c) || safe.contains(c) => out.push(c),
            _ => {
                // writing to a String cannot fail
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn groupby(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let sensitive = a.flag(3, false);
    let mut keyed = Vec::new();
    for item in items(a.value(0))? {
        let key = follow(&item, a.value(1));
        let key = match a.get(2) {
            Some(default) => key.ok().filter(|key| !key.is_undefined()).unwrap_or_else(|| default.clone()),
            None => key?,
        };
        keyed.push((key, item));
    }
    operators::sort_by_key(&mut keyed, false, |(key, _)| fold(key, sensitive))?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, members)) if fold(last, sensitive) == fold(&key, sensitive) => members.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    let group = |(grouper, members)| Value::from_object(Group { grouper, list: List::value(members) });
    Ok(List::value(groups.into_iter().map(group).collect()))
}

/// A pair of `groupby`, with names.
#[derive(Debug)]
struct Group {
    grouper: Value,
    list: Value,
}

impl Object for Group {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (key.as_str(), key.as_usize()) {
            (Some("grouper"), _) | (None, Some(0)) => Some(self.grouper.clone()),
            (Some("list"), _) | (None, Some(1)) => Some(self.list.clone()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(2)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})", text::repr_of(&self.grouper), text::repr_of(&self.list))
    }
}

/// Global `cycler(...)`.
///
/// # Errors
/// No items.
pub fn cycler(items: Vec<Value>) -> Result<Value, Error> {
    if items.is_empty() {
        return Err(fault("at least one item has to be provided"));
    }
    Ok(Value::from_object(Cycler { items, at: AtomicUsize::new(0) }))
}

#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    at: AtomicUsize,
}

impl Object for Cycler {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("current"))
            .then(|| self.items[self.at.load(Ordering::Relaxed) % self.items.len()].clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        match method {
            "next" => Ok(self.items[self.at.fetch_add(1, Ordering::Relaxed) % self.items.len()].clone()),
            "reset" => {
                self.at.store(0, Ordering::Relaxed);
                Ok(Value::from(()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
