//! The PeeringDB cache: where it comes from, taking it over with its progress, how full it is.

use super::head::Head;
use crate::{
    data::{Session, api, place::address},
    ui::{
        Button, ErrorPanel, Icon, Look, Moment, Names, Section, SkeletonLines, Toasts, cell, dom::href, pager::grouped,
        time::MomentStyle,
    },
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use peerage_app::jobs::cancel_job;
use peerage_app::peeringdb::{Running, Start, Status, TypeStatus, peeringdb_status, synchronise_peeringdb};
use peerage_model::{
    Field, Problem, Record,
    peeringdb::{NETWORK, REJECTED, SYNCHRONISATION},
    permit::{Synchronise, View},
    registry,
    types::JOB,
};
use std::time::Duration;

/// Between two questions: a run is news several times a second.
const PAUSE: Duration = Duration::from_millis(400);

#[component]
pub fn PeeringDb() -> impl IntoView {
    let status = RwSignal::new(None::<Status>);
    let problem = RwSignal::new(None::<Problem>);
    let session = Session::get();
    let watcher = Watcher {
        status,
        problem,
        asking: StoredValue::new(false),
        missed: StoredValue::new(false),
        awaited: StoredValue::new(None),
        toasts: Toasts::get(),
    };
    // rows are written, and jobs are noted
    Effect::new(move |_| {
        session.revision.track();
        session.noted.track();
        untrack(|| watcher.look());
    });
    let look = Callback::new(move |()| watcher.look());
    let started = Callback::new(move |job: i64| {
        watcher.awaited.set_value(Some(job));
        watcher.look();
    });
    let running = Memo::new(move |_| status.with(|status| status.as_ref().and_then(|status| status.running.clone())));
    let body = move || match (status.with(Option::is_some), problem.get()) {
        (false, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| look.run(()) /> }.into_any(),
        (false, None) => view! { <SkeletonLines /> }.into_any(),
        (true, _) => view! {
            <div class="split railed">
                <div>
                    <Cache status=status />
                </div>
                <aside class="rail" aria-label="Synchronisation">
                    <StartForm status=status running=running on_start=started />
                    <Progress running=running />
                    <LastRun status=status />
                </aside>
            </div>
        }
        .into_any(),
    };
    let ready = Memo::new(move |_| (status.with(Option::is_some), problem.get()));
    view! {
        <div class="page">
            <Head title="PeeringDB" ruled=true />
            {move || { ready.get(); untrack(body) }}
        </div>
    }
}

/// Looks at the state whenever something was told, one question at a time, and says how a run ended.
#[derive(Clone, Copy)]
struct Watcher {
    status: RwSignal<Option<Status>>,
    problem: RwSignal<Option<Problem>>,
    asking: StoredValue<bool>,
    /// Something was told while the question was on its way.
    missed: StoredValue<bool>,
    /// The job whose end is to be said: one that was begun here, or seen running.
    awaited: StoredValue<Option<i64>>,
    toasts: Toasts,
}

impl Watcher {
    fn look(self) {
        if self.asking.get_value() {
            self.missed.set_value(true);
            return;
        }
        self.asking.set_value(true);
        spawn_local(async move {
            let answer = api::ask(peeringdb_status()).await;
            // the page may have been left meanwhile
            if self.asking.try_get_value().is_none() {
                return;
            }
            match answer {
                Ok(now) => {
                    self.problem.set(None);
                    self.hear(&now);
                    self.status.set(Some(now));
                }
                Err(failed) => self.problem.set(Some(failed)),
            }
            set_timeout(
                move || {
                    self.asking.try_set_value(false);
                    if self.missed.try_get_value() == Some(true) {
                        self.missed.set_value(false);
                        self.look();
                    }
                },
                PAUSE,
            );
        });
    }

    fn hear(self, now: &Status) {
        match (&now.running, &now.outcome) {
            (Some(running), _) => self.awaited.set_value(Some(running.job)),
            (None, Some(outcome)) if self.awaited.get_value() == Some(outcome.job) => {
                self.awaited.set_value(None);
                self.toasts.say(outcome.words.clone());
            }
            _ => {}
        }
    }
}

/// Where from, and go.
#[component]
fn StartForm(
    status: RwSignal<Option<Status>>,
    running: Memo<Option<Running>>,
    /// With the job's number.
    on_start: Callback<i64>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let session = Session::get();
    let source = NodeRef::<html::Input>::new();
    let flush = RwSignal::new(false);
    let problem = RwSignal::new(String::new());
    let begin =
        untrack(|| status.with(|status| status.as_ref().map(|status| status.source.clone()))).unwrap_or_default();
    let next = Memo::new(move |_| status.with(|status| status.as_ref().and_then(|status| status.next)));
    let is_running = move || running.with(Option::is_some);
    // one that waits to be tried again can be told to begin now
    let is_busy = move || running.with(|run| run.as_ref().is_some_and(|run| run.not_before.is_none()));
    let configured = begin.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = source.get_untracked().map(|input| input.value()).unwrap_or_default().trim().to_owned();
        // as it stood there: as configured, which needs no right to name another
        let typed = if typed == configured { String::new() } else { typed };
        let is_url = typed.starts_with("http://") || typed.starts_with("https://");
        let start = Start {
            url: if is_url { typed.clone() } else { String::new() },
            directory: if is_url { String::new() } else { typed },
            flush: flush.get_untracked(),
        };
        problem.set(String::new());
        spawn_local(async move {
            match api::ask(synchronise_peeringdb(start)).await {
                Ok(started) => {
                    flush.try_set(false);
                    toasts.announce("The synchronisation has begun.");
                    on_start.try_run(started.job);
                }
                Err(refused) => {
                    problem.try_set(refused.message);
                }
            }
        });
    };
    let cancel = move |()| {
        let Some(job) = running.with_untracked(|run| run.as_ref().map(|run| run.job)) else { return };
        spawn_local(async move {
            match api::ask(cancel_job(job)).await {
                Ok(()) => toasts.say("The synchronisation stops after the rows that it is writing."),
                Err(refused) => toasts.failed("The synchronisation was not stopped", &refused),
            }
        });
    };
    let allowed = move || session.allows::<Synchronise>(&NETWORK);
    view! {
        <section class="sec">
            <h2>"Synchronise"</h2>
            <form on:submit=submit>
                <div class="frow stacked">
                    <label for="source">"Source"</label>
                    <div class="ctl">
                        <div class="in">
                            <input
                                id="source"
                                type="text"
                                node_ref=source
                                spellcheck="false"
                                autocomplete="off"
                                prop:value=begin
                                aria-describedby="source-help source-problem"
                                aria-invalid=move || (!problem.with(String::is_empty)).then_some("true")
                            />
                        </div>
                    </div>
                    <p class="help" id="source-help">
                        "The API's base URL, or a directory on the server with one JSON file for each type. Empty: as configured."
                    </p>
                    <p class="prob" id="source-problem" role="alert" hidden=move || problem.with(String::is_empty)>
                        <span>{problem}</span>
                    </p>
                </div>
                <div class="frow stacked">
                    <label class="row">
                        <input
                            type="checkbox"
                            class="tick"
                            prop:checked=move || flush.get()
                            on:change=move |event| flush.set(event_target_checked(&event))
                        />
                        "Empty the cache first"
                    </label>
                    <p class="help">"Takes everything anew. Links from exchanges and connections to PeeringDB are found again afterwards."</p>
                </div>
                <p class="row">
                    <Button
                        label="Synchronise"
                        icon="poll"
                        look=Look::Primary
                        submit=true
                        busy=Signal::derive(is_busy)
                        disabled=Signal::derive(move || !allowed())
                    />
                    <Show when=is_running>
                        <Button label="Stop" icon="stop" on_press=cancel />
                    </Show>
                </p>
                {move || next.get().map(|micros| view! {
                    <p class="small t3">"By itself next: " <Moment micros=micros /> "."</p>
                })}
                <Show when=move || !allowed()>
                    <p class="small t3">"Only administrators may synchronise."</p>
                </Show>
            </form>
        </section>
    }
}

