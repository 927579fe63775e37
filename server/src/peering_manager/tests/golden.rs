//! Templates rendered from data that were imported: the bytes are those that Peering Manager gave. What differs is listed in
//! `golden-differences.txt` with its reason; a listed case that is the same, or an unlisted one that is not, fails.

use super::{data, folder};
use crate::peering_manager::{export, import::import};
use peerage_model::{
    Need, Record,
    types::{AUTONOMOUS_SYSTEM, ROUTER},
};
use peerage_render::{Context, Graph, Options, ProblemKind, Session, Step, Template, Whitespace};
use peerage_store::Store;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    size: String,
    context: Json,
    template: String,
    trim: bool,
    lstrip: bool,
    error: Option<Json>,
    output: Option<String>,
}

/// What is wrong with a case.
fn difference(case: &Case, records: &[Record], graph: &Graph) -> Option<String> {
    let found = |of, field: &str, value: &Json| {
        let same = |record: &&Record| {
            std::ptr::eq(record.of, of)
                && record.of.field(field).is_some_and(|f| f.kind.to_json(record.get(field)) == *value)
        };
        records.iter().find(same).map(|record| record.id)
    };
    let context = match case.kind.as_str() {
        "configuration" => Context::Router { id: found(&ROUTER, "hostname", &case.context["router"])? },
        "export" => Context::Export { of: case.context["dataset"].as_str()?.to_owned(), rows: None },
        _ => {
            Context::Email { autonomous_system: found(&AUTONOMOUS_SYSTEM, "asn", &case.context["autonomous_system"])? }
        }
    };
    let source = std::fs::read_to_string(folder().join("..").join(&case.template)).unwrap();
    let template = Template::new(source, Whitespace { trim: case.trim, lstrip: case.lstrip });
    let step = Session::new(&template, Options::default(), context).step(graph);
    let expected = case.output.as_ref().map(|path| std::fs::read_to_string(folder().join("..").join(path)).unwrap());
    match (step, &case.error, expected) {
        (Step::Done(output), None, Some(expected)) if output.text == expected => None,
        (Step::Done(output), None, Some(expected)) => {
            let line = output.text.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
            Some(format!("{} bytes, expected {}: {line:?}", output.text.len(), expected.len()))
        }
        (Step::Failed(problem), Some(error), _) => {
            let kind = if error["kind"] == "syntax" { ProblemKind::Syntax } else { ProblemKind::Runtime };
            (problem.kind != kind).then(|| format!("{problem:?}, expected {error}"))
        }
        (step, error, _) => Some(format!("{step:?}, expected {error:?}").chars().take(300).collect()),
    }
}

/// Renders all cases of a size.
pub(super) async fn renders_as_recorded(store: &Store, size: &str) {
    let Some(lists) = data(size) else { return };
    let manifest = std::fs::read_to_string(folder().join("../manifest.json")).unwrap();
    let manifest: Manifest = serde_json::from_str(&manifest).unwrap();
    import(store, &lists, false).await.unwrap();
    let records = export::everything(store, &super::owner()).await.unwrap();
    let mut graph = Graph::new();
    graph.add(records.iter().cloned());
    let all: Vec<Need> = peerage_model::registry::TYPES.iter().map(|of| Need::All { of: of.key() }).collect();
    graph.answer(&all, &[]).unwrap();
    let listed: BTreeSet<&str> = include_str!("golden-differences.txt")
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(id, _)| id)
        .collect();
    let cases = manifest.cases.iter().filter(|case| case.size == size);
    let mut wrong = Vec::new();
    for case in cases {
        match (difference(case, &records, &graph), listed.contains(case.id.as_str())) {
            (Some(why), false) => wrong.push(format!("{}: {why}", case.id)),
            (None, true) => wrong.push(format!("{}: is listed, and is the same", case.id)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
