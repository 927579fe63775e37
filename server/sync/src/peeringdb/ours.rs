//! Reading and changing the operator's own objects, on behalf of the synchronisation: the same door, permits and change
//! records as for a person.

use peerage_model::{
    ListQuery, ObjectType, Permit, Record, Value, Who,
    permit::{Change, View},
};
use peerage_store::{Store, StoreError};
use std::time::Duration;
use tokio::time::sleep;

/// Objects changed in one transaction: a person's write waits for one such.
const EDITS: usize = 50;
/// Between two transactions of a long row of them, so that whoever waits gets their turn, in another process too.
pub const PAUSE: Duration = Duration::from_millis(5);

/// All objects of a type.
pub async fn all(store: &Store, who: &Who, of: &'static ObjectType) -> Result<Vec<Record>, StoreError> {
    let permit: Permit<View> = who.permit(of)?;
    let mut query = ListQuery::all(of).unpaged();
    query.sort.clear();
    store.records(&permit, &query).await
}

/// All objects whose field has one of these values, however many those are.
pub async fn among(
    store: &Store,
    who: &Who,
    of: &'static ObjectType,
    field: &str,
    values: &[Value],
) -> Result<Vec<Record>, StoreError> {
    let permit: Permit<View> = who.permit(of)?;
    if values.is_empty() { Ok(Vec::new()) } else { store.among(&permit, field, values).await }
}

/// Objects by id.
pub async fn by_id(store: &Store, who: &Who, of: &'static ObjectType, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
    let permit: Permit<View> = who.permit(of)?;
    if ids.is_empty() { Ok(Vec::new()) } else { store.get_many(&permit, ids).await }
}

/// Changes to objects of one type, collected, then written together.
pub struct Edits {
    of: &'static ObjectType,
    after: Vec<Record>,
}

impl Edits {
    pub fn new(of: &'static ObjectType) -> Self {
        Self { of, after: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.after.is_empty()
    }

    /// Several fields of the same object are set one after the other.
    pub fn set(&mut self, record: &Record, field: &str, value: Value) {
        match self.after.last_mut().filter(|last| last.id == record.id) {
            Some(last) => last.set(field, value),
            None => self.after.push(record.clone().with(field, value)),
        }
    }

    /// An object as it is to be; nothing if it is so already.
    pub fn put(&mut self, before: &Record, after: Record) {
        if after != *before {
            self.after.push(after);
        }
    }

    /// Writes them, and says how many could be. One that is refused (a person changed it at the same time, another object
    /// has that link) is named in `problems`; the next run tries again.
    pub async fn write(
        self,
        store: &Store,
        who: &Who,
        request: &str,
        problems: &mut Vec<String>,
    ) -> Result<usize, StoreError> {
        let permit: Permit<Change> = who.permit(self.of)?;
        let mut written = 0;
        for group in self.after.chunks(EDITS) {
            match write_all(store, who, request, &permit, group).await {
                Ok(()) => {
                    written += group.len();
                    sleep(PAUSE).await;
                    continue;
                }
                Err(error @ (StoreError::HoldLost | StoreError::Database(_))) => return Err(error),
                // one of them is to blame
                Err(_) => {}
            }
            for record in group {
                match write_all(store, who, request, &permit, std::slice::from_ref(record)).await {
                    Ok(()) => written += 1,
                    Err(error @ StoreError::HoldLost) => return Err(error),
                    Err(error) => {
                        tracing::info!(%error, of = self.of.model, id = record.id, "not changed by the synchronisation");
                        problems.push(format!("{} {}: {}", self.of.name, record.id, error.into_problem().message));
                    }
                }
            }
        }
        Ok(written)
    }
}

async fn write_all(
    store: &Store,
    who: &Who,
    request: &str,
    permit: &Permit<Change>,
    records: &[Record],
) -> Result<(), StoreError> {
    let mut write = store.begin(who, request).await?;
    for record in records {
        write.update(permit, record.version, record.clone()).await?;
    }
    write.commit().await?;
    Ok(())
}
