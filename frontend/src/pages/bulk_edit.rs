//! The same change to many objects: one picks the fields, says what becomes of each, and sees what would come of it before
//! anything is written. The server tries it by the very code that does it; one press makes all or none, one undo takes all
//! back.

use crate::{
    data::{Stored, api, undo, use_trial},
    shell::lower,
    ui::{
        Button, Dialog, Look, Names, Shape, SkeletonLines, Toasts, cell::words, diff::WasNowLine, form::Slot,
        input::Control, pager::grouped,
    },
};
use leptos::{ev, prelude::*, task::spawn_local};
use peerage_app::records::{ManyDone, Outcome};
use peerage_model::{
    Field, Kind, ObjectType, Tone, Value,
    wire::{ManyEdits, Selection},
};
use serde_json::Value as Json;
use web_sys::HtmlSelectElement;

/// Objects that are told of one by one.
const TOLD: usize = 30;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Set,
    Clear,
    Add,
    Remove,
}

impl Does {
    /// What can be done with a field, the usual first.
    fn all(field: &Field) -> Vec<Self> {
        let many = matches!(field.kind, Kind::References { .. });
        let clears = !field.is_required() && !matches!(field.kind, Kind::Bool);
        let mut all = if many { vec![Self::Add, Self::Remove, Self::Set] } else { vec![Self::Set] };
        if clears && (field.is_nullable() || field.empty_value().is_empty()) {
            all.push(Self::Clear);
        }
        all
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Set => "becomes",
            Self::Clear => "is emptied",
            Self::Add => "gets added",
            Self::Remove => "loses",
        }
    }
}

/// A field that is changed.
#[derive(Clone, Copy, Debug)]
struct Line {
    slot: Slot,
    does: RwSignal<Does>,
}

/// What lines do with a field; tracked.
fn ways_of(lines: &[Line], field: &Field) -> Vec<Does> {
    lines.iter().filter(|line| line.slot.field.name == field.name).map(|line| line.does.get()).collect()
}

