//! Who hears of a push while it runs: its job's log, its record in the store, and whoever stands at the command line.

use super::{Hidden, record, system};
use crate::{
    jobs::{Level, Task},
    keys,
};
use async_trait::async_trait;
use peerage_devices::{Event, EventKind, Observer, Step};
use peerage_model::{
    Label, Problem, Record, Value,
    permit::{Change, View},
    types::{PUSH, PushStep},
};
use serde_json::json;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Mutex as Turn, Notify},
    time::sleep,
};

/// Steps that come within this time are written together.
const TOGETHER: Duration = Duration::from_millis(200);

/// What somebody at a terminal hears.
pub type Heard = Arc<dyn Fn(&str) + Send + Sync>;

pub struct Witness {
    task: Task,
    hidden: Hidden,
    heard: Heard,
    /// How many steps there are when all goes well.
    total: u64,
    steps: Mutex<Vec<PushStep>>,
    news: Notify,
    /// The record as it was written last.
    row: Turn<Record>,
}

impl Witness {
    pub fn new(task: Task, hidden: Hidden, heard: Heard, total: usize, row: Record) -> Self {
        let steps = Mutex::default();
        Self { task, hidden, heard, total: total as u64, steps, news: Notify::new(), row: Turn::new(row) }
    }

    fn steps(&self) -> MutexGuard<'_, Vec<PushStep>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the record with what `change` makes of it.
    ///
    /// # Errors
    /// The job is another's, or a failure of the database.
    pub async fn write(&self, change: impl FnOnce(Record) -> Record) -> Result<Record, Problem> {
        let mut row = self.row.lock().await;
        let who = system();
        let mut changed = change(row.clone()).with("steps", Value::Json(Arc::new(json!(*self.steps()))));
        loop {
            let mut write = self.task.store.begin(&who, &keys::request_id()).await?;
            let version = changed.version;
            match write.update(&who.permit::<Change>(&PUSH)?, version, changed.clone()).await {
                Ok(stored) => {
                    write.commit().await?;
                    *row = stored.clone();
                    return Ok(stored);
                }
                Err(refused) => {
                    let problem = refused.into_problem();
                    drop(write);
                    let now = self.stored(row.id).await?;
                    // somebody said meanwhile that it is to be kept; nobody else writes into it
                    if problem.label != Label::Conflict || now.version == version {
                        return Err(problem);
                    }
                    changed.set("kept_by", now.get("kept_by").clone());
                    changed.version = now.version;
                }
            }
        }
    }

    async fn stored(&self, id: i64) -> Result<Record, Problem> {
        let found = self.task.store.get(&system().permit::<View>(&PUSH)?, id).await?;
        found.ok_or_else(|| Problem::not_found(PUSH.name))
    }

    /// Writes steps as they come; never ends.
    pub async fn follow(&self) {
        loop {
            self.news.notified().await;
            sleep(TOGETHER).await;
            if let Err(problem) = self.write(|row| row).await {
                tracing::warn!(problem = problem.message, "the steps of a push could not be noted");
            }
        }
    }
}

#[async_trait]
impl Observer for Witness {
    fn tell(&self, event: &Event) {
        let words = self.hidden.of(&event.words);
        let name = event.step.to_string();
        let at = event.at.timestamp_micros();
        let mut steps = self.steps();
        let (level, line) = match event.kind {
            EventKind::Started => {
                let goal = if event.step == Step::Gate { words.clone() } else { String::new() };
                steps.push(PushStep {
                    name: name.clone(),
                    started: at,
                    words: words.clone(),
                    goal,
                    ..PushStep::default()
                });
                (Level::Default, format!("{name}: {words}"))
            }
            EventKind::Note { seconds_left } => {
                if let Some(step) = steps.last_mut() {
                    step.words.clone_from(&words);
                }
                let left = seconds_left.map(|left| format!(" ({left} s until the router takes it back)"));
                (Level::Default, format!("{name}: {words}{}", left.unwrap_or_default()))
            }
            EventKind::Finished { took_ms } | EventKind::Failed { took_ms } => {
                let failed = matches!(event.kind, EventKind::Failed { .. });
                if let Some(step) = steps.iter_mut().rev().find(|step| step.name == name) {
                    step.milliseconds = Some(took_ms);
                    step.failed = failed;
                    step.words.clone_from(&words);
                }
                let level = if failed { Level::Failure } else { Level::Success };
                (level, format!("{name}: {words} ({:.1} s)", took_ms as f64 / 1000.0))
            }
        };
        let done = steps.iter().filter(|step| step.milliseconds.is_some()).count() as u64;
        drop(steps);
        self.task.progress(name, done.min(self.total), self.total);
        (self.heard)(&line);
        self.task.say(level, line);
        self.news.notify_one();
    }

    async fn before_change(&self, so_far: &peerage_devices::Record) -> Result<(), String> {
        // another worker may have taken the job up: then the router is its to change
        self.task.is_mine().await.map_err(|error| error.to_string())?;
        self.write(|row| record::with_evidence(row, so_far, &self.hidden))
            .await
            .map(drop)
            .map_err(|problem| problem.message)
    }

    async fn kept_by(&self) -> Option<String> {
        let id = self.row.lock().await.id;
        // a database that does not answer says nothing: the push is taken back in the end
        let row = self.stored(id).await.ok()?;
        Some(row.text("kept_by").to_owned()).filter(|by| !by.is_empty())
    }
}
