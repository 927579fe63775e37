//! What people do with webhooks beside editing them: trying one out, and having something told again. Both only store a delivery;
//! sending it is `crate::webhooks`.

use super::request_id;
use crate::{jobs::now, webhooks::system};
use async_trait::async_trait;
use peerage_app::webhooks::{self, Underway};
use peerage_model::{
    Filter, Label, ListQuery, Permit, Problem, Record, Sort, Value, Who,
    filter::{Op, Path, Term},
    permit::{Add, Change, View},
    types::{CHANGE, DeliveryStatus, WEBHOOK, WEBHOOK_DELIVERY},
};
use peerage_store::Store;

pub struct Webhooks {
    store: Store,
}

impl Webhooks {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The newest change of what a webhook is told of, as far as whoever asks may see it.
    async fn newest(&self, who: &Who, webhook: &Record) -> Result<Option<i64>, Problem> {
        let Ok(permit) = who.permit::<View>(&CHANGE) else { return Ok(None) };
        let wrong = |words: String| Problem::new(Label::Internal, words);
        let values: Vec<Value> =
            webhook.get("content_types").as_texts().iter().map(|key| Value::text(key.clone())).collect();
        let path = Path::parse(&CHANGE, "changed_object_type").map_err(wrong)?;
        let terms = vec![Term { negate: false, path, op: Op::Eq, values }];
        let query = ListQuery {
            sort: vec![Sort::parse(&CHANGE, "-id").map_err(wrong)?],
            limit: 1,
            count: false,
            fields: Vec::new(),
            ..ListQuery::all(&CHANGE)
        };
        let found = self.store.records(&permit, &query.filtered(Filter { terms, words: Vec::new() })).await?;
        Ok(found.first().map(|change| change.id))
    }

    async fn store(&self, who: &Who, delivery: Record) -> Result<Underway, Problem> {
        let time = Value::Time(now());
        let delivery = delivery
            .with("time", time.clone())
            .with("due", time)
            .with("status", Value::text(DeliveryStatus::Waiting.code()))
            .with("asked_by", Value::text(who.name.clone()));
        let who = system();
        let permit: Permit<Add> = who.permit(&WEBHOOK_DELIVERY)?;
        let mut write = self.store.begin(&who, &request_id()).await?;
        let stored = write.insert(&permit, delivery).await?;
        write.commit().await?;
        Ok(Underway { delivery: stored.id })
    }
}

#[async_trait]
impl webhooks::Webhooks for Webhooks {
    async fn test(&self, who: &Who, webhook: i64) -> Result<Underway, Problem> {
        let _: Permit<Change> = who.permit(&WEBHOOK)?;
        let found = self.store.get(&who.permit::<View>(&WEBHOOK)?, webhook).await?;
        let webhook = found.ok_or_else(|| Problem::not_found(WEBHOOK.name))?;
        self.store.permit_on::<Change>(who, &WEBHOOK, webhook.id).await?;
        let change = self.newest(who, &webhook).await?;
        let delivery = Record::new(&WEBHOOK_DELIVERY)
            .with("webhook", Value::Int(webhook.id))
            .with("change", change.map_or(Value::Null, Value::Int))
            .with("test", Value::Bool(true));
        self.store(who, delivery).await
    }

    async fn replay(&self, who: &Who, delivery: i64) -> Result<Underway, Problem> {
        let _: Permit<Change> = who.permit(&WEBHOOK)?;
        let found = self.store.get(&who.permit::<View>(&WEBHOOK_DELIVERY)?, delivery).await?;
        let past = found.ok_or_else(|| Problem::not_found(WEBHOOK_DELIVERY.name))?;
        self.store.permit_on::<Change>(who, &WEBHOOK, past.int("webhook").unwrap_or_default()).await?;
        if DeliveryStatus::of(&past) == Some(DeliveryStatus::Waiting) {
            return Err(Problem::conflict("It has not ended yet: it is tried again by itself."));
        }
        let mut again = Record::new(&WEBHOOK_DELIVERY);
        for name in ["webhook", "change", "test"] {
            again.set(name, past.get(name).clone());
        }
        self.store(who, again).await
    }
}
