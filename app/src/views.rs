//! Saved views: lists as somebody wants to see them again, their own and those that others share.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// A list's filter, order and columns under a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: i64,
    pub name: String,
    /// What stands in the address bar after `?`.
    pub query: String,
    /// Everybody sees it.
    pub shared: bool,
    /// Whose it is; empty for one's own.
    pub owner: String,
    /// How many objects its filter shows; none if it cannot be read any more, or is of no list.
    pub count: Option<u64>,
}

/// A view to be kept. One of the same name is replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// The type whose list it is, `peering.autonomoussystem`; or a page beside that, `peering.internetexchange/available-peers`.
    #[serde(rename = "type")]
    pub of: String,
    pub name: String,
    pub query: String,
    #[serde(default)]
    pub shared: bool,
}

#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Views: Send + Sync {
    async fn list(&self, who: &Who, of: String) -> Result<Vec<SavedView>, Problem>;
    async fn save(&self, who: &Who, view: NewView) -> Result<SavedView, Problem>;
    async fn delete(&self, who: &Who, id: i64) -> Result<(), Problem>;
}

/// The views of a type's list, one's own first.
#[server(prefix = "/fn", endpoint = "views/list", input = Json, output = Json)]
pub async fn saved_views(of: String) -> Answer<Vec<SavedView>> {
    Ok(capability::<dyn Views>()?.list(&who()?, of).await?)
}

/// Keeps a view.
#[server(prefix = "/fn", endpoint = "views/save", input = Json, output = Json)]
pub async fn save_view(view: NewView) -> Answer<SavedView> {
    Ok(capability::<dyn Views>()?.save(&who()?, view).await?)
}

/// Forgets a view of one's own; administrators may forget any.
#[server(prefix = "/fn", endpoint = "views/delete", input = Json, output = Json)]
pub async fn delete_view(id: i64) -> Answer<()> {
    Ok(capability::<dyn Views>()?.delete(&who()?, id).await?)
}
