//! Values as people type and read them. `print` and `parse` are inverse for every kind; a refusal is one sentence that
//! says how to mend it.

use crate::{Asn, Kind, Value, address, kind::Choice};
use serde_json::Value as Json;

impl Kind {
    /// What a person typed, as a value. The empty text is the caller's business
    /// ([`Field::empty_value`](crate::Field::empty_value)).
    ///
    /// # Errors
    /// A sentence for the person, saying what to type.
    pub fn parse(&self, typed: &str) -> Result<Value, String> {
        let trimmed = typed.trim();
        Ok(match self {
            Self::Bool => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Value::Bool(true),
                "false" | "no" | "off" | "0" => Value::Bool(false),
                _ => return Err(format!("“{trimmed}” is neither yes nor no.")),
            },
            Self::Int { names: [], .. } => Value::Int(parse_int(trimmed)?),
            Self::Int { names, .. } => Value::Int(number_named(names, trimmed)?),
            Self::Float { .. } => Value::Float(
                trimmed
                    .parse()
                    .ok()
                    .filter(|number: &f64| number.is_finite())
                    .ok_or_else(|| format!("“{trimmed}” is not a number."))?,
            ),
            Self::Asn { .. } => Value::Int(i64::from(trimmed.parse::<Asn>().map_err(|e| e.to_string())?.0)),
            Self::Markdown | Self::Template | Self::Secret { .. } => Value::text(typed),
            Self::Text { .. } | Self::Slug { .. } | Self::Url { .. } | Self::Email => Value::text(trimmed),
            Self::Colour => Value::text(trimmed.trim_start_matches('#').to_ascii_lowercase()),
            Self::IpHost { family } => Value::Ip(address::parse_host(trimmed, *family)?),
            Self::IpInterface { family } => Value::Net(address::parse_interface(trimmed, *family)?),
            Self::Prefix => Value::Net(address::parse_prefix(trimmed)?),
            Self::Mac => Value::Mac(parse_mac(trimmed)?),
            Self::Time => Value::Time(parse_time(trimmed)?),
            Self::Choice(set) => Value::text(one_of(set, trimmed)?),
            Self::Choices(set) => Value::Texts(
                split_list(trimmed).map(|word| one_of(set, word).map(Into::into)).collect::<Result<_, _>>()?,
            ),
            Self::TextList | Self::Permissions => Value::Texts(split_list(trimmed).map(Into::into).collect()),
            Self::Reference { .. } => Value::Int(parse_int(trimmed)?),
            Self::References { .. } | Self::IntList => {
                Value::Ids(split_list(trimmed).map(parse_int).collect::<Result<_, _>>()?)
            }
            Self::Json { object_only } => {
                let json: Json = serde_json::from_slice(typed.as_bytes()).map_err(|e| {
                    format!("Not JSON: line {}, column {}: {}", e.line(), e.column(), plain(&e.to_string()))
                })?;
                if *object_only && !json.is_object() {
                    return Err("A JSON object is meant, like {\"key\": \"value\"}.".to_owned());
                }
                Value::Json(json.into())
            }
        })
    }

    /// A value as text that [`Kind::parse`] reads back. Empty for nothing.
    pub fn print(&self, value: &Value) -> String {
        match value {
            Value::Null | Value::Hidden => String::new(),
            Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Int(number) => match self {
                Self::Asn { .. } => format!("AS{number}"),
                Self::Int { names, .. } => {
                    let name = names.iter().find(|(named, _)| named == number).map(|(_, name)| (*name).to_owned());
                    name.unwrap_or_else(|| number.to_string())
                }
                _ => number.to_string(),
            },
            Value::Float(number) => number.to_string(),
            Value::Text(text) => text.to_string(),
            Value::Time(micros) => print_time(*micros),
            Value::Ip(ip) => ip.to_string(),
            Value::Net(net) => net.to_string(),
            Value::Mac(mac) => print_mac(*mac),
            Value::Ids(ids) => ids.iter().map(i64::to_string).collect::<Vec<_>>().join(", "),
            Value::Texts(texts) => texts.join(", "),
            Value::Json(json) => serde_json::to_string_pretty(&**json).unwrap_or_default(),
        }
    }

    /// The label of a choice's code, or the code itself.
    pub fn label_of<'a>(&self, code: &'a str) -> &'a str {
        self.choice(code).map_or(code, |choice| choice.label)
    }

    pub fn choice(&self, code: &str) -> Option<&'static Choice> {
        self.choices()?.iter().find(|choice| choice.code == code)
    }
}

fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn parse_int(text: &str) -> Result<i64, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{202f}' | '\u{a0}' | '_')).collect();
    digits.parse().map_err(|_| format!("“{text}” is not a whole number."))
}

/// By its name, or by itself.
fn number_named(names: &[(i64, &str)], word: &str) -> Result<i64, String> {
    let named = names.iter().find(|(number, name)| name.eq_ignore_ascii_case(word) || number.to_string() == word);
    named.map(|(number, _)| *number).ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(|(_, name)| *name).collect();
        format!("“{word}” is not one of {}.", known.join(", "))
    })
}

