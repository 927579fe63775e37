//! What the forms of single types have besides their fields, as a table: a type and what is drawn above them.

use crate::{
    data::api,
    ui::{Button, Form, Icon, LinkButton, Names, cell::words, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peeringdb::{Offer, peeringdb_offer};
use peerage_model::{ObjectType, Value, types};
use std::time::Duration;

struct Extra {
    of: &'static ObjectType,
    draw: fn(Form) -> AnyView,
}

static EXTRAS: &[Extra] =
    &[Extra { of: &types::AUTONOMOUS_SYSTEM, draw: |form| view! { <PeeringDbOffer form=form /> }.into_any() }];

/// What the form of this type begins with.
pub fn draw(form: Form) -> Vec<AnyView> {
    EXTRAS.iter().filter(|extra| extra.of.is(form.of)).map(|extra| (extra.draw)(form)).collect()
}

/// Pause in typing after which PeeringDB's cache is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// An AS number that the PeeringDB cache knows offers to fill what is still empty.
#[component]
fn PeeringDbOffer(form: Form) -> impl IntoView {
    let offer = RwSignal::new(None::<Offer>);
    let Some(asn) = form.entry("asn") else { return ().into_any() };
    let turn = StoredValue::new(0u32);
    let was = form.base().int("asn");
    Effect::new(move |_| {
        let number = asn.value.with(Value::as_int);
        let wrong = asn.unread.get().is_some();
        let now = turn.get_value() + 1;
        turn.set_value(now);
        let number = number.filter(|number| !wrong && (form.is_new() || Some(*number) != was));
        let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else {
            offer.set(None);
            return;
        };
        set_timeout(
            move || {
                if turn.try_get_value() != Some(now) {
                    return;
                }
                spawn_local(async move {
                    let answer = api::ask(peeringdb_offer(number)).await;
                    if turn.try_get_value() == Some(now) {
                        offer.set(answer.ok().flatten());
                    }
                });
            },
            PAUSE,
        );
    });
    let shown = move || {
        offer.get().map(|offer| match offer.existing {
            Some(id) => already(id),
            None => view! { <Offered form=form offer=offer /> }.into_any(),
        })
    };
    view! { <div role="status">{shown}</div> }.into_any()
}

fn already(id: i64) -> AnyView {
    view! {
        <div class="notice warn">
            <Icon name="alert" />
            "You have this autonomous system already."
            <span class="end">
                <LinkButton label="Open it" href=href(&types::AUTONOMOUS_SYSTEM.object_path(id)) small=true />
            </span>
        </div>
    }
    .into_any()
}

/// What PeeringDB says, in words, and the button that fills it in.
#[component]
fn Offered(form: Form, offer: Offer) -> impl IntoView {
    let names = use_context::<Names>().unwrap_or_default();
    let named = offer.record.fields.clone();
    let Some(record) = offer.record.resolve().ok().and_then(|mut records| records.pop()) else {
        return ().into_any();
    };
    // what is as in any new record was not told
    let told: Vec<(&'static peerage_model::Field, Value)> = record
        .iter()
        .filter(|(field, value)| {
            field.name != "asn"
                && named.iter().any(|name| name == field.name)
                && !value.is_empty()
                && **value != field.default_value()
        })
        .map(|(field, value)| (field, value.clone()))
        .collect();
    // the switches say nothing to a person
    let summary: Vec<String> = told
        .iter()
        .filter(|(_, value)| value.as_bool().is_none())
        .map(|(field, value)| format!("{} {}", field.label(), words(field, value, &names)))
        .collect();
    let told = StoredValue::new(told);
    let base = StoredValue::new(form.base());
    let open = move || {
        told.with_value(|told| {
            told.iter()
                .filter_map(|(field, value)| Some((form.entry(field.name)?, value.clone())))
                .filter(|(entry, value)| {
                    let untouched = base.with_value(|base| entry.value.with(|now| now == base.get(entry.field.name)));
                    let empty = entry.value.with(Value::is_empty);
                    (untouched || empty) && entry.unread.get().is_none() && entry.value.with(|now| now != value)
                })
                .collect::<Vec<_>>()
        })
    };
    let fill = move |()| {
        for (entry, value) in untrack(open) {
            entry.value.set(value);
            entry.problem.set(None);
        }
    };
    let button = move || {
        if open().is_empty() {
            view! { <span class="t3">"Nothing left to fill in"</span> }.into_any()
        } else {
            view! { <Button label="Fill in" small=true on_press=fill /> }.into_any()
        }
    };
    view! {
        <div class="notice info">
            <Icon name="db" />
            <span>
                <b class="w5">"PeeringDB: "</b>
                {summary.join(" · ")}
            </span>
            <span class="end">{button}</span>
        </div>
    }
    .into_any()
}
