//! OpenBGPD's `bgpctl -j show neighbor`, and as text `bgpctl show neighbor` and `bgpctl show summary`.
//!
//! There is one pair of counts for all families: it is told under the only family that the session carries, and under `any`
//! when there are several. `received` is before the import policy; accepted prefixes are not told.

use super::{address, asn, count, count_word, duration, family, family_of, text};
use crate::{
    Neighbour, State,
    neighbour::{DEFAULT_VRF, Family},
};
use serde_json::Value;

pub(super) fn neighbours(answer: &str) -> Result<Vec<Neighbour>, String> {
    let Some(start) = answer.find(['{', '[']).filter(|_| !is_text(answer)) else { return listing(answer) };
    let document: Value =
        serde_json::from_str(answer[start..].trim_end()).map_err(|e| format!("not JSON, or not all of it: {e}"))?;
    if let Some(list) = document.get("neighbors").and_then(Value::as_array) {
        return Ok(list.iter().filter(|v| v.is_object()).map(one).collect());
    }
    match document.get("error").and_then(Value::as_str) {
        Some("no such neighbor") => Ok(Vec::new()),
        Some(error) => Err(format!("the daemon says: {error}")),
        None => Err("there is no list of neighbours in it".into()),
    }
}

fn one(value: &Value) -> Neighbour {
    let config = &value["config"];
    let session = &value["session"];
    let flag = |name: &str| config.get(name).and_then(Value::as_bool).unwrap_or(false);
    let (found, interface) = address(value.get("remote_addr").and_then(Value::as_str).unwrap_or(""));
    let mut one = Neighbour {
        vrf: DEFAULT_VRF.into(),
        address: found,
        interface,
        remote_as: match &value["remote_as"] {
            Value::String(s) => asn(s),
            other => count(Some(other)).and_then(|n| u32::try_from(n).ok()),
        }
        // a template takes whatever AS comes
        .filter(|n| *n != 0),
        local_as: text(value.get("local_as"))
            .and_then(|a| asn(&a))
            .or_else(|| count(value.get("local_as")).and_then(|n| u32::try_from(n).ok())),
        remote_id: text(value.get("bgpid"))
            .and_then(|id| id.parse().ok())
            .filter(|id: &std::net::Ipv4Addr| !id.is_unspecified()),
        local_address: text(session["local"].get("address")).and_then(|a| address(&a).0),
        description: text(value.get("description")),
        group: text(value.get("group")),
        state: value.get("state").and_then(Value::as_str).and_then(State::parse),
        admin_down: flag("down"),
        dynamic: flag("template") || flag("cloned"),
        seconds: count(value.get("last_updown_sec")).or_else(|| duration(value.get("last_updown")?.as_str()?)),
        ..Neighbour::default()
    };
    let stats = &value["stats"];
    let said = |from: &Value, name: &str| text(from.get(name));
    one.reason = ["my_down_reason", "last_down_reason", "last_error_received", "last_error_sent", "last_error"]
        .iter()
        .find_map(|name| {
            said(config, name)
                .or_else(|| said(stats, name))
                .or_else(|| said(value, name))
                .or_else(|| said(session, name))
        })
        .or_else(|| said(config, "reason"));
    let named = |from: &Value| -> Vec<(&'static str, &'static str)> {
        from["capabilities"]["multiprotocol"]
            .as_array()
            .map(|l| l.iter().filter_map(|f| family(f.as_str()?)).collect())
            .unwrap_or_default()
    };
    let mut families = named(session);
    if families.is_empty() {
        families = named(config);
    }
    let (afi, safi) = only(&families, one.address);
    one.families.push(Family {
        received: count(stats["prefixes"].get("received")),
        advertised: count(stats["prefixes"].get("sent")),
        limit: count(config.get("max_prefix")).filter(|n| *n > 0),
        ..Family::new(afi, safi)
    });
    one
}

fn only(families: &[(&'static str, &'static str)], of: Option<std::net::IpAddr>) -> (&'static str, &'static str) {
    match families {
        [] => family_of(of),
        [one] => *one,
        _ => ("any", "any"),
    }
}

fn is_text(answer: &str) -> bool {
    answer.lines().any(|l| l.starts_with("BGP neighbor is ") || (l.starts_with("Neighbor ") && l.contains("Up/Down")))
}

