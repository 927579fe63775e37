//! Who could be peered with at our exchanges, and making sessions from a selection. The rule itself is
//! [`peerage_model::available`]; its facts are [`kept`] in memory or fetched, in a fixed number of statements, whatever the
//! exchange's size.

mod creating;
mod kept;
mod meeting;

use self::{
    creating::{Side, at_row, draft, row_problem},
    kept::{Kept, LanPort, Net, read_networks},
    meeting::OurSide,
};
use super::{request_id, surroundings::Surroundings};
use async_trait::async_trait;
use peerage_app::peers::{self, AtExchange, AvailablePeers, Created, Hidden, Hide, Network, NewSession, Port, Where};
use peerage_model::{
    Facts, FieldProblem, Filter, ObjectType, Problem, Record, Value, Who,
    available::Standing,
    check::check,
    peeringdb::{NETWORK, NETWORK_CONTACT, NETWORK_IXLAN},
    permit::{Add, Change, View},
    types::{
        AUTONOMOUS_SYSTEM, CONNECTION, CONTACT_ASSIGNMENT, DIRECT_SESSION, HIDDEN_PEER, INTERNET_EXCHANGE, IX_SESSION,
        described_by, hides,
    },
    wire::Edit,
};
use peerage_store::{Store, Which};
use serde_json::Map;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// What the matrix is made of: who may see it sees all of these.
static LOOKED_AT: [&ObjectType; 6] =
    [&INTERNET_EXCHANGE, &CONNECTION, &AUTONOMOUS_SYSTEM, &IX_SESSION, &NETWORK, &NETWORK_IXLAN];

const EXCHANGE_FIELDS: &[&str] = &["name", "local_autonomous_system", "peeringdb_ixlan", "status"];

const CONNECTION_FIELDS: &[&str] =
    &["internet_exchange_point", "router", "interface", "status", "ipv4_address", "ipv6_address"];

/// The LAN (PeeringDB `ixlan`) that an exchange of ours is linked to.
fn lan_of(exchange: &Record) -> Option<i64> {
    exchange.int("peeringdb_ixlan")
}

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
    kept: Kept,
}

impl Peers {
    pub fn new(store: Store) -> Self {
        Self { kept: Kept::new(store.clone()), store }
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
        let ids = at.exchange.map(|id| [id]);
        let which = ids.as_ref().map_or(Which::All, |ids| Which::Ids(ids));
        let mut exchanges = self.brief(who, &INTERNET_EXCHANGE, EXCHANGE_FIELDS, which).await?;
        if at.exchange.is_some() && exchanges.is_empty() {
            return Err(Problem::not_found(INTERNET_EXCHANGE.name));
        }
        exchanges.retain(|exchange| lan_of(exchange).is_some());
        exchanges.sort_by(|a, b| a.text("name").cmp(b.text("name")).then(a.id.cmp(&b.id)));
        Ok(exchanges)
    }

    /// Who is hidden where today: the hidden peer by network and LAN.
    async fn hidden(&self, who: &Who, lans: &[i64]) -> Result<HashMap<(i64, i64), i64>, Problem> {
        let fields = ["peeringdb_network", "peeringdb_ixlan", "until"];
        let hidden = self.brief_if_seen(who, &HIDDEN_PEER, &fields, Which::LeadingTo(fields[1], lans)).await?;
        let now = peerage_store::now();
        let today = hidden.iter().filter(|peer| hides(peer, now));
        Ok(today.filter_map(|peer| Some(((peer.int(fields[0])?, peer.int(fields[1])?), peer.id))).collect())
    }

    /// Direct sessions of ours by autonomous system (id), if they may see them.
    async fn direct(&self, who: &Who) -> Result<HashMap<i64, u64>, Problem> {
        match who.permit::<View>(&DIRECT_SESSION) {
            Ok(permit) => Ok(self.store.tally(&permit, "autonomous_system", &Filter::default()).await?),
            Err(_) => Ok(HashMap::new()),
        }
    }

    /// The ports of one network by LAN, and the network: asked for, since what is kept is kept by LAN.
    async fn one_network(&self, who: &Who, asn: u32) -> Result<(HashMap<i64, Vec<LanPort>>, Vec<Arc<Net>>), Problem> {
        let asn = [Value::Int(asn.into())];
        let found = self.brief(who, &NETWORK_IXLAN, LanPort::FIELDS, Which::With("asn", &asn)).await?;
        let mut ports: HashMap<i64, Vec<LanPort>> = HashMap::new();
        for port in found.iter().filter_map(LanPort::read) {
            ports.entry(port.lan).or_default().push(port);
        }
        let ids: BTreeSet<i64> = ports.values().flatten().map(|port| port.net).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let networks = read_networks(&self.store, who, &ids).await?;
        Ok((ports, networks.into_iter().map(Arc::new).collect()))
    }
}

