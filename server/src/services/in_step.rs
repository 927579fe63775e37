//! Our own objects beside what PeeringDB says of them, as a person's changes: the rules are those of a synchronisation
//! (`peerage_sync::peeringdb`), which does the same for all of them as the system.

use super::request_id;
use async_trait::async_trait;
use peerage_app::{
    in_step::{self, Comparison, Difference, Known, Linked, Synchronised},
    records::FieldWas,
};
use peerage_model::{
    Filter, Problem, Record, Value, Who, at_peeringdb, label,
    peeringdb::{IXLAN, NETWORK, NETWORK_IXLAN, PORT_ADDRESSES},
    permit::{Change, View},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, CONNECTION_ADDRESSES, Differing, INTERNET_EXCHANGE, differing, is_private},
    wire::ObjectRef,
};
use peerage_store::{Store, Write};
use peerage_sync::peeringdb::{port_of, synchronise_as};
use std::collections::BTreeSet;

const PORT: &str = "peeringdb_netixlan";
const LAN: &str = "peeringdb_ixlan";

pub struct InStep {
    store: Store,
}

/// An autonomous system and PeeringDB's network of its number.
struct Beside {
    ours: Record,
    known: Known,
    network: Option<Record>,
}

impl Beside {
    fn differing(&self) -> Vec<Differing> {
        self.network.iter().flat_map(|network| differing(&self.ours, network)).collect()
    }

    fn told(&self, one: &Differing) -> Difference {
        let left = match (one.allowed, one.fits) {
            (true, true) => None,
            (false, _) => Some(format!("“{}” is switched off for this AS.", one.flag.label())),
            (true, false) => Some("It is longer than can be kept here.".to_owned()),
        };
        Difference {
            field: one.field.name.to_owned(),
            ours: one.field.kind.to_json(self.ours.get(one.field.name)),
            theirs: one.field.kind.to_json(&one.theirs),
            left,
        }
    }
}

impl InStep {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn beside(&self, who: &Who, id: i64) -> Result<Beside, Problem> {
        let view = who.permit::<View>(&NETWORK)?;
        let found = self.store.get(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, id).await?;
        let ours = found.ok_or_else(|| Problem::not_found(AUTONOMOUS_SYSTEM.name))?;
        if is_private(&ours) {
            return Ok(Beside { ours, known: Known::Private, network: None });
        }
        let network = self.store.find(&view, &[("asn", ours.get("asn").clone())]).await?.pop();
        let known = match network {
            Some(_) => Known::Known,
            None if self.store.count(&view, &Filter::default()).await? == 0 => Known::NoCache,
            None => Known::Unknown,
        };
        Ok(Beside { ours, known, network })
    }

    async fn link_connection(&self, who: &Who, id: i64) -> Result<Linked, Problem> {
        let change = who.permit::<Change>(&CONNECTION)?;
        let found = self.store.get(&who.permit::<View>(&CONNECTION)?, id).await?;
        let connection = found.ok_or_else(|| Problem::not_found(CONNECTION.name))?;
        if connection.int(PORT).is_some() {
            return Err(Problem::conflict("It is linked already. Edit it to choose another port."));
        }
        let Some(port) = port_of(&self.store, who, &connection).await? else {
            return Err(Problem::conflict(self.why_no_port(who, &connection).await?));
        };
        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        let linked = write.update(&change, connection.version, connection.clone().with(PORT, Value::Int(port))).await?;
        let also = exchange_follows(&mut write, who, &linked).await?;
        write.commit().await?;
        let to = self.port_in_words(who, port).await?;
        Ok(Linked { to, count: 1 + u64::from(also), request })
    }

    async fn port_in_words(&self, who: &Who, port: i64) -> Result<String, Problem> {
        let view = who.permit::<View>(&NETWORK_IXLAN)?;
        let ports = self.store.get_many(&view, &[port]).await?;
        let names = self.store.related(&view, &ports).await?;
        Ok(ports.first().map(|port| label::label(port, &names)).unwrap_or_default())
    }

