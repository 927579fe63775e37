//! What a peer's page begins with: what runs with it and what is missing, by exchange; direct sessions; policies and where each
//! comes from; whom to write to; where PeeringDB says otherwise.

use super::counted;
use crate::{
    data::{Fetched, Session, api, fetched, place::Place},
    pages::available_peers::{layout::Found, moving::moves, panel::tone, scope::Scope},
    ui::{Copy, ErrorPanel, LinkButton, Look, Section, Status, dom::href, status::status_of},
};
use leptos::prelude::*;
use peerage_app::{
    neighbours::{ContactBrief, PolicyInUse, SessionBrief, Story as Told, tell_story},
    peers::{OurConnection, OurExchange, Port},
};
use peerage_model::{
    ObjectType, Record, Value,
    available::Standing,
    effective::Direction,
    peeringdb::{NETWORK, NETWORK_CONTACT, NETWORK_IXLAN},
    permit::View,
    registry,
    types::{DIRECT_SESSION, INTERNET_EXCHANGE, IX_SESSION},
    wire::ObjectRef,
};
use std::sync::Arc;

/// Of an autonomous system that is not ours.
#[component]
pub fn Story(record: Record) -> impl IntoView {
    if record.flag("affiliated") {
        return ().into_any();
    }
    let Some(asn) = record.int("asn").and_then(|asn| u32::try_from(asn).ok()) else { return ().into_any() };
    let id = record.id;
    let told: Fetched<Told> = fetched(Signal::stored(Some(id)), |_| None, |id: i64| api::ask(tell_story(id)));
    let rest = move || match (told.data.get(), told.problem.get()) {
        (Some(told), _) => Some(drawn(&told)),
        (None, Some(problem)) => {
            Some(view! { <ErrorPanel problem=problem retry=move |()| told.reload() /> }.into_any())
        }
        (None, None) => None,
    };
    let may_look =
        untrack(|| Session::get().allows::<View>(&NETWORK_IXLAN) && Session::get().allows::<View>(&IX_SESSION));
    view! {
        {may_look.then(|| view! { <AtExchanges asn=asn /> })}
        {rest}
    }
    .into_any()
}

#[component]
fn AtExchanges(asn: u32) -> impl IntoView {
    let peers = Scope::Network(asn).fetch();
    let place = Place::here();
    move || {
        let found: Arc<Found> = peers.data.get()?;
        let lines: Vec<_> = found.answer.ports.iter().flat_map(|port| places(&found, port)).collect();
        if lines.is_empty() {
            let about = found.answer.reason.clone();
            return (!about.is_empty())
                .then(|| view! { <Section title="At your exchanges"><p class="t3">{about}</p></Section> }.into_any());
        }
        let cells = || found.answer.ports.iter().flat_map(|port| port.standing.iter().flatten());
        let count = |is: fn(&&Standing) -> bool| cells().filter(is).count() as u64;
        let (running, free) =
            (count(|standing| matches!(standing, Standing::Session { .. })), count(|standing| standing.is_free()));
        let note = match free {
            0 => counted(running, "session"),
            free => format!("{}, {free} more possible", counted(running, "session")),
        };
        let add = place.tab("available-sessions");
        let end = move || {
            let add = add.clone();
            (free > 0).then(|| view! { <a class="link" href=add>"Add sessions"</a> })
        };
        Some(
            view! {
                <Section title="At your exchanges" note=note end=end flush=true>
                    <table class="tbl stack plainhead">
                        <caption class="sr">"Sessions by exchange, and what is missing"</caption>
                        <thead><tr>
                            <th scope="col">"Exchange"</th><th scope="col">"Connection"</th><th scope="col">"IPv4"</th><th scope="col">"IPv6"</th>
                        </tr></thead>
                        <tbody>{lines}</tbody>
                    </table>
                    {moves(&found, found.answer.ports.iter())}
                </Section>
            }
            .into_any(),
        )
    }
}

/// A line for each of our connections to a port's exchange.
fn places(found: &Found, port: &Port) -> Vec<AnyView> {
    let exchange = &found.answer.exchanges[port.exchange as usize];
    let line = |(connection, standing): (&OurConnection, &[Standing; 2])| place(exchange, connection, port, standing);
    exchange.connections.iter().zip(&port.standing).map(line).collect()
}

