//! A router's configuration over a graph that is there, and from nothing through the needs loop.

#[path = "../tests/store/mod.rs"]
mod store;

use criterion::{Criterion, criterion_group, criterion_main};
use peerage_model::{
    Value,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION, ROUTER},
};
use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use store::{Store, row};

fn network(sessions: i64) -> Store {
    let text = |text: &str| Value::text(text);
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
    for exchange in 1..=5 {
        let name = format!("IX {exchange}");
        records.push(row(
            &INTERNET_EXCHANGE,
            exchange,
            &[
                ("name", text(&name)),
                ("slug", text(&format!("ix-{exchange}"))),
                ("local_autonomous_system", Value::Int(1)),
            ],
        ));
        records.push(row(
            &CONNECTION,
            exchange,
            &[
                ("router", Value::Int(1)),
                ("internet_exchange_point", Value::Int(exchange)),
                ("ipv4_address", Value::Net(format!("192.0.{exchange}.10/24").parse().unwrap())),
            ],
        ));
    }
    for at in 0..sessions {
        records.push(row(
            &AUTONOMOUS_SYSTEM,
            10 + at,
            &[
                ("asn", Value::Int(65000 + at)),
                ("name", text(&format!("Peer number {at}"))),
                ("ipv4_max_prefixes", Value::Int(100)),
            ],
        ));
        let ip = std::net::Ipv4Addr::from(0xc633_6400 + u32::try_from(at).unwrap());
        records.push(row(
            &IX_SESSION,
            1 + at,
            &[
                ("autonomous_system", Value::Int(10 + at)),
                ("ixp_connection", Value::Int(1 + at % 5)),
                ("ip_address", Value::Ip(ip.into())),
                ("password", text("secret")),
            ],
        ));
    }
    Store(records)
}

fn render(criterion: &mut Criterion) {
    let runaway = Template::new(
        "{% for a in range(100000) %}{% for b in range(100000) %}{{ a }}{% endfor %}{% endfor %}",
        Whitespace::default(),
    );
    let options = Options { fuel: 10_000_000, most_output: 1 << 30, ..Options::default() };
    criterion.bench_function("a runaway template, stopped after 10 million steps", |bencher| {
        let context = || Context::Data { values: serde_json::Map::new(), templates: std::collections::BTreeMap::new() };
        bencher.iter(|| Session::new(&runaway, options.clone(), context()).step(&Graph::new()));
    });
    criterion.bench_function("an empty template", |bencher| {
        let context = || Context::Data { values: serde_json::Map::new(), templates: std::collections::BTreeMap::new() };
        let empty = Template::new("x", Whitespace::default());
        bencher.iter(|| Session::new(&empty, Options::default(), context()).step(&Graph::new()));
    });
    let whitespace = Whitespace { trim: true, lstrip: true };
    let templates = [
        ("junos", Template::new(include_str!("../../../templates/configuration/junos.j2"), whitespace)),
        ("frr", Template::new(include_str!("../../../templates/configuration/frr.j2"), whitespace)),
    ];
    let session = |template: &Template| Session::new(template, Options::default(), Context::Router { id: 1 });
    for sessions in [50, 500] {
        let store = network(sessions);
        for (name, template) in &templates {
            let mut warm = Graph::new();
            let Step::Done(output) = store.drive(&mut session(template), &mut warm) else {
                panic!("{name} does not render")
            };
            println!("{name}, {sessions} sessions: {} bytes, {} passes from nothing", output.text.len(), output.passes);
            criterion.bench_function(&format!("{name} warm {sessions}"), |bencher| {
                bencher.iter(|| session(template).step(&warm));
            });
            criterion.bench_function(&format!("{name} from nothing {sessions}"), |bencher| {
                bencher.iter(|| store.drive(&mut session(template), &mut Graph::new()));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(std::time::Duration::from_millis(300)).measurement_time(std::time::Duration::from_secs(1));
    targets = render
}
criterion_main!(benches);
