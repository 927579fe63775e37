//! The server functions as scripts see them: statuses, permissions, and the main job from an empty database to a router's
//! configuration, on both databases.

mod accounts;
mod attacks;
#[path = "../../../store/tests/store/database.rs"]
#[allow(dead_code, reason = "the store's own tests use the rest")]
pub(crate) mod database;
mod devices;
mod failures;
mod files;
mod imports;
mod limits;
mod many;
mod metrics;
mod neighbours;
mod peers;
mod permissions;
mod policy;
mod rendering;
mod retention;
#[path = "../../../store/tests/store/world.rs"]
#[allow(dead_code, reason = "the store's own tests use the rest")]
mod samples;
mod search;
mod webhooks;

use self::{
    accounts::*, attacks::*, devices::*, failures::*, files::*, imports::*, limits::*, many::*, metrics::*,
    neighbours::*, peers::*, permissions::*, policy::*, rendering::*, retention::*, search::*, webhooks::*,
};
use crate::{demo::world, keys, services::Services};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use peerage_sync::peeringdb::{self as sync, Source};
use serde_json::{Value as Json, json};
use server_fn::axum::server_fn_paths;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const ADMIN: &str = "Token 00000000000000000000000000000000000000ad";
const READER: &str = "Token 000000000000000000000000000000000000000e";
const ANYBODY: [&str; 4] =
    ["/fn/accounts/sign-in", "/fn/accounts/sign-out", "/fn/accounts/is-first-run", "/fn/accounts/first-run"];

struct World {
    services: Services,
    router: Router,
}

impl World {
    /// An administrator and a reader, with tokens.
    async fn new(database: &database::Database) -> Self {
        let source = Source::api(sync::PUBLIC_API, None).unwrap();
        let services = Services::new(database.store.clone(), source, crate::http::client::Front::default());
        let accounts = services.accounts();
        for (name, superuser, token) in [("admin", true, ADMIN), ("reader", false, READER)] {
            let groups: &[String] = if superuser { &[] } else { &["Readers".to_owned()] };
            accounts.create_user(name, "correct horse", superuser, groups).await.unwrap();
            accounts.create_token(name, token.strip_prefix("Token "), true, "").await.unwrap();
        }
        Self { router: crate::http::router(services.clone()), services }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Json) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body))))
    }

    async fn call(&self, who: &str, path: &str, arguments: &Json) -> (StatusCode, Json) {
        self.send(post(path).header("authorization", who).body(Body::from(arguments.to_string())).unwrap()).await
    }

    async fn expect(&self, path: &str, arguments: Json) -> Json {
        let (status, answer) = self.call(ADMIN, path, &arguments).await;
        assert_eq!(status, StatusCode::OK, "{path} {arguments} {answer}");
        answer
    }

    async fn create(&self, of: &str, fields: Json) -> i64 {
        let answer = self.expect("/fn/records/save", json!({"edit": {"type": of, "fields": fields}})).await;
        answer["record"]["rows"][0][0].as_i64().unwrap()
    }
}

fn post(path: &str) -> axum::http::request::Builder {
    Request::post(path).header("content-type", "application/json")
}

