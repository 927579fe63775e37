//! The address bar as the view's state. Paths here are the interface's own, `/peering/autonomous-systems`, whatever the
//! directory from which it is served: [`href`] puts that before links, and [`own_path`] takes it off.

use crate::ui::dom::href;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use std::{cell::RefCell, rc::Rc, sync::Arc};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The interface's own path of what the address bar shows.
pub fn own_path(pathname: &str) -> String {
    let path = pathname.strip_prefix(&*href("")).unwrap_or(pathname).trim_end_matches('/');
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
}

/// Where one is, and how to go elsewhere. Made while a component is built; used in its handlers.
#[derive(Clone, Copy)]
pub struct Place {
    /// Without its question mark, as it stands there.
    search: Memo<String>,
    pathname: Memo<String>,
    go: StoredValue<Go>,
}

type Go = Arc<dyn Fn(&str, NavigateOptions) + Send + Sync>;

impl Place {
    pub fn here() -> Self {
        let location = use_location();
        let go: Go = Arc::new(use_navigate());
        Self { search: location.search, pathname: location.pathname, go: StoredValue::new(go) }
    }

    /// The interface's own path; tracked.
    pub fn path(self) -> String {
        self.pathname.with(|path| own_path(path))
    }

    /// One part of the query; empty when it is not there. Tracked.
    pub fn get(self, name: &str) -> String {
        self.all().into_iter().rev().find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
    }

    /// All parts of the query; tracked.
    pub fn all(self) -> Vec<(String, String)> {
        self.search.with(|search| {
            let parts = search.split('&').filter(|part| !part.is_empty());
            parts.map(|part| part.split_once('=').unwrap_or((part, ""))).map(|(n, v)| (decode(n), decode(v))).collect()
        })
    }

    /// Goes to a path of the interface, unless a [`hold_back`] takes that upon itself.
    pub fn go(self, to: &str) {
        let held = HOLD.with_borrow(Clone::clone).is_some_and(|hold| hold(to));
        if !held {
            self.go_with(to, NavigateOptions::default());
        }
    }

    /// Goes there so that "back" skips this page.
    pub fn replace(self, to: &str) {
        self.go_with(to, NavigateOptions { replace: true, ..NavigateOptions::default() });
    }

    fn go_with(self, to: &str, options: NavigateOptions) {
        if to.split('?').next() != Some(&untrack(|| self.path())) {
            leave_control();
        }
        self.go.with_value(|go| go(&href(to), options));
    }

    /// This page with other parts in its query; an empty one is taken out. Stays where it is scrolled to, and is no step
    /// of its own in the browser's history.
    pub fn set(self, parts: &[(&str, &str)]) {
        let to = untrack(|| self.with(parts));
        self.go_with(&to, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    }

    /// As [`Place::set`], but "back" leads to the page as it was.
    pub fn step(self, parts: &[(&str, &str)]) {
        let to = untrack(|| self.with(parts));
        self.go_with(&to, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    }

    /// The address of another tab of this page: what the one before had in its query stays behind. Tracked.
    pub fn tab(self, name: &str) -> String {
        let query = if name.is_empty() { Vec::new() } else { vec![("tab".to_owned(), name.to_owned())] };
        href(&address(&self.path(), &query))
    }

    /// The address of this page with other parts in its query; tracked.
    pub fn with(self, parts: &[(&str, &str)]) -> String {
        let mut all: Vec<(String, String)> =
            self.all().into_iter().filter(|(name, _)| !parts.iter().any(|(new, _)| new == name)).collect();
        all.extend(
            parts.iter().filter(|(_, value)| !value.is_empty()).map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        address(&self.path(), &all)
    }
}

type Hold = Rc<dyn Fn(&str) -> bool>;

thread_local! {
    static HOLD: RefCell<Option<Hold>> = const { RefCell::new(None) };
}

/// Every [`Place::go`] asks `hold` first whether it takes the step upon itself; `None` ends that.
pub fn hold_back(hold: Option<Hold>) {
    HOLD.set(hold);
}

/// Takes the focus away before the page goes: a control that is taken out of the document with the focus inside would
/// tell a page that is not there any more.
pub fn leave_control() {
    if let Some(control) = document().active_element().and_then(|active| active.dyn_into::<HtmlElement>().ok()) {
        // never fails for an element of the document
        let _ = control.blur();
    }
}

/// A path with a query.
pub fn address(path: &str, query: &[(String, String)]) -> String {
    let mut out = path.to_owned();
    for (at, (name, value)) in query.iter().enumerate() {
        out.push(if at == 0 { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.push_str(&encode(value));
    }
    out
}

/// Percent-encodes what would end a query's value; `:`, `,` and `/` stay readable.
pub fn encode(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
        .replace("%3A", ":")
        .replace("%2C", ",")
        .replace("%2F", "/")
        .replace("%20", "+")
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    js_sys::decode_uri_component(&text).map_or_else(|_| text.clone(), String::from)
}
