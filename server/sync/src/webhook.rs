//! Telling another system of a change: one HTTP request, and what was answered. Where it leads is typed by people, so that it could
//! lead into our own network: to what listens on this machine, to a cloud's metadata, to whatever trusts us for our address. So
//! the name is resolved first, every address is judged, and only the judged ones are connected to; a redirection is not followed.
//! Through a proxy it is the proxy that resolves and connects: what we can tell is judged all the same, the rest is the proxy's to
//! refuse.

use crate::peeringdb::cause_of;
use hmac::{Hmac, KeyInit, Mac};
use ipnet::IpNet;
use reqwest::{
    Certificate, Client, Method, Proxy, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER},
    redirect,
};
use sha2::Sha512;
use std::{
    io::Read as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant, SystemTime},
};
use tokio::net::lookup_host;

/// What the body's signature stands in: HMAC-SHA512 of its bytes, in hexadecimal, as Peering Manager signs.
pub const SIGNATURE: &str = "x-hook-signature";
/// Bytes of an answer that are read.
const MOST_BYTES: usize = 8 << 10;
/// Bytes of a file with certificates.
const MOST_CERTIFICATES: u64 = 1 << 20;
/// What a webhook cannot set: the request's own frame.
const OWN_HEADERS: [&str; 5] = ["content-length", "transfer-encoding", "connection", "upgrade", "te"];

/// A request that is to be made.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// `POST`, as it is stored.
    pub method: String,
    pub url: String,
    pub content_type: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// What the body is signed with.
    pub secret: Option<String>,
    /// The receiver's certificate may be anybody's.
    pub unchecked: bool,
    /// Certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// The first characters of it, without what was secret in the request.
    pub beginning: String,
    /// Where it wants to be asked instead.
    pub location: Option<String>,
    /// How long it wants to be left alone (RFC 9110, section 10.2.3).
    pub patience: Option<Duration>,
    pub took: Duration,
}

/// Why there was no answer. Without the address that was called: it may hold a key.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("The address is no http or https address.")]
    Address,
    #[error("That is no address of a proxy: http://proxy.example.net:3128 is one.")]
    Proxy,
    #[error("“{0}” is no method.")]
    Method(String),
    #[error("{0}: no header is called so, or none may be set here.")]
    Header(String),
    #[error("{0}: its value has characters that a header cannot carry.")]
    HeaderValue(String),
    #[error("The CA file cannot be used: the server's log says why.")]
    Certificates,
    #[error(
        "{0} is an address of our own network, which webhooks do not reach. An administrator of the server can allow it \
         (--webhook-allow)."
    )]
    OwnNetwork(IpAddr),
    #[error("HTTP cannot be set up: {0}.")]
    Setup(String),
    #[error("There is no such host: {0}.")]
    Unresolved(String),
    #[error("It cannot be reached: {0}.")]
    Unreachable(String),
    #[error("It did not answer within {0} seconds.")]
    Timeout(u64),
    #[error("The answer broke off: {0}.")]
    Transport(String),
}

impl CallError {
    /// Whether the same request may be answered later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unresolved(_) | Self::Unreachable(_) | Self::Timeout(_) | Self::Transport(_))
    }
}

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(15) }
    }
}

/// Who makes the requests, and where they may lead.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Of our own network.
    allowed: Arc<[IpNet]>,
    /// Where this process listens.
    own: Arc<OnceLock<SocketAddr>>,
    patience: Patience,
    proxy: Option<Proxy>,
}

