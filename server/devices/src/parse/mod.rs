//! What devices answer, read into [`Neighbour`]s: pure functions from text. They never panic, whatever the text; a text
//! that is not the answer of this platform is a [`ParseProblem`], an answer without neighbours is an empty list.
//!
//! Several answers are joined by neighbour: FRR tells the counts in one command and the last error in another.

mod bird;
mod frr;
mod frr_text;
mod openbgpd;

use crate::{Neighbour, ParseProblem, Platform};
use serde_json::Value;
use std::{net::IpAddr, str::FromStr};

/// What is read from answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Neighbours,
}

impl FromStr for What {
    type Err = ParseProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "neighbours" | "neighbors" => Ok(Self::Neighbours),
            _ => Err(ParseProblem::new("what", format!("`{text}` cannot be read; there is: neighbours"))),
        }
    }
}

/// Read saved answers of a device: `(name, text)` each, the name (a file, a command) only for problems.
///
/// FRR: `show bgp [vrf all] [FAMILY] summary json`, `show bgp [vrf all] neighbors json`, and both as text. BIRD: `show
/// protocols all`, better with `show status`, without which times cannot be told. OpenBGPD: `bgpctl -j show neighbor`,
/// `bgpctl show neighbor`, `bgpctl show summary`.
pub fn parse(platform: Platform, what: What, answers: &[(&str, &str)]) -> Result<Vec<Neighbour>, ParseProblem> {
    match what {
        What::Neighbours => match platform {
            Platform::Frr => join(answers, frr::neighbours),
            Platform::Bird => bird::neighbours(answers),
            Platform::OpenBgpd => join(answers, openbgpd::neighbours),
        },
    }
}

/// Read each answer and join what they say of the same neighbour.
fn join(
    answers: &[(&str, &str)],
    read: fn(&str) -> Result<Vec<Neighbour>, String>,
) -> Result<Vec<Neighbour>, ParseProblem> {
    let mut all: Vec<Neighbour> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (name, text) in answers {
        for one in read(text).map_err(|problem| ParseProblem::new(*name, problem))? {
            // the summary names an unnumbered peer by its interface, the neighbour command tells the address as well
            let id = (
                one.vrf.clone(),
                one.interface.clone().map_or_else(|| one.address.map(|a| a.to_string()), Some),
                one.name.clone(),
            );
            match places.get(&id) {
                Some(&at) => merge(&mut all[at], one),
                None => {
                    places.insert(id, all.len());
                    all.push(one);
                }
            }
        }
    }
    Ok(all)
}

/// Add what `more` knows. What both know stays as the first said it, except counts, where the later command knows better.
fn merge(into: &mut Neighbour, more: Neighbour) {
    macro_rules! fill { ($($field:ident),*) => { $( if into.$field.is_none() { into.$field = more.$field; } )* } }
    fill!(
        address,
        interface,
        remote_as,
        local_as,
        remote_id,
        local_address,
        description,
        group,
        table,
        state,
        reason,
        seconds,
        since,
        flaps
    );
    into.admin_down |= more.admin_down;
    into.dynamic |= more.dynamic;
    for family in more.families {
        let known = into.family(&family.afi, &family.safi);
        known.received = family.received.or(known.received);
        known.accepted = family.accepted.or(known.accepted);
        known.filtered = family.filtered.or(known.filtered);
        known.advertised = family.advertised.or(known.advertised);
        known.limit = family.limit.or(known.limit);
    }
}

/// `ipv4Unicast`, `IPv4 Unicast`, `l2VpnEvpn` ... as (afi, safi).
fn family(name: &str) -> Option<(&'static str, &'static str)> {
    let flat: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let (afi, rest) = ["ipv4", "ipv6", "l2vpn"].iter().find_map(|afi| Some((*afi, flat.strip_prefix(afi)?)))?;
    let safi = match rest {
        "unicast" | "" if afi != "l2vpn" => "unicast",
        "multicast" => "multicast",
        "vpn" | "mplsvpn" | "vpnunicast" => "vpn",
        "labeledunicast" | "labelledunicast" | "mpls" => "labeled-unicast",
        "flowspec" | "flow" => "flowspec",
        "encap" => "encap",
        "evpn" => "evpn",
        "vpls" => "vpls",
        _ => return None,
    };
    Some((afi, safi))
}

/// The family that a session with this address carries unless something else is said.
fn family_of(address: Option<IpAddr>) -> (&'static str, &'static str) {
    match address.map(|a| a.to_canonical()) {
        Some(IpAddr::V6(_)) => ("ipv6", "unicast"),
        _ => ("ipv4", "unicast"),
    }
}

/// An address, with the interface of a link-local one: `fe80::1%eth0`.
fn address(text: &str) -> (Option<IpAddr>, Option<String>) {
    let text = text.trim();
    let (plain, interface) = text.split_once('%').map_or((text, None), |(a, i)| (a, Some(i.to_owned())));
    (plain.parse().ok(), interface.filter(|i| !i.is_empty()))
}

/// An AS number, plain or as `high.low` (RFC 5396).
fn asn(text: &str) -> Option<u32> {
    let text = text.trim().trim_start_matches("AS");
    match text.split_once('.') {
        Some((high, low)) => Some(u32::from(high.parse::<u16>().ok()?) << 16 | u32::from(low.parse::<u16>().ok()?)),
        None => text.parse().ok(),
    }
}

/// A count in JSON: a number or a number in quotes. Negative ones stand for "unknown".
fn count(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(n) => n.as_u64().or_else(|| n.as_f64().filter(|f| *f >= 0.0 && *f < 1e18).map(|f| f as u64)),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// A count as a word of a listing.
fn count_word(word: &str) -> Option<u64> {
    word.trim().parse().ok()
}

/// A text in JSON that says something.
fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned)
}

/// Seconds of `00:02:11`, `1d02h03m`, `01w0d16h`, `2y03w`, `9h59m`; `never` and what is unknown are absent.
fn duration(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.contains(':') {
        let parts: Vec<u64> = text.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
        if parts.len() > 3 {
            return None;
        }
        return parts.iter().try_fold(0u64, |sum, part| sum.checked_mul(60)?.checked_add(*part));
    }
    let mut total = 0u64;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
            continue;
        }
        let unit = match c {
            'y' => 365 * 86_400,
            'w' => 7 * 86_400,
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    // no unit at all is not a time
    if number.is_some() || text.is_empty() { None } else { Some(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_every_form() {
        assert_eq!(duration("00:02:11"), Some(131));
        assert_eq!(duration("1d02h03m"), Some(93_780));
        assert_eq!(duration("01w0d16h"), Some(7 * 86_400 + 16 * 3_600));
        assert_eq!(duration("03w0d00h"), Some(21 * 86_400));
        for none in ["never", "Never", "", "12", "99999999999999999999:00", "99999999999999w", "-1d", "1:2:3:4"] {
            assert_eq!(duration(none), None, "{none}");
        }
    }

    #[test]
    fn families_by_every_name() {
        assert_eq!(family("ipv4Unicast"), Some(("ipv4", "unicast")));
        assert_eq!(family("IPv6 Labeled Unicast"), Some(("ipv6", "labeled-unicast")));
        assert_eq!(family("l2VpnEvpn"), Some(("l2vpn", "evpn")));
        assert_eq!(family("default"), None);
    }

    #[test]
    fn as_numbers_plain_and_dotted() {
        assert_eq!(asn("4200000005"), Some(4_200_000_005));
        assert_eq!(asn("64086.59909"), Some(4_200_000_005));
        assert_eq!(asn("-1"), None);
    }
}
