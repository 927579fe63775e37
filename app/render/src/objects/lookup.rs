//! Field look-ups of `.filter(autonomous_system__asn__gt=64500)`, run in memory as PostgreSQL would.
//!
//! What a template passed is read once, when the condition is made, in the form of what it is compared with; what the field
//! could never hold is refused there, as Django does. A missing value satisfies only what asks for one.

use super::{
    Object,
    address::Address,
    path::{Line, Path},
    queryset::QuerySet,
};
use crate::{
    pass::Pass,
    python::{collections, fault, pattern::Pattern, text, time::Moment, type_name},
};
use ipnet::IpNet;
use minijinja::{Error, Value, value::ValueKind};
use peerage_model::{Field, Kind, ObjectType, Value as Stored, order::compare};
use serde_json::Value as Json;
use std::{cmp::Ordering, net::IpAddr};

/// One keyword of a filter.
#[derive(Debug)]
pub struct Condition {
    pub path: Path,
    extract: Extract,
    test: Test,
}

/// What is taken of a value before it is compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Extract {
    Whole,
    /// Keys inside JSON.
    Keys(Vec<String>),
    Time(TimePart),
    Family,
    PrefixLength,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimePart {
    Year,
    IsoYear,
    Quarter,
    Month,
    Week,
    Day,
    /// 1 is Sunday.
    WeekDay,
    /// 1 is Monday.
    IsoWeekDay,
    Hour,
    Minute,
    Second,
    /// Days since 1970.
    Date,
    /// Microseconds of the day.
    Time,
}

const TIME_PARTS: [(&str, TimePart); 13] = [
    ("year", TimePart::Year),
    ("iso_year", TimePart::IsoYear),
    ("quarter", TimePart::Quarter),
    ("month", TimePart::Month),
    ("week", TimePart::Week),
    ("day", TimePart::Day),
    ("week_day", TimePart::WeekDay),
    ("iso_week_day", TimePart::IsoWeekDay),
    ("hour", TimePart::Hour),
    ("minute", TimePart::Minute),
    ("second", TimePart::Second),
    ("date", TimePart::Date),
    ("time", TimePart::Time),
];

const LOOKUPS: &[&str] = &[
    "exact",
    "iexact",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "in",
    "gt",
    "gte",
    "lt",
    "lte",
    "range",
    "isnull",
    "regex",
    "iregex",
];
const NET_LOOKUPS: &[&str] = &[
    "host",
    "net_contained",
    "net_contained_or_equal",
    "net_contains",
    "net_contains_or_equals",
    "net_overlaps",
    "max_prefixlen",
    "min_prefixlen",
];
const JSON_LOOKUPS: &[&str] = &["has_key", "has_keys", "has_any_keys", "contained_by"];

#[derive(Debug)]
enum Test {
    IsNull(bool),
    Equal(Stored),
    Among(Vec<Stored>),
    Order(fn(Ordering) -> bool, Stored),
    Between(Stored, Stored),
    Text { how: fn(&str, &str) -> bool, part: String, folded: bool },
    Fits(Pattern),
    Host(String),
    Net(fn(&IpNet, &IpNet) -> bool, IpNet),
    Keys { all: bool, keys: Vec<String> },
    Holds(Json),
    HeldBy(Json),
}

impl Condition {
    /// # Errors
    /// Unknown field or lookup, or a value that the field cannot have, in Django's words.
    pub fn parse(of: &'static ObjectType, text: &str, wanted: &Value) -> Result<Self, Error> {
        let path = Path::parse(of, text)?;
        let field = path.field();
        let (extract, lookup) = split(&path, text)?;
        let test = if wanted.is_none() && matches!(lookup, "exact" | "iexact") {
            Test::IsNull(true)
        } else if wanted.is_none() {
            return Err(fault("Cannot use None as a query value"));
        } else {
            test(field, &extract, lookup, wanted)?
        };
        Ok(Self { path, extract, test })
    }

    /// Whether it holds for a row whose joins were met; none where the graph does not know.
    pub fn holds(&self, line: &Line, pass: &Pass) -> Option<bool> {
        let end = line.end(&self.path, pass)?;
        let value = end.map(|(_, value)| value).unwrap_or_default();
        let value = if self.extract == Extract::Whole { value } else { extracted(&self.extract, &value) };
        Some(self.compares(&value))
    }

