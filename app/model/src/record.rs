//! An object: its type's pointer, its id and version, and its values in the order of the type's fields.

use crate::{Field, ObjectType, Value};
use std::sync::Arc;

static NULL: Value = Value::Null;

/// One object of a type. Cloning copies a pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub of: &'static ObjectType,
    /// 0 until it is stored.
    pub id: i64,
    /// Counts the writes; a write names the version that it was based on. 0 until stored.
    pub version: i64,
    values: Arc<[Value]>,
}

impl Record {
    /// A new record with its type's defaults.
    pub fn new(of: &'static ObjectType) -> Self {
        Self { of, id: 0, version: 0, values: of.fields.iter().map(Field::default_value).collect() }
    }

    /// From values in the order of `of.fields`; missing ones are null, surplus ones are dropped.
    pub fn from_values(
        of: &'static ObjectType,
        id: i64,
        version: i64,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        let mut values = values.into_iter();
        let values = of.fields.iter().map(|_| values.next().unwrap_or_default()).collect();
        Self { of, id, version, values }
    }

    /// The value of a field that the type has. Asking for one that it does not have is a fault in the caller: null, and a
    /// panic in tests.
    pub fn get(&self, name: &str) -> &Value {
        let index = self.of.index_of(name);
        debug_assert!(index.is_some(), "{} has no field {name}", self.of.model);
        index.map_or(&NULL, |index| &self.values[index])
    }

    pub fn at(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&NULL)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        let index = self.of.index_of(name);
        debug_assert!(index.is_some(), "{} has no field {name}", self.of.model);
        if let Some(index) = index {
            self.set_at(index, value);
        }
    }

    pub fn set_at(&mut self, index: usize, value: Value) {
        if let Some(slot) = Arc::make_mut(&mut self.values).get_mut(index) {
            *slot = value;
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.set(name, value);
        self
    }

    /// Fields and values, in the description's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Field, &Value)> {
        self.of.fields.iter().zip(self.values.iter())
    }

    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_text().unwrap_or_default()
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).as_int()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or_default()
    }

    /// As Peering Manager has it, which knows no count that is unknown.
    #[must_use]
    pub fn as_there(mut self) -> Self {
        for (index, _) in self.of.fields.iter().enumerate().filter(|(_, field)| field.is_counted()) {
            if self.at(index).is_null() {
                self.set_at(index, Value::Int(0));
            }
        }
        self
    }

    /// Key and number of the object that it is attached to.
    pub fn attached_to(&self) -> Option<(&str, i64)> {
        let attached = self.of.attached?;
        Some((self.text(attached.of), self.int(attached.id)?))
    }

    /// Whether it is attached to another object.
    pub fn is_attached_to(&self, other: &Record) -> bool {
        let Some((of, id)) = self.attached_to() else { return false };
        id == other.id && crate::registry::is_named(other.of, of)
    }

    /// Fields whose value differs from `other`'s, with (other's, ours).
    pub fn differences<'a>(
        &'a self,
        other: &'a Record,
    ) -> impl Iterator<Item = (&'static Field, &'a Value, &'a Value)> {
        self.iter()
            .zip(other.values.iter())
            .filter(|((_, ours), theirs)| ours != theirs)
            .map(|((field, ours), theirs)| (field, theirs, ours))
    }
}
