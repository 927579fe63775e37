//! What finding peers looks at and what seldom changes, kept in memory: PeeringDB's part by LAN, and of our sessions and
//! autonomous systems the few fields that count here.
//!
//! It is exactly as fresh as the tables. Every question first hears what was committed since the last one, by whatever
//! process: events are rows of the very commit that they tell of. What they name is read again, what a synchronisation
//! touched is thrown away. Whoever asks has asked for permission; who may see only some of it has it read for them alone.

use peerage_model::{
    ObjectType, Origin, Problem, Record, Who,
    available::Traits,
    peeringdb::{NETWORK, NETWORK_CONTACT, NETWORK_IXLAN, PORT_ADDRESSES},
    permit::{Scope, View},
    types::{AUTONOMOUS_SYSTEM, CONTACT_ASSIGNMENT, IX_SESSION},
};
use peerage_store::{Event, MOST_EVENTS, Store, Which};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    net::IpAddr,
    ops::Deref,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, MutexGuard};

/// Events are forgotten after a day: what was not asked for in this time is read anew.
const TRUSTED: Duration = Duration::from_secs(12 * 3600);
/// With more rows to read again, all are read.
const MOST_STALE: usize = 4_096;

/// A port of a network on an exchange's LAN (PeeringDB `netixlan`).
#[derive(Clone, Debug)]
pub struct LanPort {
    pub id: i64,
    pub net: i64,
    pub lan: i64,
    pub speed: i64,
    pub is_rs_peer: bool,
    pub bfd_support: bool,
    pub operational: bool,
    /// IPv4, IPv6.
    pub addresses: [Option<IpAddr>; 2],
}

impl LanPort {
    pub const FIELDS: &'static [&'static str] =
        &["net", "ixlan", "ipaddr4", "ipaddr6", "speed", "is_rs_peer", "bfd_support", "operational"];

    pub fn read(port: &Record) -> Option<Self> {
        Some(Self {
            id: port.id,
            net: port.int("net")?,
            lan: port.int("ixlan")?,
            speed: port.int("speed").unwrap_or_default(),
            is_rs_peer: port.flag("is_rs_peer"),
            bfd_support: port.flag("bfd_support"),
            operational: port.get("operational").as_bool() != Some(false),
            addresses: PORT_ADDRESSES.map(|name| port.get(name).as_ip()),
        })
    }
}

/// What PeeringDB knows of a network.
#[derive(Clone, Debug)]
pub struct Net {
    pub id: i64,
    pub asn: u32,
    pub name: String,
    pub traits: Traits,
    pub irr_as_set: String,
    /// It lists somebody to write to.
    pub contact: bool,
}

impl Net {
    pub fn read(network: &Record, contact: bool) -> Option<Self> {
        Some(Self {
            id: network.id,
            asn: u32::try_from(network.int("asn")?).ok()?,
            name: network.text("name").to_owned(),
            traits: Traits::of(network),
            irr_as_set: network.text("irr_as_set").to_owned(),
            contact,
        })
    }
}

/// Rows of a type of ours that are kept up to date one by one.
trait Table: Default {
    fn of() -> &'static ObjectType;
    const FIELDS: &'static [&'static str];
    fn put(&mut self, record: &Record);
    fn remove(&mut self, id: i64);
}

/// An IX session.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub id: i64,
    /// Id of the autonomous system that it is with.
    pub system: i64,
    connection: i64,
    pub address: IpAddr,
    pub status: &'static str,
    /// Empty when no router has told.
    pub state: &'static str,
}

/// Our IX sessions.
#[derive(Default)]
pub struct Sessions {
    rows: HashMap<i64, Session>,
    /// By connection and address: there is one at most.
    places: HashMap<(i64, IpAddr), i64>,
    /// By connection and autonomous system.
    between: HashMap<(i64, i64), BTreeSet<i64>>,
    /// How many with each autonomous system (id).
    counts: HashMap<i64, u64>,
}

impl Sessions {
    pub fn at(&self, connection: i64, address: IpAddr) -> Option<&Session> {
        self.rows.get(self.places.get(&(connection, address))?)
    }

