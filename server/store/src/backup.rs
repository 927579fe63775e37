//! Everything that a database holds, as one stream of text, and back: a backup of either database restores into the other.
//!
//! A backup is JSON, one value a line: a head, then for each table its name and columns followed by its rows, then how many
//! rows there were, so that a file that was cut short is told from a whole one. Tables and columns are those of
//! [`expected_schema`], so that a new object type is in it without a line here. It is read in one transaction that sees one
//! moment, while others write. Secrets stay sealed: the key is not in it, only the key's name; without that key a backup
//! gives everything but them. The events of the last day stay behind: they tell of commits of that one database.

use crate::{
    Store, StoreError,
    column::{Cell, Column, Shape, main_column, null},
    database::{Dialect, Door, MOST_BINDS, Row, Sql},
    insertion::advance_ids,
    migrations,
    rotation::{current, must_be, secrets},
    schema::{Table, expected_schema},
    store::now,
};
use peerage_model::{
    Label, Problem, Who,
    permit::{Add, Delete, View},
    registry,
    types::{CHANGE, USER},
};
use sea_query::{Condition, Expr, ExprTrait, Order, Query};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::io::{BufRead, Write};

/// Rows of one `SELECT`.
const ROWS_AT_ONCE: u64 = 2_000;
/// The longest line that is read: no row of ours comes near it.
const LONGEST_LINE: u64 = 64 << 20;
/// What this version writes and reads.
const FORMAT: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The form of the file; this version reads 1.
    pub peerage_backup: u32,
    /// The newest migration of the database that it was taken from.
    pub schema: i64,
    /// The name of the key that secrets are sealed with; none: there was no key.
    pub key: Option<String>,
    /// Microseconds since 1970.
    pub taken: i64,
}

/// How a backup is restored.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restore {
    /// Leaves every sealed secret empty: for those who have lost the key.
    pub without_secrets: bool,
}

/// Before the rows of a table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    table: String,
    columns: Vec<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    rows: u64,
}

/// Why there is no backup, or why one was not restored. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the file: {0}")]
    File(#[from] std::io::Error),
    #[error("This is no backup of Peerage: its first line is none that Peerage writes.")]
    Foreign,
    #[error("The backup is of form {0}, which this version does not read. Restore it with the version that wrote it.")]
    Format(u32),
    #[error(
        "The backup has schema {found}, this version has {known}. Restore it with the version that wrote it; \
         after that, this version migrates the database."
    )]
    Schema { found: i64, known: i64 },
    #[error(
        "Secrets of the backup are sealed with the key {wanted}, but the key in use is {present}. Give the right key file, or restore without secrets."
    )]
    OtherKey { wanted: String, present: String },
    #[error("The database is in use: it has users or changes. Restore into an empty one.")]
    InUse,
    #[error("Line {line} is damaged: {reason}.")]
    Line { line: u64, reason: String },
    #[error("The backup was cut short: it does not end as a whole one does.")]
    CutShort,
}

impl From<sqlx::Error> for BackupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Problem> for BackupError {
    fn from(problem: Problem) -> Self {
        Self::Store(problem.into())
    }
}

impl Store {
    /// Writes everything to `out`, as of one moment; says how many rows that were.
    ///
    /// # Errors
    /// `who` may not see all of it, the database fails, `out` does.
    pub async fn backup(&self, who: &Who, out: &mut impl Write) -> Result<u64, BackupError> {
        for of in registry::TYPES {
            who.permit::<View>(of)?;
        }
        // sealed secrets leave with it
        if !who.sees_secrets() {
            return Err(Problem::new(Label::Forbidden, "A backup is for those who may see secrets.").into());
        }
        let mut tx = self.inner.pools.snapshot().await?;
        let key = self.key();
        if let Some(key) = &key {
            // the head is to name the key that its secrets open with
            must_be(current(&mut tx.door(&self.inner.statements)).await?, key).map_err(StoreError::from)?;
        }
        let head = Head {
            peerage_backup: FORMAT,
            schema: migrations::newest().map_err(StoreError::from)?,
            key: key.map(|key| key.id().to_owned()),
            taken: now(),
        };
        write_line(out, &head)?;
        let mut rows = 0;
        for table in expected_schema() {
            write_line(out, &Section { table: table.name.clone(), columns: names(&table) })?;
            rows += write_rows(&mut tx.door(&self.inner.statements), &table, out).await?;
        }
        write_line(out, &End { rows })?;
        out.flush()?;
        Ok(rows)
    }

