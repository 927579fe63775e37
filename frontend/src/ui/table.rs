//! The list of records: a plain table with a head that stays, sorted by pressing a column's name, rows that can be ticked
//! and walked through by keys. Cells are plain tags made once for each version of a record; only the ticks and the
//! cursor are reactive. Above 200 rows only those in view are in the document.
//!
//! Keys: `j` `k` ↓ ↑ move, with Shift they tick on the way; `x` ticks, `Enter` and `o` open, `y` copies, `Esc` clears.
//! The cursor is where the focus is: moving puts it on the row's link, so Enter is the browser's own.

use crate::ui::{
    Column, Icon, Keys, Names, Scope, Theme, Toasts,
    copy::to_clipboard,
    dom::{self, href, row_height},
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_navigate;
use peerage_model::{Kind, ObjectType, Record, Sort, label::label, label::label_fields};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use wasm_bindgen::JsCast;

/// More rows than this are windowed.
const WHOLE: usize = 200;
/// Rows drawn beyond the edges.
const OVERSCAN: usize = 12;
/// What a column without a width of its own gets at least.
const SHARE: u32 = 132;
const TICK_WIDTH: u32 = 40;

/// A row as it is drawn.
#[derive(Clone, PartialEq)]
struct Line {
    record: Record,
    index: usize,
    /// The sorted column says the same as the row before.
    repeats: bool,
    /// Another number for each content of the record: a field that was not asked for before draws the row anew.
    edition: u32,
}

/// What all rows of a table share.
struct Shared {
    columns: Vec<Column>,
    /// The column that is the row's header and link.
    head: usize,
    /// The classes that make two lines of a row on phones.
    phone: Vec<&'static str>,
    /// The column that the rows are sorted by.
    sorted: Option<usize>,
    names: Names,
    table: String,
}

/// A table of records of one type.
#[component]
pub fn Table(
    of: &'static ObjectType,
    #[prop(into)] label: String,
    #[prop(into)] columns: Signal<Vec<Column>>,
    #[prop(into)] rows: Signal<Vec<Record>>,
    #[prop(optional, into)] names: Signal<Names>,
    /// The order that the rows are in.
    #[prop(optional, into)]
    sort: Signal<Vec<Sort>>,
    /// Without it, heads are plain words.
    #[prop(optional, into)]
    on_sort: Option<Callback<Vec<Sort>>>,
    /// Ids of the ticked rows; without it there are no ticks.
    #[prop(optional_no_strip, into)]
    ticks: Option<RwSignal<BTreeSet<i64>>>,
    /// Id of the row that keys act on.
    #[prop(optional)]
    cursor: RwSignal<Option<i64>>,
    /// Rows before the first, on earlier pages.
    #[prop(optional, into)]
    offset: Signal<u64>,
    #[prop(optional, into)] total: Signal<u64>,
    /// Where a row leads; else to the object's own page.
    #[prop(optional, into)]
    row_href: Option<Callback<Record, String>>,
    /// Is a list beside others on its page: no keys, no scrolling of its own, no windowing.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    let id = dom::fresh_id("table");
    let scroller = NodeRef::<html::Div>::new();
    let windowed = Memo::new(move |_| !within && rows.with(Vec::len) > WHOLE && !is_phone());
    let window = visible_rows(scroller, windowed, rows);
    let sorted_key = move || sort.with(|sort| sort.first().map(|sort| sort.path.to_string()));
    let lines = Memo::new(move |drawn: Option<&Vec<Line>>| {
        let drawn: HashMap<i64, &Line> = drawn.into_iter().flatten().map(|line| (line.record.id, line)).collect();
        let edition =
            |record: &Record| drawn.get(&record.id).map_or(0, |line| line.edition + u32::from(line.record != *record));
        let names = names.get();
        let path = sort.with(|sort| sort.first().map(|sort| sort.path.clone()));
        let (from, to) = window.get();
        rows.with(|rows| {
            let value = |at: usize| path.as_ref().map(|path| path.value(&rows[at], names.lookup())).unwrap_or_default();
            let repeats = |at: usize| at > 0 && !value(at).is_empty() && value(at) == value(at - 1);
            let line = |at: usize| Line {
                record: rows[at].clone(),
                index: at,
                repeats: repeats(at),
                edition: edition(&rows[at]),
            };
            (from..to.min(rows.len())).map(line).collect::<Vec<_>>()
        })
    });
    let is_cursor = Selector::new(move || cursor.get());
    let table = id.clone();
    let shared = Memo::new_owning(move |_| {
        let columns = columns.get();
        let sorted = sorted_key().and_then(|key| columns.iter().position(|column| column.key == key));
        let head = head_column(of, &columns);
        let phone = phone_classes(of, &columns, head);
        (Arc::new(Shared { columns, head, phone, sorted, names: names.get(), table: table.clone() }), true)
    });
    let anchor = StoredValue::new(None::<i64>);
    let tick = move |id: i64, range: bool| {
        let Some(ticks) = ticks else { return };
        let place = |id: i64| rows.with_untracked(|rows| rows.iter().position(|row| row.id == id));
        let span = anchor.get_value().filter(|_| range).and_then(|from| Some((place(from)?, place(id)?)));
        ticks.update(|ticks| {
            let on = !ticks.contains(&id);
            let ids = match span {
                Some((a, b)) => {
                    rows.with_untracked(|rows| rows[a.min(b)..=a.max(b)].iter().map(|row| row.id).collect())
                }
                None => vec![id],
            };
            for id in ids {
                if on {
                    ticks.insert(id)
                } else {
                    ticks.remove(&id)
                };
            }
        });
        anchor.set_value(Some(id));
    };
    let target = move |record: &Record| match row_href {
        Some(row_href) => row_href.run(record.clone()),
        None => href(&record.of.object_path(record.id)),
    };
    if !within {
        let open = use_navigate();
        let keys =
            RowKeys { rows, columns, names, cursor, ticks, scroller, windowed, table: StoredValue::new(id.clone()) };
        keys.bind(tick, move |record, aside| {
            let to = target(record);
            if aside {
                let _ = window_open(&to);
            } else {
                open(&to, Default::default());
            }
        });
    }
    let row = move |line: Line| {
        let shared = shared.get_untracked();
        let id = line.record.id;
        let is_cursor = is_cursor.clone();
        let ticked = move || ticks.is_some_and(|ticks| ticks.with(|ticks| ticks.contains(&id)));
        let to = target(&line.record);
        let place = windowed.get_untracked().then(|| offset.get_untracked() + line.index as u64 + 2);
        view! {
            <tr
                id=format!("{}-{id}", shared.table)
                aria-selected=move || ticked().then_some("true")
                aria-rowindex=place
                class:cur=move || is_cursor.selected(&Some(id))
                on:focusin=move |_| cursor.set(Some(id))
            >
                {ticks
                    .map(|_| {
                        view! {
                            <td class="ticks">
                                <input
                                    type="checkbox"
                                    class="tick"
                                    aria-label=format!("Select {}", words_of(&line.record, &shared))
                                    prop:checked=ticked
                                    on:click=move |event| tick(id, event.shift_key())
                                />
                            </td>
                        }
                    })}
                {cells(&line, &shared, to)}
            </tr>
        }
    };
    let body = move || {
        shared.track();
        view! {
            <For each=move || lines.get() key=move |line| (line.record.id, line.edition, line.repeats, if windowed.get_untracked() { line.index } else { 0 }) children=row.clone() />
        }
    };
    let span = move || columns.with(Vec::len) + usize::from(ticks.is_some());
    let spacer = move |rows: usize| {
        (rows > 0).then(|| {
            let height = format!("{}px", rows as f64 * row_height());
            view! { <tr class="spacer" aria-hidden="true"><td colspan=span style=("height", height)></td></tr> }
        })
    };
    let above = move || spacer(window.get().0);
    let below = move || spacer(rows.with(Vec::len).saturating_sub(window.get().1));
    let count = move || match total.get() {
        0 => None,
        total => Some((total + 1).to_string()),
    };
    let sheet = view! {
        <table id=id class="tbl stack" aria-label=label aria-rowcount=count style=("min-width", move || least_width(&columns.get(), ticks.is_some()))>
            <colgroup>
                {ticks.map(|_| view! { <col style=("width", format!("{TICK_WIDTH}px")) /> })}
                {move || columns.get().into_iter().map(|column| view! { <col style=("width", column.width.map_or_else(String::new, |width| format!("{width}px"))) /> }).collect::<Vec<_>>()}
            </colgroup>
            <thead>
                <tr>
                    {ticks.map(|ticks| view! { <th scope="col"><TickAll rows=rows ticks=ticks /></th> })}
                    {move || columns.get().into_iter().map(|column| view! { <Head column=column sort=sort on_sort=on_sort /> }).collect::<Vec<_>>()}
                </tr>
            </thead>
            <tbody>{above} {body} {below}</tbody>
        </table>
    };
    if within { sheet.into_any() } else { view! { <div class="scroll" node_ref=scroller>{sheet}</div> }.into_any() }
}

/// A column's name: a button where the list can be sorted by it. With Shift it becomes the second key.
#[component]
fn Head(column: Column, #[prop(into)] sort: Signal<Vec<Sort>>, on_sort: Option<Callback<Vec<Sort>>>) -> impl IntoView {
    let path = column.path.clone().filter(|_| column.is_sortable());
    let place = {
        let path = path.clone();
        move || {
            let path = path.as_ref()?;
            sort.with(|sort| {
                sort.iter().position(|key| key.path == *path).map(|at| (at, sort[at].descending, sort.len()))
            })
        }
    };
    let direction = place.clone();
    let said = move || {
        direction()
            .filter(|(at, ..)| *at == 0)
            .map(|(_, descending, _)| if descending { "descending" } else { "ascending" })
    };
    let arrow = move || {
        place().map(|(at, descending, count)| {
            let icon = if descending {
                view! { <Icon name="dn" size=10 /> }
            } else {
                view! { <Icon name="up" size=10 /> }
            };
            view! { {icon} {(count > 1).then(|| view! { <span class="n">{at + 1}</span> })} }
        })
    };
    let label = column.label.clone();
    let inside = match (path, on_sort) {
        (Some(path), Some(on_sort)) => {
            let press = move |event: web_sys::MouseEvent| {
                let mut keys = sort.get_untracked();
                let known = keys.iter().position(|key| key.path == path);
                match (known, event.shift_key()) {
                    (Some(at), true) => keys[at].descending = !keys[at].descending,
                    (Some(0), false) => {
                        keys.truncate(1);
                        keys[0].descending = !keys[0].descending;
                    }
                    (None, true) => keys.push(Sort { path: path.clone(), descending: false }),
                    (_, false) => keys = vec![Sort { path: path.clone(), descending: false }],
                }
                on_sort.run(keys);
            };
            view! { <button type="button" title=column.label.clone() on:click=press>{label} {arrow}</button> }
                .into_any()
        }
        _ => view! { {label} {arrow} }.into_any(),
    };
    view! { <th scope="col" class:num=column.is_numeric() aria-sort=said>{inside}</th> }
}

/// Ticks all rows of the page, or none.
#[component]
fn TickAll(rows: Signal<Vec<Record>>, ticks: RwSignal<BTreeSet<i64>>) -> impl IntoView {
    let count = move || rows.with(|rows| ticks.with(|ticks| rows.iter().filter(|row| ticks.contains(&row.id)).count()));
    let all = move || rows.with(Vec::len) > 0 && count() == rows.with(Vec::len);
    let some = move || count() > 0 && !all();
    let press = move |_| {
        let on = !untrack(all);
        rows.with_untracked(|rows| {
            ticks.update(|ticks| {
                for row in rows {
                    if on {
                        ticks.insert(row.id)
                    } else {
                        ticks.remove(&row.id)
                    };
                }
            });
        });
    };
    view! { <input type="checkbox" class="tick" aria-label="Select all on this page" prop:checked=all prop:indeterminate=some on:change=press /> }
}

fn cells(line: &Line, shared: &Shared, to: String) -> Vec<AnyView> {
    let sorted = shared.sorted.and_then(|at| shared.columns[at].path.as_ref()).map(ToString::to_string);
    let group = sorted.as_deref().and_then(|key| key.split('.').next());
    shared
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let same_group =
                group.is_some_and(|group| column.key == group || column.key.split('.').next() == Some(group));
            let repeats = line.repeats && same_group;
            let mut class = String::from(column.class());
            for part in [shared.phone[at], if repeats { "rep" } else { "" }] {
                if !part.is_empty() {
                    class.push(' ');
                    class.push_str(part);
                }
            }
            if at == shared.head {
                // a moment is shorter than its words
                let is_moment = column.field().is_some_and(|field| matches!(field.kind, Kind::Time));
                let name = if is_moment {
                    column.cell(&line.record, &shared.names)
                } else {
                    words_of(&line.record, shared).into_any()
                };
                view! { <th scope="row" class=class><a class="name" href=to.clone()>{name}</a></th> }.into_any()
            } else {
                view! { <td class=class>{column.cell(&line.record, &shared.names)}</td> }.into_any()
            }
        })
        .collect()
}

