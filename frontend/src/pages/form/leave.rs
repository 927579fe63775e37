//! Leaving a form with changes that are not saved: asks once, whether by a link, by keys, from the search or by closing the
//! tab. The browser's own way back cannot be held up; there the draft stays, and a message says so.

use crate::{
    data::place::{Place, hold_back, own_path},
    ui::{Button, Dialog, Look, Toasts},
};
use leptos::{ev, prelude::*};
use send_wrapper::SendWrapper;
use std::rc::Rc;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, MouseEvent};

/// Watches over a form.
#[derive(Clone, Copy)]
pub struct Leaving {
    open: RwSignal<bool>,
    /// Where the link leads that was held back.
    to: RwSignal<String>,
    allowed: StoredValue<bool>,
    place: Place,
}

impl Leaving {
    /// Until the component goes.
    pub fn guard(changed: impl Fn() -> bool + Copy + 'static) -> Self {
        let leaving = Self {
            open: RwSignal::new(false),
            to: RwSignal::default(),
            allowed: StoredValue::new(false),
            place: Place::here(),
        };
        let holds = move || !leaving.allowed.try_get_value().unwrap_or(true) && untrack(changed);
        let closing = SendWrapper::new(window_event_listener(ev::beforeunload, move |event| {
            if holds() {
                event.prevent_default();
            }
        }));
        // before the router sees the click
        let click = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
            let plain =
                event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
            let link = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok())
                .and_then(|target| target.closest("a[href]").ok().flatten())
                .filter(|link| !link.has_attribute("target") && !link.has_attribute("rel"));
            if let Some(href) = link.and_then(|link| link.get_attribute("href"))
                && plain
                && href.starts_with('/')
                && holds()
            {
                event.prevent_default();
                event.stop_propagation();
                leaving.ask(own_path(&href));
            }
        });
        hold_back(Some(Rc::new(move |to| {
            let held = holds();
            if held {
                leaving.ask(to.to_owned());
            }
            held
        })));
        let toasts = Toasts::get();
        // in the capturing phase: the router's own listener takes the form away
        let back = Closure::<dyn Fn()>::new(move || {
            if holds() {
                toasts.say("The form was left without saving. Its draft is kept in this tab.");
            }
        });
        let _ = window().add_event_listener_with_callback_and_bool("popstate", back.as_ref().unchecked_ref(), true);
        let back = SendWrapper::new(back);
        // both fail only without a document
        let _ = document().add_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
        let click = SendWrapper::new(click);
        on_cleanup(move || {
            hold_back(None);
            closing.take().remove();
            let back = back.take();
            let _ =
                window().remove_event_listener_with_callback_and_bool("popstate", back.as_ref().unchecked_ref(), true);
            let click = click.take();
            let _ =
                document().remove_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
        });
        leaving
    }

    /// What is changed is saved, or may go.
    pub fn allow(self) {
        self.allowed.set_value(true);
    }

    /// Asks, then goes there.
    pub fn ask(self, to: String) {
        self.to.set(to);
        self.open.set(true);
    }

    fn go(self) {
        self.allow();
        self.open.set(false);
        self.place.go(&self.to.get_untracked());
    }
}

/// The question.
#[component]
pub fn Ask(leaving: Leaving, #[prop(into)] on_discard: Callback<()>) -> impl IntoView {
    let discard = move |()| {
        on_discard.run(());
        leaving.go();
    };
    let foot = move || {
        view! {
            <Button label="Discard changes" look=Look::Danger on_press=discard />
            <Button label="Leave, keep the draft" on_press=move |()| leaving.go() />
            <Button label="Stay" look=Look::Primary on_press=move |()| leaving.open.set(false) />
        }
    };
    view! {
        <Dialog open=leaving.open title="Leave without saving?" foot=foot>
            <p>"The changes are not saved yet. The draft stays in this tab until you save or discard it."</p>
        </Dialog>
    }
}
