//! A job: how it stands, how far it is, what it says, and what can be done about it. The record is the page's and is asked for
//! anew with every event; the log asks for the lines that it does not have yet.

use crate::{
    data::{Session, Stored, api},
    ui::{
        Button, Copy, Icon, Look, Moment, Names, Status, Toasts,
        dom::href,
        facts,
        pager::grouped,
        time::{self, MomentStyle},
    },
};
use leptos::{html, prelude::*, task::spawn_local};
use peerage_app::jobs::{LogLine, cancel_job, job_log, retry_job};
use peerage_model::{
    Kind, Record, Tone, registry,
    types::{JOB, JOB_COURSE, JOB_LEVELS, JobStatus},
};

/// Pixels from the end of the log at which one still reads along.
const AT_THE_END: i32 = 24;

fn has_ended(job: &Record) -> bool {
    JobStatus::of(job).is_some_and(JobStatus::has_ended)
}

/// What whoever looks may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct May {
    cancel: bool,
    retry: bool,
}

/// What stands on a job's page. Drawn once; what it shows follows the record.
#[component]
pub fn Job(job: Signal<Option<Record>>) -> impl IntoView {
    let toasts = Toasts::get();
    let id = untrack(|| job.with(|job| job.as_ref().map(|job| job.id))).unwrap_or_default();
    let may = RwSignal::new(May::default());
    let ended = Memo::new(move |_| job.with(|job| job.as_ref().is_some_and(has_ended)));
    let cancelled = Memo::new(move |_| {
        job.with(|job| job.as_ref().is_some_and(|job| !has_ended(job) && !job.text("cancelled_by").is_empty()))
    });
    let failed =
        Memo::new(move |_| job.with(|job| job.as_ref().and_then(JobStatus::of).is_some_and(JobStatus::is_bad)));
    let cancel = move |()| {
        spawn_local(async move {
            match api::ask(cancel_job(id)).await {
                Ok(()) => toasts.announce("The job is being cancelled."),
                Err(refused) => toasts.failed("The job was not cancelled", &refused),
            }
        });
    };
    let retry = move |()| {
        spawn_local(async move {
            match api::ask(retry_job(id)).await {
                Ok(()) => toasts.announce("The job is tried again."),
                Err(refused) => toasts.failed("The job was not tried again", &refused),
            }
        });
    };
    view! {
        <div class="split railed">
            <div class="jobmain">
                <section class="sec">
                    <h2>
                        "Progress"
                        <span class="end row">
                            <Show when=move || may.get().cancel && !ended.get()>
                                <Button label="Cancel" icon="stop" small=true busy=cancelled on_press=cancel />
                            </Show>
                            <Show when=move || may.get().retry && failed.get()>
                                <Button label="Try again" icon="poll" small=true look=Look::Primary on_press=retry />
                            </Show>
                        </span>
                    </h2>
                    {move || job.get().map(standing)}
                </section>
                {move || job.with(|job| job.as_ref().and_then(output))}
                <Log job=job id=id may=may />
            </div>
            <aside class="rail" aria-label="More about it">
                {move || job.get().map(course)}
            </aside>
        </div>
    }
}

/// In a sentence, and as a bar while it runs.
fn standing(job: Record) -> AnyView {
    let count = |name: &str| job.int(name).and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
    let (done, total) = (count("done"), count("total"));
    let outcome = job.text("outcome").to_owned();
    if has_ended(&job) {
        let class = if JobStatus::of(&job).is_some_and(JobStatus::is_bad) { "prob" } else { "t2" };
        let icon = (class == "prob").then(|| view! { <Icon name="alert" /> " " });
        return view! { <p class=class>{icon}<span>{outcome}</span></p> }.into_any();
    }
    if JobStatus::of(&job) != Some(JobStatus::Running) {
        let when = job.get("not_before").as_time();
        return view! {
            <p class="t2">
                {match when {
                    Some(micros) => view! { "It is tried again " <Moment micros=micros style=MomentStyle::Ago /> "." }.into_any(),
                    None => "It waits for a worker.".into_any(),
                }}
            </p>
            {(!outcome.is_empty()).then(|| view! { <p class="prob"><Icon name="alert" /> " " <span>{outcome}</span></p> })}
        }
        .into_any();
    }
    let by = job.text("cancelled_by").to_owned();
    let phase = if job.text("phase").is_empty() { "begins".to_owned() } else { job.text("phase").to_owned() };
    let words = match (done, total) {
        (0, 0) => String::new(),
        (done, 0) => grouped(done),
        (done, total) => format!("{} of {}", grouped(done), grouped(total)),
    };
    let value = (total > 0).then(|| done.to_string());
    let since = job.get("taken").as_time().map(|started| time::took((time::now() - started).max(0) / 1000));
    view! {
        <p class="spread"><span class="w5">{phase}</span> <span class="t3">{words}</span></p>
        <progress class="progress" max=total.max(1).to_string() value=value aria-label="Progress"></progress>
        <p class="small t3">
            {since.map(|since| format!("Running for {since}."))}
            {(!by.is_empty()).then(|| format!(" {by} wishes that it ends."))}
        </p>
    }
    .into_any()
}

/// What it brought forth, if that is more than its result.
fn output(job: &Record) -> Option<AnyView> {
    let output = job.text("output").to_owned();
    (!output.is_empty()).then(|| {
        view! {
            <section class="sec">
                <h2>"Output" <span class="end"><Copy text=output.clone() what="output" always=true /></span></h2>
                <pre class="text runlog" tabindex="0" aria-label="Output">{output}</pre>
            </section>
        }
        .into_any()
    })
}

