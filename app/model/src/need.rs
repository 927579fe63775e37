//! What a render found missing from its graph, in a form that a server answers with one query each: the one language between
//! the renderer, the browser's worker, the server function and the store.

use crate::{Field, ObjectType, Value, registry};
use serde::{Deserialize, Serialize};

/// Rows that a graph has to get before a template can go on. `of` is a type's key, `peering.autonomoussystem`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Need {
    /// These rows, whole.
    Rows {
        #[serde(rename = "type")]
        of: String,
        ids: Vec<i64>,
    },
    /// Every row whose reference `field` leads to one of `ids`: sessions of AS 5.
    Relation {
        #[serde(rename = "type")]
        of: String,
        field: String,
        ids: Vec<i64>,
    },
    /// Every row whose `field` has one of these values: the configuration called "Base", the network of AS 64500.
    Named {
        #[serde(rename = "type")]
        of: String,
        field: String,
        values: Vec<String>,
    },
    /// Every row of the type.
    All {
        #[serde(rename = "type")]
        of: String,
    },
}

impl Need {
    pub fn rows(of: &ObjectType, ids: Vec<i64>) -> Self {
        Self::Rows { of: of.key(), ids }
    }

    pub fn relation(of: &ObjectType, field: &Field, ids: Vec<i64>) -> Self {
        Self::Relation { of: of.key(), field: field.name.to_owned(), ids }
    }

    /// # Errors
    /// A sentence naming the nearest known type.
    pub fn object_type(&self) -> Result<&'static ObjectType, String> {
        let (Self::Rows { of, .. } | Self::Relation { of, .. } | Self::Named { of, .. } | Self::All { of }) = self;
        registry::get(of)
    }
}

/// A field's value as [`Need::Named`] writes it: numbers, AS numbers as well, and truth as in JSON.
pub fn name_of(field: &Field, value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        other => field.kind.print(other),
    }
}
