//! Permissions that are limited to some objects of a type: nothing else is read, found, counted, named, put in order by or
//! written, for whatever type.

use crate::{
    database::Database,
    world::{World, add, all, change, fill, may, network, person, sample, small, system},
};
use peerage_model::{
    Filter, Kind, Label, ListQuery, Lookup, ObjectType, Origin, Permit, Record, Sort, Value, Who,
    permit::{Add, Change, Delete, Rights, Verb, View},
    registry,
    types::{AUTONOMOUS_SYSTEM, CHANGE, IX_SESSION, JOURNAL_ENTRY, ROUTER, TAG},
};
use peerage_store::{Action, Which};

/// May do everything with one object of a type, and see the others of `also`.
fn limited(of: &'static ObjectType, id: i64, also: &[&'static ObjectType]) -> Who {
    let names = [View::permission(of), Add::permission(of), Change::permission(of), Delete::permission(of)];
    let own = names.into_iter().map(|name| format!("{name} id:{id}"));
    let others = also.iter().filter(|other| !other.is(of)).map(|other| View::permission(other));
    Who { user: Some(1), name: "limited".into(), rights: Rights::only(own.chain(others)).into() }
}

fn types() -> impl Iterator<Item = &'static ObjectType> {
    registry::TYPES.iter().copied().filter(|of| of.origin != Origin::System)
}

fn ids(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.id).collect()
}

/// A row in the middle, by id.
fn middle(world: &World, of: &ObjectType) -> i64 {
    let mut ids = ids(world.of(of));
    ids.sort_unstable();
    ids[ids.len() / 2]
}

pub async fn nothing_beyond_a_limit_is_read_or_written(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    let mut written = 0;
    for of in types() {
        let rows = world.of(of);
        assert!(rows.len() > 1, "{} has nothing to be limited", of.key());
        let allowed = middle(&world, of);
        let who = limited(of, allowed, &[]);
        let permit: Permit<View> = who.permit(of).unwrap();
        // of changes and the like one sees besides only what is about what one sees
        let expected = if of.is(&CHANGE) || of.key() == "peeringdb.upstreamchange" { vec![] } else { vec![allowed] };
        let name = of.key();
        let everything = ListQuery::all(of).unpaged();
        assert_eq!(ids(&store.list(&permit, &everything).await.unwrap().records), expected, "{name}");
        assert_eq!(store.count(&permit, &Filter::default()).await.unwrap(), expected.len() as u64, "{name}");
        let others = Filter::parse(of, &format!("-id:{allowed}")).0;
        assert_eq!(store.count(&permit, &others).await.unwrap(), 0, "{name}");
        assert_eq!(ids(&store.get_many(&permit, &ids(rows)).await.unwrap()), expected, "{name}");
        assert_eq!(ids(&store.find(&permit, &[]).await.unwrap()), expected, "{name}");
        assert_eq!(ids(&store.brief(&permit, &[], Which::All).await.unwrap()), expected, "{name}");
        for field in of.fields.iter() {
            let targets: Vec<i64> = match field.kind.target() {
                Some(to) => ids(world.of(to)),
                None => continue,
            };
            let found = store.reverse(&permit, field.name, &targets).await.unwrap();
            assert!(ids(&found).iter().all(|id| expected.contains(id)), "{name}.{}", field.name);
        }
        for row in rows {
            let is_seen = store.is_visible(&permit, row.id).await.unwrap();
            assert_eq!(is_seen, expected.contains(&row.id), "{name} {}", row.id);
        }
        if of.origin != Origin::Operator {
            continue;
        }
        let other = rows.iter().find(|row| row.id != allowed).unwrap();
        let refused = async |what: &str, result: Result<(), peerage_store::StoreError>| {
            let problem = peerage_model::Problem::from(result.unwrap_err());
            assert_eq!(problem.label, Label::Forbidden, "{what} {name}: {}", problem.message);
            assert!(problem.message.contains(&format!("“id:{allowed}”")), "{name}: {}", problem.message);
        };
        let mut write = store.begin(&who, "").await.unwrap();
        // as if it were not there: whoever may not see it is not told of it
        let gone = peerage_model::Problem::from(write.delete(&who.permit(of).unwrap(), other.id).await.unwrap_err());
        assert_eq!(gone.label, Label::NotFound, "delete {name}: {}", gone.message);
        drop(write);
        let mut write = store.begin(&who, "").await.unwrap();
        refused("change", write.update(&who.permit(of).unwrap(), 0, other.clone()).await.map(drop)).await;
        drop(write);
        let mut write = store.begin(&who, "").await.unwrap();
        assert!(write.hold(&who.permit(of).unwrap(), other.id).await.unwrap().is_none(), "{name}");
        assert!(write.hold(&who.permit(of).unwrap(), allowed).await.unwrap().is_some(), "{name}");
        drop(write);
        let mut write = store.begin(&who, "").await.unwrap();
        refused("add", write.insert(&who.permit(of).unwrap(), sample(of, crate::world::ROWS, &world)).await.map(drop))
            .await;
        drop(write);
        let own = rows.iter().find(|row| row.id == allowed).unwrap();
        let mut write = store.begin(&who, "").await.unwrap();
        write.update(&who.permit(of).unwrap(), 0, own.clone()).await.unwrap();
        drop(write);
        written += 1;
    }
    assert!(written > 20, "{written} types can be written");
    for of in types() {
        assert_eq!(all(store, of).await.len(), world.of(of).len(), "{}", of.key());
    }
}

