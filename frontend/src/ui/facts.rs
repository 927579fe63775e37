//! An object's fields on its own page: groups as in the form, label and value on one line each.

use crate::ui::cell::{self, Names, Place};
use leptos::prelude::*;
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

/// All groups of a record.
#[component]
pub fn Facts(
    record: Record,
    names: Names,
    /// Leaves out what is empty.
    #[prop(optional)]
    only_set: bool,
    /// Groups that another part of the page shows.
    #[prop(optional)]
    without: &'static [&'static str],
) -> impl IntoView {
    groups(record.of)
        .into_iter()
        .filter(|(title, _)| !without.contains(title))
        .filter_map(|(title, fields)| {
            let fields: Vec<_> =
                fields.into_iter().filter(|field| !only_set || !record.get(field.name).is_empty()).collect();
            let lines: Vec<_> = fields.into_iter().map(|field| line(field, &record, &names)).collect();
            (!lines.is_empty()).then(|| {
                view! {
                    <section class="sec">
                        <h2>{title}</h2>
                        <dl class="dl plain">{lines}</dl>
                    </section>
                }
            })
        })
        .collect::<Vec<_>>()
}

fn line(field: &'static Field, record: &Record, names: &Names) -> impl IntoView + use<> {
    let tall = matches!(field.kind, Kind::Markdown | Kind::Template | Kind::Json { .. });
    let value = cell::draw(field, record.get(field.name), names, Place::Page);
    view! {
        <div class:tall=tall>
            <dt title=field.help>{field.label()}</dt>
            <dd>{value}</dd>
        </div>
    }
}
