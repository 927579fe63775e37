//! Every component in its states, at `/_ui` of development builds: what visual tests photograph and what one looks at
//! while changing a style. Its data is made up from the descriptions, so that every kind of content is seen.

use crate::ui::{
    Button, Column, ColumnChooser, Confirm, Dialog, Empty, Entry, ErrorPanel, Facts, FilterBar, Form, FormFields, Hit,
    Item, Look, Menu, Names, Pager, ProblemList, Rail, References, Section, SelectionBar, SkeletonTable, Status, Tab,
    Table, Tabs, Toasts, WasNow,
    diff::{DiffLine, FieldChange, TextDiff},
    status::status_of,
};
use leptos::prelude::*;
use peerage_model::{Kind, Label, Lookup, ObjectType, Problem, Record, Sort, Tone, Value, registry};
use std::{collections::BTreeSet, sync::Arc};

/// Objects made up on demand.
struct MadeUp;

impl Lookup for MadeUp {
    fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record> {
        Some(made_up(of, id))
    }
}

/// A plausible record of any type: the same for the same number.
pub fn made_up(of: &'static ObjectType, id: i64) -> Record {
    let values = of.fields.iter().enumerate().map(|(at, field)| value(field.kind, id, at as i64));
    Record::from_values(of, id, 1, values.collect::<Vec<_>>())
}

const WORDS: &[&str] =
    &["Alder Fibre", "Brightwater Telecom", "Cobalt Hosting", "Dovetail Cloud", "Quayside Networks", "Nordlys Net"];
const NOW: i64 = 1_773_757_800_000_000;

fn value(kind: Kind, id: i64, at: i64) -> Value {
    let mix = (id * 7 + at * 3).unsigned_abs() as usize;
    let word = WORDS[(id / 3).unsigned_abs() as usize % WORDS.len()];
    let from = |text: &str| kind.parse(text).unwrap_or_default();
    match kind {
        Kind::Bool => Value::Bool(mix.is_multiple_of(3)),
        Kind::Int { names: [first, ..], .. } => Value::Int(first.0),
        Kind::Int { min, max, .. } => Value::Int((id * 137 % 9000).clamp(min, max)),
        Kind::Float { .. } => Value::Float(mix as f64 / 2.0),
        Kind::Text { .. } => Value::text(word),
        Kind::Markdown => Value::text(format!("Notes about {word}.\nSecond line.")),
        Kind::Template => Value::text("{% for s in sessions %}\n{{ s }}\n{% endfor %}"),
        Kind::Slug { .. } => Value::text(peerage_model::check::slugify(word)),
        Kind::Asn { .. } => Value::Int(64_496 + id / 3 % 15),
        Kind::IpHost { family: 6 } => from(&format!("2001:db8:100::{id}")),
        Kind::IpHost { .. } if id % 2 == 0 => from(&format!("2001:db8:100::6:4496:{}", id % 90 + 1)),
        Kind::IpHost { .. } => from(&format!("192.0.2.{}", id % 250 + 1)),
        Kind::IpInterface { family: 6 } => from(&format!("2001:db8:100::{}/64", id % 99 + 1)),
        Kind::IpInterface { .. } => from(&format!("192.0.2.{}/24", id % 250 + 1)),
        Kind::Prefix => from(&format!("10.{}.0.0/16", id % 250)),
        Kind::Mac => Value::Mac([0, 27, 119, 73, 84, (id % 250) as u8]),
        Kind::Colour => Value::text(["2196f3", "4caf50", "ff9800", "9c27b0"][mix % 4]),
        Kind::Url { .. } => Value::text("https://www.example.net/peering"),
        Kind::Email => Value::text("noc@example.net"),
        Kind::Time => Value::Time(NOW - id * 3_700_000_000),
        Kind::Choice(set) => set.get(mix % set.len().max(1)).map_or(Value::Null, |choice| Value::text(choice.code)),
        Kind::Choices(set) => Value::Texts(set.iter().take(2).map(|choice| choice.code.into()).collect()),
        Kind::Reference { .. } => Value::Int(id / 3 % 12 + 1),
        Kind::References { .. } => Value::Ids([id % 5 + 1, id % 5 + 2].into()),
        Kind::Json { .. } => Value::Json(Arc::new(serde_json::json!({"ttl": id}))),
        Kind::IntList => Value::Ids([1, 2].into()),
        Kind::TextList | Kind::Permissions => Value::Texts([word.into()].into()),
        Kind::Secret { .. } => Value::Hidden,
    }
}

