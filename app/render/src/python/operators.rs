//! Operators between values: arithmetic, order and membership with Python's results and refusals.
//!
//! An operand that is pending gives pending, so that one pass finds many needs. What this module has no rule for goes to
//! minijinja's own arithmetic, reached by folding a constant expression.

use super::{collections::List, fault, markup, printf, type_name};
use crate::objects::{Pending, address};
use minijinja::{
    Error, Value,
    machinery::{
        Span,
        ast::{BinOp, BinOpKind, Const, Expr, Spanned},
    },
    value::{Tuple, ValueKind},
};
use std::cmp::Ordering;

const LONGEST: usize = 10_000_000;

/// An arithmetic operator's sign, and how minijinja does it.
fn sign(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        _ => "** or pow()",
    }
}

/// # Errors
/// In Python's words: wrong types, division by zero.
pub fn arithmetic(op: BinOpKind, left: &Value, right: &Value) -> Result<Value, Error> {
    crate::deadline::look()?;
    if Pending::is(left) || Pending::is(right) {
        return Ok(Pending::value());
    }
    // a text takes anything by `%`, also what is nowhere
    let filled = matches!(op, BinOpKind::Rem) && left.kind() == ValueKind::String;
    for operand in [left, right] {
        if operand.is_undefined() && !filled {
            return Err(undefined());
        }
    }
    let kinds = (left.kind(), right.kind());
    let number = |kind| matches!(kind, ValueKind::Number | ValueKind::Bool);
    if matches!(op, BinOpKind::Add) && kinds == (ValueKind::String, ValueKind::String) {
        crate::bounds::make(left.len().unwrap_or_default() + right.len().unwrap_or_default())?;
    }
    match op {
        BinOpKind::Rem if kinds.0 == ValueKind::String => {
            let args: Vec<Value> = if right.is_tuple() { right.try_iter()?.collect() } else { vec![right.clone()] };
            if args.iter().any(Pending::is) {
                return Ok(Pending::value());
            }
            // what could have keys may be left over
            let keyless = right.is_tuple() || number(kinds.1) || matches!(kinds.1, ValueKind::String | ValueKind::None);
            let named = (!keyless).then_some(right);
            return printf::format(left, &args, named);
        }
        BinOpKind::Add if kinds == (ValueKind::String, ValueKind::String) && (left.is_safe() || right.is_safe()) => {
            return Ok(Value::from_safe_string(markup::escaped_text(left) + &markup::escaped_text(right)));
        }
        BinOpKind::Add if kinds == (ValueKind::String, ValueKind::String) => {
            return Ok(Value::from([left.as_str().unwrap_or_default(), right.as_str().unwrap_or_default()].concat()));
        }
        BinOpKind::Add
            if kinds == (ValueKind::Seq, ValueKind::Seq)
                && left.is_tuple() == right.is_tuple()
                && [left, right].iter().all(|side| crate::objects::class_name(side).is_none()) =>
        {
            let items: Vec<Value> = left.try_iter()?.chain(right.try_iter()?).collect();
            let sum = if left.is_tuple() { Value::from(Tuple::from(items)) } else { List::value(items) };
            return super::collections::weigh(&sum).map(|()| sum);
        }
        BinOpKind::Mul if number(kinds.0) && !number(kinds.1) => return arithmetic(op, right, left),
        BinOpKind::Mul if number(kinds.1) && matches!(kinds.0, ValueKind::String | ValueKind::Seq) => {
            return repeat(left, right);
        }
        BinOpKind::Add | BinOpKind::Sub => {
            if let Some(moved) = address::shift(left, right, matches!(op, BinOpKind::Sub))? {
                return Ok(moved);
            }
        }
        _ => {}
    }
    if !number(kinds.0) || !number(kinds.1) {
        let message = match (op, kinds.0) {
            (BinOpKind::Add, ValueKind::String) => {
                format!("can only concatenate str (not \"{}\") to str", type_name(right))
            }
            _ => format!(
                "unsupported operand type(s) for {}: '{}' and '{}'",
                sign(op),
                type_name(left),
                type_name(right)
            ),
        };
        return Err(fault(message));
    }
    if matches!(op, BinOpKind::Div | BinOpKind::FloorDiv | BinOpKind::Rem) && !right.is_true() {
        return Err(fault("division by zero"));
    }
    fold(op, left, right).ok_or_else(|| fault("result out of range"))
}

