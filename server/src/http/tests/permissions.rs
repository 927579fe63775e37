//! Every endpoint as every kind of person: the table is a snapshot, so that a change of what somebody may do is seen in review.

use super::*;
use crate::http::functions;

/// May change tags, and see everything; the table is about another type.
const TAGGER: &str = "Token 00000000000000000000000000000000000007a6";
pub const GUEST: &str = "Token 00000000000000000000000000000000000009e5";
/// An administrator's token that may only read.
const READ_ONLY: &str = "Token 0000000000000000000000000000000000000add";

/// May do everything with networks and routers, but only with some that are not those of the table.
const BOUND: &str = "Token 0000000000000000000000000000000000000b0d";

/// Not signed in, where anybody may look.
const ANYBODY_LOOKING: &str = "anybody";

const ROLES: [(&str, &str); 8] = [
    ("stranger", ""),
    (ANYBODY_LOOKING, ""),
    ("guest", GUEST),
    ("reader", READER),
    ("tagger", TAGGER),
    ("bound", BOUND),
    ("read-only", READ_ONLY),
    ("admin", ADMIN),
];

impl World {
    /// The same server, where those who are not signed in may look.
    fn open(&self) -> Self {
        let source = Source::api(sync::PUBLIC_API, None).unwrap();
        let front = crate::http::client::Front::default().with_anybody_looking(true);
        let services = Services::new(self.services.store().clone(), source, front);
        Self { router: crate::http::router(services.clone()), services }
    }

    /// Users beside the administrator and the reader.
    pub(super) async fn with_roles(self) -> Self {
        let permissions = json!(["*.view_*", "extras.add_tag", "extras.change_tag", "extras.delete_tag"]);
        let group = self.create("users.group", json!({"name": "Taggers", "permissions": permissions})).await;
        let accounts = self.services.accounts();
        self.create("users.user", json!({"username": "tagger", "groups": [group]})).await;
        self.create("users.user", json!({"username": "guest"})).await;
        let networks =
            ["view", "add", "change", "delete"].map(|verb| format!("peering.{verb}_autonomoussystem asn:64999"));
        let routers = ["view_router", "view_router_configuration", "deploy_router_configuration"];
        let routers = routers.map(|name| format!("devices.{name} name:=none"));
        let plain = ["core.view_job", "core.view_objectchange", "peeringdb.view_*"].map(str::to_owned);
        let bound: Vec<String> = networks.into_iter().chain(routers).chain(plain).collect();
        self.create("users.user", json!({"username": "bound", "permissions": bound})).await;
        let tokens =
            [("tagger", TAGGER, true), ("guest", GUEST, true), ("bound", BOUND, true), ("admin", READ_ONLY, false)];
        for (user, token, write) in tokens {
            accounts.create_token(user, token.strip_prefix("Token "), write, "").await.unwrap();
        }
        self
    }
}

pub async fn what_everybody_may_call_is_known(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours"})).await;
    // a job that is there, so that somebody may do something with it
    let start = json!({"start": {}});
    assert_eq!(world.expect("/fn/peeringdb/synchronise", start).await["job"], 1);
    let open = world.open();
    let mut paths: Vec<&str> = server_fn_paths().map(|(path, _)| path).collect();
    paths.sort_unstable();
    let mut table = format!("{:<34}", "");
    for (role, _) in ROLES {
        table.push_str(&format!("{role:>10}"));
    }
    table.push('\n');
    // signing in and out is about browsers, and has its own tests
    let asked = paths.into_iter().filter(|path| !functions::OF_STRANGERS.contains(path)).flat_map(|path| {
        let of_exports = json!({"subject": {"export": "peering.autonomoussystem"}, "needs": []});
        let again = (path == "/fn/rendering/fetch").then(|| (path, format!("{path}, export"), of_exports));
        std::iter::once((path, path.to_owned(), arguments(path, "peering.autonomoussystem"))).chain(again)
    });
    for (path, name, body) in asked {
        table.push_str(&format!("{name:<34}"));
        if path == "/fn/peeringdb/synchronise" {
            // there may be one
            world.expect("/fn/jobs/cancel", json!({"job": 1})).await;
        }
        for (role, token) in ROLES {
            let mut request = post(path);
            if !token.is_empty() {
                request = request.header("authorization", token);
            }
            let world = if role == ANYBODY_LOOKING { &open } else { &world };
            let (status, answer) = world.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_ne!(status, StatusCode::BAD_REQUEST, "{path} {answer}");
            table.push_str(&format!("{:>10}", status.as_u16()));
        }
        table.push('\n');
    }
    table.push_str(&format!("{:<34}", "/events"));
    for (role, token) in ROLES {
        let world = if role == ANYBODY_LOOKING { &open } else { &world };
        let mut request = Request::get("/events");
        if !token.is_empty() {
            request = request.header("authorization", token);
        }
        let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        table.push_str(&format!("{:>10}", response.status().as_u16()));
    }
    world.services.live().close();
    open.services.live().close();
    insta::assert_snapshot!("endpoints_by_role", table);
}

