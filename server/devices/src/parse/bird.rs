//! BIRD's `show protocols all` (and the short form), releases 1.6 to 3. There is no JSON: lines are read by their label,
//! because releases add lines and columns. A protocol begins at the margin, everything of it is indented.
//!
//! The time column is in the router's own zone, so an elapsed time can only be told against `Current server time` of `show
//! status`, which may stand in any of the answers. `imported` is what is in after policy (`accepted`); what came in is known
//! only when the protocol keeps filtered routes, and then is imported + filtered.

use super::{address, asn, count_word, family, family_of};
use crate::{
    Neighbour, ParseProblem, State,
    neighbour::{DEFAULT_VRF, Family},
};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

pub(super) fn neighbours(answers: &[(&str, &str)]) -> Result<Vec<Neighbour>, ParseProblem> {
    let now = answers
        .iter()
        .flat_map(|(_, text)| text.lines())
        .find_map(|l| moment(l.split_once("Current server time is")?.1));
    let mut out: Vec<Neighbour> = Vec::new();
    for (name, text) in answers {
        let mut known = text.trim().is_empty();
        let mut at: Option<usize> = None;
        let mut in_family: Option<(&'static str, &'static str)> = None;
        for line in text.lines() {
            let line = without_code(line);
            if line.starts_with([' ', '\t']) {
                if let Some(one) = at.and_then(|i| out.get_mut(i)) {
                    label(one, line.trim(), &mut in_family);
                }
                continue;
            }
            // an empty line separates, but a line with a few blanks and nothing else does not
            let lower = line.to_ascii_lowercase();
            if line.starts_with("BIRD ")
                || lower.starts_with("name ")
                || line == "Access restricted"
                || lower.starts_with("current server time")
            {
                known = true;
                at = None;
                continue;
            }
            let Some(header) = Header::read(line) else { continue };
            known = true;
            at = None;
            in_family = None;
            if !header.kind.eq_ignore_ascii_case("bgp") {
                continue;
            }
            out.push(header.neighbour(now));
            at = Some(out.len() - 1);
        }
        if !known {
            return Err(ParseProblem::new(*name, "not a listing of protocols that BIRD prints"));
        }
    }
    for one in &mut out {
        // BIRD 1 has one table, so one family and no channel lines
        if let Some(bare) = one.families.iter().position(|f| f.afi.is_empty()) {
            let (afi, safi) = family_of(one.address);
            one.families[bare].afi = afi.into();
            one.families[bare].safi = safi.into();
        }
    }
    Ok(out)
}

/// `1002-name …` as `birdc -v` prints it.
fn without_code(line: &str) -> &str {
    let bytes = line.as_bytes();
    if bytes.len() >= 5 && bytes[..4].iter().all(u8::is_ascii_digit) && matches!(bytes[4], b'-' | b' ') {
        &line[5..]
    } else {
        line
    }
}

struct Header<'a> {
    name: &'a str,
    kind: &'a str,
    table: Option<&'a str>,
    down: bool,
    since: String,
    info: Vec<&'a str>,
}

impl<'a> Header<'a> {
    /// `as64501_v4 BGP        ---        up     20:41:15.061  Established`. The table may be missing.
    fn read(line: &'a str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = *words.first()?;
        let kind = *words.get(1)?;
        let is_state = |w: &str| matches!(w, "up" | "start" | "down" | "stop" | "flush" | "wait");
        let state = (2..=3).find(|i| words.get(*i).is_some_and(|w| is_state(w)));
        let Some(state) = state else {
            // other kinds of protocol are told apart only to end the one before; they need not be understood
            return kind.starts_with(|c: char| c.is_ascii_uppercase()).then_some(Self {
                name,
                kind: if kind == "BGP" { "?" } else { kind },
                table: None,
                down: false,
                since: String::new(),
                info: Vec::new(),
            });
        };
        let mut rest = words[state + 1..].iter().copied();
        let mut since = rest.next().unwrap_or("").to_owned();
        let mut info: Vec<&str> = rest.collect();
        if since.contains('-')
            && info.first().is_some_and(|w| w.contains(':') && w.starts_with(|c: char| c.is_ascii_digit()))
        {
            since = format!("{since} {}", info.remove(0));
        }
        Some(Self { name, kind, table: (state == 3).then(|| words[2]), down: words[state] == "down", since, info })
    }

    fn neighbour(&self, now: Option<NaiveDateTime>) -> Neighbour {
        let mut one = Neighbour {
            vrf: DEFAULT_VRF.into(),
            name: Some(self.name.into()),
            admin_down: self.down,
            ..Neighbour::default()
        };
        one.table = self.table.filter(|t| !matches!(*t, "---" | "master" | "master4" | "master6")).map(str::to_owned);
        one.state = self.info.first().and_then(|w| State::parse(w)).or(self.down.then_some(State::Idle));
        let words = if one.state.is_some() && !self.info.is_empty() && State::parse(self.info[0]).is_some() {
            &self.info[1..]
        } else {
            &self.info[..]
        };
        one.reason = Some(words.join(" ")).filter(|w| !w.is_empty());
        one.seconds = now.and_then(|now| elapsed(&self.since, now));
        one
    }
}

