//! A message to peers as two Jinja templates: its subject and its text.

use super::{COMMENTS, CREATED, DESCRIPTION, LOCAL_CONTEXT, LSTRIP_BLOCKS, TAGS, TRIM_BLOCKS, UPDATED, synchronised};
use crate::{
    ObjectType,
    field::{template, text},
    object::object,
};

pub static EMAIL: ObjectType = object("messaging", "emails", "email")
    .called("E-mail template", "E-mail templates")
    .icon("mail")
    .label("{name}")
    .order(&["name"])
    .about("A message to a network, as templates for its subject and its text: a request for peering, an announcement of maintenance.")
    .checks(&[synchronised::from_a_file])
    .settled(synchronised::follow_the_file)
    .fields(&[
        text("name", 100).required().column().search().group("E-mail template").help("What people call it."),
        text("subject", 512).required().column().search().help("A template as well."),
        template("template").label_as("Text").required().help("Jinja2: the body of the mail."),
        TRIM_BLOCKS,
        LSTRIP_BLOCKS,
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
