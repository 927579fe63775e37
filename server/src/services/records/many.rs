//! The same thing done to many objects: all or none, as one request, which one undo takes back. Before it is done it can be
//! tried: the very same code runs, and is rolled back.

use super::{editable, keep_rules};
use crate::services::{
    request_id,
    surroundings::{Surroundings, check_change},
};
use peerage_app::records::{Affected, Consequences, Done, FieldWas, ManyDone, Outcome};
use peerage_model::{
    Facts, FieldProblem, Filter, ListQuery, ObjectType, Problem, Record, Who,
    label::label,
    permit::{Change, Delete, View},
    registry,
    wire::{ManyEdits, Selection},
};
use peerage_store::{Group, Store};

/// Objects that one request changes or deletes at most.
const MOST: u32 = 10_000;
/// Outcomes that are told of one by one.
const TOLD: usize = 100;

fn type_of(which: &Selection) -> Result<&'static ObjectType, Problem> {
    editable(registry::get(&which.of).map_err(|message| Problem::malformed(format!("which.type: {message}")))?)
}

/// The objects that are meant, with all their fields.
async fn selected(store: &Store, who: &Who, which: &Selection) -> Result<Vec<Record>, Problem> {
    let of = type_of(which)?;
    let permit = who.permit::<View>(of)?;
    let ids = match (&which.filter, which.ids.as_slice()) {
        (Some(text), []) => {
            let (filter, problems) = Filter::parse(of, text);
            if let Some(wrong) = problems.first() {
                return Err(Problem::malformed(format!("which.filter: {}", wrong.message)));
            }
            let query = ListQuery { limit: MOST + 1, count: false, fields: Vec::new(), ..ListQuery::all(of) };
            store.records(&permit, &query.filtered(filter)).await?.iter().map(|record| record.id).collect()
        }
        (None, []) => return Err(Problem::malformed("which: say which objects: ids or filter.")),
        (None, ids) => ids.to_vec(),
        (Some(_), _) => return Err(Problem::malformed("which: either ids or filter, not both.")),
    };
    if ids.len() > MOST as usize {
        return Err(too_many(ids.len()));
    }
    Ok(store.get_many(&permit, &ids).await?)
}

fn too_many(number: usize) -> Problem {
    Problem::malformed(format!("These are {number} objects or more; at most {MOST} at once. Narrow the filter."))
}

/// Makes the change, or tries it.
///
/// # Errors
/// What is not permitted or not understood; `Invalid` if an object cannot be changed so, unless it was a trial.
pub(super) async fn save(store: &Store, who: &Who, edits: &ManyEdits, trial: bool) -> Result<ManyDone, Problem> {
    let of = type_of(&edits.which)?;
    let permit = who.permit::<Change>(of)?;
    let before = selected(store, who, &edits.which).await?;
    let related = store.related(&who.permit::<View>(of)?, &before).await?;
    let request = request_id();
    let news = before.iter().map(|old| edits.apply(old)).collect::<Result<Vec<Record>, Problem>>()?;
    // all at once, before the writer is taken: the rules fetch a statement for each type, not for each object
    let checked = |facts: &dyn Facts| {
        before.iter().zip(&news).map(|(old, new)| check_change(Some(old), new, facts)).collect::<Vec<_>>()
    };
    let checked = Surroundings::new(store).ask(checked).await?;
    let mut write = store.begin(who, &request).await?;
    let mut done = ManyDone { total: before.len() as u64, ..ManyDone::default() };
    let mut refused = Vec::new();
    let mut changed = Vec::new();
    for ((old, new), wrong) in before.iter().zip(news).zip(checked) {
        let wrong = wrong.despite_warnings(edits.insist).into_vec();
        let outcome = |problems: Vec<FieldProblem>| Outcome {
            id: old.id,
            label: label(old, &related),
            changes: differences(old, &new),
            problems,
        };
        if !wrong.is_empty() {
            refused.push(outcome(wrong));
            continue;
        }
        if new == *old {
            continue;
        }
        if !refused.is_empty() {
            // nothing will be written: only what is wrong with the rest is still of interest
            changed.push(outcome(Vec::new()));
            continue;
        }
        match write.update(&permit, old.version, new.clone()).await.map_err(Problem::from) {
            Ok(_) => changed.push(outcome(Vec::new())),
            Err(problem) => {
                let told = if problem.fields.is_empty() {
                    vec![FieldProblem { field: String::new(), message: problem.message, warning: false }]
                } else {
                    problem.fields
                };
                refused.push(outcome(told));
                // the database has had enough of this transaction
                break;
            }
        }
    }
    done.refused = refused.len() as u64;
    done.changed = changed.len() as u64;
    if refused.is_empty() && !changed.is_empty() {
        match keep_rules(&mut write, of).await {
            Ok(()) if trial => {}
            Ok(()) => {
                write.commit().await?;
                done.request = Some(request);
            }
            Err(problem) if !trial => return Err(problem),
            Err(problem) => {
                done.refused = 1;
                refused.push(Outcome { id: 0, label: of.plural.to_owned(), changes: vec![], problems: problem.fields });
            }
        }
    }
    if !trial && let Some(first) = refused.first() {
        return Err(refusal(&refused, first));
    }
    done.rows = refused.into_iter().chain(changed).take(TOLD).collect();
    Ok(done)
}