/// A run, as far as it has come.
#[component]
fn Progress(running: Memo<Option<Running>>) -> impl IntoView {
    move || {
        running.get().map(|run| {
            let words =
                if run.total > 0 { format!("{} of {}", grouped(run.done), grouped(run.total)) } else { String::new() };
            let value = (run.total > 0).then(|| run.done.to_string());
            let max = run.total.max(1).to_string();
            let job = href(&JOB.object_path(run.job));
            let link = Session::get().allows::<View>(&JOB).then(|| view! { <a class="link" href=job>"Its job"</a> });
            view! {
                <section class="sec">
                    <h2>
                        {if run.waits { "Waiting" } else { "Running" }}
                        <span class="t3">{run.phase}</span>
                        <span class="end small">{words} " " {link}</span>
                    </h2>
                    {run.not_before.map(|micros| view! {
                        <p class="t2">"It is tried again " <Moment micros=micros style=MomentStyle::Ago /> "."</p>
                    })}
                    {(run.waits && !run.outcome.is_empty())
                        .then(|| view! { <p class="prob"><Icon name="alert" /> " " <span>{run.outcome}</span></p> })}
                    <progress class="progress" max=max value=value aria-label="Progress of this type"></progress>
                    <pre class="text runlog" role="log" tabindex="0" aria-label="Log">{run.log.join("\n")}</pre>
                </section>
            }
        })
    }
}

