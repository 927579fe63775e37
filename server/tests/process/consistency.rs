//! What must hold of the rows, whatever happened to the process: seen behind its back.

use crate::running::Installation;
use std::collections::{BTreeMap, BTreeSet};

/// What the scripts know to be there: by slug, the name that was acknowledged last, none once deleted; and what was asked
/// for and never answered, so that it may have happened or not.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub told: BTreeMap<String, Option<String>>,
    pub unanswered: BTreeMap<String, Option<String>>,
}

impl Known {
    pub fn extend(&mut self, other: Self) {
        self.told.extend(other.told);
        self.unanswered.extend(other.unanswered);
    }
}

fn split(text: &str) -> (i64, &str) {
    let (id, rest) = text.split_once(' ').unwrap();
    (id.parse().unwrap(), rest)
}

fn by_object(installation: &Installation, query: &str) -> BTreeMap<i64, Vec<String>> {
    let mut all: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for text in installation.texts(query) {
        let (id, rest) = split(&text);
        all.entry(id).or_default().push(rest.to_owned());
    }
    all
}

/// Every acknowledged write is there and nothing that nobody asked for; every row has the change records and events that led
/// to it, and every record and event its row.
pub fn holds(installation: &Installation, known: &Known) {
    let rows = "SELECT CAST(id AS TEXT) || ' ' || CAST(version AS TEXT) || ' ' || slug || ' ' || name FROM extras_tag";
    let mut slugs = BTreeMap::new();
    let mut versions = BTreeMap::new();
    for text in installation.texts(rows) {
        let (id, rest) = split(&text);
        let (version, rest) = split(rest);
        let (slug, name) = rest.split_once(' ').unwrap();
        slugs.insert(slug.to_owned(), name.to_owned());
        versions.insert(id, version);
    }
    for (slug, told) in &known.told {
        let there = slugs.get(slug);
        let is_so = there == told.as_ref() || known.unanswered.get(slug).is_some_and(|asked| there == asked.as_ref());
        assert!(is_so, "{slug} was acknowledged as {told:?} and is {there:?}");
    }
    for slug in slugs.keys() {
        assert!(known.told.contains_key(slug) || known.unanswered.contains_key(slug), "nobody asked for {slug}");
    }
    let changes = by_object(
        installation,
        "SELECT CAST(changed_object_id AS TEXT) || ' ' || action FROM core_objectchange
         WHERE changed_object_type = 'extras.tag' ORDER BY id",
    );
    let events = by_object(
        installation,
        "SELECT CAST(object_id AS TEXT) || ' ' || action FROM core_event WHERE object_type = 'extras.tag' ORDER BY id",
    );
    assert_eq!(changes, events, "change records and events differ");
    let objects: BTreeSet<&i64> = changes.keys().chain(versions.keys()).collect();
    for id in objects {
        let actions = changes.get(id).map_or(&[][..], Vec::as_slice);
        let deleted = actions.last().is_some_and(|action| action == "delete");
        let written = actions.len() as i64 - i64::from(deleted);
        assert_eq!(actions.first().map(String::as_str), Some("create"), "{id}: {actions:?}");
        match versions.get(id) {
            Some(version) => assert!(!deleted && *version == written, "{id}: version {version} after {actions:?}"),
            None => assert!(deleted, "{id} is gone after {actions:?}"),
        }
    }
}
