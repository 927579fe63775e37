//! What a list shows: terms over fields, and free text. One text form serves the filter bar, the address bar, server
//! functions and saved views:
//!
//! ```text
//! status:enabled,maintenance asn:>64511 -tags:core autonomous_system.name:^Example router:none "deutsche"
//! ```
//!
//! `-` negates; a comma means "or" within a term; dots lead through references; `none` and `any` ask whether there is a
//! value. Text fields contain what follows unless `=` (exactly) or `^` (begins with) says otherwise; numbers and times
//! take `>` `>=` `<` `<=` and `1..9`; addresses take a prefix that they lie in; references take an id or words of the
//! other object. Case is ignored. A term that cannot be read is a problem with its place, never dropped.

use crate::{
    Field, Kind, Lookup, ObjectType, Record, Value,
    field::int,
    order::{compare, fold},
};
use std::{cmp::Ordering, fmt};

/// Which objects: all of the terms, and all of the words, each somewhere in their searched fields or in those of what
/// they are called after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub terms: Vec<Term>,
    pub words: Vec<String>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub negate: bool,
    pub path: Path,
    pub op: Op,
    /// Alternatives; two bounds for [`Op::Between`]; none for [`Op::Empty`].
    pub values: Vec<Value>,
}

/// A field, reached through references: all but the last are [`Kind::Reference`].
#[derive(Clone, Debug)]
pub struct Path(Vec<&'static Field>);

/// How a term compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Eq,
    Contains,
    Starts,
    Gt,
    Ge,
    Lt,
    Le,
    Between,
    /// The address lies in the prefix.
    Within,
    /// There is no value.
    Empty,
}

/// Why a part of a filter's text cannot be read. `start` and `end` count bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermProblem {
    pub start: usize,
    pub end: usize,
    pub message: String,
}

/// Every type has it, none describes it.
pub static ID: Field = int("id", 1, i64::MAX);

impl Path {
    /// `autonomous_system.asn`, from a type.
    ///
    /// # Errors
    /// A sentence naming the nearest known name.
    pub fn parse(of: &'static ObjectType, text: &str) -> Result<Self, String> {
        let mut at = of;
        let mut fields = Vec::new();
        let mut parts = text.split('.').peekable();
        while let Some(part) = parts.next() {
            let field = if part == "id" { Some(&ID) } else { at.field(part).filter(|f| !f.is_internal()) };
            let field = field.ok_or_else(|| unknown_field(at, part))?;
            fields.push(field);
            if parts.peek().is_some() {
                match field.kind {
                    Kind::Reference { to, .. } => at = to,
                    _ => return Err(format!("{} leads no further.", field.name)),
                }
            }
        }
        Ok(Self(fields))
    }

    /// This path, continued by one of the type that it leads to.
    #[must_use]
    pub fn then(&self, rest: Self) -> Self {
        Self(self.0.iter().copied().chain(rest.0).collect())
    }

    /// The fields before the last: all references.
    pub fn hops(&self) -> &[&'static Field] {
        &self.0[..self.0.len() - 1]
    }

    pub fn field(&self) -> &'static Field {
        // never empty: `parse` pushes at least one
        self.0[self.0.len() - 1]
    }

    /// The value at the path's end, from a record.
    pub fn value(&self, record: &Record, lookup: &dyn Lookup) -> Value {
        let mut at = record.clone();
        for hop in self.hops() {
            let (Kind::Reference { to, .. }, Value::Int(id)) = (hop.kind, at.get(hop.name)) else {
                return Value::Null;
            };
            match lookup.find(to, *id) {
                Some(next) => at = next,
                None => return Value::Null,
            }
        }
        if self.field().name == "id" { Value::Int(at.id) } else { at.get(self.field().name).clone() }
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, field) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at > 0 { "." } else { "" }, field.name)?;
        }
        Ok(())
    }
}

/// “IX sessions have no field x. Nearest: y.”
pub fn unknown_field(of: &ObjectType, name: &str) -> String {
    let names = of.fields.iter().filter(|f| !f.is_internal()).map(|f| f.name);
    match nearest(name, names) {
        Some(near) => format!("{} have no field “{name}”. The nearest is {near}.", of.plural),
        None => format!("{} have no field “{name}”.", of.plural),
    }
}

