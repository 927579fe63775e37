//! Asking routers how their sessions are, and writing that beside the intent.
//!
//! Many routers are asked at the same time, but not too many, and not all at once; what they answer is written together, a few
//! statements for a handful of routers. A session is found by its peer's address. One that its router does not know is
//! [`ABSENT`]; one whose router did not answer keeps what was seen last, with its age.

use super::{
    Reached, Reaching,
    reach::{OBSERVED, observed},
    system,
};
use crate::keys;
use peerage_devices::{DeviceError, HostKey, Neighbour, neighbour::DEFAULT_VRF};
use peerage_model::{
    ObjectType, Problem, Record, Value,
    field::UINT,
    permit::{Add, Change, View},
    types::{
        ABSENT, CONNECTION, DIRECT_SESSION, ESTABLISHED, Hours, IX_SESSION, MOST_ERROR, ROUTER, SESSION_HISTORY,
        SESSION_TRANSITION,
    },
};
use peerage_store::{Store, Which};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Routers that are asked at the same time.
const AT_ONCE: usize = 16;
/// Answers that are written together, and how long the first of them waits for others.
const TOGETHER: usize = 25;
const GATHER: Duration = Duration::from_secs(1);
/// Two clocks that count the same moment differ by less.
const SAME_MOMENT: i64 = 60_000_000;
const HOUR: i64 = 3_600_000_000;

/// What a poll says of a session.
const SEEN: [&str; 10] = [
    "bgp_state",
    "state_since",
    "received_prefix_count",
    "accepted_prefix_count",
    "advertised_prefix_count",
    "availability",
    "last_established_state",
    "last_error",
    "families",
    "polled",
];

/// What a router answered.
pub struct Reading {
    pub router: Record,
    /// When it was asked.
    pub at: i64,
    pub answer: Result<(Vec<Neighbour>, Option<HostKey>), (DeviceError, String)>,
}

/// How a poll of several routers went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    pub routers: u64,
    /// Sessions of the intent, and how many of them are established.
    pub sessions: u64,
    pub established: u64,
    pub absent: u64,
    pub changed: u64,
    /// Routers that did not answer, by name, with what went wrong.
    pub failed: Vec<(i64, String, String)>,
}

impl Polled {
    /// In a sentence.
    pub fn summary(&self) -> String {
        let answered = self.routers - self.failed.len() as u64;
        let mut words = match (answered, self.routers) {
            (_, 0) => return "No router is to be polled.".to_owned(),
            (0, 1) => return "The router did not answer.".to_owned(),
            (0, all) => return format!("None of {all} routers answered."),
            (1, 1) => "The router answered".to_owned(),
            (answered, all) => format!("{answered} of {all} routers answered"),
        };
        words += &format!("; {} of {} sessions are established", self.established, self.sessions);
        if self.absent > 0 {
            let them = if self.routers == 1 { "it" } else { "their router" };
            words += &format!(", {} are not on {them}", self.absent);
        }
        words + "."
    }
}

/// The routers that are asked regularly.
///
/// # Errors
/// A failure of the database.
pub async fn regular(store: &Store) -> Result<Vec<i64>, Problem> {
    let permit = system().permit::<View>(&ROUTER)?;
    let wanted = [Value::Bool(true)];
    let found = store.brief(&permit, &["status"], Which::With("poll_bgp_sessions_state", &wanted)).await?;
    Ok(found.iter().filter(|router| router.text("status") != "disabled").map(|router| router.id).collect())
}