async fn every_function_refuses_strangers(database: &database::Database) {
    let world = World::new(database).await;
    let mut seen = 0;
    for (path, _) in server_fn_paths().filter(|(path, _)| !ANYBODY.contains(path)) {
        let (status, answer) =
            world.send(post(path).body(Body::from(arguments(path, "extras.tag").to_string())).unwrap()).await;
        assert_eq!((status, &answer["label"]), (StatusCode::UNAUTHORIZED, &json!("sign-in-needed")), "{path}");
        let (status, _) = world.call("Token nobody", path, &arguments(path, "extras.tag")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        seen += 1;
    }
    assert!(seen > 10);
}

async fn every_function_is_strict(database: &database::Database) {
    let world = World::new(database).await;
    for (path, _) in server_fn_paths() {
        let (status, _) = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        let form = Request::post(path).header("content-type", "text/plain").body(Body::from("{}")).unwrap();
        assert_eq!(world.send(form).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        let foreign = post(path).header("origin", "https://elsewhere.example").header("host", "here.example");
        assert_eq!(world.send(foreign.body(Body::from("{}")).unwrap()).await.0, StatusCode::FORBIDDEN, "{path}");
        let broken = post(path).header("authorization", ADMIN).body(Body::from("{\"x")).unwrap();
        let (status, answer) = world.send(broken).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer["message"].as_str().unwrap().contains("column"), "{path} {answer}");
    }
    let (status, answer) = world.call(ADMIN, "/fn/records/lost", &json!({})).await;
    assert_eq!((status, &answer["label"]), (StatusCode::NOT_FOUND, &json!("not-found")));
    let (_, answer) = world.call(ADMIN, "/fn/records/list", &json!({"request": {"type": 3}})).await;
    assert!(answer["message"].as_str().unwrap().starts_with("request.type: "), "{answer}");
}

async fn a_reader_reads_and_does_not_write(database: &database::Database) {
    let world = World::new(database).await;
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let job = world.expect("/fn/peeringdb/synchronise", json!({"start": {}})).await["job"].clone();
    let list = json!({"request": {"type": "extras.tag"}});
    assert_eq!(world.call(READER, "/fn/records/list", &list).await.0, StatusCode::OK);
    let object = json!({"object": {"type": "extras.tag", "id": tag}});
    for (path, arguments) in [
        ("/fn/records/save", json!({"edit": {"type": "extras.tag", "fields": {"name": "x", "slug": "x"}}})),
        ("/fn/records/save", json!({"edit": {"type": "extras.tag", "id": tag, "version": 1, "fields": {"name": "x"}}})),
        ("/fn/records/delete", object),
        ("/fn/records/consequences", json!({"which": {"type": "extras.tag", "ids": [tag]}})),
        ("/fn/records/delete-many", json!({"which": {"type": "extras.tag", "ids": [tag]}})),
        ("/fn/peeringdb/synchronise", json!({"start": {}})),
        ("/fn/jobs/cancel", json!({"job": job})),
        ("/fn/jobs/retry", json!({"job": job})),
        ("/fn/records/list", json!({"request": {"type": "users.user"}})),
        ("/fn/peers/create-sessions", json!({"sessions": [{"port": 1, "connection": 1, "family": 4}]})),
    ] {
        let (status, answer) = world.call(READER, path, &arguments).await;
        assert_eq!((status, &answer["label"]), (StatusCode::FORBIDDEN, &json!("forbidden")), "{path} {answer}");
    }
}

async fn a_cookie_lasts_until_signing_out(database: &database::Database) {
    let world = World::new(database).await;
    let sign_in = |password: &str| {
        post("/fn/accounts/sign-in")
            .body(Body::from(json!({"name": "admin", "password": password}).to_string()))
            .unwrap()
    };
    assert_eq!(world.send(sign_in("wrong")).await.0, StatusCode::UNAUTHORIZED);
    let response = world.router.clone().oneshot(sign_in("correct horse")).await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let me = || post("/fn/accounts/me").header("cookie", &cookie).body(Body::from("{}")).unwrap();
    assert_eq!(world.send(me()).await.1["name"], "admin");
    let out = post("/fn/accounts/sign-out").header("cookie", &cookie).body(Body::from("{}")).unwrap();
    assert_eq!(world.send(out).await.0, StatusCode::OK);
    assert_eq!(world.send(me()).await.0, StatusCode::UNAUTHORIZED);
}

async fn refusals_have_their_status(database: &database::Database) {
    let world = World::new(database).await;
    let of = "peering.autonomoussystem";
    let id = world.create(of, json!({"asn": 1_000_500, "name": "Ours"})).await;
    let save = |id: i64, version: i64, fields: Json| json!({"edit": {"type": of, "id": id, "version": version, "fields": fields}});
    for (arguments, status, place) in [
        (save(0, 0, json!({"asn": 1_000_500, "name": "Again"})), 422, "asn"),
        (save(0, 0, json!({"asn": "x", "name": "Again"})), 422, "asn"),
        (save(0, 0, json!({"asn": 7})), 422, "name"),
        (save(0, 0, json!({"asn": 7, "name": "a", "nome": "b"})), 400, ""),
        (save(id, 9, json!({"name": "Late"})), 409, ""),
        (save(999, 1, json!({"name": "Gone"})), 404, ""),
    ] {
        let (answered, answer) = world.call(ADMIN, "/fn/records/save", &arguments).await;
        assert_eq!(answered.as_u16(), status, "{arguments} {answer}");
        assert_eq!(answer["fields"][0]["field"].as_str().unwrap_or_default(), place, "{answer}");
    }
    // more than is read, said beforehand or not
    let long = format!("{{\"edit\": \"{}\"}}", "x".repeat(16 << 20));
    for told in [true, false] {
        let mut request = post("/fn/records/save").header("authorization", ADMIN);
        if told {
            request = request.header("content-length", long.len());
        }
        let (status, answer) = world.send(request.body(Body::from(long.clone())).unwrap()).await;
        assert_eq!((status, &answer["label"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too-large")), "{told} {answer}");
        assert!(answer["message"].as_str().unwrap().contains("16 MiB"), "{answer}");
    }
}

/// From an empty database and PeeringDB's rows to new sessions in a router's configuration.
/// A world whose PeeringDB cache holds the demonstration's.
async fn with_peeringdb(database: &database::Database) -> World {
    let world = World::new(database).await;
    fill(&world).await;
    world
}

/// Takes the demonstration's rows over into the cache.
async fn fill(world: &World) {
    let directory = std::env::temp_dir().join(format!("peerage-world-{}", keys::random_hex(6)));
    std::fs::create_dir(&directory).unwrap();
    world::write(&directory).unwrap();
    let source = Source::directory(&directory).unwrap();
    let report = sync::synchronise(world.services.store(), &source, &|_| (), &CancellationToken::new()).await.unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(!report.has_failed() && report.rejected() == 0, "{report:?}");
}

async fn the_main_job(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let offer = world.expect("/fn/peeringdb/offer", json!({"asn": world::OPERATOR_ASN})).await;
    assert_eq!(offer["record"]["rows"][0][3], world::OPERATOR_NAME);
    assert!(!offer.to_string().contains("affiliated"), "PeeringDB does not say whose it is: {offer}");
    let ours = json!({"asn": world::OPERATOR_ASN, "name": world::OPERATOR_NAME, "affiliated": true});
    let ours = world.create("peering.autonomoussystem", ours).await;
    // as every installation has it
    let platform =
        world.expect("/fn/records/list", json!({"request": {"type": "devices.platform", "filter": "slug:frr"}})).await;
    let platform = platform["records"]["rows"][0][0].as_i64().unwrap();
    let starters = world.expect("/fn/rendering/starters", json!({})).await;
    let starter =
        starters.as_array().unwrap().iter().find(|starter| starter["name"].as_str().unwrap().contains("frr")).unwrap();
    let template = json!({"name": "frr", "template": starter["template"], "jinja2_trim": starter["trim"], "jinja2_lstrip": starter["lstrip"]});
    let template = world.create("devices.configuration", template).await;
    let router = json!({"name": "edge-1", "hostname": "edge-1.example", "platform": platform, "local_autonomous_system": ours,
        "configuration_template": template});
    let router = world.create("devices.router", router).await;
    let exchange =
        json!({"name": "Northgate IX", "slug": "northgate-ix", "local_autonomous_system": ours, "peeringdb_ixlan": 1});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let connection = json!({"internet_exchange_point": exchange, "router": router, "ipv4_address": "192.0.2.10/25",
        "ipv6_address": "2001:db8:1::f:4434/64"});
    let connection = world.create("net.connection", connection).await;

    let linked = world.expect("/fn/records/get", json!({"object": {"type": "net.connection", "id": connection}})).await;
    let port =
        linked["record"]["fields"].as_array().unwrap().iter().position(|name| name == "peeringdb_netixlan").unwrap();
    assert!(linked["record"]["rows"][0][port + 2].is_i64(), "its port is known from its addresses: {linked}");
    let before = world.expect("/fn/rendering/render", json!({"router": router})).await;
    let available = world.expect("/fn/peers/available", json!({"at": {"exchange": exchange}})).await;
    let peers = available["ports"].as_array().unwrap();
    let asn = |port: &Json| available["networks"][port["network"].as_u64().unwrap() as usize]["asn"].clone();
    assert!(peers.len() > 20, "{available}");
    let own = peers.iter().find(|peer| asn(peer) == world::OPERATOR_ASN).unwrap();
    assert_eq!(own["standing"][0][0], "ours");
    let free: Vec<&Json> = peers.iter().filter(|peer| peer["standing"][0][0] == "free").take(3).collect();
    let wanted: Vec<Json> = free
        .iter()
        .map(|peer| json!({"port": peer["id"], "connection": connection, "family": 4, "fields": {"password": "md5 word"}}))
        .collect();

    // a batch with one bad row writes nothing
    let mut bad = wanted.clone();
    bad.push(json!({"port": free[0]["id"], "connection": connection, "family": 4, "fields": {"multihop_ttl": 900}}));
    let (status, answer) = world.call(ADMIN, "/fn/peers/create-sessions", &json!({"sessions": bad})).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("rows.3.multihop_ttl")), "{answer}");
    let mut twice = wanted.clone();
    twice.push(wanted[0].clone());
    let (status, answer) = world.call(ADMIN, "/fn/peers/create-sessions", &json!({"sessions": twice})).await;
    assert_eq!(status.as_u16(), 422, "{answer}");
    assert!(answer["fields"][0]["field"].as_str().unwrap().starts_with("rows.3"), "{answer}");
    let count = json!({"request": {"type": "peering.internetexchangepeeringsession"}});
    assert_eq!(world.expect("/fn/records/list", count.clone()).await["total"], 0);

    let created = world.expect("/fn/peers/create-sessions", json!({"sessions": wanted})).await;
    assert_eq!(created["sessions"].as_array().unwrap().len(), 3);
    assert_eq!(created["autonomous_systems"].as_array().unwrap().len(), 3);
    let listed = world.expect("/fn/records/list", count).await;
    assert_eq!(listed["total"], 3);
    assert!(!listed.to_string().contains("md5 word"), "a secret left the server in a list");

    let after = world.expect("/fn/rendering/render", json!({"router": router})).await;
    assert_ne!(before["text"], after["text"]);
    for peer in &free {
        let text = after["text"].as_str().unwrap();
        assert!(text.contains(peer["ipv4"].as_str().unwrap()) && text.contains(&asn(peer).to_string()), "{text}");
    }
    assert_eq!(after["has_placeholders"], false);
    let (_, read) = world.call(READER, "/fn/rendering/render", &json!({"router": router})).await;
    assert_eq!(read["has_placeholders"], true, "{read}");
    assert!(!read["text"].as_str().unwrap().contains("md5 word"));

    let changes = world.expect("/fn/records/list", json!({"request": {"type": "core.objectchange"}})).await;
    assert!(changes["total"].as_u64().unwrap() >= 11 && !changes.to_string().contains("md5 word"), "{changes}");
}

async fn a_text_says_what_it_was_made_from(database: &database::Database) {
    let world = World::new(database).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "Ours", "affiliated": true})).await;
    let template = |name: &str, template: &str| json!({"name": name, "template": template});
    let foot = world.create("devices.configuration", template("Foot", "!")).await;
    let head = template("Head", "! {{ router.name }}{% include_configuration 'Foot' %}");
    let head = world.create("devices.configuration", head).await;
    world.create("devices.configuration", template("Other", "other")).await;
    // its own name read through the router is no include
    let other = json!({"name": "s", "hostname": "s.example", "local_autonomous_system": ours,
        "configuration_template": world.create("devices.configuration", template("Another's", "x")).await});
    world.create("devices.router", other).await;
    // nor is another router's
    let outer = "{% include_configuration 'Head' %}{{ router.configuration_template.name }}{% set a = local_as.router_set.get(name='s').configuration_template.name %}";
    let outer = world.create("devices.configuration", template("Outer", outer)).await;
    let router =
        json!({"name": "r", "hostname": "r.example", "local_autonomous_system": ours, "configuration_template": outer});
    let router = world.create("devices.router", router).await;
    let rendered = world.expect("/fn/rendering/render", json!({"router": router})).await;
    assert_eq!(rendered["text"], "! r!Outer", "{rendered}");
    let of = |id: i64, label: &str| json!({"object": {"type": "devices.configuration", "id": id}, "label": label});
    assert_eq!(rendered["includes"], json!([of(head, "Head"), of(foot, "Foot")]), "{rendered}");
    let objects = rendered["objects"].as_array().unwrap();
    assert!(objects.contains(&json!(["peering.autonomoussystem", 1])), "{rendered}");
    assert!(objects.contains(&json!(["devices.router", 2])), "{rendered}");
}

