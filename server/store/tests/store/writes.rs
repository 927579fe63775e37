use crate::{
    database::Database,
    world::{add, all, change, fill_with, may, network, person, reader, session, small, system},
};
use peerage_model::{
    Field, Kind, Label, ListQuery, ObjectType, Origin, Problem, Record, Value, Who,
    label::label,
    peeringdb::ORGANIZATION,
    permit::{Add, Change, Delete, Rights, View},
    registry,
    types::{AUTONOMOUS_SYSTEM, CHANGE, IX_SESSION, ROUTER, TAG, USER},
    wire::RecordSet,
};
use peerage_store::{Action, Event, Store, StoreError};

async fn refusal(store: &Store, record: Record) -> Problem {
    let mut write = store.begin(&system(), "refused").await.unwrap();
    write.insert(&may::<Add>(record.of), record).await.unwrap_err().into_problem()
}

fn place(problem: &Problem) -> Vec<&str> {
    assert_eq!(problem.label, Label::Invalid, "{problem:?}");
    problem.fields.iter().map(|field| field.field.as_str()).collect()
}

pub async fn a_second_object_of_the_same_name_is_refused_at_its_field(database: &Database) {
    let store = &database.store;
    add(store, network(64500, "a")).await;
    let second = add(store, network(64501, "b")).await;
    let problem = refusal(store, network(64500, "c")).await;
    assert_eq!(place(&problem), ["asn"]);
    assert_eq!(problem.message, "Another autonomous system has this ASN already. Open that one, or choose another.");
    let mut write = store.begin(&system(), "").await.unwrap();
    let moved = second.with("asn", Value::Int(64500));
    let problem = write.update(&may::<Change>(&AUTONOMOUS_SYSTEM), 1, moved).await.unwrap_err().into_problem();
    assert_eq!(place(&problem), ["asn"]);
    drop(write);
    let user = Record::new(&USER).with("username", Value::text("root"));
    add(store, user.clone()).await;
    assert_eq!(place(&refusal(store, user).await), ["username"]);
}

pub async fn a_combination_is_refused_with_its_own_message(database: &Database) {
    let small = small(&database.store).await;
    let problem = refusal(&database.store, session(&small.local, &small.connection, "192.0.2.1")).await;
    assert_eq!(place(&problem), ["ip_address"]);
    assert_eq!(problem.message, IX_SESSION.unique[0].message);
    assert!(problem.fields[0].message.contains("already has a session"));
}

pub async fn a_reference_to_nothing_is_refused_at_its_field(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let lost = session(&small.peer, &small.connection, "192.0.2.9").with("autonomous_system", Value::Int(4711));
    let problem = refusal(store, lost).await;
    assert_eq!(place(&problem), ["autonomous_system"]);
    assert_eq!(problem.message, "Autonomous system 4711 does not exist any more. Choose another.");
    let tagged = network(64999, "x").with("tags", Value::Ids([4711].into()));
    assert_eq!(place(&refusal(store, tagged).await), ["tags"]);
    let mut write = store.begin(&system(), "").await.unwrap();
    let moved = small.router.clone().with("platform", Value::Int(4711));
    let problem = write.update(&may::<Change>(&ROUTER), 0, moved).await.unwrap_err().into_problem();
    assert_eq!(place(&problem), ["platform"]);
}

pub async fn a_value_of_another_kind_is_refused_at_its_field(database: &Database) {
    let store = &database.store;
    let problem = refusal(store, network(1, "x").with("name", Value::Int(3))).await;
    assert_eq!(place(&problem), ["name"]);
    let problem = refusal(store, network(1, "x").with("asn", Value::Null)).await;
    assert_eq!((place(&problem), problem.message.as_str()), (vec!["asn"], "ASN is needed."));
}

