//! One transaction: rows, their change records, and the events that tell of them after the commit. Dropping it undoes
//! everything; so does an error, after which only dropping is left ([`StoreError::Broken`]), on both databases alike.
//!
//! Operators' objects get `created` and `updated` here, never from outside. A write that changes nothing writes nothing.

use crate::{
    Action, Event, Store, StoreError,
    change::{self, Pending},
    column::{columns, encode, link_table, links},
    constraint::explain,
    database::{Door, Tx},
    read::{check_permit, reveal},
    rows::{MAIN, Wanted, Which, load},
    schema::in_sentence,
    store::now,
};
use peerage_model::{
    Field, Filter, Kind, Label, ListQuery, ObjectType, Origin, Permit, Problem, Record, Value, Who,
    filter::search_text,
    permit::{Change, Scope, Verb, View},
    registry,
    types::CHANGE,
    wire::RecordSet,
};
use sea_query::{Expr, ExprTrait, Query};

/// Change records that are made and stored together.
const CHANGES_AT_ONCE: usize = 2_000;

/// A transaction that writes.
pub struct Write {
    pub(crate) store: Store,
    pub(crate) tx: Tx,
    pub(crate) who: Who,
    request_id: String,
    pub(crate) at: i64,
    pub(crate) pending: Vec<Pending>,
    pub(crate) events: Vec<Event>,
    broken: bool,
    /// Our key was found to be the one to seal with.
    pub(crate) seals: bool,
    /// Objects keep the times that they come with.
    pub(crate) adopts: bool,
}

impl Store {
    /// Begins to write. `request_id` (at most 36 characters) is what the change records of one request share.
    ///
    /// # Errors
    /// Another write takes too long, or the database does not answer; `HoldLost` to a worker whose job is another's by now.
    pub async fn begin(&self, who: &Who, request_id: &str) -> Result<Write, StoreError> {
        let tx = self.inner.pools.begin().await?;
        let mut write = Write {
            store: self.clone(),
            tx,
            who: who.clone(),
            request_id: request_id.chars().take(36).collect(),
            at: now(),
            pending: Vec::new(),
            events: Vec::new(),
            broken: false,
            seals: false,
            adopts: false,
        };
        write.keep_hold().await?;
        Ok(write)
    }
}

