//! Many objects changed at once, some statements for a hundred of them; what one change is stands in [`Write::update`].

use crate::{
    Action, StoreError, Write,
    column::{columns, encode, has_search, link_table, links},
    constraint::explain,
    read::{check_permit, reveal},
    schema::in_sentence,
    write::{gives_secrets, hide, overtaken, set_time, unguessed},
};
use peerage_model::{Field, Kind, ObjectType, Permit, Problem, Record, filter::search_text, permit::Change};
use sea_query::{CaseStatement, Expr, ExprTrait, Query};
use std::collections::HashMap;

/// Rows of one `UPDATE`: which value is whose is looked for among them, row by row.
const ROWS_AT_ONCE: usize = 100;

/// Pairs of one statement about a link table.
const LINKS_AT_ONCE: usize = 1_000;

/// What is there, and what it becomes.
struct Altered {
    before: Record,
    after: Record,
}

impl Write {
    /// Stores what is different of many objects of the permit's type, each named once and with the version that its change was
    /// made from, as [`Write::update`] does; gives them back in their order. Readers hear of them together.
    ///
    /// # Errors
    /// As for [`Write::update`], without saying of which object.
    pub async fn update_all(
        &mut self,
        permit: &Permit<Change>,
        records: Vec<Record>,
    ) -> Result<Vec<Record>, StoreError> {
        self.usable()?;
        let result = self.try_update_all(permit, records).await;
        self.noted(result)
    }

    async fn try_update_all(
        &mut self,
        permit: &Permit<Change>,
        records: Vec<Record>,
    ) -> Result<Vec<Record>, StoreError> {
        let of = permit.of();
        self.check_writer(of)?;
        records.iter().try_for_each(|record| check_permit(permit, record))?;
        let order: Vec<i64> = records.iter().map(|record| record.id).collect();
        // all who write many lock them in one order, and do not wait for each other in a circle
        let mut records = records;
        records.sort_unstable_by_key(|record| record.id);
        let mut stored = HashMap::with_capacity(records.len());
        let mut tells = false;
        for portion in records.chunks(ROWS_AT_ONCE) {
            let mut altered = self.alterations(permit, portion).await?;
            let ids: Vec<i64> = altered.iter().map(|one| one.after.id).collect();
            let changed: Vec<&mut Altered> = altered.iter_mut().filter(|one| one.after != one.before).collect();
            if !changed.is_empty() {
                self.alter(of, changed).await?;
                self.must_reach(permit, &ids).await?;
                tells = true;
            }
            stored.extend(altered.into_iter().map(|one| (one.after.id, hide(one.after))));
        }
        if tells {
            self.tell_of_many(of, Action::Update);
        }
        Ok(order.iter().filter_map(|id| stored.remove(id)).collect())
    }

    async fn alterations(&mut self, permit: &Permit<Change>, records: &[Record]) -> Result<Vec<Altered>, StoreError> {
        let of = permit.of();
        let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
        let mut locked = self.locked_many(of, &ids).await?;
        if locked.len() < ids.len() {
            return Err(Problem::not_found(&in_sentence(of.name)).into());
        }
        self.must_reach(permit, &ids).await?;
        if records.iter().any(gives_secrets) {
            let mut door = self.tx.door(&self.store.inner.statements);
            match reveal(&mut door, &self.store, of, locked.clone()).await {
                Ok(revealed) => locked = revealed,
                // one of them cannot be opened any more; it can still be replaced, and the others are opened
                Err(_) => {
                    for one in &mut locked {
                        if let Some(given) = records.iter().find(|record| record.id == one.id) {
                            *one = self.revealed_for(one.clone(), given).await;
                        }
                    }
                }
            }
        }
        let mut locked: HashMap<i64, Record> = locked.into_iter().map(|record| (record.id, record)).collect();
        let mut altered = Vec::with_capacity(records.len());
        for record in records {
            let Some(before) = locked.remove(&record.id) else {
                return Err(Problem::not_found(&in_sentence(of.name)).into());
            };
            if record.version != before.version {
                return Err(overtaken(&before).into());
            }
            let before = if gives_secrets(record) { before } else { hide(before) };
            let before = if self.who.sees_secrets() { before } else { unguessed(before, record) };
            let mut after = record.clone();
            self.settle_onto(&before, &mut after);
            altered.push(Altered { before, after });
        }
        Ok(altered)
    }

