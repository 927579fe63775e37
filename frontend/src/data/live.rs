//! Other people's changes, as they are made: the server's stream of events. What an event tells of is asked for anew if it
//! is not known already; own writes are. The stream is open while somebody looks at the page, since a browser has only a few
//! connections to one server; coming back, it is told what it missed.

use super::{Session, cache};
use crate::ui::dom::href;
use leptos::prelude::*;
use peerage_model::{ObjectType, Origin, registry};
use serde::Deserialize;
use std::{cell::RefCell, time::Duration};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventSource, MessageEvent, VisibilityState};

/// Events that come together are answered together.
const TOGETHER: Duration = Duration::from_millis(120);
/// The stream is opened again so long after it was refused.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    of: String,
    id: i64,
    version: i64,
    action: String,
}

struct Stream {
    source: EventSource,
    _heard: Closure<dyn Fn(MessageEvent)>,
    _began: Closure<dyn Fn(MessageEvent)>,
    _missed: Closure<dyn Fn(MessageEvent)>,
    _failed: Closure<dyn Fn()>,
}

#[derive(Default)]
struct State {
    stream: Option<Stream>,
    /// The number of the last event; empty before the first.
    last: String,
    /// A look at what is shown is on its way.
    stirred: bool,
    /// So is one at what shows the system's own notes.
    noted: bool,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Listens as long as somebody is signed in and looks at the page.
pub fn listen() {
    let session = Session::get();
    let signed_in = Memo::new(move |_| session.me.with(Option::is_some));
    let visible = RwSignal::new(is_visible());
    let watching = window_event_listener_untyped("visibilitychange", move |_| visible.set(is_visible()));
    on_cleanup(move || watching.remove());
    // the browser itself says that there is no network: nothing is asked until it says otherwise
    let online = RwSignal::new(window().navigator().on_line());
    for name in ["online", "offline"] {
        let listening = window_event_listener_untyped(name, move |_| {
            let now = window().navigator().on_line();
            online.set(now);
            if now { session.refresh() } else { session.offline.set(true) }
        });
        on_cleanup(move || listening.remove());
    }
    Effect::new(move |_| {
        if signed_in.get() && visible.get() && online.get() {
            open();
        } else {
            close();
        }
        if !signed_in.get() {
            // somebody else may be next, and sees from where they begin
            STATE.with_borrow_mut(|state| state.last.clear());
        }
    });
}

fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

fn close() {
    if let Some(stream) = STATE.with_borrow_mut(|state| state.stream.take()) {
        stream.source.close();
    }
}

fn open() {
    close();
    let last = STATE.with_borrow(|state| state.last.clone());
    let path = if last.is_empty() { href("/events") } else { format!("{}?since={last}", href("/events")) };
    let Ok(source) = EventSource::new(&path) else { return };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        remember(&event);
        take(&event.data());
    });
    let began = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        remember(&event);
        let session = Session::get();
        if session.offline.get_untracked() {
            // what was shown meanwhile may be old
            session.changed();
        }
    });
    let missed = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        remember(&event);
        cache::clear();
        stir();
    });
    let failed = Closure::<dyn Fn()>::new(|| {
        // asks, and thereby finds out whether it is the network or the sign-in
        Session::get().refresh();
        let refused = STATE.with_borrow(|state| {
            state.stream.as_ref().is_some_and(|stream| stream.source.ready_state() == EventSource::CLOSED)
        });
        if refused {
            set_timeout(
                || {
                    let gone = STATE.with_borrow(|state| {
                        state.stream.as_ref().is_none_or(|stream| stream.source.ready_state() == EventSource::CLOSED)
                    });
                    if gone && is_visible() && Session::get().me.with_untracked(Option::is_some) {
                        open();
                    }
                },
                PAUSE,
            );
        }
    });
    source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    for (name, closure) in [("ready", &began), ("reset", &missed)] {
        // fails only for names that are no text
        let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    }
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    let stream = Stream { source, _heard: heard, _began: began, _missed: missed, _failed: failed };
    STATE.with_borrow_mut(|state| state.stream = Some(stream));
}

fn remember(event: &MessageEvent) {
    let number = event.last_event_id();
    if !number.is_empty() {
        STATE.with_borrow_mut(|state| state.last = number);
    }
}

fn take(data: &JsValue) {
    let Some(line) = data.as_string().and_then(|text| serde_json::from_slice::<Line>(text.as_bytes()).ok()) else {
        return;
    };
    // a newer server may have types that this page does not know
    let Ok(of) = registry::get(&line.of) else { return };
    if !is_news(of, &line) {
        return;
    }
    if of.origin == Origin::Note {
        stir_notes();
    } else {
        stir();
    }
}

/// Forgets what is out of date; false: it is known already.
fn is_news(of: &'static ObjectType, line: &Line) -> bool {
    if line.id == 0 {
        cache::outdated(of);
        return true;
    }
    if line.action == "delete" {
        if cache::is_gone(of, line.id) {
            return false;
        }
        cache::forget(of, line.id);
    } else if cache::version(of, line.id).is_some_and(|known| known >= line.version) {
        return false;
    }
    cache::outdated(of);
    true
}

/// What is shown asks anew, once for all events of a moment.
fn stir() {
    let first = STATE.with_borrow_mut(|state| !std::mem::replace(&mut state.stirred, true));
    if first {
        set_timeout(
            || {
                STATE.with_borrow_mut(|state| state.stirred = false);
                Session::get().changed();
            },
            TOGETHER,
        );
    }
}

/// As [`stir`], for what shows notes of the system: a job that runs is news several times a second, and nobody else's.
fn stir_notes() {
    let first = STATE.with_borrow_mut(|state| !std::mem::replace(&mut state.noted, true));
    if first {
        set_timeout(
            || {
                STATE.with_borrow_mut(|state| state.noted = false);
                Session::get().noted.update(|count| *count += 1);
            },
            TOGETHER,
        );
    }
}