#[async_trait]
impl peers::Peers for Peers {
    async fn available(&self, who: &Who, at: Where) -> Result<AvailablePeers, Problem> {
        // what is kept in memory asks nobody
        for of in LOOKED_AT {
            who.permit::<View>(of)?;
        }
        let mut exchanges = self.exchanges(who, &at).await?;
        if exchanges.is_empty() {
            let reason = if at.exchange.is_some() { UNLINKED } else { NO_EXCHANGE };
            return Ok(AvailablePeers { reason: reason.to_owned(), ..AvailablePeers::default() });
        }
        let one = match at.asn {
            Some(asn) => Some(self.one_network(who, asn).await?),
            None => None,
        };
        if let Some((ports, _)) = &one {
            // of one network only where it is
            exchanges.retain(|exchange| lan_of(exchange).is_some_and(|lan| ports.contains_key(&lan)));
        }
        let lans: Vec<i64> = exchanges.iter().filter_map(lan_of).collect();
        let ids: Vec<i64> = exchanges.iter().map(|exchange| exchange.id).collect();
        let there = Which::LeadingTo("internet_exchange_point", &ids);
        let connections = self.brief(who, &CONNECTION, CONNECTION_FIELDS, there).await?;
        let names = self.store.related(&who.permit::<View>(&CONNECTION)?, &connections).await?;
        let hidden = self.hidden(who, &lans).await?;
        let direct = self.direct(who).await?;

        let now = self.kept.now(who, if one.is_some() { &[] } else { &lans }).await?;
        let side = OurSide {
            exchanges: &exchanges,
            connections: &connections,
            names: &names,
            sessions: now.sessions(),
            systems: now.systems(),
            contacts: who.allows::<View>(&CONTACT_ASSIGNMENT).then(|| now.contacts()),
            direct: &direct,
            hidden: &hidden,
        };
        let ports = |lan: i64| match &one {
            Some((ports, _)) => ports.get(&lan).map_or(&[][..], Vec::as_slice),
            None => now.ports(lan),
        };
        let there: BTreeSet<i64> = lans.iter().flat_map(|lan| ports(*lan)).map(|port| port.net).collect();
        let known = |id: i64| match &one {
            Some((_, networks)) => networks.iter().find(|network| network.id == id),
            None => now.network(id),
        };
        let contact = who.allows::<View>(&NETWORK_CONTACT);
        let mut networks: Vec<Network> =
            there.into_iter().filter_map(known).map(|net| side.network(net, contact)).collect();
        networks.sort_unstable_by_key(|network| (network.asn, network.id));
        let ports = side.meet(&networks, ports);
        let reason = match (at.exchange, ports.is_empty()) {
            (Some(_), _) if connections.is_empty() => NO_CONNECTION,
            (_, false) => "",
            _ if at.asn.is_some() => NOT_THERE,
            _ => NOBODY,
        };
        Ok(AvailablePeers { reason: reason.to_owned(), exchanges: side.told(), networks, ports })
    }

    async fn at_exchanges(&self, who: &Who) -> Result<Vec<AtExchange>, Problem> {
        who.permit::<View>(&IX_SESSION)?;
        let mut exchanges = self.brief(who, &INTERNET_EXCHANGE, EXCHANGE_FIELDS, Which::All).await?;
        exchanges.sort_by(|a, b| a.text("name").cmp(b.text("name")).then(a.id.cmp(&b.id)));
        let connections = self.brief(who, &CONNECTION, CONNECTION_FIELDS, Which::All).await?;
        let names = self.store.related(&who.permit::<View>(&CONNECTION)?, &connections).await?;
        // who may not look for peers is told the rest
        let may_look = LOOKED_AT.iter().all(|of| who.allows::<View>(of));
        let lans: Vec<i64> = exchanges.iter().filter_map(lan_of).filter(|_| may_look).collect();
        let hidden = self.hidden(who, &lans).await?;
        let now = self.kept.now(who, &lans).await?;
        let side = OurSide {
            exchanges: &exchanges,
            connections: &connections,
            names: &names,
            sessions: now.sessions(),
            systems: now.systems(),
            contacts: None,
            direct: &HashMap::new(),
            hidden: &hidden,
        };
        let asn = |network: i64| now.network(network).map(|network| network.asn);
        let free = |exchange: &Record| {
            let lan = lan_of(exchange).filter(|_| may_look)?;
            Some(side.free_at(exchange, lan, now.ports(lan), asn))
        };
        Ok(side.in_figures(free))
    }

