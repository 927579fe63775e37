//! Moving over and back, on both databases. The data sets are those of a populated Peering Manager; where they are absent, the
//! tests that need them say so and pass.

use super::{
    Lists,
    export::export,
    import::{Source, import, take_over},
    read_file,
    report::{Fate, Report},
};
use crate::http::tests::database::{self, Database};
use peerage_model::{
    ListQuery, ObjectType, Record, Value, Who,
    permit::{Add, Change, Delete, View},
    types::{
        AUTONOMOUS_SYSTEM, CONFIG_CONTEXT_ASSIGNMENT, CONTACT_ASSIGNMENT, GROUP, IX_SESSION, JOURNAL_ENTRY, PLATFORM,
        ROUTER, TAG, USER,
    },
};
use peerage_store::Store;

use serde_json::{Map, Value as Json, json};
use std::path::PathBuf;

const BASE: &str = "http://pm.example.net";

mod golden;
mod original;

macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::on(super::database::sqlite().await, async |store| super::$test(store).await).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(database) = super::database::postgres().await {
                    super::on(database, async |store| super::$test(store).await).await;
                }
            })*
        }
    };
}

on_both_databases! {
    a_small_operator_comes_over_and_back_unchanged,
    templates_render_from_small_data_as_recorded,
    templates_render_from_larger_data_as_recorded,
    what_is_attached_comes_over_with_what_it_is_attached_to,
    trying_writes_nothing,
    what_is_here_otherwise_is_reported_and_left_alone,
    what_changed_there_is_brought_up_to_date_unless_it_was_changed_here,
    what_cannot_be_stored_is_refused_and_so_is_what_needs_it,
    what_a_new_installation_begins_with_stands_in_no_import_s_way,
    people_whose_number_is_somebody_else_s_here_come_over_under_another,
    nobody_who_was_renamed_or_deleted_since_comes_over_a_second_time,
}

async fn on(database: Database, test: impl AsyncFnOnce(&Store)) {
    test(&database.store).await;
    database.finish().await;
}

fn owner() -> Who {
    Who::system("tests")
}

/// Where the data sets are.
fn folder() -> PathBuf {
    PathBuf::from(std::env::var("PEERAGE_GOLDEN_DATA").unwrap_or_else(|_| "../../shared/golden/data".to_owned()))
}

/// A data set by its size, if it is here.
fn data(size: &str) -> Option<Lists> {
    let names = [format!("{size}.json"), format!("{size}.json.gz")];
    let Some(path) = names.iter().map(|name| folder().join(name)).find(|path| path.is_file()) else {
        eprintln!("skipped: data set {size} is not in {} (PEERAGE_GOLDEN_DATA)", folder().display());
        return None;
    };
    Some(read_file(&path).unwrap())
}

fn lists(json: Json) -> Lists {
    serde_json::from_value(json).unwrap()
}

async fn all(store: &Store, of: &'static ObjectType) -> Vec<Record> {
    store.records(&owner().permit::<View>(of).unwrap(), &ListQuery::all(of).unpaged()).await.unwrap()
}

/// Where two exports differ, as paths with both values.
fn differences(expected: &Lists, exported: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let endpoints = exported["endpoints"].as_object().unwrap();
    for name in endpoints.keys().filter(|name| !expected.contains_key(*name)) {
        found.push(format!("{name} is listed only after"));
    }
    for (name, rows) in expected {
        let after = endpoints.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
        if after.len() != rows.len() {
            found.push(format!("{name}: {} rows, {} after", rows.len(), after.len()));
        }
        for (before, after) in rows.iter().zip(&after) {
            differ(
                &format!("{name} {}", before.get("id").unwrap_or(&Json::Null)),
                &Json::Object(before.clone()),
                after,
                &mut found,
            );
        }
    }
    found
}

