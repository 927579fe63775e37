//! `GET /events`: what was committed, as a stream (server-sent events), so that a page shows other people's changes without
//! asking. `?since=NUMBER` or the header `Last-Event-ID` brings what was missed before what is new.
//!
//! Each event carries its number as id and `{"type", "id", "version", "action"}`; id 0 means many objects of the type. `ready`
//! opens every stream with the number to go on from; `reset` says that too much was missed to be told, so that everything
//! kept is out of date. Only what the person may see is told of (to somebody with a limited permission no
//! deletion is: what is gone cannot be looked at any more), and a lost sign-in ends the stream.

use super::{client::Client, identity, refuse};
use crate::services::Services;
use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures_util::stream;
use peerage_model::{Label, Problem, Who, permit::View};
use peerage_store::{MOST_EVENTS, Told};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    convert::Infallible,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

/// How often the sign-in is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// A new listener is told of so many microseconds before it came: its page may have asked for what it shows just before.
const BEFORE: i64 = 10_000_000;
/// Proxies close what is silent for a minute.
const BEAT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
pub struct Since {
    since: Option<i64>,
}

/// What stands in an event.
#[derive(Serialize)]
struct Line {
    #[serde(rename = "type")]
    of: String,
    id: i64,
    version: i64,
    action: &'static str,
}

/// Opens a stream.
pub async fn stream(
    State(services): State<Services>,
    Query(Since { since }): Query<Since>,
    request: Request,
) -> Response {
    let client = Client::of(services.front(), request.extensions(), request.headers());
    let headers = request.headers().clone();
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    match Listener::open(services, client, headers, last.or(since)).await {
        Ok(listener) => {
            let frames = stream::unfold(listener, async |mut listener| {
                let frame = listener.next().await?;
                Some((Ok::<_, Infallible>(frame), listener))
            });
            // nginx would hold the lines back
            let unbuffered = [(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))];
            (unbuffered, Sse::new(frames).keep_alive(KeepAlive::new().interval(BEAT))).into_response()
        }
        Err(problem) => refuse(&problem),
    }
}

struct Listener {
    services: Services,
    client: Client,
    headers: HeaderMap,
    who: Who,
    looked: Instant,
    live: broadcast::Receiver<Told>,
    closing: CancellationToken,
    /// The newest number that was dealt with.
    last: i64,
    waiting: VecDeque<sse::Event>,
}

impl Listener {
    async fn open(services: Services, client: Client, headers: HeaderMap, since: Option<i64>) -> Result<Self, Problem> {
        let who = signed_in(&services, &client, &headers).await?;
        let live = services.live().listen().await?;
        let (oldest, newest) = services.store().event_numbers().await?;
        let from = match since {
            Some(since) => since,
            None => services.store().event_number_before(BEFORE).await?,
        };
        let closing = services.live().closing();
        let mut listener = Self {
            services,
            client,
            headers,
            who,
            looked: Instant::now(),
            live,
            closing,
            last: from,
            waiting: VecDeque::new(),
        };
        let begin = |name| sse::Event::default().event(name).data("{}");
        // the numbers are another database's, or what follows was forgotten
        let is_lost = since.is_some_and(|since| since > newest || since + 1 < oldest);
        let missed = if is_lost { Vec::new() } else { listener.services.store().events_after(from).await? };
        if is_lost || missed.len() as u64 == MOST_EVENTS {
            listener.last = newest;
            listener.waiting.push_back(begin("reset").id(newest.to_string()));
        } else {
            listener.waiting.push_back(begin("ready").id(from.to_string()));
            for told in missed {
                listener.take(told).await;
            }
        }
        Ok(listener)
    }

    /// The next frame; none when the stream ends.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if let Some(frame) = self.waiting.pop_front() {
                return Some(frame);
            }
            let look = LOOK_AGAIN.saturating_sub(self.looked.elapsed());
            tokio::select! {
                () = self.closing.cancelled() => return None,
                told = self.live.recv() => match told {
                    Ok(told) => self.take(told).await,
                    // it comes back, and is told what it missed
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
                },
                () = tokio::time::sleep(look) => {
                    match signed_in(&self.services, &self.client, &self.headers).await {
                        Ok(who) => self.who = who,
                        // the database is away: there is nothing to tell, and it is asked again
                        Err(problem) if problem.label == Label::Unavailable => {}
                        Err(_) => return None,
                    }
                    self.looked = Instant::now();
                }
            }
        }
    }

    async fn take(&mut self, Told { number, event }: Told) {
        if number <= self.last {
            return;
        }
        self.last = number;
        let Ok(permit) = self.who.permit::<View>(event.of) else { return };
        // many at once are named by their type alone; what cannot be looked up is not told
        if event.id != 0 && !self.services.store().is_visible(&permit, event.id).await.unwrap_or(false) {
            return;
        }
        let line = Line { of: event.of.key(), id: event.id, version: event.version, action: event.action.word() };
        // four plain values become JSON without fail
        let data = serde_json::to_string(&line).unwrap_or_default();
        self.waiting.push_back(sse::Event::default().id(number.to_string()).data(data));
    }
}

async fn signed_in(services: &Services, client: &Client, headers: &HeaderMap) -> Result<Who, Problem> {
    identity::of(services, client, headers).await?.ok_or_else(Problem::sign_in_needed)
}
