//! What a synchronisation found changed in PeeringDB, row by row, and what it means for us.

use super::SYNCHRONISATION;
use crate::{
    Choice, ObjectType, OnDelete, Origin, Tone,
    field::{choice, int, json, reference, text},
    kind,
    object::object,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION},
};

/// The concern of what has nothing to do with us.
pub const NO_CONCERN: &str = "other";

/// What a change that concerns us names. Whoever may not see all of these is told only of what has nothing to do with us.
pub static NAMED_OF_OURS: &[&ObjectType] = &[&AUTONOMOUS_SYSTEM, &INTERNET_EXCHANGE, &CONNECTION, &IX_SESSION];

/// How near a change is to us, the nearest first: their codes sort in this order.
pub static CONCERN: &[Choice] = &[
    // sessions or connections of ours do not fit any more
    kind::choice("act", "Act on it", Tone::Warn),
    // our own AS, exchanges and ports
    kind::choice("direct", "Yours", Tone::Plan),
    // networks that we have an autonomous system for
    kind::choice("known", "Your peers", Tone::Info),
    // others on the LANs of our exchanges
    kind::choice("near", "At your exchanges", Tone::Quiet),
    kind::choice(NO_CONCERN, "Others", Tone::Mute),
];

pub static UPSTREAM_ACTION: &[Choice] = &[
    kind::choice("appeared", "Appeared", Tone::Ok),
    kind::choice("changed", "Changed", Tone::Info),
    kind::choice("went", "Went", Tone::Bad),
];

pub static UPSTREAM_CHANGE: ObjectType = object("peeringdb", "upstream-changes", "upstreamchange")
    .called("Change upstream", "Changed upstream")
    .icon("poll")
    .origin(Origin::Note)
    .label("{subject}")
    // the newest run first, as runs are in order themselves
    .order(&["run", "concern", "id"])
    .about("What synchronisations found new, changed or gone in PeeringDB, what concerns you first. The first run only counts.")
    .fields(&[
        choice("concern", CONCERN).required().default_text(NO_CONCERN).column().filter(),
        choice("action", UPSTREAM_ACTION).required().default_text("changed").column().filter(),
        // PeeringDB's name of the type: `net`, `netixlan`
        text("namespace", 20).label_as("Type").required().column().filter(),
        text("subject", 255).label_as("What").required().column().search(),
        text("why", 500).column().search().help("What it has to do with you."),
        reference("run", &SYNCHRONISATION).label_as("Run").required().on_delete(OnDelete::Cascade).column().filter(),
        // of the row, in the cache or gone from it
        int("object_id", 0, i64::MAX).label_as("Id there").required(),
        // `[{field, before, after}]`
        json("changes").nullable(),
        // our objects that it is about: `[{type, id, label}]`
        json("ours").nullable(),
    ]);
