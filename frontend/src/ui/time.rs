//! Moments and spans in words. Moments are microseconds since 1970, UTC, as in records; they are shown in the person's
//! zone, with UTC in the title. Ages are made from one clock signal that steps every half minute, so a page full of
//! them costs one timer.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use peerage_model::text::print_time;
use std::time::Duration;
use wasm_bindgen::JsValue;

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// Now, in microseconds.
pub fn now() -> i64 {
    (Date::now() * 1000.0) as i64
}

/// The present, stepping every 30 seconds; in context.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<i64>);

impl Clock {
    pub fn provide() -> Self {
        let clock = Self(RwSignal::new(now()));
        let handle = set_interval_with_handle(
            move || {
                clock.0.try_set(now());
            },
            Duration::from_secs(30),
        );
        on_cleanup(move || {
            if let Ok(handle) = handle {
                handle.clear();
            }
        });
        provide_context(clock);
        clock
    }

    /// The page's, or one that stands still.
    pub fn get() -> Self {
        use_context().unwrap_or_else(|| Self(RwSignal::new(now())))
    }

    /// Microseconds; tracked.
    pub fn now(self) -> i64 {
        // what is written between two steps has happened
        self.0.get().max(now())
    }
}

/// A span in its two largest units: `6 d 6 h`, `3 h 12 m`, `52 m`, `40 s`.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let two = |large: i64, large_unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{large} {large_unit}") } else { format!("{large} {large_unit} {small} {small_unit}") }
    };
    if seconds >= 365 * DAY {
        two(seconds / (365 * DAY), "y", seconds % (365 * DAY) / DAY, "d")
    } else if seconds >= 30 * DAY {
        format!("{} d", seconds / DAY)
    } else if seconds >= DAY {
        two(seconds / DAY, "d", seconds % DAY / HOUR, "h")
    } else if seconds >= HOUR {
        two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "m")
    } else if seconds >= MINUTE {
        format!("{} m", seconds / MINUTE)
    } else {
        format!("{seconds} s")
    }
}

/// How long something took, from milliseconds: `240 ms`, `1.4 s`, `52 s`, `3 m 12 s`, then as [`span`].
pub fn took(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    match milliseconds.max(0) {
        short @ 0..1_000 => format!("{short} ms"),
        short @ 1_000..10_000 => format!("{:.1} s", short as f64 / 1000.0),
        _ if (MINUTE..HOUR).contains(&seconds) => format!("{} m {} s", seconds / MINUTE, seconds % MINUTE),
        _ => span(seconds),
    }
}

/// `2 min ago`, `just now`, `in 3 h`; in one unit.
pub fn ago(then: i64, now: i64) -> String {
    let mut seconds = (now - then) / 1_000_000;
    // two clocks, or a page's moment that is older than its record: what has happened is not to come
    if (-5..0).contains(&seconds) {
        seconds = 0;
    }
    let size = seconds.abs();
    let words = match size {
        0..45 => return if seconds < 0 { "in a moment" } else { "just now" }.to_owned(),
        45..HOUR => format!("{} min", (size / MINUTE).max(1)),
        HOUR..DAY => format!("{} h", size / HOUR),
        _ if size < 365 * DAY => format!("{} d", size / DAY),
        _ => format!("{} y", size / (365 * DAY)),
    };
    if seconds < 0 { format!("in {words}") } else { format!("{words} ago") }
}

fn format(micros: i64, parts: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in parts {
        // a plain object takes any property
        let _ = Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    let locales = Array::of1(&JsValue::from_str("en-GB"));
    let date = Date::new(&JsValue::from_f64(micros as f64 / 1000.0));
    let formatter = Intl::DateTimeFormat::new(&locales, &options);
    let text = formatter.format().call1(&formatter, &date);
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| print_time(micros))
}

const DATE: &[(&str, &str)] = &[("day", "numeric"), ("month", "short"), ("year", "numeric")];

/// `17 Mar 2026, 14:31`, in the person's zone.
pub fn date_time(micros: i64) -> String {
    format(micros, &[DATE, &[("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")]].concat())
}

/// `17 Mar 2026`.
pub fn date(micros: i64) -> String {
    format(micros, DATE)
}

/// `14:31`.
pub fn clock_time(micros: i64) -> String {
    format(micros, &[("hour", "2-digit"), ("minute", "2-digit"), ("hourCycle", "h23")])
}

/// `14:31:07`.
pub fn clock_second(micros: i64) -> String {
    format(micros, &[("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit"), ("hourCycle", "h23")])
}

/// As short as is clear: the time today, else the day, with the year when it is another.
pub fn short(micros: i64, now: i64) -> String {
    if date(micros) == date(now) {
        clock_time(micros)
    } else if (now - micros).abs() < 300 * DAY * 1_000_000 {
        format(micros, &[("day", "numeric"), ("month", "short")])
    } else {
        date(micros)
    }
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MomentStyle {
    /// `17 Mar 2026, 14:31`
    #[default]
    Whole,
    /// `14:31`, `17 Mar`
    Short,
    /// `2 min ago`
    Ago,
    /// `14:31:07`, where the day is known
    Clock,
}

/// A moment; its title says it in full and in UTC.
#[component]
pub fn Moment(micros: i64, #[prop(optional)] style: MomentStyle) -> impl IntoView {
    let clock = Clock::get();
    let text = move || match style {
        MomentStyle::Whole => date_time(micros),
        MomentStyle::Short => short(micros, clock.now()),
        MomentStyle::Ago => ago(micros, clock.now()),
        MomentStyle::Clock => clock_second(micros),
    };
    let utc = print_time(micros / 1_000_000 * 1_000_000);
    let title = format!("{} here, {} UTC", date_time(micros), utc.replace('T', " ").trim_end_matches('Z'));
    view! { <time datetime=utc title=title>{text}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units() {
        for (seconds, text) in [
            (40, "40 s"),
            (52 * 60, "52 m"),
            (3 * HOUR + 12 * MINUTE, "3 h 12 m"),
            (6 * DAY + 6 * HOUR, "6 d 6 h"),
            (41 * DAY + HOUR, "41 d"),
            (399 * DAY, "1 y 34 d"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn what_was_quick_is_told_finely() {
        for (milliseconds, text) in [
            (0, "0 ms"),
            (240, "240 ms"),
            (1_449, "1.4 s"),
            (52_900, "52 s"),
            (192_000, "3 m 12 s"),
            (3_720_000, "1 h 2 m"),
        ] {
            assert_eq!(took(milliseconds), text);
        }
    }

    #[test]
    fn ages_have_one_unit() {
        let now = 1_000_000_000_000_000;
        assert_eq!(ago(now - 2 * 60_000_000, now), "2 min ago");
        assert_eq!(ago(now + 3 * 3600 * 1_000_000, now), "in 3 h");
        assert_eq!(ago(now - 1_000_000, now), "just now");
    }
}