fn differ(place: &str, before: &Json, after: &Json, found: &mut Vec<String>) {
    match (before, after) {
        // tags are listed there in the order in which they were given, which we do not keep
        (Json::Array(a), Json::Array(b)) if place.ends_with(".tags") && a != b => {
            let sorted = |tags: &[Json]| {
                let mut tags = tags.to_vec();
                tags.sort_by_key(|tag| tag["id"].as_i64());
                Json::from(tags)
            };
            differ(&format!("{place} in order"), &sorted(a), &sorted(b), found);
        }
        (Json::Object(a), Json::Object(b)) => {
            for (key, value) in a {
                differ(
                    &format!("{place}.{key}"),
                    value,
                    b.get(key).unwrap_or(&Json::String("(absent)".to_owned())),
                    found,
                );
            }
            // when somebody joined is shown by the API; the data sets leave it out, because it is another each time
            let more = b
                .keys()
                .filter(|key| !(a.contains_key(*key) || *key == "date_joined" && place.starts_with("users/users ")));
            found.extend(more.map(|key| format!("{place}.{key}: only after")));
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(at, (a, b))| differ(&format!("{place}[{at}]"), a, b, found));
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{place}: {a} before, {b} after")),
    }
}

fn first(found: &[String]) -> String {
    format!("{} differences\n{}", found.len(), found.iter().take(30).cloned().collect::<Vec<_>>().join("\n"))
}

async fn goes_there_and_back(store: &Store, size: &str) {
    let Some(lists) = data(size) else { return };
    let report = import(store, &lists, false).await.unwrap();
    assert_eq!(report.lines.len(), 0, "{report}");
    assert_eq!(report.count(|tally| tally.taken), lists.values().map(Vec::len).sum::<usize>(), "{report}");
    let exported = export(store, &owner(), BASE).await.unwrap();
    let found = differences(&lists, &exported);
    assert!(found.is_empty(), "{}", first(&found));

    // again: nothing is new, and nothing is written
    let changes = all(store, &peerage_model::types::CHANGE).await.len();
    let again = import(store, &lists, false).await.unwrap();
    assert_eq!((again.count(|tally| tally.same), again.lines.len()), (report.count(|tally| tally.taken), 0), "{again}");
    assert_eq!(all(store, &peerage_model::types::CHANGE).await.len(), changes);

    // after one AS is edited, exactly that differs
    let permit = owner().permit::<Change>(&AUTONOMOUS_SYSTEM).unwrap();
    let system = all(store, &AUTONOMOUS_SYSTEM).await.into_iter().find(|system| system.id == 7).unwrap();
    let mut write = store.begin(&owner(), "edit").await.unwrap();
    write.update(&permit, system.version, system.with("irr_as_set", Value::text("AS-EDITED"))).await.unwrap();
    write.commit().await.unwrap();
    let found = differences(&lists, &export(store, &owner(), BASE).await.unwrap());
    let places: Vec<&str> = found.iter().map(|line| line.split(": ").next().unwrap()).collect();
    let expected = ["peering/autonomous-systems 7.irr_as_set", "peering/autonomous-systems 7.updated"];
    assert_eq!(places, expected, "{}", first(&found));
}

async fn a_small_operator_comes_over_and_back_unchanged(store: &Store) {
    goes_there_and_back(store, "S").await;
}

async fn templates_render_from_small_data_as_recorded(store: &Store) {
    golden::renders_as_recorded(store, "S").await;
}

async fn templates_render_from_larger_data_as_recorded(store: &Store) {
    golden::renders_as_recorded(store, "M").await;
}

/// A tag, a network of ours and a peer with a contact, a context and a journal entry.
fn a_little() -> Lists {
    let time = "2026-01-01T00:00:00Z";
    let system = |id: i64, asn: i64, name: &str| json!({"id": id, "asn": asn, "name": name, "affiliated": id == 1, "tags": [{"id": 1}], "created": time, "updated": time});
    lists(json!({
        "extras/tags": [{"id": 1, "name": "Core", "slug": "core", "color": "aa1409", "description": ""}],
        "extras/config-contexts": [{"id": 3, "name": "timers", "description": "", "is_active": true, "data": {"hold": 90}}],
        "messaging/contact-roles": [{"id": 5, "name": "NOC", "slug": "noc", "created": time, "updated": time}],
        "messaging/contacts": [{"id": 8, "name": "Desk", "email": "noc@example.net", "created": time, "updated": time}],
        "peering/autonomous-systems": [system(1, 64500, "Ours"), system(9, 64501, "Peer")],
        "messaging/contact-assignments": [{"id": 2, "content_type": "peering.autonomoussystem", "object_id": 9, "contact": {"id": 8}, "role": {"id": 5}, "created": time, "updated": time}],
        "extras/config-context-assignments": [{"id": 4, "content_type": "peering.autonomoussystem", "object_id": 9, "config_context": {"id": 3}, "weight": 7, "created": time, "updated": time}],
        "extras/journal-entries": [{"id": 6, "assigned_object_type": "peering.autonomoussystem", "assigned_object_id": 9, "kind": {"value": "warning", "label": "Warning"}, "comments": "Called", "created_by": 44, "tags": [], "created": time, "updated": time}],
        "core/object-changes": [{"id": 1}],
    }))
}

