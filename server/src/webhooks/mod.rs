//! Webhooks are told of changes. The commit of a change stores a delivery for each webhook that is told of it (`store::deliveries`); here
//! they are sent: those of one webhook one after the other and in their order, those of different webhooks side by side, by
//! whichever process takes one first.
//!
//! What must stay true: a delivery ends by being answered with 2xx, by being tried often enough, or by saying why it cannot be sent; one
//! whose process was killed is sent again once its claim is over, so that a receiver may hear twice and never not at all. While
//! a receiver is away its younger deliveries wait, and it is not hammered; only what somebody asks for goes before.

mod conditions;
mod message;

use crate::jobs::{cut, micros, now};
use message::Message;
use peerage_model::{
    Filter, Label, ListQuery, Permit, Problem, Record, Sort, Value, Who,
    filter::{Op, Path, Term, equals},
    permit::{Change, Rights, View},
    types::{CHANGE, DeliveryStatus, MOST_ANSWER, WEBHOOK, WEBHOOK_DELIVERY},
};
use peerage_store::{Store, StoreError, Tail};
use peerage_sync::webhook::{Answer, Caller};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// How often and how patiently deliveries are tried.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Before each further try; after the last of them it is given up.
    pub waits: Arc<[Duration]>,
    /// The longest that a receiver that is away holds its younger deliveries back.
    pub longest_pause: Duration,
    /// The longest that one is left alone because it asks for it.
    pub longest_asked: Duration,
    /// Older ones are not tried again.
    pub oldest: Duration,
    /// A process that has taken a delivery and was not heard of for so long has gone.
    pub claim: Duration,
    /// How often it is looked for deliveries without being woken.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let seconds = [10, 60, 300, 900, 3_600, 3 * 3_600];
        Self {
            waits: seconds.map(Duration::from_secs).into(),
            longest_pause: Duration::from_secs(300),
            longest_asked: Duration::from_secs(3_600),
            oldest: Duration::from_secs(24 * 3_600),
            claim: Duration::from_secs(45),
            look: Duration::from_secs(1),
        }
    }
}

/// Webhooks that are served at the same time.
const AT_ONCE: usize = 8;

/// Reads and writes deliveries, which are nobody's edit.
pub fn system() -> Who {
    Who::system("webhooks")
}

/// Looks up what is told: everything, and no secret.
fn reader() -> Who {
    let rights = Rights { may_write: false, ..Rights::only(["*.view_*"]) };
    Who { rights: rights.into(), ..system() }
}

/// Whom deliveries are made to at the moment, and who is left alone until when.
#[derive(Default)]
struct Standing {
    busy: Vec<i64>,
    paused: HashMap<i64, i64>,
}

/// Sends deliveries, as long as [`Deliverer::run`] runs.
pub struct Deliverer {
    store: Store,
    caller: Caller,
    pace: Pace,
    stop: CancellationToken,
    standing: Mutex<Standing>,
    freed: Notify,
}

/// Which deliveries are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Any,
    /// Tests and what is sent again.
    AskedFor,
}

/// How a try came out.
#[derive(Debug)]
struct Tried {
    status: DeliveryStatus,
    words: String,
    answer: Option<Answer>,
    /// Where it was sent to, without path and query, which may hold a key.
    receiver: String,
    /// The receiver as a whole is away.
    away: bool,
}

impl Tried {
    fn ended(status: DeliveryStatus, words: impl Into<String>) -> Self {
        Self { status, words: words.into(), answer: None, receiver: String::new(), away: false }
    }
}

impl Deliverer {
    /// A process that was not heard of for a `lease` has gone.
    pub fn new(store: Store, caller: Caller, lease: Duration) -> Self {
        Self::with(store, caller, Pace { claim: lease, ..Pace::default() })
    }

