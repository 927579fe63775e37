//! Routers: reaching them with the logins and host keys that are kept of them, asking how their sessions are, and bringing
//! configurations to them. What is said to a router stands in `peerage-devices`; here is what that is worth in our data.
//!
//! What must stay true: whoever talks to a router is a job, and jobs that change one router are of one turn; nothing is sent to a
//! router whose host key is not on record (but the first one where that is allowed); a configuration is pushed as it was seen and
//! approved; what a crash left behind is looked at and taken back, never confirmed; no login and no session password stands in
//! a word that is logged, stored in clear or shown ([`Hidden`]).

mod hidden;
pub mod host_keys;
mod observer;
pub mod poll;
pub mod push;
mod reach;
mod record;
pub mod recovery;

pub use hidden::Hidden;
pub use reach::{Reached, Reaching, observe_router};

use peerage_model::Who;

/// Who asks and writes, for whomever a job is done: credentials are nobody's to see.
pub fn system() -> Who {
    Who::system("devices")
}
