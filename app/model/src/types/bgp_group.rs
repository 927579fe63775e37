//! Direct sessions that have something in common, as a router's peer group.

use super::{
    COMMUNITIES, CREATED, DESCRIPTION, EXPORT_POLICIES, IMPORT_POLICIES, LOCAL_CONTEXT, NAME, SLUG, STATUS, TAGS,
    UPDATED,
};
use crate::{ObjectType, field::choice, object::object};

pub static BGP_GROUP: ObjectType = object("peering", "bgp-groups", "bgpgroup")
    .called("BGP group", "BGP groups")
    .icon("group")
    .label("{name}")
    .order(&["name", "slug"])
    .about("Direct sessions that belong together: your transits, your customers. They inherit its policies, its communities and its maintenance.")
    .fields(&[
        NAME.group("BGP group"),
        SLUG,
        choice("status", STATUS).required().default_text("enabled").column().filter()
            .help("Sessions in it follow it into maintenance or disabling."),
        IMPORT_POLICIES.group("Policy"),
        EXPORT_POLICIES,
        COMMUNITIES,
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);
