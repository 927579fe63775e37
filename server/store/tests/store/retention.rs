use crate::{
    database::Database,
    world::{all, change, may, network, person, reader, system},
};
use peerage_model::{
    Label, Record, Value,
    permit::{Add, Delete},
    types::{AUTONOMOUS_SYSTEM, CHANGE, PUSH, ROUTER},
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

/// A push by which a router's own lines are known stays, as does the last of each other kind.
pub async fn of_old_pushes_the_last_of_each_kind_to_each_router_stays(database: &Database) {
    let store = &database.store;
    let mut write = store.begin(&system(), "").await.unwrap();
    let routers: Vec<i64> = {
        let mut ids = Vec::new();
        let ours = write.insert(&may::<Add>(&AUTONOMOUS_SYSTEM), network(64500, "Ours")).await.unwrap();
        for name in ["r1", "r2"] {
            let router = Record::new(&ROUTER)
                .with("name", Value::text(name))
                .with("hostname", Value::text(name))
                .with("local_autonomous_system", Value::Int(ours.id));
            ids.push(write.insert(&may::<Add>(&ROUTER), router).await.unwrap().id);
        }
        ids
    };
    let pushes = [
        (0, "push", "confirmed"),
        (0, "check", "checked"),
        (0, "push", "confirmed"),   // 3: stays
        (0, "check", "checked"),    // 4: stays
        (0, "push", "rolled-back"), // 5: stays
        (1, "push", "confirmed"),   // 6: stays
        (1, "check", ""),           // 7: has not ended
    ];
    for (at, (router, mode, outcome)) in pushes.into_iter().enumerate() {
        let outcome = if outcome.is_empty() { Value::Null } else { Value::text(outcome) };
        let push = Record::new(&PUSH)
            .with("time", Value::Time(at as i64))
            .with("router", Value::Int(routers[router]))
            .with("router_name", Value::text("of then"))
            .with("mode", Value::text(mode))
            .with("outcome", outcome)
            .with("push_id", Value::text(format!("p{at}")));
        assert_eq!(write.insert(&may::<Add>(&PUSH), push).await.unwrap().id, at as i64 + 1);
    }
    write.commit().await.unwrap();
    let mut write = store.begin(&system(), "").await.unwrap();
    assert_eq!(write.forget(&may::<Delete>(&PUSH), i64::MAX, 100).await.unwrap(), 2);
    write.commit().await.unwrap();
    let mut left: Vec<i64> = all(store, &PUSH).await.iter().map(|push| push.id).collect();
    left.sort_unstable();
    assert_eq!(left, [3, 4, 5, 6, 7]);
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
