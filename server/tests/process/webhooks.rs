//! SIGKILL at random moments while changes are committed and told: a receiver hears of everything that was committed, and of nothing
//! else.

use crate::{
    killing::{kills, random},
    running::{Installation, Server, eventually},
};
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// AS numbers that somebody was told of, as often as they were.
fn receiver() -> (String, Arc<Mutex<Vec<u32>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let heard: Arc<Mutex<Vec<u32>>> = Arc::default();
    let keeping = heard.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut length, mut line) = (0, String::new());
            while stream.read_line(&mut line).is_ok_and(|count| count > 2) {
                let told = line.strip_prefix("content-length: ").and_then(|text| text.trim().parse().ok());
                length = told.unwrap_or(length);
                line.clear();
            }
            let mut body = vec![0; length];
            // where the server was killed in the middle of it, there is less, or nothing
            if stream.read_exact(&mut body).is_err() {
                continue;
            }
            let Ok(body) = serde_json::from_slice::<Json>(&body) else { continue };
            keeping.lock().unwrap().push(body["data"]["asn"].as_u64().unwrap() as u32);
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.get_mut().write_all(answer);
        }
    });
    (address, heard)
}

/// Makes networks until the server is gone; those that it acknowledged.
fn write(server: &Server, first: u32) -> Vec<u32> {
    let make = |asn: &u32| {
        let edit =
            json!({"edit": {"type": "peering.autonomoussystem", "fields": {"asn": asn, "name": format!("n{asn}")}}});
        server.call("records/save", &edit).is_ok_and(|answer| answer.status == 200)
    };
    (first..).take_while(make).collect()
}

pub fn what_was_committed_is_told_however_often_the_server_is_killed(installation: Installation) {
    let installation = installation.with_administrator();
    let serve = || installation.serve(&["--webhook-allow", "127.0.0.0/8", "--job-lease", "2"]);
    let (address, heard) = receiver();
    let mut acknowledged = Vec::new();
    // on a slow machine some rounds end before anything is written
    let mut round = 0;
    while round < kills() || acknowledged.len() <= 10 && round < 60 {
        let server = serve();
        if round == 0 {
            let webhook = json!({"name": "ours", "content_types": ["peering.autonomoussystem"], "type_create": true,
                "payload_url": address});
            let answer = server.call("records/save", &json!({"edit": {"type": "extras.webhook", "fields": webhook}}));
            assert_eq!(answer.unwrap().status, 200);
        }
        let moment = random(50..900);
        acknowledged.extend(thread::scope(|scope| {
            let writing = scope.spawn(|| write(&server, 100_000 * (round + 1)));
            thread::sleep(moment);
            server.signal("KILL");
            writing.join().unwrap()
        }));
        server.kill();
        round += 1;
    }
    let committed: BTreeSet<u32> = installation
        .texts("SELECT CAST(asn AS TEXT) FROM peering_autonomoussystem")
        .iter()
        .map(|asn| asn.parse().unwrap())
        .collect();
    let _server = serve();
    let told = || heard.lock().unwrap().iter().copied().collect::<BTreeSet<u32>>();
    eventually("everything is told", Duration::from_secs(60), || told().len() >= committed.len());
    assert_eq!(told(), committed);
    assert!(acknowledged.len() > 10, "{} were acknowledged", acknowledged.len());
    assert!(acknowledged.iter().all(|asn| committed.contains(asn)));
    let times = heard.lock().unwrap().len();
    println!("{round} kills: {} committed, told {times} times in all", committed.len());
    installation.finish();
}
