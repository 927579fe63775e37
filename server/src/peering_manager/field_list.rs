//! Our descriptions held against Peering Manager's field list. Each difference is a line of `field-differences.txt` with its
//! reason: `+ type field: why` for a field that is only ours, `- type field: why` for one that is only there. `*` as the type
//! stands for all of them.

use super::{import::LEFT_OUT, shapes};
use peerage_model::registry;
use std::collections::{BTreeMap, BTreeSet};

/// `+` or `-`, the type, the field.
type Difference = (char, String, String);

fn listed() -> BTreeMap<Difference, String> {
    let lines = include_str!("field-differences.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut listed = BTreeMap::new();
    for line in lines {
        let (what, why) = line.split_once(": ").unwrap_or_else(|| panic!("no reason: {line}"));
        let [sign, of, field]: [&str; 3] = what.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let sign = sign.chars().next().unwrap();
        assert!(of == "*" || registry::get(of).is_ok(), "{line}");
        assert!(listed.insert((sign, of.to_owned(), field.to_owned()), why.to_owned()).is_none(), "twice: {line}");
    }
    listed
}

#[test]
fn fields_are_peering_managers_but_for_the_listed_differences() {
    let listed = listed();
    let mut seen = BTreeSet::new();
    let mut missing = Vec::new();
    for (of, shape) in shapes::listed() {
        let key = of.key();
        let theirs: BTreeSet<&str> = shape.fields.iter().map(|field| field.name).filter(|name| *name != "id").collect();
        let ours: BTreeSet<&str> =
            of.fields.iter().filter(|field| !field.is_internal()).map(|field| field.name).collect();
        for field in of.fields.iter().filter(|field| field.is_observed() && !field.is_internal()) {
            assert_eq!(field.is_own(), !theirs.contains(field.name), "{key} {}", field.name);
        }
        let more = ours.difference(&theirs).map(|name| ('+', *name));
        let less = theirs.difference(&ours).map(|name| ('-', *name));
        for (sign, name) in more.chain(less) {
            let row = |of: &str| (sign, of.to_owned(), name.to_owned());
            match [row(&key), row("*")].into_iter().find(|row| listed.contains_key(row)) {
                Some(row) => {
                    seen.insert(row);
                }
                None => missing.push(format!("{sign} {key} {name}: ")),
            }
        }
    }
    assert!(missing.is_empty(), "differences without a reason:\n{}", missing.join("\n"));
    let stale: Vec<&Difference> = listed.keys().filter(|row| !seen.contains(*row)).collect();
    assert!(stale.is_empty(), "reasons without a difference: {stale:?}");
}

#[test]
fn every_list_of_its_api_has_a_type_here() {
    for shape in shapes::all_listed() {
        assert!(shapes::type_of(shape).is_some(), "{}", shape.endpoint);
    }
    for (key, _) in LEFT_OUT {
        assert!(shapes::listed().iter().any(|(of, _)| of.key() == *key), "{key} is not listed");
    }
}