impl Write {
    pub(crate) fn door(&mut self) -> Door<'_> {
        self.tx.door(&self.store.inner.statements)
    }

    pub(crate) fn usable(&self) -> Result<(), StoreError> {
        if self.broken { Err(StoreError::Broken) } else { Ok(()) }
    }

    pub(crate) fn noted<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.broken |= result.is_err();
        result
    }

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
        record: Record,
    ) -> Result<Record, StoreError> {
        self.usable()?;
        let result = match check_permit(permit, &record).and_then(|()| self.check_writer(record.of)) {
            Ok(()) => self.change_within(permit, based_on, record).await,
            Err(error) => Err(error),
        };
        self.noted(result)
    }

    /// What is within reach stays there: nobody puts an object beyond their own hands, or changes one by first moving it.
    async fn change_within(
        &mut self,
        permit: &Permit<Change>,
        based_on: i64,
        record: Record,
    ) -> Result<Record, StoreError> {
        let id = record.id;
        if matches!(permit.scope(), Scope::Within(_)) {
            // nobody else moves it between the look and the change
            self.locked(record.of, id).await?.ok_or_else(|| Problem::not_found(&in_sentence(record.of.name)))?;
            self.must_reach(permit, &[id]).await?;
        }
        let changed = self.change(based_on, record).await?;
        self.must_reach(permit, &[id]).await?;
        Ok(changed)
    }

    /// Refuses objects of which a permit does not reach one, as the transaction sees them.
    pub(crate) async fn must_reach<V: Verb>(&mut self, permit: &Permit<V>, ids: &[i64]) -> Result<(), StoreError> {
        self.door().must_reach(permit, ids).await
    }

    /// An update that was permitted, or that follows from a deletion that was.
    pub(crate) async fn change(&mut self, based_on: i64, mut after: Record) -> Result<Record, StoreError> {
        let of = after.of;
        let before = self.locked(of, after.id).await?.ok_or_else(|| Problem::not_found(&in_sentence(of.name)))?;
        if based_on != 0 && based_on != before.version {
            return Err(overtaken(&before).into());
        }
        let before = self.revealed_for(before, &after).await;
        let before = if self.who.sees_secrets() { before } else { unguessed(before, &after) };
        self.settle_onto(&before, &mut after);
        if after == before {
            return Ok(hide(before));
        }
        if after.attached_to() != before.attached_to() {
            self.must_be_attached(&after).await?;
        }
        if of.origin.is_edited() && !self.adopts {
            set_time(&mut after, "updated", self.at);
        }
        self.may_seal(&after).await?;
        let mut statement = Query::update();
        statement.table(of.table()).value("version", Expr::col("version").add(1i64));
        for (field, _, value) in after.differences(&before) {
            let encoded = if matches!(field.kind, Kind::References { .. }) {
                continue;
            } else {
                encode(of, field, value, self.store.key().as_ref())?
            };
            for (column, value) in columns(field).into_iter().zip(encoded) {
                statement.value(column.name, value);
            }
        }
        if after.differences(&before).any(|(field, ..)| field.is_search()) {
            statement.value("search", search_text(&after));
        }
        statement.and_where(Expr::col("id").eq(after.id)).and_where(Expr::col("version").eq(before.version));
        let sql = self.store.dialect().build(&statement);
        drop(statement);
        match self.door().execute(sql).await {
            Ok(0) => return Err(overtaken(&before).into()),
            Ok(_) => {}
            Err(error) => return Err(explain(&mut self.door(), of, &[after], error).await),
        }
        for (index, ..) in links(of) {
            let old = before.at(index).as_ids().to_vec();
            self.write_links(&after, index, &old).await?;
        }
        after.version = before.version + 1;
        self.record_change(Action::Update, Some(before), Some(after.clone()));
        self.events.push(Event { of, id: after.id, version: after.version, action: Action::Update });
        Ok(hide(after))
    }

    /// What will be stored of a change: settled, and what stays as it is.
    pub(crate) fn settle_onto(&self, before: &Record, after: &mut Record) {
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

    /// Makes everything permanent, with its change records and its events.
    ///
    /// # Errors
    /// Something was refused before; or the database fails, and nothing has happened.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.usable()?;
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            let user = change::user(&self.who, &pending);
            // in portions: a hundred thousand objects as JSON, before and after, need not be in memory at once
            for portion in pending.chunks(CHANGES_AT_ONCE) {
                let mut door = self.tx.door(&self.store.inner.statements);
                let rows = change::rows(&mut door, &self.who, user, &self.request_id, self.at, portion).await?;
                self.record_changes(&rows).await?;
            }
        }
        let tells = !self.events.is_empty();
        self.store_events().await?;
        self.tx.commit().await?;
        if tells {
            self.store.inner.committed.send_replace(());
        }
        Ok(())
    }

    // ---- reading what the transaction sees ----

    /// As [`Store::get`], within the transaction.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn get(&mut self, permit: &Permit<View>, id: i64) -> Result<Option<Record>, StoreError> {
        Ok(self.door().get_many(permit, &[id]).await?.pop())
    }

    /// As [`Write::get`]; nobody else can change or hold the object until this transaction ends.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn hold(&mut self, permit: &Permit<View>, id: i64) -> Result<Option<Record>, StoreError> {
        self.usable()?;
        let held = self.locked(permit.of(), id).await;
        let Some(_) = self.noted(held)? else { return Ok(None) };
        self.get(permit, id).await
    }

    /// As [`Store::get_many`], within the transaction.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn get_many(&mut self, permit: &Permit<View>, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
        self.door().get_many(permit, ids).await
    }

    /// As [`Store::find`], within the transaction.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub async fn find(&mut self, permit: &Permit<View>, terms: &[(&str, Value)]) -> Result<Vec<Record>, StoreError> {
        self.door().find(permit, terms).await
    }

    /// As [`Store::among`], within the transaction.
    ///
    /// # Errors
    /// As [`Store::among`].
    pub async fn among(
        &mut self,
        permit: &Permit<View>,
        field: &str,
        values: &[Value],
    ) -> Result<Vec<Record>, StoreError> {
        self.door().some(permit, &Wanted::whole(permit.of()), Which::With(field, values)).await
    }

    /// As [`Store::reverse`], within the transaction.
    ///
    /// # Errors
    /// As [`Store::reverse`].
    pub async fn reverse(
        &mut self,
        permit: &Permit<View>,
        field: &str,
        ids: &[i64],
    ) -> Result<Vec<Record>, StoreError> {
        self.door().some(permit, &Wanted::whole(permit.of()), Which::LeadingTo(field, ids)).await
    }

    /// As [`Store::records`], within the transaction.
    ///
    /// # Errors
    /// As [`Store::records`].
    pub async fn records(&mut self, permit: &Permit<View>, query: &ListQuery) -> Result<Vec<Record>, StoreError> {
        self.door().records(permit, query).await
    }

    /// As [`Store::count`], within the transaction.
    ///
    /// # Errors
    /// As [`Store::count`].
    pub async fn count(&mut self, permit: &Permit<View>, filter: &Filter) -> Result<u64, StoreError> {
        self.door().count(permit, filter).await
    }

    // ---- parts ----

    /// The PeeringDB cache and the change log are written by the system alone.
    pub(crate) fn check_writer(&self, of: &'static ObjectType) -> Result<(), StoreError> {
        let by_system = of.origin == Origin::PeeringDb || of.is(&CHANGE);
        if by_system && self.who.user.is_some() {
            let message = format!("{} are written by the system only.", of.plural);
            return Err(Problem::new(Label::Forbidden, message).into());
        }
        Ok(())
    }

    /// A row that nobody else can change until the end of this transaction.
    pub(crate) async fn locked(&mut self, of: &'static ObjectType, id: i64) -> Result<Option<Record>, StoreError> {
        let wanted = Wanted::whole(of);
        let (mut select, shapes) = wanted.select();
        select.and_where(crate::condition::column(MAIN, "id").eq(id)).lock_exclusive();
        Ok(load(&mut self.door(), &wanted, select, &shapes).await?.pop())
    }

    /// As [`Write::locked`], those of many that there are.
    pub(crate) async fn locked_many(
        &mut self,
        of: &'static ObjectType,
        ids: &[i64],
    ) -> Result<Vec<Record>, StoreError> {
        let wanted = Wanted::whole(of);
        let (mut select, shapes) = wanted.select();
        // in one order, or two that hold many would wait for each other; portions of more come in it too
        let by_id = (crate::condition::column(MAIN, "id"), sea_query::Order::Asc);
        select.and_where(by_id.0.clone().is_in(ids.iter().copied())).order_by_expr(by_id.0, by_id.1).lock_exclusive();
        load(&mut self.door(), &wanted, select, &shapes).await
    }

    /// With secrets in clear where a new one is given, so that the two can be compared. One that cannot be opened any more
    /// can still be replaced.
    pub(crate) async fn revealed_for(&mut self, before: Record, after: &Record) -> Record {
        if !gives_secrets(after) {
            return before;
        }
        let Self { store, tx, .. } = self;
        let mut door = tx.door(&store.inner.statements);
        match reveal(&mut door, store, before.of, vec![before.clone()]).await {
            Ok(mut revealed) => revealed.pop().unwrap_or(before),
            Err(_) => before,
        }
    }

    /// What an object is attached to is there, and stays until this transaction ends.
    pub(crate) async fn must_be_attached(&mut self, record: &Record) -> Result<(), StoreError> {
        let (Some(attached), Some((key, id))) = (record.of.attached, record.attached_to()) else { return Ok(()) };
        let to = registry::get(key).map_err(|message| Problem::field(attached.of, message))?;
        match self.locked(to, id).await? {
            Some(_) => Ok(()),
            None => {
                Err(Problem::field(attached.id, format!("{} {id} does not exist. Choose another.", to.name)).into())
            }
        }
    }

    pub(crate) fn record_change(&mut self, action: Action, before: Option<Record>, after: Option<Record>) {
        let recorded = before.as_ref().or(after.as_ref()).is_some_and(|record| change::is_recorded(record.of));
        if recorded {
            self.pending.push(Pending { action, label: None, before, after });
        }
    }

    /// Makes a link table's rows of one owner what the record says.
    pub(crate) async fn write_links(&mut self, record: &Record, index: usize, old: &[i64]) -> Result<(), StoreError> {
        let of = record.of;
        let field = &of.fields[index];
        let new = record.at(index).as_ids();
        let removed: Vec<i64> = old.iter().copied().filter(|id| !new.contains(id)).collect();
        let added: Vec<i64> = new.iter().copied().filter(|id| !old.contains(id)).collect();
        let table = link_table(of, field);
        if !removed.is_empty() {
            let sql = {
                let mut delete = Query::delete();
                delete.from_table(table.clone()).and_where(Expr::col("owner_id").eq(record.id));
                delete.and_where(Expr::col("target_id").is_in(removed));
                self.store.dialect().build(&delete)
            };
            self.door().execute(sql).await?;
        }
        if !added.is_empty() {
            let sql = {
                let mut insert = Query::insert();
                insert.into_table(table).columns(["owner_id", "target_id"]);
                for target in added {
                    insert.values_panic([record.id.into(), target.into()]); // two columns, two values
                }
                self.store.dialect().build(&insert)
            };
            if let Err(error) = self.door().execute(sql).await {
                let record = record.clone();
                return Err(explain(&mut self.door(), of, &[record], error).await);
            }
        }
        Ok(())
    }
}

