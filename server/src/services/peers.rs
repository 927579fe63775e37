//! Who could be peered with at our exchanges, and making sessions from a selection. The rule itself is
//! [`peerage_model::available`]; here its facts are fetched, in a fixed number of statements, whatever the exchange's size.

use super::{request_id, surroundings::Surroundings};
use async_trait::async_trait;
use peerage_app::peers::{
    self, AvailablePeers, Created, Hidden, Hide, Network, NewSession, OurConnection, OurExchange, Port, Where,
};
use peerage_model::{
    Facts, FieldProblem, Filter, Label, ObjectType, Problem, Record, Value, Who,
    available::{Situation, Standing, Traits},
    check::check,
    label,
    peeringdb::{NETWORK, NETWORK_CONTACT, NETWORK_IXLAN},
    permit::{Add, Change, View},
    types::{
        AUTONOMOUS_SYSTEM, CONNECTION, DIRECT_SESSION, HIDDEN_PEER, INTERNET_EXCHANGE, IX_SESSION, described_by, hides,
    },
    wire::Edit,
};
use peerage_store::{Related, Store, Which};
use serde_json::Map;
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};

/// Sessions of one selection.
const MOST_SESSIONS: usize = 5000;

const UNLINKED: &str =
    "This exchange is not linked to a PeeringDB LAN, so nobody can be found there. Edit it and choose its LAN.";
const NO_EXCHANGE: &str = "None of your exchanges is linked to a PeeringDB LAN. Import your exchanges from PeeringDB, or choose the LAN of one.";
const NO_CONNECTION: &str = "You have no connection to this exchange yet. Add one, with your addresses on its LAN.";
const NOBODY: &str = "PeeringDB lists nobody on this LAN. Synchronise it, if that was long ago.";
const NOT_THERE: &str = "PeeringDB does not list this network at any of your exchanges.";

pub struct Peers {
    store: Store,
}

impl Peers {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn by_id(
        &self,
        who: &Who,
        of: &'static ObjectType,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<HashMap<i64, Record>, Problem> {
        let mut ids: Vec<i64> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let records = self.store.get_many(&who.permit::<View>(of)?, &ids).await?;
        Ok(records.into_iter().map(|record| (record.id, record)).collect())
    }

    /// A few fields of some rows.
    async fn brief(
        &self,
        who: &Who,
        of: &'static ObjectType,
        fields: &[&str],
        which: Which<'_>,
    ) -> Result<Vec<Record>, Problem> {
        Ok(self.store.brief(&who.permit::<View>(of)?, fields, which).await?)
    }

    /// As [`Self::brief`]; nothing where they may not see the type: what it would tell is left out then.
    async fn brief_if_seen(
        &self,
        who: &Who,
        of: &'static ObjectType,
        fields: &[&str],
        which: Which<'_>,
    ) -> Result<Vec<Record>, Problem> {
        if who.allows::<View>(of) { self.brief(who, of, fields, which).await } else { Ok(Vec::new()) }
    }

    /// The exchanges in question that have a LAN; a problem if the one that was asked for is not there.
    async fn exchanges(&self, who: &Who, at: &Where) -> Result<Vec<Record>, Problem> {
        let permit = who.permit::<View>(&INTERNET_EXCHANGE)?;
        let mut exchanges = match at.exchange {
            Some(id) => {
                let found = self.store.get(&permit, id).await?;
                vec![found.ok_or_else(|| Problem::not_found(INTERNET_EXCHANGE.name))?]
            }
            None => self.store.find(&permit, &[]).await?,
        };
        exchanges.retain(|exchange| exchange.int("peeringdb_ixlan").is_some());
        exchanges.sort_by(|a, b| a.text("name").cmp(b.text("name")).then(a.id.cmp(&b.id)));
        Ok(exchanges)
    }

