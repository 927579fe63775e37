//! Objects of any type: lists, details, writes. Generic over the descriptions: there is no function for one type.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use peerage_model::{
    query::ListRequest,
    wire::{Edit, ObjectRef, Page, RecordSet},
};
use serde::{Deserialize, Serialize};

/// One object, what it refers to in brief, and how many objects refer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    pub record: RecordSet,
    pub related: Vec<RecordSet>,
    pub referring: Vec<Referring>,
    /// The request that wrote it, by which it can be undone; none after a mere look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// Something was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// The request's name in the change log, by which it can be undone.
    pub request: String,
}

/// How many objects of a type lead to one through a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Referring {
    #[serde(rename = "type")]
    pub of: String,
    pub field: String,
    pub count: u64,
}

/// What a deletion would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Consequences {
    /// These stand in the way.
    pub blocked_by: Vec<Affected>,
    /// These would be deleted as well.
    pub removes: Vec<Affected>,
    /// These would lose their reference.
    pub clears: Vec<Affected>,
}

/// Objects of one type: how many, and the first few in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    #[serde(rename = "type")]
    pub of: String,
    pub count: u64,
    pub first: Vec<String>,
}

/// Something found by free text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub object: ObjectRef,
    pub label: String,
}

/// Objects by their descriptions.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Records: Send + Sync {
    async fn list(&self, who: &Who, request: ListRequest) -> Result<Page, Problem>;
    async fn get(&self, who: &Who, object: ObjectRef) -> Result<Detail, Problem>;
    async fn save(&self, who: &Who, edit: Edit) -> Result<Detail, Problem>;
    async fn consequences(&self, who: &Who, object: ObjectRef) -> Result<Consequences, Problem>;
    async fn delete(&self, who: &Who, object: ObjectRef) -> Result<Done, Problem>;
    async fn search(&self, who: &Who, text: String) -> Result<Vec<Hit>, Problem>;
}

/// A page of a list of objects.
#[server(prefix = "/fn", endpoint = "records/list", input = Json, output = Json)]
pub async fn list_records(request: ListRequest) -> Answer<Page> {
    Ok(capability::<dyn Records>()?.list(&who()?, request).await?)
}

/// One object, whole.
#[server(prefix = "/fn", endpoint = "records/get", input = Json, output = Json)]
pub async fn get_record(object: ObjectRef) -> Answer<Detail> {
    Ok(capability::<dyn Records>()?.get(&who()?, object).await?)
}

/// Creates an object (`id` 0) or changes some fields of one. A change that was based on an older version is a conflict.
#[server(prefix = "/fn", endpoint = "records/save", input = Json, output = Json)]
pub async fn save_record(edit: Edit) -> Answer<Detail> {
    Ok(capability::<dyn Records>()?.save(&who()?, edit).await?)
}

/// What deleting an object would do.
#[server(prefix = "/fn", endpoint = "records/consequences", input = Json, output = Json)]
pub async fn deletion_consequences(object: ObjectRef) -> Answer<Consequences> {
    Ok(capability::<dyn Records>()?.consequences(&who()?, object).await?)
}

/// Deletes an object and what goes with it.
#[server(prefix = "/fn", endpoint = "records/delete", input = Json, output = Json)]
pub async fn delete_record(object: ObjectRef) -> Answer<Done> {
    Ok(capability::<dyn Records>()?.delete(&who()?, object).await?)
}

/// Objects of any type in which all of the words stand.
#[server(prefix = "/fn", endpoint = "records/search", input = Json, output = Json)]
pub async fn search_records(text: String) -> Answer<Vec<Hit>> {
    Ok(capability::<dyn Records>()?.search(&who()?, text).await?)
}
