//! What software a router runs, and how it is spoken to.

use super::{CREATED, DESCRIPTION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED};
use crate::{
    Choice, ObjectType, Tone,
    field::{self, json_object, text},
    kind::choice,
    object::object,
};

/// How a platform writes passwords in its configuration.
static PASSWORD_ALGORITHM: &[Choice] = &[
    choice("", "None", Tone::None),
    choice("arista-type7", "Arista Type 7", Tone::None),
    choice("cisco-type7", "Cisco Type 7", Tone::None),
    choice("juniper-type9", "Juniper Type 9", Tone::None),
];

pub static PLATFORM: ObjectType = object("devices", "platforms", "platform")
    .called("Platform", "Platforms")
    .icon("group")
    .label("{name}")
    .order(&["name"])
    .about("The software that routers run: Junos, EOS, FRR. It decides how a router is spoken to and how passwords are written.")
    .fields(&[
        NAME.group("Platform"),
        SLUG,
        text("napalm_driver", 50).label_as("Driver").column().help("frr, bird and openbgpd can be spoken to so far; others are kept for when they can. Empty: its routers are only rendered."),
        json_object("napalm_args").label_as("Driver arguments").nullable()
            .help("A JSON object for every router of this platform, like {\"port\": 2222}. A router's own win."),
        field::choice("password_algorithm", PASSWORD_ALGORITHM).column().filter().help("How session passwords are written in its configuration."),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);
