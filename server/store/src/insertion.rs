//! New rows: one object with all that is looked at, many with some statements, or rows that are not looked at at all.
//!
//! What is stored is settled first: one form of each value, the author, the times. An id that is given is kept.

use crate::{
    Action, Event, StoreError, Write,
    column::{Cell, Shape, columns, encode, has_search},
    constraint::explain,
    database::{MOST_BINDS, Sql},
    read::check_permit,
    secret::SecretKey,
    write::{hide, set_time, settled},
};
use peerage_model::{Kind, ObjectType, Permit, Problem, Record, Value, filter::search_text, permit::Add};
use sea_query::{Expr, InsertStatement, Query};

/// Rows of one `INSERT`: more gain nothing.
const ROWS_AT_ONCE: usize = 500;

impl Write {
    /// Stores a new object, and gives it back with its id, version and times. An id that is given is kept.
    ///
    /// # Errors
    /// `Invalid` at the field that a constraint refuses or whose value does not fit; `Forbidden` for what only the system
    /// writes, and for an object that the permit does not reach as it would be.
    pub async fn insert(&mut self, permit: &Permit<Add>, record: Record) -> Result<Record, StoreError> {
        self.usable()?;
        let result = self.try_insert(permit, record).await;
        self.noted(result)
    }

    async fn try_insert(&mut self, permit: &Permit<Add>, record: Record) -> Result<Record, StoreError> {
        let mut record = self.as_new(permit, record).await?;
        let of = record.of;
        let given = record.id > 0;
        let mut statement = insert_rows(of, std::slice::from_ref(&record), self.store.key().as_ref(), given)?;
        statement.returning_col("id");
        let sql = self.store.dialect().build(&statement);
        drop(statement);
        let rows = match self.door().fetch(sql, &[Shape::Int]).await {
            Ok(rows) => rows,
            Err(error) => return Err(explain(&mut self.door(), of, &[record], error).await),
        };
        record.id = rows.first().and_then(|row| row.first()).map_or(0, |cell| cell.int());
        record.version = 1;
        if given && self.store.dialect() == crate::Dialect::Postgres {
            self.door().execute(advance_ids(&of.table())).await?;
        }
        self.insert_links(of, std::slice::from_ref(&record)).await?;
        self.must_reach(permit, &[record.id]).await?;
        self.record_change(Action::Create, None, Some(record.clone()));
        self.events.push(Event { of, id: record.id, version: 1, action: Action::Create });
        Ok(hide(record))
    }

    /// Stores many new objects of the permit's type as [`Write::insert`] does, many rows a statement; gives them back in their
    /// order. Readers hear of them together.
    ///
    /// # Errors
    /// As for [`Write::insert`], without saying of which object.
    pub async fn insert_all(&mut self, permit: &Permit<Add>, records: Vec<Record>) -> Result<Vec<Record>, StoreError> {
        self.usable()?;
        let result = self.try_insert_all(permit, records).await;
        self.noted(result)
    }

    async fn try_insert_all(&mut self, permit: &Permit<Add>, records: Vec<Record>) -> Result<Vec<Record>, StoreError> {
        let of = permit.of();
        let mut ready = Vec::with_capacity(records.len());
        for record in records {
            ready.push(self.as_new(permit, record).await?);
        }
        let ids = self.insert_numbered(of, &ready).await?;
        for (record, id) in ready.iter_mut().zip(ids) {
            record.id = id;
            record.version = 1;
        }
        self.insert_links(of, &ready).await?;
        let ids: Vec<i64> = ready.iter().map(|record| record.id).collect();
        self.must_reach(permit, &ids).await?;
        for record in &ready {
            self.record_change(Action::Create, None, Some(record.clone()));
        }
        self.tell_of_many(of, Action::Create);
        Ok(ready.into_iter().map(hide).collect())
    }

