//! The workers of a process: they look for jobs, do them, and go on telling the queue that they live. A job that is done sees only
//! its [`Task`]; that somebody wishes its end, that its time is over, that the process stops, and that the job was lost to another
//! worker is noticed here, at the latest after one tick.

use super::{
    kind::{Ended, JobKind, KINDS, Means},
    now, process,
    queue::{Claimed, End, Queue, Wanted, arguments, spoken},
    schedule::Timetable,
    task::{News, Notes, Task},
};
use peerage_model::{Label, Problem};
use peerage_store::{Store, StoreError};
use serde_json::Value as Json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    task::{JoinError, JoinHandle},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// What time it is, in microseconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How often things are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// For new jobs, if nobody stirs.
    pub look: Duration,
    /// At a job that runs: what it says is written, and what is wished of it is heard.
    pub tick: Duration,
    /// A worker that is not heard of for so long has gone. Clocks of machines may differ by less than this.
    pub lease: Duration,
    /// How long a job that was told to stop may take to, before it is cut off.
    pub patience: Duration,
    /// Jobs at the same time.
    pub jobs: usize,
}

impl Pace {
    /// As usual, but for the time after which a worker is taken for gone.
    pub fn with_lease(lease: Duration) -> Self {
        Self { lease: lease.max(Duration::from_secs(1)), ..Self::default() }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(1),
            tick: Duration::from_millis(500),
            lease: Duration::from_secs(45),
            patience: Duration::from_secs(7),
            jobs: 2,
        }
    }
}

/// Why a job is told to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Cancelled(String),
    Late,
    Stopping,
}

/// The workers of one process.
pub struct Engine {
    queue: Arc<Queue>,
    means: Arc<Means>,
    timetable: Timetable,
    pace: Pace,
    clock: Clock,
    name: Arc<str>,
    stop: CancellationToken,
    /// Jobs that are being done here.
    running: AtomicUsize,
    /// Loops of [`Engine::run`]: one may be about to take a job.
    looking: AtomicUsize,
}

impl Engine {
    /// Nothing is done before [`Engine::run`].
    pub fn new(store: Store, means: Means, timetable: Timetable, pace: Pace) -> Self {
        Self::with(store, means, timetable, KINDS, pace, Arc::new(now))
    }

    pub(super) fn with(
        store: Store,
        means: Means,
        timetable: Timetable,
        kinds: &'static [JobKind],
        pace: Pace,
        clock: Clock,
    ) -> Self {
        Self {
            queue: Arc::new(Queue::new(store, kinds, pace.lease)),
            means: Arc::new(means),
            timetable,
            pace,
            clock,
            name: process::own_name().into(),
            stop: CancellationToken::new(),
            running: AtomicUsize::new(0),
            looking: AtomicUsize::new(0),
        }
    }

    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    pub fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    pub fn means(&self) -> &Means {
        &self.means
    }

