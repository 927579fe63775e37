//! The bundler: from two compiled wasm files to `frontend/dist`, the folder that the server embeds.
//!
//! A crate of the workspace, because wasm-bindgen's glue must come from the very version that the interface was compiled
//! with, and because nothing else has to be downloaded that way. It runs from the top of the checkout:
//!
//! ```text
//! peerage-bundle --frontend peerage_frontend.wasm --worker peerage_worker.wasm   writes frontend/dist
//! peerage-bundle --check-budgets                                                 holds frontend/dist to the budgets
//! ```
//!
//! What must stay true: every file but the page and the manifest is named by its content, so that it can be cached for
//! ever; nothing in a bundled script knows another file's name (they come from the JSON in the page); and the same
//! sources give the same names.

mod budgets;
mod dist;
mod page;
mod sources;
mod split;
mod wasm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// Where the bundle goes, from the top of the checkout.
const DIST: &str = "frontend/dist";
/// Scratch space: glue, entry files, and what wasm-opt has already done.
const WORK: &str = "target/bundle-work";

#[derive(Parser)]
#[command(about = "Bundles Peerage's interface into frontend/dist")]
struct Arguments {
    /// The compiled crate peerage-frontend.
    #[arg(long, required_unless_present = "check_budgets")]
    frontend: Option<PathBuf>,
    /// The compiled crate peerage-worker.
    #[arg(long, required_unless_present = "check_budgets")]
    worker: Option<PathBuf>,
    /// For trying things out: no wasm-opt and quick compression.
    #[arg(long)]
    quick: bool,
    /// Compare the sizes in frontend/dist/manifest.json with the budgets; fail when one is passed.
    #[arg(long)]
    check_budgets: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if let (Some(frontend), Some(worker)) = (&arguments.frontend, &arguments.worker) {
        bundle(frontend, worker, arguments.quick)?;
    }
    if arguments.check_budgets { budgets::check(&dist::Manifest::read(DIST)?) } else { Ok(()) }
}

fn bundle(frontend: &std::path::Path, worker: &std::path::Path, quick: bool) -> Result<()> {
    std::fs::create_dir_all(WORK)?;
    let opt = |level| if quick { None } else { Some(level) };
    let pieces = split::split(frontend, &wasm::room(WORK, "frontend")?, "frontend")?;
    let main = wasm::bind(&pieces.main, WORK, "frontend", opt("-Oz"))?;
    wasm::room(WORK, "worker")?;
    let render = wasm::bind(worker, WORK, "worker", opt("-Oz"))?;

    let mut dist = dist::Dist::open(DIST, if quick { 4 } else { 11 })?;
    dist.add("wasm", "peerage", "wasm", main.wasm)?;
    for (role, path) in &pieces.parts {
        let wasm = if quick { std::fs::read(path)? } else { wasm::optimise(path, WORK, "-Oz")? };
        dist.add(role, &role.replace('_', "-"), "wasm", wasm)?;
    }
    dist.add("js", "peerage", "js", sources::script("frontend/boot.js", Some(&main.glue))?)?;
    dist.add("theme", "theme", "js", sources::classic_script("frontend/theme.js")?)?;
    dist.add("worker_wasm", "worker", "wasm", render.wasm)?;
    dist.add("worker", "worker", "js", sources::script("frontend/worker/worker.js", Some(&render.glue))?)?;
    dist.add("editor", "editor", "js", sources::script("frontend/editor.js", None)?)?;
    dist.add("favicon", "favicon", "svg", std::fs::read("frontend/favicon.svg")?)?;
    if std::fs::exists("frontend/icons.svg")? {
        dist.add("icons", "icons", "svg", std::fs::read("frontend/icons.svg")?)?;
    }
    let mut fonts = Vec::new();
    for font in sources::FONTS {
        fonts.push(dist.add(font.role, font.name, "woff2", font.bytes()?)?);
    }
    dist.add("css", "peerage", "css", sources::stylesheet(&fonts, WORK)?)?;
    dist.add("licences", "licences", "txt", sources::licences()?)?;

    let page = page::fill(&std::fs::read_to_string("frontend/index.html")?, &sources::inline_style(WORK)?, &dist)?;
    dist.finish(&page)?.print();
    Ok(())
}
