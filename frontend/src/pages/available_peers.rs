//! Available peers of an exchange: who is on its LAN, how it stands with each of them on each of our connections, and a
//! selection of what is free. Everything is worked out in the browser on rows that arrive once: filters, order and ticks
//! answer at once. The filters stand in the address bar; what is picked goes on to the page that proposes the sessions.

pub mod matrix;
mod panel;
pub mod picks;
pub mod view;

use self::{
    matrix::{Matrix, MatrixTable},
    panel::panel,
    picks::Picks,
    view::{GAPS, View},
};
use crate::{
    data::{
        Fetched, api, fetched,
        place::{Place, address},
        use_detail,
    },
    pages::head::Head,
    shell::Crumb,
    ui::{
        Button, Empty, Entry, ErrorPanel, Icon, Item, Keys, LinkButton, Look, Menu, Scope, Shape, SkeletonTable,
        dom::href, pager::grouped,
    },
};
use leptos::{html, prelude::*};
use peerage_app::peers::{AvailablePeers as Found, find_peers};
use peerage_model::{
    Record, Tone,
    types::{CONNECTION, HIDDEN_PEER, INTERNET_EXCHANGE},
};
use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

thread_local! {
    /// The exchange looked at last, for coming back: whose session it was, which exchange, what was found.
    static LAST: RefCell<Option<(i64, i64, Arc<Found>)>> = const { RefCell::new(None) };
}

/// Who is at an exchange; what was found last is there in the same frame.
pub fn use_peers(exchange: i64) -> Fetched<Arc<Found>> {
    let user = || crate::data::Session::get().me.with_untracked(|me| me.as_ref().map_or(0, |me| me.user));
    let kept = move |exchange: &i64| {
        LAST.with_borrow(|last| {
            last.as_ref().filter(|(who, of, _)| (*who, of) == (user(), exchange)).map(|(_, _, found)| Arc::clone(found))
        })
    };
    fetched(Signal::stored(Some(exchange)), kept, move |exchange| async move {
        let found = Arc::new(api::ask(find_peers(exchange)).await?);
        LAST.with_borrow_mut(|last| *last = Some((user(), exchange, Arc::clone(&found))));
        Ok(found)
    })
}

