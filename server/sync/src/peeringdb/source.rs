//! Where PeeringDB's rows come from: an API at any base URL, or a directory of files for networks without a way out.
//!
//! Both give one [`Answer`] for one type, whole and known to be well-formed, or say why not. Nothing of a broken answer
//! gets further than this module. The API key is never printed: [`Source`] has no `Debug` that shows it, and errors
//! name paths, not headers.

use super::{
    answer::{self, Answer},
    directory,
};
use reqwest::{
    Client, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue, RETRY_AFTER},
    redirect,
};
use std::{fmt, path::PathBuf, time::Duration};
use tokio_util::sync::CancellationToken;

/// PeeringDB's own API.
pub const PUBLIC_API: &str = "https://www.peeringdb.com/api";
/// The most bytes of one answer, unpacked. The largest table has 32 MB.
pub const MOST_BYTES: usize = 512 << 20;
/// Ids in one request for named rows: keeps the URL below 2,000 characters.
const IDS_A_REQUEST: usize = 150;

/// Where to read from.
#[derive(Clone)]
pub struct Source {
    place: Place,
    patience: Patience,
}

#[derive(Clone)]
enum Place {
    Api { base: Url, key: Option<HeaderValue>, client: Client },
    Directory(PathBuf),
}

/// How long to wait for an API, and how often to try again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub tries: u32,
    /// Before the second try; doubled before each further one.
    pub first_wait: Duration,
    /// The longest `Retry-After` that is obeyed; a longer one ends the request.
    pub longest_wait: Duration,
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// For one request.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 4,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(180),
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(600),
        }
    }
}

/// Why a type could not be read. Texts are for the person who runs the synchronisation.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("“{0}” is not the address of an API. Give it like {PUBLIC_API}.")]
    Address(String),
    #[error(
        "Leave out name, password and what follows a question mark: the address is seen by others. A key can be configured with --peeringdb-api-key-file."
    )]
    Telling,
    #[error("The API key has characters that a header cannot carry.")]
    Key,
    #[error("HTTP cannot be set up: {0}")]
    Setup(String),
    #[error("{0} is not a directory that can be read.")]
    Directory(String),
    #[error("{path}: {cause}")]
    File { path: String, cause: String },
    #[error("{0}: no file {1}.json, {1}.json.gz or {1}/page-1.json there.")]
    NoFile(String, String),
    #[error("PeeringDB answered {0}{1}.")]
    Status(u16, &'static str),
    #[error("PeeringDB asks to wait {0} seconds (429); that is too long. Try again later, or use an API key.")]
    Throttled(u64),
    #[error("PeeringDB cannot be reached: {0}. Look at the base URL, and whether this machine may go there.")]
    Unreachable(String),
    #[error("The answer broke off: {0}.")]
    Transport(String),
    #[error("The answer took too long.")]
    Timeout,
    #[error("The answer is larger than {} MiB.", MOST_BYTES >> 20)]
    TooLarge,
    #[error("The answer cannot be read: {0}.")]
    Unreadable(String),
    #[error("Stopped.")]
    Cancelled,
}

impl SourceError {
    /// How many seconds the other side asks to be left alone.
    pub fn asks_to_wait(&self) -> Option<u64> {
        if let Self::Throttled(seconds) = self { Some(*seconds) } else { None }
    }

    /// Whether the same question may be answered later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status(status, _) => *status >= 500 || *status == 408 || *status == 425,
            Self::Unreachable(_) | Self::Transport(_) | Self::Timeout | Self::Unreadable(_) => true,
            _ => false,
        }
    }
}

impl Source {
    /// An API. `base` as `https://www.peeringdb.com/api`, or the bare host, which then means its `/api`.
    ///
    /// # Errors
    /// If `base` is no http(s) address or `key` cannot be a header.
    pub fn api(base: &str, key: Option<&str>) -> Result<Self, SourceError> {
        Self::api_with(base, key, Patience::default())
    }