/// What the row is called: its head cell, or the object in words.
fn words_of(record: &Record, shared: &Shared) -> String {
    let words = shared.columns.get(shared.head).map(|column| column.words(record, &shared.names)).unwrap_or_default();
    if words.is_empty() { label(record, shared.names.lookup()) } else { words }
}

/// The column that names the row: of those that the type's label is made of the last that is words, else the first of
/// them, else the first at all.
fn head_column(of: &'static ObjectType, columns: &[Column]) -> usize {
    let named: Vec<usize> = label_fields(of)
        .iter()
        .filter(|field| !field.kind.is_reference())
        .filter_map(|field| columns.iter().position(|column| column.key == field.name))
        .collect();
    let is_words = |at: &usize| columns[*at].field().is_some_and(|field| matches!(field.kind, Kind::Text { .. }));
    named.iter().copied().rfind(|at| is_words(at)).or_else(|| named.first().copied()).unwrap_or_default()
}

/// First line: a short key, the name, a state. Second: one more, and at the right a number or a time. What people wrote about it,
/// or what it is attached to, has a third.
fn phone_classes(of: &ObjectType, columns: &[Column], head: usize) -> Vec<&'static str> {
    let mut classes = vec![""; columns.len()];
    let take = |classes: &mut Vec<&'static str>, class: &'static str, fits: &dyn Fn(&Column) -> bool| {
        let free = (0..columns.len()).find(|at| classes[*at].is_empty() && *at != head && fits(&columns[*at]));
        if let Some(at) = free {
            classes[at] = class;
        }
        free.is_some()
    };
    let is = |column: &Column, wanted: fn(&Kind) -> bool| column.field().is_some_and(|field| wanted(&field.kind));
    let keyed = take(&mut classes, "m1", &|column| is(column, |kind| matches!(kind, Kind::Asn { .. })));
    let about = of.attached.map_or("", |attached| attached.of);
    take(&mut classes, "m3", &|column| column.is_status() && column.key != about);
    // the number of another object stands for its name
    let object = of.attached_id().map_or("", |field| field.name);
    let named = take(&mut classes, "m4", &|column| column.key == object);
    let number = |column: &Column| is(column, |kind| kind.is_numeric() || matches!(kind, Kind::Time));
    take(&mut classes, "m5", &|column| column.key != object && number(column));
    let written = take(&mut classes, if named { "m6" } else { "m4" }, &|column| {
        is(column, |kind| matches!(kind, Kind::Markdown))
    });
    if !named && !written {
        take(&mut classes, "m4", &|column| !is(column, |kind| matches!(kind, Kind::Bool)));
    }
    if let Some(class) = classes.get_mut(head) {
        *class = if keyed { "m2" } else { "m2 lead" };
    }
    classes
}

