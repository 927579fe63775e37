//! Puts an identifier on the clipboard. Seen when its line is hovered and whenever it has the focus; says 'Copied
//! AS64500' to screen readers and shows a tick for two seconds.

use crate::ui::{Icon, Toasts};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;

/// A copy button for `text`.
#[component]
pub fn Copy(
    #[prop(into)] text: String,
    /// What it is, for its name: 'Copy IP address'.
    #[prop(into)]
    what: String,
    /// Shown without hovering.
    #[prop(optional)]
    always: bool,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let toasts = Toasts::get();
    let name = format!("Copy {what}");
    let press = move |_| {
        to_clipboard(text.clone(), toasts);
        done.set(true);
        set_timeout(
            move || {
                done.try_set(false);
            },
            Duration::from_secs(2),
        );
    };
    view! {
        <button type="button" class="copy" class:always=always class:done=move || done.get() aria-label=name.clone() title=name on:click=press>
            {move || if done.get() { view! { <Icon name="check" size=14 /> } } else { view! { <Icon name="copy" size=14 /> } }}
        </button>
    }
}

/// Copies, and says so or why not.
pub fn to_clipboard(text: String, toasts: Toasts) {
    leptos::task::spawn_local(async move {
        let clipboard = window().navigator().clipboard();
        // absent on pages without TLS
        let there = !AsRef::<wasm_bindgen::JsValue>::as_ref(&clipboard).is_undefined();
        let written = there && JsFuture::from(clipboard.write_text(&text)).await.is_ok();
        if written {
            toasts.announce(format!("Copied {text}"));
        } else {
            toasts.say(format!("The browser does not let this page copy. The text is: {text}"));
        }
    });
}
