//! A router's configuration as a Jinja template.

use super::{COMMENTS, CREATED, DESCRIPTION, LOCAL_CONTEXT, LSTRIP_BLOCKS, TAGS, TRIM_BLOCKS, UPDATED, synchronised};
use crate::{
    ObjectType,
    field::{template, text},
    object::object,
};

pub static CONFIGURATION: ObjectType = object("devices", "configurations", "configuration")
    .called("Configuration template", "Configuration templates")
    .icon("config")
    .label("{name}")
    .order(&["name"])
    .about("A Jinja template that writes a router's BGP configuration from your data. Start from one that comes with Peerage and see the result while you type.")
    .checks(&[synchronised::from_a_file])
    .settled(synchronised::follow_the_file)
    .fields(&[
        text("name", 100).required().column().search().group("Template")
            .help("What routers and includes call it."),
        template("template").required().hidden(),
        TRIM_BLOCKS.column(),
        LSTRIP_BLOCKS.column(),
        synchronised::SOURCE.group("Data source"),
        synchronised::FILE,
        synchronised::PATH,
        synchronised::AUTOMATIC,
        synchronised::MOMENT,
        DESCRIPTION.column(),
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);