/// The fields that many objects can have alike.
fn changeable(of: &'static ObjectType) -> impl Iterator<Item = &'static Field> {
    of.fields.iter().filter(|field| {
        let own = field.is_unique() || matches!(field.kind, Kind::Slug { .. } | Kind::Template);
        !own && !field.is_internal() && !field.is_read_only() && !field.is_hidden()
    })
}

/// What the lines say, tracked; none while one cannot be read or says nothing.
fn edits(which: &Selection, lines: &[Line]) -> Option<ManyEdits> {
    let mut edits = ManyEdits { which: which.clone(), ..ManyEdits::default() };
    for line in lines {
        let field = line.slot.field;
        let value = line.slot.value.get();
        if line.slot.wrong().is_some() {
            return None;
        }
        let json = field.kind.to_json(&value);
        let name = field.name.to_owned();
        match line.does.get() {
            Does::Clear => drop(edits.fields.insert(name, field.kind.to_json(&field.empty_value()))),
            // a line that was just added asks for nothing yet
            _ if value.is_empty() => {}
            Does::Set => drop(edits.fields.insert(name, json)),
            Does::Add => drop(edits.add.insert(name, json)),
            Does::Remove => drop(edits.remove.insert(name, json)),
        }
    }
    let any = !(edits.fields.is_empty() && edits.add.is_empty() && edits.remove.is_empty());
    any.then_some(edits)
}

/// Open while there is a selection.
#[component]
pub fn BulkEdit(
    of: &'static ObjectType,
    selection: RwSignal<Option<Selection>>,
    /// How many objects are meant.
    count: u64,
    on_done: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let open = RwSignal::new(true);
    let lines = RwSignal::new(Vec::<Line>::new());
    let busy = RwSignal::new(false);
    let insist = RwSignal::new(false);
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            selection.set(None);
        }
        now
    });
    let wanted = Memo::new(move |_| {
        let which = selection.get()?;
        let edits = lines.with(|lines| edits(&which, lines));
        edits.map(|edits| ManyEdits { insist: insist.get(), ..edits })
    });
    let tried = use_trial(move || wanted.get(), move |edits| api::save_many(of, edits, true));
    let warned = Memo::new(move |_| {
        let only = |done: &ManyDone| {
            let wrong = || done.rows.iter().flat_map(|row| &row.problems);
            done.refused > 0 && wrong().next().is_some() && wrong().all(|problem| problem.warning)
        };
        insist.get() || tried.with(|tried| tried.as_ref().is_some_and(|tried| tried.as_ref().is_ok_and(only)))
    });
    let changes = move || tried.with(|tried| tried.as_ref()?.as_ref().ok().map(|done| (done.changed, done.refused)));
    let possible = move || changes().is_some_and(|(changed, refused)| changed > 0 && refused == 0);
    let apply = move |()| {
        let Some(edits) = wanted.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = api::save_many(of, edits, false).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    let words = if done.changed == 1 { lower(of.name) } else { lower(of.plural) };
                    undo::done(toasts, format!("Changed {} {words}", grouped(done.changed)), done.request);
                    open.set(false);
                    on_done.run(());
                }
                Err(problem) => drop(tried.try_set(Some(Err(problem)))),
            }
        });
    };
    let add = move |event: ev::Event| {
        let name = event_target_value(&event);
        // the list is there to choose the next one
        event_target::<HtmlSelectElement>(&event).set_value("");
        if let Some(field) = of.field(&name) {
            let taken = lines.with_untracked(|lines| ways_of(lines, field));
            let does = Does::all(field).into_iter().find(|does| !taken.contains(does)).unwrap_or(Does::Set);
            let line = Line { slot: Slot::alone(field, field.empty_value()), does: RwSignal::new(does) };
            lines.update(|lines| lines.push(line));
            crate::ui::dom::focus_soon(line.slot.id());
        }
    };
    let rest = move || {
        // a list of others can get some and lose others at once
        let rest = changeable(of).filter(|field| {
            let taken = lines.with(|lines| ways_of(lines, field));
            taken.is_empty() || taken == [Does::Add] || taken == [Does::Remove]
        });
        rest.map(|field| view! { <option value=field.name>{field.label()}</option> }).collect::<Vec<_>>()
    };
    let foot = move || {
        let label = move || match changes() {
            Some((changed, _)) => format!("Change {}", grouped(changed)),
            None => "Change".to_owned(),
        };
        view! {
            <Button label="Cancel" look=Look::Ghost on_press=move |()| open.set(false) />
            <Button
                label=Signal::derive(label)
                look=Look::Primary
                busy=busy
                disabled=Signal::derive(move || !possible())
                on_press=apply
            />
        }
    };
    let remove = move |id: &str| lines.update(|lines| lines.retain(|line| line.slot.id() != id));
    let title = format!("Edit {} {}", grouped(count), lower(if count == 1 { of.name } else { of.plural }));
    view! {
        <Dialog open=open title=title class="dialog wide" foot=foot>
            <div class="bulk">
                <For each=move || lines.get() key=|line| line.slot.id() let:line>
                    <LineRow line=line lines=lines on_remove=remove />
                </For>
                <label class="row">
                    <span class="sr">"A field to change"</span>
                    <span class="in">
                        <select on:change=add>
                            <option value="">"Choose a field to change…"</option>
                            {rest}
                        </select>
                        <crate::ui::Icon name="down" size=14 class="chev" />
                    </span>
                </label>
            </div>
            <Show when=move || warned.get()>
                <label class="row">
                    <input
                        type="checkbox"
                        prop:checked=insist
                        on:change=move |event| insist.set(event_target_checked(&event))
                    />
                    "These are warnings: change all the same"
                </label>
            </Show>
            <div class="outcome" aria-live="polite">
                {move || match tried.get() {
                    None if wanted.with(Option::is_some) => view! { <SkeletonLines lines=2 /> }.into_any(),
                    None => view! { <p class="t3">"What would change shows here before anything is written."</p> }.into_any(),
                    Some(Err(problem)) => view! { <p class="is-bad">{problem.message}</p> }.into_any(),
                    Some(Ok(done)) => outcome(of, &done),
                }}
            </div>
        </Dialog>
    }
}

