//! Available peers, of one exchange or at all of ours: who is on the LANs, how it stands with each of them on each of our
//! connections, and a selection of what is free. Everything is worked out in the browser on rows that arrive once: filters,
//! order and ticks answer at once. The filters stand in the address bar; what is picked goes on to the page that proposes
//! the sessions.

mod hide;
pub mod layout;
pub mod matrix;
pub mod moving;
pub mod panel;
pub mod picks;
pub mod scope;
pub mod view;
pub mod with_network;

use self::{
    hide::{HideDialog, Hiding},
    layout::Found,
    matrix::{Matrix, MatrixTable},
    panel::panel,
    picks::Picks,
    scope::Scope,
    view::{COLUMNS, GAPS, NAME, View},
};
use crate::{
    data::{Fetched, Session, place::Place, use_detail},
    pages::{head::Head, views::Views},
    shell::Crumb,
    ui::{
        Button, Empty, Entry, ErrorPanel, Icon, Item, Keys, LinkButton, Look, Menu, Scope as KeyScope, Shape,
        SkeletonTable,
        dom::{self, href},
        pager::grouped,
    },
};
use leptos::{html, prelude::*};
use peerage_model::{
    Record, Tone,
    permit::Add,
    types::{CONNECTION, HIDDEN_PEER, INTERNET_EXCHANGE},
};
use std::{collections::BTreeSet, sync::Arc};

/// The way to an exchange's further pages, and its name; at all exchanges neither.
pub fn crumb_of(scope: Scope) -> (Signal<String>, Signal<Vec<Crumb>>, Signal<Option<Record>>) {
    let Scope::Exchange(exchange) = scope else {
        return (Signal::stored(String::new()), Signal::stored(Vec::new()), Signal::stored(None));
    };
    let detail = use_detail(&INTERNET_EXCHANGE, exchange);
    let record = Signal::derive(move || detail.data.with(|data| data.as_ref().map(|data| data.record.clone())));
    let name = Signal::derive(move || {
        record.with(|record| record.as_ref().map(|record| record.text("name").to_owned()).unwrap_or_default())
    });
    let via = Signal::derive(move || vec![Crumb::new(name.get(), INTERNET_EXCHANGE.object_path(exchange))]);
    (name, via, record)
}

