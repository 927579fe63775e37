//! The needs loop, secrets and bounds.

mod store;

use peerage_model::{
    Need, Value, registry,
    types::{
        AUTONOMOUS_SYSTEM, CONFIGURATION, CONNECTION, EXPORT_TEMPLATE, INTERNET_EXCHANGE, IX_SESSION, ROUTER, TAG,
    },
    wire::RecordSet,
};
use peerage_render::{
    Context, Graph, Options, Output, PLACEHOLDER, Problem, ProblemKind, Session, Step, Template, Whitespace, Zone,
    Zones, session::is_surrounded, surroundings,
};
use std::sync::Arc;
use store::{Store, row};

/// A router at one exchange with so many sessions.
fn network(sessions: i64) -> Store {
    let text = |text: &str| Value::text(text);
    let mut records = vec![
        row(
            &AUTONOMOUS_SYSTEM,
            1,
            &[("asn", Value::Int(64500)), ("name", text("Own")), ("affiliated", Value::Bool(true))],
        ),
        row(
            &ROUTER,
            1,
            &[
                ("name", text("r1")),
                ("hostname", text("r1.example.net")),
                ("local_autonomous_system", Value::Int(1)),
                ("napalm_password", text("router-secret")),
                ("local_context_data", Value::Json(Arc::new(serde_json::json!({"mtu": 1500, "bgp": {"hold": 90}})))),
            ],
        ),
        row(
            &INTERNET_EXCHANGE,
            1,
            &[("name", text("Example-IX")), ("slug", text("example-ix")), ("local_autonomous_system", Value::Int(1))],
        ),
        row(
            &CONNECTION,
            1,
            &[
                ("router", Value::Int(1)),
                ("internet_exchange_point", Value::Int(1)),
                ("ipv4_address", Value::Net("192.0.2.10/24".parse().unwrap())),
            ],
        ),
        row(&TAG, 1, &[("name", text("Core")), ("slug", text("core"))]),
        row(&CONFIGURATION, 1, &[("name", text("Head")), ("template", text("[{{ router.name }}]"))]),
    ];
    for at in 0..sessions {
        records.push(row(
            &AUTONOMOUS_SYSTEM,
            10 + at,
            &[("asn", Value::Int(65000 + at)), ("name", text(&format!("Peer {at}")))],
        ));
        let ip = std::net::Ipv4Addr::from(0xc633_6400 + u32::try_from(at).unwrap());
        records.push(row(
            &IX_SESSION,
            1 + at,
            &[
                ("autonomous_system", Value::Int(10 + at)),
                ("ixp_connection", Value::Int(1)),
                ("ip_address", Value::Ip(ip.into())),
                ("password", if at == 0 { Value::Hidden } else { Value::Null }),
                ("tags", Value::Ids([1].into())),
            ],
        ));
    }
    Store(records)
}

fn run(store: &Store, graph: &mut Graph, template: &str) -> Result<Output, Problem> {
    let template = Template::new(template, Whitespace::default());
    let mut session = Session::new(&template, Options::default(), Context::Router { id: 1 });
    match store.drive(&mut session, graph) {
        Step::Done(output) => Ok(output),
        Step::Failed(problem) => Err(problem),
        Step::Needs(_) => unreachable!("driven to the end"),
    }
}

fn text(template: &str) -> String {
    run(&network(3), &mut Graph::new(), template).unwrap().text
}

const PEERS: &str = "{% for ixp in internet_exchange_points %}{% for s in router | ixp_sessions(ixp=ixp) %}{{ s.autonomous_system.asn + 0 }} {{ s }};{% endfor %}{% endfor %}";

#[test]
fn a_cold_graph_takes_few_passes_at_any_size() {
    for sessions in [1, 50, 500] {
        let output = run(&network(sessions), &mut Graph::new(), PEERS).unwrap();
        assert!(output.passes <= 6, "{sessions} sessions: {} passes", output.passes);
        assert_eq!(output.text.matches(';').count(), usize::try_from(sessions).unwrap());
        assert!(output.text.starts_with("65000 Example-IX - AS65000 - IP 198.51.100.0;"), "{}", output.text);
    }
}

