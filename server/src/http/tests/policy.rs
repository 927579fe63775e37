//! What sessions inherit and from whom, and rules that look at other objects.

use super::*;
use peerage_model::{
    Who,
    context::{Lists, Merging},
};

struct Objects {
    exchange: i64,
    connection: i64,
    peer: i64,
}

/// An exchange with a connection on 192.0.2.0/24 and 2001:db8::/64, and a peer.
async fn objects(world: &World) -> Objects {
    let ours = json!({"asn": 64_500, "name": "Ours", "affiliated": true});
    let ours = world.create("peering.autonomoussystem", ours).await;
    let peer = json!({"asn": 64_501, "name": "Peer", "ipv6_max_prefixes": 20});
    let peer = world.create("peering.autonomoussystem", peer).await;
    let exchange = json!({"name": "Example-IX", "slug": "example-ix", "local_autonomous_system": ours});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let connection = json!({"internet_exchange_point": exchange, "ipv4_address": "192.0.2.1/24",
        "ipv6_address": "2001:db8::1/64"});
    let connection = world.create("net.connection", connection).await;
    Objects { exchange, connection, peer }
}

pub async fn policy(world: &World, name: &str, family: i64) -> i64 {
    let slug = name.to_lowercase();
    world.create("peering.routingpolicy", json!({"name": name, "slug": slug, "address_family": family})).await
}

async fn set(world: &World, of: &str, id: i64, fields: Json) {
    let got = world.expect("/fn/records/get", json!({"object": {"type": of, "id": id}})).await;
    let version = &got["record"]["rows"][0][1];
    world
        .expect("/fn/records/save", json!({"edit": {"type": of, "id": id, "version": version, "fields": fields}}))
        .await;
}

fn session(objects: &Objects, ip: &str) -> Json {
    json!({"autonomous_system": objects.peer, "ixp_connection": objects.connection, "ip_address": ip})
}

const IX_SESSION: &str = "peering.internetexchangepeeringsession";

