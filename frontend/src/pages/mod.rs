//! The pages. List, object and form are generic: they know types by their descriptions only. What one type has besides
//! stands in the tables of this module, so that a generic page never asks which type it shows.

pub mod account;
pub mod available_peers;
pub mod bulk_edit;
pub mod changes;
pub mod config_context;
pub mod delete;
pub mod detail;
pub mod export;
pub mod first_run;
pub mod form;
pub mod getting_started;
pub mod head;
pub mod import_exchanges;
pub mod import_file;
mod in_effect;
pub mod in_step;
pub mod job;
pub mod list;
pub mod login;
pub mod neighbours;
pub mod new_password;
pub mod overview;
pub mod parts;
pub mod peeringdb;
pub mod propose;
pub mod push;
pub mod rendered;
pub mod router_configuration;
pub mod router_state;
pub mod session_state;
pub mod steps;
pub mod studio;
pub mod template;
pub mod unknown;
pub mod upstream;
pub mod views;
pub mod webhook;

use crate::data::Session;
use leptos::prelude::*;
use peerage_model::{
    ObjectType, Record,
    peeringdb::{self as peeringdb_types, NETWORK_IXLAN},
    permit::{Add, Change, View},
    types,
};

/// A page of its own that objects of one type have: `/devices/configurations/7/studio`.
pub struct Further {
    pub of: &'static ObjectType,
    /// The last part of its path.
    pub name: &'static str,
    /// What its button on the object's page says.
    pub label: &'static str,
    pub icon: &'static str,
    /// The object's page offers it as its first action; others are reached from elsewhere.
    pub offered: bool,
    /// To whom; tracked.
    pub may: fn(Session) -> bool,
    pub draw: fn(i64) -> AnyView,
}

