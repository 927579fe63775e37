//! The matrix: a row for each network, two cells for each of our connections. A selection may cover thousands of
//! cells, so rows are plain tags made once, one listener serves the whole table, and one effect for each drawn row sets
//! its ticks. Above 200 rows only those in view are in the document.

use super::{
    layout::{Column, Found, Row as Placed},
    panel::tone,
    picks::{Pick, Picks},
    view::{NAME, Trait, View, standing_code},
};
use crate::ui::{
    Icon, Status, Theme,
    dom::{self, href, row_height},
};
use leptos::{html, prelude::*};
use peerage_model::{Tone, available::Standing, types::IX_SESSION};
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
    pub found: Signal<Arc<Found>>,
    pub view: Memo<View>,
    /// Places of the shown rows, in order.
    pub rows: Memo<Arc<Vec<usize>>>,
    /// The shown columns.
    pub cells: Memo<Vec<Column>>,
    /// The exchange is known from the page.
    pub one_exchange: bool,
    pub ticks: RwSignal<Picks>,
    /// Place of the row that keys act on.
    pub cursor: RwSignal<Option<usize>>,
    pub on_sort: Callback<String>,
    pub scroller: NodeRef<html::Div>,
}

impl Matrix {
    /// What could be added with the ports of a row on the shown connections.
    pub fn free_of(self, row: usize) -> Vec<Pick> {
        let cells = self.cells.get_untracked();
        self.found.with_untracked(|found| found.rows.get(row).map(|row| free(found, row, &cells)).unwrap_or_default())
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

    /// Every free cell that is shown in some of the columns; tracked.
    fn all_free_in(self, cells: &[Column]) -> Vec<Pick> {
        let rows = self.rows.get();
        self.found.with(|found| rows.iter().flat_map(|at| free(found, &found.rows[*at], cells)).collect())
    }

    /// Every free cell that is shown; tracked.
    pub fn all_free(self) -> Vec<Pick> {
        self.all_free_in(&self.cells.get())
    }

    /// Moves the cursor by rows and brings it into view.
    pub fn step(self, by: isize) {
        let rows = self.rows.get_untracked();
        if rows.is_empty() {
            return;
        }
        let now = self.cursor.get_untracked().and_then(|row| rows.iter().position(|known| *known == row));
        let next = now.map_or(0, |at| at.saturating_add_signed(by).min(rows.len() - 1));
        self.cursor.set(Some(rows[next]));
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

fn free(found: &Found, row: &Placed, cells: &[Column]) -> Vec<Pick> {
    let of = |cell: &Column| {
        let (port, standing) = found.at(row, *cell)?;
        let connection = found.connection(*cell).id;
        let families = FAMILIES.iter().zip(standing).filter(|(_, standing)| standing.is_free());
        Some(families.map(move |((family, _), _)| Pick { port: port.id, connection, family: *family }))
    };
    cells.iter().filter_map(of).flatten().collect()
}

/// The table with its scrolling region.
#[component]
pub fn MatrixTable(matrix: Matrix) -> impl IntoView {
    let seen = RwSignal::new((0.0, dom::room()));
    let look = move || {
        if let Some(scroller) = matrix.scroller.get_untracked() {
            seen.set((f64::from(scroller.scroll_top()), dom::room()));
        }
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || resized.remove());
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
        // other columns, other data: other rows
        let cells = matrix.cells.get();
        let found = matrix.found.get();
        let traits: Vec<&'static Trait> = matrix.view.with(|view| view.shown().collect());
        let draw = move |(index, place): (usize, usize)| {
            view! { <Row matrix=matrix found=Arc::clone(&found) traits=traits.clone() cells=cells.clone() place=place index=index /> }
        };
        view! { <For each=lines key=|line| *line children=draw /> }
    };
    let traits =
        Memo::new(move |_| matrix.view.with(|view| view.shown().map(|column| column.width).collect::<Vec<_>>()));
    let columns = move || 1 + traits.with(Vec::len) + 2 * matrix.cells.with(Vec::len);
    let spacer = move |rows: usize| {
        (rows > 0).then(|| {
            let height = format!("{}px", rows as f64 * row_height());
            view! { <tr class="spacer" aria-hidden="true"><td colspan=columns style=("height", height)></td></tr> }
        })
    };
    let least = move || {
        let fixed: u32 =
            traits.with(|widths| widths.iter().map(|width| if *width == 0 { NAME_WIDTH } else { *width }).sum());
        let cells = u32::try_from(matrix.cells.with(Vec::len)).unwrap_or_default() * 2 * CELL_WIDTH;
        format!("{}px", TICK_WIDTH + fixed + cells)
    };
    let total = move || (matrix.rows.with(|rows| rows.len()) + 2).to_string();
    view! {
        <div class="scroll" node_ref=matrix.scroller on:scroll=move |_| look() tabindex="-1">
            <table class="tbl mx peers" aria-label="Available peers" aria-rowcount=total style=("min-width", least)>
                <colgroup>
                    <col style=("width", format!("{TICK_WIDTH}px")) />
                    {move || traits.get().into_iter().map(|width| view! { <col style=("width", if width == 0 { String::new() } else { format!("{width}px") }) /> }).collect::<Vec<_>>()}
                    {move || (0..2 * matrix.cells.with(Vec::len)).map(|_| view! { <col style=("width", format!("{CELL_WIDTH}px")) /> }).collect::<Vec<_>>()}
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
            matrix.view.with(|view| {
                let (sorted, down) = view.order();
                (sorted == here).then_some(down)
            })
        });
        let press = move |_| {
            // sums are looked for from the top
            let down = order.get_untracked().map_or(code == "score", |down| !down);
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
    let fixed = move || {
        let traits: Vec<_> = matrix.view.with(|view| view.shown().collect());
        let head = |column: &'static Trait| {
            let class = match column.code {
                NAME => "pin edge",
                _ if column.numeric => "num",
                _ => "",
            };
            sort(column.code.to_owned(), column.words, class, None)
        };
        traits.into_iter().map(head).collect::<Vec<_>>()
    };
    let shown = move || {
        let cells = matrix.cells.get();
        matrix.found.with(|found| {
            let several = |cell: &Column| found.exchange(*cell).connections.len() > 1;
            let words = |cell: &Column| {
                let (exchange, label) = (&found.exchange(*cell).name, &found.connection(*cell).label);
                if matrix.one_exchange {
                    without_exchange(label, exchange)
                } else if several(cell) {
                    label.clone()
                } else {
                    found.name_of(*cell)
                }
            };
            cells.iter().map(|cell| (*cell, found.connection(*cell).clone(), words(cell))).collect::<Vec<_>>()
        })
    };
    let groups = move || {
        shown()
            .into_iter()
            .map(|(cell, connection, words)| {
                let free = Memo::new(move |_| matrix.all_free_in(&[cell]));
                let ticked = Memo::new(move |_| {
                    let count = free.with(|free| {
                        matrix.ticks.with(|ticks| free.iter().filter(|pick| ticks.contains(pick)).count())
                    });
                    (count > 0, count > 0 && count == free.with(Vec::len))
                });
                view! {
                    <th scope="colgroup" colspan="2" class="g" title=connection.label.clone()>
                        <label class="cx">
                            <input
                                type="checkbox"
                                class="tick"
                                aria-label=format!("Select everything free on {}", connection.label)
                                prop:checked=move || ticked.get().1
                                prop:indeterminate=move || ticked.get().0 && !ticked.get().1
                                disabled=move || free.with(Vec::is_empty)
                                on:change=move |_| matrix.toggle(&free.get_untracked())
                            />
                            <b class="clip">{words}</b>
                        </label>
                    </th>
                }
            })
            .collect::<Vec<_>>()
    };
    let families = move || {
        shown()
            .into_iter()
            .flat_map(|(_, connection, _)| {
                FAMILIES.iter().enumerate().map(move |(place, (_, words))| {
                    let named = format!("{words} on {}", connection.label);
                    sort(standing_code(connection.id, place), words, if place == 0 { "g" } else { "" }, Some(named))
                })
            })
            .collect::<Vec<_>>()
    };
    let beside = move || matrix.view.with(|view| view.shown().count());
    let all = Memo::new(move |_| matrix.all_free());
    let ticked = Memo::new(move |_| {
        let all = all.get();
        let count = matrix.ticks.with(|ticks| all.iter().filter(|pick| ticks.contains(pick)).count());
        (count > 0, count > 0 && count == all.len())
    });
    view! {
        <thead>
            <tr class="top">
                <td colspan=move || 1 + beside()></td>
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
                {fixed}
                {families}
            </tr>
        </thead>
    }
}

#[component]
fn Row(
    matrix: Matrix,
    found: Arc<Found>,
    traits: Vec<&'static Trait>,
    cells: Vec<Column>,
    place: usize,
    index: usize,
) -> impl IntoView {
    let placed = &found.rows[place];
    let network = found.network(placed);
    let row = NodeRef::<html::Tr>::new();
    let mine = free(&found, placed, &cells);
    let any_free = !mine.is_empty();
    Effect::new(move |_| {
        let Some(row) = row.get() else { return };
        matrix.ticks.with(|ticks| {
            let count = mine.iter().filter(|pick| ticks.contains(pick)).count();
            for input in dom::all(&row, "input") {
                let input: HtmlInputElement = input.unchecked_into();
                match pick_of(&input) {
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
    let name = format!("AS{} {}", network.asn, network.name);
    let mut drawn = Vec::with_capacity(2 * cells.len());
    for cell in &cells {
        let connection = found.connection(*cell);
        let at = found.at(placed, *cell);
        for (place, (family, words)) in FAMILIES.iter().enumerate() {
            let label = format!("{name}, {words} on {}", connection.label);
            drawn.push(match at {
                Some((port, standing)) => {
                    let pick = Pick { port: port.id, connection: connection.id, family: *family };
                    standing_cell(&standing[place], pick, label).into_any()
                }
                None => view! { <td class=if place == 0 { "g t3" } else { "t3" }><span aria-label="not at this exchange">"—"</span></td> }.into_any(),
            });
        }
    }
    let said = traits.into_iter().map(|column| {
        let words = (column.said)(&found, placed).words();
        match column.code {
            NAME => view! { <th scope="row" class="pin edge"><button type="button" class="name clip" title=words.clone()>{words.clone()}</button></th> }.into_any(),
            "asn" => view! { <td class="mono">{words}</td> }.into_any(),
            _ if column.numeric => view! { <td class="num t2">{words}</td> }.into_any(),
            _ => view! { <td class="t2 clip">{words}</td> }.into_any(),
        }
    });
    view! {
        <tr node_ref=row data-row=place.to_string() aria-rowindex=(index + 3).to_string() class:cur=move || matrix.cursor.get() == Some(place)>
            <td>{any_free.then(|| view! { <input type="checkbox" class="tick" aria-label=format!("Select everything free with {name}") /> })}</td>
            {said.collect::<Vec<_>>()}
            {drawn}
        </tr>
    }
}

/// A cell: a checkbox where a session is free, a link where there is one, otherwise why not.
pub fn standing_cell(standing: &Standing, pick: Pick, label: String) -> impl IntoView + use<> {
    let inside = match standing {
        Standing::Free => view! {
            <label class="cx">
                <input type="checkbox" class="tick" aria-label=label data-port=pick.port.to_string() data-connection=pick.connection.to_string() data-family=pick.family.to_string() />
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
        Standing::OtherAs { id } => {
            let label = format!("A session with another AS has the address: {label}");
            view! { <a href=href(&IX_SESSION.object_path(*id)) aria-label=label><Status tone=Tone::Warn word=standing.words() /></a> }.into_any()
        }
        Standing::Moved { id, from } => {
            let label = format!("The session is at the old address {from}: {label}");
            view! { <a href=href(&IX_SESSION.object_path(*id)) title=format!("The session is at {from}") aria-label=label><Status tone=Tone::Warn word=standing.words() /></a> }.into_any()
        }
        other => view! { <span class="why t3">{other.words().to_owned()}</span> }.into_any(),
    };
    view! { <td class=if pick.family == 4 { "g" } else { "" }>{inside}</td> }
}

/// A connection's label where the exchange is known from the page: `edge-1` for `Example-IX on edge-1`.
pub fn without_exchange(label: &str, exchange: &str) -> String {
    let rest = label.strip_prefix(exchange).and_then(|rest| rest.strip_prefix(" on "));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(label).to_owned()
}

/// The cell that a checkbox stands for; none: its whole row.
pub fn pick_of(input: &HtmlInputElement) -> Option<Pick> {
    let number = |name: &str| input.get_attribute(name)?.parse().ok();
    let family = u8::try_from(number("data-family")?).ok()?;
    Some(Pick { port: number("data-port")?, connection: number("data-connection")?, family })
}

fn row_of(element: &Element) -> Option<usize> {
    element.closest("tr").ok()??.get_attribute("data-row")?.parse().ok()
}

fn changed(matrix: Matrix, event: &web_sys::Event) {
    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
    match (pick_of(&input), row_of(&input)) {
        (Some(pick), _) => matrix.toggle(&[pick]),
        (None, Some(row)) => matrix.toggle(&matrix.free_of(row)),
        (None, None) => {}
    }
}

fn pressed(matrix: Matrix, event: &web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // where the panel lies over the table, ticking is not asking for it
    let ticks = target.as_ref().is_some_and(|target| matches!(target.closest("label, input"), Ok(Some(_))));
    if ticks && !dom::is_wide() {
        return;
    }
    if let Some(row) = target.and_then(|target| row_of(&target)) {
        matrix.cursor.set(Some(row));
    }
}
