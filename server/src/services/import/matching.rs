//! Which object a row is about: the one with its number; else the one that has what no two objects share; else one that says all
//! that the row says. And what stands in the way of a row: another object, or another row, that has what no two may share.

use super::{Planned, Read};
use peerage_model::{
    Field, Kind, ListQuery, ObjectType, Permit, Problem, Record, Value, label::label, permit::View,
    problem::in_sentence,
};
use peerage_store::Store;
use std::collections::{HashMap, HashSet};

/// What is there of a row.
#[derive(Default)]
pub struct Prior {
    pub record: Option<Record>,
    /// At which field, and why it is none.
    pub problem: Option<(String, String)>,
    /// Why it is perhaps another one than the number says.
    pub doubt: Option<String>,
}

/// Fields that no two objects share together, by index.
type Combination = Vec<usize>;

fn combinations(of: &'static ObjectType) -> Vec<Combination> {
    let single = of.fields.iter().enumerate().filter(|(_, field)| field.is_unique() && !field.is_internal());
    let several = of.unique.iter().map(|unique| unique.fields.iter().filter_map(|name| of.index_of(name)).collect());
    let all = single.map(|(index, _)| vec![index]).chain(several);
    // nothing is found by a secret, or it could be guessed
    all.filter(|fields: &Combination| fields.iter().all(|index| !matches!(of.fields[*index].kind, Kind::Secret { .. })))
        .collect()
}

/// A combination's values as one text; none where one is missing, which is never shared.
fn text_of<'a>(fields: &[usize], value: impl Fn(usize) -> Option<&'a Value>) -> Option<String> {
    let mut text = String::new();
    for index in fields {
        let value = value(*index).filter(|value| !value.is_null())?;
        text.push_str(&format!("{value:?}\u{0}"));
    }
    Some(text)
}

/// The field of a combination that fewest objects share, as far as that can be told from its kind.
fn pivot(of: &'static ObjectType, fields: &[usize]) -> usize {
    let weight = |field: &Field| match field.kind {
        Kind::Bool => 0,
        Kind::Choice(_) => 1,
        Kind::Reference { .. } => 2,
        Kind::Int { .. } => 3,
        _ => 4,
    };
    fields.iter().copied().max_by_key(|index| weight(&of.fields[*index])).unwrap_or_default()
}

/// Objects that have one of some values where a combination is surest.
async fn holders<'a>(
    store: &Store,
    permit: &Permit<View>,
    fields: &[usize],
    values: impl Iterator<Item = &'a Value>,
) -> Result<Vec<Record>, Problem> {
    let mut seen = HashSet::new();
    // nothing that is stored has a NUL, and PostgreSQL does not even look for it
    let storable = |value: &Value| !value.is_null() && value.as_text().is_none_or(|text| !text.contains('\0'));
    let values: Vec<Value> =
        values.filter(|value| storable(value) && seen.insert(format!("{value:?}"))).cloned().collect();
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let field = &permit.of().fields[pivot(permit.of(), fields)];
    Ok(store.among(permit, field.name, &values).await?)
}

pub struct Matching {
    by_id: HashMap<i64, Record>,
    by_combination: Vec<(Combination, HashMap<String, Record>)>,
    /// By fields: objects that say all that a row says of these, each to be taken once, the last one first.
    alike: HashMap<Vec<usize>, HashMap<String, Vec<Record>>>,
    of: &'static ObjectType,
}

impl Read {
    fn value(&self, index: usize) -> Option<&Value> {
        self.told.iter().find(|(told, _)| *told == index).and_then(|(_, value)| value.as_ref().ok())
    }

    /// The fields that it says something of.
    fn fields(&self) -> Vec<usize> {
        let mut fields: Vec<usize> = self.told.iter().map(|(index, _)| *index).collect();
        fields.sort_unstable();
        fields
    }

    /// All that it says; none if something cannot be read.
    fn all(&self, of: &'static ObjectType) -> Option<String> {
        let words = |index| Some(said(&of.fields[index], self.value(index)?));
        self.fields().into_iter().map(words).collect()
    }
}

