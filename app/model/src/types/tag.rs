//! A word to group objects by.

use super::{CREATED, NAME, SLUG, UPDATED};
use crate::{
    ObjectType,
    field::{colour, text},
    object::object,
};

pub static TAG: ObjectType = object("extras", "tags", "tag")
    .called("Tag", "Tags")
    .icon("tag")
    .label("{name}")
    .order(&["name"])
    .about("A word of your own to group objects by; templates can ask for it.")
    .fields(&[
        NAME.group("Tag"),
        SLUG,
        colour("color")
            .label_as("Colour")
            .required()
            .default_text("9e9e9e")
            .column()
            .brief()
            .help("Six hex digits, like 2196f3."),
        text("description", 200).column().search(),
        CREATED,
        UPDATED,
    ]);
