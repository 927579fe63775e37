//! What stands where data will be or would be: an empty state that teaches, a skeleton that is not seen for its first
//! 150 ms, and an error that says what can be done.

use crate::ui::{Button, Icon, Look, copy::to_clipboard, toast::Toasts};
use leptos::prelude::*;
use peerage_model::{Label, Problem};

/// Nothing is here: what it would be, why one would want it, the next step.
#[component]
pub fn Empty(
    #[prop(default = "info")] icon: &'static str,
    #[prop(into)] title: String,
    /// What it is and why one would want one.
    #[prop(optional, into)]
    about: String,
    /// Inside another section.
    #[prop(optional)]
    slim: bool,
    /// The next step, and a link to import.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty" class:slim=slim>
            {(!slim).then(|| view! { <Icon name=icon size=20 /> })}
            <h2>{title}</h2>
            {(!about.is_empty()).then(|| view! { <p>{about}</p> })}
            {children.map(|children| view! { <div class="next">{children()}</div> })}
        </section>
    }
}

/// It failed: what, with a label that scripts and support know, and a way to try again.
#[component]
pub fn ErrorPanel(
    problem: Problem,
    #[prop(optional, into)] retry: Option<Callback<()>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let label = label_text(problem.label);
    let details = format!("{label}: {}\n{}", problem.message, window().location().href().unwrap_or_default());
    let title = match problem.label {
        Label::Offline => "The server cannot be reached",
        Label::Forbidden => "This is not open to you",
        Label::NotFound => "There is nothing here",
        Label::SignInNeeded => "Signed out",
        Label::Unavailable => "Something outside did not answer",
        _ => "This did not work",
    };
    view! {
        <section class="errbox" role="alert">
            <Icon name="error" />
            <h2>{title}</h2>
            <p>{problem.message}</p>
            <p class="small t2">"Label " <code>{label}</code></p>
            <div class="next">
                {retry.map(|retry| view! { <Button label="Try again" icon="poll" on_press=move |()| retry.run(()) /> })}
                <Button
                    label="Copy details"
                    icon="copy"
                    look=Look::Ghost
                    on_press=move |()| to_clipboard(details.clone(), toasts)
                />
                {children.map(|children| children())}
            </div>
        </section>
    }
}

/// A label as scripts see it: `not-found`.
pub fn label_text(label: Label) -> String {
    serde_json::to_value(label).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The first visit of a list.
#[component]
pub fn SkeletonTable(#[prop(default = 6)] columns: usize, #[prop(default = 14)] rows: usize) -> impl IntoView {
    let widths = ["58%", "74%", "42%", "66%", "50%"];
    let row = move |at: usize| {
        let cells = (0..columns).map(|column| {
            let width = widths[(at * 3 + column * 2) % widths.len()];
            view! { <td><i style=("--w", width)></i></td> }
        });
        view! { <tr>{cells.collect::<Vec<_>>()}</tr> }
    };
    view! {
        <table class="tbl skel" aria-hidden="true">
            <tbody>{(0..rows).map(row).collect::<Vec<_>>()}</tbody>
        </table>
        <p class="sr" role="status">"Loading"</p>
    }
}

/// The first visit of anything else.
#[component]
pub fn SkeletonLines(#[prop(default = 8)] lines: usize) -> impl IntoView {
    let widths = ["38%", "62%", "54%", "71%", "46%"];
    view! {
        <div class="skel lines" aria-hidden="true">
            {(0..lines).map(|at| view! { <i style=("--w", widths[at % widths.len()])></i> }).collect::<Vec<_>>()}
        </div>
        <p class="sr" role="status">"Loading"</p>
    }
}
