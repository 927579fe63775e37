//! YAML in PyYAML's default block style: list items not indented under their key, folded at 80 columns, ASCII.
//!
//! Which style a text gets follows PyYAML's analyser: plain where nothing can be misread, single quotes otherwise, double
//! quotes where a character needs an escape.

use super::data::Data;
use std::fmt::Write as _;

const WIDTH: usize = 80;

/// The document, ending with a newline; a bare scalar is followed by `...`.
pub fn write(data: &Data, indent: usize) -> String {
    // PyYAML's bounds
    let indent = if (2..10).contains(&indent) { indent } else { 2 };
    let mut out = String::new();
    match data {
        Data::List(items) if !items.is_empty() => list(items, indent, 0, &mut out),
        Data::Tagged(tag, items) if !items.is_empty() => {
            let _ = writeln!(out, "!!{tag}");
            list(items, indent, 0, &mut out);
        }
        Data::Tagged(tag, _) => {
            let _ = writeln!(out, "!!{tag} []");
        }
        Data::Map(pairs) if !pairs.is_empty() => map(pairs, indent, 0, &mut out),
        Data::List(_) => out.push_str("[]\n"),
        Data::Map(_) => out.push_str("{}\n"),
        scalar_data => {
            let plain = scalar(scalar_data, indent, 0, &mut out, false);
            out.push('\n');
            if plain {
                out.push_str("...\n");
            }
        }
    }
    out
}

fn column(out: &str) -> usize {
    out.len() - out.rfind('\n').map_or(0, |at| at + 1)
}

fn pad(out: &mut String, column: usize) {
    out.push_str(&" ".repeat(column));
}

fn list(items: &[Data], indent: usize, at: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || column(out) == 0 {
            pad(out, at);
        }
        out.push('-');
        match item {
            Data::List(inner) if !inner.is_empty() => {
                pad(out, indent.saturating_sub(1).max(1));
                list(inner, indent, at + indent, out);
            }
            Data::Map(inner) if !inner.is_empty() => {
                pad(out, indent.saturating_sub(1).max(1));
                map(inner, indent, at + indent, out);
            }
            Data::Tagged(tag, inner) if !inner.is_empty() => {
                let _ = writeln!(out, " !!{tag}");
                list(inner, indent, at + indent, out);
            }
            item => {
                out.push(' ');
                leaf(item, indent, at + indent, out);
            }
        }
    }
}

fn map(pairs: &[(Data, Data)], indent: usize, at: usize, out: &mut String) {
    for (index, (key, item)) in pairs.iter().enumerate() {
        if index > 0 || column(out) == 0 {
            pad(out, at);
        }
        if is_simple(key) {
            scalar(key, indent, at + indent, out, true);
        } else {
            out.push_str("? ");
            match key {
                Data::Tagged(tag, inner) if !inner.is_empty() => {
                    let _ = writeln!(out, "!!{tag}");
                    list(inner, indent, at, out);
                }
                key => leaf(key, indent, at + indent, out),
            }
            pad(out, at);
        }
        out.push(':');
        match item {
            Data::List(inner) if !inner.is_empty() => {
                out.push('\n');
                list(inner, indent, at, out);
            }
            Data::Tagged(tag, inner) if !inner.is_empty() => {
                let _ = writeln!(out, " !!{tag}");
                list(inner, indent, at, out);
            }
            Data::Map(inner) if !inner.is_empty() => {
                out.push('\n');
                pad(out, at + indent);
                map(inner, indent, at + indent, out);
            }
            item => {
                out.push(' ');
                leaf(item, indent, at + indent, out);
            }
        }
    }
}

/// Whether a key may stand on the line of its value.
fn is_simple(key: &Data) -> bool {
    match key {
        Data::Text(text) => !text.is_empty() && text.chars().count() < 128 && !text.contains('\n'),
        Data::Tagged(..) | Data::List(_) | Data::Map(_) => false,
        _ => true,
    }
}

fn leaf(data: &Data, indent: usize, at: usize, out: &mut String) {
    match data {
        Data::List(_) => out.push_str("[]"),
        Data::Map(_) => out.push_str("{}"),
        Data::Tagged(tag, _) => {
            let _ = write!(out, "!!{tag} []");
        }
        data => {
            scalar(data, indent, at, out, false);
        }
    }
    out.push('\n');
}