    async fn create_sessions(&self, who: &Who, sessions: Vec<NewSession>, insist: bool) -> Result<Created, Problem> {
        let add = who.permit::<Add>(&IX_SESSION)?;
        if sessions.is_empty() {
            return Err(Problem::malformed("sessions: the list is empty. Choose at least one."));
        }
        if sessions.len() > MOST_SESSIONS {
            return Err(Problem::malformed(format!("sessions: at most {MOST_SESSIONS} at once.")));
        }
        let ports = self.by_id(who, &NETWORK_IXLAN, sessions.iter().map(|new| new.port)).await?;
        let networks = self.by_id(who, &NETWORK, ports.values().filter_map(|port| port.int("net"))).await?;
        let sides = self.sides(who, sessions.iter().map(|new| new.connection)).await?;
        let asns: Vec<Value> = networks.values().map(|network| network.get("asn").clone()).collect();
        let mut known = self.known(who, asns).await?;

        // first everything that can be wrong without writing, for all rows at once
        let mut problems = Vec::new();
        let mut drafts = Vec::new();
        for (at, new) in sessions.iter().enumerate() {
            match draft(new, &ports, &networks, &sides) {
                Ok((network, draft)) => {
                    let ours = network.int("asn").and_then(|asn| known.get(&asn));
                    drafts.push((
                        network,
                        draft.with("autonomous_system", ours.copied().map_or(Value::Null, Value::Int)),
                    ));
                }
                Err(problem) => problems.extend(at_row(at, problem)),
            }
        }
        if problems.is_empty() {
            let checked = |facts: &dyn Facts| drafts.iter().map(|(_, draft)| check(draft, facts)).collect::<Vec<_>>();
            for (at, found) in Surroundings::new(&self.store).ask(checked).await?.into_iter().enumerate() {
                let mut found = found.despite_warnings(insist).into_vec();
                // one that we have not is made when it is written
                found.retain(|problem| problem.warning || problem.field != "autonomous_system");
                if !found.is_empty() {
                    problems.extend(at_row(at, Problem::invalid(found)));
                }
            }
        }
        if !insist {
            problems.extend(self.objections(who, &sessions, &sides).await?);
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
        Surroundings::new(&self.store).check(None, &said).await?.into_result()?;
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
    /// Connections of ours whose exchange is on a LAN, by id.
    async fn sides(&self, who: &Who, connections: impl Iterator<Item = i64>) -> Result<HashMap<i64, Side>, Problem> {
        let connections = self.by_id(who, &CONNECTION, connections).await?;
        let exchange = |connection: &Record| connection.int("internet_exchange_point");
        let exchanges = self.by_id(who, &INTERNET_EXCHANGE, connections.values().filter_map(exchange)).await?;
        let lan = |connection: &Record| exchanges.get(&exchange(connection)?)?.int("peeringdb_ixlan");
        let side = |connection: Record| Some((connection.id, Side { lan: lan(&connection)?, connection }));
        Ok(connections.into_values().filter_map(side).collect())
    }

    /// What speaks against the sessions by the rule of the matrix, as far as whoever wants them may look at it.
    async fn objections(
        &self,
        who: &Who,
        sessions: &[NewSession],
        sides: &HashMap<i64, Side>,
    ) -> Result<Vec<FieldProblem>, Problem> {
        if !LOOKED_AT.iter().all(|of| who.allows::<View>(of)) {
            return Ok(Vec::new());
        }
        let mut said = Vec::new();
        let there: BTreeSet<i64> = sides.values().filter_map(|side| side.exchange()).collect();
        for exchange in there {
            let told = peers::Peers::available(self, who, Where { exchange: Some(exchange), asn: None }).await?;
            let ports: HashMap<i64, &Port> = told.ports.iter().map(|port| (port.id, port)).collect();
            for (at, new) in sessions.iter().enumerate() {
                let Some(port) = ports.get(&new.port) else { continue };
                let connections = &told.exchanges[port.exchange as usize].connections;
                let place = connections.iter().position(|connection| connection.id == new.connection);
                let standing = place.and_then(|place| port.standing[place].get(usize::from(new.family == 6)));
                if let Some(message) = standing.and_then(Standing::objection) {
                    said.push((at, FieldProblem { field: String::new(), message, warning: true }));
                }
            }
        }
        said.sort_by_key(|(at, _)| *at);
        Ok(said.into_iter().flat_map(|(at, problem)| at_row(at, Problem::invalid(vec![problem]))).collect())
    }

    /// Ids of the autonomous systems that we have, by number.
    async fn known(&self, who: &Who, asns: Vec<Value>) -> Result<HashMap<i64, i64>, Problem> {
        let systems = self.store.among(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, "asn", &asns).await?;
        Ok(systems.iter().filter_map(|system| Some((system.int("asn")?, system.id))).collect())
    }
}
