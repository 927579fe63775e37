//! Text that is safe in HTML (`Markup` to Python): what is made of it stays safe, and what is put into it is escaped.

use super::{collections::List, strings};
use minijinja::{
    Error, Value,
    value::{Tuple, ValueKind},
};

/// `markupsafe.escape` of a text.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
    }
    out
}

/// Escaped once: what is safe already stays.
pub fn escaped(value: &Value) -> Value {
    match value.is_safe() {
        true => value.clone(),
        false => Value::from_safe_string(escape(&super::text::str_of(value))),
    }
}

/// The text of [`escaped`].
pub fn escaped_text(value: &Value) -> String {
    escaped(value).as_str().unwrap_or_default().to_owned()
}

/// What was made of a text, as safe as that.
pub fn like(of: &Value, made: String) -> Value {
    safe_if(of.is_safe(), made)
}

pub fn safe_if(safe: bool, text: String) -> Value {
    if safe { Value::from_safe_string(text) } else { Value::from(text) }
}

/// A method of a safe text.
///
/// # Errors
/// As of any text.
pub fn call(this: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let mut args = args.to_vec();
    match (method, args.as_mut_slice()) {
        ("replace", [_, new, ..]) if new.as_str().is_some() => *new = escaped(new),
        ("join", [parts]) if !parts.is_kwargs() => {
            *parts = List::value(parts.try_iter()?.map(|part| escaped(&part)).collect());
        }
        _ => {}
    }
    let made = match method {
        "format" => super::format::format(this, &args, true)?,
        _ => strings::call(this, method, &args)?,
    };
    Ok(safe(made))
}

/// Texts and the texts in a list or tuple.
fn safe(made: Value) -> Value {
    let each = |made: &Value| made.try_iter().into_iter().flatten().map(safe).collect::<Vec<_>>();
    match made.kind() {
        ValueKind::String => Value::from_safe_string(made.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq if made.is_tuple() => Value::from(Tuple::from(each(&made))),
        ValueKind::Seq => List::value(each(&made)),
        _ => made,
    }
}
