use crate::running::{Installation, KEY, Server, answer, call_head, request};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

/// A request that is under way: half of it is still to be sent.
fn half_sent(server: &Server, slug: &str) -> (TcpStream, Vec<u8>) {
    let edit = json!({"edit": {"type": "extras.tag", "fields": {"name": slug, "slug": slug}}}).to_string();
    let mut bytes = request(&call_head("records/save"), &edit);
    let rest = bytes.split_off(bytes.len() - 20);
    let mut stream = server.connect().unwrap();
    stream.write_all(&bytes).unwrap();
    // it is being read
    std::thread::sleep(Duration::from_millis(200));
    (stream, rest)
}

pub fn a_request_under_way_is_answered_and_streams_end_at_once(installation: Installation) {
    let installation = installation.with_administrator();
    let mut server = installation.serve(&[]);
    let mut stream = server.connect().unwrap();
    stream
        .write_all(format!("GET /events HTTP/1.1\r\nHost: test\r\nAuthorization: Token {KEY}\r\n\r\n").as_bytes())
        .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while !line.contains("event: ready") {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0);
    }
    let (mut running, rest) = half_sent(&server, "late");
    server.signal("TERM");
    let began = Instant::now();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "the stream went on for {:?}", began.elapsed());
    std::thread::sleep(Duration::from_secs(1));
    assert!(server.connect().is_err(), "new requests are still taken");
    running.write_all(&rest).unwrap();
    let answered = answer(running).unwrap();
    assert_eq!(answered.status, 200, "{answered:?}");
    let (good, took) = server.wait();
    assert!(good && took < Duration::from_secs(3), "{took:?} {}", installation.log());
    if let Some(file) = installation.database.strip_prefix("sqlite:") {
        let log = std::fs::metadata(format!("{file}-wal")).map_or(0, |about| about.len());
        assert_eq!(log, 0, "the log was not taken over");
    }
    assert_eq!(installation.texts("SELECT slug FROM extras_tag"), ["late"]);
    installation.finish();
}

pub fn what_does_not_end_is_cut_off_after_a_while(installation: Installation) {
    let installation = installation.with_administrator();
    let mut server = installation.serve(&[]);
    let hanging = half_sent(&server, "never");
    server.signal("INT");
    let (good, took) = server.wait();
    assert!(good, "{}", installation.log());
    assert!((9..13).contains(&took.as_secs()), "{took:?}");
    assert!(installation.log().contains("some requests did not end in time"), "{}", installation.log());
    assert!(installation.texts("SELECT slug FROM extras_tag").is_empty());
    drop(hanging);
    installation.finish();
}

pub fn a_second_signal_ends_at_once(installation: Installation) {
    let installation = installation.with_administrator();
    let mut server = installation.serve(&[]);
    let hanging = half_sent(&server, "never");
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    server.signal("TERM");
    let (good, took) = server.wait();
    assert!(!good && took < Duration::from_secs(2), "{took:?} {}", installation.log());
    drop(hanging);
    installation.expect(&["check"]);
    installation.finish();
}

pub fn a_synchronisation_under_way_says_that_it_was_stopped(installation: Installation) {
    let installation = installation.with_administrator();
    // a PeeringDB that takes every question and answers none
    let upstream = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", upstream.local_addr().unwrap());
    let mut server = installation.serve(&["--peeringdb-url", &url]);
    assert_eq!(server.call("peeringdb/synchronise", &json!({"start": {}})).unwrap().status, 200);
    let asked = upstream.accept().unwrap();
    server.signal("TERM");
    let (good, took) = server.wait();
    assert!(good && took < Duration::from_secs(3), "{took:?} {}", installation.log());
    assert_eq!(installation.texts("SELECT failure FROM peeringdb_synchronisation"), ["Stopped."]);
    // for whoever comes next
    assert_eq!(installation.texts("SELECT status FROM core_job"), ["pending"]);
    drop(asked);
    installation.finish();
}
