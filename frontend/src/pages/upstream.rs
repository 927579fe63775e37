//! What a synchronisation found changed in PeeringDB: a run with its changes, what concerns us first, and one change.

use super::list::{a_few, rows_of};
use crate::{
    data::{
        Stored,
        place::{Place, address},
        use_list,
    },
    ui::{
        Empty, Facts, Icon, Names, Section, SkeletonLines,
        cell::words,
        diff::{FieldChange, WasNow, WasNowLine},
        dom::href,
        pager::grouped,
        status::status_of,
    },
};
use leptos::prelude::*;
use peerage_model::{
    Choice, Field, ObjectType, Record, Value,
    peeringdb::{CONCERN, NAMESPACES, SYNCHRONISATION, UPSTREAM_CHANGE},
    registry,
};
use serde_json::Value as Json;

/// Changes of one group that are shown at once.
const SHOWN: u32 = 100;

fn type_of(namespace: &str) -> Option<&'static ObjectType> {
    NAMESPACES.iter().find(|(name, _)| *name == namespace).map(|(_, of)| *of)
}

fn list_of(record: &Record, field: &str) -> Vec<Json> {
    if let Value::Json(json) = record.get(field) { json.as_array().cloned().unwrap_or_default() } else { Vec::new() }
}

/// A run.
#[component]
pub fn Run(record: Record) -> impl IntoView {
    let place = Place::here();
    let run = record.id;
    let wanted = Memo::new(move |_| place.get("type"));
    let failure = record.text("failure").to_owned();
    let left_out = record.int("left_out").and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
    let option = move |(namespace, of): &(&'static str, &'static ObjectType)| {
        let namespace = *namespace;
        view! { <option value=namespace selected=move || wanted.with(|wanted| wanted == namespace)>{of.plural}</option> }
    };
    let all = address(&UPSTREAM_CHANGE.list_path(), &[("f".to_owned(), format!("run:{run}"))]);
    let total = use_list(Signal::derive(move || Some(a_few(&UPSTREAM_CHANGE, filter(run, "", &wanted.get()), "", 1))));
    let none = Memo::new(move |_| total.data.with(|data| data.as_ref().map(|data| data.total == 0)));
    let groups = move || {
        match none.get() {
        None => view! { <SkeletonLines /> }.into_any(),
        Some(true) => view! {
            <Empty icon="poll" title="No change is told one by one" about="A run that takes a type for the first time only counts its rows. Later runs tell each change, and what concerns you first." />
        }
        .into_any(),
        Some(false) => CONCERN.iter().map(|concern| view! { <Group run=run concern=concern wanted=wanted /> }).collect::<Vec<_>>().into_any(),
    }
    };
    view! {
        {(!failure.is_empty()).then(|| view! { <p class="notice warn"><Icon name="alert" />{failure}</p> })}
        <div class="split railed">
            <div>
                <div class="filters">
                    <label class="row">
                        <span class="t2">"Show"</span>
                        <span class="in short">
                            <select aria-label="Type" on:change=move |event| place.set(&[("type", &event_target_value(&event))])>
                                <option value="">"all types"</option>
                                {NAMESPACES.iter().map(option).collect::<Vec<_>>()}
                            </select>
                            <Icon name="down" size=14 class="chev" />
                        </span>
                    </label>
                    <a class="link small end" href=href(&all)>"As a list"</a>
                </div>
                {groups}
                {(left_out > 0).then(|| view! {
                    <p class="sec t2">{format!("{} further changes that have nothing to do with you were only counted.", grouped(left_out))}</p>
                })}
            </div>
            <aside class="rail" aria-label="This run">
                <Facts record=record names=Names::new(Stored) only_set=true />
            </aside>
        </div>
    }
}

fn filter(run: i64, concern: &str, namespace: &str) -> String {
    let mut filter = format!("run:{run}");
    if !concern.is_empty() {
        filter.push_str(&format!(" concern:{concern}"));
    }
    if !namespace.is_empty() {
        filter.push_str(&format!(" namespace:={namespace}"));
    }
    filter
}

/// Changes of a run that are equally near to us; nothing if there are none.
#[component]
fn Group(run: i64, concern: &'static Choice, wanted: Memo<String>) -> impl IntoView {
    let request = Signal::derive(move || {
        Some(a_few(&UPSTREAM_CHANGE, filter(run, concern.code, &wanted.get()), "namespace,id", SHOWN))
    });
    let fetched = use_list(request);
    let total = Memo::new(move |_| fetched.data.with(|data| data.as_ref().map(|data| data.total)).unwrap_or_default());
    let more = move || {
        let hidden = total.get().saturating_sub(u64::from(SHOWN));
        (hidden > 0).then(|| {
            let all =
                address(&UPSTREAM_CHANGE.list_path(), &[("f".to_owned(), filter(run, concern.code, &wanted.get()))]);
            view! { <p class="small"><a class="link" href=href(&all)>{format!("and {} more", grouped(hidden))}</a></p> }
        })
    };
    view! {
        <Show when=move || { total.get() > 0 }>
            <Section title=concern.label note=Signal::derive(move || grouped(total.get()))>
                <ul class="log upstream">
                    {move || rows_of(fetched).iter().map(line).collect::<Vec<_>>()}
                </ul>
                {more}
            </Section>
        </Show>
    }
}

