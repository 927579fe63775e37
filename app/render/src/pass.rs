//! One run of a template over a graph: what objects share, and where they note what they lack.
//!
//! Objects cannot see minijinja's `State` when an attribute is read, so each carries an `Arc` of its pass. A need is
//! **widened** before it is noted: who lacks one session's AS will lack the others' too, so all are asked for at once. Without
//! that, a template that stops at the first absent value needs a pass for each row.

use crate::{
    Context, Options, Problem, Template,
    engine::{Translated, Zones},
    graph::{Graph, Row, TypeKey, key, targets},
};
use peerage_model::{Facts, Field, Lookup, Need, ObjectType, Record, Value, context::Merging, need::name_of, registry};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
};

/// At most so many objects in one widened need.
const WIDEST: usize = 20_000;

/// What is printed for a secret that this reader may not see.
pub const PLACEHOLDER: &str = "********";

/// Shared by all objects of a run.
#[derive(Debug)]
pub struct Pass {
    pub graph: Graph,
    needs: Mutex<Needs>,
    placeholders: AtomicBool,
    options: Options,
    zones: Option<Zones>,
    /// Attributes that objects of a type were asked for and do not have.
    absent: Mutex<Vec<Absent>>,
    /// Which expression of the template reads, where that is watched; else 0.
    reader: AtomicU32,
    /// Templates that were read as parts of others.
    included: Mutex<Vec<(&'static ObjectType, i64)>>,
    /// Texts that are being rendered within this one: a router's own configuration, an export that is included.
    depth: AtomicUsize,
}

/// An attribute that objects of a type were asked for and do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Absent {
    pub of: &'static ObjectType,
    pub name: String,
    /// By which expression; 0: nobody knows.
    pub reader: u32,
}

/// Attributes that are noted as absent.
const MOST_ABSENT: usize = 50;

/// Texts within texts.
const DEEPEST: usize = 8;

