//! Stock filters on single values, where minijinja's differ from Jinja2's; the operators of rewritten templates; tests.

use super::{FilterRow, links, row};
use crate::{
    bounds,
    objects::Pending,
    python::{
        arguments::Args,
        collections, fault,
        markup::{self, escaped},
        methods,
        operators::{self, arithmetic, compare},
        pretty, printf, slices, strings, text, type_name, wrap,
    },
    source::{prepare::ALONE, rewrite::CYCLE},
};
use minijinja::{
    Environment, Error, State, Value,
    machinery::ast::BinOpKind as Op,
    value::{Rest, ValueKind, ValueOrKwargs},
};

use std::borrow::Cow;

const ONE: &[&str] = &["value"];
const FORMATTED: &[&str] = &[
    "value", " 1", " 2", " 3", " 4", " 5", " 6", " 7", " 8", " 9", " 10", " 11", " 12", " 13", " 14", " 15", " 16",
    "**",
];

macro_rules! textual {
    ($name:literal, $change:expr) => {
        row($name, ONE, 1, |_, a| {
            let change: fn(&str) -> String = $change;
            Ok(markup::like(a.value(0), change(&text::str_of(a.value(0)))))
        })
    };
}

pub const FILTERS: &[FilterRow] = &[
    row("default", &["value", "default_value", "boolean"], 1, default),
    row("d", &["value", "default_value", "boolean"], 1, default),
    row("int", &["value", "default", "base"], 1, int),
    row("float", &["value", "default"], 1, |_, a| {
        if a.value(0).is_undefined() {
            return Err(operators::undefined());
        }
        let parsed = match a.value(0).as_str() {
            Some(text) => digits_of(text).and_then(|text| text.parse::<f64>().ok()),
            None => f64::try_from(a.value(0).clone())
                .ok()
                .or_else(|| (a.value(0).kind() == ValueKind::Bool).then(|| f64::from(u8::from(a.value(0).is_true())))),
        };
        Ok(parsed.map(Value::from).unwrap_or_else(|| a.get(1).cloned().unwrap_or_else(|| Value::from(0.0))))
    }),
    row("abs", ONE, 1, |_, a| {
        if a.value(0).kind() == ValueKind::Bool {
            return Ok(Value::from(i64::from(a.value(0).is_true())));
        }
        if a.value(0).kind() != ValueKind::Number {
            return Err(fault(format!("bad operand type for abs(): '{}'", type_name(a.value(0)))));
        }
        if compare(a.value(0), "<", &Value::from(0))? {
            arithmetic(Op::Sub, &Value::from(0), a.value(0))
        } else {
            Ok(a.value(0).clone())
        }
    }),
    row("round", &["value", "precision", "method"], 1, round),
    textual!("string", str::to_owned),
    textual!("upper", |text| text.to_uppercase()),
    textual!("lower", |text| text.to_lowercase()),
    textual!("capitalize", strings::capitalize),
    // what Jinja2 puts together again of words is a text like any other
    row("title", ONE, 1, |_, a| Ok(Value::from(title(&text::str_of(a.value(0)))))),
    row("striptags", ONE, 1, |_, a| Ok(Value::from(striptags(&text::str_of(a.value(0)))))),
    row("e", ONE, 1, |_, a| Ok(escaped(a.value(0)))),
    row("escape", ONE, 1, |_, a| Ok(escaped(a.value(0)))),
    row("forceescape", ONE, 1, |_, a| Ok(Value::from_safe_string(markup::escape(&text::str_of(a.value(0)))))),
    row("trim", &["value", "chars"], 1, |_, a| {
        let text = text::str_of(a.value(0));
        let trimmed = match a.get(1).and_then(Value::as_str) {
            Some(chars) => text.trim_matches(|c| chars.contains(c)),
            None => text.trim_matches(strings::is_blank),
        };
        Ok(markup::like(a.value(0), trimmed.to_owned()))
    }),
    row("replace", &["s", "old", "new", "count"], 3, |state, a| {
        let escapes = is_escaping(state);
        let safe = escapes && (0..3).any(|at| a.value(at).is_safe());
        let (value, old) = match safe {
            true => (Cow::Owned(markup::escaped_text(a.value(0))), text::as_str(a.value(1))),
            false => (text::as_str(a.value(0)), text::as_str(a.value(1))),
        };
        let new = if safe { Cow::Owned(markup::escaped_text(a.value(2))) } else { text::as_str(a.value(2)) };
        let count = a.get(3).and_then(Value::as_i64).and_then(|count| usize::try_from(count).ok());
        strings::room_for_replacing(&value, &old, &new, count)?;
        let replaced = match count {
            Some(count) => value.replacen(&*old, &new, count),
            None => value.replace(&*old, &new),
        };
        Ok(markup::safe_if(safe, replaced))
    }),
    row("center", &["value", "width"], 1, |_, a| {
        Ok(markup::like(a.value(0), strings::center(&text::str_of(a.value(0)), a.int(1, 80)?, " ")?))
    }),
    row("truncate", &["s", "length", "killwords", "end", "leeway"], 1, truncate),
    row("wordcount", ONE, 1, |_, a| {
        let words = text::str_of(a.value(0));
        Ok(Value::from(words.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).count()))
    }),
    row("wordwrap", &["s", "width", "break_long_words", "wrapstring", "break_on_hyphens"], 1, |_, a| {
        let width = usize::try_from(a.int(1, 79)?).ok().filter(|width| *width > 0);
        let width = width.ok_or_else(|| fault("invalid width (must be > 0)"))?;
        has_no(a.value(0), "'{}' object has no attribute 'splitlines'")?;
        let source = text::str_of(a.value(0));
        bounds::make(wrapstring(a).len().saturating_mul(source.len()))?;
        let lines: Vec<String> = strings::lines(&source)
            .map(|(line, _)| wrap::wrap(line, width, a.flag(2, true), a.flag(4, true)).join(&wrapstring(a)))
            .collect();
        Ok(Value::from(lines.join(&wrapstring(a))))
    }),
    row("filesizeformat", &["value", "binary"], 1, |_, a| {
        let size = f64::try_from(a.value(0).clone()).or_else(|_| text::str_of(a.value(0)).parse::<f64>());
        let size = size.map_err(|_| fault("could not convert to a size"))?;
        Ok(Value::from(file_size(size, a.flag(1, false))))
    }),
    row("format", FORMATTED, 1, |_, a| {
        let format = markup::like(a.value(0), text::str_of(a.value(0)));
        let args: Vec<Value> = (1..FORMATTED.len() - 1).map_while(|at| a.get(at).cloned()).collect();
        if !args.is_empty() && !a.extra.is_empty() {
            return Err(fault("can't handle positional and keyword arguments at the same time"));
        }
        let named = (!a.extra.is_empty()).then(|| {
            collections::Dict::value(a.extra.iter().map(|(key, value)| (Value::from(key.as_str()), value.clone())))
        });
        printf::format(&format, &args, named.as_ref())
    }),
    row("attr", &["obj", "name"], 2, |_, a| {
        let name = a.text(1, "")?;
        let value = a.value(0);
        let dict = value.kind() == ValueKind::Map && crate::objects::class_name(value).is_none();
        if dict || matches!(value.kind(), ValueKind::String) {
            let method = methods::attribute(value, name);
            let bound = method.downcast_object_ref::<methods::BoundMethod>().is_some();
            return Ok(if bound { method } else { Value::UNDEFINED });
        }
        Ok(value.get_attr(name).unwrap_or_default())
    }),
    row("pprint", ONE, 1, |_, a| Ok(Value::from(pretty::pretty(a.value(0))))),
    row("xmlattr", &["d", "autospace"], 1, |state, a| {
        let pairs = collections::pairs(a.value(0)).into_iter().filter(|(_, v)| !v.is_none() && !v.is_undefined());
        let mut attributes = Vec::new();
        for (key, value) in pairs {
            let key = text::str_of(&key);
            if key.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=')) {
                return Err(fault(format!("Invalid character in attribute name: {}", text::quoted(&key))));
            }
            let value = escaped(&value);
            attributes.push(format!("{}=\"{}\"", markup::escape(&key), value.as_str().unwrap_or_default()));
        }
        let space = if a.flag(1, true) && !attributes.is_empty() { " " } else { "" };
        Ok(markup::safe_if(is_escaping(state), format!("{space}{}", attributes.join(" "))))
    }),
    row("urlize", &["value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"], 1, |state, a| {
        Ok(markup::safe_if(is_escaping(state), links::urlize(a)?))
    }),
];