/// minijinja's own result for an operator; none where it has none.
fn fold(op: BinOpKind, left: &Value, right: &Value) -> Option<Value> {
    if let (Some(a), Some(b), true) = (left.as_i64(), right.as_i64(), left.is_integer() && right.is_integer()) {
        let quick = match op {
            BinOpKind::Add => a.checked_add(b),
            BinOpKind::Sub => a.checked_sub(b),
            BinOpKind::Mul => a.checked_mul(b),
            BinOpKind::Rem if a >= 0 && b > 0 => a.checked_rem(b),
            BinOpKind::FloorDiv if a >= 0 && b > 0 => a.checked_div(b),
            _ => None,
        };
        if let Some(quick) = quick {
            return Some(Value::from(quick));
        }
    }
    let constant = |value: &Value| Expr::Const(Spanned::new(Const { value: value.clone() }, Span::default()));
    let folded = BinOp { op, left: constant(left), right: constant(right) };
    Expr::BinOp(Spanned::new(folded, Span::default())).as_const()
}

/// `-value`.
///
/// # Errors
/// It is no number.
pub fn negated(value: &Value) -> Result<Value, Error> {
    if Pending::is(value) {
        return Ok(Pending::value());
    }
    match value.kind() {
        ValueKind::Undefined => Err(undefined()),
        ValueKind::Number | ValueKind::Bool if value.is_integer() || value.kind() == ValueKind::Bool => {
            arithmetic(BinOpKind::Sub, &Value::from(0), value)
        }
        ValueKind::Number => Ok(Value::from(-f64::try_from(value.clone()).unwrap_or(f64::NAN))),
        _ => Err(fault(format!("bad operand type for unary -: '{}'", type_name(value)))),
    }
}

fn repeat(what: &Value, times: &Value) -> Result<Value, Error> {
    let times = usize::try_from(super::arguments::as_int(times)?.max(0)).unwrap_or(usize::MAX);
    let length = what.len().unwrap_or(1).max(1);
    if length.saturating_mul(times) > LONGEST {
        return Err(fault("repetition is too long"));
    }
    if let Some(text) = what.as_str() {
        crate::bounds::make(text.len() * times)?;
        return Ok(markup::like(what, text.repeat(times)));
    }
    let items: Vec<Value> = what.try_iter()?.collect();
    let items: Vec<Value> = items.iter().cycle().take(items.len() * times).cloned().collect();
    let repeated = if what.is_tuple() { Value::from(Tuple::from(items)) } else { List::value(items) };
    super::collections::weigh(&repeated).map(|()| repeated)
}

pub(crate) fn undefined() -> Error {
    Error::new(minijinja::ErrorKind::UndefinedError, "a value that is used here is undefined")
}