#[component]
fn LineRow(
    line: Line,
    /// All of them: what another line of the field does is not done twice.
    lines: RwSignal<Vec<Line>>,
    on_remove: impl Fn(&str) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let field = line.slot.field;
    let ways = Does::all(field);
    let several = ways.len() > 1;
    let choose = {
        let ways = ways.clone();
        move |event| {
            let chosen = event_target_value(&event);
            if let Some(does) = ways.iter().find(|does| does.word() == chosen) {
                line.does.set(*does);
            }
        }
    };
    let options = ways.iter().map(|does| {
        let does = *does;
        let alone = move || lines.with(|lines| ways_of(lines, field).len() < 2);
        let other = matches!(does, Does::Add | Does::Remove);
        view! {
            <option value=does.word() selected=move || line.does.get() == does disabled=move || !alone() && (!other || line.does.get() != does)>
                {does.word()}
            </option>
        }
    });
    let way = if several {
        let label = format!("What becomes of {}", field.label());
        view! {
            <span class="in short">
                <select aria-label=label on:change=choose>{options.collect::<Vec<_>>()}</select>
                <crate::ui::Icon name="down" size=14 class="chev" />
            </span>
        }
        .into_any()
    } else {
        view! { <span class="t3">{Does::Set.word()}</span> }.into_any()
    };
    view! {
        <div class="bline">
            <b class="w5">{field.label()}</b>
            {way}
            <div>
                <Show when=move || line.does.get() != Does::Clear>
                    <Control entry=line.slot label=field.label() />
                </Show>
                <p class="prob" hidden=move || line.slot.wrong().is_none()>
                    <Shape tone=Tone::Bad />
                    <span>{move || line.slot.wrong()}</span>
                </p>
            </div>
            <Button
                label=format!("Leave {} as it is", field.label())
                icon="x"
                icon_only=true
                small=true
                look=Look::Ghost
                on_press=move |()| on_remove(&line.slot.id())
            />
        </div>
    }
}

/// What would become of the objects.
fn outcome(of: &'static ObjectType, done: &ManyDone) -> AnyView {
    let same = done.total.saturating_sub(done.changed + done.refused);
    let mut parts = Vec::new();
    if done.refused > 0 {
        parts.push(format!("{} cannot be changed so; nothing is changed until that is mended", grouped(done.refused)));
    } else {
        parts.push(format!("{} would change", grouped(done.changed)));
        if same > 0 {
            parts.push(format!("{} are so already", grouped(same)));
        }
    }
    let names = Names::new(Stored);
    let rows = done.rows.iter().take(TOLD).map(|row| outcome_row(of, row, &names));
    let shown = done.rows.len().min(TOLD) as u64;
    let more = (done.changed + done.refused).saturating_sub(shown);
    view! {
        <p>{parts.join(", ")} "."</p>
        <ul class="log">{rows.collect::<Vec<_>>()}</ul>
        {(more > 0).then(|| view! { <p class="small t3">{format!("and {} more", grouped(more))}</p> })}
    }
    .into_any()
}

fn outcome_row(of: &'static ObjectType, row: &Outcome, names: &Names) -> AnyView {
    let changes = row.changes.iter().filter_map(|change| {
        let field = of.field(&change.field)?;
        let told = |json: &Json| {
            let value = field.kind.from_json(json).unwrap_or(Value::Null);
            words(field, &value, names)
        };
        let (was, now) = (told(&change.before), told(&change.after));
        Some(view! { <p class="small">{field.label()} ": " <WasNowLine was=was now=now /></p> })
    });
    let problems = row.problems.iter().map(|problem| {
        view! { <p class="prob"><Shape tone=Tone::Bad /><span>{problem.message.clone()}</span></p> }
    });
    view! {
        <li>
            <b class="w5">{row.label.clone()}</b>
            {problems.collect::<Vec<_>>()}
            {changes.collect::<Vec<_>>()}
        </li>
    }
    .into_any()
}
