//! The head of a page: its only `h1`, what stands beside it, and its actions. Drawing it also tells the frame the title
//! of the window and the way here. A route change puts the focus on the title.

use crate::{
    shell::{Crumb, Frame, section_of},
    ui::dialog::Part,
};
use leptos::prelude::*;
use peerage_model::ObjectType;

/// What a page begins with.
#[component]
pub fn Head(
    #[prop(into)] title: Signal<String>,
    /// The type that the page is about: begins the way here.
    #[prop(optional, into)]
    of: Option<&'static ObjectType>,
    /// Steps between the type's list and this page.
    #[prop(optional, into)]
    via: Signal<Vec<Crumb>>,
    /// The last step; the title, if not said.
    #[prop(optional, into)]
    leaf: Option<Signal<String>>,
    /// Grey, after the title: how many.
    #[prop(optional, into)]
    count: Signal<String>,
    /// Beside the title: status, copy.
    #[prop(optional, into)]
    aside: Part,
    #[prop(optional, into)] actions: Part,
    /// With a line under it: no tabs or filters follow.
    #[prop(optional)]
    ruled: bool,
) -> impl IntoView {
    let frame = Frame::get();
    Effect::new(move |_| {
        let title = title.get();
        let mut crumbs = Vec::new();
        if let Some(of) = of {
            let section = section_of(of);
            let to = (of.app == "peeringdb").then(|| "/peeringdb".to_owned());
            crumbs.push(Crumb::new(section, to));
            crumbs.push(Crumb::new(of.plural, of.list_path()));
        }
        crumbs.extend(via.get());
        let leaf = leaf.map_or_else(|| title.clone(), |leaf| leaf.get());
        if crumbs.last().is_none_or(|last| last.label != leaf) {
            crumbs.push(Crumb::new(leaf, None));
        }
        frame.show(&title, crumbs);
    });
    view! {
        <div class="head" class:ruled=ruled>
            <h1 tabindex="-1">
                {title}
                {move || {
                    let count = count.get();
                    (!count.is_empty()).then(|| view! { " " <span class="count">{count}</span> })
                }}
            </h1>
            {aside.draw()}
            {actions.draw().map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
}
