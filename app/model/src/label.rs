//! An object in words: `AS64500 - Example`, `Example-IX - AS64501 - IP 192.0.2.1`.
//!
//! A type's label is a pattern, not a function, so that whoever fetches records knows from the pattern which others they
//! need. `{path}` is a field, dots lead through references; a path that ends at a reference gives that object's label, and
//! `{path:minute}` a moment to the minute. `[...]` is left out when a path inside it is empty; of `[...|...]` the first that lacks
//! nothing is taken. `{id}` is the object's number.

use crate::{Kind, ObjectType, Record, Value, text};

/// After a path to a moment.
const MINUTE: &str = ":minute";

/// Finds objects that records refer to.
pub trait Lookup {
    fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record>;
}

/// Finds nothing: references print as `#id`.
impl Lookup for () {
    fn find(&self, _: &'static ObjectType, _: i64) -> Option<Record> {
        None
    }
}

/// The natural text of a record.
pub fn label(record: &Record, lookup: &dyn Lookup) -> String {
    let text = fill(record.of.label, record, lookup, &mut false);
    // blanks that surround what was left out; an object's own stay
    let text = if record.of.label.contains('[') { text.trim() } else { &text };
    if text.trim().is_empty() { format!("{} #{}", record.of.name, record.id) } else { text.to_owned() }
}

/// The natural text of an object known by its id only.
pub fn label_of(of: &'static ObjectType, id: i64, lookup: &dyn Lookup) -> String {
    lookup.find(of, id).map_or_else(|| format!("{} #{id}", of.name), |record| label(&record, lookup))
}

fn fill(pattern: &str, record: &Record, lookup: &dyn Lookup, missing: &mut bool) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '[']) {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        if rest.as_bytes()[at] == b'{' {
            let end = tail.find('}').unwrap_or(tail.len());
            match resolve(&tail[..end], record, lookup) {
                Some(text) => out.push_str(&text),
                None => *missing = true,
            }
            rest = tail.get(end + 1..).unwrap_or_default();
        } else {
            let end = matching_bracket(tail);
            let whole = |pattern| {
                let mut absent = false;
                let text = fill(pattern, record, lookup, &mut absent);
                (!absent).then_some(text)
            };
            out.extend(alternatives(&tail[..end]).find_map(whole));
            rest = tail.get(end + 1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// What stands between the bars of a bracket, but not between those of brackets inside it.
fn alternatives(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    text.split(move |c| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        c == '|' && depth == 0
    })
}

fn matching_bracket(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 0 => return at,
            ']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn resolve(path: &str, record: &Record, lookup: &dyn Lookup) -> Option<String> {
    let (path, to_the_minute) = path.strip_suffix(MINUTE).map_or((path, false), |path| (path, true));
    let (head, tail) = path.split_once('.').map_or((path, None), |(head, tail)| (head, Some(tail)));
    if head == "id" {
        return Some(record.id.to_string());
    }
    let field = record.of.field(head)?;
    let value = record.get(head);
    match (field.kind, value, tail) {
        (_, value, _) if value.is_empty() => None,
        (Kind::Time, Value::Time(micros), _) if to_the_minute => Some(text::print_minute(*micros)),
        (Kind::Reference { to, .. }, Value::Int(id), Some(tail)) => resolve(tail, &lookup.find(to, *id)?, lookup),
        (Kind::Reference { to, .. }, Value::Int(id), None) => Some(label_of(to, *id, lookup)),
        // a label writes "AS" itself
        (Kind::Asn { .. }, Value::Int(number), _) => Some(number.to_string()),
        (Kind::Choice(_), Value::Text(code), _) => Some(field.kind.label_of(code).to_owned()),
        (kind, value, _) => Some(kind.print(value)),
    }
}

/// The fields of its own that a type's label starts from, in order.
pub fn label_fields(of: &ObjectType) -> Vec<&'static crate::Field> {
    paths(of.label).filter_map(|path| of.field(path.split('.').next().unwrap_or(path))).collect()
}

/// The paths inside a label's braces.
pub fn paths(pattern: &'static str) -> impl Iterator<Item = &'static str> {
    pattern.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next())
}