fn least_width(columns: &[Column], ticks: bool) -> String {
    let width: u32 = columns.iter().map(|column| column.width.map_or(SHARE, u32::from)).sum();
    format!("{}px", width + if ticks { TICK_WIDTH } else { 0 })
}

fn is_phone() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width <= 640.0)
}

fn window_open(to: &str) -> Option<()> {
    window().open_with_url_and_target(to, "_blank").ok().flatten().map(drop)
}

/// The rows that are drawn, from (included) to (excluded): all of them, or those in view.
fn visible_rows(scroller: NodeRef<html::Div>, windowed: Memo<bool>, rows: Signal<Vec<Record>>) -> Memo<(usize, usize)> {
    let seen = RwSignal::new((0.0, 900.0));
    let density = Theme::get().density;
    Effect::new(move |_| {
        let Some(scroller) = scroller.get().filter(|_| windowed.get()) else { return };
        let look = {
            let scroller = scroller.clone();
            move || seen.set((f64::from(scroller.scroll_top()), f64::from(scroller.client_height())))
        };
        look();
        let resized = look.clone();
        let on_scroll = leptos::ev::scroll;
        let handle = window_event_listener(leptos::ev::resize, move |_| resized());
        on_cleanup(move || handle.remove());
        let listener = wasm_bindgen::closure::Closure::<dyn Fn()>::new(look);
        let name = leptos::tachys::html::event::EventDescriptor::name(&on_scroll).into_owned();
        let _ = scroller.add_event_listener_with_callback(&name, listener.as_ref().unchecked_ref());
        let kept = StoredValue::new_local((scroller, listener));
        on_cleanup(move || {
            kept.try_with_value(|(scroller, listener)| {
                let _ = scroller.remove_event_listener_with_callback(&name, listener.as_ref().unchecked_ref());
            });
        });
    });
    Memo::new(move |_| {
        let count = rows.with(Vec::len);
        if !windowed.get() {
            return (0, count);
        }
        density.track();
        let (top, height) = seen.get();
        let row = row_height();
        // in steps of eight rows, so that scrolling redraws seldom
        let first = ((top / row) as usize).saturating_sub(OVERSCAN) / 8 * 8;
        let shown = (height / row) as usize + 2 * OVERSCAN + 8;
        (first.min(count), (first + shown).min(count))
    })
}

