use crate::{
    database::{Database, key},
    world::{add, all, fill, may, person, reader, session, small, system},
};
use peerage_model::{
    Kind, Label, Value,
    permit::{Add, View},
    registry,
    types::{IX_SESSION, ROUTER},
};
use peerage_store::{BackupError, Dialect, Restore, SecretError, SecretKey, Store, StoreError};

/// What stands in the columns of secrets, by key.
async fn sealed_with(database: &Database, key: &SecretKey) -> usize {
    let mut count = 0;
    for of in registry::TYPES {
        for field in of.fields.iter().filter(|field| matches!(field.kind, Kind::Secret { .. })) {
            let texts = format!("SELECT {0} FROM {1} WHERE {0} IS NOT NULL", field.name, of.table());
            let texts = database.texts(&texts).await;
            count += texts.iter().filter(|text| text.starts_with(&format!("v1:{}:", key.id()))).count();
        }
    }
    count
}

fn new() -> SecretKey {
    SecretKey::new(&[43; 32])
}

pub async fn every_secret_has_the_new_key_and_is_the_same(database: &Database) {
    let store = &database.store;
    fill(store).await;
    let reveal = async || {
        let routers = store.reveal(&may::<View>(&ROUTER), all(store, &ROUTER).await).await.unwrap();
        let sessions = store.reveal(&may::<View>(&IX_SESSION), all(store, &IX_SESSION).await).await.unwrap();
        (routers, sessions)
    };
    let before = reveal().await;
    assert_eq!(store.current_key().await.unwrap(), None);
    let refusal = store.rotate_key(&reader(), &new()).await.unwrap_err().into_problem();
    assert_eq!(refusal.label, Label::Forbidden);
    let count = store.rotate_key(&person(), &new()).await.unwrap();
    assert!(count > 5, "{count}");
    assert_eq!(store.current_key().await.unwrap().as_deref(), Some(new().id()));
    assert_eq!(before, reveal().await);
    assert_eq!(sealed_with(database, &key()).await, 0);
    assert!(sealed_with(database, &new()).await > 5);
    if store.dialect() == Dialect::Sqlite {
        let file = database.raw_text().await;
        assert!(file.contains(&format!("v1:{}:", new().id())) && !file.contains(&format!("v1:{}:", key().id())));
    }
    // again is nothing
    assert_eq!(store.rotate_key(&system(), &new()).await.unwrap(), 0);
}

pub async fn a_process_with_the_former_key_reads_and_writes_no_secret(database: &Database) {
    let small = small(&database.store).await;
    let secret = |address: &str| session(&small.peer, &small.connection, address).with("password", Value::text("word"));
    let stored = add(&database.store, secret("192.0.2.7")).await;
    let other = Store::open(&database.url, Some(key())).await.unwrap();
    database.store.rotate_key(&system(), &new()).await.unwrap();
    let refusal = other.reveal(&may::<View>(&IX_SESSION), vec![stored.clone()]).await.unwrap_err();
    assert!(refusal.to_string().contains(new().id()) && refusal.to_string().contains(key().id()), "{refusal}");
    let mut write = other.begin(&system(), "").await.unwrap();
    let refusal = write.insert(&may::<Add>(&IX_SESSION), secret("192.0.2.8")).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Secret(SecretError::Changed { .. })), "{refusal}");
    assert_eq!(refusal.into_problem().label, Label::Unavailable);
    drop(write);
    assert!(other.backup(&system(), &mut Vec::new()).await.is_err());
    let refusal = other.rotate_key(&system(), &SecretKey::new(&[44; 32])).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Secret(SecretError::Changed { .. })), "{refusal}");
    // what has no secret is written as ever
    add(&other, session(&small.peer, &small.connection, "192.0.2.9")).await;
    other.use_key(new());
    add(&other, secret("192.0.2.8")).await;
    database.store.reveal(&may::<View>(&IX_SESSION), all(&database.store, &IX_SESSION).await).await.unwrap();
    other.close().await;
}

pub async fn a_change_of_key_that_fails_has_changed_nothing(database: &Database) {
    fill(&database.store).await;
    let before = sealed_with(database, &key()).await;
    let whole = "SELECT napalm_password FROM devices_router WHERE napalm_password IS NOT NULL ORDER BY id DESC LIMIT 1";
    let damaged = format!(
        "UPDATE devices_router SET napalm_password = 'v1:{}:AAAA' WHERE napalm_password = ({whole})",
        key().id()
    );
    database.tamper(&damaged).await;
    let refusal = database.store.rotate_key(&system(), &new()).await.unwrap_err();
    assert!(refusal.to_string().contains("devices_router.napalm_password"), "{refusal}");
    assert_eq!(database.store.current_key().await.unwrap(), None);
    assert_eq!((sealed_with(database, &key()).await, sealed_with(database, &new()).await), (before, 0));
    assert_eq!(database.store.key_id().as_deref(), Some(key().id()));
}

pub async fn a_backup_made_before_says_which_key_it_needs(database: &Database) {
    fill(&database.store).await;
    let mut before = Vec::new();
    database.store.backup(&system(), &mut before).await.unwrap();
    database.store.rotate_key(&system(), &new()).await.unwrap();
    let mut after = Vec::new();
    database.store.backup(&system(), &mut after).await.unwrap();
    let other = Store::open("sqlite::memory:", Some(new())).await.unwrap();
    other.migrate().await.unwrap();
    let refusal = other.restore(&system(), &mut before.as_slice(), Restore::default()).await.unwrap_err();
    assert!(matches!(&refusal, BackupError::OtherKey { wanted, .. } if wanted == key().id()), "{refusal}");
    other.restore(&system(), &mut after.as_slice(), Restore::default()).await.unwrap();
    assert!(other.check_secrets(&system()).await.unwrap() > 0);
}

/// Writers of secrets while the key is changed: each is told or has written with the key that is in force.
pub async fn nobody_seals_with_the_former_key_meanwhile(database: &Database) {
    let small = small(&database.store).await;
    let other = Store::open(&database.url, Some(key())).await.unwrap();
    let writers: Vec<_> = (0..4u8)
        .map(|writer| {
            let (other, peer, connection) = (other.clone(), small.peer.clone(), small.connection.clone());
            tokio::spawn(async move {
                let mut refused = 0;
                for number in 1..20u8 {
                    let secret = session(&peer, &connection, &format!("198.51.{writer}.{number}"));
                    let mut write = other.begin(&system(), "").await.unwrap();
                    let secret = secret.with("password", Value::text("word"));
                    match write.insert(&may::<Add>(&IX_SESSION), secret).await {
                        Ok(_) => write.commit().await.unwrap(),
                        Err(error) => {
                            refused += u32::from(matches!(error, StoreError::Secret(SecretError::Changed { .. })))
                        }
                    }
                }
                refused
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    database.store.rotate_key(&system(), &new()).await.unwrap();
    for writer in writers {
        writer.await.unwrap();
    }
    let sessions = all(&database.store, &IX_SESSION).await;
    database.store.reveal(&may::<View>(&IX_SESSION), sessions).await.unwrap();
    other.close().await;
}
