//! Relation managers: `ixp.connection_set`, `router.tags`. As in Django they are not themselves query results: they have
//! no length, cannot be iterated and are always true; `.all()` and its siblings lead on.

use super::{Pending, Reverse, class, queryset::QuerySet};
use crate::{
    pass::Pass,
    python::{arguments::Args, methods::BoundMethod},
};
use minijinja::{
    Error, State, Value,
    value::{Enumerator, Kwargs, Object as MiniObject, ObjectRepr},
};
use peerage_model::{Facts, Field, ObjectType, Record};
use std::{fmt, sync::Arc};

/// A relation to any number of objects.
#[derive(Clone, Debug)]
pub struct Manager {
    pass: Arc<Pass>,
    of: &'static ObjectType,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// A to-many field of `from`.
    Ids { from: &'static ObjectType, field: &'static Field, ids: Arc<[i64]> },
    /// Whoever refers to this object.
    Reverse { to: &'static ObjectType, id: i64, field: &'static Field },
    /// Whatever is attached to this object.
    Attached { to: Record },
}

impl Manager {
    pub fn of_ids(
        pass: &Arc<Pass>,
        from: &'static ObjectType,
        field: &'static Field,
        to: &'static ObjectType,
        ids: &[i64],
    ) -> Self {
        Self { pass: Arc::clone(pass), of: to, source: Source::Ids { from, field, ids: ids.into() } }
    }

    pub fn reverse(pass: &Arc<Pass>, to: &'static ObjectType, id: i64, reverse: Reverse) -> Self {
        Self { pass: Arc::clone(pass), of: reverse.of, source: Source::Reverse { to, id, field: reverse.field } }
    }

    pub fn attached(pass: &Arc<Pass>, of: &'static ObjectType, to: Record) -> Self {
        Self { pass: Arc::clone(pass), of, source: Source::Attached { to } }
    }

    /// All of them in default order; none where some are not in the graph.
    pub fn all(&self) -> Option<QuerySet> {
        let rows: Vec<Record> = match &self.source {
            Source::Ids { from, field, ids } => {
                let mut rows = Vec::with_capacity(ids.len());
                let mut complete = true;
                for id in ids.iter() {
                    match self.pass.follow(from, field, *id) {
                        Some(row) => rows.extend(row),
                        None => complete = false,
                    }
                }
                if !complete {
                    return None;
                }
                rows
            }
            Source::Reverse { to, id, field } => self.pass.referring(self.of, field, to, *id)?,
            Source::Attached { to } => self.pass.attached(self.of, to)?,
        };
        Some(QuerySet::new(&self.pass, Some(self.of), rows))
    }

    fn name(&self) -> String {
        format!("{}.{}.None", self.of.app, class(self.of))
    }
}

impl MiniObject for Manager {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let tags = self.of.model == "tag" && matches!(name, "names" | "slugs");
        (tags || QuerySet::METHODS.contains(&name))
            .then(|| BoundMethod::value(Value::from_dyn_object(self.clone()), name))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        if matches!(method, "add" | "set" | "remove" | "clear" | "create") {
            return Err(crate::python::fault(format!("{method} of {} is not safely callable", self.name())));
        }
        let Some(set) = self.all() else { return Ok(Pending::value()) };
        match method {
            "names" | "slugs" if self.of.model == "tag" => {
                Args::bind(method, &[], 0, args)?;
                let flat = Kwargs::from_iter([("flat", Value::from(true))]);
                let field = Value::from(method.trim_end_matches('s'));
                Value::from_object(set).call_method(state, "values_list", &[field, flat.into()])
            }
            "all" => Ok(Value::from_object(set)),
            _ => Value::from_object(set).call_method(state, method, args),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { write!(f, "<ManyRelatedManager: {}>", self.name()) } else { f.write_str(&self.name()) }
    }
}