fn said(field: &Field, value: &Value) -> String {
    match value {
        // cannot be compared
        _ if matches!(field.kind, Kind::Secret { .. }) => "\u{0}".to_owned(),
        value if value.is_empty() => "\u{0}".to_owned(),
        value => format!("{value:?}\u{0}"),
    }
}

/// So many different choices of fields the rows of a file may make, where nothing but all that they say finds their objects.
const MOST_CHOICES: usize = 32;

impl Matching {
    /// `mapped`: the fields that the file has columns for.
    pub async fn new(
        store: &Store,
        permit: &Permit<View>,
        mapped: &HashSet<usize>,
        rows: &[Read],
    ) -> Result<Self, Problem> {
        let of = permit.of();
        let ids: Vec<i64> = rows.iter().filter_map(|row| row.id.as_ref()?.as_ref().ok()).copied().collect();
        let by_id = store.get_many(permit, &ids).await?;
        let by_id = store.reveal(permit, by_id).await?;
        let mut matching = Self {
            by_id: by_id.into_iter().map(|record| (record.id, record)).collect(),
            by_combination: Vec::new(),
            alike: HashMap::new(),
            of,
        };
        for fields in combinations(of).into_iter().filter(|fields| fields.iter().all(|index| mapped.contains(index))) {
            let at = pivot(of, &fields);
            // of what has its number and is called so already nothing is sought
            let sought = rows.iter().filter(|row| match matching.numbered(row) {
                Some(record) => {
                    text_of(&fields, |index| row.value(index)) != text_of(&fields, |index| Some(record.at(index)))
                }
                None => row.id.is_none(),
            });
            let found = holders(store, permit, &fields, sought.filter_map(|row| row.value(at))).await?;
            let found = store.reveal(permit, found).await?;
            let texts = found.into_iter().filter_map(|record| {
                text_of(&fields, |index| Some(record.at(index))).map(|text| (text, record.clone()))
            });
            let texts = texts.collect();
            matching.by_combination.push((fields, texts));
        }
        matching.look_for_alike(store, permit, rows).await?;
        Ok(matching)
    }

    async fn look_for_alike(&mut self, store: &Store, permit: &Permit<View>, rows: &[Read]) -> Result<(), Problem> {
        let of = self.of;
        let unkeyed = rows.iter().filter(|row| row.id.is_none() && !self.has_key(row));
        let choices: HashSet<Vec<usize>> = unkeyed.map(Read::fields).collect();
        if choices.is_empty() {
            return Ok(());
        }
        if choices.len() > MOST_CHOICES {
            let message = format!(
                "The rows of this file name very different fields, and nothing by which {} could be found again. Give \
                 all rows the same fields, or cut the file.",
                in_sentence(of.plural)
            );
            return Err(Problem::field("text", message));
        }
        let fields = (0..of.fields.len()).filter(|index| !of.fields[*index].is_internal()).collect();
        let everything = ListQuery { fields, sort: Vec::new(), ..ListQuery::all(of).unpaged() };
        let mut records = store.reveal(permit, store.records(permit, &everything).await?).await?;
        // taken from the end: those with the lowest numbers first, the same every time
        records.sort_unstable_by_key(|record| std::cmp::Reverse(record.id));
        for choice in choices {
            let mut alike: HashMap<String, Vec<Record>> = HashMap::new();
            for record in &records {
                let all = choice.iter().map(|index| said(&of.fields[*index], record.at(*index))).collect();
                alike.entry(all).or_default().push(record.clone());
            }
            self.alike.insert(choice, alike);
        }
        Ok(())
    }

    fn has_key(&self, row: &Read) -> bool {
        self.by_combination.iter().any(|(fields, _)| text_of(fields, |index| row.value(index)).is_some())
    }

    fn numbered(&self, row: &Read) -> Option<&Record> {
        self.by_id.get(row.id.as_ref()?.as_ref().ok()?)
    }

