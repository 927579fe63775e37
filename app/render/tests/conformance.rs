//! The conformance suite of the system that templates come from: text that Jinja2 3.1.6 gave with Peering Manager's
//! filters. Where this crate differs, the case is listed in `known-differences.txt` with its reason; a listed case that
//! passes, or an unlisted one that does not, fails the test.

mod differences;

use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case {
    id: String,
    template: String,
    context: serde_json::Map<String, serde_json::Value>,
    expected: Option<String>,
    #[serde(default)]
    error_kind: String,
    note: String,
    #[serde(default)]
    trim_blocks: bool,
    #[serde(default)]
    lstrip_blocks: bool,
    #[serde(default)]
    templates: BTreeMap<String, String>,
    #[serde(default)]
    superset_ok: bool,
}

/// None: as expected.
fn difference(case: &Case) -> Option<String> {
    let whitespace = Whitespace { trim: case.trim_blocks, lstrip: case.lstrip_blocks };
    let template = Template::new(case.template.as_str(), whitespace);
    let context = Context::Data { values: case.context.clone(), templates: case.templates.clone() };
    let step = Session::new(&template, Options::default(), context).step(&Graph::new());
    match (step, &case.expected) {
        (Step::Done(output), Some(expected)) if output.text == *expected => None,
        (Step::Done(output), Some(expected)) => Some(format!("gives    {:?}\n     expected {expected:?}", output.text)),
        (Step::Done(_), None) if case.superset_ok => None,
        (Step::Done(output), None) => Some(format!("gives {:?} instead of a {} error", output.text, case.error_kind)),
        (Step::Failed(problem), None) => {
            let kind = format!("{:?}", problem.kind).to_lowercase();
            (kind != case.error_kind).then(|| format!("fails with {problem:?}, expected a {} error", case.error_kind))
        }
        (Step::Failed(problem), Some(expected)) => Some(format!("fails with {problem:?}\n     expected {expected:?}")),
        (Step::Needs(needs), _) => Some(format!("needs {needs:?}")),
    }
}

#[test]
fn templates_render_as_in_jinja2_but_for_the_listed_differences() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("templating-cases.json")).unwrap();
    let judged =
        cases.iter().map(|case| (case.id.clone(), format!("({})\n  {}", case.note, case.template), difference(case)));
    differences::hold(include_str!("known-differences.txt"), judged);
}
