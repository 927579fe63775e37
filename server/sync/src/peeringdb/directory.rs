//! A directory of PeeringDB's answers, for networks without a way out: `net.json`, `net.json.gz`, or `net/page-1.json`
//! and so on (also packed). Names as of the PeeringDB client's cache (`net-0.json`) are taken as well.

use super::source::{MOST_BYTES, SourceError};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The files of a type, in the order of their numbers, unpacked.
///
/// # Errors
/// If there is none, or one cannot be read or is too large.
pub fn pages(directory: &Path, namespace: &str) -> Result<Vec<Vec<u8>>, SourceError> {
    let paths = files_of(directory, namespace)?;
    if paths.is_empty() {
        return Err(SourceError::NoFile(directory.display().to_string(), namespace.to_owned()));
    }
    let mut left = MOST_BYTES;
    paths
        .iter()
        .map(|path| {
            let page = unpacked(path, left)?;
            left = left.checked_sub(page.len()).ok_or(SourceError::TooLarge)?;
            Ok(page)
        })
        .collect()
}

fn files_of(directory: &Path, namespace: &str) -> Result<Vec<PathBuf>, SourceError> {
    for name in [format!("{namespace}.json"), format!("{namespace}.json.gz")] {
        let path = directory.join(name);
        if path.is_file() {
            return Ok(vec![path]);
        }
    }
    let inner = directory.join(namespace);
    let (place, prefix) =
        if inner.is_dir() { (inner.as_path(), "page-".to_owned()) } else { (directory, format!("{namespace}-")) };
    let failed =
        |cause: std::io::Error| SourceError::File { path: place.display().to_string(), cause: cause.to_string() };
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(place).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| {
            let name = name.strip_suffix(".gz").unwrap_or(name);
            name.strip_prefix(prefix.as_str())?.strip_suffix(".json")?.parse::<u32>().ok()
        });
        if let Some(number) = number {
            pages.push((number, path));
        }
    }
    pages.sort();
    // the packed and the plain form of one page: one of them
    pages.dedup_by_key(|(number, _)| *number);
    if let Some(gap) = pages.windows(2).find(|pair| pair[0].0 + 1 != pair[1].0) {
        // what stood on it would pass for deleted
        let cause = format!("page {} is missing", gap[0].0 + 1);
        return Err(SourceError::File { path: place.display().to_string(), cause });
    }
    Ok(pages.into_iter().map(|(_, path)| path).collect())
}

fn unpacked(path: &Path, most: usize) -> Result<Vec<u8>, SourceError> {
    let failed =
        |cause: std::io::Error| SourceError::File { path: path.display().to_string(), cause: cause.to_string() };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = most as u64 + 1;
    if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file).take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}
