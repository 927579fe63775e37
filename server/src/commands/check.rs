//! `peerage check`: looks at everything that `peerage serve` needs with the same settings, changes nothing, and says of
//! each what is wrong and how to mend it. Fails when something is bad, so that a deployment can wait for it.

use super::{owner, source};
use crate::{
    cli::{Cli, Serve},
    http::client::Front,
    keyfile, opening,
};
use anyhow::{Context, bail};
use peerage_model::{ListQuery, permit::View, types::CHANGE};
use peerage_store::Store;
use std::path::{Path, PathBuf};

/// Below this, writes may fail any moment.
const LITTLE_SPACE: u64 = 200 << 20;
const ENOUGH_SPACE: u64 = 2 << 30;
/// Clocks of processes that share a database may differ by this.
const DRIFT: i64 = 60_000_000;

/// Prints what was found.
///
/// # Errors
/// If something is bad.
pub async fn check(cli: &Cli, serve: &Serve) -> anyhow::Result<()> {
    let mut findings = Findings::default();
    if let Some(path) = &cli.config {
        // one that is wrong was refused before this
        findings.good("configuration", &format!("{} is read", path.display()));
        let has_password = opening::without_password(&cli.database) != cli.database;
        let says_it = std::fs::read_to_string(path).is_ok_and(|text| text.contains(&cli.database));
        if has_password && says_it && is_open_to_others(path) {
            let shown = path.display();
            findings.bad(
                "configuration",
                &format!("others may read the database's password in {shown}: chmod 600 {shown}"),
            );
        }
    }
    settings(&mut findings, serve);
    let key_is_there = key(&mut findings, &opening::key_path(cli));
    database(&mut findings, cli, key_is_there).await;
    disk(&mut findings, cli);
    match findings.bad {
        0 => Ok(()),
        1 => bail!("one thing must be mended"),
        bad => bail!("{bad} things must be mended"),
    }
}

#[derive(Default)]
struct Findings {
    bad: u32,
}

impl Findings {
    fn good(&mut self, what: &str, found: &str) {
        println!("ok    {what:<14} {found}");
    }

    fn note(&mut self, what: &str, found: &str) {
        println!("note  {what:<14} {found}");
    }

    fn bad(&mut self, what: &str, found: &str) {
        self.bad += 1;
        println!("BAD   {what:<14} {found}");
    }
}

fn settings(findings: &mut Findings, serve: &Serve) {
    match Front::new(serve.public_url.as_deref(), &serve.trusted_proxies) {
        Err(error) => findings.bad("public address", &format!("{error:#}")),
        Ok(_) => match serve.public_url.as_deref() {
            Some(url) if url.starts_with("https://") => findings.good("public address", url),
            Some(url) => {
                findings.note("public address", &format!("{url}: passwords travel in clear; put https before it"))
            }
            None if serve.listen.ip().is_loopback() => {
                findings.good("public address", &format!("this machine only, http://{}", serve.listen));
            }
            None => findings.note(
                "public address",
                &format!("{} is heard from outside without https; see --public-url", serve.listen),
            ),
        },
    }
    if serve.metrics_public && !serve.listen.ip().is_loopback() {
        findings.note("metrics", "everybody who reaches the server reads /metrics; see --metrics-public");
    }
    match source(&serve.peeringdb) {
        Err(error) => findings.bad("PeeringDB", &format!("{error:#}")),
        Ok(_) if serve.peeringdb.api_key_file.is_none() => findings
            .note("PeeringDB", &format!("{} without an API key: most contacts will be missing", serve.peeringdb.url)),
        Ok(_) => findings.good("PeeringDB", &serve.peeringdb.url),
    }
}

