//! The driver arguments of a platform and a router (`napalm_args`), with the meaning that they have in Peering Manager where
//! it has one. The router's stand over the platform's, word by word. What is not known is left to others and no error.

use crate::{Endpoint, Legacy, Limits, Places, Platform};
use serde_json::Value;
use std::time::Duration;

/// What the arguments say, read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    /// `port`: TCP port of the management.
    pub port: Option<u16>,
    /// `key_file`: a private key's file, on the machine that this runs on. The caller reads it.
    pub key_file: Option<String>,
    /// `legacy_algorithms`: `no`, `old` or `ancient`; `true` is `old`.
    pub legacy: Legacy,
    /// `config_file`: the file that is ours on the device.
    pub file: Option<String>,
    /// `main_config_file`: the daemon's main configuration.
    pub main_file: Option<String>,
    /// `sudo`: whether daemon commands need `sudo -n`.
    pub sudo: Option<bool>,
}

/// An argument that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("driver argument `{name}`: {problem}")]
pub struct ArgumentProblem {
    pub name: &'static str,
    pub problem: &'static str,
}

impl Arguments {
    /// From the platform's `napalm_args` and the router's over them; `null` is none.
    pub fn read(platform: &Value, router: &Value) -> Result<Self, ArgumentProblem> {
        let get = |name: &str| [router, platform].into_iter().find_map(|from| from.get(name).filter(|v| !v.is_null()));
        let problem = |name, problem| ArgumentProblem { name, problem };
        let path = |name: &'static str| match get(name) {
            None => Ok(None),
            Some(Value::String(path)) if path.starts_with('/') && !path.contains(['\0', '\n']) => {
                Ok(Some(path.clone()))
            }
            Some(_) => Err(problem(name, "an absolute path is expected")),
        };
        Ok(Self {
            port: match get("port") {
                None => None,
                Some(Value::Number(n)) => Some(
                    n.as_u64()
                        .and_then(|n| u16::try_from(n).ok())
                        .filter(|n| *n > 0)
                        .ok_or(problem("port", "1 to 65535 is expected"))?,
                ),
                Some(Value::String(s)) => {
                    Some(s.parse().ok().filter(|n| *n > 0).ok_or(problem("port", "1 to 65535 is expected"))?)
                }
                Some(_) => return Err(problem("port", "1 to 65535 is expected")),
            },
            key_file: match get("key_file") {
                None => None,
                Some(Value::String(s)) if !s.is_empty() => Some(s.clone()),
                Some(_) => return Err(problem("key_file", "a path is expected")),
            },
            legacy: match get("legacy_algorithms") {
                None | Some(Value::Bool(false)) => Legacy::No,
                Some(Value::Bool(true)) => Legacy::Old,
                Some(Value::String(s)) if s == "no" => Legacy::No,
                Some(Value::String(s)) if s == "old" => Legacy::Old,
                Some(Value::String(s)) if s == "ancient" => Legacy::Ancient,
                Some(_) => return Err(problem("legacy_algorithms", "`no`, `old` or `ancient` is expected")),
            },
            file: path("config_file")?,
            main_file: path("main_config_file")?,
            sudo: match get("sudo") {
                None => None,
                Some(Value::Bool(sudo)) => Some(*sudo),
                Some(_) => return Err(problem("sudo", "true or false is expected")),
            },
        })
    }

    /// The endpoint of a router with this `hostname`. `timeout`: its `napalm_timeout`, or the general one; the longest that
    /// one command may take. 0 is none said.
    pub fn endpoint(&self, hostname: &str, timeout: Duration) -> Endpoint {
        let mut endpoint = Endpoint::new(hostname, self.port.unwrap_or(22));
        endpoint.legacy = self.legacy;
        if !timeout.is_zero() {
            endpoint.limits = Limits { command: timeout, ..Limits::default() };
        }
        endpoint
    }

    /// Where things are on such a device.
    pub fn places(&self, platform: Platform) -> Places {
        let mut places = Places::of(platform);
        if let Some(file) = &self.file {
            places.file.clone_from(file);
        }
        if let Some(file) = &self.main_file {
            places.main_file.clone_from(file);
        }
        places.sudo = self.sudo.unwrap_or(places.sudo);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_routers_arguments_stand_over_the_platforms() {
        let read = Arguments::read(
            &json!({"port": 2222, "sudo": true, "key_file": "/keys/a", "global_delay_factor": 2}),
            &json!({"port": "22", "config_file": "/etc/bird/x.conf"}),
        )
        .unwrap();
        assert_eq!((read.port, read.sudo, read.key_file.as_deref()), (Some(22), Some(true), Some("/keys/a")));
        assert_eq!(
            read.places(Platform::Bird),
            Places { file: "/etc/bird/x.conf".into(), main_file: "/etc/bird/bird.conf".into(), sudo: true }
        );
        assert_eq!(Arguments::read(&Value::Null, &Value::Null).unwrap(), Arguments::default());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (bad, name) in [
            (json!({"port": 0}), "port"),
            (json!({"port": 70000}), "port"),
            (json!({"sudo": "yes"}), "sudo"),
            (json!({"config_file": "x; rm -rf /"}), "config_file"),
            (json!({"legacy_algorithms": 3}), "legacy_algorithms"),
        ] {
            assert_eq!(Arguments::read(&Value::Null, &bad).unwrap_err().name, name);
        }
    }
}
