//! What was picked: one port of a peer, one of our connections, one address family for each. Picks outlive the page: they
//! lie in this tab's session store by where they were picked, and go to the page that proposes the sessions in its address as well, as
//! long as they are few enough for one.

use super::{layout::Found, scope::Scope};
use leptos::prelude::window;
use peerage_app::peers::{AvailablePeers, Port};
use std::collections::BTreeSet;

/// More than these do not go into an address.
const MOST_IN_ADDRESS: usize = 150;

/// A session that could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pick {
    /// Id of the peer's `netixlan`.
    pub port: i64,
    /// Id of our connection.
    pub connection: i64,
    /// 4 or 6.
    pub family: u8,
}

pub type Picks = BTreeSet<Pick>;

/// As text: `412.3.46,977.3.4`; families of one port and connection stand together.
pub fn print(picks: &Picks) -> String {
    let mut out = String::new();
    let mut last = None;
    for pick in picks {
        if last == Some((pick.port, pick.connection)) {
            out.push_str(&pick.family.to_string());
            continue;
        }
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&format!("{}.{}.{}", pick.port, pick.connection, pick.family));
        last = Some((pick.port, pick.connection));
    }
    out
}

/// What [`print()`] wrote; parts that are not understood are left out, as picks that are not there any more will be.
pub fn parse(text: &str) -> Picks {
    let one = |part: &str| {
        let mut numbers = part.split('.');
        let port = numbers.next()?.parse().ok()?;
        let connection = numbers.next()?.parse().ok()?;
        let families = numbers.next()?;
        let pick = move |family: u8| Pick { port, connection, family };
        Some(
            families
                .bytes()
                .filter(|digit| matches!(digit, b'4' | b'6'))
                .map(|digit| pick(digit - b'0'))
                .collect::<Vec<_>>(),
        )
    };
    text.split(',').filter_map(one).flatten().collect()
}

/// The part of the address that carries them; empty when they are too many.
pub fn in_address(picks: &Picks) -> String {
    if picks.len() <= MOST_IN_ADDRESS { print(picks) } else { String::new() }
}

/// Those that still can be made.
pub fn possible(picks: &Picks, found: &Found) -> Picks {
    let places: BTreeSet<Pick> = found.answer.ports.iter().flat_map(|port| free(port, &found.answer)).collect();
    picks.intersection(&places).copied().collect()
}

/// What is free with a port.
pub fn free<'a>(port: &'a Port, answer: &'a AvailablePeers) -> impl Iterator<Item = Pick> + use<'a> {
    let connections = &answer.exchanges[port.exchange as usize].connections;
    port.standing.iter().zip(connections).flat_map(|(standing, connection)| {
        let cells = [(4, &standing[0]), (6, &standing[1])].into_iter();
        let free = cells.filter(|(_, standing)| standing.is_free());
        free.map(|(family, _)| Pick { port: port.id, connection: connection.id, family })
    })
}

fn key(scope: Scope) -> String {
    format!("peerage.picks.{}", scope.key())
}

/// What was picked there before.
pub fn kept(scope: Scope) -> Picks {
    let store = window().session_storage().ok().flatten();
    let text = store.and_then(|store| store.get_item(&key(scope)).ok()?);
    text.map(|text| parse(&text)).unwrap_or_default()
}

pub fn keep(scope: Scope, picks: &Picks) {
    if let Ok(Some(store)) = window().session_storage() {
        // a store that refuses costs only what a reload would lose
        let _ =
            if picks.is_empty() { store.remove_item(&key(scope)) } else { store.set_item(&key(scope), &print(picks)) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_survive_their_text() {
        let pick = |port, connection, family| Pick { port, connection, family };
        let picks = Picks::from([pick(412, 3, 4), pick(412, 3, 6), pick(412, 9, 6), pick(7, 3, 4)]);
        assert_eq!(print(&picks), "7.3.4,412.3.46,412.9.6");
        assert_eq!(parse(&print(&picks)), picks);
        assert!(parse("x.1.4,,3.4,5.5.5").is_empty());
    }
}
