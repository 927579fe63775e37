//! The cache as a run sees it: which rows it has, how far each type is, which rows were rejected; and one transaction of
//! changes to all of that together.

use super::ours::{all, among, by_id};
use peerage_model::{
    ObjectType, Permit, Record, Value, Who,
    peeringdb::{CURSOR, REJECTED, SYNCHRONISATION, UPSTREAM_CHANGE},
    permit::{Add, Change, Delete, View},
};
use peerage_store::{Store, StoreError, Write, now};
use serde_json::Value as Json;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Up to so many ids are looked up one by one; for more a table's ids are read whole.
const FEW: usize = 500;

/// Ids of a type's rows in the cache, with the time of their last change upstream (microseconds).
#[derive(Default)]
pub struct Stamps {
    pub of: HashMap<i64, Option<i64>>,
    /// All rows, not only those that were asked for.
    whole: bool,
}

/// A rejected row of an earlier run.
pub struct Queued {
    /// Its id in our table; none if it is not noted there yet.
    pub row: Option<i64>,
    pub reason: String,
    pub data: Arc<Json>,
    /// When it was noted first.
    pub since: i64,
}

/// A row to be noted as rejected.
pub struct Note {
    pub namespace: &'static str,
    pub id: i64,
    pub reason: String,
    /// It was taken, but without a reference that leads nowhere.
    pub partly: bool,
    pub data: Arc<Json>,
    /// The note that it replaces, and since when that stands.
    pub row: Option<i64>,
    pub since: i64,
}

/// What one transaction does.
#[derive(Default)]
pub struct Batch {
    pub upserts: Vec<Record>,
    pub deletes: Vec<i64>,
    pub notes: Vec<Note>,
    /// Notes that are settled, by their id in our table.
    pub forget: Vec<i64>,
    /// What changed upstream: written with the rows, and not counted as rows.
    pub changes: Vec<Record>,
}

impl Batch {
    /// Rows in all.
    pub fn weight(&self) -> usize {
        self.upserts.len() + self.deletes.len() + self.notes.len() + self.forget.len()
    }
}

/// The cache, during a run.
pub struct Cache<'a> {
    store: &'a Store,
    who: &'a Who,
    request: &'a str,
    cursors: HashMap<String, Record>,
    /// Whether this run shows an API key.
    keyed: bool,
    /// Where runs are written down, and the line of this one once something hangs on it.
    begun: Record,
    run: Option<i64>,
    /// Whole tables, while nothing was deleted.
    tables: HashMap<&'static str, Stamps>,
}

impl<'a> Cache<'a> {
    /// `begun` is what the history says of this run from its first change until its end.
    pub async fn open(
        store: &'a Store,
        who: &'a Who,
        request: &'a str,
        keyed: bool,
        begun: Record,
    ) -> Result<Self, StoreError> {
        let cursors = all(store, who, &CURSOR).await?;
        let cursors = cursors.into_iter().map(|cursor| (cursor.text("namespace").to_owned(), cursor)).collect();
        Ok(Self { store, who, request, cursors, keyed, begun, run: None, tables: HashMap::new() })
    }

    /// This run's line in the history, if it has one already.
    pub fn run(&self) -> Option<i64> {
        self.run
    }

    /// `since` of a type's next request; 0 also if the type is to be taken [afresh](Self::is_afresh).
    pub fn cursor(&self, namespace: &str) -> i64 {
        let since = self.cursors.get(namespace).and_then(|cursor| cursor.int("since"));
        since.filter(|_| !self.is_afresh(namespace)).unwrap_or(0)
    }

    /// Whether a type was taken without an API key and there is one now. What was withheld then is as old as the rest: rows
    /// and fields that nothing but a whole answer brings, and that no time of change tells of.
    pub fn is_afresh(&self, namespace: &str) -> bool {
        self.keyed && self.cursors.get(namespace).is_some_and(|cursor| !cursor.flag("keyed"))
    }

    /// Which of these rows the cache has; of all rows, if `whole` or if that is quicker.
    pub async fn stamps(&mut self, of: &'static ObjectType, ids: &[i64], whole: bool) -> Result<Stamps, StoreError> {
        if whole || ids.len() > FEW {
            return self.table(of).await;
        }
        let found = by_id(self.store, self.who, of, ids).await?;
        let found = found.iter().map(|record| (record.id, record.get("updated").as_time())).collect();
        Ok(Stamps { of: found, whole: false })
    }

    async fn table(&mut self, of: &'static ObjectType) -> Result<Stamps, StoreError> {
        if let Some(table) = self.tables.remove(of.model) {
            return Ok(table);
        }
        let permit: Permit<View> = self.who.permit(of)?;
        Ok(Stamps { of: self.store.cached_stamps(&permit).await?.into_iter().collect(), whole: true })
    }

    /// Gives back what [`Cache::stamps`] gave, as it is after the run's writes.
    pub fn keep(&mut self, of: &'static ObjectType, stamps: Stamps) {
        if stamps.whole {
            self.tables.insert(of.model, stamps);
        }
    }

