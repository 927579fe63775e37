//! What taking exchanges and connections over from PeeringDB would do for one of our autonomous systems: of every port that
//! PeeringDB lists for its number, whether we have that connection already, would link one of ours to it, would make a new
//! one, or cannot, and why. The same rule shows the preview and decides what is written, so that nothing is written that
//! was not shown.
//!
//! What we have is matched by addresses first and by name last. An exchange is one LAN of one of our autonomous systems:
//! the same LAN under another of them is another exchange, and two LANs of one name are two.

use crate::{
    Record, Value,
    check::{self, slugify},
    peeringdb::PORT_ADDRESSES,
    types::CONNECTION_ADDRESSES,
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
    net::IpAddr,
};

/// A LAN on which PeeringDB lists ports of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lan {
    /// Id of the `ixlan`.
    pub lan: i64,
    /// As PeeringDB calls it.
    pub label: String,
    pub exchange: Exchange,
    pub ports: Vec<Port>,
}

/// What becomes of the exchange that the LAN is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Exchange {
    /// It is made.
    New { name: String, slug: String },
    /// One of ours gets the LAN.
    Link { id: i64, version: i64, name: String, why: String },
    /// One of ours has it.
    There { id: i64, name: String },
    /// Something has to be settled first; so long none of its ports can be taken. `with`: ids of ours.
    Conflict { why: String, with: Vec<i64> },
}

/// A port that PeeringDB lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Id of the `netixlan`.
    pub port: i64,
    pub ipv4: Option<Address>,
    pub ipv6: Option<Address>,
    /// Mbit/s; 0: not told.
    pub speed: i64,
    pub operational: bool,
    pub connection: Connection,
}

/// What becomes of the connection that the port is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Connection {
    /// It is made.
    New,
    /// One of ours gets the port; `why` says what makes it that one.
    Link { id: i64, version: i64, name: String, why: String },
    /// One of ours has it.
    There { id: i64, name: String },
    /// It cannot be taken. `with`: ids of ours.
    Conflict { why: String, with: Vec<i64> },
}

/// An address on the LAN, with the length of the LAN's prefix that it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub ip: IpAddr,
    /// None: it lies in none.
    pub length: Option<u8>,
}

impl Address {
    /// As a connection has it.
    pub fn as_net(self) -> Option<IpNet> {
        IpNet::new(self.ip, self.length?).ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            Some(length) => write!(f, "{}/{length}", self.ip),
            None => self.ip.fmt(f),
        }
    }
}

impl Port {
    /// Whether taking it would write something about its connection.
    pub fn can_be_taken(&self) -> bool {
        matches!(self.connection, Connection::New | Connection::Link { .. })
    }
}

impl Lan {
    /// Whether taking it, with some of its ports or none, would write something.
    pub fn can_be_taken(&self) -> bool {
        match self.exchange {
            Exchange::Conflict { .. } => false,
            Exchange::Link { .. } => true,
            Exchange::New { .. } | Exchange::There { .. } => self.ports.iter().any(Port::can_be_taken),
        }
    }

    /// The ports that can be taken.
    pub fn takable(&self) -> impl Iterator<Item = &Port> {
        let settled = !matches!(self.exchange, Exchange::Conflict { .. });
        self.ports.iter().filter(move |port| settled && port.can_be_taken())
    }
}

/// What the rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Id of the autonomous system of ours.
    pub local: i64,
    /// PeeringDB's ports (`netixlan`) of its number, the LANs (`ixlan`) that they are on, those LANs' prefixes (`ixpfx`) and
    /// exchanges (`ix`).
    pub ports: &'a [Record],
    pub lans: &'a [Record],
    pub prefixes: &'a [Record],
    pub names: &'a [Record],
    /// All exchanges and connections that we have, of whatever autonomous system.
    pub exchanges: &'a [Record],
    pub connections: &'a [Record],
}

