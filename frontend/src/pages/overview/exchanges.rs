//! Our exchanges on the overview: what runs there, what is down, and what is still free: the gaps.

use crate::{
    data::{Fetched, api, fetched, place::address},
    pages::available_peers::scope::Scope,
    ui::{Section, Status, dom::href, pager::grouped},
};
use leptos::prelude::*;
use peerage_app::peers::{AtExchange, find_at_exchanges};
use peerage_model::{
    Tone,
    types::{INTERNET_EXCHANGE, IX_SESSION},
};

/// A filter after another: enabled sessions of which a router says that they are not up.
pub const DOWN: &str = " status:enabled bgp_state:idle,connect,active,opensent,openconfirm";

/// Nothing while there are none.
#[component]
pub fn Exchanges() -> impl IntoView {
    let asked: Fetched<Vec<AtExchange>> =
        fetched(Signal::stored(Some(())), |()| None, |()| api::ask(find_at_exchanges()));
    let some = Memo::new(move |_| asked.data.with(|data| data.as_ref().is_some_and(|data| !data.is_empty())));
    let note = Signal::derive(move || {
        let free: u64 =
            asked.data.with(|data| data.iter().flatten().filter_map(|at| at.free).map(|[_, sessions]| sessions).sum());
        if free == 0 { String::new() } else { format!("{} sessions more are possible", grouped(free)) }
    });
    let rows = move || asked.data.with(|data| data.iter().flatten().map(row).collect::<Vec<_>>());
    let all = || view! { <a class="link" href=href(&Scope::Everywhere.path())>"Available peers"</a> };
    view! {
        <Show when=move || some.get()>
            <Section title="Exchanges" note=note end=all flush=true>
                <table class="tbl stack plainhead">
                    <caption class="sr">"Exchanges"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Exchange"</th>
                            <th scope="col" class="num">"Sessions"</th>
                            <th scope="col" class="num">"Up"</th>
                            <th scope="col" class="num">"Down"</th>
                            <th scope="col" class="num">"Free peers"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Section>
        </Show>
    }
}

fn row(at: &AtExchange) -> impl IntoView + use<> {
    let there = format!("ixp_connection.internet_exchange_point:{}", at.id);
    let list = |more: &str| {
        href(&address(&IX_SESSION.list_path(), &[("f".to_owned(), format!("{there}{more}").trim().to_owned())]))
    };
    let down = match at.down() {
        0 => view! { <span class="t3">"0"</span> }.into_any(),
        down => {
            let to = list(DOWN);
            view! { <a href=to><Status tone=Tone::Bad word=grouped(down) /></a> }.into_any()
        }
    };
    let free = match at.free {
        None => view! { <span class="t3">"no LAN"</span> }.into_any(),
        Some([0, _]) => view! { <span class="t3">"0"</span> }.into_any(),
        Some([peers, _]) => view! { <a href=href(&Scope::Exchange(at.id).path())>{grouped(peers)} <span class="only-phone">" free peers"</span></a> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="m2 lead"><a href=href(&INTERNET_EXCHANGE.object_path(at.id))>{at.name.clone()}</a></th>
            <td class="num m3"><a href=list("")>{grouped(at.sessions())} <span class="only-phone">" sessions"</span></a></td>
            <td class="num t2">{grouped(at.up())}</td>
            <td class="num">{down}</td>
            <td class="num m5">{free}</td>
        </tr>
    }
}
