//! Leaving networks out of what is proposed, one or many, until a day and with a reason.

use super::layout::{Found, Row};
use crate::{
    data::{api, undo},
    ui::{Button, Dialog, Look, Toasts, form::Slot, input::Control, pager::grouped},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peers::{Hide, hide_peers};
use peerage_model::{Problem, Value, problem::FieldProblem, types::HIDDEN_PEER};
use std::collections::BTreeSet;

/// Who is to be hidden.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hiding {
    /// Ids of `net` and `ixlan`.
    peers: Vec<(i64, i64)>,
    /// In the title of the question.
    words: String,
}

impl Hiding {
    /// The networks of some rows, wherever they meet us in what is looked at.
    pub fn of(found: &Found, rows: &[&Row]) -> Self {
        let networks: BTreeSet<usize> = rows.iter().map(|row| row.network).collect();
        let all = found.rows.iter().filter(|row| networks.contains(&row.network));
        let pair = |row: &Row| {
            let network = found.network(row).id;
            found.ports(row).filter_map(|(exchange, _)| Some((network, exchange.lan?))).collect::<Vec<_>>()
        };
        let peers: BTreeSet<(i64, i64)> = all.flat_map(pair).collect();
        let words = match rows {
            [] => String::new(),
            [row] => found.network(row).name.clone(),
            _ => format!("{} networks", grouped(networks.len() as u64)),
        };
        Self { peers: peers.into_iter().collect(), words }
    }
}

/// Open while somebody is to be hidden.
#[component]
pub fn HideDialog(hiding: RwSignal<Option<Hiding>>, #[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(hiding.with(Option::is_some)));
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            hiding.set(None);
        }
        now
    });
    let toasts = Toasts::get();
    let slot = |name: &str| HIDDEN_PEER.field(name).map(|field| Slot::alone(field, field.default_value()));
    let (until, comments) = (slot("until"), slot("comments"));
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<Problem>);
    let words = move || hiding.with(|hiding| hiding.as_ref().map(|hiding| hiding.words.clone()).unwrap_or_default());
    let hide = move |()| {
        let Some(wanted) = hiding.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let value = |slot: Option<Slot>| slot.map_or(Value::Null, |slot| slot.value.get_untracked());
        let until = value(until);
        let until = match (until.is_null(), HIDDEN_PEER.field("until")) {
            (false, Some(field)) => field.kind.to_json(&until).as_str().map(str::to_owned),
            _ => None,
        };
        let comments = value(comments).as_text().unwrap_or_default().to_owned();
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(hide_peers(Hide { peers: wanted.peers, until, comments })).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    hiding.try_set(None);
                    api::written(&[&HIDDEN_PEER]);
                    undo::done(toasts, format!("Hid {}", wanted.words), Some(done.request));
                    on_done.try_run(());
                }
                Err(problem) => drop(refused.try_set(Some(problem))),
            }
        });
    };
    let foot = move || {
        view! {
            <Button label="Cancel" on_press=move |()| hiding.set(None) />
            <Button label="Hide" look=Look::Primary busy=busy on_press=hide />
        }
    };
    let why = move || {
        refused.get().map(|problem| {
            let first = problem.fields.first().map(|first: &FieldProblem| first.message.clone());
            view! { <p class="is-bad" role="alert">{first.unwrap_or(problem.message)}</p> }
        })
    };
    view! {
        <Dialog open=open title=Signal::derive(move || format!("Hide {}?", words())) foot=foot>
            <p class="t2">"They are left out of the available peers of the exchanges shown here, and come back by themselves on the day."</p>
            {why}
            {until.map(|slot| view! { <label class="field"><span>"Until"</span><Control entry=slot label="Hidden until" /></label> })}
            {comments.map(|slot| view! { <label class="field"><span>"Why"</span><Control entry=slot label="Why" /></label> })}
        </Dialog>
    }
}
