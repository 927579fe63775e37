//! The queue: jobs as rows, and everything that happens to one, each as one transaction. Who may is asked here for people; the
//! worker's own calls name its hold. A call that came too late is refused, so that the row always says what is so.

use super::{
    kind::{JobKind, named},
    micros, process,
    task::{Level, Line, News},
};
use crate::keys;
use peerage_model::{
    Label, ListQuery, Permit, Problem, Record, Value, Who,
    permit::{Add, Change, View},
    types::{JOB, JOB_LINE},
};
use peerage_store::{Dialect, Hold, Store, StoreError, Write};
use serde_json::Value as Json;
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Who writes jobs.
const ACTOR: &str = "jobs";
/// Lines of a log that are kept; the last of them says that there were more.
pub const MOST_LINES: i64 = 4_000;
/// Characters of a line, and of a result.
const MOST_TEXT: usize = 2_000;

/// What is to be put into the queue.
pub struct Wanted<'a> {
    pub who: &'a Who,
    pub arguments: Json,
    /// The schedule that wants it; empty: a person does.
    pub schedule: &'a str,
}

/// A job that a worker has taken.
pub struct Claimed {
    pub kind: &'static JobKind,
    pub job: Record,
    pub hold: Hold,
}

/// What becomes of a job that its worker lets go of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Completed(String),
    Failed(String),
    Errored(String),
    /// Something outside did not answer: once more after a while, or never if that was tried often enough.
    TryAgain(String),
    /// The process stops: for the next worker that comes.
    HandBack,
}

pub struct Queue {
    store: Store,
    kinds: &'static [JobKind],
    /// A worker that is not heard of for so long has gone.
    lease: Duration,
    wake: Notify,
}

impl Queue {
    pub fn new(store: Store, kinds: &'static [JobKind], lease: Duration) -> Self {
        Self { store, kinds, lease, wake: Notify::new() }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn kinds(&self) -> &'static [JobKind] {
        self.kinds
    }

    pub(super) fn system(&self) -> Who {
        Who::system(ACTOR)
    }

    fn change(&self) -> Result<Permit<Change>, Problem> {
        self.system().permit(&JOB)
    }

    async fn begin(&self) -> Result<Write, StoreError> {
        self.store.begin(&self.system(), &keys::request_id()).await
    }

    /// A worker of this process looks at once.
    pub fn stir(&self) {
        self.wake.notify_one();
    }

    /// Until somebody stirs.
    pub async fn stirred(&self) {
        self.wake.notified().await;
    }

    // ---- what people do ----

    /// Puts a job into the queue.
    ///
    /// # Errors
    /// `Forbidden`; `Conflict` if there may be one at a time, and one is there.
    pub async fn enqueue(&self, kind: &'static JobKind, wanted: Wanted<'_>, now: i64) -> Result<Record, Problem> {
        (kind.may)(wanted.who, &wanted.arguments)?;
        let mut write = self.begin().await?;
        if let Some(active) = self.has_active(&mut write, kind).await? {
            return Err(Problem::conflict(format!(
                "A {} is {} already. Wait for it, or cancel it.",
                kind.words(),
                if active.text("status") == "running" { "running" } else { "waiting" }
            )));
        }
        let job = self.insert(&mut write, kind, wanted, now).await?;
        write.commit().await?;
        self.stir();
        Ok(job)
    }

    /// A job of a kind of which there may be one at a time that waits or runs.
    pub(super) async fn has_active(&self, write: &mut Write, kind: &JobKind) -> Result<Option<Record>, StoreError> {
        if !kind.one_at_a_time {
            return Ok(None);
        }
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let active = write.among(&permit, "status", &[Value::text("pending"), Value::text("running")]).await?;
        Ok(active.into_iter().find(|job| job.text("name") == kind.name))
    }

    pub(super) async fn insert(
        &self,
        write: &mut Write,
        kind: &'static JobKind,
        wanted: Wanted<'_>,
        now: i64,
    ) -> Result<Record, StoreError> {
        let permit: Permit<Add> = self.system().permit(&JOB)?;
        let by = if wanted.schedule.is_empty() { wanted.who.name.as_ref() } else { "schedule" };
        let job = Record::new(&JOB)
            .with("name", Value::text(kind.name))
            .with("job_id", Value::text(keys::request_id()))
            .with("created", Value::Time(now))
            .with("user", wanted.who.user.map_or(Value::Null, Value::Int))
            .with("user_name", Value::text(by))
            .with("schedule", Value::text(wanted.schedule))
            .with("resumable", Value::Bool(kind.resumable))
            .with("arguments", Value::Json(Arc::new(wanted.arguments)));
        write.insert(&permit, job).await
    }

