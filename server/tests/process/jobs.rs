//! Jobs whose processes are killed, and what the command line and a server do to each other.

use crate::{
    killing::{kills, random},
    running::{Installation, Server, eventually},
};
use serde_json::{Value as Json, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Organizations and networks beside those of the fictional world: enough that a run is killed in its middle.
const MANY: i64 = 6_000;
const NEVER: [&str; 4] = ["--peeringdb-every", "0", "--job-lease", "3"];
const STAMP: &str = "2026-02-01T00:00:00Z";

/// A PeeringDB as files.
struct Upstream {
    directory: PathBuf,
}

impl Upstream {
    fn new(installation: &Installation) -> Self {
        let directory = installation.folder.join("upstream");
        installation.expect(&["demo", "--write", directory.to_str().unwrap()]);
        let upstream = Self { directory };
        for namespace in ["org", "net"] {
            upstream.edit(namespace, |rows| {
                let pattern = rows[0].clone();
                for number in 0..MANY {
                    let mut row = pattern.clone();
                    row["id"] = json!(100_000 + number);
                    row["name"] = json!(format!("Further {namespace} {number}"));
                    if namespace == "net" {
                        row["asn"] = json!(2_000_000 + number);
                        row["org_id"] = json!(100_000 + number);
                    }
                    rows.push(row);
                }
            });
        }
        upstream
    }

    fn read(&self, namespace: &str) -> Json {
        serde_json::from_slice(&std::fs::read(self.directory.join(format!("{namespace}.json"))).unwrap()).unwrap()
    }

    fn edit(&self, namespace: &str, change: impl FnOnce(&mut Vec<Json>)) {
        let mut table = self.read(namespace);
        let rows = if table.is_array() { &mut table } else { &mut table["data"] };
        change(rows.as_array_mut().unwrap());
        // as whole as a file that is put in place of another
        let new = self.directory.join("new");
        std::fs::write(&new, table.to_string()).unwrap();
        std::fs::rename(new, self.directory.join(format!("{namespace}.json"))).unwrap();
    }

    /// Some are renamed, some go.
    fn moves_on(&self, round: i64) {
        for namespace in ["org", "net"] {
            self.edit(namespace, |rows| {
                for row in rows.iter_mut().filter(|row| row["id"].as_i64().unwrap() % 17 == round % 17) {
                    row["name"] = json!(format!("{namespace} {} as of round {round}", row["id"]));
                    row["updated"] =
                        json!(STAMP.replace("00:00:00Z", &format!("00:{:02}:{:02}Z", round / 60, round % 60)));
                }
            });
        }
        self.edit("net", |rows| rows.retain(|row| row["id"].as_i64().unwrap() != 100_000 + round));
    }

    /// Id and name of every row.
    fn rows(&self, namespace: &str) -> Vec<String> {
        let table = self.read(namespace);
        let rows = if table.is_array() { &table } else { &table["data"] };
        let mut rows: Vec<String> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{} {}", row["id"], row["name"].as_str().unwrap()))
            .collect();
        rows.sort_unstable();
        rows
    }

    fn equals_the_cache_of(&self, installation: &Installation) {
        for (namespace, table) in [("org", "organization"), ("net", "network")] {
            let mut rows =
                installation.texts(&format!("SELECT CAST(id AS TEXT) || ' ' || name FROM peeringdb_{table}"));
            rows.sort_unstable();
            assert!(rows == self.rows(namespace), "{namespace} differs: {} rows", rows.len());
        }
        let status: Json = serde_json::from_str(&installation.expect(&["peeringdb", "status"])).unwrap();
        for (namespace, state) in status.as_object().unwrap() {
            let table = self.read(namespace);
            let rows = if table.is_array() { &table } else { &table["data"] };
            assert_eq!(state["rows"], rows.as_array().unwrap().len(), "{namespace}");
            assert_eq!(state["rejected"], 0, "{namespace}");
        }
    }
}

/// A PeeringDB that takes every question and answers none by itself.
fn silent() -> (TcpListener, String) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", silent.local_addr().unwrap());
    (silent, url)
}

/// A PeeringDB that asks everybody to be left alone for so many seconds.
fn throttling(seconds: u64) -> String {
    let (listener, url) = silent();
    std::thread::spawn(move || {
        for asked in listener.incoming() {
            answer(asked.unwrap(), "429 Too Many Requests", &format!("Retry-After: {seconds}\r\n"), "");
        }
    });
    url
}

fn answer(mut asked: TcpStream, status: &str, more: &str, body: &str) {
    let mut question = [0; 4_096];
    let _ = asked.read(&mut question);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let _ = asked.write_all(answer.as_bytes());
}

fn start(server: &Server, directory: &Path) {
    let arguments = json!({"start": {"directory": directory}});
    let answer = server.call("peeringdb/synchronise", &arguments).unwrap();
    // one that was killed is waited for, or taken up
    assert!(matches!(answer.status, 200 | 409), "{answer:?}");
}

