//! Data for a page: what is kept is shown in the same frame, what is true follows. While a new list loads, the one
//! before stays, so that typing in a filter never blinks.

use super::{
    Session, api,
    cache::{self, Detailed, Listing},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_model::{ObjectType, Origin, Problem, query::ListRequest, registry};

/// Something from the server, as signals.
#[derive(Debug)]
pub struct Fetched<T: Send + Sync + 'static> {
    /// None until the first answer, if nothing was kept.
    pub data: RwSignal<Option<T>>,
    /// Why the last question had no answer; older data may be there all the same.
    pub problem: RwSignal<Option<Problem>>,
    /// A question is on its way.
    pub busy: RwSignal<bool>,
    /// When the last answer came, microseconds.
    pub at: RwSignal<Option<i64>>,
    again: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// Asks once more.
    pub fn reload(self) {
        self.again.try_update(|count| *count += 1);
    }
}

/// Asks whenever the question changes, or something was written. `kept` answers in the same frame, if it can.
pub fn fetched<Q, T, F>(
    question: Signal<Option<Q>>,
    kept: impl Fn(&Q) -> Option<T> + 'static,
    ask: impl Fn(Q) -> F + 'static,
) -> Fetched<T>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    T: PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, Problem>> + 'static,
{
    with_notes(question, |_| false, kept, ask)
}

/// As [`fetched`]; asks as well when the system noted something, if the question is about that.
fn with_notes<Q, T, F>(
    question: Signal<Option<Q>>,
    about_notes: impl Fn(&Q) -> bool + 'static,
    kept: impl Fn(&Q) -> Option<T> + 'static,
    ask: impl Fn(Q) -> F + 'static,
) -> Fetched<T>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    T: PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, Problem>> + 'static,
{
    let state = Fetched {
        data: RwSignal::new(None),
        problem: RwSignal::new(None),
        busy: RwSignal::new(false),
        at: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    // counts the questions: an answer to an older one is dropped
    let newest = StoredValue::new(0u32);
    let Session { revision, noted, .. } = Session::get();
    Effect::new(move |_| {
        state.again.track();
        revision.track();
        let number = newest.get_value() + 1;
        newest.set_value(number);
        let Some(question) = question.get() else { return };
        if about_notes(&question) {
            noted.track();
        }
        if let Some(kept) = kept(&question) {
            state.data.set(Some(kept));
            state.problem.set(None);
        }
        state.busy.set(true);
        let answer = ask(question);
        spawn_local(async move {
            let answer = answer.await;
            if newest.try_get_value() != Some(number) {
                return;
            }
            state.busy.set(false);
            match answer {
                Ok(new) => {
                    state.problem.set(None);
                    state.at.set(Some(crate::ui::time::now()));
                    if state.data.with_untracked(|old| old.as_ref() != Some(&new)) {
                        state.data.set(Some(new));
                    }
                }
                Err(problem) => state.problem.set(Some(problem)),
            }
        });
    });
    state
}

/// A page of a list; none is asked for while the request is none.
pub fn use_list(request: Signal<Option<ListRequest>>) -> Fetched<Listing> {
    let about_notes = |request: &ListRequest| registry::get(&request.of).is_ok_and(|of| of.origin == Origin::Note);
    with_notes(request, about_notes, cache::listing, api::list)
}

/// One object.
pub fn use_detail(of: &'static ObjectType, id: i64) -> Fetched<Detailed> {
    let about_notes = move |_: &i64| of.origin == Origin::Note;
    with_notes(Signal::stored(Some(id)), about_notes, move |id| cache::detail(of, *id), move |id| api::detail(of, id))
}