fn place(exchange: &OurExchange, connection: &OurConnection, port: &Port, standing: &[Standing; 2]) -> AnyView {
    let cell = |standing: &Standing, address: Option<std::net::IpAddr>| {
        let ip = address.map(|ip| view! { <span class="mono small t3">{ip.to_string()}</span> });
        let down = matches!(standing, Standing::Session { .. }) && !port.operational;
        let down = down.then(|| view! { <span class="small t3">" port not in operation"</span> });
        let words = match standing {
            Standing::Session { id, .. } => {
                let (tone, word) = (tone(standing), standing.words().to_owned());
                view! { <a href=href(&IX_SESSION.object_path(*id))><Status tone=tone word=word /></a> }.into_any()
            }
            Standing::Moved { id, .. } => {
                view! { <a href=href(&IX_SESSION.object_path(*id))><Status tone=tone(standing) word=standing.words() /></a> }.into_any()
            }
            Standing::Free => view! { <b>"missing"</b> }.into_any(),
            other => view! { <span class="t3">{other.words().to_owned()}</span> }.into_any(),
        };
        view! { <td class="wrapped whole">{words} " " {ip} {down}</td> }
    };
    let label = crate::pages::available_peers::matrix::without_exchange(&connection.label, &exchange.name);
    view! {
        <tr>
            <th scope="row" class="m2 lead"><a href=href(&INTERNET_EXCHANGE.object_path(exchange.id))>{exchange.name.clone()}</a></th>
            <td class="t2 m3">{label}</td>
            {cell(&standing[0], port.ipv4)}
            {cell(&standing[1], port.ipv6)}
        </tr>
    }
    .into_any()
}

fn drawn(told: &Told) -> AnyView {
    let direct: Vec<_> = told.direct.iter().map(|session| brief(&DIRECT_SESSION, session)).collect();
    let unlisted: Vec<_> = told.unlisted.iter().map(|session| brief(&IX_SESSION, session)).collect();
    let mut policies: Vec<Vec<&PolicyInUse>> = Vec::new();
    for used in &told.policies {
        let same = |known: &&mut Vec<&PolicyInUse>| {
            known.first().is_some_and(|one| (one.export, &one.policy) == (used.export, &used.policy))
        };
        match policies.iter_mut().find(same) {
            Some(known) => known.push(used),
            None => policies.push(vec![used]),
        }
    }
    let policies: Vec<_> = policies.iter().filter_map(|used| policy(used)).collect();
    let contacts: Vec<_> = told.contacts.iter().map(contact).collect();
    let without = [Direction::Import, Direction::Export]
        .into_iter()
        .zip(told.without_policy)
        .filter(|(_, count)| *count > 0)
        .map(|(direction, count)| {
            let word = if direction == Direction::Import { "import" } else { "export" };
            view! { <p class="sec t2">{format!("{} without any {word} policy.", counted(count, "session"))}</p> }
        })
        .collect::<Vec<_>>();
    let say_policies = !policies.is_empty() || !without.is_empty();
    let differing = told.network.map(|network| differing(network, &told.differing));
    view! {
        {(!unlisted.is_empty()).then(|| view! {
            <Section title="At other addresses" note=format!("{} that PeeringDB does not list", counted(told.unlisted.len() as u64, "session")) flush=true>
                <table class="tbl stack plainhead">
                    <caption class="sr">"Sessions at addresses that PeeringDB does not list"</caption>
                    {brief_columns()}
                    <tbody>{unlisted}</tbody>
                </table>
            </Section>
        })}
        {(!direct.is_empty()).then(|| view! {
            <Section title="Direct sessions" note=counted(told.direct.len() as u64, "session") flush=true>
                <table class="tbl stack plainhead">
                    <caption class="sr">"Direct sessions"</caption>
                    {brief_columns()}
                    <tbody>{direct}</tbody>
                </table>
            </Section>
        })}
        {say_policies.then(|| view! {
            <Section title="Policies" note="of its sessions, and where they come from" flush=true>
                <table class="tbl stack plainhead">
                    <caption class="sr">"Policies of its sessions"</caption>
                    <colgroup><col style=("width", "12%") /><col style=("width", "26%") /><col /><col style=("width", "14%") /></colgroup>
                    <tbody>{policies}</tbody>
                </table>
                {without}
            </Section>
        })}
        {told.withheld.then(|| view! { <p class="sec small t3">"Not all of it is open to you."</p> })}
        {(!contacts.is_empty()).then(|| view! {
            <Section title="Contacts" note="that you assigned, and that PeeringDB names" flush=true>
                <table class="tbl stack plainhead">
                    <caption class="sr">"Contacts"</caption>
                    <colgroup><col style=("width", "24%") /><col style=("width", "16%") /><col /><col style=("width", "16%") /><col style=("width", "12%") /></colgroup>
                    <tbody>{contacts}</tbody>
                </table>
            </Section>
        })}
        {differing}
    }
    .into_any()
}

