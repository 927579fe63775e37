//! What must hold on each daemon.

use crate::world::*;
use peerage_devices::{
    DeviceError, Driver, Endpoint, HostKeyRule, HostKeys, Login, Outcome, Platform, PrivateKey, PushId, Ssh, Step,
    SystemClock, Trace, Undo, probe, push, recover, transport::Transport,
};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// One router of the lab and its texts.
struct Router {
    lab: Arc<Lab>,
    node: &'static str,
    platform: Platform,
    good: String,
    /// The session with p2 cannot come up with it.
    breaking: String,
    syntax: String,
    semantic: String,
}

impl Router {
    fn driver(&self) -> impl Driver + 'static {
        driver(self.lab.ssh(self.node), self.platform)
    }

    fn boot_file(&self) -> &'static str {
        match self.platform {
            Platform::Frr => "/etc/frr/frr.conf",
            Platform::Bird => "/etc/bird/peers.d/ixp.conf",
            _ => "/etc/openbgpd/peers.conf",
        }
    }

    async fn boots_with(&self) -> String {
        self.lab.inside(self.node, &format!("cat {} 2>/dev/null", self.boot_file()))
    }

    async fn ten_sessions(&self) {
        let driver = self.driver();
        // a check shows the difference and changes nothing
        let before = driver.connect().await.unwrap().running().await.unwrap();
        let record = carry_out(self.node, &plan("check-1", &self.good, peerage_devices::Mode::Check), &driver).await;
        assert_eq!(record.outcome, Some(Outcome::Checked));
        let diff = record.diff.unwrap();
        assert!(diff.added > 30 && diff.text.contains("198.51.100.105"), "{}", diff.text);
        assert!(!diff.masked().contains("md5-p2-secret"));
        assert_eq!(driver.connect().await.unwrap().running().await.unwrap(), before);

        // what was checked is what is pushed
        let approval =
            peerage_devices::Mode::Push(peerage_devices::Approval::Diff { sha256: record.diff_sha256.unwrap() });
        let record = carry_out(self.node, &plan("push-1", &self.good, approval), &driver).await;
        assert_eq!(record.outcome, Some(Outcome::Confirmed), "{record:?}");
        assert_eq!(
            record.steps.iter().map(|s| s.step).collect::<Vec<_>>(),
            plan("x", "x", run_freely()).steps(&driver.capabilities())
        );
        let start = Instant::now();
        let mut device = driver.connect().await.unwrap();
        let peers = wait_for_established(&mut *device, 10, Duration::from_secs(60)).await;
        println!("       {} ten sessions {:.1} s after the confirmation", self.node, start.elapsed().as_secs_f32());
        let numbers: HashSet<u32> = peers.iter().filter_map(|n| n.remote_as).collect();
        assert_eq!(numbers, [64501, 64502, 64503, 64504, 4_200_000_005].into());
        assert_eq!(peers.iter().filter(|n| n.address.unwrap().is_ipv6()).count(), 5);
        assert!(peers.iter().all(|n| n.description.is_some() && n.seconds.is_some() && n.families.len() == 1));
        assert!(self.boots_with().await.contains("198.51.100.105"), "it does not survive a reboot");
        assert_eq!(device.trace(&PushId::new("push-1").unwrap()).await.unwrap(), Trace::Confirmed { persistent: true });
        // pushed again there is nothing to do
        let record = carry_out(self.node, &plan("push-1b", &self.good, run_freely()), &driver).await;
        assert_eq!(record.outcome, Some(Outcome::NothingToDo), "{:?}", record.diff);
    }

    async fn broken_session_is_taken_back(&self) {
        let driver = self.driver();
        let boot = self.boots_with().await;
        // what a reboot in the middle would come up with
        let meanwhile = Arc::new(std::sync::Mutex::new(String::new()));
        let (seen, lab, node, file) = (meanwhile.clone(), self.lab.clone(), self.node, self.boot_file());
        let plan = plan("push-2", &self.breaking, run_freely());
        let record = carry_out_and(self.node, &plan, &driver, move |event| {
            if is(event, Step::Gate, false) {
                *seen.lock().unwrap() = lab.inside(node, &format!("cat {file}"));
            }
        })
        .await;
        assert_eq!(*meanwhile.lock().unwrap(), boot, "unconfirmed, it would survive a reboot");
        let Some(Outcome::RolledBack { by: Undo::Us, words }) = &record.outcome else { panic!("{:?}", record.outcome) };
        assert!(words.contains("198.51.100.102"), "{words}");
        assert_eq!(record.restored, Some(true));
        assert_eq!(self.boots_with().await, boot);
        let mut device = driver.connect().await.unwrap();
        wait_for_established(&mut *device, 10, Duration::from_secs(60)).await;
        // what became of the push before is known still
        let found = recover(&driver, &PushId::new("push-1").unwrap()).await.unwrap();
        assert_eq!(found.trace, Trace::Confirmed { persistent: true });
    }

    /// The process that would take the change back is killed: noticed, and taken back by us while we can.
    async fn a_killed_timer_is_noticed(&self) {
        let driver = self.driver();
        let (lab, node) = (self.lab.clone(), self.node);
        let text = self.good.replace("AS64501 v4", "AS64501 changed");
        let record = carry_out_and(self.node, &plan("push-10", &text, run_freely()), &driver, move |event| {
            if is(event, Step::Gate, false) {
                lab.inside(node, "pkill -9 -f push-10/deadman.sh");
            }
        })
        .await;
        let Some(Outcome::RolledBack { words, .. }) = &record.outcome else { panic!("{:?}", record.outcome) };
        assert!(words.contains("has ended"), "{words}");
        assert_eq!(record.restored, Some(true));
    }

    /// Someone else's `configure timeout` is not disturbed.
    async fn a_change_by_hand_that_is_not_confirmed_is_left_alone(&self) {
        self.lab.inside(self.node, "birdc configure timeout 4");
        let record = carry_out(self.node, &plan("push-11", &self.breaking, run_freely()), &self.driver()).await;
        assert!(
            matches!(&record.outcome, Some(Outcome::Failed { label, .. }) if label == "other_push_pending"),
            "{:?}",
            record.outcome
        );
        tokio::time::sleep(Duration::from_secs(5)).await;
    }

    async fn faulty_texts_are_refused_before_anything_changes(&self) {
        let driver = self.driver();
        let (running, boot) = (driver.connect().await.unwrap().running().await.unwrap(), self.boots_with().await);
        let record = carry_out(self.node, &plan("push-3", &self.syntax, run_freely()), &driver).await;
        assert!(
            matches!(&record.outcome, Some(Outcome::Failed { label, words }) if label == "syntax_error" && words.contains("line 3")),
            "{:?}",
            record.outcome
        );
        assert!(!record.steps.iter().any(|s| s.step == Step::Arm));
        let record = carry_out(self.node, &plan("push-4", &self.semantic, run_freely()), &driver).await;
        match self.platform {
            // FRR notices while it applies, and is taken back
            Platform::Frr => assert!(
                matches!(&record.outcome, Some(Outcome::RolledBack { by: Undo::Us, .. }))
                    && record.restored == Some(true),
                "{:?}",
                record.outcome
            ),
            _ => assert!(
                matches!(&record.outcome, Some(Outcome::Failed { label, .. }) if label == "semantic_error"),
                "{:?}",
                record.outcome
            ),
        }
        let mut device = driver.connect().await.unwrap();
        assert_eq!(device.running().await.unwrap(), running);
        assert_eq!(self.boots_with().await, boot);
        wait_for_established(&mut *device, 10, Duration::from_secs(60)).await;
    }

    /// The server dies after the change: the device takes it back, and what is left tells so.
    async fn a_dead_client_is_undone(&self) {
        let driver = Arc::new(self.driver());
        let running = driver.connect().await.unwrap().running().await.unwrap();
        let mut plan = plan("push-5", &self.breaking, run_freely());
        plan.timer = Duration::from_secs(8);
        plan.margin = Duration::from_secs(2);
        let id = plan.id.clone();
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let (node, working) = (self.node, driver.clone());
        // in a runtime of its own, which ends without a goodbye to anyone
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async move {
            let observer = Watcher {
                name: node,
                start: Instant::now(),
                on: move |e: &peerage_devices::Event| {
                    if is(e, Step::Apply, true) {
                        let _ = sender.send(());
                    }
                },
            };
            push(&plan, &*working, &SystemClock::default(), &observer, &Default::default()).await;
        });
        tokio::time::timeout(Duration::from_secs(30), receiver.recv()).await.expect("it was not applied");
        runtime.shutdown_background();
        let found = recover(&*driver, &id).await.unwrap();
        assert!(matches!(found.trace, Trace::Pending { applied: true, .. }), "{found:?}");
        // another push is refused meanwhile
        let mut other = driver.connect().await.unwrap();
        // (the lock of the dead goes when its connection does, the unconfirmed push stays in the way)
        let refused = other.lock(&PushId::new("push-6").unwrap()).await.unwrap_err();
        println!("       {} to another push meanwhile: {refused}", self.node);
        assert!(
            matches!(&refused, DeviceError::OtherPending { push, .. } if push == "push-5")
                || matches!(&refused, DeviceError::Locked { by } if by.contains("push-5")),
            "{refused:?}"
        );
        let start = Instant::now();
        let found = loop {
            let found = recover(&*driver, &id).await.unwrap();
            if found.settled {
                break found;
            }
            assert!(start.elapsed() < Duration::from_secs(40), "{found:?}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        println!("       {} after the client's death: {}", self.node, found.words);
        assert_eq!(found.trace, Trace::Undone { by: Undo::Timer });
        let mut device = driver.connect().await.unwrap();
        assert_eq!(device.running().await.unwrap(), running);
        wait_for_established(&mut *device, 10, Duration::from_secs(60)).await;
    }

    /// The push cuts its own way in: the device undoes it, and we see that afterwards.
    async fn a_cut_management_is_undone_by_the_device(&self) {
        let mut ssh = self.lab.ssh(self.node);
        ssh.endpoint.limits.connect = Duration::from_secs(3);
        ssh.endpoint.limits.command = Duration::from_secs(10);
        let driver = driver(ssh, self.platform);
        let mut plan = plan("push-7", "", run_freely());
        plan.timer = Duration::from_secs(12);
        plan.margin = Duration::from_secs(4);
        let (text, by_hand) = match self.platform {
            // zebra itself takes the interface down, and up again when it is told to go back
            Platform::Frr => {
                (self.good.replacen("!\nip route", "!\ninterface mgmt\n shutdown\nexit\n!\nip route", 1), false)
            }
            // these two cannot touch an interface: the cable is pulled when the change is made
            _ => (self.good.replace("AS64501 v4", "AS64501 changed"), true),
        };
        plan.text = text.into();
        let (lab, node) = (self.lab.clone(), self.node);
        let record = carry_out_and(self.node, &plan, &driver, move |event| {
            if by_hand && is(event, Step::Gate, false) {
                lab.inside(node, "ip link set mgmt down; (sleep 16; ip link set mgmt up) >/dev/null 2>&1 &");
            }
        })
        .await;
        let Some(Outcome::RolledBack { by: Undo::Timer, .. }) = &record.outcome else { panic!("{:?}", record.outcome) };
        assert_eq!(record.restored, Some(true));
        let mut device = driver.connect().await.unwrap();
        wait_for_established(&mut *device, 10, Duration::from_secs(60)).await;
    }

    async fn all(&self) {
        self.logins().await;
        self.ten_sessions().await;
        self.faulty_texts_are_refused_before_anything_changes().await;
        self.broken_session_is_taken_back().await;
        self.a_killed_timer_is_noticed().await;
        if self.platform == Platform::Bird {
            self.a_change_by_hand_that_is_not_confirmed_is_left_alone().await;
        }
        self.a_dead_client_is_undone().await;
        self.a_cut_management_is_undone_by_the_device().await;
        self.a_hanging_shell_is_ended().await;
        if self.platform == Platform::OpenBgpd {
            self.sudo_does_not_prompt().await;
        }
        self.a_rotated_host_key_is_refused().await;
    }
}

