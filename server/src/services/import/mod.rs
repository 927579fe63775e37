//! Objects from a file: what each cell says is read, names are looked up, rows are matched with what is there, everything is
//! checked as a whole, and then written in one transaction, which a trial rolls back. One thing that is wrong, and nothing is
//! written.
//!
//! What must stay true: the same file a second time changes nothing; what a list exports imports as the same; a row reaches
//! nothing that its person could not reach by hand.

mod matching;
mod names;
mod table;

use super::{
    records::{Rules, editable, keep_rules},
    request_id,
    surroundings::{Surroundings, check_change},
};
use async_trait::async_trait;
use matching::{Matching, Prior};
use names::Names;
use peerage_app::import::{CellWas, Column, Does, Import, Imported, Importing, Row};
use peerage_model::{
    Facts, Field, FieldProblem, Kind, Label, Lookup, ObjectType, Problem, Record, Value, Who,
    filter::{Path, unknown_field},
    label::label,
    permit::{Add, Change, View},
    registry,
    spelling::{self, Cell, ID, Said, field_of_heading, is_said_by_people},
    types::CONNECTION,
    wire::Edit,
};
use peerage_store::{Related, Store, Write};
use std::collections::{BTreeMap, HashMap, HashSet};
use table::{Line, Table};

/// Problems that are told one by one.
const TOLD: usize = 200;
/// Rows that are told of one by one.
const SHOWN: usize = 100;

pub struct FileImport {
    store: Store,
}

impl FileImport {
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Importing for FileImport {
    async fn import(&self, who: &Who, import: Import) -> Result<Imported, Problem> {
        let of = registry::get(&import.of).map_err(|message| Problem::malformed(format!("import.type: {message}")))?;
        let of = editable(of)?;
        who.permit::<View>(of)?;
        if !who.allows::<Change>(of) {
            who.permit::<Add>(of)?;
        }
        let table = Table::read(import.format, &import.text)?;
        let columns = columns(of, &table.headings, &import.columns);
        let run = Run { store: &self.store, who, of, import: &import, columns };
        run.whole(table).await
    }
}

// ---- columns ----

/// What a column is for.
#[derive(Clone, Debug)]
enum Means {
    Field(usize),
    Id,
    Nothing,
}

struct Mapped {
    told: Column,
    means: Means,
    problem: Option<String>,
}

/// What each heading means: what the person says, else what it says itself.
fn columns(of: &'static ObjectType, headings: &[String], said: &BTreeMap<String, String>) -> Vec<Mapped> {
    let mut taken: HashMap<String, String> = HashMap::new();
    let mut mapped = Vec::with_capacity(headings.len());
    for heading in headings {
        let mut column = match said.get(heading).map(|field| field.trim()) {
            Some("") => column(heading, "", "", Means::Nothing),
            Some(name) => chosen(of, heading, name),
            None => by_itself(of, heading),
        };
        if !column.told.field.is_empty() {
            if let Some(other) = taken.get(&column.told.field) {
                column.problem =
                    Some(format!("“{other}” goes into {} already. Leave one of the two out.", column.told.field));
                column.means = Means::Nothing;
            }
            taken.insert(column.told.field.clone(), heading.clone());
        }
        mapped.push(column);
    }
    mapped
}

fn column(heading: &str, field: &str, note: &str, means: Means) -> Mapped {
    let told = Column { heading: heading.to_owned(), field: field.to_owned(), note: note.to_owned() };
    Mapped { told, means, problem: None }
}

fn chosen(of: &'static ObjectType, heading: &str, name: &str) -> Mapped {
    if name == ID {
        return column(heading, ID, "", Means::Id);
    }
    match of.index_of(name).filter(|index| is_said_by_people(&of.fields[*index])) {
        Some(index) => column(heading, name, "", Means::Field(index)),
        None => {
            let why = match of.field(name).filter(|field| !field.is_internal()) {
                Some(field) => format!("{} is set by the system.", field.label()),
                None => unknown_field(of, name),
            };
            Mapped { problem: Some(why), ..column(heading, "", "", Means::Nothing) }
        }
    }
}

fn by_itself(of: &'static ObjectType, heading: &str) -> Mapped {
    if heading.eq_ignore_ascii_case(ID) {
        return column(heading, ID, "", Means::Id);
    }
    match field_of_heading(of, heading) {
        Some(field) if is_said_by_people(field) => chosen(of, heading, field.name),
        Some(_) => column(heading, "", "It is set by the system.", Means::Nothing),
        None if Path::parse(of, heading).is_ok() => {
            column(heading, "", "It belongs to another object.", Means::Nothing)
        }
        None => {
            let why =
                format!("{} Choose the field that is meant, or leave the column out.", unknown_field(of, heading));
            Mapped { problem: Some(why), ..column(heading, "", "", Means::Nothing) }
        }
    }
}

// ---- rows ----

/// A field of a row: what it is to be, or what is wrong with the cell.
type Told = (usize, Result<Value, String>);

/// A row whose names are looked up.
struct Read {
    number: usize,
    id: Option<Result<i64, String>>,
    told: Vec<Told>,
    /// What is wrong with the row as a whole.
    problem: Option<String>,
}

/// A row that is to be written.
struct Planned {
    number: usize,
    before: Option<Record>,
    after: Record,
    problems: Vec<FieldProblem>,
}

impl Planned {
    fn does(&self) -> Option<Does> {
        match &self.before {
            _ if !self.problems.is_empty() => Some(Does::Refused),
            None => Some(Does::Create),
            Some(before) if *before != self.after => Some(Does::Change),
            Some(_) => None,
        }
    }

