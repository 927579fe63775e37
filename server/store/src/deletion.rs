//! Deleting, and telling beforehand what it would take along. What becomes of rows that refer to one that goes is said by
//! their descriptions ([`OnDelete`]) and done by the database's foreign keys; this module walks the same rules first, so
//! that a person sees what goes, what stands in the way is named, and every row that vanishes or loses a reference leaves
//! its change record. The log has first who lost a reference, then what went along, last the object itself: undone from
//! the end, every object is there before something refers to it.

use crate::{
    Action, Event, Store, StoreError, Write,
    change::{self, Pending, label_relations},
    column::{Shape, link_table, main_column},
    database::{Door, Sql},
    related::gather,
    rows::{Wanted, in_portions, load_ids, load_visible},
    schema::in_sentence,
};
use peerage_model::{
    Field, Kind, ObjectType, OnDelete, Permit, Problem, Record, Value, Who,
    label::{label, label_of},
    object::Attached,
    permit::{Delete, View},
    registry,
};
use sea_query::{Expr, ExprTrait, Query};
use std::collections::BTreeSet;

/// Labels that a group names.
const NAMED: usize = 5;

/// What stands and falls with an object.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Would be deleted with it.
    pub gone: Vec<Group>,
    /// Would stay, without their reference to it.
    pub released: Vec<Group>,
    /// Must be deleted or pointed elsewhere first.
    pub protecting: Vec<Group>,
}

/// Objects of one type.
#[derive(Clone, Debug)]
pub struct Group {
    pub of: &'static ObjectType,
    /// The reference in question; none for what is gone.
    pub field: Option<&'static Field>,
    pub count: u64,
    /// Id and label of the first few, as far as they may be seen.
    pub first: Vec<(i64, String)>,
}

/// Rows that a deletion touches, by type; `gone` begins with what is deleted itself.
#[derive(Default)]
struct Closure {
    gone: Vec<(&'static ObjectType, BTreeSet<i64>)>,
    released: Vec<(&'static ObjectType, &'static Field, BTreeSet<i64>)>,
    protecting: Vec<(&'static ObjectType, &'static Field, BTreeSet<i64>)>,
}

impl Closure {
    /// Those of some ids that were not known to go.
    fn go(&mut self, of: &'static ObjectType, ids: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let at = self.gone.iter().position(|(known, _)| known.is(of)).unwrap_or_else(|| {
            self.gone.push((of, BTreeSet::new()));
            self.gone.len() - 1
        });
        let known = &mut self.gone[at].1;
        ids.into_iter().filter(|id| known.insert(*id)).collect()
    }

    fn goes(&self, of: &'static ObjectType, id: i64) -> bool {
        self.gone.iter().any(|(known, ids)| known.is(of) && ids.contains(&id))
    }
}

async fn closure(door: &mut Door<'_>, of: &'static ObjectType, ids: &[i64]) -> Result<Closure, StoreError> {
    let mut closure = Closure::default();
    let mut waves = vec![(of, closure.go(of, ids.iter().copied()))];
    while let Some((gone, ids)) = waves.pop() {
        if ids.is_empty() {
            continue;
        }
        for (of, field) in registry::referring(gone) {
            let found = owners(door, of, field, &ids).await?;
            if found.is_empty() {
                continue;
            }
            match field.kind {
                Kind::Reference { on_delete: OnDelete::Cascade, .. } => {
                    let new = closure.go(of, found);
                    waves.push((of, new));
                }
                Kind::Reference { on_delete: OnDelete::Protect, .. } => note(&mut closure.protecting, of, field, found),
                _ => note(&mut closure.released, of, field, found),
            }
        }
        for (of, attached) in registry::attachable(gone) {
            let found = attached_to(door, of, attached, gone, &ids).await?;
            let new = closure.go(of, found);
            waves.push((of, new));
        }
    }
    let mut released = std::mem::take(&mut closure.released);
    for (of, _, ids) in &mut released {
        ids.retain(|id| !closure.goes(of, *id));
    }
    released.retain(|(.., ids)| !ids.is_empty());
    closure.released = released;
    Ok(closure)
}

