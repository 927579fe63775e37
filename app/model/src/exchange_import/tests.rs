use super::*;
use crate::{
    peeringdb::{EXCHANGE, IXLAN, IXLAN_PREFIX, NETWORK_IXLAN},
    types::{CONNECTION, INTERNET_EXCHANGE},
};

const LOCAL: i64 = 1;

fn with_id(mut record: Record, id: i64) -> Record {
    record.id = id;
    record.version = 1;
    record
}

fn net(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::Net(text.parse().unwrap()) }
}

fn ip(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::Ip(text.parse().unwrap()) }
}

/// Two LANs of one exchange, and nothing of ours.
struct World {
    ports: Vec<Record>,
    lans: Vec<Record>,
    prefixes: Vec<Record>,
    names: Vec<Record>,
    exchanges: Vec<Record>,
    connections: Vec<Record>,
}

impl World {
    fn new() -> Self {
        let lan = |id: i64, name: &str| {
            with_id(Record::new(&IXLAN).with("ix", Value::Int(7)).with("name", Value::text(name)), id)
        };
        let prefix =
            |lan: i64, text: &str| Record::new(&IXLAN_PREFIX).with("ixlan", Value::Int(lan)).with("prefix", net(text));
        Self {
            ports: Vec::new(),
            lans: vec![lan(10, ""), lan(20, "Second")],
            prefixes: vec![prefix(10, "192.0.2.0/24"), prefix(10, "2001:db8:10::/64"), prefix(20, "198.51.100.0/25")],
            names: vec![with_id(Record::new(&EXCHANGE).with("name", Value::text("Example-IX")), 7)],
            exchanges: Vec::new(),
            connections: Vec::new(),
        }
    }

    fn port(mut self, id: i64, lan: i64, ipv4: &str, ipv6: &str) -> Self {
        let port = Record::new(&NETWORK_IXLAN)
            .with("ixlan", Value::Int(lan))
            .with("ipaddr4", ip(ipv4))
            .with("ipaddr6", ip(ipv6))
            .with("speed", Value::Int(10_000));
        self.ports.push(with_id(port, id));
        self
    }

    fn exchange(mut self, id: i64, local: i64, name: &str, lan: Option<i64>) -> Self {
        let exchange = Record::new(&INTERNET_EXCHANGE)
            .with("name", Value::text(name))
            .with("slug", Value::text(slugify(name)))
            .with("local_autonomous_system", Value::Int(local))
            .with("peeringdb_ixlan", lan.map_or(Value::Null, Value::Int));
        self.exchanges.push(with_id(exchange, id));
        self
    }

    fn connection(mut self, id: i64, exchange: Option<i64>, ipv4: &str, ipv6: &str) -> Self {
        let connection = Record::new(&CONNECTION)
            .with("internet_exchange_point", exchange.map_or(Value::Null, Value::Int))
            .with("ipv4_address", net(ipv4))
            .with("ipv6_address", net(ipv6));
        self.connections.push(with_id(connection, id));
        self
    }

    fn linked(mut self, port: i64) -> Self {
        let last = self.connections.pop().unwrap().with("peeringdb_netixlan", Value::Int(port));
        self.connections.push(last);
        self
    }

    fn plan(&self) -> Vec<Lan> {
        plan(&Situation {
            local: LOCAL,
            ports: &self.ports,
            lans: &self.lans,
            prefixes: &self.prefixes,
            names: &self.names,
            exchanges: &self.exchanges,
            connections: &self.connections,
        })
    }

    fn lan(&self, id: i64) -> Lan {
        self.plan().into_iter().find(|lan| lan.lan == id).unwrap()
    }

    /// The only port of the first LAN.
    fn only(&self) -> Connection {
        self.lan(10).ports.pop().unwrap().connection
    }
}

fn why(connection: &Connection) -> &str {
    if let Connection::Conflict { why, .. } = connection { why } else { panic!("{connection:?} is no conflict") }
}