    fn refuse(&mut self, problem: Problem) {
        if problem.fields.is_empty() {
            self.add("", problem.message);
        } else {
            self.problems.extend(problem.fields);
        }
    }

    fn add(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(FieldProblem { field: field.to_owned(), message: message.into(), warning: false });
    }
}

struct Run<'a> {
    store: &'a Store,
    who: &'a Who,
    of: &'static ObjectType,
    import: &'a Import,
    columns: Vec<Mapped>,
}

impl Run<'_> {
    async fn whole(&self, table: Table) -> Result<Imported, Problem> {
        let rows = self.read(&table).await?;
        let prior = self.matched(&rows).await?;
        let mut planned = self.planned(&table, rows, prior).await?;
        drop(table);
        self.check(&mut planned).await?;
        let request = request_id();
        let written = self.write(&mut planned, &request).await?;
        let mut done = self.told(&planned).await?;
        if done.wrong == 0
            && let Some(write) = written
        {
            // a trial's is rolled back
            if !self.import.trial {
                write.commit().await?;
                done.request = Some(request);
            }
        }
        if done.wrong > 0 && !self.import.trial {
            return Err(refusal(&done));
        }
        Ok(done)
    }

    /// What the cells say, with names looked up.
    async fn read(&self, table: &Table) -> Result<Vec<Read>, Problem> {
        let said: Vec<_> = table.rows.iter().map(|line| self.said(line)).collect();
        let mut names = Names::default();
        for (_, said) in &said {
            for (_, said) in said {
                match said {
                    Ok(Said::One(of, name)) => names.want(of, name),
                    Ok(Said::Many(of, many)) => many.iter().for_each(|name| names.want(of, name)),
                    _ => {}
                }
            }
        }
        names.look_up(self.store, self.who).await?;
        let rows = table.rows.iter().zip(said).map(|(line, (id, said))| {
            let told =
                said.into_iter().map(|(index, said)| (index, said.and_then(|said| self.value(index, said, &names))));
            let problem = line.odd.map(|cells| {
                format!(
                    "This row has {cells} cells, and the heading has {}. Put a cell that contains the separator or a \
                     quotation mark in quotation marks.",
                    self.columns.len()
                )
            });
            Read { number: line.number, id, told: told.collect(), problem }
        });
        Ok(rows.collect())
    }

    #[allow(clippy::type_complexity, reason = "used once")]
    fn said(&self, line: &Line) -> (Option<Result<i64, String>>, Vec<(usize, Result<Said, String>)>) {
        let mut id = None;
        let mut said = Vec::new();
        let attached_to = self.attached_to(line);
        for (column, content) in self.columns.iter().zip(&line.cells) {
            let Some(content) = content else { continue };
            match column.means {
                Means::Nothing => {}
                Means::Id => id = number(content.cell()),
                Means::Field(index) => {
                    let field = &self.of.fields[index];
                    said.push((index, spelling::read(self.of, field, content.cell(), attached_to)));
                }
            }
        }
        (id, said)
    }

    /// The type that a row's object is attached to, as the row says.
    fn attached_to(&self, line: &Line) -> Option<&'static ObjectType> {
        let index = self.of.index_of(self.of.attached?.of)?;
        let mut cells = self.columns.iter().zip(&line.cells);
        let (_, content) = cells.find(|(column, _)| matches!(column.means, Means::Field(field) if field == index))?;
        match spelling::read(self.of, &self.of.fields[index], content.as_ref()?.cell(), None) {
            Ok(Said::Value(Value::Text(key))) => registry::get(&key).ok(),
            _ => None,
        }
    }

    fn value(&self, index: usize, said: Said, names: &Names) -> Result<Value, String> {
        let field = &self.of.fields[index];
        match said {
            Said::Empty => Ok(Value::Null),
            Said::Value(value) => Ok(value),
            Said::One(of, name) => names.get(of, &name).map(Value::Int),
            Said::Many(of, many) => {
                let mut ids = many.iter().map(|name| names.get(of, name)).collect::<Result<Vec<i64>, String>>()?;
                ids.sort_unstable();
                ids.dedup();
                debug_assert!(matches!(field.kind, Kind::References { .. }));
                Ok(Value::Ids(ids.into()))
            }
        }
    }

    /// What is there of each row.
    async fn matched(&self, rows: &[Read]) -> Result<Vec<Prior>, Problem> {
        let mapped: HashSet<usize> = self
            .columns
            .iter()
            .filter_map(|column| if let Means::Field(index) = column.means { Some(index) } else { None })
            .collect();
        let permit = self.who.permit::<View>(self.of)?;
        let mut matching = Matching::new(self.store, &permit, &mapped, rows).await?;
        Ok(rows.iter().map(|row| matching.prior(row)).collect())
    }

    /// Each row's object before and after.
    async fn planned(&self, table: &Table, rows: Vec<Read>, prior: Vec<Prior>) -> Result<Vec<Planned>, Problem> {
        let permit = self.who.permit::<View>(self.of)?;
        // what is there in the words of a file: a cell that says the same changes nothing, however it is read
        let befores: Vec<Record> = prior.iter().filter_map(|prior| prior.record.clone()).collect();
        let related = self.store.related(&permit, &befores).await?;
        drop(befores);
        let mut seen: HashMap<i64, usize> = HashMap::new();
        let mut planned = Vec::with_capacity(rows.len());
        for ((line, row), prior) in table.rows.iter().zip(rows).zip(prior) {
            let mut one = self.plan(line, &row, prior, &related);
            if let Some(before) = &one.before
                && let Some(other) = seen.insert(before.id, row.number)
            {
                one.add("", format!("Row {} is about the same object.", other + 1));
            }
            planned.push(one);
        }
        Ok(planned)
    }

    fn plan(&self, line: &Line, row: &Read, prior: Prior, related: &Related) -> Planned {
        let before = prior.record;
        let mut edit = Edit { of: self.of.key(), ..Edit::default() };
        let mut wrong: Vec<(String, String)> = Vec::new();
        wrong.extend(row.problem.clone().map(|why| (String::new(), why)));
        wrong.extend(prior.problem);
        for (index, value) in &row.told {
            let field = &self.of.fields[*index];
            let now = before.as_ref().map(|before| before.at(*index));
            if let (Some(before), Some(now)) = (&before, now)
                && (value.as_ref().is_ok_and(|value| value == now)
                    || self.says_what_is_there(line, *index, before, related))
            {
                continue;
            }
            match value {
                Err(why) => wrong.push((field.name.to_owned(), why.clone())),
                Ok(Value::Hidden) if before.is_none() => wrong.push((
                    field.name.to_owned(),
                    "It does not stand in the file, because it is secret. Type it, or leave the cell empty.".to_owned(),
                )),
                Ok(value) => {
                    if let Some(value) = settled(field, value, now) {
                        edit.fields.insert(field.name.to_owned(), field.kind.to_json(&value));
                    }
                }
            }
        }
        let applied = match &before {
            // where nothing changes, nothing follows
            Some(before) if edit.fields.is_empty() => Ok(before.clone()),
            before => edit.apply(before.as_ref()),
        };
        let after = match applied {
            Ok(after) => after,
            Err(problem) => {
                wrong.extend(problem.fields.into_iter().map(|problem| (problem.field, problem.message)));
                before.clone().unwrap_or_else(|| Record::new(self.of))
            }
        };
        let mut planned = Planned { number: row.number, before, after, problems: Vec::new() };
        wrong.into_iter().for_each(|(field, why)| planned.add(&field, why));
        planned
    }

    fn says_what_is_there(&self, line: &Line, index: usize, before: &Record, related: &Related) -> bool {
        let means = |column: &&Mapped| matches!(column.means, Means::Field(field) if field == index);
        let Some(at) = self.columns.iter().position(|column| means(&column)) else { return false };
        let Ok(path) = Path::parse(self.of, self.of.fields[index].name) else { return false };
        match line.cells[at].as_ref().map(table::Content::cell) {
            Some(Cell::Text(text)) => text == spelling::cell(&path, before, related),
            Some(Cell::Json(json)) => *json == spelling::json_cell(&path, before, related),
            None => false,
        }
    }

    /// Everything that is wrong with what is planned, by itself and with what is around it.
    async fn check(&self, planned: &mut [Planned]) -> Result<(), Problem> {
        matching::without_rivals(self.store, &self.who.permit::<View>(self.of)?, planned).await?;
        let rules = Rules::new(self.store, self.who);
        // which port of PeeringDB a connection has is found, unless the file says it
        let finds = !self.of.is(&CONNECTION) || self.columns.iter().all(|column| column.told.field != Rules::PORT);
        for one in planned.iter_mut().filter(|one| finds && matches!(one.does(), Some(Does::Create | Does::Change))) {
            match rules.linked(one.before.as_ref(), one.after.clone()).await {
                Ok(after) => one.after = after,
                Err(problem) if problem.label == Label::Invalid => one.problems.extend(problem.fields),
                Err(problem) => return Err(problem),
            }
        }
        let checked = |facts: &dyn Facts| {
            planned
                .iter()
                .map(|one| match one.does() {
                    None => Vec::new(),
                    Some(_) => check_change(one.before.as_ref(), &one.after, facts)
                        .despite_warnings(self.import.insist)
                        .into_vec(),
                })
                .collect::<Vec<_>>()
        };
        let checked = Surroundings::new(self.store).ask(checked).await?;
        for (one, found) in planned.iter_mut().zip(checked) {
            // of a cell that could not be read it is not of interest that it is empty now
            let told: HashSet<String> = one.problems.iter().map(|problem| problem.field.clone()).collect();
            one.problems.extend(found.into_iter().filter(|problem| !told.contains(&problem.field)));
        }
        Ok(())
    }

    /// Writes it all; nothing if something is wrong.
    async fn write(&self, planned: &mut [Planned], request: &str) -> Result<Option<Write>, Problem> {
        let wrong = self.columns.iter().any(|column| column.problem.is_some());
        if wrong || planned.iter().any(|one| !one.problems.is_empty()) {
            return Ok(None);
        }
        let new: Vec<Record> =
            planned.iter().filter(|one| one.does() == Some(Does::Create)).map(|one| one.after.clone()).collect();
        let mut write = self.store.begin(self.who, request).await?;
        let mut written = !new.is_empty();
        if !new.is_empty() {
            match self.add_all(&mut write, new).await {
                Ok(()) => {}
                Err(problem) if is_about_a_row(&problem) => {
                    // one after the other, to say of which row it is; nothing of it is kept
                    drop(write);
                    self.find_refused(planned, problem, request).await?;
                    return Ok(None);
                }
                Err(problem) => return Err(problem),
            }
        }
        for one in planned.iter_mut().filter(|one| one.does() == Some(Does::Change)) {
            match self.change(&mut write, one).await {
                Ok(changed) => written |= changed,
                // the rest could not be written in this transaction any more
                Err(problem) if is_about_a_row(&problem) => {
                    one.refuse(problem);
                    return Ok(None);
                }
                Err(problem) => return Err(problem),
            }
        }
        keep_rules(&mut write, self.of).await?;
        Ok(written.then_some(write))
    }

    async fn add_all(&self, write: &mut Write, new: Vec<Record>) -> Result<(), Problem> {
        let stored = write.insert_all(&self.who.permit::<Add>(self.of)?, new).await?;
        let rules = Rules::new(self.store, self.who);
        for one in &stored {
            rules.follow(write, one).await?;
        }
        Ok(())
    }

    async fn change(&self, write: &mut Write, one: &mut Planned) -> Result<bool, Problem> {
        let Some(before) = &one.before else { return Ok(false) };
        let permit = self.who.permit::<Change>(self.of)?;
        let stored = write.update(&permit, before.version, one.after.clone()).await?;
        // a secret that was there already: nobody else is told that it was guessed
        if stored.version == before.version && self.who.rights.sees_secrets() {
            one.before = Some(one.after.clone());
            return Ok(false);
        }
        Rules::new(self.store, self.who).follow(write, &stored).await?;
        Ok(true)
    }

    /// Notes at the row that cannot be added why it cannot.
    async fn find_refused(&self, planned: &mut [Planned], of_all: Problem, request: &str) -> Result<(), Problem> {
        let permit = self.who.permit::<Add>(self.of);
        let mut write = self.store.begin(self.who, request).await?;
        for one in planned.iter_mut().filter(|one| one.does() == Some(Does::Create)) {
            let stored = match &permit {
                Ok(permit) => write.insert(permit, one.after.clone()).await.map_err(Problem::from),
                Err(problem) => Err(problem.clone()),
            };
            match stored {
                Ok(_) => {}
                Err(problem) if is_about_a_row(&problem) => {
                    one.refuse(problem);
                    return Ok(());
                }
                Err(problem) => return Err(problem),
            }
        }
        Err(of_all)
    }

    /// The answer.
    async fn told(&self, planned: &[Planned]) -> Result<Imported, Problem> {
        let mut done = Imported {
            rows: planned.len() as u64,
            columns: self.columns.iter().map(|column| column.told.clone()).collect(),
            ..Imported::default()
        };
        for column in &self.columns {
            if let Some(message) = &column.problem {
                let field = format!("columns.{}", column.told.heading);
                done.problems.push(FieldProblem { field, message: message.clone(), warning: false });
            }
        }
        for one in planned {
            match one.does() {
                None => done.same += 1,
                Some(Does::Create) => done.created += 1,
                Some(Does::Change) => done.changed += 1,
                Some(Does::Refused) => done.refused += 1,
            }
            let at_row = one.problems.iter().map(|problem| {
                let place = format!("rows.{}", one.number);
                let field = if problem.field.is_empty() { place } else { format!("{place}.{}", problem.field) };
                FieldProblem { field, ..problem.clone() }
            });
            done.problems.extend(at_row);
        }
        done.wrong = done.problems.len() as u64;
        done.problems.truncate(TOLD);
        let refused = planned.iter().filter(|one| one.does() == Some(Does::Refused));
        let others = planned.iter().filter(|one| matches!(one.does(), Some(Does::Create | Does::Change)));
        let shown: Vec<&Planned> = refused.chain(others).take(SHOWN).collect();
        let records: Vec<Record> =
            shown.iter().flat_map(|one| one.before.iter().chain([&one.after])).cloned().collect();
        let related = self.store.related(&self.who.permit::<View>(self.of)?, &records).await?;
        done.first = shown.iter().filter_map(|one| row(one, &related)).collect();
        Ok(done)
    }
}