    /// Wishes that a job ends: one that waits ends at once, one that runs when its worker hears of it.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` for those who may not start such jobs; `Conflict` if it has ended.
    pub async fn cancel(&self, who: &Who, id: i64, now: i64) -> Result<(), Problem> {
        self.may_any(who)?;
        let mut write = self.begin().await?;
        let job = write.job(&self.change()?, id).await?;
        self.may(who, &job, &nothing())?;
        let by = who.name.as_ref();
        match job.text("status") {
            "pending" => {
                let line = Line { at: now, level: Level::Warning, text: format!("Cancelled by {by} before it began.") };
                let job = job.with("cancelled_by", Value::text(by));
                let job = closed(job, "failed", &line.text.clone(), now);
                self.save(&mut write, job, &[line]).await?;
            }
            "running" => {
                let line = Line { at: now, level: Level::Warning, text: format!("{by} wishes that it ends.") };
                self.save(&mut write, job.with("cancelled_by", Value::text(by)), &[line]).await?;
            }
            _ => return Err(Problem::conflict("This job has ended already.")),
        }
        write.commit().await?;
        Ok(())
    }

    /// Puts a job that did not come out well into the queue again, with the log that it has.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` for those who may not start it with such arguments; `Conflict` if it has not ended, has come out
    /// well, or another is there and there may be one at a time.
    pub async fn retry(&self, who: &Who, id: i64, now: i64) -> Result<(), Problem> {
        self.may_any(who)?;
        let mut write = self.begin().await?;
        let job = write.job(&self.change()?, id).await?;
        let kind = self.may(who, &job, &arguments(&job))?;
        if !matches!(job.text("status"), "errored" | "failed") {
            return Err(Problem::conflict("Only a job that has failed can be tried again. Start a new one."));
        }
        if self.has_active(&mut write, kind).await?.is_some() {
            return Err(Problem::conflict(format!(
                "Another {} waits or runs. Wait for it, or cancel it.",
                kind.words()
            )));
        }
        let line = Line { at: now, level: Level::Info, text: format!("Tried again by {}.", who.name) };
        let job = waiting(job)
            .with("retries", Value::Int(0))
            .with("started", Value::Null)
            .with("completed", Value::Null)
            .with("milliseconds", Value::Null)
            .with("outcome", Value::text(""))
            .with("cancelled_by", Value::text(""))
            .with("resumable", Value::Bool(kind.resumable))
            .with("phase", Value::text(""))
            .with("done", Value::Int(0))
            .with("total", Value::Int(0));
        self.save(&mut write, job, &[line]).await?;
        write.commit().await?;
        self.stir();
        Ok(())
    }

    /// Whether somebody may try a job again, and cancel it.
    pub fn allows(&self, who: &Who, job: &Record) -> bool {
        self.may(who, job, &arguments(job)).is_ok()
    }

    /// Whoever may start nothing at all is not told which jobs there are.
    fn may_any(&self, who: &Who) -> Result<(), Problem> {
        let mut answers = self.kinds.iter().map(|kind| (kind.may)(who, &nothing()));
        let first = answers.next().unwrap_or(Ok(()));
        if answers.any(|answer| answer.is_ok()) { Ok(()) } else { first }
    }

