//! What templates find in an object's config context: the merged data, and of each value which context says it and which ones say
//! something else. The rules are the model's and run on the server.

use crate::{
    data::{api, fetched},
    ui::{Copy, ErrorPanel, SkeletonLines, dom::href},
};
use leptos::prelude::*;
use peerage_app::records::{ContextPart, ContextValue, ObjectContext, config_context};
use peerage_model::{ObjectType, registry};

/// The tab of an object that can have a context.
#[component]
pub fn ConfigContext(of: &'static ObjectType, id: i64) -> impl IntoView {
    let object = api::object(of, id);
    let ask = move |()| {
        let object = object.clone();
        async move { api::ask(config_context(object)).await }
    };
    let told = fetched(Signal::stored(Some(())), |()| None, ask);
    let draw = move || match (told.data.get(), told.problem.get()) {
        (Some(context), _) => drawn(&context),
        (None, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| told.reload() /> }.into_any(),
        (None, None) => view! { <SkeletonLines /> }.into_any(),
    };
    view! { <div class="scroll">{draw}</div> }
}

fn drawn(told: &ObjectContext) -> AnyView {
    if told.parts.is_empty() {
        return view! {
            <p class="sec t3">
                "No context is assigned to it, and it has no local context data: templates find nothing here."
            </p>
        }
        .into_any();
    }
    let text = serde_json::to_string_pretty(&told.context).unwrap_or_default();
    let values: Vec<_> = told.values.iter().map(|value| line(value, &told.parts)).collect();
    let parts: Vec<_> = told.parts.iter().rev().map(part).collect();
    view! {
        <section class="sec">
            <h2>"Values"</h2>
            <dl class="dl plain">{values}</dl>
        </section>
        <section class="sec">
            <h2>"Where they come from" <span class="t3">"the strongest first"</span></h2>
            <dl class="dl plain">{parts}</dl>
        </section>
        <section class="sec">
            <h2>
                "As templates see it"
                <span class="end"><Copy text=text.clone() what="Config context" always=true /></span>
            </h2>
        </section>
        <pre class="text">{text}</pre>
    }
    .into_any()
}

fn line(value: &ContextValue, parts: &[ContextPart]) -> impl IntoView + use<> {
    let overrode: Vec<_> = value.overrode.iter().filter_map(|at| parts.get(*at)).map(link).collect();
    let with: Vec<_> = value.with.iter().filter_map(|at| parts.get(*at)).map(link).collect();
    let from = parts.get(value.from).map(link);
    view! {
        <div>
            <dt class="mono">{value.path.join(".")}</dt>
            <dd class="said">
                <p>
                    <span class="mono">{value.value.to_string()}</span>
                    " "
                    <span class="small t3">"from " {from}</span>
                    {(!with.is_empty()).then(|| view! { <span class="small t3">" with " {with}</span> })}
                    {(!overrode.is_empty()).then(|| view! { <span class="small t3">" instead of " {overrode}</span> })}
                </p>
            </dd>
        </div>
    }
}

fn part(part: &ContextPart) -> impl IntoView + use<> {
    let weight = part.weight.map_or_else(|| "always wins".to_owned(), |weight| format!("weight {weight}"));
    view! {
        <div class="tall">
            <dt>{link(part)} " " <span class="small t3">{weight}</span></dt>
            <dd><pre>{serde_json::to_string_pretty(&part.data).unwrap_or_default()}</pre></dd>
        </div>
    }
}

/// The context; local data lead nowhere else.
fn link(part: &ContextPart) -> AnyView {
    match (part.weight, registry::get(&part.object.of)) {
        (Some(_), Ok(of)) => {
            view! { <a href=href(&of.object_path(part.object.id))>{part.label.clone()}</a> " " }.into_any()
        }
        _ => part.label.clone().into_any(),
    }
}