    /// Those with an autonomous system (id) over a connection, in the order of their ids.
    pub fn between(&self, connection: i64, system: i64) -> impl Iterator<Item = &Session> {
        let ids = self.between.get(&(connection, system));
        ids.into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    /// Over which connection each of them runs.
    pub fn by_connection(&self) -> impl Iterator<Item = (i64, &Session)> {
        self.rows.values().map(|session| (session.connection, session))
    }

    /// How many there are with an autonomous system (id).
    pub fn with(&self, system: i64) -> u64 {
        self.counts.get(&system).copied().unwrap_or_default()
    }
}

/// The code of a choice, as the description has it.
fn code(record: &Record, field: &str) -> &'static str {
    let choice = record.of.field(field).and_then(|field| field.kind.choice(record.text(field.name)));
    choice.map_or("", |choice| choice.code)
}

impl Table for Sessions {
    fn of() -> &'static ObjectType {
        &IX_SESSION
    }

    const FIELDS: &'static [&'static str] =
        &["autonomous_system", "ixp_connection", "ip_address", "status", "bgp_state"];

    fn put(&mut self, record: &Record) {
        self.remove(record.id);
        let (Some(system), Some(connection), Some(address)) =
            (record.int("autonomous_system"), record.int("ixp_connection"), record.get("ip_address").as_ip())
        else {
            return;
        };
        let (status, state) = (code(record, "status"), code(record, "bgp_state"));
        self.rows.insert(record.id, Session { id: record.id, system, connection, address, status, state });
        self.places.insert((connection, address), record.id);
        self.between.entry((connection, system)).or_default().insert(record.id);
        *self.counts.entry(system).or_default() += 1;
    }

    fn remove(&mut self, id: i64) {
        let Some(gone) = self.rows.remove(&id) else { return };
        let place = (gone.connection, gone.address);
        // another one may have taken its place meanwhile
        if self.places.get(&place) == Some(&id) {
            self.places.remove(&place);
        }
        if let Some(between) = self.between.get_mut(&(gone.connection, gone.system)) {
            between.remove(&id);
        }
        if let Some(count) = self.counts.get_mut(&gone.system) {
            *count = count.saturating_sub(1);
        }
    }
}

/// An autonomous system that we have.
#[derive(Clone, Copy, Debug)]
pub struct System {
    pub id: i64,
    pub affiliated: bool,
}

/// Our autonomous systems.
#[derive(Default)]
pub struct Systems {
    by_number: HashMap<u32, System>,
    numbers: HashMap<i64, u32>,
}

impl Systems {
    pub fn of_number(&self, asn: u32) -> Option<System> {
        self.by_number.get(&asn).copied()
    }

    pub fn number(&self, id: i64) -> Option<u32> {
        self.numbers.get(&id).copied()
    }
}

impl Table for Systems {
    fn of() -> &'static ObjectType {
        &AUTONOMOUS_SYSTEM
    }

    const FIELDS: &'static [&'static str] = &["asn", "affiliated"];

    fn put(&mut self, record: &Record) {
        self.remove(record.id);
        let Some(asn) = record.int("asn").and_then(|asn| u32::try_from(asn).ok()) else { return };
        self.by_number.insert(asn, System { id: record.id, affiliated: record.flag("affiliated") });
        self.numbers.insert(record.id, asn);
    }

    fn remove(&mut self, id: i64) {
        let Some(asn) = self.numbers.remove(&id) else { return };
        if self.by_number.get(&asn).is_some_and(|system| system.id == id) {
            self.by_number.remove(&asn);
        }
    }
}

/// For which autonomous systems we have assigned somebody to turn to.
#[derive(Default)]
pub struct Contacts {
    /// Ids of autonomous systems by assignment.
    rows: HashMap<i64, i64>,
    counts: HashMap<i64, u64>,
}

impl Contacts {
    pub fn has(&self, system: i64) -> bool {
        self.counts.get(&system).is_some_and(|count| *count > 0)
    }
}

