//! A new file in `migrations/` has to be seen: the list of them is made when the crate is compiled.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
