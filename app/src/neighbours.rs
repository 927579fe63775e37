//! Two networks beside one another: where both are, what runs between them, and with whom a link of their own could be made.

use crate::Answer;
use crate::json::Json;
use crate::peers::Network;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use peerage_model::{effective::Direction, wire::ObjectRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Whose neighbourhood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// A network, by its AS number.
    pub asn: u32,
    /// The other one; none: all of our own.
    #[serde(default)]
    pub with: Option<u32>,
}

/// Where two networks both are, by PeeringDB.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InCommon {
    /// AS numbers of the second side, as far as PeeringDB knows them.
    pub ours: Vec<u32>,
    /// It knows the first one.
    pub known: bool,
    pub exchanges: Vec<SharedExchange>,
    pub facilities: Vec<SharedFacility>,
}

/// A LAN on which both have a port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedExchange {
    /// Id of PeeringDB's `ix`.
    pub id: i64,
    pub name: String,
    pub city: String,
    pub country: String,
    /// Exchanges of ours (ids) that are linked to the LAN; none: we have not entered it.
    pub entered: Vec<i64>,
    pub theirs: Vec<PortBrief>,
    pub ours: Vec<PortBrief>,
}

/// A port (PeeringDB `netixlan`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PortBrief {
    pub asn: u32,
    pub ipv4: Option<IpAddr>,
    pub ipv6: Option<IpAddr>,
    /// Mbit/s; 0: not told.
    pub speed: i64,
    pub is_rs_peer: bool,
    pub operational: bool,
}

/// A building in which both are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedFacility {
    /// Id of PeeringDB's `fac`.
    pub id: i64,
    pub name: String,
    pub city: String,
    pub country: String,
    /// AS numbers of the second side that are there.
    pub ours: Vec<u32>,
}

/// With whom a private interconnection could be made: everybody in the buildings that we are in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Candidates {
    /// Empty unless there can be none; then why.
    pub reason: String,
    pub facilities: Vec<OurFacility>,
    /// Id of the relationship that is called private peering, if there is one.
    pub relationship: Option<i64>,
    /// In the order of their AS numbers.
    pub networks: Vec<Candidate>,
}

/// A building that we are in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OurFacility {
    pub id: i64,
    pub name: String,
    pub city: String,
    pub country: String,
    pub ours: Vec<u32>,
}

/// A network in at least one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub network: Network,
    /// Places in `facilities`.
    pub facilities: Vec<u32>,
    /// Exchanges' LANs on which both are.
    pub exchanges: u32,
    /// Direct sessions that there are with it already, among those of the network.
    pub direct: u64,
}

/// What runs with a peer and how, beyond what is free with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Story {
    pub direct: Vec<SessionBrief>,
    /// IX sessions at addresses that PeeringDB does not list for it there.
    pub unlisted: Vec<SessionBrief>,
    pub policies: Vec<PolicyInUse>,
    /// Sessions that no policy applies to: import, export.
    pub without_policy: [u64; 2],
    /// Some of it is not open to whoever asked.
    pub withheld: bool,
    /// Id of PeeringDB's `net`.
    pub network: Option<i64>,
    /// Fields of our record that PeeringDB says otherwise.
    pub differing: Vec<String>,
    /// Those that we assigned first.
    pub contacts: Vec<ContactBrief>,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionBrief {
    pub id: i64,
    pub label: String,
    /// Of a direct session its router's name, empty: none yet; of an IX session that is not listed, why.
    pub about: String,
    pub status: String,
    pub state: String,
}

/// A routing policy that applies to sessions with the peer, and where it was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyInUse {
    /// Export, not import.
    pub export: bool,
    pub policy: ObjectRef,
    pub name: String,
    /// The AS, an exchange, a BGP group; none: sessions themselves.
    pub origin: Option<ObjectRef>,
    pub origin_label: String,
    /// To how many sessions.
    pub sessions: u64,
}

impl PolicyInUse {
    pub fn direction(&self) -> Direction {
        if self.export { Direction::Export } else { Direction::Import }
    }
}

/// Somebody to write to: a contact that we assigned, or one that PeeringDB names (`poc`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactBrief {
    pub contact: ObjectRef,
    pub role: String,
    pub name: String,
    pub email: String,
    pub phone: String,
}

/// Networks beside one another.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Neighbours: Send + Sync {
    async fn in_common(&self, who: &Who, between: Between) -> Result<InCommon, Problem>;
    async fn candidates(&self, who: &Who) -> Result<Candidates, Problem>;
    async fn story(&self, who: &Who, autonomous_system: i64) -> Result<Story, Problem>;
}

/// Exchanges and buildings in which two networks both are, as PeeringDB has them; the second may be left out: it is ours then.
#[server(prefix = "/fn", endpoint = "neighbours/in-common", input = Json, output = Json)]
pub async fn find_in_common(between: Between) -> Answer<InCommon> {
    Ok(capability::<dyn Neighbours>()?.in_common(&who()?, between).await?)
}

/// Everybody in the buildings that we are in, as PeeringDB has them.
#[server(prefix = "/fn", endpoint = "neighbours/candidates", input = Json, output = Json)]
pub async fn find_candidates() -> Answer<Candidates> {
    Ok(capability::<dyn Neighbours>()?.candidates(&who()?).await?)
}

/// What runs with an autonomous system, by id: direct sessions, policies and where they come from, whom to write to.
#[server(prefix = "/fn", endpoint = "neighbours/story", input = Json, output = Json)]
pub async fn tell_story(autonomous_system: i64) -> Answer<Story> {
    Ok(capability::<dyn Neighbours>()?.story(&who()?, autonomous_system).await?)
}
