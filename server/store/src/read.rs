//! Reading records. A page costs a fixed number of statements: one for its rows, one that counts, one for all to-many
//! fields, and those of [`crate::related`]; a test holds it to that.
//!
//! Secrets that are set read as [`Value::Hidden`]; only [`Store::reveal`] opens them, and only for those who may see them.
//! Records of [`Store::get`], [`Store::find`] and [`Store::records`] with all fields can be changed and written back;
//! those of a list with chosen fields hold nulls for the rest and must not be.

use crate::{
    Store, StoreError,
    column::{self, Cell, Shape, columns, main_column},
    condition::{self, exactly, filtered},
    database::{Door, Row},
    order,
    related::{Related, gather},
    rows::{MAIN, Wanted, Which, in_portions, load},
    secret::SecretError,
};
use peerage_model::{
    Field, Filter, Kind, ListQuery, ObjectType, Permit, Problem, Record, Value, Who,
    permit::{Verb, View},
    registry,
    wire::Page,
    wire::RecordSet,
};
use sea_query::{Condition, Expr, ExprTrait, Query};
use std::collections::{HashMap, HashSet};

/// So many rows are sorted in a few milliseconds by whatever keys, and their ids can be listed in a statement.
const FEW: u64 = 4_000;

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The fields that were asked for; the others are null.
    pub records: Vec<Record>,
    /// What those fields refer to, in brief.
    pub related: Related,
    /// All rows that match; the page's own number when it was not asked for.
    pub total: u64,
}

impl Listing {
    /// As it travels.
    pub fn into_page(self, query: &ListQuery) -> Page {
        Page {
            records: RecordSet::new(query.of, &query.fields, &self.records),
            related: self.related.into_sets(),
            total: self.total,
        }
    }
}

// ---- what both a store and a write can read ----