/// The rule: the LANs in the order of their names.
pub fn plan(facts: &Situation<'_>) -> Vec<Lan> {
    let mut planning = Planning::new(facts);
    let with_ports = facts.lans.iter().filter(|lan| planning.ports.contains_key(&lan.id));
    let mut lans: Vec<(String, &Record)> = with_ports.map(|lan| (planning.label(lan), lan)).collect();
    lans.sort_by_key(|(label, lan)| (label.to_lowercase(), lan.id));
    let planned: Vec<Lan> = lans.into_iter().map(|(label, lan)| planning.lan(label, lan)).collect();
    planning.without_twice_claimed(planned)
}

/// A connection's addresses, IPv4 and IPv6, without their lengths.
fn addresses_of(connection: &Record) -> [Option<IpAddr>; 2] {
    CONNECTION_ADDRESSES.map(|name| connection.get(name).as_ip())
}

fn addresses_at(port: &Record) -> [Option<IpAddr>; 2] {
    PORT_ADDRESSES.map(|name| port.get(name).as_ip())
}

const FAMILIES: [&str; 2] = ["IPv4", "IPv6"];

struct Planning<'a> {
    facts: &'a Situation<'a>,
    exchanges: HashMap<i64, &'a Record>,
    /// Names of PeeringDB's exchanges.
    names: HashMap<i64, &'a str>,
    prefixes: HashMap<i64, Vec<IpNet>>,
    ports: BTreeMap<i64, Vec<&'a Record>>,
    by_address: HashMap<IpAddr, Vec<&'a Record>>,
    by_port: HashMap<i64, Vec<&'a Record>>,
    /// Names and slugs that exchanges of this AS have, or will have, in small letters.
    taken_names: HashSet<String>,
    taken_slugs: HashSet<String>,
    /// How many ports list an address.
    listed: HashMap<IpAddr, usize>,
}

impl<'a> Planning<'a> {
    fn new(facts: &'a Situation<'a>) -> Self {
        let mut by_address: HashMap<IpAddr, Vec<&Record>> = HashMap::new();
        let mut by_port: HashMap<i64, Vec<&Record>> = HashMap::new();
        for connection in facts.connections {
            for address in addresses_of(connection).into_iter().flatten() {
                by_address.entry(address).or_default().push(connection);
            }
            if let Some(port) = connection.int("peeringdb_netixlan") {
                by_port.entry(port).or_default().push(connection);
            }
        }
        let mut ports: BTreeMap<i64, Vec<&Record>> = BTreeMap::new();
        let mut listed = HashMap::new();
        for port in facts.ports {
            if let Some(lan) = port.int("ixlan") {
                ports.entry(lan).or_default().push(port);
            }
            for address in addresses_at(port).into_iter().flatten() {
                *listed.entry(address).or_default() += 1;
            }
        }
        let mut prefixes: HashMap<i64, Vec<IpNet>> = HashMap::new();
        for prefix in facts.prefixes {
            if let (Some(lan), Some(net)) = (prefix.int("ixlan"), prefix.get("prefix").as_net()) {
                prefixes.entry(lan).or_default().push(net);
            }
        }
        let own =
            || facts.exchanges.iter().filter(|exchange| exchange.int("local_autonomous_system") == Some(facts.local));
        Self {
            facts,
            exchanges: facts.exchanges.iter().map(|exchange| (exchange.id, exchange)).collect(),
            names: facts.names.iter().map(|ix| (ix.id, ix.text("name"))).collect(),
            prefixes,
            ports,
            by_address,
            by_port,
            taken_names: own().map(|exchange| exchange.text("name").to_lowercase()).collect(),
            taken_slugs: own().map(|exchange| exchange.text("slug").to_owned()).collect(),
            listed,
        }
    }

