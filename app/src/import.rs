//! Objects of any type from a file: CSV, JSON or YAML. What is there already is found again, so that the same file imported
//! twice changes nothing the second time.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::FieldProblem;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of one import at most.
pub const MOST_ROWS: usize = 100_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A heading and lines; commas, semicolons or tabs between cells, whichever the heading has.
    #[default]
    Csv,
    /// An array of objects.
    Json,
    /// A sequence of mappings.
    Yaml,
}

/// A file, and what is to be done with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    #[serde(rename = "type")]
    pub of: String,
    /// The file's content.
    pub text: String,
    #[serde(default)]
    pub format: Format,
    /// The field of each column whose heading does not say it, or that is to go elsewhere; empty: the column is left out.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Warnings were seen: it is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insist: bool,
    /// Everything is done, and nothing kept.
    #[serde(default)]
    pub trial: bool,
}

/// What came, or would come, of an import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Imported {
    /// The request's name in the change log, by which all of it can be undone; none if nothing was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Rows of the file.
    pub rows: u64,
    pub created: u64,
    pub changed: u64,
    /// Rows that say what is there already.
    pub same: u64,
    /// Rows that cannot be imported: if there is one, nothing is written.
    pub refused: u64,
    pub columns: Vec<Column>,
    /// What is wrong, at most two hundred: `columns.HEADING`, `rows.N.FIELD`, with rows counted from 0.
    pub problems: Vec<FieldProblem>,
    /// All that is wrong, those that are not told included.
    pub wrong: u64,
    /// The first rows that are refused, then the first that do something; at most a hundred.
    pub first: Vec<Row>,
}

/// What a column means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub heading: String,
    /// The field, or `id`; empty: it is left out.
    pub field: String,
    /// Why it is left out, if nobody said so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Does {
    Create,
    Change,
    Refused,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Counted from 0.
    pub row: u64,
    pub does: Does,
    /// The object's number; 0 of a new one.
    pub id: i64,
    /// What it is called afterwards.
    pub label: String,
    /// Fields that are or become different, in the words of a file.
    pub cells: Vec<CellWas>,
    pub problems: Vec<FieldProblem>,
}

/// A field's value before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellWas {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// Files with objects.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Importing: Send + Sync {
    async fn import(&self, who: &Who, import: Import) -> Result<Imported, Problem>;
}

/// Imports a file, all or nothing, as one request. Objects are found again by `id`, else by what no two objects share. A trial
/// answers what would become of it, with everything that is wrong, and writes nothing; the real thing is refused if something
/// is.
#[server(prefix = "/fn", endpoint = "records/import", input = Json, output = Json)]
pub async fn import_records(import: Import) -> Answer<Imported> {
    Ok(capability::<dyn Importing>()?.import(&who()?, import).await?)
}
