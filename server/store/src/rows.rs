//! Rows of a type as records: which fields are read, which rows by their ids, values or references, and their to-many
//! references. What a list shows, and who may see what of it, is [`crate::read`]'s.

use crate::{
    StoreError,
    column::{self, Shape, decode, link_table, links, main_column},
    condition,
    database::{Door, Row, Sql},
    read::{field_of, misfit},
};
use peerage_model::{Field, Kind, ObjectType, Permit, Record, Value, Who, permit::View};
use sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use std::collections::HashMap;

/// Ids of one `IN (...)`.
const IDS_AT_ONCE: usize = 4_096;

/// Operands of one statement; SQLite takes 32,766.
const MOST_OPERANDS: usize = 16_384;

/// What the main table is called in every statement.
pub(crate) const MAIN: &str = "t";

/// Which rows are read.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    All,
    /// Those of these ids that there are.
    Ids(&'a [i64]),
    /// Those whose field is exactly one of the values (case matters).
    With(&'a str, &'a [Value]),
    /// Those whose reference, to one or to many, leads to one of these ids.
    LeadingTo(&'a str, &'a [i64]),
}

/// Which fields are read, by index.
pub(crate) struct Wanted {
    of: &'static ObjectType,
    fields: Vec<usize>,
}

impl Wanted {
    pub fn new(of: &'static ObjectType, fields: Vec<usize>) -> Self {
        Self { of, fields }
    }

    /// All, those that never leave the server included.
    pub fn whole(of: &'static ObjectType) -> Self {
        Self::new(of, (0..of.fields.len()).collect())
    }

    fn stored(&self) -> impl Iterator<Item = &usize> {
        self.fields.iter().filter(|index| !matches!(self.of.fields[**index].kind, Kind::References { .. }))
    }

    /// The columns that are selected: `id`, `version`, then the fields'.
    pub fn columns(&self) -> Vec<String> {
        let fields = self.stored().map(|index| main_column(&self.of.fields[*index]));
        ["id", "version"].map(str::to_owned).into_iter().chain(fields).collect()
    }

    /// `SELECT id, version, ... FROM table AS t`, and the shapes of the columns.
    pub fn select(&self) -> (SelectStatement, Vec<Shape>) {
        let mut select = Query::select();
        select.from_as(self.of.table(), MAIN);
        for name in self.columns() {
            select.expr(condition::column(MAIN, name));
        }
        let shapes = self.stored().map(|index| column::shape(self.of.fields[*index].kind));
        (select, [Shape::Int, Shape::Int].into_iter().chain(shapes).collect())
    }

    /// As [`Wanted::select`], the rows that somebody may see.
    pub fn select_visible(&self, who: &Who) -> Result<(SelectStatement, Vec<Shape>), StoreError> {
        let (mut select, shapes) = self.select();
        if let Some(visible) = condition::visible(who, self.of, MAIN)? {
            select.and_where(visible);
        }
        Ok((select, shapes))
    }

    fn record(&self, row: Row) -> Result<Record, StoreError> {
        let mut cells = row.into_iter();
        let mut number = || cells.next().map_or(0, |cell| cell.int());
        let (id, version) = (number(), number());
        let mut values = vec![Value::Null; self.of.fields.len()];
        for (index, ..) in links(self.of).filter(|(index, ..)| self.fields.contains(index)) {
            values[index] = Value::Ids([].into());
        }
        for (index, cell) in self.stored().zip(cells) {
            values[*index] = decode(self.of, &self.of.fields[*index], cell)?;
        }
        Ok(Record::from_values(self.of, id, version, values))
    }
}

/// Reads rows, then their to-many references.
pub(crate) async fn load(
    door: &mut Door<'_>,
    wanted: &Wanted,
    select: SelectStatement,
    shapes: &[Shape],
) -> Result<Vec<Record>, StoreError> {
    let sql = door.dialect().build(&select);
    drop(select);
    let rows = door.fetch(sql, shapes).await?;
    let mut records = rows.into_iter().map(|row| wanted.record(row)).collect::<Result<Vec<_>, _>>()?;
    load_links(door, wanted, &mut records).await?;
    Ok(records)
}

/// All to-many references of some records, in one statement for so many of them.
async fn load_links(door: &mut Door<'_>, wanted: &Wanted, records: &mut [Record]) -> Result<(), StoreError> {
    let fields: Vec<(usize, &Field)> = links(wanted.of)
        .filter(|(index, ..)| wanted.fields.contains(index))
        .map(|(index, field, _)| (index, field))
        .collect();
    let owners: Vec<i64> = records.iter().map(|record| record.id).collect();
    let mut targets: HashMap<(usize, i64), Vec<i64>> = HashMap::new();
    // every field has its own list of the owners
    let at_once = (MOST_OPERANDS / fields.len().next_power_of_two()).clamp(1, IDS_AT_ONCE);
    for sql in portions(door, at_once, &owners, |ids| link_select(wanted.of, &fields, &ids)) {
        for row in door.fetch(sql, &[Shape::Int, Shape::Int, Shape::Int]).await? {
            if let [field, owner, target] = row.as_slice()
                && let Ok(field) = usize::try_from(field.int())
            {
                targets.entry((field, owner.int())).or_default().push(target.int());
            }
        }
    }
    for record in records.iter_mut() {
        for (index, _) in &fields {
            if let Some(mut ids) = targets.remove(&(*index, record.id)) {
                ids.sort_unstable();
                record.set_at(*index, Value::Ids(ids.into()));
            }
        }
    }
    Ok(())
}

