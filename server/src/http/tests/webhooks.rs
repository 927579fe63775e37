//! Webhooks from a change to a receiver that listens here: what it is told, how often, and what is never sent.

use super::{World, database, json, *};
use crate::{
    peering_manager::{Lists, import},
    webhooks::{Deliverer, Pace},
};
use peerage_model::{ListQuery, Record, Who, permit::View, types::WEBHOOK_DELIVERY};
use peerage_sync::webhook::{Caller, signature};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Answers with the given statuses, then with 200; keeps what it was sent.
#[derive(Clone)]
struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    async fn new(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let (statuses, keeping) = (statuses.to_vec(), heard.clone());
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                let mut bytes = Vec::new();
                let mut piece = [0; 65_536];
                let (head, body) = loop {
                    let count = stream.read(&mut piece).await.unwrap();
                    bytes.extend_from_slice(&piece[..count]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                    if body.len() >= length.unwrap_or(0) {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                keeping.lock().unwrap().push((head, body));
                let status = statuses.get(number).copied().unwrap_or(200);
                let later = if matches!(status, 400 | 429) { "retry-after: 1\r\n" } else { "" };
                let answer =
                    format!("HTTP/1.1 {status} Told\r\n{later}content-length: 2\r\nconnection: close\r\n\r\nok");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<(String, String)> {
        self.heard.lock().unwrap().clone()
    }

    fn bodies(&self) -> Vec<Json> {
        self.heard().iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }
}

/// Sends deliveries until it is dropped, loopback allowed, in milliseconds where it takes minutes otherwise.
struct Sending(Arc<Deliverer>);

fn quick() -> Pace {
    let millis = Duration::from_millis;
    Pace { waits: [10, 20, 30].map(millis).into(), look: millis(10), claim: millis(300), ..Pace::default() }
}

impl Sending {
    fn new(world: &World) -> Self {
        Self::through(world, Caller::new(&["127.0.0.0/8".parse().unwrap()]))
    }

    fn through(world: &World, caller: Caller) -> Self {
        Self::at(world, caller, quick())
    }

    fn at(world: &World, caller: Caller, pace: Pace) -> Self {
        let deliverer = Arc::new(Deliverer::with(world.services.store().clone(), caller, pace));
        tokio::spawn(deliverer.clone().run());
        Self(deliverer)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl World {
    async fn deliveries(&self) -> Vec<Record> {
        let permit = Who::system("tests").permit::<View>(&WEBHOOK_DELIVERY).unwrap();
        let mut found =
            self.services.store().records(&permit, &ListQuery::all(&WEBHOOK_DELIVERY).unpaged()).await.unwrap();
        found.sort_unstable_by_key(|delivery| delivery.id);
        found
    }

    /// Once so many deliveries have ended.
    async fn ended(&self, count: usize) -> Vec<Record> {
        for _ in 0..1_000 {
            let deliveries = self.deliveries().await;
            let ended = deliveries.iter().filter(|delivery| delivery.text("status") != "waiting").count();
            if ended >= count {
                return deliveries;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:#?}", self.deliveries().await);
    }

    async fn webhook(&self, url: &str, more: Json) -> i64 {
        let mut fields = json!({"name": "ours", "content_types": ["peering.autonomoussystem"], "type_create": true,
            "type_update": true, "type_delete": true, "payload_url": url});
        for (name, value) in more.as_object().unwrap() {
            fields[name] = value.clone();
        }
        self.create("extras.webhook", fields).await
    }
}

const SECRET: &str = "nobody but us";

pub(super) async fn a_receiver_that_asks_for_patience_gets_it(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::new(&world);
    let receiver = Receiver::new(&[429]).await;
    world.webhook(&format!("http://{}/", receiver.address), json!({})).await;
    let began = std::time::Instant::now();
    for asn in [64_500, 64_501] {
        world.create("peering.autonomoussystem", json!({"asn": asn, "name": "One"})).await;
    }
    let deliveries = world.ended(2).await;
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    // the younger one has waited for it
    let tries: Vec<Option<i64>> = deliveries.iter().map(|delivery| delivery.int("tries")).collect();
    assert_eq!((tries, receiver.heard().len()), (vec![Some(2), Some(1)], 3));
}

pub(super) async fn a_receiver_is_not_left_alone_for_longer_than_is_sensible(database: &database::Database) {
    let world = World::new(database).await;
    let here = || Caller::new(&["127.0.0.0/8".parse().unwrap()]);
    // 429 asks for a second and gets less; 400 does not like the request, and asks for nothing that is heard
    for (status, most) in [(429, Duration::from_millis(50)), (400, Duration::from_secs(3_600))] {
        let receiver = Receiver::new(&[status]).await;
        let _sending = Sending::at(&world, here(), Pace { longest_asked: most, ..quick() });
        let hook = world.webhook(&format!("http://{}/", receiver.address), json!({})).await;
        let began = std::time::Instant::now();
        let asn = 64_500 + i64::from(status);
        world.create("peering.autonomoussystem", json!({"asn": asn, "name": "One"})).await;
        let deliveries = world.ended(1).await;
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "{status}: {took:?}");
        assert_eq!(deliveries.last().unwrap().int("tries"), Some(2), "{status}");
        world.expect("/fn/records/delete", json!({"object": {"type": "extras.webhook", "id": hook}})).await;
    }
}

pub(super) async fn a_webhook_is_told_of_what_was_changed_and_by_whom(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::new(&world);
    let receiver = Receiver::new(&[200, 204, 201]).await;
    let url = format!("http://{}/{{{{ event }}}}?asn={{{{ data.asn }}}}", receiver.address);
    world.webhook(&url, json!({"secret": SECRET, "additional_headers": "X-Model: {{ model }}\n\nX-Two: a: b"})).await;
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let of = "peering.autonomoussystem";
    let asn = world.create(of, json!({"asn": 64500, "name": "Before", "tags": [tag]})).await;
    let edit = json!({"edit": {"type": of, "id": asn, "version": 0, "fields": {"name": "Ärger \"x\"", "tags": []}}});
    let request = world.expect("/fn/records/save", edit).await["request"].clone();
    world.expect("/fn/records/delete", json!({"object": {"type": of, "id": asn}})).await;
    let deliveries = world.ended(3).await;
    let told: Vec<(&str, Option<i64>, &str)> = deliveries
        .iter()
        .map(|delivery| (delivery.text("status"), delivery.int("code"), delivery.text("outcome")))
        .collect();
    let well = |code: i64, words| ("delivered", Some(code), words);
    assert_eq!(told, [well(200, "Answered 200."), well(204, "Answered 204."), well(201, "Answered 201.")]);
    let heard = receiver.heard();
    for ((head, body), event) in heard.iter().zip(["create", "update", "delete"]) {
        assert!(head.starts_with(&format!("POST /{event}?asn=64500 HTTP/1.1\r\n")), "{head}");
        let signed = format!("x-hook-signature: {}", signature(SECRET, body.as_bytes()));
        for line in [signed.as_str(), "x-model: autonomoussystem", "x-two: a: b", "content-type: application/json"] {
            assert!(head.contains(line), "{line}: {head}");
        }
    }
    let [created, updated, deleted] = receiver.bodies().try_into().unwrap();
    assert_eq!((&created["event"], &created["model"]), (&json!("create"), &json!("autonomoussystem")));
    assert_eq!((&updated["username"], &updated["request_id"]), (&json!("admin"), &request));
    assert!(created["timestamp"].as_str().unwrap().ends_with("+00:00"), "{created}");
    // as REST shows it, with addresses that lead nowhere else
    let data = &created["data"];
    assert_eq!(
        (&data["asn"], &data["url"]),
        (&json!(64500), &json!(format!("/api/peering/autonomous-systems/{asn}/")))
    );
    assert_eq!((&data["tags"][0]["slug"], &data["display"]), (&json!("core"), &json!("AS64500 - Before")));
    // what it was, and what it became
    assert_eq!(created["snapshots"]["prechange"], Json::Null);
    let (before, after) = (&updated["snapshots"]["prechange"], &updated["snapshots"]["postchange"]);
    assert_eq!((&before["name"], &before["tags"]), (&json!("Before"), &json!(["Core"])));
    assert_eq!((&after["name"], &after["tags"]), (&json!("Ärger \"x\""), &json!([])));
    assert_eq!(updated["data"]["name"], after["name"]);
    assert_eq!((&deleted["data"]["asn"], &deleted["snapshots"]["postchange"]), (&json!(64500), &Json::Null));
    // the tag is no type that it is told of, and nothing tells its secret
    assert_eq!(heard.len(), 3);
    let all = world.expect("/fn/records/list", json!({"request": {"type": "core.objectchange"}})).await;
    assert!(!format!("{all} {deliveries:?} {heard:?}").contains(SECRET));
}

pub(super) async fn a_webhook_is_told_no_secret(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::new(&world);
    let receiver = Receiver::new(&[]).await;
    let types = json!({"content_types": ["devices.router", "core.datasource"]});
    world.webhook(&format!("http://{}/", receiver.address), types).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "Ours", "affiliated": true})).await;
    let router = json!({"name": "r1", "hostname": "r1", "local_autonomous_system": ours, "napalm_username": "operator-name",
        "napalm_password": "quite-secret"});
    let router = world.create("devices.router", router).await;
    let edit = json!({"edit": {"type": "devices.router", "id": router, "version": 0,
        "fields": {"napalm_password": "another-secret"}}});
    world.expect("/fn/records/save", edit).await;
    let source =
        json!({"name": "git", "type": "git", "source_url": "https://git.example/x.git", "password": "third-secret"});
    world.create("core.datasource", source).await;
    world.ended(3).await;
    let bodies = receiver.bodies();
    assert_eq!(bodies[1]["data"]["napalm_password"], Json::Null);
    assert_eq!(bodies[1]["snapshots"]["postchange"]["napalm_password"], Json::Null);
    assert_eq!(bodies[1]["data"]["local_autonomous_system"]["asn"], 64500);
    assert!(
        !format!("{bodies:?}").contains("secret\"") && !format!("{bodies:?}").contains("operator-name"),
        "{bodies:?}"
    );
}

pub(super) async fn a_delivery_is_tried_until_it_is_taken_or_given_up(database: &database::Database) {
    let world = World::new(database).await;
    let receiver = Receiver::new(&[500, 302, 200, 404, 404, 404, 404]).await;
    world.webhook(&format!("http://{}/", receiver.address), json!({})).await;
    let _sending = Sending::new(&world);
    world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "One"})).await;
    let first = &world.ended(1).await[0];
    assert_eq!((first.text("status"), first.int("tries"), first.int("code")), ("delivered", Some(3), Some(200)));
    world.create("peering.autonomoussystem", json!({"asn": 64501, "name": "Two"})).await;
    let second = &world.ended(2).await[1];
    assert_eq!(
        (second.text("status"), second.int("tries"), second.text("outcome")),
        ("failed", Some(4), "Answered 404.")
    );
    assert!(second.get("due").is_null());
    assert_eq!(receiver.heard().len(), 7);
}

