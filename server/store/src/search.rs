//! Looking for objects by a few words, the best first: what is called exactly so, what is called after something that is, what
//! begins so, what has the words somewhere, and what is called after something that has.
//!
//! One statement for each type, and in it one part for each way in which a row can be found, which gives the best of that way
//! alone: a row's own text is compared once, and of the tens of thousands that are called after something that has a word only
//! the first few are looked at.

use crate::{
    Related, Store, StoreError,
    column::{Shape, has_search, main_column},
    condition::{any, column, escape, filtered, like, must_see, named, seen_where},
    database::Door,
    related::gather,
    rows::{MAIN, Wanted, load_ids},
};
use peerage_model::{
    Filter, ObjectType, Permit, Record, Who, filter::named_after, order::fold, permit::View, query::brief_fields,
};
use sea_query::{BinOper, CaseStatement, Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement, UnionType};
use std::collections::HashMap;

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
        let sql = match one_by_one(parts(who, of, words)?, of, most) {
            Some(select) => self.dialect().build(&select),
            None => return Ok(Found { records: Vec::new(), related: Related::default() }),
        };
        let rows = self.fetch(sql, &[Shape::Int, Shape::Int, Shape::Int]).await?;
        // a row that was found in two ways is as good as the better one
        let mut best: HashMap<i64, (Rank, i64)> = HashMap::new();
        for row in &rows {
            let [id, rank, length] = row.as_slice() else { continue };
            let fits = (rank.int(), length.int());
            best.entry(id.int()).and_modify(|known| *known = fits.min(*known)).or_insert(fits);
        }
        let mut ranked: Vec<(Rank, i64, i64)> =
            best.into_iter().map(|(id, (rank, length))| (rank, length, id)).collect();
        ranked.sort_unstable();
        ranked.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let ids: Vec<i64> = ranked.iter().map(|(.., id)| *id).collect();
        let fields = brief_fields(of);
        let found = load_ids(self, &Wanted::new(of, fields.clone()), &ids).await?;
        let related = gather(self, who, &found, &fields).await?;
        let place = |id: i64| ids.iter().position(|known| *known == id).unwrap_or(usize::MAX);
        let mut records: Vec<(Rank, Record)> = found
            .into_iter()
            .map(|record| (ranked.get(place(record.id)).map_or(OF_CONTAINS, |(rank, ..)| *rank), record))
            .collect();
        records.sort_by_key(|(_, record)| place(record.id));
        Ok(Found { records, related })
    }
}

/// A way in which rows are found.
struct Part {
    condition: Condition,
    /// How well they fit.
    rank: Expr,
    /// Of those that fit as well, what says least besides comes first.
    own: bool,
}

/// The ways in which rows of a type are found by some words.
fn parts(who: &Who, of: &'static ObjectType, words: &[String]) -> Result<Vec<Part>, StoreError> {
    let Some((first, others)) = words.split_first() else { return Ok(Vec::new()) };
    let phrase = words.join(" ");
    let has_others = Filter { terms: Vec::new(), words: others.to_vec() };
    let mut parts = Vec::new();
    for (at, way) in named(who, of, MAIN, first)?.into_iter().enumerate() {
        let own = at == 0;
        if own && !has_search(of) {
            continue;
        }
        let condition = filtered(who, of, MAIN, &has_others)?.add(way);
        let rank = if own { rank(&phrase) } else { Expr::val(OF_CONTAINS) };
        parts.push(Part { condition, rank, own });
    }
    for (field, to) in named_after(of).filter(|(_, to)| has_search(to) && must_see(who, to).is_ok()) {
        let ids = seen_where(who, to, "e", called("e", &phrase, "\n%"))?;
        let condition = filtered(who, of, MAIN, &Filter::default())?;
        let condition = condition.add(column(MAIN, main_column(field)).in_subquery(ids));
        parts.push(Part { condition, rank: Expr::val(OF_EXACT), own: false });
    }
    Ok(parts)
}

/// The best `most` of each part: id, rank, and how much a row's own text says.
fn one_by_one(parts: Vec<Part>, of: &'static ObjectType, most: u64) -> Option<SelectStatement> {
    let selects = parts.into_iter().map(|part| {
        let length = match part.own {
            true => Func::char_length(column(MAIN, "search")).into(),
            // behind what has the words itself
            false => Expr::val(i64::MAX),
        };
        let mut select = Query::select();
        select.expr(column(MAIN, "id")).expr_as(part.rank, "rank").expr_as(length, "length");
        select.from_as(of.table(), MAIN).cond_where(part.condition);
        if part.own {
            select.order_by("rank", Order::Asc).order_by("length", Order::Asc);
        }
        select.order_by((MAIN, "id"), Order::Asc).limit(most);
        // SQLite takes no order and no limit in a part of a union
        Query::select().columns(["id", "rank", "length"]).from_subquery(select, "part").to_owned()
    });
    selects.reduce(|mut all, part| all.union(UnionType::All, part).to_owned())
}

/// How well a row that has the first word fits a phrase by its own text.
fn rank(phrase: &str) -> Expr {
    let contains = like(column(MAIN, "search"), &format!("%{}%", escape(&fold(phrase))));
    let own = CaseStatement::new().case(called(MAIN, phrase, "\n%"), EXACT);
    let own = own.case(called(MAIN, phrase, "%"), BEGINS).finally(CONTAINS);
    CaseStatement::new().case(contains, own).finally(OF_CONTAINS).into()
}

/// Whether a line of a row's searched text is a phrase, up to `end`.
fn called(alias: &str, phrase: &str, end: &str) -> Expr {
    let phrase = escape(&fold(phrase));
    // a number may be an AS number, which stands with its prefix
    let number = phrase.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("as{phrase}"));
    let forms = std::iter::once(phrase.as_str()).chain(number.as_deref());
    any(forms.map(|form| like(lines(alias), &format!("%\n{form}{end}"))))
}

/// The searched text of a row, in which one field stands on each line, between two ends of lines.
fn lines(alias: &str) -> Expr {
    let with = |left: Expr, right: Expr| left.binary(BinOper::Custom("||"), right);
    with(with(Expr::val("\n"), column(alias, "search")), Expr::val("\n"))
}
