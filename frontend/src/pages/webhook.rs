//! Webhooks beside their fields: trying one out, what it was told last, and a delivery with what was answered.

use super::list::{a_few, rows_of};
use crate::{
    data::{Session, Stored, api, place::Place, use_list},
    ui::{
        Button, Facts, Icon, Look, Moment, Names, Section, Toasts, dom::href, facts::Which, status::status_of,
        time::MomentStyle,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::webhooks::{Underway, replay_delivery, test_webhook};
use peerage_model::{
    Problem, Record,
    permit::{Change, View},
    types::{DeliveryStatus, WEBHOOK, WEBHOOK_DELIVERY},
};

/// What can be done with a webhook.
#[component]
pub fn Actions(record: Record) -> impl IntoView {
    let id = record.id;
    let busy = RwSignal::new(false);
    let session = Session::get();
    let press = move |()| underway(busy, "The test was not sent", move || api::ask(test_webhook(id)));
    untrack(|| session.may::<Change>(&WEBHOOK)).then(|| {
        view! { <Button label="Send a test" icon="hook" busy=busy on_press=press class="keep" /> }
    })
}

/// Asks for a delivery, and shows it.
fn underway<F: Future<Output = Result<Underway, Problem>> + 'static>(
    busy: RwSignal<bool>,
    failed: &'static str,
    ask: impl FnOnce() -> F + 'static,
) {
    let (place, toasts) = (Place::here(), Toasts::get());
    busy.set(true);
    spawn_local(async move {
        let answer = ask().await;
        busy.try_set(false);
        match answer {
            Ok(underway) => {
                api::written(&[&WEBHOOK_DELIVERY]);
                place.go(&WEBHOOK_DELIVERY.object_path(underway.delivery));
            }
            Err(problem) => toasts.failed(failed, &problem),
        }
    });
}

/// What a webhook was told last.
#[component]
pub fn Newest(record: Record) -> impl IntoView {
    let id = record.id;
    if !untrack(|| Session::get().allows::<View>(&WEBHOOK_DELIVERY)) {
        return ().into_any();
    }
    let newest = use_list(Signal::stored(Some(a_few(&WEBHOOK_DELIVERY, format!("webhook:{id}"), "-id", 6))));
    let draw = move || {
        let rows = rows_of(newest);
        if rows.is_empty() {
            return view! { <p class="t3">"It was told nothing yet."</p> }.into_any();
        }
        let line = |delivery: Record| {
            let at = delivery.get("time").as_time().unwrap_or_default();
            let words = delivery.text("outcome").to_owned();
            view! {
                <li>
                    <a href=href(&WEBHOOK_DELIVERY.object_path(delivery.id))>{state(&delivery)}</a>
                    <Moment micros=at style=MomentStyle::Ago />
                    <p>{words}</p>
                </li>
            }
        };
        view! { <ul class="log" data-testid="deliveries">{rows.into_iter().map(line).collect::<Vec<_>>()}</ul> }
            .into_any()
    };
    view! { <Section title="Newest deliveries">{draw}</Section> }.into_any()
}

fn state(delivery: &Record) -> Option<AnyView> {
    WEBHOOK_DELIVERY.field("status").and_then(|field| status_of(field, delivery.get("status"), true))
}

/// A delivery: how it stands, what was answered, and the way to send it again.
#[component]
pub fn Delivery(delivery: Signal<Option<Record>>) -> impl IntoView {
    let id = untrack(|| delivery.with(|delivery| delivery.as_ref().map(|delivery| delivery.id))).unwrap_or_default();
    let busy = RwSignal::new(false);
    let session = Session::get();
    let status = Memo::new(move |_| delivery.with(|delivery| delivery.as_ref().and_then(DeliveryStatus::of)));
    let again = move |()| underway(busy, "It was not sent again", move || api::ask(replay_delivery(id)));
    let may =
        move || session.may::<Change>(&WEBHOOK) && status.get().is_some_and(|status| status != DeliveryStatus::Waiting);
    view! {
        <div class="split railed">
            <div>
                <section class="sec">
                    <h2>
                        "Result"
                        <span class="end row">
                            <Show when=may>
                                <Button label="Send again" icon="poll" small=true look=Look::Primary busy=busy on_press=again />
                            </Show>
                        </span>
                    </h2>
                    {move || delivery.get().map(standing)}
                </section>
                {move || delivery.get().and_then(answer)}
            </div>
            <aside class="rail" aria-label="More about it">
                {move || {
                    delivery.get().map(|record| view! { <Facts record=record names=Names::new(Stored) which=Which::Main only_set=true /> })
                }}
            </aside>
        </div>
    }
}

/// In a sentence.
fn standing(delivery: Record) -> AnyView {
    let words = delivery.text("outcome").to_owned();
    let due = delivery.get("due").as_time();
    let is_waiting = DeliveryStatus::of(&delivery) == Some(DeliveryStatus::Waiting);
    let class = if DeliveryStatus::of(&delivery) == Some(DeliveryStatus::Failed) { "prob" } else { "t2" };
    let icon = (class == "prob").then(|| view! { <Icon name="alert" /> " " });
    let next = match (is_waiting, words.is_empty(), due) {
        (true, true, _) => Some(view! { "It waits for its turn." }.into_any()),
        (true, false, Some(micros)) => {
            Some(view! { " It is tried again " <Moment micros=micros style=MomentStyle::Ago /> "." }.into_any())
        }
        _ => None,
    };
    view! {
        <p class="row spaced" role="status" data-testid="outcome">
            {state(&delivery)}
            <span class=class>{icon}<span>{words}{next}</span></span>
        </p>
    }
    .into_any()
}

fn answer(delivery: Record) -> Option<AnyView> {
    let text = delivery.text("answer").to_owned();
    (!text.is_empty()).then(|| {
        view! {
            <section class="sec flush"><h2>"Answer" <span class="t3">"as it begins"</span></h2></section>
            <pre class="text">{text}</pre>
        }
        .into_any()
    })
}
