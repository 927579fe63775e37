//! What Peering Manager's REST API shows of each object, and moving over from it and back: `peerage import peering-manager` and
//! `peerage export`. The form of both is that of its lists: `{"endpoints": {"peering/autonomous-systems": [row, ...], ...}}`.
//!
//! [`database`] makes the same lists of its own database, with what its API does not show.
//!
//! [`shapes`] is the condensed OpenAPI document of Peering Manager 1.10; [`reading`] makes records of rows, [`showing`] rows of
//! records; [`import`] decides what becomes of records that are to be taken over, by what is `known` of them here.

pub mod database;
pub mod export;
#[cfg(test)]
mod field_list;
pub mod import;
mod known;
pub mod reading;
pub mod report;
pub mod shapes;
pub mod showing;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json};
use std::{collections::BTreeMap, io::Read, path::Path};

/// Lists of rows by endpoint, `peering/autonomous-systems`.
pub type Lists = BTreeMap<String, Vec<Map<String, Json>>>;

/// Lists from a file, plain or compressed with gzip.
///
/// # Errors
/// The file cannot be read, or is of another form.
pub fn read_file(path: &Path) -> anyhow::Result<Lists> {
    let mut bytes = std::fs::read(path)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain)?;
        bytes = plain;
    }
    #[derive(serde::Deserialize)]
    struct File {
        endpoints: Lists,
    }
    let file: File = serde_json::from_slice(&bytes)?;
    Ok(file.endpoints)
}
