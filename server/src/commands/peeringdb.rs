//! `peerage peeringdb sync` and `status`: what cron and air-gapped operators use.

use super::{here::do_here, owner, source};
use crate::{
    cli::{Cli, Peeringdb},
    jobs::{Engine, Means, Pace, Task, Timetable, Wanted, synchronise as job},
    opening,
};
use anyhow::Context;
use peerage_app::peeringdb::Start;
use peerage_store::Store;
use peerage_sync::peeringdb::{self as sync, Source};
use serde_json::{Map, json};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Runs one of the two.
///
/// # Errors
/// If the run was stopped or a type failed; what was taken stays.
pub async fn run(cli: &Cli, command: &Peeringdb) -> anyhow::Result<()> {
    match command {
        Peeringdb::Sync { source: arguments, from, flush, working } => {
            let pace = Pace::with_lease(Duration::from_secs(working.job_lease.into()));
            let source = match from {
                Some(directory) => Source::directory(directory)?,
                None => source(arguments)?,
            };
            let store = opening::open(cli).await?;
            let report = synchronise(store, source, *flush, from.as_deref(), pace).await?;
            println!(
                "{} created, {} updated, {} deleted, {} rejected in {:.1} s",
                report.created(),
                report.updated(),
                report.deleted(),
                report.rejected(),
                report.milliseconds as f64 / 1000.0
            );
            anyhow::ensure!(!report.has_failed(), "not everything was taken: {}", report.failure());
            Ok(())
        }
        Peeringdb::Status => {
            let store = opening::open_existing(cli).await?;
            let mut types = Map::new();
            for status in sync::status(&store).await?.0 {
                let state = json!({"rows": status.rows, "cursor": status.cursor, "rejected": status.rejected});
                types.insert(status.namespace.to_owned(), state);
            }
            super::print(&serde_json::to_string_pretty(&types)?)?;
            Ok(())
        }
    }
}

/// A job that is done here, whose turn is taken in the database: a server's synchronisation is waited for, and the other way
/// round. It stands among the jobs, with its log.
async fn synchronise(
    store: Store,
    source: Source,
    flush: bool,
    from: Option<&Path>,
    pace: Pace,
) -> anyhow::Result<sync::Report> {
    let engine = Engine::new(store, Means::of(source.clone()), Timetable::default(), pace);
    // where it reads from is what the command line says, not what a job could
    let directory = from.map(|from| from.display().to_string()).unwrap_or_default();
    let arguments = job::arguments(&source, Start { directory, flush, ..Start::default() })?;
    let result = Arc::new(Mutex::new(None));
    let kept = result.clone();
    let run = |task: Task| async move {
        let report = job::synchronise(task, &source, |line| eprintln!("{line}")).await?;
        let ended = job::ended(&report);
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
        Ok(ended)
    };
    do_here(&engine, &job::KIND, Wanted::of(&owner(), arguments), run).await?;
    let report = result.lock().unwrap_or_else(PoisonError::into_inner).take();
    report.context("the synchronisation was not done; its job says why")
}
