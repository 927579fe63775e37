//! What templates see of the graph: objects, relation managers, query results, addresses, and pending.
//!
//! All of it is driven by the model's descriptions: a field's name is the attribute, a reference leads to an object, a
//! reference from elsewhere to a manager (`connection_set`). What is computed stands in [`properties`],
//! what is called in [`members`].

pub mod address;
pub mod lookup;
pub mod manager;
pub mod members;
pub mod order;
pub mod path;
pub mod ports;
pub mod properties;
pub mod queryset;
pub mod relations;
pub mod shared;
pub mod values;

use crate::{
    graph::NumberMap,
    pass::{PLACEHOLDER, Pass},
    passwords,
    python::{
        collections,
        methods::BoundMethod,
        time::{Date, Moment},
    },
};
use manager::Manager;
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{DynObject, Enumerator, Object as MiniObject, ObjectRepr},
};
use peerage_model::{Field, Kind, ObjectType, Record, Value as Stored, json::stored_order, label, registry};
use std::{
    cmp::Ordering,
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

/// A value that is not in the graph yet: false, empty, and everything asked of it is pending again.
#[derive(Debug)]
pub struct Pending;

impl Pending {
    pub fn value() -> Value {
        Value::from_object(Self)
    }

    pub fn is(value: &Value) -> bool {
        value.downcast_object_ref::<Self>().is_some()
    }
}

impl MiniObject for Pending {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Self::value())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(Self::value())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, _: &str, _: &[Value]) -> Result<Value, Error> {
        Ok(Self::value())
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Secrets that templates are for. All others (a router's credentials) do not exist in a template.
const SESSION_SECRETS: [&str; 2] = ["password", ENCRYPTED_PASSWORD];
const ENCRYPTED_PASSWORD: &str = "encrypted_password";

/// Python's class name of each type, made from its path: `InternetExchangePeeringSession`.
static CLASSES: LazyLock<HashMap<usize, String>> =
    LazyLock::new(|| registry::TYPES.iter().map(|of| (crate::graph::key(of), class_of_path(of))).collect());

fn class_of_path(of: &ObjectType) -> String {
    let singular = of
        .path
        .strip_suffix("ies")
        .map(|stem| format!("{stem}y"))
        .or_else(|| {
            of.path
                .strip_suffix("xes")
                .or_else(|| of.path.strip_suffix("sses"))
                .map(|stem| if of.path.ends_with("xes") { format!("{stem}x") } else { format!("{stem}ss") })
        })
        .or_else(|| of.path.strip_suffix('s').map(str::to_owned))
        .unwrap_or_else(|| of.path.to_owned());
    let word = |word: &str| match word {
        "bgp" | "bfd" | "ix" | "api" => word.to_uppercase(),
        "ixlan" => "IXLan".to_owned(),
        word => word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default(),
    };
    singular.split('-').map(word).collect()
}

/// Python's class name of a type.
pub fn class(of: &'static ObjectType) -> &'static str {
    CLASSES.get(&crate::graph::key(of)).map_or(of.name, String::as_str)
}

/// Python's class name of a value that is an object of this crate; none for plain values.
pub fn class_name(value: &Value) -> Option<&'static str> {
    let object = value.as_object()?;
    if let Some(object) = object.downcast_ref::<Object>() {
        return Some(class(object.record.of));
    }
    if object.is::<queryset::QuerySet>() {
        return Some("QuerySet");
    }
    if object.is::<Manager>() {
        return Some("ManyRelatedManager");
    }
    if object.is::<Date>() {
        return Some("date");
    }
    if object.is::<Moment>() {
        return Some("datetime");
    }
    if object.is::<BoundMethod>() {
        return Some("method");
    }
    address::class(value)
}

/// Whether names after a dot are this object's own attributes rather than methods of a built-in type.
pub fn has_own_attributes(object: &DynObject) -> bool {
    object.is::<Object>() || object.is::<Manager>() || object.is::<queryset::QuerySet>() || object.is::<Pending>()
}

/// One record as a template sees it.
#[derive(Clone, Debug)]
pub struct Object {
    pub pass: Arc<Pass>,
    pub record: Record,
}

/// A set of records that refer to an object: `router.connection_set`.
#[derive(Clone, Copy, Debug)]
pub struct Reverse {
    pub of: &'static ObjectType,
    pub field: &'static Field,
}

/// Places of fields by type and name: templates name fields more often than anything else does.
static FIELDS: LazyLock<NumberMap<(usize, &'static str), usize>> = LazyLock::new(|| {
    let fields = registry::TYPES.iter().flat_map(|of| of.fields.iter().enumerate().map(move |field| (of, field)));
    fields.map(|(of, (index, field))| ((crate::graph::key(of), field.name), index)).collect()
});

/// Names of reverse relations by the type that they belong to. A type's only reference, or the one named after its target,
/// gives `<model>_set`, others `<model>_<field>`.
static REVERSE: LazyLock<HashMap<usize, HashMap<String, Reverse>>> = LazyLock::new(|| {
    let mut all: HashMap<usize, HashMap<String, Reverse>> = HashMap::new();
    for to in registry::TYPES.iter().copied() {
        let names = all.entry(crate::graph::key(to)).or_default();
        let referring: Vec<_> = registry::referring(to).collect();
        for (of, field) in &referring {
            let siblings = referring.iter().filter(|(other, _)| other.is(of)).count();
            let natural = field.name.replace('_', "") == to.model;
            let suffix = if siblings == 1 || natural { "set" } else { field.name };
            names.insert(format!("{}_{suffix}", of.model), Reverse { of, field });
        }
    }
    all
});

/// Names that relations between PeeringDB's types have there.
const RELATED: [(&str, &str); 9] = [
    ("poc_set", "networkcontact_set"),
    ("netfac_set", "networkfacility_set"),
    ("netixlan_set", "networkixlan_set"),
    ("ixpfx_set", "ixlanprefix_set"),
    ("ixfac_set", "internetexchangefacility_set"),
    ("net_set", "network_set"),
    ("fac_set", "facility_set"),
    ("ix_set", "internetexchange_set"),
    ("carrierfac_set", "carrierfacility_set"),
];

/// The reverse relation of a name.
pub fn reverse(to: &'static ObjectType, name: &str) -> Option<Reverse> {
    let own = (to.app == "peeringdb").then(|| RELATED.iter().find(|(known, _)| *known == name)).flatten();
    let name = own.map_or(name, |(_, name)| name);
    REVERSE.get(&crate::graph::key(to))?.get(name).copied()
}

/// Sets of objects that refer to a type's or are attached to them, by the name that templates call them.
pub(crate) fn relations_of(to: &'static ObjectType) -> Vec<(String, &'static ObjectType)> {
    let own = REVERSE.get(&crate::graph::key(to));
    let mut all: Vec<_> = own.into_iter().flatten().map(|(name, reverse)| (name.clone(), reverse.of)).collect();
    if to.app == "peeringdb" {
        for (name, _) in &mut all {
            if let Some((theirs, _)) = RELATED.iter().find(|(_, long)| long == name) {
                *name = (*theirs).to_owned();
            }
        }
    }
    all.extend(registry::attachable(to).map(|(of, attached)| (attached.set.to_owned(), of)));
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all
}

/// A stored value as a template sees it: of a field, or of none (an id, a part of JSON).
fn value_of_field(pass: &Arc<Pass>, of: &'static ObjectType, field: Option<&'static Field>, stored: &Stored) -> Value {
    let kind = field.map(|field| field.kind);
    match (kind, stored) {
        (Some(Kind::Secret { .. }), _) if !field.is_some_and(|field| SESSION_SECRETS.contains(&field.name)) => {
            Value::from(())
        }
        (_, Stored::Hidden) => {
            pass.note_placeholder();
            Value::from(PLACEHOLDER)
        }
        (Some(Kind::References { to }), stored) => match field {
            Some(field) => Value::from_object(Manager::of_ids(pass, of, field, to, stored.as_ids())),
            None => Value::from(()),
        },
        (_, Stored::Null) => Value::from(()),
        (Some(Kind::Reference { .. }), Stored::Int(id)) => match field.and_then(|field| pass.follow(of, field, *id)) {
            Some(Some(record)) => Object::value(pass, record),
            Some(None) => Value::from(()),
            None => Pending::value(),
        },
        (_, Stored::Bool(yes)) => Value::from(*yes),
        (_, Stored::Int(number)) => Value::from(*number),
        (_, Stored::Float(number)) => Value::from(*number),
        (_, Stored::Text(text)) => Value::from(Arc::clone(text)),
        (_, Stored::Time(micros)) => Value::from_object(Moment::utc(*micros)),
        // PeeringDB's are stored with the length that they have alone
        (_, Stored::Ip(ip)) if of.app == "peeringdb" => {
            Value::from_object(address::Address::Interface(ipnet::IpNet::from(*ip)))
        }
        (_, Stored::Ip(ip)) => Value::from_object(address::Address::Host(*ip)),
        (Some(Kind::Prefix), Stored::Net(net)) => Value::from_object(address::Address::Network(*net)),
        (_, Stored::Net(net)) => Value::from_object(address::Address::Interface(*net)),
        (_, Stored::Mac(mac)) => Value::from_object(address::Mac(*mac)),
        (_, Stored::Ids(ids)) => collections::List::value(ids.iter().copied().map(Value::from).collect()),
        (_, Stored::Texts(texts)) => {
            collections::List::value(texts.iter().map(|text| Value::from(Arc::clone(text))).collect())
        }
        (_, Stored::Json(json)) => collections::from_json(&stored_order(json)),
    }
}

impl Object {
    pub fn value(pass: &Arc<Pass>, record: Record) -> Value {
        Value::from_object(Self { pass: Arc::clone(pass), record })
    }

