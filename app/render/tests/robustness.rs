//! Templates that nobody meant to write: the renderer answers with text or a problem, never with a panic.

use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use std::collections::BTreeMap;

fn step(template: &str, values: serde_json::Map<String, serde_json::Value>) -> Step {
    let options = Options { fuel: 200_000, most_output: 1 << 16, ..Options::default() };
    let context = Context::Data { values, templates: BTreeMap::new() };
    Session::new(&Template::new(template, Whitespace::default()), options, context).step(&Graph::new())
}

#[test]
fn mutilated_templates_never_panic() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(include_str!("templating-cases.json")).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap()
    };
    let pieces = [
        "{{", "}}", "{%", "%}", "'", "\"", "(", ")", "[", "]", "|", ".", "~", "%", "+", "é", "\\", "{#", "-", " if ",
        "none", "9",
    ];
    for round in 0..2500 {
        let case = &cases[round % cases.len()];
        let mut chars: Vec<char> = case["template"].as_str().unwrap().chars().collect();
        for _ in 0..1 + random(3) {
            let at = random(chars.len() + 1);
            if random(2) == 0 && at < chars.len() {
                chars.remove(at);
            } else {
                chars.splice(at..at, pieces[random(pieces.len())].chars());
            }
        }
        let template: String = chars.into_iter().collect();
        let values = case["context"].as_object().cloned().unwrap_or_default();
        let _ = step(&template, values);
    }
}

#[test]
fn deep_and_circular_values_do_no_harm() {
    for template in [
        "{% set l = [] %}{{ l.append(l) }}",
        "{% set a = [] %}{% set b = [a] %}{{ a.append(b) }}",
        "{% set d = {} %}{{ d.update({'x': [d]}) }}",
    ] {
        assert!(matches!(step(template, serde_json::Map::new()), Step::Failed(_)), "{template}");
    }
    for template in [
        // each of these once waited for itself
        "{% set l = [1] %}{{ l.remove(l) }}",
        "{% set d = {} %}{{ d.pop(d) }}",
        "{% set d = {} %}{{ d.setdefault(d) }}",
        "{% set d = {} %}{{ d.update([(d, 1)]) }}",
        "{% set d = {} %}{{ d.setdefault((1, [d])) }}",
        "{% set ns = namespace() %}{% set ns.a = ns %}",
        "{% set ns = namespace() %}{% set ns.a = [ns] %}",
        "{% set l = [] %}{% set ns = namespace(l=l) %}{{ l.append(ns) }}",
        "{% set l = [] %}{% set d = {'a': l} %}{{ l.append((1, d)) }}",
        "{% set d = {} %}{{ d.update(x=d) }}",
    ] {
        assert!(matches!(step(template, serde_json::Map::new()), Step::Failed(_)), "{template}");
    }
    for template in [
        "{% set d = {} %}{{ d.get(d) }}{{ d[d] is defined }}{{ d in d }}",
        "{% set l = [1] %}{{ l == [l] }}{{ l in l }}",
    ] {
        assert!(matches!(step(template, serde_json::Map::new()), Step::Done(_)), "{template}");
    }
    for heavy in [
        "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ ns.x == ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | string }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(9) %}{% set ns.x = [ns.x] * 999 %}{% endfor %}{{ ns.x in [1] }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set n = [] %}{{ n.append(ns.x) }}{{ n.append(ns.x) }}{% set ns.x = n %}{% endfor %}{{ ns.x == 1 }}",
        "{% set ns = namespace(x=1) %}{% for i in range(60) %}{% set ns.x = {(ns.x, ns.x): ns.x} %}{% endfor %}",
    ] {
        assert!(matches!(step(heavy, serde_json::Map::new()), Step::Failed(_)), "{heavy}");
    }
    let deep = "{% set root = [] %}{% set ns = namespace(at=root) %}{% for i in range(5000) %}{% set new = [] %}{% if ns.at.append(new) %}{% endif %}{% set ns.at = new %}{% endfor %}{{ root | length }}{{ root }}";
    let options = Options { fuel: 100_000_000, ..Options::default() };
    let context = Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
    let step = Session::new(&Template::new(deep, Whitespace::default()), options, context).step(&Graph::new());
    assert!(matches!(step, Step::Done(_)), "{step:?}");
}

