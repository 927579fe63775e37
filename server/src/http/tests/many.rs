//! The same done to many objects, and lists kept under a name.

use super::*;

async fn three_systems(world: &World) -> Vec<i64> {
    let mut ids = Vec::new();
    for (asn, name) in [(64_500, "Alpha"), (64_501, "Beta"), (64_502, "Gamma")] {
        ids.push(world.create("peering.autonomoussystem", json!({"asn": asn, "name": name})).await);
    }
    ids
}

async fn value(world: &World, id: i64, field: &str) -> Json {
    let object = json!({"object": {"type": "peering.autonomoussystem", "id": id}});
    let got = world.expect("/fn/records/get", object).await;
    let at = got["record"]["fields"].as_array().unwrap().iter().position(|name| name == field).unwrap();
    got["record"]["rows"][0][at + 2].clone()
}

pub async fn many_objects_change_together_and_come_back_together(database: &database::Database) {
    let world = World::new(database).await;
    let ids = three_systems(&world).await;
    let core = world.create("extras.tag", json!({"name": "Core", "slug": "core"})).await;
    let edge = world.create("extras.tag", json!({"name": "Edge", "slug": "edge"})).await;
    let edits = |change: Json, trial: bool| {
        let mut edits = json!({"which": {"type": "peering.autonomoussystem", "filter": "asn:>64500"}});
        edits.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"edits": edits, "trial": trial})
    };
    let change = json!({"fields": {"comments": "checked"}, "add": {"tags": [core, edge]}});
    let tried = world.expect("/fn/records/save-many", edits(change.clone(), true)).await;
    assert_eq!((&tried["total"], &tried["changed"], &tried["request"]), (&json!(2), &json!(2), &Json::Null), "{tried}");
    let field = |name: &str| {
        let changes = tried["rows"][0]["changes"].as_array().unwrap();
        changes.iter().find(|change| change["field"] == name).unwrap()["after"].clone()
    };
    assert_eq!((field("comments"), field("tags")), (json!("checked"), json!([core, edge])));
    assert_eq!(value(&world, ids[1], "comments").await, "", "a trial writes nothing");

    let done = world.expect("/fn/records/save-many", edits(change, false)).await;
    assert_eq!(value(&world, ids[2], "comments").await, "checked");
    assert_eq!(value(&world, ids[2], "tags").await, json!([core, edge]));
    assert_eq!(value(&world, ids[0], "tags").await, json!([]));
    world.expect("/fn/records/save-many", edits(json!({"remove": {"tags": [core]}}), false)).await;
    assert_eq!(value(&world, ids[1], "tags").await, json!([edge]));
    // tags were changed again: the whole is refused, nothing half-way
    let undo = json!({"undo": {"request": done["request"]}});
    assert_eq!(world.call(ADMIN, "/fn/changes/undo", &undo).await.0, StatusCode::CONFLICT);
    assert_eq!(value(&world, ids[1], "comments").await, "checked");
    let back = world.expect("/fn/records/save-many", edits(json!({"add": {"tags": [core]}}), false)).await;
    world.expect("/fn/changes/undo", json!({"undo": {"request": back["request"]}})).await;
    assert_eq!(value(&world, ids[1], "tags").await, json!([edge]));
}

pub async fn one_object_that_cannot_change_keeps_all_as_they_are(database: &database::Database) {
    let world = World::new(database).await;
    let ids = three_systems(&world).await;
    let of = "peering.autonomoussystem";
    // the same number for all: the database refuses the second
    let edits = json!({"which": {"type": of, "ids": ids}, "fields": {"asn": 64_600}});
    let tried = world.expect("/fn/records/save-many", json!({"edits": edits, "trial": true})).await;
    assert_eq!(tried["refused"], 1, "{tried}");
    assert_eq!(tried["rows"][0]["problems"][0]["field"], "asn", "{tried}");
    let (status, answer) = world.call(ADMIN, "/fn/records/save-many", &json!({"edits": edits, "trial": false})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    assert!(answer["message"].as_str().unwrap().starts_with("Nothing was changed"), "{answer}");
    assert_eq!(value(&world, ids[0], "asn").await, 64_500);

    for (which, told) in [
        (json!({"type": of}), "ids or filter"),
        (json!({"type": of, "ids": ids, "filter": ""}), "not both"),
        (json!({"type": of, "filter": "nome:x"}), "which.filter"),
    ] {
        let edits = json!({"edits": {"which": which}, "trial": true});
        let (status, answer) = world.call(ADMIN, "/fn/records/save-many", &edits).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["message"].as_str().unwrap().contains(told), "{answer}");
    }
}