/// The page. `?rows=1000` shows a windowed list, `?type=` another type.
#[component]
pub fn Gallery() -> impl IntoView {
    let names = Names::new(MadeUp);
    let search = |of: &'static ObjectType, text: String| async move {
        let wanted = text.to_lowercase();
        let hits = (1..200).map(|id| Hit {
            id,
            label: peerage_model::label::label(&made_up(of, id), &MadeUp),
            detail: of.name.to_owned(),
        });
        Ok(hits.filter(|hit| hit.label.to_lowercase().contains(&wanted)).take(40).collect())
    };
    References::provide(Signal::stored(names.clone()), search);
    let query = window().location().search().unwrap_or_default();
    let asked = |name: &str| {
        query
            .trim_start_matches('?')
            .split('&')
            .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
            .map(str::to_owned)
    };
    let of = asked("type").and_then(|key| registry::get(&key).ok()).unwrap_or(&peerage_model::types::IX_SESSION);
    let rows: i64 = asked("rows").and_then(|rows| rows.parse().ok()).unwrap_or(40);
    let part = asked("part").unwrap_or_else(|| "list".to_owned());
    match part.as_str() {
        "form" => view! { <FormPart of=of /> }.into_any(),
        "parts" => view! { <Parts /> }.into_any(),
        "facts" => view! { <FactsPart of=of names=names /> }.into_any(),
        _ => view! { <ListPart of=of rows=rows names=names /> }.into_any(),
    }
}

#[component]
fn ListPart(of: &'static ObjectType, rows: i64, names: Names) -> impl IntoView {
    let shown = RwSignal::new(Vec::<String>::new());
    let columns = Signal::derive(move || Column::from_keys(of, shown.get().iter().map(String::as_str)));
    let keys = Signal::derive(move || columns.get().into_iter().map(|column| column.key).collect::<Vec<_>>());
    let records: Vec<Record> = (1..=rows).map(|id| made_up(of, id)).collect();
    let filter = RwSignal::new("tags:1 -status:disabled nonsense:3".to_owned());
    let sort = RwSignal::new(Sort::natural(of));
    let ticks = RwSignal::new(BTreeSet::from([4, 5]));
    let page = RwSignal::new(1);
    let names = Signal::stored(names);
    let total = Signal::stored(4312u64);
    view! {
        <div class="page">
            <div class="head">
                <h1>{of.plural} <span class="count">"40 of 4 312"</span></h1>
                <div class="actions">
                    <Button label="Import" />
                    <Button label="Add" icon="plus" look=Look::Primary keys="C" />
                    <Menu label="More" look=Look::Plain entries=Signal::derive(menu) />
                </div>
            </div>
            <Tabs label="Saved views" tabs=Signal::derive(|| vec![Tab::new("All", "#", true).count(412), Tab::new("Down now", "#", false).count(9)]) />
            <FilterBar of=of text=filter names=names on_change=move |text| filter.set(text)>
                <ColumnChooser of=of shown=keys on_change=move |keys| shown.set(keys) />
            </FilterBar>
            <Table of=of label=of.plural columns=columns rows=Signal::stored(records) names=names sort=sort on_sort=move |keys| sort.set(keys) ticks=ticks total=total />
            <Show
                when=move || !ticks.with(BTreeSet::is_empty)
                fallback=move || view! { <div class="foot"><span>"as of 14:31"</span><Pager total=total page=page per_page=Signal::stored(100u32) on_page=move |to| page.set(to) /></div> }
            >
                <SelectionBar count=Signal::derive(move || ticks.with(BTreeSet::len)) total=total whole=RwSignal::new(false) on_clear=move |()| ticks.update(BTreeSet::clear)>
                    <Button label="Edit" icon="edit" keys="E" />
                    <Button label="Delete" icon="trash" look=Look::Danger />
                </SelectionBar>
            </Show>
        </div>
    }
}

fn menu() -> Vec<Entry> {
    vec![
        Item::new("Export").icon("export").note("CSV").into(),
        Item::new("Documentation").icon("book").goes("#").into(),
        Entry::Rule,
        Item::new("Cannot now").icon("lock").unable("Another push is running").into(),
        Item::new("Delete").icon("trash").danger().does(|()| {}).into(),
    ]
}

#[component]
fn FormPart(of: &'static ObjectType) -> impl IntoView {
    let form = Form::edit(made_up(of, 7));
    let toasts = Toasts::get();
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if form.check() {
            toasts.done("Saved");
        }
    };
    view! {
        <form class="page" novalidate=true on:submit=save>
            <div class="head"><h1>"Edit " {of.name}</h1></div>
            <Rail rail=move || view! { <ProblemList form=form /> <Section title="What will be sent"><pre class="small pre">{move || { form.is_changed(); serde_json::to_string_pretty(&form.to_edit()).unwrap_or_default() }}</pre></Section> }>
                <FormFields form=form />
            </Rail>
            <div class="foot form"><Button label="Save" submit=true look=Look::Primary keys="Ctrl S" /><Button label="Cancel" look=Look::Ghost keys="Esc" /></div>
        </form>
    }
}