    fn may(&self, who: &Who, job: &Record, arguments: &Json) -> Result<&'static JobKind, Problem> {
        let kind = named(self.kinds, job.text("name"));
        match &kind {
            Ok(kind) => (kind.may)(who, arguments)?,
            // what it would need is not known either
            Err(_) if who.rights.superuser && who.rights.may_write => {}
            Err(_) => return Err(Problem::new(Label::Forbidden, "Only an administrator may do that to this job.")),
        }
        kind
    }

    /// The newest jobs of a kind, for whoever may see what they are about; the newest first.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn newest(&self, kind: &JobKind, most: u32) -> Result<Vec<Record>, Problem> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let field = JOB.field("name").ok_or_else(|| Problem::not_found(JOB.name))?;
        let filter = peerage_model::Filter {
            terms: vec![peerage_model::filter::equals(field, Value::text(kind.name))],
            words: Vec::new(),
        };
        let query = ListQuery { filter, limit: most, count: false, ..ListQuery::all(&JOB) };
        Ok(self.store.records(&permit, &query).await?)
    }

    /// The last lines of a job's log, for whoever may see what it is about.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn lines(&self, job: &Record, most: i64) -> Result<Vec<Record>, Problem> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let after = job.int("lines").unwrap_or_default() - most;
        Ok(self.store.job_lines(&permit, job.id, after, most.unsigned_abs()).await?)
    }

    // ---- what workers do ----

    /// Takes the next job for a worker. Jobs on the way whose workers have gone and that cannot be taken up end, and say so.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn claim(&self, worker: &Arc<str>, now: i64) -> Result<Option<Claimed>, StoreError> {
        let names: Vec<&str> = self.kinds.iter().map(|kind| kind.name).collect();
        let look: Permit<View> = self.system().permit(&JOB)?;
        if !self.store.has_claimable(&look, &names, now).await? {
            return Ok(None);
        }
        let permit = self.change()?;
        let mut write = self.begin().await?;
        while let Some(job) = write.claimable(&permit, &names, now).await? {
            let Ok(kind) = named(self.kinds, job.text("name")) else { break };
            let (job, mut lines) = match self.taken_from_the_dead(kind, job, now) {
                Ok(taken) => taken,
                Err((ended, line)) => {
                    self.save(&mut write, ended, &[line]).await?;
                    continue;
                }
            };
            lines.push(Line { at: now, level: Level::Default, text: format!("Taken by {worker}.") });
            return match self.take(&mut write, kind, job, &lines, worker, now).await {
                Ok(claimed) => {
                    write.commit().await?;
                    Ok(Some(claimed))
                }
                // somebody got the turn between our look and our write
                Err(StoreError::Problem(problem)) if problem.fields.iter().any(|field| field.field == "turn") => {
                    Ok(None)
                }
                Err(error) => Err(error),
            };
        }
        write.commit().await?;
        Ok(None)
    }

    /// A job whose worker has gone: to be taken up, or as it ends.
    fn taken_from_the_dead(
        &self,
        kind: &JobKind,
        job: Record,
        now: i64,
    ) -> Result<(Record, Vec<Line>), (Record, Line)> {
        if job.text("status") != "running" {
            return Ok((job, Vec::new()));
        }
        let gone = format!("Its worker, {}, has gone without a word.", job.text("worker"));
        let retries = job.int("retries").unwrap_or_default();
        let end = |job: Record, status: &str, words: String| {
            let line = Line { at: now, level: Level::Failure, text: words.clone() };
            (closed(job, status, &words, now), line)
        };
        if !job.text("cancelled_by").is_empty() {
            let words = format!("Cancelled by {}.", job.text("cancelled_by"));
            return Err(end(job, "failed", words));
        }
        if !job.flag("resumable") {
            return Err(end(job, "errored", format!("{gone} It cannot be taken up where it was left.")));
        }
        if retries >= kind.retries {
            return Err(end(
                job,
                "errored",
                format!("{gone} That was so {} times; it is not tried again.", retries + 1),
            ));
        }
        let line = Line { at: now, level: Level::Warning, text: format!("{gone} It is taken up again.") };
        Ok((job.with("retries", Value::Int(retries + 1)), vec![line]))
    }

    async fn take(
        &self,
        write: &mut Write,
        kind: &'static JobKind,
        job: Record,
        lines: &[Line],
        worker: &Arc<str>,
        now: i64,
    ) -> Result<Claimed, StoreError> {
        let attempt = job.int("attempt").unwrap_or_default() + 1;
        let started = job.get("started").as_time().unwrap_or(now);
        let job = job
            .with("status", Value::text("running"))
            .with("attempt", Value::Int(attempt))
            .with("worker", Value::text(worker.clone()))
            .with("lease", Value::Time(now + micros(self.lease)))
            .with("deadline", Value::Time(now + micros(kind.deadline)))
            .with("not_before", Value::Null)
            .with("started", Value::Time(started))
            .with("turn", if kind.one_at_a_time { Value::text(kind.name) } else { Value::Null });
        let job = self.save(write, job, lines).await?;
        let hold = Hold { job: job.id, attempt, worker: worker.clone() };
        Ok(Claimed { kind, job, hold })
    }

    /// A job that begins at once and here, beside the queue: its turn is taken like a worker's. None while another has it. It is
    /// not taken up by anybody else, who would not have its means.
    ///
    /// # Errors
    /// `Forbidden`, or a failure of the database.
    pub async fn begin_here(
        &self,
        kind: &'static JobKind,
        wanted: Wanted<'_>,
        worker: &Arc<str>,
        now: i64,
    ) -> Result<Option<Claimed>, Problem> {
        (kind.may)(wanted.who, &wanted.arguments)?;
        let mut write = self.begin().await?;
        if kind.one_at_a_time && !self.free_turn(&mut write, kind, now).await? {
            return Ok(None);
        }
        let job = self.insert(&mut write, kind, wanted, now).await?.with("resumable", Value::Bool(false));
        match self.take(&mut write, kind, job, &[], worker, now).await {
            Ok(claimed) => {
                write.commit().await?;
                Ok(Some(claimed))
            }
            Err(StoreError::Problem(problem)) if problem.fields.iter().any(|field| field.field == "turn") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether nobody has the turn of a kind. Whoever had it and has gone loses it.
    async fn free_turn(&self, write: &mut Write, kind: &JobKind, now: i64) -> Result<bool, StoreError> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let Some(holder) = write.find(&permit, &[("turn", Value::text(kind.name))]).await?.pop() else {
            return Ok(true);
        };
        let holder = write.job(&self.change()?, holder.id).await?;
        if holder.get("turn").is_null() {
            return Ok(true);
        }
        if holder.get("lease").as_time().is_some_and(|lease| lease >= now) {
            return Ok(false);
        }
        match self.taken_from_the_dead(kind, holder, now) {
            Ok((job, lines)) => self.save(write, waiting(job), &lines).await?,
            Err((ended, line)) => self.save(write, ended, &[line]).await?,
        };
        Ok(true)
    }

    /// Writes what a worker has to say, and that it lives. Gives who wishes that the job ends, if somebody does.
    ///
    /// # Errors
    /// `HoldLost`, or a failure of the database.
    pub async fn renew(&self, hold: &Hold, news: &News, now: i64) -> Result<Option<String>, StoreError> {
        let mut write = self.begin().await?;
        let mut job = write.held_job(&self.change()?, hold).await?.with("lease", Value::Time(now + micros(self.lease)));
        if let Some((phase, done, total)) = &news.progress {
            let count = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
            job =
                job.with("phase", Value::text(cut(phase, 200))).with("done", count(*done)).with("total", count(*total));
        }
        let by = wish(&job);
        self.save(&mut write, job, &news.lines).await?;
        write.commit().await?;
        Ok(by)
    }

    /// Whether the job is still the worker's, and who wishes that it ends: a look that writes nothing.
    ///
    /// # Errors
    /// `HoldLost`, or a failure of the database.
    pub async fn look(&self, hold: &Hold) -> Result<Option<String>, StoreError> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        match self.store.get(&permit, hold.job).await? {
            Some(job) if hold.is_of(&job) => Ok(wish(&job)),
            _ => Err(StoreError::HoldLost),
        }
    }

    /// A worker that takes the job up later begins with these.
    pub(super) async fn keep_arguments(&self, hold: &Hold, arguments: &Json) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let job = write.held_job(&self.change()?, hold).await?;
        self.save(&mut write, job.with("arguments", Value::Json(Arc::new(arguments.clone()))), &[]).await?;
        write.commit().await
    }

    /// The worker lets go of the job.
    ///
    /// # Errors
    /// `HoldLost`, or a failure of the database: the job is as it was.
    pub async fn end(&self, kind: &JobKind, hold: &Hold, news: &News, end: &End, now: i64) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let job = write.held_job(&self.change()?, hold).await?;
        let mut lines = news.lines.clone();
        let mut say = |level, text: String| lines.push(Line { at: now, level, text });
        let retries = job.int("retries").unwrap_or_default();
        let job = match end {
            End::Completed(words) => {
                say(Level::Success, words.clone());
                closed(job, "completed", words, now)
            }
            End::Failed(words) => {
                say(Level::Failure, words.clone());
                closed(job, "failed", words, now)
            }
            End::Errored(words) => {
                say(Level::Failure, words.clone());
                closed(job, "errored", words, now)
            }
            End::TryAgain(words) if retries < kind.retries && job.text("cancelled_by").is_empty() => {
                let wait = kind.wait(retries);
                say(Level::Warning, format!("{words} It is tried again in {}.", spoken(wait)));
                waiting(job)
                    .with("outcome", Value::text(cut(words, MOST_TEXT)))
                    .with("retries", Value::Int(retries + 1))
                    .with("not_before", Value::Time(now + micros(wait)))
            }
            End::TryAgain(words) => {
                say(Level::Failure, words.clone());
                closed(job, "failed", words, now)
            }
            End::HandBack => {
                say(Level::Info, "Its worker stops. The next one takes it up.".to_owned());
                waiting(job)
            }
        };
        self.save(&mut write, job, &lines).await?;
        write.commit().await
    }

    /// On SQLite, where all workers are processes of this machine: leases of those that are no more end now.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn notice_the_dead(&self, own: &str, now: i64) -> Result<(), StoreError> {
        if self.store.dialect() != Dialect::Sqlite {
            return Ok(());
        }
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let running = self.store.among(&permit, "status", &[Value::text("running")]).await?;
        for job in running {
            let lives = job.get("lease").as_time().is_some_and(|lease| lease >= now);
            if !lives || !process::has_gone(job.text("worker"), own) {
                continue;
            }
            let mut write = self.begin().await?;
            let seen = Hold {
                job: job.id,
                attempt: job.int("attempt").unwrap_or_default(),
                worker: job.text("worker").into(),
            };
            let job = write.held_job(&self.change()?, &seen).await?;
            self.save(&mut write, job.with("lease", Value::Time(now - 1)), &[]).await?;
            write.commit().await?;
        }
        Ok(())
    }

    /// Stores a job as it is now and what is said of it, as far as its log has room.
    async fn save(&self, write: &mut Write, mut job: Record, lines: &[Line]) -> Result<Record, StoreError> {
        let permit = self.change()?;
        let mut count = job.int("lines").unwrap_or_default();
        let mut added = Vec::new();
        for line in lines {
            if count >= MOST_LINES {
                break;
            }
            count += 1;
            let full =
                Line { at: line.at, level: Level::Warning, text: "The log is full: what follows is not kept.".into() };
            let line = if count == MOST_LINES { &full } else { line };
            added.push(
                Record::new(&JOB_LINE)
                    .with("job", Value::Int(job.id))
                    .with("number", Value::Int(count))
                    .with("time", Value::Time(line.at))
                    .with("level", Value::text(line.level.code()))
                    .with("text", Value::text(cut(&line.text, MOST_TEXT))),
            );
        }
        if !added.is_empty() {
            write.add_job_lines(&permit, &added).await?;
        }
        job.set("lines", Value::Int(count));
        write.update(&permit, 0, job).await
    }
}

