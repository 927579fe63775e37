//! What a run does to the operator's own objects.

use super::{
    database::{get, make, rows, run},
    upstream::Upstream,
    world::{port, time, world},
};
use peerage_model::{
    Value, Who,
    permit::Rights,
    types::{AUTONOMOUS_SYSTEM, CHANGE, CONNECTION, INTERNET_EXCHANGE},
};
use peerage_store::Store;
use peerage_sync::peeringdb::{ACTOR, Followed, flush, synchronise_as};
use serde_json::json;

async fn system(store: &Store, asn: i64, fields: &[(&str, Value)]) -> i64 {
    let mut all = vec![("asn", Value::Int(asn)), ("name", Value::text(format!("Ours {asn}")))];
    all.extend_from_slice(fields);
    make(store, &AUTONOMOUS_SYSTEM, &all).await
}

async fn exchange(store: &Store, name: &str, local: i64) -> i64 {
    let fields = [
        ("name", Value::text(name)),
        ("slug", Value::text(name.to_lowercase())),
        ("local_autonomous_system", Value::Int(local)),
    ];
    make(store, &INTERNET_EXCHANGE, &fields).await
}

async fn connection(store: &Store, exchange: Option<i64>, ipv4: Option<&str>, ipv6: Option<&str>) -> i64 {
    let net = |text: Option<&str>| text.map_or(Value::Null, |text| Value::Net(text.parse().unwrap()));
    let fields = [
        ("internet_exchange_point", exchange.map_or(Value::Null, Value::Int)),
        ("ipv4_address", net(ipv4)),
        ("ipv6_address", net(ipv6)),
    ];
    make(store, &CONNECTION, &fields).await
}

pub async fn a_connection_is_linked_when_both_addresses_agree(store: Store) {
    let upstream = Upstream::start(world()).await;
    let both = connection(&store, None, Some("192.0.2.1/24"), Some("2001:db8::1/64")).await;
    let one_family = connection(&store, None, Some("192.0.2.2/24"), None).await;
    let one_missing = connection(&store, None, Some("192.0.2.1/24"), None).await;
    let one_wrong = connection(&store, None, Some("192.0.2.7/24"), Some("2001:db8::1/64")).await;
    let none = connection(&store, None, None, None).await;
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.linked_connections, report.has_failed()), (2, false));
    for (id, wanted) in [(both, Some(1)), (one_family, Some(2)), (one_missing, None), (one_wrong, None), (none, None)] {
        assert_eq!(get(&store, &CONNECTION, id).await.int("peeringdb_netixlan"), wanted, "connection {id}");
    }
    let by_us: Vec<_> =
        rows(&store, &CHANGE).await.into_iter().filter(|change| change.text("user_name") == ACTOR).collect();
    assert_eq!(by_us.len(), 2);
    assert_eq!((by_us[0].text("action"), by_us[0].text("changed_object_type")), ("update", CONNECTION.key().as_str()));
    // linked once, linked for good
    assert_eq!(run(&store, &upstream.source()).await.linked_connections, 0);
    // the link goes with the port, and comes with it
    upstream.delete("netixlan", 2, 900);
    run(&store, &upstream.source()).await;
    assert_eq!(get(&store, &CONNECTION, one_family).await.int("peeringdb_netixlan"), None);
    upstream.put("netixlan", port(3, 901, 2, 1_000_002, Some("192.0.2.2"), None));
    run(&store, &upstream.source()).await;
    assert_eq!(get(&store, &CONNECTION, one_family).await.int("peeringdb_netixlan"), Some(3));
}

pub async fn an_exchange_follows_its_connections(store: Store) {
    let upstream = Upstream::start(world()).await;
    let local = system(&store, 1_000_001, &[]).await;
    let first = exchange(&store, "First", local).await;
    let second = exchange(&store, "Second", local).await;
    let lonely = exchange(&store, "Lonely", local).await;
    connection(&store, Some(first), Some("192.0.2.1/24"), Some("2001:db8::1/64")).await;
    connection(&store, Some(first), None, None).await;
    connection(&store, Some(second), Some("192.0.2.2/24"), None).await;
    let report = run(&store, &upstream.source()).await;
    // two exchanges of one AS cannot be the same LAN
    assert_eq!((report.linked_connections, report.linked_exchanges, report.has_failed()), (2, 1, false), "{report:?}");
    assert_eq!(get(&store, &INTERNET_EXCHANGE, lonely).await.int("peeringdb_ixlan"), None);
    let linked = [first, second];
    let mut lans = Vec::new();
    for id in linked {
        lans.extend(get(&store, &INTERNET_EXCHANGE, id).await.int("peeringdb_ixlan"));
    }
    assert_eq!(lans, [1]);
}

