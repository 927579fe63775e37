//! Opening a database and what goes on around statements: pools, the key for secrets.
//!
//! SQLite gets one connection that writes and four that read (WAL), and its file is made for its owner only.
//! PostgreSQL gets a pool. Whoever holds a [`Store`] can clone it freely.

use crate::{
    Hold, SecretKey, StoreError,
    column::{Cell, Shape},
    database::{Dialect, Door, Pools, Sql, Traffic, WRITER_WAITS_ITSELF},
};
use peerage_model::context::Merging;
use sqlx::{
    ConnectOptions, Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{Mutex, watch};

/// Connections that read from SQLite at the same time.
const READERS: u32 = 4;
/// Rows of an index that SQLite's planner looks at when it is told to: all of them would hold the writer for half a second.
const ANALYSED: &str = "400";
/// Connections to PostgreSQL of one process.
const CONNECTIONS: u32 = 10;

/// All of the operator's data. The only thing that knows SQL.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
    /// The job that everything is written for.
    pub(crate) hold: Option<Arc<Hold>>,
    pub(crate) merging: Merging,
}

/// What the database has to do for this process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// `BEGIN` and `COMMIT` aside.
    pub statements: u64,
    /// How long they took in all, waiting for a connection included.
    pub seconds: f64,
    /// Open now, and those of them that nobody uses.
    pub connections: u64,
    pub idle: u64,
}

pub(crate) struct Inner {
    pub pools: Pools,
    /// Replaced when the key was changed.
    key: RwLock<Option<SecretKey>>,
    pub statements: Traffic,
    /// Stirs when this process has committed something that events tell of.
    pub committed: watch::Sender<()>,
    /// Held for its `Drop`.
    _temporary: Option<Temporary>,
}

/// The directory of a database that lives as long as its store.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // nobody can be told; the system clears its temporary directory anyway
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Store {
    /// Opens a database: `sqlite:PATH` (made with its directory if it is not there, readable by its owner only),
    /// `sqlite::memory:` (a temporary file of its own, gone with the last clone of the store) or `postgres://...`.
    /// Nothing is migrated yet. Without a key secrets can be neither written nor revealed.
    ///
    /// # Errors
    /// An address of no known form, a file that cannot be made, a database that does not answer.
    pub async fn open(url: &str, key: Option<SecretKey>) -> Result<Self, StoreError> {
        let (pools, temporary) = match url.split_once(':') {
            Some(("postgres" | "postgresql", _)) => (open_postgres(url).await?, None),
            Some(("sqlite", ":memory:")) => {
                let directory = temporary_directory()?;
                let guard = Temporary(directory.clone());
                (open_sqlite(&directory.join("peerage.db")).await?, Some(guard))
            }
            Some(("sqlite", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() {
                    return Err(StoreError::Address(url.to_owned()));
                }
                (open_sqlite(Path::new(path)).await?, None)
            }
            // without what may be a password
            _ => return Err(StoreError::Address(url.split('@').next_back().unwrap_or_default().to_owned())),
        };
        let (committed, _) = watch::channel(());
        let key = RwLock::new(key);
        let inner = Inner { pools, key, statements: Traffic::default(), committed, _temporary: temporary };
        Ok(Self { inner: Arc::new(inner), hold: None, merging: Merging::default() })
    }

    /// With config contexts merged in another way, for everybody who is shown them from here.
    #[must_use]
    pub fn merging_contexts(self, merging: Merging) -> Self {
        Self { merging, ..self }
    }

    /// How config contexts are merged.
    pub const fn merging(&self) -> Merging {
        self.merging
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let ping = Sql::fixed("SELECT 1");
        self.reading().execute(ping).await?;
        Ok(())
    }

    /// Whether SQLite's file is sound; a PostgreSQL server looks after its own.
    ///
    /// # Errors
    /// `Unreadable`, with what SQLite found.
    pub async fn check_integrity(&self) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            return Ok(());
        }
        let rows = self.reading().fetch(Sql::fixed("PRAGMA quick_check(1)"), &[Shape::Text]).await?;
        match rows.into_iter().flatten().next() {
            Some(Cell::Text(found)) if found != "ok" => {
                Err(StoreError::Unreadable { place: "The file".to_owned(), reason: found })
            }
            _ => Ok(()),
        }
    }

    pub fn dialect(&self) -> Dialect {
        self.inner.pools.dialect()
    }

    /// Ends all connections, after what is under way.
    pub async fn close(&self) {
        self.inner.pools.close().await;
    }

    /// Statements sent so far, `BEGIN` and `COMMIT` aside.
    pub fn statements(&self) -> u64 {
        self.inner.statements.statements()
    }

    /// What the database had to do for this process so far.
    pub fn load(&self) -> Load {
        let (connections, idle) = self.inner.pools.connections();
        let traffic = &self.inner.statements;
        Load { statements: traffic.statements(), seconds: traffic.seconds(), connections, idle }
    }

    /// Whether secrets can be written and revealed.
    pub fn has_key(&self) -> bool {
        self.key().is_some()
    }

    /// The key in use.
    pub(crate) fn key(&self) -> Option<SecretKey> {
        self.inner.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The name of the key in use.
    pub fn key_id(&self) -> Option<String> {
        self.key().map(|key| key.id().to_owned())
    }

    /// Goes on with another key: the one that was in use was changed.
    pub fn use_key(&self, key: SecretKey) {
        *self.inner.key.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    pub(crate) fn reading(&self) -> Door<'_> {
        self.inner.pools.reading(&self.inner.statements)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.dialect())
    }
}

/// Now as times are stored: in microseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

async fn open_postgres(url: &str) -> Result<Pools, StoreError> {
    let options: PgConnectOptions = url.parse()?;
    // compiling a statement costs more than our statements take
    let options = options.application_name("peerage").options([("jit", "off")]).disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        // a server that is gone is to be told of, not waited for
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(options)
        .await?;
    Ok(Pools::Postgres(pool))
}

async fn open_sqlite(path: &Path) -> Result<Pools, StoreError> {
    create_private(path).map_err(|cause| StoreError::File { path: path.display().to_string(), cause })?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("temp_store", "memory")
        .pragma("mmap_size", "1073741824")
        .disable_statement_logging();
    // When its disk is full, SQLite ends a transaction by itself; the driver's own ROLLBACK fails then, and it would count one
    // that is open for ever and begin no other. Such a connection is replaced.
    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(Duration::from_secs(15))
            .idle_timeout(None)
            .max_lifetime(None)
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
    };
    let writer = pool()
        .max_connections(1)
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::raw_sql(WRITER_WAITS_ITSELF).execute(connection).await.map(drop) })
        })
        .connect_with(options.clone().pragma("cache_size", "-16384").pragma("analysis_limit", ANALYSED))
        .await?;
    let reading = options.pragma("cache_size", "-4096").pragma("query_only", "on").row_buffer_size(512);
    let readers = pool().max_connections(READERS).connect_with(reading).await?;
    Ok(Pools::Sqlite { writer, readers, gate: Mutex::new(()) })
}

/// Makes the file, and the directory that it lies in, for its owner only. SQLite gives its own files beside it the same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// A directory of our own that did not exist before.
fn temporary_directory() -> Result<PathBuf, StoreError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("peerage-{}-{}-{}", std::process::id(), now(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir(&path).map_err(|cause| StoreError::File { path: path.display().to_string(), cause })?;
    Ok(path)
}
