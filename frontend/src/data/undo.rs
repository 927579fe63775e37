//! Taking back what was written here: the toast after it, the key, the change log. What this page wrote is remembered in
//! order, so that the key takes one step after the other.

use super::api;
use crate::ui::Toasts;
use leptos::task::spawn_local;
use peerage_app::changes::Undo;
use std::cell::RefCell;

/// Steps that the key can go back.
const MOST: usize = 100;

thread_local! {
    static WRITTEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Says that something was written, and offers to take it back.
pub fn done(toasts: Toasts, words: String, request: Option<String>) {
    let Some(request) = request else { return toasts.done(words) };
    WRITTEN.with_borrow_mut(|written| {
        if written.len() >= MOST {
            written.remove(0);
        }
        written.push(request.clone());
    });
    toasts.undoable(words, move || take_back(toasts, Undo { request: request.clone(), change: 0 }));
}

/// The newest thing that this page wrote and that was not taken back yet.
pub fn last(toasts: Toasts) {
    match WRITTEN.with_borrow_mut(Vec::pop) {
        Some(request) => take_back(toasts, Undo { request, change: 0 }),
        None => toasts.say("There is nothing to undo from this page. Older changes are undone in the change log."),
    }
}

/// Undoes, and says what came of it.
pub fn take_back(toasts: Toasts, undo: Undo) {
    WRITTEN.with_borrow_mut(|written| written.retain(|request| *request != undo.request));
    spawn_local(async move {
        match api::undo(undo).await {
            Ok(undone) => {
                let mut words = if undone.changes == 1 {
                    "Undone".to_owned()
                } else {
                    format!("{} changes undone", undone.changes)
                };
                for missing in undone.missing {
                    words.push_str(". ");
                    words.push_str(missing.trim_end_matches('.'));
                }
                let again = undone.request;
                toasts.undoable(words, move || take_back(toasts, Undo { request: again.clone(), change: 0 }));
            }
            Err(problem) => toasts.failed("Nothing was undone", &problem),
        }
    });
}
