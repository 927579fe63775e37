use crate::{
    database::Database,
    world::{add, all, change, delete, may, network, session, small, system},
};
use peerage_model::{
    Label, ObjectType, Record, Value, Who,
    permit::{Add, Delete, Rights, Verb, View},
    types::{
        AUTONOMOUS_SYSTEM, CHANGE, CONFIGURATION, CONNECTION, INTERNET_EXCHANGE, IX_SESSION, PLATFORM, ROUTER, TAG,
    },
};
use peerage_store::{Group, StoreError};

fn told(groups: &[Group]) -> Vec<(String, u64)> {
    let mut told: Vec<_> = groups.iter().map(|group| (group.of.model.to_owned(), group.count)).collect();
    told.sort();
    told
}

pub async fn what_is_protected_names_what_stands_in_the_way(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let platform = Record::new(&PLATFORM).with("name", Value::text("Junos")).with("slug", Value::text("junos"));
    let platform = add(store, platform).await;
    change(store, small.router.with("platform", Value::Int(platform.id))).await;
    let permit = may::<Delete>(&PLATFORM);
    let standing = store.referring(&permit, &[platform.id]).await.unwrap();
    assert_eq!(told(&standing.protecting), [("router".to_owned(), 1)]);
    assert_eq!(standing.protecting[0].first[0].1, "edge1");
    let mut write = store.begin(&system(), "").await.unwrap();
    let problem = write.delete(&permit, platform.id).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::Conflict);
    assert_eq!(problem.message, "This platform is needed by 1 router (edge1). Change or delete those first.");
    assert_eq!(problem.current.unwrap()["in_the_way"][0]["first"][0]["label"], "edge1");
    drop(write);
    assert_eq!(all(store, &PLATFORM).await.len(), 1);
}

pub async fn what_goes_along_is_told_before_and_recorded_after(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let standing = store.referring(&may::<Delete>(&AUTONOMOUS_SYSTEM), &[small.local.id]).await.unwrap();
    let gone = ["connection", "internetexchange", "internetexchangepeeringsession", "router"];
    assert_eq!(told(&standing.gone), gone.map(|model| (model.to_owned(), 1)));
    let session = standing.gone.iter().find(|group| group.of.is(&IX_SESSION)).unwrap();
    assert_eq!(session.first[0].1, "Example-IX - AS64501 - IP 192.0.2.1");
    let before = all(store, &CHANGE).await.len();
    delete(store, &small.local).await;
    for of in [&ROUTER, &INTERNET_EXCHANGE, &CONNECTION, &IX_SESSION] {
        assert!(all(store, of).await.is_empty(), "{}", of.key());
    }
    assert_eq!(all(store, &AUTONOMOUS_SYSTEM).await, [small.peer]);
    let mut changes = all(store, &CHANGE).await;
    changes.sort_by_key(|change| change.id);
    let deletions = &changes[before..];
    assert!(deletions.iter().all(|change| change.text("action") == "delete"));
    assert!(deletions.iter().all(|change| change.get("postchange_data").is_null()));
    let mut labels: Vec<&str> = deletions.iter().map(|change| change.text("object_repr")).collect();
    assert_eq!(labels.pop(), Some("AS64500 - Ours"));
    labels.sort_unstable();
    assert_eq!(labels, ["Example-IX", "Example-IX - AS64501 - IP 192.0.2.1", "Example-IX on edge1", "edge1"]);
}

pub async fn what_loses_its_reference_is_recorded(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let template = Record::new(&CONFIGURATION).with("name", Value::text("t")).with("template", Value::text("x"));
    let template = add(store, template).await;
    let router = change(store, small.router.with("configuration_template", Value::Int(template.id))).await;
    let standing = store.referring(&may::<Delete>(&CONFIGURATION), &[template.id]).await.unwrap();
    assert_eq!((told(&standing.released), standing.gone.len()), (vec![("router".to_owned(), 1)], 0));
    delete(store, &template).await;
    let now = all(store, &ROUTER).await.remove(0);
    assert_eq!((now.get("configuration_template"), now.version), (&Value::Null, router.version + 1));
    let mut changes = all(store, &CHANGE).await;
    changes.sort_by_key(|change| change.id);
    let last: Vec<(&str, &str)> =
        changes.iter().rev().take(2).map(|change| (change.text("action"), change.text("object_repr"))).collect();
    assert!(last.contains(&("update", "edge1")) && last.contains(&("delete", "t")), "{last:?}");
}

