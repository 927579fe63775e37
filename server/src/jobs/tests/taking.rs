//! Who takes a job, and what becomes of those whose workers die.

use super::*;

pub async fn of_many_that_look_at_once_one_takes_a_job(database: &Database) {
    let first = queue(&database.store);
    for _ in 0..24 {
        enqueue(&first, "test.quick").await;
    }
    let mut takers = Vec::new();
    for number in 0..4 {
        // each with connections of its own, as another process has
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        takers.push(tokio::spawn(async move {
            let (queue, worker) = (queue(&store), worker(&format!("w:{number}:x")));
            let mut taken = Vec::new();
            while let Some(claimed) = queue.claim(&worker, &[], BEGIN).await.unwrap() {
                assert_eq!(claimed.hold.attempt, 1);
                taken.push(claimed.hold.job);
            }
            store.close().await;
            taken
        }));
    }
    let mut all = Vec::new();
    for taker in takers {
        all.extend(taker.await.unwrap());
    }
    // whoever found the others' rows locked may have left too early
    while let Some(claimed) = first.claim(&worker("w:9:x"), &[], BEGIN).await.unwrap() {
        all.push(claimed.hold.job);
    }
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    assert_eq!((count, all.len()), (24, 24));
}

pub async fn one_job_runs_of_a_kind_that_takes_turns(database: &Database) {
    let first = queue(&database.store);
    for _ in 0..3 {
        enqueue(&first, "test.turn").await;
    }
    let mut takers = Vec::new();
    for number in 0..4 {
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        takers.push(tokio::spawn(async move {
            let claimed = queue(&store).claim(&worker(&format!("w:{number}:x")), &[], BEGIN).await.unwrap();
            store.close().await;
            claimed.map(|claimed| claimed.hold)
        }));
    }
    let mut holds = Vec::new();
    for taker in takers {
        holds.extend(taker.await.unwrap());
    }
    assert_eq!(holds.len(), 1);
    assert!(first.claim(&worker("w:8:x"), &[], BEGIN).await.unwrap().is_none());
    // a command line waits for it as well
    let here = async || {
        let who = admin();
        first.begin_here(of("test.turn"), Wanted::of(&who, json!({})), &worker("w:7:x"), BEGIN).await.unwrap()
    };
    assert!(here().await.is_none());
    first.end(of("test.turn"), &holds[0], &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    let ours = here().await.unwrap();
    assert!(first.claim(&worker("w:8:x"), &[], BEGIN).await.unwrap().is_none());
    first.end(of("test.turn"), &ours.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    assert!(first.claim(&worker("w:8:x"), &[], BEGIN).await.unwrap().is_some());
}

pub async fn jobs_about_one_thing_take_turns_whatever_they_do(database: &Database) {
    let queue = queue(&database.store);
    for (name, thing) in [("test.turn", 1), ("test.other", 1), ("test.other", 2)] {
        queue.enqueue(of(name), Wanted::of(&admin(), json!({"thing": thing})), BEGIN).await.unwrap();
    }
    let first = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let second = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let names = [first.kind.name, second.kind.name];
    assert_eq!((names, second.job.get("holds")), (["test.turn", "test.other"], &Value::text("thing 2")));
    assert!(queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().is_none());
    queue.end(first.kind, &first.hold, &News::default(), &End::Completed("Done.".into()), BEGIN).await.unwrap();
    let third = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap().unwrap();
    assert_eq!(third.job.get("holds"), &Value::text("thing 1"));
}

pub async fn none_is_started_beside_one_that_is_to_be_alone(database: &Database) {
    let store = &database.store;
    let mut starters = Vec::new();
    for _ in 0..6 {
        let store = Store::open(&database.url, Some(database::key())).await.unwrap();
        starters.push(tokio::spawn(async move {
            let started = queue(&store).enqueue(of("test.alone"), Wanted::of(&admin(), json!({})), BEGIN).await;
            store.close().await;
            started
        }));
    }
    let mut started = 0;
    for starter in starters {
        match starter.await.unwrap() {
            Ok(_) => started += 1,
            Err(refused) => assert_eq!(refused.label, Label::Conflict, "{refused:?}"),
        }
    }
    assert_eq!((started, jobs(store).await.len()), (1, 1));
    let queue = queue(store);
    let claimed = loop {
        // those that were refused may not have let go of its row yet
        if let Some(claimed) = queue.claim(&worker("w:1:x"), &[], BEGIN).await.unwrap() {
            break claimed;
        }
    };
    let refused = queue.enqueue(of("test.alone"), Wanted::of(&admin(), json!({})), BEGIN).await.unwrap_err();
    assert!(refused.message.contains("running already"), "{refused:?}");
    queue.end(claimed.kind, &claimed.hold, &News::default(), &End::Failed("Badly.".into()), BEGIN).await.unwrap();
    // nor is one tried again
    enqueue(&queue, "test.alone").await;
    assert_eq!(queue.retry(&admin(), claimed.hold.job, BEGIN).await.unwrap_err().label, Label::Conflict);
}

pub async fn a_worker_that_lost_its_job_writes_nothing_more(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let lost = queue.claim(&worker("first:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let theirs = store.held_by(lost.hold.clone());
    let tag = |name: &str| Record::new(&TAG).with("name", Value::text(name)).with("slug", Value::text(name));
    let add = admin().permit::<Add>(&TAG).unwrap();
    let mut write = theirs.begin(&admin(), "").await.unwrap();
    write.insert(&add, tag("early")).await.unwrap();
    write.commit().await.unwrap();

    let later = BEGIN + micros(LEASE);
    assert!(queue.claim(&worker("second:2:x"), &[], later).await.unwrap().is_none(), "its lease has not ended");
    // a worker that is heard of keeps it
    queue.renew(&lost.hold, &News::default(), later).await.unwrap();
    assert!(queue.claim(&worker("second:2:x"), &[], later + 1).await.unwrap().is_none());
    let much_later = later + micros(LEASE) + 1;
    let taken = queue.claim(&worker("second:2:x"), &[], much_later).await.unwrap().unwrap();
    assert_eq!((taken.hold.job, taken.hold.attempt), (id, 2));

    assert!(matches!(theirs.begin(&admin(), "").await, Err(StoreError::HoldLost)));
    let say =
        News { progress: Some(("mine".into(), 9, 9)), lines: vec![Line::at(now(), Level::Info, "mine")], output: None };
    assert!(matches!(queue.renew(&lost.hold, &say, much_later).await, Err(StoreError::HoldLost)));
    assert!(matches!(queue.look(&lost.hold).await, Err(StoreError::HoldLost)));
    let end = End::Completed("mine".into());
    assert!(matches!(queue.end(of("test.quick"), &lost.hold, &say, &end, much_later).await, Err(StoreError::HoldLost)));
    assert!(log(store, id).await.iter().all(|line| line != "mine"));
    assert_eq!(job(store, id).await.text("status"), "running");
    queue
        .end(of("test.quick"), &taken.hold, &News::default(), &End::Completed("theirs".into()), much_later)
        .await
        .unwrap();
    assert_eq!(job(store, id).await.text("outcome"), "theirs");
    assert_eq!(database.texts("SELECT slug FROM extras_tag").await, ["early"]);
}

pub async fn a_job_is_not_taken_from_a_worker_that_is_writing(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    enqueue(&queue, "test.quick").await;
    let held = queue.claim(&worker("first:1:x"), &[], BEGIN).await.unwrap().unwrap();
    let write = store.held_by(held.hold.clone()).begin(&admin(), "").await.unwrap();
    let late = BEGIN + 2 * micros(LEASE);
    let other = Store::open(&database.url, Some(database::key())).await.unwrap();
    let (looks, is_over) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let (looked, over) = (looks.clone(), is_over.clone());
    let taking = tokio::spawn(async move {
        let queue = Queue::new(other, TRIED, LEASE);
        loop {
            // SQLite's one writer is waited for; PostgreSQL passes the row over
            if queue.store().dialect() == Dialect::Sqlite {
                looked.store(1, Ordering::Release);
            }
            if let Some(claimed) = queue.claim(&worker("second:2:x"), &[], late).await.unwrap() {
                assert!(over.load(Ordering::Acquire), "it was taken in the middle of a write");
                return claimed.hold.attempt;
            }
            looked.fetch_add(1, Ordering::Release);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    while looks.load(Ordering::Acquire) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    is_over.store(true, Ordering::Release);
    write.commit().await.unwrap();
    assert_eq!(taking.await.unwrap(), 2);
}

// ---- workers that die ----

pub async fn a_lost_job_is_taken_up_so_often_and_then_says_so(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    let mut time = BEGIN;
    for attempt in 1..=3 {
        if attempt == 3 {
            // again and again: not at once any more
            assert!(queue.claim(&worker("dying:1:x"), &[], time).await.unwrap().is_none());
            let waiting = job(store, id).await;
            assert_eq!((waiting.text("status"), waiting.int("retries")), ("pending", Some(2)));
            assert_eq!(waiting.get("not_before").as_time(), Some(time + 90 * SECOND));
            assert!(waiting.text("outcome").contains("has gone without a word"), "{waiting:?}");
            time += 90 * SECOND;
        }
        let claimed = queue.claim(&worker("dying:1:x"), &[], time).await.unwrap().unwrap();
        assert_eq!(claimed.hold.attempt, attempt);
        time += micros(LEASE) + 1;
    }
    assert!(queue.claim(&worker("dying:1:x"), &[], time).await.unwrap().is_none());
    let job = job(store, id).await;
    assert_eq!(job.text("status"), "errored");
    assert!(job.text("outcome").contains("begun 3 times") && !job.get("completed").is_null(), "{job:?}");
    assert!(log(store, id).await.iter().any(|line| line.contains("dying:1:x") && line.contains("taken up again")));
}

pub async fn what_cannot_be_taken_up_says_that_it_was_cut_off(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.once").await.id;
    let cancelled = enqueue(&queue, "test.quick").await.id;
    for _ in 0..2 {
        queue.claim(&worker("dying:1:x"), &[], BEGIN).await.unwrap().unwrap();
    }
    queue.cancel(&admin(), cancelled, BEGIN).await.unwrap();
    let late = BEGIN + 2 * micros(LEASE);
    assert!(queue.claim(&worker("living:2:x"), &[], late).await.unwrap().is_none());
    assert_eq!(job(store, id).await.text("status"), "errored");
    let cancelled = job(store, cancelled).await;
    assert_eq!((cancelled.text("status"), cancelled.text("outcome")), ("failed", "Cancelled by admin."));
}

pub async fn on_sqlite_a_dead_process_is_noticed_before_its_lease_ends(database: &Database) {
    let queue = queue(&database.store);
    enqueue(&queue, "test.quick").await;
    let own = process::own_name();
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let parts: Vec<&str> = own.split(':').collect();
    let dead = format!("{}:{}:{}:00000000", parts[0], child.id(), parts[2]);
    queue.claim(&worker(&dead), &[], BEGIN).await.unwrap().unwrap();
    queue.notice_the_dead(&own, BEGIN + 1).await.unwrap();
    let taken = queue.claim(&worker(&own), &[], BEGIN + 1).await.unwrap();
    assert_eq!(taken.is_some(), database.store.dialect() == Dialect::Sqlite);
    // one that lives keeps its job
    queue.notice_the_dead(&own, BEGIN + 2).await.unwrap();
    assert!(queue.claim(&worker("other:1:x"), &[], BEGIN + 2).await.unwrap().is_none());
}
