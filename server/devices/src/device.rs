//! What can be done with a device, as a set of small capabilities. A [`Driver`] knows one device and connects to it; a
//! [`Device`] is one connection. Each platform says in [`Capabilities`] what it has, the push plan is made from that, and
//! what a platform has not answers [`DeviceError::Unsupported`].
//!
//! A change goes load, diff, validate, arm, apply, confirm. On platforms with a candidate and a native commit with timer
//! (Junos, IOS-XR, EOS, SR Linux) `load` fills the candidate, `arm` only notes the time, `apply` is the timed commit and
//! `confirm` the commit that ends it. Without (FRR, OpenBGPD) `load` puts the text beside the configuration and `arm` leaves
//! a process on the device that will restore the former state. Whoever calls need not know which.
//!
//! What must stay true: between `apply` and `confirm` the device takes the change back by itself when nobody speaks to it
//! any more, and a reboot in between comes up with the former configuration. Everything after `apply` can be done on
//! another connection, given the push's id.

use crate::{DeviceError, HostKey, Neighbour, Platform};
use async_trait::async_trait;
use serde::Serialize;
use std::{fmt, time::Duration};

/// How a platform does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// The device does it.
    Native,
    /// We do it with what the device has.
    Emulated,
    None,
}

/// How deep a platform looks into a configuration before it is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Validation {
    /// References and meaning.
    Semantic,
    /// Only the grammar: mistakes of meaning show when it is applied.
    Syntax,
    None,
}

/// What takes an unconfirmed change back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timer {
    /// The platform's own commit with timer, in steps of so many seconds (60 where it counts minutes).
    Native {
        shortest: u32,
        longest: u32,
        step: u32,
    },
    /// A process left on the device. It does not survive a reboot, but neither does the change.
    DeadMan,
    None,
}

/// What a platform can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    pub merge: Support,
    pub replace: Support,
    /// Native: the device prints the difference; emulated: we compare texts.
    pub diff: Support,
    pub validate: Validation,
    pub lock: Support,
    pub timer: Timer,
    pub roll_back: Support,
    pub neighbours: Support,
}

/// How a text is brought to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Load {
    /// Added to what is there.
    Merge,
    /// In the place of what is there: the whole configuration (FRR), or the file that is ours (BIRD, OpenBGPD).
    Replace,
}

/// The name of a push, on the device as well: letters, digits, `.`, `_`, `-`, at most 64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PushId(String);

impl PushId {
    pub fn new(id: impl Into<String>) -> Result<Self, DeviceError> {
        let id = id.into();
        let good = !id.is_empty()
            && id.len() <= 64
            && id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if good {
            Ok(Self(id))
        } else {
            Err(DeviceError::Argument("a push is named by letters, digits, `.`, `_` and `-`, at most 64".into()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PushId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Opens connections to one device, each call a new one.
#[async_trait]
pub trait Driver: Send + Sync {
    fn platform(&self) -> Platform;
    fn capabilities(&self) -> Capabilities;
    async fn connect(&self) -> Result<Box<dyn Device>, DeviceError>;
}

/// One connection to a device.
#[async_trait]
pub trait Device: Send + Sync {
    /// The host key that was seen, for the caller to keep when it is the first.
    fn host_key(&self) -> Option<HostKey>;

    /// What it is: also proves that the login may do its work.
    async fn facts(&mut self) -> Result<Facts, DeviceError>;

    /// The configuration that a push would replace, as text; with its secrets.
    async fn running(&mut self) -> Result<String, DeviceError>;

    /// The state of its BGP sessions. BGP not configured is an empty list.
    async fn neighbours(&mut self) -> Result<Vec<Neighbour>, DeviceError>;

    /// The exclusive right to change it, until `unlock` or the end of the connection.
    async fn lock(&mut self, push: &PushId) -> Result<(), DeviceError>;

    async fn unlock(&mut self);

    /// Bring the text to the device, without effect, and keep there what is needed to go back.
    async fn load(&mut self, push: &PushId, how: Load, text: &str) -> Result<(), DeviceError>;

    /// What the loaded text would change.
    async fn diff(&mut self, push: &PushId) -> Result<Diff, DeviceError>;

    /// Let the device look at the loaded text.
    async fn validate(&mut self, push: &PushId) -> Result<(), DeviceError>;

    /// Start the timer that takes the change back: before the change.
    async fn arm(&mut self, push: &PushId, timer: Duration) -> Result<(), DeviceError>;

    /// Let the loaded text take effect, unconfirmed.
    async fn apply(&mut self, push: &PushId) -> Result<(), DeviceError>;

    /// Stop the timer and make the change survive a reboot. [`DeviceError::AlreadyUndone`] when the timer was faster,
    /// [`DeviceError::NotPersistent`] when it runs for good but a reboot would lose it.
    async fn confirm(&mut self, push: &PushId) -> Result<(), DeviceError>;

    /// Forget a text that was not applied; a timer is stopped.
    async fn discard(&mut self, push: &PushId) -> Result<(), DeviceError>;

    /// Back to the state before the push, and wait for it. Done already is not an error.
    async fn roll_back(&mut self, push: &PushId) -> Result<(), DeviceError>;

    /// What the device knows of a push. Changes nothing.
    async fn trace(&mut self, push: &PushId) -> Result<Trace, DeviceError>;

    /// Say goodbye. A lock is given back, an armed timer goes on.
    async fn close(self: Box<Self>);
}

/// What a device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    pub platform: Platform,
    /// The routing daemon's own words: `FRRouting 8.4.4`.
    pub version: String,
    /// What the device calls itself.
    pub hostname: Option<String>,
}

/// What a push would change. As JSON its text is masked, and `Debug` does not show it: whoever may see secrets takes it
/// from the field.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Lines with `+`, `-` or a blank in front. May contain secrets: see [`Diff::masked`].
    #[serde(serialize_with = "masked_text")]
    pub text: String,
    /// Whether the device made it, or we from texts.
    pub by_device: bool,
    pub added: usize,
    pub removed: usize,
    /// The lines that go, without their sign.
    #[serde(skip)]
    pub removed_lines: Vec<String>,
}

impl fmt::Debug for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Diff(+{} -{})", self.added, self.removed)
    }
}

fn masked_text<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::mask(text))
}