    /// Which of these ids lead nowhere.
    pub async fn missing(
        &mut self,
        of: &'static ObjectType,
        mut wanted: HashSet<i64>,
    ) -> Result<HashSet<i64>, StoreError> {
        if wanted.is_empty() {
            return Ok(wanted);
        }
        if self.tables.contains_key(of.model) || wanted.len() > FEW {
            let table = self.table(of).await?;
            wanted.retain(|id| !table.of.contains_key(id));
            self.keep(of, table);
            return Ok(wanted);
        }
        let ids: Vec<i64> = wanted.iter().copied().collect();
        for record in by_id(self.store, self.who, of, &ids).await? {
            wanted.remove(&record.id);
        }
        Ok(wanted)
    }

    /// Cached rows that refer to one of these.
    pub async fn referring(
        &self,
        of: &'static ObjectType,
        field: &str,
        ids: &[i64],
    ) -> Result<Vec<Record>, StoreError> {
        let permit: Permit<View> = self.who.permit(of)?;
        self.store.reverse(&permit, field, ids).await
    }

    /// The rejected rows of a type, by PeeringDB's id.
    pub async fn queue(&self, namespace: &str) -> Result<HashMap<i64, Queued>, StoreError> {
        let queued = |record: Record| {
            let data = if let Value::Json(json) = record.get("data") { json.clone() } else { Arc::default() };
            let (row, since) = (Some(record.id), record.get("since").as_time().unwrap_or_else(now));
            Some((record.int("object_id")?, Queued { row, reason: record.text("reason").to_owned(), data, since }))
        };
        let noted = among(self.store, self.who, &REJECTED, "namespace", &[Value::text(namespace)]).await?;
        Ok(noted.into_iter().filter_map(queued).collect())
    }

    /// Does all that the batch says, and moves the type's cursor, in one transaction. Nothing to do is nothing done.
    pub async fn write(
        &mut self,
        of: &'static ObjectType,
        namespace: &'static str,
        batch: &Batch,
        cursor: Option<i64>,
    ) -> Result<(), StoreError> {
        let cursor = cursor.filter(|since| *since != self.cursor(namespace));
        if batch.weight() == 0 && cursor.is_none() {
            return Ok(());
        }
        let mut write = self.store.begin(self.who, self.request).await?;
        if !batch.upserts.is_empty() {
            let permit: Permit<Change> = self.who.permit(of)?;
            write.upsert_cached(&permit, &batch.upserts).await?;
        }
        if !batch.deletes.is_empty() {
            let permit: Permit<Delete> = self.who.permit(of)?;
            write.delete_cached(&permit, &batch.deletes).await?;
            // children went with them
            self.tables.clear();
        }
        let (add, change, delete): (Permit<Add>, Permit<Change>, Permit<Delete>) =
            (self.who.permit(&REJECTED)?, self.who.permit(&REJECTED)?, self.who.permit(&REJECTED)?);
        for id in &batch.forget {
            write.delete(&delete, *id).await?;
        }
        for note in &batch.notes {
            let record = note.record();
            match note.row {
                Some(_) => drop(write.update(&change, 0, record).await?),
                None => drop(write.insert(&add, record).await?),
            }
        }
        let run = self.note_changes(&mut write, &batch.changes).await?;
        let moved = match cursor {
            None => None,
            Some(since) => Some(self.move_cursor(&mut write, namespace, since).await?),
        };
        write.commit().await?;
        self.run = run;
        if let Some(moved) = moved {
            self.cursors.insert(namespace.to_owned(), moved);
        }
        Ok(())
    }

    /// Notes what changed upstream under this run's line in the history, which begins with the first.
    async fn note_changes(&self, write: &mut Write, changes: &[Record]) -> Result<Option<i64>, StoreError> {
        if changes.is_empty() {
            return Ok(self.run);
        }
        let run = match self.run {
            Some(run) => run,
            None => write.insert(&self.who.permit(&SYNCHRONISATION)?, self.begun.clone()).await?.id,
        };
        let changes: Vec<Record> = changes.iter().map(|change| change.clone().with("run", Value::Int(run))).collect();
        write.note_many(&self.who.permit(&UPSTREAM_CHANGE)?, &changes).await?;
        Ok(Some(run))
    }

    async fn move_cursor(&self, write: &mut Write, namespace: &str, since: i64) -> Result<Record, StoreError> {
        let moved = |cursor: Record| {
            let cursor = cursor.with("since", Value::Int(since)).with("taken", Value::Time(now()));
            cursor.with("keyed", Value::Bool(self.keyed))
        };
        match self.cursors.get(namespace) {
            Some(cursor) => write.update(&self.who.permit(&CURSOR)?, 0, moved(cursor.clone())).await,
            None => {
                let cursor = Record::new(&CURSOR).with("namespace", Value::text(namespace));
                write.insert(&self.who.permit(&CURSOR)?, moved(cursor)).await
            }
        }
    }
}

impl Note {
    fn record(&self) -> Record {
        let mut record = Record::new(&REJECTED)
            .with("namespace", Value::text(self.namespace))
            .with("object_id", Value::Int(self.id))
            .with("reason", Value::text(self.reason.chars().take(2000).collect::<String>()))
            .with("partly", Value::Bool(self.partly))
            .with("data", Value::Json(self.data.clone()))
            .with("since", Value::Time(self.since));
        record.id = self.row.unwrap_or(0);
        record
    }
}
