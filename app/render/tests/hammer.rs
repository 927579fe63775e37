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
    let (mut rendered, mut refused) = (0, 0);
    let mut round = 0;
    while began.elapsed() < time {
        let made = Generator::new(seed.wrapping_add(round)).template();
        let start = Instant::now();
        let shown = made.clone();
        let done = std::panic::catch_unwind(|| generator::render(&made))
            .unwrap_or_else(|_| panic!("seed {seed}, round {round}: a panic over\n{}", shown.source));
        assert!(start.elapsed() < PATIENCE, "seed {seed}, round {round} took {:?}:\n{}", start.elapsed(), shown.source);
        if done {
            rendered += 1
        } else {
            refused += 1
        }
        round += 1;
    }
    (rendered, refused)
}

/// Some seconds of it with every test run.
#[test]
fn generated_templates_never_panic_nor_hang() {
    let (rendered, refused) = run(number("PEERAGE_HAMMER_SEED", 1), Duration::from_secs(3));
    assert!(rendered > 20 && refused > 20, "the generator makes both: {rendered}, {refused}");
}

#[test]
#[ignore = "as long as it is told to"]
fn hammer() {
    let seconds = number("PEERAGE_HAMMER_SECONDS", 600);
    let seed = number("PEERAGE_HAMMER_SEED", 1);
    let (rendered, refused) = run(seed, Duration::from_secs(seconds));
    println!("seed {seed}, {seconds} s: {rendered} templates rendered, {refused} refused, no panic");
}
