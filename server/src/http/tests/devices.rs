//! Routers that exist only in memory, asked and configured through the product.

use super::*;
use crate::{
    devices::Reaching,
    http::client::Front,
    jobs::{Means, Pace, Timetable},
};
use peerage_devices::testing::{Fault, Faults, HandClock, Op, Peer, ScriptedRouter};
use peerage_model::{
    Record, Value, Who,
    permit::{Add, View},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION, JOB, PLATFORM, ROUTER},
};
use peerage_store::Store;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

const SESSION_PASSWORD: &str = "planted-session-password";
const LOGIN_PASSWORD: &str = "planted-login-password";

/// An operator whose routers are scripted, by their names.
struct Operator {
    world: World,
    routers: HashMap<String, ScriptedRouter>,
    clock: Arc<HandClock>,
}

impl Operator {
    /// Routers `r0` and so on with so many sessions each, to 10.ROUTER.x.y; every router has all of them configured, and each
    /// peer is there.
    async fn new(database: &database::Database, routers: usize, sessions: usize) -> Self {
        let clock = Arc::new(HandClock::default());
        let address = |router: usize, session: usize| format!("10.{router}.{}.{}", session / 250, session % 250 + 2);
        let scripted: HashMap<String, ScriptedRouter> = (0..routers)
            .map(|router| {
                let lines = (0..sessions).map(|session| {
                    let password = if session == 0 { format!(" password {SESSION_PASSWORD}") } else { String::new() };
                    format!("neighbor {} as {}{password}\n", address(router, session), 64_501 + session)
                });
                let one = ScriptedRouter::new(clock.clone(), &lines.collect::<String>());
                for session in 0..sessions {
                    let password = (session == 0).then(|| SESSION_PASSWORD.to_owned());
                    one.peer(&address(router, session), Peer { password, ..Peer::well() });
                }
                (format!("r{router}"), one)
            })
            .collect();
        clock.advance(Duration::from_secs(100));
        drop(World::new(database).await);
        fill(&database.store, routers, sessions, address).await;
        let known = scripted.clone();
        let reaching = Reaching::default().opening(move |way| Arc::new(known[&way.router].clone()));
        let means = Means { reaching, ..Means::of(Source::api(sync::PUBLIC_API, None).unwrap()) };
        let services =
            Services::with(database.store.clone(), means, Front::default(), Timetable::default(), Pace::default());
        let world = World { router: crate::http::router(services.clone()), services };
        Self { world, routers: scripted, clock }
    }

    fn store(&self) -> &Store {
        self.world.services.store()
    }

    /// Starts a job and does it; its outcome in words.
    async fn done(&self, path: &str, arguments: Json) -> (String, String) {
        let job = self.world.expect(path, arguments).await["job"].as_i64().unwrap();
        let engine = self.world.services.engine();
        if let Some(running) = engine.take_one().await.unwrap() {
            running.await.unwrap();
        }
        let permit = Who::system("tests").permit::<View>(&JOB).unwrap();
        let job = self.store().get(&permit, job).await.unwrap().unwrap();
        (job.text("status").to_owned(), job.text("outcome").to_owned())
    }

    async fn sessions(&self) -> Vec<Record> {
        let permit = Who::system("tests").permit::<View>(&IX_SESSION).unwrap();
        self.store().records(&permit, &peerage_model::ListQuery::all(&IX_SESSION).unpaged()).await.unwrap()
    }

    fn finish(self) {
        self.world.services.stop();
    }
}

