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

/// The name that a doubt is about in the spelling that was probably meant; nothing where it does not stand there any more.
fn replaced(source: &str, doubt: &Warning, meant: &str) -> String {
    let line: usize = source.split_inclusive('\n').take(doubt.line.saturating_sub(1)).map(str::len).sum();
    let place =
        source[line..].char_indices().nth(doubt.column.saturating_sub(1)).map(|(at, _)| source.split_at(line + at));
    match place.and_then(|(before, rest)| Some((before, rest.strip_prefix(doubt.name.as_str())?))) {
        Some((before, after)) => [before, meant, after].concat(),
        None => source.to_owned(),
    }
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
            let message = warning.message.clone();
            let fix = warning.meant.clone().map(|meant| {
                let press = move |_| {
                    draft.source.update(|source| *source = replaced(source, &warning, &meant).into());
                    // the button goes with its doubt: the cursor does not get lost
                    request_animation_frame(move || editor.go_to(line));
                };
                view! { <button type="button" class="link" on:click=press>"Fix"</button> }
            });
            view! { <li class="warn"><Shape tone=Tone::Warn /><span>{message}</span><span>{fix}</span><span>{link(line)}</span></li> }
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
    use super::{Warning, replaced};

    #[test]
    fn only_the_name_of_the_doubt_is_replaced() {
        let source = "{{ nme }}\nä {{ x.nme + y.nme }}\nnme";
        let doubt =
            |line, column| Warning { line, column, message: String::new(), name: "nme".to_owned(), meant: None };
        assert_eq!(replaced(source, &doubt(2, 8), "name"), "{{ nme }}\nä {{ x.name + y.nme }}\nnme");
        assert_eq!(replaced(source, &doubt(2, 9), "name"), source, "it stands elsewhere by now");
        assert_eq!(replaced(source, &doubt(9, 1), "name"), source);
    }
}