fn tags(names: &[(i64, &str)]) -> Lists {
    let rows: Vec<Json> = names.iter().map(|(id, name)| json!({"id": id, "name": name, "slug": name.to_lowercase(), "color": "aa1409", "description": ""})).collect();
    lists(json!({ "extras/tags": rows }))
}

async fn add(store: &Store, record: Record) -> Record {
    let mut write = store.begin(&owner(), "add").await.unwrap();
    let stored = write.insert(&owner().permit::<Add>(record.of).unwrap(), record).await.unwrap();
    write.commit().await.unwrap();
    stored
}

async fn what_is_attached_comes_over_with_what_it_is_attached_to(store: &Store) {
    let report = import(store, &a_little(), false).await.unwrap();
    // the author of the entry is not in the lists
    let altered: Vec<&str> = report.of(Fate::Altered).map(|line| line.why.as_str()).collect();
    assert_eq!(altered, ["User 44, its By, was not taken."], "{report}");
    assert_eq!(report.lines.len(), 1, "{report}");
    assert!(report.remarks.iter().any(|remark| remark.starts_with("core/object-changes: 1 rows left out")), "{report}");
    for of in [&CONTACT_ASSIGNMENT, &CONFIG_CONTEXT_ASSIGNMENT, &JOURNAL_ENTRY] {
        let found = all(store, of).await;
        assert_eq!(found.len(), 1, "{}", of.key());
        assert_eq!(found[0].attached_to(), Some(("peering.autonomoussystem", 9)));
    }
    let exported = export(store, &owner(), BASE).await.unwrap();
    assert_eq!(exported["endpoints"]["peering/autonomous-systems"][1]["config_context"], json!({"hold": 90}));
    assert_eq!(exported["endpoints"]["extras/tags"][0]["tagged_items"], json!(2));
}

async fn trying_writes_nothing(store: &Store) {
    let report = import(store, &a_little(), true).await.unwrap();
    assert_eq!(report.count(|tally| tally.taken), 9, "{report}");
    assert_eq!(all(store, &AUTONOMOUS_SYSTEM).await.len(), 0);
}

async fn what_is_here_otherwise_is_reported_and_left_alone(store: &Store) {
    let own =
        add(store, Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(64501)).with("name", Value::text("Mine")))
            .await;
    let tag = add(store, Record::new(&TAG).with("name", Value::text("Edge")).with("slug", Value::text("edge"))).await;
    assert_eq!((own.id, tag.id), (1, 1));
    let report = import(store, &a_little(), false).await.unwrap();
    let conflicts: Vec<(&str, i64)> = report.of(Fate::Conflict).map(|line| (line.of.model, line.id)).collect();
    // the number of the tag is another tag's; the AS number is known under another number; number 1 is another network's
    assert_eq!(conflicts, [("tag", 1), ("autonomoussystem", 1), ("autonomoussystem", 9)], "{report}");
    let kept = all(store, &AUTONOMOUS_SYSTEM).await;
    assert_eq!(kept.iter().map(|system| system.text("name")).collect::<Vec<_>>(), ["Mine"]);
    // what belongs to the peer belongs to ours of the same AS number
    assert_eq!(all(store, &CONTACT_ASSIGNMENT).await[0].attached_to(), Some(("peering.autonomoussystem", own.id)));
}

async fn what_changed_there_is_brought_up_to_date_unless_it_was_changed_here(store: &Store) {
    import(store, &tags(&[(1, "Core"), (2, "Edge")]), false).await.unwrap();
    let core = all(store, &TAG).await.remove(0);
    let mut write = store.begin(&owner(), "edit").await.unwrap();
    write
        .update(&owner().permit::<Change>(&TAG).unwrap(), core.version, core.with("color", Value::text("000000")))
        .await
        .unwrap();
    write.commit().await.unwrap();
    let mut later = tags(&[(1, "Core"), (2, "Edge"), (3, "New")]);
    for row in later.get_mut("extras/tags").unwrap() {
        row.insert("description".to_owned(), json!("later"));
    }
    let report = import(store, &later, false).await.unwrap();
    let tally = &report.types[0];
    assert_eq!((tally.taken, tally.updated, tally.conflicts), (1, 1, 1), "{report}");
    let told: Vec<String> = all(store, &TAG).await.iter().map(|tag| tag.text("description").to_owned()).collect();
    assert_eq!(told, ["", "later", "later"]);
}

