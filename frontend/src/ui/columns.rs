//! What a list shows, from left to right. A column is a field path of the type (`autonomous_system.asn`), or one that a
//! page draws itself; which are shown is a list of keys, kept in the address bar.

use crate::ui::{
    Button, Look,
    cell::{self, Names, Place},
    dom::{self, Align},
};
use leptos::{html, prelude::*};
use peerage_model::{Field, Kind, ObjectType, Record, filter::Path};
use std::sync::Arc;

type DrawCell = Arc<dyn Fn(&Record, &Names) -> AnyView + Send + Sync>;

/// One column.
#[derive(Clone)]
pub struct Column {
    /// Its field path, or a name of the page's own.
    pub key: String,
    pub label: String,
    /// Pixels; nothing: shares what is left.
    pub width: Option<u16>,
    pub path: Option<Path>,
    draw: Option<DrawCell>,
}

impl Column {
    /// A field of the type, or of one that it refers to.
    ///
    /// # Errors
    /// A sentence naming the nearest known field.
    pub fn parse(of: &'static ObjectType, key: &str) -> Result<Self, String> {
        let path = Path::parse(of, key)?;
        let mut label = path.field().label();
        if let Some(hop) = path.hops().last() {
            label = format!("{}: {label}", hop.label());
        }
        // wide enough for its name, too
        let name = 28 + 6 * u16::try_from(label.chars().count()).unwrap_or(20).min(20);
        let width = cell::width(path.field()).map(|width| width.max(name));
        Ok(Self { key: key.to_owned(), label, width, path: Some(path), draw: None })
    }

    /// One that the page draws.
    pub fn custom(
        key: impl Into<String>,
        label: impl Into<String>,
        width: impl Into<Option<u16>>,
        draw: impl Fn(&Record, &Names) -> AnyView + Send + Sync + 'static,
    ) -> Self {
        Self { key: key.into(), label: label.into(), width: width.into(), path: None, draw: Some(Arc::new(draw)) }
    }

    /// What a newcomer sees.
    pub fn defaults(of: &'static ObjectType) -> Vec<Self> {
        Self::of_fields(of, Field::is_column)
    }

    /// All of the type's own.
    pub fn all(of: &'static ObjectType) -> Vec<Self> {
        Self::of_fields(of, |_| true)
    }

    fn of_fields(of: &'static ObjectType, wanted: impl Fn(&Field) -> bool) -> Vec<Self> {
        let fields = of.fields.iter().filter(|field| !field.is_internal() && !field.is_hidden() && wanted(field));
        fields.filter_map(|field| Self::parse(of, field.name).ok()).collect()
    }

    /// By their keys; unknown ones are left out, none means the defaults.
    pub fn from_keys<'a>(of: &'static ObjectType, keys: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let columns: Vec<Self> = keys.into_iter().filter_map(|key| Self::parse(of, key).ok()).collect();
        if columns.is_empty() { Self::defaults(of) } else { columns }
    }

    pub fn field(&self) -> Option<&'static Field> {
        self.path.as_ref().map(Path::field)
    }

    pub fn is_sortable(&self) -> bool {
        self.field().is_some_and(|field| field.kind.is_sortable())
    }

    pub fn is_numeric(&self) -> bool {
        self.field().is_some_and(|field| field.kind.is_numeric())
    }

    pub(super) fn is_status(&self) -> bool {
        self.field().is_some_and(|field| matches!(field.kind, Kind::Choice(_)))
    }

    pub(super) fn class(&self) -> &'static str {
        self.field().map_or("", cell::class)
    }

    /// A record's cell.
    pub fn cell(&self, record: &Record, names: &Names) -> AnyView {
        match (&self.draw, &self.path) {
            (Some(draw), _) => draw(record, names),
            (None, Some(path)) if path.hops().is_empty() && path.field().name != "id" => {
                cell::draw_of(record, path.field(), names, Place::Row)
            }
            (None, Some(path)) => cell::draw(path.field(), &path.value(record, names.lookup()), names, Place::Row),
            (None, None) => ().into_any(),
        }
    }

    /// The cell in words.
    pub fn words(&self, record: &Record, names: &Names) -> String {
        self.path
            .as_ref()
            .map(|path| cell::words(path.field(), &path.value(record, names.lookup()), names))
            .unwrap_or_default()
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// A button that opens the list of columns: tick to show, arrows to move.
#[component]
pub fn ColumnChooser(
    of: &'static ObjectType,
    /// Keys of the shown columns, in order.
    #[prop(into)]
    shown: Signal<Vec<String>>,
    /// Empty: back to the defaults.
    #[prop(into)]
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let id = dom::fresh_id("columns");
    let target = id.clone();
    let button = NodeRef::<html::Button>::new();
    let popover = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let toggled = move |_| {
        let (Some(button), Some(popover)) = (button.get_untracked(), popover.get_untracked()) else { return };
        open.set(dom::is_open(&popover));
        if dom::is_open(&popover) {
            request_animation_frame(move || dom::show_at(&popover, &button, Align::End));
        }
    };
    let change = move |key: &str, edit: &dyn Fn(&mut Vec<String>, Option<usize>)| {
        let mut keys = shown.get_untracked();
        let at = keys.iter().position(|known| known == key);
        edit(&mut keys, at);
        on_change.run(keys);
    };
    let line = move |column: Column| {
        let key = StoredValue::new(column.key);
        let place = move || key.with_value(|key| shown.with(|shown| shown.iter().position(|known| known == key)));
        let toggle = move |_| {
            key.with_value(|key| {
                change(key, &|keys, at| match at {
                    Some(at) if keys.len() > 1 => drop(keys.remove(at)),
                    Some(_) => {}
                    None => keys.push(key.clone()),
                });
            });
        };
        let step = move |by: isize| {
            key.with_value(|key| {
                change(key, &|keys, at| {
                    if let Some(at) = at
                        && let Some(to) = at.checked_add_signed(by).filter(|to| *to < keys.len())
                    {
                        keys.swap(at, to);
                    }
                });
            });
        };
        let label = column.label;
        view! {
            <li>
                <label>
                    <input type="checkbox" class="tick" prop:checked=move || place().is_some() on:change=toggle />
                    <span class="clip">{label.clone()}</span>
                </label>
                <Show when=move || place().is_some()>
                    <Button label=format!("Move {label} up") icon="up" icon_only=true small=true look=Look::Ghost on_press=move |()| step(-1) />
                    <Button label=format!("Move {label} down") icon="dn" icon_only=true small=true look=Look::Ghost on_press=move |()| step(1) />
                </Show>
            </li>
        }
    };
    // shown ones first and in their order, then the rest in the description's
    let lines = move || {
        let keys = shown.get();
        let mut columns: Vec<Column> = keys.iter().filter_map(|key| Column::parse(of, key).ok()).collect();
        columns.extend(Column::all(of).into_iter().filter(|column| !keys.contains(&column.key)));
        columns
    };
    view! {
        <button type="button" class="btn ghost" node_ref=button popovertarget=target aria-expanded=move || open.get().to_string()>
            <crate::ui::Icon name="columns" size=14 />
            "Columns"
        </button>
        <div class="pop" id=id popover="auto" node_ref=popover role="dialog" aria-label="Columns" on:toggle=toggled>
            <Show when=move || open.get()>
                <div class="ptitle">
                    "Columns"
                    <span class="end">
                        <Button label="Defaults" small=true look=Look::Ghost on_press=move |()| on_change.run(Vec::new()) />
                    </span>
                </div>
                <ul class="cols">
                    <For each=lines key=|column| column.key.clone() children=line />
                </ul>
            </Show>
        </div>
    }
}
