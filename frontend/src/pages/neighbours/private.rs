//! With whom a private interconnection could be made: everybody in the buildings that we are in, best first. Which building, which
//! words and whether those are shown with whom there is a direct session already stands in the address bar.

use super::{numbers, town};
use crate::{
    data::{
        Fetched, api, fetched,
        place::{Place, address},
    },
    pages::head::Head,
    ui::{Empty, ErrorPanel, Icon, LinkButton, Look, SkeletonTable, dom::href, pager::grouped},
};
use leptos::prelude::*;
use peerage_app::neighbours::{Candidate, Candidates, OurFacility, find_candidates};
use peerage_model::{
    available::score::{Meeting, reasons, score, traffic},
    peeringdb::{FACILITY, NETWORK},
    permit::Add,
    types::{AUTONOMOUS_SYSTEM, DIRECT_SESSION},
};
use std::sync::Arc;

/// Rows that are drawn; the filters find the rest.
const SHOWN: usize = 200;

#[component]
pub fn PrivateInterconnection() -> impl IntoView {
    let place = Place::here();
    let asked: Fetched<Arc<Candidates>> =
        fetched(Signal::stored(Some(())), |()| None, |()| async { api::ask(find_candidates()).await.map(Arc::new) });
    let count = Signal::derive(move || {
        asked.data.with(|data| {
            data.as_ref().filter(|told| told.reason.is_empty()).map_or_else(String::new, |told| {
                let buildings = told.facilities.len();
                let plural = if buildings == 1 { "facility" } else { "facilities" };
                format!("{} networks in {buildings} {plural} of yours", grouped(told.networks.len() as u64))
            })
        })
    });
    let body = move || match (asked.data.get(), asked.problem.get()) {
        (Some(told), _) if !told.reason.is_empty() => view! {
            <Empty icon="map" title="No building of yours is known" about=told.reason.clone()>
                <LinkButton label="To PeeringDB" icon="db" href=href("/peeringdb") />
            </Empty>
        }
        .into_any(),
        (Some(told), _) => view! { <Found told=told place=place /> }.into_any(),
        (None, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| asked.reload() /> }.into_any(),
        (None, None) => view! { <SkeletonTable columns=8 /> }.into_any(),
    };
    view! {
        <div class="page">
            <Head title="Private interconnection" of=&DIRECT_SESSION count=count />
            {body}
        </div>
    }
}

#[component]
fn Found(told: Arc<Candidates>, place: Place) -> impl IntoView {
    let buildings: Vec<(i64, String)> = told.facilities.iter().map(|at| (at.id, building(at))).collect();
    let option = move |(id, name): (i64, String)| {
        let code = id.to_string();
        let here = code.clone();
        view! { <option value=code selected=move || place.get("at") == here>{name}</option> }
    };
    let options: Vec<_> = buildings.into_iter().map(option).collect();
    let with_direct = move || !place.get("direct").is_empty();
    let ranked = StoredValue::new(ranked(&told));
    let told = StoredValue::new(told);
    let fitting = Memo::new(move |_| {
        let at = place.get("at").parse::<i64>().ok();
        let words: Vec<String> = place.get("q").split_whitespace().map(str::to_lowercase).collect();
        let with_direct = with_direct();
        told.with_value(|told| {
            let at = at.and_then(|id| told.facilities.iter().zip(0u32..).find(|(at, _)| at.id == id)).map(|(_, at)| at);
            let fits = |one: &Candidate| {
                at.is_none_or(|at| one.facilities.contains(&at))
                    && (with_direct || one.direct == 0)
                    && words.iter().all(|word| says(one, word))
            };
            ranked.with_value(|ranked| {
                ranked.iter().copied().filter(|(_, place)| fits(&told.networks[*place])).collect::<Vec<_>>()
            })
        })
    });
    let lines = move || {
        let shown: Vec<(i32, usize)> = fitting.with(|all| all.iter().take(SHOWN).copied().collect());
        told.with_value(|told| {
            shown.into_iter().map(|(score, place)| line(told, &told.networks[place], score)).collect::<Vec<_>>()
        })
    };
    let more = move || {
        let hidden = fitting.with(Vec::len).saturating_sub(SHOWN);
        (hidden > 0)
            .then(|| view! { <p class="sec t3">{format!("{} more: narrow the filter.", grouped(hidden as u64))}</p> })
    };
    let none = move || {
        fitting.with(Vec::is_empty).then(|| {
            view! { <Empty slim=true title="Nobody fits" about="Choose another building, or take words out of the filter." /> }
        })
    };
    view! {
        <div class="filters candidates">
            <div class="fbox" role="search">
                <Icon name="filter" size=14 />
                <input
                    type="search"
                    class="type"
                    aria-label="Filter networks"
                    placeholder="Filter by network, AS number, policy…"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || place.get("q")
                    on:change=move |event| place.set(&[("q", event_target_value(&event).trim())])
                />
            </div>
            <span class="in">
                <select aria-label="Facility" on:change=move |event| place.set(&[("at", &event_target_value(&event))])>
                    <option value="">"All your facilities"</option>
                    {options}
                </select>
                <Icon name="down" size=14 class="chev" />
            </span>
            <label class="row tight">
                <input
                    type="checkbox"
                    class="tick"
                    prop:checked=with_direct
                    on:change=move |event| place.set(&[("direct", if event_target_checked(&event) { "yes" } else { "" })])
                />
                "With direct sessions"
            </label>
        </div>
        <div class="scroll">
            <table class="tbl stack">
                <caption class="sr">"Candidates for private interconnection"</caption>
                <thead>
                    <tr>
                        <th scope="col">"ASN"</th>
                        <th scope="col">"Network"</th>
                        <th scope="col">"Policy"</th>
                        <th scope="col">"Traffic"</th>
                        <th scope="col">"Facilities"</th>
                        <th scope="col" class="num">"Exchanges"</th>
                        <th scope="col" class="num">"Sessions"</th>
                        <th scope="col" class="num">"Score"</th>
                        <th scope="col"><span class="sr">"Action"</span></th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
            {none}
            {more}
        </div>
    }
}

