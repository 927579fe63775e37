//! The one place where SQL meets a driver. Statements are built by sea-query for the dialect at hand, or are fixed texts
//! of ours; [`sql_text`] is the only function that tells sqlx to trust a text, and values never stand in one.
//!
//! A [`Door`] is what statements go through: the pool for reading, or the connection of a transaction. It knows its
//! dialect and counts what passes, so that a test can hold a page to a fixed number of statements.

use crate::{
    column::{Cell, Shape},
    error::is_busy,
};
use sea_query::{PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder, Value, Values};
use sqlx::{
    Arguments, AssertSqlSafe, PgConnection, PgPool, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, SqliteConnection,
    SqlitePool, Transaction, postgres::PgArguments, sqlite::SqliteArguments,
};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio::{sync::Mutex, time::sleep};

/// The most values that one statement binds on SQLite; PostgreSQL's limit is higher.
pub(crate) const MOST_BINDS: usize = 32_766;

/// Statements with more values than this are not kept prepared: each would hold megabytes.
const KEPT_BINDS: usize = 1_024;

/// How long a write waits for another process to let go of SQLite's file, and how long between two tries.
const WRITER_BUSY: Duration = Duration::from_secs(10);
const WRITER_PAUSE: Duration = Duration::from_millis(2);
/// For the connection of [`Pools::begin`], which does the waiting.
pub(crate) const WRITER_WAITS_ITSELF: &str = "PRAGMA busy_timeout = 0";

/// Which SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A statement and its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sql {
    pub text: String,
    pub values: Values,
}

impl Dialect {
    pub(crate) fn build(self, statement: &impl QueryStatementWriter) -> Sql {
        let (text, values) = match self {
            Self::Sqlite => statement.build(SqliteQueryBuilder),
            Self::Postgres => statement.build(PostgresQueryBuilder),
        };
        Sql { text, values }
    }

    /// With the values in the text.
    pub(crate) fn spell(self, statement: &impl QueryStatementWriter) -> String {
        match self {
            Self::Sqlite => statement.to_string(SqliteQueryBuilder),
            Self::Postgres => statement.to_string(PostgresQueryBuilder),
        }
    }
}

impl Sql {
    /// A statement of ours without values.
    pub fn fixed(text: &str) -> Self {
        Self { text: text.to_owned(), values: Values(Vec::new()) }
    }
}

/// Vouches for a statement: it was built by sea-query from descriptions, or is a text of this crate or of `migrations/`.
/// Nothing that a person typed is ever part of it.
fn sql_text(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

/// What came out of one row.
pub(crate) type Row = Vec<Cell>;

pub(crate) enum Pools {
    /// Whoever begins to write holds `gate` until the file is theirs: in this process one comes after the other.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        gate: Mutex<()>,
    },
    Postgres(PgPool),
}

/// A transaction under way.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// What went through all doors so far.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    statements: AtomicU64,
    microseconds: AtomicU64,
}

impl Traffic {
    /// Counts a statement, and how long it takes until the guard is dropped.
    fn time(&self) -> Timed<'_> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        Timed { traffic: self, began: Instant::now() }
    }

    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Waiting for a connection included.
    pub fn seconds(&self) -> f64 {
        self.microseconds.load(Ordering::Relaxed) as f64 / 1e6
    }
}

struct Timed<'a> {
    traffic: &'a Traffic,
    began: Instant,
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        let microseconds = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.traffic.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }
}

/// What statements go through.
pub(crate) struct Door<'a> {
    link: Link<'a>,
    counter: &'a Traffic,
}

