//! Marks from the sprite (`icons.svg`, one file for all). An icon is always decoration: its meaning
//! stands beside it in words, or in the `aria-label` of the button around it.

use leptos::prelude::*;
use peerage_model::Tone;
use std::cell::OnceCell;

thread_local! {
    /// Where the sprite is: the page's HTML says it, in the JSON with the id `assets`.
    static SPRITE: OnceCell<String> = const { OnceCell::new() };
}

/// The address of one symbol, `i-copy` or `s-ok`.
fn symbol(id: &str) -> String {
    SPRITE.with(|sprite| {
        let file = sprite.get_or_init(|| {
            let text = document().get_element_by_id("assets").and_then(|element| element.text_content());
            let assets: Option<serde_json::Value> = text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
            assets.and_then(|assets| assets["icons"].as_str().map(str::to_owned)).unwrap_or_default()
        });
        format!("{file}#{id}")
    })
}

/// A symbol of the sprite by name, without `i-`.
#[component]
pub fn Icon(
    name: &'static str,
    /// Width and height in pixels.
    #[prop(default = 16)]
    size: u8,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=class width=size height=size aria-hidden="true">
            <use_ href=symbol(&format!("i-{name}")) />
        </svg>
    }
}

/// A tone's shape: dot, triangle, square, ring, half disc, hollow dot. Nothing for a plain word.
#[component]
pub fn Shape(tone: Tone) -> impl IntoView {
    let name = match tone {
        Tone::None => return ().into_any(),
        Tone::Quiet => "ok",
        other => other.class(),
    };
    view! {
        <svg class=format!("is-{}", tone.class()) width="8" height="8" aria-hidden="true">
            <use_ href=symbol(&format!("s-{name}")) />
        </svg>
    }
    .into_any()
}