    /// Who is hidden where today: the hidden peer by network and LAN.
    async fn hidden(&self, who: &Who, lans: &[i64]) -> Result<HashMap<(i64, i64), i64>, Problem> {
        let fields = ["peeringdb_network", "peeringdb_ixlan", "until"];
        let hidden = self.brief_if_seen(who, &HIDDEN_PEER, &fields, Which::LeadingTo(fields[1], lans)).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64);
        let today = hidden.iter().filter(|peer| hides(peer, now));
        Ok(today.filter_map(|peer| Some(((peer.int(fields[0])?, peer.int(fields[1])?), peer.id))).collect())
    }

    async fn sessions_on(&self, who: &Who, connections: &[Record]) -> Result<Sessions, Problem> {
        let ids: Vec<i64> = connections.iter().map(|connection| connection.id).collect();
        let fields = ["ixp_connection", "ip_address", "status", "bgp_state"];
        let sessions = self.brief(who, &IX_SESSION, &fields, Which::LeadingTo(fields[0], &ids)).await?;
        Ok(sessions
            .into_iter()
            .filter_map(|session| Some(((session.int(fields[0])?, session.get(fields[1]).as_ip()?), session)))
            .collect())
    }

    /// Sessions of ours by autonomous system (id), of all kinds that they may see.
    async fn tally(&self, who: &Who) -> Result<HashMap<i64, u64>, Problem> {
        let mut tally = HashMap::new();
        for of in [&IX_SESSION, &DIRECT_SESSION] {
            let Ok(permit) = who.permit::<View>(of) else { continue };
            for (system, count) in self.store.tally(&permit, "autonomous_system", &Filter::default()).await? {
                *tally.entry(system).or_default() += count;
            }
        }
        Ok(tally)
    }

    /// What is known of the networks of some ports, by id.
    async fn networks(&self, who: &Who, ports: &[Record]) -> Result<HashMap<i64, Network>, Problem> {
        let mut ids: Vec<i64> = ports.iter().filter_map(|port| port.int("net")).collect();
        ids.sort_unstable();
        ids.dedup();
        let networks = self.brief(who, &NETWORK, NETWORK_FIELDS, Which::Ids(&ids)).await?;
        let contacts = self.brief_if_seen(who, &NETWORK_CONTACT, &["net"], Which::LeadingTo("net", &ids)).await?;
        let contacts: HashSet<i64> = contacts.iter().filter_map(|contact| contact.int("net")).collect();
        let asns: Vec<Value> = networks.iter().map(|network| network.get("asn").clone()).collect();
        let ours = self.brief(who, &AUTONOMOUS_SYSTEM, &["asn", "affiliated"], Which::With("asn", &asns)).await?;
        let ours: HashMap<i64, &Record> = ours.iter().filter_map(|system| Some((system.int("asn")?, system))).collect();
        let tally = self.tally(who).await?;
        let told = |network: &Record| {
            let asn = network.int("asn")?;
            let system = ours.get(&asn);
            Some(Network {
                id: network.id,
                asn: u32::try_from(asn).ok()?,
                name: network.text("name").to_owned(),
                traits: traits(network),
                irr_as_set: network.text("irr_as_set").to_owned(),
                contact: contacts.contains(&network.id),
                autonomous_system: system.map(|system| system.id),
                sessions: system.and_then(|system| tally.get(&system.id)).copied().unwrap_or_default(),
                ours: system.is_some_and(|system| system.flag("affiliated")),
            })
        };
        Ok(networks.iter().filter_map(|network| Some((network.id, told(network)?))).collect())
    }
}

const NETWORK_FIELDS: &[&str] = &[
    "asn",
    "name",
    "irr_as_set",
    "policy_general",
    "info_type",
    "info_traffic",
    "info_scope",
    "info_ratio",
    "policy_locations",
    "policy_contracts",
    "info_prefixes4",
    "info_prefixes6",
    "info_never_via_route_servers",
];

const PORT_FIELDS: &[&str] =
    &["asn", "net", "ixlan", "ipaddr4", "ipaddr6", "speed", "is_rs_peer", "bfd_support", "operational"];

