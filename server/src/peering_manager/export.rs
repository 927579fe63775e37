//! Everything that Peering Manager's REST API would list, made from our columns.

use super::{import::is_taken, shapes, showing::Shown};
use crate::services::rendering::options;
use peerage_model::{ListQuery, ObjectType, Problem, Record, Who, permit::View, types::DATA_FILE};
use peerage_store::Store;
use serde_json::{Map, Value as Json, json};

/// All lists, in the form that an import reads. `base` is where the API is said to be.
///
/// # Errors
/// `who` may not see something of it; the database fails.
pub async fn export(store: &Store, who: &Who, base: &str) -> Result<Json, Problem> {
    let records = everything(store, who).await?;
    // they are counted
    let files = store.records(&who.permit::<View>(&DATA_FILE)?, &ListQuery::all(&DATA_FILE).unpaged()).await?;
    let shown = Shown::new(records.iter().cloned().chain(files).collect(), base, options(store))?;
    let mut endpoints: Map<String, Json> = Map::new();
    for record in &records {
        let Some(shape) = shapes::of_type(record.of) else { continue };
        let rows = endpoints.entry(shape.endpoint).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(rows) = rows {
            rows.push(shown.row(record));
        }
    }
    Ok(json!({ "endpoints": endpoints }))
}

/// All objects that are listed, type by type and by their numbers.
///
/// # Errors
/// As for [`export`].
pub async fn everything(store: &Store, who: &Who) -> Result<Vec<Record>, Problem> {
    let mut records = Vec::new();
    for (of, _) in shapes::listed() {
        if is_taken(of, false) {
            records.extend(whole(store, who, of).await?);
        }
    }
    Ok(records)
}

/// Every object of a type by its number, with its secrets in clear.
async fn whole(store: &Store, who: &Who, of: &'static ObjectType) -> Result<Vec<Record>, Problem> {
    let permit = who.permit::<View>(of)?;
    let fields = (0..of.fields.len()).collect();
    let mut records = store.records(&permit, &ListQuery { fields, ..ListQuery::all(of).unpaged() }).await?;
    records.sort_unstable_by_key(|record| record.id);
    Ok(store.reveal(&permit, records).await?)
}
