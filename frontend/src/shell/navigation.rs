//! The navigation at the left. Which type stands in which section is a table; a type that it does not name stands under
//! "Other" by itself, so that a new one can be reached without a change here.

use crate::{
    app::Page,
    data::{Session, place::Place},
    pages::{self, BesidesList, available_peers::scope::PAGE as PEERS},
    ui::{Icon, Keys, Scope, dom::href, pager::grouped},
};
use leptos::prelude::*;
use peerage_model::{ObjectType, Origin, peeringdb, permit::View, registry, types};

struct NavSection {
    title: &'static str,
    entries: &'static [NavEntry],
}

struct NavEntry {
    to: To,
    /// Where the type's own plural is too long for the column.
    short: Option<&'static str>,
    /// The two letters that lead there.
    keys: &'static str,
}

enum To {
    List(&'static ObjectType),
    /// A page that a type has besides its list.
    Besides(&'static ObjectType, &'static str),
    PeeringDb,
}

const fn list(of: &'static ObjectType, keys: &'static str) -> NavEntry {
    NavEntry { to: To::List(of), short: None, keys }
}

impl NavEntry {
    const fn called(mut self, short: &'static str) -> Self {
        self.short = Some(short);
        self
    }

    fn label(&self) -> &'static str {
        match (self.short, &self.to) {
            (Some(short), _) => short,
            (None, To::List(of)) => of.plural,
            (None, To::Besides(of, name)) => besides(of, name).map_or("", |besides| besides.label),
            (None, To::PeeringDb) => "PeeringDB",
        }
    }
}

fn besides(of: &'static ObjectType, name: &str) -> Option<&'static BesidesList> {
    pages::besides_list(of).find(|besides| besides.name == name)
}

static SECTIONS: &[NavSection] = &[
    NavSection {
        title: "Peering",
        entries: &[
            list(&types::AUTONOMOUS_SYSTEM, "g a"),
            list(&types::INTERNET_EXCHANGE, "g i"),
            list(&types::IX_SESSION, "g s"),
            list(&types::DIRECT_SESSION, "g d"),
            list(&types::BGP_GROUP, "g b"),
            NavEntry { to: To::Besides(&types::INTERNET_EXCHANGE, PEERS), short: None, keys: "g f" },
            list(&types::HIDDEN_PEER, ""),
        ],
    },
    NavSection {
        title: "Policy",
        entries: &[
            list(&types::ROUTING_POLICY, "g l"),
            list(&types::COMMUNITY, "g c"),
            list(&types::RELATIONSHIP, ""),
            list(&types::BFD, "").called("BFD"),
        ],
    },
    NavSection {
        title: "Devices",
        entries: &[
            list(&types::ROUTER, "g r"),
            list(&types::CONNECTION, "g n"),
            list(&types::PUSH, "g x"),
            list(&types::HOST_KEY, ""),
            list(&types::PLATFORM, ""),
            list(&types::CONFIGURATION, "g t").called("Templates"),
            list(&types::CONFIG_CONTEXT, ""),
        ],
    },
    NavSection {
        title: "Contacts",
        entries: &[
            list(&types::CONTACT, "g k"),
            list(&types::CONTACT_ROLE, "").called("Roles"),
            list(&types::EMAIL, "").called("E-mail templates"),
        ],
    },
    NavSection {
        title: "Sources",
        entries: &[
            NavEntry { to: To::PeeringDb, short: None, keys: "g p" },
            list(&peeringdb::NETWORK, "g w"),
            list(&peeringdb::UPSTREAM_CHANGE, "g u"),
            list(&types::DATA_SOURCE, ""),
            list(&types::DATA_FILE, ""),
            list(&types::IX_API, "").called("IX-API"),
        ],
    },
    NavSection {
        title: "Operations",
        entries: &[
            list(&types::SESSION_TRANSITION, ""),
            list(&types::JOB, "g j"),
            list(&types::CHANGE, "g h"),
            list(&types::JOURNAL_ENTRY, "").called("Journal"),
            list(&types::TAG, ""),
            list(&types::EXPORT_TEMPLATE, ""),
            list(&types::WEBHOOK, ""),
            list(&types::WEBHOOK_DELIVERY, "").called("Deliveries"),
        ],
    },
    NavSection {
        title: "Administration",
        entries: &[list(&types::USER, ""), list(&types::GROUP, ""), list(&types::TOKEN, ""), list(&types::SIGN_IN, "")],
    },
];

/// The application of the cached types: those that no section names are reached from the PeeringDB page.
const PEERINGDB: &str = "peeringdb";

fn is_placed(of: &ObjectType) -> bool {
    let entries = SECTIONS.iter().flat_map(|section| section.entries);
    entries.into_iter().any(|entry| matches!(entry.to, To::List(listed) if listed.is(of)))
}

/// Types that no section names. What is attached to others is found there.
fn others() -> impl Iterator<Item = &'static ObjectType> {
    let shown = |of: &&ObjectType| of.app != PEERINGDB && of.origin != Origin::System && of.attached.is_none();
    registry::TYPES.iter().copied().filter(shown).filter(|of| !is_placed(of))
}