impl Router {
    async fn logins(&self) {
        let right = self.lab.ssh(self.node);
        let facts = self.driver().connect().await.unwrap().facts().await.unwrap();
        assert_eq!(facts.hostname.as_deref(), Some(self.node));
        assert!(facts.version.contains(&self.platform.to_string()) || facts.version.contains("FRRouting"), "{facts:?}");

        let seen = probe(&self.driver(), &SystemClock::default()).await;
        assert!(seen.is_well() && seen.host_key.is_some() && seen.parts.len() == 4, "{seen:?}");

        // password; the first key seen is accepted and handed over
        let mut ssh = right.clone();
        ssh.login = Login::password(self.lab.text("user"), self.lab.text("password"));
        ssh.host_keys = HostKeys { known: Vec::new(), rule: HostKeyRule::TrustOnFirstUse };
        let seen = ssh.open().await.unwrap().host_key().unwrap();
        assert!(right.host_keys.known.contains(&seen));
        // with one key on record, the device that has three still shows that one
        ssh.host_keys = HostKeys {
            known: vec![right.host_keys.known.iter().find(|k| k.algorithm == "ssh-rsa").unwrap().clone()],
            rule: HostKeyRule::Strict,
        };
        ssh.open().await.unwrap();

        // an encrypted key, without and with its passphrase
        let mut key = PrivateKey { text: self.lab.file("encrypted_key").into(), passphrase: None };
        ssh.login = Login::key(self.lab.text("user"), key.clone());
        assert!(failure(&ssh).await.to_string().contains("no passphrase"));
        key.passphrase = Some("wrong".into());
        ssh.login = Login::key(self.lab.text("user"), key.clone());
        assert_eq!(failure(&ssh).await.label(), "key_unreadable");
        key.passphrase = Some(self.lab.text("encrypted_key_passphrase").into());
        ssh.login = Login::key(self.lab.text("user"), key);
        ssh.open().await.unwrap();

        // pushes that do not get in: each says why, and nothing is changed
        for (ssh, label, words) in [
            (
                Ssh { login: Login::password("netops", "wrong-password"), ..right.clone() },
                "login_refused",
                "refuses the login of netops",
            ),
            (
                Ssh { endpoint: Endpoint::new("198.18.107.250", 22), ..right.clone() },
                "unreachable",
                "198.18.107.250:22 cannot be reached",
            ),
            (
                Ssh { endpoint: Endpoint::new(self.lab.host(self.node), 23), ..right.clone() },
                "unreachable",
                "connection refused",
            ),
        ] {
            let mut ssh = ssh;
            ssh.endpoint.limits.connect = Duration::from_secs(2);
            let record =
                carry_out(self.node, &plan("push-0", &self.good, run_freely()), &driver(ssh, self.platform)).await;
            let Some(Outcome::Failed { label: is, words: said }) = &record.outcome else {
                panic!("{:?}", record.outcome)
            };
            assert_eq!(is, label);
            assert!(said.contains(words) && !said.contains("wrong-password"), "{said}");
        }

        // while another holds the lock
        let driver = self.driver();
        let mut holder = driver.connect().await.unwrap();
        holder.lock(&PushId::new("push-of-another").unwrap()).await.unwrap();
        let record = carry_out(self.node, &plan("push-0", &self.good, run_freely()), &driver).await;
        assert!(
            matches!(&record.outcome, Some(Outcome::Failed { label, words }) if label == "locked" && words.contains("push-of-another")),
            "{:?}",
            record.outcome
        );
        holder.close().await;

        // what an unconfirmed push leaves behind when the device reboots
        self.lab.inside(
            self.node,
            "d=/var/tmp/peerage-4001/push-boot; mkdir $d; echo applied >$d/phase; echo another >$d/boot; chown -R 4001 $d",
        );
        let found = recover(&driver, &PushId::new("boot").unwrap()).await.unwrap();
        assert_eq!(found.trace, Trace::Undone { by: Undo::Reboot });
    }

