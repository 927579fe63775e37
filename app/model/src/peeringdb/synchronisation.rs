//! What a synchronisation notes: that it ran, how far each type has come, and which rows it could not take.

use crate::{
    ObjectType, Origin,
    field::{COUNT, bool, int, json, text, time},
    object::{Unique, object},
};

pub static SYNCHRONISATION: ObjectType = object("peeringdb", "synchronisations", "synchronisation")
    .called("Synchronisation", "Synchronisations")
    .icon("poll")
    .origin(Origin::Note)
    .label("Synchronisation #{id}")
    .order(&["-time", "-id"])
    .about("Runs of the PeeringDB synchronisation.")
    .fields(&[
        time("time").label_as("Ended").required().column(),
        // `meta.generated` of the oldest answer
        time("as_of").label_as("Data as of").nullable().column(),
        int("created", 0, COUNT).default_int(0).column(),
        int("updated", 0, COUNT).default_int(0).column(),
        int("deleted", 0, COUNT).default_int(0).column(),
        int("rejected", 0, COUNT).default_int(0).column(),
        // rows told one by one that have to do with us, and rows that were not told one by one
        int("concerning", 0, COUNT).label_as("Concern you").default_int(0).column(),
        int("left_out", 0, COUNT).default_int(0),
        int("milliseconds", 0, COUNT).label_as("Took").span().default_int(0).column(),
        text("source", 500).column(),
        // why it ended early, by type; empty when all went well
        text("failure", 2000).column(),
    ]);

pub static CURSOR: ObjectType = object("peeringdb", "cursors", "cursor")
    .called("Cursor", "Cursors")
    .icon("poll")
    .origin(Origin::Note)
    .label("{namespace}")
    .order(&["id"])
    .about("How far each type of PeeringDB has been taken over.")
    .fields(&[
        text("namespace", 20).required().unique().column(),
        // `since` of the next request: seconds since 1970, from the last answer's `meta.generated`
        int("since", 0, COUNT).default_int(0).column(),
        time("taken").nullable().column(),
        // whether an API key was shown: without one PeeringDB withholds what it tells only its users
        bool("keyed"),
    ]);

pub static REJECTED: ObjectType = object("peeringdb", "rejected", "rejected")
    .called("Rejected row", "Rejected rows")
    .icon("alert")
    .origin(Origin::Note)
    .label("{namespace} {object_id}")
    .order(&["namespace", "object_id"])
    .about("Rows of PeeringDB that could not be taken, and why. They are tried again with every run.")
    .unique(&[Unique {
        name: "unique_rejected_namespace_object",
        fields: &["namespace", "object_id"],
        message: "This row is noted already.",
        at: "object_id",
    }])
    .fields(&[
        text("namespace", 20).required().column().filter(),
        int("object_id", 0, COUNT).required().column(),
        text("reason", 2000).column().search(),
        // in the cache, but without a reference that leads nowhere
        bool("partly").label_as("Taken in part").column().filter(),
        json("data").nullable(),
        time("since").nullable().column(),
    ]);