async fn fill(store: &Store, routers: usize, sessions: usize, address: impl Fn(usize, usize) -> String) {
    let who = Who::system("tests");
    let mut write = store.begin(&who, "").await.unwrap();
    let text = |text: String| Value::text(text);
    let ours = Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(64_500)).with("name", text("Ours".into()));
    let ours = write.insert(&who.permit::<Add>(&AUTONOMOUS_SYSTEM).unwrap(), ours).await.unwrap().id;
    let mut peers = Vec::new();
    for session in 0..sessions {
        let peer = Record::new(&AUTONOMOUS_SYSTEM)
            .with("asn", Value::Int(64_501 + session as i64))
            .with("name", text(format!("Peer {session}")));
        peers.push(write.insert(&who.permit::<Add>(&AUTONOMOUS_SYSTEM).unwrap(), peer).await.unwrap().id);
    }
    let platform = Record::new(&PLATFORM)
        .with("name", text("Scripted".into()))
        .with("slug", text("scripted".into()))
        .with("napalm_driver", text("frr".into()));
    let platform = write.insert(&who.permit::<Add>(&PLATFORM).unwrap(), platform).await.unwrap().id;
    for router in 0..routers {
        let record = Record::new(&ROUTER)
            .with("name", text(format!("r{router}")))
            .with("hostname", text(format!("r{router}.example.net")))
            .with("platform", Value::Int(platform))
            .with("status", text("enabled".into()))
            .with("local_autonomous_system", Value::Int(ours))
            .with("poll_bgp_sessions_state", Value::Bool(true))
            .with("napalm_username", text("planted-login".into()))
            .with("napalm_password", text(LOGIN_PASSWORD.into()));
        let record = write.insert(&who.permit::<Add>(&ROUTER).unwrap(), record).await.unwrap().id;
        let exchange = Record::new(&INTERNET_EXCHANGE)
            .with("name", text(format!("IX {router}")))
            .with("slug", text(format!("ix-{router}")))
            .with("status", text("enabled".into()))
            .with("local_autonomous_system", Value::Int(ours));
        let exchange = write.insert(&who.permit::<Add>(&INTERNET_EXCHANGE).unwrap(), exchange).await.unwrap().id;
        let connection = Record::new(&CONNECTION)
            .with("internet_exchange_point", Value::Int(exchange))
            .with("router", Value::Int(record))
            .with("status", text("enabled".into()));
        let connection = write.insert(&who.permit::<Add>(&CONNECTION).unwrap(), connection).await.unwrap().id;
        for (session, peer) in peers.iter().enumerate() {
            let mut record = Record::new(&IX_SESSION)
                .with("autonomous_system", Value::Int(*peer))
                .with("ixp_connection", Value::Int(connection))
                .with("status", text("enabled".into()))
                .with("multihop_ttl", Value::Int(1))
                .with("ip_address", Value::Ip(address(router, session).parse().unwrap()));
            if session == 0 {
                record.set("password", text(SESSION_PASSWORD.into()));
            }
            write.insert(&who.permit::<Add>(&IX_SESSION).unwrap(), record).await.unwrap();
        }
    }
    write.commit().await.unwrap();
}

