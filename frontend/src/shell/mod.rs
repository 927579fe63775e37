//! The frame of every page: brand, navigation, bar above with the way here, search, colours and the person. It stays
//! while pages change inside it; a page tells it its title through [`Frame`], by drawing its
//! [`Head`](crate::pages::head::Head).

mod jobs;
mod navigation;
mod search;

pub use navigation::{lower, section_of};

use crate::{
    app::Page,
    data::{Session, undo, use_list},
    pages::list::{a_few, rows_of},
    ui::{Button, Entry, Icon, Item, Keys, Look, Menu, Scope, ThemeMenu, Toasts, dom, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_model::{Record, permit::View, types};
use std::time::Duration;

/// A step of the way here: its words, and where it leads if it is not the page itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub path: Option<String>,
}

impl Crumb {
    pub fn new(label: impl Into<String>, path: impl Into<Option<String>>) -> Self {
        Self { label: label.into(), path: path.into() }
    }
}

/// What a page tells the frame.
#[derive(Clone, Copy)]
pub struct Frame {
    pub crumbs: RwSignal<Vec<Crumb>>,
}

impl Frame {
    pub fn provide() {
        provide_context(Self { crumbs: RwSignal::default() });
    }

    pub fn get() -> Self {
        use_context().unwrap_or_else(|| Self { crumbs: RwSignal::default() })
    }

    /// Title of the browser's window, and the way here.
    pub fn show(self, title: &str, crumbs: Vec<Crumb>) {
        document().set_title(&format!("{title} · Peerage"));
        self.crumbs.set(crumbs);
    }
}

/// How often, every so many milliseconds, a title is looked for.
const PATIENCE: u8 = 100;
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The page's title gets the focus as soon as it is there: the page's code may still be on its way.
fn focus_title(tries: u8, still: impl Fn() -> bool + 'static) {
    if !still() {
        return;
    }
    match document().query_selector("#main h1").ok().flatten() {
        Some(title) => dom::focus_element(&title),
        None if tries > 0 => set_timeout(move || focus_title(tries - 1, still), LOOK_AGAIN),
        None => {}
    }
}

/// The frame around a page.
#[component]
pub fn Shell(page: Memo<Page>, children: ChildrenFn) -> impl IntoView {
    let session = Session::get();
    let nav_open = RwSignal::new(false);
    let search_open = RwSignal::new(false);
    let keys = Keys::get();
    keys.bind(Scope::Editor, "Ctrl K", "Search or jump", move |()| search_open.set(true));
    keys.bind(Scope::Global, "/", "Search or jump", move |()| search_open.set(true));
    navigation::bind_keys();
    let toasts = Toasts::get();
    keys.bind(Scope::Global, "z", "Undo the last change", move |()| undo::last(toasts));
    keys.bind(Scope::Global, "Ctrl Z", "Undo the last change", move |()| undo::last(toasts));

    keys.bind_if(Scope::Global, "Escape", "", move |_| {
        let open = nav_open.get_untracked();
        nav_open.set(false);
        open
    });

    // a new page: the focus goes to its title, so that the next Tab is its first control
    Effect::new(move |before: Option<Page>| {
        let now = page.get();
        nav_open.set(false);
        if before.is_some_and(|before| before != now) {
            let here = now.clone();
            let still = move || page.try_get_untracked().is_some_and(|page| page == here);
            request_animation_frame(move || focus_title(PATIENCE, still));
        }
        now
    });

    view! {
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <div class="app" class:nav-open=move || nav_open.get()>
            <header class="contents">
            <a class="brand" href=href("/")>
                <Icon name="mark" size=20 class="mark" />
                <span class="who">
                    <b>"Peerage"</b>
                    <span>{move || session.me.with(|me| me.as_ref().map(|me| me.version.clone()))}</span>
                </span>
                <span class="sr">"Overview"</span>
            </a>
            <div class="topbar">
                <button
                    type="button"
                    class="btn ghost icon menu-btn"
                    aria-label="Menu"
                    aria-expanded=move || nav_open.get().to_string()
                    aria-controls="navigation"
                    on:click=move |_| nav_open.update(|open| *open = !*open)
                >
                    <Icon name="menu" />
                </button>
                <Crumbs />
                <button type="button" class="search" aria-haspopup="dialog" on:click=move |_| search_open.set(true)>
                    <Icon name="search" size=14 />
                    <span>"Search or jump to…"</span>
                    <kbd aria-hidden="true">"Ctrl K"</kbd>
                </button>
                <div class="tools">
                    <WorksAs />
                    <jobs::ActiveJobs />
                    <ThemeMenu />
                    <PersonMenu />
                </div>
            </div>
            </header>
            <navigation::Navigation page=page />
            <div class="nav-scrim" aria-hidden="true" on:pointerdown=move |_| nav_open.set(false)></div>
            <main class="main" id="main" tabindex="-1">
                <Offline />
                {children()}
            </main>
        </div>
        <search::Search open=search_open />
    }
}

#[component]
fn Crumbs() -> impl IntoView {
    let frame = Frame::get();
    let steps = move || {
        let crumbs = frame.crumbs.get();
        let last = crumbs.len().saturating_sub(1);
        crumbs
            .into_iter()
            .enumerate()
            .map(|(at, crumb)| {
                let label = match crumb.path {
                    Some(path) if at < last => view! { <a href=href(&path)>{crumb.label}</a> }.into_any(),
                    _ if at == last => view! { <b aria-current="page">{crumb.label}</b> }.into_any(),
                    _ => view! { <span>{crumb.label}</span> }.into_any(),
                };
                view! { <li>{(at > 0).then(|| view! { <Icon name="right" size=12 /> })} {label}</li> }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>{steps}</ol>
        </nav>
    }
}

/// The network of ours that new objects belong to; a choice where there are several.
#[component]
fn WorksAs() -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let may = Memo::new(move |_| session.me.with(Option::is_some) && session.allows::<View>(&types::AUTONOMOUS_SYSTEM));
    let request =
        Signal::derive(move || may.get().then(|| a_few(&types::AUTONOMOUS_SYSTEM, "affiliated:yes", "asn", 100)));
    let ours = use_list(request);
    Effect::new(move |_| {
        let rows = rows_of(ours);
        if session.affiliated.with_untracked(|known| *known != rows) {
            session.affiliated.set(rows);
        }
    });
    let number = |record: &Record| format!("AS{}", record.int("asn").unwrap_or_default());
    let label =
        Signal::derive(move || session.works_as().map_or_else(|| "Work as…".to_owned(), |record| number(&record)));
    let entries = Signal::derive(move || {
        let current = session.works_as().map(|record| record.id);
        let mut entries = vec![Entry::Head("Work as")];
        session.affiliated.with(|ours| {
            entries.extend(ours.iter().map(|record| {
                let id = record.id;
                let item = Item::new(format!("{} {}", number(record), record.text("name")));
                item.checked(current == Some(id)).does(move |()| work_as(session, toasts, id)).into()
            }));
        });
        entries
    });
    // whoever looks without signing in has nothing that could be remembered for them
    let shown = move || {
        session.affiliated.with(|ours| !ours.is_empty())
            && session.me.with(|me| me.as_ref().is_some_and(|me| me.user != 0))
    };
    // decided once: a menu that is open stays when what is known of the person arrives again
    view! {
        <Show when=shown>
            <Menu label=label icon="globe" worded=true button_class="keep" entries=entries />
        </Show>
    }
}

fn work_as(session: Session, toasts: Toasts, id: i64) {
    spawn_local(async move {
        if let Err(problem) = session.work_as(id).await {
            toasts.failed("You work as before", &problem);
        }
    });
}

/// Who is signed in, their own pages, and the way out.
#[component]
fn PersonMenu() -> impl IntoView {
    let session = Session::get();
    let keys = Keys::get();
    let name = move || session.me.with(|me| me.as_ref().map(|me| me.name.clone())).unwrap_or_default();
    let is_anybody = move || session.me.with(|me| me.as_ref().is_some_and(|me| me.user == 0));
    let entries = Signal::derive(move || {
        let me = session.me.get();
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(me) = me.as_ref().filter(|me| me.user != 0) {
            entries.push(Item::new(me.name.clone()).icon("contact").goes(href("/account")).into());
            if me.rights.superuser {
                entries.push(Item::new(types::TOKEN.plural).icon("token").goes(href(&types::TOKEN.list_path())).into());
            }
            entries.push(Entry::Rule);
        }
        entries.push(Item::new("Getting started").icon("book").goes(href("/getting-started")).into());
        entries.push(Item::new("Keys").icon("keyboard").keys("?").does(move |()| keys.sheet.set(true)).into());
        let (label, icon) = if is_anybody() { ("Sign in", "contact") } else { ("Sign out", "out") };
        entries.push(Item::new(label).icon(icon).does(move |()| session.sign_out()).into());
        entries
    });
    let label = move || if is_anybody() { "Not signed in".to_owned() } else { format!("Signed in as {}", name()) };
    view! { <Menu label=Signal::derive(label) icon="contact" button_class="keep" entries=entries /> }
}

/// Says that the server does not answer, until it does.
#[component]
fn Offline() -> impl IntoView {
    let session = Session::get();
    let again = move |()| {
        session.refresh();
        session.revision.update(|revision| *revision += 1);
    };
    view! {
        <div role="status">
            <Show when=move || session.offline.get()>
                <div class="notice warn">
                    <Icon name="alert" />
                    "The server cannot be reached. You see what was loaded before; what you type is kept."
                    <span class="end">
                        <Button label="Try again" small=true look=Look::Ghost on_press=again />
                    </span>
                </div>
            </Show>
        </div>
    }
}
