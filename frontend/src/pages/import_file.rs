//! Objects of any type from a file: chosen, dropped or pasted; what each column goes into can be changed; the server tries it
//! by the very code that does it and says what would become of each row. One press imports everything or nothing, one undo
//! takes it back.
//!
//! The browser only turns bytes into text ([`decoded`]); what a file says is read by the server.

use super::head::Head;
use crate::{
    data::{Tried, api, place::Place, undo, use_trial},
    shell::lower,
    ui::{
        Button, Icon, Keys, LinkButton, Look, Scope, Shape, SkeletonLines, Status, Toasts,
        diff::WasNowLine,
        dom::{self, href},
        pager::grouped,
    },
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use peerage_app::changes::MOST_UNDONE;
use peerage_app::import::{Column, Does, Format, Import, Imported, MOST_ROWS, Row, import_records};
use peerage_model::{
    ObjectType, Tone,
    spelling::{ID, is_said_by_people},
};
use std::{collections::BTreeMap, sync::Arc};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, HtmlInputElement, TextDecoder, TextDecoderOptions};

/// The largest text that a request has room for, escaped.
const LARGEST: usize = 48 << 20;
/// Of the columns of the preview; the last takes what is left.
const WIDTHS: [&str; 4] = ["64px", "120px", "260px", ""];

/// A file as text.
#[derive(Clone, PartialEq)]
struct Loaded {
    name: String,
    text: Arc<str>,
    /// How its bytes were read, where that was a guess.
    guess: &'static str,
}

const FORMATS: [(Format, &str); 3] = [(Format::Csv, "CSV"), (Format::Json, "JSON"), (Format::Yaml, "YAML")];

/// By the name's end, else by what the text begins with.
fn format_of(loaded: &Loaded) -> Format {
    let name = loaded.name.to_ascii_lowercase();
    let begins = loaded.text.trim_start();
    match name.rsplit('.').next() {
        Some("json") => Format::Json,
        Some("yaml" | "yml") => Format::Yaml,
        Some("csv" | "tsv") => Format::Csv,
        _ if begins.starts_with(['[', '{']) => Format::Json,
        _ if begins.starts_with("- ") || begins.starts_with("---") => Format::Yaml,
        _ => Format::Csv,
    }
}

/// Bytes as text: UTF-8 with or without a mark, UTF-16 with one, else what spreadsheets of western Europe write.
fn decoded(bytes: &js_sys::Uint8Array) -> Result<(String, &'static str), JsValue> {
    let mark = |at| if bytes.length() > 1 { bytes.get_index(at) } else { 0 };
    let label = match (mark(0), mark(1)) {
        (0xff, 0xfe) => "utf-16le",
        (0xfe, 0xff) => "utf-16be",
        _ => "utf-8",
    };
    let strict = TextDecoderOptions::new();
    strict.set_fatal(true);
    let read = TextDecoder::new_with_label_and_options(label, &strict)?.decode_with_buffer_source(bytes);
    match read {
        Ok(text) => Ok((text, "")),
        Err(_) => {
            let text = TextDecoder::new_with_label("windows-1252")?.decode_with_buffer_source(bytes)?;
            Ok((text, "It is not UTF-8, so it was read as Windows-1252. Look at letters with accents."))
        }
    }
}

async fn load(file: File) -> Result<Loaded, String> {
    let name = file.name();
    if file.size() > 2.0 * LARGEST as f64 {
        return Err(too_large());
    }
    let unreadable = |_| format!("{name} cannot be read.");
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(unreadable)?;
    let (text, guess) = decoded(&js_sys::Uint8Array::new(&buffer)).map_err(unreadable)?;
    if text.len() > LARGEST { Err(too_large()) } else { Ok(Loaded { name, text: text.into(), guess }) }
}

fn too_large() -> String {
    format!("This file has more than {} MB, too much at once. Cut it into several.", LARGEST >> 20)
}

/// What is to be done, as far as it is said.
#[derive(Clone, Copy)]
struct Draft {
    of: &'static ObjectType,
    file: RwSignal<Option<Loaded>>,
    format: RwSignal<Format>,
    columns: RwSignal<BTreeMap<String, String>>,
    insist: RwSignal<bool>,
}

impl Draft {
    /// Tracked.
    fn import(self, trial: bool) -> Option<Import> {
        let loaded = self.file.get()?;
        Some(Import {
            of: self.of.key(),
            text: loaded.text.to_string(),
            format: self.format.get(),
            columns: self.columns.get(),
            insist: self.insist.get(),
            trial,
        })
    }

    fn begin(self, loaded: Loaded) {
        self.format.set(format_of(&loaded));
        self.columns.set(BTreeMap::new());
        self.insist.set(false);
        self.file.set(Some(loaded));
    }
}

