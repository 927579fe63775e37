//! Methods and filters of objects that no golden case calls, over the golden data: each gives what the plain query for the
//! same gives, and that is held against Django.

mod store;

use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use store::Store;

fn rendered(template: &str) -> Result<String, String> {
    let store = Store::read(include_str!("golden/data.json"));
    let router = store.find("devices.router", "name", "par01-edge").unwrap();
    let context = Context::Router { id: router };
    let mut session = Session::new(&Template::new(template, Whitespace::default()), Options::default(), context);
    match store.drive(&mut session, &mut Graph::new()) {
        Step::Done(output) => Ok(output.text),
        Step::Failed(problem) => Err(problem.message),
        Step::Needs(needs) => Err(format!("needs {needs:?}")),
    }
}

/// `peers`, `group`, `ixp`, `ix` and `direct` sessions, for what follows.
const SOME: &str = "{% set direct = router.directpeeringsession_set.filter(bgp_group__isnull=False).first() %}\
    {% set group = direct.bgp_group %}{% set ixp = router.connection_set.first().internet_exchange_point %}\
    {% set ix = (router | ixp_sessions).first() %}{% set peer = ix.autonomous_system %}\
    {% set listed = autonomous_systems | selectattr('as_list') | selectattr('prefixes') | first %}\
    {% macro ids(rows) %}{{ rows | map(attribute='id') | sort | unique | list }}{% endmacro %}";

fn same(pairs: &[(&str, &str)]) {
    for (one, other) in pairs {
        let value = |expression: &str| rendered(&format!("{SOME}{{{{ {expression} }}}}"));
        let (left, right) = (value(one), value(other));
        assert!(left.is_ok() && left == right, "{one}\n gives {left:?}\n{other}\n gives {right:?}");
        assert!(!matches!(left.as_deref(), Ok("" | "[]" | "None")), "{one} shows nothing: {left:?}");
    }
}

#[test]
fn a_routers_methods_are_the_queries_that_they_stand_for() {
    same(&[
        (
            "ids(router.get_bgp_groups())",
            "router.directpeeringsession_set.filter(bgp_group__isnull=False).values_list('bgp_group', flat=True) | sort | unique | list",
        ),
        (
            "ids(router.get_internet_exchange_points())",
            "router.connection_set.filter(internet_exchange_point__isnull=False).values_list('internet_exchange_point', flat=True) | sort | unique | list",
        ),
        ("ids(router.get_connections())", "ids(router.connection_set.all())"),
        ("ids(router.get_connections(ixp))", "ids(router.connection_set.filter(internet_exchange_point=ixp))"),
        (
            "ids(router.get_connections(internet_exchange_point=ixp))",
            "ids(router | connections | filter(internet_exchange_point=ixp))",
        ),
        ("ids(router.get_direct_peering_sessions())", "ids(router | direct_sessions)"),
        (
            "ids(router.get_direct_peering_sessions(group))",
            "ids(router.directpeeringsession_set.filter(bgp_group=group))",
        ),
        ("ids(router.get_ixp_peering_sessions())", "ids(router | ixp_sessions)"),
        ("ids(router.get_ixp_peering_sessions(ixp))", "ids(router | ixp_sessions(ixp=ixp))"),
        (
            "ids(router.get_direct_autonomous_systems())",
            "router.directpeeringsession_set.values_list('autonomous_system', flat=True) | sort | unique | list",
        ),
        ("ids(router.get_direct_autonomous_systems(bgp_group=group))", "ids(router | direct_peers(group.slug))"),
        (
            "ids(router.get_ixp_autonomous_systems())",
            "(router | ixp_sessions).values_list('autonomous_system', flat=True) | sort | unique | list",
        ),
        ("ids(router.get_ixp_autonomous_systems(ixp))", "ids(router | ixp_peers(ixp.slug))"),
        ("ids(router.get_autonomous_systems())", "ids(autonomous_systems)"),
        ("ids(router.get_routing_policies())", "ids(routing_policies)"),
        ("ids(router.get_bfd_configs())", "ids(router | bfds)"),
        (
            "router.get_configuration_context() | list | sort",
            "['autonomous_systems', 'bgp_groups', 'communities', 'internet_exchange_points', 'local_as', 'router', 'routing_policies']",
        ),
        ("router.get_configuration_context().local_as", "local_as"),
        ("router.is_usable_for_task()", "router.status != 'disabled' and router.platform.napalm_driver != ''"),
        ("router.platform.name ~ router.get_status_display()", "'Juniper JunosEnabled'"),
    ]);
}