/// How the newest run that changed something ended, and when one looked last.
#[component]
fn LastRun(status: RwSignal<Option<Status>>) -> impl IntoView {
    let last =
        move || -> Option<Record> { status.with(|status| status.as_ref()?.last.as_ref()?.resolve().ok()?.pop()) };
    let looked = move || {
        let outcome = status.with(|status| status.as_ref()?.outcome.clone())?;
        let job = href(&JOB.object_path(outcome.job));
        let link = Session::get()
            .allows::<View>(&JOB)
            .then(|| view! { <p class="small"><a class="link" href=job>"Its log"</a></p> });
        let when = outcome.ended.map(|micros| view! { <Moment micros=micros style=MomentStyle::Ago /> });
        Some(view! { <p class="small t2">"Looked last " {when} ": " {outcome.words}</p> {link} })
    };
    let facts = |run: &Record| {
        let shown = SYNCHRONISATION.fields.iter().filter(|field| field.is_column() && field.name != "failure");
        let line = |field: &'static Field| {
            let value = cell::draw(field, run.get(field.name), &Names::default(), cell::Place::Page);
            view! { <div><dt>{field.label()}</dt><dd>{value}</dd></div> }
        };
        shown.map(line).collect::<Vec<_>>()
    };
    move || {
        last().map(|run| {
            let failure = run.text("failure").to_owned();
            view! {
                <section class="sec">
                    <h2>
                        "Last run"
                        <span class="end small">
                            <a class="link" href=href(&SYNCHRONISATION.list_path())>"All runs"</a>
                        </span>
                    </h2>
                    {(!failure.is_empty())
                        .then(|| view! { <p class="prob"><Icon name="alert" /> <span>{failure}</span></p> })}
                    <dl class="dl two">{facts(&run)}</dl>
                    {looked()}
                </section>
            }
        })
    }
}

/// The thirteen types.
#[component]
fn Cache(status: RwSignal<Option<Status>>) -> impl IntoView {
    let types = Memo::new(move |_| {
        status.with(|status| status.as_ref().map(|status| status.types.clone())).unwrap_or_default()
    });
    let total = Signal::derive(move || {
        let rows: u64 = types.with(|types| types.iter().map(|of| of.rows).sum());
        format!("{} rows", grouped(rows))
    });
    let row = |of: TypeStatus| {
        let known = registry::get(&of.of).ok();
        let name = match known {
            Some(known) => view! { <a class="name" href=href(&known.list_path())>{known.plural}</a> }.into_any(),
            None => of.namespace.clone().into_any(),
        };
        let taken = if of.cursor > 0 {
            view! { <Moment micros=of.cursor.saturating_mul(1_000_000) style=MomentStyle::Whole /> }.into_any()
        } else {
            view! { <span class="t3">"never"</span> }.into_any()
        };
        let noted = |count: u64, partly: &str| {
            if count == 0 {
                return view! { <span class="t3">"0"</span> }.into_any();
            }
            let filter = format!("namespace:={} partly:{partly}", of.namespace);
            let path = address(&REJECTED.list_path(), &[("f".to_owned(), filter)]);
            view! { <a class="link" href=href(&path)>{grouped(count)}</a> }.into_any()
        };
        let (rejected, partly) = (noted(of.rejected, "no"), noted(of.partly, "yes"));
        view! {
            <tr>
                <th scope="row" class="m2 lead">{name}</th>
                <td class="mono t2">{of.namespace}</td>
                <td class="num m3">{grouped(of.rows)}</td>
                <td class="t2 m4">{taken}</td>
                <td class="num">{rejected}</td>
                <td class="num">{partly}</td>
            </tr>
        }
    };
    view! {
        <Section title="Cache" note=total flush=true>
            <table class="tbl stack">
                <caption class="sr">"Types of PeeringDB in the cache"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Type"</th>
                        <th scope="col">"Name there"</th>
                        <th scope="col" class="num">"Rows"</th>
                        <th scope="col">"Taken up to"</th>
                        <th scope="col" class="num">"Rejected"</th>
                        <th scope="col" class="num">"In part"</th>
                    </tr>
                </thead>
                <tbody>{move || types.get().into_iter().map(row).collect::<Vec<_>>()}</tbody>
            </table>
        </Section>
    }
}
