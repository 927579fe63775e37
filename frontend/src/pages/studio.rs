//! The template studio: the list of templates, the editor, and what the template makes of one router's data, or of all
//! objects that it exports, while one types. Everything is rendered in this browser (`render_worker`); after the first render
//! typing asks the server for nothing. Which router is shown stands in the address bar; what is not saved is kept by [`draft`].

pub mod completion;
pub mod config_text;
pub mod draft;
pub mod editor;
pub mod ink;
pub mod lines;
pub mod problems;
pub mod result;
mod saving;
pub mod server_check;
pub mod starters;

use self::{
    completion::Vocabulary,
    draft::Draft,
    editor::{Editor, EditorField},
    problems::{ProblemsPane, marks},
    result::{ResultPane, Scene, TEMPLATE_OF_ROUTER},
    saving::{BrokenDialog, ConflictDialog, Saving},
    server_check::ServerCheck,
    starters::Starters,
};
use crate::{
    data::{Session, api, place::Place, use_detail, use_list},
    pages::head::Head,
    render_worker::{self, use_preview},
    ui::{
        Button, Clock, Dialog, ErrorPanel, FieldRow, Icon, Keys, LinkButton, Look, Scope, SkeletonLines, Toasts,
        dom::{self, href},
        facts::groups,
        time,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::rendering::template_words;
use peerage_model::{
    ObjectType, Record,
    permit::Change,
    preview::{Subject, Words},
    query::{ListRequest, MOST_PER_PAGE},
    types::{EXPORT_TEMPLATE, ROUTER},
};
use std::sync::Arc;

/// The studio for a stored template, or with number 0 for a new one: of a router's configuration, or of an export.
#[component]
pub fn Studio(of: &'static ObjectType, id: i64) -> impl IntoView {
    render_worker::refresh();
    if id == 0 {
        return view! { <Workbench saved=Record::new(of) newest=Signal::stored(None) /> }.into_any();
    }
    let detail = use_detail(of, id);
    let newest = Signal::derive(move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let there = Memo::new(move |_| newest.with(Option::is_some));
    (move || {
        if there.get()
            && let Some(saved) = newest.get_untracked()
        {
            return view! { <Workbench saved=saved newest=newest /> }.into_any();
        }
        match detail.problem.get() {
            Some(problem) => view! {
                <Head title="Template studio" of=of />
                <ErrorPanel problem=problem retry=Callback::new(move |()| detail.reload()) />
            }
            .into_any(),
            None => view! { <Head title="Template studio" of=of /> <SkeletonLines /> }.into_any(),
        }
    })
    .into_any()
}

fn routers_in_words(count: usize) -> String {
    if count == 1 { "1 router".to_owned() } else { format!("{count} routers") }
}

/// The address of a template's studio; 0: of a new one.
pub fn address(of: &ObjectType, id: i64) -> String {
    if id == 0 { format!("{}/new", of.list_path()) } else { format!("{}/studio", of.object_path(id)) }
}

#[component]
fn Workbench(saved: Record, newest: Signal<Option<Record>>) -> impl IntoView {
    let of = saved.of;
    let draft = Draft::new(saved);
    let place = Place::here();
    let toasts = Toasts::get();
    let opened = time::now();
    if draft.restored {
        toasts.say("What you typed earlier and did not save is back.");
    }
    // a newer version that somebody else saved, while nothing is typed here
    Effect::new(move |_| {
        if let Some(newest) = newest.get()
            && newest.version > draft.saved.with_untracked(|saved| saved.version)
            && !untrack(|| draft.is_changed())
        {
            draft.stored(newest);
        }
    });
    Effect::new(move |_| draft.keep());
    // what was wrong with the source may be mended
    Effect::new(move |_| {
        draft.source.track();
        draft.wrong.set(None);
    });

    let is_export = of.is(&EXPORT_TEMPLATE);
    let all = |of: &ObjectType, fields: &[&str]| ListRequest {
        per_page: MOST_PER_PAGE,
        fields: fields.iter().map(|name| (*name).to_owned()).collect(),
        ..ListRequest::of(of)
    };
    let routers = (!is_export).then(|| all(&ROUTER, &["name", TEMPLATE_OF_ROUTER]));
    let routers = use_list(Signal::stored(routers));
    let routers = Signal::derive(move || routers.data.with(|data| data.as_ref().map(|data| data.rows.clone())));
    let router = Memo::new(move |_| which_router(place, routers, draft.saved.with(|saved| saved.id)));
    let choose = Callback::new(move |id: i64| {
        dom::store("studio.router", &id.to_string());
        place.set(&[("router", &id.to_string())]);
    });
    let subject = Memo::new(move |_| match is_export {
        true => draft.exported().map(Subject::Export),
        false => router.get().map(Subject::Router),
    });
    let now = use_preview(Signal::derive(move || subject.get().map(|subject| draft.render(subject, opened))));
    let before = use_preview(Signal::derive(move || {
        let stored = draft.saved.with(|saved| (saved.id != 0).then(|| saved.clone()))?;
        draft::subject_of(&stored, router.get()).map(|subject| draft::render_of(&stored, subject, opened))
    }));
    let scene = Scene {
        draft,
        routers,
        router: router.into(),
        choose,
        subject: subject.into(),
        now,
        before,
        server: RwSignal::new(ServerCheck::NotAsked),
    };
    // what the server said holds for the text that it was asked about
    Effect::new(move |_| {
        draft.source.track();
        // read, not only tracked: a memo that nobody has read yet tells nobody that it changed
        let _ = subject.get();
        scene.server.set(ServerCheck::NotAsked);
    });

    let saving = Saving::new(scene, place);
    saving.go_on_when_rendered();
    saving.compare_when_rendered(opened);
    let keys = Keys::get();
    keys.bind(Scope::Editor, "Ctrl S", "Save the template", move |()| saving.save());
    let known = RwSignal::new(Arc::new(Words::default()));
    // without them nothing is offered, and everything else works
    spawn_local(async move {
        if let Ok(words) = api::ask(template_words()).await {
            known.try_set(Arc::new(words));
        }
    });
    let words = Memo::new(move |_| match is_export {
        true => Arc::new(completion::of_export(&known.get(), &draft.exported().unwrap_or_default())),
        false => known.get(),
    });
    let templates = use_list(Signal::stored(Some(all(of, &["name"]))));
    let templates = Memo::new(move |_| {
        let rows = templates.data.get().map(|list| list.rows).unwrap_or_default();
        rows.iter().map(|template| (template.id, template.text("name").to_owned())).collect::<Vec<_>>()
    });
    let editor = Editor::default();
    let marks = Signal::derive(move || marks(now, draft));
    keys.bind(Scope::Editor, "F8", "Go to the problem", move |()| {
        if let Some(mark) = marks.with_untracked(|marks| marks.first().cloned()) {
            editor.go_to(mark.line);
        }
    });
    let complete = move |text: String| {
        let names: Vec<String> = templates.with_untracked(|all| all.iter().map(|(_, name)| name.clone()).collect());
        let words = words.get_untracked();
        completion::complete(&text, Vocabulary { words: &words, kind: of.model, templates: &names })
    };
    let size = move || {
        let lines = draft.source.with(|source| source.lines().count());
        format!("Jinja, {lines} {}", if lines == 1 { "line" } else { "lines" })
    };
    let cursor = move || {
        let (line, column) = editor.cursor.get();
        format!("Ln {line}, Col {column}")
    };
    let properties = RwSignal::new(false);
    view! {
        <div class="page">
            <StudioHead scene=scene saving=saving properties=properties />
            <Fields draft=draft />
            <div class="split studio">
                <Tree scene=scene templates=templates words=words />
                <section class="pane" aria-label="Template">
                    <div class="phead">
                        <b>"Template"</b>
                        <span>{size}</span>
                        <span class="end not-phone">{cursor}</span>
                    </div>
                    <Starters draft=draft />
                    <EditorField editor=editor source=draft.source marks=marks complete=complete />
                    <ProblemsPane preview=now draft=draft editor=editor />
                </section>
                <ResultPane scene=scene />
            </div>
        </div>
        <Properties draft=draft open=properties />
        <ConflictDialog saving=saving />
        <BrokenDialog saving=saving />
    }
}

/// The router in the address bar; else the one looked at last if it uses this template, else one that does, else any.
fn which_router(place: Place, routers: Signal<Option<Vec<Record>>>, template: i64) -> Option<i64> {
    let asked = place.get("router").parse::<i64>().ok();
    let last = dom::stored("studio.router").and_then(|id| id.parse::<i64>().ok());
    routers.with(|routers| {
        let routers = routers.as_ref()?;
        let there = |id: &i64| routers.iter().any(|router| router.id == *id);
        let uses = |router: &&Record| template != 0 && router.int(TEMPLATE_OF_ROUTER) == Some(template);
        let users = || routers.iter().filter(uses);
        asked
            .filter(there)
            .or_else(|| last.filter(|id| users().any(|router| router.id == *id)))
            .or_else(|| users().next().map(|router| router.id))
            .or_else(|| last.filter(there))
            .or_else(|| routers.first().map(|router| router.id))
    })
}

// ---- head and fields ----

#[component]
fn StudioHead(scene: Scene, saving: Saving, properties: RwSignal<bool>) -> impl IntoView {
    let draft = scene.draft;
    let of = draft.of;
    let clock = Clock::get();
    let toasts = Toasts::get();
    let title = Signal::derive(move || {
        let name = draft
            .form
            .entry("name")
            .map(|entry| entry.value.with(|name| name.as_text().unwrap_or_default().to_owned()));
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("New {}", of.name.to_lowercase()))
    });
    let count = Signal::derive(move || {
        let edited = draft.saved.with(|saved| saved.get("updated").as_time());
        let edited = edited
            .map_or_else(|| "not saved yet".to_owned(), |at| format!("edited {}", time::ago(at, clock.now().max(at))));
        match scene.users(draft.id()) {
            0 => edited,
            users => format!("{edited}, used by {}", routers_in_words(users)),
        }
    });
    let unchanged = Signal::derive(move || !draft.is_changed());
    let discard = move |()| {
        let typed = untrack(|| draft.record());
        draft.discard();
        toasts.undoable("Discarded what was not saved", Callback::new(move |()| draft.fill(&typed)));
    };
    let may = Signal::derive(move || Session::get().may::<Change>(of));
    let cannot = Signal::derive(move || !may.get() || (unchanged.get() && draft.id() != 0));
    let actions = move || {
        view! {
            <Button label="Discard" icon="undo" look=Look::Ghost disabled=unchanged on_press=discard />
            <Button label="More fields" icon="sliders" on_press=move |()| properties.set(true) />
            <Button label="Save" look=Look::Primary keys="Ctrl S" disabled=cannot busy=saving.busy on_press=move |()| saving.save() />
        }
    };
    let aside = move || {
        move || {
            let id = draft.id();
            (id != 0).then(|| view! { <LinkButton label="Details and changes" icon="info" icon_only=true small=true look=Look::Ghost href=href(&of.object_path(id)) /> })
        }
    };
    view! { <Head title=title of=of count=count aside=aside actions=actions /> }
}

/// The first group of the description: what is wanted at hand.
#[component]
fn Fields(draft: Draft) -> impl IntoView {
    let first = groups(draft.of).into_iter().next().map(|(_, fields)| fields).unwrap_or_default();
    let rows = first
        .into_iter()
        .filter_map(|field| draft.form.entry(field.name))
        .map(|entry| view! { <FieldRow entry=entry stacked=true /> });
    view! { <div class="sfields">{rows.collect::<Vec<_>>()}</div> }
}

/// All other fields.
#[component]
fn Properties(draft: Draft, open: RwSignal<bool>) -> impl IntoView {
    let foot = move || view! { <Button label="Done" look=Look::Primary on_press=move |()| open.set(false) /> };
    view! {
        <Dialog open=open title="More fields" class="dialog wide" foot=foot>
            {groups(draft.of)
                .into_iter()
                .skip(1)
                .flat_map(|(_, fields)| fields)
                .filter_map(|field| draft.form.entry(field.name))
                .map(|entry| view! { <FieldRow entry=entry stacked=true /> })
                .collect::<Vec<_>>()}
        </Dialog>
    }
}

/// The templates, and what the one that is open can name.
#[component]
fn Tree(scene: Scene, templates: Memo<Vec<(i64, String)>>, words: Memo<Arc<Words>>) -> impl IntoView {
    let draft = scene.draft;
    let of = draft.of;
    let links = move || {
        let own = draft.id();
        templates
            .get()
            .into_iter()
            .map(|(id, name)| {
                let current = id == own;
                let dirty = move || if current { draft.is_changed() } else { draft::is_kept(of, id) };
                view! {
                    <a href=href(&address(of, id)) aria-current=current.then_some("page") class:dirty=dirty>
                        <Icon name="file" size=14 />
                        <span>{name}</span>
                        {move || match scene.users(id) {
                            0 => None,
                            count => Some(view! { <em title="Routers that use it">{count}</em> }),
                        }}
                    </a>
                }
            })
            .collect::<Vec<_>>()
    };
    let names =
        Memo::new(move |_| draft.source.with(|source| words.with(|words| completion::variables(source, words))));
    let in_this = move || {
        let names = names.get();
        (!names.is_empty()).then(|| {
            view! {
                <h2>"In this template"</h2>
                <ul class="names">
                    {names
                        .into_iter()
                        .map(|(name, what)| view! { <li><span class="mono">{name}</span><em>{what}</em></li> })
                        .collect::<Vec<_>>()}
                </ul>
            }
        })
    };
    view! {
        <nav class="tree" aria-label="Templates">
            <h2>"Templates"</h2>
            {links}
            <a href=href(&address(of, 0)) aria-current=move || (draft.id() == 0).then_some("page")>
                <Icon name="plus" size=14 />
                <span>"New template"</span>
            </a>
            {in_this}
        </nav>
    }
}