    /// No port has exactly its addresses: what there is instead.
    async fn why_no_port(&self, who: &Who, connection: &Record) -> Result<String, Problem> {
        let view = who.permit::<View>(&NETWORK_IXLAN)?;
        let ours = PORT_ADDRESSES.into_iter().zip(CONNECTION_ADDRESSES.map(|name| connection.get(name))).rev();
        let mut asked = Vec::new();
        for (field, address) in ours {
            let Some(ip) = address.as_ip() else { continue };
            asked.push(ip.to_string());
            let found = self.store.among(&view, field, &[Value::Ip(ip)]).await?;
            match found.as_slice() {
                [] => {}
                [port] => {
                    let theirs: Vec<String> = at_peeringdb::addresses(port).map(|ip| ip.to_string()).collect();
                    return Ok(format!(
                        "PeeringDB lists {ip} for a port that has {}. Both addresses have to be the same here and there; correct the wrong one, or choose the port by hand.",
                        theirs.join(" and ")
                    ));
                }
                _ => {
                    return Ok(format!("PeeringDB lists {ip} for several ports. Edit the connection to choose one."));
                }
            }
        }
        Ok(if asked.is_empty() {
            "It has no address yet, and ports are found by their addresses. Add its addresses first.".to_owned()
        } else {
            format!(
                "No port in PeeringDB has {}. Synchronise PeeringDB, if it was entered there lately.",
                asked.join(" or ")
            )
        })
    }

    async fn link_exchange(&self, who: &Who, id: i64) -> Result<Linked, Problem> {
        let change = who.permit::<Change>(&INTERNET_EXCHANGE)?;
        let found = self.store.get(&who.permit::<View>(&INTERNET_EXCHANGE)?, id).await?;
        let exchange = found.ok_or_else(|| Problem::not_found(INTERNET_EXCHANGE.name))?;
        if exchange.int(LAN).is_some() {
            return Err(Problem::conflict("It is linked already. Edit it to choose another LAN."));
        }
        let view = who.permit::<View>(&CONNECTION)?;
        let connections = self.store.reverse(&view, "internet_exchange_point", &[id]).await?;
        let mut found = Vec::new();
        for connection in connections.iter().filter(|connection| connection.int(PORT).is_none()) {
            if let Some(port) = port_of(&self.store, who, connection).await? {
                found.push(connection.clone().with(PORT, Value::Int(port)));
            }
        }
        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        let mut count = 1;
        if !found.is_empty() {
            let change = who.permit::<Change>(&CONNECTION)?;
            for connection in found {
                write.update(&change, connection.version, connection).await?;
                count += 1;
            }
        }
        let lan = match lan_of(&mut write, who, &exchange).await? {
            Lan::Only(lan) => lan,
            other => return Err(Problem::conflict(other.why_not(connections.is_empty()))),
        };
        write.update(&change, exchange.version, exchange.with(LAN, Value::Int(lan))).await?;
        write.commit().await?;
        let view = who.permit::<View>(&IXLAN)?;
        let lans = self.store.get_many(&view, &[lan]).await?;
        let names = self.store.related(&view, &lans).await?;
        Ok(Linked { to: lans.first().map(|lan| label::label(lan, &names)).unwrap_or_default(), count, request })
    }
}

/// Which LAN the linked connections of an exchange are on.
enum Lan {
    Only(i64),
    /// None is linked.
    None,
    Several,
    /// Another exchange of the same AS has it.
    Taken(String),
}

impl Lan {
    fn why_not(&self, no_connection: bool) -> String {
        match self {
            Self::None if no_connection => {
                "It has no connection yet, and its LAN is known from those. Add one, or choose the LAN by hand.".to_owned()
            }
            Self::None | Self::Only(_) => {
                "None of its connections was found in PeeringDB: no port has exactly their addresses. Choose the LAN by hand, or correct the addresses.".to_owned()
            }
            Self::Several => {
                "Its connections are on different LANs in PeeringDB. An exchange is one LAN: move some of them to an exchange of their own.".to_owned()
            }
            Self::Taken(name) => {
                format!("{name} is linked to that LAN already. Move the connections there, and delete this exchange.")
            }
        }
    }
}

