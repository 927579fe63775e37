//! The first page: how many of what there are, what to do next while the main job has not been done once, and what was
//! changed last.

use super::{
    changes::{FirstDifference, changed_object, changed_type, moment},
    head::Head,
    list::{a_few, rows_of},
};
use crate::{
    data::{Session, api, use_list},
    shell::lower,
    ui::{Empty, Icon, Section, SkeletonLines, dom, dom::href, pager::grouped, time::MomentStyle},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peeringdb::{Status, peeringdb_status};
use peerage_model::{ObjectType, query::ListRequest, types};

/// Lists whose size stands at the top.
static FIGURES: &[&ObjectType] =
    &[&types::AUTONOMOUS_SYSTEM, &types::INTERNET_EXCHANGE, &types::CONNECTION, &types::IX_SESSION, &types::ROUTER];

#[component]
pub fn Overview() -> impl IntoView {
    let session = Session::get();
    let figures = FIGURES.iter().map(|of| {
        let count = move || session.count(of).map_or_else(|| "–".to_owned(), grouped);
        view! {
            <a class="fig" href=href(&of.list_path())>
                <span class="lab">{of.plural}</span>
                <b>{count}</b>
            </a>
        }
    });
    view! {
        <div class="page">
            <Head title="Overview" />
            <div class="scroll">
                <section class="figs" aria-label="Figures">{figures.collect::<Vec<_>>()}</section>
                <div class="ov">
                    <div><NewestChanges /></div>
                    <aside class="rail" aria-label="Next steps"><NextSteps /></aside>
                </div>
            </div>
        </div>
    }
}

#[component]
fn NewestChanges() -> impl IntoView {
    let fetched = use_list(Signal::stored(Some(a_few(&types::CHANGE, "", "-time,-id", 20))));
    let rows = move || {
        rows_of(fetched)
            .into_iter()
            .map(|record| {
                let verb = match record.text("action") {
                    "create" => "added",
                    "delete" => "deleted",
                    _ => "changed",
                };
                view! {
                    <tr>
                        <td class="t3 m5">
                            <a href=href(&types::CHANGE.object_path(record.id))>{moment(&record, MomentStyle::Short)}</a>
                        </td>
                        <td class="t2 m4">{record.text("user_name").to_owned()} " " {verb}</td>
                        <th scope="row" class="m2 lead">
                            {changed_object(&record)}
                            " "
                            <span class="t3">{lower(&changed_type(&record))}</span>
                        </th>
                        <td class="t2"><FirstDifference record=record.clone() /></td>
                    </tr>
                }
            })
            .collect::<Vec<_>>()
    };
    let none = move || fetched.data.with(|listing| listing.as_ref().is_some_and(|listing| listing.rows.is_empty()));
    let waiting = move || fetched.data.with(Option::is_none) && fetched.problem.with(Option::is_none);
    let all = || view! { <a class="link" href=href(&types::CHANGE.list_path())>"All changes"</a> };
    view! {
        <Section title="Newest changes" end=all flush=true>
            <Show when=waiting>
                <SkeletonLines />
            </Show>
            <Show when=none>
                <Empty slim=true title="Nothing was changed yet" about="Every change to your data appears here: who, what, before and after." />
            </Show>
            {move || fetched.problem.get().map(|problem| view! { <p class="t3">{problem.message}</p> })}
            <table class="tbl plainhead stack">
                <caption class="sr">"Newest changes"</caption>
                <colgroup><col style=("width", "84px") /><col style=("width", "168px") /><col /><col style=("width", "34%") /></colgroup>
                <tbody>{rows}</tbody>
            </table>
        </Section>
    }
}

/// One step of the main job, for somebody new.
struct Step {
    title: &'static str,
    about: &'static str,
    /// What its link says, and where it leads while the step is not done; afterwards to the list.
    act: &'static str,
    path: fn() -> String,
    done: fn(&Facts) -> Option<bool>,
}

/// What the steps look at. None: not known yet.
#[derive(Clone, Copy, Default)]
struct Facts {
    affiliated: Option<u64>,
    peeringdb_rows: Option<u64>,
    platforms: Option<u64>,
    routers: Option<u64>,
    exchanges: Option<u64>,
    connections: Option<u64>,
    sessions: Option<u64>,
    configured: Option<u64>,
}

fn any(count: Option<u64>) -> Option<bool> {
    count.map(|count| count > 0)
}

fn new_of(of: &ObjectType) -> String {
    format!("{}/new", of.list_path())
}

static STEPS: &[Step] = &[
    Step {
        title: "Your network",
        about: "Add your own AS, and mark it as affiliated.",
        act: "Add your AS",
        path: || format!("{}?affiliated=true", new_of(&types::AUTONOMOUS_SYSTEM)),
        done: |facts| any(facts.affiliated),
    },
    Step {
        title: "PeeringDB",
        about: "Fetch who is at which exchange.",
        act: "Synchronise",
        path: || "/peeringdb".to_owned(),
        done: |facts| any(facts.peeringdb_rows),
    },
    Step {
        title: "A platform",
        about: "What software your routers run.",
        act: "Add platform",
        path: || new_of(&types::PLATFORM),
        done: |facts| any(facts.platforms),
    },
    Step {
        title: "A router",
        about: "It will carry the sessions.",
        act: "Add router",
        path: || new_of(&types::ROUTER),
        done: |facts| any(facts.routers),
    },
    Step {
        title: "An exchange",
        about: "Link it to its PeeringDB LAN to see who is there.",
        act: "Add exchange",
        path: || new_of(&types::INTERNET_EXCHANGE),
        done: |facts| any(facts.exchanges),
    },
    Step {
        title: "A connection",
        about: "Your port there, with your addresses.",
        act: "Add connection",
        path: || new_of(&types::CONNECTION),
        done: |facts| any(facts.connections),
    },
    Step {
        title: "Sessions",
        about: "Open the exchange, choose Available peers, tick some.",
        act: "Choose exchange",
        path: || types::INTERNET_EXCHANGE.list_path(),
        done: |facts| any(facts.sessions),
    },
    Step {
        title: "A configuration",
        about: "Write a template, and assign it to the router.",
        act: "Add template",
        path: || new_of(&types::CONFIGURATION),
        done: |facts| any(facts.configured),
    },
];

/// How many rows match, and nothing of them.
fn count_into(signal: RwSignal<Facts>, of: &'static ObjectType, filter: &'static str, put: fn(&mut Facts, u64)) {
    let fields = vec![of.fields[0].name.to_owned()];
    spawn_local(async move {
        let request = ListRequest { fields, ..a_few(of, filter, "", 1) };
        if let Ok(listing) = api::list(request).await {
            signal.try_update(|facts| put(facts, listing.total));
        }
    });
}

#[component]
fn NextSteps() -> impl IntoView {
    let session = Session::get();
    let asked = RwSignal::new(Facts::default());
    Effect::new(move |_| {
        session.revision.track();
        count_into(asked, &types::AUTONOMOUS_SYSTEM, "affiliated:yes", |facts, count| facts.affiliated = Some(count));
        count_into(asked, &types::ROUTER, "configuration_template:any", |facts, count| facts.configured = Some(count));
        spawn_local(async move {
            if let Ok(Status { types, .. }) = api::ask(peeringdb_status()).await {
                let rows = types.iter().map(|of| of.rows).sum();
                asked.try_update(|facts| facts.peeringdb_rows = Some(rows));
            }
        });
    });
    let facts = Memo::new_with_compare(
        move |_| Facts {
            platforms: session.count(&types::PLATFORM),
            routers: session.count(&types::ROUTER),
            exchanges: session.count(&types::INTERNET_EXCHANGE),
            connections: session.count(&types::CONNECTION),
            sessions: session.count(&types::IX_SESSION),
            ..asked.get()
        },
        |_, _| true,
    );
    let hidden = RwSignal::new(dom::stored("next-steps").as_deref() == Some("hidden"));
    let done = move || {
        let facts = facts.get();
        STEPS.iter().filter(|step| (step.done)(&facts) == Some(true)).count()
    };
    let hide = move |_| {
        dom::store("next-steps", "hidden");
        hidden.set(true);
    };
    let show = move |_| {
        dom::store("next-steps", "shown");
        hidden.set(false);
    };
    let lines = move || {
        let facts = facts.get();
        let next = STEPS.iter().position(|step| (step.done)(&facts) == Some(false));
        STEPS
            .iter()
            .enumerate()
            .map(|(at, step)| {
                let is_done = (step.done)(&facts) == Some(true);
                let (class, icon, said) = match is_done {
                    true => ("done", "done", "Done: "),
                    false if next == Some(at) => ("current", "now", "Next: "),
                    false => ("", "todo", ""),
                };
                view! {
                    <li class=class>
                        <Icon name=icon />
                        <span>
                            <b><span class="sr">{said}</span> {step.title}</b>
                            <em>{step.about}</em>
                        </span>
                        {(!is_done).then(|| view! { <a class="link" href=href(&(step.path)())>{step.act}</a> })}
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    let note = Signal::derive(move || format!("{} of {}", done(), STEPS.len()));
    let end = move || {
        move || {
            if hidden.get() {
                view! { <button type="button" class="link" on:click=show>"Show"</button> }.into_any()
            } else {
                view! { <button type="button" class="link" on:click=hide>"Hide"</button> }.into_any()
            }
        }
    };
    view! {
        <Section title="Next steps" note=note end=end>
            <Show when=move || !hidden.get()>
                <ol class="steps next-steps">{lines}</ol>
            </Show>
        </Section>
    }
}
