//! One type's answer, taken over into the cache.
//!
//! What must stay true: a row that the cache has as it is costs nothing; a row that cannot be taken is noted with its
//! reason and tried again, never lost; the cursor moves in the same transaction as the last rows, so that a run that is
//! killed anywhere is repeated and ends the same. References lead only to earlier types ([`NAMESPACES`] is in that
//! order), so that what a row needs is either there by now or not to be had.
//!
//! [`NAMESPACES`]: peerage_model::peeringdb::NAMESPACES

use super::{
    answer::{Answer, Row},
    cache::{Batch, Cache, Note, Queued, Stamps},
    changes::{Changes, Noted},
    report::{Phase, Progress, TypeReport},
    row::Reader,
    source::{Source, SourceError},
};
use peerage_model::{Kind, ObjectType, OnDelete, Record, Value, peeringdb::NAMESPACES, registry};
use peerage_store::{StoreError, now};
use std::collections::{HashMap, HashSet};
use tokio_util::sync::CancellationToken;

/// Values of one transaction, and its rows at most: a person's write waits for one such.
const VALUES: usize = 30_000;
const MOST_ROWS: usize = 2000;
/// Orphans of one type that are noted one by one while their parents' type is absent. Beyond it the cursor stays instead.
const MOST_ORPHANS: usize = 2000;
/// Rejected rows of one type that a run asks for again by id.
const MOST_ASKED_AGAIN: usize = 600;
/// Seconds by which the next request goes back: a row may be committed later than its own `updated` says.
const OVERLAP: i64 = 60;

/// Why a type was left. Its cursor stays.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{orphans} rows wait for {parent}, which could not be taken yet")]
    Orphans { orphans: usize, parent: &'static str },
}

/// One type on its way.
pub struct Take<'a, 'b> {
    pub namespace: &'static str,
    pub of: &'static ObjectType,
    pub source: &'a Source,
    pub cache: &'a mut Cache<'b>,
    pub changes: &'a mut Changes<'b>,
    /// Types that were not taken whole in this run, or never had a row.
    pub absent: &'a [(&'static str, &'static ObjectType)],
    pub cancel: &'a CancellationToken,
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// A row to be taken, and where its JSON is.
#[derive(Clone)]
enum Candidate {
    Answer(Row),
    /// Asked for again by id, or as it was noted.
    Again(i64, String),
}

impl Candidate {
    fn id(&self) -> i64 {
        match self {
            Self::Answer(row) => row.id,
            Self::Again(id, _) => *id,
        }
    }

    fn raw<'a>(&'a self, answer: &'a Answer) -> &'a str {
        match self {
            Self::Answer(row) => answer.raw(row),
            Self::Again(_, raw) => raw,
        }
    }
}

/// What to do, decided from ids and times alone.
#[derive(Default)]
struct Plan {
    candidates: Vec<Candidate>,
    /// Ids that the cache has and upstream has not.
    gone: Vec<i64>,
    /// Noted rows that upstream has no more.
    obsolete: Vec<i64>,
}

/// The state of a type's take-over.
struct Work<'a> {
    namespace: &'static str,
    answer: &'a Answer,
    /// Rows that earlier runs noted as rejected.
    queue: HashMap<i64, Queued>,
    stamps: Stamps,
    batch: Batch,
    /// Orphans whose parents' type is absent.
    orphans: usize,
    /// There are too many of them: the cursor stays, on account of this type.
    waits_for: Option<&'static str>,
    report: &'a mut TypeReport,
}

impl Take<'_, '_> {
    /// Takes an answer over, counting into `report`.
    ///
    /// # Errors
    /// Why it could not be done whole; what was written until then is sound.
    pub async fn all(&mut self, answer: &Answer, report: &mut TypeReport) -> Result<(), TakeError> {
        report.received = answer.rows.len();
        if answer.nameless > 0 {
            report.remark = Some(format!("{} rows without an id were passed over", answer.nameless));
        }
        let queue = self.cache.queue(self.namespace).await?;
        let ids: Vec<i64> = answer.rows.iter().map(|row| row.id).chain(queue.keys().copied()).collect();
        let stamps = self.cache.stamps(self.of, &ids, answer.whole).await?;
        let batch = Batch::default();
        let mut work =
            Work { namespace: self.namespace, answer, queue, stamps, batch, orphans: 0, waits_for: None, report };
        let plan = self.plan(&mut work).await?;
        let total = plan.candidates.len();
        self.say(0, total);

        let reader = Reader::new(self.of);
        let portion = (VALUES / self.of.fields.len()).clamp(4, MOST_ROWS);
        let mut done = 0;
        for chunk in plan.candidates.chunks(portion) {
            if self.cancel.is_cancelled() {
                return Err(SourceError::Cancelled.into());
            }
            self.sort_out(chunk, &reader, &mut work).await?;
            done += chunk.len();
            // the last rows are written together with the cursor
            if work.batch.weight() >= portion && done < total {
                self.write(&mut work, None).await?;
            }
            self.say(done, total);
        }
        work.batch.forget.extend(plan.obsolete.iter().filter_map(|id| work.queue.get(id)?.row));
        // each takes its children along
        for gone in plan.gone.chunks(portion / 4) {
            if work.batch.weight() + gone.len() > portion {
                self.write(&mut work, None).await?;
            }
            work.batch.deletes.extend_from_slice(gone);
        }
        let cursor = work.waits_for.is_none().then(|| next_cursor(answer, self.cache.cursor(self.namespace)));
        self.write(&mut work, cursor).await?;
        self.cache.keep(self.of, work.stamps);
        match work.waits_for {
            Some(parent) => Err(TakeError::Orphans { orphans: work.orphans, parent }),
            None => Ok(()),
        }
    }

