//! What of the peers is shown, and in what order: read from the address bar, worked out on the rows that are here. What
//! is left out by default stands there as a filter like any other, so that nothing is hidden without a word.

use crate::data::place::Place;
use peerage_app::peers::{AvailablePeers, Peer};
use std::cmp::Ordering;

/// What is left out unless somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    NotOperational,
    Ours,
    Disabled,
    NothingFree,
}

pub const GAPS: [Gap; 4] = [Gap::NotOperational, Gap::Ours, Gap::Disabled, Gap::NothingFree];

impl Gap {
    /// In the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOperational => "down",
            Self::Ours => "ours",
            Self::Disabled => "disabled",
            Self::NothingFree => "done",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Self::NotOperational => "not in operation",
            Self::Ours => "our own AS",
            Self::Disabled => "disabled connections",
            Self::NothingFree => "nothing free",
        }
    }
}

/// What the rows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Asn,
    Name,
    Policy,
    Traffic,
    /// IPv4 and IPv6 together.
    Prefixes,
    Speed,
    /// By place among the connections, and family (0: IPv4).
    Standing(usize, usize),
}

/// The columns beside the matrix: key, code in the address, words, width.
pub const COLUMNS: [(Key, &str, &str, u32); 6] = [
    (Key::Asn, "asn", "ASN", 84),
    (Key::Name, "name", "Network", 0),
    (Key::Policy, "policy", "Policy", 80),
    (Key::Traffic, "traffic", "Traffic", 100),
    (Key::Prefixes, "prefixes", "Prefixes", 76),
    (Key::Speed, "speed", "Speed", 60),
];

/// The page's state as the address bar has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub words: String,
    /// Gaps that are shown all the same.
    with: Vec<String>,
    pub policies: Vec<String>,
    /// Only peers that are on a route server, or only those that are not.
    pub route_server: String,
    sort: String,
}

impl View {
    /// Tracked.
    pub fn read(place: Place) -> Self {
        let list = |name: &str| place.get(name).split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self {
            words: place.get("q"),
            with: list("with"),
            policies: list("policy"),
            route_server: place.get("rs"),
            sort: place.get("sort"),
        }
    }

    pub fn leaves_out(&self, gap: Gap) -> bool {
        !self.with.iter().any(|code| code == gap.code())
    }

    /// The address part after a gap is shown, or left out again.
    pub fn toggled(&self, gap: Gap) -> String {
        toggled(&self.with, gap.code())
    }

    pub fn with_policy(&self, policy: &str) -> String {
        toggled(&self.policies, policy)
    }

    /// Key, code and whether it descends.
    pub fn order(&self) -> (String, bool) {
        match self.sort.strip_prefix('-') {
            Some(code) => (code.to_owned(), true),
            None if self.sort.is_empty() => ("asn".to_owned(), false),
            None => (self.sort.clone(), false),
        }
    }

    /// Places of our connections that are shown.
    pub fn connections(&self, found: &AvailablePeers) -> Vec<usize> {
        let shown = |at: &usize| !self.leaves_out(Gap::Disabled) || found.connections[*at].status != "disabled";
        (0..found.connections.len()).filter(shown).collect()
    }

    /// The peers that are shown, in order, as their places.
    pub fn rows(&self, found: &AvailablePeers) -> Vec<usize> {
        let connections = self.connections(found);
        let words: Vec<String> = self.words.split_whitespace().map(str::to_lowercase).collect();
        let fits = |peer: &Peer| {
            (peer.operational || !self.leaves_out(Gap::NotOperational))
                && (!peer.ours || !self.leaves_out(Gap::Ours))
                && (!self.leaves_out(Gap::NothingFree)
                    || connections.iter().any(|at| peer.standing[*at].iter().any(|s| s.is_free())))
                && (self.policies.is_empty() || self.policies.contains(&peer.policy))
                && (self.route_server.is_empty() || peer.is_rs_peer == (self.route_server == "yes"))
                && words.iter().all(|word| says(peer, word))
        };
        let mut rows: Vec<usize> = (0..found.peers.len()).filter(|at| fits(&found.peers[*at])).collect();
        let (code, down) = self.order();
        let key = key_of(&code, found);
        rows.sort_by(|a, b| {
            let (a, b) = (&found.peers[*a], &found.peers[*b]);
            let order = key.map_or(Ordering::Equal, |key| compare(key, a, b, down));
            order.then(a.asn.cmp(&b.asn)).then(a.port.cmp(&b.port))
        });
        rows
    }
}