pub async fn an_older_version_is_refused_with_the_current_one(database: &Database) {
    let store = &database.store;
    let first = add(store, network(64500, "first")).await;
    assert_eq!(first.version, 1);
    let second = change(store, first.clone().with("name", Value::text("second"))).await;
    assert_eq!(second.version, 2);
    let mut write = store.begin(&system(), "").await.unwrap();
    let late = first.clone().with("name", Value::text("late"));
    let problem = write.update(&may::<Change>(&AUTONOMOUS_SYSTEM), 1, late.clone()).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::Conflict);
    let current: RecordSet = serde_json::from_value(*problem.current.unwrap()).unwrap();
    assert_eq!(current.resolve().unwrap()[0].text("name"), "second");
    drop(write);
    // 0: whatever version it has
    let mut write = store.begin(&system(), "").await.unwrap();
    assert_eq!(write.update(&may::<Change>(&AUTONOMOUS_SYSTEM), 0, late).await.unwrap().version, 3);
    write.commit().await.unwrap();
    let mut write = store.begin(&system(), "").await.unwrap();
    let mut nobody = first;
    nobody.id = 999;
    let problem = write.update(&may::<Change>(&AUTONOMOUS_SYSTEM), 0, nobody).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::NotFound);
}

pub async fn of_two_that_write_at_once_one_is_told(database: &Database) {
    let store = &database.store;
    let record = add(store, network(64500, "before")).await;
    let attempt = async |name: &str| -> Result<(), StoreError> {
        let mut write = store.begin(&system(), name).await?;
        let changed = record.clone().with("name", Value::text(name));
        write.update(&may::<Change>(&AUTONOMOUS_SYSTEM), 1, changed).await?;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        write.commit().await
    };
    let (a, b) = tokio::join!(attempt("a"), attempt("b"));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let refused = a.err().or(b.err()).unwrap().into_problem();
    assert_eq!(refused.label, Label::Conflict);
    assert_eq!(all(store, &CHANGE).await.len(), 2);
}

pub async fn what_does_not_differ_is_not_written(database: &Database) {
    let store = &database.store;
    let record = add(store, network(64500, "same").with("tags", Value::Ids([].into()))).await;
    let again = change(store, record.clone().with("name", Value::text("same")).with("updated", Value::Time(1))).await;
    assert_eq!(again, record);
    assert_eq!(all(store, &AUTONOMOUS_SYSTEM).await, [record]);
    assert_eq!(all(store, &CHANGE).await.len(), 1);
}

pub async fn a_change_record_tells_before_and_after(database: &Database) {
    let store = &database.store;
    let user = add(store, Record::new(&USER).with("username", Value::text("lea"))).await;
    let made = all(store, &CHANGE).await;
    assert_eq!(made[0].text("changed_object_type"), "users.user");
    let kept = made[0].get("postchange_data").to_owned();
    assert!(matches!(kept, Value::Json(json) if json["username"] == "lea" && json.get("password").is_none()));
    let who = Who { user: Some(user.id), name: "lea".into(), rights: Rights::all(true).into() };
    let mut write = store.begin(&who, "request-1").await.unwrap();
    let made = write.insert(&who.permit::<Add>(&AUTONOMOUS_SYSTEM).unwrap(), network(64500, "Old")).await.unwrap();
    let permit = who.permit::<Change>(&AUTONOMOUS_SYSTEM).unwrap();
    let renamed = write.update(&permit, 1, made.clone().with("name", Value::text("New"))).await.unwrap();
    write.commit().await.unwrap();
    let mut changes = all(store, &CHANGE).await;
    changes.sort_by_key(|change| change.id);
    changes.remove(0);
    let [create, update] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((create.text("action"), update.text("action")), ("create", "update"));
    for change in &changes {
        assert_eq!(change.text("user_name"), "lea");
        assert_eq!(change.int("user"), Some(user.id));
        assert_eq!(change.text("request_id"), "request-1");
        assert_eq!(change.text("changed_object_type"), "peering.autonomoussystem");
        assert_eq!(change.int("changed_object_id"), Some(made.id));
        assert!(change.get("time").as_time() >= made.get("created").as_time());
    }
    assert_eq!(update.text("object_repr"), "AS64500 - New");
    let (Value::Json(before), Value::Json(after)) = (update.get("prechange_data"), update.get("postchange_data"))
    else {
        panic!("{update:?}")
    };
    assert_eq!((&before["name"], &after["name"]), (&"Old".into(), &"New".into()));
    assert_eq!(before["tags"], serde_json::json!([]));
    assert!(before.get("updated").is_none() && before.get("created").is_some());
    assert_eq!(*create.get("prechange_data"), Value::Null);
    assert!(renamed.get("updated").as_time().is_some());
}

