//! Where a device's management answers, who logs in, and which host keys are right. All of it comes from the caller: this
//! crate reads no files and keeps nothing. After a connection the caller is told which key was seen and decides whether to
//! keep it.

use crate::{DeviceError, Secret};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// One device's management: address, time-outs, and whether its old age is excused.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Name or address.
    pub host: String,
    /// TCP port, 22 unless the router says otherwise (`port` of the driver arguments).
    pub port: u16,
    pub limits: Limits,
    /// Also offer algorithms that are broken or nearly: only for devices that know nothing better.
    pub legacy: Legacy,
}

impl Endpoint {
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, limits: Limits::default(), legacy: Legacy::No }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Old algorithms, switched on per device (devices.md 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Legacy {
    /// Only what is considered safe.
    #[default]
    No,
    /// Adds SHA-1 key exchange (group 14), `ssh-rsa`, CBC and HMAC-SHA1.
    Old,
    /// Adds `diffie-hellman-group1-sha1` as well.
    Ancient,
}

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the first packet to the end of the key exchange.
    pub connect: Duration,
    /// For all attempts to log in together.
    pub authenticate: Duration,
    /// For one command, unless the command brings its own.
    pub command: Duration,
    /// A keep-alive is sent after this much silence; three unanswered end the connection.
    pub keep_alive: Duration,
    /// Bytes that one command may print. More is an error, never a shortened answer.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            authenticate: Duration::from_secs(15),
            command: Duration::from_secs(60),
            keep_alive: Duration::from_secs(15),
            output: 64 << 20,
        }
    }
}

/// Who logs in, and with what. Keys are tried before the password.
#[derive(Debug, Clone)]
pub struct Login {
    pub user: String,
    pub password: Option<Secret>,
    pub key: Option<PrivateKey>,
}

impl Login {
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { user: user.into(), password: Some(password.into()), key: None }
    }

    pub fn key(user: impl Into<String>, key: PrivateKey) -> Self {
        Self { user: user.into(), password: None, key: Some(key) }
    }
}

/// A private key as its file has it (OpenSSH, PKCS#8, PEM), and the passphrase when it is encrypted.
#[derive(Debug, Clone)]
pub struct PrivateKey {
    pub text: Secret,
    pub passphrase: Option<Secret>,
}

/// A host key as `known_hosts` writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` ...
    pub algorithm: String,
    /// The key in base64, without comment.
    pub key: String,
}

impl HostKey {
    /// From `ALGORITHM BASE64 [comment]`, or a whole line of `known_hosts`, whose host field is passed over.
    pub fn parse(line: &str) -> Result<Self, DeviceError> {
        let bad = || DeviceError::HostKeyUnreadable;
        let mut words = line.split_whitespace();
        let mut word = words.next().ok_or_else(bad)?;
        if !(word.starts_with("ssh-") || word.starts_with("ecdsa-") || word.starts_with("sk-")) {
            word = words.next().ok_or_else(bad)?;
        }
        let key = Self { algorithm: word.into(), key: words.next().ok_or_else(bad)?.into() };
        crate::ssh::public_key(&key)?;
        Ok(key)
    }

    /// `SHA256:…` as ssh-keygen prints it; of a text that is no key, words that say so.
    pub fn fingerprint(&self) -> String {
        crate::ssh::fingerprint(self).unwrap_or_else(|| "not a readable key".into())
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm, self.fingerprint())
    }
}

/// Which host keys are accepted. A key that differs from every known one is refused under either rule.
#[derive(Debug, Clone, Default)]
pub struct HostKeys {
    /// What is on record for this device. One device may have several, one per algorithm.
    pub known: Vec<HostKey>,
    pub rule: HostKeyRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostKeyRule {
    /// With nothing on record a key is refused, and shown in the error so that a person can accept it.
    #[default]
    Strict,
    /// With nothing on record the first key seen is accepted; the caller must then keep it.
    TrustOnFirstUse,
}
