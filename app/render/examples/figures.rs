//! Figures for rendering: routers of 50, 500 and 5,000 sessions, in one run, so that only ratios are compared.
//!
//!   cargo run --release -p peerage-render --example figures [PYTHON]
//!
//! Rendering itself over a graph that is there, from the template's source to the text and from the compiled template, as the floor; from nothing through the needs loop (fetching is in memory here: a server
//! adds its statements); the floor, which is stock minijinja over plain data of the same content, and Jinja2 over dicts
//! where a Python that has it is named. All of them must give the same bytes. Then the starters.

#[path = "../tests/store/mod.rs"]
mod store;

use minijinja::{Environment, Value as Plain};
use peerage_model::{
    Need, Value,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION, ROUTER},
    wire::RecordSet,
};
use peerage_render::{Context, Graph, Options, Output, Session, Step, Template, Whitespace};
use serde_json::json;
use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use store::{Store, row};

const TEMPLATE: &str = include_str!("figures.j2");

/// A router at five exchanges, and the same as plain data.
fn network(sessions: i64) -> (Store, serde_json::Value) {
    let text = |text: &str| Value::text(text);
    let own = json!({"asn": 64500, "name": "Own"});
    let mut records = vec![
        row(
            &AUTONOMOUS_SYSTEM,
            1,
            &[("asn", Value::Int(64500)), ("name", text("Own")), ("affiliated", Value::Bool(true))],
        ),
        row(
            &ROUTER,
            1,
            &[("name", text("r1")), ("hostname", text("r1.example.net")), ("local_autonomous_system", Value::Int(1))],
        ),
    ];
    for at in 1..=5 {
        let (name, slug) = (format!("IX {at}"), format!("ix-{at}"));
        let values = [("name", text(&name)), ("slug", text(&slug)), ("local_autonomous_system", Value::Int(1))];
        records.push(row(&INTERNET_EXCHANGE, at, &values));
        let address = Value::Net(format!("192.0.{at}.10/24").parse().expect("an interface"));
        let values =
            [("router", Value::Int(1)), ("internet_exchange_point", Value::Int(at)), ("ipv4_address", address)];
        records.push(row(&CONNECTION, at, &values));
    }
    let mut plain = Vec::new();
    for at in 0..sessions {
        let (asn, name) = (65000 + at, format!("Peer number {at}"));
        let values = [("asn", Value::Int(asn)), ("name", text(&name)), ("ipv4_max_prefixes", Value::Int(100))];
        records.push(row(&AUTONOMOUS_SYSTEM, 10 + at, &values));
        let ip = std::net::Ipv4Addr::from(0xc633_6400 + u32::try_from(at).unwrap_or_default());
        let (ttl, exchange) = (1 + at % 4 / 3, 1 + at % 5);
        let status = if at % 10 == 9 { "maintenance" } else { "enabled" };
        let reference = format!("SVC-{at:05}");
        records.push(row(
            &IX_SESSION,
            1 + at,
            &[
                ("autonomous_system", Value::Int(10 + at)),
                ("ixp_connection", Value::Int(exchange)),
                ("ip_address", Value::Ip(ip.into())),
                ("password", text("secret")),
                ("multihop_ttl", Value::Int(ttl)),
                ("status", text(status)),
                ("service_reference", text(&reference)),
            ],
        ));
        plain.push(json!({
            "autonomous_system": {"asn": asn, "name": name, "ipv4_max_prefixes": 100},
            "ixp_connection": {"internet_exchange_point": {
                "name": format!("IX {exchange}"), "slug": format!("ix-{exchange}"), "local_autonomous_system": own,
            }},
            "ip_address": ip.to_string(), "password": "secret", "multihop_ttl": ttl, "status": status, "passive": false,
            "service_reference": reference,
        }));
    }
    (Store(records), json!(plain))
}

