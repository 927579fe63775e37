//! What can go wrong with a device, told apart as far as a person needs it to act. The texts are for people: they name the
//! cause and carry no secret (device answers pass through [`crate::mask`]). [`DeviceError::label`] is stable, for programs.

use crate::{HostKey, Platform, neighbour::ParseProblem, secret::mask};
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    #[error("{endpoint} cannot be reached: {cause}")]
    Unreachable { endpoint: String, cause: String },
    #[error(
        "the host key of {endpoint} is not known yet: it showed {observed}. Compare it with the device's own and accept it"
    )]
    HostKeyUnknown { endpoint: String, observed: HostKey },
    #[error("the host key of {endpoint} has changed: on record {}, now {observed}. Nothing was sent to it", list(.known, .observed))]
    HostKeyChanged { endpoint: String, known: Vec<HostKey>, observed: HostKey },
    #[error("a host key on record cannot be read")]
    HostKeyUnreadable,
    #[error("{endpoint} refuses the login of {user} (tried: {tried}; it offers: {offered})")]
    LoginRefused { endpoint: String, user: String, tried: String, offered: String },
    #[error("neither a password nor a key is given for {user}")]
    NoLogin { user: String },
    #[error("the private key cannot be read: {0}")]
    KeyUnreadable(&'static str),
    #[error(
        "{endpoint} and we have no {kind} algorithm in common; it offers {theirs}. Old devices need the legacy switch"
    )]
    NoCommonAlgorithm { endpoint: String, kind: String, theirs: String },
    #[error("no answer within {} while {purpose}", seconds(.after))]
    TimedOut { purpose: String, after: Duration },
    #[error("the answer was longer than {limit} bytes while {purpose}; it was not used")]
    TooLong { purpose: String, limit: usize },
    #[error("the connection ended in the middle of an answer while {purpose}: {cause}")]
    Cut { purpose: String, cause: String },
    #[error("the connection failed: {0}")]
    Connection(String),
    #[error("the device's answer is not text (UTF-8) while {purpose}")]
    NotText { purpose: String },
    #[error("failed while {purpose} (exit status {status}): {words}")]
    Failed { purpose: &'static str, status: u32, words: String },
    #[error("the device is locked by {by}")]
    Locked { by: String },
    #[error("push {push} is still waiting to be confirmed on the device; it takes itself back in {} at most", seconds(.left))]
    OtherPending { push: String, left: Duration },
    #[error("syntax error{}: {words}", at_line(.line))]
    Syntax { line: Option<u32>, words: String },
    #[error("the device does not accept the configuration: {words}")]
    Semantic { words: String },
    #[error("the device has already taken push {push} back")]
    AlreadyUndone { push: String },
    #[error("the device knows nothing of push {push}")]
    UnknownPush { push: String },
    #[error("it runs, but could not be made to survive a reboot: {words}")]
    NotPersistent { words: String },
    #[error("{platform} has no way of {what}")]
    Unsupported { platform: Platform, what: &'static str },
    #[error("{daemon} does not run on the device: {words}")]
    NotRunning { daemon: &'static str, words: String },
    #[error("sudo on the device wants a password: this login must be allowed to use it without one (NOPASSWD)")]
    SudoRefused,
    #[error("{0}")]
    Argument(String),
    #[error("the device's answer was not understood: {0}")]
    Parse(#[from] ParseProblem),
}

impl DeviceError {
    /// Stable name of the kind of error.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::HostKeyUnknown { .. } => "host_key_unknown",
            Self::HostKeyChanged { .. } => "host_key_changed",
            Self::HostKeyUnreadable => "host_key_unreadable",
            Self::LoginRefused { .. } => "login_refused",
            Self::NoLogin { .. } => "no_login",
            Self::KeyUnreadable(_) => "key_unreadable",
            Self::NoCommonAlgorithm { .. } => "no_common_algorithm",
            Self::TimedOut { .. } => "timed_out",
            Self::TooLong { .. } => "answer_too_long",
            Self::Cut { .. } => "answer_cut",
            Self::Connection(_) => "connection_failed",
            Self::NotText { .. } => "answer_not_text",
            Self::Failed { .. } => "command_failed",
            Self::Locked { .. } => "locked",
            Self::OtherPending { .. } => "other_push_pending",
            Self::Syntax { .. } => "syntax_error",
            Self::Semantic { .. } => "semantic_error",
            Self::AlreadyUndone { .. } => "already_undone",
            Self::UnknownPush { .. } => "unknown_push",
            Self::NotPersistent { .. } => "not_persistent",
            Self::Unsupported { .. } => "unsupported",
            Self::NotRunning { .. } => "daemon_not_running",
            Self::SudoRefused => "sudo_refused",
            Self::Argument(_) => "bad_argument",
            Self::Parse(_) => "answer_not_understood",
        }
    }

    /// Whether the device may have acted although we did not hear of it.
    pub fn leaves_doubt(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. }
                | Self::TooLong { .. }
                | Self::Cut { .. }
                | Self::Connection(_)
                | Self::NotText { .. }
        )
    }

    /// What a device said, fit for an error text: trimmed, short, without secrets.
    pub fn words(said: &str) -> String {
        const LONGEST: usize = 600;
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let mut words = mask(&lines.join("; "));
        if words.len() > LONGEST {
            let mut end = LONGEST;
            while !words.is_char_boundary(end) {
                end -= 1;
            }
            words.truncate(end);
            words.push('…');
        }
        if words.is_empty() { "it said nothing".into() } else { words }
    }
}

/// The keys on record that the observed one stands against: those of its algorithm, or all when there is none.
fn list(known: &[HostKey], observed: &HostKey) -> String {
    let same: Vec<&HostKey> = known.iter().filter(|k| k.algorithm == observed.algorithm).collect();
    let shown = if same.is_empty() { known.iter().collect() } else { same };
    shown.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn seconds(d: &Duration) -> String {
    if d.as_secs() == 1 { "1 second".into() } else { format!("{} seconds", d.as_secs()) }
}

fn at_line(line: &Option<u32>) -> String {
    line.map(|n| format!(" in line {n}")).unwrap_or_default()
}
