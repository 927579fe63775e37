//! One search for everything: lists by their names at once, objects by their words from the server. Arrow keys choose,
//! Enter goes there, Ctrl Enter in a new tab.

use super::navigation::section_of;
use crate::{
    data::{Session, api, place::Place},
    pages::BESIDES_LISTS,
    ui::{Icon, dom, dom::href},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use peerage_model::{ObjectType, Origin, permit::View, registry};
use std::time::Duration;

/// Pause in typing after which the server is asked.
const PAUSE: Duration = Duration::from_millis(80);

#[derive(Clone, Debug, PartialEq)]
struct Found {
    group: &'static str,
    icon: &'static str,
    label: String,
    why: String,
    path: String,
}

impl Found {
    fn list(of: &'static ObjectType) -> Self {
        Self {
            group: "Go to",
            icon: of.icon,
            label: of.plural.to_owned(),
            why: section_of(of).to_owned(),
            path: of.list_path(),
        }
    }
}

/// Lists whose name has these words; without words those that people edit.
fn lists(text: &str) -> Vec<Found> {
    let text = text.trim().to_ascii_lowercase();
    let session = Session::get();
    let wanted = |of: &&'static ObjectType| {
        if !session.allows::<View>(of) {
            false
        } else if text.is_empty() {
            of.origin == Origin::Operator
        } else {
            of.plural.to_ascii_lowercase().contains(&text)
        }
    };
    let lists = registry::TYPES.iter().copied().filter(wanted).map(Found::list).take(8);
    let besides = BESIDES_LISTS.iter().filter(|besides| {
        !text.is_empty() && besides.label.to_ascii_lowercase().contains(&text) && (besides.may)(session)
    });
    let besides = besides.map(|besides| Found {
        group: "Go to",
        icon: besides.icon,
        label: besides.label.to_owned(),
        why: besides.of.plural.to_owned(),
        path: besides.path(),
    });
    lists.chain(besides).collect()
}

#[component]
pub(super) fn Search(open: RwSignal<bool>) -> impl IntoView {
    let place = Place::here();
    let dialog = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let text = RwSignal::new(String::new());
    let objects = RwSignal::new(Vec::<Found>::new());
    let note = RwSignal::new("");
    let at = RwSignal::new(0usize);
    let asked = StoredValue::new(0u32);
    let found = Memo::new(move |_| {
        let mut found = lists(&text.get());
        objects.with(|objects| {
            // what was meant is rather an object, once there is one
            if text.with(|text| text.trim().len() > 1) {
                found.splice(0..0, objects.iter().cloned());
            }
        });
        found
    });

    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(dialog) = dialog.get() {
            if wanted && !dialog.open() {
                let _ = dialog.show_modal();
                if let Some(input) = input.get_untracked() {
                    let _ = input.focus();
                    input.select();
                }
            } else if !wanted && dialog.open() {
                dialog.close();
            }
        }
    });

    let ask = move |words: String| {
        let number = asked.get_value() + 1;
        asked.set_value(number);
        at.set(0);
        if words.trim().len() < 2 {
            objects.set(Vec::new());
            note.set("");
            return;
        }
        set_timeout(
            move || {
                if asked.try_get_value() != Some(number) {
                    return;
                }
                spawn_local(async move {
                    let answer = api::search(words).await;
                    if asked.try_get_value() != Some(number) {
                        return;
                    }
                    match answer {
                        Ok(hits) => {
                            note.set(if hits.is_empty() { "No object has these words." } else { "" });
                            objects.set(hits.into_iter().filter_map(object).collect());
                        }
                        Err(_) => note.set("The search did not work. Lists can be reached all the same."),
                    }
                });
            },
            PAUSE,
        );
    };
    let go = move |found: &Found, new_tab: bool| {
        if new_tab {
            let _ = window().open_with_url_and_target(&href(&found.path), "_blank");
        } else {
            open.set(false);
            place.go(&found.path);
        }
    };
    let press = move |event: ev::KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" => {
                let chosen = found.with_untracked(|found| found.get(at.get_untracked()).cloned());
                if let Some(chosen) = chosen {
                    go(&chosen, event.ctrl_key() || event.meta_key());
                }
            }
            _ => return,
        }
        event.prevent_default();
        request_animation_frame(move || {
            if let Some(line) = dom::by_id(&line_id(at.get_untracked())) {
                dom::reveal(&line);
            }
        });
    };
    let lines = move || {
        let mut group = "";
        let found = found.get();
        found
            .into_iter()
            .enumerate()
            .map(|(number, hit)| {
                let title = (hit.group != group).then_some(hit.group);
                group = hit.group;
                let to = hit.clone();
                view! {
                    {title.map(|title| view! { <h3 role="presentation">{title}</h3> })}
                    <li
                        role="option"
                        id=line_id(number)
                        aria-selected=move || (at.get() == number).to_string()
                        on:click=move |event| go(&to, event.ctrl_key() || event.meta_key())
                    >
                        <Icon name=hit.icon />
                        <span>{hit.label}</span>
                        <span class="why">{hit.why}</span>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    let active = move || found.with(|found| (!found.is_empty()).then(|| line_id(at.get())));
    view! {
        <dialog class="palette" node_ref=dialog aria-label="Search or jump" closedby="any" on:close=move |_| open.set(false)>
            <div class="q">
                <Icon name="search" />
                <input
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label="Search or jump to"
                    aria-expanded="true"
                    aria-controls="found"
                    aria-autocomplete="list"
                    aria-activedescendant=active
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Name, AS number, address…"
                    prop:value=move || text.get()
                    on:input=move |event| {
                        let words = event_target_value(&event);
                        text.set(words.clone());
                        ask(words);
                    }
                    on:keydown=press
                />
                <kbd aria-hidden="true">"Esc"</kbd>
            </div>
            <div class="hits">
                <ul id="found" role="listbox" aria-label="Found">
                    {lines}
                </ul>
                <p class="none" role="status" hidden=move || note.get().is_empty()>
                    {note}
                </p>
            </div>
            <div class="hint" aria-hidden="true">
                <span><kbd>"↑"</kbd> <kbd>"↓"</kbd> " move"</span>
                <span class="end"><kbd>"Ctrl ↵"</kbd> " new tab"</span>
            </div>
        </dialog>
    }
}

fn line_id(number: usize) -> String {
    format!("found-{number}")
}

fn object(hit: peerage_app::records::Hit) -> Option<Found> {
    let of = registry::get(&hit.object.of).ok()?;
    Some(Found {
        group: "Objects",
        icon: of.icon,
        label: hit.label,
        why: if hit.on.is_empty() { of.name.to_owned() } else { format!("{} on {}", of.name, hit.on) },
        path: of.object_path(hit.object.id),
    })
}
