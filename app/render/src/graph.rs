//! The data that a render may touch: records by type and id, with the indexes that relations need.
//!
//! A row is here, known to be missing, or unknown; a relation ("sessions of AS 5") is known for the objects for which
//! somebody has answered. Only what is known may be read: everything else becomes a [`Need`]. Cloning is cheap, and a graph
//! can be kept and added to between renders.

use peerage_model::{
    Field, Kind, Need, ObjectType, Problem as ModelProblem, Record, Value, need::name_of, registry, wire::RecordSet,
};
use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, PoisonError, RwLock},
};

/// Identity of a type: its address.
pub(crate) type TypeKey = usize;

pub(crate) fn key(of: &'static ObjectType) -> TypeKey {
    std::ptr::from_ref(of).addr()
}

/// A hasher for what nobody chooses to do harm with: addresses of types, positions and names of fields, ids.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers(u64);

impl Hasher for Numbers {
    fn finish(&self) -> u64 {
        // the high bits of the product are the good ones; a table looks at the low ones too
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.write_u64(u64::from_ne_bytes(*word)));
        if !rest.is_empty() {
            let length = rest.len() as u64;
            self.write_u64(rest.iter().fold(length, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

pub(crate) type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<Numbers>>;

/// Records and what is known about their relations.
#[derive(Clone, Debug, Default)]
pub struct Graph(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    types: NumberMap<TypeKey, Rows>,
    orders: Orders,
}

/// Sets of rows as their type's own order puts them: a template that is rendered again sorts nothing again.
#[derive(Debug, Default)]
struct Orders(RwLock<NumberMap<Set, Arc<[u32]>>>);

/// Rows of a type, by id, as they came.
type Set = (TypeKey, Vec<i64>);

/// A copy is about to change, and orders look through references: it makes its own.
impl Clone for Orders {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Sets whose order is kept.
const MOST_ORDERS: usize = 4096;

/// What is known of one type.
#[derive(Clone, Debug, Default)]
struct Rows {
    here: NumberMap<i64, Record>,
    missing: HashSet<i64, BuildHasherDefault<Numbers>>,
    /// Every row of the type is here.
    complete: bool,
    /// By field index: which rows refer to an object.
    referring: NumberMap<usize, NumberMap<i64, Vec<i64>>>,
    /// (field index, id of the object referred to) for which all referring rows are here.
    known: HashSet<(usize, i64), BuildHasherDefault<Numbers>>,
    /// (field index, text) for which all rows with that value are here.
    named: HashSet<(usize, String)>,
    values: Values,
}

/// Rows by the printed value of a field, made when somebody looks for one.
#[derive(Debug, Default)]
struct Values(RwLock<NumberMap<usize, HashMap<String, Vec<i64>>>>);

/// A copy makes its own.
impl Clone for Values {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Values {
    fn forget(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Whether a row is here.
#[derive(Debug)]
pub enum Row<'g> {
    Here(&'g Record),
    Missing,
    Unknown,
}

impl Graph {
    pub fn new() -> Self {
        Self::default()
    }

    /// What is changed; orders that were kept are not known any more.
    fn changing(&mut self) -> &mut Inner {
        let inner = Arc::make_mut(&mut self.0);
        inner.orders.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        inner
    }

    /// Adds records without any claim that there are no others. A record of a newer version replaces the older one.
    pub fn add(&mut self, records: impl IntoIterator<Item = Record>) {
        let inner = self.changing();
        for record in records {
            inner.types.entry(key(record.of)).or_default().insert(record);
        }
    }

    /// Adds what came for a batch of needs and marks each need as answered: a row that did not come does not exist, a
    /// relation is complete.
    ///
    /// # Errors
    /// A set or a need names an unknown type or field.
    pub fn answer(&mut self, needs: &[Need], sets: &[RecordSet]) -> Result<(), ModelProblem> {
        let records = sets.iter().map(RecordSet::resolve).collect::<Result<Vec<_>, _>>()?;
        self.answer_with(needs, records.into_iter().flatten())
    }

    /// As [`Graph::answer`], of records that did not travel.
    ///
    /// # Errors
    /// A need names an unknown type or field.
    pub fn answer_with(
        &mut self,
        needs: &[Need],
        records: impl IntoIterator<Item = Record>,
    ) -> Result<(), ModelProblem> {
        self.add(records);
        let inner = self.changing();
        for need in needs {
            let of = need.object_type().map_err(ModelProblem::malformed)?;
            let rows = inner.types.entry(key(of)).or_default();
            let index = |field: &str| {
                of.index_of(field).ok_or_else(|| ModelProblem::malformed(format!("{} has no field {field}", of.key())))
            };
            match need {
                Need::Rows { ids, .. } => {
                    let absent = ids.iter().filter(|id| !rows.here.contains_key(id));
                    let absent: Vec<i64> = absent.copied().collect();
                    rows.missing.extend(absent);
                }
                Need::Relation { field, ids, .. } => {
                    let field = index(field)?;
                    rows.known.extend(ids.iter().map(|id| (field, *id)));
                }
                Need::Named { field, values, .. } => {
                    let field = index(field)?;
                    rows.named.extend(values.iter().map(|value| (field, value.clone())));
                }
                Need::All { .. } => rows.complete = true,
            }
        }
        Ok(())
    }

    /// Forgets a row and what was known of the type's relations, because it changed elsewhere.
    pub fn forget(&mut self, of: &'static ObjectType, id: i64) {
        if let Some(rows) = self.changing().types.get_mut(&key(of)) {
            rows.remove(id);
            rows.missing.remove(&id);
            rows.known.clear();
            rows.named.clear();
            rows.complete = false;
        }
    }

    /// Everything as columns, for the wire.
    pub fn record_sets(&self) -> Vec<RecordSet> {
        let types = registry::TYPES.iter().copied();
        types
            .filter_map(|of| {
                let rows = self.0.types.get(&key(of))?;
                let records = rows.in_order();
                (!records.is_empty()).then(|| RecordSet::whole(of, &records))
            })
            .collect()
    }

    pub fn row(&self, of: &'static ObjectType, id: i64) -> Row<'_> {
        match self.0.types.get(&key(of)) {
            None => Row::Unknown,
            Some(rows) => match rows.here.get(&id) {
                Some(record) => Row::Here(record),
                None if rows.complete || rows.missing.contains(&id) => Row::Missing,
                None => Row::Unknown,
            },
        }
    }

    /// Ids of the rows whose field refers to an object; none where that is not known.
    pub fn referring(&self, of: &'static ObjectType, field: usize, id: i64) -> Option<&[i64]> {
        let rows = self.0.types.get(&key(of))?;
        if !rows.complete && !rows.known.contains(&(field, id)) {
            return None;
        }
        Some(rows.referring.get(&field).and_then(|index| index.get(&id)).map_or(&[], Vec::as_slice))
    }

    /// Rows whose field has a value; none where that is not known.
    pub fn named(&self, of: &'static ObjectType, field: usize, value: &str) -> Option<Vec<Record>> {
        let rows = self.0.types.get(&key(of))?;
        if !rows.complete && !rows.named.contains(&(field, value.to_owned())) {
            return None;
        }
        Some(rows.valued(of, field, value).into_iter().filter_map(|id| rows.here.get(&id).cloned()).collect())
    }

    /// Places of rows, given by their ids, in their type's own order: as kept, or else as `made`, which is kept where it is
    /// final.
    pub fn order(&self, of: &'static ObjectType, ids: Vec<i64>, made: impl FnOnce() -> (Vec<u32>, bool)) -> Arc<[u32]> {
        let set = (key(of), ids);
        if let Some(known) = self.0.orders.0.read().unwrap_or_else(PoisonError::into_inner).get(&set) {
            return Arc::clone(known);
        }
        let (places, is_final) = made();
        let places: Arc<[u32]> = places.into();
        if is_final {
            let mut orders = self.0.orders.0.write().unwrap_or_else(PoisonError::into_inner);
            if orders.len() < MOST_ORDERS {
                orders.insert(set, Arc::clone(&places));
            }
        }
        places
    }

    /// Every row of a type; none where some may be absent.
    pub fn all(&self, of: &'static ObjectType) -> Option<Vec<Record>> {
        let rows = self.0.types.get(&key(of))?;
        rows.complete.then(|| rows.in_order())
    }

    /// The rows of a type that are here, in any order.
    pub fn here(&self, of: &'static ObjectType) -> impl Iterator<Item = &Record> {
        self.0.types.get(&key(of)).into_iter().flat_map(|rows| rows.here.values())
    }
}

/// What a field refers to: by itself, or together with the type that its record names beside it.
pub(crate) fn targets(of: &ObjectType, field: &Field, value: &Value) -> Vec<i64> {
    match (field.kind, value) {
        (Kind::Reference { .. }, Value::Int(id)) => vec![*id],
        (Kind::Int { .. }, Value::Int(id)) if of.attached.is_some_and(|attached| attached.id == field.name) => {
            vec![*id]
        }
        (Kind::References { .. }, Value::Ids(ids)) => ids.to_vec(),
        _ => Vec::new(),
    }
}

impl Rows {
    /// The rows that are here, by id.
    fn in_order(&self) -> Vec<Record> {
        let mut all: Vec<Record> = self.here.values().cloned().collect();
        all.sort_unstable_by_key(|record| record.id);
        all
    }

    /// Ids of the rows that are here with a value, in their order.
    fn valued(&self, of: &'static ObjectType, field: usize, value: &str) -> Vec<i64> {
        let found = |by: &HashMap<String, Vec<i64>>| {
            let mut ids = by.get(value).cloned().unwrap_or_default();
            ids.sort_unstable();
            ids
        };
        if let Some(by) = self.values.0.read().unwrap_or_else(PoisonError::into_inner).get(&field) {
            return found(by);
        }
        let mut by: HashMap<String, Vec<i64>> = HashMap::new();
        for record in self.here.values() {
            by.entry(name_of(&of.fields[field], record.at(field))).or_default().push(record.id);
        }
        let ids = found(&by);
        self.values.0.write().unwrap_or_else(PoisonError::into_inner).insert(field, by);
        ids
    }

    fn insert(&mut self, record: Record) {
        let record = record.as_there();
        if self.here.get(&record.id).is_some_and(|old| old.version > record.version) {
            return;
        }
        self.remove(record.id);
        self.values.forget();
        self.missing.remove(&record.id);
        for (index, (field, value)) in record.iter().enumerate() {
            for id in targets(record.of, field, value) {
                self.referring.entry(index).or_default().entry(id).or_default().push(record.id);
            }
        }
        self.here.insert(record.id, record);
    }

    fn remove(&mut self, id: i64) {
        let Some(old) = self.here.remove(&id) else { return };
        self.values.forget();
        for (index, (field, value)) in old.iter().enumerate() {
            for target in targets(old.of, field, value) {
                if let Some(ids) = self.referring.get_mut(&index).and_then(|by| by.get_mut(&target)) {
                    ids.retain(|other| *other != id);
                }
            }
        }
    }
}
