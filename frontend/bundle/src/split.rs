//! Cuts the compiled interface into the part that every visit needs and the parts that are fetched when they are wanted
//! (`frontend/src/pages/parts.rs` marks where). Between compiling and wasm-bindgen, because the cut needs the linker's
//! relocations, which wasm-bindgen drops. The scissors are wasm_split_cli_support; this says where the pieces go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

/// How the role of every part begins.
pub const PART: &str = "part_";

/// The interface in pieces.
pub struct Split {
    /// What is bound by wasm-bindgen; its glue imports a script beside it that fetches the parts.
    pub main: PathBuf,
    /// By its role, under which the script asks for it.
    pub parts: BTreeMap<String, PathBuf>,
}

/// Cuts `input`; everything is written into `out`, where the glue called `NAME.js` has to go as well.
pub fn split(input: &Path, out: &Path, name: &str) -> Result<Split> {
    let wasm = std::fs::read(input).with_context(|| format!("reading {}", input.display()))?;
    let main = out.join(format!("{name}_main.wasm"));
    let glue = format!("./{name}.js");
    let link = "./parts.js";
    let mut options = Options::new(&wasm);
    options.output_dir = out;
    options.main_out_path = &main;
    options.main_module = &glue;
    options.link_name = link;
    let cut =
        transform(options).map_err(|e| anyhow!("{e:#}")).with_context(|| format!("cutting {}", input.display()))?;

    let mut parts = BTreeMap::new();
    let script = out.join(link);
    let mut text = std::fs::read_to_string(&script)?;
    for path in cut.split_modules {
        let stem = path.file_stem().context("a part without a name")?.to_string_lossy().into_owned();
        let fetched = format!("new URL(\"./{stem}.wasm\", import.meta.url)");
        ensure!(text.contains(&fetched), "the script that fetches parts does not fetch {stem}");
        let role = format!("{PART}{stem}");
        text = text.replace(&fetched, &format!("globalThis.peerage.url(\"{role}\")"));
        parts.insert(role, path);
    }
    ensure!(!text.contains("import.meta.url"), "the script that fetches parts names a file by itself");
    std::fs::write(&script, text)?;
    Ok(Split { main, parts })
}
