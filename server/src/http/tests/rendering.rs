//! Texts and templates: what a configuration costs the database, what it was made from, and what a broken template is worth.

use super::*;

/// Statements of a rendering by each starter, without the request's own (its token, person, rights). Passes are two because
/// the usual surroundings are fetched beforehand.
const STATEMENTS: &str = "\
bird: 28, 2 passes
eos: 28, 2 passes
frr: 28, 2 passes
iosxr: 28, 2 passes
junos: 28, 2 passes
openbgpd: 28, 2 passes
";

pub async fn a_rendering_costs_the_same_statements_for_few_sessions_and_for_many(database: &database::Database) {
    let world = with_peeringdb(database).await;
    let ours = json!({"asn": world::OPERATOR_ASN, "name": world::OPERATOR_NAME, "affiliated": true});
    let ours = world.create("peering.autonomoussystem", ours).await;
    let router = json!({"name": "edge-1", "hostname": "edge-1.example", "local_autonomous_system": ours,
        "local_context_data": {"router_id": "192.0.2.1"}});
    let router = world.create("devices.router", router).await;
    let exchange =
        json!({"name": "Northgate IX", "slug": "northgate-ix", "local_autonomous_system": ours, "peeringdb_ixlan": 1});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let connection = json!({"internet_exchange_point": exchange, "router": router, "ipv4_address": "192.0.2.10/25",
        "ipv6_address": "2001:db8:1::f:4434/64"});
    let connection = world.create("net.connection", connection).await;
    let tag = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let policy = json!({"name": "In", "slug": "in", "type": "import-policy", "weight": 1, "address_family": 0});
    let policy = world.create("peering.routingpolicy", policy).await;
    let community = world.create("bgp.community", json!({"name": "C", "slug": "c", "value": "64500:1"})).await;
    let transit = world.create("bgp.relationship", json!({"name": "Transit", "slug": "transit"})).await;
    let direct = json!({"asn": 64_510, "name": "Transit"});
    let direct = world.create("peering.autonomoussystem", direct).await;
    let direct = json!({"autonomous_system": direct, "local_autonomous_system": ours, "router": router,
        "ip_address": "203.0.113.1/31", "local_ip_address": "203.0.113.0/31", "communities": [community], "relationship": transit});
    world.create("peering.directpeeringsession", direct).await;

    let free = async |family: usize| {
        let available = world.expect("/fn/peers/available", json!({"at": {"exchange": exchange}})).await;
        let ports = available["ports"].as_array().unwrap().clone();
        ports
            .into_iter()
            .filter(|port| port["standing"][0][family] == "free")
            .map(|port| port["id"].clone())
            .collect::<Vec<_>>()
    };
    let add = async |ports: &[Json], family: u8| {
        let fields = json!({"password": "word", "tags": [tag], "import_routing_policies": [policy]});
        let picks: Vec<Json> = ports
            .iter()
            .map(|port| json!({"port": port, "connection": connection, "family": family, "fields": fields}))
            .collect();
        world.expect("/fn/peers/create-sessions", json!({"sessions": picks})).await;
    };
    let starters = world.expect("/fn/rendering/starters", json!({})).await;
    let mut templates = Vec::new();
    for starter in starters.as_array().unwrap() {
        let template = json!({"name": starter["name"], "template": starter["template"],
            "jinja2_trim": starter["trim"], "jinja2_lstrip": starter["lstrip"]});
        let id = world.create("devices.configuration", template).await;
        templates.push((starter["name"].as_str().unwrap().to_owned(), id));
    }
    let measure = async || {
        let mut table = String::new();
        for (name, template) in &templates {
            let record =
                world.expect("/fn/records/get", json!({"object": {"type": "devices.router", "id": router}})).await;
            let version = record["record"]["rows"][0][1].clone();
            let edit = json!({"edit": {"type": "devices.router", "id": router, "version": version,
                "fields": {"configuration_template": template}}});
            world.expect("/fn/records/save", edit).await;
            let before = world.services.store().statements();
            world.expect("/fn/rendering/starters", json!({})).await;
            let own = world.services.store().statements() - before;
            let rendered = world.expect("/fn/rendering/render", json!({"router": router})).await;
            let cost = world.services.store().statements() - before - 2 * own;
            table.push_str(&format!("{name}: {cost}, {} passes\n", rendered["passes"]));
        }
        table
    };
    let (four, six) = (free(0).await, free(1).await);
    add(&four[..3], 4).await;
    let few = measure().await;
    add(&four[3..], 4).await;
    add(&six, 6).await;
    assert!(four.len() + six.len() > 40, "{} and {}", four.len(), six.len());
    let many = measure().await;
    assert_eq!(few, many);
    assert_eq!(many, STATEMENTS);
}

