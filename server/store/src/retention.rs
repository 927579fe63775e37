//! Forgetting what a log says of long ago. Only logs can be forgotten: the change log, jobs that have ended (with their lines),
//! and the system's own notes that have a time. A portion is a transaction, so that other writers get their turn between two; readers hear of each.

use crate::{
    Action, StoreError, Write,
    column::{Cell, Shape},
};
use peerage_model::{
    Label, ObjectType, Origin, Permit, Problem,
    permit::Delete,
    types::{JOB, PUSH},
};
use sea_query::{Expr, ExprTrait, Order, Query};

/// Columns of a log, of whose every combination the newest row stays. Of pushes the last of each kind to each router: by the last
/// one that went well our own lines on the router are known.
fn kept_apart(of: &ObjectType) -> &'static [&'static str] {
    if of.is(&PUSH) { &["router_id", "mode", "outcome"] } else { &[] }
}

impl Write {
    /// Deletes a log's rows from before a moment (microseconds since 1970), the oldest first, `most` at most; says how many that
    /// were. The newest row of all stays, however old it is: it says how things ended; of pushes the newest of each kind.
    ///
    /// # Errors
    /// The type is no log; whoever asks is not the system; a failure of the database.
    pub async fn forget(&mut self, permit: &Permit<Delete>, before: i64, most: u64) -> Result<u64, StoreError> {
        self.usable()?;
        let result = self.try_forget(permit.of(), before, most).await;
        self.noted(result)
    }

    async fn try_forget(&mut self, of: &'static ObjectType, before: i64, most: u64) -> Result<u64, StoreError> {
        // a job that has not ended has no such time, and stays
        let time = if of.is(&JOB) { "completed" } else { "time" };
        let is_log = of.origin == Origin::Note && of.field(time).is_some();
        if !is_log || self.who.user.is_some() {
            return Err(Problem::new(Label::Forbidden, format!("{} are not forgotten.", of.plural)).into());
        }
        let is_old = Expr::col(time).lt(before);
        let sql = {
            let mut newest = Query::select();
            newest.expr(Expr::col("id").max()).from(of.table()).group_by_columns(kept_apart(of).iter().copied());
            let mut select = Query::select();
            select
                .column("id")
                .from(of.table())
                .and_where(is_old.clone())
                .and_where(Expr::col("id").not_in_subquery(newest))
                .order_by(time, Order::Asc)
                .order_by("id", Order::Asc)
                .limit(most);
            self.store.dialect().build(&select)
        };
        let rows = self.door().fetch(sql, &[Shape::Int]).await?;
        let ids: Vec<i64> = rows.iter().filter_map(|row| row.first()).map(Cell::int).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let sql = {
            let mut delete = Query::delete();
            // as it is now: one that ended was perhaps begun anew since we looked
            delete.from_table(of.table()).and_where(Expr::col("id").is_in(ids)).and_where(is_old);
            self.store.dialect().build(&delete)
        };
        let count = self.door().execute(sql).await?;
        self.tell_of_many(of, Action::Delete);
        Ok(count)
    }
}
