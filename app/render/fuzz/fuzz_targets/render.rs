//! Translating and rendering under libFuzzer. The first byte decides whether the rest is a template as it stands or the
//! numbers from which the hammer's generator makes one. Whatever comes, the answer is text or a problem.
//!
//! With cargo-fuzz: `cargo +nightly fuzz run render -- -max_total_time=600 -timeout=20`, in `app/render`. Without it, and
//! with any compiler: `app/render/fuzz/run 600`.
#![no_main]

#[path = "../../tests/hammer/generator.rs"]
mod generator;

use generator::{Generator, Made};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((way, rest)) = data.split_first() else { return };
    let made = if way % 2 == 0 {
        Generator::from_bytes(rest).template()
    } else {
        let Ok(source) = std::str::from_utf8(rest) else { return };
        Made { source: source.to_owned(), included: "{{ x }}".to_owned(), trim: way & 2 != 0, lstrip: way & 4 != 0 }
    };
    generator::render(&made);
});