fn refusal(refused: &[Outcome], first: &Outcome) -> Problem {
    let why = first.problems.first().map(|problem| problem.message.as_str()).unwrap_or_default();
    let more = if refused.len() > 1 { format!(" So are {} others.", refused.len() - 1) } else { String::new() };
    let mut problem = Problem::invalid(first.problems.clone());
    problem.message = format!("Nothing was changed: {} is refused. {why}{more}", first.label);
    problem
}

fn differences(old: &Record, new: &Record) -> Vec<FieldWas> {
    new.differences(old)
        .map(|(field, before, after)| FieldWas {
            field: field.name.to_owned(),
            before: field.kind.to_json(before),
            after: field.kind.to_json(after),
        })
        .collect()
}

/// What deleting them would do, added up by type.
///
/// # Errors
/// What is not permitted or not understood.
pub(super) async fn consequences(store: &Store, who: &Who, which: &Selection) -> Result<Consequences, Problem> {
    let permit = who.permit::<Delete>(type_of(which)?)?;
    let meant = selected(store, who, which).await?;
    let mut sum = Consequences { total: meant.len() as u64, ..Consequences::default() };
    if !meant.is_empty() {
        let ids: Vec<i64> = meant.iter().map(|record| record.id).collect();
        let standing = store.referring(&permit, &ids).await?;
        sum.blocked_by = by_type(standing.protecting);
        sum.removes = by_type(standing.gone);
        sum.clears = by_type(standing.released);
    }
    Ok(sum)
}

fn by_type(groups: Vec<Group>) -> Vec<Affected> {
    /// Names that stand for many.
    const NAMED: usize = 5;
    let mut sum: Vec<Affected> = Vec::new();
    for group in groups {
        let names = group.first.into_iter().map(|(_, label)| label);
        match sum.iter_mut().find(|known| known.of == group.of.key()) {
            Some(known) => {
                known.count += group.count;
                known.first.extend(names);
                known.first.truncate(NAMED);
            }
            None => sum.push(Affected { of: group.of.key(), count: group.count, first: names.collect() }),
        }
    }
    sum
}

/// Deletes them, and what goes with them.
///
/// # Errors
/// What is not permitted or not understood, or what stands in the way, of the first object that it concerns.
pub(super) async fn delete(store: &Store, who: &Who, which: &Selection) -> Result<Done, Problem> {
    let of = type_of(which)?;
    let permit = who.permit::<Delete>(of)?;
    let view = who.permit::<View>(of)?;
    let meant = selected(store, who, which).await?;
    let related = store.related(&view, &meant).await?;
    let request = request_id();
    let mut write = store.begin(who, &request).await?;
    for record in &meant {
        // along with one before, perhaps
        if write.get(&view, record.id).await?.is_none() {
            continue;
        }
        write.delete(&permit, record.id).await.map_err(|error| {
            let mut problem = Problem::from(error);
            problem.message =
                format!("Nothing was deleted, because of {}. {}", label(record, &related), problem.message);
            problem
        })?;
    }
    keep_rules(&mut write, of).await?;
    write.commit().await?;
    Ok(Done { request })
}
