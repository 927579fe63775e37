//! Signing in and out, the first run, and the people and keys behind it.
//!
//! What must stay true: a key or a cookie is compared by its digest only; a password costs the same time whether the name is
//! known or not; wrong ones are counted ([`Attempts`]); the first administrator can be made only while there is no user.

pub mod beginning;
mod rights;

pub use rights::{keep_an_administrator, who_is};

use super::{attempts::Attempts, request_id};
use crate::{
    http::identity::{Browser, COOKIE},
    keys,
};
use anyhow::Context;
use async_trait::async_trait;
use axum::http::{HeaderValue, header};
use ipnet::IpNet;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use peerage_app::accounts::{self, Account, Me, NewToken, OwnToken, SignedIn};
use peerage_model::{
    Filter, Label, ObjectType, Problem, Record, Value, Who, check,
    permit::{Add, Change, Delete, READ_ONLY, View},
    registry,
    types::{AUTONOMOUS_SYSTEM, SIGN_IN, TOKEN, USER},
};
use peerage_store::{Store, now};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// A signed-in browser stays so for a fortnight.
const SIGN_IN_DAYS: i64 = 14;
const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

pub struct Accounts {
    store: Store,
    /// Hashing takes a core and 19 MiB: no more than two at once.
    hashing: Semaphore,
    attempts: Attempts,
    /// The token of the first run, while it is waited for.
    first_run: Mutex<Option<String>>,
}

/// What change records call it.
const WHO: &str = "accounts";

fn system() -> Who {
    Who::system(WHO)
}

impl Accounts {
    pub fn new(store: Store) -> Self {
        Self { store, hashing: Semaphore::new(2), attempts: Attempts::default(), first_run: Mutex::default() }
    }

    /// The owner of a cookie; none if it has run out.
    pub async fn by_cookie(&self, cookie: &str) -> Result<Option<Who>, Problem> {
        let Some(signed_in) = self.find(&SIGN_IN, "digest", Value::text(keys::digest(cookie))).await? else {
            return Ok(None);
        };
        if signed_in.get("expires").as_time().is_none_or(|expires| expires <= now()) {
            return Ok(None);
        }
        match self.active_user(&signed_in).await? {
            Some(user) => self.who(&user, true).await.map(Some),
            None => Ok(None),
        }
    }

    /// The owner of an API token that comes from `address`.
    pub async fn by_token(&self, key: &str, address: Option<IpAddr>) -> Result<Who, Problem> {
        let refused = || Problem::new(Label::SignInNeeded, "This API token is not known or has expired.");
        let token = self.find(&TOKEN, "digest", Value::text(keys::digest(key))).await?.ok_or_else(refused)?;
        let now = now();
        if token.get("expires").as_time().is_some_and(|expires| expires <= now) {
            return Err(refused());
        }
        if !is_allowed(&token, address) {
            let from = address.map_or_else(String::new, |address| format!(" from {address}"));
            return Err(Problem::new(
                Label::SignInNeeded,
                format!("This API token is not taken{from}: see its allowed networks."),
            ));
        }
        let user = self.active_user(&token).await?.ok_or_else(refused)?;
        if token.get("last_used").as_time().is_none_or(|used| used < now - MINUTE) {
            // whoever may read is not to be refused because that cannot be written: the disk may be full
            if let Err(problem) = self.change(token.clone().with("last_used", Value::Time(now))).await {
                tracing::warn!(%problem, "when a token was used last was not noted");
            }
        }
        self.who(&user, token.flag("write_enabled")).await
    }

    /// Adds a user, into groups by name.
    pub async fn create_user(
        &self,
        name: &str,
        password: &str,
        superuser: bool,
        groups: &[String],
    ) -> anyhow::Result<()> {
        acceptable("password", password).map_err(|problem| anyhow::anyhow!(problem.message))?;
        self.begin().await?;
        let user = Record::new(&USER)
            .with("groups", self.groups_called(groups).await?)
            .with("username", Value::text(name))
            .with("password", Value::text(keys::hash_password(password)?))
            .with("is_superuser", Value::Bool(superuser))
            .with("date_joined", Value::Time(now()));
        self.insert(user).await?;
        Ok(())
    }