#[component]
pub fn ImportFile(of: &'static ObjectType) -> impl IntoView {
    let draft = Draft {
        of,
        file: RwSignal::new(None),
        format: RwSignal::new(Format::Csv),
        columns: RwSignal::new(BTreeMap::new()),
        insist: RwSignal::new(false),
    };
    let toasts = Toasts::get();
    let place = Place::here();
    let tried = use_trial(move || draft.import(true), |import| api::ask(import_records(import)));
    let busy = RwSignal::new(false);
    let writes = Memo::new(move |_| {
        tried.with(|tried| match tried {
            Some(Ok(done)) if done.wrong == 0 => done.created + done.changed,
            _ => 0,
        })
    });
    let apply = move || {
        if busy.get_untracked() || writes.get_untracked() == 0 {
            return;
        }
        let Some(import) = untrack(|| draft.import(false)) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(import_records(import)).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    api::written(&[of]);
                    let request = done.request.clone().filter(|_| can_be_undone(&done));
                    undo::done(toasts, words(of, &done), request);
                    place.go(&of.list_path());
                }
                Err(problem) => drop(tried.try_set(Some(Err(problem)))),
            }
        });
    };
    Keys::get().bind(Scope::Editor, "Ctrl S", "Import the file", move |()| apply());
    let label = Signal::derive(move || match writes.get() {
        0 => "Import".to_owned(),
        many => format!("Import {}", grouped(many)),
    });
    let body = move || match draft.file.get() {
        None => view! { <Choose draft=draft /> }.into_any(),
        Some(loaded) => view! { <Chosen draft=draft loaded=loaded tried=tried /> }.into_any(),
    };
    view! {
        <div class="page">
            <Head title=format!("Import {}", lower(of.plural)) of=of ruled=true />
            <div class="scroll importing">{body}</div>
            <div class="foot form">
                <Button label=label look=Look::Primary keys="Ctrl S" busy=busy disabled=Signal::derive(move || writes.get() == 0) on_press=move |()| apply() />
                <LinkButton label=of.plural look=Look::Ghost href=href(&of.list_path()) />
            </div>
        </div>
    }
}

/// Whether one press takes it back.
fn can_be_undone(done: &Imported) -> bool {
    done.created + done.changed <= u64::from(MOST_UNDONE)
}

/// '2 tags added, 3 changed'
fn words(of: &ObjectType, done: &Imported) -> String {
    let added =
        format!("{} {} added", grouped(done.created), lower(if done.created == 1 { of.name } else { of.plural }));
    match (done.created, done.changed) {
        (0, changed) => {
            format!("{} {} changed", grouped(changed), lower(if changed == 1 { of.name } else { of.plural }))
        }
        (_, 0) => added,
        (_, changed) => format!("{added}, {} changed", grouped(changed)),
    }
}

/// Before there is a file.
#[component]
fn Choose(draft: Draft) -> impl IntoView {
    let of = draft.of;
    let input = NodeRef::<html::Input>::new();
    let pasted = NodeRef::<html::Textarea>::new();
    let over = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let take = move |file: Option<File>| {
        let Some(file) = file else { return };
        problem.set(None);
        spawn_local(async move {
            match load(file).await {
                Ok(loaded) => draft.begin(loaded),
                Err(why) => drop(problem.try_set(Some(why))),
            }
        });
    };
    let chosen =
        move |event: ev::Event| take(event_target::<HtmlInputElement>(&event).files().and_then(|files| files.get(0)));
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)));
    };
    let open = move |()| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let use_pasted = move |()| {
        let text = pasted.get_untracked().map(|area| area.value()).unwrap_or_default();
        if text.trim().is_empty() {
            problem.set(Some("Nothing is pasted yet.".to_owned()));
        } else if text.len() > LARGEST {
            problem.set(Some(too_large()));
        } else {
            draft.begin(Loaded { name: "pasted text".to_owned(), text: text.into(), guess: "" });
        }
    };
    let fields: Vec<String> = fields_of(of).map(|(name, _)| name).collect();
    let id = dom::fresh_id("pasted");
    view! {
        <div
            class="drop"
            class:over=over
            on:dragover=move |event: DragEvent| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <Icon name="import" size=20 />
            <p class="w5">"Drop a file here"</p>
            <Button label="Choose a file" icon="file" on_press=open />
            <input type="file" hidden accept=".csv,.tsv,.txt,.json,.yaml,.yml" node_ref=input aria-label="File" on:change=chosen />
            <p class="t3 small">
                {format!("CSV, JSON or YAML, up to {} rows. The Export of a list writes such files.", grouped(MOST_ROWS as u64))}
            </p>
        </div>
        <div class="paste">
            <label for=id.clone() class="w5">"Or paste its text"</label>
            <textarea id=id node_ref=pasted rows="5" class="in mono" spellcheck="false" placeholder=example(of)></textarea>
            <Button label="Take the text" icon="paste" on_press=use_pasted />
        </div>
        <p class="is-bad" role="alert">{move || problem.get()}</p>
        <details class="paste">
            <summary>{format!("{} columns that can be imported", fields.len())}</summary>
            <p class="mono small t2">{fields.join(", ")}</p>
            <p class="small t3">
                "Other objects stand by what they are called (AS64500, a slug, a name), or as #12. In a list, separate them with commas. "
                "What is there already is found by its number (id), or by what no two have the same, and is changed; the same file twice changes nothing."
            </p>
        </details>
    }
}

