//! Exchanges and connections taken over from PeeringDB, one AS kept in step with it, and what changed there.

use super::*;
use std::path::PathBuf;

/// A directory with the demonstration's rows, gone with the value.
pub struct Rows(pub PathBuf);

impl Drop for Rows {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

impl Rows {
    pub fn new() -> Self {
        let directory = std::env::temp_dir().join(format!("peerage-world-{}", keys::random_hex(6)));
        std::fs::create_dir(&directory).unwrap();
        world::write(&directory).unwrap();
        Self(directory)
    }

    pub async fn take(&self, world: &World) {
        let source = Source::directory(&self.0).unwrap();
        let report =
            sync::synchronise(world.services.store(), &source, &|_| (), &CancellationToken::new()).await.unwrap();
        assert!(!report.has_failed() && report.rejected() == 0, "{report:?}");
    }
}

pub async fn count(world: &World, of: &str) -> u64 {
    world.expect("/fn/records/list", json!({"request": {"type": of}})).await["total"].as_u64().unwrap()
}

/// A field of an object.
pub async fn field(world: &World, of: &str, id: i64, field: &str) -> Json {
    let got = world.expect("/fn/records/get", json!({"object": {"type": of, "id": id}})).await;
    let at = got["record"]["fields"].as_array().unwrap().iter().position(|name| name == field).unwrap();
    got["record"]["rows"][0][at + 2].clone()
}

const EXCHANGES: &str = "peering.internetexchange";
const CONNECTIONS: &str = "net.connection";

async fn preview(world: &World, ours: i64) -> Json {
    world.expect("/fn/exchange-import/preview", json!({"autonomous_system": ours})).await
}

async fn our_as(world: &World) -> i64 {
    let fields = json!({"asn": world::OPERATOR_ASN, "name": world::OPERATOR_NAME, "affiliated": true});
    world.create("peering.autonomoussystem", fields).await
}

/// A LAN of a preview by its name.
fn lan<'a>(preview: &'a Json, name: &str) -> &'a Json {
    preview["lans"].as_array().unwrap().iter().find(|lan| lan["label"] == name).unwrap()
}

fn takable(preview: &Json) -> Vec<Json> {
    let takable = |port: &Json| matches!(port["connection"]["does"].as_str(), Some("new" | "link"));
    let mut lans = preview["lans"].as_array().unwrap().clone();
    for lan in &mut lans {
        lan["ports"].as_array_mut().unwrap().retain(takable);
    }
    lans.retain(|lan| lan["exchange"]["does"] == "link" || !lan["ports"].as_array().unwrap().is_empty());
    lans
}

pub async fn exchanges_are_imported_linked_and_taken_back_as_one(database: &database::Database) {
    let world = World::new(database).await;
    let ours = our_as(&world).await;
    let empty = preview(&world, ours).await;
    assert_eq!((&empty["lans"], &empty["lacking"]), (&json!([]), &json!("cache")));
    Rows::new().take(&world).await;

    // by hand before: an exchange of another name with one of our addresses, and the other address missing
    let by_hand = json!({"name": "Our northern one", "slug": "north", "local_autonomous_system": ours});
    let by_hand = world.create(EXCHANGES, by_hand).await;
    let seen = preview(&world, ours).await;
    let address = lan(&seen, "Northgate IX")["ports"][0]["ipv4"]["ip"].as_str().unwrap().to_owned();
    let fields = json!({"internet_exchange_point": by_hand, "ipv4_address": format!("{address}/25")});
    let connection = world.create(CONNECTIONS, fields).await;
    assert_eq!(field(&world, CONNECTIONS, connection, "peeringdb_netixlan").await, Json::Null, "one of two addresses");

    let seen = preview(&world, ours).await;
    assert_eq!(seen["refusal"], Json::Null, "{seen}");
    let north = lan(&seen, "Northgate IX");
    assert_eq!((&north["exchange"]["does"], &north["exchange"]["id"]), (&json!("link"), &json!(by_hand)), "{north}");
    assert_eq!(north["ports"][0]["connection"]["id"], connection);
    let wanted = takable(&seen);
    let (lans, ports) =
        (wanted.len() as u64, wanted.iter().map(|lan| lan["ports"].as_array().unwrap().len()).sum::<usize>());
    assert!(lans > 2 && count(&world, EXCHANGES).await == 1, "a preview writes nothing");

    let done =
        world.expect("/fn/exchange-import/apply", json!({"import": {"autonomous_system": ours, "lans": wanted}})).await;
    assert_eq!((&done["exchanges"], &done["connections"]), (&json!(lans - 1), &json!(ports - 1)));
    assert_eq!((&done["linked"], count(&world, EXCHANGES).await), (&json!(2), lans));
    assert_eq!(field(&world, EXCHANGES, by_hand, "peeringdb_ixlan").await, north["lan"]);
    let again = preview(&world, ours).await;
    assert!(takable(&again).is_empty(), "{again}");
    for lan in again["lans"].as_array().unwrap() {
        assert_eq!(lan["exchange"]["does"], "there", "{lan}");
    }

    world.expect("/fn/changes/undo", json!({"undo": {"request": done["request"]}})).await;
    assert_eq!((count(&world, EXCHANGES).await, count(&world, CONNECTIONS).await), (1, 1));
    assert_eq!(field(&world, EXCHANGES, by_hand, "peeringdb_ixlan").await, Json::Null);
    assert_eq!(field(&world, CONNECTIONS, connection, "peeringdb_netixlan").await, Json::Null);
}

