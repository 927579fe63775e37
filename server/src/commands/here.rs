//! A job that a command does itself: its turn is taken in the database, so that a server's job is waited for and the other way
//! round, and it stands among the jobs with its log.

use super::serve::Signals;
use crate::jobs::{Ended, Engine, JobKind, Task, Wanted};
use anyhow::{Context, bail};
use peerage_model::Problem;
use std::sync::{Arc, Mutex, PoisonError};

/// What a job that was done here came to, and its number.
pub struct Done {
    pub ended: Ended,
    pub job: i64,
}

impl Done {
    /// Its result, if it went well.
    ///
    /// # Errors
    /// It did not.
    pub fn well(self) -> anyhow::Result<String> {
        match self.ended {
            Ended::Completed(words) => Ok(words),
            Ended::Failed(words) | Ended::Stopped(words) | Ended::Unavailable { words, .. } => bail!("{words}"),
        }
    }
}

/// Does a job to its end; told to stop (SIGTERM, Ctrl C) it takes back what it began, told twice it is cut off.
///
/// # Errors
/// It was cut off, or could not begin.
pub async fn do_here<F>(
    engine: &Engine,
    kind: &'static JobKind,
    wanted: Wanted<'_>,
    run: impl FnOnce(Task) -> F,
) -> anyhow::Result<Done>
where
    F: Future<Output = Result<Ended, Problem>> + Send + 'static,
{
    let mut signals = Signals::new()?;
    let result = Arc::new(Mutex::new(None));
    let kept = result.clone();
    let run = |task: Task| {
        let job = task.job();
        let doing = run(task);
        async move {
            let ended = doing.await;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((job, ended.clone()));
            ended
        }
    };
    let waits = || eprintln!("another job has its turn ({}); waiting for it", kind.words());
    let told_twice = async {
        signals.next().await;
        engine.stop();
        signals.next().await;
    };
    tokio::select! {
        done = engine.do_here(kind, wanted, waits, run) => drop(done?),
        () = told_twice => bail!("told to stop twice: what was under way is cut off"),
    }
    let result = result.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (job, ended) = result.context("it was not done; its job says why")?;
    Ok(Done { ended: ended?, job })
}
