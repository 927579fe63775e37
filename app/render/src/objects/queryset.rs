//! Query results: filtered, ordered and cut in memory, with Django's methods and refusals.
//!
//! Rows are put in order when somebody looks, by the type's default order unless `order_by` said otherwise.

use super::{Object, Pending, lookup};
use crate::{
    pass::Pass,
    python::{
        arguments::Args,
        collections::{Dict, List},
        fault,
        methods::BoundMethod,
        text,
    },
};
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{DynObject, Enumerator, Object as MiniObject, ObjectRepr, Tuple},
};
use peerage_model::{Kind, ObjectType, Record, Value as Stored, order::compare_towards};
use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, OnceLock},
};

/// Items that a printed result shows.
const SHOWN: usize = 20;

/// Rows of one type.
#[derive(Clone, Debug)]
pub struct QuerySet {
    pass: Arc<Pass>,
    /// None: of a type that does not exist in this release; always empty.
    of: Option<&'static ObjectType>,
    rows: Vec<Record>,
    /// Field paths; none: the type's own order. Empty: as they came.
    order: Option<Vec<String>>,
    reversed: bool,
    /// A union: cannot be filtered.
    union: bool,
    /// Part of another result: neither filtered nor put into another order.
    cut: bool,
    sorted: OnceLock<Arc<[Record]>>,
}