    /// Adds a token for a user and gives its key.
    pub async fn create_token(
        &self,
        user: &str,
        key: Option<&str>,
        write: bool,
        description: &str,
    ) -> anyhow::Result<String> {
        let user = self
            .find(&USER, "username", Value::text(user))
            .await?
            .with_context(|| format!("there is no user {user}"))?;
        if let Some(key) = key {
            let hex = key.len() == 40 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
            anyhow::ensure!(hex, "a key has 40 hex digits");
        }
        let key = key.map_or_else(|| keys::random_hex(20), str::to_owned);
        let token = Record::new(&TOKEN)
            .with("user", Value::Int(user.id))
            .with("digest", Value::text(keys::digest(&key)))
            .with("hint", Value::text(&key[34..]))
            .with("write_enabled", Value::Bool(write))
            .with("description", Value::text(description))
            .with("created", Value::Time(now()));
        self.insert(token).await?;
        Ok(key)
    }

    /// Waits for the first administrator, if there is no user: gives the token that stands for the machine's owner.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn await_first_run(&self) -> Result<Option<String>, Problem> {
        if self.anybody().await? {
            return Ok(None);
        }
        let token = keys::random_hex(16);
        *self.first_run.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(Some(token))
    }

    /// Whether anybody could sign in.
    pub async fn anybody(&self) -> Result<bool, Problem> {
        let permit = system().permit::<View>(&USER)?;
        Ok(self.store.count(&permit, &Filter::default()).await? > 0)
    }

    async fn active_user(&self, owned: &Record) -> Result<Option<Record>, Problem> {
        let permit = system().permit::<View>(&USER)?;
        let user = self.store.get(&permit, owned.int("user").unwrap_or_default()).await?;
        Ok(user.filter(|user| user.flag("is_active")))
    }

    /// The one object with such a value.
    async fn find(&self, of: &'static ObjectType, field: &str, value: Value) -> Result<Option<Record>, Problem> {
        Ok(self.store.find(&system().permit::<View>(of)?, &[(field, value)]).await?.into_iter().next())
    }

    async fn insert(&self, record: Record) -> Result<Record, Problem> {
        check::check(&record, &()).into_result()?;
        let who = system();
        let permit = who.permit::<Add>(record.of)?;
        let mut write = self.store.begin(&who, &request_id()).await?;
        let stored = write.insert(&permit, record).await?;
        write.commit().await?;
        Ok(stored)
    }

    async fn change(&self, record: Record) -> Result<(), Problem> {
        let who = system();
        let permit = who.permit::<Change>(record.of)?;
        let mut write = self.store.begin(&who, &request_id()).await?;
        write.update(&permit, 0, record).await?;
        Ok(write.commit().await?)
    }

    /// Whether one may try a password now, and from where it is tried.
    fn admit(&self, name: &str) -> Result<String, Problem> {
        let address = use_context::<Browser>().and_then(|browser| browser.address);
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        self.attempts.admit(name, &address).map(|()| address).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            if let Some(options) = use_context::<ResponseOptions>() {
                options.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Problem::new(Label::TooMany, format!("Too many wrong passwords. Try again in {seconds} seconds."))
        })
    }

    /// Takes the same time without a user.
    async fn password_fits(&self, user: Option<&Record>, password: String) -> Result<bool, Problem> {
        let hash = user.map(|user| user.text("password").to_owned()).filter(|hash| !hash.is_empty());
        let _turn = self.turn().await?;
        Ok(tokio::task::spawn_blocking(move || keys::password_fits(&password, hash.as_deref())).await.unwrap_or(false))
    }

    async fn hash(&self, password: String) -> Result<String, Problem> {
        let _turn = self.turn().await?;
        let hash = tokio::task::spawn_blocking(move || keys::hash_password(&password)).await;
        match hash {
            Ok(Ok(hash)) => Ok(hash),
            Ok(Err(error)) => {
                tracing::error!(%error, "a password could not be hashed");
                Err(Problem::new(Label::Internal, "The password could not be kept. It has been logged."))
            }
            Err(_) => Err(Problem::new(Label::Unavailable, "The server is stopping.")),
        }
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.hashing.acquire().await.map_err(|_| Problem::new(Label::Unavailable, "The server is stopping."))
    }

    /// Signs a browser in.
    async fn enter(&self, user: &Record) -> Result<Me, Problem> {
        let cookie = keys::random_hex(32);
        let browser = use_context::<Browser>().map(|browser| browser.agent).unwrap_or_default();
        let signed_in = Record::new(&SIGN_IN)
            .with("user", Value::Int(user.id))
            .with("digest", Value::text(keys::digest(&cookie)))
            .with("browser", Value::text(browser.chars().filter(|c| !c.is_control()).take(200).collect::<String>()))
            .with("created", Value::Time(now()))
            .with("expires", Value::Time(now() + SIGN_IN_DAYS * DAY));
        self.insert(signed_in).await?;
        Self::set_cookie(&cookie, SIGN_IN_DAYS * DAY / 1_000_000);
        accounts::Accounts::me(self, &self.who(user, true).await?).await
    }

    /// Signs a user out of every browser but that with this digest.
    async fn sign_out_all(&self, user: Value, but: Option<&str>) -> Result<(), Problem> {
        let system = system();
        let sign_ins = self.store.find(&system.permit::<View>(&SIGN_IN)?, &[("user", user)]).await?;
        let mut write = self.store.begin(&system, &request_id()).await?;
        for one in sign_ins.iter().filter(|one| but != Some(one.text("digest"))) {
            write.delete(&system.permit::<Delete>(&SIGN_IN)?, one.id).await?;
        }
        Ok(write.commit().await?)
    }

    /// The account of whoever asks.
    async fn user(&self, who: &Who) -> Result<Record, Problem> {
        let permit = system().permit::<View>(&USER)?;
        let user = self.store.get(&permit, who.user.unwrap_or_default()).await?;
        user.ok_or_else(|| Problem::not_found("user"))
    }

    fn set_cookie(value: &str, seconds: i64) {
        let (Some(options), Some(browser)) = (use_context::<ResponseOptions>(), use_context::<Browser>()) else {
            return;
        };
        let secure = if browser.secure { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            options.insert_header(header::SET_COOKIE, cookie);
        }
    }
}