/// What keys need to know about a table.
#[derive(Clone, Copy)]
struct RowKeys {
    rows: Signal<Vec<Record>>,
    columns: Signal<Vec<Column>>,
    names: Signal<Names>,
    cursor: RwSignal<Option<i64>>,
    ticks: Option<RwSignal<BTreeSet<i64>>>,
    scroller: NodeRef<html::Div>,
    windowed: Memo<bool>,
    table: StoredValue<String>,
}

impl RowKeys {
    fn bind(
        self,
        tick: impl Fn(i64, bool) + Copy + Send + Sync + 'static,
        open: impl Fn(&Record, bool) + Clone + Send + Sync + 'static,
    ) {
        let keys = Keys::get();
        for (key, what, by, range) in [
            ("j", "Next row", 1, false),
            ("k", "Previous row", -1, false),
            ("ArrowDown", "", 1, false),
            ("ArrowUp", "", -1, false),
            ("Shift J", "", 1, true),
            ("Shift K", "", -1, true),
            ("Shift ArrowDown", "Select downwards", 1, true),
            ("Shift ArrowUp", "Select upwards", -1, true),
        ] {
            keys.bind_if(Scope::List, key, what, move |_| self.step(by, range));
        }
        let opens = open.clone();
        keys.bind_if(Scope::List, "o", "Open", move |_| {
            self.current().is_some_and(|record| {
                opens(&record, false);
                true
            })
        });
        let opens = open.clone();
        // a link that has the focus opens itself
        keys.bind_if(Scope::List, "Enter", "", move |event| {
            !on_control(&event)
                && self.current().is_some_and(|record| {
                    opens(&record, false);
                    true
                })
        });
        keys.bind_if(Scope::List, "Ctrl Enter", "Open in a new tab", move |_| {
            self.current().is_some_and(|record| {
                open(&record, true);
                true
            })
        });
        if let Some(ticks) = self.ticks {
            keys.bind_if(Scope::List, "x", "Select", move |_| {
                self.current().is_some_and(|record| {
                    tick(record.id, false);
                    true
                })
            });
            keys.bind_if(Scope::List, "Escape", "Clear selection", move |_| {
                let any = !ticks.with_untracked(BTreeSet::is_empty);
                if any {
                    ticks.update(BTreeSet::clear);
                }
                any
            });
        }
        let toasts = Toasts::get();
        keys.bind_if(Scope::List, "y", "Copy the row's key", move |_| {
            self.current().is_some_and(|record| {
                to_clipboard(self.key_of(&record), toasts);
                true
            })
        });
    }

