//! What somebody may do, as a table: types down, verbs across. A permission that stands for many types shows in the rows that
//! it covers, so that one sees at once what a tick would add. Below stand those that are limited to some objects by a filter.

use crate::ui::{Button, Icon, Look, form::Slot, input::put};
use leptos::prelude::*;
use peerage_model::{
    Value,
    permit::{Grantable, VERBS, grantable, limit, limitables, special},
};
use std::sync::Arc;

/// Adds or removes one name.
fn toggle(entry: Slot, name: &str, on: bool) {
    let mut names: Vec<Arc<str>> = entry.value.with_untracked(|value| value.as_texts().to_vec());
    names.retain(|known| &**known != name);
    if on {
        names.push(name.into());
    }
    names.sort_unstable();
    put(entry, Value::Texts(names.into()));
}

fn has(entry: Slot, name: &str) -> bool {
    entry.value.with(|value| value.as_texts().iter().any(|known| &**known == name))
}

fn tick(entry: Slot, name: String, label: String, covered_by: Vec<String>) -> AnyView {
    let covered = move || covered_by.iter().any(|wider| has(entry, wider));
    let covered = Memo::new(move |_| covered());
    let own = name.clone();
    let checked = move || covered.get() || has(entry, &own);
    view! {
        <input
            type="checkbox"
            class="tick"
            aria-label=label
            title=name.clone()
            disabled=move || covered.get()
            prop:checked=checked
            on:change=move |event| toggle(entry, &name, event_target_checked(&event))
        />
    }
    .into_any()
}

/// What a limited permission begins with.
const FIRST_LIMIT: &str = "devices.change_router ";

/// Permissions for some objects of a type only: which, and the filter.
#[component]
fn Limits(entry: Slot) -> impl IntoView {
    let all = move || entry.value.with(|value| value.as_texts().to_vec());
    let is_limited = |name: &Arc<str>| limit(name).is_some();
    let limits = Memo::new(move |_| all().into_iter().filter(is_limited).collect::<Vec<_>>());
    let change = move |edit: &dyn Fn(&mut Vec<Arc<str>>)| {
        let mut limited = limits.get_untracked();
        edit(&mut limited);
        let whole = untrack(all).into_iter().filter(|name| !is_limited(name));
        put(entry, Value::Texts(whole.chain(limited).collect()));
    };
    let row = move |at: usize| {
        let part = move |first: bool| {
            limits.with(|limits| {
                let parts = limits.get(at).and_then(|one| limit(one)).unwrap_or_default();
                (if first { parts.0 } else { parts.1 }).to_owned()
            })
        };
        let set = move |name: String, filter: String| {
            change(&move |limits| {
                if let Some(one) = limits.get_mut(at) {
                    *one = format!("{name} {}", filter.trim()).into();
                }
            });
        };
        let groups = limitables().into_iter().map(|(of, names)| {
            let options = names.into_iter().map(|(word, name)| {
                let own = name.clone();
                let chosen = move || part(true) == own;
                view! { <option value=name selected=chosen>{format!("{word} {}", of.plural)}</option> }
            });
            view! { <optgroup label=of.plural>{options.collect::<Vec<_>>()}</optgroup> }
        });
        view! {
            <div class="limit">
                <span class="in">
                    <select
                        aria-label="Permission"
                        on:change=move |event| set(event_target_value(&event), part(false))
                    >
                        {groups.collect::<Vec<_>>()}
                    </select>
                    <Icon name="down" size=14 class="chev" />
                </span>
                <span>"where"</span>
                <span class="in mono grow">
                    <input
                        type="text"
                        aria-label="Filter"
                        placeholder="tags:lab status:enabled"
                        spellcheck="false"
                        prop:value=move || part(false)
                        on:change=move |event| set(part(true), event_target_value(&event))
                    />
                </span>
                <Button
                    label="Remove"
                    icon="x"
                    icon_only=true
                    look=Look::Ghost
                    small=true
                    on_press=move || change(&move |limits| drop(limits.remove(at)))
                />
            </div>
        }
    };
    let count = Memo::new(move |_| limits.with(Vec::len));
    let add = move || change(&|limits| limits.push(FIRST_LIMIT.into()));
    view! {
        <section class="limits" aria-label="Only some objects">
            <h3>"Only some objects"</h3>
            <p class="muted">
                "What a list's filter shows, and nothing else: neither read, found, changed nor told of. Several add up. Nobody can put an object beyond their own reach, or take one that is."
            </p>
            {move || (0..count.get()).map(row).collect::<Vec<_>>()}
            <Button label="Add a limited permission" icon="plus" small=true on_press=add />
        </section>
    }
}

/// The control of a field that holds permissions.
#[component]
pub fn PermissionsInput(entry: Slot, by: Option<String>) -> impl IntoView {
    let rows = grantable();
    // what stands for many types, by application; all types are of the application ""
    let wide: Vec<Grantable> = rows.iter().filter(|row| row.is_wide).cloned().collect();
    // rows of PeeringDB are granted as one; a single one shows where it was granted by itself
    let is_shown = |row: &&Grantable| {
        let granted = || row.verbs.iter().flatten().any(|name| untrack(|| has(entry, name)));
        row.is_wide || row.app != "peeringdb" || granted()
    };
    let lines = rows.iter().filter(is_shown).map(|row| {
        let cells = row.verbs.iter().enumerate().map(|(at, name)| {
            let tick = name.clone().map(|name| {
                let wider = wide.iter().filter(|wide| row.is_covered && (wide.app.is_empty() || wide.app == row.app));
                let covered_by = wider.filter_map(|wide| wide.verbs[at].clone()).filter(|wide| *wide != name).collect();
                tick(entry, name, format!("{} {}", VERBS[at], row.label), covered_by)
            });
            view! { <td class="c">{tick}</td> }
        });
        view! {
            <tr class:total=row.is_wide>
                <th scope="row">{row.label.clone()}</th>
                {cells.collect::<Vec<_>>()}
            </tr>
        }
    });
    let others = special().into_iter().map(|(name, words)| {
        view! {
            <label class="choice">
                {tick(entry, name, words.to_owned(), Vec::new())}
                <span>{words}</span>
            </label>
        }
    });
    let heads = VERBS.iter().map(|verb| view! { <th scope="col" class="c">{*verb}</th> });
    view! {
        <div role="group" id=entry.id() tabindex="-1" aria-describedby=by aria-label=entry.field.label()>
            <div class="specials">{others.collect::<Vec<_>>()}</div>
            <table class="tbl grants">
                <thead>
                    <tr>
                        <th scope="col">"Objects"</th>
                        {heads.collect::<Vec<_>>()}
                    </tr>
                </thead>
                <tbody>{lines.collect::<Vec<_>>()}</tbody>
            </table>
            <Limits entry=entry />
        </div>
    }
}