fn why_not(exchange: &Exchange) -> &str {
    if let Exchange::Conflict { why, .. } = exchange { why } else { panic!("{exchange:?} is no conflict") }
}

#[test]
fn what_is_not_there_is_made_with_the_lan_s_prefix_lengths() {
    let lan = World::new().port(1, 10, "192.0.2.9", "2001:db8:10::9").lan(10);
    assert_eq!(lan.exchange, Exchange::New { name: "Example-IX".to_owned(), slug: "example-ix".to_owned() });
    let port = &lan.ports[0];
    assert_eq!(port.connection, Connection::New);
    assert_eq!(port.ipv4.unwrap().to_string(), "192.0.2.9/24");
    let made = new_connection_at(5, port);
    assert_eq!(made.get("ipv6_address"), &net("2001:db8:10::9/64"));
    assert_eq!(made.int("peeringdb_netixlan"), Some(1));
}

#[test]
fn the_most_specific_prefix_tells_the_length() {
    let mut world = World::new().port(1, 10, "192.0.2.9", "");
    world.prefixes.push(Record::new(&IXLAN_PREFIX).with("ixlan", Value::Int(10)).with("prefix", net("192.0.2.0/28")));
    assert_eq!(world.lan(10).ports[0].ipv4.unwrap().length, Some(28));
}

#[test]
fn an_address_outside_of_every_prefix_is_refused() {
    let world = World::new().port(1, 10, "203.0.113.9", "2001:db8:10::9");
    assert!(why(&world.only()).starts_with("No prefix of this LAN contains 203.0.113.9"));
    assert!(!world.lan(10).can_be_taken());
    assert!(why(&World::new().port(1, 10, "", "").only()).contains("no address"));
}

#[test]
fn a_connection_is_known_by_either_address() {
    let at = |ipv4, ipv6| {
        World::new().port(1, 10, "192.0.2.9", "2001:db8:10::9").exchange(3, LOCAL, "Mine", None).connection(
            4,
            Some(3),
            ipv4,
            ipv6,
        )
    };
    for (ipv4, ipv6) in [("192.0.2.9/24", "2001:db8:10::9/64"), ("192.0.2.9/24", ""), ("", "2001:db8:10::9/48")] {
        let lan = at(ipv4, ipv6).lan(10);
        assert!(matches!(lan.exchange, Exchange::Link { id: 3, version: 1, .. }), "{lan:?}");
        assert!(matches!(lan.ports[0].connection, Connection::Link { id: 4, version: 1, .. }), "{lan:?}");
    }
    let linked = at("192.0.2.9/24", "").linked(1).lan(10);
    assert!(matches!(linked.ports[0].connection, Connection::There { id: 4, .. }));
    assert!(linked.can_be_taken(), "its exchange would be linked");
}

#[test]
fn a_connection_with_an_address_of_another_port_conflicts() {
    let world = World::new().port(1, 10, "192.0.2.9", "2001:db8:10::9").exchange(3, LOCAL, "Mine", None);
    let other = world.connection(4, Some(3), "192.0.2.9/24", "2001:db8:10::8/64");
    assert!(why(&other.only()).contains("2001:db8:10::8 as its IPv6 address"));
    let two = World::new().port(1, 10, "192.0.2.9", "").port(2, 10, "", "2001:db8:10::8").connection(
        4,
        None,
        "192.0.2.9/24",
        "2001:db8:10::8/64",
    );
    assert!(why(&two.lan(10).ports[0].connection).contains("another port"));
}

#[test]
fn two_connections_with_its_addresses_conflict() {
    let world = World::new()
        .port(1, 10, "192.0.2.9", "2001:db8:10::9")
        .connection(4, None, "192.0.2.9/24", "")
        .connection(5, None, "", "2001:db8:10::9/64");
    assert!(why(&world.only()).contains("The connection with 2001:db8:10::9 have its addresses"), "{:?}", world.only());
    let twice = World::new().port(1, 10, "192.0.2.9", "").port(2, 20, "192.0.2.9", "");
    assert!(why(&twice.only()).starts_with("PeeringDB lists 192.0.2.9 for two"));
}