/// The object's number in a cell; none where there is nothing.
fn number(cell: Cell<'_>) -> Option<Result<i64, String>> {
    let text = match cell {
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Json(serde_json::Value::Null) => return None,
        Cell::Json(serde_json::Value::String(text)) => text.trim().to_owned(),
        Cell::Json(json) => json.to_string(),
    };
    let digits = text.strip_prefix('#').unwrap_or(&text);
    let number = digits.parse::<i64>().ok().filter(|number| *number > 0);
    (!text.is_empty()).then(|| number.ok_or_else(|| format!("“{text}” is not an object's number.")))
}

/// What a cell means for a field that is now so: nothing for what cannot be empty and shall be. That keeps its value, or gets its
/// default if the object is new.
fn settled(field: &Field, said: &Value, now: Option<&Value>) -> Option<Value> {
    if !said.is_null() {
        return Some(said.clone());
    }
    let empty = field.empty_value();
    let can_be_empty = field.is_nullable() || !field.is_required() && empty.is_empty() && !empty.is_null();
    match now {
        Some(now) if now.is_empty() => None,
        _ if can_be_empty => Some(empty),
        _ if !field.default_value().is_empty() => None,
        // the rules say that it is needed
        _ => Some(empty),
    }
}

/// Whether a refusal is about one row, and not about the import or the database.
fn is_about_a_row(problem: &Problem) -> bool {
    matches!(problem.label, Label::Invalid | Label::Conflict | Label::Forbidden | Label::NotFound)
}

