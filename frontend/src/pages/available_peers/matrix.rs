//! The matrix: a row for each port of a peer, two cells for each of our connections. A selection may cover thousands of
//! cells, so rows are plain tags made once, one listener serves the whole table, and one effect for each drawn row sets
//! its ticks. Above 200 rows only those in view are in the document.

use super::{
    panel::tone,
    picks::{Pick, Picks},
    view::{COLUMNS, View, prefixes, speed, standing_code},
};
use crate::ui::{
    Icon, Status, Theme,
    dom::{self, href},
    pager::grouped,
};
use leptos::{html, prelude::*};
use peerage_app::peers::{AvailablePeers, OurConnection, Peer};
use peerage_model::{available::Standing, types::IX_SESSION};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// More rows than this are windowed.
const WHOLE: usize = 200;
/// Rows drawn beyond the edges.
const OVERSCAN: usize = 12;
const TICK_WIDTH: u32 = 40;
const NAME_WIDTH: u32 = 150;
const CELL_WIDTH: u32 = 86;
const FAMILIES: [(u8, &str); 2] = [(4, "IPv4"), (6, "IPv6")];

/// What the matrix shows and changes.
#[derive(Clone, Copy)]
pub struct Matrix {
    pub found: Signal<Arc<AvailablePeers>>,
    pub view: Memo<View>,
    /// Places of the shown peers, in order.
    pub rows: Memo<Arc<Vec<usize>>>,
    /// The exchange's name.
    pub exchange: Signal<String>,
    /// Places of the shown connections.
    pub connections: Memo<Vec<usize>>,
    pub ticks: RwSignal<Picks>,
    /// Port of the row that keys act on.
    pub cursor: RwSignal<Option<i64>>,
    pub on_sort: Callback<String>,
    pub scroller: NodeRef<html::Div>,
}

impl Matrix {
    /// What could be added with a peer on the shown connections.
    pub fn free_of(self, peer: &Peer) -> Vec<Pick> {
        let connections = self.connections.get_untracked();
        self.found.with_untracked(|found| free(peer, &connections, &found.connections))
    }

    /// Ticks all of these, or none if all are ticked.
    pub fn toggle(self, picks: &[Pick]) {
        if picks.is_empty() {
            return;
        }
        self.ticks.update(|ticks| {
            if picks.iter().all(|pick| ticks.contains(pick)) {
                for pick in picks {
                    ticks.remove(pick);
                }
            } else {
                ticks.extend(picks.iter().copied());
            }
        });
    }

    pub fn peer(self, port: i64) -> Option<Peer> {
        self.found.with_untracked(|found| found.peers.iter().find(|peer| peer.port == port).cloned())
    }

    /// Every free cell that is shown; tracked.
    pub fn all_free(self) -> Vec<Pick> {
        let connections = self.connections.get();
        let rows = self.rows.get();
        self.found.with(|found| {
            rows.iter().flat_map(|at| free(&found.peers[*at], &connections, &found.connections)).collect()
        })
    }

    /// Moves the cursor by rows and brings it into view.
    pub fn step(self, by: isize) {
        let rows = self.rows.get_untracked();
        let ports: Vec<i64> = self.found.with_untracked(|found| rows.iter().map(|at| found.peers[*at].port).collect());
        if ports.is_empty() {
            return;
        }
        let now = self.cursor.get_untracked().and_then(|port| ports.iter().position(|known| *known == port));
        let next = now.map_or(0, |at| at.saturating_add_signed(by).min(ports.len() - 1));
        self.cursor.set(Some(ports[next]));
        if let Some(scroller) = self.scroller.get_untracked() {
            let (row, top) = (row_height(), f64::from(scroller.scroll_top()));
            let (from, head) = (next as f64 * row, 52.0);
            let room = f64::from(scroller.client_height()) - head;
            if from < top {
                scroller.set_scroll_top(from as i32);
            } else if from + row > top + room {
                scroller.set_scroll_top((from + row - room).ceil() as i32);
            }
        }
    }
}

