//! Devices whose management is a POSIX shell: FRR, BIRD, OpenBGPD. None has a candidate and a commit with timer for
//! everything that we need, so the safety is made here, once, from small scripts on the device; a [`Dialect`] adds what
//! differs: how a text is checked, compared, applied, taken back, and kept.
//!
//! On the device each push has a folder in `/var/tmp/peerage-UID` (mode 700): the new text, what was there before, the
//! scripts, and files that say how far it came. The one moment that decides a push is the creation of `verdict`, a hard
//! link, which succeeds for exactly one of: the timer, our confirmation, our roll back.
//!
//! The lock is between pushes of one login (the folder is its own); two products with two logins on one device do not see
//! each other.
//!
//! What must stay true: the new text becomes what the device boots with only when it is confirmed. `sudo` never prompts
//! (`-n`), commands read nothing from our stdin, and a script goes on when our connection ends in the middle of it.

mod bird;
mod frr;
mod openbgpd;
mod script;

use crate::{
    Capabilities, Device, DeviceError, Diff, Driver, Facts, HostKey, Load, Neighbour, Platform, PushId, Trace, Undo,
    transport::{Command, Held, Output, Session, Transport},
};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};

/// Where things are on the device, and whether root is needed. Every value has a default by platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// FRR: the file that it boots with (only told to people). BIRD, OpenBGPD: the file that is ours.
    pub file: String,
    /// BIRD, OpenBGPD: the daemon's main configuration, which includes ours; the same when the whole is ours.
    pub main_file: String,
    /// Whether daemon commands and files need `sudo -n`.
    pub sudo: bool,
}

impl Places {
    pub fn of(platform: Platform) -> Self {
        let (file, main_file, sudo) = match platform {
            Platform::Frr => ("/etc/frr/frr.conf", "/etc/frr/frr.conf", false),
            Platform::Bird => ("/etc/bird/peers.d/ixp.conf", "/etc/bird/bird.conf", false),
            Platform::OpenBgpd => ("/etc/openbgpd/peers.conf", "/etc/bgpd.conf", true),
        };
        Self { file: file.into(), main_file: main_file.into(), sudo }
    }
}

/// The driver of a device with a shell.
pub struct ShellDriver {
    platform: Platform,
    transport: Arc<dyn Transport>,
    dialect: Arc<dyn Dialect>,
}

impl ShellDriver {
    pub fn new(platform: Platform, transport: Arc<dyn Transport>, places: Places) -> Self {
        let dialect: Arc<dyn Dialect> = match platform {
            Platform::Frr => Arc::new(frr::Frr { places }),
            Platform::Bird => Arc::new(bird::Bird { places }),
            Platform::OpenBgpd => Arc::new(openbgpd::OpenBgpd { places }),
        };
        Self { platform, transport, dialect }
    }
}

#[async_trait]
impl Driver for ShellDriver {
    fn platform(&self) -> Platform {
        self.platform
    }

    fn capabilities(&self) -> Capabilities {
        self.dialect.capabilities()
    }

    async fn connect(&self) -> Result<Box<dyn Device>, DeviceError> {
        let session = self.transport.open().await?;
        Ok(Box::new(ShellDevice { session, dialect: self.dialect.clone(), lock: None, loaded: None }))
    }
}

