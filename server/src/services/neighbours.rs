//! Networks beside one another: where both are, what runs between them. What is in effect of policies is
//! [`peerage_model::effective`]'s to say, and what of PeeringDB's differs the types'; here both are fetched and told.

use super::surroundings::Surroundings;
use async_trait::async_trait;
use peerage_app::{
    neighbours::{
        self, Between, Candidate, Candidates, ContactBrief, InCommon, OurFacility, PolicyInUse, PortBrief,
        SessionBrief, SharedExchange, SharedFacility, Story,
    },
    peers::Network,
};
use peerage_model::{
    Facts, Filter, ObjectType, Problem, Record, Value, Who,
    available::Traits,
    check::check,
    effective::{self, Direction},
    facts::one,
    label::label,
    peeringdb::{EXCHANGE, FACILITY, IXLAN, NETWORK, NETWORK_CONTACT, NETWORK_FACILITY, NETWORK_IXLAN, PORT_ADDRESSES},
    permit::View,
    types::{
        AUTONOMOUS_SYSTEM, CONNECTION, CONTACT, CONTACT_ASSIGNMENT, CONTACT_ROLE, DIRECT_SESSION, INTERNET_EXCHANGE,
        IX_SESSION, PRIVATE_PEERING, RELATIONSHIP, ROUTING_POLICY, differing,
    },
    wire::ObjectRef,
};
use peerage_store::{Related, Store, Which};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const NO_NETWORK: &str =
    "PeeringDB lists none of your own networks in a building. Add your AS as affiliated, and synchronise PeeringDB.";

pub struct Neighbours {
    store: Store,
}

impl Neighbours {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn brief(
        &self,
        who: &Who,
        of: &'static ObjectType,
        fields: &[&str],
        which: Which<'_>,
    ) -> Result<Vec<Record>, Problem> {
        Ok(self.store.brief(&who.permit::<View>(of)?, fields, which).await?)
    }

    /// PeeringDB's networks of some numbers.
    async fn networks(&self, who: &Who, asns: &[Value]) -> Result<Vec<Record>, Problem> {
        self.brief(who, &NETWORK, &["asn", "name"], Which::With("asn", asns)).await
    }

    /// Our own AS numbers.
    async fn ours(&self, who: &Who) -> Result<Vec<Value>, Problem> {
        let own = [Value::Bool(true)];
        let systems = self.brief(who, &AUTONOMOUS_SYSTEM, &["asn"], Which::With("affiliated", &own)).await?;
        Ok(systems.iter().map(|system| system.get("asn").clone()).collect())
    }

    /// The ports of some networks.
    async fn ports(&self, who: &Who, networks: &[i64]) -> Result<Vec<Record>, Problem> {
        self.brief(who, &NETWORK_IXLAN, PORT_FIELDS, Which::LeadingTo("net", networks)).await
    }

    async fn presences(&self, who: &Who, which: Which<'_>) -> Result<Vec<(i64, i64)>, Problem> {
        let found = self.brief(who, &NETWORK_FACILITY, &["net", "fac"], which).await?;
        Ok(found.iter().filter_map(|row| Some((row.int("net")?, row.int("fac")?))).collect())
    }

    async fn facilities(&self, who: &Who, ids: &[i64]) -> Result<Vec<Record>, Problem> {
        let mut found = self.brief(who, &FACILITY, &["name", "city", "country"], Which::Ids(ids)).await?;
        found.sort_by(|a, b| a.text("name").cmp(b.text("name")).then(a.id.cmp(&b.id)));
        Ok(found)
    }

