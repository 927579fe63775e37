//! Tabs of an object and saved views of a list: links, because each is a place with an address. `[` and `]` go to the
//! neighbours.

use crate::ui::{Keys, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub count: Option<u64>,
    pub current: bool,
}

impl Tab {
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), count: None, current }
    }

    #[must_use]
    pub fn count(mut self, count: impl Into<Option<u64>>) -> Self {
        self.count = count.into();
        self
    }
}

/// A row of tabs. `children` stand at its right end.
#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let navigate = use_navigate();
    let go = move |step: isize| {
        let tabs = tabs.get_untracked();
        let at = tabs.iter().position(|tab| tab.current)?;
        let next = tabs.get(at.checked_add_signed(step)?)?;
        navigate(&next.href, Default::default());
        Some(())
    };
    let keys = Keys::get();
    let back = go.clone();
    keys.bind(Scope::Object, "[", "Previous tab", move |()| {
        back(-1);
    });
    keys.bind(Scope::Object, "]", "Next tab", move |()| {
        go(1);
    });
    view! {
        <nav class="tabs" aria-label=label>
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        view! {
                            <a href=tab.href aria-current=tab.current.then_some("page")>
                                {tab.label}
                                {tab.count.map(|count| view! { <i>{crate::ui::pager::grouped(count)}</i> })}
                            </a>
                        }
                    })
                    .collect::<Vec<_>>()
            }}
            {children.map(|children| view! { <span class="end">{children()}</span> })}
        </nav>
    }
}
