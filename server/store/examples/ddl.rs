//! Prints the first draft of a migration: `cargo run -p peerage-store --example ddl -- peering.router` (or several keys).

use peerage_store::schema::{ddl::create, tables};

fn main() {
    for key in std::env::args().skip(1) {
        match peerage_model::registry::get(&key) {
            Ok(of) => tables(of).iter().for_each(|table| println!("{}", create(table))),
            Err(message) => eprintln!("{message}"),
        }
    }
}
