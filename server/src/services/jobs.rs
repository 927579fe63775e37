//! Jobs in the interface: their logs, how many there are, and what people may do with one. The queue and its workers are in
//! `crate::jobs`.

use crate::jobs::{Engine, now};
use async_trait::async_trait;
use peerage_app::jobs::{self, Active, Log, LogLine};
use peerage_model::{
    Filter, Problem, Record, Value, Who,
    filter::equals,
    permit::View,
    types::{JOB, JobStatus},
};
use peerage_store::Store;
use std::sync::Arc;

/// Lines that one question gives.
const LINES: u64 = 500;

pub struct Jobs {
    store: Store,
    engine: Arc<Engine>,
}

impl Jobs {
    pub fn new(store: Store, engine: Arc<Engine>) -> Self {
        Self { store, engine }
    }

    async fn count(&self, who: &Who, status: JobStatus) -> Result<u64, Problem> {
        let permit = who.permit::<View>(&JOB)?;
        let field = JOB.field("status").ok_or_else(|| Problem::not_found(JOB.name))?;
        let filter = Filter { terms: vec![equals(field, Value::text(status.code()))], words: Vec::new() };
        Ok(self.store.count(&permit, &filter).await?)
    }
}

fn line(record: &Record) -> LogLine {
    LogLine {
        number: record.int("number").unwrap_or_default(),
        time: record.get("time").as_time().unwrap_or_default(),
        level: record.text("level").to_owned(),
        text: record.text("text").to_owned(),
        object_type: record.text("object_type").to_owned(),
        object_id: record.int("object_id"),
        object: record.text("object_repr").to_owned(),
    }
}

#[async_trait]
impl jobs::Jobs for Jobs {
    async fn log(&self, who: &Who, job: i64, after: i64) -> Result<Log, Problem> {
        let permit = who.permit::<View>(&JOB)?;
        let record = self.store.get(&permit, job).await?.ok_or_else(|| Problem::not_found(JOB.name))?;
        let queue = self.engine.queue();
        queue.may_see(who, &record).await?;
        let reached = queue.must_reach(who, job).await.is_ok();
        let lines = self.store.job_lines(&permit, job, after, LINES).await?;
        Ok(Log {
            more: lines.len() as u64 == LINES,
            lines: lines.iter().map(line).collect(),
            may_cancel: reached && queue.may_cancel(who, &record).is_ok(),
            may_retry: reached && queue.may_retry(who, &record).is_ok(),
        })
    }

    async fn active(&self, who: &Who) -> Result<Active, Problem> {
        Ok(Active {
            running: self.count(who, JobStatus::Running).await?,
            pending: self.count(who, JobStatus::Pending).await?,
        })
    }

    async fn cancel(&self, who: &Who, job: i64) -> Result<(), Problem> {
        self.engine.queue().cancel(who, job, now()).await
    }

    async fn retry(&self, who: &Who, job: i64) -> Result<(), Problem> {
        self.engine.queue().retry(who, job, now()).await
    }
}
