//! Taking exchanges and connections over from PeeringDB: for one of our autonomous systems every port that PeeringDB lists,
//! by LAN, and what would become of it. What can be taken is ticked; one press takes all that is ticked or nothing, and one
//! undo takes it back. What is sent is what is shown, so that nothing else is written.

use super::{
    available_peers::view::speed,
    head::Head,
    list::{a_few, rows_of},
};
use crate::{
    data::{Fetched, Session, api, fetched, place::Place, undo, use_list},
    shell::lower,
    ui::{
        Button, Empty, ErrorPanel, Icon, Keys, LinkButton, Look, Scope, SkeletonLines, SkeletonTable, Status, Toasts,
        dom::href, pager::grouped,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::exchange_import::{
    Import, Imported, Lacking, Preview, apply_exchange_import, preview_exchange_import,
};
use peerage_model::{
    ObjectType, Problem, Record, Tone,
    exchange_import::{Connection, Exchange, Lan, Port},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE},
};
use std::collections::BTreeSet;

/// Autonomous systems of ours that can be chosen among.
const MOST_OURS: u32 = 200;

/// Of the columns; the second takes what is left.
const WIDTHS: [&str; 6] = ["40px", "", "150px", "176px", "250px", "96px"];

/// What can be ticked: a port, or the exchange that a LAN only links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tick {
    Port(i64),
    Lan(i64),
}

/// Ticked at first: all that can be taken, but ports that PeeringDB says are not in operation.
fn at_first(lan: &Lan) -> impl Iterator<Item = (Tick, bool)> {
    let ports = lan.takable().map(|port| {
        let linked = matches!(port.connection, Connection::Link { .. });
        (Tick::Port(port.port), linked || port.operational)
    });
    let alone = matches!(lan.exchange, Exchange::Link { .. }) && lan.takable().next().is_none();
    ports.chain(alone.then_some((Tick::Lan(lan.lan), true)))
}

/// What was ticked or unticked by hand, against what is so at first: it stays while the preview is asked for anew.
#[derive(Clone, Copy)]
struct Ticks(RwSignal<BTreeSet<Tick>>);

impl Ticks {
    /// Tracked.
    fn has(self, tick: Tick, at_first: bool) -> bool {
        self.0.with(|changed| changed.contains(&tick)) != at_first
    }

    fn set(self, tick: Tick, at_first: bool, ticked: bool) {
        self.0.update(|changed| {
            if ticked == at_first {
                changed.remove(&tick)
            } else {
                changed.insert(tick)
            };
        });
    }

    /// Of a LAN: how much of it is ticked, and how much could be; tracked.
    fn of(self, lan: &Lan) -> (usize, usize) {
        let all: Vec<bool> = at_first(lan).map(|(tick, at_first)| self.has(tick, at_first)).collect();
        (all.iter().filter(|ticked| **ticked).count(), all.len())
    }

    /// The LANs with what is ticked in them; tracked.
    fn wanted(self, lans: &[Lan]) -> Vec<Lan> {
        let wanted = lans.iter().filter(|lan| self.of(lan).0 > 0).map(|lan| {
            let ticked: BTreeSet<Tick> =
                at_first(lan).filter(|(tick, first)| self.has(*tick, *first)).map(|(tick, _)| tick).collect();
            let ports = lan.ports.iter().filter(|port| ticked.contains(&Tick::Port(port.port)));
            Lan { ports: ports.cloned().collect(), ..lan.clone() }
        });
        wanted.collect()
    }
}

