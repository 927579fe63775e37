//! Databases as earlier versions have left them, brought to this version's schema. Their rows are written as SQL: what is in a
//! table of long ago is history, which today's descriptions need not know.

use crate::{
    database::Database,
    schema::is_as_described,
    world::{add, all, may, network},
};
use peerage_model::{
    Field, Filter, Kind, Value, address,
    permit::View,
    registry,
    types::{DIRECT_SESSION, IX_SESSION},
};
use peerage_store::{
    MigrationError, StoreError,
    schema::{Column, Reference, Shape, Table},
};
use std::{collections::BTreeMap, path::Path};

/// Rows of each table.
const ROWS: i64 = 2;

/// Columns that a later migration takes away or gives another content, as `table.column`: their data is not compared, so each
/// wants a test of its own beside this one.
const MOVED: &[&str] = &[];

/// Number and text of every migration.
fn migrations() -> Vec<(i64, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut all: Vec<(i64, String)> = files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            (name.split_once('_').unwrap().0.parse().unwrap(), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    all.sort_unstable();
    all
}

/// Those that are referred to before those that refer.
fn parents_first(mut tables: Vec<Table>) -> Vec<Table> {
    let mut order: Vec<Table> = Vec::new();
    while !tables.is_empty() {
        let is_ready = |table: &Table| {
            let known = |to: &str| to == table.name || order.iter().any(|done| done.name == to);
            table.references.iter().all(|reference| known(&reference.to))
        };
        let (ready, rest): (Vec<Table>, Vec<Table>) = tables.into_iter().partition(is_ready);
        assert!(!ready.is_empty(), "tables refer to each other in a circle: {rest:?}");
        order.extend(ready);
        tables = rest;
    }
    order
}

fn field(table: &str, column: &str) -> Option<&'static Field> {
    let of = registry::TYPES.iter().find(|of| of.table() == table)?;
    of.fields.iter().find(|field| field.name == column || format!("{}_key", field.name) == column)
}

/// A value that stood in a column, as SQL.
fn literal(table: &Table, column: &Column, row: i64) -> String {
    let is_reference = |reference: &Reference| reference.column == column.name;
    if table.references.iter().any(is_reference) {
        return row.to_string();
    }
    let field = field(&table.name, &column.name);
    if column.nullable && (row == ROWS || field.is_some_and(|field| matches!(field.kind, Kind::Secret { .. }))) {
        return "NULL".to_owned();
    }
    let is_key = field.is_some_and(|field| field.name != column.name);
    let quoted = |text: String| format!("'{text}'");
    match field.map(|field| field.kind) {
        Some(Kind::IpHost { family }) => {
            let address = if family == 6 { format!("2001:db8::{row}") } else { format!("192.0.2.{row}") };
            quoted(if is_key { address::host_key(address.parse().unwrap()) } else { address })
        }
        Some(Kind::IpInterface { family }) => {
            let net = if family == 6 { format!("2001:db8::{row}/64") } else { format!("192.0.2.{row}/24") };
            quoted(if is_key { address::net_key(net.parse().unwrap()) } else { net })
        }
        Some(Kind::Prefix) => {
            let net = format!("192.0.{row}.0/24");
            quoted(if is_key { address::net_key(net.parse().unwrap()) } else { net })
        }
        Some(Kind::Int { names: [first, ..], .. }) => first.0.to_string(),
        Some(Kind::Int { min, .. }) => (min.max(0) + row).to_string(),
        Some(Kind::Asn { .. }) => (64_500 + row).to_string(),
        Some(Kind::Bool) => "TRUE".to_owned(),
        Some(Kind::Float { .. }) => "1.5".to_owned(),
        Some(Kind::Choice(set)) => quoted(set[0].code.to_owned()),
        Some(Kind::Json { .. }) => quoted("{\"a\":1}".to_owned()),
        Some(Kind::Mac) => quoted(format!("00:1b:77:49:54:f{row}")),
        Some(Kind::Time) => (1_700_000_000_000_000 + row).to_string(),
        // lists, of whatever
        Some(kind) if column.shape == Shape::Text && !kind.is_textual() => quoted("[]".to_owned()),
        _ => match column.shape {
            Shape::Int => row.to_string(),
            Shape::Bool => "FALSE".to_owned(),
            Shape::Real => "2.5".to_owned(),
            Shape::Text => quoted(format!("old {row}")),
        },
    }
}

async fn fill(old: &Database) {
    for table in parents_first(old.store.actual_schema().await.unwrap()) {
        for row in 1..=ROWS {
            // an id is given by the database
            let columns: Vec<_> = table.columns.iter().filter(|column| column.name != "id").collect();
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            let values: Vec<String> = columns.iter().map(|column| literal(&table, column, row)).collect();
            let insert = format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), values.join(", "));
            old.tamper(&insert).await;
        }
    }
}

