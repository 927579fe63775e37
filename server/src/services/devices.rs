//! Routers in the interface: starting what talks to them, and showing what came of it.

use super::request_id;
use crate::{
    devices::{
        host_keys, poll,
        push::{self, Order},
        system,
    },
    jobs::{Engine, JobKind, Reach, Wanted, now, routers},
};
use async_trait::async_trait;
use peerage_app::{
    devices::{self, Beside, BesideRow, History, How, Texts, Verdict},
    peeringdb::Started,
};
use peerage_devices::HostKey;
use peerage_model::{
    ObjectType, Permit, Problem, Record, Value, Who, effective,
    permit::{Deploy, View, ViewConfiguration},
    registry,
    types::{
        AUTONOMOUS_SYSTEM, CONNECTION, DIRECT_SESSION, HOST_KEY, Hours, IX_SESSION, PLATFORM, PUSH, ROUTER,
        SESSION_HISTORY, Together,
    },
    wire::ObjectRef,
};
use peerage_store::{Store, Which};
use serde_json::Value as Json;
use std::{collections::HashMap, net::IpAddr, sync::Arc};

/// Sessions of one question about histories.
const MOST_SESSIONS: usize = 2_000;

pub struct Devices {
    store: Store,
    engine: Arc<Engine>,
}

impl Devices {
    pub fn new(store: Store, engine: Arc<Engine>) -> Self {
        Self { store, engine }
    }

    async fn router(&self, who: &Who, id: i64) -> Result<Record, Problem> {
        let permit = who.permit::<View>(&ROUTER)?;
        self.store.get(&permit, id).await?.ok_or_else(|| Problem::not_found(ROUTER.name))
    }

    /// The router of a check or a push, for whoever may push.
    async fn router_of(&self, who: &Who, push: i64) -> Result<Record, Problem> {
        let _: Permit<Deploy> = who.permit(&ROUTER)?;
        let row = self.store.get(&who.permit::<View>(&PUSH)?, push).await?;
        let router = row.and_then(|row| row.int("router")).ok_or_else(|| Problem::not_found(PUSH.name))?;
        self.router(who, router).await
    }

    async fn start(
        &self,
        who: &Who,
        kind: &'static JobKind,
        router: &Record,
        arguments: Json,
    ) -> Result<Started, Problem> {
        let wanted = routers::wanted(who, router, arguments);
        let job = self.engine.queue().enqueue(kind, wanted, now()).await?;
        Ok(Started { job: job.id })
    }
}

/// A session of the intent, as far as it is compared.
struct Intended {
    record: Record,
    asn: Option<u32>,
    name: String,
    status: String,
}

impl Devices {
    /// The sessions of a router, as somebody may see them.
    async fn intended(&self, who: &Who, router: i64) -> Result<Vec<Intended>, Problem> {
        let connections = self
            .store
            .brief(&who.permit::<View>(&CONNECTION)?, &["router"], Which::LeadingTo("router", &[router]))
            .await?;
        let connections: Vec<i64> = connections.iter().map(|connection| connection.id).collect();
        let mut sessions = Vec::new();
        for (of, field, ids) in
            [(&IX_SESSION, "ixp_connection", connections.as_slice()), (&DIRECT_SESSION, "router", &[router])]
        {
            let mut fields =
                vec!["ip_address", "status", "autonomous_system", "bgp_state", "state_since", "last_error", field];
            if of.is(&DIRECT_SESSION) {
                fields.push("bgp_group");
            }
            sessions.extend(self.store.brief(&who.permit::<View>(of)?, &fields, Which::LeadingTo(field, ids)).await?);
        }
        let mut systems: Vec<i64> = sessions.iter().filter_map(|session| session.int("autonomous_system")).collect();
        systems.sort_unstable();
        systems.dedup();
        let permit = who.permit::<View>(&AUTONOMOUS_SYSTEM)?;
        let systems = self.store.brief(&permit, &["asn", "name"], Which::Ids(&systems)).await?;
        let systems: HashMap<i64, Record> = systems.into_iter().map(|system| (system.id, system)).collect();
        let states = super::surroundings::Surroundings::new(&self.store)
            .ask(|facts| sessions.iter().map(|session| effective::status(session, facts)).collect::<Vec<_>>())
            .await?;
        let told = |(record, status): (Record, Option<effective::From<String>>)| {
            let system = record.int("autonomous_system").and_then(|id| systems.get(&id));
            Intended {
                asn: system.and_then(|system| system.int("asn")).and_then(|asn| u32::try_from(asn).ok()),
                name: system.map(|system| system.text("name").to_owned()).unwrap_or_default(),
                status: status.map_or_else(|| record.text("status").to_owned(), |status| status.value),
                record,
            }
        };
        Ok(sessions.into_iter().zip(states).map(told).collect())
    }
}

/// A session as a router's record has it.
struct Seen<'a>(&'a Json);

