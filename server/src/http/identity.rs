//! Who sends a request: the cookie of a signed-in browser, or an API token. Both are looked up by their digest.

use super::client::Client;
use crate::services::Services;
use axum::http::{HeaderMap, header};
use peerage_model::{Label, Problem, Who};
use std::net::IpAddr;

/// The cookie's name.
pub const COOKIE: &str = "peerage_session";

/// What signing in and out needs of the browser.
#[derive(Clone, Debug)]
pub struct Browser {
    pub cookie: Option<String>,
    /// It speaks https, so the cookie may be kept to that.
    pub secure: bool,
    pub agent: String,
    pub address: Option<IpAddr>,
    /// It sent a token rather than its cookie.
    pub by_token: bool,
}

/// The person behind a request; none: nobody is signed in. Where anybody may look, whoever is not signed in is anybody.
///
/// # Errors
/// If a token was sent that does not stand for anyone. (A cookie that has run out is nobody.)
pub async fn of(services: &Services, client: &Client, headers: &HeaderMap) -> Result<Option<Who>, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let key = text.strip_prefix("Token ").or_else(|| text.strip_prefix("Bearer ")).map(str::trim);
        let key = key.ok_or_else(|| {
            Problem::new(Label::SignInNeeded, "The Authorization header is not understood. Send: Token KEY.")
        })?;
        return services.accounts().by_token(key, client.address).await.map(Some);
    }
    let person = match cookie(headers) {
        Some(cookie) => services.accounts().by_cookie(&cookie).await?,
        None => None,
    };
    Ok(person.or_else(|| services.front().anybody_looks().then(Who::anybody)))
}

/// The value of our cookie.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}
