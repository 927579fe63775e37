use crate::{
    database::Database,
    world::{all, change, may, network, person, reader, system},
};
use peerage_model::{
    Label, Value,
    permit::Delete,
    types::{AUTONOMOUS_SYSTEM, CHANGE},
};
use peerage_store::Action;

pub async fn old_changes_go_in_portions_the_oldest_first(database: &Database) {
    let store = &database.store;
    let mut ours = crate::world::add(store, network(64500, "v0")).await;
    for number in 1..=9 {
        ours = change(store, ours.with("name", Value::text(format!("v{number}")))).await;
    }
    let changes = all(store, &CHANGE).await;
    let newest = changes.iter().map(|change| change.id).max().unwrap();
    // ids and times in the same order; half of them are old
    database.tamper("UPDATE core_objectchange SET time = id WHERE id <= 6").await;
    let (_, told) = store.event_numbers().await.unwrap();
    let forget = async |before: i64, most: u64| {
        let mut write = store.begin(&system(), "").await.unwrap();
        let count = write.forget(&may::<Delete>(&CHANGE), before, most).await.unwrap();
        write.commit().await.unwrap();
        let mut left: Vec<i64> = all(store, &CHANGE).await.iter().map(|change| change.id).collect();
        left.sort_unstable();
        (count, left)
    };
    assert_eq!(forget(1_000, 4).await, (4, (5..=10).collect()));
    assert_eq!(forget(1_000, 4).await, (2, (7..=10).collect()));
    assert_eq!(forget(1_000, 4).await.0, 0);
    let events = store.events_after(told).await.unwrap();
    assert_eq!(events.len(), 2, "what was nothing is not told of");
    assert!(events.iter().all(|told| told.event.of.is(&CHANGE) && told.event.action == Action::Delete));
    // the newest stays
    assert_eq!(forget(i64::MAX, 100).await, (3, vec![newest]));
}

pub async fn only_logs_are_forgotten_and_only_by_the_system(database: &Database) {
    let store = &database.store;
    crate::world::add(store, network(64500, "Ours")).await;
    let mut write = store.begin(&system(), "").await.unwrap();
    let refusal = write.forget(&may::<Delete>(&AUTONOMOUS_SYSTEM), i64::MAX, 10).await.unwrap_err().into_problem();
    assert_eq!(refusal.label, Label::Forbidden);
    drop(write);
    let someone = peerage_model::Who { user: Some(1), ..person() };
    let mut write = store.begin(&someone, "").await.unwrap();
    let permit = someone.permit::<Delete>(&CHANGE).unwrap_or_else(|_| may::<Delete>(&CHANGE));
    assert_eq!(write.forget(&permit, i64::MAX, 10).await.unwrap_err().into_problem().label, Label::Forbidden);
    assert!(reader().permit::<Delete>(&CHANGE).is_err());
}
