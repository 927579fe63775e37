//! Beside the matrix: all that is known of the network in the row of the cursor, its addresses on the LAN, what runs with
//! it, and what would be added.

use super::{
    hide::Hiding,
    layout::{Found, Row},
    moving::moves,
    picks::Picks,
    view::speed,
};
use crate::ui::{Button, Copy, Icon, LinkButton, Look, Section, Status, dom::href, pager::grouped};
use leptos::prelude::*;
use peerage_app::peers::{OurExchange, Port};
use peerage_model::{
    Tone,
    available::Standing,
    peeringdb::{NETWORK, NETWORK_IXLAN},
    permit::Add,
    types::{AUTONOMOUS_SYSTEM, HIDDEN_PEER, IX_SESSION},
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
        Standing::Moved { .. } | Standing::OtherAs { .. } => Tone::Warn,
        _ => Tone::None,
    }
}

/// The network of a row.
pub fn panel(
    found: &Found,
    row: &Row,
    ticks: RwSignal<Picks>,
    hiding: RwSignal<Option<Hiding>>,
    on_close: Callback<()>,
) -> impl IntoView + use<> {
    let network = found.network(row);
    let traits = &network.traits;
    let facts = [
        ("Policy", traits.policy.clone()),
        ("Type", traits.kind.clone()),
        ("Scope", traits.scope.clone()),
        ("Traffic", traits.traffic.clone()),
        ("Ratio", traits.ratio.clone()),
        ("Contract", traits.contracts.clone()),
        ("IPv4 prefixes", number(traits.prefixes4)),
        ("IPv6 prefixes", number(traits.prefixes6)),
        ("AS-SET", network.irr_as_set.clone()),
        ("Our sessions", number(i64::try_from(network.sessions).ok().filter(|count| *count > 0))),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    });
    let reasons = found.reasons(row).iter().map(|reason| {
        let points = if reason.points < 0 { format!("−{}", -reason.points) } else { format!("+{}", reason.points) };
        view! { <li class="row"><span class="t2">{reason.words.clone()}</span><span class="end">{points}</span></li> }
    });
    // all of its ports, also those that stand in further rows
    let ports: Vec<(&OurExchange, &Port)> =
        found.rows.iter().filter(|other| other.network == row.network).flat_map(|row| found.ports(row)).collect();
    let addresses: Vec<_> = ports.iter().map(|(exchange, port)| at_exchange(exchange, port)).collect();
    let moves = moves(found, ports.iter().map(|(_, port)| *port));
    let sessions: Vec<_> = ports.iter().flat_map(|(exchange, port)| sessions(exchange, port)).collect();
    let names: Vec<(i64, i64, String)> = ports
        .iter()
        .flat_map(|(exchange, port)| exchange.connections.iter().map(|c| (port.id, c.id, c.label.clone())))
        .collect();
    let added = Memo::new(move |_| {
        ticks.with(|ticks| {
            let named = |pick: &super::picks::Pick| {
                let (.., label) = names.iter().find(|(port, id, _)| (*port, *id) == (pick.port, pick.connection))?;
                Some(format!("{label}, IPv{}", pick.family))
            };
            ticks.iter().filter_map(named).collect::<Vec<_>>()
        })
    });
    let lines = move || added.get().into_iter().map(|words| view! { <li>{words}</li> }).collect::<Vec<_>>();
    let asn = format!("AS{}", network.asn);
    let ours = network.autonomous_system.map(|id| {
        view! { <li><a class="link row tight" href=href(&AUTONOMOUS_SYSTEM.object_path(id))>"Our record of it" <Icon name="arrow" size=12 /></a></li> }
    });
    let hide = Hiding::of(found, &[row]);
    let may_hide = crate::data::Session::get().allows::<Add>(&HIDDEN_PEER);
    let hidden = ports.iter().find_map(|(_, port)| port.hidden);
    view! {
        <section class="sec">
            <h2>
                <span class="clip">{network.name.clone()}</span>
                <span class="mono t3">{asn.clone()}</span>
                <Copy text=asn what="AS number" always=true />
                <span class="end"><Button label="Close" icon="x" icon_only=true small=true look=Look::Ghost on_press=on_close /></span>
            </h2>
            <dl class="dl plain slim">{facts.collect::<Vec<_>>()}</dl>
        </section>
        <section class="sec">
            <h2>"Addresses"</h2>
            {addresses}
        </section>
        {moves}
        {(!sessions.is_empty()).then(|| view! { <Section title="Sessions with it"><ul class="lines">{sessions}</ul></Section> })}
        <section class="sec">
            <h2>{format!("Why {}", found.score(row))}</h2>
            <ul class="lines">{reasons.collect::<Vec<_>>()}</ul>
        </section>
        <section class="sec" hidden=move || added.with(Vec::is_empty)>
            <h2>"What will be added"</h2>
            <ul class="lines">{lines}</ul>
        </section>
        <section class="sec">
            <ul class="lines">
                {ours}
                <li><a class="link row tight" href=href(&NETWORK.object_path(network.id))>"In PeeringDB" <Icon name="arrow" size=12 /></a></li>
            </ul>
            <div class="row tight">
                {(may_hide && !network.ours).then(|| view! { <Button label="Hide" icon="eyeoff" small=true on_press=move |()| hiding.set(Some(hide.clone())) /> })}
                {hidden.map(|id| view! { <LinkButton label="Hidden: open" icon="eyeoff" small=true href=href(&HIDDEN_PEER.object_path(id)) /> })}
            </div>
        </section>
    }
}