/// What is asked for of one type.
type Asked<T> = (Option<&'static ObjectType>, BTreeSet<T>);

#[derive(Debug, Default)]
struct Needs {
    rows: HashMap<TypeKey, Asked<i64>>,
    relations: HashMap<(TypeKey, usize), Asked<i64>>,
    named: HashMap<(TypeKey, usize), Asked<String>>,
    all: HashMap<TypeKey, &'static ObjectType>,
}

impl Pass {
    pub fn new(graph: Graph) -> Self {
        Self {
            graph,
            needs: Mutex::default(),
            placeholders: AtomicBool::new(false),
            options: Options::default(),
            zones: None,
            absent: Mutex::default(),
            reader: AtomicU32::new(0),
            included: Mutex::default(),
            depth: AtomicUsize::new(0),
        }
    }

    /// The same with the options of a render.
    #[must_use]
    pub fn with(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The same with somebody who knows time zones.
    #[must_use]
    pub fn with_zones(mut self, zones: Option<Zones>) -> Self {
        self.zones = zones;
        self
    }

    pub(crate) fn zones(&self) -> Option<&Zones> {
        self.zones.as_ref()
    }

    /// The moment of the render, in microseconds since 1970.
    pub fn now(&self) -> i64 {
        self.options.now
    }

    /// Whether whoever it is for may see routers' configurations.
    pub const fn shows_configurations(&self) -> bool {
        self.options.configurations
    }

    /// How config contexts are merged.
    pub const fn merging(&self) -> Merging {
        self.options.merging
    }

    /// Renders another template within this run; it shares what is lacking.
    ///
    /// # Errors
    /// As for the template; and texts that contain themselves.
    pub(crate) fn render_within(self: &Arc<Self>, template: &Template, context: &Context) -> Result<String, Problem> {
        if self.depth.fetch_add(1, Ordering::Relaxed) >= DEEPEST {
            return Err(Problem::of_data("a text contains itself"));
        }
        let text = Translated::new(&template.source, template.whitespace);
        let text = text.and_then(|translated| translated.run(context, self, &self.options));
        self.depth.fetch_sub(1, Ordering::Relaxed);
        text
    }

    fn needs(&self) -> MutexGuard<'_, Needs> {
        self.needs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this run lacked, merged and in a stable order.
    pub fn take_needs(&self) -> Vec<Need> {
        let needs = std::mem::take(&mut *self.needs());
        let mut batch: Vec<Need> = needs.all.values().map(|of| Need::All { of: of.key() }).collect();
        let complete = |of: &'static ObjectType| needs.all.contains_key(&key(of));
        for (of, ids) in needs.rows.into_values() {
            batch.extend(of.filter(|of| !complete(of)).map(|of| Need::rows(of, ids.into_iter().collect())));
        }
        for ((_, field), (of, ids)) in needs.relations {
            let of = of.filter(|of| !complete(of));
            batch.extend(of.map(|of| Need::relation(of, &of.fields[field], ids.into_iter().collect())));
        }
        for ((_, field), (of, values)) in needs.named {
            let named = |of: &'static ObjectType| Need::Named {
                of: of.key(),
                field: of.fields[field].name.to_owned(),
                values: values.into_iter().collect(),
            };
            batch.extend(of.filter(|of| !complete(of)).map(named));
        }
        batch.sort_by_key(|need| format!("{need:?}"));
        batch
    }

    pub fn lacks(&self) -> bool {
        let needs = self.needs();
        !(needs.rows.is_empty() && needs.relations.is_empty() && needs.named.is_empty() && needs.all.is_empty())
    }

    pub(crate) fn note_included(&self, template: &Record) {
        let mut included = self.included.lock().unwrap_or_else(PoisonError::into_inner);
        if !included.iter().any(|(of, id)| of.is(template.of) && *id == template.id) {
            included.push((template.of, template.id));
        }
    }

    pub(crate) fn included(&self) -> Vec<(&'static ObjectType, i64)> {
        self.included.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note_absent(&self, of: &'static ObjectType, name: &str) {
        let mut absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = self.reader.load(Ordering::Relaxed);
        let is_it = |one: &Absent| one.reader == reader && one.of.is(of) && one.name == name;
        if absent.len() < MOST_ABSENT && !absent.iter().any(is_it) {
            absent.push(Absent { of, name: name.to_owned(), reader });
        }
    }

    pub(crate) fn reads_at(&self, reader: u32) {
        self.reader.store(reader, Ordering::Relaxed);
    }

    pub(crate) fn absent(&self) -> Vec<Absent> {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn note_placeholder(&self) {
        self.placeholders.store(true, Ordering::Relaxed);
    }

    /// Whether a placeholder stands for a secret somewhere in this run.
    pub fn placeholders(&self) -> bool {
        self.placeholders.load(Ordering::Relaxed)
    }

    /// A row by reference from `from`'s field. Outer none: unknown, noted. Inner none: there is no such row.
    pub fn follow(&self, from: &'static ObjectType, field: &'static Field, id: i64) -> Option<Option<Record>> {
        let of = field.kind.target()?;
        match self.graph.row(of, id) {
            Row::Here(record) => Some(Some(record.clone())),
            Row::Missing => Some(None),
            Row::Unknown => {
                if self.needs().rows.get(&key(of)).is_some_and(|(_, ids)| ids.contains(&id)) {
                    return None;
                }
                let others = self.graph.here(from).flat_map(|record| targets(from, field, record.get(field.name)));
                let unknown = others.filter(|id| matches!(self.graph.row(of, *id), Row::Unknown)).take(WIDEST);
                let ids: Vec<i64> = unknown.chain([id]).collect();
                let mut needs = self.needs();
                let (slot, all) = needs.rows.entry(key(of)).or_default();
                *slot = Some(of);
                all.extend(ids);
                None
            }
        }
    }

    /// A row by its number alone.
    pub fn row(&self, of: &'static ObjectType, id: i64) -> Option<Option<Record>> {
        match self.graph.row(of, id) {
            Row::Here(record) => Some(Some(record.clone())),
            Row::Missing => Some(None),
            Row::Unknown => {
                let mut needs = self.needs();
                let (slot, ids) = needs.rows.entry(key(of)).or_default();
                *slot = Some(of);
                ids.insert(id);
                None
            }
        }
    }

    /// Rows of `of` whose field leads to the object `id` of `to`; none: unknown, noted for all objects of `to`.
    pub fn referring(
        &self,
        of: &'static ObjectType,
        field: &'static Field,
        to: &'static ObjectType,
        id: i64,
    ) -> Option<Vec<Record>> {
        let index = of.index_of(field.name)?;
        let Some(ids) = self.graph.referring(of, index, id) else {
            if self.needs().relations.get(&(key(of), index)).is_some_and(|(_, ids)| ids.contains(&id)) {
                return None;
            }
            let others = self.graph.here(to).map(|record| record.id);
            let unknown = others.filter(|id| self.graph.referring(of, index, *id).is_none()).take(WIDEST);
            let ids: Vec<i64> = unknown.chain([id]).collect();
            let mut needs = self.needs();
            let (slot, all) = needs.relations.entry((key(of), index)).or_default();
            *slot = Some(of);
            all.extend(ids);
            return None;
        };
        let rows = ids.iter().filter_map(|id| match self.graph.row(of, *id) {
            Row::Here(record) => Some(record.clone()),
            _ => None,
        });
        Some(rows.collect())
    }

    /// Rows whose field has a value; none: unknown, noted.
    pub fn named(&self, of: &'static ObjectType, field: &str, value: &str) -> Option<Vec<Record>> {
        let index = of.index_of(field)?;
        let found = self.graph.named(of, index, value);
        if found.is_none() {
            let mut needs = self.needs();
            let (slot, values) = needs.named.entry((key(of), index)).or_default();
            *slot = Some(of);
            values.insert(value.to_owned());
        }
        found
    }

    /// Every row of a type; none: unknown, noted.
    pub fn all(&self, of: &'static ObjectType) -> Option<Vec<Record>> {
        let rows = self.graph.all(of);
        if rows.is_none() {
            self.needs().all.insert(key(of), of);
        }
        rows
    }
}

/// A type that may not exist yet in this release: its accessors then give nothing.
pub fn type_of(type_key: &str) -> Option<&'static ObjectType> {
    registry::TYPES.iter().copied().find(|of| type_key.split_once('.') == Some((of.app, of.model)))
}

/// Labels look through references; what is absent is noted as a need like any other.
impl Lookup for Pass {
    fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record> {
        if let Row::Unknown = self.graph.row(of, id) {
            // whoever refers to this row from a type that is here probably refers to its siblings too
            for (from, field) in registry::referring(of) {
                let refers = self.graph.here(from).any(|record| match record.get(field.name) {
                    Value::Int(other) => *other == id,
                    _ => false,
                });
                if refers {
                    return self.follow(from, field, id).flatten();
                }
            }
        }
        self.row(of, id).flatten()
    }
}

/// The model's rules look around in the graph; what is absent is noted as a need like any other.
impl Facts for Pass {
    fn follow(&self, from: &Record, field: &'static Field) -> Option<Vec<Record>> {
        let mut found = Vec::new();
        let mut known = Some(());
        for id in targets(from.of, field, from.get(field.name)) {
            match Self::follow(self, from.of, field, id) {
                Some(row) => found.extend(row),
                // go on: the others are to be asked for as well
                None => known = None,
            }
        }
        known.map(|()| found)
    }

    fn referring(&self, of: &'static ObjectType, field: &'static Field, id: i64) -> Option<Vec<Record>> {
        Self::referring(self, of, field, field.kind.target()?, id)
    }

    fn attached(&self, of: &'static ObjectType, to: &Record) -> Option<Vec<Record>> {
        let mut found = Self::referring(self, of, of.attached_id()?, to.of, to.id)?;
        found.retain(|one| one.is_attached_to(to));
        Some(found)
    }

    fn holding(&self, of: &'static ObjectType, field: &'static Field, value: &Value) -> Option<Vec<Record>> {
        self.named(of, field.name, &name_of(field, value))
    }
}
