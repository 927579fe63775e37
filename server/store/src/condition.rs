//! A list's filter as SQL. The meaning is that of `Filter::matches` in `peerage-model`, to the letter: a test compares the
//! two, for every field and operator, on both databases.
//!
//! A path through references becomes nested `IN (SELECT id ...)`, so that rows are never multiplied. What is unknown
//! (null) does not hold, and the negation of what does not hold does: a negated term includes rows without a value.
//! Nobody can ask about what they may not see ([`visible`]), not even by the way of a reference to it.

use crate::{
    StoreError,
    column::{has_search, is_address, item_needle, link_table, main_column, operand, sort_column, sort_operand},
};
use peerage_model::{
    Field, Filter, Kind, ObjectType, Op, Origin, Problem, Term, Value, Who, address, filter,
    order::fold,
    peeringdb::{NAMED_OF_OURS, NAMESPACES, NO_CONCERN, UPSTREAM_CHANGE},
    permit::{Scope, View},
    registry,
    types::{CHANGE, JOB},
};
use sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, Query, SelectStatement};

/// More alternatives, terms and words than this are no question that a person asks, and more than SQLite's parser takes.
const MOST_PARTS: usize = 500;

/// So many ids cost as much as another alternative: all that are ticked on a list's longest page are few.
const IDS_A_PART: usize = 50;

/// Refuses to read about a type that somebody may not see.
pub(crate) fn must_see(who: &Who, of: &'static ObjectType) -> Result<(), Problem> {
    who.permit::<View>(of).map(drop)
}

/// The fields of a change upstream that say what changed there, and whether it concerns us.
const NAMESPACE: &str = "namespace";
const CONCERN: &str = "concern";

/// The fields by which rows of a type tell of objects of several types: the type's key, and the number.
fn telling(of: &ObjectType) -> Option<(&'static str, &'static str)> {
    match of.attached {
        Some(attached) => Some((attached.of, attached.id)),
        None if of.is(&CHANGE) => Some(("changed_object_type", "changed_object_id")),
        None if of.is(&JOB) => Some(("object_type", "object_id")),
        None => None,
    }
}

/// Which rows of `of`, known in the statement as `alias`, somebody may see who may see the type; none: all of them. Theirs are
/// those that their permission is limited to; and what tells of an object (a change, a job, a journal entry, a router's pushes)
/// is seen by those who see the object.
pub(crate) fn visible(who: &Who, of: &'static ObjectType, alias: &str) -> Result<Option<Expr>, StoreError> {
    if who.rights.superuser {
        return Ok(None);
    }
    let mut all = Condition::all();
    if let Some(within) = reached(&who.rights.scope::<View>(of), of, alias)? {
        all = all.add(within);
    }
    if of.is(&CHANGE) {
        let seen = registry::TYPES.iter().filter(|of| who.allows::<View>(of)).map(|of| of.key());
        all = all.add(column(alias, "changed_object_type").is_in(seen));
    }
    if of.is(&UPSTREAM_CHANGE) {
        let seen = NAMESPACES.iter().filter(|(_, of)| who.allows::<View>(of)).map(|(namespace, _)| *namespace);
        all = all.add(column(alias, NAMESPACE).is_in(seen));
        if NAMED_OF_OURS.iter().any(|of| who.rights.scope::<View>(of) != Scope::Everything) {
            all = all.add(column(alias, CONCERN).eq(NO_CONCERN));
        }
    }
    if let Some((key, id)) = telling(of) {
        for about in registry::TYPES.iter().copied() {
            if let Some(seen) = limited(who, about)? {
                all = all.add(any([column(alias, key).ne(about.key()), column(alias, id).in_subquery(seen)]));
            }
        }
    }
    for field in of.fields.iter().filter(|_| matches!(of.origin, Origin::Note | Origin::System)) {
        if let Kind::Reference { .. } = field.kind
            && let Some(about) = field.kind.target().filter(|about| about.origin == Origin::Operator)
            && let Some(seen) = limited(who, about)?
        {
            let reference = || column(alias, main_column(field));
            all = all.add(any([reference().is_null(), reference().in_subquery(seen)]));
        }
    }
    Ok((!all.is_empty()).then(|| all.into()))
}

