//! Who can be peered with: one rule, asked for one exchange, for all of ours and for one network, against answers worked out
//! by hand from the rows of the fictional PeeringDB (`demo/world.rs`, LAN 1).

use super::{permissions::GUEST, *};
use std::collections::HashMap;

const SESSION: &str = "peering.internetexchangepeeringsession";
const SYSTEM: &str = "peering.autonomoussystem";

/// AS number; then by connection IPv4 and IPv6: two connections of one AS of ours at the exchange, the second without IPv6, and
/// one of another AS of ours at the same exchange.
const ANSWERS: [(u32, &str); 9] = [
    // dual stack, nothing there yet
    (1_000_539, "free free | free no_local_address | free free"),
    // it has no IPv6 there
    (1_000_552, "free no_address | free no_address | free no_address"),
    // a session over the first connection only: one of two never hides the other
    (1_000_578, "enabled free | free no_local_address | free free"),
    // decommissioned, over the first connection, IPv6: it is there all the same
    (1_000_630, "free decommissioned | free no_local_address | free free"),
    // it moved: over the first connection the session is with its old address
    (1_000_513, "moved free | free no_local_address | free free"),
    // its address is that of a session with somebody else, over the first connection
    (1_000_591, "other_as free | free no_local_address | free free"),
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
        // one of them is with an address that PeeringDB does not list any more
        let edit = json!({"edit": {"type": SESSION, "fields": fields, "insist": true}});
        world.expect("/fn/records/save", edit).await;
    };
    session(1_000_578, connections[0], "192.0.2.14", "enabled").await;
    session(1_000_630, connections[0], "2001:db8:1::f:44b6", "decommissioned").await;
    session(1_000_513, connections[0], "192.0.2.119", "enabled").await;
    session(64_999, connections[0], "192.0.2.15", "enabled").await;
    world.create("peeringdb.hiddenpeer", json!({"peeringdb_network": 13, "peeringdb_ixlan": 1})).await;
    Ours { exchanges, connections }
}

