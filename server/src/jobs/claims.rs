//! What workers do with jobs: take one, say that they live, let go of it. Every call of a worker's names its hold; one that came
//! too late is refused, so that the row always says what is so.

use super::{
    kind::{JobKind, named},
    micros, process,
    queue::{MOST_TEXT, Queue, Wanted, closed, cut, is_taken, spoken, waiting, wish},
    task::{Level, Line, News},
};
use peerage_model::{
    Filter, Label, ListQuery, Permit, Problem, Record, Sort, Value,
    filter::equals,
    permit::View,
    types::{JOB, JOB_LINE, JobOrigin, JobStatus, MOST_OUTPUT},
};
use peerage_store::{Dialect, Hold, Sought, StoreError, Write};
use serde_json::Value as Json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The longest that somebody outside may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3_600);

/// A job that a worker has taken.
pub struct Claimed {
    pub kind: &'static JobKind,
    pub job: Record,
    pub hold: Hold,
    /// A moment before its lease began.
    pub since: Instant,
}

/// What becomes of a job that its worker lets go of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Completed(String),
    Failed(String),
    Errored(String),
    /// Something outside did not answer, and asked to be left alone for so long: once more after a while, or never if that was
    /// tried often enough, or the job cannot be done anew.
    TryAgain(String, Duration),
    /// The process stops: for the next worker that comes.
    HandBack,
}

/// What becomes of a job whose worker has gone.
enum Left {
    /// For whoever takes it up now.
    TakenUp(Record, Line),
    /// It waits, or it has ended.
    Put(Record, Line),
}

