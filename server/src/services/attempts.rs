//! How often somebody may try to sign in: a bucket for each name and one for each address, which a wrong password takes
//! from and time refills. Bounded in memory: what has refilled is forgotten, and when too many are known all wait.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Wrong passwords before one waits, and how long one of them takes to come back.
#[derive(Clone, Copy)]
struct Limit {
    burst: u32,
    refill: Duration,
}

const NAME: Limit = Limit { burst: 10, refill: Duration::from_secs(30) };
/// Several people may share one.
const ADDRESS: Limit = Limit { burst: 40, refill: Duration::from_secs(10) };
/// Buckets that are known at once.
const MOST: usize = 50_000;

#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    limit: Limit,
    /// When it will be full again.
    full: Instant,
}

impl Bucket {
    /// How long until one more attempt is there.
    fn wait(&self, now: Instant) -> Duration {
        let room = self.limit.refill * (self.limit.burst - 1);
        self.full.saturating_duration_since(now).saturating_sub(room)
    }
}

impl Attempts {
    /// Whether one may try, or how long to wait.
    ///
    /// # Errors
    /// The time after which an attempt is taken again.
    pub fn admit(&self, name: &str, address: &str) -> Result<(), Duration> {
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| bucket.full > now);
            if buckets.len() >= MOST {
                return Err(ADDRESS.refill);
            }
        }
        let keys = [key("name", name), key("address", address)];
        let wait = keys.iter().filter_map(|key| buckets.get(key)).map(|bucket| bucket.wait(now)).max();
        match wait.filter(|wait| !wait.is_zero()) {
            Some(wait) => Err(wait),
            None => Ok(()),
        }
    }

    /// A wrong password.
    pub fn failed(&self, name: &str, address: &str) {
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, limit) in [(key("name", name), NAME), (key("address", address), ADDRESS)] {
            let bucket = buckets.entry(key).or_insert(Bucket { limit, full: now });
            bucket.full = bucket.full.max(now) + limit.refill;
        }
    }

    /// The right one: the name is no longer suspected.
    pub fn succeeded(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key("name", name));
    }
}

fn key(what: &str, value: &str) -> String {
    format!("{what} {}", value.trim().to_lowercase().chars().take(200).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_passwords_make_a_name_wait_whatever_the_address() {
        let attempts = Attempts::default();
        for number in 0..10 {
            let address = format!("192.0.2.{number}");
            assert!(attempts.admit("Admin", &address).is_ok(), "{number}");
            attempts.failed("Admin", &address);
        }
        let wait = attempts.admit(" admin ", "198.51.100.1").unwrap_err();
        assert!(wait <= NAME.refill && wait > NAME.refill / 2, "{wait:?}");
        assert!(attempts.admit("other", "198.51.100.1").is_ok());
        attempts.succeeded("admin");
        assert!(attempts.admit("admin", "198.51.100.1").is_ok());
    }

    #[test]
    fn an_address_waits_whatever_the_names() {
        let attempts = Attempts::default();
        for number in 0..40 {
            attempts.failed(&format!("user{number}"), "192.0.2.1");
        }
        assert!(attempts.admit("somebody", "192.0.2.1").is_err());
        assert!(attempts.admit("somebody", "192.0.2.2").is_ok());
    }
}