pub async fn dropping_a_write_undoes_everything(database: &Database) {
    let store = &database.store;
    let mut write = store.begin(&system(), "").await.unwrap();
    write.insert(&may::<Add>(&AUTONOMOUS_SYSTEM), network(64500, "gone")).await.unwrap();
    drop(write);
    assert!(all(store, &AUTONOMOUS_SYSTEM).await.is_empty());
    assert!(all(store, &CHANGE).await.is_empty());
    add(store, network(64500, "stays")).await;
}

pub async fn after_a_refusal_nothing_is_committed(database: &Database) {
    let store = &database.store;
    let mut write = store.begin(&system(), "").await.unwrap();
    let permit = may::<Add>(&AUTONOMOUS_SYSTEM);
    write.insert(&permit, network(64500, "a")).await.unwrap();
    write.insert(&permit, network(64500, "b")).await.unwrap_err();
    assert!(matches!(write.insert(&permit, network(64501, "c")).await, Err(StoreError::Broken)));
    assert!(matches!(write.commit().await, Err(StoreError::Broken)));
    assert!(all(store, &AUTONOMOUS_SYSTEM).await.is_empty());
}

pub async fn to_many_references_are_part_of_the_record(database: &Database) {
    let store = &database.store;
    let mut tags = Vec::new();
    for name in ["a", "b", "c"] {
        let tag = Record::new(&TAG).with("name", Value::text(name)).with("slug", Value::text(name));
        tags.push(add(store, tag).await.id);
    }
    let ids = |ids: &[i64]| Value::Ids(ids.into());
    let made = add(store, network(1, "x").with("tags", ids(&[tags[2], tags[0], tags[2]]))).await;
    assert_eq!(*made.get("tags"), ids(&[tags[0], tags[2]]));
    let changed = change(store, made.with("tags", ids(&[tags[1], tags[0]]))).await;
    assert_eq!(changed.version, 2);
    assert_eq!(*all(store, &AUTONOMOUS_SYSTEM).await[0].get("tags"), ids(&[tags[0], tags[1]]));
    let last = store.records(&may::<View>(&CHANGE), &ListQuery::all(&CHANGE)).await.unwrap().remove(0);
    let Value::Json(after) = last.get("postchange_data") else { panic!("{last:?}") };
    assert_eq!(after["tags"], serde_json::json!([tags[0], tags[1]]));
}

pub async fn a_secret_stands_nowhere_in_clear(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let word = "correct-horse-battery";
    let secret = session(&small.peer, &small.connection, "192.0.2.7").with("password", Value::text(word));
    let stored = add(store, secret).await;
    assert_eq!(*stored.get("password"), Value::Hidden);
    let changed = change(store, stored.with("password", Value::text(format!("{word}-2")))).await;
    assert_eq!((changed.version, changed.get("password")), (2, &Value::Hidden));
    let cleared = change(store, changed.with("password", Value::text(""))).await;
    assert_eq!(*cleared.get("password"), Value::Null);
    let mut changes = all(store, &CHANGE).await;
    changes.sort_by_key(|change| change.id);
    let sides: Vec<serde_json::Value> = changes
        .iter()
        .rev()
        .take(3)
        .rev()
        .flat_map(|change| ["prechange_data", "postchange_data"].map(|side| change.get(side).clone()))
        .map(|side| if let Value::Json(json) = side { json["password"].clone() } else { "-".into() })
        .collect();
    let masked = serde_json::json!(["-", "*************", "*************", "***CHANGED***", "*************", null]);
    assert_eq!(serde_json::Value::from(sides), masked);
    assert!(!database.raw_text().await.contains(word));
}

