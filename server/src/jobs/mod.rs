//! Jobs: work that takes longer than a moment or talks to the outside. A job is a row; whoever wants one puts it into the
//! [`Queue`](queue::Queue), and a worker of this process or of another ([`Engine`]) takes it, does what its [`JobKind`] says, and notes how far
//! it has come, what it has to say and how it ended.
//!
//! What must stay true: a job is done by one worker at a time, whose every write names its hold on the job and is refused when
//! another has taken it; jobs of one turn (all that change one router, say) are done one after the other; a job whose worker was
//! killed is taken up again or says that it was cut off, never lost; a handler knows nothing of the queue, and the queue nothing of
//! what is done. Times are given to the queue from outside, so that it can be tried without waiting.
//!
//! A new kind of job: its name in the model's `JOB_NAMES`, its handler in a file here, one entry in [`KINDS`](kind::KINDS).

mod claims;
mod kind;
mod process;
mod queue;
pub mod routers;
mod schedule;
pub mod synchronise;
mod task;
mod worker;

#[cfg(test)]
mod tests;

pub use kind::{Ended, JobKind, Means, Reach};
pub use queue::{Wanted, cut};
pub use schedule::Timetable;
pub use task::{Level, Task};
pub use worker::{Engine, Pace};

pub use peerage_store::now;
use std::time::Duration;

/// A span as times are counted.
pub fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
