//! A new object of any type, or one that is changed. Fields, groups, defaults, checks: all from the description. What is
//! typed is kept in this tab until it is saved ([`draft`]); leaving asks only if something would be left behind
//! ([`leave`]); a change that somebody else made meanwhile is settled field by field ([`conflict`]). What one type's
//! form has besides is in [`extras`].

mod conflict;
mod direct_addresses;
mod draft;
mod extras;
mod leave;
mod peer_addresses;

use super::head::Head;
use crate::{
    data::{
        Session, api, cache,
        place::{Place, leave_control},
        undo, use_detail,
    },
    shell::{Crumb, lower},
    ui::{
        Button, Empty, ErrorPanel, Form, FormFields, Icon, Keys, LinkButton, Look, Names, ProblemList, Scope,
        SkeletonLines, Toasts, dom, dom::href, time,
    },
};
use leptos::{ev, prelude::*, task::spawn_local};
use peerage_model::{Kind, Label, Lookup, ObjectType, Origin, Problem, Record, Value, label::label, wire::Edit};

/// The form's page; `id` 0 for a new object.
#[component]
pub fn FormPage(of: &'static ObjectType, id: i64) -> impl IntoView {
    if !of.origin.is_edited() {
        return view! { <NotWritten of=of /> }.into_any();
    }
    if id == 0 {
        // "Save and add another" begins anew
        let round = RwSignal::new(0u32);
        return (move || {
            round.track();
            let form = Form::add(prefilled(of));
            view! { <Editing form=form id=0 again=round /> }
        })
        .into_any();
    }
    let fetched = use_detail(of, id);
    // the form is made from what the server says now, and stays when that changes later
    let opened = RwSignal::new(None::<Record>);
    Effect::new(move |_| {
        let there = fetched.at.get().is_some();
        if there && opened.with_untracked(Option::is_none) {
            opened.set(fetched.data.get_untracked().map(|detailed| detailed.record));
        }
    });
    let overtaken = Memo::new(move |_| {
        let version = opened.with(|opened| opened.as_ref().map(|record| record.version));
        let now = fetched.data.with(|data| data.as_ref().map(|detailed| detailed.record.version));
        version.is_some() && now > version
    });
    // while the form is open only its notice follows what others do
    let failed = Memo::new(move |_| fetched.problem.get().filter(|_| opened.with(Option::is_none)));
    (move || match (opened.get(), failed.get()) {
        (Some(record), _) => view! {
            <Show when=move || overtaken.get()>
                <p class="notice warn" role="status">
                    <Icon name="alert" />
                    "Somebody else has saved a change meanwhile. Go on: before anything is overwritten, you are shown both."
                </p>
            </Show>
            <Editing form=Form::edit(record) id=id again=RwSignal::new(0) />
        }
        .into_any(),
        (None, Some(problem)) => view! {
            <div class="page">
                <Head title=format!("Edit {}", lower(of.name)) of=of />
                <ErrorPanel problem=problem retry=move |()| fetched.reload() />
            </div>
        }
        .into_any(),
        (None, None) => view! {
            <div class="page">
                <Head title=format!("Edit {}", lower(of.name)) of=of />
                <SkeletonLines />
            </div>
        }
        .into_any(),
    })
    .into_any()
}

/// The field that says which of our networks something belongs to.
const LOCAL_AS: &str = "local_autonomous_system";

/// A new record with the defaults, and what the address says: `?ixp_connection=4`.
fn prefilled(of: &'static ObjectType) -> Record {
    let mut record = Record::new(of);
    for (name, text) in untrack(|| Place::here().all()) {
        let Some(field) = of.field(&name).filter(|field| !field.is_read_only() && !field.is_internal()) else {
            continue;
        };
        let value = match field.kind {
            Kind::Reference { .. } => text.parse().map(Value::Int).ok(),
            Kind::References { .. } => {
                Some(Value::Ids(text.split(',').filter_map(|id| id.parse().ok()).collect::<Vec<i64>>().into()))
            }
            kind => kind.parse(&text).ok(),
        };
        if let Some(value) = value {
            record.set(&name, value);
        }
        if let (Kind::Reference { to, .. }, Some(id)) = (field.kind, record.get(&name).as_int()) {
            name_soon(to, id);
        }
    }
    record
}

/// Asks for an object that the form refers to and that has not been seen yet, so that its name can be shown.
fn name_soon(of: &'static ObjectType, id: i64) {
    if cache::Stored.find(of, id).is_none() {
        spawn_local(async move {
            if api::detail(of, id).await.is_ok() {
                Session::get().names.update(|round| *round += 1);
            }
        });
    }
}

