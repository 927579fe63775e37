//! What somebody tries who may see everything but secrets: to read them, and to guess them from what differs.

use super::{permissions::GUEST, *};
use peerage_model::{Kind, ObjectType, registry};

/// In every secret of the world; in hexadecimal and other guises it would be sought in vain.
const PLANTED: &str = "planted-where-nobody-looks";

/// Secrets that people write, by type.
fn secrets(of: &ObjectType) -> impl Iterator<Item = &'static str> {
    let written = |field: &&peerage_model::Field| {
        matches!(field.kind, Kind::Secret { .. }) && !field.is_read_only() && !field.is_internal()
    };
    of.fields.iter().filter(written).map(|field| field.name)
}

/// One object of every type that has secrets, with something planted in all of them; keys and ids.
async fn plant(world: &World) -> Vec<(String, i64)> {
    let own =
        world.create("peering.autonomoussystem", json!({"asn": 64_500, "name": "Ours", "affiliated": true})).await;
    let peer = world.create("peering.autonomoussystem", json!({"asn": 64_501, "name": "Peer"})).await;
    let template = json!({"name": "Telling", "template": "{% for s in router | ixp_sessions %}{{ s.password }}{% endfor %}{% for s in router | direct_sessions %}{{ s.password }}{% endfor %}"});
    let template = world.create("devices.configuration", template).await;
    let exchange = json!({"name": "IX", "slug": "ix", "local_autonomous_system": own});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let relationship = world.create("bgp.relationship", json!({"name": "Transit", "slug": "transit"})).await;
    let mut planted: Vec<(String, i64)> = Vec::new();
    let mut connection = None;
    let mut types: Vec<&ObjectType> =
        registry::TYPES.iter().copied().filter(|of| secrets(of).next().is_some()).collect();
    // sessions lead to it
    types.sort_by_key(|of| of.key() != "devices.router");
    for of in types {
        let key = of.key();
        let router = planted.iter().find(|(key, _)| key == "devices.router").map(|(_, id)| *id);
        let mut fields = match key.as_str() {
            "devices.router" => json!({"name": "r1", "hostname": "r1.example.net", "local_autonomous_system": own,
                "configuration_template": template}),
            "peering.internetexchangepeeringsession" => {
                let at = json!({"internet_exchange_point": exchange, "router": router, "ipv4_address": "192.0.2.1/24"});
                let over = match connection {
                    Some(over) => over,
                    None => world.create("net.connection", at).await,
                };
                connection = Some(over);
                json!({"autonomous_system": peer, "ixp_connection": over, "ip_address": "192.0.2.2"})
            }
            "peering.directpeeringsession" => json!({"autonomous_system": peer, "local_autonomous_system": own,
                "relationship": relationship, "router": router, "ip_address": "198.51.100.1/31"}),
            "core.datasource" => {
                json!({"name": "Repository", "type": "git", "source_url": "https://git.example.net/a.git"})
            }
            "extras.ixapi" => json!({"name": "IX-API", "api_url": "https://api.example.net/v2/"}),
            "extras.webhook" => {
                json!({"name": "Hook", "type_create": true, "payload_url": "https://hooks.example.net/",
                "content_types": ["peering.autonomoussystem"]})
            }
            other => panic!("{other} has secrets, and nobody plants one in it here"),
        };
        for name in secrets(of) {
            fields[name] = json!(PLANTED);
        }
        let id = world.create(&key, fields).await;
        planted.push((key, id));
    }
    planted
}

fn tells(answer: &Json) -> bool {
    answer.to_string().contains(PLANTED)
}

pub async fn no_secret_is_read_by_whoever_may_not(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    world.let_guest(json!(["*.view_*", "devices.view_router_configuration", "*.change_*", "*.add_*"])).await;
    let planted = plant(&world).await;
    let of_planted = |path: &str, of: &str, id: i64| {
        let mut arguments = arguments(path, of);
        for name in ["object", "which"] {
            if arguments[name]["id"].is_number() {
                arguments[name]["id"] = json!(id);
            }
        }
        arguments
    };
    let mut asked = 0;
    for who in [READER, GUEST] {
        for (path, _) in server_fn_paths().filter(|(path, _)| !path.starts_with("/fn/accounts/sign")) {
            for (of, id) in &planted {
                let (_, answer) = world.call(who, path, &of_planted(path, of, *id)).await;
                assert!(!tells(&answer), "{path} {of} {answer}");
                asked += 1;
            }
        }
        for (of, id) in &planted {
            let named = |name: &str| json!({"request": {"type": of, "fields": [name]}});
            for name in secrets(registry::get(of).unwrap()) {
                let (_, answer) = world.call(who, "/fn/records/list", &named(name)).await;
                assert!(!tells(&answer), "{of}.{name} {answer}");
            }
            // whoever may write, and not see, does not learn it from what comes back
            let edit =
                json!({"edit": {"type": of, "id": id, "version": 1, "fields": {"comments": "x", "description": "x"}}});
            let (_, answer) = world.call(who, "/fn/records/save", &edit).await;
            assert!(!tells(&answer), "{of} {answer}");
        }
        let (_, changes) =
            world.call(who, "/fn/records/list", &json!({"request": {"type": "core.objectchange"}})).await;
        assert!(changes["total"].as_i64().unwrap() > 5 && !tells(&changes), "{changes}");
        let change = changes["records"]["rows"][0][0].clone();
        let get = json!({"object": {"type": "core.objectchange", "id": change}});
        assert!(!tells(&world.call(who, "/fn/records/get", &get).await.1));
    }
    assert!(asked > 500, "{asked}");
    // the template that prints them: whole for whoever may see them, with placeholders for others
    let router = planted.iter().find(|(of, _)| of == "devices.router").unwrap().1;
    let render = json!({"router": router});
    let (status, shown) = world.call(READER, "/fn/rendering/render", &render).await;
    assert!(status != StatusCode::OK || shown["has_placeholders"] == true, "{shown}");
    assert!(!tells(&shown));
    assert!(tells(&world.expect("/fn/rendering/render", render).await));
}