pub async fn a_poll_says_what_became_of_sessions(database: &database::Database) {
    let operator = Operator::new(database, 2, 3).await;
    // nothing stands in the way of reaching it, until it has no login
    let hindrance =
        async || operator.world.expect("/fn/devices/beside", json!({"router": 1})).await["hindrance"].clone();
    assert!(hindrance().await.is_null());
    let save = async |fields: Json| {
        let edit = json!({"edit": {"type": "devices.router", "id": 1, "fields": fields, "insist": true}});
        operator.world.expect("/fn/records/save", edit).await
    };
    save(json!({"napalm_password": null})).await;
    assert!(hindrance().await.as_str().unwrap().contains("neither a password nor a key"));
    save(json!({"napalm_username": null})).await;
    assert!(hindrance().await.as_str().unwrap().contains("no user name"));
    save(json!({"napalm_username": "planted-login", "napalm_password": LOGIN_PASSWORD})).await;
    // nobody has looked: nothing is said to be as it should be
    let unseen = operator.world.expect("/fn/devices/beside", json!({"router": 1})).await;
    assert!(unseen["rows"].as_array().unwrap().iter().all(|row| row["verdict"] == "unknown"), "{unseen}");
    let (status, words) = operator.done("/fn/devices/poll", json!({"router": null})).await;
    assert_eq!(
        (status.as_str(), words.as_str()),
        ("completed", "2 of 2 routers answered; 6 of 6 sessions are established.")
    );
    assert!(operator.sessions().await.iter().all(|one| one.text("bgp_state") == "established" && one.version == 1));
    // it tells what comes in and not what goes out, which is therefore not known
    let counts = |one: &Record| (one.int("availability"), one.get("advertised_prefix_count").is_null());
    assert!(operator.sessions().await.iter().all(|one| counts(one) == (Some(100), true)));
    // the first look is no change
    let changes = json!({"request": {"type": "peering.sessiontransition"}});
    assert_eq!(operator.world.expect("/fn/records/list", changes.clone()).await["total"], 0);

    // a peer goes, a session is taken off the router, a router does not answer
    operator.routers["r0"].peer("10.0.0.3", Peer { answers: false, ..Peer::well() });
    operator.routers["r1"].set_faults(Faults { at: [(Op::Connect, Fault::CutBefore)].into(), ..Faults::default() });
    let router = |name: &str| {
        let filter = format!("name:{name}");
        let world = &operator.world;
        async move {
            let list = world
                .expect("/fn/records/list", json!({"request": {"type": "devices.router", "filter": filter}}))
                .await;
            list["records"]["rows"][0][0].as_i64().unwrap()
        }
    };
    let (_, words) = operator.done("/fn/devices/poll", json!({"router": null})).await;
    assert_eq!(words, "1 of 2 routers answered; 2 of 3 sessions are established.");
    let down: Vec<Record> =
        operator.sessions().await.into_iter().filter(|one| one.text("bgp_state") == "active").collect();
    assert_eq!((down.len(), down[0].int("availability")), (1, Some(0)));
    assert_eq!(operator.world.expect("/fn/records/list", changes.clone()).await["total"], 1);
    let id = router("r0").await;
    let beside = operator.world.expect("/fn/devices/beside", json!({"router": id})).await;
    assert_eq!(beside["rows"].as_array().unwrap().len(), 3, "{beside}");
    let hours = json!({"of": "peering.internetexchangepeeringsession", "sessions": [down[0].id]});
    let history = operator.world.expect("/fn/devices/history", hours).await;
    // it was down when it was looked at last in this hour
    assert_eq!(history[0]["hours"]["up"], json!([0]), "{history}");
    let exchange = operator.world.expect("/fn/devices/exchange-history", json!({"exchange": 1})).await;
    assert_eq!((&exchange["up"], &exchange["seen"]), (&json!([2]), &json!([3])), "{exchange}");

    // one that nobody configured, one that is not there
    let other = "neighbor 10.0.0.2 as 64999 password planted-session-password\nneighbor 10.0.0.4 as 64503\nneighbor 192.0.2.99 as 64999\n";
    let renewed = ScriptedRouter::new(operator.clock.clone(), other);
    for peer in ["10.0.0.2", "10.0.0.4", "192.0.2.99"] {
        let password = (peer == "10.0.0.2").then(|| SESSION_PASSWORD.to_owned());
        renewed.peer(peer, Peer { password, ..Peer::well() });
    }
    operator.clock.advance(Duration::from_secs(60));
    let reading = crate::devices::poll::Reading {
        router: operator
            .store()
            .get(&Who::system("tests").permit::<View>(&ROUTER).unwrap(), id)
            .await
            .unwrap()
            .unwrap(),
        at: crate::jobs::now(),
        answer: Ok((peerage_devices::Driver::connect(&renewed).await.unwrap().neighbours().await.unwrap(), None)),
    };
    crate::devices::poll::write(operator.store(), &[reading], &mut Default::default()).await.unwrap();
    let beside = operator.world.expect("/fn/devices/beside", json!({"router": id})).await;
    let verdicts: Vec<(&str, &str)> = beside["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["verdict"].as_str().unwrap(), row["address"].as_str().unwrap()))
        .collect();
    assert_eq!(
        verdicts,
        [("different", "10.0.0.2"), ("missing", "10.0.0.3"), ("extra", "192.0.2.99"), ("same", "10.0.0.4")],
        "{beside}"
    );
    operator.finish();
}

pub async fn a_check_is_kept_and_tells_no_secret(database: &database::Database) {
    let operator = Operator::new(database, 1, 2).await;
    let world = &operator.world;
    let template = "neighbor 10.0.0.2 as 64501 password {{ router.connection_set.first().internetexchangepeeringsession_set.first().password }}x\nneighbor 10.0.0.3 as 64502\n";
    let template =
        world.create("devices.configuration", json!({"name": "Of scripted ones", "template": template})).await;
    let fields = json!({"configuration_template": template});
    world.expect("/fn/records/save", json!({"edit": {"type": "devices.router", "id": 1, "fields": fields}})).await;
    let (status, words) = operator.done("/fn/devices/check", json!({"router": 1})).await;
    assert_eq!(status, "completed", "{words}");
    let push = world.expect("/fn/records/get", json!({"object": {"type": "devices.push", "id": 1}})).await;
    assert!(!push.to_string().contains("planted-"), "{push}");
    // an administrator sees the difference, a reader of configurations sees it without the password
    let clear = world.expect("/fn/devices/texts", json!({"push": 1})).await;
    assert!(clear["diff"].as_str().unwrap().contains("planted-session-passwordx"), "{clear}");
    let group = json!({"name": "Lookers", "permissions": ["*.view_*", "devices.view_router_configuration"]});
    let group = world.create("users.group", group).await;
    world.create("users.user", json!({"username": "looker", "groups": [group]})).await;
    let looker = "Token 0000000000000000000000000000000000000100";
    world.services.accounts().create_token("looker", looker.strip_prefix("Token "), true, "").await.unwrap();
    let (_, masked) = world.call(looker, "/fn/devices/texts", &json!({"push": 1})).await;
    assert!(masked["masked"] == true && masked["diff"].as_str().unwrap().contains("********"), "{masked}");
    assert!(!masked.to_string().contains("planted-"), "{masked}");
    let (status, _) = world.call(looker, "/fn/devices/push", &json!({"check": 1, "reason": "I want to"})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (_, masked) = world.call(READER, "/fn/devices/texts", &json!({"push": 1})).await;
    assert!(masked["masked"] == true && !masked.to_string().contains("planted-"), "{masked}");
    // no reason, no push
    let (status, answer) = world.call(ADMIN, "/fn/devices/push", &json!({"check": 1, "reason": " "})).await;
    assert_eq!((status, &answer["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reason")));
    // nothing of it stands in a job
    for of in ["core.job", "devices.router", "core.objectchange"] {
        let list = world.expect("/fn/records/list", json!({"request": {"type": of, "fields": []}})).await;
        assert!(!list.to_string().contains("planted-"), "{list}");
    }
    let log = world.expect("/fn/jobs/log", json!({"job": 1, "after": 0})).await;
    assert!(log["lines"].as_array().unwrap().len() > 5 && !log.to_string().contains("planted-"), "{log}");
    operator.finish();
}

const GOOD: &str = "neighbor 10.0.0.2 as 64501 password planted-session-password\nneighbor 10.0.0.3 as 64502\nneighbor 10.0.0.4 as 64503\n";

impl Operator {
    /// One router with two sessions, and a template that gives it a third. Its clock runs ten times as fast as ours.
    async fn with_template(database: &database::Database) -> (Self, tokio::task::JoinHandle<()>) {
        let operator = Self::new(database, 1, 2).await;
        let template = GOOD.replace(
            SESSION_PASSWORD,
            "{{ router.connection_set.first().internetexchangepeeringsession_set.first().password }}",
        );
        let template = json!({"name": "Of scripted ones", "template": template});
        let template = operator.world.create("devices.configuration", template).await;
        let fields = json!({"configuration_template": template});
        let edit = json!({"edit": {"type": "devices.router", "id": 1, "fields": fields}});
        operator.world.expect("/fn/records/save", edit).await;
        let clock = operator.clock.clone();
        let runs = tokio::spawn(async move {
            loop {
                clock.advance(Duration::from_millis(500));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        (operator, runs)
    }

    /// The newest check or push.
    async fn newest(&self) -> Json {
        let list = json!({"request": {"type": "devices.push", "sort": "-id", "fields": ["outcome"]}});
        let list = self.world.expect("/fn/records/list", list).await;
        let Some(id) = list["records"]["rows"][0][0].as_i64() else { return Json::Null };
        let whole = self.world.expect("/fn/records/get", json!({"object": {"type": "devices.push", "id": id}})).await;
        let fields = whole["record"]["fields"].as_array().unwrap();
        let mut values = whole["record"]["rows"][0].as_array().unwrap().iter().skip(2);
        let mut named: serde_json::Map<String, Json> =
            fields.iter().map(|name| (name.as_str().unwrap().to_owned(), values.next().unwrap().clone())).collect();
        named.insert("id".to_owned(), json!(id));
        Json::Object(named)
    }
}

/// Each leaves the router as it was, the record says which step it was and why, and nothing holds the router afterwards.
pub async fn what_goes_wrong_before_a_change_is_told_and_changes_nothing(database: &database::Database) {
    let (operator, runs) = Operator::with_template(database).await;
    let router = &operator.routers["r0"];
    let (before, at) = (router.running(), |op, fault| Faults { at: [(op, fault)].into(), ..Faults::default() });
    for (faults, step, words) in [
        (at(Op::Facts, Fault::Hang), "connect", "no answer within"),
        (at(Op::Neighbours, Fault::CutAfter), "read what is there", "in the middle of an answer"),
        (at(Op::Load, Fault::Hang), "load", "no answer within"),
        (at(Op::Diff, Fault::CutBefore), "compare", "connection"),
        (Faults { login_refused: true, ..Faults::default() }, "connect", "refuses the login"),
        (Faults { other_host_key: true, ..Faults::default() }, "connect", "has changed"),
        (Faults { locked_by: Some("alice".into()), ..Faults::default() }, "lock", "alice"),
        (Faults { syntax_error_at: Some(2), ..Faults::default() }, "check", "line 2"),
        (Faults { semantic_error: true, ..Faults::default() }, "check", "does not accept"),
    ] {
        let told = format!("{faults:?}");
        router.set_faults(faults);
        let (status, outcome) = operator.done("/fn/devices/check", json!({"router": 1})).await;
        assert_eq!(status, "failed", "{told}: {outcome}");
        assert!(outcome.contains(words) && outcome.ends_with("The device is as before."), "{told}: {outcome}");
        let push = operator.newest().await;
        assert_eq!((&push["outcome"], push["words"].as_str()), (&json!("failed"), Some(outcome.as_str())), "{told}");
        assert!(!push["ended"].is_null() && !push["milliseconds"].is_null(), "{told}: {push}");
        let steps = push["steps"].as_array().unwrap();
        let failed: Vec<&str> =
            steps.iter().filter(|step| step["failed"] == true).map(|step| step["name"].as_str().unwrap()).collect();
        assert!(failed.contains(&step) && steps.iter().all(|step| !step["milliseconds"].is_null()), "{told}: {push}");
        assert!(!push.to_string().contains("planted-"), "{told}: {push}");
        router.set_faults(Faults::default());
        assert_eq!(
            (router.running(), router.boot(), router.is_locked()),
            (before.clone(), before.clone(), false),
            "{told}"
        );
    }
    runs.abort();
    operator.finish();
}

/// A fault of meaning that shows only when it is applied, and one that waits for somebody who keeps it.
pub async fn a_push_is_taken_back_or_kept_by_somebody(database: &database::Database) {
    let (operator, runs) = Operator::with_template(database).await;
    let (world, router) = (&operator.world, &operator.routers["r0"]);
    router.peer("10.0.0.4", Peer::well());
    let before = router.running();
    let check = async || {
        let (status, words) = operator.done("/fn/devices/check", json!({"router": 1})).await;
        assert_eq!(status, "completed", "{words}");
        operator.newest().await["id"].clone()
    };
    let id = check().await;
    router.set_faults(Faults { partial_apply: true, ..Faults::default() });
    let (status, words) = operator.done("/fn/devices/push", json!({"check": id, "reason": "It is wrong"})).await;
    assert_eq!(
        (status.as_str(), router.running(), router.boot()),
        ("failed", before.clone(), before.clone()),
        "{words}"
    );
    assert!(words.starts_with("Taken back: applying failed"), "{words}");
    assert_eq!(operator.newest().await["outcome"], "rolled-back");
    router.set_faults(Faults::default());

    let id = check().await;
    let refused = json!({"check": id, "reason": "Soon", "minutes": 0});
    let (status, answer) = world.call(ADMIN, "/fn/devices/push", &refused).await;
    assert_eq!((status, &answer["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("minutes")));
    let attended = json!({"check": id, "reason": "I am looking", "minutes": 2, "attended": true});
    let pushed = operator.done("/fn/devices/push", attended);
    let keeping = async {
        let waiting = async {
            loop {
                let push = operator.newest().await;
                if push["steps"].to_string().contains("nobody has said yet") {
                    return push;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let push = tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("it waits");
        assert_eq!((&push["attended"], &push["kept_by"]), (&json!(true), &json!("")));
        let goal = push["steps"].as_array().unwrap().iter().find_map(|step| step["goal"].as_str()).unwrap();
        assert!(goal.contains("2 sessions") && goal.contains("somebody must say"), "{goal}");
        // whoever may not push may not keep
        let (status, _) = world.call(READER, "/fn/devices/keep", &json!({"push": push["id"]})).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        world.expect("/fn/devices/keep", json!({"push": push["id"]})).await;
        push["id"].clone()
    };
    let ((status, words), push) = tokio::join!(pushed, keeping);
    assert_eq!((status.as_str(), router.running().as_str()), ("completed", GOOD.trim_end()), "{words}");
    let kept = operator.newest().await;
    assert_eq!((&kept["outcome"], &kept["id"]), (&json!("confirmed"), &push));
    assert!(!kept["kept_by"].as_str().unwrap().is_empty(), "{kept}");
    // what has ended waits for nobody
    let (status, answer) = world.call(ADMIN, "/fn/devices/keep", &json!({"push": push})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    let (status, answer) = world.call(ADMIN, "/fn/devices/keep", &json!({"push": id})).await;
    assert!(status == StatusCode::CONFLICT && answer.to_string().contains("waits for nobody"), "{answer}");
    runs.abort();
    operator.finish();
}

/// Two hundred routers of 250 sessions with `PEERAGE_POLL_FIGURES=1`, a tenth of both otherwise.
pub async fn polling_many_routers_costs_few_statements(database: &database::Database) {
    let full = std::env::var_os("PEERAGE_POLL_FIGURES").is_some();
    let (routers, sessions) = if full { (200, 250) } else { (20, 25) };
    let operator = Operator::new(database, routers, sessions).await;
    for round in ["the first", "the next"] {
        let before = operator.store().statements();
        let began = Instant::now();
        let (status, words) = operator.done("/fn/devices/poll", json!({"router": null})).await;
        let cost = operator.store().statements() - before;
        let all = routers * sessions;
        assert_eq!(status, "completed");
        assert_eq!(words, format!("{routers} of {routers} routers answered; {all} of {all} sessions are established."));
        let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
        println!(
            "{round} poll of {routers} routers with {sessions} sessions: {:.2} s, {cost} statements, {memory}",
            began.elapsed().as_secs_f32()
        );
        // so many for each handful of routers, and what the job itself costs: it says every now and then that it lives
        let handfuls = routers.div_ceil(25) as u64 + 2;
        assert!(cost <= 30 + handfuls * 25 + began.elapsed().as_secs() * 8, "{cost} statements");
    }
    operator.finish();
}