impl QuerySet {
    pub const METHODS: &'static [&'static str] = &[
        "all",
        "filter",
        "exclude",
        "order_by",
        "reverse",
        "distinct",
        "none",
        "values",
        "values_list",
        "union",
        "select_related",
        "prefetch_related",
        "first",
        "last",
        "get",
        "exists",
        "count",
        "contains",
        "in_bulk",
        "iterator",
        "aggregate",
    ];

    pub fn new(pass: &Arc<Pass>, of: Option<&'static ObjectType>, rows: Vec<Record>) -> Self {
        Self {
            pass: Arc::clone(pass),
            of,
            rows,
            order: None,
            reversed: false,
            union: false,
            cut: false,
            sorted: OnceLock::new(),
        }
    }

    /// Rows without doubles, which cannot be filtered further.
    #[must_use]
    pub fn into_union(mut self) -> Self {
        self.rows = unique(self.rows);
        self.union = true;
        self.with_order(Some(Vec::new()))
    }

    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.rows = unique(self.rows);
        self
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in no order that means anything.
    pub fn unordered(&self) -> &[Record] {
        &self.rows
    }

    /// Keeps the rows that satisfy a condition.
    #[must_use]
    pub fn kept(mut self, keep: impl Fn(&Record) -> bool) -> Self {
        self.rows.retain(keep);
        self.sorted = OnceLock::new();
        self
    }

    pub fn type_of(&self) -> Option<&'static ObjectType> {
        self.of
    }

    /// Ordered by a field instead of by the type's own order.
    #[must_use]
    pub fn by(self, path: &str) -> Self {
        self.with_order(Some(vec![path.to_owned()]))
    }

    fn with_order(mut self, order: Option<Vec<String>>) -> Self {
        self.order = order;
        self.reversed = false;
        self.sorted = OnceLock::new();
        self
    }

    /// The rows in order.
    pub fn rows(&self) -> &Arc<[Record]> {
        self.sorted.get_or_init(|| {
            let Some(of) = self.of else { return Arc::new([]) };
            let own = || of.order.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
            let order = self.order.clone().unwrap_or_else(own);
            let mut rows = self.rows.clone();
            if order.is_empty() {
                if !self.union && !self.cut {
                    rows.sort_by_key(|row| row.id);
                }
            } else {
                let mut memo = Memo::new();
                let mut keys = |record: &Record| {
                    let mut keys = Vec::new();
                    for path in &order {
                        let (path, descending) =
                            path.strip_prefix('-').map_or((path.as_str(), false), |path| (path, true));
                        order_keys(&self.pass, record, path, descending, 0, &mut keys, &mut memo);
                    }
                    keys.push((Stored::Int(record.id), false));
                    keys
                };
                let mut keyed: Vec<_> = rows.into_iter().map(|row| (keys(&row), row)).collect();
                keyed.sort_by(|(a, _), (b, _)| {
                    let pairs = a.iter().zip(b).map(|((a, down), (b, _))| compare_towards(a, b, *down));
                    pairs.fold(Ordering::Equal, Ordering::then)
                });
                rows = keyed.into_iter().map(|(_, row)| row).collect();
            }
            if self.reversed {
                rows.reverse();
            }
            rows.into()
        })
    }

    pub fn objects(&self) -> impl Iterator<Item = Object> + '_ {
        self.rows().iter().map(|record| Object { pass: Arc::clone(&self.pass), record: record.clone() })
    }

    /// The first object, or None.
    pub fn first(&self) -> Value {
        self.rows().first().map_or_else(|| Value::from(()), |row| Object::value(&self.pass, row.clone()))
    }

    /// A slice.
    #[must_use]
    pub fn cut(&self, range: std::ops::Range<usize>) -> Self {
        let rows = self.rows().get(range).unwrap_or_default().to_vec();
        let cut = Self { cut: true, union: self.union, ..Self::new(&self.pass, self.of, rows) };
        cut.with_order(Some(Vec::new()))
    }

    /// Rows that satisfy all conditions (`autonomous_system__asn__gt`, value), or that do not.
    ///
    /// # Errors
    /// Unknown field or lookup; a union.
    pub fn filtered(&self, conditions: &[(String, Value)], exclude: bool) -> Result<Self, Error> {
        if self.cut {
            return Err(fault("Cannot filter a query once a slice has been taken."));
        }
        if self.union && !conditions.is_empty() {
            let what = if exclude { "exclude" } else { "filter" };
            return Err(fault(format!("Calling QuerySet.{what}() after union() is not supported.")));
        }
        let Some(of) = self.of else { return Ok(self.clone()) };
        let conditions = conditions
            .iter()
            .map(|(path, value)| lookup::Condition::parse(of, path, value))
            .collect::<Result<Vec<_>, _>>()?;
        let keep = |row: &&Record| {
            let holds =
                conditions.iter().try_fold(true, |all, condition| Some(all && condition.holds(row, &self.pass)?));
            // unknown: keep it, so that what the template does with it can name its needs as well
            holds.is_none_or(|holds| holds != exclude)
        };
        let rows = self.rows.iter().filter(keep).cloned().collect();
        let mut set = Self { rows, sorted: OnceLock::new(), ..self.clone() };
        if conditions.is_empty() && exclude {
            set.rows = self.rows.clone();
        }
        Ok(set)
    }

    fn value_of(&self, row: &Record, path: &str) -> Result<Value, Error> {
        let object = Object { pass: Arc::clone(&self.pass), record: row.clone() };
        let mut value = Value::from_object(object);
        for part in path.split("__") {
            let Some(object) = value.downcast_object_ref::<Object>() else {
                return Ok(if Pending::is(&value) { value } else { Value::from(()) });
            };
            let known =
                matches!(part, "id" | "pk") || object.of().field(part.strip_suffix("_id").unwrap_or(part)).is_some();
            if !known {
                return Err(fault(format!("Cannot resolve keyword '{part}' into field.")));
            }
            value = object.attribute(part).unwrap_or_default();
        }
        if let Some(object) = value.downcast_object_ref::<Object>() {
            return Ok(Value::from(object.record.id));
        }
        Ok(value)
    }

    fn fields(&self, args: &Args) -> Vec<String> {
        let named: Vec<String> = (0..12).filter_map(|at| args.get(at)?.as_str().map(str::to_owned)).collect();
        if !named.is_empty() {
            return named;
        }
        let plain = |of: &'static ObjectType| {
            of.fields.iter().filter(|field| {
                !field.is_internal() && !matches!(field.kind, Kind::References { .. } | Kind::Secret { .. })
            })
        };
        let all = self.of.into_iter().flat_map(plain).map(|field| match field.kind {
            Kind::Reference { .. } => format!("{}_id", field.name),
            _ => field.name.to_owned(),
        });
        std::iter::once("id".to_owned()).chain(all).collect()
    }

    fn call(self: &Arc<Self>, method: &str, args: &[Value]) -> Result<Value, Error> {
        const TWELVE: &[&str] = &["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11", "f12", "**"];
        let set = |set: Self| Ok(Value::from_object(set));
        if args.iter().any(Pending::is) {
            return Ok(Pending::value());
        }
        match method {
            "all" | "select_related" | "prefetch_related" | "iterator" => Ok(Value::from_dyn_object(self.clone())),
            "filter" | "exclude" => {
                let args = Args::bind(method, &["**"], 0, args)?;
                set(self.filtered(&args.extra, method == "exclude")?)
            }
            "order_by" | "reverse" | "distinct" if self.cut => {
                Err(fault("Cannot reorder a query once a slice has been taken."))
            }
            "order_by" => {
                let args = Args::bind(method, TWELVE, 0, args)?;
                let order: Vec<String> =
                    (0..12).filter_map(|at| Some(args.get(at)?.as_str()?.replace("__", "."))).collect();
                let known = |path: &String| {
                    let first = path.trim_start_matches('-').split('.').next().unwrap_or_default();
                    matches!(first, "id" | "pk") || self.of.is_none_or(|of| of.field(first).is_some())
                };
                if let Some(unknown) = order.iter().find(|path| !known(path)) {
                    return Err(fault(format!("Cannot resolve keyword '{unknown}' into field.")));
                }
                set((**self).clone().with_order(Some(order)))
            }
            "reverse" => {
                let mut reversed = (**self).clone();
                reversed.reversed = !reversed.reversed;
                reversed.sorted = OnceLock::new();
                set(reversed)
            }
            "distinct" if self.union => Err(fault("Calling QuerySet.distinct() after union() is not supported.")),
            "distinct" => set((**self).clone().distinct()),
            "none" => set(Self::new(&self.pass, self.of, Vec::new())),
            "union" => {
                let mut rows = self.rows().to_vec();
                for other in args.iter().filter_map(|other| other.downcast_object_ref::<Self>()) {
                    rows.extend(other.rows().iter().cloned());
                }
                set(Self::new(&self.pass, self.of, rows).into_union())
            }
            "values" => {
                let args = Args::bind(method, TWELVE, 0, args)?;
                let fields = self.fields(&args);
                let dict = |row: &Record| {
                    let pairs =
                        fields.iter().map(|field| Ok((Value::from(field.as_str()), self.value_of(row, field)?)));
                    Ok(Dict::value(pairs.collect::<Result<Vec<_>, Error>>()?))
                };
                Ok(List::value(self.rows().iter().map(dict).collect::<Result<_, Error>>()?))
            }
            "values_list" => {
                let args = Args::bind(method, TWELVE, 0, args)?;
                let flat = args.extra.iter().any(|(name, value)| name == "flat" && value.is_true());
                let fields = self.fields(&args);
                let tuple = |row: &Record| {
                    let mut values =
                        fields.iter().map(|field| self.value_of(row, field)).collect::<Result<Vec<_>, _>>()?;
                    Ok(if flat { values.swap_remove(0) } else { Value::from(Tuple::from(values)) })
                };
                Ok(List::value(self.rows().iter().map(tuple).collect::<Result<_, Error>>()?))
            }
            "first" => Ok(self.first()),
            "last" => {
                Ok(self.rows().last().map_or_else(|| Value::from(()), |row| Object::value(&self.pass, row.clone())))
            }
            "get" => {
                let args = Args::bind(method, &["**"], 0, args)?;
                let found = self.filtered(&args.extra, false)?;
                let class = self.of.map_or("object", super::class);
                match found.len() {
                    1 => Ok(found.first()),
                    _ if self.pass.lacks() => Ok(Pending::value()),
                    0 => Err(fault(format!("{class} matching query does not exist."))),
                    more => Err(fault(format!("get() returned more than one {class} -- it returned {more}!"))),
                }
            }
            "exists" => Ok(Value::from(!self.is_empty())),
            "count" => Ok(Value::from(self.len())),
            "contains" => {
                let args = Args::bind(method, &["obj"], 1, args)?;
                Ok(Value::from(self.objects().any(|object| Value::from_object(object) == *args.value(0))))
            }
            "in_bulk" => Ok(Dict::value(
                self.objects().map(|object| (Value::from(object.record.id), Value::from_object(object))),
            )),
            "create" | "update" | "delete" | "bulk_create" | "bulk_update" | "get_or_create" | "update_or_create" => {
                Err(fault(format!("<bound method QuerySet.{method} of {}> is not safely callable", self.shown())))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn shown(&self) -> String {
        let items = self.rows().iter().take(SHOWN);
        let mut items: Vec<String> = items.map(|row| text::repr_of(&Object::value(&self.pass, row.clone()))).collect();
        if self.len() > SHOWN {
            items.push("'...(remaining elements truncated)...'".to_owned());
        }
        format!("<QuerySet [{}]>", items.join(", "))
    }
}

fn unique(rows: Vec<Record>) -> Vec<Record> {
    let mut seen = HashSet::new();
    rows.into_iter().filter(|row| seen.insert(row.id)).collect()
}

/// What rows are compared by: values, and whether each is descending.
type Keys = Vec<(Stored, bool)>;

/// Keys of objects that many rows refer to, by the reference's address, id and direction.
type Memo = HashMap<(usize, i64, bool), Keys>;

/// Values to compare by for one path; a reference is ordered as its own type is.
fn order_keys(
    pass: &Pass,
    record: &Record,
    path: &str,
    descending: bool,
    depth: usize,
    keys: &mut Keys,
    memo: &mut Memo,
) {
    let (head, tail) = path.split_once('.').map_or((path, None), |(head, tail)| (head, Some(tail)));
    if matches!(head, "id" | "pk") {
        keys.push((Stored::Int(record.id), descending));
        return;
    }
    let Some(index) = record.of.index_of(head) else { return };
    let (field, stored) = (&record.of.fields[index], record.at(index));
    let Kind::Reference { to, .. } = field.kind else {
        keys.push((stored.clone(), descending));
        return;
    };
    let own: &[&str] = tail.as_ref().map_or(to.order, std::slice::from_ref);
    if depth > 4 || own.is_empty() {
        keys.push((stored.clone(), descending));
        return;
    }
    let place = (std::ptr::from_ref(field).addr(), stored.as_int().unwrap_or_default(), descending);
    if tail.is_none()
        && let Some(known) = memo.get(&place)
    {
        keys.extend(known.iter().cloned());
        return;
    }
    let next = stored.as_int().and_then(|id| pass.follow(record.of, field, id)).flatten();
    let start = keys.len();
    for path in own {
        let (path, down) = path.strip_prefix('-').map_or((*path, false), |path| (path, true));
        match &next {
            Some(next) => order_keys(pass, next, path, descending != down, depth + 1, keys, memo),
            None => absent_keys(to, path, descending != down, depth + 1, keys),
        }
    }
    if tail.is_none() {
        memo.insert(place, keys[start..].to_vec());
    }
}

/// As many nulls as an absent object would have given keys.
fn absent_keys(of: &'static ObjectType, path: &str, descending: bool, depth: usize, keys: &mut Keys) {
    let head = path.split('.').next().unwrap_or(path);
    match of.field(head).map(|field| field.kind) {
        Some(Kind::Reference { to, .. }) if depth <= 4 && !to.order.is_empty() => {
            for path in to.order {
                absent_keys(to, path.trim_start_matches('-'), descending, depth + 1, keys);
            }
        }
        _ => keys.push((Stored::Null, descending)),
    }
}

impl MiniObject for QuerySet {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(name) = key.as_str() {
            return Self::METHODS
                .contains(&name)
                .then(|| BoundMethod::value(Value::from_dyn_object(self.clone()), name));
        }
        let row = self.rows().get(key.as_usize()?)?;
        Some(Object::value(&self.pass, row.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let set = Arc::clone(self);
        let rows = Arc::clone(self.rows());
        let objects = (0..rows.len()).map(move |at| Object::value(&set.pass, rows[at].clone()));
        Enumerator::Iter(Box::new(objects))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.is_empty()
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        self.call(method, args)
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other: *const Self = other.downcast_ref::<Self>()?;
        Some(Arc::as_ptr(self).cmp(&other))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}
