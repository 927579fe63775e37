//! What a render found missing from its graph, and so what the caller fetches: the one language between the renderer,
//! the browser's worker, the server function and the store.

use serde::{Deserialize, Serialize};

/// Rows to be added to a graph. Types and fields are named as on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Need {
    /// These objects. One that does not come back is known to be missing.
    Rows {
        #[serde(rename = "type")]
        of: String,
        ids: Vec<i64>,
    },
    /// All objects of a type whose reference `field` leads to one of `ids`.
    Referring {
        #[serde(rename = "type")]
        of: String,
        field: String,
        ids: Vec<i64>,
    },
    /// All objects of a type.
    All {
        #[serde(rename = "type")]
        of: String,
    },
}
