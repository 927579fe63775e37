//! `x[1:3]` and `x[-1]`: slices are of the kind that they were cut from, and a list is one of its own that can change.

use super::{
    arguments::as_int,
    collections::{List, Range},
    fault, markup, operators,
};
use crate::objects::{Pending, address::Address, queryset::QuerySet};
use minijinja::{
    Error, Value,
    value::{Tuple, ValueKind},
};

/// Positions from `start` by `step`, as Python's `slice.indices` gives them: first, stop, how many.
fn positions(length: i64, start: Option<i64>, stop: Option<i64>, step: i64) -> (i64, i64, i64) {
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |at: i64| if at < 0 { at.saturating_add(length).max(low) } else { at.min(high) };
    let start = start.map_or(if step > 0 { low } else { high }, place);
    let stop = stop.map_or(if step > 0 { high } else { low }, place);
    let span = if step > 0 { stop - start } else { start - stop };
    let count = if span > 0 { (span - 1) / step.saturating_abs().max(1) + 1 } else { 0 };
    (start, stop, count)
}

fn bound(value: &Value) -> Result<Option<i64>, Error> {
    if value.is_none() || value.is_undefined() { Ok(None) } else { as_int(value).map(Some) }
}

/// `value[start:stop:step]`; undefined where the value cannot be cut.
///
/// # Errors
/// Bounds that are no numbers, step 0, negative bounds of a query set, an undefined value.
pub fn slice(value: &Value, start: &Value, stop: &Value, step: &Value) -> Result<Value, Error> {
    if [value, start, stop, step].into_iter().any(Pending::is) {
        return Ok(Pending::value());
    }
    let cut = matches!(value.kind(), ValueKind::String | ValueKind::Seq | ValueKind::Iterable | ValueKind::Bytes);
    if value.is_undefined() {
        return Err(operators::undefined());
    }
    if !cut {
        return Ok(Value::UNDEFINED);
    }
    // what Python cannot take for a position, Jinja2 looks for as an attribute
    let (Ok(start), Ok(stop), Ok(step)) = (bound(start), bound(stop), bound(step)) else {
        return Ok(Value::UNDEFINED);
    };
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(fault("slice step cannot be zero"));
    }
    if let Some(set) = value.downcast_object_ref::<QuerySet>() {
        if start.is_some_and(|at| at < 0) || stop.is_some_and(|at| at < 0) {
            return Err(fault("Negative indexing is not supported."));
        }
        if step == 1 {
            let length = i64::try_from(set.len()).unwrap_or(i64::MAX);
            let (first, _, count) = positions(length, start, stop, 1);
            let range = usize::try_from(first).unwrap_or_default()..usize::try_from(first + count).unwrap_or_default();
            return Ok(Value::from_object(set.cut(range)));
        }
    }
    if let Some(text) = value.as_str() {
        let chars: Vec<char> = text.chars().collect();
        return Ok(markup::like(value, picked(&chars, start, stop, step).collect()));
    }
    if let Some(range) = value.downcast_object_ref::<Range>() {
        let (first, last, _) = positions(i64::try_from(range.length()).unwrap_or(i64::MAX), start, stop, step);
        return range.cut(first, last, step);
    }
    let items: Vec<Value> = value.try_iter()?.collect();
    let picked: Vec<Value> = picked(&items, start, stop, step).collect();
    Ok(if value.is_tuple() { Value::from(Tuple::from(picked)) } else { List::value(picked) })
}

/// Where `index(x, start, stop)` and its like look: from, to.
///
/// # Errors
/// A bound that is no number.
pub fn window(length: usize, start: Option<&Value>, stop: Option<&Value>) -> Result<(usize, usize), Error> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let read = |value: Option<&Value>| value.map_or(Ok(None), bound);
    let place = |at: i64| if at < 0 { at.saturating_add(length).max(0) } else { at };
    let size = |at: i64| usize::try_from(at).unwrap_or_default();
    Ok((size(place(read(start)?.unwrap_or(0))), size(read(stop)?.map_or(length, place).min(length))))
}

fn picked<T: Clone>(items: &[T], start: Option<i64>, stop: Option<i64>, step: i64) -> impl Iterator<Item = T> {
    let (first, _, count) = positions(i64::try_from(items.len()).unwrap_or(i64::MAX), start, stop, step);
    (0..count).filter_map(move |at| items.get(usize::try_from(first + at * step).ok()?).cloned())
}

/// `value[-1]`, for a constant that is negative.
///
/// # Errors
/// A query set, which has no order from its end; an undefined value.
pub fn from_end(value: &Value, at: &Value) -> Result<Value, Error> {
    if value.downcast_object_ref::<QuerySet>().is_some() {
        return Err(fault("Negative indexing is not supported."));
    }
    if let Some(network) = value.as_object().filter(|object| object.is::<Address>()) {
        return Ok(network.get_value(at).unwrap_or_default());
    }
    value.get_item(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_python() {
        for (length, start, stop, step, expected) in [
            (5, None, None, 1, (0, 5, 5)),
            (5, None, None, -1, (4, -1, 5)),
            (5, Some(-2), None, 1, (3, 5, 2)),
            (5, Some(10), None, -2, (4, -1, 3)),
            (5, Some(3), Some(1), 1, (3, 1, 0)),
            (5, None, Some(-10), -1, (4, -1, 5)),
            (0, None, None, -1, (-1, -1, 0)),
        ] {
            assert_eq!(positions(length, start, stop, step), expected, "{length} {start:?}:{stop:?}:{step}");
        }
    }
}