pub(super) async fn while_a_receiver_is_away_its_deliveries_keep_their_order(database: &database::Database) {
    let world = World::new(database).await;
    let receiver = Receiver::new(&[503, 503]).await;
    world.webhook(&format!("http://{}/", receiver.address), json!({})).await;
    for number in 0..3 {
        world.create("peering.autonomoussystem", json!({"asn": 64500 + number, "name": format!("n{number}")})).await;
    }
    let _sending = Sending::new(&world);
    world.ended(3).await;
    assert_eq!(world.deliveries().await[0].int("tries"), Some(3));
    let asns: Vec<Json> = receiver.bodies().iter().map(|body| body["data"]["asn"].clone()).collect();
    assert_eq!(asns, [64500, 64500, 64500, 64501, 64502]);
}

pub(super) async fn what_somebody_asks_for_does_not_wait_behind_what_is_tried_again(database: &database::Database) {
    let world = World::new(database).await;
    let receiver = Receiver::new(&[503]).await;
    let hook = world.webhook(&format!("http://{}/", receiver.address), json!({})).await;
    for number in 0..2 {
        world.create("peering.autonomoussystem", json!({"asn": 64500 + number, "name": format!("n{number}")})).await;
    }
    let caller = Caller::new(&["127.0.0.0/8".parse().unwrap()]);
    let deliverer = Arc::new(Deliverer::with(world.services.store().clone(), caller, Pace::default()));
    tokio::spawn(deliverer.clone().run());
    while receiver.heard().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    world.expect("/fn/webhooks/test", json!({"webhook": hook})).await;
    let statuses: Vec<String> =
        world.ended(1).await.iter().map(|delivery| delivery.text("status").to_owned()).collect();
    assert_eq!(statuses, ["waiting", "waiting", "delivered"]);
    deliverer.stop();
}