impl Caller {
    /// Requests may lead anywhere but into our own network, and there to these prefixes.
    pub fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.into(), ..Self::default() }
    }

    /// This process listens there, which is never called.
    pub fn stand_beside(&self, own: SocketAddr) {
        // it listens once
        let _ = self.own.set(own);
    }

    /// Requests go through a proxy: `http://proxy.example.net:3128`.
    ///
    /// # Errors
    /// That is no address of a proxy.
    pub fn through(mut self, proxy: Option<&str>) -> Result<Self, CallError> {
        let proxy = proxy.map(|address| {
            let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            url.and_then(|url| Proxy::all(url).ok()).ok_or(CallError::Proxy)
        });
        self.proxy = proxy.transpose()?;
        Ok(self)
    }

    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Makes a request.
    ///
    /// # Errors
    /// It cannot be made as it is, leads where it may not, or is not answered.
    pub async fn call(&self, call: &Call) -> Result<Answer, CallError> {
        let began = Instant::now();
        let url = Url::parse(call.url.trim()).map_err(|_| CallError::Address)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(CallError::Address);
        }
        let method = call.method.parse::<Method>().map_err(|_| CallError::Method(call.method.clone()))?;
        let headers = headers(call)?;
        let judged = self.judged(&url).await?;
        let client = self.client(call, &url, &judged)?;
        let request = client.request(method, url).headers(headers).body(call.body.clone());
        let mut response = request.send().await.map_err(|error| self.transport(&error))?;
        let status = response.status().as_u16();
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let patience = response.headers().get(RETRY_AFTER).and_then(|value| patience_in(value.to_str().ok()?));
        let mut bytes = Vec::new();
        while bytes.len() < MOST_BYTES {
            match response.chunk().await {
                Ok(Some(piece)) => bytes.extend_from_slice(&piece[..piece.len().min(MOST_BYTES - bytes.len())]),
                Ok(None) => break,
                // it has answered: how the rest of the answer ends changes nothing
                Err(_) if response.status().is_success() => break,
                Err(error) => return Err(self.transport(&error)),
            }
        }
        let beginning = without_secrets(call, String::from_utf8_lossy(&bytes).into_owned());
        Ok(Answer { status, beginning, location, patience, took: began.elapsed() })
    }

    /// The addresses of a host that may be connected to.
    async fn judged(&self, url: &Url) -> Result<Vec<SocketAddr>, CallError> {
        let port = url.port_or_known_default().ok_or(CallError::Address)?;
        let host = url.host_str().ok_or(CallError::Address)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = match bare.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => {
                let asked = tokio::time::timeout(self.patience.connect, lookup_host((bare, port))).await;
                // behind a proxy there may be no name server that knows the world
                if self.proxy.is_some() && !matches!(asked, Ok(Ok(_))) {
                    return Ok(Vec::new());
                }
                let asked = asked.map_err(|_| CallError::Unresolved("its name server does not answer".to_owned()))?;
                asked.map_err(|error| CallError::Unresolved(error.to_string()))?.collect()
            }
        };
        // one address that may not be called says whose name it is
        match addresses.iter().find(|address| !self.may_reach(**address)) {
            Some(refused) => Err(CallError::OwnNetwork(refused.ip())),
            None if addresses.is_empty() => Err(CallError::Unresolved("it has no address".to_owned())),
            None => Ok(addresses),
        }
    }

    /// Whether an address may be connected to.
    fn may_reach(&self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        if self.is_own_listener(ip, address.port()) {
            return false;
        }
        !is_of_own_network(ip) || self.allowed.iter().any(|prefix| prefix.contains(&ip))
    }

    fn is_own_listener(&self, ip: IpAddr, port: u16) -> bool {
        let Some(own) = self.own.get().filter(|own| own.port() == port) else { return false };
        // only an address of this machine can be bound to
        own.ip().to_canonical() == ip || own.ip().is_unspecified() && UdpSocket::bind((ip, 0)).is_ok()
    }

    /// A client that knows no other addresses than those that were judged.
    fn client(&self, call: &Call, url: &Url, judged: &[SocketAddr]) -> Result<Client, CallError> {
        // Somebody else may have installed a provider: either is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("peerage/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.patience.connect)
            .timeout(self.patience.total)
            .redirect(redirect::Policy::none())
            // what the environment says is for others: it would resolve the name again
            .no_proxy();
        builder = match &self.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder.resolve_to_addrs(url.host_str().unwrap_or_default(), judged),
        };
        if call.unchecked {
            builder = builder.tls_danger_accept_invalid_certs(true);
        } else if let Some(path) = &call.ca_file {
            builder = builder.tls_certs_only(certificates(path)?);
        }
        builder.build().map_err(|error| CallError::Setup(cause_of(&error)))
    }

    fn transport(&self, error: &reqwest::Error) -> CallError {
        match cause_of(error) {
            // nobody answered; `is_timeout` is true of this as well
            cause if error.is_connect() => CallError::Unreachable(cause),
            _ if error.is_timeout() => CallError::Timeout(self.patience.total.as_secs()),
            cause => CallError::Transport(cause),
        }
    }
}

