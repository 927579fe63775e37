//! Looking for networks among 34,000 of PeeringDB's size, as their list does while somebody types: goal 20 ms. On
//! PostgreSQL with `PEERAGE_BENCH_DATABASE`.

use criterion::{Criterion, criterion_group, criterion_main};
use peerage_model::{
    Filter, ListQuery, Permit, Record, Value, Who,
    peeringdb::NETWORK,
    permit::{Change, View},
};
use peerage_store::Store;
use std::time::Duration;

const NETWORKS: i64 = 34_000;
const FIRST: [&str; 8] = ["Alder", "Birch", "Cypress", "Dogwood", "Hazel", "Juniper", "Rowan", "Walnut"];
const SECOND: [&str; 8] = ["Cloud", "Fibre", "Hosting", "Media", "Réseau", "Systems", "Telecom", "University"];

fn network(n: i64) -> Record {
    let word = |words: [&'static str; 8], by: i64| words[(n / by % 8) as usize];
    let name = format!("{} {} {n}", word(FIRST, 1), word(SECOND, 8));
    let asn = 64_500 + n * 7_919 % 2_000_000;
    let mut network = Record::new(&NETWORK)
        .with("asn", Value::Int(asn))
        .with("name", Value::text(name.as_str()))
        .with("aka", Value::text(name.to_uppercase()))
        .with("irr_as_set", Value::text(format!("RIPE::AS-{}{n}", word(FIRST, 3).to_uppercase())))
        .with("info_type", Value::text("NSP"))
        .with("policy_general", Value::text("Open"))
        .with("info_prefixes4", Value::Int(n % 900))
        .with("notes", Value::text("What the network says of itself at length. ".repeat(12)))
        .with("updated", Value::Time(1_767_225_600_000_000 + n));
    network.id = n + 1;
    network
}

async fn fill(store: &Store) {
    let who = Who::system("bench");
    let permit: Permit<Change> = who.permit(&NETWORK).unwrap();
    let mut write = store.begin(&who, "bench").await.unwrap();
    let networks: Vec<Record> = (0..NETWORKS).map(network).collect();
    write.upsert_cached(&permit, &networks).await.unwrap();
    write.commit().await.unwrap();
    store.analyse().await.unwrap();
}

fn searches(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let url = std::env::var("PEERAGE_BENCH_DATABASE").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    let store = runtime.block_on(async {
        let store = Store::open(&url, None).await.unwrap();
        store.migrate().await.unwrap();
        fill(&store).await;
        store
    });
    let permit: Permit<View> = Who::system("bench").permit(&NETWORK).unwrap();
    let mut group = criterion.benchmark_group(format!("search among {NETWORKS} networks"));
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    let queries = [
        ("a name of one", "\"hazel systems 12\""),
        ("a word of many", "telecom"),
        ("two words", "réseau walnut"),
        ("a number", "asn:=150000"),
        ("part of a number", "1500"),
        ("an AS-SET", "as-hazel33"),
        ("no hit", "nothing-like-that"),
    ];
    for (name, filter) in queries {
        let query = ListQuery::all(&NETWORK).filtered(Filter::parse(&NETWORK, filter).0);
        let listing = runtime.block_on(store.list(&permit, &query)).unwrap();
        println!("{name}: {} of {} rows", listing.records.len(), listing.total);
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(store.list(&permit, &query)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, searches);
criterion_main!(benches);
