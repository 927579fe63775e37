//! The router itself.

use super::HandClock;
use crate::{
    Capabilities, Clock, Device, DeviceError, Diff, Driver, Facts, Family, HostKey, Load, Neighbour, Platform, PushId,
    State, Trace, Undo,
    device::{Support, Timer, Validation},
};
use async_trait::async_trait;
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The things that can be asked of a device, for faults that strike at one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    Connect,
    Facts,
    Running,
    Neighbours,
    Lock,
    Load,
    Validate,
    Diff,
    Arm,
    Apply,
    Confirm,
    Discard,
    RollBack,
    Trace,
}

impl Op {
    pub const ALL: [Op; 14] = [
        Op::Connect,
        Op::Facts,
        Op::Running,
        Op::Neighbours,
        Op::Lock,
        Op::Load,
        Op::Validate,
        Op::Diff,
        Op::Arm,
        Op::Apply,
        Op::Confirm,
        Op::Discard,
        Op::RollBack,
        Op::Trace,
    ];
}

/// What goes wrong at an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The device does it, and the connection ends before it says so.
    CutAfter,
    /// The connection ends before the device hears of it.
    CutBefore,
    /// No answer, and nothing done; the time-out passes.
    Hang,
    /// No answer, and nothing done; no time-out passes either while one looks.
    Forever,
}

/// Knobs. All off at first.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Strikes once at each operation.
    pub at: HashMap<Op, Fault>,
    /// The login is refused.
    pub login_refused: bool,
    /// The host key that it shows is not the one on record.
    pub other_host_key: bool,
    /// Someone else holds the lock.
    pub locked_by: Option<String>,
    /// The check finds a fault of grammar there.
    pub syntax_error_at: Option<u32>,
    /// The check finds a fault of meaning.
    pub semantic_error: bool,
    /// Applying fails in the middle: the first half of the lines has taken effect.
    pub partial_apply: bool,
    /// Applying takes this long.
    pub slow_apply: Duration,
    /// Confirming takes this long to arrive.
    pub slow_confirm: Duration,
    /// The timer on the device ends without doing anything, right after the change.
    pub timer_dies: bool,
    /// What is confirmed cannot be written for the next boot.
    pub not_persistent: bool,
}

/// How the other end of a session behaves.
#[derive(Debug, Clone)]
pub struct Peer {
    pub answers: bool,
    pub password: Option<String>,
    pub prefixes: u64,
    /// From the moment it is configured until it is established.
    pub comes_up_after: Duration,
}

impl Peer {
    pub fn well() -> Self {
        Self { answers: true, password: None, prefixes: 10, comes_up_after: Duration::from_secs(3) }
    }
}

struct Pending {
    push: PushId,
    before: String,
    applied: bool,
    undo_at: Option<Duration>,
}

struct World {
    running: String,
    boot: String,
    loaded: Option<(PushId, String)>,
    lock: Option<u64>,
    pending: Option<Pending>,
    traces: HashMap<PushId, Trace>,
    peers: BTreeMap<IpAddr, Peer>,
    /// Since when each neighbour's line is as it is.
    lines: HashMap<IpAddr, (String, Duration)>,
    faults: Faults,
    connections: u64,
    capabilities: Capabilities,
    /// Every operation that arrived.
    log: Vec<Op>,
}

/// A router that exists only in memory. Clones are the same router.
#[derive(Clone)]
pub struct ScriptedRouter {
    world: Arc<Mutex<World>>,
    clock: Arc<HandClock>,
    platform: Platform,
}

impl ScriptedRouter {
    /// A router that runs and boots with this configuration. Its time-outs take ten seconds.
    pub fn new(clock: Arc<HandClock>, running: &str) -> Self {
        let capabilities = Capabilities {
            merge: Support::None,
            replace: Support::Native,
            diff: Support::Native,
            validate: Validation::Semantic,
            lock: Support::Native,
            timer: Timer::DeadMan,
            roll_back: Support::Native,
            neighbours: Support::Native,
        };
        let mut world = World {
            running: running.into(),
            boot: running.into(),
            loaded: None,
            lock: None,
            pending: None,
            traces: HashMap::new(),
            peers: BTreeMap::new(),
            lines: HashMap::new(),
            faults: Faults::default(),
            connections: 0,
            capabilities,
            log: Vec::new(),
        };
        world.note_lines(Duration::ZERO);
        Self { world: Arc::new(Mutex::new(world)), clock, platform: Platform::Frr }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.pass_time(self.clock.elapsed());
        world
    }

