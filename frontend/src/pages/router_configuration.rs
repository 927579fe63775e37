//! The Configuration tab of a router: what its template makes of its data, rendered in this browser and compared with
//! what the server renders and with the version that is kept; and what it is made from.

mod kept;
mod made_from;

use self::{
    kept::{KeptVersion, use_kept},
    made_from::{MadeFrom, Sources},
};
use crate::{
    data::{Detailed, Fetched, use_detail},
    pages::{
        rendered::{Older, Rendered, RenderedPane},
        studio::{
            self,
            draft::render_of,
            result::TEMPLATE_OF_ROUTER,
            server_check::{self, Asked},
        },
    },
    render_worker::{self, use_preview},
    ui::{Empty, ErrorPanel, LinkButton, Look, SkeletonLines, dom::href, time},
};
use leptos::prelude::*;
use peerage_model::{
    preview::Subject,
    types::{CONFIGURATION, ROUTER},
};

#[component]
pub fn RouterConfiguration(router: i64) -> impl IntoView {
    render_worker::refresh();
    let detail = use_detail(&ROUTER, router);
    let template =
        Memo::new(move |_| detail.data.with(|data| data.as_ref().map(|data| data.record.int(TEMPLATE_OF_ROUTER))));
    move || match template.get() {
        Some(Some(template)) => view! { <OfTemplate router=router detail=detail template=template /> }.into_any(),
        Some(None) => view! { <NoTemplate router=router /> }.into_any(),
        None => match detail.problem.get() {
            Some(problem) => {
                view! { <ErrorPanel problem=problem retry=Callback::new(move |()| detail.reload()) /> }.into_any()
            }
            None => view! { <SkeletonLines /> }.into_any(),
        },
    }
}

#[component]
fn NoTemplate(router: i64) -> impl IntoView {
    let about = "Its configuration is rendered from a configuration template. Choose one in the router's form, or write one in the studio and see this router's configuration while you type.";
    view! {
        <Empty icon="config" title="This router has no configuration template" about=about>
            <LinkButton label="Choose a template" look=Look::Primary href=href(&format!("{}/edit", ROUTER.object_path(router))) />
            <LinkButton label="Write one" icon="plus" href=href(&format!("{}?router={router}", studio::address(&CONFIGURATION, 0))) />
        </Empty>
    }
}

#[component]
fn OfTemplate(router: i64, detail: Fetched<Detailed>, template: i64) -> impl IntoView {
    let opened = time::now();
    let stored = use_detail(&CONFIGURATION, template);
    let record = Signal::derive(move || stored.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let subject = Subject::Router(router);
    let of = subject.clone();
    let preview = use_preview(Signal::derive(move || {
        record.with(|record| record.as_ref().map(|record| render_of(record, of.clone(), opened)))
    }));
    let rendered = Rendered::new(preview, Signal::stored(Some(subject)));
    let shown = rendered.shown;
    let sources = RwSignal::new(None);
    rendered.compare_with_server(move |text| {
        server_check::ask(Asked::Router(router), text, rendered.server, move |rendered| {
            sources.try_set(Some(Sources::of(rendered)));
        });
    });
    let name = move || {
        detail.data.with(|data| data.as_ref().map(|data| data.record.text("name").to_owned()).unwrap_or_default())
    };
    let label = Signal::derive(move || format!("Configuration of {}", name()));
    let file = Signal::derive(move || format!("{}.conf", name()));
    let kept = use_kept(router);
    let changed = kept.changes(shown);
    let studio = format!("{}?router={router}", studio::address(&CONFIGURATION, template));
    let older = Older { text: kept.text, changed };
    view! {
        <div class="split railed rconf">
            <RenderedPane rendered=rendered what="Configuration" label=label file=file studio=studio older=older />
            <aside class="rail" aria-label="Where it comes from">
                <KeptVersion kept=kept changed=changed shown=shown />
                <MadeFrom router=router template=template record=record sources=sources.into() />
            </aside>
        </div>
    }
}