pub(super) async fn what_a_killed_process_had_taken_is_sent_by_another(database: &database::Database) {
    let world = World::new(database).await;
    // takes a connection and never answers
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = world.webhook(&format!("http://{}/", silent.local_addr().unwrap()), json!({})).await;
    world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "One"})).await;
    let first = Sending::new(&world);
    let (_connection, _) = silent.accept().await.unwrap();
    assert_eq!(world.deliveries().await[0].int("tries"), Some(1));
    drop(first);
    let receiver = Receiver::new(&[]).await;
    let edit = json!({"edit": {"type": "extras.webhook", "id": hook, "version": 0,
        "fields": {"payload_url": format!("http://{}/", receiver.address)}}});
    world.expect("/fn/records/save", edit).await;
    let _second = Sending::new(&world);
    let delivery = &world.ended(1).await[0];
    assert_eq!((delivery.text("status"), delivery.int("tries")), ("delivered", Some(2)));
    assert_eq!(receiver.bodies()[0]["data"]["asn"], 64500);
}

pub(super) async fn a_webhook_does_not_lead_into_our_own_network(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::through(&world, Caller::default());
    let receiver = Receiver::new(&[]).await;
    let port = receiver.address.port();
    for (number, host) in ["localhost", "169.254.169.254", "{{ '127.0.' }}0.1", "[::ffff:7f00:1]"].iter().enumerate() {
        let more = json!({"name": format!("h{number}"), "type_update": false, "type_delete": false});
        world.webhook(&format!("http://{host}:{port}/latest/meta-data/"), more).await;
    }
    world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "One"})).await;
    for delivery in world.ended(4).await {
        assert_eq!((delivery.text("status"), delivery.int("tries"), delivery.int("code")), ("failed", Some(1), None));
        assert!(delivery.text("outcome").contains("--webhook-allow"), "{delivery:?}");
    }
    assert!(receiver.heard().is_empty());
}

