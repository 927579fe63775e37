//! How somebody likes the pages to be, on whichever machine.

use crate::{
    ObjectType, OnDelete, Origin,
    field::{json, reference},
    object::object,
    types::USER,
};

pub static PREFERENCES: ObjectType = object("users", "preferences", "preferences")
    .called("Preferences", "Preferences")
    .icon("eye")
    .origin(Origin::System)
    .label("{user}")
    .about("How somebody likes the pages to be.")
    .fields(&[
        reference("user", &USER).required().unique().on_delete(OnDelete::Cascade).group("Preferences"),
        // theme, density, rows of a page, columns of each list: the contract of the server functions says their shape
        json("data").nullable(),
    ]);
