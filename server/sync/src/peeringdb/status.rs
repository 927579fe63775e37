//! How full the cache is, and emptying it.

use super::{
    ours::{Edits, PAUSE, all},
    run::{ACTOR, TURN},
};
use peerage_model::{
    Field, Filter, Kind, ListQuery, OnDelete, Origin, Permit, Value, Who,
    peeringdb::{CURSOR, NAMESPACES, REJECTED, SYNCHRONISATION, UPSTREAM_CHANGE},
    permit::{Delete, View},
    registry,
};
use peerage_store::{Store, StoreError, now};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::HashMap;
use tokio::time::sleep;

/// Notes and rows deleted in one transaction: a person's write waits for one such.
const NOTES: u64 = 1_000;
const ROWS: usize = 1_000;

/// One type of the cache.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TypeStatus {
    #[serde(skip)]
    pub namespace: &'static str,
    /// Rows in the cache.
    pub rows: u64,
    /// `since` of the next request, seconds since 1970; 0: never taken whole.
    pub cursor: i64,
    /// Rows that could not be taken.
    pub rejected: u64,
    /// Rows that were taken without a reference that led nowhere.
    pub partly: u64,
}

/// The thirteen types, in their order. Serialises as an object by PeeringDB's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status(pub Vec<TypeStatus>);

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for of in &self.0 {
            map.serialize_entry(of.namespace, of)?;
        }
        map.end()
    }
}

/// How full the cache is.
///
/// # Errors
/// If the database fails.
pub async fn status(store: &Store) -> Result<Status, StoreError> {
    let who = Who::system(ACTOR);
    let cursors = all(store, &who, &CURSOR).await?;
    let noted = noted(store, &who).await?;
    let mut status = Vec::new();
    for (namespace, of) in NAMESPACES.iter().copied() {
        let view: Permit<View> = who.permit(of)?;
        let noted = noted.get(namespace).copied().unwrap_or_default();
        let cursor = cursors.iter().find(|cursor| cursor.text("namespace") == namespace);
        status.push(TypeStatus {
            namespace,
            rows: store.count(&view, &Filter::default()).await?,
            cursor: cursor.and_then(|cursor| cursor.int("since")).unwrap_or(0),
            rejected: noted.0,
            partly: noted.1,
        });
    }
    Ok(Status(status))
}

/// As of when everything was taken over last, in seconds since 1970; none if a type was never taken whole. A run that finds
/// nothing new moves it as well.
///
/// # Errors
/// If the database fails.
pub async fn taken_until(store: &Store) -> Result<Option<i64>, StoreError> {
    let who = Who::system(ACTOR);
    let cursors = all(store, &who, &CURSOR).await?;
    let since = |namespace: &str| {
        let cursor = cursors.iter().find(|cursor| cursor.text("namespace") == namespace);
        cursor.and_then(|cursor| cursor.int("since")).filter(|since| *since > 0)
    };
    let all: Option<Vec<i64>> = NAMESPACES.iter().map(|(namespace, _)| since(namespace)).collect();
    Ok(all.and_then(|all| all.into_iter().min()))
}

/// Noted rows by type: not taken, and taken in part.
async fn noted(store: &Store, who: &Who) -> Result<HashMap<String, (u64, u64)>, StoreError> {
    let permit: Permit<View> = who.permit(&REJECTED)?;
    let mut query = ListQuery::all(&REJECTED).unpaged();
    // without the rows' data
    query.fields = ["namespace", "partly"].iter().filter_map(|name| REJECTED.index_of(name)).collect();
    query.sort.clear();
    let mut counts: HashMap<String, (u64, u64)> = HashMap::new();
    for record in store.records(&permit, &query).await? {
        let (rejected, partly) = counts.entry(record.text("namespace").to_owned()).or_default();
        *if record.flag("partly") { partly } else { rejected } += 1;
    }
    Ok(counts)
}

/// Empties the cache, its cursors, rejected rows and history; our connections and exchanges lose their links first, as
/// recorded changes. The next run takes everything anew and links again. Killed halfway, the next run ends the same.
///
/// # Errors
/// If the database fails.
pub async fn flush(store: &Store) -> Result<(), StoreError> {
    let _turn = TURN.lock().await;
    let who = Who::system(ACTOR);
    let request = format!("peeringdb-{}", now());
    for of in registry::TYPES.iter().copied().filter(|of| of.origin == Origin::Operator) {
        let links: Vec<&Field> = of.fields.iter().filter(|field| leads_to_cache(field)).collect();
        if links.is_empty() {
            continue;
        }
        let mut edits = Edits::new(of);
        for record in all(store, &who, of).await? {
            for field in links.iter().filter(|field| !record.get(field.name).is_null()) {
                edits.set(&record, field.name, Value::Null);
            }
        }
        // one that was changed meanwhile loses its link with the row that it leads to
        edits.write(store, &who, &request, &mut Vec::new()).await?;
    }
    // Cursors first: whatever is left when this is cut short is compared with a whole answer next time.
    for of in [&CURSOR, &UPSTREAM_CHANGE, &REJECTED, &SYNCHRONISATION] {
        loop {
            let mut write = store.begin(&who, &request).await?;
            let cleared = write.clear_notes(&who.permit(of)?, NOTES).await?;
            write.commit().await?;
            if cleared == 0 {
                break;
            }
            sleep(PAUSE).await;
        }
    }
    // children before their parents
    for (_, of) in NAMESPACES.iter().rev() {
        let permit: Permit<Delete> = who.permit(of)?;
        let stamps = store.cached_stamps(&who.permit(of)?).await?;
        let ids: Vec<i64> = stamps.into_iter().map(|(id, _)| id).collect();
        for ids in ids.chunks(ROWS) {
            let mut write = store.begin(&who, &request).await?;
            write.delete_cached(&permit, ids).await?;
            write.commit().await?;
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// A link of ours to a cached row, which can be without.
fn leads_to_cache(field: &Field) -> bool {
    let to_cache = field.kind.target().is_some_and(|to| to.origin == Origin::PeeringDb);
    to_cache && matches!(field.kind, Kind::Reference { on_delete: OnDelete::SetNull, .. })
}
