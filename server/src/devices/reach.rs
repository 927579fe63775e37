//! From a router's record to a driver: address, platform, login, host keys, each from the router or, where it says nothing, from
//! how this process was set up.

use super::{Hidden, host_keys, system};
use peerage_devices::{
    Arguments, DeviceError, Driver, HostKeyRule, HostKeys, Login, Places, Platform, PrivateKey, Secret, ShellDriver,
    Ssh,
};
use peerage_model::{
    Label, Problem, Record, Value,
    permit::{Change, View},
    types::{HOST_KEY, MOST_WORDS, PLATFORM, ROUTER, Reachability},
};
use peerage_store::{Store, Which};
use serde_json::Value as Json;
use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

/// The longest that one command may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What is read of a router to reach it.
const FIELDS: [&str; 9] = [
    "name",
    "hostname",
    "platform",
    "status",
    "napalm_username",
    "napalm_password",
    "napalm_timeout",
    "napalm_args",
    "poll_bgp_sessions_state",
];

/// Makes a driver; tests make others.
type Opening = Arc<dyn Fn(Way) -> Arc<dyn Driver> + Send + Sync>;

/// All that is known of how a router is spoken to.
pub struct Way {
    /// The router's name.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests tell their routers apart by it"))]
    pub router: String,
    pub platform: Platform,
    pub ssh: Ssh,
    pub places: Places,
}

/// How this process reaches routers: what holds for those that say nothing themselves.
#[derive(Clone)]
pub struct Reaching {
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// A private key's text.
    pub key: Option<Secret>,
    pub rule: HostKeyRule,
    pub timeout: Duration,
    open: Opening,
}

impl Default for Reaching {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            key: None,
            rule: HostKeyRule::Strict,
            timeout: TIMEOUT,
            open: Arc::new(|way| Arc::new(ShellDriver::new(way.platform, Arc::new(way.ssh), way.places))),
        }
    }
}

/// A router that can be spoken to.
pub struct Reached {
    pub router: Record,
    pub driver: Arc<dyn Driver>,
    /// Its login, which is not to be shown.
    pub hidden: Hidden,
    has_keys: bool,
}

/// Whether a router is spoken to at all: it is not disabled, and its platform has a driver.
///
/// # Errors
/// In words.
pub fn is_usable(router: &Record, platform: Option<&Record>) -> Result<Platform, Problem> {
    let name = router.text("name");
    if router.text("status") == "disabled" {
        return Err(Problem::conflict(format!("{name} is disabled: it is neither polled nor configured.")));
    }
    let refused = |message: String| Problem::field("platform", message);
    let platform = platform.ok_or_else(|| refused(format!("{name} has no platform. Edit it and choose one.")))?;
    let driver = platform.text("napalm_driver");
    if driver.is_empty() {
        let words = format!("The platform {} has no driver, so {name} cannot be reached.", platform.text("name"));
        return Err(refused(words));
    }
    driver.parse().map_err(|unknown| refused(format!("{name} cannot be reached: {unknown}.")))
}

impl Reaching {
    /// Why a router cannot even be tried; none: it can. Nothing secret is opened for it.
    pub fn hindrance(&self, router: &Record, platform: Option<&Record>) -> Option<Problem> {
        let login = || -> Result<(), Problem> {
            is_usable(router, platform)?;
            if router.get("napalm_username").is_empty() && self.user.is_none() {
                return Err(no_user());
            }
            let arguments = arguments(router, platform)?;
            let has_own = arguments.key_file.is_some() || !router.get("napalm_password").is_empty();
            if has_own || self.password.is_some() || self.key.is_some() {
                return Ok(());
            }
            let words = "There is neither a password nor a key to log in with: give the router a password, or a key_file among its \
                         driver arguments.";
            Err(Problem::field("napalm_password", words))
        };
        login().err()
    }

    /// With drivers of its own kind.
    #[cfg(test)]
    #[must_use]
    pub fn opening(mut self, open: impl Fn(Way) -> Arc<dyn Driver> + Send + Sync + 'static) -> Self {
        self.open = Arc::new(open);
        self
    }

    /// One router.
    ///
    /// # Errors
    /// `NotFound`; why it cannot be spoken to; a failure of the database.
    pub async fn reach(&self, store: &Store, router: i64) -> Result<Reached, Problem> {
        let found = self.reach_many(store, &[router]).await?.pop();
        found.map_or_else(|| Err(Problem::not_found(ROUTER.name)), |(_, reached)| reached)
    }

