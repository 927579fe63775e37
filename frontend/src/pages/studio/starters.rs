//! What a new template can begin with: the templates that come with Peerage. Shown while nothing is typed; gone with the
//! first letter, and back when everything is deleted.

use super::draft::{Draft, from_starter};
use crate::{
    data::api,
    ui::{Button, Look},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::rendering::{Starter, starter_templates};
use peerage_model::{Problem, types::CONFIGURATION};

#[component]
pub fn Starters(draft: Draft) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Vec<Starter>, Problem>>);
    let some = draft.of.is(&CONFIGURATION);
    let wanted = Memo::new(move |_| some && draft.id() == 0 && draft.source.with(|source| source.is_empty()));
    Effect::new(move |_| {
        if wanted.get() && found.with_untracked(Option::is_none) {
            spawn_local(async move {
                found.try_set(Some(api::ask(starter_templates()).await));
            });
        }
    });
    let list = move || match found.get() {
        None => view! { <p class="t3">"Looking for starters…"</p> }.into_any(),
        Some(Err(problem)) => view! { <p class="t3">{problem.message}</p> }.into_any(),
        Some(Ok(starters)) => starters
            .into_iter()
            .map(|starter| {
                let label = format!("Begin with {}", starter.name);
                let about = starter.description.clone();
                let begin = move |()| draft.fill(&from_starter(&starter));
                view! {
                    <li>
                        <Button label=label icon="config" look=Look::Plain on_press=begin />
                        <span class="small t2">{about}</span>
                    </li>
                }
            })
            .collect::<Vec<_>>()
            .into_any(),
    };
    view! {
        <Show when=move || wanted.get()>
            <section class="begin-with" aria-label="Starters">
                <h2>"Begin with a starter, or just type"</h2>
                <ul>{list}</ul>
            </section>
        </Show>
    }
}
