//! A push: a pinned plan, carried out in named steps, that can take itself back until it is confirmed.
//!
//! [`push`] runs a [`Plan`] against a device and returns a [`Record`]; it has no other result, because whatever happens
//! must be recorded. An [`Observer`] hears of every step while it runs, and is asked to keep what is known right before
//! anything on the device changes.
//!
//! What must stay true: nothing is applied before the timer runs on the device; the gate closes before that timer ends;
//! confirming happens only over a connection that was made after the change; on any doubt we go back, and if we cannot reach
//! the device, it goes back by itself and we say only what we have seen. [`recover`] looks at what a crash left behind and
//! never confirms.

mod gate;
mod recovery;
mod run;

pub use gate::{Finding, Gate, Loss};
pub use recovery::{Recovery, recover, undo};
pub use run::push;

use crate::{
    Capabilities, Diff, Facts, HostKey, Load, MASK, Neighbour, Platform, PushId, Secret, Undo,
    device::{Support, Timer, Validation},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{fmt, time::Duration};

/// What is to be pushed, and within which bounds. Nothing in it changes once it was approved.
#[derive(Debug, Clone)]
pub struct Plan {
    pub id: PushId,
    /// The rendered configuration; it carries session passwords.
    pub text: Secret,
    pub load: Load,
    pub mode: Mode,
    /// When the device takes the change back unless it was confirmed.
    pub timer: Duration,
    /// The gate closes this long before the timer ends: time to confirm in, at least as long as a connection may take.
    pub margin: Duration,
    pub gate: Gate,
    /// It is confirmed only when somebody said so ([`Observer::kept_by`]) while all is well; else as soon as all is well.
    pub attended: bool,
    /// The text of our last push to this device, to tell lines that are ours from others'.
    pub former: Option<Secret>,
}

impl Plan {
    /// A plan with a timer of five minutes, the last of which is for confirming.
    pub fn new(id: PushId, text: impl Into<Secret>, mode: Mode) -> Self {
        Self {
            id,
            text: text.into(),
            load: Load::Replace,
            mode,
            timer: Duration::from_secs(300),
            margin: Duration::from_secs(60),
            gate: Gate::default(),
            attended: false,
            former: None,
        }
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn text_sha256(&self) -> String {
        sha256(self.text.expose())
    }

    /// Why the plan cannot be carried out on such a device, if so.
    pub fn refusal(&self, platform: Platform, can: &Capabilities) -> Option<String> {
        let text = self.text.expose();
        if text.trim().is_empty() {
            return Some("the configuration is empty".into());
        }
        if text.contains(MASK) {
            return Some("the configuration has a placeholder in the place of a secret".into());
        }
        if text.contains('\0') {
            return Some("the configuration has a character in it that no configuration has".into());
        }
        let loads = if self.load == Load::Merge { can.merge } else { can.replace };
        if loads == Support::None {
            return Some(format!(
                "{platform} cannot {} a configuration",
                if self.load == Load::Merge { "merge" } else { "replace" }
            ));
        }
        if matches!(self.mode, Mode::Check) {
            return None;
        }
        if self.margin >= self.timer {
            return Some("the timer on the device must be longer than the time kept for confirming".into());
        }
        match can.timer {
            Timer::None => Some(format!("{platform} cannot take an unconfirmed change back")),
            Timer::Native { shortest, longest, .. }
                if !(u64::from(shortest)..=u64::from(longest)).contains(&self.timer.as_secs()) =>
            {
                Some(format!("the timer of {platform} takes {shortest} to {longest} seconds"))
            }
            _ => None,
        }
    }

    /// The steps that the plan has on a device with these capabilities, in order, when all goes well.
    pub fn steps(&self, can: &Capabilities) -> Vec<Step> {
        let mut steps = vec![Step::Connect];
        if can.lock != Support::None {
            steps.push(Step::Lock);
        }
        steps.extend([Step::Baseline, Step::Load]);
        if can.validate != Validation::None {
            steps.push(Step::Validate);
        }
        steps.push(Step::Diff);
        match self.mode {
            Mode::Check => steps.push(Step::Discard),
            Mode::Push(_) => steps.extend([Step::Arm, Step::Apply, Step::Gate, Step::Confirm]),
        }
        steps
    }
}

/// `1 line`, `24 lines`.
pub(crate) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

pub(crate) fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

/// How far a plan goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// To the difference, and no further: nothing on the device changes.
    Check,
    /// To the end, under this approval.
    Push(Approval),
}

/// What was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// Exactly the difference with this hash ([`Record::diff_sha256`] of a check): a device that has changed since then is
    /// left alone.
    Diff { sha256: String },
    /// Whatever the difference is, as long as no more than so many lines go that we did not write.
    Bounded { foreign_removed: usize },
}