/// What a network (PeeringDB `net`) says of itself.
fn traits(network: &Record) -> Traits {
    let text = |name: &str| network.text(name).to_owned();
    Traits {
        policy: text("policy_general"),
        kind: text("info_type"),
        traffic: text("info_traffic"),
        scope: text("info_scope"),
        ratio: text("info_ratio"),
        locations: text("policy_locations"),
        contracts: text("policy_contracts"),
        prefixes4: network.int("info_prefixes4"),
        prefixes6: network.int("info_prefixes6"),
        never_via_route_servers: network.flag("info_never_via_route_servers"),
    }
}

/// Sessions by connection and address.
type Sessions = HashMap<(i64, IpAddr), Record>;

#[async_trait]
impl peers::Peers for Peers {
    async fn available(&self, who: &Who, at: Where) -> Result<AvailablePeers, Problem> {
        let mut exchanges = self.exchanges(who, &at).await?;
        if exchanges.is_empty() {
            let reason = if at.exchange.is_some() { UNLINKED } else { NO_EXCHANGE };
            return Ok(AvailablePeers { reason: reason.to_owned(), ..AvailablePeers::default() });
        }
        let mut lans: Vec<i64> = exchanges.iter().filter_map(|exchange| exchange.int("peeringdb_ixlan")).collect();
        let mut ports = match at.asn {
            Some(asn) => {
                let asn = [Value::Int(asn.into())];
                self.brief(who, &NETWORK_IXLAN, PORT_FIELDS, Which::With("asn", &asn)).await?
            }
            None => self.brief(who, &NETWORK_IXLAN, PORT_FIELDS, Which::LeadingTo("ixlan", &lans)).await?,
        };
        ports.retain(|port| port.int("ixlan").is_some_and(|lan| lans.contains(&lan)));
        if at.asn.is_some() {
            // of one network only where it is
            lans.retain(|lan| ports.iter().any(|port| port.int("ixlan") == Some(*lan)));
            exchanges.retain(|exchange| exchange.int("peeringdb_ixlan").is_some_and(|lan| lans.contains(&lan)));
        }
        let ids: Vec<i64> = exchanges.iter().map(|exchange| exchange.id).collect();
        let permit = who.permit::<View>(&CONNECTION)?;
        let connections = self.store.reverse(&permit, "internet_exchange_point", &ids).await?;
        let names = self.store.related(&permit, &connections).await?;
        let locals: Vec<i64> =
            exchanges.iter().filter_map(|exchange| exchange.int("local_autonomous_system")).collect();
        let locals = self.brief(who, &AUTONOMOUS_SYSTEM, &["asn"], Which::Ids(&locals)).await?;
        let side = OurSide { exchanges: &exchanges, connections: &connections, names: &names, locals: &locals };
        let networks = self.networks(who, &ports).await?;
        let hidden = self.hidden(who, &lans).await?;
        let sessions = self.sessions_on(who, &connections).await?;
        let (networks, ports) = side.meet(&ports, networks, &hidden, &sessions);
        let reason = match (at.exchange, ports.is_empty()) {
            (Some(_), _) if connections.is_empty() => NO_CONNECTION,
            (_, false) => "",
            _ if at.asn.is_some() => NOT_THERE,
            _ => NOBODY,
        };
        Ok(AvailablePeers { reason: reason.to_owned(), exchanges: side.told(), networks, ports })
    }

