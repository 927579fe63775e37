//! Attributes of objects that are computed: one table says what they are called, which objects have them, what a person
//! should know of them and how they are made. Rendering, completion and the doubts about names read it.

use super::{
    Object,
    members::{
        AUTONOMOUS_SYSTEM, COMMUNITY, CONNECTION, DIRECT_SESSION, INTERNET_EXCHANGE, IX_SESSION, PORT, ROUTER,
        assigned_contacts, cidr, config_context, contacts, network, or_pending, or_pending_set,
    },
    relations::{lan_prefix_set, related, routers},
};
use crate::{
    python::collections::{Dict, List},
    words::To::{self, One, Plain, Rows},
};
use minijinja::Value;
use peerage_model::{
    Kind, ObjectType, at_peeringdb, context,
    types::{CommunityKind, is_private},
};

/// Which objects have an attribute.
#[derive(Clone, Copy)]
enum On {
    All,
    /// Those that config contexts are for.
    Contextual,
    Type(&'static str),
}

use On::{All, Contextual, Type};

impl On {
    fn fits(self, of: &'static ObjectType) -> bool {
        match self {
            All => true,
            Contextual => context::is_contextual(of),
            Type(key) => key.split_once('.') == Some((of.app, of.model)),
        }
    }
}

type Make = fn(&Object) -> Value;

/// A row of the table: name, who has it, what it leads to, what it is for, how it is made.
#[derive(Clone, Copy)]
struct Property(&'static str, On, To, &'static str, Make);

/// For words; for rendering see [`MADE`].
const PROPERTIES: [Property; 23] = [
    Property("is_pushed", Type(ROUTER), Plain, "was its text put into a data source?", |object| {
        Value::from(!object.record.get("data_pushed").is_null())
    }),
    Property("enabled", Type(IX_SESSION), Plain, "is its status enabled?", is_enabled),
    Property("enabled", Type(DIRECT_SESSION), Plain, "is its status enabled?", is_enabled),
    Property("config_context", Contextual, Plain, "its merged config context", config_context),
    Property("docs_url", All, Plain, "where the original explains its type", |object| {
        let of = object.record.of;
        Value::from(format!("/static/docs/models/{}/{}/", of.app, of.model))
    }),
    Property("name", Type(CONNECTION), Plain, "exchange and router", |object| Value::from(object.label())),
    Property("linked_to_peeringdb", Type(CONNECTION), Plain, "is its port known?", |object| {
        Value::from(object.record.int("peeringdb_netixlan").is_some())
    }),
    Property("linked_to_peeringdb", Type(INTERNET_EXCHANGE), Plain, "is its LAN known?", |object| {
        Value::from(object.record.int("peeringdb_ixlan").is_some())
    }),
    Property("has_connected_routers", Type(INTERNET_EXCHANGE), Plain, "is any router connected?", |object| {
        or_pending(routers(object).map(|set| Value::from(!set.is_empty())))
    }),
    Property("peeringdb_prefixes", Type(INTERNET_EXCHANGE), Plain, "prefixes of its LAN by family", |object| {
        or_pending(lan_prefixes(object))
    }),
    Property("is_private", Type(AUTONOMOUS_SYSTEM), Plain, "is its ASN for private use?", |object| {
        Value::from(is_private(&object.record))
    }),
    Property(
        "peeringdb_network",
        Type(AUTONOMOUS_SYSTEM),
        One("peeringdb.network"),
        "its PeeringDB record",
        |object| {
            or_pending(network(object).map(|found| match found {
                Some(network) => Object::value(&object.pass, network),
                None => Value::from(()),
            }))
        },
    ),
    Property("general_policy", Type(AUTONOMOUS_SYSTEM), Plain, "its peering policy, by PeeringDB", |object| {
        or_pending(network(object).map(|found| match found {
            Some(network) => related(object, &network).attribute("policy_general").unwrap_or_default(),
            None => Value::from(()),
        }))
    }),
    Property(
        "peeringdb_contacts",
        Type(AUTONOMOUS_SYSTEM),
        Rows("peeringdb.networkcontact"),
        "whom PeeringDB names",
        |object| or_pending_set(contacts(object)),
    ),
    Property("can_receive_email", Type(AUTONOMOUS_SYSTEM), Plain, "is there an address?", |object| {
        let both = assigned_contacts(object).zip(contacts(object));
        or_pending(both.map(|(assigned, listed)| Value::from(!assigned.is_empty() || !listed.is_empty())))
    }),
    Property("exists_in_peeringdb", Type(IX_SESSION), Plain, "does PeeringDB list its address?", |object| {
        or_pending(at_peeringdb::listed(&object.record, &*object.pass).map(|port| Value::from(port.is_some())))
    }),
    Property("is_abandoned", Type(IX_SESSION), Plain, "was it up, and is it listed no more?", |object| {
        or_pending(at_peeringdb::is_abandoned(&object.record, &*object.pass).map(Value::from))
    }),
    Property("cidr4", Type(PORT), Plain, "IPv4 address with the LAN's length", |port| cidr(port, 4)),
    Property("cidr6", Type(PORT), Plain, "IPv6 address with the LAN's length", |port| cidr(port, 6)),
    Property("is_remote_peer", Type(PORT), Plain, "does it peer from afar?", |port| {
        Value::from(at_peeringdb::is_remote_peer(&port.record))
    }),
    Property("kind", Type(COMMUNITY), Plain, "standard, extended or large", |object| {
        CommunityKind::of(object.record.text("value")).map_or_else(|| Value::from(()), |kind| Value::from(kind.code()))
    }),
    Property("id", All, Plain, "its number", number),
    Property("pk", All, Plain, "its number", number),
];

/// The table without its words, which are not for the wasm that renders.
static MADE: [(&str, On, Make); PROPERTIES.len()] = {
    let mut rows = [("", All, number as Make); PROPERTIES.len()];
    let mut at = 0;
    while at < rows.len() {
        let Property(name, on, _, _, make) = PROPERTIES[at];
        rows[at] = (name, on, make);
        at += 1;
    }
    rows
};

/// A computed attribute; none where the object has none of this name.
pub fn property(object: &Object, name: &str) -> Option<Value> {
    let row = MADE.iter().find(|(known, on, _)| *known == name && on.fits(object.record.of));
    if let Some((_, _, make)) = row {
        return Some(make(object));
    }
    let field = name.strip_suffix(OF_REFERENCE).and_then(|name| object.record.of.field(name))?;
    Some(object.record.get(field.name).as_int().map_or_else(|| Value::from(()), Value::from))
}

/// After the name of a reference: the number of what it leads to.
const OF_REFERENCE: &str = "_id";

/// What objects of a type have by such names.
pub(crate) fn names_of(of: &'static ObjectType) -> impl Iterator<Item = String> {
    let made = MADE.iter().filter(move |(_, on, _)| on.fits(of)).map(|(name, ..)| (*name).to_owned());
    made.chain(numbers_of(of).map(|(name, _)| name))
}

/// The same with what they lead to and what they are for.
pub(crate) fn words_of(of: &'static ObjectType) -> impl Iterator<Item = (String, To, String)> {
    let made = PROPERTIES.into_iter().filter(move |Property(_, on, ..)| on.fits(of));
    let made = made.map(|Property(name, _, to, about, _)| (name.to_owned(), to, about.to_owned()));
    made.chain(numbers_of(of).map(|(name, label)| (name, Plain, format!("number of its {label}"))))
}

/// Names for the numbers that references hold, and what the references are called.
fn numbers_of(of: &'static ObjectType) -> impl Iterator<Item = (String, String)> {
    let references =
        of.fields.iter().filter(|field| matches!(field.kind, Kind::Reference { .. }) && !field.is_internal());
    references.map(|field| (format!("{}{OF_REFERENCE}", field.name), field.label()))
}

fn number(object: &Object) -> Value {
    Value::from(object.record.id)
}

fn is_enabled(session: &Object) -> Value {
    Value::from(session.record.text("status") == "enabled")
}

/// Prefixes of an exchange's LAN by family, as texts.
fn lan_prefixes(exchange: &Object) -> Option<Value> {
    let prefixes = lan_prefix_set(exchange, 0)?;
    let mut pairs = Vec::new();
    for (family, four) in [("ipv4", true), ("ipv6", false)] {
        let texts: Vec<Value> = prefixes
            .rows()
            .filter_map(|row| row.get("prefix").as_net())
            .filter(|net| net.addr().is_ipv4() == four)
            .map(|net| Value::from(net.to_string()))
            .collect();
        if !texts.is_empty() {
            pairs.push((Value::from(family), List::value(texts)));
        }
    }
    Some(Dict::value(pairs))
}
