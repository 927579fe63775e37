//! Above the form of a direct session, as far as something is known: the other end of a link that has room for two, the peer's
//! addresses where the session runs over an exchange's LAN, and what runs with the peer already, whose side can be taken over.

use super::peer_addresses::{meeting, take};
use crate::{
    data::{Session, Stored, api},
    ui::{Button, Form, Look, dom::href, form::Slot, status::status_of},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peers::AvailablePeers;
use peerage_model::{
    Record, Value,
    address::{on_the_lan_of, other_end},
    label::label,
    peeringdb::NETWORK_IXLAN,
    permit::View,
    query::ListRequest,
    types::{CONNECTION, CONNECTION_ADDRESSES, DIRECT_SESSION},
};

/// What sessions with one peer usually share.
const SIDE: [&str; 5] = ["relationship", "bgp_group", "local_autonomous_system", "router", "connection"];
/// Sessions with the peer that are shown.
const MOST: u32 = 5;

#[component]
pub fn DirectAddresses(form: Form) -> impl IntoView {
    let (Some(system), Some(connection), Some(theirs), Some(ours)) = (
        form.entry("autonomous_system"),
        form.entry("connection"),
        form.entry("ip_address"),
        form.entry("local_ip_address"),
    ) else {
        return ().into_any();
    };
    let may_look = untrack(|| Session::get().allows::<View>(&NETWORK_IXLAN));
    view! {
        <div role="status">
            {link(theirs, ours)}
            {may_look.then(|| on_lan(system, connection, theirs, ours))}
            {form.is_new().then(|| beside(form, system))}
        </div>
    }
    .into_any()
}

fn offered(title: &'static str, lines: Vec<AnyView>) -> AnyView {
    view! {
        <section class="sec offered">
            <h2>{title}</h2>
            <ul class="lines">{lines}</ul>
        </section>
    }
    .into_any()
}

/// The end of the link that was not typed yet.
fn link(theirs: Slot, ours: Slot) -> impl Fn() -> Option<AnyView> {
    move || {
        let net = |slot: Slot| slot.value.with(Value::as_net).filter(|_| slot.unread.get().is_none());
        let (to, end, title) = match (net(theirs), net(ours)) {
            (None, Some(known)) => (theirs, other_end(known)?, "The peer's end of the link"),
            (Some(known), None) => (ours, other_end(known)?, "Our end of the link"),
            _ => return None,
        };
        let press = move |()| take(to, Value::Net(end));
        let line = view! {
            <li class="row">
                <span class="mono">{end.to_string()}</span>
                <span class="end"><Button label=format!("Take {end}") small=true look=Look::Ghost on_press=press /></span>
            </li>
        };
        Some(offered(title, vec![line.into_any()]))
    }
}

/// The peer's addresses on the LAN of the connection that was chosen, with our own there.
fn on_lan(system: Slot, connection: Slot, theirs: Slot, ours: Slot) -> impl Fn() -> Option<AnyView> {
    let found = meeting(system);
    let known = RwSignal::new(None::<Record>);
    Effect::new(move |_| {
        let id = connection.value.with(Value::as_int);
        known.set(None);
        let Some(id) = id else { return };
        spawn_local(async move {
            let record = api::detail(&CONNECTION, id).await.ok().map(|detailed| detailed.record);
            if connection.value.try_with_untracked(Value::as_int) == Some(Some(id)) {
                known.set(record);
            }
        });
    });
    move || {
        let (found, known) = (found.get()?, known.get()?);
        let lines: Vec<AnyView> = CONNECTION_ADDRESSES
            .iter()
            .enumerate()
            .filter_map(|(family, name)| Some((family, known.get(name).as_net()?)))
            .flat_map(|(family, own)| {
                there(&found, known.id, family).into_iter().filter_map(move |ip| {
                    let peer = on_the_lan_of(ip, own)?;
                    let is_taken = theirs.value.with(Value::as_net) == Some(peer);
                    let press = move |()| {
                        take(theirs, Value::Net(peer));
                        take(ours, Value::Net(own));
                    };
                    let end = match is_taken {
                        true => view! { <span class="t3">"taken over"</span> }.into_any(),
                        false => view! { <Button label=format!("Take {peer}") small=true look=Look::Ghost on_press=press /> }.into_any(),
                    };
                    let line = view! {
                        <li class="row"><span class="mono">{peer.to_string()}</span> <span class="t2">{format!("from {own}")}</span><span class="end">{end}</span></li>
                    };
                    Some(line.into_any())
                })
            })
            .collect();
        (!lines.is_empty()).then(|| offered("On that connection's LAN, by PeeringDB", lines))
    }
}

/// Its addresses of a family (0: IPv4) at the exchange of a connection of ours.
fn there(found: &AvailablePeers, connection: i64, family: usize) -> Vec<std::net::IpAddr> {
    let at = |port: &&peerage_app::peers::Port| {
        found.exchanges[port.exchange as usize].connections.iter().any(|ours| ours.id == connection)
    };
    found.ports.iter().filter(at).filter_map(|port| [port.ipv4, port.ipv6][family]).collect()
}

/// Sessions that there are with the peer: where they run can be taken over where nothing was said yet.
fn beside(form: Form, system: Slot) -> impl Fn() -> Option<AnyView> {
    let found = RwSignal::new(Vec::<Record>::new());
    Effect::new(move |_| {
        let id = system.value.with(Value::as_int);
        found.set(Vec::new());
        let Some(id) = id else { return };
        spawn_local(async move {
            let request = ListRequest {
                of: DIRECT_SESSION.key(),
                filter: format!("autonomous_system:{id}"),
                per_page: MOST,
                ..ListRequest::default()
            };
            let listed = api::list(request).await.map(|listing| listing.rows).unwrap_or_default();
            if system.value.try_with_untracked(Value::as_int) == Some(Some(id)) {
                found.set(listed);
            }
        });
    });
    move || {
        let lines: Vec<AnyView> = found.get().iter().map(|session| runs(form, session)).collect();
        (!lines.is_empty()).then(|| offered("With this peer there runs already", lines))
    }
}

fn runs(form: Form, session: &Record) -> AnyView {
    let status = DIRECT_SESSION.field("status").and_then(|field| status_of(field, session.get("status"), false));
    let side: Vec<(Slot, Value)> =
        SIDE.iter().filter_map(|name| Some((form.entry(name)?, session.get(name).clone()))).collect();
    let open = side.clone();
    let lacking = move || open.iter().any(|(slot, value)| !value.is_null() && slot.value.with(Value::is_null));
    let press = move |()| {
        for (slot, value) in
            side.iter().filter(|(slot, value)| !value.is_null() && slot.value.with_untracked(Value::is_null))
        {
            take(*slot, value.clone());
        }
    };
    let press = Callback::new(press);
    let words = label(session, &Stored);
    view! {
        <li class="row">
            <a class="link" href=href(&DIRECT_SESSION.object_path(session.id))>{words}</a>
            {status}
            <span class="end">
                {move || lacking().then(|| view! { <Button label="Take its side" small=true look=Look::Ghost on_press=press /> })}
            </span>
        </li>
    }
    .into_any()
}