impl PartialEq for Further {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for Further {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

static FURTHER: &[Further] = &[
    Further {
        of: &types::INTERNET_EXCHANGE,
        name: available_peers::scope::PAGE,
        label: "Available peers",
        icon: "avail",
        offered: true,
        may: |session| session.allows::<View>(&NETWORK_IXLAN),
        draw: parts::available_peers,
    },
    Further {
        of: &types::INTERNET_EXCHANGE,
        name: "add-sessions",
        label: "Add sessions",
        icon: "plus",
        offered: false,
        may: |session| session.allows::<Add>(&types::IX_SESSION),
        draw: parts::propose,
    },
    Further {
        of: &types::CONFIGURATION,
        name: "studio",
        label: "Open studio",
        icon: "code",
        offered: true,
        may: |_| true,
        draw: |id| parts::studio(&types::CONFIGURATION, id),
    },
    Further {
        of: &types::EXPORT_TEMPLATE,
        name: "studio",
        label: "Open studio",
        icon: "code",
        offered: true,
        may: |_| true,
        draw: |id| parts::studio(&types::EXPORT_TEMPLATE, id),
    },
    Further {
        of: &types::USER,
        name: "new-password",
        label: "New password",
        icon: "key",
        offered: true,
        may: |session| session.allows::<Change>(&types::USER),
        draw: parts::new_password,
    },
];

/// The last part of the path of the page that imports a file: `/extras/tags/import-file`. Every type that people add to has it.
pub const IMPORT_FILE: &str = "import-file";

/// A page that a type has besides its list: `/peering/internet-exchanges/import`.
pub struct BesidesList {
    pub of: &'static ObjectType,
    /// The last part of its path.
    pub name: &'static str,
    /// What its button above the list says.
    pub label: &'static str,
    pub icon: &'static str,
    /// To whom; tracked.
    pub may: fn(Session) -> bool,
    /// The list offers it; others are reached from elsewhere.
    pub offered: bool,
    pub draw: fn() -> AnyView,
}

impl BesidesList {
    pub fn path(&self) -> String {
        format!("{}/{}", self.of.list_path(), self.name)
    }
}

impl PartialEq for BesidesList {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl std::fmt::Debug for BesidesList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

pub static BESIDES_LISTS: &[BesidesList] = &[
    BesidesList {
        of: &types::INTERNET_EXCHANGE,
        name: "import",
        label: "Import from PeeringDB",
        icon: "db",
        may: |session| session.may::<Add>(&types::INTERNET_EXCHANGE) && session.may::<Add>(&types::CONNECTION),
        offered: true,
        draw: parts::import_exchanges,
    },
    BesidesList {
        of: &types::INTERNET_EXCHANGE,
        name: available_peers::scope::PAGE,
        label: "Available peers",
        icon: "avail",
        may: |session| session.allows::<View>(&NETWORK_IXLAN),
        offered: true,
        draw: parts::all_available_peers,
    },
    BesidesList {
        of: &types::INTERNET_EXCHANGE,
        name: "add-sessions",
        label: "Add sessions",
        icon: "plus",
        may: |session| session.allows::<Add>(&types::IX_SESSION),
        offered: false,
        draw: parts::propose_anywhere,
    },
    BesidesList {
        of: &types::DIRECT_SESSION,
        name: "private-interconnection",
        label: "Private interconnection",
        icon: "map",
        may: neighbours::may_look,
        offered: true,
        draw: parts::private_interconnection,
    },
];

/// A further tab of an object's page, `?tab=configuration`.
pub struct FurtherTab {
    pub of: &'static ObjectType,
    pub name: &'static str,
    pub label: &'static str,
    pub draw: fn(i64) -> AnyView,
}

static TABS: &[FurtherTab] = &[
    FurtherTab {
        of: &types::INTERNET_EXCHANGE,
        name: "ix-sessions",
        label: "IX sessions",
        draw: parts::exchange_sessions,
    },
    FurtherTab { of: &types::EXPORT_TEMPLATE, name: "export", label: "Export", draw: parts::exported },
    FurtherTab { of: &types::ROUTER, name: "state", label: "On the router", draw: parts::router_state },
    FurtherTab { of: &types::ROUTER, name: "configuration", label: "Configuration", draw: parts::router_configuration },
    FurtherTab {
        of: &types::AUTONOMOUS_SYSTEM,
        name: "available-sessions",
        label: "Available sessions",
        draw: parts::available_sessions,
    },
    FurtherTab { of: &types::AUTONOMOUS_SYSTEM, name: "in-common", label: "In common", draw: parts::in_common },
    FurtherTab { of: &types::AUTONOMOUS_SYSTEM, name: "peeringdb", label: "PeeringDB", draw: parts::in_peeringdb },
];

/// What can be done with an object of a type besides: buttons in the head of its page.
pub struct OwnActions {
    pub of: &'static ObjectType,
    pub draw: fn(Record) -> AnyView,
}

static ACTIONS: &[OwnActions] = &[
    OwnActions { of: &types::AUTONOMOUS_SYSTEM, draw: parts::peeringdb_actions },
    OwnActions { of: &types::INTERNET_EXCHANGE, draw: parts::peeringdb_actions },
    OwnActions { of: &types::CONNECTION, draw: parts::peeringdb_actions },
    OwnActions { of: &peeringdb_types::NETWORK, draw: parts::peeringdb_actions },
    OwnActions { of: &types::TOKEN, draw: parts::token_actions },
    OwnActions { of: &types::WEBHOOK, draw: parts::webhook_actions },
];

/// How a type's objects show themselves instead of as a list of their fields.
pub struct OwnOverview {
    pub of: &'static ObjectType,
    /// Of the object as it is now: what is drawn stays while that changes.
    pub draw: fn(Signal<Option<Record>>) -> AnyView,
}

static OVERVIEWS: &[OwnOverview] = &[
    OwnOverview {
        of: &types::CHANGE,
        draw: |change| {
            let draw = move || change.get().map(changes::draw_change);
            view! { <div class="scroll">{draw}</div> }.into_any()
        },
    },
    OwnOverview { of: &types::JOB, draw: parts::job },
    OwnOverview { of: &types::PUSH, draw: parts::push },
    OwnOverview { of: &types::WEBHOOK_DELIVERY, draw: parts::webhook_delivery },
    OwnOverview { of: &peeringdb_types::SYNCHRONISATION, draw: parts::run },
    OwnOverview { of: &peeringdb_types::UPSTREAM_CHANGE, draw: parts::upstream_change },
];

/// What the overview of a type's objects begins with, above their fields.
pub struct Story {
    pub of: &'static ObjectType,
    pub draw: fn(Record) -> AnyView,
}

static STORIES: &[Story] = &[
    Story { of: &types::AUTONOMOUS_SYSTEM, draw: parts::peer_story },
    Story { of: &types::INTERNET_EXCHANGE, draw: parts::exchange_story },
];

/// What a type's overview begins with.
pub fn stories_of(of: &'static ObjectType) -> impl Iterator<Item = &'static Story> {
    STORIES.iter().filter(move |story| story.of.is(of))
}

/// What stands below the fields of a type's objects.
static BELOW: &[OwnActions] = &[
    OwnActions { of: &types::CONFIGURATION, draw: parts::template_text },
    OwnActions { of: &types::EXPORT_TEMPLATE, draw: parts::template_text },
];

/// What a type's objects have below their fields.
pub fn below_of(of: &'static ObjectType) -> Option<&'static OwnActions> {
    BELOW.iter().find(|own| own.of.is(of))
}

/// What stands first beside the fields of a type's objects.
static ASIDES: &[OwnActions] = &[
    OwnActions { of: &types::CONFIGURATION, draw: parts::used_by },
    OwnActions { of: &types::INTERNET_EXCHANGE, draw: parts::session_state },
    OwnActions { of: &types::IX_SESSION, draw: parts::session_state },
    OwnActions { of: &types::DIRECT_SESSION, draw: parts::session_state },
    OwnActions { of: &types::WEBHOOK, draw: parts::newest_deliveries },
];

/// What a type's objects have beside their fields.
pub fn aside_of(of: &'static ObjectType) -> Option<&'static OwnActions> {
    ASIDES.iter().find(|own| own.of.is(of))
}

/// Where objects begin that are not added in a form: what the empty list offers.
pub struct Beginning {
    pub of: &'static ObjectType,
    pub label: &'static str,
    pub icon: &'static str,
    pub path: &'static str,
}

static BEGINNINGS: &[Beginning] = &[
    Beginning { of: &types::JOB, label: "Synchronise PeeringDB", icon: "db", path: "/peeringdb" },
    Beginning { of: &types::PUSH, label: "Choose a router", icon: "router", path: "/devices/routers" },
    Beginning { of: &types::WEBHOOK_DELIVERY, label: "Choose a webhook", icon: "hook", path: "/extras/webhooks" },
];

/// Where a type's objects begin.
pub fn beginning_of(of: &'static ObjectType) -> Option<&'static Beginning> {
    BEGINNINGS.iter().find(|beginning| beginning.of.is(of))
}

/// A type that begins a new object on a page of its own instead of the form.
pub struct OwnNew {
    pub of: &'static ObjectType,
    pub draw: fn() -> AnyView,
}

static NEW: &[OwnNew] = &[
    OwnNew { of: &types::CONFIGURATION, draw: || parts::studio(&types::CONFIGURATION, 0) },
    OwnNew { of: &types::EXPORT_TEMPLATE, draw: || parts::studio(&types::EXPORT_TEMPLATE, 0) },
];

/// A type's own page for a new object.
pub fn new_of(of: &'static ObjectType) -> Option<&'static OwnNew> {
    NEW.iter().find(|own| own.of.is(of))
}

/// A type's own way of showing an object.
pub fn overview_of(of: &'static ObjectType) -> Option<&'static OwnOverview> {
    OVERVIEWS.iter().find(|own| own.of.is(of))
}

/// What can be done with objects of a type besides.
pub fn actions_of(of: &'static ObjectType) -> impl Iterator<Item = &'static OwnActions> {
    ACTIONS.iter().filter(move |own| own.of.is(of))
}

/// A type's further tabs.
pub fn tabs_of(of: &'static ObjectType) -> impl Iterator<Item = &'static FurtherTab> {
    TABS.iter().filter(move |tab| tab.of.is(of))
}

/// A type's further page by the last part of its path.
pub fn further(of: &'static ObjectType, name: &str) -> Option<&'static Further> {
    FURTHER.iter().find(|further| further.of.is(of) && further.name == name)
}

/// A type's pages besides its list.
pub fn besides_list(of: &'static ObjectType) -> impl Iterator<Item = &'static BesidesList> {
    BESIDES_LISTS.iter().filter(move |besides| besides.of.is(of))
}

/// A type's further pages.
pub fn further_of(of: &'static ObjectType) -> impl Iterator<Item = &'static Further> {
    FURTHER.iter().filter(move |further| further.of.is(of))
}
