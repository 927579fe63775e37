//! Changing the key that secrets are sealed with: all of them in one transaction, together with a note in `core_key` that names
//! the key from then on. So a database is sealed with one key, or with the next, at every moment.
//!
//! What must stay true: nobody seals with a key that is not the noted one. Every [`Write`] that is about to seal asks
//! ([`Write::may_seal`]) within its transaction. On PostgreSQL it holds a lock from then on that a change of key waits for, and
//! the other way round; SQLite has one writer. A process that still has the former key is refused then, and is told; it reads
//! nothing wrong either, because every sealed value names its key. The files are the server's business, not the store's.
//!
//! In SQLite's file nothing is left that the old key opens, unless somebody was reading meanwhile. PostgreSQL keeps former rows
//! until it vacuums, and its archived log for as long as one says. Backups keep what they have.

use crate::{
    Store, StoreError, Write,
    column::{Cell, Shape, main_column, place},
    database::{Dialect, Door, Sql},
    secret::{SecretError, SecretKey},
    store::now,
    write::gives_secrets,
};
use peerage_model::{
    Field, Kind, Label, ObjectType, Problem, Record, Who,
    permit::{Change, View},
    registry,
};
use sea_query::{Expr, ExprTrait, Order, Query};

/// Held by whoever seals, until the commit. 7337243 and 7337244 are those of migrations and events.
const SEALING: &str = "SELECT pg_advisory_xact_lock_shared(7337245)";
/// Held by a change of key: waits for them, and they for it.
const CHANGING: &str = "SELECT pg_advisory_xact_lock(7337245)";

const CURRENT: &str = "SELECT name FROM core_key ORDER BY id DESC LIMIT 1";

/// Secrets that are read at once.
const ROWS_AT_ONCE: u64 = 500;

impl Store {
    /// The name of the key that secrets are sealed with; none while it was never changed.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn current_key(&self) -> Result<Option<String>, StoreError> {
        current(&mut self.reading()).await
    }

    /// Whether anything is sealed.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn holds_secrets(&self) -> Result<bool, StoreError> {
        for (of, field) in secrets() {
            let sql = {
                let mut select = Query::select();
                select.column("id").from(of.table()).and_where(Expr::col(main_column(field)).is_not_null()).limit(1);
                self.dialect().build(&select)
            };
            if !self.reading().fetch(sql, &[Shape::Int]).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Seals every secret with `new`, and notes that. Says how many that were; nothing if it was done before. This store goes on
    /// with the new key, other processes have to be given it.
    ///
    /// # Errors
    /// `who` may not see or change secrets; one of them does not open; this process itself has a former key. Nothing was
    /// changed then.
    pub async fn rotate_key(&self, who: &Who, new: &SecretKey) -> Result<u64, StoreError> {
        if !who.sees_secrets() {
            return Err(Problem::new(Label::Forbidden, "The key is changed by those who may see secrets.").into());
        }
        let old = self.key().ok_or(SecretError::NoKey)?;
        let mut tx = self.inner.pools.begin().await?;
        let mut door = tx.door(&self.inner.statements);
        if self.dialect() == Dialect::Postgres {
            door.execute(Sql::fixed(CHANGING)).await?;
        }
        if self.dialect() == Dialect::Sqlite {
            // what is written over is to be gone, not only unlinked: the old key may be in wrong hands
            door.execute(Sql::fixed("PRAGMA secure_delete = ON")).await?;
        }
        let noted = current(&mut door).await?;
        if noted.as_deref() == Some(new.id()) {
            self.use_key(new.clone());
            return Ok(0);
        }
        must_be(noted, &old)?;
        let mut count = 0;
        for (of, field) in secrets() {
            who.permit::<View>(of)?;
            who.permit::<Change>(of)?;
            count += reseal(&mut door, of, field, &old, new).await?;
        }
        let note = {
            let mut insert = Query::insert();
            insert.into_table("core_key").columns(["name", "since"]);
            insert.values_panic([new.id().into(), now().into()]); // two columns, two values
            self.dialect().build(&insert)
        };
        door.execute(note).await?;
        tx.commit().await?;
        self.use_key(new.clone());
        // that it was not done is no failure: the log is emptied sooner or later
        if !self.inner.pools.leave_nothing_behind().await.unwrap_or_default() {
            tracing::warn!("values sealed with the old key stay in SQLite's files for a while: somebody is using them");
        }
        Ok(count)
    }
}

impl Write {
    /// Before a secret of this record is sealed: whether our key is the one to seal with. Asked once in a transaction.
    pub(crate) async fn may_seal(&mut self, record: &Record) -> Result<(), StoreError> {
        let Some(key) = self.store.key().filter(|_| gives_secrets(record) && !self.seals) else { return Ok(()) };
        if self.store.dialect() == Dialect::Postgres {
            self.door().execute(Sql::fixed(SEALING)).await?;
        }
        must_be(current(&mut self.door()).await?, &key)?;
        self.seals = true;
        Ok(())
    }
}

/// Every field that is sealed, with its type.
pub(crate) fn secrets() -> impl Iterator<Item = (&'static ObjectType, &'static Field)> {
    let fields = registry::TYPES.iter().copied().flat_map(|of| of.fields.iter().map(move |field| (of, field)));
    fields.filter(|(_, field)| matches!(field.kind, Kind::Secret { .. }))
}

pub(crate) async fn current(door: &mut Door<'_>) -> Result<Option<String>, StoreError> {
    let rows = door.fetch(Sql::fixed(CURRENT), &[Shape::Text]).await?;
    Ok(rows.into_iter().flatten().next().and_then(|cell| if let Cell::Text(name) = cell { Some(name) } else { None }))
}

/// # Errors
/// Another key than ours is noted.
pub(crate) fn must_be(noted: Option<String>, ours: &SecretKey) -> Result<(), SecretError> {
    match noted {
        Some(current) if current != ours.id() => Err(SecretError::Changed { current, present: ours.id().to_owned() }),
        _ => Ok(()),
    }
}

async fn reseal(
    door: &mut Door<'_>,
    of: &'static ObjectType,
    field: &'static Field,
    old: &SecretKey,
    new: &SecretKey,
) -> Result<u64, StoreError> {
    let (column, place) = (main_column(field), place(of, field));
    let (mut last, mut count) = (0, 0);
    loop {
        let sql = {
            let mut select = Query::select();
            select.columns(["id".to_owned(), column.clone()]).from(of.table());
            select.and_where(Expr::col(column.clone()).is_not_null()).and_where(Expr::col("id").gt(last));
            // a row that somebody is writing is waited for
            select.order_by("id", Order::Asc).limit(ROWS_AT_ONCE).lock_exclusive();
            door.dialect().build(&select)
        };
        let rows = door.fetch(sql, &[Shape::Int, Shape::Text]).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        for row in rows {
            let [id, Cell::Text(sealed)] = row.as_slice() else { continue };
            last = id.int();
            let sealed = new.seal(&place, &old.open(&place, sealed)?)?;
            let sql = {
                let mut update = Query::update();
                update.table(of.table()).value(column.clone(), sealed).and_where(Expr::col("id").eq(last));
                door.dialect().build(&update)
            };
            count += door.execute(sql).await?;
        }
    }
}
