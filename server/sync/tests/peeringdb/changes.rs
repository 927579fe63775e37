//! What a run says of changes upstream.

use super::{
    database::{make, rows, run},
    upstream::Upstream,
    world::{net, port, row, time, world},
};
use peerage_model::{
    ListQuery, Record, Value, Who,
    peeringdb::{SYNCHRONISATION, UPSTREAM_CHANGE},
    permit::View,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION},
};
use peerage_store::Store;
use peerage_sync::peeringdb::{flush, synchronise};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

/// The operator is network 1 at the exchange, with a session with network 2 there.
async fn operator(store: &Store) {
    let system = |asn: i64, name: &str, affiliated: bool| {
        [("asn", Value::Int(asn)), ("name", Value::text(name)), ("affiliated", Value::Bool(affiliated))]
    };
    let ours = make(store, &AUTONOMOUS_SYSTEM, &system(1_000_001, "Ours", true)).await;
    let peer = make(store, &AUTONOMOUS_SYSTEM, &system(1_000_002, "Peer", false)).await;
    let fields = [
        ("name", Value::text("Our exchange")),
        ("slug", Value::text("ours")),
        ("local_autonomous_system", Value::Int(ours)),
        ("peeringdb_ixlan", Value::Int(1)),
    ];
    let exchange = make(store, &INTERNET_EXCHANGE, &fields).await;
    let net = |text: &str| Value::Net(text.parse().unwrap());
    let fields = [
        ("internet_exchange_point", Value::Int(exchange)),
        ("ipv4_address", net("192.0.2.1/24")),
        ("ipv6_address", net("2001:db8::1/64")),
        ("peeringdb_netixlan", Value::Int(1)),
    ];
    let connection = make(store, &CONNECTION, &fields).await;
    let fields = [
        ("autonomous_system", Value::Int(peer)),
        ("ixp_connection", Value::Int(connection)),
        ("ip_address", Value::Ip("192.0.2.2".parse().unwrap())),
    ];
    make(store, &IX_SESSION, &fields).await;
}

/// Notes as `namespace action concern`, in the order of their ids.
fn told(notes: &[Record]) -> Vec<String> {
    let words = |note: &Record| {
        let (what, action) = (note.text("namespace"), note.text("action"));
        format!("{what} {} {action} {}", note.int("object_id").unwrap(), note.text("concern"))
    };
    notes.iter().map(words).collect()
}

fn json_of<'a>(note: &'a Record, field: &str) -> &'a Json {
    if let Value::Json(json) = note.get(field) { json } else { &Json::Null }
}

pub async fn a_first_run_only_counts(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    assert_eq!(rows(&store, &UPSTREAM_CHANGE).await.len(), 0);
    // a quiet run that asks for a minute again has nothing to tell
    run(&store, &upstream.source()).await;
    assert_eq!((rows(&store, &UPSTREAM_CHANGE).await.len(), rows(&store, &SYNCHRONISATION).await.len()), (0, 1));
}

pub async fn changes_are_told_with_what_they_mean_for_us(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    upstream.edit("net", 2, json!({"info_prefixes4": 250, "updated": time(500)}));
    upstream.put("net", net(3, 500, 1_000_003));
    upstream.put("netixlan", port(3, 500, 3, 1_000_003, Some("192.0.2.3"), None));
    upstream.edit("netixlan", 2, json!({"ipaddr4": "192.0.2.22", "updated": time(501)}));
    upstream.edit("netixlan", 1, json!({"speed": 20000, "updated": time(501)}));
    upstream.put(
        "ixpfx",
        row(3, 502, json!({"ixlan_id": 1, "protocol": "IPv4", "prefix": "198.51.100.0/24", "in_dfz": false})),
    );
    upstream.delete("poc", 1, 503);
    let report = run(&store, &upstream.source()).await;
    assert!(!report.has_failed(), "{report:?}");
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(
        told(&notes),
        [
            "net 2 changed known",
            "net 3 appeared other",
            "ixpfx 3 appeared direct",
            "netixlan 1 changed direct",
            "netixlan 2 changed act",
            "netixlan 3 appeared near",
            "poc 1 went direct",
        ]
    );
    assert_eq!(json_of(&notes[0], "changes"), &json!([{"field": "info_prefixes4", "before": 100, "after": 250}]));
    assert_eq!(notes[0].text("subject"), "AS1000002 - Example Net 1000002");
    let moved = &notes[4];
    assert_eq!(moved.text("why"), "You have 1 session with AS1000002 at 192.0.2.2, which is not its address any more.");
    assert_eq!(json_of(moved, "ours")[0]["type"], "peering.internetexchangepeeringsession");
    assert_eq!(json_of(moved, "changes"), &json!([{"field": "ipaddr4", "before": "192.0.2.2", "after": "192.0.2.22"}]));
    assert_eq!(json_of(&notes[5], "changes")[1], json!({"field": "ipaddr4", "after": "192.0.2.3"}));
    let runs = rows(&store, &SYNCHRONISATION).await;
    let last = runs.last().unwrap();
    assert_eq!((runs.len(), last.int("concerning"), last.int("left_out")), (2, Some(6), Some(0)));
    assert_eq!((last.text("failure"), last.int("deleted")), ("", Some(1)));
    assert!(notes.iter().all(|note| note.int("run") == Some(last.id)));
    // told once: the same rows come again with the next run
    run(&store, &upstream.source()).await;
    assert_eq!(rows(&store, &UPSTREAM_CHANGE).await.len(), notes.len());
    flush(&store).await.unwrap();
    assert_eq!(rows(&store, &UPSTREAM_CHANGE).await.len(), 0);
}

