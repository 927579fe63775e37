//! Who is signed in, signing in and out.

use crate::Answer;
use crate::json::Json;
#[cfg(feature = "ssr")]
use crate::{capability, who};
use leptos::server;
#[cfg(feature = "ssr")]
use peerage_model::{Problem, Who};
use serde::{Deserialize, Serialize};

/// The signed-in person, and what the frame of every page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Me {
    pub user: i64,
    pub name: String,
    pub superuser: bool,
    pub may_write: bool,
    /// The server's version.
    pub version: String,
    /// How many objects there are of each type, by key.
    pub counts: Vec<(String, u64)>,
}

/// Signing in and out.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Accounts: Send + Sync {
    async fn sign_in(&self, name: String, password: String) -> Result<Me, Problem>;
    async fn sign_out(&self) -> Result<(), Problem>;
    async fn me(&self, who: &Who) -> Result<Me, Problem>;
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
