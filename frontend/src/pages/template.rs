//! What the page of a template shows besides its fields: its text; the routers that use it; what it exports.

use super::{
    export::file_name,
    list::rows_of,
    rendered::{Rendered, RenderedPane},
    studio::{
        self,
        config_text::ConfigText,
        draft::{render_of, subject_of},
        result::TEMPLATE_OF_ROUTER,
        server_check::{self, Asked},
    },
};
use crate::{
    data::{place::Place, use_detail, use_list},
    render_worker::{self, use_preview},
    ui::{Section, dom::href, pager::grouped, status::status_of, time},
};
use leptos::prelude::*;
use peerage_model::{
    Record,
    query::ListRequest,
    types::{EXPORT_TEMPLATE, ROUTER},
};
use std::sync::Arc;

/// Routers that are named; the tab has all of them.
const SHOWN: u32 = 12;

/// The text, to be read.
#[component]
pub fn TemplateText(record: Record) -> impl IntoView {
    let text: Arc<str> = record.text("template").into();
    let lines = text.lines().count();
    let note = format!("{} {}", grouped(lines as u64), if lines == 1 { "line" } else { "lines" });
    view! {
        <Section title="Text" note=note flush=true>
            <ConfigText text=Signal::stored(text) label="Text of the template".to_owned() />
        </Section>
    }
}

/// What an export template makes of all objects of its type, now.
#[component]
pub fn Exported(id: i64) -> impl IntoView {
    render_worker::refresh();
    let opened = time::now();
    let detail = use_detail(&EXPORT_TEMPLATE, id);
    let record = move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone()));
    let subject = Memo::new(move |_| subject_of(&record()?, None));
    let preview = use_preview(Signal::derive(move || Some(render_of(&record()?, subject.get()?, opened))));
    let rendered = Rendered::new(preview, subject.into());
    rendered.compare_with_server(move |text| server_check::ask(Asked::Export(id), text, rendered.server, |_| ()));
    let name = Signal::derive(move || record().map(|record| record.text("name").to_owned()).unwrap_or_default());
    let file = Signal::derive(move || file_name(&name.get()));
    let studio = studio::address(&EXPORT_TEMPLATE, id);
    view! { <RenderedPane rendered=rendered what="Export" label=name file=file studio=studio /> }
}

/// The routers whose configuration it writes.
#[component]
pub fn UsedBy(template: i64) -> impl IntoView {
    let found = use_list(Signal::stored(Some(ListRequest {
        filter: format!("{TEMPLATE_OF_ROUTER}:{template}"),
        sort: "name".to_owned(),
        per_page: SHOWN,
        fields: ["name", "status"].map(str::to_owned).to_vec(),
        ..ListRequest::of(&ROUTER)
    })));
    let all = Place::here().tab(&format!("{}.{TEMPLATE_OF_ROUTER}", ROUTER.path));
    let note = Signal::derive(move || {
        let total = found.data.with(|data| data.as_ref().map(|data| data.total).unwrap_or_default());
        if total == 0 { String::new() } else { grouped(total) }
    });
    let body = move || {
        let rows = rows_of(found);
        if rows.is_empty() {
            let none = found.data.with(Option::is_some);
            return none.then(|| view! { <p class="small t3">"No router uses it."</p> }.into_any());
        }
        let more = found.data.with(|data| data.as_ref().is_some_and(|data| data.total > u64::from(SHOWN)));
        let line = |router: Record| {
            let state = ROUTER.field("status").and_then(|field| status_of(field, router.get("status"), false));
            let to = href(&format!("{}?tab=configuration", ROUTER.object_path(router.id)));
            view! { <li><a class="link" href=to>{router.text("name").to_owned()}</a> <span>{state}</span></li> }
        };
        Some(
            view! {
                <ul class="log">{rows.into_iter().map(line).collect::<Vec<_>>()}</ul>
                {more.then(|| view! { <p class="small"><a class="link" href=all.clone()>"All of them"</a></p> })}
            }
            .into_any(),
        )
    };
    view! { <Section title="Used by routers" note=note>{body}</Section> }
}
