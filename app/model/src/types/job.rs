//! Work that takes longer than a moment or talks to the outside: that it is wanted, who does it, how far it has come, how it
//! ended, and what it said meanwhile. What kinds there are, and who may start one, stands in the server's `jobs`; here are
//! their names, which are those of Peering Manager.
//!
//! A worker holds a job by its name, its attempt and a lease; whoever names another attempt holds nothing any more.

use super::USER;
use crate::{
    Choice, ObjectType, OnDelete, Origin, Record, Tone,
    field::{self, COUNT, bool, int, json_object, reference, text, time},
    kind::choice,
    object::{Unique, object},
};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// What is done, by the kind's name.
pub static JOB_NAMES: &[Choice] = &[
    choice("peeringdb.synchronise", "PeeringDB synchronisation", Tone::None),
    choice("devices.router.check_configuration", "Configuration check", Tone::None),
    choice("devices.router.set_napalm_configuration", "Push", Tone::None),
    choice("devices.router.poll_bgp_sessions", "Poll of sessions", Tone::None),
    choice("devices.router.test_napalm_connection", "Connection test", Tone::None),
    choice("devices.router.recover_push", "Recovery of a push", Tone::None),
];

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    Pending,
    Running,
    Completed,
    /// Something broke.
    Errored,
    /// It was done, or ended by somebody, and did not come out well.
    Failed,
}

impl JobStatus {
    pub const ALL: [Self; 5] = [Self::Pending, Self::Running, Self::Completed, Self::Errored, Self::Failed];

    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Errored => "errored",
            Self::Failed => "failed",
        }
    }

    /// That of a job; none: a newer Peerage knows it.
    pub fn of(job: &Record) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == job.text("status"))
    }

    /// Nobody works on it any more, nor will.
    pub const fn has_ended(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// It did not come out well.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Errored | Self::Failed)
    }
}

pub static JOB_STATUS: &[Choice] = &[
    choice(JobStatus::Pending.code(), "Pending", Tone::Info),
    choice(JobStatus::Running.code(), "Running", Tone::Warn),
    choice(JobStatus::Completed.code(), "Completed", Tone::Ok),
    choice(JobStatus::Errored.code(), "Errored", Tone::Bad),
    choice(JobStatus::Failed.code(), "Failed", Tone::Bad),
];

/// How much a line of a job's log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobLevel {
    Default,
    Info,
    Success,
    Warning,
    Failure,
}

impl JobLevel {
    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

pub static JOB_LEVELS: &[Choice] = &[
    choice(JobLevel::Default.code(), "Line", Tone::None),
    choice(JobLevel::Info.code(), "Info", Tone::Info),
    choice(JobLevel::Success.code(), "Success", Tone::Ok),
    choice(JobLevel::Warning.code(), "Warning", Tone::Warn),
    choice(JobLevel::Failure.code(), "Failure", Tone::Bad),
];

/// Who wanted a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobOrigin {
    /// Whose right to it is asked again when it begins.
    Person,
    /// A schedule, or Peerage itself.
    System,
    /// A command, which does it itself and with means that nobody else has.
    Command,
}

impl JobOrigin {
    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::System => "system",
            Self::Command => "command",
        }
    }

    /// Whether a job is of this one.
    pub fn is_of(self, job: &Record) -> bool {
        job.text("origin") == self.code()
    }
}

static JOB_ORIGINS: &[Choice] = &[
    choice(JobOrigin::Person.code(), "A person", Tone::None),
    choice(JobOrigin::System.code(), "Peerage itself", Tone::None),
    choice(JobOrigin::Command.code(), "A command", Tone::None),
];

/// The group of a job's fields that say when what happened.
pub const JOB_COURSE: &str = "Course";

/// Characters of what a job brings forth.
pub const MOST_OUTPUT: u32 = 1 << 20;

pub static JOB: ObjectType = object("core", "jobs", "job")
    .called("Job", "Jobs")
    .icon("jobs")
    .origin(Origin::Note)
    // a person's text; the reference has the bare job_id, which stands in the record as well
    .label("{name} #{id}")
    .order(&["-created", "-id"])
    .about("Work that takes longer than a moment or asks somebody outside, as a synchronisation with PeeringDB does. Each has its progress and its log here, while it runs and afterwards.")
    .fields(&[
        field::choice("name", JOB_NAMES).label_as("Job").required().read_only().column().filter().search().group("Job"),
        field::choice("status", JOB_STATUS).required().default_text(JobStatus::Pending.code()).read_only().column().filter().indexed(),
        text("object_repr", 200).label_as("Object").read_only().search(),
        text("object_type", 100).label_as("Object's type").read_only().filter().brief(),
        int("object_id", 1, COUNT).label_as("Object's number").nullable().read_only().filter().brief(),
        // the person's name says who that is
        reference("user", &USER).nullable().on_delete(OnDelete::SetNull).read_only().filter(),
        field::choice("origin", JOB_ORIGINS).required().default_text(JobOrigin::Person.code()).read_only(),
        text("phase", 200).read_only().group("Progress"),
        int("done", 0, COUNT).default_int(0).read_only(),
        // 0: not known
        int("total", 0, COUNT).default_int(0).read_only(),
        int("lines", 0, COUNT).label_as("Lines of its log").default_int(0).read_only(),
        // since when its present worker has it
        time("taken").nullable().read_only(),
        time("created").required().read_only().column().filter().group(JOB_COURSE),
        text("user_name", 150).label_as("Started by").read_only().column().filter().search(),
        // without the time that it waited
        int("milliseconds", 0, COUNT).label_as("Took").nullable().span().read_only().column(),
        time("started").nullable().read_only().filter(),
        time("completed").label_as("Ended").nullable().read_only().filter().indexed(),
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
        text("job_id", 36).label_as("Job ID").required().unique().read_only().filter().copy(),
        text("outcome", 2000).label_as("Result").read_only().column().search().group("Result"),
        // more than a line: a text that was rendered, a difference, what failed one by one
        text("output", MOST_OUTPUT).read_only().hidden(),
        // jobs of one turn do not run at the same time
        text("turn", 200).nullable().internal(),
        // the turn while it runs
        text("holds", 200).nullable().unique().internal(),
        // the turn while it waits or runs, if none is to be started meanwhile
        text("place", 200).nullable().unique().internal(),
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
        at: "number",
    }])
    .fields(&[
        // the job's own page shows them
        reference("job", &JOB).required().on_delete(OnDelete::Cascade).hidden().group("Line"),
        int("number", 1, COUNT).required(),
        time("time").required(),
        field::choice("level", JOB_LEVELS).required().default_text(JobLevel::Default.code()),
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
