//! What of ours a row of PeeringDB has to do with: our autonomous systems, exchanges, connections and sessions, as they were
//! when the first change of a run was found. A row that went may have taken a link of ours with it by the time somebody reads
//! of it, so what it was is looked at before anything is written.

use super::ours::among;
use peerage_model::{
    ListQuery, ObjectType, Permit, Record, Value, Who,
    peeringdb::{IXLAN, NETWORK},
    permit::View,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION},
};
use peerage_store::{Store, StoreError};
use serde_json::{Value as Json, json};
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
};

/// Objects of ours that one change names.
const NAMED: usize = 20;

/// An object of ours.
#[derive(Clone, Debug)]
struct Ours {
    of: &'static ObjectType,
    id: i64,
    label: String,
}

/// A session, by the peer's address.
struct Session {
    id: i64,
    /// Id of the peer's autonomous system.
    system: i64,
}

/// What a change of a row means for us.
#[derive(Debug, Default)]
pub struct Concern {
    /// Of `CONCERN`.
    pub level: &'static str,
    /// A sentence; empty if it is none of our business.
    pub why: String,
    ours: Vec<Ours>,
}

impl Concern {
    fn none() -> Self {
        Self { level: "other", ..Self::default() }
    }

    fn new<'a>(level: &'static str, why: String, ours: impl IntoIterator<Item = &'a Ours>) -> Self {
        Self { level, why, ours: ours.into_iter().take(NAMED).cloned().collect() }
    }

    pub fn is_any(&self) -> bool {
        self.level != "other"
    }

    /// `[{type, id, label}]`
    pub fn ours(&self) -> Value {
        if self.ours.is_empty() {
            return Value::Null;
        }
        let told = self.ours.iter().map(|ours| json!({"type": ours.of.key(), "id": ours.id, "label": ours.label}));
        Value::Json(Json::Array(told.collect()).into())
    }
}

/// Ours, by what PeeringDB's rows have in common with it.
pub struct Concerns {
    /// By AS number: the object, and whether it is our own.
    systems: HashMap<i64, (Ours, bool)>,
    numbers: HashMap<i64, i64>,
    /// AS numbers of cached networks that we have an autonomous system for.
    networks: HashMap<i64, i64>,
    /// By `ixlan` and by `ix`.
    lans: HashMap<i64, Vec<Ours>>,
    exchanges: HashMap<i64, Vec<Ours>>,
    /// Connections by `netixlan`.
    ports: HashMap<i64, Vec<Ours>>,
    sessions: HashMap<IpAddr, Vec<Session>>,
}

/// All objects of a type, with these fields only.
async fn some(store: &Store, who: &Who, of: &'static ObjectType, fields: &[&str]) -> Result<Vec<Record>, StoreError> {
    let permit: Permit<View> = who.permit(of)?;
    let mut query = ListQuery::all(of).unpaged();
    query.sort.clear();
    query.fields = fields.iter().filter_map(|name| of.index_of(name)).collect();
    store.records(&permit, &query).await
}

