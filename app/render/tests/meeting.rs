//! What templates learn from PeeringDB's ports: available, hidden and missing peers, and whether a session's peer is there.

mod store;

use peerage_model::{
    Record, Value, registry,
    types::{AUTONOMOUS_SYSTEM, CONNECTION, HIDDEN_PEER, INTERNET_EXCHANGE, IX_SESSION, PLATFORM, ROUTER},
};
use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use store::Store;

fn row(of: &'static peerage_model::ObjectType, id: i64, values: &[(&str, Value)]) -> Record {
    let mut record = values.iter().fold(Record::new(of), |record, (name, value)| record.with(name, value.clone()));
    record.id = id;
    record.version = 1;
    record
}

/// One exchange with two connections of ours; networks 3301 to 3304 are on its LAN, we have sessions with 3301 on both
/// connections and with 3302 on one; 3303 is hidden until a moment; 3304 is on a second LAN too.
fn network() -> Store {
    let of = |key: &str| registry::get(key).unwrap();
    let (int, text) = (Value::Int, |text: &str| Value::text(text));
    let net = |text: &str| Value::Net(text.parse().unwrap());
    let ip = |text: &str| Value::Ip(text.parse().unwrap());
    let system = |id: i64, asn: i64, own: bool| {
        row(&AUTONOMOUS_SYSTEM, id, &[("asn", int(asn)), ("name", text("N")), ("affiliated", Value::Bool(own))])
    };
    let mut records = vec![
        system(1, 3300, true),
        system(2, 3301, false),
        system(3, 3302, false),
        system(5, 3304, false),
        row(&PLATFORM, 1, &[("name", text("P")), ("slug", text("p")), ("password_algorithm", text(""))]),
        row(
            &ROUTER,
            1,
            &[
                ("name", text("r1")),
                ("hostname", text("r1")),
                ("local_autonomous_system", int(1)),
                ("platform", int(1)),
                ("poll_bgp_sessions_state", Value::Bool(true)),
            ],
        ),
        row(of("peeringdb.ixlan"), 1, &[("name", text("one"))]),
        row(of("peeringdb.ixlan"), 2, &[("name", text("two"))]),
        row(of("peeringdb.ixlanprefix"), 1, &[("ixlan", int(1)), ("prefix", net("198.51.100.0/24"))]),
        row(
            &INTERNET_EXCHANGE,
            1,
            &[
                ("name", text("IX")),
                ("slug", text("ix")),
                ("local_autonomous_system", int(1)),
                ("peeringdb_ixlan", int(1)),
            ],
        ),
        row(
            &HIDDEN_PEER,
            1,
            &[("peeringdb_network", int(3303)), ("peeringdb_ixlan", int(1)), ("until", Value::Time(500))],
        ),
    ];
    for connection in 1..=2 {
        let values = [("router", int(1)), ("internet_exchange_point", int(1)), ("peeringdb_netixlan", int(3300))];
        records.push(row(&CONNECTION, connection, &values));
    }
    for asn in 3300..=3304 {
        records.push(row(of("peeringdb.network"), asn, &[("asn", int(asn)), ("name", text(&format!("Net {asn}")))]));
        let address = format!("198.51.100.{}/32", asn - 3290);
        let values = [("asn", int(asn)), ("net", int(asn)), ("ixlan", int(1)), ("ipaddr4", net(&address))];
        records.push(row(of("peeringdb.networkixlan"), asn, &values));
    }
    for (id, asn, address) in [(9000, 3304, "203.0.113.4/32"), (9001, 3300, "203.0.113.9/32")] {
        let values = [("asn", int(asn)), ("net", int(asn)), ("ixlan", int(2)), ("ipaddr4", net(address))];
        records.push(row(of("peeringdb.networkixlan"), id, &values));
    }
    for (id, system, connection, address) in
        [(1, 2, 1, "198.51.100.11"), (2, 2, 2, "198.51.100.11"), (3, 3, 1, "198.51.100.12"), (4, 3, 2, "198.51.100.99")]
    {
        let values = [
            ("autonomous_system", int(system)),
            ("ixp_connection", int(connection)),
            ("ip_address", ip(address)),
            ("bgp_state", text("idle")),
        ];
        records.push(row(&IX_SESSION, id, &values));
    }
    Store(records)
}

fn at(now: i64, template: &str) -> String {
    let options = Options { now, ..Options::default() };
    let template = Template::new(template, Whitespace::default());
    match network().drive(&mut Session::new(&template, options, Context::Router { id: 1 }), &mut Graph::new()) {
        Step::Done(output) => output.text,
        other => panic!("{other:?}"),
    }
}

fn text(template: &str) -> String {
    at(1000, template)
}

#[test]
fn available_peers_lack_a_session_on_some_connection_and_are_not_hidden() {
    let list = "{% set ixp = internet_exchange_points.first() %}{{ ixp.get_available_peers(ARGS) | map(attribute='asn') | join(' ') }}";
    assert_eq!(
        text(&list.replace("ARGS", "")),
        "3302 3303 3304",
        "what was hidden until a moment that has passed is there"
    );
    assert_eq!(at(100, &list.replace("ARGS", "")), "3302 3304");
    assert_eq!(at(100, &list.replace("ARGS", "show_hidden=true")), "3302 3303 3304");
    let hidden = "{{ internet_exchange_points.first().get_hidden_peers() | length }}";
    assert_eq!((at(100, hidden), at(1000, hidden)), ("1".to_owned(), "0".to_owned()));
}

#[test]
fn missing_sessions_are_ports_without_one_where_both_are() {
    let all = "{% for peer in autonomous_systems | sort(attribute='asn') %}{{ peer.asn }}:{{ peer | missing_sessions(local_as) | length }} {% endfor %}";
    assert_eq!(text(all), "3301:0 3302:0 ");
    let mut store = network();
    store.0.retain(|record| record.of.model != "internetexchangepeeringsession" || record.id != 3);
    let template = Template::new(
        "{% set peer = (router | ixp_sessions).get(id=4).autonomous_system %}{{ peer | missing_sessions(local_as) | map(attribute='asn') | join }}{{ peer.get_missing_peering_sessions(peer) | length }}",
        Whitespace::default(),
    );
    let mut session = Session::new(&template, Options::default(), Context::Router { id: 1 });
    let Step::Done(output) = store.drive(&mut session, &mut Graph::new()) else { panic!() };
    assert_eq!(output.text, "33020");
}

#[test]
fn a_session_knows_whether_its_peer_is_still_there() {
    let told = "{% for s in router | ixp_sessions | sort(attribute='id') %}{{ s.exists_in_peeringdb }},{{ s.is_abandoned }} {% endfor %}";
    assert_eq!(text(told), "True,False True,False True,False False,True ");
}

#[test]
fn ports_have_addresses_with_the_lans_length() {
    let told = "{% set port = internet_exchange_points.first().get_available_peers().first() %}{{ port.cidr4 }} {{ port.cidr6 }} {{ port.cidr() }} {{ port.is_remote_peer }} {{ port.net.netixlan_set.count() }}";
    assert_eq!(text(told), "198.51.100.12/24 None 198.51.100.12/24 False 1");
}

#[test]
fn passwords_stay_as_they_are_where_the_platform_has_no_algorithm() {
    assert_eq!(
        text("{{ router.platform.encrypt_password('abc') }}{{ router.platform.decrypt_password('x', key='k') }}"),
        "abcx"
    );
}
