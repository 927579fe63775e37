//! FRR's (and Quagga's, and so VyOS's) summary and neighbour listing as text, for routers whose answers come without JSON.

use super::{address, asn, count_word, duration, family, family_of, frr::set_state};
use crate::{
    Neighbour,
    neighbour::{DEFAULT_VRF, Family, State},
};

/// Whether the text, although it has a brace in it, is not JSON.
pub(super) fn is_text(answer: &str) -> bool {
    answer.lines().any(|l| l.starts_with("BGP neighbor is ") || l.starts_with("BGP router identifier "))
}

pub(super) fn neighbours(answer: &str) -> Result<Vec<Neighbour>, String> {
    let mut out: Vec<Neighbour> = Vec::new();
    let mut vrf = DEFAULT_VRF.to_owned();
    let mut in_family = None;
    let mut local_as = None;
    let mut table: Option<Columns> = None;
    let mut wrapped: Option<&str> = None;
    let mut known = answer.trim().is_empty();
    // the neighbour whose paragraph is read
    let mut at: Option<usize> = None;
    for line in answer.lines() {
        let trimmed = line.trim();
        if let Some(rest) =
            trimmed.strip_prefix("BGP neighbor is ").or_else(|| trimmed.strip_prefix("BGP neighbor on "))
        {
            known = true;
            table = None;
            let one = first_line(rest, &vrf);
            out.push(one);
            at = Some(out.len() - 1);
            in_family = None;
        } else if let Some(rest) = trimmed.strip_prefix("BGP router identifier ") {
            known = true;
            local_as = after(rest, "local AS number ").and_then(asn);
        } else if let Some(name) = trimmed.strip_suffix(':').filter(|t| t.contains(" Summary")) {
            known = true;
            in_family = name.split(" Summary").next().and_then(family);
            if let Some(name) = after(name, "VRF ") {
                vrf = instance(name.trim_end_matches([')', ':']));
            }
        } else if let Some(name) = trimmed
            .strip_prefix("Instance ")
            .or_else(|| trimmed.strip_prefix("VRF "))
            .filter(|_| at.is_none() && trimmed.ends_with(':'))
        {
            vrf = instance(name.trim_end_matches(':'));
        } else if trimmed.starts_with("% No BGP neighbors found")
            || trimmed.contains("No IPv")
            || trimmed.contains("BGP instance not found")
            || trimmed.starts_with("% BGP")
        {
            known = true;
        } else if trimmed.starts_with("Neighbor ") && trimmed.contains("Up/Down") {
            known = true;
            table = Some(Columns::read(trimmed));
        } else if let Some(columns) = &table {
            if trimmed.is_empty() || trimmed.starts_with("Total number") {
                if trimmed.starts_with("Total number") || !out.is_empty() {
                    table = None;
                }
                wrapped = None;
                continue;
            }
            // a long IPv6 address stands on a line of its own
            let words: Vec<&str> = wrapped.take().into_iter().chain(trimmed.split_whitespace()).collect();
            if words.len() == 1 {
                wrapped = Some(words[0]);
                continue;
            }
            if let Some(one) = columns.row(&words, &vrf, in_family, local_as) {
                match out
                    .iter_mut()
                    .find(|n| n.vrf == one.vrf && n.address == one.address && n.interface == one.interface)
                {
                    Some(seen) => super::merge(seen, one),
                    None => out.push(one),
                }
            }
        } else if let Some(one) = at.and_then(|i| out.get_mut(i)) {
            detail(one, trimmed, &mut in_family);
        }
    }
    if known { Ok(out) } else { Err("neither JSON nor a listing that FRR prints".into()) }
}

fn instance(name: &str) -> String {
    if name.eq_ignore_ascii_case("default") || name.is_empty() { DEFAULT_VRF.into() } else { name.into() }
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = &text[text.find(mark)? + mark.len()..];
    Some(rest.split([' ', ',', ')']).next().unwrap_or(rest))
}

/// `198.51.100.102, remote AS 64502, local AS 64500, external link`, or `swp1: fe80::1, remote AS ...`.
fn first_line(rest: &str, vrf: &str) -> Neighbour {
    let head = rest.split(',').next().unwrap_or("").trim();
    let (name, shown) = head.split_once(": ").map_or((head, None), |(name, shown)| (name, Some(shown)));
    let (mut found, mut interface) = address(name.trim_start_matches('*'));
    if found.is_none() {
        interface = Some(name.to_owned());
        found = shown.and_then(|s| address(s).0);
    }
    Neighbour {
        vrf: vrf.into(),
        address: found,
        interface,
        dynamic: name.starts_with('*'),
        remote_as: after(rest, "remote AS ").and_then(asn),
        local_as: after(rest, "local AS ").and_then(asn),
        ..Neighbour::default()
    }
}