/// A change in a few lines.
pub fn line(record: &Record) -> AnyView {
    let state = UPSTREAM_CHANGE.field("action").and_then(|field| status_of(field, record.get("action"), false));
    let changed = record.text("action") == "changed";
    let changes = changed.then(|| {
        let lines = changes(record).into_iter().map(|change| {
            view! { <p class="small">{change.label} ": " <WasNowLine was=change.was now=change.now /></p> }
        });
        lines.collect::<Vec<_>>()
    });
    let known = (!changed).then(|| {
        let known: Vec<String> = changes_in_brief(record);
        view! { <p class="small t2">{known.join(" · ")}</p> }
    });
    let why = record.text("why").to_owned();
    view! {
        <li>
            <div>
                <p>{subject(record)}</p>
                {(!why.is_empty()).then(|| view! { <p class="small t2">{why} {ours(record)}</p> })}
                {changes}
                {known}
            </div>
            {state}
        </li>
    }
    .into_any()
}

/// What the row is called, with its type; a link while it is in the cache.
fn subject(record: &Record) -> AnyView {
    let of = type_of(record.text("namespace"));
    let id = record.int("object_id").unwrap_or_default();
    let (name, kind) = (record.text("subject").to_owned(), of.map(|of| of.name).unwrap_or_default());
    let name = match of.filter(|_| record.text("action") != "went") {
        Some(of) => view! { <a class="name" href=href(&of.object_path(id))>{name}</a> }.into_any(),
        None => view! { <b class="name">{name}</b> }.into_any(),
    };
    view! { {name} " " <span class="t3 small">{kind}</span> }.into_any()
}

/// Links to our objects that it is about.
fn ours(record: &Record) -> Vec<AnyView> {
    let link = |one: Json| {
        let of = registry::get(one.get("type")?.as_str()?).ok()?;
        let to = href(&of.object_path(one.get("id")?.as_i64()?));
        let label = one.get("label")?.as_str()?.to_owned();
        Some(view! { " " <a class="link" href=to>{label}</a> }.into_any())
    };
    list_of(record, "ours").into_iter().filter_map(link).collect()
}

fn changes(record: &Record) -> Vec<FieldChange> {
    let of = type_of(record.text("namespace"));
    let names = Names::new(Stored);
    let change = |one: Json| {
        let name = one.get("field")?.as_str()?;
        let field = of.and_then(|of| of.field(name));
        let told = |side: &str| in_words(field, one.get(side).unwrap_or(&Json::Null), &names);
        Some(FieldChange {
            label: field.map_or_else(|| name.to_owned(), Field::label),
            was: told("before"),
            now: told("after"),
        })
    };
    list_of(record, "changes").into_iter().filter_map(change).collect()
}

/// Of what came or went: 'IPv4 address 192.0.2.1'.
fn changes_in_brief(record: &Record) -> Vec<String> {
    let side = |change: FieldChange| if change.now.is_empty() { change.was } else { change.now };
    changes(record).into_iter().map(|change| format!("{} {}", change.label.clone(), side(change))).collect()
}

fn in_words(field: Option<&'static Field>, json: &Json, names: &Names) -> String {
    let plain = || match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    // a long text was cut, and is none of its kind any more
    match field.and_then(|field| Some((field, field.kind.from_json(json).ok()?))) {
        Some((field, value)) => words(field, &value, names),
        None => plain(),
    }
}

/// One change, whole.
#[component]
pub fn UpstreamChange(record: Record) -> impl IntoView {
    let state = |name: &str| UPSTREAM_CHANGE.field(name).and_then(|field| status_of(field, record.get(name), false));
    let run = record.int("run").map(|run| {
        let label = Names::new(Stored).label(&SYNCHRONISATION, run);
        view! { <a class="link" href=href(&SYNCHRONISATION.object_path(run))>{label}</a> }
    });
    let why = record.text("why").to_owned();
    let why = if why.is_empty() { "It has nothing to do with you.".to_owned() } else { why };
    view! {
        <section class="sec">
            <h2>"Change"</h2>
            <dl class="dl plain">
                <div><dt>"What"</dt><dd>{subject(&record)}</dd></div>
                <div><dt>"Action"</dt><dd>{state("action")}</dd></div>
                <div><dt>"Concern"</dt><dd>{state("concern")}</dd></div>
                <div><dt>"Why"</dt><dd>{why} {ours(&record)}</dd></div>
                <div><dt>"Run"</dt><dd>{run}</dd></div>
            </dl>
        </section>
        <section class="sec">
            <h2>"Fields"</h2>
            <WasNow changes=changes(&record) />
        </section>
    }
}
