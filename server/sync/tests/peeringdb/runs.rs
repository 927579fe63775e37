//! Runs in which the upstream behaves.

use super::{
    database::{get, ids, rows, run, state},
    upstream::{Fault, Upstream, impatient},
    world::{BEGIN, ROWS, net, port, row, time, world},
};
use peerage_model::{
    Value,
    peeringdb::{
        FACILITY, IXLAN, NAMESPACES, NETWORK, NETWORK_CONTACT, NETWORK_FACILITY, NETWORK_IXLAN, ORGANIZATION, REJECTED,
        SYNCHRONISATION, UPSTREAM_CHANGE,
    },
};
use peerage_store::Store;
use peerage_sync::peeringdb::{Phase, Source, flush, status, synchronise};
use serde_json::json;
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

pub async fn a_full_run_takes_every_type(store: Store) {
    let upstream = Upstream::start(world()).await;
    let seen = Mutex::new(Vec::new());
    let progress = |progress: peerage_sync::peeringdb::Progress| {
        if progress.phase == Phase::Done {
            seen.lock().unwrap().push(progress.namespace);
        }
    };
    let report = synchronise(&store, &upstream.source(), &progress, &CancellationToken::new()).await.unwrap();
    assert_eq!(report.failure(), "");
    assert_eq!((report.created(), report.updated(), report.deleted(), report.rejected()), (ROWS, 0, 0, 0));
    assert_eq!(*seen.lock().unwrap(), NAMESPACES.iter().map(|(namespace, _)| *namespace).collect::<Vec<_>>());
    for (namespace, of) in NAMESPACES {
        let wanted: Vec<i64> = world()[namespace].keys().copied().collect();
        assert_eq!(ids(&store, of).await, wanted, "{namespace}");
        assert_eq!(upstream.asked(namespace), [format!("/api/{namespace}?since=0&depth=0")]);
    }
    let network = get(&store, &NETWORK, 1).await;
    assert_eq!((network.int("asn"), network.int("org"), network.text("notes")), (Some(1_000_001), Some(1), "Réseau"));
    assert_eq!(network.get("info_types"), &Value::Texts(["NSP".into(), "Content".into()].into()));
    assert_eq!(network.get("updated"), &Value::Time((BEGIN + 17) * 1_000_000));
    let facility = get(&store, &FACILITY, 1).await;
    assert_eq!((facility.get("latitude"), facility.int("campus")), (&Value::Float(52.5), Some(1)));
    assert_eq!(get(&store, &NETWORK_IXLAN, 1).await.int("ix_side"), Some(1));

    let status = serde_json::to_value(status(&store).await.unwrap()).unwrap();
    assert_eq!(status["netixlan"]["rows"], 2);
    assert_eq!(status["netixlan"]["rejected"], 0);
    // a minute before the newest row
    assert_eq!(status["netixlan"]["cursor"], BEGIN + 25 - 60);
    let history = rows(&store, &SYNCHRONISATION).await;
    assert_eq!((history.len(), history[0].int("created"), history[0].text("failure")), (1, Some(ROWS as i64), ""));
    assert_eq!(history[0].text("source"), upstream.base);
}

pub async fn a_quiet_run_writes_nothing(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.put("netixlan", port(9, 30, 99, 1_000_099, None, Some("2001:db8::9")));
    run(&store, &upstream.source()).await;
    let before = status(&store).await.unwrap();
    let events = store.event_numbers().await.unwrap();
    let report = run(&store, &upstream.source()).await;
    assert!(!report.changed() && !report.has_failed(), "{report:?}");
    assert_eq!(store.event_numbers().await.unwrap(), events);
    assert_eq!(status(&store).await.unwrap(), before);
    assert_eq!(rows(&store, &SYNCHRONISATION).await.len(), 1);
    assert!(upstream.asked("net")[1].contains(&format!("since={}", BEGIN + 18 - 60)), "{:?}", upstream.asked("net"));
}

pub async fn an_incremental_run_takes_what_changed(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    upstream.edit("net", 2, json!({"name": "Renamed", "updated": time(1000)}));
    upstream.delete("netixlan", 2, 1001);
    upstream.put(
        "poc",
        row(2, 1002, json!({"net_id": 2, "role": "Policy", "name": "New", "email": "odd", "status": "pending"})),
    );
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.updated(), report.deleted(), report.rejected()), (1, 1, 1, 0), "{report:?}");
    assert_eq!(get(&store, &NETWORK, 2).await.text("name"), "Renamed");
    assert_eq!(ids(&store, &NETWORK_IXLAN).await, [1]);
    // nothing comes back: the tombstone is sent again and again
    assert_eq!(run(&store, &upstream.source()).await.created(), 0);
    assert_eq!(state(&store, "net").await.cursor, BEGIN + 1000 - 60);
    // what is pending is there
    assert_eq!(ids(&store, &NETWORK_CONTACT).await, [1, 2]);
    assert_eq!(get(&store, &NETWORK_CONTACT, 2).await.text("email"), "odd");
}

