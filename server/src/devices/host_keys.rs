//! Host keys: which are on record, and how one gets there.

use super::system;
use crate::keys;
use peerage_devices::HostKey;
use peerage_model::{
    Permit, Problem, Record, Value, Who,
    permit::{Add, Change, Delete, Deploy, View},
    types::{HOST_KEY, ROUTER},
};
use peerage_store::Store;

/// The key of a record.
pub fn parsed(record: &Record) -> Option<HostKey> {
    HostKey::parse(record.text("key")).ok()
}

/// A record of a key that was typed: in one form, with its kind and its fingerprint.
///
/// # Errors
/// At the field, if it is no key.
pub fn settled(record: Record) -> Result<Record, Problem> {
    let words = "This is no public key in OpenSSH's form, like: ssh-ed25519 AAAA...";
    let key = parsed(&record).ok_or_else(|| Problem::field("key", words))?;
    Ok(described(record, &key))
}

fn described(record: Record, key: &HostKey) -> Record {
    record
        .with("key", Value::text(format!("{} {}", key.algorithm, key.key)))
        .with("algorithm", Value::text(key.algorithm.as_str()))
        .with("fingerprint", Value::text(key.fingerprint()))
}

fn record(router: &Record, key: &HostKey) -> Record {
    described(Record::new(&HOST_KEY).with("router", Value::Int(router.id)), key)
}

/// Keeps the first key that a router showed, where the first one is trusted.
///
/// # Errors
/// A failure of the database.
pub async fn keep_first(store: &Store, router: &Record, key: &HostKey) -> Result<(), Problem> {
    let who = system();
    let mut write = store.begin(&who, &keys::request_id()).await?;
    // whoever comes at the same moment waits here, and finds it kept
    write.hold(&who.permit::<View>(&ROUTER)?, router.id).await?;
    let known = write.reverse(&who.permit::<View>(&HOST_KEY)?, "router", &[router.id]).await?;
    if known.is_empty() {
        write.insert(&who.permit::<Add>(&HOST_KEY)?, record(router, key)).await?;
        tracing::info!(router = router.text("name"), key = %key, "its first host key was kept");
    }
    Ok(write.commit().await?)
}

/// Accepts the key that a router showed when it was refused; those on record go. The change log says who did.
///
/// # Errors
/// `Forbidden`; `Conflict` if it shows another one by now, or none.
pub async fn accept(
    store: &Store,
    who: &Who,
    router: i64,
    fingerprint: &str,
    request: &str,
) -> Result<HostKey, Problem> {
    store.permit_on::<Deploy>(who, &ROUTER, router).await?;
    let found = store.get(&who.permit::<View>(&ROUTER)?, router).await?;
    let router = found.ok_or_else(|| Problem::not_found(ROUTER.name))?;
    let offered = HostKey::parse(router.text("offered_key")).ok();
    let key = offered.ok_or_else(|| {
        Problem::conflict("It has not shown a host key that waits to be accepted. Test the connection first.")
    })?;
    if key.fingerprint() != fingerprint.trim() {
        let words = format!("What it showed last is {}, which is another key. Compare again.", key.fingerprint());
        return Err(Problem::conflict(words));
    }
    // whoever may push to a router may say which it is, whether or not they may edit host keys otherwise
    let acting = Who { rights: system().rights, ..who.clone() };
    let mut write = store.begin(&acting, request).await?;
    let known = write.reverse(&acting.permit::<View>(&HOST_KEY)?, "router", &[router.id]).await?;
    let delete: Permit<Delete> = acting.permit(&HOST_KEY)?;
    for old in known {
        write.delete(&delete, old.id).await?;
    }
    write.insert(&acting.permit::<Add>(&HOST_KEY)?, record(&router, &key)).await?;
    write.commit().await?;
    // what it showed when it was refused is answered; how it is is seen when it is asked next
    let who = system();
    let answered = router
        .clone()
        .with("offered_key", Value::Null)
        .with("reachability", Value::Null)
        .with("reachability_words", Value::Null);
    let mut write = store.begin(&who, request).await?;
    write
        .observe(&who.permit::<Change>(&ROUTER)?, &["offered_key", "reachability", "reachability_words"], &[answered])
        .await?;
    write.commit().await?;
    tracing::warn!(router = router.text("name"), key = %key, by = %who.name, "a host key was accepted");
    Ok(key)
}
