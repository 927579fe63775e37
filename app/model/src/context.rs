//! The config context of an object: data for templates, merged from the contexts that are assigned to it and from its own.
//!
//! Assigned contexts come in the order of their weights, then of their names, the object's local data last, and what comes later
//! wins, in the way that [`Merging`] says: unless told otherwise objects are merged key by key, and everything else (lists too) is replaced. Whether a context is marked as active makes no
//! difference, and objects inherit nothing from one another; Peering Manager does the same.

use crate::{Facts, ObjectType, Record, Value, facts::one, json::stored_order, types::CONFIG_CONTEXT_ASSIGNMENT};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::fmt;

/// Data that goes into an object's context.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The config context, or the object itself for its local data.
    pub origin: Record,
    /// The assignment, and how strong it is; none for local data.
    pub assignment: Option<Record>,
    pub data: Json,
}

/// A value of the merged context, and whose word it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Keys that lead to it.
    pub path: Vec<String>,
    pub value: Json,
    /// Which part said it.
    pub from: usize,
    /// Of a list, the parts whose items are in it as well, the strongest first.
    pub with: Vec<usize>,
    /// Other parts that have a value there, unless it is the same and no list is put together, the strongest first.
    pub overrode: Vec<usize>,
}

/// How parts are laid over one another, as Ansible's `combine` filter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merging {
    /// Objects are merged key by key at every depth; otherwise only the outermost is, and what lies within is replaced.
    pub recursive: bool,
    pub lists: Lists,
}

impl Default for Merging {
    fn default() -> Self {
        Self { recursive: true, lists: Lists::Replace }
    }
}

/// What becomes of a list where a stronger part has one as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lists {
    #[default]
    Replace,
    /// The weaker one stays.
    Keep,
    /// The stronger one's items come after the weaker one's...
    Append,
    /// ... or before them.
    Prepend,
    /// As those, without the weaker one's items that the stronger one has as well ("remove present").
    AppendRp,
    PrependRp,
}

impl Lists {
    pub const ALL: [Self; 6] =
        [Self::Replace, Self::Keep, Self::Append, Self::Prepend, Self::AppendRp, Self::PrependRp];
}

/// As it is written in JSON.
impl fmt::Display for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What a key holds while parts are laid over one another.
enum Node {
    Object(Vec<(String, Node)>),
    Value { value: Json, from: usize, with: Vec<usize>, overrode: Vec<usize> },
}

/// Whether objects of a type have a context.
pub fn is_contextual(of: &ObjectType) -> bool {
    of.field(LOCAL).is_some()
}

const LOCAL: &str = "local_context_data";

/// What goes into the context of an object, weakest first; none where that is not known yet.
pub fn parts(record: &Record, facts: &dyn Facts) -> Option<Vec<Part>> {
    let assignments = facts.attached(&CONFIG_CONTEXT_ASSIGNMENT, record)?;
    let mut parts = Vec::new();
    let mut known = Some(());
    for assignment in assignments {
        match one(facts, &assignment, "config_context") {
            Some(Some(origin)) => {
                let data = data(&origin, "data").unwrap_or(Json::Null);
                parts.push(Part { origin, assignment: Some(assignment), data });
            }
            Some(None) => {}
            // go on: the others are to be asked for as well
            None => known = None,
        }
    }
    known?;
    let weight = |part: &Part| part.assignment.as_ref().and_then(|assignment| assignment.int("weight"));
    parts.sort_by(|a, b| weight(a).cmp(&weight(b)).then_with(|| a.origin.text("name").cmp(b.origin.text("name"))));
    if let Some(data) = data(record, LOCAL) {
        parts.push(Part { origin: record.clone(), assignment: None, data });
    }
    Some(parts)
}

fn data(record: &Record, field: &str) -> Option<Json> {
    match record.get(field) {
        Value::Json(json) => Some(stored_order(json)),
        _ => None,
    }
}

/// The context; null if nothing goes into it.
pub fn merged(parts: &[Part], merging: Merging) -> Json {
    if parts.is_empty() { Json::Null } else { json(&laid_over(parts, merging)) }
}

/// Every value of the context with where it comes from, in the context's order.
pub fn leaves(parts: &[Part], merging: Merging) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    collect(&laid_over(parts, merging), &mut Vec::new(), &mut leaves);
    leaves
}

