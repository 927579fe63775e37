//! Bringing a configuration to a router, or only comparing it with what runs there.
//!
//! A check renders the configuration, lets the router compare it, and is kept. A push names the check that was approved: it sends
//! the very text that was checked, and the router's difference must be the one that was seen, so that neither data nor a router
//! that has changed since then can slip something in. Everything after that is `peerage_devices::push`.

use super::{
    Reached, Reaching, observe_router,
    observer::{Heard, Witness},
    poll::{self, Reading, said},
    record::{self, begun, closed, mode_of},
    recovery, system,
};
use crate::{
    jobs::{Ended, Level, Task, now},
    keys,
    services::{Rendering, surroundings::Surroundings},
};
use peerage_devices::{Gate, Outcome, Plan, PushId, Secret, SystemClock};
use peerage_model::{
    Filter, Label, ListQuery, Problem, Record, Sort, Value, effective,
    filter::equals,
    permit::{Add, Change, View},
    types::{CHECK, CONNECTION, DIRECT_SESSION, IX_SESSION, MOST_REASON, PUSH, PushOutcome},
};
use peerage_store::{Store, StoreError, Which};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::{collections::HashSet, net::IpAddr, ops::RangeInclusive, time::Duration};

/// A check that is older than this is not what somebody has just looked at.
const MOST_AGE: i64 = 24 * 3_600 * 1_000_000;
/// Until the router takes an unconfirmed change back.
pub const TIMER: u64 = 300;
/// What people may choose for that.
const MINUTES: RangeInclusive<u32> = 1..=60;
/// Of that, for confirming; of a shorter timer a third.
const MARGIN: u64 = 60;
/// A session that keeps less than this share of its prefixes, in percent, is as good as lost.
const PREFIX_FLOOR: u8 = 10;
/// Intent under which a session is expected to be up.
const EXPECTED: [&str; 3] = ["enabled", "provisioning", "requested"];

/// What a job of this kind is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub router: i64,
    /// The check that was approved; none: this is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Seconds until the router takes an unconfirmed change back.
    #[serde(default = "timer", skip_serializing_if = "is_usual")]
    pub timer: u64,
    /// It is confirmed only when somebody says so ([`keep`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attended: bool,
}

fn timer() -> u64 {
    TIMER
}

fn is_usual(timer: &u64) -> bool {
    *timer == TIMER
}

impl Order {
    pub fn check(router: i64, reason: &str) -> Self {
        Self { router, check: None, reason: reason.trim().to_owned(), timer: TIMER, attended: false }
    }

    /// # Errors
    /// At the field: no reason, or one that is too long.
    pub fn push(router: i64, check: i64, reason: &str) -> Result<Self, Problem> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Problem::field("reason", "Say why: it stands in the record of the push."));
        }
        if reason.chars().count() > MOST_REASON as usize {
            return Err(Problem::field("reason", format!("At most {MOST_REASON} characters.")));
        }
        Ok(Self { check: Some(check), ..Self::check(router, reason) })
    }

    /// With another time until it is taken back.
    ///
    /// # Errors
    /// At the field: too short to see anything, or too long.
    pub fn within(self, minutes: u32) -> Result<Self, Problem> {
        if !MINUTES.contains(&minutes) {
            let words = format!("{} to {} minutes.", MINUTES.start(), MINUTES.end());
            return Err(Problem::field("minutes", words));
        }
        Ok(Self { timer: u64::from(minutes) * 60, ..self })
    }

    /// As a job has it.
    ///
    /// # Errors
    /// A newer Peerage wrote it.
    pub fn of(arguments: &Json) -> Result<Self, Problem> {
        let unknown = |error| {
            Problem::new(Label::Conflict, format!("This Peerage does not understand what the job is to do: {error}."))
        };
        Self::deserialize(arguments).map_err(unknown)
    }

    pub fn into_json(self) -> Json {
        json!(self)
    }
}

/// What is sent, and under which approval.
struct Pinned {
    text: Secret,
    /// The difference that was approved.
    diff_sha256: Option<String>,
}