pub(super) async fn a_webhook_is_told_only_if_its_conditions_hold(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::new(&world);
    let receiver = Receiver::new(&[]).await;
    let conditions =
        json!({"and": [{"attr": "affiliated", "value": true}, {"attr": "asn", "op": "gte", "value": 64501}]});
    world.webhook(&format!("http://{}/", receiver.address), json!({"conditions": conditions})).await;
    for (asn, affiliated) in [(64500, true), (64501, false), (64502, true)] {
        let fields = json!({"asn": asn, "name": format!("n{asn}"), "affiliated": affiliated});
        world.create("peering.autonomoussystem", fields).await;
    }
    let statuses: Vec<String> =
        world.ended(3).await.iter().map(|delivery| delivery.text("status").to_owned()).collect();
    assert_eq!(statuses, ["passed-over", "passed-over", "delivered"]);
    assert_eq!(receiver.bodies().len(), 1);
}

pub(super) async fn a_webhook_is_tried_out_and_told_again_by_those_who_may_change_it(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::new(&world);
    let receiver = Receiver::new(&[200, 403]).await;
    let more = json!({"enabled": false, "body_template": "{{ event }} {{ data.asn }}", "http_method": "PUT"});
    let hook = world.webhook(&format!("http://{}/", receiver.address), more).await;
    let test = json!({"webhook": hook});
    world.expect("/fn/webhooks/test", test.clone()).await;
    world.ended(1).await;
    world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "One"})).await;
    let delivery = world.expect("/fn/webhooks/test", test.clone()).await["delivery"].clone();
    let refused = &world.ended(2).await[1];
    // whoever tries it looks at it: it is tried once
    assert_eq!((refused.text("status"), refused.int("tries"), refused.text("asked_by")), ("failed", Some(1), "admin"));
    world.expect("/fn/webhooks/replay", json!({"delivery": delivery})).await;
    world.ended(3).await;
    let heard: Vec<String> = receiver.heard().into_iter().map(|(_, body)| body).collect();
    assert_eq!(heard, ["test ", "create 64500", "create 64500"]);
    assert!(receiver.heard()[0].0.starts_with("PUT / "));
    for (path, arguments) in [("/fn/webhooks/test", test), ("/fn/webhooks/replay", json!({"delivery": delivery}))] {
        assert_eq!(world.call(READER, path, &arguments).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let (status, _) = world.call(ADMIN, "/fn/webhooks/test", &json!({"webhook": 999})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // one that is not understood is asked about at its field
    let broken = json!({"additional_headers": "X-Event: {{ event }", "body_template": "a\n{% if %}"});
    let broken = json!({"type": "extras.webhook", "id": hook, "version": 0, "fields": broken});
    let (status, answer) = world.call(ADMIN, "/fn/records/save", &json!({"edit": broken})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let told: Vec<_> =
        answer["fields"].as_array().unwrap().iter().map(|told| (&told["field"], &told["warning"])).collect();
    let warned = json!(true);
    assert_eq!(told, [(&json!("additional_headers"), &warned), (&json!("body_template"), &warned)]);
    let message = answer["fields"][1]["message"].as_str().unwrap();
    assert!(message.contains("line 2") && message.ends_with("The webhook fails until it is mended."), "{message}");
    // a template that fails says where, and nothing is sent
    let edit = json!({"edit": {"type": "extras.webhook", "id": hook, "version": 0, "fields": {"body_template": "a\n{{ 1 / 0 }}"}}});
    world.expect("/fn/records/save", edit).await;
    world.expect("/fn/webhooks/test", json!({"webhook": hook})).await;
    let failed = world.ended(4).await.pop().unwrap();
    assert!(failed.text("outcome").starts_with("Body template: the template fails at line 2"), "{failed:?}");
}

pub(super) async fn what_the_system_writes_is_told_and_what_is_undone_is_not(database: &database::Database) {
    let world = World::new(database).await;
    let _sending = Sending::new(&world);
    let receiver = Receiver::new(&[]).await;
    world.webhook(&format!("http://{}/", receiver.address), json!({})).await;
    let row = json!({"id": 7, "asn": 64500, "name": "Imported"}).as_object().cloned().unwrap();
    let lists = Lists::from([("peering/autonomous-systems".to_owned(), vec![row])]);
    let store = world.services.store();
    import::import(store, &lists, true).await.unwrap();
    assert!(world.deliveries().await.is_empty(), "it was only tried");
    import::import(store, &lists, false).await.unwrap();
    world.ended(1).await;
    let told = &receiver.bodies()[0];
    assert_eq!((&told["username"], &told["data"]["id"]), (&json!("import from Peering Manager"), &json!(7)));
}
