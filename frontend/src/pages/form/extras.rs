//! What the forms of single types have besides their fields, as a table: a type and what is drawn above them.

use super::{direct_addresses::DirectAddresses, peer_addresses::PeerAddresses};
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

static EXTRAS: &[Extra] = &[
    Extra { of: &types::AUTONOMOUS_SYSTEM, draw: |form| view! { <PeeringDbOffer form=form /> }.into_any() },
    Extra { of: &types::DIRECT_SESSION, draw: |form| view! { <DirectAddresses form=form /> }.into_any() },
    Extra { of: &types::IX_SESSION, draw: |form| view! { <PeerAddresses form=form /> }.into_any() },
];

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
    // what a press filled in, whatever number it was for: nobody typed that
    let filled = RwSignal::new(Vec::<Filled>::new());
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
            None => view! { <Offered form=form offer=offer filled=filled /> }.into_any(),
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

/// What stands in a field because of "Fill in", and what stood there before.
#[derive(Clone)]
struct Filled {
    slot: Slot,
    value: Value,
    before: Value,
}

impl Filled {
    /// It was not typed over since; tracked.
    fn stands(&self) -> bool {
        self.slot.value.with(|now| *now == self.value)
    }
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
    fn is_open(&self, base: &Record, filled: &[Filled]) -> bool {
        let name = self.slot.field.name;
        let untouched = self.slot.value.with(|now| now == base.get(name) || now.is_empty())
            || filled.iter().any(|filled| filled.slot.field.name == name && filled.stands());
        untouched && self.slot.unread.get().is_none() && self.slot.value.with(|now| *now != self.value)
    }

    /// Something else was typed there; tracked.
    fn is_kept(&self, base: &Record, filled: &[Filled]) -> bool {
        !self.is_open(base, filled) && self.slot.value.with(|now| *now != self.value)
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
fn Offered(form: Form, offer: Offer, filled: RwSignal<Vec<Filled>>) -> impl IntoView {
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
    let among = move |is: fn(&Told, &Record, &[Filled]) -> bool| {
        let base = base.get_value();
        filled.with(|filled| {
            told.with_value(|told| told.iter().filter(|told| is(told, &base, filled)).cloned().collect::<Vec<_>>())
        })
    };
    let open = move || among(Told::is_open);
    let fill = move |()| {
        let mut now = filled.get_untracked();
        for told in untrack(open) {
            let (slot, value, mut before) = (told.slot, told.value.clone(), told.slot.value.get_untracked());
            // filled in for another number before that: what stood there at first is what comes back
            if let Some(at) = now.iter().position(|filled| filled.slot.field.name == slot.field.name) {
                let first = now.remove(at);
                if untrack(|| first.stands()) {
                    before = first.before;
                }
            }
            told.fill();
            now.push(Filled { slot, value, before });
        }
        filled.set(now);
    };
    let take_back = move |()| {
        for filled in filled.get_untracked() {
            if untrack(|| filled.stands()) {
                filled.slot.value.set(filled.before);
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
    let kept = move || among(Told::is_kept).into_iter().map(|told| view! { <Kept told=told /> }).collect::<Vec<_>>();
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
