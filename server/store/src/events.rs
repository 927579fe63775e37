//! Events: that something was written, told to every process that shares the database. They are rows of their own, stored by
//! the commit that they tell of, so that none is lost and whoever was away can ask for what came after the last one heard.
//!
//! Numbers must rise in the order of the commits, or a follower would pass over one. SQLite has one writer; on PostgreSQL
//! a commit with events takes a lock first. [`Tail`] is how to follow: woken at once by this process's commits and by
//! PostgreSQL's notifications, and looking by itself every second, which is how it learns of other processes on SQLite.

use crate::{
    Store, StoreError, Write,
    column::{Cell, Shape},
    database::{Dialect, Sql},
    store::now,
};
use peerage_model::{ObjectType, registry};
use sea_query::{Expr, ExprTrait, Order, Query};
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::watch;

/// Something was changed and committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub of: &'static ObjectType,
    /// 0: many rows at once, by a synchronisation.
    pub id: i64,
    /// The one that the object has now, or had.
    pub version: i64,
    pub action: Action,
}

/// An event with its place in the order of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub number: i64,
    pub event: Event,
}

/// What was done to an object. The words are those of change records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Delete];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// From its word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// Events that one question gives at most.
pub const MOST_EVENTS: u64 = 1_000;
/// Rows of one `INSERT`: six values each.
const ROWS_AT_ONCE: usize = 1_000;
/// How often a follower looks without being woken.
const LOOK: Duration = Duration::from_secs(1);
/// How long events are kept, in microseconds.
const KEPT: i64 = 24 * 3_600 * 1_000_000;

const TABLE: &str = "core_event";
const CHANNEL: &str = "peerage_events";
/// Holds back other commits with events, and wakes the followers of all processes when this one is done.
const IN_ORDER: &str = "SELECT pg_advisory_xact_lock(7337244), pg_notify('peerage_events', '')";

impl Write {
    /// The last thing before the commit: it keeps other writers waiting.
    pub(crate) async fn store_events(&mut self) -> Result<(), StoreError> {
        if self.events.is_empty() {
            return Ok(());
        }
        if self.store.dialect() == Dialect::Postgres {
            self.door().execute(Sql::fixed(IN_ORDER)).await?;
        }
        let events = std::mem::take(&mut self.events);
        // not when the write began: that may be long ago
        let at = now();
        for portion in events.chunks(ROWS_AT_ONCE) {
            let sql = {
                let mut insert = Query::insert();
                insert.into_table(TABLE).columns(["time", "object_type", "object_id", "object_version", "action"]);
                for event in portion {
                    let values: [Expr; 5] = [
                        at.into(),
                        event.of.key().into(),
                        event.id.into(),
                        event.version.into(),
                        event.action.word().into(),
                    ];
                    insert.values_panic(values); // five columns, five values
                }
                self.store.dialect().build(&insert)
            };
            self.door().execute(sql).await?;
        }
        Ok(())
    }
}

impl Store {
    /// What was committed after a number, in order, [`MOST_EVENTS`] at most.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn events_after(&self, number: i64) -> Result<Vec<Told>, StoreError> {
        let sql = {
            let mut select = Query::select();
            select
                .columns(["id", "object_type", "object_id", "object_version", "action"])
                .from(TABLE)
                .and_where(Expr::col("id").gt(number))
                .order_by("id", Order::Asc)
                .limit(MOST_EVENTS);
            self.dialect().build(&select)
        };
        let shapes = [Shape::Int, Shape::Text, Shape::Int, Shape::Int, Shape::Text];
        let told = |row: Vec<Cell>| match row.as_slice() {
            [number, Cell::Text(of), id, version, Cell::Text(action)] => Some(Told {
                number: number.int(),
                event: Event {
                    // a newer Peerage may tell of types that this one does not know
                    of: registry::get(of).ok()?,
                    id: id.int(),
                    version: version.int(),
                    action: Action::named(action)?,
                },
            }),
            _ => None,
        };
        Ok(self.reading().fetch(sql, &shapes).await?.into_iter().filter_map(told).collect())
    }

    /// The numbers of the oldest event that is kept and of the newest; zeros if there was none yet.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn event_numbers(&self) -> Result<(i64, i64), StoreError> {
        let sql = Sql::fixed("SELECT MIN(id), MAX(id) FROM core_event");
        let rows = self.reading().fetch(sql, &[Shape::Int, Shape::Int]).await?;
        Ok(rows.first().map_or((0, 0), |row| match row.as_slice() {
            [oldest, newest] => (oldest.int(), newest.int()),
            _ => (0, 0),
        }))
    }

    /// The newest number that is older than so many microseconds; 0 if there is none.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn event_number_before(&self, age: i64) -> Result<i64, StoreError> {
        let sql = {
            let mut select = Query::select();
            select.expr(Expr::col("id").max()).from(TABLE).and_where(Expr::col("time").lt(now() - age));
            self.dialect().build(&select)
        };
        let rows = self.reading().fetch(sql, &[Shape::Int]).await?;
        Ok(rows.first().and_then(|row| row.first()).map_or(0, Cell::int))
    }

    /// Forgets events that are older than a day, but never the newest: the numbers are counted on from it.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn forget_old_events(&self) -> Result<u64, StoreError> {
        let (_, newest) = self.event_numbers().await?;
        let sql = {
            let mut delete = Query::delete();
            delete
                .from_table(TABLE)
                .and_where(Expr::col("time").lt(now() - KEPT))
                .and_where(Expr::col("id").lt(newest));
            self.dialect().build(&delete)
        };
        let mut tx = self.inner.pools.begin().await?;
        let count = tx.door(&self.inner.statements).execute(sql).await?;
        tx.commit().await?;
        Ok(count)
    }

    /// Follows what is committed from now on, by this process and by others.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn follow(&self) -> Result<Tail, StoreError> {
        let committed = self.inner.committed.subscribe();
        let (_, newest) = self.event_numbers().await?;
        Ok(Tail { store: self.clone(), last: newest, committed, listener: None })
    }
}

/// A follower of the events.
pub struct Tail {
    store: Store,
    last: i64,
    committed: watch::Receiver<()>,
    /// PostgreSQL's notifications; none before the first look, and after the connection was lost.
    listener: Option<PgListener>,
}

impl Tail {
    /// Waits for the next events. May be dropped at any time; nothing is lost by that.
    ///
    /// # Errors
    /// A failure of the database; the next call tries again.
    pub async fn next(&mut self) -> Result<Vec<Told>, StoreError> {
        loop {
            if self.listener.is_none()
                && let Some(pool) = self.store.inner.pools.postgres()
            {
                let mut listener = PgListener::connect_with(pool).await?;
                listener.listen(CHANNEL).await?;
                self.listener = Some(listener);
            }
            self.committed.mark_unchanged();
            let events = self.store.events_after(self.last).await?;
            if let Some(newest) = events.last() {
                self.last = newest.number;
                return Ok(events);
            }
            let notified = async {
                match &mut self.listener {
                    Some(listener) => listener.recv().await.is_ok(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.committed.changed() => {}
                heard = notified => if !heard { self.listener = None },
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}
