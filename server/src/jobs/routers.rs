//! Jobs that speak to routers. All that may change one are of its turn, so that there is one at a time, in whatever process;
//! asking for its sessions changes nothing and waits for nobody.

use super::{
    kind::{Ended, JobKind, Means, Reach},
    now,
    queue::{Queue, Wanted},
    task::{About, Level, Task},
};
use crate::devices::{Reaching, observe_router, poll, push, recovery};
use peerage_devices::{SystemClock, probe};
use peerage_model::{
    Label, Problem, Record, Who,
    permit::{Deploy, View, ViewConfiguration},
    types::{DIRECT_SESSION, IX_SESSION, ROUTER},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::{sync::Arc, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);
/// A change is taken back before its job ends, and the router may have to do that by itself.
const TAKING_BACK: Duration = Duration::from_secs(15 * 60);
/// Polls of many routers that come by themselves begin within this share of their period.
const SPREAD: u32 = 4;

const BASE: JobKind = JobKind {
    name: "",
    deadline: Duration::from_secs(10 * 60),
    patience: None,
    retries: 3,
    first_wait: MINUTE,
    longest_wait: Duration::from_secs(10 * 60),
    turn,
    alone: false,
    repeats: false,
    resumable: true,
    may: |who, _| may_check(who),
    may_end: may_check,
    may_see: |who, _| may_check(who),
    reach: Some(Reach::Configuration),
    run: |means, task| Box::pin(configure(means, task)),
};

/// To the difference and no further.
pub const CHECK: JobKind = JobKind { name: "devices.router.check_configuration", ..BASE };

pub const PUSH: JobKind = JobKind {
    name: "devices.router.set_napalm_configuration",
    // its own timers end it long before
    deadline: Duration::from_secs(3_600),
    patience: Some(TAKING_BACK),
    may: |who, _| may_push(who),
    may_end: may_push,
    reach: Some(Reach::Deploy),
    ..BASE
};

/// Of one router, or of all that are asked regularly.
pub const POLL: JobKind = JobKind {
    name: "devices.router.poll_bgp_sessions",
    retries: 1,
    turn: |arguments| Some(arguments["router"].as_i64().map_or("poll".to_owned(), |router| format!("poll:{router}"))),
    alone: true,
    repeats: true,
    may: |who, _| may_poll(who),
    may_end: may_poll,
    may_see: |who, _| who.permit::<View>(&ROUTER).map(drop),
    reach: Some(Reach::View),
    run: |means, task| Box::pin(run_poll(means, task)),
    ..BASE
};

pub const TEST: JobKind = JobKind {
    name: "devices.router.test_napalm_connection",
    deadline: Duration::from_secs(5 * 60),
    may_see: |who, _| who.permit::<View>(&ROUTER).map(drop),
    run: |means, task| Box::pin(run_test(means, task)),
    ..BASE
};

/// What a crash left behind is looked at.
pub const RECOVER: JobKind = JobKind {
    name: "devices.router.recover_push",
    deadline: Duration::from_secs(3_600),
    may: |who, _| may_push(who),
    may_end: may_push,
    reach: Some(Reach::Deploy),
    run: |means, task| Box::pin(run_recovery(means, task)),
    ..BASE
};

fn turn(arguments: &Json) -> Option<String> {
    arguments["router"].as_i64().map(|router| format!("router:{router}"))
}

fn may_check(who: &Who) -> Result<(), Problem> {
    who.permit::<ViewConfiguration>(&ROUTER).map(drop)
}

fn may_push(who: &Who) -> Result<(), Problem> {
    may_check(who)?;
    who.permit::<Deploy>(&ROUTER).map(drop)
}

fn may_poll(who: &Who) -> Result<(), Problem> {
    who.permit::<View>(&ROUTER)?;
    who.permit::<View>(&IX_SESSION)?;
    who.permit::<View>(&DIRECT_SESSION).map(drop)
}

/// What a job about one router, or about all, is to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whom {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    router: Option<i64>,
    /// Seconds in which many are begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spread: Option<u64>,
}

impl Whom {
    fn of(arguments: &Json) -> Result<Self, Problem> {
        let unknown = |error| {
            Problem::new(Label::Conflict, format!("This Peerage does not understand what the job is to do: {error}."))
        };
        Self::deserialize(arguments).map_err(unknown)
    }
}

/// Arguments of a job about one router.
pub fn one(router: i64) -> Json {
    json!(Whom { router: Some(router), spread: None })
}

/// Arguments of a poll of all that are asked regularly, every so often.
pub fn all(period: Duration) -> Json {
    json!(Whom { router: None, spread: Some((period / SPREAD).as_secs()) })
}

/// A router, for the page of a job that is about it.
pub fn about(router: &Record) -> About {
    About { of: &ROUTER, id: router.id, name: router.text("name").to_owned() }
}

