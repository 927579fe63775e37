//! Beside the matrix: all that is known of the network in the row of the cursor, its addresses on the LAN, what runs with
//! it, and what would be added.

use super::{
    picks::{Pick, Picks},
    view::speed,
};
use crate::ui::{Button, Copy, Icon, Look, Section, Status, dom::href, pager::grouped};
use leptos::prelude::*;
use peerage_app::peers::{AvailablePeers, Peer};
use peerage_model::{
    Tone,
    available::Standing,
    peeringdb::{NETWORK, NETWORK_IXLAN},
    types::IX_SESSION,
};

/// How a standing is coloured.
pub fn tone(standing: &Standing) -> Tone {
    match standing {
        Standing::Session { state, .. } if state == "established" => Tone::Ok,
        Standing::Session { status, .. } if status != "enabled" => {
            let field = IX_SESSION.field("status");
            field.and_then(|field| field.kind.choice(status)).map_or(Tone::Mute, |choice| choice.tone)
        }
        Standing::Session { state, .. } if !state.is_empty() => Tone::Bad,
        Standing::Session { .. } => Tone::Quiet,
        _ => Tone::None,
    }
}

/// The network of a row.
pub fn panel(
    peer: &Peer,
    found: &AvailablePeers,
    ticks: RwSignal<Picks>,
    on_close: Callback<()>,
) -> impl IntoView + use<> {
    let facts = [
        ("Policy", peer.policy.clone()),
        ("Type", peer.kind.clone()),
        ("Scope", peer.scope.clone()),
        ("Traffic", peer.traffic.clone()),
        ("IPv4 prefixes", number(peer.prefixes4)),
        ("IPv6 prefixes", number(peer.prefixes6)),
        ("Port", speed(peer.speed)),
        ("Route server", if peer.is_rs_peer { "peers with it" } else { "" }.to_owned()),
        ("AS-SET", peer.irr_as_set.clone()),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    });
    let addresses = [("IPv4", peer.ipv4), ("IPv6", peer.ipv6)].into_iter().map(|(family, ip)| match ip {
        Some(ip) => view! {
            <li class="row"><span class="t3">{family}</span><span class="mono">{ip.to_string()}</span><Copy text=ip.to_string() what=format!("{family} address") /></li>
        }
        .into_any(),
        None => view! { <li class="row t3"><span>{family}</span>"no address"</li> }.into_any(),
    });
    let sessions: Vec<_> = peer
        .standing
        .iter()
        .zip(&found.connections)
        .flat_map(|(standing, connection)| {
            let label = connection.label.clone();
            [("IPv4", &standing[0]), ("IPv6", &standing[1])].into_iter().filter_map(move |(family, standing)| {
                let Standing::Session { id, .. } = standing else { return None };
                let (label, tone, words) = (label.clone(), tone(standing), standing.words().to_owned());
                Some(view! {
                    <li class="row">
                        <a class="link" href=href(&IX_SESSION.object_path(*id))>{format!("{label}, {family}")}</a>
                        <span class="end"><Status tone=tone word=words /></span>
                    </li>
                })
            })
        })
        .collect();
    let connections: Vec<(i64, String)> =
        found.connections.iter().map(|connection| (connection.id, connection.label.clone())).collect();
    let port = peer.port;
    let added = move || {
        ticks.with(|ticks| {
            let mine: Vec<Pick> = ticks.iter().filter(|pick| pick.port == port).copied().collect();
            mine.into_iter()
                .map(|pick| {
                    let label = connections
                        .iter()
                        .find(|(id, _)| *id == pick.connection)
                        .map(|(_, label)| label.clone())
                        .unwrap_or_default();
                    view! { <li>{format!("{label}, IPv{}", pick.family)}</li> }
                })
                .collect::<Vec<_>>()
        })
    };
    let any_added = move || ticks.with(|ticks| ticks.iter().any(|pick| pick.port == port));
    let asn = format!("AS{}", peer.asn);
    let network = format!("{}?f=asn:{}", href(&NETWORK.list_path()), peer.asn);
    view! {
        <section class="sec">
            <h2>
                <span class="clip">{peer.name.clone()}</span>
                <span class="mono t3">{asn.clone()}</span>
                <Copy text=asn what="AS number" always=true />
                <span class="end"><Button label="Close" icon="x" icon_only=true small=true look=Look::Ghost on_press=on_close /></span>
            </h2>
            <dl class="dl plain slim">{facts.collect::<Vec<_>>()}</dl>
        </section>
        <section class="sec">
            <h2>"Addresses"</h2>
            <ul class="lines">{addresses.collect::<Vec<_>>()}</ul>
        </section>
        {(!sessions.is_empty()).then(|| view! { <Section title="Sessions with it here"><ul class="lines">{sessions}</ul></Section> })}
        <section class="sec" hidden=move || !any_added()>
            <h2>"What will be added"</h2>
            <ul class="lines">{added}</ul>
        </section>
        <section class="sec">
            <h2>"PeeringDB"</h2>
            <ul class="lines">
                <li><a class="link row tight" href=network>"The network" <Icon name="arrow" size=12 /></a></li>
                <li><a class="link row tight" href=href(&NETWORK_IXLAN.object_path(peer.port))>"Its port on this LAN" <Icon name="arrow" size=12 /></a></li>
            </ul>
        </section>
    }
}

fn number(number: Option<i64>) -> String {
    number.and_then(|number| u64::try_from(number).ok()).map(grouped).unwrap_or_default()
}
