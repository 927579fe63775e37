//! A field of a form: label, control, help, problem. The problem and the help are tied to the control by
//! `aria-describedby`, the control carries `aria-invalid`; the label says what it is at all times.

use crate::ui::{Shape, form::Slot, input::Control};
use leptos::prelude::*;
use peerage_model::{Kind, Tone};

/// One row: label at the left, help at the right, the problem under the control.
#[component]
pub fn FieldRow(
    entry: Slot,
    /// Label above the control: dialogs, narrow places.
    #[prop(optional)]
    stacked: bool,
) -> impl IntoView {
    let field = entry.field;
    let id = entry.id();
    let (help_id, problem_id) = (format!("{id}-help"), format!("{id}-problem"));
    let described_by = format!("{problem_id} {help_id}");
    let whole = matches!(field.kind, Kind::Markdown | Kind::Template | Kind::Json { .. } | Kind::Permissions);
    let line = matches!(field.kind, Kind::Bool);
    view! {
        <div class="frow" class:whole=whole class:stacked=stacked>
            <label for=id>
                {field.label()}
                {field.is_required().then(|| view! { <span class="req" aria-hidden="true">" *"</span> })}
            </label>
            <div class="ctl" class:line=line>
                <Control entry=entry described_by=described_by />
            </div>
            <p class="help" id=help_id>{field.help}</p>
            <ProblemLine entry=entry id=problem_id />
        </div>
    }
}

/// What is wrong with a entry. The element is always there, so that the reference to it holds.
#[component]
pub fn ProblemLine(entry: Slot, id: String) -> impl IntoView {
    view! {
        <p class="prob" class:warn=move || entry.is_warned() id=id hidden=move || entry.wrong().is_none()>
            {move || view! { <Shape tone=if entry.is_warned() { Tone::Warn } else { Tone::Bad } /> }}
            <span>{move || entry.wrong()}</span>
        </p>
    }
}
