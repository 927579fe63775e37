//! A rendered configuration: line numbers, marks beside changed lines, and the text itself as one piece of text, so that
//! thousands of lines are painted in a few milliseconds, can be searched with the browser, and are copied without
//! numbers. Marks are laid behind the text by their line, which is why every line has the same height.

use super::{ink::use_ink, lines::Change};
use leptos::{html, prelude::*};
use std::{fmt::Write as _, sync::Arc};

/// Height of a line, and what stands above the first: as in the style sheet.
const LINE: usize = 18;
const ABOVE: usize = 6;

/// A text with line numbers. `at` is the change that is shown; setting it scrolls there.
#[component]
pub fn ConfigText(
    #[prop(into)] text: Signal<Arc<str>>,
    #[prop(optional, into)] changes: Signal<Vec<Change>>,
    #[prop(optional)] at: RwSignal<Option<usize>>,
    /// What the region is called.
    #[prop(into)]
    label: Signal<String>,
    /// It belongs to an older template than the one that is typed.
    #[prop(optional, into)]
    stale: Signal<bool>,
) -> impl IntoView {
    let scroller = NodeRef::<html::Div>::new();
    let pre = NodeRef::<html::Pre>::new();
    use_ink(pre, text, LINE as f64);
    let count = Memo::new(move |_| text.with(|text| text.lines().count()));
    let numbers = move || {
        let mut out = String::new();
        for number in 1..=count.get() {
            // writing to a text cannot fail
            let _ = writeln!(out, "{number}");
        }
        out
    };
    let marks = move || {
        changes
            .get()
            .into_iter()
            .map(|change| {
                let class = if change.lines == 0 { "gone" } else { "new" };
                let top = format!("{}px", ABOVE + change.line * LINE);
                let height = format!("{}px", (change.lines * LINE).max(2));
                let signs = "+\n".repeat(change.lines);
                view! { <span class=class style:top=top style:height=height><i>{signs}</i></span> }
            })
            .collect::<Vec<_>>()
    };
    Effect::new(move |_| {
        let line = at.get().and_then(|at| changes.with_untracked(|changes| changes.get(at).map(|change| change.line)));
        if let (Some(line), Some(scroller)) = (line, scroller.get()) {
            let top = i32::try_from(ABOVE + line * LINE).unwrap_or(i32::MAX);
            scroller.set_scroll_top(top - scroller.client_height() / 3);
        }
    });
    view! {
        <div class="body cfg" class:stale=stale node_ref=scroller tabindex="0" role="region" aria-label=label>
            <div class="cfg-in">
                <div class="cfg-marks" aria-hidden="true">{marks}</div>
                <pre class="cfg-nums" aria-hidden="true">{numbers}</pre>
                <pre class="cfg-text" data-testid="result" node_ref=pre>{move || text.get().to_string()}</pre>
            </div>
        </div>
    }
}
