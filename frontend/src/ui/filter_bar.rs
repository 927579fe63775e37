//! What a list shows, as chips and text in one box. The text form of the model's filters is the only truth: chips are its
//! terms, the input its words; what is committed is one text, which the address bar holds. A term that cannot be read
//! stays, underlined, with the reason; it is never dropped.
//!
//! While one types, fields and values are offered. Space or Enter makes a chip, Backspace takes the last one back,
//! pressing a chip edits it.

use crate::ui::{
    Icon, Keys, Names, Scope,
    combo::{Combo, Opt, Options},
    dom,
    reference::Search,
};
use leptos::{html, prelude::*};
use peerage_model::{Field, Filter, Kind, ObjectType, Op, Term, Value, filter::Path};
use std::time::Duration;

/// One chip: its text form, and what it means or why it means nothing.
#[derive(Clone, PartialEq)]
struct Part {
    text: String,
    meant: Result<Term, String>,
}

/// The box. `text` is what is committed; `on_change` gets the new text.
#[component]
pub fn FilterBar(
    of: &'static ObjectType,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] names: Signal<Names>,
    /// Terms that this page always has: shown, but not to be removed.
    #[prop(optional, into)]
    locked: Signal<Vec<Term>>,
    #[prop(optional, into)] placeholder: Option<String>,
    /// Columns, export: stand after the box.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let id = dom::fresh_id("filter");
    let input = NodeRef::<html::Input>::new();
    let parts = Memo::new(move |_| parts_of(of, &text.get()));
    let typed = RwSignal::new(untrack(|| words_of(of, &text.get())));
    // somebody else changed the filter, or what was typed became a chip
    Effect::new(move |_| {
        let words = words_of(of, &text.get());
        let now = typed.get_untracked();
        if !parts_of(of, &now).is_empty() || words_of(of, &now) != words {
            typed.set(words);
        }
    });
    let commit = move |parts: &[Part], words: &str| {
        let whole: Vec<&str> =
            parts.iter().map(|part| part.text.as_str()).chain([words.trim()]).filter(|part| !part.is_empty()).collect();
        let whole = whole.join(" ");
        if text.with_untracked(|text| *text != whole) {
            on_change.run(whole);
        }
    };
    let turn = StoredValue::new(0u32);
    // words go as one types; a term waits for its end
    let type_on = move |now: String| {
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        let ended = now.ends_with(' ');
        if !ended && !parts_of(of, &now).is_empty() {
            return;
        }
        if ended {
            parts.with_untracked(|parts| commit(parts, &now));
            return;
        }
        set_timeout(
            move || {
                if turn.try_get_value() == Some(mine) {
                    parts.with_untracked(|parts| commit(parts, &typed.get_untracked()));
                }
            },
            Duration::from_millis(200),
        );
    };
    let enter = move |()| parts.with_untracked(|parts| commit(parts, &typed.get_untracked()));
    let without = move |at: usize| {
        parts.with_untracked(|parts| {
            let rest: Vec<Part> =
                parts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, part)| part.clone()).collect();
            commit(&rest, &typed.get_untracked());
        });
        focus(input);
    };
    let edit = move |at: usize| {
        let Some(part) = parts.with_untracked(|parts| parts.get(at).cloned()) else { return };
        without(at);
        typed.update(|typed| *typed = [typed.trim(), &part.text].join(" ").trim_start().to_owned());
    };
    let back = move |()| {
        let count = parts.with_untracked(Vec::len);
        if count > 0 {
            edit(count - 1);
        }
    };
    let (options, start) = completion(of, typed);
    let pick = move |option: Opt| {
        // what was typed before waits no more: it is not the end of the term that is picked
        turn.update_value(|turn| *turn += 1);
        typed.update(|typed| {
            let start = last_token(typed);
            typed.truncate(start);
            typed.push_str(&option.key);
        });
        if option.leads_on {
            start.run(());
        } else {
            enter(());
        }
    };
    Keys::get().bind(Scope::List, "/", "Filter", move |()| focus(input));
    let chips = move || {
        let names = names.get();
        let locked = locked
            .get()
            .into_iter()
            .map(|term| view! { <span class="term locked">{meaning(&term, &names)}</span> }.into_any());
        let own = parts.get().into_iter().enumerate().map(|(at, part)| {
            let wrong = part.meant.as_ref().err().cloned();
            let is_wrong = wrong.is_some();
            let name = format!("Remove {}", part.text);
            let inside = match &part.meant {
                Ok(term) => meaning(term, &names),
                Err(_) => view! { <span class="v">{part.text.clone()}</span> }.into_any(),
            };
            view! {
                <span class="term" class:wrong=is_wrong>
                    <button type="button" class="body" title=wrong.unwrap_or_else(|| part.text.clone()) on:click=move |_| edit(at)>{inside}</button>
                    <button type="button" aria-label=name on:click=move |_| without(at)><Icon name="x" size=10 /></button>
                </span>
            }
            .into_any()
        });
        locked.chain(own).collect::<Vec<_>>()
    };
    let problem_id = format!("{id}-problem");
    let problem = move || parts.with(|parts| parts.iter().find_map(|part| part.meant.as_ref().err().cloned()));
    let any = move || !text.with(String::is_empty);
    let placeholder = placeholder.unwrap_or_else(|| placeholder_of(of));
    view! {
        <div class="filters" role="search">
            <div class="fbox">
                <Icon name="filter" size=14 />
                {chips}
                <Combo
                    id=id
                    text=typed
                    options=options
                    on_pick=pick
                    on_type=move |now| { type_on(now); start.run(()); }
                    on_open=move |()| start.run(())
                    on_enter=enter
                    on_leave=enter
                    on_back=back
                    marks_first=false
                    label=format!("Filter {}", of.plural)
                    placeholder=Signal::derive(move || if parts.with(Vec::is_empty) { placeholder.clone() } else { String::new() })
                    described_by=problem_id.clone()
                    invalid=Signal::derive(move || problem().is_some())
                    class="type"
                    node_ref=input
                />
                <Show when=any>
                    <button type="button" class="clear" aria-label="Clear the filter" title="Clear the filter" on:click=move |_| { typed.set(String::new()); on_change.run(String::new()); focus(input); }>
                        <Icon name="x" size=12 />
                    </button>
                </Show>
                <kbd aria-hidden="true">"/"</kbd>
            </div>
            {children.map(|children| children())}
        </div>
        <p class="prob filter-problem" id=problem_id role="status" hidden=move || problem().is_none()>{problem}</p>
    }
}

