//! Work that takes longer than a moment or talks to the outside: that it is wanted, who does it, how far it has come, how it
//! ended, and what it said meanwhile. What kinds there are, and who may start one, stands in the server's `jobs`; here are
//! their names, which are those of Peering Manager.
//!
//! A worker holds a job by its name, its attempt and a lease; whoever names another attempt holds nothing any more.

use super::USER;
use crate::{
    Choice, ObjectType, OnDelete, Origin, Tone,
    field::{self, bool, int, json_object, reference, text, time},
    kind::choice,
    object::{Unique, object},
};

const COUNT: i64 = i64::MAX;
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// What is done, by the kind's name.
pub static JOB_NAMES: &[Choice] = &[choice("peeringdb.synchronise", "PeeringDB synchronisation", Tone::None)];

/// `errored`: something broke; `failed`: it was done, or ended by somebody, and did not come out well.
pub static JOB_STATUS: &[Choice] = &[
    choice("pending", "Pending", Tone::Info),
    choice("running", "Running", Tone::Warn),
    choice("completed", "Completed", Tone::Ok),
    choice("errored", "Errored", Tone::Bad),
    choice("failed", "Failed", Tone::Bad),
];

/// How much a line of a job's log matters.
pub static JOB_LEVELS: &[Choice] = &[
    choice("default", "Line", Tone::None),
    choice("info", "Info", Tone::Info),
    choice("success", "Success", Tone::Ok),
    choice("warning", "Warning", Tone::Warn),
    choice("failure", "Failure", Tone::Bad),
];

pub static JOB: ObjectType = object("core", "jobs", "job")
    .called("Job", "Jobs")
    .icon("jobs")
    .origin(Origin::Note)
    .label("{name} #{id}")
    .order(&["-created", "-id"])
    .about("Work that takes longer than a moment or asks somebody outside, as a synchronisation with PeeringDB does. Each has its progress and its log here, while it runs and afterwards.")
    .fields(&[
        field::choice("name", JOB_NAMES).label_as("Job").required().read_only().column().filter().search().group("Job"),
        field::choice("status", JOB_STATUS).required().default_text("pending").read_only().column().filter(),
        text("object_repr", 200).label_as("Object").read_only().search(),
        text("object_type", 100).label_as("Object's type").read_only().filter().brief(),
        int("object_id", 1, COUNT).label_as("Object's number").nullable().read_only().filter().brief(),
        time("created").required().read_only().column(),
        text("user_name", 150).label_as("Started by").read_only().column().filter().search(),
        reference("user", &USER).nullable().on_delete(OnDelete::SetNull).read_only(),
        int("milliseconds", 0, COUNT).label_as("Took").nullable().span().read_only().column(),
        text("outcome", 2000).label_as("Result").read_only().column().search(),
        text("phase", 200).read_only().group("Progress"),
        int("done", 0, COUNT).default_int(0).read_only(),
        // 0: not known
        int("total", 0, COUNT).default_int(0).read_only(),
        int("lines", 0, COUNT).label_as("Lines of its log").default_int(0).read_only(),
        time("started").nullable().read_only().group("Course"),
        time("completed").label_as("Ended").nullable().read_only(),
        time("not_before").nullable().read_only().help("When it is tried again."),
        time("deadline").nullable().read_only().help("When it is ended if it still runs."),
        // counts with every worker that takes it: what a worker names with everything it writes
        int("attempt", 0, COUNT).default_int(0).read_only(),
        int("retries", 0, COUNT).default_int(0).read_only().help("How often it was tried again by itself."),
        text("cancelled_by", 150).read_only(),
        text("schedule", 100).read_only(),
        json_object("arguments").nullable().read_only(),
        text("worker", 200).read_only(),
        time("lease").label_as("Worker heard of until").nullable().read_only(),
        // by another worker, when its own has gone
        bool("resumable").label_as("Is taken up again").read_only(),
        // the kind's name while it runs, if there may be one at a time
        text("turn", 200).nullable().unique().internal(),
        text("job_id", 36).label_as("Job ID").required().unique().read_only().filter().copy(),
    ]);

pub static JOB_LINE: ObjectType = object("core", "job-lines", "jobline")
    .called("Job line", "Job lines")
    .icon("jobs")
    .origin(Origin::System)
    .label("{text}")
    .order(&["job", "number"])
    .about("What a job said of itself.")
    .unique(&[Unique {
        name: "unique_jobline_job_number",
        fields: &["job", "number"],
        message: "The log of this job has such a line already.",
    }])
    .fields(&[
        // the job's own page shows them
        reference("job", &JOB).required().on_delete(OnDelete::Cascade).hidden().group("Line"),
        int("number", 1, COUNT).required(),
        time("time").required(),
        field::choice("level", JOB_LEVELS).required().default_text("default"),
        text("object_type", 100),
        int("object_id", 1, COUNT).nullable(),
        text("object_repr", 200),
        text("text", 2000),
    ]);

pub static SCHEDULE: ObjectType = object("core", "schedules", "schedule")
    .called("Schedule", "Schedules")
    .icon("clock")
    .origin(Origin::System)
    .label("{name}")
    .order(&["name"])
    .about("When a job that comes by itself was due last, and at which minute it comes.")
    .fields(&[
        text("name", 100).required().unique().group("Schedule"),
        // at random, so that not all installations ask at the same moment
        int("minute", 0, DAY - 1).required(),
        time("last").nullable(),
    ]);
