//! What a webhook is told of a change: made from the change's own record when it is sent, so that it says what became true then,
//! whatever has become of the object since. Other objects that it names are shown as they are now. No secret is in it: the change
//! log has none, and whatever is looked up is looked up without.

use super::reader;
use crate::{
    peering_manager::showing::Shown,
    services::{
        answer_needs,
        rendering::{deadline, options},
    },
};
use peerage_model::{Kind, ObjectType, Problem, Record, Value, label::label, permit::View, registry, types::TAG};
use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace, python::time::Moment};
use peerage_store::{Action, Store};
use peerage_sync::webhook::Call;
use serde_json::{Map, Value as Json, json};
use std::{collections::HashMap, time::Duration};

/// Rounds of looking up what is shown beside an object.
const MOST_ROUNDS: usize = 12;
/// Steps of a template: an address or a text, not a configuration.
const FUEL: u64 = 5_000_000;
/// How long it may run.
const LONGEST: Duration = Duration::from_secs(5);
/// Bytes of a text.
const MOST_TEXT: usize = 1 << 20;

/// What templates and conditions see.
#[derive(Debug)]
pub struct Message {
    values: Map<String, Json>,
    /// Microseconds since 1970.
    time: i64,
}

impl Message {
    /// Of a change.
    ///
    /// # Errors
    /// A sentence if the change cannot be read any more; a failure of the database.
    pub async fn of_change(store: &Store, change: &Record) -> Result<Self, Problem> {
        let key = change.text("changed_object_type");
        let of = registry::get(key).map_err(Problem::conflict)?;
        let action = Action::named(change.text("action"));
        let action = action.ok_or_else(|| Problem::conflict("What was done is not known any more."))?;
        let side = |name: &str| match change.get(name) {
            Value::Json(json) => json.as_object().cloned(),
            _ => None,
        };
        let (before, after) = (side("prechange_data"), side("postchange_data"));
        let time = change.get("time").as_time().unwrap_or_default();
        let state = after.as_ref().or(before.as_ref());
        let state = state.ok_or_else(|| Problem::conflict("The change says nothing of the object."))?;
        let mut object = object(of, change.int("changed_object_id").unwrap_or_default(), state);
        if of.field("updated").is_some() && action != Action::Delete {
            object.set("updated", Value::Time(time));
        }
        let data = shown(store, &object).await?;
        let tags = tags(store, [&before, &after].into_iter().flatten()).await?;
        let snapshot = |side: &Option<Map<String, Json>>| {
            side.as_ref().map_or(Json::Null, |side| Json::Object(snapshot(of, side, &tags)))
        };
        let values = json!({
            "event": action.word(),
            "timestamp": Moment::utc(time).iso(' '),
            "model": of.model,
            "username": change.text("user_name"),
            "request_id": change.text("request_id"),
            "data": data,
            "snapshots": {"prechange": snapshot(&before), "postchange": snapshot(&after)},
        });
        Ok(Self { values: values.as_object().cloned().unwrap_or_default(), time })
    }

    /// Of nothing: a test of a webhook that has nothing to tell of yet.
    pub fn of_test(model: &str, username: &str, time: i64) -> Self {
        let values = json!({
            "event": "test",
            "timestamp": Moment::utc(time).iso(' '),
            "model": model,
            "username": username,
            "request_id": "",
            "data": {},
            "snapshots": {"prechange": null, "postchange": null},
        });
        Self { values: values.as_object().cloned().unwrap_or_default(), time }
    }

    pub fn data(&self) -> &Json {
        self.values.get("data").unwrap_or(&Json::Null)
    }

