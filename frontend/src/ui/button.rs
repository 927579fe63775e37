//! Buttons do something here; link buttons lead somewhere. An icon alone carries its label as accessible name and as
//! title. The key that does the same is shown inside, as a hint only: binding it is the page's business
//! ([`crate::ui::Keys`]).

use crate::ui::Icon;
use leptos::prelude::*;

/// How much a button asks for attention. One `Primary` per page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    #[default]
    Plain,
    Primary,
    Ghost,
    Danger,
    /// The one that deletes, in a dialog that asks.
    DangerPrimary,
}

impl Look {
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => "primary",
            Self::Ghost => "ghost",
            Self::Danger => "danger",
            Self::DangerPrimary => "danger primary",
        }
    }
}

pub(super) fn class(look: Look, small: bool, icon_only: bool, more: &str) -> String {
    let mut class = String::from("btn");
    for part in [look.class(), if small { "sm" } else { "" }, if icon_only { "icon" } else { "" }, more] {
        if !part.is_empty() {
            class.push(' ');
            class.push_str(part);
        }
    }
    class
}

fn inside(label: Signal<String>, icon: Option<&'static str>, icon_only: bool, keys: &'static str) -> impl IntoView {
    let size = if icon_only { 16 } else { 14 };
    view! {
        {icon.map(|name| view! { <Icon name=name size=size /> })}
        {(!icon_only).then(|| view! { {label} })}
        {(!keys.is_empty() && !icon_only).then(|| view! { <kbd aria-hidden="true">{keys}</kbd> })}
    }
}

/// A button. While `busy` it says so and takes no presses.
#[component]
pub fn Button(
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional)] look: Look,
    #[prop(optional)] small: bool,
    /// Only the icon is drawn; the label becomes its name.
    #[prop(optional)]
    icon_only: bool,
    /// The key that does the same, shown as a cap.
    #[prop(optional)]
    keys: &'static str,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] busy: Signal<bool>,
    /// Submits the form around it instead of calling `on_press`.
    #[prop(optional)]
    submit: bool,
    /// For a button that stays on or off.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    #[prop(optional)] class: &'static str,
    #[prop(optional, into)] on_press: Option<Callback<()>>,
    #[prop(optional)] node_ref: NodeRef<leptos::html::Button>,
) -> impl IntoView {
    let name = move || icon_only.then(|| label.get());
    view! {
        <button
            node_ref=node_ref
            type=if submit { "submit" } else { "button" }
            class=self::class(look, small, icon_only, class)
            aria-label=name
            title=name
            aria-pressed=move || pressed.map(|on| on.get().to_string())
            aria-busy=move || busy.get().then_some("true")
            disabled=move || disabled.get()
            on:click=move |_| {
                if let Some(press) = on_press && !busy.get_untracked() {
                    press.run(());
                }
            }
        >
            {inside(label, icon, icon_only, keys)}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] icon: Option<&'static str>,
    #[prop(optional)] look: Look,
    #[prop(optional)] small: bool,
    #[prop(optional)] icon_only: bool,
    #[prop(optional)] keys: &'static str,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let name = move || icon_only.then(|| label.get());
    view! {
        <a href=href class=self::class(look, small, icon_only, class) aria-label=name title=name>
            {inside(label, icon, icon_only, keys)}
        </a>
    }
}
