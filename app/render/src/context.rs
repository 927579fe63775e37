//! The variables that each kind of template sees, made only when a template looks at them.

use crate::{
    graph::Graph,
    objects::{Object, Pending, members, queryset::QuerySet, relations},
    pass::{Pass, type_of},
    python::collections::{Dict, from_json},
};
use minijinja::{
    Value,
    value::{Enumerator, Object as MiniObject, ObjectRepr},
};
use peerage_model::{ObjectType, registry};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// What a template is rendered for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Context {
    /// A router's configuration: `router`, `local_as`, `autonomous_systems`, `bgp_groups`, `internet_exchange_points`,
    /// `communities`, `routing_policies`.
    Router { id: i64 },
    /// A message to a network: `autonomous_system`, `affiliated_autonomous_systems`.
    Email { autonomous_system: i64 },
    /// `dataset`: objects of a type, `peering.autonomoussystem`.
    Export {
        #[serde(rename = "type")]
        of: String,
        /// These, in this order; none: every one of the type, in its own order.
        #[serde(default)]
        rows: Option<Vec<i64>>,
    },
    /// Plain data (webhooks, tests). `templates` are what includes find, by `kind::identifier`.
    Data {
        values: serde_json::Map<String, serde_json::Value>,
        #[serde(default)]
        templates: BTreeMap<String, String>,
    },
}

/// What the template of a router's configuration sees.
pub(crate) const OF_ROUTER: [&str; 7] = [
    "router",
    "local_as",
    "autonomous_systems",
    "bgp_groups",
    "internet_exchange_points",
    "communities",
    "routing_policies",
];

/// What an export template sees.
pub(crate) const OF_EXPORT: &str = "dataset";

impl Context {
    /// The variables that a template sees.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let (fixed, data): (&[&str], _) = match self {
            Self::Router { .. } => (&OF_ROUTER, None),
            Self::Email { .. } => (&["autonomous_system", "affiliated_autonomous_systems"], None),
            Self::Export { .. } => (&[OF_EXPORT], None),
            Self::Data { values, .. } => (&[], Some(values.keys().map(String::as_str))),
        };
        fixed.iter().copied().chain(data.into_iter().flatten())
    }
}

/// The variables as minijinja's root object.
#[derive(Debug)]
pub(crate) struct Variables {
    context: Context,
    pass: Arc<Pass>,
    /// Plain data, converted once, so that a change that a template makes to it stays.
    data: BTreeMap<String, Value>,
    /// Variables that a template has looked at; pending ones are asked for again.
    made: Mutex<BTreeMap<String, Value>>,
}

impl Variables {
    pub(crate) fn value(context: &Context, pass: &Arc<Pass>) -> Value {
        let data = match context {
            Context::Data { values, .. } => values.iter().map(|(name, json)| (name.clone(), from_json(json))).collect(),
            _ => BTreeMap::new(),
        };
        Value::from_object(Self { context: context.clone(), pass: Arc::clone(pass), data, made: Mutex::default() })
    }

    /// What a template of this kind sees, as a dict: methods of objects give it to templates as well.
    pub(crate) fn whole(context: &Context, pass: &Arc<Pass>) -> Value {
        let variables =
            Self { context: context.clone(), pass: Arc::clone(pass), data: BTreeMap::new(), made: Mutex::default() };
        let made = context.names().filter_map(|name| Some((Value::from(name), variables.make(name)?)));
        Dict::value(made.collect::<Vec<_>>())
    }

    fn object(&self, type_key: &str, id: i64) -> Value {
        let Some(of) = type_of(type_key) else { return Value::from(()) };
        match self.pass.row(of, id) {
            Some(Some(record)) => Object::value(&self.pass, record),
            Some(None) => Value::from(()),
            None => Pending::value(),
        }
    }

    fn everything(&self, type_key: &str) -> Value {
        let of = type_of(type_key);
        match of.map(|of| self.pass.all(of)) {
            Some(None) => Pending::value(),
            rows => Value::from_object(QuerySet::new(&self.pass, of, rows.flatten().unwrap_or_default())),
        }
    }

    /// Some rows in the order in which they are named; those that are gone are left out.
    fn these(&self, of: &'static ObjectType, ids: &[i64]) -> Value {
        // all are asked for before any is missed
        let rows: Vec<_> = ids.iter().map(|id| self.pass.row(of, *id)).collect();
        match rows.into_iter().collect::<Option<Vec<_>>>() {
            Some(rows) => Value::from_object(QuerySet::in_order(&self.pass, of, rows.into_iter().flatten().collect())),
            None => Pending::value(),
        }
    }

    fn of_router(&self, id: i64, name: &str) -> Option<Value> {
        if !OF_ROUTER.contains(&name) {
            return None;
        }
        if name == "communities" {
            return Some(self.everything("bgp.community"));
        }
        let router = self.object("devices.router", id);
        let Some(object) = router.downcast_object_ref::<Object>() else { return Some(router) };
        let set = |set: Option<QuerySet>| set.map_or_else(Pending::value, Value::from_object);
        Some(match name {
            "local_as" => object.attribute("local_autonomous_system").unwrap_or_default(),
            "autonomous_systems" => set(relations::peers(object)),
            "internet_exchange_points" => set(relations::exchanges(object)),
            "bgp_groups" => members::call(object, "get_bgp_groups", &[]).and_then(Result::ok).unwrap_or_default(),
            "routing_policies" => {
                members::call(object, "get_routing_policies", &[]).and_then(Result::ok).unwrap_or_default()
            }
            _ => router,
        })
    }
}

impl MiniObject for Variables {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        if let Context::Data { .. } = &self.context {
            return self.data.get(name).cloned();
        }
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = made().get(name) {
            return Some(value.clone());
        }
        let value = self.make(name)?;
        if !Pending::is(&value) {
            made().insert(name.to_owned(), value.clone());
        }
        Some(value)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.data.keys().map(|name| Value::from(name.as_str())).collect())
    }
}

impl Variables {
    fn make(&self, name: &str) -> Option<Value> {
        match &self.context {
            Context::Router { id } => self.of_router(*id, name),
            Context::Email { autonomous_system } => match name {
                "autonomous_system" => Some(self.object("peering.autonomoussystem", *autonomous_system)),
                "affiliated_autonomous_systems" => {
                    let of = type_of("peering.autonomoussystem")?;
                    let rows = self.pass.named(of, "affiliated", "true");
                    Some(rows.map_or_else(Pending::value, |mut rows| {
                        rows.retain(|row| row.flag("affiliated"));
                        Value::from_object(QuerySet::new(&self.pass, Some(of), rows))
                    }))
                }
                _ => None,
            },
            Context::Export { of, rows } => (name == OF_EXPORT).then(|| match (registry::get(of), rows) {
                (Ok(of), Some(rows)) => self.these(of, rows),
                (Ok(of), None) => self.everything(&of.key()),
                (Err(_), _) => Value::UNDEFINED,
            }),
            Context::Data { .. } => None,
        }
    }
}

impl Graph {
    /// A pass over this graph, for reading objects outside a template.
    pub fn pass(&self) -> Arc<Pass> {
        Arc::new(Pass::new(self.clone()))
    }
}
