//! The one crate that speaks to routers.

mod endpoint;
mod error;
pub mod neighbour;
mod parse;
mod platform;
mod secret;
pub mod ssh;
pub mod transport;

pub use endpoint::{Endpoint, HostKey, HostKeyRule, HostKeys, Legacy, Limits, Login, PrivateKey};
pub use error::DeviceError;
pub use neighbour::{Family, Neighbour, ParseProblem, PeerKey, State};
pub use parse::{What, parse};
pub use platform::{Platform, UnknownDriver};
pub use secret::{MASK, Secret, mask};
