//! How things came to be so: an object's changes one under the other, and one change by itself. What was written is
//! compared field by field, as the record of the change has it.

use super::list::{a_few, rows_of};
use crate::{
    data::{Session, Stored, undo, use_list},
    shell::lower,
    ui::{
        Button, Empty, ErrorPanel, Icon, Moment, Names, SkeletonLines, Toasts, WasNow, cell::words, diff::FieldChange,
        dom::href, status::status_of, time::MomentStyle,
    },
};
use leptos::prelude::*;
use peerage_app::changes::Undo;
use peerage_model::{
    ObjectType, Record,
    permit::{Add, Change, Delete},
    registry,
    types::CHANGE,
};
use serde_json::{Map, Value as Json};

/// The newest changes of an object that are shown at once.
const SHOWN: u32 = 200;

/// All changes of one object.
#[component]
pub fn ChangeLog(of: &'static ObjectType, id: i64) -> impl IntoView {
    let fetched = use_list(Signal::stored(Some(a_few(&CHANGE, changes_of(of, id), "-time,-id", SHOWN))));
    move || {
        let rows = rows_of(fetched);
        match (rows.is_empty(), fetched.data.with(Option::is_some), fetched.problem.get()) {
            (true, false, Some(problem)) => {
                view! { <ErrorPanel problem=problem retry=move |()| fetched.reload() /> }.into_any()
            }
            (true, false, None) => view! { <SkeletonLines /> }.into_any(),
            (true, true, _) => view! {
                <Empty icon=CHANGE.icon title="No changes recorded" about=format!("This {} was not changed since changes are kept.", lower(of.name)) />
            }
            .into_any(),
            _ => {
                let entries = rows.into_iter().map(|record| view! { <section class="sec">{line(&record)} <ChangeDiff record=record /></section> });
                view! { <div class="scroll">{entries.collect::<Vec<_>>()}</div> }.into_any()
            }
        }
    }
}

/// The last few changes of one object, for a rail.
#[component]
pub fn NewestChanges(of: &'static ObjectType, id: i64) -> impl IntoView {
    let fetched = use_list(Signal::stored(Some(a_few(&CHANGE, changes_of(of, id), "-time,-id", 6))));
    move || {
        let rows = rows_of(fetched);
        (!rows.is_empty()).then(|| {
            let lines = rows.into_iter().map(|record| {
                view! {
                    <li>
                        <span>{state(&record)}</span>
                        <a href=href(&CHANGE.object_path(record.id))>{moment(&record, MomentStyle::Short)}</a>
                        <p><FirstDifference record=record.clone() /></p>
                        <p>{record.text("user_name").to_owned()}</p>
                    </li>
                }
            });
            view! {
                <section class="sec">
                    <h2>"Newest changes"</h2>
                    <ul class="log">{lines.collect::<Vec<_>>()}</ul>
                </section>
            }
        })
    }
}

/// The filter for the changes of one object.
pub fn changes_of(of: &ObjectType, id: i64) -> String {
    format!("changed_object_type:={} changed_object_id:{id}", of.key())
}

/// Who did what when.
fn line(record: &Record) -> AnyView {
    view! {
        <h2>
            {state(record)}
            <span class="w5">{record.text("user_name").to_owned()}</span>
            <span class="end small t3">
                <a href=href(&CHANGE.object_path(record.id))>{moment(record, MomentStyle::Whole)}</a>
            </span>
        </h2>
    }
    .into_any()
}

fn state(record: &Record) -> Option<AnyView> {
    CHANGE.field("action").and_then(|field| status_of(field, record.get("action"), false))
}

pub fn moment(record: &Record, style: MomentStyle) -> Option<AnyView> {
    record.get("time").as_time().map(|micros| view! { <Moment micros=micros style=style /> }.into_any())
}

/// The type that was changed, if this version knows it.
fn subject(record: &Record) -> Option<&'static ObjectType> {
    registry::get(record.text("changed_object_type")).ok()
}

/// What was changed, as a link while it is there.
pub fn changed_object(record: &Record) -> AnyView {
    let name = record.text("object_repr").to_owned();
    match (subject(record), record.int("changed_object_id"), record.text("action")) {
        (Some(of), Some(id), action) if action != "delete" => {
            view! { <a class="name" href=href(&of.object_path(id))>{name}</a> }.into_any()
        }
        _ => view! { <span class="w5">{name}</span> }.into_any(),
    }
}

/// The name of the changed object's type.
pub fn changed_type(record: &Record) -> String {
    subject(record).map_or_else(|| record.text("changed_object_type").to_owned(), |of| of.name.to_owned())
}

