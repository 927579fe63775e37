//! Peering Manager's filters on plain values: text, addresses, lists of anything.
//!
//! Behaviour follows the reference (`templating.md`, section 2), quirks included.

use super::{FilterRow, row, sequences};
use crate::{
    bounds,
    objects::{
        address::{Address, Mac},
        queryset::QuerySet,
    },
    python::{arguments::Args, collections::List, fault, strings, text, type_name},
};
use minijinja::{Error, Value, value::ValueKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use unicode_normalization::UnicodeNormalization;

/// IRR sources whose prefix is dropped, as Peering Manager's setting has them by default.
const IRR_SOURCES: [&str; 12] =
    ["RPKI", "RIPE", "ARIN", "APNIC", "AFRINIC", "LACNIC", "RIPE-NONAUTH", "RADB", "ALTDB", "NTTCOM", "LEVEL3", "TC"];

const ONE: &[&str] = &["value"];

pub const FILTERS: &[FilterRow] = &[
    row("safe_string", ONE, 1, |_, a| {
        let text = a
            .value(0)
            .as_str()
            .ok_or_else(|| fault(format!("normalize() argument 2 must be str, not {}", python_none(a.value(0)))))?;
        Ok(Value::from(text.nfkd().filter(char::is_ascii).collect::<String>()))
    }),
    row("quote", &["value", "char"], 1, |_, a| {
        let quote = a.get(1).map_or_else(|| "\"".to_owned(), text::str_of);
        Ok(Value::from(match a.value(0).is_true() {
            true => format!("{quote}{}{quote}", text::str_of(a.value(0))),
            false => String::new(),
        }))
    }),
    row("ipv4", ONE, 1, |_, a| Ok(of_family(a.value(0), 4))),
    row("ipv6", ONE, 1, |_, a| Ok(of_family(a.value(0), 6))),
    row("ip", ONE, 1, |_, a| ip(a.value(0))),
    row("mac", &["value", "format"], 1, |_, a| {
        let style = a.get(1).and_then(Value::as_str).unwrap_or_default();
        let value = a.value(0);
        let mac = match value.downcast_object_ref::<Mac>() {
            Some(mac) => mac.clone(),
            None => {
                let inner = value.get_attr("mac_address").unwrap_or_default();
                match (inner.downcast_object_ref::<Mac>(), value.as_str()) {
                    (Some(mac), _) => mac.clone(),
                    (None, None) if let Some(number) = value.as_i64().filter(|number| *number >> 48 == 0) => {
                        Mac::from_number(number)
                    }
                    (None, Some(text)) => Mac::parse(text)
                        .ok_or_else(|| fault(format!("failed to detect EUI version: {}", text::quoted(text))))?,
                    _ => return Err(fault(format!("failed to detect EUI version: {}", text::repr_of(value)))),
                }
            }
        };
        Ok(Value::from(mac.styled(style)))
    }),
    row("filter", &["value", "**"], 1, filter),
    row("get", &["value", "**"], 1, |_, a| match a.value(0).downcast_object::<QuerySet>() {
        Some(set) => {
            let found = set.filtered(&a.extra, false)?;
            Ok(if found.len() == 1 { found.first() } else { Value::from_object(found) })
        }
        None => match a.value(0).kind() {
            ValueKind::Seq => Err(fault("list.count() takes exactly one argument (0 given)")),
            _ => Err(fault(format!("'{}' object has no attribute 'count'", type_name(a.value(0))))),
        },
    }),
    row("unique_items", &["value", "field"], 2, |_, a| {
        let field = a.text(1, "")?;
        let mut seen: Vec<Value> = Vec::new();
        let mut kept = Vec::new();
        for item in sequences::items(a.value(0))? {
            let Some(value) = attribute(&item, field) else { continue };
            if !seen.contains(&value) {
                seen.push(value);
                kept.push(item);
            }
        }
        Ok(List::value(kept))
    }),
    row("iterate", &["value", "field"], 2, |_, a| {
        let field = a.text(1, "")?;
        let values = sequences::items(a.value(0))?
            .iter()
            .map(|item| attribute(item, field).unwrap_or_else(|| Value::from(())))
            .collect();
        Ok(List::value(values))
    }),
    row("indent", &["value", "n", "chars", "reset"], 2, |_, a| {
        let prefix = a.get(2).map_or_else(|| " ".to_owned(), text::str_of);
        let prefix = match a.get(2).map(Value::kind) {
            // `indent(2, true)`: Python multiplies the True
            Some(ValueKind::Bool | ValueKind::Number) => {
                let times = a.value(2).as_i64().unwrap_or_else(|| i64::from(a.value(2).is_true()));
                (a.int(1, 0)? * times).to_string()
            }
            _ => prefix.repeat(bounds::width(a.int(1, 0)?)?),
        };
        let stripped = a.get(2).and_then(Value::as_str).unwrap_or(" ");
        let mut out = String::new();
        let source = text::str_of(a.value(0));
        bounds::make(prefix.len().saturating_mul(strings::lines(&source).count()))?;
        for (line, end) in strings::lines(&source) {
            let line = if a.flag(3, false) { line.trim_start_matches(|c| stripped.contains(c)) } else { line };
            out.push_str(&prefix);
            out.push_str(line);
            out.push_str(end);
        }
        Ok(Value::from(out))
    }),
    row("arista_password", ONE, 1, password),
    row("cisco_password", ONE, 1, password),
    row("strip_irr_sources", ONE, 1, |_, a| strip_irr_sources(a.value(0))),
];

fn python_none(value: &Value) -> &'static str {
    if value.is_none() { "None" } else { type_name(value) }
}

