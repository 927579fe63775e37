//! Opening the database: finding the key for its secrets, and refusing with words that help.

use crate::cli::Cli;
use crate::keyfile;
use anyhow::{Context, bail};
use peerage_store::Store;
use std::path::PathBuf;

/// Opens the database and brings it to this version's schema.
///
/// # Errors
/// In words for the operator.
pub async fn open(cli: &Cli) -> anyhow::Result<Store> {
    let path = key_path(cli);
    let store = connect(cli).await?;
    let applied = store.migrate().await.context("the database could not be brought to this version's schema")?;
    if applied > 0 {
        tracing::info!(applied, "migrated");
    }
    if store.key_id().is_none() {
        // a new key in the place of a lost one would look as if all was well, until somebody needs a secret
        if store.holds_secrets().await? {
            bail!(
                "the key file {} is not there, and the database holds secrets that only that key opens. Put it back. If it is \
                 lost for good, write a new one there (64 hex digits): the secrets then have to be typed anew",
                path.display()
            );
        }
        store.use_key(keyfile::read_or_make(&path).with_context(|| format!("the key file {}", path.display()))?);
    }
    keyfile::settle(&store, &path).await?;
    Ok(store)
}

/// As [`open`], for commands that have nothing to do in a new database: none is made for a path that was misspelt.
///
/// # Errors
/// In words for the operator.
pub async fn open_existing(cli: &Cli) -> anyhow::Result<Store> {
    if let Some(path) = sqlite_path(&cli.database)
        && !path.exists()
    {
        bail!("there is no database at {}; `peerage serve` makes one", path.display());
    }
    open(cli).await
}

/// The database as it is, and its key, if there is one; nothing is migrated or made.
///
/// # Errors
/// In words for the operator.
pub async fn connect(cli: &Cli) -> anyhow::Result<Store> {
    let path = key_path(cli);
    let key = if path.exists() {
        Some(keyfile::read_or_make(&path).with_context(|| format!("the key file {}", path.display()))?)
    } else {
        None
    };
    let store = Store::open(&cli.database, key).await;
    let store = store.with_context(|| format!("the database {}", without_password(&cli.database)))?;
    Ok(store.merging_contexts(cli.merging()))
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