/// Order of two values, where Python knows one.
///
/// # Errors
/// `'<' not supported between instances of ...`, with the sign that was asked for.
pub fn order(left: &Value, right: &Value, sign: &str) -> Result<Ordering, Error> {
    crate::deadline::look()?;
    let kinds = (left.kind(), right.kind());
    let number = |kind| matches!(kind, ValueKind::Number | ValueKind::Bool);
    if number(kinds.0) && number(kinds.1) || kinds == (ValueKind::String, ValueKind::String) {
        return Ok(left.cmp(right));
    }
    if left.is_undefined() || right.is_undefined() {
        return Err(undefined());
    }
    if kinds == (ValueKind::Seq, ValueKind::Seq) && left.is_tuple() == right.is_tuple() {
        let (mut left, mut right) = (left.try_iter()?, right.try_iter()?);
        loop {
            match (left.next(), right.next()) {
                (Some(a), Some(b)) if a == b => {}
                (Some(a), Some(b)) => return order(&a, &b, sign),
                (a, b) => return Ok(a.is_some().cmp(&b.is_some())),
            }
        }
    }
    if let Some(order) = address::order(left, right)? {
        return Ok(order);
    }
    Err(fault(format!("'{sign}' not supported between instances of '{}' and '{}'", type_name(left), type_name(right))))
}

/// A comparison by its sign. Pending on either side is false.
///
/// # Errors
/// As [`order`].
pub fn compare(left: &Value, sign: &str, right: &Value) -> Result<bool, Error> {
    if Pending::is(left) || Pending::is(right) {
        return Ok(false);
    }
    Ok(match sign {
        "==" => left == right,
        "!=" => left != right,
        "in" => contains(right, left)?,
        "not in" => !contains(right, left)?,
        "<" => order(left, right, sign)?.is_lt(),
        "<=" => order(left, right, sign)?.is_le(),
        ">" => order(left, right, sign)?.is_gt(),
        _ => order(left, right, sign)?.is_ge(),
    })
}

/// `item in container`.
///
/// # Errors
/// The container is none: `argument of type 'int' is not iterable`.
pub fn contains(container: &Value, item: &Value) -> Result<bool, Error> {
    crate::deadline::look()?;
    if let Some(inside) = address::contains(container, item) {
        return Ok(inside);
    }
    match container.kind() {
        ValueKind::Undefined => Ok(false),
        ValueKind::String => match item.as_str() {
            Some(part) => Ok(container.as_str().unwrap_or_default().contains(part)),
            None if item.is_undefined() => Ok(false),
            None => Err(fault(format!("'in <string>' requires string as left operand, not {}", type_name(item)))),
        },
        ValueKind::Map => Ok(container.as_object().is_some_and(|object| object.get_value(item).is_some())),
        ValueKind::Seq | ValueKind::Iterable => Ok(container.try_iter()?.any(|each| each == *item)),
        _ => Err(fault(format!("argument of type '{}' is not iterable", type_name(container)))),
    }
}

/// Sorts in place, stably.
///
/// # Errors
/// Two items have no order.
pub fn sort(items: &mut [Value], reverse: bool) -> Result<(), Error> {
    sort_by_key(items, reverse, |item| item.clone())
}

/// Sorts in place by a key, stably, also when reversed.
///
/// # Errors
/// Two keys have no order.
pub fn sort_by_key<T: Clone>(items: &mut [T], reverse: bool, key: impl Fn(&T) -> Value) -> Result<(), Error> {
    merge_sort(items, &mut |a, b| {
        let order = order(&key(a), &key(b), "<")?;
        Ok(if reverse { order.reverse() } else { order })
    })
}

/// A stable sort for comparisons that may be refused, or contradict one another: std's sort panics at those.
///
/// # Errors
/// The first comparison that is refused.
pub fn merge_sort<T: Clone, E>(
    items: &mut [T],
    compare: &mut impl FnMut(&T, &T) -> Result<Ordering, E>,
) -> Result<(), E> {
    if items.len() < 2 {
        return Ok(());
    }
    let (left, right) = items.split_at_mut(items.len() / 2);
    merge_sort(left, compare)?;
    merge_sort(right, compare)?;
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut from_left, mut from_right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(a), Some(b)) = (from_left.peek(), from_right.peek()) {
        let next = if compare(a, b)?.is_gt() { from_right.next() } else { from_left.next() };
        merged.extend(next.cloned());
    }
    merged.extend(from_left.chain(from_right).cloned());
    items.clone_from_slice(&merged);
    Ok(())
}
