//! Taking over what Peering Manager has: in one transaction, with the numbers that objects have there. It can be done again:
//! what is here already stays, and what was changed there since is brought up to date, unless somebody changed it here as
//! well. What is here otherwise is reported and left alone.
//!
//! Types are decided one after the other, what is referred to first, so that of every reference it is known what became of the
//! object that it leads to.

use super::{
    Lists,
    known::{Became, Earlier, Here, is_same, same_name, uniques},
    reading::{self, Row},
    report::{Fate, Line, Report, Tally},
    shapes,
};
use crate::{jobs::now, keys, services::beginning};
use peerage_model::{
    Field, ListQuery, ObjectType, Origin, Problem, Record, Value, Who, check,
    label::label,
    permit::{Add, Change, Delete, View},
    registry,
    types::{CHANGE, TOKEN},
};
use peerage_store::{Action, Store, Write};
use std::collections::{HashMap, HashSet};

/// What change records say who it was, and by which an import knows what no one has touched since.
const WHO: &str = "import from Peering Manager";

/// Types that its API lists and that are not taken over, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("core.job", "jobs are a record of what was done there"),
    ("core.objectchange", "its change log tells of changes made there; ours begins with the import"),
    (DATA_FILES, "its API shows no content of files; synchronise the data source"),
    ("peeringdb.synchronisation", "a record of what was done there"),
];

/// Files of data sources: they come over from its database, which has their content.
const DATA_FILES: &str = "core.datafile";

/// API tokens, which its API does not list.
pub const TOKENS: &str = "users/tokens";

/// What is to be taken over.
#[derive(Debug, Default)]
pub struct Source {
    pub lists: Lists,
    /// With what its API does not show: they come from its database.
    pub whole: bool,
    /// What the person should know of it.
    pub remarks: Vec<String>,
}

impl From<Lists> for Source {
    fn from(lists: Lists) -> Self {
        Self { lists, ..Self::default() }
    }
}

/// Takes lists of its API over; see [`take_over`].
///
/// # Errors
/// As for [`take_over`].
#[cfg(test)]
pub async fn import(store: &Store, lists: &Lists, trial: bool) -> Result<Report, Problem> {
    take_over(store, &lists.clone().into(), trial).await
}

/// Takes it over. With `trial` everything is done and nothing kept.
///
/// # Errors
/// The database fails, and nothing was taken over.
pub async fn take_over(store: &Store, source: &Source, trial: bool) -> Result<Report, Problem> {
    let who = Who::system(WHO);
    let lists = &source.lists;
    let mut report = Report { remarks: source.remarks.clone(), ..Report::default() };
    note_what_is_left_out(lists, source.whole, &mut report);
    let mut write = store.begin(&who, &keys::request_id()).await?;
    write.keep_times();
    let whole = source.whole;
    let mut importing = Importing { store, who, write, whole, at: now(), numbers: Numbers::default(), report };
    let listed = shapes::listed().into_iter().map(|(of, shape)| (of, shape.endpoint));
    for (of, endpoint) in listed.chain(whole.then_some((&TOKEN, TOKENS))) {
        match lists.get(endpoint) {
            Some(rows) if !rows.is_empty() && is_taken(of, whole) => importing.take(of, rows).await?,
            _ => {}
        }
    }
    let Importing { write, report, .. } = importing;
    if !trial {
        write.commit().await?;
    }
    Ok(report)
}

/// Whether objects of a type are taken over; `whole`: from its database.
pub fn is_taken(of: &ObjectType, whole: bool) -> bool {
    why_not(of, whole).is_none()
}

/// Why objects of a type are not taken over.
pub fn why_not(of: &ObjectType, whole: bool) -> Option<&'static str> {
    let (_, why) = LEFT_OUT.iter().find(|(key, _)| registry::is_named(of, key))?;
    (!(whole && registry::is_named(of, DATA_FILES))).then_some(*why)
}