fn label(one: &mut Neighbour, line: &str, in_family: &mut Option<(&'static str, &'static str)>) {
    if let Some(name) = line.strip_prefix("Channel ") {
        *in_family = Some(channel(name));
        return;
    }
    let Some((label, value)) = line.split_once(':') else { return };
    let value = value.trim();
    let some = || Some(value.to_owned()).filter(|v| !v.is_empty());
    match label.trim() {
        "Description" => one.description = some(),
        "VRF" => one.vrf = if value == "default" || value.is_empty() { DEFAULT_VRF.into() } else { value.into() },
        "BGP state" => one.state = State::parse(value.split_whitespace().next().unwrap_or("")).or(one.state),
        "Neighbor address" => (one.address, one.interface) = address(value),
        "Neighbor range" => one.dynamic = true,
        "Neighbor AS" => one.remote_as = asn(value),
        "Local AS" => one.local_as = asn(value),
        "Neighbor ID" => one.remote_id = value.parse().ok(),
        "Source address" => one.local_address = address(value).0,
        "Neighbor group" | "Group" => one.group = some(),
        "Last error" => one.reason = some().or(one.reason.take()),
        "Routes" => routes(counts(one, *in_family), value),
        "Import limit" | "Receive limit" | "Route limit" => {
            // `100`, `200000 [HIT]`, `710/200000`
            let number = value.rsplit('/').next().and_then(|v| count_word(v.split_whitespace().next()?));
            let known = counts(one, *in_family);
            known.limit = known.limit.or(number);
        }
        _ => {}
    }
}

/// The family of a channel by its name: usually `ipv4` and so on; a channel with a name of its own counts as its table does.
fn channel(name: &str) -> (&'static str, &'static str) {
    match name.trim() {
        "ipv4-mc" => ("ipv4", "multicast"),
        "ipv6-mc" => ("ipv6", "multicast"),
        "vpn4" | "vpn4-mpls" => ("ipv4", "vpn"),
        "vpn6" | "vpn6-mpls" => ("ipv6", "vpn"),
        "vpn4-mc" => ("ipv4", "vpn-multicast"),
        "vpn6-mc" => ("ipv6", "vpn-multicast"),
        "flow4" => ("ipv4", "flowspec"),
        "flow6" => ("ipv6", "flowspec"),
        "evpn" => ("l2vpn", "evpn"),
        "ipv4-mpls" => ("ipv4", "labeled-unicast"),
        "ipv6-mpls" => ("ipv6", "labeled-unicast"),
        other => family(other).unwrap_or(("any", "any")),
    }
}

fn counts<'a>(one: &'a mut Neighbour, in_family: Option<(&'static str, &'static str)>) -> &'a mut Family {
    let (afi, safi) = in_family.unwrap_or(("", ""));
    one.family(afi, safi)
}

/// `2 imported, 1 filtered, 1 exported, 2 preferred`.
fn routes(known: &mut Family, value: &str) {
    for part in value.split(',') {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(count_word);
        match words.next() {
            Some("imported") => known.accepted = number,
            Some("filtered") => known.filtered = number,
            Some("exported") => known.advertised = number,
            _ => {}
        }
    }
    if let (Some(accepted), Some(filtered)) = (known.accepted, known.filtered) {
        known.received = accepted.checked_add(filtered);
    }
}

/// `2026-11-26 20:41:14.459`, with or without the fraction.
fn moment(text: &str) -> Option<NaiveDateTime> {
    let mut words = text.split_whitespace();
    let day: NaiveDate = words.next()?.parse().ok()?;
    Some(day.and_time(words.next().map_or(Some(NaiveTime::MIN), time)?))
}

fn time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|f| NaiveTime::parse_from_str(text, f).ok())
}

/// Seconds from `since` to `now`, both in the router's zone. A time without a day is of the last 24 hours; a day without a
/// time is exact to the day only.
fn elapsed(since: &str, now: NaiveDateTime) -> Option<u64> {
    let began = match moment(since) {
        Some(moment) => moment,
        None => {
            let today = now.date().and_time(time(since)?);
            if today > now { today.checked_sub_signed(TimeDelta::days(1))? } else { today }
        }
    };
    u64::try_from(now.signed_duration_since(began).num_seconds()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_day_is_of_the_last_day() {
        let now = moment("2026-11-26 00:10:00.5").unwrap();
        assert_eq!(elapsed("23:50:00.5", now), Some(1200));
        assert_eq!(elapsed("00:09:59.5", now), Some(1));
        assert_eq!(elapsed("2026-11-25 00:10:00", now), Some(86_400));
        assert_eq!(elapsed("2027-01-01", now), None, "a clock that was put back says nothing");
    }
}
