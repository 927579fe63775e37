//! Sample data made from descriptions: for every kind of field values that differ, repeat, are empty, and are awkward.

use peerage_model::{
    Field, Kind, Lookup, ObjectType, Origin, Permit, Record, Value, Who,
    permit::{Add, Change, Delete, Rights, Verb, View},
    registry,
    types::{AUTONOMOUS_SYSTEM, CHANGE, CONNECTION, INTERNET_EXCHANGE, IX_SESSION, ROUTER},
};
use peerage_store::Store;
use std::collections::HashMap;

/// Rows of each type.
pub const ROWS: usize = 7;

pub fn system() -> Who {
    Who::system("tests")
}

pub fn person() -> Who {
    Who { user: None, name: "person".into(), rights: Rights::all(true).into() }
}

pub fn reader() -> Who {
    Who { user: Some(1), name: "reader".into(), rights: Rights::only(["*.view_*"]).into() }
}

pub fn may<V: Verb>(of: &'static ObjectType) -> Permit<V> {
    system().permit(of).unwrap()
}

/// All records by type.
#[derive(Default)]
pub struct World(pub HashMap<String, Vec<Record>>);

impl World {
    pub fn of(&self, of: &ObjectType) -> &[Record] {
        self.0.get(&of.key()).map_or(&[], Vec::as_slice)
    }
}

impl Lookup for World {
    fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record> {
        self.of(of).iter().find(|record| record.id == id).cloned()
    }
}

/// Fills every table, and reads it all back.
pub async fn fill(store: &Store) -> World {
    fill_with(store, ROWS).await
}

/// As [`fill`], with so many rows of each type.
pub async fn fill_with(store: &Store, rows: usize) -> World {
    let mut world = World::default();
    let mut write = store.begin(&system(), "fill").await.unwrap();
    for of in registry::TYPES.iter().copied().filter(|of| !of.is(&CHANGE)) {
        let records: Vec<Record> = (0..rows).map(|seed| sample(of, seed, &world)).collect();
        let mut stored = Vec::new();
        if of.origin == Origin::PeeringDb {
            write.upsert_cached(&may::<Change>(of), &records).await.unwrap();
        } else {
            for record in &records {
                stored.push(write.insert(&may::<Add>(of), record.clone()).await.unwrap());
            }
        }
        world.0.insert(of.key(), if stored.is_empty() { records } else { stored });
    }
    write.commit().await.unwrap();
    for of in registry::TYPES.iter().copied() {
        let read = store.records(&may::<View>(of), &peerage_model::ListQuery::all(of).unpaged()).await.unwrap();
        world.0.insert(of.key(), read);
    }
    world
}

/// The `seed`th record of a type; what it refers to is taken from the world so far.
pub fn sample(of: &'static ObjectType, seed: usize, world: &World) -> Record {
    let mut record = Record::new(of);
    if of.origin == Origin::PeeringDb {
        record.id = seed as i64 * 3 + 10;
    }
    for (index, field) in of.fields.iter().enumerate() {
        let distinct = field.is_unique() || of.unique.iter().any(|unique| unique.fields.contains(&field.name));
        let value = match field.kind {
            _ if field.is_nullable() && !distinct && (seed + index).is_multiple_of(3) => Value::Null,
            Kind::Reference { to, .. } => match world.of(to) {
                [] => Value::Null,
                others if distinct => Value::Int(others[seed % others.len()].id),
                others => Value::Int(others[(seed * 5 + index) % others.len().min(4)].id),
            },
            Kind::References { to } => {
                let others = world.of(to);
                Value::Ids(others.iter().take((seed + index) % 3).map(|other| other.id).collect())
            }
            Kind::Text { .. } if distinct => match value(field, seed) {
                // texts repeat after a while
                Value::Text(text) if seed >= 6 => Value::text(format!("{text}{seed}")),
                other => other,
            },
            _ if distinct => value(field, seed),
            _ => value(field, (seed * 2 + index) % 4),
        };
        record.set_at(index, value);
    }
    if let Some(attached) = of.attached {
        let systems = world.of(&AUTONOMOUS_SYSTEM);
        record.set(attached.of, Value::text(AUTONOMOUS_SYSTEM.key()));
        record.set(attached.id, systems.get(seed % systems.len().max(1)).map_or(Value::Null, |to| Value::Int(to.id)));
    }
    record
}