#[test]
fn what_has_no_order_is_refused_however_much_of_it_there_is() {
    let mixed: Vec<serde_json::Value> = (0..200)
        .map(|at| match at % 5 {
            0 => serde_json::json!(at),
            1 => serde_json::json!(format!("{}", 200 - at)),
            2 => serde_json::Value::Null,
            3 => serde_json::json!([at]),
            _ => serde_json::json!({"k": at}),
        })
        .collect();
    let rows: Vec<serde_json::Value> = mixed.iter().map(|value| serde_json::json!({"x": value})).collect();
    let values = serde_json::json!({"mixed": mixed, "rows": rows});
    for template in [
        "{{ mixed | sort }}",
        "{{ rows | sort(attribute='x') }}",
        "{{ rows | groupby('x') }}",
        "{{ mixed | max }}",
        "{{ dict(mixed[:2] | batch(2)) | dictsort }}{{ mixed | sort(reverse=true) }}",
    ] {
        assert!(matches!(step(template, values.as_object().unwrap().clone()), Step::Failed(_)), "{template}");
    }
}

#[test]
fn a_render_that_takes_too_long_is_stopped_whatever_it_does() {
    use peerage_render::{Deadline, ProblemKind};
    use std::time::{Duration, Instant};
    for template in [
        // none of these is dear by the engine's own count
        "{% set l = range(100000) | list %}{% for x in range(100000) %}{% set y = l | sort %}{% endfor %}",
        "{% set l = range(100000) | list %}{% for x in range(100000) %}{% set y = -1 in l %}{% endfor %}",
        "{% set t = 'x' * 1000000 %}{% for x in range(100000) %}{% set y = t ~ x %}{% endfor %}",
        "{% set t = 'x' * 1000000 %}{% for x in range(100000) %}{% set y = t.replace('x', 'y') %}{% endfor %}",
        "{% for a in range(100000) %}{% for b in range(100000) %}{{ a }}{% endfor %}{% endfor %}",
        "{% set t = '{0:065000,}' * 100000 %}{{ t.format(1) }}",
        // and these print and call nothing
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% set l = range(100000) | list %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}",
        "{% for a in range(100000) %}{% for b in range(100000) %}{% set c = a + b %}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{{ n }}{{ m(n + 1) if n < 45 }}{% endmacro %}{% for a in range(100000) %}{% set x = m(0) %}{% endfor %}",
    ] {
        let options = Options { fuel: u64::MAX, most_output: usize::MAX, ..Options::default() };
        let context = Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
        let began = Instant::now();
        let deadline = Deadline::new(move || began.elapsed() < Duration::from_millis(200));
        let mut session =
            Session::new(&Template::new(template, Whitespace::default()), options, context).until(deadline);
        let step = session.step(&Graph::new());
        let Step::Failed(problem) = step else { panic!("{template}: {step:?}") };
        // a fast machine may have made too much by then
        let stopped = ["it takes too long", "it makes too much text"].contains(&problem.message.as_str());
        assert!(problem.kind == ProblemKind::Limit && stopped, "{template}: {problem:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{template} took {:?}", began.elapsed());
    }
}

