//! What could be added with one network: the tab of its autonomous system. The same rule as at an exchange, seen from the
//! other side: a line for each of our connections that it can be reached over, a cell for each address family.

use super::{
    layout::Found,
    matrix::{pick_of, standing_cell, without_exchange},
    moving::moves,
    picks::{self, Pick, Picks},
    scope::Scope,
    view::speed,
};
use crate::{
    data::{place::Place, use_detail},
    ui::{Button, Empty, ErrorPanel, LinkButton, Look, SkeletonTable, dom::href, pager::grouped},
};
use leptos::prelude::*;
use peerage_app::peers::Port;
use peerage_model::types::{AUTONOMOUS_SYSTEM, INTERNET_EXCHANGE};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Of an autonomous system, by its id.
#[component]
pub fn AvailableSessions(id: i64) -> impl IntoView {
    let detail = use_detail(&AUTONOMOUS_SYSTEM, id);
    let asn = Memo::new(move |_| detail.data.with(|data| u32::try_from(data.as_ref()?.record.int("asn")?).ok()));
    move || asn.get().map(|asn| view! { <With asn=asn /> })
}

#[component]
fn With(asn: u32) -> impl IntoView {
    let scope = Scope::Network(asn);
    let peers = scope.fetch();
    move || match (peers.data.get(), peers.problem.get()) {
        (Some(found), _) if !found.answer.reason.is_empty() => {
            let about = found.answer.reason.clone();
            view! {
                <Empty icon="avail" title="Nowhere to meet" about=about>
                    <LinkButton label="Your exchanges" href=href(&INTERNET_EXCHANGE.list_path()) />
                </Empty>
            }
            .into_any()
        }
        (Some(found), _) => view! { <Places asn=asn found=found /> }.into_any(),
        (None, Some(problem)) => {
            view! { <ErrorPanel problem=problem retry=Callback::new(move |()| peers.reload()) /> }.into_any()
        }
        (None, None) => view! { <SkeletonTable columns=6 /> }.into_any(),
    }
}

#[component]
fn Places(asn: u32, found: Arc<Found>) -> impl IntoView {
    let scope = Scope::Network(asn);
    let place = Place::here();
    let ticks = RwSignal::new(picks::possible(&picks::kept(scope), &found));
    Effect::new(move |_| ticks.with(|ticks| picks::keep(scope, ticks)));
    let free: Picks = found.answer.ports.iter().flat_map(|port| picks::free(port, &found.answer)).collect();
    let all = free.len();
    let free = StoredValue::new(free);
    let toggle_all = move |_| {
        ticks.update(|ticks| {
            *ticks = if ticks.len() == all { Picks::new() } else { free.get_value() };
        });
    };
    let changed = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(pick) = input.and_then(|input| pick_of(&input)) {
            ticks.update(|ticks| {
                if !ticks.remove(&pick) {
                    ticks.insert(pick);
                }
            });
        }
    };
    let table = NodeRef::<leptos::html::Tbody>::new();
    Effect::new(move |_| {
        let Some(table) = table.get() else { return };
        ticks.with(|ticks| {
            for input in crate::ui::dom::all(&table, "input") {
                let input: HtmlInputElement = input.unchecked_into();
                input.set_checked(pick_of(&input).is_some_and(|pick| ticks.contains(&pick)));
            }
        });
    });
    let network =
        found.answer.networks.first().map(|network| format!("AS{} {}", network.asn, network.name)).unwrap_or_default();
    let lines: Vec<_> = found.answer.ports.iter().flat_map(|port| lines(&found, port, &network)).collect();
    let label = Signal::derive(move || match ticks.with(Picks::len) {
        0 => "Add sessions".to_owned(),
        1 => "Add 1 session".to_owned(),
        many => format!("Add {} sessions", grouped(many as u64)),
    });
    let none = Signal::derive(move || ticks.with(Picks::is_empty));
    let ticked = move || {
        let count = ticks.with(Picks::len);
        (count > 0, count > 0 && count == all)
    };
    let propose = move |()| place.go(&scope.propose_path(ticks.with_untracked(picks::in_address)));
    let moves = moves(&found, found.answer.ports.iter());
    view! {
        {moves}
        <div class="scroll">
            <table class="tbl mx" aria-label="Available sessions">
                <thead>
                    <tr>
                        <th scope="col">"Exchange"</th>
                        <th scope="col">"Connection"</th>
                        <th scope="col">"Addresses"</th>
                        <th scope="col" class="num">"Speed"</th>
                        <th scope="col">"Route server"</th>
                        <th scope="col" class="g">"IPv4"</th>
                        <th scope="col">"IPv6"</th>
                    </tr>
                </thead>
                <tbody node_ref=table on:change=changed>{lines}</tbody>
            </table>
        </div>
        <div class="foot form">
            <Button label=label icon="plus" look=Look::Primary disabled=none on_press=propose />
            <label class="row tight">
                <input
                    type="checkbox"
                    class="tick"
                    prop:checked=move || ticked().1
                    prop:indeterminate=move || ticked().0 && !ticked().1
                    disabled=all == 0
                    on:change=toggle_all
                />
                {format!("All {} that are free", grouped(all as u64))}
            </label>
        </div>
    }
}

/// A line for each of our connections to a port's exchange.
fn lines(found: &Found, port: &Port, network: &str) -> Vec<impl IntoView + use<>> {
    let exchange = &found.answer.exchanges[port.exchange as usize];
    let addresses: Vec<String> = [port.ipv4, port.ipv6].into_iter().flatten().map(|ip| ip.to_string()).collect();
    let mut lines = Vec::new();
    for (connection, standing) in exchange.connections.iter().zip(&port.standing) {
        let cells = [(4, &standing[0]), (6, &standing[1])].map(|(family, standing)| {
            let pick = Pick { port: port.id, connection: connection.id, family };
            standing_cell(standing, pick, format!("{network}, IPv{family} on {}", connection.label))
        });
        lines.push(view! {
            <tr>
                <th scope="row"><a href=href(&INTERNET_EXCHANGE.object_path(exchange.id))>{exchange.name.clone()}</a></th>
                <td class="t2">{without_exchange(&connection.label, &exchange.name)}</td>
                <td class="mono">{addresses.join(" ")}</td>
                <td class="num t2">{speed(port.speed)}{(!port.operational).then(|| view! { <br /><span class="t3 small">"not in operation"</span> })}</td>
                <td class="t2">{if port.is_rs_peer { "yes" } else { "no" }}</td>
                {cells.into_iter().collect::<Vec<_>>()}
            </tr>
        });
    }
    lines
}