    /// A login whose shell never comes back.
    async fn a_hanging_shell_is_ended(&self) {
        self.lab.inside(self.node, "echo 'sleep 30' >/home/netops/.bashrc");
        let mut ssh = self.lab.ssh(self.node);
        ssh.endpoint.limits.command = Duration::from_secs(2);
        let start = Instant::now();
        let record =
            carry_out(self.node, &plan("push-8", &self.breaking, run_freely()), &driver(ssh, self.platform)).await;
        self.lab.inside(self.node, "rm /home/netops/.bashrc");
        assert!(
            matches!(&record.outcome, Some(Outcome::Failed { label, words }) if label == "timed_out" && words.contains("no answer within 2 seconds")),
            "{:?}",
            record.outcome
        );
        assert!(start.elapsed() < Duration::from_secs(10));
        wait_for_established(&mut *self.driver().connect().await.unwrap(), 10, Duration::from_secs(5)).await;
    }

    /// sudo that would ask for a password does not, and says so.
    async fn sudo_does_not_prompt(&self) {
        self.lab.inside(self.node, "mv /etc/sudoers.d/plab /etc/plab.aside");
        let mut device = self.driver().connect().await.unwrap();
        let start = Instant::now();
        let error = device.neighbours().await.unwrap_err();
        self.lab.inside(self.node, "mv /etc/plab.aside /etc/sudoers.d/plab");
        assert!(error.label() == "sudo_refused" && start.elapsed() < Duration::from_secs(5), "{error}");
    }

