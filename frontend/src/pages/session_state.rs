//! How a session is: its state with its age, its prefixes by address family, and how it fared in the last week; and how all
//! sessions at an exchange fared together.

use super::list::{a_few, rows_of};
use crate::{
    data::{Fetched, api, fetched, use_list},
    ui::{Moment, Section, Spark, dom::href, status::status_of, time::MomentStyle},
};
use leptos::prelude::*;
use peerage_app::devices::{History, exchange_history, session_history};
use peerage_model::{
    Record, Value,
    types::{Hours, IX_SESSION, SESSION_TRANSITION, Together},
};

/// What stands beside a session's fields.
#[component]
pub fn SessionState(record: Record) -> impl IntoView {
    if record.get("polled").is_null() {
        return ().into_any();
    }
    let (of, id) = (record.of, record.id);
    let key = of.key();
    let histories: Fetched<Vec<History>> =
        fetched(Signal::stored(Some(id)), |_| None, move |id: i64| api::ask(session_history(key.clone(), vec![id])));
    let field = if of.is(&IX_SESSION) { "ix_session" } else { "direct_session" };
    let changes = use_list(Signal::stored(Some(a_few(&SESSION_TRANSITION, format!("{field}:{id}"), "-time,-id", 5))));
    let state = of.field("bgp_state").and_then(|field| status_of(field, record.get("bgp_state"), true));
    let since = record.get("state_since").as_time();
    let polled = record.get("polled").as_time();
    let drawn = move || {
        histories.data.with(|data| {
            let hours = &data.as_ref()?.first()?.hours;
            Some(hours_drawn(hours))
        })
    };
    let log = move || {
        rows_of(changes)
            .into_iter()
            .map(|change| {
                let at = change.get("time").as_time().unwrap_or_default();
                let to =
                    SESSION_TRANSITION.field("after").and_then(|field| status_of(field, change.get("after"), false));
                let reason = change.text("reason").to_owned();
                view! {
                    <li>
                        <a href=href(&SESSION_TRANSITION.object_path(change.id))>{to}</a>
                        <Moment micros=at style=MomentStyle::Ago />
                        <p>{reason}</p>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <Section title="Session">
            <p class="row spaced" data-testid="session-state">
                {state}
                {since.map(|at| view! { <span class="t3">"since " <Moment micros=at style=MomentStyle::Ago /></span> })}
            </p>
            {families(&record)}
            {drawn}
            <ul class="log">{log}</ul>
            {polled.map(|at| view! { <p class="small t3">"as of " <Moment micros=at style=MomentStyle::Ago /></p> })}
        </Section>
    }
    .into_any()
}

/// Prefixes by address family; what the router does not tell is a dash.
fn families(record: &Record) -> Option<AnyView> {
    let Value::Json(json) = record.get("families") else { return None };
    let rows = json.as_array()?.iter().map(|family| {
        let count = |name: &str| family[name].as_u64().map_or_else(|| "–".to_owned(), |count| count.to_string());
        let name =
            format!("{} {}", family["afi"].as_str().unwrap_or_default(), family["safi"].as_str().unwrap_or_default());
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td>{count("received")}</td>
                <td>{count("accepted")}</td>
                <td>{count("advertised")}</td>
            </tr>
        }
    });
    let rows = rows.collect::<Vec<_>>();
    (!rows.is_empty()).then(|| {
        view! {
            <table class="mini">
                <caption class="sr">"Prefixes"</caption>
                <thead><tr><th scope="col">"Prefixes"</th><th scope="col">"Received"</th><th scope="col">"Accepted"</th><th scope="col">"Advertised"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    })
}

/// The last week: how many prefixes came, and in how many hours it was up.
fn hours_drawn(hours: &Hours) -> AnyView {
    let known: Vec<u8> = hours.up.iter().flatten().copied().collect();
    let up = known.iter().filter(|up| **up == 1).count();
    let values = hours.up.iter().zip(&hours.prefixes).map(|(up, prefixes)| match (up, prefixes) {
        (None, _) => None,
        (Some(0), _) => Some(0.0),
        (Some(_), prefixes) => Some(prefixes.map_or(1.0, |prefixes| prefixes as f64)),
    });
    let values: Vec<Option<f64>> = values.collect();
    let looked = known.len();
    let words = format!("up at the end of {up} of {looked} {}", if looked == 1 { "hour" } else { "hours" });
    let label = format!("Prefixes hour by hour, {words}");
    view! {
        <Spark values=values label=label class="spark big" />
        <p class="small t3" data-testid="availability">{words}</p>
    }
    .into_any()
}

/// What stands beside an exchange's fields: how its sessions fared together. Nothing while no router was asked.
#[component]
pub fn ExchangeState(exchange: i64) -> impl IntoView {
    let history: Fetched<Together> =
        fetched(Signal::stored(Some(exchange)), |_| None, |exchange: i64| api::ask(exchange_history(exchange)));
    move || history.data.with(|data| data.as_ref().and_then(together_drawn))
}

fn together_drawn(together: &Together) -> Option<AnyView> {
    let percent = together.percent()?;
    let share = |(up, seen): (&u32, &u32)| (*seen > 0).then(|| f64::from(*up) / f64::from(*seen));
    let values: Vec<Option<f64>> = together.up.iter().zip(&together.seen).map(share).collect();
    let looked = together.seen.iter().filter(|seen| **seen > 0).count();
    let (up, seen) = together.up.iter().zip(&together.seen).rfind(|(_, seen)| **seen > 0)?;
    // never rounded up to all
    let percent = if percent > 99.9 && percent < 100.0 { 99.9 } else { percent };
    let words = format!("{percent:.1} % up over {looked} {}", if looked == 1 { "hour" } else { "hours" });
    let label = format!("Established sessions hour by hour, {words}");
    let last = format!("{up} of {seen} enabled sessions were established when looked at last");
    Some(
        view! {
            <Section title="Availability">
                <Spark values=values label=label class="spark big" />
                <p class="small" data-testid="availability">{words}</p>
                <p class="small t3">{last}</p>
            </Section>
        }
        .into_any(),
    )
}