fn free(peer: &Peer, shown: &[usize], connections: &[OurConnection]) -> Vec<Pick> {
    let cells =
        shown.iter().flat_map(|at| FAMILIES.iter().enumerate().map(move |(place, (family, _))| (*at, place, *family)));
    cells
        .filter(|(at, place, _)| peer.standing.get(*at).is_some_and(|standing| standing[*place].is_free()))
        .map(|(at, _, family)| Pick { port: peer.port, connection: connections[at].id, family })
        .collect()
}

fn row_height() -> f64 {
    dom::pixels("--row").unwrap_or(28.0)
}

/// The table with its scrolling region.
#[component]
pub fn MatrixTable(matrix: Matrix) -> impl IntoView {
    let seen = RwSignal::new((0.0, 1200.0));
    let look = move || {
        if let Some(scroller) = matrix.scroller.get_untracked() {
            seen.set((f64::from(scroller.scroll_top()), f64::from(scroller.client_height())));
        }
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        matrix.scroller.track();
        request_animation_frame(look);
    });
    let density = Theme::get().density;
    let window = Memo::new(move |_| {
        let count = matrix.rows.with(|rows| rows.len());
        if count <= WHOLE {
            return (0, count);
        }
        density.track();
        let ((top, height), row) = (seen.get(), row_height());
        // in steps of eight rows, so that scrolling redraws seldom
        let first = ((top / row) as usize).saturating_sub(OVERSCAN) / 8 * 8;
        let shown = (height / row) as usize + 2 * OVERSCAN + 8;
        (first.min(count), (first + shown).min(count))
    });
    let lines = move || {
        let (from, to) = window.get();
        let rows = matrix.rows.get();
        rows[from.min(rows.len())..to.min(rows.len())]
            .iter()
            .enumerate()
            .map(|(at, place)| (from + at, *place))
            .collect::<Vec<_>>()
    };
    let body = move || {
        // other connections, other data: other rows
        let connections = matrix.connections.get();
        let found = matrix.found.get();
        let draw = move |(index, place): (usize, usize)| {
            view! { <Row matrix=matrix found=Arc::clone(&found) connections=connections.clone() place=place index=index /> }
        };
        view! { <For each=lines key=|line| *line children=draw /> }
    };
    let columns = move || 1 + COLUMNS.len() + 2 * matrix.connections.with(Vec::len);
    let spacer = move |rows: usize| {
        (rows > 0).then(|| {
            let height = format!("{}px", rows as f64 * row_height());
            view! { <tr class="spacer" aria-hidden="true"><td colspan=columns style=("height", height)></td></tr> }
        })
    };
    let least = move || {
        let fixed: u32 = COLUMNS.iter().map(|(.., width)| if *width == 0 { NAME_WIDTH } else { *width }).sum();
        let cells = u32::try_from(matrix.connections.with(Vec::len)).unwrap_or_default() * 2 * CELL_WIDTH;
        format!("{}px", TICK_WIDTH + fixed + cells)
    };
    let total = move || (matrix.rows.with(|rows| rows.len()) + 2).to_string();
    view! {
        <div class="scroll" node_ref=matrix.scroller on:scroll=move |_| look() tabindex="-1">
            <table class="tbl mx peers" aria-label="Available peers" aria-rowcount=total style=("min-width", least)>
                <colgroup>
                    <col style=("width", format!("{TICK_WIDTH}px")) />
                    {COLUMNS.iter().map(|(.., width)| view! { <col style=("width", if *width == 0 { String::new() } else { format!("{width}px") }) /> }).collect::<Vec<_>>()}
                    {move || (0..2 * matrix.connections.with(Vec::len)).map(|_| view! { <col style=("width", format!("{CELL_WIDTH}px")) /> }).collect::<Vec<_>>()}
                </colgroup>
                <Heads matrix=matrix />
                <tbody on:change=move |event| changed(matrix, &event) on:click=move |event| pressed(matrix, &event)>
                    {move || spacer(window.get().0)}
                    {body}
                    {move || spacer(matrix.rows.with(|rows| rows.len()).saturating_sub(window.get().1))}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Heads(matrix: Matrix) -> impl IntoView {
    let sort = move |code: String, words: &'static str, class: &'static str, named: Option<String>| {
        let here = code.clone();
        let order = Memo::new(move |_| {
            let (sorted, down) = matrix.view.with(View::order);
            (sorted == here).then_some(down)
        });
        let press = move |_| {
            let down = order.get_untracked() == Some(false);
            matrix.on_sort.run(if down { format!("-{code}") } else { code.clone() });
        };
        view! {
            <th scope="col" class=class aria-sort=move || order.get().map(|down| if down { "descending" } else { "ascending" })>
                <button type="button" on:click=press aria-label=named>
                    {words}
                    {move || order.get().map(|down| view! { <Icon name=if down { "dn" } else { "up" } size=10 /> })}
                </button>
            </th>
        }
    };
    let fixed = COLUMNS.iter().map(|(_, code, words, _)| {
        let class = match *code {
            "name" => "pin edge",
            "prefixes" | "speed" => "num",
            _ => "",
        };
        sort((*code).to_owned(), words, class, None)
    });
    let ours = move || {
        let shown = matrix.connections.get();
        matrix.found.with(|found| shown.iter().map(|at| found.connections[*at].clone()).collect::<Vec<_>>())
    };
    let groups = move || {
        ours()
            .into_iter()
            .map(|connection| {
                view! { <th scope="colgroup" colspan="2" class="g clip" title=connection.label.clone()><b>{without_exchange(&connection.label, &matrix.exchange.get())}</b></th> }
            })
            .collect::<Vec<_>>()
    };
    let families = move || {
        ours()
            .into_iter()
            .flat_map(|connection| {
                FAMILIES.iter().enumerate().map(move |(place, (_, words))| {
                    let named = format!("{words} on {}", connection.label);
                    sort(standing_code(connection.id, place), words, if place == 0 { "g" } else { "" }, Some(named))
                })
            })
            .collect::<Vec<_>>()
    };
    let all = Memo::new(move |_| matrix.all_free());
    let ticked = Memo::new(move |_| {
        let all = all.get();
        let count = matrix.ticks.with(|ticks| all.iter().filter(|pick| ticks.contains(pick)).count());
        (count > 0, count > 0 && count == all.len())
    });
    view! {
        <thead>
            <tr class="top">
                <td colspan="3"></td>
                <td colspan={COLUMNS.len() - 2} class="not-phone"></td>
                {groups}
            </tr>
            <tr>
                <th scope="col">
                    <input
                        type="checkbox"
                        class="tick"
                        aria-label="Select everything free in the rows shown"
                        prop:checked=move || ticked.get().1
                        prop:indeterminate=move || ticked.get().0 && !ticked.get().1
                        disabled=move || all.with(Vec::is_empty)
                        on:change=move |_| matrix.toggle(&all.get_untracked())
                    />
                </th>
                {fixed.collect::<Vec<_>>()}
                {families}
            </tr>
        </thead>
    }
}

#[component]
fn Row(
    matrix: Matrix,
    found: Arc<AvailablePeers>,
    connections: Vec<usize>,
    place: usize,
    index: usize,
) -> impl IntoView {
    let peer = &found.peers[place];
    let port = peer.port;
    let row = NodeRef::<html::Tr>::new();
    let mine = free(peer, &connections, &found.connections);
    let any_free = !mine.is_empty();
    Effect::new(move |_| {
        let Some(row) = row.get() else { return };
        matrix.ticks.with(|ticks| {
            let count = mine.iter().filter(|pick| ticks.contains(pick)).count();
            for input in dom::all(&row, "input") {
                let input: HtmlInputElement = input.unchecked_into();
                match pick_of(&input, port) {
                    Some(pick) => input.set_checked(ticks.contains(&pick)),
                    None => {
                        input.set_checked(count > 0 && count == mine.len());
                        input.set_indeterminate(count > 0 && count < mine.len());
                    }
                }
            }
            let _ = if count > 0 {
                row.set_attribute("aria-selected", "true")
            } else {
                row.remove_attribute("aria-selected")
            };
        });
    });
    let name = format!("AS{} {}", peer.asn, peer.name);
    let cells: Vec<_> = connections
        .iter()
        .flat_map(|at| {
            let connection = &found.connections[*at];
            let (standing, name) = (&peer.standing[*at], &name);
            FAMILIES.iter().enumerate().map(move |(place, (family, words))| {
                let label = format!("{name}, {words} on {}", connection.label);
                cell(&standing[place], connection.id, *family, label)
            })
        })
        .collect();
    let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok()).map(grouped);
    view! {
        <tr node_ref=row data-port=port.to_string() aria-rowindex=(index + 3).to_string() class:cur=move || matrix.cursor.get() == Some(port)>
            <td>{any_free.then(|| view! { <input type="checkbox" class="tick" aria-label=format!("Select everything free with {name}") /> })}</td>
            <td class="mono">{format!("AS{}", peer.asn)}</td>
            <th scope="row" class="pin edge"><button type="button" class="name clip" title=peer.name.clone()>{peer.name.clone()}</button></th>
            <td class="t2">{peer.policy.clone()}</td>
            <td class="t2">{peer.traffic.clone()}</td>
            <td class="num t2">{number(prefixes(peer))}</td>
            <td class="num t2">{speed(peer.speed)}</td>
            {cells}
        </tr>
    }
}