/// Whether what is printed here is escaped for HTML.
pub(super) fn is_escaping(state: &State<'_, '_>) -> bool {
    matches!(state.auto_escape(), minijinja::AutoEscape::Html)
}

/// A name, or a list of some, as of templates that do not see the context.
fn alone(names: &Value) -> Result<Value, Error> {
    let mark = |name: &Value| match name.as_str() {
        Some(text) => {
            bounds::make(text.len())?;
            Ok(Value::from(format!("{text}{}", crate::engine::ALONE_MARK)))
        }
        None => Ok(name.clone()),
    };
    match names.kind() {
        ValueKind::Seq => {
            let marked = names.try_iter()?.map(|name| mark(&name)).collect::<Result<_, Error>>();
            marked.map(collections::List::value)
        }
        _ => mark(names),
    }
}

/// `loop.cycle(…)`; the engine's loops do not survive a turn through nothing.
fn cycle(state: &mut State<'_, '_>, owner: &Value, items: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let items = super::with_keywords(items);
    if items.is_empty() && collections::engine_class(owner) == Some("LoopContext") {
        return Err(fault("no items for cycling given"));
    }
    owner.call_method(state, "cycle", &items)
}

fn default(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let value = a.value(0);
    let replace = value.is_undefined() || a.flag(2, false) && !value.is_true();
    Ok(if replace { a.get(1).cloned().unwrap_or_else(|| Value::from("")) } else { value.clone() })
}

