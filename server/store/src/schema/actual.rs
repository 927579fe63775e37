//! What a database's tables look like, read from its own catalogue in the words of [`super`]. SQLite does not name foreign
//! keys in its catalogue, so those names are empty there.

use super::{Index, Reference, Table};
use crate::{
    Store, StoreError,
    column::{Cell, Column, Shape},
    database::{Dialect, Door, Sql},
};
use peerage_model::OnDelete;

/// Tables of the product; those of the machinery are left out.
const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
    AND name NOT IN ('schema_migrations', 'core_event', 'core_key') ORDER BY name";

const SQLITE_COLUMNS: &str = "SELECT m.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_master AS m
    JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.cid";

const SQLITE_REFERENCES: &str = "SELECT m.name, '', f.\"from\", f.\"table\", f.on_delete FROM sqlite_master AS m
    JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'";

const SQLITE_INDEXES: &str = "SELECT m.name, i.name, i.\"unique\", c.name FROM sqlite_master AS m
    JOIN pragma_index_list(m.name) AS i JOIN pragma_index_info(i.name) AS c
    WHERE m.type = 'table' AND i.origin = 'c' ORDER BY m.name, i.name, c.seqno";

const POSTGRES_TABLES: &str = "SELECT c.relname::text FROM pg_class AS c WHERE c.relkind = 'r'
    AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('schema_migrations', 'core_event', 'core_key') ORDER BY 1";

const POSTGRES_COLUMNS: &str = "SELECT c.relname::text, a.attname::text,
    format_type(a.atttypid, a.atttypmod) || coalesce(' ' || nullif(l.collname, 'default'), ''),
    CASE WHEN a.attnotnull THEN 1 ELSE 0 END::bigint,
    coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)::bigint
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum";

const POSTGRES_REFERENCES: &str = "SELECT c.relname::text, k.conname::text, a.attname::text, t.relname::text,
    CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS t ON t.oid = k.confrelid
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace";

const POSTGRES_INDEXES: &str = "SELECT c.relname::text, n.relname::text, CASE WHEN i.indisunique THEN 1 ELSE 0 END::bigint,
    a.attname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_class AS n ON n.oid = i.indexrelid
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE NOT i.indisprimary AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, n.relname, k.place";

impl Store {
    /// The tables that the database has, by name.
    ///
    /// # Errors
    /// A failure of the database, or a column of a type that no description leads to.
    pub async fn actual_schema(&self) -> Result<Vec<Table>, StoreError> {
        let mut door = self.reading();
        let sqlite = door.dialect() == Dialect::Sqlite;
        let pick =
            |sqlite_text: &'static str, postgres_text: &'static str| if sqlite { sqlite_text } else { postgres_text };
        let text = Shape::Text;
        let mut tables: Vec<Table> = texts(&mut door, pick(SQLITE_TABLES, POSTGRES_TABLES), &[text])
            .await?
            .into_iter()
            .map(|row| empty(name(&row, 0)))
            .collect();
        let shapes = [text, text, text, Shape::Int, Shape::Int];
        for row in texts(&mut door, pick(SQLITE_COLUMNS, POSTGRES_COLUMNS), &shapes).await? {
            let Some(table) = find(&mut tables, &row) else { continue };
            let primary = row.get(4).map_or(0, Cell::int) > 0;
            let nullable = row.get(3).map_or(0, Cell::int) == 0 && !primary;
            table.columns.push(Column { name: name(&row, 1), shape: shape_of(&row)?, nullable });
            if primary {
                table.primary.push(name(&row, 1));
            }
        }
        for row in texts(&mut door, pick(SQLITE_REFERENCES, POSTGRES_REFERENCES), &[text; 5]).await? {
            let Some(table) = find(&mut tables, &row) else { continue };
            let on_delete = match name(&row, 4).as_str() {
                "CASCADE" => OnDelete::Cascade,
                "SET NULL" => OnDelete::SetNull,
                _ => OnDelete::Protect,
            };
            table.references.push(Reference {
                name: name(&row, 1),
                column: name(&row, 2),
                to: name(&row, 3),
                on_delete,
            });
        }
        let shapes = [text, text, Shape::Int, text];
        for row in texts(&mut door, pick(SQLITE_INDEXES, POSTGRES_INDEXES), &shapes).await? {
            let Some(table) = find(&mut tables, &row) else { continue };
            let unique = row.get(2).map_or(0, Cell::int) == 1;
            let indexes = if unique { &mut table.uniques } else { &mut table.indexes };
            match indexes.iter_mut().find(|index| index.name == name(&row, 1)) {
                Some(index) => index.columns.push(name(&row, 3)),
                None => indexes.push(Index { name: name(&row, 1), columns: vec![name(&row, 3)] }),
            }
        }
        // the databases tell of them in no order
        tables.iter_mut().for_each(|table| table.references.sort_by(|a, b| a.name.cmp(&b.name)));
        Ok(tables)
    }
}

async fn texts(door: &mut Door<'_>, statement: &str, shapes: &[Shape]) -> Result<Vec<Vec<Cell>>, sqlx::Error> {
    door.fetch(Sql::fixed(statement), shapes).await
}

fn empty(name: String) -> Table {
    Table { name, columns: vec![], primary: vec![], references: vec![], uniques: vec![], indexes: vec![] }
}

fn name(row: &[Cell], at: usize) -> String {
    if let Some(Cell::Text(text)) = row.get(at) { text.clone() } else { String::new() }
}

fn find<'a>(tables: &'a mut [Table], row: &[Cell]) -> Option<&'a mut Table> {
    let wanted = name(row, 0);
    tables.iter_mut().find(|table| table.name == wanted)
}

fn shape_of(row: &[Cell]) -> Result<Shape, StoreError> {
    match name(row, 2).to_ascii_uppercase().as_str() {
        "BIGINT" | "INTEGER" => Ok(Shape::Int),
        "BOOLEAN" => Ok(Shape::Bool),
        "DOUBLE PRECISION" => Ok(Shape::Real),
        "TEXT" | "TEXT C" => Ok(Shape::Text),
        other => Err(StoreError::Unreadable {
            place: format!("{}.{}", name(row, 0), name(row, 1)),
            reason: format!("columns of type {other} are not described"),
        }),
    }
}
