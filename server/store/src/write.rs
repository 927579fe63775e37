//! One transaction: rows, their change records, and the events that tell of them after the commit. Dropping it undoes
//! everything; so does an error, after which only dropping is left ([`StoreError::Broken`]), on both databases alike.
//!
//! Operators' objects get `created` and `updated` here, never from outside. A write that changes nothing writes nothing.

use crate::{
    Action, Event, Store, StoreError,
    change::{self, Pending},
    database::{Door, Tx},
    rows::{MAIN, Wanted, Which, load},
    store::now,
};
use peerage_model::{
    Field, Filter, Kind, Label, ListQuery, ObjectType, Origin, Permit, Problem, Record, Value, Who,
    permit::{Verb, View},
    registry,
    types::CHANGE,
};
use sea_query::ExprTrait;

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

    /// Refuses objects of which a permit does not reach one, as the transaction sees them.
    pub(crate) async fn must_reach<V: Verb>(&mut self, permit: &Permit<V>, ids: &[i64]) -> Result<(), StoreError> {
        self.door().must_reach(permit, ids).await
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

/// Secrets that are set, as readers see them.
pub(crate) fn hide(mut record: Record) -> Record {
    for (index, field) in record.of.fields.iter().enumerate() {
        if matches!(field.kind, Kind::Secret { .. }) && !record.at(index).is_null() {
            record.set_at(index, Value::Hidden);
        }
    }
    record
}