fn int(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let (value, base) = (a.value(0), a.int(2, 10)?);
    if value.is_undefined() {
        return Err(operators::undefined());
    }
    let parsed = match value.kind() {
        ValueKind::Bool => Some(Value::from(i64::from(value.is_true()))),
        ValueKind::Number if value.is_integer() => Some(value.clone()),
        ValueKind::Number => whole(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
        ValueKind::String => {
            let digits = digits_of(value.as_str().unwrap_or_default()).unwrap_or_default();
            let (sign, rest) = digits.strip_prefix('-').map_or((1, digits.as_str()), |rest| (-1, rest));
            let lower = rest.to_ascii_lowercase();
            let base = match (base, lower.get(..2)) {
                (0, Some("0x")) => 16,
                (0, Some("0o")) => 8,
                (0, Some("0b")) => 2,
                _ => base,
            };
            let plain = match base {
                16 => lower.strip_prefix("0x").unwrap_or(&lower),
                8 => lower.strip_prefix("0o").unwrap_or(&lower),
                2 => lower.strip_prefix("0b").unwrap_or(&lower),
                _ => lower.strip_prefix('+').unwrap_or(&lower),
            };
            let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base)).unwrap_or(10);
            match i128::from_str_radix(plain, base) {
                Ok(number) => Some(Value::from(sign * number)),
                Err(_) => digits.parse::<f64>().ok().and_then(whole),
            }
        }
        _ => {
            value.downcast_object_ref::<crate::objects::address::Address>().map(|address| Value::from(address.number()))
        }
    };
    Ok(parsed.unwrap_or_else(|| a.get(1).cloned().unwrap_or_else(|| Value::from(0))))
}