    /// Tells the jobs of this process to stop; they are handed back.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until no job runs here any more.
    pub async fn ended(&self) {
        while self.looking.load(Ordering::Acquire) + self.running.load(Ordering::Acquire) > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Looks for jobs and does them until [`Engine::stop`].
    pub async fn run(self: Arc<Self>) {
        self.looking.fetch_add(1, Ordering::AcqRel);
        let mut failing = false;
        while !self.stop.is_cancelled() {
            let free = self.running.load(Ordering::Acquire) < self.pace.jobs;
            let taken = if free { self.take_one().await } else { Ok(None) };
            match taken {
                Ok(Some(_)) => {
                    failing = false;
                    // there may be another one
                    continue;
                }
                Ok(None) => failing = false,
                Err(error) => {
                    if !failing {
                        tracing::warn!(%error, "jobs cannot be looked for; trying again");
                    }
                    failing = true;
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.queue.stirred(), if !failing => {}
                () = sleep(self.pace.look) => {}
            }
        }
        self.looking.fetch_sub(1, Ordering::AcqRel);
    }

    /// One look: what is due is enqueued, the dead are noticed, and the next job is begun.
    pub(super) async fn take_one(self: &Arc<Self>) -> Result<Option<JoinHandle<()>>, Problem> {
        let time = (self.clock)();
        for (name, period) in self.timetable.iter() {
            self.queue.enqueue_due(super::kind::named(self.queue.kinds(), name)?, period, time).await?;
        }
        match self.queue.notice_the_dead(&self.name, time).await {
            // another process was quicker
            Ok(()) | Err(StoreError::HoldLost) => {}
            Err(error) => return Err(error.into()),
        }
        let Some(claimed) = self.queue.claim(&self.name, time).await? else { return Ok(None) };
        self.running.fetch_add(1, Ordering::AcqRel);
        let engine = self.clone();
        Ok(Some(tokio::spawn(async move {
            let run = claimed.kind.run;
            let means = engine.means.clone();
            engine.work(claimed, |task| run(means, task)).await;
            engine.running.fetch_sub(1, Ordering::AcqRel);
            // its place is free, and perhaps its turn
            engine.queue.stir();
        })))
    }

    /// Does a job here and now, as [`Queue::begin_here`] says: `waits` is called once if another has the turn. None if it was told
    /// to stop before it got it.
    ///
    /// # Errors
    /// `Forbidden`, or a failure of the database.
    pub async fn do_here<F>(
        &self,
        kind: &'static JobKind,
        who: &peerage_model::Who,
        arguments: Json,
        waits: impl FnOnce(),
        run: impl FnOnce(Task) -> F,
    ) -> Result<Option<()>, Problem>
    where
        F: Future<Output = Result<Ended, Problem>> + Send + 'static,
    {
        let mut waits = Some(waits);
        loop {
            let time = (self.clock)();
            match self.queue.notice_the_dead(&self.name, time).await {
                Ok(()) | Err(StoreError::HoldLost) => {}
                Err(error) => return Err(error.into()),
            }
            let wanted = Wanted { who, arguments: arguments.clone(), schedule: "" };
            if let Some(claimed) = self.queue.begin_here(kind, wanted, &self.name, time).await? {
                self.work(claimed, run).await;
                return Ok(Some(()));
            }
            if let Some(waits) = waits.take() {
                waits();
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(None),
                () = sleep(self.pace.look) => {}
            }
        }
    }

    /// Does a job that was taken, to its end or until it is lost.
    async fn work<F>(&self, claimed: Claimed, run: impl FnOnce(Task) -> F)
    where
        F: Future<Output = Result<Ended, Problem>> + Send + 'static,
    {
        let Claimed { kind, job, hold } = claimed;
        tracing::info!(job = job.id, name = kind.name, attempt = hold.attempt, "a job begins");
        let stop = CancellationToken::new();
        let notes = Notes::default();
        let task = Task {
            queue: self.queue.clone(),
            store: self.queue.store().held_by(hold.clone()),
            hold: hold.clone(),
            arguments: arguments(&job),
            stop: stop.clone(),
            notes: notes.clone(),
        };
        let handler = tokio::spawn(run(task));
        let deadline = job.get("deadline").as_time().unwrap_or(i64::MAX);
        let watch = Watch { engine: self, kind, hold: &hold, stop: &stop, notes: &notes, deadline };
        let Some((done, why)) = watch.until_done(handler).await else {
            tracing::warn!(job = job.id, "a job was lost to another worker, and was left");
            return;
        };
        let end = self.judge(kind, &job, done, why);
        tracing::info!(job = job.id, name = kind.name, ?end, "a job ends");
        self.let_go(kind, &hold, notes.take(), &end).await;
    }

    /// What becomes of a job whose handler has come to its end, in whatever way.
    fn judge(
        &self,
        kind: &JobKind,
        job: &peerage_model::Record,
        done: Result<Result<Ended, Problem>, JoinError>,
        why: Option<Why>,
    ) -> End {
        let stopped = |why: Option<Why>, words: String| match why {
            Some(Why::Cancelled(by)) => End::Failed(with(&format!("Cancelled by {by}."), &words)),
            Some(Why::Late) => End::Errored(with(&format!("It did not end within {}.", spoken(kind.deadline)), &words)),
            Some(Why::Stopping) if job.flag("resumable") => End::HandBack,
            Some(Why::Stopping) => End::Errored(with("The process that did it was stopped.", &words)),
            None => End::Failed(words),
        };
        match done {
            Ok(Ok(Ended::Completed(words))) => End::Completed(words),
            Ok(Ok(Ended::Failed(words))) => End::Failed(words),
            Ok(Ok(Ended::Stopped(words))) => stopped(why, words),
            Ok(Ok(Ended::Unavailable(words))) if why.is_none() => End::TryAgain(words),
            Ok(Err(problem)) if problem.label == Label::Unavailable && why.is_none() => End::TryAgain(problem.message),
            Ok(Ok(Ended::Unavailable(words))) => stopped(why, words),
            Ok(Err(problem)) if why.is_some() => stopped(why, problem.message),
            Ok(Err(problem)) if problem.label == Label::Internal => End::Errored(problem.message),
            Ok(Err(problem)) => End::Failed(problem.message),
            Err(broken) if broken.is_panic() => {
                End::Errored("It broke, which is a fault of Peerage; the server's log says where.".to_owned())
            }
            Err(_) => stopped(why, String::new()),
        }
    }

    /// Writes the end, as long as the job is ours: while the database is away it is tried again. After that the lease ends, and
    /// somebody else takes the job up.
    async fn let_go(&self, kind: &JobKind, hold: &peerage_store::Hold, news: News, end: &End) {
        let began = Instant::now();
        loop {
            match self.queue.end(kind, hold, &news, end, (self.clock)()).await {
                Ok(()) => return,
                Err(StoreError::HoldLost) => {
                    tracing::warn!(job = hold.job, "the end of a job was not noted: another worker has it");
                    return;
                }
                Err(error) if began.elapsed() < self.pace.lease && !self.stop.is_cancelled() => {
                    tracing::warn!(job = hold.job, %error, "the end of a job could not be noted; trying again");
                    sleep(self.pace.look).await;
                }
                Err(error) => {
                    tracing::warn!(job = hold.job, %error, "the end of a job could not be noted");
                    return;
                }
            }
        }
    }
}

fn with(first: &str, rest: &str) -> String {
    if rest.is_empty() { first.to_owned() } else { format!("{first} {rest}") }
}

/// A job that runs, as its worker sees it.
struct Watch<'a> {
    engine: &'a Engine,
    kind: &'static JobKind,
    hold: &'a peerage_store::Hold,
    stop: &'a CancellationToken,
    notes: &'a Notes,
    deadline: i64,
}

type Done = (Result<Result<Ended, Problem>, JoinError>, Option<Why>);

impl Watch<'_> {
    /// None: the job is another's.
    async fn until_done(&self, mut handler: JoinHandle<Result<Ended, Problem>>) -> Option<Done> {
        let pace = self.engine.pace;
        let mut why: Option<Why> = None;
        let mut told = None;
        let mut renewed = Instant::now();
        loop {
            tokio::select! {
                done = &mut handler => return Some((done, why)),
                () = sleep(pace.tick) => {}
                () = self.engine.stop.cancelled(), if why.is_none() => {}
            }
            match self.hear(&mut renewed).await {
                Ok(Some(by)) if why.is_none() => why = Some(Why::Cancelled(by)),
                Ok(_) => {}
                Err(StoreError::HoldLost) => {
                    self.stop.cancel();
                    handler.abort();
                    return None;
                }
                Err(error) => {
                    tracing::warn!(job = self.hold.job, %error, "a job's progress could not be noted");
                    // somebody else may take it from here on
                    if renewed.elapsed() > pace.lease {
                        self.stop.cancel();
                        handler.abort();
                        return None;
                    }
                }
            }
            if why.is_none() && self.engine.stop.is_cancelled() {
                why = Some(Why::Stopping);
            }
            if why.is_none() && (self.engine.clock)() >= self.deadline {
                why = Some(Why::Late);
            }
            if why.is_some() && told.is_none() {
                self.stop.cancel();
                told = Some(Instant::now());
            }
            if told.is_some_and(|told: Instant| told.elapsed() > pace.patience) {
                tracing::warn!(job = self.hold.job, name = self.kind.name, "a job that was told to stop was cut off");
                handler.abort();
            }
        }
    }

    /// Writes what there is to write, and hears what is wished.
    async fn hear(&self, renewed: &mut Instant) -> Result<Option<String>, StoreError> {
        let queue = &self.engine.queue;
        let news = self.notes.take();
        if news.is_empty() && renewed.elapsed() < self.engine.pace.lease / 3 {
            return queue.look(self.hold).await;
        }
        match queue.renew(self.hold, &news, (self.engine.clock)()).await {
            Ok(wish) => {
                *renewed = Instant::now();
                Ok(wish)
            }
            Err(error) => {
                self.notes.put_back(news);
                Err(error)
            }
        }
    }
}
