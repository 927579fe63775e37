//! The lab with real daemons, and a few words to write pushes with.

use async_trait::async_trait;
use peerage_devices::{
    Clock, Device, Driver, Endpoint, Event, EventKind, HostKey, HostKeyRule, HostKeys, Login, Mode, Neighbour,
    Observer, Places, Plan, Platform, PrivateKey, PushId, Record, ShellDriver, Ssh, Step, SystemClock, push,
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

const LAB_ID: &str = "7";

pub struct Lab {
    script: PathBuf,
    info: Value,
}

impl Lab {
    /// The lab, started; `None`, with a line that says why, where there cannot be one. It goes down with the last who has it.
    pub fn up() -> Option<Arc<Lab>> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/lab/lab.sh");
        if !script.exists() {
            println!("SKIPPED: the lab is not here (shared/lab beside the checkout)");
            return None;
        }
        if !Command::new("unshare").args(["--net", "--mount", "true"]).output().is_ok_and(|o| o.status.success()) {
            println!("SKIPPED: no network namespaces for this user, so no lab");
            return None;
        }
        let run = |verb: &str| Command::new(&script).arg(verb).env("LAB_ID", LAB_ID).output().unwrap();
        run("down");
        let up = run("up");
        assert!(up.status.success(), "the lab does not come up: {}", String::from_utf8_lossy(&up.stderr));
        let info = serde_json::from_slice(&up.stdout).unwrap();
        Some(Arc::new(Lab { script, info }))
    }

    pub fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.script).args(arguments).env("LAB_ID", LAB_ID).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Run a shell command inside a node.
    pub fn inside(&self, node: &str, script: &str) -> String {
        self.run(&["exec", node, "sh", "-c", script])
    }

    pub fn example(&self, file: &str) -> String {
        std::fs::read_to_string(self.script.with_file_name("examples").join(file)).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        self.info[name].as_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.text(name)).unwrap()
    }

    pub fn host(&self, node: &str) -> String {
        self.info["nodes"][node]["ssh"].as_str().unwrap().trim_end_matches(":22").to_owned()
    }

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

impl Drop for Lab {
    fn drop(&mut self) {
        self.run(&["down"]);
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
        record.outcome.as_ref().unwrap().words()
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