/// What differs between the platforms: pieces of script, and how to read what they print. In every piece `$P` is the
/// folder of the push, with `new` and `before` in it.
trait Dialect: Send + Sync {
    fn platform(&self) -> Platform;
    fn capabilities(&self) -> Capabilities;
    /// Print the configuration that a push replaces.
    fn running(&self) -> String;
    /// Take away what the device adds when it prints its configuration.
    fn tidy(&self, running: String) -> String {
        running
    }
    /// Put what is there now into `$P/before`.
    fn keep(&self) -> String;
    /// Check `$P/new` without effect.
    fn validate(&self) -> String;
    /// What a failed check said.
    fn invalid(&self, output: &Output) -> DeviceError;
    /// Print the difference between what runs and `$P/new`, where the device can.
    fn diff(&self) -> Option<String>;
    /// Read it.
    fn read_diff(&self, _printed: &str, _running: &str) -> Diff {
        Diff::between("", "")
    }
    /// Make `$P/new` run, unconfirmed. `$P/left` has the seconds of the timer.
    fn apply(&self) -> String;
    /// Make `$P/before` run again; the boot file too when `$P/verdict` says that it was confirmed.
    fn revert(&self) -> String;
    /// Keep `$P/new` over a reboot. Status 75: the device has already gone back; other failures: it runs, but only till
    /// the next boot.
    fn persist(&self) -> String;
    /// Print version and host name.
    fn facts(&self) -> String;
    fn read_facts(&self, printed: &str) -> Facts;
    /// The commands whose answers tell of the neighbours.
    fn neighbours(&self) -> Vec<String>;
}

/// Exit statuses of our own scripts.
mod status {
    pub const LOCKED: u32 = 73;
    pub const OTHER_PENDING: u32 = 74;
    pub const UNDONE: u32 = 75;
    pub const UNKNOWN: u32 = 76;
    pub const NO_FOLDER: u32 = 77;
    pub const NO_TIMER: u32 = 78;
    pub const NOT_KEPT: u32 = 79;
    pub const SHORT: u32 = 80;
    pub const NO_TOOLS: u32 = 81;
}

struct ShellDevice {
    session: Box<dyn Session>,
    dialect: Arc<dyn Dialect>,
    lock: Option<Box<dyn Held>>,
    /// The text that was loaded on this connection, for our own diff.
    loaded: Option<String>,
}

/// Reloading a router's configuration takes a while.
const APPLYING: Duration = Duration::from_secs(180);

impl ShellDevice {
    async fn script(&self, purpose: &'static str, body: &str) -> Result<Output, DeviceError> {
        self.session.run(Command::script(purpose, body)).await
    }

    /// Run a script that belongs to a push; the statuses of our own become errors of their own.
    async fn step(
        &self,
        purpose: &'static str,
        push: &PushId,
        body: &str,
        timeout: Option<Duration>,
    ) -> Result<Output, DeviceError> {
        let mut command = Command::script(purpose, &script::of_push(push, body));
        command.timeout = timeout;
        let output = self.session.run(command).await?;
        match self.own_failure(push, purpose, &output) {
            Some(error) => Err(error),
            None => Ok(output),
        }
    }

    fn own_failure(&self, push: &PushId, purpose: &'static str, output: &Output) -> Option<DeviceError> {
        let push = push.to_string();
        let words = |text: &str| DeviceError::Failed { purpose, status: output.status, words: text.into() };
        Some(match output.status {
            status::LOCKED => DeviceError::Locked { by: DeviceError::words(&output.stdout) },
            status::OTHER_PENDING => {
                let mut said = output.stdout.split_whitespace();
                let other = said.next().unwrap_or("unknown").to_owned();
                let left = said.next().and_then(|s| s.parse().ok()).unwrap_or(0);
                DeviceError::OtherPending { push: other, left: Duration::from_secs(left) }
            }
            status::UNDONE => DeviceError::AlreadyUndone { push },
            status::UNKNOWN => DeviceError::UnknownPush { push },
            status::NO_FOLDER => words("the folder for pushes in /var/tmp cannot be made, or belongs to someone else"),
            status::NO_TIMER => words("the process that would take the change back did not start"),
            status::NOT_KEPT => DeviceError::NotPersistent {
                words: DeviceError::words(&format!("{}\n{}", output.stderr, output.stdout)),
            },
            status::SHORT => words("the text arrived incomplete"),
            status::NO_TOOLS => {
                DeviceError::Failed { purpose, status: output.status, words: DeviceError::words(&output.stderr) }
            }
            _ => return no_service(self.dialect.platform(), output),
        })
    }
}

