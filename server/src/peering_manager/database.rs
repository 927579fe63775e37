//! What Peering Manager's own database has, in the form of its lists, so that taking it over is the same thing from there on.

use super::{
    Lists,
    import::{Source, TOKENS, is_taken, why_not},
    shapes,
};
use crate::keys;
use peerage_model::{
    ObjectType, registry,
    types::{DATA_FILE, USER},
};
use peerage_sync::peering_manager::database::{Database, DatabaseError, Listed};
use serde_json::{Value as Json, json};

/// Reads everything, in one transaction. `told` hears of each list.
///
/// # Errors
/// The database is not reached, is none of a Peering Manager 1.10, or may not be read.
pub async fn read(address: &str, told: impl Fn(&str, usize)) -> Result<Source, DatabaseError> {
    let mut database = Database::open(address).await?;
    let mut lists = Lists::new();
    let mut remarks = Vec::new();
    for (of, shape) in shapes::listed() {
        if !is_taken(of, true) {
            continue;
        }
        let shown: Vec<&str> = shape.fields.iter().map(|field| field.name).filter(|name| is_stored(of, name)).collect();
        let mut rows = database.list(of, &shown).await?;
        if of.is(&USER) {
            remarks.extend(without_foreign_passwords(&mut rows));
        } else if of.is(&DATA_FILE) {
            remarks.extend(without_other_than_text(&mut rows));
        }
        told(shape.endpoint, rows.len());
        lists.insert(shape.endpoint.to_owned(), rows);
    }
    let tokens = database.tokens().await?;
    told(TOKENS, tokens.len());
    lists.insert(TOKENS.to_owned(), tokens);
    for (app, names) in database.unknown_permissions() {
        remarks.push(format!("permissions of {app} that mean nothing here were left out: {}.", names.join(", ")));
    }
    for (table, count) in database.left().await? {
        let of = registry::TYPES.iter().find(|of| of.table() == table);
        let why = of.and_then(|of| why_not(of, true)).unwrap_or("not known here");
        remarks.push(format!("table {table}: {count} rows left out: {why}."));
    }
    // whatever becomes of the connection: all is read
    let _ = database.close().await;
    Ok(Source { lists, whole: true, remarks })
}

/// Whether what its API shows as a field stands in a column of its own, as far as we have it.
fn is_stored(of: &ObjectType, name: &str) -> bool {
    of.field(name).is_some()
}

/// Files that are no text are of no use to templates: they are not kept here.
fn without_other_than_text(files: &mut Vec<Listed>) -> Option<String> {
    let (texts, others) =
        std::mem::take(files).into_iter().partition(|file| file.get("data").is_some_and(Json::is_string));
    *files = texts;
    let paths: Vec<&str> = others.iter().filter_map(|file: &Listed| file.get("path")?.as_str()).collect();
    (!paths.is_empty()).then(|| format!("core/data-files: left out, being no text: {}.", paths.join(", ")))
}

/// Hashes of passwords that cannot be verified here are of no use: those people get a new password.
fn without_foreign_passwords(users: &mut [Listed]) -> Option<String> {
    let mut lost = Vec::new();
    for user in users {
        let hash = user.get("password").and_then(Json::as_str).unwrap_or_default();
        if keys::is_django(hash) {
            continue;
        }
        // Django marks with it who has no password
        if !hash.is_empty() && !hash.starts_with('!') {
            lost.push(user.get("username").and_then(Json::as_str).unwrap_or_default().to_owned());
        }
        user.insert("password".to_owned(), json!(""));
    }
    (!lost.is_empty()).then(|| {
        format!(
            "users/users: passwords of {} are hashed in a way that is not known here. Give them new ones.",
            lost.join(", ")
        )
    })
}
