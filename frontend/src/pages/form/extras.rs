//! What the forms of single types have besides their fields, as a table: a type and what is drawn above them.

use crate::{
    data::api,
    ui::{Button, Form, Icon, LinkButton, Look, Names, cell::words, dom::href, form::Slot},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peeringdb::{Offer, peeringdb_offer};
use peerage_model::{ObjectType, Record, Value, types};
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

/// A value that PeeringDB has, beside the form's.
#[derive(Clone)]
struct Told {
    slot: Slot,
    value: Value,
    words: String,
}

impl Told {
    /// Nothing was typed there: it may be filled. Tracked.
    fn is_open(&self, base: &Record) -> bool {
        let untouched = self.slot.value.with(|now| now == base.get(self.slot.field.name) || now.is_empty());
        untouched && self.slot.unread.get().is_none() && self.slot.value.with(|now| *now != self.value)
    }

    /// Something else was typed there; tracked.
    fn is_kept(&self, base: &Record) -> bool {
        !self.is_open(base) && self.slot.value.with(|now| *now != self.value)
    }

    fn fill(&self) {
        self.slot.unread.set(None);
        self.slot.problem.set(None);
        self.slot.value.set(self.value.clone());
    }
}

/// What PeeringDB says, in words. One press fills what is empty or untouched, another takes that back; what was typed stays,
/// with PeeringDB's word beside it.
#[component]
fn Offered(form: Form, offer: Offer) -> impl IntoView {
    let names = use_context::<Names>().unwrap_or_default();
    let named = offer.record.fields.clone();
    let Some(record) = offer.record.resolve().ok().and_then(|mut records| records.pop()) else {
        return ().into_any();
    };
    // what is as in any new record was not told
    let told: Vec<Told> = record
        .iter()
        .filter(|(field, value)| {
            let is_told = field.name != "asn" && named.iter().any(|name| name == field.name);
            is_told && !value.is_empty() && **value != field.default_value()
        })
        .filter_map(|(field, value)| {
            let words = words(field, value, &names);
            Some(Told { slot: form.entry(field.name)?, value: value.clone(), words })
        })
        .collect();
    let summary: Vec<String> = told.iter().map(|told| format!("{} {}", told.slot.field.label(), told.words)).collect();
    let told = StoredValue::new(told);
    let base = StoredValue::new(form.base());
    let open = move || {
        let base = base.get_value();
        told.with_value(|told| told.iter().filter(|told| told.is_open(&base)).cloned().collect::<Vec<_>>())
    };
    // what stood in the fields before the press
    let filled = RwSignal::new(Vec::<(Told, Value)>::new());
    let fill = move |()| {
        let before: Vec<(Told, Value)> =
            untrack(open).into_iter().map(|told| (told.clone(), told.slot.value.get_untracked())).collect();
        before.iter().for_each(|(told, _)| told.fill());
        filled.set(before);
    };
    let take_back = move |()| {
        for (told, before) in filled.get_untracked() {
            // what was typed over it since stays
            if told.slot.value.with_untracked(|now| *now == told.value) {
                told.slot.value.set(before);
            }
        }
        filled.set(Vec::new());
    };
    let buttons = move || {
        if !open().is_empty() {
            view! { <Button label="Fill in" small=true on_press=fill /> }.into_any()
        } else if filled.with(|filled| !filled.is_empty()) {
            view! { <span class="t3">"Filled in"</span> " " <Button label="Undo" small=true look=Look::Ghost on_press=take_back /> }.into_any()
        } else {
            view! { <span class="t3">"Nothing left to fill in"</span> }.into_any()
        }
    };
    let kept = move || {
        let base = base.get_value();
        let kept = told.with_value(|told| told.iter().filter(|told| told.is_kept(&base)).cloned().collect::<Vec<_>>());
        kept.into_iter().map(|told| view! { <Kept told=told /> }).collect::<Vec<_>>()
    };
    view! {
        <div class="notice info">
            <Icon name="db" />
            <span>
                <b class="w5">"PeeringDB: "</b>
                {summary.join(" · ")}
            </span>
            <span class="end row">{buttons}</span>
        </div>
        {kept}
    }
    .into_any()
}

/// Something else was typed than PeeringDB has.
#[component]
fn Kept(told: Told) -> impl IntoView {
    let label = told.slot.field.label();
    let take = {
        let told = told.clone();
        move |()| told.fill()
    };
    view! {
        <p class="notice">
            <Icon name="info" />
            <span>
                <b class="w5">{label.clone()}</b>
                ": what you typed stays. PeeringDB has "
                <span class="now">{told.words}</span>
            </span>
            <span class="end">
                <Button label="Take that" small=true look=Look::Ghost on_press=take />
            </span>
        </p>
    }
}
