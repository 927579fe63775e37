//! Field look-ups of `.filter(autonomous_system__asn__gt=64500)`, run in memory.
//!
//! A path leads through references in both directions; a condition holds if it holds for any of the values that the path
//! reaches, as a database's join does. What is not in the graph makes the answer unknown and is noted.

use super::{Object, address::Address, queryset::QuerySet, reverse};
use crate::{
    graph::targets,
    pass::Pass,
    python::{fault, text},
};
use minijinja::{Error, Value, value::ValueKind};
use peerage_model::{Field, Kind, ObjectType, Record, Value as Stored, order::compare, registry};
use std::{cmp::Ordering, sync::Arc};

/// One keyword of a filter.
#[derive(Debug)]
pub struct Condition {
    path: Vec<Step>,
    /// Keys inside a JSON field.
    json: Vec<String>,
    op: String,
    wanted: Value,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Id,
    Field(&'static Field),
    Reverse(&'static ObjectType, &'static Field),
}

const OPS: &[&str] = &[
    "exact",
    "iexact",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "in",
    "gt",
    "gte",
    "lt",
    "lte",
    "range",
    "isnull",
    "year",
    "month",
    "day",
    "date",
    "family",
    "host",
    "net_contained",
    "net_contained_or_equal",
    "net_contains",
    "net_contains_or_equals",
    "net_host",
    "prefix_length",
];

impl Condition {
    /// # Errors
    /// Unknown field or lookup, in Django's words.
    pub fn parse(of: &'static ObjectType, path: &str, wanted: &Value) -> Result<Self, Error> {
        let mut at = Some(of);
        let (mut steps, mut json, mut op) = (Vec::new(), Vec::new(), "exact");
        let mut parts = path.split("__").peekable();
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            if matches!(steps.last(), Some(Step::Field(Field { kind: Kind::Json { .. }, .. })))
                && !(last && OPS.contains(&part))
            {
                json.push(part.to_owned());
                continue;
            }
            match at.and_then(|of| step(of, part)) {
                Some((step, next)) => {
                    steps.push(step);
                    at = next;
                }
                None if last && !steps.is_empty() && OPS.contains(&part) => op = part,
                None if steps.is_empty() => return Err(fault(format!("Cannot resolve keyword '{part}' into field."))),
                None => {
                    return Err(fault(format!(
                        "Unsupported lookup '{part}' for {path} or join on the field not permitted."
                    )));
                }
            }
        }
        Ok(Self { path: steps, json, op: op.to_owned(), wanted: wanted.clone() })
    }

    /// Whether it holds; none where the graph does not know.
    pub fn holds(&self, record: &Record, pass: &Arc<Pass>) -> Option<bool> {
        let mut values = Vec::new();
        reach(record, &self.path, pass, &mut values)?;
        if self.op == "isnull" {
            return Some(values.iter().all(|(_, value)| value.is_null()) == self.wanted.is_true());
        }
        Some(values.iter().any(|(field, value)| self.compares(*field, value)))
    }