#[component]
pub fn ImportExchanges() -> impl IntoView {
    let place = Place::here();
    let request = a_few(&AUTONOMOUS_SYSTEM, "affiliated:yes", "asn", MOST_OURS);
    let ours = use_list(Signal::stored(Some(request)));
    let asked = Memo::new(move |_| place.get("as").parse::<i64>().ok());
    let systems = Memo::new(move |_| rows_of(ours));
    let chosen = Memo::new(move |_| {
        let systems = systems.get();
        let current = Session::get().works_as();
        asked
            .get()
            .or(current.map(|system| system.id))
            .or_else(|| systems.first().filter(|_| systems.len() == 1).map(|system| system.id))
    });
    let known = Memo::new(move |_| ours.data.with(Option::is_some));
    let body = move || {
        match (chosen.get(), known.get(), ours.problem.get()) {
        (Some(_), ..) => view! { <Found chosen=chosen /> }.into_any(),
        (None, true, _) if systems.with(|systems| !systems.is_empty()) => view! {
            <Empty icon="globe" title="For which of your networks?" about="You have several. Choose one above, or work as one of them: the menu at the top left." />
        }
        .into_any(),
        (None, true, _) => view! {
            <Empty icon="globe" title="None of your networks is here yet" about="Exchanges are imported for an AS of your own: add it, and mark it as affiliated.">
                <LinkButton label="Add your AS" icon="plus" look=Look::Primary href=href(&format!("{}/new?affiliated=true", AUTONOMOUS_SYSTEM.list_path())) />
            </Empty>
        }
        .into_any(),
        (None, false, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| ours.reload() /> }.into_any(),
        (None, false, None) => view! { <SkeletonLines /> }.into_any(),
    }
    };
    let aside = move || view! { <Choose systems=systems chosen=chosen /> };
    view! {
        <div class="page">
            <Head title="Import from PeeringDB" of=&INTERNET_EXCHANGE aside=aside ruled=true />
            {body}
        </div>
    }
}

/// For which of our autonomous systems.
#[component]
fn Choose(systems: Memo<Vec<Record>>, chosen: Memo<Option<i64>>) -> impl IntoView {
    let place = Place::here();
    let option = move |system: Record| {
        let id = system.id;
        let name = format!("AS{} {}", system.int("asn").unwrap_or_default(), system.text("name"));
        view! { <option value=id.to_string() selected=move || chosen.get() == Some(id)>{name}</option> }
    };
    move || {
        let systems = systems.get();
        (!systems.is_empty()).then(|| {
            view! {
                <label class="row">
                    <span class="t2">"for"</span>
                    <span class="in">
                        <select aria-label="Autonomous system" on:change=move |event| place.set(&[("as", &event_target_value(&event))])>
                            {move || chosen.get().is_none().then(|| view! { <option value="" disabled selected>"Choose…"</option> })}
                            {systems.into_iter().map(option).collect::<Vec<_>>()}
                        </select>
                        <Icon name="down" size=14 class="chev" />
                    </span>
                </label>
            }
        })
    }
}

#[component]
fn Found(chosen: Memo<Option<i64>>) -> impl IntoView {
    let preview: Fetched<Preview> = fetched(chosen.into(), |_| None, |id: i64| api::ask(preview_exchange_import(id)));
    // of another AS nothing was ticked yet
    let ticks = Ticks(RwSignal::default());
    Effect::new(move |_| {
        chosen.track();
        ticks.0.set(BTreeSet::new());
    });
    let refused = RwSignal::new(None::<Problem>);
    let shown = Memo::new(move |_| {
        let state = preview.data.with(|data| data.as_ref().map(|preview| (preview.lacking, preview.lans.is_empty())));
        (state, preview.problem.get())
    });
    let body = move || match shown.get() {
        (Some((Some(lacking), _)), _) => lack(lacking),
        (Some((None, true)), _) => lack(Lacking::Ports),
        (Some((None, false)), _) => {
            view! { <Proposed chosen=chosen preview=preview ticks=ticks refused=refused /> }.into_any()
        }
        (None, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| preview.reload() /> }.into_any(),
        (None, None) => view! { <SkeletonTable columns=5 /> }.into_any(),
    };
    let problem = move || {
        refused.get().map(|problem| {
            view! { <p class="notice" role="alert"><Status tone=Tone::Bad word="Nothing was imported" />{problem.message}</p> }
        })
    };
    view! { {problem} {body} }
}