    fn compares(&self, value: &Stored) -> bool {
        let test = match &self.test {
            Test::IsNull(wanted) => return value.is_null() == *wanted,
            _ if value.is_null() => return false,
            test => test,
        };
        let field = self.path.field().filter(|_| self.extract == Extract::Whole);
        match test {
            Test::IsNull(_) => false,
            Test::Equal(wanted) => same(value, wanted),
            Test::Among(wanted) => wanted.iter().any(|wanted| same(value, wanted)),
            Test::Order(wanted, bound) => comparable(value, bound) && wanted(compare(value, bound)),
            Test::Between(low, high) => compare(low, value).is_le() && compare(value, high).is_le(),
            Test::Text { how, part, folded } => {
                let own = printed(field, value);
                if *folded { how(&own.to_lowercase(), part) } else { how(&own, part) }
            }
            Test::Fits(pattern) => pattern.is_in(&printed(field, value)),
            Test::Host(wanted) => value.as_ip().is_some_and(|ip| ip.to_string() == *wanted),
            Test::Net(wanted, other) => net(value).is_some_and(|own| wanted(&own, other)),
            Test::Keys { all, keys } => {
                let has = |key: &String| match value {
                    Stored::Json(json) => match &**json {
                        Json::Object(map) => map.contains_key(key),
                        Json::Array(items) => items.iter().any(|item| item.as_str() == Some(key)),
                        _ => false,
                    },
                    _ => false,
                };
                if *all { keys.iter().all(has) } else { keys.iter().any(has) }
            }
            Test::Holds(wanted) => json_of(value).is_some_and(|json| holds(&json, wanted)),
            Test::HeldBy(wanted) => json_of(value).is_some_and(|json| holds(wanted, &json)),
        }
    }
}

/// What is taken of the value, and by which lookup it is compared.
fn split<'a>(path: &'a Path, text: &str) -> Result<(Extract, &'a str), Error> {
    let kind = path.field().map(|field| field.kind);
    let mut rest = path.rest.as_slice();
    let refuse =
        |name: &str| fault(format!("Unsupported lookup '{name}' for {text} or join on the field not permitted."));
    let mut extract = Extract::Whole;
    match kind {
        Some(Kind::Json { .. }) => {
            let own = |name: &String| LOOKUPS.contains(&name.as_str()) || JSON_LOOKUPS.contains(&name.as_str());
            let keys = if rest.last().is_some_and(own) { rest.len() - 1 } else { rest.len() };
            if keys > 0 {
                extract = Extract::Keys(rest[..keys].to_vec());
            }
            rest = &rest[keys..];
        }
        Some(Kind::Time) => {
            if let Some((_, part)) = rest.first().and_then(|name| TIME_PARTS.iter().find(|(known, _)| known == name)) {
                extract = Extract::Time(*part);
                rest = &rest[1..];
            }
        }
        Some(Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix) => {
            extract = match rest.first().map(String::as_str) {
                Some("family") => Extract::Family,
                Some("prefixlen" | "prefix_length") => Extract::PrefixLength,
                _ => Extract::Whole,
            };
            rest = &rest[usize::from(extract != Extract::Whole)..];
        }
        _ => {}
    }
    let lookup = match rest {
        [] => "exact",
        [one] => one,
        [one, ..] => return Err(refuse(one)),
    };
    let is_net = extract == Extract::Whole
        && matches!(kind, Some(Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix));
    let known = LOOKUPS.contains(&lookup)
        || is_net && NET_LOOKUPS.contains(&lookup)
        || matches!(kind, Some(Kind::Json { .. })) && JSON_LOOKUPS.contains(&lookup);
    let relation = path.steps.len() > 1 && kind.is_none() || matches!(kind, Some(Kind::Reference { .. })) && !path.raw;
    let textual = matches!(
        lookup,
        "iexact"
            | "contains"
            | "icontains"
            | "startswith"
            | "istartswith"
            | "endswith"
            | "iendswith"
            | "regex"
            | "iregex"
    );
    // what leads to objects is compared with objects
    if !known || relation && textual {
        return Err(refuse(lookup));
    }
    Ok((extract, lookup))
}