/// Asks routers and writes what they say. `spread`: they are begun within this time, each at its own moment of it. `heard` hears of
/// each: how many are done.
///
/// # Errors
/// A failure of the database; what was written stays.
pub async fn poll(
    store: &Store,
    reaching: &Reaching,
    routers: &[i64],
    spread: Duration,
    stop: &CancellationToken,
    heard: impl Fn(u64),
) -> Result<Polled, Problem> {
    let mut polled = Polled::default();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let (tell, mut told) = mpsc::channel(TOGETHER);
    for (router, reached) in reaching.reach_many(store, routers).await? {
        polled.routers += 1;
        let reached = match reached {
            Ok(reached) => reached,
            Err(problem) => {
                polled.failed.push((router.id, router.text("name").to_owned(), said(&problem)));
                continue;
            }
        };
        let (tell, places, stop) = (tell.clone(), places.clone(), stop.clone());
        let moment = own_moment(router.text("hostname"), spread);
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(moment) => {}
            }
            let Ok(_place) = places.acquire().await else { return };
            tokio::select! {
                () = stop.cancelled() => {}
                reading = ask(&reached) => drop(tell.send((reached, reading)).await),
            }
        });
    }
    drop(tell);
    let mut done = polled.failed.len() as u64;
    heard(done);
    while let Some(first) = told.recv().await {
        let mut together = vec![first];
        let gather = async {
            while together.len() < TOGETHER {
                let Some(next) = told.recv().await else { return };
                together.push(next);
            }
        };
        // those that came until then are written
        let _ = timeout(GATHER, gather).await;
        for (reached, reading) in &together {
            match &reading.answer {
                Ok((_, key)) => reached.keep(store, key.as_ref()).await?,
                Err((_, words)) => {
                    polled.failed.push((reached.router.id, reached.router.text("name").to_owned(), words.clone()));
                }
            }
        }
        let readings: Vec<Reading> = together.into_iter().map(|(_, reading)| reading).collect();
        done += readings.len() as u64;
        write(store, &readings, &mut polled).await?;
        heard(done);
    }
    Ok(polled)
}

/// A problem in words, those at its fields if it has some.
pub fn said(problem: &Problem) -> String {
    problem.fields.first().map_or_else(|| problem.message.clone(), |field| field.message.clone())
}

/// The same moment for the same router every time, so that they stay apart.
fn own_moment(router: &str, spread: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    router.hash(&mut hasher);
    spread.mul_f64((hasher.finish() % 1_000) as f64 / 1_000.0)
}

async fn ask(reached: &Reached) -> Reading {
    let at = crate::jobs::now();
    let asked = async {
        let mut device = reached.driver.connect().await?;
        let key = device.host_key();
        let neighbours = device.neighbours().await;
        device.close().await;
        Ok((neighbours?, key))
    };
    let answer = asked.await.map_err(|error: DeviceError| {
        let words = reached.words(&error);
        (error, words)
    });
    Reading { router: reached.router.clone(), at, answer }
}

/// A session of the intent, as it was and as it was seen.
struct Session {
    router: i64,
    before: Record,
    after: Record,
    /// The state as the log of changes tells it, if it is another one.
    transition: Option<(Value, Value, Value)>,
}

/// Writes what some routers said.
///
/// # Errors
/// A failure of the database.
pub async fn write(store: &Store, readings: &[Reading], polled: &mut Polled) -> Result<(), Problem> {
    let who = system();
    let mut routers: HashMap<i64, &Reading> = HashMap::new();
    let mut answers: HashMap<i64, (i64, HashMap<IpAddr, &Neighbour>)> = HashMap::new();
    for reading in readings {
        routers.insert(reading.router.id, reading);
        if let Ok((neighbours, _)) = &reading.answer {
            answers.insert(reading.router.id, (reading.at, by_address(neighbours)));
        }
    }
    let answered: Vec<i64> = answers.keys().copied().collect();
    let connections =
        store.brief(&who.permit::<View>(&CONNECTION)?, &["router"], Which::LeadingTo("router", &answered)).await?;
    let at: HashMap<i64, i64> =
        connections.iter().filter_map(|connection| Some((connection.id, connection.int("router")?))).collect();
    let over: Vec<i64> = at.keys().copied().collect();
    let mut sessions: Vec<Session> = Vec::new();
    for (of, field, ids) in
        [(&IX_SESSION, "ixp_connection", over.as_slice()), (&DIRECT_SESSION, "router", answered.as_slice())]
    {
        let fields: Vec<&str> = SEEN.iter().copied().chain(["ip_address", field]).collect();
        for before in store.brief(&who.permit::<View>(of)?, &fields, Which::LeadingTo(field, ids)).await? {
            let leads = before.int(field).unwrap_or_default();
            let router = if of.is(&IX_SESSION) { at.get(&leads).copied() } else { Some(leads) };
            let Some(router) = router else { continue };
            let Some((asked, neighbours)) = answers.get(&router) else { continue };
            let neighbour = before.get("ip_address").as_ip().and_then(|ip| neighbours.get(&ip.to_canonical()));
            sessions.push(seen(router, before, neighbour.copied(), *asked));
        }
    }
    for session in &sessions {
        polled.sessions += 1;
        polled.established += u64::from(session.after.text("bgp_state") == ESTABLISHED);
        polled.absent += u64::from(session.after.text("bgp_state") == ABSENT);
        polled.changed += u64::from(session.transition.is_some());
    }
    let hours = note_hours(store, &mut sessions).await?;
    let mut states = Vec::new();
    let permit = who.permit::<View>(&ROUTER)?;
    let ids: Vec<i64> = routers.keys().copied().collect();
    for before in store.brief(&permit, &OBSERVED, Which::Ids(&ids)).await? {
        let Some(reading) = routers.get(&before.id) else { continue };
        let failure = reading.answer.as_ref().err().map(|(error, words)| (error, words.clone()));
        states.push((reading, observed(before, reading.at, failure)));
    }

    let mut write = store.begin(&who, &keys::request_id()).await?;
    for of in [&IX_SESSION, &DIRECT_SESSION] {
        let rows: Vec<Record> =
            sessions.iter().filter(|session| session.after.of.is(of)).map(|session| session.after.clone()).collect();
        write.observe(&who.permit::<Change>(of)?, &SEEN, &rows).await?;
    }
    let (known, new): (Vec<Record>, Vec<Record>) = hours.into_iter().partition(|row| row.id > 0);
    write.observe(&who.permit::<Change>(&SESSION_HISTORY)?, &["hours"], &known).await?;
    write.note_many(&who.permit::<Add>(&SESSION_HISTORY)?, &new).await?;
    let transitions: Vec<Record> = sessions.iter().filter_map(transition).collect();
    if !transitions.is_empty() {
        write.note_many(&who.permit::<Add>(&SESSION_TRANSITION)?, &transitions).await?;
    }
    let change = who.permit::<Change>(&ROUTER)?;
    let (well, failed): (Vec<_>, Vec<_>) = states.into_iter().partition(|(reading, _)| reading.answer.is_ok());
    let failed: Vec<Record> = failed.into_iter().map(|(_, router)| router).collect();
    write.observe(&change, &OBSERVED, &failed).await?;
    let well: Vec<Record> = well.into_iter().map(|(reading, router)| with_neighbours(router, reading)).collect();
    let fields: Vec<&str> = OBSERVED.iter().copied().chain(["poll_bgp_sessions_last_updated", "neighbours"]).collect();
    write.observe(&change, &fields, &well).await?;
    Ok(write.commit().await?)
}