pub async fn what_goes_with_its_parent_is_told_as_well(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    upstream.delete("net", 2, 600);
    upstream.delete("netixlan", 2, 600);
    run(&store, &upstream.source()).await;
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(told(&notes), ["net 2 went act", "netixlan 2 went act"]);
    assert!(notes[1].text("why").contains("this port is gone"), "{}", notes[1].text("why"));
    // our own port
    upstream.delete("netixlan", 1, 700);
    run(&store, &upstream.source()).await;
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(notes[2].text("why"), "Your connection at Our exchange was linked to this port, which is gone.");
}

pub async fn who_leaves_what_is_ours_is_told_as_well(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    // the peer has another number: its network, and the port that we have a session with
    upstream.edit("net", 2, json!({"asn": 1_000_009, "updated": time(600)}));
    upstream.edit("netixlan", 2, json!({"asn": 1_000_009, "updated": time(600)}));
    // not its length
    upstream.edit("ixpfx", 1, json!({"in_dfz": true, "updated": time(600)}));
    upstream.edit("netixlan", 1, json!({"operational": false, "updated": time(600)}));
    run(&store, &upstream.source()).await;
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    let told: Vec<(String, &str)> = told(&notes).into_iter().zip(notes.iter().map(|note| note.text("why"))).collect();
    let expected = [
        ("net 2 changed act", "You have AS1000002 Peer, whose network has the number AS1000009 now."),
        ("ixpfx 1 changed direct", "A prefix of Our exchange."),
        (
            "netixlan 1 changed act",
            "Your connection at Our exchange is linked to this port, which is out of operation.",
        ),
        (
            "netixlan 2 changed act",
            "You have 1 session with AS1000002 at 192.0.2.2, and this port is another network's now.",
        ),
    ];
    assert_eq!(told, expected.map(|(what, why)| (what.to_owned(), why)));
}

pub async fn the_newest_run_stands_first(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    for (at, prefixes) in [(600, 1), (700, 2)] {
        upstream.edit("org", 1, json!({"city": format!("City {prefixes}"), "updated": time(at)}));
        upstream.edit("net", 2, json!({"info_prefixes4": prefixes, "updated": time(at)}));
        run(&store, &upstream.source()).await;
    }
    let who = Who::system("tests");
    let listed = store.list(&who.permit::<View>(&UPSTREAM_CHANGE).unwrap(), &ListQuery::all(&UPSTREAM_CHANGE)).await;
    let listed = listed.unwrap().records;
    assert_eq!(
        told(&listed),
        ["net 2 changed known", "org 1 changed other", "net 2 changed known", "org 1 changed other"]
    );
    assert!(listed[0].int("run") > listed[2].int("run"), "the newest run first");
}

pub async fn of_many_changes_those_that_concern_us_are_all_kept(store: Store) {
    const MANY: i64 = 2_300;
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    for id in 100..100 + MANY {
        upstream.put("net", net(id, 800, 1_010_000 + id));
    }
    // behind all of them
    upstream.put("net", net(9_000, 800, 1_090_000));
    upstream.put("netixlan", port(9_000, 800, 9_000, 1_090_000, Some("192.0.2.90"), None));
    run(&store, &upstream.source()).await;
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(notes.len(), 2001);
    assert_eq!(notes.last().map(|note| note.text("concern").to_owned()), Some("near".to_owned()));
    let runs = rows(&store, &SYNCHRONISATION).await;
    let last = runs.last().unwrap();
    assert_eq!((last.int("concerning"), last.int("left_out")), (Some(1), Some(MANY + 1 - 2000)));
}

pub async fn a_run_that_was_cut_short_says_so_and_keeps_what_it_told(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    upstream.edit("org", 1, json!({"city": "Hamburg", "updated": time(900)}));
    upstream.edit("net", 2, json!({"info_prefixes6": 9, "updated": time(900)}));
    // stopped after the networks were taken: as when the process had ended there
    let cancel = CancellationToken::new();
    let stop = |progress: peerage_sync::peeringdb::Progress| {
        if progress.namespace == "ix" {
            cancel.cancel();
        }
    };
    let report = synchronise(&store, &upstream.source(), &stop, &cancel).await.unwrap();
    assert!(report.stopped);
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(told(&notes), ["org 1 changed other", "net 2 changed known"]);
    let runs = rows(&store, &SYNCHRONISATION).await;
    assert_eq!((runs.len(), runs[1].text("failure"), runs[1].int("updated")), (2, "Stopped.", Some(2)));
    run(&store, &upstream.source()).await;
    assert_eq!(rows(&store, &UPSTREAM_CHANGE).await.len(), 2);
}

pub async fn a_run_that_died_is_seen_to_have_died(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    operator(&store).await;
    upstream.edit("net", 2, json!({"info_prefixes6": 9, "updated": time(900)}));
    upstream.edit("netixlan", 2, json!({"speed": 1000, "updated": time(900)}));
    let (source, cancel) = (upstream.source(), CancellationToken::new());
    let late = tokio::sync::Notify::new();
    let watch = |progress: peerage_sync::peeringdb::Progress| {
        if progress.namespace == "ixfac" {
            late.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = late.notified() => {}
        ended = synchronise(&store, &source, &watch, &cancel) => panic!("{ended:?}"),
    }
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(told(&notes), ["net 2 changed known"], "what was written is told");
    let runs = rows(&store, &SYNCHRONISATION).await;
    assert!(runs[1].text("failure").starts_with("It has not ended"), "{:?}", runs[1]);
    // the next run tells the rest, and nothing twice
    run(&store, &upstream.source()).await;
    let notes = rows(&store, &UPSTREAM_CHANGE).await;
    assert_eq!(told(&notes), ["net 2 changed known", "netixlan 2 changed known"]);
    assert_ne!(notes[0].int("run"), notes[1].int("run"));
}
