//! What can be written next in a template. The renderer says which variables, filters, methods and statements there are
//! (`peerage_render::words`), the descriptions which fields, so that a name that is offered here works there. What an
//! expression is, is guessed from the text before the cursor: variables of the context, loops and `set`, then field by
//! field. Where the guess fails nothing is offered; nothing is ever refused.

use super::editor::Completion;
use peerage_model::{
    Field, Kind, ObjectType,
    preview::{Gives, Word, Words},
    registry,
};

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One(&'static ObjectType),
    /// A query result: can be walked over, filtered and put in order.
    Rows(&'static ObjectType),
    /// A relation: has `all()` and its like, but cannot be walked over.
    Relation(&'static ObjectType),
    /// A list: can be walked over.
    List(&'static ObjectType),
}

impl Shape {
    fn of(self) -> &'static ObjectType {
        let (Self::One(of) | Self::Rows(of) | Self::Relation(of) | Self::List(of)) = self;
        of
    }

    /// What comes of it by a word.
    fn by(from: Option<Self>, gives: &Gives) -> Option<Self> {
        let known = |key: &str| registry::get(key).ok();
        match gives {
            Gives::Plain => None,
            Gives::Same => from.map(|shape| match shape {
                Self::Relation(of) => Self::Rows(of),
                shape => shape,
            }),
            Gives::Listed => from.map(|shape| Self::List(shape.of())),
            Gives::Item => from.map(|shape| Self::One(shape.of())),
            Gives::One(of) => known(of).map(Self::One),
            Gives::Rows(of) => known(of).map(Self::Rows),
            Gives::Relation(of) => known(of).map(Self::Relation),
            Gives::List(of) => known(of).map(Self::List),
        }
    }

    /// With an index behind it.
    fn picked(self, indexed: bool) -> Self {
        match self {
            Self::Rows(of) | Self::List(of) if indexed => Self::One(of),
            shape => shape,
        }
    }

    fn words(self) -> String {
        match self {
            Self::One(of) => of.name.to_owned(),
            Self::Rows(of) | Self::List(of) => of.plural.to_owned(),
            Self::Relation(of) => format!("{}: call all()", of.plural),
        }
    }
}

/// How deep variables are followed through others.
const DEEPEST: u8 = 8;

/// What may be written: the renderer's words, and the templates that there are.
#[derive(Clone, Copy)]
pub struct Vocabulary<'v> {
    pub words: &'v Words,
    /// What the template is, as includes say it: `configuration`, `exporttemplate`.
    pub kind: &'v str,
    /// Names of templates of that kind.
    pub templates: &'v [String],
}

/// The words of an export of a type.
pub fn of_export(words: &Words, of: &str) -> Words {
    let rows = |word: &Word| Word { gives: Gives::Rows(of.to_owned()), ..word.clone() };
    Words { variables: words.of_export.iter().map(rows).collect(), ..words.clone() }
}

/// What may follow `before`, the text up to the cursor.
pub fn complete(before: &str, vocabulary: Vocabulary<'_>) -> Vec<Completion> {
    let words = vocabulary.words;
    let Some(inside) = open_tag(before) else { return Vec::new() };
    if let Some((ahead, quoted)) = open_quote(inside.text) {
        return included(ahead, quoted, vocabulary);
    }
    let stem = inside.text.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
    if let Some(head) = stem.strip_suffix('.') {
        return match shape_of(last_chain(head), before, words, DEEPEST) {
            Some(Shape::One(of)) => members(of, words),
            Some(Shape::Rows(_) | Shape::Relation(_)) => entries(&words.of_rows),
            None if last_chain(head) == "loop" => entries(&words.of_loop),
            Some(Shape::List(_)) | None => Vec::new(),
        };
    }
    let ahead = stem.trim_end();
    if ahead.ends_with('|') {
        return entries(&words.filters).into_iter().map(|entry| Completion { apply: String::new(), ..entry }).collect();
    }
    if ahead.is_empty() && inside.statement {
        return entries(&words.statements);
    }
    if includes(ahead, vocabulary.kind) {
        return vocabulary.templates.iter().map(|name| named(name, 0, &format!("\"{name}\""))).collect();
    }
    if [" is", " is not"].iter().any(|end| ahead.ends_with(end)) && stem.ends_with(' ') {
        return entries(&words.tests);
    }
    let mut names = entries(&words.variables);
    for (name, expression) in assigned(before) {
        if names.iter().all(|known| known.label != name) {
            let shape = shape_of_variable(name, expression, before, words, DEEPEST);
            names.push(entry(name, &shape.map(Shape::words).unwrap_or_default(), ""));
        }
    }
    names.extend(entries(&words.functions));
    names
}

/// Whether a tag begins with the statement whose argument is a template's name.
fn includes(ahead: &str, kind: &str) -> bool {
    ahead.trim().strip_prefix("include_") == Some(kind)
}

/// The templates that a quoted text in a tag may name.
fn included(ahead: &str, quoted: &str, Vocabulary { kind, templates, .. }: Vocabulary<'_>) -> Vec<Completion> {
    let typed = match ahead.trim() {
        ahead if includes(ahead, kind) => quoted,
        // how other statements name one
        "include" | "import" | "from" | "extends" => {
            let kind = format!("{kind}::");
            match quoted.strip_prefix(&kind) {
                Some(typed) => typed,
                None => return vec![named(&kind, quoted.encode_utf16().count(), &kind)],
            }
        }
        _ => return Vec::new(),
    };
    let back = typed.encode_utf16().count();
    templates.iter().map(|name| named(name, back, name)).collect()
}

fn named(name: &str, back: usize, apply: &str) -> Completion {
    Completion { back: Some(back), apply: apply.to_owned(), ..entry(name, "template", "") }
}

/// What stands before a quote that is open at the end, and what is in it.
fn open_quote(text: &str) -> Option<(&str, &str)> {
    let mut open = None;
    for (at, c) in text.char_indices() {
        match open {
            Some((_, quote)) if c == quote => open = None,
            None if matches!(c, '"' | '\'') => open = Some((at, c)),
            _ => {}
        }
    }
    open.map(|(at, quote)| (&text[..at], &text[at + quote.len_utf8()..]))
}

/// Variables in use with what they are: for the list beside the editor.
pub fn variables(source: &str, words: &Words) -> Vec<(String, String)> {
    let mentioned = |name: &str| {
        source.match_indices(name).any(|(at, _)| {
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            !source[..at].ends_with(part)
                && !source[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    let given = words.variables.iter().filter(|word| mentioned(&word.name)).filter_map(|word| {
        let shape = Shape::by(None, &word.gives)?;
        Some((word.name.clone(), shape.words()))
    });
    let mut out: Vec<(String, String)> = given.collect();
    for (name, expression) in assigned(source) {
        let shape = shape_of_variable(name, expression, source, words, DEEPEST);
        if let Some(shape) = shape.filter(|_| out.iter().all(|(known, _)| known != name)) {
            out.push((name.to_owned(), shape.words()));
        }
    }
    out
}

fn entry(label: &str, detail: &str, info: &str) -> Completion {
    Completion {
        label: label.to_owned(),
        detail: detail.to_owned(),
        info: info.to_owned(),
        apply: String::new(),
        back: None,
    }
}

/// As the renderer tells them.
fn entries(words: &[Word]) -> Vec<Completion> {
    words
        .iter()
        .map(|word| {
            let leads = Shape::by(None, &word.gives).filter(|_| word.about.is_empty());
            let about = leads.map_or_else(|| word.about.clone(), Shape::words);
            let arguments = word.arguments.as_deref().unwrap_or_default();
            let detail = if arguments.is_empty() { about } else { format!("({arguments}) {about}") };
            let apply = word.arguments.as_ref().map(|_| format!("{}()", word.name)).unwrap_or_default();
            Completion { apply, ..entry(&word.name, &detail, "") }
        })
        .collect()
}

/// Whether templates may read a field.
fn is_readable(field: &Field) -> bool {
    !field.is_internal() && !field.is_credential()
}

fn words_of<'w>(of: &'static ObjectType, words: &'w Words) -> &'w [Word] {
    words.of_types.get(&of.key()).map(Vec::as_slice).unwrap_or_default()
}

fn members(of: &'static ObjectType, words: &Words) -> Vec<Completion> {
    let fields = of.fields.iter().filter(|field| is_readable(field)).map(|field| {
        let detail = match shape_of_field(field) {
            Some(shape) => shape.words(),
            None => field.kind.expected().trim_start_matches("a ").to_owned(),
        };
        entry(field.name, &detail, field.help)
    });
    fields.chain(entries(words_of(of, words))).collect()
}

fn shape_of_field(field: &Field) -> Option<Shape> {
    match field.kind {
        Kind::Reference { to, .. } => Some(Shape::One(to)),
        Kind::References { to } => Some(Shape::Relation(to)),
        _ => None,
    }
}

struct Inside<'t> {
    /// After the opening of the tag.
    text: &'t str,
    /// `{%`, not `{{`.
    statement: bool,
}

/// The tag that the end of the text is in.
fn open_tag(before: &str) -> Option<Inside<'_>> {
    let (at, statement) = match (before.rfind("{{"), before.rfind("{%")) {
        (Some(print), Some(block)) => (print.max(block), block > print),
        (Some(print), None) => (print, false),
        (None, Some(block)) => (block, true),
        (None, None) => return None,
    };
    let text = &before[at + 2..];
    if text.contains("}}") || text.contains("%}") {
        return None;
    }
    Some(Inside { text: text.trim_start_matches(['-', '+']), statement })
}

/// The names, dots and calls that the text ends with: `a.b(c).d`.
fn last_chain(text: &str) -> &str {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (bytes.len(), 0i32);
    while at > 0 {
        match bytes[at - 1] {
            b')' | b']' => depth += 1,
            b'(' | b'[' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b'.' | b'_' => {}
            letter if letter.is_ascii_alphanumeric() => {}
            _ => break,
        }
        at -= 1;
    }
    &text[at..]
}

/// The names, dots and calls that the text begins with.
fn first_chain(text: &str) -> &str {
    let mut depth = 0i32;
    let end = text.bytes().position(|byte| {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            _ if depth > 0 => {}
            b'.' | b'_' => {}
            letter if letter.is_ascii_alphanumeric() => {}
            _ => return true,
        }
        depth < 0
    });
    &text[..end.unwrap_or(text.len())]
}

/// The parts of a chain with what is called or indexed taken off: `b(c)` is `b`.
fn parts(chain: &str) -> Vec<(&str, bool)> {
    let mut out = Vec::new();
    let (mut from, mut depth) = (0, 0i32);
    for (at, byte) in chain.bytes().enumerate().chain([(chain.len(), b'.')]) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'.' if depth == 0 => {
                let part = &chain[from..at];
                let name = part.split(['(', '[']).next().unwrap_or_default();
                out.push((name, part.contains('[')));
                from = at + 1;
            }
            _ => {}
        }
    }
    out
}

