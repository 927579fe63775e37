//! Jobs that come by themselves. Each has a minute of its own, drawn once for an installation and kept, so that not everybody in
//! the world asks PeeringDB at the same moment; its period is a setting. A due time is noted in the transaction that enqueues the
//! job, so that it comes once however many processes look, and what was due while nothing ran comes once when something does. A
//! job of the kind that is under way does not count for it: it may read from elsewhere, and may fail. The due one comes after it.

use super::{
    kind::named,
    micros,
    queue::{Queue, Wanted, is_taken},
};
use peerage_model::{
    Label, Permit, Problem, Record, Value,
    permit::{Add, Change, View},
    types::{JobOrigin, SCHEDULE},
};
use peerage_store::StoreError;
use rand::Rng;
use serde_json::Value as Json;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const MINUTES: i64 = 24 * 60;

/// Which kinds come by themselves, how often, and with which arguments.
#[derive(Clone, Debug, Default)]
pub struct Timetable(Vec<Entry>);

/// A kind that comes by itself.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: &'static str,
    pub period: Duration,
    pub arguments: Json,
}

impl Timetable {
    /// A job of that kind so often; zero: never.
    #[must_use]
    pub fn every(mut self, name: &'static str, period: Duration, arguments: Json) -> Self {
        if !period.is_zero() {
            self.0.push(Entry { name, period, arguments });
        }
        self
    }

    /// How often a kind comes; none: it does not.
    pub fn period(&self, name: &str) -> Option<Duration> {
        self.0.iter().find(|entry| entry.name == name).map(|entry| entry.period)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }
}

/// The newest due time that is not after `now`, in microseconds.
fn latest(minute: i64, period: Duration, now: i64) -> i64 {
    let begin = minute.saturating_mul(micros(MINUTE));
    now - (now - begin).rem_euclid(micros(period).max(1))
}

impl Queue {
    async fn schedule(&self, name: &str) -> Result<Option<Record>, StoreError> {
        let permit: Permit<View> = self.system().permit(&SCHEDULE)?;
        Ok(self.store().find(&permit, &[("name", Value::text(name))]).await?.pop())
    }

    /// When a kind comes next by itself, in microseconds; none before somebody has looked at the timetable.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn next_due(&self, name: &str, period: Duration, now: i64) -> Result<Option<i64>, StoreError> {
        let schedule = self.schedule(name).await?;
        let minute = schedule.and_then(|schedule| schedule.int("minute"));
        Ok(minute.map(|minute| latest(minute, period, now) + micros(period)))
    }

    /// Enqueues a job of the kind if it is due and no other process has done so; says whether it did. The first look of all draws
    /// the minute and enqueues nothing.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn enqueue_due(&self, entry: &Entry, now: i64) -> Result<bool, Problem> {
        let Entry { name, period, arguments } = entry;
        let (kind, period, who) = (named(self.kinds(), name)?, *period, self.system());
        let Some(schedule) = self.schedule(kind.name).await? else {
            let minute = rand::rng().random_range(0..MINUTES);
            let first = Record::new(&SCHEDULE)
                .with("name", Value::text(kind.name))
                .with("minute", Value::Int(minute))
                .with("last", Value::Time(latest(minute, period, now)));
            let permit: Permit<Add> = who.permit(&SCHEDULE)?;
            let mut write = self.store().begin(&who, "").await?;
            let drawn = match write.insert(&permit, first).await {
                Ok(_) => write.commit().await,
                Err(refused) => Err(refused),
            };
            return match drawn.map_err(StoreError::into_problem) {
                // another process has drawn
                Err(problem) if problem.label != Label::Invalid => Err(problem),
                _ => Ok(false),
            };
        };
        let due = latest(schedule.int("minute").unwrap_or_default(), period, now);
        if schedule.get("last").as_time().is_some_and(|last| last >= due) {
            return Ok(false);
        }
        if self.is_blocked(kind, arguments).await? {
            return Ok(false);
        }
        let permit: Permit<Change> = who.permit(&SCHEDULE)?;
        let mut write = self.store().begin(&who, "").await?;
        let version = schedule.version;
        if let Err(refused) = write.update(&permit, version, schedule.with("last", Value::Time(due))).await {
            let problem = refused.into_problem();
            // another process was quicker
            return if problem.label == Label::Conflict { Ok(false) } else { Err(problem) };
        }
        let wanted = Wanted { schedule: kind.name, ..Wanted::of(&who, arguments.clone()) };
        match self.insert(&mut write, kind, wanted, JobOrigin::System, now).await {
            Ok(_) => {}
            // somebody was: nothing is noted, and it comes after that
            Err(refused) if is_taken(&refused, "place") => return Ok(false),
            Err(refused) => return Err(refused.into()),
        }
        write.commit().await?;
        self.stir();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn due_times_are_a_period_apart_at_the_same_minute() {
        let hour = micros(HOUR);
        let day = HOUR * 24;
        for now in [1_790_000_000_000_000, 1_790_000_000_000_000 + hour * 5 + 7] {
            let due = latest(61, day, now);
            assert!(due <= now && now < due + 24 * hour);
            assert_eq!(due.rem_euclid(24 * hour), 61 * micros(MINUTE));
            // more often than once a day: the minute of the hour is kept
            assert_eq!(latest(61, HOUR, now).rem_euclid(hour), micros(MINUTE));
            assert_eq!(latest(61, day, due), due);
            assert_eq!(latest(61, day, due - 1), due - 24 * hour);
        }
    }
}
