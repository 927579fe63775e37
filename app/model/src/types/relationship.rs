//! What a direct session is for: transit, customer, private peering.

use super::{COLOUR, CREATED, DESCRIPTION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED};
use crate::{ObjectType, object::object};

/// The slug of the one that sessions over a link between the two networks have, where it is kept.
pub const PRIVATE_PEERING: &str = "private-peering";

pub static RELATIONSHIP: ObjectType = object("bgp", "relationships", "relationship")
    .called("Relationship", "Relationships")
    .icon("tag")
    .label("{name}")
    .order(&["name"])
    .about("What you and the peer are to each other over a direct session: transit, customer, private peering. Templates write different policies for each.")
    .fields(&[
        NAME.group("Relationship"),
        SLUG,
        COLOUR,
        DESCRIPTION.column(),
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);