/// Why nothing can be taken, and what to do.
fn lack(lacking: Lacking) -> AnyView {
    match lacking {
        Lacking::Cache => view! {
            <Empty icon="db" title="The PeeringDB cache is empty" about="What your AS has at which exchange is read from the copy of PeeringDB. Synchronise it once; then this page shows what can be taken over.">
                <LinkButton label="Synchronise PeeringDB" icon="db" look=Look::Primary href=href("/peeringdb") />
            </Empty>
        }
        .into_any(),
        Lacking::PublicNumber => view! {
            <Empty icon="globe" title="PeeringDB has no private AS numbers" about="This AS has a number that is reserved or for private use, so nothing can be found for it. Choose another of yours, or add the exchange by hand.">
                <LinkButton label="Add internet exchange" icon="plus" href=href(&format!("{}/new", INTERNET_EXCHANGE.list_path())) />
            </Empty>
        }
        .into_any(),
        Lacking::Ports => view! {
            <Empty icon="ix" title="PeeringDB lists no port for this AS" about="Enter your ports at PeeringDB, or have the exchange do it, and synchronise again. Until then, add the exchange by hand.">
                <LinkButton label="Add internet exchange" icon="plus" href=href(&format!("{}/new", INTERNET_EXCHANGE.list_path())) />
                <LinkButton label="PeeringDB" icon="db" look=Look::Ghost href=href("/peeringdb") />
            </Empty>
        }
        .into_any(),
    }
}

#[component]
fn Proposed(
    chosen: Memo<Option<i64>>,
    preview: Fetched<Preview>,
    ticks: Ticks,
    refused: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let place = Place::here();
    let toasts = Toasts::get();
    let busy = RwSignal::new(false);
    let lans =
        Memo::new(move |_| preview.data.with(|data| data.as_ref().map(|data| data.lans.clone())).unwrap_or_default());
    let wanted = Memo::new(move |_| lans.with(|lans| ticks.wanted(lans)));
    let whole = Memo::new(move |_| !place.get("all").is_empty());
    let apply = move || {
        let lans = wanted.get_untracked();
        let (Some(autonomous_system), false) = (chosen.get_untracked(), busy.get_untracked() || lans.is_empty()) else {
            return;
        };
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let answer = api::ask(apply_exchange_import(Import { autonomous_system, lans })).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    ticks.0.try_set(BTreeSet::new());
                    api::written(&[&INTERNET_EXCHANGE, &CONNECTION]);
                    undo::done(toasts, words(&done), Some(done.request));
                }
                Err(problem) => {
                    refused.try_set(Some(problem));
                    // it may be another picture by now
                    preview.reload();
                }
            }
        });
    };
    Keys::get().bind(Scope::Editor, "Ctrl S", "Import what is ticked", move |()| apply());
    let counted = Memo::new(move |_| lans.with(|lans| Counts::of(lans)));
    let rows = move || {
        let whole = whole.get();
        let shown = lans.get().into_iter().filter(|lan| whole || !is_settled(lan));
        shown.map(|lan| view! { <LanRows lan=lan ticks=ticks whole=whole /> }).collect::<Vec<_>>()
    };
    let label = Signal::derive(move || {
        let ports: usize = wanted.with(|wanted| wanted.iter().map(|lan| lan.ports.len()).sum());
        let lans = wanted.with(Vec::len);
        if lans == 0 { "Import".to_owned() } else { format!("Import {}", of_both(lans as u64, ports as u64)) }
    });
    let refusal = move || preview.data.with(|data| data.as_ref().and_then(|data| data.refusal.clone()));
    let nothing = Memo::new(move |_| !whole.get() && lans.with(|lans| lans.iter().all(is_settled)));
    view! {
        <div class="filters">
            <p class="t2" role="status">{move || counted.get().words()}</p>
            <label class="row end">
                <input
                    type="checkbox"
                    class="tick"
                    prop:checked=move || whole.get()
                    on:change=move |event| place.set(&[("all", if event_target_checked(&event) { "1" } else { "" })])
                />
                "Show what is there already"
            </label>
        </div>
        {move || refusal().map(|why| view! {
            <p class="notice warn" role="status"><Icon name="alert" />{format!("Not all of it can be imported at once. {why}")}</p>
        })}
        <Show
            when=move || !nothing.get()
            fallback=|| view! {
                <Empty icon="done" title="Everything is here" about="All that PeeringDB lists for this AS is among your exchanges and connections, and linked.">
                    <LinkButton label="Internet exchanges" href=href(&INTERNET_EXCHANGE.list_path()) />
                </Empty>
            }
        >
            <div class="scroll">
                <table class="tbl stack import" aria-label="What PeeringDB lists">
                    <colgroup>
                        {WIDTHS.map(|width| view! { <col style=("width", width) /> })}
                    </colgroup>
                    <thead>
                        <tr>
                            <th scope="col"><span class="sr">"Take"</span></th>
                            <th scope="col">"Exchange and connection"</th>
                            <th scope="col">"What it is here"</th>
                            <th scope="col">"IPv4 address"</th>
                            <th scope="col">"IPv6 address"</th>
                            <th scope="col" class="num">"Speed"</th>
                        </tr>
                    </thead>
                    {rows}
                </table>
            </div>
        </Show>
        <div class="foot form">
            <Button label=label look=Look::Primary keys="Ctrl S" busy=busy disabled=Signal::derive(move || wanted.with(Vec::is_empty)) on_press=move |()| apply() />
            <LinkButton label="Internet exchanges" look=Look::Ghost href=href(&INTERNET_EXCHANGE.list_path()) />
        </div>
    }
}

