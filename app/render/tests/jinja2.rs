//! Our own cases beside the conformance suite: text that Jinja2 3.1.6 from PyPI gave (`jinja2/generate.py` makes
//! `jinja2/cases.json` from `jinja2/templates.py`; this engine has no part in it). Where this crate differs, the case is
//! listed in `jinja2/differences.txt` with its reason; a listed case that passes, or an unlisted one that does not, fails.

mod differences;

use peerage_render::{Context, Graph, Options, ProblemKind, Session, Step, Template, Whitespace};
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
    #[serde(default)]
    message: String,
    line: Option<usize>,
    #[serde(default)]
    trim: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    templates: BTreeMap<String, String>,
}

/// None: as Jinja2.
fn difference(case: &Case) -> Option<String> {
    let template = Template::new(case.template.as_str(), Whitespace { trim: case.trim, lstrip: case.lstrip });
    let context = Context::Data { values: case.context.clone(), templates: case.templates.clone() };
    let step = Session::new(&template, Options::default(), context).step(&Graph::new());
    match (step, &case.expected) {
        (Step::Done(output), Some(expected)) if output.text == *expected => None,
        (Step::Done(output), Some(expected)) => Some(format!("gives    {:?}\n     expected {expected:?}", output.text)),
        (Step::Done(output), None) => {
            Some(format!("gives {:?} instead of a {} error: {}", output.text, case.error_kind, case.message))
        }
        (Step::Failed(problem), None) => {
            let kind = if case.error_kind == "syntax" { ProblemKind::Syntax } else { ProblemKind::Runtime };
            let place = case.line.is_none() || problem.line == case.line;
            let fits = problem.kind == kind && place;
            (!fits)
                .then(|| format!("fails with {problem:?}\n     expected {kind:?} at {:?}: {}", case.line, case.message))
        }
        (Step::Failed(problem), Some(expected)) => Some(format!("fails with {problem:?}\n     expected {expected:?}")),
        (Step::Needs(needs), _) => Some(format!("needs {needs:?}")),
    }
}

#[test]
fn our_own_templates_render_as_in_jinja2_but_for_the_listed_differences() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("jinja2/cases.json")).unwrap();
    let judged = cases.iter().map(|case| (case.id.clone(), case.template.clone(), difference(case)));
    differences::hold(include_str!("jinja2/differences.txt"), judged);
}
