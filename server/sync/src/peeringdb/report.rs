//! What a synchronisation says of itself: while it goes on ([`Progress`]) and afterwards ([`Report`]).

use serde::Serialize;

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// PeeringDB's name of the type, or empty for work on our own objects.
    pub namespace: &'static str,
    pub phase: Phase,
    /// Rows done and rows in all; both 0 where that is not known.
    pub done: usize,
    pub total: usize,
    /// A line for the log, at the end of a phase that is worth one.
    pub line: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Waiting for an answer.
    Fetching,
    /// Reading, comparing and writing rows.
    Taking,
    /// A type is done, or has failed.
    Done,
    /// Our connections and exchanges are linked to the cache.
    Linking,
    /// Our autonomous systems follow the cache.
    Following,
}

impl Phase {
    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetching => "fetching",
            Self::Taking => "taking",
            Self::Done => "done",
            Self::Linking => "linking",
            Self::Following => "autonomous systems",
        }
    }
}

/// One type in a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TypeReport {
    pub namespace: &'static str,
    /// Rows of the answer.
    pub received: usize,
    pub created: usize,
    pub updated: usize,
    pub deleted: usize,
    /// Rows that could not be taken and were not known before.
    pub rejected: usize,
    /// Rows taken without a reference to what is not in the cache, which were not known before.
    pub partly: usize,
    /// Rows noted as rejected by earlier runs that are taken now, or gone.
    pub mended: usize,
    /// Why the type was not taken whole; its cursor stays then, and the next run asks for the same again.
    pub failure: Option<String>,
    /// The failure is of a kind that may pass by itself: no answer, an answer that broke off.
    pub may_pass: bool,
    /// Seconds that the other side asks to be left alone (429, RFC 6585 section 4).
    pub wait: Option<u64>,
    /// What a person should know although nothing failed.
    pub remark: Option<String>,
}

/// "2 created", "1 deleted"; nothing for what did not happen.
fn counted(counts: &[(usize, &str)]) -> Vec<String> {
    let happened = counts.iter().filter(|(count, _)| *count > 0);
    happened.map(|(count, word)| format!("{count} {word}")).collect()
}

impl TypeReport {
    /// One line for a log.
    pub fn line(&self) -> String {
        let mut parts = counted(&[
            (self.created, "created"),
            (self.updated, "updated"),
            (self.deleted, "deleted"),
            (self.partly, "taken in part"),
            (self.rejected, "rejected"),
            (self.mended, "mended"),
        ]);
        if parts.is_empty() && self.failure.is_none() {
            parts.push("nothing new".to_owned());
        }
        parts.extend(self.failure.iter().map(|failure| format!("failed: {failure}")));
        parts.extend(self.remark.clone());
        format!("{}: {}", self.namespace, parts.join(", "))
    }
}

/// A whole run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub source: String,
    pub types: Vec<TypeReport>,
    /// Our connections and exchanges that got a link to the cache.
    pub linked_connections: usize,
    pub linked_exchanges: usize,
    /// Our autonomous systems that were changed by what PeeringDB says.
    pub autonomous_systems: usize,
    /// What went wrong with our own objects; the cache is not concerned.
    pub problems: Vec<String>,
    /// It was told to stop before its end.
    pub stopped: bool,
    pub milliseconds: u64,
}

impl Report {
    fn sum(&self, count: impl Fn(&TypeReport) -> usize) -> usize {
        self.types.iter().map(count).sum()
    }

    pub fn created(&self) -> usize {
        self.sum(|of| of.created)
    }

    pub fn updated(&self) -> usize {
        self.sum(|of| of.updated)
    }

    pub fn deleted(&self) -> usize {
        self.sum(|of| of.deleted)
    }

    pub fn rejected(&self) -> usize {
        self.sum(|of| of.rejected)
    }

    /// How it ended, as a sentence for a person.
    pub fn summary(&self) -> String {
        let parts = counted(&[
            (self.created(), "created"),
            (self.updated(), "updated"),
            (self.deleted(), "deleted"),
            (self.rejected(), "rejected"),
        ]);
        let rows = if parts.is_empty() { "nothing was new".to_owned() } else { parts.join(", ") };
        let how = match (self.stopped, self.has_failed()) {
            (true, _) => "stopped",
            (false, true) => "ended with failures",
            (false, false) => "done",
        };
        format!("Synchronisation {how}: {rows}.")
    }

    /// Why it ended early, by type; empty when all went well.
    pub fn failure(&self) -> String {
        let types = self.types.iter().filter_map(|of| Some(format!("{}: {}", of.namespace, of.failure.as_ref()?)));
        types.chain(self.problems.iter().cloned()).collect::<Vec<_>>().join("\n")
    }

    pub fn has_failed(&self) -> bool {
        self.stopped || !self.problems.is_empty() || self.types.iter().any(|of| of.failure.is_some())
    }

    /// Whether trying again later may help: something failed that may pass by itself.
    pub fn may_pass(&self) -> bool {
        self.types.iter().any(|of| of.failure.is_some() && of.may_pass)
    }

    /// The longest that it asks to be left alone, in seconds; 0: it does not.
    pub fn wait(&self) -> u64 {
        self.types.iter().filter_map(|of| of.wait).max().unwrap_or_default()
    }

    /// Whether the cache changed.
    pub fn changed(&self) -> bool {
        self.sum(|of| of.created + of.updated + of.deleted + of.rejected + of.mended) > 0
    }
}
