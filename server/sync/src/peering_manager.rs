//! Peering Manager's REST API, read to move over from it: whole lists, page by page.

pub mod database;

use reqwest::{
    Client, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue},
    redirect,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::time::Duration;

/// Rows of a page.
const PER_PAGE: usize = 1_000;
/// Rows of a list: more are a server that counts on without end.
const MOST: usize = 2_000_000;

/// A Peering Manager that answers us.
pub struct Api {
    base: Url,
    token: HeaderValue,
    client: Client,
}

/// Why a list could not be read. Without the token.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("“{0}” is not the address of Peering Manager. Give it like https://peering.example.net.")]
    Address(String),
    #[error("The token has characters that a header cannot carry.")]
    Token,
    #[error("HTTP cannot be set up: {0}")]
    Setup(String),
    #[error("It does not take the token (403): its user must be allowed to see everything.")]
    Forbidden,
    #[error("It answered {0}.")]
    Status(u16),
    #[error("The answer broke off: {0}")]
    Transport(String),
    #[error("The answer cannot be read: {0}")]
    Unreadable(String),
    #[error("The list has no end.")]
    Endless,
}

#[derive(Deserialize)]
struct Page {
    next: Option<String>,
    results: Vec<Map<String, Json>>,
}

impl Api {
    /// `base` is where its pages are, or its `/api`.
    ///
    /// # Errors
    /// `base` is no http(s) address, or the token cannot be a header.
    pub fn new(base: &str, token: &str) -> Result<Self, ApiError> {
        let wrong = || ApiError::Address(base.to_owned());
        let mut url = Url::parse(base.trim()).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(wrong());
        }
        let path = url.path().trim_end_matches('/').trim_end_matches("/api").to_owned();
        url.set_path(&format!("{path}/api/"));
        url.set_query(None);
        let mut token = HeaderValue::from_str(&format!("Token {}", token.trim())).map_err(|_| ApiError::Token)?;
        token.set_sensitive(true);
        // Somebody else may have installed a provider: either is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("peerage/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(300))
            // a token is for the host that it was given for
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| ApiError::Setup(error.to_string()))?;
        Ok(Self { base: url, token, client })
    }

    /// All rows of an endpoint, `peering/autonomous-systems`; none where it has no such endpoint.
    ///
    /// # Errors
    /// It refuses, or what it answers cannot be read.
    pub async fn list(&self, endpoint: &str) -> Result<Vec<Map<String, Json>>, ApiError> {
        let mut rows = Vec::new();
        loop {
            let address = format!("{endpoint}/?limit={PER_PAGE}&offset={}", rows.len());
            let url = self.base.join(&address).map_err(|_| ApiError::Address(address))?;
            let answer = self.client.get(url).header(AUTHORIZATION, self.token.clone()).send().await;
            let answer = answer.map_err(|error| ApiError::Transport(error.without_url().to_string()))?;
            match answer.status() {
                status if status.is_success() => {}
                StatusCode::NOT_FOUND if rows.is_empty() => return Ok(rows),
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(ApiError::Forbidden),
                status => return Err(ApiError::Status(status.as_u16())),
            }
            let bytes = answer.bytes().await.map_err(|error| ApiError::Transport(error.without_url().to_string()))?;
            let page: Page = serde_json::from_slice(&bytes).map_err(|error| ApiError::Unreadable(error.to_string()))?;
            let empty = page.results.is_empty();
            rows.extend(page.results);
            // its server may have a page length of its own: what says that there is more is the link
            if page.next.is_none() || empty {
                return Ok(rows);
            }
            if rows.len() > MOST {
                return Err(ApiError::Endless);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    /// A server with five tags, which gives two at a time to whoever has the token "abc"; other lists it does not know.
    async fn server() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/pm", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let (mut head, mut line) = (String::new(), String::new());
                while stream.read_line(&mut line).await.unwrap() > 2 {
                    head.push_str(&std::mem::take(&mut line));
                }
                let path = head.split(' ').nth(1).unwrap_or_default();
                let offset: usize = path.rsplit('=').next().and_then(|number| number.parse().ok()).unwrap_or_default();
                let ids: Vec<Json> = (offset + 1..=5).take(2).map(|id| serde_json::json!({ "id": id })).collect();
                let next = (offset + 2 < 5).then_some("http://elsewhere/");
                let body = serde_json::json!({"count": 5, "next": next, "results": ids}).to_string();
                let status = match () {
                    () if !head.contains("Token abc\r\n") => "403 Forbidden",
                    () if !path.starts_with("/pm/api/extras/tags/?") => "404 Not Found",
                    () => "200 OK",
                };
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn lists_are_read_to_their_end() {
        let address = server().await;
        for base in [address.clone(), format!("{address}/api/")] {
            let api = Api::new(&base, " abc ").unwrap();
            let ids: Vec<i64> =
                api.list("extras/tags").await.unwrap().iter().filter_map(|row| row["id"].as_i64()).collect();
            assert_eq!(ids, [1, 2, 3, 4, 5]);
            assert!(api.list("core/unheard-of").await.unwrap().is_empty());
        }
        let refusal = Api::new(&address, "other").unwrap().list("extras/tags").await.unwrap_err();
        assert!(matches!(refusal, ApiError::Forbidden), "{refusal}");
        assert!(matches!(Api::new("peering.example.net", "abc"), Err(ApiError::Address(_))));
    }
}