/// Carries an order out. `heard` hears of every step.
///
/// # Errors
/// A failure of the database; the router then takes back by itself what was changed.
pub async fn carry_out(task: Task, reaching: &Reaching, heard: Heard) -> Result<Ended, Problem> {
    let order = Order::of(&task.arguments)?;
    let store = task.store.clone();
    // another worker had this job, and has gone
    if let Some(row) = find(&store, "job", Value::Int(task.job())).await?.pop() {
        let row = recovery::settle(&task, reaching, row, &heard).await?;
        return Ok(ended(&row));
    }
    for row in recovery::unfinished(&store, order.router).await? {
        let row = recovery::settle(&task, reaching, row, &heard).await?;
        if PushOutcome::of(&row).is_none() && order.check.is_some() {
            let words = format!("What became of push #{} is not known yet: {}", row.id, row.text("words"));
            return Ok(Ended::Failed(words));
        }
    }
    let reached = match reaching.reach(&store, order.router).await {
        Ok(reached) => reached,
        Err(problem) if problem.label == Label::Unavailable => return Err(problem),
        Err(problem) => return Ok(Ended::Failed(said(&problem))),
    };
    let mut hidden = reached.hidden.clone();
    hidden.add_sessions(&store, order.router).await?;

    let push_id = format!("peerage-{}-{}", task.job(), keys::random_hex(4));
    let mut row = begun(&reached.router, order.check.is_none(), &push_id, now())
        .with("job", Value::Int(task.job()))
        .with("user", task.who.user.map_or(Value::Null, Value::Int))
        .with("user_name", Value::text(task.by.clone()))
        .with("reason", Value::text(order.reason.as_str()))
        .with("attended", Value::Bool(order.attended));
    let pinned = match pinned(&store, &order).await {
        Ok(pinned) => pinned,
        Err(problem) if problem.label == Label::Unavailable => return Err(problem),
        Err(problem) => {
            // kept as well: somebody wanted it, and it was refused
            let not = if order.check.is_none() { "The check failed" } else { "Not pushed" };
            let words = hidden.of(&format!("{not}: {} The router was not changed.", said(&problem)));
            task.say(Level::Failure, words.clone());
            row = insert(&store, closed(row, PushOutcome::Refused, &words, None)).await?;
            return Ok(ended(&row));
        }
    };
    row.set("text", Value::text(pinned.text.expose()));
    row = insert(&store, row).await?;

    let plan = plan(&store, &order, &push_id, pinned).await?;
    let total = plan.steps(&reached.driver.capabilities()).len();
    let witness = Witness::new(task.clone(), hidden.clone(), heard, total, row);
    let clock = SystemClock::default();
    let pushed = tokio::select! {
        pushed = peerage_devices::push(&plan, &*reached.driver, &clock, &witness, &task.stop) => pushed,
        () = witness.follow() => return Err(Problem::new(Label::Internal, "A push was not followed to its end.")),
    };
    let row = witness.write(|row| record::with_evidence(row, &pushed, &hidden)).await?;
    if let Err(problem) = aftermath(&store, &reached, &pushed).await {
        // the push itself is kept; this is news of the router that comes again with the next poll
        task.say(Level::Warning, format!("What was seen of the router could not be noted: {}", problem.message));
    }
    Ok(match pushed.outcome {
        Some(Outcome::Cancelled) => Ended::Stopped(row.text("words").to_owned()),
        Some(Outcome::RolledBack { .. }) if task.stop.is_cancelled() => Ended::Stopped(row.text("words").to_owned()),
        _ => ended(&row),
    })
}

/// How the job of a push has ended.
fn ended(row: &Record) -> Ended {
    let words = row.text("words").to_owned();
    match PushOutcome::of(row) {
        Some(outcome) if outcome.is_well() => Ended::Completed(words),
        _ => Ended::Failed(words),
    }
}

async fn insert(store: &Store, row: Record) -> Result<Record, Problem> {
    let who = system();
    let mut write = store.begin(&who, &keys::request_id()).await?;
    let row = write.insert(&who.permit::<Add>(&PUSH)?, row).await?;
    write.commit().await?;
    Ok(row)
}

async fn find(store: &Store, field: &str, value: Value) -> Result<Vec<Record>, Problem> {
    Ok(store.find(&system().permit::<View>(&PUSH)?, &[(field, value)]).await?)
}

/// The text that is to be sent.
async fn pinned(store: &Store, order: &Order) -> Result<Pinned, Problem> {
    let who = system();
    let Some(check) = order.check else {
        let output = Rendering::new(store.clone()).text(&who, order.router).await?;
        if output.placeholders {
            return Err(Problem::conflict("A placeholder stands in the place of a secret."));
        }
        return Ok(Pinned { text: output.text.into(), diff_sha256: None });
    };
    let permit = who.permit::<View>(&PUSH)?;
    let found = store.get(&permit, check).await?.filter(|row| row.int("router") == Some(order.router));
    let row = found.ok_or_else(|| Problem::conflict(format!("There is no check #{check} of this router.")))?;
    let is_checked = PushOutcome::of(&row) == Some(PushOutcome::Checked) && row.text("mode") == CHECK;
    if !is_checked {
        return Err(Problem::conflict(format!("#{check} is no check that found something to push. Check again.")));
    }
    if now() - row.get("time").as_time().unwrap_or_default() > MOST_AGE {
        return Err(Problem::conflict(format!("Check #{check} is more than a day old. Check again.")));
    }
    let diff_sha256 = Some(row.text("diff_sha256").to_owned());
    let row = store.reveal(&permit, vec![row]).await?.pop();
    let text = row.map(|row| row.text("text").to_owned()).unwrap_or_default();
    Ok(Pinned { text: text.into(), diff_sha256 })
}

async fn plan(store: &Store, order: &Order, push_id: &str, pinned: Pinned) -> Result<Plan, Problem> {
    let id = PushId::new(push_id).map_err(|error| Problem::new(Label::Internal, error.to_string()))?;
    let mut plan = Plan::new(id, pinned.text, mode_of(pinned.diff_sha256.as_deref()));
    plan.timer = Duration::from_secs(order.timer);
    plan.margin = Duration::from_secs(MARGIN.min(order.timer / 3));
    plan.attended = order.attended;
    let scope = expected(store, order.router).await?;
    plan.gate = Gate { scope: Some(scope), prefix_floor: Some(PREFIX_FLOOR), ..Gate::default() };
    plan.former = last_text(store, order.router).await?;
    Ok(plan)
}

