//! The health gate: whether the sessions are as well off as before. Pure.
//!
//! A session that was established before must be again; one that was not is no reason to go back, whatever it does now: a
//! peer that has never answered is not our mistake. Nor is a session that the push takes off the device or shuts down, unless it
//! is one that is to be up. Which routing instance a session is in makes no difference.

use crate::{Neighbour, PeerKey, State};
use serde::Serialize;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    net::IpAddr,
    time::Duration,
};

/// What must be well again after a push.
#[derive(Debug, Clone)]
pub struct Gate {
    /// The addresses of peers that are to be up, in whatever routing instance. Others may go: the difference that was approved
    /// said so. What stays on the device and is not shut down is to be up all the same. `None`: every session that was
    /// established before is to stay.
    pub scope: Option<HashSet<IpAddr>>,
    /// A family of a session may not fall below this share of the prefixes that it had, in percent.
    pub prefix_floor: Option<u8>,
    /// The time between two looks.
    pub every: Duration,
    /// The gate never opens before this much time after the change: some damage takes a moment to show.
    pub settle: Duration,
    /// After a roll back: how long to wait for the sessions to come back, for the record.
    pub return_within: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            scope: None,
            prefix_floor: None,
            every: Duration::from_secs(2),
            settle: Duration::from_secs(6),
            return_within: Duration::from_secs(60),
        }
    }
}

/// Something that is worse than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub peer: PeerKey,
    #[serde(flatten)]
    pub loss: Loss,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "loss")]
pub enum Loss {
    /// It was established and is not.
    Session { state: Option<State>, reason: Option<String> },
    /// It was established and the device does not know it any more.
    Neighbour,
    /// It has too few prefixes.
    Prefixes { afi: String, safi: String, before: u64, now: u64 },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.loss {
            Loss::Session { state, reason } => {
                write!(
                    f,
                    "the session with {} was established and is {}",
                    self.peer,
                    state.map_or("unknown".into(), |s| s.to_string())
                )?;
                reason.as_ref().map_or(Ok(()), |r| write!(f, " ({r})"))
            }
            Loss::Neighbour => write!(f, "the session with {} was established and is gone from the device", self.peer),
            Loss::Prefixes { afi, safi, before, now } => {
                write!(f, "{} has {now} {afi} {safi} prefixes, it had {before}", self.peer)
            }
        }
    }
}

impl Gate {
    /// What is worse now. Empty: healthy.
    pub fn findings(&self, before: &[Neighbour], now: &[Neighbour]) -> Vec<Finding> {
        let now: HashMap<PeerKey, &Neighbour> = now.iter().map(|n| (n.key(), n)).collect();
        let mut findings = Vec::new();
        for was in before.iter().filter(|n| n.is_established()) {
            let peer = was.key();
            let loss = match now.get(&peer) {
                None => self.is_to_stay(was).then_some(Loss::Neighbour),
                Some(is) if !is.is_established() => (!is.admin_down || self.is_to_stay(was))
                    .then(|| Loss::Session { state: is.state, reason: is.reason.clone() }),
                Some(is) => self.prefix_loss(was, is),
            };
            findings.extend(loss.map(|loss| Finding { peer, loss }));
        }
        findings
    }

    fn is_to_stay(&self, was: &Neighbour) -> bool {
        let scope = self.scope.as_ref();
        scope.is_none_or(|scope| was.address.is_some_and(|address| scope.contains(&address.to_canonical())))
    }

    fn prefix_loss(&self, was: &Neighbour, is: &Neighbour) -> Option<Loss> {
        let floor = u64::from(self.prefix_floor?);
        was.families.iter().find_map(|before| {
            let had = before.prefixes()?;
            let has = is
                .families
                .iter()
                .find(|f| f.afi == before.afi && f.safi == before.safi)
                .and_then(|f| f.prefixes())
                .unwrap_or(0);
            (has.saturating_mul(100) < had.saturating_mul(floor)).then(|| Loss::Prefixes {
                afi: before.afi.clone(),
                safi: before.safi.clone(),
                before: had,
                now: has,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Family;

    fn peer(last: u8, state: State, prefixes: u64) -> Neighbour {
        let mut one = Neighbour {
            vrf: "default".into(),
            address: Some([192, 0, 2, last].into()),
            state: Some(state),
            ..Neighbour::default()
        };
        one.families.push(Family { accepted: Some(prefixes), ..Family::new("ipv4", "unicast") });
        one
    }

    #[test]
    fn losing_an_established_session_is_found() {
        let before = [peer(1, State::Established, 5), peer(2, State::Established, 5)];
        let found = Gate::default().findings(&before, &[peer(1, State::Active, 0)]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].to_string(), "the session with 192.0.2.1 was established and is Active");
        assert_eq!(found[1].loss, Loss::Neighbour);
    }

    #[test]
    fn a_session_that_never_answered_is_no_finding() {
        let before = [peer(1, State::Active, 0)];
        assert!(Gate::default().findings(&before, &[peer(1, State::Idle, 0), peer(2, State::Connect, 0)]).is_empty());
        assert!(Gate::default().findings(&before, &[]).is_empty());
    }

    #[test]
    fn a_session_outside_the_scope_may_go_or_be_shut_down_but_not_break() {
        let gate = Gate { scope: Some([[192, 0, 2, 1].into()].into()), ..Gate::default() };
        let before = [peer(1, State::Established, 5), peer(2, State::Established, 5)];
        let one = peer(1, State::Established, 5);
        assert!(gate.findings(&before, std::slice::from_ref(&one)).is_empty());
        let shut = Neighbour { admin_down: true, ..peer(2, State::Idle, 0) };
        assert!(gate.findings(&before, &[one.clone(), shut]).is_empty());
        assert_eq!(gate.findings(&before, &[one, peer(2, State::Active, 0)]).len(), 1);
        // what is to be up is not shut down either
        let shut = Neighbour { admin_down: true, ..peer(1, State::Idle, 0) };
        assert_eq!(gate.findings(&before, &[shut, peer(2, State::Established, 5)]).len(), 1);
    }

    #[test]
    fn a_session_in_another_routing_instance_is_watched_as_well() {
        let gate = Gate { scope: Some([[192, 0, 2, 1].into()].into()), ..Gate::default() };
        let red = |state| Neighbour { vrf: "red".into(), ..peer(1, state, 5) };
        let found = gate.findings(&[red(State::Established)], &[red(State::Active)]);
        assert_eq!(found[0].to_string(), "the session with 192.0.2.1 in red was established and is Active");
        // the same address in the global table is another session
        let global = gate.findings(&[red(State::Established)], &[peer(1, State::Established, 5)]);
        assert_eq!(global[0].loss, Loss::Neighbour);
        assert!(gate.findings(&[red(State::Established)], &[red(State::Established)]).is_empty());
    }

    #[test]
    fn too_few_prefixes_are_found() {
        let gate = Gate { prefix_floor: Some(50), ..Gate::default() };
        let before = [peer(1, State::Established, 10)];
        assert!(gate.findings(&before, &[peer(1, State::Established, 5)]).is_empty());
        assert_eq!(gate.findings(&before, &[peer(1, State::Established, 4)]).len(), 1);
    }
}
