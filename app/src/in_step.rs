//! Our own objects beside what PeeringDB says of them: where an autonomous system differs, bringing it into step, and
//! linking exchanges and connections to their places in the cache.

use crate::Answer;
use crate::json::Json;
use crate::records::FieldWas;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::wire::ObjectRef;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// How an autonomous system stands to PeeringDB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// The cache has a network of its number.
    Known,
    /// It has none.
    #[default]
    Unknown,
    /// Its number is private: PeeringDB has none of those.
    Private,
    /// The cache is empty.
    NoCache,
}

/// An autonomous system beside PeeringDB's network of its number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub known: Known,
    /// Id of the cached `net`.
    pub network: Option<i64>,
    pub differences: Vec<Difference>,
}

/// A value that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Of `peering.autonomoussystem`.
    pub field: String,
    pub ours: serde_json::Value,
    pub theirs: serde_json::Value,
    /// Why a synchronisation leaves it as it is; none: it takes PeeringDB's.
    #[serde(default)]
    pub left: Option<String>,
}

/// What bringing an autonomous system into step has changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Synchronised {
    pub known: Known,
    pub changes: Vec<FieldWas>,
    /// What differs still, and why.
    pub left: Vec<Difference>,
    /// The request by which it can be undone; none if nothing was changed.
    #[serde(default)]
    pub request: Option<String>,
}

/// What was linked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linked {
    /// To what, in words.
    pub to: String,
    /// Exchanges and connections that got a link.
    pub count: u64,
    pub request: String,
}

/// Ours beside PeeringDB's.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait InStep: Send + Sync {
    async fn compare(&self, who: &Who, autonomous_system: i64) -> Result<Comparison, Problem>;
    async fn synchronise(&self, who: &Who, autonomous_system: i64) -> Result<Synchronised, Problem>;
    async fn link(&self, who: &Who, object: ObjectRef) -> Result<Linked, Problem>;
}

/// Where an autonomous system is not as PeeringDB says.
#[server(prefix = "/fn", endpoint = "in-step/compare", input = Json, output = Json)]
pub async fn compare_with_peeringdb(autonomous_system: i64) -> Answer<Comparison> {
    Ok(capability::<dyn InStep>()?.compare(&who()?, autonomous_system).await?)
}

/// Takes from PeeringDB what the autonomous system's four switches allow.
#[server(prefix = "/fn", endpoint = "in-step/synchronise", input = Json, output = Json)]
pub async fn synchronise_autonomous_system(autonomous_system: i64) -> Answer<Synchronised> {
    Ok(capability::<dyn InStep>()?.synchronise(&who()?, autonomous_system).await?)
}

/// Links a connection to the port with its addresses, or an exchange to the LAN of its connections. A conflict says why not.
#[server(prefix = "/fn", endpoint = "in-step/link", input = Json, output = Json)]
pub async fn link_to_peeringdb(object: ObjectRef) -> Answer<Linked> {
    Ok(capability::<dyn InStep>()?.link(&who()?, object).await?)
}
