//! A list as somebody wants to see it again: filter, columns and order under a name, for one or for everybody.

use crate::{
    ObjectType, OnDelete, Origin,
    field::{bool, reference, text, time},
    object::object,
    types::USER,
};

pub static SAVED_VIEW: ObjectType = object("extras", "saved-views", "savedview")
    .called("Saved view", "Saved views")
    .icon("eye")
    .origin(Origin::System)
    .label("{name}")
    .order(&["object_type", "name"])
    .about("A list as somebody wants to see it again.")
    .fields(&[
        reference("user", &USER).required().on_delete(OnDelete::Cascade).group("View"),
        // the type whose list it is, peering.autonomoussystem, or a page beside it: peering.internetexchange/available-peers
        text("object_type", 100).required(),
        text("name", 100).required().search(),
        // of the address bar, without "?"
        text("query", 2000),
        bool("shared").help("Everybody sees it."),
        time("created").nullable().read_only(),
    ])
    .unique(&[crate::object::Unique {
        name: "unique_savedview_user_type_name",
        fields: &["user", "object_type", "name"],
        message: "You have a view of this name already. Take another name, or replace that view.",
        at: "name",
    }]);
