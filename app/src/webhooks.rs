//! Webhooks: trying one out, and telling one again what it was told. What becomes of it is a record, `extras.webhookdelivery`.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// A delivery that waits to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    pub delivery: i64,
}

/// Webhooks, beside what is done with any object.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Webhooks: Send + Sync {
    async fn test(&self, who: &Who, webhook: i64) -> Result<Underway, Problem>;
    async fn replay(&self, who: &Who, delivery: i64) -> Result<Underway, Problem>;
}

/// Tells a webhook, once, of the newest change of its types, whatever its conditions say and whether it is switched on or not. Where
/// there is no such change, the event is `test`. Whoever may change webhooks may.
#[server(prefix = "/fn", endpoint = "webhooks/test", input = Json, output = Json)]
pub async fn test_webhook(webhook: i64) -> Answer<Underway> {
    Ok(capability::<dyn Webhooks>()?.test(&who()?, webhook).await?)
}

/// Tells a webhook again what it was told, as a delivery of its own. Whoever may change webhooks may.
#[server(prefix = "/fn", endpoint = "webhooks/replay", input = Json, output = Json)]
pub async fn replay_delivery(delivery: i64) -> Answer<Underway> {
    Ok(capability::<dyn Webhooks>()?.replay(&who()?, delivery).await?)
}
