//! Networks beside one another: where both are, with whom a link of their own could be made, what runs with a peer.

use super::{permissions::GUEST, policy::policy, *};

const SYSTEM: &str = "peering.autonomoussystem";

/// The rows of one of PeeringDB's types that the demonstration's world has.
async fn rows(world: &World, of: &str, filter: &str, fields: &[&str]) -> Vec<Vec<Json>> {
    let request = json!({"request": {"type": of, "filter": filter, "fields": fields, "per_page": 500}});
    let listed = world.expect("/fn/records/list", request).await;
    let rows = listed["records"]["rows"].as_array().unwrap();
    assert_eq!(listed["total"], rows.len(), "all of them");
    // id and version go before the fields
    rows.iter().map(|row| row.as_array().unwrap()[2..].to_vec()).collect()
}

/// What is told is what a walk over PeeringDB's rows finds, row by row.
pub async fn where_both_are_is_what_the_rows_say(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ask = async |between: Json| world.expect("/fn/neighbours/in-common", json!({"between": between})).await;
    // none of ours is known yet
    let peer = 1_000_539;
    let told = ask(json!({"asn": peer})).await;
    assert_eq!((&told["known"], &told["ours"]), (&json!(true), &json!([])));
    world.create(SYSTEM, json!({"asn": world::OPERATOR_ASN, "name": "Ours", "affiliated": true})).await;
    let told = ask(json!({"asn": peer})).await;
    assert_eq!(
        told,
        ask(json!({"asn": peer, "with": world::OPERATOR_ASN})).await,
        "ours is meant unless one says otherwise"
    );
    let ports =
        rows(&world, "peeringdb.networkixlan", &format!("asn:{peer},{}", world::OPERATOR_ASN), &["asn", "ixlan"]).await;
    let lans = |asn: u32| {
        let mut lans: Vec<i64> =
            ports.iter().filter(|row| row[0] == asn).map(|row| row.last().unwrap().as_i64().unwrap()).collect();
        lans.sort_unstable();
        lans.dedup();
        lans
    };
    let ours = lans(world::OPERATOR_ASN);
    let both = lans(peer).into_iter().filter(|lan| ours.contains(lan)).count();
    assert!(both > 0);
    let shared = told["exchanges"].as_array().unwrap();
    assert_eq!(shared.len(), both, "{told}");
    for exchange in shared {
        assert!(exchange["theirs"].as_array().unwrap().iter().all(|port| port["asn"] == peer), "{exchange}");
        assert!(
            exchange["ours"].as_array().unwrap().iter().all(|port| port["asn"] == world::OPERATOR_ASN),
            "{exchange}"
        );
        assert_eq!(exchange["entered"], json!([]));
    }
    assert_eq!(ask(json!({"asn": 4_200_000_000u32})).await["known"], json!(false));
    // nobody has anything in common with themselves
    assert_eq!(ask(json!({"asn": world::OPERATOR_ASN})).await["exchanges"], json!([]));
    let (status, _) =
        world.with_roles().await.call(GUEST, "/fn/neighbours/in-common", &json!({"between": {"asn": peer}})).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

pub async fn candidates_are_those_in_our_buildings(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let told = world.expect("/fn/neighbours/candidates", json!({})).await;
    assert!(!told["reason"].as_str().unwrap().is_empty() && told["networks"] == json!([]), "{told}");
    world.create(SYSTEM, json!({"asn": world::OPERATOR_ASN, "name": "Ours", "affiliated": true})).await;
    let told = world.expect("/fn/neighbours/candidates", json!({})).await;
    let there = rows(&world, "peeringdb.networkfacility", "", &["net", "fac"]).await;
    let own = world
        .expect(
            "/fn/records/list",
            json!({"request": {"type": "peeringdb.network", "filter": format!("asn:{}", world::OPERATOR_ASN)}}),
        )
        .await;
    let own = &own["records"]["rows"][0][0];
    let ours: Vec<&Json> = there.iter().filter(|row| row[0] == *own).map(|row| &row[1]).collect();
    let mut expected: Vec<i64> = there
        .iter()
        .filter(|row| row[0] != *own && ours.contains(&&row[1]))
        .map(|row| row[0].as_i64().unwrap())
        .collect();
    expected.sort_unstable();
    expected.dedup();
    let mut found: Vec<i64> =
        told["networks"].as_array().unwrap().iter().map(|one| one["network"]["id"].as_i64().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(told["facilities"].as_array().unwrap().len(), ours.len(), "{told}");
    assert_eq!(told["reason"].as_str().unwrap().is_empty(), !ours.is_empty(), "{told}");
}

/// Policies are told with the object that each was said of, and to how many sessions they apply.
pub async fn a_peers_story_says_where_its_policies_come_from(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let (general, own) = (policy(&world, "General", 0).await, policy(&world, "Own", 0).await);
    let four = policy(&world, "Four", 4).await;
    let ours = world.create(SYSTEM, json!({"asn": world::OPERATOR_ASN, "name": "Ours", "affiliated": true})).await;
    let exchange = json!({"name": "One", "slug": "one", "local_autonomous_system": ours, "peeringdb_ixlan": 1,
        "import_routing_policies": [four]});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let connection = json!({"internet_exchange_point": exchange, "ipv4_address": "192.0.2.10/25", "ipv6_address": "2001:db8:1::f:4434/64"});
    let connection = world.create("net.connection", connection).await;
    let there = world.expect("/fn/peers/available", json!({"at": {"asn": 1_000_539}})).await;
    let row = |family: u8, fields: Json| json!({"port": there["ports"][0]["id"], "connection": connection, "family": family, "fields": fields});
    let sessions = json!({"sessions": [row(4, json!({})), row(6, json!({"import_routing_policies": [own]}))]});
    let created = world.expect("/fn/peers/create-sessions", sessions).await;
    let peer = created["autonomous_systems"][0].clone();
    let edit = json!({"edit": {"type": SYSTEM, "id": peer, "fields": {"import_routing_policies": [general], "name": "Another name"}}});
    world.expect("/fn/records/save", edit).await;
    let contact = world.create("messaging.contact", json!({"name": "Their desk", "email": "desk@example.net"})).await;
    let role = world.create("messaging.contactrole", json!({"name": "Peering", "slug": "peering"})).await;
    let assigned = json!({"content_type": SYSTEM, "object_id": peer, "contact": contact, "role": role});
    world.create("messaging.contactassignment", assigned).await;
    // the same number of another type is nobody's contact here
    let elsewhere =
        json!({"content_type": "peering.internetexchange", "object_id": exchange, "contact": contact, "role": role});
    world.create("messaging.contactassignment", elsewhere).await;
    let story = world.expect("/fn/neighbours/story", json!({"autonomous_system": peer})).await;
    let ours = json!({"contact": {"type": "messaging.contact", "id": contact}, "role": "Peering", "name": "Their desk",
        "email": "desk@example.net", "phone": ""});
    let contacts = story["contacts"].as_array().unwrap();
    assert_eq!(contacts[0], ours);
    assert!(contacts[1..].iter().all(|one| one["contact"]["type"] == "peeringdb.networkcontact"), "{contacts:?}");
    let said: Vec<_> = story["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap(),
                one["origin"]["type"].as_str().unwrap_or("itself"),
                one["sessions"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [("Four", "peering.internetexchange", 1), ("General", "peering.autonomoussystem", 2), ("Own", "itself", 1),]
    );
    assert_eq!(story["without_policy"], json!([0, 2]), "nothing is exported");
    assert_eq!(story["differing"], json!(["Name"]));
    assert_eq!((&story["direct"], &story["withheld"]), (&json!([]), &json!(false)));
}
