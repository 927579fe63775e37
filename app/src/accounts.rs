//! Who is signed in, signing in and out, the first run, and what people do with their own account.

use crate::Answer;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use crate::{json::Json, preferences::Preferences};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use peerage_model::{context::Merging, permit::Rights};
use serde::{Deserialize, Serialize};

/// The signed-in person, and what the frame of every page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Me {
    /// 0: anybody, who is not signed in.
    pub user: i64,
    pub name: String,
    pub rights: Rights,
    /// The server's version.
    pub version: String,
    /// The affiliated AS that one has chosen to work as.
    #[serde(default)]
    pub context_as: Option<i64>,
    /// How one likes the pages to be.
    #[serde(default)]
    pub preferences: Preferences,
    /// How config contexts are merged here.
    #[serde(default)]
    pub merging: Merging,
    /// How many objects there are of each type, by key.
    pub counts: Vec<(String, u64)>,
}

/// One's own account: where one is signed in, and with which keys scripts act for one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub sign_ins: Vec<SignedIn>,
    pub tokens: Vec<OwnToken>,
}

/// A browser that is signed in. Times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    pub browser: String,
    pub created: i64,
    /// The one that asks.
    pub this: bool,
}

/// A key without the key. Times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnToken {
    pub id: i64,
    /// Its last six digits.
    pub hint: String,
    pub description: String,
    pub may_write: bool,
    /// Prefixes from which it is taken; none: from anywhere.
    pub allowed_ips: Vec<String>,
    pub created: Option<i64>,
    pub expires: Option<i64>,
    pub last_used: Option<i64>,
}

/// A key to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewToken {
    pub description: String,
    pub may_write: bool,
    /// Prefixes or addresses, with commas between; empty: from anywhere.
    pub allowed_ips: String,
    /// Microseconds since 1970; none: for ever.
    pub expires: Option<i64>,
}

/// People and keys.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Accounts: Send + Sync {
    async fn sign_in(&self, name: String, password: String) -> Result<Me, Problem>;
    async fn sign_out(&self) -> Result<(), Problem>;
    async fn me(&self, who: &Who) -> Result<Me, Problem>;
    async fn is_first_run(&self) -> Result<bool, Problem>;
    async fn first_run(&self, token: String, name: String, password: String) -> Result<Me, Problem>;
    async fn account(&self, who: &Who) -> Result<Account, Problem>;
    async fn change_password(&self, who: &Who, old: String, new: String) -> Result<(), Problem>;
    async fn work_as(&self, who: &Who, autonomous_system: Option<i64>) -> Result<(), Problem>;
    async fn new_password(&self, who: &Who, user: i64) -> Result<String, Problem>;
    async fn sign_out_elsewhere(&self, who: &Who) -> Result<(), Problem>;
    async fn make_token(&self, who: &Who, token: NewToken) -> Result<String, Problem>;
    async fn delete_token(&self, who: &Who, id: i64) -> Result<(), Problem>;
}

/// Whether nobody can sign in yet, and the first administrator is to be made.
#[server(prefix = "/fn", endpoint = "accounts/is-first-run", input = Json, output = Json)]
pub async fn is_first_run() -> Answer<bool> {
    Ok(capability::<dyn Accounts>()?.is_first_run().await?)
}

/// Makes the first administrator, with the token that the server printed, and signs in.
#[server(prefix = "/fn", endpoint = "accounts/first-run", input = Json, output = Json)]
pub async fn first_run(token: String, name: String, password: String) -> Answer<Me> {
    Ok(capability::<dyn Accounts>()?.first_run(token, name, password).await?)
}

/// One's own sign-ins and tokens.
#[server(prefix = "/fn", endpoint = "accounts/account", input = Json, output = Json)]
pub async fn own_account() -> Answer<Account> {
    Ok(capability::<dyn Accounts>()?.account(&who()?).await?)
}

/// Changes one's own password, and signs out everywhere else.
#[server(prefix = "/fn", endpoint = "accounts/change-password", input = Json, output = Json)]
pub async fn change_password(old: String, new: String) -> Answer<()> {
    Ok(capability::<dyn Accounts>()?.change_password(&who()?, old, new).await?)
}

/// Chooses the affiliated AS that one works as, or none: forms and imports begin with it.
#[server(prefix = "/fn", endpoint = "accounts/work-as", input = Json, output = Json)]
pub async fn work_as(autonomous_system: Option<i64>) -> Answer<()> {
    Ok(capability::<dyn Accounts>()?.work_as(&who()?, autonomous_system).await?)
}

/// Gives a user a new password, made by chance, signs them out everywhere and says it: it is not shown again.
#[server(prefix = "/fn", endpoint = "accounts/new-password", input = Json, output = Json)]
pub async fn new_password(user: i64) -> Answer<String> {
    Ok(capability::<dyn Accounts>()?.new_password(&who()?, user).await?)
}

/// Signs out every other browser.
#[server(prefix = "/fn", endpoint = "accounts/sign-out-elsewhere", input = Json, output = Json)]
pub async fn sign_out_elsewhere() -> Answer<()> {
    Ok(capability::<dyn Accounts>()?.sign_out_elsewhere(&who()?).await?)
}

/// Makes a token of one's own and gives its key, which is not shown again.
#[server(prefix = "/fn", endpoint = "accounts/make-token", input = Json, output = Json)]
pub async fn make_token(token: NewToken) -> Answer<String> {
    Ok(capability::<dyn Accounts>()?.make_token(&who()?, token).await?)
}

/// Deletes a token of one's own; administrators delete anybody's.
#[server(prefix = "/fn", endpoint = "accounts/delete-token", input = Json, output = Json)]
pub async fn delete_token(id: i64) -> Answer<()> {
    Ok(capability::<dyn Accounts>()?.delete_token(&who()?, id).await?)
}

/// Signs in: answers with the person and sets the cookie.
#[server(prefix = "/fn", endpoint = "accounts/sign-in", input = Json, output = Json)]
pub async fn sign_in(name: String, password: String) -> Answer<Me> {
    Ok(capability::<dyn Accounts>()?.sign_in(name, password).await?)
}

/// Signs this browser out.
#[server(prefix = "/fn", endpoint = "accounts/sign-out", input = Json, output = Json)]
pub async fn sign_out() -> Answer<()> {
    Ok(capability::<dyn Accounts>()?.sign_out().await?)
}

/// Who is signed in.
#[server(prefix = "/fn", endpoint = "accounts/me", input = Json, output = Json)]
pub async fn who_am_i() -> Answer<Me> {
    Ok(capability::<dyn Accounts>()?.me(&who()?).await?)
}