    /// Several, with the same few statements; those that are gone are left out.
    ///
    /// # Errors
    /// A failure of the database, or there is no key for secrets. For each: why it cannot be spoken to.
    pub async fn reach_many(
        &self,
        store: &Store,
        ids: &[i64],
    ) -> Result<Vec<(Record, Result<Reached, Problem>)>, Problem> {
        let who = system();
        let permit = who.permit::<View>(&ROUTER)?;
        let routers = store.brief(&permit, &FIELDS, Which::Ids(ids)).await?;
        let routers = store.reveal(&permit, routers).await?;
        let mut wanted: Vec<i64> = routers.iter().filter_map(|router| router.int("platform")).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let named = ["name", "napalm_driver", "napalm_args"];
        let platforms = store.brief(&who.permit::<View>(&PLATFORM)?, &named, Which::Ids(&wanted)).await?;
        let platforms: HashMap<i64, Record> = platforms.into_iter().map(|record| (record.id, record)).collect();
        let kept = who.permit::<View>(&HOST_KEY)?;
        let mut keys: HashMap<i64, Vec<Record>> = HashMap::new();
        for key in store.brief(&kept, &["router", "key"], Which::LeadingTo("router", ids)).await? {
            keys.entry(key.int("router").unwrap_or_default()).or_default().push(key);
        }
        let reach = |router: Record| {
            let platform = router.int("platform").and_then(|id| platforms.get(&id));
            let keys = keys.remove(&router.id).unwrap_or_default();
            (router.clone(), self.way(router, platform, &keys))
        };
        Ok(routers.into_iter().map(reach).collect())
    }

    fn way(&self, mut router: Record, platform: Option<&Record>, keys: &[Record]) -> Result<Reached, Problem> {
        let kind = is_usable(&router, platform)?;
        let arguments = arguments(&router, platform)?;
        let own = |name: &str| Some(router.text(name)).filter(|text| !text.is_empty()).map(str::to_owned);
        let user = own("napalm_username").or_else(|| self.user.clone()).ok_or_else(no_user)?;
        let password = own("napalm_password").map(Secret::from).or_else(|| self.password.clone());
        let key = match &arguments.key_file {
            Some(path) => Some(read_key(Path::new(path))?),
            None => self.key.clone(),
        };
        let secrets = [&password, &key];
        let hidden =
            Hidden::login(Some(&user), secrets.iter().filter_map(|secret| secret.as_ref()).map(Secret::expose));
        // one password for both: it is not sent to a device when it is what opens the key
        let opens_key = key.as_ref().is_some_and(|key| is_encrypted(key.expose()));
        let key = key.map(|text| PrivateKey { text, passphrase: password.clone().filter(|_| opens_key) });
        let login = Login { user, password: password.filter(|_| !opens_key), key };
        let known: Vec<_> = keys.iter().filter_map(host_keys::parsed).collect();
        if known.len() < keys.len() {
            let words = "A host key on record cannot be read. Correct it among the router's host keys, or delete it.";
            return Err(Problem::conflict(words));
        }
        let timeout = router.int("napalm_timeout").and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or_default();
        let timeout = if timeout == 0 { self.timeout } else { Duration::from_secs(timeout) };
        let has_keys = !known.is_empty();
        let way = Way {
            router: router.text("name").to_owned(),
            platform: kind,
            ssh: Ssh {
                endpoint: arguments.endpoint(router.text("hostname"), timeout),
                login,
                host_keys: HostKeys { known, rule: self.rule },
            },
            places: arguments.places(kind),
        };
        let driver = (self.open)(way);
        for name in ["napalm_username", "napalm_password"] {
            router.set(name, Value::Null);
        }
        Ok(Reached { router, driver, hidden, has_keys })
    }
}

impl Reached {
    /// Keeps the host key that was seen, if it is the first of this router.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn keep(&self, store: &Store, seen: Option<&peerage_devices::HostKey>) -> Result<(), Problem> {
        match seen {
            Some(key) if !self.has_keys => host_keys::keep_first(store, &self.router, key).await,
            _ => Ok(()),
        }
    }

    /// What a device said, fit to be read by anybody.
    pub fn words(&self, error: &DeviceError) -> String {
        self.hidden.of(&error.to_string())
    }
}