    pub fn peer(&self, address: &str, peer: Peer) {
        if let Ok(address) = address.parse() {
            self.world().peers.insert(address, peer);
        }
    }

    pub fn set_faults(&self, faults: Faults) {
        self.world().faults = faults;
    }

    pub fn set_capabilities(&self, change: impl FnOnce(&mut Capabilities)) {
        change(&mut self.world().capabilities);
    }

    pub fn running(&self) -> String {
        self.world().running.clone()
    }

    pub fn boot(&self) -> String {
        self.world().boot.clone()
    }

    pub fn is_locked(&self) -> bool {
        self.world().lock.is_some()
    }

    pub fn log(&self) -> Vec<Op> {
        self.world().log.clone()
    }

    /// Someone else changes the running configuration.
    pub fn change_by_hand(&self, running: &str) {
        let now = self.clock.elapsed();
        let mut world = self.world();
        world.running = running.into();
        world.boot = running.into();
        world.note_lines(now);
    }
}

impl World {
    /// The timer, if its time has come.
    fn pass_time(&mut self, now: Duration) {
        let due = self.pending.as_ref().and_then(|p| p.undo_at).filter(|at| *at <= now);
        if let (Some(at), Some(pending)) = (due, self.pending.take_if(|_| due.is_some())) {
            self.running = pending.before;
            self.traces.insert(pending.push, Trace::Undone { by: Undo::Timer });
            self.note_lines(at);
        }
    }

    fn note_lines(&mut self, now: Duration) {
        let mut lines = HashMap::new();
        for line in self.running.lines() {
            let mut words = line.split_whitespace();
            if let (Some("neighbor"), Some(Ok(address))) = (words.next(), words.next().map(str::parse::<IpAddr>)) {
                let since = self.lines.get(&address).filter(|(l, _)| l == line).map_or(now, |(_, since)| *since);
                lines.insert(address, (line.to_owned(), since));
            }
        }
        self.lines = lines;
    }

    fn neighbours(&self, now: Duration) -> Vec<Neighbour> {
        let mut all: Vec<Neighbour> = Vec::new();
        for (address, (line, since)) in &self.lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let word_after = |name: &str| words.iter().position(|w| *w == name).and_then(|i| words.get(i + 1)).copied();
            let peer = self.peers.get(address);
            let up = peer.is_some_and(|p| {
                p.answers && p.password.as_deref() == word_after("password") && now >= *since + p.comes_up_after
            });
            let mut one = Neighbour {
                vrf: crate::neighbour::DEFAULT_VRF.into(),
                address: Some(*address),
                remote_as: word_after("as").and_then(|n| n.parse().ok()),
                state: Some(if up { State::Established } else { State::Active }),
                seconds: up.then(|| (now - *since).as_secs()),
                ..Neighbour::default()
            };
            one.families.push(Family {
                accepted: Some(if up { peer.map_or(0, |p| p.prefixes) } else { 0 }),
                ..Family::new("ipv4", "unicast")
            });
            all.push(one);
        }
        all.sort_by_key(|n| n.address);
        all
    }
}

struct Connection {
    router: ScriptedRouter,
    number: u64,
    open: bool,
}

const TIME_OUT: Duration = Duration::from_secs(10);

impl Connection {
    /// Do something, with the faults that strike at it.
    async fn ask<T>(
        &mut self,
        op: Op,
        act: impl FnOnce(&mut World, Duration, u64) -> Result<T, DeviceError>,
    ) -> Result<T, DeviceError> {
        tokio::task::yield_now().await;
        let purpose = format!("{op:?}").to_lowercase();
        let cut = |cause: &str| DeviceError::Cut { purpose: purpose.clone(), cause: cause.into() };
        let fault = self.router.world().faults.at.remove(&op);
        if !self.open {
            return Err(cut("the connection has ended"));
        }
        // a router that cannot be reached does not answer on connections that are there already, either
        if self.router.world().running.lines().any(|l| l == "management off") || fault == Some(Fault::Hang) {
            self.router.clock.advance(TIME_OUT);
            return Err(DeviceError::TimedOut { purpose, after: TIME_OUT });
        }
        if fault == Some(Fault::Forever) {
            std::future::pending::<()>().await;
        }
        if fault == Some(Fault::CutBefore) {
            self.end();
            return Err(cut("before it was heard"));
        }
        let number = self.number;
        let result = {
            let mut world = self.router.world();
            world.log.push(op);
            let now = self.router.clock.elapsed();
            act(&mut world, now, number)
        };
        if fault == Some(Fault::CutAfter) {
            self.end();
            return Err(cut("in the middle of the answer"));
        }
        if self.router.world().running.lines().any(|l| l == "management off") {
            self.router.clock.advance(TIME_OUT);
            return Err(DeviceError::TimedOut { purpose, after: TIME_OUT });
        }
        result
    }

