//! What people do with jobs, and what they may.

use super::*;

pub async fn a_job_that_waits_is_cancelled_at_once_and_tried_again(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let id = enqueue(&queue, "test.quick").await.id;
    queue.cancel(&admin(), id, BEGIN + SECOND).await.unwrap();
    let cancelled = job(store, id).await;
    assert_eq!((cancelled.text("status"), cancelled.text("cancelled_by")), ("failed", "admin"));
    assert!(queue.claim(&worker("w:1:x"), &[], BEGIN + SECOND).await.unwrap().is_none());
    assert_eq!(queue.cancel(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    queue.retry(&admin(), id, BEGIN + 2 * SECOND).await.unwrap();
    assert_eq!(queue.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    let claimed = queue.claim(&worker("w:1:x"), &[], BEGIN + 3 * SECOND).await.unwrap().unwrap();
    queue
        .end(claimed.kind, &claimed.hold, &News::default(), &End::Completed("Done.".into()), BEGIN + 5 * SECOND)
        .await
        .unwrap();
    let ended = job(store, id).await;
    assert_eq!((ended.text("status"), ended.int("milliseconds")), ("completed", Some(2_000)));
    assert_eq!(queue.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    assert_eq!(
        log(store, id).await,
        ["Cancelled by admin before it began.", "Tried again by admin.", "Taken by w:1:x.", "Done."]
    );
    assert_eq!(queue.cancel(&admin(), 999, BEGIN).await.unwrap_err().label, Label::NotFound);
}

pub async fn who_may_not_start_it_may_not_end_it(database: &Database) {
    let queue = queue(&database.store);
    let id = enqueue(&queue, "test.quick").await.id;
    let reader = Who { user: Some(1), name: "reader".into(), rights: Rights::only(["*.view_*"]).into() };
    let wanted = Wanted::of(&reader, json!({}));
    assert_eq!(queue.enqueue(of("test.quick"), wanted, BEGIN).await.unwrap_err().label, Label::Forbidden);
    assert_eq!(queue.cancel(&reader, id, BEGIN).await.unwrap_err().label, Label::Forbidden);
    queue.cancel(&admin(), id, BEGIN).await.unwrap();
    assert_eq!(queue.retry(&reader, id, BEGIN).await.unwrap_err().label, Label::Forbidden);
}

pub async fn another_source_is_for_administrators_and_tells_no_password(database: &Database) {
    let configured = Source::api(PUBLIC_API, Some("a key")).unwrap();
    let only = ["peeringdb.synchronise_network", "core.view_job"];
    let operator = Who { user: Some(1), name: "operator".into(), rights: Rights::only(only).into() };
    let may = synchronise::KIND.may;
    let from = |url: &str| Start { url: url.to_owned(), ..Start::default() };
    let arguments = |start: Start| synchronise::arguments(&configured, start);
    let elsewhere = arguments(from("https://mirror.example/api/")).unwrap();
    assert_eq!(
        elsewhere,
        json!({"start": {"url": "https://mirror.example/api"}, "source": "https://mirror.example/api"})
    );
    assert!(may(&operator, &arguments(Start::default()).unwrap()).is_ok() && may(&operator, &elsewhere).is_err());
    assert!(may(&admin(), &elsewhere).is_ok());
    // what is not understood is not taken for "as configured"
    for odd in [json!({}), json!({"source": "x"}), json!({"start": {"uri": "x"}, "source": "x"}), json!([])] {
        assert_eq!(may(&admin(), &odd).unwrap_err().label, Label::Conflict, "{odd}");
    }
    for url in [
        "https://me:secret@mirror.example/api",
        "https:/me:secret@mirror.example/api",
        "https:me:secret@mirror.example/api",
        "https://me@mirror.example/api",
        "https://mirror.example/api?key=secret",
        "https://mirror.example/api#secret",
        "nonsense",
    ] {
        let refused = arguments(from(url)).unwrap_err();
        assert_eq!((refused.label, refused.fields[0].field.as_str()), (Label::Invalid, "url"), "{url}");
    }
    assert!(arguments(Start { directory: "/tmp".to_owned(), ..from("https://mirror.example/api") }).is_err());
    // the configured one, typed, is the configured one
    assert_eq!(arguments(from(PUBLIC_API)).unwrap(), arguments(Start::default()).unwrap());
    // an administrator's job is not tried again by somebody who could not have started it
    let queue = Queue::new(database.store.clone(), KINDS, LEASE);
    let id = queue.enqueue(&synchronise::KIND, Wanted::of(&admin(), elsewhere), BEGIN).await.unwrap().id;
    queue.cancel(&operator, id, BEGIN).await.unwrap();
    assert_eq!(queue.retry(&operator, id, BEGIN).await.unwrap_err().label, Label::Invalid);
    queue.retry(&admin(), id, BEGIN).await.unwrap();
    // what it says is for those who may see what it does
    let known = job(&database.store, id).await;
    let looker = Who { rights: Rights::only(["core.view_job", "peeringdb.view_*"]).into(), ..operator.clone() };
    assert!(queue.may_see(&operator, &known).await.is_err() && queue.may_see(&looker, &known).await.is_ok());
}

pub async fn a_worker_that_would_read_from_elsewhere_does_not(database: &Database) {
    let store = &database.store;
    let configured = Source::api("https://one.example/api", None).unwrap();
    let wanted = synchronise::arguments(&configured, Start::default()).unwrap();
    let elsewhere = json!({"start": {"directory": "/"}, "source": "/", "host": "another-machine"});
    let means = Means::of(Source::api("https://two.example/api", None).unwrap());
    let pace = Pace { tick: Duration::from_millis(5), ..Pace::default() };
    let engine = Engine::with(store.clone(), means, Timetable::default(), KINDS, pace, Arc::new(|| BEGIN));
    let engine = Arc::new(engine);
    for (arguments, words) in
        [(wanted, ["one.example", "two.example"]), (elsewhere, ["another-machine", "Start it there"])]
    {
        let who = admin();
        let id = engine.queue().enqueue(&synchronise::KIND, Wanted::of(&who, arguments), BEGIN).await.unwrap().id;
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let failed = job(store, id).await;
        assert_eq!(failed.text("status"), "failed");
        assert!(words.iter().all(|word| failed.text("outcome").contains(word)), "{failed:?}");
    }
}

pub async fn a_command_s_job_is_for_nobody_else(database: &Database) {
    let (store, queue) = (&database.store, queue(&database.store));
    let who = admin();
    let here = queue
        .begin_here(of("test.waits"), Wanted::of(&who, json!({})), &worker("w:1:x"), BEGIN)
        .await
        .unwrap()
        .unwrap();
    let end = End::TryAgain("Nobody answers.".into(), Duration::ZERO);
    queue.end(here.kind, &here.hold, &News::default(), &end, BEGIN).await.unwrap();
    let failed = job(store, here.hold.job).await;
    assert_eq!((failed.text("status"), failed.text("outcome")), ("failed", "Nobody answers."));
    let refused = queue.retry(&admin(), failed.id, BEGIN).await.unwrap_err();
    assert!(refused.label == Label::Conflict && refused.message.contains("Run the command again"), "{refused:?}");
    assert!(queue.may_retry(&admin(), &failed).is_err() && queue.may_cancel(&admin(), &failed).is_ok());
}

pub async fn whoever_lost_the_right_meanwhile_does_not_get_it_done(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let (add, change) = (admin().permit::<Add>(&USER).unwrap(), admin().permit::<Change>(&USER).unwrap());
    let user = Record::new(&USER).with("username", Value::text("someone")).with("is_superuser", Value::Bool(true));
    let mut write = store.begin(&admin(), "").await.unwrap();
    let user = write.insert(&add, user).await.unwrap();
    write.commit().await.unwrap();
    let who = Who { user: Some(user.id), name: "someone".into(), rights: Rights::all(true).into() };
    let done = async |status: &str, words: &str| {
        let id = engine.queue().enqueue(of("test.tells"), Wanted::of(&who, json!({})), BEGIN).await.unwrap().id;
        engine.take_one().await.unwrap().unwrap().await.unwrap();
        let ended = job(store, id).await;
        assert_eq!(ended.text("status"), status, "{ended:?}");
        assert!(ended.text("outcome").contains(words), "{ended:?}");
        id
    };
    let id = done("completed", "Done.").await;
    assert_eq!(job(store, id).await.text("output"), "one\ntwo");
    let lines = store.job_lines(&admin().permit::<View>(&JOB).unwrap(), id, 0, 10).await.unwrap();
    let about = lines.iter().find(|line| line.text("text") == "for someone").unwrap();
    assert_eq!(
        (about.text("object_type"), about.int("object_id"), about.text("object_repr")),
        ("extras.tag", Some(7), "Core")
    );
    for (field, words) in [("is_superuser", "extras.add_tag"), ("is_active", "no such user")] {
        let mut write = store.begin(&admin(), "").await.unwrap();
        write.update(&change, 0, user.clone().with(field, Value::Bool(false))).await.unwrap();
        write.commit().await.unwrap();
        done("failed", words).await;
    }
    // what the system wants needs nobody
    let id = enqueue(engine.queue(), "test.tells").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.text("status"), "completed");
}

pub async fn a_job_of_an_unknown_kind_is_ended_by_administrators(database: &Database) {
    let id = enqueue(&queue(&database.store), "test.quick").await.id;
    let other = Queue::new(database.store.clone(), KINDS, LEASE);
    let operator =
        Who { user: Some(1), name: "operator".into(), rights: Rights::only(["peeringdb.synchronise_network"]).into() };
    assert_eq!(other.cancel(&operator, id, BEGIN).await.unwrap_err().label, Label::Forbidden);
    other.cancel(&admin(), id, BEGIN).await.unwrap();
    assert_eq!(other.retry(&admin(), id, BEGIN).await.unwrap_err().label, Label::Conflict);
    let cancelled = job(&database.store, id).await;
    assert!(other.may_see(&operator, &cancelled).await.is_err() && other.may_see(&admin(), &cancelled).await.is_ok());
}

pub async fn a_job_that_waits_to_be_tried_again_begins_when_a_person_wants_it(database: &Database) {
    let store = &database.store;
    let engine = engine(store, &at(BEGIN));
    let id = enqueue(engine.queue(), "test.waits").await.id;
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert!(engine.take_one().await.unwrap().is_none());
    let shown = engine.queue().active(of("test.waits")).await.unwrap().unwrap();
    assert!(shown.id == id && !shown.get("not_before").is_null() && shown.text("outcome") == "Nobody answers.");
    assert!(engine.queue().ended(of("test.waits")).await.unwrap().is_none());
    // another one is another one
    let other = engine.queue().enqueue(of("test.waits"), Wanted::of(&admin(), json!({"other": 1})), BEGIN).await;
    assert_eq!(other.unwrap_err().label, Label::Conflict);
    assert_eq!(enqueue(engine.queue(), "test.waits").await.id, id);
    engine.take_one().await.unwrap().unwrap().await.unwrap();
    assert_eq!(job(store, id).await.int("retries"), Some(2));
    engine.queue().cancel(&admin(), id, BEGIN).await.unwrap();
    let ended = engine.queue().ended(of("test.waits")).await.unwrap().unwrap();
    assert_eq!((ended.id, engine.queue().active(of("test.waits")).await.unwrap()), (id, None));
}
