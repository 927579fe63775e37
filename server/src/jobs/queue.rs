//! The queue: jobs as rows, and everything that people do with one, each as one transaction. Who may is asked here. What workers
//! do is in [`claims`](super::claims).

use super::{
    kind::{JobKind, named},
    task::{About, Level, Line},
};
use crate::{keys, services};
use peerage_model::{
    Filter, Label, ListQuery, Permit, Problem, Record, Sort, Value, Who,
    filter::equals,
    permit::{Add, Change, READ_ONLY, View},
    types::{JOB, JOB_LINE, JobOrigin, JobStatus},
};
use peerage_store::{Store, StoreError, Write};
use serde_json::Value as Json;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Notify;

/// Who writes jobs.
const ACTOR: &str = "jobs";
/// Lines of a log that are kept of what a job says; what the queue says of the job is kept beyond them.
pub const MOST_LINES: i64 = 4_000;
/// Characters of a line, and of a result.
pub(super) const MOST_TEXT: usize = 2_000;

/// What is to be put into the queue.
#[derive(Clone)]
pub struct Wanted<'a> {
    pub who: &'a Who,
    pub arguments: Json,
    /// The schedule that wants it; empty: a person does.
    pub schedule: &'a str,
    /// The object that it is about, if it is about one.
    pub about: Option<About>,
}

impl<'a> Wanted<'a> {
    pub fn of(who: &'a Who, arguments: Json) -> Self {
        Self { who, arguments, schedule: "", about: None }
    }
}

pub struct Queue {
    pub(super) store: Store,
    pub(super) kinds: &'static [JobKind],
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

    pub(super) fn lease(&self) -> Duration {
        self.lease
    }

    pub(super) fn system(&self) -> Who {
        Who::system(ACTOR)
    }

    pub(super) fn change(&self) -> Result<Permit<Change>, Problem> {
        self.system().permit(&JOB)
    }

