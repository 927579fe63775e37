//! An address that means nothing here: says so and shows the ways on.

use super::head::Head;
use crate::{
    data::place::Place,
    ui::{Empty, LinkButton, dom::href},
};
use leptos::prelude::*;
use peerage_model::{filter::nearest, registry};

#[component]
pub fn Unknown() -> impl IntoView {
    let place = Place::here();
    let path = untrack(|| place.path());
    let lists: Vec<String> = registry::TYPES.iter().map(|of| of.list_path()).collect();
    let near = nearest(&path, lists.iter().map(String::as_str)).map(str::to_owned);
    let near = near.and_then(|near| {
        let of = registry::TYPES.iter().copied().find(|of| of.list_path() == near)?;
        Some(view! { <LinkButton label=of.plural href=href(&near) icon=of.icon /> })
    });
    view! {
        <div class="page">
            <Head title="Not found" />
            <Empty icon="help" title="There is no page at this address" about=format!("{path} may have been mistyped, or belong to another version.")>
                {near}
                <LinkButton label="Overview" href=href("/") icon="overview" />
            </Empty>
        </div>
    }
}
