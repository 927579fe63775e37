//! The first page: how many of what there are, what to do next while the main job has not been done once, and what was
//! changed last.

mod beside;
pub mod exchanges;

pub use beside::Beside;
pub use exchanges::Exchanges;

use super::{
    changes::{FirstDifference, changed_object, changed_type, moment},
    head::Head,
    list::{a_few, rows_of},
    parts,
    steps::{STEPS, done, step_lines, use_facts},
};
use crate::{
    data::{Fetched, Listing, Session, Stored, place::address, use_list},
    shell::lower,
    ui::{Empty, Moment, Section, SkeletonLines, dom, dom::href, pager::grouped, status::status_of, time::MomentStyle},
};
use leptos::prelude::*;
use peerage_model::{ObjectType, Record, label::label_of, permit::View, types};

/// Lists whose size stands at the top.
static FIGURES: &[&ObjectType] =
    &[&types::AUTONOMOUS_SYSTEM, &types::INTERNET_EXCHANGE, &types::CONNECTION, &types::IX_SESSION, &types::ROUTER];

#[component]
pub fn Overview() -> impl IntoView {
    let session = Session::get();
    let rights = Memo::new(move |_| session.me.with(|me| me.as_ref().map(|me| me.rights.clone())));
    let nothing = move || {
        rights.with(|rights| rights.as_ref().is_some_and(|rights| !rights.superuser && rights.granted.is_empty()))
    };
    let figures = move || {
        rights.track();
        untrack(|| {
            FIGURES.iter().filter(|of| session.allows::<View>(of)).map(|of| figure(session, of)).collect::<Vec<_>>()
        })
    };
    view! {
        <div class="page">
            <Head title="Overview" />
            <Show
                when=move || !nothing()
                fallback=|| view! {
                    <Empty
                        icon="lock"
                        title="Nothing is open to you yet"
                        about="Ask an administrator to put you into a group: what people may see and do comes from their groups."
                    />
                }
            >
                <div class="scroll">
                    <section class="figs" aria-label="Figures">{figures}</section>
                    <div class="ov">
                        <div><DownNow /> {parts::overview_exchanges()} <NewestChanges /></div>
                        <aside class="rail" aria-label="Next steps"><NextSteps /> {parts::beside_overview()}</aside>
                    </div>
                </div>
            </Show>
        </div>
    }
}

fn figure(session: Session, of: &'static ObjectType) -> AnyView {
    let count = move || session.count(of).map_or_else(|| "–".to_owned(), grouped);
    view! {
        <a class="fig" href=href(&of.list_path())>
            <span class="lab">{of.plural}</span>
            <b>{count}</b>
        </a>
    }
    .into_any()
}

/// What can be down: how such objects are found, and the fields that say how they are, since when, and why.
struct Watched {
    of: &'static ObjectType,
    filter: &'static str,
    state: &'static str,
    since: &'static str,
    why: &'static str,
}

/// Sessions that are to be up and are not, as far as anybody looked.
const DOWN: &str = "status:enabled bgp_state:idle,connect,active,opensent,openconfirm,absent";

const fn sessions(of: &'static ObjectType) -> Watched {
    Watched { of, filter: DOWN, state: "bgp_state", since: "state_since", why: "last_error" }
}

/// Routers first: what is known of their sessions is old.
static WATCHED: [Watched; 3] = [
    Watched {
        of: &types::ROUTER,
        filter: "status:enabled reachability:unreachable,host-key,login-refused,trouble",
        state: "reachability",
        since: "answered",
        why: "reachability_words",
    },
    sessions(&types::IX_SESSION),
    sessions(&types::DIRECT_SESSION),
];

/// Of each type; those that went down last come first.
const SHOWN: u32 = 8;

