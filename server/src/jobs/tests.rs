//! What the queue and its workers promise, on both databases. Times are made up; only what a worker itself waits for takes time,
//! in milliseconds.

use super::{
    kind::{Doing, Ended, JobKind, Means, named},
    now, process,
    queue::{End, MOST_LINES, Queue, Wanted},
    schedule::Timetable,
    synchronise,
    task::{Level, Line, News, Task},
    worker::{Engine, Pace},
};
use crate::{
    http::tests::database::{self, Database},
    services::retention,
};
use peerage_model::{
    Label, ListQuery, Problem, Record, Value, Who,
    permit::{Add, Rights, View},
    types::{JOB, TAG},
};
use peerage_store::{Store, StoreError};
use peerage_sync::peeringdb::{PUBLIC_API, Source};
use serde_json::{Value as Json, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

const LEASE: Duration = Duration::from_secs(45);
const SECOND: i64 = 1_000_000;
const BEGIN: i64 = 1_790_000_000 * SECOND;

const fn kind(name: &'static str, run: fn(Arc<Means>, Task) -> Doing) -> JobKind {
    JobKind {
        name,
        deadline: Duration::from_secs(600),
        retries: 2,
        first_wait: Duration::from_secs(60),
        longest_wait: Duration::from_secs(90),
        one_at_a_time: false,
        resumable: true,
        may: |who: &Who, _: &Json| who.permit::<Add>(&TAG).map(drop),
        run,
    }
}

static TRIED: &[JobKind] = &[
    kind("test.quick", |_, task| {
        Box::pin(async move {
            task.say(Level::Info, "quick");
            task.progress("half", 1, 2);
            Ok(Ended::Completed("Done.".to_owned()))
        })
    }),
    kind("test.obedient", |_, task| {
        Box::pin(async move {
            task.stop.cancelled().await;
            Ok(Ended::Stopped("Half of it.".to_owned()))
        })
    }),
    kind("test.deaf", |_, _| Box::pin(std::future::pending())),
    kind("test.broken", |_, _| Box::pin(async { panic!("it was meant to break") })),
    kind("test.away", |_, _| Box::pin(async { Err(Problem::new(Label::Unavailable, "Nobody answers.")) })),
    JobKind { one_at_a_time: true, ..kind("test.alone", |_, _| Box::pin(std::future::pending())) },
    JobKind {
        resumable: false,
        ..kind("test.once", |_, task| {
            Box::pin(async move {
                task.stop.cancelled().await;
                Ok(Ended::Stopped(String::new()))
            })
        })
    },
];

fn admin() -> Who {
    Who { user: None, name: "admin".into(), rights: Rights::all(true).into() }
}

fn queue(store: &Store) -> Queue {
    Queue::new(store.clone(), TRIED, LEASE)
}

fn of(name: &str) -> &'static JobKind {
    named(TRIED, name).unwrap()
}

async fn enqueue(queue: &Queue, name: &str) -> Record {
    let wanted = Wanted { who: &admin(), arguments: json!({}), schedule: "" };
    queue.enqueue(of(name), wanted, BEGIN).await.unwrap()
}

/// Several of a kind of which there may be one, as they come to be when two people are quick.
async fn enqueue_many(queue: &Queue, name: &str, count: usize) {
    let mut write = queue.store().begin(&queue.system(), "").await.unwrap();
    for _ in 0..count {
        let wanted = Wanted { who: &admin(), arguments: json!({}), schedule: "" };
        queue.insert(&mut write, of(name), wanted, BEGIN).await.unwrap();
    }
    write.commit().await.unwrap();
}

async fn job(store: &Store, id: i64) -> Record {
    store.get(&admin().permit::<View>(&JOB).unwrap(), id).await.unwrap().unwrap()
}

async fn log(store: &Store, id: i64) -> Vec<String> {
    let lines = store.job_lines(&admin().permit::<View>(&JOB).unwrap(), id, 0, 10_000).await.unwrap();
    lines.iter().map(|line| line.text("text").to_owned()).collect()
}

fn worker(name: &str) -> Arc<str> {
    name.into()
}

