//! Where files come from that templates and contexts are taken from, and that configurations are pushed to.

use super::{COMMENTS, CREATED, DESCRIPTION, LOCAL_CONTEXT, TAGS, UPDATED};
use crate::{
    Choice, Facts, ObjectType, OnDelete, Origin, Record, Tone,
    check::Problems,
    field::{self, bool, int, json_object, markdown, reference, secret, template, text, time},
    kind::choice,
    object::{Unique, object},
};

static STATUS: &[Choice] = &[
    choice("new", "New", Tone::Info),
    choice("queued", "Queued", Tone::Quiet),
    choice("synchronising", "Synchronising", Tone::Warn),
    choice("pushing", "Pushing", Tone::Warn),
    choice("completed", "Completed", Tone::Ok),
    choice("failed", "Failed", Tone::Bad),
];

static TYPE: &[Choice] = &[choice("local", "Local", Tone::None), choice("git", "Git", Tone::None)];

pub static DATA_SOURCE: ObjectType = object("core", "data-sources", "datasource")
    .called("Data source", "Data sources")
    .icon("folder")
    .label("{name}")
    .order(&["name"])
    .about("A git repository or a directory whose files are templates and contexts here, and where configurations are pushed to.")
    .checks(&[address_fits_the_type])
    .fields(&[
        text("name", 100).required().unique().column().search().group("Data source").help("What people call it."),
        field::choice("type", TYPE).required().default_text("git").column().filter().help("How it is fetched."),
        text("source_url", 200).label_as("Address").required().column().search().copy()
            .help("https://git.example.net/templates.git, or the path of a directory."),
        bool("enabled").default_on().column().filter().help("A disabled source is not synchronised."),
        markdown("ignore_rules").help("File names that are left out, one pattern a line, like *.md."),
        json_object("parameters").nullable().help("Of a git repository: {\"username\": \"...\", \"branch\": \"...\"}."),
        secret("password", 255).nullable().help("Of a git repository. Kept encrypted."),
        field::choice("status", STATUS).required().default_text("new").read_only().column().filter().group("State"),
        time("last_synchronised").nullable().read_only().column(),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);

pub static DATA_FILE: ObjectType = object("core", "data-files", "datafile")
    .called("Data file", "Data files")
    .icon("file")
    .origin(Origin::Note)
    .label("{path}")
    .order(&["source", "path"])
    .about("A file of a data source, as it was when that was synchronised last.")
    .unique(&[Unique {
        name: "unique_datafile_source_path",
        fields: &["source", "path"],
        message: "This source has a file at that path already.",
        at: "path",
    }])
    .fields(&[
        reference("source", &DATA_SOURCE)
            .required()
            .on_delete(OnDelete::Cascade)
            .read_only()
            .column()
            .filter()
            .group("Data file"),
        text("path", 1000).required().read_only().column().search().copy(),
        int("size", 0, 2_147_483_647).default_int(0).read_only().column(),
        // SHA-256, hex
        text("hash", 64).read_only(),
        // files that are no text are of no use to templates
        template("data").label_as("Content").read_only(),
        time("created").nullable().read_only(),
        time("updated").nullable().read_only().column(),
    ]);

/// A directory is named by its path or a file: address; a repository by an address or as git@host:path.
fn address_fits_the_type(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    let url = record.text("source_url");
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if record.text("type") == "local" && scheme.is_some_and(|scheme| scheme != "file") {
        problems.add("source_url", "A local source is a path, or an address beginning with file://.");
    }
    let password = |json: &serde_json::Value| json.get("password").is_some_and(|password| !password.is_null());
    if let crate::Value::Json(parameters) = record.get("parameters")
        && password(parameters)
    {
        problems.add("parameters", "The password has a field of its own, where it is kept encrypted.");
    }
}
