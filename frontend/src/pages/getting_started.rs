//! The guide inside the product: the main job step by step with the real state of each, then what the words mean and what is
//! good to know. It needs no network: an operator reads it where they work.

use super::{
    head::Head,
    steps::{STEPS, done, step_lines, use_facts},
};
use crate::ui::dom::href;
use leptos::prelude::*;
use peerage_model::types;

/// What the words of the field mean here, each a type or near to one.
static WORDS: &[(&str, &str)] = &[
    ("Autonomous system", "A network with an AS number: yours (affiliated) or a peer's."),
    ("Internet exchange", "A LAN on which networks meet, as seen from one of your own."),
    ("Connection", "Your port at an exchange: a router and your addresses on its LAN."),
    (
        "IX session",
        "A BGP session with a peer over a connection. Its status is what you want; its BGP state is what the router says.",
    ),
    ("Template", "A Jinja2 text from which a router's configuration is made."),
    ("Tag", "A word of your own on any object, to find it again and to ask for it in templates."),
];

/// What is good to know: title and text.
static HINTS: &[(&str, &str)] = &[
    (
        "Nothing is lost",
        "Every change is in the change log, with before and after, and can be undone, also tomorrow: Z undoes the last one of this page. What you type into a form is kept until it is saved. If somebody else changed the same object meanwhile, you choose field by field.",
    ),
    (
        "Everything is a link",
        "Filters, columns, order and tabs stand in the address bar: copy it, and a colleague sees the same. A filter that you need often becomes a saved view above the list, for you or for everybody.",
    ),
    (
        "Keys",
        "Ctrl K finds everything, / goes to the filter, J and K go through rows, X ticks, E edits (also all that is ticked), C adds. ? shows what works on the page where you are.",
    ),
    (
        "Many at once",
        "Tick rows, with Shift for ranges, or select all that match the filter; then edit or delete them together. You see what would change before it does, and one undo takes it back.",
    ),
    (
        "Who may what",
        "People get what their groups are granted, by type and verb. Passwords of sessions are shown only to those who may see secrets; a preview for others shows a placeholder and says so.",
    ),
    (
        "From Peering Manager",
        "Names, fields and template variables are the same. Bring your templates as they are: what renders differently, and why, stands in the README.",
    ),
];

#[component]
pub fn GettingStarted() -> impl IntoView {
    let facts = use_facts();
    let count = Signal::derive(move || format!("{} of {} steps done", done(&facts.get()), STEPS.len()));
    let words = WORDS.iter().map(|(word, meaning)| view! { <dt>{*word}</dt><dd>{*meaning}</dd> });
    let hints = HINTS.iter().map(|(title, text)| view! { <h3>{*title}</h3><p>{*text}</p> });
    view! {
        <div class="page">
            <Head title="Getting started" count=count ruled=true />
            <div class="scroll">
                <div class="guide">
                    <section class="sec">
                        <h2>"The main job, once"</h2>
                        <ol class="steps">
                            {move || step_lines(&facts.get(), true)}
                        </ol>
                        <p class="small t3">
                            "Steps tick themselves off from what is really there. "
                            <a class="link" href=href(&types::CHANGE.list_path())>"The change log"</a>
                            " shows everything that was done."
                        </p>
                    </section>
                    <section class="sec prose">
                        <h2>"Good to know"</h2>
                        {hints.collect::<Vec<_>>()}
                    </section>
                    <section class="sec">
                        <h2>"Words"</h2>
                        <dl class="dl">{words.collect::<Vec<_>>()}</dl>
                    </section>
                </div>
            </div>
        </div>
    }
}