/// The steps by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Connect,
    Lock,
    Baseline,
    Load,
    Validate,
    Diff,
    Arm,
    Apply,
    Gate,
    Confirm,
    Discard,
    RollBack,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Lock => "lock",
            Self::Baseline => "read what is there",
            Self::Load => "load",
            Self::Validate => "check",
            Self::Diff => "compare",
            Self::Arm => "start the timer",
            Self::Apply => "apply",
            Self::Gate => "watch the sessions",
            Self::Confirm => "confirm",
            Self::Discard => "discard",
            Self::RollBack => "roll back",
        })
    }
}

/// Something that happened, for the live log.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    pub step: Step,
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    pub kind: EventKind,
    /// For a person; without secrets.
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EventKind {
    Started,
    /// Within a step. `seconds_left`: until the device takes the change back, while that timer runs.
    Note {
        seconds_left: Option<u64>,
    },
    Finished {
        took_ms: u64,
    },
    Failed {
        took_ms: u64,
    },
}

/// Hears of a push while it runs.
#[async_trait]
pub trait Observer: Send + Sync {
    fn tell(&self, event: &Event);

    /// Asked once, when everything is ready and nothing has changed: keep the record, so that a crash from here on is
    /// understood. An error stops the push.
    async fn before_change(&self, _so_far: &Record) -> Result<(), String> {
        Ok(())
    }

    /// Asked again and again of an attended plan, while all is well: who said that it is to be kept.
    async fn kept_by(&self) -> Option<String> {
        None
    }
}

/// For pushes that nobody watches.
pub struct Unobserved;

impl Observer for Unobserved {
    fn tell(&self, _: &Event) {}
}

/// One step of the record.
#[derive(Debug, Clone, Serialize)]
pub struct StepRecord {
    pub step: Step,
    pub started: DateTime<Utc>,
    pub took_ms: u64,
    pub succeeded: bool,
    pub words: String,
}

/// What a push was and what became of it: the evidence.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    pub id: PushId,
    pub platform: Platform,
    pub text_sha256: String,
    pub started: DateTime<Utc>,
    pub ended: Option<DateTime<Utc>>,
    pub host_key: Option<HostKey>,
    pub facts: Option<Facts>,
    /// Hash of the configuration that ran before.
    pub former_sha256: Option<String>,
    /// That configuration; it carries secrets and is not serialised.
    #[serde(skip)]
    pub former: Option<Secret>,
    pub diff: Option<Diff>,
    /// Of the lines that go, how many we did not write.
    pub foreign_removed: Option<usize>,
    pub diff_sha256: Option<String>,
    /// The sessions before the change.
    pub before: Option<Vec<Neighbour>>,
    /// The sessions when the gate closed, or after the roll back.
    pub after: Option<Vec<Neighbour>>,
    /// What the gate found worse, last.
    pub findings: Vec<Finding>,
    /// When the device takes the change back unless it hears from us.
    pub undo_at: Option<DateTime<Utc>>,
    pub steps: Vec<StepRecord>,
    /// After a roll back: whether the device printed the same configuration as before.
    pub restored: Option<bool>,
    /// `None` while it runs.
    pub outcome: Option<Outcome>,
}

/// What became of a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// There was nothing to change.
    NothingToDo,
    /// A check went well; nothing was changed.
    Checked,
    /// The plan was not carried out; the device was not changed.
    Refused { words: String },
    /// A step before the change failed; the device is as before. `label` of [`crate::DeviceError`].
    Failed { label: String, words: String },
    /// Someone stopped it before the change; the device is as before.
    Cancelled,
    /// Applied, healthy, confirmed, and it survives a reboot.
    Confirmed,
    /// Applied, healthy, confirmed; a reboot would lose it.
    ConfirmedNotPersistent { words: String },
    /// Applied and taken back.
    RolledBack { by: Undo, words: String },
    /// What the device is in cannot be told. If the change was made and no one confirms it, the device undoes it.
    Unknown { words: String },
}

impl Outcome {
    /// Whether the new configuration runs.
    pub fn is_applied(&self) -> bool {
        matches!(self, Self::Confirmed | Self::ConfirmedNotPersistent { .. })
    }

    /// One sentence for a person, of a push or of a check.
    pub fn words(&self, is_check: bool) -> String {
        let not = if is_check { "The check failed" } else { "Not pushed" };
        match self {
            Self::NothingToDo => "There is nothing to change.".into(),
            Self::Checked => "Checked: the device was not changed.".into(),
            Self::Refused { words } => format!("{not}: {words}. The device was not changed."),
            Self::Failed { words, .. } => format!("{not}: {words}. The device is as before."),
            Self::Cancelled => "Cancelled before anything was changed.".into(),
            Self::Confirmed => "Pushed and confirmed; it survives a reboot.".into(),
            Self::ConfirmedNotPersistent { words } => {
                format!("Pushed and confirmed, but a reboot would lose it: {words}.")
            }
            Self::RolledBack { by: Undo::Us, words } => format!("Taken back: {words}."),
            Self::RolledBack { by: Undo::Timer, words } => format!("The device took it back by itself: {words}."),
            Self::RolledBack { by: Undo::Reboot, words } => {
                format!("The device rebooted with its former configuration: {words}.")
            }
            Self::Unknown { words } => format!("It cannot be told what runs: {words}."),
        }
    }
}
