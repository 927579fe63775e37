//! What is here already when somebody moves over: which object a row that comes stands for, if it is here at all.

use super::reading::Row;
use crate::services::beginning;
use peerage_model::{Kind, ObjectType, Record, Value};
use std::collections::{HashMap, HashSet};

/// What is here of a type, in the ways in which it is looked up.
pub(super) struct Here {
    pub by_id: HashMap<i64, Record>,
    /// Combinations that no two rows share, with the row that has them.
    taken: HashMap<(usize, String), i64>,
}

/// The fields of each combination that no two rows of a type share; those of one field come first.
pub(super) fn uniques(of: &'static ObjectType) -> Vec<Vec<usize>> {
    let single = (0..of.fields.len()).filter(|at| of.fields[*at].is_unique()).map(|at| vec![at]);
    let several = of.unique.iter().map(|unique| unique.fields.iter().filter_map(|name| of.index_of(name)).collect());
    single.chain(several).collect()
}

/// A record's combination as one text; none where a part of it is null, which is never taken.
fn combination(record: &Record, fields: &[usize]) -> Option<String> {
    let values = fields.iter().map(|at| record.at(*at));
    let mut text = String::new();
    for value in values {
        if value.is_null() {
            return None;
        }
        text.push_str(&format!("{value:?}\u{0}"));
    }
    Some(text)
}

impl Here {
    pub fn new(of: &'static ObjectType, records: Vec<Record>) -> Self {
        let mut here = Self { by_id: HashMap::new(), taken: HashMap::new() };
        let uniques = uniques(of);
        for record in records {
            here.add(&uniques, record);
        }
        here
    }

    pub fn add(&mut self, uniques: &[Vec<usize>], record: Record) {
        for (at, fields) in uniques.iter().enumerate() {
            if let Some(text) = combination(&record, fields) {
                self.taken.insert((at, text), record.id);
            }
        }
        self.by_id.insert(record.id, record);
    }

    /// The row that is called as this record is, by one field that no two rows share.
    pub fn called(&self, uniques: &[Vec<usize>], record: &Record) -> Option<i64> {
        let single = uniques.iter().enumerate().filter(|(_, fields)| fields.len() == 1);
        single.filter_map(|(at, fields)| self.taken.get(&(at, combination(record, fields)?)).copied()).next()
    }

    /// The row that has a combination of this record, other than itself.
    pub fn rival(&self, uniques: &[Vec<usize>], record: &Record) -> Option<(usize, &Record)> {
        uniques.iter().enumerate().find_map(|(at, fields)| {
            let id = self.taken.get(&(at, combination(record, fields)?))?;
            (*id != record.id).then(|| self.by_id.get(id)).flatten().map(|rival| (at, rival))
        })
    }
}

/// What earlier imports made of people and groups, by the change log: what was renamed since, there or here, is the same still,
/// and whoever was deleted does not come back with their old password.
#[derive(Default)]
pub(super) struct Earlier {
    /// The change records of what they made.
    made: Vec<Record>,
    /// What was here before this import.
    here: HashSet<i64>,
    /// Of that: what a row is called as.
    called: HashSet<i64>,
    /// People by the moment when they joined, where it tells them apart here and there.
    joined: HashMap<i64, i64>,
}

/// What became of what an earlier import brought.
pub(super) enum Became {
    Here(i64),
    Deleted,
    /// No import brought it, or that import was undone as a whole.
    Unknown,
}

impl Earlier {
    pub fn new(here: &Here, uniques: &[Vec<usize>], rows: &[Row], made: Vec<Record>) -> Self {
        let mut there: HashMap<i64, usize> = HashMap::new();
        for moment in rows.iter().filter_map(|row| joined(&row.record)) {
            *there.entry(moment).or_default() += 1;
        }
        let mut by_moment: HashMap<i64, Vec<i64>> = HashMap::new();
        for known in here.by_id.values() {
            if let Some(moment) = joined(known).filter(|moment| there.get(moment) == Some(&1)) {
                by_moment.entry(moment).or_default().push(known.id);
            }
        }
        Self {
            made,
            here: here.by_id.keys().copied().collect(),
            called: rows.iter().filter_map(|row| here.called(uniques, &row.record)).collect(),
            joined: by_moment
                .into_iter()
                .filter_map(|(moment, ids)| Some((moment, <[i64; 1]>::try_from(ids).ok()?[0])))
                .collect(),
        }
    }

    pub fn made(&self, id: i64) -> bool {
        self.made.iter().any(|change| number(change) == id)
    }

    fn is_free(&self, id: i64) -> bool {
        self.here.contains(&id) && !self.called.contains(&id)
    }

    /// What an earlier import made of a row that nothing is called as: known by the moment when they joined there, else by the
    /// name that it came with.
    pub fn made_of(&self, here: &Here, row: &Row) -> Became {
        let moment = joined(&row.record);
        if let Some(id) = moment.and_then(|moment| self.joined.get(&moment)).filter(|id| self.is_free(**id)) {
            return Became::Here(*id);
        }
        let stands = |request: &str| {
            self.made.iter().any(|change| change.text("request_id") == request && self.here.contains(&number(change)))
        };
        let mut became = Became::Unknown;
        for change in self.made.iter().filter(|change| came_so(change, &row.record)) {
            let id = number(change);
            if !self.here.contains(&id) {
                if stands(change.text("request_id")) {
                    became = Became::Deleted;
                }
            } else if self.is_free(id) && (moment.is_none() || here.by_id.get(&id).and_then(joined).is_none()) {
                return Became::Here(id);
            }
        }
        became
    }
}

/// Which object a change record is about.
fn number(change: &Record) -> i64 {
    change.int("changed_object_id").unwrap_or_default()
}

/// When somebody joined, if it is known.
fn joined(record: &Record) -> Option<i64> {
    let index = record.of.index_of("date_joined")?;
    if let Value::Time(moment) = record.at(index) { Some(*moment) } else { None }
}

/// Whether a change record is of something that had a name of this record's.
fn came_so(change: &Record, record: &Record) -> bool {
    let Value::Json(after) = change.get("postchange_data") else { return false };
    let mut names = record.iter().filter(|(field, _)| field.is_unique() && !field.is_internal());
    names.any(|(field, value)| after.get(field.name) == Some(&field.kind.to_json(value)))
}

/// Whether what is here is the object that the row stands for, and not another one with its number: made at the same moment,
/// or with a name of its own in common; what every installation begins with was made at another moment in each.
pub(super) fn is_same(known: &Record, row: &Row) -> bool {
    let of = known.of;
    let given = |name: &str| of.index_of(name).is_some_and(|at| row.given.contains(&at));
    if given("created") && !known.get("created").is_null() && !beginning::is_shared(known) {
        return known.get("created") == row.record.get("created");
    }
    let names = of.fields.iter().enumerate().filter(|(_, field)| field.is_unique());
    let mut names =
        names.filter(|(at, field)| row.given.contains(at) && !matches!(field.kind, Kind::Secret { .. })).peekable();
    names.peek().is_none() || names.any(|(at, _)| known.at(at) == row.record.at(at))
}

/// The row of the same name, for what comes without a number.
pub(super) fn same_name(here: &Here, record: &Record) -> Option<i64> {
    record.of.field("name")?;
    here.by_id.values().find(|known| known.get("name") == record.get("name")).map(|known| known.id)
}
