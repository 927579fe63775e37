//! Somebody who may see and configure the routers of the lab, and no others, on every way to a router.

use super::{permissions::GUEST, *};

const ROUTER: &str = "devices.router";

impl World {
    /// What the guest may, from now on.
    pub(super) async fn let_guest(&self, permissions: Json) {
        let list = json!({"request": {"type": "users.user", "filter": "username:=guest"}});
        let guest = self.expect("/fn/records/list", list).await["records"]["rows"][0][0].clone();
        let edit = json!({"edit": {"type": "users.user", "id": guest, "fields": {"permissions": permissions}}});
        self.expect("/fn/records/save", edit).await;
    }

    async fn total(&self, who: &str, of: &str) -> i64 {
        let (status, answer) = self.call(who, "/fn/records/list", &json!({"request": {"type": of}})).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["total"].as_i64().unwrap()
    }
}

pub async fn a_limited_permission_is_kept_on_every_way_to_a_router(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    let lab = world.create("extras.tag", json!({"name": "Lab", "slug": "lab"})).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours", "affiliated": true})).await;
    let template = json!({"name": "Plain", "template": "hostname {{ router.hostname }}"});
    let template = world.create("devices.configuration", template).await;
    let router = async |name: &str, tags: Json| {
        let fields = json!({
            "name": name, "hostname": format!("{name}.example.net"), "local_autonomous_system": ours,
            "configuration_template": template, "tags": tags,
        });
        world.create(ROUTER, fields).await
    };
    let inside = router("bench", json!([lab])).await;
    let outside = router("core", json!([])).await;
    let job =
        async |router: i64| world.expect("/fn/devices/check", json!({"router": router})).await["job"].as_i64().unwrap();
    let jobs = [job(inside).await, job(outside).await];
    let limited =
        ["view_router", "change_router", "delete_router", "view_router_configuration", "deploy_router_configuration"];
    let limited = limited.iter().map(|name| format!("devices.{name} tags:lab"));
    let plain =
        ["core.view_job", "core.view_objectchange", "extras.view_tag", "peering.view_*", "devices.view_configuration"];
    world.let_guest(limited.chain(plain.map(str::to_owned)).collect()).await;

    let save =
        |router: i64, fields: Json| json!({"edit": {"type": ROUTER, "id": router, "version": 0, "fields": fields}});
    let object = |router: i64| json!({"object": {"type": ROUTER, "id": router}});
    // what is not in sight is not there, and what is done without looking is refused
    for (path, arguments, within, beyond) in [
        ("/fn/records/get", object as fn(i64) -> Json, 200, 404),
        ("/fn/records/effective", object, 200, 404),
        ("/fn/records/context", object, 403, 404),
        ("/fn/records/references", object, 200, 404),
        ("/fn/devices/beside", |router| json!({"router": router}), 403, 404),
        ("/fn/devices/check", |router| json!({"router": router}), 200, 404),
        ("/fn/devices/test", |router| json!({"router": router}), 200, 404),
        ("/fn/devices/poll", |router| json!({"router": router}), 200, 404),
        ("/fn/rendering/render", |router| json!({"router": router}), 200, 403),
        // it has shown no key
        ("/fn/devices/accept-host-key", |router| json!({"router": router, "fingerprint": "SHA256:x"}), 409, 403),
    ] {
        if !server_fn_paths().any(|(known, _)| known == path) {
            continue;
        }
        for (router, expected) in [(inside, within), (outside, beyond)] {
            let (status, answer) = world.call(GUEST, path, &arguments(router)).await;
            assert_eq!(status.as_u16(), expected, "{path} {router} {answer}");
            assert!(router == inside || !answer.to_string().contains("core"), "{path} {answer}");
        }
    }
    let (status, answer) = world.call(GUEST, "/fn/devices/poll", &json!({"router": null})).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    let (_, found) = world.call(GUEST, "/fn/records/search", &json!({"text": "core"})).await;
    assert!(!found.to_string().contains("core.example.net") && !found.to_string().contains("\"core\""), "{found}");

    // jobs and changes about it are as far away
    for (job, log, cancel) in [(jobs[0], 200, 200), (jobs[1], 404, 404)] {
        let (status, answer) = world.call(GUEST, "/fn/jobs/log", &json!({"job": job, "after": 0})).await;
        assert_eq!(status.as_u16(), log, "{answer}");
        let (status, answer) = world.call(GUEST, "/fn/jobs/cancel", &json!({"job": job})).await;
        assert_eq!(status.as_u16(), cancel, "{answer}");
    }
    let (_, all) = world.call(GUEST, "/fn/records/list", &json!({"request": {"type": "core.objectchange"}})).await;
    assert!(all.to_string().contains("bench") && !all.to_string().contains("core.example.net"), "{all}");
    assert_eq!((world.total(GUEST, ROUTER).await, world.total(ADMIN, ROUTER).await), (1, 2));

    // writing: what is within reach stays within reach
    for (router, fields, expected) in [
        (inside, json!({"comments": "on the bench"}), 200),
        (inside, json!({"tags": []}), 403),
        (outside, json!({"comments": "taken"}), 404),
    ] {
        let (status, answer) = world.call(GUEST, "/fn/records/save", &save(router, fields)).await;
        assert_eq!(status.as_u16(), expected, "{answer}");
    }
    let new = json!({"edit": {"type": ROUTER, "fields": {"name": "new", "hostname": "new.example.net", "local_autonomous_system": ours}}});
    assert_eq!(world.call(GUEST, "/fn/records/save", &new).await.0, StatusCode::FORBIDDEN);
    let many = |filter: &str| json!({"edits": {"which": {"type": ROUTER, "filter": filter}, "fields": {"comments": "all"}}, "trial": false});
    let (status, answer) = world.call(GUEST, "/fn/records/save-many", &many("")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (_, core) = world.call(ADMIN, "/fn/records/get", &object(outside)).await;
    assert!(!core.to_string().contains("\"all\"") && !core.to_string().contains("taken"), "{core}");
    // gone or out of sight: the same words
    let mut told = Vec::new();
    for router in [outside, 4_711] {
        let (status, answer) = world.call(GUEST, "/fn/records/delete", &object(router)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{answer}");
        told.push(answer);
    }
    assert_eq!(told[0], told[1]);
    let delete = json!({"which": {"type": ROUTER, "ids": [inside, outside]}});
    // what is not in sight is passed over like what is not there
    let (status, answer) = world.call(GUEST, "/fn/records/delete-many", &delete).await;
    assert_eq!((status, world.total(ADMIN, ROUTER).await), (StatusCode::OK, 1), "{answer}");
    world.expect("/fn/records/get", object(outside)).await;
    world.services.live().close();
}

pub async fn events_tell_of_what_is_within_a_limit(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    world.let_guest(json!(["extras.view_tag slug:^lab"])).await;
    let open = Request::get("/events").header("authorization", GUEST).body(Body::empty()).unwrap();
    let mut body = world.router.clone().oneshot(open).await.unwrap().into_body();
    assert!(frame(&mut body).await.contains("event: ready"));
    let core = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let lab = world.create("extras.tag", json!({"name": "Lab", "slug": "lab"})).await;
    world.expect("/fn/records/delete", json!({"object": {"type": "extras.tag", "id": core}})).await;
    let last = world.create("extras.tag", json!({"name": "Lab 2", "slug": "lab-2"})).await;
    for expected in [lab, last] {
        let told = frame(&mut body).await;
        assert!(told.contains(&format!(r#""id":{expected},"version":1,"action":"create""#)), "{told}");
    }
    world.services.live().close();
}