fn building(at: &OurFacility) -> String {
    match town(&at.city, &at.country) {
        town if town.is_empty() => at.name.clone(),
        town => format!("{} ({town})", at.name),
    }
}

/// Scores and places, the best first.
fn ranked(told: &Candidates) -> Vec<(i32, usize)> {
    let worth = |one: &Candidate| {
        let meeting =
            Meeting { exchanges: one.exchanges as usize, sessions: one.network.sessions, ..Meeting::default() };
        score(&reasons(&one.network.traits, &meeting))
    };
    let mut ranked: Vec<(i32, usize)> = told.networks.iter().map(worth).zip(0..).collect();
    let size = |place: usize| traffic(&told.networks[place].network.traits.traffic).unwrap_or_default();
    ranked.sort_by_key(|(score, place)| (-score, -size(*place), *place));
    ranked
}

fn says(one: &Candidate, word: &str) -> bool {
    let network = &one.network;
    let number = word.strip_prefix("as").unwrap_or(word);
    network.asn.to_string() == number
        || [&network.name, &network.traits.policy, &network.traits.kind]
            .iter()
            .any(|text| text.to_lowercase().contains(word))
}

/// What a session with it begins with: who, what for, and where if that is one place.
fn begun(told: &Candidates, one: &Candidate, system: i64) -> Vec<(String, String)> {
    let mut begun = vec![("autonomous_system".to_owned(), system.to_string())];
    begun.extend(told.relationship.map(|id| ("relationship".to_owned(), id.to_string())));
    if let [only] = one.facilities[..]
        && let Some(at) = told.facilities.get(only as usize)
    {
        begun.push(("description".to_owned(), format!("At {}", at.name)));
    }
    begun
}

fn line(told: &Candidates, one: &Candidate, score: i32) -> impl IntoView + use<> {
    let network = &one.network;
    let session = crate::data::Session::get();
    let buildings: Vec<_> = one
        .facilities
        .iter()
        .filter_map(|at| told.facilities.get(*at as usize))
        .map(|at| {
            let title = format!("{}: {}", building(at), numbers(&at.ours));
            view! { <a class="link" title=title href=href(&FACILITY.object_path(at.id))>{at.name.clone()}</a> " " }
        })
        .collect();
    let open = match network.autonomous_system {
        Some(id) => href(&AUTONOMOUS_SYSTEM.object_path(id)),
        None => href(&NETWORK.object_path(network.id)),
    };
    let (words, to, may) = match network.autonomous_system {
        Some(id) => (
            "Add session",
            href(&address(&format!("{}/new", DIRECT_SESSION.list_path()), &begun(told, one, id))),
            session.allows::<Add>(&DIRECT_SESSION),
        ),
        None => (
            "Add as peer",
            href(&format!("{}/new?asn={}", AUTONOMOUS_SYSTEM.list_path(), network.asn)),
            session.allows::<Add>(&AUTONOMOUS_SYSTEM),
        ),
    };
    let act = may.then(|| view! { <LinkButton label=words small=true look=Look::Ghost href=to /> });
    let count = |count: u64| if count == 0 { String::new() } else { grouped(count) };
    view! {
        <tr>
            <td class="mono">{format!("AS{}", network.asn)}</td>
            <th scope="row" class="m2 lead"><a href=open>{network.name.clone()}</a></th>
            <td class="t2 m3">{network.traits.policy.clone()}</td>
            <td class="t2">{network.traits.traffic.clone()}</td>
            <td class="wrapped m4">{buildings}</td>
            <td class="num t2">{count(one.exchanges.into())}</td>
            <td class="num t2">{count(network.sessions)}</td>
            <td class="num m5">{score}</td>
            <td class="whole">{act}</td>
        </tr>
    }
}
