//! Taking our exchanges and connections over from PeeringDB: what it would do, and doing it.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::exchange_import::Lan;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// What PeeringDB lists for one of our autonomous systems, and what taking it would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    pub lans: Vec<Lan>,
    /// Why there is nothing to take.
    #[serde(default)]
    pub lacking: Option<Lacking>,
    /// Why not all of what can be taken could be written at once: it was tried.
    #[serde(default)]
    pub refusal: Option<String>,
}

/// What is missing before anything could be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lacking {
    /// The cache of PeeringDB is empty.
    Cache,
    /// The number is private: PeeringDB has none of those.
    PublicNumber,
    /// PeeringDB lists no port for it.
    Ports,
}

/// What to take, as the preview showed it: only the ports that are wanted are left in their LANs. What is different by now
/// is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Id of one of our autonomous systems.
    pub autonomous_system: i64,
    pub lans: Vec<Lan>,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// Exchanges and connections that were made.
    pub exchanges: u64,
    pub connections: u64,
    /// Those of ours that were linked to PeeringDB.
    pub linked: u64,
    /// The request's name in the change log, by which it can be undone.
    pub request: String,
}

/// Exchanges and connections from PeeringDB.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait ExchangeImport: Send + Sync {
    async fn preview(&self, who: &Who, autonomous_system: i64) -> Result<Preview, Problem>;
    async fn apply(&self, who: &Who, import: Import) -> Result<Imported, Problem>;
}

/// What taking everything would do. Writes nothing.
#[server(prefix = "/fn", endpoint = "exchange-import/preview", input = Json, output = Json)]
pub async fn preview_exchange_import(autonomous_system: i64) -> Answer<Preview> {
    Ok(capability::<dyn ExchangeImport>()?.preview(&who()?, autonomous_system).await?)
}

/// Takes what is wanted, all or nothing. A LAN or port of which the preview would show something else by now is a conflict.
#[server(prefix = "/fn", endpoint = "exchange-import/apply", input = Json, output = Json)]
pub async fn apply_exchange_import(import: Import) -> Answer<Imported> {
    Ok(capability::<dyn ExchangeImport>()?.apply(&who()?, import).await?)
}
