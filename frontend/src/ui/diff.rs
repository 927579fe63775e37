//! Differences. Of a record: was → now, field by field, struck-through grey against plain text. Of a text: lines with
//! `+` and `−` in the gutter, unchanged stretches folded.

use crate::ui::Icon;
use leptos::prelude::*;

/// One field's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub label: String,
    /// Empty: nothing.
    pub was: String,
    pub now: String,
}

/// A table of changes: field, before, after.
#[component]
pub fn WasNow(#[prop(into)] changes: Vec<FieldChange>) -> impl IntoView {
    let none = || view! { <span class="none">"nothing"</span> };
    let rows = changes.into_iter().map(|change| {
        let was = if change.was.is_empty() {
            none().into_any()
        } else {
            view! { <del class="was">{change.was}</del> }.into_any()
        };
        let now = if change.now.is_empty() {
            none().into_any()
        } else {
            view! { <ins class="now">{change.now}</ins> }.into_any()
        };
        view! { <tr><th scope="row">{change.label}</th><td>{was}</td><td>{now}</td></tr> }
    });
    view! {
        <table class="wasnow">
            <thead><tr><th scope="col">"Field"</th><th scope="col">"Was"</th><th scope="col">"Now"</th></tr></thead>
            <tbody>{rows.collect::<Vec<_>>()}</tbody>
        </table>
    }
}

/// One change on one line: `400 → 500`.
#[component]
pub fn WasNowLine(#[prop(into)] was: String, #[prop(into)] now: String) -> impl IntoView {
    let shown = |text: String| if text.is_empty() { "nothing".to_owned() } else { text };
    view! {
        <del class="was">{shown(was)}</del>
        <Icon name="arrow" size=12 class="arrow" />
        <span class="sr">" became "</span>
        <span class="now">{shown(now)}</span>
    }
}

/// A line of a text difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    Same(String),
    Added(String),
    Removed(String),
}

/// Lines that stay around a change.
const CONTEXT: usize = 3;

/// A line as it is drawn, with its numbers on both sides.
struct Numbered {
    class: &'static str,
    sign: &'static str,
    left: String,
    right: String,
    text: String,
}

impl Numbered {
    fn draw(&self) -> AnyView {
        view! {
            <div class=self.class data-n=self.left.clone()>
                <b>{self.right.clone()}</b>
                <i>{self.sign}</i>
                <span>{self.text.clone()}</span>
            </div>
        }
        .into_any()
    }
}

/// A unified difference with line numbers of both sides; long unchanged stretches are drawn on press.
#[component]
pub fn TextDiff(lines: Vec<DiffLine>, #[prop(default = "Difference")] label: &'static str) -> impl IntoView {
    let changed: Vec<bool> = lines.iter().map(|line| !matches!(line, DiffLine::Same(_))).collect();
    let near = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        changed[from..(at + CONTEXT + 1).min(changed.len())].contains(&true)
    };
    let mut out: Vec<AnyView> = Vec::new();
    let mut folded: Vec<Numbered> = Vec::new();
    let (mut left, mut right) = (0u32, 0u32);
    for (at, line) in lines.into_iter().enumerate() {
        let (class, sign, text) = match line {
            DiffLine::Same(text) => ("", "", text),
            DiffLine::Added(text) => ("add", "+", text),
            DiffLine::Removed(text) => ("del", "−", text),
        };
        left += u32::from(class != "add");
        right += u32::from(class != "del");
        let number = |shown: bool, number: u32| if shown { number.to_string() } else { String::new() };
        let line =
            Numbered { class, sign, left: number(class != "add", left), right: number(class != "del", right), text };
        if near(at) {
            fold(&mut out, &mut folded);
            out.push(line.draw());
        } else {
            folded.push(line);
        }
    }
    fold(&mut out, &mut folded);
    view! { <div class="code two" role="region" aria-label=label>{out}</div> }
}

fn fold(out: &mut Vec<AnyView>, folded: &mut Vec<Numbered>) {
    if folded.len() <= 2 {
        out.extend(folded.drain(..).map(|line| line.draw()));
        return;
    }
    let hidden = std::mem::take(folded);
    let count = hidden.len();
    let open = RwSignal::new(false);
    out.push(
        view! {
            <div class="fold" data-n="" hidden=move || open.get()>
                <b></b>
                <i></i>
                <button type="button" on:click=move |_| open.set(true)>{format!("{count} lines the same")}</button>
            </div>
            <section>{move || open.get().then(|| hidden.iter().map(Numbered::draw).collect::<Vec<_>>())}</section>
        }
        .into_any(),
    );
}
