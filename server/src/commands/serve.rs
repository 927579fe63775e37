//! `peerage serve`: opens the database, listens, says how to sign in the first time, and stops without cutting anybody off:
//! told once (SIGTERM, Ctrl C) it ends streams, hands its jobs back,
//! lets requests end, and closes the database; told twice it ends at once.

use super::{caller, reaching, source};
use crate::{
    cli::{Cli, Serve},
    http::{self, client::Front},
    jobs::{Means, Pace, Timetable, routers, synchronise},
    keyfile, opening,
    services::{Services, retention},
};
use anyhow::{Context, bail};
use peerage_app::peeringdb::Start;
use std::{
    future::IntoFuture,
    io::Write,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpListener,
    signal,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long running requests are waited for when the server stops.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long the database may take to close after that.
pub const CLOSING: Duration = Duration::from_secs(5);

/// Serves until it is told to stop.
///
/// # Errors
/// If the database cannot be opened or the address is taken.
pub async fn serve(cli: &Cli, arguments: &Serve) -> anyhow::Result<()> {
    let began = Instant::now();
    let store = opening::open(cli).await?;
    let front = Front::new(arguments.public_url.as_deref(), &arguments.trusted_proxies)?
        .with_public_metrics(arguments.metrics_public)
        .with_anybody_looking(arguments.anonymous);
    tokio::spawn(keyfile::follow(store.clone(), opening::key_path(cli)));
    let kept =
        retention::Kept { changes: arguments.keep_changes, pushes: arguments.keep_pushes, jobs: arguments.keep_jobs };
    tokio::spawn(retention::watch(store.clone(), kept));
    let pace = Pace::with_lease(Duration::from_secs(arguments.working.job_lease.into()));
    let peeringdb = source(&arguments.peeringdb)?;
    let wanted = synchronise::arguments(&peeringdb, Start::default())?;
    let minutes = |minutes: u32| Duration::from_secs(60) * minutes;
    let timetable = Timetable::default()
        .every(synchronise::KIND.name, minutes(60) * arguments.peeringdb_every, wanted)
        .every(routers::POLL.name, minutes(arguments.poll_every), routers::all(minutes(arguments.poll_every)));
    let means = Means { peeringdb, reaching: reaching(&arguments.routers)?, caller: caller(&arguments.telling)? };
    let services = Services::with(store, means, front, timetable, pace)
        .rendering_within(Duration::from_secs(cli.render_timeout.into()));
    routers::enqueue_recoveries(services.engine().queue()).await?;
    let token = services.accounts().await_first_run().await?;
    let hint = token.map(|token| FirstRun { token, public_url: arguments.public_url.clone() });
    listen(services, arguments.listen, began, |address| hint.map(|hint| hint.words(address))).await
}

/// How to make the first administrator.
struct FirstRun {
    token: String,
    public_url: Option<String>,
}

impl FirstRun {
    fn words(self, address: SocketAddr) -> String {
        let base = self.public_url.unwrap_or_else(|| format!("http://{address}"));
        format!(
            "There is no user yet. Open this address, once, and choose a name and a password:\n\n  {}/first-run?token={}\n",
            base.trim_end_matches('/'),
            self.token
        )
    }
}

/// Listens, announces the address on standard output, and serves.
///
/// # Errors
/// If the address is taken.
pub async fn listen(
    services: Services,
    address: SocketAddr,
    began: Instant,
    hint: impl FnOnce(SocketAddr) -> Option<String>,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
    let address = listener.local_addr()?;
    // before anybody knows that there is something to stop
    let mut signals = Signals::new()?;
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{address}")?;
    if let Some(hint) = hint(address) {
        writeln!(out, "\n{hint}")?;
    }
    out.flush()?;
    tracing::info!(%address, milliseconds = began.elapsed().as_millis() as u64, "ready");
    services.deliverer().caller().stand_beside(address);
    tokio::spawn(services.engine().clone().run());
    tokio::spawn(services.deliverer().clone().run());
    let told = CancellationToken::new();
    let server =
        axum::serve(listener, http::router(services.clone()).into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(told.clone().cancelled_owned())
            .into_future();
    tokio::pin!(server);
    tokio::select! {
        result = &mut server => return result.context("the server failed"),
        () = signals.next() => {}
    }
    tracing::info!("stopping: requests that are under way are waited for");
    // streams would never end by themselves
    services.stop();
    told.cancel();
    let ending = async {
        server.await?;
        services.ended().await;
        Ok::<_, std::io::Error>(())
    };
    tokio::select! {
        result = ending => result.context("the server failed")?,
        () = signals.next() => bail!("told to stop twice: what was under way is cut off"),
        () = sleep(PATIENCE) => tracing::warn!("some requests did not end in time and were cut off"),
    }
    // SQLite takes what stands in its log over into the file
    if timeout(CLOSING, services.store().close()).await.is_err() {
        tracing::warn!("the database was not closed in time; nothing is lost by that");
    }
    tracing::info!("stopped");
    Ok(())
}

/// SIGTERM and Ctrl C, as often as they come: whoever sends one more does not want to wait.
pub struct Signals {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
    #[cfg(unix)]
    interrupt: signal::unix::Signal,
}

impl Signals {
    pub fn new() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use signal::unix::{SignalKind, signal};
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    pub async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if signal::ctrl_c().await.is_err() {
            // nobody can tell us
            std::future::pending::<()>().await;
        }
    }
}
