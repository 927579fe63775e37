//! What can be done with ticked rows: takes the place of the page's foot, so that nothing jumps. 'Select all that match'
//! sends the filter, not ids.

use crate::ui::{Button, Look, pager::grouped};
use leptos::prelude::*;

/// The bar under a list while rows are ticked. Its children are the actions.
#[component]
pub fn SelectionBar(
    #[prop(into)] count: Signal<usize>,
    /// All rows that match the filter, on every page.
    #[prop(into)]
    total: Signal<u64>,
    /// Everything that matches is meant, not only what is ticked.
    #[prop(into)]
    whole: RwSignal<bool>,
    #[prop(into)] on_clear: Callback<()>,
    /// Small grey words at the end: how old the data is.
    #[prop(optional, into)]
    note: Signal<String>,
    children: Children,
) -> impl IntoView {
    let chosen = move || {
        let number = if whole.get() { total.get() } else { count.get() as u64 };
        format!("{} selected", grouped(number))
    };
    let more = move || !whole.get() && total.get() > count.get() as u64;
    view! {
        <div class="selbar" role="toolbar" aria-label="Selection">
            <b class="w5" aria-live="polite">{chosen}</b>
            <Show when=more>
                <button type="button" class="link" on:click=move |_| whole.set(true)>
                    {move || format!("Select all {} that match", grouped(total.get()))}
                </button>
            </Show>
            {children()}
            <span class="end row">
                <span class="small t3">{note}</span>
                <Button label="Clear" look=Look::Ghost keys="Esc" on_press=move |()| { whole.set(false); on_clear.run(()); } />
            </span>
        </div>
    }
}
