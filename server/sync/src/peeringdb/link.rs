//! Our connections and exchanges find their places in the cache. A connection's place is the port whose addresses are
//! exactly its own, in both families; an exchange's is the LAN that all its linked connections agree on.
//!
//! Both are ordinary changes of operator data: recorded, as the system's. Nothing is ever unlinked here: when a port
//! vanishes upstream, the database takes the link away with it.

use super::ours::{Edits, all, among, by_id};
use peerage_model::{
    Record, Value, Who,
    peeringdb::{NETWORK_IXLAN, PORT_ADDRESSES},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, CONNECTION_ADDRESSES, HIDDEN_PEER, INTERNET_EXCHANGE, KEPT_IDS},
};
use peerage_store::{Store, StoreError};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    net::IpAddr,
};

/// A port's addresses, IPv4 and IPv6.
type Addresses = (Option<IpAddr>, Option<IpAddr>);

/// Links what can be linked; how many connections and exchanges got another link.
pub async fn link(
    store: &Store,
    who: &Who,
    request: &str,
    problems: &mut Vec<String>,
) -> Result<(usize, usize), StoreError> {
    hidden_again(store, who, request, problems).await?;
    let connections = all(store, who, &CONNECTION).await?;
    let exchanges = all(store, who, &INTERNET_EXCHANGE).await?;
    let ports = ports_for(store, who, &connections).await?;
    let own_asn = own_asns(store, who, &exchanges).await?;

    let mut edits = Edits::new(&CONNECTION);
    let mut lan_of: HashMap<i64, HashSet<i64>> = HashMap::new();
    for connection in &connections {
        let exchange = connection.int("internet_exchange_point");
        let found = addresses(connection, CONNECTION_ADDRESSES)
            .and_then(|wanted| ports.get(&wanted))
            .and_then(|ports| only_one(ports, exchange.and_then(|id| own_asn.get(&id)).copied()));
        if let Some(port) = found
            && connection.int("peeringdb_netixlan") != Some(port.id)
        {
            edits.set(connection, "peeringdb_netixlan", Value::Int(port.id));
        }
        // A link made by hand counts as well; its LAN is looked up below.
        let linked = found.map(|port| port.id).or(connection.int("peeringdb_netixlan"));
        if let (Some(exchange), Some(port)) = (exchange, linked) {
            lan_of.entry(exchange).or_default().insert(port);
        }
    }
    let linked_connections = edits.write(store, who, request, problems).await?;

    let linked: HashSet<i64> = lan_of.values().flatten().copied().collect();
    let linked: Vec<i64> = linked.into_iter().collect();
    let lans: HashMap<i64, i64> = by_id(store, who, &NETWORK_IXLAN, &linked)
        .await?
        .iter()
        .filter_map(|port| Some((port.id, port.int("ixlan")?)))
        .collect();
    let mut taken: HashSet<(i64, i64)> = exchanges.iter().filter_map(place).collect();
    let mut edits = Edits::new(&INTERNET_EXCHANGE);
    for exchange in &exchanges {
        let agreed: HashSet<i64> =
            lan_of.get(&exchange.id).into_iter().flatten().filter_map(|port| lans.get(port).copied()).collect();
        let (Some(lan), 1) = (agreed.iter().next().copied(), agreed.len()) else { continue };
        let Some(local) = exchange.int("local_autonomous_system") else { continue };
        if exchange.int("peeringdb_ixlan") != Some(lan) && taken.insert((local, lan)) {
            edits.set(exchange, "peeringdb_ixlan", Value::Int(lan));
        }
    }
    Ok((linked_connections, edits.write(store, who, request, problems).await?))
}

/// Hidden peers whose rows were away (the cache was emptied) lead to them again, by the numbers that they have kept; how many.
async fn hidden_again(
    store: &Store,
    who: &Who,
    request: &str,
    problems: &mut Vec<String>,
) -> Result<usize, StoreError> {
    let hidden = all(store, who, &HIDDEN_PEER).await?;
    let mut edits = Edits::new(&HIDDEN_PEER);
    for (reference, copy) in KEPT_IDS {
        let Some(of) = HIDDEN_PEER.field(reference).and_then(|field| field.kind.target()) else { continue };
        let away = hidden.iter().filter(|peer| peer.get(reference).is_null());
        let away: Vec<(&Record, i64)> = away.filter_map(|peer| Some((peer, peer.int(copy)?))).collect();
        let ids: Vec<i64> = away.iter().map(|(_, id)| *id).collect();
        let there: HashSet<i64> = by_id(store, who, of, &ids).await?.iter().map(|row| row.id).collect();
        for (peer, id) in away.into_iter().filter(|(_, id)| there.contains(id)) {
            edits.set(peer, reference, Value::Int(id));
        }
    }
    edits.write(store, who, request, problems).await
}

