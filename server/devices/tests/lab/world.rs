//! The lab with real daemons, and a few words to write pushes with.

pub use crate::lab::Lab;
use async_trait::async_trait;
use peerage_devices::{
    Clock, Device, Driver, Endpoint, Event, EventKind, HostKey, HostKeyRule, HostKeys, Login, Mode, Neighbour,
    Observer, Places, Plan, Platform, PrivateKey, PushId, Record, ShellDriver, Ssh, Step, SystemClock, push,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

impl Lab {
    pub fn host_keys(&self, node: &str) -> Vec<HostKey> {
        let host = self.host(node);
        self.file("known_hosts")
            .lines()
            .filter(|l| l.split(' ').next() == Some(host.as_str()))
            .map(|l| HostKey::parse(l).unwrap())
            .collect()
    }

    /// The way in that the tests use: by key, host keys known.
    pub fn ssh(&self, node: &str) -> Ssh {
        let key = PrivateKey { text: self.file("key").into(), passphrase: None };
        Ssh {
            endpoint: Endpoint::new(self.host(node), 22),
            login: Login::key(self.text("user"), key),
            host_keys: HostKeys { known: self.host_keys(node), rule: HostKeyRule::Strict },
        }
    }
}

pub fn driver(ssh: Ssh, platform: Platform) -> ShellDriver {
    ShellDriver::new(platform, Arc::new(ssh), Places::of(platform))
}

/// Prints every event with the time since the start, and calls `on` with it.
pub struct Watcher<F: Fn(&Event) + Send + Sync> {
    pub name: &'static str,
    pub start: Instant,
    pub on: F,
}

#[async_trait]
impl<F: Fn(&Event) + Send + Sync> Observer for Watcher<F> {
    fn tell(&self, event: &Event) {
        let sign = match event.kind {
            EventKind::Started => "begin",
            EventKind::Note { .. } => "     ",
            EventKind::Finished { .. } => "end  ",
            EventKind::Failed { .. } => "FAIL ",
        };
        println!("{:>6.1} {} {sign} {}: {}", self.start.elapsed().as_secs_f32(), self.name, event.step, event.words);
        (self.on)(event);
    }
}

/// A plan with a short timer: 24 seconds, of which the gate watches 14.
pub fn plan(id: &str, text: &str, mode: Mode) -> Plan {
    let mut plan = Plan::new(PushId::new(id).unwrap(), text, mode);
    plan.timer = Duration::from_secs(24);
    plan.margin = Duration::from_secs(10);
    plan
}

pub fn run_freely() -> Mode {
    Mode::Push(peerage_devices::Approval::Bounded { foreign_removed: usize::MAX })
}

pub async fn carry_out(name: &'static str, plan: &Plan, driver: &dyn Driver) -> Record {
    carry_out_and(name, plan, driver, |_| {}).await
}

pub async fn carry_out_and(
    name: &'static str,
    plan: &Plan,
    driver: &dyn Driver,
    on: impl Fn(&Event) + Send + Sync,
) -> Record {
    let clock = SystemClock::default();
    let observer = Watcher { name, start: Instant::now(), on };
    let record = push(plan, driver, &clock, &observer, &CancellationToken::new()).await;
    println!(
        "{:>6.1} {name} {} -> {}",
        clock.elapsed().as_secs_f32(),
        plan.id,
        record.outcome.as_ref().unwrap().words(false)
    );
    record
}

/// The neighbours, asked for again and again until so many are established.
pub async fn wait_for_established(device: &mut dyn Device, wanted: usize, within: Duration) -> Vec<Neighbour> {
    let start = Instant::now();
    loop {
        let now = device.neighbours().await.unwrap();
        let up = now.iter().filter(|n| n.is_established()).count();
        if up == wanted {
            return now;
        }
        assert!(
            start.elapsed() < within,
            "{up} of {wanted} established after {within:?}: {:?}",
            now.iter().filter(|n| !n.is_established()).collect::<Vec<_>>()
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

pub fn is(event: &Event, step: Step, finished: bool) -> bool {
    event.step == step
        && matches!(event.kind, EventKind::Finished { .. }) == finished
        && (finished || event.kind == EventKind::Started)
}