/// The shortest of some runs.
fn best(runs: usize, mut run: impl FnMut()) -> Duration {
    let once = || {
        let began = Instant::now();
        run();
        began.elapsed()
    };
    std::iter::repeat_with(once).take(runs).min().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Milliseconds of Jinja2, the shortest of three, and its text.
fn jinja2(python: &str, data: &serde_json::Value) -> Option<(f64, String)> {
    const PROGRAM: &str = "import json, sys, time, jinja2.sandbox
source, data = json.load(sys.stdin)
template = jinja2.sandbox.SandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(source)
times = []
for _ in range(3):
    began = time.perf_counter(); text = template.render(sessions=data); times.append(time.perf_counter() - began)
json.dump([min(times) * 1000, text], sys.stdout)";
    let mut child =
        Command::new(python).args(["-c", PROGRAM]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let input = serde_json::to_vec(&json!([TEMPLATE.replace("SESSIONS", "sessions"), data])).ok()?;
    child.stdin.take()?.write_all(&input).ok()?;
    serde_json::from_slice(&child.wait_with_output().ok()?.stdout).ok()
}

fn session(template: &Template) -> Session {
    Session::new(template, Options::default(), Context::Router { id: 1 })
}

/// A render from nothing: the graph that it leaves, its text, and what was fetched for each pass.
struct Whole {
    warm: Graph,
    output: Output,
    fetched: Vec<(Vec<Need>, Vec<RecordSet>)>,
}

fn whole(template: &Template, store: &Store) -> Whole {
    let (mut warm, mut fetched, mut first) = (Graph::new(), Vec::new(), session(template));
    loop {
        match first.step(&warm) {
            Step::Done(output) => return Whole { warm, output, fetched },
            Step::Needs(needs) => {
                let sets = store.fetch(&needs);
                warm.answer(&needs, &sets).expect("known types");
                fetched.push((needs, sets));
            }
            Step::Failed(problem) => panic!("{problem}"),
        }
    }
}

/// The same again, with what was fetched then.
fn from_nothing(template: &Template, fetched: &[(Vec<Need>, Vec<RecordSet>)]) {
    let (mut graph, mut cold) = (Graph::new(), session(template));
    for (needs, sets) in fetched {
        assert!(matches!(cold.step(&graph), Step::Needs(_)));
        graph.answer(needs, sets).expect("known types");
    }
    assert!(matches!(cold.step(&graph), Step::Done(_)));
}

/// Stock minijinja, and the template that is compared as it must be written for it.
fn floor() -> (Environment<'static>, String) {
    let mut floor = Environment::new();
    let syntax = minijinja::syntax::SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    floor.set_syntax(syntax.expect("a syntax"));
    floor.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    floor.add_filter("truncate", |text: String, most: usize, _: bool, _: String, _: usize| {
        text.chars().take(most).collect::<String>()
    });
    // the one thing in the template that stock minijinja lacks
    let source = TEMPLATE.replace("SESSIONS", "sessions").replace("' [%s]' % session.", "' [%s]' | format(session.");
    let source = source.replace("service_reference if", "service_reference) if");
    (floor, source)
}

fn main() {
    let whitespace = Whitespace { trim: true, lstrip: true };
    let ours = Template::new(TEMPLATE.replace("SESSIONS", "router | ixp_sessions"), whitespace);
    if let Some(which) = std::env::var_os("PEERAGE_PROFILE") {
        // one thing alone, for a profiler: the template that is compared, its floor, or a starter
        let (store, data) = network(500);
        let plain = Plain::from(minijinja::value::Serde(&data));
        let starter = Template::new(include_str!("../../../templates/configuration/frr.j2"), whitespace);
        if which == "floor" {
            let (floor, source) = floor();
            (0..40).for_each(|_| drop(floor.render_str(&source, minijinja::context! { sessions => plain.clone() })));
            return;
        }
        let template = if which == "starter" { starter } else { ours };
        let Whole { warm, .. } = whole(&template, &store);
        (0..40).for_each(|_| assert!(matches!(session(&template).step(&warm), Step::Done(_))));
        return;
    }
    let python = std::env::args().nth(1);
    println!(
        "sessions     bytes  passes  needs  from nothing   rendering       floor   ratio  compiled   ratio      Jinja2 (ms)"
    );
    for sessions in [50, 500, 5000] {
        let (store, data) = network(sessions);
        let runs = if sessions > 1000 { 15 } else { 60 };
        let Whole { warm, output, fetched } = whole(&ours, &store);
        let asked: usize = fetched.iter().map(|(needs, _)| needs.len()).sum();
        let (mut floor, source) = floor();
        floor.add_template_owned("compiled", source.clone()).expect("a template");
        let compiled = floor.get_template("compiled").expect("a template");
        let plain = Plain::from(minijinja::value::Serde(&data));
        let floor_text = || floor.render_str(&source, minijinja::context! { sessions => plain.clone() }).expect("text");
        assert_eq!(floor_text(), output.text, "the floor gives the same bytes");
        // interleaved, so that a noisy neighbour meets all
        let [mut rendering, mut lowest, mut again, mut lowest_again] = [Duration::MAX; 4];
        let mut kept = session(&ours);
        for _ in 0..3 {
            rendering = rendering.min(best(runs, || assert!(matches!(session(&ours).step(&warm), Step::Done(_)))));
            lowest = lowest.min(best(runs, || {
                std::hint::black_box(floor_text());
            }));
            again = again.min(best(runs, || assert!(matches!(kept.step(&warm), Step::Done(_)))));
            lowest_again = lowest_again.min(best(runs, || {
                std::hint::black_box(compiled.render(minijinja::context! { sessions => plain.clone() })).expect("text");
            }));
        }
        let cold = best(runs, || from_nothing(&ours, &fetched));
        let theirs = python.as_ref().and_then(|python| jinja2(python, &data));
        if let Some((_, text)) = &theirs {
            assert_eq!(*text, output.text, "Jinja2 gives the same bytes");
        }
        println!(
            "{sessions:8} {:9} {:7} {asked:6} {:13.2} {:11.2} {:11.2} {:7.2} {:9.2} {:7.2} {:11}",
            output.text.len(),
            output.passes,
            milliseconds(cold),
            milliseconds(rendering),
            milliseconds(lowest),
            rendering.as_secs_f64() / lowest.as_secs_f64(),
            milliseconds(again),
            again.as_secs_f64() / lowest_again.as_secs_f64(),
            theirs.map_or_else(|| "-".to_owned(), |(time, _)| format!("{time:.2}")),
        );
    }
    println!("\nstarter, sessions        bytes  passes  from nothing   rendering (ms)");
    for (name, source) in [
        ("bird", include_str!("../../../templates/configuration/bird.j2")),
        ("eos", include_str!("../../../templates/configuration/eos.j2")),
        ("frr", include_str!("../../../templates/configuration/frr.j2")),
        ("iosxr", include_str!("../../../templates/configuration/iosxr.j2")),
        ("junos", include_str!("../../../templates/configuration/junos.j2")),
        ("openbgpd", include_str!("../../../templates/configuration/openbgpd.j2")),
    ] {
        let template = Template::new(source, whitespace);
        for sessions in [50, 500, 5000] {
            let (store, _) = network(sessions);
            let Whole { warm, output, fetched } = whole(&template, &store);
            let runs = if sessions > 1000 { 3 } else { 10 };
            let cold = best(runs, || from_nothing(&template, &fetched));
            let rendering = best(runs, || {
                session(&template).step(&warm);
            });
            println!(
                "{name:8} {sessions:8} {:13} {:7} {:13.2} {:11.2}",
                output.text.len(),
                output.passes,
                milliseconds(cold),
                milliseconds(rendering)
            );
        }
    }
}