fn toggled(list: &[String], code: &str) -> String {
    let mut list: Vec<&str> = list.iter().map(String::as_str).collect();
    match list.iter().position(|known| *known == code) {
        Some(at) => drop(list.remove(at)),
        None => list.push(code),
    }
    list.join(",")
}

/// The code of a matrix column: `c3.4`.
pub fn standing_code(connection: i64, family: usize) -> String {
    format!("c{connection}.{}", if family == 0 { 4 } else { 6 })
}

fn key_of(code: &str, found: &AvailablePeers) -> Option<Key> {
    COLUMNS.iter().find(|(_, known, ..)| *known == code).map(|(key, ..)| *key).or_else(|| {
        let (id, family) = code.strip_prefix('c')?.split_once('.')?;
        let id: i64 = id.parse().ok()?;
        let at = found.connections.iter().position(|connection| connection.id == id)?;
        Some(Key::Standing(at, usize::from(family == "6")))
    })
}

/// Whether a word, in small letters, is said of the peer.
fn says(peer: &Peer, word: &str) -> bool {
    let number = word.strip_prefix("as").unwrap_or(word);
    if !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && peer.asn.to_string().starts_with(number)
    {
        return true;
    }
    let texts = [&peer.name, &peer.irr_as_set, &peer.policy, &peer.kind, &peer.scope, &peer.traffic];
    let address = |ip: Option<std::net::IpAddr>| ip.is_some_and(|ip| ip.to_string().contains(word));
    texts.iter().any(|text| text.to_lowercase().contains(word)) || address(peer.ipv4) || address(peer.ipv6)
}

/// What is not told stands last either way.
fn compare(key: Key, a: &Peer, b: &Peer, down: bool) -> Ordering {
    let turn = |order: Ordering| if down { order.reverse() } else { order };
    let text = |a: &str, b: &str| match (a.is_empty(), b.is_empty()) {
        (false, false) => turn(a.to_lowercase().cmp(&b.to_lowercase())),
        (a, b) => a.cmp(&b),
    };
    let number = |a: Option<i64>, b: Option<i64>| match (a, b) {
        (Some(a), Some(b)) => turn(a.cmp(&b)),
        (a, b) => a.is_none().cmp(&b.is_none()),
    };
    match key {
        Key::Asn => turn(a.asn.cmp(&b.asn)),
        Key::Name => text(&a.name, &b.name),
        Key::Policy => text(&a.policy, &b.policy),
        Key::Traffic => number(traffic(&a.traffic), traffic(&b.traffic)),
        Key::Prefixes => number(prefixes(a), prefixes(b)),
        Key::Speed => turn(a.speed.cmp(&b.speed)),
        Key::Standing(at, family) => {
            let words =
                |peer: &Peer| peer.standing.get(at).map(|s| (!s[family].is_free(), s[family].words().to_owned()));
            turn(words(a).cmp(&words(b)))
        }
    }
}

/// Those of both families that are told.
pub fn prefixes(peer: &Peer) -> Option<i64> {
    [peer.prefixes4, peer.prefixes6].into_iter().flatten().reduce(|a, b| a + b)
}

/// PeeringDB's words for traffic by their size: `100-200Gbps` in Mbit/s.
fn traffic(words: &str) -> Option<i64> {
    let digits: String = words.chars().take_while(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok()?;
    let unit = match words.trim_end_matches('+') {
        words if words.ends_with("Tbps") => 1_000_000,
        words if words.ends_with("Gbps") => 1000,
        _ => 1,
    };
    Some(number * unit)
}

/// Mbit/s in words: `100 G`.
pub fn speed(mbits: i64) -> String {
    match mbits {
        0 => String::new(),
        1_000_000.. if mbits % 1_000_000 == 0 => format!("{} T", mbits / 1_000_000),
        1000.. => format!("{} G", mbits / 1000),
        _ => format!("{mbits} M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_words_have_sizes() {
        assert_eq!(traffic("20-100Mbps"), Some(20));
        assert_eq!(traffic("1-5Gbps"), Some(1000));
        assert_eq!(traffic("100+Tbps"), Some(100_000_000));
        assert_eq!(traffic("Not Disclosed"), None);
    }

    #[test]
    fn speeds_are_short() {
        assert_eq!((speed(100).as_str(), speed(400_000).as_str(), speed(0).as_str()), ("100 M", "400 G", ""));
    }
}