    fn compares(&self, field: Option<&'static Field>, value: &Stored) -> bool {
        let inner = match value {
            Stored::Json(json) if !self.json.is_empty() => {
                let found = self.json.iter().try_fold(&**json, |json, key| match json {
                    serde_json::Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                    json => json.get(key),
                });
                match found {
                    Some(serde_json::Value::String(text)) => Stored::text(text.as_str()),
                    Some(serde_json::Value::Bool(yes)) => Stored::Bool(*yes),
                    Some(serde_json::Value::Number(number)) => number
                        .as_i64()
                        .map(Stored::Int)
                        .or_else(|| number.as_f64().map(Stored::Float))
                        .unwrap_or_default(),
                    _ => return false,
                }
            }
            other => other.clone(),
        };
        let value = &inner;
        if value.is_null() {
            return self.op == "exact" && self.wanted.is_none();
        }
        let wanted = |value: &Value| wanted(field, value);
        match self.op.as_str() {
            "exact" => wanted(&self.wanted).is_some_and(|wanted| same(value, &wanted)),
            "in" => {
                let items: Vec<Value> = match self.wanted.downcast_object_ref::<QuerySet>() {
                    Some(set) => set.objects().map(Value::from_object).collect(),
                    None => self.wanted.try_iter().map(Iterator::collect).unwrap_or_default(),
                };
                items.iter().filter_map(wanted).any(|wanted| same(value, &wanted))
            }
            "gt" => self.order(field, value).is_some_and(Ordering::is_gt),
            "gte" => self.order(field, value).is_some_and(Ordering::is_ge),
            "lt" => self.order(field, value).is_some_and(Ordering::is_lt),
            "lte" => self.order(field, value).is_some_and(Ordering::is_le),
            "range" => {
                let bound = |at: usize| self.wanted.get_item_by_index(at).ok().and_then(|value| wanted(&value));
                matches!((bound(0), bound(1)), (Some(low), Some(high)) if compare(&low, value).is_le() && compare(value, &high).is_le())
            }
            "year" | "month" | "day" => {
                let Stored::Time(micros) = value else { return false };
                let calendar = crate::python::time::Moment::utc(*micros).calendar();
                let part = match self.op.as_str() {
                    "year" => calendar.year,
                    "month" => calendar.month.into(),
                    _ => calendar.day.into(),
                };
                self.wanted.as_i64() == Some(part)
            }
            "family" => value.as_ip().map(|ip| if ip.is_ipv4() { 4 } else { 6 }) == self.wanted.as_i64(),
            "host" | "net_host" => {
                value.as_ip().is_some_and(|ip| text::str_of(&self.wanted).split('/').next() == Some(&*ip.to_string()))
            }
            op if op.starts_with("net_contain") => {
                let net = |value: &Stored| value.as_net().or_else(|| value.as_ip().map(ipnet::IpNet::from));
                let other = self.wanted.downcast_object_ref::<Address>().map(ToString::to_string);
                let other = other.unwrap_or_else(|| text::str_of(&self.wanted));
                let other =
                    other.parse().ok().or_else(|| other.parse::<std::net::IpAddr>().ok().map(ipnet::IpNet::from));
                let (Some(own), Some(other)) = (net(value), other) else { return false };
                let (own, other) = (own.trunc(), other.trunc());
                let equal = own == other;
                match op {
                    "net_contained" => other.contains(&own) && !equal,
                    "net_contained_or_equal" => other.contains(&own),
                    "net_contains" => own.contains(&other) && !equal,
                    _ => own.contains(&other),
                }
            }
            op => {
                let (mut own, mut part) = (printed(field, value), text::str_of(&self.wanted));
                let folded = matches!(op, "iexact" | "icontains" | "istartswith" | "iendswith");
                if folded {
                    own = own.to_lowercase();
                    part = part.to_lowercase();
                }
                match op.trim_start_matches('i') {
                    "exact" => own == part,
                    "contains" => own.contains(&part),
                    "startswith" => own.starts_with(&part),
                    "endswith" => own.ends_with(&part),
                    _ => false,
                }
            }
        }
    }

    fn order(&self, field: Option<&'static Field>, value: &Stored) -> Option<Ordering> {
        Some(compare(value, &wanted(field, &self.wanted)?))
    }
}

fn step(of: &'static ObjectType, part: &str) -> Option<(Step, Option<&'static ObjectType>)> {
    if matches!(part, "id" | "pk") {
        return Some((Step::Id, None));
    }
    if let Some(field) = of
        .field(part)
        .filter(|field| !field.is_internal() && !matches!(field.kind, Kind::Secret { .. }) || field.name == "password")
    {
        return Some((Step::Field(field), field.kind.target()));
    }
    if let Some(field) = part.strip_suffix("_id").and_then(|name| of.field(name)) {
        return Some((Step::Field(field), None));
    }
    let found =
        registry::referring(of).find(|(other, _)| other.model == part).map(|(of, field)| super::Reverse { of, field });
    let found = reverse(of, &format!("{part}_set")).or_else(|| reverse(of, part)).or(found)?;
    Some((Step::Reverse(found.of, found.field), Some(found.of)))
}

