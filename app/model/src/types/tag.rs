//! A word to group objects by.

use super::{COLOUR, CREATED, NAME, SLUG, UPDATED};
use crate::{ObjectType, field::text, object::object};

pub static TAG: ObjectType = object("extras", "tags", "tag")
    .called("Tag", "Tags")
    .icon("tag")
    .label("{name}")
    .order(&["name"])
    .about("A word of your own to group objects by; templates can ask for it.")
    .fields(&[
        NAME.group("Tag"),
        SLUG,
        COLOUR,
        text("description", 200).column().search().help("What it is put on."),
        CREATED,
        UPDATED,
    ]);