    async fn shared_exchanges(&self, who: &Who, theirs: &[i64], ours: &[i64]) -> Result<Vec<SharedExchange>, Problem> {
        let (theirs, ours) = (self.ports(who, theirs).await?, self.ports(who, ours).await?);
        let lans = |ports: &[Record]| ports.iter().filter_map(|port| port.int("ixlan")).collect::<BTreeSet<i64>>();
        let both: Vec<i64> = lans(&theirs).intersection(&lans(&ours)).copied().collect();
        let lans = self.brief(who, &IXLAN, &["ix"], Which::Ids(&both)).await?;
        let exchanges: Vec<i64> = lans.iter().filter_map(|lan| lan.int("ix")).collect();
        let exchanges = self.brief(who, &EXCHANGE, &["name", "city", "country"], Which::Ids(&exchanges)).await?;
        let field = "peeringdb_ixlan";
        let entered = match who.allows::<View>(&INTERNET_EXCHANGE) {
            true => self.brief(who, &INTERNET_EXCHANGE, &[field], Which::LeadingTo(field, &both)).await?,
            false => Vec::new(),
        };
        let on = |ports: &[Record], lan: i64| {
            ports.iter().filter(|port| port.int("ixlan") == Some(lan)).filter_map(port_brief).collect::<Vec<_>>()
        };
        let told = |lan: &Record| {
            let exchange = exchanges.iter().find(|exchange| Some(exchange.id) == lan.int("ix"))?;
            let linked = entered.iter().filter(|ours| ours.int(field) == Some(lan.id));
            Some(SharedExchange {
                id: exchange.id,
                name: exchange.text("name").to_owned(),
                city: exchange.text("city").to_owned(),
                country: exchange.text("country").to_owned(),
                entered: linked.map(|ours| ours.id).collect(),
                theirs: on(&theirs, lan.id),
                ours: on(&ours, lan.id),
            })
        };
        let mut shared: Vec<SharedExchange> = lans.iter().filter_map(told).collect();
        shared.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        Ok(shared)
    }
}

const PORT_FIELDS: &[&str] = &["asn", "net", "ixlan", "ipaddr4", "ipaddr6", "speed", "is_rs_peer", "operational"];

fn number(record: &Record) -> Option<u32> {
    record.int("asn").and_then(|asn| u32::try_from(asn).ok())
}

fn port_brief(port: &Record) -> Option<PortBrief> {
    Some(PortBrief {
        asn: number(port)?,
        ipv4: port.get("ipaddr4").as_ip(),
        ipv6: port.get("ipaddr6").as_ip(),
        speed: port.int("speed").unwrap_or_default(),
        is_rs_peer: port.flag("is_rs_peer"),
        operational: port.get("operational").as_bool() != Some(false),
    })
}

fn ids(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.id).collect()
}

#[async_trait]
impl neighbours::Neighbours for Neighbours {
    async fn in_common(&self, who: &Who, between: Between) -> Result<InCommon, Problem> {
        let asn = Value::Int(between.asn.into());
        let theirs = self.networks(who, std::slice::from_ref(&asn)).await?;
        let second = match between.with {
            Some(other) => vec![Value::Int(other.into())],
            // of ours all but the one that is looked at
            None => self.ours(who).await?.into_iter().filter(|own| *own != asn).collect(),
        };
        let ours = self.networks(who, &second).await?;
        let mut told = InCommon {
            ours: ours.iter().filter_map(number).collect(),
            known: !theirs.is_empty(),
            ..InCommon::default()
        };
        if theirs.is_empty() || ours.is_empty() {
            return Ok(told);
        }
        let (theirs, numbers) = (ids(&theirs), &ours);
        let ours = ids(&ours);
        told.exchanges = self.shared_exchanges(who, &theirs, &ours).await?;
        let there: BTreeSet<i64> =
            self.presences(who, Which::LeadingTo("net", &theirs)).await?.into_iter().map(|(_, fac)| fac).collect();
        let here = self.presences(who, Which::LeadingTo("net", &ours)).await?;
        let both: BTreeSet<i64> = here.iter().map(|(_, fac)| *fac).filter(|fac| there.contains(fac)).collect();
        let both: Vec<i64> = both.into_iter().collect();
        let facilities = self.facilities(who, &both).await?;
        told.facilities = facilities
            .iter()
            .map(|facility| SharedFacility {
                id: facility.id,
                name: facility.text("name").to_owned(),
                city: facility.text("city").to_owned(),
                country: facility.text("country").to_owned(),
                ours: present(&here, facility.id, numbers),
            })
            .collect();
        Ok(told)
    }