/// An engine whose clock stands where the number says.
fn engine(store: &Store, time: &Arc<AtomicI64>) -> Arc<Engine> {
    let pace = Pace {
        look: Duration::from_millis(5),
        tick: Duration::from_millis(5),
        lease: LEASE,
        patience: Duration::from_millis(60),
        jobs: 2,
    };
    let time = time.clone();
    let clock = Arc::new(move || time.load(Ordering::Relaxed));
    let means = Means { peeringdb: Source::api(PUBLIC_API, None).unwrap() };
    Arc::new(Engine::with(store.clone(), means, Timetable::default(), TRIED, pace, clock))
}

fn at(time: i64) -> Arc<AtomicI64> {
    Arc::new(AtomicI64::new(time))
}

/// Waits until a job stands so.
async fn until(store: &Store, id: i64, status: &str) -> Record {
    for _ in 0..1_000 {
        let job = job(store, id).await;
        if job.text("status") == status {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?} is not {status}: {:?}", job(store, id).await, log(store, id).await);
}

// ---- taking ----

async fn of_many_that_look_at_once_one_takes_a_job(database: &Database) {
    let first = queue(&database.store);
    for _ in 0..24 {
        enqueue(&first, "test.quick").await;
    }
    let mut takers = Vec::new();
    for number in 0..4 {
        // each with connections of its own, as another process has
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        takers.push(tokio::spawn(async move {
            let (queue, worker) = (queue(&store), worker(&format!("w:{number}:x")));
            let mut taken = Vec::new();
            while let Some(claimed) = queue.claim(&worker, BEGIN).await.unwrap() {
                assert_eq!(claimed.hold.attempt, 1);
                taken.push(claimed.hold.job);
            }
            store.close().await;
            taken
        }));
    }
    let mut all = Vec::new();
    for taker in takers {
        all.extend(taker.await.unwrap());
    }
    // whoever found the others' rows locked may have left too early
    while let Some(claimed) = first.claim(&worker("w:9:x"), BEGIN).await.unwrap() {
        all.push(claimed.hold.job);
    }
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    assert_eq!((count, all.len()), (24, 24));
}

async fn one_job_runs_of_a_kind_that_takes_turns(database: &Database) {
    let first = queue(&database.store);
    enqueue_many(&first, "test.alone", 3).await;
    let mut takers = Vec::new();
    for number in 0..4 {
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        takers.push(tokio::spawn(async move {
            let claimed = queue(&store).claim(&worker(&format!("w:{number}:x")), BEGIN).await.unwrap();
            store.close().await;
            claimed.map(|claimed| claimed.hold)
        }));
    }
    let mut holds = Vec::new();
    for taker in takers {
        holds.extend(taker.await.unwrap());
    }
    assert_eq!(holds.len(), 1);
    assert!(first.claim(&worker("w:8:x"), BEGIN).await.unwrap().is_none());
    // a command line waits for it as well
    let here = async || {
        let wanted = Wanted { who: &admin(), arguments: json!({}), schedule: "" };
        first.begin_here(of("test.alone"), wanted, &worker("w:7:x"), BEGIN).await.unwrap()
    };
    assert!(here().await.is_none());
    first.end(of("test.alone"), &holds[0], &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    let ours = here().await.unwrap();
    assert!(first.claim(&worker("w:8:x"), BEGIN).await.unwrap().is_none());
    first.end(of("test.alone"), &ours.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    assert!(first.claim(&worker("w:8:x"), BEGIN).await.unwrap().is_some());
    let refused =
        first.enqueue(of("test.alone"), Wanted { who: &admin(), arguments: json!({}), schedule: "" }, BEGIN).await;
    assert_eq!(refused.unwrap_err().label, Label::Conflict);
}

async fn a_worker_that_lost_its_job_writes_nothing_more(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let lost = queue.claim(&worker("first:1:x"), BEGIN).await.unwrap().unwrap();
    let theirs = store.held_by(lost.hold.clone());
    let tag = |name: &str| Record::new(&TAG).with("name", Value::text(name)).with("slug", Value::text(name));
    let add = admin().permit::<Add>(&TAG).unwrap();
    let mut write = theirs.begin(&admin(), "").await.unwrap();
    write.insert(&add, tag("early")).await.unwrap();
    write.commit().await.unwrap();

    let later = BEGIN + super::micros(LEASE);
    assert!(queue.claim(&worker("second:2:x"), later).await.unwrap().is_none(), "its lease has not ended");
    // a worker that is heard of keeps it
    queue.renew(&lost.hold, &News::default(), later).await.unwrap();
    assert!(queue.claim(&worker("second:2:x"), later + 1).await.unwrap().is_none());
    let much_later = later + super::micros(LEASE) + 1;
    let taken = queue.claim(&worker("second:2:x"), much_later).await.unwrap().unwrap();
    assert_eq!((taken.hold.job, taken.hold.attempt), (id, 2));

    assert!(matches!(theirs.begin(&admin(), "").await, Err(StoreError::HoldLost)));
    let say = News { progress: Some(("mine".into(), 9, 9)), lines: vec![Line::new(Level::Info, "mine")] };
    assert!(matches!(queue.renew(&lost.hold, &say, much_later).await, Err(StoreError::HoldLost)));
    assert!(matches!(queue.look(&lost.hold).await, Err(StoreError::HoldLost)));
    let end = End::Completed("mine".into());
    assert!(matches!(queue.end(of("test.quick"), &lost.hold, &say, &end, much_later).await, Err(StoreError::HoldLost)));
    assert!(log(store, id).await.iter().all(|line| line != "mine"));
    assert_eq!(job(store, id).await.text("status"), "running");
    queue
        .end(of("test.quick"), &taken.hold, &News::default(), &End::Completed("theirs".into()), much_later)
        .await
        .unwrap();
    assert_eq!(job(store, id).await.text("outcome"), "theirs");
    assert_eq!(database.texts("SELECT slug FROM extras_tag").await, ["early"]);
}

async fn a_job_is_not_taken_from_a_worker_that_is_writing(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    enqueue(&queue, "test.quick").await;
    let held = queue.claim(&worker("first:1:x"), BEGIN).await.unwrap().unwrap();
    let write = store.held_by(held.hold.clone()).begin(&admin(), "").await.unwrap();
    let late = BEGIN + 2 * super::micros(LEASE);
    let other = Store::open(&database.url, Some(database::key())).await.unwrap();
    let taking = tokio::spawn(async move {
        let queue = Queue::new(other, TRIED, LEASE);
        loop {
            if let Some(claimed) = queue.claim(&worker("second:2:x"), late).await.unwrap() {
                return claimed.hold.attempt;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(!taking.is_finished(), "it was taken in the middle of a write");
    write.commit().await.unwrap();
    assert_eq!(taking.await.unwrap(), 2);
}

// ---- workers that die ----

async fn a_lost_job_is_taken_up_so_often_and_then_says_so(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let mut time = BEGIN;
    for attempt in 1..=3 {
        let claimed = queue.claim(&worker("dying:1:x"), time).await.unwrap().unwrap();
        assert_eq!(claimed.hold.attempt, attempt);
        time += super::micros(LEASE) + 1;
    }
    assert!(queue.claim(&worker("dying:1:x"), time).await.unwrap().is_none());
    let job = job(store, id).await;
    assert_eq!(job.text("status"), "errored");
    assert!(job.text("outcome").contains("3 times") && !job.get("completed").is_null(), "{job:?}");
    assert!(log(store, id).await.iter().any(|line| line.contains("dying:1:x") && line.contains("taken up again")));
}

async fn what_cannot_be_taken_up_says_that_it_was_cut_off(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.once").await.id;
    let cancelled = enqueue(&queue, "test.quick").await.id;
    for _ in 0..2 {
        queue.claim(&worker("dying:1:x"), BEGIN).await.unwrap().unwrap();
    }
    queue.cancel(&admin(), cancelled, BEGIN).await.unwrap();
    let late = BEGIN + 2 * super::micros(LEASE);
    assert!(queue.claim(&worker("living:2:x"), late).await.unwrap().is_none());
    assert_eq!(job(store, id).await.text("status"), "errored");
    let cancelled = job(store, cancelled).await;
    assert_eq!((cancelled.text("status"), cancelled.text("outcome")), ("failed", "Cancelled by admin."));
}

async fn on_sqlite_a_dead_process_is_noticed_before_its_lease_ends(database: &Database) {
    let queue = queue(&database.store);
    enqueue(&queue, "test.quick").await;
    let own = process::own_name();
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let dead = format!("{}:{}:00000000", own.split(':').next().unwrap(), child.id());
    queue.claim(&worker(&dead), BEGIN).await.unwrap().unwrap();
    queue.notice_the_dead(&own, BEGIN + 1).await.unwrap();
    let taken = queue.claim(&worker(&own), BEGIN + 1).await.unwrap();
    assert_eq!(taken.is_some(), database.store.dialect() == peerage_store::Dialect::Sqlite);
    // one that lives keeps its job
    queue.notice_the_dead(&own, BEGIN + 2).await.unwrap();
    assert!(queue.claim(&worker("other:1:x"), BEGIN + 2).await.unwrap().is_none());
}

// ---- what people do ----

async fn a_job_that_waits_is_cancelled_at_once_and_tried_again(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    queue.cancel(&admin(), id, BEGIN + SECOND).await.unwrap();
    let cancelled = job(store, id).await;
    assert_eq!((cancelled.text("status"), cancelled.text("cancelled_by")), ("failed", "admin"));
    assert!(queue.claim(&worker("w:1:x"), BEGIN + SECOND).await.unwrap().is_none());
    assert_eq!(queue.cancel(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    queue.retry(&admin(), id, BEGIN + 2 * SECOND).await.unwrap();
    assert_eq!(queue.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    let claimed = queue.claim(&worker("w:1:x"), BEGIN + 3 * SECOND).await.unwrap().unwrap();
    queue
        .end(claimed.kind, &claimed.hold, &News::default(), &End::Completed("Done.".into()), BEGIN + 5 * SECOND)
        .await
        .unwrap();
    let ended = job(store, id).await;
    assert_eq!((ended.text("status"), ended.int("milliseconds")), ("completed", Some(2_000)));
    assert_eq!(queue.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    assert_eq!(
        log(store, id).await,
        ["Cancelled by admin before it began.", "Tried again by admin.", "Taken by w:1:x.", "Done."]
    );
    assert_eq!(queue.cancel(&admin(), 999, BEGIN).await.unwrap_err().label, Label::NotFound);
}

async fn who_may_not_start_it_may_not_end_it(database: &Database) {
    let queue = queue(&database.store);
    let id = enqueue(&queue, "test.quick").await.id;
    let reader = Who { user: Some(1), name: "reader".into(), rights: Rights::only(["*.view_*"]).into() };
    let wanted = Wanted { who: &reader, arguments: json!({}), schedule: "" };
    assert_eq!(queue.enqueue(of("test.quick"), wanted, BEGIN).await.unwrap_err().label, Label::Forbidden);
    assert_eq!(queue.cancel(&reader, id, BEGIN).await.unwrap_err().label, Label::Forbidden);
    queue.cancel(&admin(), id, BEGIN).await.unwrap();
    assert_eq!(queue.retry(&reader, id, BEGIN).await.unwrap_err().label, Label::Forbidden);
}

async fn another_source_is_for_administrators_and_tells_no_password(database: &Database) {
    let configured = Source::api(PUBLIC_API, Some("a key")).unwrap();
    let only = ["peeringdb.synchronise_network", "core.view_job"];
    let operator = Who { user: Some(1), name: "operator".into(), rights: Rights::only(only).into() };
    let may = synchronise::KIND.may;
    let elsewhere = json!({"url": "https://mirror.example/api"});
    assert!(may(&operator, &json!({})).is_ok() && may(&operator, &elsewhere).is_err());
    assert!(may(&admin(), &elsewhere).is_ok());
    for url in ["https://me:secret@mirror.example/api", "https://mirror.example/api?key=secret", "nonsense"] {
        let refused = synchronise::source(&configured, &json!({"url": url})).err().unwrap();
        assert_eq!((refused.label, refused.fields[0].field.as_str()), (Label::Invalid, "url"), "{url}");
    }
    assert!(
        synchronise::source(&configured, &json!({"url": "https://mirror.example/api", "directory": "/tmp"})).is_err()
    );
    // an administrator's job is not tried again by somebody who could not have started it
    let queue = Queue::new(database.store.clone(), super::kind::KINDS, LEASE);
    let wanted = Wanted { who: &admin(), arguments: elsewhere, schedule: "" };
    let id = queue.enqueue(&synchronise::KIND, wanted, BEGIN).await.unwrap().id;
    queue.cancel(&operator, id, BEGIN).await.unwrap();
    assert_eq!(queue.retry(&operator, id, BEGIN).await.unwrap_err().label, Label::Invalid);
    queue.retry(&admin(), id, BEGIN).await.unwrap();
}

// ---- how it ends ----

async fn what_does_not_answer_is_tried_again_later_and_later(database: &Database) {
    let store = &database.store;
    let time = at(BEGIN);
    let engine = engine(store, &time);
    let id = enqueue(engine.queue(), "test.away").await.id;
    for (wait, retries) in [(60, 1), (90, 2)] {
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let waiting = job(store, id).await;
        assert_eq!((waiting.text("status"), waiting.int("retries")), ("pending", Some(retries)));
        let due = time.load(Ordering::Relaxed) + wait * SECOND;
        assert_eq!(waiting.get("not_before").as_time(), Some(due));
        time.store(due - 1, Ordering::Relaxed);
        assert!(engine.take_one().await.unwrap().is_none());
        time.store(due, Ordering::Relaxed);
    }
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    let failed = job(store, id).await;
    assert_eq!((failed.text("status"), failed.text("outcome")), ("failed", "Nobody answers."));
    engine.queue().retry(&admin(), id, BEGIN).await.unwrap();
    assert_eq!(job(store, id).await.int("retries"), Some(0));
}

async fn a_job_tells_how_far_it_is_and_how_it_ended(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.quick").await.id;
    let (_, told) = store.event_numbers().await.unwrap();
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    let done = job(store, id).await;
    assert_eq!((done.text("status"), done.text("outcome")), ("completed", "Done."));
    let lines = log(store, id).await;
    assert_eq!(lines[1..], ["quick", "Done."]);
    let events = store.events_after(told).await.unwrap();
    assert!(events.iter().all(|told| told.event.of.is(&JOB) && told.event.id == id) && events.len() >= 2, "{events:?}");
    assert!(engine.take_one().await.unwrap().is_none());
}

async fn a_job_that_runs_ends_when_somebody_wishes(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    for name in ["test.obedient", "test.deaf"] {
        let id = enqueue(engine.queue(), name).await.id;
        let running = engine.take_one().await.unwrap().unwrap();
        // from another process
        queue(store).cancel(&admin(), id, BEGIN).await.unwrap();
        running.await.unwrap();
        let ended = job(store, id).await;
        assert_eq!(ended.text("status"), "failed", "{name}");
        assert!(ended.text("outcome").starts_with("Cancelled by admin."), "{ended:?}");
    }
}

async fn a_job_that_takes_too_long_is_ended(database: &Database) {
    let store = &database.store;
    let time = at(BEGIN);
    let engine = engine(store, &time);
    for name in ["test.obedient", "test.deaf"] {
        let id = enqueue(engine.queue(), name).await.id;
        let running = engine.take_one().await.unwrap().unwrap();
        time.fetch_add(600 * SECOND, Ordering::Relaxed);
        running.await.unwrap();
        let ended = job(store, id).await;
        assert_eq!(ended.text("status"), "errored", "{name}");
        assert!(ended.text("outcome").contains("within 10 minutes"), "{ended:?}");
    }
}

async fn a_handler_that_panics_ends_its_job_and_nothing_else(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.broken").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.text("status"), "errored");
    let next = enqueue(engine.queue(), "test.quick").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, next).await.text("status"), "completed");
}

async fn a_process_that_stops_hands_its_jobs_back(database: &Database) {
    let store = &database.store;
    let first = engine(store, &at(BEGIN));
    let mut ids = Vec::new();
    for name in ["test.obedient", "test.deaf"] {
        ids.push(enqueue(first.queue(), name).await.id);
    }
    let loops = tokio::spawn(first.clone().run());
    for id in &ids {
        until(store, *id, "running").await;
    }
    first.stop();
    first.ended().await;
    loops.await.unwrap();
    for id in &ids {
        let back = job(store, *id).await;
        assert_eq!((back.text("status"), back.text("worker"), back.int("retries")), ("pending", "", Some(0)));
        assert!(back.get("lease").is_null() && back.get("turn").is_null());
    }
    // what nobody could go on with says so
    let second = engine(store, &at(BEGIN));
    for id in &ids {
        second.queue().cancel(&admin(), *id, BEGIN).await.unwrap();
    }
    let once = enqueue(second.queue(), "test.once").await.id;
    let running = second.take_one().await.unwrap().unwrap();
    second.stop();
    running.await.unwrap();
    let ended = job(store, once).await;
    assert_eq!((ended.text("status"), ended.text("outcome")), ("errored", "The process that did it was stopped."));
}

async fn a_log_is_cut_where_it_is_full(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let claimed = queue.claim(&worker("w:1:x"), BEGIN).await.unwrap().unwrap();
    for _ in 0..5 {
        let lines = (0..1_000).map(|number| Line::new(Level::Default, format!("line {number}\nof it"))).collect();
        queue.renew(&claimed.hold, &News { progress: None, lines }, BEGIN).await.unwrap();
    }
    let lines = log(store, id).await;
    assert_eq!(lines.len() as i64, MOST_LINES);
    assert_eq!(lines[1], "line 0 of it");
    assert!(lines.last().unwrap().contains("The log is full"));
    queue.end(claimed.kind, &claimed.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    assert_eq!(job(store, id).await.text("outcome"), "Done.");
}

// ---- what comes by itself, and what goes ----

async fn what_is_due_is_enqueued_once_by_however_many(database: &Database) {
    let day = Duration::from_secs(24 * 3_600);
    let kind = of("test.alone");
    let first = queue(&database.store);
    // the first look of all draws the minute
    assert!(!first.enqueue_due(kind, day, BEGIN).await.unwrap());
    let due = first.next_due(kind.name, day, BEGIN).await.unwrap().unwrap();
    assert!(due > BEGIN && due <= BEGIN + super::micros(day));
    assert!(!first.enqueue_due(kind, day, due - 1).await.unwrap());
    // days later: one for all that was due meanwhile
    let late = due + 3 * super::micros(day) + 5;
    let mut looks = Vec::new();
    for _ in 0..6 {
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        looks.push(tokio::spawn(async move {
            let enqueued = queue(&store).enqueue_due(kind, day, late).await.unwrap();
            store.close().await;
            enqueued
        }));
    }
    let mut enqueued = 0;
    for look in looks {
        enqueued += u32::from(look.await.unwrap());
    }
    assert_eq!(enqueued, 1);
    let jobs = first.newest(kind, 10).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].text("user_name"), jobs[0].text("schedule")), (1, "schedule", "test.alone"));
    // one that waits is as good as another
    assert!(!first.enqueue_due(kind, day, late + super::micros(day)).await.unwrap());
    assert_eq!(first.newest(kind, 10).await.unwrap().len(), 1);
}

async fn old_jobs_go_with_their_logs_and_others_stay(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let time = now();
    let day = 24 * 3_600 * SECOND;
    for age in [200, 100, 10, 1] {
        enqueue(&queue, "test.quick").await;
        let claimed = queue.claim(&worker("w:1:x"), time).await.unwrap().unwrap();
        let end = End::Completed("Done.".into());
        queue.end(claimed.kind, &claimed.hold, &News::default(), &end, time - age * day).await.unwrap();
    }
    // however old: it has not ended
    enqueue(&queue, "test.deaf").await;
    assert_eq!(retention::tidy(store, &[&JOB], 0).await.unwrap(), 0);
    assert_eq!(retention::tidy(store, &[&JOB], 90).await.unwrap(), 2);
    let left = store.records(&admin().permit::<View>(&JOB).unwrap(), &ListQuery::all(&JOB)).await.unwrap();
    assert_eq!(left.len(), 3);
    assert_eq!(database.texts("SELECT DISTINCT CAST(job_id AS TEXT) FROM core_jobline").await.len(), 2);
}

macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let database = super::database::sqlite().await;
                super::$test(&database).await;
                database.finish().await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(database) = super::database::postgres().await {
                    super::$test(&database).await;
                    database.finish().await;
                }
            })*
        }
    };
}

on_both_databases! {
    of_many_that_look_at_once_one_takes_a_job,
    one_job_runs_of_a_kind_that_takes_turns,
    a_worker_that_lost_its_job_writes_nothing_more,
    a_job_is_not_taken_from_a_worker_that_is_writing,
    a_lost_job_is_taken_up_so_often_and_then_says_so,
    what_cannot_be_taken_up_says_that_it_was_cut_off,
    on_sqlite_a_dead_process_is_noticed_before_its_lease_ends,
    a_job_that_waits_is_cancelled_at_once_and_tried_again,
    who_may_not_start_it_may_not_end_it,
    another_source_is_for_administrators_and_tells_no_password,
    what_does_not_answer_is_tried_again_later_and_later,
    a_job_tells_how_far_it_is_and_how_it_ended,
    a_job_that_runs_ends_when_somebody_wishes,
    a_job_that_takes_too_long_is_ended,
    a_handler_that_panics_ends_its_job_and_nothing_else,
    a_process_that_stops_hands_its_jobs_back,
    a_log_is_cut_where_it_is_full,
    what_is_due_is_enqueued_once_by_however_many,
    old_jobs_go_with_their_logs_and_others_stay,
}
