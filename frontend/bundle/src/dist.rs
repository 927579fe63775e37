//! The folder that is written: files named by their content, a `.br` beside what compresses, and the manifest.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One file of the bundle. Sizes are bytes on the wire; a font has no smaller form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asset {
    /// What it is for: the name by which the page, the budgets and the server ask for it.
    pub role: String,
    /// From the top of dist, as it stands in an address.
    pub path: String,
    pub raw: u64,
    pub gzip: u64,
    pub brotli: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub assets: Vec<Asset>,
    /// The page's own size; `path` is index.html.
    pub page: Asset,
    /// For the content security policy's style-src: the hash of the page's inline style.
    pub style_hashes: Vec<String>,
}

impl Manifest {
    pub fn read(dist: &str) -> Result<Self> {
        let path = format!("{dist}/manifest.json");
        let text = fs::read_to_string(&path).with_context(|| format!("reading {path}: the interface is not built"))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub fn print(&self) {
        println!("{:>9} {:>9} {:>9}  asset", "raw", "gzip", "brotli");
        for asset in self.assets.iter().chain([&self.page]) {
            println!("{:>9} {:>9} {:>9}  {}", asset.raw, asset.gzip, asset.brotli, asset.path);
        }
    }
}

/// A dist folder being written. It is filled in place: files that are already there are kept, leftovers removed last.
pub struct Dist {
    root: PathBuf,
    quality: u32,
    assets: Vec<Asset>,
}

impl Dist {
    pub fn open(root: &str, quality: u32) -> Result<Self> {
        fs::create_dir_all(Path::new(root).join("assets"))?;
        Ok(Self { root: root.into(), quality, assets: Vec::new() })
    }

    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// Writes `assets/NAME-HASH.EXTENSION` and its compressed form; gives the path.
    pub fn add(&mut self, role: &str, name: &str, extension: &str, bytes: Vec<u8>) -> Result<String> {
        let path = format!("assets/{name}-{}.{extension}", content_hash(&bytes));
        let compressed = if extension == "woff2" { None } else { Some(self.brotli(&path, &bytes)?) };
        write_if_new(&self.root.join(&path), &bytes)?;
        self.assets.push(sizes(role, &path, &bytes, compressed));
        Ok(path)
    }

    /// The compressed form: taken from the folder when it is there, since the name says what is in it.
    fn brotli(&self, path: &str, bytes: &[u8]) -> Result<u64> {
        let file = self.root.join(format!("{path}.br"));
        let thorough = self.quality == 11;
        let mark = self.root.join(".quick");
        if thorough && mark.exists() {
            // an earlier quick run left badly compressed files under the same names
            fs::remove_dir_all(self.root.join("assets"))?;
            fs::create_dir_all(self.root.join("assets"))?;
            fs::remove_file(&mark)?;
        } else if !thorough {
            fs::write(&mark, "")?;
        }
        if !file.exists() {
            write_if_new(&file, &compress(bytes, self.quality)?)?;
        }
        Ok(fs::metadata(&file)?.len())
    }

    /// Writes page and manifest and removes what belongs to no asset.
    pub fn finish(self, page: &str) -> Result<Manifest> {
        let compressed = compress(page.as_bytes(), 5)?.len() as u64;
        let manifest = Manifest {
            page: sizes("page", "index.html", page.as_bytes(), Some(compressed)),
            style_hashes: crate::page::style_hashes(page),
            assets: self.assets,
        };
        let keep: BTreeSet<String> =
            manifest.assets.iter().flat_map(|a| [a.path.clone(), format!("{}.br", a.path)]).collect();
        for entry in fs::read_dir(self.root.join("assets"))? {
            let entry = entry?;
            if !keep.contains(&format!("assets/{}", entry.file_name().to_string_lossy())) {
                fs::remove_file(entry.path())?;
            }
        }
        fs::write(self.root.join("index.html"), page)?;
        fs::write(self.root.join("manifest.json"), serde_json::to_string_pretty(&manifest)? + "\n")?;
        Ok(manifest)
    }
}

/// The first twelve hex digits of SHA-256.
pub fn content_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn compress(bytes: &[u8], quality: u32) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 1 << 16, quality, 24).write_all(bytes)?;
    Ok(out)
}

fn sizes(role: &str, path: &str, bytes: &[u8], brotli: Option<u64>) -> Asset {
    let raw = bytes.len() as u64;
    let gzip = brotli.map_or(raw, |_| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        // writing into memory does not fail
        encoder.write_all(bytes).and_then(|()| encoder.finish()).map_or(raw, |out| out.len() as u64)
    });
    Asset { role: role.into(), path: path.into(), raw, gzip, brotli: brotli.unwrap_or(raw) }
}

fn write_if_new(path: &Path, bytes: &[u8]) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes)?;
    Ok(fs::rename(partial, path)?)
}