fn note_what_is_left_out(lists: &Lists, whole: bool, report: &mut Report) {
    let rows = |endpoint: &str| lists.get(endpoint).map_or(0, Vec::len);
    for shape in shapes::all_listed() {
        let why = shapes::type_of(shape).and_then(|of| why_not(of, whole));
        if let Some(why) = why.filter(|_| rows(shape.endpoint) > 0) {
            report.remarks.push(format!("{}: {} rows left out: {why}.", shape.endpoint, rows(shape.endpoint)));
        }
    }
    let known =
        |endpoint: &str| whole && endpoint == TOKENS || shapes::all_listed().any(|shape| shape.endpoint == endpoint);
    for endpoint in lists.keys().filter(|endpoint| !known(endpoint)) {
        report.remarks.push(format!("{endpoint}: {} rows left out: not known here.", rows(endpoint)));
    }
    if whole {
        return;
    }
    if rows("users/users") > 0 {
        report.remarks.push(
            "users/users: the API tells neither passwords nor who is an administrator. Set passwords before they sign in, \
             and say who may administer."
                .to_owned(),
        );
    }
    if rows("users/groups") > 0 {
        report.remarks.push("users/groups: the API does not tell what groups may do. Grant it to them.".to_owned());
    }
    if rows("peering/internet-exchange-peering-sessions") + rows("peering/direct-peering-sessions") > 0 {
        report.remarks.push("sessions and routers: the API does not show their descriptions.".to_owned());
    }
}

/// What became of numbers there, by type: the number here, or none.
#[derive(Default)]
struct Numbers(HashMap<(usize, i64), Option<i64>>);

impl Numbers {
    fn note(&mut self, of: &'static ObjectType, there: i64, here: Option<i64>) {
        self.0.insert((std::ptr::from_ref(of).addr(), there), here);
    }

    fn here(&self, of: &'static ObjectType, there: i64) -> Option<i64> {
        self.0.get(&(std::ptr::from_ref(of).addr(), there)).copied().flatten()
    }
}

struct Importing<'a> {
    store: &'a Store,
    who: Who,
    write: Write,
    whole: bool,
    at: i64,
    numbers: Numbers,
    report: Report,
}

