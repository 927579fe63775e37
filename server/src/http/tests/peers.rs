//! Who can be peered with: one rule, asked for one exchange, for all of ours and for one network, against answers worked out
//! by hand from the rows of the fictional PeeringDB (`demo/world.rs`, LAN 1).

use super::*;
use std::collections::HashMap;

/// AS number; then by connection IPv4 and IPv6: two connections of one AS of ours at the exchange, the second without IPv6, and
/// one of another AS of ours at the same exchange.
const ANSWERS: [(u32, &str); 8] = [
    // dual stack, nothing there yet
    (1_000_539, "free free | free no_local_address | free free"),
    // it has no IPv6 there
    (1_000_552, "free no_address | free no_address | free no_address"),
    // a session over the first connection only: one of two never hides the other
    (1_000_578, "enabled free | free no_local_address | free free"),
    // decommissioned, over the first connection, IPv6: it is there all the same
    (1_000_630, "free decommissioned | free no_local_address | free free"),
    // it moved: the session is with its old address, the new one is free
    (1_000_513, "free free | free no_local_address | free free"),
    // hidden on the LAN, for all of ours
    (1_000_656, "hidden hidden | hidden hidden | hidden hidden"),
    // not in operation, and no IPv6
    (1_000_786, "not_operational no_address | not_operational no_address | not_operational no_address"),
    // ourselves
    (world::OPERATOR_ASN, "ours ours | ours ours | ours ours"),
];

struct Ours {
    exchanges: [i64; 2],
    connections: [i64; 3],
}

async fn ours(world: &World) -> Ours {
    let mut exchanges = [0; 2];
    let mut connections = [0; 3];
    let systems = [(i64::from(world::OPERATOR_ASN), "Ours", "ix"), (64_700, "Our other", "ix-other")];
    for (at, (asn, name, slug)) in systems.into_iter().enumerate() {
        let own = json!({"asn": asn, "name": name, "affiliated": true});
        let own = world.create("peering.autonomoussystem", own).await;
        let exchange = json!({"name": name, "slug": slug, "local_autonomous_system": own, "peeringdb_ixlan": 1});
        exchanges[at] = world.create("peering.internetexchange", exchange).await;
    }
    let places = [
        (0, json!({"ipv4_address": "192.0.2.10/25", "ipv6_address": "2001:db8:1::f:4434/64"})),
        (0, json!({"ipv4_address": "192.0.2.126/25"})),
        (1, json!({"ipv4_address": "192.0.2.125/25", "ipv6_address": "2001:db8:1::f:ffff/64"})),
    ];
    for (at, (exchange, mut fields)) in places.into_iter().enumerate() {
        fields["internet_exchange_point"] = json!(exchanges[exchange]);
        connections[at] = world.create("net.connection", fields).await;
    }
    let session = async |asn: u32, connection: i64, ip: &str, status: &str| {
        let peer = world.create("peering.autonomoussystem", json!({"asn": asn, "name": format!("AS{asn}")})).await;
        let fields =
            json!({"autonomous_system": peer, "ixp_connection": connection, "ip_address": ip, "status": status});
        world.create("peering.internetexchangepeeringsession", fields).await;
    };
    session(1_000_578, connections[0], "192.0.2.14", "enabled").await;
    session(1_000_630, connections[0], "2001:db8:1::f:44b6", "decommissioned").await;
    session(1_000_513, connections[0], "192.0.2.119", "enabled").await;
    world.create("peeringdb.hiddenpeer", json!({"peeringdb_network": 13, "peeringdb_ixlan": 1})).await;
    Ours { exchanges, connections }
}

/// How it stands with a network, in the words of the table: `free free | …`, by connection.
fn standing(answer: &Json, asn: u32, connections: &[i64]) -> String {
    let network = answer["networks"].as_array().unwrap().iter().position(|network| network["asn"] == asn).unwrap();
    let word = |cell: &Json| {
        cell.as_str().map_or_else(|| cell["session"]["status"].as_str().unwrap().to_owned(), str::to_owned)
    };
    let mut cells = HashMap::new();
    for port in answer["ports"].as_array().unwrap().iter().filter(|port| port["network"] == network) {
        let exchange = &answer["exchanges"][port["exchange"].as_u64().unwrap() as usize];
        for (connection, pair) in
            exchange["connections"].as_array().unwrap().iter().zip(port["standing"].as_array().unwrap())
        {
            cells.insert(connection["id"].as_i64().unwrap(), format!("{} {}", word(&pair[0]), word(&pair[1])));
        }
    }
    connections.iter().map(|id| cells[id].as_str()).collect::<Vec<_>>().join(" | ")
}