impl Diff {
    /// From two texts.
    pub fn between(before: &str, after: &str) -> Self {
        let changes = similar::TextDiff::from_lines(before, after);
        let (mut added, mut removed_lines) = (0, Vec::new());
        for change in changes.iter_all_changes() {
            match change.tag() {
                similar::ChangeTag::Insert => added += 1,
                similar::ChangeTag::Delete => removed_lines.push(change.value().trim_end().to_owned()),
                similar::ChangeTag::Equal => {}
            }
        }
        let text = if before == after { String::new() } else { changes.unified_diff().context_radius(3).to_string() };
        Self { text, by_device: false, added, removed: removed_lines.len(), removed_lines }
    }

    pub fn is_empty(&self) -> bool {
        self.added == 0 && self.removed == 0
    }

    /// The text for a reader who may not see secrets.
    pub fn masked(&self) -> String {
        crate::mask(&self.text)
    }

    /// How many of the lines that go were not in `ours`, the text of our last push; without one, all of them. Blank lines
    /// and comments do not count.
    pub fn foreign_removed(&self, ours: Option<&str>) -> usize {
        let known: std::collections::HashSet<&str> = ours.unwrap_or("").lines().map(str::trim).collect();
        self.removed_lines
            .iter()
            .map(|l| l.trim())
            .filter(|l| !l.is_empty() && !l.starts_with(['#', '!']) && !known.contains(l))
            .count()
    }
}

/// What became of a push, as the device tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Trace {
    /// It knows nothing of it: nothing was changed.
    Unknown,
    /// The text was brought there and never applied.
    Loaded,
    /// The timer runs.
    Pending {
        /// Whether the change was made, or was about to be.
        applied: bool,
        /// Seconds until it takes itself back.
        seconds_left: u64,
    },
    /// It was confirmed; `persistent` when it survives a reboot.
    Confirmed { persistent: bool },
    /// It was taken back.
    Undone { by: Undo },
    /// It is being taken back now, or could not be: the words say why.
    Undoing { words: String },
    /// Neither confirmed nor taken back, and no timer runs any more: someone has to look.
    TimerLost { applied: bool },
}

/// Who took a push back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// The device's own timer.
    Timer,
    /// We did.
    Us,
    /// A reboot before it was confirmed.
    Reboot,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_id_cannot_leave_its_folder() {
        for bad in ["", "../x", ".x", "a b", "a;b", "a/b", "$(x)", "-x"] {
            assert!(PushId::new(bad).is_err(), "{bad}");
        }
        assert!(PushId::new("push-77.a_B").is_ok());
    }

    #[test]
    fn lines_that_are_not_ours_are_counted() {
        let diff = Diff::between("a\nb\n# c\n\nd\n", "a\ne\n");
        assert_eq!((diff.added, diff.removed), (1, 4));
        assert_eq!(diff.foreign_removed(Some("b\n")), 1);
        assert_eq!(diff.foreign_removed(None), 2);
        assert!(Diff::between("x\n", "x\n").is_empty());
    }
}
