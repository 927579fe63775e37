//! `peerage key rotate`: a new key for all secrets, while serving. The steps, and what each leaves behind when it is the last one
//! done, are in [`keyfile`].

use super::owner;
use crate::{cli::Cli, keyfile, opening};
use anyhow::Context;

/// Changes the key.
///
/// # Errors
/// The folder of the key cannot be written, or a secret does not open. The database has the old key then.
pub async fn rotate(cli: &Cli) -> anyhow::Result<()> {
    let path = opening::key_path(cli);
    // this also ends a change that was interrupted after its commit
    let store = opening::open_existing(cli).await?;
    let old = store.key_id().unwrap_or_default();
    let key = keyfile::make_beside(&path)
        .with_context(|| format!("no new key could be written beside {}; nothing was changed", path.display()))?;
    let count = store.rotate_key(&owner(), &key).await.context("nothing was changed")?;
    let kept = keyfile::install(&path, key.id()).with_context(|| {
        format!("secrets have the new key, but {} is not in its place yet: run this again", key.id())
    })?;
    println!("{count} secrets are sealed with the key {}, in {}", key.id(), path.display());
    if let Some(kept) = kept {
        println!("The key before it, {old}, is kept as {}: backups made until now need it.", kept.display());
        println!("Delete it when no such backup is kept any more.");
    }
    println!(
        "Servers on this machine go on with the new key within seconds. Copy it to other machines that share the database."
    );
    Ok(())
}
