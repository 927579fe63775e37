//! `peerage demo`: the fictional operator, served from a directory that is thrown away.

use super::serve;
use crate::{
    cli::{Cli, Demo},
    demo::{self, world},
    http::client::Front,
    keys,
    services::Services,
};
use anyhow::Context;
use peerage_store::{SecretKey, Store};
use peerage_sync::peeringdb::{self as sync, Source};
use std::{path::Path, time::Instant};
use tokio_util::sync::CancellationToken;

/// Who signs in to the demonstration.
const NAME: &str = "demo";
const PASSWORD: &str = "demonstration";

/// Makes the world and serves it until told to stop; or only writes it.
///
/// # Errors
/// If the directory cannot be written or the address is taken.
pub async fn demo(_: &Cli, arguments: &Demo) -> anyhow::Result<()> {
    if let Some(directory) = &arguments.write {
        std::fs::create_dir_all(directory)?;
        return world::write(directory).with_context(|| format!("the directory {}", directory.display()));
    }
    let directory = std::env::temp_dir().join(format!("peerage-demo-{}", keys::random_hex(4)));
    std::fs::create_dir_all(&directory)?;
    let served = serve_from(&directory, arguments).await;
    std::fs::remove_dir_all(&directory).with_context(|| format!("{} is left over", directory.display()))?;
    served
}

async fn serve_from(directory: &Path, arguments: &Demo) -> anyhow::Result<()> {
    let began = Instant::now();
    let upstream = directory.join("peeringdb");
    std::fs::create_dir(&upstream)?;
    world::write(&upstream)?;
    let database = format!("sqlite:{}", directory.join("demo.sqlite").display());
    let store = Store::open(&database, Some(SecretKey::new(&[7; 32]))).await?;
    store.migrate().await?;
    let source = Source::directory(&upstream)?;
    let report = sync::synchronise(&store, &source, &|_| (), &CancellationToken::new()).await?;
    anyhow::ensure!(
        !report.has_failed() && report.rejected() == 0,
        "the fictional world is wrong: {}",
        report.failure()
    );
    let services = Services::new(store, source, Front::default());
    services.accounts().create_user(NAME, PASSWORD, true, &[]).await?;
    demo::operator(&services).await?;
    world::write_next_day(&upstream)?;
    demo::next_day(&services).await?;
    let hint = format!("A demonstration: sign in as {NAME} with {PASSWORD}. Everything is thrown away when it stops.");
    serve::listen(services, arguments.listen, began, |_| Some(hint)).await
}
