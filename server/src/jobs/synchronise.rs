//! The synchronisation with PeeringDB as a job. Which source is read stands in its arguments if it is another than the configured
//! one; a key never does. Emptying the cache is done once, however often the job is taken up.

use super::{
    kind::{Ended, JobKind, Means},
    task::{Level, Task},
};
use peerage_app::peeringdb::Start;
use peerage_model::{Problem, Who, peeringdb::NETWORK, permit::Synchronise};
use peerage_sync::peeringdb::{self as sync, Phase, Progress, Report, Source};
use serde_json::{Value as Json, json};
use std::{sync::Arc, time::Duration};

pub const KIND: JobKind = JobKind {
    name: "peeringdb.synchronise",
    deadline: Duration::from_secs(90 * 60),
    retries: 5,
    first_wait: Duration::from_secs(60),
    longest_wait: Duration::from_secs(3_600),
    one_at_a_time: true,
    // what was taken stays, and what is taken again is the same
    resumable: true,
    may,
    run: |means, task| Box::pin(run(means, task)),
};

/// What to take, from a job's arguments.
fn wanted(arguments: &Json) -> Start {
    serde_json::from_value(arguments.clone()).unwrap_or_default()
}

/// Arguments for a job: what is said, and nothing of what is not.
pub fn arguments(start: &Start) -> Json {
    let mut arguments = json!({});
    for (name, text) in [("url", start.url.trim()), ("directory", start.directory.trim())] {
        if !text.is_empty() {
            arguments[name] = json!(text);
        }
    }
    if start.flush {
        arguments["flush"] = json!(true);
    }
    arguments
}

fn may(who: &Who, arguments: &Json) -> Result<(), Problem> {
    who.permit::<Synchronise>(&NETWORK)?;
    let start = wanted(arguments);
    // the server reads what this names: files and addresses that the person may not reach
    if !(who.rights.superuser || start.url.is_empty() && start.directory.is_empty()) {
        let field = if start.url.is_empty() { "directory" } else { "url" };
        return Err(Problem::field(field, "Only an administrator may read from elsewhere than the configured source."));
    }
    Ok(())
}

/// Where to read from.
///
/// # Errors
/// At the field: no address, no directory, or a password in the address, which would stand in the job.
pub fn source(configured: &Source, arguments: &Json) -> Result<Source, Problem> {
    let start = wanted(arguments);
    match (start.url.as_str(), start.directory.as_str()) {
        ("", "") => Ok(configured.clone()),
        ("", directory) => Source::directory(directory).map_err(|error| Problem::field("directory", error.to_string())),
        // The key belongs to the configured address: another one does not get it.
        (url, "") => {
            let source = Source::api(url, None).map_err(|error| Problem::field("url", error.to_string()))?;
            let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
            if authority.contains('@') || url.contains(['?', '#']) {
                let words = "Leave out name, password and what follows a question mark: it would be seen in the job. \
                             A key can be configured with --peeringdb-api-key-file.";
                return Err(Problem::field("url", words));
            }
            Ok(source)
        }
        _ => Err(Problem::field("directory", "Give an address or a directory, not both.")),
    }
}

async fn run(means: Arc<Means>, task: Task) -> Result<Ended, Problem> {
    let source = source(&means.peeringdb, &task.arguments)?;
    let report = synchronise(task, &source, |_| ()).await?;
    Ok(ended(&report))
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
    let start = wanted(&task.arguments);
    if start.flush {
        task.progress("emptying the cache", 0, 0);
        sync::flush(&task.store).await?;
        task.say(Level::Info, "The cache was emptied.");
        task.keep(arguments(&Start { flush: false, ..start })).await?;
    }
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
            if report.may_pass() { Ended::Unavailable(words) } else { Ended::Failed(words) }
        }
    }
}