fn detail(one: &mut Neighbour, line: &str, in_family: &mut Option<(&'static str, &'static str)>) {
    if let Some(text) = line.strip_prefix("Description:") {
        one.description = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    } else if let Some(group) = line.strip_prefix("Member of peer-group ") {
        one.group = group.split_whitespace().next().map(str::to_owned);
    } else if line.starts_with("Administratively shut down") {
        one.admin_down = true;
    } else if line.contains("remote router ID ") && line.starts_with("BGP version") {
        one.remote_id = after(line, "remote router ID ")
            .and_then(|id| id.parse().ok())
            .filter(|id: &std::net::Ipv4Addr| !id.is_unspecified());
    } else if let Some(rest) = line.strip_prefix("BGP state = ") {
        let (state, up) = rest.split_once(", up for ").map_or((rest, None), |(s, up)| (s, Some(up)));
        set_state(one, state.trim());
        one.seconds = up.and_then(|up| duration(up.split([',', ' ']).next().unwrap_or("")));
    } else if let Some(name) = line.strip_prefix("For address family: ") {
        *in_family = family(name);
        if let Some((afi, safi)) = *in_family {
            one.family(afi, safi);
        }
    } else if let Some(number) = line.strip_suffix(" accepted prefixes") {
        if let (Some((afi, safi)), Some(n)) = (*in_family, number.split([',', ' ']).next().and_then(count_word)) {
            one.family(afi, safi).accepted = Some(n);
        }
    } else if line.contains(" accepted, ") && line.contains(" sent prefixes") {
        // newer: `4 accepted, 1 sent prefixes`
        if let Some((afi, safi)) = *in_family {
            let known = one.family(afi, safi);
            known.accepted = line.split(' ').next().and_then(count_word);
            known.advertised = after(line, "accepted, ").and_then(count_word);
        }
    } else if let Some(number) = line.strip_prefix("Maximum prefixes allowed ") {
        if let Some((afi, safi)) = *in_family {
            one.family(afi, safi).limit = number.split([' ', '(']).next().and_then(count_word);
        }
    } else if line.starts_with("Connections established ") {
        one.flaps = after(line, "dropped ").and_then(count_word);
    } else if let Some(rest) = line.strip_prefix("Last reset ") {
        let (ago, why) = rest.split_once(',').unwrap_or((rest, ""));
        let why = why.trim().trim_start_matches("due to ").trim();
        one.reason = Some(why.to_owned()).filter(|w| !w.is_empty()).or(one.reason.take());
        if !one.is_established() && one.flaps.is_some_and(|f| f > 0) {
            one.seconds = duration(ago);
        }
    } else if line.starts_with("Local host: ") {
        one.local_address = after(line, "Local host: ").and_then(|a| a.parse().ok());
    }
}

/// Which word of a summary row is what: releases add columns.
struct Columns {
    remote_as: usize,
    up: usize,
    state: usize,
    sent: Option<usize>,
    description: Option<usize>,
}

impl Columns {
    fn read(header: &str) -> Self {
        let names: Vec<&str> = header.split_whitespace().collect();
        let place = |name: &str| names.iter().position(|n| n.starts_with(name));
        Self {
            remote_as: place("AS").unwrap_or(2),
            up: place("Up/Down").unwrap_or(8),
            state: place("State").unwrap_or(9),
            sent: place("PfxSnt"),
            description: place("Desc"),
        }
    }

    fn row(
        &self,
        words: &[&str],
        vrf: &str,
        in_family: Option<(&'static str, &'static str)>,
        local_as: Option<u32>,
    ) -> Option<Neighbour> {
        let remote_as = asn(words.get(self.remote_as)?)?;
        let mut one = first_line(words[0], vrf);
        // an IPv4 address with its host name: `rr1(192.0.2.1)`
        if let (None, Some((_, inner))) = (one.address, words[0].split_once('('))
            && let Ok(found) = inner.trim_end_matches(')').parse()
        {
            one.address = Some(found);
            one.interface = None;
        }
        one.remote_as = Some(remote_as);
        one.local_as = local_as;
        one.seconds = words.get(self.up).and_then(|w| duration(w));
        let state = *words.get(self.state)?;
        // `Idle (Admin)` is two words
        let note = words.get(self.state + 1).filter(|w| w.starts_with('(')).copied();
        let (afi, safi) = in_family.unwrap_or_else(|| family_of(one.address));
        let mut counts = Family::new(afi, safi);
        let shift = usize::from(note.is_some());
        match count_word(state.split('/').next().unwrap_or(state)) {
            Some(n) => {
                one.state = Some(State::Established);
                counts.accepted = Some(n);
                set_note(&mut one, note);
            }
            None => set_state(&mut one, &format!("{state} {}", note.unwrap_or(""))),
        }
        counts.advertised = self.sent.and_then(|at| count_word(words.get(at + shift)?));
        one.families.push(counts);
        if let Some(at) = self.description {
            one.description = words.get(at + shift..).map(|w| w.join(" ")).filter(|t| !t.is_empty() && t != "N/A");
        }
        Some(one)
    }
}

fn set_note(one: &mut Neighbour, note: Option<&str>) {
    if note == Some("(Policy)") {
        one.reason = Some("no import or export policy: nothing passes (RFC 8212)".into());
    }
}