/// Neither what a reference is called, nor a filter or an order that leads through it, tells of what is beyond a limit.
pub async fn no_reference_leads_beyond_a_limit(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    let every: Vec<&'static ObjectType> = types().collect();
    let mut ways = 0;
    for to in types() {
        let allowed = middle(&world, to);
        let who = limited(to, allowed, &every);
        for (of, field) in registry::referring(to).filter(|(of, _)| of.origin != Origin::System && !of.is(to)) {
            let Ok(permit) = who.permit::<View>(of) else { continue };
            let name = format!("{}.{}", of.key(), field.name);
            let listing = store.list(&permit, &ListQuery::all(of).unpaged()).await.unwrap();
            for row in world.of(to) {
                assert!(row.id == allowed || listing.related.find(to, row.id).is_none(), "{name} names {}", row.id);
            }
            if !matches!(field.kind, Kind::Reference { .. }) {
                continue;
            }
            for row in world.of(to).iter().filter(|row| row.id != allowed) {
                let filter = Filter::parse(of, &format!("{}.id:{}", field.name, row.id)).0;
                assert_eq!(store.count(&permit, &filter).await.unwrap(), 0, "{name} is asked about {}", row.id);
            }
            // what is beyond has no place in the order: it comes last
            if of.origin == Origin::Operator {
                let sort = vec![Sort::parse(of, &format!("{}.id", field.name)).unwrap()];
                let sorted = store.records(&permit, &ListQuery { sort, ..ListQuery::all(of).unpaged() }).await.unwrap();
                let is_own = |record: &Record| record.int(field.name) == Some(allowed);
                let first_other = sorted.iter().position(|record| !is_own(record)).unwrap_or(sorted.len());
                assert!(!sorted[first_other..].iter().any(is_own), "{name}");
                ways += 1;
            }
        }
    }
    assert!(ways > 20, "{ways} references were followed");
}

