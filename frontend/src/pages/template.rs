//! What the page of a configuration template shows besides its fields: its text, and the routers that use it.

use super::{
    list::rows_of,
    studio::{config_text::ConfigText, result::TEMPLATE_OF_ROUTER},
};
use crate::{
    data::{place::Place, use_list},
    ui::{Section, dom::href, pager::grouped, status::status_of},
};
use leptos::prelude::*;
use peerage_model::{Record, query::ListRequest, types::ROUTER};
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
