//! The controls, one for each kind of content. What is typed is read and checked by the description's own functions, the
//! same that the server runs. A problem shows when the control is left, and goes as soon as it is mended.

use crate::ui::{
    Icon, Shape,
    combo::{Combo, Opt, Options},
    form::Slot,
    permissions::PermissionsInput,
    reference::{ReferenceInput, ReferencesInput},
};
use leptos::prelude::*;
use peerage_model::{Choice, Kind, Tone, Value, check::check_value};

/// The control for a entry's field.
#[component]
pub fn Control(
    entry: Slot,
    /// Ids of its help and problem.
    #[prop(optional, into)]
    described_by: Option<String>,
    /// Its name, where no label points at it: a cell of a table.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let by = described_by;
    match entry.field.kind {
        Kind::Bool if entry.field.is_nullable() => view! { <YesNo entry=entry by=by label=label /> }.into_any(),
        Kind::Bool => view! { <Switch entry=entry by=by label=label /> }.into_any(),
        Kind::Choice(set) => view! { <ChoiceInput entry=entry set=set by=by label=label /> }.into_any(),
        Kind::Choices(set) => view! { <ChoicesInput entry=entry set=set by=by /> }.into_any(),
        Kind::Permissions => view! { <PermissionsInput entry=entry by=by /> }.into_any(),
        Kind::Reference { to, .. } => view! { <ReferenceInput entry=entry to=to by=by label=label /> }.into_any(),
        Kind::References { to } => view! { <ReferencesInput entry=entry to=to by=by label=label /> }.into_any(),
        Kind::Markdown => view! { <Lines entry=entry by=by label=label class="in" /> }.into_any(),
        Kind::Template => view! { <Lines entry=entry by=by label=label class="in mono code-in" /> }.into_any(),
        Kind::Json { .. } => view! { <Lines entry=entry by=by label=label class="in mono" /> }.into_any(),
        Kind::Secret { .. } => view! { <SecretInput entry=entry by=by label=label /> }.into_any(),
        Kind::Colour => view! { <ColourInput entry=entry by=by label=label /> }.into_any(),
        Kind::Int { names, .. } if !names.is_empty() => {
            view! { <NumberChoice entry=entry names=names by=by label=label /> }.into_any()
        }
        Kind::Int { .. } | Kind::Float { .. } => {
            view! { <Line entry=entry by=by label=label class="in short" /> }.into_any()
        }
        Kind::Asn { .. }
        | Kind::IpHost { .. }
        | Kind::IpInterface { .. }
        | Kind::Prefix
        | Kind::Mac
        | Kind::Slug { .. }
        | Kind::IntList => view! { <Line entry=entry by=by label=label class="in mono" /> }.into_any(),
        Kind::Text { .. } | Kind::Url { .. } | Kind::Email | Kind::Time | Kind::TextList => {
            view! { <Line entry=entry by=by label=label class="in" /> }.into_any()
        }
    }
}

/// A password for both sides: 100 bits in small letters and digits, so that it can be told on the telephone and every router
/// takes it.
pub fn made_up() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 20];
    let filled = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).map(drop));
    match filled {
        Ok(()) => bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect(),
        // no browser is without it; nothing is better than something that can be guessed
        Err(_) => String::new(),
    }
}

/// Reads what was typed into the entry. `leaving`: problems may show now; while typing they only go.
pub(super) fn read(entry: Slot, typed: &str, leaving: bool) {
    let field = entry.field;
    let multiline = matches!(field.kind, Kind::Markdown | Kind::Template | Kind::Secret { .. });
    let nothing = if multiline { typed.is_empty() } else { typed.trim().is_empty() };
    let parsed = if nothing { Ok(field.empty_value()) } else { field.kind.parse(typed) };
    let showed = untrack(|| entry.wrong()).is_some();
    match parsed {
        Ok(value) => {
            let problem = check_value(field, &value).err();
            let changed = entry.value.with_untracked(|now| *now != value);
            if changed {
                entry.value.set(value);
            }
            entry.unread.set(None);
            // what was said of this very value by a rule about several stays until it is another
            let told = if problem.is_some() { leaving || showed } else { changed };
            if told {
                entry.problem.set(problem.map(Into::into));
            }
        }
        Err(why) if leaving || showed => entry.unread.set(Some(why)),
        Err(_) => {}
    }
}