pub async fn a_text_says_what_it_was_made_from(database: &database::Database) {
    let world = World::new(database).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "Ours", "affiliated": true})).await;
    let template = |name: &str, template: &str| json!({"name": name, "template": template});
    let foot = world.create("devices.configuration", template("Foot", "!")).await;
    let head = template("Head", "! {{ router.name }}{% include_configuration 'Foot' %}");
    let head = world.create("devices.configuration", head).await;
    world.create("devices.configuration", template("Other", "other")).await;
    // its own name read through the router is no include
    let other = json!({"name": "s", "hostname": "s.example", "local_autonomous_system": ours,
        "configuration_template": world.create("devices.configuration", template("Another's", "x")).await});
    world.create("devices.router", other).await;
    // nor is another router's
    let outer = "{% include_configuration 'Head' %}{{ router.configuration_template.name }}{% set a = local_as.router_set.get(name='s').configuration_template.name %}";
    let outer = world.create("devices.configuration", template("Outer", outer)).await;
    let router =
        json!({"name": "r", "hostname": "r.example", "local_autonomous_system": ours, "configuration_template": outer});
    let router = world.create("devices.router", router).await;
    let rendered = world.expect("/fn/rendering/render", json!({"router": router})).await;
    assert_eq!(rendered["text"], "! r!Outer", "{rendered}");
    let of = |id: i64, label: &str| json!({"object": {"type": "devices.configuration", "id": id}, "label": label});
    assert_eq!(rendered["includes"], json!([of(head, "Head"), of(foot, "Foot")]), "{rendered}");
    let objects = rendered["objects"].as_array().unwrap();
    assert!(objects.contains(&json!(["peering.autonomoussystem", 1])), "{rendered}");
    assert!(objects.contains(&json!(["devices.router", 2])), "{rendered}");
}

