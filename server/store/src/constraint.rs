//! A constraint that refused, as a problem at the field that a person can mend. PostgreSQL names the constraint; SQLite
//! names the columns of a unique index, and nothing for a foreign key, so there the missing object is looked for.

use crate::{
    StoreError,
    column::links,
    database::{Dialect, Door},
    rows::{Wanted, load_ids},
    schema::{UniqueFields, in_sentence, reference_name, uniques},
};
use peerage_model::{Field, Kind, ObjectType, Problem, Record, Value};
use sqlx::error::ErrorKind;

/// What a refused write of some records of one type means.
pub(crate) async fn explain(
    door: &mut Door<'_>,
    of: &'static ObjectType,
    records: &[Record],
    error: sqlx::Error,
) -> StoreError {
    let Some(refusal) = error.as_database_error() else { return error.into() };
    match refusal.kind() {
        ErrorKind::UniqueViolation => {
            let message = refusal.message();
            let refused = uniques(of).into_iter().find(|unique| match refusal.constraint() {
                Some(name) => name == unique.name,
                None => names_columns(message, of, unique),
            });
            match refused {
                Some(unique) => Problem::field(unique.field, unique.message).into(),
                None => {
                    Problem::conflict(format!("There is already a {} with this number.", in_sentence(of.name))).into()
                }
            }
        }
        ErrorKind::ForeignKeyViolation => {
            let missing = match (door.dialect(), refusal.constraint()) {
                (Dialect::Postgres, Some(name)) => {
                    of.fields.iter().find(|f| f.kind.is_reference() && reference_name(of, f) == name).map(|f| (f, None))
                }
                _ => first_missing(door, of, records).await,
            };
            match missing {
                Some((field, id)) => gone(field, id, records).into(),
                None => error.into(),
            }
        }
        _ => error.into(),
    }
}

/// SQLite: `UNIQUE constraint failed: table.a, table.b`.
fn names_columns(message: &str, of: &ObjectType, unique: &UniqueFields) -> bool {
    let table = of.table();
    let columns: Vec<String> = unique.columns.iter().map(|column| format!("{table}.{column}")).collect();
    message.split_once(": ").is_some_and(|(_, named)| named == columns.join(", "))
}

fn gone(field: &Field, id: Option<i64>, records: &[Record]) -> Problem {
    let id = id.or_else(|| match records {
        [record] => record.int(field.name),
        _ => None,
    });
    let name = field.kind.target().map_or("object", |to| to.name);
    let which = id.map(|id| format!(" {id}")).unwrap_or_default();
    Problem::field(field.name, format!("{name}{which} does not exist any more. Choose another."))
}

async fn first_missing(
    door: &mut Door<'_>,
    of: &'static ObjectType,
    records: &[Record],
) -> Option<(&'static Field, Option<i64>)> {
    let single = of.fields.iter().enumerate().filter(|(_, field)| matches!(field.kind, Kind::Reference { .. }));
    let many = links(of).map(|(index, field, _)| (index, field));
    for (index, field) in single.chain(many) {
        let to = field.kind.target()?;
        let ids: Vec<i64> = records
            .iter()
            .flat_map(|record| match record.at(index) {
                Value::Int(id) => std::slice::from_ref(id),
                Value::Ids(ids) => ids,
                _ => &[],
            })
            .copied()
            .collect();
        let found = load_ids(door, &Wanted::new(to, Vec::new()), &ids).await.ok()?;
        if let Some(id) = ids.into_iter().find(|id| !found.iter().any(|record| record.id == *id)) {
            return Some((field, Some(id)));
        }
    }
    None
}
