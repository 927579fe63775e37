//! `'{:>5} {name!r}'.format(...)`: Python's format language. Underscore attributes are refused, as in the sandbox.

use super::{
    collections, fault, markup, printf, text,
    time::{Date, Moment},
    type_name,
};
use crate::bounds;
use crate::objects::{self, Pending};
use minijinja::{Error, Value, value::ValueKind};

/// What the fields of a format text are filled from.
struct Filler<'a> {
    positional: &'a [Value],
    keywords: Option<&'a Value>,
    /// The next automatic number; none once a field was numbered.
    next: Option<usize>,
    numbered: bool,
    /// The text is safe, and what is filled in becomes so.
    safe: bool,
}

/// `format.format(*args)`; keywords stand last.
///
/// # Errors
/// In Python's words.
pub fn format(format: &str, args: &[Value], safe: bool) -> Result<Value, Error> {
    if args.iter().any(Pending::is) {
        return Ok(Pending::value());
    }
    let (positional, keywords) = match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => (rest, Some(last)),
        _ => (args, None),
    };
    let mut filler = Filler { positional, keywords, next: Some(0), numbered: false, safe };
    Ok(Value::from(filler.fill(format, 0)?))
}

/// `format.format_map(mapping)`.
///
/// # Errors
/// In Python's words.
pub fn format_map(format: &str, mapping: &Value) -> Result<Value, Error> {
    let mut filler = Filler { positional: &[], keywords: Some(mapping), next: Some(0), numbered: false, safe: false };
    Ok(Value::from(filler.fill(format, 0)?))
}

impl Filler<'_> {
    fn fill(&mut self, format: &str, depth: usize) -> Result<String, Error> {
        let mut out = String::with_capacity(format.len());
        let mut rest = format;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace).filter(|_| depth == 0) {
                out.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(fault("Single '}' encountered in format string"));
            }
            let end = closing(rest).ok_or_else(|| {
                fault(if rest.is_empty() {
                    "Single '{' encountered in format string"
                } else {
                    "expected '}' before end of string"
                })
            })?;
            let filled = self.field(&rest[..end], depth)?;
            bounds::make(filled.len())?;
            out.push_str(&filled);
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    fn field(&mut self, field: &str, depth: usize) -> Result<String, Error> {
        crate::deadline::look()?;
        if depth > 1 {
            return Err(fault("Max string recursion exceeded"));
        }
        // a bracket may hold a colon or an exclamation mark
        let mut bracket = false;
        let split = field.find(|c| {
            bracket = c == '[' || bracket && c != ']';
            !bracket && matches!(c, ':' | '!')
        });
        let (name, tail) = field.split_at(split.unwrap_or(field.len()));
        let (conversion, spec) = match tail.strip_prefix('!') {
            Some(tail) => {
                let mut chars = tail.chars();
                let conversion = chars.next().ok_or_else(|| fault("unmatched '{' in format spec"))?;
                match (chars.next(), chars.as_str()) {
                    (None, _) => (Some(conversion), ""),
                    (Some(':'), spec) => (Some(conversion), spec),
                    _ => return Err(fault("expected ':' after conversion specifier")),
                }
            }
            None => (None, tail.strip_prefix(':').unwrap_or_default()),
        };
        let value = self.value(name)?;
        let value = match conversion {
            None => value,
            Some('r') => Value::from(text::repr_of(&value)),
            Some('s') => Value::from(text::str_of(&value)),
            Some('a') => Value::from(text::ascii(&text::repr_of(&value))),
            Some(other) => return Err(fault(format!("Unknown conversion specifier '{other}'"))),
        };
        let spec = if spec.contains('{') { self.fill(spec, depth + 1)? } else { spec.to_owned() };
        let day = value.downcast_object_ref::<Date>().map(|day| &day.0);
        if let Some(moment) = value.downcast_object_ref::<Moment>().or(day).filter(|_| !spec.is_empty()) {
            return Ok(moment.strftime(&spec));
        }
        let shown = Spec::parse(&spec)?.apply(&value, &spec)?;
        Ok(if self.safe && depth == 0 && !value.is_safe() { markup::escape(&shown) } else { shown })
    }

    fn value(&mut self, name: &str) -> Result<Value, Error> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut path) = name.split_at(end);
        let mut value = match first.parse::<usize>() {
            Ok(at) => {
                if self.next.is_some_and(|next| next > 0) {
                    return Err(fault("cannot switch from automatic field numbering to manual field specification"));
                }
                self.numbered = true;
                self.positional.get(at).cloned()
            }
            Err(_) if first.is_empty() => {
                if self.numbered {
                    return Err(fault("cannot switch from manual field specification to automatic field numbering"));
                }
                let at = self.next.unwrap_or_default();
                self.next = Some(at + 1);
                self.positional.get(at).cloned()
            }
            Err(_) => {
                let found = self.keywords.map(|all| all.get_attr(first)).transpose()?.filter(|v| !v.is_undefined());
                return found.ok_or_else(|| fault(text::quoted(first))).and_then(|value| along(value, path));
            }
        }
        .ok_or_else(|| fault("Replacement index out of range for positional args tuple"))?;
        if !path.is_empty() {
            value = along(value, std::mem::take(&mut path))?;
        }
        Ok(value)
    }
}

