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

/// What is kept of a session's last hours: in each, how it was when its router was asked first.
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

    /// Notes how it was in an hour, once; false if that hour was noted already.
    pub fn note(&mut self, hour: i64, up: bool, prefixes: Option<u64>) -> bool {
        if self.up.is_empty() {
            self.first = hour;
        }
        let last = self.first + self.up.len() as i64 - 1;
        if !self.up.is_empty() && hour <= last {
            return false;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_noted_once_and_a_week_is_kept() {
        let mut hours = Hours::default();
        assert!(hours.note(1000, true, Some(5)));
        assert!(!hours.note(1000, false, None));
        assert!(hours.note(1003, false, Some(0)));
        assert_eq!((hours.first, hours.up.clone()), (1000, vec![Some(1), None, None, Some(0)]));
        assert!(hours.note(1003 + HOURS as i64, true, Some(7)));
        assert_eq!((hours.up.len(), hours.first), (HOURS, 1004));
        assert_eq!((hours.up.last(), hours.prefixes.last()), (Some(&Some(1)), Some(&Some(7))));
        // a clock that went back
        assert!(!hours.note(900, true, None));
        assert!(hours.note(1_000_000, true, None));
        assert_eq!((hours.up.len(), hours.first), (HOURS, 1_000_000 - HOURS as i64 + 1));
    }
}