fn test(field: Option<&'static Field>, extract: &Extract, lookup: &str, wanted: &Value) -> Result<Test, Error> {
    let read = |value: &Value| read(field, extract, value);
    let is_json = matches!(field.map(|field| field.kind), Some(Kind::Json { .. }));
    let words =
        |value: &Value| -> Result<Vec<String>, Error> { Ok(value.try_iter()?.map(|v| text::str_of(&v)).collect()) };
    Ok(match lookup {
        "isnull" => match wanted.kind() {
            ValueKind::Bool => Test::IsNull(wanted.is_true()),
            _ => return Err(fault("The QuerySet value for an isnull lookup must be True or False.")),
        },
        "exact" => Test::Equal(read(wanted)?),
        "in" => {
            let items: Vec<Value> = match wanted.downcast_object_ref::<QuerySet>() {
                Some(set) => set.ids_or_values(),
                None => wanted.try_iter()?.collect(),
            };
            Test::Among(items.iter().filter(|item| !item.is_none()).map(read).collect::<Result<_, _>>()?)
        }
        "range" => {
            let bounds: Vec<Value> = wanted.try_iter()?.collect();
            let [low, high] = bounds.as_slice() else { return Err(fault("a range has two bounds")) };
            Test::Between(read(low)?, read(high)?)
        }
        "gt" => Test::Order(Ordering::is_gt, read(wanted)?),
        "lte" => Test::Order(Ordering::is_le, read(wanted)?),
        "gte" => Test::Order(Ordering::is_ge, read(&ceiling(field, wanted))?),
        "lt" => Test::Order(Ordering::is_lt, read(&ceiling(field, wanted))?),
        "regex" | "iregex" => Test::Fits(Pattern::parse(&text::str_of(wanted), lookup == "iregex").map_err(fault)?),
        "has_key" => Test::Keys { all: true, keys: vec![text::str_of(wanted)] },
        "has_keys" | "has_any_keys" => Test::Keys { all: lookup == "has_keys", keys: words(wanted)? },
        "contains" if is_json => Test::Holds(collections::to_json(wanted)),
        "contained_by" => Test::HeldBy(collections::to_json(wanted)),
        "host" => Test::Host(text::str_of(wanted).split('/').next().unwrap_or_default().to_owned()),
        "max_prefixlen" | "min_prefixlen" => {
            let bound = Test::Order(
                if lookup == "max_prefixlen" { Ordering::is_le } else { Ordering::is_ge },
                Stored::Int(int(wanted)?),
            );
            return Ok(bound);
        }
        net if net.starts_with("net_") => Test::Net(
            match net {
                "net_contained" => |own, other| other.contains(own) && own != other,
                "net_contained_or_equal" => |own, other| other.contains(own),
                "net_contains" => |own, other| own.contains(other) && own != other,
                "net_contains_or_equals" => |own, other| own.contains(other),
                _ => |own, other| own.contains(other) || other.contains(own),
            },
            wanted_net(wanted)?,
        ),
        text_like => {
            let folded = text_like.starts_with('i');
            let part = text::str_of(wanted);
            Test::Text {
                how: match text_like.trim_start_matches('i') {
                    "contains" => |own, part| own.contains(part),
                    "startswith" => |own, part| own.starts_with(part),
                    "endswith" => |own, part| own.ends_with(part),
                    _ => |own, part| own == part,
                },
                part: if folded { part.to_lowercase() } else { part },
                folded,
            }
        }
    })
}

/// Of whole numbers: `>= 4.5` is `>= 5`.
fn ceiling(field: Option<&'static Field>, wanted: &Value) -> Value {
    let whole = matches!(field.map(|field| field.kind), None | Some(Kind::Int { .. } | Kind::Asn { .. }));
    match f64::try_from(wanted.clone()) {
        #[expect(clippy::cast_possible_truncation, reason = "a bound beyond all numbers stays one")]
        Ok(number) if whole && wanted.kind() == ValueKind::Number && !wanted.is_integer() => {
            Value::from(number.ceil() as i64)
        }
        _ => wanted.clone(),
    }
}

fn int(value: &Value) -> Result<i64, Error> {
    let refuse = || fault(format!("Field expected a number but got {}.", text::repr_of(value)));
    match value.kind() {
        ValueKind::Bool => Ok(i64::from(value.is_true())),
        ValueKind::Number if value.is_integer() => value.as_i64().ok_or_else(refuse),
        #[expect(clippy::cast_possible_truncation, reason = "as Python's int()")]
        ValueKind::Number => Ok(f64::try_from(value.clone()).map_err(|_| refuse())?.trunc() as i64),
        ValueKind::String => value.as_str().unwrap_or_default().trim().parse().map_err(|_| refuse()),
        _ => Err(refuse()),
    }
}

