//! Moments: the date-time of a record's field, and `strftime` for it and for `now()`.
//!
//! The crate has no clock and no time zone table: a moment is microseconds since 1970 in UTC and an offset in seconds.

use super::{arguments::Args, fault};
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{Enumerator, Object, ObjectRepr},
};
use std::{fmt, sync::Arc};

/// A zone-aware date-time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
    /// Seconds east of UTC.
    pub offset: i32,
    /// What `%Z` prints.
    pub zone: Arc<str>,
}

/// A moment's calendar fields in its zone.
#[derive(Clone, Copy, Debug)]
pub struct Calendar {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub micro: u32,
    /// 0 is Monday.
    pub weekday: u32,
    /// 1 is the first of January.
    pub day_of_year: u32,
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Calendar {
    /// Year and week by ISO 8601: a week belongs to the year of its Thursday.
    pub fn iso_week(&self) -> (i64, u32) {
        let day = days_from_civil(self.year, 1, 1) + i64::from(self.day_of_year) - 1;
        let thursday = day - i64::from(self.weekday) + 3;
        let (year, ..) = civil_from_days(thursday);
        (year, u32::try_from((thursday - days_from_civil(year, 1, 1)) / 7 + 1).unwrap_or_default())
    }
}

/// Days since 1970-01-01 of a civil date (H. Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = i64::from((153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let narrow = |number: i64| u32::try_from(number).unwrap_or_default();
    let day = narrow(of_year - (153 * shifted + 2) / 5 + 1);
    let month = narrow(if shifted < 10 { shifted + 3 } else { shifted - 9 });
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl Moment {
    pub fn utc(micros: i64) -> Self {
        Self { micros, offset: 0, zone: "UTC".into() }
    }

    pub fn calendar(&self) -> Calendar {
        let local = self.micros + i64::from(self.offset) * 1_000_000;
        let days = local.div_euclid(86_400_000_000);
        let of_day = local.rem_euclid(86_400_000_000);
        let (year, month, day) = civil_from_days(days);
        let part = |unit: i64, size: i64| u32::try_from(of_day / unit % size).unwrap_or_default();
        Calendar {
            year,
            month,
            day,
            hour: part(3_600_000_000, 24),
            minute: part(60_000_000, 60),
            second: part(1_000_000, 60),
            micro: part(1, 1_000_000),
            weekday: u32::try_from((days + 3).rem_euclid(7)).unwrap_or_default(),
            day_of_year: u32::try_from(days - days_from_civil(year, 1, 1) + 1).unwrap_or_default(),
        }
    }

    fn offset_text(&self, colon: bool) -> String {
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs() / 60;
        format!("{sign}{:02}{}{:02}", minutes / 60, if colon { ":" } else { "" }, minutes % 60)
    }

    /// `2026-01-31T12:00:00.123456+00:00` with the separator given.
    pub fn iso(&self, separator: char) -> String {
        let c = self.calendar();
        let micro = if c.micro == 0 { String::new() } else { format!(".{:06}", c.micro) };
        format!(
            "{:04}-{:02}-{:02}{separator}{:02}:{:02}:{:02}{micro}{}",
            c.year,
            c.month,
            c.day,
            c.hour,
            c.minute,
            c.second,
            self.offset_text(true)
        )
    }

    /// As Django writes dates into JSON: milliseconds, and `Z` for UTC.
    pub fn json(&self) -> String {
        let c = self.calendar();
        let milli = if c.micro == 0 { String::new() } else { format!(".{:03}", c.micro / 1000) };
        let zone = if self.offset == 0 { "Z".to_owned() } else { self.offset_text(true) };
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{milli}{zone}", c.year, c.month, c.day, c.hour, c.minute, c.second)
    }

    /// Python's `strftime` in the C locale.
    pub fn strftime(&self, format: &str) -> String {
        use std::fmt::Write as _;
        let c = self.calendar();
        let (day, month) = (DAYS[c.weekday as usize % 7], MONTHS[(c.month as usize + 11) % 12]);
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(character) = chars.next() {
            if character != '%' {
                out.push(character);
                continue;
            }
            let Some(mut code) = chars.next() else {
                out.push('%');
                break;
            };
            let bare = code == '-';
            if bare {
                code = chars.next().unwrap_or('%');
            }
            let start = out.len();
            // writing to a String cannot fail
            let _ = match code {
                'Y' => write!(out, "{}", c.year),
                'y' => write!(out, "{:02}", c.year.rem_euclid(100)),
                'm' => write!(out, "{:02}", c.month),
                'd' => write!(out, "{:02}", c.day),
                'e' => write!(out, "{:2}", c.day),
                'H' => write!(out, "{:02}", c.hour),
                'I' => write!(out, "{:02}", (c.hour + 11) % 12 + 1),
                'M' => write!(out, "{:02}", c.minute),
                'S' => write!(out, "{:02}", c.second),
                'f' => write!(out, "{:06}", c.micro),
                'p' => write!(out, "{}", if c.hour < 12 { "AM" } else { "PM" }),
                'a' => write!(out, "{}", &day[..3]),
                'A' => write!(out, "{day}"),
                'b' | 'h' => write!(out, "{}", &month[..3]),
                'B' => write!(out, "{month}"),
                'j' => write!(out, "{:03}", c.day_of_year),
                'w' => write!(out, "{}", (c.weekday + 1) % 7),
                'u' => write!(out, "{}", c.weekday + 1),
                'V' => write!(out, "{:02}", c.iso_week().1),
                'G' => write!(out, "{}", c.iso_week().0),
                'U' => write!(out, "{:02}", (c.day_of_year + 6 - (c.weekday + 1) % 7) / 7),
                'W' => write!(out, "{:02}", (c.day_of_year + 6 - c.weekday) / 7),
                'z' => write!(out, "{}", self.offset_text(false)),
                'Z' => write!(out, "{}", self.zone),
                's' => write!(out, "{}", self.micros.div_euclid(1_000_000)),
                'F' => write!(out, "{}", self.strftime("%Y-%m-%d")),
                'T' | 'X' => write!(out, "{}", self.strftime("%H:%M:%S")),
                'D' | 'x' => write!(out, "{}", self.strftime("%m/%d/%y")),
                'R' => write!(out, "{}", self.strftime("%H:%M")),
                'c' => write!(out, "{}", self.strftime("%a %b %e %H:%M:%S %Y")),
                'n' => out.write_char('\n'),
                't' => out.write_char('\t'),
                '%' => write!(out, "%"),
                other => write!(out, "%{other}"),
            };
            if bare {
                let kept = out[start..].trim_start_matches('0');
                let kept = if kept.is_empty() { "0".to_owned() } else { kept.to_owned() };
                out.truncate(start);
                out.push_str(&kept);
            }
        }
        out
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let c = self.calendar();
        Some(match key.as_str()? {
            "year" => Value::from(c.year),
            "month" => Value::from(c.month),
            "day" => Value::from(c.day),
            "hour" => Value::from(c.hour),
            "minute" => Value::from(c.minute),
            "second" => Value::from(c.second),
            "microsecond" => Value::from(c.micro),
            "tzinfo" => Value::from(&*self.zone),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let c = self.calendar();
        Ok(match method {
            "strftime" => Value::from(self.strftime(Args::bind(method, &["format"], 1, args)?.text(0, "")?)),
            "isoformat" => {
                let args = Args::bind(method, &["sep", "timespec"], 0, args)?;
                let separator = args.text(0, "T")?;
                let separator = separator.chars().next().ok_or_else(|| fault("isoformat() needs one character"))?;
                Value::from(self.iso(separator))
            }
            "date" => {
                let days = days_from_civil(c.year, c.month, c.day);
                Value::from_object(Date(Self { micros: days * 86_400_000_000, ..Self::utc(0) }))
            }
            "ctime" => Value::from(self.strftime("%c")),
            "tzname" => Value::from(&*self.zone),
            "isocalendar" => iso_calendar(&c),
            "time" => Value::from(self.strftime("%H:%M:%S")),
            "weekday" => Value::from(c.weekday),
            "isoweekday" => Value::from(c.weekday + 1),
            "timestamp" => {
                #[expect(clippy::cast_precision_loss, reason = "Python's result is a float as well")]
                let seconds = self.micros as f64 / 1e6;
                Value::from(seconds)
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &minijinja::value::DynObject) -> Option<std::cmp::Ordering> {
        Some(self.micros.cmp(&other.downcast_ref::<Self>()?.micros))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.write_str(&self.iso(' '));
        }
        let c = self.calendar();
        write!(f, "datetime.datetime({}, {}, {}, {}, {}", c.year, c.month, c.day, c.hour, c.minute)?;
        if c.second != 0 || c.micro != 0 {
            write!(f, ", {}", c.second)?;
        }
        if c.micro != 0 {
            write!(f, ", {}", c.micro)?;
        }
        f.write_str(", tzinfo=datetime.timezone.utc)")
    }
}

fn iso_calendar(c: &Calendar) -> Value {
    let (year, week) = c.iso_week();
    Value::from((year, week, c.weekday + 1))
}

/// The day of a moment.
#[derive(Debug)]
pub struct Date(pub Moment);

impl Object for Date {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let c = self.0.calendar();
        Some(match key.as_str()? {
            "year" => Value::from(c.year),
            "month" => Value::from(c.month),
            "day" => Value::from(c.day),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let c = self.0.calendar();
        let text = |format: &str| Value::from(self.0.strftime(format));
        Ok(match method {
            "strftime" => text(Args::bind(method, &["format"], 1, args)?.text(0, "")?),
            "isoformat" => text("%F"),
            "ctime" => text("%c"),
            "weekday" => Value::from(c.weekday),
            "isoweekday" => Value::from(c.weekday + 1),
            "isocalendar" => iso_calendar(&c),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &minijinja::value::DynObject) -> Option<std::cmp::Ordering> {
        Some(self.0.micros.cmp(&other.downcast_ref::<Self>()?.0.micros))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return f.write_str(&self.0.strftime("%F"));
        }
        let c = self.0.calendar();
        write!(f, "datetime.date({}, {}, {})", c.year, c.month, c.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn calendar_follows_leap_years_and_zones() {
        let moment = Moment::utc(1_709_210_096_123_456); // 2024-02-29 12:34:56.123456
        assert_eq!(moment.iso('T'), "2024-02-29T12:34:56.123456+00:00");
        assert_eq!(moment.json(), "2024-02-29T12:34:56.123Z");
        assert_eq!(moment.strftime("%a %d %b %Y %-I:%M %p %j"), "Thu 29 Feb 2024 12:34 PM 060");
        let east = Moment { offset: 20_700, zone: "Asia/Kathmandu".into(), ..moment };
        assert_eq!(east.iso(' '), "2024-02-29 18:19:56.123456+05:45");
        assert_eq!(Moment::utc(-1).iso('T'), "1969-12-31T23:59:59.999999+00:00");
    }
}
