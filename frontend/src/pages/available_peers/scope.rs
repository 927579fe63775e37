//! Where peers are looked for: at one exchange, at all of ours, or one network wherever it meets us. Each has its page, its
//! question to the server and its own picks.

use super::layout::Found;
use crate::data::{
    Fetched, Session, api, fetched,
    place::{Place, address},
};
use leptos::prelude::*;
use peerage_app::peers::{Where, find_peers};
use peerage_model::types::INTERNET_EXCHANGE;
use std::{cell::RefCell, sync::Arc};

/// The last part of the path of an exchange's page, and of that of all.
pub const PAGE: &str = "available-peers";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Everywhere,
    /// One of our exchanges, by id.
    Exchange(i64),
    /// By AS number.
    Network(u32),
}

thread_local! {
    /// What was looked at last, for coming back: whose session it was, where, what was found.
    static LAST: RefCell<Option<(i64, Scope, Arc<Found>)>> = const { RefCell::new(None) };
}

impl Scope {
    /// Of the pages that are no exchange's: `?asn=64500` is one network. Tracked.
    pub fn of_address(place: Place) -> Self {
        place.get("asn").parse().map_or(Self::Everywhere, Self::Network)
    }

    fn question(self) -> Where {
        match self {
            Self::Everywhere => Where::default(),
            Self::Exchange(id) => Where { exchange: Some(id), ..Where::default() },
            Self::Network(asn) => Where { asn: Some(asn), ..Where::default() },
        }
    }

    /// The page that shows who is there.
    pub fn path(self) -> String {
        match self {
            Self::Everywhere => format!("{}/{PAGE}", INTERNET_EXCHANGE.list_path()),
            Self::Exchange(id) => format!("{}/{PAGE}", INTERNET_EXCHANGE.object_path(id)),
            Self::Network(asn) => format!("{}/{PAGE}?asn={asn}", INTERNET_EXCHANGE.list_path()),
        }
    }

    /// The page that proposes sessions, with what was picked in its address; nothing of it when it is too much.
    pub fn propose_path(self, picks: String) -> String {
        let mut query = Vec::new();
        let path = match self {
            Self::Exchange(id) => INTERNET_EXCHANGE.object_path(id),
            Self::Everywhere => INTERNET_EXCHANGE.list_path(),
            Self::Network(asn) => {
                query.push(("asn".to_owned(), asn.to_string()));
                INTERNET_EXCHANGE.list_path()
            }
        };
        if !picks.is_empty() {
            query.push(("picks".to_owned(), picks));
        }
        address(&format!("{path}/add-sessions"), &query)
    }

    /// Under which name the picks are kept.
    pub fn key(self) -> String {
        match self {
            Self::Everywhere => "everywhere".to_owned(),
            Self::Exchange(id) => id.to_string(),
            Self::Network(asn) => format!("as{asn}"),
        }
    }

    /// Who is there; what was found last is shown in the same frame.
    pub fn fetch(self) -> Fetched<Arc<Found>> {
        let user = || Session::get().me.with_untracked(|me| me.as_ref().map_or(0, |me| me.user));
        let kept = move |(): &()| {
            LAST.with_borrow(|last| {
                last.as_ref()
                    .filter(|(who, of, _)| (*who, *of) == (user(), self))
                    .map(|(_, _, found)| Arc::clone(found))
            })
        };
        fetched(Signal::stored(Some(())), kept, move |()| async move {
            let found = Arc::new(Found::new(api::ask(find_peers(self.question())).await?));
            LAST.with_borrow_mut(|last| *last = Some((user(), self, Arc::clone(&found))));
            Ok(found)
        })
    }
}