impl Seen<'_> {
    fn address(&self) -> Option<IpAddr> {
        self.text("address").parse::<IpAddr>().ok().map(|address| address.to_canonical())
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn asn(&self) -> Option<u32> {
        self.0["remote_as"].as_u64().and_then(|asn| u32::try_from(asn).ok())
    }

    fn since(&self) -> Option<i64> {
        chrono::DateTime::parse_from_rfc3339(self.text("since")).ok().map(|at| at.timestamp_micros())
    }
}

fn compare(intended: &[Intended], seen: &[Json], was_asked: bool) -> Vec<BesideRow> {
    let mut left: HashMap<IpAddr, Seen<'_>> = HashMap::new();
    let mut nameless = Vec::new();
    for one in seen.iter().map(Seen) {
        match one.address() {
            Some(address) => drop(left.insert(address, one)),
            None => nameless.push(one),
        }
    }
    let mut rows = Vec::new();
    for one in intended {
        let Some(ip) = one.record.get("ip_address").as_ip().map(|ip| ip.to_canonical()) else { continue };
        let found = left.remove(&ip);
        let is_off = ["disabled", "decommissioned", "maintenance"].contains(&one.status.as_str());
        let state = one.record.text("bgp_state").to_owned();
        let seen_asn = found.as_ref().and_then(Seen::asn);
        let other = match (one.asn, seen_asn) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                Some(format!("AS{theirs} on the router, AS{ours} in the intent"))
            }
            _ => None,
        };
        let verdict = match (&found, &other) {
            (Some(_), Some(_)) => Verdict::Different,
            (Some(_), None) => Verdict::Same,
            (None, _) if !was_asked => Verdict::Unknown,
            (None, _) if is_off => Verdict::Off,
            (None, _) => Verdict::Missing,
        };
        rows.push(BesideRow {
            verdict,
            address: ip.to_string(),
            session: Some(ObjectRef { of: one.record.of.key(), id: one.record.id }),
            asn: one.asn,
            name: one.name.clone(),
            status: one.status.clone(),
            seen_asn,
            since: one.record.get("state_since").as_time(),
            words: other.unwrap_or_else(|| {
                if state == peerage_model::types::ESTABLISHED {
                    String::new()
                } else {
                    one.record.text("last_error").to_owned()
                }
            }),
            state,
        });
    }
    let extra = left.into_iter().map(|(address, one)| (address.to_string(), one));
    let nameless = nameless.into_iter().map(|one| (one.text("interface").to_owned(), one));
    rows.extend(extra.chain(nameless).map(|(address, one)| BesideRow {
        verdict: Verdict::Extra,
        address,
        session: None,
        asn: None,
        name: one.text("description").to_owned(),
        status: String::new(),
        seen_asn: one.asn(),
        state: one.text("state").to_lowercase(),
        since: one.since(),
        words: one.text("reason").to_owned(),
    }));
    rows.sort_by(|a, b| (a.verdict, a.asn, &a.address).cmp(&(b.verdict, b.asn, &b.address)));
    rows
}

#[async_trait]
impl devices::Devices for Devices {
    async fn check(&self, who: &Who, router: i64) -> Result<Started, Problem> {
        let router = self.router(who, router).await?;
        self.start(who, &routers::CHECK, &router, Order::check(router.id, "").into_json()).await
    }

    async fn push(&self, who: &Who, check: i64, how: How) -> Result<Started, Problem> {
        let router = self.router_of(who, check).await?;
        let mut order = Order::push(router.id, check, &how.reason)?;
        order.attended = how.attended;
        if let Some(minutes) = how.minutes {
            order = order.within(minutes)?;
        }
        self.start(who, &routers::PUSH, &router, order.into_json()).await
    }

    async fn keep(&self, who: &Who, push: i64) -> Result<(), Problem> {
        let router = self.router_of(who, push).await?;
        Reach::Deploy.check(&self.store, who, &routers::one(router.id)).await?;
        push::keep(&self.store, push, &who.name).await
    }

    async fn poll(&self, who: &Who, router: Option<i64>) -> Result<Started, Problem> {
        match router {
            Some(router) => {
                let router = self.router(who, router).await?;
                self.start(who, &routers::POLL, &router, routers::one(router.id)).await
            }
            None => {
                let wanted = Wanted::of(who, routers::all(std::time::Duration::ZERO));
                let job = self.engine.queue().enqueue(&routers::POLL, wanted, now()).await?;
                Ok(Started { job: job.id })
            }
        }
    }

    async fn test(&self, who: &Who, router: i64) -> Result<Started, Problem> {
        let router = self.router(who, router).await?;
        self.start(who, &routers::TEST, &router, routers::one(router.id)).await
    }

