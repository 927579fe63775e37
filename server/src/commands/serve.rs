//! `peerage serve`: opens the database, listens, says how to sign in the first time, and stops without cutting anybody off.

use super::source;
use crate::{
    cli::{Cli, Serve},
    http::{self, client::Front},
    keyfile, opening,
    services::Services,
};
use anyhow::Context;
use std::{
    io::Write,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, signal};

/// How long running requests are waited for when the server stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until it is told to stop.
///
/// # Errors
/// If the database cannot be opened or the address is taken.
pub async fn serve(cli: &Cli, arguments: &Serve) -> anyhow::Result<()> {
    let began = Instant::now();
    let store = opening::open(cli).await?;
    let front = Front::new(arguments.public_url.as_deref(), &arguments.trusted_proxies)?;
    tokio::spawn(keyfile::follow(store.clone(), opening::key_path(cli)));
    let services = Services::new(store, source(&arguments.peeringdb)?, front);
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
    let mut out = std::io::stdout();
    writeln!(out, "listening on http://{address}")?;
    if let Some(hint) = hint(address) {
        writeln!(out, "\n{hint}")?;
    }
    out.flush()?;
    tracing::info!(%address, milliseconds = began.elapsed().as_millis() as u64, "ready");
    let stop = services.clone();
    let stopping = async move {
        told_to_stop().await;
        // a stream would never end by itself
        stop.live().close();
    };
    let server = axum::serve(listener, http::router(services).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopping);
    tokio::select! {
        result = server => result.context("the server failed")?,
        () = async { told_to_stop().await; tokio::time::sleep(PATIENCE).await } => {
            tracing::warn!("some requests did not end in time and were cut off");
        }
    }
    Ok(())
}

/// SIGTERM or Ctrl C.
async fn told_to_stop() {
    let interrupt = async { signal::ctrl_c().await.ok() };
    #[cfg(unix)]
    {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => {
                interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