pub async fn a_broken_template_that_routers_use_is_warned_of(database: &database::Database) {
    let world = World::new(database).await;
    let ours =
        world.create("peering.autonomoussystem", json!({"asn": 64500, "name": "Ours", "affiliated": true})).await;
    // nobody uses a new one
    let template = world.create("devices.configuration", json!({"name": "t", "template": "{% if %}"})).await;
    let save = |fields: Json, insist: bool| {
        let edit =
            json!({"type": "devices.configuration", "id": template, "version": 0, "fields": fields, "insist": insist});
        let world = &world;
        async move { world.call(ADMIN, "/fn/records/save", &json!({"edit": edit})).await }
    };
    let router = |name: &str| {
        json!({"name": name, "hostname": format!("{name}.example"), "local_autonomous_system": ours,
            "configuration_template": template})
    };
    world.create("devices.router", router("r0")).await;
    world.create("devices.router", router("r1")).await;
    // it was so before, and something else is changed
    assert_eq!(save(json!({"description": "broken"}), false).await.0, StatusCode::OK);
    assert_eq!(save(json!({"template": "{{ router.name }}"}), false).await.0, StatusCode::OK);
    let (status, answer) = save(json!({"template": "!\n{% for %}"}), false).await;
    let told = &answer["fields"][0];
    assert_eq!(
        (status, &told["field"], &told["warning"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("template"), &json!(true))
    );
    let words = told["message"].as_str().unwrap();
    assert!(words.starts_with("Syntax error at line 2: ") && words.contains(". 2 routers use this. "), "{words}");
    // those count that have it in theirs, by name and by number
    let part = json!({"name": "part", "template": "{% if a %}{% include_configuration 't' %}{% endif %}"});
    let part = world.create("devices.configuration", part).await;
    let whole = json!({"name": "whole", "template": format!("{{% include 'configuration::{part}' %}}")});
    let whole = world.create("devices.configuration", whole).await;
    let mut further = router("r2");
    further["configuration_template"] = json!(whole);
    world.create("devices.router", further).await;
    let (_, answer) = save(json!({"template": "{% for %}"}), false).await;
    assert!(answer["message"].as_str().unwrap().contains(". 3 routers use this. "), "{answer}");
    assert_eq!(save(json!({"template": "!\n{% for %}"}), true).await.0, StatusCode::OK);
}

const EXPORT: &str = "/fn/rendering/export";

/// An export template, by what it exports.
async fn export_template(world: &World, of: &str, template: &str) -> i64 {
    let name = format!("an export of {} letters", template.len());
    let template = json!({"name": name, "content_type": of, "template": template, "jinja2_trim": true});
    world.create("extras.exporttemplate", template).await
}

pub async fn an_export_is_of_what_a_list_shows(database: &database::Database) {
    let world = World::new(database).await;
    let network = |asn: i64| json!({"asn": asn, "name": format!("Network {asn}"), "affiliated": asn == 64_502});
    let mut ids = Vec::new();
    for asn in [64_502, 64_500, 64_501] {
        ids.push(world.create("peering.autonomoussystem", network(asn)).await);
    }
    // the line end after a tag goes: its flags hold
    let asns = "{% for a in dataset %}\n{{ a.asn }}\n{% endfor %}\n";
    let template = export_template(&world, "peering.autonomoussystem", asns).await;
    let text = async |shown: Json| {
        world.expect(EXPORT, json!({"template": template, "shown": shown})).await["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(text(Json::Null).await, "64500\n64501\n64502\n");
    assert_eq!(text(json!({})).await, "64500\n64501\n64502\n");
    assert_eq!(text(json!({"sort": "-asn"})).await, "64502\n64501\n64500\n");
    assert_eq!(text(json!({"filter": "affiliated:no", "sort": "-asn"})).await, "64501\n64500\n");
    assert_eq!(text(json!({"filter": format!("id:{},{}", ids[0], ids[1]), "sort": "asn"})).await, "64500\n64502\n");
    assert_eq!(text(json!({"filter": "asn:1"})).await, "");
    // every row costs the same: what is fetched is fetched for all
    let further = "{% for a in dataset %}{{ a.directpeeringsession_set.count() }}{{ a.tags.count() }}{% endfor %}";
    let further = export_template(&world, "peering.autonomoussystem", further).await;
    let cost = async || {
        let before = world.services.store().statements();
        let rendered = world.expect(EXPORT, json!({"template": further, "shown": {}})).await;
        (world.services.store().statements() - before, rendered["passes"].clone())
    };
    let few = cost().await;
    for asn in 64_510..64_520 {
        world.create("peering.autonomoussystem", network(asn)).await;
    }
    assert_eq!(cost().await, few);

    let refused = async |template: i64, shown: Json| {
        let (status, answer) = world.call(ADMIN, EXPORT, &json!({"template": template, "shown": shown})).await;
        (status.as_u16(), answer)
    };
    assert_eq!(refused(4_711, json!({})).await.0, 404);
    let (status, answer) = refused(template, json!({"filter": "nome:x"})).await;
    assert!(status == 400 && answer["message"].as_str().unwrap().starts_with("filter, characters 1 to "), "{answer}");
    assert_eq!(refused(template, json!({"sort": "nome"})).await.0, 400);
    let faulty = export_template(&world, "peering.autonomoussystem", "a\n{{ dataset | nofilter }}").await;
    let (status, answer) = refused(faulty, json!({})).await;
    assert_eq!((status, &answer["fields"][0]["field"]), (422, &json!("template")), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("at line 2: "), "{answer}");
    // it renders while it is listed and its name is nobody's
    let edit = json!({"edit": {"type": "extras.exporttemplate", "fields": {"name": "Table",
        "content_type": "peering.autonomoussystem", "template": "x"}}});
    let (status, answer) = world.call(ADMIN, "/fn/records/save", &edit).await;
    assert_eq!((status.as_u16(), &answer["fields"][0]["field"]), (422, &json!("name")), "{answer}");
    let edit = json!({"edit": {"type": "extras.exporttemplate", "fields": {"name": "t",
        "content_type": "users.user", "template": "x"}}});
    assert!(world.call(ADMIN, "/fn/records/save", &edit).await.0.is_client_error());
}

pub async fn an_export_shows_nobody_more_than_lists_do(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    let own =
        world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours", "affiliated": true})).await;
    let peer = world.create("peering.autonomoussystem", json!({"asn": 64_501, "name": "Peer"})).await;
    let relationship = world.create("bgp.relationship", json!({"name": "Transit", "slug": "transit"})).await;
    let session = json!({"autonomous_system": peer, "local_autonomous_system": own, "relationship": relationship,
        "ip_address": "192.0.2.1", "password": "tale of two"});
    world.create("peering.directpeeringsession", session).await;
    let of_networks = "peering.autonomoussystem";
    let asns = export_template(&world, of_networks, "{% for a in dataset %}{{ a.asn }};{% endfor %}").await;
    let nothing = export_template(&world, of_networks, "nothing").await;
    let around = "{% for a in dataset %}{% for s in a.directpeeringsession_set.all() %}{{ s.ip_address }}{% endfor %}{% endfor %}";
    let around = export_template(&world, of_networks, around).await;
    let beside = "{% for a in dataset %}{% for s in a.directpeeringsession_set.all() %}{{ s.local_autonomous_system.name }}{% endfor %}{% endfor %}";
    let beside = export_template(&world, of_networks, beside).await;
    let passwords = "{% for s in dataset %}{{ s.password }}{% endfor %}";
    let passwords = export_template(&world, "peering.directpeeringsession", passwords).await;

    let export = async |template: i64, shown: Json| {
        let (status, answer) = world.call(GUEST, EXPORT, &json!({"template": template, "shown": shown})).await;
        let text = answer["text"].as_str().unwrap_or_else(|| answer["message"].as_str().unwrap()).to_owned();
        (status.as_u16(), text)
    };
    let all = || json!({});
    const TEMPLATES: &str = "extras.view_exporttemplate";
    const NETWORKS: &str = "peering.view_autonomoussystem";
    // the template and what it exports must be theirs to see, whatever stands in it
    world.let_guest(json!([NETWORKS])).await;
    assert_eq!(export(asns, all()).await.0, 403);
    world.let_guest(json!([TEMPLATES])).await;
    assert_eq!((export(asns, all()).await.0, export(nothing, all()).await.0), (403, 403));
    world.let_guest(json!([TEMPLATES, NETWORKS])).await;
    assert_eq!(export(asns, all()).await, (200, "64500;64501;".to_owned()));
    assert_eq!(export(asns, Json::Null).await, (200, "64500;64501;".to_owned()));
    // nor is it a way to what stands around
    let (status, why) = export(around, all()).await;
    assert_eq!(status, 403, "{why}");
    assert!(why.contains("peering.view_directpeeringsession") && !why.contains("192.0.2.1"), "{why}");
    world.let_guest(json!([TEMPLATES, NETWORKS, "peering.view_directpeeringsession ip_address:192.0.2.9"])).await;
    let (status, why) = export(around, all()).await;
    assert_eq!((status, why.contains("You may see only some ")), (403, true), "{why}");
    world.let_guest(json!([TEMPLATES, NETWORKS, "peering.view_directpeeringsession"])).await;
    assert_eq!(export(around, all()).await.0, 200);
    // some networks: what the list shows is there and nothing else; all of them are not to be had
    let some = "peering.view_autonomoussystem asn:64501";
    world.let_guest(json!([TEMPLATES, some, "peering.view_directpeeringsession"])).await;
    assert_eq!(export(asns, all()).await, (200, "64501;".to_owned()));
    assert_eq!(export(asns, json!({"filter": format!("id:{own},{peer}")})).await, (200, "64501;".to_owned()));
    assert_eq!(export(asns, Json::Null).await.0, 403);
    let (status, why) = export(beside, all()).await;
    assert_eq!((status, why.contains("Ours")), (403, false), "{why}");
    // nor does a template that is out of sight
    world.let_guest(json!(["extras.view_exporttemplate name:=none", NETWORKS])).await;
    assert_eq!(export(asns, all()).await.0, 404);

    // secrets are for those who see secrets
    world.let_guest(json!([TEMPLATES, "peering.view_directpeeringsession"])).await;
    let (_, answer) = world.call(GUEST, EXPORT, &json!({"template": passwords, "shown": {}})).await;
    assert_eq!((&answer["text"], &answer["has_placeholders"]), (&json!("********"), &json!(true)), "{answer}");
    let answer = world.expect(EXPORT, json!({"template": passwords})).await;
    assert_eq!((&answer["text"], &answer["has_placeholders"]), (&json!("tale of two"), &json!(false)), "{answer}");

    // what a router's configuration is made in, for those who may see every router's
    let configuration =
        world.create("devices.configuration", json!({"name": "plain", "template": "hostname {{ router.name }}"})).await;
    let router = json!({"name": "edge-1", "hostname": "edge-1.example", "local_autonomous_system": own,
        "configuration_template": configuration});
    world.create("devices.router", router).await;
    let configurations = "{% for r in dataset %}{{ r.render_configuration() }}{% endfor %}";
    let configurations = export_template(&world, "devices.router", configurations).await;
    for (more, status) in [
        ("extras.view_tag", 422),
        ("devices.view_router_configuration name:edge-1", 422),
        ("devices.view_router_configuration", 200),
    ] {
        world.let_guest(json!(["*.view_*", more])).await;
        let (found, text) = export(configurations, all()).await;
        assert_eq!((found, text.contains("hostname edge-1")), (status, status == 200), "{more}: {text}");
    }

    // previews in the browser are given the same and no more
    let fetch = async |of: &str| {
        let needs = json!({"subject": {"export": of_networks}, "needs": [{"all": {"type": of}}]});
        world.call(GUEST, "/fn/rendering/fetch", &needs).await.0.as_u16()
    };
    for either in [NETWORKS, TEMPLATES] {
        world.let_guest(json!([either])).await;
        assert_eq!(fetch(of_networks).await, 403);
    }
    world.let_guest(json!([TEMPLATES, NETWORKS, "devices.view_router tags:lab"])).await;
    assert_eq!((fetch(of_networks).await, fetch("devices.router").await, fetch("extras.tag").await), (200, 403, 403));
}
