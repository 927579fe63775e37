//! `'%05d' % x`: Python's percent formatting, used by the operator and by the `format` filter.

use super::{fault, markup, text, type_name};
use crate::bounds;
use minijinja::{Error, Value, value::ValueKind};

/// Fills the conversions of `format`, which is a text, from `args`, or from `named` for `%(key)s`; what is filled into a safe
/// text is escaped.
///
/// # Errors
/// In Python's words: too few or too many arguments, a wrong type, an unknown conversion.
pub fn format(template: &Value, args: &[Value], named: Option<&Value>) -> Result<Value, Error> {
    let (format, safe) = (template.as_str().unwrap_or_default(), template.is_safe());
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    let mut args = args.iter();
    let mut used_name = false;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('s').filter(|_| !safe) {
            // what it nearly always is
            let value = text::as_str(args.next().ok_or_else(too_few)?);
            bounds::make(value.len())?;
            out.push_str(&value);
            rest = after;
            continue;
        }
        let mut spec = Spec::default();
        let mut value = None;
        if let Some(after) = rest.strip_prefix('(') {
            let (key, after) = after.split_once(')').unwrap_or((after, ""));
            rest = after;
            let map = named.ok_or_else(|| fault("format requires a mapping"))?;
            value = Some(
                map.get_item(&Value::from(key))
                    .ok()
                    .filter(|v| !v.is_undefined())
                    .ok_or_else(|| fault(format!("'{key}'")))?,
            );
            used_name = true;
        }
        while let Some(flag) = next_if(&mut rest, |c| "-+ 0#".contains(c)) {
            spec.flag(flag);
        }
        let mut next = || args.next().cloned().ok_or_else(too_few);
        if let Some(asked) = number(&mut rest, &mut next)? {
            spec.left |= asked < 0;
            spec.width = Some(bounds::width(asked.saturating_abs())?);
        }
        if next_if(&mut rest, |c| c == '.').is_some() {
            spec.precision = Some(bounds::width(number(&mut rest, &mut next)?.unwrap_or(0))?);
        }
        while next_if(&mut rest, |c| "hlL".contains(c)).is_some() {}
        let conversion = next_if(&mut rest, |_| true).ok_or_else(|| fault("incomplete format"))?;
        if conversion == '%' {
            out.push('%');
            continue;
        }
        let value = match value {
            Some(value) => value,
            None => next()?,
        };
        let converted = match conversion {
            's' if safe => spec.convert('s', &markup::escaped(&value))?,
            'r' | 'a' if safe => markup::escape(&spec.convert(conversion, &value)?),
            conversion => spec.convert(conversion, &value)?,
        };
        bounds::make(converted.len())?;
        out.push_str(&converted);
    }
    out.push_str(rest);
    if args.next().is_some() && !used_name && named.is_none() {
        return Err(fault("not all arguments converted during string formatting"));
    }
    Ok(markup::safe_if(safe, out))
}

fn too_few() -> Error {
    fault("not enough arguments for format string")
}

/// The next character, if it is such a one.
fn next_if(rest: &mut &str, is: impl Fn(char) -> bool) -> Option<char> {
    let mut chars = rest.chars();
    let next = chars.next().filter(|c| is(*c))?;
    *rest = chars.as_str();
    Some(next)
}

fn number(rest: &mut &str, next: &mut impl FnMut() -> Result<Value, Error>) -> Result<Option<i64>, Error> {
    if next_if(rest, |c| c == '*').is_some() {
        return super::arguments::as_int(&next()?).map(Some);
    }
    let digits;
    (digits, *rest) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    Ok((!digits.is_empty()).then(|| digits.parse().unwrap_or(i64::MAX)))
}

#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    zero: bool,
    alternate: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

impl Spec {
    fn flag(&mut self, flag: char) {
        match flag {
            '-' => self.left = true,
            '+' => self.plus = true,
            ' ' => self.blank = true,
            '0' => self.zero = true,
            _ => self.alternate = true,
        }
    }