#[test]
fn five_hundred_sessions_stay_far_below_the_fuel_bound() {
    let whitespace = Whitespace { trim: true, lstrip: true };
    let template = Template::new(include_str!("../../../templates/configuration/junos.j2"), whitespace);
    let options = Options { fuel: 1_000_000, ..Options::default() };
    let mut session = Session::new(&template, options, Context::Router { id: 1 });
    let step = network(500).drive(&mut session, &mut Graph::new());
    assert!(matches!(step, Step::Done(_)), "{step:?}");
}

#[test]
fn a_kept_graph_takes_one_pass() {
    let (store, mut graph) = (network(20), Graph::new());
    let cold = run(&store, &mut graph, PEERS).unwrap();
    let warm = run(&store, &mut graph, PEERS).unwrap();
    assert_eq!((warm.passes, warm.text), (1, cold.text));
}

#[test]
fn surroundings_save_passes_and_end() {
    let (store, mut graph) = (network(20), Graph::new());
    let mut rounds = 0;
    loop {
        let needs = surroundings(&graph, 1);
        if needs.is_empty() {
            break;
        }
        graph.answer(&needs, &store.fetch(&needs)).unwrap();
        rounds += 1;
    }
    assert!(rounds <= 4 && is_surrounded(&graph, 1), "{rounds}");
    assert_eq!(run(&store, &mut graph, PEERS).unwrap().passes, 1);
}

#[test]
fn a_deleted_reference_is_none_and_does_not_loop() {
    let mut store = network(1);
    store.0.retain(|record| !(record.of.is(&AUTONOMOUS_SYSTEM) && record.id == 10));
    let output =
        run(&store, &mut Graph::new(), "{% for s in router | ixp_sessions %}{{ s.autonomous_system }}{% endfor %}")
            .unwrap();
    assert_eq!(output.text, "None");
}

#[test]
fn a_source_that_gives_nothing_ends_with_a_problem() {
    let template = Template::new("{{ router.name }}", Whitespace::default());
    let mut session = Session::new(&template, Options::default(), Context::Router { id: 1 });
    let graph = Graph::new();
    assert!(matches!(session.step(&graph), Step::Needs(_)));
    assert!(matches!(session.step(&graph), Step::Failed(Problem { kind: ProblemKind::Limit, .. })));
}

#[test]
fn needs_and_graph_survive_the_wire() {
    let (store, mut graph) = (network(5), Graph::new());
    let text = run(&store, &mut graph, PEERS).unwrap().text;
    let needs = vec![
        Need::rows(&ROUTER, vec![1]),
        Need::relation(&IX_SESSION, IX_SESSION.field("ixp_connection").unwrap(), vec![1]),
        Need::All { of: ROUTER.key() },
    ];
    let json = serde_json::to_string(&needs).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Need>>(&json).unwrap(), needs);
    let sets: Vec<RecordSet> = serde_json::from_str(&serde_json::to_string(&graph.record_sets()).unwrap()).unwrap();
    let mut copy = Graph::new();
    let everything: Vec<Need> = registry::TYPES.iter().map(|of| Need::All { of: of.key() }).collect();
    copy.answer(&everything, &sets).unwrap();
    let output = run(&store, &mut copy, PEERS).unwrap();
    assert_eq!((output.text, output.passes), (text, 1));
}

#[test]
fn a_hidden_secret_is_a_placeholder_and_says_so() {
    let template = "{% for s in router | ixp_sessions %}{{ s.password }} {% endfor %}";
    let output = run(&network(2), &mut Graph::new(), template).unwrap();
    assert_eq!(output.text, format!("{PLACEHOLDER} None "));
    assert!(output.placeholders);
    assert!(!run(&network(2), &mut Graph::new(), "{{ router.name }}").unwrap().placeholders);
}

#[test]
fn router_credentials_cannot_be_printed() {
    assert!(!text("{{ router.napalm_password }}{{ router | as_json }}").contains("router-secret"));
    let listed = text(
        "{{ internet_exchange_points.first().connection_set.all().values() }}{{ router.connection_set.first().router | as_yaml }}",
    );
    assert!(!listed.contains("router-secret"));
    let filtered = run(
        &network(1),
        &mut Graph::new(),
        "{{ router.connection_set.filter(router__napalm_password__startswith='r') | length }}",
    );
    assert!(filtered.is_err(), "a look-up would tell it letter by letter: {filtered:?}");
}