fn with_neighbours(router: Record, reading: &Reading) -> Record {
    let neighbours = match &reading.answer {
        Ok((neighbours, _)) => anchored(neighbours, reading.at),
        Err(_) => Vec::new(),
    };
    router
        .with("poll_bgp_sessions_last_updated", Value::Time(reading.at))
        .with("neighbours", Value::Json(Arc::new(json!(neighbours))))
}

/// With the instants that their seconds mean.
pub fn anchored(neighbours: &[Neighbour], at: i64) -> Vec<Neighbour> {
    let now = chrono::DateTime::from_timestamp_micros(at).unwrap_or_default();
    let mut neighbours = neighbours.to_vec();
    neighbours.iter_mut().for_each(|one| one.anchor(now));
    neighbours
}

/// Neighbours by their address; of those that have one in several tables, the one of the global table.
pub fn by_address(neighbours: &[Neighbour]) -> HashMap<IpAddr, &Neighbour> {
    let mut found: HashMap<IpAddr, &Neighbour> = HashMap::new();
    for one in neighbours {
        let Some(address) = one.address.map(|address| address.to_canonical()) else { continue };
        let taken = found.get(&address).is_some_and(|other| other.vrf == DEFAULT_VRF);
        if !taken {
            found.insert(address, one);
        }
    }
    found
}

