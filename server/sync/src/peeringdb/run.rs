//! One synchronisation from beginning to end: every type in order, then our own objects, then a line in the history.
//!
//! A type that fails is named and left; the others go on. While one type is written the next is fetched already. Runs in
//! one process take turns: the second waits, and then has nothing to do.

use super::{
    answer::Answer,
    cache::Cache,
    changes::Changes,
    link, networks,
    report::{Phase, Progress, Report, TypeReport},
    source::{Source, SourceError},
    take::{Take, TakeError},
};
use peerage_model::{
    ObjectType, Record, Value, Who,
    peeringdb::{NAMESPACES, SYNCHRONISATION},
    permit::{Add, Change},
};
use peerage_store::{Store, StoreError, now};
use std::{sync::Arc, time::Instant};
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Who change records say it was.
pub const ACTOR: &str = "PeeringDB synchronisation";

/// Room for answers that are on their way or wait: for as many that bring what is new, and for three whole ones.
const ROOMS: u32 = 6;
const ROOMS_OF_WHOLE: u32 = 2;
/// So many new or deleted rows are worth telling the database's planner of.
const LARGE: usize = 5000;

/// Runs, and emptying the cache, come one after the other.
pub static TURN: Mutex<()> = Mutex::const_new(());

/// Brings the cache up to date, then links our objects and lets our autonomous systems follow. What the system changes
/// of ours is recorded as its change. `progress` is called often; it should return at once.
///
/// Cancelling stops after the rows that are being written; what was taken stays, and the next run continues.
///
/// # Errors
/// If the database fails outside of any one type. Failures of types are in the report.
pub async fn synchronise(
    store: &Store,
    source: &Source,
    progress: &(dyn Fn(Progress) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<Report, StoreError> {
    let _turn = TURN.lock().await;
    let begun = Instant::now();
    let who = Who::system(ACTOR);
    // what the change records of this run share
    let request = format!("peeringdb-{}", now());
    let mut report = Report { source: source.name(), ..Report::default() };
    let mut cache = Cache::open(store, &who, &request, source.is_keyed(), begun_note(source)).await?;
    let mut changes = Changes::new(store, &who);
    let mut fetched = Fetching::start(source, &cache, cancel);
    let mut absent: Vec<(&'static str, &'static ObjectType)> = Vec::new();
    let mut oldest: Option<i64> = None;

    for (namespace, of) in NAMESPACES.iter().copied() {
        progress(Progress { namespace, phase: Phase::Fetching, done: 0, total: 0, line: None });
        let mut counts = TypeReport { namespace, ..TypeReport::default() };
        let taken = match fetched.next().await {
            Err(error) => Err(TakeError::from(error)),
            Ok(answer) => {
                oldest = oldest.into_iter().chain(answer.generated).min();
                let (cache, changes, absent) = (&mut cache, &mut changes, &absent);
                let mut take = Take { namespace, of, source, cache, changes, absent, cancel, progress };
                take.all(&answer, &mut counts).await
            }
        };
        if let Err(error) = taken {
            report.stopped |= matches!(error, TakeError::Source(SourceError::Cancelled));
            if let TakeError::Store(cause) = &error {
                tracing::error!(namespace, ?cause, "PeeringDB rows could not be written");
            }
            counts.may_pass = error.may_pass();
            counts.wait = if let TakeError::Source(source) = &error { source.asks_to_wait() } else { None };
            counts.failure = Some(error.into_words());
        }
        if counts.failure.is_some() || cache.cursor(namespace) == 0 {
            absent.push((namespace, of));
        }
        let line = counts.line();
        tracing::debug!(line, "PeeringDB");
        progress(Progress {
            namespace,
            phase: Phase::Done,
            done: counts.received,
            total: counts.received,
            line: Some(line),
        });
        report.types.push(counts);
        if report.stopped {
            break;
        }
    }
    drop(fetched);
    // what fails here is noted before it is said
    let mut failed = None;
    if !report.stopped {
        failed = our_objects(store, &who, &request, progress, &mut report).await.err();
        report.problems.extend(failed.iter().map(|error| format!("Our own objects were not looked at: {error}")));
    }
    report.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    if report.created() + report.deleted() > LARGE {
        // the planner's guesses are no reason to fail
        store.analyse().await.unwrap_or_else(|error| tracing::warn!(%error, "the database could not be analysed"));
    }
    if report.changed() || report.has_failed() {
        let told = Told { run: cache.run(), concerning: changes.concerning, left_out: changes.left_out };
        note(store, &who, &request, &report, oldest, &told).await?;
    }
    failed.map_or(Ok(report), Err)
}

async fn our_objects(
    store: &Store,
    who: &Who,
    request: &str,
    progress: &(dyn Fn(Progress) + Send + Sync),
    report: &mut Report,
) -> Result<(), StoreError> {
    let say = |phase, line| progress(Progress { namespace: "", phase, done: 0, total: 0, line });
    say(Phase::Linking, None);
    (report.linked_connections, report.linked_exchanges) =
        link::link(store, who, request, &mut report.problems).await?;
    say(
        Phase::Linking,
        Some(format!("{} connections and {} exchanges linked", report.linked_connections, report.linked_exchanges)),
    );
    say(Phase::Following, None);
    report.autonomous_systems = networks::follow(store, who, request, &mut report.problems).await?;
    say(Phase::Following, Some(format!("{} autonomous systems updated", report.autonomous_systems)));
    Ok(())
}

/// What was noted of the changes upstream.
struct Told {
    /// The run's line in the history, begun with the first of them.
    run: Option<i64>,
    concerning: usize,
    left_out: usize,
}

/// The line in the history from a run's first change until its end: what is there if it never comes to that.
fn begun_note(source: &Source) -> Record {
    Record::new(&SYNCHRONISATION).with("time", Value::Time(now())).with("source", cut(&source.name(), 500)).with(
        "failure",
        Value::text("It has not ended: it is still running, or was interrupted before it came to count."),
    )
}

fn cut(text: &str, most: usize) -> Value {
    Value::text(text.chars().take(most).collect::<String>())
}

/// A line in the history of runs; `oldest` is when the oldest answer was made.
async fn note(
    store: &Store,
    who: &Who,
    request: &str,
    report: &Report,
    oldest: Option<i64>,
    told: &Told,
) -> Result<(), StoreError> {
    let as_of = oldest.and_then(|seconds| seconds.checked_mul(1_000_000));
    let count = |number: usize| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let failure = if report.stopped { "Stopped.".to_owned() } else { report.failure() };
    let mut record = Record::new(&SYNCHRONISATION)
        .with("time", Value::Time(now()))
        .with("as_of", as_of.map_or(Value::Null, Value::Time))
        .with("created", count(report.created()))
        .with("updated", count(report.updated()))
        .with("deleted", count(report.deleted()))
        .with("rejected", count(report.rejected()))
        .with("concerning", count(told.concerning))
        .with("left_out", count(told.left_out))
        .with("milliseconds", Value::Int(i64::try_from(report.milliseconds).unwrap_or(i64::MAX)))
        .with("source", cut(&report.source, 500))
        // one line, for the field is one
        .with("failure", cut(&failure.replace('\n', " "), 2000));
    let mut write = store.begin(who, request).await?;
    match told.run {
        Some(run) => {
            record.id = run;
            write.update(&who.permit::<Change>(&SYNCHRONISATION)?, 0, record).await?;
        }
        None => drop(write.insert(&who.permit::<Add>(&SYNCHRONISATION)?, record).await?),
    }
    write.commit().await
}

impl TakeError {
    fn may_pass(&self) -> bool {
        match self {
            // too long a wait for this run is none for a later one
            Self::Source(SourceError::Throttled(_)) | Self::Store(StoreError::Database(_)) => true,
            Self::Source(error) => error.may_pass(),
            // rows that wait for a type share its fate
            Self::Store(_) | Self::Orphans { .. } => false,
        }
    }

    /// For the report; what only the log may know stays out of it.
    fn into_words(self) -> String {
        match self {
            Self::Store(error) => error.into_problem().message,
            error => error.to_string(),
        }
    }
}

/// Answers in the order of the types, fetched while earlier ones are written.
struct Fetching {
    answers: mpsc::UnboundedReceiver<(OwnedSemaphorePermit, JoinHandle<Result<Answer, SourceError>>)>,
    /// Of the answer that is being taken: its room is not another's yet.
    room: Option<OwnedSemaphorePermit>,
    /// Ends the tasks when the run ends early.
    _tasks: tokio_util::sync::DropGuard,
}

impl Fetching {
    fn start(source: &Source, cache: &Cache<'_>, cancel: &CancellationToken) -> Self {
        let cancel = cancel.child_token();
        let (send, answers) = mpsc::unbounded_channel();
        let since: Vec<_> = NAMESPACES.iter().map(|(namespace, _)| (*namespace, cache.cursor(namespace))).collect();
        let (source, token) = (source.clone(), cancel.clone());
        tokio::spawn(async move {
            let rooms = Arc::new(Semaphore::new(ROOMS as usize));
            for (namespace, since) in since {
                // a whole answer is large; what is new is small, and takes as long as the way there and back
                let wanted = if since == 0 { ROOMS_OF_WHOLE } else { 1 };
                let Ok(room) = rooms.clone().acquire_many_owned(wanted).await else { return };
                let (source, token) = (source.clone(), token.clone());
                let task = tokio::spawn(async move { source.fetch(namespace, since, &token).await });
                if send.send((room, task)).is_err() {
                    return;
                }
            }
        });
        Self { answers, room: None, _tasks: cancel.drop_guard() }
    }

    async fn next(&mut self) -> Result<Answer, SourceError> {
        self.room = None;
        // one comes for each type, unless a task panicked
        let broken = || SourceError::Unreadable("reading it failed".to_owned());
        let (room, task) = self.answers.recv().await.ok_or_else(broken)?;
        self.room = Some(room);
        task.await.map_err(|_| broken())?
    }
}