/// The signature of a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(secret.as_bytes()) else {
        // HMAC takes keys of any length
        return String::new();
    };
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn headers(call: &Call) -> Result<HeaderMap, CallError> {
    let value =
        |name: &str, text: &str| HeaderValue::from_str(text).map_err(|_| CallError::HeaderValue(name.to_owned()));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, value("Content-Type", &call.content_type)?);
    for (name, text) in &call.headers {
        let wrong = || CallError::Header(name.clone());
        let header = name.parse::<HeaderName>().map_err(|_| wrong())?;
        if OWN_HEADERS.contains(&header.as_str()) {
            return Err(wrong());
        }
        let mut text = value(name, text)?;
        text.set_sensitive(true);
        headers.insert(header, text);
    }
    if let Some(secret) = call.secret.as_deref().filter(|secret| !secret.is_empty()) {
        headers.insert(SIGNATURE, value(SIGNATURE, &signature(secret, call.body.as_bytes()))?);
    }
    Ok(headers)
}

/// Seconds, or a moment.
fn patience_in(text: &str) -> Option<Duration> {
    let text = text.trim();
    let moment = || httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok();
    text.parse().map(Duration::from_secs).ok().or_else(moment)
}

/// Reads a file of certificates. One answer for all that can be wrong with it: the sender's log has the reason, and nobody
/// finds out through us what else is on the machine.
fn certificates(path: &Path) -> Result<Vec<Certificate>, CallError> {
    let read = || -> Result<Vec<Certificate>, String> {
        // devices and pipes may have no end, or wait for one
        if !std::fs::metadata(path).map_err(|error| error.to_string())?.is_file() {
            return Err("it is no file".to_owned());
        }
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        file.take(MOST_CERTIFICATES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        if bytes.len() as u64 > MOST_CERTIFICATES {
            return Err(format!("it is larger than {} MiB", MOST_CERTIFICATES >> 20));
        }
        let found = Certificate::from_pem_bundle(&bytes).map_err(|error| error.to_string())?;
        if found.is_empty() { Err("it holds no certificates".to_owned()) } else { Ok(found) }
    };
    read().map_err(|why| {
        tracing::warn!(path = %path.display(), why, "a webhook's CA file cannot be used");
        CallError::Certificates
    })
}

/// Whoever answers with what it was sent would have us keep it.
fn without_secrets(call: &Call, mut answer: String) -> String {
    let values = call.headers.iter().map(|(_, value)| value.as_str());
    // the part after “Bearer”, too
    let words = values.flat_map(|value| std::iter::once(value).chain(value.split_whitespace()));
    let mut secrets: Vec<&str> = words.chain(call.secret.as_deref()).filter(|secret| secret.len() >= 6).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        answer = answer.replace(secret, "*****");
    }
    answer
}

/// Addresses that only lead somewhere from where we are: this machine, its neighbours, private networks, groups.
fn is_of_own_network(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_own_v4(ip),
        IpAddr::V6(ip) => is_own_v6(ip),
    }
}

fn is_own_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        // this network
        || a == 0
        // between a provider and its customers, RFC 6598
        || (a == 100 && b & 0xc0 == 64)
        // protocol assignments and measurements, RFC 6890, RFC 2544
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18)
        // reserved, and everybody
        || a >= 240
}

