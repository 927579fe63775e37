//! Lists and dicts that templates can change, as Python's can.
//!
//! minijinja's own are immutable; a rewritten template builds these instead (`__list`, `__dict`, and `__own` for what a
//! `set` keeps). Everything that reads takes a copy of the items first, so that a list may be appended to while it is
//! iterated and no lock is held while other code runs.

use super::{arguments::Args, fault, operators, text};
use indexmap::IndexMap;
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Enumerator, Object, ObjectRepr, ValueKind},
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Python's `list`.
#[derive(Debug, Default)]
pub struct List(Mutex<Vec<Value>>);

/// Python's `dict`.
#[derive(Debug, Default)]
pub struct Dict(Mutex<IndexMap<Value, Value>>);

impl List {
    pub fn new(items: Vec<Value>) -> Self {
        Self(Mutex::new(items))
    }

    pub fn value(items: Vec<Value>) -> Value {
        Value::from_object(Self::new(items))
    }

    fn items(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dict {
    /// # Errors
    /// A key that cannot be one.
    pub fn checked(items: impl IntoIterator<Item = (Value, Value)>) -> Result<Value, Error> {
        let items: Vec<(Value, Value)> = items.into_iter().collect();
        items.iter().try_for_each(|(key, _)| hashable(key))?;
        Ok(Self::value(items))
    }

    pub fn value(items: impl IntoIterator<Item = (Value, Value)>) -> Value {
        let mut map = IndexMap::new();
        for (key, value) in items {
            map.insert(key, value);
        }
        Value::from_object(Self(Mutex::new(map)))
    }

    fn items(&self) -> MutexGuard<'_, IndexMap<Value, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Jinja2's class of the engine's own objects, which are mappings to the engine and none to Python.
pub fn engine_class(value: &Value) -> Option<&'static str> {
    let name = value.as_object().filter(|_| value.kind() == ValueKind::Map)?.type_name();
    match name.rsplit_once("::")?.1 {
        "Namespace" => Some("Namespace"),
        "Macro" => Some("Macro"),
        "Loop" => Some("LoopContext"),
        _ => None,
    }
}

/// Whether a value is the engine's `namespace()`.
pub(super) fn is_namespace(value: &Value) -> bool {
    engine_class(value) == Some("Namespace")
}

fn address(value: &Value) -> Option<*const ()> {
    let list = value.downcast_object_ref::<List>().map(|list| std::ptr::from_ref(list).cast());
    list.or_else(|| value.downcast_object_ref::<Dict>().map(|dict| std::ptr::from_ref(dict).cast()))
}

/// Values inside one another that are looked through.
const DEEPEST: usize = 100_000;

/// Whether there is time to go through so many items: loops in loops that print nothing ask nobody else.
fn may_walk(items: usize) -> Result<(), Error> {
    if items > 1000 { crate::deadline::ask() } else { crate::deadline::look() }
}

/// A list that contained itself could never be compared or printed to its end: refused, where Python allows it.
fn refuse_cycle(is_container: impl Fn(&Value) -> bool, new: &Value) -> Result<(), Error> {
    if new.as_object().is_none() {
        return Ok(());
    }
    let mut work = vec![new.clone()];
    let mut seen = std::collections::HashSet::new();
    let mut steps = 0;
    while let Some(value) = work.pop() {
        steps += 1;
        if is_container(&value) || steps > DEEPEST {
            return Err(fault("a list or dict cannot contain itself here"));
        }
        if address(&value).is_some_and(|place| !seen.insert(place)) {
            continue;
        }
        if let Some(list) = value.downcast_object_ref::<List>() {
            work.extend(list.items().iter().filter(|item| item.as_object().is_some()).cloned());
        } else if let Some(dict) = value.downcast_object_ref::<Dict>() {
            work.extend(dict.items().values().filter(|item| item.as_object().is_some()).cloned());
        } else if value.is_tuple() {
            work.extend(value.try_iter()?.filter(|item| item.as_object().is_some()));
        } else if is_namespace(&value) {
            work.extend(pairs(&value).into_iter().map(|(_, item)| item).filter(|item| item.as_object().is_some()));
        }
    }
    Ok(())
}

/// Values that a container may hold, each counted as often as it can be reached.
const HEAVIEST: usize = 2_000_000;

/// Refuses what is small in memory and endless to walk: `x = (x, x)` thirty times over takes a billion steps to compare, to
/// hash or to print, of which the engine's fuel knows nothing.
///
/// # Errors
/// It is that heavy.
pub fn weigh(value: &Value) -> Result<(), Error> {
    let is_container = |value: &Value| {
        value.as_object().is_some()
            && matches!(value.kind(), ValueKind::Seq | ValueKind::Map)
            && crate::objects::class_name(value).is_none()
    };
    if !is_container(value) {
        return Ok(());
    }
    let (mut work, mut seen) = (vec![value.clone()], 0usize);
    while let Some(value) = work.pop() {
        seen += value.len().unwrap_or(1) + 1;
        if seen > HEAVIEST {
            return Err(fault("lists and dicts hold one another too often"));
        }
        if value.downcast_object_ref::<Range>().is_some() {
            continue;
        }
        if let Some(list) = value.downcast_object_ref::<List>() {
            work.extend(list.items().iter().filter(|item| is_container(item)).cloned());
        } else if value.kind() == ValueKind::Map {
            work.extend(pairs(&value).into_iter().flat_map(|(key, item)| [key, item]).filter(is_container));
        } else {
            work.extend(value.try_iter()?.filter(is_container));
        }
    }
    Ok(())
}

/// What `{% set owner.name = value %}` keeps.
///
/// # Errors
/// The value contains its new owner.
pub fn kept(value: &Value, owner: &Value) -> Result<Value, Error> {
    weigh(value)?;
    refuse_cycle(|inner| is_namespace(inner) && minijinja::tests::is_sameas(inner, owner), value)?;
    Ok(own(value))
}

/// Whether a value can be a key: a list or dict cannot, because it changes.
///
/// # Errors
/// `unhashable type: 'list'`.
fn hashable(value: &Value) -> Result<(), Error> {
    let Some(object) = value.as_object() else { return Ok(()) };
    if value.is_tuple() {
        return value.try_iter()?.try_for_each(|item| hashable(&item));
    }
    let changes = object.is::<List>() || object.is::<Dict>();
    match value.kind() {
        ValueKind::Seq | ValueKind::Map if changes || crate::objects::class_name(value).is_none() => {
            Err(fault(format!("unhashable type: '{}'", super::type_name(value))))
        }
        _ => Ok(()),
    }
}

/// Frees what is nested without recursion: a template can nest deeper than a stack is high.
fn free(mut work: Vec<Value>) {
    while let Some(value) = work.pop() {
        let list = value.downcast_object::<List>();
        let dict = value.downcast_object::<Dict>();
        drop(value);
        if let Some(list) = list.filter(|list| Arc::strong_count(list) == 1) {
            work.append(&mut list.items());
        }
        if let Some(dict) = dict.filter(|dict| Arc::strong_count(dict) == 1) {
            work.extend(std::mem::take(&mut *dict.items()).into_values());
        }
    }
}

impl Drop for List {
    fn drop(&mut self) {
        let items = std::mem::take(&mut *self.items());
        if items.iter().any(|item| item.as_object().is_some()) {
            free(items);
        }
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let items = std::mem::take(&mut *self.items());
        if items.values().any(|item| item.as_object().is_some()) {
            free(items.into_values().collect());
        }
    }
}

/// What a `set` keeps: an immutable list or dict of the engine becomes one that can change; everything else stays.
pub fn own(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let engine = !object.type_name().starts_with(env!("CARGO_CRATE_NAME"));
    match value.kind() {
        ValueKind::Seq if engine && !value.is_tuple() => {
            value.try_iter().map_or_else(|_| value.clone(), |items| List::value(items.collect()))
        }
        ValueKind::Map if engine && object.type_name().contains("IndexMap") => Dict::value(pairs(value)),
        _ => value.clone(),
    }
}

/// Keys and values of anything like a dict.
pub fn pairs(value: &Value) -> Vec<(Value, Value)> {
    let Ok(keys) = value.try_iter() else { return Vec::new() };
    keys.map(|key| {
        let item = value.get_item(&key).unwrap_or_default();
        (key, item)
    })
    .collect()
}

/// What `dict(x)` and `d.update(x)` take: a mapping, or pairs.
///
/// # Errors
/// It is neither.
pub fn pairs_of(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if value.kind() == ValueKind::Map {
        return Ok(pairs(value));
    }
    let mut all = Vec::new();
    for (at, pair) in value.try_iter()?.enumerate() {
        let parts: Vec<Value> = pair.try_iter()?.collect();
        let [key, item] = parts.as_slice() else {
            let length = parts.len();
            return Err(fault(format!("dictionary update sequence element #{at} has length {length}; 2 is required")));
        };
        all.push((key.clone(), item.clone()));
    }
    Ok(all)
}

/// JSON as templates see it: lists and dicts that can change, keys in the stored order.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(yes) => Value::from(*yes),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(small), _) => Value::from(small),
            (None, Some(large)) => Value::from(large),
            _ => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => List::value(items.iter().map(from_json).collect()),
        serde_json::Value::Object(map) => {
            Dict::value(map.iter().map(|(key, item)| (Value::from(key.as_str()), from_json(item))))
        }
    }
}

