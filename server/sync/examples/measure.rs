//! Measures a synchronisation: `cargo run --release -p peerage-sync --example measure -- DATABASE SOURCE [KEY]`, where
//! SOURCE is a base URL or a directory. Prints seconds, CPU, rows a second and peak memory, then the same for a second run;
//! and how long a person's write waited meanwhile at most.

use peerage_model::{Record, Value, Who, types::TAG};
use peerage_store::Store;
use peerage_sync::peeringdb::{Report, Source, synchronise};
use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, from, key @ ..] = arguments.as_slice() else { return Err("DATABASE SOURCE [KEY]".into()) };
    let store = Store::open(database, None).await?;
    store.migrate().await?;
    let source = if from.starts_with("http") {
        Source::api(from, key.first().map(String::as_str))?
    } else {
        Source::directory(from)?
    };
    for run in 1..=2 {
        let over = Arc::new(AtomicBool::new(false));
        let person = tokio::spawn(write_now_and_then(store.clone(), over.clone()));
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        let report = synchronise(&store, &source, &|_| {}, &CancellationToken::new()).await?;
        over.store(true, Ordering::Relaxed);
        let (writes, worst) = person.await??;
        print(run, &report, begun.elapsed(), cpu_seconds() - cpu);
        println!("  a person's write waited at most {} ms ({writes} writes)", worst.as_millis());
    }
    Ok(())
}

fn print(run: usize, report: &Report, elapsed: Duration, cpu: f64) {
    let rows = report.created() + report.updated() + report.deleted();
    let seconds = elapsed.as_secs_f64();
    println!(
        "run {run}: {seconds:.2} s, {cpu:.2} s CPU, {rows} rows, {:.0} rows/s, peak {} MiB",
        rows as f64 / seconds,
        peak()
    );
    for of in &report.types {
        println!("  {}", of.line());
    }
}

/// Somebody edits every 20 ms; how often, and the longest wait.
async fn write_now_and_then(
    store: Store,
    over: Arc<AtomicBool>,
) -> Result<(usize, Duration), peerage_store::StoreError> {
    let who = Who::system("measure");
    let (mut writes, mut worst) = (0, Duration::ZERO);
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let name = format!("m{}", std::process::id())
            + &format!("-{}", begun.elapsed().as_nanos() + writes as u128 * 1_000_000);
        let tag = Record::new(&TAG).with("name", Value::text(name.as_str())).with("slug", Value::text(name.as_str()));
        let mut write = store.begin(&who, "measure").await?;
        let made = write.insert(&who.permit(&TAG)?, tag).await?;
        write.commit().await?;
        worst = worst.max(begun.elapsed());
        let mut write = store.begin(&who, "measure").await?;
        write.delete(&who.permit(&TAG)?, made.id).await?;
        write.commit().await?;
        writes += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok((writes, worst))
}

/// MiB, from the kernel's record of this process; 0 where there is none.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
