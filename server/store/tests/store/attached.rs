use crate::{
    database::Database,
    world::{add, all, change, delete, may, network, small, system},
};
use peerage_model::{
    Label, ObjectType, Record, Value, Who,
    permit::{Add, Delete, Rights, View},
    types::{AUTONOMOUS_SYSTEM, CHANGE, CONTACT, CONTACT_ASSIGNMENT, CONTACT_ROLE, IX_SESSION, JOURNAL_ENTRY, USER},
};
use peerage_store::Store;

async fn contact(store: &Store) -> (Record, Record) {
    let contact = add(store, Record::new(&CONTACT).with("name", Value::text("Desk"))).await;
    let role = Record::new(&CONTACT_ROLE).with("name", Value::text("NOC")).with("slug", Value::text("noc"));
    (contact, add(store, role).await)
}

fn assignment(to: &Record, contact: &Record, role: &Record) -> Record {
    Record::new(&CONTACT_ASSIGNMENT)
        .with("content_type", Value::text(to.of.key()))
        .with("object_id", Value::Int(to.id))
        .with("contact", Value::Int(contact.id))
        .with("role", Value::Int(role.id))
}

fn note(to: &Record, words: &str) -> Record {
    Record::new(&JOURNAL_ENTRY)
        .with("assigned_object_type", Value::text(to.of.key()))
        .with("assigned_object_id", Value::Int(to.id))
        .with("comments", Value::text(words))
}

async fn count(store: &Store, of: &'static ObjectType) -> usize {
    all(store, of).await.len()
}

pub async fn what_is_attached_goes_with_its_object_and_is_recorded(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let (contact, role) = contact(store).await;
    add(store, assignment(&small.peer, &contact, &role)).await;
    add(store, assignment(&small.local, &contact, &role)).await;
    // one of the same number, of another type
    add(store, note(&small.exchange, "of the exchange")).await;
    add(store, note(&small.session, "of the session")).await;
    let standing = store.referring(&may::<Delete>(&AUTONOMOUS_SYSTEM), &[small.peer.id]).await.unwrap();
    let mut gone: Vec<&str> = standing.gone.iter().map(|group| group.of.model).collect();
    gone.sort_unstable();
    assert_eq!(gone, ["contactassignment", "internetexchangepeeringsession", "journalentry"]);
    let before = count(store, &CHANGE).await;
    delete(store, &small.peer).await;
    assert_eq!((count(store, &CONTACT_ASSIGNMENT).await, count(store, &JOURNAL_ENTRY).await), (1, 1));
    assert_eq!(count(store, &IX_SESSION).await, 0);
    assert_eq!(count(store, &CHANGE).await - before, 4, "the network, its session, and one attached to each");
    // a contact that is assigned stays
    let mut write = store.begin(&system(), "").await.unwrap();
    let refusal = write.delete(&may::<Delete>(&CONTACT), contact.id).await.unwrap_err().into_problem();
    assert_eq!(refusal.label, Label::Conflict);
}

pub async fn what_is_attached_is_attached_to_something(database: &Database) {
    let store = &database.store;
    let peer = add(store, network(64501, "Peer")).await;
    let (contact, role) = contact(store).await;
    let permit = may::<Add>(&CONTACT_ASSIGNMENT);
    for (wrong, at) in [
        (assignment(&peer, &contact, &role).with("object_id", Value::Int(peer.id + 9)), "object_id"),
        (assignment(&peer, &contact, &role).with("content_type", Value::text("peering.nothing")), "content_type"),
    ] {
        let mut write = store.begin(&system(), "").await.unwrap();
        let refusal = write.insert(&permit, wrong).await.unwrap_err().into_problem();
        assert_eq!(refusal.fields[0].field, at, "{refusal:?}");
    }
    let stored = add(store, assignment(&peer, &contact, &role)).await;
    let related = store.related(&may::<View>(&CONTACT_ASSIGNMENT), std::slice::from_ref(&stored)).await.unwrap();
    let known = peerage_model::Lookup::find(&related, &AUTONOMOUS_SYSTEM, peer.id);
    assert_eq!(known.map(|known| known.text("name").to_owned()).as_deref(), Some("Peer"));
    let mut write = store.begin(&system(), "").await.unwrap();
    let twice = write.insert(&permit, assignment(&peer, &contact, &role)).await.unwrap_err().into_problem();
    assert_eq!(twice.message, "This contact has that role there already.");
}

pub async fn an_entry_says_who_wrote_it(database: &Database) {
    let store = &database.store;
    let peer = add(store, network(64501, "Peer")).await;
    let user = add(store, Record::new(&USER).with("username", Value::text("noc"))).await;
    let who = Who { user: Some(user.id), name: "noc".into(), rights: Rights::all(true).into() };
    let mut write = store.begin(&who, "note").await.unwrap();
    let entry = write.insert(&who.permit::<Add>(&JOURNAL_ENTRY).unwrap(), note(&peer, "called")).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(entry.int("created_by"), Some(user.id));
    let other = change(store, entry.with("comments", Value::text("called again"))).await;
    assert_eq!(other.int("created_by"), Some(user.id), "who changes it is not its author");
}
