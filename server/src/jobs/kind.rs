//! The kinds of job, as data: how long one may take, how often it is tried, who may start it, and what does it.

use super::{routers, synchronise, task::Task};
use crate::devices::Reaching;
use peerage_model::{
    Label, Problem, Record, Who,
    permit::{Deploy, View, ViewConfiguration},
    types::{JOB, ROUTER},
};
use peerage_store::Store;
use peerage_sync::{peeringdb::Source, webhook::Caller};
use serde_json::Value as Json;
use std::{pin::Pin, sync::Arc, time::Duration};

/// What a job may use beside the database: how this process was set up. Nothing of it is ever stored.
pub struct Means {
    /// PeeringDB, as configured, with its key.
    pub peeringdb: Source,
    /// Routers.
    pub reaching: Reaching,
    /// Whoever is to be told of changes.
    pub caller: Caller,
}

impl Means {
    /// Routers are reached with what they say themselves, and nobody in our own network is told of anything.
    pub fn of(peeringdb: Source) -> Self {
        Self { peeringdb, reaching: Reaching::default(), caller: Caller::default() }
    }
}

/// How a handler came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All went well: the result in words.
    Completed(String),
    /// It was done and did not come out well: why, in words. The same again would come out the same.
    Failed(String),
    /// Something outside did not answer, so that trying later may help: what, in words, and how long it asked to be left alone.
    /// Nothing else makes a job come again: not a failure of the database on the way, after which nobody knows what was done.
    Unavailable { words: String, wait: Duration },
    /// It was told to stop, and did: what was done until then, in words.
    Stopped(String),
}

pub type Doing = Pin<Box<dyn Future<Output = Result<Ended, Problem>> + Send>>;

/// What is done with a router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    View,
    Configuration,
    Deploy,
}

impl Reach {
    /// Refuses whoever may not do so with this router.
    ///
    /// # Errors
    /// `Forbidden`, also without a router to somebody whose permission is limited; a failure of the database.
    pub async fn check(self, store: &Store, who: &Who, arguments: &Json) -> Result<(), Problem> {
        let router = arguments["router"].as_i64().unwrap_or_default();
        match self {
            Self::View => store.permit_on::<View>(who, &ROUTER, router).await.map(drop),
            Self::Configuration => store.permit_on::<ViewConfiguration>(who, &ROUTER, router).await.map(drop),
            Self::Deploy => {
                store.permit_on::<ViewConfiguration>(who, &ROUTER, router).await?;
                store.permit_on::<Deploy>(who, &ROUTER, router).await.map(drop)
            }
        }
    }

    /// To read what came of it.
    const fn reading(self) -> Self {
        match self {
            Self::View => Self::View,
            Self::Configuration | Self::Deploy => Self::Configuration,
        }
    }
}

/// A kind of job.
pub struct JobKind {
    /// As in the model's `JOB_NAMES`.
    pub name: &'static str,
    /// A worker that takes longer is told to stop.
    pub deadline: Duration,
    /// How long it may take to end once it was told to, where that is longer than usual: what was begun outside is taken back.
    pub patience: Option<Duration>,
    /// How often it is tried again by itself: when something outside does not answer, and when its worker dies.
    pub retries: i64,
    /// Before the first of those; doubled before each further one, up to the longest.
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// Jobs of one turn do not run at the same time, of whatever kinds they are: all that change one router, say. None: it minds
    /// nobody.
    pub turn: fn(&Json) -> Option<String>,
    /// None is started while another of its turn waits or runs.
    pub alone: bool,
    /// One that came by itself takes the place of the one before it, if it has nothing else to say: hundreds of a day would hide
    /// those that have.
    pub repeats: bool,
    /// Doing it again from the beginning does no harm, so that another worker may go on when one has died, and it may be tried
    /// again by itself.
    pub resumable: bool,
    /// Who may start it with these arguments, or try it again; asked once more when it begins.
    pub may: fn(&Who, &Json) -> Result<(), Problem>,
    /// Who may cancel it, whatever its arguments are.
    pub may_end: fn(&Who) -> Result<(), Problem>,
    /// Who, of those that may see jobs, may read what this one says.
    pub may_see: fn(&Who, &Record) -> Result<(), Problem>,
    /// What all of them must be permitted with the very router that its arguments name: permissions may be limited to some.
    pub reach: Option<Reach>,
    pub run: fn(Arc<Means>, Task) -> Doing,
}

/// All of them.
pub static KINDS: &[JobKind] =
    &[synchronise::KIND, routers::CHECK, routers::PUSH, routers::POLL, routers::TEST, routers::RECOVER];

impl JobKind {
    /// How it is called within a sentence.
    pub fn words(&self) -> &'static str {
        JOB.field("name").map_or(self.name, |field| field.kind.label_of(self.name))
    }

    /// Refuses whoever may do so in general, and not with what these arguments are about.
    ///
    /// # Errors
    /// `Forbidden`, or a failure of the database.
    pub async fn must_reach(&self, store: &Store, who: &Who, arguments: &Json) -> Result<(), Problem> {
        match self.reach {
            Some(reach) => reach.check(store, who, arguments).await,
            None => Ok(()),
        }
    }

    /// As [`JobKind::must_reach`], for whoever only reads what came of it.
    ///
    /// # Errors
    /// `Forbidden`, or a failure of the database.
    pub async fn must_reach_result(&self, store: &Store, who: &Who, arguments: &Json) -> Result<(), Problem> {
        match self.reach {
            Some(reach) => reach.reading().check(store, who, arguments).await,
            None => Ok(()),
        }
    }

    /// How long to wait before it is tried again, after so many such tries.
    pub fn wait(&self, retries: i64) -> Duration {
        let doubled = u32::try_from(retries).ok().and_then(|times| 2u32.checked_pow(times)).unwrap_or(u32::MAX);
        self.first_wait.saturating_mul(doubled).min(self.longest_wait)
    }
}

/// The kind of that name.
///
/// # Errors
/// A job of a newer Peerage, or of a kind that is no more.
pub fn named(kinds: &'static [JobKind], name: &str) -> Result<&'static JobKind, Problem> {
    let unknown = || Problem::new(Label::Conflict, format!("This Peerage does not know jobs called “{name}”."));
    kinds.iter().find(|kind| kind.name == name).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use peerage_model::types::JOB_NAMES;

    #[test]
    fn the_kinds_are_those_that_the_model_names() {
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let names: Vec<&str> = JOB_NAMES.iter().map(|name| name.code).collect();
        assert_eq!(kinds, names);
    }
}