/// Nothing is to be done or settled there.
fn is_settled(lan: &Lan) -> bool {
    let there = |port: &Port| matches!(port.connection, Connection::There { .. });
    matches!(lan.exchange, Exchange::There { .. }) && lan.ports.iter().all(there)
}

fn many(of: &'static ObjectType, count: u64) -> String {
    format!("{} {}", grouped(count), lower(if count == 1 { of.name } else { of.plural }))
}

fn of_both(exchanges: u64, connections: u64) -> String {
    let parts = [(&INTERNET_EXCHANGE, exchanges), (&CONNECTION, connections)];
    let parts: Vec<String> =
        parts.into_iter().filter(|(_, count)| *count > 0).map(|(of, count)| many(of, count)).collect();
    parts.join(", ")
}

/// '2 internet exchanges, 3 connections imported, 1 linked'
fn words(done: &Imported) -> String {
    let made = of_both(done.exchanges, done.connections);
    let linked = format!("{} linked", grouped(done.linked));
    match (made.is_empty(), done.linked) {
        (true, _) => linked,
        (false, 0) => format!("{made} imported"),
        (false, _) => format!("{made} imported, {linked}"),
    }
}

/// How many of what there are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    new: u64,
    link: u64,
    conflict: u64,
    there: u64,
}

impl Counts {
    fn of(lans: &[Lan]) -> Self {
        let mut counts = Self::default();
        for lan in lans {
            match lan.exchange {
                Exchange::New { .. } => counts.new += 1,
                Exchange::Link { .. } => counts.link += 1,
                Exchange::Conflict { .. } => counts.conflict += 1,
                Exchange::There { .. } => counts.there += 1,
            }
            for port in &lan.ports {
                match port.connection {
                    Connection::New => counts.new += 1,
                    Connection::Link { .. } => counts.link += 1,
                    Connection::Conflict { .. } => counts.conflict += 1,
                    Connection::There { .. } => counts.there += 1,
                }
            }
        }
        counts
    }

    fn words(self) -> String {
        let parts =
            [(self.new, "new"), (self.link, "to link"), (self.conflict, "in conflict"), (self.there, "there already")];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{} {word}", grouped(count)))
            .collect();
        format!("Exchanges and connections: {}", parts.join(", "))
    }
}

