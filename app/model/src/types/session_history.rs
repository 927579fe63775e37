//! How sessions fared: each change of state as it was seen, and a few figures of every hour.

use super::{BGP_STATE, DIRECT_SESSION, IX_SESSION, ROUTER, session::MOST_ERROR};
use crate::{
    ObjectType, OnDelete, Origin, Record,
    field::{choice, json, reference, text, time},
    object::object,
};

pub static SESSION_TRANSITION: ObjectType = object("peering", "session-transitions", "sessiontransition")
    .called("State change", "State changes")
    .icon("session")
    .origin(Origin::Note)
    .label("{before} to {after}")
    .order(&["-time", "-id"])
    .about("Sessions whose state was another one when their router was asked again.")
    .fields(&[
        time("time").required().read_only().column().filter().group("State change"),
        reference("router", &ROUTER).nullable().on_delete(OnDelete::SetNull).read_only().column().filter(),
        reference("ix_session", &IX_SESSION)
            .label_as("IX session")
            .nullable()
            .on_delete(OnDelete::Cascade)
            .read_only()
            .column()
            .filter(),
        reference("direct_session", &DIRECT_SESSION)
            .nullable()
            .on_delete(OnDelete::Cascade)
            .read_only()
            .column()
            .filter(),
        choice("before", BGP_STATE).nullable().read_only().column().filter(),
        choice("after", BGP_STATE).nullable().read_only().column().filter(),
        text("reason", MOST_ERROR).nullable().read_only().column().search(),
    ]);

/// Hours that are kept of a session: a week.
pub const HOURS: usize = 7 * 24;

/// One row for each session, written once an hour: `hours` is `{first, states, prefixes}`, see [`Hours`].
pub static SESSION_HISTORY: ObjectType = object("peering", "session-histories", "sessionhistory")
    .called("Session history", "Session histories")
    .icon("session")
    .origin(Origin::System)
    .label("{id}")
    .order(&["id"])
    .about("States and prefix counts of a session, hour by hour.")
    .fields(&[
        reference("ix_session", &IX_SESSION).nullable().on_delete(OnDelete::Cascade).unique().hidden().group("History"),
        reference("direct_session", &DIRECT_SESSION).nullable().on_delete(OnDelete::Cascade).unique().hidden(),
        json("hours").nullable().observed(),
    ]);

/// What is kept of a session's last hours: in each, how it was when its router was asked last.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Hours {
    /// The first hour, counted from 1970.
    pub first: i64,
    /// By hour: 1 established, 0 not. None: nobody asked.
    pub up: Vec<Option<u8>>,
    /// By hour: prefixes that were accepted, or received where the router tells no more.
    pub prefixes: Vec<Option<u64>>,
}

