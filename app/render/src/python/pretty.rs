//! Python's `pprint.pformat` with its 80 columns: dicts in order of their keys, one item a line where a line is too short, texts
//! cut between words.

use super::{collections, operators, text};
use minijinja::{Value, value::ValueKind};

const WIDTH: usize = 80;

/// The text of a value.
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, 0, 0, &mut out);
    out
}

fn is_plain(value: &Value) -> bool {
    crate::objects::class_name(value).is_none()
}

fn sorted(value: &Value) -> Vec<(Value, Value)> {
    let mut pairs = collections::pairs(value);
    // keys of several kinds stay as they are
    let _ = operators::sort_by_key(&mut pairs, false, |(key, _)| key.clone());
    pairs
}

fn flat(value: &Value, depth: usize) -> String {
    match value.kind() {
        ValueKind::Map if is_plain(value) && depth < 50 => {
            let pairs = sorted(value).into_iter();
            let pairs: Vec<_> =
                pairs.map(|(key, item)| format!("{}: {}", flat(&key, depth + 1), flat(&item, depth + 1))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        ValueKind::Seq if is_plain(value) && depth < 50 => {
            let items: Vec<_> = value.try_iter().into_iter().flatten().map(|item| flat(&item, depth + 1)).collect();
            match (value.is_tuple(), items.len()) {
                (true, 1) => format!("({},)", items[0]),
                (true, _) => format!("({})", items.join(", ")),
                (false, _) => format!("[{}]", items.join(", ")),
            }
        }
        _ => text::repr_of(value),
    }
}

/// A text that is wider than a line, as texts that Python joins again.
fn words(text: &str, indent: usize, after: usize, outermost: bool, out: &mut String) {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut chunks: Vec<String> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let room = |last: bool| WIDTH.saturating_sub(indent + if last { after } else { 0 });
        let repr = text::quoted(line);
        if repr.chars().count() <= room(at + 1 == lines.len()) {
            chunks.push(repr);
            continue;
        }
        let mut parts: Vec<&str> = Vec::new();
        let (mut begin, mut blank) = (0, false);
        for (place, c) in line.char_indices() {
            if blank && !c.is_whitespace() {
                parts.push(&line[begin..place]);
                begin = place;
            }
            blank = c.is_whitespace();
        }
        parts.push(&line[begin..]);
        let mut current = String::new();
        for (nth, part) in parts.iter().enumerate() {
            let candidate = format!("{current}{part}");
            let last = nth + 1 == parts.len() && at + 1 == lines.len();
            if text::quoted(&candidate).chars().count() > room(last) {
                if !current.is_empty() {
                    chunks.push(text::quoted(&current));
                }
                (*part).clone_into(&mut current);
            } else {
                current = candidate;
            }
        }
        if !current.is_empty() {
            chunks.push(text::quoted(&current));
        }
    }
    let parentheses = outermost && chunks.len() > 1;
    out.push_str(if parentheses { "(" } else { "" });
    out.push_str(&chunks.join(&format!("\n{}", " ".repeat(indent))));
    out.push_str(if parentheses { ")" } else { "" });
}

/// `indent` is the column of the value, `after` what must still fit behind it.
fn write(value: &Value, indent: usize, after: usize, depth: usize, out: &mut String) {
    let line = flat(value, depth);
    if line.chars().count() + indent + after <= WIDTH || depth > 50 {
        out.push_str(&line);
        return;
    }
    if let Some(text) = value.as_str().filter(|_| value.kind() == ValueKind::String && !value.is_safe()) {
        return words(text, indent + usize::from(depth == 0), after + usize::from(depth == 0), depth == 0, out);
    }
    let join = |out: &mut String| {
        out.push_str(",\n");
        out.push_str(&" ".repeat(indent + 1));
    };
    match value.kind() {
        ValueKind::Map if is_plain(value) => {
            out.push('{');
            let pairs = sorted(value);
            for (at, (key, item)) in pairs.iter().enumerate() {
                if at > 0 {
                    join(out);
                }
                let key = flat(key, depth + 1);
                out.push_str(&key);
                out.push_str(": ");
                let last = at + 1 == pairs.len();
                write(item, indent + key.chars().count() + 3, if last { after + 1 } else { 1 }, depth + 1, out);
            }
            out.push('}');
        }
        ValueKind::Seq if is_plain(value) => {
            let (open, close) = if value.is_tuple() { ('(', ')') } else { ('[', ']') };
            out.push(open);
            let items: Vec<Value> = value.try_iter().into_iter().flatten().collect();
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    join(out);
                }
                let last = at + 1 == items.len();
                write(item, indent + 1, if last { after + 1 } else { 1 }, depth + 1, out);
            }
            if value.is_tuple() && items.len() == 1 {
                out.push(',');
            }
            out.push(close);
        }
        _ => out.push_str(&line),
    }
}