impl Importing<'_> {
    fn line(&mut self, record: &Record, fate: Fate, why: String) {
        let name = label(record, &());
        self.report.lines.push(Line { of: record.of, id: record.id, name, fate, why });
    }

    async fn take(
        &mut self,
        of: &'static ObjectType,
        rows: &[serde_json::Map<String, serde_json::Value>],
    ) -> Result<(), Problem> {
        let mut tally = Tally::new(of);
        let view = self.who.permit::<View>(of)?;
        let known = self.write.records(&view, &ListQuery { fields: all(of), ..ListQuery::all(of).unpaged() }).await?;
        let known = self.store.reveal(&view, known).await?;
        let uniques = uniques(of);
        let known = self.give_way(of, known, &uniques, rows).await?;
        let mut here = Here::new(of, known);
        let before: HashSet<i64> = here.by_id.keys().copied().collect();
        let mut new = Vec::new();
        let mut updates = Vec::new();
        let earlier = self.earlier(of, &here, &uniques, rows).await?;
        let numbers = rows.iter().filter_map(|json| json.get("id").and_then(serde_json::Value::as_i64));
        let mut highest = here.by_id.keys().copied().chain(numbers).max().unwrap_or_default();
        for json in rows {
            let row = match reading::row(of, json, self.whole) {
                Ok(row) => row,
                Err(why) => {
                    let id = json.get("id").and_then(serde_json::Value::as_i64).unwrap_or_default();
                    let mut record = Record::new(of);
                    record.id = id;
                    self.refuse(&mut tally, &record, why);
                    continue;
                }
            };
            let there = row.record.id;
            let Some(mut row) = self.translated(&mut tally, row) else { continue };
            let mut is_known = false;
            if there == 0 {
                // its API lists some things without their numbers
                row.record.id = match same_name(&here, &row.record) {
                    Some(id) => id,
                    None => {
                        highest += 1;
                        highest
                    }
                };
            } else if is_account(of) && !here.by_id.get(&there).is_some_and(|known| is_same(known, &row)) {
                // people, groups and keys are known by what they are called: their numbers stand in no template and no script
                match (here.called(&uniques, &row.record), earlier.made_of(&here, &row)) {
                    (Some(id), _) => row.record.id = id,
                    (None, Became::Here(id)) => {
                        row.record.id = id;
                        is_known = true;
                    }
                    (None, Became::Deleted) => {
                        self.numbers.note(of, there, None);
                        let why = "An earlier import brought it, and it was deleted here since.".to_owned();
                        self.conflict(&mut tally, &row.record, why);
                        continue;
                    }
                    (None, Became::Unknown) => {
                        // what came into being here keeps its number
                        if let Some(other) = here.by_id.get(&there).filter(|_| !earlier.made(there)) {
                            highest += 1;
                            row.record.id = highest;
                            let why =
                                format!("It has number {highest} here: {there} is that of {}.", label(other, &()));
                            self.line(&row.record, Fate::Altered, why);
                        }
                    }
                }
            }
            let numbered = here.by_id.get(&row.record.id).cloned();
            if let Some((at, rival)) = here.rival(&uniques, &row.record).filter(|_| numbered.is_none()) {
                let names: Vec<String> = uniques[at].iter().map(|at| of.fields[*at].label()).collect();
                let why = format!("{} {} has the same {} here.", of.name, rival.id, names.join(" and "));
                let rival = rival.id;
                // one field that no two objects share says that it is the same object
                let known = (uniques[at].len() == 1 && before.contains(&rival)).then_some(rival);
                self.numbers.note(of, there, known);
                self.conflict(&mut tally, &row.record, why);
                continue;
            }
            match numbered {
                None => {
                    if let Some(problem) =
                        check::check(&row.record, &()).despite_warnings(true).into_vec().into_iter().next()
                    {
                        self.refuse(&mut tally, &row.record, format!("{}: {}", problem.field, problem.message));
                        continue;
                    }
                    self.numbers.note(of, there, Some(row.record.id));
                    here.add(&uniques, row.record.clone());
                    new.push(row.record);
                }
                Some(_) if !before.contains(&row.record.id) => {
                    self.refuse(&mut tally, &row.record, "Its number stands in the list twice.".to_owned());
                }
                Some(known) => {
                    let merged = merged(&known, &row);
                    if differing(&merged, &known).is_empty() {
                        tally.same += 1;
                        self.numbers.note(of, there, Some(known.id));
                    } else if matches!(of.origin, Origin::PeeringDb | Origin::Note) {
                        // a copy of what others have, and ours may be newer
                        tally.same += 1;
                        self.numbers.note(of, there, Some(known.id));
                    } else if is_known || is_same(&known, &row) {
                        self.numbers.note(of, there, Some(known.id));
                        updates.push((known, merged));
                    } else {
                        // whatever refers to it leads to what has its name here
                        let same = here.called(&uniques, &row.record).filter(|id| before.contains(id));
                        self.numbers.note(of, there, same);
                        let why = format!("number {} is that of {} here.", known.id, label(&known, &()));
                        self.conflict(&mut tally, &row.record, why);
                    }
                }
            }
        }
        tally.taken = new.len();
        self.store_new(of, &new).await?;
        self.bring_up_to_date(of, updates, &here, &uniques, &mut tally).await?;
        self.report.types.push(tally);
        Ok(())
    }

    /// What this installation began with under a number of ours, and nobody has touched or uses, makes room for what comes
    /// with its name: objects keep the numbers that they have there.
    async fn give_way(
        &mut self,
        of: &'static ObjectType,
        known: Vec<Record>,
        uniques: &[Vec<usize>],
        rows: &[serde_json::Map<String, serde_json::Value>],
    ) -> Result<Vec<Record>, Problem> {
        let (began, mut known): (Vec<Record>, Vec<Record>) = known.into_iter().partition(beginning::is_only_ours);
        if began.is_empty() {
            return Ok(known);
        }
        let (began, others) = (Here::new(of, began), Here::new(of, known.clone()));
        let delete = self.who.permit::<Delete>(of)?;
        let mut gone = HashSet::new();
        let whole = self.whole;
        for row in rows.iter().filter_map(|json| reading::row(of, json, whole).ok()) {
            let Some((_, rival)) = began.rival(uniques, &row.record) else { continue };
            // only for what will be taken
            let taken = !began.by_id.contains_key(&row.record.id)
                && !others.by_id.contains_key(&row.record.id)
                && others.rival(uniques, &row.record).is_none()
                && check::check(&row.record, &()).despite_warnings(true).into_vec().is_empty();
            if taken && !gone.contains(&rival.id) && !self.write.is_used(&delete, rival.id).await? {
                self.write.delete(&delete, rival.id).await?;
                gone.insert(rival.id);
                let why = format!("It takes the place of number {}, which stood here unused.", rival.id);
                self.line(&row.record, Fate::Altered, why);
            }
        }
        known.extend(began.by_id.into_values().filter(|record| !gone.contains(&record.id)));
        Ok(known)
    }

    /// What earlier imports made of people and groups.
    async fn earlier(
        &mut self,
        of: &'static ObjectType,
        here: &Here,
        uniques: &[Vec<usize>],
        rows: &[serde_json::Map<String, serde_json::Value>],
    ) -> Result<Earlier, Problem> {
        if !is_account(of) {
            return Ok(Earlier::default());
        }
        let create = Value::text(Action::Create.word());
        let terms =
            [("user_name", Value::text(WHO)), ("action", create), ("changed_object_type", Value::text(of.key()))];
        let made = self.write.find(&self.who.permit::<View>(&CHANGE)?, &terms).await?;
        let rows: Vec<Row> = rows.iter().filter_map(|json| reading::row(of, json, self.whole).ok()).collect();
        Ok(Earlier::new(here, uniques, &rows, made))
    }

    fn refuse(&mut self, tally: &mut Tally, record: &Record, why: String) {
        tally.refused += 1;
        self.numbers.note(record.of, record.id, None);
        self.line(record, Fate::Refused, why);
    }

    fn conflict(&mut self, tally: &mut Tally, record: &Record, why: String) {
        tally.conflicts += 1;
        self.line(record, Fate::Conflict, why);
    }

    /// The row with our numbers in its references, and with the times that it lacks; none if it leads to what was not taken.
    fn translated(&mut self, tally: &mut Tally, mut row: Row) -> Option<Row> {
        let of = row.record.of;
        for (index, field) in of.fields.iter().enumerate() {
            let Some(to) = field.kind.target() else { continue };
            match row.record.at(index).clone() {
                Value::Int(id) => match self.numbers.here(to, id) {
                    Some(here) => row.record.set_at(index, Value::Int(here)),
                    None if field.is_nullable() && !field.is_required() => {
                        let why = format!("{} {id}, its {}, was not taken.", to.name, field.label());
                        self.line(&row.record, Fate::Altered, why);
                        row.record.set_at(index, Value::Null);
                    }
                    None => {
                        let why = format!("{} {id}, its {}, was not taken.", to.name, field.label());
                        self.refuse(tally, &row.record, why);
                        return None;
                    }
                },
                Value::Ids(ids) => {
                    let mut found: Vec<i64> = ids.iter().filter_map(|id| self.numbers.here(to, *id)).collect();
                    if found.len() < ids.len() {
                        let why = format!("{} of its {} were not taken.", ids.len() - found.len(), field.label());
                        self.line(&row.record, Fate::Altered, why);
                    }
                    found.sort_unstable();
                    row.record.set_at(index, Value::Ids(found.into()));
                }
                _ => {}
            }
        }
        if let (Some(attached), Some((key, id))) = (of.attached, row.record.attached_to()) {
            match registry::get(key).ok().and_then(|to| self.numbers.here(to, id)) {
                Some(here) => row.record.set(attached.id, Value::Int(here)),
                None => {
                    let why = format!("{key} {id}, which it belongs to, was not taken.");
                    self.refuse(tally, &row.record, why);
                    return None;
                }
            }
        }
        if of.origin.is_edited() {
            for name in ["created", "updated"] {
                if let Some(index) = of.index_of(name).filter(|index| row.record.at(*index).is_null()) {
                    row.record.set_at(index, Value::Time(self.at));
                    // it did not come with it
                    row.given.retain(|given| *given != index);
                }
            }
        }
        Some(row)
    }

    async fn store_new(&mut self, of: &'static ObjectType, records: &[Record]) -> Result<(), Problem> {
        if of.origin == Origin::PeeringDb {
            self.write.upsert_cached(&self.who.permit::<Change>(of)?, records).await?;
        } else {
            self.write.adopt(&self.who.permit::<Add>(of)?, records).await?;
        }
        Ok(())
    }

    /// What differs from an earlier import is written if nobody touched it here since.
    async fn bring_up_to_date(
        &mut self,
        of: &'static ObjectType,
        updates: Vec<(Record, Record)>,
        here: &Here,
        uniques: &[Vec<usize>],
        tally: &mut Tally,
    ) -> Result<(), Problem> {
        let touched = self.touched(of, &updates).await?;
        let permit = self.who.permit::<Change>(of)?;
        for (known, merged) in updates {
            let fields: Vec<String> = differing(&merged, &known).into_iter().map(|field| field.label()).collect();
            let why = if touched.contains(&known.id) {
                Some(format!("It was changed here, and differs in {}.", fields.join(", ")))
            } else if let Some((_, rival)) = here.rival(uniques, &merged) {
                Some(format!("{} {} stands in the way of its {}.", of.name, rival.id, fields.join(", ")))
            } else {
                check::check(&merged, &())
                    .despite_warnings(true)
                    .into_vec()
                    .into_iter()
                    .next()
                    .map(|problem| problem.message)
            };
            if let Some(why) = why {
                self.conflict(tally, &merged, why);
                continue;
            }
            self.write.update(&permit, known.version, merged).await?;
            tally.updated += 1;
        }
        Ok(())
    }

    /// Which of some objects were changed last by somebody else than an import.
    async fn touched(
        &mut self,
        of: &'static ObjectType,
        updates: &[(Record, Record)],
    ) -> Result<HashSet<i64>, Problem> {
        if updates.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<i64> = updates.iter().map(|(known, _)| known.id).collect();
        let mut last: HashMap<i64, Record> = HashMap::new();
        for change in self.changes_of(of, &ids).await? {
            if let Some(id) = change.int("changed_object_id") {
                last.insert(id, change);
            }
        }
        let by_import = |id: i64| {
            last.get(&id).is_some_and(|change| change.text("user_name") == WHO || beginning::is_beginning(change))
        };
        Ok(updates.iter().map(|(known, _)| known.id).filter(|id| !by_import(*id)).collect())
    }

    /// The change log of some objects, oldest first.
    async fn changes_of(&mut self, of: &'static ObjectType, ids: &[i64]) -> Result<Vec<Record>, Problem> {
        let ids: Vec<Value> = ids.iter().map(|id| Value::Int(*id)).collect();
        let mut changes = self.write.among(&self.who.permit::<View>(&CHANGE)?, "changed_object_id", &ids).await?;
        changes.retain(|change| registry::is_named(of, change.text("changed_object_type")));
        Ok(changes)
    }
}

/// People, groups and keys.
fn is_account(of: &ObjectType) -> bool {
    matches!(of.origin, Origin::Account | Origin::System)
}

fn all(of: &ObjectType) -> Vec<usize> {
    (0..of.fields.len()).collect()
}

/// What is here, with what the row says. What signing in leaves of people and their keys (a password hashed anew, when it was)
/// is ours from the first import on.
fn merged(known: &Record, row: &Row) -> Record {
    let mut merged = known.clone();
    let ours = |field: &Field| is_account(known.of) && (field.is_internal() || field.is_read_only());
    for index in row.given.iter().filter(|index| !ours(&known.of.fields[**index])) {
        merged.set_at(*index, row.record.at(*index).clone());
    }
    merged
}

/// Fields in which they differ, but for when they were changed.
fn differing(one: &Record, other: &Record) -> Vec<&'static Field> {
    one.differences(other).map(|(field, ..)| field).filter(|field| field.name != "updated").collect()
}
