//! What the engine makes of devices and connections that fail, of being stopped, and of dying.

use crate::world::*;
use peerage_devices::{
    DeviceError, Outcome, Step, Trace, Undo, push, recover,
    testing::{Fault, Faults, Op},
    undo,
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

async fn with(faults: Faults) -> (peerage_devices::Record, peerage_devices::testing::ScriptedRouter) {
    let (router, clock) = world();
    router.set_faults(faults);
    (run(&plan(GOOD), &router, &clock).await, router)
}

fn label(record: &peerage_devices::Record) -> &str {
    match record.outcome.as_ref().unwrap() {
        Outcome::Failed { label, .. } => label,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_fails_before_the_change_leaves_the_device_alone() {
    for (faults, wanted) in [
        (Faults { login_refused: true, ..Faults::default() }, "login_refused"),
        (Faults { other_host_key: true, ..Faults::default() }, "host_key_changed"),
        (Faults { locked_by: Some("alice".into()), ..Faults::default() }, "locked"),
        (Faults { syntax_error_at: Some(3), ..Faults::default() }, "syntax_error"),
        (Faults { semantic_error: true, ..Faults::default() }, "semantic_error"),
    ] {
        let (record, router) = with(faults).await;
        assert_eq!(label(&record), wanted);
        assert_eq!((router.running().as_str(), router.boot().as_str()), (BEFORE, BEFORE));
        assert!(!router.log().contains(&Op::Arm) && !router.is_locked());
        assert!(record.ended.is_some() && !record.steps.last().unwrap().words.is_empty());
    }
    let (record, _) = with(Faults { locked_by: Some("alice".into()), ..Faults::default() }).await;
    assert!(matches!(record.outcome, Some(Outcome::Failed { words, .. }) if words.contains("alice")));
}

/// Each operation fails once in each way. Whatever it is: in the end the device runs the old or, confirmed, the new
/// configuration, boots with the same, and the outcome says which.
#[tokio::test]
async fn one_failure_anywhere_ends_well() {
    for op in Op::ALL {
        for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Hang] {
            for text in [GOOD, BREAKING] {
                let (router, clock) = world();
                router.set_faults(Faults { at: [(op, fault)].into(), ..Faults::default() });
                let record = run(&plan(text), &router, &clock).await;
                // whatever timer was left has ended by then
                clock.advance(Duration::from_secs(1_000));
                let outcome = record.outcome.clone().unwrap();
                let wanted = if outcome.is_applied() { GOOD } else { BEFORE };
                assert_eq!(
                    (router.running().as_str(), router.boot().as_str()),
                    (wanted, wanted),
                    "{op:?} {fault:?}: {outcome:?}"
                );
                assert!(!outcome.is_applied() || text == GOOD, "{op:?} {fault:?}: a broken session was confirmed");
                assert!(!router.is_locked(), "{op:?} {fault:?}");
                assert!(!matches!(outcome, Outcome::Unknown { .. }), "{op:?} {fault:?}: {outcome:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_timer_that_started_unheard_is_stopped() {
    use peerage_devices::Driver;
    let (record, router) = with(Faults { at: [(Op::Arm, Fault::CutAfter)].into(), ..Faults::default() }).await;
    assert_eq!(label(&record), "answer_cut");
    router.connect().await.unwrap().lock(&id()).await.expect("no timer stands in the way of the next push");
}

#[tokio::test]
async fn a_reply_that_is_lost_after_applying_leads_back() {
    let (record, router) = with(Faults { at: [(Op::Apply, Fault::CutAfter)].into(), ..Faults::default() }).await;
    assert!(
        matches!(&record.outcome, Some(Outcome::RolledBack { by: Undo::Us, words }) if words.contains("did not say so")),
        "{:?}",
        record.outcome
    );
    assert_eq!(router.running(), BEFORE);
}

#[tokio::test]
async fn a_reply_that_is_lost_after_confirming_is_asked_for() {
    let (record, router) = with(Faults { at: [(Op::Confirm, Fault::CutAfter)].into(), ..Faults::default() }).await;
    assert_eq!(record.outcome, Some(Outcome::Confirmed));
    assert_eq!(router.boot(), GOOD);
    assert_eq!(router.log().iter().filter(|o| **o == Op::Confirm).count(), 1, "never confirmed blindly a second time");
}

#[tokio::test]
async fn a_change_that_fails_halfway_is_taken_back() {
    let (record, router) = with(Faults { partial_apply: true, ..Faults::default() }).await;
    assert!(matches!(record.outcome, Some(Outcome::RolledBack { by: Undo::Us, .. })), "{:?}", record.outcome);
    assert_eq!((router.running().as_str(), record.restored), (BEFORE, Some(true)));
}

#[tokio::test]
async fn a_timer_that_died_is_noticed_and_the_change_taken_back() {
    let (record, router) = with(Faults { timer_dies: true, ..Faults::default() }).await;
    assert!(
        matches!(&record.outcome, Some(Outcome::RolledBack { by: Undo::Us, words }) if words.contains("has ended")),
        "{:?}",
        record.outcome
    );
    assert_eq!(router.running(), BEFORE);
}

#[tokio::test]
async fn confirming_too_late_is_not_confirmed() {
    for faults in [
        Faults { slow_confirm: Duration::from_secs(400), ..Faults::default() },
        Faults { slow_apply: Duration::from_secs(400), ..Faults::default() },
    ] {
        let (record, router) = with(faults).await;
        assert!(matches!(record.outcome, Some(Outcome::RolledBack { by: Undo::Timer, .. })), "{:?}", record.outcome);
        assert_eq!((router.running().as_str(), router.boot().as_str()), (BEFORE, BEFORE));
    }
}

#[tokio::test]
async fn what_would_not_survive_a_reboot_is_said() {
    let (record, router) = with(Faults { not_persistent: true, ..Faults::default() }).await;
    assert!(matches!(&record.outcome, Some(Outcome::ConfirmedNotPersistent { words }) if words.contains("disk")));
    assert_eq!((router.running().as_str(), router.boot().as_str()), (GOOD, BEFORE));
}

/// Cancelled at the first, second, third ... event.
#[tokio::test]
async fn cancelling_at_any_point_leads_back() {
    let mut ended_by_itself = false;
    for stop_at in 1..60 {
        let (router, clock) = world();
        let cancel = CancellationToken::new();
        let token = cancel.clone();
        let observer = Watcher::new(move |number| {
            if number == stop_at {
                token.cancel();
            }
        });
        let record = push(&plan(GOOD), &router, &*clock, &observer, &cancel).await;
        let outcome = record.outcome.unwrap();
        let wanted = match outcome {
            // confirmed already, or while it was being confirmed
            Outcome::Confirmed => GOOD,
            Outcome::Cancelled | Outcome::RolledBack { by: Undo::Us, .. } => BEFORE,
            other => panic!("{stop_at}: {other:?}"),
        };
        ended_by_itself |= wanted == GOOD;
        assert_eq!((router.running().as_str(), router.boot().as_str()), (wanted, wanted), "{stop_at}");
        assert!(!router.is_locked());
        if wanted == BEFORE && !matches!(record.steps.last().unwrap().step, Step::Connect | Step::Lock | Step::Baseline)
        {
            assert!(
                matches!(recover(&router, &id()).await.unwrap().trace, Trace::Undone { by: Undo::Us }),
                "{stop_at}"
            );
        }
    }
    assert!(ended_by_itself);
}

/// A device that falls silent in any step up to the difference, and one that is silent as well when what was loaded is to be taken
/// off it again.
#[tokio::test]
async fn cancelling_does_not_wait_for_a_device_that_is_silent() {
    let silent = [
        (Op::Facts, Step::Connect),
        (Op::Lock, Step::Lock),
        (Op::Running, Step::Baseline),
        (Op::Neighbours, Step::Baseline),
        (Op::Load, Step::Load),
        (Op::Validate, Step::Validate),
        (Op::Diff, Step::Diff),
    ];
    for ((op, step), later) in silent.into_iter().flat_map(|one| [(one, None), (one, Some(Op::Discard))]) {
        let (router, clock) = world();
        let at = [Some(op), later].into_iter().flatten().map(|op| (op, Fault::Forever)).collect();
        router.set_faults(Faults { at, ..Faults::default() });
        let (plan, cancel, observer) = (plan(GOOD), CancellationToken::new(), Watcher::new(|_| {}));
        let cancelling = async {
            let begun = || observer.events.lock().unwrap().iter().any(|event| event.step == step);
            while !begun() {
                tokio::task::yield_now().await;
            }
            // it is in the middle of it
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let both = async { tokio::join!(push(&plan, &router, &*clock, &observer, &cancel), cancelling) };
        let ended = tokio::time::timeout(Duration::from_secs(20), both).await;
        let (record, ()) = ended.unwrap_or_else(|_| panic!("{op:?} {later:?} is waited for"));
        assert_eq!(record.outcome, Some(Outcome::Cancelled), "{op:?} {later:?}: {record:?}");
        assert_eq!((router.running().as_str(), router.boot().as_str()), (BEFORE, BEFORE), "{op:?}");
        assert!(!router.is_locked() && !router.log().contains(&Op::Arm), "{op:?}");
        let loaded = record.steps.iter().any(|one| one.step == Step::Load);
        let discarded = record.steps.iter().find(|one| one.step == Step::Discard).map(|one| one.succeeded);
        assert_eq!(discarded, loaded.then_some(later.is_none()), "{op:?} {later:?}: {record:?}");
        // the next one finds its way
        assert_eq!(run(&plan, &router, &clock).await.outcome, Some(Outcome::Confirmed), "{op:?} {later:?}");
    }
}

/// While the gate waits for a lost session, cancelling does not wait with it.
#[tokio::test]
async fn cancelling_the_gate_leads_back_at_once() {
    let (router, clock) = world();
    let cancel = CancellationToken::new();
    let (token, watched) = (cancel.clone(), router.clone());
    let observer = Watcher::new(move |_| {
        if watched.log().contains(&Op::Apply) {
            token.cancel();
        }
    });
    let record = push(&plan(BREAKING), &router, &*clock, &observer, &cancel).await;
    assert!(
        matches!(&record.outcome, Some(Outcome::RolledBack { by: Undo::Us, words }) if words == "it was cancelled"),
        "{:?}",
        record.outcome
    );
    assert!(record.steps.iter().find(|s| s.step == Step::Gate).unwrap().took_ms < 5_000);
}

/// We die at the first, second, third ... event: the device takes back what was not confirmed, and the next start says so.
#[tokio::test]
async fn dying_at_any_point_leaves_the_old_or_the_confirmed() {
    let mut seen = std::collections::HashSet::new();
    for die_at in 1..40 {
        let (router, clock) = world();
        let died = Arc::new(tokio::sync::Notify::new());
        let notify = died.clone();
        let observer = Watcher::new(move |number| {
            if number == die_at {
                notify.notify_one();
            }
        });
        {
            let cancel = CancellationToken::new();
            let plan = plan(GOOD);
            tokio::select! {
                biased;
                () = died.notified() => {}
                record = push(&plan, &router, &*clock, &observer, &cancel) => { assert_eq!(record.outcome, Some(Outcome::Confirmed)); }
            }
        }
        let found = recover(&router, &id()).await.unwrap();
        seen.insert(std::mem::discriminant(&found.trace));
        match found.trace {
            Trace::Pending { .. } => {
                assert!(!found.settled);
                clock.advance(Duration::from_secs(301));
                assert_eq!(recover(&router, &id()).await.unwrap().trace, Trace::Undone { by: Undo::Timer });
                assert_eq!((router.running().as_str(), router.boot().as_str()), (BEFORE, BEFORE), "{die_at}");
            }
            Trace::Confirmed { persistent: true } => {
                assert_eq!((router.running().as_str(), router.boot().as_str()), (GOOD, GOOD))
            }
            _ => assert_eq!((router.running().as_str(), router.boot().as_str()), (BEFORE, BEFORE), "{die_at}"),
        }
        assert!(!router.is_locked());
    }
    assert!(seen.len() >= 4, "unknown, loaded, pending and confirmed were all seen");
}

#[tokio::test]
async fn after_a_crash_it_can_be_taken_back_at_once() {
    let (router, clock) = world();
    let died = Arc::new(tokio::sync::Notify::new());
    let (notify, watched) = (died.clone(), router.clone());
    let observer = Watcher::new(move |_| {
        if watched.log().contains(&Op::Apply) {
            notify.notify_one();
        }
    });
    let (plan, cancel) = (plan(GOOD), CancellationToken::new());
    tokio::select! {
        biased;
        () = died.notified() => {}
        _ = push(&plan, &router, &*clock, &observer, &cancel) => panic!("it should have died"),
    }
    assert_eq!(router.running(), GOOD);
    assert_eq!(undo(&router, &id()).await.unwrap().trace, Trace::Undone { by: Undo::Us });
    assert_eq!(router.running(), BEFORE);
}

#[tokio::test]
async fn two_pushes_at_once_do_not_meet() {
    let (router, _) = world();
    use peerage_devices::Driver;
    let (mut one, mut two) = (router.connect().await.unwrap(), router.connect().await.unwrap());
    one.lock(&id()).await.unwrap();
    assert!(matches!(two.lock(&id()).await, Err(DeviceError::Locked { .. })));
    drop(one);
    two.lock(&id()).await.unwrap();
}