/// Who wanted it, when what happened, and what it is about.
fn course(job: Record) -> AnyView {
    let object = registry::get(job.text("object_type")).ok().zip(job.int("object_id")).map(|(of, id)| {
        let name = if job.text("object_repr").is_empty() {
            format!("{} #{id}", of.name)
        } else {
            job.text("object_repr").to_owned()
        };
        view! { <div><dt>"About"</dt><dd><a class="link" href=href(&of.object_path(id))>{name}</a></dd></div> }
    });
    let course =
        facts::groups(&JOB).into_iter().filter(|(group, _)| *group == JOB_COURSE).flat_map(|(_, fields)| fields);
    let facts = course
        .filter(|field| !job.get(field.name).is_empty())
        // nought times and no are no news
        .filter(|field| !matches!((field.kind, job.int(field.name)), (Kind::Int { .. }, Some(0))))
        .filter(|field| !matches!(field.kind, Kind::Bool))
        .map(|field| {
            let value =
                crate::ui::cell::draw(field, job.get(field.name), &Names::new(Stored), crate::ui::cell::Place::Page);
            view! { <div><dt>{field.label()}</dt><dd>{value}</dd></div> }
        })
        .collect::<Vec<_>>();
    view! {
        <section class="sec">
            <h2>{JOB_COURSE}</h2>
            <dl class="dl two">{object}{facts}</dl>
        </section>
    }
    .into_any()
}

/// What it says, line by line; the newest is kept in view as long as one reads along.
#[component]
fn Log(job: Signal<Option<Record>>, id: i64, may: RwSignal<May>) -> impl IntoView {
    let lines = RwSignal::new(Vec::<LogLine>::new());
    let problem = RwSignal::new(String::new());
    let follow = RwSignal::new(true);
    let list = NodeRef::<html::Div>::new();
    // one question at a time
    let asking = StoredValue::new(false);
    let version = Memo::new(move |_| job.with(|job| job.as_ref().map(|job| job.version)));
    let rights = Memo::new(move |_| Session::get().me.with(|me| me.as_ref().map(|me| me.rights.clone())));
    let to_the_end = move || {
        request_animation_frame(move || {
            if let Some(list) = list.get_untracked() {
                list.set_scroll_top(list.scroll_height());
            }
        });
    };
    let ask = move || {
        if asking.try_get_value() != Some(false) {
            return;
        }
        asking.set_value(true);
        spawn_local(async move {
            loop {
                let Some(after) = lines.try_with_untracked(|lines| lines.last().map_or(0, |line| line.number)) else {
                    return;
                };
                let asked_for = version.try_get_untracked();
                let answer = api::ask(job_log(id, after)).await;
                // the page may have been left meanwhile
                if asking.try_get_value().is_none() {
                    return;
                }
                let again = match answer {
                    Ok(log) => {
                        problem.set(String::new());
                        may.set(May { cancel: log.may_cancel, retry: log.may_retry });
                        if !log.lines.is_empty() {
                            lines.update(|known| known.extend(log.lines));
                            if follow.get_untracked() {
                                to_the_end();
                            }
                        }
                        log.more || version.try_get_untracked() != asked_for
                    }
                    Err(failed) => {
                        problem.set(failed.message);
                        false
                    }
                };
                if !again {
                    asking.set_value(false);
                    return;
                }
            }
        });
    };
    Effect::new(move |_| {
        version.track();
        rights.track();
        ask();
    });
    let scrolled = move |_| {
        if let Some(list) = list.get_untracked() {
            let left = list.scroll_height() - list.scroll_top() - list.client_height();
            follow.set(left < AT_THE_END);
        }
    };
    let count = move || lines.with(Vec::len);
    view! {
        <section class="sec joblog">
            <h2>
                "Log"
                <span class="t3">{move || format!("{} lines", grouped(count() as u64))}</span>
                <span class="end small">
                    <label class="row">
                        <input
                            type="checkbox"
                            class="tick"
                            prop:checked=move || follow.get()
                            on:change=move |event| {
                                let on = event_target_checked(&event);
                                follow.set(on);
                                if on {
                                    to_the_end();
                                }
                            }
                        />
                        "Follow"
                    </label>
                </span>
            </h2>
            <p class="prob" role="alert" hidden=move || problem.with(String::is_empty)><span>{problem}</span></p>
            <Show when=move || count() == 0>
                <p class="t3">"It has not said anything yet."</p>
            </Show>
            <div node_ref=list class="lines mono" role="log" tabindex="0" aria-label="Log" hidden=move || count() == 0 on:scroll=scrolled>
                <ol>
                    <For each=move || lines.get() key=|line| line.number children=draw_line />
                </ol>
            </div>
        </section>
    }
}

fn draw_line(line: LogLine) -> AnyView {
    let level = JOB_LEVELS.iter().find(|level| level.code == line.level);
    let tone = level.map_or(Tone::None, |level| level.tone);
    let mark = (tone != Tone::None)
        .then(|| view! { <Status tone=tone word=level.map(|level| level.label).unwrap_or_default() /> });
    let about = registry::get(&line.object_type)
        .ok()
        .zip(line.object_id)
        .map(|(of, id)| view! { " " <a class="link" href=href(&of.object_path(id))>{line.object.clone()}</a> });
    view! {
        <li>
            <Moment micros=line.time style=MomentStyle::Clock />
            <span>{mark}</span>
            <span>{line.text}{about}</span>
        </li>
    }
    .into_any()
}
