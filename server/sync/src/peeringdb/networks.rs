//! Our autonomous systems follow what PeeringDB says of them, in the four values that each of them allows by a flag.
//! Values are taken as they are: null stays null, an empty AS-SET stays empty, for templates see the difference.

use super::ours::{Edits, all, among, by_id};
use peerage_model::{
    Label, Permit, Problem, Record, Value, Who,
    peeringdb::NETWORK,
    permit::Change,
    types::{AUTONOMOUS_SYSTEM, is_private, kept_in_step},
};
use peerage_store::{Store, StoreError};
use std::collections::HashMap;

/// How one autonomous system stands to the cache.
#[derive(Clone, Debug, PartialEq)]
pub enum Followed {
    /// It was changed.
    Changed,
    /// It says already what PeeringDB says, as far as its flags allow.
    Same,
    /// Its number is private: PeeringDB has nothing to say of it.
    Private,
    /// The cache has no network of that number.
    Unknown,
}

/// All that PeeringDB knows; how many were changed.
pub async fn follow(store: &Store, who: &Who, request: &str, problems: &mut Vec<String>) -> Result<usize, StoreError> {
    let systems = all(store, who, &AUTONOMOUS_SYSTEM).await?;
    let numbers: Vec<Value> = systems.iter().filter_map(public_asn).map(Value::Int).collect();
    let networks: HashMap<i64, Record> = among(store, who, &NETWORK, "asn", &numbers)
        .await?
        .into_iter()
        .filter_map(|network| Some((network.int("asn")?, network)))
        .collect();
    let mut edits = Edits::new(&AUTONOMOUS_SYSTEM);
    for system in &systems {
        if let Some(network) = public_asn(system).and_then(|asn| networks.get(&asn)) {
            edits.put(system, kept_in_step(system, network));
        }
    }
    edits.write(store, who, request, problems).await
}

/// One autonomous system, on somebody's behalf. `request` is what the change record notes.
///
/// # Errors
/// They may not change it, it does not exist, it was changed at the same time, or the database failed.
pub async fn synchronise_as(store: &Store, who: &Who, request: &str, id: i64) -> Result<Followed, StoreError> {
    let _: Permit<Change> = who.permit(&AUTONOMOUS_SYSTEM)?;
    let system = by_id(store, who, &AUTONOMOUS_SYSTEM, &[id]).await?.pop();
    let system = system.ok_or_else(|| Problem::not_found("such autonomous system"))?;
    let Some(asn) = public_asn(&system) else { return Ok(Followed::Private) };
    let Some(network) = among(store, who, &NETWORK, "asn", &[Value::Int(asn)]).await?.pop() else {
        return Ok(Followed::Unknown);
    };
    let mut edits = Edits::new(&AUTONOMOUS_SYSTEM);
    edits.put(&system, kept_in_step(&system, &network));
    if edits.is_empty() {
        return Ok(Followed::Same);
    }
    let mut problems = Vec::new();
    if edits.write(store, who, request, &mut problems).await? == 1 {
        return Ok(Followed::Changed);
    }
    Err(Problem::new(Label::Conflict, problems.pop().unwrap_or_default()).into())
}

fn public_asn(system: &Record) -> Option<i64> {
    system.int("asn").filter(|_| !is_private(system))
}
