//! Carrying a plan out. Reads from top to bottom as the steps come; what can go wrong in each leads to one of two exits:
//! [`Run::stop_unchanged`] before the change, [`Run::take_back`] after it.

use super::{
    Approval, Event, EventKind, Finding, Mode, Observer, Outcome, Plan, Record, Step, StepRecord, counted, sha256,
};
use crate::{
    Clock, Device, DeviceError, Driver, Neighbour, Trace, Undo,
    device::{Support, Timer, Validation},
};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long one thing may take, after it was cancelled, that leaves the device as it was.
const TIDYING: Duration = Duration::from_secs(5);
/// Confirming so close to the end of the timer is not tried.
const LAST_MOMENT: Duration = Duration::from_secs(3);
/// While a plan waits for a person; and why it was taken back, when none came.
const UNATTENDED: &str = "all is well, and nobody has said yet that it is to be kept";
/// How long after its timer a device may take to go back, before we say that we do not know.
const GRACE: Duration = Duration::from_secs(90);

/// Carry out a plan. `cancel` ends every step up to the difference at once, whatever the device is doing, and is looked at between
/// the later ones and while the gate watches; before the change it leads to [`Outcome::Cancelled`], after it to a roll back. A device
/// that does not answer when what was loaded is to be taken off it again is not waited for, then.
pub async fn push(
    plan: &Plan,
    driver: &dyn Driver,
    clock: &dyn Clock,
    observer: &dyn Observer,
    cancel: &CancellationToken,
) -> Record {
    let record = Record {
        id: plan.id.clone(),
        platform: driver.platform(),
        text_sha256: plan.text_sha256(),
        started: clock.now(),
        ended: None,
        host_key: None,
        facts: None,
        former_sha256: None,
        former: None,
        diff: None,
        foreign_removed: None,
        diff_sha256: None,
        before: None,
        after: None,
        findings: Vec::new(),
        undo_at: None,
        steps: Vec::new(),
        restored: None,
        outcome: None,
    };
    let mut run = Run { plan, driver, clock, observer, cancel, record, first: None, undo_by: None };
    let outcome = run.all().await;
    run.record.outcome = Some(outcome);
    run.record.ended = Some(clock.now());
    if let Some(mut device) = run.first.take() {
        device.unlock().await;
        device.close().await;
    }
    run.record
}

struct Run<'a> {
    plan: &'a Plan,
    driver: &'a dyn Driver,
    clock: &'a dyn Clock,
    observer: &'a dyn Observer,
    cancel: &'a CancellationToken,
    record: Record,
    /// The connection that the push began on; it holds the lock.
    first: Option<Box<dyn Device>>,
    /// When the device's timer ends, on the monotonic clock.
    undo_by: Option<Duration>,
}

/// A step that has begun.
struct Begun {
    step: Step,
    at: DateTime<Utc>,
    since: Duration,
}

/// Why the push ends here.
enum Stop {
    Error(DeviceError),
    Refused(String),
    Cancelled,
}