    /// Whether a row says by its names that it is about another object than the one that has its number here: numbers of another
    /// installation lead astray.
    fn doubt(&self, row: &Read, numbered: &Record) -> Option<String> {
        let called = |record: &Record| format!("{} {} is “{}” here", self.of.name, record.id, label(record, &()));
        let leave_out = "Leave the numbers out if they are those of another installation.";
        let mut differs = None;
        for (fields, known) in &self.by_combination {
            let Some(text) = text_of(fields, |index| row.value(index)) else { continue };
            if let Some(other) = known.get(&text).filter(|other| other.id != numbered.id) {
                return Some(format!("{}, and this row is about {}. {leave_out}", called(numbered), other.id));
            }
            let differ = fields.iter().all(|index| row.value(*index) != Some(numbered.at(*index)));
            differs = Some(differs.unwrap_or(true) && differ);
        }
        (differs == Some(true)).then(|| format!("{}: this row names another. {leave_out}", called(numbered)))
    }

    pub fn prior(&mut self, row: &Read) -> Prior {
        match &row.id {
            Some(Err(why)) => return Prior { problem: Some(("id".to_owned(), why.clone())), ..Prior::default() },
            Some(Ok(id)) => {
                let record = self.by_id.get(id).cloned();
                let gone = || {
                    let why = format!(
                        "There is no {} {id} that you may see. Leave the number out to add a new one.",
                        in_sentence(self.of.name)
                    );
                    ("id".to_owned(), why)
                };
                let problem = record.is_none().then(gone);
                let doubt = record.as_ref().and_then(|record| self.doubt(row, record));
                return Prior { record, problem, doubt };
            }
            None => {}
        }
        for (fields, known) in &self.by_combination {
            let found = text_of(fields, |index| row.value(index)).and_then(|text| known.get(&text));
            if let Some(record) = found {
                return Prior { record: Some(record.clone()), ..Prior::default() };
            }
        }
        if self.has_key(row) {
            return Prior::default();
        }
        let record = row.all(self.of).and_then(|all| self.alike.get_mut(&row.fields())?.get_mut(&all)?.pop());
        Prior { record, ..Prior::default() }
    }
}

/// Notes at the rows what they would share with other objects or rows and may not.
pub async fn without_rivals(store: &Store, permit: &Permit<View>, planned: &mut [Planned]) -> Result<(), Problem> {
    let of = permit.of();
    let written: HashSet<i64> = planned.iter().filter_map(|one| one.before.as_ref()).map(|before| before.id).collect();
    for fields in combinations(of) {
        let at = pivot(of, &fields);
        let found = holders(store, permit, &fields, planned.iter().map(|one| one.after.at(at))).await?;
        let rivals: HashMap<String, i64> = found
            .iter()
            // what is in the file itself is compared as it will be
            .filter(|record| !written.contains(&record.id))
            .filter_map(|record| Some((text_of(&fields, |index| Some(record.at(index)))?, record.id)))
            .collect();
        let mut rows: HashMap<String, usize> = HashMap::new();
        let is_that = |unique: &&peerage_model::object::Unique| {
            unique.fields.iter().filter_map(|name| of.index_of(name)).eq(fields.iter().copied())
        };
        let field = match fields.as_slice() {
            [only] => of.fields[*only].name,
            _ => of.unique.iter().find(is_that).map_or("", |unique| unique.at),
        };
        let names: Vec<String> = fields.iter().map(|index| of.fields[*index].label()).collect();
        let names = names.join(", ");
        for one in planned.iter_mut() {
            let Some(text) = text_of(&fields, |index| Some(one.after.at(index))) else { continue };
            if let Some(id) = rivals.get(&text) {
                one.add(field, format!("{} #{id} has the same already: {names}.", of.name));
            } else if let Some(other) = rows.insert(text, one.number) {
                one.add(field, format!("Row {} has the same: {names}.", other + 1));
            }
        }
    }
    Ok(())
}