    /// A new object as it will be stored: settled, with its author and its times; and what must be true before.
    async fn as_new(&mut self, permit: &Permit<Add>, mut record: Record) -> Result<Record, StoreError> {
        check_permit(permit, &record)?;
        self.check_writer(record.of)?;
        let of = record.of;
        for (index, field) in of.fields.iter().enumerate() {
            if matches!((field.kind, record.at(index)), (Kind::Secret { .. }, Value::Hidden)) {
                return Err(Problem::field(field.name, "It was not sent, because it is secret. Type it again.").into());
            }
            let value = match self.who.user.filter(|_| field.is_author() && record.at(index).is_null()) {
                Some(author) => Value::Int(author),
                None => settled(field, record.at(index)),
            };
            record.set_at(index, value);
        }
        self.must_be_attached(&record).await?;
        if of.origin.is_edited() {
            set_time(&mut record, "created", self.at);
            set_time(&mut record, "updated", self.at);
        }
        self.may_seal(&record).await?;
        Ok(record)
    }

    /// Stores many rows without looking at each: change records, cached rows.
    pub(crate) async fn insert_many(
        &mut self,
        of: &'static ObjectType,
        records: &[Record],
        given_ids: bool,
    ) -> Result<(), StoreError> {
        for portion in records.chunks(rows_at_once(of)) {
            let sql = {
                let statement = insert_rows(of, portion, self.store.key().as_ref(), given_ids)?;
                self.store.dialect().build(&statement)
            };
            if let Err(error) = self.door().execute(sql).await {
                return Err(explain(&mut self.door(), of, portion, error).await);
            }
        }
        Ok(())
    }

    /// As [`Write::insert_many`]; gives the numbers of the rows, in their order.
    pub(crate) async fn insert_numbered(
        &mut self,
        of: &'static ObjectType,
        records: &[Record],
    ) -> Result<Vec<i64>, StoreError> {
        let mut ids = Vec::with_capacity(records.len());
        for portion in records.chunks(rows_at_once(of)) {
            let sql = {
                let mut statement = insert_rows(of, portion, self.store.key().as_ref(), false)?;
                statement.returning_col("id");
                self.store.dialect().build(&statement)
            };
            match self.door().fetch(sql, &[Shape::Int]).await {
                Ok(rows) => ids.extend(rows.iter().filter_map(|row| row.first()).map(Cell::int)),
                Err(error) => return Err(explain(&mut self.door(), of, portion, error).await),
            }
        }
        // they are given out in the order of the rows, whatever the order in which they are told
        ids.sort_unstable();
        Ok(ids)
    }
}

/// So many rows of a type fit one statement.
pub(crate) fn rows_at_once(of: &ObjectType) -> usize {
    let width = 3 + of.fields.iter().map(|field| columns(field).len()).sum::<usize>();
    (MOST_BINDS / width).clamp(1, ROWS_AT_ONCE)
}

/// `INSERT INTO table (...) VALUES (...), ...`.
pub(crate) fn insert_rows(
    of: &'static ObjectType,
    records: &[Record],
    key: Option<&SecretKey>,
    given_ids: bool,
) -> Result<InsertStatement, StoreError> {
    let mut names: Vec<String> = Vec::new();
    if given_ids {
        names.push("id".to_owned());
    }
    names.push("version".to_owned());
    if has_search(of) {
        names.push("search".to_owned());
    }
    names.extend(of.fields.iter().flat_map(columns).map(|column| column.name));
    let width = names.len();
    let mut statement = Query::insert();
    statement.into_table(of.table()).columns(names);
    for record in records {
        let mut values: Vec<Expr> = Vec::with_capacity(width);
        if given_ids {
            values.push(record.id.into());
        }
        values.push(1i64.into());
        if has_search(of) {
            values.push(search_text(record).into());
        }
        for (field, value) in record.iter() {
            if !matches!(field.kind, Kind::References { .. }) {
                values.extend(encode(of, field, &settled(field, value), key)?.into_iter().map(Expr::from));
            }
        }
        statement.values_panic(values); // as many as columns: both come from `columns`
    }
    Ok(statement)
}

/// PostgreSQL's next id lies beyond one that was given.
pub(crate) fn advance_ids(table: &str) -> Sql {
    Sql::fixed(&format!(
        "SELECT setval(pg_get_serial_sequence('{table}', 'id'), GREATEST((SELECT MAX(id) FROM {table}), \
         nextval(pg_get_serial_sequence('{table}', 'id'))))"
    ))
}
