//! The PeeringDB cache: how full it is, filling it, and asking it.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::wire::RecordSet;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// The state of the cache, and of a run if there is one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    pub types: Vec<TypeStatus>,
    pub running: Option<Running>,
    /// The newest finished run, as a `peeringdb.synchronisation`; none yet: empty.
    pub last: Option<RecordSet>,
    /// How the newest job ended, in words; a run that changed nothing leaves no other trace.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// Where the next run reads from.
    pub source: String,
    /// When the next one comes by itself, in microseconds since 1970; none: it does not.
    #[serde(default)]
    pub next: Option<i64>,
}

/// One of the thirteen types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeStatus {
    /// PeeringDB's name: `net`, `netixlan`.
    pub namespace: String,
    #[serde(rename = "type")]
    pub of: String,
    pub rows: u64,
    /// `since` of the next request, seconds since 1970; 0: never taken.
    pub cursor: i64,
    /// Rows that could not be taken.
    pub rejected: u64,
    /// Rows that were taken without a reference that leads nowhere.
    #[serde(default)]
    pub partly: u64,
}

/// A run that is going on, or waits to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// The job's number.
    pub job: i64,
    /// Nobody works on it yet.
    pub waits: bool,
    /// What is being done: the type, and whether it is fetched or taken.
    pub phase: String,
    pub done: u64,
    pub total: u64,
    /// When it is tried again, in microseconds since 1970; none: it waits for nothing but a worker.
    #[serde(default)]
    pub not_before: Option<i64>,
    /// Why it is tried again, in words.
    #[serde(default)]
    pub outcome: String,
    /// The last lines of its log.
    pub log: Vec<String>,
}

/// How a job ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub job: i64,
    /// As in the job: `completed`, `failed`, `errored`.
    pub status: String,
    pub words: String,
    /// In microseconds since 1970.
    #[serde(default)]
    pub ended: Option<i64>,
}

/// A run was put into the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The number of its job.
    pub job: i64,
}

/// What to take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Base URL of the API; empty: as configured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// A directory on the server instead of a URL.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub directory: String,
    /// Empty the cache first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flush: bool,
}

/// What PeeringDB says of a network: an offer to fill a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// A `peering.autonomoussystem` that is not stored: the values that PeeringDB has.
    pub record: RecordSet,
    /// The stored AS of that number, if there is one.
    pub existing: Option<i64>,
}

/// The PeeringDB cache.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait PeeringDb: Send + Sync {
    async fn status(&self, who: &Who) -> Result<Status, Problem>;
    async fn start(&self, who: &Who, start: Start) -> Result<Started, Problem>;
    async fn offer(&self, who: &Who, asn: u32) -> Result<Option<Offer>, Problem>;
}

/// How full the cache is, and how far a run has come.
#[server(prefix = "/fn", endpoint = "peeringdb/status", input = Json, output = Json)]
pub async fn peeringdb_status() -> Answer<Status> {
    Ok(capability::<dyn PeeringDb>()?.status(&who()?).await?)
}

/// Puts a synchronisation into the queue of jobs. Its progress is in the status, its log with its job, which can be cancelled.
#[server(prefix = "/fn", endpoint = "peeringdb/synchronise", input = Json, output = Json)]
pub async fn synchronise_peeringdb(start: Start) -> Answer<Started> {
    Ok(capability::<dyn PeeringDb>()?.start(&who()?, start).await?)
}

/// What the cache knows of an AS number.
#[server(prefix = "/fn", endpoint = "peeringdb/offer", input = Json, output = Json)]
pub async fn peeringdb_offer(asn: u32) -> Answer<Option<Offer>> {
    Ok(capability::<dyn PeeringDb>()?.offer(&who()?, asn).await?)
}
