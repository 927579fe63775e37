//! Query sets against Django's own: text that Django 5.2 on PostgreSQL and Jinja2 gave over the golden data
//! (`django/generate.py` makes `django/cases.json` from `django/templates.py`; this engine has no part in it). Where this
//! crate differs, the case is listed in `django/differences.txt` with its reason; a listed case that passes, or an unlisted
//! one that does not, fails.

mod differences;
mod store;

use peerage_render::{Context, Graph, Options, ProblemKind, Session, Step, Template, Whitespace};
use serde::Deserialize;
use store::Store;

#[derive(Deserialize)]
struct Case {
    id: String,
    dataset: String,
    template: String,
    expected: Option<String>,
    #[serde(default)]
    error_kind: String,
    #[serde(default)]
    message: String,
}

/// None: as Django.
fn difference(case: &Case, store: &Store) -> Option<String> {
    let template = Template::new(case.template.as_str(), Whitespace::default());
    let mut session =
        Session::new(&template, Options::default(), Context::Export { of: case.dataset.clone(), rows: None });
    match (store.drive(&mut session, &mut Graph::new()), &case.expected) {
        (Step::Done(output), Some(expected)) if output.text == *expected => None,
        (Step::Done(output), Some(expected)) => Some(format!("gives    {:?}\n     expected {expected:?}", output.text)),
        (Step::Done(output), None) => {
            Some(format!("gives {:?} instead of a {} error: {}", output.text, case.error_kind, case.message))
        }
        (Step::Failed(problem), None) => {
            let kind = if case.error_kind == "syntax" { ProblemKind::Syntax } else { ProblemKind::Runtime };
            (problem.kind != kind).then(|| format!("fails with {problem:?}\n     expected {kind:?}: {}", case.message))
        }
        (Step::Failed(problem), Some(expected)) => Some(format!("fails with {problem:?}\n     expected {expected:?}")),
        (Step::Needs(needs), _) => Some(format!("needs {needs:?}")),
    }
}

#[test]
fn query_sets_answer_as_djangos_do_but_for_the_listed_differences() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("django/cases.json")).unwrap();
    let store = Store::read(include_str!("golden/data.json"));
    let judged = cases.iter().map(|case| (case.id.clone(), case.template.clone(), difference(case, &store)));
    differences::hold(include_str!("django/differences.txt"), judged);
}
