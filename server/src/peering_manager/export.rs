//! Everything that Peering Manager's REST API would list, made from our columns.

use super::{import::LEFT_OUT, shapes, showing::Shown};
use crate::jobs::now;
use peerage_model::{ListQuery, ObjectType, Problem, Record, Who, permit::View, registry};
use peerage_store::Store;
use serde_json::{Map, Value as Json, json};

/// All lists, in the form that an import reads. `base` is where the API is said to be.
///
/// # Errors
/// `who` may not see something of it; the database fails.
pub async fn export(store: &Store, who: &Who, base: &str) -> Result<Json, Problem> {
    let mut records = Vec::new();
    let mut rows: Vec<(&'static str, Vec<Record>)> = Vec::new();
    for (of, shape) in shapes::listed() {
        if LEFT_OUT.iter().any(|(key, _)| registry::is_named(of, key)) {
            continue;
        }
        let found = whole(store, who, of).await?;
        if !found.is_empty() {
            records.extend(found.iter().cloned());
            rows.push((shape.endpoint, found));
        }
    }
    let shown = Shown::new(records, base, now())?;
    let mut endpoints = Map::new();
    for (endpoint, records) in rows {
        endpoints.insert(endpoint.to_owned(), records.iter().map(|record| shown.row(record)).collect());
    }
    Ok(json!({ "endpoints": endpoints }))
}

/// Every object of a type by its number, with its secrets in clear.
async fn whole(store: &Store, who: &Who, of: &'static ObjectType) -> Result<Vec<Record>, Problem> {
    let permit = who.permit::<View>(of)?;
    let fields = (0..of.fields.len()).collect();
    let mut records = store.records(&permit, &ListQuery { fields, ..ListQuery::all(of).unpaged() }).await?;
    records.sort_unstable_by_key(|record| record.id);
    Ok(store.reveal(&permit, records).await?)
}
