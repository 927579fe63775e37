//! How pushes end when the device does what it is told.

use crate::world::*;
use peerage_devices::{
    Approval, EventKind, Gate, Mode, Outcome, Plan, Step, Trace, Undo,
    device::{Support, Timer, Validation},
    push, recover,
    testing::{Op, Peer},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_good_push_is_confirmed_and_boots() {
    let (router, clock) = world();
    let record = run(&plan(GOOD), &router, &clock).await;
    assert_eq!(record.outcome, Some(Outcome::Confirmed), "{record:?}");
    assert_eq!((router.running().as_str(), router.boot().as_str()), (GOOD, GOOD));
    assert!(!router.is_locked());
    assert_eq!(
        record.steps.iter().map(|s| s.step).collect::<Vec<_>>(),
        [
            Step::Connect,
            Step::Lock,
            Step::Baseline,
            Step::Load,
            Step::Validate,
            Step::Diff,
            Step::Arm,
            Step::Apply,
            Step::Gate,
            Step::Confirm
        ]
    );
    assert!(record.steps.iter().all(|s| s.succeeded));
    assert_eq!((record.diff.as_ref().unwrap().added, record.foreign_removed), (2, Some(0)));
    assert_eq!(record.text_sha256.len(), 64);
    assert_eq!(record.before.as_ref().unwrap().iter().filter(|n| n.is_established()).count(), 2);
    assert!(record.findings.is_empty() && record.undo_at.is_some() && record.ended.is_some());
    assert_eq!(recover(&router, &id()).await.unwrap().trace, Trace::Confirmed { persistent: true });
    // the timer is armed before the change, and confirming is done on a connection made after it
    let log = router.log();
    let at = |op: Op| log.iter().position(|o| *o == op).unwrap();
    assert!(at(Op::Arm) < at(Op::Apply));
    assert!(log[at(Op::Apply)..at(Op::Confirm)].contains(&Op::Connect));
}

#[tokio::test]
async fn a_lost_session_is_taken_back_before_the_timer() {
    let (router, clock) = world();
    let start = clock_time(&clock);
    let record = run(&plan(BREAKING), &router, &clock).await;
    let Some(Outcome::RolledBack { by: Undo::Us, words }) = &record.outcome else { panic!("{:?}", record.outcome) };
    assert!(words.contains("192.0.2.1 was established and is Active"), "{words}");
    assert_eq!((router.running().as_str(), router.boot().as_str(), record.restored), (BEFORE, BEFORE, Some(true)));
    let gate = record.steps.iter().find(|s| s.step == Step::Gate).unwrap();
    assert!(!gate.succeeded && gate.took_ms <= 240_000, "the gate closes a minute before the timer: {}", gate.took_ms);
    assert!(clock_time(&clock) - start < Duration::from_secs(300));
    assert!(record.after.unwrap().iter().filter(|n| n.is_established()).count() == 2, "the session came back");
}

fn clock_time(clock: &peerage_devices::testing::HandClock) -> Duration {
    peerage_devices::Clock::elapsed(clock)
}

#[tokio::test]
async fn a_cut_management_is_undone_by_the_device() {
    let (router, clock) = world();
    let record = run(&plan(CUTTING), &router, &clock).await;
    assert!(matches!(record.outcome, Some(Outcome::RolledBack { by: Undo::Timer, .. })), "{:?}", record.outcome);
    assert_eq!((router.running().as_str(), router.boot().as_str(), record.restored), (BEFORE, BEFORE, Some(true)));
}

#[tokio::test]
async fn a_peer_that_never_answered_is_no_failure() {
    let (router, clock) = world();
    // .3 is down before and after, .5 is new and silent
    let record = run(&plan(GOOD), &router, &clock).await;
    assert_eq!(record.outcome, Some(Outcome::Confirmed));
    let down: Vec<_> = record
        .after
        .unwrap()
        .into_iter()
        .filter(|n| !n.is_established())
        .map(|n| n.address.unwrap().to_string())
        .collect();
    assert!(down.contains(&"192.0.2.3".to_owned()) && down.contains(&"192.0.2.5".to_owned()));
}

#[tokio::test]
async fn a_session_that_the_push_removes_is_outside_the_scope() {
    let (router, clock) = world();
    let without = "hostname scripted\nneighbor 192.0.2.2 as 64502\n";
    let mut narrow = plan(without);
    narrow.gate = Gate { scope: Some(["192.0.2.2".parse().unwrap()].into()), ..Gate::default() };
    assert_eq!(run(&narrow, &router, &clock).await.outcome, Some(Outcome::Confirmed));
    let (router, clock) = world();
    assert!(matches!(run(&plan(without), &router, &clock).await.outcome, Some(Outcome::RolledBack { .. })));
}

#[tokio::test]
async fn a_session_may_come_back_within_the_gate() {
    let (router, clock) = world();
    // its line changes, so it starts anew and takes twenty seconds
    router.peer("192.0.2.2", Peer { comes_up_after: Duration::from_secs(20), ..Peer::well() });
    let record = run(&plan(&BEFORE.replace("as 64502", "as 64502 again")), &router, &clock).await;
    assert_eq!(record.outcome, Some(Outcome::Confirmed), "{record:?}");
    assert!(record.steps.iter().find(|s| s.step == Step::Gate).unwrap().took_ms >= 20_000);
}

#[tokio::test]
async fn prefixes_below_the_floor_are_taken_back() {
    let (router, clock) = world();
    let mut watched = plan(GOOD);
    watched.gate.prefix_floor = Some(50);
    let bad = router.clone();
    let observer = Watcher::new(move |_| {
        if bad.log().contains(&Op::Apply) {
            bad.peer("192.0.2.2", Peer { prefixes: 1, ..Peer::well() });
        }
    });
    let record = push(&watched, &router, &*clock, &observer, &CancellationToken::new()).await;
    assert!(
        matches!(&record.outcome, Some(Outcome::RolledBack { words, .. }) if words.contains("1 ipv4 unicast prefixes")),
        "{:?}",
        record.outcome
    );
}

#[tokio::test]
async fn an_attended_push_waits_for_somebody_who_keeps_it() {
    let attended = Plan { attended: true, ..plan(GOOD) };
    // nobody comes
    let (router, clock) = world();
    let record = run(&attended, &router, &clock).await;
    assert!(
        matches!(&record.outcome, Some(Outcome::RolledBack { by: Undo::Us, words }) if words.contains("nobody has said")),
        "{:?}",
        record.outcome
    );
    assert_eq!((router.running().as_str(), router.boot().as_str()), (BEFORE, BEFORE));
    // somebody does, once it says that it waits
    let (router, clock) = world();
    let observer = Watcher { keeps: true, ..Watcher::new(|_| {}) };
    let record = push(&attended, &router, &*clock, &observer, &CancellationToken::new()).await;
    assert_eq!(record.outcome, Some(Outcome::Confirmed));
    let gate = record.steps.iter().find(|s| s.step == Step::Gate).unwrap();
    assert!(gate.words.ends_with("alice keeps it") && gate.took_ms >= 6_000, "{gate:?}");
    // not while a session is lost, whoever wants it
    let (router, clock) = world();
    let record =
        push(&Plan { attended: true, ..plan(BREAKING) }, &router, &*clock, &observer, &CancellationToken::new()).await;
    assert!(matches!(&record.outcome, Some(Outcome::RolledBack { .. })), "{:?}", record.outcome);
}

#[tokio::test]
async fn a_check_changes_nothing_and_its_difference_can_be_approved() {
    let (router, clock) = world();
    let check = run(&Plan::new(id(), GOOD, Mode::Check), &router, &clock).await;
    assert_eq!(check.outcome, Some(Outcome::Checked));
    assert_eq!(router.running(), BEFORE);
    assert!(!router.log().contains(&Op::Arm));
    let approved = Plan::new(id(), GOOD, Mode::Push(Approval::Diff { sha256: check.diff_sha256.unwrap() }));
    // someone else changes the device in between
    router.change_by_hand(&format!("{BEFORE}banner hello\n"));
    let record = run(&approved, &router, &clock).await;
    assert!(
        matches!(&record.outcome, Some(Outcome::Refused { words }) if words.contains("check again")),
        "{:?}",
        record.outcome
    );
    assert!(!router.log().contains(&Op::Arm));
    router.change_by_hand(BEFORE);
    clock.advance(Duration::from_secs(10));
    assert_eq!(run(&approved, &router, &clock).await.outcome, Some(Outcome::Confirmed));
}

#[tokio::test]
async fn nothing_to_change_is_said() {
    let (router, clock) = world();
    assert_eq!(run(&plan(BEFORE), &router, &clock).await.outcome, Some(Outcome::NothingToDo));
}

#[tokio::test]
async fn lines_that_are_not_ours_are_counted_and_bounded() {
    let (router, clock) = world();
    router.change_by_hand(&format!("{BEFORE}by hand 1\nby hand 2\n"));
    clock.advance(Duration::from_secs(10));
    let mut bounded = Plan::new(id(), GOOD, Mode::Push(Approval::Bounded { foreign_removed: 1 }));
    bounded.former = Some(BEFORE.into());
    let record = run(&bounded, &router, &clock).await;
    assert_eq!(record.foreign_removed, Some(2));
    assert!(
        matches!(&record.outcome, Some(Outcome::Refused { words }) if words.contains("2 lines")),
        "{:?}",
        record.outcome
    );
    assert!(!router.log().contains(&Op::Arm));
    bounded.mode = Mode::Push(Approval::Bounded { foreign_removed: 2 });
    assert_eq!(run(&bounded, &router, &clock).await.outcome, Some(Outcome::Confirmed));
}

#[tokio::test]
async fn texts_that_cannot_be_a_configuration_never_reach_the_device() {
    let (router, clock) = world();
    for text in ["", " \n\t\n", "neighbor 192.0.2.1 password ********\n", "a\0b"] {
        assert!(matches!(run(&plan(text), &router, &clock).await.outcome, Some(Outcome::Refused { .. })), "{text:?}");
    }
    let mut hasty = plan(GOOD);
    hasty.margin = hasty.timer;
    assert!(matches!(run(&hasty, &router, &clock).await.outcome, Some(Outcome::Refused { .. })));
    assert_eq!(router.log(), []);
}

#[tokio::test]
async fn a_record_that_cannot_be_kept_stops_the_push() {
    let (router, clock) = world();
    let observer = Watcher { refuses: Some("the database is gone".into()), ..Watcher::new(|_| {}) };
    let record = push(&plan(GOOD), &router, &*clock, &observer, &CancellationToken::new()).await;
    assert!(matches!(&record.outcome, Some(Outcome::Refused { words }) if words.contains("the database is gone")));
    assert_eq!(router.running(), BEFORE);
    assert!(!router.log().contains(&Op::Arm));
}

#[tokio::test]
async fn a_platform_without_a_timer_or_lock_has_another_plan() {
    let (router, clock) = world();
    router.set_capabilities(|can| can.timer = Timer::None);
    assert!(matches!(run(&plan(GOOD), &router, &clock).await.outcome, Some(Outcome::Refused { .. })));
    assert_eq!(
        run(&Plan::new(id(), GOOD, Mode::Check), &router, &clock).await.outcome,
        Some(Outcome::Checked),
        "a check needs no timer"
    );
    router.set_capabilities(|can| {
        can.timer = Timer::Native { shortest: 60, longest: 3_600, step: 60 };
        can.lock = Support::None;
        can.validate = Validation::None;
    });
    let mut minutes = plan(GOOD);
    minutes.timer = Duration::from_secs(90);
    let record = run(&minutes, &router, &clock).await;
    assert_eq!(record.outcome, Some(Outcome::Confirmed));
    assert!(!record.steps.iter().any(|s| matches!(s.step, Step::Lock | Step::Validate)));
    let left = record.undo_at.unwrap() - record.steps.iter().find(|s| s.step == Step::Arm).unwrap().started;
    assert_eq!(left.num_seconds(), 120, "whole minutes, rounded up");
    minutes.timer = Duration::from_secs(7_200);
    assert!(matches!(run(&minutes, &router, &clock).await.outcome, Some(Outcome::Refused { .. })));
}

#[tokio::test]
async fn a_probe_says_what_works_and_stops_where_it_does_not() {
    let (router, clock) = world();
    let well = peerage_devices::probe(&router, &*clock).await;
    assert!(well.is_well());
    assert_eq!(
        well.parts.iter().map(|p| p.name).collect::<Vec<_>>(),
        ["connection", "daemon", "configuration", "sessions"]
    );
    assert_eq!(well.parts[3].words, "3 sessions, 2 of them established");
    router.set_faults(peerage_devices::testing::Faults { other_host_key: true, ..Default::default() });
    let refused = peerage_devices::probe(&router, &*clock).await;
    assert_eq!((refused.parts.len(), refused.parts[0].label), (1, Some("host_key_changed")));
    assert_eq!(refused.host_key.unwrap().key, "other");
}

#[tokio::test]
async fn every_step_is_told_with_its_time_and_no_secret() {
    let (router, clock) = world();
    let observer = Watcher::new(|_| {});
    let record = push(&plan(BREAKING), &router, &*clock, &observer, &CancellationToken::new()).await;
    let events = observer.events.lock().unwrap();
    for step in &record.steps {
        assert!(events.iter().any(|e| e.step == step.step && e.kind == EventKind::Started));
        assert!(events.iter().any(|e| e.step == step.step && matches!(e.kind, EventKind::Finished { .. } | EventKind::Failed { .. })));
    }
    assert!(events.iter().any(|e| matches!(e.kind, EventKind::Note { seconds_left: Some(1..) })), "a countdown");
    let told = serde_json::to_string(&*events).unwrap();
    let record_as_json = serde_json::to_string(&record).unwrap();
    assert!(
        record_as_json.contains("password ********") && record.diff.as_ref().unwrap().text.contains("other-secret")
    );
    let everything = format!("{told}{record_as_json}{record:?}{:?}", plan(BREAKING));
    for secret in ["planted-secret", "other-secret"] {
        assert!(!everything.contains(secret), "{everything}");
    }
}