    pub fn of(&self) -> &'static ObjectType {
        self.record.of
    }

    /// Whether both are the same record.
    pub fn is_same(&self, other: &Self) -> bool {
        crate::graph::key(self.record.of) == crate::graph::key(other.record.of) && self.record.id == other.record.id
    }

    pub fn is(&self, type_key: &str) -> bool {
        type_key.split_once('.') == Some((self.record.of.app, self.record.of.model))
    }

    /// The object's natural text.
    pub fn label(&self) -> String {
        label::label(&self.record, &*self.pass)
    }

    /// A field's value as a template sees it.
    fn field_value(&self, field: &'static Field, stored: &Stored) -> Value {
        value_of_field(&self.pass, self.record.of, Some(field), stored)
    }

    /// An attribute, or none where the object has no such thing.
    pub fn attribute(&self, name: &str) -> Option<Value> {
        let of = self.record.of;
        if let Some(&index) = FIELDS.get(&(crate::graph::key(of), name)) {
            let field = &of.fields[index];
            if name == ENCRYPTED_PASSWORD {
                let value = passwords::encrypted(&self.record, &*self.pass);
                return Some(value.map_or_else(Pending::value, |value| self.field_value(field, &value)));
            }
            return (!field.is_internal()).then(|| self.field_value(field, self.record.at(index)));
        }
        if matches!(name, "id" | "pk") {
            return Some(Value::from(self.record.id));
        }
        if name.starts_with('_') {
            return None;
        }
        if let Some(reverse) = reverse(of, name) {
            return Some(Value::from_object(Manager::reverse(&self.pass, of, self.record.id, reverse)));
        }
        if let Some((of, _)) = registry::attachable(of).find(|(_, attached)| attached.set == name) {
            return Some(Value::from_object(Manager::attached(&self.pass, of, self.record.clone())));
        }
        if of.attached.is_some_and(|attached| attached.object == name) {
            return Some(self.attached_to());
        }
        properties::property(self, name)
    }

