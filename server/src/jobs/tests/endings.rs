//! How jobs end, and how their workers give them up.

use super::*;

pub async fn what_does_not_answer_is_tried_again_later_and_later(database: &Database) {
    let store = &database.store;
    let time = at(BEGIN);
    let engine = engine(store, &time);
    let id = enqueue(engine.queue(), "test.away").await.id;
    for (wait, retries) in [(60, 1), (90, 2)] {
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let waiting = job(store, id).await;
        assert_eq!((waiting.text("status"), waiting.int("retries")), ("pending", Some(retries)));
        let due = time.load(Ordering::Relaxed) + wait * SECOND;
        assert_eq!(waiting.get("not_before").as_time(), Some(due));
        time.store(due - 1, Ordering::Relaxed);
        assert!(engine.take_one().await.unwrap().is_none());
        time.store(due, Ordering::Relaxed);
    }
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    let failed = job(store, id).await;
    assert_eq!((failed.text("status"), failed.text("outcome")), ("failed", "Nobody answers."));
    engine.queue().retry(&admin(), id, BEGIN).await.unwrap();
    assert_eq!(job(store, id).await.int("retries"), Some(0));
}

pub async fn only_what_says_so_is_tried_again(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    // nobody knows what it had done; nobody may do it twice
    for (name, words) in [("test.stray", "The database is busy."), ("test.never", "Nobody answers.")] {
        let id = enqueue(engine.queue(), name).await.id;
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let failed = job(store, id).await;
        assert_eq!((failed.text("status"), failed.text("outcome")), ("failed", words), "{name}");
    }
    // who asks to be left alone is
    let id = enqueue(engine.queue(), "test.throttled").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.get("not_before").as_time(), Some(BEGIN + 1_000 * SECOND));
}

pub async fn what_it_took_is_what_was_worked(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let mut time = BEGIN;
    for end in [End::TryAgain("Nobody answers.".into(), Duration::ZERO), End::Completed("Done.".into())] {
        let claimed = queue.claim(&worker("w:1:x"), &[], time).await.unwrap().unwrap();
        let news = News { progress: Some(("half".into(), 1, 2)), ..News::default() };
        queue.end(claimed.kind, &claimed.hold, &news, &end, time + 3 * SECOND).await.unwrap();
        time += 100 * SECOND;
    }
    let done = job(store, id).await;
    assert_eq!((done.int("milliseconds"), done.get("started").as_time()), (Some(6_000), Some(BEGIN)));
    // how far it was when it ended is told as well
    assert_eq!((done.text("phase"), done.int("done"), done.int("total")), ("half", Some(1), Some(2)));
}

pub async fn a_job_tells_how_far_it_is_and_how_it_ended(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.quick").await.id;
    let (_, told) = store.event_numbers().await.unwrap();
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    let done = job(store, id).await;
    assert_eq!((done.text("status"), done.text("outcome")), ("completed", "Done."));
    let lines = log(store, id).await;
    assert_eq!(lines[1..], ["quick", "Done."]);
    assert_eq!((done.text("phase"), done.int("done"), done.int("total")), ("half", Some(1), Some(2)));
    let events = store.events_after(told).await.unwrap();
    assert!(events.iter().all(|told| told.event.of.is(&JOB) && told.event.id == id) && events.len() >= 2, "{events:?}");
    assert!(engine.take_one().await.unwrap().is_none());
}

pub async fn a_job_that_runs_ends_when_somebody_wishes(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    for name in ["test.obedient", "test.deaf"] {
        let id = enqueue(engine.queue(), name).await.id;
        let running = engine.take_one().await.unwrap().unwrap();
        // from another process
        queue(store).cancel(&admin(), id, BEGIN).await.unwrap();
        running.await.unwrap();
        let ended = job(store, id).await;
        assert_eq!(ended.text("status"), "failed", "{name}");
        assert!(ended.text("outcome").starts_with("Cancelled by admin."), "{ended:?}");
    }
}

pub async fn a_job_that_takes_too_long_is_ended(database: &Database) {
    let store = &database.store;
    let time = at(BEGIN);
    let engine = engine(store, &time);
    for name in ["test.obedient", "test.deaf"] {
        let id = enqueue(engine.queue(), name).await.id;
        let running = engine.take_one().await.unwrap().unwrap();
        time.fetch_add(600 * SECOND, Ordering::Relaxed);
        running.await.unwrap();
        let ended = job(store, id).await;
        assert_eq!(ended.text("status"), "errored", "{name}");
        assert!(ended.text("outcome").contains("within 10 minutes"), "{ended:?}");
    }
}

pub async fn a_handler_that_cannot_be_cut_off_is_left_to_itself(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.busy").await.id;
    let running = engine.take_one().await.unwrap().unwrap();
    queue(store).cancel(&admin(), id, BEGIN).await.unwrap();
    running.await.unwrap();
    let ended = job(store, id).await;
    assert_eq!(ended.text("status"), "errored");
    assert!(ended.text("outcome").contains("goes on"), "{ended:?}");
}

