//! Menus: a button and a native popover with `menu` semantics. Arrow keys, Home, End and first letters move; `Esc` and a
//! press outside close; the focus goes back to the button. Entries are made anew each time it opens.

use crate::ui::{
    Icon, Look,
    button::class,
    dom::{self, Align},
};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// One line of a menu.
#[derive(Clone)]
pub enum Entry {
    Item(Item),
    Rule,
    Head(&'static str),
}

impl From<Item> for Entry {
    fn from(item: Item) -> Self {
        Self::Item(item)
    }
}

/// Something that can be done, or a place to go.
#[derive(Clone)]
pub struct Item {
    label: String,
    note: String,
    icon: Option<&'static str>,
    keys: &'static str,
    danger: bool,
    checked: Option<bool>,
    /// Why it cannot be done now.
    unable: Option<String>,
    act: Act,
}

#[derive(Clone)]
enum Act {
    Nothing,
    Do(Callback<()>),
    Go(String),
}

impl Item {
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            note: String::new(),
            icon: None,
            keys: "",
            danger: false,
            checked: None,
            unable: None,
            act: Act::Nothing,
        }
    }

    #[must_use]
    pub fn icon(mut self, name: &'static str) -> Self {
        self.icon = Some(name);
        self
    }

    /// Grey words at the right.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    #[must_use]
    pub fn keys(mut self, keys: &'static str) -> Self {
        self.keys = keys;
        self
    }

    #[must_use]
    pub fn danger(mut self) -> Self {
        self.danger = true;
        self
    }

    /// One of several: a tick stands before the one that is on.
    #[must_use]
    pub fn checked(mut self, on: bool) -> Self {
        self.checked = Some(on);
        self
    }

    /// Shown, but cannot be pressed; the reason is its title.
    #[must_use]
    pub fn unable(mut self, why: impl Into<String>) -> Self {
        self.unable = Some(why.into());
        self
    }

    #[must_use]
    pub fn does(mut self, act: impl Fn(()) + Send + Sync + 'static) -> Self {
        self.act = Act::Do(Callback::new(act));
        self
    }

    #[must_use]
    pub fn goes(mut self, href: impl Into<String>) -> Self {
        self.act = Act::Go(href.into());
        self
    }
}

/// A button that opens a menu.
#[component]
pub fn Menu(
    #[prop(into)] label: Signal<String>,
    #[prop(default = "more")] icon: &'static str,
    /// The label is drawn beside the icon.
    #[prop(optional)]
    worded: bool,
    #[prop(default = Look::Ghost)] look: Look,
    #[prop(optional)] small: bool,
    #[prop(optional)] button_class: &'static str,
    #[prop(into)] entries: Signal<Vec<Entry>>,
) -> impl IntoView {
    let id = dom::fresh_id("menu");
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let toggled = move |_| {
        let Some(menu) = menu.get_untracked() else { return };
        let now = dom::is_open(&menu);
        open.set(now);
        if now {
            // the entries are drawn by the effect that `open` starts; place and focus after it
            request_animation_frame(move || {
                if let Some(button) = button.get_untracked() {
                    dom::show_at(&menu, &button, Align::End);
                }
                if let Some(first) = items(&menu).first() {
                    let _ = first.focus();
                }
            });
        }
    };
    let name = move || (!worded).then(|| label.get());
    view! {
        <button
            type="button"
            node_ref=button
            class=class(look, small, !worded, button_class)
            aria-label=name
            title=name
            aria-haspopup="menu"
            aria-expanded=move || open.get().to_string()
            popovertarget=id.clone()
        >
            <Icon name=icon size=if worded { 14 } else { 16 } />
            {worded.then(|| view! { {label} <Icon name="down" size=12 /> })}
        </button>
        <div
            class="pop menu"
            id=id
            role="menu"
            popover="auto"
            node_ref=menu
            aria-label=label
            on:toggle=toggled
            on:keydown=move |event| {
                if let Some(menu) = menu.get_untracked() {
                    move_focus(&menu, &event);
                }
            }
        >
            {move || {
                open.get()
                    .then(|| entries.get_untracked().into_iter().map(|entry| draw(entry, menu)).collect::<Vec<_>>())
            }}
        </div>
    }
}

fn draw(entry: Entry, menu: NodeRef<html::Div>) -> AnyView {
    let item = match entry {
        Entry::Rule => return view! { <hr role="separator" /> }.into_any(),
        Entry::Head(text) => return view! { <h3 role="presentation">{text}</h3> }.into_any(),
        Entry::Item(item) => item,
    };
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            dom::hide(&menu);
        }
    };
    let mark = match item.checked {
        Some(on) => view! { <Icon name=if on { "check" } else { item.icon.unwrap_or_default() } /> }.into_any(),
        None => item.icon.map(|name| view! { <Icon name=name /> }).into_any(),
    };
    let inside = view! {
        {mark}
        <span>{item.label}</span>
        {(!item.note.is_empty()).then(|| view! { <em>{item.note}</em> })}
        {(!item.keys.is_empty()).then(|| view! { <kbd aria-hidden="true">{item.keys}</kbd> })}
    };
    let class = if item.danger { "danger" } else { "" };
    match item.act {
        Act::Go(href) => view! {
            <a role="menuitem" tabindex="-1" class=class href=href on:click=move |_| close()>
                {inside}
            </a>
        }
        .into_any(),
        act => {
            let unable = item.unable.is_some();
            let press = move |_| {
                if unable {
                    return;
                }
                close();
                if let Act::Do(run) = &act {
                    run.try_run(());
                }
            };
            view! {
                <button
                    type="button"
                    tabindex="-1"
                    class=class
                    role=if item.checked.is_some() { "menuitemradio" } else { "menuitem" }
                    aria-checked=item.checked.map(|on| on.to_string())
                    aria-disabled=unable.then_some("true")
                    title=item.unable
                    on:click=press
                >
                    {inside}
                </button>
            }
            .into_any()
        }
    }
}

fn items(menu: &HtmlElement) -> Vec<HtmlElement> {
    dom::all(menu, "[role^=menuitem]")
}

fn move_focus(menu: &HtmlElement, event: &web_sys::KeyboardEvent) {
    let items = items(menu);
    if items.is_empty() {
        return;
    }
    let focused = document().active_element();
    let at = items.iter().position(|item| focused.as_ref().is_some_and(|focused| item.is_same_node(Some(focused))));
    let key = event.key();
    let to = match key.as_str() {
        "ArrowDown" => at.map_or(0, |at| (at + 1) % items.len()),
        "ArrowUp" => at.map_or(items.len() - 1, |at| (at + items.len() - 1) % items.len()),
        "Home" => 0,
        "End" => items.len() - 1,
        "Tab" => {
            dom::hide(menu);
            return;
        }
        letter if letter.chars().count() == 1 && letter != " " => {
            let from = at.map_or(0, |at| at + 1);
            let wanted = letter.to_lowercase();
            let found = (0..items.len()).map(|step| (from + step) % items.len()).find(|at| {
                let words = items[*at].unchecked_ref::<web_sys::Node>().text_content().unwrap_or_default();
                words.trim().to_lowercase().starts_with(&wanted)
            });
            match found {
                Some(found) => found,
                None => return,
            }
        }
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    let _ = items[to].focus();
}
