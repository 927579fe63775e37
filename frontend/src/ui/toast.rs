//! What the page says in passing: bottom left, over everything, read out by screen readers. An error stays until it is
//! dismissed and is never told here alone; what can be undone offers it for ten seconds. The two live regions of the
//! page are here; say something to screen readers only with [`Toasts::announce`].

use crate::ui::{Button, Icon, Look, dom};
use leptos::prelude::*;
use peerage_model::{Problem, Tone};
use std::time::Duration;

/// Where toasts are put. Kept in context by [`Toasts::provide`].
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    polite: RwSignal<String>,
    assertive: RwSignal<String>,
    /// The pointer or the focus is on them: none goes away.
    held: RwSignal<bool>,
    next: StoredValue<u32>,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
    detail: String,
    undo: Option<Callback<()>>,
}

const STAYS: Duration = Duration::from_secs(5);
const STAYS_FOR_UNDO: Duration = Duration::from_secs(10);

impl Toasts {
    /// Makes the page's own and puts it into context.
    pub fn provide() -> Self {
        let toasts = Self {
            list: RwSignal::default(),
            polite: RwSignal::default(),
            assertive: RwSignal::default(),
            held: RwSignal::new(false),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// The page's. One without a place to show, if none was provided.
    pub fn get() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Something was done.
    pub fn done(self, text: impl Into<String>) {
        self.push(Tone::Ok, text.into(), String::new(), None, Some(STAYS));
    }

    /// Something is so.
    pub fn say(self, text: impl Into<String>) {
        self.push(Tone::Info, text.into(), String::new(), None, Some(STAYS));
    }

    /// Something was done that can be taken back.
    pub fn undoable(self, text: impl Into<String>, undo: impl Into<Callback<()>>) {
        self.push(Tone::Ok, text.into(), String::new(), Some(undo.into()), Some(STAYS_FOR_UNDO));
    }

    /// Something failed: stays until dismissed.
    pub fn failed(self, text: impl Into<String>, problem: &Problem) {
        self.push(Tone::Bad, text.into(), problem.message.clone(), None, None);
    }

    /// For screen readers only: 'Copied AS64500'.
    pub fn announce(self, text: impl Into<String>) {
        // the same words twice must be a change
        let text = text.into();
        self.polite.update(|said| *said = if *said == text { format!("{text}\u{200b}") } else { text });
    }

    pub fn dismiss_all(self) {
        self.list.update(Vec::clear);
    }

    fn push(self, tone: Tone, text: String, detail: String, undo: Option<Callback<()>>, stays: Option<Duration>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let spoken = if detail.is_empty() { text.clone() } else { format!("{text}. {detail}") };
        if tone == Tone::Bad {
            self.assertive.set(spoken)
        } else {
            self.announce(spoken)
        }
        self.list.update(|list| {
            if list.len() >= 4 {
                list.remove(0);
            }
            list.push(Toast { id, tone, text, detail, undo });
        });
        if let Some(stays) = stays {
            self.leave_after(id, stays);
        }
    }

    fn leave_after(self, id: u32, stays: Duration) {
        set_timeout(
            move || match self.held.try_get_untracked() {
                Some(true) => self.leave_after(id, Duration::from_secs(2)),
                Some(false) => self.dismiss(id),
                None => {}
            },
            stays,
        );
    }

    fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
        self.held.set(false);
    }
}

/// Draws them; once, at the root of the page.
#[component]
pub fn Toaster() -> impl IntoView {
    let toasts = Toasts::get();
    let place = NodeRef::<leptos::html::Div>::new();
    // an element of the top layer, put on top anew for each toast: a dialog may have opened meanwhile
    Effect::new(move |_| {
        let none = toasts.list.with(Vec::is_empty);
        if let Some(place) = place.get() {
            dom::hide(&place);
            if !none {
                let _ = place.show_popover();
            }
        }
    });
    view! {
        <div
            class="toasts"
            role="region"
            aria-label="Messages"
            popover="manual"
            node_ref=place
            on:pointerenter=move |_| toasts.held.set(true)
            on:pointerleave=move |_| toasts.held.set(false)
            on:focusin=move |_| toasts.held.set(true)
            on:focusout=move |_| toasts.held.set(false)
        >
            <For each=move || toasts.list.get() key=|toast| toast.id let(toast)>
                <ToastView toast=toast toasts=toasts />
            </For>
        </div>
        <div class="sr" role="status" aria-live="polite">{toasts.polite}</div>
        <div class="sr" role="alert" aria-live="assertive">{toasts.assertive}</div>
    }
}

#[component]
fn ToastView(toast: Toast, toasts: Toasts) -> impl IntoView {
    let id = toast.id;
    let icon = match toast.tone {
        Tone::Ok => "done",
        Tone::Bad => "error",
        Tone::Warn => "alert",
        _ => "info",
    };
    let undo = toast.undo.map(|undo| {
        let press = move |()| {
            toasts.dismiss(id);
            undo.try_run(());
        };
        view! { <Button label="Undo" look=Look::Ghost small=true on_press=press /> }
    });
    view! {
        <div class=format!("toast {}", toast.tone.class())>
            <Icon name=icon />
            <p>{toast.text}</p>
            {undo.map(IntoAny::into_any).unwrap_or_else(|| view! { <span></span> }.into_any())}
            <Button label="Dismiss" icon="x" icon_only=true look=Look::Ghost small=true on_press=move |()| toasts.dismiss(id) />
            {(!toast.detail.is_empty()).then(|| view! { <small>{toast.detail}</small> })}
        </div>
    }
}
