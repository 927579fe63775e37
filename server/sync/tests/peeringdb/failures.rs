//! Runs in which the upstream misbehaves.

use super::{
    database::{ids, rows, run, state},
    upstream::{Fault, Upstream, impatient},
    world::{BEGIN, ROWS, net, row, world},
};
use peerage_model::Who;
use peerage_model::peeringdb::{CURSOR, NETWORK, NETWORK_IXLAN, REJECTED, SYNCHRONISATION};
use peerage_store::Store;
use peerage_sync::peeringdb::Source;
use serde_json::json;

const ALWAYS: usize = usize::MAX;

pub async fn a_failing_type_keeps_its_cursor_and_the_next_run_completes(store: Store) {
    let upstream = Upstream::start(world()).await;
    for fault in [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(404),
        Fault::Throttled(99_999),
        Fault::Truncated,
        Fault::BadJson,
    ] {
        upstream.with(|state| state.faults = vec![("net", fault, ALWAYS)]);
        let report = run(&store, &upstream.source()).await;
        assert!(report.failure().starts_with("net: "), "{fault:?}: {}", report.failure());
        assert_eq!(report.types.iter().filter(|of| of.failure.is_some()).count(), 1, "{fault:?}");
        assert_eq!(state(&store, "net").await.cursor, 0, "{fault:?}");
        // later types went on; what belongs to networks waits
        assert_eq!(state(&store, "ixpfx").await.rows, 2);
        assert_eq!(
            (state(&store, "netixlan").await.rows, state(&store, "netixlan").await.rejected),
            (0, 2),
            "{fault:?}"
        );
        let history = rows(&store, &SYNCHRONISATION).await;
        assert!(history.last().unwrap().text("failure").starts_with("net: "));
    }
    upstream.with(|state| state.faults.clear());
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.has_failed()), (6, false), "{report:?}");
    assert_eq!(ids(&store, &NETWORK_IXLAN).await, [1, 2]);
    assert!(rows(&store, &REJECTED).await.is_empty());
}

pub async fn a_failure_that_passes_is_not_noticed(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.with(|state| {
        state.faults = vec![
            ("org", Fault::Status(500), 3),
            ("fac", Fault::Truncated, 2),
            ("net", Fault::BadJson, 1),
            ("ix", Fault::Status(502), 1),
            ("poc", Fault::Throttled(0), 2),
        ];
    });
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.failure().as_str()), (ROWS, ""));
    assert_eq!(upstream.asked("org").len(), 4);
}

pub async fn throttling_is_obeyed_within_bounds(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.with(|state| state.faults = vec![("net", Fault::Throttled(1), 1), ("ix", Fault::Throttled(99_999), 1)]);
    let begun = std::time::Instant::now();
    let report = run(&store, &upstream.source()).await;
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1));
    assert!(report.failure().starts_with("ix: PeeringDB asks to wait 99999 seconds"), "{}", report.failure());
    assert_eq!((upstream.asked("net").len(), upstream.asked("ix").len()), (2, 1));
    assert_eq!(ids(&store, &NETWORK).await, [1, 2]);
}

pub async fn the_key_is_sent_and_never_shown(store: Store) {
    let upstream = Upstream::start(world()).await;
    // the bare host means its API
    let host = upstream.base.strip_suffix("/api").unwrap().to_owned();
    let source = Source::api_with(&host, Some(" SECRET\n"), impatient()).unwrap();
    upstream.with(|state| state.faults = vec![("poc", Fault::Status(403), ALWAYS)]);
    let report = run(&store, &source).await;
    assert!(report.failure().contains("key is not accepted"), "{}", report.failure());
    assert!(upstream.with(|state| state.log.iter().all(|(_, key)| key.as_deref() == Some("Api-Key SECRET"))));
    let shown = format!("{source:?} {report:?} {:?}", rows(&store, &SYNCHRONISATION).await);
    assert!(!shown.contains("SECRET"), "{shown}");
    assert!(Source::api("ftp://example.net", None).is_err() && Source::api("example", None).is_err());
    assert_eq!(Source::api("https://user:pass@example.net/", None).unwrap().name(), "https://example.net/api");
}

pub async fn rows_deleted_between_a_broken_run_and_its_repetition_go(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.put("net", net(3, 40, 1_000_003));
    upstream.with(|state| state.generated = Some(BEGIN + 30));
    run(&store, &upstream.source()).await;
    // never beyond the moment at which the answer was made
    assert_eq!(state(&store, "net").await.cursor, BEGIN + 30 - 60);
    // As after a crash: rows are there, the cursor is not. A whole answer has no tombstones.
    let who = Who::system("test");
    let mut write = store.begin(&who, "test").await.unwrap();
    for cursor in rows(&store, &CURSOR).await {
        write.delete(&who.permit(&CURSOR).unwrap(), cursor.id).await.unwrap();
    }
    write.commit().await.unwrap();
    upstream.with(|state| state.tables.get_mut("net").unwrap().remove(&3));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.deleted(), ids(&store, &NETWORK).await), (1, vec![1, 2]), "{report:?}");
}

pub async fn a_flood_of_orphans_waits_for_its_parents(store: Store) {
    let mut tables = world();
    for id in 10..2600 {
        tables.get_mut("poc").unwrap().insert(id, row(id, 60, json!({"net_id": 1, "role": "NOC", "name": "Desk"})));
    }
    let upstream = Upstream::start(tables).await;
    let networks = upstream.with(|state| std::mem::take(state.tables.get_mut("net").unwrap()));
    let report = run(&store, &upstream.source()).await;
    // an answer without rows is no failure of networks, but nothing can hang on it
    assert!(report.failure().starts_with("poc: 2591 rows wait for net"), "{}", report.failure());
    assert_eq!((state(&store, "poc").await.rejected, state(&store, "poc").await.cursor), (2000, 0));
    upstream.with(|state| state.tables.insert("net", networks));
    assert!(!run(&store, &upstream.source()).await.has_failed());
    assert_eq!((state(&store, "poc").await.rejected, state(&store, "poc").await.rows), (0, 2591));
}