/// The text of a control, following the value when something else sets it.
fn text_of(entry: Slot) -> RwSignal<String> {
    let kind = entry.field.kind;
    let text = RwSignal::new(entry.value.with_untracked(|value| kind.print(value)));
    Effect::new(move |_| {
        entry.value.with(|value| {
            let typed = text.get_untracked();
            let same = kind.parse(&typed).as_ref() == Ok(value) || (typed.trim().is_empty() && value.is_empty());
            if !same && untrack(|| entry.unread.get()).is_none() {
                text.set(kind.print(value));
            }
        });
    });
    text
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Asn { .. } => "AS64500",
        Kind::IpHost { family: 4 } => "192.0.2.1",
        Kind::IpHost { .. } => "2001:db8::1",
        Kind::IpInterface { family: 4 } => "192.0.2.1/24",
        Kind::IpInterface { .. } => "2001:db8::1/64",
        Kind::Prefix => "2001:db8::/32",
        Kind::Mac => "00:1b:77:49:54:fd",
        Kind::Url { .. } => "https://",
        Kind::Email => "noc@example.net",
        Kind::Time => "2026-01-31T12:00:00Z",
        Kind::TextList | Kind::IntList => "with commas between",
        _ => "",
    }
}

#[component]
fn Line(entry: Slot, by: Option<String>, label: Option<String>, class: &'static str) -> impl IntoView {
    let kind = entry.field.kind;
    let text = text_of(entry);
    let mode = match kind {
        Kind::Int { .. } => "numeric",
        Kind::Float { .. } => "decimal",
        Kind::Email => "email",
        Kind::Url { .. } => "url",
        _ => "text",
    };
    view! {
        <input
            type="text"
            id=entry.id()
            name=entry.field.name
            class=class
            inputmode=mode
            autocomplete="off"
            spellcheck="false"
            placeholder=hint(kind)
            aria-label=label
            aria-describedby=by
            aria-required=entry.field.is_required().then_some("true")
            aria-invalid=move || entry.is_invalid().then_some("true")
            prop:value=text
            on:input=move |event| {
                text.set(event_target_value(&event));
                read(entry, &text.get_untracked(), false);
            }
            on:change=move |_| {
                // the browser also says so when a page that has gone takes a focused control along
                let Some(typed) = text.try_get_untracked() else { return };
                read(entry, &typed, true);
                // what was read is shown in its own form: as1.10 becomes AS65546
                if entry.unread.with_untracked(Option::is_none) {
                    text.set(entry.value.with_untracked(|value| kind.print(value)));
                }
            }
            on:blur=move |_| {
                let Some(typed) = text.try_get_untracked() else { return };
                read(entry, &typed, entry.unread.with_untracked(Option::is_some) || !typed.is_empty());
            }
        />
    }
}

#[component]
fn Lines(entry: Slot, by: Option<String>, label: Option<String>, class: &'static str) -> impl IntoView {
    let text = text_of(entry);
    let code = !matches!(entry.field.kind, Kind::Markdown);
    view! {
        <textarea
            id=entry.id()
            name=entry.field.name
            class=class
            rows="3"
            spellcheck=if code { "false" } else { "true" }
            aria-label=label
            aria-describedby=by
            aria-invalid=move || entry.is_invalid().then_some("true")
            prop:value=text
            on:input=move |event| {
                text.set(event_target_value(&event));
                read(entry, &text.get_untracked(), false);
            }
            on:change=move |_| {
                if let Some(typed) = text.try_get_untracked() {
                    read(entry, &typed, true);
                }
            }
        ></textarea>
    }
}

/// Sets a value that a control made itself.
pub(super) fn put(entry: Slot, value: Value) {
    entry.unread.set(None);
    entry.problem.set(check_value(entry.field, &value).err().map(Into::into));
    entry.value.set(value);
}

#[component]
fn Switch(entry: Slot, by: Option<String>, label: Option<String>) -> impl IntoView {
    view! {
        <input
            type="checkbox"
            role="switch"
            class="switch"
            id=entry.id()
            name=entry.field.name
            aria-label=label
            aria-describedby=by
            aria-invalid=move || entry.is_invalid().then_some("true")
            prop:checked=move || entry.value.with(|value| value.as_bool().unwrap_or_default())
            on:change=move |event| put(entry, Value::Bool(event_target_checked(&event)))
        />
    }
}

