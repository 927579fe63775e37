//! Signing in and out, and the people and keys behind it.

use super::request_id;
use crate::{
    http::identity::{Browser, COOKIE},
    keys,
};
use anyhow::Context;
use async_trait::async_trait;
use axum::http::{HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use peerage_app::accounts::{self, Me};
use peerage_model::{
    Filter, Label, ObjectType, Origin, Problem, Record, Value, Who, check,
    permit::{Add, Change, Delete, View},
    registry,
    types::{SIGN_IN, TOKEN, USER},
};
use peerage_store::Store;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Semaphore;

/// A signed-in browser stays so for a fortnight.
const SIGN_IN_DAYS: i64 = 14;
const DAY: i64 = 86_400_000_000;
const MINUTE: i64 = 60_000_000;

pub struct Accounts {
    store: Store,
    /// Hashing takes a core and 19 MiB: no more than two at once.
    hashing: Semaphore,
}

/// Microseconds since 1970.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}

fn system() -> Who {
    Who::system("accounts")
}

impl Accounts {
    pub fn new(store: Store) -> Self {
        Self { store, hashing: Semaphore::new(2) }
    }

    /// The owner of a cookie; none if it has run out.
    pub async fn by_cookie(&self, cookie: &str) -> Result<Option<Who>, Problem> {
        let Some(signed_in) = self.find(&SIGN_IN, "digest", Value::text(keys::digest(cookie))).await? else {
            return Ok(None);
        };
        if signed_in.get("expires").as_time().is_none_or(|expires| expires <= now()) {
            return Ok(None);
        }
        let user = self.active_user(&signed_in).await?;
        Ok(user.map(|user| who(&user, true)))
    }

    /// The owner of an API token.
    pub async fn by_token(&self, key: &str) -> Result<Who, Problem> {
        let refused = || Problem::new(Label::SignInNeeded, "This API token is not known or has expired.");
        let token = self.find(&TOKEN, "digest", Value::text(keys::digest(key))).await?.ok_or_else(refused)?;
        let now = now();
        if token.get("expires").as_time().is_some_and(|expires| expires <= now) {
            return Err(refused());
        }
        let user = self.active_user(&token).await?.ok_or_else(refused)?;
        if token.get("last_used").as_time().is_none_or(|used| used < now - MINUTE) {
            self.change(token.clone().with("last_used", Value::Time(now))).await?;
        }
        Ok(who(&user, token.flag("write_enabled")))
    }

    /// Adds a user.
    pub async fn create_user(&self, name: &str, password: &str, superuser: bool) -> anyhow::Result<()> {
        anyhow::ensure!(password.chars().count() >= 8, "the password is too short: take at least 8 characters");
        let user = Record::new(&USER)
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
        check::check(&record).into_result()?;
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

fn who(user: &Record, may_write: bool) -> Who {
    Who { user: Some(user.id), name: user.text("username").into(), superuser: user.flag("is_superuser"), may_write }
}

#[async_trait]
impl accounts::Accounts for Accounts {
    async fn sign_in(&self, name: String, password: String) -> Result<Me, Problem> {
        let user = self.find(&USER, "username", Value::text(name.trim())).await?;
        let hash = user.as_ref().map(|user| user.text("password").to_owned()).filter(|hash| !hash.is_empty());
        let fits = {
            let _turn = self
                .hashing
                .acquire()
                .await
                .map_err(|_| Problem::new(Label::Unavailable, "The server is stopping."))?;
            tokio::task::spawn_blocking(move || keys::password_fits(&password, hash.as_deref())).await.unwrap_or(false)
        };
        let user = user.filter(|user| fits && user.flag("is_active"));
        let Some(user) = user else {
            let message = if self.anybody().await? {
                "Name or password is wrong."
            } else {
                "There is no user yet. On the server, run: peerage user create NAME --superuser"
            };
            return Err(Problem::new(Label::SignInNeeded, message));
        };
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
        self.me(&who(&user, true)).await
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
        for of in registry::of_origin(Origin::Operator).filter(|of| who.allows::<View>(of)) {
            let count = self.store.count(&who.permit::<View>(of)?, &Filter::default()).await?;
            counts.push((of.key(), count));
        }
        Ok(Me {
            user: who.user.unwrap_or_default(),
            name: who.name.to_string(),
            superuser: who.superuser,
            may_write: who.may_write && who.superuser,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            counts,
        })
    }
}