    async fn a_rotated_host_key_is_refused(&self) {
        self.lab.run(&["rotate-hostkey", self.node]);
        let mut ssh = self.lab.ssh(self.node);
        // its sshd starts anew
        for _ in 0..50 {
            if failure(&ssh).await.label() != "unreachable" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let record =
            carry_out(self.node, &plan("push-9", &self.breaking, run_freely()), &driver(ssh.clone(), self.platform))
                .await;
        let Some(Outcome::Failed { label, words }) = &record.outcome else { panic!("{:?}", record.outcome) };
        assert_eq!(label, "host_key_changed");
        assert!(words.matches("SHA256:").count() == 2, "{words}");
        // accepted by the caller, it goes on
        let DeviceError::HostKeyChanged { observed, .. } = failure(&ssh).await else { panic!() };
        ssh.host_keys.known = vec![observed];
        let mut device = driver(ssh, self.platform).connect().await.unwrap();
        wait_for_established(&mut *device, 10, Duration::from_secs(5)).await;
    }
}

/// Why it is not let in.
async fn failure(ssh: &Ssh) -> DeviceError {
    ssh.open().await.err().expect("it was let in")
}

/// One test, because test runners that give each test a process of its own would start the lab three times.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn each_daemon_is_pushed_to_and_takes_bad_pushes_back() {
    let Some(lab) = Lab::up("7") else { return };
    let routers = [frr(lab.clone()), bird(lab.clone()), openbgpd(lab.clone())];
    let all: Vec<_> = routers.map(|router| (router.node, tokio::spawn(async move { router.all().await }))).into();
    let mut failed = Vec::new();
    for (node, router) in all {
        if router.await.is_err() {
            failed.push(node);
        }
    }
    assert!(failed.is_empty(), "see above what failed on {failed:?}");
}

