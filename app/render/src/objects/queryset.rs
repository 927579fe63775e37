//! Query results: filtered, ordered and cut in memory, with Django's methods and refusals.
//!
//! Rows are put in order when somebody looks, by the type's default order unless `order_by` said otherwise. A row is there
//! once for each object that a filter met on a join, as in the database: `distinct()` makes it one.

use super::{
    Object, Pending,
    lookup::{self, Condition},
    order::{self, By},
    path::{Line, Path},
    values::Shape,
};
use crate::{
    pass::Pass,
    python::{arguments::Args, collections::Dict, fault, methods::BoundMethod, text},
};
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{DynObject, Enumerator, Object as MiniObject, ObjectRepr},
};
use peerage_model::{ObjectType, Record};
use std::{
    cmp::Ordering,
    collections::HashSet,
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
    rows: Vec<Line>,
    /// None: the type's own order. Empty: as they came.
    order: Option<Vec<By>>,
    reversed: bool,
    distinct: bool,
    /// A union: cannot be filtered.
    union: bool,
    /// Part of another result: neither filtered nor put into another order.
    cut: bool,
    /// Somebody chose the order in which they came.
    in_order: bool,
    shape: Shape,
    sorted: OnceLock<Arc<[Line]>>,
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
        "intersection",
        "difference",
        "select_related",
        "prefetch_related",
        "only",
        "defer",
        "using",
        "first",
        "last",
        "earliest",
        "latest",
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
            rows: rows.into_iter().map(Line::from).collect(),
            order: None,
            reversed: false,
            distinct: false,
            union: false,
            cut: false,
            in_order: false,
            shape: Shape::Objects,
            sorted: OnceLock::new(),
        }
    }

    /// Rows as they come, until a template puts them into another order.
    pub fn in_order(pass: &Arc<Pass>, of: &'static ObjectType, rows: Vec<Record>) -> Self {
        Self { in_order: true, ..Self::new(pass, Some(of), rows).with_order(Some(Vec::new())) }
    }

    /// Rows without doubles, which cannot be filtered further.
    #[must_use]
    pub fn into_union(mut self) -> Self {
        let mut seen = HashSet::new();
        self.rows.retain(|line| seen.insert(line.record.id));
        self.union = true;
        self.with_order(Some(Vec::new()))
    }

    #[must_use]
    pub fn distinct(self) -> Self {
        Self { distinct: true, sorted: OnceLock::new(), ..self }
    }

    /// How many rows a database would count.
    pub fn len(&self) -> usize {
        if self.cut {
            return self.lines().len();
        }
        match self.shape.paths() {
            [] if !self.distinct => self.rows.len(),
            paths => {
                let lines = self.met_on(self.rows.clone(), paths.iter());
                if !self.distinct {
                    return lines.len();
                }
                let seen: HashSet<String> = lines.iter().map(|line| self.shape.key(line, &self.pass)).collect();
                seen.len()
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in no order that means anything.
    pub fn unordered(&self) -> impl ExactSizeIterator<Item = &Record> + Clone {
        self.rows.iter().map(|line| &line.record)
    }

    /// Keeps the rows that satisfy a condition.
    #[must_use]
    pub fn kept(mut self, keep: impl Fn(&Record) -> bool) -> Self {
        self.rows.retain(|line| keep(&line.record));
        self.sorted = OnceLock::new();
        self
    }

    pub fn type_of(&self) -> Option<&'static ObjectType> {
        self.of
    }

    /// Ordered by a field instead of by the type's own order.
    #[must_use]
    pub fn by(self, path: &str) -> Self {
        let by = self.of.and_then(|of| By::parse(of, path).ok());
        self.with_order(Some(by.into_iter().collect()))
    }

    fn with_order(mut self, order: Option<Vec<By>>) -> Self {
        self.order = order;
        self.reversed = false;
        self.sorted = OnceLock::new();
        self
    }

    /// Once for each object that the joins of some paths meet. Unknown: once, so that what the template does with it can name
    /// its needs as well.
    fn met_on<'p>(&self, mut lines: Vec<Line>, paths: impl Iterator<Item = &'p Path>) -> Vec<Line> {
        for path in paths {
            let met = |line: Line| line.clone().met_on(path, &self.pass).unwrap_or_else(|| vec![line]);
            lines = lines.into_iter().flat_map(met).collect();
        }
        lines
    }

    /// The rows in order.
    fn lines(&self) -> &Arc<[Line]> {
        self.sorted.get_or_init(|| {
            let Some(of) = self.of else { return Arc::new([]) };
            let own = if self.order.is_none() { of.order } else { &[] };
            let by = self.order.as_deref().unwrap_or_default();
            let paths = self.shape.paths().iter().chain(by.iter().map(|by| &by.path));
            let mut lines = self.met_on(self.rows.clone(), paths);
            if !by.is_empty() || !own.is_empty() {
                lines = order::sort(&lines, of, by, own, &self.pass);
            } else if !self.union && !self.cut && !self.in_order {
                lines.sort_by_key(|line| line.record.id);
            }
            if self.distinct {
                // what rows are ordered by is selected with them
                let keys = |line: &Line| order::keys_of(line, by, own, &self.pass);
                let mut seen = HashSet::new();
                lines.retain(|line| seen.insert(format!("{} {:?}", self.shape.key(line, &self.pass), keys(line))));
            }
            if self.reversed {
                lines.reverse();
            }
            lines.into()
        })
    }

    /// The rows' records, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Record> + Clone {
        self.lines().iter().map(|line| &line.record)
    }

    pub fn objects(&self) -> impl Iterator<Item = Object> + '_ {
        self.rows().map(|record| Object { pass: Arc::clone(&self.pass), record: record.clone() })
    }

    /// The rows as templates see them: objects, or what `values` made of them.
    fn items(&self) -> impl Iterator<Item = Value> + '_ {
        self.lines().iter().map(|line| self.shape.value(line, &self.pass))
    }

    /// What a look-up `__in` looks among: the ids of objects, or the values that were selected.
    pub fn ids_or_values(&self) -> Vec<Value> {
        match self.shape {
            Shape::Objects => self.objects().map(Value::from_object).collect(),
            _ => self.lines().iter().map(|line| self.shape.single(line, &self.pass)).collect(),
        }
    }

    /// The first object, or None.
    pub fn first(&self) -> Value {
        self.lines().first().map_or_else(|| Value::from(()), |line| self.shape.value(line, &self.pass))
    }

    /// A slice.
    #[must_use]
    pub fn cut(&self, range: std::ops::Range<usize>) -> Self {
        let rows = self.lines().get(range).unwrap_or_default().to_vec();
        let cut = Self { cut: true, distinct: false, reversed: false, rows, ..self.clone() };
        cut.with_order(Some(Vec::new()))
    }

    /// Rows that satisfy all conditions (`autonomous_system__asn__gt`, value), or that do not.
    ///
    /// # Errors
    /// Unknown field or lookup; a value that a field cannot have; a union.
    pub fn filtered(&self, conditions: &[(String, Value)], exclude: bool) -> Result<Self, Error> {
        if self.cut {
            return Err(fault("Cannot filter a query once a slice has been taken."));
        }
        if self.union && !conditions.is_empty() {
            let what = if exclude { "exclude" } else { "filter" };
            return Err(fault(format!("Calling QuerySet.{what}() after union() is not supported.")));
        }
        let Some(of) = self.of else { return Ok(self.clone()) };
        if conditions.is_empty() {
            return Ok(self.clone());
        }
        let conditions =
            conditions.iter().map(|(path, value)| Condition::parse(of, path, value)).collect::<Result<Vec<_>, _>>()?;
        let pass = &*self.pass;
        // each condition is a question of its own about what must not be
        let excluded = |line: &Line| {
            conditions.iter().try_fold(true, |all, condition| {
                Some(all && !lookup::fitting(line, std::slice::from_ref(condition), pass)?.is_empty())
            })
        };
        // unknown: keep it, so that what the template does with it can name its needs as well
        let rows = if exclude {
            self.rows.iter().filter(|line| !excluded(line).unwrap_or(false)).cloned().collect()
        } else {
            let fitting = |line: &Line| lookup::fitting(line, &conditions, pass).unwrap_or_else(|| vec![line.clone()]);
            self.rows.iter().flat_map(fitting).collect()
        };
        Ok(Self { rows, sorted: OnceLock::new(), ..self.clone() })
    }

    /// Rows of this and of others.
    fn combined(&self, method: &str, args: &[Value]) -> Self {
        let others: Vec<&Self> = args.iter().filter_map(|other| other.downcast_object_ref::<Self>()).collect();
        let mut rows = self.lines().to_vec();
        let ids = |set: &Self| set.rows().map(|record| record.id).collect::<HashSet<_>>();
        match method {
            "union" => rows.extend(others.iter().flat_map(|other| other.lines().iter().cloned())),
            _ => {
                let others: Vec<_> = others.iter().map(|other| ids(other)).collect();
                let wanted = method == "intersection";
                rows.retain(|line| {
                    let there = |ids: &HashSet<i64>| ids.contains(&line.record.id);
                    if wanted { others.iter().all(there) } else { !others.iter().any(there) }
                });
            }
        }
        let combined = Self { rows, distinct: false, ..self.clone() };
        let all = args
            .last()
            .filter(|last| last.is_kwargs())
            .is_some_and(|last| last.get_attr("all").is_ok_and(|all| all.is_true()));
        match self.shape {
            _ if all => Self { union: true, ..combined.with_order(Some(Vec::new())) },
            Shape::Objects => combined.into_union(),
            _ => Self { union: true, distinct: true, ..combined.with_order(Some(Vec::new())) },
        }
    }

    fn shaped(&self, shape: Shape) -> Value {
        Value::from_object(Self { shape, sorted: OnceLock::new(), ..self.clone() })
    }

    fn ordered(&self, args: &Args) -> Result<Vec<By>, Error> {
        let names = super::values::names(args);
        // in no order is as good as in any
        let names = names.iter().filter(|name| *name != "?");
        names.filter_map(|name| Some(By::parse(self.of?, name))).collect()
    }

    fn one(&self) -> Result<Value, Error> {
        let class = self.of.map_or("object", super::class);
        match self.lines().len() {
            1 => Ok(self.first()),
            _ if self.pass.lacks() => Ok(Pending::value()),
            0 => Err(fault(format!("{class} matching query does not exist."))),
            more => Err(fault(format!("get() returned more than one {class} -- it returned {more}!"))),
        }
    }

    fn call(self: &Arc<Self>, method: &str, args: &[Value]) -> Result<Value, Error> {
        use super::values::TWELVE;
        crate::deadline::ask()?;
        let set = |set: Self| Ok(Value::from_object(set));
        if args.iter().any(Pending::is) {
            return Ok(Pending::value());
        }
        match method {
            "all" | "select_related" | "prefetch_related" | "iterator" | "only" | "defer" | "using" => {
                Ok(Value::from_dyn_object(self.clone()))
            }
            "filter" | "exclude" => {
                let args = Args::bind(method, &["**"], 0, args)?;
                set(self.filtered(&args.extra, method == "exclude")?)
            }
            "last" | "reverse" if self.cut => Err(fault("Cannot reverse a query once a slice has been taken.")),
            "distinct" if self.cut => Err(fault("Cannot create distinct fields once a slice has been taken.")),
            "order_by" | "earliest" | "latest" if self.cut => {
                Err(fault("Cannot reorder a query once a slice has been taken."))
            }
            "order_by" => {
                let args = Args::bind(method, TWELVE, 0, args)?;
                set((**self).clone().with_order(Some(self.ordered(&args)?)))
            }
            "earliest" | "latest" => {
                let by = self.ordered(&Args::bind(method, TWELVE, 0, args)?)?;
                if by.is_empty() {
                    return Err(fault(
                        "earliest() and latest() require either fields as positional arguments or 'get_latest_by' in the model's Meta.",
                    ));
                }
                let mut found = (**self).clone().with_order(Some(by));
                found.reversed = method == "latest";
                match found.lines().first() {
                    Some(line) => Ok(self.shape.value(line, &self.pass)),
                    None => found.one(),
                }
            }
            "reverse" => {
                let mut reversed = (**self).clone();
                reversed.reversed = !reversed.reversed;
                reversed.sorted = OnceLock::new();
                set(reversed)
            }
            "distinct" if self.union => Err(fault("Calling QuerySet.distinct() after union() is not supported.")),
            "distinct" => set((**self).clone().distinct()),
            "none" => set(Self { rows: Vec::new(), sorted: OnceLock::new(), ..(**self).clone() }),
            "union" | "intersection" | "difference" => set(self.combined(method, args)),
            "values" => Ok(self.shaped(Shape::dicts(self.of, &Args::bind(method, TWELVE, 0, args)?)?)),
            "values_list" => Ok(self.shaped(Shape::tuples(self.of, &Args::bind(method, TWELVE, 0, args)?)?)),
            "first" => Ok(self.first()),
            "last" => {
                let last = self.lines().last();
                Ok(last.map_or_else(|| Value::from(()), |line| self.shape.value(line, &self.pass)))
            }
            "get" => self.filtered(&Args::bind(method, &["**"], 0, args)?.extra, false)?.one(),
            "exists" => Ok(Value::from(!self.is_empty())),
            "count" => Ok(Value::from(self.len())),
            "contains" => {
                let args = Args::bind(method, &["obj"], 1, args)?;
                if args.value(0).downcast_object_ref::<Object>().is_none() {
                    return Err(fault("'obj' must be a model instance."));
                }
                Ok(Value::from(self.objects().any(|object| Value::from_object(object) == *args.value(0))))
            }
            "in_bulk" => {
                let args = Args::bind(method, &["id_list", "field_name"], 0, args)?;
                let name = args.text(1, "pk")?;
                let found = match args.get(0).filter(|ids| !ids.is_none()) {
                    Some(ids) => self.filtered(&[(format!("{name}__in"), ids.clone())], false)?,
                    None => (**self).clone(),
                };
                let key = |object: &Object| object.attribute(name).unwrap_or_default();
                Ok(Dict::value(found.objects().map(|object| (key(&object), Value::from_object(object)))))
            }
            "aggregate" if args.is_empty() => Ok(Dict::value([])),
            "create" | "update" | "delete" | "bulk_create" | "bulk_update" | "get_or_create" | "update_or_create" => {
                Err(fault(format!("<bound method QuerySet.{method} of {}> is not safely callable", self.shown())))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn shown(&self) -> String {
        let mut items: Vec<String> = self.items().take(SHOWN).map(|item| text::repr_of(&item)).collect();
        if self.lines().len() > SHOWN {
            items.push("'...(remaining elements truncated)...'".to_owned());
        }
        format!("<QuerySet [{}]>", items.join(", "))
    }
}

impl MiniObject for QuerySet {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("ordered") => {
                let own = self.of.is_some_and(|of| !of.order.is_empty());
                Some(Value::from(self.order.as_ref().map_or(own, |order| !order.is_empty())))
            }
            Some("db") => Some(Value::from("default")),
            Some(name) => {
                let known = Self::METHODS.contains(&name);
                known.then(|| BoundMethod::value(Value::from_dyn_object(self.clone()), name))
            }
            None => self.lines().get(key.as_usize()?).map(|line| self.shape.value(line, &self.pass)),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let set = Arc::clone(self);
        let lines = Arc::clone(self.lines());
        Enumerator::Iter(Box::new((0..lines.len()).map(move |at| set.shape.value(&lines[at], &set.pass))))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.lines().len())
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