fn shape_of(chain: &str, source: &str, words: &Words, depth: u8) -> Option<Shape> {
    let depth = depth.checked_sub(1)?;
    let parts = parts(chain);
    let ((first, indexed), rest) = parts.split_first()?;
    let known = words.variables.iter().find(|word| word.name == *first);
    let assigned = || {
        let all: Vec<_> = assigned(source).collect();
        all.iter()
            .rev()
            .find(|(name, _)| name == first)
            .and_then(|(name, expression)| shape_of_variable(name, *expression, source, words, depth))
    };
    let begin = known.and_then(|word| Shape::by(None, &word.gives)).or_else(assigned);
    let begin = begin.map(|shape| shape.picked(*indexed))?;
    rest.iter().try_fold(begin, |shape, (name, indexed)| {
        let by = |words: &[Word]| {
            words.iter().find(|word| word.name == *name).and_then(|word| Shape::by(Some(shape), &word.gives))
        };
        let next = match shape {
            Shape::One(of) => match of.field(name).filter(|field| is_readable(field)) {
                Some(field) => shape_of_field(field),
                None => by(words_of(of, words)),
            },
            Shape::Rows(_) | Shape::Relation(_) => by(&words.of_rows),
            Shape::List(_) => None,
        };
        next.map(|shape| shape.picked(*indexed))
    })
}

