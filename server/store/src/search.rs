//! Looking for objects by a few words, the best first: what is called exactly so, what is called after something that is, what
//! begins so, what has the words somewhere, and what is called after something that has. One statement for each type, which
//! reads the folded text of every row once and ranks only what it finds.

use crate::{
    Related, Store, StoreError,
    column::{Shape, has_search, main_column},
    condition::{any, column, escape, filtered, like, must_see, seen_where},
    database::Door,
    related::gather,
    rows::{MAIN, Wanted, load_ids},
};
use peerage_model::{
    Filter, ObjectType, Permit, Record, Who, filter::named_after, order::fold, permit::View, query::brief_fields,
};
use sea_query::{BinOper, CaseStatement, Condition, Expr, ExprTrait, Func, Order, Query};

/// How well an object fits: lower is better.
pub type Rank = i64;

/// What is called exactly so.
const EXACT: Rank = 0;
/// What is called after something that is called exactly so: sessions with the network.
const OF_EXACT: Rank = 1;
/// What is called something that begins so.
const BEGINS: Rank = 2;
const CONTAINS: Rank = 3;
const OF_CONTAINS: Rank = 4;

/// What was found of a type.
#[derive(Clone, Debug)]
pub struct Found {
    /// In brief, the best first.
    pub records: Vec<(Rank, Record)>,
    /// What their labels need.
    pub related: Related,
}

impl Store {
    /// The best `most` objects of the permit's type that have all of some words, in their own searched fields or in those of
    /// what they are called after.
    ///
    /// # Errors
    /// More words than anybody asks for; a failure of the database.
    pub async fn search(&self, permit: &Permit<View>, words: &[String], most: u64) -> Result<Found, StoreError> {
        self.reading().search(permit, words, most).await
    }
}

impl Door<'_> {
    async fn search(&mut self, permit: &Permit<View>, words: &[String], most: u64) -> Result<Found, StoreError> {
        let (of, who) = (permit.of(), permit.who());
        let sql = {
            let filter = Filter { terms: Vec::new(), words: words.to_vec() };
            let mut select = Query::select();
            select.expr(column(MAIN, "id")).expr_as(rank(who, of, &words.join(" "))?, "rank").from_as(of.table(), MAIN);
            select.cond_where(filtered(who, of, MAIN, &filter)?);
            select.order_by("rank", Order::Asc);
            if has_search(of) {
                // of those that fit as well, what says least besides
                select.order_by_expr(Func::char_length(column(MAIN, "search")).into(), Order::Asc);
            }
            select.order_by((MAIN, "id"), Order::Asc).limit(most);
            self.dialect().build(&select)
        };
        let rows = self.fetch(sql, &[Shape::Int, Shape::Int]).await?;
        let ranked: Vec<(i64, Rank)> = rows
            .iter()
            .filter_map(|row| match row.as_slice() {
                [id, rank] => Some((id.int(), rank.int())),
                _ => None,
            })
            .collect();
        let ids: Vec<i64> = ranked.iter().map(|(id, _)| *id).collect();
        let fields = brief_fields(of);
        let found = load_ids(self, &Wanted::new(of, fields.clone()), &ids).await?;
        let related = gather(self, who, &found, &fields).await?;
        let place = |id: i64| ranked.iter().position(|(known, _)| *known == id).unwrap_or(usize::MAX);
        let mut records: Vec<(Rank, Record)> = found
            .into_iter()
            .map(|record| (ranked.get(place(record.id)).map_or(OF_CONTAINS, |(_, rank)| *rank), record))
            .collect();
        records.sort_by_key(|(_, record)| place(record.id));
        Ok(Found { records, related })
    }
}

/// How well a row that was found fits a phrase.
fn rank(who: &Who, of: &'static ObjectType, phrase: &str) -> Result<Expr, StoreError> {
    let phrase = escape(&fold(phrase));
    // a number may be an AS number, which stands with its prefix
    let number = phrase.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("as{phrase}"));
    let forms: Vec<&str> = std::iter::once(phrase.as_str()).chain(number.as_deref()).collect();
    let one_of = |alias: &str, end: &str| any(forms.iter().map(|form| like(lines(alias), &format!("%\n{form}{end}"))));
    let mut of_exact = Condition::any();
    for (field, to) in named_after(of).filter(|(_, to)| has_search(to) && must_see(who, to).is_ok()) {
        let ids = seen_where(who, to, "e", one_of("e", "\n%"))?;
        of_exact = of_exact.add(column(MAIN, main_column(field)).in_subquery(ids));
    }
    let after = |case: CaseStatement, otherwise: Rank| match of_exact.is_empty() {
        true => case.finally(otherwise),
        false => case.case(of_exact.clone(), OF_EXACT).finally(otherwise),
    };
    if !has_search(of) {
        return Ok(after(CaseStatement::new(), OF_CONTAINS).into());
    }
    // most of what many rows are found by is their name's: whether they have the phrase themselves is asked once
    let own = CaseStatement::new().case(one_of(MAIN, "\n%"), EXACT);
    let own = match of_exact.is_empty() {
        true => own,
        false => own.case(of_exact.clone(), OF_EXACT),
    };
    let own = own.case(one_of(MAIN, "%"), BEGINS).finally(CONTAINS);
    let contains = CaseStatement::new().case(like(column(MAIN, "search"), &format!("%{phrase}%")), own);
    Ok(after(contains, OF_CONTAINS).into())
}

/// The searched text of a row, in which one field stands on each line, between two ends of lines.
fn lines(alias: &str) -> Expr {
    let with = |left: Expr, right: Expr| left.binary(BinOper::Custom("||"), right);
    with(with(Expr::val("\n"), column(alias, "search")), Expr::val("\n"))
}