/// What an error says of a router.
pub fn reachability(error: &DeviceError) -> Reachability {
    match error {
        DeviceError::Unreachable { .. } => Reachability::Unreachable,
        DeviceError::HostKeyUnknown { .. } | DeviceError::HostKeyChanged { .. } | DeviceError::HostKeyUnreadable => {
            Reachability::HostKey
        }
        DeviceError::LoginRefused { .. } | DeviceError::NoLogin { .. } | DeviceError::KeyUnreadable(_) => {
            Reachability::LoginRefused
        }
        _ => Reachability::Trouble,
    }
}

/// Which fields of a router [`observed`] fills.
pub const OBSERVED: [&str; 5] = ["reachability", "reachability_words", "asked", "answered", "offered_key"];

/// A router's record with what came of speaking to it. `router` has those fields as they were.
pub fn observed(router: Record, now: i64, failure: Option<(&DeviceError, String)>) -> Record {
    let short = |words: &str| Value::text(words.chars().take(MOST_WORDS as usize).collect::<String>());
    match failure {
        None => router
            .with("reachability", Value::text(Reachability::Answers.code()))
            .with("reachability_words", Value::text(""))
            .with("asked", Value::Time(now))
            .with("answered", Value::Time(now))
            .with("offered_key", Value::Null),
        Some((error, words)) => {
            let offered = match error {
                DeviceError::HostKeyUnknown { observed, .. } | DeviceError::HostKeyChanged { observed, .. } => {
                    Value::text(format!("{} {}", observed.algorithm, observed.key))
                }
                _ => Value::Null,
            };
            router
                .with("reachability", Value::text(reachability(error).code()))
                .with("reachability_words", short(&words))
                .with("asked", Value::Time(now))
                .with("offered_key", offered)
        }
    }
}

/// Notes of a router what came of speaking to it, and its software if that was told.
///
/// # Errors
/// A failure of the database.
pub async fn observe_router(
    store: &Store,
    reached: &Reached,
    now: i64,
    failure: Option<&DeviceError>,
    software: Option<&str>,
) -> Result<(), Problem> {
    let who = system();
    let mut fields = OBSERVED.to_vec();
    let found = store.brief(&who.permit::<View>(&ROUTER)?, &fields, Which::Ids(&[reached.router.id])).await?.pop();
    let Some(router) = found else { return Ok(()) };
    let mut router = observed(router, now, failure.map(|error| (error, reached.words(error))));
    if let Some(software) = software {
        fields.push("software");
        router.set("software", Value::text(software.chars().take(200).collect::<String>()));
    }
    let mut write = store.begin(&who, &crate::keys::request_id()).await?;
    write.observe(&who.permit::<Change>(&ROUTER)?, &fields, &[router]).await?;
    Ok(write.commit().await?)
}

fn no_user() -> Problem {
    let words = "There is no user name to log in with: give the router one, or start Peerage with --device-user.";
    Problem::field("napalm_username", words)
}

/// What platform and router say to their driver.
fn arguments(router: &Record, platform: Option<&Record>) -> Result<Arguments, Problem> {
    let said = |record: Option<&Record>| match record.map(|record| record.get("napalm_args")) {
        Some(Value::Json(json)) => (**json).clone(),
        _ => Json::Null,
    };
    let arguments = Arguments::read(&said(platform), &said(Some(router)));
    arguments.map_err(|problem| Problem::field("napalm_args", problem.to_string()))
}

fn read_key(path: &Path) -> Result<Secret, Problem> {
    // what is wrong with a file of the server's is not for everybody who may edit a router
    let refused = |error: std::io::Error| {
        tracing::warn!(path = %path.display(), %error, "a private key file cannot be read");
        let words = "The private key file cannot be read on this machine; the server's log says why.";
        Problem::new(Label::Conflict, words)
    };
    std::fs::read_to_string(path).map(Secret::from).map_err(refused)
}

/// Whether a private key needs a passphrase: PEM says so in words, OpenSSH's form names how the passphrase is used.
fn is_encrypted(key: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
    if key.contains("ENCRYPTED") {
        return true;
    }
    let body: String = key.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    BASE64.decode(body).is_ok_and(|bytes| bytes.windows(6).take(64).any(|found| found == b"bcrypt"))
}