fn whole(number: f64) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "the bound is checked")]
    (number.abs() < 1e38).then(|| Value::from(number.trunc() as i128))
}

fn round(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    if a.value(0).kind() == ValueKind::Bool {
        return Ok(Value::from(i64::from(a.value(0).is_true())));
    }
    let precision = i32::try_from(a.int(1, 0)?).unwrap_or_default();
    let method = a.text(2, "common")?;
    let number = f64::try_from(a.value(0).clone())
        .map_err(|_| fault(format!("type {} doesn't define __round__ method", type_name(a.value(0)))))?;
    let scale = 10f64.powi(precision);
    let rounded = match method {
        "common" if precision >= 0 => {
            let decimals = bounds::width(precision.into())?;
            // formatting rounds the exact binary value half to even, as Python's round does
            format!("{number:.decimals$}").parse().unwrap_or(number)
        }
        "common" => (number * scale).round_ties_even() / scale,
        "ceil" => (number * scale).ceil() / scale,
        "floor" => (number * scale).floor() / scale,
        _ => return Err(fault("method must be common, ceil or floor")),
    };
    let keeps_int = a.value(0).is_integer() && method == "common";
    Ok(if keeps_int { whole(rounded).unwrap_or_default() } else { Value::from(rounded) })
}

/// Jinja2's `title`: after blanks, dashes and opening brackets.
fn title(text: &str) -> String {
    let mut start = true;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if start {
            out.push_str(&c.to_uppercase().collect::<String>());
        } else {
            out.extend(c.to_lowercase());
        }
        start = c.is_whitespace() || matches!(c, '-' | '(' | '{' | '[' | '<');
    }
    out
}

/// Comments go, then tags; blanks shrink to one; entities become what they stand for.
fn striptags(text: &str) -> String {
    let cut = |text: &str, open: &str, close: &str| {
        let mut text = text.to_owned();
        while let Some(start) = text.find(open)
            && let Some(end) = text[start..].find(close)
        {
            text.replace_range(start..start + end + close.len(), "");
        }
        text
    };
    let text = cut(&cut(text, "<!--", "-->"), "<", ">");
    links::unescape(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Refuses what is no text and nothing like one.
fn has_no(value: &Value, message: &str) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None | ValueKind::Bool | ValueKind::Number => Err(fault(message.replace("{}", type_name(value)))),
        _ => Ok(()),
    }
}

/// A number's text as Python reads it: an underscore may stand between two digits.
fn digits_of(text: &str) -> Option<String> {
    let text = text.trim_matches(strings::is_blank);
    let well = !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
    well.then(|| text.replace('_', ""))
}

fn wrapstring(a: &Args) -> String {
    a.get(3).filter(|value| !value.is_none()).map_or_else(|| "\n".to_owned(), text::str_of)
}

fn truncate(_: &mut State<'_, '_>, a: &Args) -> Result<Value, Error> {
    has_no(a.value(0), "object of type '{}' has no len()")?;
    let text = text::as_str(a.value(0));
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let leeway = if a.value(4).is_none() { 5 } else { a.int(4, 5)? };
    let (length, leeway) = (count(a.int(1, 255)?), count(leeway));
    let end = a.text(3, "...")?;
    if length < end.chars().count() {
        return Err(fault(format!("expected length >= {}, got {length}", end.chars().count())));
    }
    if text.chars().count() <= length + leeway {
        return Ok(match text {
            Cow::Borrowed(_) => a.value(0).clone(),
            Cow::Owned(text) => Value::from(text),
        });
    }
    let kept: String = text.chars().take(length.saturating_sub(end.chars().count())).collect();
    let kept = if a.flag(2, false) {
        kept.as_str()
    } else {
        kept.rsplit_once(' ').map_or(kept.as_str(), |(before, _)| before)
    };
    let end = if a.value(0).is_safe() {
        a.get(3).map_or(end.into(), |end| Cow::Owned(markup::escaped_text(end)))
    } else {
        end.into()
    };
    Ok(markup::like(a.value(0), format!("{kept}{end}")))
}