/// The way to an exchange's further pages, and its name.
pub fn crumb_of(exchange: i64) -> (Signal<String>, Signal<Vec<Crumb>>, Signal<Option<Record>>) {
    let detail = use_detail(&INTERNET_EXCHANGE, exchange);
    let record = Signal::derive(move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let name = Signal::derive(move || {
        record.with(|record| record.as_ref().map(|record| record.text("name").to_owned()).unwrap_or_default())
    });
    let via = Signal::derive(move || vec![Crumb::new(name.get(), INTERNET_EXCHANGE.object_path(exchange))]);
    (name, via, record)
}

#[component]
pub fn AvailablePeers(id: i64) -> impl IntoView {
    let peers = use_peers(id);
    let (name, via, exchange) = crumb_of(id);
    let ready = Memo::new(move |_| peers.data.with(|found| found.as_ref().map(|found| found.reason.is_empty())));
    move || {
        match ready.get() {
        Some(true) => view! { <Finder exchange=id peers=peers name=name via=via /> }.into_any(),
        Some(false) => view! {
            <div class="page">
                <Head title="Available peers" of=&INTERNET_EXCHANGE via=via ruled=true />
                {move || peers.data.get().map(|found| view! { <Nobody found=found exchange=exchange /> })}
            </div>
        }
        .into_any(),
        None => view! {
            <div class="page">
                <Head title="Available peers" of=&INTERNET_EXCHANGE via=via ruled=true />
                {move || match peers.problem.get() {
                    Some(problem) => view! { <ErrorPanel problem=problem retry=Callback::new(move |()| peers.reload()) /> }.into_any(),
                    None => view! { <SkeletonTable columns=8 /> }.into_any(),
                }}
            </div>
        }
        .into_any(),
    }
    }
}

/// Why nobody can be found, and the next step.
#[component]
fn Nobody(found: Arc<Found>, exchange: Signal<Option<Record>>) -> impl IntoView {
    let about = found.reason.clone();
    let next = move || {
        let exchange = exchange.get()?;
        let id = exchange.id;
        Some(if exchange.int("peeringdb_ixlan").is_none() {
            view! { <LinkButton label="Choose its PeeringDB LAN" icon="link" look=Look::Primary href=href(&format!("{}/edit", INTERNET_EXCHANGE.object_path(id))) /> }
        } else if found.connections.is_empty() {
            let new = format!("{}/new?internet_exchange_point={id}", CONNECTION.list_path());
            view! { <LinkButton label="Add a connection" icon="plus" look=Look::Primary href=href(&new) /> }
        } else {
            view! { <LinkButton label="To PeeringDB" icon="db" look=Look::Primary href=href("/peeringdb") /> }
        })
    };
    view! { <Empty icon="avail" title="Nobody to peer with yet" about=about>{next}</Empty> }
}

#[component]
fn Finder(exchange: i64, peers: Fetched<Arc<Found>>, name: Signal<String>, via: Signal<Vec<Crumb>>) -> impl IntoView {
    let place = Place::here();
    let found = Memo::new(move |_| peers.data.get().unwrap_or_default());
    let view = Memo::new(move |_| View::read(place));
    let rows = Memo::new(move |_| found.with(|found| view.with(|view| Arc::new(view.rows(found)))));
    let connections = Memo::new(move |_| found.with(|found| view.with(|view| view.connections(found))));
    let ticks = RwSignal::new(untrack(|| found.with(|found| picks::possible(&picks::kept(exchange), found))));
    // what was made meanwhile cannot be made again
    Effect::new(move |_| {
        let possible = found.with(|found| ticks.with_untracked(|ticks| picks::possible(ticks, found)));
        if ticks.with_untracked(|ticks| *ticks != possible) {
            ticks.set(possible);
        }
    });
    Effect::new(move |_| ticks.with(|ticks| picks::keep(exchange, ticks)));
    let wide = window().inner_width().ok().and_then(|width| width.as_f64()).is_none_or(|width| width > 1100.0);
    let first = found.with_untracked(|found| rows.with_untracked(|rows| rows.first().map(|at| found.peers[*at].port)));
    let cursor = RwSignal::new(first.filter(|_| wide));
    let on_sort = Callback::new(move |sort: String| place.set(&[("sort", &sort)]));
    let matrix = Matrix {
        found: found.into(),
        view,
        rows,
        exchange: name,
        connections,
        ticks,
        cursor,
        on_sort,
        scroller: NodeRef::new(),
    };
    let filter = NodeRef::<html::Input>::new();
    bind_keys(matrix, filter);

    let propose = move |()| {
        let ticks = ticks.get_untracked();
        let path = format!("{}/add-sessions", INTERNET_EXCHANGE.object_path(exchange));
        let text = picks::in_address(&ticks);
        let query = if text.is_empty() { Vec::new() } else { vec![("picks".to_owned(), text)] };
        place.go(&address(&path, &query));
    };
    let label = Signal::derive(move || match ticks.with(Picks::len) {
        0 => "Add sessions".to_owned(),
        1 => "Add 1 session".to_owned(),
        many => format!("Add {} sessions", grouped(many as u64)),
    });
    let none = Signal::derive(move || ticks.with(Picks::is_empty));
    let count = Signal::derive(move || {
        let networks = found.with(|found| found.peers.iter().map(|peer| peer.asn).collect::<BTreeSet<_>>().len());
        format!("{} networks at {}", grouped(networks as u64), name.get())
    });
    let actions =
        move || view! { <Button label=label icon="plus" look=Look::Primary disabled=none on_press=propose /> };
    let rail = move || {
        let port = cursor.get()?;
        let found = found.get();
        let peer = found.peers.iter().find(|peer| peer.port == port)?.clone();
        Some(view! {
            <aside class="rail" aria-label="The network">{panel(&peer, &found, ticks, Callback::new(move |()| cursor.set(None)))}</aside>
        })
    };
    let body = move || {
        if rows.with(|rows| rows.is_empty()) {
            return view! { <NoMatch place=place view=view /> }.into_any();
        }
        view! { <MatrixTable matrix=matrix /> }.into_any()
    };
    view! {
        <div class="page">
            <Head title="Available peers" of=&INTERNET_EXCHANGE via=via count=count actions=actions />
            <Filters place=place view=view found=found filter=filter />
            <div class="split finder" class:open=move || cursor.with(Option::is_some)>
                {body}
                {rail}
            </div>
            <Foot matrix=matrix />
        </div>
    }
}

fn bind_keys(matrix: Matrix, filter: NodeRef<html::Input>) {
    let keys = Keys::get();
    keys.bind(Scope::List, "/", "Filter", move |()| {
        if let Some(input) = filter.get_untracked() {
            let _ = input.focus();
        }
    });
    for (key, by, what) in [("j", 1, "Next row"), ("ArrowDown", 1, ""), ("k", -1, "Previous row"), ("ArrowUp", -1, "")]
    {
        keys.bind(Scope::List, key, what, move |()| matrix.step(by));
    }
    keys.bind(Scope::List, "x", "Select everything free in the row", move |()| {
        if let Some(peer) = matrix.cursor.get_untracked().and_then(|port| matrix.peer(port)) {
            matrix.toggle(&matrix.free_of(&peer));
        }
    });
    keys.bind(Scope::List, "Escape", "Clear the selection", move |()| matrix.ticks.set(Picks::new()));
}

// ---- filters ----

#[component]
fn Filters(place: Place, view: Memo<View>, found: Memo<Arc<Found>>, filter: NodeRef<html::Input>) -> impl IntoView {
    let left_out = move || {
        let view = view.get();
        GAPS.into_iter()
            .filter(|gap| view.leaves_out(*gap))
            .map(|gap| {
                let without = view.toggled(gap);
                view! { <Chip key="hidden" value=gap.words() remove=format!("Show: {}", gap.words()) on_remove=move |()| place.set(&[("with", &without)]) /> }
            })
            .collect::<Vec<_>>()
    };
    let policies = move || {
        let view = view.get();
        view.policies
            .iter()
            .map(|policy| {
                let without = view.with_policy(policy);
                view! { <Chip key="policy" value=policy.clone() remove=format!("Remove policy {policy}") on_remove=move |()| place.set(&[("policy", &without)]) /> }
            })
            .collect::<Vec<_>>()
    };
    let server = move || {
        let value = match view.with(|view| view.route_server.clone()).as_str() {
            "yes" => "on it",
            "no" => "not on it",
            _ => return None,
        };
        Some(
            view! { <Chip key="route server" value=value remove="Remove route server" on_remove=move |()| place.set(&[("rs", "")]) /> },
        )
    };
    let entries = Signal::derive(move || {
        let view = view.get();
        let known: BTreeSet<String> = found.with(|found| {
            found.peers.iter().map(|peer| peer.policy.clone()).filter(|policy| !policy.is_empty()).collect()
        });
        let mut entries = vec![Entry::Head("Policy")];
        for policy in known {
            let to = view.with_policy(&policy);
            entries.push(
                Item::new(&policy)
                    .checked(view.policies.contains(&policy))
                    .does(move |()| place.set(&[("policy", &to)]))
                    .into(),
            );
        }
        entries.push(Entry::Head("Route server"));
        for (code, words) in [("yes", "On the route server"), ("no", "Not on the route server")] {
            let on = view.route_server == code;
            entries.push(
                Item::new(words).checked(on).does(move |()| place.set(&[("rs", if on { "" } else { code })])).into(),
            );
        }
        entries.push(Entry::Head("Hide"));
        for gap in GAPS {
            let to = view.toggled(gap);
            entries.push(
                Item::new(gap.words()).checked(view.leaves_out(gap)).does(move |()| place.set(&[("with", &to)])).into(),
            );
        }
        entries
    });
    let words = RwSignal::new(view.with_untracked(|view| view.words.clone()));
    // "back" and chips change the address; typing comes from here
    Effect::new(move |_| {
        let there = view.with(|view| view.words.clone());
        if words.with_untracked(|words| words.trim() != there) {
            words.set(there);
        }
    });
    let typed = move |event| {
        words.set(event_target_value(&event));
        place.set(&[("q", words.get_untracked().trim())]);
    };
    view! {
        <div class="filters top0 finder-filters">
            <div class="fbox" role="search">
                <Icon name="filter" size=14 />
                {left_out}
                {policies}
                {server}
                <input
                    type="search"
                    class="type"
                    node_ref=filter
                    aria-label="Filter peers"
                    placeholder="Filter by network, AS number, address, policy…"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=words
                    on:input=typed
                />
                <kbd class="not-phone" aria-hidden="true">"/"</kbd>
            </div>
            <Menu label="Filters" icon="sliders" worded=true entries=entries />
        </div>
    }
}

#[component]
fn Chip(
    key: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] remove: String,
    #[prop(into)] on_remove: Callback<()>,
) -> impl IntoView {
    view! {
        <span class="term">
            <span class="k">{key}</span>
            <span class="v">{value}</span>
            <button type="button" aria-label=remove.clone() title=remove on:click=move |_| on_remove.run(())>
                <Icon name="x" size=10 />
            </button>
        </span>
    }
}