/// A port's addresses.
fn at_exchange(exchange: &OurExchange, port: &Port) -> impl IntoView + use<> {
    let notes = [
        (port.is_rs_peer, "on the route server"),
        (!port.operational, "not in operation"),
        (port.hidden.is_some(), "hidden"),
    ];
    let notes: Vec<&str> = notes.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect();
    let about = [speed(port.speed), notes.join(", ")];
    let about: Vec<String> = about.into_iter().filter(|part| !part.is_empty()).collect();
    let addresses = [("IPv4", port.ipv4), ("IPv6", port.ipv6)].into_iter().map(|(family, ip)| match ip {
        Some(ip) => view! {
            <li class="row"><span class="t3">{family}</span><span class="mono">{ip.to_string()}</span><Copy text=ip.to_string() what=format!("{family} address") /></li>
        }
        .into_any(),
        None => view! { <li class="row t3"><span>{family}</span>"no address"</li> }.into_any(),
    });
    view! {
        <p class="row small"><a class="link" href=href(&NETWORK_IXLAN.object_path(port.id))>{exchange.name.clone()}</a><span class="t3">{about.join(" · ")}</span></p>
        <ul class="lines">{addresses.collect::<Vec<_>>()}</ul>
    }
}

/// What runs over a port.
fn sessions(exchange: &OurExchange, port: &Port) -> Vec<impl IntoView + use<>> {
    let mut lines = Vec::new();
    for (standing, connection) in port.standing.iter().zip(&exchange.connections) {
        for (family, standing) in [("IPv4", &standing[0]), ("IPv6", &standing[1])] {
            let (Standing::Session { id, .. } | Standing::Moved { id, .. }) = standing else { continue };
            let (label, tone, words) = (connection.label.clone(), tone(standing), standing.words().to_owned());
            lines.push(view! {
                <li class="row">
                    <a class="link" href=href(&IX_SESSION.object_path(*id))>{format!("{label}, {family}")}</a>
                    <span class="end"><Status tone=tone word=words /></span>
                </li>
            });
        }
    }
    lines
}

fn number(number: Option<i64>) -> String {
    number.and_then(|number| u64::try_from(number).ok()).map(grouped).unwrap_or_default()
}