/// `.attribute` and `[key]` after a field's name.
fn along(mut value: Value, mut path: &str) -> Result<Value, Error> {
    while let Some(step) = path.chars().next() {
        path = &path[1..];
        value = if step == '[' {
            let end = path.find(']').ok_or_else(|| fault("Missing ']' in format string"))?;
            let key = &path[..end];
            path = &path[end + 1..];
            let key = key.parse::<i64>().map_or_else(|_| Value::from(key), Value::from);
            // what is nowhere is empty, as in a template
            value.get_item(&key)?
        } else {
            let end = path.find(['.', '[']).unwrap_or(path.len());
            let name = &path[..end];
            path = &path[end..];
            // the sandbox reads names as templates do: of a dict they are its keys, and what is nowhere is empty
            let hidden = name.starts_with('_') && value.kind() != ValueKind::Map;
            if value.is_undefined() {
                return Err(super::operators::undefined());
            }
            if hidden { Value::UNDEFINED } else { value.get_attr(name)? }
        };
    }
    Ok(value)
}

/// The brace that closes a field.
fn closing(rest: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[derive(Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    group: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    fn parse(spec: &str) -> Result<Self, Error> {
        let chars: Vec<char> = spec.chars().collect();
        let mut parsed = Self::default();
        let mut at = 0;
        let align = |c: Option<&char>| c.copied().filter(|c| matches!(c, '<' | '>' | '=' | '^'));
        if let Some(way) = align(chars.get(1)) {
            (parsed.fill, parsed.align, at) = (Some(chars[0]), Some(way), 2);
        } else if let Some(way) = align(chars.first()) {
            (parsed.align, at) = (Some(way), 1);
        }
        let flag = |at: &mut usize, wanted: &[char]| {
            let found = chars.get(*at).copied().filter(|c| wanted.contains(c));
            *at += usize::from(found.is_some());
            found
        };
        parsed.sign = flag(&mut at, &['+', '-', ' ']);
        parsed.alternate = flag(&mut at, &['#']).is_some();
        parsed.zero = flag(&mut at, &['0']).is_some();
        let number = |at: &mut usize| {
            let mut digits = String::new();
            while let Some(digit) = chars.get(*at).filter(|c| c.is_ascii_digit()) {
                digits.push(*digit);
                *at += 1;
            }
            bounds::width_of(&digits)
        };
        parsed.width = number(&mut at)?.unwrap_or_default();
        parsed.group = flag(&mut at, &[',', '_']);
        if flag(&mut at, &['.']).is_some() {
            parsed.precision = Some(number(&mut at)?.ok_or_else(|| fault("Format specifier missing precision"))?);
        }
        parsed.kind = chars.get(at).copied();
        if chars.len() > at + 1 {
            return Err(fault(format!("Invalid format specifier '{spec}'")));
        }
        Ok(parsed)
    }

    fn apply(&self, value: &Value, spec: &str) -> Result<String, Error> {
        let kind = value.kind();
        if spec.is_empty() {
            return Ok(text::str_of(value));
        }
        let unknown = || {
            let of = type_name(value);
            fault(format!("Unknown format code '{}' for object of type '{of}'", self.kind.unwrap_or_default()))
        };
        if matches!(kind, ValueKind::Number | ValueKind::Bool) {
            let whole = kind == ValueKind::Bool || value.is_integer();
            let (sign, digits) = match self.kind {
                None | Some('d' | 'n' | 'b' | 'o' | 'x' | 'X' | 'c') if whole => {
                    if self.precision.is_some() {
                        return Err(fault("Precision not allowed in integer format specifier"));
                    }
                    self.whole(value)?
                }
                None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => self.float(value),
                Some(_) => return Err(unknown()),
            };
            return Ok(self.number(&sign, &digits));
        }
        let own_text = value.downcast_object_ref::<objects::address::Address>().is_some();
        if kind != ValueKind::String && !own_text {
            return Err(fault(format!("unsupported format string passed to {}.__format__", type_name(value))));
        }
        if self.kind.is_some_and(|kind| kind != 's') {
            return Err(unknown());
        }
        if self.sign.is_some() || self.align == Some('=') {
            return Err(fault("Sign not allowed in string format specifier"));
        }
        let shown = text::str_of(value);
        let shown: String = shown.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        Ok(self.padded(&shown, '<', self.fill.unwrap_or(if self.zero { '0' } else { ' ' })))
    }

    /// Sign (with prefix) and digits.
    fn whole(&self, value: &Value) -> Result<(String, String), Error> {
        let number = match value.kind() {
            ValueKind::Bool => i128::from(value.is_true()),
            _ => i128::try_from(value.clone()).map_err(|_| fault("number is too large"))?,
        };
        let size = number.unsigned_abs();
        let (prefix, digits) = match self.kind {
            Some('b') => ("0b", format!("{size:b}")),
            Some('o') => ("0o", format!("{size:o}")),
            Some('x') => ("0x", format!("{size:x}")),
            Some('X') => ("0X", format!("{size:X}")),
            Some('c') => {
                let c = u32::try_from(number).ok().and_then(char::from_u32);
                return Ok((String::new(), c.ok_or_else(|| fault("%c arg not in range(0x110000)"))?.to_string()));
            }
            _ => ("", size.to_string()),
        };
        let by = if matches!(self.kind, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
        let prefix = if self.alternate { prefix } else { "" };
        Ok((format!("{}{prefix}", self.sign_of(number < 0)), self.grouped(&digits, by)))
    }

    fn float(&self, value: &Value) -> (String, String) {
        let number = match value.kind() {
            ValueKind::Bool => f64::from(u8::from(value.is_true())),
            _ => f64::try_from(value.clone()).unwrap_or(f64::NAN),
        };
        let (negative, size) = (number.is_sign_negative() && !number.is_nan(), number.abs());
        let precision = self.precision.unwrap_or(6);
        let kind = self.kind.unwrap_or_default();
        let mut digits = match kind.to_ascii_lowercase() {
            _ if !size.is_finite() => if size.is_nan() { "nan" } else { "inf" }.to_owned(),
            'f' => format!("{size:.precision$}"),
            'e' => printf::scientific(size, precision),
            '%' => format!("{:.precision$}%", size * 100.0),
            'g' | 'n' => printf::general(size, precision),
            _ => match self.precision {
                None => text::str_of(&Value::from(size)),
                Some(precision) => {
                    let short = printf::general(size, precision);
                    if short.contains(['.', 'e']) { short } else { short + ".0" }
                }
            },
        };
        if kind.is_ascii_uppercase() {
            digits = digits.to_uppercase();
        }
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let grouped = self.grouped(&digits[..end], 3) + &digits[end..];
        (self.sign_of(negative), grouped)
    }

    fn sign_of(&self, negative: bool) -> String {
        match (negative, self.sign) {
            (true, _) => "-".to_owned(),
            (false, Some(sign @ ('+' | ' '))) => sign.to_string(),
            _ => String::new(),
        }
    }

    fn grouped(&self, digits: &str, by: usize) -> String {
        let Some(mark) = self.group else { return digits.to_owned() };
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(by) {
                out.push(mark);
            }
            out.push(digit);
        }
        out
    }

    fn number(&self, sign: &str, digits: &str) -> String {
        let fill = self.fill.unwrap_or(if self.zero { '0' } else { ' ' });
        let align = self.align.unwrap_or(if self.zero { '=' } else { '>' });
        let by = if matches!(self.kind, Some('b' | 'o' | 'x' | 'X')) { 4 } else { 3 };
        let part = |c: char| c.is_ascii_digit() || Some(c) == self.group || by == 4 && c.is_ascii_hexdigit();
        let end = digits.find(|c| !part(c)).unwrap_or(digits.len());
        if (fill, align) == ('0', '=') && self.group.is_some() && end > 0 {
            // zeros are digits, which are grouped as well
            let own: String = digits[..end].chars().filter(|c| Some(*c) != self.group).collect();
            let room = self.width.saturating_sub(sign.len() + digits.len() - end);
            let mut count = own.len();
            while count + count.saturating_sub(1) / by < room {
                count += 1;
            }
            let whole = format!("{}{own}", "0".repeat(count - own.len()));
            return format!("{sign}{}{}", self.grouped(&whole, by), &digits[end..]);
        }
        if align == '=' {
            let gap = self.width.saturating_sub(sign.chars().count() + digits.chars().count());
            return format!("{sign}{}{digits}", fill.to_string().repeat(gap));
        }
        self.padded(&format!("{sign}{digits}"), '>', fill)
    }

    fn padded(&self, shown: &str, usual: char, fill: char) -> String {
        let gap = self.width.saturating_sub(shown.chars().count());
        let fill = |times: usize| fill.to_string().repeat(times);
        match self.align.unwrap_or(usual) {
            '<' => format!("{shown}{}", fill(gap)),
            '^' => format!("{}{shown}{}", fill(gap / 2), fill(gap - gap / 2)),
            _ => format!("{}{shown}", fill(gap)),
        }
    }
}

/// Values of a `translate` table, by code point.
///
/// # Errors
/// It would be too much text.
pub fn translate(this: &str, table: &Value) -> Result<String, Error> {
    let pairs = collections::pairs(table);
    let mapped = |c: char| {
        let found = pairs.iter().find(|(key, _)| key.as_i64() == Some(i64::from(u32::from(c))));
        let part = match found {
            None => c.to_string(),
            Some((_, to)) if to.is_none() => String::new(),
            Some((_, to)) => match to.as_i64().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32) {
                Some(c) => c.to_string(),
                None => text::str_of(to),
            },
        };
        bounds::make(part.len()).map(|()| part)
    };
    this.chars().map(mapped).collect()
}