fn row(one: &Planned, lookup: &dyn Lookup) -> Option<Row> {
    let before = one.before.as_ref();
    let cells = one.after.iter().enumerate().filter(|(index, (field, value))| {
        is_said_by_people(field)
            && match before {
                Some(before) => before.at(*index) != *value,
                None => !value.is_empty() && **value != field.default_value(),
            }
    });
    let words = |record: &Record, field: &Field| match field.kind {
        Kind::Secret { .. } if record.get(field.name).is_empty() => String::new(),
        Kind::Secret { .. } => spelling::NOT_SHOWN.to_owned(),
        _ => Path::parse(record.of, field.name).map(|path| spelling::cell(&path, record, lookup)).unwrap_or_default(),
    };
    Some(Row {
        row: one.number as u64,
        does: one.does()?,
        id: before.map_or(0, |before| before.id),
        label: label(&one.after, lookup),
        cells: cells
            .map(|(_, (field, _))| CellWas {
                field: field.name.to_owned(),
                before: before.map(|before| words(before, field)).unwrap_or_default(),
                after: words(&one.after, field),
            })
            .collect(),
        problems: one.problems.clone(),
    })
}

fn refusal(done: &Imported) -> Problem {
    let mut problem = Problem::invalid(done.problems.clone());
    let first = done.problems.first();
    let place = first.map(|problem| problem.field.clone()).unwrap_or_default();
    let why = first.map(|problem| problem.message.clone()).unwrap_or_default();
    let more = match done.wrong {
        0 | 1 => String::new(),
        many => format!(" {} more problems.", many - 1),
    };
    problem.message = format!("Nothing was imported. {place}: {why}{more}");
    problem
}
