//! `peerage peeringdb sync` and `status`: what cron and air-gapped operators use.

use super::source;
use crate::{
    cli::{Cli, Peeringdb},
    opening,
};
use peerage_sync::peeringdb::{self as sync, Source};
use serde_json::{Map, json};
use tokio_util::sync::CancellationToken;

/// Runs one of the two.
///
/// # Errors
/// If the run was stopped or a type failed; what was taken stays.
pub async fn run(cli: &Cli, command: &Peeringdb) -> anyhow::Result<()> {
    let store = opening::open(cli).await?;
    match command {
        Peeringdb::Sync { source: arguments, from, flush } => {
            let source = match from {
                Some(directory) => Source::directory(directory)?,
                None => source(arguments)?,
            };
            if *flush {
                sync::flush(&store).await?;
            }
            let cancel = CancellationToken::new();
            let stop = cancel.clone();
            tokio::spawn(async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    stop.cancel();
                }
            });
            let print = |progress: sync::Progress| {
                if let Some(line) = progress.line {
                    eprintln!("{line}");
                }
            };
            let report = sync::synchronise(&store, &source, &print, &cancel).await?;
            println!(
                "{} created, {} updated, {} deleted, {} rejected in {:.1} s",
                report.created(),
                report.updated(),
                report.deleted(),
                report.rejected(),
                report.milliseconds as f64 / 1000.0
            );
            anyhow::ensure!(!report.has_failed(), "not everything was taken: {}", report.failure());
            Ok(())
        }
        Peeringdb::Status => {
            let mut types = Map::new();
            for status in sync::status(&store).await?.0 {
                let state = json!({"rows": status.rows, "cursor": status.cursor, "rejected": status.rejected});
                types.insert(status.namespace.to_owned(), state);
            }
            println!("{}", serde_json::to_string_pretty(&types)?);
            Ok(())
        }
    }
}
