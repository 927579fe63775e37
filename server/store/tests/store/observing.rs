//! What routers say of sessions, beside what people say of them.

use crate::database::Database;
use peerage_model::{
    Record, Value, Who,
    permit::{Add, Change, View},
    types::{CHANGE, PLATFORM, ROUTER, SESSION_HISTORY, TAG},
};
use peerage_store::Store;
use serde_json::json;
use std::sync::Arc;

fn who() -> Who {
    Who::system("tests")
}

async fn routers(store: &Store, count: usize) -> Vec<Record> {
    let mut write = store.begin(&who(), "").await.unwrap();
    let ours = Record::new(&peerage_model::types::AUTONOMOUS_SYSTEM)
        .with("asn", Value::Int(64_500))
        .with("name", Value::text("Ours"));
    let ours = write.insert(&who().permit(ours.of).unwrap(), ours).await.unwrap().id;
    let mut made = Vec::new();
    for number in 0..count {
        let router = Record::new(&ROUTER)
            .with("name", Value::text(format!("r{number}")))
            .with("hostname", Value::text("192.0.2.1"))
            .with("status", Value::text("enabled"))
            .with("local_autonomous_system", Value::Int(ours))
            .with("poll_bgp_sessions_state", Value::Bool(true))
            .with("napalm_password", Value::text("hush"));
        made.push(write.insert(&who().permit::<Add>(&ROUTER).unwrap(), router).await.unwrap());
    }
    write.commit().await.unwrap();
    made
}

pub async fn an_observation_is_nobodys_edit(database: &Database) {
    const FIELDS: [&str; 4] = ["reachability", "reachability_words", "asked", "neighbours"];
    let store = &database.store;
    let routers = routers(store, 3).await;
    let changes = store.count(&who().permit::<View>(&CHANGE).unwrap(), &Default::default()).await.unwrap();
    let change = who().permit::<Change>(&ROUTER).unwrap();
    let seen = |router: &Record, number: i64| {
        router
            .clone()
            .with("name", Value::text("not looked at"))
            .with("reachability", if number == 1 { Value::Null } else { Value::text("answers") })
            .with("reachability_words", Value::text("it's \"fine\""))
            .with("asked", Value::Time(number))
            .with("neighbours", Value::Json(Arc::new(json!([{"address": "192.0.2.7"}]))))
    };
    let mut observed: Vec<Record> = routers.iter().zip(0..).map(|(router, number)| seen(router, number)).collect();
    let mut gone = seen(&routers[0], 9);
    gone.id = 4_711;
    observed.push(gone);
    let before = store.statements();
    let mut write = store.begin(&who(), "").await.unwrap();
    write.observe(&change, &FIELDS, &observed).await.unwrap();
    write.commit().await.unwrap();
    let cost = store.statements() - before;
    assert!(cost <= 4, "{cost} statements for three routers");
    let view = who().permit::<View>(&ROUTER).unwrap();
    for (number, router) in routers.iter().enumerate() {
        let now = store.get(&view, router.id).await.unwrap().unwrap();
        assert_eq!((now.version, now.text("name")), (1, router.text("name")));
        assert_eq!(now.get("reachability").is_null(), number == 1);
        assert_eq!(now.get("asked"), &Value::Time(number as i64));
        assert_eq!(now.get("neighbours"), observed[number].get("neighbours"));
        assert_eq!(now.get("napalm_password"), &Value::Hidden);
    }
    // somebody who edits meanwhile is not overtaken, and takes nothing of it back
    let mut write = store.begin(&who(), "").await.unwrap();
    let edited = routers[0].clone().with("name", Value::text("renamed")).with("asked", Value::Time(77));
    let edited = write.update(&change, routers[0].version, edited).await.unwrap();
    assert_eq!((edited.get("asked"), edited.text("name")), (&Value::Time(0), "renamed"));
    // a rule may clear what was seen
    let cleared = edited.clone().with("asked", Value::Null);
    let cleared = write.update(&change, edited.version, cleared).await.unwrap();
    assert!(cleared.get("asked").is_null());
    write.commit().await.unwrap();
    let recorded = store.count(&who().permit::<View>(&CHANGE).unwrap(), &Default::default()).await.unwrap();
    assert_eq!(recorded, changes + 2, "only the edits are changes");
}

pub async fn only_what_can_be_observed_is_observed_and_only_by_the_system(database: &Database) {
    let store = &database.store;
    let router = routers(store, 1).await.pop().unwrap();
    let change = who().permit::<Change>(&ROUTER).unwrap();
    let mut write = store.begin(&who(), "").await.unwrap();
    assert!(write.observe(&change, &["name"], std::slice::from_ref(&router)).await.is_err());
    drop(write);
    let mut write = store.begin(&who(), "").await.unwrap();
    assert!(write.observe(&change, &["nothing"], std::slice::from_ref(&router)).await.is_err());
    drop(write);
    let mut write = store.begin(&who(), "").await.unwrap();
    let platform = Record::new(&PLATFORM);
    assert!(write.observe(&change, &["asked"], &[platform]).await.is_err());
    drop(write);
    let person = Who { user: Some(1), ..who() };
    let mut write = store.begin(&person, "").await.unwrap();
    assert!(write.observe(&person.permit::<Change>(&ROUTER).unwrap(), &["asked"], &[router]).await.is_err());
    drop(write);
    // figures that are observed are written in bulk, what is the system's otherwise is not
    let mut write = store.begin(&who(), "").await.unwrap();
    write.note_many(&who().permit::<Add>(&SESSION_HISTORY).unwrap(), &[]).await.unwrap();
    assert!(write.note_many(&who().permit::<Add>(&TAG).unwrap(), &[]).await.is_err());
    drop(write);
}
