//! The bundler cuts the interface into parts that are fetched when they are wanted (`src/pages/parts.rs`). It moves code, so
//! it has to know where code refers to code: the linker leaves that in.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg=--emit-relocs");
    }
}