fn laid_over(parts: &[Part], merging: Merging) -> Node {
    let mut entries = Vec::new();
    for (from, part) in parts.iter().enumerate() {
        if let Json::Object(object) = &part.data {
            lay_over(&mut entries, object, from, merging);
        }
    }
    Node::Object(entries)
}

fn lay_over(entries: &mut Vec<(String, Node)>, object: &Map<String, Json>, from: usize, merging: Merging) {
    // what says the same adds nothing to any list
    let is_same = merging.lists != Lists::Replace && as_map(entries) == *object;
    let merging = if is_same { Merging { lists: Lists::Replace, ..merging } } else { merging };
    for (key, value) in object {
        let Some((_, slot)) = entries.iter_mut().find(|(known, _)| known == key) else {
            entries.push((key.clone(), fresh(value, from, &[])));
            continue;
        };
        match (value, &mut *slot) {
            (Json::Object(inner), Node::Object(entries)) if merging.recursive => {
                lay_over(entries, inner, from, merging)
            }
            (Json::Array(new), Node::Value { value: Json::Array(old), from: before, with, overrode })
                if merging.lists != Lists::Replace =>
            {
                if merging.lists == Lists::Keep {
                    overrode.insert(0, from);
                } else {
                    *old = joined(std::mem::take(old), new, merging.lists);
                    with.insert(0, std::mem::replace(before, from));
                }
            }
            (value, slot) => *slot = fresh(value, from, &said_by(slot)),
        }
    }
}

fn joined(mut old: Vec<Json>, new: &[Json], lists: Lists) -> Vec<Json> {
    if matches!(lists, Lists::AppendRp | Lists::PrependRp) {
        old.retain(|item| !new.iter().any(|other| is_equal(item, other)));
    }
    if matches!(lists, Lists::Append | Lists::AppendRp) {
        old.extend_from_slice(new);
        return old;
    }
    new.iter().cloned().chain(old).collect()
}

