//! Another system that is told of changes, and what became of telling it. A delivery is stored by the commit of the change that it
//! tells of; what is sent is made from the change when it is sent, so that it holds no copy of anything.

use super::{CHANGE, CREATED, UPDATED, attached::DESCRIBED};
use crate::{
    Choice, Facts, ObjectType, OnDelete, Origin, Record, Tone, Value,
    check::Problems,
    field::{self, COUNT, bool, choices, int, json, reference, secret, template, text, time},
    kind::choice,
    object::{Unique, object},
};
use serde_json::Value as Json;

static METHODS: &[Choice] = &[
    choice("GET", "GET", Tone::None),
    choice("POST", "POST", Tone::None),
    choice("PUT", "PUT", Tone::None),
    choice("PATCH", "PATCH", Tone::None),
    choice("DELETE", "DELETE", Tone::None),
];

/// The events that it can be told of.
const EVENTS: [&str; 3] = ["type_create", "type_update", "type_delete"];

/// Fields that are templates; they are rendered without whitespace options.
pub const WEBHOOK_TEMPLATES: [&str; 3] = ["payload_url", "additional_headers", "body_template"];

/// How deep conditions may be nested.
const DEEPEST: usize = 16;

pub static WEBHOOK: ObjectType = object("extras", "webhooks", "webhook")
    .guarded()
    .called("Webhook", "Webhooks")
    .icon("hook")
    .label("{name}")
    .order(&["name"])
    .about("Tells another system of changes as they happen: a chat, a ticket system, automation of your own.")
    .unique(&[Unique {
        name: "unique_webhook_events_url",
        fields: &["type_create", "type_update", "type_delete", "payload_url"],
        message: "There is a webhook for these events to that address already.",
        at: "payload_url",
    }])
    .checks(&[is_of_use, certificates_are_checked, conditions_can_be_read])
    .fields(&[
        text("name", 100)
            .required()
            .unique()
            .column()
            .search()
            .group("Webhook")
            .help("What people call it; no two have the same."),
        bool("enabled").default_on().column().filter().help("A disabled webhook sends nothing."),
        choices("content_types", &DESCRIBED)
            .label_as("Types")
            .required()
            .column()
            .filter()
            .help("Changes of what it is told."),
        bool("type_create").label_as("When added").column().help("When an object is created."),
        bool("type_update").label_as("When changed").column().help("When one is changed."),
        bool("type_delete").label_as("When deleted").column().help("When one is deleted."),
        text("payload_url", 512)
            .label_as("Address")
            .required()
            .column()
            .search()
            .copy()
            .group("Request")
            .help("May be a template."),
        field::choice("http_method", METHODS)
            .label_as("Method")
            .required()
            .default_text("POST")
            .help("As the receiver wants it."),
        text("http_content_type", 128)
            .label_as("Content type")
            .required()
            .default_text("application/json")
            .help("Of what is sent."),
        template("additional_headers")
            .help("Name: Value, one a line; may be a template. Whoever may look at webhooks sees them."),
        template("body_template").help("Empty: everything that is known of the change, as JSON."),
        secret("secret", 255).nullable().help("What the body is signed with. Kept encrypted."),
        json("conditions")
            .nullable()
            .help("Only if they hold: {\"and\": [{\"attr\": \"status\", \"value\": \"enabled\"}]}."),
        bool("ssl_verification")
            .label_as("Check certificates")
            .default_on()
            .group("Certificates")
            .help("Off: the receiver's certificate may be anybody's."),
        text("ca_file_path", 4096).label_as("CA file").nullable().help("Instead of the system's certificates."),
        CREATED,
        UPDATED,
    ]);

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    Waiting,
    Delivered,
    Failed,
    /// The webhook's conditions did not hold.
    PassedOver,
}

impl DeliveryStatus {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Failed, Self::PassedOver];

    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::PassedOver => "passed-over",
        }
    }

    pub fn of(delivery: &Record) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == delivery.text("status"))
    }
}

static DELIVERY_STATUS: &[Choice] = &[
    choice(DeliveryStatus::Waiting.code(), "Waiting", Tone::Plan),
    choice(DeliveryStatus::Delivered.code(), "Delivered", Tone::Ok),
    choice(DeliveryStatus::Failed.code(), "Failed", Tone::Bad),
    choice(DeliveryStatus::PassedOver.code(), "Passed over", Tone::Mute),
];

/// Characters that are kept of an answer, and of what became of a delivery.
pub const MOST_ANSWER: u32 = 2_000;

pub static WEBHOOK_DELIVERY: ObjectType = object("extras", "webhook-deliveries", "webhookdelivery")
    .called("Webhook delivery", "Webhook deliveries")
    .guarded()
    .icon("hook")
    .origin(Origin::Note)
    .label("Delivery {id}")
    .order(&["-id"])
    .about("What webhooks were told of changes: when, how often it was tried, and what was answered.")
    .fields(&[
        time("time").required().read_only().column().filter().indexed().group("Delivery"),
        // the webhook's own page shows its deliveries
        reference("webhook", &WEBHOOK).required().on_delete(OnDelete::Cascade).read_only().column().filter(),
        // of a test of a webhook that nothing has happened for yet there is none
        reference("change", &CHANGE).nullable().on_delete(OnDelete::SetNull).read_only().column(),
        field::choice("status", DELIVERY_STATUS)
            .required()
            .default_text(DeliveryStatus::Waiting.code())
            .read_only()
            .column()
            .filter(),
        bool("test").label_as("A test").read_only().filter(),
        text("asked_by", 150).label_as("Asked for by").read_only().search(),
        int("tries", 0, COUNT).default_int(0).read_only().column(),
        // when it is tried next; none once it has ended
        time("due").label_as("Tried next").nullable().read_only().indexed(),
        text("receiver", 300).read_only(),
        int("code", 0, 999).label_as("HTTP status").nullable().read_only().column(),
        int("milliseconds", 0, COUNT).label_as("Took").nullable().span().read_only().column(),
        text("outcome", MOST_ANSWER).read_only().column().search().group("Result"),
        text("answer", MOST_ANSWER).label_as("Answer begins with").read_only(),
    ]);

