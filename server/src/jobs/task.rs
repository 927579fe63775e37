//! A job as its handler sees it: a database in which only the job's holder can write, what is to be done, a place to say how far
//! it is, and a token that tells it to stop. What is said is gathered here and written by the worker every now and then, so that
//! a handler may say something for every row without anybody waiting for it.

use super::{
    now,
    queue::{MOST_LINES, Queue},
    worker::Clock,
};
use peerage_model::{ObjectType, Who};
use peerage_store::{Hold, Store, StoreError};
use serde_json::Value as Json;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use peerage_model::types::JobLevel as Level;

/// How long the database is waited for before something outside is done.
const PATIENCE: Duration = Duration::from_secs(5);

/// An object that a job, or a line of its log, is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub of: &'static ObjectType,
    pub id: i64,
    /// In words.
    pub name: String,
}

/// A line of the log that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: i64,
    pub level: Level,
    pub text: String,
    pub about: Option<About>,
}

impl Line {
    pub fn at(at: i64, level: Level, text: impl Into<String>) -> Self {
        Self { at, level, text: text.into(), about: None }
    }
}

/// What a handler has said since it was written last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// What is being done, and how much of how much; 0 in all where that is not known.
    pub progress: Option<(String, u64, u64)>,
    pub lines: Vec<Line>,
    /// What it has brought forth.
    pub output: Option<String>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.progress.is_none() && self.lines.is_empty() && self.output.is_none()
    }
}

/// Where a handler leaves what it says, for the worker to fetch.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<News>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, News> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was said since the last call.
    pub fn take(&self) -> News {
        std::mem::take(&mut *self.lock())
    }

    /// Gives back what could not be written.
    pub fn put_back(&self, mut news: News) {
        let mut newer = self.lock();
        news.lines.append(&mut newer.lines);
        newer.lines = news.lines;
        newer.lines.truncate(MOST_LINES as usize);
        newer.progress = newer.progress.take().or(news.progress);
        newer.output = newer.output.take().or(news.output);
    }

    fn say(&self, line: Line) {
        let mut news = self.lock();
        // a log has no room for more, however long nobody fetches it
        if news.lines.len() < MOST_LINES as usize {
            news.lines.push(line);
        }
    }
}

/// A job that is being done.
#[derive(Clone)]
pub struct Task {
    pub(super) queue: Arc<Queue>,
    pub(super) hold: Hold,
    pub(super) clock: Clock,
    /// For whom it is done, with the rights that they have now.
    pub who: Who,
    /// Who wanted it, in words.
    pub by: Arc<str>,
    /// Writes here are refused when the job is another's.
    pub store: Store,
    /// What is to be done.
    pub arguments: Json,
    /// Told to stop: it should come to its end soon, and say [`Ended::Stopped`](super::kind::Ended::Stopped).
    pub stop: CancellationToken,
    pub(super) notes: Notes,
}

impl Task {
    /// The job's number.
    pub fn job(&self) -> i64 {
        self.hold.job
    }

    /// How far it is: what is being done, and how much of how much; 0 in all where that is not known. May be called often.
    pub fn progress(&self, phase: impl Into<String>, done: u64, total: u64) {
        self.notes.lock().progress = Some((phase.into(), done, total));
    }

    /// A line for the log.
    pub fn say(&self, level: Level, text: impl Into<String>) {
        self.notes.say(Line::at(now(), level, text));
    }

    /// A line for the log, about an object.
    pub fn say_of(&self, about: About, level: Level, text: impl Into<String>) {
        self.notes.say(Line { about: Some(about), ..Line::at(now(), level, text) });
    }

    /// What the job brings forth, where that is more than a line: it stands on its page. The last one stays.
    pub fn bring(&self, output: impl Into<String>) {
        self.notes.lock().output = Some(output.into());
    }

    /// To be asked right before something is done outside of the database, which cannot refuse it: from here on the job is this
    /// worker's for a whole lease.
    ///
    /// # Errors
    /// `HoldLost`: it is another's, or the database does not answer, and it may be.
    pub async fn is_mine(&self) -> Result<(), StoreError> {
        let nothing = News::default();
        let renewed = self.queue.renew(&self.hold, &nothing, (self.clock)());
        match timeout(PATIENCE.min(self.queue.lease() / 3), renewed).await {
            Ok(renewed) => renewed.map(drop),
            Err(_) => Err(StoreError::HoldLost),
        }
    }

    /// What is left to be done: whoever takes the job up after this worker begins from there.
    ///
    /// # Errors
    /// The job is another's; a failure of the database.
    pub async fn keep(&mut self, arguments: Json) -> Result<(), StoreError> {
        self.queue.keep_arguments(&self.hold, &arguments).await?;
        self.arguments = arguments;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_fetches_does_not_grow_for_ever() {
        let notes = Notes::default();
        for round in 0..2 {
            for _ in 0..MOST_LINES {
                notes.say(Line::at(round, Level::Info, "again"));
            }
            let news = notes.take();
            notes.say(Line::at(9, Level::Info, "meanwhile"));
            notes.put_back(news);
        }
        let kept = notes.take().lines;
        assert_eq!((kept.len() as i64, kept.first().map(|line| line.at)), (MOST_LINES, Some(0)));
    }
}