    /// An API at an address that others see, as in a job: no key, and no password in it. What it says is judged as it will be
    /// understood, not as it is written.
    ///
    /// # Errors
    /// As [`Source::api`], and if there is more in `base` than an address.
    pub fn seen_api(base: &str) -> Result<Self, SourceError> {
        let url = Url::parse(base.trim()).map_err(|_| SourceError::Address(base.to_owned()))?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if is_bare && url.fragment().is_none() { Self::api(base, None) } else { Err(SourceError::Telling) }
    }

    /// As [`Source::api`], with other time-outs.
    ///
    /// # Errors
    /// As [`Source::api`].
    pub fn api_with(base: &str, key: Option<&str>, patience: Patience) -> Result<Self, SourceError> {
        let wrong = || SourceError::Address(base.to_owned());
        let mut url = Url::parse(base.trim()).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(wrong());
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(if path.is_empty() { "/api" } else { &path });
        url.set_query(None);
        url.set_fragment(None);
        let key = key.map(str::trim).filter(|key| !key.is_empty()).map(header).transpose()?;
        // Somebody else may have installed a provider: either is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("peerage/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(patience.connect)
            .read_timeout(patience.idle)
            .timeout(patience.total)
            .redirect(redirect::Policy::custom(|attempt| {
                let from_https = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
                if attempt.previous().len() > 3 || (from_https && attempt.url().scheme() != "https") {
                    attempt.stop()
                } else {
                    attempt.follow()
                }
            }))
            .build()
            .map_err(|error| SourceError::Setup(cause_of(&error)))?;
        Ok(Self { place: Place::Api { base: url, key, client }, patience })
    }

    /// A directory with `net.json`, `net.json.gz` or `net/page-1.json`..., each an API answer or a plain list.
    ///
    /// # Errors
    /// If it is not a directory.
    pub fn directory(path: impl Into<PathBuf>) -> Result<Self, SourceError> {
        let path = path.into();
        if path.is_dir() {
            Ok(Self { place: Place::Directory(path), patience: Patience::default() })
        } else {
            Err(SourceError::Directory(path.display().to_string()))
        }
    }

    /// Whether it is asked with a key, and so tells what PeeringDB shows only to its users.
    pub fn is_keyed(&self) -> bool {
        matches!(&self.place, Place::Api { key: Some(_), .. })
    }

    /// In words, without key or password.
    pub fn name(&self) -> String {
        match &self.place {
            Place::Api { base, .. } => {
                let mut shown = base.clone();
                // Fails only for URLs without a host, which `api_with` refuses.
                let _ = shown.set_username("");
                let _ = shown.set_password(None);
                shown.to_string()
            }
            Place::Directory(path) => path.display().to_string(),
        }
    }

    /// All rows of a type since a time (seconds since 1970, inclusive; 0: all that exist).
    ///
    /// # Errors
    /// After the last try, why it could not be had.
    pub async fn fetch(
        &self,
        namespace: &'static str,
        since: i64,
        cancel: &CancellationToken,
    ) -> Result<Answer, SourceError> {
        match &self.place {
            Place::Api { .. } => {
                let query = [("since", since.to_string()), ("depth", "0".to_owned())];
                let mut answer = self.ask_until_answered(namespace, &query, cancel).await?;
                answer.whole = since == 0;
                Ok(answer)
            }
            Place::Directory(path) => {
                let path = path.clone();
                let read = move || {
                    let mut answer = answer::read(directory::pages(&path, namespace)?)?;
                    // Files with tombstones hold what changed, the others everything.
                    answer.whole = answer.rows.iter().all(|row| !row.deleted);
                    Ok(answer)
                };
                tokio::task::spawn_blocking(read).await.map_err(|e| SourceError::Unreadable(e.to_string()))?
            }
        }
    }