    async fn create_sessions(&self, who: &Who, sessions: Vec<NewSession>) -> Result<Created, Problem> {
        let add = who.permit::<Add>(&IX_SESSION)?;
        if sessions.is_empty() {
            return Err(Problem::malformed("sessions: the list is empty. Choose at least one."));
        }
        if sessions.len() > MOST_SESSIONS {
            return Err(Problem::malformed(format!("sessions: at most {MOST_SESSIONS} at once.")));
        }
        let ports = self.by_id(who, &NETWORK_IXLAN, sessions.iter().map(|new| new.port)).await?;
        let networks = self.by_id(who, &NETWORK, ports.values().filter_map(|port| port.int("net"))).await?;
        let lans = self.lans_of(who, sessions.iter().map(|new| new.connection)).await?;
        let asns: Vec<Value> = networks.values().map(|network| network.get("asn").clone()).collect();
        let mut known = self.known(who, asns).await?;

        // first everything that can be wrong without writing, for all rows at once
        let mut problems = Vec::new();
        let mut drafts = Vec::new();
        for (at, new) in sessions.iter().enumerate() {
            match draft(new, &ports, &networks, &lans) {
                Ok(draft) => drafts.push(draft),
                Err(problem) => problems.extend(at_row(at, problem)),
            }
        }
        if problems.is_empty() {
            let checked = |facts: &dyn Facts| drafts.iter().map(|(_, draft)| check(draft, facts)).collect::<Vec<_>>();
            for (at, found) in Surroundings::new(&self.store).ask(checked).await?.into_iter().enumerate() {
                // PeeringDB says that the address is there; the AS is known only when it is written
                let mut found = found.despite_warnings(true).into_vec();
                found.retain(|problem| problem.field != "autonomous_system");
                if !found.is_empty() {
                    problems.extend(at_row(at, Problem::invalid(found)));
                }
            }
        }
        if !problems.is_empty() {
            return Err(Problem::invalid(problems));
        }

        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        let mut created = Created { sessions: Vec::new(), autonomous_systems: Vec::new(), request };
        for (at, (network, record)) in drafts.into_iter().enumerate() {
            let asn = network.int("asn").unwrap_or_default();
            let peer = match known.get(&asn) {
                Some(id) => *id,
                None => {
                    let permit = who.permit::<Add>(&AUTONOMOUS_SYSTEM)?;
                    let stored =
                        write.insert(&permit, described_by(network)).await.map_err(|e| row_problem(at, e.into()))?;
                    created.autonomous_systems.push(stored.id);
                    known.insert(asn, stored.id);
                    stored.id
                }
            };
            let record = record.with("autonomous_system", Value::Int(peer));
            let stored = write.insert(&add, record).await.map_err(|error| row_problem(at, error.into()))?;
            created.sessions.push(stored.id);
        }
        write.commit().await?;
        Ok(created)
    }

    async fn hide(&self, who: &Who, hide: Hide) -> Result<Hidden, Problem> {
        let add = who.permit::<Add>(&HIDDEN_PEER)?;
        if hide.peers.is_empty() || hide.peers.len() > MOST_SESSIONS {
            return Err(Problem::malformed(format!("peers: give 1 to {MOST_SESSIONS}.")));
        }
        let mut fields = Map::new();
        fields.insert("until".to_owned(), hide.until.into());
        fields.insert("comments".to_owned(), hide.comments.into());
        let edit = Edit { of: HIDDEN_PEER.key(), fields, ..Edit::default() };
        let said = edit.apply(None)?;
        check(&said, &()).into_result()?;
        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        let lans: Vec<i64> = hide.peers.iter().map(|(_, lan)| *lan).collect();
        let known = write.reverse(&who.permit::<View>(&HIDDEN_PEER)?, "peeringdb_ixlan", &lans).await?;
        let mut hidden = Vec::new();
        for (at, (network, lan)) in hide.peers.iter().enumerate() {
            let key = [("peeringdb_network", Value::Int(*network)), ("peeringdb_ixlan", Value::Int(*lan))];
            let is = |peer: &&Record| key.iter().all(|(field, value)| peer.get(field) == value);
            let stored = match known.iter().find(is) {
                Some(peer) => {
                    let change = who.permit::<Change>(&HIDDEN_PEER)?;
                    let again = ["until", "comments"]
                        .iter()
                        .fold(peer.clone(), |peer, field| peer.with(field, said.get(field).clone()));
                    write.update(&change, peer.version, again).await
                }
                None => write.insert(&add, key.into_iter().fold(said.clone(), |peer, (f, v)| peer.with(f, v))).await,
            };
            hidden.push(stored.map_err(|error| row_problem(at, error.into()))?.id);
        }
        write.commit().await?;
        Ok(Hidden { hidden, request })
    }
}

