//! A network at an exchange that is not to be proposed as a peer: asked and refused, or of no interest.

use super::{CREATED, UPDATED};
use crate::{
    Facts, ObjectType, OnDelete, Record,
    check::Problems,
    field::{int, markdown, reference, time},
    object::{Unique, object},
    peeringdb::{IXLAN, NETWORK},
};

/// Each reference into the cache, and where its id is kept for when the cache is emptied.
pub const KEPT_IDS: [(&str, &str); 2] =
    [("peeringdb_network", "peeringdb_network_id_copy"), ("peeringdb_ixlan", "peeringdb_ixlan_id_copy")];

pub static HIDDEN_PEER: ObjectType = object("peeringdb", "hidden-peers", "hiddenpeer")
    .called("Hidden peer", "Hidden peers")
    .icon("eyeoff")
    .label("[{peeringdb_network}|Network ID {peeringdb_network_id_copy}] hidden on [{peeringdb_ixlan}|IX LAN ID {peeringdb_ixlan_id_copy}]")
    .order(&["until", "peeringdb_network", "peeringdb_ixlan"])
    .about("Networks that are left out of the available peers of an exchange, for good or until a day. Hide one where it is proposed.")
    .unique(&[Unique {
        name: "unique_hiddenpeer_copies",
        fields: &["peeringdb_network_id_copy", "peeringdb_ixlan_id_copy"],
        message: "This network is hidden on that LAN already.",
        at: "peeringdb_ixlan",
    }])
    .settled(with_kept_ids)
    .checks(&[it_hides])
    .fields(&[
        reference("peeringdb_network", &NETWORK).label_as("Network").nullable().on_delete(OnDelete::SetNull).column().filter()
            .group("Hidden peer").help("The network that is not to be proposed."),
        reference("peeringdb_ixlan", &IXLAN).label_as("Exchange LAN").nullable().on_delete(OnDelete::SetNull).column().filter()
            .help("Where it is not to be proposed."),
        time("until").nullable().column().help("When it is proposed again; empty: never."),
        markdown("comments").column().help("Why, for whoever asks later. Plain text."),
        int("peeringdb_network_id_copy", 0, i64::MAX).label_as("Network's number").nullable().read_only().hidden(),
        int("peeringdb_ixlan_id_copy", 0, i64::MAX).label_as("LAN's number").nullable().read_only().hidden(),
        CREATED,
        UPDATED,
    ]);

/// The ids outlive the rows that they lead to.
fn with_kept_ids(record: &mut Record) {
    for (reference, copy) in KEPT_IDS {
        if !record.get(reference).is_null() {
            record.set(copy, record.get(reference).clone());
        }
    }
}

/// A day that is past hides nobody; whoever ends the hiding of somebody by it may insist.
fn it_hides(record: &Record, facts: &dyn Facts, problems: &mut Problems) {
    if facts.now().is_some_and(|now| !hides(record, now)) {
        let words = "This is past already, so that nobody is hidden. Give a later day, or none to hide for good.";
        problems.warn("until", words);
    }
}

/// Whether it hides at a moment (microseconds since 1970).
pub fn hides(record: &Record, now: i64) -> bool {
    record.get("until").as_time().is_none_or(|until| until > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Value, label::label};

    #[test]
    fn it_is_named_by_numbers_when_the_cache_is_empty() {
        let peer = Record::new(&HIDDEN_PEER)
            .with("peeringdb_network_id_copy", Value::Int(20))
            .with("peeringdb_ixlan_id_copy", Value::Int(31));
        assert_eq!(label(&peer, &()), "Network ID 20 hidden on IX LAN ID 31");
        let peer = peer.with("peeringdb_network", Value::Int(20));
        assert_eq!(label(&peer, &()), "Network #20 hidden on IX LAN ID 31");
    }
}