/// The owner in the tables of sign-ins and tokens.
fn own(who: &Who) -> Result<Value, Problem> {
    who.user
        .map(Value::Int)
        .ok_or_else(|| Problem::new(Label::Forbidden, "Sign in first: only people have an account."))
}

/// Keys and passwords are a person's business: a script with a stolen token is not to make itself another.
fn by_browser() -> Result<(), Problem> {
    match use_context::<Browser>() {
        Some(browser) if browser.cookie.is_some() && !browser.by_token => Ok(()),
        _ => Err(Problem::new(Label::Forbidden, "Passwords and tokens are changed in the browser, not with a token.")),
    }
}

/// Refuses a password that is no hurdle.
fn acceptable(field: &str, password: &str) -> Result<(), Problem> {
    match password.chars().count() {
        0..8 => Err(Problem::field(field, "The password is too short: take at least 8 characters.")),
        8..=1000 => Ok(()),
        _ => Err(Problem::field(field, "The password is too long: 1,000 characters at most.")),
    }
}

/// Whether a token may come from there.
fn is_allowed(token: &Record, address: Option<IpAddr>) -> bool {
    let nets = token.get("allowed_ips").as_texts();
    nets.is_empty()
        || address.is_some_and(|address| {
            nets.iter().filter_map(|net| net.parse::<IpNet>().ok()).any(|net| net.contains(&address))
        })
}

/// Prefixes, and addresses as prefixes of their own.
fn networks(text: &str) -> Result<Vec<Arc<str>>, Problem> {
    let parts = text.split([',', ' ', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let net = part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            let told = || {
                Problem::field(
                    "allowed_ips",
                    format!("“{part}” is no prefix. Type them as 192.0.2.0/24, 2001:db8::/32."),
                )
            };
            net.map(|net| net.trunc().to_string().into()).map_err(|_| told())
        })
        .collect()
}

#[async_trait]
impl accounts::Accounts for Accounts {
    async fn sign_in(&self, name: String, password: String) -> Result<Me, Problem> {
        let address = self.admit(&name)?;
        let user = self.find(&USER, "username", Value::text(name.trim())).await?;
        let fits = self.password_fits(user.as_ref(), password.clone()).await?;
        let user = user.filter(|user| fits && user.flag("is_active"));
        let Some(user) = user else {
            self.attempts.failed(&name, &address);
            let message = if self.anybody().await? {
                "Name or password is wrong."
            } else {
                "There is no user yet. Open the address that the server printed when it started."
            };
            return Err(Problem::new(Label::SignInNeeded, message));
        };
        self.attempts.succeeded(&name);
        if !keys::is_ours(user.text("password")) {
            // it came over from Peering Manager: from now on it is kept as ours are
            let hash = self.hash(password).await?;
            if let Err(problem) = self.change(user.clone().with("password", Value::text(hash))).await {
                tracing::warn!(%problem, "a password that came from Peering Manager is still kept as it was there");
            }
        }
        self.enter(&user).await
    }

