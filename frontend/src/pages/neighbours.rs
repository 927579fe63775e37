//! Networks beside ours: what a peer's page tells of it, where both are, and with whom a link of their own could be made.

pub mod at_exchange;
pub mod in_common;
pub mod private;
pub mod story;

use crate::{data::Session, ui::pager::grouped};
use peerage_model::{
    peeringdb::{FACILITY, NETWORK, NETWORK_FACILITY, NETWORK_IXLAN},
    permit::View,
    types::AUTONOMOUS_SYSTEM,
};

/// Whether somebody may see where networks are; tracked.
pub fn may_look(session: Session) -> bool {
    [&AUTONOMOUS_SYSTEM, &NETWORK, &NETWORK_IXLAN, &NETWORK_FACILITY, &FACILITY]
        .into_iter()
        .all(|of| session.allows::<View>(of))
}

/// `Hamburg, DE`
fn town(city: &str, country: &str) -> String {
    [city, country].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// `AS64500, AS64501`
fn numbers(asns: &[u32]) -> String {
    asns.iter().map(|asn| format!("AS{asn}")).collect::<Vec<_>>().join(", ")
}

/// `1 session`, `12 sessions`
fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {one}s", grouped(count)) }
}