    pub(super) async fn begin(&self) -> Result<Write, StoreError> {
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

    /// Puts a job into the queue. If none may be started beside one that is there, and that one is the same and waits to be tried
    /// again, it begins now.
    ///
    /// # Errors
    /// `Forbidden`; `Conflict` if none may be started beside one that is there.
    pub async fn enqueue(&self, kind: &'static JobKind, wanted: Wanted<'_>, now: i64) -> Result<Record, Problem> {
        (kind.may)(wanted.who, &wanted.arguments)?;
        kind.must_reach(&self.store, wanted.who, &wanted.arguments).await?;
        // whatever a job only looks at, it is one
        if !wanted.who.rights.may_write {
            return Err(Problem::new(Label::Forbidden, READ_ONLY));
        }
        let mut write = self.begin().await?;
        let job = match self.blocking(&mut write, kind, &wanted.arguments).await? {
            Some(active) => self.hasten(&mut write, kind, active.id, &wanted, now).await?,
            None => {
                let inserted = self.insert(&mut write, kind, wanted, JobOrigin::Person, now).await;
                inserted.map_err(|refused| beside(kind, refused))?
            }
        };
        write.commit().await?;
        self.stir();
        Ok(job)
    }

    /// A job beside which this one may not be started.
    async fn blocking(
        &self,
        write: &mut Write,
        kind: &JobKind,
        arguments: &Json,
    ) -> Result<Option<Record>, StoreError> {
        let Some(turn) = place(kind, arguments) else { return Ok(None) };
        let permit: Permit<View> = self.system().permit(&JOB)?;
        Ok(write.among(&permit, "status", &*ACTIVE).await?.into_iter().find(|job| job.text("turn") == turn))
    }

    /// As [`Queue::blocking`], for a look that is not followed by a write.
    pub(super) async fn is_blocked(&self, kind: &JobKind, arguments: &Json) -> Result<bool, StoreError> {
        let Some(turn) = place(kind, arguments) else { return Ok(false) };
        let permit: Permit<View> = self.system().permit(&JOB)?;
        Ok(self.store.among(&permit, "status", &*ACTIVE).await?.iter().any(|job| job.text("turn") == turn))
    }

    /// The job that is there does not wait any longer, if it is the one that is wanted.
    async fn hasten(
        &self,
        write: &mut Write,
        kind: &JobKind,
        id: i64,
        wanted: &Wanted<'_>,
        now: i64,
    ) -> Result<Record, Problem> {
        let job = write.job(&self.change()?, id).await?;
        let is_late = JobStatus::of(&job) == Some(JobStatus::Pending) && !job.get("not_before").is_null();
        if !is_late || arguments(&job) != wanted.arguments {
            let how = if JobStatus::of(&job) == Some(JobStatus::Running) { "running" } else { "waiting" };
            return Err(Problem::conflict(format!("A {} is {how} already. Wait for it, or cancel it.", kind.words())));
        }
        let line = Line::at(now, Level::Info, format!("{} wishes that it is tried now.", wanted.who.name));
        Ok(self.save(write, job.with("not_before", Value::Null), &[], &[line]).await?)
    }

    pub(super) async fn insert(
        &self,
        write: &mut Write,
        kind: &'static JobKind,
        wanted: Wanted<'_>,
        origin: JobOrigin,
        now: i64,
    ) -> Result<Record, StoreError> {
        let permit: Permit<Add> = self.system().permit(&JOB)?;
        let by = if wanted.schedule.is_empty() { wanted.who.name.as_ref() } else { "schedule" };
        // nobody's right could be asked again
        let origin = if wanted.who.user.is_none() && origin == JobOrigin::Person { JobOrigin::System } else { origin };
        let is_command = origin == JobOrigin::Command;
        let mut job = Record::new(&JOB)
            .with("name", Value::text(kind.name))
            .with("job_id", Value::text(keys::request_id()))
            .with("created", Value::Time(now))
            .with("user", wanted.who.user.map_or(Value::Null, Value::Int))
            .with("user_name", Value::text(by))
            .with("origin", Value::text(origin.code()))
            .with("schedule", Value::text(wanted.schedule))
            .with("turn", text_or_null((kind.turn)(&wanted.arguments)))
            // a command waits for its turn by itself, beside the queue
            .with("place", text_or_null(place(kind, &wanted.arguments).filter(|_| !is_command)))
            .with("resumable", Value::Bool(kind.resumable && !is_command))
            .with("arguments", Value::Json(Arc::new(wanted.arguments)));
        job = with_object(job, wanted.about.as_ref());
        write.insert(&permit, job).await
    }

    /// Wishes that a job ends: one that waits ends at once, one that runs when its worker hears of it.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` for those who may not start such jobs; `Conflict` if it has ended.
    pub async fn cancel(&self, who: &Who, id: i64, now: i64) -> Result<(), Problem> {
        self.may_any(who)?;
        self.must_show(who, id).await?;
        self.must_reach(who, id).await?;
        let mut write = self.begin().await?;
        let job = write.job(&self.change()?, id).await?;
        self.may_cancel(who, &job)?;
        let by = who.name.as_ref();
        match JobStatus::of(&job) {
            Some(JobStatus::Pending) => {
                let begun = job.int("attempt").is_some_and(|attempt| attempt > 0);
                let when = if begun { "while it waited to be tried again" } else { "before it began" };
                let words = format!("Cancelled by {by} {when}.");
                let line = Line::at(now, Level::Warning, words.clone());
                let job = job.with("cancelled_by", Value::text(by));
                self.save(&mut write, closed(job, JobStatus::Failed, &words, now), &[], &[line]).await?;
            }
            // once is enough
            Some(JobStatus::Running) if wish(&job).is_some() => return Ok(()),
            Some(JobStatus::Running) => {
                let line = Line::at(now, Level::Warning, format!("{by} wishes that it ends."));
                self.save(&mut write, job.with("cancelled_by", Value::text(by)), &[], &[line]).await?;
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
    /// well, was a command's, or another is there beside which it may not be started.
    pub async fn retry(&self, who: &Who, id: i64, now: i64) -> Result<(), Problem> {
        self.may_any(who)?;
        self.must_show(who, id).await?;
        self.must_reach(who, id).await?;
        let mut write = self.begin().await?;
        let job = write.job(&self.change()?, id).await?;
        let kind = self.may_retry(who, &job)?;
        if !JobStatus::of(&job).is_some_and(JobStatus::is_bad) {
            return Err(Problem::conflict("Only a job that has failed can be tried again. Start a new one."));
        }
        let arguments = arguments(&job);
        if self.blocking(&mut write, kind, &arguments).await?.is_some() {
            return Err(another(kind));
        }
        let line = Line::at(now, Level::Info, format!("Tried again by {}.", who.name));
        // from here on it is theirs
        let origin = if who.user.is_some() { JobOrigin::Person } else { JobOrigin::System };
        let job = waiting(job, now)
            .with("user", who.user.map_or(Value::Null, Value::Int))
            .with("user_name", Value::text(who.name.clone()))
            .with("origin", Value::text(origin.code()))
            .with("retries", Value::Int(0))
            .with("started", Value::Null)
            .with("completed", Value::Null)
            .with("milliseconds", Value::Null)
            .with("outcome", Value::text(""))
            .with("output", Value::text(""))
            .with("cancelled_by", Value::text(""))
            .with("resumable", Value::Bool(kind.resumable))
            .with("turn", text_or_null((kind.turn)(&arguments)))
            .with("place", text_or_null(place(kind, &arguments)))
            .with("phase", Value::text(""))
            .with("done", Value::Int(0))
            .with("total", Value::Int(0));
        self.save(&mut write, job, &[], &[line]).await.map_err(|refused| beside(kind, refused))?;
        write.commit().await?;
        self.stir();
        Ok(())
    }

    // ---- who may ----

    /// Whoever may start nothing at all is not told which jobs there are.
    fn may_any(&self, who: &Who) -> Result<(), Problem> {
        let mut answers = self.kinds.iter().map(|kind| (kind.may_end)(who));
        let first = answers.next().unwrap_or(Ok(()));
        if answers.any(|answer| answer.is_ok()) { Ok(()) } else { first }
    }

    /// What somebody may not see is not there for them.
    async fn must_show(&self, who: &Who, job: i64) -> Result<(), Problem> {
        match who.permit::<View>(&JOB) {
            Ok(permit) if !self.store.is_visible(&permit, job).await? => Err(Problem::not_found(JOB.name)),
            _ => Ok(()),
        }
    }

    /// Refuses whoever may not do what a job does with the object that it is about.
    ///
    /// # Errors
    /// `Forbidden`, or a failure of the database.
    pub async fn must_reach(&self, who: &Who, job: i64) -> Result<(), Problem> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let Some(job) = self.store.get(&permit, job).await? else { return Ok(()) };
        match named(self.kinds, job.text("name")) {
            Ok(kind) => kind.must_reach(&self.store, who, &arguments(&job)).await,
            Err(_) => Ok(()),
        }
    }

    /// Whether somebody may cancel a job.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may_cancel(&self, who: &Who, job: &Record) -> Result<(), Problem> {
        match named(self.kinds, job.text("name")) {
            Ok(kind) => (kind.may_end)(who),
            // what it would need is not known
            Err(_) if who.rights.superuser && who.rights.may_write => Ok(()),
            Err(_) => Err(only_administrators()),
        }
    }

    /// Whether somebody may try a job again, once it has failed.
    ///
    /// # Errors
    /// `Forbidden`; `Conflict` for a command's, and for a job of an unknown kind.
    pub fn may_retry(&self, who: &Who, job: &Record) -> Result<&'static JobKind, Problem> {
        self.may_cancel(who, job)?;
        let kind = named(self.kinds, job.text("name"))?;
        if JobOrigin::Command.is_of(job) {
            // it read from where the command line said, with a key that stands nowhere
            return Err(Problem::conflict("A command did this job, with means of its own. Run the command again."));
        }
        (kind.may)(who, &arguments(job))?;
        Ok(kind)
    }

    /// Whether somebody who may see jobs may read what one says.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn may_see(&self, who: &Who, job: &Record) -> Result<(), Problem> {
        match named(self.kinds, job.text("name")) {
            Ok(kind) => {
                (kind.may_see)(who, job)?;
                kind.must_reach_result(&self.store, who, &arguments(job)).await
            }
            Err(_) if who.rights.superuser => Ok(()),
            Err(_) => Err(only_administrators()),
        }
    }

