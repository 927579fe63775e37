//! What Peering Manager's own database has, in the form of its lists, so that taking it over is the same thing from there on.

use super::{
    Lists,
    import::{LEFT_OUT, Source, TOKENS},
    shapes,
};
use crate::keys;
use peerage_model::{ObjectType, registry, types::USER};
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
        if LEFT_OUT.iter().any(|(key, _)| registry::is_named(of, key)) {
            continue;
        }
        let shown: Vec<&str> = shape.fields.iter().map(|field| field.name).filter(|name| is_stored(of, name)).collect();
        let mut rows = database.list(of, &shown).await?;
        if of.is(&USER) {
            remarks.extend(without_foreign_passwords(&mut rows));
        }
        told(shape.endpoint, rows.len());
        lists.insert(shape.endpoint.to_owned(), rows);
    }
    let tokens = database.tokens().await?;
    told(TOKENS, tokens.len());
    lists.insert(TOKENS.to_owned(), tokens);
    for (name, count) in database.unknown_permissions() {
        remarks.push(format!("permission {name}: granted {count} times there, means nothing here, and was left out."));
    }
    // whatever becomes of the connection: all is read
    let _ = database.close().await;
    Ok(Source { lists, whole: true, remarks })
}

/// Whether what its API shows as a field stands in a column of its own, as far as we have it.
fn is_stored(of: &ObjectType, name: &str) -> bool {
    of.field(name).is_some()
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
