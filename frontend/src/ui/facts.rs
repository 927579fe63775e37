//! An object's fields on its own page: groups as in the form, label and value on one line each.

use crate::ui::{
    Icon,
    cell::{self, Names, Place},
    dom::{self, Align},
};
use leptos::{html, prelude::*};
use peerage_model::{Field, Kind, ObjectType, Record};

/// A type's fields by the groups that its description begins, each with its title.
pub fn groups(of: &'static ObjectType) -> Vec<(&'static str, Vec<&'static Field>)> {
    let mut groups: Vec<(&'static str, Vec<&'static Field>)> = Vec::new();
    for field in of.fields.iter().filter(|field| !field.is_internal() && !field.is_hidden()) {
        match (field.group, groups.last_mut()) {
            (None, Some((_, fields))) => fields.push(field),
            (group, _) => groups.push((group.unwrap_or(of.name), vec![field])),
        }
    }
    groups
}

/// Which groups of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    #[default]
    All,
    /// Without the last, if there are several: a rail shows that one.
    Main,
    /// The last one only, if there are several; narrow.
    Last,
}

/// The groups of a record.
#[component]
pub fn Facts(
    record: Record,
    names: Names,
    /// Leaves out what is empty.
    #[prop(optional)]
    only_set: bool,
    #[prop(optional)] which: Which,
) -> impl IntoView {
    let groups = groups(record.of);
    let last = if groups.len() > 1 { groups.len() - 1 } else { groups.len() };
    let class = if which == Which::Last { "dl two" } else { "dl plain" };
    groups
        .into_iter()
        .enumerate()
        .filter(|(at, _)| match which {
            Which::All => true,
            Which::Main => *at != last,
            Which::Last => *at == last,
        })
        .filter_map(|(_, (title, fields))| {
            let fields: Vec<_> =
                fields.into_iter().filter(|field| !only_set || !record.get(field.name).is_empty()).collect();
            let lines: Vec<_> = fields.into_iter().map(|field| line(field, &record, &names)).collect();
            (!lines.is_empty()).then(|| {
                view! {
                    <section class="sec">
                        <h2>{title}</h2>
                        <dl class=class>{lines}</dl>
                    </section>
                }
            })
        })
        .collect::<Vec<_>>()
}

fn line(field: &'static Field, record: &Record, names: &Names) -> impl IntoView + use<> {
    let tall = matches!(field.kind, Kind::Markdown | Kind::Template | Kind::Json { .. });
    let value = cell::draw_of(record, field, names, Place::Page);
    view! {
        <div class:tall=tall>
            <dt>
                {field.label()}
                {(!field.help.is_empty()).then(|| view! { " " <Help field=field /> })}
            </dt>
            <dd>{value}</dd>
        </div>
    }
}

/// What a field means, on a mark beside its label: seen when the line is pointed at or the mark has the focus.
#[component]
fn Help(field: &'static Field) -> impl IntoView {
    let id = dom::fresh_id("help");
    let tip = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let shown = RwSignal::new(false);
    let show = move || {
        shown.set(true);
        request_animation_frame(move || {
            if let (Some(tip), Some(button), true) =
                (tip.get_untracked(), button.get_untracked(), shown.get_untracked())
            {
                dom::show_at(&tip, &button, Align::Start);
            }
        });
    };
    let hide = move || {
        shown.set(false);
        if let Some(tip) = tip.get_untracked() {
            dom::hide(&tip);
        }
    };
    view! {
        <button
            type="button"
            class="copy"
            node_ref=button
            aria-label=format!("About {}", field.label())
            aria-describedby=id.clone()
            on:pointerenter=move |_| show()
            on:pointerleave=move |_| hide()
            on:focus=move |_| show()
            on:blur=move |_| hide()
            on:click=move |_| show()
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    hide();
                }
            }
        >
            <Icon name="info" size=14 />
        </button>
        <div class="tip" role="tooltip" id=id popover="manual" node_ref=tip>{field.help}</div>
    }
}