impl Queue {
    /// Takes the next job for a worker, of those that it is not doing already. Jobs on the way whose workers have gone and that
    /// cannot be taken up end, and say so.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn claim(&self, worker: &Arc<str>, except: &[i64], now: i64) -> Result<Option<Claimed>, StoreError> {
        let since = Instant::now();
        let names: Vec<&str> = self.kinds.iter().map(|kind| kind.name).collect();
        let sought = Sought { names: &names, except, now };
        let look: Permit<View> = self.system().permit(&JOB)?;
        if !self.store.has_claimable(&look, &sought).await? {
            return Ok(None);
        }
        let permit = self.change()?;
        let mut write = self.begin().await?;
        while let Some(job) = write.claimable(&permit, &sought).await? {
            let Ok(kind) = named(self.kinds, job.text("name")) else { break };
            let (job, mut lines) = if JobStatus::of(&job) == Some(JobStatus::Running) {
                match left(kind, job, now) {
                    Left::TakenUp(job, line) => (job, vec![line]),
                    Left::Put(job, line) => {
                        self.save(&mut write, job, &[], &[line]).await?;
                        continue;
                    }
                }
            } else {
                (job, Vec::new())
            };
            lines.push(Line::at(now, Level::Default, format!("Taken by {worker}.")));
            return match self.take(&mut write, kind, job, &lines, worker, now).await {
                Ok((job, hold)) => {
                    write.commit().await?;
                    Ok(Some(Claimed { kind, job, hold, since }))
                }
                // somebody got the turn between our look and our write
                Err(refused) if is_taken(&refused, "holds") => Ok(None),
                Err(error) => Err(error),
            };
        }
        write.commit().await?;
        Ok(None)
    }

    async fn take(
        &self,
        write: &mut Write,
        kind: &'static JobKind,
        job: Record,
        lines: &[Line],
        worker: &Arc<str>,
        now: i64,
    ) -> Result<(Record, Hold), StoreError> {
        let attempt = job.int("attempt").unwrap_or_default() + 1;
        let started = job.get("started").as_time().unwrap_or(now);
        let turn = job.get("turn").clone();
        let job = job
            .with("status", Value::text(JobStatus::Running.code()))
            .with("attempt", Value::Int(attempt))
            .with("worker", Value::text(worker.clone()))
            .with("lease", Value::Time(now + micros(self.lease())))
            .with("deadline", Value::Time(now + micros(kind.deadline)))
            .with("not_before", Value::Null)
            .with("started", Value::Time(started))
            .with("taken", Value::Time(now))
            .with("holds", turn);
        let job = self.save(write, job, &[], lines).await?;
        let hold = Hold { job: job.id, attempt, worker: worker.clone() };
        Ok((job, hold))
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
        let since = Instant::now();
        (kind.may)(wanted.who, &wanted.arguments)?;
        kind.must_reach(&self.store, wanted.who, &wanted.arguments).await?;
        let mut write = self.begin().await?;
        if let Some(turn) = (kind.turn)(&wanted.arguments) {
            let is_free = self.free_turn(&mut write, turn, now).await?;
            if !is_free {
                return Ok(None);
            }
        }
        let job = self.insert(&mut write, kind, wanted, JobOrigin::Command, now).await?;
        match self.take(&mut write, kind, job, &[], worker, now).await {
            Ok((job, hold)) => {
                write.commit().await?;
                Ok(Some(Claimed { kind, job, hold, since }))
            }
            Err(refused) if is_taken(&refused, "holds") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether nobody has a turn. Whoever had it and has gone loses it.
    async fn free_turn(&self, write: &mut Write, turn: String, now: i64) -> Result<bool, StoreError> {
        let permit: Permit<View> = self.system().permit(&JOB)?;
        let Some(holder) = write.find(&permit, &[("holds", Value::text(turn))]).await?.pop() else {
            return Ok(true);
        };
        let holder = write.job(&self.change()?, holder.id).await?;
        if holder.get("holds").is_null() {
            return Ok(true);
        }
        let Ok(kind) = named(self.kinds, holder.text("name")) else { return Ok(false) };
        if lives(&holder, now) {
            return Ok(false);
        }
        let (job, line) = match left(kind, holder, now) {
            Left::TakenUp(job, line) => (waiting(job, now), line),
            Left::Put(job, line) => (job, line),
        };
        self.save(write, job, &[], &[line]).await?;
        Ok(true)
    }

    /// Writes what a worker has to say, and that it lives. Gives who wishes that the job ends, if somebody does.
    ///
    /// # Errors
    /// `HoldLost`, or a failure of the database.
    pub async fn renew(&self, hold: &Hold, news: &News, now: i64) -> Result<Option<String>, StoreError> {
        let mut write = self.begin().await?;
        let job = write.held_job(&self.change()?, hold).await?;
        let job = told(job, news).with("lease", Value::Time(now + micros(self.lease())));
        let by = wish(&job);
        self.save(&mut write, job, &news.lines, &[]).await?;
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
        let job = job.with("arguments", Value::Json(Arc::new(arguments.clone())));
        self.save(&mut write, job, &[], &[]).await?;
        write.commit().await
    }

    /// The worker lets go of the job.
    ///
    /// # Errors
    /// `HoldLost`, or a failure of the database: the job is as it was.
    pub async fn end(&self, kind: &JobKind, hold: &Hold, news: &News, end: &End, now: i64) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        let job = told(write.held_job(&self.change()?, hold).await?, news);
        let retries = job.int("retries").unwrap_or_default();
        let may_again = job.flag("resumable") && wish(&job).is_none();
        let close = |job: Record, status: JobStatus, words: &str| {
            let level = if status == JobStatus::Completed { Level::Success } else { Level::Failure };
            (closed(job, status, words, now), Line::at(now, level, words))
        };
        let (job, line) = match end {
            End::Completed(words) => close(job, JobStatus::Completed, words),
            End::Failed(words) => close(job, JobStatus::Failed, words),
            End::Errored(words) => close(job, JobStatus::Errored, words),
            End::TryAgain(words, asked) if may_again && retries < kind.retries => {
                let wait = kind.wait(retries).max(*asked).min(LONGEST_WAIT);
                let line = Line::at(now, Level::Warning, format!("{words} It is tried again in {}.", spoken(wait)));
                let job = waiting(job, now)
                    .with("outcome", Value::text(cut(words, MOST_TEXT)))
                    .with("retries", Value::Int(retries + 1))
                    .with("not_before", Value::Time(now + micros(wait)));
                (job, line)
            }
            End::TryAgain(words, _) => close(job, JobStatus::Failed, words),
            End::HandBack => match wish(&job) {
                Some(by) => close(job, JobStatus::Failed, &format!("Cancelled by {by}.")),
                None => {
                    let words = "Its worker stops. The next one takes it up.";
                    (waiting(job, now), Line::at(now, Level::Info, words))
                }
            },
        };
        let job = self.save(&mut write, job, &news.lines, &[line]).await?;
        if kind.repeats
            && let Some(before) = self.said_before(&mut write, &job).await?
        {
            write.delete(&self.system().permit(&JOB)?, before).await?;
        }
        write.commit().await
    }

    /// The job before this one, of those that come by themselves, if both ended with the very same words.
    async fn said_before(&self, write: &mut Write, job: &Record) -> Result<Option<i64>, StoreError> {
        if job.text("schedule").is_empty() || job.get("completed").is_null() {
            return Ok(None);
        }
        let field = JOB.field("schedule").ok_or_else(|| Problem::not_found(JOB.name))?;
        let filter = Filter { terms: vec![equals(field, job.get("schedule").clone())], words: Vec::new() };
        let sort = Sort::parse(&JOB, "-id").map_err(|words| Problem::new(Label::Internal, words))?;
        let fields = (0..JOB.fields.len()).collect();
        let query = ListQuery { fields, filter, sort: vec![sort], limit: 2, count: false, ..ListQuery::all(&JOB) };
        let newest = write.records(&self.system().permit(&JOB)?, &query).await?;
        let Some(before) = newest.into_iter().find(|before| before.id < job.id) else { return Ok(None) };
        let is_same = |name: &str| before.get(name) == job.get(name);
        if !["name", "status", "outcome", "lines"].into_iter().all(is_same) {
            return Ok(None);
        }
        let lines = write.reverse(&self.system().permit(&JOB_LINE)?, "job", &[before.id, job.id]).await?;
        let said = |id: i64| {
            let own = lines.iter().filter(move |line| line.int("job") == Some(id));
            own.map(|line| (line.text("level"), line.text("text"), line.int("object_id")))
        };
        Ok(said(before.id).eq(said(job.id)).then_some(before.id))
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
        let running = self.store.among(&permit, "status", &[Value::text(JobStatus::Running.code())]).await?;
        for job in running {
            if !lives(&job, now) || !process::has_gone(job.text("worker"), own) {
                continue;
            }
            let mut write = self.begin().await?;
            let seen = Hold {
                job: job.id,
                attempt: job.int("attempt").unwrap_or_default(),
                worker: job.text("worker").into(),
            };
            let job = write.held_job(&self.change()?, &seen).await?;
            self.save(&mut write, job.with("lease", Value::Time(now - 1)), &[], &[]).await?;
            write.commit().await?;
        }
        Ok(())
    }
}