pub async fn a_secret_needs_a_key(database: &Database) {
    let small = small(&database.store).await;
    let secret = session(&small.peer, &small.connection, "192.0.2.7").with("password", Value::text("x"));
    let sealed = add(&database.store, secret.clone()).await;
    let keyless = Store::open(&database.url, None).await.unwrap();
    let mut write = keyless.begin(&system(), "").await.unwrap();
    let another = secret.with("ip_address", Value::Ip("192.0.2.8".parse().unwrap()));
    let refusal = write.insert(&may::<Add>(&IX_SESSION), another).await.unwrap_err();
    assert!(matches!(refusal, StoreError::Secret(peerage_store::SecretError::NoKey)), "{refusal}");
    drop(write);
    let read = keyless.get(&may::<View>(&IX_SESSION), sealed.id).await.unwrap().unwrap();
    assert_eq!(*read.get("password"), Value::Hidden);
    assert!(keyless.reveal(&may::<View>(&IX_SESSION), vec![read.clone()]).await.is_err());
    // everything else can be written without one
    let changed = change(&keyless, read.with("status", Value::text("disabled"))).await;
    assert_eq!(changed.text("status"), "disabled");
    keyless.close().await;
}

pub async fn a_hidden_secret_stays_as_it_is(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let secret = session(&small.peer, &small.connection, "192.0.2.7").with("password", Value::text("kept"));
    let stored = add(store, secret).await;
    let changed = change(store, stored.with("status", Value::text("maintenance"))).await;
    let revealed = store.reveal(&may::<View>(&IX_SESSION), vec![changed.clone()]).await.unwrap();
    assert_eq!(revealed[0].text("password"), "kept");
    // the same secret typed again is no change
    let again = change(store, changed.clone().with("password", Value::text("kept"))).await;
    assert_eq!(again.version, changed.version);
    let mut copy = changed.with("ip_address", Value::Ip("192.0.2.99".parse().unwrap()));
    (copy.id, copy.version) = (0, 0);
    assert_eq!(place(&refusal(store, copy).await), ["password"]);
}

pub async fn a_guessed_secret_is_stored_like_any_other(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let secret = session(&small.peer, &small.connection, "192.0.2.7").with("password", Value::text("kept"));
    let stored = add(store, secret).await;
    let writer = Who { user: None, rights: Rights::only(["*.view_*", "*.change_*"]).into(), ..reader() };
    let mut traces = Vec::new();
    for guess in ["wrong", "kept", "kept", "wrong"] {
        let mut write = store.begin(&writer, guess).await.unwrap();
        let permit = writer.permit::<Change>(&IX_SESSION).unwrap();
        let changed = write.update(&permit, 0, stored.clone().with("password", Value::text(guess))).await.unwrap();
        write.commit().await.unwrap();
        let logged = crate::world::all(store, &CHANGE).await;
        let logged = logged.iter().max_by_key(|change| change.id).unwrap();
        traces.push((
            changed.version - stored.version,
            logged.get("prechange_data").clone(),
            logged.get("postchange_data").clone(),
        ));
        assert_eq!(changed.get("password"), &Value::Hidden);
    }
    let versions: Vec<i64> = traces.iter().map(|(version, ..)| *version).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert!(traces.iter().all(|(_, before, after)| (before, after) == (&traces[0].1, &traces[0].2)), "{traces:?}");
}

pub async fn ids_that_are_given_are_kept(database: &Database) {
    let store = &database.store;
    let mut given = network(64500, "given");
    given.id = 41;
    assert_eq!(add(store, given.clone()).await.id, 41);
    assert!(add(store, network(64501, "next")).await.id > 41);
    let problem = refusal(store, given.with("asn", Value::Int(3))).await;
    assert_eq!(problem.label, Label::Conflict);
}

pub async fn only_the_system_writes_the_cache_and_the_change_log(database: &Database) {
    let store = &database.store;
    let someone = Who { user: Some(7), ..person() };
    let mut write = store.begin(&someone, "").await.unwrap();
    let forged = Record::new(&CHANGE).with("time", Value::Time(0));
    let problem = write.insert(&someone.permit::<Add>(&CHANGE).unwrap(), forged).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::Forbidden);
    drop(write);
    let mut write = store.begin(&someone, "").await.unwrap();
    let permit = someone.permit::<Change>(&ORGANIZATION).unwrap();
    assert_eq!(write.upsert_cached(&permit, &[]).await.unwrap_err().into_problem().label, Label::Forbidden);
    drop(write);
    let mut write = store.begin(&system(), "").await.unwrap();
    assert_ne!(AUTONOMOUS_SYSTEM.origin, Origin::PeeringDb);
    assert!(write.upsert_cached(&may::<Change>(&AUTONOMOUS_SYSTEM), &[]).await.is_err());
    assert!(reader().permit::<Delete>(&AUTONOMOUS_SYSTEM).is_err());
    // a permit for one type is none for another
    drop(write);
    let mut write = store.begin(&system(), "").await.unwrap();
    let wrong = write.insert(&may::<Add>(&TAG), network(1, "x")).await.unwrap_err();
    assert!(matches!(wrong, StoreError::WrongPermit { .. }));
}

