//! Who is at the other end: the address, whether it speaks https, and by which name it calls us. What a proxy says of that
//! (`X-Forwarded-For`, `-Proto`, `-Host`) counts only if the connection comes from a proxy that was named with
//! `--trusted-proxy`; otherwise anybody could claim any address.

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, header},
};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// How the server is reached from outside.
#[derive(Clone, Debug, Default)]
pub struct Front {
    trusted: Vec<IpNet>,
    https: bool,
    /// `peerage.example.net` or with a port; empty: whatever the browser calls it.
    authority: String,
    /// `/peerage`, or empty.
    path: String,
    metrics_are_public: bool,
    anybody_looks: bool,
}

impl Front {
    /// # Errors
    /// If the address does not begin with http:// or https://.
    pub fn new(public_url: Option<&str>, trusted: &[IpNet]) -> anyhow::Result<Self> {
        let Some(url) = public_url else { return Ok(Self { trusted: trusted.to_vec(), ..Self::default() }) };
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| (authority, path));
        anyhow::ensure!(
            matches!(scheme, "http" | "https") && !authority.is_empty(),
            "--public-url {url} is no address: it begins with https:// or http://"
        );
        let path = path.trim_matches('/');
        Ok(Self {
            trusted: trusted.to_vec(),
            https: scheme == "https",
            authority: authority.to_owned(),
            path: if path.is_empty() { String::new() } else { format!("/{path}") },
            ..Self::default()
        })
    }

    /// Whether `/metrics` is for everybody.
    pub fn with_public_metrics(self, public: bool) -> Self {
        Self { metrics_are_public: public, ..self }
    }

    pub fn metrics_are_public(&self) -> bool {
        self.metrics_are_public
    }

    /// Whether those who are not signed in may look: see [`peerage_model::Who::anybody`].
    pub fn with_anybody_looking(self, looking: bool) -> Self {
        Self { anybody_looks: looking, ..self }
    }

    pub fn anybody_looks(&self) -> bool {
        self.anybody_looks
    }

    /// The path below which the interface lives: `/peerage`, or empty.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether a connection comes from a proxy of ours, which may say of a request what others may not.
    pub fn is_proxy(&self, extensions: &Extensions) -> bool {
        peer(extensions).is_some_and(|peer| self.trusts(peer))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|net| net.contains(&address))
    }
}

/// The other end of a request.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// None only in tests without a connection.
    pub address: Option<IpAddr>,
    pub secure: bool,
    /// The names by which it may call us: what its page's origin must be one of.
    pub hosts: Vec<String>,
}

impl Client {
    pub fn of(front: &Front, extensions: &Extensions, headers: &HeaderMap) -> Self {
        let peer = peer(extensions);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut client =
            Self { address: peer, secure: front.https, hosts: vec![text(header::HOST.as_str()).to_owned()] };
        if !front.authority.is_empty() {
            client.hosts.push(front.authority.clone());
        }
        if peer.is_some_and(|peer| front.trusts(peer)) {
            client.secure |= text("x-forwarded-proto") == "https";
            let host = text("x-forwarded-host");
            if !host.is_empty() {
                client.hosts.push(host.to_owned());
            }
            // each proxy appends whom it heard: the last that is no proxy of ours is the client
            let all = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
            let heard: Vec<IpAddr> =
                all.flat_map(|line| line.split(',')).filter_map(|part| part.trim().parse().ok()).collect();
            client.address = heard.iter().rev().find(|address| !front.trusts(**address)).copied().or(peer);
        }
        client
    }
}

/// Who connected; none in tests without a connection.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(front: &Front, peer: &str, headers: &[(&'static str, &'static str)]) -> Client {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        Client::of(front, &extensions, &map)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let claims = [("host", "inner"), ("x-forwarded-for", "198.51.100.7, 10.0.0.9"), ("x-forwarded-proto", "https")];
        let front = Front::new(None, &["10.0.0.0/8".parse().unwrap()]).unwrap();
        let stranger = seen(&front, "203.0.113.5", &claims);
        assert_eq!((stranger.address, stranger.secure), (Some("203.0.113.5".parse().unwrap()), false));
        let through = seen(&front, "::ffff:10.0.0.1", &claims);
        assert_eq!((through.address, through.secure), (Some("198.51.100.7".parse().unwrap()), true));
        // a client cannot add a proxy in front of itself
        let forged = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(seen(&front, "10.0.0.1", &forged).address, Some("198.51.100.7".parse().unwrap()));
    }

    #[test]
    fn the_public_address_says_scheme_name_and_path() {
        let front = Front::new(Some("https://noc.example.net/peerage/"), &[]).unwrap();
        let client = seen(&front, "127.0.0.1", &[("host", "127.0.0.1:8080")]);
        assert!(client.secure && client.hosts.contains(&"noc.example.net".to_owned()));
        assert_eq!(front.path(), "/peerage");
        assert!(Front::new(Some("noc.example.net"), &[]).is_err());
    }
}
