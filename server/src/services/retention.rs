//! What is not kept for ever: changes, if there is a setting that says so; jobs that ended long ago, with their logs, and runs of
//! the PeeringDB synchronisation, with what they found changed; changes of sessions' states; what webhooks were told; pushes; and the
//! events of the last day. Looked at when the server starts and once a day after that, in portions small enough that nobody waits for them. Processes that share a database may do it at
//! the same time; each finds what the other has left.

use crate::keys;
use peerage_model::{
    ObjectType, Who,
    peeringdb::SYNCHRONISATION,
    permit::Delete,
    types::{CHANGE, JOB, PUSH, SESSION_TRANSITION, WEBHOOK_DELIVERY},
};
use peerage_store::{Store, StoreError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::sleep;

/// Who the log says it was.
const ACTOR: &str = "retention";
/// Rows of one transaction: some milliseconds of the one writer.
const PORTION: u64 = 500;
/// Of those that take others along, or are large themselves: a job up to some thousand lines of its log, a run what it found
/// changed, a push three configurations.
const LARGE: u64 = 5;
/// Between two portions.
const PAUSE: Duration = Duration::from_millis(50);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// For how many days; 0: for ever.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    pub changes: u32,
    pub pushes: u32,
    pub jobs: u32,
}

/// Does it now and every day; never ends.
pub async fn watch(store: Store, kept: Kept) {
    loop {
        for (logs, days) in [
            ([&CHANGE].as_slice(), kept.changes),
            (&[&PUSH], kept.pushes),
            (&[&JOB, &SYNCHRONISATION, &SESSION_TRANSITION, &WEBHOOK_DELIVERY], kept.jobs),
        ] {
            match tidy(&store, logs, days).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, days, "old {} were forgotten", logs[0].plural),
                Err(error) => {
                    tracing::warn!("old {} were not forgotten, which is tried again tomorrow: {error}", logs[0].plural);
                }
            }
        }
        if let Err(error) = store.forget_old_events().await {
            tracing::warn!("old events were not forgotten: {error}");
        }
        sleep(DAY).await;
    }
}

/// Forgets what stands in these logs and is older than so many days, 0 for nothing; says how many rows that were.
///
/// # Errors
/// A failure of the database; what was forgotten before stays so.
pub async fn tidy(store: &Store, logs: &[&'static ObjectType], days: u32) -> Result<u64, StoreError> {
    if days == 0 {
        return Ok(0);
    }
    let who = Who::system(ACTOR);
    let request = keys::request_id();
    let kept = DAY.saturating_mul(days);
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(kept);
    let before = i64::try_from(before.as_micros()).unwrap_or_default();
    let mut total = 0;
    for of in logs {
        let portion =
            if [&JOB, &SYNCHRONISATION, &PUSH].into_iter().any(|large| large.is(of)) { LARGE } else { PORTION };
        loop {
            let mut write = store.begin(&who, &request).await?;
            let count = write.forget(&who.permit::<Delete>(of)?, before, portion).await?;
            write.commit().await?;
            total += count;
            if count < portion {
                break;
            }
            sleep(PAUSE).await;
        }
    }
    Ok(total)
}
