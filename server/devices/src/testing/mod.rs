//! Devices for tests, by the feature `testing`: state machines on a clock that is moved by hand. A [`ScriptedRouter`] has a
//! running and a boot configuration, a lock, a loaded text, an unconfirmed change with its timer, and peers that behave; its
//! [`Faults`] are knobs. Neighbours follow from the running configuration, so a test changes the world and sees what the
//! engine makes of it, instead of writing down both sides of a conversation.
//!
//! Its configuration language has one statement to a line: `neighbor ADDRESS as NUMBER [password WORD]`, `management off`,
//! and anything else, which does nothing.

mod scripted;

pub use scripted::{Fault, Faults, Op, Peer, ScriptedRouter};

use crate::Clock;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A clock that stands still until someone sleeps or moves it.
#[derive(Debug, Default)]
pub struct HandClock {
    at: Mutex<Duration>,
}

impl HandClock {
    pub fn advance(&self, time: Duration) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        // 2026-01-01 and what has passed
        let start = DateTime::from_timestamp(1_767_225_600, 0).unwrap_or_default();
        start + TimeDelta::from_std(self.elapsed()).unwrap_or_default()
    }

    fn elapsed(&self) -> Duration {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, time: Duration) {
        self.advance(time);
        tokio::task::yield_now().await;
    }
}
