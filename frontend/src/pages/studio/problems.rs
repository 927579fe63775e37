//! What is wrong with the template, under the editor: the renderer's finding with its line, and what the form's rules
//! say. Pressing one leads to its place.

use super::{
    draft::Draft,
    editor::{Editor, Mark},
};
use crate::{
    render_worker::{Outcome, Preview},
    ui::{Shape, Status, dom},
};
use leptos::prelude::*;
use peerage_model::{
    Tone,
    preview::{Fault, Warning},
};

/// What the renderer says about it, as a sentence.
pub fn sentence(fault: &Fault) -> String {
    let kind = match fault.kind.as_str() {
        "syntax" => "Syntax error",
        "limit" => "Stopped",
        _ => "Error",
    };
    let place = if fault.template.is_empty() {
        String::new()
    } else {
        format!(" in the included {}", fault.template.replace("::", " "))
    };
    let message = fault.message.trim_end_matches('.');
    format!("{kind}{place}: {message}.")
}

/// The problems that have a line in this template.
pub fn marks(preview: Preview, draft: Draft) -> Vec<Mark> {
    let fault = preview.outcome.with(|outcome| match outcome {
        Some(Outcome::Fault(fault)) if fault.template.is_empty() => Some((fault.line.unwrap_or(1), sentence(fault))),
        _ => None,
    });
    let own = draft.wrong.get().map(|message| (1, message));
    let errors = fault.into_iter().chain(own).map(|(line, message)| Mark { line, message, severity: "error" });
    let warnings =
        warnings(preview).into_iter().map(|one| Mark { line: one.line, message: one.message, severity: "warning" });
    errors.chain(warnings).collect()
}

/// Names that are nowhere. Tracked.
fn warnings(preview: Preview) -> Vec<Warning> {
    preview
        .outcome
        .with(|outcome| outcome.as_ref().and_then(Outcome::text).map(|text| text.warnings.clone()).unwrap_or_default())
}

/// A name in a line, from 1, wherever it stands alone in a tag there, in another spelling.
fn replaced(source: &str, line: usize, name: &str, meant: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let in_line = |text: &str| {
        let mut out = String::new();
        let mut done = 0;
        for (at, _) in text.match_indices(name) {
            let (before, after) = (&text[..at], &text[at + name.len()..]);
            // a tag that began in a line before is not seen, and nothing is replaced
            let opened = before.rfind("{{").max(before.rfind("{%"));
            let in_tag = opened.is_some_and(|from| !before[from..].contains("}}") && !before[from..].contains("%}"));
            if in_tag && !before.ends_with(part) && !after.starts_with(part) {
                out.push_str(&text[done..at]);
                out.push_str(meant);
                done = at + name.len();
            }
        }
        out + &text[done..]
    };
    let lines = source.split_inclusive('\n').enumerate();
    lines.map(|(at, text)| if at + 1 == line { in_line(text) } else { text.to_owned() }).collect()
}

#[component]
pub fn ProblemsPane(preview: Preview, draft: Draft, editor: Editor) -> impl IntoView {
    let fault = Memo::new(move |_| {
        preview.outcome.with(|outcome| match outcome {
            Some(Outcome::Fault(fault)) => Some((fault.line.filter(|_| fault.template.is_empty()), sentence(fault))),
            _ => None,
        })
    });
    let count = move || {
        usize::from(fault.with(Option::is_some))
            + usize::from(draft.wrong.with(Option::is_some))
            + draft.form.problems().len()
    };
    let doubts = Memo::new(move |_| warnings(preview));
    let head = move || match (count(), doubts.with(Vec::len)) {
        (0, 0) => view! { <span>"none"</span> }.into_any(),
        (0, 1) => view! { <Status tone=Tone::Warn word="1 warning" /> }.into_any(),
        (0, many) => view! { <Status tone=Tone::Warn word=format!("{many} warnings") /> }.into_any(),
        (1, _) => view! { <Status tone=Tone::Bad word="1 problem" /> }.into_any(),
        (many, _) => view! { <Status tone=Tone::Bad word=format!("{many} problems") /> }.into_any(),
    };
    let link = move |line: usize| {
        view! { <button type="button" class="link" on:click=move |_| editor.go_to(line)>{format!("Line {line}")}</button> }
    };
    let of_names = move || {
        let one = |warning: Warning| {
            let line = warning.line;
            let fix = warning.meant.map(|meant| {
                let name = warning.name;
                let press = move |_| {
                    draft.source.update(|source| *source = replaced(source, line, &name, &meant).into());
                    // the button goes with its doubt: the cursor does not get lost
                    request_animation_frame(move || editor.go_to(line));
                };
                view! { <button type="button" class="link" on:click=press>"Fix"</button> }
            });
            view! { <li class="warn"><Shape tone=Tone::Warn /><span>{warning.message}</span><span>{fix}</span><span>{link(line)}</span></li> }
        };
        doubts.get().into_iter().map(one).collect::<Vec<_>>()
    };
    let of_template = move || {
        fault.get().map(|(line, message)| {
            let place = line.map(link);
            view! { <li class="bad"><Shape tone=Tone::Bad /><span>{message}</span><span></span><span>{place}</span></li> }
        })
    };
    let of_source = move || {
        draft.wrong.get().map(|message| {
            view! { <li class="bad"><Shape tone=Tone::Bad /><span>{message}</span><span></span><span></span></li> }
        })
    };
    let of_fields = move || {
        draft
            .form
            .problems()
            .into_iter()
            .map(|(entry, message)| {
                let place = entry.map(|entry| {
                    view! {
                        <button type="button" class="link" on:click=move |_| dom::focus_soon(entry.id())>{entry.field.label()}</button>
                    }
                });
                view! { <li class="bad"><Shape tone=Tone::Bad /><span>{message}</span><span></span><span>{place}</span></li> }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div class="probs" role="region" aria-label="Problems" data-testid="problems">
            <div class="phead">
                <b>"Problems"</b>
                <span role="status">{head}</span>
                <span class="end not-phone"><kbd>"F8"</kbd></span>
            </div>
            <ul hidden=move || count() == 0 && doubts.with(Vec::is_empty)>{of_template}{of_source}{of_fields}{of_names}</ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_the_name_itself_is_replaced_and_only_in_its_line() {
        let source = "{{ nme }}\nnme {{ x.nme + nmenme }} nme {% if nme %}\nnme";
        assert_eq!(replaced(source, 2, "nme", "name"), "{{ nme }}\nnme {{ x.name + nmenme }} nme {% if name %}\nnme");
        assert_eq!(replaced(source, 3, "nme", "name"), source, "text is not the template's");
    }
}
