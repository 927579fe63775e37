//! Methods that a template may call on plain values: `'a'.zfill(3)`, `d.items()`, `(255).bit_length()`.
//!
//! Asked by minijinja after the object's own methods.

use super::{
    arguments::Args,
    collections::{self, List},
    fault, markup, slices, strings, text,
};
use crate::objects::Pending;
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Enumerator, Kwargs, Object, ObjectRepr, Tuple, ValueKind},
};
use std::{fmt, sync::Arc};

/// minijinja's unknown-method callback.
///
/// # Errors
/// Unknown method, wrong arguments.
pub fn call(state: &mut State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    // a method of a long text takes its time
    match value.as_str() {
        Some(text) if text.len() > 4096 => crate::deadline::ask()?,
        _ => crate::deadline::look()?,
    }
    if Pending::is(value) {
        return Ok(Pending::value());
    }
    let unknown = |error: &Error| error.kind() == ErrorKind::UnknownMethod;
    let own = match value.kind() {
        ValueKind::String if value.is_safe() => markup::call(value.as_str().unwrap_or_default(), method, args),
        ValueKind::String => strings::call(value.as_str().unwrap_or_default(), method, args),
        ValueKind::Map if collections::engine_class(value).is_none() => {
            collections::dict_method(value, state, method, args)
        }
        ValueKind::Bytes => bytes(value.as_bytes().unwrap_or_default(), method, args),
        ValueKind::Number | ValueKind::Bool => number(value, method, args),
        ValueKind::Seq => sequence(value, method, args),
        ValueKind::Undefined => return Err(super::operators::undefined()),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    };
    match own {
        Err(error) if unknown(&error) => {}
        done => {
            let made = done?;
            return made.as_str().map_or(Ok(()), |text| crate::bounds::make(text.len())).map(|()| made);
        }
    }
    // a method that is only named would be called again, and lead to here again
    let named = value.get_attr(method)?;
    if named.is_undefined() || named.downcast_object_ref::<BoundMethod>().is_some() {
        return Err(fault(format!("'{}' object has no attribute '{method}'", super::type_name(value))));
    }
    Err(Error::from(ErrorKind::UnknownMethod))
}

fn sequence(value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "index" => {
            let args = Args::bind(method, &["value", "start", "stop"], 1, args)?;
            let items: Vec<Value> = value.try_iter()?.collect();
            let (from, to) = slices::window(items.len(), args.get(1), args.get(2))?;
            let at = items.iter().take(to).skip(from).position(|item| item == args.value(0)).map(|at| at + from);
            at.map(Value::from).ok_or_else(|| fault(format!("{} is not in list", text::repr_of(args.value(0)))))
        }
        "count" => {
            let args = Args::bind("list.count", &["value"], 1, args)?;
            Ok(Value::from(value.try_iter()?.filter(|item| item == args.value(0)).count()))
        }
        "copy" => Ok(List::value(value.try_iter()?.collect())),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn bytes(this: &[u8], method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "decode" => {
            Args::bind(method, &["encoding", "errors"], 0, args)?;
            let text = std::str::from_utf8(this).map_err(|_| fault("'utf-8' codec can't decode these bytes"))?;
            Ok(Value::from(text))
        }
        "hex" => {
            Args::bind(method, &[], 0, args)?;
            Ok(Value::from(this.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn number(value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    Args::bind(method, &[], 0, args)?;
    let whole = i128::try_from(value.clone()).ok();
    Ok(match (method, whole) {
        ("bit_length", Some(number)) => Value::from(128 - number.unsigned_abs().leading_zeros()),
        ("bit_count", Some(number)) => Value::from(number.unsigned_abs().count_ones()),
        ("conjugate", _) => value.clone(),
        ("as_integer_ratio", Some(_)) if value.is_integer() => Value::from((value.clone(), 1)),
        ("is_integer", _) => Value::from(f64::try_from(value.clone()).is_ok_and(|number| number.fract() == 0.0)),
        _ => return Err(Error::from(ErrorKind::UnknownMethod)),
    })
}

/// A method that was named but not called: callable, true, not comparable, prints as in Python (without an address).
#[derive(Debug)]
pub struct BoundMethod {
    owner: Value,
    name: String,
}

impl BoundMethod {
    pub fn value(owner: Value, name: &str) -> Value {
        Value::from_object(Self { owner, name: name.to_owned() })
    }
}

impl Object for BoundMethod {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.owner.call_method(state, &self.name, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let owner = super::type_name(&self.owner);
        let is_built_in = crate::objects::class_name(&self.owner).is_none();
        match self.owner.kind() {
            kind if kind == ValueKind::Plain || !is_built_in => {
                write!(f, "<bound method {owner}.{} of {}>", self.name, text::repr_of(&self.owner))
            }
            _ => write!(f, "<built-in method {} of {owner} object>", self.name),
        }
    }
}

/// A macro that takes any arguments: it gets them as `varargs` and `kwargs`.
#[derive(Debug)]
pub struct Variadic {
    inner: Value,
    name: Value,
    names: Vec<Value>,
}

impl Variadic {
    /// # Errors
    /// `names` is no list.
    pub fn value(inner: Value, name: &Value, names: &Value) -> Result<Value, Error> {
        Ok(Value::from_object(Self { inner, name: name.clone(), names: names.try_iter()?.collect() }))
    }
}

impl Object for Variadic {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "name" => self.name.clone(),
            "arguments" => Value::from(Tuple::from(self.names.clone())),
            "catch_kwargs" | "catch_varargs" => Value::from(true),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (positional, keywords) = match args.split_last() {
            Some((last, rest)) if last.is_kwargs() => (rest, collections::pairs(last)),
            _ => (args, Vec::new()),
        };
        let (own, more) = positional.split_at(positional.len().min(self.names.len()));
        let mut named: Vec<(String, Value)> = Vec::new();
        let mut others = Vec::new();
        for (name, value) in keywords {
            if self.names.contains(&name) || name.as_str() == Some("caller") {
                named.push((text::str_of(&name), value));
            } else {
                others.push((name, value));
            }
        }
        named.push(("varargs".to_owned(), Value::from(Tuple::from(more.to_vec()))));
        named.push(("kwargs".to_owned(), collections::Dict::value(others)));
        for (name, value) in self.names.iter().zip(own) {
            let name = text::str_of(name);
            if named.iter().any(|(known, _)| *known == name) {
                return Err(fault(format!("macro {} got multiple values for argument '{name}'", self.name)));
            }
            named.push((name, value.clone()));
        }
        self.inner.call(state, &[Value::from(named.into_iter().collect::<Kwargs>())])
    }
}

/// `value.name` without a call, for names that are methods of Python's built-in types: the method wins over a key.
pub fn attribute(value: &Value, name: &str) -> Value {
    let bound = match value.kind() {
        ValueKind::Map => matches!(name, "items" | "keys" | "values" | "get" | "pop" | "update" | "copy"),
        ValueKind::Seq => matches!(name, "pop" | "copy" | "append"),
        ValueKind::String => name == "upper",
        _ => false,
    } && !value.as_object().is_some_and(crate::objects::has_own_attributes);
    if bound {
        return BoundMethod::value(value.clone(), name);
    }
    value.get_attr(name).unwrap_or_default()
}

/// Whether a value can be called: test `callable`.
pub fn is_callable(value: &Value) -> bool {
    collections::engine_class(value) == Some("Macro")
        || value.kind() == ValueKind::Plain
            && (value.downcast_object_ref::<BoundMethod>().is_some() || crate::objects::class_name(value).is_none())
}