impl Door<'_> {
    pub(crate) async fn list(&mut self, permit: &Permit<View>, query: &ListQuery) -> Result<Listing, StoreError> {
        // counted first: how many there are decides how a page of them is found
        let (total, found) = match (query.count, query.filter.words.is_empty()) {
            (false, _) => (None, None),
            (true, true) => (Some(self.count(permit, &query.filter).await?), None),
            // words are looked for in every row: once, if it can be
            (true, false) => {
                let (total, ids) = self.found(permit, &query.filter).await?;
                (Some(total), (ids.len() as u64 == total).then_some(ids))
            }
        };
        let records = self.some_records(permit, query, total, found).await?;
        let total = total.unwrap_or(records.len() as u64);
        let related = gather(self, permit.who(), &records, &query.fields).await?;
        Ok(Listing { records, related, total })
    }

    pub(crate) async fn records(
        &mut self,
        permit: &Permit<View>,
        query: &ListQuery,
    ) -> Result<Vec<Record>, StoreError> {
        self.some_records(permit, query, None, None).await
    }

    async fn some_records(
        &mut self,
        permit: &Permit<View>,
        query: &ListQuery,
        total: Option<u64>,
        found: Option<Vec<i64>>,
    ) -> Result<Vec<Record>, StoreError> {
        let of = permitted(permit, query.of)?;
        let wanted = Wanted::new(of, query.fields.clone());
        let (mut select, shapes) = wanted.select();
        let few = total.is_some_and(|total| total <= FEW);
        match found {
            Some(ids) => select.and_where(condition::column(MAIN, "id").is_in(ids)),
            // finds them first and joins then; left to itself SQLite joins every row before it asks
            None if few && !query.filter.is_empty() => {
                let condition = filtered(permit.who(), of, MAIN, &query.filter)?;
                let found =
                    Query::select().column((MAIN, "id")).from_as(of.table(), MAIN).cond_where(condition).to_owned();
                select.and_where(condition::column(MAIN, "id").in_subquery(found))
            }
            None => select.cond_where(filtered(permit.who(), of, MAIN, &query.filter)?),
        };
        let keys = order::keys(&mut select, permit.who(), of, MAIN, &query.sort)?;
        let limit = (query.limit < u32::MAX).then_some(query.limit.into());
        let page = order::page(select, &wanted.columns(), &keys, &order::Cut { offset: query.offset, limit, few });
        drop(keys);
        load(self, &wanted, page, &shapes).await
    }

    /// How many rows a filter finds, and the ids of the first [`FEW`] of them.
    async fn found(&mut self, permit: &Permit<View>, filter: &Filter) -> Result<(u64, Vec<i64>), StoreError> {
        let of = permit.of();
        let sql = {
            let mut select = Query::select();
            select.column((MAIN, "id")).expr(Expr::cust("COUNT(*) OVER ()")).from_as(of.table(), MAIN);
            select.cond_where(filtered(permit.who(), of, MAIN, filter)?).limit(FEW);
            self.dialect().build(&select)
        };
        let rows = self.fetch(sql, &[Shape::Int, Shape::Int]).await?;
        let total = rows.first().and_then(|row| row.get(1)).map_or(0, Cell::int);
        let ids = rows.iter().filter_map(|row| row.first()).map(Cell::int).collect();
        Ok((u64::try_from(total).unwrap_or_default(), ids))
    }

    pub(crate) async fn count(&mut self, permit: &Permit<View>, filter: &Filter) -> Result<u64, StoreError> {
        let of = permit.of();
        let sql = {
            let mut select = Query::select();
            select.expr(Expr::cust("COUNT(*)")).from_as(of.table(), MAIN);
            select.cond_where(filtered(permit.who(), of, MAIN, filter)?);
            self.dialect().build(&select)
        };
        let rows = self.fetch(sql, &[Shape::Int]).await?;
        let count = rows.first().and_then(|row| row.first()).map_or(0, |cell| cell.int());
        Ok(u64::try_from(count).unwrap_or_default())
    }

    pub(crate) async fn get_many(&mut self, permit: &Permit<View>, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
        self.some(permit, &Wanted::whole(permit.of()), Which::Ids(ids)).await
    }

    pub(crate) async fn tally(
        &mut self,
        permit: &Permit<View>,
        name: &str,
        filter: &Filter,
    ) -> Result<HashMap<i64, u64>, StoreError> {
        let of = permit.of();
        let field = field_of(of, name)?;
        if !matches!(field.kind, Kind::Reference { .. }) {
            return Err(misfit(name));
        }
        let sql = {
            let mut select = Query::select();
            let reference = || condition::column(MAIN, main_column(field));
            select.expr(reference()).expr(Expr::cust("COUNT(*)")).from_as(of.table(), MAIN);
            select.cond_where(filtered(permit.who(), of, MAIN, filter)?).and_where(reference().is_not_null());
            select.add_group_by([reference()]);
            self.dialect().build(&select)
        };
        let rows = self.fetch(sql, &[Shape::Int, Shape::Int]).await?;
        let counted = rows.iter().filter_map(|row| match row.as_slice() {
            [id, count] => Some((id.int(), u64::try_from(count.int()).ok()?)),
            _ => None,
        });
        Ok(counted.collect())
    }

    pub(crate) async fn find(
        &mut self,
        permit: &Permit<View>,
        terms: &[(&str, Value)],
    ) -> Result<Vec<Record>, StoreError> {
        let of = permit.of();
        let wanted = Wanted::whole(of);
        let (mut select, shapes) = wanted.select_visible(permit.who())?;
        let mut all = Condition::all();
        for (name, value) in terms {
            all = all.add(field_of(of, name).map(|field| exactly(MAIN, field, value))?.ok_or_else(|| misfit(name))?);
        }
        select.cond_where(all).order_by((MAIN, "id"), sea_query::Order::Asc);
        load(self, &wanted, select, &shapes).await
    }
}