    fn end(&mut self) {
        self.open = false;
        let mut world = self.router.world();
        if world.lock == Some(self.number) {
            world.lock = None;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.end();
    }
}

#[async_trait]
impl Driver for ScriptedRouter {
    fn platform(&self) -> Platform {
        self.platform
    }

    fn capabilities(&self) -> Capabilities {
        self.world().capabilities
    }

    async fn connect(&self) -> Result<Box<dyn Device>, DeviceError> {
        tokio::task::yield_now().await;
        let endpoint = "scripted:22".to_owned();
        let (faults, struck, unreachable) = {
            let mut world = self.world();
            world.log.push(Op::Connect);
            world.connections += 1;
            (
                world.faults.clone(),
                world.faults.at.remove(&Op::Connect),
                world.running.lines().any(|l| l == "management off"),
            )
        };
        if unreachable || struck.is_some() {
            self.clock.advance(TIME_OUT);
            return Err(DeviceError::Unreachable { endpoint, cause: "no answer within 10 seconds".into() });
        }
        let key = |word: &str| HostKey { algorithm: "ssh-ed25519".into(), key: word.into() };
        if faults.other_host_key {
            return Err(DeviceError::HostKeyChanged { endpoint, known: vec![key("known")], observed: key("other") });
        }
        if faults.login_refused {
            return Err(DeviceError::LoginRefused {
                endpoint,
                user: "netops".into(),
                tried: "password".into(),
                offered: "password".into(),
            });
        }
        let number = self.world().connections;
        Ok(Box::new(Connection { router: self.clone(), number, open: true }))
    }
}

#[async_trait]
impl Device for Connection {
    fn host_key(&self) -> Option<HostKey> {
        None
    }

    async fn facts(&mut self) -> Result<Facts, DeviceError> {
        let platform = self.router.platform;
        self.ask(Op::Facts, |_, _, _| {
            Ok(Facts { platform, version: "Scripted 1.0".into(), hostname: Some("scripted".into()) })
        })
        .await
    }

    async fn running(&mut self) -> Result<String, DeviceError> {
        self.ask(Op::Running, |world, _, _| Ok(world.running.clone())).await
    }

    async fn neighbours(&mut self) -> Result<Vec<Neighbour>, DeviceError> {
        self.ask(Op::Neighbours, |world, now, _| Ok(world.neighbours(now))).await
    }

    async fn lock(&mut self, _: &PushId) -> Result<(), DeviceError> {
        self.ask(Op::Lock, |world, now, me| {
            if let Some(by) = &world.faults.locked_by {
                return Err(DeviceError::Locked { by: by.clone() });
            }
            if world.lock.is_some_and(|owner| owner != me) {
                return Err(DeviceError::Locked { by: "another connection".into() });
            }
            if let Some(p) = &world.pending {
                return Err(DeviceError::OtherPending {
                    push: p.push.to_string(),
                    left: p.undo_at.unwrap_or(now).saturating_sub(now),
                });
            }
            world.lock = Some(me);
            Ok(())
        })
        .await
    }

    async fn unlock(&mut self) {
        let mut world = self.router.world();
        if world.lock == Some(self.number) {
            world.lock = None;
        }
    }

    async fn load(&mut self, push: &PushId, _: Load, text: &str) -> Result<(), DeviceError> {
        self.ask(Op::Load, |world, _, me| {
            if world.lock != Some(me) && world.capabilities.lock != Support::None {
                return Err(DeviceError::Connection("loading without the lock".into()));
            }
            world.loaded = Some((push.clone(), text.into()));
            world.traces.insert(push.clone(), Trace::Loaded);
            Ok(())
        })
        .await
    }

    async fn diff(&mut self, push: &PushId) -> Result<Diff, DeviceError> {
        self.ask(Op::Diff, |world, _, _| {
            let text = loaded(world, push)?;
            Ok(Diff { by_device: true, ..Diff::between(&world.running, &text) })
        })
        .await
    }