#[component]
fn Editing(form: Form, id: i64, again: RwSignal<u32>) -> impl IntoView {
    let of = form.of;
    let place = Place::here();
    let toasts = Toasts::get();
    let busy = RwSignal::new(false);
    let theirs = RwSignal::new(None::<Record>);
    // which one that is may be heard only later
    Effect::new(move |_| {
        if let Some(ours) = Session::get().works_as() {
            form.begin_with(LOCAL_AS, Value::Int(ours.id));
        }
    });
    let draft = draft::Draft::keep(form, id);
    let leaving = leave::Leaving::guard(move || form.is_changed());
    let back = if id == 0 { of.list_path() } else { of.object_path(id) };
    let back = StoredValue::new(back);

    let saved = move |record: Record, request: Option<String>, another: bool| {
        draft.forget();
        leaving.allow();
        let name = label(&record, Names::new(cache::Stored).lookup());
        undo::done(toasts, format!("Saved {name}"), request);
        if another {
            leave_control();
            again.update(|round| *round += 1);
        } else {
            place.go(&of.object_path(record.id));
        }
    };
    let refused = move |problem: Problem| match problem.label {
        Label::Conflict if id != 0 => spawn_local(async move {
            match api::detail(of, id).await {
                Ok(now) => theirs.set(Some(now.record)),
                Err(problem) => form.refuse(&problem),
            }
        }),
        _ => {
            form.refuse(&problem);
            if problem.fields.is_empty() {
                toasts.failed(format!("{} was not saved", of.name), &problem);
            }
            focus_first(form);
        }
    };
    let write = move |another: bool, insist: bool| {
        if busy.get_untracked() {
            return;
        }
        if !form.check() {
            toasts.announce("There are problems to mend first.");
            return;
        }
        let edit = Edit { insist, ..form.to_edit() };
        if id != 0 && edit.fields.is_empty() {
            leaving.allow();
            place.go(&of.object_path(id));
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = api::save(of, edit).await;
            busy.try_set(false);
            match answer {
                Ok((detailed, request)) => saved(detailed.record, request, another),
                Err(problem) => refused(problem),
            }
        });
    };
    let save = move |another: bool| write(another, false);
    let cancel = move |()| {
        let changed = untrack(|| form.is_changed());
        if changed {
            leaving.ask(back.get_value());
        } else {
            place.go(&back.get_value());
        }
    };

    let keys = Keys::get();
    keys.bind(Scope::Editor, "Ctrl S", "Save", move |()| save(false));

    let name = lower(of.name);
    let title = if id == 0 { format!("Add {name}") } else { format!("Edit {}", of_record(form)) };
    let via = if id == 0 { Vec::new() } else { vec![Crumb::new(of_record(form), of.object_path(id))] };
    let leaf = Signal::stored(if id == 0 { "New".to_owned() } else { "Edit".to_owned() });
    let note = move || {
        let at = draft.at.get().map(|at| format!("draft kept {}", time::clock_time(at)));
        at.map(|note| view! { <span class="small t3">{note}</span> })
    };
    let problems = move || {
        let words = format!("{} left: ", form.count()?);
        let first = form.problems().first().and_then(|(entry, _)| *entry);
        Some(view! {
            <span>{words}</span>
            {first
                .map(|entry| {
                    view! {
                        <button type="button" class="link" on:click=move |_| dom::focus_soon(entry.id())>
                            {entry.field.label()}
                        </button>
                    }
                })}
        })
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        save(false);
    };
    view! {
        <div class="page">
            <Head title=title of=of via=via leaf=leaf aside=move || note />
            <draft::Restored draft=draft />
            <form class="page" on:submit=submit novalidate autocomplete="off">
                <div class="split railed ruled">
                    <div>
                        {extras::draw(form)}
                        <FormFields form=form />
                    </div>
                    <aside class="rail" aria-label="Problems">
                        <ProblemList form=form />
                        <section class="sec">
                            <h2>{of.plural}</h2>
                            <p class="small t2">{of.about}</p>
                        </section>
                    </aside>
                </div>
                <div class="foot form">
                    <Button label="Save" look=Look::Primary keys="Ctrl S" submit=true busy=busy />
                    {(id == 0).then(|| view! { <Button label="Save and add another" on_press=move |()| save(true) /> })}
                    <Button label="Cancel" look=Look::Ghost on_press=cancel />
                    <Show when=move || form.is_only_warned()>
                        <Button label="Save all the same" on_press=move |()| write(false, true) />
                    </Show>
                    <span class="end" role="status">{problems}</span>
                </div>
            </form>
        </div>
        <conflict::Conflict form=form theirs=theirs on_settled=move |()| save(false) />
        <leave::Ask leaving=leaving on_discard=move |()| draft.forget() />
    }
}

fn of_record(form: Form) -> String {
    label(&form.base(), Names::new(cache::Stored).lookup())
}

/// The focus goes to the first problem, once it is drawn.
fn focus_first(form: Form) {
    let first = untrack(|| form.problems()).into_iter().find_map(|(entry, _)| entry);
    if let Some(entry) = first {
        dom::focus_soon(entry.id());
    }
}

/// Objects that people do not write have no form.
#[component]
fn NotWritten(of: &'static ObjectType) -> impl IntoView {
    let why = match of.origin {
        Origin::PeeringDb => "These come from PeeringDB; only a synchronisation writes them.",
        Origin::System => "People make these on the page of their own account, or on the command line of the server.",
        _ => "The system writes these itself.",
    };
    view! {
        <div class="page">
            <Head title=of.plural of=of />
            <Empty icon=of.icon title="Nothing to fill in here" about=why>
                <LinkButton label=of.plural href=href(&of.list_path()) />
            </Empty>
        </div>
    }
}
