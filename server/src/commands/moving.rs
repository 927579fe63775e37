//! `peerage import peering-manager` and `peerage export`.

use super::{backup::write_whole, owner, print};
use crate::{
    cli::{Cli, Export, PeeringManager},
    opening,
    peering_manager::{
        self, Lists,
        import::{Source, take_over},
        report::Fate,
        shapes,
    },
};
use anyhow::Context;
use peerage_sync::peering_manager::Api;
use std::{io::Write, path::Path};

pub async fn import(cli: &Cli, arguments: &PeeringManager) -> anyhow::Result<()> {
    let source: Source = match (&arguments.file, &arguments.url, &arguments.postgres) {
        (Some(file), ..) => peering_manager::read_file(file).with_context(|| format!("{}", file.display()))?.into(),
        (None, Some(url), _) => fetched(url, arguments.token.as_deref().unwrap_or_default()).await?.into(),
        (None, None, Some(database)) => {
            peering_manager::database::read(database, |list, rows| eprintln!("{list}: {rows} rows")).await?
        }
        (None, None, None) => anyhow::bail!("say where to import from: --file, --url or --postgres"),
    };
    let store = opening::open(cli).await?;
    let report = take_over(&store, &source, arguments.dry_run).await;
    let report = report.context("nothing was taken over")?;
    print(report.to_string().trim_end())?;
    let left = report.of(Fate::Conflict).chain(report.of(Fate::Refused)).count();
    let (taken, changed) = (report.count(|tally| tally.taken), report.count(|tally| tally.updated));
    eprintln!("{taken} objects were taken over, {changed} changed, {left} not");
    if arguments.dry_run {
        eprintln!("this was only tried: nothing was written");
    }
    Ok(())
}

async fn fetched(url: &str, token: &str) -> anyhow::Result<Lists> {
    let api = Api::new(url, token)?;
    let mut lists = Lists::new();
    for shape in shapes::all_listed() {
        let rows = api.list(shape.endpoint).await.with_context(|| format!("{} of {url}", shape.endpoint))?;
        eprintln!("{}: {} rows", shape.endpoint, rows.len());
        lists.insert(shape.endpoint.to_owned(), rows);
    }
    Ok(lists)
}

pub async fn export(cli: &Cli, arguments: &Export) -> anyhow::Result<()> {
    let store = opening::open_existing(cli).await?;
    let lists = peering_manager::export::export(&store, &owner(), &arguments.public_url).await?;
    let path = &arguments.file;
    write_whole(path, async |out| {
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut packed = flate2::write::GzEncoder::new(out, flate2::Compression::default());
            serde_json::to_writer(&mut packed, &lists)?;
            packed.finish()?;
        } else {
            serde_json::to_writer(&mut *out, &lists)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
    .await?;
    told(path)
}

fn told(path: &Path) -> anyhow::Result<()> {
    print(&format!("everything is in {}", path.display()))?;
    eprintln!("Passwords stand in it in clear: keep it where only you can read it.");
    Ok(())
}
