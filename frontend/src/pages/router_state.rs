//! The tab of a router that says how it is: whether it answers, how it is known, its sessions beside the intent; and from where
//! its configuration is checked and pushed.

use super::push::{Difference, Following, is_check, use_push_of};
use crate::{
    data::{Fetched, Session, api, fetched, use_detail},
    ui::{
        Button, Dialog, ErrorPanel, Icon, Look, Moment, SkeletonLines, Status, Toasts, dom::href, pager::grouped,
        status::status_of, time::MomentStyle,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::{
    Answer,
    devices::{
        Beside, BesideRow, Verdict, accept_host_key, check_router, poll_router, push_router, router_beside_intent,
        test_router,
    },
    peeringdb::Started,
};
use peerage_model::{
    Problem, Record, Tone, Value,
    permit::Change,
    registry,
    types::{IX_SESSION, JOB, JobStatus, PUSH, PushOutcome, ROUTER},
};

#[component]
pub fn RouterState(router: i64) -> impl IntoView {
    let detail = use_detail(&ROUTER, router);
    let beside: Fetched<Beside> =
        fetched(Signal::stored(Some(router)), |_| None, |router: i64| api::ask(router_beside_intent(router)));
    let record = Signal::derive(move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let may_check = Memo::new(move |_| beside.data.with(|data| data.as_ref().is_some_and(|data| data.may_check)));
    let may_push = Memo::new(move |_| beside.data.with(|data| data.as_ref().is_some_and(|data| data.may_push)));
    let session = Session::get();
    let hindrance = Memo::new(move |_| beside.data.with(|data| data.as_ref().and_then(|data| data.hindrance.clone())));
    let form = href(&format!("{}/edit", ROUTER.object_path(router)));
    // the job that was started here last
    let job = RwSignal::new(None::<i64>);
    let sheet = RwSignal::new(false);
    let checking = RwSignal::new(None::<i64>);
    let pushing = RwSignal::new(None::<i64>);
    let start = move |what: &'static str, asked: Pin| {
        let toasts = Toasts::get();
        spawn_local(async move {
            match asked.await {
                Ok(Started { job: started }) => {
                    job.set(Some(started));
                    toasts.announce(format!("{what} has begun."));
                }
                Err(problem) => toasts.failed(format!("{what} did not begin"), &problem),
            }
        });
    };
    let poll = move |()| start("The poll", Box::pin(api::ask(poll_router(Some(router)))));
    let test = move |()| start("The connection test", Box::pin(api::ask(test_router(router))));
    let check = move |()| {
        let toasts = Toasts::get();
        spawn_local(async move {
            match api::ask(check_router(router)).await {
                Ok(Started { job }) => {
                    checking.set(Some(job));
                    sheet.set(true);
                }
                Err(problem) => toasts.failed("The check did not begin", &problem),
            }
        });
    };
    let body = move || match (beside.data.get(), beside.problem.get()) {
        (Some(data), _) => view! { <Table beside=data /> }.into_any(),
        (None, Some(problem)) => {
            view! { <ErrorPanel problem=problem retry=Callback::new(move |()| beside.reload()) /> }.into_any()
        }
        (None, None) => view! { <SkeletonLines lines=8 /> }.into_any(),
    };
    view! {
        <div class="scroll">
            <section class="sec onrouter" aria-label="How it answers">
                <div class="row spaced wrap">
                    {move || record.get().map(reachability)}
                    <span class="end row">
                        <Button label="Poll now" icon="poll" small=true on_press=poll />
                        <Show when=move || may_check.get()>
                            <Button label="Test connection" icon="pulse" small=true on_press=test />
                            <Button label="Check" icon="diff" small=true look=Look::Primary on_press=check />
                        </Show>
                    </span>
                </div>
                <Underway job=job.into() />
                {move || hindrance.get().map(|words| {
                    let form = session.may::<Change>(&ROUTER).then(|| view! { <a class="link" href=form.clone()>"Edit the router"</a> });
                    view! { <p class="row spaced wrap" data-testid="hindrance"><span>{words}</span> {form}</p> }
                })}
                <Keys router=router beside=beside.data may=may_push />
            </section>
            {body}
        </div>
        <Dialog open=sheet title=Signal::derive(move || title(record, pushing)) class="sheet">
            <Sheet checking=checking pushing=pushing may_push=may_push />
        </Dialog>
    }
}

type Pin = std::pin::Pin<Box<dyn Future<Output = Result<Started, Problem>>>>;

/// What the sheet is about: it is a check until something is pushed.
fn title(router: Signal<Option<Record>>, pushing: RwSignal<Option<i64>>) -> String {
    let word = if pushing.get().is_some() { "Push to" } else { "Check" };
    router.with(|router| router.as_ref().map_or_else(String::new, |router| format!("{word} {}", router.text("name"))))
}

/// Whether it answers, what it said, and when.
fn reachability(router: Record) -> AnyView {
    let state = ROUTER.field("reachability").and_then(|field| status_of(field, router.get("reachability"), true));
    let state =
        state.unwrap_or_else(|| view! { <Status tone=Tone::Mute word="Never spoken to" soft=true /> }.into_any());
    let time = |name: &str, words: &'static str| {
        router
            .get(name)
            .as_time()
            .map(|at| view! { <span class="t3">{words} " " <Moment micros=at style=MomentStyle::Ago /></span> })
    };
    // the host key in question is shown below, with what is to be done about it
    let words = if router.text("offered_key").is_empty() { router.text("reachability_words") } else { "" }.to_owned();
    let software = router.text("software").to_owned();
    view! {
        <span class="row spaced wrap" data-testid="reachability">
            {state}
            <span>{software}</span>
            {time("asked", "asked")}
            {time("poll_bgp_sessions_last_updated", "sessions seen")}
        </span>
        {(!words.is_empty()).then(|| view! { <p class="prob" role="status"><span>{words}</span></p> })}
    }
    .into_any()
}

/// A job that was begun here, until it has ended well.
#[component]
fn Underway(job: Signal<Option<i64>>) -> impl IntoView {
    move || {
        let job = job.get()?;
        let detail = use_detail(&JOB, job);
        let words = move || {
            detail.data.with(|data| {
                let record = &data.as_ref()?.record;
                let status = JobStatus::of(record)?;
                let shown = match status {
                    JobStatus::Pending => (Tone::Info, "waits for its turn".to_owned()),
                    JobStatus::Running if record.text("phase").is_empty() => (Tone::Info, "runs".to_owned()),
                    JobStatus::Running => (Tone::Info, record.text("phase").to_owned()),
                    JobStatus::Completed => (Tone::Ok, record.text("outcome").to_owned()),
                    _ => (Tone::Bad, "did not go well:".to_owned()),
                };
                let why = if status.is_bad() { record.text("outcome").to_owned() } else { String::new() };
                Some(view! {
                    <Status tone=shown.0 word=shown.1 />
                    <span>{why}</span>
                })
            })
        };
        Some(view! {
            <p class="row spaced small" role="status" data-testid="underway">
                <a class="link" href=href(&JOB.object_path(job))>{format!("Job #{job}")}</a>
                {words}
            </p>
        })
    }
}

/// How it is known, and the key that waits to be accepted.
#[component]
fn Keys(router: i64, beside: RwSignal<Option<Beside>>, may: Memo<bool>) -> impl IntoView {
    let toasts = Toasts::get();
    let keys = Memo::new(move |_| {
        beside.with(|data| data.as_ref().map(|data| (data.host_keys.clone(), data.offered.clone()))).unwrap_or_default()
    });
    move || {
        let (known, offered) = keys.get();
        let line =
            |(kind, print): &(String, String)| view! { <li class="mono small">{kind.clone()} " " {print.clone()}</li> };
        let offered = offered.map(|offered| {
            let print = offered.1.clone();
            let accept = move |()| {
                let print = print.clone();
                spawn_local(async move {
                    match api::ask(accept_host_key(router, print)).await {
                        Ok(()) => {
                            api::written(&[&ROUTER]);
                            toasts.say("Its host key was accepted. The change log says so.");
                        }
                        Err(problem) => toasts.failed("The host key was not accepted", &problem),
                    }
                });
            };
            let question = if known.is_empty() {
                "It showed this host key, and none is on record. Compare it with the router's own."
            } else {
                "It shows another host key than the one on record. Nothing is sent to it. Compare it with the router's own."
            };
            view! {
                <div class="errbox" role="alert" data-testid="offered-key">
                    <Icon name="key" />
                    <h2>{question}</h2>
                    <p>{format!("{} {}", offered.0, offered.1)}</p>
                    <Show when=move || may.get()>
                        <div class="next"><Button label="Accept this host key" icon="key" small=true on_press=accept.clone() /></div>
                    </Show>
                </div>
            }
        });
        view! {
            {(!known.is_empty()).then(|| view! {
                <div class="row spaced small" data-testid="host-keys">
                    <span class="t3">"Known by"</span>
                    <ul>{known.iter().map(line).collect::<Vec<_>>()}</ul>
                </div>
            })}
            {offered}
        }
    }
}

const fn verdict(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Unknown => (Tone::None, "Not seen yet"),
        Verdict::Same => (Tone::Quiet, "As intended"),
        Verdict::Different => (Tone::Bad, "Different"),
        Verdict::Missing => (Tone::Bad, "Missing"),
        Verdict::Extra => (Tone::Warn, "Extra"),
        Verdict::Off => (Tone::Mute, "Off"),
    }
}

