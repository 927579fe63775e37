//! Arguments of filters, functions and methods, bound to names as Python binds them.
//!
//! One way for all of them, so that keyword, positional and missing arguments behave alike everywhere.

use super::fault;
use minijinja::{Error, Value};

/// Arguments by the position of their name; a filter's value is at 0.
#[derive(Debug)]
pub struct Args {
    values: Vec<Option<Value>>,
    /// Keyword arguments outside the named ones, where the callee takes any.
    pub extra: Vec<(String, Value)>,
}

impl Args {
    /// Binds what was passed to `names`; the first `required` of them must be there. A last name of `**` takes other keywords.
    ///
    /// # Errors
    /// In Python's words: missing, unknown or too many arguments.
    pub fn bind(function: &str, names: &[&str], required: usize, passed: &[Value]) -> Result<Self, Error> {
        let (names, open) = match names.split_last() {
            Some((&"**", rest)) => (rest, true),
            _ => (names, false),
        };
        let (keywords, positional) = match passed.split_last() {
            Some((last, rest)) if last.is_kwargs() => (Some(last), rest),
            _ => (None, passed),
        };
        if positional.len() > names.len() {
            return Err(fault(format!(
                "{function}() takes {} positional arguments but {} were given",
                names.len(),
                positional.len()
            )));
        }
        let mut values: Vec<Option<Value>> = positional.iter().cloned().map(Some).collect();
        values.resize(names.len(), None);
        let mut extra = Vec::new();
        for key in keywords.into_iter().flat_map(Value::try_iter).flatten() {
            let name = key.as_str().unwrap_or_default();
            let value = keywords.map(|all| all.get_item(&key)).transpose()?.unwrap_or_default();
            match names.iter().position(|known| *known == name) {
                Some(at) if values[at].is_none() => values[at] = Some(value),
                Some(_) => return Err(fault(format!("{function}() got multiple values for argument '{name}'"))),
                None if open => extra.push((name.to_owned(), value)),
                None => return Err(fault(format!("{function}() got an unexpected keyword argument '{name}'"))),
            }
        }
        match values.iter().take(required).position(Option::is_none) {
            Some(at) => Err(fault(format!("{function}() missing 1 required positional argument: '{}'", names[at]))),
            None => Ok(Self { values, extra }),
        }
    }

    /// [`Args::bind`] of what is not needed afterwards.
    ///
    /// # Errors
    /// As there.
    pub fn bind_all(function: &str, names: &[&str], required: usize, passed: Vec<Value>) -> Result<Self, Error> {
        let open = usize::from(names.last() == Some(&"**"));
        let simple = passed.len() >= required
            && passed.len() <= names.len() - open
            && !passed.last().is_some_and(Value::is_kwargs);
        if !simple {
            return Self::bind(function, names, required, &passed);
        }
        // in the vector that they came in: what is absent at its end is none
        Ok(Self { values: passed.into_iter().map(Some).collect(), extra: Vec::new() })
    }

    /// Binds arguments that cannot be named, as those of Python's built-in methods.
    ///
    /// # Errors
    /// Keywords, too few, too many.
    pub fn positional(function: &str, required: usize, most: usize, passed: &[Value]) -> Result<Self, Error> {
        const NAMES: [&str; 4] = ["1", "2", "3", "4"];
        if passed.last().is_some_and(Value::is_kwargs) {
            return Err(fault(format!("{function}() takes no keyword arguments")));
        }
        Self::bind(function, &NAMES[..most.min(NAMES.len())], required, passed)
    }

    /// The value of a required argument; undefined where it is optional and absent.
    pub fn value(&self, at: usize) -> &Value {
        self.get(at).unwrap_or(&Value::UNDEFINED)
    }

    pub fn get(&self, at: usize) -> Option<&Value> {
        self.values.get(at).and_then(Option::as_ref)
    }

    /// Truth of an optional argument.
    pub fn flag(&self, at: usize, default: bool) -> bool {
        self.get(at).map_or(default, Value::is_true)
    }

    /// # Errors
    /// It is not a whole number.
    pub fn int(&self, at: usize, default: i64) -> Result<i64, Error> {
        match self.get(at) {
            None => Ok(default),
            Some(value) => as_int(value),
        }
    }

    /// # Errors
    /// It is not a text.
    pub fn text<'a>(&'a self, at: usize, default: &'a str) -> Result<&'a str, Error> {
        match self.get(at) {
            None => Ok(default),
            Some(value) => {
                value.as_str().ok_or_else(|| fault(format!("argument must be str, not {}", super::type_name(value))))
            }
        }
    }
}

/// # Errors
/// Not a whole number that fits.
pub fn as_int(value: &Value) -> Result<i64, Error> {
    if value.kind() == minijinja::value::ValueKind::Bool {
        return Ok(i64::from(value.is_true()));
    }
    value
        .as_i64()
        .filter(|_| value.is_integer())
        .ok_or_else(|| fault(format!("'{}' object cannot be interpreted as an integer", super::type_name(value))))
}
