//! A state in words, with the shape and colour of its tone: never colour alone. Quiet when all is well; the soft ground
//! is for heads of pages, where it stands by itself.

use crate::ui::Shape;
use leptos::prelude::*;
use peerage_model::{Field, Tone, Value};

/// A word with its mark.
#[component]
pub fn Status(
    tone: Tone,
    #[prop(into)] word: String,
    /// On a soft ground.
    #[prop(optional)]
    soft: bool,
) -> impl IntoView {
    view! {
        <span class=format!("st {}", tone.class()) class:soft=soft>
            <Shape tone=tone />
            {word}
        </span>
    }
}

/// The state that a choice field holds; nothing when it holds none.
pub fn status_of(field: &Field, value: &Value, soft: bool) -> Option<AnyView> {
    let code = value.as_text().filter(|code| !code.is_empty())?;
    Some(match field.kind.choice(code) {
        Some(choice) if choice.tone == Tone::None => view! { {choice.label} }.into_any(),
        Some(choice) => view! { <Status tone=choice.tone word=choice.label soft=soft /> }.into_any(),
        // a code that this version does not know
        None => view! { <span class="t3">{code.to_owned()}</span> }.into_any(),
    })
}