/// Index of the field, owner, target; none where there is no field.
fn link_select(of: &ObjectType, fields: &[(usize, &Field)], owners: &[i64]) -> Option<SelectStatement> {
    let one = |(index, field): &(usize, &Field)| {
        Query::select()
            .expr(Expr::cust(index.to_string()))
            .columns(["owner_id", "target_id"])
            .from(link_table(of, field))
            .and_where(Expr::col("owner_id").is_in(owners.iter().copied()))
            .to_owned()
    };
    let mut all = fields.iter().map(one);
    let mut select = all.next()?;
    for other in all {
        select.union(UnionType::All, other);
    }
    Some(select)
}

/// Statements for many ids: cut into portions, each filled up to a power of two with its last id, so that there are few
/// different texts to prepare.
pub(crate) fn in_portions(door: &Door<'_>, ids: &[i64], statement: impl Fn(Vec<i64>) -> SelectStatement) -> Vec<Sql> {
    portions(door, IDS_AT_ONCE, ids, |ids| Some(statement(ids)))
}

fn portions(
    door: &Door<'_>,
    at_once: usize,
    ids: &[i64],
    statement: impl Fn(Vec<i64>) -> Option<SelectStatement>,
) -> Vec<Sql> {
    ids.chunks(at_once)
        .filter_map(|portion| {
            let mut ids = portion.to_vec();
            if let Some(last) = ids.last().copied() {
                ids.resize(ids.len().next_power_of_two(), last);
            }
            Some(door.dialect().build(&statement(ids)?))
        })
        .collect()
}

/// Rows by id, in the order of their ids.
pub(crate) async fn load_ids(door: &mut Door<'_>, wanted: &Wanted, ids: &[i64]) -> Result<Vec<Record>, StoreError> {
    load_among(door, None, wanted, |ids| condition::column(MAIN, "id").is_in(ids), ids).await
}

/// As [`load_ids`], those of them that somebody may see.
pub(crate) async fn load_visible(
    door: &mut Door<'_>,
    who: &Who,
    wanted: &Wanted,
    ids: &[i64],
) -> Result<Vec<Record>, StoreError> {
    load_among(door, Some(who), wanted, |ids| condition::column(MAIN, "id").is_in(ids), ids).await
}

/// Rows that a condition on some ids finds, in the order of their own; for somebody, those that they may see.
pub(crate) async fn load_among(
    door: &mut Door<'_>,
    who: Option<&Who>,
    wanted: &Wanted,
    condition: impl Fn(Vec<i64>) -> Expr,
    ids: &[i64],
) -> Result<Vec<Record>, StoreError> {
    let (select, shapes) = match who {
        Some(who) => wanted.select_visible(who)?,
        None => wanted.select(),
    };
    let statements = in_portions(door, ids, |ids| {
        let mut select = select.clone();
        select.and_where(condition(ids)).order_by((MAIN, "id"), sea_query::Order::Asc);
        select
    });
    drop(select);
    let mut records = Vec::new();
    for sql in statements {
        for row in door.fetch(sql, &shapes).await? {
            records.push(wanted.record(row)?);
        }
    }
    records.sort_unstable_by_key(|record| record.id);
    records.dedup_by_key(|record| record.id);
    load_links(door, wanted, &mut records).await?;
    Ok(records)
}

impl Door<'_> {
    pub(crate) async fn some(
        &mut self,
        permit: &Permit<View>,
        wanted: &Wanted,
        which: Which<'_>,
    ) -> Result<Vec<Record>, StoreError> {
        let who = permit.who();
        match which {
            Which::All => {
                let (mut select, shapes) = wanted.select_visible(who)?;
                select.order_by((MAIN, "id"), sea_query::Order::Asc);
                load(self, wanted, select, &shapes).await
            }
            Which::Ids(ids) => load_visible(self, who, wanted, ids).await,
            Which::With(name, values) => self.load_with(who, wanted, name, values).await,
            Which::LeadingTo(name, ids) => self.load_leading_to(who, wanted, name, ids).await,
        }
    }

    async fn load_with(
        &mut self,
        who: &Who,
        wanted: &Wanted,
        name: &str,
        values: &[Value],
    ) -> Result<Vec<Record>, StoreError> {
        let field = field_of(wanted.of, name)?;
        let mut operands = Vec::with_capacity(values.len());
        for value in values {
            operands.push(column::operand(field.kind, value).ok_or_else(|| misfit(name))?);
        }
        let (select, shapes) = wanted.select_visible(who)?;
        let statements: Vec<Sql> = operands
            .chunks(IDS_AT_ONCE)
            .map(|portion| {
                let mut select = select.clone();
                select.and_where(condition::column(MAIN, main_column(field)).is_in(portion.iter().cloned()));
                self.dialect().build(&select)
            })
            .collect();
        drop(select);
        let mut records = Vec::new();
        for sql in statements {
            for row in self.fetch(sql, &shapes).await? {
                records.push(wanted.record(row)?);
            }
        }
        records.sort_unstable_by_key(|record| record.id);
        load_links(self, wanted, &mut records).await?;
        Ok(records)
    }

    async fn load_leading_to(
        &mut self,
        who: &Who,
        wanted: &Wanted,
        name: &str,
        ids: &[i64],
    ) -> Result<Vec<Record>, StoreError> {
        let of = wanted.of;
        let field = field_of(of, name)?;
        let condition = |ids: Vec<i64>| match field.kind {
            Kind::References { .. } => {
                let owners = Query::select()
                    .column("owner_id")
                    .from(link_table(of, field))
                    .and_where(Expr::col("target_id").is_in(ids))
                    .to_owned();
                condition::column(MAIN, "id").in_subquery(owners)
            }
            _ => condition::column(MAIN, main_column(field)).is_in(ids),
        };
        if field.kind.target().is_none() && of.attached_id().is_none_or(|id| id.name != name) {
            return Err(misfit(name));
        }
        load_among(self, Some(who), wanted, condition, ids).await
    }
}
