//! Undo: the inverse of what the change log says, as a change like any other. It goes through the same permits, checks and
//! constraints, is one transaction, and is refused where somebody has changed the same thing since.

use super::{records::keep_rules, request_id};
use async_trait::async_trait;
use peerage_app::changes::{self, MOST_UNDONE, Undo, Undone};
use peerage_model::{
    Field, Filter, Kind, Label, ListQuery, ObjectType, Problem, Record, Value, Who, check,
    filter::equals,
    permit::{Add, Change, Delete, View},
    problem::in_sentence,
    registry,
    types::CHANGE,
};
use peerage_store::{Action, Store, Write};
use serde_json::{Map, Value as Json};

pub struct Changes {
    store: Store,
}

impl Changes {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// What is to be undone, newest first.
    async fn wanted(&self, who: &Who, undo: &Undo) -> Result<Vec<Record>, Problem> {
        let permit = who.permit::<View>(&CHANGE)?;
        let found = match (undo.request.trim(), undo.change) {
            ("", id) if id > 0 => self.store.get(&permit, id).await?.into_iter().collect(),
            (request, 0) if !request.is_empty() => {
                let of_request = equals(CHANGE.field("request_id").unwrap_or(&CHANGE.fields[0]), Value::text(request));
                let filter = Filter { terms: vec![of_request], words: Vec::new() };
                let query =
                    ListQuery { limit: MOST_UNDONE + 1, count: false, ..ListQuery::all(&CHANGE) }.filtered(filter);
                let found = self.store.records(&permit, &query).await?;
                // the whole request or nothing: also what they may not see of it
                let everything = Who::system("undo").permit::<View>(&CHANGE)?;
                let all = self.store.count(&everything, &query.filter).await?;
                if !found.is_empty() && all != found.len() as u64 && found.len() <= MOST_UNDONE as usize {
                    let message = "This request changed objects that you may not see. Somebody who may has to undo it.";
                    return Err(Problem::new(Label::Forbidden, message));
                }
                found
            }
            _ => return Err(Problem::malformed("Say what to undo: either request or change.")),
        };
        match found.len() {
            0 => Err(Problem::new(Label::NotFound, "There is no such change: it may be older than changes are kept.")),
            many if many > MOST_UNDONE as usize => Err(Problem::conflict(format!(
                "This request changed more than {MOST_UNDONE} objects: too many to undo at once. Undo its changes one by one."
            ))),
            _ => Ok(found),
        }
    }
}

#[async_trait]
impl changes::Changes for Changes {
    async fn undo(&self, who: &Who, undo: Undo) -> Result<Undone, Problem> {
        let wanted = self.wanted(who, &undo).await?;
        let request = request_id();
        let mut undone = Undone { request: request.clone(), types: Vec::new(), changes: 0, missing: Vec::new() };
        let mut write = self.store.begin(who, &request).await?;
        let pasts = wanted.iter().map(Past::read).collect::<Result<Vec<_>, _>>()?;
        // objects of one type that were made one after the other go together
        let alike =
            |a: &Past<'_>, b: &Past<'_>| a.action == Action::Create && b.action == Action::Create && a.of.is(b.of);
        for group in pasts.chunk_by(alike) {
            match group {
                [one] => one.undo(who, &mut write, &mut undone.missing).await?,
                many => unmake(who, &mut write, many).await?,
            }
            undone.changes += group.len() as u64;
            let key = group.first().map(|past| past.of.key()).unwrap_or_default();
            if !undone.types.contains(&key) {
                undone.types.push(key);
            }
        }
        for key in &undone.types {
            keep_rules(&mut write, registry::get(key).map_err(Problem::malformed)?).await?;
        }
        write.commit().await?;
        Ok(undone)
    }
}

/// Undoes that many objects of one type were made.
async fn unmake(who: &Who, write: &mut Write, pasts: &[Past<'_>]) -> Result<(), Problem> {
    let Some(of) = pasts.first().map(|past| past.of) else { return Ok(()) };
    let permit = who.permit::<Delete>(of)?;
    let ids: Vec<i64> = pasts.iter().map(|past| past.id).collect();
    let now = write.get_many(&who.permit::<View>(of)?, &ids).await?;
    for past in pasts {
        // in the order of their ids
        let at = now.binary_search_by_key(&past.id, |record| record.id);
        let current = at.ok().and_then(|at| now.get(at)).ok_or_else(|| past.gone())?;
        past.must_be_as_it_was_left(current, |_| true)?;
    }
    Ok(write.delete_all(&permit, &ids).await?)
}

/// One change as the log has it.
struct Past<'a> {
    of: &'static ObjectType,
    id: i64,
    name: &'a str,
    action: Action,
    before: Map<String, Json>,
    after: Map<String, Json>,
}