    fn exchange_name(&self, lan: &Record) -> &'a str {
        lan.int("ix").and_then(|ix| self.names.get(&ix)).copied().unwrap_or_default()
    }

    fn label(&self, lan: &Record) -> String {
        match (self.exchange_name(lan), lan.text("name")) {
            ("", name) => format!("LAN {} {name}", lan.id).trim_end().to_owned(),
            (exchange, "") => exchange.to_owned(),
            (exchange, name) => format!("{exchange} - {name}"),
        }
    }

    fn is_own(&self, exchange: &Record) -> bool {
        exchange.int("local_autonomous_system") == Some(self.facts.local)
    }

    /// The exchange that a connection is at.
    fn place_of(&self, connection: &Record) -> Option<&'a Record> {
        connection.int("internet_exchange_point").and_then(|id| self.exchanges.get(&id)).copied()
    }

    fn lan(&mut self, label: String, lan: &Record) -> Lan {
        let ports = self.ports.get(&lan.id).cloned().unwrap_or_default();
        let exchange = self.exchange(lan, &ports);
        let at = match exchange {
            Exchange::Link { id, .. } | Exchange::There { id, .. } => Some(id),
            Exchange::New { .. } | Exchange::Conflict { .. } => None,
        };
        let ports = ports.into_iter().map(|port| self.port(lan.id, at, port)).collect();
        Lan { lan: lan.id, label, exchange, ports }
    }

    fn exchange(&mut self, lan: &Record, ports: &[&Record]) -> Exchange {
        let own = || self.facts.exchanges.iter().filter(|exchange| self.is_own(exchange));
        if let Some(linked) = own().find(|exchange| exchange.int("peeringdb_ixlan") == Some(lan.id)) {
            return Exchange::There { id: linked.id, name: linked.text("name").to_owned() };
        }
        let there: BTreeSet<i64> =
            self.connections_on(lan.id, ports).filter_map(|c| Some(self.place_of(c)?.id)).collect();
        let there: Vec<&Record> = own().filter(|exchange| there.contains(&exchange.id)).collect();
        match there.as_slice() {
            [only] => return self.linked(only, "It has a connection on this LAN."),
            [] => {}
            several => {
                let names: Vec<&str> = several.iter().map(|exchange| exchange.text("name")).collect();
                let why = format!(
                    "{} have connections on this LAN. Move those to one exchange, or link one of the exchanges by hand.",
                    listed(&names)
                );
                return Exchange::Conflict { why, with: several.iter().map(|exchange| exchange.id).collect() };
            }
        }
        let (name, whole) = (self.exchange_name(lan).to_lowercase(), self.label(lan).to_lowercase());
        let called = |exchange: &&Record| {
            let known = exchange.text("name").to_lowercase();
            exchange.int("peeringdb_ixlan").is_none() && !known.is_empty() && (known == name || known == whole)
        };
        let mut called = own().filter(called);
        match (called.next(), called.next()) {
            (Some(only), None) => return self.linked(only, "It has the same name."),
            (Some(first), Some(second)) => {
                let names = [first.text("name"), second.text("name")];
                let why = format!("{} both have its name. Link one of them by hand.", listed(&names));
                return Exchange::Conflict { why, with: vec![first.id, second.id] };
            }
            (None, _) => {}
        }
        self.new_exchange(lan)
    }

    /// Our connections that stand for a port of the LAN or have an address on it.
    fn connections_on(&self, lan: i64, ports: &[&Record]) -> impl Iterator<Item = &'a Record> {
        let ids: HashSet<i64> = ports.iter().map(|port| port.id).collect();
        let addresses: HashSet<IpAddr> = ports.iter().flat_map(|port| addresses_at(port)).flatten().collect();
        let prefixes = self.prefixes.get(&lan).cloned().unwrap_or_default();
        self.facts.connections.iter().filter(move |connection| {
            let here = |ip: &IpAddr| addresses.contains(ip) || prefixes.iter().any(|prefix| prefix.contains(ip));
            connection.int("peeringdb_netixlan").is_some_and(|port| ids.contains(&port))
                || addresses_of(connection).iter().flatten().any(here)
        })
    }

    fn linked(&self, exchange: &Record, why: &str) -> Exchange {
        let name = exchange.text("name").to_owned();
        if exchange.int("peeringdb_ixlan").is_some() {
            let why = format!(
                "{name} has a connection on this LAN, but is linked to another LAN. Put that right at {name} first."
            );
            return Exchange::Conflict { why, with: vec![exchange.id] };
        }
        Exchange::Link { id: exchange.id, version: exchange.version, name, why: why.to_owned() }
    }

    /// A name and a slug that no other exchange of this AS has.
    fn new_exchange(&mut self, lan: &Record) -> Exchange {
        let (plain, whole) = (self.exchange_name(lan).to_owned(), self.label(lan));
        let base = if plain.is_empty() { whole.clone() } else { plain };
        let further = (2..).map(|number| format!("{whole} {number}"));
        let name = [base, whole.clone()]
            .into_iter()
            .chain(further)
            .find(|name| !self.taken_names.contains(&name.to_lowercase()))
            .unwrap_or_default();
        let made = match slugify(&name) {
            made if made.is_empty() => format!("lan-{}", lan.id),
            made => made,
        };
        let further = (2..).map(|number| format!("{made}-{number}"));
        let slug = std::iter::once(made.clone())
            .chain(further)
            .find(|slug| !self.taken_slugs.contains(slug))
            .unwrap_or_default();
        self.taken_names.insert(name.to_lowercase());
        self.taken_slugs.insert(slug.clone());
        Exchange::New { name, slug }
    }

    fn port(&self, lan: i64, at: Option<i64>, port: &Record) -> Port {
        let prefixes = self.prefixes.get(&lan).map(Vec::as_slice).unwrap_or_default();
        let address = |ip: IpAddr| {
            let length = prefixes.iter().filter(|prefix| prefix.contains(&ip)).map(IpNet::prefix_len).max();
            Address { ip, length }
        };
        let [ipv4, ipv6] = addresses_at(port).map(|ip| ip.map(address));
        Port {
            port: port.id,
            ipv4,
            ipv6,
            speed: port.int("speed").unwrap_or_default(),
            operational: port.get("operational").as_bool() != Some(false),
            connection: self.connection(at, port, [ipv4, ipv6]),
        }
    }

    fn connection(&self, at: Option<i64>, port: &Record, addresses: [Option<Address>; 2]) -> Connection {
        let conflict = |why: String, with: &[&Record]| Connection::Conflict {
            why,
            with: with.iter().map(|ours| ours.id).collect(),
        };
        match self.by_port.get(&port.id).map(Vec::as_slice) {
            Some([only]) => return Connection::There { id: only.id, name: self.call(only) },
            Some(several) if !several.is_empty() => {
                let names: Vec<String> = several.iter().map(|connection| self.call(connection)).collect();
                return conflict(format!("{} are both linked to it. Take the link off one.", listed(&names)), several);
            }
            _ => {}
        }
        let known: Vec<Address> = addresses.into_iter().flatten().collect();
        if let Some(twice) = known.iter().find(|address| self.listed.get(&address.ip).is_some_and(|count| *count > 1)) {
            return conflict(
                format!("PeeringDB lists {} for two of your ports. Have one corrected there.", twice.ip),
                &[],
            );
        }
        let mut matching: Vec<&Record> =
            known.iter().filter_map(|address| self.by_address.get(&address.ip)).flatten().copied().collect();
        matching.sort_unstable_by_key(|connection| connection.id);
        matching.dedup_by_key(|connection| connection.id);
        match matching.as_slice() {
            [] => new_connection(&known).map_or_else(|why| conflict(why, &[]), |()| Connection::New),
            [only] => self.matched(at, only, addresses.map(|address| Some(address?.ip))),
            several => {
                let names: Vec<String> = several.iter().map(|connection| self.call(connection)).collect();
                conflict(format!("{} have its addresses. Correct or delete one of them.", listed(&names)), several)
            }
        }
    }

    /// A connection of ours that has an address of the port.
    fn matched(&self, at: Option<i64>, ours: &Record, theirs: [Option<IpAddr>; 2]) -> Connection {
        let name = self.call(ours);
        let conflict = |why: String| Connection::Conflict { why, with: vec![ours.id] };
        if ours.int("peeringdb_netixlan").is_some() {
            return conflict(format!(
                "{name} has its address, but is linked to another port. Put that right there first."
            ));
        }
        if let Some(place) = self.place_of(ours).filter(|place| Some(place.id) != at) {
            let whose = if self.is_own(place) { "another exchange" } else { "an exchange of another AS of yours" };
            return conflict(format!("{name} has its address, but is at {}, {whose}.", place.text("name")));
        }
        let pairs = addresses_of(ours).into_iter().zip(theirs).zip(FAMILIES);
        let mut same = Vec::new();
        for ((ours, theirs), family) in pairs {
            match (ours, theirs) {
                (Some(ours), Some(theirs)) if ours == theirs => same.push(theirs.to_string()),
                (Some(ours), Some(theirs)) => {
                    return conflict(format!(
                        "{name} has one of its addresses, but {ours} as its {family} address where PeeringDB has {theirs}. Correct the wrong one first."
                    ));
                }
                (Some(ours), None) if self.listed.contains_key(&ours) => {
                    return conflict(format!(
                        "{name} has its address, and {ours}, which PeeringDB lists for another port. Make two connections of it first."
                    ));
                }
                _ => {}
            }
        }
        let why = format!("It has {}.", same.join(" and "));
        Connection::Link { id: ours.id, version: ours.version, name, why }
    }

    /// A connection in words.
    fn call(&self, connection: &Record) -> String {
        let addresses: Vec<String> =
            addresses_of(connection).into_iter().flatten().map(|address| address.to_string()).collect();
        let what = if addresses.is_empty() {
            format!("Connection #{}", connection.id)
        } else {
            format!("The connection with {}", addresses.join(" and "))
        };
        match self.place_of(connection) {
            Some(place) => format!("{what} at {}", place.text("name")),
            None => what,
        }
    }

    /// An exchange that two LANs would be is neither.
    fn without_twice_claimed(&self, mut lans: Vec<Lan>) -> Vec<Lan> {
        let mut claims: HashMap<i64, usize> = HashMap::new();
        for lan in &lans {
            if let Exchange::Link { id, .. } = &lan.exchange {
                *claims.entry(*id).or_default() += 1;
            }
        }
        for lan in &mut lans {
            if let Exchange::Link { id, name, .. } = &lan.exchange
                && claims.get(id).is_some_and(|count| *count > 1)
            {
                let why = format!(
                    "{name} fits two LANs. Make an exchange of its own for one of them, or link {name} by hand."
                );
                lan.exchange = Exchange::Conflict { why, with: vec![*id] };
            }
        }
        lans
    }
}

