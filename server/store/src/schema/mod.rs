//! What the tables must look like, by the descriptions; and what they do look like ([`actual`]). Migrations are history and
//! are written by hand (with [`ddl`] to begin from); a test holds the two together on both databases.
//!
//! Constraints are named here, in one place, because a refusal is told apart by its constraint's name. Unique combinations
//! are unique indexes rather than table constraints, so that a later migration can drop one on SQLite as well.
//!
//! Which indexes there are follows from descriptions too: every reference, every address's key, every AS number, numbers
//! offered as filters, the first key of a type's own order, and what says of itself that it is looked for. Of what is looked for
//! by addresses there are tens of thousands of wide rows: what a search reads of each stands together in an index.

pub mod actual;
pub mod ddl;

pub use crate::column::{Column, Shape};

use crate::column::{columns, has_search, is_address, link_table, links, main_column, sort_column};
use peerage_model::{Field, Kind, ObjectType, OnDelete, filter::named_after, registry};

/// The longest name that PostgreSQL keeps whole.
pub const LONGEST_NAME: usize = 63;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    /// `id` is first where there is one; its value is given by the database.
    pub columns: Vec<Column>,
    /// `id`, or a link's two columns.
    pub primary: Vec<String>,
    pub references: Vec<Reference>,
    pub uniques: Vec<Index>,
    pub indexes: Vec<Index>,
}

/// A foreign key to another table's `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    pub column: String,
    pub to: String,
    pub on_delete: OnDelete,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub columns: Vec<String>,
}

/// A combination of fields that no two rows share, and what to say of it.
pub(crate) struct UniqueFields {
    pub name: String,
    pub columns: Vec<String>,
    /// Where the problem is shown.
    pub field: &'static str,
    pub message: String,
}

/// All tables, in an order in which they can be made.
pub fn expected_schema() -> Vec<Table> {
    registry::TYPES.iter().copied().flat_map(tables).collect()
}

/// A type's own table, then those of its links.
pub fn tables(of: &'static ObjectType) -> Vec<Table> {
    let links = links(of).map(|(_, field, to)| link(of, field, to));
    std::iter::once(table(of)).chain(links).collect()
}

pub(crate) fn uniques(of: &'static ObjectType) -> Vec<UniqueFields> {
    let single = of.fields.iter().filter(|field| field.is_unique()).map(|field| UniqueFields {
        name: format!("unique_{}_{}", of.model, field.name),
        columns: vec![main_column(field)],
        field: field.name,
        message: format!(
            "Another {} has this {} already. Open that one, or choose another.",
            in_sentence(of.name),
            in_sentence(&field.label())
        ),
    });
    let several = of.unique.iter().map(|unique| UniqueFields {
        name: unique.name.to_owned(),
        columns: unique.fields.iter().filter_map(|name| of.field(name)).map(main_column).collect(),
        field: unique.at,
        message: unique.message.to_owned(),
    });
    single.chain(several).collect()
}

/// The foreign key of a reference, or that of a link to its target.
pub(crate) fn reference_name(of: &ObjectType, field: &Field) -> String {
    named(format!("fk_{}_{}", of.model, field.name))
}

/// PostgreSQL cuts longer names by itself; SQLite is to have the same.
fn named(mut name: String) -> String {
    name.truncate(LONGEST_NAME);
    name
}

/// "Autonomous system" within a sentence; "IX session" stays.
pub(crate) fn in_sentence(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            format!("{}{}", first.to_lowercase(), &name[first.len_utf8()..])
        }
        _ => name.to_owned(),
    }
}

fn plain(name: &str, shape: Shape) -> Column {
    Column { name: name.to_owned(), shape, nullable: false }
}

