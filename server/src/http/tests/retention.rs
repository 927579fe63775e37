//! The change log, after years.

use super::*;
use crate::services::retention::tidy;

pub async fn old_changes_are_forgotten_only_if_one_says_so(database: &database::Database) {
    let world = World::new(database).await;
    let list = json!({"request": {"type": "core.objectchange"}});
    let total = async || world.expect("/fn/records/list", list.clone()).await["total"].as_u64().unwrap();
    let others = total().await;
    for number in 0..1_203 {
        let mut write = database.store.begin(&peerage_model::Who::system("tests"), "").await.unwrap();
        let tag = peerage_model::Record::new(&peerage_model::types::TAG)
            .with("name", peerage_model::Value::text(format!("t{number}")))
            .with("slug", peerage_model::Value::text(format!("t{number}")));
        let permit = peerage_model::Who::system("tests").permit(&peerage_model::types::TAG).unwrap();
        write.insert(&permit, tag).await.unwrap();
        write.commit().await.unwrap();
    }
    let all = others + 1_203;
    assert_eq!(total().await, all);
    // all but three are of long ago
    let old = "changed_object_type = 'extras.tag' AND changed_object_id <= 1200";
    database.tamper(&format!("UPDATE core_objectchange SET time = 1000000 WHERE {old}")).await;
    assert_eq!((tidy(&database.store, &[&peerage_model::types::CHANGE], 0).await.unwrap(), total().await), (0, all));
    assert_eq!(
        (tidy(&database.store, &[&peerage_model::types::CHANGE], 100_000).await.unwrap(), total().await),
        (0, all)
    );
    assert_eq!(
        (tidy(&database.store, &[&peerage_model::types::CHANGE], 365).await.unwrap(), total().await),
        (1_200, others + 3)
    );
    assert_eq!(tidy(&database.store, &[&peerage_model::types::CHANGE], 365).await.unwrap(), 0);
}

pub async fn what_a_run_told_goes_with_it(database: &database::Database) {
    use peerage_model::{
        Record, Value, Who,
        peeringdb::{SYNCHRONISATION, UPSTREAM_CHANGE},
    };
    let world = World::new(database).await;
    let who = Who::system("tests");
    // of long ago, and of today
    for time in [1_000_000, 9_000_000_000_000_000] {
        let mut write = database.store.begin(&who, "").await.unwrap();
        let run = Record::new(&SYNCHRONISATION).with("time", Value::Time(time));
        let run = write.insert(&who.permit(&SYNCHRONISATION).unwrap(), run).await.unwrap();
        let told = Record::new(&UPSTREAM_CHANGE)
            .with("namespace", Value::text("net"))
            .with("subject", Value::text("AS64500"))
            .with("object_id", Value::Int(1))
            .with("run", Value::Int(run.id));
        write.note_many(&who.permit(&UPSTREAM_CHANGE).unwrap(), &[told.clone(), told]).await.unwrap();
        write.commit().await.unwrap();
    }
    let told = || count(&world, "peeringdb.upstreamchange");
    assert_eq!(told().await, 4);
    assert_eq!(tidy(&database.store, &[&SYNCHRONISATION], 365).await.unwrap(), 1);
    assert_eq!(told().await, 2);
}