fn seen(router: i64, before: Record, neighbour: Option<&Neighbour>, at: i64) -> Session {
    let now = chrono::DateTime::from_timestamp_micros(at).unwrap_or_default();
    let state = match neighbour {
        None => Value::text(ABSENT),
        Some(one) => one.state.map_or(Value::Null, |state| Value::text(state.to_string().to_lowercase())),
    };
    let is_same = before.get("bgp_state") == &state;
    let is_up = state.as_text() == Some(ESTABLISHED);
    let told = neighbour.and_then(|one| {
        let mut one = one.clone();
        one.anchor(now);
        one.since.map(|since| since.timestamp_micros())
    });
    let known = before.get("state_since").as_time();
    // the same state from a later moment: it went and came back between two polls
    let is_new = is_up && matches!((known, told), (Some(known), Some(told)) if told - known > SAME_MOMENT);
    let since = match (is_same && !is_new, known, told) {
        (true, Some(known), told) if told.is_none_or(|told| (told - known).abs() <= SAME_MOMENT || !is_up) => known,
        (_, _, Some(told)) => told,
        (..) => at,
    };
    let reason = neighbour
        .and_then(|one| one.reason.as_deref())
        .map(|words| Value::text(peerage_devices::mask(words).chars().take(MOST_ERROR as usize).collect::<String>()));
    let count = |of: fn(&peerage_devices::Family) -> Option<u64>| {
        let told = neighbour.iter().flat_map(|one| &one.families).filter_map(of);
        let sum = told.reduce(u64::saturating_add);
        sum.map_or(Value::Null, |sum| Value::Int(i64::try_from(sum).unwrap_or(i64::MAX).min(UINT)))
    };
    let mut after = before.clone();
    after.set("bgp_state", state.clone());
    after.set("state_since", Value::Time(since));
    after.set("received_prefix_count", count(|family| family.received));
    after.set("accepted_prefix_count", count(|family| family.accepted));
    after.set("advertised_prefix_count", count(|family| family.advertised));
    if is_up {
        after.set("last_established_state", Value::Time(at));
    }
    if let Some(reason) = &reason {
        after.set("last_error", reason.clone());
    }
    after.set("families", neighbour.map_or(Value::Null, |one| Value::Json(Arc::new(json!(one.families)))));
    after.set("polled", Value::Time(at));
    let was = before.get("bgp_state").clone();
    let transition = if is_new {
        let words = Value::text("It was down, and came back, between two polls.");
        Some((was, state, reason.unwrap_or(words)))
    } else if !is_same && !was.is_null() {
        Some((was, state, reason.unwrap_or(Value::Null)))
    } else {
        None
    };
    Session { router, before, after, transition }
}

/// The field of a history that leads to a session of this type.
pub fn leading(of: &'static ObjectType) -> &'static str {
    if of.is(&IX_SESSION) { "ix_session" } else { "direct_session" }
}

fn transition(session: &Session) -> Option<Record> {
    let (before, after, reason) = session.transition.clone()?;
    let of = session.after.of;
    Some(
        Record::new(&SESSION_TRANSITION)
            .with("time", session.after.get("polled").clone())
            .with("router", Value::Int(session.router))
            .with(leading(of), Value::Int(session.after.id))
            .with("before", before)
            .with("after", after)
            .with("reason", reason),
    )
}

/// Histories of those sessions that are seen for the first time in an hour, or in another state than before, with that hour; how
/// available they were by them.
async fn note_hours(store: &Store, sessions: &mut [Session]) -> Result<Vec<Record>, Problem> {
    let hour = |record: &Record| record.get("polled").as_time().map(|at| at.div_euclid(HOUR));
    let is_due = |session: &Session| session.transition.is_some() || hour(&session.before) != hour(&session.after);
    let permit = system().permit::<View>(&SESSION_HISTORY)?;
    let mut rows = Vec::new();
    for of in [&IX_SESSION, &DIRECT_SESSION] {
        let field = leading(of);
        let due = sessions.iter_mut().filter(|session| session.after.of.is(of) && is_due(session));
        let due: Vec<&mut Session> = due.collect();
        let ids: BTreeSet<i64> = due.iter().map(|session| session.after.id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        if ids.is_empty() {
            continue;
        }
        let known =
            store.brief(&permit, &["ix_session", "direct_session", "hours"], Which::LeadingTo(field, &ids)).await?;
        let mut known: HashMap<i64, Record> =
            known.into_iter().filter_map(|row| Some((row.int(field)?, row))).collect();
        for session in due {
            let id = session.after.id;
            let row = known.remove(&id);
            let row = row.unwrap_or_else(|| Record::new(&SESSION_HISTORY).with(field, Value::Int(id)));
            let mut hours = Hours::of(&row);
            let is_up = session.after.text("bgp_state") == ESTABLISHED;
            if hours.note(hour(&session.after).unwrap_or_default(), is_up, prefixes(&session.after)) {
                rows.push(row.with("hours", Value::Json(Arc::new(json!(hours)))));
            }
            session.after.set("availability", hours.percent().map_or(Value::Null, Value::Int));
        }
    }
    Ok(rows)
}

/// How many prefixes came over a session: accepted where that is told, else received.
fn prefixes(session: &Record) -> Option<u64> {
    let Value::Json(families) = session.get("families") else { return None };
    let counts = families
        .as_array()?
        .iter()
        .filter_map(|family| family["accepted"].as_u64().or_else(|| family["received"].as_u64()));
    counts.reduce(|a, b| a + b)
}
