//! Objects from files: matched, tried, written as one and taken back; what lists export comes back as the same.

use super::{samples, *};
use peerage_model::{
    filter::Path,
    registry,
    spelling::{self, is_said_by_people},
};
use std::time::Instant;

const SYSTEMS: &str = "peering.autonomoussystem";

fn file(of: &str, text: &str) -> Json {
    json!({"import": {"type": of, "text": text}})
}

fn with(mut arguments: Json, more: Json) -> Json {
    arguments["import"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    arguments
}

impl World {
    async fn import(&self, arguments: Json) -> Json {
        self.expect("/fn/records/import", arguments).await
    }

    /// What is wrong with a file: places and messages.
    async fn refused(&self, who: &str, arguments: Json) -> Vec<(String, String)> {
        let (status, answer) = self.call(who, "/fn/records/import", &arguments).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        let of = |problem: &Json, name: &str| problem[name].as_str().unwrap().to_owned();
        let fields = answer["fields"].as_array().unwrap();
        fields.iter().map(|problem| (of(problem, "field"), of(problem, "message"))).collect()
    }
}

/// Rows, new, changed, the same, refused.
fn counts(answer: &Json) -> [u64; 5] {
    ["rows", "created", "changed", "same", "refused"].map(|name| answer[name].as_u64().unwrap())
}

pub async fn a_file_is_imported_and_the_second_time_changes_nothing(database: &database::Database) {
    let world = World::new(database).await;
    for name in ["Core", "Far, far away"] {
        world.create("extras.tag", json!({"name": name, "slug": if name == "Core" { "core" } else { "far" }})).await;
    }
    let text = "ASN;Name;tags;comments;updated\r\nAS64500;Ours;\"core, \"\"Far, far away\"\"\";\"one\r\n\"\"two\"\"\";2020-01-01\r\n64501;Zürich;;;\r\n";
    let tried = world.import(with(file(SYSTEMS, text), json!({"trial": true}))).await;
    assert_eq!(counts(&tried), [2, 2, 0, 0, 0], "{tried}");
    assert_eq!((&tried["request"], count(&world, SYSTEMS).await), (&Json::Null, 0), "a trial writes nothing");
    let columns: Vec<&str> =
        tried["columns"].as_array().unwrap().iter().map(|c| c["field"].as_str().unwrap()).collect();
    assert_eq!(columns, ["asn", "name", "tags", "comments", ""]);
    assert_eq!(tried["columns"][4]["note"], "It is set by the system.");

    let done = world.import(file(SYSTEMS, text)).await;
    assert_eq!(counts(&done), [2, 2, 0, 0, 0]);
    let ours = world.expect("/fn/records/list", json!({"request": {"type": SYSTEMS, "filter": "asn:64500"}})).await;
    let ours = ours["records"]["rows"][0][0].as_i64().unwrap();
    assert_eq!(field(&world, SYSTEMS, ours, "tags").await, json!([1, 2]));
    assert_eq!(field(&world, SYSTEMS, ours, "comments").await, "one\r\n\"two\"");
    let again = world.import(file(SYSTEMS, text)).await;
    assert_eq!((counts(&again), &again["request"]), ([2, 0, 0, 2, 0], &Json::Null));

    // what differs is changed, and told before
    let text = "asn,name\n64500,Other\n64501,Zürich\n";
    let tried = world.import(with(file(SYSTEMS, text), json!({"trial": true}))).await;
    assert_eq!(counts(&tried), [2, 0, 1, 1, 0]);
    let row = &tried["first"][0];
    assert_eq!((&row["does"], &row["id"], &row["row"]), (&json!("change"), &json!(ours), &json!(0)));
    assert_eq!(row["cells"], json!([{"field": "name", "before": "Ours", "after": "Other"}]));
    let changed = world.import(file(SYSTEMS, text)).await;
    assert_eq!(field(&world, SYSTEMS, ours, "name").await, "Other");
    for (request, left) in [(&changed["request"], 2), (&done["request"], 0)] {
        world.expect("/fn/changes/undo", json!({"undo": {"request": request}})).await;
        assert_eq!(count(&world, SYSTEMS).await, left);
    }
}

pub async fn other_objects_are_named_by_what_they_are_known_by(database: &database::Database) {
    let world = World::new(database).await;
    let ours = world.create(SYSTEMS, json!({"asn": 64_500, "name": "Ours", "affiliated": true})).await;
    let peer = world.create(SYSTEMS, json!({"asn": 64_501, "name": "64500"})).await;
    let twin = world.create(SYSTEMS, json!({"asn": 64_502, "name": "Twin"})).await;
    world.create(SYSTEMS, json!({"asn": 64_503, "name": "Twin"})).await;
    let exchange = json!({"name": "Example-IX", "slug": "ex", "local_autonomous_system": ours});
    let exchange = world.create("peering.internetexchange", exchange).await;
    let router = json!({"name": "edge1", "hostname": "edge1.example.net", "local_autonomous_system": ours});
    let router = world.create("devices.router", router).await;
    let connection = json!({"internet_exchange_point": exchange, "router": router, "ipv4_address": "192.0.2.1/24"});
    let connection = world.create("net.connection", connection).await;
    let of = "peering.directpeeringsession";
    let base = "local_autonomous_system,autonomous_system,relationship,ip_address,router\n";
    let relationship =
        world.create("bgp.relationship", json!({"name": "Private Peering", "slug": "private-peering"})).await;
    let row = |peer: &str, router: &str| format!("{base}AS64500,{peer},private-peering,198.51.100.1,{router}\n");
    // a bare number is an AS number, whatever is called so
    for (name, id, by, via) in [
        ("64501", peer, "edge1", router),
        ("as64501", peer, "edge1.example.net", router),
        ("AS64501 - renamed since", peer, "#1", router),
        (&format!("#{twin}"), twin, "edge1", router),
        (&format!("AS64502 - Twin #{twin}"), twin, "edge1", router),
    ] {
        let done = world.import(with(file(of, &row(name, by)), json!({"insist": true}))).await;
        assert_eq!(counts(&done), [1, 1, 0, 0, 0], "{name} {by} {done}");
        let listed = world.expect("/fn/records/list", json!({"request": {"type": of}})).await;
        let session = listed["records"]["rows"][0][0].as_i64().unwrap();
        for (name, id) in [("autonomous_system", id), ("router", via), ("relationship", relationship)] {
            assert_eq!(field(&world, of, session, name).await, id, "{name}");
        }
        // nothing but all that the row says finds it again
        let again = world.import(with(file(of, &row(name, by)), json!({"insist": true}))).await;
        assert_eq!(counts(&again), [1, 0, 0, 1, 0], "{again}");
        world.expect("/fn/changes/undo", json!({"undo": {"request": done["request"]}})).await;
    }
    let wrong = world.refused(ADMIN, file(of, &row("Twin", "99"))).await;
    let place =
        |name: &str| wrong.iter().find(|(place, _)| place == name).map(|(_, message)| message.as_str()).unwrap();
    assert!(place("rows.0.autonomous_system").starts_with("2 autonomous systems are called “Twin”: #"), "{wrong:?}");
    assert_eq!(
        place("rows.0.router"),
        "There is no router “99” that you may see. Write #99 for the one with that number."
    );

    // by a label that leads through others, with its number
    let of = "peering.internetexchangepeeringsession";
    let text = |name: &str| format!("autonomous_system,ixp_connection,ip_address\n64501,{name},192.0.2.7\n");
    let label = format!("Example-IX on edge1 #{connection}");
    for name in ["Example-IX on edge1", &label, "192.0.2.1/24"] {
        let done = world.import(with(file(of, &text(name)), json!({"insist": true}))).await;
        assert_eq!(counts(&done)[..2], [1, 1], "{name}");
        world.expect("/fn/changes/undo", json!({"undo": {"request": done["request"]}})).await;
    }
    assert_eq!(world.refused(ADMIN, file(of, &text(&format!("Elsewhere #{connection}")))).await.len(), 1);

    // what something is attached to is named as well
    let of = "extras.journalentry";
    let text = "assigned_object_type,assigned_object_id,kind,comments\npeering.autonomoussystem,AS64501,info,seen\n";
    world.import(file(of, text)).await;
    assert_eq!(field(&world, of, 1, "assigned_object_id").await, peer);
}

pub async fn what_lists_export_is_imported_as_the_same(database: &database::Database) {
    let world = World::new(database).await;
    samples::fill(&database.store).await;
    let who = samples::person();
    let mut seen = 0;
    for of in registry::TYPES.iter().copied().filter(|of| of.origin.is_edited()) {
        let permit = who.permit(of).unwrap();
        let all = peerage_model::ListQuery {
            fields: (0..of.fields.len()).collect(),
            ..peerage_model::ListQuery::all(of).unpaged()
        };
        let records = database.store.records(&permit, &all).await.unwrap();
        let records = database.store.reveal(&permit, records).await.unwrap();
        let related = database.store.related(&permit, &records).await.unwrap();
        let told = of.fields.iter().filter(|field| !field.is_internal());
        let columns: Vec<Path> = told.map(|field| Path::parse(of, field.name).unwrap()).collect();
        let csv = spelling::to_csv(&columns, &records, &related);
        let json = spelling::to_json(&columns, &records, &related).to_string();
        let yaml = spelling::to_yaml(&columns, &records, &related);
        for (format, text) in [("csv", &csv), ("json", &json), ("yaml", &yaml)] {
            let arguments = json!({"import": {"type": of.key(), "format": format, "text": text}});
            let done = world.import(arguments).await;
            let rows = records.len() as u64;
            assert_eq!(counts(&done), [rows, 0, 0, rows, 0], "{} {format}\n{text}\n{done}", of.key());
        }
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
}

/// Gone and brought back from a file, an object is what it was.
pub async fn what_was_exported_and_deleted_comes_back(database: &database::Database) {
    let world = World::new(database).await;
    let who = samples::person();
    let tag = world.create("extras.tag", json!({"name": "a, \"b\"", "slug": "ab"})).await;
    let ours = json!({"asn": 64_500, "name": "=Ours;", "affiliated": true, "tags": [tag], "comments": "one\n\ntwo ",
        "local_context_data": {"a": [1, null, "x"]}, "ipv4_max_prefixes": 7, "irr_as_set": "AS-ONE"});
    let ours = world.create(SYSTEMS, ours).await;
    let policy = json!({"name": "In", "slug": "in", "type": "import-policy", "weight": 3, "address_family": 6});
    world.create("peering.routingpolicy", policy).await;
    for (of, id) in [(SYSTEMS, ours), ("peering.routingpolicy", 1)] {
        let of = registry::get(of).unwrap();
        let permit = who.permit(of).unwrap();
        let read = async || {
            let all = peerage_model::ListQuery::all(of).unpaged();
            let records = database.store.records(&permit, &all).await.unwrap();
            let related = database.store.related(&permit, &records).await.unwrap();
            let told = of.fields.iter().filter(|field| is_said_by_people(field));
            let columns: Vec<Path> = told.map(|field| Path::parse(of, field.name).unwrap()).collect();
            (spelling::to_csv(&columns, &records, &related), records.len())
        };
        let (text, rows) = read().await;
        assert_eq!(rows, 1);
        world.expect("/fn/records/delete", json!({"object": {"type": of.key(), "id": id}})).await;
        // its number has gone with it
        let wrong = world.refused(ADMIN, file(&of.key(), &text)).await;
        assert_eq!(wrong[0].0, "rows.0.id", "{wrong:?}");
        let without = with(file(&of.key(), &text), json!({"columns": {"id": ""}}));
        let done = world.import(without).await;
        assert_eq!(counts(&done), [1, 1, 0, 0, 0], "{text} {done}");
        let beside = |text: &str| text.split_once("\r\n").map(|(_, row)| row.split_once(',').unwrap().1.to_owned());
        assert_eq!(beside(&read().await.0), beside(&text));
    }
}

pub async fn one_thing_that_is_wrong_and_nothing_is_imported(database: &database::Database) {
    let world = World::new(database).await;
    world.create("extras.tag", json!({"name": "There", "slug": "there"})).await;
    // a Cyrillic letter, a NUL, what is taken, what stands twice, what is missing, too many cells
    let text = "name,slug,color\nFine,fine,2196f3\nLook,\u{0441}ore,2196f3\nNul\0,nul,2196f3\nThere too,there,2196f3\nA,twice,2196f3\nB,twice,red\n,empty,\nC,c,2196f3,more\n";
    let wrong = world.refused(ADMIN, file("extras.tag", text)).await;
    let places: Vec<&str> = wrong.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(
        places,
        ["rows.1.slug", "rows.2.name", "rows.5.slug", "rows.5.color", "rows.6.name", "rows.7"],
        "{wrong:?}"
    );
    assert_eq!(wrong[0].1, "Letters, digits, - and _ only: ore");
    assert_eq!(wrong[2].1, "Row 5 has the same: Slug.");
    assert_eq!(count(&world, "extras.tag").await, 1);
    // the same slug is the same tag: with another name, it is renamed
    let tried = world.import(with(file("extras.tag", "name,slug\nThere too,there\n"), json!({"trial": true}))).await;
    assert_eq!((counts(&tried), &tried["first"][0]["id"]), ([1, 0, 1, 0, 0], &json!(1)));
    let taken = world.refused(ADMIN, file("extras.tag", "id,name,slug\n1,There,other\n,There,there\n")).await;
    assert_eq!(taken[0].0, "rows.1", "{taken:?}");

    let unknown = file("extras.tag", "nome,slug\nA,a\n");
    let wrong = world.refused(ADMIN, unknown.clone()).await;
    assert_eq!(wrong[0].0, "columns.nome");
    assert!(wrong[0].1.contains("The nearest is name."), "{wrong:?}");
    let mapped = with(unknown, json!({"columns": {"nome": "name"}}));
    assert_eq!(counts(&world.import(mapped).await), [1, 1, 0, 0, 0]);
    let left_out = with(file("extras.tag", "nome,name,slug\nx,B,b\n"), json!({"columns": {"nome": ""}}));
    assert_eq!(counts(&world.import(left_out).await), [1, 1, 0, 0, 0]);
    let wrong = world.refused(ADMIN, file("extras.tag", "id,name\n99,x\nx,y\n")).await;
    assert_eq!(wrong.iter().map(|(place, _)| place.as_str()).collect::<Vec<_>>()[..1], ["rows.0.id"], "{wrong:?}");
    // by the rules that look at other objects, and only if one insists
    let ours = world.create(SYSTEMS, json!({"asn": 64_500, "name": "Ours"})).await;
    let (status, answer) = world.call(ADMIN, "/fn/records/import", &file("core.job", "name\nx\n")).await;
    assert_eq!((status, &answer["label"]), (StatusCode::FORBIDDEN, &json!("forbidden")), "{ours}");
}

pub async fn numbers_of_another_installation_overwrite_nothing(database: &database::Database) {
    let world = World::new(database).await;
    let first = world.create(SYSTEMS, json!({"asn": 64_500, "name": "Ours"})).await;
    let second = world.create(SYSTEMS, json!({"asn": 64_501, "name": "Theirs"})).await;
    world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    // the same two the other way round, and one that is not here under a number that is
    let swapped = format!("id,asn,name\n{first},64501,Theirs\n{second},64500,Ours\n");
    let wrong = world.refused(ADMIN, file(SYSTEMS, &swapped)).await;
    let told: Vec<(&str, &str)> = wrong.iter().map(|(place, why)| (place.as_str(), why.as_str())).collect();
    let leave_out = "Leave the numbers out if they are those of another installation.";
    let mine =
        format!("Autonomous system {first} is “AS64500 - Ours” here, and this row is about {second}. {leave_out}");
    let other =
        format!("Autonomous system {second} is “AS64501 - Theirs” here, and this row is about {first}. {leave_out}");
    assert_eq!(told, [("rows.0.id", &*mine), ("rows.1.id", &*other)]);
    let foreign = file("extras.tag", "id,name,slug\n1,Edge,edge\n");
    let wrong = world.refused(ADMIN, foreign.clone()).await;
    let why = format!("Tag 1 is “Core” here: this row names another. {leave_out}");
    assert_eq!(wrong, [("rows.0.id".to_owned(), why)]);
    assert_eq!(field(&world, "extras.tag", 1, "name").await, "Core");
    // a new name beside an old one is a new name; and whoever insists means it
    assert_eq!(counts(&world.import(file("extras.tag", "id,name,slug\n1,Centre,core\n")).await), [1, 0, 1, 0, 0]);
    assert_eq!(counts(&world.import(with(foreign, json!({"insist": true}))).await), [1, 0, 1, 0, 0]);
    let without = swapped.replace(&format!("\n{first},"), "\n,").replace(&format!("\n{second},"), "\n,");
    assert_eq!(counts(&world.import(file(SYSTEMS, &without)).await), [2, 0, 0, 2, 0]);
}

pub async fn awkward_files_are_answered_in_words(database: &database::Database) {
    let world = World::new(database).await;
    let of = "extras.configcontext";
    let deep = format!("[{{\"name\": \"x\", \"data\": {}1{}}}]", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    for (format, text, says) in [
        ("json", deep.as_str(), "recursion limit"),
        ("yaml", deep.as_str(), "This is not YAML"),
        ("json", "[{\"name\": \"x\"", "line 1 column 13"),
        ("json", "[{\"name\": \"x\\u0000\", \"data\": {}}]", "NUL"),
        ("csv", "name\n", "only a heading"),
        ("csv", "\u{feff}", "nothing in this file"),
        ("csv", "name,data\nx,{", "Not JSON"),
        ("csv", "name,data\nx,[1]", "A JSON object is meant"),
    ] {
        let wrong = world.refused(ADMIN, with(file(of, text), json!({"format": format}))).await;
        assert!(wrong[0].1.contains(says), "{text:.60} {wrong:?}");
    }
    // a context of a file's own, seven deep, comes whole; a byte order mark is no part of a heading
    let text = "\u{feff}name,data\nx,\"{\"\"a\"\": {\"\"b\"\": [1, {\"\"c\"\": null}]}}\"\n";
    world.import(file(of, text)).await;
    assert_eq!(field(&world, of, 1, "data").await, json!({"a": {"b": [1, {"c": null}]}}));
    // what is no UTF-8 is the browser's business: the function takes JSON
    let latin =
        [b"{\"import\": {\"type\": \"extras.tag\", \"text\": \"name\\nZ".as_slice(), &[0xfc], b"rich\"}}"].concat();
    let request = post("/fn/records/import").header("authorization", ADMIN).body(Body::from(latin)).unwrap();
    assert_eq!(world.send(request).await.0, StatusCode::BAD_REQUEST);

    // the last of a hundred thousand rows is found by its line
    let row = |asn: i64| format!("{asn},Network {asn}\n");
    let many = format!("asn,name\n{}-5,Nobody\n", (1..100_000).map(row).collect::<String>());
    let wrong = world.refused(ADMIN, file(SYSTEMS, &many)).await;
    assert_eq!((wrong.len(), &*wrong[0].0), (1, "rows.99999.asn"), "{wrong:?}");
    let wrong = world.refused(ADMIN, file(SYSTEMS, &(many + "1,One more\n"))).await;
    assert!(wrong[0].1.starts_with("These are 100001 rows; at most 100000 at once."), "{wrong:?}");
    // as large as a body may be elsewhere
    let many = format!("name\n{}", "a long line of one file\n".repeat(600_000));
    let wrong = world.refused(ADMIN, file(SYSTEMS, &many)).await;
    assert!(wrong[0].1.starts_with("These are 600000 rows;"), "{wrong:?}");
}

pub async fn one_row_takes_the_name_that_another_leaves(database: &database::Database) {
    let world = World::new(database).await;
    let tag =
        async |name: &str| world.create("extras.tag", json!({"name": name, "slug": name, "color": "9e9e9e"})).await;
    let (first, second) = (tag("a").await, tag("b").await);
    let text = format!("id,name,slug\n{second},c,c\n{first},b,b\n");
    let done = world.import(with(file("extras.tag", &text), json!({"insist": true}))).await;
    assert_eq!(counts(&done), [2, 0, 2, 0, 0], "{done}");
}

pub async fn a_file_reaches_no_further_than_its_person(database: &database::Database) {
    let world = World::new(database).await.with_roles().await;
    let permissions = json!([
        "extras.view_tag",
        "extras.change_tag slug:open",
        "peering.view_autonomoussystem asn:64500",
        "peering.add_autonomoussystem",
        "peering.change_autonomoussystem"
    ]);
    let group = world.create("users.group", json!({"name": "Few", "permissions": permissions})).await;
    let few = "Token 00000000000000000000000000000000000000f3";
    world.create("users.user", json!({"username": "few", "groups": [group]})).await;
    world.services.accounts().create_token("few", few.strip_prefix("Token "), true, "").await.unwrap();
    for (name, slug) in [("Open", "open"), ("Closed", "closed")] {
        world.create("extras.tag", json!({"name": name, "slug": slug})).await;
    }
    world.create(SYSTEMS, json!({"asn": 64_501, "name": "Unseen"})).await;
    let tag = |text: &str| file("extras.tag", text);
    assert_eq!(world.call(READER, "/fn/records/import", &tag("name\nx\n")).await.0, StatusCode::FORBIDDEN);
    let (status, done) = world.call(few, "/fn/records/import", &tag("slug,description\nopen,one\n")).await;
    assert_eq!((status, counts(&done)), (StatusCode::OK, [1, 0, 1, 0, 0]));
    let wrong = world.refused(few, tag("slug,description\nopen,two\nclosed,two\n")).await;
    assert_eq!(wrong[0].0, "rows.1", "{wrong:?}");
    let wrong = world.refused(few, tag("name,slug\nNew,new\n")).await;
    assert!(wrong[0].1.starts_with("You may not add Tags."), "{wrong:?}");
    assert_eq!(field(&world, "extras.tag", 1, "description").await, "one");
    // what they may not see is not there: its number is refused by the database, and says no more than that
    let wrong = world.refused(few, file(SYSTEMS, "id,name\n1,Mine\n")).await;
    assert!(wrong[0].1.starts_with("There is no autonomous system 1 that you may see."), "{wrong:?}");
    let wrong = world.refused(few, file(SYSTEMS, "asn,name\n64501,Mine\n")).await;
    assert_eq!(wrong[0].0, "rows.0.asn", "{wrong:?}");
    assert_eq!(field(&world, SYSTEMS, 1, "name").await, "Unseen");
}

/// Somebody who may change what has secrets, and see none of them, learns nothing from a file about what they are.
pub async fn a_file_does_not_tell_whether_a_secret_was_guessed(database: &database::Database) {
    let world = World::new(database).await;
    let permissions = json!(["*.view_*", "devices.change_router"]);
    let group = world.create("users.group", json!({"name": "Changers", "permissions": permissions})).await;
    let changer = "Token 00000000000000000000000000000000000000c4";
    world.create("users.user", json!({"username": "changer", "groups": [group]})).await;
    world.services.accounts().create_token("changer", changer.strip_prefix("Token "), true, "").await.unwrap();
    let ours = world.create(SYSTEMS, json!({"asn": 64_500, "name": "Ours"})).await;
    let router = json!({"name": "r1", "hostname": "r1", "local_autonomous_system": ours, "napalm_password": "planted"});
    world.create("devices.router", router).await;
    let guess = |password: &str| {
        let text = format!("name,napalm_password\nr1,{password}\n");
        with(file("devices.router", &text), json!({"trial": true}))
    };
    let (status, right) = world.call(changer, "/fn/records/import", &guess("planted")).await;
    assert_eq!((status, counts(&right)), (StatusCode::OK, [1, 0, 1, 0, 0]));
    assert_eq!(right, world.call(changer, "/fn/records/import", &guess("another")).await.1);
    assert!(!right.to_string().contains("planted"), "{right}");
    // who may see it is told that nothing changes, and what is not shown stays
    assert_eq!(counts(&world.import(guess("planted")).await), [1, 0, 0, 1, 0]);
    let (_, kept) = world.call(changer, "/fn/records/import", &guess("\"set, not shown\"")).await;
    assert_eq!(counts(&kept), [1, 0, 0, 1, 0]);
}

fn ten_thousand(wrong: Option<usize>) -> String {
    let row = |at: usize| format!("n{at},{}\n", if Some(at) == wrong { "a b".to_owned() } else { format!("s{at}") });
    format!("name,slug\n{}", (0..10_000).map(row).collect::<String>())
}

/// Ten thousand at once: one that is wrong keeps all of them out and is named, and what was done comes back as one.
pub async fn ten_thousand_come_and_go_together(database: &database::Database) {
    let world = World::new(database).await;
    let wrong = world.refused(ADMIN, file("extras.tag", &ten_thousand(Some(7_777)))).await;
    assert_eq!(wrong, [("rows.7777.slug".to_owned(), "Letters, digits, - and _ only: a-b".to_owned())]);
    assert_eq!(count(&world, "extras.tag").await, 0);
    let began = Instant::now();
    let done = world.import(file("extras.tag", &ten_thousand(None))).await;
    assert_eq!(counts(&done), [10_000, 10_000, 0, 0, 0]);
    let imported = began.elapsed();
    let again = world.import(file("extras.tag", &ten_thousand(None))).await;
    assert_eq!(counts(&again), [10_000, 0, 0, 10_000, 0]);
    let undoing = Instant::now();
    let undone = world.expect("/fn/changes/undo", json!({"undo": {"request": done["request"]}})).await;
    assert_eq!((&undone["changes"], count(&world, "extras.tag").await), (&json!(10_000), 0));
    eprintln!("imported in {imported:?}, undone in {:?}", undoing.elapsed());
}

/// As [`ten_thousand_come_and_go_together`], for the same change to all of them. One after the other takes its time: on one
/// database only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_are_edited_and_come_back_together() {
    let database = database::sqlite().await;
    let world = World::new(&database).await;
    world.import(file("extras.tag", &ten_thousand(None))).await;
    let edits = |fields: Json| json!({"edits": {"which": {"type": "extras.tag", "filter": ""}, "fields": fields}, "trial": false});
    // the second of them cannot have what the first has
    let (status, answer) = world.call(ADMIN, "/fn/records/save-many", &edits(json!({"slug": "one"}))).await;
    assert_eq!((status, &answer["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("slug")), "{answer}");
    let began = Instant::now();
    let edited = world.expect("/fn/records/save-many", edits(json!({"description": "all"}))).await;
    assert_eq!(edited["changed"], 10_000);
    let took = began.elapsed();
    let undone = world.expect("/fn/changes/undo", json!({"undo": {"request": edited["request"]}})).await;
    assert_eq!(undone["changes"], 10_000);
    assert_eq!(field(&world, "extras.tag", 1, "description").await, "");
    eprintln!("edited in {took:?}, undone in {:?}", began.elapsed() - took);
    database.finish().await;
}