/// One change, by itself.
pub fn draw_change(record: Record) -> AnyView {
    let request = record.text("request_id").to_owned();
    let same = format!("{}?f=request_id:={request}", CHANGE.list_path());
    let facts: Vec<(String, AnyView)> = [
        ("time", moment(&record, MomentStyle::Whole).into_any()),
        ("user_name", record.text("user_name").to_owned().into_any()),
        ("action", state(&record).into_any()),
        ("object_repr", changed_object(&record)),
        ("changed_object_type", changed_type(&record).into_any()),
        (
            "request_id",
            view! { <span class="mono">{request}</span> " " <a class="link small" href=href(&same)>"All of this request"</a> }
                .into_any(),
        ),
    ]
    .into_iter()
    .filter_map(|(name, drawn)| Some((CHANGE.field(name)?.label(), drawn)))
    .collect();
    let facts = facts.into_iter().map(|(label, drawn)| view! { <div><dt>{label}</dt><dd>{drawn}</dd></div> });
    view! {
        <section class="sec">
            <h2>"Change"</h2>
            <dl class="dl plain">{facts.collect::<Vec<_>>()}</dl>
            {undo_buttons(&record)}
        </section>
        <section class="sec">
            <h2>"Fields"</h2>
            <ChangeDiff record=record.clone() />
        </section>
    }
    .into_any()
}

/// Takes back this change, or all that were made with it.
fn undo_buttons(record: &Record) -> Option<AnyView> {
    let of = subject(record)?;
    let session = Session::get();
    let toasts = Toasts::get();
    let change = record.id;
    let request = record.text("request_id").to_owned();
    let one = move |()| undo::take_back(toasts, Undo { change, ..Undo::default() });
    let all = StoredValue::new(request);
    let all = move |()| undo::take_back(toasts, Undo { request: all.get_value(), change: 0 });
    // what undoing it does
    let action = record.text("action").to_owned();
    let may = move || match action.as_str() {
        "create" => session.may::<Delete>(of),
        "delete" => session.may::<Add>(of),
        _ => session.may::<Change>(of),
    };
    let buttons = move || {
        view! {
            <p class="row spaced">
                <Button label="Undo this change" small=true on_press=one />
                <Button label="Undo all of this request" small=true on_press=all />
            </p>
        }
    };
    Some(view! { <Show when=move || may()>{buttons}</Show> }.into_any())
}

/// Its fields, before and after.
#[component]
pub fn ChangeDiff(record: Record) -> impl IntoView {
    let changes = differences(&record);
    if changes.is_empty() {
        view! { <p class="small t3">"No field that is shown was changed."</p> }.into_any()
    } else {
        view! { <WasNow changes=changes /> }.into_any()
    }
}

/// The first difference on one line, and how many more there are.
#[component]
pub fn FirstDifference(record: Record) -> impl IntoView {
    let changes = differences(&record);
    let more = changes.len().saturating_sub(1);
    let created = record.get("prechange_data").is_null() || record.get("postchange_data").is_null();
    let first = changes.into_iter().next().filter(|_| !created);
    first.map(|change| {
        view! {
            {change.label}
            " "
            <del class="was">{short(change.was)}</del>
            <Icon name="arrow" size=12 class="arrow" />
            <span class="sr">" became "</span>
            <span class="now">{short(change.now)}</span>
            {(more > 0).then(|| view! { <span class="t3">{format!(" +{more}")}</span> })}
        }
    })
}

fn short(text: String) -> String {
    match text.char_indices().nth(40) {
        _ if text.is_empty() => "nothing".to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// In the order of the type's description; what it does not know any more comes last.
fn differences(record: &Record) -> Vec<FieldChange> {
    let side = |name: &str| match record.get(name) {
        peerage_model::Value::Json(json) => json.as_object().cloned().unwrap_or_default(),
        _ => Map::new(),
    };
    let (before, after) = (side("prechange_data"), side("postchange_data"));
    let of = subject(record);
    let known: Vec<&str> = of.map(|of| of.fields.iter().map(|field| field.name).collect()).unwrap_or_default();
    let mut names: Vec<&str> =
        known.into_iter().filter(|name| before.contains_key(*name) || after.contains_key(*name)).collect();
    for name in before.keys().chain(after.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let lookup = Names::new(Stored);
    names
        .into_iter()
        .filter(|name| before.get(*name).unwrap_or(&Json::Null) != after.get(*name).unwrap_or(&Json::Null))
        // nobody wrote these
        .filter(|name| !matches!(*name, "created" | "updated" | "last_updated"))
        .map(|name| {
            let print = |side: &Map<String, Json>| {
                side.get(name).map(|json| in_words(of, name, json, &lookup)).unwrap_or_default()
            };
            let label = of.and_then(|of| of.field(name)).map_or_else(|| name.to_owned(), |field| field.label());
            FieldChange { label, was: print(&before), now: print(&after) }
        })
        .filter(|change| change.was != change.now)
        .collect()
}

/// A value as the record of a change has it: as the field prints it, or as it stands there.
fn in_words(of: Option<&'static ObjectType>, name: &str, json: &Json, names: &Names) -> String {
    let field = of.and_then(|of| of.field(name));
    match field.and_then(|field| Some((field, field.kind.from_json(json).ok()?))) {
        Some((field, value)) => words(field, &value, names),
        None => match json {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        },
    }
}