async fn what_cannot_be_stored_is_refused_and_so_is_what_needs_it(store: &Store) {
    let mut lists = a_little();
    let systems = lists.get_mut("peering/autonomous-systems").unwrap();
    systems[1].insert("asn".to_owned(), json!(0));
    let mut third: Map<String, Json> = systems[0].clone();
    third.insert("id".to_owned(), json!(10));
    systems.push(third);
    let report = import(store, &lists, false).await.unwrap();
    let refused: Vec<(&str, i64)> = report.of(Fate::Refused).map(|line| (line.of.model, line.id)).collect();
    let expected =
        [("autonomoussystem", 9), ("configcontextassignment", 4), ("contactassignment", 2), ("journalentry", 6)];
    assert_eq!(refused, expected, "{report}");
    // one AS number twice in one list
    assert_eq!(report.of(Fate::Conflict).count(), 1, "{report}");
    assert_eq!(all(store, &AUTONOMOUS_SYSTEM).await.len(), 1);
    assert_eq!(all(store, &IX_SESSION).await.len(), 0);
}

async fn people_whose_number_is_somebody_else_s_here_come_over_under_another(store: &Store) {
    let first = crate::services::Accounts::new(store.clone());
    first.create_user("first", "a password of some length", true, &[]).await.unwrap();
    let person = |id: i64, name: &str| json!({"id": id, "username": name, "first_name": "", "last_name": "", "email": format!("{name}@example.net"), "is_staff": true, "is_active": true, "groups": []});
    let mut lists = a_little();
    lists.insert("users/users".to_owned(), vec![]);
    for one in [person(1, "admin"), person(2, "noc")] {
        lists.get_mut("users/users").unwrap().push(one.as_object().unwrap().clone());
    }
    lists.get_mut("extras/journal-entries").unwrap()[0].insert("created_by".to_owned(), json!(1));
    for again in [false, true] {
        let report = import(store, &lists, false).await.unwrap();
        let told: Vec<(Fate, i64, &str)> =
            report.lines.iter().map(|line| (line.fate, line.id, line.why.as_str())).collect();
        let moved = (Fate::Altered, 3, "It has number 3 here: 1 is that of first.");
        assert_eq!(told, if again { vec![] } else { vec![moved] }, "{report}");
        let people: Vec<(i64, String)> =
            all(store, &USER).await.iter().map(|user| (user.id, user.text("username").to_owned())).collect();
        let expected = [(3, "admin"), (1, "first"), (2, "noc")].map(|(id, name)| (id, name.to_owned()));
        assert_eq!(people, expected);
        // what they wrote is theirs
        assert_eq!(all(store, &JOURNAL_ENTRY).await[0].int("created_by"), Some(3));
    }
}

async fn change(store: &Store, of: &'static ObjectType, id: i64, field: &str, value: &str) {
    let record = store.get(&owner().permit::<View>(of).unwrap(), id).await.unwrap().unwrap();
    let mut write = store.begin(&owner(), "edit").await.unwrap();
    let changed = record.clone().with(field, Value::text(value));
    write.update(&owner().permit::<Change>(of).unwrap(), record.version, changed).await.unwrap();
    write.commit().await.unwrap();
}

