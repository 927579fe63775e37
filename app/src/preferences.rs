//! How somebody likes the pages to be, kept on the server: the same on every machine.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// Colours that can be chosen, `auto` as the system has them.
pub const THEMES: [&str; 3] = ["auto", "light", "dark"];
/// How close rows stand.
pub const DENSITIES: [&str; 3] = ["compact", "normal", "roomy"];

/// What somebody chose; what is empty or 0 they did not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// One of [`THEMES`].
    pub theme: String,
    /// One of [`DENSITIES`].
    pub density: String,
    /// Rows of a page of a list.
    pub per_page: u32,
    /// Field paths of the columns of a type's list, with the type's key. (Pairs, as they are in JSON: a map would be in the
    /// browser's wasm for a handful of lists.)
    pub columns: Vec<(String, Vec<String>)>,
    /// The same for the keys of its order: `-asn`.
    pub sorts: Vec<(String, Vec<String>)>,
}

/// What is chosen anew; the rest stays. Empty, 0 and no paths take a choice back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choice {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub density: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<(String, Vec<String>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sorts: Vec<(String, Vec<String>)>,
}

impl Preferences {
    pub fn choose(&mut self, choice: Choice) {
        if let Some(theme) = choice.theme {
            self.theme = theme;
        }
        if let Some(density) = choice.density {
            self.density = density;
        }
        if let Some(rows) = choice.per_page {
            self.per_page = rows;
        }
        for (kept, chosen) in [(&mut self.columns, choice.columns), (&mut self.sorts, choice.sorts)] {
            for (key, paths) in chosen {
                kept.retain(|(known, _)| *known != key);
                if !paths.is_empty() {
                    kept.push((key, paths));
                }
            }
        }
    }
}

/// What was chosen for a type's list, of [`Preferences::columns`] or [`Preferences::sorts`]; none: as it comes.
pub fn chosen_for<'a>(kept: &'a [(String, Vec<String>)], key: &str) -> &'a [String] {
    kept.iter().find(|(known, _)| known == key).map_or(&[], |(_, paths)| paths)
}

#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Preferring: Send + Sync {
    async fn choose(&self, who: &Who, choice: Choice) -> Result<Preferences, Problem>;
}

/// Chooses how the pages are for oneself, and gives all that one chose. `accounts/me` gives it too.
#[server(prefix = "/fn", endpoint = "preferences/choose", input = Json, output = Json)]
pub async fn choose_preferences(choice: Choice) -> Answer<Preferences> {
    Ok(capability::<dyn Preferring>()?.choose(&who()?, choice).await?)
}