/// A LAN and its ports.
#[component]
fn LanRows(lan: Lan, ticks: Ticks, whole: bool) -> impl IntoView {
    let kept = StoredValue::new(lan.clone());
    let of = move || kept.with_value(|lan| ticks.of(lan));
    let toggle = move |event| {
        let ticked = event_target_checked(&event);
        kept.with_value(|lan| at_first(lan).for_each(|(tick, first)| ticks.set(tick, first, ticked)));
    };
    let any = move || of().0 > 0;
    let some = move || {
        let (ticked, all) = of();
        ticked > 0 && ticked < all
    };
    let label = format!("Take {}", lan.label);
    let ticker = lan.can_be_taken().then(|| {
        view! {
            <input
                type="checkbox"
                class="tick"
                aria-label=label
                prop:checked=any
                prop:indeterminate=some
                on:change=toggle
            />
        }
    });
    let (tone, word, about, to) = match &lan.exchange {
        Exchange::New { name, slug } => (Tone::Info, "new", format!("as {name} ({slug})"), vec![]),
        Exchange::Link { id, name, why, .. } => (Tone::Plan, "to link", format!("{name}: {why}"), vec![*id]),
        Exchange::There { id, name } => (Tone::Ok, "there", name.clone(), vec![*id]),
        Exchange::Conflict { why, with } => (Tone::Warn, "conflict", why.clone(), with.clone()),
    };
    let wrong = matches!(lan.exchange, Exchange::Conflict { .. });
    let about = about_line(&INTERNET_EXCHANGE, &to, about, wrong);
    let ports: Vec<_> = lan
        .ports
        .iter()
        .filter(|port| whole || !matches!(port.connection, Connection::There { .. }))
        .map(|port| {
            let tick = at_first(&lan).find(|(tick, _)| *tick == Tick::Port(port.port));
            port_row(&lan, port, tick.map(|(_, first)| first), ticks)
        })
        .collect();
    view! {
        <tbody>
            <tr class="lan">
                <td class="m1">{ticker}</td>
                <th scope="rowgroup" class="m2"><b class="name">{lan.label.clone()}</b></th>
                <td class="m3"><Status tone=tone word=word /></td>
                <td colspan="3" class="m4 t2 wrapped">{about}</td>
            </tr>
            {ports}
        </tbody>
    }
}

/// What is said of an exchange or a connection, leading to the one of ours; of a conflict to those that it is with.
fn about_line(of: &'static ObjectType, ours: &[i64], words: String, wrong: bool) -> AnyView {
    let to = |id: i64| href(&of.object_path(id));
    if wrong {
        let open = ours.iter().map(|id| {
            view! { " " <a class="link" href=to(*id)>{format!("Open {} #{id}", lower(of.name))}</a> }
        });
        return view! { <span class="is-warn">{words}</span> {open.collect::<Vec<_>>()} }.into_any();
    }
    match ours.first() {
        Some(id) => view! { <a class="link" href=to(*id)>{words}</a> }.into_any(),
        None => words.into_any(),
    }
}

fn port_row(lan: &Lan, port: &Port, at_first: Option<bool>, ticks: Ticks) -> AnyView {
    let tick = Tick::Port(port.port);
    let address = |address: Option<peerage_model::exchange_import::Address>| {
        address.map(|address| address.to_string()).unwrap_or_default()
    };
    let (ipv4, ipv6) = (address(port.ipv4), address(port.ipv6));
    let what = [ipv4.as_str(), ipv6.as_str()].into_iter().find(|text| !text.is_empty()).unwrap_or("without an address");
    let label = format!("Take the port {what} of {}", lan.label);
    let ticker = at_first.map(|first| {
        view! {
            <input
                type="checkbox"
                class="tick"
                aria-label=label
                prop:checked=move || ticks.has(tick, first)
                on:change=move |event| ticks.set(tick, first, event_target_checked(&event))
            />
        }
    });
    let (tone, word, about, to) = match &port.connection {
        Connection::New if port.operational => (Tone::Info, "new", "Connection".to_owned(), vec![]),
        Connection::New => (Tone::Info, "new", "PeeringDB says that it is not in operation.".to_owned(), vec![]),
        Connection::Link { id, name, why, .. } => (Tone::Plan, "to link", format!("{name}: {why}"), vec![*id]),
        Connection::There { id, name } => (Tone::Ok, "there", name.clone(), vec![*id]),
        Connection::Conflict { why, with } => (Tone::Warn, "conflict", why.clone(), with.clone()),
    };
    let wrong = matches!(port.connection, Connection::Conflict { .. });
    let about = about_line(&CONNECTION, &to, about, wrong);
    view! {
        <tr>
            <td class="m1">{ticker}</td>
            <th scope="row" class="m2 inner wrapped">{about}</th>
            <td class="m3"><Status tone=tone word=word /></td>
            <td class="mono m4">{ipv4}</td>
            <td class="mono m5">{ipv6}</td>
            <td class="num">{speed(port.speed)}</td>
        </tr>
    }
    .into_any()
}
