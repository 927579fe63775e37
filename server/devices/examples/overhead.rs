//! What a push costs beyond the device's own time: where its seconds go. Pushes two configurations in turns to a real router:
//!
//! `cargo run --release -p peerage-devices --example overhead PLATFORM HOST USER PASSWORD-FILE FIRST SECOND [TIMES]`
//!
//! For each push: all of it; what it waited for on purpose (the health gate); how long the commands themselves ran on the
//! device, by its own clock; what SSH cost (connections made, and what each command took longer than it ran); and the rest,
//! which is ours. The router's host key is taken as it comes: only for routers that nobody depends on.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use peerage_devices::{
    Approval, Clock, DeviceError, Endpoint, Gate, HostKey, HostKeyRule, HostKeys, Login, Mode, Places, Plan, Platform,
    PushId, ShellDriver, Ssh, SystemClock, Unobserved, push,
    transport::{Command, Held, Output, Session, Transport},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// What was spent where.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    connecting: Duration,
    /// From sending a command to its end.
    commands: Duration,
    /// The same as the device counts it.
    on_device: Duration,
    connections: u32,
    count: u32,
}

type Ledger = Arc<Mutex<Spent>>;

fn note(ledger: &Ledger, change: impl FnOnce(&mut Spent)) {
    change(&mut ledger.lock().unwrap_or_else(PoisonError::into_inner));
}

struct Counted(Ssh, Ledger);

#[async_trait]
impl Transport for Counted {
    async fn open(&self) -> Result<Box<dyn Session>, DeviceError> {
        let began = Instant::now();
        let session = self.0.open().await?;
        note(&self.1, |spent| {
            spent.connecting += began.elapsed();
            spent.connections += 1;
        });
        Ok(Box::new(CountedSession(session, self.1.clone())))
    }
}

struct CountedSession(Box<dyn Session>, Ledger);

const MARK: &str = "@ran ";

#[async_trait]
impl Session for CountedSession {
    async fn run(&self, mut command: Command) -> Result<Output, DeviceError> {
        command.line = format!(
            "s=$(date +%s%N); ( {} ); r=$?; echo \"{MARK}$(( $(date +%s%N) - s ))\" >&2; exit $r",
            command.line
        );
        let began = Instant::now();
        let output = self.0.run(command).await?;
        let ran = output.stderr.lines().find_map(|line| line.strip_prefix(MARK)?.trim().parse().ok()).unwrap_or(0);
        note(&self.1, |spent| {
            spent.commands += began.elapsed();
            spent.on_device += Duration::from_nanos(ran);
            spent.count += 1;
        });
        Ok(output)
    }

    async fn hold(&self, command: Command) -> Result<(String, Box<dyn Held>), DeviceError> {
        let began = Instant::now();
        let held = self.0.hold(command).await;
        note(&self.1, |spent| {
            spent.commands += began.elapsed();
            spent.count += 1;
        });
        held
    }

    fn host_key(&self) -> Option<HostKey> {
        self.0.host_key()
    }

    async fn close(&self) {
        self.0.close().await;
    }
}

/// Counts what is slept.
#[derive(Default)]
struct Sleeper(SystemClock, Mutex<Duration>);

#[async_trait]
impl Clock for Sleeper {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        let began = Instant::now();
        self.0.sleep(time).await;
        *self.1.lock().unwrap_or_else(PoisonError::into_inner) += began.elapsed();
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [platform, host, user, password, first, second, times @ ..] = words.as_slice() else {
        return Err("PLATFORM HOST USER PASSWORD-FILE FIRST SECOND [TIMES]".into());
    };
    let platform: Platform = platform.parse()?;
    let password = std::fs::read_to_string(password)?;
    let texts = [std::fs::read_to_string(first)?, std::fs::read_to_string(second)?];
    let times: usize = times.first().map_or(Ok(4), |times| times.parse())?;
    for at in 0..times {
        let ledger = Ledger::default();
        let ssh = Ssh {
            endpoint: Endpoint::new(host.as_str(), 22),
            login: Login::password(user.as_str(), password.trim_end()),
            host_keys: HostKeys { known: Vec::new(), rule: HostKeyRule::TrustOnFirstUse },
        };
        let driver = ShellDriver::new(platform, Arc::new(Counted(ssh, ledger.clone())), Places::of(platform));
        let id = PushId::new(format!("overhead-{}-{at}", std::process::id()))?;
        let mode = Mode::Push(Approval::Bounded { foreign_removed: usize::MAX });
        // as long as it must, not as long as is wise
        let gate = Gate { settle: Duration::from_secs(1), every: Duration::from_secs(1), ..Gate::default() };
        let plan = Plan { gate, ..Plan::new(id, texts[at % 2].as_str(), mode) };
        let (clock, began) = (Sleeper::default(), Instant::now());
        let record = push(&plan, &driver, &clock, &Unobserved, &CancellationToken::new()).await;
        let whole = began.elapsed();
        let waited = *clock.1.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = *ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let ssh = spent.connecting + spent.commands.saturating_sub(spent.on_device);
        let ours = whole.saturating_sub(waited + spent.connecting + spent.commands);
        let worked = whole.saturating_sub(waited).as_secs_f64();
        println!(
            "{platform}: {:.2} s in all, {:.2} s waited on purpose; device {:.2} s ({:.0} %), SSH {:.2} s ({:.0} %; {} connections, {} commands), ours {:.3} s ({:.1} %); {}",
            whole.as_secs_f64(),
            waited.as_secs_f64(),
            spent.on_device.as_secs_f64(),
            spent.on_device.as_secs_f64() * 100.0 / worked,
            ssh.as_secs_f64(),
            ssh.as_secs_f64() * 100.0 / worked,
            spent.connections,
            spent.count,
            ours.as_secs_f64(),
            ours.as_secs_f64() * 100.0 / worked,
            record.outcome.as_ref().map(|outcome| outcome.words(false)).unwrap_or_default()
        );
    }
    Ok(())
}