/// Whether there is a key.
fn key(findings: &mut Findings, path: &Path) -> bool {
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            findings.note("key", &format!("{shown} is not there; peerage serve makes it"));
            return false;
        }
        Err(error) => {
            findings.bad("key", &format!("{shown} cannot be read: {error}"));
            return false;
        }
        Ok(text) => match keyfile::parse(text.trim()) {
            Err(error) => {
                findings.bad("key", &format!("{shown} {error:#}; put the right file there, from where you keep it"));
                return false;
            }
            Ok(key) => findings.good("key", &format!("{} in {shown}; keep a copy, apart from backups", key.id())),
        },
    }
    if is_open_to_others(path) {
        findings.bad("key", &format!("others may read {shown}: chmod 600 {shown}"));
    }
    true
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    let mode = |about: std::fs::Metadata| std::os::unix::fs::PermissionsExt::mode(&about.permissions());
    std::fs::metadata(path).is_ok_and(|about| mode(about) & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

async fn database(findings: &mut Findings, cli: &Cli, key_is_there: bool) {
    let shown = opening::without_password(&cli.database);
    if let Some(path) = opening::sqlite_path(&cli.database)
        && !path.exists()
    {
        match (key_is_there, path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists())) {
            (_, Some(parent)) => {
                findings.note("database", &format!("{} is not there; peerage serve makes it", parent.display()));
            }
            _ => findings.note("database", &format!("{shown} is not there; peerage serve makes it")),
        }
        return;
    }
    if let Err(error) = look(findings, cli).await {
        findings.bad("database", &format!("{shown}: {error:#}"));
    }
}

async fn look(findings: &mut Findings, cli: &Cli) -> anyhow::Result<()> {
    let store = opening::connect(cli).await?;
    store.ping().await.context("it does not answer; is it running, and are name and password right?")?;
    let pending = store.pending_migrations().await?;
    if pending > 0 {
        findings.note(
            "database",
            &format!("{pending} migrations are to be applied; peerage serve does it, after a backup"),
        );
        return Ok(());
    }
    store.check_integrity().await.context("it is damaged: stop Peerage, and restore a backup")?;
    findings.good("database", &format!("{}, this version's schema", opening::without_password(&cli.database)));
    if let Some(current) = store.current_key().await?
        && store.key_id().is_some_and(|ours| ours != current)
    {
        let path = opening::key_path(cli);
        match keyfile::waiting(&path, &current) {
            Some(new) => findings.note(
                "key",
                &format!(
                    "a change of key was interrupted: the right one is {}; peerage serve puts it in its place",
                    new.display()
                ),
            ),
            None => findings
                .bad("key", &format!("secrets are sealed with the key {current}: put that file at {}", path.display())),
        }
        return clock(findings, &store).await;
    }
    match store.check_secrets(&owner()).await {
        Ok(0) => {}
        Ok(_) => findings.good("secrets", "the key opens them"),
        Err(error) => findings.bad("secrets", &format!("{error}")),
    }
    clock(findings, &store).await
}

async fn clock(findings: &mut Findings, store: &Store) -> anyhow::Result<()> {
    let permit = owner().permit::<View>(&CHANGE)?;
    let newest = store.records(&permit, &ListQuery { limit: 1, ..ListQuery::all(&CHANGE) }).await?;
    let newest = newest.first().and_then(|change| change.get("time").as_time());
    let now = peerage_store::now();
    match newest {
        Some(newest) if newest > now + DRIFT => findings.bad(
            "clock",
            &format!(
                "it is {} seconds behind the newest change; set it (NTP), or sign-ins and tokens expire wrongly",
                (newest - now) / 1_000_000
            ),
        ),
        _ => findings.good("clock", "not behind what was written"),
    }
    Ok(())
}

fn disk(findings: &mut Findings, cli: &Cli) {
    let Some(path) = opening::sqlite_path(&cli.database) else { return };
    let Some(folder) = path.ancestors().skip(1).map(here).find(|folder| folder.exists()) else { return };
    match free(&folder) {
        Err(error) => findings.bad("disk", &format!("{}: {error}", folder.display())),
        Ok(free) => {
            let words = format!("{} MiB are free at {}", free >> 20, folder.display());
            match free {
                0..LITTLE_SPACE => findings.bad("disk", &format!("{words}: make room, or nothing can be saved")),
                LITTLE_SPACE..ENOUGH_SPACE => findings.note("disk", &words),
                _ => findings.good("disk", &words),
            }
        }
    }
}

/// The parent of a bare file name is here.
fn here(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

fn free(folder: &Path) -> std::io::Result<u64> {
    let about = rustix::fs::statvfs(folder)?;
    Ok(about.f_bavail.saturating_mul(about.f_frsize))
}
