//! The Configuration tab of a router: what its template makes of its data, rendered in this browser and compared with
//! what the server renders and with the version that is kept; and what it is made from. A template at fault gives no text
//! here, only the fault and the way to the studio.

mod kept;
mod made_from;

use self::{
    kept::{KeptVersion, use_kept},
    made_from::{MadeFrom, Sources},
};
use crate::{
    data::{Detailed, Fetched, use_detail},
    pages::studio::{
        self,
        config_text::ConfigText,
        draft::render_of,
        lines::difference,
        problems::sentence,
        result::{Differences, Figures, TEMPLATE_OF_ROUTER, last_text},
        server_check::{self, ServerBadge, ServerCheck},
    },
    render_worker::{self, Outcome, Preview, use_preview},
    ui::{
        Button, Empty, ErrorPanel, Icon, LinkButton, Look, SkeletonLines, Status, Toasts, copy::to_clipboard,
        diff::TextDiff, dom::href, time,
    },
};
use leptos::prelude::*;
use peerage_model::{
    Tone,
    types::{CONFIGURATION, ROUTER},
};
use std::sync::Arc;
use wasm_bindgen::{JsCast, JsValue};

#[component]
pub fn RouterConfiguration(router: i64) -> impl IntoView {
    render_worker::refresh();
    let detail = use_detail(&ROUTER, router);
    let template =
        Memo::new(move |_| detail.data.with(|data| data.as_ref().map(|data| data.record.int(TEMPLATE_OF_ROUTER))));
    move || match template.get() {
        Some(Some(template)) => view! { <Rendered router=router detail=detail template=template /> }.into_any(),
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
            <LinkButton label="Write one" icon="plus" href=href(&format!("{}?router={router}", studio::address(0))) />
        </Empty>
    }
}

#[component]
fn Rendered(router: i64, detail: Fetched<Detailed>, template: i64) -> impl IntoView {
    let opened = time::now();
    let toasts = Toasts::get();
    let stored = use_detail(&CONFIGURATION, template);
    let record = Signal::derive(move || stored.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let preview = use_preview(Signal::derive(move || {
        record.with(|record| record.as_ref().map(|record| render_of(record, router, opened)))
    }));
    let text = last_text(preview, Signal::stored(Some(router)));
    let shown = Memo::new(move |_| text.with(|text| text.as_ref().map(|text| Arc::<str>::from(text.text.as_str()))));
    let server = RwSignal::new(ServerCheck::NotAsked);
    let sources = RwSignal::new(None);
    Effect::new(move |_| {
        if let Some(Outcome::Done(text)) = preview.outcome.get() {
            server_check::ask(router, text.text.as_str().into(), server, move |rendered| {
                sources.try_set(Some(Sources::of(rendered)));
            });
        } else {
            server.set(ServerCheck::NotAsked);
        }
    });
    let name = move || {
        detail.data.with(|data| data.as_ref().map(|data| data.record.text("name").to_owned()).unwrap_or_default())
    };
    let label = Signal::derive(move || format!("Configuration of {}", name()));
    let nothing = Signal::derive(move || shown.with(Option::is_none));
    let kept = use_kept(router);
    let changed = kept.changes(shown);
    let (at, comparing) = (RwSignal::new(None), RwSignal::new(false));
    let copy = move |()| {
        if let Some(text) = shown.get_untracked() {
            to_clipboard(text.to_string(), toasts);
        }
    };
    let download = move |()| {
        if let Some(text) = shown.get_untracked()
            && save_as(&format!("{}.conf", untrack(name)), &text).is_err()
        {
            toasts.say("The browser does not let this page save files.");
        }
    };
    let body = move || match (preview.outcome.get(), shown.get()) {
        (Some(Outcome::Fault(fault)), _) => {
            let line = fault.line.filter(|_| fault.template.is_empty());
            view! { <Fault message=sentence(&fault) line=line template=template router=router /> }.into_any()
        }
        (_, Some(text)) if comparing.get() && kept.text.with(Option::is_some) => {
            let lines = difference(&kept.text.get().unwrap_or_default(), &text);
            view! { <div class="body" tabindex="0" role="region" aria-label="Difference to the last kept version"><TextDiff lines=lines /></div> }
                .into_any()
        }
        (Some(Outcome::Failed(problem)), None) => {
            view! { <ErrorPanel problem=problem retry=Callback::new(move |()| preview.retry()) /> }.into_any()
        }
        (_, Some(_)) => {
            let text = Signal::derive(move || shown.get().unwrap_or_default());
            view! { <ConfigText text=text changes=changed at=at label=label /> }.into_any()
        }
        (_, None) => view! { <SkeletonLines lines=14 /> }.into_any(),
    };
    view! {
        <div class="split railed rconf">
            <section class="pane" aria-label="Configuration">
                <div class="phead">
                    <Figures preview=preview text=text />
                    <ServerBadge check=server />
                    <span class="end">
                        <Show when=move || kept.text.with(Option::is_some)>
                            <Differences changed=changed at=at comparing=comparing against="Compare with the last kept version" />
                        </Show>
                        <Button label="Copy" icon="copy" small=true disabled=nothing on_press=copy />
                        <Button label="Download" icon="export" small=true disabled=nothing on_press=download />
                    </span>
                </div>
                <Withheld preview=preview />
                {body}
            </section>
            <aside class="rail" aria-label="Where it comes from">
                <KeptVersion kept=kept changed=changed shown=shown />
                <MadeFrom router=router template=template record=record sources=sources.into() />
            </aside>
        </div>
    }
}

/// Secrets that this reader may not see.
#[component]
fn Withheld(preview: Preview) -> impl IntoView {
    let withheld = move || {
        preview.outcome.with(|outcome| outcome.as_ref().and_then(Outcome::text).is_some_and(|text| text.placeholders))
    };
    view! {
        <Show when=withheld>
            <p class="notice">
                <Status tone=Tone::Warn word="Secrets are left out" />
                "You may not see them, so ******** stands in their place. This text is not for a router."
            </p>
        </Show>
    }
}

#[component]
fn Fault(message: String, line: Option<usize>, template: i64, router: i64) -> impl IntoView {
    let place = line.map(|line| format!(" It is in line {line}.")).unwrap_or_default();
    let to = href(&format!("{}?router={router}", studio::address(template)));
    view! {
        <section class="errbox" role="alert" data-testid="fault">
            <Icon name="error" />
            <h2>"The template is at fault, so there is no configuration"</h2>
            <p>{message}{place}</p>
            <div class="next"><LinkButton label="Mend it in the studio" icon="code" look=Look::Primary href=to /></div>
        </section>
    }
}

/// Saves a text as a file.
fn save_as(name: &str, text: &str) -> Result<(), JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}
