//! The rows that lead from an object to many others, in link tables of owner and target.

use crate::{
    StoreError, Write,
    column::{link_table, links},
    constraint::explain,
};
use peerage_model::{Field, ObjectType, Record};
use sea_query::{Expr, ExprTrait, Query};

/// Pairs of one statement.
const AT_ONCE: usize = 1_000;

/// An owner's id, and a target's.
type Pair = (i64, i64);

impl Write {
    /// The rows of new objects.
    pub(crate) async fn insert_links(&mut self, of: &'static ObjectType, records: &[Record]) -> Result<(), StoreError> {
        for (index, field, _) in links(of) {
            let pairs = records.iter().flat_map(|record| {
                let mut targets = record.at(index).as_ids().to_vec();
                targets.sort_unstable();
                targets.dedup();
                targets.into_iter().map(|target| (record.id, target))
            });
            let pairs: Vec<Pair> = pairs.collect();
            self.link(of, field, &pairs, records).await?;
        }
        Ok(())
    }

    /// Takes out pairs of what some objects were and are, in that order, and puts in those that came.
    pub(crate) async fn relink(
        &mut self,
        of: &'static ObjectType,
        changed: &[(Record, Record)],
    ) -> Result<(), StoreError> {
        for (index, field, _) in links(of) {
            let (mut gone, mut come) = (Vec::new(), Vec::new());
            for (before, after) in changed {
                let (old, new) = (before.at(index).as_ids(), after.at(index).as_ids());
                gone.extend(old.iter().filter(|id| !new.contains(id)).map(|id| (after.id, *id)));
                come.extend(new.iter().filter(|id| !old.contains(id)).map(|id| (after.id, *id)));
            }
            for pairs in gone.chunks(AT_ONCE) {
                let sql = {
                    let mut delete = Query::delete();
                    let pair = Expr::tuple([Expr::col("owner_id"), Expr::col("target_id")]);
                    delete.from_table(link_table(of, field)).and_where(pair.in_tuples(pairs.iter().copied()));
                    self.store.dialect().build(&delete)
                };
                self.door().execute(sql).await?;
            }
            if !come.is_empty() {
                let after: Vec<Record> = changed.iter().map(|(_, after)| after.clone()).collect();
                self.link(of, field, &come, &after).await?;
            }
        }
        Ok(())
    }

    async fn link(
        &mut self,
        of: &'static ObjectType,
        field: &Field,
        pairs: &[Pair],
        owners: &[Record],
    ) -> Result<(), StoreError> {
        for pairs in pairs.chunks(AT_ONCE) {
            let sql = {
                let mut insert = Query::insert();
                insert.into_table(link_table(of, field)).columns(["owner_id", "target_id"]);
                for (owner, target) in pairs {
                    insert.values_panic([(*owner).into(), (*target).into()]); // two columns, two values
                }
                self.store.dialect().build(&insert)
            };
            if let Err(error) = self.door().execute(sql).await {
                return Err(explain(&mut self.door(), of, owners, error).await);
            }
        }
        Ok(())
    }
}