fn permitted<V>(permit: &Permit<V>, of: &'static ObjectType) -> Result<&'static ObjectType, StoreError> {
    if permit.of().is(of) {
        Ok(of)
    } else {
        Err(StoreError::WrongPermit { permitted: permit.of().key(), used: of.key() })
    }
}

pub(crate) fn field_of(of: &'static ObjectType, name: &str) -> Result<&'static Field, StoreError> {
    of.field(name).ok_or_else(|| Problem::malformed(peerage_model::filter::unknown_field(of, name)).into())
}

pub(crate) fn misfit(name: &str) -> StoreError {
    Problem::malformed(format!("{name} cannot be compared with that.")).into()
}

/// What may be read beside a type that is written, with the right of whoever may write it.
pub(crate) fn check_permit<V>(permit: &Permit<V>, record: &Record) -> Result<(), StoreError> {
    permitted(permit, record.of).map(drop)
}

impl Door<'_> {
    /// Refuses objects of which a permit does not reach one: one statement for a thousand or more of them, none for a permit
    /// that is not limited.
    pub(crate) async fn must_reach<V: Verb>(&mut self, permit: &Permit<V>, ids: &[i64]) -> Result<(), StoreError> {
        let of = permit.of();
        let statements = {
            let Some(within) = condition::reached(&permit.scope(), of, MAIN)? else { return Ok(()) };
            in_portions(self, ids, |ids| {
                let mut select = Query::select();
                select.column((MAIN, "id")).from_as(of.table(), MAIN);
                select.and_where(condition::column(MAIN, "id").is_in(ids)).and_where(within.clone());
                select
            })
        };
        let mut reached = HashSet::new();
        for sql in statements {
            reached.extend(self.fetch(sql, &[Shape::Int]).await?.iter().filter_map(|row| row.first()).map(Cell::int));
        }
        match ids.iter().all(|id| reached.contains(id)) {
            true => Ok(()),
            false => Err(permit.out_of_reach().into()),
        }
    }
}

// ---- the store's side ----

impl Store {
    /// A page of a list, what its rows refer to, and how many there are.
    ///
    /// # Errors
    /// A filter or an order that leads through a type that they may not see; a failure of the database.
    pub async fn list(&self, permit: &Permit<View>, query: &ListQuery) -> Result<Listing, StoreError> {
        self.reading().list(permit, query).await
    }

    /// The records of a list alone, uncounted and without what they refer to: for rendering and domain rules.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub async fn records(&self, permit: &Permit<View>, query: &ListQuery) -> Result<Vec<Record>, StoreError> {
        self.reading().records(permit, query).await
    }

    /// How many objects a filter shows.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub async fn count(&self, permit: &Permit<View>, filter: &Filter) -> Result<u64, StoreError> {
        self.reading().count(permit, filter).await
    }

    /// The statement that finds what a filter shows, with its values in it: to ask the database how it would go about it.
    ///
    /// # Errors
    /// As [`Store::list`].
    pub fn statement(&self, permit: &Permit<View>, filter: &Filter) -> Result<String, StoreError> {
        let of = permit.of();
        let mut select = Query::select();
        select.column((MAIN, "id")).from_as(of.table(), MAIN).cond_where(filtered(permit.who(), of, MAIN, filter)?);
        Ok(self.dialect().spell(&select))
    }

    /// An object with all its fields, those that never leave the server included.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn get(&self, permit: &Permit<View>, id: i64) -> Result<Option<Record>, StoreError> {
        Ok(self.reading().get_many(permit, &[id]).await?.pop())
    }

    /// Permission to do something with one object.
    ///
    /// # Errors
    /// `Forbidden`, also for an object that is not there to somebody whose permission is limited; a failure of the database.
    pub async fn permit_on<V: Verb>(&self, who: &Who, of: &'static ObjectType, id: i64) -> Result<Permit<V>, Problem> {
        let permit = who.permit::<V>(of)?;
        self.reading().must_reach(&permit, &[id]).await?;
        Ok(permit)
    }

    /// Whether somebody who may see a type may see this object of it; true if they may see all of them.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn is_visible(&self, permit: &Permit<View>, id: i64) -> Result<bool, StoreError> {
        if condition::visible(permit.who(), permit.of(), MAIN)?.is_none() {
            return Ok(true);
        }
        let found = self.reading().some(permit, &Wanted::new(permit.of(), Vec::new()), Which::Ids(&[id])).await?;
        Ok(!found.is_empty())
    }

    /// Those of some objects that there are, in the order of their ids.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn get_many(&self, permit: &Permit<View>, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
        self.reading().get_many(permit, ids).await
    }

    /// Objects whose fields have exactly these values (case matters; null means "has none"), in the order of their ids.
    ///
    /// # Errors
    /// `Malformed` for an unknown field or a value that it cannot hold.
    pub async fn find(&self, permit: &Permit<View>, terms: &[(&str, Value)]) -> Result<Vec<Record>, StoreError> {
        self.reading().find(permit, terms).await
    }

    /// Objects whose field is exactly one of these values, in the order of their ids.
    ///
    /// # Errors
    /// As [`Store::find`].
    pub async fn among(&self, permit: &Permit<View>, field: &str, values: &[Value]) -> Result<Vec<Record>, StoreError> {
        self.reading().some(permit, &Wanted::whole(permit.of()), Which::With(field, values)).await
    }

    /// Objects of the permit's type whose reference (to one or to many) leads to one of `ids`, in the order of their ids.
    ///
    /// # Errors
    /// `Malformed` for a field that is no reference.
    pub async fn reverse(&self, permit: &Permit<View>, field: &str, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
        self.reading().some(permit, &Wanted::whole(permit.of()), Which::LeadingTo(field, ids)).await
    }

    /// A few fields of objects of the permit's type, in the order of their ids; all other fields are null, so that these
    /// records must not be written back.
    ///
    /// # Errors
    /// `Malformed` for an unknown field, or one that cannot be asked like that.
    pub async fn brief(
        &self,
        permit: &Permit<View>,
        fields: &[&str],
        which: Which<'_>,
    ) -> Result<Vec<Record>, StoreError> {
        let of = permit.of();
        let unknown = |name: &str| Problem::malformed(peerage_model::filter::unknown_field(of, name));
        let index = |name: &&str| of.index_of(name).ok_or_else(|| unknown(name));
        let wanted = Wanted::new(of, fields.iter().map(index).collect::<Result<_, _>>()?);
        self.reading().some(permit, &wanted, which).await
    }

    /// How many objects that a filter shows lead to each object by a reference; those that lead nowhere are not counted.
    ///
    /// # Errors
    /// `Malformed` for a field that is no reference to one object; as [`Store::list`].
    pub async fn tally(
        &self,
        permit: &Permit<View>,
        field: &str,
        filter: &Filter,
    ) -> Result<HashMap<i64, u64>, StoreError> {
        self.reading().tally(permit, field, filter).await
    }

    /// What all fields of some records of the permit's type refer to, in brief.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn related(&self, permit: &Permit<View>, records: &[Record]) -> Result<Related, StoreError> {
        let all: Vec<usize> = (0..permit.of().fields.len()).collect();
        gather(&mut self.reading(), permit.who(), records, &all).await
    }

    /// The same records with their secrets in clear, if whoever asks may see secrets; otherwise as they were.
    ///
    /// # Errors
    /// There is no key, or the secrets were sealed with another one.
    pub async fn reveal(&self, permit: &Permit<View>, records: Vec<Record>) -> Result<Vec<Record>, StoreError> {
        if !permit.who().sees_secrets() {
            return Ok(records);
        }
        reveal(&mut self.reading(), self, permit.of(), records).await
    }

    /// Opens the first secret of every type that has any; says of how many types that was.
    ///
    /// # Errors
    /// `who` may not see them, there is no key, or they were sealed with another one.
    pub async fn check_secrets(&self, who: &Who) -> Result<usize, StoreError> {
        let mut opened = 0;
        for of in registry::TYPES.iter().copied() {
            let permit = who.permit::<View>(of)?;
            let secret = of.fields.iter().filter(|field| matches!(field.kind, Kind::Secret { .. }));
            let sealed = secret.map(main_column).map(|column| Expr::col(column).is_not_null());
            let Some(any) = sealed.reduce(ExprTrait::or) else { continue };
            let sql = {
                let select = Query::select().column("id").from(of.table()).and_where(any).limit(1).to_owned();
                self.dialect().build(&select)
            };
            let ids = self.reading().fetch(sql, &[Shape::Int]).await?;
            let ids: Vec<i64> = ids.iter().filter_map(|row| row.first()).map(column::Cell::int).collect();
            if !ids.is_empty() {
                self.reveal(&permit, self.get_many(&permit, &ids).await?).await?;
                opened += 1;
            }
        }
        Ok(opened)
    }
}