/// One line of a template takes no machine down: each of these would make gigabytes, or ask for a number of digits that
/// formatting cannot take.
#[test]
fn a_text_of_any_size_is_refused_before_it_is_made() {
    use peerage_render::ProblemKind;
    let literal = "x".repeat(100_000);
    let kept = format!("{{% set x %}}{{% for i in range(100000) %}}{literal}{{% endfor %}}{{% endset %}}");
    let called = format!(
        "{{% macro m() %}}{literal}{{% endmacro %}}{{% set x = [] %}}{{% for i in range(100000) %}}{{% set x = x.append(m()) %}}{{% endfor %}}"
    );
    for (template, kind) in [
        (kept.as_str(), ProblemKind::Limit),
        (called.as_str(), ProblemKind::Limit),
        ("{{ 'a' | indent(8000000000) }}", ProblemKind::Runtime),
        ("{{ 'a' | indent(9999999999999999999) }}", ProblemKind::Runtime),
        ("{{ '%*d' % (8000000000, 3) }}", ProblemKind::Runtime),
        ("{{ '%99999999999d' % 3 }}", ProblemKind::Runtime),
        ("{{ '%.8000000000f' % 1.0 }}", ProblemKind::Runtime),
        ("{{ '{:.900000000f}'.format(1.0) }}", ProblemKind::Runtime),
        ("{{ '{:>9999999999}'.format('a') }}", ProblemKind::Runtime),
        ("{{ 'x'.rjust(10000000000) }}", ProblemKind::Runtime),
        ("{{ 'x' | center(10000000000) }}", ProblemKind::Runtime),
        ("{{ '5'.zfill(10000000000) }}", ProblemKind::Runtime),
        ("{{ '\t'.expandtabs(8000000000) }}", ProblemKind::Runtime),
        ("{{ [1] | batch(8000000000, 'x') | list }}", ProblemKind::Runtime),
        ("{{ [1] | as_json(indent=8000000000) }}", ProblemKind::Runtime),
        ("{{ [[1]] | as_yaml(indent=8000000000) }}", ProblemKind::Runtime),
        ("{{ [1] | tojson(indent=8000000000) }}", ProblemKind::Runtime),
        ("{{ 1.5 | round(2000000000) }}", ProblemKind::Runtime),
        ("{{ ('a' * 1000000) | replace('', 'x' * 1000000) }}", ProblemKind::Limit),
        ("{{ ('a' * 1000000).replace('a', 'x' * 1000000) }}", ProblemKind::Limit),
        ("{{ ('a' * 1000000) | list | join('x' * 1000000) }}", ProblemKind::Limit),
        ("{{ ('x' * 1000000).join(('a' * 1000000) | list) }}", ProblemKind::Limit),
        ("{{ ('a' * 100000).translate({97: 'x' * 1000000}) }}", ProblemKind::Limit),
        ("{% include ['a' * 1000000] * 100000 without context %}", ProblemKind::Limit),
        ("{% set x %}{% for i in range(100000) %}{{ 'a' * 100000 }}{% endfor %}{% endset %}", ProblemKind::Limit),
        (
            "{% set a = 'a' * 1000000 %}{% set x %}{% for i in range(100000) %}{{ a }}{% endfor %}{% endset %}",
            ProblemKind::Limit,
        ),
        (
            "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            ProblemKind::Limit,
        ),
        (
            "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            ProblemKind::Limit,
        ),
        (
            "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% else %}{{ 'a' * 1000000 }}{% endif %}{% endmacro %}{% set x = m(30) %}",
            ProblemKind::Limit,
        ),
    ] {
        let options = Options { fuel: 100_000_000, ..Options::default() };
        let context = Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
        let step = Session::new(&Template::new(template, Whitespace::default()), options, context).step(&Graph::new());
        let Step::Failed(problem) = step else { panic!("{template}: it was made") };
        assert_eq!(problem.kind, kind, "{template}: {}", problem.message);
    }
}

#[test]
fn a_loop_cycles_through_nothing_in_words() {
    for failing in [
        "{{ loop.cycle() }}",
        "{{ loop.cycle(*[]) }}",
        "{{ loop.cycle(*[], *[]) }}",
        "{{ loop.cycle(*[], **{}) }}",
        "{% do loop.cycle() %}",
        "{% do loop.cycle(*[], *[]) %}",
        "{% set l = loop %}{% for y in [1] %}{{ l.cycle() }}{% endfor %}",
    ] {
        let template = format!("{{% for x in [1] %}}\n{failing}{{% endfor %}}");
        let Step::Failed(problem) = step(&template, serde_json::Map::new()) else { panic!("{failing}") };
        assert_eq!((problem.message.as_str(), problem.line), ("no items for cycling given", Some(2)), "{failing}");
    }
    for (going, text) in [
        ("{% do loop.cycle(1) %}{% do ns.cycle() %}", ""),
        ("{% do loop.cycle(a.append(1), 2) %}{{ a }}", "[1]"),
        ("{{ ns.cycle() }}{{ ns.cycle(*[]) }}", "cc"),
    ] {
        let template = format!(
            "{{% macro c() %}}c{{% endmacro %}}{{% set ns = namespace(cycle=c) %}}{{% set a = [] %}}{{% for x in [1] %}}{going}{{% endfor %}}"
        );
        match step(&template, serde_json::Map::new()) {
            Step::Done(output) => assert_eq!(output.text, text, "{going}"),
            other => panic!("{going}: {other:?}"),
        }
    }
    // whatever it says
    let _ = step("{% for x in [1] %}{% call loop.cycle() %}{% endcall %}{% endfor %}", serde_json::Map::new());
}

