//! `peerage poll`: asks routers how their sessions are, now.

use super::{engine, here::do_here, owner, print, router_named};
use crate::{
    cli::{Cli, Poll},
    jobs::{Ended, Task, Wanted, routers},
    opening,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Polls one router, or all that are polled regularly.
///
/// # Errors
/// One did not answer: what the others said is kept.
pub async fn poll(cli: &Cli, arguments: &Poll) -> anyhow::Result<()> {
    let store = opening::open_existing(cli).await?;
    let engine = engine(&store, &arguments.routers, &arguments.working)?;
    let reaching = engine.means().reaching.clone();
    let who = owner();
    let wanted = match &arguments.router {
        Some(name) => {
            let router = router_named(&store, name).await?;
            routers::wanted(&who, &router, routers::one(router.id))
        }
        None => Wanted::of(&who, routers::all(Duration::ZERO)),
    };
    let failed = Arc::new(Mutex::new(Vec::new()));
    let kept = failed.clone();
    let run = |task: Task| async move {
        let polled = routers::poll_for(&task, &reaching).await?;
        let words = polled.summary();
        let is_stopped = task.stop.is_cancelled();
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = polled.failed;
        Ok(if is_stopped { Ended::Stopped(words) } else { Ended::Completed(words) })
    };
    print(&do_here(&engine, &routers::POLL, wanted, run).await?.well()?)?;
    let failed = std::mem::take(&mut *failed.lock().unwrap_or_else(PoisonError::into_inner));
    for (_, name, words) in &failed {
        eprintln!("{name}: {words}");
    }
    anyhow::ensure!(failed.is_empty(), "{} did not answer", failed.len());
    Ok(())
}
