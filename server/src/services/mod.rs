//! The services: what the server can do for somebody, each implementing one capability of `peerage-app`. Server functions
//! and the command line call the same ones. A service asks for permits and keeps the rules that need the database; it
//! knows neither HTTP nor SQL.

mod accounts;
mod attempts;
mod changes;
mod devices;
mod exchange_import;
mod import;
mod in_step;
mod jobs;
mod live;
mod neighbours;
mod peeringdb;
mod peers;
mod preferences;
mod records;
pub mod rendering;
pub mod retention;
pub mod surroundings;
mod views;
mod webhooks;

pub use accounts::{Accounts, beginning, who_is};
pub use changes::Changes;
pub use devices::Devices;
pub use exchange_import::ExchangeImport;
pub use import::FileImport;
pub use in_step::InStep;
pub use jobs::Jobs;
pub use live::Live;
pub use neighbours::Neighbours;
pub use peeringdb::PeeringDb;
pub use peers::Peers;
pub use preferences::OwnPreferences;
pub use records::Records;
pub use rendering::{Rendering, answer_needs};
pub use views::Views;
pub use webhooks::Webhooks;

use crate::{
    http::{RequestId, client::Front},
    jobs::{Engine, Means, Pace, Timetable},
    keys,
    webhooks::Deliverer,
};
use leptos::prelude::{provide_context, use_context};
use peerage_app as functions;
use peerage_store::Store;
use peerage_sync::peeringdb::Source;
use std::{sync::Arc, time::Duration};

/// All services over one store. Cloning copies pointers.
#[derive(Clone)]
pub struct Services {
    store: Store,
    accounts: Arc<Accounts>,
    records: Arc<Records>,
    changes: Arc<Changes>,
    devices: Arc<Devices>,
    exchange_import: Arc<ExchangeImport>,
    file_import: Arc<FileImport>,
    in_step: Arc<InStep>,
    jobs: Arc<Jobs>,
    engine: Arc<Engine>,
    peeringdb: Arc<PeeringDb>,
    peers: Arc<Peers>,
    neighbours: Arc<Neighbours>,
    preferences: Arc<OwnPreferences>,
    rendering: Arc<Rendering>,
    views: Arc<Views>,
    webhooks: Arc<Webhooks>,
    deliverer: Arc<Deliverer>,
    live: Arc<Live>,
    front: Arc<Front>,
}

impl Services {
    /// `source` is where PeeringDB is read from unless a person says otherwise; `front` how browsers reach us. No job comes by
    /// itself.
    pub fn new(store: Store, source: Source, front: Front) -> Self {
        Self::with(store, Means::of(source), front, Timetable::default(), Pace::default())
    }

    /// As [`Services::new`], with jobs that come by themselves, done at this pace.
    pub fn with(store: Store, means: Means, front: Front, timetable: Timetable, pace: Pace) -> Self {
        let deliverer = Arc::new(Deliverer::new(store.clone(), means.caller.clone(), pace.lease));
        let engine = Arc::new(Engine::new(store.clone(), means, timetable, pace));
        Self {
            accounts: Arc::new(Accounts::new(store.clone())),
            records: Arc::new(Records::new(store.clone())),
            changes: Arc::new(Changes::new(store.clone())),
            devices: Arc::new(Devices::new(store.clone(), engine.clone())),
            exchange_import: Arc::new(ExchangeImport::new(store.clone())),
            file_import: Arc::new(FileImport::new(store.clone())),
            in_step: Arc::new(InStep::new(store.clone())),
            jobs: Arc::new(Jobs::new(store.clone(), engine.clone())),
            peeringdb: Arc::new(PeeringDb::new(store.clone(), engine.clone())),
            engine,
            peers: Arc::new(Peers::new(store.clone())),
            neighbours: Arc::new(Neighbours::new(store.clone())),
            preferences: Arc::new(OwnPreferences::new(store.clone())),
            rendering: Arc::new(Rendering::new(store.clone())),
            views: Arc::new(Views::new(store.clone())),
            webhooks: Arc::new(Webhooks::new(store.clone())),
            deliverer,
            live: Arc::new(Live::new(store.clone())),
            front: Arc::new(front),
            store,
        }
    }

    /// With another bound on how long a template may run.
    #[must_use]
    pub fn rendering_within(self, longest: Duration) -> Self {
        Self { rendering: Arc::new(Rendering::new(self.store.clone()).within(longest)), ..self }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    pub fn records(&self) -> &Records {
        &self.records
    }

    pub fn peeringdb(&self) -> &PeeringDb {
        &self.peeringdb
    }

    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    pub fn rendering(&self) -> &Rendering {
        &self.rendering
    }

    /// The workers of this process; they begin with [`Engine::run`].
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Who tells webhooks of changes; it begins with [`Deliverer::run`].
    pub fn deliverer(&self) -> &Arc<Deliverer> {
        &self.deliverer
    }

    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Gives the server functions of one call what they may use.
    pub fn provide(&self) {
        provide_context::<Arc<dyn functions::accounts::Accounts>>(self.accounts.clone());
        provide_context::<Arc<dyn functions::records::Records>>(self.records.clone());
        provide_context::<Arc<dyn functions::changes::Changes>>(self.changes.clone());
        provide_context::<Arc<dyn functions::devices::Devices>>(self.devices.clone());
        provide_context::<Arc<dyn functions::exchange_import::ExchangeImport>>(self.exchange_import.clone());
        provide_context::<Arc<dyn functions::import::Importing>>(self.file_import.clone());
        provide_context::<Arc<dyn functions::in_step::InStep>>(self.in_step.clone());
        provide_context::<Arc<dyn functions::jobs::Jobs>>(self.jobs.clone());
        provide_context::<Arc<dyn functions::peeringdb::PeeringDb>>(self.peeringdb.clone());
        provide_context::<Arc<dyn functions::peers::Peers>>(self.peers.clone());
        provide_context::<Arc<dyn functions::neighbours::Neighbours>>(self.neighbours.clone());
        provide_context::<Arc<dyn functions::preferences::Preferring>>(self.preferences.clone());
        provide_context::<Arc<dyn functions::rendering::Rendering>>(self.rendering.clone());
        provide_context::<Arc<dyn functions::views::Views>>(self.views.clone());
        provide_context::<Arc<dyn functions::webhooks::Webhooks>>(self.webhooks.clone());
    }

    /// Ends what would go on by itself: the process is to stop.
    pub fn stop(&self) {
        self.live.close();
        self.engine.stop();
        self.deliverer.stop();
    }

    /// Waits until that has ended.
    pub async fn ended(&self) {
        self.engine.ended().await;
        self.deliverer.ended().await;
    }

    /// How browsers reach us.
    pub fn front(&self) -> &Front {
        &self.front
    }
}

/// The name that change records of this call carry: the request's, or a new one outside of requests.
fn request_id() -> String {
    use_context::<RequestId>().map_or_else(keys::request_id, |id| id.0)
}
