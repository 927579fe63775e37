//! Controls for references: a search over the other type's objects, one to pick or many. How objects are searched and
//! what they are called comes from the context ([`References::provide`]), so that a form needs no plumbing and a test can
//! bring its own.

use crate::ui::{
    Icon,
    cell::{Names, swatch_of},
    combo::{Combo, Opt, Options},
    form::Slot,
    input::{Chip, put},
};
use leptos::prelude::*;
use peerage_model::{ObjectType, Problem, Value};
use std::{collections::HashMap, future::Future, pin::Pin, time::Duration};

/// An object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub id: i64,
    pub label: String,
    /// A second line; may be empty.
    pub detail: String,
}

pub type Found = Pin<Box<dyn Future<Output = Result<Vec<Hit>, Problem>>>>;

/// How references are searched and named.
#[derive(Clone, Copy)]
pub struct References {
    search: Callback<(&'static ObjectType, String), Found>,
    names: Signal<Names>,
}

impl References {
    /// Puts it into context. `search` gets a type and what was typed (empty: the first few).
    pub fn provide<S, F>(names: impl Into<Signal<Names>>, search: S) -> Self
    where
        S: Fn(&'static ObjectType, String) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Vec<Hit>, Problem>> + 'static,
    {
        let search =
            Callback::new(move |(of, text): (&'static ObjectType, String)| -> Found { Box::pin(search(of, text)) });
        let references = Self { search, names: names.into() };
        provide_context(references);
        references
    }

    /// The page's; one that finds nothing, if there is none.
    pub fn get() -> Self {
        use_context().unwrap_or_else(|| Self {
            search: Callback::new(|_| -> Found { Box::pin(async { Ok(Vec::new()) }) }),
            names: Signal::stored(Names::default()),
        })
    }
}

/// Waits for a pause in typing.
const PAUSE: Duration = Duration::from_millis(80);

/// A running search: the options for what is typed last.
#[derive(Clone, Copy)]
pub(super) struct Search {
    of: &'static ObjectType,
    /// Stands before what is typed: only some are offered.
    offers: &'static str,
    references: References,
    pub options: RwSignal<Options>,
    /// What objects that were found are called.
    known: StoredValue<HashMap<i64, String>>,
    turn: StoredValue<u32>,
}

impl Search {
    pub fn new(of: &'static ObjectType, offers: &'static str) -> Self {
        Self {
            of,
            offers,
            references: References::get(),
            options: RwSignal::default(),
            known: StoredValue::default(),
            turn: StoredValue::new(0),
        }
    }

    pub fn label(self, id: i64) -> String {
        self.known
            .with_value(|known| known.get(&id).cloned())
            .unwrap_or_else(|| self.references.names.with(|names| names.label(self.of, id)))
    }

    pub fn colour(self, id: i64) -> Option<String> {
        self.references.names.with(|names| swatch_of(self.of, id, names))
    }

    pub fn remember(self, option: &Opt) -> Option<i64> {
        let id = option.key.parse().ok()?;
        self.known.update_value(|known| drop(known.insert(id, option.label.clone())));
        Some(id)
    }

    pub fn start(self, text: String) {
        let text = if self.offers.is_empty() { text } else { format!("{} {text}", self.offers) };
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        if !matches!(self.options.get_untracked(), Options::Ready(_)) {
            self.options.set(Options::Waiting);
        }
        let is_last = move || self.turn.try_get_value() == Some(turn);
        set_timeout(
            move || {
                if !is_last() {
                    return;
                }
                let Some(found) = self.references.search.try_run((self.of, text)) else { return };
                leptos::task::spawn_local(async move {
                    let found = found.await;
                    if !is_last() {
                        return;
                    }
                    self.options.set(match found {
                        Ok(hits) => Options::Ready(
                            hits.into_iter()
                                .map(|hit| Opt::new(hit.id.to_string(), hit.label).detail(hit.detail))
                                .collect(),
                        ),
                        Err(problem) => Options::Failed(problem.message),
                    });
                });
            },
            PAUSE,
        );
    }
}

/// One object of another type.
#[component]
pub fn ReferenceInput(
    entry: Slot,
    to: &'static ObjectType,
    #[prop(optional_no_strip)] by: Option<String>,
    #[prop(optional_no_strip)] label: Option<String>,
) -> impl IntoView {
    let search = Search::new(to, entry.field.offers);
    let name = move || entry.value.with(|value| value.as_int().map_or_else(String::new, |id| search.label(id)));
    let text = RwSignal::new(untrack(name));
    // the name of what is chosen, when it becomes known or something else is chosen
    Effect::new(move |_| text.set(name()));
    let chosen = Signal::derive(move || {
        entry.value.with(|value| value.as_int().map(|id| id.to_string()).into_iter().collect::<Vec<_>>())
    });
    let pick = move |option: Opt| {
        if let Some(id) = search.remember(&option) {
            text.set(option.label);
            put(entry, Value::Int(id));
        }
    };
    let clear = move |_| put(entry, Value::Null);
    // left without picking: an empty input means none, anything else what was there before
    let leave = move |()| {
        if text.with_untracked(|text| text.trim().is_empty()) && entry.value.with_untracked(|value| !value.is_null()) {
            put(entry, Value::Null);
        }
        text.set(untrack(name));
    };
    view! {
        <div class="in">
            <Combo
                id=entry.id()
                text=text
                options=search.options
                chosen=chosen
                selects=true
                on_pick=pick
                on_type=move |typed| search.start(typed)
                on_open=move |()| search.start(String::new())
                on_leave=leave
                label=label.unwrap_or_default()
                placeholder=format!("Search {}", to.plural)
                described_by=by.unwrap_or_default()
                invalid=Signal::derive(move || entry.is_invalid())
                required=entry.field.is_required()
            />
            <Show when=move || !entry.field.is_required() && entry.value.with(|value| !value.is_null())>
                <button type="button" class="act" aria-label="Clear" title="Clear" on:click=clear><Icon name="x" size=14 /></button>
            </Show>
            <Icon name="down" size=14 class="chev" />
        </div>
    }
}

/// Any number of objects of another type.
#[component]
pub fn ReferencesInput(
    entry: Slot,
    to: &'static ObjectType,
    #[prop(optional_no_strip)] by: Option<String>,
    #[prop(optional_no_strip)] label: Option<String>,
) -> impl IntoView {
    let search = Search::new(to, entry.field.offers);
    let text = RwSignal::new(String::new());
    let ids = Signal::derive(move || entry.value.with(|value| value.as_ids().to_vec()));
    let toggle = move |id: i64| {
        let mut ids = ids.get_untracked();
        match ids.iter().position(|known| *known == id) {
            Some(at) => drop(ids.remove(at)),
            None => ids.push(id),
        }
        put(entry, Value::Ids(ids.into()));
    };
    let chosen = Signal::derive(move || ids.get().iter().map(i64::to_string).collect::<Vec<_>>());
    let pick = move |option: Opt| {
        if let Some(id) = search.remember(&option) {
            toggle(id);
            if !text.with_untracked(String::is_empty) {
                text.set(String::new());
                search.start(String::new());
            }
        }
    };
    let chip = move |id: i64| {
        let label = search.label(id);
        match search.colour(id) {
            Some(colour) => view! { <Chip label=label colour=colour on_remove=move |()| toggle(id) /> }.into_any(),
            None => view! { <Chip label=label on_remove=move |()| toggle(id) /> }.into_any(),
        }
    };
    view! {
        <div class="in many">
            {move || ids.get().into_iter().map(chip).collect::<Vec<_>>()}
            <Combo
                id=entry.id()
                text=text
                options=search.options
                chosen=chosen
                many=true
                on_pick=pick
                on_type=move |typed| search.start(typed)
                on_open=move |()| search.start(String::new())
                on_leave=move |()| text.set(String::new())
                on_back=move |()| if let Some(last) = ids.get_untracked().last() { toggle(*last) }
                label=label.unwrap_or_default()
                placeholder=Signal::derive(move || if ids.with(Vec::is_empty) { format!("Search {}", to.plural) } else { String::new() })
                described_by=by.unwrap_or_default()
                invalid=Signal::derive(move || entry.is_invalid())
                required=entry.field.is_required()
            />
            <Icon name="down" size=14 class="chev" />
        </div>
    }
}