pub async fn an_unknown_tombstone_is_ignored(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    upstream.put("net", net(7, 500, 1_000_007));
    upstream.delete("net", 7, 501);
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.deleted(), report.rejected()), (0, 0, 0));
    assert_eq!(ids(&store, &NETWORK).await, [1, 2]);
}

pub async fn children_go_with_their_parent(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    // the children's own tombstones follow later, and are nothing new then
    upstream.delete("net", 1, 600);
    let report = run(&store, &upstream.source()).await;
    assert_eq!(report.failure(), "");
    assert_eq!((ids(&store, &NETWORK).await, ids(&store, &NETWORK_IXLAN).await), (vec![2], vec![2]));
    assert!(ids(&store, &NETWORK_CONTACT).await.is_empty() && ids(&store, &NETWORK_FACILITY).await.is_empty());
    // what merely belonged to somebody stays until its own tombstone comes
    upstream.delete("org", 2, 700);
    run(&store, &upstream.source()).await;
    assert_eq!((ids(&store, &ORGANIZATION).await, ids(&store, &FACILITY).await), (vec![1], vec![1, 2]));
    assert!(get(&store, &FACILITY, 2).await.get("org").is_null());
    assert_eq!(state(&store, "fac").await.partly, 1, "it is known what is missing");
    // and has it again when that comes back, although the row itself did not change upstream
    upstream.edit("org", 2, json!({"status": "ok", "updated": time(800)}));
    let report = run(&store, &upstream.source()).await;
    assert_eq!(report.failure(), "");
    assert_eq!(get(&store, &FACILITY, 2).await.int("org"), Some(2));
    assert_eq!((state(&store, "fac").await.partly, state(&store, "carrier").await.partly), (0, 0));
}

pub async fn an_orphan_is_noted_and_taken_when_its_parent_comes(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.put("netixlan", port(9, 30, 99, 1_000_099, None, Some("2001:db8::9")));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.rejected(), report.failure().as_str()), (ROWS, 1, ""));
    let noted = rows(&store, &REJECTED).await;
    assert_eq!((noted[0].text("namespace"), noted[0].int("object_id")), ("netixlan", Some(9)));
    assert_eq!(noted[0].text("reason"), "net 99 is not in the cache.");
    assert!(matches!(noted[0].get("data"), Value::Json(data) if data["ipaddr6"] == "2001:db8::9"));
    assert_eq!(state(&store, "netixlan").await.rejected, 1);

    upstream.put("net", net(99, 700, 1_000_099));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.rejected()), (2, 0), "{report:?}");
    assert_eq!(state(&store, "netixlan").await.rejected, 0);
    assert_eq!(ids(&store, &NETWORK_IXLAN).await, [1, 2, 9]);
}

pub async fn a_row_mended_upstream_in_silence_is_taken(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.edit("netfac", 1, json!({"fac_id": 4711}));
    upstream.edit("poc", 1, json!({"net_id": 4711}));
    let report = run(&store, &upstream.source()).await;
    assert_eq!(report.rejected(), 2, "{report:?}");
    upstream.edit("netfac", 1, json!({"fac_id": 1}));
    upstream.edit("poc", 1, json!({"net_id": 1}));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.rejected(), rows(&store, &REJECTED).await.len()), (2, 0, 0), "{report:?}");
    // and one that is gone is forgotten
    upstream.put("poc", row(5, 10_000, json!({"net_id": 4711})));
    assert_eq!(run(&store, &upstream.source()).await.rejected(), 1);
    upstream.with(|state| state.tables.get_mut("poc").unwrap().remove(&5));
    run(&store, &upstream.source()).await;
    assert!(rows(&store, &REJECTED).await.is_empty());
}

pub async fn a_missing_optional_parent_does_not_cost_the_row(store: Store) {
    let upstream = Upstream::start(world()).await;
    // PeeringDB does not list pending campuses
    upstream.edit("fac", 2, json!({"campus_id": 5}));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.failure().as_str()), (ROWS, ""));
    assert!(get(&store, &FACILITY, 2).await.get("campus").is_null());
    let facilities = state(&store, "fac").await;
    assert_eq!((facilities.rows, facilities.rejected, facilities.partly), (2, 0, 1));
    assert!(!run(&store, &upstream.source()).await.changed());
    upstream.put("campus", row(5, 800, json!({"org_id": 2, "name": "Second campus"})));
    run(&store, &upstream.source()).await;
    assert_eq!(get(&store, &FACILITY, 2).await.int("campus"), Some(5));
    assert!(rows(&store, &REJECTED).await.is_empty());
}

