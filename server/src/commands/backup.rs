//! `peerage backup` and `peerage restore`: everything in one file, from either database into either.
//!
//! A backup is written beside its place and moved there when it is whole, readable by its owner only ([`write_whole`]).

use super::owner;
use crate::{cli::Cli, opening};
use anyhow::Context;
use peerage_store::Restore;
use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

pub async fn backup(cli: &Cli, path: &Path) -> anyhow::Result<()> {
    let store = opening::open_existing(cli).await?;
    let rows = write_whole(path, async |out| Ok(store.backup(&owner(), out).await?)).await?;
    println!("{rows} rows are in {}", path.display());
    println!(
        "Secrets in it are sealed. Keep the key {} as well, and keep it elsewhere.",
        opening::key_path(cli).display()
    );
    Ok(())
}

/// Writes a file beside its place, readable by its owner only, and moves it there when it is whole.
pub(super) async fn write_whole<T>(
    path: &Path,
    write: impl AsyncFnOnce(&mut BufWriter<File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let partial = PathBuf::from(format!("{}.partial", path.display()));
    let written = write_to(&partial, write).await.and_then(|told| Ok((told, std::fs::rename(&partial, path)?)));
    if written.is_err() {
        // what is half-written is of no use; whether it could be removed changes nothing
        let _ = std::fs::remove_file(&partial);
    }
    let (told, ()) = written.with_context(|| format!("{} was not written", path.display()))?;
    Ok(told)
}

async fn write_to<T>(
    path: &Path,
    write: impl AsyncFnOnce(&mut BufWriter<File>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = BufWriter::new(options.open(path)?);
    let told = write(&mut out).await?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(told)
}

pub async fn restore(cli: &Cli, path: &Path, without_secrets: bool) -> anyhow::Result<()> {
    let mut from = BufReader::new(File::open(path).with_context(|| format!("{}", path.display()))?);
    let store = opening::open(cli).await?;
    let rows = store
        .restore(&owner(), &mut from, Restore { without_secrets })
        .await
        .with_context(|| format!("{} was not restored; the database is as it was", path.display()))?;
    println!("{rows} rows were restored from {}", path.display());
    Ok(())
}