fn listing(answer: &str) -> Result<Vec<Neighbour>, String> {
    let mut out: Vec<Neighbour> = Vec::new();
    let mut known = answer.trim().is_empty();
    let mut in_summary = false;
    let mut in_update = false;
    let mut families = Vec::new();
    for line in answer.lines() {
        let trimmed = line.trim();
        if let Some(rest) = trimmed.strip_prefix("BGP neighbor is ") {
            known = true;
            in_summary = false;
            families.clear();
            let mut one = Neighbour { vrf: DEFAULT_VRF.into(), ..Neighbour::default() };
            let word = rest.split([',', ' ']).next().unwrap_or("");
            (one.address, one.interface) = address(word);
            one.dynamic = word.contains('/');
            one.remote_as = rest.split_once("remote AS ").and_then(|(_, a)| asn(a.split([',', ' ']).next()?));
            out.push(one);
        } else if trimmed.starts_with("Neighbor ") && trimmed.contains("Up/Down") {
            known = true;
            in_summary = true;
        } else if trimmed.contains("no such neighbor") {
            known = true;
        } else if in_summary {
            out.extend(row(trimmed));
        } else if let Some(one) = out.last_mut() {
            in_update = trimmed.starts_with("Update statistics") || (in_update && !trimmed.is_empty());
            paragraph(one, trimmed, in_update, &mut families);
        }
    }
    if known { Ok(out) } else { Err("neither JSON nor a listing that bgpctl prints".into()) }
}

fn paragraph(one: &mut Neighbour, line: &str, in_update: bool, families: &mut Vec<(&'static str, &'static str)>) {
    if let Some(text) = line.strip_prefix("Description:") {
        one.description = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    } else if let Some(rest) = line.strip_prefix("Max-prefix:") {
        let limit = rest.split_whitespace().next().and_then(count_word);
        let (afi, safi) = family_of(one.address);
        one.family(afi, safi).limit = limit;
    } else if let Some((_, id)) = line.split_once("remote router-id ") {
        one.remote_id = id
            .split([',', ' '])
            .next()
            .and_then(|id| id.parse().ok())
            .filter(|id: &std::net::Ipv4Addr| !id.is_unspecified());
    } else if let Some(rest) = line.strip_prefix("BGP state = ") {
        let (state, more) = rest.split_once(',').unwrap_or((rest, ""));
        one.state = State::parse(state.trim());
        one.admin_down = more.contains("marked down");
        one.seconds = more.split_whitespace().last().and_then(duration);
    } else if let Some(rest) = line.strip_prefix("Multiprotocol extensions:") {
        // said twice, the negotiated ones last
        *families = rest.split(',').filter_map(family).collect();
        let (afi, safi) = only(families, one.address);
        if let Some(known) = one.families.first_mut() {
            (known.afi, known.safi) = (afi.into(), safi.into());
        }
    } else if in_update && line.starts_with("Prefixes ") {
        let mut numbers = line.split_whitespace().skip(1).map(count_word);
        let (afi, safi) = only(families, one.address);
        let known = one.family(afi, safi);
        known.advertised = numbers.next().flatten();
        known.received = numbers.next().flatten();
    } else if let Some(rest) = line.strip_prefix("Last error") {
        one.reason = rest.split_once(':').map(|(_, why)| why.trim().to_owned()).filter(|w| !w.is_empty());
    } else if let Some(rest) = line.strip_prefix("Local host:") {
        one.local_address = rest.split(',').next().and_then(|a| a.trim().parse().ok());
    }
}

/// A row of the summary; the first column is the description where there is one, and may contain blanks.
fn row(line: &str) -> Option<Neighbour> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let last = words.len().checked_sub(1)?;
    let state_at = words.iter().rposition(|w| State::parse(w).is_some()).filter(|at| *at + 1 >= last).unwrap_or(last);
    let as_at = state_at.checked_sub(5)?;
    let name = words[..as_at].join(" ");
    let mut one = Neighbour {
        vrf: DEFAULT_VRF.into(),
        remote_as: asn(words[as_at]),
        seconds: duration(words[state_at - 1]),
        ..Neighbour::default()
    };
    one.remote_as?;
    (one.address, one.interface) = address(&name);
    if one.address.is_none() {
        one.description = Some(name.clone());
        one.name = Some(name);
    }
    match State::parse(words[state_at]) {
        Some(state) => one.state = Some(state),
        None => {
            let (count, limit) = words[state_at].split_once('/').map_or((words[state_at], None), |(c, l)| (c, Some(l)));
            let (afi, safi) = if one.address.is_some() { family_of(one.address) } else { ("any", "any") };
            one.state = Some(State::Established);
            one.families.push(Family {
                received: Some(count_word(count)?),
                limit: limit.and_then(count_word),
                ..Family::new(afi, safi)
            });
        }
    }
    Some(one)
}
