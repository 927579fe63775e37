//! The first draft of a migration for a new type, from its description: `cargo run -p peerage-store --example ddl -- KEY`.
//! What it prints is portable but for two words, `{{id}}` and `{{text}}`, which the migrations substitute.

use super::{Index, Table};
use crate::column::{Column, Shape};
use peerage_model::OnDelete;
use std::fmt::Write as _;

/// `CREATE TABLE` and its indexes.
pub fn create(table: &Table) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(|column| column_line(table, column)).collect();
    if table.primary.len() > 1 {
        lines.push(format!("PRIMARY KEY ({})", table.primary.join(", ")));
    }
    let mut sql = format!("CREATE TABLE {} (\n    {}\n);\n", table.name, lines.join(",\n    "));
    let mut push = |kind: &str, index: &Index| {
        // writing to a String cannot fail
        let _ = writeln!(sql, "CREATE {kind} {} ON {} ({});", index.name, table.name, index.columns.join(", "));
    };
    table.uniques.iter().for_each(|index| push("UNIQUE INDEX", index));
    table.indexes.iter().for_each(|index| push("INDEX", index));
    sql
}

fn column_line(table: &Table, column: &Column) -> String {
    if column.name == "id" {
        return "id {{id}}".to_owned();
    }
    let shape = match column.shape {
        Shape::Int => "BIGINT",
        Shape::Bool => "BOOLEAN",
        Shape::Real => "DOUBLE PRECISION",
        Shape::Text => "{{text}}",
    };
    let mut line = format!("{} {shape}", column.name);
    if !column.nullable {
        line.push_str(" NOT NULL");
    }
    match column.name.as_str() {
        "version" => line.push_str(" DEFAULT 1"),
        "search" => line.push_str(" DEFAULT ''"),
        _ => {}
    }
    if let Some(reference) = table.references.iter().find(|reference| reference.column == column.name) {
        let on_delete = match reference.on_delete {
            OnDelete::Cascade => "CASCADE",
            OnDelete::Protect => "RESTRICT",
            OnDelete::SetNull => "SET NULL",
        };
        let _ = write!(
            line,
            "\n        CONSTRAINT {} REFERENCES {} (id) ON DELETE {on_delete}",
            reference.name, reference.to
        );
    }
    line
}
