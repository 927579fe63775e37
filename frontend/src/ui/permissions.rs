//! What somebody may do, as a table: types down, verbs across. A permission that stands for many types shows in the rows that
//! it covers, so that one sees at once what a tick would add.

use crate::ui::{form::Slot, input::put};
use leptos::prelude::*;
use peerage_model::{
    Value,
    permit::{Grantable, VERBS, grantable, special},
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

/// The control of a field that holds permissions.
#[component]
pub fn PermissionsInput(entry: Slot, by: Option<String>) -> impl IntoView {
    let rows = grantable();
    // what stands for many types, by application; all types are of the application ""
    let wide: Vec<Grantable> = rows.iter().filter(|row| is_wide(row)).cloned().collect();
    // rows of PeeringDB are granted as one; a single one shows where it was granted by itself
    let is_shown = |row: &&Grantable| {
        let granted = || row.verbs.iter().flatten().any(|name| untrack(|| has(entry, name)));
        is_wide(row) || row.app != "peeringdb" || granted()
    };
    let lines = rows.iter().filter(is_shown).map(|row| {
        let cells = row.verbs.iter().enumerate().map(|(at, name)| {
            let tick = name.clone().map(|name| {
                let wider = wide.iter().filter(|wide| wide.app.is_empty() || wide.app == row.app);
                let covered_by = wider.filter_map(|wide| wide.verbs[at].clone()).filter(|wide| *wide != name).collect();
                tick(entry, name, format!("{} {}", VERBS[at], row.label), covered_by)
            });
            view! { <td class="c">{tick}</td> }
        });
        view! {
            <tr class:total=is_wide(row)>
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
        </div>
    }
}

fn is_wide(row: &Grantable) -> bool {
    row.verbs[0].as_ref().is_some_and(|name| name.ends_with("_*"))
}