impl Run<'_> {
    async fn all(&mut self) -> Outcome {
        let can = self.driver.capabilities();
        if let Some(words) = self.plan.refusal(self.driver.platform(), &can) {
            return Outcome::Refused { words };
        }
        match self.prepare().await {
            Ok(Some(outcome)) => return outcome,
            Ok(None) => {}
            Err(stop) => return self.stop_unchanged(stop).await,
        }
        if let Err(stop) = self.arm(can.timer).await {
            return self.stop_unchanged(stop).await;
        }
        if self.cancel.is_cancelled() {
            return self.stop_unchanged(Stop::Cancelled).await;
        }
        if let Err(words) = self.apply().await {
            return self.take_back(words).await;
        }
        let applied_at = self.clock.elapsed();
        match self.watch(applied_at).await {
            Ok(device) => self.confirm(device).await,
            Err(words) => self.take_back(words).await,
        }
    }

    /// Everything up to the difference. An outcome when the plan ends there.
    async fn prepare(&mut self) -> Result<Option<Outcome>, Stop> {
        let plan = self.plan;
        let can = self.driver.capabilities();

        let begun = self.begin(Step::Connect, format!("connecting to the device ({})", self.driver.platform()));
        let (driver, cancel) = (self.driver, self.cancel);
        let connecting = async {
            let mut device = driver.connect().await?;
            let facts = device.facts().await;
            Ok((device, facts))
        };
        let connected = match unless_cancelled(cancel, connecting).await {
            Some(Ok((device, facts))) => {
                self.record.host_key = device.host_key();
                self.first = Some(device);
                Some(facts)
            }
            Some(Err(error)) => Some(Err(error)),
            None => None,
        };
        let facts = self.end_early(begun, connected, |facts| match &facts.hostname {
            Some(name) => format!("{name}, {}", facts.version),
            None => facts.version.clone(),
        })?;
        self.record.facts = Some(facts);
        self.pause()?;

        if can.lock != Support::None {
            let begun = self.begin(Step::Lock, "asking for the exclusive right to change it".into());
            let locked = unless_cancelled(cancel, self.device()?.lock(&plan.id)).await;
            self.end_early(begun, locked, |()| "locked".into())?;
            self.pause()?;
        }

        let begun = self.begin(Step::Baseline, "reading the running configuration and the sessions".into());
        let device = self.device()?;
        let reading = async { Ok((device.running().await?, device.neighbours().await?)) };
        let read = unless_cancelled(cancel, reading).await;
        let (running, neighbours) = self.end_early(begun, read, |(running, neighbours)| {
            let up = neighbours.iter().filter(|n| n.is_established()).count();
            let (lines, sessions) = (running.lines().count(), neighbours.len());
            format!("{}, {}, {up} of them established", counted(lines, "line"), counted(sessions, "session"))
        })?;
        self.record.former_sha256 = Some(sha256(&running));
        self.record.former = Some(running.into());
        self.record.before = Some(neighbours);
        self.pause()?;

        let begun = self.begin(Step::Load, "bringing the configuration to the device".into());
        let loaded = unless_cancelled(cancel, self.device()?.load(&plan.id, plan.load, plan.text.expose())).await;
        self.end_early(begun, loaded, |()| {
            let lines = plan.text.expose().lines().count();
            format!("{}, SHA-256 {}", counted(lines, "line"), &plan.text_sha256()[..12])
        })?;
        self.pause()?;

        if can.validate != Validation::None {
            let begun = self.begin(Step::Validate, "letting the device check it".into());
            let checked = unless_cancelled(cancel, self.device()?.validate(&plan.id)).await;
            self.end_early(begun, checked, |()| match can.validate {
                Validation::Syntax => "its syntax is right; the device cannot check more beforehand".into(),
                _ => "the device accepts it".into(),
            })?;
            self.pause()?;
        }

        let begun = self.begin(Step::Diff, "comparing with what runs".into());
        let compared = unless_cancelled(cancel, self.device()?.diff(&plan.id)).await;
        let diff = self.end_early(begun, compared, |d| {
            if d.is_empty() { "no difference".into() } else { format!("{} lines come, {} go", d.added, d.removed) }
        })?;
        let foreign = diff.foreign_removed(plan.former.as_ref().map(|f| f.expose()));
        let hash = sha256(&diff.text);
        let empty = diff.is_empty();
        self.record.diff_sha256 = Some(hash.clone());
        self.record.foreign_removed = Some(foreign);
        self.record.diff = Some(diff);
        self.pause()?;

        if empty || plan.mode == Mode::Check {
            self.discard().await?;
            return Ok(Some(if empty { Outcome::NothingToDo } else { Outcome::Checked }));
        }
        match &plan.mode {
            Mode::Push(Approval::Diff { sha256 }) if *sha256 != hash => Err(Stop::Refused(
                "the device or the configuration has changed since the difference was approved: check again".into(),
            )),
            Mode::Push(Approval::Bounded { foreign_removed }) if foreign > *foreign_removed => {
                Err(Stop::Refused(format!(
                    "it would delete {foreign} lines that were not written by us, and {foreign_removed} are allowed"
                )))
            }
            _ => Ok(None),
        }
    }

    async fn arm(&mut self, timer: Timer) -> Result<(), Stop> {
        // whole steps of the platform's timer, rounded up
        let step = if let Timer::Native { step, .. } = timer { u64::from(step.max(1)) } else { 1 };
        let seconds = self.plan.timer.as_secs().div_ceil(step) * step;
        self.record.undo_at = Some(self.clock.now() + Duration::from_secs(seconds));
        if let Err(words) = self.observer.before_change(&self.record).await {
            return Err(Stop::Refused(format!("the record could not be kept ({words})")));
        }
        let begun = self.begin(
            Step::Arm,
            format!("the device shall take the change back after {seconds} seconds unless it is confirmed"),
        );
        // counted from before the timer starts: we must not believe that it runs longer than it does
        let from = self.clock.elapsed();
        let plan = self.plan;
        let armed = self.device()?.arm(&plan.id, Duration::from_secs(seconds)).await;
        self.end(begun, armed, |()| "the timer runs".into())?;
        self.undo_by = Some(from + Duration::from_secs(seconds));
        Ok(())
    }

    /// Make the change. An error says why to go back.
    async fn apply(&mut self) -> Result<(), String> {
        let begun = self.begin(Step::Apply, "applying".into());
        let plan = self.plan;
        let applied = match self.device() {
            Ok(device) => device.apply(&plan.id).await,
            Err(_) => Err(DeviceError::Connection("it is not open".into())),
        };
        match self.end(begun, applied, |()| "applied, not yet confirmed".into()) {
            Ok(()) => Ok(()),
            Err(Stop::Error(error)) if error.leaves_doubt() => {
                Err(format!("the device may have applied it, but did not say so ({error})"))
            }
            Err(Stop::Error(error)) => Err(format!("applying failed: {error}")),
            Err(_) => Err("applying failed".into()),
        }
    }

    /// Watch over a new connection until all is well or the time is over. Returns the connection, to confirm on.
    async fn watch(&mut self, applied_at: Duration) -> Result<Box<dyn Device>, String> {
        let plan = self.plan;
        let before = self.record.before.clone().unwrap_or_default();
        let were = before.iter().filter(|n| n.is_established()).count();
        let begun = self.begin(Step::Gate, goal(plan, were));
        let closes = self.undo_by.unwrap_or_default().saturating_sub(plan.margin);
        let mut device: Option<Box<dyn Device>> = None;
        let mut last: Option<String> = None;
        let verdict = loop {
            if self.cancel.is_cancelled() {
                break Err("it was cancelled".to_owned());
            }
            let words = match self.look(&mut device).await {
                Ok(now) => {
                    let findings = plan.gate.findings(&before, &now);
                    self.record.after = Some(now);
                    self.record.findings = findings;
                    match summary(&self.record.findings) {
                        Some(words) => words,
                        None if self.clock.elapsed() < applied_at + plan.gate.settle => "all is well so far".to_owned(),
                        None if !plan.attended => break Ok(None),
                        None => match self.observer.kept_by().await {
                            Some(who) => break Ok(Some(who)),
                            None => UNATTENDED.to_owned(),
                        },
                    }
                }
                // a timer that is gone cannot take anything back later: now or never
                Err(Look::NoTimer(words)) => break Err(words),
                Err(Look::Error(error)) => {
                    device = None;
                    error.to_string()
                }
            };
            if last.as_ref() != Some(&words) {
                self.note(Step::Gate, words.clone());
                last = Some(words);
            }
            if self.clock.elapsed() + plan.gate.every > closes {
                break Err(last.unwrap_or_else(|| "the time was over".into()));
            }
            self.clock.sleep(plan.gate.every).await;
        };
        match verdict {
            Ok(kept_by) => {
                let now =
                    self.record.after.as_deref().unwrap_or_default().iter().filter(|n| n.is_established()).count();
                let by = kept_by.map(|who| format!("; {who} keeps it")).unwrap_or_default();
                let _ = self.end(begun, Ok(()), |()| {
                    format!("the device is reachable, and all is well: {now} sessions are established, {were} were before{by}")
                });
                device.ok_or_else(|| "the connection was lost".into())
            }
            Err(words) => {
                self.failed(begun, &words);
                if let Some(device) = device {
                    device.close().await;
                }
                Err(words)
            }
        }
    }

    /// One look at the timer and the sessions, over a connection that is made when there is none.
    async fn look(&mut self, device: &mut Option<Box<dyn Device>>) -> Result<Vec<Neighbour>, Look> {
        let open = match device {
            Some(open) => open,
            None => device.insert(self.driver.connect().await.map_err(Look::Error)?),
        };
        match open.trace(&self.plan.id).await.map_err(Look::Error)? {
            Trace::Pending { .. } => {}
            Trace::TimerLost { .. } => {
                return Err(Look::NoTimer(
                    "the process on the device that would take the change back has ended".into(),
                ));
            }
            Trace::Undone { .. } | Trace::Undoing { .. } => {
                return Err(Look::NoTimer("the device has already taken it back".into()));
            }
            _ => return Err(Look::NoTimer("the device does not know of the push".into())),
        }
        open.neighbours().await.map_err(Look::Error)
    }

    async fn confirm(&mut self, mut device: Box<dyn Device>) -> Outcome {
        if self.cancel.is_cancelled() {
            device.close().await;
            return self.take_back("it was cancelled".into()).await;
        }
        if self.clock.elapsed() + LAST_MOMENT > self.undo_by.unwrap_or_default() {
            device.close().await;
            return self.take_back("the time for confirming was over".into()).await;
        }
        let begun = self.begin(Step::Confirm, "confirming, and making it survive a reboot".into());
        let confirmed = device.confirm(&self.plan.id).await;
        device.close().await;
        let doubt = confirmed.as_ref().err().is_some_and(DeviceError::leaves_doubt);
        match self.end(begun, confirmed, |()| "confirmed".into()) {
            Ok(()) => Outcome::Confirmed,
            Err(Stop::Error(DeviceError::NotPersistent { words })) => Outcome::ConfirmedNotPersistent { words },
            // never blindly again: the device says what it is in
            Err(Stop::Error(error)) if doubt => match self.ask().await {
                Some(Trace::Confirmed { persistent: true }) => Outcome::Confirmed,
                Some(Trace::Confirmed { persistent: false }) => {
                    Outcome::ConfirmedNotPersistent { words: error.to_string() }
                }
                Some(_) => self.take_back(format!("confirming failed: {error}")).await,
                None => Outcome::Unknown {
                    words: format!("confirming was not answered ({error}), and the device cannot be reached"),
                },
            },
            Err(Stop::Error(error)) => self.take_back(format!("confirming failed: {error}")).await,
            Err(_) => self.take_back("confirming failed".into()).await,
        }
    }

    /// What the device says of the push, over a new connection.
    async fn ask(&mut self) -> Option<Trace> {
        let mut device = self.driver.connect().await.ok()?;
        let trace = device.trace(&self.plan.id).await.ok();
        device.close().await;
        trace
    }

    /// After the change: back to what was before, by us if the device can be reached, else by waiting for its timer.
    async fn take_back(&mut self, why: String) -> Outcome {
        let begun = self.begin(Step::RollBack, "taking the change back".into());
        let give_up = self.undo_by.unwrap_or_default() + GRACE;
        let mut last;
        let outcome = loop {
            match self.try_back().await {
                Ok((device, by)) => {
                    self.look_back(device).await;
                    break Ok(by);
                }
                Err(error) => last = error.to_string(),
            }
            if self.clock.elapsed() > give_up {
                break Err(last);
            }
            let left = self.undo_by.unwrap_or_default().saturating_sub(self.clock.elapsed());
            self.note(
                Step::RollBack,
                if left.is_zero() {
                    last
                } else {
                    format!("{last}; the device takes it back by itself in {} seconds", left.as_secs())
                },
            );
            self.clock.sleep(self.plan.gate.every.max(Duration::from_secs(1))).await;
        };
        match outcome {
            Ok(by) => {
                let restored = self.record.restored;
                let _ = self.end(begun, Ok(()), |()| match restored {
                    Some(true) => "the device is as before".into(),
                    Some(false) => "taken back, but the device prints another configuration than before".into(),
                    None => "taken back; the configuration could not be read again".into(),
                });
                Outcome::RolledBack { by, words: why }
            }
            Err(error) => {
                self.failed(begun, &error);
                Outcome::Unknown { words: format!("{why}; and then: {error}") }
            }
        }
    }

    /// One try to go back. On the connection that holds the lock when it still works, else on a new one.
    async fn try_back(&mut self) -> Result<(Box<dyn Device>, Undo), DeviceError> {
        let mut device = self.driver.connect().await?;
        let by = match device.trace(&self.plan.id).await? {
            Trace::Undone { by } => by,
            Trace::Undoing { .. } => Undo::Timer,
            _ => Undo::Us,
        };
        device.roll_back(&self.plan.id).await?;
        Ok((device, by))
    }

    /// After a roll back: is the configuration the same, and do the sessions come back?
    async fn look_back(&mut self, mut device: Box<dyn Device>) {
        self.record.restored =
            device.running().await.ok().map(|running| Some(sha256(&running)) == self.record.former_sha256);
        let before = self.record.before.clone().unwrap_or_default();
        let until = self.clock.elapsed() + self.plan.gate.return_within;
        // all that was established, not only what is in scope
        let all = super::Gate { scope: None, prefix_floor: None, ..self.plan.gate.clone() };
        loop {
            if let Ok(now) = device.neighbours().await {
                self.record.findings = all.findings(&before, &now);
                self.record.after = Some(now);
                match summary(&self.record.findings) {
                    None => break,
                    Some(words) => self.note(Step::RollBack, format!("waiting for the sessions: {words}")),
                }
            }
            if self.clock.elapsed() >= until {
                break;
            }
            self.clock.sleep(self.plan.gate.every).await;
        }
        device.close().await;
    }

    /// Before the change: leave the device as it is and say why.
    async fn stop_unchanged(&mut self, stop: Stop) -> Outcome {
        let loaded = self.record.steps.iter().any(|s| s.step == Step::Load);
        // What is left there does nothing, but a timer should not run for nothing, and stands in the way of others: once more
        // over a new connection. If that fails too, it ends by itself, having changed nothing.
        if loaded && self.discard().await.is_err() && self.discard_anew().await.is_err() {
            let words = "it could not be taken off: it lies there unused, and the next push takes its place";
            self.note(Step::Discard, words.into());
        }
        match stop {
            Stop::Error(error) => Outcome::Failed { label: error.label().into(), words: error.to_string() },
            Stop::Refused(words) => Outcome::Refused { words },
            Stop::Cancelled => Outcome::Cancelled,
        }
    }

    /// Over a new connection.
    async fn discard_anew(&mut self) -> Result<(), Stop> {
        let driver = self.driver;
        let connected = self.unless_given_up(driver.connect()).await.ok_or(Stop::Cancelled)?;
        self.first = Some(connected.map_err(Stop::Error)?);
        self.discard().await
    }

    async fn discard(&mut self) -> Result<(), Stop> {
        let mut device = self.first.take().ok_or_else(not_open)?;
        let begun = self.begin(Step::Discard, "taking the configuration off the device again".into());
        let discarded = self.unless_given_up(device.discard(&self.plan.id)).await;
        self.first = Some(device);
        self.end_early(begun, discarded, |()| "the device was not changed".into())
    }

    /// What comes of it; none if it takes too long after it was cancelled.
    async fn unless_given_up<T>(
        &self,
        doing: impl Future<Output = Result<T, DeviceError>>,
    ) -> Option<Result<T, DeviceError>> {
        let patience = async {
            self.cancel.cancelled().await;
            self.clock.sleep(TIDYING).await;
        };
        tokio::select! {
            biased;
            done = doing => Some(done),
            () = patience => None,
        }
    }

    fn device(&mut self) -> Result<&mut Box<dyn Device>, Stop> {
        self.first.as_mut().ok_or_else(not_open)
    }

    /// Between two steps.
    fn pause(&self) -> Result<(), Stop> {
        if self.cancel.is_cancelled() { Err(Stop::Cancelled) } else { Ok(()) }
    }

    fn begin(&self, step: Step, words: String) -> Begun {
        let begun = Begun { step, at: self.clock.now(), since: self.clock.elapsed() };
        self.observer.tell(&Event { step, at: begun.at, kind: EventKind::Started, words });
        begun
    }

    fn note(&self, step: Step, words: String) {
        let seconds_left = self.undo_by.map(|by| by.saturating_sub(self.clock.elapsed()).as_secs());
        self.observer.tell(&Event { step, at: self.clock.now(), kind: EventKind::Note { seconds_left }, words });
    }

    fn end<T>(
        &mut self,
        begun: Begun,
        result: Result<T, DeviceError>,
        words: impl FnOnce(&T) -> String,
    ) -> Result<T, Stop> {
        match result {
            Ok(value) => {
                let words = words(&value);
                self.close_step(begun, true, words);
                Ok(value)
            }
            Err(error) => {
                self.close_step(begun, false, error.to_string());
                Err(Stop::Error(error))
            }
        }
    }

    /// Of a step that may have been cut short: then the connection, in the middle of something, is of no use any more, and the
    /// lock goes with it.
    fn end_early<T>(
        &mut self,
        begun: Begun,
        result: Option<Result<T, DeviceError>>,
        words: impl FnOnce(&T) -> String,
    ) -> Result<T, Stop> {
        match result {
            Some(result) => self.end(begun, result, words),
            None => {
                self.failed(begun, "cancelled");
                self.first = None;
                Err(Stop::Cancelled)
            }
        }
    }

    fn failed(&mut self, begun: Begun, words: &str) {
        self.close_step(begun, false, words.to_owned());
    }

    fn close_step(&mut self, begun: Begun, succeeded: bool, words: String) {
        let took = self.clock.elapsed().saturating_sub(begun.since);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let kind = if succeeded { EventKind::Finished { took_ms } } else { EventKind::Failed { took_ms } };
        self.observer.tell(&Event { step: begun.step, at: self.clock.now(), kind, words: words.clone() });
        self.record.steps.push(StepRecord { step: begun.step, started: begun.at, took_ms, succeeded, words });
    }
}