impl Concerns {
    /// As they are now.
    pub async fn load(store: &Store, who: &Who) -> Result<Self, StoreError> {
        let mut systems = HashMap::new();
        let mut numbers = HashMap::new();
        for system in some(store, who, &AUTONOMOUS_SYSTEM, &["asn", "name", "affiliated"]).await? {
            let Some(asn) = system.int("asn") else { continue };
            let label = format!("AS{asn} {}", system.text("name"));
            let ours = Ours { of: &AUTONOMOUS_SYSTEM, id: system.id, label };
            numbers.insert(system.id, asn);
            systems.insert(asn, (ours, system.flag("affiliated")));
        }
        let asns: Vec<Value> = systems.keys().copied().map(Value::Int).collect();
        let networks = among(store, who, &NETWORK, "asn", &asns).await?;
        let networks = networks.iter().filter_map(|network| Some((network.id, network.int("asn")?))).collect();

        let mut lans: HashMap<i64, Vec<Ours>> = HashMap::new();
        let mut names = HashMap::new();
        for exchange in some(store, who, &INTERNET_EXCHANGE, &["name", "peeringdb_ixlan"]).await? {
            names.insert(exchange.id, exchange.text("name").to_owned());
            if let Some(lan) = exchange.int("peeringdb_ixlan") {
                let label = exchange.text("name").to_owned();
                lans.entry(lan).or_default().push(Ours { of: &INTERNET_EXCHANGE, id: exchange.id, label });
            }
        }
        let ids: Vec<i64> = lans.keys().copied().collect();
        let mut exchanges: HashMap<i64, Vec<Ours>> = HashMap::new();
        for lan in super::ours::by_id(store, who, &IXLAN, &ids).await? {
            if let (Some(ix), Some(ours)) = (lan.int("ix"), lans.get(&lan.id)) {
                exchanges.entry(ix).or_default().extend(ours.iter().cloned());
            }
        }

        let mut ports: HashMap<i64, Vec<Ours>> = HashMap::new();
        let fields = ["internet_exchange_point", "peeringdb_netixlan"];
        for connection in some(store, who, &CONNECTION, &fields).await? {
            let Some(port) = connection.int("peeringdb_netixlan") else { continue };
            let at = connection.int("internet_exchange_point").and_then(|id| names.get(&id)).cloned();
            let label = at.unwrap_or_else(|| format!("Connection #{}", connection.id));
            ports.entry(port).or_default().push(Ours { of: &CONNECTION, id: connection.id, label });
        }
        let mut sessions: HashMap<IpAddr, Vec<Session>> = HashMap::new();
        for session in some(store, who, &IX_SESSION, &["ip_address", "autonomous_system"]).await? {
            if let (Some(ip), Some(system)) = (session.get("ip_address").as_ip(), session.int("autonomous_system")) {
                sessions.entry(ip).or_default().push(Session { id: session.id, system });
            }
        }
        Ok(Self { systems, numbers, networks, lans, exchanges, ports, sessions })
    }

    /// Whether a row as it is now can have to do with us: asked before its earlier state is read.
    pub fn touch(&self, namespace: &str, row: &Record) -> bool {
        let known = |field: &str| row.int(field).is_some_and(|asn| self.systems.contains_key(&asn));
        let refers = |field: &str, of: &HashMap<i64, Vec<Ours>>| row.int(field).is_some_and(|id| of.contains_key(&id));
        match namespace {
            "net" => known("asn") || self.networks.contains_key(&row.id),
            "poc" | "netfac" => row.int("net").is_some_and(|net| self.networks.contains_key(&net)),
            "ix" => self.exchanges.contains_key(&row.id),
            "ixfac" => refers("ix", &self.exchanges),
            "ixlan" => self.lans.contains_key(&row.id),
            "ixpfx" => refers("ixlan", &self.lans),
            "netixlan" => known("asn") || refers("ixlan", &self.lans) || self.ports.contains_key(&row.id),
            _ => false,
        }
    }

    /// What a change means; one of the two is there at least.
    pub fn judge(&mut self, namespace: &str, before: Option<&Record>, after: Option<&Record>) -> Concern {
        let Some(row) = after.or(before) else { return Concern::none() };
        let went = after.is_none();
        let of = |field: &str, of: &HashMap<i64, Vec<Ours>>| row.int(field).and_then(|id| of.get(&id).cloned());
        match namespace {
            "net" => self.network(row, went),
            "poc" | "netfac" => {
                let network = row.int("net").and_then(|net| self.networks.get(&net));
                let what = if namespace == "poc" { "A contact" } else { "A place" };
                match network.and_then(|asn| self.systems.get(asn)) {
                    Some((ours, true)) => Concern::new("direct", format!("{what} of your own {}.", ours.label), [ours]),
                    Some((ours, false)) => Concern::new("known", format!("{what} of {}.", ours.label), [ours]),
                    None => Concern::none(),
                }
            }
            "ix" => Self::exchange(self.exchanges.get(&row.id).cloned(), went, "PeeringDB's entry of {}."),
            "ixlan" => Self::exchange(self.lans.get(&row.id).cloned(), went, "The LAN of {}."),
            "ixpfx" => {
                // an address has its length from here
                let shrinks = before.is_some();
                Self::exchange(
                    of("ixlan", &self.lans),
                    shrinks,
                    "A prefix of {}: your addresses there have its length.",
                )
            }
            "ixfac" => match of("ix", &self.exchanges) {
                Some(ours) => Concern::new("near", format!("A place of {}.", names(&ours)), &ours),
                None => Concern::none(),
            },
            "netixlan" => self.port(before, after, row),
            _ => Concern::none(),
        }
    }

    fn exchange(ours: Option<Vec<Ours>>, act: bool, sentence: &str) -> Concern {
        let Some(ours) = ours else { return Concern::none() };
        let why = sentence.replace("{}", &names(&ours));
        Concern::new(if act { "act" } else { "direct" }, why, &ours)
    }

