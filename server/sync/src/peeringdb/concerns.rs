//! What of ours a row of PeeringDB has to do with: our autonomous systems, exchanges, connections and sessions, as they were
//! when the first change of a run was found. A row that went may have taken a link of ours with it by the time somebody reads
//! of it, so what it was is looked at before anything is written.

use super::ours::among;
use peerage_model::{
    ListQuery, ObjectType, Permit, Record, Value, Who,
    peeringdb::{IXLAN, NETWORK, NO_CONCERN, PORT_ADDRESSES},
    permit::View,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, IX_SESSION},
};
use peerage_store::{Store, StoreError};
use serde_json::{Value as Json, json};
use std::{
    collections::{BTreeSet, HashMap},
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
        Self { level: NO_CONCERN, ..Self::default() }
    }

    fn new<'a>(level: &'static str, why: String, ours: impl IntoIterator<Item = &'a Ours>) -> Self {
        Self { level, why, ours: ours.into_iter().take(NAMED).cloned().collect() }
    }

    pub fn is_any(&self) -> bool {
        self.level != NO_CONCERN
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

    /// What a change means; one of the two is there at least. A row that leaves what is ours concerns us as one that comes.
    pub fn judge(&mut self, namespace: &str, before: Option<&Record>, after: Option<&Record>) -> Concern {
        if namespace == "net" {
            return self.network(before, after);
        }
        let sides = || after.into_iter().chain(before);
        let of = |field: &str, of: &HashMap<i64, Vec<Ours>>| sides().find_map(|row| of.get(&row.int(field)?).cloned());
        let by_id = |of: &HashMap<i64, Vec<Ours>>| sides().find_map(|row| of.get(&row.id).cloned());
        match namespace {
            "poc" | "netfac" => {
                let network = sides().find_map(|row| self.networks.get(&row.int("net")?));
                let what = if namespace == "poc" { "A contact" } else { "A place" };
                match network.and_then(|asn| self.systems.get(asn)) {
                    Some((ours, true)) => Concern::new("direct", format!("{what} of your own {}.", ours.label), [ours]),
                    Some((ours, false)) => Concern::new("known", format!("{what} of {}.", ours.label), [ours]),
                    None => Concern::none(),
                }
            }
            "ix" => Self::exchange(by_id(&self.exchanges), after.is_none(), "PeeringDB's entry of {}."),
            "ixlan" => Self::exchange(by_id(&self.lans), after.is_none(), "The LAN of {}."),
            "ixpfx" => {
                let prefix = |row: Option<&Record>| row.map(|row| row.get("prefix").clone());
                let moves = before.is_some() && prefix(before) != prefix(after);
                let sentence =
                    if moves { "A prefix of {}: your addresses there have its length." } else { "A prefix of {}." };
                Self::exchange(of("ixlan", &self.lans), moves, sentence)
            }
            "ixfac" => match of("ix", &self.exchanges) {
                Some(ours) => Concern::new("near", format!("A place of {}.", names(&ours)), &ours),
                None => Concern::none(),
            },
            "netixlan" => self.port(before, after),
            _ => Concern::none(),
        }
    }

    fn exchange(ours: Option<Vec<Ours>>, act: bool, sentence: &str) -> Concern {
        let Some(ours) = ours else { return Concern::none() };
        let why = sentence.replace("{}", &names(&ours));
        Concern::new(if act { "act" } else { "direct" }, why, &ours)
    }

    fn network(&mut self, before: Option<&Record>, after: Option<&Record>) -> Concern {
        let number = |row: Option<&Record>| row.and_then(|row| row.int("asn"));
        let (was, is) = (number(before), number(after));
        let Some((asn, (ours, affiliated))) =
            was.into_iter().chain(is).find_map(|asn| Some((asn, self.systems.get(&asn)?)))
        else {
            return Concern::none();
        };
        // its contacts and places are read later in the run
        self.networks.extend(after.or(before).map(|row| (row.id, asn)));
        let name = &ours.label;
        match (is, affiliated) {
            (None, true) => Concern::new("act", format!("Your own {name} is not in PeeringDB any more."), [ours]),
            (None, false) => {
                Concern::new("act", format!("You have {name}, which is not in PeeringDB any more."), [ours])
            }
            (Some(is), _) if is != asn => {
                Concern::new("act", format!("You have {name}, whose network has the number AS{is} now."), [ours])
            }
            (Some(_), true) => Concern::new("direct", format!("Your own {name}."), [ours]),
            (Some(_), false) => Concern::new("known", format!("You have {name}."), [ours]),
        }
    }

    fn port(&self, before: Option<&Record>, after: Option<&Record>) -> Concern {
        let sides = || after.into_iter().chain(before);
        let at = sides().find_map(|row| self.lans.get(&row.int("ixlan")?));
        let connections = sides().find_map(|row| self.ports.get(&row.id));
        // who has which address there
        let held = |port: Option<&Record>| -> BTreeSet<(i64, IpAddr)> {
            let live = port.filter(|port| port.get("operational").as_bool() != Some(false));
            let of = |port: &Record| {
                let asn = port.int("asn").unwrap_or_default();
                PORT_ADDRESSES.map(|name| Some((asn, port.get(name).as_ip()?)))
            };
            live.map(of).into_iter().flatten().flatten().collect()
        };
        let (old, new) = (held(before), held(after));
        let lost: Vec<(i64, IpAddr)> = old.difference(&new).copied().collect();
        let addresses: Vec<IpAddr> = lost.iter().map(|(_, ip)| *ip).collect();
        let stands = after.is_some_and(|port| port.get("operational").as_bool() == Some(false));
        let number = |port: Option<&Record>| port.and_then(|port| port.int("asn"));
        let renumbered = after.is_some() && before.is_some() && number(before) != number(after);
        if let Some(connections) = connections
            && (after.is_none() || !lost.is_empty())
        {
            let names = names(connections);
            let why = match after {
                None => format!("Your connection at {names} was linked to this port, which is gone."),
                Some(_) if stands => {
                    format!("Your connection at {names} is linked to this port, which is out of operation.")
                }
                Some(_) if renumbered => {
                    format!("Your connection at {names} is linked to this port, which is another network's now.")
                }
                Some(_) => format!(
                    "Your connection at {names} is linked to this port, which has {} no more.",
                    words(&addresses)
                ),
            };
            return Concern::new("act", why, connections);
        }
        let sessions: Vec<Ours> = lost.iter().flat_map(|(asn, ip)| self.sessions_at(*ip, *asn)).collect();
        if let (false, Some((asn, _))) = (sessions.is_empty(), lost.first()) {
            let count =
                if sessions.len() == 1 { "1 session".to_owned() } else { format!("{} sessions", sessions.len()) };
            let with = format!("You have {count} with AS{asn} at {}", words(&addresses));
            let why = match after {
                None => format!("{with}, and this port is gone."),
                Some(_) if stands => format!("{with}, and this port is out of operation."),
                Some(_) if renumbered => format!("{with}, and this port is another network's now."),
                Some(_) => format!("{with}, which is not its address any more."),
            };
            return Concern::new("act", why, &sessions);
        }
        let system = sides().find_map(|row| self.systems.get(&row.int("asn")?));
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