/// What tells of an object is seen by who sees the object, while they see it.
pub async fn what_tells_of_an_object_is_seen_by_who_sees_the_object(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let lab = add(store, Record::new(&TAG).with("name", Value::text("Lab")).with("slug", Value::text("lab"))).await;
    let router = change(store, small.router.clone().with("tags", Value::Ids([lab.id].into()))).await;
    let second = router.clone().with("name", Value::text("edge2")).with("hostname", Value::text("edge2.example.net"));
    let mut second = second.with("tags", Value::Ids([].into()));
    (second.id, second.version) = (0, 0);
    let second = add(store, second).await;
    for router in [&router, &second] {
        let entry = Record::new(&JOURNAL_ENTRY)
            .with("assigned_object_type", Value::text(ROUTER.key()))
            .with("assigned_object_id", Value::Int(router.id))
            .with("comments", Value::text("seen"));
        add(store, entry).await;
    }
    let granted = ["devices.view_router tags:lab", "core.view_objectchange", "extras.view_journalentry"];
    let who = Who { user: None, name: "lab".into(), rights: Rights::only(granted).into() };
    let told = async |of: &'static ObjectType, id: &str| {
        let rows = store.records(&who.permit(of).unwrap(), &ListQuery::all(of).unpaged()).await.unwrap();
        let mut about: Vec<i64> = rows
            .iter()
            .filter(|row| !row.text(id).is_empty() || row.int(id).is_some())
            .filter_map(|row| row.int(id))
            .collect();
        about.sort_unstable();
        about.dedup();
        about
    };
    assert_eq!(told(&JOURNAL_ENTRY, "assigned_object_id").await, [router.id]);
    let of_routers = Filter::parse(&CHANGE, &format!("changed_object_type:={}", ROUTER.key())).0;
    let changes = async |who: &Who| {
        let query = ListQuery::all(&CHANGE).unpaged().filtered(of_routers.clone());
        store.records(&who.permit(&CHANGE).unwrap(), &query).await.unwrap().len()
    };
    assert_eq!((changes(&who).await, changes(&system()).await), (2, 3));

    // beyond one's own hands nothing is put, and from there nothing is taken
    let granted = ["devices.view_router", "devices.change_router tags:lab", "devices.add_router tags:lab"];
    let changer = Who { user: None, name: "lab".into(), rights: Rights::only(granted).into() };
    let permit: Permit<Change> = changer.permit(&ROUTER).unwrap();
    for changed in
        [router.clone().with("tags", Value::Ids([].into())), second.clone().with("tags", Value::Ids([lab.id].into()))]
    {
        let mut write = store.begin(&changer, "").await.unwrap();
        assert!(write.update(&permit, 0, changed).await.is_err());
    }
    let mut write = store.begin(&changer, "").await.unwrap();
    write.update(&permit, 0, router.clone().with("description", Value::text("in the lab"))).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(changes(&who).await, 3);
    // out of the lab, and out of sight, its past included
    let mut moved = router.clone().with("tags", Value::Ids([].into()));
    moved.version = 0;
    change(store, moved).await;
    assert_eq!((changes(&who).await, told(&JOURNAL_ENTRY, "assigned_object_id").await), (0, vec![]));
    assert_eq!(
        store.events_after(0).await.unwrap().iter().filter(|told| told.event.action == Action::Delete).count(),
        0
    );
}

/// A limit may lead through what its holder does not see.
pub async fn a_limit_may_lead_through_what_is_not_seen(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let other = add(store, network(64_502, "Other")).await;
    add(store, crate::world::session(&other, &small.connection, "192.0.2.2")).await;
    let granted = ["peering.view_internetexchangepeeringsession autonomous_system.asn:64501"];
    let who = Who { user: Some(1), name: "one".into(), rights: Rights::only(granted).into() };
    assert!(who.permit::<View>(&AUTONOMOUS_SYSTEM).is_err());
    let permit: Permit<View> = who.permit(&IX_SESSION).unwrap();
    let query = ListQuery::all(&IX_SESSION).unpaged();
    assert_eq!(ids(&store.records(&permit, &query).await.unwrap()), [small.session.id]);
    assert_eq!(person().permit::<View>(&IX_SESSION).unwrap().scope(), peerage_model::permit::Scope::Everything);
    assert_eq!(store.count(&may(&IX_SESSION), &Filter::default()).await.unwrap(), 2);
}