/// Equal as Python has it: numbers by their value, and 1 is true.
fn is_equal(a: &Json, b: &Json) -> bool {
    let number = |json: &Json| json.as_f64().or_else(|| json.as_bool().map(f64::from));
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn fresh(value: &Json, from: usize, overrode: &[usize]) -> Node {
    match value {
        Json::Object(object) => {
            let entries = object.iter().map(|(key, value)| (key.clone(), fresh(value, from, overrode)));
            Node::Object(entries.collect())
        }
        value => Node::Value { value: value.clone(), from, with: Vec::new(), overrode: overrode.to_vec() },
    }
}

/// Who said what stands there: of a value also those whose word it took the place of. The strongest first.
fn said_by(node: &Node) -> Vec<usize> {
    match node {
        Node::Value { from, with, overrode, .. } => {
            std::iter::once(from).chain(with).chain(overrode).copied().collect()
        }
        Node::Object(_) => {
            let mut said = Vec::new();
            collect(node, &mut Vec::new(), &mut said);
            let mut said: Vec<usize> = said.into_iter().map(|leaf| leaf.from).collect();
            said.sort_unstable_by(|a, b| b.cmp(a));
            said.dedup();
            said
        }
    }
}

fn as_map(entries: &[(String, Node)]) -> Map<String, Json> {
    entries.iter().map(|(key, node)| (key.clone(), json(node))).collect()
}

fn json(node: &Node) -> Json {
    match node {
        Node::Object(entries) => Json::Object(as_map(entries)),
        Node::Value { value, .. } => value.clone(),
    }
}

fn collect(node: &Node, path: &mut Vec<String>, leaves: &mut Vec<Leaf>) {
    match node {
        Node::Object(entries) => {
            for (key, node) in entries {
                path.push(key.clone());
                collect(node, path, leaves);
                path.pop();
            }
        }
        Node::Value { value, from, with, overrode } => leaves.push(Leaf {
            path: path.clone(),
            value: value.clone(),
            from: *from,
            with: with.clone(),
            overrode: overrode.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ROUTER;
    use serde_json::json;

    fn part(data: Json) -> Part {
        Part { origin: Record::new(&ROUTER), assignment: None, data }
    }

    #[test]
    fn later_parts_win_key_by_key_and_lists_are_replaced() {
        let parts = [
            part(json!({"mtu": 1500, "bgp": {"hold": 90, "timers": {"keepalive": 30}}, "ntp": [1, 2]})),
            part(json!({"mtu": 9000, "bgp": {"damping": true, "timers": {"keepalive": 10}}, "ntp": [3]})),
            part(json!({"id": "192.0.2.1", "bgp": {"hold": null}})),
        ];
        let expected = json!({
            "mtu": 9000,
            "bgp": {"hold": null, "timers": {"keepalive": 10}, "damping": true},
            "ntp": [3],
            "id": "192.0.2.1",
        });
        assert_eq!(merged(&parts, Merging::default()), expected);
        let told: Vec<(String, usize, Vec<usize>)> = leaves(&parts, Merging::default())
            .into_iter()
            .map(|leaf| (leaf.path.join("."), leaf.from, leaf.overrode))
            .collect();
        let expected = [
            ("mtu", 1, vec![0]),
            ("bgp.hold", 2, vec![0]),
            ("bgp.timers.keepalive", 1, vec![0]),
            ("bgp.damping", 1, vec![]),
            ("ntp", 1, vec![0]),
            ("id", 2, vec![]),
        ];
        assert_eq!(told, expected.map(|(path, from, overrode)| (path.to_owned(), from, overrode)));
    }

    #[test]
    fn a_value_replaces_an_object_and_an_object_a_value() {
        let parts = [part(json!({"a": {"b": 1, "c": 2}})), part(json!({"a": 5})), part(json!({"a": {"d": 6}}))];
        assert_eq!(merged(&parts[..2], Merging::default()), json!({"a": 5}));
        assert_eq!(leaves(&parts[..2], Merging::default())[0].overrode, [0]);
        assert_eq!(merged(&parts, Merging::default()), json!({"a": {"d": 6}}));
    }

    /// What Ansible's `merge_hash` gives, which Peering Manager merges with.
    #[test]
    fn lists_are_joined_as_the_mode_says() {
        let parts = [
            part(json!({"a": [1, 2, 2], "b": {"c": [1], "d": 1}, "e": {"f": [5]}, "g": [1]})),
            part(json!({"a": [2, 3], "b": {"c": [1, 2]}, "e": {"f": [5]}, "g": 7})),
        ];
        let of = |lists| merged(&parts, Merging { lists, ..Merging::default() });
        let expected = |a: Json, c: Json| json!({"a": a, "b": {"c": c, "d": 1}, "e": {"f": [5]}, "g": 7});
        assert_eq!(of(Lists::Replace), expected(json!([2, 3]), json!([1, 2])));
        assert_eq!(of(Lists::Keep), expected(json!([1, 2, 2]), json!([1])));
        assert_eq!(of(Lists::Append), expected(json!([1, 2, 2, 2, 3]), json!([1, 1, 2])));
        assert_eq!(of(Lists::Prepend), expected(json!([2, 3, 1, 2, 2]), json!([1, 2, 1])));
        assert_eq!(of(Lists::AppendRp), expected(json!([1, 2, 3]), json!([1, 2])));
        assert_eq!(of(Lists::PrependRp), expected(json!([2, 3, 1]), json!([1, 2])));
        let told = |lists| {
            let leaf = leaves(&parts, Merging { lists, ..Merging::default() }).remove(0);
            (leaf.from, leaf.with, leaf.overrode)
        };
        assert_eq!(told(Lists::Append), (1, vec![0], vec![]));
        assert_eq!(told(Lists::Keep), (0, vec![], vec![1]));
        assert_eq!(told(Lists::Replace), (1, vec![], vec![0]));
    }

    #[test]
    fn without_recursion_what_lies_within_is_replaced() {
        let parts = [part(json!({"a": {"b": [1], "c": 2}, "l": [1]})), part(json!({"a": {"b": [2]}, "l": [2]}))];
        let merging = Merging { recursive: false, lists: Lists::Append };
        assert_eq!(merged(&parts, merging), json!({"a": {"b": [2]}, "l": [1, 2]}));
        assert_eq!(leaves(&parts, merging)[0].overrode, [0]);
    }

    #[test]
    fn items_are_the_same_as_python_has_it() {
        let parts = [part(json!({"a": [1, "1", true, 0]})), part(json!({"a": [1.0, false]}))];
        let merging = Merging { lists: Lists::AppendRp, ..Merging::default() };
        assert_eq!(merged(&parts, merging), json!({"a": ["1", 1.0, false]}));
    }

    #[test]
    fn nothing_at_all_is_null() {
        assert_eq!(merged(&[], Merging::default()), Json::Null);
        assert_eq!(merged(&[part(json!({}))], Merging::default()), json!({}));
    }
}