#[test]
fn a_connection_elsewhere_conflicts() {
    let other_as = World::new().port(1, 10, "192.0.2.9", "").exchange(3, LOCAL + 1, "Theirs", Some(10)).connection(
        4,
        Some(3),
        "192.0.2.9/24",
        "",
    );
    assert!(why(&other_as.only()).contains("an exchange of another AS of yours"));
    let linked_elsewhere = World::new().port(1, 10, "192.0.2.9", "").connection(4, None, "192.0.2.9/24", "").linked(99);
    assert!(why(&linked_elsewhere.only()).contains("linked to another port"));
}

#[test]
fn exchanges_are_kept_apart_by_as_and_lan() {
    let world = World::new().port(1, 10, "192.0.2.9", "").port(2, 20, "198.51.100.9", "").exchange(
        3,
        LOCAL + 1,
        "Example-IX",
        Some(10),
    );
    assert_eq!(world.lan(10).exchange, Exchange::New { name: "Example-IX".to_owned(), slug: "example-ix".to_owned() });
    // of two LANs of one exchange the second gets its own name
    let second = Exchange::New { name: "Example-IX - Second".to_owned(), slug: "example-ix-second".to_owned() };
    assert_eq!(world.lan(20).exchange, second);
}

#[test]
fn a_taken_name_leads_to_a_free_one() {
    let world = World::new().port(1, 10, "192.0.2.9", "").exchange(3, LOCAL, "EXAMPLE-ix", Some(99));
    assert_eq!(
        world.lan(10).exchange,
        Exchange::New { name: "Example-IX 2".to_owned(), slug: "example-ix-2".to_owned() }
    );
}

#[test]
fn an_unlinked_exchange_of_its_name_is_linked_when_no_address_tells() {
    let world = World::new().port(1, 10, "192.0.2.9", "").exchange(3, LOCAL, "example-ix", None);
    let lan = world.lan(10);
    assert!(matches!(&lan.exchange, Exchange::Link { id: 3, why, .. } if why.contains("name")), "{lan:?}");
    assert_eq!(lan.ports[0].connection, Connection::New);
    // an address tells more than a name
    let told = world.exchange(5, LOCAL, "Other", None).connection(4, Some(5), "192.0.2.77/24", "");
    assert!(matches!(told.lan(10).exchange, Exchange::Link { id: 5, .. }));
}

#[test]
fn two_exchanges_on_one_lan_and_one_on_two_conflict() {
    let two = World::new()
        .port(1, 10, "192.0.2.9", "")
        .exchange(3, LOCAL, "A", None)
        .exchange(5, LOCAL, "B", None)
        .connection(4, Some(3), "192.0.2.9/24", "")
        .connection(6, Some(5), "192.0.2.10/24", "");
    let lan = two.lan(10);
    assert!(why_not(&lan.exchange).starts_with("A and B have connections"));
    assert!(matches!(&lan.exchange, Exchange::Conflict { with, .. } if with == &[3, 5]));
    assert!(!lan.can_be_taken() && lan.takable().next().is_none());
    let one = World::new()
        .port(1, 10, "192.0.2.9", "")
        .port(2, 20, "198.51.100.9", "")
        .exchange(3, LOCAL, "A", None)
        .connection(4, Some(3), "192.0.2.9/24", "")
        .connection(6, Some(3), "198.51.100.9/25", "");
    for lan in one.plan() {
        assert!(why_not(&lan.exchange).contains("fits two LANs"));
    }
}

#[test]
fn an_exchange_that_is_linked_elsewhere_conflicts() {
    let world = World::new().port(1, 10, "192.0.2.9", "").exchange(3, LOCAL, "A", Some(99)).connection(
        4,
        Some(3),
        "192.0.2.9/24",
        "",
    );
    assert!(why_not(&world.lan(10).exchange).contains("linked to another LAN"));
}
