//! What is typed and not saved is kept in this tab (sessionStorage), so that neither a reload nor a lost sign-in takes
//! it away. Secrets are not kept.

use crate::ui::{Button, Form, Icon, Look, time};
use leptos::prelude::*;
use peerage_model::Kind;
use serde_json::{Map, Value as Json};
use std::time::Duration;

/// Pause in typing after which it is kept.
const PAUSE: Duration = Duration::from_millis(300);

/// A form's draft.
#[derive(Clone, Copy)]
pub struct Draft {
    /// When it was kept last; nothing is kept: none.
    pub at: RwSignal<Option<i64>>,
    /// It was there when the form was opened, and is in its fields now.
    restored: RwSignal<bool>,
    name: StoredValue<String>,
    form: Form,
}

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

impl Draft {
    /// Takes up the draft of an earlier visit, and keeps this one's.
    pub fn keep(form: Form, id: i64) -> Self {
        let name = format!("peerage.draft.{}.{id}", form.of.key());
        let draft =
            Self { at: RwSignal::new(None), restored: RwSignal::new(false), name: StoredValue::new(name), form };
        draft.restore();
        let turn = StoredValue::new(0u32);
        Effect::new(move |before: Option<()>| {
            let record = form.record();
            if before.is_none() {
                return;
            }
            let number = turn.get_value() + 1;
            turn.set_value(number);
            drop(record);
            set_timeout(
                move || {
                    if turn.try_get_value() == Some(number) {
                        draft.write();
                    }
                },
                PAUSE,
            );
        });
        draft
    }

    fn write(self) {
        let changed = untrack(|| self.form.is_changed());
        if !changed {
            self.forget();
            return;
        }
        let mut fields = self.form.to_edit().fields;
        fields
            .retain(|name, _| self.form.of.field(name).is_some_and(|field| !matches!(field.kind, Kind::Secret { .. })));
        let text = serde_json::to_string(&fields).unwrap_or_default();
        let kept = self.name.with_value(|name| storage().is_some_and(|storage| storage.set_item(name, &text).is_ok()));
        self.at.set(kept.then(time::now));
    }

    fn restore(self) {
        let text = self.name.with_value(|name| storage()?.get_item(name).ok()?);
        let fields: Option<Map<String, Json>> = text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
        let base = self.form.base();
        for (name, json) in fields.into_iter().flatten() {
            let Some(entry) = self.form.entry(&name) else { continue };
            if let Ok(value) = entry.field.kind.from_json(&json)
                && *base.get(entry.field.name) != value
            {
                entry.value.set(value);
                self.restored.set(true);
            }
        }
    }

    /// It was saved or is not wanted.
    pub fn forget(self) {
        self.name.try_with_value(|name| storage().map(|storage| storage.remove_item(name)));
        self.at.try_set(None);
    }
}

/// Says that the form holds an earlier draft.
#[component]
pub fn Restored(draft: Draft) -> impl IntoView {
    let discard = move |()| {
        let base = draft.form.base();
        for entry in draft.form.slots() {
            entry.unread.set(None);
            entry.problem.set(None);
            entry.value.set(base.get(entry.field.name).clone());
        }
        draft.restored.set(false);
        draft.forget();
    };
    view! {
        <Show when=move || draft.restored.get()>
            <div class="notice info" role="status">
                <Icon name="info" />
                "What you typed here before and did not save is in the form again."
                <span class="end">
                    <Button label="Start afresh" small=true look=Look::Ghost on_press=discard />
                </span>
            </div>
        </Show>
    }
}
