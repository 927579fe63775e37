//! From an empty database to a router's configuration.

use super::*;

/// A world whose PeeringDB cache holds the demonstration's.
pub async fn with_peeringdb(database: &database::Database) -> World {
    let world = World::new(database).await;
    fill(&world).await;
    world
}

/// Takes the demonstration's rows over into the cache.
pub async fn fill(world: &World) {
    let directory = std::env::temp_dir().join(format!("peerage-world-{}", keys::random_hex(6)));
    std::fs::create_dir(&directory).unwrap();
    world::write(&directory).unwrap();
    let source = Source::directory(&directory).unwrap();
    let report = sync::synchronise(world.services.store(), &source, &|_| (), &CancellationToken::new()).await.unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(!report.has_failed() && report.rejected() == 0, "{report:?}");
}

pub async fn the_main_job(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let offer = world.expect("/fn/peeringdb/offer", json!({"asn": world::OPERATOR_ASN})).await;
    assert_eq!(offer["record"]["rows"][0][3], world::OPERATOR_NAME);
    assert!(!offer.to_string().contains("affiliated"), "PeeringDB does not say whose it is: {offer}");
    let ours = json!({"asn": world::OPERATOR_ASN, "name": world::OPERATOR_NAME, "affiliated": true});
    let ours = world.create("peering.autonomoussystem", ours).await;
    // as every installation has it
    let platform =
        world.expect("/fn/records/list", json!({"request": {"type": "devices.platform", "filter": "slug:frr"}})).await;
    let platform = platform["records"]["rows"][0][0].as_i64().unwrap();
    let starters = world.expect("/fn/rendering/starters", json!({})).await;
    let starter =
        starters.as_array().unwrap().iter().find(|starter| starter["name"].as_str().unwrap().contains("frr")).unwrap();
    let template = json!({"name": "frr", "template": starter["template"], "jinja2_trim": starter["trim"], "jinja2_lstrip": starter["lstrip"]});
    let template = world.create("devices.configuration", template).await;
    let router = json!({"name": "edge-1", "hostname": "edge-1.example", "platform": platform, "local_autonomous_system": ours,
        "configuration_template": template});
    let router = world.create("devices.router", router).await;
    let exchange =
        json!({"name": "Northgate IX", "slug": "northgate-ix", "local_autonomous_system": ours, "peeringdb_ixlan": 1});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let connection = json!({"internet_exchange_point": exchange, "router": router, "ipv4_address": "192.0.2.10/25",
        "ipv6_address": "2001:db8:1::f:4434/64"});
    let connection = world.create("net.connection", connection).await;

    let linked = world.expect("/fn/records/get", json!({"object": {"type": "net.connection", "id": connection}})).await;
    let port =
        linked["record"]["fields"].as_array().unwrap().iter().position(|name| name == "peeringdb_netixlan").unwrap();
    assert!(linked["record"]["rows"][0][port + 2].is_i64(), "its port is known from its addresses: {linked}");
    let before = world.expect("/fn/rendering/render", json!({"router": router})).await;
    let available = world.expect("/fn/peers/available", json!({"at": {"exchange": exchange}})).await;
    let peers = available["ports"].as_array().unwrap();
    let asn = |port: &Json| available["networks"][port["network"].as_u64().unwrap() as usize]["asn"].clone();
    assert!(peers.len() > 20, "{available}");
    let own = peers.iter().find(|peer| asn(peer) == world::OPERATOR_ASN).unwrap();
    assert_eq!(own["standing"][0][0], "ours");
    let free: Vec<&Json> = peers.iter().filter(|peer| peer["standing"][0][0] == "free").take(3).collect();
    let wanted: Vec<Json> = free
        .iter()
        .map(|peer| json!({"port": peer["id"], "connection": connection, "family": 4, "fields": {"password": "md5 word"}}))
        .collect();

    // a batch with one bad row writes nothing
    let mut bad = wanted.clone();
    bad.push(json!({"port": free[0]["id"], "connection": connection, "family": 4, "fields": {"multihop_ttl": 900}}));
    let (status, answer) = world.call(ADMIN, "/fn/peers/create-sessions", &json!({"sessions": bad})).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("rows.3.multihop_ttl")), "{answer}");
    let mut twice = wanted.clone();
    twice.push(wanted[0].clone());
    let (status, answer) = world.call(ADMIN, "/fn/peers/create-sessions", &json!({"sessions": twice})).await;
    assert_eq!(status.as_u16(), 422, "{answer}");
    assert!(answer["fields"][0]["field"].as_str().unwrap().starts_with("rows.3"), "{answer}");
    let count = json!({"request": {"type": "peering.internetexchangepeeringsession"}});
    assert_eq!(world.expect("/fn/records/list", count.clone()).await["total"], 0);

    let created = world.expect("/fn/peers/create-sessions", json!({"sessions": wanted})).await;
    assert_eq!(created["sessions"].as_array().unwrap().len(), 3);
    assert_eq!(created["autonomous_systems"].as_array().unwrap().len(), 3);
    let listed = world.expect("/fn/records/list", count).await;
    assert_eq!(listed["total"], 3);
    assert!(!listed.to_string().contains("md5 word"), "a secret left the server in a list");

    let after = world.expect("/fn/rendering/render", json!({"router": router})).await;
    assert_ne!(before["text"], after["text"]);
    for peer in &free {
        let text = after["text"].as_str().unwrap();
        assert!(text.contains(peer["ipv4"].as_str().unwrap()) && text.contains(&asn(peer).to_string()), "{text}");
    }
    assert_eq!(after["has_placeholders"], false);
    let (_, read) = world.call(READER, "/fn/rendering/render", &json!({"router": router})).await;
    assert_eq!(read["has_placeholders"], true, "{read}");
    assert!(!read["text"].as_str().unwrap().contains("md5 word"));

    let changes = world.expect("/fn/records/list", json!({"request": {"type": "core.objectchange"}})).await;
    assert!(changes["total"].as_u64().unwrap() >= 11 && !changes.to_string().contains("md5 word"), "{changes}");
}