#[component]
pub fn AvailablePeers(scope: Scope) -> impl IntoView {
    let peers = scope.fetch();
    let (name, via, exchange) = crumb_of(scope);
    let ready = Memo::new(move |_| peers.data.with(|found| found.as_ref().map(|found| found.answer.reason.is_empty())));
    move || {
        match ready.get() {
        Some(true) => view! { <Finder scope=scope peers=peers name=name via=via /> }.into_any(),
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
    let about = found.answer.reason.clone();
    let next = move || {
        let Some(exchange) = exchange.get() else {
            let import = format!("{}/import", INTERNET_EXCHANGE.list_path());
            return view! { <LinkButton label="Import your exchanges" icon="db" look=Look::Primary href=href(&import) /> };
        };
        let id = exchange.id;
        if exchange.int("peeringdb_ixlan").is_none() {
            view! { <LinkButton label="Choose its PeeringDB LAN" icon="link" look=Look::Primary href=href(&format!("{}/edit", INTERNET_EXCHANGE.object_path(id))) /> }
        } else if found.answer.exchanges.iter().all(|exchange| exchange.connections.is_empty()) {
            let new = format!("{}/new?internet_exchange_point={id}", CONNECTION.list_path());
            view! { <LinkButton label="Add a connection" icon="plus" look=Look::Primary href=href(&new) /> }
        } else {
            view! { <LinkButton label="To PeeringDB" icon="db" look=Look::Primary href=href("/peeringdb") /> }
        }
    };
    view! { <Empty icon="avail" title="Nobody to peer with yet" about=about>{next}</Empty> }
}

#[component]
fn Finder(scope: Scope, peers: Fetched<Arc<Found>>, name: Signal<String>, via: Signal<Vec<Crumb>>) -> impl IntoView {
    let place = Place::here();
    let found = Memo::new(move |_| peers.data.get().unwrap_or_default());
    let view = Memo::new(move |_| View::read(place));
    let rows = Memo::new(move |_| found.with(|found| view.with(|view| Arc::new(view.rows(found)))));
    let cells = Memo::new(move |_| found.with(|found| view.with(|view| view.cells(found))));
    let ticks = RwSignal::new(untrack(|| found.with(|found| picks::possible(&picks::kept(scope), found))));
    // what was made meanwhile cannot be made again
    Effect::new(move |_| {
        let possible = found.with(|found| ticks.with_untracked(|ticks| picks::possible(ticks, found)));
        if ticks.with_untracked(|ticks| *ticks != possible) {
            ticks.set(possible);
        }
    });
    Effect::new(move |_| ticks.with(|ticks| picks::keep(scope, ticks)));
    // at several exchanges the panel would lie over the matrix before anybody asked for it
    let beside = dom::is_wide() && matches!(scope, Scope::Exchange(_));
    let first = rows.with_untracked(|rows| rows.first().copied());
    let cursor = RwSignal::new(first.filter(|_| beside));
    let on_sort = Callback::new(move |sort: String| place.set(&[("sort", &sort)]));
    let matrix = Matrix {
        found: found.into(),
        view,
        rows,
        cells,
        one_exchange: matches!(scope, Scope::Exchange(_)),
        ticks,
        cursor,
        on_sort,
        scroller: NodeRef::new(),
    };
    let filter = NodeRef::<html::Input>::new();
    bind_keys(matrix, filter);

    let propose = move |()| {
        let picks = ticks.with_untracked(picks::in_address);
        place.go(&scope.propose_path(picks));
    };
    let label = Signal::derive(move || match ticks.with(Picks::len) {
        0 => "Add sessions".to_owned(),
        1 => "Add 1 session".to_owned(),
        many => format!("Add {} sessions", grouped(many as u64)),
    });
    let none = Signal::derive(move || ticks.with(Picks::is_empty));
    let count = Signal::derive(move || {
        let networks = found.with(|found| found.answer.networks.len() as u64);
        match scope {
            Scope::Exchange(_) => format!("{} networks at {}", grouped(networks), name.get()),
            _ => {
                let exchanges = found.with(|found| found.answer.exchanges.len() as u64);
                format!("{} networks at {} of your exchanges", grouped(networks), grouped(exchanges))
            }
        }
    });
    let hiding = RwSignal::new(None::<Hiding>);
    let hide_ticked = move |()| {
        let ports: BTreeSet<i64> = ticks.with_untracked(|ticks| ticks.iter().map(|pick| pick.port).collect());
        let wanted = found.with_untracked(|found| {
            let picked = |row: &&layout::Row| found.ports(row).any(|(_, port)| ports.contains(&port.id));
            let rows: Vec<_> = found.rows.iter().filter(picked).collect();
            Hiding::of(found, &rows)
        });
        hiding.set(Some(wanted));
    };
    let may_hide = untrack(|| Session::get().allows::<Add>(&HIDDEN_PEER));
    let actions = move || {
        view! {
            {may_hide.then(|| view! { <Button label="Hide ticked" icon="eyeoff" look=Look::Ghost class="keep" disabled=none on_press=hide_ticked /> })}
            <Button label=label icon="plus" look=Look::Primary disabled=none on_press=propose />
        }
    };
    let rail = move || {
        let row = cursor.get()?;
        let found = found.get();
        let row = found.rows.get(row)?;
        Some(view! {
            <aside class="rail" aria-label="The network">{panel(&found, row, ticks, hiding, Callback::new(move |()| cursor.set(None)))}</aside>
        })
    };
    let body = move || {
        if rows.with(|rows| rows.is_empty()) {
            return view! { <NoMatch place=place view=view /> }.into_any();
        }
        view! { <MatrixTable matrix=matrix /> }.into_any()
    };
    let everywhere = scope == Scope::Everywhere;
    view! {
        <div class="page">
            <Head title="Available peers" of=&INTERNET_EXCHANGE via=via count=count actions=actions />
            {everywhere.then(|| view! { <Views of=&INTERNET_EXCHANGE page=scope::PAGE /> })}
            <Filters place=place view=view found=found filter=filter everywhere=everywhere />
            <div class="split finder" class:open=move || cursor.with(Option::is_some)>
                {body}
                {rail}
            </div>
            <Foot matrix=matrix />
        </div>
        <HideDialog hiding=hiding />
    }
}

fn bind_keys(matrix: Matrix, filter: NodeRef<html::Input>) {
    let keys = Keys::get();
    keys.bind(KeyScope::List, "/", "Filter", move |()| {
        if let Some(input) = filter.get_untracked() {
            let _ = input.focus();
        }
    });
    for (key, by, what) in [("j", 1, "Next row"), ("ArrowDown", 1, ""), ("k", -1, "Previous row"), ("ArrowUp", -1, "")]
    {
        keys.bind(KeyScope::List, key, what, move |()| matrix.step(by));
    }
    keys.bind(KeyScope::List, "x", "Select everything free in the row", move |()| {
        if let Some(row) = matrix.cursor.get_untracked() {
            matrix.toggle(&matrix.free_of(row));
        }
    });
    keys.bind(KeyScope::List, "Escape", "Clear the selection", move |()| matrix.ticks.set(Picks::new()));
}

// ---- filters ----

#[component]
fn Filters(
    place: Place,
    view: Memo<View>,
    found: Memo<Arc<Found>>,
    filter: NodeRef<html::Input>,
    everywhere: bool,
) -> impl IntoView {
    let left_out = move || {
        let view = view.get();
        GAPS.into_iter()
            .filter(|gap| view.leaves_out(*gap))
            .map(|gap| {
                let without = view.toggled(gap);
                view! { <Chip key="no" value=gap.words() remove=format!("Show: {}", gap.words()) on_remove=move |()| place.set(&[("with", &without)]) /> }
            })
            .collect::<Vec<_>>()
    };
    let facets = move || {
        let view = view.get();
        let mut chips = Vec::new();
        for (code, values) in &view.facets {
            let Some(column) = COLUMNS.iter().find(|column| column.code == *code) else { continue };
            for value in values {
                let without = view.with_value(code, value);
                let remove = format!("Remove {} {value}", column.words.to_lowercase());
                chips.push(view! { <Chip key=column.words value=value.clone() remove=remove on_remove=move |()| place.set(&[(column.code, &without)]) /> });
            }
        }
        chips
    };
    let exchanges = move || {
        let view = view.get();
        let chip = |id: &i64| {
            let name =
                found.with(|found| found.answer.exchanges.iter().find(|ix| ix.id == *id).map(|ix| ix.name.clone()))?;
            let without = view.with_exchange(*id);
            Some(
                view! { <Chip key="exchange" remove=format!("Remove exchange {name}") value=name on_remove=move |()| place.set(&[("at", &without)]) /> },
            )
        };
        view.exchanges.iter().filter_map(chip).collect::<Vec<_>>()
    };
    let entries = Signal::derive(move || {
        let view = view.get();
        let mut entries = vec![Entry::Head("Leave out")];
        for gap in GAPS {
            let to = view.toggled(gap);
            entries.push(
                Item::new(gap.words()).checked(view.leaves_out(gap)).does(move |()| place.set(&[("with", &to)])).into(),
            );
        }
        if everywhere {
            entries.push(Entry::Head("Exchanges"));
            let all: Vec<(i64, String)> =
                found.with(|found| found.answer.exchanges.iter().map(|ix| (ix.id, ix.name.clone())).collect());
            for (id, name) in all {
                let to = view.with_exchange(id);
                let on = view.exchanges.contains(&id);
                entries.push(Item::new(name).checked(on).does(move |()| place.set(&[("at", &to)])).into());
            }
        }
        for column in COLUMNS.iter().filter(|column| column.facet) {
            let occurring = found.with(|found| View::occurring(column, found));
            if occurring.is_empty() {
                continue;
            }
            entries.push(Entry::Head(column.words));
            for (value, count) in occurring {
                let to = view.with_value(column.code, &value);
                let on = view.values(column.code).contains(&value);
                let item = Item::new(value).note(grouped(count as u64)).checked(on);
                entries.push(item.does(move |()| place.set(&[(column.code, &to)])).into());
            }
        }
        entries
    });
    let columns = Signal::derive(move || {
        let view = view.get();
        let entry = |column: &'static view::Trait| {
            let to = view.with_column(column.code);
            Item::new(column.words).checked(view.shows(column)).does(move |()| place.set(&[("cols", &to)])).into()
        };
        COLUMNS.iter().filter(|column| column.code != NAME).map(entry).collect::<Vec<Entry>>()
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
        <div class="filters finder-filters" class:top0=!everywhere>
            <div class="fbox" role="search">
                <Icon name="filter" size=14 />
                {left_out}
                {exchanges}
                {facets}
                <input
                    type="search"
                    class="type"
                    node_ref=filter
                    aria-label="Filter peers"
                    placeholder="Filter by network, AS number, address, policy:, prefixes>1000…"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=words
                    on:input=typed
                />
                <kbd class="not-phone" aria-hidden="true">"/"</kbd>
            </div>
            <Menu label="Filters" icon="sliders" worded=true entries=entries />
            <Menu label="Columns" icon="columns" worded=true entries=columns />
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
    let about = move || match view.with(View::unknown) {
        Some(code) => {
            let known: Vec<&str> = COLUMNS.iter().map(|column| column.code).collect();
            format!("“{code}:” cannot be asked for. What can: {}.", known.join(", "))
        }
        None => "Everybody is left out by the filters above. Remove one by its cross, or all of them.".to_owned(),
    };
    let clear = move |()| {
        let all: Vec<&str> = GAPS.iter().map(|gap| gap.code()).collect();
        let all = all.join(",");
        let facets = COLUMNS.iter().filter(|column| column.facet).map(|column| (column.code, ""));
        place.set(&facets.chain([("q", ""), ("at", ""), ("with", all.as_str())]).collect::<Vec<_>>());
    };
    let searching = move || view.with(|view| !view.words.is_empty());
    let empty = move || {
        view! {
            <Empty icon="filterx" title="No peer fits" about=about()>
                <Show when=searching><Button label="Clear the text" on_press=move |()| place.set(&[("q", "")]) /></Show>
                <Button label="Show everybody" look=Look::Primary on_press=clear />
            </Empty>
        }
    };
    view! { <div class="scroll">{empty}</div> }
}

#[component]
fn Foot(matrix: Matrix) -> impl IntoView {
    let ticked = move || matrix.ticks.with(Picks::len);
    let shown = move || {
        let all = matrix.found.with(|found| found.rows.len());
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
                    let hidden = matrix.found.with(|found| {
                        let hidden = found.answer.ports.iter().filter(|port| port.hidden.is_some());
                        hidden.map(|port| port.network).collect::<BTreeSet<_>>().len() as u64
                    });
                    (hidden > 0).then(|| view! {
                        <a href=href(&HIDDEN_PEER.list_path())>{format!("{} hidden", grouped(hidden))}</a>
                    })
                }}
                <span data-testid="peer-count">{move || format!("{} peers", shown())}</span>
            </span>
        </div>
    }
}
