//! Who could be peered with at an exchange, and making sessions from a selection. The rule itself is
//! [`peerage_model::available`]; here its facts are fetched, in a fixed number of statements.

use super::{request_id, surroundings::Surroundings};
use async_trait::async_trait;
use peerage_app::peers::{self, AvailablePeers, Created, NewSession, OurConnection, Peer};
use peerage_model::{
    Facts, FieldProblem, Label, ObjectType, Problem, Record, Value, Who,
    available::Situation,
    check::check,
    label,
    peeringdb::{NETWORK, NETWORK_IXLAN},
    permit::{Add, View},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, HIDDEN_PEER, INTERNET_EXCHANGE, IX_SESSION, described_by, hides},
    wire::Edit,
};
use peerage_store::{Related, Store};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    time::{SystemTime, UNIX_EPOCH},
};

/// Sessions of one selection.
const MOST_SESSIONS: usize = 5000;

pub struct Peers {
    store: Store,
}

/// Sessions by connection and address.
type Sessions = HashMap<(i64, IpAddr), (i64, String, String)>;

impl Peers {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// All objects of a type whose reference leads to one of `ids`.
    async fn leading_to(
        &self,
        who: &Who,
        of: &'static ObjectType,
        field: &str,
        ids: &[i64],
    ) -> Result<Vec<Record>, Problem> {
        Ok(self.store.reverse(&who.permit::<View>(of)?, field, ids).await?)
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

    /// Networks that are hidden on a LAN today.
    async fn hidden_on(&self, who: &Who, lan: i64) -> Result<HashSet<i64>, Problem> {
        if !who.allows::<View>(&HIDDEN_PEER) {
            return Ok(HashSet::new());
        }
        let hidden = self.leading_to(who, &HIDDEN_PEER, "peeringdb_ixlan", &[lan]).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64);
        let today = hidden.iter().filter(|peer| hides(peer, now));
        Ok(today.filter_map(|peer| peer.int("peeringdb_network")).collect())
    }

    async fn our_asns(&self, who: &Who) -> Result<HashSet<i64>, Problem> {
        let permit = who.permit::<View>(&AUTONOMOUS_SYSTEM)?;
        let ours = self.store.find(&permit, &[("affiliated", Value::Bool(true))]).await?;
        Ok(ours.iter().filter_map(|ours| ours.int("asn")).collect())
    }

    async fn sessions_on(&self, who: &Who, connections: &[Record]) -> Result<Sessions, Problem> {
        let ids: Vec<i64> = connections.iter().map(|connection| connection.id).collect();
        let sessions = self.leading_to(who, &IX_SESSION, "ixp_connection", &ids).await?;
        Ok(sessions
            .iter()
            .filter_map(|session| {
                let key = (session.int("ixp_connection")?, session.get("ip_address").as_ip()?);
                Some((key, (session.id, session.text("status").to_owned(), session.text("bgp_state").to_owned())))
            })
            .collect())
    }
}