    async fn candidates(&self, who: &Who) -> Result<Candidates, Problem> {
        let ours = self.ours(who).await?;
        let numbers = self.networks(who, &ours).await?;
        let own = ids(&numbers);
        let here = self.presences(who, Which::LeadingTo("net", &own)).await?;
        let buildings: BTreeSet<i64> = here.iter().map(|(_, fac)| *fac).collect();
        let buildings: Vec<i64> = buildings.into_iter().collect();
        let facilities = self.facilities(who, &buildings).await?;
        if facilities.is_empty() {
            return Ok(Candidates { reason: NO_NETWORK.to_owned(), ..Candidates::default() });
        }
        let place: HashMap<i64, u32> = facilities.iter().map(|facility| facility.id).zip(0..).collect();
        let mut at: BTreeMap<i64, BTreeSet<u32>> = BTreeMap::new();
        for (net, fac) in self.presences(who, Which::LeadingTo("fac", &buildings)).await? {
            if let Some(place) = place.get(&fac).filter(|_| !own.contains(&net)) {
                at.entry(net).or_default().insert(*place);
            }
        }
        let nets: Vec<i64> = at.keys().copied().collect();
        let networks = self.brief(who, &NETWORK, Traits::FIELDS, Which::Ids(&nets)).await?;
        let exchanges = self.common_lans(who, &own, &nets).await?;
        let asns: Vec<Value> = networks.iter().map(|network| network.get("asn").clone()).collect();
        let systems = self.brief(who, &AUTONOMOUS_SYSTEM, &["asn"], Which::With("asn", &asns)).await?;
        let systems: HashMap<u32, i64> =
            systems.iter().filter_map(|system| Some((number(system)?, system.id))).collect();
        let over = self.tally(who, &IX_SESSION).await?;
        let direct = self.tally(who, &DIRECT_SESSION).await?;
        let told = |network: &Record| {
            let asn = number(network)?;
            let system = systems.get(&asn).copied();
            let count = |tally: &HashMap<i64, u64>| system.and_then(|id| tally.get(&id)).copied().unwrap_or_default();
            Some(Candidate {
                facilities: at.get(&network.id)?.iter().copied().collect(),
                exchanges: exchanges.get(&network.id).copied().unwrap_or_default(),
                direct: count(&direct),
                network: Network {
                    id: network.id,
                    asn,
                    name: network.text("name").to_owned(),
                    traits: Traits::of(network),
                    irr_as_set: network.text("irr_as_set").to_owned(),
                    contact: false,
                    autonomous_system: system,
                    sessions: count(&over) + count(&direct),
                    ours: false,
                },
            })
        };
        let mut networks: Vec<Candidate> = networks.iter().filter_map(told).collect();
        networks.sort_unstable_by_key(|candidate| (candidate.network.asn, candidate.network.id));
        let facility = |facility: &Record| OurFacility {
            id: facility.id,
            name: facility.text("name").to_owned(),
            city: facility.text("city").to_owned(),
            country: facility.text("country").to_owned(),
            ours: present(&here, facility.id, &numbers),
        };
        let slug = [Value::text(PRIVATE_PEERING)];
        let relationship = match who.allows::<View>(&RELATIONSHIP) {
            true => self.brief(who, &RELATIONSHIP, &["slug"], Which::With("slug", &slug)).await?.first().map(|r| r.id),
            false => None,
        };
        let facilities = facilities.iter().map(facility).collect();
        Ok(Candidates { reason: String::new(), facilities, relationship, networks })
    }

    async fn story(&self, who: &Who, autonomous_system: i64) -> Result<Story, Problem> {
        let system = self.store.get(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, autonomous_system).await?;
        let system = system.ok_or_else(|| Problem::not_found(AUTONOMOUS_SYSTEM.name))?;
        let mut story = Story::default();
        let mut sessions = Vec::new();
        for of in [&IX_SESSION, &DIRECT_SESSION] {
            let Ok(permit) = who.permit::<View>(of) else {
                story.withheld = true;
                continue;
            };
            sessions.extend(self.store.reverse(&permit, "autonomous_system", &[autonomous_system]).await?);
        }
        story.direct = self.direct(who, &sessions).await?;
        story.unlisted = self.unlisted(who, &system, &sessions).await?;
        self.policies(who, &sessions, &mut story).await?;
        story.contacts = self.assigned(who, &system).await?;
        if who.allows::<View>(&NETWORK) {
            let found = self.store.among(&who.permit::<View>(&NETWORK)?, "asn", &[system.get("asn").clone()]).await?;
            if let Some(network) = found.first() {
                story.network = Some(network.id);
                story.differing = differing(&system, network).map(|one| one.field.label()).collect();
                story.contacts.extend(self.contacts(who, network.id).await?);
            }
        }
        Ok(story)
    }
}

/// Which of our numbers are in a building.
fn present(presences: &[(i64, i64)], facility: i64, networks: &[Record]) -> Vec<u32> {
    let there = |network: &&Record| presences.contains(&(network.id, facility));
    networks.iter().filter(there).filter_map(number).collect()
}