#[component]
fn YesNo(entry: Slot, by: Option<String>, label: Option<String>) -> impl IntoView {
    let code = move || entry.value.with(|value| value.as_bool().map_or("", |yes| if yes { "yes" } else { "no" }));
    let change = move |event| {
        put(
            entry,
            match event_target_value(&event).as_str() {
                "yes" => Value::Bool(true),
                "no" => Value::Bool(false),
                _ => Value::Null,
            },
        );
    };
    view! {
        <span class="in short">
            <select id=entry.id() name=entry.field.name aria-label=label aria-describedby=by prop:value=code on:change=change>
                <option value="">"not said"</option>
                <option value="yes">"Yes"</option>
                <option value="no">"No"</option>
            </select>
            <Icon name="down" size=14 class="chev" />
        </span>
    }
}

#[component]
fn ChoiceInput(entry: Slot, set: &'static [Choice], by: Option<String>, label: Option<String>) -> impl IntoView {
    let code = move || entry.value.with(|value| value.as_text().unwrap_or_default().to_owned());
    let tone = move || entry.field.kind.choice(&code()).map_or(Tone::None, |choice| choice.tone);
    let optional = !entry.field.is_required() && set.iter().all(|choice| !choice.code.is_empty());
    let change = move |event| {
        let chosen = event_target_value(&event);
        put(entry, if chosen.is_empty() { entry.field.empty_value() } else { Value::text(chosen) });
    };
    let options = set.iter().map(|choice| {
        view! { <option value=choice.code selected=move || code() == choice.code>{choice.label}</option> }
    });
    view! {
        <span class="in">
            {move || (tone() != Tone::None).then(|| view! { <Shape tone=tone() /> })}
            <select
                id=entry.id()
                name=entry.field.name
                aria-label=label
                aria-describedby=by
                aria-required=entry.field.is_required().then_some("true")
                aria-invalid=move || entry.is_invalid().then_some("true")
                prop:value=code
                on:change=change
            >
                {optional.then(|| view! { <option value="" selected=move || code().is_empty()>"none"</option> })}
                {options.collect::<Vec<_>>()}
            </select>
            <Icon name="down" size=14 class="chev" />
        </span>
    }
}

/// Numbers that people know by name.
#[component]
fn NumberChoice(
    entry: Slot,
    names: &'static [(i64, &'static str)],
    by: Option<String>,
    label: Option<String>,
) -> impl IntoView {
    let chosen = move || entry.value.with(Value::as_int);
    let change = move |event| {
        let number = event_target_value(&event).parse().ok();
        put(entry, number.map_or_else(|| entry.field.empty_value(), Value::Int));
    };
    let options = names.iter().map(|(number, name)| {
        view! { <option value=number.to_string() selected=move || chosen() == Some(*number)>{*name}</option> }
    });
    view! {
        <span class="in short">
            <select id=entry.id() name=entry.field.name aria-label=label aria-describedby=by on:change=change>
                {options.collect::<Vec<_>>()}
            </select>
            <Icon name="down" size=14 class="chev" />
        </span>
    }
}

#[component]
fn ChoicesInput(entry: Slot, set: &'static [Choice], by: Option<String>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let codes = Signal::derive(move || match entry.value.get() {
        Value::Texts(codes) => codes.iter().map(|code| code.to_string()).collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    // in the set's order, whatever the order of picking
    let write = move |wanted: &dyn Fn(&str) -> bool| {
        put(
            entry,
            Value::Texts(set.iter().filter(|choice| wanted(choice.code)).map(|choice| choice.code.into()).collect()),
        );
    };
    let toggle = move |code: &str| {
        let now = codes.get_untracked();
        write(&|known| now.iter().any(|on| on == known) != (known == code));
    };
    let options = Signal::derive(move || {
        let typed = text.get().to_lowercase();
        let fits = |choice: &&Choice| choice.label.to_lowercase().contains(&typed);
        Options::Ready(
            set.iter().filter(fits).map(|choice| Opt::new(choice.code, choice.label).tone(choice.tone)).collect(),
        )
    });
    view! {
        <div class="in many">
            {move || {
                codes
                    .get()
                    .into_iter()
                    .map(|code| {
                        let label = entry.field.kind.label_of(&code).to_owned();
                        view! { <Chip label=label on_remove=move |()| toggle(&code) /> }
                    })
                    .collect::<Vec<_>>()
            }}
            <Combo
                id=entry.id()
                text=text
                options=options
                chosen=codes
                many=true
                on_pick=move |option: Opt| { toggle(&option.key); text.set(String::new()); }
                on_leave=move |()| text.set(String::new())
                on_back=move |()| if let Some(last) = codes.get_untracked().last() { toggle(last) }
                described_by=by.unwrap_or_default()
                invalid=Signal::derive(move || entry.is_invalid())
            />
            <Icon name="down" size=14 class="chev" />
        </div>
    }
}