pub async fn a_job_is_left_before_its_lease_ends_when_the_database_does_not_answer(database: &Database) {
    let store = &database.store;
    let lease = Duration::from_millis(1_500);
    let engine = engine_with(store, &at(BEGIN), Pace { lease, tick: Duration::from_millis(5), ..Pace::default() });
    let id = enqueue(engine.queue(), "test.obedient").await.id;
    let began = std::time::Instant::now();
    let running = engine.take_one().await.unwrap().unwrap();
    // whoever writes to it waits; the handler would end only when it is told to
    let other = Store::open(&database.url, Some(database::key())).await.unwrap();
    let mut write = other.begin(&admin(), "").await.unwrap();
    write.job(&engine.queue().change().unwrap(), id).await.unwrap();
    running.await.unwrap();
    let took = began.elapsed();
    assert!(took >= lease / 2 && took < lease, "{took:?}");
    drop(write);
    other.close().await;
    // it is as it was: for whoever comes when the lease has ended
    let left = job(store, id).await;
    assert_eq!((left.text("status"), left.int("attempt")), ("running", Some(1)));
}

pub async fn what_is_done_here_is_not_taken_for_left_whatever_the_clock_says(database: &Database) {
    let store = &database.store;
    let time = at(BEGIN);
    let engine = engine(store, &time);
    let id = enqueue(engine.queue(), "test.obedient").await.id;
    let running = engine.take_one().await.unwrap().unwrap();
    // the lease ended, and the deadline did not
    time.fetch_add(2 * micros(LEASE), Ordering::Relaxed);
    assert!(engine.take_one().await.unwrap().is_none());
    assert_eq!(job(store, id).await.int("attempt"), Some(1));
    engine.queue().cancel(&admin(), id, BEGIN).await.unwrap();
    running.await.unwrap();
    assert_eq!(job(store, id).await.text("status"), "failed");
}

pub async fn a_task_knows_whether_it_is_its_worker_s(database: &Database) {
    let (store, queue) = (&database.store, Arc::new(queue(&database.store)));
    enqueue(&queue, "test.quick").await;
    let claimed = queue.claim(&worker("first:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let time = at(BEGIN + SECOND);
    let clock = time.clone();
    let task = Task {
        queue: queue.clone(),
        hold: claimed.hold.clone(),
        clock: Arc::new(move || clock.load(Ordering::Relaxed)),
        who: admin(),
        by: "somebody".into(),
        store: store.clone(),
        arguments: json!({}),
        stop: Default::default(),
        notes: Default::default(),
    };
    task.is_mine().await.unwrap();
    let lease = job(store, claimed.hold.job).await.get("lease").as_time();
    assert_eq!(lease, Some(BEGIN + SECOND + micros(LEASE)), "a whole lease lies before it");
    let late = BEGIN + 2 * SECOND + micros(LEASE);
    queue.claim(&worker("second:2:x"), &[], late).await.unwrap().unwrap();
    assert!(matches!(task.is_mine().await, Err(StoreError::HoldLost)));
}

pub async fn a_handler_that_panics_ends_its_job_and_nothing_else(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.broken").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.text("status"), "errored");
    let next = enqueue(engine.queue(), "test.quick").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, next).await.text("status"), "completed");
}

pub async fn a_process_that_stops_hands_its_jobs_back(database: &Database) {
    let store = &database.store;
    let first = engine(store, &at(BEGIN));
    let mut ids = Vec::new();
    for name in ["test.obedient", "test.deaf"] {
        ids.push(enqueue(first.queue(), name).await.id);
    }
    let loops = tokio::spawn(first.clone().run());
    for id in &ids {
        until(store, *id, "running").await;
    }
    first.stop();
    first.ended().await;
    loops.await.unwrap();
    for id in &ids {
        let back = job(store, *id).await;
        assert_eq!((back.text("status"), back.text("worker"), back.int("retries")), ("pending", "", Some(0)));
        assert!(back.get("lease").is_null() && back.get("turn").is_null());
    }
    // what nobody could go on with says so
    let second = engine(store, &at(BEGIN));
    for id in &ids {
        second.queue().cancel(&admin(), *id, BEGIN).await.unwrap();
    }
    let once = enqueue(second.queue(), "test.once").await.id;
    let running = second.take_one().await.unwrap().unwrap();
    second.stop();
    running.await.unwrap();
    let ended = job(store, once).await;
    assert_eq!((ended.text("status"), ended.text("outcome")), ("errored", "The process that did it was stopped."));
    // what somebody wished to end does not come again
    let wished = enqueue(second.queue(), "test.quick").await.id;
    let claimed = second.queue().claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    for _ in 0..3 {
        second.queue().cancel(&admin(), wished, BEGIN).await.unwrap();
    }
    second.queue().end(claimed.kind, &claimed.hold, &News::default(), &End::HandBack, BEGIN).await.unwrap();
    let ended = job(store, wished).await;
    assert_eq!((ended.text("status"), ended.text("outcome")), ("failed", "Cancelled by admin."));
    // said once, however often it was wished
    assert_eq!(log(store, wished).await[1..], ["admin wishes that it ends.", "Cancelled by admin."]);
}

pub async fn a_log_is_cut_where_it_is_full(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let claimed = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    for _ in 0..5 {
        let lines = (0..1_000).map(|number| Line::at(BEGIN, Level::Default, format!("line {number}\nof it"))).collect();
        queue.renew(&claimed.hold, &News { lines, ..News::default() }, BEGIN).await.unwrap();
    }
    let lines = log(store, id).await;
    assert_eq!(lines.len() as i64, MOST_LINES);
    assert_eq!(lines[1], "line 0 of it");
    assert!(lines.last().unwrap().contains("The log is full"));
    queue.end(claimed.kind, &claimed.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    assert_eq!(job(store, id).await.text("outcome"), "Done.");
    // how it ended stands there all the same
    assert_eq!(log(store, id).await.last().unwrap(), "Done.");
}
