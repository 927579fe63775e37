//! One BGP neighbour as a device sees it: the common form that every platform's answer is read into.
//!
//! What must stay true: what a device does not say is absent (`null`), never 0 or -1. Counts before and after the import
//! policy are kept apart, and a device that has only one number fills only the field that this number is.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize, Serializer};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
};

/// A neighbour and the state of its session. As JSON: the fields by these names, absent values as `null`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Neighbour {
    /// The routing instance; `default` for the global one, whatever the device calls it.
    pub vrf: String,
    /// The peer's address. Absent for unnumbered peers whose address is not shown, and for ranges of dynamic ones.
    pub address: Option<IpAddr>,
    /// The interface of an unnumbered peer or of a link-local address.
    pub interface: Option<String>,
    /// What the device calls the session where it has names of its own (BIRD's protocol).
    pub name: Option<String>,
    /// The peer's AS (4 bytes, RFC 6793).
    pub remote_as: Option<u32>,
    /// Our AS on this session.
    pub local_as: Option<u32>,
    /// The peer's BGP identifier.
    pub remote_id: Option<Ipv4Addr>,
    /// Our address on this session.
    pub local_address: Option<IpAddr>,
    pub description: Option<String>,
    /// Peer group or template.
    pub group: Option<String>,
    /// The routing table where it is not the usual one (BIRD).
    pub table: Option<String>,
    /// RFC 4271 section 8.2.2; absent when the answer does not tell.
    pub state: Option<State>,
    /// Switched off by the operator on this side.
    pub admin_down: bool,
    /// Came into being by a range or template, not by a statement of its own.
    pub dynamic: bool,
    /// The last error, or why it is down, as the device says it.
    pub reason: Option<String>,
    /// Seconds in the present state, by the device's clock, when the answer was given.
    pub seconds: Option<u64>,
    /// When the present state began, RFC 3339 in UTC. Filled by parsers only where the device gives an instant; see
    /// [`Neighbour::anchor`].
    #[serde(serialize_with = "instant")]
    pub since: Option<DateTime<Utc>>,
    /// How often an established session was lost.
    pub flaps: Option<u64>,
    /// Prefix counts by address family.
    pub families: Vec<Family>,
}

/// Counts of one address family of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Family {
    /// `ipv4`, `ipv6`, `l2vpn`; `any` where the device has one number for all families.
    pub afi: String,
    /// `unicast`, `multicast`, `vpn`, `labeled-unicast`, `flowspec`, `evpn` ...; `any` beside afi `any`.
    pub safi: String,
    /// Prefixes received, before our import policy.
    pub received: Option<u64>,
    /// Prefixes that our import policy let in.
    pub accepted: Option<u64>,
    /// Prefixes that our import policy kept out.
    pub filtered: Option<u64>,
    /// Prefixes that we announce.
    pub advertised: Option<u64>,
    /// The most prefixes that are allowed in.
    pub limit: Option<u64>,
}

impl Family {
    pub fn new(afi: &str, safi: &str) -> Self {
        Self { afi: afi.into(), safi: safi.into(), ..Self::default() }
    }

    /// The count that bounds are held against: accepted where known, else received.
    pub fn prefixes(&self) -> Option<u64> {
        self.accepted.or(self.received)
    }
}

/// The states of a BGP session, RFC 4271 section 8.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    Idle,
    Connect,
    Active,
    OpenSent,
    OpenConfirm,
    Established,
}

impl State {
    /// From a device's word, in whatever case. Words of one vendor that are no state of the RFC are mapped to the nearest.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().replace(['_', '-'], "").as_str() {
            "idle" | "down" | "clearing" | "deleted" | "none" | "close" | "shutdown" | "stop" => Self::Idle,
            "connect" => Self::Connect,
            // BIRD: waits for the other side to connect
            "active" | "passive" => Self::Active,
            "opensent" => Self::OpenSent,
            "openconfirm" => Self::OpenConfirm,
            "established" | "estab" | "noneg" => Self::Established,
            _ => return None,
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What a session is matched by: routing instance and canonical address (or the interface of an unnumbered peer).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PeerKey {
    pub vrf: String,
    pub address: Option<IpAddr>,
    pub interface: Option<String>,
}

impl fmt::Display for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.address, &self.interface) {
            (Some(address), None) => write!(f, "{address}")?,
            (Some(address), Some(interface)) => write!(f, "{address}%{interface}")?,
            (None, Some(interface)) => f.write_str(interface)?,
            (None, None) => f.write_str("a peer without address")?,
        }
        if self.vrf != DEFAULT_VRF {
            write!(f, " in {}", self.vrf)?;
        }
        Ok(())
    }
}

/// What the global table is called here.
pub const DEFAULT_VRF: &str = "default";

impl Neighbour {
    pub fn key(&self) -> PeerKey {
        // the interface tells link-local addresses apart; beside a global address it says nothing
        let local = self.address.is_none_or(|a| matches!(a, IpAddr::V6(v6) if v6.is_unicast_link_local()));
        let interface = if local { self.interface.clone() } else { None };
        PeerKey { vrf: self.vrf.clone(), address: self.address.map(|a| a.to_canonical()), interface }
    }

    pub fn is_established(&self) -> bool {
        self.state == Some(State::Established)
    }

    /// Fill [`Neighbour::since`] from the seconds, for an answer that was given at `now`. A device's own instant stays.
    pub fn anchor(&mut self, now: DateTime<Utc>) {
        if self.since.is_none() {
            let seconds = self.seconds.and_then(|s| i64::try_from(s).ok()).and_then(TimeDelta::try_seconds);
            self.since = seconds.and_then(|s| now.checked_sub_signed(s));
        }
    }

    /// The family by name, made when it is not there.
    pub(crate) fn family(&mut self, afi: &str, safi: &str) -> &mut Family {
        let at = self.families.iter().position(|f| f.afi == afi && f.safi == safi).unwrap_or_else(|| {
            self.families.push(Family::new(afi, safi));
            self.families.len() - 1
        });
        &mut self.families[at]
    }
}

fn instant<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true)),
        None => serializer.serialize_none(),
    }
}

/// Why an answer could not be read. Never contains the answer itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ParseProblem {
    /// Which answer (file or command).
    pub name: String,
    pub problem: String,
}

impl ParseProblem {
    pub fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { name: name.into(), problem: problem.into() }
    }
}
