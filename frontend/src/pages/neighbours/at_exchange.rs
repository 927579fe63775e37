//! What runs at one of our exchanges: on its page in figures by connection, with the way to a further session, and as a
//! list of its sessions.

use super::counted;
use crate::{
    data::{Fetched, Session, api, fetched, place::address},
    pages::{
        available_peers::{matrix::without_exchange, scope::Scope},
        list::RecordList,
        overview::exchanges::DOWN,
    },
    ui::{Section, SkeletonTable, Status, dom::href, pager::grouped},
};
use leptos::prelude::*;
use peerage_app::peers::{AtConnection, AtExchange as Told, find_at_exchanges};
use peerage_model::{
    Problem, Tone,
    permit::{Add, View},
    types::{CONNECTION, INTERNET_EXCHANGE, IX_SESSION},
};

/// One of ours, by id; none while it is not known.
fn ask(id: i64) -> Fetched<Told> {
    fetched(
        Signal::stored(Some(())),
        |()| None,
        move |()| async move {
            let all = api::ask(find_at_exchanges()).await?;
            let found = all.into_iter().find(|at| at.id == id);
            found.ok_or_else(|| Problem::not_found(INTERNET_EXCHANGE.name))
        },
    )
}

/// Above the exchange's fields.
#[component]
pub fn AtExchange(id: i64) -> impl IntoView {
    if !untrack(|| Session::get().allows::<View>(&IX_SESSION)) {
        return ().into_any();
    }
    let told = ask(id);
    (move || {
        let at = told.data.get()?;
        let lines: Vec<_> = at.connections.iter().map(|connection| line(connection, &at.name)).collect();
        if lines.is_empty() {
            return None;
        }
        let free = at.free.map(|[_, sessions]| sessions).filter(|sessions| *sessions > 0);
        let note = match free {
            Some(free) => format!("{}, {} more possible", counted(at.sessions(), "session"), grouped(free)),
            None => counted(at.sessions(), "session"),
        };
        let end = move || {
            let peers = href(&Scope::Exchange(id).path());
            free.map(|_| view! { <a class="link" href=peers>"Available peers"</a> })
        };
        Some(view! {
            <Section title="Sessions here" note=note end=end flush=true>
                <table class="tbl stack plainhead">
                    <caption class="sr">"Sessions by connection"</caption>
                    <colgroup><col /><col style=("width", "14%") /><col style=("width", "12%") /><col style=("width", "12%") /><col style=("width", "20%") /></colgroup>
                    <thead><tr>
                        <th scope="col">"Connection"</th>
                        <th scope="col" class="num">"Sessions"</th>
                        <th scope="col" class="num">"Up"</th>
                        <th scope="col" class="num">"Down"</th>
                        <th scope="col"><span class="sr">"Action"</span></th>
                    </tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </Section>
        })
    })
    .into_any()
}

fn new(connection: i64) -> String {
    format!("ixp_connection={connection}")
}

fn line(connection: &AtConnection, exchange: &str) -> impl IntoView + use<> {
    let there = format!("ixp_connection:{}", connection.id);
    let list = |more: &str| href(&address(&IX_SESSION.list_path(), &[("f".to_owned(), format!("{there}{more}"))]));
    let down = match connection.down {
        0 => view! { <span class="t3">"0"</span> }.into_any(),
        down => view! { <a href=list(DOWN)><Status tone=Tone::Bad word=grouped(down) /></a> }.into_any(),
    };
    let add = format!("{}/new?{}", IX_SESSION.list_path(), new(connection.id));
    let may = move || {
        Session::get().may::<Add>(&IX_SESSION).then(|| {
            let add = href(&add);
            view! { <a class="link" href=add>"Add IX session"</a> }
        })
    };
    view! {
        <tr>
            <th scope="row" class="m2 lead"><a href=href(&CONNECTION.object_path(connection.id))>{without_exchange(&connection.label, exchange)}</a></th>
            <td class="num m3"><a href=list("")>{grouped(connection.sessions)} <span class="only-phone">" sessions"</span></a></td>
            <td class="num t2 m4">{grouped(connection.up)} <span class="only-phone">" up"</span></td>
            <td class="num m5">{down} <span class="only-phone">" down"</span></td>
            <td class="num whole">{may}</td>
        </tr>
    }
}

/// The tab with the sessions there. A new one begins with the connection, where there is but one.
#[component]
pub fn Sessions(id: i64) -> impl IntoView {
    let told = ask(id);
    let ready = Memo::new(move |_| told.data.with(Option::is_some) || told.problem.with(Option::is_some));
    move || {
        if !ready.get() {
            return view! { <SkeletonTable columns=6 /> }.into_any();
        }
        let prefill = told.data.with_untracked(|at| match at.as_ref().map(|at| &at.connections[..]) {
            Some([only]) => new(only.id),
            _ => String::new(),
        });
        let fixed = format!("ixp_connection.internet_exchange_point:{id}");
        view! { <RecordList of=&IX_SESSION fixed=fixed prefill=prefill add=true /> }.into_any()
    }
}
