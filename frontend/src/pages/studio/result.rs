//! The right pane of the studio: the configuration of one router, or the export, as the template would make it now, what
//! changed against the template as it is stored, and who it is for. While a template is at fault the last good text stays, greyed: an
//! error is never shown as if it were a configuration.

use super::{
    config_text::ConfigText,
    draft::Draft,
    lines::{Change, changes, difference},
    server_check::{ServerBadge, ServerCheck},
};
use crate::{
    data::{Session, api, undo},
    render_worker::{Outcome, Preview},
    ui::{
        Button, Empty, Entry, Icon, Item, LinkButton, Look, Menu, Status, Toasts, copy::to_clipboard, diff::TextDiff,
        dom::href,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_model::{
    Record, Tone, Value, permit,
    preview::{Subject, Text},
    registry,
    types::{CONFIGURATION, EXPORT_TEMPLATE, ROUTER},
    wire::Edit,
};
use std::sync::Arc;

/// The field by which a router says which template it uses.
pub const TEMPLATE_OF_ROUTER: &str = "configuration_template";

/// Everything that the pane shows.
#[derive(Clone, Copy)]
pub struct Scene {
    pub draft: Draft,
    /// All routers; none: not known yet, or it is for none.
    pub routers: Signal<Option<Vec<Record>>>,
    /// The router whose configuration is shown.
    pub router: Signal<Option<i64>>,
    pub choose: Callback<i64>,
    /// What the template as it is typed is rendered for.
    pub subject: Signal<Option<Subject>>,
    /// The template as it is typed, and as it is stored.
    pub now: Preview,
    pub before: Preview,
    pub server: RwSignal<ServerCheck>,
}

impl Scene {
    /// How many routers use a template; tracked.
    pub fn users(self, template: i64) -> usize {
        let uses = |router: &&Record| template != 0 && router.int(TEMPLATE_OF_ROUTER) == Some(template);
        self.routers.with(|routers| routers.iter().flatten().filter(uses).count())
    }

    /// What the result is of: the name of the router that is shown, or the type that is exported. Tracked.
    pub fn name(self) -> Option<String> {
        let id = match self.subject.get()? {
            Subject::Router(id) => id,
            Subject::Export(of) => return registry::get(&of).ok().map(|of| of.plural.to_owned()),
        };
        let is_it = |router: &&Record| router.id == id;
        self.routers.with(|routers| Some(routers.as_ref()?.iter().find(is_it)?.text("name").to_owned()))
    }
}

/// The newest text that came out, also while the template is at fault since.
pub fn last_text(preview: Preview, subject: Signal<Option<Subject>>) -> Signal<Option<Arc<Text>>> {
    let last = Memo::new(move |before: Option<&(Option<Subject>, Option<Arc<Text>>)>| {
        let subject = subject.get();
        let kept = || before.filter(|(of, _)| *of == subject).and_then(|(_, text)| text.clone());
        let text = preview.outcome.with(|outcome| outcome.as_ref().and_then(Outcome::text).cloned());
        let text = text.or_else(kept);
        (subject, text)
    });
    Signal::derive(move || last.with(|(_, text)| text.clone()))
}

#[component]
pub fn ResultPane(scene: Scene) -> impl IntoView {
    let Scene { draft, routers, subject, now, before, server, .. } = scene;
    let toasts = Toasts::get();
    let text = last_text(now, subject);
    let shown = Memo::new(move |_| text.with(|text| text.as_ref().map(|text| Arc::<str>::from(text.text.as_str()))));
    let baseline = last_text(before, subject);
    let changed = Memo::new(move |_| match (shown.get(), baseline.get()) {
        (Some(new), Some(old)) => changes(&old.text, &new),
        _ => Vec::new(),
    });
    let at = RwSignal::new(None::<usize>);
    let comparing = RwSignal::new(false);
    let stale = Signal::derive(move || {
        now.outcome.with(|outcome| outcome.as_ref().is_some_and(|outcome| outcome.text().is_none()))
    });
    let copy = move |()| {
        if let Some(text) = shown.get_untracked() {
            to_clipboard(text.to_string(), toasts);
        }
    };
    let body = move || {
        if routers.with(|routers| routers.as_ref().is_some_and(Vec::is_empty)) {
            return no_router().into_any();
        }
        if draft.of.is(&EXPORT_TEMPLATE) && subject.with(Option::is_none) {
            return view! { <div class="body"><Empty icon="export" title="Nothing is exported yet" about="Choose what the template exports: it finds these objects in dataset." /></div> }.into_any();
        }
        if comparing.get() {
            let (Some(new), Some(old)) = (shown.get(), baseline.get()) else {
                return view! { <Empty slim=true title="There is nothing to compare with yet" about="Save the template once; then what you change shows here." /> }.into_any();
            };
            let lines = difference(&old.text, &new);
            return view! { <div class="body" tabindex="0" role="region" aria-label="Difference to the last saved template"><TextDiff lines=lines /></div> }.into_any();
        }
        let text = Signal::derive(move || shown.get().unwrap_or_default());
        let label = Signal::derive(move || format!("Result for {}", scene.name().unwrap_or_default()));
        view! { <ConfigText text=text changes=changed at=at label=label stale=stale /> }.into_any()
    };
    view! {
        <section class="pane" aria-label="Result">
            <div class="phead">
                {if draft.of.is(&EXPORT_TEMPLATE) {
                    view! { <b>"Result"</b> <span>{move || scene.name()}</span> }.into_any()
                } else {
                    view! { <RouterPicker scene=scene /> <AssignMenu scene=scene /> }.into_any()
                }}
                <span class="end">
                    <Differences changed=changed at=at comparing=comparing against="Compare with the saved template" />
                    <Button label="Copy result" icon="copy" icon_only=true small=true look=Look::Ghost on_press=copy />
                </span>
            </div>
            {body}
            <div class="foot slim">
                <Figures preview=now text=text />
                <span class="end"><ServerBadge check=server /></span>
            </div>
        </section>
    }
}

/// How much two texts differ, the way to each place, and the button that shows nothing else.
#[component]
pub fn Differences(
    changed: Memo<Vec<Change>>,
    at: RwSignal<Option<usize>>,
    comparing: RwSignal<bool>,
    against: &'static str,
) -> impl IntoView {
    let none = Signal::derive(move || changed.with(Vec::is_empty));
    let next = move |()| {
        let count = changed.with_untracked(Vec::len);
        if count > 0 {
            at.update(|at| *at = Some(at.map_or(0, |at| (at + 1) % count)));
        }
    };
    view! {
        <span data-testid="changed-lines">{move || words_for(&changed.get())}</span>
        <Button label="Next change" icon="down" icon_only=true small=true look=Look::Ghost disabled=none on_press=next />
        <Button label=against icon="diff" icon_only=true small=true look=Look::Ghost pressed=Signal::from(comparing) on_press=move |()| comparing.update(|on| *on = !*on) />
    }
}

fn words_for(changes: &[Change]) -> String {
    let lines: usize = changes.iter().map(|change| change.lines.max(change.gone)).sum();
    match lines {
        0 => String::new(),
        1 => "1 line changed".to_owned(),
        many => format!("{many} lines changed"),
    }
}

fn no_router() -> impl IntoView {
    view! {
        <div class="body">
            <Empty icon="router" title="No router yet" about="A template is rendered for a router: its sessions, exchanges and addresses are what the template walks over.">
                <LinkButton label="Add a router" icon="plus" look=Look::Primary href=href(&format!("{}/new", ROUTER.list_path())) />
            </Empty>
        </div>
    }
}

/// 'Rendered in 11 ms, 3 passes', or why not.
#[component]
pub fn Figures(preview: Preview, #[prop(into)] text: Signal<Option<Arc<Text>>>) -> impl IntoView {
    let state = move || match preview.outcome.get() {
        Some(Outcome::Done(text)) => {
            let passes = if text.passes == 1 { "1 pass".to_owned() } else { format!("{} passes", text.passes) };
            let words = format!("Rendered in {} ms, {passes}", milliseconds(text.milliseconds));
            if text.placeholders {
                view! {
                    <span title="You may not see secrets, so ******** stands for them. Do not use this text as it is.">
                        <Status tone=Tone::Warn word=format!("{words}, secrets left out") />
                    </span>
                }
                .into_any()
            } else {
                view! { <Status tone=Tone::Ok word=words /> }.into_any()
            }
        }
        Some(Outcome::Fault(_)) => view! { <Status tone=Tone::Bad word="Not rendered: see the problems" /> }.into_any(),
        Some(Outcome::Failed(problem)) => view! {
            <Status tone=Tone::Bad word=problem.message />
            <Button label="Try again" icon="poll" small=true look=Look::Ghost on_press=move |()| preview.retry() />
        }
        .into_any(),
        None if preview.busy.get() => view! { <span class="t3">"Rendering…"</span> }.into_any(),
        None => ().into_any(),
    };
    let size = move || {
        text.with(|text| {
            text.as_ref().map(|text| {
                let lines = crate::ui::pager::grouped(text.text.lines().count() as u64);
                format!("{lines} lines")
            })
        })
    };
    view! {
        <span data-testid="render-state">{state}</span>
        <span>{size}</span>
    }
}

fn milliseconds(time: f64) -> String {
    if time < 10.0 { format!("{time:.1}") } else { format!("{time:.0}") }
}

#[component]
fn RouterPicker(scene: Scene) -> impl IntoView {
    let Scene { draft, routers, router, choose, .. } = scene;
    let options = move || {
        let own = draft.id();
        let routers = routers.get().unwrap_or_default();
        let uses = |router: &&Record| own != 0 && router.int(TEMPLATE_OF_ROUTER) == Some(own);
        let option = move |known: &Record| {
            let (id, name) = (known.id, known.text("name").to_owned());
            view! { <option value=id.to_string() selected=move || router.get() == Some(id)>{name}</option> }
        };
        let users: Vec<_> = routers.iter().filter(uses).map(option).collect();
        let others: Vec<_> = routers.iter().filter(|router| !uses(router)).map(option).collect();
        if users.is_empty() {
            return others.into_any();
        }
        view! {
            <optgroup label="Use this template">{users}</optgroup>
            {(!others.is_empty()).then(|| view! { <optgroup label="Others">{others}</optgroup> })}
        }
        .into_any()
    };
    view! {
        <label class="pick">
            <span class="k">"Router"</span>
            <select
                prop:value=move || router.get().map(|id| id.to_string()).unwrap_or_default()
                on:change=move |event| if let Ok(id) = event_target_value(&event).parse() { choose.run(id) }
            >
                {options}
            </select>
            <Icon name="down" size=12 />
        </label>
    }
}

/// Says for which routers the template is.
#[component]
fn AssignMenu(scene: Scene) -> impl IntoView {
    let Scene { draft, routers, .. } = scene;
    let toasts = Toasts::get();
    let entries = Signal::derive(move || {
        let own = draft.id();
        let mut entries = vec![Entry::Head("Routers that use this template")];
        for router in routers.get().unwrap_or_default() {
            let now = router.int(TEMPLATE_OF_ROUTER);
            let item = Item::new(router.text("name"))
                .checked(now == Some(own))
                .note(if now.is_some() && now != Some(own) { "another" } else { "" });
            let to = if now == Some(own) { Value::Null } else { Value::Int(own) };
            entries.push(if own == 0 {
                item.unable("Save the template first.").into()
            } else {
                item.does(move |()| assign(router.clone(), to.clone(), toasts)).into()
            });
        }
        entries
    });
    let may = move || {
        Session::get().may::<permit::Change>(&ROUTER)
            && routers.with(|routers| routers.as_ref().is_some_and(|routers| !routers.is_empty()))
    };
    view! {
        <Show when=may>
            <Menu label="Assign…" icon="router" worded=true small=true entries=entries />
        </Show>
    }
}

/// Writes which template a router uses; can be taken back.
fn assign(router: Record, to: Value, toasts: Toasts) {
    let Some(field) = ROUTER.field(TEMPLATE_OF_ROUTER) else { return };
    spawn_local(async move {
        let fields = [(TEMPLATE_OF_ROUTER.to_owned(), field.kind.to_json(&to))].into_iter().collect();
        let edit = Edit { of: ROUTER.key(), id: router.id, version: router.version, fields, insist: false };
        let name = router.text("name").to_owned();
        match api::save(&ROUTER, edit).await {
            Ok((_, request)) => {
                let words = if to.is_null() {
                    format!("{name} uses no template now")
                } else {
                    format!("{name} uses this {} now", CONFIGURATION.name.to_lowercase())
                };
                undo::done(toasts, words, request);
            }
            Err(problem) => toasts.failed(format!("{name} was not changed"), &problem),
        }
    });
}