    /// Fills a migrated database that nobody uses yet, in one transaction; says how many rows there were.
    ///
    /// # Errors
    /// `who` may not write all of it; the database is in use; the backup is of another schema, sealed with another key,
    /// damaged or cut short. The database is as it was before, then.
    pub async fn restore(&self, who: &Who, from: &mut impl BufRead, how: Restore) -> Result<u64, BackupError> {
        for of in registry::TYPES {
            who.permit::<Add>(of)?;
            who.permit::<Delete>(of)?;
        }
        let mut lines = Lines { from, number: 0 };
        self.check_head(&mut lines, how)?;
        let tables = expected_schema();
        let secrets = if how.without_secrets { secret_columns() } else { Vec::new() };
        let mut tx = self.inner.pools.begin().await?;
        {
            let mut door = tx.door(&self.inner.statements);
            for of in [&USER, &CHANGE] {
                let any = Query::select().column("id").from(of.table()).limit(1).to_owned();
                if !door.fetch(self.dialect().build(&any), &[Shape::Int]).await?.is_empty() {
                    return Err(BackupError::InUse);
                }
            }
            // what a migration or an earlier synchronisation has put there
            for table in tables.iter().rev() {
                door.execute(self.dialect().build(Query::delete().from_table(table.name.clone()))).await?;
            }
        }
        // what is restored is sealed with the key in use
        tx.door(&self.inner.statements).execute(Sql::fixed("DELETE FROM core_key")).await?;
        let rows = fill(&mut tx.door(&self.inner.statements), &tables, &secrets, &mut lines).await?;
        tx.commit().await?;
        self.analyse().await?;
        Ok(rows)
    }

