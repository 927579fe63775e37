//! What the renderer in the browser needs from the server, and the server's own rendering of the same bytes.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::{
    Need,
    preview::{Subject, Words},
    wire::{ObjectRef, RecordSet},
};
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// A template that comes with Peerage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Starter {
    pub name: String,
    pub description: String,
    pub template: String,
    pub trim: bool,
    pub lstrip: bool,
}

/// A text as the server renders it: a router's configuration, or an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    pub text: String,
    /// A secret was not shown to this reader, and a placeholder stands in its place: not for a router.
    pub has_placeholders: bool,
    pub milliseconds: f64,
    /// Times that the template ran until nothing was missing.
    pub passes: u32,
    /// Templates that it includes, by type and name.
    pub includes: Vec<Included>,
    /// How many objects were at hand, by type: what is around the router or exported, and what the template asked for besides.
    pub objects: Vec<(String, usize)>,
}

/// What a list shows, on all its pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// See [`peerage_model::filter`].
    #[serde(default)]
    pub filter: String,
    /// As of a list.
    #[serde(default)]
    pub sort: String,
}

/// A template that another includes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Included {
    pub object: ObjectRef,
    pub label: String,
}

/// Rendering.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Rendering: Send + Sync {
    async fn fetch(&self, who: &Who, subject: Subject, needs: Vec<Need>) -> Result<Vec<RecordSet>, Problem>;
    async fn render(&self, who: &Who, router: i64) -> Result<Rendered, Problem>;
    async fn export(&self, who: &Who, template: i64, shown: Option<Shown>) -> Result<Rendered, Problem>;
    async fn words(&self, who: &Who) -> Result<Words, Problem>;
    async fn starters(&self, who: &Who) -> Result<Vec<Starter>, Problem>;
}

/// The rows that a render of something found missing.
#[server(prefix = "/fn", endpoint = "rendering/fetch", input = Json, output = Json)]
pub async fn fetch_needs(subject: Subject, needs: Vec<Need>) -> Answer<Vec<RecordSet>> {
    Ok(capability::<dyn Rendering>()?.fetch(&who()?, subject, needs).await?)
}

/// A router's configuration, rendered by the server.
#[server(prefix = "/fn", endpoint = "rendering/render", input = Json, output = Json)]
pub async fn render_router(router: i64) -> Answer<Rendered> {
    Ok(capability::<dyn Rendering>()?.render(&who()?, router).await?)
}

/// An export template, rendered by the server over what a list shows; without that over all objects of its type.
#[server(prefix = "/fn", endpoint = "rendering/export", input = Json, output = Json)]
pub async fn render_export(template: i64, shown: Option<Shown>) -> Answer<Rendered> {
    Ok(capability::<dyn Rendering>()?.export(&who()?, template, shown).await?)
}

/// What a template may write beside the fields of objects: for completion.
#[server(prefix = "/fn", endpoint = "rendering/words", input = Json, output = Json)]
pub async fn template_words() -> Answer<Words> {
    Ok(capability::<dyn Rendering>()?.words(&who()?).await?)
}

/// The templates that come with Peerage.
#[server(prefix = "/fn", endpoint = "rendering/starters", input = Json, output = Json)]
pub async fn starter_templates() -> Answer<Vec<Starter>> {
    Ok(capability::<dyn Rendering>()?.starters(&who()?).await?)
}