    async fn is_first_run(&self) -> Result<bool, Problem> {
        let waiting = self.first_run.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        Ok(waiting && !self.anybody().await?)
    }

    async fn first_run(&self, token: String, name: String, password: String) -> Result<Me, Problem> {
        let address = self.admit("")?;
        let expected = self.first_run.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if self.anybody().await? || expected.is_none() {
            return Err(Problem::new(Label::Forbidden, "There is an administrator already. Sign in."));
        }
        if expected.is_none_or(|expected| keys::digest(&expected) != keys::digest(token.trim())) {
            self.attempts.failed("", &address);
            return Err(Problem::field("token", "This is not the token that the server printed when it started."));
        }
        acceptable("password", &password)?;
        self.begin().await?;
        let user = Record::new(&USER)
            .with("username", Value::text(name.trim()))
            .with("password", Value::text(self.hash(password).await?))
            .with("is_superuser", Value::Bool(true))
            .with("date_joined", Value::Time(now()));
        check::check(&user, &()).into_result()?;
        // taken before the insert: of two at once one finds none
        if self.first_run.lock().unwrap_or_else(PoisonError::into_inner).take().is_none() {
            return Err(Problem::new(Label::Forbidden, "There is an administrator already. Sign in."));
        }
        let user = self.insert(user).await?;
        tracing::info!(name = user.text("username"), "the first administrator was made");
        self.enter(&user).await
    }

    async fn account(&self, who: &Who) -> Result<Account, Problem> {
        let user = own(who)?;
        let this = use_context::<Browser>().and_then(|browser| browser.cookie).map(|cookie| keys::digest(&cookie));
        let mut sign_ins = self.store.find(&system().permit::<View>(&SIGN_IN)?, &[("user", user.clone())]).await?;
        let now = now();
        sign_ins.retain(|one| one.get("expires").as_time().is_some_and(|expires| expires > now));
        let tokens = self.store.find(&system().permit::<View>(&TOKEN)?, &[("user", user)]).await?;
        Ok(Account {
            sign_ins: sign_ins
                .iter()
                .rev()
                .map(|one| SignedIn {
                    browser: one.text("browser").to_owned(),
                    created: one.get("created").as_time().unwrap_or_default(),
                    this: this.as_deref() == Some(one.text("digest")),
                })
                .collect(),
            tokens: tokens
                .iter()
                .map(|token| OwnToken {
                    id: token.id,
                    hint: token.text("hint").to_owned(),
                    description: token.text("description").to_owned(),
                    may_write: token.flag("write_enabled"),
                    allowed_ips: token.get("allowed_ips").as_texts().iter().map(|net| net.to_string()).collect(),
                    created: token.get("created").as_time(),
                    expires: token.get("expires").as_time(),
                    last_used: token.get("last_used").as_time(),
                })
                .collect(),
        })
    }

    async fn change_password(&self, who: &Who, old: String, new: String) -> Result<(), Problem> {
        by_browser()?;
        let user = self.user(who).await?;
        let address = self.admit(user.text("username"))?;
        acceptable("new", &new)?;
        if !self.password_fits(Some(&user), old).await? {
            self.attempts.failed(user.text("username"), &address);
            return Err(Problem::field("old", "This is not your password of now."));
        }
        let hash = self.hash(new).await?;
        self.change(user.with("password", Value::text(hash))).await?;
        self.sign_out_elsewhere(who).await
    }

    async fn work_as(&self, who: &Who, autonomous_system: Option<i64>) -> Result<(), Problem> {
        let user = self.user(who).await?;
        if let Some(id) = autonomous_system {
            let found = self.store.get(&who.permit::<View>(&AUTONOMOUS_SYSTEM)?, id).await?;
            let found = found.ok_or_else(|| Problem::not_found(AUTONOMOUS_SYSTEM.name))?;
            if !found.flag("affiliated") {
                let message = format!("{} is not one of ours: mark it as affiliated first.", found.text("name"));
                return Err(Problem::field("autonomous_system", message));
            }
        }
        if !who.rights.may_write {
            return Err(Problem::new(Label::Forbidden, READ_ONLY));
        }
        // read again within the transaction: what somebody else takes from this user meanwhile stays taken
        let system = system();
        let mut write = self.store.begin(&system, &request_id()).await?;
        let user = write.get(&system.permit::<View>(&USER)?, user.id).await?;
        let user = user.ok_or_else(|| Problem::not_found(USER.name))?;
        let version = user.version;
        let chosen = autonomous_system.map_or(Value::Null, Value::Int);
        write.update(&system.permit::<Change>(&USER)?, version, user.with("context_as", chosen)).await?;
        Ok(write.commit().await?)
    }

