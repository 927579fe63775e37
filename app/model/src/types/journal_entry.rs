//! What people note about an object.

use super::{CREATED, TAGS, UPDATED, USER, attached::NOTED};
use crate::{
    Choice, ObjectType, OnDelete, Tone,
    field::{self, int, markdown, reference},
    kind::choice,
    object::{Attached, object},
};

static KINDS: &[Choice] = &[
    choice("info", "Info", Tone::Info),
    choice("success", "Success", Tone::Ok),
    choice("warning", "Warning", Tone::Warn),
    choice("danger", "Danger", Tone::Bad),
];

pub static JOURNAL_ENTRY: ObjectType = object("extras", "journal-entries", "journalentry")
    .called("Journal entry", "Journal entries")
    .icon("note")
    .label("{created:minute} ({kind})")
    .order(&["-created"])
    .about("What happened to an object, in your words: who was called, why a session is down, what was agreed.")
    .attached(&Attached {
        of: "assigned_object_type",
        id: "assigned_object_id",
        object: "assigned_object",
        set: "journal_entries",
    })
    .fields(&[
        field::choice("assigned_object_type", &NOTED)
            .label_as("About")
            .required()
            .column()
            .filter()
            .group("Journal entry")
            .help("The type of what it is about."),
        int("assigned_object_id", 1, i64::MAX)
            .label_as("Object")
            .required()
            .column()
            .filter()
            .help("What it is about."),
        field::choice("kind", KINDS).required().default_text("info").column().filter().help("How it is shown."),
        markdown("comments").required().column().search().help("Plain text; its lines stay as they are."),
        reference("created_by", &USER)
            .label_as("By")
            .nullable()
            .on_delete(OnDelete::SetNull)
            .read_only()
            .author()
            .column()
            .filter(),
        TAGS,
        CREATED.column(),
        UPDATED,
    ]);