impl Peers {
    /// The LANs that connections of ours are on, by connection.
    async fn lans_of(&self, who: &Who, connections: impl Iterator<Item = i64>) -> Result<HashMap<i64, i64>, Problem> {
        let connections = self.by_id(who, &CONNECTION, connections).await?;
        let exchange = |connection: &Record| connection.int("internet_exchange_point");
        let exchanges = self.by_id(who, &INTERNET_EXCHANGE, connections.values().filter_map(exchange)).await?;
        let lan = |connection: &Record| exchanges.get(&exchange(connection)?)?.int("peeringdb_ixlan");
        Ok(connections.values().filter_map(|connection| Some((connection.id, lan(connection)?))).collect())
    }

    /// Ids of the autonomous systems that we have, by number.
    async fn known(&self, who: &Who, asns: Vec<Value>) -> Result<HashMap<i64, i64>, Problem> {
        let systems = self.store.among(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, "asn", &asns).await?;
        Ok(systems.iter().filter_map(|system| Some((system.int("asn")?, system.id))).collect())
    }
}

/// A session without its AS, and the network that it is with.
fn draft<'a>(
    new: &NewSession,
    ports: &HashMap<i64, Record>,
    networks: &'a HashMap<i64, Record>,
    lans: &HashMap<i64, i64>,
) -> Result<(&'a Record, Record), Problem> {
    let gone = || Problem::field("port", "PeeringDB does not list this port any more. Leave it out.");
    let port = ports.get(&new.port).ok_or_else(gone)?;
    let network = port.int("net").and_then(|id| networks.get(&id)).ok_or_else(gone)?;
    match lans.get(&new.connection) {
        Some(lan) if Some(*lan) == port.int("ixlan") => {}
        Some(_) => return Err(Problem::field("connection", "This connection is on another LAN than the peer's port.")),
        None => {
            let gone = "This connection is not there any more, or its exchange has no PeeringDB LAN. Leave it out.";
            return Err(Problem::field("connection", gone));
        }
    }
    let address = match new.family {
        4 => port.get("ipaddr4"),
        6 => port.get("ipaddr6"),
        other => return Err(Problem::field("family", format!("4 or 6 is expected, not {other}."))),
    };
    if address.is_null() {
        return Err(Problem::field(
            "family",
            format!("{} has no IPv{} address there.", network.text("name"), new.family),
        ));
    }
    let edit = Edit { of: IX_SESSION.key(), fields: new.fields.clone(), ..Edit::default() };
    let record =
        edit.apply(None)?.with("ixp_connection", Value::Int(new.connection)).with("ip_address", address.clone());
    Ok((network, record))
}

fn at_row(at: usize, problem: Problem) -> Vec<FieldProblem> {
    if problem.fields.is_empty() {
        return vec![FieldProblem { field: format!("rows.{at}"), message: problem.message, warning: false }];
    }
    let place = |field: &str| if field.is_empty() { format!("rows.{at}") } else { format!("rows.{at}.{field}") };
    problem.fields.into_iter().map(|p| FieldProblem { field: place(&p.field), ..p }).collect()
}

fn row_problem(at: usize, problem: Problem) -> Problem {
    match problem.label {
        Label::Invalid | Label::Conflict | Label::NotFound => Problem::invalid(at_row(at, problem)),
        _ => problem,
    }
}

/// Our side of the exchanges.
struct OurSide<'a> {
    exchanges: &'a [Record],
    connections: &'a [Record],
    names: &'a Related,
    /// Our autonomous systems there.
    locals: &'a [Record],
}

