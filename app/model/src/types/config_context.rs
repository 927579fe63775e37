//! Data for templates that many objects share, and to which objects it is given. How contexts are merged is said in
//! [`crate::context`].

use super::{CREATED, NAME, UPDATED, attached::DESCRIBED, synchronised};
use crate::{
    ObjectType,
    field::{bool, choice, int, json_object, reference, text},
    object::{Attached, Unique, object},
};

pub static CONFIG_CONTEXT: ObjectType = object("extras", "config-contexts", "configcontext")
    .called("Config context", "Config contexts")
    .icon("json")
    .label("{name}")
    .order(&["name"])
    .about("A JSON object that templates read at the objects that it is assigned to: timers of a region, servers of a site. Said once, used in many places.")
    .checks(&[synchronised::from_a_file])
    .settled(synchronised::follow_the_file)
    .fields(&[
        NAME.group("Config context"),
        text("description", 200).column().search().help("What it is for."),
        // as in Peering Manager it changes nothing about what is merged
        bool("is_active").label_as("Active").default_on().column().filter()
            .help("A note for people: it is merged all the same, as in Peering Manager."),
        json_object("data").required().help("A JSON object, like {\"timers\": {\"keepalive\": 30}}."),
        synchronised::SOURCE.group("Data source"),
        synchronised::FILE,
        synchronised::PATH,
        synchronised::AUTOMATIC,
        synchronised::MOMENT,
        CREATED,
        UPDATED,
    ]);

pub static CONFIG_CONTEXT_ASSIGNMENT: ObjectType =
    object("extras", "config-context-assignments", "configcontextassignment")
        .called("Config context assignment", "Config context assignments")
        .icon("json")
        .label("{config_context}")
        .order(&["weight", "config_context"])
        .about("Which objects have a config context, and how strong it is there.")
        .attached(&Attached { of: "content_type", id: "object_id", object: "object", set: "config_contexts" })
        .unique(&[Unique {
            name: "unique_configcontextassignment_object_context",
            fields: &["content_type", "object_id", "config_context"],
            message: "This object has that context already.",
            at: "config_context",
        }])
        .fields(&[
            choice("content_type", &DESCRIBED)
                .label_as("Assigned to")
                .required()
                .column()
                .filter()
                .group("Assignment")
                .help("The type of what gets it."),
            int("object_id", 1, i64::MAX).label_as("Object").required().column().filter().help("What gets it."),
            reference("config_context", &CONFIG_CONTEXT).required().column().filter().help("What it gets."),
            int("weight", 0, 32_767)
                .required()
                .default_int(1000)
                .column()
                .help("Where contexts say different things, the one with the higher weight wins."),
            CREATED,
            UPDATED,
        ]);
