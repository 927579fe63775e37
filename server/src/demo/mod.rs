//! The demonstration: a fictional operator in a fictional world, made through the same services that people use.

mod policy;
pub mod world;

use crate::services::Services;
use anyhow::Context;
use peerage_app::{
    peeringdb::{PeeringDb as _, Start},
    peers::{NewSession, Peers as _, Port, Where},
    records::Records as _,
    rendering::Rendering as _,
};
use peerage_model::{
    ObjectType, Record, Value, Who,
    peeringdb::NETWORK_IXLAN,
    permit::View,
    types::{
        AUTONOMOUS_SYSTEM, CONFIGURATION, CONNECTION, INTERNET_EXCHANGE, LSTRIP_BLOCKS, PLATFORM, ROUTER, TRIM_BLOCKS,
    },
    wire::Edit,
};
use policy::Inherited;
use serde_json::{Map, json};
use std::{collections::HashMap, net::IpAddr};

/// Peers at each exchange with whom there are sessions already.
const SESSIONS: usize = 12;

/// Who does all this.
fn somebody() -> Who {
    Who::system("demonstration")
}

/// Fills an empty database whose PeeringDB cache holds [`world`].
///
/// # Errors
/// If anything is refused: then the demonstration is wrong.
pub async fn operator(services: &Services) -> anyhow::Result<()> {
    let who = somebody();
    let office = Office { services, who: &who };
    let ours = Record::new(&AUTONOMOUS_SYSTEM)
        .with("asn", Value::Int(i64::from(world::OPERATOR_ASN)))
        .with("name", Value::text(world::OPERATOR_NAME))
        .with("affiliated", Value::Bool(true))
        .with("irr_as_set", Value::text(format!("AS{}:AS-ALL", world::OPERATOR_ASN)));
    let ours = office.create(ours).await?;

    let junos = office.platform("juniper-junos").await?;
    let frr = office.platform("frr").await?;
    let mut templates = HashMap::new();
    for starter in services.rendering().starters(&who).await? {
        let template = Record::new(&CONFIGURATION)
            .with("name", Value::text(starter.name.as_str()))
            .with("description", Value::text(starter.description))
            .with("template", Value::text(starter.template))
            .with(TRIM_BLOCKS.name, Value::Bool(starter.trim))
            .with(LSTRIP_BLOCKS.name, Value::Bool(starter.lstrip));
        templates.insert(starter.name, office.create(template).await?);
    }

    // the operator has ports at the first three exchanges of the world
    let mut inherited = None;
    for (lan, slug, platform) in [(1, "northgate-ix", junos), (2, "harbour-ix", junos), (3, "meridian-exchange", frr)] {
        let name = if platform == junos { "junos" } else { "frr" };
        let template = *templates.get(name).with_context(|| format!("there is no starter {name}"))?;
        let router = office.router(&slug[..3], ours, platform, template).await?;
        let inherited = match &inherited {
            Some(inherited) => inherited,
            None => inherited.insert(office.policy(ours, router).await?),
        };
        office.presence(lan, slug, ours, router, inherited).await?;
    }
    Ok(())
}

/// Puts a synchronisation into the queue, for the server to begin with.
///
/// # Errors
/// If it is refused.
pub async fn next_day(services: &Services) -> anyhow::Result<()> {
    services.peeringdb().start(&somebody(), Start::default()).await?;
    Ok(())
}

struct Office<'a> {
    services: &'a Services,
    who: &'a Who,
}

impl Office<'_> {
    async fn create(&self, record: Record) -> anyhow::Result<i64> {
        let detail = self.services.records().save(self.who, Edit::between(None, &record)).await?;
        let stored = detail.record.resolve()?;
        Ok(stored.first().context("nothing was stored")?.id)
    }

    /// One of those that a new installation begins with.
    async fn platform(&self, slug: &str) -> anyhow::Result<i64> {
        let permit = self.who.permit::<View>(&PLATFORM)?;
        let found = self.services.store().find(&permit, &[("slug", Value::text(slug))]).await?;
        Ok(found.first().with_context(|| format!("there is no platform {slug}"))?.id)
    }

    async fn router(&self, short: &str, ours: i64, platform: i64, template: i64) -> anyhow::Result<i64> {
        let router = Record::new(&ROUTER)
            .with("name", Value::text(format!("{short}-edge-1")))
            .with("hostname", Value::text(format!("{short}-edge-1.halyard.example")))
            .with("platform", Value::Int(platform))
            .with("local_autonomous_system", Value::Int(ours))
            .with("configuration_template", Value::Int(template));
        self.create(router).await
    }

    /// One exchange, with a connection and some sessions.
    async fn presence(
        &self,
        lan: i64,
        slug: &str,
        ours: i64,
        router: i64,
        inherited: &Inherited,
    ) -> anyhow::Result<()> {
        let name = slug.split('-').map(capital).collect::<Vec<_>>().join(" ");
        let exchange = named(&INTERNET_EXCHANGE, &name, slug)
            .with("local_autonomous_system", Value::Int(ours))
            .with("peeringdb_ixlan", Value::Int(lan));
        let exchange = self.create(inherited.of(exchange)).await?;
        let port = self.our_port(lan).await?;
        let with_length = |field: &str, length: u8| match port
            .get(field)
            .as_ip()
            .map(|ip: IpAddr| format!("{ip}/{length}").parse())
        {
            Some(Ok(net)) => Value::Net(net),
            _ => Value::Null,
        };
        let connection = Record::new(&CONNECTION)
            .with("internet_exchange_point", Value::Int(exchange))
            .with("router", Value::Int(router))
            .with("interface", Value::text(format!("et-0/0/{lan}.{}", 640 + lan)))
            .with("vlan", Value::Int(640 + lan))
            .with("ipv4_address", with_length("ipaddr4", 25))
            .with("ipv6_address", with_length("ipaddr6", 64))
            .with("peeringdb_netixlan", Value::Int(port.id));
        let connection = self.create(connection).await?;
        self.sessions(exchange, connection).await
    }

    async fn our_port(&self, lan: i64) -> anyhow::Result<Record> {
        let permit = self.who.permit::<View>(&NETWORK_IXLAN)?;
        let ports = self.services.store().reverse(&permit, "ixlan", &[lan]).await?;
        let ours = |port: &Record| port.int("asn") == Some(i64::from(world::OPERATOR_ASN));
        ports.into_iter().find(ours).context("the operator has no port at this exchange")
    }

    async fn sessions(&self, exchange: i64, connection: i64) -> anyhow::Result<()> {
        let available =
            self.services.peers().available(self.who, Where { exchange: Some(exchange), ..Where::default() }).await?;
        let mut wanted = Vec::new();
        let policy = |port: &Port| available.networks[port.network as usize].traits.policy.as_str();
        for (at, peer) in available.ports.iter().filter(|port| policy(port) == "Open").take(SESSIONS).enumerate() {
            for (family, standing) in [4u8, 6].into_iter().zip(peer.standing.iter().flatten()) {
                if standing.is_free() {
                    let mut fields = Map::new();
                    if at % 5 == 4 {
                        fields.insert("status".to_owned(), json!("requested"));
                    }
                    wanted.push(NewSession { port: peer.id, connection, family, fields });
                }
            }
        }
        self.services.peers().create_sessions(self.who, wanted, false).await?;
        Ok(())
    }
}

fn named(of: &'static ObjectType, name: &str, slug: &str) -> Record {
    Record::new(of).with("name", Value::text(name)).with("slug", Value::text(slug))
}

fn capital(word: &str) -> String {
    if word == "ix" {
        return "IX".to_owned();
    }
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
