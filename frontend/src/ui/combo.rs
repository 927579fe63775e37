//! The combo box: an input with a list of what it could mean, after the WAI-ARIA pattern (the focus stays in the input,
//! `aria-activedescendant` says which option is meant). What the options are and what picking one does is the owner's
//! business: references, tags, sets of choices and the filter bar all use this one.

use crate::ui::{
    Icon, Shape,
    dom::{self, Align},
};
use leptos::{html, prelude::*};
use peerage_model::Tone;

/// One thing that can be picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// What it is for the owner: an id, a code, a text to insert.
    pub key: String,
    pub label: String,
    /// A second, grey line.
    pub detail: String,
    /// Grey words at the right.
    pub note: String,
    pub tone: Tone,
    /// Picking it leads to further options: the list stays.
    pub leads_on: bool,
}

impl Opt {
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            detail: String::new(),
            note: String::new(),
            tone: Tone::None,
            leads_on: false,
        }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// What the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Options {
    /// Nothing to offer: the list stays closed.
    #[default]
    Closed,
    Waiting,
    Ready(Vec<Opt>),
    Failed(String),
}

/// How many options are drawn; typing more narrows the rest.
const DRAWN: usize = 200;

/// The input of a combo box, with its list. Stands inside an `.in` or `.fbox`, which is what the list lines up with.
#[component]
pub fn Combo(
    /// Of the input, for its label.
    id: String,
    /// What is in the input.
    text: RwSignal<String>,
    #[prop(into)] options: Signal<Options>,
    /// Keys that carry a tick.
    #[prop(optional, into)]
    chosen: Signal<Vec<String>>,
    #[prop(into)] on_pick: Callback<Opt>,
    /// The text was changed by typing.
    #[prop(optional, into)]
    on_type: Option<Callback<String>>,
    /// The list is wanted: focus, arrow down, press.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
    /// The focus has left.
    #[prop(optional, into)]
    on_leave: Option<Callback<()>>,
    /// Backspace in an empty input.
    #[prop(optional, into)]
    on_back: Option<Callback<()>>,
    /// Enter while no option is marked.
    #[prop(optional, into)]
    on_enter: Option<Callback<()>>,
    /// Stays open after a pick.
    #[prop(optional)]
    many: bool,
    /// What is in the input is a name to be replaced: it is selected when the focus comes.
    #[prop(optional)]
    selects: bool,
    /// The first option is marked at once; else only after an arrow key.
    #[prop(default = true)]
    marks_first: bool,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(optional, into)] described_by: Option<String>,
    #[prop(optional, into)] invalid: Signal<bool>,
    #[prop(optional, into)] required: bool,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] node_ref: NodeRef<html::Input>,
) -> impl IntoView {
    let list_id = format!("{id}-list");
    let list = NodeRef::<html::Ul>::new();
    let open = RwSignal::new(false);
    let marked = RwSignal::new(None::<usize>);
    let ready = move || match options.get_untracked() {
        Options::Ready(options) => options,
        _ => Vec::new(),
    };
    let close = move || open.set(false);
    let want = move || {
        if !open.get_untracked() {
            open.set(true);
            if let Some(on_open) = on_open {
                on_open.run(());
            }
        }
    };
    // what is offered has changed: mark the first, show or hide, and place anew
    Effect::new(move |_| {
        let offered = options.get();
        let shown = open.get() && !matches!(offered, Options::Closed);
        let first = matches!(&offered, Options::Ready(options) if !options.is_empty()) && marks_first;
        marked.set((shown && first).then_some(0));
        let (Some(list), Some(input)) = (list.get(), node_ref.get()) else { return };
        if shown {
            request_animation_frame(move || {
                let frame = input.closest(".in, .fbox, td").ok().flatten().unwrap_or_else(|| (**input).clone());
                dom::show_at(&list, &frame, Align::Fill);
            });
        } else {
            request_animation_frame(move || dom::hide(&list));
        }
    });
    let pick = move |option: Opt| {
        let stays = many || option.leads_on;
        on_pick.run(option);
        if !stays {
            close();
        }
        if let Some(input) = node_ref.get_untracked() {
            let _ = input.focus();
        }
    };
    let step = move |by: isize| {
        let count = ready().len().min(DRAWN);
        if count == 0 {
            return;
        }
        let next = match marked.get_untracked() {
            None => {
                if by > 0 {
                    0
                } else {
                    count - 1
                }
            }
            Some(at) => (at as isize + by).rem_euclid(count as isize) as usize,
        };
        marked.set(Some(next));
        if let Some(list) = list.get_untracked()
            && let Some(option) = dom::all(&list, "[role=option]").get(next)
        {
            dom::reveal(option);
        }
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        let is_open = open.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if is_open => step(1),
            "ArrowUp" if is_open => step(-1),
            "ArrowDown" | "ArrowUp" => want(),
            "Enter" => {
                let option = marked.get_untracked().filter(|_| is_open).and_then(|at| ready().get(at).cloned());
                match (option, on_enter) {
                    (Some(option), _) => pick(option),
                    (None, Some(enter)) => {
                        close();
                        enter.run(());
                    }
                    // the form's own Enter
                    (None, None) => return,
                }
            }
            "Escape" if is_open => close(),
            "Tab" => {
                close();
                return;
            }
            "Backspace" if text.with_untracked(String::is_empty) => {
                if let Some(back) = on_back {
                    back.run(());
                }
                return;
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let typed = move |event| {
        let now = event_target_value(&event);
        text.set(now.clone());
        want();
        if let Some(on_type) = on_type {
            on_type.run(now);
        }
    };
    let option_id = {
        let list_id = list_id.clone();
        move |at: usize| format!("{list_id}-{at}")
    };
    let active = {
        let option_id = option_id.clone();
        move || marked.get().filter(|_| open.get()).map(&option_id)
    };
    let drawn = move || match options.get() {
        _ if !open.get() => ().into_any(),
        Options::Closed => ().into_any(),
        Options::Waiting => view! { <li class="note" role="presentation">"Searching…"</li> }.into_any(),
        Options::Failed(why) => view! { <li class="note bad" role="presentation">{why}</li> }.into_any(),
        Options::Ready(options) if options.is_empty() => {
            view! { <li class="note" role="presentation">"Nothing matches"</li> }.into_any()
        }
        Options::Ready(options) => {
            let more = options.len().saturating_sub(DRAWN);
            let lines = options.into_iter().take(DRAWN).enumerate().map(|(at, option)| {
                let key = option.key.clone();
                let on = move || chosen.with(|chosen| chosen.contains(&key));
                let picked = option.clone();
                view! {
                    <li
                        role="option"
                        id=option_id(at)
                        aria-selected=move || (marked.get() == Some(at)).to_string()
                        data-on=move || on().to_string()
                        // before the input loses the focus
                        on:pointerdown=move |event| event.prevent_default()
                        on:click=move |_| pick(picked.clone())
                    >
                        <Icon name="check" size=12 />
                        <span>
                            {(option.tone != Tone::None).then(|| view! { <span class="row"><Shape tone=option.tone />{option.label.clone()}</span> })}
                            {(option.tone == Tone::None).then_some(option.label)}
                        </span>
                        {(!option.note.is_empty()).then(|| view! { <span class="k">{option.note}</span> })}
                        {(!option.detail.is_empty()).then(|| view! { <small>{option.detail}</small> })}
                    </li>
                }
            });
            view! {
                {lines.collect::<Vec<_>>()}
                {(more > 0).then(|| view! { <li class="note" role="presentation">{format!("{more} more: type to narrow")}</li> })}
            }
            .into_any()
        }
    };
    view! {
        <input
            type="text"
            id=id
            class=class
            node_ref=node_ref
            role="combobox"
            autocomplete="off"
            spellcheck="false"
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-label=label.filter(|label| !label.is_empty())
            aria-controls=list_id.clone()
            aria-expanded=move || (open.get() && options.with(|options| *options != Options::Closed)).to_string()
            aria-activedescendant=active
            aria-describedby=described_by
            aria-invalid=move || invalid.get().then_some("true")
            aria-required=required.then_some("true")
            placeholder=placeholder
            prop:value=text
            on:input=typed
            on:keydown=keydown
            on:click=move |_| want()
            on:focus=move |_| {
                if let Some(input) = node_ref.get_untracked().filter(|_| selects) {
                    input.select();
                }
            }
            on:blur=move |_| {
                // the browser also says so when a page that has gone takes a focused control along
                if open.try_get_untracked().is_none() {
                    return;
                }
                close();
                if let Some(leave) = on_leave {
                    leave.run(());
                }
            }
        />
        <ul class="pop listbox" class:bare=!many popover="manual" role="listbox" id=list_id aria-label="Options" node_ref=list>
            {drawn}
        </ul>
    }
}
