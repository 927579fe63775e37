//! What went wrong, in a form that a person can act on and a script can rely on: a stable [`Label`], a message, and for
//! bad input the fields that it belongs to. An internal cause is logged by the server and is never part of it.

use serde::{Deserialize, Serialize};

/// The stable name of a kind of problem. Its spelling is part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// The request is not of the form that the function takes.
    Malformed,
    SignInNeeded,
    Forbidden,
    NotFound,
    /// Somebody else changed or removed it meanwhile, or something stands in the way.
    Conflict,
    /// Longer than what is read.
    TooLarge,
    /// Not `application/json`.
    MediaType,
    /// Understood, but not acceptable: see `fields`.
    Invalid,
    TooMany,
    /// Something outside did not answer; trying again later may help.
    Unavailable,
    /// The database has no room left: reading works, writing does not until somebody makes room.
    StorageFull,
    Internal,
    /// The browser could not reach the server.
    Offline,
}

/// A refusal or a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub label: Label,
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    /// For a conflict: the object as it is now, or what stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<serde_json::Value>>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name; empty: the whole object. In a batch `rows.3.ip_address`.
    pub field: String,
    pub message: String,
    /// Only probably not meant: the same write with `insist` is taken.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warning: bool,
}

/// A name as it stands inside a sentence: “Autonomous system” becomes “autonomous system”, “IX session” and “BFD” stay.
pub fn in_sentence(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => name.to_owned(),
    }
}

impl Problem {
    pub fn new(label: Label, message: impl Into<String>) -> Self {
        Self { label, message: message.into(), fields: Vec::new(), current: None }
    }

    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Label::Malformed, message)
    }

    /// A stranger asks for what only people and scripts that are known get.
    pub fn sign_in_needed() -> Self {
        Self::new(Label::SignInNeeded, "Sign in first, or send an API token.")
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(Label::NotFound, format!("This {} is not there; it may have been deleted.", in_sentence(what)))
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Label::Conflict, message)
    }

    /// One field's problem.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldProblem { field: field.into(), message: message.into(), warning: false }])
    }

    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        let message = match fields.as_slice() {
            [only] => only.message.clone(),
            many => format!("{} problems to mend.", many.len()),
        };
        Self { label: Label::Invalid, message, fields, current: None }
    }

    /// The HTTP status that says the same (RFC 9110).
    pub const fn status(&self) -> u16 {
        match self.label {
            Label::Malformed => 400,
            Label::SignInNeeded => 401,
            Label::Forbidden => 403,
            Label::NotFound => 404,
            Label::Conflict => 409,
            Label::TooLarge => 413,
            Label::MediaType => 415,
            Label::Invalid => 422,
            Label::TooMany => 429,
            Label::Internal => 500,
            Label::Unavailable | Label::Offline => 503,
            // RFC 4918, section 11.5
            Label::StorageFull => 507,
        }
    }
}