async fn lan_of(write: &mut Write, who: &Who, exchange: &Record) -> Result<Lan, Problem> {
    let connections =
        write.reverse(&who.permit::<View>(&CONNECTION)?, "internet_exchange_point", &[exchange.id]).await?;
    let ports: Vec<i64> = connections.iter().filter_map(|connection| connection.int(PORT)).collect();
    let ports = write.get_many(&who.permit::<View>(&NETWORK_IXLAN)?, &ports).await?;
    let lans: BTreeSet<i64> = ports.iter().filter_map(|port| port.int("ixlan")).collect();
    let lan = match (lans.first(), lans.len()) {
        (Some(lan), 1) => *lan,
        (Some(_), _) => return Ok(Lan::Several),
        (None, _) => return Ok(Lan::None),
    };
    let local = exchange.get("local_autonomous_system").clone();
    let terms = [("local_autonomous_system", local), (LAN, Value::Int(lan))];
    let taken = write.find(&who.permit::<View>(&INTERNET_EXCHANGE)?, &terms).await?;
    Ok(match taken.first() {
        Some(other) if other.id != exchange.id => Lan::Taken(other.text("name").to_owned()),
        _ => Lan::Only(lan),
    })
}

/// The exchange of a connection that found its port gets the LAN, unless it has one, or its connections disagree, or who
/// wrote the connection may not change it. True: it got it.
///
/// # Errors
/// A failure of the database.
pub(super) async fn exchange_follows(write: &mut Write, who: &Who, connection: &Record) -> Result<bool, Problem> {
    let (Some(_), Some(exchange)) = (connection.int(PORT), connection.int("internet_exchange_point")) else {
        return Ok(false);
    };
    let seen = who.allows::<View>(&CONNECTION) && who.allows::<View>(&NETWORK_IXLAN);
    if !(seen && who.allows::<View>(&INTERNET_EXCHANGE) && who.allows::<Change>(&INTERNET_EXCHANGE)) {
        return Ok(false);
    }
    let found = write.get(&who.permit::<View>(&INTERNET_EXCHANGE)?, exchange).await?;
    let Some(exchange) = found.filter(|exchange| exchange.int(LAN).is_none()) else { return Ok(false) };
    let Lan::Only(lan) = lan_of(write, who, &exchange).await? else { return Ok(false) };
    let permit = who.permit::<Change>(&INTERNET_EXCHANGE)?;
    write.update(&permit, exchange.version, exchange.with(LAN, Value::Int(lan))).await?;
    Ok(true)
}

#[async_trait]
impl in_step::InStep for InStep {
    async fn compare(&self, who: &Who, autonomous_system: i64) -> Result<Comparison, Problem> {
        let beside = self.beside(who, autonomous_system).await?;
        let differences = beside.differing().iter().map(|one| beside.told(one)).collect();
        Ok(Comparison { known: beside.known, network: beside.network.map(|network| network.id), differences })
    }

    async fn synchronise(&self, who: &Who, autonomous_system: i64) -> Result<Synchronised, Problem> {
        who.permit::<Change>(&AUTONOMOUS_SYSTEM)?;
        let beside = self.beside(who, autonomous_system).await?;
        let differing = beside.differing();
        let left = differing.iter().filter(|one| !one.is_taken()).map(|one| beside.told(one)).collect();
        let mut done = Synchronised { known: beside.known, changes: Vec::new(), left, request: None };
        if !differing.iter().any(Differing::is_taken) {
            return Ok(done);
        }
        let request = request_id();
        synchronise_as(&self.store, who, &request, autonomous_system).await?;
        let taken = differing.iter().filter(|one| one.is_taken()).map(|one| beside.told(one));
        done.changes = taken.map(|one| FieldWas { field: one.field, before: one.ours, after: one.theirs }).collect();
        done.request = Some(request);
        Ok(done)
    }

    async fn link(&self, who: &Who, object: ObjectRef) -> Result<Linked, Problem> {
        match object.of.as_str() {
            key if key == CONNECTION.key() => self.link_connection(who, object.id).await,
            key if key == INTERNET_EXCHANGE.key() => self.link_exchange(who, object.id).await,
            key => Err(Problem::malformed(format!("object.type: {key} has no place in PeeringDB to be linked to."))),
        }
    }
}