    fn check_head(&self, lines: &mut Lines<'_, impl BufRead>, how: Restore) -> Result<(), BackupError> {
        let Json::Object(line) = lines.next().map_err(|_| BackupError::Foreign)? else {
            return Err(BackupError::Foreign);
        };
        let head: Head = serde_json::from_value(Json::Object(line)).map_err(|_| BackupError::Foreign)?;
        if head.peerage_backup != FORMAT {
            return Err(BackupError::Format(head.peerage_backup));
        }
        let known = migrations::newest().map_err(StoreError::from)?;
        if head.schema != known {
            return Err(BackupError::Schema { found: head.schema, known });
        }
        match (head.key, self.key()) {
            (Some(wanted), Some(key)) if wanted != key.id() && !how.without_secrets => {
                Err(BackupError::OtherKey { wanted, present: key.id().to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// Table and column of every field that is sealed.
fn secret_columns() -> Vec<(String, String)> {
    secrets().map(|(of, field)| (of.table(), main_column(field))).collect()
}

fn names(table: &Table) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

// ---- out ----

fn write_line(out: &mut impl Write, line: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

async fn write_rows(door: &mut Door<'_>, table: &Table, out: &mut impl Write) -> Result<u64, BackupError> {
    let shapes: Vec<Shape> = table.columns.iter().map(|column| column.shape).collect();
    // the primary key's columns stand first
    let keys = table.primary.len();
    let mut last: Option<Vec<i64>> = None;
    let mut count = 0;
    loop {
        let sql = {
            let mut select = Query::select();
            select.columns(names(table)).from(table.name.clone()).limit(ROWS_AT_ONCE);
            for name in &table.primary {
                select.order_by(name.clone(), Order::Asc);
            }
            if let Some(last) = &last {
                select.cond_where(beyond(&table.primary, last));
            }
            door.dialect().build(&select)
        };
        let rows = door.fetch(sql, &shapes).await?;
        let Some(row) = rows.last() else { return Ok(count) };
        last = Some(row.iter().take(keys).map(Cell::int).collect());
        for row in rows {
            count += 1;
            write_line(out, &Json::Array(row.into_iter().map(json).collect()))?;
        }
    }
}

/// Rows after the one with this key, in the order of the key.
fn beyond(primary: &[String], last: &[i64]) -> Condition {
    let mut any = Condition::any();
    for (at, (name, value)) in primary.iter().zip(last).enumerate() {
        let same = primary.iter().zip(last).take(at).map(|(name, value)| Expr::col(name.clone()).eq(*value));
        let after = same.fold(Condition::all(), Condition::add);
        any = any.add(after.add(Expr::col(name.clone()).gt(*value)));
    }
    any
}

fn json(cell: Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Int(number) => number.into(),
        Cell::Bool(yes) => yes.into(),
        Cell::Real(number) => number.into(),
        Cell::Text(text) => text.into(),
    }
}

// ---- in ----

/// The lines of a backup, counted.
struct Lines<'a, R> {
    from: &'a mut R,
    number: u64,
}

impl<R: BufRead> Lines<'_, R> {
    fn next(&mut self) -> Result<Json, BackupError> {
        let mut line = Vec::new();
        std::io::Read::take(&mut *self.from, LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Err(BackupError::CutShort);
        }
        self.number += 1;
        match serde_json::from_slice(&line) {
            Ok(json) => Ok(json),
            // a line without its end is the last of a file that was cut
            Err(_) if line.last() != Some(&b'\n') => Err(BackupError::CutShort),
            Err(error) => Err(self.damaged(error.to_string())),
        }
    }

    fn damaged(&self, reason: String) -> BackupError {
        BackupError::Line { line: self.number, reason }
    }
}

async fn fill(
    door: &mut Door<'_>,
    tables: &[Table],
    left_out: &[(String, String)],
    lines: &mut Lines<'_, impl BufRead>,
) -> Result<u64, BackupError> {
    let mut count = 0;
    let mut line = lines.next()?;
    for table in tables {
        let section: Section = serde_json::from_value(line).map_err(|error| lines.damaged(error.to_string()))?;
        if section.table != table.name || section.columns != names(table) {
            return Err(lines.damaged(format!("the columns of {} are expected", table.name)));
        }
        let at_once = (MOST_BINDS / table.columns.len()).min(1_000);
        let is_left_out = |column: &String| left_out.contains(&(table.name.clone(), column.clone()));
        let emptied: Vec<usize> =
            (0..table.columns.len()).filter(|index| is_left_out(&table.columns[*index].name)).collect();
        let mut rows = Vec::new();
        line = loop {
            let next = lines.next()?;
            let Json::Array(mut row) = next else { break next };
            for index in &emptied {
                if let Some(value) = row.get_mut(*index) {
                    *value = Json::Null;
                }
            }
            rows.push(cells(table, row).map_err(|reason| lines.damaged(reason))?);
            count += 1;
            if rows.len() == at_once {
                insert(door, table, std::mem::take(&mut rows)).await?;
            }
        };
        insert(door, table, rows).await?;
        if door.dialect() == Dialect::Postgres && table.primary == ["id"] {
            door.execute(advance_ids(&table.name)).await?;
        }
    }
    let end: End = serde_json::from_value(line).map_err(|error| lines.damaged(error.to_string()))?;
    if end.rows == count { Ok(count) } else { Err(lines.damaged(format!("{count} rows were read, not {}", end.rows))) }
}

fn cells(table: &Table, row: Vec<Json>) -> Result<Row, String> {
    if row.len() != table.columns.len() {
        return Err(format!("{} values are expected, not {}", table.columns.len(), row.len()));
    }
    let cells = table.columns.iter().zip(row).map(|(column, json)| {
        cell(column, json).ok_or_else(|| format!("{}.{} has a value of another kind", table.name, column.name))
    });
    cells.collect()
}

fn cell(column: &Column, json: Json) -> Option<Cell> {
    match (column.shape, json) {
        (_, Json::Null) if column.nullable => Some(Cell::Null),
        (Shape::Bool, Json::Bool(yes)) => Some(Cell::Bool(yes)),
        (Shape::Text, Json::String(text)) => Some(Cell::Text(text)),
        (Shape::Int, Json::Number(number)) => number.as_i64().map(Cell::Int),
        (Shape::Real, Json::Number(number)) => number.as_f64().map(Cell::Real),
        _ => None,
    }
}

async fn insert(door: &mut Door<'_>, table: &Table, rows: Vec<Row>) -> Result<(), BackupError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sql: Sql = {
        let mut statement = Query::insert();
        statement.into_table(table.name.clone()).columns(names(table));
        for row in rows {
            let value = |(column, cell): (&Column, Cell)| match cell {
                Cell::Null => Expr::from(null(column.shape)),
                Cell::Int(number) => number.into(),
                Cell::Bool(yes) => yes.into(),
                Cell::Real(number) => number.into(),
                Cell::Text(text) => text.into(),
            };
            // as many as columns: `cells` has counted them
            statement.values_panic(table.columns.iter().zip(row).map(value).collect::<Vec<_>>());
        }
        door.dialect().build(&statement)
    };
    door.execute(sql).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_comes_after_those_that_it_refers_to() {
        let tables = expected_schema();
        for (at, table) in tables.iter().enumerate() {
            for reference in &table.references {
                assert!(
                    tables[..at].iter().any(|earlier| earlier.name == reference.to),
                    "{} refers to {}, which is restored later",
                    table.name,
                    reference.to
                );
            }
        }
    }
}