pub async fn an_import_is_what_was_seen_or_nothing(database: &database::Database) {
    let world = World::new(database).await;
    let ours = our_as(&world).await;
    Rows::new().take(&world).await;
    let seen = preview(&world, ours).await;
    let wanted = takable(&seen);
    let apply = |ours: i64, lans: &Vec<Json>| json!({"import": {"autonomous_system": ours, "lans": lans}});

    // somebody adds one of them by hand meanwhile
    let port = &wanted[1]["ports"][0];
    let address = format!("{}/{}", port["ipv4"]["ip"].as_str().unwrap(), port["ipv4"]["length"]);
    let by_hand = world.create(CONNECTIONS, json!({"ipv4_address": address})).await;
    let (status, answer) = world.call(ADMIN, "/fn/exchange-import/apply", &apply(ours, &wanted)).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert!(answer["message"].as_str().unwrap().contains(wanted[1]["label"].as_str().unwrap()), "{answer}");
    assert_eq!((count(&world, EXCHANGES).await, count(&world, CONNECTIONS).await), (0, 1), "nothing half-written");
    world.expect("/fn/records/delete", json!({"object": {"type": CONNECTIONS, "id": by_hand}})).await;

    // what cannot be taken cannot be smuggled in, nor what was never shown
    let mut other = wanted.clone();
    other[0]["exchange"]["name"] = json!("My own choice");
    let (status, _) = world.call(ADMIN, "/fn/exchange-import/apply", &apply(ours, &other)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, answer) = world.call(ADMIN, "/fn/exchange-import/apply", &apply(ours, &Vec::new())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    assert_eq!(world.call(READER, "/fn/exchange-import/apply", &apply(ours, &wanted)).await.0, StatusCode::FORBIDDEN);
    let peer = world.create("peering.autonomoussystem", json!({"asn": 1_000_777, "name": "A peer"})).await;
    let (status, answer) = world.call(ADMIN, "/fn/exchange-import/preview", &json!({"autonomous_system": peer})).await;
    assert_eq!(
        (status, &answer["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("autonomous_system"))
    );
    for (asn, lacking) in [(64_500, "public_number"), (1_999_999, "ports")] {
        let fields = json!({"asn": asn, "name": "Lab", "affiliated": true});
        let lab = world.create("peering.autonomoussystem", fields).await;
        assert_eq!(preview(&world, lab).await["lacking"], lacking);
    }

    // a part of it
    let one = vec![wanted[0].clone()];
    world.expect("/fn/exchange-import/apply", apply(ours, &one)).await;
    assert_eq!(count(&world, EXCHANGES).await, 1);
    assert_eq!(takable(&preview(&world, ours).await).len(), wanted.len() - 1);
}

const SYSTEMS: &str = "peering.autonomoussystem";

pub async fn an_autonomous_system_is_brought_into_step_and_back(database: &database::Database) {
    let world = World::new(database).await;
    let fields = json!({"asn": world::OPERATOR_ASN, "name": "Our own word", "ipv4_max_prefixes": 7});
    let ours = world.create(SYSTEMS, fields).await;
    let of = json!({"autonomous_system": ours});
    assert_eq!(world.expect("/fn/in-step/compare", of.clone()).await["known"], "no_cache");
    Rows::new().take(&world).await;

    // the synchronisation did that already, as the system
    assert_eq!(field(&world, SYSTEMS, ours, "name").await, world::OPERATOR_NAME);
    let edit = json!({"edit": {"type": SYSTEMS, "id": ours, "version": 0, "fields": {"name": "Our own word",
        "ipv4_max_prefixes": 7, "ipv6_max_prefixes": 8, "ipv4_max_prefixes_peeringdb_sync": false}}});
    world.expect("/fn/records/save", edit).await;
    let compared = world.expect("/fn/in-step/compare", of.clone()).await;
    assert_eq!((&compared["known"], &compared["network"]), (&json!("known"), &json!(1)));
    let told: Vec<&str> =
        compared["differences"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(told, ["name", "ipv6_max_prefixes", "ipv4_max_prefixes"]);
    assert_eq!(compared["differences"][0]["theirs"], world::OPERATOR_NAME);
    assert_eq!(compared["differences"][0]["left"], Json::Null);
    assert!(compared["differences"][2]["left"].as_str().unwrap().contains("IPv4 max prefixes from PeeringDB"));

    let done = world.expect("/fn/in-step/synchronise", of.clone()).await;
    assert_eq!((done["changes"].as_array().unwrap().len(), done["left"].as_array().unwrap().len()), (2, 1), "{done}");
    assert_eq!(field(&world, SYSTEMS, ours, "name").await, world::OPERATOR_NAME);
    assert_eq!(field(&world, SYSTEMS, ours, "ipv4_max_prefixes").await, 7);
    let newest = json!({"request": {"type": "core.objectchange", "per_page": 1}});
    assert!(world.expect("/fn/records/list", newest).await.to_string().contains("\"admin\""), "as the person");
    let again = world.expect("/fn/in-step/synchronise", of.clone()).await;
    assert_eq!((&again["changes"], &again["request"]), (&json!([]), &Json::Null));
    world.expect("/fn/changes/undo", json!({"undo": {"request": done["request"]}})).await;
    assert_eq!(field(&world, SYSTEMS, ours, "name").await, "Our own word");

    for (asn, known) in [(64_500, "private"), (1_999_999, "unknown")] {
        let other = world.create(SYSTEMS, json!({"asn": asn, "name": "Other"})).await;
        let done = world.expect("/fn/in-step/synchronise", json!({"autonomous_system": other})).await;
        assert_eq!((&done["known"], &done["changes"]), (&json!(known), &json!([])));
    }
    assert_eq!(world.call(READER, "/fn/in-step/synchronise", &of).await.0, StatusCode::FORBIDDEN);
    assert_eq!(world.call(READER, "/fn/in-step/compare", &of).await.0, StatusCode::OK);
}

pub async fn an_exchange_and_a_connection_are_linked_or_told_why_not(database: &database::Database) {
    let world = World::new(database).await;
    let ours = our_as(&world).await;
    let exchange = |name: &str| json!({"name": name, "slug": name.to_lowercase(), "local_autonomous_system": ours});
    let first = world.create(EXCHANGES, exchange("First")).await;
    let fields = json!({"internet_exchange_point": first, "ipv4_address": "192.0.2.10/25", "ipv6_address": "2001:db8:1::f:4434/64"});
    let early = world.create(CONNECTIONS, fields).await;
    let link = |of: &str, id: i64| json!({"object": {"type": of, "id": id}});
    let refused = async |of: &str, id: i64, why: &str| {
        let (status, answer) = world.call(ADMIN, "/fn/in-step/link", &link(of, id)).await;
        assert_eq!(status, StatusCode::CONFLICT, "{answer}");
        assert!(answer["message"].as_str().unwrap().contains(why), "{answer}");
    };
    refused(CONNECTIONS, early, "No port in PeeringDB has 2001:db8:1::f:4434 or 192.0.2.10").await;
    refused(EXCHANGES, first, "None of its connections").await;
    Rows::new().take(&world).await;
    assert_eq!(field(&world, EXCHANGES, first, "peeringdb_ixlan").await, 1, "a run links what it can");

    // taken off by hand, and found again with its connection
    let off =
        |of: &str, id: i64, name: &str| json!({"edit": {"type": of, "id": id, "version": 0, "fields": {name: null}}});
    world.expect("/fn/records/save", off(EXCHANGES, first, "peeringdb_ixlan")).await;
    world.expect("/fn/records/save", off(CONNECTIONS, early, "peeringdb_netixlan")).await;
    assert_eq!(field(&world, EXCHANGES, first, "peeringdb_ixlan").await, Json::Null, "what is taken off stays off");
    let done = world.expect("/fn/in-step/link", link(EXCHANGES, first)).await;
    assert_eq!((&done["to"], &done["count"]), (&json!("Northgate IX"), &json!(2)));
    refused(EXCHANGES, first, "linked already").await;

    // the next connection links its exchange at once
    let second = world.create(EXCHANGES, exchange("Second")).await;
    refused(EXCHANGES, second, "no connection yet").await;
    let (ipv4, ipv6) = ("198.51.100.10", "2001:db8:2::f:4434");
    let half = json!({"internet_exchange_point": second, "ipv4_address": format!("{ipv4}/25")});
    let half = world.create(CONNECTIONS, half).await;
    refused(CONNECTIONS, half, "Both addresses have to be the same").await;
    let whole = json!({"edit": {"type": CONNECTIONS, "id": half, "version": 0, "fields": {"ipv6_address": format!("{ipv6}/64")}}});
    world.expect("/fn/records/save", whole).await;
    assert_eq!(field(&world, EXCHANGES, second, "peeringdb_ixlan").await, 2);

    // not two of one LAN, and not one of two
    let third = world.create(EXCHANGES, exchange("Third")).await;
    let moved = |id: i64, to: i64| json!({"edit": {"type": CONNECTIONS, "id": id, "version": 0, "fields": {"internet_exchange_point": to}}});
    world.expect("/fn/records/save", moved(early, third)).await;
    refused(EXCHANGES, third, "First is linked to that LAN already").await;
    world.expect("/fn/records/save", moved(half, third)).await;
    refused(EXCHANGES, third, "on different LANs").await;
    let (status, _) = world.call(ADMIN, "/fn/in-step/link", &link("extras.tag", 1)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(world.call(READER, "/fn/in-step/link", &link(EXCHANGES, third)).await.0, StatusCode::FORBIDDEN);
}

/// The networks with the most ports among real rows, each as if it were ours: what a preview offers can be taken, whole,
/// and is there then.
pub async fn real_ports_are_imported(database: &database::Database) {
    let place =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/peeringdb/2026-04-beta-first500");
    if !place.is_dir() {
        eprintln!("skipped: {} is not here", place.display());
        return;
    }
    let world = World::new(database).await;
    let source = Source::directory(&place).unwrap();
    sync::synchronise(world.services.store(), &source, &|_| (), &CancellationToken::new()).await.unwrap();
    let request = json!({"type": "peeringdb.networkixlan", "fields": ["asn"], "per_page": 500});
    let ports = world.expect("/fn/records/list", json!({"request": request})).await;
    let mut counts = std::collections::BTreeMap::new();
    for row in ports["records"]["rows"].as_array().unwrap() {
        *counts.entry(row[2].as_i64().unwrap()).or_insert(0) += 1;
    }
    let mut counts: Vec<(i32, i64)> = counts.into_iter().map(|(asn, count)| (count, asn)).collect();
    counts.sort_unstable();
    let mut taken = 0;
    for (count, asn) in counts.into_iter().rev().take(5) {
        let ours = world.create(SYSTEMS, json!({"asn": asn, "name": "Real", "affiliated": true})).await;
        let seen = preview(&world, ours).await;
        let listed: usize =
            seen["lans"].as_array().unwrap().iter().map(|lan| lan["ports"].as_array().unwrap().len()).sum();
        assert_eq!((listed, &seen["refusal"]), (count as usize, &Json::Null));
        let wanted = takable(&seen);
        if wanted.is_empty() {
            continue;
        }
        let import = json!({"import": {"autonomous_system": ours, "lans": wanted}});
        let done = world.expect("/fn/exchange-import/apply", import).await;
        taken += done["connections"].as_u64().unwrap();
        assert!(takable(&preview(&world, ours).await).is_empty(), "AS{asn}");
        world.expect("/fn/changes/undo", json!({"undo": {"request": done["request"]}})).await;
        assert_eq!(preview(&world, ours).await["lans"], seen["lans"], "AS{asn}");
    }
    println!("{taken} real ports were taken and given back");
    assert!(taken > 0);
}