pub async fn listeners_hear_of_commits_only(database: &Database) {
    let store = &database.store;
    let (_, before) = store.event_numbers().await.unwrap();
    let mut write = store.begin(&system(), "").await.unwrap();
    write.insert(&may::<Add>(&AUTONOMOUS_SYSTEM), network(1, "dropped")).await.unwrap();
    drop(write);
    let made = add(store, network(2, "kept")).await;
    let changed = change(store, made.clone().with("name", Value::text("other"))).await;
    crate::world::delete(store, &changed).await;
    let told: Vec<Event> = store.events_after(before).await.unwrap().into_iter().map(|told| told.event).collect();
    let expected = [(1, Action::Create), (2, Action::Update), (2, Action::Delete)].map(|(version, action)| Event {
        of: &AUTONOMOUS_SYSTEM,
        id: made.id,
        version,
        action,
    });
    assert_eq!(told, expected);
}

pub async fn a_write_reads_what_it_wrote(database: &Database) {
    let store = &database.store;
    let mut write = store.begin(&system(), "").await.unwrap();
    let made = write.insert(&may::<Add>(&AUTONOMOUS_SYSTEM), network(1, "new")).await.unwrap();
    let permit = may::<View>(&AUTONOMOUS_SYSTEM);
    assert_eq!(write.get(&permit, made.id).await.unwrap(), Some(made.clone()));
    assert_eq!(write.find(&permit, &[("asn", Value::Int(1))]).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(store.get(&permit, made.id).await.unwrap(), None);
    write.commit().await.unwrap();
    assert_eq!(label(&store.get(&permit, made.id).await.unwrap().unwrap(), &()), "AS1 - new");
}

/// What the next row has in all that may repeat; every third row stays as it is.
fn shifted(of: &'static ObjectType, rows: &[Record]) -> Vec<Record> {
    let repeats = |field: &Field| {
        let combined = of.unique.iter().any(|unique| unique.fields.contains(&field.name));
        !field.is_unique() && !combined
    };
    let mut shifted = rows.to_vec();
    for (at, record) in shifted.iter_mut().enumerate().filter(|(at, _)| at % 3 != 2) {
        let next = &rows[(at + 1) % rows.len()];
        for (index, field) in of.fields.iter().enumerate().filter(|(_, field)| repeats(field)) {
            match field.kind {
                // some are new, the others stay hidden
                Kind::Secret { .. } if at % 2 == 0 => record.set_at(index, Value::text(format!("new{at}"))),
                Kind::Secret { .. } => {}
                _ => record.set_at(index, next.at(index).clone()),
            }
        }
    }
    shifted
}

pub async fn many_are_changed_as_each_would_be(database: &Database) {
    let store = &database.store;
    let world = fill_with(store, 130).await;
    // what has fields that only we know is not read whole by a list
    let written = |of: &&ObjectType| of.origin.is_edited() && !of.fields.iter().any(Field::is_internal);
    for of in registry::TYPES.iter().copied().filter(written) {
        let rows = world.of(of);
        let meant = shifted(of, rows);
        let mut one_by_one = Vec::new();
        let mut write = store.begin(&system(), "each").await.unwrap();
        for record in &meant {
            one_by_one.push(write.update(&may::<Change>(of), record.version, record.clone()).await.unwrap());
        }
        drop(write);
        let before = all(store, &CHANGE).await.len();
        let statements = store.statements();
        let mut write = store.begin(&system(), "many").await.unwrap();
        let mut together = write.update_all(&may::<Change>(of), meant).await.unwrap();
        write.commit().await.unwrap();
        let statements = store.statements() - statements;
        // whatever is attached to something else is looked for
        let few = statements < rows.len() as u64 || of.attached.is_some();
        assert!(few, "{}: {statements} statements for {} rows", of.key(), rows.len());
        let read = all(store, of).await;
        let changed = together.iter().zip(rows).filter(|(after, before)| after.version > before.version).count();
        assert_eq!(all(store, &CHANGE).await.len() - before, changed, "{}", of.key());
        for (at, record) in together.iter_mut().enumerate() {
            assert_eq!(read.iter().find(|read| read.id == record.id), Some(&*record), "{}", of.key());
            // each transaction has its own time
            if of.field("updated").is_some() {
                record.set("updated", Value::Null);
                one_by_one[at].set("updated", Value::Null);
            }
            assert_eq!(one_by_one[at], *record, "{}", of.key());
        }
    }
}

pub async fn of_many_one_that_somebody_changed_meanwhile_refuses_all(database: &Database) {
    let store = &database.store;
    let world = fill_with(store, 120).await;
    let mut meant = world.of(&AUTONOMOUS_SYSTEM).to_vec();
    meant.iter_mut().for_each(|record| record.set("comments", Value::text("all of them")));
    change(store, world.of(&AUTONOMOUS_SYSTEM)[110].clone().with("comments", Value::text("quicker"))).await;
    let mut write = store.begin(&system(), "").await.unwrap();
    let problem = write.update_all(&may::<Change>(&AUTONOMOUS_SYSTEM), meant).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::Conflict);
    assert!(write.commit().await.is_err());
    // nor is a version forgotten
    let mut forgotten = all(store, &AUTONOMOUS_SYSTEM).await;
    forgotten.iter_mut().for_each(|record| record.version = 0);
    let mut write = store.begin(&system(), "").await.unwrap();
    let problem = write.update_all(&may::<Change>(&AUTONOMOUS_SYSTEM), forgotten).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::Conflict);
    drop(write);
    let of_all = |record: &Record| record.text("comments") == "all of them";
    assert!(!all(store, &AUTONOMOUS_SYSTEM).await.iter().any(of_all));
}