fn brief_columns() -> impl IntoView {
    view! { <colgroup><col style=("width", "36%") /><col /><col style=("width", "14%") /><col style=("width", "14%") /></colgroup> }
}

fn brief(of: &'static ObjectType, session: &SessionBrief) -> impl IntoView + use<> {
    let state = |name: &str, code: &str| {
        let field = of.field(name)?;
        (!code.is_empty()).then(|| status_of(field, &Value::text(code), false))?
    };
    view! {
        <tr>
            <th scope="row" class="m2 lead"><a href=href(&of.object_path(session.id))>{session.label.clone()}</a></th>
            <td class="t2 wrapped whole">{session.about.clone()}</td>
            <td class="m3">{state("status", &session.status)}</td>
            <td class="m5">{state("bgp_state", &session.state)}</td>
        </tr>
    }
}

fn link(object: &ObjectRef, words: String) -> AnyView {
    match registry::get(&object.of) {
        Ok(of) => view! { <a href=href(&of.object_path(object.id))>{words}</a> }.into_any(),
        Err(_) => words.into_any(),
    }
}

/// A policy in one direction, wherever it was said.
fn policy(used: &[&PolicyInUse]) -> Option<impl IntoView + use<>> {
    let first = used.first()?;
    let whose = used.iter().enumerate().map(|(at, used)| {
        let words = match &used.origin {
            Some(origin) => link(origin, used.origin_label.clone()),
            None => "the sessions themselves".into_any(),
        };
        view! { {(at > 0).then_some(", ")} {words} }
    });
    let whose: Vec<_> = whose.collect();
    let sessions = used.iter().map(|used| used.sessions).sum();
    Some(view! {
        <tr>
            <td class="t2 m3">{if first.direction() == Direction::Export { "export" } else { "import" }}</td>
            <th scope="row" class="m2 lead">{link(&first.policy, first.name.clone())}</th>
            <td class="wrapped m4"><span class="t3">"from "</span> {whose}</td>
            <td class="t2 num m5">{counted(sessions, "session")}</td>
        </tr>
    })
}

fn contact(one: &ContactBrief) -> impl IntoView + use<> {
    let name = if one.name.is_empty() { one.role.clone() } else { one.name.clone() };
    let mail = (!one.email.is_empty()).then(|| {
        let to = format!("mailto:{}", one.email);
        view! { <a class="link" href=to>{one.email.clone()}</a> " " <Copy text=one.email.clone() what="e-mail address" /> }
    });
    view! {
        <tr>
            <th scope="row" class="m2 lead">{link(&one.contact, name)}</th>
            <td class="t2 m3">{one.role.clone()}</td>
            <td class="wrapped m4">{mail}</td>
            <td class="t2 m5">{one.phone.clone()}</td>
            <td class="t3 m5">{if one.contact.of == NETWORK_CONTACT.key() { "PeeringDB" } else { "yours" }}</td>
        </tr>
    }
}

fn differing(network: i64, fields: &[String]) -> impl IntoView + use<> {
    let there = href(&NETWORK.object_path(network));
    let words = match fields {
        [] => "What your record says of the network is as PeeringDB's.".to_owned(),
        [one] => format!("Another value than yours: {one}."),
        many => format!("Other values than yours: {}.", many.join(", ")),
    };
    let compare = Place::here().tab("peeringdb");
    let any = !fields.is_empty();
    view! {
        <Section title="PeeringDB" end=move || { let there = there.clone(); view! { <a class="link" href=there>"Its record there"</a> } }>
            <p class="t2">{words} " " {any.then(|| view! { <LinkButton label="Compare" small=true look=Look::Ghost href=compare /> })}</p>
        </Section>
    }
}
