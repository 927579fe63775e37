//! What a list shows, as a file: CSV of the columns in words, JSON or YAML of their values, which can be imported again
//! ([`spelling`]). Made in the browser, by code that comes when it is wanted.

use super::parts;
use crate::{
    data::api,
    ui::{Column, Entry, Item, Names, Toasts, pager::grouped},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_model::{
    ObjectType, Problem, Record,
    filter::Path,
    query::{ListRequest, MOST_PER_PAGE},
    spelling,
};
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

#[derive(Clone, Copy, PartialEq)]
pub enum Format {
    Csv,
    Json,
    Yaml,
}

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
            spawn_local(async move { told(toasts, parts::save(file).await) });
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
                        Ok(rows) => parts::save(File { of, format, columns, rows, names }).await,
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

fn told(toasts: Toasts, saved: Result<(), Problem>) {
    if let Err(problem) = saved {
        toasts.failed("The export did not work", &problem);
    }
}

/// What is to be written.
#[derive(Clone)]
pub struct File {
    of: &'static ObjectType,
    format: Format,
    columns: Vec<Column>,
    rows: Vec<Record>,
    names: Names,
}

impl File {
    /// Gives it to the browser.
    pub fn save(self) {
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
fn offer(name: &str, text: &str, kind: &str) -> Result<(), wasm_bindgen::JsValue> {
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
