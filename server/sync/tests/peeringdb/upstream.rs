//! A PeeringDB of our own on loopback, small enough to see through, that can be told to misbehave. Speaks just enough
//! HTTP by hand, because the faults that matter (a body that breaks off) are those that a server library prevents.

use peerage_sync::peeringdb::{Patience, Source};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Rows by type and id.
pub type Tables = BTreeMap<&'static str, BTreeMap<i64, Value>>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// An empty answer with this status.
    Status(u16),
    /// 429 with this `Retry-After`.
    Throttled(u32),
    /// Half of the body under the full length.
    Truncated,
    /// Half of the body as if it were all.
    BadJson,
    /// Every row twice, the first time with another name.
    Doubled,
}

#[derive(Default)]
pub struct State {
    pub tables: Tables,
    /// Type, fault, how often it still happens.
    pub faults: Vec<(&'static str, Fault, usize)>,
    /// `meta.generated`
    pub generated: Option<i64>,
    /// Path and query of each request, and its Authorization.
    pub log: Vec<(String, Option<String>)>,
}

#[derive(Clone)]
pub struct Upstream {
    pub state: Arc<Mutex<State>>,
    pub base: String,
}

impl Upstream {
    pub async fn start(tables: Tables) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/api", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { tables, ..State::default() }));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, shared.clone()));
            }
        });
        Self { state, base }
    }

    pub fn source(&self) -> Source {
        Source::api_with(&self.base, None, impatient()).unwrap()
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// Adds or replaces a row.
    pub fn put(&self, namespace: &'static str, row: Value) {
        self.with(|state| {
            state.tables.entry(namespace).or_default().insert(row["id"].as_i64().unwrap(), row);
        });
    }

    /// Changes some keys of a row.
    pub fn edit(&self, namespace: &'static str, id: i64, keys: Value) {
        self.with(|state| {
            let row = state.tables.get_mut(namespace).unwrap().get_mut(&id).unwrap();
            for (key, value) in keys.as_object().unwrap() {
                row[key] = value.clone();
            }
        });
    }

    /// Makes a row a tombstone.
    pub fn delete(&self, namespace: &'static str, id: i64, at: i64) {
        self.edit(namespace, id, json!({"status": "deleted", "updated": super::world::time(at)}));
    }

    /// The requests for a type so far.
    pub fn asked(&self, namespace: &str) -> Vec<String> {
        let wanted = format!("/api/{namespace}?");
        self.with(|state| {
            state.log.iter().map(|(path, _)| path.clone()).filter(|path| path.starts_with(&wanted)).collect()
        })
    }
}

/// Four tries within a moment.
pub fn impatient() -> Patience {
    Patience { first_wait: Duration::from_millis(2), ..Patience::default() }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(length) if length > 0 => request.extend_from_slice(&piece[..length]),
            _ => return,
        }
    }
    let request = String::from_utf8(request).unwrap();
    let (head, body, announced) = respond(&request, &mut state.lock().unwrap());
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {announced}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Status line with headers, body, and the length that is announced.
fn respond(request: &str, state: &mut State) -> (String, String, usize) {
    let target = request.split(' ').nth(1).unwrap().to_owned();
    let key = request
        .lines()
        .find_map(|line| line.to_lowercase().starts_with("authorization: ").then(|| line[15..].to_owned()));
    let is_user = key.is_some();
    state.log.push((target.clone(), key));
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let namespace = path.strip_prefix("/api/").unwrap_or_default();
    let fault = state.faults.iter_mut().find(|(of, _, left)| *of == namespace && *left > 0).map(|(_, fault, left)| {
        *left -= 1;
        *fault
    });
    match fault {
        Some(Fault::Status(status)) => return (format!("{status} No"), String::new(), 0),
        Some(Fault::Throttled(seconds)) => {
            return (format!("429 Wait\r\nRetry-After: {seconds}"), String::new(), 0);
        }
        _ => {}
    }
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.replace("%2C", ","))
    };
    let since: i64 = value("since").map_or(-1, |since| since.parse().unwrap());
    let ids: Option<Vec<i64>> = value("id__in").map(|ids| ids.split(',').map(|id| id.parse().unwrap()).collect());
    let Some(table) = state.tables.get(namespace) else { return ("404 Not found".to_owned(), String::new(), 0) };
    let mut rows: Vec<Value> = table
        .values()
        .filter(|row| {
            let updated = peerage_model::text::parse_time(row["updated"].as_str().unwrap()).unwrap() / 1_000_000;
            let shown = is_user || row["visible"] != "Users";
            let live = row["status"] == "ok" || (since > 0 && updated >= since);
            shown
                && live
                && updated >= since
                && ids.as_ref().is_none_or(|ids| ids.contains(&row["id"].as_i64().unwrap()))
        })
        .cloned()
        .collect();
    if fault == Some(Fault::Doubled) {
        let mut wrong = rows.clone();
        wrong.iter_mut().for_each(|row| row["name"] = json!("not this one"));
        wrong.append(&mut rows);
        rows = wrong;
    }
    let meta = state.generated.map_or(json!({}), |generated| json!({"generated": generated as f64 + 0.5}));
    let body = json!({"data": rows, "meta": meta}).to_string();
    let whole = body.len();
    let half: String = body.chars().take(body.chars().count() / 2).collect();
    match fault {
        Some(Fault::Truncated) => ("200 OK".to_owned(), half, whole),
        Some(Fault::BadJson) => ("200 OK".to_owned(), half.clone(), half.len()),
        _ => ("200 OK".to_owned(), body, whole),
    }
}
