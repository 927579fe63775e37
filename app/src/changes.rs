//! Taking back what was written: any change of the change log, or all that one request changed.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// Changes that one undo takes at most: what comes of ten thousand objects, with what follows from them.
pub const MOST_UNDONE: u32 = 25_000;

/// What is to be undone: one of the two is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Undo {
    /// All changes of a request, newest first.
    pub request: String,
    /// A single change.
    pub change: i64,
}

/// What was undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undone {
    /// The request that did it: undoing that brings everything back.
    pub request: String,
    /// The types of the objects that were written, by key.
    pub types: Vec<String>,
    /// How many changes were undone.
    pub changes: u64,
    /// What could not be brought back, in sentences: secrets do not stand in the change log.
    pub missing: Vec<String>,
}

/// The change log's other direction.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Changes: Send + Sync {
    async fn undo(&self, who: &Who, undo: Undo) -> Result<Undone, Problem>;
}

/// Undoes a change or a whole request: all of it or nothing. What was changed again since is a conflict.
#[server(prefix = "/fn", endpoint = "changes/undo", input = Json, output = Json)]
pub async fn undo_changes(undo: Undo) -> Answer<Undone> {
    Ok(capability::<dyn Changes>()?.undo(&who()?, undo).await?)
}
