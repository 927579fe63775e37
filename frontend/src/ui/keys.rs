//! One listener for every key of the page. Components register what a key does, in a scope; whatever registered last
//! wins, and everything that a component registered goes when it goes. Single letters do nothing while somebody types,
//! and can be switched off altogether (WCAG 2.1.4). `?` shows what works here.
//!
//! Keys are written as `k`, `Ctrl K` (Ctrl or Cmd), `Shift ArrowDown`, `Escape`, or two letters one after the other:
//! `g s`.

use crate::ui::{Dialog, dom};
use leptos::{ev, prelude::*};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// Where a key works, in the order of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    Global,
    /// A list and its rows.
    List,
    /// One object.
    Object,
    /// A form or an editor: these keys also work while typing.
    Editor,
}

impl Scope {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::List => "In this list",
            Self::Object => "On this page",
            Self::Editor => "While editing",
        }
    }
}

#[derive(Clone)]
struct Binding {
    id: u32,
    scope: Scope,
    keys: &'static str,
    what: String,
    run: Callback<KeyboardEvent, bool>,
}

/// The registry, in context.
#[derive(Clone, Copy)]
pub struct Keys {
    bindings: RwSignal<Vec<Binding>>,
    /// Whether single letters are commands.
    letters: RwSignal<bool>,
    /// The first of two letters.
    pending: RwSignal<Option<String>>,
    next: StoredValue<u32>,
    /// The sheet of keys is shown.
    pub sheet: RwSignal<bool>,
}

impl Keys {
    /// Starts listening; once, at the root.
    pub fn provide() -> Self {
        let keys = Self {
            bindings: RwSignal::default(),
            letters: RwSignal::new(dom::stored("letters").as_deref() != Some("off")),
            pending: RwSignal::default(),
            next: StoredValue::new(0),
            sheet: RwSignal::new(false),
        };
        provide_context(keys);
        let handle = window_event_listener(ev::keydown, move |event| keys.press(&event));
        on_cleanup(move || handle.remove());
        keys.bind(Scope::Global, "?", "Show keys", move |()| keys.sheet.set(true));
        keys
    }

    pub fn get() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Binds a key until the current component goes.
    pub fn bind(
        self,
        scope: Scope,
        keys: &'static str,
        what: impl Into<String>,
        run: impl Fn(()) + Send + Sync + 'static,
    ) {
        self.bind_if(scope, keys, what, move |_| {
            run(());
            true
        });
    }

    /// As [`Keys::bind`]; `run` says whether it took the key. If not, the next binding and then the browser get it.
    pub fn bind_if(
        self,
        scope: Scope,
        keys: &'static str,
        what: impl Into<String>,
        run: impl Fn(KeyboardEvent) -> bool + Send + Sync + 'static,
    ) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let binding = Binding { id, scope, keys, what: what.into(), run: Callback::new(run) };
        self.bindings.update(|bindings| bindings.push(binding));
        on_cleanup(move || {
            self.bindings.try_update(|bindings| bindings.retain(|binding| binding.id != id));
        });
    }

    pub fn letters_work(self) -> bool {
        self.letters.get()
    }

    pub fn set_letters(self, on: bool) {
        dom::store("letters", if on { "on" } else { "off" });
        self.letters.set(on);
    }

    fn press(self, event: &KeyboardEvent) {
        if event.default_prevented() || event.is_composing() || event.key() == "Shift" {
            return;
        }
        let typing =
            event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|on| dom::is_typing(&on));
        let chord = chord(event);
        let single = is_letter(&chord);
        if single && (typing || !self.letters.get_untracked()) {
            return;
        }
        // a dialog has the keyboard to itself, but for what edits inside it
        let modal = document().query_selector("dialog:modal").is_ok_and(|found| found.is_some());
        let sequence = self.pending.get_untracked().map(|first| format!("{first} {chord}"));
        self.pending.set(None);
        let bindings = self.bindings.get_untracked();
        let meant = chord.starts_with("Ctrl ") || chord.starts_with("Alt ") || chord == "Escape";
        let works = |binding: &Binding| binding.scope == Scope::Editor || (!modal && (!typing || meant));
        for wanted in sequence.as_deref().into_iter().chain([chord.as_str()]) {
            for binding in bindings.iter().rev().filter(|binding| binding.keys == wanted && works(binding)) {
                if binding.run.try_run(event.clone()) == Some(true) {
                    event.prevent_default();
                    return;
                }
            }
        }
        let begins = |binding: &Binding| binding.keys.split_once(' ').is_some_and(|(first, _)| first == chord);
        if single && bindings.iter().any(begins) {
            self.pending.set(Some(chord));
            set_timeout(
                move || {
                    self.pending.try_set(None);
                },
                Duration::from_millis(1200),
            );
        }
    }
}