/// Every row of some tables as one text.
async fn rows(database: &Database, tables: &[Table]) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in tables {
        let stays = |name: &&String| !MOVED.contains(&format!("{}.{name}", table.name).as_str());
        let texts: Vec<String> = table
            .columns
            .iter()
            .map(|column| &column.name)
            .filter(stays)
            .map(|name| format!("coalesce(CAST({name} AS TEXT), 'NULL')"))
            .collect();
        let query = format!("SELECT {} FROM {} ORDER BY 1", texts.join(" || '|' || "), table.name);
        all.insert(table.name.clone(), database.texts(&query).await);
    }
    all
}

pub async fn data_of_every_earlier_schema_is_there_after_migrating(database: &Database) {
    let all_migrations = migrations();
    let newest = all_migrations.last().unwrap().0;
    for (version, _) in all_migrations.iter().filter(|(version, _)| *version < newest) {
        let old = database.another().await;
        old.store.migrate_until(*version).await.unwrap();
        fill(&old).await;
        let tables = old.store.actual_schema().await.unwrap();
        let before = rows(&old, &tables).await;
        assert!(before.values().all(|rows| rows.len() == ROWS as usize), "{before:?}");

        assert!(old.store.migrate().await.unwrap() > 0);
        assert_eq!(old.store.pending_migrations().await.unwrap(), 0);
        is_as_described(&old.store).await;
        assert_eq!(before, rows(&old, &tables).await, "from {version}");
        old.store.check_integrity().await.unwrap();
        for of in registry::TYPES.iter().copied() {
            let read = all(&old.store, of).await;
            // a migration may fill a table that it makes
            let was_there = tables.iter().any(|table| table.name == of.table());
            assert!(!was_there || read.len() == ROWS as usize, "{} from {version}", of.key());
        }
        // and it is written to
        add(&old.store, network(65_000, "New")).await;
        old.finish().await;
    }
}

pub async fn counts_that_no_router_told_are_unknown_after_migrating(database: &Database) {
    let old = database.another().await;
    // 0015 makes unknown of 0
    old.store.migrate_until(14).await.unwrap();
    fill(&old).await;
    for of in [&IX_SESSION, &DIRECT_SESSION] {
        let zero = "received_prefix_count = 0, accepted_prefix_count = 5, last_error = 'Waiting for peer OPEN'";
        old.tamper(&format!("UPDATE {} SET {zero} WHERE id = 1", of.table())).await;
    }
    old.store.migrate().await.unwrap();
    for of in [&IX_SESSION, &DIRECT_SESSION] {
        let told = |id: i64, field: &'static str| {
            let store = &old.store;
            async move { all(store, of).await.iter().find(|session| session.id == id).unwrap().get(field).clone() }
        };
        assert_eq!(told(1, "received_prefix_count").await, Value::Null);
        assert_eq!(told(1, "accepted_prefix_count").await, Value::Int(5));
        assert_eq!(told(1, "last_error").await, of.field("last_error").unwrap().empty_value());
        assert_eq!(told(2, "received_prefix_count").await, Value::Int(2));
        for (filter, found) in [("received_prefix_count:0", 0), ("received_prefix_count:2", 1)] {
            let (filter, _) = Filter::parse(of, filter);
            assert_eq!(old.store.count(&may::<View>(of), &filter).await.unwrap(), found, "{filter:?}");
        }
    }
    old.finish().await;
}

/// The last thing that a migration makes.
fn last_made(text: &str) -> Option<&str> {
    let rest = text.lines().rev().find_map(|line| {
        ["CREATE TABLE ", "CREATE UNIQUE INDEX ", "CREATE INDEX "].iter().find_map(|create| line.strip_prefix(create))
    })?;
    rest.split([' ', '(']).next()
}

pub async fn a_migration_that_is_interrupted_leaves_the_one_before_it(database: &Database) {
    let mut tried = 0;
    let mut before = 0;
    for (version, text) in migrations() {
        let earlier = std::mem::replace(&mut before, version);
        // what is there already is refused, after all the rest was done
        let Some(name) = last_made(&text) else { continue };
        let old = database.another().await;
        old.store.migrate_until(earlier).await.unwrap();
        fill(&old).await;
        let tables = old.store.actual_schema().await.unwrap();
        let data = rows(&old, &tables).await;
        let pending = old.store.pending_migrations().await.unwrap();
        old.tamper(&format!("CREATE TABLE {name} (x BIGINT)")).await;

        let refusal = old.store.migrate().await.unwrap_err();
        let StoreError::Migration(MigrationError::Failed { version: failed, reason, .. }) = &refusal else {
            panic!("{refusal}");
        };
        assert!(*failed == version && reason.contains(name), "{refusal}");
        assert_eq!(old.store.pending_migrations().await.unwrap(), pending);
        old.tamper(&format!("DROP TABLE {name}")).await;
        let left = old.store.actual_schema().await.unwrap();
        for table in &left {
            assert!(tables.contains(table), "{version} was applied in part: {table:?}");
        }
        assert_eq!(left.len(), tables.len(), "{version} was applied in part");
        assert_eq!(rows(&old, &tables).await, data);
        // what stood in the way is gone
        old.store.migrate().await.unwrap();
        is_as_described(&old.store).await;
        old.finish().await;
        tried += 1;
    }
    assert!(tried > 3, "{tried}");
}
