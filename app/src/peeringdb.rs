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
    /// How the newest run of this process ended, in words; a run that changed nothing leaves no other trace.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Where the next run reads from.
    pub source: String,
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
    pub rejected: u64,
}

/// A run that is going on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// The type being taken, and what is being done.
    pub namespace: String,
    pub phase: String,
    pub done: u64,
    pub total: u64,
    pub log: Vec<String>,
}

/// What to take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Base URL of the API; empty: as configured.
    #[serde(default)]
    pub url: String,
    /// A directory on the server instead of a URL.
    #[serde(default)]
    pub directory: String,
    /// Empty the cache first.
    #[serde(default)]
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

/// What a synchronisation of one AS did, or why it did nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum OneSynchronised {
    /// The fields that are as PeeringDB has them now; the request takes them back.
    Changed { fields: Vec<String>, request: String },
    /// Everything that may follow PeeringDB is so already. Fields that differ and are kept out by their switch.
    Same { kept: Vec<String> },
    /// Its number is private (RFC 6996, RFC 5398): PeeringDB does not know such networks.
    Private,
    /// The cache has no network of that number.
    Unknown,
}

/// The PeeringDB cache.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait PeeringDb: Send + Sync {
    async fn status(&self, who: &Who) -> Result<Status, Problem>;
    async fn start(&self, who: &Who, start: Start) -> Result<(), Problem>;
    async fn cancel(&self, who: &Who) -> Result<(), Problem>;
    async fn synchronise_one(&self, who: &Who, autonomous_system: i64) -> Result<OneSynchronised, Problem>;
    async fn offer(&self, who: &Who, asn: u32) -> Result<Option<Offer>, Problem>;
}

/// How full the cache is, and how far a run has come.
#[server(prefix = "/fn", endpoint = "peeringdb/status", input = Json, output = Json)]
pub async fn peeringdb_status() -> Answer<Status> {
    Ok(capability::<dyn PeeringDb>()?.status(&who()?).await?)
}

/// Begins a synchronisation; its progress is in the status.
#[server(prefix = "/fn", endpoint = "peeringdb/synchronise", input = Json, output = Json)]
pub async fn synchronise_peeringdb(start: Start) -> Answer<()> {
    Ok(capability::<dyn PeeringDb>()?.start(&who()?, start).await?)
}

/// Stops the synchronisation after the rows that it is writing.
#[server(prefix = "/fn", endpoint = "peeringdb/cancel", input = Json, output = Json)]
pub async fn cancel_synchronisation() -> Answer<()> {
    Ok(capability::<dyn PeeringDb>()?.cancel(&who()?).await?)
}

/// Takes over what the cache says of one AS, as far as its four switches allow.
#[server(prefix = "/fn", endpoint = "peeringdb/synchronise-one", input = Json, output = Json)]
pub async fn synchronise_one(autonomous_system: i64) -> Answer<OneSynchronised> {
    Ok(capability::<dyn PeeringDb>()?.synchronise_one(&who()?, autonomous_system).await?)
}

/// What the cache knows of an AS number.
#[server(prefix = "/fn", endpoint = "peeringdb/offer", input = Json, output = Json)]
pub async fn peeringdb_offer(asn: u32) -> Answer<Option<Offer>> {
    Ok(capability::<dyn PeeringDb>()?.offer(&who()?, asn).await?)
}
