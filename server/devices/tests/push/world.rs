//! A scripted router with three peers, one of which never answers, and the texts to push to it.

use async_trait::async_trait;
use peerage_devices::{
    Approval, Event, Mode, Observer, Plan, PushId, Record, push,
    testing::{HandClock, Peer, ScriptedRouter},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

pub const BEFORE: &str = "hostname scripted\nneighbor 192.0.2.1 as 64501 password planted-secret\nneighbor 192.0.2.2 as 64502\nneighbor 192.0.2.3 as 64503\n";
pub const GOOD: &str = "hostname scripted\nneighbor 192.0.2.1 as 64501 password planted-secret\nneighbor 192.0.2.2 as 64502\nneighbor 192.0.2.3 as 64503\nneighbor 192.0.2.4 as 64504\nneighbor 192.0.2.5 as 64505\n";
/// The session with .1 is lost with it.
pub const BREAKING: &str = "hostname scripted\nneighbor 192.0.2.1 as 64501 password other-secret\nneighbor 192.0.2.2 as 64502\nneighbor 192.0.2.3 as 64503\n";
pub const CUTTING: &str = "hostname scripted\nmanagement off\nneighbor 192.0.2.1 as 64501 password planted-secret\nneighbor 192.0.2.2 as 64502\nneighbor 192.0.2.3 as 64503\n";

pub fn world() -> (ScriptedRouter, Arc<HandClock>) {
    let clock = Arc::new(HandClock::default());
    let router = ScriptedRouter::new(clock.clone(), BEFORE);
    router.peer("192.0.2.1", Peer { password: Some("planted-secret".into()), ..Peer::well() });
    router.peer("192.0.2.2", Peer::well());
    router.peer("192.0.2.4", Peer::well());
    // .3 and .5 never answer
    clock.advance(Duration::from_secs(100));
    (router, clock)
}

pub fn freely() -> Mode {
    Mode::Push(Approval::Bounded { foreign_removed: usize::MAX })
}

pub fn plan(text: &str) -> Plan {
    Plan::new(id(), text, freely())
}

pub fn id() -> PushId {
    PushId::new("push-77").unwrap()
}

/// Keeps every event, and calls `on` with the number of each.
pub struct Watcher<F: Fn(usize) + Send + Sync> {
    pub events: Mutex<Vec<Event>>,
    pub refuses: Option<String>,
    /// Whether somebody says that an attended push is to be kept.
    pub keeps: bool,
    pub on: F,
}

impl<F: Fn(usize) + Send + Sync> Watcher<F> {
    pub fn new(on: F) -> Self {
        Self { events: Mutex::new(Vec::new()), refuses: None, keeps: false, on }
    }
}

#[async_trait]
impl<F: Fn(usize) + Send + Sync> Observer for Watcher<F> {
    fn tell(&self, event: &Event) {
        let number = {
            let mut events = self.events.lock().unwrap();
            events.push(event.clone());
            events.len()
        };
        (self.on)(number);
    }

    async fn before_change(&self, _: &Record) -> Result<(), String> {
        self.refuses.clone().map_or(Ok(()), Err)
    }

    async fn kept_by(&self) -> Option<String> {
        self.keeps.then(|| "alice".to_owned())
    }
}

pub async fn run(plan: &Plan, router: &ScriptedRouter, clock: &HandClock) -> Record {
    push(plan, router, clock, &Watcher::new(|_| {}), &CancellationToken::new()).await
}