/// The peers whose sessions are to be up: others may go with a push.
async fn expected(store: &Store, router: i64) -> Result<HashSet<IpAddr>, Problem> {
    let who = system();
    let connections =
        store.brief(&who.permit::<View>(&CONNECTION)?, &["router"], Which::LeadingTo("router", &[router])).await?;
    let connections: Vec<i64> = connections.iter().map(|connection| connection.id).collect();
    let mut sessions = Vec::new();
    for (of, field, ids) in
        [(&IX_SESSION, "ixp_connection", connections.as_slice()), (&DIRECT_SESSION, "router", &[router])]
    {
        let mut fields = vec!["ip_address", "status", field];
        if of.is(&DIRECT_SESSION) {
            fields.push("bgp_group");
        }
        sessions.extend(store.brief(&who.permit::<View>(of)?, &fields, Which::LeadingTo(field, ids)).await?);
    }
    let states = Surroundings::new(store)
        .ask(|facts| sessions.iter().map(|session| effective::status(session, facts)).collect::<Vec<_>>())
        .await?;
    let is_expected = |status: &Option<effective::From<String>>| {
        status.as_ref().is_none_or(|status| EXPECTED.contains(&status.value.as_str()))
    };
    let expected = sessions.iter().zip(&states).filter(|(_, status)| is_expected(status));
    Ok(expected.filter_map(|(session, _)| session.get("ip_address").as_ip()).map(|ip| ip.to_canonical()).collect())
}

/// Says that a push is to be kept, once all is well: one that waits for it is confirmed then.
///
/// # Errors
/// It does not wait for anybody, or has ended; a failure of the database.
pub async fn keep(store: &Store, push: i64, by: &str) -> Result<(), Problem> {
    let who = system();
    let permit = who.permit::<View>(&PUSH)?;
    for last in [false, false, false, true] {
        let row = store.get(&permit, push).await?.ok_or_else(|| Problem::not_found(PUSH.name))?;
        if !row.flag("attended") {
            return Err(Problem::conflict("It waits for nobody: it is kept as soon as all is well."));
        }
        if PushOutcome::of(&row).is_some() {
            return Err(Problem::conflict(format!("It has ended: {}", row.text("words"))));
        }
        let mut write = store.begin(&who, &keys::request_id()).await?;
        let version = row.version;
        let kept = write.update(&who.permit::<Change>(&PUSH)?, version, row.with("kept_by", Value::text(by))).await;
        match kept.map_err(StoreError::into_problem) {
            Ok(_) => return Ok(write.commit().await?),
            // one of its steps was written meanwhile
            Err(problem) if problem.label == Label::Conflict && !last => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}

/// The text that we brought there last, by which our own lines are known.
async fn last_text(store: &Store, router: i64) -> Result<Option<Secret>, Problem> {
    let permit = system().permit::<View>(&PUSH)?;
    let field = |name: &str| PUSH.field(name).ok_or_else(|| Problem::not_found(PUSH.name));
    let mut outcome = equals(field("outcome")?, Value::Null);
    outcome.values = PushOutcome::RAN.iter().map(|outcome| Value::text(outcome.code())).collect();
    let filter = Filter { terms: vec![equals(field("router")?, Value::Int(router)), outcome], words: Vec::new() };
    let sort = vec![Sort::parse(&PUSH, "-id").map_err(|words| Problem::new(Label::Internal, words))?];
    let query = ListQuery { filter, sort, limit: 1, count: false, ..ListQuery::all(&PUSH) };
    let found = store.records(&permit, &query).await?;
    let ids: Vec<i64> = found.iter().map(|row| row.id).collect();
    let row = store.reveal(&permit, store.get_many(&permit, &ids).await?).await?.pop();
    Ok(row.map(|row| row.text("text").to_owned()).filter(|text| !text.is_empty()).map(Secret::from))
}

/// What was seen of the router and its sessions besides.
async fn aftermath(store: &Store, reached: &Reached, pushed: &peerage_devices::Record) -> Result<(), Problem> {
    let at = now();
    match &pushed.facts {
        Some(facts) => {
            reached.keep(store, pushed.host_key.as_ref()).await?;
            observe_router(store, reached, at, None, Some(&facts.version)).await?;
        }
        // why it was not reached stands in the record in words; which host key it showed does not
        None => {
            if let Err(error) = reached.driver.connect().await {
                observe_router(store, reached, at, Some(&error), None).await?;
            }
        }
    }
    let Some(neighbours) = pushed.after.as_ref().or(pushed.before.as_ref()) else { return Ok(()) };
    let answer = Ok((neighbours.clone(), None));
    let reading = Reading { router: reached.router.clone(), at, answer };
    poll::write(store, &[reading], &mut poll::Polled::default()).await
}
