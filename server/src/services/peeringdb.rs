//! The PeeringDB cache in the interface: its state, one run at a time, and what it knows of a number.

use super::request_id;
use async_trait::async_trait;
use peerage_app::peeringdb::{self, Offer, OneSynchronised, Running, Start, Status, TypeStatus};
use peerage_model::{
    Label, ListQuery, Problem, Value, Who, check,
    peeringdb::{NAMESPACES, NETWORK, SYNCHRONISATION},
    permit::{Change, Synchronise, View},
    types::{AUTONOMOUS_SYSTEM, FROM_PEERINGDB, described_by, divergence, is_private, kept_in_step},
    wire::RecordSet,
};
use peerage_store::Store;
use peerage_sync::peeringdb::{self as sync, Progress, Report, Source};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Lines of a run's log that are kept for the page.
const LOG_LINES: usize = 200;
/// How often the end of a run is looked for when the server stops.
const LOOK: Duration = Duration::from_millis(50);

pub struct PeeringDb {
    store: Store,
    source: Source,
    run: Arc<Mutex<Option<Run>>>,
    outcome: Arc<Mutex<Option<String>>>,
}

/// The run that is going on.
struct Run {
    state: Running,
    cancel: CancellationToken,
}

impl PeeringDb {
    pub fn new(store: Store, source: Source) -> Self {
        Self { store, source, run: Arc::default(), outcome: Arc::default() }
    }

    /// Stops a run after the rows that it is writing; what was taken stays.
    pub fn stop(&self) {
        if let Some(run) = self.lock().as_ref() {
            run.cancel.cancel();
        }
    }

    /// Waits until no run goes on.
    pub async fn ended(&self) {
        while self.lock().is_some() {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Run>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the one place for a run, or refuses.
    fn claim(&self) -> Result<CancellationToken, Problem> {
        let mut run = self.lock();
        if run.is_some() {
            return Err(Problem::conflict("A synchronisation is running already. Wait for it, or cancel it."));
        }
        let cancel = CancellationToken::new();
        *run =
            Some(Run { state: Running { phase: "starting".to_owned(), ..Running::default() }, cancel: cancel.clone() });
        Ok(cancel)
    }
}

/// Shows a run's progress on the page.
fn note(run: &Mutex<Option<Run>>, progress: Progress) {
    let mut run = run.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(run) = run.as_mut() else { return };
    run.state.namespace = progress.namespace.to_owned();
    run.state.phase = progress.phase.name().to_owned();
    run.state.done = progress.done as u64;
    run.state.total = progress.total as u64;
    if let Some(line) = progress.line {
        if run.state.log.len() >= LOG_LINES {
            run.state.log.remove(0);
        }
        run.state.log.push(line);
    }
}

async fn synchronise(
    store: &Store,
    source: &Source,
    flush: bool,
    run: &Mutex<Option<Run>>,
    cancel: &CancellationToken,
) -> Result<Report, Problem> {
    if flush {
        sync::flush(store).await?;
    }
    Ok(sync::synchronise(store, source, &|progress| note(run, progress), cancel).await?)
}

#[async_trait]
impl peeringdb::PeeringDb for PeeringDb {
    async fn status(&self, who: &Who) -> Result<Status, Problem> {
        let permit = who.permit::<View>(&SYNCHRONISATION)?;
        // before the rest: whoever hears that nothing runs is also told how the last run ended
        let running = self.lock().as_ref().map(|run| run.state.clone());
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
                })
                .collect(),
            running,
            last: (!last.is_empty()).then(|| RecordSet::whole(&SYNCHRONISATION, &last)),
            outcome: self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            source: self.source.name(),
        })
    }

    async fn start(&self, who: &Who, start: Start) -> Result<(), Problem> {
        who.permit::<Synchronise>(&NETWORK)?;
        // the server reads what this names: files and addresses that the person may not reach
        if !(who.rights.superuser || start.url.trim().is_empty() && start.directory.trim().is_empty()) {
            let field = if start.url.trim().is_empty() { "directory" } else { "url" };
            return Err(Problem::field(
                field,
                "Only an administrator may read from elsewhere than the configured source.",
            ));
        }
        let source = match (start.url.trim(), start.directory.trim()) {
            ("", "") => self.source.clone(),
            ("", directory) => {
                Source::directory(directory).map_err(|error| Problem::field("directory", error.to_string()))?
            }
            // The key belongs to the configured address: another one does not get it.
            (url, "") => Source::api(url, None).map_err(|error| Problem::field("url", error.to_string()))?,
            _ => return Err(Problem::field("directory", "Give an address or a directory, not both.")),
        };
        let cancel = self.claim()?;
        let (store, run, outcome) = (self.store.clone(), self.run.clone(), self.outcome.clone());
        tokio::spawn(async move {
            let ended = match synchronise(&store, &source, start.flush, &run, &cancel).await {
                Ok(report) => {
                    tracing::info!(
                        created = report.created(),
                        updated = report.updated(),
                        deleted = report.deleted(),
                        rejected = report.rejected(),
                        milliseconds = report.milliseconds,
                        "PeeringDB synchronised"
                    );
                    report.summary()
                }
                Err(error) => {
                    tracing::error!(%error, "the synchronisation with PeeringDB failed");
                    format!("The synchronisation failed. {}", error.message)
                }
            };
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
            *run.lock().unwrap_or_else(PoisonError::into_inner) = None;
        });
        Ok(())
    }

    async fn cancel(&self, who: &Who) -> Result<(), Problem> {
        who.permit::<Synchronise>(&NETWORK)?;
        match self.lock().as_ref() {
            Some(run) => {
                run.cancel.cancel();
                Ok(())
            }
            None => Err(Problem::new(Label::NotFound, "No synchronisation is running.")),
        }
    }

    async fn synchronise_one(&self, who: &Who, autonomous_system: i64) -> Result<OneSynchronised, Problem> {
        let permit = who.permit::<Change>(&AUTONOMOUS_SYSTEM)?;
        let known = self.store.get(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, autonomous_system).await?;
        let known = known.ok_or_else(|| Problem::not_found(AUTONOMOUS_SYSTEM.name))?;
        if is_private(&known) {
            return Ok(OneSynchronised::Private);
        }
        let networks = who.permit::<View>(&NETWORK)?;
        let found = self.store.find(&networks, &[("asn", known.get("asn").clone())]).await?;
        let Some(network) = found.first() else { return Ok(OneSynchronised::Unknown) };
        let kept = kept_in_step(&known, network);
        check::check(&kept, &()).into_result()?;
        let fields: Vec<String> = kept.differences(&known).map(|(field, ..)| field.label()).collect();
        if fields.is_empty() {
            let kept = divergence(&known, network).map(|(field, ..)| field.label()).collect();
            return Ok(OneSynchronised::Same { kept });
        }
        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        // what somebody else has changed meanwhile is a conflict, not overwritten
        write.update(&permit, known.version, kept).await?;
        write.commit().await?;
        Ok(OneSynchronised::Changed { fields, request })
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