fn active(installation: &Installation) -> Vec<String> {
    installation.texts("SELECT status FROM core_job WHERE status IN ('pending', 'running')")
}

fn until_none_is_active(installation: &Installation) {
    eventually("no job is left", Duration::from_secs(90), || active(installation).is_empty());
}

pub fn a_synchronisation_that_is_killed_again_and_again_ends_as_its_source(installation: Installation) {
    let installation = installation.with_administrator();
    let upstream = Upstream::new(&installation);
    let shared = !installation.database.starts_with("sqlite:");
    let kills = kills();
    let mut in_the_middle = 0;
    for round in 0..kills + kills / 4 {
        let mut server = installation.serve(&NEVER);
        let worker = shared.then(|| installation.work(&NEVER[2..]));
        start(&server, &upstream.directory);
        if round == 0 {
            // once for sure
            eventually("it is in the middle", Duration::from_secs(30), || {
                !installation.texts("SELECT phase FROM core_job WHERE status = 'running' AND phase <> ''").is_empty()
            });
        } else {
            std::thread::sleep(random(20..1_500));
        }
        if round % 5 == 4 {
            // for once not by force: it hands its job back
            server.signal("TERM");
            assert!(server.wait().0, "{}", installation.log());
        } else {
            server.kill();
        }
        if let Some(worker) = worker {
            worker.kill();
        }
        in_the_middle += u32::from(!active(&installation).is_empty());
        upstream.moves_on(i64::from(round));
    }
    let server = installation.serve(&NEVER);
    eventually("no job is left", Duration::from_secs(90), || {
        // what waits because its workers died again and again begins when somebody wants it
        if !installation.texts("SELECT status FROM core_job WHERE not_before IS NOT NULL").is_empty() {
            start(&server, &upstream.directory);
        }
        active(&installation).is_empty()
    });
    start(&server, &upstream.directory);
    until_none_is_active(&installation);
    let newest = installation.texts("SELECT status FROM core_job ORDER BY id DESC LIMIT 1");
    assert_eq!(newest, ["completed"], "{}", installation.log());
    upstream.equals_the_cache_of(&installation);
    let taken_up = installation.texts("SELECT text FROM core_jobline WHERE text LIKE '%It is taken up again%'").len();
    println!(
        "{kills} kills, {in_the_middle} of them while a job was under way; {taken_up} times one was taken up again"
    );
    assert!(in_the_middle > 0 && taken_up > 0);
    drop(server);
    installation.expect(&["check"]);
    installation.finish();
}

pub fn a_worker_that_sleeps_past_its_lease_does_nothing_more(installation: Installation) {
    let installation = installation.with_administrator();
    let (silent, url) = silent();
    let first = installation.serve(&[NEVER.as_slice(), &["--peeringdb-url", &url]].concat());
    let job = first.call("peeringdb/synchronise", &json!({"start": {}})).unwrap().json()["job"].clone();
    let asked = silent.accept().unwrap().0;
    let attempt = || installation.texts("SELECT CAST(attempt AS TEXT) FROM core_job");
    assert_eq!(attempt(), ["1"]);
    first.signal("STOP");
    let second = installation.serve(&[NEVER.as_slice(), &["--peeringdb-url", &url]].concat());
    eventually("another one takes it up", Duration::from_secs(20), || attempt() == ["2"]);
    let asked_again = silent.accept().unwrap().0;
    let workers = || installation.texts("SELECT text FROM core_jobline WHERE text LIKE 'Taken by %' ORDER BY number");
    assert_ne!(workers()[0], workers()[1]);
    let lines = || installation.texts("SELECT text FROM core_jobline").len();
    let before = lines();
    // it wakes, and what it had asked for is there
    let upstream =
        json!({"data": [{"id": 1, "name": "Late", "status": "ok", "created": STAMP, "updated": STAMP}], "meta": {}});
    answer(asked, "200 OK", "", &upstream.to_string());
    first.signal("CONT");
    eventually("it leaves its job", Duration::from_secs(10), || {
        let log = installation.log();
        log.contains("a job was lost to another worker") || log.contains("a job is left")
    });
    // and does not take it again, although it works
    assert!(first.get("/health").unwrap().status < 300);
    assert_eq!((attempt(), lines()), (vec!["2".to_owned()], before), "{}", installation.log());
    assert!(installation.texts("SELECT name FROM peeringdb_organization").is_empty());
    assert_eq!(second.call("jobs/cancel", &json!({"job": job})).unwrap().status, 200);
    until_none_is_active(&installation);
    assert_eq!(installation.texts("SELECT outcome FROM core_job")[0][..19].to_owned(), "Cancelled by admin.");
    assert_eq!(attempt(), ["2"]);
    drop(asked_again);
    drop((first, second));
    installation.finish();
}

