//! The one crate that speaks to routers.

mod arguments;
pub mod clock;
pub mod device;
mod endpoint;
mod error;
pub mod neighbour;
mod parse;
mod platform;
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
pub use push::{
    Approval, Event, EventKind, Gate, Mode, Observer, Outcome, Plan, Record, Recovery, Step, Unobserved, push, recover,
    undo,
};
pub use secret::{MASK, Secret, mask};
pub use shell::{Places, ShellDriver};
pub use ssh::Ssh;
