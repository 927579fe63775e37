//! Pushes that a crash left without an outcome. What became of one is asked of the router; one that is not confirmed is taken
//! back, because nobody has seen whether the sessions are well. It is never confirmed.

use super::{Reaching, observer::Heard, record::closed, system};
use crate::{
    jobs::{Level, Task, now},
    keys,
};
use peerage_devices::{DeviceError, PushId, Recovery, Trace, Undo, recover, undo};
use peerage_model::{
    Problem, Record, Value,
    permit::{Change, View},
    types::{PUSH, PushOutcome},
};
use peerage_store::Store;
use std::time::Duration;
use tokio::time::sleep;

/// Between two tries to reach the router.
const EVERY: Duration = Duration::from_secs(3);
/// How long after its timer a router is still asked.
const AFTER: i64 = 120 * 1_000_000;
/// How long one is asked whose timer is over.
const AT_LEAST: i64 = 15 * 1_000_000;

/// Pushes to a router that have no outcome. Whoever asks holds the router's turn, so that nobody works on one.
///
/// # Errors
/// A failure of the database.
pub async fn unfinished(store: &Store, router: i64) -> Result<Vec<Record>, Problem> {
    let permit = system().permit::<View>(&PUSH)?;
    Ok(store.find(&permit, &[("router", Value::Int(router)), ("outcome", Value::Null)]).await?)
}

/// Routers that have one.
///
/// # Errors
/// A failure of the database.
pub async fn routers(store: &Store) -> Result<Vec<i64>, Problem> {
    let permit = system().permit::<View>(&PUSH)?;
    let found = store.find(&permit, &[("outcome", Value::Null)]).await?;
    let mut routers: Vec<i64> = found.iter().filter_map(|row| row.int("router")).collect();
    routers.sort_unstable();
    routers.dedup();
    Ok(routers)
}

/// Finds out what became of a push, and takes back what is not confirmed. Gives the record as it is then: without an outcome if
/// it was told to stop before that was known.
///
/// # Errors
/// A failure of the database.
pub async fn settle(task: &Task, reaching: &Reaching, row: Record, heard: &Heard) -> Result<Record, Problem> {
    if PushOutcome::of(&row).is_some() {
        return Ok(row);
    }
    let say = |level: Level, words: String| {
        heard(&words);
        task.say(level, words);
    };
    let is_check = row.text("mode") == peerage_model::types::CHECK;
    let Some(undo_at) = row.get("undo_at").as_time() else {
        let what = if is_check { "The check" } else { "The push" };
        let words = format!("{what} was cut off before anything was changed; the router is as before.");
        say(Level::Warning, format!("#{}: {words}", row.id));
        return end(&task.store, row, PushOutcome::Failed, &words).await;
    };
    say(Level::Warning, format!("Push #{} was cut off while the router was being changed. Asking the router.", row.id));
    let until = (undo_at + AFTER).max(now() + AT_LEAST);
    let router = row.int("router").unwrap_or_default();
    let id = PushId::new(row.text("push_id")).map_err(|error| Problem::conflict(error.to_string()))?;
    loop {
        let problem = match reaching.reach(&task.store, router).await {
            Ok(reached) => match look(&*reached.driver, &id).await {
                Ok(found) => {
                    let (outcome, words) = judge(&found);
                    if let Some(outcome) = outcome {
                        let words = format!("Peerage was cut off in the middle of it. {words}");
                        say(Level::Info, format!("Push #{}: {words}", row.id));
                        return end(&task.store, row, outcome, &words).await;
                    }
                    words
                }
                Err(error) => reached.words(&error),
            },
            Err(problem) => super::poll::said(&problem),
        };
        if now() >= until {
            let words = format!(
                "Peerage was cut off in the middle of it, and the router could not be asked since ({problem}). Unless it was confirmed, the router took it back by itself."
            );
            say(Level::Failure, format!("Push #{}: {words}", row.id));
            return end(&task.store, row, PushOutcome::Unknown, &words).await;
        }
        say(Level::Warning, format!("{problem}; asking again."));
        tokio::select! {
            () = task.stop.cancelled() => return Ok(row.with("words", Value::text(problem))),
            () = sleep(EVERY) => {}
        }
    }
}

async fn look(driver: &dyn peerage_devices::Driver, id: &PushId) -> Result<Recovery, DeviceError> {
    let found = recover(driver, id).await?;
    match found.trace {
        Trace::Pending { .. } | Trace::TimerLost { .. } | Trace::Undoing { .. } => undo(driver, id).await,
        _ => Ok(found),
    }
}

/// What a push has come to; none: not known yet.
fn judge(found: &Recovery) -> (Option<PushOutcome>, String) {
    let outcome = match &found.trace {
        Trace::Unknown | Trace::Loaded => PushOutcome::Failed,
        Trace::Confirmed { persistent: true } => PushOutcome::Confirmed,
        Trace::Confirmed { persistent: false } => PushOutcome::NotPersistent,
        Trace::Undone { .. } => PushOutcome::RolledBack,
        Trace::Pending { .. } | Trace::Undoing { .. } | Trace::TimerLost { .. } => return (None, found.words.clone()),
    };
    let words = match &found.trace {
        Trace::Undone { by: Undo::Us } => "It was not confirmed, and was taken back.".to_owned(),
        _ => {
            let mut words = found.words.clone();
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words + "."
        }
    };
    (Some(outcome), words)
}

async fn end(store: &Store, row: Record, outcome: PushOutcome, words: &str) -> Result<Record, Problem> {
    let who = system();
    let mut write = store.begin(&who, &keys::request_id()).await?;
    let row = write.update(&who.permit::<Change>(&PUSH)?, 0, closed(row, outcome, words, None)).await?;
    write.commit().await?;
    Ok(row)
}