/// Ids of the rows of a type that are attached to one of some objects: no foreign key of the database keeps these together.
async fn attached_to(
    door: &mut Door<'_>,
    of: &'static ObjectType,
    attached: &Attached,
    to: &ObjectType,
    ids: &[i64],
) -> Result<Vec<i64>, StoreError> {
    let statements = in_portions(door, ids, |ids| {
        let condition = Expr::col(attached.of).eq(to.key()).and(Expr::col(attached.id).is_in(ids));
        Query::select().column("id").from(of.table()).and_where(condition).to_owned()
    });
    let mut found = Vec::new();
    for sql in statements {
        found.extend(door.fetch(sql, &[Shape::Int]).await?.iter().filter_map(|row| row.first()).map(|cell| cell.int()));
    }
    Ok(found)
}

type Owners = Vec<(&'static ObjectType, &'static Field, BTreeSet<i64>)>;

fn note(groups: &mut Owners, of: &'static ObjectType, field: &'static Field, ids: Vec<i64>) {
    match groups.iter_mut().find(|(known, name, _)| known.is(of) && name.name == field.name) {
        Some((.., known)) => known.extend(ids),
        None => groups.push((of, field, ids.into_iter().collect())),
    }
}

/// Ids of the rows whose field leads to one of some objects.
async fn owners(
    door: &mut Door<'_>,
    of: &'static ObjectType,
    field: &'static Field,
    ids: &[i64],
) -> Result<Vec<i64>, StoreError> {
    let (table, owner, target) = match field.kind {
        Kind::References { .. } => (link_table(of, field), "owner_id", "target_id".to_owned()),
        _ => (of.table(), "id", main_column(field)),
    };
    let statements = in_portions(door, ids, |ids| {
        let condition = Expr::col(target.clone()).is_in(ids);
        Query::select().column(owner).from(table.clone()).and_where(condition).to_owned()
    });
    let mut found = Vec::new();
    for sql in statements {
        found.extend(door.fetch(sql, &[Shape::Int]).await?.iter().filter_map(|row| row.first()).map(|cell| cell.int()));
    }
    Ok(found)
}

async fn group(
    door: &mut Door<'_>,
    who: &Who,
    of: &'static ObjectType,
    field: Option<&'static Field>,
    ids: &BTreeSet<i64>,
) -> Result<Group, StoreError> {
    let first: Vec<i64> = ids.iter().copied().take(NAMED).collect();
    let records = match who.allows::<View>(of) {
        true => load_visible(door, who, &Wanted::whole(of), &first).await?,
        false => Vec::new(),
    };
    let related = label_relations(door, who, of, &records).await?;
    // what is attached is known by what it is attached to
    let to: Vec<usize> = of.attached_id().and_then(|id| of.index_of(id.name)).into_iter().collect();
    let objects = gather(door, who, &records, &to).await?;
    let name = |record: &Record| {
        let label = label(record, &related);
        match record.attached_to().and_then(|(key, id)| Some((registry::get(key).ok()?, id))) {
            Some((to, id)) => format!("{label} of {}", label_of(to, id, &objects)),
            None => label,
        }
    };
    let first = records.iter().map(|record| (record.id, name(record))).collect();
    Ok(Group { of, field, count: ids.len() as u64, first })
}

async fn groups(door: &mut Door<'_>, who: &Who, owners: &Owners) -> Result<Vec<Group>, StoreError> {
    let mut groups = Vec::new();
    for (of, field, ids) in owners {
        groups.push(group(door, who, of, Some(field), ids).await?);
    }
    Ok(groups)
}

impl Store {
    /// What deleting some objects would take along, release, or be stopped by: as many statements for many as for one.
    ///
    /// # Errors
    /// `NotFound`, or a failure of the database.
    pub async fn referring(&self, permit: &Permit<Delete>, ids: &[i64]) -> Result<Standing, StoreError> {
        let (of, who) = (permit.of(), permit.who());
        let mut door = self.reading();
        if load_ids(&mut door, &Wanted::new(of, Vec::new()), ids).await?.is_empty() {
            return Err(Problem::not_found(&in_sentence(of.name)).into());
        }
        let closure = closure(&mut door, of, ids).await?;
        let mut gone = Vec::new();
        for (kind, along) in &closure.gone {
            let mut along = along.clone();
            if kind.is(of) {
                along.retain(|id| !ids.contains(id));
            }
            if !along.is_empty() {
                gone.push(group(&mut door, who, kind, None, &along).await?);
            }
        }
        let released = groups(&mut door, who, &closure.released).await?;
        let protecting = groups(&mut door, who, &closure.protecting).await?;
        Ok(Standing { gone, released, protecting })
    }
}