    fn convert(&self, conversion: char, value: &Value) -> Result<String, Error> {
        let is_number = matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
        let float = || f64::try_from(value.clone()).unwrap_or_else(|_| f64::from(u8::from(value.is_true())));
        match conversion {
            's' | 'r' | 'a' => {
                let mut text = match conversion {
                    's' => text::str_of(value),
                    'r' => text::repr_of(value),
                    _ => text::ascii(&text::repr_of(value)),
                };
                if let Some(most) = self.precision {
                    text = text.chars().take(most).collect();
                }
                Ok(self.pad(text, ""))
            }
            'c' => {
                let text = match value.as_str() {
                    Some(text) if text.chars().count() == 1 => text.to_owned(),
                    _ => u32::try_from(super::arguments::as_int(value).unwrap_or(-1))
                        .ok()
                        .and_then(char::from_u32)
                        .map(String::from)
                        .ok_or_else(|| fault("%c requires int or char"))?,
                };
                Ok(self.pad(text, ""))
            }
            'd' | 'i' | 'u' => {
                if let Some(address) = value.downcast_object_ref::<crate::objects::address::Address>() {
                    return Ok(self.whole(false, "", &address.number().to_string()));
                }
                if !is_number {
                    return Err(fault(format!(
                        "%{conversion} format: a real number is required, not {}",
                        type_name(value)
                    )));
                }
                let digits = match super::arguments::as_int(value) {
                    Ok(number) => number.to_string(),
                    Err(_) if value.is_integer() => value.to_string(),
                    Err(_) => format!("{:.0}", float().trunc()),
                };
                Ok(self.whole(digits.starts_with('-'), "", digits.trim_start_matches('-')))
            }
            'x' | 'X' | 'o' => {
                if !value.is_integer() && value.kind() != ValueKind::Bool {
                    return Err(fault(format!(
                        "%{conversion} format: an integer is required, not {}",
                        type_name(value)
                    )));
                }
                let number = i128::try_from(value.clone()).map_err(|_| fault("number is too large"))?;
                let (prefix, digits) = match conversion {
                    'x' => ("0x", format!("{:x}", number.unsigned_abs())),
                    'X' => ("0X", format!("{:X}", number.unsigned_abs())),
                    _ => ("0o", format!("{:o}", number.unsigned_abs())),
                };
                let prefix = if self.alternate { prefix } else { "" };
                Ok(self.whole(number < 0, prefix, &digits))
            }
            'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
                if !is_number {
                    return Err(fault(format!("must be real number, not {}", type_name(value))));
                }
                let precision = self.precision.unwrap_or(6);
                let text = match conversion.to_ascii_lowercase() {
                    'f' => format!("{:.precision$}", float()),
                    'e' => scientific(float(), precision),
                    _ => general(float(), precision),
                };
                Ok(self.signed(&if conversion.is_ascii_uppercase() { text.to_uppercase() } else { text }))
            }
            other => Err(fault(format!("unsupported format character '{other}' (0x{:x})", other as u32))),
        }
    }

    /// A whole number: what stands before its digits stands before the zeros as well.
    fn whole(&self, negative: bool, prefix: &str, digits: &str) -> String {
        let digits = format!("{}{digits}", "0".repeat(self.precision.unwrap_or(0).saturating_sub(digits.len())));
        let sign = match () {
            () if negative => "-",
            () if self.plus => "+",
            () if self.blank => " ",
            () => "",
        };
        self.pad(digits, &format!("{sign}{prefix}"))
    }

    fn signed(&self, digits: &str) -> String {
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None if self.plus => ("+", digits),
            None if self.blank => (" ", digits),
            None => ("", digits),
        };
        self.pad(digits.to_owned(), sign)
    }

    fn pad(&self, text: String, sign: &str) -> String {
        let length = text.chars().count() + sign.len();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        if self.left {
            format!("{sign}{text}{}", " ".repeat(missing))
        } else if self.zero && text.starts_with(|c: char| c.is_ascii_hexdigit()) {
            format!("{sign}{}{text}", "0".repeat(missing))
        } else {
            format!("{}{sign}{text}", " ".repeat(missing))
        }
    }
}

pub(super) fn scientific(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

pub(super) fn general(number: f64, precision: usize) -> String {
    let precision = precision.max(1);
    let text = scientific(number, precision - 1);
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or_default();
    let short = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if exponent < -4 || exponent >= i32::try_from(precision).unwrap_or(i32::MAX) {
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
        format!("{}e{exponent}", short(digits))
    } else {
        let decimals = usize::try_from(i32::try_from(precision).unwrap_or(6) - 1 - exponent).unwrap_or_default();
        short(&format!("{number:.decimals$}"))
    }
}