fn file_size(bytes: f64, binary: bool) -> String {
    let base = if binary { 1024.0 } else { 1000.0 };
    let units = if binary {
        ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
    } else {
        ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
    };
    if bytes == 1.0 {
        return "1 Byte".to_owned();
    }
    if bytes < base {
        return format!("{} Bytes", bytes.trunc());
    }
    let mut unit = base;
    let mut shown = String::new();
    for name in units {
        unit *= base;
        shown = format!("{:.1} {name}", base * bytes / unit);
        if bytes < unit {
            break;
        }
    }
    shown
}

/// `value % 2 == wanted`.
fn is_remainder(value: &Value, wanted: i64) -> Result<bool, Error> {
    let rest = arithmetic(Op::Rem, value, &Value::from(2))?;
    if value.as_str().is_some() {
        return Ok(false);
    }
    Ok(rest == Value::from(wanted))
}

/// What rewritten templates are full of: bound without the tables of the filters that people write, because these are most
/// of a template's calls.
pub(crate) fn register_operators(env: &mut Environment<'_>) {
    for (name, op) in [
        ("__add", Op::Add),
        ("__sub", Op::Sub),
        ("__mul", Op::Mul),
        ("__div", Op::Div),
        ("__floordiv", Op::FloorDiv),
        ("__mod", Op::Rem),
        ("__pow", Op::Pow),
    ] {
        env.add_filter(name, move |left: &Value, right: &Value| arithmetic(op, left, right));
    }
    for (name, sign) in [("__lt", "<"), ("__le", "<="), ("__gt", ">"), ("__ge", ">=")] {
        env.add_filter(name, move |left: &Value, right: &Value| compare(left, sign, right));
    }
    env.add_filter("__in", |item: &Value, container: &Value| {
        Ok::<_, Error>(!Pending::is(container) && !Pending::is(item) && operators::contains(container, item)?)
    });
    env.add_filter("__chain", |first: &Value, rest: Rest<Value>| {
        let mut left = first;
        for pair in rest.0.chunks_exact(2) {
            if !compare(left, pair[0].as_str().unwrap_or_default(), &pair[1])? {
                return Ok::<_, Error>(false);
            }
            left = &pair[1];
        }
        Ok(true)
    });
    env.add_filter("__concat", |state: &State<'_, '_>, left: &Value, right: &Value| {
        crate::deadline::look()?;
        if Pending::is(left) {
            return Ok(Pending::value());
        }
        if (left.is_safe() || right.is_safe()) && is_escaping(state) {
            return Ok(Value::from_safe_string(markup::escaped_text(left) + &markup::escaped_text(right)));
        }
        let mut joined = text::as_str(left).into_owned();
        bounds::make(joined.len() + right.as_str().map_or(0, str::len))?;
        // writing to a String cannot fail
        let _ = text::write_str(right, &mut joined);
        Ok::<_, Error>(Value::from(joined))
    });
    env.add_filter("__kept", |value: &Value, owner: &Value| collections::kept(value, owner));
    env.add_filter("__dict", |value: &Value| match Pending::is(value) {
        true => Ok(Pending::value()),
        false => {
            collections::weigh(value)?;
            collections::Dict::checked(collections::pairs(value))
        }
    });
    env.add_filter("__list", |value: Value| {
        collections::weigh(&value)?;
        Ok::<_, Error>(collections::own(&value))
    });
    env.add_filter("__tuple", |value: Value| collections::weigh(&value).map(|()| value));
    env.add_filter("__own", |value: Value| collections::own(&value));
    env.add_filter("__attr", |value: &Value, name: &str| match Pending::is(value) {
        true => Pending::value(),
        false => methods::attribute(value, name),
    });
    env.add_filter("__iter", |value: Value| match value.kind() {
        ValueKind::None | ValueKind::Plain | ValueKind::Number | ValueKind::Bool => {
            Err(fault(format!("'{}' object is not iterable", type_name(&value))))
        }
        ValueKind::Map if matches!(collections::engine_class(&value), Some("Namespace" | "Macro")) => {
            Err(fault(format!("'{}' object is not iterable", type_name(&value))))
        }
        // the engine's loops know the length of lists only
        ValueKind::String => Ok(Value::from(value.try_iter()?.collect::<Vec<_>>())),
        ValueKind::Iterable if value.len().is_none() => Ok(Value::from(value.try_iter()?.collect::<Vec<_>>())),
        _ => Ok(value),
    });
    env.add_filter(ALONE, alone);
    env.add_filter(CYCLE, cycle);
    env.add_filter("__neg", |value: &Value| operators::negated(value));
    env.add_filter("__slice", |value: &Value, start: &Value, stop: &Value, step: &Value| {
        slices::slice(value, start, stop, step)
    });
    env.add_filter("__at", |value: &Value, at: &Value| slices::from_end(value, at));
    env.add_filter("__variadic", |inner: Value, name: &Value, names: &Value| {
        methods::Variadic::value(inner, name, names)
    });
}