#[component]
fn Table(beside: Beside) -> impl IntoView {
    let count = |wanted: Verdict| beside.rows.iter().filter(|row| row.verdict == wanted).count() as u64;
    let counted: Vec<String> = [
        (count(Verdict::Different), "different"),
        (count(Verdict::Missing), "missing"),
        (count(Verdict::Extra), "extra"),
        (count(Verdict::Same), "as intended"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{} {word}", grouped(count)))
    .collect();
    let note = if beside.at.is_some() { counted.join(", ") } else { "never seen".to_owned() };
    let rows = beside.rows.into_iter().map(row).collect::<Vec<_>>();
    view! {
        <section class="sec flush">
            <h2>"Sessions beside the intent" <span class="t3" data-testid="beside">{note}</span></h2>
            <table class="tbl plainhead stack">
                <caption class="sr">"Sessions on the router beside the intent"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Compared"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col">"AS"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col">"Why"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn row(row: BesideRow) -> AnyView {
    let (tone, word) = verdict(row.verdict);
    let address = row.address.clone();
    let link =
        row.session.and_then(|session| registry::get(&session.of).ok().map(|of| href(&of.object_path(session.id))));
    let address = match link {
        Some(link) => view! { <a class="link mono" href=link>{address}</a> }.into_any(),
        None => view! { <span class="mono">{address}</span> }.into_any(),
    };
    let state = IX_SESSION.field("bgp_state").and_then(|field| status_of(field, &Value::text(row.state), false));
    let asn = row.asn.or(row.seen_asn).map(|asn| format!("AS{asn}"));
    view! {
        <tr data-verdict=format!("{:?}", row.verdict)>
            <td class="m3"><Status tone=tone word=word /></td>
            <th scope="row" class="m2 lead">{address}</th>
            <td class="mono">{asn}</td>
            <td class="m4">{row.name}</td>
            <td class="m5">{state}</td>
            <td class="t3">{row.since.map(|at| view! { <Moment micros=at style=MomentStyle::Ago /> })}</td>
            <td class="t2">{row.words}</td>
        </tr>
    }
    .into_any()
}

/// From the check to the push: what is different, why it is pushed, and how it goes.
#[component]
fn Sheet(checking: RwSignal<Option<i64>>, pushing: RwSignal<Option<i64>>, may_push: Memo<bool>) -> impl IntoView {
    let check = use_push_of(checking.into());
    let push = use_push_of(pushing.into());
    // a new check begins anew
    Effect::new(move |_| {
        checking.track();
        pushing.set(None);
    });
    move || match (push.get(), check.get()) {
        (Some(push), _) => view! { <Following push=push /> }.into_any(),
        (None, Some(check)) => view! { <Checked check=check pushing=pushing may_push=may_push /> }.into_any(),
        (None, None) => view! { <JobFirst job=checking.into() /> }.into_any(),
    }
}

/// Before there is a record: the job waits, or could not begin.
#[component]
fn JobFirst(job: Signal<Option<i64>>) -> impl IntoView {
    view! {
        <Underway job=job />
        <SkeletonLines lines=4 />
    }
}

#[component]
fn Checked(check: i64, pushing: RwSignal<Option<i64>>, may_push: Memo<bool>) -> impl IntoView {
    let detail = use_detail(&PUSH, check);
    let record = Signal::derive(move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let found = Memo::new(move |_| {
        record.with(|record| {
            record
                .as_ref()
                .is_some_and(|record| is_check(record) && PushOutcome::of(record) == Some(PushOutcome::Checked))
        })
    });
    view! {
        <Following push=check />
        <Show when=move || found.get()>
            <Difference push=check of=record />
            <Show
                when=move || may_push.get()
                fallback=|| view! { <p class="t3">"You may see what would change; an administrator can grant pushing it."</p> }
            >
                <Approve check=check pushing=pushing />
            </Show>
        </Show>
    }
}

/// Why it is pushed, and the button that does it.
#[component]
fn Approve(check: i64, pushing: RwSignal<Option<i64>>) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let minutes = RwSignal::new("5".to_owned());
    let attended = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let send = move || {
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            let (reason, minutes) = (reason.get_untracked(), minutes.get_untracked().trim().parse().ok());
            let asking = push_router(check, reason, minutes, Some(attended.get_untracked()));
            let answer: Result<Started, Problem> = asked(asking).await;
            busy.try_set(false);
            match answer {
                Ok(Started { job }) => drop(pushing.try_set(Some(job))),
                Err(refused) => {
                    let words = refused.fields.first().map_or(refused.message.clone(), |field| field.message.clone());
                    problem.try_set(words);
                }
            }
        });
    };
    view! {
        <form
            class="sbody"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <label class="frow whole">
                <span>"Reason"</span>
                <input
                    class="in"
                    name="reason"
                    maxlength="500"
                    required=true
                    aria-describedby="push-problem"
                    placeholder="Why it is pushed; it stands in the record"
                    prop:value=move || reason.get()
                    on:input=move |event| reason.set(event_target_value(&event))
                />
            </label>
            <label class="frow whole">
                <span>"Taken back after"</span>
                <span class="row">
                    <input
                        class="in short"
                        name="minutes"
                        type="number"
                        min="1"
                        max="60"
                        required=true
                        prop:value=move || minutes.get()
                        on:input=move |event| minutes.set(event_target_value(&event))
                    />
                    "minutes, by the router itself, unless it is confirmed"
                </span>
            </label>
            <label class="row">
                <input
                    type="checkbox"
                    name="attended"
                    prop:checked=move || attended.get()
                    on:change=move |event| attended.set(event_target_checked(&event))
                />
                "Wait for somebody to confirm it, even when all is well"
            </label>
            <p id="push-problem" class="prob" role="alert" hidden=move || problem.with(String::is_empty)><span>{problem}</span></p>
            <p class="row spaced">
                <Button label="Push this" icon="push" look=Look::Primary submit=true busy=busy />
                <span class="small t3">"The router takes it back unless its sessions are well."</span>
            </p>
        </form>
    }
}

async fn asked<T>(answer: impl Future<Output = Answer<T>>) -> Result<T, Problem> {
    api::ask(answer).await
}