pub async fn what_is_in_effect_says_whose_it_is(database: &database::Database) {
    let world = World::new(database).await;
    let objects = objects(&world).await;
    let (all, six, four) =
        (policy(&world, "All", 0).await, policy(&world, "Six", 6).await, policy(&world, "Four", 4).await);
    set(&world, "peering.autonomoussystem", objects.peer, json!({"import_routing_policies": [six, four]})).await;
    set(
        &world,
        "peering.internetexchange",
        objects.exchange,
        json!({"import_routing_policies": [all, six], "status": "maintenance"}),
    )
    .await;
    let session = world.create(IX_SESSION, session(&objects, "2001:db8::9")).await;
    let ask = json!({"object": {"type": IX_SESSION, "id": session}});
    let told = world.expect("/fn/records/effective", ask.clone()).await;
    let of = |name: &str| {
        let found = told.as_array().unwrap().iter().find(|said| said["name"] == name).unwrap();
        let values = found["values"].as_array().unwrap().iter();
        values.map(|value| format!("{} by {}", value["value"], value["origin_label"])).collect::<Vec<_>>()
    };
    assert_eq!(of("import_routing_policies"), [r#""Six" by "AS64501 - Peer""#, r#""All" by "Example-IX""#]);
    assert_eq!(of("status"), [r#""maintenance" by "Example-IX""#]);
    // the session's own word, and who says the same once more
    let overrode = |name: &str| {
        let found = told.as_array().unwrap().iter().find(|said| said["name"] == name).unwrap();
        let words = found["values"][0]["overrode"].as_array().unwrap().iter();
        words.map(|word| format!("{} by {}", word["value"], word["origin"]["type"])).collect::<Vec<_>>()
    };
    assert_eq!(overrode("status"), [format!(r#""enabled" by "{IX_SESSION}""#)]);
    assert_eq!(overrode("import_routing_policies"), [r#""Six" by "peering.internetexchange""#]);
    assert_eq!(of("max_prefixes"), [r#"20 by "AS64501 - Peer""#]);
    assert_eq!(of("export_routing_policies"), [""; 0]);
    let (status, _) = world.call(READER, "/fn/records/effective", &ask).await;
    assert_eq!(status, StatusCode::OK);
}

pub async fn a_context_says_where_its_values_come_from(database: &database::Database) {
    let world = World::new(database).await;
    let local = json!({"asn": 64_500, "name": "Ours", "local_context_data": {"mtu": 9000}});
    let system = world.create("peering.autonomoussystem", local).await;
    let mut contexts = Vec::new();
    for (name, weight, data) in [
        ("strong", 2000, json!({"bgp": {"hold": 30}, "region": "eu", "ntp": [2, 3]})),
        ("weak", 10, json!({"bgp": {"hold": 90, "keepalive": 10}, "mtu": 1500, "ntp": [1, 2]})),
    ] {
        let context = world.create("extras.configcontext", json!({"name": name, "data": data})).await;
        let assigned = json!({"content_type": "peering.autonomoussystem", "object_id": system, "config_context": context,
            "weight": weight});
        world.create("extras.configcontextassignment", assigned).await;
        contexts.push(context);
    }
    let ask = json!({"object": {"type": "peering.autonomoussystem", "id": system}});
    let told = world.expect("/fn/records/context", ask.clone()).await;
    assert_eq!(
        told["context"],
        json!({"bgp": {"hold": 30, "keepalive": 10}, "mtu": 9000, "ntp": [2, 3], "region": "eu"})
    );
    let parts = told["parts"].as_array().unwrap();
    let labels: Vec<&str> = parts.iter().filter_map(|part| part["label"].as_str()).collect();
    assert_eq!(labels, ["weak", "strong", "Local context data"]);
    let hold = told["values"].as_array().unwrap().iter().find(|value| value["path"] == json!(["bgp", "hold"])).unwrap();
    assert_eq!((&hold["from"], &hold["overrode"]), (&json!(1), &json!([0])));
    // a server that is told to merges them otherwise, for people, templates, webhooks and exports alike
    let template = json!({"name": "All", "template": "{{ router.local_autonomous_system.config_context.ntp | join(',') }} {{ router.local_autonomous_system.config_context.bgp }}"});
    let template = world.create("devices.configuration", template).await;
    let router = json!({"name": "r1", "hostname": "r1.example.net", "local_autonomous_system": system, "configuration_template": template});
    let router = world.create("devices.router", router).await;
    let merging = Merging { recursive: false, lists: Lists::AppendRp };
    let store = database.store.clone().merging_contexts(merging);
    let services = Services::new(store.clone(), Source::api(sync::PUBLIC_API, None).unwrap(), Default::default());
    let other = World { router: crate::http::router(services.clone()), services };
    let told = other.expect("/fn/records/context", ask.clone()).await;
    assert_eq!(told["context"], json!({"bgp": {"hold": 30}, "mtu": 9000, "ntp": [1, 2, 3], "region": "eu"}));
    let ntp = told["values"].as_array().unwrap().iter().find(|value| value["path"] == json!(["ntp"])).unwrap();
    assert_eq!((&ntp["from"], &ntp["with"]), (&json!(1), &json!([0])));
    for (world, text) in [(&world, "2,3 {'hold': 30, 'keepalive': 10}"), (&other, "1,2,3 {'hold': 30}")] {
        assert_eq!(world.expect("/fn/rendering/render", json!({"router": router})).await["text"], text);
    }
    assert_eq!(
        other.expect("/fn/accounts/me", json!({})).await["merging"],
        json!({"recursive": false, "lists": "append_rp"})
    );
    let exported = crate::peering_manager::export::export(&store, &Who::system("tests"), "").await.unwrap();
    assert_eq!(exported["endpoints"]["peering/autonomous-systems"][0]["config_context"], told["context"]);
    // how many are attached stands with the object, and the tabs of its page follow it
    let detail = world.expect("/fn/records/get", ask).await;
    let counted =
        detail["referring"].as_array().unwrap().iter().find(|told| told["type"] == "extras.configcontextassignment");
    assert_eq!(counted.map(|told| (&told["field"], &told["count"])), Some((&json!("object_id"), &json!(2))));
    // whoever may not see contexts is told none of it
    let permissions = json!(["peering.view_autonomoussystem"]);
    let group = world.create("users.group", json!({"name": "Few", "permissions": permissions})).await;
    let reader = world
        .expect("/fn/records/list", json!({"request": {"type": "users.user", "filter": "username:=reader"}}))
        .await;
    set(&world, "users.user", reader["records"]["rows"][0][0].as_i64().unwrap(), json!({"groups": [group]})).await;
    let ask = json!({"object": {"type": "peering.autonomoussystem", "id": system}});
    let (status, _) = world.call(READER, "/fn/records/context", &ask).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

pub async fn a_policy_of_the_other_family_is_refused_at_its_field(database: &database::Database) {
    let world = World::new(database).await;
    let objects = objects(&world).await;
    let four = policy(&world, "Four", 4).await;
    let mut fields = session(&objects, "2001:db8::9");
    fields["export_routing_policies"] = json!([four]);
    let edit = json!({"edit": {"type": IX_SESSION, "fields": fields, "insist": true}});
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit).await;
    assert_eq!(
        (status, &problem["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("export_routing_policies"))
    );
    assert!(problem["message"].as_str().unwrap().contains("Four is for IPv4"), "{problem}");
    // nor does a policy change its family under a session that has it
    let every = policy(&world, "Every", 0).await;
    let mut fields = session(&objects, "2001:db8::8");
    fields["export_routing_policies"] = json!([every]);
    world.create(IX_SESSION, fields).await;
    let got = world.expect("/fn/records/get", json!({"object": {"type": "peering.routingpolicy", "id": every}})).await;
    let version = &got["record"]["rows"][0][1];
    let family = |family: i64| json!({"edit": {"type": "peering.routingpolicy", "id": every, "version": version, "fields": {"address_family": family}}});
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &family(4)).await;
    assert_eq!((status, &problem["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("address_family")));
    world.expect("/fn/records/save", family(6)).await;
    // many at once as well, and nothing of it is written
    let session = world.create(IX_SESSION, session(&objects, "2001:db8::9")).await;
    let edits = json!({"which": {"type": IX_SESSION, "ids": [session]}, "add": {"import_routing_policies": [four]}});
    let (status, _) = world.call(ADMIN, "/fn/records/save-many", &json!({"edits": edits, "trial": false})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

pub async fn an_address_off_the_lan_is_taken_if_one_insists(database: &database::Database) {
    let world = World::new(database).await;
    let objects = objects(&world).await;
    let edit = |ip: &str, insist: bool| json!({"edit": {"type": IX_SESSION, "fields": session(&objects, ip), "insist": insist}});
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit("198.51.100.9", false)).await;
    assert_eq!(
        (status, &problem["fields"][0]["warning"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(true)),
        "{problem}"
    );
    assert_eq!(problem["message"], "198.51.100.9 is not on the LAN, which is 192.0.2.0/24.");
    world.expect("/fn/records/save", edit("198.51.100.9", true)).await;
    // our own address is no peer's, whoever insists
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit("192.0.2.1", true)).await;
    assert_eq!((status, &problem["fields"][0]["warning"]), (StatusCode::UNPROCESSABLE_ENTITY, &Json::Null));
    // the other family of the LAN
    world.expect("/fn/records/save", edit("2001:db8::9", false)).await;
}

pub async fn our_address_off_the_lan_is_taken_if_one_insists(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours"})).await;
    let fields = json!({"name": "One", "slug": "one", "local_autonomous_system": ours, "peeringdb_ixlan": 1});
    let exchange = world.create("peering.internetexchange", fields).await;
    let edit = |ip: &str, insist: bool| {
        let fields =
            json!({"internet_exchange_point": exchange, "ipv4_address": ip, "ipv6_address": "2001:db8:1::7/64"});
        json!({"edit": {"type": "net.connection", "fields": fields, "insist": insist}})
    };
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit("203.0.113.7/25", false)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = json!([{"field": "ipv4_address", "warning": true,
        "message": "203.0.113.7 is not on the LAN, which is 192.0.2.0/25."}]);
    assert_eq!(problem["fields"], expected);
    let saved = world.expect("/fn/records/save", edit("203.0.113.7/25", true)).await;
    // a second one is doubled
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &edit("192.0.2.99/25", false)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = json!([{"field": "ipv6_address", "warning": true,
        "message": "Another connection to this exchange has 2001:db8:1::7 already."}]);
    assert_eq!(problem["fields"], expected);
    // what was so before is not warned of again
    let id = &saved["record"]["rows"][0][0];
    let other = json!({"edit": {"type": "net.connection", "id": id, "version": 1, "fields": {"interface": "et-0"}}});
    world.expect("/fn/records/save", other).await;
}

pub async fn a_reference_that_vanished_is_a_problem_at_its_field(database: &database::Database) {
    let world = World::new(database).await;
    let objects = objects(&world).await;
    let gone = policy(&world, "Gone", 0).await;
    let object = json!({"object": {"type": "peering.routingpolicy", "id": gone}});
    world.expect("/fn/records/delete", object).await;
    let mut fields = session(&objects, "2001:db8::9");
    fields["import_routing_policies"] = json!([gone]);
    let (status, problem) =
        world.call(ADMIN, "/fn/records/save", &json!({"edit": {"type": IX_SESSION, "fields": fields}})).await;
    assert_eq!(
        (status, &problem["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("import_routing_policies"))
    );
    let mut fields = session(&objects, "2001:db8::9");
    fields["bfd"] = json!(4711);
    let (status, problem) =
        world.call(ADMIN, "/fn/records/save", &json!({"edit": {"type": IX_SESSION, "fields": fields}})).await;
    assert_eq!((status, &problem["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("bfd")));
}

pub async fn a_hidden_peer_keeps_what_it_hides(database: &database::Database) {
    let world = World::new(database).await;
    let fields = json!({"until": "2030-01-01", "comments": "asked, refused"});
    let id = world.create("peeringdb.hiddenpeer", fields).await;
    let got = world.expect("/fn/records/get", json!({"object": {"type": "peeringdb.hiddenpeer", "id": id}})).await;
    let at = |name: &str| got["record"]["fields"].as_array().unwrap().iter().position(|field| field == name).unwrap();
    assert_eq!(got["record"]["rows"][0][at("until") + 2], "2030-01-01T00:00:00Z");
    assert_eq!(got["record"]["rows"][0][at("peeringdb_network_id_copy") + 2], Json::Null);
}

pub async fn a_hidden_peer_is_not_proposed_until_its_day(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = json!({"asn": world::OPERATOR_ASN, "name": "Ours", "affiliated": true});
    let ours = world.create("peering.autonomoussystem", ours).await;
    let exchange = json!({"name": "IX", "slug": "ix", "local_autonomous_system": ours, "peeringdb_ixlan": 1});
    let exchange = world.create("peering.internetexchange", exchange).await;
    world.create("net.connection", json!({"internet_exchange_point": exchange, "ipv4_address": "192.0.2.10/25"})).await;
    let available = async || world.expect("/fn/peers/available", json!({"at": {"exchange": exchange}})).await;
    let before = available().await;
    let peer = &before["ports"].as_array().unwrap()[3];
    let network = before["networks"][peer["network"].as_u64().unwrap() as usize]["id"].as_i64().unwrap();
    let there = |answer: &Json| {
        answer["ports"].as_array().unwrap().iter().find(|port| port["id"] == peer["id"]).unwrap().clone()
    };
    let hide = |until: &str| json!({"peeringdb_network": network, "peeringdb_ixlan": 1, "until": until});
    let id = world.create("peeringdb.hiddenpeer", hide("2999-01-01")).await;
    let hidden = available().await;
    assert_eq!(there(&hidden)["hidden"], id);
    assert_eq!(there(&hidden)["standing"], json!([["hidden", "no_address"]]));
    let again = json!({"edit": {"type": "peeringdb.hiddenpeer", "fields": hide("2999-01-01")}});
    let (status, problem) = world.call(ADMIN, "/fn/records/save", &again).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let past = json!({"type": "peeringdb.hiddenpeer", "id": id, "version": 1, "fields": {"until": "2001-01-01"}, "insist": true});
    world.expect("/fn/records/save", json!({"edit": past})).await;
    assert_eq!(available().await["ports"], before["ports"]);

    // the cache is emptied and filled again: what is hidden is found by its numbers
    set(&world, "peeringdb.hiddenpeer", id, json!({"until": null})).await;
    sync::flush(world.services.store()).await.unwrap();
    fill(&world).await;
    assert_eq!(there(&available_after_flush(&world, exchange).await)["hidden"], id);
}

/// The exchange has lost its LAN with the cache, and has no port to find it by.
async fn available_after_flush(world: &World, exchange: i64) -> Json {
    set(world, "peering.internetexchange", exchange, json!({"peeringdb_ixlan": 1})).await;
    world.expect("/fn/peers/available", json!({"at": {"exchange": exchange}})).await
}

pub async fn one_works_as_one_of_ours(database: &database::Database) {
    let world = World::new(database).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours", "affiliated": true})).await;
    let other = world.create("peering.autonomoussystem", json!({"asn": 64_501, "name": "Peer"})).await;
    let choose = |id: i64| json!({"autonomous_system": id});
    world.expect("/fn/accounts/work-as", choose(ours)).await;
    assert_eq!(world.expect("/fn/accounts/me", json!({})).await["context_as"], ours);
    let (status, problem) = world.call(ADMIN, "/fn/accounts/work-as", &choose(other)).await;
    assert_eq!(
        (status, &problem["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("autonomous_system"))
    );
    // it is one's own choice, and goes with the AS
    let object = json!({"object": {"type": "peering.autonomoussystem", "id": ours}});
    world.expect("/fn/records/delete", object).await;
    assert_eq!(world.expect("/fn/accounts/me", json!({})).await["context_as"], Json::Null);
}

/// The demonstration goes through the services that people use: what it shows is what they get.
pub async fn the_demonstration_is_made_and_its_routers_render(database: &database::Database) {
    let world = with_peeringdb(database).await;
    crate::demo::operator(&world.services).await.unwrap();
    let list = async |of: &str, fields: &[&str]| {
        let request = json!({"request": {"type": of, "fields": fields}});
        world.expect("/fn/records/list", request).await["records"]["rows"].as_array().unwrap().clone()
    };
    let starters = world.expect("/fn/rendering/starters", json!({})).await;
    let starters = starters.as_array().unwrap();
    assert_eq!(list("devices.configuration", &["name"]).await.len(), starters.len());
    for starter in starters {
        let words = starter["description"].as_str().unwrap();
        assert!(words.starts_with("Starter for ") && words.ends_with('.'), "one sentence says what it is: {words}");
    }
    let routers = list("devices.router", &["name", "platform"]).await;
    assert_eq!(routers.len(), 3);
    for router in &routers {
        let rendered = world.expect("/fn/rendering/render", json!({"router": router[0]})).await;
        let text = rendered["text"].as_str().unwrap();
        // in the language of its platform
        let frr = router[2].as_str().unwrap().starts_with("mer");
        assert_eq!((text.contains("router bgp "), text.contains("protocols {")), (frr, !frr), "{}: {text}", router[2]);
    }
}