/// What changed upstream names sessions, exchanges and contacts: it is no way around the rights to see those.
pub async fn what_changed_upstream_is_told_to_those_who_may_see_what_it_is_about(database: &database::Database) {
    use peerage_model::{
        Record, Value, Who,
        peeringdb::{SYNCHRONISATION, UPSTREAM_CHANGE},
    };
    let world = World::new(database).await.with_roles().await;
    let who = Who::system("tests");
    let mut write = database.store.begin(&who, "").await.unwrap();
    let run = Record::new(&SYNCHRONISATION).with("time", Value::Time(1_000_000));
    let run = write.insert(&who.permit(&SYNCHRONISATION).unwrap(), run).await.unwrap();
    let note = |namespace: &str, concern: &str| {
        Record::new(&UPSTREAM_CHANGE)
            .with("namespace", Value::text(namespace))
            .with("concern", Value::text(concern))
            .with("subject", Value::text(format!("{namespace} {concern}")))
            .with("object_id", Value::Int(1))
            .with("run", Value::Int(run.id))
    };
    let notes = [note("net", "other"), note("netixlan", "act"), note("poc", "other")];
    write.note_many(&who.permit(&UPSTREAM_CHANGE).unwrap(), &notes).await.unwrap();
    write.commit().await.unwrap();
    let list = json!({"request": {"type": "peeringdb.upstreamchange", "fields": ["subject"]}});
    let seen = async |permissions: Json| {
        let group =
            world.create("users.group", json!({"name": permissions.to_string(), "permissions": permissions})).await;
        let (status, found) = world
            .call(ADMIN, "/fn/records/list", &json!({"request": {"type": "users.user", "filter": "username:=guest"}}))
            .await;
        assert_eq!(status, StatusCode::OK);
        let guest = &found["records"]["rows"][0][0];
        let edit = json!({"edit": {"type": "users.user", "id": guest, "version": 0, "fields": {"groups": [group]}}});
        world.expect("/fn/records/save", edit).await;
        let (status, answer) = world.call(GUEST, "/fn/records/list", &list).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let rows = answer["records"]["rows"].as_array().unwrap();
        let subjects: Vec<String> = rows.iter().map(|row| row[2].as_str().unwrap().to_owned()).collect();
        assert_eq!(answer["total"], subjects.len());
        let get = json!({"object": {"type": "peeringdb.upstreamchange", "id": 2}});
        let (status, _) = world.call(GUEST, "/fn/records/get", &get).await;
        assert_eq!(status == StatusCode::OK, subjects.contains(&"netixlan act".to_owned()), "{status}");
        subjects
    };
    assert_eq!(
        seen(json!(["peeringdb.view_upstreamchange", "peeringdb.view_synchronisation", "peeringdb.view_network"]))
            .await,
        ["net other"]
    );
    assert_eq!(seen(json!(["peeringdb.view_*"])).await, ["net other", "poc other"]);
    assert_eq!(seen(json!(["*.view_*"])).await, ["netixlan act", "net other", "poc other"]);
}