    fn network(&mut self, row: &Record, went: bool) -> Concern {
        let Some(asn) = row.int("asn") else { return Concern::none() };
        let Some((ours, affiliated)) = self.systems.get(&asn) else { return Concern::none() };
        // its contacts and places are read later in the run
        self.networks.insert(row.id, asn);
        let name = &ours.label;
        match (went, affiliated) {
            (true, true) => Concern::new("act", format!("Your own {name} is not in PeeringDB any more."), [ours]),
            (true, false) => {
                Concern::new("act", format!("You have {name}, which is not in PeeringDB any more."), [ours])
            }
            (false, true) => Concern::new("direct", format!("Your own {name}."), [ours]),
            (false, false) => Concern::new("known", format!("You have {name}."), [ours]),
        }
    }

    fn port(&self, before: Option<&Record>, after: Option<&Record>, row: &Record) -> Concern {
        let asn = row.int("asn").unwrap_or_default();
        let at = row.int("ixlan").and_then(|lan| self.lans.get(&lan));
        let connections = self.ports.get(&row.id);
        let held = |port: Option<&Record>| -> HashSet<IpAddr> {
            let live = port.filter(|port| port.get("operational").as_bool() != Some(false));
            live.map(|port| ["ipaddr4", "ipaddr6"].map(|name| port.get(name).as_ip()))
                .into_iter()
                .flatten()
                .flatten()
                .collect()
        };
        let (old, new) = (held(before), held(after));
        let mut lost: Vec<IpAddr> = old.difference(&new).copied().collect();
        lost.sort_unstable();
        if let Some(connections) = connections
            && (after.is_none() || !lost.is_empty())
        {
            let why = match after {
                None => format!("Your connection at {} was linked to this port, which is gone.", names(connections)),
                Some(_) => format!(
                    "Your connection at {} is linked to this port, which has {} no more.",
                    names(connections),
                    words(&lost)
                ),
            };
            return Concern::new("act", why, connections);
        }
        let sessions: Vec<Ours> = lost.iter().flat_map(|ip| self.sessions_at(*ip, asn)).collect();
        if !sessions.is_empty() {
            let count =
                if sessions.len() == 1 { "1 session".to_owned() } else { format!("{} sessions", sessions.len()) };
            let stands = after.is_some_and(|port| port.get("operational").as_bool() == Some(false));
            let why = match (after, stands) {
                (None, _) => format!("You have {count} with AS{asn} at {}, and this port is gone.", words(&lost)),
                (Some(_), true) => {
                    format!("You have {count} with AS{asn} at {}, and this port is out of operation.", words(&lost))
                }
                (Some(_), false) => {
                    format!("You have {count} with AS{asn} at {}, which is not its address any more.", words(&lost))
                }
            };
            return Concern::new("act", why, &sessions);
        }
        let system = self.systems.get(&asn);
        match (connections, system, at) {
            (Some(connections), ..) => Concern::new(
                "direct",
                format!("Your connection at {} is linked to it.", names(connections)),
                connections,
            ),
            (None, Some((ours, true)), _) => {
                Concern::new("direct", format!("A port of your own {}.", ours.label), [ours])
            }
            (None, Some((ours, false)), Some(at)) => {
                let why = format!("A port of {} at {}, where you are too.", ours.label, names(at));
                Concern::new("known", why, std::iter::once(ours).chain(at))
            }
            (None, Some((ours, false)), None) => Concern::new("known", format!("A port of {}.", ours.label), [ours]),
            (None, None, Some(at)) => Concern::new("near", format!("A port at {}.", names(at)), at),
            (None, None, None) => Concern::none(),
        }
    }

    /// Sessions with an AS at an address.
    fn sessions_at(&self, ip: IpAddr, asn: i64) -> impl Iterator<Item = Ours> + '_ {
        let there = self.sessions.get(&ip).into_iter().flatten();
        there.filter(move |session| self.numbers.get(&session.system) == Some(&asn)).map(move |session| Ours {
            of: &IX_SESSION,
            id: session.id,
            label: format!("Session with AS{asn} at {ip}"),
        })
    }
}

fn names(ours: &[Ours]) -> String {
    let mut names: Vec<&str> = ours.iter().map(|ours| ours.label.as_str()).collect();
    names.dedup();
    names.join(" and ")
}

fn words(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" and ")
}