    async fn validate(&mut self, push: &PushId) -> Result<(), DeviceError> {
        self.ask(Op::Validate, |world, _, _| {
            loaded(world, push)?;
            match (world.faults.syntax_error_at, world.faults.semantic_error) {
                (Some(line), _) => Err(DeviceError::Syntax { line: Some(line), words: "unexpected word".into() }),
                (None, true) => Err(DeviceError::Semantic { words: "no such filter".into() }),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn arm(&mut self, push: &PushId, timer: Duration) -> Result<(), DeviceError> {
        self.ask(Op::Arm, |world, now, _| {
            loaded(world, push)?;
            world.pending = Some(Pending {
                push: push.clone(),
                before: world.running.clone(),
                applied: false,
                undo_at: Some(now + timer),
            });
            Ok(())
        })
        .await
    }

    async fn apply(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let slow = self.router.world().faults.slow_apply;
        let clock = self.router.clock.clone();
        self.ask(Op::Apply, |world, now, _| {
            let text = loaded(world, push)?;
            let Some(pending) = world.pending.as_mut().filter(|p| p.push == *push) else {
                return Err(DeviceError::Connection("applying without a timer".into()));
            };
            pending.applied = true;
            if world.faults.timer_dies {
                pending.undo_at = None;
            }
            clock.advance(slow);
            if world.faults.partial_apply {
                let half = text.lines().count() / 2;
                world.running = text.lines().take(half).flat_map(|l| [l, "\n"]).collect();
                world.note_lines(now);
                return Err(DeviceError::Semantic { words: "line refused".into() });
            }
            world.running = text;
            world.note_lines(now + slow);
            Ok(())
        })
        .await
    }

    async fn confirm(&mut self, push: &PushId) -> Result<(), DeviceError> {
        let slow = std::mem::take(&mut self.router.world().faults.slow_confirm);
        self.router.clock.advance(slow);
        self.ask(Op::Confirm, |world, _, _| {
            match world.traces.get(push) {
                Some(Trace::Undone { .. }) => return Err(DeviceError::AlreadyUndone { push: push.to_string() }),
                Some(Trace::Confirmed { .. }) => return Ok(()),
                _ => {}
            }
            if world.pending.take_if(|p| p.push == *push).is_none() {
                return Err(DeviceError::UnknownPush { push: push.to_string() });
            }
            let persistent = !world.faults.not_persistent;
            world.traces.insert(push.clone(), Trace::Confirmed { persistent });
            if !persistent {
                return Err(DeviceError::NotPersistent { words: "the disk is full".into() });
            }
            world.boot = world.running.clone();
            Ok(())
        })
        .await
    }

    async fn discard(&mut self, push: &PushId) -> Result<(), DeviceError> {
        self.ask(Op::Discard, |world, _, _| {
            if world.pending.as_ref().is_some_and(|p| p.push == *push && p.applied) {
                return Err(DeviceError::Connection("discarding what was applied".into()));
            }
            world.pending.take_if(|p| p.push == *push);
            world.loaded = None;
            world.traces.insert(push.clone(), Trace::Undone { by: Undo::Us });
            Ok(())
        })
        .await
    }

    async fn roll_back(&mut self, push: &PushId) -> Result<(), DeviceError> {
        self.ask(Op::RollBack, |world, now, _| {
            if let Some(pending) = world.pending.take_if(|p| p.push == *push) {
                world.running = pending.before;
                world.traces.insert(push.clone(), Trace::Undone { by: Undo::Us });
                world.note_lines(now);
            }
            match world.traces.get(push) {
                Some(Trace::Undone { .. }) => Ok(()),
                _ => Err(DeviceError::UnknownPush { push: push.to_string() }),
            }
        })
        .await
    }

    async fn trace(&mut self, push: &PushId) -> Result<Trace, DeviceError> {
        self.ask(Op::Trace, |world, now, _| {
            Ok(match &world.pending {
                Some(Pending { push: p, undo_at: Some(at), applied, .. }) if p == push => {
                    Trace::Pending { applied: *applied, seconds_left: at.saturating_sub(now).as_secs() }
                }
                Some(Pending { push: p, applied, .. }) if p == push => Trace::TimerLost { applied: *applied },
                _ => world.traces.get(push).cloned().unwrap_or(Trace::Unknown),
            })
        })
        .await
    }

    async fn close(mut self: Box<Self>) {
        self.end();
    }
}

fn loaded(world: &World, push: &PushId) -> Result<String, DeviceError> {
    match &world.loaded {
        Some((id, text)) if id == push => Ok(text.clone()),
        _ => Err(DeviceError::UnknownPush { push: push.to_string() }),
    }
}
