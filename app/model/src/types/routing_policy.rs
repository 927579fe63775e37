//! A policy of the routers, by its name there: what sessions import and export.

use super::{COMMUNITIES, CREATED, DESCRIPTION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED};
use crate::{
    Choice, ObjectType, Tone,
    field::{self, int, named},
    kind::choice,
    object::object,
};

/// In which direction a policy works.
static TYPE: &[Choice] = &[
    choice("export-policy", "Export", Tone::None),
    choice("import-policy", "Import", Tone::None),
    choice("import-export-policy", "Import+Export", Tone::None),
];

/// Which sessions a policy is for.
static FAMILIES: &[(i64, &str)] = &[(0, "All"), (4, "IPv4"), (6, "IPv6")];

pub static ROUTING_POLICY: ObjectType = object("peering", "routing-policies", "routingpolicy")
    .called("Routing policy", "Routing policies")
    .icon("group")
    .label("{name}")
    .order(&["-weight", "name"])
    .about("A policy of your routers, by the name that it has there. Sessions, networks, groups and exchanges say which they import and export through; a session has those of all of them.")
    .fields(&[
        NAME.group("Routing policy"),
        SLUG,
        field::choice("type", TYPE).required().default_text("import-policy").column().filter()
            .help("The direction that it is written for."),
        int("weight", 0, 32_767).default_int(0).column().brief().help("The higher it is, the earlier it stands. 0 to 32767."),
        named("address_family", FAMILIES).default_int(0).column().filter().brief()
            .help("Sessions of the other family do not inherit it, and cannot have it themselves."),
        COMMUNITIES.help("Communities that it sets or looks for; templates can ask for them."),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);