#[test]
fn attributes_methods_and_managers_follow_the_descriptions() {
    for (template, expected) in [
        (
            "{{ router.local_autonomous_system }} {{ local_as.asn }} {{ router.local_autonomous_system_id }}",
            "AS64500 - Own 64500 1",
        ),
        ("{{ router.connection_set }} {{ router.connection_set.count() }}", "net.Connection.None 1"),
        ("{{ router.get_status_display() }} {{ router._state }}{{ router.nothing }}", "Enabled "),
        (
            "{{ [router] }} {{ router.connection_set.all() }}",
            "[<Router: r1>] <QuerySet [<Connection: Example-IX on r1>]>",
        ),
        ("{{ router == router.connection_set.first().router }} {{ router in [router] }}", "True True"),
        ("{{ router.get_connections is callable }} {{ router is iterable }}", "True False"),
        ("{{ router | context_get_key('hold') }} {{ router | context_get_key('x', default=7) }}", "90 7"),
        (
            "{% for s in router | ixp_sessions %}{{ s.tags.names() }}{{ s | has_tag('core') }}{{ s | max_prefix }} {% endfor %}",
            "<QuerySet ['Core']>True0 <QuerySet ['Core']>True0 <QuerySet ['Core']>True0 ",
        ),
        ("{{ (router | ixp_sessions(4)).order_by('-autonomous_system__asn').first().autonomous_system.asn }}", "65002"),
        (
            "{{ router | ixp_sessions | filter(autonomous_system__asn__gte=65001) | iterate('ip_address') | list }}",
            "[IPv4Address('198.51.100.1'), IPv4Address('198.51.100.2')]",
        ),
        (
            "{{ (router | ixp_sessions).exclude(autonomous_system__name__icontains='PEER 1').values_list('autonomous_system__asn', flat=True) }}",
            "<QuerySet [65000, 65002]>",
        ),
        (
            "{{ autonomous_systems | length }} {{ autonomous_systems | sort(attribute='asn') | map(attribute='asn') | join(' ') }}",
            "3 65000 65001 65002",
        ),
        (
            "{{ communities | length }}{{ bgp_groups | length }}{{ routing_policies | length }}{{ router.communities.all() | length }}",
            "0000",
        ),
        (
            "{% for s in (router | ixp_sessions)[:2] %}{{ s | local_ips | ip }} {{ s | merge_import_policies }}{{ loop.last }};{% endfor %}",
            "192.0.2.10 []False;192.0.2.10 []True;",
        ),
        ("{% include_configuration 'Head' %}{% include_configuration 1 %}", "[r1][r1]"),
        ("{{ (router | ixp_sessions).get(autonomous_system__asn=65001).ip_address }}", "198.51.100.1"),
    ] {
        assert_eq!(text(template), expected, "{template}");
    }
}

#[test]
fn misuse_is_refused_with_its_line() {
    for (template, line, part) in [
        ("a\n{% for x in router.connection_set %}{% endfor %}", 2, "not iterable"),
        ("{{ autonomous_systems | filter(asn=1) }}", 1, "after union()"),
        ("{{ (router | ixp_sessions).get(id=99) }}", 1, "does not exist"),
        ("\n\n{{ (router | ixp_sessions).delete() }}", 3, "not safely callable"),
        ("{{ router | ixp_sessions | filter(nonsense=1) }}", 1, "Cannot resolve keyword 'nonsense'"),
        ("{{ router.save() }}", 1, "not safely callable"),
        ("{{ 5 | ixp_sessions }}", 1, "no ixp peering sessions"),
        ("{% include_configuration 'None such' %}", 1, "None such"),
    ] {
        let problem = run(&network(1), &mut Graph::new(), template).unwrap_err();
        assert_eq!(problem.line, Some(line), "{template}: {problem:?}");
        assert!(problem.message.contains(part), "{template}: {problem:?}");
    }
}

