//! Both directions, each time against a database of SQLite beside the one at hand: what one gives, the other takes.

use crate::{
    database::{Database, key},
    world::{World, all, fill, may, person, reader, system},
};
use peerage_model::{
    Kind, Record, Value,
    permit::View,
    registry,
    types::{AUTONOMOUS_SYSTEM, ROUTER},
};
use peerage_store::{BackupError, Restore, SecretKey, Store};

async fn empty() -> Store {
    let store = Store::open("sqlite::memory:", Some(key())).await.unwrap();
    store.migrate().await.unwrap();
    store
}

async fn backup(store: &Store) -> Vec<u8> {
    let mut file = Vec::new();
    let rows = store.backup(&system(), &mut file).await.unwrap();
    assert_eq!(rows, file.iter().filter(|byte| **byte == b'\n').count() as u64 - 2 - sections(&file));
    file
}

fn sections(file: &[u8]) -> u64 {
    file.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{\"table\"")).count() as u64
}

async fn is_the_same(store: &Store, world: &World) {
    for of in registry::TYPES.iter().copied() {
        assert_eq!(all(store, of).await, world.of(of), "{}", of.key());
    }
    let router = all(store, &ROUTER).await;
    let revealed = store.reveal(&may::<View>(&ROUTER), router).await.unwrap();
    let secret = ROUTER.fields.iter().position(|field| matches!(field.kind, Kind::Secret { .. })).unwrap();
    assert!(revealed.iter().any(|router| matches!(router.at(secret), Value::Text(_))));
}

pub async fn a_backup_restores_into_sqlite(database: &Database) {
    let world = fill(&database.store).await;
    let file = backup(&database.store).await;
    let other = empty().await;
    other.restore(&system(), &mut file.as_slice(), Restore::default()).await.unwrap();
    is_the_same(&other, &world).await;
    // and again the same bytes, but for when
    let again = backup(&other).await;
    let rows = |file: &[u8]| file.split(|byte| *byte == b'\n').skip(1).map(<[u8]>::to_vec).collect::<Vec<_>>();
    assert!(rows(&file) == rows(&again));
}

pub async fn a_backup_of_sqlite_is_restored(database: &Database) {
    let other = empty().await;
    let world = fill(&other).await;
    let file = backup(&other).await;
    database.store.restore(&system(), &mut file.as_slice(), Restore::default()).await.unwrap();
    is_the_same(&database.store, &world).await;
    // the next ids lie beyond
    let highest = world.of(&AUTONOMOUS_SYSTEM).iter().map(|record| record.id).max().unwrap();
    let next = Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(65000)).with("name", Value::text("Next"));
    assert!(crate::world::add(&database.store, next).await.id > highest);
}

pub async fn a_bad_backup_changes_nothing(database: &Database) {
    let other = empty().await;
    fill(&other).await;
    let file = backup(&other).await;
    let restored =
        async |bytes: &[u8]| database.store.restore(&system(), &mut &*bytes, Restore::default()).await.unwrap_err();

    assert!(matches!(restored(b"").await, BackupError::Foreign));
    assert!(matches!(restored(b"PK\x03\x04").await, BackupError::Foreign));
    for part in [2, 3, 5] {
        assert!(matches!(restored(&file[..file.len() / part]).await, BackupError::CutShort));
    }
    let end = file[..file.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    assert!(matches!(restored(&file[..=end]).await, BackupError::CutShort));
    let text = String::from_utf8(file).unwrap();
    let schema = text.replacen("\"schema\":", "\"schema\":9", 1);
    assert!(matches!(restored(schema.as_bytes()).await, BackupError::Schema { .. }));
    let format = text.replacen("\"peerage_backup\":1", "\"peerage_backup\":2", 1);
    assert!(matches!(restored(format.as_bytes()).await, BackupError::Format(2)));
    let foreign = text.replacen("{\"table\":\"peering_router\"", "{\"table\":\"peering_x\"", 1);
    let line = if foreign == text { text.replacen("[1,1,", "[1,\"1\",", 1) } else { foreign };
    assert!(matches!(restored(line.as_bytes()).await, BackupError::Line { .. }));
    for of in registry::TYPES.iter().copied() {
        assert!(all(&database.store, of).await.is_empty(), "{}", of.key());
    }
}

pub async fn a_backup_needs_its_key(database: &Database) {
    let other = Store::open("sqlite::memory:", Some(SecretKey::new(&[7; 32]))).await.unwrap();
    other.migrate().await.unwrap();
    fill(&database.store).await;
    let file = backup(&database.store).await;
    let refusal = other.restore(&system(), &mut file.as_slice(), Restore::default()).await.unwrap_err();
    assert!(refusal.to_string().contains(key().id()), "{refusal}");
    other.restore(&system(), &mut file.as_slice(), Restore { without_secrets: true }).await.unwrap();
    assert_eq!(other.check_secrets(&system()).await.unwrap(), 0);
    assert!(database.store.check_secrets(&system()).await.unwrap() > 0);
    assert_eq!(all(&other, &ROUTER).await.len(), all(&database.store, &ROUTER).await.len());
}

pub async fn a_database_in_use_is_not_restored_over(database: &Database) {
    let file = backup(&database.store).await;
    let world = fill(&database.store).await;
    let refusal = database.store.restore(&system(), &mut file.as_slice(), Restore::default()).await.unwrap_err();
    assert!(matches!(refusal, BackupError::InUse));
    is_the_same(&database.store, &world).await;
}

pub async fn a_backup_is_for_those_who_may_see_all(database: &Database) {
    let mut file = Vec::new();
    assert!(database.store.backup(&reader(), &mut file).await.is_err());
    assert!(file.is_empty());
    assert!(database.store.backup(&person(), &mut file).await.is_ok());
}
