//! Names that are nowhere: told beside the text, with what was probably meant, and by name where they stop the template.

mod store;

use peerage_model::{
    Value,
    types::{AUTONOMOUS_SYSTEM, ROUTER},
};
use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use store::{Store, row};

fn run(template: &str) -> Step {
    let text = Value::text;
    let store = Store(vec![
        row(&AUTONOMOUS_SYSTEM, 1, &[("asn", Value::Int(64500)), ("name", text("Ours"))]),
        row(&ROUTER, 1, &[("name", text("r1")), ("hostname", text("r1")), ("local_autonomous_system", Value::Int(1))]),
    ]);
    let template = Template::new(template, Whitespace::default());
    store.drive(&mut Session::new(&template, Options::default(), Context::Router { id: 1 }), &mut Graph::new())
}

/// Line and message of each.
fn warnings(template: &str) -> Vec<(usize, String)> {
    match run(template) {
        Step::Done(output) => output.warnings.into_iter().map(|one| (one.line, one.message)).collect(),
        other => panic!("{other:?}"),
    }
}

fn problem(template: &str) -> String {
    match run(template) {
        Step::Failed(problem) => format!("{}: {}", problem.line.unwrap_or_default(), problem.message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_variable_that_is_nowhere_is_told_at_its_lines() {
    let found = warnings("{{ router.name }}\n{{ rotuer }}\n{% if my_asn %}{% endif %}");
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3]);
    assert!(found[0].1.contains("called rotuer") && found[0].1.ends_with("Did you mean router?"), "{}", found[0].1);
}

#[test]
fn an_attribute_that_objects_do_not_have_is_told() {
    let found = warnings(
        "{{ router.hostnam }}\n{{ local_as.asn }}{{ local_as['nmae'] }}\n{{ autonomous_systems | map(attribute='x') }}",
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].0, 1);
    assert!(found[0].1.starts_with("Routers have no hostnam") && found[0].1.ends_with("Did you mean hostname?"));
    assert_eq!((found[1].0, found[1].1.ends_with("Did you mean name?")), (2, true));
}

#[test]
fn an_attribute_is_told_where_an_object_lacks_it_and_nowhere_else() {
    let places = |template: &str| match run(template) {
        Step::Done(output) => output.warnings.into_iter().map(|one| (one.line, one.column)).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    // an AS has no host name, a router has
    assert_eq!(places("{{ router.hostname }} {{ local_as.hostname }}\n{{ router.hostname }}"), [(1, 35)]);
    let mapped = "ä {{ [router] | map(attribute='asn') | list }}{{ [local_as] | map(attribute='asn') | list }}";
    assert_eq!(places(mapped), [(1, 32)]);
    assert_eq!(places("{{ router['asn'] ~ local_as['asn'] }}\r\n{{ +1 }}{{ router.asn }}"), [(1, 12), (2, 19)]);
    assert_eq!(places("{% for it in [router, local_as] %}{{ it.asn }}{% endfor %}{{ local_as.asn }}"), [(1, 41)]);
    assert_eq!(places("{{ router.asn if router else local_as.asn }}{{ nme }}{{ nme }}"), [(1, 11), (1, 48), (1, 57)]);
}

#[test]
fn what_no_object_has_is_told_in_a_condition_too() {
    assert_eq!(warnings("{% if router.pasword %}x{% endif %}").len(), 1);
}

#[test]
fn what_a_template_makes_or_asks_about_is_no_mistake() {
    let quiet = [
        "{% set a = 1 %}{{ a }}{% set b %}x{% endset %}{{ b }}{% with c = 1 %}{{ c }}{% endwith %}",
        "{% for x, y in [(1, 2)] %}{{ x }}{{ y }}{{ loop.index }}{% endfor %}",
        "{% macro m(p, q=1) %}{{ p }}{{ q }}{{ varargs }}{{ caller is defined }}{% endmacro %}{{ m(1) }}",
        "{% set ns = namespace(n=0) %}{% set ns.n = 2 %}{{ ns.n }}{{ range(2) }}{{ now() }}",
        "{{ maybe | default('') }}{% if other is defined %}{{ other }}{% endif %}{{ router.maybe | default('') }}",
        "{% if router.maybe is defined %}{{ router.maybe }}{% endif %}{{ router['maybe'] }}",
        "{{ router.get_status_display() }}{{ router.connection_set.all() }}{{ router.local_autonomous_system_id }}",
        "{{ autonomous_systems | selectattr('maybe', 'defined') | map(attribute='maybe') | list }}",
        "{{ (router.password or local_as).name }}{% if router.password %}{{ router.password }}{% endif %}",
        "{% raw %}{{ nothing }}{% endraw %}{# nothing #}",
        "{{ {'a': 1}.b }}{{ none.c }}{{ local_as.name.d }}",
    ];
    for template in quiet {
        assert_eq!(warnings(template), [], "{template}");
    }
}

#[test]
fn a_fault_that_comes_of_an_undefined_name_has_the_name() {
    assert_eq!(problem("\n{{ rotuer.name }}"), "2: 'rotuer' is undefined");
    assert_eq!(problem("{{ 1 + nothing }}"), "1: 'nothing' is undefined");
    assert_eq!(problem("{{ router.platfrom.name }}"), "1: 'Router object' has no attribute 'platfrom'");
}

#[test]
fn a_statement_that_is_not_closed_is_told_with_its_line() {
    assert_eq!(
        problem("a\n{% for x in [] %}\n{% if x %}\n{% endif %}"),
        "4: Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'. The innermost block that needs to be closed is 'for'. It begins in line 2."
    );
    assert_eq!(
        problem("{% if router %}\n{% endfor %}"),
        "2: Encountered unknown tag 'endfor'. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'. It begins in line 1."
    );
    let open = "1: unexpected end of template, expected 'end of statement block'.";
    assert_eq!(problem("{% include_configuration 'x'"), open);
}
