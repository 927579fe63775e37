//! Opening the database: finding the key for its secrets, and refusing with words that help.

use crate::cli::Cli;
use crate::keyfile;
use anyhow::Context;
use peerage_store::Store;
use std::path::PathBuf;

/// Opens the database and brings it to this version's schema.
///
/// # Errors
/// In words for the operator.
pub async fn open(cli: &Cli) -> anyhow::Result<Store> {
    let store = connect(cli).await?;
    let applied = store.migrate().await.context("the database could not be brought to this version's schema")?;
    if applied > 0 {
        tracing::info!(applied, "migrated");
    }
    keyfile::settle(&store, &key_path(cli)).await?;
    Ok(store)
}

/// The database as it is, and its key; nothing is migrated.
///
/// # Errors
/// In words for the operator.
pub async fn connect(cli: &Cli) -> anyhow::Result<Store> {
    let path = key_path(cli);
    let key = keyfile::read_or_make(&path).with_context(|| format!("the key file {}", path.display()))?;
    Store::open(&cli.database, Some(key))
        .await
        .with_context(|| format!("the database {}", without_password(&cli.database)))
}

/// Where the key is. Unless it was said, `peerage.sqlite` has its key in `peerage.sqlite.key`; a server's database has it in
/// `./peerage.key`.
pub fn key_path(cli: &Cli) -> PathBuf {
    cli.key_file.clone().unwrap_or_else(|| key_beside(&cli.database))
}

fn key_beside(database: &str) -> PathBuf {
    match sqlite_path(database) {
        Some(path) => PathBuf::from(format!("{}.key", path.display())),
        None => PathBuf::from("peerage.key"),
    }
}

/// The file of an SQLite database.
pub fn sqlite_path(database: &str) -> Option<PathBuf> {
    let path = database.strip_prefix("sqlite:")?;
    Some(PathBuf::from(path.trim_start_matches("//").split('?').next().unwrap_or(path)))
}

/// `postgres://user:…@host/name`
pub fn without_password(database: &str) -> String {
    let Some((scheme, rest)) = database.split_once("://") else { return database.to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return database.to_owned() };
    let user = user.split(':').next().unwrap_or(user);
    format!("{scheme}://{user}@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://me:secret@db/peerage"), "postgres://me@db/peerage");
        assert_eq!(key_beside("sqlite:/var/lib/p.sqlite"), PathBuf::from("/var/lib/p.sqlite.key"));
    }
}
