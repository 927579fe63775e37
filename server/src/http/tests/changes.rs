//! What was done is undone, and told to whoever listens.

use super::*;

pub async fn what_was_done_can_be_undone(database: &database::Database) {
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

pub async fn events_are_streamed_and_what_was_missed_comes_first(database: &database::Database) {
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
pub async fn frame(body: &mut Body) -> String {
    let next =
        std::future::poll_fn(|context| axum::body::HttpBody::poll_frame(std::pin::Pin::new(&mut *body), context));
    let frame = tokio::time::timeout(std::time::Duration::from_secs(5), next).await.unwrap().unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}
