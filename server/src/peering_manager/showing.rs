//! An object as Peering Manager's REST API shows it.

use super::shapes::{self, Form, Shape, ShownField};
use peerage_model::{
    Field, Kind, Need, ObjectType, Record, Value, context,
    facts::many,
    json::stored_order,
    label::label,
    registry,
    types::{CONTACT_ASSIGNMENT, DATA_FILE, DATA_SOURCE, GROUP, HIDDEN_PEER, TAG, USER, hides},
};
use peerage_render::{Graph, Options, objects::Object, pass::Pass};
use serde_json::{Map, Value as Json, json};
use std::{collections::HashMap, sync::Arc};

/// Everything that objects are shown from. Nothing is fetched: what is not there is asked for.
pub struct Shown {
    pass: Arc<Pass>,
    /// How many rows refer to an object of a type that tells it: tags, groups, data sources.
    counts: HashMap<(&'static str, i64), u64>,
    /// Where the API is said to be: `https://peering.example.net`.
    base: String,
}

impl Shown {
    /// From all records of all types that are shown or looked at.
    ///
    /// # Errors
    /// Never, for types of the registry.
    pub fn new(records: Vec<Record>, base: &str, options: Options) -> Result<Self, peerage_model::Problem> {
        let mut counts: HashMap<(&'static str, i64), u64> = HashMap::new();
        for record in &records {
            if record.of.is(&DATA_FILE)
                && let Some(source) = record.int("source")
            {
                *counts.entry((DATA_SOURCE.model, source)).or_default() += 1;
            }
            for (field, value) in record.iter() {
                let Kind::References { to } = field.kind else { continue };
                if to.is(&TAG) || to.is(&GROUP) && record.of.is(&USER) {
                    for id in value.as_ids() {
                        *counts.entry((to.model, *id)).or_default() += 1;
                    }
                }
            }
        }
        let mut graph = Graph::new();
        graph.add(records);
        let all: Vec<Need> = registry::TYPES.iter().map(|of| Need::All { of: of.key() }).collect();
        graph.answer(&all, &[])?;
        Ok(Self { counts, ..Self::of_graph(graph, base, options) })
    }

    /// From what a graph has. What is shown lacks what [`Shown::lacking`] names, and how many rows refer to an object.
    pub fn of_graph(graph: Graph, base: &str, options: Options) -> Self {
        let pass = Arc::new(Pass::new(graph).with(options));
        Self { pass, counts: HashMap::new(), base: base.trim_end_matches('/').to_owned() }
    }

    /// What was asked for since the last call and was not there.
    pub fn lacking(&self) -> Vec<Need> {
        self.pass.take_needs()
    }

    /// As a list shows it.
    pub fn row(&self, record: &Record) -> Json {
        shapes::of_type(record.of).map_or(Json::Null, |shape| self.show(shape, record))
    }

    fn show(&self, shape: &Shape, record: &Record) -> Json {
        let own = shapes::of_type(record.of).map_or("", |shape| shape.endpoint);
        let mut row = Map::with_capacity(shape.fields.len());
        for shown in &shape.fields {
            row.insert(shown.name.to_owned(), self.value(shown, record, own));
        }
        Json::Object(row)
    }

    fn value(&self, shown: &ShownField, record: &Record, endpoint: &str) -> Json {
        match shown.name {
            "id" => return json!(record.id),
            "url" if record.of.field("url").is_none() => {
                return json!(format!("{}/api/{endpoint}/{}/", self.base, record.id));
            }
            "display_url" => {
                let place = endpoint.strip_prefix("peering/").unwrap_or(endpoint);
                return json!(format!("{}/{place}/{}/", self.base, record.id));
            }
            "display" if record.of.is(&USER) && shown_names(record) => {
                let name = [record.text("first_name"), record.text("last_name")].join(" ");
                return json!(format!("{} ({})", record.text("username"), name.trim()));
            }
            "display" => return json!(label(record, &*self.pass)),
            _ => {}
        }
        match record.of.index_of(shown.name) {
            Some(at) => self.stored(shown, record, &record.of.fields[at], record.at(at)),
            None => self.computed(shown, record),
        }
    }

    fn stored(&self, shown: &ShownField, record: &Record, field: &'static Field, value: &Value) -> Json {
        match (field.kind, shown.form, value) {
            (Kind::Reference { to, .. }, Form::Object(schema), Value::Int(id)) => self.other(to, *id, schema),
            (Kind::Reference { .. }, _, value) => value.as_int().map_or(Json::Null, |id| json!(id)),
            (Kind::References { to }, Form::Objects(_) | Form::Items, _) => {
                let others = many(&*self.pass, record, field.name).unwrap_or_default();
                others.iter().map(|other| self.show(shapes::nested(to), other)).collect()
            }
            (.., Value::Null) if field.is_counted() => json!(0),
            // what the system lists alone can be anything; what is shown as text is never null
            (kind, Form::Text | Form::Code, Value::Null) if !shown.nullable && kind.target().is_none() => {
                let never_set = matches!(kind, Kind::Time | Kind::Int { .. });
                if never_set { Json::Null } else { json!("") }
            }
            (Kind::Choice(_), Form::Text, Value::Text(code)) if registry::get(code).is_err() => {
                json!({"value": &**code, "label": field.kind.label_of(code)})
            }
            // to whom secrets are not shown, none is
            (_, _, Value::Hidden) => Json::Null,
            (_, Form::Labelled, Value::Text(text)) => json!({"value": &**text, "label": &**text}),
            (Kind::Json { .. }, _, Value::Json(json)) if record.of.is(&DATA_SOURCE) && field.name == "parameters" => {
                with_password(json, record)
            }
            // PeeringDB's ports have addresses with the length of a host there
            (Kind::IpHost { .. }, _, Value::Ip(ip)) if record.of.app == "peeringdb" => {
                json!(ipnet::IpNet::from(*ip).to_string())
            }
            (kind, _, value) => kind.to_json(value),
        }
    }

    fn other(&self, to: &'static ObjectType, id: i64, schema: &str) -> Json {
        let shape = shapes::named(schema).unwrap_or_else(|| shapes::nested(to));
        match self.pass.row(to, id) {
            Some(Some(other)) => self.show(shape, &other),
            _ => Json::Null,
        }
    }

    /// What is not stored but follows from other things.
    fn computed(&self, shown: &ShownField, record: &Record) -> Json {
        let of = record.of;
        match shown.name {
            "config_context" => {
                let parts = context::parts(record, &*self.pass).unwrap_or_default();
                stored_order(&context::merged(&parts, self.pass.merging()))
            }
            "tagged_items" | "user_count" | "file_count" => {
                json!(self.counts.get(&(of.model, record.id)).copied().unwrap_or_default())
            }
            "is_expired" if of.is(&HIDDEN_PEER) => json!(!hides(record, self.pass.now())),
            name if of.attached.is_some_and(|attached| attached.object == name) => self.attached_to(record),
            // the same that a template sees
            name => {
                let object = Object { pass: Arc::clone(&self.pass), record: record.clone() };
                let value = object.attribute(name).and_then(|value| serde_json::to_value(value).ok());
                value.unwrap_or(Json::Null)
            }
        }
    }

    fn attached_to(&self, record: &Record) -> Json {
        let Some((key, id)) = record.attached_to() else { return Json::Null };
        let Ok(to) = registry::get(key) else { return Json::Null };
        // whatever has contacts is shown there as a contact would be
        let shape = shapes::nested(if record.of.is(&CONTACT_ASSIGNMENT) { &peerage_model::types::CONTACT } else { to });
        self.other(to, id, shape.name)
    }
}

/// Whether somebody is shown with their name beside the one that they type.
fn shown_names(user: &Record) -> bool {
    ["first_name", "last_name"].iter().any(|name| !user.text(name).is_empty())
}

/// A git repository's password stands among its parameters there; here it is a secret.
fn with_password(parameters: &Json, record: &Record) -> Json {
    let mut parameters = parameters.clone();
    if let (Some(object), Some(password)) = (parameters.as_object_mut(), record.get("password").as_text()) {
        object.insert("password".to_owned(), json!(password));
    }
    parameters
}