pub async fn a_network_is_taken_before_its_organisation(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.edit("net", 1, json!({"org_id": 4711}));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.rejected()), (ROWS, 0), "{report:?}");
    assert!(get(&store, &NETWORK, 1).await.get("org").is_null());
    assert_eq!(rows(&store, &REJECTED).await[0].text("reason"), "Taken without org 4711, not in the cache.");
    upstream.put("org", row(4711, 900, json!({"name": "Late"})));
    run(&store, &upstream.source()).await;
    assert_eq!(get(&store, &NETWORK, 1).await.int("org"), Some(4711));
    assert!(rows(&store, &REJECTED).await.is_empty());
}

pub async fn of_two_rows_with_one_id_the_last_counts(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.with(|state| state.faults.push(("net", Fault::Doubled, 1)));
    let report = run(&store, &upstream.source()).await;
    assert_eq!(report.created(), ROWS);
    assert_eq!(get(&store, &NETWORK, 1).await.text("name"), "Example Net 1000001");
}

pub async fn a_row_that_cannot_stand_is_rejected_by_name(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.put("netixlan", port(9, 30, 1, 1_000_001, Some("not an address"), None));
    upstream.put("net", net(3, 31, 0));
    upstream.edit("net", 2, json!({"website": "x".repeat(5000), "info_prefixes4": "many", "name": "a\u{0}b"}));
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.created(), report.rejected(), report.failure().as_str()), (ROWS, 2, ""));
    let reasons: Vec<String> = rows(&store, &REJECTED).await.iter().map(|row| row.text("reason").to_owned()).collect();
    assert!(reasons.iter().any(|reason| reason.starts_with("ipaddr4: “not an address”")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.starts_with("asn: ")), "{reasons:?}");
    let odd = get(&store, &NETWORK, 2).await;
    assert_eq!((odd.text("website").len(), odd.get("info_prefixes4"), odd.text("name")), (5000, &Value::Null, "ab"));
}

pub async fn a_stopped_run_says_so_and_the_next_completes_it(store: Store) {
    let upstream = Upstream::start(world()).await;
    let cancel = CancellationToken::new();
    let stop_at_net = |progress: peerage_sync::peeringdb::Progress| {
        if progress.namespace == "net" {
            cancel.cancel();
        }
    };
    let report = synchronise(&store, &upstream.source(), &stop_at_net, &cancel).await.unwrap();
    assert!(report.stopped && report.types.len() < 13);
    assert_eq!(rows(&store, &SYNCHRONISATION).await[0].text("failure"), "Stopped.");
    let report = run(&store, &upstream.source()).await;
    assert!(!report.has_failed());
    assert_eq!(ids(&store, &NETWORK_CONTACT).await, [1]);
}

pub async fn a_flushed_cache_is_filled_again(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.put("netixlan", port(9, 30, 99, 1_000_099, None, Some("2001:db8::9")));
    run(&store, &upstream.source()).await;
    flush(&store).await.unwrap();
    let empty = serde_json::to_value(status(&store).await.unwrap()).unwrap();
    for (namespace, _) in NAMESPACES {
        assert_eq!(empty[namespace], json!({"rows": 0, "cursor": 0, "rejected": 0, "partly": 0}), "{namespace}");
    }
    assert!(rows(&store, &SYNCHRONISATION).await.is_empty());
    assert_eq!(run(&store, &upstream.source()).await.created(), ROWS);
}

pub async fn a_key_that_comes_later_brings_what_was_withheld(store: Store) {
    let upstream = Upstream::start(world()).await;
    let desk = json!({"net_id": 1, "role": "Policy", "visible": "Users", "name": "Peering", "status": "ok"});
    upstream.put("poc", row(2, 1, desk));
    // what a row keeps from strangers changes with no time of its own
    upstream.edit("ixlan", 1, json!({"ixf_ixp_member_list_url": null}));
    run(&store, &upstream.source()).await;
    assert_eq!(ids(&store, &NETWORK_CONTACT).await, [1]);
    upstream.edit("ixlan", 1, json!({"ixf_ixp_member_list_url": "https://ix.example.net/members.json"}));

    let keyed = Source::api_with(&upstream.base, Some("secret"), impatient()).unwrap();
    let report = run(&store, &keyed).await;
    assert!(!report.has_failed(), "{report:?}");
    assert_eq!(ids(&store, &NETWORK_CONTACT).await, [1, 2]);
    assert_eq!(get(&store, &IXLAN, 1).await.text("ixf_ixp_member_list_url"), "https://ix.example.net/members.json");
    // nothing of it changed upstream
    assert_eq!(rows(&store, &UPSTREAM_CHANGE).await.len(), 0);

    let report = run(&store, &keyed).await;
    assert!(!report.changed(), "{report:?}");
    assert!(!upstream.asked("poc").last().unwrap().contains("since=0"), "it is taken afresh once");
}
