//! What must hold on each daemon, through the product.

use crate::{
    lab::Lab,
    office::{LOGIN, Office, Router, SECRETS, get, list, raw, save},
    running::{Server, eventually},
};
use serde_json::{Value as Json, json};
use std::{
    process::Output,
    thread,
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// One router, as its operator sees it.
struct Desk<'a> {
    office: &'a Office,
    router: &'a Router,
}

impl Desk<'_> {
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let began = Instant::now();
        let output = self.office.at.run(arguments);
        let (well, words) = (output.status.success(), words(&output));
        println!("{:>5.1} s {} {arguments:?} -> {well}\n{words}", began.elapsed().as_secs_f32(), self.router.node);
        (well, words)
    }

    fn expect(&self, arguments: &[&str]) -> String {
        let (well, words) = self.run(arguments);
        assert!(well, "{} {arguments:?}: {words}", self.router.node);
        words
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let (well, words) = self.run(arguments);
        assert!(!well, "{} {arguments:?}: {words}", self.router.node);
        words
    }

    fn has_text(&self, server: &Server, text: &str) {
        let version = get(server, "devices.configuration", self.router.template)["version"].clone();
        let fields = json!({"template": raw(text)});
        save(
            server,
            json!({"type": "devices.configuration", "id": self.router.template, "version": version, "fields": fields}),
        );
    }

    fn edit(&self, server: &Server, fields: Json) {
        let version = get(server, "devices.router", self.router.id)["version"].clone();
        save(server, json!({"type": "devices.router", "id": self.router.id, "version": version, "fields": fields}));
    }

    fn fingerprint(&self) -> String {
        let test = self.refused(&["device", "test", "--router", self.router.node]);
        let shown = test.split_whitespace().rfind(|word| word.starts_with("SHA256:"));
        shown.unwrap_or_else(|| panic!("no fingerprint in {test}")).trim_end_matches(['.', ',']).to_owned()
    }

    /// The number of the newest check or push.
    fn newest(&self, server: &Server) -> Json {
        let mut rows = list(server, "devices.push", &format!("router:{}", self.router.id));
        rows.sort_by_key(|row| row["id"].as_i64());
        let id = rows.last().unwrap()["id"].as_i64().unwrap();
        get(server, "devices.push", id)
    }

    fn check(&self, server: &Server) -> String {
        self.expect(&["push", "--router", self.router.node, "--check"]);
        self.newest(server)["id"].to_string()
    }

    fn ten_are_established(&self) {
        let poll = || self.office.at.run(&["poll", "--router", self.router.node]);
        eventually("ten sessions", 2 * MINUTE, || words(&poll()).contains("10 of 10 sessions are established"));
    }

    fn sessions(&self, server: &Server) -> Vec<Json> {
        let all = list(
            server,
            "peering.internetexchangepeeringsession",
            &format!("ixp_connection.router:{}", self.router.id),
        );
        assert_eq!(all.len(), 10);
        all
    }

    // ---- what is tried ----

    fn is_known_by_its_host_key(&self, server: &Server) {
        let node = self.router.node;
        let test = self.refused(&["device", "test", "--router", node]);
        assert!(test.contains("is not known yet"), "{test}");
        let poll = self.refused(&["poll", "--router", node]);
        assert!(poll.contains("is not known yet"), "{poll}");
        let other = self.refused(&["device", "accept", "--router", node, "SHA256:something"]);
        assert!(other.contains("another key"), "{other}");
        let offered =
            || server.call("devices/beside", &json!({"router": self.router.id})).unwrap().json()["offered"].clone();
        assert!(offered()[1].as_str().is_some_and(|print| print.starts_with("SHA256:")), "{}", offered());
        self.expect(&["device", "accept", "--router", node, &self.fingerprint()]);
        assert!(offered().is_null(), "what was accepted is not asked again: {}", offered());
        let test = self.expect(&["device", "test", "--router", node]);
        assert!(test.contains("can be worked with"), "{test}");
    }

    fn is_pushed_ten_sessions(&self, server: &Server) {
        let node = self.router.node;
        let before = self.expect(&["poll", "--router", node]);
        assert!(before.contains("0 of 10 sessions are established, 10 are not on it"), "{before}");
        assert!(self.sessions(server).iter().all(|session| session["bgp_state"] == "absent"));
        // nobody agreed
        let asked = self.refused(&["push", "--router", node, "--reason", "The first ten"]);
        assert!(asked.contains("198.51.100.105") && asked.contains("it was not agreed to"), "{asked}");
        let check = self.newest(server)["id"].to_string();
        let push = self.expect(&["push", "--router", node, "--approve", &check, "--reason", "The first ten"]);
        assert!(push.contains("Pushed and confirmed"), "{push}");
        self.ten_are_established();
        let again = self.expect(&["push", "--router", node, "--check"]);
        assert!(again.contains("nothing to change"), "{again}");

        let record = self.newest_push(server);
        assert_eq!((&record["outcome"], &record["reason"]), (&json!("confirmed"), &json!("The first ten")));
        assert_eq!(record["user_name"], "command line");
        let steps: Vec<&str> =
            record["steps"].as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap()).collect();
        assert_eq!(
            steps,
            [
                "connect",
                "lock",
                "read what is there",
                "load",
                "check",
                "compare",
                "start the timer",
                "apply",
                "watch the sessions",
                "confirm"
            ]
        );
        for name in ["text_sha256", "diff_sha256", "software", "host_key", "undo_at", "ended", "evidence"] {
            assert!(!record[name].is_null() && record[name] != "", "{name} is missing: {record}");
        }
        for session in self.sessions(server) {
            assert_eq!(session["bgp_state"], "established", "{session}");
            let whole = get(server, "peering.internetexchangepeeringsession", session["id"].as_i64().unwrap());
            assert!(whole["state_since"].is_string() || whole["state_since"].is_i64(), "{whole}");
            assert!(
                ["received_prefix_count", "accepted_prefix_count"].iter().any(|count| whole[count].as_i64() > Some(0)),
                "{whole}"
            );
            // an observation is nobody's edit
            assert_eq!(whole["version"], 1, "{whole}");
        }
        let changes = list(server, "peering.sessiontransition", &format!("router:{}", self.router.id));
        assert!(changes.iter().filter(|change| change["after"] == "established").count() >= 10, "{changes:?}");
        let beside = server.call("devices/beside", &json!({"router": self.router.id})).unwrap().json();
        let verdicts: Vec<&Json> = beside["rows"].as_array().unwrap().iter().map(|row| &row["verdict"]).collect();
        assert_eq!(verdicts, vec!["same"; 10], "{beside}");
    }

    fn newest_push(&self, server: &Server) -> Json {
        let rows = list(server, "devices.push", &format!("router:{} mode:push", self.router.id));
        let id = rows.iter().filter_map(|row| row["id"].as_i64()).max().unwrap();
        get(server, "devices.push", id)
    }

    fn takes_a_breaking_push_back(&self, server: &Server) {
        let node = self.router.node;
        self.has_text(server, &self.router.breaking);
        let check = self.check(server);
        let arguments = ["push", "--router", node, "--approve", &check, "--reason", "It breaks p2", "--timer", "24"];
        let push = self.refused(&arguments);
        assert!(push.contains("Taken back") && push.contains("198.51.100.102"), "{push}");
        assert_eq!(self.newest_push(server)["outcome"], "rolled-back");
        self.has_text(server, &self.router.good);
        self.ten_are_established();
        let check = self.expect(&["push", "--router", node, "--check"]);
        assert!(check.contains("nothing to change"), "{check}");
    }

    fn refuses_what_its_daemon_does_not_read(&self, server: &Server) {
        self.has_text(server, &self.router.faulty);
        let check = self.refused(&["push", "--router", self.router.node, "--check"]);
        assert!(check.contains("syntax error"), "{check}");
        // a template at fault is no configuration
        let version = get(server, "devices.configuration", self.router.template)["version"].clone();
        let fields = json!({"template": "{{ router.nothing.at.all }}{% for x in %}"});
        let id = self.router.template;
        let edit =
            json!({"type": "devices.configuration", "id": id, "version": version, "fields": fields, "insist": true});
        save(server, edit);
        let check = self.refused(&["push", "--router", self.router.node, "--check"]);
        assert!(check.contains("Syntax error at line 1"), "{check}");
        assert_eq!(self.newest(server)["outcome"], "refused");
        self.has_text(server, &self.router.good);
    }

    /// What it cannot mean is refused before the change or, where the daemon finds out too late, taken back.
    fn does_not_keep_what_makes_no_sense(&self, server: &Server) {
        let node = self.router.node;
        self.has_text(server, &self.router.senseless);
        if node == "r1" {
            let check = self.check(server);
            let push = self.refused(&["push", "--router", node, "--approve", &check, "--reason", "It makes no sense"]);
            assert!(push.contains("Taken back: applying failed"), "{push}");
            assert_eq!(self.newest_push(server)["outcome"], "rolled-back");
        } else {
            let check = self.refused(&["push", "--router", node, "--check"]);
            assert!(check.contains("The device is as before"), "{check}");
            assert_eq!(self.newest(server)["outcome"], "failed");
        }
        self.has_text(server, &self.router.good);
        self.ten_are_established();
        let check = self.expect(&["push", "--router", node, "--check"]);
        assert!(check.contains("nothing to change"), "{check}");
    }

    /// A login that never answers, and one that is cut off in the middle of its answer: what was seen before stays.
    fn survives_a_shell_that_hangs_or_is_cut_off(&self, server: &Server) {
        let node = self.router.node;
        self.edit(server, json!({"napalm_timeout": 4}));
        let shell = |text: &str| {
            let lab = &self.office.lab;
            lab.inside(node, &format!("printf '%s\\n' '#!/bin/sh' '{text}' >/etc/login; chmod 755 /etc/login"));
            lab.inside(node, "sed -i 's#^\\(netops:.*:\\)[^:]*$#\\1/etc/login#' /etc/passwd");
        };
        for (text, words) in [
            ("exec sleep 600", "no answer within 4 s"),
            // as the connection does when a router reboots
            (r#"bash "$@" | head -c 40; kill -9 $PPID"#, "the connection"),
        ] {
            shell(text);
            let poll = self.refused(&["poll", "--router", node]);
            assert!(poll.contains(words), "{poll}");
            let check = self.refused(&["push", "--router", node, "--check"]);
            assert!(check.contains(words) && check.contains("The device is as before"), "{check}");
            assert_ne!(get(server, "devices.router", self.router.id)["reachability"], "answers");
            assert!(self.sessions(server).iter().all(|session| session["bgp_state"] == "established"));
        }
        self.office.lab.inside(node, "sed -i 's#^\\(netops:.*:\\)[^:]*$#\\1/bin/bash#' /etc/passwd");
        self.edit(server, json!({"napalm_timeout": 20}));
        self.ten_are_established();
    }

    /// The one who pushes can be cut off by what they push: the device goes back by itself, and that is noticed.
    fn goes_back_by_itself_when_it_is_cut_off(&self, server: &Server) {
        let node = self.router.node;
        self.has_text(server, &self.router.good.replace("AS64501 v4", "AS64501 once more"));
        let check = self.check(server);
        let lab = self.office.lab.clone();
        let id = self.router.id;
        let cut = |server: &Server| {
            eventually("it was applied", MINUTE, || step_is(server, id, "watch the sessions", true));
            lab.inside(node, "ip link set mgmt down; (sleep 26; ip link set mgmt up) >/dev/null 2>&1 &");
        };
        let push = thread::scope(|scope| {
            let pushed = scope.spawn(|| {
                self.refused(&[
                    "push",
                    "--router",
                    node,
                    "--approve",
                    &check,
                    "--reason",
                    "It cuts the management",
                    "--timer",
                    "20",
                ])
            });
            cut(server);
            pushed.join().unwrap()
        });
        assert!(push.contains("The device took it back by itself"), "{push}");
        self.has_text(server, &self.router.good);
        self.ten_are_established();
    }

    fn is_known_again_after_its_host_key_was_rotated(&self, server: &Server) {
        let node = self.router.node;
        self.office.lab.run(&["rotate-hostkey", node]);
        let mut poll = String::new();
        eventually("it answers again", MINUTE, || {
            poll = self.refused(&["poll", "--router", node]);
            !poll.contains("cannot be reached")
        });
        assert!(poll.contains("has changed") && poll.matches("SHA256:").count() >= 2, "{poll}");
        assert_eq!(get(server, "devices.router", self.router.id)["reachability"], "host-key");
        // nothing is pushed to it either, and what was seen of its sessions stays
        let check = self.refused(&["push", "--router", node, "--check"]);
        assert!(check.contains("has changed"), "{check}");
        assert!(self.sessions(server).iter().all(|session| session["bgp_state"] == "established"));
        self.expect(&["device", "accept", "--router", node, &self.fingerprint()]);
        self.ten_are_established();
        let changes = list(server, "core.objectchange", "changed_object_type:devices.hostkey");
        assert!(
            changes.iter().any(|change| change["action"] == "delete" && change["user_name"] == "command line"),
            "{changes:?}"
        );
    }

    fn says_why_it_does_not_answer(&self, server: &Server) {
        let node = self.router.node;
        self.edit(server, json!({"napalm_password": "not-the-password"}));
        let poll = self.refused(&["poll", "--router", node]);
        assert!(
            poll.contains("refuses the login") && !poll.contains("not-the-password") && !poll.contains(LOGIN),
            "{poll}"
        );
        assert_eq!(get(server, "devices.router", self.router.id)["reachability"], "login-refused");
        self.edit(server, json!({"napalm_password": self.office.lab.text("password"), "napalm_args": {"port": 23}}));
        let test = self.refused(&["device", "test", "--router", node]);
        assert!(test.contains("connection refused"), "{test}");
        assert_eq!(get(server, "devices.router", self.router.id)["reachability"], "unreachable");
        self.edit(server, json!({"napalm_args": null}));
        self.ten_are_established();
    }
}