#[component]
fn DownNow() -> impl IntoView {
    let session = Session::get();
    let asked: Vec<(&'static Watched, Fetched<Listing>)> = WATCHED
        .iter()
        .filter(|watched| untrack(|| session.allows::<View>(watched.of)))
        .map(|watched| {
            let request = a_few(watched.of, watched.filter, &format!("-{},id", watched.since), SHOWN);
            (watched, use_list(Signal::stored(Some(request))))
        })
        .collect();
    let asked = StoredValue::new(asked);
    let totals = Memo::new(move |_| {
        let total = |fetched: &Fetched<Listing>| fetched.data.with(|data| data.as_ref().map_or(0, |data| data.total));
        asked
            .with_value(|asked| asked.iter().map(|(watched, fetched)| (watched.of, total(fetched))).collect::<Vec<_>>())
    });
    let rows = move || {
        asked.with_value(|asked| {
            let rows = asked
                .iter()
                .flat_map(|(watched, fetched)| rows_of(*fetched).into_iter().map(move |record| down(watched, &record)));
            rows.collect::<Vec<_>>()
        })
    };
    let note = Signal::derive(move || {
        let (routers, sessions): (Vec<_>, Vec<_>) = totals.get().into_iter().partition(|(of, _)| of.is(&types::ROUTER));
        let sum = |of: &[(&ObjectType, u64)]| of.iter().map(|(_, total)| total).sum::<u64>();
        let mut words = Vec::new();
        match sum(&routers) {
            0 => {}
            1 => words.push("1 router does not answer".to_owned()),
            many => words.push(format!("{} routers do not answer", grouped(many))),
        }
        if sum(&sessions) > 0 {
            words.push(format!("{} not established", grouped(sum(&sessions))));
        }
        words.join(", ")
    });
    // where the most of them are
    let all = move || {
        let most = move || {
            let (of, _) = totals.get().into_iter().rev().max_by_key(|(_, total)| *total)?;
            let watched = WATCHED.iter().find(|watched| watched.of.is(of))?;
            Some(href(&address(&of.list_path(), &[("f".to_owned(), watched.filter.to_owned())])))
        };
        view! { <a class="link" href=most>"All"</a> }
    };
    view! {
        <Show when=move || totals.with(|totals| totals.iter().any(|(_, total)| *total > 0))>
            <Section title="Down now" note=note end=all flush=true>
                <table class="tbl plainhead stack" data-testid="down-now">
                    <caption class="sr">"What is down now"</caption>
                    <colgroup><col style=("width", "190px") /><col style=("width", "96px") /><col /><col style=("width", "38%") /></colgroup>
                    <tbody>{rows}</tbody>
                </table>
            </Section>
        </Show>
    }
}

fn down(watched: &Watched, record: &Record) -> AnyView {
    let of = watched.of;
    let state = of.field(watched.state).and_then(|field| status_of(field, record.get(watched.state), false));
    let since = record.get(watched.since).as_time();
    let label = label_of(of, record.id, &Stored);
    let why = record.text(watched.why).to_owned();
    let whole = why.clone();
    view! {
        <tr>
            <td class="m4">{state}</td>
            <td class="t3 m5">{since.map(|at| view! { <Moment micros=at style=MomentStyle::Ago /> })}</td>
            <th scope="row" class="m2 lead"><a href=href(&of.object_path(record.id))>{label}</a></th>
            <td class="t2" title=whole>{why}</td>
        </tr>
    }
    .into_any()
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

#[component]
fn NextSteps() -> impl IntoView {
    let facts = use_facts();
    let hidden = RwSignal::new(dom::stored("next-steps").as_deref() == Some("hidden"));
    let hide = move |_| {
        dom::store("next-steps", "hidden");
        hidden.set(true);
    };
    let show = move |_| {
        dom::store("next-steps", "shown");
        hidden.set(false);
    };
    let note = Signal::derive(move || format!("{} of {}", done(&facts.get()), STEPS.len()));
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
                <ol class="steps next-steps">{move || step_lines(&facts.get(), false)}</ol>
                <p class="small"><a class="link" href=href("/getting-started")>"Getting started, step by step"</a></p>
            </Show>
        </Section>
    }
}