async fn a_broken_template_that_routers_use_is_warned_of(database: &database::Database) {
    let world = World::new(database).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "Ours", "affiliated": true})).await;
    // nobody uses a new one
    let template = world.create("devices.configuration", json!({"name": "t", "template": "{% if %}"})).await;
    let save = |fields: Json, insist: bool| {
        let edit =
            json!({"type": "devices.configuration", "id": template, "version": 0, "fields": fields, "insist": insist});
        let world = &world;
        async move { world.call(ADMIN, "/fn/records/save", &json!({"edit": edit})).await }
    };
    let router = |name: &str| {
        json!({"name": name, "hostname": format!("{name}.example"), "local_autonomous_system": ours,
            "configuration_template": template})
    };
    world.create("devices.router", router("r0")).await;
    world.create("devices.router", router("r1")).await;
    // it was so before, and something else is changed
    assert_eq!(save(json!({"description": "broken"}), false).await.0, StatusCode::OK);
    assert_eq!(save(json!({"template": "{{ router.name }}"}), false).await.0, StatusCode::OK);
    let (status, answer) = save(json!({"template": "!\n{% for %}"}), false).await;
    let told = &answer["fields"][0];
    assert_eq!(
        (status, &told["field"], &told["warning"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("template"), &json!(true))
    );
    let words = told["message"].as_str().unwrap();
    assert!(words.starts_with("Syntax error at line 2: ") && words.contains(". 2 routers use this. "), "{words}");
    // those count that have it in theirs, by name and by number
    let part = json!({"name": "part", "template": "{% if a %}{% include_configuration 't' %}{% endif %}"});
    let part = world.create("devices.configuration", part).await;
    let whole = json!({"name": "whole", "template": format!("{{% include 'configuration::{part}' %}}")});
    let whole = world.create("devices.configuration", whole).await;
    let mut further = router("r2");
    further["configuration_template"] = json!(whole);
    world.create("devices.router", further).await;
    let (_, answer) = save(json!({"template": "{% for %}"}), false).await;
    assert!(answer["message"].as_str().unwrap().contains(". 3 routers use this. "), "{answer}");
    assert_eq!(save(json!({"template": "!\n{% for %}"}), true).await.0, StatusCode::OK);
}

