//! A generator-driven hammer over translating and rendering, for want of a nightly compiler in the tests: whatever it makes
//! up, the renderer answers with text or a problem, soon, never with a panic. Ignored by default:
//!
//!   PEERAGE_HAMMER_SECONDS=600 cargo test --release -p peerage-render --test hammer -- --ignored --nocapture
//!
//! `PEERAGE_HAMMER_SEED` repeats a run. `app/render/fuzz` does the same under libFuzzer.

#[path = "hammer/generator.rs"]
mod generator;

use generator::Generator;
use std::time::{Duration, Instant};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Longer than any bound on fuel should allow.
const PATIENCE: Duration = Duration::from_secs(20);

fn run(seed: u64, time: Duration) -> (u64, u64) {
    let began = Instant::now();
    let (mut rendered, mut refused, mut round) = (0, 0, 0);
    // made on one thread, rendered on another: one that never answers is noticed too
    let (ask, asked) = std::sync::mpsc::channel::<generator::Made>();
    let (tell, told) = std::sync::mpsc::channel();
    let worker = std::thread::Builder::new().stack_size(8 << 20).spawn(move || {
        for made in asked {
            if tell.send(std::panic::catch_unwind(|| generator::render(&made)).ok()).is_err() {
                return;
            }
        }
    });
    while began.elapsed() < time {
        let made = Generator::new(seed.wrapping_add(round)).template();
        let shown = made.clone();
        ask.send(made).unwrap();
        match told.recv_timeout(PATIENCE) {
            Ok(Some(true)) => rendered += 1,
            Ok(Some(false)) => refused += 1,
            Ok(None) => panic!("seed {seed}, round {round}: a panic over\n{}\n---\n{}", shown.source, shown.included),
            Err(_) => panic!("seed {seed}, round {round}: no answer to\n{}\n---\n{}", shown.source, shown.included),
        }
        round += 1;
    }
    drop(ask);
    worker.unwrap().join().unwrap();
    (rendered, refused)
}

/// Some seconds of it with every test run.
#[test]
fn generated_templates_never_panic_nor_hang() {
    let (rendered, refused) = run(number("PEERAGE_HAMMER_SEED", 1), Duration::from_secs(3));
    assert!(rendered > 20 && refused > 20, "the generator makes both: {rendered}, {refused}");
}

#[test]
#[ignore = "ten minutes by itself; the test above runs seconds of the same with every test run"]
fn hammer() {
    let seconds = number("PEERAGE_HAMMER_SECONDS", 600);
    let seed = number("PEERAGE_HAMMER_SEED", 1);
    let (rendered, refused) = run(seed, Duration::from_secs(seconds));
    println!("seed {seed}, {seconds} s: {rendered} templates rendered, {refused} refused, no panic");
}

/// What libFuzzer left in `PEERAGE_HAMMER_FILE`: shows the template that it stands for, then renders it.
#[test]
#[ignore = "shows one find of libFuzzer, named by PEERAGE_HAMMER_FILE; there is none to show in a test run"]
fn shown() {
    let bytes = std::fs::read(std::env::var("PEERAGE_HAMMER_FILE").unwrap()).unwrap();
    let made = match bytes.split_first().unwrap() {
        (way, rest) if way % 2 == 0 => Generator::from_bytes(rest).template(),
        (way, rest) => generator::Made {
            source: String::from_utf8_lossy(rest).into_owned(),
            included: "{{ x }}".to_owned(),
            trim: way & 2 != 0,
            lstrip: way & 4 != 0,
        },
    };
    println!("{}\n---\n{}", made.source, made.included);
    println!("rendered: {}", generator::render(&made));
}