impl Hours {
    /// As a history's row has it; what cannot be read is forgotten.
    pub fn of(history: &Record) -> Self {
        match history.get("hours") {
            crate::Value::Json(json) => serde_json::from_value((**json).clone()).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    /// Of the hours that are known, those in which it was up, in percent, never rounded up to all of them; none: no hour is known.
    pub fn percent(&self) -> Option<i64> {
        let known = self.up.iter().flatten();
        let (up, all) = known.fold((0, 0), |(up, all), one| (up + i64::from(*one), all + 1));
        (all > 0).then(|| up * 100 / all)
    }

    /// Notes how it was in an hour; false if that hour was noted already and it was in the same state.
    pub fn note(&mut self, hour: i64, up: bool, prefixes: Option<u64>) -> bool {
        if self.up.is_empty() {
            self.first = hour;
        }
        let last = self.first + self.up.len() as i64 - 1;
        if !self.up.is_empty() && hour <= last {
            let is_new = hour == last && self.up.last() != Some(&Some(u8::from(up)));
            if is_new {
                self.up.pop();
                self.prefixes.pop();
                self.up.push(Some(u8::from(up)));
                self.prefixes.push(prefixes);
            }
            return is_new;
        }
        let skipped = usize::try_from(hour - last - 1).unwrap_or(0).min(HOURS);
        let skipped = if self.up.is_empty() { 0 } else { skipped };
        self.up.extend(std::iter::repeat_n(None, skipped));
        self.prefixes.extend(std::iter::repeat_n(None, skipped));
        self.up.push(Some(u8::from(up)));
        self.prefixes.push(prefixes);
        let over = self.up.len().saturating_sub(HOURS);
        self.up.drain(..over);
        self.prefixes.drain(..over);
        self.first = hour + 1 - self.up.len() as i64;
        true
    }
}

/// How many of several sessions were established, hour by hour.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Together {
    /// The first hour, counted from 1970.
    pub first: i64,
    /// By hour: established, and looked at. Nobody was looked at: nobody asked.
    pub up: Vec<u32>,
    pub seen: Vec<u32>,
}

impl Together {
    /// Of these histories, over the last week that any of them knows.
    pub fn of(histories: &[Hours]) -> Self {
        let known = || histories.iter().filter(|hours| !hours.up.is_empty());
        let end = known().map(|hours| hours.first + hours.up.len() as i64).max().unwrap_or_default();
        let first = known().map(|hours| hours.first).min().unwrap_or_default().max(end - HOURS as i64);
        let length = usize::try_from(end - first).unwrap_or_default();
        let mut together = Self { first, up: vec![0; length], seen: vec![0; length] };
        for hours in known() {
            for (hour, up) in (hours.first..).zip(&hours.up) {
                let (Some(up), Ok(at)) = (up, usize::try_from(hour - first)) else { continue };
                together.up[at] += u32::from(*up);
                together.seen[at] += 1;
            }
        }
        together
    }

    /// Of all looks at a session, the share that found it established, in percent; none: nobody looked.
    pub fn percent(&self) -> Option<f64> {
        let sum = |counts: &[u32]| counts.iter().map(|count| f64::from(*count)).sum::<f64>();
        let seen = sum(&self.seen);
        (seen > 0.0).then(|| sum(&self.up) * 100.0 / seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_sessions_are_counted_by_the_hour() {
        let hours = |first: i64, up: &[Option<u8>]| Hours { first, up: up.to_vec(), prefixes: vec![None; up.len()] };
        let histories = [hours(100, &[Some(1), Some(0), None]), hours(101, &[Some(1), Some(1)]), Hours::default()];
        let together = Together::of(&histories);
        assert_eq!((together.first, &together.up[..], &together.seen[..]), (100, &[1, 1, 1][..], &[1, 2, 1][..]));
        assert_eq!(together.percent(), Some(75.0));
        // one that nobody has asked about for more than a week is not of this week
        let together = Together::of(&[hours(100, &[Some(1)]), hours(500, &[Some(0), Some(0)])]);
        assert_eq!((together.first, together.up.len(), together.percent()), (502 - HOURS as i64, HOURS, Some(0.0)));
        assert_eq!(Together::of(&[Hours::default()]).percent(), None);
    }

    #[test]
    fn an_hour_is_noted_once_and_a_week_is_kept() {
        let mut hours = Hours::default();
        assert!(hours.note(1000, true, Some(5)));
        assert!(!hours.note(1000, true, Some(6)));
        assert!(hours.note(1000, false, None));
        assert!(hours.note(1000, true, Some(5)));
        assert!(!hours.note(1000, true, Some(5)));
        assert_eq!(hours.percent(), Some(100));
        assert!(hours.note(1003, false, Some(0)));
        assert_eq!((hours.first, hours.up.clone()), (1000, vec![Some(1), None, None, Some(0)]));
        assert_eq!((hours.percent(), Hours::default().percent()), (Some(50), None));
        assert!(hours.note(1003 + HOURS as i64, true, Some(7)));
        assert_eq!((hours.up.len(), hours.first), (HOURS, 1004));
        assert_eq!((hours.up.last(), hours.prefixes.last()), (Some(&Some(1)), Some(&Some(7))));
        // a clock that went back
        assert!(!hours.note(900, true, None));
        assert!(hours.note(1_000_000, true, None));
        assert_eq!((hours.up.len(), hours.first), (HOURS, 1_000_000 - HOURS as i64 + 1));
    }
}
