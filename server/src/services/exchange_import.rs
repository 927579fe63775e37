//! Taking our exchanges and connections over from PeeringDB. The rule is [`peerage_model::exchange_import`]; here its facts
//! are read inside the transaction that would write, so that the preview is a trial of the very thing, and what is applied
//! is what the rule says at that moment: where that is not what the person saw, nothing is written.

use super::request_id;
use async_trait::async_trait;
use peerage_app::exchange_import::{self, Import, Imported, Lacking, Preview};
use peerage_model::{
    Asn, Filter, Label, ListQuery, ObjectType, Problem, Record, Value, Who,
    exchange_import::{Connection, Exchange, Lan, Situation, new_connection_at, new_exchange, plan},
    peeringdb::{EXCHANGE, IXLAN, IXLAN_PREFIX, NETWORK, NETWORK_IXLAN},
    permit::{Add, Change, View},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE},
};
use peerage_store::{Store, Write};
use std::collections::HashMap;

pub struct ExchangeImport {
    store: Store,
}

impl ExchangeImport {
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

/// What the rule looked at, and what it said.
struct Planned {
    lans: Vec<Lan>,
    /// Ours, by id: what may be linked.
    exchanges: HashMap<i64, Record>,
    connections: HashMap<i64, Record>,
}

async fn all(write: &mut Write, who: &Who, of: &'static ObjectType) -> Result<Vec<Record>, Problem> {
    let mut query = ListQuery::all(of).unpaged();
    query.sort.clear();
    Ok(write.records(&who.permit::<View>(of)?, &query).await?)
}

fn ids(records: &[Record], field: &str) -> Vec<i64> {
    let mut ids: Vec<i64> = records.iter().filter_map(|record| record.int(field)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn by_id(records: Vec<Record>) -> HashMap<i64, Record> {
    records.into_iter().map(|record| (record.id, record)).collect()
}

/// Our autonomous system, held until the transaction ends: two imports for one of them come one after the other.
async fn ours(write: &mut Write, who: &Who, id: i64) -> Result<Record, Problem> {
    let found = write.hold(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, id).await?;
    let ours = found.ok_or_else(|| Problem::not_found(AUTONOMOUS_SYSTEM.name))?;
    if ours.flag("affiliated") {
        return Ok(ours);
    }
    let name = ours.text("name");
    let message = format!("{name} is not yours. Mark it as affiliated first, if it is one of your own networks.");
    Err(Problem::field("autonomous_system", message))
}

async fn look(write: &mut Write, who: &Who, ours: &Record) -> Result<Planned, Problem> {
    let number = ours.get("asn").clone();
    let ports = write.find(&who.permit::<View>(&NETWORK_IXLAN)?, &[("asn", number)]).await?;
    let lans = write.get_many(&who.permit::<View>(&IXLAN)?, &ids(&ports, "ixlan")).await?;
    let prefixes = write.reverse(&who.permit::<View>(&IXLAN_PREFIX)?, "ixlan", &ids(&ports, "ixlan")).await?;
    let names = write.get_many(&who.permit::<View>(&EXCHANGE)?, &ids(&lans, "ix")).await?;
    let exchanges = all(write, who, &INTERNET_EXCHANGE).await?;
    let connections = all(write, who, &CONNECTION).await?;
    let lans = plan(&Situation {
        local: ours.id,
        ports: &ports,
        lans: &lans,
        prefixes: &prefixes,
        names: &names,
        exchanges: &exchanges,
        connections: &connections,
    });
    Ok(Planned { lans, exchanges: by_id(exchanges), connections: by_id(connections) })
}

/// Why PeeringDB lists nothing for a number.
async fn lacking(write: &mut Write, who: &Who, ours: &Record) -> Result<Lacking, Problem> {
    let number = ours.int("asn").and_then(|asn| u32::try_from(asn).ok());
    if number.is_none_or(|asn| Asn(asn).is_private()) {
        return Ok(Lacking::PublicNumber);
    }
    let networks = write.count(&who.permit::<View>(&NETWORK)?, &Filter::default()).await?;
    Ok(if networks == 0 { Lacking::Cache } else { Lacking::Ports })
}

/// Only those who may make both are shown what would be made.
fn may_make(who: &Who) -> Result<(), Problem> {
    who.permit::<Add>(&INTERNET_EXCHANGE)?;
    who.permit::<Add>(&CONNECTION)?;
    Ok(())
}

/// What of a plan was wanted, as it is planned now.
fn agreed(planned: &Planned, wanted: &[Lan]) -> Result<Vec<Lan>, Problem> {
    let mut agreed = Vec::with_capacity(wanted.len());
    for seen in wanted {
        let changed = || {
            let message = format!(
                "What was shown of {} is not so any more. Nothing was written; look through what is shown now.",
                seen.label
            );
            Problem::conflict(message)
        };
        let now = planned.lans.iter().find(|now| now.lan == seen.lan).ok_or_else(changed)?;
        let still = now.exchange == seen.exchange && seen.ports.iter().all(|port| now.ports.contains(port));
        if !still {
            return Err(changed());
        }
        let takable = now.can_be_taken() && seen.ports.iter().all(peerage_model::exchange_import::Port::can_be_taken);
        let something = !seen.ports.is_empty() || matches!(seen.exchange, Exchange::Link { .. });
        if !(takable && something) {
            return Err(Problem::malformed(format!(
                "lans: of {} something is meant that cannot be taken.",
                seen.label
            )));
        }
        agreed.push(seen.clone());
    }
    Ok(agreed)
}

/// Everything that can be taken.
fn everything(planned: &Planned) -> Vec<Lan> {
    let takable = planned.lans.iter().filter(|lan| lan.can_be_taken());
    takable.map(|lan| Lan { ports: lan.takable().cloned().collect(), ..lan.clone() }).collect()
}

/// Writes it.
async fn carry_out(
    write: &mut Write,
    who: &Who,
    ours: &Record,
    planned: &Planned,
    lans: &[Lan],
) -> Result<Imported, Problem> {
    let mut done = Imported::default();
    for lan in lans {
        take_lan(write, who, ours, planned, lan, &mut done).await.map_err(|mut problem| {
            let why = problem.fields.first().map_or(problem.message.as_str(), |first| first.message.as_str());
            problem.message = format!("{}: {why}", lan.label);
            problem.fields.clear();
            problem
        })?;
    }
    Ok(done)
}

async fn take_lan(
    write: &mut Write,
    who: &Who,
    ours: &Record,
    planned: &Planned,
    lan: &Lan,
    done: &mut Imported,
) -> Result<(), Problem> {
    let gone = || Problem::conflict("What would be linked is not there any more. Look again.");
    let exchange = match &lan.exchange {
        Exchange::New { name, slug } => {
            let record = new_exchange(ours.id, lan.lan, name, slug)?;
            done.exchanges += 1;
            write.insert(&who.permit::<Add>(&INTERNET_EXCHANGE)?, record).await?.id
        }
        Exchange::Link { id, version, .. } => {
            let known = planned.exchanges.get(id).ok_or_else(gone)?.clone();
            let linked = known.with("peeringdb_ixlan", Value::Int(lan.lan));
            done.linked += 1;
            write.update(&who.permit::<Change>(&INTERNET_EXCHANGE)?, *version, linked).await?.id
        }
        Exchange::There { id, .. } => *id,
        Exchange::Conflict { why, .. } => return Err(Problem::conflict(why.as_str())),
    };
    for port in &lan.ports {
        match &port.connection {
            Connection::New => {
                write.insert(&who.permit::<Add>(&CONNECTION)?, new_connection_at(exchange, port)).await?;
                done.connections += 1;
            }
            Connection::Link { id, version, .. } => {
                let known = planned.connections.get(id).ok_or_else(gone)?.clone();
                let linked = known
                    .with("internet_exchange_point", Value::Int(exchange))
                    .with("peeringdb_netixlan", Value::Int(port.port));
                write.update(&who.permit::<Change>(&CONNECTION)?, *version, linked).await?;
                done.linked += 1;
            }
            Connection::There { .. } => {}
            Connection::Conflict { why, .. } => return Err(Problem::conflict(why.as_str())),
        }
    }
    Ok(())
}

#[async_trait]
impl exchange_import::ExchangeImport for ExchangeImport {
    async fn preview(&self, who: &Who, autonomous_system: i64) -> Result<Preview, Problem> {
        may_make(who)?;
        let mut write = self.store.begin(who, &request_id()).await?;
        let ours = ours(&mut write, who, autonomous_system).await?;
        let planned = look(&mut write, who, &ours).await?;
        if planned.lans.is_empty() {
            let lacking = Some(lacking(&mut write, who, &ours).await?);
            return Ok(Preview { lacking, ..Preview::default() });
        }
        // rolled back with the transaction
        let tried = carry_out(&mut write, who, &ours, &planned, &everything(&planned)).await;
        let refusal = match tried {
            Ok(_) => None,
            Err(problem) if matches!(problem.label, Label::Internal | Label::Unavailable) => return Err(problem),
            Err(problem) => Some(problem.message),
        };
        Ok(Preview { lans: planned.lans, lacking: None, refusal })
    }

    async fn apply(&self, who: &Who, import: Import) -> Result<Imported, Problem> {
        may_make(who)?;
        if import.lans.is_empty() {
            return Err(Problem::field("lans", "Nothing is chosen. Choose at least one."));
        }
        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        let ours = ours(&mut write, who, import.autonomous_system).await?;
        let planned = look(&mut write, who, &ours).await?;
        let wanted = agreed(&planned, &import.lans)?;
        let done = carry_out(&mut write, who, &ours, &planned, &wanted).await?;
        write.commit().await?;
        Ok(Imported { request, ..done })
    }
}
