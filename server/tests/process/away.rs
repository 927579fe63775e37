//! PostgreSQL that is stopped and started again under a server: a cluster of this test's own.

use crate::{
    consistency::{Known, holds},
    running::{Installation, KEY, eventually},
};
use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

/// Where PostgreSQL's own programs are.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().rev().find(|folder| folder.join("initdb").exists())
}

fn is_root() -> bool {
    String::from_utf8_lossy(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0"
}

impl Cluster {
    fn new() -> Option<Self> {
        let programs = programs()?;
        let folder = std::env::temp_dir().join(format!("peerage_cluster_{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        if is_root() {
            // PostgreSQL refuses to run as root
            assert!(Command::new("chown").arg("postgres").arg(&folder).status().unwrap().success());
        }
        // free a moment ago
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, programs, port };
        cluster.run("initdb", &["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
        cluster.start();
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("-D").arg(self.data()).args(arguments).current_dir(&self.folder);
        // to a file: a server that kept a pipe open would be waited for
        let log = |name: &str| fs::File::options().create(true).append(true).open(self.folder.join(name)).unwrap();
        let status = command.stdout(log("out")).stderr(log("errors")).status().unwrap();
        assert!(status.success(), "{arguments:?}: {}", fs::read_to_string(self.folder.join("errors")).unwrap());
    }

    fn start(&self) {
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", self.port);
        let log = self.data().join("server.log");
        self.run("pg_ctl", &["start", "-w", "-t", "30", "-l", log.to_str().unwrap(), "-o", &options]);
    }

    fn stop(&self, mode: &str) {
        self.run("pg_ctl", &["stop", "-w", "-m", mode]);
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if Path::new(&self.data().join("postmaster.pid")).exists() {
            self.stop("immediate");
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_database_that_is_restarted_is_found_again() {
    let Some(cluster) = Cluster::new() else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no initdb");
        eprintln!("SKIPPED: there is no PostgreSQL on this machine");
        return;
    };
    let installation = Installation::postgres_at(&cluster.url()).with_administrator();
    let server = installation.serve(&[]);
    let mut known = Known::default();
    let mut save = |slug: &str| {
        let fields = json!({"name": slug, "slug": slug});
        let answer = server.call("records/save", &json!({"edit": {"type": "extras.tag", "fields": fields}})).unwrap();
        known.told.insert(slug.to_owned(), (answer.status == 200).then(|| slug.to_owned()));
        answer
    };
    assert_eq!(save("before").status, 200);
    // a page that stays open all the time
    let mut stream = server.connect().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
        .write_all(format!("GET /events HTTP/1.1\r\nHost: test\r\nAuthorization: Token {KEY}\r\n\r\n").as_bytes())
        .unwrap();
    let mut stream = BufReader::new(stream);
    let mut hear = |what: &str| {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            assert_ne!(stream.read_line(&mut line).unwrap(), 0, "the stream ended before {what}");
        }
    };
    hear("event: ready");
    for mode in ["fast", "immediate"] {
        cluster.stop(mode);
        for number in 0..2 {
            let began = Instant::now();
            let refusal = save(&format!("{mode}-{number}"));
            assert_eq!((refusal.status, &refusal.json()["label"]), (503, &json!("unavailable")), "{refusal:?}");
            assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        }
        assert_eq!(server.get("/health").unwrap().status, 503);
        cluster.start();
        let began = Instant::now();
        let slug = format!("after-{mode}");
        eventually("it is found again", Duration::from_secs(10), || save(&slug).status == 200);
        println!("after a stop ({mode}) writing went on within {:?}", began.elapsed());
        let id =
            installation.texts(&format!("SELECT CAST(id AS TEXT) FROM extras_tag WHERE slug = '{slug}'")).remove(0);
        hear(&format!(r#""type":"extras.tag","id":{id},"#));
    }
    holds(&installation, &known);
    drop(server);
    installation.expect(&["check"]);
    installation.finish();
}
