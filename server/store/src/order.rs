//! A list's order as SQL. A key that lies beyond references joins the tables on its way, each way once; whether rows are
//! dropped cannot happen, because a way that may end early is a LEFT JOIN. Nothing comes last in both directions, and the
//! id is always the last key, so that pages never overlap.

use crate::{
    StoreError,
    column::{main_column, sort_column},
    condition::{column, must_see},
};
use peerage_model::{Field, ObjectType, Sort, Who};
use sea_query::{Expr, ExprTrait, JoinType, NullOrdering, Order, SelectStatement};

/// Puts the rows of `of`, known as `alias`, in order.
pub(crate) fn ordered(
    select: &mut SelectStatement,
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    keys: &[Sort],
) -> Result<(), StoreError> {
    let mut ways: Vec<(String, Way)> = Vec::new();
    let mut settled: Vec<String> = Vec::new();
    for key in Sort::expand(keys) {
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
        let here = column(&way.alias, sort_column(field));
        if way.certain && !field.is_nullable() {
            select.order_by_expr(here, direction);
        } else {
            select.order_by_expr_with_nulls(here, direction, NullOrdering::Last);
        }
        if field.name == "id" || (field.is_unique() && !field.is_nullable()) {
            settled.push(name);
        }
    }
    if !settled.iter().any(String::is_empty) {
        select.order_by_expr(column(alias, "id"), Order::Asc);
    }
    Ok(())
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