fn new_connection(addresses: &[Address]) -> Result<(), String> {
    if addresses.is_empty() {
        return Err("PeeringDB lists no address for it yet.".to_owned());
    }
    match addresses.iter().find(|address| address.length.is_none()) {
        Some(outside) => Err(format!(
            "No prefix of this LAN contains {}, so its prefix length is not known. Add the connection by hand, or have PeeringDB corrected.",
            outside.ip
        )),
        None => Ok(()),
    }
}

/// "A", "A and B", "A, B and C".
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The exchange that taking a LAN makes.
///
/// # Errors
/// What a check of it says: a name of PeeringDB's that ours cannot hold.
pub fn new_exchange(local: i64, lan: i64, name: &str, slug: &str) -> Result<Record, crate::Problem> {
    let record = Record::new(&crate::types::INTERNET_EXCHANGE)
        .with("name", Value::text(name))
        .with("slug", Value::text(slug))
        .with("local_autonomous_system", Value::Int(local))
        .with("peeringdb_ixlan", Value::Int(lan));
    check::check(&record, &()).into_result()?;
    Ok(record)
}

/// The connection that taking a port makes at an exchange.
pub fn new_connection_at(exchange: i64, port: &Port) -> Record {
    let net = |address: Option<Address>| address.and_then(Address::as_net).map_or(Value::Null, Value::Net);
    Record::new(&crate::types::CONNECTION)
        .with("internet_exchange_point", Value::Int(exchange))
        .with("ipv4_address", net(port.ipv4))
        .with("ipv6_address", net(port.ipv6))
        .with("peeringdb_netixlan", Value::Int(port.port))
}

#[cfg(test)]
mod tests;