fn cell(standing: &Standing, connection: i64, family: u8, label: String) -> impl IntoView + use<> {
    let inside = match standing {
        Standing::Free => view! {
            <label class="cx">
                <input type="checkbox" class="tick" aria-label=label data-connection=connection.to_string() data-family=family.to_string() />
                "free"
            </label>
        }
        .into_any(),
        Standing::Session { id, .. } => {
            let words = standing.words().to_owned();
            let label = format!("{words}: {label}");
            view! {
                <a href=href(&IX_SESSION.object_path(*id)) aria-label=label>
                    <Status tone=tone(standing) word=words />
                </a>
            }
            .into_any()
        }
        other => view! { <span class="why t3">{other.words().to_owned()}</span> }.into_any(),
    };
    view! { <td class=if family == 4 { "g" } else { "" }>{inside}</td> }
}

/// A connection's label where the exchange is known from the page: `edge-1` for `Example-IX on edge-1`.
pub fn without_exchange(label: &str, exchange: &str) -> String {
    let rest = label.strip_prefix(exchange).and_then(|rest| rest.strip_prefix(" on "));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(label).to_owned()
}

/// The cell that a checkbox stands for; none: its whole row.
fn pick_of(input: &HtmlInputElement, port: i64) -> Option<Pick> {
    let number = |name: &str| input.get_attribute(name)?.parse().ok();
    Some(Pick { port, connection: number("data-connection")?, family: u8::try_from(number("data-family")?).ok()? })
}

fn port_of(element: &Element) -> Option<i64> {
    element.closest("tr").ok()??.get_attribute("data-port")?.parse().ok()
}

fn changed(matrix: Matrix, event: &web_sys::Event) {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
    let Some(port) = port_of(&input) else { return };
    match pick_of(&input, port) {
        Some(pick) => matrix.toggle(&[pick]),
        None => {
            if let Some(peer) = matrix.peer(port) {
                matrix.toggle(&matrix.free_of(&peer));
            }
        }
    }
}

fn pressed(matrix: Matrix, event: &web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if let Some(port) = target.and_then(|target| port_of(&target)) {
        matrix.cursor.set(Some(port));
    }
}
