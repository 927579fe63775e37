//! A fresh, migrated database for a test.

use peerage_store::{Dialect, SecretKey, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::sync::atomic::{AtomicU32, Ordering};

/// A database of a test's own.
pub struct Database {
    pub store: Store,
    pub url: String,
    kind: Kind,
}

enum Kind {
    Sqlite(std::path::PathBuf),
    Postgres { admin: String, name: String },
}

pub fn key() -> SecretKey {
    SecretKey::new(&[42; 32])
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // a process that was killed leaves its directory, and its number comes again
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    format!("peerage_test_{}_{now}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

pub async fn sqlite() -> Database {
    migrated(empty_sqlite().await).await
}

async fn empty_sqlite() -> Database {
    let directory = std::env::temp_dir().join(unique_name());
    let url = format!("sqlite:{}", directory.join("deeper").join("peerage.db").display());
    open(url, Kind::Sqlite(directory)).await
}

pub async fn postgres() -> Option<Database> {
    let Ok(admin) = std::env::var("PEERAGE_TEST_POSTGRES") else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "PEERAGE_TEST_POSTGRES is not set");
        eprintln!("SKIPPED on PostgreSQL: PEERAGE_TEST_POSTGRES is not set");
        return None;
    };
    Some(migrated(empty_postgres(admin).await).await)
}

async fn empty_postgres(admin: String) -> Database {
    let name = unique_name();
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
    let base = admin.rsplit_once('/').unwrap().0;
    open(format!("{base}/{name}"), Kind::Postgres { admin, name }).await
}

async fn migrated(database: Database) -> Database {
    assert!(database.store.migrate().await.unwrap() > 0);
    database.store.ping().await.unwrap();
    database
}

async fn open(url: String, kind: Kind) -> Database {
    let store = Store::open(&url, Some(key())).await.unwrap();
    Database { store, url, kind }
}

impl Database {
    /// One more of the same kind, with nothing in it.
    pub async fn another(&self) -> Self {
        match &self.kind {
            Kind::Sqlite(_) => empty_sqlite().await,
            Kind::Postgres { admin, .. } => empty_postgres(admin.clone()).await,
        }
    }

    /// Everything that stands in the database, as text.
    pub async fn raw_text(&self) -> String {
        match &self.kind {
            Kind::Sqlite(directory) => {
                let mut text = String::new();
                for file in std::fs::read_dir(directory.join("deeper")).unwrap() {
                    text.push_str(&String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()));
                }
                text
            }
            Kind::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                let mut text = String::new();
                for table in self.store.actual_schema().await.unwrap() {
                    let dump = format!("SELECT x::text FROM {} AS x", table.name);
                    for row in sqlx::query(AssertSqlSafe(dump)).fetch_all(&mut connection).await.unwrap() {
                        text.push_str(&row.get::<String, _>(0));
                    }
                }
                text
            }
        }
    }

    /// The first column of a query's rows, behind the store's back.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        match self.store.dialect() {
            Dialect::Sqlite => {
                let options =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(self.url.strip_prefix("sqlite:").unwrap());
                let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Dialect::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// How the database would go about a query, were its tables large.
    pub async fn plan(&self, query: &str) -> Vec<String> {
        match self.store.dialect() {
            Dialect::Sqlite => {
                let options =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(self.url.strip_prefix("sqlite:").unwrap());
                let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                let query = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
                let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get("detail")).collect()
            }
            Dialect::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                // of an empty table all ways cost the same
                for way in ["enable_seqscan", "enable_indexonlyscan"] {
                    let off = AssertSqlSafe(format!("SET {way} = off"));
                    sqlx::query(off).execute(&mut connection).await.unwrap();
                }
                let query = AssertSqlSafe(format!("EXPLAIN {query}"));
                let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Runs a statement behind the store's back.
    pub async fn tamper(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match self.store.dialect() {
            Dialect::Sqlite => {
                let path = self.url.strip_prefix("sqlite:").unwrap();
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query(statement).execute(&mut connection).await.unwrap();
            }
            Dialect::Postgres => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query(statement).execute(&mut connection).await.unwrap();
            }
        }
    }

    pub async fn finish(self) {
        self.store.close().await;
        match self.kind {
            Kind::Sqlite(directory) => std::fs::remove_dir_all(directory).unwrap(),
            Kind::Postgres { admin, name } => {
                let mut connection = PgConnection::connect(&admin).await.unwrap();
                let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
                sqlx::query(drop).execute(&mut connection).await.unwrap();
            }
        }
    }
}