/// The ids of what somebody sees of a type of which they see some.
fn limited(who: &Who, of: &'static ObjectType) -> Result<Option<SelectStatement>, StoreError> {
    match who.rights.scope::<View>(of) {
        scope @ Scope::Within(_) => Ok(reached(&scope, of, "v")?.map(|within| ids_where(of, "v", within))),
        Scope::Everything | Scope::Nothing => Ok(None),
    }
}

/// The rows within a scope; none: all. What limits somebody may lead through what they do not see.
pub(crate) fn reached(scope: &Scope, of: &'static ObjectType, alias: &str) -> Result<Option<Expr>, StoreError> {
    match scope {
        Scope::Everything => Ok(None),
        Scope::Nothing => Ok(Some(never())),
        Scope::Within(filters) => {
            let everybody = Who::system("permissions");
            let each = filters.iter().map(|filter| filtered(&everybody, of, alias, filter).map(Expr::from));
            Ok(Some(any(each.collect::<Result<Vec<_>, _>>()?)))
        }
    }
}

/// The rows of `of`, known in the statement as `alias`, that a filter shows, as far as somebody may see them.
pub(crate) fn filtered(
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    filter: &Filter,
) -> Result<Condition, StoreError> {
    let parts = filter.words.len() + filter.terms.iter().map(parts).sum::<usize>();
    if parts > MOST_PARTS {
        return Err(Problem::malformed(format!("filter: {parts} parts are too many; at most {MOST_PARTS}.")).into());
    }
    let mut all = Condition::all();
    if let Some(visible) = visible(who, of, alias)? {
        all = all.add(visible);
    }
    for term in &filter.terms {
        let held = path(who, of, alias, term.path.hops(), 1, term)?;
        all = all.add(if term.negate { does_not_hold(held) } else { held });
    }
    for word in &filter.words {
        all = all.add(any(named(who, of, alias, word)?));
    }
    Ok(all)
}

/// What a term costs: ids are one list, however many.
fn parts(term: &Term) -> usize {
    let ids = std::ptr::eq(term.path.field(), &filter::ID) && term.op == Op::Eq;
    term.values.len().div_ceil(if ids { IDS_A_PART } else { 1 }).max(1)
}

pub(crate) fn column(alias: &str, name: impl Into<String>) -> Expr {
    Expr::col((alias.to_owned(), name.into()))
}

fn never() -> Expr {
    Expr::Constant(false.into())
}

fn does_not_hold(held: Expr) -> Expr {
    Expr::from(Func::coalesce([held, never()])).eq(never())
}

pub(crate) fn any(parts: impl IntoIterator<Item = Expr>) -> Expr {
    let mut any = Condition::any();
    for part in parts {
        any = any.add(part);
    }
    if any.is_empty() { never() } else { any.into() }
}

/// `SELECT id FROM table AS alias WHERE condition`, as far as somebody may see these rows.
pub(crate) fn seen_where(
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    condition: Expr,
) -> Result<SelectStatement, StoreError> {
    Ok(ids_where(of, alias, condition).and_where_option(visible(who, of, alias)?).to_owned())
}

/// `SELECT id FROM table AS alias WHERE condition`.
fn ids_where(of: &ObjectType, alias: &str, condition: Expr) -> SelectStatement {
    Query::select().expr(column(alias, "id")).from_as(of.table(), alias.to_owned()).and_where(condition).to_owned()
}