impl Neighbours {
    /// On how many LANs each of some networks meets one of ours.
    async fn common_lans(&self, who: &Who, ours: &[i64], nets: &[i64]) -> Result<HashMap<i64, u32>, Problem> {
        let field = "ixlan";
        let lans: BTreeSet<i64> = self.ports(who, ours).await?.iter().filter_map(|port| port.int(field)).collect();
        let lans: Vec<i64> = lans.into_iter().collect();
        let there = self.brief(who, &NETWORK_IXLAN, &["net", field], Which::LeadingTo(field, &lans)).await?;
        let met: BTreeSet<(i64, i64)> =
            there.iter().filter_map(|port| Some((port.int("net")?, port.int(field)?))).collect();
        let mut counts: HashMap<i64, u32> = nets.iter().map(|net| (*net, 0)).collect();
        for (net, _) in met {
            counts.entry(net).and_modify(|count| *count += 1);
        }
        Ok(counts)
    }

    async fn tally(&self, who: &Who, of: &'static ObjectType) -> Result<HashMap<i64, u64>, Problem> {
        match who.permit::<View>(of) {
            Ok(permit) => Ok(self.store.tally(&permit, "autonomous_system", &Filter::default()).await?),
            Err(_) => Ok(HashMap::new()),
        }
    }

    async fn direct(&self, who: &Who, sessions: &[Record]) -> Result<Vec<SessionBrief>, Problem> {
        let direct: Vec<Record> = sessions.iter().filter(|session| session.of.is(&DIRECT_SESSION)).cloned().collect();
        if direct.is_empty() {
            return Ok(Vec::new());
        }
        let names = self.store.related(&who.permit::<View>(&DIRECT_SESSION)?, &direct).await?;
        let router = |session: &Record| {
            let field = DIRECT_SESSION.field("router").and_then(|field| field.kind.target())?;
            let router = peerage_model::Lookup::find(&names, field, session.int("router")?)?;
            Some(label(&router, &names))
        };
        let told = |session: &Record| session_brief(session, &names, router(session).unwrap_or_default());
        Ok(direct.iter().map(told).collect())
    }

    /// IX sessions that stand in no cell of the matrix, and why: the rule that warns of an address says it.
    async fn unlisted(&self, who: &Who, system: &Record, sessions: &[Record]) -> Result<Vec<SessionBrief>, Problem> {
        if ![&CONNECTION, &INTERNET_EXCHANGE, &NETWORK_IXLAN].iter().all(|of| who.allows::<View>(of)) {
            return Ok(Vec::new());
        }
        let asn = [system.get("asn").clone()];
        let ports = self.brief(who, &NETWORK_IXLAN, PORT_FIELDS, Which::With("asn", &asn)).await?;
        let over: Vec<&Record> = sessions.iter().filter(|session| session.of.is(&IX_SESSION)).collect();
        // outer none: not known yet; inner: the exchange has no LAN
        let lan = |facts: &dyn Facts, session: &Record| -> Option<Option<i64>> {
            let connection = one(facts, session, "ixp_connection")??;
            Some(one(facts, &connection, "internet_exchange_point")??.int("peeringdb_ixlan"))
        };
        let rule = |facts: &dyn Facts| {
            let why = |session: &&Record| {
                let Some(lan) = lan(facts, session)? else {
                    return Some("The exchange is not linked to a PeeringDB LAN.".to_owned());
                };
                let address = session.get("ip_address");
                let mut there = ports.iter().filter(|port| port.int("ixlan") == Some(lan));
                if there.any(|port| PORT_ADDRESSES.iter().any(|field| port.get(field) == address)) {
                    return None;
                }
                let said: Vec<String> = check(session, facts).into_vec().into_iter().map(|p| p.message).collect();
                Some(if said.is_empty() { "PeeringDB does not list it there.".to_owned() } else { said.join(" ") })
            };
            over.iter().map(why).collect::<Vec<_>>()
        };
        let said = Surroundings::new(&self.store).ask(rule).await?;
        let unlisted: Vec<(Record, String)> =
            over.iter().zip(said).filter_map(|(session, why)| Some(((*session).clone(), why?))).collect();
        let records: Vec<Record> = unlisted.iter().map(|(session, _)| session.clone()).collect();
        let names = self.store.related(&who.permit::<View>(&IX_SESSION)?, &records).await?;
        Ok(unlisted.into_iter().map(|(session, why)| session_brief(&session, &names, why)).collect())
    }

