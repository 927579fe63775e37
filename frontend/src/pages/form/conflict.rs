//! Somebody else changed the object while it was being edited here. What only they changed is taken over; where both
//! did, one chooses per field, and saves again.

use crate::ui::{Button, Dialog, Form, Look, Names, cell::words};
use leptos::prelude::*;
use peerage_model::{Field, Record, Value};

/// A field that both changed.
#[derive(Clone, Debug)]
struct Both {
    field: &'static Field,
    theirs: Value,
    ours: Value,
}

/// The dialog; open while there is a record of theirs.
#[component]
pub fn Conflict(form: Form, theirs: RwSignal<Option<Record>>, #[prop(into)] on_settled: Callback<()>) -> impl IntoView {
    let names = use_context::<Names>().unwrap_or_default();
    let open = RwSignal::new(false);
    let both = RwSignal::new(Vec::<(Both, RwSignal<bool>)>::new());
    let taken = RwSignal::new(Vec::<String>::new());
    Effect::new(move |_| {
        let Some(now) = theirs.get() else { return };
        let (base, ours) = (form.base(), untrack(|| form.record()));
        let mut clashes = Vec::new();
        let mut only_theirs = Vec::new();
        for (field, before, theirs) in now.differences(&base) {
            if field.is_read_only() || field.is_internal() || form.entry(field.name).is_none() {
                continue;
            }
            let mine = ours.get(field.name);
            if mine == before {
                only_theirs.push(field.label());
            } else if mine != theirs {
                let clash = Both { field, theirs: theirs.clone(), ours: mine.clone() };
                clashes.push((clash, RwSignal::new(true)));
            }
        }
        both.set(clashes);
        taken.set(only_theirs);
        open.set(true);
    });
    let settle = move |mine: Option<bool>| {
        let Some(now) = theirs.get_untracked() else { return };
        open.set(false);
        theirs.set(None);
        form.rebase(now);
        for (clash, keep) in both.get_untracked() {
            if !mine.unwrap_or_else(|| keep.get_untracked())
                && let Some(entry) = form.entry(clash.field.name)
            {
                entry.value.set(clash.theirs);
            }
        }
        on_settled.run(());
    };
    let foot = move || {
        view! {
            <Button label="Cancel" look=Look::Ghost on_press=move |()| { open.set(false); theirs.set(None); } />
            <Button label="Take theirs" on_press=move |()| settle(Some(false)) />
            <Button label="Save with these choices" look=Look::Primary on_press=move |()| settle(None) />
        }
    };
    let rows = move || {
        both.get()
            .into_iter()
            .map(|(clash, keep)| {
                let label = clash.field.label();
                let choice = |value: &Value, mine: bool| {
                    let shown = words(clash.field, value, &names);
                    let shown = if shown.is_empty() { "nothing".to_owned() } else { shown };
                    view! {
                        <td>
                            <label class="row">
                                <input
                                    type="radio"
                                    class="radio"
                                    name=format!("conflict-{}", clash.field.name)
                                    prop:checked=move || keep.get() == mine
                                    on:change=move |_| keep.set(mine)
                                />
                                {shown}
                            </label>
                        </td>
                    }
                };
                view! {
                    <tr>
                        <th scope="row">{label}</th>
                        {choice(&clash.theirs, false)}
                        {choice(&clash.ours, true)}
                    </tr>
                }
            })
            .collect::<Vec<_>>()
    };
    let rows = StoredValue::new_local(rows);
    view! {
        <Dialog open=open title="Changed by somebody else meanwhile" class="dialog wide" foot=foot>
            {move || {
                let taken = taken.get();
                (!taken.is_empty()).then(|| view! { <p>{format!("Only they changed, and it is taken over: {}.", taken.join(", "))}</p> })
            }}
            <Show
                when=move || both.with(|both| !both.is_empty())
                fallback=|| view! { <p>"No field was changed by both of you. Saving again keeps both changes."</p> }
            >
                <p>"You both changed these. Choose what shall stand."</p>
                <table class="wasnow">
                    <thead>
                        <tr>
                            <th scope="col">"Field"</th>
                            <th scope="col">"Theirs"</th>
                            <th scope="col">"Yours"</th>
                        </tr>
                    </thead>
                    <tbody>{move || rows.with_value(|rows| rows())}</tbody>
                </table>
            </Show>
        </Dialog>
    }
}
