//! Who may call what: strangers, readers, and the statuses of refusals.

use super::*;
use crate::http::functions;

pub async fn every_function_refuses_strangers(database: &database::Database) {
    let world = World::new(database).await;
    // who adds to these says so here
    let open = ["is-first-run", "first-run", "sign-in", "sign-out"].map(|name| format!("/fn/accounts/{name}"));
    assert_eq!(functions::OF_STRANGERS.to_vec(), open);
    let mut seen = 0;
    for (path, _) in server_fn_paths().filter(|(path, _)| !functions::OF_STRANGERS.contains(path)) {
        let (status, answer) =
            world.send(post(path).body(Body::from(arguments(path, "extras.tag").to_string())).unwrap()).await;
        assert_eq!((status, &answer["label"]), (StatusCode::UNAUTHORIZED, &json!("sign-in-needed")), "{path}");
        // nor are they told what is wrong with their arguments
        let (status, _) = world.send(post(path).body(Body::from("{\"x")).unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        let (status, _) = world.call("Token nobody", path, &arguments(path, "extras.tag")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        seen += 1;
    }
    assert!(seen > 10);
}

pub async fn every_function_is_strict(database: &database::Database) {
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

pub async fn a_reader_reads_and_does_not_write(database: &database::Database) {
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

pub async fn a_cookie_lasts_until_signing_out(database: &database::Database) {
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

pub async fn refusals_have_their_status(database: &database::Database) {
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
