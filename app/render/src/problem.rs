//! Why a template gave no text: where it is, in words for the person who wrote it.
//!
//! A problem is never text that could be taken for a configuration (design, invariant 10).

use serde::{Deserialize, Serialize};

/// When the fault was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Before anything ran: the source is not a template.
    Syntax,
    /// While it ran.
    Runtime,
    /// It ran into a bound: time, depth or size of the output.
    Limit,
}

/// A fault in a template, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Problem {
    pub kind: ProblemKind,
    /// `configuration::Name` of an included template; empty for the outer one.
    pub template: String,
    /// Line in that template, from 1; none where it is not known.
    pub line: Option<usize>,
    pub message: String,
}

impl Problem {
    /// The line that Peering Manager shows: `Syntax error in template at line N: MESSAGE`, and the like for the rest.
    pub fn sentence(&self) -> String {
        let kind = match self.kind {
            ProblemKind::Syntax => "Syntax error in template",
            ProblemKind::Runtime => "Error in template",
            ProblemKind::Limit => "Template stopped",
        };
        match self.line {
            Some(line) => format!("{kind} at line {line}: {}", self.message),
            None => format!("{kind}: {}", self.message),
        }
    }

    /// Something about the data, wherever it is looked at.
    pub(crate) fn of_data(message: &str) -> Self {
        Self { kind: ProblemKind::Runtime, template: String::new(), line: None, message: message.to_owned() }
    }

    pub(crate) fn internal(template: &str, error: &minijinja::Error) -> Self {
        Self { kind: ProblemKind::Runtime, template: template.to_owned(), line: None, message: error.to_string() }
    }
}
