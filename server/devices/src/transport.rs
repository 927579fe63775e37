//! How commands reach a device and answers come back: traits, so that drivers and the push engine are tested without
//! sockets. [`crate::ssh`] is the real one.
//!
//! What must stay true: an answer is whole or an error. Output that was cut, grew over its bound or took too long is never
//! handed on as if it were all; stderr never mixes into stdout.

use crate::{DeviceError, HostKey};
use async_trait::async_trait;
use std::time::Duration;

/// Opens connections to one device. Each call is a new one: the health gate depends on that.
#[async_trait]
pub trait Transport: Send + Sync {
    async fn open(&self) -> Result<Box<dyn Session>, DeviceError>;
}

/// One authenticated connection.
#[async_trait]
pub trait Session: Send + Sync {
    /// Run one command to its end.
    async fn run(&self, command: Command) -> Result<Output, DeviceError>;

    /// Start a command that stays until it is dropped or the connection ends, and wait for its first line on stdout. When
    /// it ends before that, the output of the failed command is returned as [`DeviceError::Failed`].
    async fn hold(&self, command: Command) -> Result<(String, Box<dyn Held>), DeviceError>;

    /// The host key that this connection was made with; `None` where there is none.
    fn host_key(&self) -> Option<HostKey>;

    /// Say goodbye. Dropping the session ends it as well, only less politely.
    async fn close(&self);
}

/// A running command. Dropping it closes its stdin and its channel.
pub trait Held: Send + Sync {}

/// One command line for the login shell of the device, and what goes into its stdin.
#[derive(Debug, Clone)]
pub struct Command {
    pub line: String,
    pub stdin: Option<crate::Secret>,
    /// Instead of the endpoint's own limit.
    pub timeout: Option<Duration>,
    /// What the command is for, for error texts: "reading the neighbours".
    pub purpose: &'static str,
}

impl Command {
    pub fn new(purpose: &'static str, line: impl Into<String>) -> Self {
        Self { line: line.into(), stdin: None, timeout: None, purpose }
    }

    /// A POSIX script, run by `sh` whatever the login shell is. It must not contain secrets: the command line of a process
    /// can be seen by others on the device.
    pub fn script(purpose: &'static str, script: &str) -> Self {
        Self::new(purpose, format!("exec sh -c {}", quote(script)))
    }

    pub fn stdin(mut self, text: impl Into<crate::Secret>) -> Self {
        self.stdin = Some(text.into());
        self
    }

    pub fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }
}

/// How a command ended.
#[derive(Debug, Clone, Default)]
pub struct Output {
    pub status: u32,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// The output of a command that succeeded, or [`DeviceError::Failed`] with what it said.
    pub fn success(self, purpose: &'static str) -> Result<String, DeviceError> {
        if self.status == 0 { Ok(self.stdout) } else { Err(self.failure(purpose)) }
    }

    /// What the command said, as an error.
    pub fn failure(&self, purpose: &'static str) -> DeviceError {
        DeviceError::Failed {
            purpose,
            status: self.status,
            words: DeviceError::words(&format!("{}\n{}", self.stderr, self.stdout)),
        }
    }
}

/// `text` as one word of a POSIX shell.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_survives_quotes() {
        assert_eq!(quote("it's"), r"'it'\''s'");
    }
}
