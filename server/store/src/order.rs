//! A list's order as SQL. A key that lies beyond references joins the tables on its way, each way once; whether rows are
//! dropped cannot happen, because a way that may end early is a LEFT JOIN. Nothing comes last in both directions, and the
//! id is always the last key, so that pages never overlap.
//!
//! A page whose first key is a field that most rows leave empty is read in two parts, rows with a value and rows without:
//! within the second the next key leads, and an index on it may end the search early ([`page`]).

use crate::{
    StoreError,
    column::{Shape, main_column, shape, sort_column},
    condition::{column, must_see},
};
use peerage_model::{Field, ObjectType, Sort, Who};
use sea_query::{Asterisk, Expr, ExprTrait, JoinType, NullOrdering, Order, Query, SelectStatement, UnionType};

/// One key of an order, as an expression on the rows.
pub(crate) struct Key {
    here: Expr,
    direction: Order,
    /// Rows without a value come last; where there are none, an index can serve better without saying so.
    nulls_last: bool,
    /// A nullable field of the rows themselves: what its column holds.
    parts: Option<Shape>,
}

impl Key {
    fn apply(&self, select: &mut SelectStatement, here: Expr) {
        match self.nulls_last {
            true => select.order_by_expr_with_nulls(here, self.direction.clone(), NullOrdering::Last),
            false => select.order_by_expr(here, self.direction.clone()),
        };
    }
}

/// The keys that put the rows of `of`, known as `alias`, in order; what they lie beyond is joined to `select`.
pub(crate) fn keys(
    select: &mut SelectStatement,
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    sort: &[Sort],
) -> Result<Vec<Key>, StoreError> {
    let mut keys = Vec::new();
    let mut ways: Vec<(String, Way)> = Vec::new();
    let mut settled: Vec<String> = Vec::new();
    for key in Sort::expand(sort) {
        let mut way = Way { alias: alias.to_owned(), of, certain: true };
        let mut name = String::new();
        for hop in key.path.hops() {
            let Some(to) = hop.kind.target() else { break };
            must_see(who, to)?;
            name = format!("{name}{}.", hop.name);
            way = match ways.iter().find(|(known, _)| *known == name) {
                Some((_, known)) => known.clone(),
                None => {
                    let next = join(select, &way, hop, to, ways.len());
                    ways.push((name.clone(), next.clone()));
                    next
                }
            };
        }
        // once a unique field of an object is given, nothing more of it can differ
        if settled.iter().any(|prefix| name.starts_with(prefix.as_str())) {
            continue;
        }
        let field = key.path.field();
        let direction = if key.descending { Order::Desc } else { Order::Asc };
        let nulls_last = !way.certain || field.is_nullable();
        let parts = (key.path.hops().is_empty() && field.is_nullable()).then(|| shape(field.kind));
        keys.push(Key { here: column(&way.alias, sort_column(field)), direction, nulls_last, parts });
        if field.name == "id" || (field.is_unique() && !field.is_nullable()) {
            settled.push(name);
        }
    }
    if !settled.iter().any(String::is_empty) {
        keys.push(Key { here: column(alias, "id"), direction: Order::Asc, nulls_last: false, parts: None });
    }
    Ok(keys)
}

/// Puts rows in order, and cuts a page out of them. `columns` are the names that `select` selects.
pub(crate) fn page(
    mut select: SelectStatement,
    columns: &[String],
    keys: &[Key],
    offset: u64,
    limit: Option<u64>,
) -> SelectStatement {
    let Some((Key { here: first, parts: Some(shape), .. }, limit)) = keys.first().zip(limit) else {
        for key in keys {
            key.apply(&mut select, key.here.clone());
        }
        if let Some(limit) = limit {
            select.limit(limit);
        }
        if offset > 0 {
            select.offset(offset);
        }
        return select;
    };
    let part = |number: &'static str, condition: Expr, keys_here: &[Key]| {
        let mut part = select.clone();
        part.and_where(condition).expr_as(Expr::cust(number), "part").limit(offset.saturating_add(limit));
        for (at, key) in keys.iter().enumerate() {
            part.expr_as(key.here.clone(), format!("k{at}"));
        }
        keys_here.iter().for_each(|key| key.apply(&mut part, key.here.clone()));
        Query::select().column(Asterisk).from_subquery(part, "p").to_owned()
    };
    let mut both = part("0", has_value(first.clone(), *shape), keys);
    both.union(UnionType::All, part("1", has_none(first.clone()), &keys[1..]));
    let mut page = Query::select();
    page.columns(columns.iter().cloned()).from_subquery(both, "u").order_by("part", Order::Asc);
    for (at, key) in keys.iter().enumerate() {
        key.apply(&mut page, Expr::col(format!("k{at}")));
    }
    page.limit(limit).offset(offset).to_owned()
}

/// There is a value, said so that SQLite searches an index for it.
fn has_value(here: Expr, shape: Shape) -> Expr {
    match shape {
        Shape::Text => here.gte(""),
        Shape::Int => here.gte(i64::MIN),
        Shape::Bool | Shape::Real => here.is_not_null(),
    }
}

/// There is no value, said so that SQLite does not search that index: nearly all rows are there, and the next key's index
/// brings them in order.
fn has_none(here: Expr) -> Expr {
    here.is_null().eq(Expr::Constant(true.into()))
}

/// A table that was reached.
#[derive(Clone)]
struct Way {
    alias: String,
    of: &'static ObjectType,
    /// Whether every row has one.
    certain: bool,
}

fn join(select: &mut SelectStatement, from: &Way, hop: &Field, to: &'static ObjectType, count: usize) -> Way {
    debug_assert!(from.of.field(hop.name).is_some());
    let certain = from.certain && !hop.is_nullable();
    let alias = format!("o{count}");
    let on: Expr = column(&alias, "id").eq(column(&from.alias, main_column(hop)));
    let kind = if certain { JoinType::InnerJoin } else { JoinType::LeftJoin };
    select.join_as(kind, to.table(), alias.clone(), on);
    Way { alias, of: to, certain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use peerage_model::types::IX_SESSION;

    fn page_of_sessions(sort: &[Sort], dialect: Dialect) -> String {
        let mut select = Query::select();
        select.expr(column("t", "id")).from_as(IX_SESSION.table(), "t");
        let keys = keys(&mut select, &Who::system("tests"), &IX_SESSION, "t", sort).unwrap();
        dialect.build(&page(select, &["id".to_owned()], &keys, 0, Some(100))).text
    }

    #[test]
    fn print() {
        println!("{}", page_of_sessions(&Sort::natural(&IX_SESSION), Dialect::Sqlite));
        println!("{}", page_of_sessions(&[Sort::parse(&IX_SESSION, "-autonomous_system").unwrap()], Dialect::Postgres));
    }
}
