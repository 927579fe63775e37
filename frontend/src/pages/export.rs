//! What a list shows, as a file: CSV of the columns in words, JSON or YAML of their values, which can be imported again
//! ([`spelling`]), made in the browser by code that comes when it is wanted; or whatever an export template makes of it, rendered
//! by the server over the rows that are ticked, else over all that match.

use super::list::rows_of;
use super::parts;
use crate::{
    data::{Session, api, use_list},
    ui::{Column, Entry, Item, Names, Toasts, pager::grouped},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::rendering::{Shown, render_export};
use peerage_model::{
    ObjectType, Problem, Record,
    filter::Path,
    permit::View,
    query::{ListRequest, MOST_PER_PAGE},
    spelling,
    types::{EXPORT_TEMPLATE, EXPORTED},
};
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

#[derive(Clone, Copy, PartialEq)]
pub enum Format {
    Csv,
    Json,
    Yaml,
}

/// The kind of a text that nothing is known of.
pub const TEXT: &str = "text/plain;charset=utf-8";

const FORMATS: [(&str, Format); 3] = [("CSV", Format::Csv), ("JSON", Format::Json), ("YAML", Format::Yaml)];

/// Everything that matches, page after page.
///
/// # Errors
/// The first page's that did not come.
pub async fn all_rows(of: &'static ObjectType, request: ListRequest) -> Result<Vec<Record>, Problem> {
    let mut rows: Vec<Record> = Vec::new();
    let mut request = ListRequest { of: of.key(), page: 1, per_page: MOST_PER_PAGE, ..request };
    loop {
        let listing = api::list(request.clone()).await?;
        let come = listing.rows.len();
        rows.extend(listing.rows);
        if come == 0 || rows.len() as u64 >= listing.total {
            return Ok(rows);
        }
        request.page += 1;
    }
}

/// The lines of the export menu.
pub fn entries(
    of: &'static ObjectType,
    request: Option<ListRequest>,
    columns: Vec<Column>,
    rows: Vec<Record>,
    total: u64,
    names: Names,
) -> Vec<Entry> {
    let toasts = Toasts::get();
    let mut entries = vec![Entry::Head("What is shown")];
    for (label, format) in FORMATS {
        let file = File { of, format, columns: columns.clone(), rows: rows.clone(), names: names.clone() };
        let offer = move |()| {
            let file = file.clone();
            spawn_local(async move { told(toasts, parts::save(Wanted::Rows(file)).await) });
        };
        entries.push(Item::new(label).icon("export").does(offer).into());
    }
    if let Some(request) = request.filter(|_| total > rows.len() as u64) {
        entries.push(Entry::Rule);
        entries.push(Entry::Head("All that match"));
        for (label, format) in FORMATS {
            let (columns, names, request) = (columns.clone(), names.clone(), request.clone());
            let fetch = move |()| {
                let (columns, names, request) = (columns.clone(), names.clone(), request.clone());
                spawn_local(async move {
                    let saved = match all_rows(of, request).await {
                        Ok(rows) => parts::save(Wanted::Rows(File { of, format, columns, rows, names })).await,
                        Err(problem) => Err(problem),
                    };
                    told(toasts, saved);
                });
            };
            entries.push(Item::new(label).note(format!("{} rows", grouped(total))).icon("export").does(fetch).into());
        }
    }
    entries
}

/// The export templates of a type; none of a type that has none. Tracked.
pub fn use_templates(of: &'static ObjectType) -> Signal<Vec<Record>> {
    let session = Session::get();
    let has_any = EXPORTED.iter().any(|exported| exported.code == of.key());
    let wanted = Memo::new(move |_| {
        let there = has_any && session.allows::<View>(&EXPORT_TEMPLATE);
        (there && session.count(&EXPORT_TEMPLATE).is_some_and(|count| count > 0)).then(|| ListRequest {
            filter: format!("content_type:{}", of.key()),
            sort: "name".to_owned(),
            per_page: MOST_PER_PAGE,
            fields: vec!["name".to_owned()],
            ..ListRequest::of(&EXPORT_TEMPLATE)
        })
    });
    let found = use_list(wanted.into());
    Signal::derive(move || rows_of(found))
}

/// The lines of the export menu for a type's templates: over what is ticked, else over all that match.
pub fn through(templates: Vec<Record>, request: ListRequest, total: u64, ticked: &BTreeSet<i64>) -> Vec<Entry> {
    if templates.is_empty() {
        return Vec::new();
    }
    let toasts = Toasts::get();
    let ids: Vec<String> = ticked.iter().map(i64::to_string).collect();
    let note = match (ids.len(), total) {
        (0, 1) => "1 row".to_owned(),
        (0, total) => format!("{} rows", grouped(total)),
        (ticked, _) => format!("{ticked} ticked"),
    };
    let filter = if ids.is_empty() { request.filter } else { format!("id:{}", ids.join(",")) };
    let shown = Shown { filter, sort: request.sort };
    let line = |template: Record| {
        let through =
            Through { template: template.id, name: template.text("name").to_owned(), shown: shown.clone(), toasts };
        let render = move |()| {
            let through = through.clone();
            spawn_local(async move { told(toasts, parts::save(Wanted::Text(through)).await) });
        };
        Entry::from(Item::new(template.text("name")).note(note.clone()).icon("file").does(render))
    };
    [Entry::Rule, Entry::Head("Through a template")].into_iter().chain(templates.into_iter().map(line)).collect()
}

fn told(toasts: Toasts, saved: Result<(), Problem>) {
    if let Err(problem) = saved {
        toasts.failed("The export did not work", &problem);
    }
}

/// What is to be saved.
pub enum Wanted {
    Rows(File),
    Text(Through),
}

impl Wanted {
    /// Gives it to the browser.
    pub fn save(self) {
        match self {
            Self::Rows(file) => file.save(),
            Self::Text(through) => spawn_local(through.save()),
        }
    }
}

/// Rows, and the template that makes a text of them.
#[derive(Clone)]
pub struct Through {
    template: i64,
    name: String,
    shown: Shown,
    toasts: Toasts,
}

impl Through {
    async fn save(self) {
        let Self { template, name, shown, toasts } = self;
        match api::ask(render_export(template, Some(shown))).await {
            Ok(rendered) => {
                // as for rows
                let _ = offer(&file_name(&name), &rendered.text, TEXT);
                if rendered.has_placeholders {
                    toasts.say("You may not see secrets, so ******** stands for them in the file.");
                }
            }
            Err(problem) => toasts.failed(format!("{name} exports nothing"), &problem),
        }
    }
}

/// What the text of a template is saved as: its name, if that looks like the name of a file.
pub fn file_name(template: &str) -> String {
    let named = template.rsplit_once('.').is_some_and(|(name, end)| {
        !name.is_empty() && (1..=5).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if named { template.to_owned() } else { format!("{template}.txt") }
}

/// Rows in the form of a file.
#[derive(Clone)]
pub struct File {
    of: &'static ObjectType,
    format: Format,
    columns: Vec<Column>,
    rows: Vec<Record>,
    names: Names,
}

impl File {
    fn save(self) {
        let Self { of, format, columns, rows, names } = self;
        let columns: Vec<Path> = columns.into_iter().filter_map(|column| column.path).collect();
        let (text, kind, end) = match format {
            Format::Csv => (spelling::to_csv(&columns, &rows, names.lookup()), "text/csv;charset=utf-8", "csv"),
            Format::Json => {
                let rows = spelling::to_json(&columns, &rows, names.lookup());
                (serde_json::to_string_pretty(&rows).unwrap_or_default(), "application/json", "json")
            }
            Format::Yaml => (spelling::to_yaml(&columns, &rows, names.lookup()), "application/yaml", "yaml"),
        };
        // fails only where there is no document
        let _ = offer(&format!("{}.{end}", of.path), &text, kind);
    }
}

/// Gives a text to the browser to be saved as a file.
pub fn offer(name: &str, text: &str, kind: &str) -> Result<(), wasm_bindgen::JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}
