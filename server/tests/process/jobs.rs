//! Jobs whose processes are killed, and what the command line and a server do to each other.

use crate::{
    killing::{kills, random},
    running::{Installation, Server, eventually},
};
use serde_json::{Value as Json, json};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

/// Organizations and networks beside those of the fictional world: enough that a run is killed in its middle.
const MANY: i64 = 6_000;
const NEVER: [&str; 4] = ["--peeringdb-every", "0", "--job-lease", "2"];
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
        std::thread::sleep(random(20..1_500));
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
        assert!(active(&installation).iter().filter(|status| *status == "running").count() <= 1);
        upstream.moves_on(i64::from(round));
    }
    let server = installation.serve(&NEVER);
    until_none_is_active(&installation);
    start(&server, &upstream.directory);
    until_none_is_active(&installation);
    let newest = installation.texts("SELECT status FROM core_job ORDER BY id DESC LIMIT 1");
    assert_eq!(newest, ["completed"], "{}", installation.log());
    upstream.equals_the_cache_of(&installation);
    let taken_up = installation.texts("SELECT text FROM core_jobline WHERE text LIKE '%It is taken up again.'").len();
    println!(
        "{kills} kills, {in_the_middle} of them while a job was under way; {taken_up} times one was taken up again"
    );
    drop(server);
    installation.expect(&["check"]);
    installation.finish();
}

pub fn the_command_line_and_a_server_take_turns(installation: Installation) {
    let installation = installation.with_administrator();
    let upstream = Upstream::new(&installation);
    // a PeeringDB that takes every question and answers none: its job goes on until it is cancelled
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", silent.local_addr().unwrap());
    let server = installation.serve(&[NEVER.as_slice(), &["--peeringdb-url", &url]].concat());
    let started = server.call("peeringdb/synchronise", &json!({"start": {}})).unwrap().json();
    let asked = silent.accept().unwrap();
    let line = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let directory = upstream.directory.to_str().unwrap();
            installation.run(&["peeringdb", "sync", "--from", directory])
        });
        std::thread::sleep(Duration::from_secs(2));
        assert!(!waiting.is_finished(), "it did not wait");
        assert_eq!(server.call("jobs/cancel", &json!({"job": started["job"]})).unwrap().status, 200);
        waiting.join().unwrap()
    });
    drop(asked);
    assert!(line.status.success(), "{line:?}");
    assert!(String::from_utf8_lossy(&line.stderr).contains("another synchronisation is running"), "{line:?}");
    upstream.equals_the_cache_of(&installation);
    let jobs = installation.texts("SELECT status || ' ' || user_name FROM core_job ORDER BY id");
    assert_eq!(jobs, ["failed admin", "completed command line"]);
    assert!(active(&installation).is_empty());
    installation.finish();
}

pub fn a_command_line_that_is_killed_leaves_no_job_running(installation: Installation) {
    let installation = installation.with_administrator();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", silent.local_addr().unwrap());
    installation.kill_after(&["peeringdb", "sync", "--url", &url], Duration::from_secs(2));
    assert_eq!(active(&installation), ["running"]);
    // on SQLite whoever looks next knows that its process is no more; PostgreSQL may be shared by machines
    if installation.database.starts_with("sqlite:") {
        let _server = installation.serve(&NEVER);
        eventually("it is noticed", Duration::from_secs(5), || active(&installation).is_empty());
        let words = installation.texts("SELECT outcome FROM core_job");
        assert!(words[0].contains("has gone without a word"), "{words:?}");
    }
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
