//! Time, as a trait: plans are tested without waiting. Deadlines are counted on the monotonic hand; the wall clock is only
//! written into records.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> DateTime<Utc>;
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    async fn sleep(&self, time: Duration);
}

/// The machine's own clock.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
