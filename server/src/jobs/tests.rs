//! What the queue and its workers promise, on both databases. Times are made up; only what a worker itself waits for takes time,
//! in milliseconds.

use super::{
    claims::End,
    kind::{Doing, Ended, JobKind, Means, named},
    now, process,
    queue::{MOST_LINES, Queue, Wanted},
    schedule::{Entry, Timetable},
    synchronise,
    task::{About, Level, Line, News, Task},
    worker::{Engine, Pace},
};
use crate::{
    http::tests::database::{self, Database},
    services::retention,
};
use peerage_app::peeringdb::Start;
use peerage_model::{
    Label, ListQuery, Problem, Record, Value, Who,
    permit::{Add, Change, Rights, View},
    types::{JOB, TAG, USER},
};
use peerage_store::{Dialect, Store, StoreError};
use peerage_sync::peeringdb::{PUBLIC_API, Source};
use serde_json::{Value as Json, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

const LEASE: Duration = Duration::from_secs(45);
const SECOND: i64 = 1_000_000;
const DAY: Duration = Duration::from_secs(24 * 3_600);
const BEGIN: i64 = 1_790_000_000 * SECOND;

const fn kind(name: &'static str, run: fn(Arc<Means>, Task) -> Doing) -> JobKind {
    JobKind {
        name,
        deadline: Duration::from_secs(600),
        retries: 2,
        first_wait: Duration::from_secs(60),
        longest_wait: Duration::from_secs(90),
        turn: |_| None,
        alone: false,
        resumable: true,
        may: |who: &Who, _: &Json| who.permit::<Add>(&TAG).map(drop),
        may_end: |who: &Who| who.permit::<Add>(&TAG).map(drop),
        may_see: |who, _| who.permit::<View>(&TAG).map(drop),
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
    kind("test.away", |_, _| Box::pin(async { Ok(away(0)) })),
    kind("test.throttled", |_, _| Box::pin(async { Ok(away(1_000)) })),
    kind("test.stray", |_, _| Box::pin(async { Err(Problem::new(Label::Unavailable, "The database is busy.")) })),
    // waits for nothing, so that nobody can cut it off
    kind("test.busy", |_, _| {
        Box::pin(async {
            std::thread::sleep(Duration::from_millis(400));
            Ok(Ended::Completed("Done after all.".to_owned()))
        })
    }),
    kind("test.tells", |_, task| {
        Box::pin(async move {
            let about = About { of: &TAG, id: 7, name: "Core".to_owned() };
            task.say_of(about, Level::Info, format!("for {}", task.who.name));
            task.bring("one\ntwo\u{0}");
            Ok(Ended::Completed("Done.".to_owned()))
        })
    }),
    JobKind {
        turn: |_| Some("alone".to_owned()),
        alone: true,
        ..kind("test.alone", |_, _| Box::pin(std::future::pending()))
    },
    JobKind { turn: one_of, ..kind("test.turn", |_, _| Box::pin(std::future::pending())) },
    JobKind { turn: one_of, ..kind("test.other", |_, _| Box::pin(std::future::pending())) },
    JobKind {
        turn: |_| Some("away".to_owned()),
        alone: true,
        ..kind("test.waits", |_, _| Box::pin(async { Ok(away(0)) }))
    },
    JobKind { resumable: false, ..kind("test.never", |_, _| Box::pin(async { Ok(away(0)) })) },
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

fn away(seconds: u64) -> Ended {
    Ended::Unavailable { words: "Nobody answers.".to_owned(), wait: Duration::from_secs(seconds) }
}

/// Jobs about one of several things take turns.
fn one_of(arguments: &Json) -> Option<String> {
    Some(format!("thing {}", arguments["thing"]))
}

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
    queue.enqueue(of(name), Wanted::of(&admin(), json!({})), BEGIN).await.unwrap()
}

async fn jobs(store: &Store) -> Vec<Record> {
    store.records(&admin().permit::<View>(&JOB).unwrap(), &ListQuery::all(&JOB)).await.unwrap()
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
    engine_with(store, time, pace)
}

fn engine_with(store: &Store, time: &Arc<AtomicI64>, pace: Pace) -> Arc<Engine> {
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
            while let Some(claimed) = queue.claim(&worker, &[], BEGIN).await.unwrap() {
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
    while let Some(claimed) = first.claim(&worker("w:9:x"), &[], BEGIN).await.unwrap() {
        all.push(claimed.hold.job);
    }
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    assert_eq!((count, all.len()), (24, 24));
}

async fn one_job_runs_of_a_kind_that_takes_turns(database: &Database) {
    let first = queue(&database.store);
    for _ in 0..3 {
        enqueue(&first, "test.turn").await;
    }
    let mut takers = Vec::new();
    for number in 0..4 {
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        takers.push(tokio::spawn(async move {
            let claimed = queue(&store).claim(&worker(&format!("w:{number}:x")), &[], BEGIN).await.unwrap();
            store.close().await;
            claimed.map(|claimed| claimed.hold)
        }));
    }
    let mut holds = Vec::new();
    for taker in takers {
        holds.extend(taker.await.unwrap());
    }
    assert_eq!(holds.len(), 1);
    assert!(first.claim(&worker("w:8:x"), &[], BEGIN).await.unwrap().is_none());
    // a command line waits for it as well
    let here = async || {
        let who = admin();
        first.begin_here(of("test.turn"), Wanted::of(&who, json!({})), &worker("w:7:x"), BEGIN).await.unwrap()
    };
    assert!(here().await.is_none());
    first.end(of("test.turn"), &holds[0], &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    let ours = here().await.unwrap();
    assert!(first.claim(&worker("w:8:x"), &[], BEGIN).await.unwrap().is_none());
    first.end(of("test.turn"), &ours.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    assert!(first.claim(&worker("w:8:x"), &[], BEGIN).await.unwrap().is_some());
}

async fn jobs_about_one_thing_take_turns_whatever_they_do(database: &Database) {
    let queue = queue(&database.store);
    for (name, thing) in [("test.turn", 1), ("test.other", 1), ("test.other", 2)] {
        queue.enqueue(of(name), Wanted::of(&admin(), json!({"thing": thing})), BEGIN).await.unwrap();
    }
    let first = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let second = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let names = [first.kind.name, second.kind.name];
    assert_eq!((names, second.job.get("holds")), (["test.turn", "test.other"], &Value::text("thing 2")));
    assert!(queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().is_none());
    queue.end(first.kind, &first.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    let third = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    assert_eq!(third.job.get("holds"), &Value::text("thing 1"));
}

async fn none_is_started_beside_one_that_is_to_be_alone(database: &Database) {
    let store = &database.store;
    let mut starters = Vec::new();
    for _ in 0..6 {
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        starters.push(tokio::spawn(async move {
            let started = queue(&store).enqueue(of("test.alone"), Wanted::of(&admin(), json!({})), BEGIN).await;
            store.close().await;
            started
        }));
    }
    let mut started = 0;
    for starter in starters {
        match starter.await.unwrap() {
            Ok(_) => started += 1,
            Err(refused) => assert_eq!(refused.label, Label::Conflict, "{refused:?}"),
        }
    }
    assert_eq!((started, jobs(store).await.len()), (1, 1));
    let queue = queue(store);
    let claimed = loop {
        // those that were refused may not have let go of its row yet
        if let Some(claimed) = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap() {
            break claimed;
        }
    };
    let refused = queue.enqueue(of("test.alone"), Wanted::of(&admin(), json!({})), BEGIN).await.unwrap_err();
    assert!(refused.message.contains("running already"), "{refused:?}");
    queue.end(claimed.kind, &claimed.hold, &News::default(), &End::Failed("Badly.".into()), BEGIN).await.unwrap();
    // nor is one tried again
    enqueue(&queue, "test.alone").await;
    assert_eq!(queue.retry(&admin(), claimed.hold.job, BEGIN).await.unwrap_err().label, Label::Conflict);
}

async fn a_worker_that_lost_its_job_writes_nothing_more(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let lost = queue.claim(&worker("first:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let theirs = store.held_by(lost.hold.clone());
    let tag = |name: &str| Record::new(&TAG).with("name", Value::text(name)).with("slug", Value::text(name));
    let add = admin().permit::<Add>(&TAG).unwrap();
    let mut write = theirs.begin(&admin(), "").await.unwrap();
    write.insert(&add, tag("early")).await.unwrap();
    write.commit().await.unwrap();

    let later = BEGIN + super::micros(LEASE);
    assert!(queue.claim(&worker("second:2:x"), &[], later).await.unwrap().is_none(), "its lease has not ended");
    // a worker that is heard of keeps it
    queue.renew(&lost.hold, &News::default(), later).await.unwrap();
    assert!(queue.claim(&worker("second:2:x"), &[], later + 1).await.unwrap().is_none());
    let much_later = later + super::micros(LEASE) + 1;
    let taken = queue.claim(&worker("second:2:x"), &[], much_later).await.unwrap().unwrap();
    assert_eq!((taken.hold.job, taken.hold.attempt), (id, 2));

    assert!(matches!(theirs.begin(&admin(), "").await, Err(StoreError::HoldLost)));
    let say =
        News { progress: Some(("mine".into(), 9, 9)), lines: vec![Line::at(now(), Level::Info, "mine")], output: None };
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
    let held = queue.claim(&worker("first:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let write = store.held_by(held.hold.clone()).begin(&admin(), "").await.unwrap();
    let late = BEGIN + 2 * super::micros(LEASE);
    let other = Store::open(&database.url, Some(database::key())).await.unwrap();
    let (looks, is_over) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let (looked, over) = (looks.clone(), is_over.clone());
    let taking = tokio::spawn(async move {
        let queue = Queue::new(other, TRIED, LEASE);
        loop {
            // SQLite's one writer is waited for; PostgreSQL passes the row over
            if queue.store().dialect() == Dialect::Sqlite {
                looked.store(1, Ordering::Release);
            }
            if let Some(claimed) = queue.claim(&worker("second:2:x"), &[], late).await.unwrap() {
                assert!(over.load(Ordering::Acquire), "it was taken in the middle of a write");
                return claimed.hold.attempt;
            }
            looked.fetch_add(1, Ordering::Release);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    while looks.load(Ordering::Acquire) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is_over.store(true, Ordering::Release);
    write.commit().await.unwrap();
    assert_eq!(taking.await.unwrap(), 2);
}

// ---- workers that die ----

async fn a_lost_job_is_taken_up_so_often_and_then_says_so(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let mut time = BEGIN;
    for attempt in 1..=3 {
        if attempt == 3 {
            // again and again: not at once any more
            assert!(queue.claim(&worker("dying:1:x"), &[], time).await.unwrap().is_none());
            let waiting = job(store, id).await;
            assert_eq!((waiting.text("status"), waiting.int("retries")), ("pending", Some(2)));
            assert_eq!(waiting.get("not_before").as_time(), Some(time + 90 * SECOND));
            assert!(waiting.text("outcome").contains("has gone without a word"), "{waiting:?}");
            time += 90 * SECOND;
        }
        let claimed = queue.claim(&worker("dying:1:x"), &[], time).await.unwrap().unwrap();
        assert_eq!(claimed.hold.attempt, attempt);
        time += super::micros(LEASE) + 1;
    }
    assert!(queue.claim(&worker("dying:1:x"), &[], time).await.unwrap().is_none());
    let job = job(store, id).await;
    assert_eq!(job.text("status"), "errored");
    assert!(job.text("outcome").contains("begun 3 times") && !job.get("completed").is_null(), "{job:?}");
    assert!(log(store, id).await.iter().any(|line| line.contains("dying:1:x") && line.contains("taken up again")));
}

async fn what_cannot_be_taken_up_says_that_it_was_cut_off(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.once").await.id;
    let cancelled = enqueue(&queue, "test.quick").await.id;
    for _ in 0..2 {
        queue.claim(&worker("dying:1:x"), &[], BEGIN).await.unwrap().unwrap();
    }
    queue.cancel(&admin(), cancelled, BEGIN).await.unwrap();
    let late = BEGIN + 2 * super::micros(LEASE);
    assert!(queue.claim(&worker("living:2:x"), &[], late).await.unwrap().is_none());
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
    let parts: Vec<&str> = own.split(':').collect();
    let dead = format!("{}:{}:{}:00000000", parts[0], child.id(), parts[2]);
    queue.claim(&worker(&dead), &[], BEGIN).await.unwrap().unwrap();
    queue.notice_the_dead(&own, BEGIN + 1).await.unwrap();
    let taken = queue.claim(&worker(&own), &[], BEGIN + 1).await.unwrap();
    assert_eq!(taken.is_some(), database.store.dialect() == Dialect::Sqlite);
    // one that lives keeps its job
    queue.notice_the_dead(&own, BEGIN + 2).await.unwrap();
    assert!(queue.claim(&worker("other:1:x"), &[], BEGIN + 2).await.unwrap().is_none());
}

// ---- what people do ----

async fn a_job_that_waits_is_cancelled_at_once_and_tried_again(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    queue.cancel(&admin(), id, BEGIN + SECOND).await.unwrap();
    let cancelled = job(store, id).await;
    assert_eq!((cancelled.text("status"), cancelled.text("cancelled_by")), ("failed", "admin"));
    assert!(queue.claim(&worker("w:1:x"), &[], BEGIN + SECOND).await.unwrap().is_none());
    assert_eq!(queue.cancel(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    queue.retry(&admin(), id, BEGIN + 2 * SECOND).await.unwrap();
    assert_eq!(queue.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    let claimed = queue.claim(&worker("w:1:x"), &[], BEGIN + 3 * SECOND).await.unwrap().unwrap();
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
    let wanted = Wanted::of(&reader, json!({}));
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
    let from = |url: &str| Start { url: url.to_owned(), ..Start::default() };
    let arguments = |start: Start| synchronise::arguments(&configured, start);
    let elsewhere = arguments(from("https://mirror.example/api/")).unwrap();
    assert_eq!(
        elsewhere,
        json!({"start": {"url": "https://mirror.example/api"}, "source": "https://mirror.example/api"})
    );
    assert!(may(&operator, &arguments(Start::default()).unwrap()).is_ok() && may(&operator, &elsewhere).is_err());
    assert!(may(&admin(), &elsewhere).is_ok());
    // what is not understood is not taken for "as configured"
    for odd in [json!({}), json!({"source": "x"}), json!({"start": {"uri": "x"}, "source": "x"}), json!([])] {
        assert_eq!(may(&admin(), &odd).unwrap_err().label, Label::Conflict, "{odd}");
    }
    for url in [
        "https://me:secret@mirror.example/api",
        "https:/me:secret@mirror.example/api",
        "https:me:secret@mirror.example/api",
        "https://me@mirror.example/api",
        "https://mirror.example/api?key=secret",
        "https://mirror.example/api#secret",
        "nonsense",
    ] {
        let refused = arguments(from(url)).unwrap_err();
        assert_eq!((refused.label, refused.fields[0].field.as_str()), (Label::Invalid, "url"), "{url}");
    }
    assert!(arguments(Start { directory: "/tmp".to_owned(), ..from("https://mirror.example/api") }).is_err());
    // the configured one, typed, is the configured one
    assert_eq!(arguments(from(PUBLIC_API)).unwrap(), arguments(Start::default()).unwrap());
    // an administrator's job is not tried again by somebody who could not have started it
    let queue = Queue::new(database.store.clone(), super::kind::KINDS, LEASE);
    let id = queue.enqueue(&synchronise::KIND, Wanted::of(&admin(), elsewhere), BEGIN).await.unwrap().id;
    queue.cancel(&operator, id, BEGIN).await.unwrap();
    assert_eq!(queue.retry(&operator, id, BEGIN).await.unwrap_err().label, Label::Invalid);
    queue.retry(&admin(), id, BEGIN).await.unwrap();
}

async fn a_worker_that_would_read_from_elsewhere_does_not(database: &Database) {
    let store = &database.store;
    let configured = Source::api("https://one.example/api", None).unwrap();
    let wanted = synchronise::arguments(&configured, Start::default()).unwrap();
    let elsewhere = json!({"start": {"directory": "/"}, "source": "/", "host": "another-machine"});
    let means = Means { peeringdb: Source::api("https://two.example/api", None).unwrap() };
    let pace = Pace { tick: Duration::from_millis(5), ..Pace::default() };
    let engine = Engine::with(store.clone(), means, Timetable::default(), super::kind::KINDS, pace, Arc::new(|| BEGIN));
    let engine = Arc::new(engine);
    for (arguments, words) in
        [(wanted, ["one.example", "two.example"]), (elsewhere, ["another-machine", "Start it there"])]
    {
        let who = admin();
        let id = engine.queue().enqueue(&synchronise::KIND, Wanted::of(&who, arguments), BEGIN).await.unwrap().id;
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let failed = job(store, id).await;
        assert_eq!(failed.text("status"), "failed");
        assert!(words.iter().all(|word| failed.text("outcome").contains(word)), "{failed:?}");
    }
}

async fn a_command_s_job_is_for_nobody_else(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let who = admin();
    let here = queue
        .begin_here(of("test.waits"), Wanted::of(&who, json!({})), &worker("w:1:x"), BEGIN)
        .await
        .unwrap()
        .unwrap();
    let end = End::TryAgain("Nobody answers.".into(), Duration::ZERO);
    queue.end(here.kind, &here.hold, &News::default(), &end, BEGIN).await.unwrap();
    let failed = job(store, here.hold.job).await;
    assert_eq!((failed.text("status"), failed.text("outcome")), ("failed", "Nobody answers."));
    let refused = queue.retry(&admin(), failed.id, BEGIN).await.unwrap_err();
    assert!(refused.label == Label::Conflict && refused.message.contains("Run the command again"), "{refused:?}");
    assert!(queue.may_retry(&admin(), &failed).is_err() && queue.may_cancel(&admin(), &failed).is_ok());
}

async fn whoever_lost_the_right_meanwhile_does_not_get_it_done(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let (add, change) = (admin().permit::<Add>(&USER).unwrap(), admin().permit::<Change>(&USER).unwrap());
    let user = Record::new(&USER).with("username", Value::text("someone")).with("is_superuser", Value::Bool(true));
    let mut write = store.begin(&admin(), "").await.unwrap();
    let user = write.insert(&add, user).await.unwrap();
    write.commit().await.unwrap();
    let who = Who { user: Some(user.id), name: "someone".into(), rights: Rights::all(true).into() };
    let done = async |status: &str, words: &str| {
        let id = engine.queue().enqueue(of("test.tells"), Wanted::of(&who, json!({})), BEGIN).await.unwrap().id;
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let ended = job(store, id).await;
        assert_eq!(ended.text("status"), status, "{ended:?}");
        assert!(ended.text("outcome").contains(words), "{ended:?}");
        id
    };
    let id = done("completed", "Done.").await;
    assert_eq!(job(store, id).await.text("output"), "one\ntwo");
    let lines = store.job_lines(&admin().permit::<View>(&JOB).unwrap(), id, 0, 10).await.unwrap();
    let about = lines.iter().find(|line| line.text("text") == "for someone").unwrap();
    assert_eq!(
        (about.text("object_type"), about.int("object_id"), about.text("object_repr")),
        ("extras.tag", Some(7), "Core")
    );
    for (field, words) in [("is_superuser", "extras.add_tag"), ("is_active", "no such user")] {
        let mut write = store.begin(&admin(), "").await.unwrap();
        write.update(&change, 0, user.clone().with(field, Value::Bool(false))).await.unwrap();
        write.commit().await.unwrap();
        done("failed", words).await;
    }
    // what the system wants needs nobody
    let id = enqueue(engine.queue(), "test.tells").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.text("status"), "completed");
}

async fn a_job_of_an_unknown_kind_is_ended_by_administrators(database: &Database) {
    let id = enqueue(&queue(&database.store), "test.quick").await.id;
    let other = Queue::new(database.store.clone(), super::kind::KINDS, LEASE);
    let operator =
        Who { user: Some(1), name: "operator".into(), rights: Rights::only(["peeringdb.synchronise_network"]).into() };
    assert_eq!(other.cancel(&operator, id, BEGIN).await.unwrap_err().label, Label::Forbidden);
    other.cancel(&admin(), id, BEGIN).await.unwrap();
    assert_eq!(other.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    let cancelled = job(&database.store, id).await;
    assert!(other.may_see(&operator, &cancelled).is_err() && other.may_see(&admin(), &cancelled).is_ok());
}

async fn a_job_that_waits_to_be_tried_again_begins_when_a_person_wants_it(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.waits").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert!(engine.take_one().await.unwrap().is_none());
    let shown = engine.queue().active(of("test.waits")).await.unwrap().unwrap();
    assert!(shown.id == id && !shown.get("not_before").is_null() && shown.text("outcome") == "Nobody answers.");
    assert!(engine.queue().ended(of("test.waits")).await.unwrap().is_none());
    // another one is another one
    let other = engine.queue().enqueue(of("test.waits"), Wanted::of(&admin(), json!({"other": 1})), BEGIN).await;
    assert_eq!(other.unwrap_err().label, Label::Conflict);
    assert_eq!(enqueue(engine.queue(), "test.waits").await.id, id);
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.int("retries"), Some(2));
    engine.queue().cancel(&admin(), id, BEGIN).await.unwrap();
    let ended = engine.queue().ended(of("test.waits")).await.unwrap().unwrap();
    assert_eq!((ended.id, engine.queue().active(of("test.waits")).await.unwrap()), (id, None));
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

async fn only_what_says_so_is_tried_again(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    // nobody knows what it had done; nobody may do it twice
    for (name, words) in [("test.stray", "The database is busy."), ("test.never", "Nobody answers.")] {
        let id = enqueue(engine.queue(), name).await.id;
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let failed = job(store, id).await;
        assert_eq!((failed.text("status"), failed.text("outcome")), ("failed", words), "{name}");
    }
    // who asks to be left alone is
    let id = enqueue(engine.queue(), "test.throttled").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.get("not_before").as_time(), Some(BEGIN + 1_000 * SECOND));
}

async fn what_it_took_is_what_was_worked(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let mut time = BEGIN;
    for end in [End::TryAgain("Nobody answers.".into(), Duration::ZERO), End::Completed("Done.".into())] {
        let claimed = queue.claim(&worker("w:1:x"), &[], time).await.unwrap().unwrap();
        let news = News { progress: Some(("half".into(), 1, 2)), ..News::default() };
        queue.end(claimed.kind, &claimed.hold, &news, &end, time + 3 * SECOND).await.unwrap();
        time += 100 * SECOND;
    }
    let done = job(store, id).await;
    assert_eq!((done.int("milliseconds"), done.get("started").as_time()), (Some(6_000), Some(BEGIN)));
    // how far it was when it ended is told as well
    assert_eq!((done.text("phase"), done.int("done"), done.int("total")), ("half", Some(1), Some(2)));
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
    assert_eq!((done.text("phase"), done.int("done"), done.int("total")), ("half", Some(1), Some(2)));
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

async fn a_handler_that_cannot_be_cut_off_is_left_to_itself(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.busy").await.id;
    let running = engine.take_one().await.unwrap().unwrap();
    queue(store).cancel(&admin(), id, BEGIN).await.unwrap();
    running.await.unwrap();
    let ended = job(store, id).await;
    assert_eq!(ended.text("status"), "errored");
    assert!(ended.text("outcome").contains("goes on"), "{ended:?}");
}

async fn a_job_is_left_before_its_lease_ends_when_the_database_does_not_answer(database: &Database) {
    let store = &database.store;
    let lease = Duration::from_millis(900);
    let engine = engine_with(store, &at(BEGIN), Pace { lease, tick: Duration::from_millis(5), ..Pace::default() });
    let id = enqueue(engine.queue(), "test.obedient").await.id;
    let began = std::time::Instant::now();
    let running = engine.take_one().await.unwrap().unwrap();
    // whoever writes to it waits; the handler would end only when it is told to
    let other = Store::open(&database.url, Some(database::key())).await.unwrap();
    let mut write = other.begin(&admin(), "").await.unwrap();
    write.job(&engine.queue().change().unwrap(), id).await.unwrap();
    running.await.unwrap();
    let took = began.elapsed();
    assert!(took >= lease / 2 && took < lease, "{took:?}");
    drop(write);
    other.close().await;
    // it is as it was: for whoever comes when the lease has ended
    let left = job(store, id).await;
    assert_eq!((left.text("status"), left.int("attempt")), ("running", Some(1)));
}

async fn what_is_done_here_is_not_taken_for_left_whatever_the_clock_says(database: &Database) {
    let store = &database.store;
    let time = at(BEGIN);
    let engine = engine(store, &time);
    let id = enqueue(engine.queue(), "test.obedient").await.id;
    let running = engine.take_one().await.unwrap().unwrap();
    // the lease ended, and the deadline did not
    time.fetch_add(2 * super::micros(LEASE), Ordering::Relaxed);
    assert!(engine.take_one().await.unwrap().is_none());
    assert_eq!(job(store, id).await.int("attempt"), Some(1));
    engine.queue().cancel(&admin(), id, BEGIN).await.unwrap();
    running.await.unwrap();
    assert_eq!(job(store, id).await.text("status"), "failed");
}

async fn a_task_knows_whether_it_is_its_worker_s(database: &Database) {
    let (store, queue) = (&database.store, Arc::new(queue(&database.store)));
    enqueue(&queue, "test.quick").await;
    let claimed = queue.claim(&worker("first:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let time = at(BEGIN + SECOND);
    let clock = time.clone();
    let task = Task {
        queue: queue.clone(),
        hold: claimed.hold.clone(),
        clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        who: admin(),
        store: store.clone(),
        arguments: json!({}),
        stop: Default::default(),
        notes: Default::default(),
    };
    task.is_mine().await.unwrap();
    let lease = job(store, claimed.hold.job).await.get("lease").as_time();
    assert_eq!(lease, Some(BEGIN + SECOND + super::micros(LEASE)), "a whole lease lies before it");
    let late = BEGIN + 2 * SECOND + super::micros(LEASE);
    queue.claim(&worker("second:2:x"), &[], late).await.unwrap().unwrap();
    assert!(matches!(task.is_mine().await, Err(StoreError::HoldLost)));
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
    // what somebody wished to end does not come again
    let wished = enqueue(second.queue(), "test.quick").await.id;
    let claimed = second.queue().claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    for _ in 0..3 {
        second.queue().cancel(&admin(), wished, BEGIN).await.unwrap();
    }
    second.queue().end(claimed.kind, &claimed.hold, &News::default(), &End::HandBack, BEGIN).await.unwrap();
    let ended = job(store, wished).await;
    assert_eq!((ended.text("status"), ended.text("outcome")), ("failed", "Cancelled by admin."));
    // said once, however often it was wished
    assert_eq!(log(store, wished).await[1..], ["admin wishes that it ends.", "Cancelled by admin."]);
}

async fn a_log_is_cut_where_it_is_full(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let claimed = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    for _ in 0..5 {
        let lines = (0..1_000).map(|number| Line::at(BEGIN, Level::Default, format!("line {number}\nof it"))).collect();
        queue.renew(&claimed.hold, &News { lines, ..News::default() }, BEGIN).await.unwrap();
    }
    let lines = log(store, id).await;
    assert_eq!(lines.len() as i64, MOST_LINES);
    assert_eq!(lines[1], "line 0 of it");
    assert!(lines.last().unwrap().contains("The log is full"));
    queue.end(claimed.kind, &claimed.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    assert_eq!(job(store, id).await.text("outcome"), "Done.");
    // how it ended stands there all the same
    assert_eq!(log(store, id).await.last().unwrap(), "Done.");
}

// ---- what comes by itself, and what goes ----

fn daily(name: &'static str) -> Entry {
    Entry { name, period: DAY, arguments: json!({"by": "itself"}) }
}

async fn what_is_due_is_enqueued_once_by_however_many(database: &Database) {
    let entry = daily("test.alone");
    let first = queue(&database.store);
    // the first look of all draws the minute
    assert!(!first.enqueue_due(&entry, BEGIN).await.unwrap());
    let due = first.next_due(entry.name, DAY, BEGIN).await.unwrap().unwrap();
    assert!(due > BEGIN && due <= BEGIN + super::micros(DAY));
    assert!(!first.enqueue_due(&entry, due - 1).await.unwrap());
    // days later: one for all that was due meanwhile
    let late = due + 3 * super::micros(DAY) + 5;
    let mut looks = Vec::new();
    for _ in 0..6 {
        let (store, entry) = (Store::open(&database.url, Some(database::key())).await.unwrap(), entry.clone());
        looks.push(tokio::spawn(async move {
            let enqueued = queue(&store).enqueue_due(&entry, late).await.unwrap();
            store.close().await;
            enqueued
        }));
    }
    let mut enqueued = 0;
    for look in looks {
        enqueued += u32::from(look.await.unwrap());
    }
    assert_eq!(enqueued, 1);
    let known = jobs(&database.store).await;
    assert_eq!((known.len(), known[0].text("user_name"), known[0].text("schedule")), (1, "schedule", "test.alone"));
    assert_eq!(known[0].get("arguments"), &Value::Json(Arc::new(json!({"by": "itself"}))));
    // while one is there none comes, and what was due comes after it
    let next = late + super::micros(DAY);
    assert!(!first.enqueue_due(&entry, next).await.unwrap());
    let claimed = first.claim(&worker("w:1:x"), &[], next).await.unwrap().unwrap();
    assert!(!first.enqueue_due(&entry, next).await.unwrap());
    first.end(claimed.kind, &claimed.hold, &News::default(), &End::Failed("Badly.".into()), next).await.unwrap();
    assert!(first.enqueue_due(&entry, next).await.unwrap());
    assert!(!first.enqueue_due(&entry, next).await.unwrap());
    assert_eq!(jobs(&database.store).await.len(), 2);
}

async fn what_is_due_comes_while_all_places_are_taken(database: &Database) {
    let time = at(BEGIN);
    let (clock, store) = (time.clone(), &database.store);
    let pace = Pace { tick: Duration::from_millis(5), jobs: 1, ..Pace::default() };
    let timetable = Timetable::default().every("test.alone", 24, json!({}));
    let means = Means { peeringdb: Source::api(PUBLIC_API, None).unwrap() };
    let clock = Arc::new(move || clock.load(Ordering::Relaxed));
    let engine = Arc::new(Engine::with(store.clone(), means, timetable, TRIED, pace, clock));
    let id = enqueue(engine.queue(), "test.obedient").await.id;
    let running = engine.take_one().await.unwrap().unwrap();
    let due = engine.queue().next_due("test.alone", DAY, BEGIN).await.unwrap().unwrap();
    // its own deadline is another matter
    engine.queue().cancel(&admin(), id, BEGIN).await.unwrap();
    time.store(due, Ordering::Relaxed);
    let _ = engine.take_one().await.unwrap();
    running.await.unwrap();
    assert!(jobs(store).await.iter().any(|job| job.text("schedule") == "test.alone"));
}

async fn old_jobs_go_with_their_logs_and_others_stay(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let time = now();
    let day = super::micros(DAY);
    for age in [200, 100, 10, 1] {
        enqueue(&queue, "test.quick").await;
        let claimed = queue.claim(&worker("w:1:x"), &[], time).await.unwrap().unwrap();
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
    jobs_about_one_thing_take_turns_whatever_they_do,
    none_is_started_beside_one_that_is_to_be_alone,
    a_worker_that_lost_its_job_writes_nothing_more,
    a_job_is_not_taken_from_a_worker_that_is_writing,
    a_lost_job_is_taken_up_so_often_and_then_says_so,
    what_cannot_be_taken_up_says_that_it_was_cut_off,
    on_sqlite_a_dead_process_is_noticed_before_its_lease_ends,
    a_job_that_waits_is_cancelled_at_once_and_tried_again,
    who_may_not_start_it_may_not_end_it,
    another_source_is_for_administrators_and_tells_no_password,
    a_worker_that_would_read_from_elsewhere_does_not,
    a_command_s_job_is_for_nobody_else,
    whoever_lost_the_right_meanwhile_does_not_get_it_done,
    a_job_of_an_unknown_kind_is_ended_by_administrators,
    a_job_that_waits_to_be_tried_again_begins_when_a_person_wants_it,
    only_what_says_so_is_tried_again,
    what_it_took_is_what_was_worked,
    what_does_not_answer_is_tried_again_later_and_later,
    a_job_tells_how_far_it_is_and_how_it_ended,
    a_job_that_runs_ends_when_somebody_wishes,
    a_job_that_takes_too_long_is_ended,
    a_handler_that_cannot_be_cut_off_is_left_to_itself,
    a_job_is_left_before_its_lease_ends_when_the_database_does_not_answer,
    what_is_done_here_is_not_taken_for_left_whatever_the_clock_says,
    a_task_knows_whether_it_is_its_worker_s,
    a_handler_that_panics_ends_its_job_and_nothing_else,
    a_process_that_stops_hands_its_jobs_back,
    a_log_is_cut_where_it_is_full,
    what_is_due_is_enqueued_once_by_however_many,
    what_is_due_comes_while_all_places_are_taken,
    old_jobs_go_with_their_logs_and_others_stay,
}
