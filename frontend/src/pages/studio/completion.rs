//! What can be written next in a template: read from the descriptions, which templates read too, so that a name that is
//! offered here works there. What an expression is, is guessed from the text before the cursor: variables of the context,
//! loops and `set`, then field by field. Where the guess fails nothing is offered; nothing is ever refused.

use super::editor::Completion;
use peerage_model::{Field, Kind, ObjectType, registry, types};
use std::collections::BTreeMap;

/// Names of methods by type, as the renderer tells them.
pub type Methods = BTreeMap<String, Vec<String>>;

/// What an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One(&'static ObjectType),
    /// Rows: can be walked over.
    Many(&'static ObjectType),
    /// A relation: has `all()` and its like, but cannot be walked over.
    Relation(&'static ObjectType),
}

/// The variables of a router's configuration whose type this release has.
static VARIABLES: &[(&str, Shape, &str)] = &[
    ("router", Shape::One(&types::ROUTER), "The router that is configured."),
    ("local_as", Shape::One(&types::AUTONOMOUS_SYSTEM), "The AS that the router belongs to."),
    ("autonomous_systems", Shape::Many(&types::AUTONOMOUS_SYSTEM), "Every peer of the router."),
    ("internet_exchange_points", Shape::Many(&types::INTERNET_EXCHANGE), "The exchanges that it is connected to."),
];

/// What methods that are not named after what they give lead to; the names themselves come from the renderer.
fn result_of(method: &str, of: &'static ObjectType) -> Option<Shape> {
    let many = |of| Some(Shape::Many(of));
    match method {
        "get_connections" => many(&types::CONNECTION),
        "get_routers" => many(&types::ROUTER),
        "get_internet_exchange_points" => many(&types::INTERNET_EXCHANGE),
        "get_autonomous_systems" | "get_ixp_autonomous_systems" | "get_direct_autonomous_systems" => {
            many(&types::AUTONOMOUS_SYSTEM)
        }
        "get_ixp_peering_sessions" | "get_peering_sessions" => many(&types::IX_SESSION),
        "all" | "filter" | "exclude" | "order_by" | "reverse" | "distinct" => many(of),
        "first" | "last" | "get" => Some(Shape::One(of)),
        _ => None,
    }
}

/// What rows and relations can do.
static OF_ROWS: &[(&str, &str)] = &[
    ("all()", "every row"),
    ("filter()", "rows with these values"),
    ("exclude()", "rows without these values"),
    ("order_by()", "in another order"),
    ("first()", "one row or none"),
    ("last()", "one row or none"),
    ("get()", "the only row"),
    ("count()", "how many"),
    ("exists()", "whether there are any"),
    ("values_list()", "only some fields"),
];

static FILTERS: &[(&str, &str)] = &[
    ("sessions", "of an exchange; family=4 or 6"),
    ("ixp_sessions", "of an AS or a router"),
    ("connections", "of an exchange or a router"),
    ("local_ips", "our addresses"),
    ("route_server", "sessions with route servers"),
    ("ip_version", "4 or 6"),
    ("max_prefix", "the peer's limit of that family"),
    ("inherited_status", "with its parents' status"),
    ("has_tag", "by name or slug"),
    ("filter", "rows with these values"),
    ("get", "the only row with these values"),
    ("unique_items", "one for each value"),
    ("iterate", "one attribute of each"),
    ("ip", "an address without its length"),
    ("ipv4", "as an IPv4 address"),
    ("ipv6", "as an IPv6 address"),
    ("mac", "in another spelling"),
    ("safe_string", "in plain ASCII"),
    ("quote", "in quotes"),
    ("indent", "each line further right"),
    ("as_json", "as JSON"),
    ("as_yaml", "as YAML"),
    ("context_get_key", "from the local context data"),
    ("prefix_list", "of an AS or an exchange"),
    ("default", "if there is none"),
    ("join", "with a text between"),
    ("length", "how many"),
    ("lower", "in small letters"),
    ("upper", "in capitals"),
    ("replace", "one text by another"),
    ("sort", "in order"),
    ("groupby", "by an attribute"),
    ("map", "one attribute of each"),
    ("selectattr", "those with a value"),
    ("rejectattr", "those without a value"),
    ("first", "the first"),
    ("last", "the last"),
    ("list", "as a list"),
    ("unique", "without doubles"),
];

static STATEMENTS: &[&str] = &[
    "for",
    "endfor",
    "if",
    "elif",
    "else",
    "endif",
    "set",
    "macro",
    "endmacro",
    "include_configuration",
    "import",
    "from",
    "raw",
    "endraw",
];

/// How deep variables are followed through others.
const DEEPEST: u8 = 8;

/// What may follow `before`, the text up to the cursor.
pub fn complete(before: &str, methods: &Methods) -> Vec<Completion> {
    let Some(inside) = open_tag(before) else { return Vec::new() };
    let stem = inside.text.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
    if let Some(head) = stem.strip_suffix('.') {
        return match shape_of(last_chain(head), before, DEEPEST) {
            Some(Shape::One(of)) => members(of, methods),
            Some(Shape::Many(_) | Shape::Relation(_)) => pairs(OF_ROWS, true),
            None => Vec::new(),
        };
    }
    if stem.trim_end().ends_with('|') {
        return pairs(FILTERS, false);
    }
    if stem.trim().is_empty() && inside.statement {
        return STATEMENTS.iter().map(|word| entry(word, "statement", "")).collect();
    }
    if stem.ends_with(['"', '\'']) {
        return Vec::new();
    }
    let mut names: Vec<Completion> =
        VARIABLES.iter().map(|(name, shape, about)| entry(name, &words(*shape), about)).collect();
    for (name, expression) in assigned(before) {
        if names.iter().all(|known| known.label != name) {
            let detail = shape_of_variable(name, expression, before, DEEPEST).map(words).unwrap_or_default();
            names.push(entry(name, &detail, ""));
        }
    }
    names
}

/// Variables in use with what they are: for the list beside the editor.
pub fn variables(source: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mentioned = |name: &str| {
        source.match_indices(name).any(|(at, _)| {
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            !source[..at].ends_with(part)
                && !source[at + name.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    out.extend(
        VARIABLES
            .iter()
            .filter(|(name, ..)| mentioned(name))
            .map(|(name, shape, _)| ((*name).to_owned(), words(*shape))),
    );
    for (name, expression) in assigned(source) {
        let shape = shape_of_variable(name, expression, source, DEEPEST);
        if let Some(shape) = shape.filter(|_| out.iter().all(|(known, _)| known != name)) {
            out.push((name.to_owned(), words(shape)));
        }
    }
    out
}

fn entry(label: &str, detail: &str, info: &str) -> Completion {
    Completion { label: label.to_owned(), detail: detail.to_owned(), info: info.to_owned(), apply: String::new() }
}

fn pairs(list: &[(&str, &str)], calls: bool) -> Vec<Completion> {
    list.iter()
        .map(|(name, about)| {
            let mut entry = entry(name.trim_end_matches("()"), about, "");
            if calls {
                entry.apply = (*name).to_owned();
            }
            entry
        })
        .collect()
}

fn words(shape: Shape) -> String {
    match shape {
        Shape::One(of) => of.name.to_owned(),
        Shape::Many(of) => of.plural.to_owned(),
        Shape::Relation(of) => format!("{}: call all()", of.plural),
    }
}

/// Whether templates may read a field.
fn is_readable(field: &Field) -> bool {
    !field.is_internal() && !field.is_credential()
}

fn members(of: &'static ObjectType, methods: &Methods) -> Vec<Completion> {
    let fields = of.fields.iter().filter(|field| is_readable(field)).map(|field| {
        let detail = match field.kind {
            Kind::Reference { to, .. } => to.name.to_owned(),
            Kind::References { to } => words(Shape::Relation(to)),
            kind => kind.expected().trim_start_matches("a ").to_owned(),
        };
        entry(field.name, &detail, field.help)
    });
    let reverse = reverse(of).into_iter().map(|(name, from)| entry(&name, &words(Shape::Relation(from)), ""));
    let own = methods.get(&of.key()).into_iter().flatten().map(|name| {
        let detail = result_of(name, of).map(words).unwrap_or_default();
        Completion { apply: format!("{name}()"), ..entry(name, &detail, "") }
    });
    let choices = of.fields.iter().filter(|field| matches!(field.kind, Kind::Choice(_)));
    let display = choices.map(|field| {
        let name = format!("get_{}_display", field.name);
        Completion { apply: format!("{name}()"), ..entry(&name, "text", "") }
    });
    fields.chain(reverse).chain(own).chain(display).collect()
}

/// Sets of rows that refer to an object, as Django names them.
fn reverse(to: &'static ObjectType) -> Vec<(String, &'static ObjectType)> {
    let referring: Vec<_> = registry::referring(to).collect();
    referring
        .iter()
        .map(|(of, field)| {
            let alone = referring.iter().filter(|(other, _)| other.is(of)).count() == 1;
            let natural = field.name.replace('_', "") == to.model;
            (format!("{}_{}", of.model, if alone || natural { "set" } else { field.name }), *of)
        })
        .collect()
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

fn shape_of(chain: &str, source: &str, depth: u8) -> Option<Shape> {
    let depth = depth.checked_sub(1)?;
    let parts = parts(chain);
    let ((first, indexed), rest) = parts.split_first()?;
    let known = VARIABLES.iter().find(|(name, ..)| name == first).map(|(_, shape, _)| *shape);
    let assigned = || {
        let all: Vec<_> = assigned(source).collect();
        all.iter()
            .rev()
            .find(|(name, _)| name == first)
            .and_then(|(name, expression)| shape_of_variable(name, *expression, source, depth))
    };
    let begin = known.or_else(assigned).map(|shape| picked(shape, *indexed))?;
    rest.iter().try_fold(begin, |shape, (name, indexed)| {
        let next = match shape {
            Shape::One(of) => member(of, name),
            Shape::Many(of) | Shape::Relation(of) => result_of(name, of),
        };
        next.map(|shape| picked(shape, *indexed))
    })
}

fn picked(shape: Shape, indexed: bool) -> Shape {
    match shape {
        Shape::Many(of) if indexed => Shape::One(of),
        shape => shape,
    }
}

fn member(of: &'static ObjectType, name: &str) -> Option<Shape> {
    match of.field(name).filter(|field| is_readable(field)).map(|field| field.kind) {
        Some(Kind::Reference { to, .. }) => Some(Shape::One(to)),
        Some(Kind::References { to }) => Some(Shape::Relation(to)),
        Some(_) => None,
        None => reverse(of)
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, from)| Shape::Relation(from))
            .or_else(|| result_of(name, of).filter(|_| name.starts_with("get_"))),
    }
}

/// What a loop's or a `set`'s variable is.
fn shape_of_variable(name: &str, expression: Assigned<'_>, source: &str, depth: u8) -> Option<Shape> {
    let chain = first_chain(expression.text);
    // a variable made from itself would never end
    if parts(chain).first().is_some_and(|(first, _)| *first == name) {
        return None;
    }
    let filters = &expression.text[chain.len()..];
    let shape = filters.split('|').skip(1).fold(shape_of(chain, source, depth), |shape, filter| {
        match filter.trim().split(['(', ' ']).next().unwrap_or_default() {
            "sessions" | "ixp_sessions" | "route_server" => Some(Shape::Many(&types::IX_SESSION)),
            "connections" => Some(Shape::Many(&types::CONNECTION)),
            "first" | "last" | "get" => shape.map(|shape| picked(shape, true)),
            "filter" | "sort" | "unique_items" | "selectattr" | "rejectattr" | "list" | "unique" | "reverse" => shape,
            _ => None,
        }
    });
    match (shape?, expression.looped) {
        (Shape::Many(of), true) => Some(Shape::One(of)),
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

    fn labels(before: &str) -> Vec<String> {
        let methods = Methods::from([("devices.router".to_owned(), vec!["get_connections".to_owned()])]);
        complete(before, &methods).into_iter().map(|entry| entry.label).collect()
    }

    #[test]
    fn nothing_is_offered_outside_of_tags() {
        assert!(labels("protocols { bgp ").is_empty());
        assert!(labels("{{ router }} rou").is_empty());
    }

    #[test]
    fn fields_follow_a_dot() {
        let names = labels("{{ router.na");
        assert!(names.contains(&"hostname".to_owned()) && names.contains(&"get_connections".to_owned()));
        assert!(!names.iter().any(|name| name.starts_with("napalm_pass")), "credentials are not for templates");
    }

    #[test]
    fn references_lead_on() {
        assert!(labels("{{ router.local_autonomous_system.").contains(&"asn".to_owned()));
        assert!(labels("{{ router.connection_set.").contains(&"all".to_owned()));
    }

    #[test]
    fn loops_and_sets_give_their_variables() {
        let text = "{% for ixp in internet_exchange_points %}{% for s in ixp | sessions(4) %}{% set peer = s.autonomous_system %}";
        assert!(labels(&format!("{text}{{{{ ixp.")).contains(&"slug".to_owned()));
        assert!(labels(&format!("{text}{{{{ s.")).contains(&"ip_address".to_owned()));
        assert!(labels(&format!("{text}{{{{ peer.")).contains(&"irr_as_set".to_owned()));
        assert!(labels(&format!("{text}{{{{ p")).contains(&"peer".to_owned()));
        assert!(labels("{% for a in a %}{{ a.").is_empty());
    }

    #[test]
    fn filters_follow_a_bar() {
        assert!(labels("{{ router.name | quo").contains(&"quote".to_owned()));
    }
}
