//! A list's order as SQL. A key that lies beyond references joins the tables on its way, each way once; whether rows are
//! dropped cannot happen, because a way that may end early is a LEFT JOIN. Nothing comes last in both directions, and the
//! id is always the last key, so that pages never overlap.
//!
//! Sorting 50,000 rows by what lies beyond five references takes SQLite 60 ms, for a page of a hundred. Two ways around it
//! ([`page`]): where the first key is a field that most rows leave empty, rows with and rows without are two parts, and the
//! next key leads in the second; and where a unique number leads (a peer's AS number), only rows up to that number of the
//! page's last row are sorted at all, which an index finds quickly.

use crate::{
    StoreError,
    column::{Shape, main_column, shape, sort_column},
    condition::{column, must_see, visible},
};
use peerage_model::{Field, ObjectType, Sort, Who, permit::View};
use sea_query::{Asterisk, Expr, ExprTrait, Func, JoinType, NullOrdering, Order, Query, SelectStatement, UnionType};

/// One key of an order, as an expression on the rows.
pub(crate) struct Key {
    here: Expr,
    direction: Order,
    /// Rows without a value come last; where there are none, an index can serve better without saying so.
    nulls_last: bool,
    /// A nullable field of the rows themselves: what its column holds.
    parts: Option<Shape>,
    /// A unique number of an object that every row has: few rows share it.
    bounds: bool,
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
    // nobody asked for a type's own order: who may not see all that it leads through gets the rest of it
    let is_natural = sort == Sort::natural(of);
    let is_seen =
        |key: &Sort| key.path.hops().iter().filter_map(|hop| hop.kind.target()).all(|to| who.allows::<View>(to));
    for key in Sort::expand(sort).into_iter().filter(|key| !is_natural || is_seen(key)) {
        let mut way = Way { alias: alias.to_owned(), of, certain: true };
        let mut name = String::new();
        for hop in key.path.hops() {
            let Some(to) = hop.kind.target() else { break };
            must_see(who, to)?;
            name = format!("{name}{}.", hop.name);
            way = match ways.iter().find(|(known, _)| *known == name) {
                Some((_, known)) => known.clone(),
                None => {
                    let next = join(select, who, &way, hop, to, ways.len())?;
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
        let unique = field.name == "id" || (field.is_unique() && !field.is_nullable());
        let bounds = unique && !nulls_last && shape(field.kind) == Shape::Int;
        keys.push(Key { here: column(&way.alias, sort_column(field)), direction, nulls_last, parts, bounds });
        if unique {
            settled.push(name);
        }
    }
    if !settled.iter().any(String::is_empty) {
        keys.push(Key {
            here: column(alias, "id"),
            direction: Order::Asc,
            nulls_last: false,
            parts: None,
            bounds: false,
        });
    }
    Ok(keys)
}

/// Where a page lies, and whether it is worth looking for it rather than sorting everything.
pub(crate) struct Cut {
    pub offset: u64,
    pub limit: Option<u64>,
    /// There are few rows to sort.
    pub few: bool,
}

/// Puts rows in order, and cuts a page out of them. `columns` are the names that `select` selects.
pub(crate) fn page(mut select: SelectStatement, columns: &[String], keys: &[Key], cut: &Cut) -> SelectStatement {
    let Some(limit) = cut.limit else {
        in_order(&mut select, keys);
        if cut.offset > 0 {
            // SQLite knows no offset without a limit
            select.limit(u64::MAX).offset(cut.offset);
        }
        return select;
    };
    let until = cut.offset.saturating_add(limit);
    let Some((first, shape)) = keys.first().and_then(|key| Some((&key.here, key.parts?))).filter(|_| !cut.few) else {
        if !cut.few {
            bounded(&mut select, keys, until);
        }
        in_order(&mut select, keys);
        return select.limit(limit).offset(cut.offset).to_owned();
    };
    let part = |number: &'static str, condition: Expr, lead: &[Key]| {
        let mut part = select.clone();
        part.and_where(condition);
        bounded(&mut part, lead, until);
        in_order(&mut part, lead);
        part.expr_as(Expr::cust(number), "part").limit(until);
        for (at, key) in keys.iter().enumerate() {
            part.expr_as(key.here.clone(), format!("k{at}"));
        }
        Query::select().column(Asterisk).from_subquery(part, "p").to_owned()
    };
    let mut both = part("0", has_value(first.clone(), shape), keys);
    both.union(UnionType::All, part("1", has_none(first.clone()), &keys[1..]));
    let mut page = Query::select();
    page.columns(columns.iter().cloned()).from_subquery(both, "u").order_by("part", Order::Asc);
    for (at, key) in keys.iter().enumerate() {
        key.apply(&mut page, Expr::col(format!("k{at}")));
    }
    page.limit(limit).offset(cut.offset).to_owned()
}

fn in_order(select: &mut SelectStatement, keys: &[Key]) {
    keys.iter().for_each(|key| key.apply(select, key.here.clone()));
}

/// Leaves out rows whose first key lies beyond that of the `until`th row by the first key alone: none of those can be
/// among the first `until` by all keys.
fn bounded(select: &mut SelectStatement, keys: &[Key], until: u64) {
    let [lead, _, .., id] = keys else { return };
    if !lead.bounds {
        return;
    }
    let mut last = select.clone();
    last.clear_selects().expr(lead.here.clone());
    lead.apply(&mut last, lead.here.clone());
    id.apply(&mut last, id.here.clone());
    last.limit(1).offset(until.saturating_sub(1));
    let last = Expr::SubQuery(None, Box::new(last.into()));
    // fewer rows than that: no bound
    let bound = |none: i64| Expr::from(Func::coalesce([last, none.into()]));
    select.and_where(match lead.direction {
        Order::Desc => lead.here.clone().gte(bound(i64::MIN)),
        _ => lead.here.clone().lte(bound(i64::MAX)),
    });
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

fn join(
    select: &mut SelectStatement,
    who: &Who,
    from: &Way,
    hop: &Field,
    to: &'static ObjectType,
    count: usize,
) -> Result<Way, StoreError> {
    debug_assert!(from.of.field(hop.name).is_some());
    let alias = format!("o{count}");
    let visible = visible(who, to, &alias)?;
    let certain = from.certain && !hop.is_nullable() && visible.is_none();
    let on: Expr = column(&alias, "id").eq(column(&from.alias, main_column(hop)));
    // what may not be seen has no place in the order
    let on = visible.map_or(on.clone(), |visible| on.and(visible));
    let kind = if certain { JoinType::InnerJoin } else { JoinType::LeftJoin };
    select.join_as(kind, to.table(), alias.clone(), on);
    Ok(Way { alias, of: to, certain })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use peerage_model::types::IX_SESSION;

    fn page_of_sessions(sort: &[Sort], few: bool) -> String {
        let mut select = Query::select();
        select.expr(column("t", "id")).from_as(IX_SESSION.table(), "t");
        let keys = keys(&mut select, &Who::system("tests"), &IX_SESSION, "t", sort).unwrap();
        let cut = Cut { offset: 200, limit: Some(100), few };
        Dialect::Sqlite.build(&page(select, &["id".to_owned()], &keys, &cut)).text
    }

    #[test]
    fn a_page_of_many_is_looked_for_and_one_of_few_is_sorted() {
        let natural = Sort::natural(&IX_SESSION);
        let many = page_of_sessions(&natural, false);
        assert!(many.contains("UNION ALL") && many.contains(r#""o0"."asn" <= COALESCE((SELECT "o0"."asn""#), "{many}");
        let few = page_of_sessions(&natural, true);
        assert!(!few.contains("UNION") && !few.contains("COALESCE"), "{few}");
        let by_address = page_of_sessions(&[Sort::parse(&IX_SESSION, "-ip_address").unwrap()], false);
        assert!(
            by_address.ends_with(r#"ORDER BY "t"."ip_address_key" DESC, "t"."id" ASC LIMIT ? OFFSET ?"#),
            "{by_address}"
        );
    }

    #[test]
    fn a_way_is_joined_once() {
        let keys =
            ["ixp_connection.router.name", "ixp_connection.vlan", "autonomous_system.asn", "autonomous_system.name"];
        let keys: Vec<Sort> = keys.iter().map(|key| Sort::parse(&IX_SESSION, key).unwrap()).collect();
        let text = page_of_sessions(&keys, true);
        assert_eq!(text.matches(" JOIN ").count(), 3, "{text}");
        // nothing more of a network differs once its number is given
        assert!(!text.contains(r#""o2"."name""#), "{text}");
    }
}