/// What the command line tools say when their daemon is not there, or may not be asked.
fn no_service(platform: Platform, output: &Output) -> Option<DeviceError> {
    if output.status != 0
        && output
            .stderr
            .lines()
            .any(|l| l.starts_with("sudo:") && (l.contains("required") || l.contains("not allowed")))
    {
        return Some(DeviceError::SudoRefused);
    }
    let said = format!("{}\n{}", output.stderr, output.stdout);
    let daemon = match platform {
        Platform::Frr if output.status != 0 && said.contains("failed to connect to any daemons") => "FRR",
        Platform::Frr if said.contains("bgpd is not running") => "bgpd",
        Platform::Bird if said.contains("Unable to connect to server control socket") => "BIRD",
        Platform::OpenBgpd if output.status != 0 && said.contains("bgpctl: connect") => "bgpd",
        _ => return None,
    };
    Some(DeviceError::NotRunning { daemon, words: DeviceError::words(&said) })
}

#[async_trait]
impl Device for ShellDevice {
    fn host_key(&self) -> Option<HostKey> {
        self.session.host_key()
    }

    async fn facts(&mut self) -> Result<Facts, DeviceError> {
        let purpose = "asking for its version";
        let output = self.script(purpose, &script::plain(&self.dialect.facts())).await?;
        if let Some(error) = no_service(self.dialect.platform(), &output) {
            return Err(error);
        }
        Ok(self.dialect.read_facts(&output.success(purpose)?))
    }

    async fn running(&mut self) -> Result<String, DeviceError> {
        let purpose = "reading the running configuration";
        let output = self.script(purpose, &script::plain(&self.dialect.running())).await?;
        if let Some(error) = no_service(self.dialect.platform(), &output) {
            return Err(error);
        }
        Ok(self.dialect.tidy(output.success(purpose)?))
    }

    async fn neighbours(&mut self) -> Result<Vec<Neighbour>, DeviceError> {
        let purpose = "reading the neighbours";
        let mut answers = Vec::new();
        for command in self.dialect.neighbours() {
            let output = self.script(purpose, &script::plain(&command)).await?;
            if let Some(error) = no_service(self.dialect.platform(), &output) {
                return Err(error);
            }
            answers.push((command, output.success(purpose)?));
        }
        let answers: Vec<(&str, &str)> = answers.iter().map(|(c, a)| (c.as_str(), a.as_str())).collect();
        Ok(crate::parse(self.dialect.platform(), crate::What::Neighbours, &answers)?)
    }

    async fn lock(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let purpose = "locking the device";
        match self.session.hold(Command::script(purpose, &script::of_push(push, &script::lock(push)))).await {
            Ok((_, held)) => {
                self.lock = Some(held);
                Ok(())
            }
            Err(DeviceError::Failed { status, words, .. }) => {
                // the words are those of our own script, which says who
                let output = Output { status, stdout: words.clone(), stderr: String::new() };
                Err(self.own_failure(push, purpose, &output).unwrap_or(DeviceError::Failed { purpose, status, words }))
            }
            Err(other) => Err(other),
        }
    }

    async fn unlock(&mut self) {
        self.lock = None;
    }

    async fn load(&mut self, push: &PushId, how: Load, text: &str) -> Result<(), DeviceError> {
        if how == Load::Merge {
            return Err(DeviceError::Unsupported {
                platform: self.dialect.platform(),
                what: "merging a text into its configuration",
            });
        }
        let purpose = "bringing the configuration to the device";
        let hash = format!("{:x}", Sha256::digest(text.as_bytes()));
        let body = script::load(&hash, &self.dialect.keep());
        let output = self.session.run(Command::script(purpose, &script::of_push(push, &body)).stdin(text)).await?;
        if let Some(error) = self.own_failure(push, purpose, &output) {
            return Err(error);
        }
        output.success(purpose)?;
        self.loaded = Some(text.to_owned());
        Ok(())
    }

