//! What was committed, told to everybody who listens in this process. One task follows the store's events; it starts with
//! the first listener. Who may hear of which type is for the listener's side to decide, by the person's permissions.

use peerage_store::{Store, StoreError, Told};
use std::time::Duration;
use tokio::{
    sync::{OnceCell, broadcast},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// Events that a slow listener may fall behind by; then it is cut off, and comes back with the last number that it heard.
const BACKLOG: usize = 1_024;
/// How long a failed look waits for the next.
const PAUSE: Duration = Duration::from_secs(2);
/// How often old events are forgotten.
const TIDY: Duration = Duration::from_secs(3_600);

pub struct Live {
    store: Store,
    told: broadcast::Sender<Told>,
    following: OnceCell<()>,
    closing: CancellationToken,
}

impl Live {
    pub fn new(store: Store) -> Self {
        let (told, _) = broadcast::channel(BACKLOG);
        Self { store, told, following: OnceCell::new(), closing: CancellationToken::new() }
    }

    /// What is committed from now on.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn listen(&self) -> Result<broadcast::Receiver<Told>, StoreError> {
        self.following
            .get_or_try_init(async || {
                let tail = self.store.follow().await?;
                tokio::spawn(follow(tail, self.store.clone(), self.told.clone(), self.closing.clone()));
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(self.told.subscribe())
    }

    /// Ends every listener's stream: the server stops.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// How many listen now.
    pub fn listeners(&self) -> usize {
        self.told.receiver_count()
    }

    /// Done when the server stops.
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }
}

async fn follow(
    mut tail: peerage_store::Tail,
    store: Store,
    told: broadcast::Sender<Told>,
    closing: CancellationToken,
) {
    let mut tidied = Instant::now();
    let mut failing = false;
    loop {
        let events = tokio::select! {
            () = closing.cancelled() => return,
            events = tail.next() => events,
        };
        match events {
            Ok(events) => {
                failing = false;
                for event in events {
                    // nobody listening is no failure
                    let _ = told.send(event);
                }
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "events cannot be followed; trying again");
                }
                failing = true;
                sleep(PAUSE).await;
            }
        }
        if tidied.elapsed() > TIDY {
            tidied = Instant::now();
            if let Err(error) = store.forget_old_events().await {
                tracing::warn!(%error, "old events were not forgotten");
            }
        }
    }
}
