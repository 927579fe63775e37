//! A push as it is kept: what `peerage-devices` tells of it, in the fields of [`PUSH`]. Texts with passwords are sealed; what
//! stands in clear has none.

use super::Hidden;
use peerage_devices::{Approval, Mode, Neighbour, Outcome, Record as Evidence};
use peerage_model::{
    Record, Value,
    types::{CHECK, PUSH, PUSH_MODE, PushOutcome},
};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Characters of a sentence that is kept.
const MOST_WORDS: usize = 2_000;

pub fn outcome(outcome: &Outcome) -> PushOutcome {
    match outcome {
        Outcome::NothingToDo => PushOutcome::NothingToDo,
        Outcome::Checked => PushOutcome::Checked,
        Outcome::Refused { .. } => PushOutcome::Refused,
        Outcome::Failed { .. } => PushOutcome::Failed,
        Outcome::Cancelled => PushOutcome::Cancelled,
        Outcome::Confirmed => PushOutcome::Confirmed,
        Outcome::ConfirmedNotPersistent { .. } => PushOutcome::NotPersistent,
        Outcome::RolledBack { .. } => PushOutcome::RolledBack,
        Outcome::Unknown { .. } => PushOutcome::Unknown,
    }
}

/// The mode of a push as it is stored.
pub fn mode(check: bool) -> &'static str {
    if check { CHECK } else { PUSH_MODE }
}

/// A record of the mode that a plan has.
pub fn mode_of(approved: Option<&str>) -> Mode {
    match approved {
        None => Mode::Check,
        Some(sha256) => Mode::Push(Approval::Diff { sha256: sha256.to_owned() }),
    }
}

/// One that has begun.
pub fn begun(router: &Record, check: bool, push_id: &str, now: i64) -> Record {
    Record::new(&PUSH)
        .with("time", Value::Time(now))
        .with("router", Value::Int(router.id))
        .with("router_name", Value::text(router.text("name")))
        .with("mode", Value::text(mode(check)))
        .with("push_id", Value::text(push_id))
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn short(words: &str) -> Value {
    Value::text(words.chars().take(MOST_WORDS).collect::<String>())
}

/// With all that is known of it so far.
pub fn with_evidence(mut row: Record, so_far: &Evidence, hidden: &Hidden) -> Record {
    row.set("text_sha256", Value::text(so_far.text_sha256.as_str()));
    if let Some(diff) = &so_far.diff {
        row.set("diff", Value::text(diff.text.as_str()));
        row.set("masked_diff", Value::text(hidden.of(&diff.text)));
        row.set("added", count(diff.added));
        row.set("removed", count(diff.removed));
    }
    row.set("foreign_removed", so_far.foreign_removed.map_or(Value::Null, count));
    row.set("diff_sha256", Value::text(so_far.diff_sha256.as_deref().unwrap_or_default()));
    if let Some(former) = &so_far.former {
        row.set("former", Value::text(former.expose()));
    }
    if let Some(facts) = &so_far.facts {
        row.set("software", Value::text(hidden.of(&facts.version).chars().take(200).collect::<String>()));
    }
    if let Some(key) = &so_far.host_key {
        row.set("host_key", Value::text(key.to_string()));
    }
    if let Some(at) = so_far.undo_at {
        row.set("undo_at", Value::Time(at.timestamp_micros()));
    }
    let neighbours = |all: &Option<Vec<Neighbour>>| all.as_ref().map(|all| told(all, hidden));
    let findings: Vec<String> = so_far.findings.iter().map(|finding| hidden.of(&finding.to_string())).collect();
    let evidence = json!({
        "platform": so_far.platform,
        "hostname": so_far.facts.as_ref().and_then(|facts| facts.hostname.as_deref()),
        "diff_by_device": so_far.diff.as_ref().map(|diff| diff.by_device),
        "former_sha256": so_far.former_sha256,
        "before": neighbours(&so_far.before),
        "after": neighbours(&so_far.after),
        "findings": findings,
        "restored": so_far.restored,
    });
    row.set("evidence", Value::Json(Arc::new(evidence)));
    if let Some(ended) = &so_far.outcome {
        let words = hidden.of(&ended.words(row.text("mode") == CHECK));
        row = closed(row, outcome(ended), &words, so_far.ended.map(|at| at.timestamp_micros()));
    }
    row
}

/// What was seen of sessions, without what is not needed to judge.
fn told(neighbours: &[Neighbour], hidden: &Hidden) -> Json {
    let one = |one: &Neighbour| {
        json!({
            "vrf": one.vrf,
            "address": one.address,
            "remote_as": one.remote_as,
            "state": one.state,
            "admin_down": one.admin_down,
            "reason": one.reason.as_deref().map(|reason| hidden.of(reason)),
            "prefixes": one.families.iter().map(|family| {
                json!([family.afi, family.safi, family.received, family.accepted, family.advertised])
            }).collect::<Vec<_>>(),
        })
    };
    neighbours.iter().map(one).collect()
}

/// One that has ended.
pub fn closed(row: Record, outcome: PushOutcome, words: &str, ended: Option<i64>) -> Record {
    let ended = ended.unwrap_or_else(crate::jobs::now);
    let began = row.get("time").as_time().unwrap_or(ended);
    row.with("outcome", Value::text(outcome.code()))
        .with("words", short(words))
        .with("ended", Value::Time(ended))
        .with("milliseconds", Value::Int((ended - began).max(0) / 1_000))
}