    /// For whom a job is done, with the rights that they have now.
    ///
    /// # Errors
    /// `Forbidden`: whoever started it may not any more.
    pub(super) async fn for_whom(&self, kind: &JobKind, job: &Record) -> Result<Who, Problem> {
        if !JobOrigin::Person.is_of(job) {
            return Ok(self.system());
        }
        let person = match job.int("user") {
            Some(user) => services::who_is(&self.store, user).await?,
            None => None,
        };
        let refused = |why: &str| {
            Problem::new(
                Label::Forbidden,
                format!("{}, who started it, may not any more. {why}", job.text("user_name")),
            )
        };
        let who = person.ok_or_else(|| refused("There is no such user who may sign in."))?;
        let arguments = arguments(job);
        (kind.may)(&who, &arguments).map_err(|problem| refused(&problem.message))?;
        match kind.must_reach(&self.store, &who, &arguments).await {
            Err(problem) if problem.label == Label::Forbidden => return Err(refused(&problem.message)),
            reached => reached?,
        }
        Ok(who)
    }

    // ---- what pages show ----

    /// The job of a kind that runs, else the one that waits, for whoever may see what they are about.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn active(&self, kind: &JobKind) -> Result<Option<Record>, Problem> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let mut jobs = self.store.among(&permit, "status", &*ACTIVE).await?;
        jobs.retain(|job| job.text("name") == kind.name);
        let runs = jobs.iter().position(|job| JobStatus::of(job) == Some(JobStatus::Running));
        Ok((!jobs.is_empty()).then(|| jobs.swap_remove(runs.unwrap_or(0))))
    }

    /// The job of a kind that ended last, for whoever may see what it is about.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn ended(&self, kind: &JobKind) -> Result<Option<Record>, Problem> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let field = JOB.field("name").ok_or_else(|| Problem::not_found(JOB.name))?;
        let filter = Filter { terms: vec![equals(field, Value::text(kind.name))], words: Vec::new() };
        // those that have not ended come last
        let sort = ["-completed", "-id"].into_iter().map(|key| Sort::parse(&JOB, key));
        let sort = sort.collect::<Result<_, _>>().map_err(|words| Problem::new(Label::Internal, words))?;
        let query = ListQuery { filter, sort, limit: 1, count: false, ..ListQuery::all(&JOB) };
        Ok(self.store.records(&permit, &query).await?.pop().filter(|job| !job.get("completed").is_null()))
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

    // ---- writing ----

    /// Stores a job as it is now, with what it says of itself as far as its log has room, and what the queue says of it.
    pub(super) async fn save(
        &self,
        write: &mut Write,
        mut job: Record,
        said: &[Line],
        own: &[Line],
    ) -> Result<Record, StoreError> {
        let permit = self.change()?;
        let mut count = job.int("lines").unwrap_or_default();
        let mut added = Vec::new();
        let mut add = |line: &Line, count: &mut i64| {
            *count += 1;
            let record = Record::new(&JOB_LINE)
                .with("job", Value::Int(job.id))
                .with("number", Value::Int(*count))
                .with("time", Value::Time(line.at))
                .with("level", Value::text(line.level.code()))
                .with("text", Value::text(cut(&line.text, MOST_TEXT)));
            added.push(with_object(record, line.about.as_ref()));
        };
        for (line, is_own) in said.iter().map(|line| (line, false)).chain(own.iter().map(|line| (line, true))) {
            if count == MOST_LINES - 1 {
                let words = "The log is full: what the job says from here on is not kept.";
                add(&Line::at(line.at, Level::Warning, words), &mut count);
            }
            if is_own || count < MOST_LINES {
                add(line, &mut count);
            }
        }
        if !added.is_empty() {
            write.add_job_lines(&permit, &added).await?;
        }
        job.set("lines", Value::Int(count));
        write.update(&permit, 0, job).await
    }
}

