//! The config context of an object: data for templates, merged from the contexts that are assigned to it and from its own.
//!
//! Assigned contexts come in the order of their weights, then of their names, the object's local data last, and what comes later
//! wins: objects are merged key by key, everything else (lists too) is replaced. Whether a context is marked as active makes no
//! difference, and objects inherit nothing from one another; Peering Manager does the same.

use crate::{Facts, ObjectType, Record, Value, facts::one, json::stored_order, types::CONFIG_CONTEXT_ASSIGNMENT};
use serde_json::{Map, Value as Json};

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
    /// Parts that said something else there before, the strongest first.
    pub overrode: Vec<usize>,
}

/// What a key holds while parts are laid over one another.
enum Node {
    Object(Vec<(String, Node)>),
    Value { value: Json, from: usize, overrode: Vec<usize> },
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
pub fn merged(parts: &[Part]) -> Json {
    if parts.is_empty() { Json::Null } else { json(&laid_over(parts)) }
}

/// Every value of the context with where it comes from, in the context's order.
pub fn leaves(parts: &[Part]) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    collect(&laid_over(parts), &mut Vec::new(), &mut leaves);
    leaves
}

fn laid_over(parts: &[Part]) -> Node {
    let mut whole = Node::Object(Vec::new());
    for (from, part) in parts.iter().enumerate() {
        if let Json::Object(object) = &part.data {
            lay_over(&mut whole, object, from);
        }
    }
    whole
}

fn lay_over(node: &mut Node, object: &Map<String, Json>, from: usize) {
    if let Node::Value { .. } = node {
        *node = Node::Object(Vec::new());
    }
    let Node::Object(entries) = node else { return };
    for (key, value) in object {
        let at = entries.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            entries.push((key.clone(), Node::Value { value: Json::Null, from, overrode: Vec::new() }));
            entries.len() - 1
        });
        let slot = &mut entries[at].1;
        match (value, &mut *slot) {
            (Json::Object(inner), slot) => lay_over(slot, inner, from),
            (value, Node::Value { from: before, overrode, .. }) => {
                let mut overrode = std::mem::take(overrode);
                if *before != from {
                    overrode.insert(0, *before);
                }
                *slot = Node::Value { value: value.clone(), from, overrode };
            }
            (value, Node::Object(_)) => {
                let mut said = Vec::new();
                collect(slot, &mut Vec::new(), &mut said);
                let mut overrode: Vec<usize> = said.into_iter().map(|leaf| leaf.from).collect();
                overrode.sort_unstable_by(|a, b| b.cmp(a));
                overrode.dedup();
                *slot = Node::Value { value: value.clone(), from, overrode };
            }
        }
    }
}

fn json(node: &Node) -> Json {
    match node {
        Node::Object(entries) => Json::Object(entries.iter().map(|(key, node)| (key.clone(), json(node))).collect()),
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
        Node::Value { value, from, overrode } => {
            leaves.push(Leaf { path: path.clone(), value: value.clone(), from: *from, overrode: overrode.clone() });
        }
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
        assert_eq!(merged(&parts), expected);
        let told: Vec<(String, usize, Vec<usize>)> =
            leaves(&parts).into_iter().map(|leaf| (leaf.path.join("."), leaf.from, leaf.overrode)).collect();
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
        assert_eq!(merged(&parts[..2]), json!({"a": 5}));
        assert_eq!(leaves(&parts[..2])[0].overrode, [0]);
        assert_eq!(merged(&parts), json!({"a": {"d": 6}}));
    }

    #[test]
    fn nothing_at_all_is_null() {
        assert_eq!(merged(&[]), Json::Null);
        assert_eq!(merged(&[part(json!({}))]), json!({}));
    }
}