fn frr(lab: Arc<Lab>) -> Router {
    let good = lab.example("r1-frr.conf");
    Router {
        node: "r1",
        platform: Platform::Frr,
        breaking: good
            .replace("neighbor 198.51.100.102 password md5-p2-secret", "neighbor 198.51.100.102 password wrong"),
        syntax: good.replacen("log file /var/log/frr/frr.log", "lock file /var/log/frr/frr.log", 1),
        semantic: good.replace("router bgp 64500\n", "router bgp 64500\n neighbor 198.51.100.99 description nobody\n"),
        good,
        lab,
    }
}

fn bird(lab: Arc<Lab>) -> Router {
    let good = lab.example("r2-bird-peers.conf");
    Router {
        node: "r2",
        platform: Platform::Bird,
        breaking: good.replace(
            "neighbor 198.51.100.102 as 64502;\n  password \"md5-p2-secret\"",
            "neighbor 198.51.100.102 as 64502;\n  password \"wrong\"",
        ),
        syntax: good.replacen("template bgp ixp {", "templat bgp ixp {", 1),
        semantic: good.replacen("  local as 64500;\n", "", 1),
        good,
        lab,
    }
}

fn openbgpd(lab: Arc<Lab>) -> Router {
    let good = lab.example("r3-openbgpd-peers.conf");
    Router {
        node: "r3",
        platform: Platform::OpenBgpd,
        // it keeps a session whose AS or password changes until it drops; so the neighbour goes
        breaking: {
            let at = good.find("  neighbor 198.51.100.102 {").unwrap();
            let end = at + good[at..].find("  }\n").unwrap() + 4;
            format!("{}{}", &good[..at], &good[end..])
        },
        syntax: good.replacen("  holdtime 30", "  holdtim 30", 1),
        semantic: good
            .replacen("group \"ixp\" {\n", "group \"ixp\" {\n  export default-route\n  local-address 192.0.2.1\n", 1)
            .replacen("remote-as 64501", "", 1),
        good,
        lab,
    }
}
