//! Filters and tests: which exist, and how they are registered.
//!
//! Every filter of this crate is one row of a table: name, argument names, how many are required, function. Registration
//! binds arguments as Python does and answers pending for a pending value, so that no filter needs to know the needs loop.
//! [`stock`] and [`sequences`] replace Jinja2's own where minijinja's differ; [`product`], [`data`] and [`objects`] are
//! Peering Manager's.

pub mod data;
pub mod links;
pub mod objects;
pub mod product;
pub mod sequences;
pub mod stock;
pub mod yaml;

use crate::{
    objects::Pending,
    python::{arguments::Args, text},
};
use minijinja::{
    Environment, Error, State, Value,
    value::{Rest, ValueOrKwargs},
};

/// One filter's row.
pub struct FilterRow {
    pub name: &'static str,
    /// Names of the arguments; the first is the value.
    pub args: &'static [&'static str],
    pub required: usize,
    pub run: fn(&mut State<'_, '_>, &Args) -> Result<Value, Error>,
}

pub(crate) const fn row(
    name: &'static str,
    args: &'static [&'static str],
    required: usize,
    run: fn(&mut State<'_, '_>, &Args) -> Result<Value, Error>,
) -> FilterRow {
    FilterRow { name, args, required, run }
}

fn rows() -> impl Iterator<Item = &'static FilterRow> {
    [stock::FILTERS, sequences::FILTERS, product::FILTERS, data::FILTERS, objects::FILTERS].into_iter().flatten()
}

/// Stock filters without a row, most of them minijinja's own; [`register`] names them once more.
const BUILT_IN: &[&str] = &["items", "reject", "rejectattr", "reverse", "safe", "select", "selectattr", "sum"];

/// Tests of Jinja2 3.1.
pub(crate) const TESTS: &[&str] = &[
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "gt",
    "greaterthan",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

/// Whether a template may use a filter of this name.
pub fn is_filter(name: &str) -> bool {
    BUILT_IN.contains(&name) || rows().any(|row| row.name == name)
}

/// Whether a template may use a test of this name.
pub fn is_test(name: &str) -> bool {
    TESTS.contains(&name)
}

/// Every filter, by name; without a row: one that minijinja's own implementation serves.
pub fn all() -> impl Iterator<Item = (&'static str, Option<&'static FilterRow>)> {
    rows().map(|row| (row.name, Some(row))).chain(BUILT_IN.iter().map(|name| (*name, None)))
}

/// What was passed as one list, keywords last: the form in which methods get it too.
pub(crate) fn with_keywords(passed: Rest<ValueOrKwargs>) -> Vec<Value> {
    let mut passed = passed.into_values();
    let _ = passed.pop_if(|last| last.is_kwargs() && last.len() == Some(0));
    passed
}

pub(crate) fn register(env: &mut Environment<'_>) {
    env.add_filter("items", minijinja::filters::items);
    env.add_filter("reject", minijinja::filters::reject);
    env.add_filter("rejectattr", minijinja::filters::rejectattr);
    env.add_filter("reverse", minijinja::filters::reverse);
    env.add_filter("safe", |value: &Value| match Pending::is(value) || value.is_safe() {
        true => value.clone(),
        false => Value::from_safe_string(text::str_of(value)),
    });
    env.add_filter("select", minijinja::filters::select);
    env.add_filter("selectattr", minijinja::filters::selectattr);
    env.add_filter("sum", minijinja::filters::sum);
    for row in rows() {
        let FilterRow { name, args, required, run } = *row;
        env.add_filter(name, move |state: &mut State<'_, '_>, passed: Rest<ValueOrKwargs>| {
            crate::deadline::ask()?;
            let passed = with_keywords(passed);
            if passed.iter().any(Pending::is) && !matches!(name, "default" | "d") {
                return Ok(Pending::value());
            }
            let made = run(state, &Args::bind_all(name, args, required, passed)?)?;
            made.as_str().map_or(Ok(()), |text| crate::bounds::make(text.len())).map(|()| made)
        });
    }
    stock::register_operators(env);
    stock::register_tests(env);
}