/// Writes a scalar; whether it was plain.
fn scalar(data: &Data, indent: usize, at: usize, out: &mut String, key: bool) -> bool {
    let at = if at == 0 && !key { indent } else { at };
    match data {
        Data::Null => out.push_str("null"),
        Data::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Data::Number(number, true) => {
            // PyYAML's resolver wants a dot in the mantissa
            match number.split_once('e') {
                Some((digits, exponent)) if !digits.contains('.') => {
                    let _ = write!(out, "{digits}.0e{exponent}");
                }
                _ => out.push_str(match number.as_str() {
                    "inf" => ".inf",
                    "-inf" => "-.inf",
                    "nan" => ".nan",
                    number => number,
                }),
            }
        }
        Data::Number(number, false) => out.push_str(number),
        Data::Text(text) => match style(text, key) {
            Style::Plain => {
                plain(text, at, out, key);
                return true;
            }
            Style::Single => single(text, at, out, key),
            Style::Double => double(text, at, out, key),
        },
        Data::List(_) | Data::Map(_) | Data::Tagged(..) => {}
    }
    !matches!(data, Data::Text(_))
}

enum Style {
    Plain,
    Single,
    Double,
}

fn style(text: &str, key: bool) -> Style {
    let special = text.chars().any(|c| !(c == '\n' || matches!(c, ' '..='~')));
    // folded into quotes of the other kind, a blank at a line's end or beginning would be lost
    let space_break = text.contains(" \n") || text.contains("\n ");
    if special || space_break {
        return Style::Double;
    }
    let multiline = text.contains('\n');
    if multiline && key {
        return Style::Double;
    }
    let first = text.chars().next().unwrap_or(' ');
    let second_blank = text.chars().nth(1).is_none_or(|c| c == ' ' || c == '\n');
    let indicator =
        matches!(first, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`')
            || matches!(first, '?' | ':') && second_blank
            || first == '-' && second_blank
            || text.starts_with("---")
            || text.starts_with("...");
    let inner = text.contains(": ") || text.ends_with(':') || text.contains(" #");
    let edges = text.is_empty() || text.starts_with(' ') || text.ends_with(' ') || multiline;
    if indicator || inner || edges || resolves(text) { Style::Single } else { Style::Plain }
}

/// Whether a plain text would be read as something else than a text (YAML 1.1, as PyYAML resolves it).
fn resolves(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let cased = text == lower || text == text.to_ascii_uppercase() || {
        let mut chars = text.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.all(|c| c.is_lowercase())
    };
    let word = matches!(lower.as_str(), "yes" | "no" | "true" | "false" | "on" | "off" | "null") && cased;
    word || matches!(text, "~" | "=" | "<<" | "") || is_int(text) || is_float(text) || is_time(text)
}

fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}

fn is_int(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(hex) = digits.strip_prefix("0x") {
        return all(hex, |c| c.is_ascii_hexdigit() || c == '_');
    }
    if let Some(binary) = digits.strip_prefix("0b") {
        return all(binary, |c| matches!(c, '0' | '1' | '_'));
    }
    let decimal = !digits.starts_with('_') && all(digits, |c| c.is_ascii_digit() || c == '_');
    if decimal {
        return digits == "0" || !digits.starts_with('0') || digits.chars().all(|c| matches!(c, '0'..='7' | '_'));
    }
    is_sexagesimal(digits)
}

fn is_sexagesimal(digits: &str) -> bool {
    let mut parts = digits.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    first.starts_with(|c: char| matches!(c, '1'..='9'))
        && all(first, |c| c.is_ascii_digit() || c == '_')
        && !rest.is_empty()
        && rest.iter().all(|part| part.parse::<u32>().is_ok_and(|n| n < 60) && part.len() <= 2)
}

fn is_float(text: &str) -> bool {
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).map_or((number, None), |(m, e)| (m, Some(e)));
    let Some((before, after)) = mantissa.split_once('.') else { return false };
    let exponent_fits =
        exponent.is_none_or(|e| e.strip_prefix(['-', '+']).is_some_and(|e| all(e, |c| c.is_ascii_digit())));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '_');
    if before.is_empty() {
        return after.starts_with(|c: char| c.is_ascii_digit()) && digits(after) && exponent_fits;
    }
    before.starts_with(|c: char| c.is_ascii_digit())
        && (digits(before) || is_sexagesimal(before) && exponent.is_none())
        && digits(after)
        && exponent_fits
}

fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let date = text.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    if !date {
        return false;
    }
    let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let parts: Vec<&str> = text[..end].split('-').collect();
    let whole = parts.len() == 3
        && parts[1..].iter().all(|part| (1..=2).contains(&part.len()) && all(part, |c| c.is_ascii_digit()));
    whole && if end == text.len() { text.len() == 10 } else { text[end + 1..].trim_start().contains(':') }
}

fn plain(text: &str, at: usize, out: &mut String, key: bool) {
    let mut first = true;
    for word in text.split(' ') {
        if !first {
            let single = !word.is_empty() && !out.ends_with(' ');
            if !key && single && column(out) > WIDTH {
                out.push('\n');
                pad(out, at);
            } else {
                out.push(' ');
            }
        }
        out.push_str(word);
        first = false;
    }
}

fn single(text: &str, at: usize, out: &mut String, key: bool) {
    out.push('\'');
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        match chars[i] {
            '\'' => out.push_str("''"),
            '\n' => {
                let mut breaks = 0;
                while chars.get(i) == Some(&'\n') {
                    breaks += 1;
                    i += 1;
                }
                out.push('\n');
                for _ in 0..breaks {
                    out.push('\n');
                }
                pad(out, at);
                continue;
            }
            ' ' => {
                let lone =
                    i > 0 && i + 1 < chars.len() && chars[i - 1] != ' ' && chars[i + 1] != ' ' && chars[i + 1] != '\n';
                if lone && !key && column(out) > WIDTH {
                    out.push('\n');
                    pad(out, at);
                } else {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
        i += 1;
    }
    out.push('\'');
}

fn double(text: &str, at: usize, out: &mut String, key: bool) {
    out.push('"');
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let split = *c == ' ' && i > 0 && i + 1 < chars.len();
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\u{1b}' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{a0}' => out.push_str("\\_"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            ' '..='~' if split && !key && column(out) > WIDTH => {
                out.push_str("\\\n");
                pad(out, at);
                out.push_str("\\ ");
            }
            ' '..='~' => out.push(*c),
            c => {
                let code = *c as u32;
                // writing to a String cannot fail
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02X}"),
                    0x100..=0xffff => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                };
            }
        }
        // after what is escaped a line may end anywhere
        let escaped = !matches!(c, ' '..='~') || matches!(c, '"' | '\\');
        if escaped && !key && i > 0 && i + 1 < chars.len() && column(out) > WIDTH + 1 {
            out.push_str("\\\n");
            pad(out, at);
            if chars[i + 1] == ' ' {
                out.push('\\');
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Data {
        Data::Text(text.to_owned())
    }

    /// As PyYAML 6 gives them.
    #[test]
    fn what_only_python_has_is_tagged() {
        let one = || vec![Data::Number("1".to_owned(), false)];
        let tuple = |items: Vec<Data>| Data::Tagged("python/tuple".to_owned(), items);
        let pairs = |first: Data| Data::Map(vec![(text("a"), first), (text("b"), tuple(Vec::new()))]);
        assert_eq!(write(&tuple(one()), 2), "!!python/tuple\n- 1\n");
        assert_eq!(write(&pairs(tuple(one())), 2), "a: !!python/tuple\n- 1\nb: !!python/tuple []\n");
        let nested = Data::List(vec![tuple(one()), Data::List(one()), tuple(Vec::new())]);
        assert_eq!(write(&nested, 4), "- !!python/tuple\n    - 1\n-   - 1\n- !!python/tuple []\n");
    }

    #[test]
    fn long_and_indented_texts_are_as_pyyaml_writes_them() {
        let e = |count: usize| "\\xE9".repeat(count);
        assert_eq!(write(&text("banner\n  indented\nend"), 2), "\"banner\\n  indented\\nend\"\n");
        assert_eq!(write(&text(&"é".repeat(40)), 2), format!("\"{}\\\n  {}\"\n", e(21), e(19)));
        let b = |count: usize| "\\xE9 b".repeat(count);
        let expected = format!("\"{}\\xE9\\\n  \\ b{}\\xE9\\\n  \\ b{}\"\n", b(13), b(12), b(3));
        assert_eq!(write(&text(&"é b".repeat(30)), 2), expected);
    }
}
