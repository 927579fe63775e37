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
    devices::{Texts, push_texts},
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
        <Countdown push=push />
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
    view! {
        <li class=class>
            <Icon name=icon />
            <span>{name}</span>
            <time>{took}</time>
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

/// Until the router takes the change back, while it is not confirmed; and the way to take it back at once.
#[component]
fn Countdown(push: Signal<Option<Record>>) -> impl IntoView {
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
    let open = Memo::new(move |_| {
        push.with(|push| {
            let push = push.as_ref().filter(|push| PushOutcome::of(push).is_none())?;
            let until = push.get("undo_at").as_time()?;
            // what it began with is the record's last write before the change
            Some((until, push.get("time").as_time().unwrap_or(until), push.int("job")))
        })
    });
    move || {
        let (until, began, job) = open.get()?;
        let left = ((until - tick.get()) / SECOND).max(0);
        let whole = ((until - began) / SECOND).max(1);
        let back = move |()| {
            let Some(job) = job else { return };
            spawn_local(async move {
                match api::ask(cancel_job(job)).await {
                    Ok(()) => toasts.announce("The router is told to take it back."),
                    Err(refused) => toasts.failed("It was not taken back", &refused),
                }
            });
        };
        Some(view! {
            <div class="count2" data-testid="countdown">
                <div>
                    <span class="small t2">"The router takes it back in"</span>
                    <b>{format!("{}:{:02}", left / 60, left % 60)}</b>
                </div>
                <progress class="progress" max=whole.to_string() value=left.to_string() aria-label="Time until it is taken back"></progress>
                <div class="row">
                    <Button label="Roll back now" icon="undo" look=Look::Danger on_press=back />
                    <span class="small t3 end">"confirms itself when all sessions are well"</span>
                </div>
            </div>
        })
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
