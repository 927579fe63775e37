use crate::{
    database::Database,
    world::{add, may, network, system},
};
use peerage_model::{permit::Add, types::AUTONOMOUS_SYSTEM};
use peerage_store::{Action, Store};
use std::time::Duration;

/// Longer than a follower ever waits by itself.
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn a_follower_hears_of_another_process(database: &Database) {
    let elsewhere = Store::open(&database.url, None).await.unwrap();
    let mut tail = elsewhere.follow().await.unwrap();
    let first = add(&database.store, network(1, "one")).await;
    let told = tokio::time::timeout(PATIENCE, tail.next()).await.unwrap().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].event.of, told[0].event.id), (&AUTONOMOUS_SYSTEM, first.id));
    let second = add(&elsewhere, network(2, "two")).await;
    let told = tokio::time::timeout(PATIENCE, tail.next()).await.unwrap().unwrap();
    assert_eq!((told.len(), told[0].event.id, told[0].event.action), (1, second.id, Action::Create));
    // it holds a connection
    drop(tail);
    elsewhere.close().await;
}

/// Ten writers at once: whoever follows sees every number once and in order.
pub async fn numbers_rise_in_the_order_of_the_commits(database: &Database) {
    let store = &database.store;
    let (_, before) = store.event_numbers().await.unwrap();
    let mut tail = store.follow().await.unwrap();
    let writers: Vec<_> = (1..=10)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for number in 0..5 {
                    let mut write = store.begin(&system(), "").await.unwrap();
                    write.insert(&may::<Add>(&AUTONOMOUS_SYSTEM), network(writer * 100 + number, "n")).await.unwrap();
                    write.commit().await.unwrap();
                }
            })
        })
        .collect();
    let mut heard = Vec::new();
    while heard.len() < 50 {
        let told = tokio::time::timeout(PATIENCE, tail.next()).await.unwrap().unwrap();
        heard.extend(told.into_iter().map(|told| told.number));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let all: Vec<i64> = store.events_after(before).await.unwrap().into_iter().map(|told| told.number).collect();
    assert_eq!(heard, all);
}