/// A heading and nothing more: how a file begins.
fn example(of: &'static ObjectType) -> String {
    let needed = of.fields.iter().filter(|field| is_said_by_people(field) && field.is_required());
    let names: Vec<&str> = needed.map(|field| field.name).collect();
    names.join(",")
}

/// What a column can go into: name and label.
fn fields_of(of: &'static ObjectType) -> impl Iterator<Item = (String, String)> {
    let id = (ID.to_owned(), "Number (id)".to_owned());
    let fields = of.fields.iter().filter(|field| is_said_by_people(field));
    std::iter::once(id).chain(fields.map(|field| (field.name.to_owned(), field.label())))
}

/// With a file.
#[component]
fn Chosen(draft: Draft, loaded: Loaded, tried: RwSignal<Tried<Imported>>) -> impl IntoView {
    let choose = move |event: ev::Event| {
        let wanted = event_target_value(&event);
        if let Some((format, _)) = FORMATS.iter().find(|(_, name)| *name == wanted) {
            draft.columns.set(BTreeMap::new());
            draft.format.set(*format);
        }
    };
    let options = FORMATS.map(|(format, name)| {
        view! { <option value=name selected=move || draft.format.get() == format>{name}</option> }
    });
    // what is shown stays while a change is tried
    let columns = Memo::new(move |before: Option<&Vec<Column>>| {
        let now = tried.with(|tried| tried.as_ref()?.as_ref().ok().map(|done| done.columns.clone()));
        let kept = || before.cloned().unwrap_or_default();
        now.unwrap_or_else(|| if tried.with(|tried| matches!(tried, Some(Err(_)))) { Vec::new() } else { kept() })
    });
    let warned = Memo::new(move |_| {
        let only = |done: &Imported| done.wrong > 0 && done.problems.iter().all(|problem| problem.warning);
        draft.insist.get() || tried.with(|tried| tried.as_ref().is_some_and(|tried| tried.as_ref().is_ok_and(only)))
    });
    view! {
        <div class="row chosen">
            <Icon name="file" />
            <b class="w5 clip">{loaded.name}</b>
            <span class="in short">
                <select aria-label="Format" on:change=choose>{options.into_iter().collect::<Vec<_>>()}</select>
                <Icon name="down" size=14 class="chev" />
            </span>
            <Button label="Another file" small=true look=Look::Ghost on_press=move |()| draft.file.set(None) />
        </div>
        {(!loaded.guess.is_empty()).then(|| view! { <p class="notice warn" role="status"><Icon name="alert" />{loaded.guess}</p> })}
        <div aria-live="polite">
            {move || match tried.get() {
                None => view! { <SkeletonLines lines=3 /> }.into_any(),
                Some(Err(problem)) => view! { <p class="notice" role="alert"><Status tone=Tone::Bad word="Cannot be imported" />{problem.message}</p> }.into_any(),
                Some(Ok(done)) => view! { <p class="summary">{summary(&done)}</p> }.into_any(),
            }}
        </div>
        <Show when=move || warned.get()>
            <label class="row summary">
                <input type="checkbox" class="tick" prop:checked=draft.insist on:change=move |event| draft.insist.set(event_target_checked(&event)) />
                "These are warnings: import all the same"
            </label>
        </Show>
        <Show when=move || columns.with(|columns| !columns.is_empty())>
            <h2>"Columns"</h2>
            <ul class="mapping">
                {move || columns.get().into_iter().map(|column| {
                    let problem = problem_of(&tried.get_untracked(), &column.heading);
                    view! { <Mapping draft=draft column=column problem=problem /> }
                }).collect::<Vec<_>>()}
            </ul>
        </Show>
        {move || tried.with(|tried| match tried {
            Some(Ok(done)) if !done.first.is_empty() => preview(draft.of, done),
            _ => ().into_any(),
        })}
    }
}

fn problem_of(tried: &Tried<Imported>, heading: &str) -> String {
    let Some(Ok(done)) = tried else { return String::new() };
    let place = format!("columns.{heading}");
    done.problems
        .iter()
        .find(|problem| problem.field == place)
        .map(|problem| problem.message.clone())
        .unwrap_or_default()
}

