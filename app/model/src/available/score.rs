//! How much a session with a network seems worth, as a sum of reasons that can be read. Everything comes from what the
//! network says of itself in PeeringDB and from where it meets us; nothing is guessed. The points are a matter of taste, so
//! they stand in one place, and every page that shows the sum shows the reasons with it.

use crate::Record;
use serde::{Deserialize, Serialize};

/// What a network says of itself (PeeringDB `net`). Texts are empty when it does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// `policy_general`, `info_type`, `info_traffic`, `info_scope`, `info_ratio`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub policy: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub traffic: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ratio: String,
    /// `policy_locations`, `policy_contracts`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub locations: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub contracts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefixes4: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefixes6: Option<i64>,
    /// `info_never_via_route_servers`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never_via_route_servers: bool,
}

impl Traits {
    /// What has to be read of a `net` to tell who it is and what it says of itself.
    pub const FIELDS: &'static [&'static str] = &[
        "asn",
        "name",
        "irr_as_set",
        "policy_general",
        "info_type",
        "info_traffic",
        "info_scope",
        "info_ratio",
        "policy_locations",
        "policy_contracts",
        "info_prefixes4",
        "info_prefixes6",
        "info_never_via_route_servers",
    ];

    /// Of a `net`.
    pub fn of(network: &Record) -> Self {
        let text = |name: &str| network.text(name).to_owned();
        Self {
            policy: text("policy_general"),
            kind: text("info_type"),
            traffic: text("info_traffic"),
            scope: text("info_scope"),
            ratio: text("info_ratio"),
            locations: text("policy_locations"),
            contracts: text("policy_contracts"),
            prefixes4: network.int("info_prefixes4"),
            prefixes6: network.int("info_prefixes6"),
            never_via_route_servers: network.flag("info_never_via_route_servers"),
        }
    }

    /// Prefixes of both families, as far as they are told.
    pub fn prefixes(&self) -> Option<i64> {
        [self.prefixes4, self.prefixes6].into_iter().flatten().reduce(|a, b| a.saturating_add(b))
    }
}

/// Where a network meets us.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meeting {
    /// Exchanges that both are at.
    pub exchanges: usize,
    /// It has addresses of both families somewhere.
    pub both_families: bool,
    /// It is on a route server at every exchange that both are at.
    pub on_route_servers: bool,
    /// Sessions with it that there are already.
    pub sessions: u64,
    pub contact: bool,
}

/// Why a network is worth so much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub words: String,
    pub points: i32,
}

/// The sum of the reasons, 0 to 100.
pub fn score(reasons: &[Reason]) -> i32 {
    reasons.iter().map(|reason| reason.points).sum::<i32>().clamp(0, 100)
}

/// Every reason that counts, for and against.
pub fn reasons(traits: &Traits, meeting: &Meeting) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |points: i32, words: &str| reasons.push(Reason { words: words.to_owned(), points });
    match traits.policy.as_str() {
        "Open" => add(40, "Peers with everybody"),
        "Selective" => add(22, "Peers by its selection"),
        "Restrictive" => add(8, "Peers with few"),
        "No" => add(-40, "Says that it does not peer"),
        _ => add(10, "Does not tell its policy"),
    }
    match meeting.exchanges {
        0 | 1 => {}
        2 => add(8, "Two shared exchanges"),
        many => add(14, &format!("{many} shared exchanges")),
    }
    if meeting.both_families {
        add(6, "IPv4 and IPv6");
    }
    if let Some(size) = traffic(&traits.traffic) {
        let points = match size {
            0..1_000 => 2,
            1_000..10_000 => 6,
            10_000..100_000 => 12,
            100_000..1_000_000 => 18,
            _ => 22,
        };
        add(points, &format!("Traffic {}", traits.traffic));
    }
    match traits.prefixes() {
        Some(2_000..) => add(8, "Many prefixes"),
        Some(100..) => add(4, "Some hundred prefixes"),
        _ => {}
    }
    if traits.contracts == "Required" {
        add(-15, "Asks for a contract");
    }
    if traits.never_via_route_servers {
        add(6, "Is not reached over route servers");
    } else if meeting.on_route_servers {
        add(-6, "Is on the route server already");
    }
    if meeting.contact {
        add(4, "A contact is known");
    }
    if meeting.sessions > 0 {
        add(6, "Peers with us already");
    }
    reasons
}

/// PeeringDB's words for traffic by their size: `100-200Gbps` in Mbit/s.
pub fn traffic(words: &str) -> Option<i64> {
    let digits: String = words.chars().take_while(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok()?;
    let unit = match words.trim_end_matches('+') {
        words if words.ends_with("Tbps") => 1_000_000,
        words if words.ends_with("Gbps") => 1000,
        _ => 1,
    };
    Some(number.saturating_mul(unit))
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
    fn the_sum_is_that_of_its_reasons_and_stays_within_bounds() {
        let open = Traits { policy: "Open".to_owned(), traffic: "100-200Gbps".to_owned(), ..Traits::default() };
        let meeting = Meeting { exchanges: 2, both_families: true, contact: true, ..Meeting::default() };
        let told = reasons(&open, &meeting);
        assert_eq!(score(&told), 40 + 8 + 6 + 18 + 4);
        let none = Traits { policy: "No".to_owned(), contracts: "Required".to_owned(), ..Traits::default() };
        assert_eq!(score(&reasons(&none, &Meeting::default())), 0);
    }
}
