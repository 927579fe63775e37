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

/// Of those that come by themselves and say what the one before said, the last stays.
pub async fn what_says_nothing_new_takes_the_place_of_the_one_before(database: &Database) {
    let (store, entry) = (&database.store, daily("test.repeats"));
    let queue = queue(store);
    assert!(!queue.enqueue_due(&entry, BEGIN).await.unwrap());
    let mut now = queue.next_due(entry.name, DAY, BEGIN).await.unwrap().unwrap();
    let well = "3 of 3 routers answered.";
    let left = async |said: &str, line: &str, now: i64| {
        let claimed = queue.claim(&worker("w:1:x"), &[], now).await.unwrap().unwrap();
        let mut news = News::default();
        if !line.is_empty() {
            news.lines.push(Line::at(now, Level::Warning, line));
        }
        queue.end(claimed.kind, &claimed.hold, &news, &End::Completed(said.into()), now + 7).await.unwrap();
        let mut left = jobs(store).await;
        left.sort_by_key(|job| job.id);
        left.iter().map(|job| job.text("outcome").to_owned()).collect::<Vec<_>>().join(" ")
    };
    let steps = [
        (well, "", well.to_owned()),
        (well, "", well.to_owned()),
        ("2 of 3.", "r1 is away", format!("{well} 2 of 3.")),
        ("2 of 3.", "r1 is away", format!("{well} 2 of 3.")),
        // another one of them
        ("2 of 3.", "r2 is away", format!("{well} 2 of 3. 2 of 3.")),
        (well, "", format!("{well} 2 of 3. 2 of 3. {well}")),
    ];
    for (said, line, expected) in steps {
        assert!(queue.enqueue_due(&entry, now).await.unwrap());
        assert_eq!(left(said, line, now).await, expected);
        now += micros(DAY);
    }
    // what somebody asked for stays, and what comes after it is compared with its own kind
    enqueue(&queue, "test.repeats").await;
    assert_eq!(left(well, "", now).await, format!("{well} 2 of 3. 2 of 3. {well} {well}"));
    assert!(queue.enqueue_due(&entry, now).await.unwrap());
    assert_eq!(left(well, "", now).await, format!("{well} 2 of 3. 2 of 3. {well} {well}"));
    assert_eq!(database.texts("SELECT DISTINCT CAST(job_id AS TEXT) FROM core_jobline").await.len(), 5);
}
