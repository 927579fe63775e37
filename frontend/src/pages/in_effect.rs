//! What is true of an object in the end, and whose word that is: its own fields, its network's, its group's or exchange's, its
//! router's. The rules are the model's and run on the server, which has what they look at.

use crate::{
    data::{api, fetched},
    ui::{ErrorPanel, dom::href, pager::grouped, status::status_of},
};
use leptos::prelude::*;
use peerage_app::records::{Effective, InEffect as Said, Overridden, effective_values};
use peerage_model::{ObjectType, Value, problem::in_sentence, registry, wire::ObjectRef};
use serde_json::Value as Json;

/// A section of an object's page; nothing where nothing is inherited.
#[component]
pub fn InEffect(of: &'static ObjectType, id: i64) -> impl IntoView {
    let own = api::object(of, id);
    let asked = own.clone();
    let ask = move |()| {
        let object = asked.clone();
        async move { api::ask(effective_values(object)).await }
    };
    let told = fetched(Signal::stored(Some(())), |()| None, ask);
    move || {
        let said = match (told.data.get(), told.problem.get()) {
            (None, Some(problem)) => {
                return Some(view! { <ErrorPanel problem=problem retry=move |()| told.reload() /> }.into_any());
            }
            (said, _) => said.filter(|said| !said.is_empty())?,
        };
        let lines: Vec<_> = said.into_iter().map(|said| line(of, &own, said)).collect();
        Some(
            view! {
                <section class="sec">
                    <h2>"In effect"</h2>
                    <dl class="dl plain">{lines}</dl>
                </section>
            }
            .into_any(),
        )
    }
}

fn line(of: &'static ObjectType, own: &ObjectRef, said: Said) -> impl IntoView + use<> {
    let none = said.values.is_empty() && !said.withheld;
    let values: Vec<_> = said.values.iter().map(|value| one(of, own, &said.name, value)).collect();
    view! {
        <div>
            <dt>{said.label}</dt>
            <dd class="said">
                {values}
                {none.then(|| view! { <span class="t3">"none"</span> })}
                {said.withheld.then(|| view! { <span class="small t3">"Not all of it is open to you."</span> })}
            </dd>
        </div>
    }
}

fn one(of: &'static ObjectType, own: &ObjectRef, name: &str, said: &Effective) -> AnyView {
    let plain = |value: &Json| {
        let words = match value {
            Json::Null => "not said".to_owned(),
            Json::Bool(true) => "Yes".to_owned(),
            Json::Bool(false) => "No".to_owned(),
            Json::Number(number) => number.as_u64().map(grouped).unwrap_or_default(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        match (&said.object, of.field(name)) {
            (Some(object), _) => link(object, words),
            (None, Some(field)) => {
                status_of(field, &Value::text(words.as_str()), true).unwrap_or_else(|| words.into_any())
            }
            (None, None) => words.into_any(),
        }
    };
    let what = plain(&said.value);
    // what it is says where it comes from
    let is_itself = said.object.as_ref() == Some(&said.origin);
    let whose = if is_itself { ().into_any() } else { whose_word(own, &said.origin, &said.origin_label) };
    let overrode: Vec<_> = said
        .overrode
        .iter()
        .map(|Overridden { value, origin, origin_label }| {
            let whose = whose_word(own, origin, origin_label);
            if *value == said.value {
                view! { <span class="small"><span class="t3">"also "</span> {whose}</span> }.into_any()
            } else {
                view! { <span class="small"><span class="t3">"instead of "</span> {plain(value)} " " {whose}</span> }
                    .into_any()
            }
        })
        .collect();
    view! { <p><span>{what}</span> <span class="small">{whose}</span> {overrode}</p> }.into_any()
}

fn whose_word(own: &ObjectRef, origin: &ObjectRef, label: &str) -> AnyView {
    if origin == own {
        return view! { <span class="t3">"its own"</span> }.into_any();
    }
    let kind = registry::get(&origin.of).map(|of| in_sentence(of.name)).unwrap_or_default();
    view! { <span class="t3">"from " {kind} " "</span> {link(origin, label.to_owned())} }.into_any()
}

fn link(object: &ObjectRef, words: String) -> AnyView {
    match registry::get(&object.of) {
        Ok(of) => view! { <a href=href(&of.object_path(object.id))>{words}</a> }.into_any(),
        Err(_) => words.into_any(),
    }
}