pub async fn the_same_rule_answers_for_an_exchange_for_all_and_for_a_network(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let ask = async |at: Json| world.expect("/fn/peers/available", json!({"at": at})).await;
    let everywhere = ask(json!({})).await;
    let at = [ask(json!({"exchange": ours.exchanges[0]})).await, ask(json!({"exchange": ours.exchanges[1]})).await];
    for (asn, expected) in ANSWERS {
        assert_eq!(standing(&everywhere, asn, &ours.connections), expected, "AS{asn}, everywhere");
        let network = ask(json!({"asn": asn})).await;
        assert_eq!(standing(&network, asn, &ours.connections), expected, "AS{asn}, asked for by number");
        assert_eq!(network["networks"].as_array().unwrap().len(), 1);
        let by_exchange = format!(
            "{} | {}",
            standing(&at[0], asn, &ours.connections[..2]),
            standing(&at[1], asn, &ours.connections[2..]),
        );
        assert_eq!(by_exchange, expected, "AS{asn}, exchange by exchange");
    }
    // the route server's peers are told apart, and what runs elsewhere is counted
    let network = |asn: u32| {
        let all = everywhere["networks"].as_array().unwrap();
        all.iter().position(|network| network["asn"] == asn).map(|place| (place, &all[place])).unwrap()
    };
    let port = |asn: u32| {
        everywhere["ports"].as_array().unwrap().iter().find(|port| port["network"] == network(asn).0).unwrap().clone()
    };
    assert_eq!((&port(1_000_552)["is_rs_peer"], &port(1_000_539)["is_rs_peer"]), (&json!(true), &json!(false)));
    assert_eq!((&network(1_000_578).1["sessions"], &network(1_000_539).1["sessions"]), (&json!(1), &json!(0)));
    assert_eq!(ask(json!({"asn": 4_200_000_000u32})).await["ports"], json!([]));
}

pub async fn available_peers_cost_the_same_statements_for_few_and_for_many(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let statements = async |at: Json| {
        let before = world.services.store().statements();
        let answer = world.expect("/fn/peers/available", json!({"at": at})).await;
        (answer["ports"].as_array().unwrap().len(), world.services.store().statements() - before)
    };
    let (few, one) = statements(json!({"asn": 1_000_539})).await;
    let (many, all) = statements(json!({"exchange": ours.exchanges[0]})).await;
    assert!(many > 20 * few, "{many} ports and {few}");
    assert_eq!(one, all, "statements for {few} ports and for {many}");
    // the token, its user and rights among them, and the names of what the connections lead to
    assert!(all <= 24, "{all} statements");
}

pub async fn peers_are_hidden_in_bulk_and_a_pick_on_another_lan_is_refused(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let hide = json!({"hide": {"peers": [[13, 1], [5, 1]], "until": "2999-01-01", "comments": "asked, refused"}});
    let hidden = world.expect("/fn/peers/hide", hide).await;
    assert_eq!(hidden["hidden"].as_array().unwrap().len(), 2, "{hidden}");
    let answer = world.expect("/fn/peers/available", json!({"at": {"exchange": ours.exchanges[0]}})).await;
    assert_eq!(standing(&answer, 1_000_552, &ours.connections[..1]), "hidden no_address");
    // it was hidden before: the same row, with the new day
    let listed = world.expect("/fn/records/list", json!({"request": {"type": "peeringdb.hiddenpeer"}})).await;
    assert_eq!(listed["total"], 2);
    let bad = json!({"hide": {"peers": [[4, 1], [999_999, 1]]}});
    let (status, problem) = world.call(ADMIN, "/fn/peers/hide", &bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let listed = world.expect("/fn/records/list", json!({"request": {"type": "peeringdb.hiddenpeer"}})).await;
    assert_eq!(listed["total"], 2, "all or none");
    let bad = json!({"hide": {"peers": [[4, 1]], "until": "next spring"}});
    let (status, problem) = world.call(ADMIN, "/fn/peers/hide", &bad).await;
    assert_eq!(
        (status, &problem["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("until")),
        "{problem}"
    );

    let elsewhere = world
        .expect("/fn/records/list", json!({"request": {"type": "peeringdb.networkixlan", "filter": "ixlan:2"}}))
        .await;
    let port = &elsewhere["records"]["rows"][1][0];
    let sessions = json!({"sessions": [{"port": port, "connection": ours.connections[0], "family": 4}]});
    let (status, problem) = world.call(ADMIN, "/fn/peers/create-sessions", &sessions).await;
    assert_eq!(
        (status, &problem["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("rows.0.connection")),
        "{problem}"
    );
}

pub async fn an_address_that_is_nobodys_is_refused_and_one_of_a_family_that_we_lack_is_warned_of(
    database: &database::Database,
) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let peer = world.create("peering.autonomoussystem", json!({"asn": 1_000_969, "name": "  Blanks around  "})).await;
    let object = json!({"object": {"type": "peering.autonomoussystem", "id": peer}});
    let got = world.expect("/fn/records/get", object).await;
    let at = got["record"]["fields"].as_array().unwrap().iter().position(|field| field == "name").unwrap();
    assert_eq!(got["record"]["rows"][0][at + 2], "Blanks around");
    let save = async |connection: i64, ip: &str| {
        let fields = json!({"autonomous_system": peer, "ixp_connection": connection, "ip_address": ip});
        let edit = json!({"edit": {"type": "peering.internetexchangepeeringsession", "fields": fields}});
        let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit).await;
        (status, problem["fields"][0].clone())
    };
    for ip in ["0.0.0.0", "127.0.0.1", "224.0.0.5", "::", "::1", "ff02::5"] {
        let (status, problem) = save(ours.connections[0], ip).await;
        assert_eq!((status, &problem["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("ip_address")), "{ip}");
        assert!(
            problem["warning"] != true && problem["message"].as_str().unwrap().contains("no peer has"),
            "{ip}: {problem}"
        );
    }
    // our second connection has no IPv6
    let (status, problem) = save(ours.connections[1], "2001:db8:1::f:4608").await;
    assert_eq!((status, &problem["warning"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(true)), "{problem}");
    assert!(problem["message"].as_str().unwrap().contains("no IPv6 address"), "{problem}");
}