fn focus(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        let _ = input.focus();
    }
}

fn placeholder_of(of: &'static ObjectType) -> String {
    let fields: Vec<String> =
        of.fields.iter().filter(|field| field.is_filter()).take(3).map(|field| format!("{}:", field.name)).collect();
    if fields.is_empty() { "Filter by text".to_owned() } else { format!("Filter by text, {}…", fields.join(", ")) }
}

/// Terms of a filter's text, readable or not, in the order in which they stand there.
fn parts_of(of: &'static ObjectType, text: &str) -> Vec<Part> {
    let (filter, problems) = Filter::parse(of, text);
    let terms = filter.terms.into_iter().map(|term| Part { text: term.to_string(), meant: Ok(term) });
    let wrong = problems.into_iter().map(|problem| Part {
        text: text.get(problem.start..problem.end).unwrap_or_default().to_owned(),
        meant: Err(problem.message),
    });
    terms.chain(wrong).collect()
}

/// The free words of a filter's text, as text.
fn words_of(of: &'static ObjectType, text: &str) -> String {
    let (filter, _) = Filter::parse(of, text);
    Filter { terms: Vec::new(), words: filter.words }.to_string()
}

/// Where the word that is being typed begins.
fn last_token(typed: &str) -> usize {
    let (mut start, mut quoted) = (0, false);
    for (at, c) in typed.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => start = at + c.len_utf8(),
            _ => {}
        }
    }
    start
}

/// A term in words.
fn meaning(term: &Term, names: &Names) -> AnyView {
    let field = term.path.field();
    let label = match term.path.hops().last() {
        Some(hop) => format!("{} {}", hop.label(), field.label()),
        None => field.label(),
    };
    let value = |value: &Value| match (field.kind, value) {
        (Kind::Reference { to, .. } | Kind::References { to }, Value::Int(id)) => names.label(to, *id),
        (kind, Value::Text(text)) => kind.label_of(text).to_owned(),
        (kind, value) => kind.print(value),
    };
    let values: Vec<String> = term.values.iter().map(value).collect();
    let (sign, shown) = match term.op {
        Op::Empty => ("", if term.negate { "any" } else { "none" }.to_owned()),
        Op::Between => ("", values.join(" to ")),
        Op::Starts => ("begins ", values.join(" or ")),
        Op::Gt => ("> ", values.join(", ")),
        Op::Ge => ("≥ ", values.join(", ")),
        Op::Lt => ("< ", values.join(", ")),
        Op::Le => ("≤ ", values.join(", ")),
        Op::Within => ("in ", values.join(" or ")),
        Op::Eq | Op::Contains => ("", values.join(", ")),
    };
    let not = term.negate && term.op != Op::Empty;
    view! {
        {not.then(|| view! { <span class="not">"not"</span> })}
        <span class="k">{label.to_lowercase_first()}</span>
        <span class="v">{sign}{shown}</span>
    }
    .into_any()
}

trait LowercaseFirst {
    fn to_lowercase_first(&self) -> String;
}
impl LowercaseFirst for str {
    /// 'Status' within a line is 'status'; 'ASN' stays.
    fn to_lowercase_first(&self) -> String {
        let mut chars = self.chars();
        match (chars.next(), chars.next()) {
            (Some(first), Some(second)) if second.is_lowercase() => {
                first.to_lowercase().chain(self[first.len_utf8()..].chars()).collect()
            }
            _ => self.to_owned(),
        }
    }
}