/// A value in the one form that is stored: ids in order and once, no empty secret of a person's. Where the system makes a secret
/// (an encrypted password), an empty one says that there is nothing to make it from.
pub(crate) fn settled(field: &Field, value: &Value) -> Value {
    match (field.kind, value) {
        (Kind::References { .. }, Value::Ids(ids)) => {
            let mut ids = ids.to_vec();
            ids.sort_unstable();
            ids.dedup();
            Value::Ids(ids.into())
        }
        (Kind::References { .. }, Value::Null) => Value::Ids([].into()),
        (Kind::Secret { .. }, Value::Text(text)) if text.is_empty() && !field.is_read_only() => Value::Null,
        (Kind::Json { .. }, Value::Json(json)) if json.is_null() => Value::Null,
        _ => value.clone(),
    }
}

pub(crate) fn set_time(record: &mut Record, name: &str, at: i64) {
    if record.of.field(name).is_some() {
        record.set(name, Value::Time(at));
    }
}

/// Whether secrets stand in it in clear.
pub(crate) fn gives_secrets(record: &Record) -> bool {
    record.iter().any(|(field, value)| matches!((field.kind, value), (Kind::Secret { .. }, Value::Text(_))))
}

/// With secrets hidden where new ones are given: to those who may not see them every secret that they set is another one, or
/// they would learn that they have guessed it.
pub(crate) fn unguessed(mut before: Record, after: &Record) -> Record {
    for (index, field) in after.of.fields.iter().enumerate() {
        let is_given = matches!((field.kind, after.at(index)), (Kind::Secret { .. }, Value::Text(_)));
        if is_given && !before.at(index).is_null() {
            before.set_at(index, Value::Hidden);
        }
    }
    before
}

/// Secrets that are set, as readers see them.
pub(crate) fn hide(mut record: Record) -> Record {
    for (index, field) in record.of.fields.iter().enumerate() {
        if matches!(field.kind, Kind::Secret { .. }) && !record.at(index).is_null() {
            record.set_at(index, Value::Hidden);
        }
    }
    record
}

/// Somebody else was quicker.
pub(crate) fn overtaken(current: &Record) -> Problem {
    let message =
        format!("This {} was changed meanwhile. Compare, and save again.", crate::schema::in_sentence(current.of.name));
    let set = RecordSet::whole(current.of, &[hide(current.clone())]);
    Problem { current: serde_json::to_value(set).ok().map(Box::new), ..Problem::conflict(message) }
}
