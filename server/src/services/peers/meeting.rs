//! Everybody's ports beside our connections: how it stands with each of them, as [`peerage_model::available`] says.

use super::kept::{Contacts, LanPort, Net, Sessions, Systems};
use peerage_app::peers::{AtConnection, AtExchange, Network, OurConnection, OurExchange, Port};
use peerage_model::{
    Record,
    available::{Situation, Standing},
    label,
    types::CONNECTION_ADDRESSES,
};
use peerage_store::Related;
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

/// Our side of some exchanges.
pub struct OurSide<'a> {
    pub exchanges: &'a [Record],
    pub connections: &'a [Record],
    pub names: &'a Related,
    pub sessions: &'a Sessions,
    pub systems: &'a Systems,
    /// None: not for whoever asks.
    pub contacts: Option<&'a Contacts>,
    /// Direct sessions by autonomous system (id).
    pub direct: &'a HashMap<i64, u64>,
    /// The hidden peer by network and LAN.
    pub hidden: &'a HashMap<(i64, i64), i64>,
}

impl OurSide<'_> {
    fn connections_to(&self, exchange: &Record) -> impl Iterator<Item = &Record> {
        self.connections.iter().filter(|connection| connection.int("internet_exchange_point") == Some(exchange.id))
    }

    pub fn told(&self) -> Vec<OurExchange> {
        let connection = |connection: &Record| OurConnection {
            id: connection.id,
            label: label::label(connection, self.names),
            status: connection.text("status").to_owned(),
        };
        let exchange = |exchange: &Record| OurExchange {
            id: exchange.id,
            name: exchange.text("name").to_owned(),
            local_asn: exchange.int("local_autonomous_system").and_then(|id| self.systems.number(id)),
            lan: exchange.int("peeringdb_ixlan"),
            connections: self.connections_to(exchange).map(connection).collect(),
        };
        self.exchanges.iter().map(exchange).collect()
    }

    /// What is told of a network; `contact`: whether they may hear that PeeringDB lists somebody to write to.
    pub fn network(&self, net: &Net, contact: bool) -> Network {
        let system = self.systems.of_number(net.asn);
        let sessions = system
            .map(|system| self.sessions.with(system.id) + self.direct.get(&system.id).copied().unwrap_or_default());
        Network {
            id: net.id,
            asn: net.asn,
            name: net.name.clone(),
            traits: net.traits.clone(),
            irr_as_set: net.irr_as_set.clone(),
            contact: contact && net.contact || system.zip(self.contacts).is_some_and(|(ours, all)| all.has(ours.id)),
            autonomous_system: system.map(|system| system.id),
            sessions: sessions.unwrap_or_default(),
            ours: system.is_some_and(|system| system.affiliated),
        }
    }

    /// How it stands with everybody's ports; they come in the order of their networks, then of the exchanges. The same port is
    /// there once for each of two exchanges of ours that share a LAN: two autonomous systems of ours at one exchange.
    pub fn meet<'p>(&self, networks: &[Network], ports: impl Fn(i64) -> &'p [LanPort]) -> Vec<Port> {
        let place: HashMap<i64, u32> = networks.iter().map(|network| network.id).zip(0..).collect();
        let mut met = Vec::new();
        for (exchange, at) in self.exchanges.iter().zip(0..) {
            let disabled = exchange.text("status") == "disabled";
            let connections: Vec<Ours> =
                self.connections_to(exchange).map(|connection| Ours::of(connection, disabled)).collect();
            let Some(lan) = exchange.int("peeringdb_ixlan") else { continue };
            let on_lan = ports(lan);
            for port in on_lan {
                let Some(network) = place.get(&port.net).copied() else { continue };
                let peer = Peer::of(&networks[network as usize]);
                let hidden = self.hidden.get(&(port.net, lan)).copied();
                let look = |connection: &Ours| self.standing(port, on_lan, connection, peer, hidden.is_some());
                met.push(Port {
                    id: port.id,
                    network,
                    exchange: at,
                    speed: port.speed,
                    is_rs_peer: port.is_rs_peer,
                    bfd_support: port.bfd_support,
                    operational: port.operational,
                    ipv4: port.addresses[0],
                    ipv6: port.addresses[1],
                    hidden,
                    standing: connections.iter().map(look).collect(),
                });
            }
        }
        met.sort_by_key(|port| (port.network, port.exchange, port.id));
        met
    }

    /// Networks with which a session could be made at an exchange, and how many sessions those would be.
    pub fn free_at(
        &self,
        exchange: &Record,
        lan: i64,
        ports: &[LanPort],
        asn: impl Fn(i64) -> Option<u32>,
    ) -> [u64; 2] {
        let disabled = exchange.text("status") == "disabled";
        let connections: Vec<Ours> =
            self.connections_to(exchange).map(|connection| Ours::of(connection, disabled)).collect();
        let mut networks = HashSet::new();
        let mut sessions = 0;
        for port in ports {
            let Some(asn) = asn(port.net) else { continue };
            let system = self.systems.of_number(asn);
            let peer =
                Peer { system: system.map(|system| system.id), ours: system.is_some_and(|system| system.affiliated) };
            let hidden = self.hidden.contains_key(&(port.net, lan));
            let cells = connections.iter().flat_map(|connection| self.standing(port, ports, connection, peer, hidden));
            let free = cells.filter(Standing::is_free).count() as u64;
            if free > 0 {
                networks.insert(port.net);
            }
            sessions += free;
        }
        [networks.len() as u64, sessions]
    }

    /// All of the exchanges, with what runs there; `free` says what is free.
    pub fn in_figures(&self, free: impl Fn(&Record) -> Option<[u64; 2]>) -> Vec<AtExchange> {
        let mut told: Vec<AtExchange> = Vec::with_capacity(self.exchanges.len());
        let mut at: HashMap<i64, (usize, usize)> = HashMap::new();
        for exchange in self.exchanges {
            let begin = |connection: &Record| AtConnection {
                id: connection.id,
                label: label::label(connection, self.names),
                status: connection.text("status").to_owned(),
                sessions: 0,
                up: 0,
                down: 0,
            };
            let connections: Vec<AtConnection> = self.connections_to(exchange).map(begin).collect();
            at.extend(connections.iter().zip(0..).map(|(connection, place)| (connection.id, (told.len(), place))));
            let name = exchange.text("name").to_owned();
            told.push(AtExchange { id: exchange.id, name, connections, free: free(exchange) });
        }
        for (connection, session) in self.sessions.by_connection() {
            let Some((exchange, place)) = at.get(&connection).copied() else { continue };
            let told = &mut told[exchange].connections[place];
            told.sessions += 1;
            match (session.status, session.state) {
                ("enabled", "established") => told.up += 1,
                ("enabled", state) if !state.is_empty() => told.down += 1,
                _ => {}
            }
        }
        told
    }

    fn standing(
        &self,
        port: &LanPort,
        on_lan: &[LanPort],
        connection: &Ours,
        peer: Peer,
        hidden: bool,
    ) -> [Standing; 2] {
        let listed = |address: IpAddr| {
            on_lan.iter().any(|other| other.net == port.net && other.addresses.contains(&Some(address)))
        };
        [0, 1].map(|family| {
            let address = port.addresses[family];
            let session = address.and_then(|address| self.sessions.at(connection.id, address));
            Situation {
                peer_has_address: address.is_some(),
                we_have_address: connection.has_address[family],
                operational: port.operational,
                ours: peer.ours,
                hidden,
                disabled: connection.disabled,
                session: session.map(|session| (session.id, session.status, session.state)),
                of_another: session.is_some_and(|session| Some(session.system) != peer.system),
                unlisted: peer.system.filter(|_| address.is_some() && session.is_none()).and_then(|system| {
                    let mut between = self.sessions.between(connection.id, system);
                    let old = between.find(|s| s.address.is_ipv6() == (family == 1) && !listed(s.address))?;
                    Some((old.id, old.address))
                }),
            }
            .standing()
        })
    }
}

/// What we have of the network of a port.
#[derive(Clone, Copy)]
struct Peer {
    /// Id of its autonomous system.
    system: Option<i64>,
    ours: bool,
}

impl Peer {
    fn of(network: &Network) -> Self {
        Self { system: network.autonomous_system, ours: network.ours }
    }
}

/// What counts of a connection of ours.
struct Ours {
    id: i64,
    /// IPv4, IPv6.
    has_address: [bool; 2],
    disabled: bool,
}

impl Ours {
    fn of(connection: &Record, exchange_disabled: bool) -> Self {
        Self {
            id: connection.id,
            has_address: CONNECTION_ADDRESSES.map(|name| !connection.get(name).is_null()),
            disabled: exchange_disabled || connection.text("status") == "disabled",
        }
    }
}
