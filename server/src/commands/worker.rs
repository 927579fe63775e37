//! `peerage worker`: does jobs like a serving process and answers nobody, for those who want several machines to share the work.
//! It stops as `peerage serve` does: told once it hands its jobs back, told twice it ends at once.

use super::{
    caller, reaching,
    serve::{CLOSING, PATIENCE, Signals},
    source,
};
use crate::{
    cli::{Cli, Worker},
    jobs::{Engine, Means, Pace, Timetable},
    keyfile, opening,
    webhooks::Deliverer,
};
use anyhow::bail;
use std::{io::Write, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// Works until it is told to stop.
///
/// # Errors
/// If the database cannot be opened, or is a file: then the serving process does all the work.
pub async fn work(cli: &Cli, arguments: &Worker) -> anyhow::Result<()> {
    if opening::sqlite_path(&cli.database).is_some() {
        bail!(
            "peerage worker needs PostgreSQL (--database postgres://...): with an SQLite file, peerage serve does all jobs by itself"
        );
    }
    let store = opening::open(cli).await?;
    tokio::spawn(keyfile::follow(store.clone(), opening::key_path(cli)));
    let means = Means {
        peeringdb: source(&arguments.peeringdb)?,
        reaching: reaching(&arguments.routers)?,
        caller: caller(&arguments.telling)?,
    };
    let pace = Pace::with_lease(Duration::from_secs(arguments.working.job_lease.into()));
    let deliverer = Arc::new(Deliverer::new(store.clone(), means.caller.clone(), pace.lease));
    // what comes by itself is enqueued by those that serve
    let engine = Arc::new(Engine::new(store.clone(), means, Timetable::default(), pace));
    let mut signals = Signals::new()?;
    let mut out = std::io::stdout();
    writeln!(out, "working")?;
    out.flush()?;
    tokio::spawn(engine.clone().run());
    tokio::spawn(deliverer.clone().run());
    signals.next().await;
    tracing::info!("stopping: jobs are handed back");
    engine.stop();
    deliverer.stop();
    let ended = async {
        engine.ended().await;
        deliverer.ended().await;
    };
    tokio::select! {
        () = ended => {}
        () = signals.next() => bail!("told to stop twice: what was under way is cut off"),
        () = sleep(PATIENCE) => tracing::warn!("a job did not end in time and was cut off"),
    }
    if timeout(CLOSING, store.close()).await.is_err() {
        tracing::warn!("the database was not closed in time; nothing is lost by that");
    }
    Ok(())
}
