//! One AS follows PeeringDB now, as far as its switches allow: the button on its page, and what came of it.

use crate::{
    data::{Session, api, undo},
    ui::{Button, Toasts},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peeringdb::{OneSynchronised, synchronise_one};
use peerage_model::{Record, permit::Change, types};

/// Nothing for private numbers, which PeeringDB does not know.
#[component]
pub fn Synchronise(record: Memo<Option<Record>>) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let busy = RwSignal::new(false);
    let press = move |()| {
        let Some(id) = record.with_untracked(|record| record.as_ref().map(|record| record.id)) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(synchronise_one(id)).await;
            busy.try_set(false);
            match answer {
                Ok(OneSynchronised::Changed { fields, request }) => {
                    session.changed();
                    undo::done(toasts, format!("Taken from PeeringDB: {}", fields.join(", ")), Some(request));
                }
                Ok(OneSynchronised::Same { kept }) if kept.is_empty() => toasts.say("It is as in PeeringDB already."),
                Ok(OneSynchronised::Same { kept }) => toasts.say(format!(
                    "Nothing to take: what differs ({}) is not to follow PeeringDB. Edit it to change that.",
                    kept.join(", ")
                )),
                Ok(OneSynchronised::Private) => toasts.say("Its number is private: PeeringDB does not know it."),
                Ok(OneSynchronised::Unknown) => {
                    toasts.say("PeeringDB does not list this number, or was not synchronised yet.");
                }
                Err(problem) => toasts.failed("It was not synchronised", &problem),
            }
        });
    };
    move || {
        let public = record.with(|record| record.as_ref().is_some_and(|record| !types::is_private(record)));
        let may = public && session.may::<Change>(&types::AUTONOMOUS_SYSTEM);
        may.then(|| view! { <Button label="Synchronise" icon="poll" busy=busy on_press=press /> })
    }
}