    async fn diff(&mut self, push: &PushId) -> Result<Diff, DeviceError> {
        let purpose = "comparing with what runs";
        let kept = self
            .step(purpose, push, &script::with_push(r#"if [ -e "$P/before" ]; then cat "$P/before"; fi"#), None)
            .await?
            .success(purpose)?;
        match self.dialect.diff() {
            Some(body) => {
                let output = self.step(purpose, push, &script::with_push(&body), Some(APPLYING)).await?;
                if output.status != 0 {
                    return Err(self.dialect.invalid(&output));
                }
                Ok(self.dialect.read_diff(&output.stdout, &kept))
            }
            None => {
                let new = self.loaded.as_deref().ok_or_else(|| DeviceError::UnknownPush { push: push.to_string() })?;
                Ok(Diff::between(&kept, new))
            }
        }
    }

    async fn validate(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let output = self
            .step("checking the configuration", push, &script::with_push(&self.dialect.validate()), Some(APPLYING))
            .await?;
        if output.status == 0 { Ok(()) } else { Err(self.dialect.invalid(&output)) }
    }

    async fn arm(&mut self, push: &PushId, timer: Duration) -> Result<(), DeviceError> {
        let purpose = "starting the timer on the device";
        let revert = script::of_push(push, &script::with_push(&self.dialect.revert()));
        let body = script::arm(push, timer);
        let output = self.session.run(Command::script(purpose, &script::of_push(push, &body)).stdin(revert)).await?;
        if let Some(error) = self.own_failure(push, purpose, &output) {
            return Err(error);
        }
        output.success(purpose).map(drop)
    }

    async fn apply(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let output = self
            .step("applying the configuration", push, &script::apply(&self.dialect.apply()), Some(APPLYING))
            .await?;
        if output.status == 0 { Ok(()) } else { Err(self.dialect.invalid(&output)) }
    }

    async fn confirm(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let purpose = "confirming";
        self.step(purpose, push, &script::confirm(&self.dialect.persist()), Some(APPLYING))
            .await?
            .success(purpose)
            .map(drop)
    }

    async fn discard(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let purpose = "discarding the configuration";
        self.step(purpose, push, script::DISCARD, Some(APPLYING)).await?.success(purpose).map(drop)
    }

    async fn roll_back(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let purpose = "rolling back";
        self.step(purpose, push, script::ROLL_BACK, Some(APPLYING)).await?.success(purpose).map(drop)
    }

    async fn trace(&mut self, push: &PushId) -> Result<Trace, DeviceError> {
        let purpose = "asking what became of the push";
        let output = self.script(purpose, &script::of_push(push, script::TRACE)).await?;
        let said = output.success(purpose)?;
        let mut words = said.split_whitespace();
        let first = words.next().unwrap_or("");
        let second = words.next().unwrap_or("");
        Ok(match first {
            "unknown" => Trace::Unknown,
            "loaded" => Trace::Loaded,
            "pending" => {
                Trace::Pending { seconds_left: second.parse().unwrap_or(0), applied: words.next() == Some("applied") }
            }
            "confirmed" => Trace::Confirmed { persistent: second == "kept" },
            "undone" => Trace::Undone {
                by: match second {
                    "timer" => Undo::Timer,
                    "reboot" => Undo::Reboot,
                    _ => Undo::Us,
                },
            },
            "undoing" => {
                Trace::Undoing { words: DeviceError::words(said.split_once('\n').map_or("", |(_, rest)| rest)) }
            }
            "lost" => Trace::TimerLost { applied: second == "applied" },
            _ => return Err(DeviceError::Failed { purpose, status: 0, words: "an answer that we do not know".into() }),
        })
    }

    async fn close(self: Box<Self>) {
        drop(self.lock);
        self.session.close().await;
    }
}