/// What has not ended.
static ACTIVE: LazyLock<[Value; 2]> =
    LazyLock::new(|| [JobStatus::Pending, JobStatus::Running].map(|status| Value::text(status.code())));

/// The turn in which no other job may be started meanwhile.
fn place(kind: &JobKind, arguments: &Json) -> Option<String> {
    (kind.turn)(arguments).filter(|_| kind.alone)
}

/// What a refused row means: somebody was quicker.
fn beside(kind: &JobKind, refused: StoreError) -> Problem {
    if is_taken(&refused, "place") { another(kind) } else { refused.into() }
}

fn another(kind: &JobKind) -> Problem {
    Problem::conflict(format!("Another {} waits or runs. Wait for it, or cancel it.", kind.words()))
}

/// Whether another row has the same in a field where none may.
pub(super) fn is_taken(refused: &StoreError, name: &str) -> bool {
    matches!(refused, StoreError::Problem(problem) if problem.fields.iter().any(|field| field.field == name))
}

fn only_administrators() -> Problem {
    Problem::new(Label::Forbidden, "Only an administrator may do that to this job.")
}

pub(super) fn text_or_null(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::text)
}

fn with_object(record: Record, about: Option<&About>) -> Record {
    let Some(about) = about else { return record };
    record
        .with("object_type", Value::text(about.of.key()))
        .with("object_id", Value::Int(about.id))
        .with("object_repr", Value::text(cut(&about.name, 200)))
}