/// The `seed`th value of a field, never null.
pub fn value(field: &Field, seed: usize) -> Value {
    let number = seed as i64;
    match field.kind {
        Kind::Bool => Value::Bool(seed.is_multiple_of(2)),
        Kind::Int { names: [first, ..], .. } => Value::Int(first.0),
        Kind::Int { min, max, .. } => Value::Int(min.saturating_add(number * 7).min(max)),
        Kind::Float { .. } => Value::Float(number as f64 * 12.5 - 20.25),
        Kind::Asn { .. } => Value::Int(if seed == 3 { 4_200_000_001 } else { 64_496 + number }),
        Kind::Time => Value::Time(1_700_000_000_000_000 + number * 86_400_000_001),
        Kind::IpHost { family } => Value::Ip(address(family, seed).parse().unwrap()),
        Kind::IpInterface { family } => Value::Net(format!("{}/{}", address(family, seed), 24 + seed).parse().unwrap()),
        Kind::Prefix if seed.is_multiple_of(2) => Value::Net(format!("192.0.{seed}.0/24").parse().unwrap()),
        Kind::Prefix => Value::Net(format!("2001:db8:{seed}::/48").parse().unwrap()),
        Kind::Mac => Value::Mac([0, 0x1b, 0x77, 0x49, 0x54, 0xf0 + seed as u8]),
        Kind::Choice(set) => Value::text(set[seed % set.len()].code),
        Kind::Choices(set) => Value::Texts(set.iter().skip(seed % 2).map(|choice| choice.code.into()).collect()),
        Kind::Json { .. } => Value::Json(serde_json::json!({"key": seed, "nested": ["ä", null, 1.5]}).into()),
        Kind::IntList if seed == 0 => Value::Ids([].into()),
        Kind::IntList => Value::Ids([number, 12, 112].into()),
        Kind::Permissions => {
            Value::Texts([["*.view_*", "peering.add_autonomoussystem"][seed % 2]].map(Into::into).into())
        }
        Kind::TextList if seed == 0 => Value::Texts([].into()),
        Kind::TextList => Value::Texts(["a,\"b", "c", ["Cable", ",", "x\ny"][seed % 3]].map(Into::into).into()),
        Kind::Secret { .. } => Value::text(format!("hunter{seed}")),
        Kind::Colour => Value::text(format!("9e9e{seed:02x}")),
        Kind::Slug { .. } => Value::text(format!("Slug_{seed}-x")),
        Kind::Email => Value::text(format!("noc{seed}@example.net")),
        Kind::Url { .. } => Value::text(format!("https://example.net/{seed}")),
        Kind::Markdown | Kind::Template => Value::text(format!("# {{{{ name }}}} {seed}\r\n50% of \\_ ")),
        Kind::Text { max } => {
            let text = ["Example Net", "exämple %_\\ x", "", "ÄÖ'; --\"", "AMS-IX", "ams"][seed % 6];
            let unique = if field.is_unique() || text.is_empty() && field.is_required() {
                format!("{text}{seed}")
            } else {
                text.to_owned()
            };
            Value::text(unique.chars().take(max as usize).collect::<String>())
        }
        Kind::Reference { .. } | Kind::References { .. } => unreachable!("references come from the world"),
    }
}

fn address(family: u8, seed: usize) -> String {
    let four = if family == 0 { seed.is_multiple_of(2) } else { family == 4 };
    if four { format!("192.0.2.{}", (seed * 40 + 1) % 251) } else { format!("2001:db8:{:x}::{seed:x}", seed / 2) }
}

// ---- a small network by hand ----

/// One of ours, a peer, an exchange with a connection on a router, and a session.
pub struct Small {
    pub local: Record,
    pub peer: Record,
    pub router: Record,
    pub exchange: Record,
    pub connection: Record,
    pub session: Record,
}

pub fn network(asn: i64, name: &str) -> Record {
    Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(asn)).with("name", Value::text(name))
}

pub async fn add(store: &Store, record: Record) -> Record {
    let mut write = store.begin(&system(), "add").await.unwrap();
    let stored = write.insert(&may::<Add>(record.of), record).await.unwrap();
    write.commit().await.unwrap();
    stored
}

pub async fn change(store: &Store, record: Record) -> Record {
    let mut write = store.begin(&system(), "change").await.unwrap();
    let stored = write.update(&may::<Change>(record.of), record.version, record).await.unwrap();
    write.commit().await.unwrap();
    stored
}

pub async fn delete(store: &Store, record: &Record) {
    let mut write = store.begin(&system(), "delete").await.unwrap();
    write.delete(&may::<Delete>(record.of), record.id).await.unwrap();
    write.commit().await.unwrap();
}

pub async fn all(store: &Store, of: &'static ObjectType) -> Vec<Record> {
    store.records(&may::<View>(of), &peerage_model::ListQuery::all(of).unpaged()).await.unwrap()
}

pub async fn small(store: &Store) -> Small {
    let local = add(store, network(64500, "Ours").with("affiliated", Value::Bool(true))).await;
    let peer = add(store, network(64501, "Peer")).await;
    let router = Record::new(&ROUTER)
        .with("name", Value::text("edge1"))
        .with("hostname", Value::text("edge1.example.net"))
        .with("local_autonomous_system", Value::Int(local.id));
    let router = add(store, router).await;
    let exchange = Record::new(&INTERNET_EXCHANGE)
        .with("name", Value::text("Example-IX"))
        .with("slug", Value::text("example-ix"))
        .with("local_autonomous_system", Value::Int(local.id));
    let exchange = add(store, exchange).await;
    let connection = Record::new(&CONNECTION)
        .with("internet_exchange_point", Value::Int(exchange.id))
        .with("router", Value::Int(router.id));
    let connection = add(store, connection).await;
    let session = add(store, session(&peer, &connection, "192.0.2.1")).await;
    Small { local, peer, router, exchange, connection, session }
}

pub fn session(peer: &Record, connection: &Record, address: &str) -> Record {
    Record::new(&IX_SESSION)
        .with("autonomous_system", Value::Int(peer.id))
        .with("ixp_connection", Value::Int(connection.id))
        .with("ip_address", Value::Ip(address.parse().unwrap()))
}
