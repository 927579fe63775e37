//! SIGKILL at random moments under a stream of writes. Five times; `PEERAGE_KILLS` says how often else.

use crate::{
    consistency::{Known, holds},
    running::{Installation, Server, eventually},
};
use rand::Rng;
use serde_json::json;
use std::{
    thread,
    time::{Duration, Instant},
};

const WRITERS: usize = 4;
/// Routers with a password each.
const SECRETS: usize = 120;

/// Creates, changes and deletes tags until the server is gone.
fn write(server: &Server, prefix: &str) -> Known {
    let mut known = Known::default();
    for number in 0.. {
        let slug = format!("{prefix}-{number}");
        let mut ask = |function: &str, arguments: serde_json::Value, wanted: Option<String>| {
            known.unanswered.insert(slug.clone(), wanted.clone());
            let answer = server.call(function, &arguments).ok()?;
            assert_eq!(answer.status, 200, "{answer:?}");
            known.unanswered.remove(&slug);
            known.told.insert(slug.clone(), wanted);
            Some(answer.json())
        };
        let create = json!({"edit": {"type": "extras.tag", "fields": {"name": slug, "slug": slug}}});
        let Some(created) = ask("records/save", create, Some(slug.clone())) else { break };
        let id = created["record"]["rows"][0][0].as_i64().unwrap();
        if number % 3 == 0 {
            let name = format!("{slug}-changed");
            let edit = json!({"edit": {"type": "extras.tag", "id": id, "version": 1, "fields": {"name": name}}});
            if ask("records/save", edit, Some(name)).is_none() {
                break;
            }
        }
        if number % 5 == 0 {
            let delete = json!({"object": {"type": "extras.tag", "id": id}});
            if ask("records/delete", delete, None).is_none() {
                break;
            }
        }
    }
    known
}

/// How often something is killed.
pub fn kills() -> u32 {
    std::env::var("PEERAGE_KILLS").ok().map_or(5, |kills| kills.parse().unwrap())
}

pub fn random(milliseconds: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rand::rng().random_range(milliseconds))
}

/// From an empty database on.
pub fn a_first_start_that_is_killed_is_made_up_for(installation: Installation) {
    for _ in 0..kills() {
        installation.kill_after(&["serve", "--listen", "127.0.0.1:0"], random(1..60));
    }
    let installation = installation.with_administrator();
    installation.expect(&["check"]);
    installation.finish();
}

pub fn a_change_of_key_that_is_killed_at_any_moment_loses_no_secret(installation: Installation) {
    let installation = installation.with_administrator();
    let server = installation.serve(&[]);
    let save = |of: &str, fields: serde_json::Value| {
        let answer = server.call("records/save", &json!({"edit": {"type": of, "fields": fields}})).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["record"]["rows"][0][0].as_i64().unwrap()
    };
    let ours = save("peering.autonomoussystem", json!({"asn": 64500, "name": "Ours", "affiliated": true}));
    for number in 0..SECRETS {
        let name = format!("edge-{number}");
        save(
            "devices.router",
            json!({"name": name, "hostname": name, "local_autonomous_system": ours,
            "napalm_username": "operator", "napalm_password": format!("secret {number}")}),
        );
    }
    drop(server);
    let mut changed = 0;
    for _ in 0..kills() {
        let before = std::fs::read_to_string(installation.key_file()).unwrap();
        installation.kill_after(&["key", "rotate"], random(1..180));
        // whatever it had done: one key opens everything, and whoever opens the database next has it
        installation.expect(&["migrate"]);
        let report = installation.expect(&["check"]);
        assert!(report.contains("the key opens them"), "{report}");
        let sealed = installation
            .texts("SELECT napalm_password FROM devices_router UNION ALL SELECT napalm_username FROM devices_router");
        let keys: std::collections::BTreeSet<&str> = sealed.iter().map(|text| &text[..12]).collect();
        assert!(sealed.len() == 2 * SECRETS && keys.len() == 1, "{keys:?}");
        changed += u32::from(before != std::fs::read_to_string(installation.key_file()).unwrap());
    }
    println!("{} kills, after {changed} of which the key was the new one", kills());
    installation.finish();
}

pub fn what_was_acknowledged_survives_being_killed(installation: Installation) {
    let installation = installation.with_administrator();
    let kills = kills();
    let mut known = Known::default();
    let mut slowest = Duration::ZERO;
    for round in 0..kills {
        let began = Instant::now();
        let server = installation.serve(&[]);
        slowest = slowest.max(began.elapsed());
        let moment = random(30..1_200);
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let server = &server;
                    scope.spawn(move || write(server, &format!("r{round}-w{writer}")))
                })
                .collect();
            thread::sleep(moment);
            server.signal("KILL");
            for writer in writers {
                known.extend(writer.join().unwrap());
            }
        });
        server.kill();
        if !installation.database.starts_with("sqlite:") {
            // the database ends what the process has asked for by itself
            eventually("PostgreSQL notices", Duration::from_secs(10), || {
                let left = "SELECT application_name FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'peerage'";
                installation.texts(left).is_empty()
            });
        }
        holds(&installation, &known);
        installation.expect(&["check"]);
    }
    println!(
        "{kills} kills: {} acknowledged, {} unanswered; the slowest start took {slowest:?}",
        known.told.len(),
        known.unanswered.len()
    );
    assert!(known.told.len() as u32 > kills, "too little was written to say anything");
    installation.finish();
}