/// `Ctrl Shift K`: modifiers, then the key. A letter's case says nothing; Shift is named only where the key's own name
/// does not show it.
fn chord(event: &KeyboardEvent) -> String {
    let key = event.key();
    let letter = key.chars().count() == 1;
    let mut chord = String::new();
    if event.ctrl_key() || event.meta_key() {
        chord.push_str("Ctrl ");
    }
    if event.alt_key() && !letter {
        chord.push_str("Alt ");
    }
    let cased = key.chars().next().is_some_and(char::is_alphabetic);
    if event.shift_key() && (!letter || cased) {
        chord.push_str("Shift ");
    }
    match (letter && cased, chord.is_empty()) {
        (true, true) => chord.push_str(&key.to_lowercase()),
        (true, false) => chord.push_str(&key.to_uppercase()),
        _ => chord.push_str(&key),
    }
    chord
}

/// A key that somebody may also be typing.
fn is_letter(chord: &str) -> bool {
    !chord.starts_with("Ctrl") && chord.rsplit(' ').next().is_some_and(|key| key.chars().count() == 1)
}

/// Two bindings of one scope for the same keys, or one that hides the start of another: `g` beside `g s`.
pub fn conflicts<'a>(bindings: &[(Scope, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for (at, (scope, keys)) in bindings.iter().enumerate() {
        for (other_scope, other) in &bindings[at + 1..] {
            let hides = |a: &str, b: &str| {
                a == b || (is_letter(a) && !a.contains(' ') && b.split_once(' ').is_some_and(|(first, _)| first == a))
            };
            if scope == other_scope && (hides(keys, other) || hides(other, keys)) {
                found.push((*keys, *other));
            }
        }
    }
    found
}

/// Key caps: `Ctrl K` as two, arrows as signs.
#[component]
pub fn Caps(keys: &'static str) -> impl IntoView {
    keys.split(' ')
        .map(|key| {
            let sign = match key {
                "ArrowDown" => "↓",
                "ArrowUp" => "↑",
                "ArrowLeft" => "←",
                "ArrowRight" => "→",
                "Enter" => "↵",
                "Escape" => "Esc",
                key => key,
            };
            view! { <kbd>{sign}</kbd> }
        })
        .collect::<Vec<_>>()
}

/// What works here, on `?`.
#[component]
pub fn KeySheet() -> impl IntoView {
    let keys = Keys::get();
    let groups = move || {
        let mut bindings = keys.bindings.get();
        bindings.retain(|binding| !binding.what.is_empty());
        bindings.sort_by_key(|binding| binding.scope);
        let mut groups: Vec<(Scope, Vec<Binding>)> = Vec::new();
        for binding in bindings {
            match groups.last_mut() {
                Some((scope, group)) if *scope == binding.scope => {
                    if !group.iter().any(|known| known.keys == binding.keys) {
                        group.push(binding);
                    }
                }
                _ => groups.push((binding.scope, vec![binding])),
            }
        }
        groups
            .into_iter()
            .map(|(scope, group)| {
                let rows = group.into_iter().map(|binding| {
                    view! { <dt>{binding.what}</dt> <dd><Caps keys=binding.keys /></dd> }
                });
                view! { <section><h3>{scope.label()}</h3><dl>{rows.collect::<Vec<_>>()}</dl></section> }
            })
            .collect::<Vec<_>>()
    };
    let toggle = move |event| keys.set_letters(event_target_checked(&event));
    view! {
        <Dialog open=keys.sheet title="Keys" class="dialog wide">
            <div class="keysheet">{groups}</div>
            <label class="row">
                <input type="checkbox" role="switch" class="switch" prop:checked=move || keys.letters_work() on:change=toggle />
                "Single letters are commands"
            </label>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_keys_in_one_scope_conflict() {
        assert_eq!(conflicts(&[(Scope::List, "e"), (Scope::List, "e")]), [("e", "e")]);
        assert!(conflicts(&[(Scope::List, "e"), (Scope::Object, "e")]).is_empty());
    }

    #[test]
    fn a_letter_hides_a_sequence_that_begins_with_it() {
        assert_eq!(conflicts(&[(Scope::Global, "g s"), (Scope::Global, "g")]), [("g s", "g")]);
        assert!(conflicts(&[(Scope::Global, "g s"), (Scope::Global, "g r"), (Scope::Global, "Ctrl G")]).is_empty());
    }
}