/// What a template passed, in the form of what it is compared with.
fn read(field: Option<&'static Field>, extract: &Extract, value: &Value) -> Result<Stored, Error> {
    if let Some(object) = value.downcast_object_ref::<Object>() {
        return Ok(Stored::Int(object.record.id));
    }
    let kind = field.map(|field| field.kind);
    match extract {
        Extract::Keys(_) => return Ok(plain(&collections::to_json(value))),
        Extract::Time(part @ (TimePart::Date | TimePart::Time)) => {
            let words = text::str_of(value);
            let whole = if *part == TimePart::Time { format!("1970-01-01T{words}") } else { words.clone() };
            let whole = if *part == TimePart::Time && words.matches(':').count() == 1 { whole + ":00" } else { whole };
            let refuse = |_| fault(format!("“{words}” value has an invalid date format."));
            let moment = Kind::Time.parse(&whole).map_err(refuse)?;
            return Ok(extracted(extract, &moment));
        }
        Extract::Time(_) | Extract::Family | Extract::PrefixLength => return int(value).map(Stored::Int),
        Extract::Whole => {}
    }
    match kind {
        None | Some(Kind::Int { .. } | Kind::Asn { .. } | Kind::Reference { .. } | Kind::References { .. }) => {
            int(value).map(Stored::Int)
        }
        Some(Kind::Float { .. }) => {
            let number = f64::try_from(value.clone()).ok().or_else(|| value.as_str()?.trim().parse().ok());
            number
                .map(Stored::Float)
                .ok_or_else(|| fault(format!("Field expected a number but got {}.", text::repr_of(value))))
        }
        Some(Kind::Bool) => match (value.kind(), text::str_of(value).as_str()) {
            (ValueKind::Bool, _) => Ok(Stored::Bool(value.is_true())),
            (_, "1" | "t" | "True" | "1.0") => Ok(Stored::Bool(true)),
            (_, "0" | "f" | "False" | "0.0") => Ok(Stored::Bool(false)),
            (_, other) => Err(fault(format!("“{other}” value must be either True or False."))),
        },
        Some(Kind::Time) => match value.downcast_object_ref::<Moment>() {
            Some(moment) => Ok(Stored::Time(moment.micros)),
            None => Kind::Time.parse(&text::str_of(value)).map_err(|_| {
                fault(format!(
                    "“{}” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.",
                    text::str_of(value)
                ))
            }),
        },
        Some(kind @ (Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix | Kind::Mac)) => {
            match value.downcast_object_ref::<Address>() {
                Some(Address::Host(ip)) => Ok(Stored::Ip(*ip)),
                Some(Address::Interface(net) | Address::Network(net)) => Ok(Stored::Net(*net)),
                None => {
                    let words = text::str_of(value);
                    let whole = || kind.parse(&words).ok();
                    let address = || Some(Stored::Net(words.parse().ok()?));
                    whole()
                        .or_else(address)
                        .ok_or_else(|| fault(format!("'{words}' does not appear to be an IPv4 or IPv6 address")))
                }
            }
        }
        Some(Kind::Json { .. }) => Ok(Stored::Json(collections::to_json(value).into())),
        Some(_) => Ok(Stored::text(text::str_of(value))),
    }
}

fn wanted_net(value: &Value) -> Result<IpNet, Error> {
    let words = match value.downcast_object_ref::<Address>() {
        Some(address) => address.to_string(),
        None => text::str_of(value),
    };
    let parsed = words.parse().ok().or_else(|| words.parse::<IpAddr>().ok().map(IpNet::from));
    parsed
        .map(|net: IpNet| net.trunc())
        .ok_or_else(|| fault(format!("'{words}' ({}) does not appear to be an IPv4 or IPv6 network", type_name(value))))
}

fn net(value: &Stored) -> Option<IpNet> {
    value.as_net().or_else(|| value.as_ip().map(IpNet::from)).map(|net| net.trunc())
}

