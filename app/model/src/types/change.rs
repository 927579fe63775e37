//! What was changed, by whom and when. Written by the store in the same transaction as the change itself.

use super::USER;
use crate::{
    Choice, ObjectType, OnDelete, Origin, Tone,
    field::{self, int, json, reference, text, time},
    kind::choice,
    object::object,
};

pub static ACTIONS: &[Choice] = &[
    choice("create", "Created", Tone::Ok),
    choice("update", "Updated", Tone::Info),
    choice("delete", "Deleted", Tone::Bad),
];

pub static CHANGE: ObjectType = object("core", "changes", "objectchange")
    .called("Change", "Changes")
    .icon("changes")
    .origin(Origin::Note)
    .label("{object_repr} {action}")
    .order(&["-time", "-id"])
    .about("Every change to your data: who, what, when, before and after.")
    .fields(&[
        time("time").required().read_only().column().group("Change"),
        reference("user", &USER).nullable().on_delete(OnDelete::SetNull).read_only(),
        text("user_name", 150).label_as("By").read_only().column().filter().search(),
        text("request_id", 36).label_as("Request").read_only().filter().copy(),
        field::choice("action", ACTIONS).required().read_only().column().filter(),
        text("changed_object_type", 100).label_as("Type").required().read_only().column().filter().brief(),
        int("changed_object_id", 1, i64::MAX).label_as("Number").required().read_only().filter().brief(),
        text("object_repr", 200).label_as("Object").read_only().column().search(),
        json("prechange_data").label_as("Before").nullable().read_only(),
        json("postchange_data").label_as("After").nullable().read_only(),
    ]);
