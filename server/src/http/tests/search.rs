//! One search for everything, the best first.

use super::*;

/// What a search finds, as labels in order.
async fn found(world: &World, text: &str) -> Vec<String> {
    let answer = world.expect("/fn/records/search", json!({"text": text})).await;
    answer.as_array().unwrap().iter().map(|hit| hit["label"].as_str().unwrap().to_owned()).collect()
}

pub async fn a_search_gives_the_best_first(database: &database::Database) {
    let world = World::new(database).await;
    let system =
        async |asn: u32, name: &str| world.create("peering.autonomoussystem", json!({"asn": asn, "name": name})).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours", "affiliated": true})).await;
    // in this order, so that nothing is in place by itself
    system(1_645_010, "Elsewhere").await;
    let peer = system(64_501, "Peer").await;
    system(645_012, "Begins so").await;
    world.create("extras.tag", json!({"name": "was AS64501", "slug": "was"})).await;
    let exchange = json!({"name": "Example-IX", "slug": "example-ix", "local_autonomous_system": ours});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let router = json!({"name": "edge-1", "hostname": "edge-1.example", "local_autonomous_system": ours});
    let router = world.create("devices.router", router).await;
    let connection =
        json!({"internet_exchange_point": exchange, "router": router, "ipv6_address": "2001:db8:1::f:1/64"});
    let connection = world.create("net.connection", connection).await;
    let session = json!({"autonomous_system": peer, "ixp_connection": connection, "ip_address": "2001:db8:1::f:2"});
    world.create("peering.internetexchangepeeringsession", session).await;

    let by_number = found(&world, "64501").await;
    let begins = ["AS64501 - Peer", "2001:db8:1::f:2", "AS645012 - Begins so"];
    let place = |label: &str| by_number.iter().position(|known| known.contains(label));
    let places: Vec<Option<usize>> = begins.into_iter().map(place).collect();
    assert_eq!(places, [Some(0), Some(1), Some(2)], "{by_number:?}");
    assert_eq!(by_number.len(), 5, "{by_number:?}");
    assert_eq!(found(&world, "as64501").await, by_number);
    let by_address = found(&world, "2001:0DB8:0001::000F:2").await;
    assert!(by_address[0].contains("2001:db8:1::f:2") && by_address.len() == 1, "{by_address:?}");
    // one peer on several routers: where each is
    let hits = world.expect("/fn/records/search", json!({"text": "2001:db8:1::f:2"})).await;
    assert_eq!(hits[0]["on"], "edge-1", "{hits}");
    // each word somewhere
    assert_eq!(found(&world, "peer 2001:db8").await.len(), 1);
    assert_eq!(found(&world, "PEER").await[0], "AS64501 - Peer");
    // no wildcards
    assert_eq!((found(&world, "64%01").await.len(), found(&world, "  ").await.len()), (0, 0));
}