fn is_of_use(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    if !EVENTS.iter().any(|event| record.flag(event)) {
        problems.add(EVENTS[0], "It needs at least one of adding, changing and deleting.");
    }
}

fn certificates_are_checked(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    if !record.flag("ssl_verification") && !record.get("ca_file_path").is_empty() {
        problems.add("ca_file_path", "It is of no use as long as certificates are not checked.");
    }
}

fn conditions_can_be_read(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    if let Value::Json(conditions) = record.get("conditions")
        && let Err(message) = readable(conditions, 0)
    {
        problems.add("conditions", message);
    }
}

/// `{"and": [...]}`, `{"or": [...]}` or `{"attr", "value", "op", "negate"}`, nested.
fn readable(condition: &Json, depth: usize) -> Result<(), String> {
    let object = condition.as_object().ok_or("An object is meant, like {\"and\": [...]}.")?;
    if depth > DEEPEST {
        return Err("That is nested too deeply.".to_owned());
    }
    if let Some((word @ ("and" | "or"), list)) = object.iter().next().map(|(word, list)| (word.as_str(), list)) {
        let list = list.as_array().filter(|list| !list.is_empty() && object.len() == 1);
        let list = list.ok_or_else(|| format!("“{word}” stands alone, with a list of conditions."))?;
        return list.iter().try_for_each(|condition| readable(condition, depth + 1));
    }
    if depth == 0 {
        return Err("Conditions begin with “and” or “or”: {\"and\": [...]}.".to_owned());
    }
    if let Some(other) = object.keys().find(|key| !matches!(key.as_str(), "attr" | "value" | "op" | "negate")) {
        return Err(format!("A condition has attr, value, op and negate, not “{other}”."));
    }
    if !object.get("attr").is_some_and(Json::is_string) {
        return Err("A condition names an attribute: {\"attr\": \"status\", \"value\": \"enabled\"}.".to_owned());
    }
    let value = object.get("value").ok_or("A condition compares with a value.")?;
    if !object.get("negate").is_none_or(Json::is_boolean) {
        return Err("negate is true or false.".to_owned());
    }
    let fitting: &[&str] = match value {
        Json::Bool(_) => &["eq", "contains"],
        Json::Number(_) => &["eq", "gt", "gte", "lt", "lte", "contains"],
        Json::String(_) => &["eq", "contains", "regex"],
        Json::Array(_) => &["eq", "in", "contains"],
        Json::Null => &["eq"],
        Json::Object(_) => return Err("Nothing can be compared with an object.".to_owned()),
    };
    match object.get("op").map_or(Some("eq"), Json::as_str) {
        Some(op) if fitting.contains(&op) => Ok(()),
        _ => Err(format!("With such a value op is one of {}.", fitting.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check;
    use serde_json::json;

    fn problems(conditions: Json, change: impl Fn(Record) -> Record) -> Vec<String> {
        let webhook = Record::new(&WEBHOOK)
            .with("name", Value::text("chat"))
            .with("content_types", Value::Texts(["peering.autonomoussystem".into()].into()))
            .with("type_create", Value::Bool(true))
            .with("payload_url", Value::text("https://chat.example.net/hook"))
            .with("conditions", Value::Json(conditions.into()));
        check(&change(webhook), &()).into_vec().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn conditions_that_can_be_judged_are_taken() {
        for conditions in [
            json!({"and": [{"attr": "status.value", "value": "enabled"}]}),
            json!({"or": [{"and": [{"attr": "asn", "op": "gte", "value": 64512}]}, {"attr": "name", "value": null, "negate": true}]}),
        ] {
            assert_eq!(problems(conditions.clone(), |w| w), [""; 0], "{conditions}");
        }
        for conditions in [
            json!([]),
            json!({}),
            json!({"and": []}),
            json!({"and": [{"attr": "a", "value": 1}], "or": []}),
            json!({"and": [{"attr": "a"}]}),
            json!({"and": [{"attr": "a", "value": true, "op": "gt"}]}),
            json!({"and": [{"attr": "a", "value": 1, "unless": 2}]}),
            json!({"attr": "a", "value": 1}),
        ] {
            assert_eq!(problems(conditions.clone(), |w| w), ["conditions"], "{conditions}");
        }
    }

    #[test]
    fn a_webhook_that_is_told_of_nothing_is_refused() {
        let good = || json!({"and": [{"attr": "a", "value": 1}]});
        assert_eq!(problems(good(), |w| w.with("type_create", Value::Bool(false))), ["type_create"]);
        assert_eq!(problems(good(), |w| w.with("content_types", Value::Texts([].into()))), ["content_types"]);
        let unchecked =
            |w: Record| w.with("ssl_verification", Value::Bool(false)).with("ca_file_path", Value::text("/ca"));
        assert_eq!(problems(good(), unchecked), ["ca_file_path"]);
    }
}
