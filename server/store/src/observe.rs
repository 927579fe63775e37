//! What was observed, written into the fields that are for it ([`Field::observed`]): many rows with one statement, because a router
//! has hundreds of sessions and is asked every few minutes.
//!
//! What must stay true: an observation is nobody's edit. It makes no version, so that nobody who edits the object meanwhile is
//! overtaken; it makes no change record, so that nothing of it is ever undone; and an edit leaves it as it is. Readers hear that
//! rows of the type are new.

use crate::{
    Action, StoreError, Write,
    column::{columns, encode},
    database::MOST_BINDS,
    read::{check_permit, field_of},
};
use peerage_model::{Field, Label, Permit, Problem, Record, permit::Change};
use sea_query::{Expr, ExprTrait, IntoIden, Query, TableRef, ValueTuple};

/// The rows as they were seen, in the statement.
const SEEN: &str = "seen";

impl Write {
    /// Puts these fields of some objects, by their ids, into the rows; the other fields of the records are not looked at, and
    /// objects that are gone are passed over.
    ///
    /// # Errors
    /// A field that is not for observations; who writes is a person; a value that does not fit; a failure of the database.
    pub async fn observe(
        &mut self,
        permit: &Permit<Change>,
        fields: &[&str],
        records: &[Record],
    ) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_observe(permit, fields, records).await;
        self.noted(result)
    }

    async fn try_observe(
        &mut self,
        permit: &Permit<Change>,
        fields: &[&str],
        records: &[Record],
    ) -> Result<(), StoreError> {
        let of = permit.of();
        let fields = fields.iter().map(|name| field_of(of, name)).collect::<Result<Vec<&'static Field>, _>>()?;
        if self.who.user.is_some() || fields.iter().any(|field| !field.is_observed()) {
            let words = format!("{} are observed by Peerage itself, and only what can be observed.", of.plural);
            return Err(Problem::new(Label::Forbidden, words).into());
        }
        if records.is_empty() || fields.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = fields.iter().flat_map(|field| columns(field)).map(|column| column.name).collect();
        for portion in records.chunks((MOST_BINDS / (names.len() + 1)).max(1)) {
            let sql = {
                let mut rows = Vec::with_capacity(portion.len());
                for record in portion {
                    check_permit(permit, record)?;
                    let mut row: Vec<sea_query::Value> = Vec::with_capacity(names.len() + 1);
                    row.push(record.id.into());
                    for field in &fields {
                        row.extend(encode(of, field, record.get(field.name), self.store.key().as_ref())?);
                    }
                    rows.push(ValueTuple::Many(row));
                }
                let mut statement = Query::update();
                statement.table(of.table());
                // both databases call the columns of VALUES so
                for (at, name) in names.iter().enumerate() {
                    statement.value(name.clone(), Expr::col((SEEN, format!("column{}", at + 2))));
                }
                statement.from(TableRef::ValuesList(rows, SEEN.into_iden()));
                statement.and_where(Expr::col((of.table(), "id")).eq(Expr::col((SEEN, "column1"))));
                self.store.dialect().build(&statement)
            };
            self.door().execute(sql).await?;
        }
        self.tell_of_many(of, Action::Update);
        Ok(())
    }
}
