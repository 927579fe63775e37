//! The reviewed list of everything that acts as the system itself, and so is asked for no permission: a new line here is
//! to be seen in review. Tests and benches are not looked at.

use std::path::Path;

/// File and line, as they stand.
const SYSTEM: &[(&str, &str)] = &[
    // whoever can run commands beside the key
    ("src/commands/mod.rs", "Who::system(\"command line\")"),
    ("src/demo/mod.rs", "Who::system(\"demonstration\")"),
    // speaks to routers for whoever may start such a job: credentials are nobody's to see, and what routers say is nobody's edit
    ("src/devices/mod.rs", "Who::system(\"devices\")"),
    // the queue of jobs; who may put one there, cancel it or try it again is asked by the kind of job
    ("src/jobs/queue.rs", "Who::system(ACTOR)"),
    ("src/peering_manager/import.rs", "let who = Who::system(WHO);"),
    // before anybody is signed in: looking up names, tokens and cookies
    ("src/services/accounts.rs", "Who::system(WHO)"),
    // whether a request changed more than somebody sees of it
    ("src/services/changes.rs", "let everything = Who::system(\"undo\").permit::<View>(&CHANGE)?;"),
    // rows that are kept in memory for everybody; who may see them is asked at every question
    ("src/services/peers/kept.rs", "Who::system(\"peers\")"),
    // people's own rows, which no permission is about
    ("src/services/preferences.rs", "Who::system(\"preferences\")"),
    // forgets old changes, which nobody else may
    ("src/services/retention.rs", "let who = Who::system(ACTOR);"),
    // whether something fits what is around it
    ("src/services/surroundings.rs", "let who = Who::system(\"rules\");"),
    // people's own rows, which no permission is about
    ("src/services/views.rs", "Who::system(\"saved views\")"),
    // what webhooks are told, and how that went
    ("src/webhooks/mod.rs", "Who::system(\"webhooks\")"),
    // what limits somebody's permission may lead through what they do not see
    ("store/src/condition.rs", "let everybody = Who::system(\"permissions\");"),
    // the cache of PeeringDB, and what follows it
    ("sync/src/peeringdb/run.rs", "let who = Who::system(ACTOR);"),
    ("sync/src/peeringdb/status.rs", "let who = Who::system(ACTOR);"),
    ("sync/src/peeringdb/status.rs", "let who = Who::system(ACTOR);"),
    ("sync/src/peeringdb/status.rs", "let who = Who::system(ACTOR);"),
];

/// Where product code is, from this crate.
const ROOMS: [&str; 5] = ["src", "store/src", "sync/src", "../app/src", "../app/render/src"];

fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if !path.ends_with("tests") {
                walk(&path, found);
            }
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let product = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
        let lines =
            product.lines().map(str::trim).filter(|line| line.contains("Who::system(") && !line.starts_with("//"));
        found.extend(lines.map(|line| (path.display().to_string(), line.to_owned())));
    }
}

#[test]
fn who_acts_as_the_system_is_known() {
    let mut found = Vec::new();
    for room in ROOMS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(room);
        let mut here = Vec::new();
        walk(&folder, &mut here);
        let prefix = format!("{}/", Path::new(env!("CARGO_MANIFEST_DIR")).display());
        found.extend(here.into_iter().map(|(path, line)| (path.replacen(&prefix, "", 1), line)));
    }
    let known: Vec<(String, String)> = SYSTEM.iter().map(|(file, line)| ((*file).into(), (*line).into())).collect();
    assert_eq!(found, known);
}