/// Puts secrets in clear in place of [`Value::Hidden`].
pub(crate) async fn reveal(
    door: &mut Door<'_>,
    store: &Store,
    of: &'static ObjectType,
    mut records: Vec<Record>,
) -> Result<Vec<Record>, StoreError> {
    let secrets: Vec<usize> = (0..of.fields.len())
        .filter(|index| matches!(of.fields[*index].kind, Kind::Secret { .. }))
        .filter(|index| records.iter().any(|record| *record.at(*index) == Value::Hidden))
        .collect();
    if secrets.is_empty() {
        return Ok(records);
    }
    let key = store.key().ok_or(SecretError::NoKey)?;
    let names: Vec<String> = secrets.iter().flat_map(|index| columns(&of.fields[*index])).map(|c| c.name).collect();
    let shapes: Vec<Shape> = std::iter::once(Shape::Int).chain(names.iter().map(|_| Shape::Text)).collect();
    let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
    let statements = in_portions(door, &ids, |ids| {
        let mut select = Query::select();
        select.column("id").columns(names.iter().map(String::as_str).map(str::to_owned)).from(of.table());
        select.and_where(Expr::col("id").is_in(ids)).to_owned()
    });
    let mut sealed: HashMap<i64, Row> = HashMap::new();
    for sql in statements {
        for row in door.fetch(sql, &shapes).await? {
            sealed.insert(row.first().map_or(0, |cell| cell.int()), row);
        }
    }
    for record in &mut records {
        let Some(row) = sealed.get(&record.id) else { continue };
        for (index, cell) in secrets.iter().zip(row.iter().skip(1)) {
            if let (column::Cell::Text(text), Value::Hidden) = (cell, record.at(*index)) {
                let clear = key.open(&column::place(of, &of.fields[*index]), text)?;
                record.set_at(*index, Value::text(clear));
            }
        }
    }
    Ok(records)
}
