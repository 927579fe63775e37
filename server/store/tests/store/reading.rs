use crate::{
    database::Database,
    world::{World, add, all, fill, fill_with, may, network, reader, sample, session, small, system},
};
use peerage_model::{
    Kind, ListQuery, Origin, Record, Sort, Value,
    label::label,
    permit::{Add, Change, View},
    registry,
    types::{AUTONOMOUS_SYSTEM, CHANGE, IX_SESSION, TAG, USER},
};

pub async fn every_type_is_read_back_as_it_was_written(database: &Database) {
    let store = &database.store;
    let mut world = World::default();
    for of in registry::TYPES.iter().copied().filter(|of| !of.is(&CHANGE)) {
        for seed in 0..7 {
            let mut written = sample(of, seed, &world);
            let mut write = store.begin(&system(), "round trip").await.unwrap();
            if of.origin == Origin::PeeringDb {
                write.upsert_cached(&may::<Change>(of), std::slice::from_ref(&written)).await.unwrap();
            } else {
                written.id = write.insert(&may::<Add>(of), written.clone()).await.unwrap().id;
            }
            write.commit().await.unwrap();
            let read = store.get(&may::<View>(of), written.id).await.unwrap().unwrap();
            assert_eq!(read.version, 1);
            let revealed = store.reveal(&may::<View>(of), vec![read.clone()]).await.unwrap().pop().unwrap();
            for (index, (field, value)) in written.iter().enumerate() {
                if of.origin.is_edited() && matches!(field.name, "created" | "updated") {
                    assert!(read.at(index).as_time().is_some());
                    continue;
                }
                let place = format!("{}.{} {seed}", of.key(), field.name);
                assert_eq!(revealed.at(index), value, "{place}");
                if matches!(field.kind, Kind::Secret { .. }) && !value.is_null() {
                    assert_eq!(*read.at(index), Value::Hidden, "{place}");
                }
            }
            world.0.entry(of.key()).or_default().push(read);
        }
    }
}

pub async fn a_list_costs_the_same_statements_for_any_number_of_rows(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let count = async |limit: u32| {
        let before = store.statements();
        let mut query = ListQuery::all(&IX_SESSION);
        query.limit = limit;
        let listing = store.list(&may::<View>(&IX_SESSION), &query).await.unwrap();
        assert_eq!(listing.records.len(), limit.min(41) as usize);
        store.statements() - before
    };
    let mut write = store.begin(&system(), "many").await.unwrap();
    for n in 2..42 {
        let session = session(&small.peer, &small.connection, &format!("192.0.2.{n}"));
        write.insert(&may::<Add>(&IX_SESSION), session).await.unwrap();
    }
    write.commit().await.unwrap();
    let (few, many) = (count(1).await, count(100).await);
    assert_eq!(few, many);
    // rows, count, all to-many references; then peers and connections, then exchanges and routers
    assert_eq!(many, 7);
}

/// Of every type, with all of its fields: twice the rows cost not one statement more.
pub async fn every_list_costs_the_same_statements_for_any_number_of_rows(database: &Database) {
    const FEW: usize = 12;
    let store = &database.store;
    let world = fill_with(store, 2 * FEW).await;
    for of in registry::TYPES.iter().copied() {
        let rows = world.of(of).len();
        assert!(rows >= 2 * FEW, "{} has {rows} rows", of.key());
        let permit = may::<View>(of);
        let cost = async |limit: usize| {
            let mut query = ListQuery::all(of);
            query.sort = vec![Sort::parse(of, "id").unwrap()];
            query.limit = limit as u32;
            let before = store.statements();
            let listing = store.list(&permit, &query).await.unwrap();
            assert_eq!(listing.records.len(), limit.min(rows), "{}", of.key());
            store.statements() - before
        };
        assert_eq!(cost(FEW).await, cost(2 * FEW).await, "{}", of.key());
    }
}

pub async fn a_list_brings_what_its_labels_need(database: &Database) {
    let small = small(&database.store).await;
    let query = ListQuery::all(&IX_SESSION);
    let listing = database.store.list(&may::<View>(&IX_SESSION), &query).await.unwrap();
    assert_eq!(listing.total, 1);
    assert_eq!(label(&listing.records[0], &listing.related), "Example-IX - AS64501 - IP 192.0.2.1");
    let page = listing.into_page(&query);
    let related = &page.related;
    assert!(related.iter().any(|set| set.of == "net.connection" && set.rows.len() == 1));
    assert!(related.iter().all(|set| set.resolve().is_ok()));
    assert_eq!(page.records.resolve().unwrap()[0].int("autonomous_system"), Some(small.peer.id));
    let related =
        database.store.related(&may::<View>(&IX_SESSION), std::slice::from_ref(&small.session)).await.unwrap();
    assert_eq!(label(&small.session, &related), "Example-IX - AS64501 - IP 192.0.2.1");
}