/// Not as many names as macros times macros.
#[test]
fn macros_that_include_do_not_name_one_another_without_end() {
    let many: String = (0..5000)
        .map(|at| format!("{{% macro m{at}() %}}{{% include 'configuration::a' %}}{{% endmacro %}}"))
        .collect();
    let context = Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
    let began = std::time::Instant::now();
    let step = Session::new(&Template::new(many.as_str(), Whitespace::default()), Options::default(), context)
        .step(&Graph::new());
    assert!(matches!(step, Step::Done(_)), "{step:?}");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}

/// Deeper than a stack is high, and marked in one level: the engine looks at no other.
#[test]
fn names_of_templates_that_do_not_see_the_context_may_be_anything() {
    let deep = "{% set x = [] %}{% set ns = namespace(at=x) %}{% for i in range(5000) %}{% set new = [] %}{% do ns.at.append(new) %}{% set ns.at = new %}{% endfor %}";
    for tail in [
        "{% include x without context %}",
        "{% include x ignore missing without context %}",
        "{% include (x, 'configuration::a') without context %}",
        "{% import x as m %}",
        "{% from x import m %}",
        "{% include 'configuration::a' without context %}",
        "{% include ['configuration::a', 'configuration::b'] without context %}",
        "{% import none as m %}",
        "{% import {'configuration::a': 1} as m %}",
        "{% from range(2) import m %}",
        "{% include missing without context %}",
    ] {
        let options = Options { fuel: 100_000_000, ..Options::default() };
        let context = Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
        let template = format!("{deep}{tail}");
        let step = Session::new(&Template::new(template.as_str(), Whitespace::default()), options, context)
            .step(&Graph::new());
        let Step::Failed(problem) = step else { panic!("{tail}: {step:?}") };
        assert!(!problem.message.contains(['\u{fdd6}', '\\']), "{tail}: {}", problem.message);
    }
}

/// Literal text in a block that keeps it is printed as a value, but means what it did.
#[test]
fn long_literal_text_in_a_block_is_what_is_written() {
    let literal = format!("<a href=\"{{'\\n'}}\">\n{}\n", "\u{e9}\\n".repeat(40));
    for (open, close) in [("", ""), ("{% autoescape true %}", "{% endautoescape %}")] {
        let template = format!(
            "{open}{{% set a %}}{literal}{{% endset %}}{{{{ a }}}}{{% macro m() %}}{literal}{{% endmacro %}}{{{{ m() }}}}{{{{ 1 / 0 }}}}{close}"
        );
        let text = template.replace("{{ 1 / 0 }}", "");
        let context = || Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
        let run = |source: &str| {
            Session::new(&Template::new(source, Whitespace::default()), Options::default(), context())
                .step(&Graph::new())
        };
        let Step::Done(output) = run(&text) else { panic!("{:?}", run(&text)) };
        assert_eq!(output.text, format!("{literal}{literal}"));
        // lines after it are still counted
        let Step::Failed(problem) = run(&template) else { panic!("it divides by zero") };
        assert_eq!(problem.line, Some(5), "{problem:?}");
    }
}

/// In the debug build and on a test's two megabytes of stack.
#[test]
fn macros_that_call_themselves_go_deep_and_endless_ones_end_in_words() {
    let down = "{% macro m(n) %}{{ n }}{% if n %},{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(75) }}";
    match step(down, serde_json::Map::new()) {
        Step::Done(output) => assert!(output.text.ends_with(",1,0")),
        other => panic!("{other:?}"),
    }
    let endless = [
        "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% macro m(n) %}{% for a in [1] %}{% if a %}{{ m(n + 1) | upper | replace('a', 'b') }}{% endif %}{% endfor %}{% endmacro %}{{ m(1) }}",
        "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ varargs }}{{ m(*[1, 2]) }}{% endmacro %}{{ m(1) }}",
        "{% macro m() %}{{ [1, 2] | map('upper') | map('replace', 1, m()) | join }}{% endmacro %}{{ m() }}",
        "{% for a in [1] recursive %}{{ loop([a]) }}{% endfor %}",
        "{% macro a() %}{% set x %}{{ b() }}{% endset %}{{ x }}{% endmacro %}{% macro b() %}{% filter upper %}{{ a() }}{% endfilter %}{% endmacro %}{{ a() }}",
    ];
    for template in endless {
        match step(template, serde_json::Map::new()) {
            Step::Failed(_) => {}
            other => panic!("{template}: {other:?}"),
        }
    }
}
