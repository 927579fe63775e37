//! The pages. List, object and form are generic: they know types by their descriptions only. What one type has besides
//! stands in the tables of this module, so that a generic page never asks which type it shows.

pub mod account;
pub mod available_peers;
pub mod changes;
pub mod delete;
pub mod detail;
pub mod export;
pub mod first_run;
pub mod form;
pub mod head;
pub mod list;
pub mod login;
pub mod overview;
pub mod peeringdb;
pub mod propose;
pub mod router_configuration;
pub mod studio;
pub mod unknown;

use leptos::prelude::*;
use peerage_model::{ObjectType, Record, types};

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
        name: "available-peers",
        label: "Available peers",
        icon: "avail",
        offered: true,
        draw: |id| view! { <available_peers::AvailablePeers id=id /> }.into_any(),
    },
    Further {
        of: &types::INTERNET_EXCHANGE,
        name: "add-sessions",
        label: "Add sessions",
        icon: "plus",
        offered: false,
        draw: |id| view! { <propose::Propose id=id /> }.into_any(),
    },
    Further {
        of: &types::CONFIGURATION,
        name: "studio",
        label: "Open studio",
        icon: "code",
        offered: true,
        draw: |id| view! { <studio::Studio id=id /> }.into_any(),
    },
];

/// A further tab of an object's page, `?tab=configuration`.
pub struct FurtherTab {
    pub of: &'static ObjectType,
    pub name: &'static str,
    pub label: &'static str,
    pub draw: fn(i64) -> AnyView,
}

static TABS: &[FurtherTab] = &[FurtherTab {
    of: &types::ROUTER,
    name: "configuration",
    label: "Configuration",
    draw: |id| view! { <router_configuration::RouterConfiguration router=id /> }.into_any(),
}];

/// How a type's objects show themselves instead of as a list of their fields.
pub struct OwnOverview {
    pub of: &'static ObjectType,
    pub draw: fn(Record) -> AnyView,
}

static OVERVIEWS: &[OwnOverview] = &[OwnOverview { of: &types::CHANGE, draw: changes::draw_change }];

/// A type that begins a new object on a page of its own instead of the form.
pub struct OwnNew {
    pub of: &'static ObjectType,
    pub draw: fn() -> AnyView,
}

static NEW: &[OwnNew] = &[OwnNew { of: &types::CONFIGURATION, draw: || view! { <studio::Studio id=0 /> }.into_any() }];

/// A type's own page for a new object.
pub fn new_of(of: &'static ObjectType) -> Option<&'static OwnNew> {
    NEW.iter().find(|own| own.of.is(of))
}

/// A type's own way of showing an object.
pub fn overview_of(of: &'static ObjectType) -> Option<&'static OwnOverview> {
    OVERVIEWS.iter().find(|own| own.of.is(of))
}

/// A type's further tabs.
pub fn tabs_of(of: &'static ObjectType) -> impl Iterator<Item = &'static FurtherTab> {
    TABS.iter().filter(move |tab| tab.of.is(of))
}

/// A type's further page by the last part of its path.
pub fn further(of: &'static ObjectType, name: &str) -> Option<&'static Further> {
    FURTHER.iter().find(|further| further.of.is(of) && further.name == name)
}

/// A type's further pages.
pub fn further_of(of: &'static ObjectType) -> impl Iterator<Item = &'static Further> {
    FURTHER.iter().filter(move |further| further.of.is(of))
}