pub(crate) fn register_tests(env: &mut Environment<'_>) {
    use minijinja::tests;
    env.add_test("undefined", tests::is_undefined);
    env.add_test("defined", tests::is_defined);
    env.add_test("none", tests::is_none);
    env.add_test("boolean", tests::is_boolean);
    env.add_test("integer", tests::is_integer);
    env.add_test("float", tests::is_float);
    env.add_test("string", tests::is_string);
    env.add_test("lower", tests::is_lower);
    env.add_test("upper", tests::is_upper);
    env.add_test("true", tests::is_true);
    env.add_test("false", tests::is_false);
    env.add_test("filter", |name: &str| super::is_filter(name));
    env.add_test("test", |name: &str| super::is_test(name));
    for name in ["eq", "equalto", "=="] {
        env.add_test(name, |left: &Value, right: &Value| left == right);
    }
    for name in ["ne", "!="] {
        env.add_test(name, |left: &Value, right: &Value| left != right);
    }
    env.add_test("sequence", |value: &Value| {
        value.is_undefined()
            || matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::String)
                && crate::objects::class_name(value).is_none_or(|_| value.kind() == ValueKind::Seq)
                && collections::engine_class(value).is_none()
    });
    env.add_test("odd", |value: &Value| is_remainder(value, 1));
    env.add_test("even", |value: &Value| is_remainder(value, 0));
    env.add_test("callable", |value: &Value| value.is_undefined() || methods::is_callable(value));
    env.add_test("mapping", |value: &Value| {
        value.kind() == ValueKind::Map
            && crate::objects::class_name(value).is_none()
            && collections::engine_class(value).is_none()
    });
    env.add_test("number", |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool));
    env.add_test("iterable", |value: &Value| {
        value.is_undefined()
            || !value.is_none()
                && !matches!(collections::engine_class(value), Some("Namespace" | "Macro"))
                && value.try_iter().is_ok()
    });
    env.add_test("in", |value: &Value, container: &Value| operators::contains(container, value));
    env.add_test("sameas", |value: &Value, other: &Value| match crate::objects::class_name(value) {
        Some(_) => value == other,
        None => minijinja::tests::is_sameas(value, other),
    });
    env.add_test("escaped", |value: &Value| value.is_safe());
    for (names, sign) in [
        (["lt", "lessthan", "<"], "<"),
        (["le", "<=", "<="], "<="),
        (["gt", "greaterthan", ">"], ">"),
        (["ge", ">=", ">="], ">="),
    ] {
        for name in names {
            env.add_test(name, move |left: &Value, right: &Value| compare(left, sign, right));
        }
    }
    env.add_test("divisibleby", |value: &Value, args: Rest<Value>| {
        let by = args.0.first().cloned().unwrap_or_default();
        Ok::<bool, Error>(!arithmetic(Op::Rem, value, &by)?.is_true())
    });
}
