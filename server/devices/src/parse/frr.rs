//! FRR's `show bgp … summary json` and `show bgp … neighbors json`, in every nesting: by routing instance or not, by family
//! or not, one document or several behind each other. Told apart by what the objects contain, because the nesting differs
//! between releases and with the words of the command.
//!
//! `pfxRcd` (once `prefixReceivedCount`) and `acceptedPrefixCounter` count what is in after policy: `accepted`.

use super::{address, asn, count, duration, family, family_of, frr_text, text};
use crate::{
    Neighbour, State,
    neighbour::{DEFAULT_VRF, Family},
};
use chrono::DateTime;
use serde_json::{Map, Value};

type Object = Map<String, Value>;

pub(super) fn neighbours(answer: &str) -> Result<Vec<Neighbour>, String> {
    let mut all = read(answer)?;
    for one in &mut all {
        let up = one.is_established();
        one.reason = one.reason.take().filter(|reason| !is_step(reason, up));
    }
    Ok(all)
}

/// Steps on the way up, which FRR keeps where the last reset stands (`peer_down_str` in its `bgp_fsm.c`), for as long as nothing
/// has reset the session. The peer's OPEN is waited for in every session that comes up; the others hold one down, and say nothing
/// of one that is up.
fn is_step(reason: &str, up: bool) -> bool {
    const HOLDING: [&str; 4] = [
        "Waiting for NHT",
        "Waiting for Peer IPv6 LLA",
        "Waiting for VRF to be initialized",
        "No AFI/SAFI activated for peer",
    ];
    reason == "Waiting for peer OPEN" || up && HOLDING.contains(&reason)
}

fn read(answer: &str) -> Result<Vec<Neighbour>, String> {
    // a device may print a warning before the document; JSON begins at the first brace
    let Some(start) = answer.find('{') else { return frr_text::neighbours(answer) };
    if frr_text::is_text(answer) {
        return frr_text::neighbours(answer);
    }
    let mut out = Vec::new();
    for document in serde_json::Deserializer::from_str(&answer[start..]).into_iter::<Value>() {
        match document.map_err(|e| format!("not JSON, or not all of it: {e}"))? {
            Value::Object(object) => walk(&object, DEFAULT_VRF, None, &mut out),
            _ => return Err("a JSON object is expected".into()),
        }
    }
    Ok(out)
}

/// Names that only a neighbour's object has.
const OF_A_NEIGHBOUR: [&str; 12] = [
    "bgpState",
    "nbrDesc",
    "remoteAs",
    "bgpNeighborAddr",
    "bgpVersion",
    "nbrExternalLink",
    "nbrInternalLink",
    "addressFamilyInfo",
    "hostForeign",
    "bgpTimerUpMsec",
    "neighborCapabilities",
    "connectionsDropped",
];

fn walk(object: &Object, vrf: &str, in_family: Option<(&'static str, &'static str)>, out: &mut Vec<Neighbour>) {
    let named = object.get("vrfName").and_then(Value::as_str);
    let vrf = named.map_or(vrf, vrf_name);
    if let Some(Value::Object(peers)) = object.get("peers") {
        let local_as = as_number(object.get("as"));
        for (key, peer) in peers {
            if let Value::Object(peer) = peer {
                add(out, summary(key, peer, vrf, in_family, local_as));
            }
        }
        return;
    }
    for (key, value) in object {
        let Value::Object(inner) = value else { continue };
        if let Some(found) = family(key) {
            walk(inner, vrf, Some(found), out);
        } else if OF_A_NEIGHBOUR.iter().any(|name| inner.contains_key(*name)) || address(key).0.is_some() {
            add(out, detail(key, inner, vrf));
        } else if inner.values().any(Value::is_object) {
            walk(inner, vrf_name(key), in_family, out);
        }
    }
}

/// One peer is listed once for each family.
fn add(out: &mut Vec<Neighbour>, one: Neighbour) {
    // mostly the families come one after another: look from the end
    match out.iter_mut().rev().find(|n| n.vrf == one.vrf && n.address == one.address && n.interface == one.interface) {
        Some(known) => super::merge(known, one),
        None => out.push(one),
    }
}

fn vrf_name(name: &str) -> &str {
    if name.eq_ignore_ascii_case("default") { DEFAULT_VRF } else { name }
}

fn as_number(value: Option<&Value>) -> Option<u32> {
    match value? {
        Value::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
        Value::String(s) => asn(s),
        _ => None,
    }
}

fn start(key: &str, vrf: &str) -> Neighbour {
    // the key is an address, a link-local one with its interface, or the interface of an unnumbered peer
    let (found, mut interface) = address(key.trim_start_matches('*'));
    if found.is_none() && interface.is_none() {
        interface = Some(key.to_owned());
    }
    Neighbour { vrf: vrf.into(), address: found, interface, dynamic: key.starts_with('*'), ..Neighbour::default() }
}