pub async fn a_permission_is_for_its_type_and_ends_with_its_group(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    let tag = |name: &str| json!({"edit": {"type": "extras.tag", "fields": {"name": name, "slug": name}}});
    assert_eq!(world.call(TAGGER, "/fn/records/save", &tag("one")).await.0, StatusCode::OK);
    let groups =
        world.expect("/fn/records/list", json!({"request": {"type": "users.group", "filter": "Taggers"}})).await;
    let group = groups["records"]["rows"][0][0].as_i64().unwrap();
    let less = json!({"edit": {"type": "users.group", "id": group, "version": 1, "fields": {"permissions": ["extras.view_tag"]}}});
    world.expect("/fn/records/save", less).await;
    let (status, answer) = world.call(TAGGER, "/fn/records/save", &tag("two")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(answer["message"].as_str().unwrap().contains("extras.add_tag"), "{answer}");
    let other = json!({"request": {"type": "peering.autonomoussystem"}});
    assert_eq!(world.call(TAGGER, "/fn/records/list", &other).await.0, StatusCode::FORBIDDEN);
    let (_, me) = world.call(TAGGER, "/fn/accounts/me", &json!({})).await;
    assert_eq!(me["rights"]["granted"], json!(["extras.view_tag"]));
}

pub async fn changes_are_seen_by_those_who_see_what_was_changed(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours"})).await;
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let permissions = json!(["extras.view_tag", "core.view_objectchange"]);
    let group = world.create("users.group", json!({"name": "Narrow", "permissions": permissions})).await;
    let users = json!({"request": {"type": "users.user", "filter": "guest"}});
    let guest = world.expect("/fn/records/list", users).await["records"]["rows"][0][0].as_i64().unwrap();
    let join = json!({"edit": {"type": "users.user", "id": guest, "version": 0, "fields": {"groups": [group]}}});
    world.expect("/fn/records/save", join).await;

    let all = json!({"request": {"type": "core.objectchange"}});
    let (status, seen) = world.call(GUEST, "/fn/records/list", &all).await;
    assert_eq!((status, &seen["total"]), (StatusCode::OK, &json!(1)), "{seen}");
    let own = seen["records"]["rows"][0][0].as_i64().unwrap();
    let (_, whole) = world.call(ADMIN, "/fn/records/list", &all).await;
    assert!(whole["total"].as_u64().unwrap() >= 6, "accounts are recorded as well: {whole}");
    for row in whole["records"]["rows"].as_array().unwrap() {
        let id = row[0].as_i64().unwrap();
        let get = json!({"object": {"type": "core.objectchange", "id": id}});
        let expected = if id == own { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(world.call(GUEST, "/fn/records/get", &get).await.0, expected, "{row}");
    }
    assert!(seen.to_string().contains(&format!(",{tag},")), "{seen}");

    // a deletion that took more along than they may see is not undone by half
    world.create("peering.autonomoussystem", json!({"asn": 64_501, "name": "Second", "tags": [tag]})).await;
    let gone = world.expect("/fn/records/delete", json!({"object": {"type": "extras.tag", "id": tag}})).await;
    let undo = json!({"undo": {"request": gone["request"]}});
    let (status, answer) = world.call(GUEST, "/fn/changes/undo", &undo).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    world.expect("/fn/changes/undo", undo).await;
}

pub async fn somebody_stays_administrator(database: &database::Database) {
    let world = World::new(database).await;
    let users = json!({"request": {"type": "users.user", "filter": "is_superuser:yes"}});
    let admin = world.expect("/fn/records/list", users).await["records"]["rows"][0][0].as_i64().unwrap();
    let edit = |fields: Json| json!({"edit": {"type": "users.user", "id": admin, "version": 0, "fields": fields}});
    let many = json!({"edits": {"which": {"type": "users.user", "filter": ""}, "fields": {"is_active": false}}, "trial": false});
    for (path, arguments) in [
        ("/fn/records/save", edit(json!({"is_superuser": false}))),
        ("/fn/records/save", edit(json!({"is_active": false}))),
        ("/fn/records/delete", json!({"object": {"type": "users.user", "id": admin}})),
        ("/fn/records/save-many", many),
        ("/fn/records/delete-many", json!({"which": {"type": "users.user", "ids": [admin]}})),
    ] {
        let (status, answer) = world.call(ADMIN, path, &arguments).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {answer}");
        assert_eq!(answer["fields"][0]["field"], "is_superuser", "{answer}");
    }
    world.create("users.user", json!({"username": "second", "is_superuser": true})).await;
    let delete = json!({"object": {"type": "users.user", "id": admin}});
    let (status, answer) = world.call(ADMIN, "/fn/records/delete", &delete).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    // and is nobody from then on
    assert_eq!(world.call(ADMIN, "/fn/accounts/me", &json!({})).await.0, StatusCode::UNAUTHORIZED);
}

/// Not signed in: whatever holds secrets, opens doors or is a configuration stays shut.
pub async fn anybody_looks_only_where_they_were_let_and_not_at_everything(database: &database::Database) {
    let world = World::new(database).await;
    let asn = world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours"})).await;
    let headers = json!({"name": "Hook", "content_types": ["net.bfd"], "type_create": true,
        "payload_url": "https://hook.example.net/", "additional_headers": "Authorization: Bearer planted"});
    world.create("extras.webhook", headers).await;
    let open = world.open();
    let get = |of: &str, id: i64| json!({"object": {"type": of, "id": id}}).to_string();
    let ask =
        async |world: &World, path: &str, body: String| world.send(post(path).body(Body::from(body)).unwrap()).await;
    let (status, _) = ask(&world, "/fn/records/get", get("peering.autonomoussystem", asn)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (status, found) = ask(&open, "/fn/records/get", get("peering.autonomoussystem", asn)).await;
    assert_eq!(status, StatusCode::OK, "{found}");
    let (status, me) = ask(&open, "/fn/accounts/me", "{}".to_owned()).await;
    assert_eq!((status, &me["user"]), (StatusCode::OK, &json!(0)));
    let shut = ["extras.webhook", "extras.webhookdelivery", "users.user", "users.group", "users.token"];
    for of in shut {
        let list = json!({"request": {"type": of}}).to_string();
        assert_eq!(ask(&open, "/fn/records/list", list).await.0, StatusCode::FORBIDDEN, "{of}");
    }
    let (_, changes) =
        ask(&open, "/fn/records/list", json!({"request": {"type": "core.objectchange"}}).to_string()).await;
    let (_, hits) = ask(&open, "/fn/records/search", json!({"text": "hook"}).to_string()).await;
    assert!(!format!("{changes}{hits}").contains("hook.example.net"), "{changes} {hits}");
    let edit = json!({"edit": {"type": "peering.autonomoussystem", "id": asn, "fields": {"name": "Theirs"}}});
    let (status, answer) = ask(&open, "/fn/records/save", edit.to_string()).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    let router = json!({"name": "edge", "hostname": "edge.example.net", "local_autonomous_system": asn});
    let router = world.create("devices.router", router).await;
    for path in
        ["/fn/devices/check", "/fn/devices/test", "/fn/devices/poll", "/fn/rendering/render", "/fn/devices/texts"]
    {
        let mut arguments = arguments(path, "devices.router");
        arguments["router"] = json!(router);
        let (status, answer) = ask(&open, path, arguments.to_string()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path} {answer}");
    }
    open.services.live().close();
}

/// What may be seen by name only is no part of what everybody sees, nor of what a preview is made from.
pub async fn webhooks_are_guarded_and_a_preview_is_no_way_around_limits(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours"})).await;
    let list = json!({"request": {"type": "extras.webhook"}});
    let all = |of: &str| json!({"subject": {"router": 1}, "needs": [{"all": {"type": of}}]});
    let fetch = async |of: &str| world.call(GUEST, "/fn/rendering/fetch", &all(of)).await.0.as_u16();
    world.let_guest(json!(["*.view_*", "devices.view_router_configuration"])).await;
    assert_eq!(world.call(GUEST, "/fn/records/list", &list).await.0, StatusCode::FORBIDDEN);
    assert_eq!((fetch("peering.autonomoussystem").await, fetch("extras.webhook").await), (200, 403));
    world.let_guest(json!(["*.view_*", "*.change_*"])).await;
    assert_eq!(world.call(GUEST, "/fn/records/list", &list).await.0, StatusCode::OK);
    world.let_guest(json!(["extras.view_webhook"])).await;
    assert_eq!(world.call(GUEST, "/fn/records/list", &list).await.0, StatusCode::OK);
    // some routers only: types that they see wholly, and no others
    let limited = "devices.view_router_configuration tags:lab";
    world.let_guest(json!([limited, "peering.view_autonomoussystem asn:64501", "extras.view_tag"])).await;
    let seen = (fetch("extras.tag").await, fetch("peering.autonomoussystem").await, fetch("devices.router").await);
    assert_eq!(seen, (200, 403, 403));
}

/// Whoever may delete an AS may not delete its sessions by that.
pub async fn what_goes_along_must_be_theirs_to_delete(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    let network = |asn: i64| json!({"asn": asn, "name": format!("AS{asn}")});
    let (alone, with) = (
        world.create("peering.autonomoussystem", network(64_500)).await,
        world.create("peering.autonomoussystem", network(64_501)).await,
    );
    let session = json!({"autonomous_system": with, "local_autonomous_system": alone, "relationship": null,
        "ip_address": "192.0.2.1"});
    let relationship = world.create("bgp.relationship", json!({"name": "Transit", "slug": "transit"})).await;
    let mut session = session;
    session["relationship"] = json!(relationship);
    let session = world.create("peering.directpeeringsession", session).await;
    let own = ["view", "delete"].map(|verb| format!("peering.{verb}_autonomoussystem"));
    world.let_guest(json!(own)).await;
    let one = json!({"object": {"type": "peering.autonomoussystem", "id": with}});
    let many = json!({"which": {"type": "peering.autonomoussystem", "ids": [with]}});
    for (path, arguments) in [("/fn/records/delete", &one), ("/fn/records/delete-many", &many)] {
        let (status, answer) = world.call(GUEST, path, arguments).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path} {answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains("1 direct session would go along. "), "{message}");
    }
    let limited = "peering.delete_directpeeringsession ip_address:192.0.2.2";
    world.let_guest(json!(own.iter().map(String::as_str).chain([limited]).collect::<Vec<_>>())).await;
    assert_eq!(world.call(GUEST, "/fn/records/delete", &one).await.0, StatusCode::FORBIDDEN);
    let there = json!({"object": {"type": "peering.directpeeringsession", "id": session}});
    world.expect("/fn/records/get", there).await;
    let whole = "peering.delete_directpeeringsession";
    world.let_guest(json!(own.iter().map(String::as_str).chain([whole]).collect::<Vec<_>>())).await;
    let (status, answer) = world.call(GUEST, "/fn/records/delete", &one).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}
