//! What comes by itself, and what goes.

use super::*;

fn daily(name: &'static str) -> Entry {
    Entry { name, period: DAY, arguments: json!({"by": "itself"}) }
}

pub async fn what_is_due_is_enqueued_once_by_however_many(database: &Database) {
    let entry = daily("test.alone");
    let first = queue(&database.store);
    // the first look of all draws the minute
    assert!(!first.enqueue_due(&entry, BEGIN).await.unwrap());
    let due = first.next_due(entry.name, DAY, BEGIN).await.unwrap().unwrap();
    assert!(due > BEGIN && due <= BEGIN + micros(DAY));
    assert!(!first.enqueue_due(&entry, due - 1).await.unwrap());
    // days later: one for all that was due meanwhile
    let late = due + 3 * micros(DAY) + 5;
    let mut looks = Vec::new();
    for _ in 0..6 {
        let (store, entry) = (Store::open(&database.url, Some(database::key())).await.unwrap(), entry.clone());
        looks.push(tokio::spawn(async move {
            let enqueued = queue(&store).enqueue_due(&entry, late).await.unwrap();
            store.close().await;
            enqueued
        }));
    }
    let mut enqueued = 0;
    for look in looks {
        enqueued += u32::from(look.await.unwrap());
    }
    assert_eq!(enqueued, 1);
    let known = jobs(&database.store).await;
    assert_eq!((known.len(), known[0].text("user_name"), known[0].text("schedule")), (1, "schedule", "test.alone"));
    assert_eq!(known[0].get("arguments"), &Value::Json(Arc::new(json!({"by": "itself"}))));
    // while one is there none comes, and what was due comes after it
    let next = late + micros(DAY);
    assert!(!first.enqueue_due(&entry, next).await.unwrap());
    let claimed = first.claim(&worker("w:1:x"), &[], next).await.unwrap().unwrap();
    assert!(!first.enqueue_due(&entry, next).await.unwrap());
    first.end(claimed.kind, &claimed.hold, &News::default(), &End::Failed("Badly.".into()), next).await.unwrap();
    assert!(first.enqueue_due(&entry, next).await.unwrap());
    assert!(!first.enqueue_due(&entry, next).await.unwrap());
    assert_eq!(jobs(&database.store).await.len(), 2);
}

pub async fn what_is_due_comes_while_all_places_are_taken(database: &Database) {
    let time = at(BEGIN);
    let (clock, store) = (time.clone(), &database.store);
    let pace = Pace { tick: Duration::from_millis(5), jobs: 1, ..Pace::default() };
    let timetable = Timetable::default().every("test.alone", DAY, json!({}));
    let means = Means::of(Source::api(PUBLIC_API, None).unwrap());
    let clock = Arc::new(move || clock.load(Ordering::Relaxed));
    let engine = Arc::new(Engine::with(store.clone(), means, timetable, TRIED, pace, clock));
    let id = enqueue(engine.queue(), "test.obedient").await.id;
    let running = engine.take_one().await.unwrap().unwrap();
    let due = engine.queue().next_due("test.alone", DAY, BEGIN).await.unwrap().unwrap();
    // its own deadline is another matter
    engine.queue().cancel(&admin(), id, BEGIN).await.unwrap();
    time.store(due, Ordering::Relaxed);
    let _ = engine.take_one().await.unwrap();
    running.await.unwrap();
    assert!(jobs(store).await.iter().any(|job| job.text("schedule") == "test.alone"));
}

pub async fn old_jobs_go_with_their_logs_and_others_stay(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let time = now();
    let day = micros(DAY);
    for age in [200, 100, 10, 1] {
        enqueue(&queue, "test.quick").await;
        let claimed = queue.claim(&worker("w:1:x"), &[], time).await.unwrap().unwrap();
        let end = End::Completed("Done.".into());
        queue.end(claimed.kind, &claimed.hold, &News::default(), &end, time - age * day).await.unwrap();
    }
    // however old: it has not ended
    enqueue(&queue, "test.deaf").await;
    assert_eq!(retention::tidy(store, &[&JOB], 0).await.unwrap(), 0);
    assert_eq!(retention::tidy(store, &[&JOB], 90).await.unwrap(), 2);
    let left = store.records(&admin().permit::<View>(&JOB).unwrap(), &ListQuery::all(&JOB)).await.unwrap();
    assert_eq!(left.len(), 3);
    assert_eq!(database.texts("SELECT DISTINCT CAST(job_id AS TEXT) FROM core_jobline").await.len(), 2);
}