pub fn the_command_line_and_a_server_take_turns(installation: Installation) {
    let installation = installation.with_administrator();
    let upstream = Upstream::new(&installation);
    // its job goes on until it is cancelled
    let (silent, url) = silent();
    let server = installation.serve(&[NEVER.as_slice(), &["--peeringdb-url", &url]].concat());
    let started = server.call("peeringdb/synchronise", &json!({"start": {}})).unwrap().json();
    let asked = silent.accept().unwrap();
    let directory = upstream.directory.to_str().unwrap();
    let mut line = installation.start(&["peeringdb", "sync", "--from", directory]);
    let mut said = BufReader::new(line.stderr.take().unwrap()).lines();
    let waits = said.find(|line| line.as_ref().unwrap().contains("another job has its turn"));
    assert!(waits.is_some(), "it did not wait");
    assert_eq!(server.call("jobs/cancel", &json!({"job": started["job"]})).unwrap().status, 200);
    let said: Vec<String> = said.map(Result::unwrap).collect();
    assert!(line.wait().unwrap().success(), "{said:?}");
    drop(asked);
    upstream.equals_the_cache_of(&installation);
    let jobs = installation.texts("SELECT status || ' ' || user_name FROM core_job ORDER BY id");
    assert_eq!(jobs, ["failed admin", "completed command line"]);
    assert!(active(&installation).is_empty());
    installation.finish();
}

pub fn a_command_line_that_is_killed_leaves_no_job_running(installation: Installation) {
    let installation = installation.with_administrator();
    let (_silent, url) = silent();
    installation.kill_when(&["peeringdb", "sync", "--url", &url, "--job-lease", "3"], || {
        eventually("it runs", Duration::from_secs(20), || active(&installation) == ["running"]);
    });
    assert_eq!(active(&installation), ["running"]);
    // on SQLite whoever looks next knows that its process is no more; PostgreSQL may be shared by machines, and its lease ends
    let _server = installation.serve(&NEVER);
    eventually("it is noticed", Duration::from_secs(10), || active(&installation).is_empty());
    let words = installation.texts("SELECT outcome FROM core_job");
    assert!(words[0].contains("has gone without a word") && words[0].contains("cannot be taken up"), "{words:?}");
    assert_eq!(installation.texts("SELECT status FROM core_job"), ["errored"]);
    drop(_server);
    installation.finish();
}

pub fn a_command_line_without_an_answer_leaves_nothing_for_others(installation: Installation) {
    let installation = installation.with_administrator();
    let url = throttling(1_000);
    let output = installation.run(&["peeringdb", "sync", "--url", &url]);
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("asks to wait 1000 seconds"), "{words}");
    assert_eq!(installation.texts("SELECT status FROM core_job"), ["failed"]);
    // what failed stands there one by one
    let failures = installation.texts("SELECT output FROM core_job");
    assert_eq!(failures[0].lines().count(), 13, "{failures:?}");
    // nor does somebody do it again from elsewhere
    let server = installation.serve(&NEVER);
    let refused = server.call("jobs/retry", &json!({"job": 1})).unwrap();
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Run the command again"), "{refused:?}");
    let log = server.call("jobs/log", &json!({"job": 1, "after": 0})).unwrap().json();
    assert_eq!((&log["may_cancel"], &log["may_retry"]), (&json!(true), &json!(false)));
    drop(server);
    installation.finish();
}

pub fn whoever_asks_to_be_left_alone_is(installation: Installation) {
    let installation = installation.with_administrator();
    let url = throttling(1_000);
    let server = installation.serve(&[NEVER.as_slice(), &["--peeringdb-url", &url]].concat());
    let start = || server.call("peeringdb/synchronise", &json!({"start": {}})).unwrap();
    let status = || server.call("peeringdb/status", &json!({})).unwrap().json()["running"].clone();
    assert_eq!(start().status, 200);
    eventually("it waits", Duration::from_secs(20), || !status()["not_before"].is_null());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64;
    let waiting = status();
    let seconds = (waiting["not_before"].as_i64().unwrap() - now) / 1_000_000;
    assert!((980..=1_000).contains(&seconds), "{seconds}");
    assert!(waiting["outcome"].as_str().unwrap().contains("asks to wait 1000 seconds"), "{waiting}");
    // unless somebody does not want to wait
    assert_eq!(start().json()["job"], waiting["job"]);
    eventually("it was tried", Duration::from_secs(20), || {
        installation.texts("SELECT CAST(retries AS TEXT) FROM core_job") == ["2"]
    });
    drop(server);
    installation.finish();
}

pub fn a_worker_needs_a_database_that_can_be_shared(installation: Installation) {
    if installation.database.starts_with("sqlite:") {
        let output = installation.run(&["worker"]);
        assert!(!output.status.success());
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains("needs PostgreSQL") && words.contains("peerage serve"), "{words}");
    } else {
        let installation = installation.with_administrator();
        let upstream = Upstream::new(&installation);
        let server = installation.serve(&NEVER);
        let mut worker = installation.work(&NEVER[2..]);
        start(&server, &upstream.directory);
        until_none_is_active(&installation);
        upstream.equals_the_cache_of(&installation);
        worker.signal("TERM");
        assert!(worker.wait().0, "{}", installation.log());
        drop(server);
        installation.finish();
        return;
    }
    installation.finish();
}