/// How it stands with a network, in the words of the table: `free free | …`, by connection.
fn standing(answer: &Json, asn: u32, connections: &[i64]) -> String {
    let network = answer["networks"].as_array().unwrap().iter().position(|network| network["asn"] == asn).unwrap();
    let word = |cell: &Json| {
        let status = || cell["session"]["status"].as_str().unwrap_or(cell.as_object().unwrap().keys().next().unwrap());
        cell.as_str().unwrap_or_else(status).to_owned()
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
    // what is false, 0 or empty is left out
    assert_eq!((&port(1_000_552)["is_rs_peer"], &port(1_000_539)["is_rs_peer"]), (&json!(true), &Json::Null));
    assert_eq!((&network(1_000_578).1["sessions"], &network(1_000_539).1["sessions"]), (&json!(1), &Json::Null));
    assert_eq!(port(1_000_786)["operational"], json!(false));
    assert_eq!(ask(json!({"asn": 4_200_000_000u32})).await["ports"], json!([]));
}

pub async fn available_peers_cost_the_same_statements_for_few_and_for_many(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let statements = async |at: Json| {
        // the first question fills what is kept
        world.expect("/fn/peers/available", json!({"at": at})).await;
        let before = world.services.store().statements();
        let answer = world.expect("/fn/peers/available", json!({"at": at})).await;
        (answer["ports"].as_array().unwrap().len(), world.services.store().statements() - before)
    };
    let (few, one) = statements(json!({"asn": 1_000_539})).await;
    let (many, all) = statements(json!({"exchange": ours.exchanges[0]})).await;
    let (_, everywhere) = statements(json!({})).await;
    assert!(many > 20 * few, "{many} ports and {few}");
    assert_eq!(everywhere, all, "statements for one exchange and for all");
    // the token, its user and rights among them, and the names of what the connections lead to
    assert!(all <= 12, "{all} statements for an exchange");
    // its ports, itself and its contacts are not kept
    assert!(one <= all + 3, "{one} statements for {few} ports, {all} for {many}");
}

/// What is kept in memory is never another answer than a server gives that has just begun, whoever wrote meanwhile: this
/// server, another one on the same database, a synchronisation, an undo.
pub async fn what_is_kept_of_peers_is_as_fresh_as_the_tables(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let source = Source::api(sync::PUBLIC_API, None).unwrap();
    let begin = || Services::new(database.store.clone(), source.clone(), crate::http::client::Front::default());
    let another = begin();
    let elsewhere = World { router: crate::http::router(another.clone()), services: another };
    let mut last = String::new();
    let mut same = async |what: &str, changes: bool| {
        let ask = json!({"at": {}});
        let fresh = begin();
        let fresh = World { router: crate::http::router(fresh.clone()), services: fresh };
        let truth = fresh.expect("/fn/peers/available", ask.clone()).await;
        for (server, name) in [(&world, "this server"), (&elsewhere, "another server")] {
            assert_eq!(server.expect("/fn/peers/available", ask.clone()).await, truth, "{what}: {name}");
        }
        let figures = fresh.expect("/fn/peers/at-exchanges", json!({})).await;
        assert_eq!(world.expect("/fn/peers/at-exchanges", json!({})).await, figures, "{what}");
        let text = truth.to_string();
        assert_eq!(text != last, changes, "{what}: another answer than before");
        last = text;
    };
    same("the first question", true).await;
    let row = |of: &str, filter: &str| json!({"request": {"type": of, "filter": filter}});
    let listed = world.expect("/fn/records/list", row(SESSION, "status:decommissioned")).await;
    let session = listed["records"]["rows"][0][0].clone();
    let edit = |of: &str, id: &Json, fields: Json| json!({"edit": {"type": of, "id": id, "fields": fields}});
    elsewhere.expect("/fn/records/save", edit(SESSION, &session, json!({"status": "enabled"}))).await;
    same("a session changed by another server", true).await;
    let port =
        elsewhere.expect("/fn/peers/available", json!({"at": {"asn": 1_000_539}})).await["ports"][0]["id"].clone();
    let new = json!({"sessions": [{"port": port, "connection": ours.connections[0], "family": 4}]});
    let created = elsewhere.expect("/fn/peers/create-sessions", new).await;
    same("a session and its AS added", true).await;
    elsewhere.expect("/fn/changes/undo", json!({"undo": {"request": created["request"]}})).await;
    same("both taken back", true).await;
    let peer = world.expect("/fn/records/list", row(SYSTEM, "asn:1000578")).await["records"]["rows"][0][0].clone();
    world.expect("/fn/records/save", edit(SYSTEM, &peer, json!({"affiliated": true}))).await;
    same("a peer that becomes ours", true).await;
    world.expect("/fn/records/save", edit(SYSTEM, &peer, json!({"asn": 4_200_000_123u32}))).await;
    same("another number", true).await;
    world.expect("/fn/records/delete", json!({"object": {"type": SYSTEM, "id": peer}})).await;
    same("an AS that takes its sessions along", true).await;
    world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    same("what has nothing to do with it", false).await;
    let connection = json!({"object": {"type": "net.connection", "id": ours.connections[0]}});
    world.expect("/fn/records/delete", connection).await;
    same("a connection that takes its sessions along", true).await;
    sync::flush(world.services.store()).await.unwrap();
    same("an empty cache of PeeringDB", true).await;
    fill(&elsewhere).await;
    for exchange in ours.exchanges {
        let exchange = json!(exchange);
        let lan = json!({"peeringdb_ixlan": 1});
        world.expect("/fn/records/save", edit("peering.internetexchange", &exchange, lan)).await;
    }
    same("a synchronisation by another server", true).await;
}

pub async fn what_is_kept_of_peers_is_told_to_those_who_may_see_it(database: &database::Database) {
    let world = with_peeringdb(database).await.with_roles().await;
    let ours = ours(&world).await;
    let ask = json!({"at": {}});
    let told = world.expect("/fn/peers/available", ask.clone()).await;
    assert!(told.to_string().contains("\"contact\":true"));
    let may = async |permissions: Json| {
        let name = permissions.as_array().unwrap().iter().map(|name| &name.as_str().unwrap()[..9]).collect::<String>();
        let name = format!("{} {name}", permissions.to_string().len());
        let group = world.create("users.group", json!({"name": name, "permissions": permissions})).await;
        let list = json!({"request": {"type": "users.user", "filter": "username:=guest"}});
        let guest = world.expect("/fn/records/list", list).await["records"]["rows"][0][0].clone();
        let edit = json!({"edit": {"type": "users.user", "id": guest, "fields": {"groups": [group]}}});
        world.expect("/fn/records/save", edit).await;
        world.call(GUEST, "/fn/peers/available", &ask).await
    };
    let needed = [
        "peering.view_internetexchange",
        "net.view_connection",
        "peering.view_autonomoussystem",
        "peering.view_internetexchangepeeringsession",
        "peeringdb.view_network",
        "peeringdb.view_networkixlan",
    ];
    for without in 0..needed.len() {
        let rest: Vec<&str> =
            needed.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, name)| *name).collect();
        let (status, answer) = may(json!(rest)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "without {}: {answer}", needed[without]);
    }
    let (status, answer) = may(json!(needed)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    // nor contacts nor hidden peers
    assert!(!answer.to_string().contains("\"contact\":true") && !answer.to_string().contains("hidden"));
    assert_eq!(standing(&answer, 1_000_578, &ours.connections), "enabled free | free no_local_address | free free");
    // of sessions only some: what is kept for everybody is not theirs
    let mut some = needed.map(str::to_owned);
    some[3] = format!("{} status:decommissioned", some[3]);
    let (status, answer) = may(json!(some)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(standing(&answer, 1_000_578, &ours.connections), "free free | free no_local_address | free free");
    let gone = "free decommissioned | free no_local_address | free free";
    assert_eq!(standing(&answer, 1_000_630, &ours.connections), gone);

    // nor whom we have assigned, unless they may see that; PeeringDB's contacts stay out of it
    let contact = world.create("messaging.contact", json!({"name": "Their desk"})).await;
    let role = world.create("messaging.contactrole", json!({"name": "NOC", "slug": "noc"})).await;
    let peer = world.expect("/fn/records/list", json!({"request": {"type": SYSTEM, "filter": "asn:1000578"}})).await;
    let peer = &peer["records"]["rows"][0][0];
    let assigned = json!({"content_type": SYSTEM, "object_id": peer, "contact": contact, "role": role});
    let assigned = world.create("messaging.contactassignment", assigned).await;
    let known = |answer: &Json| {
        let networks = answer["networks"].as_array().unwrap();
        networks.iter().filter(|one| one["contact"] == true).map(|one| one["asn"].clone()).collect::<Vec<_>>()
    };
    assert!(known(&world.call(GUEST, "/fn/peers/available", &ask).await.1).is_empty());
    let more: Vec<&str> = needed.into_iter().chain(["messaging.view_contactassignment"]).collect();
    assert_eq!(known(&may(json!(more)).await.1), [json!(1_000_578)]);
    let assignment = json!({"object": {"type": "messaging.contactassignment", "id": assigned}});
    world.expect("/fn/records/delete", assignment).await;
    assert!(known(&world.call(GUEST, "/fn/peers/available", &ask).await.1).is_empty());
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

    // a day that is past hides nobody, in bulk and one by one; whoever means it there may insist
    let past = json!({"hide": {"peers": [[4, 1]], "until": "2020-01-01"}});
    let (status, problem) = world.call(ADMIN, "/fn/peers/hide", &past).await;
    assert_eq!(
        (status, &problem["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("until")),
        "{problem}"
    );
    let edit = |insist: bool| {
        let fields = json!({"peeringdb_network": 4, "peeringdb_ixlan": 1, "until": "2020-01-01"});
        json!({"edit": {"type": "peeringdb.hiddenpeer", "fields": fields, "insist": insist}})
    };
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit(false)).await;
    assert_eq!((status, &problem["fields"][0]["warning"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(true)));
    world.expect("/fn/records/save", edit(true)).await;

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

/// Each thing that speaks against a session is warned of in words, at its field, and can be insisted on.
pub async fn what_speaks_against_a_session_is_warned_of(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let system = async |asn: u32| {
        let found =
            world.expect("/fn/records/list", json!({"request": {"type": SYSTEM, "filter": format!("asn:{asn}")}}));
        match found.await["records"]["rows"][0][0].as_i64() {
            Some(id) => id,
            None => world.create(SYSTEM, json!({"asn": asn, "name": format!("AS{asn}")})).await,
        }
    };
    let own = system(world::OPERATOR_ASN).await;
    let (peer, moved, private) = (system(1_000_539).await, system(1_000_513).await, system(64_999).await);
    let port = |answer: &Json, asn: u32| {
        let place = answer["networks"].as_array().unwrap().iter().position(|network| network["asn"] == asn).unwrap();
        answer["ports"].as_array().unwrap().iter().find(|port| port["network"] == place).unwrap()["ipv4"].clone()
    };
    let there = world.expect("/fn/peers/available", json!({"at": {"exchange": ours.exchanges[0]}})).await;
    let (peers, moveds) = (port(&there, 1_000_539), port(&there, 1_000_513));
    let known = world.expect(
        "/fn/records/list",
        json!({"request": {"type": "peeringdb.network", "fields": ["asn"], "per_page": 500}}),
    );
    let known = known.await["records"]["rows"].clone();
    let here: Vec<&Json> = there["networks"].as_array().unwrap().iter().map(|network| &network["asn"]).collect();
    let elsewhere = known.as_array().unwrap().iter().map(|row| &row[2]).find(|asn| !here.contains(asn)).unwrap();
    let absent_asn = u32::try_from(elsewhere.as_u64().unwrap()).unwrap();
    let absent = system(absent_asn).await;
    let listed = there.to_string();
    let mut nobodys =
        (2..125).map(|host| format!("192.0.2.{host}")).filter(|ip| !listed.contains(&format!("\"{ip}\"")));
    let (nobodys, another) = (json!(nobodys.next().unwrap()), json!(nobodys.next().unwrap()));
    let save = async |peer: i64, ip: &Json, insist: bool, more: Json| {
        let mut fields = json!({"autonomous_system": peer, "ixp_connection": ours.connections[0], "ip_address": ip});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let edit = json!({"edit": {"type": SESSION, "fields": fields, "insist": insist}});
        world.call(ADMIN, "/fn/records/save", &edit).await
    };
    let peers_ip = peers.as_str().unwrap();
    let cases = [
        (own, &nobodys, "autonomous_system", "is one of your own networks, not a peer".to_owned()),
        (moved, &peers, "ip_address", format!("PeeringDB lists {peers_ip} for AS1000539 there, not for AS1000513.")),
        (moved, &nobodys, "ip_address", format!("lists AS1000513 there with {}, not", moveds.as_str().unwrap())),
        (absent, &nobodys, "autonomous_system", format!("PeeringDB does not list AS{absent_asn} at this exchange")),
    ];
    for (peer, ip, field, words) in cases {
        let (status, problem) = save(peer, ip, false, json!({})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{words}: {problem}");
        let told = &problem["fields"][0];
        assert_eq!((&told["field"], &told["warning"]), (&json!(field), &json!(true)), "{problem}");
        assert!(told["message"].as_str().unwrap().contains(&words), "{problem}");
        assert_eq!(problem["fields"].as_array().unwrap().len(), 1, "{problem}");
    }
    // what is on its way out may be anywhere, and PeeringDB knows no private numbers
    let leaving = save(absent, &nobodys, false, json!({"status": "decommissioning"})).await;
    assert_eq!(leaving.0, StatusCode::OK, "{}", leaving.1);
    let (status, problem) = save(private, &another, false, json!({})).await;
    assert_eq!(status, StatusCode::OK, "{problem}");
    assert_eq!(save(peer, &peers, false, json!({})).await.0, StatusCode::OK);
    // the same address with another AS, over our other connection
    let over_the_second = json!({"ixp_connection": ours.connections[1]});
    let (status, problem) = save(private, &peers, false, over_the_second.clone()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let words: Vec<&str> =
        problem["fields"].as_array().unwrap().iter().map(|p| p["message"].as_str().unwrap()).collect();
    let also = format!("A session with AS1000539 has the address {peers_ip} as well.");
    assert_eq!(words, [also, format!("PeeringDB lists {peers_ip} for AS1000539 there, not for AS64999.")]);
    // insisted on it is taken, and changing something else is not warned of it again
    let (status, saved) = save(private, &peers, true, over_the_second).await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    let id = &saved["record"]["rows"][0][0];
    let other = json!({"edit": {"type": SESSION, "id": id, "version": 1, "fields": {"comments": "agreed by mail"}}});
    world.expect("/fn/records/save", other).await;
    let which = json!({"type": SESSION, "ids": [id]});
    let many = json!({"edits": {"which": which, "fields": {"status": "disabled"}}, "trial": true});
    let tried = world.expect("/fn/records/save-many", many).await;
    assert_eq!((&tried["refused"], &tried["changed"]), (&json!(0), &json!(1)), "{tried}");
}

pub async fn a_batch_refuses_the_family_that_our_connection_lacks(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let there = world.expect("/fn/peers/available", json!({"at": {"asn": 1_000_539}})).await;
    let port = &there["ports"][0]["id"];
    let row = |connection: usize, family: u8| json!({"port": port, "connection": ours.connections[connection], "family": family});
    // the second connection has no IPv6
    let sessions = json!({"sessions": [row(0, 6), row(1, 4), row(1, 6)]});
    let (status, problem) = world.call(ADMIN, "/fn/peers/create-sessions", &sessions).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = json!([{"field": "rows.2.family",
        "message": "Our connection has no IPv6 address. Give it one first, or leave this out."}]);
    assert_eq!(problem["fields"], expected);
    let sessions = json!({"sessions": [row(0, 6), row(1, 4)]});
    let created = world.expect("/fn/peers/create-sessions", sessions).await;
    assert_eq!(created["sessions"].as_array().unwrap().len(), 2);
}

/// What the matrix says against a session is said of a batch as well, at its row, and can be insisted on.
pub async fn a_batch_is_warned_of_what_the_matrix_does_not_offer(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let answer = world.expect("/fn/peers/available", json!({"at": {"exchange": ours.exchanges[0]}})).await;
    let row = |asn: u32| {
        let network = answer["networks"].as_array().unwrap().iter().position(|network| network["asn"] == asn).unwrap();
        let ports = answer["ports"].as_array().unwrap();
        let port = ports.iter().find(|port| port["network"] == network).unwrap();
        json!({"port": port["id"], "connection": ours.connections[0], "family": 4})
    };
    // free, hidden, not in operation, moved
    let rows: Vec<Json> = [1_000_539, 1_000_656, 1_000_786, 1_000_513].map(row).into();
    let (status, problem) = world.call(ADMIN, "/fn/peers/create-sessions", &json!({"sessions": rows})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let told: Vec<(&str, bool)> = problem["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| (told["field"].as_str().unwrap(), told["warning"] == true))
        .collect();
    assert_eq!(told, [("rows.1", true), ("rows.2", true), ("rows.3", true)], "{problem}");
    assert!(problem["fields"][2]["message"].as_str().unwrap().contains("192.0.2.119"), "{problem}");
    let count = json!({"request": {"type": SESSION}});
    assert_eq!(world.expect("/fn/records/list", count.clone()).await["total"], 4, "nothing was written");
    let insisted = json!({"sessions": rows, "insist": true});
    let created = world.expect("/fn/peers/create-sessions", insisted).await;
    assert_eq!(created["sessions"].as_array().unwrap().len(), 4, "{created}");
}

/// The story of a peer tells of sessions that stand in no cell of the matrix, and why.
pub async fn a_story_tells_of_sessions_that_peeringdb_does_not_list(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = ours(&world).await;
    let story = async |asn: u32| {
        let filter = json!({"request": {"type": SYSTEM, "filter": format!("asn:{asn}")}});
        let id = world.expect("/fn/records/list", filter).await["records"]["rows"][0][0].clone();
        let told = world.expect("/fn/neighbours/story", json!({"autonomous_system": id})).await;
        told["unlisted"].as_array().unwrap().iter().map(|s| s["about"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let moved = story(1_000_513).await;
    assert!(moved.len() == 1 && moved[0].starts_with("PeeringDB lists AS1000513 there with "), "{moved:?}");
    assert_eq!(story(1_000_578).await, Vec::<String>::new(), "listed where it is");
    // an exchange that is not linked says nothing of anybody
    let edit = json!({"type": "peering.internetexchange", "id": ours.exchanges[0], "version": 1, "fields": {"peeringdb_ixlan": null}});
    world.expect("/fn/records/save", json!({"edit": edit})).await;
    assert_eq!(story(1_000_578).await, ["The exchange is not linked to a PeeringDB LAN."]);
}
