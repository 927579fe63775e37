//! Where two networks could meet, by PeeringDB: exchanges and facilities that both are at.
//!
//! One side is an AS, the other an AS or a PeeringDB network. A private AS or one that PeeringDB does not know is nowhere.
//! None means, as everywhere, that the graph does not know yet.

use super::{Object, members, queryset::QuerySet};
use crate::pass::type_of;
use peerage_model::Record;
use std::collections::BTreeSet;

const NETWORK: &str = "peeringdb.network";

/// The PeeringDB record of an AS, or the network itself.
pub(super) fn network(side: &Object) -> Option<Option<Record>> {
    if side.is(NETWORK) { Some(Some(side.record.clone())) } else { members::network(side) }
}

/// Ids that the network's rows of a type lead to.
pub(super) fn places(side: &Object, type_key: &str, field: &str) -> Option<BTreeSet<i64>> {
    let Some(network) = network(side)? else { return Some(BTreeSet::new()) };
    let Some((of, net)) = type_of(type_key).and_then(|of| Some((of, of.field("net")?))) else {
        return Some(BTreeSet::new());
    };
    let rows = side.pass.referring(of, net, network.of, network.id)?;
    Some(rows.iter().filter_map(|row| row.int(field)).collect())
}

/// LANs that both are on.
fn lans(a: &Object, b: &Object) -> Option<BTreeSet<i64>> {
    let (a, b) = (places(a, "peeringdb.networkixlan", "ixlan"), places(b, "peeringdb.networkixlan", "ixlan"));
    Some(a?.intersection(&b?).copied().collect())
}

/// Our exchanges that are linked to a LAN that both are on.
pub fn exchanges(a: &Object, b: &Object) -> Option<QuerySet> {
    let of = type_of("peering.internetexchange");
    let mut rows = Vec::new();
    if let Some((of, field, lan)) =
        of.and_then(|of| Some((of, of.field("peeringdb_ixlan")?, type_of("peeringdb.ixlan")?)))
    {
        let mut known = Some(());
        for id in lans(a, b)? {
            match a.pass.referring(of, field, lan, id) {
                Some(found) => rows.extend(found),
                None => known = None,
            }
        }
        known?;
    }
    Some(QuerySet::new(&a.pass, of, rows))
}

/// Facilities that both are in.
pub fn facilities(a: &Object, b: &Object) -> Option<QuerySet> {
    let of = type_of("peeringdb.facility");
    let (one, two) = (places(a, "peeringdb.networkfacility", "fac"), places(b, "peeringdb.networkfacility", "fac"));
    let mut rows = Vec::new();
    let mut known = Some(());
    for id in one?.intersection(&two?) {
        match of.map(|of| a.pass.row(of, *id)) {
            Some(Some(row)) => rows.extend(row),
            Some(None) => known = None,
            None => {}
        }
    }
    known?;
    Some(QuerySet::new(&a.pass, of, rows))
}

/// Whether a network has no PeeringDB record, because its number is private or because it is not there.
pub fn is_nowhere(side: &Object) -> Option<bool> {
    Some(network(side)?.is_none())
}