/// The known name that is most like a given one.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()) * 2 / 3)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, in bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.words.is_empty()
    }

    /// Reads the text form. What cannot be read is reported with its place; the rest is there all the same.
    pub fn parse(of: &'static ObjectType, text: &str) -> (Self, Vec<TermProblem>) {
        let mut filter = Self::default();
        let mut problems = Vec::new();
        for (start, token) in tokens(text) {
            let end = start + token.len();
            match split_term(token) {
                None => {
                    let word = unquote(token);
                    if !word.is_empty() {
                        filter.words.push(word);
                    }
                }
                Some((negate, path, value)) => match Term::parse(of, negate, path, value) {
                    Ok(term) => filter.terms.push(term),
                    Err(message) => problems.push(TermProblem { start, end, message }),
                },
            }
        }
        (filter, problems)
    }

    /// Whether a record is shown. Words are looked for in the fields marked `search`, of the object and of those that it
    /// is called after: a session is found by the name of its peer.
    pub fn matches(&self, record: &Record, lookup: &dyn Lookup) -> bool {
        self.terms.iter().all(|term| term.matches(record, lookup))
            && self.words.iter().all(|word| is_meant(record, &fold(word), lookup, NAMED_DEPTH))
    }
}

/// The folded text that free words are looked for in: the store keeps it in a column of its own.
pub fn search_text(record: &Record) -> String {
    let found: Vec<String> = record
        .iter()
        .filter(|(field, value)| field.is_search() && !value.is_empty())
        .map(|(field, value)| fold(&field.kind.print(value)))
        .collect();
    found.join("\n")
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms = self.terms.iter().map(Term::to_string);
        let words = self.words.iter().map(|word| {
            if word.contains(':') || word.starts_with('-') { format!("\"{}\"", escape(word)) } else { quote(word) }
        });
        f.write_str(&terms.chain(words).collect::<Vec<_>>().join(" "))
    }
}

