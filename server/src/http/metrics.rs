//! `GET /metrics`: numbers about this process, as Prometheus reads them (text exposition format 0.0.4). For whoever is signed in
//! or sends a token, of whatever rights; for everybody with `--metrics-public`.
//!
//! What must stay true: labels are names that stand in the program (functions, routes, statuses), never what was sent, so that
//! neither can a client fill the memory nor a secret or an object's name get out. Written by hand: it is a map, a few lines of
//! text and no more than the adapter to a library would be.

use super::{client::Client, identity, refuse};
use crate::services::Services;
use axum::{
    Extension,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use peerage_model::{Label, Problem};
use peerage_sync::peeringdb as sync;
use server_fn::axum::server_fn_paths;
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::timeout;

/// Upper bounds of the histogram, in seconds; one more holds what took longer.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// A database that does not answer is not waited for: the rest is wanted most then.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was asked of this process since it started.
pub struct Counts {
    began: SystemTime,
    routes: Mutex<BTreeMap<&'static str, Counted>>,
}

#[derive(Default)]
struct Counted {
    statuses: BTreeMap<u16, u64>,
    buckets: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

impl Default for Counts {
    fn default() -> Self {
        Self { began: SystemTime::now(), routes: Mutex::default() }
    }
}

impl Counts {
    /// `took` is the time until the answer began; that of a stream is none of it.
    pub fn add(&self, route: &'static str, status: u16, took: Duration) {
        let seconds = took.as_secs_f64();
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = routes.entry(route).or_default();
        *counted.statuses.entry(status).or_default() += 1;
        counted.buckets[BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len())] += 1;
        counted.seconds += seconds;
    }

    fn write(&self, out: &mut Page) {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        out.head("peerage_http_requests_total", "counter", "Requests that were answered.");
        for (route, counted) in routes.iter() {
            for (status, count) in &counted.statuses {
                let labels = format!(r#"{{route="{route}",status="{status}"}}"#);
                out.line("peerage_http_requests_total", &labels, count);
            }
        }
        out.head("peerage_http_request_duration_seconds", "histogram", "Time until an answer began.");
        for (route, counted) in routes.iter() {
            let mut sum = 0;
            for (at, count) in counted.buckets.iter().enumerate() {
                sum += count;
                let bound = BOUNDS.get(at).map_or_else(|| "+Inf".to_owned(), f64::to_string);
                let labels = format!(r#"{{route="{route}",le="{bound}"}}"#);
                out.line("peerage_http_request_duration_seconds_bucket", &labels, sum);
            }
            let labels = format!(r#"{{route="{route}"}}"#);
            out.line("peerage_http_request_duration_seconds_sum", &labels, counted.seconds);
            out.line("peerage_http_request_duration_seconds_count", &labels, sum);
        }
    }
}

/// Which of the names in the program an address belongs to; `below` is the path in the public address.
pub fn route(below: &str, path: &str) -> &'static str {
    let path = path.strip_prefix(below).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let known = ["/health", "/events", "/metrics"].into_iter().find(|known| *known == path);
    let function = || server_fn_paths().map(|(known, _)| known).find(|known| *known == path);
    match known.or_else(function) {
        Some(known) => known,
        None if path.starts_with("/fn/") => "no function",
        None => "interface",
    }
}

/// The page that is being written.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // writing to a String cannot fail, here and below
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, kind, help);
        self.line(name, "", value);
    }
}

/// The numbers of now.
pub async fn show(
    State(services): State<Services>,
    Extension(counts): Extension<Arc<Counts>>,
    request: Request,
) -> Response {
    if !services.front().metrics_are_public() {
        let client = Client::of(services.front(), request.extensions(), request.headers());
        match identity::of(&services, &client, request.headers()).await {
            Ok(Some(who)) if who.user.is_some() => {}
            Ok(_) => {
                let message = "Send a token to read the metrics: “Authorization: Token KEY”. See --metrics-public.";
                return refuse(&Problem::new(Label::SignInNeeded, message));
            }
            Err(problem) => return refuse(&problem),
        }
    }
    let mut page = Page::default();
    page.head("peerage_build_info", "gauge", "The version that runs.");
    page.line("peerage_build_info", concat!(r#"{version=""#, env!("CARGO_PKG_VERSION"), r#""}"#), 1);
    counts.write(&mut page);
    page.one(
        "peerage_event_streams",
        "gauge",
        "Pages and scripts that listen at /events.",
        services.live().listeners(),
    );
    database(&mut page, &services).await;
    process(&mut page, counts.began);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.0).into_response()
}

async fn database(page: &mut Page, services: &Services) {
    let load = services.store().load();
    page.one("peerage_database_connections", "gauge", "Connections to the database.", load.connections);
    page.one("peerage_database_connections_idle", "gauge", "Those of them that nobody uses.", load.idle);
    page.head("peerage_database_statement_seconds", "summary", "Statements, waiting for a connection included.");
    page.line("peerage_database_statement_seconds_sum", "", load.seconds);
    page.line("peerage_database_statement_seconds_count", "", load.statements);
    let taken = timeout(PATIENCE, sync::taken_until(services.store())).await.ok().and_then(Result::ok);
    page.one("peerage_database_up", "gauge", "Whether the database answers.", u8::from(taken.is_some()));
    if let Some(Some(taken)) = taken {
        page.one(
            "peerage_peeringdb_taken_timestamp_seconds",
            "gauge",
            "As of when PeeringDB was taken over last, all types whole.",
            taken,
        );
    }
}

fn process(page: &mut Page, began: SystemTime) {
    let began = began.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    page.one("process_start_time_seconds", "gauge", "When the process started.", began);
    if let Some(bytes) = resident_memory() {
        page.one("process_resident_memory_bytes", "gauge", "Memory that is really used.", bytes);
    }
    // Linux only, like the memory
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        page.one("process_open_fds", "gauge", "Open files and connections.", files.count());
    }
}

fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sends_is_no_label() {
        assert_eq!(route("", "/fn/records/list"), "/fn/records/list");
        assert_eq!(route("/noc", "/noc/fn/records/list"), "/fn/records/list");
        assert_eq!(route("/noc", "/health"), "/health");
        assert_eq!(route("", "/fn/records/\"}secret"), "no function");
        assert_eq!(route("", "/assets/a.js"), "interface");
    }

    #[test]
    fn a_histogram_counts_upwards() {
        let counts = Counts::default();
        for milliseconds in [1, 5, 30, 20_000] {
            counts.add("/health", 200, Duration::from_millis(milliseconds));
        }
        let mut page = Page::default();
        counts.write(&mut page);
        let name = "peerage_http_request_duration_seconds";
        for line in [
            r#"_bucket{route="/health",le="0.005"} 2"#,
            r#"_bucket{route="/health",le="0.025"} 2"#,
            r#"_bucket{route="/health",le="0.05"} 3"#,
            r#"_bucket{route="/health",le="10"} 3"#,
            r#"_bucket{route="/health",le="+Inf"} 4"#,
            r#"_sum{route="/health"} 20.036"#,
            r#"_count{route="/health"} 4"#,
        ] {
            assert!(page.0.contains(&format!("{name}{line}\n")), "{line} in {}", page.0);
        }
    }
}