/// What could stand where one types: fields before the colon, values after it. The callback asks anew.
fn completion(of: &'static ObjectType, typed: RwSignal<String>) -> (Signal<Options>, Callback<()>) {
    let local = RwSignal::new(Options::Closed);
    // one search for each type that terms lead to, made when it is first wanted
    let searches = StoredValue::new(Vec::<(&'static ObjectType, Search)>::new());
    let searched = RwSignal::new(None::<(String, Search)>);
    let owner = Owner::current();
    let search_of = move |to: &'static ObjectType| {
        let known = searches.with_value(|all| all.iter().find(|(of, _)| *of == to).map(|(_, search)| *search));
        known.unwrap_or_else(|| {
            let made = match &owner {
                Some(owner) => owner.with(|| Search::new(to, "")),
                None => Search::new(to, ""),
            };
            searches.update_value(|all| all.push((to, made)));
            made
        })
    };
    let start = Callback::new(move |()| {
        let text = typed.get_untracked();
        let token = &text[last_token(&text)..];
        let (sign, bare) = token.strip_prefix('-').map_or(("", token), |bare| ("-", bare));
        searched.set(None);
        local.set(match bare.split_once(':') {
            None => fields(of, sign, bare),
            Some((path, value)) => match Path::parse(of, path) {
                Err(_) => Options::Closed,
                Ok(path) => {
                    let prefix = format!("{sign}{path}:");
                    match path.field().kind.target() {
                        Some(to) => {
                            let search = search_of(to);
                            search.start(value.trim_matches('"').to_owned());
                            searched.set(Some((prefix, search)));
                            Options::Closed
                        }
                        None => values(path.field(), &prefix, value),
                    }
                }
            },
        });
    });
    let options = Signal::derive(move || match searched.get() {
        None => local.get(),
        Some((prefix, search)) => match search.options.get() {
            Options::Ready(found) => {
                let none = [Opt::new(format!("{prefix}none"), "none"), Opt::new(format!("{prefix}any"), "any")];
                let hits = found.into_iter().map(|option| Opt { key: format!("{prefix}{}", option.key), ..option });
                Options::Ready(hits.chain(none).collect())
            }
            other => other,
        },
    });
    (options, start)
}

/// Fields whose name or label holds what is typed; after a dot, those of the other type.
fn fields(of: &'static ObjectType, sign: &str, typed: &str) -> Options {
    let (before, part) = typed.rsplit_once('.').map_or(("", typed), |(before, part)| (before, part));
    let at = if before.is_empty() {
        Some(of)
    } else {
        Path::parse(of, before).ok().and_then(|path| path.field().kind.target())
    };
    let Some(at) = at else { return Options::Closed };
    let wanted = part.to_lowercase();
    let can = |field: &&Field| {
        !field.is_internal()
            && !matches!(field.kind, Kind::Secret { .. } | Kind::Json { .. })
            && (!wanted.is_empty() || !before.is_empty() || field.is_filter())
    };
    let fits = |field: &&Field| field.name.contains(&wanted) || field.label().to_lowercase().contains(&wanted);
    let dot = if before.is_empty() { "" } else { "." };
    let options: Vec<Opt> = at
        .fields
        .iter()
        .filter(can)
        .filter(fits)
        .map(|field| {
            let key = format!("{sign}{before}{dot}{}:", field.name);
            Opt { leads_on: true, ..Opt::new(key, field.label()).note(format!("{}:", field.name)).detail(field.help) }
        })
        .collect();
    if options.is_empty() { Options::Closed } else { Options::Ready(options) }
}

/// The values of a closed set, and whether there is one.
fn values(field: &'static Field, prefix: &str, typed: &str) -> Options {
    let done = typed.rsplit_once(',').map_or("", |(done, _)| done);
    let part = typed.rsplit(',').next().unwrap_or_default().to_lowercase();
    let comma = if done.is_empty() { "" } else { "," };
    let mut options: Vec<Opt> = match field.kind {
        Kind::Choice(set) | Kind::Choices(set) => set
            .iter()
            .filter(|choice| !choice.code.is_empty())
            .map(|choice| Opt::new(choice.code, choice.label).tone(choice.tone))
            .collect(),
        Kind::Bool => vec![Opt::new("yes", "Yes"), Opt::new("no", "No")],
        Kind::Int { names, .. } => names.iter().map(|(_, name)| Opt::new(*name, *name)).collect(),
        _ => Vec::new(),
    };
    options.retain(|option| option.key.contains(&part) || option.label.to_lowercase().contains(&part));
    if done.is_empty() && (field.is_nullable() || !field.is_required()) && !matches!(field.kind, Kind::Bool) {
        options.extend(
            [("none", "has no value"), ("any", "has a value")].map(|(word, note)| Opt::new(word, word).note(note)),
        );
        options.retain(|option| option.key.starts_with(&part) || option.label.to_lowercase().contains(&part));
    }
    for option in &mut options {
        option.key = format!("{prefix}{done}{comma}{}", option.key);
    }
    if options.is_empty() { Options::Closed } else { Options::Ready(options) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_token_begins_after_the_last_blank_outside_quotes() {
        assert_eq!(last_token("status:enabled na"), 15);
        assert_eq!(last_token("name:\"a b"), 0);
        assert_eq!(last_token(""), 0);
    }
}
