//! `str()` and `repr()`: what a value looks like in the output.
//!
//! Everything that turns a value into text goes through [`write_str`] or `write_repr`: output, `~`, `join`, `string`.
//! Objects of this crate print themselves: `render` with `{:#}` is their repr, without it their str.

use super::collections::{Dict, List};
use minijinja::{Value, value::ValueKind};
use std::{
    borrow::Cow,
    fmt::{self, Write},
};

/// `str(value)`.
pub fn str_of(value: &Value) -> String {
    let mut out = Bounded(String::new());
    // beyond the bound it is cut off; it is then too long to be printed anyway
    let _ = write_str(value, &mut out);
    out.0
}

/// `str(value)`, which a text is itself.
pub fn as_str(value: &Value) -> Cow<'_, str> {
    // bytes are texts to minijinja
    let own = value.as_str().filter(|_| value.kind() == ValueKind::String);
    own.map_or_else(|| Cow::Owned(str_of(value)), Cow::Borrowed)
}

/// `repr(value)`.
pub fn repr_of(value: &Value) -> String {
    let mut out = Bounded(String::new());
    let _ = write_repr(value, &mut out, 0);
    out.0
}

/// A text that stops growing: lists that hold one list many times over print to more than any memory holds.
struct Bounded(String);

const LONGEST: usize = 40 << 20;

impl Write for Bounded {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if self.0.len() + part.len() > LONGEST {
            return Err(fmt::Error);
        }
        self.0.push_str(part);
        Ok(())
    }
}

/// # Errors
/// Only the writer's.
pub fn write_str(value: &Value, out: &mut dyn Write) -> fmt::Result {
    match value.kind() {
        ValueKind::Undefined => Ok(()),
        ValueKind::String => out.write_str(value.as_str().unwrap_or_default()),
        ValueKind::Number if !value.is_integer() => write_float(float(value), out),
        ValueKind::Number => match value.as_i64() {
            Some(number) => out.write_str(itoa::Buffer::new().format(number)),
            None => write!(out, "{value}"),
        },
        ValueKind::None | ValueKind::Bool => write!(out, "{value}"),
        _ if prints_itself(value) => write!(out, "{value}"),
        _ => write_repr(value, out, 0),
    }
}

fn write_repr(value: &Value, out: &mut dyn Write, depth: usize) -> fmt::Result {
    if depth > 100 {
        return out.write_str("...");
    }
    match value.kind() {
        ValueKind::Undefined => out.write_str("Undefined"),
        ValueKind::String if value.is_safe() => {
            out.write_str("Markup(")?;
            write_quoted(value.as_str().unwrap_or_default(), out)?;
            out.write_char(')')
        }
        ValueKind::String => write_quoted(value.as_str().unwrap_or_default(), out),
        ValueKind::Number if !value.is_integer() => write_float(float(value), out),
        ValueKind::Number | ValueKind::None | ValueKind::Bool => write!(out, "{value}"),
        _ if prints_itself(value) => write!(out, "{value:#?}"),
        ValueKind::Map => {
            let attribute = |name| value.get_attr(name).unwrap_or_default();
            let class = super::collections::engine_class(value);
            match class {
                Some("Macro") => return write!(out, "<Macro {}>", repr_of(&attribute("name"))),
                Some("LoopContext") => {
                    return write!(out, "<LoopContext {}/{}>", attribute("index"), attribute("length"));
                }
                _ => {}
            }
            let namespace = class.is_some();
            out.write_str(if namespace { "<Namespace {" } else { "{" })?;
            for (index, key) in value.try_iter().into_iter().flatten().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                write_repr(&key, out, depth + 1)?;
                out.write_str(": ")?;
                write_repr(&value.get_item(&key).unwrap_or_default(), out, depth + 1)?;
            }
            out.write_str(if namespace { "}>" } else { "}" })
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let tuple = value.is_tuple();
            out.write_char(if tuple { '(' } else { '[' })?;
            let mut count = 0;
            for item in value.try_iter().into_iter().flatten() {
                if count > 0 {
                    out.write_str(", ")?;
                }
                write_repr(&item, out, depth + 1)?;
                count += 1;
            }
            out.write_str(match (tuple, count) {
                (true, 1) => ",)",
                (true, _) => ")",
                (false, _) => "]",
            })
        }
        _ => write!(out, "{value:?}"),
    }
}

/// Whether a value is an object of this crate with a text form of its own.
fn prints_itself(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        object.type_name().starts_with(env!("CARGO_CRATE_NAME"))
            && object.downcast_ref::<List>().is_none()
            && object.downcast_ref::<Dict>().is_none()
    })
}

fn float(value: &Value) -> f64 {
    f64::try_from(value.clone()).unwrap_or(f64::NAN)
}

/// `repr` of a text.
pub fn quoted(text: &str) -> String {
    repr_of(&Value::from(text))
}

/// Shortest digits that read back the same; exponent below 1e-4 and from 1e16.
///
/// # Errors
/// Only the writer's.
pub fn write_float(number: f64, out: &mut dyn Write) -> fmt::Result {
    if number.is_nan() {
        return out.write_str("nan");
    }
    if number.is_infinite() {
        return out.write_str(if number < 0.0 { "-inf" } else { "inf" });
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) || number == 0.0 {
        return write!(out, "{number:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    write!(out, "{digits}e{sign}{:02}", exponent.abs())
}

/// What is not ASCII as escapes: `ascii()`.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // writing to a String cannot fail
        let _ = match u32::from(c) {
            0..0x80 => out.write_char(c),
            code @ 0x80..0x100 => write!(out, "\\x{code:02x}"),
            code @ 0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
            code => write!(out, "\\U{code:08x}"),
        };
    }
    out
}

/// A text as Python would write it in source.
///
/// # Errors
/// Only the writer's.
pub fn write_quoted(text: &str, out: &mut dyn Write) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c == quote => write!(out, "\\{c}")?,
            c if is_printable(c) => out.write_char(c)?,
            c if (c as u32) < 0x100 => write!(out, "\\x{:02x}", c as u32)?,
            c if (c as u32) < 0x1_0000 => write!(out, "\\u{:04x}", c as u32)?,
            c => write!(out, "\\U{:08x}", c as u32)?,
        }
    }
    out.write_char(quote)
}

/// `str.isprintable()` of one character, near enough: not a control, format, separator, surrogate, private or noncharacter.
pub(super) fn is_printable(c: char) -> bool {
    let code = c as u32;
    if c == ' ' {
        return true;
    }
    !(c.is_control()
        || c.is_whitespace()
        || matches!(code,
            0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x8e2 | 0x180e
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb
            | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xe0001..=0xe007f | 0xf0000..=0x10ffff)
        || code & 0xfffe == 0xfffe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float_text(number: f64) -> String {
        let mut out = String::new();
        write_float(number, &mut out).unwrap();
        out
    }

    #[test]
    fn floats_print_as_in_python() {
        for (number, text) in [
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1e-5, "1e-05"),
            (123456789012345.6, "123456789012345.6"),
            (0.0001, "0.0001"),
            (1e100, "1e+100"),
            (1.5e300, "1.5e+300"),
            (-0.0, "-0.0"),
        ] {
            assert_eq!(float_text(number), text);
        }
    }

    #[test]
    fn repr_escapes_what_cannot_be_seen() {
        assert_eq!(repr_of(&Value::from("it's\u{200b}\u{a0}é")), "\"it's\\u200b\\xa0é\"");
        assert_eq!(repr_of(&Value::from("a\"'b")), "'a\"\\'b'");
    }
}
