//! A fresh database for a test, and looks into it.

use peerage_model::{ListQuery, Permit, permit::View};
use peerage_model::{ObjectType, Record, Value, Who, permit::Add};
use peerage_store::Store;
use peerage_sync::peeringdb::{Report, Source, Status, TypeStatus, status, synchronise};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio_util::sync::CancellationToken;

pub async fn sqlite() -> Store {
    let store = Store::open("sqlite::memory:", None).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// A database of its own on the test server; none where there is no server.
pub async fn postgres(test: &str) -> Option<Store> {
    let Ok(url) = std::env::var("PEERAGE_TEST_POSTGRES") else {
        eprintln!("skipped: PEERAGE_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("sync_{}_{}", std::process::id(), &test[..test.len().min(40)]);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    let (server, _) = url.rsplit_once('/').unwrap();
    let store = Store::open(&format!("{server}/{name}"), None).await.unwrap();
    store.migrate().await.unwrap();
    Some(store)
}

pub async fn run(store: &Store, source: &Source) -> Report {
    synchronise(store, source, &|_| {}, &CancellationToken::new()).await.unwrap()
}

/// All rows of a type, by id.
pub async fn rows(store: &Store, of: &'static ObjectType) -> Vec<Record> {
    let permit: Permit<View> = Who::system("test").permit(of).unwrap();
    let mut rows = store.records(&permit, &ListQuery::all(of).unpaged()).await.unwrap();
    rows.sort_by_key(|row| row.id);
    rows
}

pub async fn ids(store: &Store, of: &'static ObjectType) -> Vec<i64> {
    rows(store, of).await.iter().map(|row| row.id).collect()
}

pub async fn get(store: &Store, of: &'static ObjectType, id: i64) -> Record {
    rows(store, of).await.into_iter().find(|row| row.id == id).unwrap()
}

/// Makes an object of ours; its id.
pub async fn make(store: &Store, of: &'static ObjectType, fields: &[(&str, Value)]) -> i64 {
    let who = Who::system("test");
    let permit: Permit<Add> = who.permit(of).unwrap();
    let record = fields.iter().fold(Record::new(of), |record, (name, value)| record.with(name, value.clone()));
    let mut write = store.begin(&who, "test").await.unwrap();
    let made = write.insert(&permit, record).await.unwrap();
    write.commit().await.unwrap();
    made.id
}

pub async fn state(store: &Store, namespace: &str) -> TypeStatus {
    let Status(types) = status(store).await.unwrap();
    types.into_iter().find(|of| of.namespace == namespace).unwrap()
}
