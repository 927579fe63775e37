//! What the columns of a file are for: what the person says of each, else what its heading says itself.

use peerage_app::import::Column;
use peerage_model::{
    ObjectType,
    filter::{Path, unknown_field},
    spelling::{ID, field_of_heading, is_said_by_people},
};
use std::collections::{BTreeMap, HashMap};

/// What a column is for.
#[derive(Clone, Debug)]
pub enum Means {
    Field(usize),
    Id,
    Nothing,
}

pub struct Mapped {
    pub told: Column,
    pub means: Means,
    pub problem: Option<String>,
}

/// What each heading means: what the person says, else what it says itself.
pub fn columns(of: &'static ObjectType, headings: &[String], said: &BTreeMap<String, String>) -> Vec<Mapped> {
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
