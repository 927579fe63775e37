//! The synchronisation with PeeringDB as a job. Which source is read is settled when it is wanted and stands in its arguments, so
//! that nobody else reads from another; a key never does. Emptying the cache is done once, however often the job is taken up.

use super::{
    kind::{Ended, JobKind, Means},
    process,
    task::{Level, Task},
};
use peerage_app::peeringdb::Start;
use peerage_model::{
    Label, Problem, Who,
    peeringdb::{NETWORK, SYNCHRONISATION},
    permit::{Synchronise, View},
};
use peerage_sync::peeringdb::{self as sync, Phase, Progress, Report, Source};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::{sync::Arc, time::Duration};

pub const KIND: JobKind = JobKind {
    name: "peeringdb.synchronise",
    deadline: Duration::from_secs(90 * 60),
    patience: None,
    retries: 5,
    first_wait: Duration::from_secs(60),
    longest_wait: Duration::from_secs(3_600),
    // there is one cache
    turn: |_| Some("peeringdb".to_owned()),
    alone: true,
    repeats: false,
    // what was taken stays, and what is taken again is the same
    resumable: true,
    may: |who, arguments| may_start(who, &Arguments::of(arguments)?.start),
    may_end: |who| who.permit::<Synchronise>(&NETWORK).map(drop),
    may_see: |who, _| who.permit::<View>(&SYNCHRONISATION).map(drop),
    reach: None,
    run: |means, task| Box::pin(run(means, task)),
};

/// What stands in a job.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    start: Start,
    /// Where it reads from, by name.
    source: String,
    /// The machine that a directory is on; empty without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    host: String,
}

impl Arguments {
    fn of(arguments: &Json) -> Result<Self, Problem> {
        let unknown = |error| {
            Problem::new(Label::Conflict, format!("This Peerage does not understand what the job is to do: {error}."))
        };
        Self::deserialize(arguments).map_err(unknown)
    }

    fn into_json(self) -> Json {
        json!(self)
    }

    /// Where to read from, here.
    ///
    /// # Errors
    /// This process would read from somewhere else.
    fn source(&self, configured: &Source) -> Result<Source, Problem> {
        let host = process::host();
        if !self.host.is_empty() && self.host != host {
            let words = format!("It reads a directory of {}, and this worker is on {host}. Start it there.", self.host);
            return Err(Problem::conflict(words));
        }
        let source = resolved(configured, &self.start)?;
        if source.name() != self.source {
            return Err(Problem::conflict(format!(
                "It is to read from {}, and this worker is set up for {}. Give all processes the same --peeringdb-url, and \
                 start it anew.",
                self.source,
                source.name()
            )));
        }
        Ok(source)
    }
}

/// Whether somebody may start a synchronisation.
///
/// # Errors
/// `Forbidden`; at the field that names another source than the configured one.
pub fn may_start(who: &Who, start: &Start) -> Result<(), Problem> {
    who.permit::<Synchronise>(&NETWORK)?;
    // the server reads what this names: files and addresses that the person may not reach
    if !(who.rights.superuser || start.url.is_empty() && start.directory.is_empty()) {
        let field = if start.url.is_empty() { "directory" } else { "url" };
        return Err(Problem::field(field, "Only an administrator may read from elsewhere than the configured source."));
    }
    Ok(())
}

/// Arguments for a job that this process puts into the queue.
///
/// # Errors
/// At the field: no address, no directory, or a password in the address, which would stand in the job.
pub fn arguments(configured: &Source, start: Start) -> Result<Json, Problem> {
    let mut start = Start { url: start.url.trim().to_owned(), directory: start.directory.trim().to_owned(), ..start };
    let source = resolved(configured, &start)?.name();
    if !start.url.is_empty() {
        // the configured one by its name is the configured one, with its key
        start.url = if source == configured.name() { String::new() } else { source.clone() };
    }
    let host = if start.directory.is_empty() { String::new() } else { process::host() };
    Ok(Arguments { start, source, host }.into_json())
}

/// The source that a start means.
fn resolved(configured: &Source, start: &Start) -> Result<Source, Problem> {
    match (start.url.as_str(), start.directory.as_str()) {
        ("", "") => Ok(configured.clone()),
        ("", directory) => Source::directory(directory).map_err(|error| Problem::field("directory", error.to_string())),
        // The key belongs to the configured address: another one does not get it.
        (url, "") => Source::seen_api(url).map_err(|error| Problem::field("url", error.to_string())),
        _ => Err(Problem::field("directory", "Give an address or a directory, not both.")),
    }
}

async fn run(means: Arc<Means>, task: Task) -> Result<Ended, Problem> {
    let source = Arguments::of(&task.arguments)?.source(&means.peeringdb)?;
    match synchronise(task, &source, |_| ()).await {
        Ok(report) => Ok(ended(&report)),
        // wherever it was: what was taken is not taken again
        Err(problem) if problem.label == Label::Unavailable => {
            Ok(Ended::Unavailable { words: problem.message, wait: Duration::ZERO })
        }
        Err(problem) => Err(problem),
    }
}

/// One synchronisation, told to the job; `heard` hears the lines as well.
///
/// # Errors
/// If the database fails outside of any one type.
pub async fn synchronise(
    mut task: Task,
    source: &Source,
    heard: impl Fn(&str) + Send + Sync,
) -> Result<Report, Problem> {
    task.say(Level::Info, format!("From {}.", source.name()));
    let mut wanted = Arguments::of(&task.arguments)?;
    if wanted.start.flush {
        task.progress("emptying the cache", 0, 0);
        sync::flush(&task.store).await?;
        task.say(Level::Info, "The cache was emptied.");
        wanted.start.flush = false;
        task.keep(wanted.into_json()).await?;
    }
    // a worker that slept through its lease asks nobody
    task.is_mine().await?;
    let told = |progress: Progress| {
        let phase = format!("{} {}", progress.namespace, progress.phase.name());
        task.progress(phase.trim(), progress.done as u64, progress.total as u64);
        if let Some(line) = progress.line {
            heard(&line);
            let failed = progress.phase == Phase::Done && line.contains(": failed: ");
            task.say(if failed { Level::Warning } else { Level::Default }, line);
        }
    };
    let report = sync::synchronise(&task.store, source, &told, &task.stop).await?;
    for problem in &report.problems {
        task.say(Level::Warning, problem.clone());
    }
    // the result is one line
    let failure = report.failure();
    if !failure.is_empty() {
        task.bring(failure);
    }
    Ok(report)
}

/// How a synchronisation that gave a report has ended.
pub fn ended(report: &Report) -> Ended {
    let words = report.summary();
    match (report.stopped, report.has_failed()) {
        (true, _) => Ended::Stopped(words),
        (false, false) => Ended::Completed(words),
        (false, true) => {
            let words = format!("{words} {}", report.failure());
            let wait = Duration::from_secs(report.wait());
            if report.may_pass() { Ended::Unavailable { words, wait } } else { Ended::Failed(words) }
        }
    }
}