/// A value as JSON; what JSON does not know goes by its text.
pub fn to_json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => match (value.as_i64(), f64::try_from(value.clone())) {
            (Some(whole), _) if value.is_integer() => Json::from(whole),
            (_, Ok(number)) => Json::from(number),
            _ => Json::Null,
        },
        ValueKind::Map => {
            Json::Object(pairs(value).iter().map(|(key, item)| (text::str_of(key), to_json(item))).collect())
        }
        ValueKind::Seq => value.try_iter().map(|items| items.map(|item| to_json(&item)).collect()).unwrap_or_default(),
        _ => Json::String(text::str_of(value)),
    }
}

/// True and False as positions.
fn position(key: &Value) -> Option<usize> {
    (key.kind() == ValueKind::Bool).then(|| usize::from(key.is_true()))
}

fn index(at: i64, length: usize) -> Option<usize> {
    let at = if at < 0 { at + i64::try_from(length).ok()? } else { at };
    usize::try_from(at).ok().filter(|at| *at < length)
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = key.as_usize().filter(|_| key.is_integer()).or_else(|| position(key))?;
        self.items().get(at).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let count = self.items().len();
        match may_walk(count) {
            Ok(()) => Enumerator::Values(self.items().clone()),
            Err(_) => Enumerator::NonEnumerable,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items().len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.items().is_empty()
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let none = Ok(Value::from(()));
        if matches!(method, "append" | "extend" | "insert") {
            args.iter().try_for_each(weigh)?;
            args.iter()
                .filter(|arg| method != "extend" || !arg.is_kwargs())
                .try_for_each(|arg| refuse_cycle(|inner| address(inner) == Some(Arc::as_ptr(self).cast()), arg))?;
        }
        match method {
            "append" => {
                let args = Args::bind(method, &["object"], 1, args)?;
                self.items().push(args.value(0).clone());
                none
            }
            "extend" => {
                let args = Args::bind(method, &["iterable"], 1, args)?;
                let more: Vec<Value> = args.value(0).try_iter()?.collect();
                self.items().extend(more);
                none
            }
            "insert" => {
                let args = Args::bind(method, &["index", "object"], 2, args)?;
                let at = args.int(0, 0)?;
                let mut items = self.items();
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let at = if at < 0 { (at + length).max(0) } else { at.min(length) };
                items.insert(usize::try_from(at).unwrap_or_default(), args.value(1).clone());
                none
            }
            "pop" => {
                let args = Args::bind(method, &["index"], 0, args)?;
                let at = args.int(0, -1)?;
                let mut items = self.items();
                match index(at, items.len()) {
                    Some(at) => Ok(items.remove(at)),
                    None => Err(fault("pop index out of range")),
                }
            }
            "remove" => {
                let args = Args::bind(method, &["value"], 1, args)?;
                // not while the lock is held: the value may be this list
                let items = self.items().clone();
                let at = items.iter().position(|item| item == args.value(0));
                match at {
                    Some(at) => {
                        self.items().remove(at);
                        none
                    }
                    None => Err(fault("list.remove(x): x not in list")),
                }
            }
            "clear" => {
                self.items().clear();
                none
            }
            "reverse" => {
                self.items().reverse();
                none
            }
            "sort" => {
                let args = Args::bind(method, &["key", "reverse"], 0, args)?;
                let mut items = self.items().clone();
                operators::sort(&mut items, args.flag(1, false))?;
                *self.items() = items;
                none
            }
            "copy" => Ok(Self::value(self.items().clone())),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

impl Object for Dict {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        hashable(key).ok()?;
        self.items().get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items().keys().cloned().collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items().len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.items().is_empty()
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let none = Ok(Value::from(()));
        if matches!(method, "update" | "setdefault") {
            args.iter().try_for_each(weigh)?;
            args.iter()
                .try_for_each(|arg| refuse_cycle(|inner| address(inner) == Some(Arc::as_ptr(self).cast()), arg))?;
        }
        match method {
            "update" => {
                let args = Args::bind(method, &["other", "**"], 0, args)?;
                let mut new = args.get(0).map_or_else(|| Ok(Vec::new()), pairs_of)?;
                new.extend(args.extra.into_iter().map(|(key, value)| (Value::from(key), value)));
                new.iter().try_for_each(|(key, _)| hashable(key))?;
                new.iter().try_for_each(|(_, value)| {
                    refuse_cycle(|inner| address(inner) == Some(Arc::as_ptr(self).cast()), value)
                })?;
                self.items().extend(new);
                none
            }
            "pop" => {
                let args = Args::positional(method, 1, 2, args)?;
                hashable(args.value(0))?;
                let found = self.items().shift_remove(args.value(0));
                found.or_else(|| args.get(1).cloned()).ok_or_else(|| fault(text::repr_of(args.value(0))))
            }
            "popitem" => {
                let last = self.items().pop();
                let (key, value) = last.ok_or_else(|| fault("popitem(): dictionary is empty"))?;
                Ok(Value::from((key, value)))
            }
            "setdefault" => {
                let args = Args::positional(method, 1, 2, args)?;
                hashable(args.value(0))?;
                let default = args.get(1).cloned().unwrap_or_else(|| Value::from(()));
                Ok(self.items().entry(args.value(0).clone()).or_insert(default).clone())
            }
            "clear" => {
                self.items().clear();
                none
            }
            _ => dict_method(&Value::from_dyn_object(self.clone()), state, method, args),
        }
    }
}

/// Methods of any mapping that change nothing.
///
/// # Errors
/// Unknown method, wrong arguments.
pub fn dict_method(value: &Value, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
    let view = |kind: ViewKind| {
        Args::bind(method, &[], 0, args)?;
        let items = pairs(value)
            .into_iter()
            .map(|(key, item)| match kind {
                ViewKind::Keys => key,
                ViewKind::Values => item,
                ViewKind::Items => Value::from((key, item)),
            })
            .collect();
        Ok(Value::from_object(View { kind, items }))
    };
    match method {
        "keys" => view(ViewKind::Keys),
        "values" => view(ViewKind::Values),
        "items" => view(ViewKind::Items),
        "get" => {
            let args = Args::positional(method, 1, 2, args)?;
            let found = value.as_object().and_then(|object| object.get_value(args.value(0)));
            Ok(found.or_else(|| args.get(1).cloned()).unwrap_or_else(|| Value::from(())))
        }
        "copy" => Ok(Dict::value(pairs(value))),
        "fromkeys" => {
            let args = Args::positional(method, 1, 2, args)?;
            let item = args.get(1).cloned().unwrap_or_else(|| Value::from(()));
            Dict::checked(args.value(0).try_iter()?.map(|key| (key, item.clone())))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

#[derive(Clone, Copy, Debug)]
enum ViewKind {
    Keys,
    Values,
    Items,
}

/// `dict_keys([...])` and its siblings.
#[derive(Debug)]
struct View {
    kind: ViewKind,
    items: Vec<Value>,
}

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items.clone())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            ViewKind::Keys => "dict_keys",
            ViewKind::Values => "dict_values",
            ViewKind::Items => "dict_items",
        };
        write!(f, "{name}({})", text::repr_of(&Value::from(self.items.clone())))
    }
}

/// `range(...)`: prints as Python does and knows its length.
#[derive(Debug)]
pub struct Range {
    start: i64,
    stop: i64,
    step: i64,
}

impl Range {
    /// # Errors
    /// Step 0, or more than 100,000 numbers.
    pub fn value(start: i64, stop: i64, step: i64) -> Result<Value, Error> {
        let range = Self { start, stop, step };
        if step == 0 {
            return Err(fault("range() arg 3 must not be zero"));
        }
        if range.length() > 100_000 {
            return Err(fault("Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)."));
        }
        Ok(Value::from_object(range))
    }

    /// The range from its position `first` to before `last`, every `by`th.
    pub(super) fn cut(&self, first: i64, last: i64, by: i64) -> Result<Value, Error> {
        let at = |position: i64| self.start.saturating_add(position.saturating_mul(self.step));
        Self::value(at(first), at(last), self.step.saturating_mul(by))
    }

    pub(super) fn length(&self) -> u64 {
        let span =
            if self.step > 0 { self.stop.saturating_sub(self.start) } else { self.start.saturating_sub(self.stop) };
        u64::try_from(span).unwrap_or_default().div_ceil(self.step.unsigned_abs())
    }
}

impl Object for Range {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = u64::try_from(key.as_i64()?).ok().filter(|at| *at < self.length())?;
        Some(Value::from(self.start + i64::try_from(at).ok()? * self.step))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match may_walk(usize::try_from(self.length()).unwrap_or_default()) {
            Ok(()) => Enumerator::Seq(usize::try_from(self.length()).unwrap_or_default()),
            Err(_) => Enumerator::NonEnumerable,
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            1 => write!(f, "range({}, {})", self.start, self.stop),
            step => write!(f, "range({}, {}, {step})", self.start, self.stop),
        }
    }
}
