//! Finding peers at an exchange and making sessions with them from a selection.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::available::Standing;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as JsonValue};
use std::net::IpAddr;

/// Who is at an exchange, by our connections and address families.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AvailablePeers {
    /// Empty unless nobody can be found; then why, and what to do.
    pub reason: String,
    pub connections: Vec<OurConnection>,
    pub peers: Vec<Peer>,
    /// Networks that are left out because somebody has hidden them there.
    #[serde(default)]
    pub hidden: u64,
}

/// One of our connections there: two columns of the matrix, IPv4 and IPv6.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OurConnection {
    pub id: i64,
    pub label: String,
    pub status: String,
}

/// A port of another network on the exchange's LAN (PeeringDB `netixlan`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Peer {
    /// Id of the `netixlan`.
    pub port: i64,
    pub asn: u32,
    pub name: String,
    /// PeeringDB `policy_general`, `info_type`, `info_traffic`, `info_scope`; empty when not told.
    pub policy: String,
    pub kind: String,
    pub traffic: String,
    pub scope: String,
    pub prefixes4: Option<i64>,
    pub prefixes6: Option<i64>,
    pub irr_as_set: String,
    /// Mbit/s.
    pub speed: i64,
    pub is_rs_peer: bool,
    pub operational: bool,
    pub ipv4: Option<IpAddr>,
    pub ipv6: Option<IpAddr>,
    /// One of our own AS numbers.
    pub ours: bool,
    /// For each connection: IPv4, IPv6.
    pub standing: Vec<[Standing; 2]>,
}

/// A session to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// Id of the peer's `netixlan`: tells the AS.
    pub port: i64,
    /// Id of our connection.
    pub connection: i64,
    /// 4 or 6: which of the port's addresses.
    pub family: u8,
    /// Further fields of `peering.internetexchangepeeringsession`.
    #[serde(default)]
    pub fields: Map<String, JsonValue>,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Created {
    pub sessions: Vec<i64>,
    /// Autonomous systems that were not there before.
    pub autonomous_systems: Vec<i64>,
    /// The request's name in the change log, by which it can be undone.
    pub request: String,
}

/// Peers and sessions.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Peers: Send + Sync {
    async fn available(&self, who: &Who, exchange: i64) -> Result<AvailablePeers, Problem>;
    async fn create_sessions(&self, who: &Who, sessions: Vec<NewSession>) -> Result<Created, Problem>;
}

/// Everybody on the exchange's LAN, and for each of our connections whether a session could be made.
#[server(prefix = "/fn", endpoint = "peers/available", input = Json, output = Json)]
pub async fn find_peers(exchange: i64) -> Answer<AvailablePeers> {
    Ok(capability::<dyn Peers>()?.available(&who()?, exchange).await?)
}

/// Makes all of the sessions, and the autonomous systems that they need, or nothing. Problems are at `rows.N.field`.
#[server(prefix = "/fn", endpoint = "peers/create-sessions", input = Json, output = Json)]
pub async fn create_sessions(sessions: Vec<NewSession>) -> Answer<Created> {
    Ok(capability::<dyn Peers>()?.create_sessions(&who()?, sessions).await?)
}