pub async fn pages_follow_one_another(database: &Database) {
    for asn in 1..=25 {
        add(&database.store, network(asn, "same")).await;
    }
    let mut seen = Vec::new();
    for page in 0..3 {
        let mut query = ListQuery::all(&AUTONOMOUS_SYSTEM);
        query.sort = vec![peerage_model::Sort::parse(&AUTONOMOUS_SYSTEM, "-name").unwrap()];
        (query.limit, query.offset) = (10, page * 10);
        let listing = database.store.list(&may::<View>(&AUTONOMOUS_SYSTEM), &query).await.unwrap();
        assert_eq!(listing.total, 25);
        seen.extend(listing.records.iter().filter_map(|record| record.int("asn")));
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
}

pub async fn look_ups_are_exact(database: &Database) {
    let store = &database.store;
    add(store, network(64500, "Name")).await;
    add(store, network(64501, "name").with("irr_as_set", Value::text("AS-X"))).await;
    let permit = may::<View>(&AUTONOMOUS_SYSTEM);
    let asns = |records: Vec<Record>| records.iter().filter_map(|r| r.int("asn")).collect::<Vec<_>>();
    assert_eq!(asns(store.find(&permit, &[("name", Value::text("name"))]).await.unwrap()), [64501]);
    assert_eq!(asns(store.find(&permit, &[("irr_as_set", Value::Null)]).await.unwrap()), [64500]);
    let both = [Value::Int(64501), Value::Int(64500), Value::Int(3)];
    assert_eq!(asns(store.among(&permit, "asn", &both).await.unwrap()), [64500, 64501]);
    assert!(store.find(&permit, &[("nam", Value::Null)]).await.is_err());
    assert!(store.find(&permit, &[("asn", Value::text("x"))]).await.is_err());
    let thousands: Vec<i64> = (1..=10_000).collect();
    assert_eq!(asns(store.get_many(&permit, &thousands).await.unwrap()), [64500, 64501]);
    assert_eq!(store.get(&permit, 999).await.unwrap(), None);
}

pub async fn secrets_are_revealed_only_to_those_who_may_see_them(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let secret = small.session.clone().with("password", Value::text("hunter2"));
    crate::world::change(store, secret).await;
    let permit = reader().permit::<View>(&IX_SESSION).unwrap();
    let read = store.records(&permit, &ListQuery::all(&IX_SESSION)).await.unwrap();
    assert_eq!(*read[0].get("password"), Value::Hidden);
    assert_eq!(*store.reveal(&permit, read.clone()).await.unwrap()[0].get("password"), Value::Hidden);
    let revealed = store.reveal(&may::<View>(&IX_SESSION), read).await.unwrap();
    assert_eq!(*revealed[0].get("password"), Value::text("hunter2"));
    assert_eq!(*revealed[0].get("encrypted_password"), Value::Null);
}

pub async fn references_lead_back(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let sessions = may::<View>(&IX_SESSION);
    let of_connection = store.reverse(&sessions, "ixp_connection", &[small.connection.id, 99]).await.unwrap();
    assert_eq!(of_connection, std::slice::from_ref(&small.session));
    assert!(store.reverse(&sessions, "ip_address", &[1]).await.is_err());
    let tag = Record::new(&TAG).with("name", Value::text("core")).with("slug", Value::text("core"));
    let tag = add(store, tag).await;
    let tagged = crate::world::change(store, small.session.clone().with("tags", Value::Ids([tag.id].into()))).await;
    assert_eq!(store.reverse(&sessions, "tags", &[tag.id]).await.unwrap(), [tagged]);
}

pub async fn a_reader_is_not_shown_users(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    assert!(!world.of(&USER).is_empty());
    let changes = reader().permit::<View>(&CHANGE).unwrap();
    let listing = store.list(&changes, &ListQuery::all(&CHANGE)).await.unwrap();
    assert!(listing.related.into_sets().is_empty());
    assert!(!all(store, &CHANGE).await.is_empty());
}
