//! The workers of a process: they look for jobs, do them, and go on telling the queue that they live. A job that is done sees only
//! its [`Task`]; that somebody wishes its end, that its time is over, that the process stops, and that the job was lost to another
//! worker is noticed here, at the latest after one tick.

use super::{
    claims::{Claimed, End},
    kind::{Ended, JobKind, KINDS, Means},
    now, process,
    queue::{Queue, Wanted, arguments, spoken},
    schedule::Timetable,
    task::{News, Notes, Task},
};
use peerage_model::{Label, Problem, Record};
use peerage_store::{Store, StoreError};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    task::{JoinError, JoinHandle},
    time::{sleep, timeout},
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
    /// A worker that is not heard of for so long has gone. It says that it lives after a third of it, and gives its job up after
    /// two thirds without an answer: clocks of machines may differ by less than the third that is left then.
    pub lease: Duration,
    /// How long a job that was told to stop may take to, before it is cut off; after as long again it is left to itself.
    pub patience: Duration,
    /// Jobs at the same time.
    pub jobs: usize,
}

/// The longest that an answer of the database is waited for while a job runs, whose end and whose deadline are not to be missed.
const HEARING: Duration = Duration::from_secs(2);

const SILENCE: &str = "The database does not answer.";

impl Pace {
    /// As usual, but for the time after which a worker is taken for gone.
    pub fn with_lease(lease: Duration) -> Self {
        let lease = lease.max(Duration::from_secs(1));
        let usual = Self::default();
        Self { lease, tick: usual.tick.min(lease / 6), ..usual }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            look: Duration::from_secs(1),
            tick: Duration::from_millis(500),
            lease: Duration::from_secs(45),
            patience: Duration::from_secs(7),
            // most of what they do is to wait for others
            jobs: 8,
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
    running: Mutex<Vec<i64>>,
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
            running: Mutex::default(),
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

    fn running(&self) -> MutexGuard<'_, Vec<i64>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no job runs here any more.
    pub async fn ended(&self) {
        while self.looking.load(Ordering::Acquire) > 0 || !self.running().is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Looks for jobs and does them until [`Engine::stop`].
    pub async fn run(self: Arc<Self>) {
        self.looking.fetch_add(1, Ordering::AcqRel);
        let mut failing = false;
        while !self.stop.is_cancelled() {
            match self.take_one().await {
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

    /// One look: what is due is enqueued, the dead are noticed, and the next job is begun if there is a place for it.
    pub(crate) async fn take_one(self: &Arc<Self>) -> Result<Option<JoinHandle<()>>, Problem> {
        let time = (self.clock)();
        for entry in self.timetable.iter() {
            self.queue.enqueue_due(entry, time).await?;
        }
        self.notice_the_dead(time).await?;
        // whatever the clocks say, what is done here was not left
        let own = self.running().clone();
        if own.len() >= self.pace.jobs {
            return Ok(None);
        }
        let Some(claimed) = self.queue.claim(&self.name, &own, time).await? else { return Ok(None) };
        let id = claimed.job.id;
        self.running().push(id);
        let engine = self.clone();
        Ok(Some(tokio::spawn(async move {
            let run = claimed.kind.run;
            let means = engine.means.clone();
            engine.work(claimed, |task| run(means, task)).await;
            engine.running().retain(|other| *other != id);
            // its place is free, and perhaps its turn
            engine.queue.stir();
        })))
    }

    async fn notice_the_dead(&self, time: i64) -> Result<(), StoreError> {
        match self.queue.notice_the_dead(&self.name, time).await {
            // another process was quicker
            Ok(()) | Err(StoreError::HoldLost) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Does a job here and now, as [`Queue::begin_here`] says: `waits` is called once if another has the turn. None if it was told
    /// to stop before it got it.
    ///
    /// # Errors
    /// `Forbidden`, or a failure of the database.
    pub async fn do_here<F>(
        &self,
        kind: &'static JobKind,
        wanted: Wanted<'_>,
        waits: impl FnOnce(),
        run: impl FnOnce(Task) -> F,
    ) -> Result<Option<()>, Problem>
    where
        F: Future<Output = Result<Ended, Problem>> + Send + 'static,
    {
        let mut waits = Some(waits);
        loop {
            let time = (self.clock)();
            self.notice_the_dead(time).await?;
            if let Some(claimed) = self.queue.begin_here(kind, wanted.clone(), &self.name, time).await? {
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
        let Claimed { kind, job, hold, since } = claimed;
        tracing::info!(job = job.id, name = kind.name, attempt = hold.attempt, "a job begins");
        let stop = CancellationToken::new();
        let notes = Notes::default();
        let silence = || Problem::new(Label::Unavailable, SILENCE);
        let asked = timeout(self.pace.lease / 3, self.queue.for_whom(kind, &job)).await;
        let handler = match asked.unwrap_or_else(|_| Err(silence())) {
            Ok(who) => tokio::spawn(run(Task {
                queue: self.queue.clone(),
                store: self.queue.store().held_by(hold.clone()),
                hold: hold.clone(),
                clock: self.clock.clone(),
                who,
                by: job.text("user_name").into(),
                arguments: arguments(&job),
                stop: stop.clone(),
                notes: notes.clone(),
            })),
            // nothing was done yet: whatever the job is, it may begin later
            Err(problem) if problem.label == Label::Unavailable => {
                return self.let_go(kind, &hold, News::default(), &End::HandBack).await;
            }
            Err(problem) => {
                return self.let_go(kind, &hold, News::default(), &End::Failed(problem.message)).await;
            }
        };
        let deadline = job.get("deadline").as_time().unwrap_or(i64::MAX);
        let watch = Watch { engine: self, kind, hold: &hold, stop: &stop, notes: &notes, deadline };
        let Some((how, why)) = watch.until_done(handler, since).await else { return };
        let end = judge(kind, &job, how, why);
        tracing::info!(job = job.id, name = kind.name, ?end, "a job ends");
        self.let_go(kind, &hold, notes.take(), &end).await;
    }

    /// Writes the end, as long as the job is ours: while the database is away it is tried again. After that the lease ends, and
    /// somebody else takes the job up.
    async fn let_go(&self, kind: &JobKind, hold: &peerage_store::Hold, news: News, end: &End) {
        let began = Instant::now();
        loop {
            let ended = self.queue.end(kind, hold, &news, end, (self.clock)());
            let error = match timeout(self.pace.lease / 3, ended).await {
                Ok(Ok(())) => return,
                Ok(Err(StoreError::HoldLost)) => {
                    tracing::warn!(job = hold.job, "the end of a job was not noted: another worker has it");
                    return;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => SILENCE.to_owned(),
            };
            // whoever stops is not waited for as long
            let patience = if self.stop.is_cancelled() { HEARING } else { self.pace.lease };
            if began.elapsed() >= patience {
                tracing::warn!(job = hold.job, error, "the end of a job could not be noted");
                return;
            }
            tracing::warn!(job = hold.job, error, "the end of a job could not be noted; trying again");
            sleep(self.pace.tick).await;
        }
    }
}

fn with(first: &str, rest: &str) -> String {
    if rest.is_empty() { first.to_owned() } else { format!("{first} {rest}") }
}

/// How a handler came to its end.
enum How {
    Ended(Result<Ended, Problem>),
    Broke,
    CutOff,
    /// It did not, although it was cut off: it does not wait for anything.
    GoesOn,
}

impl How {
    fn of(done: Result<Result<Ended, Problem>, JoinError>) -> Self {
        match done {
            Ok(ended) => Self::Ended(ended),
            Err(broken) if broken.is_panic() => Self::Broke,
            Err(_) => Self::CutOff,
        }
    }
}

/// What becomes of a job whose handler has come to its end, in whatever way.
fn judge(kind: &JobKind, job: &Record, how: How, why: Option<Why>) -> End {
    let stopped = |why: Option<Why>, words: String| match why {
        Some(Why::Cancelled(by)) => End::Failed(with(&format!("Cancelled by {by}."), &words)),
        Some(Why::Late) => End::Errored(with(&format!("It did not end within {}.", spoken(kind.deadline)), &words)),
        Some(Why::Stopping) if job.flag("resumable") => End::HandBack,
        Some(Why::Stopping) => End::Errored(with("The process that did it was stopped.", &words)),
        None => End::Failed(words),
    };
    match how {
        How::Ended(Ok(Ended::Completed(words))) => End::Completed(words),
        How::Ended(Ok(Ended::Failed(words))) => End::Failed(words),
        How::Ended(Ok(Ended::Stopped(words))) => stopped(why, words),
        How::Ended(Ok(Ended::Unavailable { words, wait })) if why.is_none() => End::TryAgain(words, wait),
        How::Ended(Ok(Ended::Unavailable { words, .. })) => stopped(why, words),
        How::Ended(Err(problem)) if why.is_some() => stopped(why, problem.message),
        How::Ended(Err(problem)) if problem.label == Label::Internal => End::Errored(problem.message),
        How::Ended(Err(problem)) => End::Failed(problem.message),
        How::Broke => End::Errored("It broke, which is a fault of Peerage; the server's log says where.".to_owned()),
        How::CutOff => stopped(why, String::new()),
        How::GoesOn => End::Errored(
            "It was told to stop and goes on, which is a fault of Peerage. Nothing that it still writes is kept."
                .to_owned(),
        ),
    }
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

impl Watch<'_> {
    /// `renewed`: a moment before the lease began. None: the job is not ours any more, or soon will not be.
    async fn until_done(
        &self,
        mut handler: JoinHandle<Result<Ended, Problem>>,
        mut renewed: Instant,
    ) -> Option<(How, Option<Why>)> {
        let pace = self.engine.pace;
        let limit = pace.lease * 2 / 3;
        let mut why: Option<Why> = None;
        let mut told: Option<Instant> = None;
        loop {
            tokio::select! {
                done = &mut handler => return Some((How::of(done), why)),
                () = sleep(pace.tick) => {}
                () = self.engine.stop.cancelled(), if why.is_none() => {}
            }
            // what is known without the database, which may not answer
            if why.is_none() && self.engine.stop.is_cancelled() {
                why = Some(Why::Stopping);
            }
            if why.is_none() && (self.engine.clock)() >= self.deadline {
                why = Some(Why::Late);
            }
            self.tell(why.as_ref(), &mut told);
            let lost = match self.hear(&mut renewed, limit).await {
                Ok(Some(by)) if why.is_none() => {
                    why = Some(Why::Cancelled(by));
                    self.tell(why.as_ref(), &mut told);
                    false
                }
                Ok(_) => false,
                Err(Unheard::Lost) => {
                    tracing::warn!(job = self.hold.job, "a job was lost to another worker, and is left");
                    true
                }
                Err(Unheard::Failed(error)) => {
                    tracing::warn!(job = self.hold.job, error, "a job's progress could not be noted");
                    false
                }
            };
            // before anybody else may take it, whatever the database does
            let is_late = !lost && renewed.elapsed() >= limit;
            if is_late {
                tracing::warn!(
                    job = self.hold.job,
                    "a job is left: it could not be said in time that its worker lives"
                );
            }
            if lost || is_late {
                self.stop.cancel();
                handler.abort();
                // it is still ours to do as long as it does something here
                let _ = timeout(pace.patience, &mut handler).await;
                return None;
            }
            let since = told.map_or(Duration::ZERO, |told| told.elapsed());
            let patience = self.kind.patience.unwrap_or(pace.patience);
            if since > patience {
                tracing::warn!(job = self.hold.job, name = self.kind.name, "a job that was told to stop is cut off");
                handler.abort();
            }
            if since > patience * 2 {
                return Some((How::GoesOn, why));
            }
        }
    }

    fn tell(&self, why: Option<&Why>, told: &mut Option<Instant>) {
        if why.is_some() && told.is_none() {
            self.stop.cancel();
            *told = Some(Instant::now());
        }
    }

    /// Writes what there is to write, and hears what is wished.
    async fn hear(&self, renewed: &mut Instant, limit: Duration) -> Result<Option<String>, Unheard> {
        let queue = &self.engine.queue;
        let news = self.notes.take();
        let looks = news.is_empty() && renewed.elapsed() < self.engine.pace.lease / 3;
        let asked = Instant::now();
        let asking = async {
            if looks { queue.look(self.hold).await } else { queue.renew(self.hold, &news, (self.engine.clock)()).await }
        };
        let failed = match timeout(limit.saturating_sub(renewed.elapsed()).min(HEARING), asking).await {
            Ok(Ok(wish)) => {
                if !looks {
                    // as the row says it: counted from before it was written
                    *renewed = asked;
                }
                return Ok(wish);
            }
            Ok(Err(StoreError::HoldLost)) => Unheard::Lost,
            Ok(Err(error)) => Unheard::Failed(error.to_string()),
            Err(_) => Unheard::Failed(SILENCE.to_owned()),
        };
        self.notes.put_back(news);
        Err(failed)
    }
}

/// Why nothing was heard.
enum Unheard {
    /// The job is another's.
    Lost,
    Failed(String),
}