async fn what_was_done_can_be_undone(database: &database::Database) {
    let world = World::new(database).await;
    let of = "peering.autonomoussystem";
    let undo = |request: &Json| json!({"undo": {"request": request}});
    let count = || async {
        world.expect("/fn/records/list", json!({"request": {"type": of}})).await["total"].as_u64().unwrap()
    };
    // created and taken back, and that as well
    let made = json!({"edit": {"type": of, "fields": {"asn": 64_500, "name": "Before", "comments": "kept"}}});
    let made = world.expect("/fn/records/save", made).await;
    let id = made["record"]["rows"][0][0].as_i64().unwrap();
    let undone = world.expect("/fn/changes/undo", undo(&made["request"])).await;
    assert_eq!((undone["changes"].as_u64(), count().await), (Some(1), 0));
    world.expect("/fn/changes/undo", undo(&undone["request"])).await;
    let object = json!({"object": {"type": of, "id": id}});
    let back = world.expect("/fn/records/get", object.clone()).await;
    assert!(back.to_string().contains("Before") && back.to_string().contains("kept"), "{back}");

    // a change comes back field by field, and not over what was changed since
    let edit = |fields: Json| json!({"edit": {"type": of, "id": id, "version": 0, "fields": fields}});
    let renamed = world.expect("/fn/records/save", edit(json!({"name": "After"}))).await;
    world.expect("/fn/records/save", edit(json!({"comments": "newer"}))).await;
    world.expect("/fn/changes/undo", undo(&renamed["request"])).await;
    let back = world.expect("/fn/records/get", object.clone()).await;
    assert!(back.to_string().contains("Before") && back.to_string().contains("newer"), "{back}");
    world.expect("/fn/records/save", edit(json!({"name": "Third"}))).await;
    let (status, answer) = world.call(ADMIN, "/fn/changes/undo", &undo(&renamed["request"])).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("its name"), "{answer}");

    // what went along comes back with it, tags and all
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    world.expect("/fn/records/save", edit(json!({"tags": [tag]}))).await;
    let deleted = world.expect("/fn/records/delete", json!({"object": {"type": "extras.tag", "id": tag}})).await;
    let gone = world.expect("/fn/records/delete", object.clone()).await;
    assert_eq!(count().await, 0);
    world.expect("/fn/changes/undo", undo(&gone["request"])).await;
    world.expect("/fn/changes/undo", undo(&deleted["request"])).await;
    let back = world.expect("/fn/records/get", object).await;
    let tags = back["record"]["fields"].as_array().unwrap().iter().position(|name| name == "tags").unwrap();
    assert_eq!(back["record"]["rows"][0][tags + 2], json!([tag]), "{back}");

    let (status, _) = world.call(ADMIN, "/fn/changes/undo", &undo(&json!("nothing"))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = world.call(READER, "/fn/changes/undo", &undo(&gone["request"])).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

async fn events_are_streamed_and_what_was_missed_comes_first(database: &database::Database) {
    let world = World::new(database).await;
    let open = |address: &str| Request::get(address).header("authorization", READER).body(Body::empty()).unwrap();
    let nobody = Request::get("/events").body(Body::empty()).unwrap();
    assert_eq!(world.send(nobody).await.0, StatusCode::UNAUTHORIZED);
    // a page that has just been loaded may have asked for its list before
    let early = world.create("extras.tag", json!({"name": "Early", "slug": "early"})).await;
    let response = world.router.clone().oneshot(open("/events")).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let ready = frame(&mut body).await;
    assert!(ready.contains("event: ready"), "{ready}");
    let since: i64 = ready.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().parse().unwrap();
    let early = format!(r#""type":"extras.tag","id":{early},"#);
    // what a new installation begins with comes before it
    while !frame(&mut body).await.contains(&early) {}
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let told = frame(&mut body).await;
    let expected = format!(r#"data: {{"type":"extras.tag","id":{tag},"version":1,"action":"create"}}"#);
    assert!(told.contains(&expected), "{told}");
    // users are none of a reader's business
    world.services.accounts().create_user("third", "correct horse", false, &[]).await.unwrap();
    world.create("extras.tag", json!({"name": "Edge", "slug": "edge"})).await;
    assert!(frame(&mut body).await.contains("extras.tag"));
    drop(body);
    let mut again = world.router.clone().oneshot(open(&format!("/events?since={since}"))).await.unwrap().into_body();
    assert!(frame(&mut again).await.contains("event: ready"));
    while !frame(&mut again).await.contains(&early) {}
    assert!(frame(&mut again).await.contains(&expected));
    let mut lost = world.router.clone().oneshot(open("/events?since=999999")).await.unwrap().into_body();
    assert!(frame(&mut lost).await.contains("event: reset"));
    world.services.live().close();
}

/// The next piece of a stream, within five seconds.
async fn frame(body: &mut Body) -> String {
    let next =
        std::future::poll_fn(|context| axum::body::HttpBody::poll_frame(std::pin::Pin::new(&mut *body), context));
    let frame = tokio::time::timeout(std::time::Duration::from_secs(5), next).await.unwrap().unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

/// Arguments that parse, so that what is refused is refused for another reason.
fn arguments(path: &str, of: &str) -> Json {
    match path {
        "/fn/records/list" => json!({"request": {"type": of}}),
        "/fn/records/save" => json!({"edit": {"type": of}}),
        "/fn/records/save-many" => json!({"edits": {"which": {"type": of, "filter": "nothing"}}, "trial": true}),
        "/fn/records/consequences" | "/fn/records/delete-many" => json!({"which": {"type": of, "filter": "nothing"}}),
        "/fn/records/import" => json!({"import": {"type": of, "text": "id\n99", "trial": true}}),
        "/fn/views/list" => json!({"of": of}),
        "/fn/views/save" => json!({"view": {"type": of, "name": "mine", "query": ""}}),
        "/fn/views/delete" => json!({"id": 99}),
        "/fn/accounts/work-as" => json!({"autonomous_system": null}),
        "/fn/accounts/new-password" => json!({"user": 1}),
        "/fn/records/search" => json!({"text": "a"}),
        path if path.starts_with("/fn/records/") => json!({"object": {"type": of, "id": 1}}),
        "/fn/peeringdb/synchronise" => json!({"start": {}}),
        "/fn/jobs/log" => json!({"job": 1, "after": 0}),
        "/fn/jobs/cancel" | "/fn/jobs/retry" => json!({"job": 1}),
        "/fn/peeringdb/offer" => json!({"asn": 1}),
        "/fn/exchange-import/preview" => json!({"autonomous_system": 1}),
        "/fn/exchange-import/apply" => {
            let exchange = json!({"does": "new", "name": "Gone", "slug": "gone"});
            json!({"import": {"autonomous_system": 1, "lans": [{"lan": 99, "label": "Gone", "exchange": exchange, "ports": []}]}})
        }
        "/fn/in-step/link" => json!({"object": {"type": "net.connection", "id": 1}}),
        path if path.starts_with("/fn/in-step/") => json!({"autonomous_system": 1}),
        "/fn/neighbours/in-common" => json!({"between": {"asn": 64500}}),
        "/fn/neighbours/story" => json!({"autonomous_system": 1}),
        "/fn/peers/available" => json!({"at": {"exchange": 1}}),
        "/fn/peers/hide" => json!({"hide": {"peers": [[1, 1]]}}),
        "/fn/peers/create-sessions" => json!({"sessions": [{"port": 1, "connection": 1, "family": 4}]}),
        "/fn/devices/push" => json!({"check": 99, "reason": "because"}),
        "/fn/devices/accept-host-key" => json!({"router": 99, "fingerprint": "SHA256:x"}),
        "/fn/devices/exchange-history" => json!({"exchange": 99}),
        "/fn/devices/keep" => json!({"push": 99}),
        "/fn/devices/texts" => json!({"push": 99}),
        "/fn/devices/history" => json!({"of": "peering.directpeeringsession", "sessions": [99]}),
        path if path.starts_with("/fn/devices/") => json!({"router": 99}),
        "/fn/rendering/fetch" => json!({"needs": []}),
        "/fn/rendering/render" => json!({"router": 1}),
        "/fn/accounts/change-password" => json!({"old": "a", "new": "b"}),
        "/fn/accounts/make-token" => json!({"token": {}}),
        "/fn/accounts/delete-token" => json!({"id": 1}),
        "/fn/webhooks/test" => json!({"webhook": 99}),
        "/fn/webhooks/replay" => json!({"delivery": 99}),
        "/fn/changes/undo" => json!({"undo": {"request": "nothing"}}),
        _ => json!({}),
    }
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
    the_first_administrator_is_made_once,
    a_password_is_changed_and_ends_other_sign_ins,
    wrong_passwords_are_slowed_down,
    a_token_is_ones_own_and_comes_from_where_it_may,
    a_poll_says_what_became_of_sessions,
    a_check_is_kept_and_tells_no_secret,
    what_goes_wrong_before_a_change_is_told_and_changes_nothing,
    a_push_is_taken_back_or_kept_by_somebody,
    polling_many_routers_costs_few_statements,
    every_function_refuses_strangers,
    a_text_says_what_it_was_made_from,
    a_broken_template_that_routers_use_is_warned_of,
    what_everybody_may_call_is_known,
    what_changed_upstream_is_told_to_those_who_may_see_what_it_is_about,
    a_permission_is_for_its_type_and_ends_with_its_group,
    changes_are_seen_by_those_who_see_what_was_changed,
    somebody_stays_administrator,
    a_limited_permission_is_kept_on_every_way_to_a_router,
    events_tell_of_what_is_within_a_limit,
    many_objects_change_together_and_come_back_together,
    one_object_that_cannot_change_keeps_all_as_they_are,
    many_objects_are_deleted_together_or_not_at_all,
    a_view_is_ones_own_unless_it_is_shared,
    what_is_in_effect_says_whose_it_is,
    a_context_says_where_its_values_come_from,
    a_policy_of_the_other_family_is_refused_at_its_field,
    an_address_off_the_lan_is_taken_if_one_insists,
    our_address_off_the_lan_is_taken_if_one_insists,
    a_reference_that_vanished_is_a_problem_at_its_field,
    a_hidden_peer_keeps_what_it_hides,
    a_hidden_peer_is_not_proposed_until_its_day,
    the_demonstration_is_made_and_its_routers_render,
    the_same_rule_answers_for_an_exchange_for_all_and_for_a_network,
    available_peers_cost_the_same_statements_for_few_and_for_many,
    a_rendering_costs_the_same_statements_for_few_sessions_and_for_many,
    what_is_kept_of_peers_is_as_fresh_as_the_tables,
    what_is_kept_of_peers_is_told_to_those_who_may_see_it,
    what_speaks_against_a_session_is_warned_of,
    no_secret_is_read_by_whoever_may_not,
    no_secret_is_guessed_from_what_differs,
    anothers_token_is_neither_read_nor_taken_away,
    a_batch_is_warned_of_what_the_matrix_does_not_offer,
    a_batch_refuses_the_family_that_our_connection_lacks,
    a_story_tells_of_sessions_that_peeringdb_does_not_list,
    where_both_are_is_what_the_rows_say,
    candidates_are_those_in_our_buildings,
    a_peers_story_says_where_its_policies_come_from,
    an_address_that_is_nobodys_is_refused_and_one_of_a_family_that_we_lack_is_warned_of,
    peers_are_hidden_in_bulk_and_a_pick_on_another_lan_is_refused,
    one_works_as_one_of_ours,
    a_search_gives_the_best_first,
    every_function_is_strict,
    a_reader_reads_and_does_not_write,
    a_cookie_lasts_until_signing_out,
    refusals_have_their_status,
    the_main_job,
    exchanges_are_imported_linked_and_taken_back_as_one,
    an_import_is_what_was_seen_or_nothing,
    real_ports_are_imported,
    an_autonomous_system_is_brought_into_step_and_back,
    an_exchange_and_a_connection_are_linked_or_told_why_not,
    what_was_done_can_be_undone,
    a_file_is_imported_and_the_second_time_changes_nothing,
    other_objects_are_named_by_what_they_are_known_by,
    what_lists_export_is_imported_as_the_same,
    what_was_exported_and_deleted_comes_back,
    one_thing_that_is_wrong_and_nothing_is_imported,
    awkward_files_are_answered_in_words,
    a_file_reaches_no_further_than_its_person,
    a_file_does_not_tell_whether_a_secret_was_guessed,
    ten_thousand_come_and_go_together,
    events_are_streamed_and_what_was_missed_comes_first,
    a_failure_names_its_request_to_the_person_and_in_the_log,
    a_slow_request_is_worth_a_line,
    a_change_carries_the_name_of_its_request,
    old_changes_are_forgotten_only_if_one_says_so,
    what_a_run_told_goes_with_it,
    metrics_are_for_those_who_are_signed_in,
    metrics_count_what_was_asked_and_tell_no_names,
    a_webhook_is_told_of_what_was_changed_and_by_whom,
    a_receiver_that_asks_for_patience_gets_it,
    a_webhook_is_told_no_secret,
    a_delivery_is_tried_until_it_is_taken_or_given_up,
    while_a_receiver_is_away_its_deliveries_keep_their_order,
    what_a_killed_process_had_taken_is_sent_by_another,
    what_somebody_asks_for_does_not_wait_behind_what_is_tried_again,
    a_webhook_does_not_lead_into_our_own_network,
    a_webhook_is_told_only_if_its_conditions_hold,
    a_webhook_is_tried_out_and_told_again_by_those_who_may_change_it,
    what_the_system_writes_is_told_and_what_is_undone_is_not,
}
