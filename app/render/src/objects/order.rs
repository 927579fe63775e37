//! What the rows of a query are ordered by. As in PostgreSQL what is missing counts as the greatest; a reference is ordered
//! as its own type is.

use super::{
    lookup::{Extract, extracted},
    path::{Line, Path},
};
use crate::{pass::Pass, python::operators::merge_sort};
use minijinja::Error;
use peerage_model::{Kind, ObjectType, Record, Value as Stored, order::compare};
use std::{cmp::Ordering, collections::HashMap, convert::Infallible};

/// One name of `order_by`.
#[derive(Clone, Debug)]
pub struct By {
    pub path: Path,
    extract: Extract,
    descending: bool,
}

impl By {
    /// # Errors
    /// There is no such field.
    pub fn parse(of: &'static ObjectType, text: &str) -> Result<Self, Error> {
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (text.strip_prefix('+').unwrap_or(text), false),
        };
        let path = Path::parse(of, name)?;
        let extract = match (path.rest.as_slice(), path.field().map(|field| field.kind)) {
            ([], _) => Extract::Whole,
            (keys, Some(Kind::Json { .. })) => Extract::Keys(keys.to_vec()),
            ([first, ..], _) => {
                return Err(crate::python::fault(format!("Cannot resolve keyword '{first}' into field.")));
            }
        };
        Ok(Self { path, extract, descending })
    }
}

/// What rows are compared by: values, and whether each is descending.
pub type Keys = Vec<(Stored, bool)>;

/// Keys of objects that many rows refer to, by the reference's address, id and direction.
type Memo = HashMap<(usize, i64, bool), Keys>;

/// Puts rows in order; what is equal by its id.
pub fn sort(lines: &[Line], of: &'static ObjectType, by: &[By], own: &[&str], pass: &Pass) -> Vec<Line> {
    let made = || (places(lines, by, own, pass), !pass.lacks());
    let places = match by {
        // what the rows' joins met is looked at by `by` alone
        [] => pass.graph.order(of, lines.iter().map(|line| line.record.id).collect(), made),
        _ => made().0.into(),
    };
    places.iter().filter_map(|at| lines.get(*at as usize).cloned()).collect()
}

fn places(lines: &[Line], by: &[By], own: &[&str], pass: &Pass) -> Vec<u32> {
    let mut memo = Memo::new();
    let keyed: Vec<Keys> = lines
        .iter()
        .map(|line| {
            let mut keys = keys(line, by, own, pass, &mut memo);
            keys.push((Stored::Int(line.record.id), false));
            keys
        })
        .collect();
    let mut places: Vec<u32> = (0..).take(lines.len()).collect();
    // parts of JSON may be of kinds that have no order
    let sorted: Result<(), Infallible> = merge_sort(&mut places, &mut |a, b| {
        let pairs = keyed[*a as usize].iter().zip(&keyed[*b as usize]);
        let mut pairs = pairs.map(|((a, down), (b, _))| if *down { compare(b, a) } else { compare(a, b) });
        Ok(pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal))
    });
    let Ok(()) = sorted;
    places
}

/// What one row is ordered by: `by`, or else the fields that its type is ordered by on its own.
pub fn keys_of(line: &Line, by: &[By], own: &[&str], pass: &Pass) -> Keys {
    keys(line, by, own, pass, &mut Memo::new())
}

fn keys(line: &Line, by: &[By], own: &[&str], pass: &Pass, memo: &mut Memo) -> Keys {
    let mut keys = Keys::new();
    for by in by {
        let end = line.end(&by.path, pass).flatten();
        let reference = by.path.field().filter(|field| matches!(field.kind, Kind::Reference { .. }) && !by.path.raw);
        match (end, reference) {
            (Some((record, _)), Some(field)) => {
                own_keys(pass, &record, field.name, by.descending, 0, &mut keys, memo);
            }
            (Some((_, value)), _) => keys.push((extracted(&by.extract, &value), by.descending)),
            (None, Some(field)) => absent_keys(field.kind, by.descending, 0, &mut keys),
            (None, None) => keys.push((Stored::Null, by.descending)),
        }
    }
    if by.is_empty() {
        for path in own {
            let (path, descending) = path.strip_prefix('-').map_or((*path, false), |path| (path, true));
            own_keys(pass, &line.record, path, descending, 0, &mut keys, memo);
        }
    }
    keys
}

/// Keys of a field by which a type is ordered.
fn own_keys(
    pass: &Pass,
    record: &Record,
    name: &str,
    descending: bool,
    depth: usize,
    keys: &mut Keys,
    memo: &mut Memo,
) {
    let Some(index) = record.of.index_of(name) else {
        if matches!(name, "id" | "pk") {
            keys.push((Stored::Int(record.id), descending));
        }
        return;
    };
    let (field, stored) = (&record.of.fields[index], record.at(index));
    let Kind::Reference { to, .. } = field.kind else {
        keys.push((stored.clone(), descending));
        return;
    };
    if depth > 4 || to.order.is_empty() {
        keys.push((stored.clone(), descending));
        return;
    }
    let place = (std::ptr::from_ref(field).addr(), stored.as_int().unwrap_or_default(), descending);
    if let Some(known) = memo.get(&place) {
        keys.extend(known.iter().cloned());
        return;
    }
    let next = stored.as_int().and_then(|id| pass.follow(record.of, field, id)).flatten();
    let start = keys.len();
    match &next {
        Some(next) => {
            for path in to.order {
                let (path, down) = path.strip_prefix('-').map_or((*path, false), |path| (path, true));
                own_keys(pass, next, path, descending != down, depth + 1, keys, memo);
            }
        }
        None => absent_keys(field.kind, descending, depth, keys),
    }
    memo.insert(place, keys[start..].to_vec());
}

/// As many nulls as the object of a reference would have given keys.
fn absent_keys(kind: Kind, descending: bool, depth: usize, keys: &mut Keys) {
    let Kind::Reference { to, .. } = kind else {
        keys.push((Stored::Null, descending));
        return;
    };
    if depth > 4 || to.order.is_empty() {
        keys.push((Stored::Null, descending));
        return;
    }
    for path in to.order {
        let (path, down) = path.strip_prefix('-').map_or((*path, false), |path| (path, true));
        if let Some(field) = to.field(path) {
            absent_keys(field.kind, descending != down, depth + 1, keys);
        }
    }
}