fn is_own_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let [.., high, low] = parts;
    let within = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_unique_local()
        || ip.is_unicast_link_local()
        // site-local, RFC 3879
        || parts[0] & 0xffc0 == 0xfec0
        // an IPv4 address in another form: compatible, translated (RFC 6052, RFC 8215), 6to4 (RFC 3056)
        || (parts[..6] == [0; 6] && is_own_v4(within))
        || (parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] && is_own_v4(within))
        || parts[..3] == [0x64, 0xff9b, 1]
        || (parts[0] == 0x2002 && is_own_v4(Ipv4Addr::from((u32::from(parts[1]) << 16) | u32::from(parts[2]))))
        // Teredo
        || parts[..2] == [0x2001, 0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// Answers every request with the same words; gives what it was sent.
    async fn receiver(answer: &'static str) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, heard) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                let mut piece = [0; 4096];
                loop {
                    let count = stream.read(&mut piece).await.unwrap();
                    request.extend_from_slice(&piece[..count]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                    let whole = text.find("\r\n\r\n").is_some_and(|at| text.len() >= at + 4 + length.unwrap_or(0));
                    if count == 0 || whole {
                        let _ = told.send(text);
                        break;
                    }
                }
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (address, heard)
    }

    fn call(url: String) -> Call {
        Call { method: "POST".to_owned(), url, content_type: "application/json".to_owned(), ..Call::default() }
    }

    fn here() -> Caller {
        Caller::new(&["127.0.0.0/8".parse().unwrap()])
    }

    #[test]
    fn a_body_is_signed_as_pythons_hmac_does() {
        // hmac.new(b"a key of ours", b'{"event": "create", "asn": 64500}', "sha512").hexdigest()
        let python = "467d55a35b92c28d9e9ff58de688b9a292a6c35816b358b0987a8d17968e12a93280c8bd5a94d00bec96137b31f541af82a494de14cf72b4734dc4e320387819";
        assert_eq!(signature("a key of ours", br#"{"event": "create", "asn": 64500}"#), python);
    }

    #[tokio::test]
    async fn a_request_has_its_headers_and_its_signature() {
        let (address, mut heard) =
            receiver("HTTP/1.1 202 Accepted\r\ncontent-length: 31\r\n\r\nthanks for Bearer abcdef-123456").await;
        let mut call = call(format!("http://{address}/hook?x=1"));
        call.headers = vec![("Authorization".to_owned(), "Bearer abcdef-123456".to_owned())];
        call.body = r#"{"event": "create", "asn": 64500}"#.to_owned();
        call.secret = Some("a key of ours".to_owned());
        let answer = here().call(&call).await.unwrap();
        assert_eq!((answer.status, answer.beginning.as_str()), (202, "thanks for *****"));
        let request = heard.recv().await.unwrap();
        assert!(request.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{request}");
        for line in ["authorization: Bearer abcdef-123456", "content-type: application/json", "user-agent: peerage/"] {
            assert!(request.contains(line), "{line}: {request}");
        }
        let signed = format!("x-hook-signature: {}", signature("a key of ours", call.body.as_bytes()));
        assert!(request.contains(&signed) && request.ends_with(&call.body), "{request}");
    }

    #[tokio::test]
    async fn our_own_network_is_not_called_by_whatever_name() {
        let (address, mut heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let port = address.port();
        for host in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "0.0.0.0",
            "2130706433",
            "0x7f.1",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "169.254.169.254",
            "[fe80::1]",
            "10.0.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "[fd00::1]",
            "100.64.0.1",
            "[2002:7f00:1::]",
            "224.0.0.1",
        ] {
            let refused = Caller::default().call(&call(format!("http://{host}:{port}/"))).await.unwrap_err();
            assert!(matches!(refused, CallError::OwnNetwork(_)), "{host}: {refused}");
            assert!(!refused.may_pass());
        }
        assert!(heard.try_recv().is_err(), "somebody was called");
        for outside in ["192.0.2.1", "8.8.8.8", "2001:db8::1", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(!is_of_own_network(outside.parse().unwrap()), "{outside}");
        }
    }

    #[tokio::test]
    async fn what_is_allowed_is_called_and_our_own_listener_never() {
        let (address, _heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let url = format!("http://localhost:{}/", address.port());
        let both = Caller::new(&["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
        assert_eq!(both.call(&call(url.clone())).await.unwrap().status, 200);
        for own in [address, SocketAddr::new("0.0.0.0".parse().unwrap(), address.port())] {
            let beside = Caller::new(&["127.0.0.0/8".parse().unwrap()]);
            beside.stand_beside(own);
            let refused = beside.call(&call(format!("http://{address}/"))).await.unwrap_err();
            assert!(matches!(refused, CallError::OwnNetwork(_)), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_proxy_is_asked_for_everything_but_our_own_network() {
        let (address, mut heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let caller = Caller::default().through(Some(&format!("http://{address}"))).unwrap();
        for url in ["http://192.0.2.1/hook", "http://nowhere.invalid/hook"] {
            assert_eq!(caller.call(&call(url.to_owned())).await.unwrap().status, 200);
            let asked = heard.recv().await.unwrap();
            assert!(asked.starts_with(&format!("POST {url} HTTP/1.1\r\n")), "{asked}");
        }
        let refused = caller.call(&call("http://169.254.169.254/".to_owned())).await.unwrap_err();
        assert!(matches!(refused, CallError::OwnNetwork(_)), "{refused}");
        assert!(heard.try_recv().is_err(), "the proxy was asked");
        assert!(matches!(Caller::default().through(Some("proxy:3128")), Err(CallError::Proxy)));
    }

    #[test]
    fn patience_is_told_in_seconds_or_as_a_moment() {
        assert_eq!(patience_in(" 120 "), Some(Duration::from_secs(120)));
        let later = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
        assert!(patience_in(&later).is_some_and(|wait| wait > Duration::from_secs(80)), "{later}");
        for none in ["", "soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(patience_in(none), None, "{none}");
        }
    }

    #[tokio::test]
    async fn a_redirection_is_an_answer_and_not_a_way() {
        let (inner, mut heard) = receiver("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let answer =
            format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://{inner}/\r\ncontent-length: 0\r\n\r\n");
        let (address, _heard) = receiver(answer.leak()).await;
        let answer = here().call(&call(format!("http://{address}/"))).await.unwrap();
        assert_eq!((answer.status, answer.location), (307, Some(format!("http://{inner}/"))));
        assert!(heard.try_recv().is_err(), "it was followed");
    }

    #[tokio::test]
    async fn silence_and_endless_answers_have_bounds() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let silent = listener.local_addr().unwrap();
        let patience = Patience { connect: Duration::from_secs(1), total: Duration::from_millis(200) };
        let error = here().with_patience(patience).call(&call(format!("http://{silent}/"))).await.unwrap_err();
        assert!(matches!(error, CallError::Timeout(_)) && error.may_pass(), "{error}");
        let long = format!("HTTP/1.1 500 No\r\ncontent-length: 999999\r\n\r\n{}", "x".repeat(900_000));
        let (address, _heard) = receiver(long.leak()).await;
        let answer = here().call(&call(format!("http://{address}/"))).await.unwrap();
        assert_eq!((answer.status, answer.beginning.len()), (500, MOST_BYTES));
        drop(listener);
        let error = here().call(&call(format!("http://{silent}/"))).await.unwrap_err();
        assert!(matches!(error, CallError::Unreachable(_)), "{error}");
    }

    #[tokio::test]
    async fn what_cannot_be_sent_is_said_without_what_it_holds() {
        let bad = |change: &dyn Fn(&mut Call)| {
            let mut call = call("http://192.0.2.1/".to_owned());
            change(&mut call);
            async move { here().call(&call).await.unwrap_err() }
        };
        let error = bad(&|call| call.url = "ftp://x/?key=abc".to_owned()).await;
        assert!(matches!(error, CallError::Address) && !error.to_string().contains("abc"));
        let error = bad(&|call| call.headers = vec![("X-A".to_owned(), "a\nB: secret".to_owned())]).await;
        assert!(matches!(error, CallError::HeaderValue(_)) && !error.to_string().contains("secret"));
        let error = bad(&|call| call.headers = vec![("Content-Length".to_owned(), "7".to_owned())]).await;
        assert!(matches!(error, CallError::Header(_)), "{error}");
        for file in ["/nowhere/ca.pem", "/dev/zero", "/etc/passwd", "/"] {
            let error = bad(&|call| call.ca_file = Some(file.into())).await;
            assert_eq!(error.to_string(), "The CA file cannot be used: the server's log says why.", "{file}");
        }
    }
}