/// What is to be put into the queue about a router.
pub fn wanted<'a>(who: &'a Who, router: &Record, arguments: Json) -> Wanted<'a> {
    Wanted { about: Some(about(router)), ..Wanted::of(who, arguments) }
}

/// Puts what a crash left behind into the queue.
///
/// # Errors
/// A failure of the database.
pub async fn enqueue_recoveries(queue: &Queue) -> Result<(), Problem> {
    let who = crate::devices::system();
    for router in recovery::routers(queue.store()).await? {
        queue.enqueue(&RECOVER, Wanted::of(&who, one(router)), now()).await?;
    }
    Ok(())
}

async fn configure(means: Arc<Means>, task: Task) -> Result<Ended, Problem> {
    push::carry_out(task, &means.reaching, Arc::new(|_| ())).await
}

async fn run_poll(means: Arc<Means>, task: Task) -> Result<Ended, Problem> {
    let polled = poll_for(&task, &means.reaching).await?;
    Ok(if task.stop.is_cancelled() {
        Ended::Stopped(polled.summary())
    } else if polled.routers > 0 && polled.failed.len() as u64 == polled.routers {
        let words = polled.failed.first().map(|(_, name, words)| format!("{name}: {words}")).unwrap_or_default();
        Ended::Failed(if polled.routers == 1 { words } else { polled.summary() })
    } else {
        Ended::Completed(polled.summary())
    })
}

/// The poll that a job wants.
///
/// # Errors
/// A failure of the database.
pub async fn poll_for(task: &Task, reaching: &Reaching) -> Result<poll::Polled, Problem> {
    let whom = Whom::of(&task.arguments)?;
    let routers = match whom.router {
        Some(router) => vec![router],
        None => poll::regular(&task.store).await?,
    };
    let total = routers.len() as u64;
    let spread = Duration::from_secs(whom.spread.unwrap_or_default());
    let heard = |done| task.progress("asking routers", done, total);
    let polled = poll::poll(&task.store, reaching, &routers, spread, &task.stop, heard).await?;
    for (id, name, words) in &polled.failed {
        let about = About { of: &ROUTER, id: *id, name: name.clone() };
        task.say_of(about, Level::Warning, words.clone());
    }
    Ok(polled)
}

async fn run_test(means: Arc<Means>, task: Task) -> Result<Ended, Problem> {
    test(&task, &means.reaching, &|_| ()).await
}

/// Whether a router can be worked with, told part by part.
///
/// # Errors
/// A failure of the database.
pub async fn test(task: &Task, reaching: &Reaching, heard: &(dyn Fn(&str) + Send + Sync)) -> Result<Ended, Problem> {
    let router = Whom::of(&task.arguments)?.router.unwrap_or_default();
    let reached = match reaching.reach(&task.store, router).await {
        Ok(reached) => reached,
        Err(problem) if problem.label == Label::Unavailable => return Err(problem),
        Err(problem) => return Ok(Ended::Failed(poll::said(&problem))),
    };
    task.progress("asking the router", 0, 0);
    let clock = SystemClock::default();
    let mut found = tokio::select! {
        found = probe(&*reached.driver, &clock) => found,
        () = task.stop.cancelled() => return Ok(Ended::Stopped("It was not asked to the end.".to_owned())),
    };
    let mut words = String::new();
    for part in &found.parts {
        words = reached.hidden.of(&part.words);
        let line = format!("{}: {words} ({:.1} s)", part.name, part.took_ms as f64 / 1000.0);
        heard(&line);
        task.say(if part.succeeded { Level::Success } else { Level::Failure }, line);
    }
    if found.is_well() {
        let key = found.host_key.take();
        reached.keep(&task.store, key.as_ref()).await?;
        let software = found.facts.map(|facts| facts.version);
        observe_router(&task.store, &reached, now(), None, software.as_deref()).await?;
        return Ok(Ended::Completed(format!("It answers, and can be worked with: {words}.")));
    }
    // in the form that says which host key it showed
    match reached.driver.connect().await {
        Err(error) => observe_router(&task.store, &reached, now(), Some(&error), None).await?,
        Ok(device) => {
            device.close().await;
            let failure = peerage_devices::DeviceError::Argument(words.clone());
            observe_router(&task.store, &reached, now(), Some(&failure), None).await?;
        }
    }
    Ok(Ended::Failed(words))
}

async fn run_recovery(means: Arc<Means>, task: Task) -> Result<Ended, Problem> {
    let router = Whom::of(&task.arguments)?.router.unwrap_or_default();
    let mut words = Vec::new();
    for row in recovery::unfinished(&task.store, router).await? {
        let row = recovery::settle(&task, &means.reaching, row, &(Arc::new(|_: &str| ()) as _)).await?;
        words.push(format!("#{}: {}", row.id, row.text("words")));
    }
    Ok(if words.is_empty() {
        Ended::Completed("Nothing was left behind.".to_owned())
    } else if task.stop.is_cancelled() {
        Ended::Stopped(words.join(" "))
    } else {
        Ended::Completed(words.join(" "))
    })
}
