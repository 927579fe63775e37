//! Routers: looking at one, bringing a configuration to it, and how its sessions are. What talks to a router is a job, whose log and
//! progress are told by [`crate::jobs`]; a push is a record as well, `devices.push`.

use crate::Answer;
use crate::json::Json;
use crate::peeringdb::Started;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use peerage_model::{
    types::{Hours, Together},
    wire::ObjectRef,
};
use serde::{Deserialize, Serialize};

/// A router's sessions beside the intent, and how it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// When its sessions were seen, in microseconds since 1970; never without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// What is not as it should be first.
    pub rows: Vec<BesideRow>,
    /// Host keys on record: kind and fingerprint.
    pub host_keys: Vec<(String, String)>,
    /// The key that it showed when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<(String, String)>,
    /// What stands in the way of even trying to reach it: no platform with a driver, nothing to log in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hindrance: Option<String>,
    /// Whoever asks may check and see its configuration; may push and accept host keys.
    pub may_check: bool,
    pub may_push: bool,
}

/// A session as it is intended, as it is on the router, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BesideRow {
    pub verdict: Verdict,
    pub address: String,
    /// In the intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<ObjectRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// The peer's name, or the router's description of a session that is not in the intent.
    pub name: String,
    /// `enabled` and so on; empty for what is not in the intent.
    pub status: String,
    /// On the router.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_asn: Option<u32>,
    /// `established` and so on; empty where the router does not tell.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// What is different, or why it is down.
    pub words: String,
}

/// How a session on the router compares with the intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// On the router with another number than in the intent.
    Different,
    /// In the intent, and to be up, but not on the router.
    Missing,
    /// On the router, and not in the intent.
    Extra,
    /// In the intent; the router was not asked yet.
    Unknown,
    Same,
    /// In the intent as switched off, and not on the router.
    Off,
}

/// What a check or a push would send, or has sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Texts {
    /// Lines with `+`, `-` or a blank in front.
    pub diff: String,
    /// The configuration; empty for those who may not see secrets.
    pub text: String,
    /// Secrets are left out.
    pub masked: bool,
}

/// How a session fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub session: i64,
    pub hours: Hours,
}

/// How something is pushed.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Why; it stands in the record.
    pub reason: String,
    /// Until the router takes it back, unless it is confirmed.
    pub minutes: Option<u32>,
    /// Confirmed when somebody says so ([`keep_push`]) and all is well, else as soon as all is well.
    pub attended: bool,
}

/// Routers, spoken to.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Devices: Send + Sync {
    async fn check(&self, who: &Who, router: i64) -> Result<Started, Problem>;
    async fn push(&self, who: &Who, check: i64, how: How) -> Result<Started, Problem>;
    async fn keep(&self, who: &Who, push: i64) -> Result<(), Problem>;
    async fn poll(&self, who: &Who, router: Option<i64>) -> Result<Started, Problem>;
    async fn test(&self, who: &Who, router: i64) -> Result<Started, Problem>;
    async fn accept_host_key(&self, who: &Who, router: i64, fingerprint: String) -> Result<(), Problem>;
    async fn beside(&self, who: &Who, router: i64) -> Result<Beside, Problem>;
    async fn texts(&self, who: &Who, push: i64) -> Result<Texts, Problem>;
    async fn history(&self, who: &Who, of: String, sessions: Vec<i64>) -> Result<Vec<History>, Problem>;
    async fn exchange_history(&self, who: &Who, exchange: i64) -> Result<Together, Problem>;
}

/// Compares a router's configuration with what runs there, and changes nothing. What comes of it is a `devices.push` of this job.
#[server(prefix = "/fn", endpoint = "devices/check", input = Json, output = Json)]
pub async fn check_router(router: i64) -> Answer<Started> {
    Ok(capability::<dyn Devices>()?.check(&who()?, router).await?)
}

/// Pushes what a check showed, by the check's number. The router takes it back after so many `minutes` (5) unless its sessions are
/// well by then; one that is `attended` also unless somebody has said that it is to be kept.
#[server(prefix = "/fn", endpoint = "devices/push", input = Json, output = Json)]
pub async fn push_router(check: i64, reason: String, minutes: Option<u32>, attended: Option<bool>) -> Answer<Started> {
    let how = How { reason, minutes, attended: attended.unwrap_or_default() };
    Ok(capability::<dyn Devices>()?.push(&who()?, check, how).await?)
}

/// Says that an attended push is to be kept: it is confirmed as soon as all is well.
#[server(prefix = "/fn", endpoint = "devices/keep", input = Json, output = Json)]
pub async fn keep_push(push: i64) -> Answer<()> {
    Ok(capability::<dyn Devices>()?.keep(&who()?, push).await?)
}

/// Asks a router how its sessions are; without one, all that are to be polled.
#[server(prefix = "/fn", endpoint = "devices/poll", input = Json, output = Json)]
pub async fn poll_router(router: Option<i64>) -> Answer<Started> {
    Ok(capability::<dyn Devices>()?.poll(&who()?, router).await?)
}

/// Looks whether a router can be worked with.
#[server(prefix = "/fn", endpoint = "devices/test", input = Json, output = Json)]
pub async fn test_router(router: i64) -> Answer<Started> {
    Ok(capability::<dyn Devices>()?.test(&who()?, router).await?)
}

/// Accepts the host key that a router showed when it was refused, in the place of those on record.
#[server(prefix = "/fn", endpoint = "devices/accept-host-key", input = Json, output = Json)]
pub async fn accept_host_key(router: i64, fingerprint: String) -> Answer<()> {
    Ok(capability::<dyn Devices>()?.accept_host_key(&who()?, router, fingerprint).await?)
}

/// A router's sessions as they were seen last, beside the intent.
#[server(prefix = "/fn", endpoint = "devices/beside", input = Json, output = Json)]
pub async fn router_beside_intent(router: i64) -> Answer<Beside> {
    Ok(capability::<dyn Devices>()?.beside(&who()?, router).await?)
}

/// What a check or a push changes, and the configuration. Passwords are masked for those who may not see secrets.
#[server(prefix = "/fn", endpoint = "devices/texts", input = Json, output = Json)]
pub async fn push_texts(push: i64) -> Answer<Texts> {
    Ok(capability::<dyn Devices>()?.texts(&who()?, push).await?)
}

/// How some sessions of one type fared, hour by hour; those of which nothing is known are left out.
#[server(prefix = "/fn", endpoint = "devices/history", input = Json, output = Json)]
pub async fn session_history(of: String, sessions: Vec<i64>) -> Answer<Vec<History>> {
    Ok(capability::<dyn Devices>()?.history(&who()?, of, sessions).await?)
}

/// How the enabled sessions at one of our exchanges fared together, hour by hour.
#[server(prefix = "/fn", endpoint = "devices/exchange-history", input = Json, output = Json)]
pub async fn exchange_history(exchange: i64) -> Answer<Together> {
    Ok(capability::<dyn Devices>()?.exchange_history(&who()?, exchange).await?)
}