/// No arguments.
fn nothing() -> Json {
    Json::Object(serde_json::Map::new())
}

/// What a job is to do.
pub(super) fn arguments(job: &Record) -> Json {
    if let Value::Json(json) = job.get("arguments") { json.as_ref().clone() } else { nothing() }
}

/// Who wishes that it ends.
fn wish(job: &Record) -> Option<String> {
    Some(job.text("cancelled_by")).filter(|by| !by.is_empty()).map(str::to_owned)
}

/// A job that nobody works on any more.
fn let_go(job: Record) -> Record {
    job.with("lease", Value::Null).with("turn", Value::Null).with("deadline", Value::Null)
}

fn waiting(job: Record) -> Record {
    let_go(job).with("status", Value::text("pending")).with("worker", Value::text("")).with("not_before", Value::Null)
}

fn closed(job: Record, status: &str, words: &str, now: i64) -> Record {
    let took = job.get("started").as_time().map(|started| (now - started).max(0) / 1_000);
    let_go(job)
        .with("status", Value::text(status))
        .with("outcome", Value::text(cut(words, MOST_TEXT)))
        .with("completed", Value::Time(now))
        .with("not_before", Value::Null)
        .with("milliseconds", took.map_or(Value::Null, Value::Int))
}

/// One line of so many characters at most.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// A wait in words.
pub(super) fn spoken(span: Duration) -> String {
    match span.as_secs() {
        0..=1 => "a second".to_owned(),
        seconds @ 2..120 => format!("{seconds} seconds"),
        seconds @ 120..7_200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3_600),
    }
}