/// Every value at the end of a path; none where something on the way is unknown.
fn reach(
    record: &Record,
    path: &[Step],
    pass: &Arc<Pass>,
    out: &mut Vec<(Option<&'static Field>, Stored)>,
) -> Option<()> {
    let Some((step, rest)) = path.split_first() else {
        out.push((None, Stored::Int(record.id)));
        return Some(());
    };
    match step {
        Step::Id => out.push((None, Stored::Int(record.id))),
        Step::Field(field) => {
            let value = record.get(field.name);
            if rest.is_empty() {
                match value {
                    Stored::Ids(ids) if ids.is_empty() => out.push((Some(field), Stored::Null)),
                    Stored::Ids(ids) => out.extend(ids.iter().map(|id| (Some(*field), Stored::Int(*id)))),
                    value => out.push((Some(field), value.clone())),
                }
                return Some(());
            }
            let ids = targets(record.of, field, value);
            if ids.is_empty() {
                out.push((Some(field), Stored::Null));
            }
            let mut known = Some(());
            for id in ids {
                match pass.follow(record.of, field, id) {
                    Some(Some(next)) => known = known.and(reach(&next, rest, pass, out)),
                    Some(None) => {}
                    None => known = None,
                }
            }
            return known;
        }
        Step::Reverse(of, field) => {
            let rows = pass.referring(of, field, record.of, record.id)?;
            if rows.is_empty() {
                out.push((Some(field), Stored::Null));
            }
            for row in rows {
                reach(&row, rest, pass, out)?;
            }
        }
    }
    Some(())
}

/// What a template passed, as a value of the field's kind.
fn wanted(field: Option<&'static Field>, value: &Value) -> Option<Stored> {
    if let Some(object) = value.downcast_object_ref::<Object>() {
        return Some(Stored::Int(object.record.id));
    }
    if let Some(address) = value.downcast_object_ref::<Address>() {
        return Some(match address {
            Address::Host(ip) => Stored::Ip(*ip),
            Address::Interface(net) | Address::Network(net) => Stored::Net(*net),
        });
    }
    let parsed = |text: &str| match field.map(|field| field.kind) {
        Some(kind @ (Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix | Kind::Mac | Kind::Time)) => {
            kind.parse(text).ok()
        }
        Some(Kind::Int { .. } | Kind::Asn { .. } | Kind::Reference { .. } | Kind::References { .. }) | None => {
            text.trim().parse().ok().map(Stored::Int)
        }
        _ => Some(Stored::text(text)),
    };
    match value.kind() {
        ValueKind::Bool => Some(match field.map(|field| field.kind) {
            Some(Kind::Bool | Kind::Json { .. }) => Stored::Bool(value.is_true()),
            _ => Stored::Int(i64::from(value.is_true())),
        }),
        ValueKind::Number if matches!(field.map(|field| field.kind), Some(Kind::Bool)) => {
            Some(Stored::Bool(value.is_true()))
        }
        ValueKind::Number => {
            value.as_i64().map(Stored::Int).or_else(|| f64::try_from(value.clone()).ok().map(Stored::Float))
        }
        ValueKind::String => parsed(value.as_str().unwrap_or_default()),
        ValueKind::None => Some(Stored::Null),
        _ => None,
    }
}

fn same(value: &Stored, wanted: &Stored) -> bool {
    match (value, wanted) {
        (Stored::Net(net), Stored::Ip(ip)) => *net == ipnet::IpNet::from(*ip),
        (Stored::Ip(ip), Stored::Net(net)) => *net == ipnet::IpNet::from(*ip),
        (value, wanted) => value == wanted,
    }
}

fn printed(field: Option<&'static Field>, value: &Stored) -> String {
    match (field, value) {
        (_, Stored::Text(text)) => text.to_string(),
        (_, Stored::Int(number)) => number.to_string(),
        (Some(field), value) => field.kind.print(value),
        (None, _) => String::new(),
    }
}