pub async fn many_objects_are_deleted_together_or_not_at_all(database: &database::Database) {
    let world = World::new(database).await;
    let ids = three_systems(&world).await;
    let of = "peering.autonomoussystem";
    let router = json!({"name": "edge-1", "hostname": "edge-1.example", "local_autonomous_system": ids[2]});
    let router = world.create("devices.router", router).await;
    let context = world.create("extras.configcontext", json!({"name": "customer", "data": {"mtu": 9000}})).await;
    for id in &ids[..2] {
        let assigned = json!({"content_type": of, "object_id": id, "config_context": context});
        world.create("extras.configcontextassignment", assigned).await;
    }
    let all = json!({"which": {"type": of, "filter": ""}});
    let would = world.expect("/fn/records/consequences", all.clone()).await;
    assert_eq!(would["total"], 3, "{would}");
    let removes = would["removes"].as_array().unwrap();
    let assigned = removes.iter().find(|group| group["type"] == "extras.configcontextassignment").unwrap();
    assert_eq!(assigned["count"], 2, "{would}");
    assert!(assigned["first"][0].as_str().unwrap().starts_with("customer of AS"), "{would}");
    let count = || async { world.expect("/fn/records/list", json!({"request": {"type": of}})).await["total"].clone() };
    let gone = world.call(ADMIN, "/fn/records/delete-many", &all).await;
    if would["blocked_by"].as_array().unwrap().is_empty() {
        assert_eq!((gone.0, count().await), (StatusCode::OK, json!(0)));
        world.expect("/fn/changes/undo", json!({"undo": {"request": gone.1["request"]}})).await;
    } else {
        assert_ne!(gone.0, StatusCode::OK);
        assert!(gone.1["message"].as_str().unwrap().starts_with("Nothing was deleted, because of"), "{}", gone.1);
    }
    assert_eq!(count().await, 3);
    world.expect("/fn/records/get", json!({"object": {"type": "devices.router", "id": router}})).await;
}

pub async fn preferences_are_ones_own_and_last(database: &database::Database) {
    let world = World::new(database).await;
    let choose = |choice: Json| json!({"choice": choice});
    let of = "peering.autonomoussystem";
    world.expect("/fn/preferences/choose", choose(json!({"theme": "dark", "columns": [[of, ["asn", "name"]]]}))).await;
    let kept = world.expect("/fn/preferences/choose", choose(json!({"per_page": 250}))).await;
    assert_eq!(
        kept,
        json!({"theme": "dark", "density": "", "per_page": 250, "columns": [[of, ["asn", "name"]]], "sorts": []})
    );
    let sorts = |keys: Json| choose(json!({"sorts": [[of, keys]]}));
    let sorted = world.expect("/fn/preferences/choose", sorts(json!(["-asn", "name"]))).await;
    assert_eq!((&sorted["sorts"], &sorted["columns"]), (&json!([[of, ["-asn", "name"]]]), &kept["columns"]));
    assert_eq!(world.expect("/fn/preferences/choose", sorts(json!([]))).await, kept);
    assert_eq!(world.expect("/fn/accounts/me", json!({})).await["preferences"], kept);
    let (_, reader) = world.call(READER, "/fn/accounts/me", &json!({})).await;
    assert_eq!(reader["preferences"]["columns"], json!([]));
    // taken back
    let kept = world.expect("/fn/preferences/choose", choose(json!({"theme": "", "columns": [[of, []]]}))).await;
    assert_eq!((&kept["theme"], &kept["columns"], &kept["per_page"]), (&json!(""), &json!([]), &json!(250)));
    for (wrong, told) in [
        (json!({"theme": "pink"}), "choice.theme: one of auto, light, dark"),
        (json!({"per_page": 5000}), "choice.per_page: a page has at most 2000 rows."),
        (json!({"columns": [[of, ["nome"]]]}), "choice.columns.peering.autonomoussystem: "),
        (json!({"sorts": [[of, ["-nome"]]]}), "choice.sorts.peering.autonomoussystem: "),
        (json!({"columns": [["peering.nothing", []]]}), "choice.columns.peering.nothing: "),
    ] {
        let (status, answer) = world.call(ADMIN, "/fn/preferences/choose", &choose(wrong)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
        assert!(answer["message"].as_str().unwrap().starts_with(told), "{answer}");
    }
}

pub async fn a_view_is_ones_own_unless_it_is_shared(database: &database::Database) {
    let world = World::new(database).await;
    let of = "peering.autonomoussystem";
    let save = |name: &str, shared: bool| json!({"view": {"type": of, "name": name, "query": "?f=affiliated:yes", "shared": shared}});
    world.expect("/fn/views/save", save("mine", false)).await;
    let shared = world.expect("/fn/views/save", save("ours", true)).await;
    assert_eq!(shared["query"], "f=affiliated:yes");
    let (_, seen) = world.call(READER, "/fn/views/list", &json!({"of": of})).await;
    assert_eq!(seen.as_array().unwrap().len(), 1, "{seen}");
    assert_eq!((&seen[0]["name"], &seen[0]["owner"], &seen[0]["count"]), (&json!("ours"), &json!("admin"), &json!(0)));
    let delete = json!({"id": shared["id"]});
    assert_eq!(world.call(READER, "/fn/views/delete", &delete).await.0, StatusCode::NOT_FOUND);
    // the same name again is the same view
    let again = world.expect("/fn/views/save", save("ours", false)).await;
    assert_eq!(again["id"], shared["id"]);
    let (_, seen) = world.call(READER, "/fn/views/list", &json!({"of": of})).await;
    assert_eq!(seen, json!([]));
    assert_eq!(world.call(READER, "/fn/views/save", &save("", true)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    world.expect("/fn/views/delete", delete).await;
    assert_eq!(world.expect("/fn/views/list", json!({"of": of})).await.as_array().unwrap().len(), 1);
}
