//! A push, or a check: its steps with their times while it runs and afterwards, the time until the router takes it back, what was
//! different, and what became of it. The record is asked for anew with every note of the system.

use super::list::{a_few, rows_of};
use crate::{
    data::{Fetched, Stored, api, fetched, use_detail, use_list},
    ui::{
        Button, ErrorPanel, Icon, Look, Names, SkeletonLines, Status, Toasts, dom::href, facts::Facts,
        status::status_of, time,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::{
    devices::{Texts, keep_push, push_texts},
    jobs::cancel_job,
};
use peerage_model::{
    Record, Tone,
    types::{CHECK, JOB, PUSH, PushOutcome, PushStep},
};

const SECOND: i64 = 1_000_000;

/// The check or push of a job, once there is one.
pub fn use_push_of(job: Signal<Option<i64>>) -> Memo<Option<i64>> {
    let request = Signal::derive(move || job.get().map(|job| a_few(&PUSH, format!("job:{job}"), "-id", 1)));
    let found = use_list(request);
    Memo::new(move |_| {
        job.get()?;
        rows_of(found).first().map(|row| row.id)
    })
}

pub fn is_check(push: &Record) -> bool {
    push.text("mode") == CHECK
}

/// The page of one.
#[component]
pub fn PushPage(push: Signal<Option<Record>>) -> impl IntoView {
    let id = untrack(|| push.with(|push| push.as_ref().map(|push| push.id))).unwrap_or_default();
    view! {
        <div class="split railed">
            <div>
                <section class="sec">
                    <h2>"Course"</h2>
                    <Course push=push />
                </section>
                <section class="sec flush">
                    <h2>"Difference"</h2>
                    <Difference push=id of=push />
                </section>
            </div>
            <aside class="rail" aria-label="More about it">
                {move || push.get().map(|record| view! { <Facts record=record names=Names::new(Stored) only_set=true /> })}
            </aside>
        </div>
    }
}

/// How it stands, the steps, and until when it takes itself back.
#[component]
pub fn Course(push: Signal<Option<Record>>) -> impl IntoView {
    let steps = Memo::new(move |_| push.with(|push| push.as_ref().map(PushStep::of).unwrap_or_default()));
    let ended = Memo::new(move |_| push.with(|push| push.as_ref().is_some_and(|push| PushOutcome::of(push).is_some())));
    view! {
        <Underway push=push />
        <ol class="steps" data-testid="steps" aria-live="polite">
            {move || {
                let steps = steps.get();
                steps.into_iter().map(|step| draw_step(step, ended.get())).collect::<Vec<_>>()
            }}
        </ol>
        {move || push.with(|push| push.as_ref().and_then(result))}
    }
}

fn draw_step(step: PushStep, ended: bool) -> AnyView {
    let (class, icon) = match (step.milliseconds, step.failed) {
        (Some(_), true) => ("failed", "failed"),
        (Some(_), false) => ("done", "done"),
        // whoever did it has gone
        (None, _) if ended => ("failed", "failed"),
        (None, _) => ("current", "now"),
    };
    let took = step.milliseconds.map(|took| format!("{:.1} s", took as f64 / 1000.0));
    let name = capitalised(&step.name);
    let goal = Some(step.goal).filter(|goal| !goal.is_empty() && *goal != step.words).map(|goal| capitalised(&goal));
    view! {
        <li class=class>
            <Icon name=icon />
            <span>{name}</span>
            <time>{took}</time>
            {goal.map(|goal| view! { <p data-testid="goal">{goal}</p> })}
            <p>{step.words}</p>
        </li>
    }
    .into_any()
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What became of it.
fn result(push: &Record) -> Option<AnyView> {
    let outcome = PushOutcome::of(push)?;
    let words = push.text("words").to_owned();
    let field = PUSH.field("outcome")?;
    let state = status_of(field, push.get("outcome"), true);
    let class = if outcome.is_well() { "t2" } else { "prob" };
    Some(
        view! {
            <p class="row spaced" data-testid="outcome" role="status">{state} <span class=class>{words}</span></p>
        }
        .into_any(),
    )
}

/// What can be said to one that has not ended.
#[derive(Clone, PartialEq)]
struct Open {
    id: i64,
    job: Option<i64>,
    is_check: bool,
    began: i64,
    /// None: nothing was changed yet.
    undo_at: Option<i64>,
    attended: bool,
    kept_by: String,
}

impl Open {
    fn of(push: &Record) -> Option<Self> {
        PushOutcome::of(push).is_none().then(|| Self {
            id: push.id,
            job: push.int("job"),
            is_check: is_check(push),
            began: push.get("time").as_time().unwrap_or_default(),
            undo_at: push.get("undo_at").as_time(),
            attended: push.flag("attended"),
            kept_by: push.text("kept_by").to_owned(),
        })
    }
}

/// While it runs: the way to stop it, and from the change on the time until the router takes it back, and the way to keep it.
#[component]
fn Underway(push: Signal<Option<Record>>) -> impl IntoView {
    let open = Memo::new(move |_| push.with(|push| push.as_ref().and_then(Open::of)));
    move || {
        let open = open.get()?;
        Some(match open.undo_at {
            Some(until) => view! { <Countdown until=until open=open /> }.into_any(),
            None => {
                let stop = stop(open.job, "It is told to stop; nothing was changed.", "It was not stopped");
                let label = if open.is_check { "Cancel the check" } else { "Cancel the push" };
                view! { <p class="row spaced"><Button label=label icon="x" small=true on_press=stop /></p> }.into_any()
            }
        })
    }
}

/// Ends the job: before the change nothing has happened, after it that is taken back.
fn stop(job: Option<i64>, done: &'static str, failed: &'static str) -> impl Fn(()) + Clone {
    let toasts = Toasts::get();
    move |()| {
        let Some(job) = job else { return };
        spawn_local(async move {
            match api::ask(cancel_job(job)).await {
                Ok(()) => toasts.announce(done),
                Err(refused) => toasts.failed(failed, &refused),
            }
        });
    }
}

#[component]
fn Countdown(until: i64, open: Open) -> impl IntoView {
    let toasts = Toasts::get();
    let tick = RwSignal::new(time::now());
    let step = move || {
        let _ = tick.try_set(time::now());
    };
    let timer = set_interval_with_handle(step, std::time::Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    let left = move || ((until - tick.get()) / SECOND).max(0);
    // what it began with is the record's last write before the change
    let whole = ((until - open.began) / SECOND).max(1);
    let back = stop(open.job, "The router is told to take it back.", "It was not taken back");
    let id = open.id;
    let busy = RwSignal::new(false);
    let keep = move |()| {
        busy.set(true);
        spawn_local(async move {
            if let Err(refused) = api::ask(keep_push(id)).await {
                toasts.failed("It is not kept yet", &refused);
                busy.try_set(false);
            }
        });
    };
    let waits = open.attended && open.kept_by.is_empty();
    let words = match (open.attended, open.kept_by.is_empty()) {
        (false, _) => "confirms itself when all is well".to_owned(),
        (true, true) => "waits for somebody who keeps it".to_owned(),
        (true, false) => format!("kept by {} when all is well", open.kept_by),
    };
    view! {
        <div class="count2" data-testid="countdown">
            <div>
                <span class="small t2">"The router takes it back in"</span>
                <b>{move || { let left = left(); format!("{}:{:02}", left / 60, left % 60) }}</b>
            </div>
            <progress class="progress" max=whole.to_string() value=move || left().to_string() aria-label="Time until it is taken back"></progress>
            <div class="row wrap">
                {waits.then(|| view! { <Button label="Confirm and keep" icon="check" look=Look::Primary busy=busy on_press=keep /> })}
                <Button label="Roll back now" icon="undo" look=Look::Danger on_press=back />
                <span class="small t3 end">{words}</span>
            </div>
        </div>
    }
}

/// What is different, as the router or we put it.
#[component]
pub fn Difference(push: i64, of: Signal<Option<Record>>) -> impl IntoView {
    // asked once it is known what is different
    let known =
        Memo::new(move |_| of.with(|push| push.as_ref().is_some_and(|push| !push.text("diff_sha256").is_empty())));
    let question = Signal::derive(move || known.get().then_some(push));
    let texts: Fetched<Texts> = fetched(question, |_| None, |push: i64| api::ask(push_texts(push)));
    let summary = move || {
        of.with(|push| {
            let push = push.as_ref()?;
            let count = |name: &str| push.int(name);
            let (added, removed) = (count("added")?, count("removed")?);
            let foreign = count("foreign_removed").filter(|foreign| *foreign > 0);
            Some(view! {
                <p class="row spaced" data-testid="summary">
                    <span>{format!("+{added} −{removed}")}</span>
                    {foreign.map(|foreign| {
                        let word = format!("{foreign} of the lines that go were not written by Peerage");
                        view! { <Status tone=Tone::Warn word=word /> }
                    })}
                </p>
            })
        })
    };
    let body = move || match (known.get(), texts.data.get(), texts.problem.get()) {
        (false, ..) => view! { <p class="t3">"There is none yet."</p> }.into_any(),
        (true, Some(texts), _) => {
            let lines = texts.diff.lines().map(draw_line).collect::<Vec<_>>();
            view! {
                {texts.masked.then(|| view! {
                    <p class="notice">
                        <Status tone=Tone::Warn word="Passwords are masked" />
                        "You may not see them."
                    </p>
                })}
                <div class="scroll"><div class="code nonum" role="region" aria-label="Difference" tabindex="0">{lines}</div></div>
            }
            .into_any()
        }
        (true, None, Some(problem)) => {
            view! { <ErrorPanel problem=problem retry=Callback::new(move |()| texts.reload()) /> }.into_any()
        }
        (true, None, None) => view! { <SkeletonLines /> }.into_any(),
    };
    view! {
        {summary}
        {body}
    }
}

fn draw_line(line: &str) -> AnyView {
    let (class, sign, text) = match line.split_at_checked(1) {
        Some(("+", rest)) => ("add", "+", rest),
        Some(("-", rest)) => ("del", "−", rest),
        _ => ("", "", line),
    };
    view! { <div class=class><i>{sign}</i><span>{text.to_owned()}</span></div> }.into_any()
}

/// One by its number, for a sheet: it follows the record by itself.
#[component]
pub fn Following(push: i64) -> impl IntoView {
    let detail = use_detail(&PUSH, push);
    let record = Signal::derive(move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let page = href(&PUSH.object_path(push));
    let log = move || {
        record.with(|record| record.as_ref().and_then(|record| record.int("job"))).map(|job| {
            view! { <a class="link small" href=href(&JOB.object_path(job))>"Log"</a> }
        })
    };
    view! {
        <Course push=record />
        <p class="row spaced">
            <a class="link small" href=page>{format!("#{push}")}</a>
            {log}
        </p>
    }
}
