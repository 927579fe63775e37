//! Values as JSON: what travels in server functions, stands in change records and comes from PeeringDB.

use crate::{Kind, Value, text};
use serde_json::{Value as Json, json};
use std::sync::Arc;

impl Kind {
    /// A value as JSON. AS numbers and references are numbers, times and addresses text, lists arrays.
    pub fn to_json(&self, value: &Value) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(yes) => json!(yes),
            Value::Int(number) => json!(number),
            Value::Float(number) => json!(number),
            Value::Text(text) => json!(&**text),
            Value::Time(micros) => json!(text::print_time(*micros)),
            Value::Ip(ip) => json!(ip),
            Value::Net(net) => json!(net.to_string()),
            Value::Mac(_) => json!(self.print(value)),
            Value::Ids(ids) => json!(&**ids),
            Value::Texts(texts) => json!(&**texts),
            Value::Json(json) => (**json).clone(),
            Value::Hidden => json!({"hidden": true}),
        }
    }

    /// JSON as a value. Takes what [`Kind::to_json`] gives, and for one-line kinds also what a person would type.
    ///
    /// # Errors
    /// A sentence saying what is expected instead.
    pub fn from_json(&self, json: &Json) -> Result<Value, String> {
        match (self, json) {
            (Self::Json { object_only }, json) => {
                if json.is_null() {
                    return Ok(Value::Null);
                }
                if *object_only && !json.is_object() {
                    return Err("A JSON object is meant, like {\"key\": \"value\"}.".to_owned());
                }
                Ok(Value::Json(Arc::new(json.clone())))
            }
            (_, Json::Null) => Ok(Value::Null),
            (Self::Secret { .. }, Json::Object(map)) if map.contains_key("hidden") => Ok(Value::Hidden),
            (Self::Bool, Json::Bool(yes)) => Ok(Value::Bool(*yes)),
            (Self::Int { .. } | Self::Asn { .. } | Self::Reference { .. }, Json::Number(number)) => {
                number.as_i64().map(Value::Int).ok_or_else(|| format!("{number} is not a whole number."))
            }
            (Self::Float { .. }, Json::Number(number)) => {
                number.as_f64().map(Value::Float).ok_or_else(|| format!("{number} is not a number."))
            }
            (Self::References { .. } | Self::IntList, Json::Array(items)) => items
                .iter()
                .map(|item| item.as_i64().ok_or_else(|| format!("{item} is not a whole number.")))
                .collect::<Result<Vec<_>, _>>()
                .map(|ids| Value::Ids(ids.into())),
            (Self::Choices(_) | Self::TextList | Self::Permissions, Json::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(Arc::from).ok_or_else(|| format!("{item} is not a text.")))
                .collect::<Result<Vec<Arc<str>>, _>>()
                .map(|texts| Value::Texts(texts.into())),
            // Stored as sent: validation judges it, so that a message can name the field.
            (kind, Json::String(text)) if kind.is_textual() || matches!(kind, Self::Secret { .. }) => {
                Ok(Value::text(text.as_str()))
            }
            (
                Self::Int { .. }
                | Self::Asn { .. }
                | Self::IpHost { .. }
                | Self::IpInterface { .. }
                | Self::Prefix
                | Self::Mac
                | Self::Time,
                Json::String(text),
            ) => self.parse(text),
            (_, json) => Err(format!("{} is expected, not {}.", self.expected(), short(json))),
        }
    }

    /// What JSON this kind takes, in words.
    pub fn expected(&self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int { .. } | Self::Asn { .. } => "a whole number",
            Self::Float { .. } => "a number",
            Self::Reference { .. } => "the number (id) of an object",
            Self::References { .. } => "a list of ids",
            Self::IntList => "a list of whole numbers",
            Self::Choices(_) | Self::TextList | Self::Permissions => "a list of texts",
            Self::Json { object_only: true } => "a JSON object",
            Self::Json { object_only: false } => "any JSON",
            _ => "a text",
        }
    }
}

/// JSON in the order in which PostgreSQL's `jsonb` keeps it, and templates of Peering Manager see it: shorter keys first, then
/// bytewise.
pub fn stored_order(json: &Json) -> Json {
    match json {
        Json::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
            keys.into_iter().map(|key| (key.clone(), stored_order(&map[key]))).collect()
        }
        Json::Array(items) => items.iter().map(stored_order).collect(),
        other => other.clone(),
    }
}

fn short(json: &Json) -> String {
    let text = json.to_string();
    if text.chars().count() > 40 { format!("{}…", text.chars().take(40).collect::<String>()) } else { text }
}
