//! The one crate that speaks to routers: it knows nothing of the store, of HTTP or of the screens. It is given an address, a
//! login, host keys and a text, and gives typed results.
//!
//! Where to begin: [`Ssh`] says how a device is reached, [`ShellDriver`] makes a [`Driver`] of it for a [`Platform`],
//! [`Arguments`] reads what the router's and platform's fields say about both. [`push()`] carries a [`Plan`] out and returns
//! its [`Record`]; [`recover`] and [`undo`] are for what a crash left behind. [`Device::neighbours`] polls, [`probe()`] says whether
//! a device can be worked with, [`parse()`] reads
//! saved answers. With the feature `testing` there are routers that exist only in memory.
//!
//! What must stay true: nothing is applied that cannot take itself back; an answer is whole or an error; secrets
//! ([`Secret`]) cannot be printed, and error texts carry none.

mod arguments;
pub mod clock;
pub mod device;
mod endpoint;
mod error;
pub mod neighbour;
mod parse;
mod platform;
mod probe;
pub mod push;
mod secret;
pub mod shell;
pub mod ssh;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transport;

pub use arguments::{ArgumentProblem, Arguments};
pub use clock::{Clock, SystemClock};
pub use device::{Capabilities, Device, Diff, Driver, Facts, Load, PushId, Trace, Undo};
pub use endpoint::{Endpoint, HostKey, HostKeyRule, HostKeys, Legacy, Limits, Login, PrivateKey};
pub use error::DeviceError;
pub use neighbour::{Family, Neighbour, ParseProblem, PeerKey, State};
pub use parse::{What, parse};
pub use platform::{Platform, UnknownDriver};
pub use probe::{Probe, ProbePart, probe};
pub use push::{
    Approval, Event, EventKind, Gate, Mode, Observer, Outcome, Plan, Record, Recovery, Step, Unobserved, push, recover,
    undo,
};
pub use secret::{MASK, Secret, mask};
pub use shell::{Places, ShellDriver};
pub use ssh::Ssh;
