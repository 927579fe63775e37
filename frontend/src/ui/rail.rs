//! Sections and the rail of them at the right of a page. Under 1100 pixels the rail folds under the content; the style
//! sheet does that, so a page only says which part is which.

use leptos::prelude::*;

/// A titled part of a page, parted from the next by a line.
#[component]
pub fn Section(
    #[prop(into)] title: Signal<String>,
    /// Grey words after the title.
    #[prop(optional, into)]
    note: Signal<String>,
    /// Right end of the title line: a link to all, an age.
    #[prop(optional, into)]
    end: crate::ui::dialog::Part,
    /// Its table runs from edge to edge.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="sec" class:flush=flush>
            <h2>
                {title}
                {move || {
                    let note = note.get();
                    (!note.is_empty()).then(|| view! { <span class="t3">{note}</span> })
                }}
                {end.draw().map(|end| view! { <span class="end small">{end}</span> })}
            </h2>
            {children()}
        </section>
    }
}

/// Content with a rail of sections beside it.
#[component]
pub fn Rail(
    /// The sections of the rail.
    #[prop(into)]
    rail: crate::ui::dialog::Part,
    #[prop(default = "More about it")] label: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="split railed ruled">
            <div>{children()}</div>
            <aside class="rail" aria-label=label>{rail.draw()}</aside>
        </div>
    }
}