/// The section in which a type stands, for the way here.
pub fn section_of(of: &'static ObjectType) -> &'static str {
    let holds = |section: &&NavSection| {
        section.entries.iter().any(|entry| matches!(entry.to, To::List(listed) if listed.is(of)))
    };
    let otherwise = if of.app == PEERINGDB { "PeeringDB" } else { "Other" };
    SECTIONS.iter().find(holds).map_or(otherwise, |section| section.title)
}

/// Binds the letters of the table.
pub(super) fn bind_keys() {
    let place = Place::here();
    let keys = Keys::get();
    keys.bind(Scope::Global, "g o", "Go to the overview", move |()| place.go("/"));
    for entry in SECTIONS.iter().flat_map(|section| section.entries).filter(|entry| !entry.keys.is_empty()) {
        let path = match entry.to {
            To::List(of) => of.list_path(),
            To::Besides(of, name) => besides(of, name).map(BesidesList::path).unwrap_or_default(),
            To::PeeringDb => "/peeringdb".to_owned(),
        };
        keys.bind(Scope::Global, entry.keys, format!("Go to {}", lower(entry.label())), move |()| place.go(&path));
    }
}

/// "Autonomous systems" in the middle of a sentence; names that are written large stay so.
pub fn lower(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() && !name.starts_with("PeeringDB") => {
            first.to_lowercase().chain(name.chars().skip(1)).collect()
        }
        _ => name.to_owned(),
    }
}

#[component]
pub(super) fn Navigation(page: Memo<Page>) -> impl IntoView {
    let session = Session::get();
    let placed = |here: &'static BesidesList| {
        let entries = SECTIONS.iter().flat_map(|section| section.entries);
        entries
            .into_iter()
            .any(|entry| matches!(entry.to, To::Besides(of, name) if here.of.is(of) && here.name == name))
    };
    // a page that has an entry of its own is not its list's
    let subject = Memo::new(move |_| match page.get() {
        Page::BesidesList(here) if placed(here) => None,
        page => page.subject(),
    });
    let list_link = move |of: &'static ObjectType, label: &'static str| {
        let current = move || (subject.get() == Some(of)).then_some("page");
        let count = move || session.count(of).filter(|_| of.origin == Origin::Operator).map(grouped);
        session.allows::<View>(of).then(|| link(label, of.icon, &of.list_path(), current, count))
    };
    let besides_link = move |of: &'static ObjectType, name: &'static str| {
        let here = besides(of, name)?;
        let current = move || (page.get() == Page::BesidesList(here)).then_some("page");
        (here.may)(session).then(|| link(here.label, here.icon, &here.path(), current, || None))
    };
    let source = move |label: &'static str| {
        let current = move || {
            let inside = subject.get().is_some_and(|of| of.app == PEERINGDB && !is_placed(of));
            (inside || page.get() == Page::PeeringDb).then_some("page")
        };
        link(label, "db", "/peeringdb", current, || None)
    };
    let draw = move |section: &'static NavSection| {
        let entries = section.entries.iter().map(|entry| match entry.to {
            To::List(of) => list_link(of, entry.label()),
            To::Besides(of, name) => besides_link(of, name),
            To::PeeringDb => session.allows::<View>(&peeringdb::SYNCHRONISATION).then(|| source(entry.label())),
        });
        let entries: Vec<AnyView> = entries.flatten().collect();
        (!entries.is_empty()).then(|| view! { <hr /> <h3>{section.title}</h3> {entries} }.into_any())
    };
    let overview = link("Overview", "overview", "/", move || (page.get() == Page::Overview).then_some("page"), || None);
    let rest = move || {
        let rest: Vec<AnyView> = others().filter_map(|of| list_link(of, of.plural)).collect();
        (!rest.is_empty()).then(|| view! { <hr /> <h3>"Other"</h3> {rest} })
    };
    let sections = move || SECTIONS.iter().filter_map(draw).collect::<Vec<_>>();
    // what may be seen changes with who is signed in, not with every count
    let rights = Memo::new(move |_| session.me.with(|me| me.as_ref().map(|me| me.rights.clone())));
    view! {
        <nav class="side" id="navigation" aria-label="Main">
            {overview}
            {move || {
                rights.track();
                untrack(|| view! { {sections()} {rest()} })
            }}
        </nav>
    }
}

fn link(
    label: &'static str,
    icon: &'static str,
    path: &str,
    current: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
    count: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> AnyView {
    view! {
        <a href=href(path) title=label aria-current=current>
            <Icon name=icon />
            <span>{label}</span>
            {move || count().map(|count| view! { <i>{count}</i> })}
        </a>
    }
    .into_any()
}