/// What a loop's or a `set`'s variable is.
fn shape_of_variable(name: &str, expression: Assigned<'_>, source: &str, words: &Words, depth: u8) -> Option<Shape> {
    let chain = first_chain(expression.text);
    // a variable made from itself would never end
    if parts(chain).first().is_some_and(|(first, _)| *first == name) {
        return None;
    }
    let filters = &expression.text[chain.len()..];
    let shape = filters.split('|').skip(1).fold(shape_of(chain, source, words, depth), |shape, filter| {
        let name = filter.trim().split(['(', ' ']).next().unwrap_or_default();
        words.filters.iter().find(|word| word.name == name).and_then(|word| Shape::by(shape, &word.gives))
    });
    match (shape?, expression.looped) {
        (Shape::Rows(of) | Shape::List(of), true) => Some(Shape::One(of)),
        (_, true) => None,
        (shape, false) => Some(shape),
    }
}

/// The right side of a `for` or `set`.
#[derive(Clone, Copy)]
struct Assigned<'t> {
    text: &'t str,
    looped: bool,
}

/// Variables that the template makes, in order.
fn assigned(source: &str) -> impl Iterator<Item = (&str, Assigned<'_>)> {
    source.split("{%").skip(1).filter_map(|tag| {
        let tag = tag.split("%}").next()?.trim_start_matches(['-', '+']).trim();
        let (word, rest) = tag.split_once(char::is_whitespace)?;
        let (looped, between) = match word {
            "for" => (true, " in "),
            "set" => (false, "="),
            _ => return None,
        };
        let (name, text) = rest.split_once(between)?;
        let (name, text) = (name.trim(), text.trim().trim_end_matches('-'));
        let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        plain.then_some((name, Assigned { text, looped }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use peerage_render::words::words;

    const KIND: &str = "configuration";

    fn labels(before: &str) -> Vec<String> {
        let templates = ["filters of edge".to_owned()];
        let vocabulary = Vocabulary { words: &words(), kind: KIND, templates: &templates };
        complete(before, vocabulary).into_iter().map(|entry| entry.label).collect()
    }

    fn offers(before: &str, name: &str) -> bool {
        labels(before).iter().any(|label| label == name)
    }

    #[test]
    fn nothing_is_offered_outside_of_tags() {
        assert!(labels("protocols { bgp ").is_empty());
        assert!(labels("{{ router }} rou").is_empty());
    }

    #[test]
    fn fields_and_methods_follow_a_dot() {
        assert!(offers("{{ router.na", "hostname") && offers("{{ router.na", "get_connections"));
        assert!(offers("{{ local_as.", "peeringdb_network") && offers("{{ router.", "get_status_display"));
        let names = labels("{{ router.");
        assert!(!names.iter().any(|name| name.starts_with("napalm_pass")), "credentials are not for templates");
    }

    #[test]
    fn references_relations_and_methods_lead_on() {
        assert!(offers("{{ router.local_autonomous_system.", "asn"));
        assert!(offers("{{ router.connection_set.", "all"));
        assert!(offers("{% for c in router.get_connections() %}{{ c.", "mac_address"));
        assert!(offers(
            "{% for g in bgp_groups.filter(name='x') %}{% for s in g.get_peering_sessions() %}{{ s.",
            "local_ip_address"
        ));
        assert!(offers("{{ router.tags.all()[0].", "slug"));
    }

    #[test]
    fn loops_and_sets_give_their_variables() {
        let text = "{% for ixp in internet_exchange_points %}{% for s in ixp | sessions(4) %}{% set peer = s.autonomous_system %}";
        assert!(offers(&format!("{text}{{{{ ixp."), "slug"));
        assert!(offers(&format!("{text}{{{{ s."), "ip_address"));
        assert!(offers(&format!("{text}{{{{ peer."), "irr_as_set"));
        assert!(offers(&format!("{text}{{{{ p"), "peer"));
        assert!(offers(&format!("{text}{{{{ loop."), "last"));
        assert!(offers("{% for c in router | merge_communities | sort(attribute='name') %}{{ c.", "value"));
        assert!(labels("{% for a in a %}{{ a.").is_empty());
        assert!(labels("{% for a in router.connection_set %}{{ a.").is_empty(), "a relation cannot be walked over");
    }

    #[test]
    fn every_filter_follows_a_bar_and_every_test_its_word() {
        assert_eq!(labels("{{ router.name | quo").len(), words().filters.len());
        assert!(offers("{% if router.name is not ", "defined"));
    }

    #[test]
    fn statements_variables_and_functions_begin_a_tag() {
        assert!(offers("{% ", "include_configuration") && offers("{%- en", "endwith"));
        assert!(offers("{{ ", "routing_policies") && offers("{{ ", "now"));
    }

    #[test]
    fn an_export_has_rows_of_its_type_and_includes_exports() {
        let words = of_export(&words(), "peering.autonomoussystem");
        let templates = ["peers".to_owned()];
        let labels = |before: &str| -> Vec<String> {
            let vocabulary = Vocabulary { words: &words, kind: "exporttemplate", templates: &templates };
            complete(before, vocabulary).into_iter().map(|entry| entry.label).collect()
        };
        let offers = |before: &str, name: &str| labels(before).iter().any(|label| label == name);
        assert!(offers("{{ data", "dataset") && !offers("{{ ", "router"));
        assert!(offers("{{ dataset.", "order_by") && offers("{% for a in dataset %}{{ a.", "asn"));
        assert_eq!(labels("{% include_exporttemplate 'p"), ["peers"]);
        assert!(labels("{% include_configuration 'p").is_empty());
        assert_eq!(variables("{{ dataset }}", &words), [("dataset".to_owned(), "Autonomous systems".to_owned())]);
    }

    #[test]
    fn includes_name_the_templates() {
        let at = |before: &str| {
            let templates = ["filters of edge".to_owned()];
            let words = words();
            complete(before, Vocabulary { words: &words, kind: KIND, templates: &templates })
                .first()
                .map(|entry| (entry.apply.clone(), entry.back))
        };
        let name = "filters of edge".to_owned();
        assert_eq!(at("{% include_configuration "), Some((format!("\"{name}\""), Some(0))));
        assert_eq!(at("{% include_configuration \"filters o"), Some((name.clone(), Some(9))));
        assert_eq!(at("{% include 'conf"), Some(("configuration::".to_owned(), Some(4))));
        assert_eq!(at("{% from 'configuration::f"), Some((name, Some(1))));
        assert_eq!(at("{{ 'x"), None);
    }
}
