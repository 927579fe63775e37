//! The root: what lives as long as the page, and which page an address means.
//!
//! Addresses are read by one function instead of nested route components: pages are generic over the type that the
//! address names, so there are few of them, and each is told what it shows as a property. The router keeps the
//! history and takes the clicks on links.

use crate::{
    data::{
        Session, Stored, api, live,
        place::{Place, address, leave_control, own_path},
    },
    pages::{self, BesidesList, Further, parts},
    shell::{Frame, Shell},
    ui::{Clock, Hit, KeySheet, Keys, Names, References, Theme, Toaster, Toasts},
};
use leptos::{ev, prelude::*};
use leptos_router::{
    components::Router,
    hooks::{use_location, use_url},
    location::{BrowserUrl, LocationProvider},
};
use peerage_app::preferences::Choice;
use peerage_model::{
    Filter, ObjectType, Problem, Record,
    label::label,
    query::{ListRequest, brief_fields},
    registry,
};
use std::time::Duration;

/// How long what was asked for first has the network for itself.
const AFTER: Duration = Duration::from_secs(1);

/// Which page.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    Overview,
    Login,
    FirstRun,
    Account,
    GettingStarted,
    PeeringDb,
    /// Every component in its states; development builds only.
    #[cfg(debug_assertions)]
    Gallery,
    List(&'static ObjectType),
    /// A page that one type has besides its list.
    BesidesList(&'static BesidesList),
    New(&'static ObjectType),
    /// Its objects from a file.
    Import(&'static ObjectType),
    Detail(&'static ObjectType, i64),
    Edit(&'static ObjectType, i64),
    /// A page that one type has besides: the template studio, the peers of an exchange.
    Further(&'static Further, i64),
    Unknown,
}

impl Page {
    /// What a path of the interface means.
    pub fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let typed = |app: &str, path: &str| registry::by_path(app, path);
        let number = |text: &str| text.parse::<i64>().ok().filter(|id| *id > 0);
        let page = match parts.as_slice() {
            [] => Some(Self::Overview),
            ["login"] => Some(Self::Login),
            ["first-run"] => Some(Self::FirstRun),
            ["account"] => Some(Self::Account),
            ["getting-started"] => Some(Self::GettingStarted),
            #[cfg(debug_assertions)]
            ["_ui"] => Some(Self::Gallery),
            ["peeringdb"] => Some(Self::PeeringDb),
            [app, path] => typed(app, path).map(Self::List),
            [app, path, "new"] => typed(app, path).map(Self::New),
            [app, path, name] if *name == pages::IMPORT_FILE => typed(app, path).map(Self::Import),
            [app, path, name] if number(name).is_none() => typed(app, path)
                .and_then(|of| pages::besides_list(of).find(|besides| besides.name == *name))
                .map(Self::BesidesList),
            [app, path, id] => typed(app, path).zip(number(id)).map(|(of, id)| Self::Detail(of, id)),
            [app, path, id, "edit"] => typed(app, path).zip(number(id)).map(|(of, id)| Self::Edit(of, id)),
            [app, path, id, name] => typed(app, path)
                .zip(number(id))
                .and_then(|(of, id)| pages::further(of, name).map(|further| Self::Further(further, id))),
            _ => None,
        };
        page.unwrap_or(Self::Unknown)
    }

    /// The type that it is about: what the navigation marks.
    pub fn subject(&self) -> Option<&'static ObjectType> {
        match self {
            Self::List(of) | Self::New(of) | Self::Import(of) | Self::Detail(of, _) | Self::Edit(of, _) => Some(of),
            Self::BesidesList(besides) => Some(besides.of),
            Self::Further(further, _) => Some(further.of),
            _ => None,
        }
    }

    fn draw(self) -> AnyView {
        match self {
            Self::Overview => view! { <pages::overview::Overview /> }.into_any(),
            Self::Account => parts::account(),
            Self::GettingStarted => parts::getting_started(),
            #[cfg(debug_assertions)]
            Self::Gallery => view! { <crate::ui::gallery::Gallery /> }.into_any(),
            Self::PeeringDb => parts::peeringdb(),
            Self::List(of) => view! { <pages::list::ListPage of=of /> }.into_any(),
            Self::BesidesList(besides) => (besides.draw)(),
            Self::New(of) => match pages::new_of(of) {
                Some(own) => (own.draw)(),
                None => parts::form(of, 0),
            },
            Self::Import(of) => parts::import_file(of),
            Self::Edit(of, id) => parts::form(of, id),
            Self::Detail(of, id) => view! { <pages::detail::DetailPage of=of id=id /> }.into_any(),
            Self::Further(further, id) => (further.draw)(id),
            // the pages before one is signed in are drawn without the frame
            Self::Login | Self::FirstRun | Self::Unknown => view! { <pages::unknown::Unknown /> }.into_any(),
        }
    }
}

/// How forms and filters look for objects of another type: as its list does. What cannot be read as a filter is words.
async fn find(of: &'static ObjectType, text: String) -> Result<Vec<Hit>, Problem> {
    let (_, problems) = Filter::parse(of, &text);
    let filter = if problems.is_empty() { text } else { format!("\"{}\"", text.replace(['"', '\\'], " ")) };
    let fields = brief_fields(of).into_iter().map(|index| of.fields[index].name.to_owned()).collect();
    let listing = api::list(ListRequest { filter, fields, per_page: 50, ..ListRequest::of(of) }).await?;
    let hit = |record: &Record| Hit { id: record.id, label: label(record, &Stored), detail: String::new() };
    Ok(listing.rows.iter().map(hit).collect())
}

/// Everything.
#[component]
pub fn App() -> impl IntoView {
    Session::get().refresh();
    keep_theme(Theme::provide());
    Toasts::provide();
    Clock::provide();
    Keys::provide();
    Frame::provide();
    let session = Session::get();
    live::listen();
    fetch_the_rest();
    provide_context(Names::new(Stored));
    let names = Signal::derive(move || {
        session.names.track();
        Names::new(Stored)
    });
    References::provide(names, find);
    // before the router hears of it
    let back = window_event_listener(ev::popstate, |_| leave_control());
    on_cleanup(move || back.remove());
    view! {
        <Router>
            <Root />
        </Router>
        <Toaster />
        <KeySheet />
    }
}

/// Colours and density as they are kept on the server, and there as they are chosen here.
fn keep_theme(theme: Theme) {
    let session = Session::get();
    Effect::new(move |_| session.preferences.with(|kept| untrack(|| theme.follow(&kept.theme, &kept.density))));
    Effect::new(move |before: Option<(&'static str, &'static str)>| {
        let now = (theme.colours.get(), theme.density.get());
        if before.is_some_and(|before| before != now) && session.me.with_untracked(Option::is_some) {
            session.choose(Choice {
                theme: Some(now.0.to_owned()),
                density: Some(now.1.to_owned()),
                ..Choice::default()
            });
        }
        now
    });
}

/// Once somebody is signed in and the page had a moment to draw itself.
fn fetch_the_rest() {
    let session = Session::get();
    Effect::new(move |begun: Option<bool>| {
        let begin = session.me.with(Option::is_some);
        if begin && begun != Some(true) {
            set_timeout(parts::fetch_all, AFTER);
        }
        begun == Some(true) || begin
    });
}

#[component]
fn Root() -> impl IntoView {
    let session = Session::get();
    let pathname = use_location().pathname;
    let page = Memo::new(move |_| Page::of(&pathname.with(|path| own_path(path))));
    let outside = Memo::new(move |_| matches!(page.get(), Page::Login | Page::FirstRun));
    complete_navigations();

    // nobody is signed in: there, and back afterwards
    let place = Place::here();
    Effect::new(move |_| {
        if session.signed_out.get() && !outside.get_untracked() {
            let from = address(&untrack(|| place.path()), &untrack(|| place.all()));
            let to = if from == "/" { Vec::new() } else { vec![("to".to_owned(), from)] };
            place.replace(&address("/login", &to));
        }
    });

    // what index.html drew while all this was on its way
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    move || {
        if outside.get() {
            (move || match page.get() {
                Page::FirstRun => parts::first_run(),
                _ => view! { <pages::login::Login /> }.into_any(),
            })
            .into_any()
        } else {
            view! { <Shell page=page>{move || page.get().draw()}</Shell> }.into_any()
        }
    }
}

/// A click on a link changes the address bar only when the new page is there; pages here are there at once.
fn complete_navigations() {
    let url = use_url();
    let browser = use_context::<BrowserUrl>();
    Effect::new(move |_| {
        url.track();
        if let Some(browser) = &browser {
            browser.ready_to_complete();
        }
    });
}