fn summary(
    key: &str,
    peer: &Object,
    vrf: &str,
    in_family: Option<(&'static str, &'static str)>,
    local_as: Option<u32>,
) -> Neighbour {
    let mut one = start(key, vrf);
    one.remote_as = as_number(peer.get("remoteAs"));
    one.local_as = as_number(peer.get("localAs")).or(local_as);
    one.description = text(peer.get("desc")).or_else(|| text(peer.get("description")));
    one.dynamic |= flag(peer, "dynamicPeer");
    one.flaps = count(peer.get("connectionsDropped"));
    one.reason = text(peer.get("lastResetDueTo"));
    if let Some(state) = text(peer.get("state")) {
        set_state(&mut one, &state);
    }
    match peer.get("peerState").and_then(Value::as_str) {
        Some("Policy") => {
            one.reason = Some("no import or export policy: nothing passes (RFC 8212)".into());
        }
        Some("Admin") => one.admin_down = true,
        _ => {}
    }
    let never = peer.get("peerUptime").and_then(Value::as_str).is_some_and(|u| u.eq_ignore_ascii_case("never"));
    if !never {
        one.seconds = count(peer.get("peerUptimeMsec"))
            .map(|ms| ms / 1000)
            .or_else(|| duration(peer.get("peerUptime")?.as_str()?));
        one.since = epoch(peer.get("peerUptimeEstablishedEpoch"));
    }
    let (afi, safi) = in_family.unwrap_or_else(|| family_of(one.address));
    one.families.push(Family {
        accepted: count(peer.get("pfxRcd")).or_else(|| count(peer.get("prefixReceivedCount"))),
        advertised: count(peer.get("pfxSnt")).or_else(|| count(peer.get("prefixSentCount"))),
        ..Family::new(afi, safi)
    });
    one
}

fn detail(key: &str, peer: &Object, vrf: &str) -> Neighbour {
    let mut one = start(key, vrf);
    if one.address.is_none() {
        let (found, interface) = address(
            peer.get("bgpNeighborAddr").or_else(|| peer.get("hostForeign")).and_then(Value::as_str).unwrap_or(""),
        );
        one.address = found;
        one.interface = one.interface.or(interface);
    }
    one.remote_as = as_number(peer.get("remoteAs"));
    one.local_as = as_number(peer.get("localAs"));
    one.remote_id = text(peer.get("remoteRouterId"))
        .and_then(|id| id.parse().ok())
        .filter(|id: &std::net::Ipv4Addr| !id.is_unspecified());
    one.local_address = text(peer.get("hostLocal")).and_then(|a| a.parse().ok());
    one.description = text(peer.get("nbrDesc"));
    one.group = text(peer.get("peerGroup"));
    one.dynamic |= flag(peer, "dynamicPeer") || flag(peer, "nbrDynamicPeer");
    one.admin_down = flag(peer, "adminShutDown");
    one.flaps = count(peer.get("connectionsDropped"));
    if let Some(state) = text(peer.get("bgpState")) {
        set_state(&mut one, &state);
    }
    let last = text(peer.get("lastNotificationReason")).or_else(|| text(peer.get("lastResetDueTo")));
    one.reason = match (flag(peer, "prefixOverflow") || flag(peer, "maxPrefixOverflow"), one.admin_down) {
        (true, _) => Some("more prefixes than allowed".into()),
        (false, true) => text(peer.get("lastShutdownDescription")).or(last),
        (false, false) => last,
    };
    if one.is_established() {
        one.seconds = count(peer.get("bgpTimerUpMsec"))
            .map(|ms| ms / 1000)
            .or_else(|| duration(peer.get("bgpTimerUpString")?.as_str()?));
        one.since = epoch(peer.get("bgpTimerUpEstablishedEpoch"));
    } else if one.state.is_some() {
        // down since the last reset; a peer that was never up has none that means something
        let was_up = count(peer.get("connectionsEstablished")).unwrap_or(0) > 0;
        one.seconds = count(peer.get("lastResetTimerMsecs")).filter(|_| was_up).map(|ms| ms / 1000);
    }
    if let Some(Value::Object(families)) = peer.get("addressFamilyInfo") {
        for (name, counts) in families {
            let (Some((afi, safi)), Value::Object(counts)) = (family(name), counts) else { continue };
            let accepted = count(counts.get("acceptedPrefixCounter"));
            let filtered = count(counts.get("filteredPrefixCounter"));
            let known = one.family(afi, safi);
            known.accepted = accepted;
            known.filtered = filtered;
            known.advertised = count(counts.get("sentPrefixCounter"));
            known.limit = count(counts.get("prefixAllowedMax"));
            known.received = count(counts.get("receivedPrefixCounter"));
        }
    }
    one
}

fn flag(object: &Object, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// `Established`, `Idle (Admin)`, `Idle (PfxCt)`.
pub(super) fn set_state(one: &mut Neighbour, said: &str) {
    let (word, note) = said.split_once('(').map_or((said, ""), |(word, note)| (word, note.trim_end_matches(')')));
    one.state = State::parse(word.trim());
    match note.trim() {
        "Admin" => one.admin_down = true,
        "PfxCt" => one.reason = Some("more prefixes than allowed".into()),
        "Policy" => one.reason = Some("no import or export policy: nothing passes (RFC 8212)".into()),
        _ => {}
    }
}

fn epoch(value: Option<&Value>) -> Option<DateTime<chrono::Utc>> {
    // 0 and the first years of the epoch are what a router without a clock or without an event says
    count(value)
        .filter(|s| *s > 86_400 * 365)
        .and_then(|s| i64::try_from(s).ok())
        .and_then(|s| DateTime::from_timestamp(s, 0))
}