    pub fn with(store: Store, caller: Caller, pace: Pace) -> Self {
        Self { store, caller, pace, stop: CancellationToken::new(), standing: Mutex::default(), freed: Notify::new() }
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until nothing is being sent any more.
    pub async fn ended(&self) {
        while !self.standing().busy.is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what waits, until [`Deliverer::stop`].
    pub async fn run(self: Arc<Self>) {
        let mut tail: Option<Tail> = None;
        let mut failing = false;
        while !self.stop.is_cancelled() {
            if let Err(error) = self.look().await {
                if !failing {
                    tracing::warn!(%error, "webhooks' deliveries cannot be looked for; trying again");
                }
                failing = true;
                tail = None;
            } else {
                failing = false;
            }
            if tail.is_none() {
                tail = self.store.follow().await.ok();
            }
            let told = async {
                match &mut tail {
                    Some(tail) => tail.next().await.is_ok(),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.freed.notified() => {}
                heard = told => if !heard { tail = None },
                () = sleep(self.pace.look) => {}
            }
        }
    }

    /// Begins to serve every webhook that has something due and is neither being served nor left alone.
    async fn look(self: &Arc<Self>) -> Result<(), Problem> {
        let time = now();
        if self.due(None, time, Due::Any).await?.is_none() {
            return Ok(());
        }
        let query = ListQuery { fields: Vec::new(), ..ListQuery::all(&WEBHOOK).unpaged() };
        let webhooks = self.store.records(&system().permit::<View>(&WEBHOOK)?, &query).await?;
        for webhook in webhooks {
            let id = webhook.id;
            let left_alone = {
                let mut standing = self.standing();
                standing.paused.retain(|_, until| *until > time);
                if standing.busy.contains(&id) || standing.busy.len() >= AT_ONCE {
                    continue;
                }
                standing.paused.contains_key(&id)
            };
            if left_alone && self.due(Some(id), time, Due::AskedFor).await?.is_none() {
                continue;
            }
            self.standing().busy.push(id);
            let deliverer = self.clone();
            tokio::spawn(async move {
                if let Err(error) = deliverer.serve(id).await {
                    tracing::warn!(webhook = id, %error, "a webhook's deliveries wait");
                }
                deliverer.standing().busy.retain(|busy| *busy != id);
                deliverer.freed.notify_one();
            });
        }
        Ok(())
    }

    /// The oldest delivery whose time has come.
    async fn due(&self, webhook: Option<i64>, time: i64, which: Due) -> Result<Option<Record>, Problem> {
        let permit: Permit<View> = system().permit(&WEBHOOK_DELIVERY)?;
        let wrong = |words: String| Problem::new(Label::Internal, words);
        let path = Path::parse(&WEBHOOK_DELIVERY, "due").map_err(wrong)?;
        let mut terms = vec![Term { negate: false, path, op: Op::Le, values: vec![Value::Time(time)] }];
        if let (Some(webhook), Some(field)) = (webhook, WEBHOOK_DELIVERY.field("webhook")) {
            terms.push(equals(field, Value::Int(webhook)));
        }
        if which == Due::AskedFor {
            let path = Path::parse(&WEBHOOK_DELIVERY, "asked_by").map_err(wrong)?;
            terms.push(Term { negate: true, path, op: Op::Eq, values: vec![Value::text("")] });
        }
        let sort = vec![Sort::parse(&WEBHOOK_DELIVERY, "id").map_err(wrong)?];
        let filter = Filter { terms, words: Vec::new() };
        let query = ListQuery { sort, limit: 1, count: false, ..ListQuery::all(&WEBHOOK_DELIVERY) }.filtered(filter);
        Ok(self.store.records(&permit, &query).await?.pop())
    }

    /// Sends what a webhook has due, one after the other: first what somebody looks at.
    async fn serve(&self, webhook: i64) -> Result<(), Problem> {
        while !self.stop.is_cancelled() {
            let mut next = self.due(Some(webhook), now(), Due::AskedFor).await?;
            if next.is_none() && !self.standing().paused.contains_key(&webhook) {
                next = self.due(Some(webhook), now(), Due::Any).await?;
            }
            let Some(waiting) = next else { return Ok(()) };
            let Some(taken) = self.take(waiting).await? else { return Ok(()) };
            let tried = self.attempt(&taken).await?;
            if let Some(until) = self.note(taken, tried).await? {
                self.standing().paused.insert(webhook, until);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Claims a delivery for a while; none if another process was quicker.
    async fn take(&self, waiting: Record) -> Result<Option<Record>, Problem> {
        let tries = waiting.int("tries").unwrap_or_default() + 1;
        let version = waiting.version;
        let claimed =
            waiting.with("tries", Value::Int(tries)).with("due", Value::Time(now() + micros(self.pace.claim)));
        match self.save(version, claimed).await {
            Ok(taken) => Ok(Some(taken)),
            Err(StoreError::Problem(problem)) if matches!(problem.label, Label::Conflict | Label::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn save(&self, based_on: i64, delivery: Record) -> Result<Record, StoreError> {
        let who = system();
        let mut write = self.store.begin(&who, "").await?;
        let stored = write.update(&who.permit::<Change>(&WEBHOOK_DELIVERY)?, based_on, delivery).await?;
        write.commit().await?;
        Ok(stored)
    }

    /// Makes the request, if it is to be made.
    async fn attempt(&self, delivery: &Record) -> Result<Tried, Problem> {
        let permit: Permit<View> = system().permit(&WEBHOOK)?;
        let found = self.store.get(&permit, delivery.int("webhook").unwrap_or_default()).await?;
        let mut revealed = self.store.reveal(&permit, found.into_iter().collect()).await?;
        let Some(webhook) = revealed.pop() else {
            return Ok(Tried::ended(DeliveryStatus::Failed, "The webhook is gone."));
        };
        let is_test = delivery.flag("test");
        if !webhook.flag("enabled") && !is_test {
            return Ok(Tried::ended(DeliveryStatus::Failed, "The webhook is switched off."));
        }
        let message = match self.message(&webhook, delivery).await {
            Ok(message) => message,
            Err(problem) if problem.label == Label::Unavailable => return Err(problem),
            Err(problem) => return Ok(Tried::ended(DeliveryStatus::Failed, problem.message)),
        };
        if let Value::Json(conditions) = webhook.get("conditions")
            && !is_test
        {
            match conditions::hold(conditions, message.data()) {
                Ok(true) => {}
                Ok(false) => return Ok(Tried::ended(DeliveryStatus::PassedOver, "Its conditions did not hold.")),
                Err(words) => return Ok(Tried::ended(DeliveryStatus::Failed, words)),
            }
        }
        // templates compute: not on a thread that answers others
        let call = match tokio::task::block_in_place(|| message.call(&webhook)) {
            Ok(call) => call,
            Err(words) => return Ok(Tried::ended(DeliveryStatus::Failed, words)),
        };
        let receiver = origin_of(&call.url);
        let tried = match self.caller.call(&call).await {
            Ok(answer) => judge(answer),
            Err(error) if error.may_pass() => {
                Tried { away: true, ..Tried::ended(DeliveryStatus::Waiting, error.to_string()) }
            }
            Err(error) => Tried::ended(DeliveryStatus::Failed, error.to_string()),
        };
        Ok(Tried { receiver, ..tried })
    }

    async fn message(&self, webhook: &Record, delivery: &Record) -> Result<Message, Problem> {
        let Some(change) = delivery.int("change") else {
            if !delivery.flag("test") {
                return Err(Problem::conflict("The change that it tells of is not kept any more."));
            }
            let types = webhook.get("content_types").as_texts();
            let model = types.first().and_then(|key| key.split_once('.')).map_or("", |(_, model)| model);
            let time = delivery.get("time").as_time().unwrap_or_default();
            return Ok(Message::of_test(model, delivery.text("asked_by"), time));
        };
        let change = self.store.get(&system().permit::<View>(&CHANGE)?, change).await?;
        let gone = || Problem::conflict("The change that it tells of is not kept any more.");
        Message::of_change(&self.store, &change.ok_or_else(gone)?).await
    }

    /// Writes how a try came out, and until when the receiver is left alone.
    async fn note(&self, delivery: Record, tried: Tried) -> Result<Option<i64>, Problem> {
        let time = now();
        let tries = usize::try_from(delivery.int("tries").unwrap_or_default()).unwrap_or_default();
        let made = delivery.get("time").as_time().unwrap_or_default();
        // a test is looked at while it is made
        let may_wait = !delivery.flag("test") && time - made < micros(self.pace.oldest);
        let asked = tried.answer.as_ref().and_then(|answer| answer.patience).filter(|_| tried.away);
        let asked = asked.unwrap_or_default().min(self.pace.longest_asked);
        let wait = self.pace.waits.get(tries.saturating_sub(1)).map(|wait| asked.max(*wait));
        let again = wait.filter(|_| tried.status == DeliveryStatus::Waiting && may_wait);
        let status = match (tried.status, again) {
            (DeliveryStatus::Waiting, None) => DeliveryStatus::Failed,
            (status, _) => status,
        };
        let due = again.map(|wait| time + micros(wait));
        let version = delivery.version;
        let number = |number: u128| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let answer = tried.answer.as_ref();
        let ended = delivery
            .with("status", Value::text(status.code()))
            .with("due", due.map_or(Value::Null, Value::Time))
            .with("receiver", Value::text(cut(&tried.receiver, 300)))
            .with("code", answer.map_or(Value::Null, |answer| Value::Int(answer.status.into())))
            .with("milliseconds", answer.map_or(Value::Null, |answer| number(answer.took.as_millis())))
            .with(
                "answer",
                Value::text(answer.map(|answer| cut(&answer.beginning, MOST_ANSWER as usize)).unwrap_or_default()),
            )
            .with("outcome", Value::text(cut(&tried.words, MOST_ANSWER as usize)));
        match self.save(version, ended).await {
            Ok(_) => {}
            // its claim was over, and another process has it; or it was deleted with its webhook
            Err(StoreError::Problem(problem)) if matches!(problem.label, Label::Conflict | Label::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
        let pause = again.filter(|_| tried.away).map(|wait| asked.max(wait.min(self.pace.longest_pause)));
        Ok(pause.map(|pause| time + micros(pause)))
    }
}

/// What an answer means: only 2xx is a success, as its manual says.
fn judge(answer: Answer) -> Tried {
    let status = answer.status;
    let is_well = (200..300).contains(&status);
    let words = match (&answer.location, status) {
        _ if is_well => format!("Answered {status}."),
        (Some(location), 300..=399) => {
            format!(
                "Answered {status}: it wants {} to be asked instead. Redirections are not followed.",
                origin_of(location)
            )
        }
        _ => match answer.patience {
            Some(patience) => format!("Answered {status}, and asks for a pause of {} seconds.", patience.as_secs()),
            None => format!("Answered {status}."),
        },
    };
    let outcome = if is_well { DeliveryStatus::Delivered } else { DeliveryStatus::Waiting };
    // a request that is not liked says nothing of the others
    let away = status == 408 || status == 429 || status >= 500;
    Tried { answer: Some(answer), away, ..Tried::ended(outcome, words) }
}

/// `https://host:port` of an address.
fn origin_of(url: &str) -> String {
    let Some((scheme, rest)) = url.trim().split_once("://") else { return String::new() };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}")
}
