//! The PeeringDB cache is written in bulk: many rows a statement, with PeeringDB's own ids and times, without change
//! records. Operators' objects that lose their link to a cached row are changed like any other, with a record.
//!
//! Rows must come parents first, as [`peerage_model::registry::TYPES`] lists their types.

use crate::{
    Action, Event, Store, StoreError, Write,
    change::is_recorded,
    column::{Cell, Shape, columns, has_search, main_column},
    constraint::explain,
    database::Sql,
    read::check_permit,
    write::{insert_rows, rows_at_once},
};
use peerage_model::{
    Kind, Label, ObjectType, OnDelete, Origin, Permit, Problem, Record,
    permit::{Add, Change, Delete, View},
    registry,
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

    /// Deletes every cached row of a type, and of the cached types whose rows cannot be without one.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn truncate_cached(&mut self, permit: &Permit<Delete>) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_truncate(permit).await;
        self.noted(result)
    }

    async fn try_truncate(&mut self, permit: &Permit<Delete>) -> Result<(), StoreError> {
        must_be_cached(permit.of())?;
        self.check_writer(permit.of())?;
        for of in with_dependants(permit.of()) {
            for (owner, field) in registry::referring(of) {
                if !is_recorded(owner) || !matches!(field.kind, Kind::Reference { on_delete: OnDelete::SetNull, .. }) {
                    continue;
                }
                let sql = {
                    let linked = Expr::col(main_column(field)).is_not_null();
                    let select = Query::select().column("id").from(owner.table()).and_where(linked).to_owned();
                    self.store.dialect().build(&select)
                };
                let rows = self.door().fetch(sql, &[Shape::Int]).await?;
                let ids: Vec<i64> = rows.iter().filter_map(|row| row.first()).map(Cell::int).collect();
                self.release(owner, field, &ids, |_| true).await?;
            }
            let sql = self.store.dialect().build(Query::delete().from_table(of.table()));
            self.door().execute(sql).await?;
            self.tell_of_many(of, Action::Delete);
        }
        Ok(())
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

    /// Deletes all notes of a type.
    ///
    /// # Errors
    /// The type is no note, or something refers to one; a failure of the database.
    pub async fn clear_notes(&mut self, permit: &Permit<Delete>) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_clear_notes(permit.of()).await;
        self.noted(result)
    }

    async fn try_clear_notes(&mut self, of: &'static ObjectType) -> Result<(), StoreError> {
        self.must_be_noted(of)?;
        let sql = self.store.dialect().build(Query::delete().from_table(of.table()));
        self.door().execute(sql).await?;
        self.tell_of_many(of, Action::Delete);
        Ok(())
    }

    /// Notes are the system's: of its log of changes only retention takes any away.
    fn must_be_noted(&self, of: &'static ObjectType) -> Result<(), StoreError> {
        if of.origin == Origin::Note && !of.is(&CHANGE) && self.who.user.is_none() {
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

/// A type after all those that cascade from it.
fn with_dependants(of: &'static ObjectType) -> Vec<&'static ObjectType> {
    let mut order: Vec<&'static ObjectType> = Vec::new();
    for (dependant, field) in registry::referring(of) {
        let cascades = matches!(field.kind, Kind::Reference { on_delete: OnDelete::Cascade, .. });
        if cascades && dependant.origin == Origin::PeeringDb && !dependant.is(of) {
            for deeper in with_dependants(dependant) {
                if !order.contains(&deeper) {
                    order.push(deeper);
                }
            }
        }
    }
    order.push(of);
    order
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