fn one_of(set: &'static [Choice], word: &str) -> Result<&'static str, String> {
    set.iter()
        .find(|choice| choice.code == word)
        .or_else(|| {
            set.iter().find(|choice| choice.code.eq_ignore_ascii_case(word) || choice.label.eq_ignore_ascii_case(word))
        })
        .map(|choice| choice.code)
        .ok_or_else(|| {
            let known: Vec<&str> = set.iter().map(|choice| choice.code).filter(|code| !code.is_empty()).collect();
            format!("“{word}” is not one of {}.", known.join(", "))
        })
}

/// serde_json repeats the position that we have already said.
fn plain(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

fn parse_mac(text: &str) -> Result<[u8; 6], String> {
    let hex: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    let bytes = (hex.len() == 12 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        .then(|| u64::from_str_radix(&hex, 16).ok())
        .flatten()
        .ok_or_else(|| format!("“{text}” is not a MAC address. Type it like 00:1b:77:49:54:fd."))?
        .to_be_bytes();
    Ok([bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}

fn print_mac(mac: [u8; 6]) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

const DAY: i64 = 86_400_000_000;

/// ISO 8601 in UTC with microseconds where there are any: `2026-01-31T12:00:00.123456Z`.
pub fn print_time(micros: i64) -> String {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, day) = civil_from_days(days);
    let (seconds, fraction) = (rest / 1_000_000, rest % 1_000_000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 {
        format!("{year:04}-{month:02}-{day:02}T{clock}Z")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{clock}.{fraction:06}Z")
    }
}

/// A moment to the minute, UTC: `2026-01-31 12:00`.
pub(crate) fn print_minute(micros: i64) -> String {
    print_time(micros).get(..16).unwrap_or_default().replace('T', " ")
}

/// ISO 8601: a date, or date and time with `Z` or an offset (none means UTC).
///
/// # Errors
/// A sentence for the person, saying what to type.
pub fn parse_time(text: &str) -> Result<i64, String> {
    parse_iso(text).ok_or_else(|| format!("“{text}” is not a time. Type it like 2026-01-31 or 2026-01-31T12:00:00Z."))
}

fn parse_iso(text: &str) -> Option<i64> {
    let digits = |part: &str, length: usize| -> Option<i64> {
        (part.len() == length && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
    };
    let (date, time) = match text.find(['T', ' ']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    if civil_from_days(days) != (year, month, day) {
        return None;
    }
    if time.is_empty() {
        return Some(days * DAY);
    }
    let (clock, offset) = match time.find(['Z', '+', '-']) {
        Some(at) if time.as_bytes()[at] == b'Z' => (&time[..at], (at + 1 == time.len()).then_some(0)?),
        Some(at) => {
            let (hours, minutes) = time[at + 1..].split_once(':').unwrap_or((&time[at + 1..], "00"));
            let minutes = digits(hours, 2)? * 60 + digits(minutes, 2)?;
            (&time[..at], if time.as_bytes()[at] == b'-' { -minutes } else { minutes })
        }
        None => (time, 0),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.split(':');
    let (hours, minutes) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let seconds = parts.next().map_or(Some(0), |part| digits(part, 2))?;
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 || fraction.len() > 9 {
        return None;
    }
    let micros = if fraction.is_empty() { 0 } else { digits(&format!("{fraction:0<6}")[..6], 6)? };
    Some(days * DAY + ((hours * 60 + minutes - offset) * 60 + seconds) * 1_000_000 + micros)
}

/// Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_print_and_parse(micros in -30_000_000_000_000_000i64..200_000_000_000_000_000) {
            prop_assert_eq!(parse_time(&print_time(micros)), Ok(micros));
        }

        #[test]
        fn macs_print_and_parse(mac: [u8; 6]) {
            prop_assert_eq!(Kind::Mac.parse(&Kind::Mac.print(&Value::Mac(mac))), Ok(Value::Mac(mac)));
        }

        #[test]
        fn asns_print_and_parse(number in 1i64..=4_294_967_295) {
            let kind = Kind::Asn { zero: false };
            prop_assert_eq!(kind.parse(&kind.print(&Value::Int(number))), Ok(Value::Int(number)));
        }
    }

    #[test]
    fn offsets_are_taken_off() {
        assert_eq!(parse_time("2026-01-31T12:00:00+02:00"), parse_time("2026-01-31T10:00:00Z"));
        assert_eq!(print_time(parse_time("2026-01-31 12:00:00.5").unwrap()), "2026-01-31T12:00:00.500000Z");
        assert!(parse_time("2026-02-30").is_err());
    }

    #[test]
    fn mac_spellings_mean_the_same() {
        for text in ["00:1b:77:49:54:fd", "00-1B-77-49-54-FD", "001b.7749.54fd", "001B774954FD"] {
            assert_eq!(Kind::Mac.print(&Kind::Mac.parse(text).unwrap()), "00:1b:77:49:54:fd");
        }
    }
}