/// Filters, order and search answer the same whether a guess is right or wrong.
pub async fn no_secret_is_guessed_from_what_differs(database: &database::Database) {
    let world = World::new(database).await;
    let planted = plant(&world).await;
    let right = &PLANTED[..9];
    let ask = async |of: &str, filter: String| {
        let (status, answer) =
            world.call(READER, "/fn/records/list", &json!({"request": {"type": of, "filter": filter}})).await;
        (status, answer["total"].clone(), answer["label"].clone())
    };
    for (of, _) in &planted {
        for name in secrets(registry::get(of).unwrap()) {
            for operator in [":", ":=", ":^", ":~", ":>", ":<"] {
                let (hit, miss) =
                    (ask(of, format!("{name}{operator}{right}")), ask(of, format!("{name}{operator}qqqqqqqqq")));
                assert_eq!(hit.await, miss.await, "{of} {name}{operator}");
            }
            let sort = json!({"request": {"type": of, "sort": name}});
            let (status, answer) = world.call(READER, "/fn/records/list", &sort).await;
            assert_ne!(status, StatusCode::OK, "{of} is put in the order of {name}: {answer}");
        }
    }
    for path in ["router.napalm_password", "ixp_connection.router.napalm_password"] {
        let of = "peering.internetexchangepeeringsession";
        assert_eq!(ask(of, format!("{path}:{right}")).await, ask(of, format!("{path}:qqqqqqqqq")).await, "{path}");
    }
    let found = async |text: &str| world.call(READER, "/fn/records/search", &json!({"text": text})).await;
    assert_eq!(found(right).await, found("qqqqqqqqq").await);
    // what is refused is not repeated
    let long = format!("{PLANTED}{}", "x".repeat(9000));
    for (of, id) in &planted {
        for name in secrets(registry::get(of).unwrap()) {
            let edit = json!({"edit": {"type": of, "id": id, "version": 1, "fields": {name: long}}});
            let (status, answer) = world.call(ADMIN, "/fn/records/save", &edit).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{of}.{name}");
            assert!(!tells(&answer), "{answer}");
        }
    }
}

pub async fn anothers_token_is_neither_read_nor_taken_away(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    world.let_guest(json!(["*.view_*"])).await;
    let key = ADMIN.strip_prefix("Token ").unwrap();
    for who in [READER, GUEST] {
        for (path, _) in server_fn_paths().filter(|(path, _)| !path.starts_with("/fn/accounts/sign")) {
            for of in ["users.token", "users.user"] {
                let (_, answer) = world.call(who, path, &arguments(path, of)).await;
                let text = answer.to_string();
                assert!(!text.contains(key) && !text.contains("argon2"), "{path} {of} {text}");
            }
        }
        for id in 1..10 {
            world.call(who, "/fn/accounts/delete-token", &json!({"id": id})).await;
        }
    }
    // theirs are gone perhaps, the administrator's is not
    world.expect("/fn/records/list", json!({"request": {"type": "extras.tag"}})).await;
}

/// PostgreSQL stores no NUL: what asks for one is told so, with both databases.
pub async fn a_nul_is_refused_wherever_it_is_looked_for(database: &database::Database) {
    let world = World::new(database).await;
    let list = |filter: &str| json!({"request": {"type": "peering.autonomoussystem", "filter": filter}});
    for (path, arguments) in [
        ("/fn/accounts/sign-in", json!({"name": "a\0", "password": "x"})),
        ("/fn/records/search", json!({"text": "a\0b"})),
        ("/fn/records/list", list("name:\"a\0\"")),
        ("/fn/records/list", list("\"\0\"")),
    ] {
        let (status, answer) = world.call(ADMIN, path, &arguments).await;
        assert!(status.is_client_error() || status.is_success(), "{path} {arguments} {status} {answer}");
    }
    let tag = json!({"name": "x", "local_context_data": {"k\0": 1}});
    let mut edit = json!({"edit": {"type": "devices.router", "fields": tag}});
    edit["edit"]["fields"]["hostname"] = json!("x.example.net");
    let (status, answer) = world.call(ADMIN, "/fn/records/save", &edit).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    assert!(answer.to_string().contains("NUL"), "{answer}");
}