/// A part of a value; null where it has no such part.
pub fn extracted(extract: &Extract, value: &Stored) -> Stored {
    match extract {
        Extract::Whole => value.clone(),
        Extract::Keys(keys) => {
            let Stored::Json(json) = value else { return Stored::Null };
            let found = keys.iter().try_fold(&**json, |json, key| match json {
                Json::Array(items) => items.get(key.parse::<usize>().ok()?),
                json => json.get(key),
            });
            found.map(plain).unwrap_or_default()
        }
        Extract::Family => value.as_ip().map_or(Stored::Null, |ip| Stored::Int(if ip.is_ipv4() { 4 } else { 6 })),
        Extract::PrefixLength => net(value).map_or(Stored::Null, |_| {
            let length = value.as_net().map(|net| net.prefix_len());
            let whole = value.as_ip().map_or(0, |ip| if ip.is_ipv4() { 32 } else { 128 });
            Stored::Int(length.map_or(whole, i64::from))
        }),
        Extract::Time(part) => {
            let Stored::Time(micros) = value else { return Stored::Null };
            let calendar = Moment::utc(*micros).calendar();
            let (iso_year, week) = calendar.iso_week();
            Stored::Int(match part {
                TimePart::Year => calendar.year,
                TimePart::IsoYear => iso_year,
                TimePart::Quarter => i64::from((calendar.month - 1) / 3 + 1),
                TimePart::Month => calendar.month.into(),
                TimePart::Week => week.into(),
                TimePart::Day => calendar.day.into(),
                TimePart::WeekDay => i64::from((calendar.weekday + 1) % 7 + 1),
                TimePart::IsoWeekDay => i64::from(calendar.weekday + 1),
                TimePart::Hour => calendar.hour.into(),
                TimePart::Minute => calendar.minute.into(),
                TimePart::Second => calendar.second.into(),
                TimePart::Date => micros.div_euclid(86_400_000_000),
                TimePart::Time => micros.rem_euclid(86_400_000_000),
            })
        }
    }
}

/// JSON as the plainest value that says the same.
fn plain(json: &Json) -> Stored {
    match json {
        Json::String(text) => Stored::text(text.as_str()),
        Json::Bool(yes) => Stored::Bool(*yes),
        Json::Number(number) => {
            number.as_i64().map(Stored::Int).or_else(|| number.as_f64().map(Stored::Float)).unwrap_or_default()
        }
        Json::Null => Stored::Null,
        other => Stored::Json(other.clone().into()),
    }
}

fn json_of(value: &Stored) -> Option<Json> {
    Some(match value {
        Stored::Json(json) => (**json).clone(),
        Stored::Text(text) => Json::from(&**text),
        Stored::Int(number) => Json::from(*number),
        Stored::Bool(yes) => Json::from(*yes),
        Stored::Float(number) => Json::from(*number),
        _ => return None,
    })
}

/// PostgreSQL's `@>`.
fn holds(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::Object(whole), Json::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| holds(whole, part)))
        }
        (Json::Array(whole), Json::Array(part)) => part.iter().all(|part| whole.iter().any(|whole| holds(whole, part))),
        (Json::Array(whole), part) => whole.contains(part),
        (whole, part) => whole == part,
    }
}

/// Texts come before numbers inside JSON; what is of two kinds otherwise has no order.
fn comparable(value: &Stored, bound: &Stored) -> bool {
    std::mem::discriminant(value) == std::mem::discriminant(bound)
        || matches!((value, bound), (Stored::Ip(_) | Stored::Net(_), Stored::Ip(_) | Stored::Net(_)))
}

fn same(value: &Stored, wanted: &Stored) -> bool {
    match (value, wanted) {
        (Stored::Net(net), Stored::Ip(ip)) => *net == IpNet::from(*ip),
        (Stored::Ip(ip), Stored::Net(net)) => *net == IpNet::from(*ip),
        (Stored::Int(number), Stored::Float(other)) | (Stored::Float(other), Stored::Int(number)) => {
            *number as f64 == *other
        }
        (value, wanted) => value == wanted,
    }
}

fn printed(field: Option<&'static Field>, value: &Stored) -> String {
    match (field, value) {
        (_, Stored::Text(text)) => text.to_string(),
        (_, Stored::Int(number)) => number.to_string(),
        (Some(field), value) => field.kind.print(value),
        (None, value) => json_of(value).map(|json| json.to_string()).unwrap_or_default(),
    }
}

/// The rows for which all conditions hold, once for each way in which they do; none where the graph does not know.
pub fn fitting(line: &Line, conditions: &[Condition], pass: &Pass) -> Option<Vec<Line>> {
    let (mut lines, mut known) = (vec![line.clone()], Vec::new());
    for condition in conditions {
        let mut next = Vec::with_capacity(lines.len());
        let before = known.clone();
        for line in lines {
            known.clone_from(&before);
            for line in line.met_anew(&condition.path, pass, &mut known)? {
                if condition.holds(&line, pass)? {
                    next.push(line);
                }
            }
        }
        lines = next;
    }
    Some(lines)
}