    /// What applies to the sessions, added up by where it was said.
    async fn policies(&self, who: &Who, sessions: &[Record], story: &mut Story) -> Result<(), Problem> {
        if !who.allows::<View>(&ROUTING_POLICY) {
            story.withheld = true;
            return Ok(());
        }
        let rules = |facts: &dyn Facts| {
            let of = |session| {
                [Direction::Import, Direction::Export]
                    .map(|direction| effective::policies(session, direction, facts).unwrap_or_default())
            };
            sessions.iter().map(of).collect::<Vec<_>>()
        };
        let found = Surroundings::new(&self.store).ask(rules).await?;
        for (session, both) in sessions.iter().zip(found) {
            for (export, said) in [false, true].into_iter().zip(both) {
                if said.is_empty() {
                    story.without_policy[usize::from(export)] += 1;
                }
                for effective::From { value, origin, .. } in said {
                    if !who.allows::<View>(origin.of) {
                        story.withheld = true;
                        continue;
                    }
                    let own = origin.of.is(session.of);
                    let policy = ObjectRef { of: value.of.key(), id: value.id };
                    let origin_ref = (!own).then(|| ObjectRef { of: origin.of.key(), id: origin.id });
                    let same = |known: &&mut PolicyInUse| {
                        known.export == export && known.policy == policy && known.origin == origin_ref
                    };
                    match story.policies.iter_mut().find(same) {
                        Some(known) => known.sessions += 1,
                        None => story.policies.push(PolicyInUse {
                            export,
                            policy,
                            name: value.text("name").to_owned(),
                            origin_label: if own { String::new() } else { label(&origin, &Related::default()) },
                            origin: origin_ref,
                            sessions: 1,
                        }),
                    }
                }
            }
        }
        story.policies.sort_by(|a, b| (a.export, &a.name, &a.origin_label).cmp(&(b.export, &b.name, &b.origin_label)));
        Ok(())
    }

    /// The contacts that we assigned to it, each with the role in which it is one.
    async fn assigned(&self, who: &Who, system: &Record) -> Result<Vec<ContactBrief>, Problem> {
        if ![&CONTACT_ASSIGNMENT, &CONTACT, &CONTACT_ROLE].iter().all(|of| who.allows::<View>(of)) {
            return Ok(Vec::new());
        }
        let permit = who.permit::<View>(&CONTACT_ASSIGNMENT)?;
        let mut assignments = self.store.reverse(&permit, "object_id", &[system.id]).await?;
        assignments.retain(|assignment| assignment.is_attached_to(system));
        let led = |field: &str| -> Vec<i64> { assignments.iter().filter_map(|one| one.int(field)).collect() };
        let fields = ["name", "email", "phone"];
        let people = self.brief(who, &CONTACT, &fields, Which::Ids(&led("contact"))).await?;
        let roles = self.brief(who, &CONTACT_ROLE, &["name"], Which::Ids(&led("role"))).await?;
        let told = |assignment: &Record| {
            let contact = people.iter().find(|contact| Some(contact.id) == assignment.int("contact"))?;
            let role = roles.iter().find(|role| Some(role.id) == assignment.int("role"));
            Some(ContactBrief {
                role: role.map(|role| role.text("name").to_owned()).unwrap_or_default(),
                ..contact_brief(contact)
            })
        };
        let mut told: Vec<ContactBrief> = assignments.iter().filter_map(told).collect();
        told.sort_by(|a, b| (&a.role, &a.name).cmp(&(&b.role, &b.name)));
        Ok(told)
    }

    async fn contacts(&self, who: &Who, network: i64) -> Result<Vec<ContactBrief>, Problem> {
        let Ok(permit) = who.permit::<View>(&NETWORK_CONTACT) else { return Ok(Vec::new()) };
        let found = self.store.reverse(&permit, "net", &[network]).await?;
        Ok(found
            .iter()
            .map(|contact| ContactBrief { role: contact.text("role").to_owned(), ..contact_brief(contact) })
            .collect())
    }
}

fn session_brief(session: &Record, names: &Related, about: String) -> SessionBrief {
    SessionBrief {
        id: session.id,
        label: label(session, names),
        about,
        status: session.text("status").to_owned(),
        state: session.text("bgp_state").to_owned(),
    }
}

/// Of a contact of ours or of PeeringDB's, without its role.
fn contact_brief(contact: &Record) -> ContactBrief {
    let text = |name: &str| contact.text(name).to_owned();
    ContactBrief {
        contact: ObjectRef { of: contact.of.key(), id: contact.id },
        role: String::new(),
        name: text("name"),
        email: text("email"),
        phone: text("phone"),
    }
}