/// One of several values, with a button that removes it.
#[component]
pub fn Chip(
    label: String,
    #[prop(into)] on_remove: Callback<()>,
    #[prop(optional, into)] colour: Option<String>,
) -> impl IntoView {
    let name = format!("Remove {label}");
    view! {
        <span class="term">
            {colour.map(|colour| view! { <span class="swatch" style=("--c", colour)></span> })}
            <span class="v">{label}</span>
            <button type="button" aria-label=name on:click=move |_| on_remove.run(())>
                <Icon name="x" size=10 />
            </button>
        </span>
    }
}

/// Never filled in beforehand: empty leaves a stored secret as it is.
#[component]
fn SecretInput(entry: Slot, by: Option<String>, label: Option<String>) -> impl IntoView {
    let before = entry.value.get_untracked();
    let was_set = !before.is_empty();
    let before = StoredValue::new(before);
    let text = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let removed = RwSignal::new(false);
    let typed = move |event| {
        let now = event_target_value(&event);
        text.set(now.clone());
        removed.set(false);
        if now.is_empty() { put(entry, before.get_value()) } else { read(entry, &now, false) }
    };
    let placeholder = move || match (was_set, removed.get()) {
        (true, false) => "set; type to replace",
        (true, true) => "will be removed",
        (false, _) => "none",
    };
    // somebody else may set it: a press for all rows of a table
    Effect::new(move |_| {
        entry.value.with(|value| {
            let now = value.as_text().unwrap_or_default();
            if text.with_untracked(|text| text != now) {
                text.set(now.to_owned());
            }
        });
    });
    let make_up = move |_| {
        removed.set(false);
        shown.set(true);
        put(entry, Value::text(made_up()));
    };
    let remove = move |_| {
        text.set(String::new());
        removed.set(true);
        put(entry, entry.field.empty_value());
    };
    let reveal_label = move || if shown.get() { "Hide" } else { "Show" };
    view! {
        <span class="in mono">
            <input
                type=move || if shown.get() { "text" } else { "password" }
                id=entry.id()
                name=entry.field.name
                autocomplete="new-password"
                spellcheck="false"
                placeholder=placeholder
                aria-label=label
                aria-describedby=by
                aria-invalid=move || entry.is_invalid().then_some("true")
                prop:value=text
                on:input=typed
                on:change=move |_| if let Some(typed) = text.try_get_untracked().filter(|typed| !typed.is_empty()) { read(entry, &typed, true) }
            />
            <Show when=move || was_set && !removed.get() && !entry.field.is_required()>
                <button type="button" class="act" aria-label="Remove" title="Remove" on:click=remove><Icon name="x" size=14 /></button>
            </Show>
            {entry.field.is_agreed().then(|| view! {
                <button type="button" class="act" aria-label="Make one up" title="Make one up" on:click=make_up><Icon name="key" size=14 /></button>
            })}
            <button type="button" class="act" aria-label=reveal_label title=reveal_label on:click=move |_| shown.update(|shown| *shown = !*shown)>
                {move || if shown.get() { view! { <Icon name="eye" size=14 /> } } else { view! { <Icon name="eyeoff" size=14 /> } }}
            </button>
        </span>
    }
}

#[component]
fn ColourInput(entry: Slot, by: Option<String>, label: Option<String>) -> impl IntoView {
    let hex =
        move || entry.value.with(|value| value.as_text().filter(|hex| hex.len() == 6).unwrap_or("9e9e9e").to_owned());
    let change = move |event| put(entry, Value::text(event_target_value(&event).trim_start_matches('#')));
    view! {
        <span class="row">
            <input type="color" aria-label=format!("Pick {}", entry.field.label()) prop:value=move || format!("#{}", hex()) on:input=change />
            <Line entry=entry by=by label=label class="in short mono" />
        </span>
    }
}
