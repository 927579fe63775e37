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

pub fn what_was_acknowledged_survives_being_killed(installation: Installation) {
    let installation = installation.with_administrator();
    let kills: u32 = std::env::var("PEERAGE_KILLS").ok().map_or(5, |kills| kills.parse().unwrap());
    let mut known = Known::default();
    let mut slowest = Duration::ZERO;
    for round in 0..kills {
        let began = Instant::now();
        let server = installation.serve(&[]);
        slowest = slowest.max(began.elapsed());
        let moment = Duration::from_millis(rand::rng().random_range(30..1_200));
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
