//! Jobs: what one says of itself, ending one, trying one again. The jobs themselves are records: `core.job`.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// A piece of a job's log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Log {
    pub lines: Vec<LogLine>,
    /// There are more after these.
    pub more: bool,
    /// Whoever asks may end the job.
    pub may_cancel: bool,
    /// Whoever asks may try it again, once it has failed. Nobody may if a command did it.
    pub may_retry: bool,
}

/// A line of a job's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogLine {
    /// From 1, without a gap.
    pub number: i64,
    /// Microseconds since 1970.
    pub time: i64,
    /// `default`, `info`, `success`, `warning` or `failure`.
    pub level: String,
    pub text: String,
    /// The object that it is about, if it is about one: its type's key, number and name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub object: String,
}

/// Jobs that have not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Active {
    pub running: u64,
    pub pending: u64,
}

/// The jobs.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Jobs: Send + Sync {
    async fn log(&self, who: &Who, job: i64, after: i64) -> Result<Log, Problem>;
    async fn active(&self, who: &Who) -> Result<Active, Problem>;
    async fn cancel(&self, who: &Who, job: i64) -> Result<(), Problem>;
    async fn retry(&self, who: &Who, job: i64) -> Result<(), Problem>;
}

/// The lines of a job's log after a number, 500 at most.
#[server(prefix = "/fn", endpoint = "jobs/log", input = Json, output = Json)]
pub async fn job_log(job: i64, after: i64) -> Answer<Log> {
    Ok(capability::<dyn Jobs>()?.log(&who()?, job, after).await?)
}

/// How many jobs run, and how many wait.
#[server(prefix = "/fn", endpoint = "jobs/active", input = Json, output = Json)]
pub async fn active_jobs() -> Answer<Active> {
    Ok(capability::<dyn Jobs>()?.active(&who()?).await?)
}

/// Wishes that a job ends: one that waits ends at once, one that runs within a few seconds. Whoever may start such a job may.
#[server(prefix = "/fn", endpoint = "jobs/cancel", input = Json, output = Json)]
pub async fn cancel_job(job: i64) -> Answer<()> {
    Ok(capability::<dyn Jobs>()?.cancel(&who()?, job).await?)
}

/// Puts a job that has failed into the queue again; its log goes on. Whoever may start such a job may.
#[server(prefix = "/fn", endpoint = "jobs/retry", input = Json, output = Json)]
pub async fn retry_job(job: i64) -> Answer<()> {
    Ok(capability::<dyn Jobs>()?.retry(&who()?, job).await?)
}