impl OurSide<'_> {
    fn connections_to(&self, exchange: &Record) -> impl Iterator<Item = &Record> {
        self.connections.iter().filter(|connection| connection.int("internet_exchange_point") == Some(exchange.id))
    }

    fn told(&self) -> Vec<OurExchange> {
        let connection = |connection: &Record| OurConnection {
            id: connection.id,
            label: label::label(connection, self.names),
            status: connection.text("status").to_owned(),
        };
        let exchange = |exchange: &Record| {
            let ours = exchange.int("local_autonomous_system");
            let local = self.locals.iter().find(|local| Some(local.id) == ours);
            OurExchange {
                id: exchange.id,
                name: exchange.text("name").to_owned(),
                local_asn: local.and_then(|local| u32::try_from(local.int("asn")?).ok()),
                lan: exchange.int("peeringdb_ixlan"),
                connections: self.connections_to(exchange).map(connection).collect(),
            }
        };
        self.exchanges.iter().map(exchange).collect()
    }

    /// Everybody's ports on our exchanges' LANs, and how it stands with them. The same port is there once for each of two
    /// exchanges of ours that share a LAN: two autonomous systems of ours at one exchange.
    fn meet(
        &self,
        rows: &[Record],
        networks: HashMap<i64, Network>,
        hidden: &HashMap<(i64, i64), i64>,
        sessions: &Sessions,
    ) -> (Vec<Network>, Vec<Port>) {
        let mut networks: Vec<Network> = networks.into_values().collect();
        networks.sort_unstable_by_key(|network| (network.asn, network.id));
        let place: HashMap<i64, u32> = networks.iter().map(|network| network.id).zip(0..).collect();
        let mut ports = Vec::with_capacity(rows.len());
        for (exchange, at) in self.exchanges.iter().zip(0..) {
            let connections: Vec<&Record> = self.connections_to(exchange).collect();
            let lan = exchange.int("peeringdb_ixlan");
            for port in rows.iter().filter(|port| port.int("ixlan") == lan) {
                let Some(network) = port.int("net").and_then(|net| place.get(&net)).copied() else { continue };
                let ours = networks[network as usize].ours;
                let hidden = port.int("net").zip(lan).and_then(|key| hidden.get(&key)).copied();
                let look = Look { exchange, port, ours, hidden: hidden.is_some(), sessions };
                ports.push(Port {
                    id: port.id,
                    network,
                    exchange: at,
                    speed: port.int("speed").unwrap_or_default(),
                    is_rs_peer: port.flag("is_rs_peer"),
                    bfd_support: port.flag("bfd_support"),
                    operational: look.operational(),
                    ipv4: look.address(0),
                    ipv6: look.address(1),
                    hidden,
                    standing: connections.iter().map(|connection| look.standing(connection)).collect(),
                });
            }
        }
        ports.sort_by_key(|port| (port.network, port.exchange, port.id));
        (networks, ports)
    }
}

/// One port, as seen from one of our exchanges.
struct Look<'a> {
    exchange: &'a Record,
    port: &'a Record,
    ours: bool,
    hidden: bool,
    sessions: &'a Sessions,
}

impl Look<'_> {
    fn operational(&self) -> bool {
        self.port.get("operational").as_bool() != Some(false)
    }

    /// By family: 0 IPv4, 1 IPv6.
    fn address(&self, family: usize) -> Option<IpAddr> {
        self.port.get(["ipaddr4", "ipaddr6"][family]).as_ip()
    }

    fn standing(&self, connection: &Record) -> [Standing; 2] {
        [0, 1].map(|family| {
            let address = self.address(family);
            let session = address.and_then(|ip| self.sessions.get(&(connection.id, ip)));
            Situation {
                peer_has_address: address.is_some(),
                we_have_address: !connection.get(["ipv4_address", "ipv6_address"][family]).is_null(),
                operational: self.operational(),
                ours: self.ours,
                hidden: self.hidden,
                disabled: connection.text("status") == "disabled" || self.exchange.text("status") == "disabled",
                session: session.map(|session| (session.id, session.text("status"), session.text("bgp_state"))),
            }
            .standing()
        })
    }
}