enum Link<'a> {
    SqlitePool(&'a SqlitePool),
    PostgresPool(&'a PgPool),
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Pools {
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// For what only PostgreSQL has.
    pub fn postgres(&self) -> Option<&PgPool> {
        match self {
            Self::Sqlite { .. } => None,
            Self::Postgres(pool) => Some(pool),
        }
    }

    pub fn reading<'a>(&'a self, counter: &'a Traffic) -> Door<'a> {
        let link = match self {
            Self::Sqlite { readers, .. } => Link::SqlitePool(readers),
            Self::Postgres(pool) => Link::PostgresPool(pool),
        };
        Door { link, counter }
    }

    /// Begins to write. On SQLite this waits for the one writer to be free. Another process may write too, and leaves the
    /// file alone for some milliseconds only: SQLite's own way of waiting, with longer and longer pauses, would miss those.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        let (writer, gate) = match self {
            Self::Sqlite { writer, gate, .. } => (writer, gate),
            Self::Postgres(pool) => return Ok(Tx::Postgres(pool.begin().await?)),
        };
        let _turn = gate.lock().await;
        let began = Instant::now();
        loop {
            match writer.begin_with("BEGIN IMMEDIATE").await {
                Ok(tx) => return Ok(Tx::Sqlite(tx)),
                Err(error) if is_busy(&error) && began.elapsed() < WRITER_BUSY => sleep(WRITER_PAUSE).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Begins to read, and sees one moment until it is dropped, whatever others write.
    pub async fn snapshot(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// SQLite's file is written anew, so that nothing is left of what rows held before (a page that was divided keeps copies), and
    /// its log is emptied. False if somebody was reading all the time.
    pub async fn leave_nothing_behind(&self) -> Result<bool, sqlx::Error> {
        let Self::Sqlite { writer, .. } = self else { return Ok(true) };
        let mut connection = writer.acquire().await?;
        // other writers wait meanwhile
        sqlx::raw_sql("PRAGMA busy_timeout = 1000").execute(&mut *connection).await?;
        sqlx::raw_sql("VACUUM").execute(&mut *connection).await?;
        let row = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *connection).await?;
        sqlx::raw_sql(WRITER_WAITS_ITSELF).execute(&mut *connection).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Connections that are open, and those of them that nobody uses.
    pub fn connections(&self) -> (u64, u64) {
        let idle = |idle: usize| u64::try_from(idle).unwrap_or(u64::MAX);
        match self {
            Self::Sqlite { writer, readers, .. } => (
                u64::from(writer.size()) + u64::from(readers.size()),
                idle(writer.num_idle()).saturating_add(idle(readers.num_idle())),
            ),
            Self::Postgres(pool) => (u64::from(pool.size()), idle(pool.num_idle())),
        }
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub fn door<'a>(&'a mut self, counter: &'a Traffic) -> Door<'a> {
        let link = match self {
            Self::Sqlite(tx) => Link::Sqlite(tx),
            Self::Postgres(tx) => Link::Postgres(tx),
        };
        Door { link, counter }
    }

    pub async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    /// Runs a text of several statements.
    pub async fn run_script(&mut self, text: String) -> Result<(), sqlx::Error> {
        let script = sqlx::raw_sql(sql_text(text));
        match self {
            Self::Sqlite(tx) => script.execute(&mut **tx).await.map(drop),
            Self::Postgres(tx) => script.execute(&mut **tx).await.map(drop),
        }
    }
}

/// Runs `$method` of a query with the values of `$sql` on whatever the link is.
macro_rules! through {
    ($self:ident, $sql:ident, $method:ident, $result:ident => $map:expr) => {{
        // as long as this stands, the statement is under way
        let _timed = $self.counter.time();
        tracing::trace!(target: "peerage_store::sql", statement = %$sql.text, values = $sql.values.0.len());
        let kept = $sql.values.0.len() <= KEPT_BINDS;
        let text = sql_text($sql.text);
        match &mut $self.link {
            Link::SqlitePool(pool) => {
                let $result = sqlx::query_with(text, sqlite_arguments($sql.values)?).persistent(kept).$method(*pool).await?;
                $map
            }
            Link::Sqlite(connection) => {
                let query = sqlx::query_with(text, sqlite_arguments($sql.values)?).persistent(kept);
                let $result = query.$method(&mut **connection).await?;
                $map
            }
            Link::PostgresPool(pool) => {
                let $result = sqlx::query_with(text, postgres_arguments($sql.values)?).persistent(kept).$method(*pool).await?;
                $map
            }
            Link::Postgres(connection) => {
                let query = sqlx::query_with(text, postgres_arguments($sql.values)?).persistent(kept);
                let $result = query.$method(&mut **connection).await?;
                $map
            }
        }
    }};
}

impl Door<'_> {
    pub fn dialect(&self) -> Dialect {
        match self.link {
            Link::SqlitePool(_) | Link::Sqlite(_) => Dialect::Sqlite,
            Link::PostgresPool(_) | Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// The rows of a statement, whose columns have these shapes.
    pub async fn fetch(&mut self, sql: Sql, shapes: &[Shape]) -> Result<Vec<Row>, sqlx::Error> {
        macro_rules! cells {
            ($rows:ident) => {
                $rows
                    .iter()
                    .map(|row| {
                        let cell = |(index, shape): (usize, &Shape)| {
                            Ok(match shape {
                                Shape::Int => {
                                    row.try_get_unchecked::<Option<i64>, _>(index)?.map_or(Cell::Null, Cell::Int)
                                }
                                Shape::Bool => {
                                    row.try_get_unchecked::<Option<bool>, _>(index)?.map_or(Cell::Null, Cell::Bool)
                                }
                                Shape::Real => {
                                    row.try_get_unchecked::<Option<f64>, _>(index)?.map_or(Cell::Null, Cell::Real)
                                }
                                Shape::Text => {
                                    row.try_get_unchecked::<Option<String>, _>(index)?.map_or(Cell::Null, Cell::Text)
                                }
                            })
                        };
                        shapes.iter().enumerate().map(cell).collect::<Result<Row, sqlx::Error>>()
                    })
                    .collect()
            };
        }
        through!(self, sql, fetch_all, rows => cells!(rows))
    }

    /// How many rows a statement changed.
    pub async fn execute(&mut self, sql: Sql) -> Result<u64, sqlx::Error> {
        through!(self, sql, execute, done => Ok(done.rows_affected()))
    }
}

fn sqlite_arguments(values: Values) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    for value in values.0 {
        bind(&mut arguments, value)?;
    }
    Ok(arguments)
}

fn postgres_arguments(values: Values) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values.0 {
        bind(&mut arguments, value)?;
    }
    Ok(arguments)
}

/// A text that no database of ours takes.
#[derive(Debug, thiserror::Error)]
#[error("A NUL character stands in what was sent; nothing can be stored or found with it.")]
pub(crate) struct Nul;

/// Binds a value of one of the four shapes; sea-query's own (limits) are whole numbers.
fn bind<'q, A>(arguments: &mut A, value: Value) -> Result<(), sqlx::Error>
where
    A: Arguments,
    Option<bool>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
    Option<i64>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
    Option<f64>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
    Option<String>: sqlx::Encode<'q, A::Database> + sqlx::Type<A::Database>,
{
    match value {
        Value::Bool(value) => arguments.add(value),
        Value::BigInt(value) => arguments.add(value),
        Value::Int(value) => arguments.add(value.map(i64::from)),
        Value::BigUnsigned(value) => arguments.add(value.map(|value| i64::try_from(value).unwrap_or(i64::MAX))),
        Value::Double(value) => arguments.add(value),
        // PostgreSQL stores none, and what is not stored is not found
        Value::String(Some(value)) if value.contains('\0') => return Err(sqlx::Error::Encode(Nul.into())),
        Value::String(value) => arguments.add(value),
        other => return Err(sqlx::Error::Encode(format!("a value of another shape: {other:?}").into())),
    }
    .map_err(sqlx::Error::Encode)
}