impl Term {
    fn parse(of: &'static ObjectType, negate: bool, path: &str, text: &str) -> Result<Self, String> {
        let path = Path::parse(of, path)?;
        let field = path.field();
        if matches!(field.kind, Kind::Secret { .. } | Kind::Json { .. }) {
            return Err(format!("{} cannot be filtered by.", field.label()));
        }
        match text {
            "" => return Err("A value is missing after the colon.".to_owned()),
            "none" => return Ok(Self { negate, path, op: Op::Empty, values: Vec::new() }),
            "any" => return Ok(Self { negate: !negate, path, op: Op::Empty, values: Vec::new() }),
            _ => {}
        }
        let ordered = matches!(field.kind, Kind::Int { .. } | Kind::Float { .. } | Kind::Asn { .. } | Kind::Time);
        if ordered && let Some((low, high)) = text.split_once("..") {
            let values = vec![operand(field, low)?, operand(field, high)?];
            return Ok(Self { negate, path, op: Op::Between, values });
        }
        let marks: &[(&str, Op)] = if ordered {
            &[(">=", Op::Ge), ("<=", Op::Le), (">", Op::Gt), ("<", Op::Lt), ("=", Op::Eq)]
        } else {
            &[("=", Op::Eq), ("^", Op::Starts)]
        };
        let marked = marks.iter().find_map(|(mark, op)| text.strip_prefix(mark).map(|rest| (*op, rest)));
        let (op, rest) = match marked {
            Some((Op::Starts, _)) if !holds_words(field) => {
                return Err(format!("“begins with” is for texts; {} is not one.", field.label()));
            }
            Some(marked) => marked,
            None if holds_words(field) => (Op::Contains, text),
            None if is_address(field) && text.contains('/') => (Op::Within, text),
            None => (Op::Eq, text),
        };
        let values = alternatives(rest)
            .map(|word| match op {
                Op::Contains | Op::Starts => Ok(Value::text(unquote(word))),
                Op::Within => crate::address::parse_interface(&unquote(word), 0).map(|net| Value::Net(net.trunc())),
                Op::Eq if holds_words(field) => Ok(Value::text(unquote(word))),
                _ => operand(field, &unquote(word)),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if values.is_empty() {
            return Err("A value is missing after the colon.".to_owned());
        }
        Ok(Self { negate, path, op, values })
    }

    /// Whether a record satisfies it. A reference given in words is compared with the other object's searched fields.
    pub fn matches(&self, record: &Record, lookup: &dyn Lookup) -> bool {
        let value = self.path.value(record, lookup);
        let kind = self.path.field().kind;
        let holds = match self.op {
            Op::Empty => value.is_empty(),
            Op::Between => {
                !value.is_null()
                    && self.values.first().is_some_and(|low| compare(low, &value).is_le())
                    && self.values.get(1).is_some_and(|high| compare(&value, high).is_le())
            }
            op => self.values.iter().any(|wanted| holds(kind, op, &value, wanted, lookup)),
        };
        holds != self.negate
    }
}

fn holds(kind: Kind, op: Op, value: &Value, wanted: &Value, lookup: &dyn Lookup) -> bool {
    if value.is_null() {
        return false;
    }
    if let (Some(to), Value::Text(words)) = (kind.target(), wanted) {
        let named = |id: i64| named(to, id, &fold(words), lookup, NAMED_DEPTH);
        return match value {
            Value::Int(id) => named(*id),
            Value::Ids(ids) => ids.iter().copied().any(named),
            _ => false,
        };
    }
    match (op, value, wanted) {
        (Op::Eq, Value::Ids(ids), Value::Int(id)) => ids.contains(id),
        (Op::Eq, Value::Texts(texts), Value::Text(text)) => texts.contains(text),
        (Op::Eq, Value::Text(a), Value::Text(b)) => fold(a) == fold(b),
        (Op::Eq, value, wanted) => compare(value, wanted) == Ordering::Equal,
        (Op::Contains, Value::Text(text), Value::Text(part)) => fold(text).contains(&fold(part)),
        (Op::Starts, Value::Text(text), Value::Text(part)) => fold(text).starts_with(&fold(part)),
        (Op::Within, value, Value::Net(net)) => value.as_ip().is_some_and(|ip| net.contains(&ip)),
        (Op::Gt, value, wanted) => compare(value, wanted).is_gt(),
        (Op::Ge, value, wanted) => compare(value, wanted).is_ge(),
        (Op::Lt, value, wanted) => compare(value, wanted).is_lt(),
        (Op::Le, value, wanted) => compare(value, wanted).is_le(),
        _ => false,
    }
}

/// Whether the object with that id is meant by some (folded) words.
fn named(of: &'static ObjectType, id: i64, words: &str, lookup: &dyn Lookup, depth: usize) -> bool {
    lookup.find(of, id).is_some_and(|other| is_meant(&other, words, lookup, depth))
}

/// Whether an object is meant by some (folded) words: its own searched fields contain them, or those of an object that it
/// is called after do, at most `depth` references on. So a connection is found by the name of its exchange.
fn is_meant(record: &Record, words: &str, lookup: &dyn Lookup, depth: usize) -> bool {
    search_text(record).contains(words)
        || depth > 0
            && named_after(record.of)
                .any(|(field, to)| record.int(field.name).is_some_and(|id| named(to, id, words, lookup, depth - 1)))
}

/// How many references beyond the other object words are looked for: see [`named_after`].
pub const NAMED_DEPTH: usize = 2;

/// The references that a type's label leads through: what its objects are called after.
pub fn named_after(of: &'static ObjectType) -> impl Iterator<Item = (&'static Field, &'static ObjectType)> {
    let label = crate::label::label_fields(of);
    of.references().filter(move |(field, _)| label.iter().any(|named| named.name == field.name))
}

/// A value to compare with. Bounds are not enforced: `asn:>0` is a fair question.
fn operand(field: &Field, text: &str) -> Result<Value, String> {
    match field.kind {
        Kind::Asn { .. } if text.trim() == "0" => Ok(Value::Int(0)),
        Kind::Reference { .. } | Kind::References { .. } => {
            Ok(text.parse().map_or_else(|_| Value::text(text), Value::Int))
        }
        Kind::Choices(set) => Kind::Choice(set).parse(text),
        Kind::TextList | Kind::Permissions => Ok(Value::text(text)),
        Kind::IntList => Kind::Int { min: i64::MIN, max: i64::MAX, names: &[] }.parse(text),
        kind => kind.parse(text),
    }
}

/// Free text: compared by containing.
fn holds_words(field: &Field) -> bool {
    field.kind.is_textual() && field.kind.choices().is_none()
}

fn is_address(field: &Field) -> bool {
    matches!(field.kind, Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix)
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.path.field();
        if self.op == Op::Empty {
            return write!(f, "{}:{}", self.path, if self.negate { "any" } else { "none" });
        }
        let sign = if self.negate { "-" } else { "" };
        let print = |value: &Value| match (field.kind, value) {
            (_, Value::Text(text)) => quote_value(text),
            (Kind::Asn { .. }, Value::Int(number)) => number.to_string(),
            (_, Value::Net(net)) if self.op == Op::Within => net.to_string(),
            (Kind::Choices(set), value) => Kind::Choice(set).print(value),
            (kind, value) => quote_value(&kind.print(value)),
        };
        let values: Vec<String> = self.values.iter().map(print).collect();
        let mark = match self.op {
            Op::Eq if holds_words(field) || (is_address(field) && values.iter().any(|v| v.contains('/'))) => "=",
            Op::Starts => "^",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Lt => "<",
            Op::Le => "<=",
            _ => "",
        };
        let joined = values.join(if self.op == Op::Between { ".." } else { "," });
        write!(f, "{sign}{}:{mark}{joined}", self.path)
    }
}

/// Words of a filter text with their places; quotes keep blanks together.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let (mut start, mut quoted, mut escaped) = (None, false, false);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !quoted {
            if let Some(from) = start.take() {
                tokens.push((from, &text[from..at]));
            }
            continue;
        }
        start.get_or_insert(at);
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    if let Some(from) = start {
        tokens.push((from, &text[from..]));
    }
    tokens
}

