//! Leaving networks out of what is proposed, one or many, until a day and with a reason.

use super::layout::{Found, Row};
use crate::{
    data::{api, undo},
    ui::{Button, Dialog, FieldRow, Look, Toasts, form::Slot, pager::grouped},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peers::{Hide, hide_peers};
use peerage_model::types::HIDDEN_PEER;
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
pub fn HideDialog(hiding: RwSignal<Option<Hiding>>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now {
            hiding.set(None);
        }
        now
    });
    let toasts = Toasts::get();
    let slots: Vec<Slot> = ["until", "comments"]
        .into_iter()
        .filter_map(|name| HIDDEN_PEER.field(name))
        .map(|field| Slot::alone(field, field.default_value()))
        .collect();
    let slots = StoredValue::new(slots);
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let wanted = hiding.with(Option::is_some);
        if wanted {
            // of somebody else before
            slots.with_value(|slots| slots.iter().for_each(|slot| slot.reset()));
            refused.set(None);
        }
        open.set(wanted);
    });
    let words = move || hiding.with(|hiding| hiding.as_ref().map(|hiding| hiding.words.clone()).unwrap_or_default());
    let hide = move |()| {
        let Some(wanted) = hiding.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        // a day that cannot be read would be "for good"
        if slots.with_value(|slots| slots.iter().any(|slot| untrack(|| slot.wrong()).is_some())) {
            return;
        }
        let said = |name: &str| {
            let slot = slots.with_value(|slots| slots.iter().find(|slot| slot.field.name == name).copied())?;
            let value = slot.value.get_untracked();
            (!value.is_empty()).then(|| slot.field.kind.to_json(&value))?.as_str().map(str::to_owned)
        };
        let (until, comments) = (said("until"), said("comments").unwrap_or_default());
        slots.with_value(|slots| slots.iter().for_each(|slot| slot.problem.set(None)));
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(hide_peers(Hide { peers: wanted.peers, until, comments })).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    hiding.try_set(None);
                    api::written(&[&HIDDEN_PEER]);
                    undo::done(toasts, format!("Hid {}", wanted.words), Some(done.request));
                }
                Err(problem) => {
                    // at its field, if it has one here
                    let mut left = Vec::new();
                    for found in &problem.fields {
                        let field = found.field.rsplit('.').next().unwrap_or_default();
                        match slots.with_value(|slots| slots.iter().find(|slot| slot.field.name == field).copied()) {
                            Some(slot) => slot.say(&found.message, false),
                            None => left.push(found.message.clone()),
                        }
                    }
                    let words = if problem.fields.is_empty() { problem.message } else { left.join(" ") };
                    refused.try_set(Some(words).filter(|words| !words.is_empty()));
                }
            }
        });
    };
    let foot = move || {
        view! {
            <Button label="Cancel" on_press=move |()| hiding.set(None) />
            <Button label="Hide" look=Look::Primary busy=busy on_press=hide />
        }
    };
    let why = move || refused.get().map(|words| view! { <p class="is-bad" role="alert">{words}</p> });
    view! {
        <Dialog open=open title=Signal::derive(move || format!("Hide {}?", words())) foot=foot>
            <p class="t2">"They are left out of the available peers of the exchanges shown here, and come back by themselves on the day."</p>
            {why}
            {slots.get_value().into_iter().map(|slot| view! { <FieldRow entry=slot stacked=true /> }).collect::<Vec<_>>()}
        </Dialog>
    }
}