impl<'a> Past<'a> {
    fn read(record: &'a Record) -> Result<Self, Problem> {
        let name = record.text("object_repr");
        let unknown = || Problem::conflict(format!("{name} is of a type that this version does not know any more."));
        let side = |field: &str| match record.get(field) {
            Value::Json(json) => json.as_object().cloned().unwrap_or_default(),
            _ => Map::new(),
        };
        Ok(Self {
            of: registry::get(record.text("changed_object_type")).map_err(|_| unknown())?,
            id: record.int("changed_object_id").unwrap_or_default(),
            name,
            action: Action::named(record.text("action")).ok_or_else(unknown)?,
            before: side("prechange_data"),
            after: side("postchange_data"),
        })
    }

    async fn undo(&self, who: &Who, write: &mut Write, missing: &mut Vec<String>) -> Result<(), Problem> {
        // before anything is said of the object
        match self.action {
            Action::Create => who.permit::<Delete>(self.of).map(drop)?,
            Action::Update => who.permit::<Change>(self.of).map(drop)?,
            Action::Delete => who.permit::<Add>(self.of).map(drop)?,
        }
        let current = write.get(&who.permit::<View>(self.of)?, self.id).await?;
        match (self.action, current) {
            (Action::Create, Some(current)) => {
                self.must_be_as_it_was_left(&current, |_| true)?;
                write.delete(&who.permit::<Delete>(self.of)?, self.id).await?;
            }
            (Action::Delete, None) => {
                let mut record = Record::new(self.of);
                record.id = self.id;
                for field in self.of.fields.iter().filter(|field| !field.is_internal()) {
                    self.restore(&mut record, field, missing)?;
                }
                self.check(&record)?;
                let permit = who.permit::<Add>(self.of)?;
                write.insert(&permit, record).await.map_err(|error| self.refused(error.into()))?;
            }
            (Action::Update, Some(current)) => {
                self.must_be_as_it_was_left(&current, |field| self.differs(field))?;
                let mut record = current;
                for field in self.of.fields.iter().filter(|field| self.differs(field)) {
                    self.restore(&mut record, field, missing)?;
                }
                self.check(&record)?;
                let permit = who.permit::<Change>(self.of)?;
                write.update(&permit, 0, record).await.map_err(|error| self.refused(error.into()))?;
            }
            (Action::Delete, Some(_)) => {
                return Err(Problem::conflict(format!("{} is there again already.", self.name)));
            }
            (Action::Create | Action::Update, None) => return Err(self.gone()),
        }
        Ok(())
    }

    fn gone(&self) -> Problem {
        Problem::conflict(format!("{} was deleted since. Undo its deletion first.", self.name))
    }

    /// By itself and no more: what was there once is brought back as it was.
    fn check(&self, record: &Record) -> Result<(), Problem> {
        let problems = check::check(record, &()).despite_warnings(true);
        problems.into_result().map_err(|problem| self.refused(problem))
    }

    /// Whether the change was about this field.
    fn differs(&self, field: &Field) -> bool {
        !field.is_read_only()
            && self.before.get(field.name).unwrap_or(&Json::Null) != self.after.get(field.name).unwrap_or(&Json::Null)
    }

    /// Refuses if somebody changed one of the fields again. Secrets cannot be compared.
    fn must_be_as_it_was_left(&self, current: &Record, concerned: impl Fn(&Field) -> bool) -> Result<(), Problem> {
        let changed = current.iter().find(|(field, value)| {
            let looked_at = !field.is_internal() && !field.is_read_only() && concerned(field);
            looked_at
                && !matches!(field.kind, Kind::Secret { .. })
                && self.after.get(field.name).is_some_and(|left| field.kind.to_json(value) != *left)
        });
        match changed {
            Some((field, _)) => Err(Problem::conflict(format!(
                "{} was changed again since: its {} is another now. Undo that change first, or edit it.",
                self.name,
                in_sentence(&field.label())
            ))),
            None => Ok(()),
        }
    }

    /// Puts back what a field was. The log has no secrets: one that was set is missed.
    fn restore(&self, record: &mut Record, field: &'static Field, missing: &mut Vec<String>) -> Result<(), Problem> {
        let Some(json) = self.before.get(field.name) else { return Ok(()) };
        if matches!(field.kind, Kind::Secret { .. }) && !json.is_null() {
            missing.push(format!(
                "The {} of {} does not stand in the change log. Type it again.",
                in_sentence(&field.label()),
                self.name
            ));
            return Ok(());
        }
        let value = field.kind.from_json(json).map_err(|why| {
            Problem::conflict(format!("{}: its {} of then cannot be read any more: {why}", self.name, field.label()))
        })?;
        record.set(field.name, value);
        Ok(())
    }

    /// A refusal names the object: there may be many in one undo.
    fn refused(&self, problem: Problem) -> Problem {
        let why = problem.fields.first().map_or(problem.message, |first| first.message.clone());
        Problem::new(problem.label, format!("{} cannot be brought back: {why}", self.name))
    }
}
