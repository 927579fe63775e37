//! What is said of an import to the person who asked for it.

use super::{Planned, Run};
use peerage_app::import::{CellWas, Does, Imported, Row};
use peerage_model::{
    Field, FieldProblem, Kind, Lookup, Problem, Record,
    filter::Path,
    label::label,
    permit::View,
    spelling::{self, is_said_by_people},
};

/// Problems that are told one by one.
const TOLD: usize = 200;
/// Rows that are told of one by one.
const SHOWN: usize = 100;

impl Run<'_> {
    /// The answer.
    pub(super) async fn told(&self, planned: &[Planned]) -> Result<Imported, Problem> {
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

pub fn refusal(done: &Imported) -> Problem {
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