fn not_open() -> Stop {
    Stop::Error(DeviceError::Connection("it is not open".into()))
}

/// What comes of it; none if it was cancelled before.
async fn unless_cancelled<T>(
    cancel: &CancellationToken,
    doing: impl Future<Output = Result<T, DeviceError>>,
) -> Option<Result<T, DeviceError>> {
    tokio::select! {
        biased;
        done = doing => Some(done),
        () = cancel.cancelled() => None,
    }
}

enum Look {
    Error(DeviceError),
    NoTimer(String),
}

/// What must be so for the change to stay.
fn goal(plan: &Plan, were: usize) -> String {
    let mut words = "it must answer over a new connection".to_owned();
    words += &match were {
        0 => "; no session was established, so none can be lost".to_owned(),
        1 => ", and the session that was established must be again".to_owned(),
        many => format!(", and the {many} sessions that were established must be again"),
    };
    if let Some(floor) = plan.gate.prefix_floor.filter(|_| were > 0) {
        words += &format!(" with at least {floor} % of their prefixes");
    }
    if plan.attended {
        words += "; then somebody must say that it is to be kept";
    }
    words
}

/// The findings in one sentence; `None` when there are none.
fn summary(findings: &[Finding]) -> Option<String> {
    let first = findings.first()?;
    Some(match findings.len() {
        1 => first.to_string(),
        n => format!("{first}, and {} more", n - 1),
    })
}