    /// Rows of a type as they are now, by id; those that do not come are deleted. None where it cannot be asked
    /// (a directory).
    ///
    /// # Errors
    /// After the last try, why it could not be had.
    pub async fn fetch_rows(
        &self,
        namespace: &'static str,
        ids: &[i64],
        cancel: &CancellationToken,
    ) -> Result<Option<Vec<Answer>>, SourceError> {
        if matches!(self.place, Place::Directory(_)) {
            return Ok(None);
        }
        let mut answers = Vec::new();
        for ids in ids.chunks(IDS_A_REQUEST) {
            let list = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            let query = [("id__in", list), ("depth", "0".to_owned())];
            answers.push(self.ask_until_answered(namespace, &query, cancel).await?);
        }
        Ok(Some(answers))
    }

    async fn ask_until_answered(
        &self,
        namespace: &str,
        query: &[(&str, String)],
        cancel: &CancellationToken,
    ) -> Result<Answer, SourceError> {
        let mut wait = self.patience.first_wait;
        let mut tries = 1;
        loop {
            let asked = tokio::select! {
                asked = self.ask(namespace, query) => asked,
                () = cancel.cancelled() => return Err(SourceError::Cancelled),
            };
            let pause = match asked {
                Ok(answer) => return Ok(answer),
                Err(error) if tries >= self.patience.tries => return Err(error),
                Err(SourceError::Throttled(seconds)) if seconds <= self.patience.longest_wait.as_secs() => {
                    Duration::from_secs(seconds)
                }
                Err(error) if error.may_pass() => wait,
                Err(error) => return Err(error),
            };
            tracing::info!(namespace, tries, seconds = pause.as_secs_f32(), "PeeringDB is asked again after a pause");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = cancel.cancelled() => return Err(SourceError::Cancelled),
            }
            wait *= 2;
            tries += 1;
        }
    }

    async fn ask(&self, namespace: &str, query: &[(&str, String)]) -> Result<Answer, SourceError> {
        let Place::Api { base, key, client } = &self.place else {
            return Err(SourceError::Directory(self.name()));
        };
        let mut url = base.clone();
        url.set_path(&format!("{}/{namespace}", base.path()));
        url.query_pairs_mut().extend_pairs(query);
        let mut request = client.get(url);
        if let Some(key) = key {
            request = request.header(AUTHORIZATION, key.clone());
        }
        let mut response = request.send().await.map_err(transport)?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            // A date instead of seconds is rare; then the usual back-off does.
            let seconds = asked.and_then(|text| text.trim().parse().ok());
            return Err(seconds.map_or(SourceError::Throttled(self.patience.first_wait.as_secs()), |seconds| {
                SourceError::Throttled(seconds)
            }));
        }
        if !status.is_success() {
            return Err(SourceError::Status(status.as_u16(), hint(status, key.is_some())));
        }
        let announced = response.content_length().unwrap_or(0) as usize;
        if announced > MOST_BYTES {
            return Err(SourceError::TooLarge);
        }
        let mut body = Vec::with_capacity(announced);
        while let Some(piece) = response.chunk().await.map_err(transport)? {
            if body.len() + piece.len() > MOST_BYTES {
                return Err(SourceError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        tokio::task::spawn_blocking(move || answer::read(vec![body]))
            .await
            .map_err(|error| SourceError::Unreadable(error.to_string()))?
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.name()).finish()
    }
}

fn header(key: &str) -> Result<HeaderValue, SourceError> {
    let mut value = HeaderValue::from_str(&format!("Api-Key {key}")).map_err(|_| SourceError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What a refusal probably means.
fn hint(status: StatusCode, with_key: bool) -> &'static str {
    match status.as_u16() {
        401 | 403 if with_key => " (the API key is not accepted)",
        401 | 403 => " (an API key is needed)",
        404 => " (is the base URL right?)",
        300..=399 => " (a redirection that leads elsewhere)",
        500.. => " (it has a fault of its own)",
        _ => "",
    }
}

fn transport(error: reqwest::Error) -> SourceError {
    match cause_of(&error) {
        // nobody answered; `is_timeout` is true of this as well
        cause if error.is_connect() => SourceError::Unreachable(cause),
        _ if error.is_timeout() => SourceError::Timeout,
        cause => SourceError::Transport(cause),
    }
}

/// The innermost cause: the outer ones repeat the URL.
pub(crate) fn cause_of(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