#[component]
fn NoMatch(place: Place, view: Memo<View>) -> impl IntoView {
    let about = "Everybody at this exchange is left out by the filters above. Remove one by its cross, or all of them.";
    let clear = move |()| {
        let all: Vec<&str> = GAPS.iter().map(|gap| gap.code()).collect();
        place.set(&[("q", ""), ("policy", ""), ("rs", ""), ("with", &all.join(","))]);
    };
    let searching = move || view.with(|view| !view.words.is_empty());
    view! {
        <div class="scroll">
            <Empty icon="filterx" title="No peer fits" about=about>
                <Show when=searching><Button label="Clear the text" on_press=move |()| place.set(&[("q", "")]) /></Show>
                <Button label="Show everybody" look=Look::Primary on_press=clear />
            </Empty>
        </div>
    }
}

#[component]
fn Foot(matrix: Matrix) -> impl IntoView {
    let ticked = move || matrix.ticks.with(Picks::len);
    let shown = move || {
        let all = matrix.found.with(|found| found.peers.len());
        let rows = matrix.rows.with(|rows| rows.len());
        if rows == all { grouped(all as u64) } else { format!("{} of {}", grouped(rows as u64), grouped(all as u64)) }
    };
    let elsewhere = move || {
        let shown: BTreeSet<_> = matrix.all_free().into_iter().collect();
        let count = matrix.ticks.with(|ticks| ticks.iter().filter(|pick| !shown.contains(pick)).count());
        (count > 0).then(|| format!("{count} of them not shown"))
    };
    let legend = [(Tone::Ok, "up"), (Tone::Info, "requested"), (Tone::Bad, "down")].map(|(tone, word)| {
        view! { <span class="row tight"><Shape tone=tone />{word}</span> }
    });
    view! {
        <div class="foot">
            <span class="row legend not-phone">
                <span>"free: tick to add"</span>
                {legend.into_iter().collect::<Vec<_>>()}
                <span>"other words give the reason"</span>
            </span>
            <span class="end">
                <Show when=move || { ticked() > 0 }>
                    <b class="w5 t2" role="status">{move || format!("{} ticked", grouped(ticked() as u64))}</b>
                    <span>{elsewhere}</span>
                    <Button label="Clear" small=true look=Look::Ghost on_press=move |()| matrix.ticks.set(Picks::new()) />
                </Show>
                {move || {
                    let hidden = matrix.found.with(|found| found.hidden);
                    (hidden > 0).then(|| view! {
                        <a href=href(&HIDDEN_PEER.list_path())>{format!("{} hidden", grouped(hidden))}</a>
                    })
                }}
                <span data-testid="peer-count">{move || format!("{} peers", shown())}</span>
            </span>
        </div>
    }
}