fn path(
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    hops: &[&'static Field],
    depth: usize,
    term: &Term,
) -> Result<Expr, StoreError> {
    let Some((hop, rest)) = hops.split_first() else {
        return leaf(who, of, alias, depth, term);
    };
    let to = hop.kind.target().ok_or_else(|| Problem::malformed(format!("{} leads no further.", hop.name)))?;
    must_see(who, to)?;
    let inner_alias = format!("f{depth}");
    let inner = path(who, to, &inner_alias, rest, depth + 1, term)?;
    let reference = column(alias, main_column(hop));
    let reached = reference.clone().in_subquery(seen_where(who, to, &inner_alias, inner)?);
    // nothing referred to: there is no value at the end either
    Ok(if term.op == Op::Empty && hop.is_nullable() { any([reference.is_null(), reached]) } else { reached })
}

fn leaf(who: &Who, of: &'static ObjectType, alias: &str, depth: usize, term: &Term) -> Result<Expr, StoreError> {
    let field = term.path.field();
    if matches!(field.kind, Kind::Secret { .. }) {
        return Err(Problem::malformed(format!("{} cannot be filtered by.", field.label())).into());
    }
    if let Some(to) = field.kind.target() {
        if term.values.iter().any(|value| matches!(value, Value::Text(_))) {
            must_see(who, to)?;
        }
        return reference(who, of, alias, depth, field, to, term);
    }
    let here = || column(alias, main_column(field));
    let ordered_by = || column(alias, sort_column(field));
    let compare = |compare: fn(Expr, sea_query::Value) -> Expr| {
        any(term.values.iter().filter_map(|v| sort_operand(field.kind, v)).map(|v| compare(ordered_by(), v)))
    };
    Ok(match term.op {
        Op::Empty => empty(field, here()),
        Op::Between => match (term.values.first(), term.values.get(1)) {
            (Some(low), Some(high)) => match (sort_operand(field.kind, low), sort_operand(field.kind, high)) {
                (Some(low), Some(high)) => ordered_by().between(low, high),
                _ => never(),
            },
            _ => never(),
        },
        Op::Gt => compare(|column, value| column.gt(value)),
        Op::Ge => compare(|column, value| column.gte(value)),
        Op::Lt => compare(|column, value| column.lt(value)),
        Op::Le => compare(|column, value| column.lte(value)),
        Op::Within => {
            let nets = term.values.iter().filter(|_| is_address(field.kind)).filter_map(Value::as_net);
            any(nets.map(|net| {
                let (low, high) = address::key_range(net);
                ordered_by().between(low, high)
            }))
        }
        Op::Contains => {
            any(texts(field, term).map(|text| like(Func::lower(here()), &format!("%{}%", escape(&fold(text))))))
        }
        Op::Starts => {
            any(texts(field, term).map(|text| like(Func::lower(here()), &format!("{}%", escape(&fold(text))))))
        }
        Op::Eq if matches!(field.kind, Kind::IntList | Kind::TextList | Kind::Permissions | Kind::Choices(_)) => {
            let needles = term.values.iter().filter_map(|value| item_needle(field.kind, value));
            any(needles.map(|needle| holds_item(here(), needle)))
        }
        Op::Eq if field.kind.is_textual() => {
            let wanted: Vec<String> = texts(field, term).map(fold).collect();
            if wanted.is_empty() { never() } else { Expr::from(Func::lower(here())).is_in(wanted) }
        }
        Op::Eq => {
            let wanted: Vec<sea_query::Value> =
                term.values.iter().filter_map(|value| sort_operand(field.kind, value)).collect();
            if wanted.is_empty() { never() } else { ordered_by().is_in(wanted) }
        }
    })
}

fn texts<'a>(field: &Field, term: &'a Term) -> impl Iterator<Item = &'a str> {
    let textual = field.kind.is_textual();
    term.values.iter().filter(move |_| textual).filter_map(Value::as_text)
}

/// Null, the empty text or the empty list.
fn empty(field: &Field, here: Expr) -> Expr {
    let nothing = match field.kind {
        kind if kind.is_textual() => Some(here.clone().eq("")),
        Kind::IntList | Kind::TextList | Kind::Permissions | Kind::Choices(_) => Some(here.clone().eq("[]")),
        _ => None,
    };
    let null = field.is_nullable().then(|| here.is_null());
    any(null.into_iter().chain(nothing))
}

/// The text stays another when the item is taken out: SQL's containing without `LIKE`'s wildcards and case.
fn holds_item(here: Expr, needle: String) -> Expr {
    Expr::from(Func::cust("replace").args([here.clone(), needle.into(), "".into()])).ne(here)
}

