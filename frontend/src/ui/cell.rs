//! A field's value as somebody reads it, in a table's cell or on an object's page. Everything follows from the field's
//! [`Kind`]; a kind that is not drawn here does not compile.

use crate::ui::{
    Copy, Moment,
    dom::href,
    pager::grouped,
    status::status_of,
    time::{MomentStyle, date_time, took},
};
use leptos::prelude::*;
use peerage_model::{Field, Kind, Lookup, ObjectType, Record, Value, label::label_of, registry};
use std::sync::Arc;

/// What objects that values refer to are called: the record cache, or the page of a list.
#[derive(Clone)]
pub struct Names(Arc<dyn Lookup + Send + Sync>);

impl Names {
    pub fn new(lookup: impl Lookup + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    pub fn label(&self, of: &'static ObjectType, id: i64) -> String {
        label_of(of, id, &*self.0)
    }

    pub fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record> {
        self.0.find(of, id)
    }

    pub fn lookup(&self) -> &dyn Lookup {
        &*self.0
    }
}

/// Knows nobody: references print as numbers.
impl Default for Names {
    fn default() -> Self {
        Self(Arc::new(()))
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// One line of a table.
    Row,
    /// An object's own page.
    Page,
}

/// How wide a column of this field is, in pixels; nothing for those that share what is left.
pub fn width(field: &Field) -> Option<u16> {
    Some(match field.kind {
        Kind::Bool => 92,
        Kind::Int { .. } | Kind::Float { .. } => 104,
        // twelve characters, and the copy button
        Kind::Asn { .. } => 124,
        Kind::IpHost { .. } => 186,
        Kind::IpInterface { .. } | Kind::Prefix => 204,
        Kind::Mac => 140,
        Kind::Colour => 92,
        Kind::Time => 112,
        // 13 px text, the mark and the padding
        Kind::Choice(set) => {
            let longest = set.iter().map(|choice| choice.label.chars().count()).max().unwrap_or_default();
            (longest as u16 * 7 + 40).clamp(96, 220)
        }
        Kind::Secret { .. } => 76,
        Kind::Template => 84,
        _ => return None,
    })
}

/// The classes of its cells.
pub fn class(field: &Field) -> &'static str {
    match field.kind {
        kind if kind.is_numeric() => "num",
        Kind::Asn { .. }
        | Kind::IpHost { .. }
        | Kind::IpInterface { .. }
        | Kind::Prefix
        | Kind::Mac
        | Kind::Slug { .. }
        | Kind::Json { .. } => "mono",
        Kind::Time => "t2",
        _ => "",
    }
}

/// A field of a record. What it is attached to is told by two of its fields together.
pub fn draw_of(record: &Record, field: &'static Field, names: &Names, place: Place) -> AnyView {
    if record.of.attached.is_some_and(|attached| attached.id == field.name)
        && let Some((key, id)) = record.attached_to()
        && let Ok(of) = registry::get(key)
    {
        return view! { <a href=href(&of.object_path(id))>{names.label(of, id)}</a> }.into_any();
    }
    draw(field, record.get(field.name), names, place)
}

/// The value. Empty values leave a cell empty and say 'none' on a page.
pub fn draw(field: &'static Field, value: &Value, names: &Names, place: Place) -> AnyView {
    if value.is_empty() {
        return match place {
            Place::Row => ().into_any(),
            Place::Page => view! { <span class="none">"none"</span> }.into_any(),
        };
    }
    let printed = || field.kind.print(value);
    let row = place == Place::Row;
    match (field.kind, value) {
        (Kind::Secret { .. }, Value::Hidden) => view! { <span class="t3">"set"</span> }.into_any(),
        (Kind::Secret { .. }, _) if row => view! { <span class="t3">"set"</span> }.into_any(),
        (Kind::Secret { .. }, _) => view! { <Secret text=printed() what=field.label() /> }.into_any(),
        (Kind::Bool, Value::Bool(true)) => "Yes".into_any(),
        (Kind::Bool, _) => view! { <span class="t3">"No"</span> }.into_any(),
        (Kind::Int { .. }, Value::Int(milliseconds)) if field.is_span() => took(*milliseconds).into_any(),
        (Kind::Int { names: [], .. }, Value::Int(number)) => match u64::try_from(*number) {
            Ok(number) => grouped(number).into_any(),
            Err(_) => number.to_string().into_any(),
        },
        (Kind::Choice(_), _) => status_of(field, value, false).unwrap_or_else(|| ().into_any()),
        (Kind::Choices(_), Value::Texts(codes)) => codes
            .iter()
            .map(|code| view! { <span class="tag plain">{field.kind.label_of(code).to_owned()}</span> })
            .collect::<Vec<_>>()
            .into_any(),
        (Kind::TextList | Kind::Permissions, Value::Texts(texts)) => texts
            .iter()
            .map(|text| view! { <span class="tag plain">{text.to_string()}</span> })
            .collect::<Vec<_>>()
            .into_any(),
        (Kind::Reference { to, .. }, Value::Int(id)) => {
            let tag = swatch_of(to, *id, names);
            match tag {
                Some(colour) => tag_view(to, *id, colour, names),
                None => view! { <a href=href(&to.object_path(*id))>{names.label(to, *id)}</a> }.into_any(),
            }
        }
        (Kind::References { to }, Value::Ids(ids)) => references(to, ids, names, row),
        (Kind::Time, Value::Time(micros)) => {
            let style = if row { MomentStyle::Short } else { MomentStyle::Whole };
            view! { <Moment micros=*micros style=style /> }.into_any()
        }
        (Kind::Colour, Value::Text(hex)) => view! {
            <span class="swatch" style=("--c", format!("#{hex}"))></span>
            <span class="mono">{hex.to_string()}</span>
        }
        .into_any(),
        (Kind::Url { .. }, Value::Text(url)) => {
            let shown = if row { url.trim_start_matches("https://").to_owned() } else { url.to_string() };
            view! { <a class="link" href=url.to_string() target="_blank" rel="noreferrer noopener">{shown}</a> }
                .into_any()
        }
        (Kind::Email, Value::Text(address)) => {
            view! { <a class="link" href=format!("mailto:{address}")>{address.to_string()}</a> }.into_any()
        }
        (Kind::Template, Value::Text(text)) if row => format!("{} lines", text.lines().count()).into_any(),
        (Kind::Template, Value::Text(text)) => view! { <pre class="text">{text.to_string()}</pre> }.into_any(),
        (Kind::Markdown, Value::Text(text)) if row => text.lines().next().unwrap_or_default().to_owned().into_any(),
        (Kind::Markdown, Value::Text(text)) => view! { <p class="pre">{text.to_string()}</p> }.into_any(),
        (Kind::Json { .. }, Value::Json(json)) if row => json.to_string().into_any(),
        (Kind::Json { .. }, _) => view! { <pre>{printed()}</pre> }.into_any(),
        (
            Kind::Asn { .. }
            | Kind::IpHost { .. }
            | Kind::IpInterface { .. }
            | Kind::Prefix
            | Kind::Mac
            | Kind::Slug { .. },
            _,
        ) => {
            let text = printed();
            view! {
                <span class="mono">{text.clone()}</span>
                {field.is_copy().then(|| view! { <Copy text=text what=field.label() /> })}
            }
            .into_any()
        }
        (Kind::Text { .. }, _) => {
            let text = printed();
            let copy = field.is_copy().then(|| view! { <Copy text=text.clone() what=field.label() /> });
            view! { {text} {copy} }.into_any()
        }
        // a value that does not fit its kind is shown as it is
        (
            Kind::Int { .. }
            | Kind::Float { .. }
            | Kind::IntList
            | Kind::Time
            | Kind::Choices(_)
            | Kind::TextList
            | Kind::Permissions
            | Kind::Reference { .. }
            | Kind::References { .. }
            | Kind::Colour
            | Kind::Url { .. }
            | Kind::Email
            | Kind::Template
            | Kind::Markdown,
            _,
        ) => printed().into_any(),
    }
}

/// The colour of an object of a type that has one: tags.
pub fn swatch_of(of: &'static ObjectType, id: i64, names: &Names) -> Option<String> {
    let field = of.fields.iter().position(|field| matches!(field.kind, Kind::Colour))?;
    let record = names.find(of, id);
    let hex = record.as_ref().and_then(|record| record.at(field).as_text()).unwrap_or_default();
    Some(if hex.is_empty() { "var(--text-3)".to_owned() } else { format!("#{hex}") })
}

fn tag_view(of: &'static ObjectType, id: i64, colour: String, names: &Names) -> AnyView {
    view! { <a class="tag" href=href(&of.object_path(id)) style=("--c", colour)>{names.label(of, id)}</a> }.into_any()
}

/// How many of a list fit into a row.
const IN_A_ROW: usize = 3;

fn references(to: &'static ObjectType, ids: &[i64], names: &Names, row: bool) -> AnyView {
    let shown = if row { ids.len().min(IN_A_ROW) } else { ids.len() };
    let rest = ids.len() - shown;
    let links = ids[..shown].iter().enumerate().map(|(at, id)| match swatch_of(to, *id, names) {
        Some(colour) => tag_view(to, *id, colour, names),
        None => view! {
            {(at > 0).then_some(", ")}
            <a href=href(&to.object_path(*id))>{names.label(to, *id)}</a>
        }
        .into_any(),
    });
    view! {
        {links.collect::<Vec<_>>()}
        {(rest > 0).then(|| view! { <span class="t3">{format!(" +{rest}")}</span> })}
    }
    .into_any()
}

/// The value in words only: for changes, titles, sorting groups.
pub fn words(field: &Field, value: &Value, names: &Names) -> String {
    match (field.kind, value) {
        (Kind::Reference { to, .. }, Value::Int(id)) => names.label(to, *id),
        (Kind::References { to }, Value::Ids(ids)) => {
            ids.iter().map(|id| names.label(to, *id)).collect::<Vec<_>>().join(", ")
        }
        (Kind::Choice(_), Value::Text(code)) => field.kind.label_of(code).to_owned(),
        (Kind::Time, Value::Time(micros)) => date_time(*micros),
        (_, Value::Hidden) => "set, not shown".to_owned(),
        (kind, value) => kind.print(value),
    }
}

/// A secret, shown on demand.
#[component]
fn Secret(text: String, what: String) -> impl IntoView {
    let shown = RwSignal::new(false);
    let copy = text.clone();
    let press = move |_| shown.update(|shown| *shown = !*shown);
    view! {
        <span class="row">
            <span class="mono">{move || if shown.get() { text.clone() } else { "••••••••".to_owned() }}</span>
            <button type="button" class="link small" on:click=press>
                {move || if shown.get() { "Hide" } else { "Reveal" }}
            </button>
            <Copy text=copy what=what />
        </span>
    }
}