    fn current(self) -> Option<Record> {
        let id = self.cursor.get_untracked()?;
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned())
    }

    /// The first field that has a copy button, else the row in words.
    fn key_of(self, record: &Record) -> String {
        let names = self.names.get_untracked();
        let copied = self.columns.with_untracked(|columns| {
            let column = columns.iter().find(|column| column.field().is_some_and(peerage_model::Field::is_copy));
            column.map(|column| column.words(record, &names))
        });
        copied.unwrap_or_else(|| label(record, names.lookup()))
    }

    /// Moves the cursor; with `range` the row that is left and the one that is reached are ticked.
    fn step(self, by: isize, range: bool) -> bool {
        let (count, at) = self.rows.with_untracked(|rows| {
            let id = self.cursor.get_untracked();
            (rows.len(), rows.iter().position(|row| Some(row.id) == id))
        });
        if count == 0 {
            return false;
        }
        let next = match at {
            None => {
                if by > 0 {
                    0
                } else {
                    count - 1
                }
            }
            Some(at) => at.saturating_add_signed(by).min(count - 1),
        };
        let Some(id) = self.rows.with_untracked(|rows| rows.get(next).map(|row| row.id)) else { return false };
        if let (true, Some(ticks)) = (range, self.ticks) {
            let left = self.cursor.get_untracked();
            ticks.update(|ticks| ticks.extend([left, Some(id)].into_iter().flatten()));
        }
        self.cursor.set(Some(id));
        self.show(next, id);
        true
    }

    /// Puts the focus on the row's link, drawing the row first if it is not in the document.
    fn show(self, index: usize, id: i64) {
        let row = format!("{}-{id}", self.table.get_value());
        if dom::by_id(&row).is_none()
            && self.windowed.get_untracked()
            && let Some(scroller) = self.scroller.get_untracked()
        {
            scroller.set_scroll_top((index as f64 * row_height()) as i32 - scroller.client_height() / 2);
        }
        let focus = move || {
            // another key may have moved on meanwhile
            let still = self.cursor.try_get_untracked().flatten() == Some(id);
            let Some(row) = dom::by_id(&row).filter(|_| still) else { return };
            if let Some(link) = dom::all(&row, "th a").into_iter().next() {
                dom::focus(&link);
            }
            dom::reveal(&row);
        };
        request_animation_frame(move || request_animation_frame(focus));
    }
}

/// Whether the key would press a button or follow a link.
fn on_control(event: &web_sys::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest("a, button, input, select, summary").is_ok_and(|found| found.is_some()))
}
