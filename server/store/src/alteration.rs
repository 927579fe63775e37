//! Objects that become something else: one, or a hundred with some statements. What a change is (what stays, what it is
//! compared with, what is refused) is the same for both.

use crate::{
    Action, Event, StoreError, Write,
    column::{columns, encode, has_search},
    constraint::explain,
    read::{check_permit, reveal},
    schema::in_sentence,
    write::{gives_secrets, hide, set_time, settled},
};
use peerage_model::{
    Kind, ObjectType, Permit, Problem, Record, Value, filter::search_text, permit::Change, wire::RecordSet,
};
use sea_query::{CaseStatement, Expr, ExprTrait, Query};
use std::collections::HashMap;

/// Rows of one `UPDATE`: which value is whose is looked for among them, row by row.
const ROWS_AT_ONCE: usize = 100;

/// A column, and whose values in it become others: by id.
type Column = (String, Vec<(i64, sea_query::Value)>);

/// Some objects of a type after a change of theirs.
pub(crate) struct Altered {
    /// In the order of the changes, without secrets in clear.
    pub(crate) records: Vec<Record>,
    /// Those that are different from before.
    pub(crate) changed: Vec<Event>,
}

impl Write {
    /// Stores what is different, and gives the object back as it is now. `based_on` is the version that the change was made
    /// from, 0 for any. A [`Value::Hidden`] leaves what is there.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` with the object as it is now if it has another version; `Invalid` and `Forbidden` as for
    /// [`Write::insert`], `Forbidden` also if the permit does not reach it as it is.
    pub async fn update(
        &mut self,
        permit: &Permit<Change>,
        based_on: i64,
        mut record: Record,
    ) -> Result<Record, StoreError> {
        self.usable()?;
        record.version = based_on;
        let result = self.try_update(permit, &[record], based_on == 0).await;
        let altered = self.noted(result)?;
        self.events.extend(altered.changed);
        let [record] = <[Record; 1]>::try_from(altered.records).map_err(|_| not_there(permit.of()))?;
        Ok(record)
    }

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
        let order: Vec<i64> = records.iter().map(|record| record.id).collect();
        // all who write many lock them in one order, and do not wait for each other in a circle
        let mut records = records;
        records.sort_unstable_by_key(|record| record.id);
        let result = self.try_update(permit, &records, false).await;
        let altered = self.noted(result)?;
        if !altered.changed.is_empty() {
            self.tell_of_many(permit.of(), Action::Update);
        }
        let mut stored: HashMap<i64, Record> = altered.records.into_iter().map(|one| (one.id, one)).collect();
        Ok(order.iter().filter_map(|id| stored.remove(id)).collect())
    }

    /// What is within reach stays there: nobody puts an object beyond their own hands, or changes one by first moving it.
    async fn try_update(
        &mut self,
        permit: &Permit<Change>,
        records: &[Record],
        of_any: bool,
    ) -> Result<Altered, StoreError> {
        let of = permit.of();
        self.check_writer(of)?;
        records.iter().try_for_each(|record| check_permit(permit, record))?;
        let mut all = Altered { records: Vec::with_capacity(records.len()), changed: Vec::new() };
        for portion in records.chunks(ROWS_AT_ONCE) {
            let ids: Vec<i64> = portion.iter().map(|record| record.id).collect();
            let locked = self.locked_many(of, &ids).await?;
            if locked.len() < ids.len() {
                return Err(not_there(of).into());
            }
            self.must_reach(permit, &ids).await?;
            let based =
                |locked: &Record| portion.iter().any(|one| one.id == locked.id && one.version == locked.version);
            if let Some(newer) = locked.iter().find(|locked| !of_any && !based(locked)) {
                return Err(overtaken(newer).into());
            }
            let altered = self.alter(of, locked, portion).await?;
            if !altered.changed.is_empty() {
                self.must_reach(permit, &ids).await?;
            }
            all.records.extend(altered.records);
            all.changed.extend(altered.changed);
        }
        Ok(all)
    }

    /// A change of some objects' that was permitted, or that follows from a deletion that was; not more than fit a statement.
    /// `locked` are they as they are.
    async fn alter(
        &mut self,
        of: &'static ObjectType,
        locked: Vec<Record>,
        records: &[Record],
    ) -> Result<Altered, StoreError> {
        let locked = self.revealed(of, locked, records).await;
        let mut locked: HashMap<i64, Record> = locked.into_iter().map(|record| (record.id, record)).collect();
        let mut altered = Altered { records: Vec::with_capacity(records.len()), changed: Vec::new() };
        let mut changed = Vec::new();
        for record in records {
            let before = locked.remove(&record.id).ok_or_else(|| not_there(of))?;
            let before = if gives_secrets(record) { before } else { hide(before) };
            let before = if self.who.sees_secrets() { before } else { unguessed(before, record) };
            let mut after = record.clone();
            self.settle_onto(&before, &mut after);
            if after != before {
                self.prepare(&before, &mut after).await?;
                changed.push((before, after.clone()));
                after.version += 1;
                altered.changed.push(Event { of, id: after.id, version: after.version, action: Action::Update });
            }
            altered.records.push(hide(after));
        }
        if !changed.is_empty() {
            self.store_changed(of, &changed).await?;
            self.relink(of, &changed).await?;
        }
        for (before, mut after) in changed {
            after.version += 1;
            self.record_change(Action::Update, Some(before), Some(after));
        }
        Ok(altered)
    }

    /// Takes references from some objects, as an ordinary change of theirs: `without` says what one becomes.
    pub(crate) async fn release(
        &mut self,
        of: &'static ObjectType,
        ids: &[i64],
        without: impl Fn(&Record) -> Record,
    ) -> Result<(), StoreError> {
        for ids in ids.chunks(ROWS_AT_ONCE) {
            let locked = self.locked_many(of, ids).await?;
            let left: Vec<Record> = locked.iter().map(&without).collect();
            let altered = self.alter(of, locked, &left).await?;
            self.events.extend(altered.changed);
        }
        Ok(())
    }

    /// With secrets in clear where a new one is given, so that the two can be compared. One that cannot be opened any more
    /// can still be replaced.
    async fn revealed(&mut self, of: &'static ObjectType, locked: Vec<Record>, given: &[Record]) -> Vec<Record> {
        let gives = |one: &Record| given.iter().any(|record| record.id == one.id && gives_secrets(record));
        if !locked.iter().any(gives) {
            return locked;
        }
        let Self { store, tx, .. } = self;
        let mut door = tx.door(&store.inner.statements);
        if let Ok(revealed) = reveal(&mut door, store, of, locked.clone()).await {
            return revealed;
        }
        let mut each = Vec::with_capacity(locked.len());
        for one in locked {
            let revealed = match gives(&one) {
                true => reveal(&mut door, store, of, vec![one.clone()]).await.ok().and_then(|mut one| one.pop()),
                false => None,
            };
            each.push(revealed.unwrap_or(one));
        }
        each
    }

    /// What will be stored of a change: settled, and what stays as it is.
    fn settle_onto(&self, before: &Record, after: &mut Record) {
        let of = after.of;
        after.version = before.version;
        for (index, field) in of.fields.iter().enumerate() {
            let kept = !self.adopts
                && (of.origin.is_edited() && matches!(field.name, "created" | "updated")
                    || field.is_observed() && !after.at(index).is_null());
            let value = if kept || *after.at(index) == Value::Hidden {
                before.at(index).clone()
            } else {
                settled(field, after.at(index))
            };
            after.set_at(index, value);
        }
    }

    /// What must be true of an object that becomes another one, and when it did.
    async fn prepare(&mut self, before: &Record, after: &mut Record) -> Result<(), StoreError> {
        if after.attached_to() != before.attached_to() {
            self.must_be_attached(after).await?;
        }
        if after.of.origin.is_edited() && !self.adopts {
            set_time(after, "updated", self.at);
        }
        self.may_seal(after).await
    }

    async fn store_changed(&mut self, of: &'static ObjectType, changed: &[(Record, Record)]) -> Result<(), StoreError> {
        let sql = {
            let mut statement = Query::update();
            statement.table(of.table()).value("version", Expr::col("version").add(1i64));
            for (name, values) in self.changed_columns(of, changed)? {
                let one = values.first().filter(|(_, first)| {
                    values.len() == changed.len() && values.iter().all(|(_, value)| value == first)
                });
                let value = match one {
                    Some((_, value)) => Expr::val(value.clone()),
                    None => {
                        let case = values.into_iter().fold(CaseStatement::new(), |case, (id, value)| {
                            case.case(Expr::col("id").eq(id), Expr::val(value))
                        });
                        case.finally(Expr::col(name.clone())).into()
                    }
                };
                statement.value(name, value);
            }
            statement.and_where(Expr::col("id").is_in(changed.iter().map(|(_, after)| after.id)));
            self.store.dialect().build(&statement)
        };
        match self.door().execute(sql).await {
            Ok(rows) if rows == changed.len() as u64 => Ok(()),
            // they are locked: this would be a fault of ours
            Ok(_) => Err(overtaken(&changed[0].0).into()),
            Err(error) => {
                let after: Vec<Record> = changed.iter().map(|(_, after)| after.clone()).collect();
                Err(explain(&mut self.door(), of, &after, error).await)
            }
        }
    }

    /// The columns in which some objects become different.
    fn changed_columns(
        &self,
        of: &'static ObjectType,
        changed: &[(Record, Record)],
    ) -> Result<Vec<Column>, StoreError> {
        let mut found = Vec::new();
        for (index, field) in of.fields.iter().enumerate() {
            if matches!(field.kind, Kind::References { .. }) {
                continue;
            }
            let names: Vec<String> = columns(field).into_iter().map(|column| column.name).collect();
            let mut values: Vec<Vec<(i64, sea_query::Value)>> = vec![Vec::new(); names.len()];
            for (_, after) in changed.iter().filter(|(before, after)| after.at(index) != before.at(index)) {
                let encoded = encode(of, field, after.at(index), self.store.key().as_ref())?;
                for (values, value) in values.iter_mut().zip(encoded) {
                    values.push((after.id, value));
                }
            }
            found.extend(names.into_iter().zip(values).filter(|(_, values)| !values.is_empty()));
        }
        if has_search(of) {
            let searched =
                changed.iter().filter(|(before, after)| after.differences(before).any(|(field, ..)| field.is_search()));
            let values: Vec<_> = searched.map(|(_, after)| (after.id, search_text(after).into())).collect();
            found.extend((!values.is_empty()).then(|| ("search".to_owned(), values)));
        }
        Ok(found)
    }
}

fn not_there(of: &'static ObjectType) -> Problem {
    Problem::not_found(&in_sentence(of.name))
}

/// With secrets hidden where new ones are given: to those who may not see them every secret that they set is another one, or
/// they would learn that they have guessed it.
fn unguessed(mut before: Record, after: &Record) -> Record {
    for (index, field) in after.of.fields.iter().enumerate() {
        let is_given = matches!((field.kind, after.at(index)), (Kind::Secret { .. }, Value::Text(_)));
        if is_given && !before.at(index).is_null() {
            before.set_at(index, Value::Hidden);
        }
    }
    before
}

/// Somebody else was quicker.
fn overtaken(current: &Record) -> Problem {
    let message = format!("This {} was changed meanwhile. Compare, and save again.", in_sentence(current.of.name));
    let set = RecordSet::whole(current.of, &[hide(current.clone())]);
    Problem { current: serde_json::to_value(set).ok().map(Box::new), ..Problem::conflict(message) }
}