impl Table for Contacts {
    fn of() -> &'static ObjectType {
        &CONTACT_ASSIGNMENT
    }

    const FIELDS: &'static [&'static str] = &["content_type", "object_id"];

    fn put(&mut self, record: &Record) {
        self.remove(record.id);
        let Some((_, system)) = record.attached_to().filter(|(of, _)| *of == AUTONOMOUS_SYSTEM.key()) else { return };
        self.rows.insert(record.id, system);
        *self.counts.entry(system).or_default() += 1;
    }

    fn remove(&mut self, id: i64) {
        let gone = self.rows.remove(&id);
        if let Some(count) = gone.and_then(|system| self.counts.get_mut(&system)) {
            *count = count.saturating_sub(1);
        }
    }
}

/// A table, and what of it has to be read again.
struct Current<T> {
    rows: T,
    stale: BTreeSet<i64>,
    /// All of it.
    unread: bool,
}

impl<T: Table> Default for Current<T> {
    fn default() -> Self {
        Self { rows: T::default(), stale: BTreeSet::new(), unread: true }
    }
}

impl<T: Table> Current<T> {
    fn hear(&mut self, event: &Event) {
        if event.of.is(T::of()) {
            match event.id {
                0 => self.unread = true,
                id => drop(self.stale.insert(id)),
            }
        }
    }

    async fn bring_up_to_date(&mut self, store: &Store, who: &Who) -> Result<(), Problem> {
        let permit = who.permit::<View>(T::of())?;
        if self.unread || self.stale.len() > MOST_STALE {
            let mut rows = T::default();
            store.brief(&permit, T::FIELDS, Which::All).await?.iter().for_each(|record| rows.put(record));
            *self = Self { rows, stale: BTreeSet::new(), unread: false };
        } else if !self.stale.is_empty() {
            let ids: Vec<i64> = self.stale.iter().copied().collect();
            let found = store.brief(&permit, T::FIELDS, Which::Ids(&ids)).await?;
            ids.into_iter().for_each(|id| self.rows.remove(id));
            found.iter().for_each(|record| self.rows.put(record));
            self.stale.clear();
        }
        Ok(())
    }
}

/// The types of which something is kept.
static KEPT: &[&ObjectType] =
    &[&IX_SESSION, &AUTONOMOUS_SYSTEM, &CONTACT_ASSIGNMENT, &NETWORK_IXLAN, &NETWORK, &NETWORK_CONTACT];

/// What is known at one moment.
pub enum Moment<'a> {
    Shared(MutexGuard<'a, Now>),
    /// As one person may see it.
    Own(Box<Now>),
}

impl Deref for Moment<'_> {
    type Target = Now;

    fn deref(&self) -> &Now {
        match self {
            Self::Shared(now) => now,
            Self::Own(now) => now,
        }
    }
}

/// See the module.
pub struct Kept {
    store: Store,
    now: Mutex<Now>,
}

/// What is kept, as it is at this moment, while it is held.
#[derive(Default)]
pub struct Now {
    /// The last event that was heard, and when.
    heard: Option<(i64, Instant)>,
    sessions: Current<Sessions>,
    systems: Current<Systems>,
    contacts: Current<Contacts>,
    lans: HashMap<i64, Vec<LanPort>>,
    /// Of the LANs that were asked for.
    networks: HashMap<i64, Arc<Net>>,
}

impl Kept {
    pub fn new(store: Store) -> Self {
        Self { store, now: Mutex::default() }
    }

    fn who() -> Who {
        Who::system("peers")
    }

    /// Our side, and PeeringDB's of these LANs.
    ///
    /// # Errors
    /// A failure of the database; nothing is kept then that is not true.
    pub async fn now(&self, who: &Who, lans: &[i64]) -> Result<Moment<'_>, Problem> {
        if KEPT.iter().any(|of| matches!(who.rights.scope::<View>(of), Scope::Within(_))) {
            let mut now = Box::<Now>::default();
            now.sessions.bring_up_to_date(&self.store, who).await?;
            // whoever sees sessions may not see with whom they are
            if who.allows::<View>(&AUTONOMOUS_SYSTEM) {
                now.systems.bring_up_to_date(&self.store, who).await?;
            }
            if who.allows::<View>(&CONTACT_ASSIGNMENT) {
                now.contacts.bring_up_to_date(&self.store, who).await?;
            }
            now.read_lans(&self.store, who, lans).await?;
            return Ok(Moment::Own(now));
        }
        let mut now = self.now.lock().await;
        now.hear(&self.store).await?;
        let who = Self::who();
        now.sessions.bring_up_to_date(&self.store, &who).await?;
        now.systems.bring_up_to_date(&self.store, &who).await?;
        now.contacts.bring_up_to_date(&self.store, &who).await?;
        now.read_lans(&self.store, &who, lans).await?;
        Ok(Moment::Shared(now))
    }
}