    /// The object that it is attached to.
    fn attached_to(&self) -> Value {
        let to = self.record.attached_to().and_then(|(key, id)| Some((registry::get(key).ok()?, id)));
        match to.map(|(of, id)| self.pass.row(of, id)) {
            Some(None) => Pending::value(),
            Some(Some(Some(record))) => Self::value(&self.pass, record),
            _ => Value::from(()),
        }
    }

    /// Stored fields as Peering Manager's serialiser gives them: references as ids, tags as names.
    pub fn stored_fields(&self) -> Vec<(&'static str, Value)> {
        let readable = |field: &Field| {
            !field.is_internal()
                && !field.is_own()
                && (!matches!(field.kind, Kind::Secret { .. }) || SESSION_SECRETS.contains(&field.name))
        };
        self.record
            .iter()
            .filter(|(field, _)| readable(field))
            .map(|(field, stored)| {
                let value = match (field.kind, stored) {
                    (Kind::Reference { .. }, Stored::Int(id)) => Value::from(*id),
                    (Kind::References { to }, stored) if to.model == "tag" => {
                        let manager = Manager::of_ids(&self.pass, self.record.of, field, to, stored.as_ids());
                        let names = manager
                            .all()
                            .map(|set| set.objects().map(|tag| Value::from(tag.record.text("name"))).collect());
                        names.map_or_else(Pending::value, collections::List::value)
                    }
                    (Kind::References { .. }, Stored::Ids(ids)) => {
                        collections::List::value(ids.iter().copied().map(Value::from).collect())
                    }
                    (_, stored) => self.field_value(field, stored),
                };
                (field.name, value)
            })
            .collect()
    }
}

impl MiniObject for Object {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        self.attribute(name).or_else(|| {
            let known = members::has_method(self, name);
            if !known {
                self.pass.note_absent(self.record.of, name);
            }
            known.then(|| BoundMethod::value(Value::from_dyn_object(self.clone()), name))
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        if matches!(method, "save" | "delete" | "snapshot" | "synchronise_with_peeringdb") {
            return Err(crate::python::fault(format!("{method} of {} is not safely callable", self.label())));
        }
        match members::call(self, method, args) {
            Some(result) => result,
            None => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let key = |object: &Self| (crate::graph::key(object.record.of), object.record.id);
        Some(key(self).cmp(&key(other)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            write!(f, "<{}: {}>", class(self.record.of), self.label())
        } else {
            f.write_str(&self.label())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names_are_the_models_in_camel_case() {
        for of in registry::TYPES.iter().filter(|of| of.origin == peerage_model::Origin::Operator) {
            assert_eq!(class(of).to_lowercase(), of.model, "{}", of.key());
        }
    }

    #[test]
    fn reverse_relations_are_named_as_in_django() {
        use peerage_model::types::{AUTONOMOUS_SYSTEM, INTERNET_EXCHANGE, ROUTER};
        assert!(reverse(&ROUTER, "connection_set").is_some());
        assert!(reverse(&INTERNET_EXCHANGE, "connection_set").is_some());
        assert!(reverse(&AUTONOMOUS_SYSTEM, "internetexchangepeeringsession_set").is_some());
        assert!(reverse(&AUTONOMOUS_SYSTEM, "router_set").is_some());
    }
}