#[test]
fn other_objects_methods_are_the_queries_that_they_stand_for() {
    same(&[
        ("ids(group.get_peering_sessions())", "ids(group.directpeeringsession_set.all())"),
        ("ids(ixp.get_peering_sessions())", "ids(ixp | sessions)"),
        (
            "ids(ixp.get_routers())",
            "ixp.connection_set.filter(router__isnull=False).values_list('router', flat=True) | sort | unique | list",
        ),
        (
            "ids(ixp.get_autonomous_systems())",
            "(ixp | sessions).values_list('autonomous_system', flat=True) | sort | unique | list",
        ),
        (
            "ixp.get_prefixes() | map(attribute='prefix') | map('string') | list",
            "ixp.peeringdb_prefixes.ipv4 + ixp.peeringdb_prefixes.ipv6",
        ),
        ("ixp.get_prefixes(6) | map(attribute='prefix') | map('string') | list", "ixp.peeringdb_prefixes.ipv6"),
        ("ids(group.import_policies())", "ids(group.import_routing_policies.all())"),
        ("ids(group.export_policies())", "group | iter_export_policies('id') | sort | list"),
        ("direct.merged_import_policies()", "direct | merge_import_policies"),
        ("direct.merged_import_policies(reverse=true)", "direct | merge_import_policies('reverse')"),
        ("direct.merged_export_policies()", "direct | merge_export_policies"),
        ("direct.merged_communities()", "direct | merge_communities"),
        (
            "routing_policies[0].get_type_display()",
            "{'import-policy': 'Import', 'export-policy': 'Export', 'import-export-policy': 'Import+Export'}[routing_policies[0].type]",
        ),
        (
            "routing_policies[0].get_address_family_display()",
            "{0: 'All', 4: 'IPv4', 6: 'IPv6'}[routing_policies[0].address_family]",
        ),
        ("listed.get_irr_as_set_as_list()", "listed | as_list"),
        ("listed.get_irr_as_set_as_list()", "listed.as_list"),
        ("listed.get_irr_as_set_prefixes()", "listed | prefix_list"),
        ("listed.get_irr_as_set_prefixes(6)", "listed.prefixes.ipv6"),
        ("ids(peer.get_ixp_peering_sessions())", "ids(peer.internetexchangepeeringsession_set.all())"),
        ("ids(peer.get_shared_internet_exchange_points(local_as))", "ids(peer | shared_ixps(local_as))"),
        ("ids(peer.get_peeringdb_shared_facilities(local_as))", "ids(peer | shared_facilities(local_as))"),
        ("ids(direct.autonomous_system.get_relationships())", "ids(direct.autonomous_system | relationships)"),
        ("router | has_not_tag('core')", "not (router | has_tag('core'))"),
        (
            "[router | context_has_key('mtu'), router | context_has_not_key('mtu'), router | context_has_key('keepalive'), router | context_has_key('keepalive', recursive=false)]",
            "[true, false, true, false]",
        ),
    ]);
}

#[test]
fn a_routers_own_configuration_can_be_asked_for_but_not_within_itself() {
    // the template that is assigned to it is another one than this
    let own = rendered("{{ router.render_configuration() }}").unwrap();
    assert!(own.contains("ixp northport-ix 68"), "{own}");
    for of in ["poll()", "link_to_peeringdb()", "synchronise_with_peeringdb()", "save()", "delete()"] {
        assert!(rendered(&format!("{{{{ router.{of} }}}}")).is_err(), "{of}");
    }
}

#[test]
fn what_the_reference_says_of_single_attributes_holds() {
    const FOUND: &str = "{% set listed = autonomous_systems | selectattr('peeringdb_network') | sort(attribute='asn') | last %}\
        {% set network = listed.peeringdb_network %}{% set port = network.netixlan_set.first() %}";
    for (expression, expected) in [
        // a query set of texts
        ("router.tags.names()", "<QuerySet ['Core', 'Edge']>"),
        ("router.tags.slugs() | join(' ')", "core edge"),
        // an interface with the length that an address has alone
        ("port.ipaddr4", "198.18.0.38/32"),
        ("[port.ipaddr4]", "[IPv4Interface('198.18.0.38/32')]"),
        ("port.ipaddr6.network.prefixlen", "128"),
        ("port.cidr4", "198.18.0.38/21"),
        ("port.ipaddr4 | ip", "198.18.0.38"),
        ("network.get_info_type_display() == network.info_type", "True"),
        ("router.is_pushed", "False"),
        // a family other than 4 and 6 is all
        ("router | ixp_sessions('6') | length == router | ixp_sessions | length", "True"),
        ("[router.created.date()]", "[datetime.date(2026, 1, 1)]"),
        ("router.created.date().strftime('%d.%m.%Y')", "01.01.2026"),
        ("router.tags.all().aggregate()", "{}"),
    ] {
        let given = rendered(&format!("{FOUND}{{{{ {expression} }}}}"));
        assert_eq!(given.as_deref(), Ok(expected), "{expression}");
    }
    // a method that is named and not known must end in words, however it is called
    for unknown in ["router.tags.all().aggregate(1)", "communities.raw('x')", "communities.contains(5)"] {
        assert!(rendered(&format!("{{{{ {unknown} }}}}")).is_err(), "{unknown}");
    }
}
