//! Whether a device can be worked with, in plain words: reached, logged in to, its daemon asked, its configuration and its
//! sessions read. Nothing is changed. For `peerage device test`.

use crate::{Clock, DeviceError, Driver, Facts, HostKey, push::counted};
use serde::Serialize;

/// What was tried, in order, and what came of it. It ends with the first part that fails.
#[derive(Debug, Clone, Serialize)]
pub struct Probe {
    pub parts: Vec<ProbePart>,
    /// The host key that was seen, also when it was refused.
    pub host_key: Option<HostKey>,
    pub facts: Option<Facts>,
}

#[derive(Debug, Clone, Serialize)]
pub struct ProbePart {
    /// `connection`, `daemon`, `configuration` or `sessions`.
    pub name: &'static str,
    pub succeeded: bool,
    /// [`DeviceError::label`] of what failed.
    pub label: Option<&'static str>,
    /// For a person; without secrets.
    pub words: String,
    pub took_ms: u64,
}

impl Probe {
    pub fn is_well(&self) -> bool {
        self.parts.iter().all(|p| p.succeeded)
    }

    fn add(
        &mut self,
        name: &'static str,
        clock: &dyn Clock,
        since: std::time::Duration,
        result: Result<String, DeviceError>,
    ) -> bool {
        let took_ms = u64::try_from(clock.elapsed().saturating_sub(since).as_millis()).unwrap_or(u64::MAX);
        let (succeeded, label, words) = match result {
            Ok(words) => (true, None, words),
            Err(error) => {
                if let DeviceError::HostKeyUnknown { observed, .. } | DeviceError::HostKeyChanged { observed, .. } =
                    &error
                {
                    self.host_key = Some(observed.clone());
                }
                (false, Some(error.label()), error.to_string())
            }
        };
        self.parts.push(ProbePart { name, succeeded, label, words, took_ms });
        succeeded
    }
}

/// Try everything that a push needs and that changes nothing.
pub async fn probe(driver: &dyn Driver, clock: &dyn Clock) -> Probe {
    let mut probe = Probe { parts: Vec::new(), host_key: None, facts: None };
    let since = clock.elapsed();
    let mut device = match driver.connect().await {
        Ok(device) => {
            probe.host_key = device.host_key();
            let shown = probe.host_key.as_ref().map(|k| format!(", host key {k}")).unwrap_or_default();
            probe.add("connection", clock, since, Ok(format!("reached and logged in{shown}")));
            device
        }
        Err(error) => {
            probe.add("connection", clock, since, Err(error));
            return probe;
        }
    };
    let since = clock.elapsed();
    let facts = device.facts().await;
    probe.facts = facts.as_ref().ok().cloned();
    let words = facts.map(|f| f.hostname.map_or(f.version.clone(), |name| format!("{} on {name}", f.version)));
    if probe.add("daemon", clock, since, words) {
        let since = clock.elapsed();
        let running = device.running().await;
        if probe.add("configuration", clock, since, running.map(|r| counted(r.lines().count(), "line"))) {
            let since = clock.elapsed();
            let sessions = device.neighbours().await.map(|all| {
                let up = all.iter().filter(|n| n.is_established()).count();
                format!("{} sessions, {up} of them established", all.len())
            });
            probe.add("sessions", clock, since, sessions);
        }
    }
    device.close().await;
    probe
}
