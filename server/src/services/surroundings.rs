//! What rules ask about other objects ([`Facts`]), fetched in rounds: a rule is run, what it asked for and was not at hand is
//! fetched, and it is run again, until it lacks nothing. The cost is a statement for each type and round, not for each object.
//!
//! Rules look at everything, also at what the person may not see: they tell only whether something fits.

use super::rendering::in_words;
use peerage_model::{
    Facts, Field, Label, ListQuery, ObjectType, Problem, Record, Value, Who, check,
    facts::targets,
    permit::View,
    types::{CONFIGURATION, ROUTER, WEBHOOK, WEBHOOK_TEMPLATES},
};
use peerage_render::{
    Problem as Fault, Template, Whitespace,
    source::{Source, translate},
};
use peerage_store::Store;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A rule leads at most this far: a session's connection's exchange's LAN's prefixes are four.
const MOST_ROUNDS: usize = 8;

/// Objects around those that are being looked at, as far as somebody asked for them.
pub struct Surroundings {
    store: Store,
    known: Mutex<Known>,
}

/// A type, by its address: there is one of each.
type Key = usize;

fn key(of: &'static ObjectType) -> Key {
    std::ptr::from_ref(of).addr()
}

/// Ids of what is lacking of a type.
type Asked = (Option<&'static ObjectType>, BTreeSet<i64>);

/// Values that are looked for in a field, by their words.
type Sought = (Option<(&'static ObjectType, &'static Field)>, BTreeMap<String, Value>);

#[derive(Default)]
struct Known {
    rows: HashMap<(Key, i64), Option<Record>>,
    referring: HashMap<(Key, &'static str, i64), Vec<Record>>,
    /// By type and field, and the value in words.
    holding: HashMap<(Key, &'static str, String), Vec<Record>>,
    all: HashMap<Key, Vec<Record>>,
    lacking_rows: HashMap<Key, Asked>,
    lacking_referring: HashMap<(Key, &'static str), Asked>,
    lacking_holding: HashMap<(Key, &'static str), Sought>,
    lacking_all: HashMap<Key, &'static ObjectType>,
}

impl Surroundings {
    pub fn new(store: &Store) -> Self {
        Self { store: store.clone(), known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that is wrong with a record: by itself, and with what is around it; of a changed one without warnings of
    /// what was so before.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn check(&self, before: Option<&Record>, record: &Record) -> Result<check::Problems, Problem> {
        self.ask(|facts| check_change(before, record, facts)).await
    }

    /// The answer of a rule that lacks nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn ask<T>(&self, rule: impl Fn(&dyn Facts) -> T) -> Result<T, Problem> {
        for _ in 0..MOST_ROUNDS {
            let answer = rule(self);
            if !self.fetch().await? {
                return Ok(answer);
            }
        }
        // what was not looked at whole is not taken for good
        tracing::error!("a rule asked for more in every round");
        Err(Problem::new(Label::Internal, "What stands around it could not be looked at. Nothing was done."))
    }

    /// Fetches what is lacking; false if nothing was.
    async fn fetch(&self) -> Result<bool, Problem> {
        let (rows, referring, holding, all) = {
            let mut known = self.known();
            (
                std::mem::take(&mut known.lacking_rows),
                std::mem::take(&mut known.lacking_referring),
                std::mem::take(&mut known.lacking_holding),
                std::mem::take(&mut known.lacking_all),
            )
        };
        if rows.is_empty() && referring.is_empty() && holding.is_empty() && all.is_empty() {
            return Ok(false);
        }
        let who = Who::system("rules");
        for (of, ids) in rows.into_values().filter_map(|(of, ids)| Some((of?, ids))) {
            let ids: Vec<i64> = ids.into_iter().collect();
            let found = self.store.get_many(&who.permit::<View>(of)?, &ids).await?;
            let mut known = self.known();
            known.rows.extend(ids.into_iter().map(|id| ((key(of), id), None)));
            known.rows.extend(found.into_iter().map(|record| ((key(of), record.id), Some(record))));
        }
        for ((_, field), (of, ids)) in referring {
            let Some(of) = of else { continue };
            let ids: Vec<i64> = ids.into_iter().collect();
            let found = self.store.reverse(&who.permit::<View>(of)?, field, &ids).await?;
            let mut known = self.known();
            for id in ids {
                let leads = |record: &&Record| targets(record.get(field)).contains(&id);
                known.referring.insert((key(of), field, id), found.iter().filter(leads).cloned().collect());
            }
        }
        for (sought, values) in holding.into_values() {
            let Some((of, field)) = sought else { continue };
            let among: Vec<Value> = values.values().cloned().collect();
            let found = self.store.among(&who.permit::<View>(of)?, field.name, &among).await?;
            let mut known = self.known();
            for (words, value) in values {
                let holds = |record: &&Record| *record.get(field.name) == value;
                known.holding.insert((key(of), field.name, words), found.iter().filter(holds).cloned().collect());
            }
        }
        for of in all.into_values() {
            let found = self.store.records(&who.permit::<View>(of)?, &ListQuery::all(of).unpaged()).await?;
            self.known().all.insert(key(of), found);
        }
        Ok(true)
    }
}

impl Facts for Surroundings {
    fn now(&self) -> Option<i64> {
        Some(peerage_store::now())
    }

    fn follow(&self, from: &Record, field: &'static Field) -> Option<Vec<Record>> {
        let of = field.kind.target()?;
        let mut known = self.known();
        let mut found = Some(Vec::new());
        for id in targets(from.get(field.name)) {
            match known.rows.get(&(key(of), id)).cloned() {
                Some(row) => found.iter_mut().for_each(|found| found.extend(row.clone())),
                None => {
                    let (slot, ids) = known.lacking_rows.entry(key(of)).or_default();
                    *slot = Some(of);
                    ids.insert(id);
                    found = None;
                }
            }
        }
        found
    }

    fn referring(&self, of: &'static ObjectType, field: &'static Field, id: i64) -> Option<Vec<Record>> {
        let mut known = self.known();
        let found = known.referring.get(&(key(of), field.name, id)).cloned();
        if found.is_none() {
            let (slot, ids) = known.lacking_referring.entry((key(of), field.name)).or_default();
            *slot = Some(of);
            ids.insert(id);
        }
        found
    }

    fn holding(&self, of: &'static ObjectType, field: &'static Field, value: &Value) -> Option<Vec<Record>> {
        let words = field.kind.print(value);
        let mut known = self.known();
        let found = known.holding.get(&(key(of), field.name, words.clone())).cloned();
        if found.is_none() {
            let (slot, values) = known.lacking_holding.entry((key(of), field.name)).or_default();
            *slot = Some((of, field));
            values.insert(words, value.clone());
        }
        found
    }

    fn all(&self, of: &'static ObjectType) -> Option<Vec<Record>> {
        let mut known = self.known();
        let found = known.all.get(&key(of)).cloned();
        if found.is_none() {
            known.lacking_all.insert(key(of), of);
        }
        found
    }
}

/// As [`Surroundings::check`], for rules about many.
pub fn check_change(before: Option<&Record>, record: &Record, facts: &dyn Facts) -> check::Problems {
    let mut problems = check::check(record, facts);
    if record.of.is(&WEBHOOK) {
        warn_of_templates(before, record, &mut problems);
    }
    if let Some(before) = before {
        problems = problems.beyond(&check::check(before, facts));
        if record.of.is(&CONFIGURATION) && before.get(TEMPLATE) != record.get(TEMPLATE) {
            warn_of_syntax(record, facts, &mut problems);
        }
    }
    problems
}

/// The field with the source.
const TEMPLATE: &str = "template";

/// A template that is not understood leaves the routers that use it without a configuration, itself or as a part of theirs.
fn warn_of_syntax(record: &Record, facts: &dyn Facts, problems: &mut check::Problems) {
    let Err(fault) = understood(record) else { return };
    let meaning = match users(record.id, facts) {
        None | Some(0) => return,
        Some(1) => "1 router uses this. It has no working configuration until it is mended.".to_owned(),
        Some(users) => format!("{users} routers use this. They have no working configuration until it is mended."),
    };
    problems.warn(TEMPLATE, format!("{} {meaning}", in_words(&fault)));
}

/// A webhook whose templates are not understood tells nobody anything.
fn warn_of_templates(before: Option<&Record>, webhook: &Record, problems: &mut check::Problems) {
    let changed = |name: &&str| before.is_none_or(|before| before.get(name) != webhook.get(name));
    for name in WEBHOOK_TEMPLATES.into_iter().filter(changed) {
        let read = || translate(webhook.text(name), "", Whitespace::default());
        if let Err(fault) = tokio::task::block_in_place(read) {
            problems.warn(name, format!("{} The webhook fails until it is mended.", in_words(&fault)));
        }
    }
}

/// How many routers use a template, directly or through others that include it.
fn users(template: i64, facts: &dyn Facts) -> Option<usize> {
    let field = ROUTER.field("configuration_template")?;
    let all = facts.all(&CONFIGURATION)?;
    let including: Vec<(i64, Vec<String>)> = all.iter().map(|other| (other.id, includes(other))).collect();
    let mut parts = BTreeSet::from([template]);
    let mut new = vec![template];
    while let Some(part) = new.pop() {
        let name = all.iter().find(|one| one.id == part).map(|one| one.text("name"));
        let is_it = |called: &String| {
            called.strip_prefix("configuration::").is_some_and(|called| match called.parse::<i64>() {
                Ok(id) => id == part,
                Err(_) => Some(called) == name,
            })
        };
        let found = including.iter().filter(|(_, includes)| includes.iter().any(is_it)).map(|(id, _)| *id);
        new.extend(found.filter(|id| parts.insert(*id)));
    }
    // all are asked for before any is missed
    let routers: Vec<_> = parts.iter().map(|part| facts.referring(&ROUTER, field, *part)).collect();
    routers.into_iter().map(|routers| routers.map(|routers| routers.len())).sum()
}

/// What a template includes, by `kind::identifier`; of one that is not understood, nothing.
fn includes(template: &Record) -> Vec<String> {
    understood(template).map(|source| source.names.includes).unwrap_or_default()
}

/// A template's source, read where it keeps nobody waiting.
fn understood(template: &Record) -> Result<Source, Fault> {
    let template = Template::from_record(template);
    tokio::task::block_in_place(|| translate(&template.source, "", template.whitespace))
}