pub async fn flushing_unlinks_and_the_next_run_links_again(store: Store) {
    let upstream = Upstream::start(world()).await;
    let local = system(&store, 1_000_001, &[]).await;
    let exchange = exchange(&store, "Exchange", local).await;
    let connection = connection(&store, Some(exchange), Some("192.0.2.1/24"), Some("2001:db8::1/64")).await;
    run(&store, &upstream.source()).await;
    flush(&store).await.unwrap();
    assert_eq!(get(&store, &CONNECTION, connection).await.int("peeringdb_netixlan"), None);
    assert_eq!(get(&store, &INTERNET_EXCHANGE, exchange).await.int("peeringdb_ixlan"), None);
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.linked_connections, report.linked_exchanges), (1, 1));
    assert_eq!(get(&store, &INTERNET_EXCHANGE, exchange).await.int("peeringdb_ixlan"), Some(1));
}

pub async fn autonomous_systems_follow_by_their_flags(store: Store) {
    let upstream = Upstream::start(world()).await;
    upstream.edit("net", 2, json!({"irr_as_set": "", "info_prefixes4": null, "info_prefixes6": 0}));
    let off = Value::Bool(false);
    let all = system(&store, 1_000_001, &[]).await;
    let some =
        system(&store, 1_000_002, &[("name_peeringdb_sync", off.clone()), ("irr_as_set", Value::text("AS-OLD"))]).await;
    let private = system(&store, 64_512, &[]).await;
    let unknown = system(&store, 1_000_777, &[]).await;
    let report = run(&store, &upstream.source()).await;
    assert_eq!((report.autonomous_systems, report.has_failed()), (2, false), "{report:?}");
    let all = get(&store, &AUTONOMOUS_SYSTEM, all).await;
    assert_eq!((all.text("name"), all.text("irr_as_set")), ("Example Net 1000001", "AS-EXAMPLE1"));
    assert_eq!((all.int("ipv6_max_prefixes"), all.int("ipv4_max_prefixes")), (Some(40), Some(100)));
    let some = get(&store, &AUTONOMOUS_SYSTEM, some).await;
    assert_eq!((some.text("name"), some.get("irr_as_set")), ("Ours 1000002", &Value::text("")));
    assert_eq!((some.get("ipv4_max_prefixes"), some.get("ipv6_max_prefixes")), (&Value::Null, &Value::Int(0)));
    for untouched in [private, unknown] {
        assert_eq!(get(&store, &AUTONOMOUS_SYSTEM, untouched).await.version, 1);
    }
    let changes = rows(&store, &CHANGE).await;
    assert_eq!(changes.iter().filter(|change| change.text("user_name") == ACTOR).count(), 2);
    // nothing new upstream: nothing written
    assert_eq!(run(&store, &upstream.source()).await.autonomous_systems, 0);
    assert_eq!(rows(&store, &CHANGE).await.len(), changes.len());
    // a name that ours cannot hold is left alone
    upstream.edit("net", 1, json!({"name": "x".repeat(220), "info_prefixes4": 7, "updated": time(1000)}));
    assert_eq!(run(&store, &upstream.source()).await.autonomous_systems, 1);
    let all = get(&store, &AUTONOMOUS_SYSTEM, all.id).await;
    assert_eq!((all.text("name"), all.int("ipv4_max_prefixes")), ("Example Net 1000001", Some(7)));
}

pub async fn one_autonomous_system_is_synchronised_on_request(store: Store) {
    let upstream = Upstream::start(world()).await;
    run(&store, &upstream.source()).await;
    let known = system(&store, 1_000_001, &[]).await;
    let private = system(&store, 64_512, &[]).await;
    let unknown = system(&store, 1_000_777, &[]).await;
    let who = Who { user: None, name: "someone".into(), rights: Rights::all(true).into() };
    for (id, wanted) in [
        (known, Followed::Changed),
        (known, Followed::Same),
        (private, Followed::Private),
        (unknown, Followed::Unknown),
    ] {
        assert_eq!(synchronise_as(&store, &who, "test", id).await.unwrap(), wanted, "{id}");
    }
    assert_eq!(get(&store, &AUTONOMOUS_SYSTEM, known).await.text("name"), "Example Net 1000001");
    assert!(rows(&store, &CHANGE).await.iter().any(|change| change.text("user_name") == "someone"));
    assert!(synchronise_as(&store, &who, "test", 4711).await.is_err());
    let reader = Who { rights: Rights::only(["*.view_*"]).into(), ..who };
    assert!(synchronise_as(&store, &reader, "test", known).await.is_err());
}
