//! Whether the server renders the same bytes as this browser did. Both run the same renderer, so a difference means that
//! something changed between the two, or that the template prints the time; it is told in lines, never hidden.

use super::lines::changes;
use crate::{
    data::api,
    ui::{Icon, Status},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::rendering::{Rendered, render_export, render_router};
use peerage_model::Tone;
use std::sync::Arc;

/// What the comparison came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ServerCheck {
    #[default]
    NotAsked,
    Asking,
    Same,
    /// So many places differ.
    Differs(usize),
    Failed(String),
}

/// Which text: a router's, or that of an export template over all of its type.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    Router(i64),
    Export(i64),
}

/// Compares `text` with what the server renders now; `heard` hears what that was made from.
pub fn ask(of: Asked, text: Arc<str>, into: RwSignal<ServerCheck>, heard: impl FnOnce(&Rendered) + 'static) {
    into.set(ServerCheck::Asking);
    spawn_local(async move {
        let answer = match of {
            Asked::Router(router) => api::ask(render_router(router)).await,
            Asked::Export(template) => api::ask(render_export(template, None)).await,
        };
        if let Ok(theirs) = &answer {
            heard(theirs);
        }
        into.try_set(match answer {
            Ok(theirs) if *theirs.text == *text => ServerCheck::Same,
            Ok(theirs) => ServerCheck::Differs(changes(&theirs.text, &text).len().max(1)),
            Err(problem) => ServerCheck::Failed(problem.message),
        });
    });
}

/// The result in a few words.
#[component]
pub fn ServerBadge(#[prop(into)] check: Signal<ServerCheck>) -> impl IntoView {
    move || {
        match check.get() {
        ServerCheck::NotAsked => ().into_any(),
        ServerCheck::Asking => view! { <span class="t3" data-testid="server-check">"asking the server…"</span> }.into_any(),
        ServerCheck::Same => view! {
            <span class="row tight" data-testid="server-check">"identical on the server" <Icon name="check" size=12 class="is-ok" /></span>
        }
        .into_any(),
        ServerCheck::Differs(places) => {
            let word = if places == 1 { "differs from the server in 1 place".to_owned() } else { format!("differs from the server in {places} places") };
            view! {
                <span data-testid="server-check" title="Something was changed meanwhile, or the template prints the time.">
                    <Status tone=Tone::Warn word=word />
                </span>
            }
            .into_any()
        }
        ServerCheck::Failed(why) => view! {
            <span data-testid="server-check" title=why><Status tone=Tone::Warn word="not compared with the server" /></span>
        }
        .into_any(),
    }
    }
}