/// Whether the newest push of a router has begun, or ended, such a step.
fn step_is(server: &Server, router: i64, name: &str, begun: bool) -> bool {
    let rows = list(server, "devices.push", &format!("router:{router} mode:push"));
    let Some(id) = rows.iter().filter_map(|row| row["id"].as_i64()).max() else { return false };
    let push = get(server, "devices.push", id);
    let steps = push["steps"].as_array().cloned().unwrap_or_default();
    push["outcome"].is_null()
        && steps.iter().any(|step| step["name"] == name && (begun || !step["milliseconds"].is_null()))
}

/// The server dies between applying and confirming; the one that comes next says so, and takes it back.
fn a_killed_server_is_made_up_for(office: &Office, mut server: Server) -> Server {
    let pushes: Vec<(&Router, i64)> = office
        .routers
        .iter()
        .map(|router| {
            let desk = Desk { office, router };
            desk.has_text(&server, &router.good.replace("AS64501 v4", "AS64501 after the crash"));
            let check = desk.check(&server).parse().unwrap();
            (router, check)
        })
        .collect();
    for (_, check) in &pushes {
        let answer = server.call("devices/push", &json!({"check": check, "reason": "The server dies"})).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    eventually("all are applied and not confirmed", MINUTE, || {
        pushes.iter().any(|(router, _)| step_is(&server, router.id, "watch the sessions", true))
    });
    server.kill();
    server = office.serve();
    for (router, _) in &pushes {
        let desk = Desk { office, router };
        eventually("it has an outcome", 2 * MINUTE, || !desk.newest_push(&server)["outcome"].is_null());
        let push = desk.newest_push(&server);
        println!("{}: {} {}", router.node, push["outcome"], push["words"]);
        // none was confirmed by whoever came next; one whose server died before the change was not made
        assert!(push["outcome"] == "rolled-back" || push["outcome"] == "failed", "{push}");
        assert!(push["words"].as_str().unwrap().contains("cut off"), "{push}");
        desk.has_text(&server, &router.good);
        desk.ten_are_established();
        let check = desk.expect(&["push", "--router", router.node, "--check"]);
        assert!(check.contains("nothing to change"), "{check}");
    }
    let outcomes: Vec<Json> =
        pushes.iter().map(|(router, _)| Desk { office, router }.newest_push(&server)["outcome"].clone()).collect();
    assert!(outcomes.iter().any(|outcome| outcome == "rolled-back"), "{outcomes:?}");
    server
}

/// Everything that was written and said, behind the product's back and before it.
fn no_secret_was_told(office: &Office, server: Server) {
    let mut told = vec![("the log".to_owned(), office.at.log())];
    for of in
        ["core.job", "core.jobline", "core.objectchange", "devices.push", "devices.router", "peering.sessiontransition"]
    {
        if of != "core.jobline" {
            let rows = list(&server, of, "");
            assert!(!rows.is_empty(), "{of}");
            for row in rows {
                told.push((of.to_owned(), get(&server, of, row["id"].as_i64().unwrap()).to_string()));
            }
        }
    }
    told.push(("the lines of jobs".to_owned(), office.at.texts("SELECT text FROM core_jobline").join("\n")));
    told.push((
        "differences for all".to_owned(),
        office.at.texts("SELECT masked_diff FROM devices_push WHERE masked_diff IS NOT NULL").join("\n"),
    ));
    told.push(("metrics".to_owned(), server.get("/metrics").unwrap().body));
    let masked = &told.iter().find(|(place, _)| place == "differences for all").unwrap().1;
    assert!(masked.contains("198.51.100.102") && masked.contains("********"), "{masked}");
    for (place, text) in &told {
        for secret in SECRETS.iter().chain(&["wrong-md5", "not-the-password"]) {
            // the template of a broken push had its wrong password in clear: it is the operator's own text
            assert!(
                *secret == "wrong-md5" && place == "core.objectchange" || !text.contains(secret),
                "{secret} stands in {place}: {text}"
            );
        }
        let is_word = |at: usize| {
            let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
            !joins(text[..at].chars().next_back()) && !joins(text[at + LOGIN.len()..].chars().next())
        };
        let login = text.match_indices(LOGIN).any(|(at, _)| is_word(at));
        assert!(!login, "the login stands in {place}: {text}");
    }
    // whoever may see secrets sees the difference as it is
    let pushes = list(&server, "devices.push", "");
    let differences: String =
        pushes.iter().map(|push| server.call("devices/texts", &json!({"push": push["id"]})).unwrap().body).collect();
    assert!(differences.contains(SECRETS[0]));
    drop(server);
    // and the file
    for name in ["p.sqlite", "p.sqlite-wal"] {
        let bytes = std::fs::read(office.at.folder.join(name)).unwrap_or_default();
        for secret in SECRETS.iter().chain(&["not-the-password"]) {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {name}");
        }
    }
}

#[test]
fn each_daemon_is_pushed_to_and_watched_through_the_product() {
    let Some(lab) = Lab::up("8") else { return };
    let office = Office::new(lab);
    let server = office.serve();
    thread::scope(|scope| {
        let all: Vec<_> = office
            .routers
            .iter()
            .map(|router| {
                let (office, server) = (&office, &server);
                scope.spawn(move || {
                    let desk = Desk { office, router };
                    desk.is_known_by_its_host_key(server);
                    desk.is_pushed_ten_sessions(server);
                    desk.refuses_what_its_daemon_does_not_read(server);
                    desk.takes_a_breaking_push_back(server);
                    desk.does_not_keep_what_makes_no_sense(server);
                    desk.survives_a_shell_that_hangs_or_is_cut_off(server);
                    desk.goes_back_by_itself_when_it_is_cut_off(server);
                    desk.says_why_it_does_not_answer(server);
                    desk.is_known_again_after_its_host_key_was_rotated(server);
                })
            })
            .collect();
        let failed = all.into_iter().map(|one| one.join().is_err()).collect::<Vec<_>>();
        assert!(!failed.contains(&true), "see above what failed: {failed:?}");
    });
    let server = a_killed_server_is_made_up_for(&office, server);
    no_secret_was_told(&office, server);
    office.at.finish();
}
