//! The first run, passwords, tokens.

use super::{ADMIN, READER, World, database::Database, post};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use peerage_sync::peeringdb::{self as sync, Source};
use serde_json::{Value as Json, json};
use std::net::SocketAddr;
use tower::ServiceExt;

fn body(arguments: &Json) -> Body {
    Body::from(arguments.to_string())
}

/// Signs in and gives the cookie.
async fn sign_in(world: &World, name: &str, password: &str) -> Result<String, StatusCode> {
    let request = post("/fn/accounts/sign-in").body(body(&json!({"name": name, "password": password}))).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    match response.headers().get("set-cookie") {
        Some(cookie) => Ok(cookie.to_str().unwrap().split(';').next().unwrap().to_owned()),
        None => Err(response.status()),
    }
}

async fn as_browser(world: &World, cookie: &str, path: &str, arguments: Json) -> (StatusCode, Json) {
    world.send(post(path).header("cookie", cookie).body(body(&arguments)).unwrap()).await
}

pub async fn the_first_administrator_is_made_once(database: &Database) {
    let source = Source::api(sync::PUBLIC_API, None).unwrap();
    let services = crate::services::Services::new(database.store.clone(), source, Default::default());
    let world = World { router: crate::http::router(services.clone()), services };
    let ask = async |path: &str, arguments: Json| world.send(post(path).body(body(&arguments)).unwrap()).await;
    let first = |token: &str, password: &str| json!({"token": token, "name": "ada", "password": password});
    assert_eq!(ask("/fn/accounts/is-first-run", json!({})).await.1, json!(false), "nothing was printed yet");
    let token = world.services.accounts().await_first_run().await.unwrap().unwrap();
    assert_eq!(ask("/fn/accounts/is-first-run", json!({})).await.1, json!(true));
    let (status, answer) = ask("/fn/accounts/first-run", first("guessed", "long enough")).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("token")));
    let (status, answer) = ask("/fn/accounts/first-run", first(&token, "short")).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("password")));
    let (status, answer) = ask("/fn/accounts/first-run", first(&token, "long enough")).await;
    assert_eq!((status, &answer["rights"]["superuser"]), (StatusCode::OK, &json!(true)), "{answer}");
    assert!(sign_in(&world, "ada", "long enough").await.is_ok());
    assert_eq!(ask("/fn/accounts/first-run", first(&token, "long enough")).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.services.accounts().await_first_run().await.unwrap(), None);
}

pub async fn a_password_is_changed_and_ends_other_sign_ins(database: &Database) {
    let world = World::new(database).await;
    let here = sign_in(&world, "reader", "correct horse").await.unwrap();
    let there = sign_in(&world, "reader", "correct horse").await.unwrap();
    let (_, account) = as_browser(&world, &here, "/fn/accounts/account", json!({})).await;
    let this: Vec<&Json> = account["sign_ins"].as_array().unwrap().iter().map(|one| &one["this"]).collect();
    assert_eq!(this.len(), 2);
    assert_eq!(this.iter().filter(|this| **this == &json!(true)).count(), 1, "{account}");
    let change = |old: &str| json!({"old": old, "new": "battery staple"});
    let (status, answer) = as_browser(&world, &here, "/fn/accounts/change-password", change("wrong")).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("old")));
    let (status, _) = world.call(ADMIN, "/fn/accounts/change-password", &change("correct horse")).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "not with a token");
    let (status, _) = as_browser(&world, &here, "/fn/accounts/change-password", change("correct horse")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(as_browser(&world, &here, "/fn/accounts/me", json!({})).await.0, StatusCode::OK);
    assert_eq!(as_browser(&world, &there, "/fn/accounts/me", json!({})).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&world, "reader", "correct horse").await, Err(StatusCode::UNAUTHORIZED));
    assert!(sign_in(&world, "reader", "battery staple").await.is_ok());
}

pub async fn wrong_passwords_are_slowed_down(database: &Database) {
    let world = World::new(database).await;
    for _ in 0..10 {
        assert_eq!(sign_in(&world, "admin", "wrong").await, Err(StatusCode::UNAUTHORIZED));
    }
    let request =
        post("/fn/accounts/sign-in").body(body(&json!({"name": "admin", "password": "correct horse"}))).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&after));
    assert!(sign_in(&world, "reader", "correct horse").await.is_ok());
}

pub async fn a_token_is_ones_own_and_comes_from_where_it_may(database: &Database) {
    let world = World::new(database).await;
    let reader = sign_in(&world, "reader", "correct horse").await.unwrap();
    let admin = sign_in(&world, "admin", "correct horse").await.unwrap();
    let token = |networks: &str| json!({"token": {"description": "ci", "allowed_ips": networks}});
    let (status, answer) = as_browser(&world, &reader, "/fn/accounts/make-token", token("10.0.0.0/33")).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("allowed_ips")));
    let (status, key) = as_browser(&world, &reader, "/fn/accounts/make-token", token("10.0.0.0/8, 2001:db8::1")).await;
    assert_eq!(status, StatusCode::OK, "{key}");
    let header = format!("Token {}", key.as_str().unwrap());
    let from = |address: &str| -> Request<Body> {
        let peer: SocketAddr = format!("{address}:4242").parse().unwrap();
        let request = post("/fn/accounts/me").header("authorization", &header).extension(ConnectInfo(peer));
        request.body(Body::from("{}")).unwrap()
    };
    assert_eq!(world.send(from("10.1.2.3")).await.0, StatusCode::OK);
    assert_eq!(world.send(from("[2001:db8::1]")).await.0, StatusCode::OK);
    assert_eq!(world.send(from("192.0.2.1")).await.0, StatusCode::UNAUTHORIZED);
    let (_, account) = as_browser(&world, &reader, "/fn/accounts/account", json!({})).await;
    let made = account["tokens"].as_array().unwrap().iter().find(|token| token["description"] == "ci").unwrap();
    assert!(!account.to_string().contains(key.as_str().unwrap()), "the key is not shown again");
    let id = json!({"id": made["id"]});
    let (_, theirs) = as_browser(&world, &admin, "/fn/accounts/account", json!({})).await;
    let theirs = json!({"id": theirs["tokens"][0]["id"]});
    assert_eq!(as_browser(&world, &reader, "/fn/accounts/delete-token", theirs).await.0, StatusCode::NOT_FOUND);
    assert_eq!(as_browser(&world, &reader, "/fn/accounts/delete-token", id).await.0, StatusCode::OK);
    assert_eq!(world.send(from("10.1.2.3")).await.0, StatusCode::UNAUTHORIZED);
    // whoever leaves has their keys taken from them
    let others =
        json!({"id": account["tokens"].as_array().unwrap().iter().find(|token| *token != made).unwrap()["id"]});
    assert_eq!(as_browser(&world, &admin, "/fn/accounts/delete-token", others).await.0, StatusCode::OK);
    assert_eq!(world.call(READER, "/fn/accounts/me", &json!({})).await.0, StatusCode::UNAUTHORIZED);
}
