//! Objects of any type: lists, details, writes. Generic over the descriptions: there is no function for one type.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
use peerage_model::{
    FieldProblem,
    query::ListRequest,
    wire::{Edit, ManyEdits, ObjectRef, Page, RecordSet, Selection},
};
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
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

/// What came, or would come, of the same change to many objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ManyDone {
    /// The request's name in the change log, by which all of it can be undone; none of a trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Objects that were meant.
    pub total: u64,
    /// Those of them that are different now.
    pub changed: u64,
    /// The first of those that change or cannot, at most a hundred; what cannot be changed comes first.
    pub rows: Vec<Outcome>,
    /// How many cannot be changed: if there is one, none is.
    pub refused: u64,
}

/// What becomes of one of many objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub id: i64,
    pub label: String,
    pub changes: Vec<FieldWas>,
    pub problems: Vec<FieldProblem>,
}

/// A field's value before and after, as in a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldWas {
    pub field: String,
    pub before: serde_json::Value,
    pub after: serde_json::Value,
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
    /// How many objects were meant.
    pub total: u64,
}

/// Objects of one type: how many, and the first few in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affected {
    #[serde(rename = "type")]
    pub of: String,
    pub count: u64,
    pub first: Vec<String>,
}

/// One thing that is true of an object in the end, whoever says so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InEffect {
    /// `status`, `import_routing_policies`, `export_routing_policies`, `communities`, `max_prefixes`; of an IX session also
    /// `exists_in_peeringdb` (the port under which its peer lists the address) and, if it is, `is_abandoned`.
    pub name: String,
    /// What a person reads.
    pub label: String,
    /// In the order in which they apply; only those of types that one may see.
    pub values: Vec<Effective>,
    /// There are others beside them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// A value, and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effective {
    /// A choice's code, an object's label, a number; null is null.
    pub value: serde_json::Value,
    /// The object that it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRef>,
    /// Whose field it is: the object's own, or what it inherits from.
    pub origin: ObjectRef,
    pub origin_label: String,
    /// What others say of it, nearest first, that has no effect: something else, or the same once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrode: Vec<Overridden>,
}

/// What somebody said and another's word stands instead of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overridden {
    /// As in [`Effective`].
    pub value: serde_json::Value,
    pub origin: ObjectRef,
    pub origin_label: String,
}

/// The config context of an object, and where each of its values comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectContext {
    /// Merged; null if nothing goes into it.
    pub context: serde_json::Value,
    /// What goes into it, the weakest first.
    pub parts: Vec<ContextPart>,
    /// Its values, in its own order.
    pub values: Vec<ContextValue>,
}

/// A config context that an object has, or its own local data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContextPart {
    /// The config context, or the object itself.
    pub object: ObjectRef,
    pub label: String,
    /// How strong it is; none for local data, which is stronger than all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<i64>,
    pub data: serde_json::Value,
}

/// A value of a context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContextValue {
    /// Keys that lead to it.
    pub path: Vec<String>,
    pub value: serde_json::Value,
    /// Which part says it, counted from 0.
    pub from: usize,
    /// Of a list, the parts whose items are in it as well, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<usize>,
    /// Which parts say something else there, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrode: Vec<usize>,
}

/// Something found by free text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub object: ObjectRef,
    pub label: String,
    /// Of a session, the router that it is on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
}

/// Objects by their descriptions.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Records: Send + Sync {
    async fn list(&self, who: &Who, request: ListRequest) -> Result<Page, Problem>;
    async fn get(&self, who: &Who, object: ObjectRef) -> Result<Detail, Problem>;
    async fn effective(&self, who: &Who, object: ObjectRef) -> Result<Vec<InEffect>, Problem>;
    async fn context(&self, who: &Who, object: ObjectRef) -> Result<ObjectContext, Problem>;
    async fn save(&self, who: &Who, edit: Edit) -> Result<Detail, Problem>;
    async fn save_many(&self, who: &Who, edits: ManyEdits, trial: bool) -> Result<ManyDone, Problem>;
    async fn consequences(&self, who: &Who, which: Selection) -> Result<Consequences, Problem>;
    async fn delete(&self, who: &Who, object: ObjectRef) -> Result<Done, Problem>;
    async fn delete_many(&self, who: &Who, which: Selection) -> Result<Done, Problem>;
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

/// What is true of an object in the end: its status, policies, communities and limits, each with the object that says so.
/// Nothing for objects of types that inherit nothing.
#[server(prefix = "/fn", endpoint = "records/effective", input = Json, output = Json)]
pub async fn effective_values(object: ObjectRef) -> Answer<Vec<InEffect>> {
    Ok(capability::<dyn Records>()?.effective(&who()?, object).await?)
}

/// The config context of an object: merged from the contexts that are assigned to it and from its local data, with the origin
/// of each value.
#[server(prefix = "/fn", endpoint = "records/context", input = Json, output = Json)]
pub async fn config_context(object: ObjectRef) -> Answer<ObjectContext> {
    Ok(capability::<dyn Records>()?.context(&who()?, object).await?)
}

/// Creates an object (`id` 0) or changes some fields of one. A change that was based on an older version is a conflict.
#[server(prefix = "/fn", endpoint = "records/save", input = Json, output = Json)]
pub async fn save_record(edit: Edit) -> Answer<Detail> {
    Ok(capability::<dyn Records>()?.save(&who()?, edit).await?)
}

/// Makes the same change to many objects, all or none, as one request. A trial says what would become of them and writes
/// nothing.
#[server(prefix = "/fn", endpoint = "records/save-many", input = Json, output = Json)]
pub async fn save_many_records(edits: ManyEdits, trial: bool) -> Answer<ManyDone> {
    Ok(capability::<dyn Records>()?.save_many(&who()?, edits, trial).await?)
}

/// What deleting some objects would do.
#[server(prefix = "/fn", endpoint = "records/consequences", input = Json, output = Json)]
pub async fn deletion_consequences(which: Selection) -> Answer<Consequences> {
    Ok(capability::<dyn Records>()?.consequences(&who()?, which).await?)
}

/// Deletes an object and what goes with it.
#[server(prefix = "/fn", endpoint = "records/delete", input = Json, output = Json)]
pub async fn delete_record(object: ObjectRef) -> Answer<Done> {
    Ok(capability::<dyn Records>()?.delete(&who()?, object).await?)
}

/// Deletes some objects and what goes with them, all or none, as one request.
#[server(prefix = "/fn", endpoint = "records/delete-many", input = Json, output = Json)]
pub async fn delete_many_records(which: Selection) -> Answer<Done> {
    Ok(capability::<dyn Records>()?.delete_many(&who()?, which).await?)
}

/// Objects of any type in which all of the words stand.
#[server(prefix = "/fn", endpoint = "records/search", input = Json, output = Json)]
pub async fn search_records(text: String) -> Answer<Vec<Hit>> {
    Ok(capability::<dyn Records>()?.search(&who()?, text).await?)
}
