//! A push of a configuration to a router, or a check that went as far as the difference: what was to be sent, who approved it and
//! why, what happened step by step, and what became of it. Never changed after it has ended.

use super::{JOB, ROUTER, USER};
use crate::{
    Choice, ObjectType, OnDelete, Origin, Record, Tone,
    field::{bool, choice, int, json, reference, secret, text, time},
    kind::choice as one_of,
    object::object,
};

const COUNT: i64 = i64::MAX;
/// Characters of a configuration, and of what is different in one.
pub const MOST_TEXT: u32 = 32 << 20;
/// Characters of a reason.
pub const MOST_REASON: u32 = 500;

/// Only to the difference, or to the end.
pub const CHECK: &str = "check";
pub const PUSH_MODE: &str = "push";

static MODES: &[Choice] = &[one_of(CHECK, "Check", Tone::None), one_of(PUSH_MODE, "Push", Tone::None)];

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    NothingToDo,
    Checked,
    Refused,
    Failed,
    Cancelled,
    Confirmed,
    /// It runs, and a reboot would lose it.
    NotPersistent,
    RolledBack,
    Unknown,
}

impl PushOutcome {
    pub const ALL: [Self; 9] = [
        Self::NothingToDo,
        Self::Checked,
        Self::Refused,
        Self::Failed,
        Self::Cancelled,
        Self::Confirmed,
        Self::NotPersistent,
        Self::RolledBack,
        Self::Unknown,
    ];

    /// The router ran that text when it ended.
    pub const RAN: [Self; 3] = [Self::Confirmed, Self::NotPersistent, Self::NothingToDo];

    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NothingToDo => "nothing-to-do",
            Self::Checked => "checked",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Confirmed => "confirmed",
            Self::NotPersistent => "not-persistent",
            Self::RolledBack => "rolled-back",
            Self::Unknown => "unknown",
        }
    }

    /// That of a push; none while it runs.
    pub fn of(push: &Record) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == push.text("outcome"))
    }

    /// Whether it is as it was wanted.
    pub const fn is_well(self) -> bool {
        matches!(self, Self::NothingToDo | Self::Checked | Self::Confirmed)
    }
}

static OUTCOMES: &[Choice] = &[
    one_of(PushOutcome::NothingToDo.code(), "Nothing to do", Tone::Quiet),
    one_of(PushOutcome::Checked.code(), "Checked", Tone::Info),
    one_of(PushOutcome::Refused.code(), "Refused", Tone::Warn),
    one_of(PushOutcome::Failed.code(), "Failed", Tone::Bad),
    one_of(PushOutcome::Cancelled.code(), "Cancelled", Tone::Mute),
    one_of(PushOutcome::Confirmed.code(), "Confirmed", Tone::Ok),
    one_of(PushOutcome::NotPersistent.code(), "Lost by a reboot", Tone::Warn),
    one_of(PushOutcome::RolledBack.code(), "Taken back", Tone::Bad),
    one_of(PushOutcome::Unknown.code(), "Not known", Tone::Bad),
];

pub static PUSH: ObjectType = object("devices", "pushes", "push")
    .called("Push", "Pushes")
    .icon("push")
    .origin(Origin::Note)
    .label("#{id} to {router_name}")
    .order(&["-time", "-id"])
    .about("Configurations that were brought to routers, or compared with what runs there: who approved each and why, what happened, and what became of it.")
    .fields(&[
        time("time").label_as("Begun").required().read_only().column().filter().group("Push"),
        reference("router", &ROUTER).nullable().on_delete(OnDelete::SetNull).read_only().column().filter(),
        text("router_name", 128).read_only().search(),
        choice("mode", MODES).required().read_only().column().filter(),
        // none while it runs
        choice("outcome", OUTCOMES).nullable().read_only().column().filter().indexed(),
        text("words", 2000).label_as("What became of it").read_only().search(),
        text("user_name", 150).label_as("Approved by").read_only().column().filter().search(),
        reference("user", &USER).nullable().on_delete(OnDelete::SetNull).read_only().filter().hidden(),
        text("reason", MOST_REASON).read_only().column().search(),
        int("added", 0, COUNT).label_as("Lines that come").nullable().read_only().group("Difference"),
        int("removed", 0, COUNT).label_as("Lines that go").nullable().read_only(),
        int("foreign_removed", 0, COUNT).label_as("Of those, not ours").nullable().read_only(),
        text("text_sha256", 64).label_as("SHA-256 of the text").read_only().copy(),
        text("diff_sha256", 64).label_as("SHA-256 of the difference").read_only().copy(),
        text("software", 200).read_only().group("Device"),
        text("host_key", 200).read_only(),
        time("ended").nullable().read_only().group("Course"),
        int("milliseconds", 0, COUNT).label_as("Took").nullable().span().read_only(),
        // set right before anything on the device is changed
        time("undo_at").label_as("Takes itself back at").nullable().read_only(),
        bool("attended").label_as("Waits for somebody").read_only(),
        text("kept_by", 150).read_only(),
        reference("job", &JOB).nullable().on_delete(OnDelete::SetNull).read_only().filter(),
        text("push_id", 64).label_as("Name on the device").required().unique().read_only(),
        // each step: its name, when it began, how long it took, whether it went well, in words
        json("steps").nullable().read_only().hidden(),
        // sessions before and after, and what was worse
        json("evidence").nullable().read_only().hidden(),
        secret("text", MOST_TEXT).nullable().internal(),
        secret("diff", MOST_TEXT).nullable().internal(),
        // what ran before
        secret("former", MOST_TEXT).nullable().internal(),
        // the difference for those who may not see secrets
        text("masked_diff", MOST_TEXT).nullable().internal(),
    ]);

/// One step of a push, as `steps` has it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PushStep {
    /// Its name in words.
    pub name: String,
    /// Microseconds since 1970.
    pub started: i64,
    /// None while it runs.
    #[serde(default)]
    pub milliseconds: Option<u64>,
    #[serde(default)]
    pub failed: bool,
    /// What it does, then what came of it.
    pub words: String,
    /// What must be so, while something is watched.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub goal: String,
}

impl PushStep {
    /// Those of a push; what cannot be read is left out.
    pub fn of(push: &Record) -> Vec<Self> {
        match push.get("steps") {
            crate::Value::Json(json) => serde_json::from_value((**json).clone()).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}
