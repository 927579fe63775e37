//! The one rule for what can be added at an exchange: for each of our connections and each address family, how it stands
//! with a port of another network. Used by every page and function that offers peers.
//!
//! A peer counts as done on a connection only if that very connection has a session with that very address, so that one
//! session on one of two connections never hides the other.

pub mod score;

pub use score::Traits;

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// How it stands between one of our connections and one address of a peer's port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A session can be added.
    Free,
    /// There is one.
    Session {
        id: i64,
        status: String,
        /// Empty when no router has told.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        state: String,
    },
    /// A session with another AS has this address on this connection: the address has moved, or one of the two is wrong.
    OtherAs { id: i64 },
    /// PeeringDB has another address for the peer than a session with it on this connection, and nothing runs at the new
    /// one: it has moved, or PeeringDB is wrong.
    Moved { id: i64, from: IpAddr },
    /// The peer has no address of this family on the LAN.
    NoAddress,
    /// Our connection has none.
    NoLocalAddress,
    /// PeeringDB says that the port is not in operation.
    NotOperational,
    /// It is one of our own AS numbers.
    Ours,
    /// Our connection, or its exchange, is disabled.
    Disabled,
    /// Somebody has hidden the network there.
    Hidden,
}

/// What the rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The peer has an address of the family; we have one.
    pub peer_has_address: bool,
    pub we_have_address: bool,
    pub operational: bool,
    pub ours: bool,
    pub hidden: bool,
    /// Our connection or its exchange is disabled.
    pub disabled: bool,
    /// Id, status and BGP state of the session on this connection with this address.
    pub session: Option<(i64, &'a str, &'a str)>,
    /// That session is with another autonomous system.
    pub of_another: bool,
    /// A session with it on this connection, whose address of the family is none of those that PeeringDB lists for it there.
    pub unlisted: Option<(i64, IpAddr)>,
}

impl Situation<'_> {
    /// First that applies: what is there beats what is impossible beats what is unwanted.
    pub fn standing(&self) -> Standing {
        if let Some((id, _, _)) = self.session.filter(|_| self.of_another) {
            Standing::OtherAs { id }
        } else if let Some((id, status, state)) = self.session {
            Standing::Session { id, status: status.to_owned(), state: state.to_owned() }
        } else if !self.peer_has_address {
            Standing::NoAddress
        } else if self.ours {
            Standing::Ours
        } else if self.hidden {
            Standing::Hidden
        } else if !self.we_have_address {
            Standing::NoLocalAddress
        } else if self.disabled {
            Standing::Disabled
        } else if !self.operational {
            Standing::NotOperational
        } else if let Some((id, from)) = self.unlisted {
            Standing::Moved { id, from }
        } else {
            Standing::Free
        }
    }
}

impl Standing {
    /// The words of a cell of the matrix.
    pub fn words(&self) -> &str {
        match self {
            Self::Free => "free",
            Self::Session { state, .. } if state == "established" => "up",
            Self::Session { status, .. } if status != "enabled" => status,
            Self::Session { state, .. } if !state.is_empty() => "down",
            Self::Session { .. } => "session",
            Self::OtherAs { .. } => "other AS",
            Self::Moved { .. } => "moved",
            Self::NoAddress => "no address",
            Self::NoLocalAddress => "not ours",
            Self::NotOperational => "not in operation",
            Self::Ours => "our AS",
            Self::Disabled => "disabled",
            Self::Hidden => "hidden",
        }
    }

    /// There is a session, or there can never be one: nothing is left to do, and no filter of its own hides that.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Session { .. } | Self::NoAddress | Self::NoLocalAddress)
    }

    pub fn is_free(&self) -> bool {
        matches!(self, Self::Free)
    }

    /// What speaks against a session there, for whoever wants one all the same; none: nothing, or it cannot be.
    pub fn objection(&self) -> Option<String> {
        Some(match self {
            Self::OtherAs { .. } => "A session with another AS has this address on this connection.".to_owned(),
            Self::Moved { from, .. } => {
                format!("There is a session at the old address {from}. Move that one, or delete it.")
            }
            Self::NotOperational => "PeeringDB says that this port is not in operation.".to_owned(),
            Self::Ours => "This is one of your own networks.".to_owned(),
            Self::Disabled => "The connection, or its exchange, is disabled.".to_owned(),
            Self::Hidden => "The network is hidden there.".to_owned(),
            Self::Free | Self::Session { .. } | Self::NoAddress | Self::NoLocalAddress => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Situation<'static> = Situation {
        peer_has_address: true,
        we_have_address: true,
        operational: true,
        ours: false,
        hidden: false,
        disabled: false,
        session: None,
        of_another: false,
        unlisted: None,
    };

    #[test]
    fn each_gap_has_its_reason() {
        assert_eq!(FREE.standing(), Standing::Free);
        assert_eq!(Situation { peer_has_address: false, ..FREE }.standing(), Standing::NoAddress);
        assert_eq!(Situation { ours: true, ..FREE }.standing(), Standing::Ours);
        assert_eq!(Situation { hidden: true, ..FREE }.standing(), Standing::Hidden);
        assert_eq!(Situation { we_have_address: false, ..FREE }.standing(), Standing::NoLocalAddress);
        assert_eq!(Situation { disabled: true, ..FREE }.standing(), Standing::Disabled);
        assert_eq!(Situation { operational: false, ..FREE }.standing(), Standing::NotOperational);
        let from = [192, 0, 2, 7].into();
        let moved = Situation { unlisted: Some((7, from)), ..FREE };
        assert_eq!(moved.standing(), Standing::Moved { id: 7, from });
        assert_eq!(Situation { session: Some((8, "enabled", "")), ..moved }.standing().words(), "session");
    }

    #[test]
    fn whoever_wants_a_session_all_the_same_is_told_what_speaks_against_it() {
        assert_eq!(Standing::Free.objection(), None);
        let moved = Standing::Moved { id: 7, from: [192, 0, 2, 7].into() };
        assert!(moved.objection().is_some_and(|words| words.contains("192.0.2.7")));
        assert!(Standing::Hidden.objection().is_some());
    }

    #[test]
    fn a_session_is_shown_whatever_else_is_true() {
        let there = Situation { session: Some((7, "disabled", "")), operational: false, ..FREE }.standing();
        assert_eq!(there.words(), "disabled");
        let theirs = Situation { session: Some((7, "enabled", "")), of_another: true, ..FREE }.standing();
        assert_eq!(theirs, Standing::OtherAs { id: 7 });
    }
}
