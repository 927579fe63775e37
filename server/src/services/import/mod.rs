//! Objects from a file: what each cell says is read, names are looked up, rows are matched with what is there, everything is
//! checked as a whole, and then written in one transaction, which a trial rolls back. One thing that is wrong, and nothing is
//! written.
//!
//! What must stay true: the same file a second time changes nothing; what a list exports imports as the same; a row reaches
//! nothing that its person could not reach by hand.

mod answer;
mod columns;
mod matching;
mod names;
mod table;
mod writing;

use super::{
    records::{Rules, editable},
    request_id,
    surroundings::{Surroundings, check_change},
};
use answer::refusal;
use async_trait::async_trait;
use columns::{Mapped, Means, columns};
use matching::{Matching, Prior};
use names::Names;
use peerage_app::import::{Does, Import, Imported, Importing};
use peerage_model::{
    Facts, Field, FieldProblem, Kind, Label, ObjectType, Problem, Record, Value, Who,
    filter::Path,
    permit::{Add, Change, View},
    registry,
    spelling::{self, Cell, Said},
    types::CONNECTION,
    wire::Edit,
};
use peerage_store::{Related, Store};
use std::collections::{HashMap, HashSet};
use table::{Line, Table};

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
        let table = tokio::task::block_in_place(|| Table::read(import.format, &import.text))?;
        let columns = columns(of, &table.headings, &import.columns);
        let run = Run { store: &self.store, who, of, import: &import, columns };
        run.whole(table).await
    }
}

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
        if let Some(message) = prior.doubt.filter(|_| !self.import.insist) {
            planned.problems.push(FieldProblem { field: spelling::ID.to_owned(), message, warning: true });
        }
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