    async fn alter(&mut self, of: &'static ObjectType, mut altered: Vec<&mut Altered>) -> Result<(), StoreError> {
        for one in &mut altered {
            if one.after.attached_to() != one.before.attached_to() {
                self.must_be_attached(&one.after).await?;
            }
            if of.origin.is_edited() && !self.adopts {
                set_time(&mut one.after, "updated", self.at);
            }
            self.may_seal(&one.after).await?;
        }
        let ids = || altered.iter().map(|one| one.after.id);
        let after = || altered.iter().map(|one| one.after.clone()).collect::<Vec<Record>>();
        let sql = {
            let mut statement = Query::update();
            statement.table(of.table()).value("version", Expr::col("version").add(1i64));
            for (name, values) in self.altered_columns(of, &altered)? {
                let all = values.len() == altered.len();
                let value = match values.first() {
                    Some((_, first)) if all && values.iter().all(|(_, value)| value == first) => {
                        Expr::val(first.clone())
                    }
                    _ => {
                        let case = values.into_iter().fold(CaseStatement::new(), |case, (id, value)| {
                            case.case(Expr::col("id").eq(id), Expr::val(value))
                        });
                        case.finally(Expr::col(name.clone())).into()
                    }
                };
                statement.value(name, value);
            }
            statement.and_where(Expr::col("id").is_in(ids()));
            self.store.dialect().build(&statement)
        };
        match self.door().execute(sql).await {
            Ok(rows) if rows == altered.len() as u64 => {}
            // they are locked: this would be a fault of ours
            Ok(_) => return Err(overtaken(&altered[0].before).into()),
            Err(error) => return Err(explain(&mut self.door(), of, &after(), error).await),
        }
        for (index, field, _) in links(of) {
            let ids_of = |record: &Record| record.at(index).as_ids().to_vec();
            let relinked = altered.iter().filter(|one| one.after.at(index) != one.before.at(index));
            let (mut gone, mut come) = (Vec::new(), Vec::new());
            for one in relinked {
                let (before, after) = (ids_of(&one.before), ids_of(&one.after));
                gone.extend(before.iter().filter(|id| !after.contains(id)).map(|id| (one.after.id, *id)));
                come.extend(after.iter().filter(|id| !before.contains(id)).map(|id| (one.after.id, *id)));
            }
            self.relink(of, field, &gone, &come, after()).await?;
        }
        for one in altered {
            one.after.version += 1;
            self.record_change(Action::Update, Some(one.before.clone()), Some(one.after.clone()));
        }
        Ok(())
    }

    /// Takes pairs of owner and target out of a link table, and puts others in.
    async fn relink(
        &mut self,
        of: &'static ObjectType,
        field: &Field,
        gone: &[(i64, i64)],
        come: &[(i64, i64)],
        after: Vec<Record>,
    ) -> Result<(), StoreError> {
        for pairs in gone.chunks(LINKS_AT_ONCE) {
            let sql = {
                let mut delete = Query::delete();
                let pair = Expr::tuple([Expr::col("owner_id"), Expr::col("target_id")]);
                delete.from_table(link_table(of, field)).and_where(pair.in_tuples(pairs.iter().copied()));
                self.store.dialect().build(&delete)
            };
            self.door().execute(sql).await?;
        }
        for pairs in come.chunks(LINKS_AT_ONCE) {
            let sql = {
                let mut insert = Query::insert();
                insert.into_table(link_table(of, field)).columns(["owner_id", "target_id"]);
                for (owner, target) in pairs {
                    insert.values_panic([(*owner).into(), (*target).into()]); // two columns, two values
                }
                self.store.dialect().build(&insert)
            };
            if let Err(error) = self.door().execute(sql).await {
                return Err(explain(&mut self.door(), of, &after, error).await);
            }
        }
        Ok(())
    }

    /// The columns in which some objects become different, with each one's value.
    #[allow(clippy::type_complexity, reason = "used once")]
    fn altered_columns(
        &self,
        of: &'static ObjectType,
        altered: &[&mut Altered],
    ) -> Result<Vec<(String, Vec<(i64, sea_query::Value)>)>, StoreError> {
        let mut found = Vec::new();
        for (index, field) in of.fields.iter().enumerate() {
            if matches!(field.kind, Kind::References { .. }) {
                continue;
            }
            let names: Vec<String> = columns(field).into_iter().map(|column| column.name).collect();
            let mut values: Vec<Vec<(i64, sea_query::Value)>> = vec![Vec::new(); names.len()];
            for one in altered.iter().filter(|one| one.after.at(index) != one.before.at(index)) {
                let encoded = encode(of, field, one.after.at(index), self.store.key().as_ref())?;
                for (values, value) in values.iter_mut().zip(encoded) {
                    values.push((one.after.id, value));
                }
            }
            found.extend(names.into_iter().zip(values).filter(|(_, values)| !values.is_empty()));
        }
        let searched = |one: &&&mut Altered| one.after.differences(&one.before).any(|(field, ..)| field.is_search());
        let search: Vec<_> =
            altered.iter().filter(searched).map(|one| (one.after.id, search_text(&one.after).into())).collect();
        if has_search(of) && !search.is_empty() {
            found.push(("search".to_owned(), search));
        }
        Ok(found)
    }
}