    async fn plan(&self, work: &mut Work<'_>) -> Result<Plan, TakeError> {
        let mut plan = Plan::default();
        let afresh = self.cache.is_afresh(self.namespace);
        for row in &work.answer.rows {
            let known = work.stamps.of.get(&row.id);
            let queued = work.queue.contains_key(&row.id);
            if row.deleted {
                if known.is_some() {
                    plan.gone.push(row.id);
                }
                if queued {
                    plan.obsolete.push(row.id);
                }
            } else if afresh || queued || row.updated.is_none() || known.is_none_or(|stamp| *stamp != row.updated) {
                plan.candidates.push(Candidate::Answer(*row));
            }
        }
        let there: HashSet<i64> = work.answer.rows.iter().map(|row| row.id).collect();
        if work.answer.whole {
            find_gone(work, &there, &mut plan);
        }
        self.ask_again(work, &there, &mut plan).await?;
        Ok(plan)
    }

    /// Noted rows that did not come by themselves: as they are upstream now, or as they were noted.
    async fn ask_again(&self, work: &Work<'_>, there: &HashSet<i64>, plan: &mut Plan) -> Result<(), TakeError> {
        let obsolete: HashSet<i64> = plan.obsolete.iter().copied().collect();
        let mut ids: Vec<i64> =
            work.queue.keys().copied().filter(|id| !there.contains(id) && !obsolete.contains(id)).collect();
        if ids.is_empty() {
            return Ok(());
        }
        ids.sort_unstable();
        let mut asked = ids.len().min(MOST_ASKED_AGAIN);
        let answers = match self.source.fetch_rows(self.namespace, &ids[..asked], self.cancel).await {
            Ok(answers) => answers,
            Err(SourceError::Cancelled) => return Err(SourceError::Cancelled.into()),
            // they are tried as they were noted
            Err(error) => {
                tracing::info!(namespace = self.namespace, %error, "rejected rows could not be asked for again");
                None
            }
        };
        if answers.is_none() {
            asked = 0;
        }
        let mut found = HashMap::new();
        for answer in answers.iter().flatten() {
            found.extend(answer.rows.iter().filter(|row| !row.deleted).map(|row| (row.id, answer.raw(row).to_owned())));
        }
        for (at, id) in ids.iter().enumerate() {
            match (found.remove(id), work.queue.get(id)) {
                (Some(raw), _) => plan.candidates.push(Candidate::Again(*id, raw)),
                (None, _) if at < asked => plan.obsolete.push(*id),
                // as it came; of one that only lost a parent that is not known, and the next run asks again
                (None, Some(queued)) if !queued.data.is_null() => {
                    plan.candidates.push(Candidate::Again(*id, queued.data.to_string()))
                }
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// Reads a chunk of rows and says of each whether it is written or noted.
    async fn sort_out(&mut self, chunk: &[Candidate], reader: &Reader, work: &mut Work<'_>) -> Result<(), TakeError> {
        let mut read = Vec::with_capacity(chunk.len());
        for candidate in chunk {
            let raw = candidate.raw(work.answer);
            match reader.read(candidate.id(), raw) {
                Ok(record) => read.push((record, raw)),
                Err(reason) => work.note(candidate.id(), reason, false, raw),
            }
        }
        let missing = self.missing_parents(&read).await?;
        'rows: for (mut record, raw) in read {
            let mut without = Vec::new();
            for (at, absent) in &missing {
                let Some(parent) = record.at(*at).as_int().filter(|id| absent.contains(id)) else { continue };
                let field = &self.of.fields[*at];
                if field.is_required() {
                    if !work.is_left_behind(field.kind.target(), self.absent) {
                        work.note(record.id, format!("{} {parent} is not in the cache.", field.name), false, raw);
                    }
                    continue 'rows;
                }
                record.set_at(*at, Value::Null);
                without.push(format!("{} {parent}", field.name));
            }
            let queued = work.queue.get(&record.id);
            if without.is_empty() {
                work.batch.forget.extend(queued.and_then(|queued| queued.row));
                work.batch.upserts.push(record);
                continue;
            }
            let reason = taken_without(&without.join(", "));
            let stored = work.stamps.of.get(&record.id).is_some_and(|stamp| *stamp == record.get("updated").as_time());
            if !(stored && queued.is_some_and(|queued| queued.reason == reason)) {
                work.note(record.id, reason, true, raw);
                work.batch.upserts.push(record);
            }
        }
        Ok(())
    }

    /// For each reference field (by index) the ids that lead nowhere.
    async fn missing_parents(&mut self, read: &[(Record, &str)]) -> Result<Vec<(usize, HashSet<i64>)>, StoreError> {
        let mut missing = Vec::new();
        for (at, field) in self.of.fields.iter().enumerate() {
            let Kind::Reference { to, .. } = field.kind else { continue };
            let wanted: HashSet<i64> = read.iter().filter_map(|(record, _)| record.at(at).as_int()).collect();
            let absent = self.cache.missing(to, wanted).await?;
            if !absent.is_empty() {
                missing.push((at, absent));
            }
        }
        Ok(missing)
    }

    /// Writes and empties the batch, and moves the cursor with it. Rows that the database refuses are noted instead.
    async fn write(&mut self, work: &mut Work<'_>, cursor: Option<i64>) -> Result<(), TakeError> {
        // of a type that was never taken whole everything would be new
        let mut noted = Noted::default();
        if self.cache.cursor(self.namespace) > 0 {
            let Batch { upserts, deletes, .. } = &work.batch;
            noted = self.changes.of(self.namespace, self.of, upserts, deletes, &work.stamps).await?;
        }
        work.batch.changes = std::mem::take(&mut noted.notes);
        self.note_losses(work).await?;
        let mut refused = None;
        if let Err(problem) = self.cache.write(self.of, self.namespace, &work.batch, cursor).await {
            if work.batch.upserts.is_empty() {
                return Err(problem.into());
            }
            refused = Some(problem);
        }
        if let Some(problem) = refused {
            let changes = work.batch.changes.clone();
            let written = self.write_in_parts(work, problem).await?;
            self.cache.write(self.of, self.namespace, &work.batch, cursor).await?;
            let ids: HashSet<i64> = written.iter().map(|record| record.id).collect();
            work.batch.changes.extend(those_of(&changes, self.namespace, &ids));
            work.batch.upserts = written;
        }
        let batch = std::mem::take(&mut work.batch);
        self.changes.count(&batch.changes, noted.left_out);
        for record in &batch.upserts {
            match work.stamps.of.insert(record.id, record.get("updated").as_time()) {
                Some(_) => work.report.updated += 1,
                None => work.report.created += 1,
            }
        }
        for id in &batch.deletes {
            work.stamps.of.remove(id);
        }
        work.report.deleted += batch.deletes.len();
        let (partly, rejected): (Vec<&Note>, Vec<&Note>) = batch
            .notes
            .iter()
            .filter(|note| note.row.is_none() && note.namespace == self.namespace)
            .partition(|note| note.partly);
        work.report.partly += partly.len();
        work.report.rejected += rejected.len();
        work.report.mended += batch.forget.len();
        Ok(())
    }

    /// Rows that stay but lose what they refer to with a row that goes: noted as taken in part, so that they have it again should
    /// it come back. By their own time of change nobody would see that.
    async fn note_losses(&mut self, work: &mut Work<'_>) -> Result<(), TakeError> {
        if work.batch.deletes.is_empty() {
            return Ok(());
        }
        for (of, field) in registry::referring(self.of) {
            let Some((namespace, _)) = NAMESPACES.iter().find(|(_, cached)| cached.is(of)) else { continue };
            if matches!(field.kind, Kind::Reference { on_delete: OnDelete::Cascade, .. }) {
                continue;
            }
            let losing = self.cache.referring(of, field.name, &work.batch.deletes).await?;
            if losing.is_empty() {
                continue;
            }
            let queue = self.cache.queue(namespace).await?;
            for row in losing.into_iter().filter(|row| !queue.contains_key(&row.id)) {
                let parent = row.int(field.name).unwrap_or_default();
                let reason = taken_without(&format!("{} {parent}", field.name));
                let (data, since) = (std::sync::Arc::default(), now());
                work.batch.notes.push(Note { namespace, id: row.id, reason, partly: true, data, row: None, since });
            }
        }
        Ok(())
    }

    /// After a refusal: finds the rows that are to blame by halving, writes the others and returns them.
    async fn write_in_parts(&mut self, work: &mut Work<'_>, refusal: StoreError) -> Result<Vec<Record>, TakeError> {
        let mut parts = vec![std::mem::take(&mut work.batch.upserts)];
        let changes = std::mem::take(&mut work.batch.changes);
        let mut written = Vec::new();
        let mut refused = 0;
        while let Some(mut part) = parts.pop() {
            let ids: HashSet<i64> = part.iter().map(|record| record.id).collect();
            let attempt =
                Batch { changes: those_of(&changes, self.namespace, &ids), upserts: part, ..Batch::default() };
            let outcome = self.cache.write(self.of, self.namespace, &attempt, None).await;
            part = attempt.upserts;
            match outcome {
                Ok(()) => written.extend(part),
                Err(error) if part.len() == 1 => {
                    refused += 1;
                    // not a row's fault, then: the disk is full, or somebody else emptied the cache
                    if refused > 20 {
                        return Err(refusal.into());
                    }
                    let id = part[0].id;
                    let raw = work.answer.rows.iter().find(|row| row.id == id).map(|row| work.answer.raw(row));
                    let noted = work.queue.get(&id).map(|queued| queued.data.to_string()).unwrap_or_default();
                    work.note(id, error.into_problem().message, false, raw.unwrap_or(&noted));
                }
                Err(_) => {
                    parts.push(part.split_off(part.len() / 2));
                    parts.push(part);
                }
            }
        }
        // what goes is still to be written
        let going = |change: &&Record| change.text("action") == "went";
        work.batch.changes = changes.iter().filter(going).cloned().collect();
        Ok(written)
    }

    fn say(&self, done: usize, total: usize) {
        (self.progress)(Progress { namespace: self.namespace, phase: Phase::Taking, done, total, line: None });
    }
}

impl Work<'_> {
    /// Notes a row that cannot be taken (whole), unless it is noted just so already.
    fn note(&mut self, id: i64, reason: String, partly: bool, raw: &str) {
        let queued = self.queue.get(&id);
        let data = serde_json::from_str(raw).unwrap_or_default();
        if queued.is_none_or(|queued| queued.reason != reason || *queued.data != data) {
            let row = queued.and_then(|queued| queued.row);
            let since = queued.map_or_else(now, |queued| queued.since);
            let namespace = self.namespace;
            let data = std::sync::Arc::new(data);
            self.batch.notes.push(Note { namespace, id, reason, partly, data, row, since });
        }
    }

    /// Whether an orphan is not even noted: there are too many, because its parents' type is absent.
    fn is_left_behind(&mut self, parents: Option<&ObjectType>, absent: &[(&'static str, &ObjectType)]) -> bool {
        let Some((parent, _)) = absent.iter().find(|(_, of)| parents.is_some_and(|parents| parents.is(of))) else {
            return false;
        };
        self.orphans += 1;
        if self.orphans > MOST_ORPHANS {
            self.waits_for = Some(parent);
        }
        self.waits_for.is_some()
    }
}

fn taken_without(what: &str) -> String {
    format!("Taken without {what}, not in the cache.")
}

/// The notes of changes to some rows that come.
fn those_of(changes: &[Record], namespace: &str, ids: &HashSet<i64>) -> Vec<Record> {
    let of = |change: &&Record| {
        let id = change.int("object_id").unwrap_or_default();
        change.text("namespace") == namespace && change.text("action") != "went" && ids.contains(&id)
    };
    changes.iter().filter(of).cloned().collect()
}

/// In a whole answer, what is missing was deleted: unless so much is missing that the answer is hardly whole.
fn find_gone(work: &mut Work<'_>, there: &HashSet<i64>, plan: &mut Plan) {
    let cached = work.stamps.of.len();
    let gone: Vec<i64> = work.stamps.of.keys().copied().filter(|id| !there.contains(id)).collect();
    if there.len() * 2 < cached {
        let remark = format!("{} of {cached} cached rows are not in the answer; they are kept", gone.len());
        work.report.remark = Some(remark);
        return;
    }
    plan.gone.extend(gone);
    if !there.is_empty() {
        plan.obsolete.extend(work.queue.keys().copied().filter(|id| !there.contains(id)));
    }
}

/// Where the next request begins: the newest row of this answer, but not after the answer was made.
fn next_cursor(answer: &Answer, cursor: i64) -> i64 {
    let made = answer.generated.unwrap_or_else(|| now() / 1_000_000);
    answer.newest().map_or(cursor, |newest| cursor.max(newest.min(made) - OVERLAP))
}
