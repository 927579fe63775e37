//! Opening the database: finding the key for its secrets, and refusing with words that help.

use crate::cli::Cli;
use anyhow::{Context, bail};
use peerage_store::{SecretKey, Store};
use rand::RngCore;
use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

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
    Ok(store)
}

/// The database as it is, and its key; nothing is migrated.
///
/// # Errors
/// In words for the operator.
pub async fn connect(cli: &Cli) -> anyhow::Result<Store> {
    let path = key_path(cli);
    let key = read_or_make_key(&path).with_context(|| format!("the key file {}", path.display()))?;
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

fn read_or_make_key(path: &Path) -> anyhow::Result<SecretKey> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse_key(text.trim()),
        Err(error) if error.kind() == ErrorKind::NotFound => make_key(path),
        Err(error) => bail!("cannot be read: {error}"),
    }
}

/// # Errors
/// It is not 64 hex digits.
pub fn parse_key(hex: &str) -> anyhow::Result<SecretKey> {
    let mut key = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        bail!("holds no key: 64 hex digits are expected");
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).context("holds no key: 64 hex digits are expected")?;
    }
    Ok(SecretKey::new(&key))
}

/// Written whole or not at all, readable by its owner only, never over one that is there.
fn make_key(path: &Path) -> anyhow::Result<SecretKey> {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(mut file) => {
            file.write_all(format!("{hex}\n").as_bytes())?;
            file.sync_all()?;
            Ok(SecretKey::new(&key))
        }
        // another process was quicker
        Err(error) if error.kind() == ErrorKind::AlreadyExists => parse_key(std::fs::read_to_string(path)?.trim()),
        Err(error) => bail!("cannot be written: {error}"),
    }
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
    fn a_key_is_made_once_and_read_again() {
        let directory = std::env::temp_dir().join(format!("peerage-key-{}", crate::keys::random_hex(8)));
        let path = directory.join("a.sqlite.key");
        read_or_make_key(&path).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        read_or_make_key(&path).unwrap();
        assert_eq!(first, std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, "short").unwrap();
        assert!(read_or_make_key(&path).is_err());
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://me:secret@db/peerage"), "postgres://me@db/peerage");
        assert_eq!(key_beside("sqlite:/var/lib/p.sqlite"), PathBuf::from("/var/lib/p.sqlite.key"));
    }
}