/// The port that one of our connections stands for, whether it is stored or not: what [`link`] would find.
///
/// # Errors
/// A failure of the database, or a permission that is missing.
pub async fn port_of(store: &Store, who: &Who, connection: &Record) -> Result<Option<i64>, StoreError> {
    let Some(wanted) = addresses(connection, CONNECTION_ADDRESSES) else { return Ok(None) };
    let ports = ports_for(store, who, std::slice::from_ref(connection)).await?;
    let ids: Vec<i64> = connection.int("internet_exchange_point").into_iter().collect();
    let exchanges = by_id(store, who, &INTERNET_EXCHANGE, &ids).await?;
    let own = own_asns(store, who, &exchanges).await?.into_values().next();
    Ok(ports.get(&wanted).and_then(|ports| only_one(ports, own)).map(|port| port.id))
}

/// The AS and the LAN of a linked exchange: no two have the same.
fn place(exchange: &Record) -> Option<(i64, i64)> {
    Some((exchange.int("local_autonomous_system")?, exchange.int("peeringdb_ixlan")?))
}

/// None where there is no address at all.
fn addresses(record: &Record, fields: [&str; 2]) -> Option<Addresses> {
    let [ipv4, ipv6] = fields.map(|field| record.get(field).as_ip());
    (ipv4.is_some() || ipv6.is_some()).then_some((ipv4, ipv6))
}

/// Ports that have an address of one of our connections, by their addresses.
async fn ports_for(
    store: &Store,
    who: &Who,
    connections: &[Record],
) -> Result<HashMap<Addresses, Vec<Record>>, StoreError> {
    let wanted: Vec<Addresses> =
        connections.iter().filter_map(|connection| addresses(connection, CONNECTION_ADDRESSES)).collect();
    // one address is enough to find a port, the other is compared
    let (with_ipv6, without): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(_, ipv6)| ipv6.is_some());
    let ipv6: Vec<Value> = with_ipv6.into_iter().filter_map(|(_, ipv6)| ipv6).map(Value::Ip).collect();
    let ipv4: Vec<Value> = without.into_iter().filter_map(|(ipv4, _)| ipv4).map(Value::Ip).collect();
    let mut ports: HashMap<Addresses, Vec<Record>> = HashMap::new();
    for (field, values) in PORT_ADDRESSES.into_iter().zip([ipv4, ipv6]) {
        for port in among(store, who, &NETWORK_IXLAN, field, &values).await? {
            if let Some(addresses) = addresses(&port, PORT_ADDRESSES) {
                let same = ports.entry(addresses).or_default();
                // one that was found by both of its addresses is one
                if same.iter().all(|other| other.id != port.id) {
                    same.push(port);
                }
            }
        }
    }
    Ok(ports)
}

/// Of several ports with the same addresses, the one of our own AS.
fn only_one(ports: &[Record], asn: Option<i64>) -> Option<&Record> {
    match ports {
        [port] => Some(port),
        several => {
            let mut ours = several.iter().filter(|port| asn.is_some() && port.int("asn") == asn);
            ours.next().filter(|_| ours.next().is_none())
        }
    }
}

/// By exchange, the AS number that we have there.
async fn own_asns(store: &Store, who: &Who, exchanges: &[Record]) -> Result<BTreeMap<i64, i64>, StoreError> {
    let ids: HashSet<i64> = exchanges.iter().filter_map(|exchange| exchange.int("local_autonomous_system")).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let systems = by_id(store, who, &AUTONOMOUS_SYSTEM, &ids).await?;
    let asn: HashMap<i64, i64> = systems.iter().filter_map(|system| Some((system.id, system.int("asn")?))).collect();
    let of = |exchange: &Record| Some((exchange.id, *asn.get(&exchange.int("local_autonomous_system")?)?));
    Ok(exchanges.iter().filter_map(of).collect())
}