fn split_term(token: &str) -> Option<(bool, &str, &str)> {
    let (negate, rest) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
    let (path, value) = rest.split_once(':')?;
    let named = !path.is_empty() && path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    // 2001:db8::1 is a word
    let named = named && !path.starts_with(|c: char| c.is_ascii_digit());
    named.then_some((negate, path, value))
}

/// Splits at commas outside quotes.
fn alternatives(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| match c {
        _ if escaped => {
            escaped = false;
            false
        }
        '\\' if quoted => {
            escaped = true;
            false
        }
        '"' => {
            quoted = !quoted;
            false
        }
        ',' => !quoted,
        _ => false,
    })
    .filter(|part| !part.is_empty())
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '"' => break,
            c => out.push(c),
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn quote(text: &str) -> String {
    let plain = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | ','));
    if plain { text.to_owned() } else { format!("\"{}\"", escape(text)) }
}

fn quote_value(text: &str) -> String {
    let special = matches!(text, "none" | "any") || text.starts_with(['=', '^', '>', '<']);
    if special { format!("\"{}\"", escape(text)) } else { quote(text) }
}

/// A term that compares one field with one value: what a click on a cell or a related list asks for.
pub fn equals(field: &'static Field, value: Value) -> Term {
    Term { negate: false, path: Path(vec![field]), op: Op::Eq, values: vec![value] }
}

/// A term that asks a reference field for any of some objects.
pub fn among(field: &'static Field, ids: impl IntoIterator<Item = i64>) -> Term {
    Term { negate: false, path: Path(vec![field]), op: Op::Eq, values: ids.into_iter().map(Value::Int).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AUTONOMOUS_SYSTEM, IX_SESSION};
    use proptest::prelude::*;

    fn read(of: &'static ObjectType, text: &str) -> Filter {
        let (filter, problems) = Filter::parse(of, text);
        assert_eq!(problems, vec![], "{text}");
        filter
    }

    #[test]
    fn text_form_is_read_and_printed() {
        for text in [
            "status:enabled,maintenance",
            "-tags:core",
            "autonomous_system.asn:>64511",
            "autonomous_system.asn:64500..64511",
            "ip_address:192.0.2.0/24",
            "autonomous_system.name:^Example",
            "bgp_state:none",
            "bgp_state:any",
            "ixp_connection:12",
            "ixp_connection:\"Example IX\"",
            "deutsche",
            "\"two words\"",
            "2001:db8::1",
        ] {
            let printed = read(&IX_SESSION, text).to_string();
            assert_eq!(read(&IX_SESSION, &printed), read(&IX_SESSION, text), "{text} -> {printed}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_reported_with_its_place() {
        let (filter, problems) = Filter::parse(&IX_SESSION, "status:enabled statis:x");
        assert_eq!(filter.terms.len(), 1);
        assert_eq!((problems[0].start, problems[0].end), (15, 23));
        assert!(problems[0].message.contains("status"), "{}", problems[0].message);
    }

    #[test]
    fn terms_hold_of_records() {
        let record = Record::new(&AUTONOMOUS_SYSTEM)
            .with("asn", Value::Int(64500))
            .with("name", Value::text("Example Net"))
            .with("affiliated", Value::Bool(true));
        for (text, holds) in [
            ("asn:64500", true),
            ("asn:AS64500", true),
            ("asn:>64500", false),
            ("asn:64000..64999", true),
            ("name:example", true),
            ("name:=example", false),
            ("name:^exam", true),
            ("-name:other", true),
            ("affiliated:yes", true),
            ("irr_as_set:none", true),
            ("as64500", true),
            ("example nothing", false),
        ] {
            assert_eq!(read(&AUTONOMOUS_SYSTEM, text).matches(&record, &()), holds, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_value_survives_the_text_form(value in "[^\\x00-\\x1f]{1,20}") {
            let term = Term {
                negate: false,
                path: Path::parse(&AUTONOMOUS_SYSTEM, "name").unwrap(),
                op: Op::Contains,
                values: vec![Value::text(value.as_str())],
            };
            let filter = Filter { terms: vec![term], words: vec![] };
            prop_assert_eq!(Filter::parse(&AUTONOMOUS_SYSTEM, &filter.to_string()), (filter, vec![]));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}") {
            let _ = Filter::parse(&IX_SESSION, &text);
        }
    }
}