#[async_trait]
impl peers::Peers for Peers {
    async fn available(&self, who: &Who, exchange: i64) -> Result<AvailablePeers, Problem> {
        let found = self.store.get(&who.permit::<View>(&INTERNET_EXCHANGE)?, exchange).await?;
        let exchange = found.ok_or_else(|| Problem::not_found(INTERNET_EXCHANGE.name))?;
        let connections = self.leading_to(who, &CONNECTION, "internet_exchange_point", &[exchange.id]).await?;
        let names = self.store.related(&who.permit::<View>(&CONNECTION)?, &connections).await?;
        let ours = OurConnections { exchange: &exchange, connections: &connections, names: &names };
        let Some(lan) = exchange.int("peeringdb_ixlan") else {
            let reason = "This exchange is not linked to a PeeringDB LAN, so nobody can be found there. Edit it and choose its LAN.";
            return Ok(AvailablePeers {
                reason: reason.to_owned(),
                connections: ours.columns(),
                ..AvailablePeers::default()
            });
        };
        let mut ports = self.leading_to(who, &NETWORK_IXLAN, "ixlan", &[lan]).await?;
        let hidden = self.hidden_on(who, lan).await?;
        let listed = ports.len();
        ports.retain(|port| port.int("net").is_none_or(|network| !hidden.contains(&network)));
        let hidden = (listed - ports.len()) as u64;
        let networks = self.by_id(who, &NETWORK, ports.iter().filter_map(|port| port.int("net"))).await?;
        let our_asns = self.our_asns(who).await?;
        let sessions = self.sessions_on(who, &connections).await?;
        let peers: Vec<Peer> = ports
            .iter()
            .filter_map(|port| ours.peer(port, networks.get(&port.int("net")?)?, &our_asns, &sessions))
            .collect();
        let reason = match (connections.is_empty(), peers.is_empty()) {
            (false, true) if hidden > 0 => "Everybody on this LAN is hidden. See Hidden peers.",
            (true, _) => "You have no connection to this exchange yet. Add one, with your addresses on its LAN.",
            (_, true) => "PeeringDB lists nobody on this LAN. Synchronise it, if that was long ago.",
            _ => "",
        };
        Ok(AvailablePeers { reason: reason.to_owned(), connections: ours.columns(), peers, hidden })
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
        let asns: Vec<Value> = networks.values().map(|network| network.get("asn").clone()).collect();
        let mut known = self.known(who, asns).await?;

        // first everything that can be wrong without writing, for all rows at once
        let mut problems = Vec::new();
        let mut drafts = Vec::new();
        for (at, new) in sessions.iter().enumerate() {
            match draft(new, &ports, &networks) {
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
}

impl Peers {
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
) -> Result<(&'a Record, Record), Problem> {
    let gone = || Problem::field("port", "PeeringDB does not list this port any more. Leave it out.");
    let port = ports.get(&new.port).ok_or_else(gone)?;
    let network = port.int("net").and_then(|id| networks.get(&id)).ok_or_else(gone)?;
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

/// Our side of an exchange.
struct OurConnections<'a> {
    exchange: &'a Record,
    connections: &'a [Record],
    names: &'a Related,
}

impl OurConnections<'_> {
    fn columns(&self) -> Vec<OurConnection> {
        let column = |connection: &Record| OurConnection {
            id: connection.id,
            label: label::label(connection, self.names),
            status: connection.text("status").to_owned(),
        };
        self.connections.iter().map(column).collect()
    }

    fn peer(&self, port: &Record, network: &Record, our_asns: &HashSet<i64>, sessions: &Sessions) -> Option<Peer> {
        let asn = port.int("asn")?;
        let addresses = [port.get("ipaddr4").as_ip(), port.get("ipaddr6").as_ip()];
        let operational = port.get("operational").as_bool() != Some(false);
        let ours = our_asns.contains(&asn);
        let standing = |connection: &Record, family: usize| {
            let local = connection.get(["ipv4_address", "ipv6_address"][family]);
            let session = addresses[family].and_then(|ip| sessions.get(&(connection.id, ip)));
            Situation {
                peer_has_address: addresses[family].is_some(),
                we_have_address: !local.is_null(),
                operational,
                ours,
                disabled: connection.text("status") == "disabled" || self.exchange.text("status") == "disabled",
                session: session.map(|(id, status, state)| (*id, status.as_str(), state.as_str())),
            }
            .standing()
        };
        Some(Peer {
            port: port.id,
            asn: u32::try_from(asn).ok()?,
            name: network.text("name").to_owned(),
            policy: network.text("policy_general").to_owned(),
            kind: network.text("info_type").to_owned(),
            traffic: network.text("info_traffic").to_owned(),
            scope: network.text("info_scope").to_owned(),
            prefixes4: network.int("info_prefixes4"),
            prefixes6: network.int("info_prefixes6"),
            irr_as_set: network.text("irr_as_set").to_owned(),
            speed: port.int("speed").unwrap_or_default(),
            is_rs_peer: port.flag("is_rs_peer"),
            operational,
            ipv4: addresses[0],
            ipv6: addresses[1],
            ours,
            standing: self
                .connections
                .iter()
                .map(|connection| [standing(connection, 0), standing(connection, 1)])
                .collect(),
        })
    }
}