impl Write {
    /// Deletes an object and what cascades from it.
    ///
    /// # Errors
    /// `NotFound`, also of what may not be seen; `Forbidden` if the permit does not reach what may; `Conflict` naming what stands in the way, also in `current.in_the_way` as
    /// `[{type, count, first: [{id, label}]}]`.
    pub async fn delete(&mut self, permit: &Permit<Delete>, id: i64) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_delete(permit, id).await;
        self.noted(result)
    }

    async fn try_delete(&mut self, permit: &Permit<Delete>, id: i64) -> Result<(), StoreError> {
        let of = permit.of();
        self.check_writer(of)?;
        let record = self.locked(of, id).await?.ok_or_else(|| Problem::not_found(&in_sentence(of.name)))?;
        if let Err(refused) = self.must_reach(permit, &[id]).await {
            // of what is out of sight nobody is told that it is there
            let seen = match permit.who().permit::<View>(of) {
                Ok(view) => self.get(&view, id).await?.is_some(),
                Err(_) => false,
            };
            return Err(if seen { refused } else { Problem::not_found(&in_sentence(of.name)).into() });
        }
        let gone = self.take_out(of, &[id]).await?;
        // those that went along first, the object itself last
        for (of, ids) in gone.iter().rev() {
            let others = ids.iter().filter(|other| !(of.is(record.of) && **other == id));
            self.events.extend(others.map(|id| Event { of, id: *id, version: 0, action: Action::Delete }));
        }
        self.events.push(Event { of, id, version: record.version, action: Action::Delete });
        Ok(())
    }

    /// Deletes many objects of one type and what cascades from them, as [`Write::delete`] does, with some statements for all of
    /// them. Readers hear of each type once.
    ///
    /// # Errors
    /// As for [`Write::delete`]; `NotFound` if one of them is not there.
    pub async fn delete_all(&mut self, permit: &Permit<Delete>, ids: &[i64]) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_delete_all(permit, ids).await;
        self.noted(result)
    }

    async fn try_delete_all(&mut self, permit: &Permit<Delete>, ids: &[i64]) -> Result<(), StoreError> {
        let of = permit.of();
        self.check_writer(of)?;
        let there = load_ids(&mut self.door(), &Wanted::new(of, Vec::new()), ids).await?;
        if there.len() < ids.len() {
            return Err(Problem::not_found(&in_sentence(of.name)).into());
        }
        self.must_reach(permit, ids).await?;
        for (of, _) in self.take_out(of, ids).await? {
            self.tell_of_many(of, Action::Delete);
        }
        self.tell_of_many(of, Action::Delete);
        Ok(())
    }

    /// Whether anything refers to an object of the permit's type, or is attached to it.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn is_used(&mut self, permit: &Permit<Delete>, id: i64) -> Result<bool, StoreError> {
        let closure = closure(&mut self.door(), permit.of(), &[id]).await?;
        let along = closure.gone.iter().map(|(_, ids)| ids.len()).sum::<usize>() > 1;
        Ok(along || !closure.protecting.is_empty() || !closure.released.is_empty())
    }

    /// Takes rows out, with what goes along. Gives what goes.
    async fn take_out(
        &mut self,
        of: &'static ObjectType,
        ids: &[i64],
    ) -> Result<Vec<(&'static ObjectType, BTreeSet<i64>)>, StoreError> {
        /// Ids of one `DELETE`.
        const AT_ONCE: usize = 4_096;
        let gone = self.prepare_deletion(of, ids).await?;
        self.may_go_along(of, ids, &gone).await?;
        for (of, ids) in gone.iter().filter(|(of, _)| of.attached.is_some()) {
            let ids: Vec<i64> = ids.iter().copied().collect();
            for portion in ids.chunks(AT_ONCE) {
                let sql = Sql::delete(self.store.dialect(), of, portion);
                self.door().execute(sql).await?;
            }
        }
        for portion in ids.chunks(AT_ONCE) {
            let sql = Sql::delete(self.store.dialect(), of, portion);
            if let Err(error) = self.door().execute(sql).await {
                let protected = error.as_database_error().is_some_and(|e| e.is_foreign_key_violation());
                let message = "Something began to refer to it meanwhile. Look again at what stands in the way.";
                return Err(if protected { Problem::conflict(message).into() } else { error.into() });
            }
        }
        Ok(gone)
    }

    /// Whether whoever deletes may delete what goes along. What is attached to an object is a part of it.
    async fn may_go_along(
        &mut self,
        of: &'static ObjectType,
        asked: &[i64],
        gone: &[(&'static ObjectType, BTreeSet<i64>)],
    ) -> Result<(), StoreError> {
        let along = gone.iter().filter(|(kind, _)| kind.attached.is_none() && change::is_recorded(kind));
        for (kind, ids) in along {
            let others: Vec<i64> = ids.iter().copied().filter(|id| !(kind.is(of) && asked.contains(id))).collect();
            if others.is_empty() {
                continue;
            }
            let explained = |refused: Problem| {
                let count = others.len();
                let name = in_sentence(if count == 1 { kind.name } else { kind.plural });
                Problem { message: format!("{count} {name} would go along. {}", refused.message), ..refused }
            };
            let permit = self.who.permit::<Delete>(kind).map_err(explained)?;
            match self.must_reach(&permit, &others).await {
                Err(StoreError::Problem(refused)) => return Err(explained(refused).into()),
                other => other?,
            }
        }
        Ok(())
    }

    /// Everything that a deletion needs before the rows go: refuses what is protected, records what goes, and takes the
    /// reference from operators' objects that stay. Gives what goes.
    pub(crate) async fn prepare_deletion(
        &mut self,
        of: &'static ObjectType,
        ids: &[i64],
    ) -> Result<Vec<(&'static ObjectType, BTreeSet<i64>)>, StoreError> {
        let closure = closure(&mut self.door(), of, ids).await?;
        if !closure.protecting.is_empty() {
            let who = self.who.clone();
            let groups = groups(&mut self.door(), &who, &closure.protecting).await?;
            return Err(in_the_way(of, &groups).into());
        }
        for (kind, field, ids) in &closure.released {
            if change::is_recorded(kind) {
                let ids: Vec<i64> = ids.iter().copied().collect();
                let goes = |id: i64| field.kind.target().is_some_and(|to| closure.goes(to, id));
                let without = |record: &Record| {
                    let left = match record.get(field.name) {
                        Value::Ids(ids) => Value::Ids(ids.iter().copied().filter(|id| !goes(*id)).collect()),
                        // pointed elsewhere meanwhile
                        Value::Int(id) if !goes(*id) => Value::Int(*id),
                        _ => Value::Null,
                    };
                    record.clone().with(field.name, left)
                };
                self.release(kind, &ids, without).await?;
            }
        }
        for (kind, ids) in closure.gone.iter().rev().filter(|(kind, _)| change::is_recorded(kind)) {
            let ids: Vec<i64> = ids.iter().copied().collect();
            let who = self.who.clone();
            let mut door = self.door();
            let records = load_ids(&mut door, &Wanted::whole(kind), &ids).await?;
            let related = label_relations(&mut door, &who, kind, &records).await?;
            for record in records {
                let label = Some(label(&record, &related));
                self.pending.push(Pending { action: Action::Delete, label, before: Some(record), after: None });
            }
        }
        Ok(closure.gone)
    }
}

impl Sql {
    /// `DELETE FROM table WHERE id IN (...)`.
    pub(crate) fn delete(dialect: crate::Dialect, of: &ObjectType, ids: &[i64]) -> Self {
        let mut delete = Query::delete();
        delete.from_table(of.table()).and_where(Expr::col("id").is_in(ids.iter().copied()));
        dialect.build(&delete)
    }
}

fn in_the_way(of: &ObjectType, groups: &[Group]) -> Problem {
    let words = |group: &Group| {
        let names: Vec<&str> = group.first.iter().map(|(_, label)| label.as_str()).collect();
        let more = if group.count > names.len() as u64 { ", …" } else { "" };
        let name = if group.count == 1 { group.of.name } else { group.of.plural };
        format!("{} {} ({}{more})", group.count, in_sentence(name), names.join(", "))
    };
    let list: Vec<String> = groups.iter().map(words).collect();
    let message =
        format!("This {} is needed by {}. Change or delete those first.", in_sentence(of.name), list.join(" and "));
    let json = groups.iter().map(|group| {
        let first = group.first.iter().map(|(id, label)| serde_json::json!({"id": id, "label": label}));
        serde_json::json!({"type": group.of.key(), "count": group.count, "first": first.collect::<Vec<_>>()})
    });
    let current = serde_json::json!({"in_the_way": json.collect::<Vec<_>>()});
    Problem { current: Some(current.into()), ..Problem::conflict(message) }
}
