//! What a person and the log are told when the server fails.

use super::*;
use std::{
    io,
    sync::{Arc, Mutex},
};
use tracing::instrument::WithSubscriber;

/// A log that a test can read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub async fn a_failure_names_its_request_to_the_person_and_in_the_log(database: &database::Database) {
    let world = World::new(database).await;
    world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    database.tamper("ALTER TABLE core_event RENAME TO gone").await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let save = json!({"edit": {"type": "extras.tag", "fields": {"name": "Edge", "slug": "edge"}}}).to_string();
    let request = post("/fn/records/save").header("authorization", ADMIN).body(Body::from(save)).unwrap();
    let response = world.router.clone().oneshot(request).with_subscriber(subscriber).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body = to_bytes(response.into_body(), 1 << 16).await.unwrap();
    let answer: Json = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["label"], "internal");
    assert!(
        answer["message"].as_str().unwrap().ends_with(&format!("tell your administrator: request {id}.")),
        "{answer}"
    );
    assert!(!answer.to_string().contains("core_event"), "the cause is told: {answer}");
    let text = log.text();
    let cause = text.lines().find(|line| line.contains("core_event")).unwrap_or_else(|| panic!("no cause in {text}"));
    let end = text.lines().find(|line| line.contains("status=500")).unwrap_or_else(|| panic!("no end in {text}"));
    assert!(cause.contains(&id) && end.contains(&id), "{text}");
    database.tamper("ALTER TABLE gone RENAME TO core_event").await;
}

pub async fn a_slow_request_is_worth_a_line(database: &database::Database) {
    let world = World::new(database).await;
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::WARN)
        .with_writer(move || writer.clone())
        .finish();
    // somebody else is writing the same object
    let who = peerage_model::Who::system("tests");
    let of = &peerage_model::types::TAG;
    let mut write = database.store.begin(&who, "").await.unwrap();
    let held = write.get(&who.permit(of).unwrap(), tag).await.unwrap().unwrap();
    let held = held.with("name", peerage_model::Value::text("Held"));
    write.update(&who.permit(of).unwrap(), 0, held).await.unwrap();
    let edit = json!({"edit": {"type": "extras.tag", "id": tag, "version": 0, "fields": {"name": "Late"}}}).to_string();
    let request = post("/fn/records/save").header("authorization", ADMIN).body(Body::from(edit)).unwrap();
    let (response, ()) = tokio::join!(world.router.clone().oneshot(request).with_subscriber(subscriber), async {
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        drop(write);
    });
    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let text = log.text();
    assert!(
        text.lines().any(|line| line.contains("slow") && line.contains(&id) && line.contains("/fn/records/save")),
        "{text}"
    );
}

pub async fn a_change_carries_the_name_of_its_request(database: &database::Database) {
    let world = World::new(database).await;
    let save = json!({"edit": {"type": "extras.tag", "fields": {"name": "Edge", "slug": "edge"}}}).to_string();
    let request = post("/fn/records/save").header("authorization", ADMIN).body(Body::from(save)).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let list = json!({"request": {"type": "core.objectchange", "filter": format!("request_id:{id}")}});
    assert_eq!(world.expect("/fn/records/list", list).await["total"], 1);
}
