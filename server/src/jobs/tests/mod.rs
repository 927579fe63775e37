//! What the queue and its workers promise, on both databases. Times are made up; only what a worker itself waits for takes time,
//! in milliseconds.

mod endings;
mod people;
mod schedules;
mod taking;

use super::{
    claims::End,
    kind::{Doing, Ended, JobKind, KINDS, Means, named},
    micros, now, process,
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
        patience: None,
        retries: 2,
        first_wait: Duration::from_secs(60),
        longest_wait: Duration::from_secs(90),
        turn: |_| None,
        alone: false,
        repeats: false,
        resumable: true,
        may: |who: &Who, _: &Json| who.permit::<Add>(&TAG).map(drop),
        may_end: |who: &Who| who.permit::<Add>(&TAG).map(drop),
        may_see: |who, _| who.permit::<View>(&TAG).map(drop),
        reach: None,
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
    JobKind {
        turn: |_| Some("repeats".to_owned()),
        alone: true,
        repeats: true,
        ..kind("test.repeats", |_, _| Box::pin(std::future::pending()))
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
    let means = Means::of(Source::api(PUBLIC_API, None).unwrap());
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

macro_rules! on_both_databases {
    ($($module:ident :: $test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let database = super::database::sqlite().await;
                super::$module::$test(&database).await;
                database.finish().await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(database) = super::database::postgres().await {
                    super::$module::$test(&database).await;
                    database.finish().await;
                }
            })*
        }
    };
}

on_both_databases! {
    taking::of_many_that_look_at_once_one_takes_a_job,
    taking::one_job_runs_of_a_kind_that_takes_turns,
    taking::jobs_about_one_thing_take_turns_whatever_they_do,
    taking::none_is_started_beside_one_that_is_to_be_alone,
    taking::a_worker_that_lost_its_job_writes_nothing_more,
    taking::a_job_is_not_taken_from_a_worker_that_is_writing,
    taking::a_lost_job_is_taken_up_so_often_and_then_says_so,
    taking::what_cannot_be_taken_up_says_that_it_was_cut_off,
    taking::on_sqlite_a_dead_process_is_noticed_before_its_lease_ends,
    people::a_job_that_waits_is_cancelled_at_once_and_tried_again,
    people::who_may_not_start_it_may_not_end_it,
    people::another_source_is_for_administrators_and_tells_no_password,
    people::a_worker_that_would_read_from_elsewhere_does_not,
    people::a_command_s_job_is_for_nobody_else,
    people::whoever_lost_the_right_meanwhile_does_not_get_it_done,
    people::a_job_of_an_unknown_kind_is_ended_by_administrators,
    people::a_job_that_waits_to_be_tried_again_begins_when_a_person_wants_it,
    endings::only_what_says_so_is_tried_again,
    endings::what_it_took_is_what_was_worked,
    endings::what_does_not_answer_is_tried_again_later_and_later,
    endings::a_job_tells_how_far_it_is_and_how_it_ended,
    endings::a_job_that_runs_ends_when_somebody_wishes,
    endings::a_job_that_takes_too_long_is_ended,
    endings::a_handler_that_cannot_be_cut_off_is_left_to_itself,
    endings::a_job_is_left_before_its_lease_ends_when_the_database_does_not_answer,
    endings::what_is_done_here_is_not_taken_for_left_whatever_the_clock_says,
    endings::a_task_knows_whether_it_is_its_worker_s,
    endings::a_handler_that_panics_ends_its_job_and_nothing_else,
    endings::a_process_that_stops_hands_its_jobs_back,
    endings::a_log_is_cut_where_it_is_full,
    schedules::what_is_due_is_enqueued_once_by_however_many,
    schedules::what_is_due_comes_while_all_places_are_taken,
    schedules::old_jobs_go_with_their_logs_and_others_stay,
    schedules::what_says_nothing_new_takes_the_place_of_the_one_before,
}
