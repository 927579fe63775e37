//! A job as its handler sees it: a database in which only the job's holder can write, what is to be done, a place to say how far
//! it is, and a token that tells it to stop. What is said is gathered here and written by the worker every now and then, so that
//! a handler may say something for every row without anybody waiting for it.

use super::{now, queue::Queue};
use peerage_store::{Hold, Store, StoreError};
use serde_json::Value as Json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// How much a line of the log matters: the model's `JOB_LEVELS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Default,
    Info,
    Success,
    Warning,
    Failure,
}

impl Level {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// A line of the log that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: i64,
    pub level: Level,
    pub text: String,
}

impl Line {
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self { at: now(), level, text: text.into() }
    }
}

/// What a handler has said since it was written last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// What is being done, and how much of how much; 0 in all where that is not known.
    pub progress: Option<(String, u64, u64)>,
    pub lines: Vec<Line>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.progress.is_none() && self.lines.is_empty()
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
        if newer.progress.is_none() {
            newer.progress = news.progress;
        }
    }
}

/// A job that is being done.
#[derive(Clone)]
pub struct Task {
    pub(super) queue: Arc<Queue>,
    pub(super) hold: Hold,
    /// Writes here are refused when the job is another's.
    pub store: Store,
    /// What is to be done.
    pub arguments: Json,
    /// Told to stop: it should come to its end soon, and say [`Ended::Stopped`](super::Ended::Stopped).
    pub stop: CancellationToken,
    pub(super) notes: Notes,
}

impl Task {
    /// How far it is: what is being done, and how much of how much; 0 in all where that is not known. May be called often.
    pub fn progress(&self, phase: impl Into<String>, done: u64, total: u64) {
        self.notes.lock().progress = Some((phase.into(), done, total));
    }

    /// A line for the log.
    pub fn say(&self, level: Level, text: impl Into<String>) {
        self.notes.lock().lines.push(Line::new(level, text));
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