impl Now {
    async fn hear(&mut self, store: &Store) -> Result<(), Problem> {
        let Some((mut last, _)) = self.heard.filter(|(_, at)| at.elapsed() < TRUSTED) else {
            let (_, newest) = store.event_numbers().await?;
            *self = Self { heard: Some((newest, Instant::now())), ..Self::default() };
            return Ok(());
        };
        loop {
            let events = store.events_after(last).await?;
            for told in &events {
                last = told.number;
                self.sessions.hear(&told.event);
                self.systems.hear(&told.event);
                self.contacts.hear(&told.event);
                if told.event.of.origin == Origin::PeeringDb {
                    self.lans.clear();
                    self.networks.clear();
                }
            }
            self.heard = Some((last, Instant::now()));
            if (events.len() as u64) < MOST_EVENTS {
                return Ok(());
            }
        }
    }

    async fn read_lans(&mut self, store: &Store, who: &Who, lans: &[i64]) -> Result<(), Problem> {
        let lacking: Vec<i64> = lans.iter().copied().filter(|lan| !self.lans.contains_key(lan)).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let permit = who.permit::<View>(&NETWORK_IXLAN)?;
        let found = store.brief(&permit, LanPort::FIELDS, Which::LeadingTo("ixlan", &lacking)).await?;
        let mut ports: HashMap<i64, Vec<LanPort>> = lacking.into_iter().map(|lan| (lan, Vec::new())).collect();
        for port in found.iter().filter_map(LanPort::read) {
            ports.entry(port.lan).or_default().push(port);
        }
        let wanted: BTreeSet<i64> = ports.values().flatten().map(|port| port.net).collect();
        let wanted: Vec<i64> = wanted.into_iter().filter(|net| !self.networks.contains_key(net)).collect();
        let networks = read_networks(store, who, &wanted).await?;
        self.networks.extend(networks.into_iter().map(|network| (network.id, Arc::new(network))));
        self.lans.extend(ports);
        Ok(())
    }

    pub fn sessions(&self) -> &Sessions {
        &self.sessions.rows
    }

    pub fn systems(&self) -> &Systems {
        &self.systems.rows
    }

    pub fn contacts(&self) -> &Contacts {
        &self.contacts.rows
    }

    /// The ports on a LAN that was asked for, in the order of their ids.
    pub fn ports(&self, lan: i64) -> &[LanPort] {
        self.lans.get(&lan).map_or(&[], Vec::as_slice)
    }

    /// A network on such a LAN.
    pub fn network(&self, id: i64) -> Option<&Arc<Net>> {
        self.networks.get(&id)
    }
}

/// What PeeringDB knows of some networks, as far as somebody may see it.
///
/// # Errors
/// They may not see networks; a failure of the database.
pub async fn read_networks(store: &Store, who: &Who, ids: &[i64]) -> Result<Vec<Net>, Problem> {
    let networks = store.brief(&who.permit::<View>(&NETWORK)?, Traits::FIELDS, Which::Ids(ids)).await?;
    let contacts = match who.permit::<View>(&NETWORK_CONTACT) {
        Ok(permit) => store.brief(&permit, &["net"], Which::LeadingTo("net", ids)).await?,
        Err(_) => Vec::new(),
    };
    let contacts: HashSet<i64> = contacts.iter().filter_map(|contact| contact.int("net")).collect();
    Ok(networks.iter().filter_map(|network| Net::read(network, contacts.contains(&network.id))).collect())
}