    async fn accept_host_key(&self, who: &Who, router: i64, fingerprint: String) -> Result<(), Problem> {
        host_keys::accept(&self.store, who, router, &fingerprint, &request_id()).await.map(drop)
    }

    async fn beside(&self, who: &Who, router: i64) -> Result<Beside, Problem> {
        let router = self.router(who, router).await?;
        let at = router.get("poll_bgp_sessions_last_updated").as_time();
        let seen = match router.get("neighbours") {
            Value::Json(json) => json.as_array().cloned().unwrap_or_default(),
            _ => Vec::new(),
        };
        let was_asked = !router.get("neighbours").is_null();
        let intended = self.intended(who, router.id).await?;
        let platform = match router.int("platform") {
            Some(platform) => self.store.get(&system().permit::<View>(&PLATFORM)?, platform).await?,
            None => None,
        };
        let hindrance = self.engine.means().reaching.hindrance(&router, platform.as_ref());
        // who may see the router may see how it is known
        let permit = system().permit::<View>(&HOST_KEY)?;
        let kept = ["router", "algorithm", "fingerprint", "key"];
        let keys = self.store.brief(&permit, &kept, Which::LeadingTo("router", &[router.id])).await?;
        let told = |key: HostKey| (key.algorithm.clone(), key.fingerprint());
        Ok(Beside {
            at,
            rows: compare(&intended, &seen, was_asked),
            host_keys: keys.iter().filter_map(host_keys::parsed).map(told).collect(),
            offered: HostKey::parse(router.text("offered_key")).ok().map(told),
            hindrance: hindrance.map(|problem| problem.message),
            may_check: self.store.permit_on::<ViewConfiguration>(who, &ROUTER, router.id).await.is_ok(),
            may_push: Reach::Deploy.check(&self.store, who, &routers::one(router.id)).await.is_ok(),
        })
    }

    async fn texts(&self, who: &Who, push: i64) -> Result<Texts, Problem> {
        let _: Permit<ViewConfiguration> = who.permit(&ROUTER)?;
        let permit = who.permit::<View>(&PUSH)?;
        let row = self.store.get(&permit, push).await?.ok_or_else(|| Problem::not_found(PUSH.name))?;
        let router = row.int("router").unwrap_or_default();
        self.store.permit_on::<ViewConfiguration>(who, &ROUTER, router).await?;
        if !who.sees_secrets() {
            return Ok(Texts { diff: row.text("masked_diff").to_owned(), text: String::new(), masked: true });
        }
        let row = self.store.reveal(&permit, vec![row]).await?.pop().ok_or_else(|| Problem::not_found(PUSH.name))?;
        Ok(Texts { diff: row.text("diff").to_owned(), text: row.text("text").to_owned(), masked: false })
    }

    async fn history(&self, who: &Who, of: String, sessions: Vec<i64>) -> Result<Vec<History>, Problem> {
        let of: &'static ObjectType =
            registry::get(&of).map_err(|message| Problem::malformed(format!("of: {message}")))?;
        if ![&IX_SESSION, &DIRECT_SESSION].into_iter().any(|session| session.is(of)) {
            return Err(Problem::malformed(format!("of: {} have no history.", of.plural)));
        }
        if sessions.len() > MOST_SESSIONS {
            return Err(Problem::malformed(format!("sessions: at most {MOST_SESSIONS}.")));
        }
        let visible = self.store.brief(&who.permit::<View>(of)?, &["status"], Which::Ids(&sessions)).await?;
        let visible: Vec<i64> = visible.iter().map(|session| session.id).collect();
        let field = poll::leading(of);
        let permit = system().permit::<View>(&SESSION_HISTORY)?;
        let rows = self.store.brief(&permit, &[field, "hours"], Which::LeadingTo(field, &visible)).await?;
        Ok(rows
            .iter()
            .map(|row| History { session: row.int(field).unwrap_or_default(), hours: Hours::of(row) })
            .collect())
    }

    async fn exchange_history(&self, who: &Who, exchange: i64) -> Result<Together, Problem> {
        let brief = |permit, fields: &'static [&'static str], field, ids: Vec<i64>| async move {
            self.store.brief(&permit, fields, Which::LeadingTo(field, &ids)).await
        };
        let connections =
            brief(who.permit::<View>(&CONNECTION)?, &["router"], "internet_exchange_point", vec![exchange]).await?;
        let connections = connections.iter().map(|connection| connection.id).collect();
        let mut sessions = brief(who.permit::<View>(&IX_SESSION)?, &["status"], "ixp_connection", connections).await?;
        sessions.retain(|session| session.text("status") == "enabled");
        let sessions = sessions.iter().map(|session| session.id).collect();
        // who may see a session may see how it fared
        let rows = brief(system().permit::<View>(&SESSION_HISTORY)?, &["hours"], "ix_session", sessions).await?;
        Ok(Together::of(&rows.iter().map(Hours::of).collect::<Vec<_>>()))
    }
}
