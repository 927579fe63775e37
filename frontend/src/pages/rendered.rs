//! The pane with the text that a stored template makes, rendered in this browser: to be read, copied, saved, and compared with
//! an older one where there is one. A template at fault gives no text, only the fault and the way to the studio.

use super::{
    export::{TEXT, offer},
    studio::{
        config_text::ConfigText,
        lines::{Change, difference},
        problems::sentence,
        result::{Differences, Figures, last_text},
        server_check::{ServerBadge, ServerCheck},
    },
};
use crate::{
    render_worker::{Outcome, Preview},
    ui::{
        Button, ErrorPanel, Icon, LinkButton, Look, SkeletonLines, Status, Toasts, copy::to_clipboard, diff::TextDiff,
        dom::href,
    },
};
use leptos::prelude::*;
use peerage_model::{
    Tone,
    preview::{Fault, Subject, Text},
};
use std::sync::Arc;

/// A text of a stored template.
#[derive(Clone, Copy)]
pub struct Rendered {
    pub preview: Preview,
    /// The newest that came out.
    text: Signal<Option<Arc<Text>>>,
    pub shown: Memo<Option<Arc<str>>>,
    pub server: RwSignal<ServerCheck>,
}

impl Rendered {
    pub fn new(preview: Preview, subject: Signal<Option<Subject>>) -> Self {
        let text = last_text(preview, subject);
        let shown =
            Memo::new(move |_| text.with(|text| text.as_ref().map(|text| Arc::<str>::from(text.text.as_str()))));
        Self { preview, text, shown, server: RwSignal::new(ServerCheck::NotAsked) }
    }

    /// Has the server asked (`ask`) for its own whenever a text came out.
    pub fn compare_with_server(self, ask: impl Fn(Arc<str>) + 'static) {
        Effect::new(move |_| {
            if let Some(Outcome::Done(text)) = self.preview.outcome.get() {
                ask(text.text.as_str().into());
            } else {
                self.server.set(ServerCheck::NotAsked);
            }
        });
    }
}

/// An older text, and where this one differs from it.
#[derive(Clone, Copy)]
pub struct Older {
    pub text: Memo<Option<Arc<str>>>,
    pub changed: Memo<Vec<Change>>,
}

#[component]
pub fn RenderedPane(
    rendered: Rendered,
    /// What the text is: “Configuration”.
    what: &'static str,
    /// And of what: “Configuration of edge-1”.
    #[prop(into)]
    label: Signal<String>,
    /// What it is saved as.
    #[prop(into)]
    file: Signal<String>,
    /// Where the template is mended.
    studio: String,
    #[prop(optional)] older: Option<Older>,
) -> impl IntoView {
    let Rendered { preview, text, shown, server } = rendered;
    let toasts = Toasts::get();
    let nothing = Signal::derive(move || shown.with(Option::is_none));
    let (at, comparing) = (RwSignal::new(None), RwSignal::new(false));
    let copy = move |()| {
        if let Some(text) = shown.get_untracked() {
            to_clipboard(text.to_string(), toasts);
        }
    };
    let download = move |()| {
        if let Some(text) = shown.get_untracked()
            && offer(&file.get_untracked(), &text, TEXT).is_err()
        {
            toasts.say("The browser does not let this page save files.");
        }
    };
    let before = move || older.and_then(|older| older.text.get()).filter(|_| comparing.get());
    let changed = Signal::derive(move || older.map(|older| older.changed.get()).unwrap_or_default());
    let body = move || match (preview.outcome.get(), shown.get()) {
        (Some(Outcome::Fault(fault)), _) => fault_panel(&fault, what, &studio),
        (Some(Outcome::Failed(problem)), None) => {
            view! { <ErrorPanel problem=problem retry=Callback::new(move |()| preview.retry()) /> }.into_any()
        }
        (_, Some(text)) => match before() {
            Some(before) => {
                let lines = difference(&before, &text);
                view! { <div class="body" tabindex="0" role="region" aria-label="Difference to the last kept version"><TextDiff lines=lines /></div> }
                    .into_any()
            }
            None => {
                let text = Signal::derive(move || shown.get().unwrap_or_default());
                view! { <ConfigText text=text changes=changed at=at label=label /> }.into_any()
            }
        },
        (_, None) => view! { <SkeletonLines lines=14 /> }.into_any(),
    };
    let differences = older.map(|Older { text, changed }| {
        view! {
            <Show when=move || text.with(Option::is_some)>
                <Differences changed=changed at=at comparing=comparing against="Compare with the last kept version" />
            </Show>
        }
    });
    view! {
        <section class="pane" aria-label=what>
            <div class="phead">
                <Figures preview=preview text=text />
                <ServerBadge check=server />
                <span class="end">
                    {differences}
                    <Button label="Copy" icon="copy" small=true disabled=nothing on_press=copy />
                    <Button label="Download" icon="export" small=true disabled=nothing on_press=download />
                </span>
            </div>
            <Withheld preview=preview />
            {body}
        </section>
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
                "You may not see them, so ******** stands in their place. Do not use this text as it is."
            </p>
        </Show>
    }
}

fn fault_panel(fault: &Fault, what: &'static str, studio: &str) -> AnyView {
    let line = fault.line.filter(|_| fault.template.is_empty());
    let place = line.map(|line| format!(" It is in line {line}.")).unwrap_or_default();
    view! {
        <section class="errbox" role="alert" data-testid="fault">
            <Icon name="error" />
            <h2>{format!("The template is at fault, so there is no {}", what.to_lowercase())}</h2>
            <p>{sentence(fault)}{place}</p>
            <div class="next"><LinkButton label="Mend it in the studio" icon="code" look=Look::Primary href=href(studio) /></div>
        </section>
    }
    .into_any()
}