async fn nobody_who_was_renamed_or_deleted_since_comes_over_a_second_time(store: &Store) {
    // number 1 of both types is somebody else's here
    crate::services::Accounts::new(store.clone())
        .create_user("first", "a password of some length", true, &[])
        .await
        .unwrap();
    add(store, Record::new(&GROUP).with("name", Value::text("Ours"))).await;
    let mut taken = Record::new(&GROUP);
    taken.id = 1;
    let mut write = store.begin(&owner(), "add").await.unwrap();
    write.adopt(&owner().permit::<Add>(&GROUP).unwrap(), &[taken.with("name", Value::text("Taken"))]).await.unwrap();
    write.commit().await.unwrap();
    let person = |id: i64, name: &str, joined: &str| json!({"id": id, "username": name, "first_name": "", "last_name": "", "email": "", "is_staff": true, "is_active": true, "is_superuser": true, "password": "", "date_joined": joined, "groups": [1]});
    let (then, later) = ("2024-01-02T03:04:05.000001Z", "2024-01-02T03:04:05.000002Z");
    let mut source = Source {
        lists: lists(json!({
            "users/groups": [{"id": 1, "name": "NOC", "permissions": ["*.view_*"]}],
            "users/users": [person(1, "admin", then), person(7, "noc", later), person(8, "gone", "2024-01-02T03:04:05.000003Z")],
        })),
        whole: true,
        ..Source::default()
    };
    let report = take_over(store, &source, false).await.unwrap();
    let people = async || -> Vec<(i64, String)> {
        all(store, &USER).await.iter().map(|user| (user.id, user.text("username").to_owned())).collect()
    };
    let called = |people: &[(i64, &str)]| -> Vec<(i64, String)> {
        people.iter().map(|(id, name)| (*id, (*name).to_owned())).collect()
    };
    assert_eq!(people().await, called(&[(9, "admin"), (1, "first"), (8, "gone"), (7, "noc")]), "{report}");
    let groups = all(store, &GROUP).await;
    let group = groups.iter().find(|group| group.text("name") == "NOC").unwrap().id;
    assert_ne!(group, 1);
    let told = |report: &Report| -> Vec<(i64, String)> {
        report.lines.iter().map(|line| (line.id, line.why.clone())).collect()
    };

    // renamed here, deleted here, and renamed there
    change(store, &USER, 9, "username", "root").await;
    change(store, &GROUP, group, "name", "Operators").await;
    let mut write = store.begin(&owner(), "delete").await.unwrap();
    write.delete(&owner().permit::<Delete>(&USER).unwrap(), 8).await.unwrap();
    write.commit().await.unwrap();
    source.lists.get_mut("users/users").unwrap()[1].insert("username".to_owned(), json!("desk"));
    for _ in 0..2 {
        let report = take_over(store, &source, false).await.unwrap();
        assert_eq!(people().await, called(&[(7, "desk"), (1, "first"), (9, "root")]), "{report}");
        assert_eq!(all(store, &GROUP).await.len(), groups.len(), "{report}");
        let expected = [
            (group, "It was changed here, and differs in Name."),
            (8, "An earlier import brought it, and it was deleted here since."),
            (9, "It was changed here, and differs in User name."),
        ];
        assert_eq!(told(&report), expected.map(|(id, why)| (id, why.to_owned())), "{report}");
        assert_eq!(report.count(|tally| tally.taken), 0, "{report}");
        let members = store.get(&owner().permit::<View>(&USER).unwrap(), 7).await.unwrap().unwrap();
        assert_eq!(members.get("groups").as_ids(), [group]);
    }
    // an installation of another name and moment is another person
    source.lists.get_mut("users/users").unwrap().truncate(1);
    source.lists.get_mut("users/users").unwrap()[0].insert("date_joined".to_owned(), json!("2025-01-01T00:00:00Z"));
    let report = take_over(store, &source, false).await.unwrap();
    assert_eq!(report.count(|tally| tally.taken), 1, "{report}");
}

