use crate::{
    database::Database,
    world::{all, change, fill, may, small, system},
};
use peerage_model::{
    Label, Record, Value,
    peeringdb::{EXCHANGE, IXLAN, NETWORK, NETWORK_IXLAN, ORGANIZATION, REJECTED},
    permit::{Add, Change, Delete, View},
    types::{CHANGE, INTERNET_EXCHANGE},
};
use peerage_store::{Action, Event, Store};

fn cached(of: &'static peerage_model::ObjectType, id: i64) -> Record {
    let mut record = Record::new(of);
    record.id = id;
    record
}

fn organization(id: i64, name: &str) -> Record {
    cached(&ORGANIZATION, id).with("name", Value::text(name)).with("updated", Value::Time(id * 1_000_000))
}

async fn put(store: &Store, records: &[Record]) {
    let mut write = store.begin(&system(), "").await.unwrap();
    write.upsert_cached(&may::<Change>(records[0].of), records).await.unwrap();
    write.commit().await.unwrap();
}

async fn lan(store: &Store) {
    put(store, &[organization(1, "Org")]).await;
    let exchange = cached(&EXCHANGE, 26).with("name", Value::text("Example-IX")).with("org", Value::Int(1));
    put(store, &[exchange]).await;
    put(store, &[cached(&IXLAN, 27).with("ix", Value::Int(26))]).await;
}

pub async fn cached_rows_are_written_over(database: &Database) {
    let store = &database.store;
    put(store, &[organization(5, "five"), organization(7, "seven")]).await;
    put(store, &[organization(7, "SEVEN").with("city", Value::text("Ulm")), organization(9, "nine")]).await;
    let read = all(store, &ORGANIZATION).await;
    let names: Vec<(i64, i64, &str)> =
        read.iter().map(|record| (record.id, record.version, record.text("name"))).collect();
    assert_eq!(names, [(7, 2, "SEVEN"), (5, 1, "five"), (9, 1, "nine")]);
    let (filter, _) = peerage_model::Filter::parse(&ORGANIZATION, "ulm");
    assert_eq!(store.count(&may::<View>(&ORGANIZATION), &filter).await.unwrap(), 1);
    let many = Event { of: &ORGANIZATION, id: 0, version: 0, action: Action::Update };
    let told = store.events_after(0).await.unwrap();
    assert_eq!(told.iter().map(|told| told.event).collect::<Vec<_>>(), [many, many]);
    assert!(all(store, &CHANGE).await.is_empty());
}

pub async fn many_cached_rows_need_few_statements(database: &Database) {
    let store = &database.store;
    let many: Vec<Record> = (1..=3_000).map(|id| organization(id, &format!("Organisation {id}"))).collect();
    let before = store.statements();
    put(store, &many).await;
    assert!(store.statements() - before <= 10);
    put(store, &many).await;
    let stamps = store.cached_stamps(&may::<View>(&ORGANIZATION)).await.unwrap();
    assert_eq!((stamps.len(), stamps[2_999]), (3_000, (3_000, Some(3_000_000_000))));
    let mut write = store.begin(&system(), "").await.unwrap();
    let ids: Vec<i64> = (1..=2_990).collect();
    assert_eq!(write.delete_cached(&may::<Delete>(&ORGANIZATION), &ids).await.unwrap(), 2_990);
    write.commit().await.unwrap();
    assert_eq!(all(store, &ORGANIZATION).await.len(), 10);
}

pub async fn stamps_are_those_of_the_rows(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    let stamps = store.cached_stamps(&may::<View>(&NETWORK)).await.unwrap();
    let mut expected: Vec<(i64, Option<i64>)> =
        world.of(&NETWORK).iter().map(|record| (record.id, record.get("updated").as_time())).collect();
    expected.sort_unstable();
    assert_eq!(stamps, expected);
    assert!(store.cached_stamps(&may::<View>(&CHANGE)).await.is_err());
}

pub async fn deleted_cached_rows_let_go_of_operators_objects(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    lan(store).await;
    let exchange = change(store, small.exchange.with("peeringdb_ixlan", Value::Int(27))).await;
    let mut write = store.begin(&system(), "sync").await.unwrap();
    // the LAN goes with its exchange
    assert_eq!(write.delete_cached(&may::<Delete>(&EXCHANGE), &[26, 4711]).await.unwrap(), 1);
    write.commit().await.unwrap();
    assert!(all(store, &IXLAN).await.is_empty());
    let now = all(store, &INTERNET_EXCHANGE).await.remove(0);
    assert_eq!((now.get("peeringdb_ixlan"), now.version), (&Value::Null, exchange.version + 1));
    let last = all(store, &CHANGE).await.remove(0);
    assert_eq!((last.text("action"), last.text("object_repr")), ("update", "Example-IX"));
    assert_eq!(last.text("request_id"), "sync");
}

pub async fn notes_are_cleared_in_portions(database: &Database) {
    let store = &database.store;
    let mut write = store.begin(&system(), "").await.unwrap();
    let note = |number: i64| {
        Record::new(&REJECTED)
            .with("namespace", Value::text("net"))
            .with("object_id", Value::Int(number))
            .with("reason", Value::text("It is a test."))
    };
    let notes: Vec<Record> = (1..=5).map(note).collect();
    write.note_many(&may::<Add>(&REJECTED), &notes).await.unwrap();
    let mut counts = Vec::new();
    for _ in 0..4 {
        counts.push(write.clear_notes(&may::<Delete>(&REJECTED), 2).await.unwrap());
    }
    write.commit().await.unwrap();
    assert_eq!(counts, [2, 2, 1, 0]);
    let mut write = store.begin(&system(), "").await.unwrap();
    assert!(write.clear_notes(&may::<Delete>(&CHANGE), 2).await.is_err(), "the log of changes is nobody's to clear");
}

pub async fn a_cached_row_without_its_parent_is_refused(database: &Database) {
    let store = &database.store;
    put(store, &[organization(1, "Org")]).await;
    put(
        store,
        &[cached(&NETWORK, 3).with("asn", Value::Int(3)).with("name", Value::text("n")).with("org", Value::Int(1))],
    )
    .await;
    let orphan =
        cached(&NETWORK_IXLAN, 1).with("asn", Value::Int(3)).with("net", Value::Int(3)).with("ixlan", Value::Int(9));
    let mut write = store.begin(&system(), "").await.unwrap();
    let problem = write.upsert_cached(&may::<Change>(&NETWORK_IXLAN), &[orphan]).await.unwrap_err().into_problem();
    assert_eq!((problem.label, problem.fields[0].field.as_str()), (Label::Invalid, "ixlan"));
}