/// Whether a job's worker was heard of in time.
fn lives(job: &Record, now: i64) -> bool {
    job.get("lease").as_time().is_some_and(|lease| lease >= now)
}

/// A job whose worker has gone. The first time it is taken up at once; one that ends its workers again and again is left alone for
/// longer and longer, as one that gets no answer is.
fn left(kind: &JobKind, job: Record, now: i64) -> Left {
    let gone = format!("Its worker, {}, has gone without a word.", job.text("worker"));
    let retries = job.int("retries").unwrap_or_default();
    let end = |job: Record, status: JobStatus, words: String| {
        Left::Put(closed(job, status, &words, now), Line::at(now, Level::Failure, words))
    };
    if let Some(by) = wish(&job) {
        return end(job, JobStatus::Failed, format!("Cancelled by {by}."));
    }
    if !job.flag("resumable") {
        return end(job, JobStatus::Errored, format!("{gone} It cannot be taken up where it was left."));
    }
    if retries >= kind.retries {
        let words = format!("{gone} It was begun {} times; it is not begun again.", retries + 1);
        return end(job, JobStatus::Errored, words);
    }
    let counted = job.with("retries", Value::Int(retries + 1));
    if retries == 0 {
        return Left::TakenUp(counted, Line::at(now, Level::Warning, format!("{gone} It is taken up again.")));
    }
    let wait = kind.wait(retries);
    let job =
        waiting(counted, now).with("outcome", Value::text(&*gone)).with("not_before", Value::Time(now + micros(wait)));
    Left::Put(job, Line::at(now, Level::Warning, format!("{gone} It is taken up again in {}.", spoken(wait))))
}

/// A job with what its worker has to tell, but for the lines.
fn told(mut job: Record, news: &News) -> Record {
    if let Some((phase, done, total)) = &news.progress {
        let count = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        job = job.with("phase", Value::text(cut(phase, 200))).with("done", count(*done)).with("total", count(*total));
    }
    if let Some(output) = &news.output {
        // PostgreSQL keeps no text with such a letter
        let kept: String = output.chars().filter(|letter| *letter != '\0').take(MOST_OUTPUT as usize).collect();
        job = job.with("output", Value::text(kept));
    }
    job
}