/// Whoever may delete what a filter shows is asked about all that goes along at once.
pub async fn a_limited_permission_costs_the_same_statements_for_any_number_of_objects(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let limited = |of: &ObjectType, filter: &str| format!("{} {filter}", Delete::permission(of));
    let names = [
        limited(&AUTONOMOUS_SYSTEM, "asn:>64510"),
        limited(&IX_SESSION, "status:enabled"),
        format!("{} status:enabled", Add::permission(&IX_SESSION)),
        View::permission(&IX_SESSION),
    ];
    let who = Who { user: None, name: "limited".into(), rights: Rights::only(names).into() };
    let mut asn = 64_510;
    let mut cost = async |sessions: usize, refused: bool| {
        asn += 1;
        let peer = add(store, network(asn, "Peer")).await;
        let before = store.statements();
        let mut write = store.begin(&who, "").await.unwrap();
        let many = (0..sessions).map(|n| {
            let session = session(&peer, &small.connection, &format!("198.51.{}.{n}", asn - 64_510));
            session.with("status", Value::text("enabled"))
        });
        let stored = write.insert_all(&who.permit(&IX_SESSION).unwrap(), many.collect()).await.unwrap();
        write.commit().await.unwrap();
        let added = store.statements() - before;
        if refused {
            let last = stored.last().unwrap();
            change(store, last.clone().with("status", Value::text("disabled"))).await;
        }
        let before = store.statements();
        let mut write = store.begin(&who, "").await.unwrap();
        let result = write.delete(&who.permit(&AUTONOMOUS_SYSTEM).unwrap(), peer.id).await;
        if refused {
            let problem = result.unwrap_err().into_problem();
            assert_eq!(problem.label, Label::Forbidden, "{}", problem.message);
            assert!(
                problem.message.starts_with(&format!("{sessions} IX sessions would go along.")),
                "{}",
                problem.message
            );
        } else {
            result.unwrap();
            write.commit().await.unwrap();
        }
        (added, store.statements() - before)
    };
    assert_eq!(cost(2, false).await, cost(40, false).await);
    assert_eq!(cost(2, true).await, cost(40, true).await);
    // and of many that are asked for
    let many = async |networks: i64| {
        let ids: Vec<i64> = {
            let mut ids = Vec::new();
            for n in 0..networks {
                ids.push(add(store, network(4_200_000_000 + n, "Many")).await.id);
            }
            ids
        };
        let before = store.statements();
        let mut write = store.begin(&who, "").await.unwrap();
        write.delete_all(&who.permit(&AUTONOMOUS_SYSTEM).unwrap(), &ids).await.unwrap();
        write.commit().await.unwrap();
        store.statements() - before
    };
    assert_eq!(many(2).await, many(20).await);
}

pub async fn a_tag_leaves_its_objects(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let tag = add(store, Record::new(&TAG).with("name", Value::text("a")).with("slug", Value::text("a"))).await;
    change(store, small.router.clone().with("tags", Value::Ids([tag.id].into()))).await;
    let standing = store.referring(&may::<Delete>(&TAG), &[tag.id]).await.unwrap();
    assert_eq!(told(&standing.released), [("router".to_owned(), 1)]);
    delete(store, &tag).await;
    assert!(all(store, &ROUTER).await[0].get("tags").is_empty());
    let log = all(store, &CHANGE).await;
    let words: Vec<&str> = log.iter().take(2).map(|change| change.text("changed_object_type")).collect();
    assert_eq!(words, ["extras.tag", "devices.router"], "the tag went last");
}

pub async fn nothing_is_deleted_twice(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    delete(store, &small.session).await;
    let permit = may::<Delete>(&IX_SESSION);
    let mut write = store.begin(&system(), "").await.unwrap();
    let problem = write.delete(&permit, small.session.id).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::NotFound);
    assert!(matches!(write.delete(&permit, small.session.id).await, Err(StoreError::Broken)));
    assert_eq!(store.referring(&permit, &[small.session.id]).await.unwrap_err().into_problem().label, Label::NotFound);
}
