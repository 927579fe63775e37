//! The PeeringDB cache in the interface: its state, starting a synchronisation, and what the cache knows of a number.

use crate::jobs::{Engine, Wanted, now, synchronise};
use async_trait::async_trait;
use peerage_app::peeringdb::{self, Offer, Outcome, Running, Start, Started, Status, TypeStatus};
use peerage_model::{
    ListQuery, Problem, Record, Value, Who,
    peeringdb::{NAMESPACES, NETWORK, SYNCHRONISATION},
    permit::View,
    types::{AUTONOMOUS_SYSTEM, FROM_PEERINGDB, JobStatus, described_by},
    wire::RecordSet,
};
use peerage_store::Store;
use peerage_sync::peeringdb as sync;
use std::sync::Arc;

/// Lines of a run's log on the page; all of them are with its job.
const LOG_LINES: i64 = 40;

pub struct PeeringDb {
    store: Store,
    engine: Arc<Engine>,
}

impl PeeringDb {
    pub fn new(store: Store, engine: Arc<Engine>) -> Self {
        Self { store, engine }
    }

    /// A job's progress. Whoever may see runs may see it, whether or not they may see other jobs.
    async fn progress(&self, job: &Record) -> Result<Running, Problem> {
        let count = |name: &str| job.int(name).and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
        let lines = self.engine.queue().lines(job, LOG_LINES).await?;
        Ok(Running {
            job: job.id,
            waits: JobStatus::of(job) == Some(JobStatus::Pending),
            phase: job.text("phase").to_owned(),
            done: count("done"),
            total: count("total"),
            not_before: job.get("not_before").as_time(),
            outcome: job.text("outcome").to_owned(),
            log: lines.iter().map(|line| line.text("text").to_owned()).collect(),
        })
    }
}

#[async_trait]
impl peeringdb::PeeringDb for PeeringDb {
    async fn status(&self, who: &Who) -> Result<Status, Problem> {
        let permit = who.permit::<View>(&SYNCHRONISATION)?;
        // before the rest: whoever hears that nothing runs is also told how the last run ended
        let queue = self.engine.queue();
        let running = match queue.active(&synchronise::KIND).await? {
            Some(job) => Some(self.progress(&job).await?),
            None => None,
        };
        let outcome = queue.ended(&synchronise::KIND).await?.map(|job| Outcome {
            job: job.id,
            status: job.text("status").to_owned(),
            words: job.text("outcome").to_owned(),
            ended: job.get("completed").as_time(),
        });
        let next = match self.engine.timetable().period(synchronise::KIND.name) {
            Some(period) => self.engine.queue().next_due(synchronise::KIND.name, period, now()).await?,
            None => None,
        };
        let newest = ListQuery { limit: 1, count: false, ..ListQuery::all(&SYNCHRONISATION) };
        let last = self.store.records(&permit, &newest).await?;
        let types = sync::status(&self.store).await?;
        let type_of = |namespace: &str| NAMESPACES.iter().find(|(name, _)| *name == namespace).map(|(_, of)| of.key());
        Ok(Status {
            types: types
                .0
                .into_iter()
                .map(|status| TypeStatus {
                    of: type_of(status.namespace).unwrap_or_default(),
                    namespace: status.namespace.to_owned(),
                    rows: status.rows,
                    cursor: status.cursor,
                    rejected: status.rejected,
                    partly: status.partly,
                })
                .collect(),
            running,
            last: (!last.is_empty()).then(|| RecordSet::whole(&SYNCHRONISATION, &last)),
            outcome,
            source: self.engine.means().peeringdb.name(),
            next,
        })
    }

    async fn start(&self, who: &Who, start: Start) -> Result<Started, Problem> {
        // who may is asked before anything is looked at
        synchronise::may_start(who, &start)?;
        let arguments = synchronise::arguments(&self.engine.means().peeringdb, start)?;
        let wanted = Wanted::of(who, arguments);
        let job = self.engine.queue().enqueue(&synchronise::KIND, wanted, now()).await?;
        Ok(Started { job: job.id })
    }

    async fn offer(&self, who: &Who, asn: u32) -> Result<Option<Offer>, Problem> {
        let number = Value::Int(i64::from(asn));
        let network = self.store.find(&who.permit::<View>(&NETWORK)?, &[("asn", number.clone())]).await?;
        let existing = self.store.find(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, &[("asn", number)]).await?;
        // only what PeeringDB says: a form is not to take our defaults for its word
        let told = ["asn"].into_iter().chain(FROM_PEERINGDB.iter().map(|(ours, ..)| *ours));
        let told: Vec<usize> = told.filter_map(|name| AUTONOMOUS_SYSTEM.index_of(name)).collect();
        Ok(network.first().map(|network| Offer {
            record: RecordSet::new(&AUTONOMOUS_SYSTEM, &told, &[described_by(network)]),
            existing: existing.first().map(|known| known.id),
        }))
    }
}
