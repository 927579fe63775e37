//! The PeeringDB cache is written in bulk: many rows a statement, with PeeringDB's own ids and times, without change
//! records. Operators' objects that lose their link to a cached row are changed like any other, with a record.
//!
//! Rows must come parents first, as [`peerage_model::registry::TYPES`] lists their types.

use crate::{
    Action, Event, Store, StoreError, Write,
    column::{Cell, Shape, columns, has_search},
    constraint::explain,
    database::Sql,
    insertion::{insert_rows, rows_at_once},
    read::check_permit,
};
use peerage_model::{
    Field, Label, ObjectType, Origin, Permit, Problem, Record,
    permit::{Add, Change, Delete, View},
    types::CHANGE,
};
use sea_query::{Expr, ExprTrait, OnConflict, Query};

/// Ids of one `DELETE`.
const IDS_AT_ONCE: usize = 4_096;

impl Store {
    /// Id and `updated` of every cached row of a type, by id: what a synchronisation compares with before it opens a write.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn cached_stamps(&self, permit: &Permit<View>) -> Result<Vec<(i64, Option<i64>)>, StoreError> {
        let of = permit.of();
        must_be_cached(of)?;
        let sql = {
            let mut select = Query::select();
            select.columns(["id", "updated"]).from(of.table()).order_by("id", sea_query::Order::Asc);
            self.dialect().build(&select)
        };
        let rows = self.reading().fetch(sql, &[Shape::Int, Shape::Int]).await?;
        let stamp = |row: Vec<Cell>| match row.as_slice() {
            [id, Cell::Int(updated)] => (id.int(), Some(*updated)),
            [id, ..] => (id.int(), None),
            [] => (0, None),
        };
        Ok(rows.into_iter().map(stamp).collect())
    }
}

impl Write {
    /// Stores cached rows under their own ids, over what is there.
    ///
    /// # Errors
    /// `Invalid` for a value that does not fit or a reference to a row that is not there.
    pub async fn upsert_cached(&mut self, permit: &Permit<Change>, records: &[Record]) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_upsert(permit, records).await;
        self.noted(result)
    }

    async fn try_upsert(&mut self, permit: &Permit<Change>, records: &[Record]) -> Result<(), StoreError> {
        let of = permit.of();
        must_be_cached(of)?;
        self.check_writer(of)?;
        for portion in records.chunks(rows_at_once(of)) {
            let sql = {
                for record in portion {
                    check_permit(permit, record)?;
                }
                let mut statement = insert_rows(of, portion, self.store.key().as_ref(), true)?;
                statement.on_conflict(overwrite(of));
                self.store.dialect().build(&statement)
            };
            if let Err(error) = self.door().execute(sql).await {
                return Err(explain(&mut self.door(), of, portion, error).await);
            }
        }
        self.tell_of_many(of, Action::Update);
        Ok(())
    }

    /// Deletes cached rows and what cascades from them; ids that are not there are passed over.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn delete_cached(&mut self, permit: &Permit<Delete>, ids: &[i64]) -> Result<u64, StoreError> {
        self.usable()?;
        let result = self.try_delete_cached(permit, ids).await;
        self.noted(result)
    }

    async fn try_delete_cached(&mut self, permit: &Permit<Delete>, ids: &[i64]) -> Result<u64, StoreError> {
        let of = permit.of();
        must_be_cached(of)?;
        self.check_writer(of)?;
        self.prepare_deletion(of, ids).await?;
        let mut count = 0;
        for portion in ids.chunks(IDS_AT_ONCE) {
            let sql = Sql::delete(self.store.dialect(), of, portion);
            count += self.door().execute(sql).await?;
        }
        self.tell_of_many(of, Action::Delete);
        Ok(count)
    }

    /// Stores many of the system's own notes at once. Readers hear of them together.
    ///
    /// # Errors
    /// The type is no note; `Invalid` for a value that does not fit or a reference to a row that is not there.
    pub async fn note_many(&mut self, permit: &Permit<Add>, records: &[Record]) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_note_many(permit, records).await;
        self.noted(result)
    }

    async fn try_note_many(&mut self, permit: &Permit<Add>, records: &[Record]) -> Result<(), StoreError> {
        let of = permit.of();
        self.must_be_noted(of)?;
        for record in records {
            check_permit(permit, record)?;
        }
        self.insert_many(of, records, false).await?;
        self.tell_of_many(of, Action::Create);
        Ok(())
    }

    /// Deletes notes of a type, `most` at most, and says how many: 0 once there are none.
    ///
    /// # Errors
    /// The type is no note, or something refers to one; a failure of the database.
    pub async fn clear_notes(&mut self, permit: &Permit<Delete>, most: u64) -> Result<u64, StoreError> {
        self.usable()?;
        let result = self.try_clear_notes(permit.of(), most).await;
        self.noted(result)
    }

    async fn try_clear_notes(&mut self, of: &'static ObjectType, most: u64) -> Result<u64, StoreError> {
        self.must_be_noted(of)?;
        let sql = {
            let some = Query::select().column("id").from(of.table()).limit(most).to_owned();
            let mut delete = Query::delete();
            delete.from_table(of.table()).and_where(Expr::col("id").in_subquery(some));
            self.store.dialect().build(&delete)
        };
        let count = self.door().execute(sql).await?;
        self.tell_of_many(of, Action::Delete);
        Ok(count)
    }

    /// Notes are the system's, as is what it observes for itself: of its log of changes only retention takes any away.
    fn must_be_noted(&self, of: &'static ObjectType) -> Result<(), StoreError> {
        let is_observed = of.origin == Origin::System && of.fields.iter().any(Field::is_observed);
        if (of.origin == Origin::Note || is_observed) && !of.is(&CHANGE) && self.who.user.is_none() {
            Ok(())
        } else {
            Err(Problem::new(Label::Forbidden, format!("{} are not written in bulk.", of.plural)).into())
        }
    }

    pub(crate) fn tell_of_many(&mut self, of: &'static ObjectType, action: Action) {
        let event = Event { of, id: 0, version: 0, action };
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }
}

fn must_be_cached(of: &'static ObjectType) -> Result<(), StoreError> {
    if of.origin == Origin::PeeringDb {
        Ok(())
    } else {
        Err(Problem::new(Label::Forbidden, format!("{} are not cached from PeeringDB.", of.plural)).into())
    }
}

/// Every column becomes what the refused row said; the version counts on.
fn overwrite(of: &'static ObjectType) -> OnConflict {
    let mut conflict = OnConflict::column("id");
    conflict.update_columns(of.fields.iter().flat_map(columns).map(|column| column.name));
    if has_search(of) {
        conflict.update_column("search");
    }
    conflict.value("version", Expr::col((of.table(), "version")).add(1i64));
    conflict
}
