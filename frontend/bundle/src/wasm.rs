//! From a compiled wasm file to the two things a page needs of it: wasm-bindgen's glue and the final wasm.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::dist::content_hash;

/// What wasm-opt may take for granted: rustc puts the stack first, so that nothing but its last kilobyte lies in the first of
/// memory, and an offset can stand in the instruction that loads.
const LAYOUT: &str = "--low-memory-unused";

/// Functions stand by their names, which end with wasm-opt: copies of one generic function are neighbours, and brotli makes a
/// hundredth less of them than in the order of use.
const BY_NAME: [&str; 2] = ["--reorder-functions-by-name", "--skip-pass=reorder-functions"];

/// What wasm-opt may use: what every browser since 2023 has, and what rustc itself emits.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-extended-const",
];

/// One bound wasm: its bytes, and where its glue (with snippets beside it) was written.
pub struct Bound {
    pub glue: PathBuf,
    pub wasm: Vec<u8>,
}

/// An empty folder for the glue of `name` and what it needs beside it.
pub fn room(work: &str, name: &str) -> Result<PathBuf> {
    let out = Path::new(work).join(name);
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    std::fs::create_dir_all(&out)?;
    Ok(out)
}

/// Runs wasm-bindgen (target web) on `input`, then wasm-opt at `level` when there is one. The glue goes into the
/// [`room`] of `name`.
pub fn bind(input: &Path, work: &str, name: &str, level: Option<&str>) -> Result<Bound> {
    let out = Path::new(work).join(name);
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name(name)
        .web(true)
        .map_err(|e| anyhow!("{e:#}"))?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_producers_section(true)
        // parts of the interface share the main wasm's stack and function table
        .keep_lld_exports(true)
        .generate(&out)
        .map_err(|e| anyhow!("{e:#}"))
        .with_context(|| format!("wasm-bindgen on {}", input.display()))?;
    let bound = out.join(format!("{name}_bg.wasm"));
    let wasm = match level {
        Some(level) => optimise(&bound, work, level)?,
        None => std::fs::read(&bound)?,
    };
    Ok(Bound { glue: out.join(format!("{name}.js")), wasm })
}

/// wasm-opt takes tens of seconds, so its last result for each file is kept by what went in. Without wasm-opt the wasm stays as it is.
pub fn optimise(bound: &Path, work: &str, level: &str) -> Result<Vec<u8>> {
    let input = std::fs::read(bound)?;
    let stem = bound.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let all = [input.as_slice(), FEATURES.concat().as_bytes(), BY_NAME.concat().as_bytes(), LAYOUT.as_bytes()].concat();
    let kept = Path::new(work).join(format!("opt{level}-{stem}-{}.wasm", content_hash(&all)));
    if kept.exists() {
        return Ok(std::fs::read(kept)?);
    }
    let wasm_opt = Path::new("frontend/node_modules/.bin/wasm-opt");
    if !wasm_opt.exists() {
        eprintln!("bundle: no wasm-opt (npm package binaryen): {} stays about a tenth larger", bound.display());
        return Ok(input);
    }
    for old in std::fs::read_dir(work)?.flatten() {
        if old.file_name().to_string_lossy().starts_with(&format!("opt{level}-{stem}-")) {
            std::fs::remove_file(old.path())?;
        }
    }
    let partial = kept.with_extension("partial");
    // in the order in which they are done
    let passes = [BY_NAME[0], level, BY_NAME[1], LAYOUT];
    let status = Command::new(wasm_opt).arg(bound).arg("-o").arg(&partial).args(passes).args(FEATURES).status()?;
    ensure!(status.success(), "wasm-opt on {} failed: {status}", bound.display());
    std::fs::rename(&partial, &kept)?;
    Ok(std::fs::read(kept)?)
}
