//! The kinds of devices that can be spoken to.

use serde::Serialize;
use std::{fmt, str::FromStr};

/// A platform that there is a driver for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Platform {
    /// FRRouting, by `vtysh` and `frr-reload.py`.
    Frr,
    /// BIRD 2 and 3, by `birdc`.
    Bird,
    /// OpenBGPD, the portable one, by `bgpctl`.
    OpenBgpd,
}

impl Platform {
    pub const ALL: [Platform; 3] = [Self::Frr, Self::Bird, Self::OpenBgpd];

    /// The name by which a platform's `napalm_driver` field calls it.
    pub fn driver_name(self) -> &'static str {
        match self {
            Self::Frr => "frr",
            Self::Bird => "bird",
            Self::OpenBgpd => "openbgpd",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frr => "FRR",
            Self::Bird => "BIRD",
            Self::OpenBgpd => "OpenBGPD",
        })
    }
}

/// There is no driver of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no driver `{0}`; there are: frr, bird, openbgpd")]
pub struct UnknownDriver(pub String);

impl FromStr for Platform {
    type Err = UnknownDriver;

    /// From `napalm_driver`, in whatever case; with the names that community drivers use.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.trim().to_ascii_lowercase().as_str() {
            "frr" | "frrouting" => Ok(Self::Frr),
            "bird" | "bird2" | "bird3" => Ok(Self::Bird),
            "openbgpd" | "obgpd" => Ok(Self::OpenBgpd),
            _ => Err(UnknownDriver(name.to_owned())),
        }
    }
}