fn reference(
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    depth: usize,
    field: &'static Field,
    to: &'static ObjectType,
    term: &Term,
) -> Result<Expr, StoreError> {
    let many = matches!(field.kind, Kind::References { .. });
    let linked = |condition: Option<Expr>| {
        let links =
            Query::select().column("owner_id").from(link_table(of, field)).and_where_option(condition).to_owned();
        column(alias, "id").in_subquery(links)
    };
    let leads_to = |condition: fn(Expr, SelectStatement) -> Expr, ids: SelectStatement| {
        if many {
            linked(Some(condition(Expr::col("target_id"), ids)))
        } else {
            condition(column(alias, main_column(field)), ids)
        }
    };
    Ok(match term.op {
        Op::Empty if many => linked(None).not(),
        Op::Empty => column(alias, main_column(field)).is_null(),
        Op::Eq | Op::Contains | Op::Starts => {
            let ids: Vec<i64> = term.values.iter().filter_map(Value::as_int).collect();
            let by_id = (!ids.is_empty()).then(|| match many {
                true => linked(Some(Expr::col("target_id").is_in(ids))),
                false => column(alias, main_column(field)).is_in(ids),
            });
            let mut alternatives: Vec<Expr> = by_id.into_iter().collect();
            for words in term.values.iter().filter_map(Value::as_text) {
                let inner = format!("f{depth}");
                let condition = any(ways(who, to, &inner, words, depth + 1, filter::NAMED_DEPTH)?);
                alternatives.push(leads_to(ExprTrait::in_subquery, seen_where(who, to, &inner, condition)?));
            }
            any(alternatives)
        }
        op => {
            let compare = |id: i64| {
                let here = column(alias, main_column(field));
                match op {
                    Op::Gt => here.gt(id),
                    Op::Ge => here.gte(id),
                    Op::Lt => here.lt(id),
                    _ => here.lte(id),
                }
            };
            if many || matches!(op, Op::Between | Op::Within) {
                never()
            } else {
                any(term.values.iter().filter_map(Value::as_int).map(compare))
            }
        }
    })
}

/// The ways in which rows are meant by some words: found by their own searched fields (the first), or called after others that
/// are and may be seen.
pub(crate) fn named(who: &Who, of: &'static ObjectType, alias: &str, words: &str) -> Result<Vec<Expr>, StoreError> {
    ways(who, of, alias, words, 1, filter::NAMED_DEPTH)
}

fn ways(
    who: &Who,
    of: &'static ObjectType,
    alias: &str,
    words: &str,
    depth: usize,
    more: usize,
) -> Result<Vec<Expr>, StoreError> {
    let mut found_so = vec![found(of, alias, words)];
    if more > 0 {
        for (field, to) in filter::named_after(of).filter(|(_, to)| must_see(who, to).is_ok()) {
            let inner = format!("f{depth}");
            let condition = any(ways(who, to, &inner, words, depth + 1, more - 1)?);
            found_so.push(column(alias, main_column(field)).in_subquery(seen_where(who, to, &inner, condition)?));
        }
    }
    Ok(found_so)
}

/// Rows whose searched fields contain a word.
fn found(of: &ObjectType, alias: &str, word: &str) -> Expr {
    if !has_search(of) {
        return if word.is_empty() { Expr::Constant(true.into()) } else { never() };
    }
    like(column(alias, "search"), &format!("%{}%", escape(&fold(word))))
}

pub(crate) fn like(text: impl Into<Expr>, pattern: &str) -> Expr {
    text.into().like(LikeExpr::new(pattern).escape('\\'))
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Rows whose field has exactly this value: for rules and look-ups, not for people.
pub(crate) fn exactly(alias: &str, field: &'static Field, value: &Value) -> Option<Expr> {
    let here = column(alias, main_column(field));
    if value.is_null() {
        return Some(here.is_null());
    }
    Some(here.eq(operand(field.kind, value)?))
}