#[component]
fn FactsPart(of: &'static ObjectType, names: Names) -> impl IntoView {
    let record = made_up(of, 7);
    let rail = move || view! { <Section title="Now" end=|| "polled 1 min ago"><WasNow changes=changes() /></Section> <Section title="Tags"><span class="tag">"core"</span></Section> };
    view! {
        <div class="page">
            <div class="head"><h1>"Alder Fibre at Northgate IX"</h1></div>
            <Rail rail=rail><Facts record=record names=names /></Rail>
        </div>
    }
}

fn changes() -> Vec<FieldChange> {
    vec![
        FieldChange { label: "Maximum prefixes".into(), was: "400".into(), now: "500".into() },
        FieldChange { label: "Comments".into(), was: String::new(), now: "Raised for the new cone.".into() },
    ]
}

#[component]
fn Parts() -> impl IntoView {
    let toasts = Toasts::get();
    let (dialog, confirm) = (RwSignal::new(false), RwSignal::new(false));
    let problem = Problem::new(Label::Conflict, "Somebody else changed it meanwhile.");
    let failed = problem.clone();
    let lines = ["protocols {", "  bgp {", "    a;", "    b;", "    c;", "    d;", "    e;", "    f;"]
        .map(|line| DiffLine::Same(line.to_owned()));
    let mut lines = lines.to_vec();
    lines.extend([
        DiffLine::Removed("    maximum 400;".into()),
        DiffLine::Added("    maximum 500;".into()),
        DiffLine::Same("  }".into()),
    ]);
    let statuses =
        peerage_model::types::IX_SESSION.fields.iter().filter_map(|field| Some((field, field.kind.choices()?)));
    let statuses: Vec<_> = statuses
        .flat_map(|(field, set)| set.iter().filter_map(|choice| status_of(field, &Value::text(choice.code), false)))
        .collect();
    let tones = [Tone::Ok, Tone::Warn, Tone::Bad, Tone::Info, Tone::Plan, Tone::Mute, Tone::Quiet];
    view! {
        <div class="page"><div class="head"><h1>"Parts"</h1></div>
        <div class="scroll">
            <Section title="Buttons">
                <div class="row wrap">
                    <Button label="Plain" /><Button label="Primary" look=Look::Primary keys="C" /><Button label="Ghost" look=Look::Ghost icon="copy" />
                    <Button label="Danger" look=Look::Danger icon="trash" /><Button label="Delete" look=Look::DangerPrimary /><Button label="Off" disabled=true />
                    <Button label="Busy" icon="poll" busy=true /><Button label="Small" small=true /><Button label="Edit" icon="edit" icon_only=true />
                    <Menu label="Actions" worded=true icon="more" look=Look::Plain entries=Signal::derive(menu) />
                    <Button label="Dialog" on_press=move |()| dialog.set(true) /><Button label="Ask" on_press=move |()| confirm.set(true) />
                    <Button label="Toast" on_press=move |()| toasts.done("Saved AS64500") />
                    <Button label="Undo" on_press=move |()| toasts.undoable("Deleted 3 sessions", Callback::new(|()| {})) />
                    <Button label="Fail" on_press=move |()| toasts.failed("AS64500 was not saved", &failed) />
                </div>
            </Section>
            <Section title="States"><div class="row wrap">{statuses}</div>
                <div class="row wrap">{tones.map(|tone| view! { <Status tone=tone word=format!("{tone:?}") soft=true /> })}</div></Section>
            <Section title="Difference" note="of a record"><WasNow changes=changes() /></Section>
            <Section title="Difference" note="of a text" flush=true><TextDiff lines=lines /></Section>
            <ErrorPanel problem=problem retry=|()| {} />
            <Empty icon="session" title="No IX sessions yet" about="A BGP session with a peer over an exchange.">
                <Button label="Add a session" icon="plus" look=Look::Primary /><a class="link" href="#">"Import"</a>
            </Empty>
            <SkeletonTable rows=4 />
        </div></div>
        <Dialog open=dialog title="A dialog" foot=move || view! { <Button label="Done" look=Look::Primary on_press=move |()| dialog.set(false) /> }>
            <p>"What is inside exists only while it is open."</p>
        </Dialog>
        <Confirm open=confirm title="Delete 14 sessions?" body="They stop being rendered at the next push." yes="Delete 14 sessions" danger=true on_yes=move |()| toasts.done("Deleted 14 sessions") />
    }
}