/// `getattr(item, name, missing)`: attributes of objects, not keys of dicts; every number has `real`.
pub fn attribute(item: &Value, name: &str) -> Option<Value> {
    match item.kind() {
        ValueKind::Number | ValueKind::Bool if matches!(name, "real" | "numerator") => Some(item.clone()),
        ValueKind::Number | ValueKind::Bool if name == "imag" => Some(Value::from(0)),
        _ if crate::objects::class_name(item).is_some() => {
            item.get_attr(name).ok().filter(|value| !value.is_undefined())
        }
        _ => None,
    }
}

fn filter(_: &mut minijinja::State<'_, '_>, a: &Args) -> Result<Value, Error> {
    if let Some(set) = a.value(0).downcast_object::<QuerySet>() {
        return set.filtered(&a.extra, false).map(Value::from_object);
    }
    if a.value(0).try_iter().is_err() || a.value(0).is_none() {
        return Err(fault("value cannot be filtered (not iterable)"));
    }
    let matches = |item: &Value| a.extra.iter().all(|(name, wanted)| attribute(item, name).as_ref() == Some(wanted));
    Ok(List::value(sequences::items(a.value(0))?.into_iter().filter(matches).collect()))
}

fn of_family(value: &Value, family: u8) -> Value {
    let parsed = match value.downcast_object_ref::<Address>() {
        Some(address) => Some(address.clone()),
        None => match (value.as_str(), value.as_i64()) {
            (Some(text), _) => Address::parse(text),
            (None, Some(number)) if value.is_integer() => match family {
                4 => u32::try_from(number).ok().map(|bits| Address::Host(IpAddr::V4(Ipv4Addr::from(bits)))),
                _ => u128::try_from(number).ok().map(|bits| Address::Host(IpAddr::V6(Ipv6Addr::from(bits)))),
            },
            // an address and its mask
            _ if value.is_tuple() && value.len() == Some(2) => {
                let parts: Vec<String> =
                    value.try_iter().into_iter().flatten().map(|part| text::str_of(&part)).collect();
                Address::parse(&parts.join("/"))
            }
            _ if value.kind() == ValueKind::Bool => return of_family(&Value::from(i64::from(value.is_true())), family),
            _ => None,
        },
    };
    match parsed {
        Some(address) if address.version() == family => Value::from_object(address),
        _ => Value::from(()),
    }
}

/// The text of an address without its prefix, of a session, an address or a list of them.
///
/// # Errors
/// The value has no address.
pub fn ip(value: &Value) -> Result<Value, Error> {
    if value.kind() == ValueKind::Seq && !value.is_tuple() && value.downcast_object_ref::<QuerySet>().is_none() {
        let items = sequences::items(value)?.iter().map(ip).collect::<Result<Vec<_>, _>>()?;
        return Ok(List::value(items));
    }
    let inner = match crate::objects::class_name(value) {
        Some(_) if value.downcast_object_ref::<Address>().is_none() => value.get_attr("ip_address").unwrap_or_default(),
        _ => value.clone(),
    };
    if crate::objects::Pending::is(&inner) {
        return Ok(crate::objects::Pending::value());
    }
    let address = match inner.downcast_object_ref::<Address>() {
        Some(address) => Some(address.clone()),
        // Python makes IPv4 of a number that fits
        None if inner.is_integer() => of_family(&inner, 4).downcast_object_ref::<Address>().cloned(),
        None => inner.as_str().and_then(Address::parse),
    };
    match address {
        Some(address) => Ok(Value::from(address.ip().to_string())),
        None => Err(fault(format!("{} does not appear to be an IPv4 or IPv6 interface", text::repr_of(&inner)))),
    }
}

fn password(_: &mut minijinja::State<'_, '_>, a: &Args) -> Result<Value, Error> {
    let text = a
        .value(0)
        .as_str()
        .ok_or_else(|| fault(format!("'{}' object has no attribute 'startswith'", type_name(a.value(0)))))?;
    Ok(Value::from(text.strip_prefix("7 ").unwrap_or(text)))
}

fn strip_irr_sources(value: &Value) -> Result<Value, Error> {
    let asn = value.get_attr("asn").ok().filter(|asn| asn.is_integer() && crate::objects::class_name(value).is_some());
    let source = match (&asn, value.as_str()) {
        (Some(_), _) => {
            value.get_attr("irr_as_set").ok().and_then(|set| set.as_str().map(str::to_owned)).unwrap_or_default()
        }
        (None, Some(text)) => text.to_owned(),
        _ => return Err(fault("value has no IRR AS-SET")),
    };
    let mut sets: Vec<String> = Vec::new();
    for word in source.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '&')) {
        let known = IRR_SOURCES.iter().find_map(|name| {
            let rest = word.strip_prefix(name)?;
            rest.starts_with(':').then(|| rest.trim_start_matches(':'))
        });
        let word = known.unwrap_or(word);
        let word = word.strip_prefix("ipv4:").or_else(|| word.strip_prefix("ipv6:")).unwrap_or(word);
        if !word.is_empty() && !sets.iter().any(|set| set == word) {
            sets.push(word.to_owned());
        }
    }
    if sets.is_empty() {
        sets.push(asn.map_or_else(|| "AS0".to_owned(), |asn| format!("AS{asn}")));
    }
    Ok(List::value(sets.into_iter().map(Value::from).collect()))
}
