//! Golden renderings of a populated instance: data set S, the torture templates, and the bytes that the original gave. The
//! graph starts empty and is filled through the needs loop, as a server would. What cannot pass yet is listed in
//! `golden-differences.txt` with its reason; a listed case that passes, or an unlisted one that does not, fails.

mod differences;
mod store;

use peerage_render::{Context, Graph, Options, ProblemKind, Session, Step, Template, Whitespace};
use serde::Deserialize;
use store::Store;

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    context: serde_json::Value,
    template: String,
    trim: bool,
    lstrip: bool,
    error: Option<Fault>,
    expected: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    kind: String,
    text: String,
    line: Option<usize>,
}

fn context(case: &Case, store: &Store) -> Option<Context> {
    let text = |key: &str| case.context[key].as_str();
    Some(match case.kind.as_str() {
        "configuration" => Context::Router { id: store.find("devices.router", "hostname", text("router")?)? },
        "export" => Context::Export { of: text("dataset")?.to_owned(), rows: None },
        _ => Context::Email {
            autonomous_system: store.find(
                "peering.autonomoussystem",
                "asn",
                &case.context["autonomous_system"].to_string(),
            )?,
        },
    })
}

fn difference(case: &Case, store: &Store) -> Option<String> {
    let Some(context) = context(case, store) else { return Some("its object is not in the data".to_owned()) };
    let whitespace = Whitespace { trim: case.trim, lstrip: case.lstrip };
    let mut session = Session::new(&Template::new(case.template.as_str(), whitespace), Options::default(), context);
    let step = store.drive(&mut session, &mut Graph::new());
    match (step, &case.expected, &case.error) {
        (Step::Done(output), Some(expected), None) if output.text == *expected => {
            // the one case that asks for a field that there is not
            let doubted = !output.warnings.is_empty() && case.id != "f-iterate";
            doubted.then(|| format!("warns of {:?}", output.warnings))
        }
        (Step::Done(output), expected, error) => Some(format!(
            "gives    {:?}\n     expected {expected:?} {:?}",
            output.text,
            error.as_ref().map(|e| &e.text)
        )),
        (Step::Failed(problem), None, Some(fault)) => {
            let kind = if fault.kind == "syntax" { ProblemKind::Syntax } else { ProblemKind::Runtime };
            let fits = problem.kind == kind && (fault.line.is_none() || problem.line == fault.line);
            (!fits).then(|| format!("fails with {problem:?}\n     expected {} at {:?}", fault.text, fault.line))
        }
        (step, expected, _) => Some(format!("{step:?}\n     expected {expected:?}")),
    }
}

#[test]
fn golden_templates_render_as_in_the_original_but_for_the_listed_differences() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("golden/cases.json")).unwrap();
    let store = Store::read(include_str!("golden/data.json"));
    let judged = cases.iter().map(|case| (case.id.clone(), case.template.clone(), difference(case, &store)));
    differences::hold(include_str!("golden-differences.txt"), judged);
}