    /// The request that a webhook makes of it.
    ///
    /// # Errors
    /// A sentence saying which of its templates fails, and why.
    pub fn call(&self, webhook: &Record) -> Result<Call, String> {
        let text = |name: &str| webhook.text(name);
        let mut headers = Vec::new();
        for line in self.rendered("Additional headers", text("additional_headers"))?.lines() {
            if line.trim().is_empty() {
                continue;
            }
            let (name, value) = line.split_once(':').ok_or("Additional headers: a line without a colon.")?;
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        let body = match text("body_template").trim() {
            "" => Json::Object(self.values.clone()).to_string(),
            _ => self.rendered("Body template", text("body_template"))?,
        };
        Ok(Call {
            method: text("http_method").to_owned(),
            url: self.rendered("Address", text("payload_url"))?,
            content_type: text("http_content_type").to_owned(),
            headers,
            body,
            secret: webhook.get("secret").as_text().map(str::to_owned),
            unchecked: !webhook.flag("ssl_verification"),
            ca_file: webhook.get("ca_file_path").as_text().filter(|path| !path.is_empty()).map(Into::into),
        })
    }

    fn rendered(&self, what: &str, source: &str) -> Result<String, String> {
        let options = Options { now: self.time, fuel: FUEL, most_output: MOST_TEXT, ..Options::default() };
        let context = Context::Data { values: self.values.clone(), templates: Default::default() };
        let template = Template::new(source, Whitespace::default());
        let mut session = Session::new(&template, options, context).until(deadline(LONGEST));
        match session.step(&Graph::new()) {
            Step::Done(output) => Ok(output.text),
            Step::Failed(problem) => {
                let line = problem.line.map(|line| format!(" at line {line}")).unwrap_or_default();
                Err(format!("{what}: the template fails{line}: {}.", problem.message.trim_end_matches('.')))
            }
            Step::Needs(_) => Err(format!("{what}: the template asks for what is not told here.")),
        }
    }
}

/// The object as a change left it, or as it was before it went. Secrets are there or not, and not known.
fn object(of: &'static ObjectType, id: i64, state: &Map<String, Json>) -> Record {
    let mut object = Record::new(of);
    object.id = id;
    for field in of.fields {
        let Some(json) = state.get(field.name) else { continue };
        let value = match (field.kind, json) {
            (Kind::Secret { .. }, Json::Null) => Value::Null,
            (Kind::Secret { .. }, _) => Value::Hidden,
            (kind, json) => kind.from_json(json).unwrap_or_else(|_| field.empty_value()),
        };
        object.set(field.name, value);
    }
    object
}

/// The object as the REST API shows it.
async fn shown(store: &Store, object: &Record) -> Result<Json, Problem> {
    let who = reader();
    let mut graph = Graph::new();
    graph.add([object.clone()]);
    for _ in 0..MOST_ROUNDS {
        let shown = Shown::of_graph(graph.clone(), "", options(store));
        let row = shown.row(object);
        let needs = shown.lacking();
        if needs.is_empty() {
            return Ok(row);
        }
        answer_needs(store, &who, &mut graph, &needs).await?;
        // what was looked up is as it is now, and this is as it was then
        graph.add([object.clone()]);
    }
    Err(Problem::conflict(format!("Too much is shown beside {}.", label(object, &()))))
}

/// What a change log's record keeps of an object, with tags by their names and without what stands for a secret.
fn snapshot(of: &'static ObjectType, side: &Map<String, Json>, tags: &HashMap<i64, String>) -> Map<String, Json> {
    let value = |name: &String, json: &Json| match of.field(name).map(|field| field.kind) {
        Some(Kind::Secret { .. }) => Json::Null,
        Some(Kind::References { to }) if to.is(&TAG) => {
            let ids = json.as_array().into_iter().flatten().filter_map(Json::as_i64);
            ids.filter_map(|id| tags.get(&id)).map(|name| json!(name)).collect()
        }
        _ => json.clone(),
    };
    side.iter().map(|(name, json)| (name.clone(), value(name, json))).collect()
}

async fn tags(store: &Store, sides: impl Iterator<Item = &Map<String, Json>>) -> Result<HashMap<i64, String>, Problem> {
    let listed = sides.filter_map(|side| side.get("tags")?.as_array()).flatten();
    let ids: Vec<i64> = listed.filter_map(Json::as_i64).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = store.get_many(&reader().permit::<View>(&TAG)?, &ids).await?;
    Ok(found.into_iter().map(|tag| (tag.id, tag.text("name").to_owned())).collect())
}
