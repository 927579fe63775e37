//! What `values` and `values_list` make of the rows of a query: dicts, tuples or plain values of the fields that paths name.

use super::{
    Object, Pending,
    lookup::{Extract, extracted},
    path::{Line, Path},
    value_of_field,
};
use crate::{
    pass::Pass,
    python::{arguments::Args, collections::Dict, fault},
};
use minijinja::{
    Error, Value,
    value::{Enumerator, Object as MiniObject, ObjectRepr, Tuple},
};
use peerage_model::{Kind, ObjectType, Value as Stored};
use std::{fmt, sync::Arc};

/// Names of fields, by position.
pub const TWELVE: &[&str] = &["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "**"];

/// The fields that were passed.
pub fn names(args: &Args) -> Vec<String> {
    (0..TWELVE.len() - 1).filter_map(|at| args.get(at)?.as_str().map(str::to_owned)).collect()
}

/// How a row is shown.
#[derive(Clone, Debug)]
pub enum Shape {
    Objects,
    Dicts(Arc<Columns>),
    Tuples(Arc<Columns>),
    /// Tuples whose items have the names of their fields.
    Named(Arc<Columns>),
    Plain(Arc<Columns>),
}

/// The fields that are shown.
#[derive(Debug)]
pub struct Columns {
    names: Vec<String>,
    paths: Vec<Path>,
    extracts: Vec<Extract>,
}

impl Columns {
    fn parse(of: Option<&'static ObjectType>, args: &Args) -> Result<Arc<Self>, Error> {
        let mut names = names(args);
        if names.is_empty() {
            names = own(of);
        }
        let mut columns = Self { names, paths: Vec::new(), extracts: Vec::new() };
        let Some(of) = of else { return Ok(Arc::new(columns)) };
        for name in &columns.names {
            let path = Path::parse(of, name)?;
            let is_json = path.field().is_some_and(|field| matches!(field.kind, Kind::Json { .. }));
            let extract = match path.rest.as_slice() {
                [] => Extract::Whole,
                keys if is_json => Extract::Keys(keys.to_vec()),
                [first, ..] => return Err(fault(format!("Cannot resolve keyword '{first}' into field."))),
            };
            columns.paths.push(path);
            columns.extracts.push(extract);
        }
        Ok(Arc::new(columns))
    }

    fn values(&self, line: &Line, pass: &Arc<Pass>) -> Vec<Value> {
        let columns = self.paths.iter().zip(&self.extracts);
        columns.map(|(path, extract)| value(line, path, extract, pass)).collect()
    }
}

/// All fields of a type that are columns of its table.
fn own(of: Option<&'static ObjectType>) -> Vec<String> {
    let plain = |of: &'static ObjectType| {
        of.fields.iter().filter(|field| {
            !field.is_internal() && !matches!(field.kind, Kind::References { .. } | Kind::Secret { .. })
        })
    };
    let all = of.into_iter().flat_map(plain).map(|field| match field.kind {
        Kind::Reference { .. } => format!("{}_id", field.name),
        _ => field.name.to_owned(),
    });
    std::iter::once("id".to_owned()).chain(all).collect()
}

fn value(line: &Line, path: &Path, extract: &Extract, pass: &Arc<Pass>) -> Value {
    match line.end(path, pass) {
        None => Pending::value(),
        Some(None) => Value::from(()),
        Some(Some((record, stored))) => match (path.field(), extract) {
            (_, Extract::Keys(_)) => match extracted(extract, &stored) {
                Stored::Json(json) => crate::python::collections::from_json(&json),
                plain => value_of_field(pass, record.of, None, &plain),
            },
            (Some(field), _) if matches!(field.kind, Kind::Reference { .. }) => {
                stored.as_int().map_or_else(|| Value::from(()), Value::from)
            }
            (field, _) => value_of_field(pass, record.of, field, &stored),
        },
    }
}

impl Shape {
    /// # Errors
    /// There is no such field.
    pub fn dicts(of: Option<&'static ObjectType>, args: &Args) -> Result<Self, Error> {
        Columns::parse(of, args).map(Self::Dicts)
    }

    /// # Errors
    /// There is no such field; several fields made flat.
    pub fn tuples(of: Option<&'static ObjectType>, args: &Args) -> Result<Self, Error> {
        let flag = |wanted: &str| args.extra.iter().any(|(name, value)| name == wanted && value.is_true());
        if let Some((unknown, _)) = args.extra.iter().find(|(name, _)| !matches!(name.as_str(), "flat" | "named")) {
            return Err(fault(format!("QuerySet.values_list() got an unexpected keyword argument '{unknown}'")));
        }
        let several = names(args).len() > 1;
        match (flag("flat"), flag("named")) {
            (true, true) => Err(fault("'flat' and 'named' can't be used together.")),
            (true, _) if several => {
                Err(fault("'flat' is not valid when values_list is called with more than one field."))
            }
            (true, _) => Columns::parse(of, args).map(Self::Plain),
            (_, true) => Columns::parse(of, args).map(Self::Named),
            _ => Columns::parse(of, args).map(Self::Tuples),
        }
    }

    fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Objects => None,
            Self::Dicts(columns) | Self::Tuples(columns) | Self::Named(columns) | Self::Plain(columns) => Some(columns),
        }
    }

    pub fn paths(&self) -> &[Path] {
        self.columns().map_or(&[], |columns| &columns.paths)
    }

    pub fn value(&self, line: &Line, pass: &Arc<Pass>) -> Value {
        match self {
            Self::Objects => Object::value(pass, line.record.clone()),
            Self::Plain(_) => self.single(line, pass),
            Self::Tuples(columns) => Value::from(Tuple::from(columns.values(line, pass))),
            Self::Named(columns) => {
                Value::from_object(Row { columns: Arc::clone(columns), values: columns.values(line, pass) })
            }
            Self::Dicts(columns) => {
                let values = columns.values(line, pass);
                Dict::value(columns.names.iter().map(|name| Value::from(name.as_str())).zip(values))
            }
        }
    }

    /// The first of the values that are shown.
    pub fn single(&self, line: &Line, pass: &Arc<Pass>) -> Value {
        let first = self.columns().and_then(|columns| Some((columns.paths.first()?, columns.extracts.first()?)));
        first.map_or_else(|| Value::from(()), |(path, extract)| value(line, path, extract, pass))
    }

    /// What makes two rows the same for `distinct`.
    pub fn key(&self, line: &Line, pass: &Arc<Pass>) -> String {
        match self.columns() {
            None => line.record.id.to_string(),
            Some(columns) => columns.values(line, pass).iter().map(|value| format!("{value:?} ")).collect(),
        }
    }
}

/// A tuple whose items have names.
#[derive(Debug)]
struct Row {
    columns: Arc<Columns>,
    values: Vec<Value>,
}

impl MiniObject for Row {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = match key.as_str() {
            Some(name) => self.columns.names.iter().position(|known| known == name)?,
            None => key.as_usize()?,
        };
        self.values.get(at).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.clone())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.columns.names.iter().zip(&self.values);
        let pairs: Vec<String> =
            pairs.map(|(name, value)| format!("{name}={}", crate::python::text::repr_of(value))).collect();
        write!(f, "Row({})", pairs.join(", "))
    }
}
