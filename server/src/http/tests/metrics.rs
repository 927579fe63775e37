//! What Prometheus reads.

use super::*;
use crate::http::client::Front;

async fn metrics(router: &Router, who: Option<&str>) -> (StatusCode, String) {
    let request = who.into_iter().fold(Request::get("/metrics"), |request, who| request.header("authorization", who));
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub async fn metrics_are_for_those_who_are_signed_in(database: &database::Database) {
    let world = World::new(database).await;
    assert_eq!(metrics(&world.router, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(metrics(&world.router, Some("Token nobody")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(metrics(&world.router, Some(READER)).await.0, StatusCode::OK);
    let source = Source::api(sync::PUBLIC_API, None).unwrap();
    let services = Services::new(database.store.clone(), source, Front::default().with_public_metrics(true));
    assert_eq!(metrics(&crate::http::router(services), None).await.0, StatusCode::OK);
}

pub async fn metrics_count_what_was_asked_and_tell_no_names(database: &database::Database) {
    let world = World::new(database).await;
    world.create("extras.tag", json!({"name": "Hush", "slug": "hush"})).await;
    world.call(READER, "/fn/records/hush", &json!({})).await;
    world.call(READER, "/fn/records/list", &json!({"request": {"type": "hush.hush"}})).await;
    let open = Request::get("/events").header("authorization", READER).body(Body::empty()).unwrap();
    let stream = world.router.clone().oneshot(open).await.unwrap();
    let (_, text) = metrics(&world.router, Some(READER)).await;
    for line in [
        r#"peerage_http_requests_total{route="/fn/records/save",status="200"} 1"#,
        r#"peerage_http_requests_total{route="/fn/records/list",status="400"} 1"#,
        r#"peerage_http_requests_total{route="no function",status="404"} 1"#,
        r#"peerage_http_request_duration_seconds_count{route="/fn/records/save"} 1"#,
        "peerage_event_streams 1",
        "peerage_database_up 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    drop(stream);
    assert!(!text.to_lowercase().contains("hush") && !text.contains("00000000ad"), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok() && text.contains("# TYPE "), "{name} {value}");
    }
    world.services.live().close();
}
