//! Where a network and ours both are: the tab of its autonomous system. Exchanges with the ports of both, and buildings, in which a
//! private interconnection could be made.

use super::{counted, numbers, town};
use crate::{
    data::{Fetched, api, fetched, use_detail},
    pages::available_peers::view::speed,
    ui::{Empty, ErrorPanel, LinkButton, Look, Section, SkeletonLines, dom::href},
};
use leptos::prelude::*;
use peerage_app::neighbours::{Between, InCommon as Told, PortBrief, SharedExchange, SharedFacility, find_in_common};
use peerage_model::{
    peeringdb::{EXCHANGE, FACILITY},
    permit::Add,
    types::{AUTONOMOUS_SYSTEM, DIRECT_SESSION, INTERNET_EXCHANGE},
};

/// Of an autonomous system, by its id.
#[component]
pub fn InCommon(id: i64) -> impl IntoView {
    let detail = use_detail(&AUTONOMOUS_SYSTEM, id);
    let asn = Memo::new(move |_| detail.data.with(|data| u32::try_from(data.as_ref()?.record.int("asn")?).ok()));
    move || asn.get().map(|asn| view! { <Both id=id asn=asn /> })
}

#[component]
fn Both(id: i64, asn: u32) -> impl IntoView {
    let told: Fetched<Told> =
        fetched(Signal::stored(Some(asn)), |_| None, |asn: u32| api::ask(find_in_common(Between { asn, with: None })));
    let body = move || match (told.data.get(), told.problem.get()) {
        (Some(told), _) => drawn(id, asn, &told),
        (None, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| told.reload() /> }.into_any(),
        (None, None) => view! { <SkeletonLines /> }.into_any(),
    };
    view! { <div class="scroll">{body}</div> }
}

fn drawn(id: i64, asn: u32, told: &Told) -> AnyView {
    let about = if !told.known {
        Some(format!("PeeringDB has no network AS{asn}. Synchronise it, if the network was entered there lately."))
    } else if told.ours.is_empty() {
        Some(
            "PeeringDB has none of your own networks. Mark your AS as affiliated, and synchronise PeeringDB."
                .to_owned(),
        )
    } else if told.exchanges.is_empty() && told.facilities.is_empty() {
        Some(format!("By PeeringDB AS{asn} is at none of your exchanges, and in none of your buildings."))
    } else {
        None
    };
    if let Some(about) = about {
        return view! { <Empty icon="map" title="Nowhere in common" about=about /> }.into_any();
    }
    let with = numbers(&told.ours);
    let exchanges: Vec<_> = told.exchanges.iter().map(exchange).collect();
    let facilities: Vec<_> = told.facilities.iter().map(facility).collect();
    let (some_exchanges, some_facilities) = (!exchanges.is_empty(), !facilities.is_empty());
    let note = counted(told.exchanges.len() as u64, "exchange");
    let buildings = counted(told.facilities.len() as u64, "facility").replace("facilitys", "facilities");
    let session = crate::data::Session::get();
    let add = (some_facilities && session.allows::<Add>(&DIRECT_SESSION)).then(|| {
        let to = href(&format!("{}/new?autonomous_system={id}", DIRECT_SESSION.list_path()));
        view! { <p class="sec"><LinkButton label="Add a direct session" icon="plus" look=Look::Plain href=to small=true /></p> }
    });
    view! {
        <Section title="Exchanges" note=note flush=true>
            {if some_exchanges {
                view! {
                    <table class="tbl stack plainhead">
                        <caption class="sr">"Exchanges at which both are"</caption>
                        <thead><tr>
                            <th scope="col">"Exchange"</th>
                            <th scope="col">"City"</th>
                            <th scope="col">{format!("AS{asn}")}</th>
                            <th scope="col">{with.clone()}</th>
                        </tr></thead>
                        <tbody>{exchanges}</tbody>
                    </table>
                }
                .into_any()
            } else {
                view! { <p class="sec t3">"None by PeeringDB."</p> }.into_any()
            }}
        </Section>
        <Section title="Facilities" note=buildings flush=true>
            {if some_facilities {
                view! {
                    <table class="tbl stack plainhead">
                        <caption class="sr">"Facilities in which both are"</caption>
                        <thead><tr><th scope="col">"Facility"</th><th scope="col">"City"</th><th scope="col">"Of ours"</th></tr></thead>
                        <tbody>{facilities}</tbody>
                    </table>
                }
                .into_any()
            } else {
                view! { <p class="sec t3">"None by PeeringDB."</p> }.into_any()
            }}
            {add}
        </Section>
    }
    .into_any()
}

fn exchange(shared: &SharedExchange) -> impl IntoView + use<> {
    let name = shared.name.clone();
    let named = match shared.entered.first() {
        Some(ours) => view! { <a href=href(&INTERNET_EXCHANGE.object_path(*ours))>{name}</a> }.into_any(),
        None => view! { <a href=href(&EXCHANGE.object_path(shared.id))>{name}</a> " " <span class="t3 small">"not entered here"</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="m2 lead">{named}</th>
            <td class="t2 m3">{town(&shared.city, &shared.country)}</td>
            <td class="wrapped whole">{ports(&shared.theirs)}</td>
            <td class="wrapped whole">{ports(&shared.ours)}</td>
        </tr>
    }
}

fn ports(ports: &[PortBrief]) -> Vec<impl IntoView + use<>> {
    let line = |port: &PortBrief| {
        let addresses: Vec<String> = [port.ipv4, port.ipv6].into_iter().flatten().map(|ip| ip.to_string()).collect();
        let notes = [
            speed(port.speed),
            if port.is_rs_peer { "route server".to_owned() } else { String::new() },
            if port.operational { String::new() } else { "not in operation".to_owned() },
        ];
        let notes: Vec<String> = notes.into_iter().filter(|note| !note.is_empty()).collect();
        view! { <p><span class="mono">{addresses.join(" ")}</span> " " <span class="t3 small">{notes.join(" · ")}</span></p> }
    };
    ports.iter().map(line).collect()
}

fn facility(shared: &SharedFacility) -> impl IntoView + use<> {
    view! {
        <tr>
            <th scope="row" class="m2 lead"><a href=href(&FACILITY.object_path(shared.id))>{shared.name.clone()}</a></th>
            <td class="t2 m3">{town(&shared.city, &shared.country)}</td>
            <td class="mono m4">{numbers(&shared.ours)}</td>
        </tr>
    }
}