#[test]
fn runaway_templates_are_stopped() {
    let data = || Context::Data { values: serde_json::Map::new(), templates: std::collections::BTreeMap::new() };
    for (template, kind) in [
        ("{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}", ProblemKind::Limit),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", ProblemKind::Runtime),
        ("{{ 'x' * 9999999 * 9999999 }}", ProblemKind::Runtime),
    ] {
        let options = Options { fuel: 5_000_000, most_output: 1 << 20, ..Options::default() };
        match Session::new(&Template::new(template, Whitespace::default()), options, data()).step(&Graph::new()) {
            Step::Failed(problem) => assert_eq!(problem.kind, kind, "{template}: {problem:?}"),
            other => panic!("{template}: {other:?}"),
        }
    }
    let options = Options { most_output: 1000, ..Options::default() };
    let step = Session::new(
        &Template::new("{% for a in range(999) %}abc{% endfor %}", Whitespace::default()),
        options,
        data(),
    )
    .step(&Graph::new());
    assert!(matches!(step, Step::Failed(Problem { kind: ProblemKind::Limit, .. })), "{step:?}");
}

#[test]
fn now_is_the_clock_that_was_given() {
    let options = Options {
        now: 1_769_860_800_000_000,
        zones: vec![Zone { name: "Europe/Paris".to_owned(), offset: 3600, abbreviation: "CET".to_owned() }],
        ..Options::default()
    };
    let template = Template::new(
        "{{ now() }} {{ now('%H:%M %Z', 'Europe/Paris') }} {{ now('%H:%M %Z %z', timezone='Asia/Kathmandu') }}",
        Whitespace::default(),
    );
    let context = Context::Data { values: serde_json::Map::new(), templates: std::collections::BTreeMap::new() };
    let known = |name: &str| {
        let there = name == "Asia/Kathmandu";
        there.then(|| Zone { name: name.to_owned(), offset: 20_700, abbreviation: "+0545".to_owned() })
    };
    let mut session = Session::new(&template, options.clone(), context.clone()).in_zones(Zones::new(known));
    let Step::Done(output) = session.step(&Graph::new()) else { panic!() };
    assert_eq!(output.text, "2026-01-31T12:00:00Z 13:00 CET 17:45 +0545 +0545");
    // whoever knows no zones is not guessed for
    let step = Session::new(&template, options, context).step(&Graph::new());
    assert!(matches!(&step, Step::Failed(problem) if problem.message.contains("Asia/Kathmandu")), "{step:?}");
}

#[test]
fn an_export_of_chosen_rows_has_them_in_their_order() {
    let store = network(3);
    let export = |template: &str, rows: Option<Vec<i64>>| {
        let of = AUTONOMOUS_SYSTEM.key();
        let template = Template::new(template, Whitespace::default());
        match store
            .drive(&mut Session::new(&template, Options::default(), Context::Export { of, rows }), &mut Graph::new())
        {
            Step::Done(output) => (output.text, output.passes),
            step => panic!("{step:?}"),
        }
    };
    let asns = "{% for a in dataset %}{{ a.asn }} {% endfor %}";
    assert_eq!(export(asns, None).0, "64500 65000 65001 65002 ");
    // one that is gone is left out; all are fetched at once
    assert_eq!(export(asns, Some(vec![12, 1, 99, 10])), ("65002 64500 65000 ".to_owned(), 2));
    assert_eq!(export(asns, Some(Vec::new())), (String::new(), 1));
    let further = "{{ dataset.filter(asn__gt=64999) | iterate('asn') | list }} {{ dataset.order_by('asn').first().asn }} {{ dataset.reverse()[0].asn }} {{ dataset | length }}";
    assert_eq!(export(further, Some(vec![12, 1, 10])).0, "[65002, 65000] 64500 65000 3");
}

#[test]
fn an_included_export_has_its_own_whitespace() {
    let mut store = network(1);
    let template = "{% for a in dataset %}\n{{ a.asn }}\n{% endfor %}\n";
    let fields = [
        ("name", Value::text("peers")),
        ("content_type", Value::text("peering.autonomoussystem")),
        ("template", Value::text(template)),
        ("jinja2_trim", Value::Bool(true)),
    ];
    store.0.push(row(&EXPORT_TEMPLATE, 1, &fields));
    let output = run(&store, &mut Graph::new(), "{% include_exporttemplate 'peers' %}").unwrap();
    assert_eq!(output.text, "64500\n65000");
}