    async fn new_password(&self, who: &Who, user: i64) -> Result<String, Problem> {
        by_browser()?;
        who.permit::<Change>(&USER)?;
        let found = self.store.get(&system().permit::<View>(&USER)?, user).await?;
        let user = found.ok_or_else(|| Problem::not_found(USER.name))?;
        let password = keys::new_password();
        let hash = self.hash(password.clone()).await?;
        let owner = Value::Int(user.id);
        self.change(user.with("password", Value::text(hash))).await?;
        self.sign_out_all(owner, None).await?;
        Ok(password)
    }

    async fn sign_out_elsewhere(&self, who: &Who) -> Result<(), Problem> {
        by_browser()?;
        let this = use_context::<Browser>().and_then(|browser| browser.cookie).map(|cookie| keys::digest(&cookie));
        self.sign_out_all(own(who)?, this.as_deref()).await
    }

    async fn make_token(&self, who: &Who, token: NewToken) -> Result<String, Problem> {
        by_browser()?;
        let user = self.user(who).await?;
        if token.expires.is_some_and(|expires| expires <= now()) {
            return Err(Problem::field("expires", "This time has passed already."));
        }
        let key = keys::random_hex(20);
        let record = Record::new(&TOKEN)
            .with("user", Value::Int(user.id))
            .with("digest", Value::text(keys::digest(&key)))
            .with("hint", Value::text(&key[34..]))
            .with("write_enabled", Value::Bool(token.may_write))
            .with("description", Value::text(token.description.trim()))
            .with("allowed_ips", Value::Texts(networks(&token.allowed_ips)?.into()))
            .with("expires", token.expires.map_or(Value::Null, Value::Time))
            .with("created", Value::Time(now()));
        self.insert(record).await?;
        Ok(key)
    }

    async fn delete_token(&self, who: &Who, id: i64) -> Result<(), Problem> {
        by_browser()?;
        let system = system();
        let token = self.store.get(&system.permit::<View>(&TOKEN)?, id).await?;
        let own = |token: &Record| token.get("user") == &Value::Int(who.user.unwrap_or_default());
        let Some(token) = token.filter(|token| who.rights.superuser || own(token)) else {
            return Err(Problem::not_found("such token of yours"));
        };
        if !own(&token) {
            tracing::info!(by = &*who.name, token = token.text("hint"), "an API token of somebody else is deleted");
        }
        let mut write = self.store.begin(&system, &request_id()).await?;
        write.delete(&system.permit::<Delete>(&TOKEN)?, id).await?;
        Ok(write.commit().await?)
    }

    async fn sign_out(&self) -> Result<(), Problem> {
        let cookie = use_context::<Browser>().and_then(|browser| browser.cookie);
        if let Some(cookie) = cookie
            && let Some(signed_in) = self.find(&SIGN_IN, "digest", Value::text(keys::digest(&cookie))).await?
        {
            let who = system();
            let permit = who.permit::<Delete>(&SIGN_IN)?;
            let mut write = self.store.begin(&who, &request_id()).await?;
            write.delete(&permit, signed_in.id).await?;
            write.commit().await?;
        }
        Self::set_cookie("", 0);
        Ok(())
    }

    async fn me(&self, who: &Who) -> Result<Me, Problem> {
        let mut counts = Vec::new();
        for of in registry::TYPES.iter().filter(|of| of.origin.is_edited() && who.allows::<View>(of)) {
            let count = self.store.count(&who.permit::<View>(of)?, &Filter::default()).await?;
            counts.push((of.key(), count));
        }
        Ok(Me {
            user: who.user.unwrap_or_default(),
            name: who.name.to_string(),
            rights: (*who.rights).clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            context_as: if who.user.is_some() { self.user(who).await?.int("context_as") } else { None },
            preferences: super::preferences::of(&self.store, who.user.unwrap_or_default()).await?,
            merging: self.store.merging(),
            counts,
        })
    }
}
