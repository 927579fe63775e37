//! What would come of something, tried by the server a moment after the person has stopped changing it. What was overtaken meanwhile
//! is dropped: the newest wins.

use leptos::{prelude::*, task::spawn_local};
use peerage_model::Problem;
use std::time::Duration;

/// Pause after a change until it is tried.
const PAUSE: Duration = Duration::from_millis(250);

/// What came of the trial; none: nothing was tried yet.
pub type Tried<A> = Option<Result<A, Problem>>;

/// Keeps trying what is `wanted`, tracked. While nothing is, there is no outcome; what came of an earlier trial stays until the next
/// is through.
pub fn use_trial<W: 'static, A, F>(
    wanted: impl Fn() -> Option<W> + 'static,
    ask: impl Fn(W) -> F + Copy + 'static,
) -> RwSignal<Tried<A>>
where
    A: Send + Sync + 'static,
    F: Future<Output = Result<A, Problem>> + 'static,
{
    let tried = RwSignal::new(None);
    let newest = StoredValue::new(0u32);
    Effect::new(move |_| {
        let number = newest.get_value() + 1;
        newest.set_value(number);
        let Some(wanted) = wanted() else {
            tried.set(None);
            return;
        };
        let begin = move || {
            if newest.try_get_value() != Some(number) {
                return;
            }
            spawn_local(async move {
                let answer = ask(wanted).await;
                if newest.try_get_value() == Some(number) {
                    tried.set(Some(answer));
                }
            });
        };
        set_timeout(begin, PAUSE);
    });
    tried
}
