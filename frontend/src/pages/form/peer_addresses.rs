//! Above the form of an IX session: where its peer meets us, by PeeringDB, over which connection and with which address. A press
//! takes both over, so that nobody copies addresses.

use crate::{
    data::{Session, Stored, api},
    pages::available_peers::panel::tone,
    ui::{Button, Form, Look, Status, dom::href, form::Slot},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peers::{AvailablePeers, Where, find_peers};
use peerage_model::{
    Lookup, Value,
    available::Standing,
    peeringdb::NETWORK_IXLAN,
    permit::View,
    types::{AUTONOMOUS_SYSTEM, IX_SESSION},
};
use std::{net::IpAddr, sync::Arc};

/// One way to reach the peer.
#[derive(Clone)]
struct Way {
    connection: i64,
    label: String,
    address: IpAddr,
    standing: Standing,
}

#[component]
pub fn PeerAddresses(form: Form) -> impl IntoView {
    let (Some(system), Some(connection), Some(address)) =
        (form.entry("autonomous_system"), form.entry("ixp_connection"), form.entry("ip_address"))
    else {
        return ().into_any();
    };
    if !untrack(|| Session::get().allows::<View>(&NETWORK_IXLAN)) {
        return ().into_any();
    }
    let found = meeting(system);
    let shown = move || {
        let found = found.get()?;
        let chosen = connection.value.with(Value::as_int);
        let taken = address.value.with(Value::as_ip);
        let all = ways(&found);
        if all.is_empty() {
            let words = "PeeringDB lists it at none of your exchanges: give the address that you have agreed on.";
            return Some(view! { <p class="small t2">{words}</p> }.into_any());
        }
        // one that was chosen stays; its own ways first
        let mut shown: Vec<Way> = all.iter().filter(|way| Some(way.connection) == chosen).cloned().collect();
        let elsewhere = shown.is_empty() && chosen.is_some_and(|id| id > 0);
        if shown.is_empty() {
            shown = all;
        }
        let lines: Vec<_> = shown
            .into_iter()
            .map(|way| {
                let (label, ip, standing) = (way.label, way.address, way.standing);
                let is_taken = chosen == Some(way.connection) && taken == Some(ip);
                let take = move |()| {
                    take(connection, Value::Int(way.connection));
                    take(address, Value::Ip(ip));
                };
                let end = match &standing {
                    Standing::Session { id, .. } => {
                        let to = href(&IX_SESSION.object_path(*id));
                        let (tone, word) = (tone(&standing), standing.words().to_owned());
                        view! { <a href=to><Status tone=tone word=word /></a> }.into_any()
                    }
                    _ if is_taken => view! { <span class="t3">"taken over"</span> }.into_any(),
                    Standing::Free => {
                        view! { <Button label=format!("Take {ip}") small=true look=Look::Ghost on_press=take /> }.into_any()
                    }
                    other => view! { <span class="t3">{other.words().to_owned()}</span> }.into_any(),
                };
                view! { <li class="row"><span class="mono">{ip.to_string()}</span> <span class="t2">{label}</span><span class="end">{end}</span></li> }
            })
            .collect();
        let title =
            if elsewhere { "Not on that connection's LAN; by PeeringDB it is here" } else { "By PeeringDB it is here" };
        Some(
            view! {
                <section class="sec offered">
                    <h2>{title}</h2>
                    <ul class="lines">{lines}</ul>
                </section>
            }
            .into_any(),
        )
    };
    view! { <div role="status">{shown}</div> }.into_any()
}

/// Where an AS that is chosen in a form meets us; none until it is chosen and known.
pub fn meeting(system: Slot) -> RwSignal<Option<Arc<AvailablePeers>>> {
    let found = RwSignal::new(None::<Arc<AvailablePeers>>);
    let turn = StoredValue::new(0u32);
    Effect::new(move |_| {
        let id = system.value.with(Value::as_int);
        let now = turn.get_value() + 1;
        turn.set_value(now);
        found.set(None);
        let Some(id) = id else { return };
        spawn_local(async move {
            let known = match Stored.find(&AUTONOMOUS_SYSTEM, id) {
                Some(known) => Some(known),
                None => api::detail(&AUTONOMOUS_SYSTEM, id).await.ok().map(|detailed| detailed.record),
            };
            let asn = known.and_then(|known| u32::try_from(known.int("asn")?).ok());
            let Some(asn) = asn else { return };
            let answer = api::ask(find_peers(Where { asn: Some(asn), ..Where::default() })).await.ok();
            if turn.try_get_value() == Some(now) {
                found.set(answer.map(Arc::new));
            }
        });
    });
    found
}

/// Puts a value into a field, as if it had been typed well.
pub fn take(slot: Slot, value: Value) {
    slot.unread.set(None);
    slot.problem.set(None);
    slot.value.set(value);
}

/// Over each of our connections, by family.
fn ways(found: &AvailablePeers) -> Vec<Way> {
    let mut ways = Vec::new();
    for port in &found.ports {
        let exchange = &found.exchanges[port.exchange as usize];
        for (connection, standing) in exchange.connections.iter().zip(&port.standing) {
            for (address, standing) in [port.ipv4, port.ipv6].into_iter().zip(standing) {
                ways.extend(address.map(|address| Way {
                    connection: connection.id,
                    label: connection.label.clone(),
                    address,
                    standing: standing.clone(),
                }));
            }
        }
    }
    ways
}
