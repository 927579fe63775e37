//! The file with the key for secrets, and changing it so that a crash between any two steps loses nothing.
//!
//! A change of key is: (1) the new key is written beside, as `FILE.new`, and synced; (2) one transaction of the store seals
//! every secret with it and notes its name; (3) the old key is copied to `FILE.old-TIME` and synced; (4) `FILE.new` is moved to
//! `FILE`. Ended after (1), the database still has the old key and `FILE.new` is taken up by the next change. Ended after (2) or
//! (3), the database has the new key: whoever opens it finds that its name is not that of `FILE` but that of `FILE.new`, and
//! does what is left ([`settle`]). `FILE` is there and whole at every moment. Nothing here deletes a key.
//!
//! A serving process looks every few seconds which key the database has ([`follow`]) and takes the one of that name. Until then
//! the store refuses to write secrets with the old one, and tells it from the new one when it reads.

use anyhow::{Context, bail};
use peerage_model::{Kind, Value};
use peerage_store::{SecretKey, Store};
use rand::RngCore;
use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How often a serving process looks for a change of key.
const LOOK: Duration = Duration::from_secs(3);

/// The key; a new one if there is no file.
///
/// # Errors
/// The file cannot be read, holds no key, or cannot be made.
pub fn read_or_make(path: &Path) -> anyhow::Result<SecretKey> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(text.trim()),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => bail!("cannot be read: {error}"),
    }
}

/// # Errors
/// It is not 64 hex digits.
pub fn parse(hex: &str) -> anyhow::Result<SecretKey> {
    let mut key = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        bail!("holds no key: 64 hex digits are expected");
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).context("holds no key: 64 hex digits are expected")?;
    }
    Ok(SecretKey::new(&key))
}

/// Never over a key that is there.
fn make(path: &Path) -> anyhow::Result<SecretKey> {
    let mut key = [0; 32];
    rand::rng().fill_bytes(&mut key);
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    match write_private(path, &format!("{hex}\n")) {
        Ok(()) => Ok(SecretKey::new(&key)),
        // another process was quicker
        Err(error) if error.kind() == ErrorKind::AlreadyExists => parse(std::fs::read_to_string(path)?.trim()),
        Err(error) => bail!("cannot be written: {error}"),
    }
}

/// A file that was not there, for its owner only, on disk when this returns.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    sync_folder(path)
}

/// A name that was made or moved is on disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

// ---- changing it ----

fn beside(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.new", path.display()))
}

/// Step 1: the key to change to. One that an interrupted change has left is taken up.
///
/// # Errors
/// It cannot be written.
pub fn make_beside(path: &Path) -> anyhow::Result<SecretKey> {
    let new = beside(path);
    if let Ok(text) = std::fs::read_to_string(&new)
        && parse(text.trim()).is_err()
    {
        // cut short while it was written: nothing can be sealed with it
        std::fs::remove_file(&new)?;
    }
    read_or_make(&new)
}

/// Steps 3 and 4; says where the old key is kept, nothing if all was done before.
///
/// # Errors
/// The folder cannot be written; to be tried again then.
pub fn install(path: &Path, id: &str) -> anyhow::Result<Option<PathBuf>> {
    let text = std::fs::read_to_string(path)?;
    if parse(text.trim()).is_ok_and(|key| key.id() == id) {
        return Ok(None);
    }
    let old = PathBuf::from(format!("{}.old-{}", path.display(), timestamp()));
    match write_private(&old, &text) {
        // two processes at once; the same key
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        other => other?,
    }
    match std::fs::rename(beside(path), path) {
        // another process was quicker
        Err(error) if error.kind() == ErrorKind::NotFound && waits_no_more(path, id) => {}
        other => other?,
    }
    sync_folder(path)?;
    Ok(Some(old))
}

fn waits_no_more(path: &Path, id: &str) -> bool {
    key_at(path).is_some_and(|key| key.id() == id)
}

/// `2026-11-26T043944Z`
fn timestamp() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let micros = i64::try_from(now).unwrap_or_default().saturating_mul(1_000_000);
    Kind::Time.print(&Value::Time(micros)).chars().filter(|letter| *letter != ':').collect()
}

fn key_at(path: &Path) -> Option<SecretKey> {
    parse(std::fs::read_to_string(path).ok()?.trim()).ok()
}

/// The key of this name, from its file or from the one beside.
fn find(path: &Path, id: &str) -> Option<SecretKey> {
    [path.to_owned(), beside(path)].iter().find_map(|file| key_at(file).filter(|key| key.id() == id))
}

/// The file beside `path` whose key has this name: a change of key was not ended.
pub fn waiting(path: &Path, id: &str) -> Option<PathBuf> {
    let new = beside(path);
    key_at(&new).filter(|key| key.id() == id).map(|_| new)
}

/// Goes on with the key that the database has, and ends a change that was interrupted.
///
/// # Errors
/// The database fails, or the folder cannot be written. A key that is nowhere is no error here: only secrets need it.
pub async fn settle(store: &Store, path: &Path) -> anyhow::Result<()> {
    let Some(current) = store.current_key().await? else { return Ok(()) };
    if store.key_id().is_none_or(|ours| ours == current) {
        return Ok(());
    }
    let Some(key) = find(path, &current) else {
        tracing::error!(
            "secrets are sealed with the key {current}, which is not in {}: they can be neither read nor written; \
             copy the key file from where the key was changed",
            path.display()
        );
        return Ok(());
    };
    store.use_key(key);
    install(path, &current).with_context(|| format!("the new key could not be moved to {}", path.display()))?;
    tracing::info!(key = current, "secrets have another key now");
    Ok(())
}

/// Settles whenever another process has changed the key, or its file has come from another machine.
pub async fn follow(store: Store, path: PathBuf) {
    let mut told = None;
    loop {
        tokio::time::sleep(LOOK).await;
        // a database that does not answer is others' to complain of
        let Ok(Some(current)) = store.current_key().await else { continue };
        if store.key_id().as_ref() == Some(&current) {
            continue;
        }
        // a key that is not there is complained of once, and looked for every time
        if told.as_ref() == Some(&current) && find(&path, &current).is_none() {
            continue;
        }
        if let Err(error) = settle(&store, &path).await {
            tracing::error!("{error:#}");
        }
        told = Some(current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let directory = std::env::temp_dir().join(format!("peerage-key-{}", crate::keys::random_hex(8)));
        let path = directory.join("a.sqlite.key");
        read_or_make(&path).unwrap();
        let first = std::fs::read_to_string(&path).unwrap();
        read_or_make(&path).unwrap();
        assert_eq!(first, std::fs::read_to_string(&path).unwrap());
        std::fs::write(&path, "short").unwrap();
        assert!(read_or_make(&path).is_err());
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_new_key_takes_its_place_and_the_old_one_is_kept() {
        let directory = std::env::temp_dir().join(format!("peerage-key-{}", crate::keys::random_hex(8)));
        let path = directory.join("key");
        let old = read_or_make(&path).unwrap();
        std::fs::write(beside(&path), "cut sho").unwrap();
        let new = make_beside(&path).unwrap();
        assert_eq!(make_beside(&path).unwrap().id(), new.id(), "an interrupted change is taken up");
        assert_eq!(read_or_make(&path).unwrap().id(), old.id());
        let kept = install(&path, new.id()).unwrap().unwrap();
        assert_eq!((key_at(&kept).unwrap().id(), key_at(&path).unwrap().id()), (old.id(), new.id()));
        assert!(kept.display().to_string().contains(".old-2"), "{}", kept.display());
        assert!(install(&path, new.id()).unwrap().is_none() && !beside(&path).exists());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