pub async fn of_many_none_is_changed_beyond_a_limit(database: &Database) {
    let store = &database.store;
    let tag = |name: &str| Record::new(&TAG).with("name", Value::text(name)).with("slug", Value::text(name));
    let (lab, core) = (add(store, tag("lab")).await, add(store, tag("core")).await);
    let rights = Rights::only(["*.view_*", "extras.change_tag slug:^lab"]);
    let limited = Who { user: None, name: "limited".into(), rights: rights.into() };
    let permit = limited.permit::<Change>(&TAG).unwrap();
    let colour = |tag: &Record| tag.clone().with("color", Value::text("ff0000"));
    for beyond in [vec![colour(&lab), colour(&core)], vec![lab.clone().with("slug", Value::text("core2"))]] {
        let mut write = store.begin(&limited, "").await.unwrap();
        let problem = write.update_all(&permit, beyond).await.unwrap_err().into_problem();
        assert_eq!(problem.label, Label::Forbidden);
    }
    let mut write = store.begin(&limited, "").await.unwrap();
    let mut gone = colour(&lab);
    gone.id = 999;
    let problem = write.update_all(&permit, vec![colour(&lab), gone]).await.unwrap_err().into_problem();
    assert_eq!(problem.label, Label::NotFound);
    drop(write);
    // nothing is told where nothing changes
    let told = store.events_after(0).await.unwrap().len();
    let mut write = store.begin(&limited, "").await.unwrap();
    assert_eq!(write.update_all(&permit, vec![lab.clone()]).await.unwrap(), std::slice::from_ref(&lab));
    assert_eq!(write.update_all(&permit, Vec::new()).await.unwrap(), []);
    write.commit().await.unwrap();
    assert_eq!(store.events_after(0).await.unwrap().len(), told);
    let mut write = store.begin(&limited, "").await.unwrap();
    let changed = write.update_all(&permit, vec![colour(&lab)]).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!((changed[0].text("color"), changed[0].version), ("ff0000", lab.version + 1));
    assert_eq!(store.events_after(0).await.unwrap().len(), told + 1);
}