/// What would become of the file.
fn summary(done: &Imported) -> String {
    let parts = [
        (done.created, "to add"),
        (done.changed, "to change"),
        (done.same, "the same already"),
        (done.refused, "that cannot be imported"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(count)))
        .collect();
    let rest = match done.wrong {
        0 if !can_be_undone(done) => " That is too much to be undone at once.",
        0 => "",
        _ => " Nothing is imported until that is mended.",
    };
    let columns = done.problems.iter().filter(|problem| problem.field.starts_with("columns.")).count();
    let columns = match columns {
        0 => "",
        1 => " A column is not known.",
        _ => " Some columns are not known.",
    };
    format!("{} rows: {}.{columns}{rest}", grouped(done.rows), parts.join(", "))
}

/// What a column goes into.
#[component]
fn Mapping(draft: Draft, column: Column, problem: String) -> impl IntoView {
    let heading = column.heading.clone();
    let change = move |event: ev::Event| {
        let field = event_target_value(&event);
        draft.columns.update(|columns| drop(columns.insert(heading.clone(), field)));
    };
    let now = column.field.clone();
    let options = fields_of(draft.of).map(|(name, label)| {
        let selected = name == now;
        view! { <option value=name selected=selected>{label}</option> }
    });
    let label = format!("Column {} goes into", column.heading);
    let name = if column.heading.is_empty() { "(without a name)".to_owned() } else { column.heading };
    view! {
        <li>
            <span class="mono clip" title=name.clone()>{name.clone()}</span>
            <Icon name="arrow" size=12 class="arrow" />
            <span class="in">
                <select aria-label=label on:change=change aria-invalid=(!problem.is_empty()).then_some("true")>
                    <option value="" selected=now.is_empty()>"Left out"</option>
                    {options.collect::<Vec<_>>()}
                </select>
                <Icon name="down" size=14 class="chev" />
            </span>
            {if problem.is_empty() {
                view! { <span class="small t3">{column.note}</span> }.into_any()
            } else {
                view! { <span class="prob"><Shape tone=Tone::Bad /><span>{problem}</span></span> }.into_any()
            }}
        </li>
    }
}

/// The first rows, and what would become of each.
fn preview(of: &'static ObjectType, done: &Imported) -> AnyView {
    let rows = done.first.iter().map(|row| preview_row(of, row)).collect::<Vec<_>>();
    let shown = done.first.len() as u64;
    let more = (done.created + done.changed + done.refused).saturating_sub(shown);
    view! {
        <h2>"Rows"</h2>
        <table class="tbl stack import rows" aria-label="What would become of the rows">
            <colgroup>{WIDTHS.map(|width| view! { <col style=("width", width) /> })}</colgroup>
            <thead>
                <tr>
                    <th scope="col" class="num">"Row"</th>
                    <th scope="col">"Becomes"</th>
                    <th scope="col">{of.name}</th>
                    <th scope="col">"Fields"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="small t3 summary">{format!("and {} more", grouped(more))}</p> })}
    }
    .into_any()
}

fn preview_row(of: &'static ObjectType, row: &Row) -> AnyView {
    let (tone, word) = match row.does {
        Does::Create => (Tone::Info, "new"),
        Does::Change => (Tone::Plan, "changed"),
        Does::Refused => (Tone::Bad, "refused"),
    };
    let called = |field: &str| of.field(field).map_or_else(|| field.to_owned(), peerage_model::Field::label);
    let problems = row.problems.iter().map(|problem| {
        let place = if problem.field.is_empty() { String::new() } else { format!("{}: ", called(&problem.field)) };
        let tone = if problem.warning { Tone::Warn } else { Tone::Bad };
        view! { <p class="prob" class:warn=problem.warning><Shape tone=tone /><span>{place}{problem.message.clone()}</span></p> }
    });
    let change = row.id > 0;
    let cells = row.cells.iter().map(|cell| {
        let label = called(&cell.field);
        if change {
            view! { <p class="small"><span class="t3">{label} ": "</span><WasNowLine was=cell.before.clone() now=cell.after.clone() /></p> }.into_any()
        } else {
            view! { <p class="small clip"><span class="t3">{label} ": "</span>{cell.after.clone()}</p> }.into_any()
        }
    });
    let name = match row.id {
        0 => view! { <span class="name">{row.label.clone()}</span> }.into_any(),
        id => view! { <a class="link name" href=href(&of.object_path(id))>{row.label.clone()}</a> }.into_any(),
    };
    view! {
        <tr>
            <td class="num m1">{grouped(row.row + 1)}</td>
            <td class="m3"><Status tone=tone word=word /></td>
            <th scope="row" class="m2 wrapped">{name}</th>
            <td class="whole wrapped">{problems.collect::<Vec<_>>()}{cells.collect::<Vec<_>>()}</td>
        </tr>
    }
    .into_any()
}
