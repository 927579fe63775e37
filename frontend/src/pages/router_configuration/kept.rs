//! The version of a router's configuration that is kept: the text that the last push brought, or that a check found in place.
//! It stands sealed in the push's record; whoever may not see secrets is not given it.

use super::super::{
    list::rows_of,
    studio::lines::{Change, changes},
};
use crate::{
    data::{Fetched, Session, api, fetched, place::Place, use_list},
    ui::{LinkButton, Moment, Section, Status, dom::href, pager::grouped, status::status_of, time::MomentStyle},
};
use leptos::prelude::*;
use peerage_app::devices::{Texts, push_texts};
use peerage_model::{
    Problem, Record, Tone,
    permit::View,
    query::ListRequest,
    types::{CHECK, PUSH, PushOutcome},
};
use std::sync::Arc;

/// What is known of it.
#[derive(Clone, Copy)]
pub struct Kept {
    /// The push or check; inner none: there is none, outer none: not known yet.
    push: Memo<Option<Option<Record>>>,
    /// Why that is not known.
    problem: RwSignal<Option<Problem>>,
    texts: Fetched<Texts>,
    /// Its text, for whoever may see it.
    pub text: Memo<Option<Arc<str>>>,
}

/// That of a router.
pub fn use_kept(router: i64) -> Kept {
    let session = Session::get();
    let request = Memo::new(move |_| {
        let ran = PushOutcome::RAN.map(PushOutcome::code).join(",");
        session.allows::<View>(&PUSH).then(|| ListRequest {
            filter: format!("router:{router} outcome:{ran}"),
            sort: "-id".to_owned(),
            per_page: 1,
            fields: ["time", "mode", "outcome", "user_name"].map(str::to_owned).to_vec(),
            ..ListRequest::of(&PUSH)
        })
    });
    let found = use_list(request.into());
    let push = Memo::new(move |_| found.data.with(Option::is_some).then(|| rows_of(found).into_iter().next()));
    let id = Memo::new(move |_| push.with(|push| push.as_ref()?.as_ref().map(|push| push.id)));
    let texts: Fetched<Texts> = fetched(id.into(), |_| None, |push: i64| api::ask(push_texts(push)));
    let text = Memo::new(move |_| {
        texts.data.with(|texts| texts.as_ref().filter(|texts| !texts.masked).map(|texts| texts.text.as_str().into()))
    });
    Kept { push, problem: found.problem, texts, text }
}

impl Kept {
    /// Where `shown` differs from it.
    pub fn changes(self, shown: Memo<Option<Arc<str>>>) -> Memo<Vec<Change>> {
        Memo::new(move |_| match (self.text.get(), shown.get()) {
            (Some(kept), Some(shown)) => changes(&kept, &shown),
            _ => Vec::new(),
        })
    }
}

#[component]
pub fn KeptVersion(kept: Kept, changed: Memo<Vec<Change>>, shown: Memo<Option<Arc<str>>>) -> impl IntoView {
    let body = move || match (kept.push.get(), kept.problem.get()) {
        (None, None) => None,
        (None, Some(problem)) => Some(view! { <p class="small t2">{problem.message}</p> }.into_any()),
        (Some(None), _) => Some(nothing(shown)),
        (Some(Some(push)), _) => Some(
            view! {
                {line(&push)}
                <p class="small t2">{move || beside(kept, changed, shown)}</p>
            }
            .into_any(),
        ),
    };
    view! {
        <Show when=move || kept.push.with(Option::is_some) || kept.problem.with(Option::is_some)>
            <Section title="Last kept version">{body}</Section>
        </Show>
    }
}

/// How it came to be kept.
fn line(push: &Record) -> AnyView {
    let state = PUSH.field("outcome").and_then(|field| status_of(field, push.get("outcome"), false));
    let what = if push.text("mode") == CHECK { "check" } else { "push" };
    let by = Some(push.text("user_name").to_owned()).filter(|by| !by.is_empty()).map(|by| format!(" by {by}"));
    view! {
        <p>
            {state}
            " "
            <a class="link" href=href(&PUSH.object_path(push.id))>{format!("{what} #{}", push.id)}</a>
            " "
            <span class="t3">{push.get("time").as_time().map(|micros| view! { <Moment micros=micros style=MomentStyle::Ago /> })} {by}</span>
        </p>
    }
    .into_any()
}

/// How it compares with the text that is shown.
fn beside(kept: Kept, changed: Memo<Vec<Change>>, shown: Memo<Option<Arc<str>>>) -> AnyView {
    if kept.texts.data.with(|texts| texts.as_ref().is_some_and(|texts| texts.masked)) {
        return "It may hold passwords, which you may not see. The page of the push shows what it changed, without them."
            .into_any();
    }
    if let Some(problem) = kept.texts.problem.get() {
        return problem.message.into_any();
    }
    if kept.text.with(Option::is_none) {
        return ().into_any();
    }
    if shown.with(Option::is_none) {
        return "It is what the router was given; it stays until a push brings another.".into_any();
    }
    let (mut added, mut gone) = (0, 0);
    changed.with(|changed| {
        changed.iter().for_each(|change| {
            added += change.lines;
            gone += change.gone;
        })
    });
    if added + gone == 0 {
        view! { <Status tone=Tone::Ok word="The text here is the same" /> }.into_any()
    } else {
        let words = format!("The text here differs: +{} −{} lines", grouped(added as u64), grouped(gone as u64));
        view! { <Status tone=Tone::Info word=words /> }.into_any()
    }
}

/// There is none: what it would be, and how it comes to be.
fn nothing(shown: Memo<Option<Arc<str>>>) -> AnyView {
    let would = move || {
        let lines = shown.with(|text| text.as_ref().map(|text| text.lines().count()))?;
        Some(format!(" It would be these {} lines.", grouped(lines as u64)))
    };
    view! {
        <p class="small t2">
            "There is none: no push has brought a configuration to this router yet, and no check has found one in place."
            {would}
        </p>
        <p class="row spaced"><LinkButton label="On the router" icon="push" small=true href=Place::here().tab("state") /></p>
    }
    .into_any()
}