/// What a job is to do.
pub(super) fn arguments(job: &Record) -> Json {
    if let Value::Json(json) = job.get("arguments") { json.as_ref().clone() } else { Json::Object(Default::default()) }
}

/// Who wishes that it ends.
pub(super) fn wish(job: &Record) -> Option<String> {
    Some(job.text("cancelled_by")).filter(|by| !by.is_empty()).map(str::to_owned)
}

/// A job that nobody works on any more. What its worker has had it for is added to what it took; of one that went without a word
/// that is known until its lease ended.
fn let_go(job: Record, now: i64) -> Record {
    let until = job.get("lease").as_time().map_or(now, |lease| lease.min(now));
    let took = job.get("taken").as_time().map(|taken| (until - taken).max(0) / 1_000);
    let took = took.map(|took| Value::Int(took + job.int("milliseconds").unwrap_or_default()));
    let job = if let Some(took) = took { job.with("milliseconds", took) } else { job };
    job.with("lease", Value::Null).with("holds", Value::Null).with("deadline", Value::Null).with("taken", Value::Null)
}

pub(super) fn waiting(job: Record, now: i64) -> Record {
    let_go(job, now)
        .with("status", Value::text(JobStatus::Pending.code()))
        .with("worker", Value::text(""))
        .with("not_before", Value::Null)
}

pub(super) fn closed(job: Record, status: JobStatus, words: &str, now: i64) -> Record {
    let_go(job, now)
        .with("status", Value::text(status.code()))
        .with("outcome", Value::text(cut(words, MOST_TEXT)))
        .with("completed", Value::Time(now))
        .with("not_before", Value::Null)
        .with("place", Value::Null)
}

/// One line of so many characters at most.
pub fn cut(text: &str, most: usize) -> String {
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