fn table(of: &'static ObjectType) -> Table {
    let mut all = vec![plain("id", Shape::Int), plain("version", Shape::Int)];
    if has_search(of) {
        all.push(plain("search", Shape::Text));
    }
    all.extend(of.fields.iter().flat_map(columns));
    let references = of.fields.iter().filter_map(|field| match field.kind {
        Kind::Reference { to, on_delete } => {
            Some(Reference { name: reference_name(of, field), column: main_column(field), to: to.table(), on_delete })
        }
        _ => None,
    });
    let uniques: Vec<Index> = uniques(of).into_iter().map(|u| Index { name: u.name, columns: u.columns }).collect();
    let covered =
        |column: &str| uniques.iter().any(|unique| unique.columns.first().is_some_and(|first| first == column));
    let first = of.order.first().and_then(|key| of.field(key.trim_start_matches('-')));
    let indexed = |field: &&Field| {
        is_address(field.kind)
            || matches!(field.kind, Kind::Reference { .. } | Kind::Asn { .. })
            || (field.is_filter() && matches!(field.kind, Kind::Int { .. }))
            || field.is_indexed()
            || first.is_some_and(|first| first.name == field.name)
    };
    let indexes = of.fields.iter().filter(indexed).map(sort_column).filter(|column| !covered(column));
    let indexes = indexes.map(|column| index(&of.table(), column)).chain(searched(of)).collect();
    Table {
        name: of.table(),
        columns: all,
        primary: vec!["id".to_owned()],
        references: references.collect(),
        uniques,
        indexes,
    }
}

/// All that [`Store::search`](crate::Store::search) reads of every row.
fn searched(of: &'static ObjectType) -> Option<Index> {
    let by_address =
        |field: &Field| field.is_search() && matches!(field.kind, Kind::IpHost { .. } | Kind::IpInterface { .. });
    let named_after = named_after(of).map(|(field, _)| main_column(field));
    of.fields.iter().any(by_address).then(|| Index {
        name: named(format!("ix_{}_search", of.table())),
        columns: std::iter::once("search".to_owned()).chain(named_after).collect(),
    })
}

fn link(of: &ObjectType, field: &Field, to: &ObjectType) -> Table {
    let name = link_table(of, field);
    let columns = vec![plain("owner_id", Shape::Int), plain("target_id", Shape::Int)];
    let reference = |name: String, column: &str, to: &ObjectType| Reference {
        name,
        column: column.to_owned(),
        to: to.table(),
        on_delete: OnDelete::Cascade,
    };
    Table {
        primary: columns.iter().map(|column| column.name.clone()).collect(),
        columns,
        references: vec![
            reference(named(format!("{}_owner", reference_name(of, field))), "owner_id", of),
            reference(reference_name(of, field), "target_id", to),
        ],
        uniques: Vec::new(),
        indexes: vec![index(&name, "target_id".to_owned())],
        name,
    }
}

fn index(table: &str, column: String) -> Index {
    let name = named(format!("ix_{table}_{}", column.strip_suffix("_id").unwrap_or(&column)));
    Index { name, columns: vec![column] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_distinct_and_kept_whole() {
        let mut known = HashSet::new();
        for table in expected_schema() {
            let names = table.uniques.iter().chain(&table.indexes).map(|index| index.name.clone());
            for name in names.chain([table.name.clone()]) {
                assert!(name.len() <= LONGEST_NAME, "{name} is too long");
                assert!(known.insert(name.clone()), "{name} stands twice");
            }
            assert!(table.references.iter().all(|reference| reference.name.len() <= LONGEST_NAME));
        }
    }

    /// PostgreSQL refuses a row of an index beyond 2,704 bytes; a character has four at most.
    #[test]
    fn what_is_searched_fits_into_an_index() {
        for of in registry::TYPES.iter().filter(|of| searched(of).is_some()) {
            let longest = |field: &Field| match field.kind {
                Kind::Text { max } => max as usize,
                Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Asn { .. } => 44,
                kind => panic!("{}.{}: how long can {kind:?} be?", of.key(), field.name),
            };
            let letters: usize =
                of.fields.iter().filter(|field| field.is_search()).map(|field| longest(field) + 1).sum();
            assert!(4 * letters + 32 < 2_704, "{}: {letters}", of.key());
        }
    }

    #[test]
    fn type_names_fit_into_sentences() {
        assert_eq!(in_sentence("Autonomous system"), "autonomous system");
        assert_eq!(in_sentence("IX session"), "IX session");
    }
}