/// Platforms and a group as they are there, with routers that use them.
fn with_platforms() -> Lists {
    let time = "2026-01-01T00:00:00Z";
    let platform = |id: i64, name: &str, slug: &str, driver: &str, algorithm: &str| json!({"id": id, "name": name, "slug": slug, "description": "", "password_algorithm": algorithm, "napalm_driver": driver, "napalm_args": null, "tags": [], "created": time, "updated": time});
    let router = |id: i64, platform: i64| json!({"id": id, "name": format!("r{id}"), "hostname": format!("r{id}.example.net"), "platform": {"id": platform}, "local_autonomous_system": {"id": 1}, "status": {"value": "enabled"}, "encrypt_passwords": false, "poll_bgp_sessions_state": false, "communities": [], "tags": [], "created": time, "updated": time});
    lists(json!({
        "peering/autonomous-systems": [{"id": 1, "asn": 64500, "name": "Ours", "affiliated": true, "tags": [], "created": time, "updated": time}],
        "devices/platforms": [
            platform(1, "Arista EOS", "arista-eos", "eos", "arista-type7"), platform(2, "Juniper Junos", "juniper-junos", "junos", "juniper-type9"),
            platform(3, "Cisco IOS-XR", "cisco-iosxr", "iosxr", "cisco-type7"), platform(4, "Cisco NX-OS", "cisco-nxos", "nxos", "cisco-type7"),
            platform(5, "Cisco IOS", "cisco-ios", "ios_of_ours", "cisco-type7"), platform(6, "Nokia SR OS", "nokia-sr-os", "", ""), platform(7, "BIRD", "bird", "", ""), platform(8, "FRR", "frr", "", ""), platform(9, "OpenBGPD", "arista-eos", "", ""),
        ],
        "devices/routers": [router(1, 2), router(2, 5), router(3, 6), router(4, 7)],
        "users/groups": [{"id": 1, "name": "NOC"}],
    }))
}

async fn what_a_new_installation_begins_with_stands_in_no_import_s_way(store: &Store) {
    crate::services::Accounts::new(store.clone())
        .create_user("first", "a password of some length", true, &[])
        .await
        .unwrap();
    let drivers = |platforms: &[Record]| -> Vec<(i64, String)> {
        platforms.iter().map(|platform| (platform.id, platform.text("napalm_driver").to_owned())).collect()
    };
    let here = all(store, &PLATFORM).await;
    let frr = here.iter().find(|platform| platform.text("name") == "FRR").unwrap().id;
    // a router of somebody who could not wait
    let ours =
        add(store, Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(64500)).with("name", Value::text("Ours")))
            .await;
    assert_eq!(ours.id, 1);
    let early =
        Record::new(&ROUTER).with("name", Value::text("early")).with("hostname", Value::text("early.example.net"));
    add(store, early.with("platform", Value::Int(frr)).with("local_autonomous_system", Value::Int(1))).await;
    let mut lists = with_platforms();
    // number 1 is taken by that one
    lists.get_mut("devices/routers").unwrap().remove(0);

    for again in [false, true] {
        let report = import(store, &lists, false).await.unwrap();
        let told: Vec<(&str, i64, &str)> =
            report.lines.iter().map(|line| (line.of.model, line.id, line.why.as_str())).collect();
        let bird = here.iter().find(|platform| platform.text("name") == "BIRD").unwrap().id;
        let (place, same) = (
            format!("It takes the place of number {bird}, which stood here unused."),
            format!("Platform {frr} has the same Name here."),
        );
        // the AS was made at another moment and is the same by its number; FRR is known by its name under our number, with our
        // driver, for a router has it; nothing had our BIRD
        let mut expected = vec![("autonomoussystem", 1, "number 1 is that of AS64500 - Ours here.")];
        expected.extend((!again).then_some(("platform", 7, place.as_str())));
        expected.push(("platform", 8, &same));
        // our OpenBGPD makes no room for what will not be taken: its slug is another's
        let openbgpd = here.iter().find(|platform| platform.text("name") == "OpenBGPD").unwrap().id;
        let stays = format!("Platform {openbgpd} has the same Name here.");
        expected.push(("platform", 9, &stays));
        assert_eq!(told, expected, "{report}");
        assert_eq!(report.count(|tally| tally.updated), if again { 0 } else { 5 }, "{report}");
        let mut expected: Vec<(i64, String)> = drivers(&here);
        expected.retain(|(id, _)| *id != 5 && *id != bird);
        expected.extend([(5, "ios_of_ours".to_owned()), (6, String::new()), (7, String::new())]);
        expected.sort();
        let mut found = drivers(&all(store, &PLATFORM).await);
        found.sort();
        assert_eq!(found, expected);
        let routers: Vec<(i64, Option<i64>)> =
            all(store, &ROUTER).await.iter().map(|router| (router.id, router.int("platform"))).collect();
        assert_eq!(routers, [(1, Some(frr)), (2, Some(5)), (3, Some(6)), (4, Some(7))]);
    }
    let groups: Vec<(i64, String)> =
        all(store, &GROUP).await.iter().map(|group| (group.id, group.text("name").to_owned())).collect();
    assert!(groups.contains(&(1, "NOC".to_owned())) && groups.len() == 3, "{groups:?}");
}
