//! A page of a hundred out of 50,000 IX sessions on SQLite: goal 20 ms. Prints how many statements a page takes.

use criterion::{Criterion, criterion_group, criterion_main};
use peerage_model::{
    Filter, ListQuery, ObjectType, Permit, Record, Sort, Value, Who,
    permit::{Add, View},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION, ROUTER},
};
use peerage_store::{Store, Write};
use std::{net::Ipv4Addr, time::Duration};

const SESSIONS: i64 = 50_000;
const NETWORKS: i64 = 2_000;
const CONNECTIONS: i64 = 40;

fn system() -> Who {
    Who::system("bench")
}

async fn add(write: &mut Write, record: Record) -> i64 {
    let permit: Permit<Add> = system().permit(record.of).unwrap();
    write.insert(&permit, record).await.unwrap().id
}

fn record(of: &'static ObjectType, name: String) -> Record {
    Record::new(of).with("name", Value::text(name))
}

async fn fill(store: &Store) {
    let mut write = store.begin(&system(), "bench").await.unwrap();
    let mut networks = Vec::new();
    for n in 0..NETWORKS {
        // not in the order of their numbers
        let asn = 64_500 + n * 7_919 % NETWORKS;
        let network = record(&AUTONOMOUS_SYSTEM, format!("Network {n}")).with("asn", Value::Int(asn));
        networks.push(add(&mut write, network).await);
    }
    let mut connections = Vec::new();
    for n in 0..CONNECTIONS {
        let local = Value::Int(networks[0]);
        let router = record(&ROUTER, format!("edge{n}")).with("hostname", Value::text(format!("edge{n}.example.net")));
        let router = add(&mut write, router.with("local_autonomous_system", local.clone())).await;
        let exchange = record(&INTERNET_EXCHANGE, format!("IX {n}")).with("slug", Value::text(format!("ix-{n}")));
        let exchange = add(&mut write, exchange.with("local_autonomous_system", local)).await;
        let connection = Record::new(&CONNECTION).with("internet_exchange_point", Value::Int(exchange));
        connections.push(add(&mut write, connection.with("router", Value::Int(router))).await);
    }
    for n in 0..SESSIONS {
        let address = Ipv4Addr::from(0x0a00_0000 + u32::try_from(n).unwrap());
        let session = Record::new(&IX_SESSION)
            .with("autonomous_system", Value::Int(networks[(n * 13 % NETWORKS) as usize]))
            .with("ixp_connection", Value::Int(connections[(n % CONNECTIONS) as usize]))
            .with("ip_address", Value::Ip(address.into()))
            .with("comments", Value::text("Set up by mail. ".repeat(8)));
        add(&mut write, session).await;
    }
    write.commit().await.unwrap();
    store.analyse().await.unwrap();
}

fn pages(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = std::env::var("PEERAGE_BENCH_DATABASE").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let store = runtime.block_on(async {
        let store = Store::open(&url, None).await.unwrap();
        store.migrate().await.unwrap();
        fill(&store).await;
        store
    });
    let permit: Permit<View> = system().permit(&IX_SESSION).unwrap();
    let mut group = criterion.benchmark_group(format!("page of 100 of {SESSIONS}"));
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    let queries = [
        ("natural order", "", ""),
        ("by peer", "", "autonomous_system"),
        ("by address", "", "-ip_address"),
        ("filtered by words", "\"10.0.12\"", ""),
        ("filtered by peer", "autonomous_system:\"Network 12\"", ""),
        ("one network", "autonomous_system.asn:64512", ""),
    ];
    for (name, filter, sort) in queries {
        let mut query = ListQuery::all(&IX_SESSION).filtered(Filter::parse(&IX_SESSION, filter).0);
        if !sort.is_empty() {
            query.sort = vec![Sort::parse(&IX_SESSION, sort).unwrap()];
        }
        let before = store.statements();
        let listing = runtime.block_on(store.list(&permit, &query)).unwrap();
        println!(
            "{name}: {} statements, {} of {} rows",
            store.statements() - before,
            listing.records.len(),
            listing.total
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(store.list(&permit, &query)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
