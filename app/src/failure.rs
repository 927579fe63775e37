//! How a [`Problem`] travels as the error of a server function: its JSON is the body, and the server gives it the status
//! that says the same.

use peerage_model::{Label, Problem};
use serde::{Deserialize, Serialize};
use server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use std::{fmt, ops::Deref};

/// The largest request that the server reads, in MiB. A selection of thousands of sessions is below one.
pub const LARGEST_BODY_MIB: usize = 16;

/// The largest file that is imported, as its request is, in MiB: a hundred thousand rows.
pub const LARGEST_FILE_MIB: usize = 64;

/// A request that is longer than the server reads.
pub fn too_large() -> Problem {
    let message = format!(
        "That is more than is read at once, which is {LARGEST_BODY_MIB} MiB, of a file to import {LARGEST_FILE_MIB} MiB. Cut it into \
         several."
    );
    Problem::new(Label::TooLarge, message)
}

pub type Answer<T> = Result<T, Failure>;

/// A problem, as the error of a server function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failure(pub Problem);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl Deref for Failure {
    type Target = Problem;

    fn deref(&self) -> &Problem {
        &self.0
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (label, message) = match error {
            // On the server: the body went on beyond what is read...
            ServerFnErrorErr::Deserialization(cause)
                if cfg!(feature = "ssr") && cause.contains("length limit exceeded") =>
            {
                return Self(too_large());
            }
            // ... or does not fit the function's arguments.
            ServerFnErrorErr::Args(cause) | ServerFnErrorErr::MissingArg(cause) => (Label::Malformed, cause),
            ServerFnErrorErr::Deserialization(cause) if cfg!(feature = "ssr") => (Label::Malformed, cause),
            ServerFnErrorErr::UnsupportedRequestMethod(cause) => (Label::Malformed, cause),
            // In the browser: nothing came back.
            ServerFnErrorErr::Request(_) => {
                (Label::Offline, "The server cannot be reached. What you typed is kept.".to_owned())
            }
            ServerFnErrorErr::Deserialization(_) => {
                (Label::Internal, "The server's answer was not understood. Reload the page.".to_owned())
            }
            _ => (Label::Internal, "Something went wrong in the server.".to_owned()),
        };
        Self(Problem::new(label, message))
    }
}
