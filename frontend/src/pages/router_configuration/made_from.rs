//! What a router's configuration is made from: its template and who changed that last, the templates that it includes, the
//! router's config context, and how much data was at hand.

use super::super::{
    changes::{changes_of, moment},
    list::{a_few, rows_of},
    studio,
};
use crate::{
    data::{Session, Stored, api, fetched, place::Place, use_list},
    shell::lower,
    ui::{
        LinkButton, Look, Names, Section,
        cell::{self, Place as Where},
        dom::href,
        pager::grouped,
        time::MomentStyle,
    },
};
use leptos::prelude::*;
use peerage_app::{
    records::{ObjectContext, config_context},
    rendering::{Included, Rendered},
};
use peerage_model::{
    Field, Origin, Record,
    permit::View,
    registry,
    types::{CHANGE, CONFIG_CONTEXT, CONFIGURATION, LSTRIP_BLOCKS, ROUTER, TRIM_BLOCKS},
};

/// What the server read for the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Sources {
    includes: Vec<Included>,
    objects: Vec<(String, usize)>,
}

impl Sources {
    pub fn of(rendered: &Rendered) -> Self {
        Self { includes: rendered.includes.clone(), objects: rendered.objects.clone() }
    }
}

#[component]
pub fn MadeFrom(
    router: i64,
    template: i64,
    record: Signal<Option<Record>>,
    sources: Signal<Option<Sources>>,
) -> impl IntoView {
    let session = Session::get();
    let name =
        move || record.with(|record| record.as_ref().map(|record| record.text("name").to_owned()).unwrap_or_default());
    let in_studio = href(&format!("{}?router={router}", studio::address(&CONFIGURATION, template)));
    let request = Memo::new(move |_| {
        session.allows::<View>(&CHANGE).then(|| a_few(&CHANGE, changes_of(&CONFIGURATION, template), "-time,-id", 1))
    });
    let newest = use_list(request.into());
    let changed = move || match rows_of(newest).first() {
        Some(change) => {
            let by =
                Some(change.text("user_name").to_owned()).filter(|by| !by.is_empty()).map(|by| format!(" by {by}"));
            Some(
                view! {
                    <a class="link" href=href(&CHANGE.object_path(change.id))>{moment(change, MomentStyle::Ago)}</a>
                    {by}
                }
                .into_any(),
            )
        }
        None => record.with(|record| {
            let at = record.as_ref()?.get("updated").as_time()?;
            Some(view! { <crate::ui::Moment micros=at style=MomentStyle::Ago /> }.into_any())
        }),
    };
    let switches = move || {
        let record = record.get()?;
        let switch = |field: &'static Field| {
            let value = cell::draw_of(&record, field, &Names::new(Stored), Where::Page);
            view! { <div><dt>{field.label()}</dt><dd>{value}</dd></div> }
        };
        Some(
            [TRIM_BLOCKS, LSTRIP_BLOCKS]
                .iter()
                .filter_map(|own| CONFIGURATION.field(own.name))
                .map(switch)
                .collect::<Vec<_>>(),
        )
    };
    let includes = move || {
        sources.get().map(|sources| match sources.includes.as_slice() {
            [] => view! { <span class="none">"nothing"</span> }.into_any(),
            some => some.iter().map(include).collect::<Vec<_>>().into_any(),
        })
    };
    let objects = move || sources.with(|sources| sources.as_ref().map(|sources| counts(&sources.objects)));
    let sees_context = move || session.allows::<View>(&CONFIG_CONTEXT);
    view! {
        <Section title="Made from">
            <dl class="dl two">
                <div>
                    <dt>"Template"</dt>
                    <dd class="row tight">
                        <a class="link" href=href(&CONFIGURATION.object_path(template))>{name}</a>
                        <LinkButton label="Open it in the studio" icon="code" icon_only=true small=true look=Look::Ghost href=in_studio />
                    </dd>
                </div>
                <div><dt>"Changed"</dt><dd>{changed}</dd></div>
                {switches}
                <div class="tall"><dt>"Includes"</dt><dd>{includes}</dd></div>
                <Show when=sees_context>
                    <div><dt>"Context"</dt><dd><Context router=router /></dd></div>
                </Show>
                <div class="tall"><dt>"Data"</dt><dd>{objects}</dd></div>
            </dl>
        </Section>
    }
}

fn include(included: &Included) -> AnyView {
    let label = included.label.clone();
    match registry::get(&included.object.of) {
        Ok(of) => {
            let kind = (!of.is(&CONFIGURATION)).then(|| format!(" ({})", lower(of.name)));
            view! { <p><a class="link" href=href(&of.object_path(included.object.id))>{label}</a> {kind}</p> }
                .into_any()
        }
        Err(_) => view! { <p>{label}</p> }.into_any(),
    }
}

/// `12 IX sessions, 6 autonomous systems`: what people wrote; rows of PeeringDB follow from them. Sessions come first.
fn counts(objects: &[(String, usize)]) -> AnyView {
    let told = objects.iter().rev().filter_map(|(of, count)| {
        let of = registry::get(of).ok().filter(|of| of.origin == Origin::Operator && !of.is(&ROUTER))?;
        let name = if *count == 1 { of.name } else { of.plural };
        Some(format!("{} {}", grouped(*count as u64), lower(name)).replace(' ', "\u{a0}"))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        view! { <span class="none">"nothing but the router"</span> }.into_any()
    } else {
        told.join(", ").into_any()
    }
}

/// How many values templates find in the router's context, and who says them.
#[component]
fn Context(router: i64) -> impl IntoView {
    let object = api::object(&ROUTER, router);
    let told = fetched(
        Signal::stored(Some(())),
        |()| None,
        move |()| {
            let object = object.clone();
            async move { api::ask(config_context(object)).await }
        },
    );
    let tab = Place::here().tab("context");
    move || {
        told.data.with(|told| told.as_ref().map(in_words)).map(|words| match words {
            None => view! { <span class="none">"nothing"</span> }.into_any(),
            Some(words) => view! { <a class="link" href=tab.clone()>{words}</a> }.into_any(),
        })
    }
}

/// `3 values from Edge, Local context data`
fn in_words(told: &ObjectContext) -> Option<String> {
    let from: Vec<&str> = told.parts.iter().map(|part| part.label.as_str()).collect();
    let values = told.values.len();
    (!from.is_empty())
        .then(|| format!("{values} {} from {}", if values == 1 { "value" } else { "values" }, from.join(", ")))
}
