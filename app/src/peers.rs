//! Finding peers at our exchanges and making sessions with them from a selection.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::available::{Standing, Traits};
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as JsonValue};
use std::net::IpAddr;

/// Where peers are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Where {
    /// One of our exchanges, by id; none: all of them.
    pub exchange: Option<i64>,
    /// One network, by its AS number; none: everybody.
    pub asn: Option<u32>,
}

// What is as usual is left out on the way: an answer may hold thousands of ports.

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_yes(value: &bool) -> bool {
    *value
}

fn yes() -> bool {
    true
}

/// Who is at our exchanges, by our connections and address families. Fields of networks and ports that are empty, 0 or false are
/// left out, and `operational` where it is true.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AvailablePeers {
    /// Empty unless nobody can be found; then why, and what to do.
    pub reason: String,
    pub exchanges: Vec<OurExchange>,
    /// In the order of their AS numbers.
    pub networks: Vec<Network>,
    /// In the order of their networks, then of the exchanges.
    pub ports: Vec<Port>,
}

/// An exchange of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OurExchange {
    pub id: i64,
    pub name: String,
    /// The number of our AS there.
    pub local_asn: Option<u32>,
    /// Id of PeeringDB's `ixlan`; none: nobody can be found there.
    pub lan: Option<i64>,
    pub connections: Vec<OurConnection>,
}

/// One of our connections there: two columns of the matrix, IPv4 and IPv6.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OurConnection {
    pub id: i64,
    pub label: String,
    pub status: String,
}

/// Another network (PeeringDB `net`). Texts are empty when it does not tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Id of the `net`.
    pub id: i64,
    pub asn: u32,
    pub name: String,
    pub traits: Traits,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub irr_as_set: String,
    /// PeeringDB, or we, know whom to write to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub contact: bool,
    /// Id of the autonomous system that we have of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub autonomous_system: Option<i64>,
    /// Sessions of ours with it, at exchanges and direct ones, anywhere.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sessions: u64,
    /// One of our own AS numbers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ours: bool,
}

/// A port of a network on an exchange's LAN (PeeringDB `netixlan`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// Id of the `netixlan`.
    pub id: i64,
    /// Places in `networks` and `exchanges`.
    pub network: u32,
    pub exchange: u32,
    /// Mbit/s; 0: not told.
    #[serde(default, skip_serializing_if = "is_default")]
    pub speed: i64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_rs_peer: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub bfd_support: bool,
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub operational: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv4: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ipv6: Option<IpAddr>,
    /// The hidden peer (id) that leaves the network out there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hidden: Option<i64>,
    /// For each connection of the exchange: IPv4, IPv6.
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

/// Networks that are not to be proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hide {
    /// Ids of PeeringDB's `net` and `ixlan`: who, and where.
    pub peers: Vec<(i64, i64)>,
    /// When they are proposed again, a day or a moment (`2027-01-31`); none: never.
    #[serde(default)]
    pub until: Option<String>,
    /// Why, for whoever asks later.
    #[serde(default)]
    pub comments: String,
}

/// What was hidden.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    /// Ids of the hidden peers, in the order in which they were asked for.
    pub hidden: Vec<i64>,
    /// The request's name in the change log, by which it can be undone.
    pub request: String,
}

/// An exchange of ours in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtExchange {
    pub id: i64,
    pub name: String,
    pub connections: Vec<AtConnection>,
    /// Networks with which a session could be made, and how many sessions those would be. None: it has no LAN.
    pub free: Option<[u64; 2]>,
}

impl AtExchange {
    /// IX sessions there.
    pub fn sessions(&self) -> u64 {
        self.connections.iter().map(|connection| connection.sessions).sum()
    }

    pub fn up(&self) -> u64 {
        self.connections.iter().map(|connection| connection.up).sum()
    }

    pub fn down(&self) -> u64 {
        self.connections.iter().map(|connection| connection.down).sum()
    }
}

/// A connection of ours in figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtConnection {
    pub id: i64,
    pub label: String,
    pub status: String,
    /// IX sessions over it: all; enabled ones that are established; enabled ones of which a router says that they are not.
    pub sessions: u64,
    pub up: u64,
    pub down: u64,
}

/// Peers and sessions.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Peers: Send + Sync {
    async fn available(&self, who: &Who, at: Where) -> Result<AvailablePeers, Problem>;
    async fn create_sessions(&self, who: &Who, sessions: Vec<NewSession>, insist: bool) -> Result<Created, Problem>;
    async fn hide(&self, who: &Who, hide: Hide) -> Result<Hidden, Problem>;
    async fn at_exchanges(&self, who: &Who) -> Result<Vec<AtExchange>, Problem>;
}

/// Everybody at an exchange of ours, or at all of them, or one network wherever it meets us; and for each of our connections
/// whether a session could be made, or why not.
#[server(prefix = "/fn", endpoint = "peers/available", input = Json, output = Json)]
pub async fn find_peers(at: Where) -> Answer<AvailablePeers> {
    Ok(capability::<dyn Peers>()?.available(&who()?, at).await?)
}

/// Makes all of the sessions, and the autonomous systems that they need, or nothing. Problems are at `rows.N.field`, and at
/// `rows.N` what speaks against a session there; with `insist` warnings among them are passed over.
#[server(prefix = "/fn", endpoint = "peers/create-sessions", input = Json, output = Json)]
pub async fn create_sessions(sessions: Vec<NewSession>, #[server(default)] insist: bool) -> Answer<Created> {
    Ok(capability::<dyn Peers>()?.create_sessions(&who()?, sessions, insist).await?)
}

/// Leaves networks out of the available peers, all of them or none. Who is hidden there already, or was until some day, gets the
/// new day and reason.
#[server(prefix = "/fn", endpoint = "peers/hide", input = Json, output = Json)]
pub async fn hide_peers(hide: Hide) -> Answer<Hidden> {
    Ok(capability::<dyn Peers>()?.hide(&who()?, hide).await?)
}

/// Our exchanges in figures, in the order of their names: what runs there, and what is still free.
#[server(prefix = "/fn", endpoint = "peers/at-exchanges", input = Json, output = Json)]
pub async fn find_at_exchanges() -> Answer<Vec<AtExchange>> {
    Ok(capability::<dyn Peers>()?.at_exchanges(&who()?).await?)
}
