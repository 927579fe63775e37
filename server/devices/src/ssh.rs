//! The transport over SSH, with russh. Nothing else in the crate names russh: its interface moves with every release.
//!
//! What must stay true: no byte of a login is sent before the host key was accepted; a changed key is refused whatever the
//! rule; every wait has an end; a channel that closes without an exit status is a cut answer, not a short one. Agent, port
//! and X11 forwarding do not exist here, and no terminal is asked for, so nothing on the device can prompt.

use crate::{
    DeviceError,
    endpoint::{Endpoint, HostKey, HostKeyRule, HostKeys, Legacy, Login},
    transport::{Command, Held, Output, Session, Transport},
};
use async_trait::async_trait;
use russh::{
    ChannelMsg, Disconnect, Preferred, cipher, client,
    client::{AuthResult, KeyboardInteractiveAuthResponse},
    kex,
    keys::{
        Algorithm, HashAlg, PrivateKeyWithHashAlg, PublicKey, PublicKeyBase64, PublicKeyOrCertificate,
        decode_secret_key,
    },
    mac,
};
use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// How one device is reached over SSH.
#[derive(Debug, Clone)]
pub struct Ssh {
    pub endpoint: Endpoint,
    pub login: Login,
    pub host_keys: HostKeys,
}

#[async_trait]
impl Transport for Ssh {
    async fn open(&self) -> Result<Box<dyn Session>, DeviceError> {
        let at = self.endpoint.to_string();
        let limits = self.endpoint.limits;
        if self.login.password.is_none() && self.login.key.is_none() {
            return Err(DeviceError::NoLogin { user: self.login.user.clone() });
        }
        let key = self.login.key.as_ref().map(private_key).transpose()?.map(Arc::new);
        let seen = Arc::new(Mutex::new(None));
        let verdict = Arc::new(Mutex::new(None));
        let config = Arc::new(client::Config {
            preferred: preferred(self.endpoint.legacy, &self.host_keys.known)?,
            keepalive_interval: Some(limits.keep_alive),
            keepalive_max: 3,
            nodelay: true,
            ..Default::default()
        });
        let gate =
            Gate { endpoint: at.clone(), rule: self.host_keys.clone(), seen: seen.clone(), verdict: verdict.clone() };

        let connected = timeout(limits.connect, async {
            let stream = TcpStream::connect((self.endpoint.host.as_str(), self.endpoint.port))
                .await
                .map_err(|e| unreachable(&at, &e))?;
            let _ = stream.set_nodelay(true);
            client::connect_stream(config, stream, gate).await.map_err(|e| {
                let refused = verdict.lock().unwrap_or_else(PoisonError::into_inner).take();
                refused.unwrap_or_else(|| handshake(&at, e))
            })
        })
        .await;
        let mut handle = match connected {
            Ok(handle) => handle?,
            Err(_) => {
                return Err(DeviceError::Unreachable {
                    endpoint: at,
                    cause: format!("no answer within {} seconds", limits.connect.as_secs()),
                });
            }
        };
        match timeout(limits.authenticate, self.log_in(&mut handle, key)).await {
            Ok(done) => done?,
            Err(_) => return Err(DeviceError::TimedOut { purpose: "logging in".into(), after: limits.authenticate }),
        }
        let host_key = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Box::new(SshSession { handle, limits, host_key }))
    }
}

impl Ssh {
    /// Key, then keyboard-interactive, then password, each at most once: devices lock accounts after a few failures.
    async fn log_in(
        &self,
        handle: &mut client::Handle<Gate>,
        key: Option<Arc<russh::keys::PrivateKey>>,
    ) -> Result<(), DeviceError> {
        let user = &self.login.user;
        let mut tried = Vec::new();
        let mut offered = None;
        if let Some(key) = key {
            let hash = match key.algorithm() {
                Algorithm::Rsa { .. } => {
                    handle.best_supported_rsa_hash().await.map_err(connection)?.unwrap_or(Some(HashAlg::Sha256))
                }
                _ => None,
            };
            tried.push("key");
            match handle
                .authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, hash))
                .await
                .map_err(connection)?
            {
                AuthResult::Success => return Ok(()),
                AuthResult::Failure { remaining_methods, .. } => offered = Some(remaining_methods),
            }
        }
        if let Some(password) = &self.login.password {
            let allowed = |method: russh::MethodKind, offered: &Option<russh::MethodSet>| {
                offered.as_ref().is_none_or(|m| m.contains(&method))
            };
            if allowed(russh::MethodKind::Password, &offered) {
                tried.push("password");
                match handle.authenticate_password(user, password.expose()).await.map_err(connection)? {
                    AuthResult::Success => return Ok(()),
                    AuthResult::Failure { remaining_methods, .. } => offered = Some(remaining_methods),
                }
            }
            // A device that takes the password method says no to a wrong password; the same password again, asked for
            // interactively, would count as a second failure. So this is only for devices without the password method.
            let only_interactive = offered.as_ref().is_some_and(|m| {
                m.contains(&russh::MethodKind::KeyboardInteractive) && !m.contains(&russh::MethodKind::Password)
            });
            if only_interactive {
                tried.push("keyboard-interactive");
                let mut answer =
                    handle.authenticate_keyboard_interactive_start(user, None::<String>).await.map_err(connection)?;
                for _ in 0..4 {
                    match answer {
                        KeyboardInteractiveAuthResponse::Success => return Ok(()),
                        KeyboardInteractiveAuthResponse::Failure { remaining_methods, .. } => {
                            offered = Some(remaining_methods);
                            break;
                        }
                        // one question is the password; more than one would be something that we do not know
                        KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } if prompts.len() <= 1 => {
                            let replies = prompts.iter().map(|_| password.expose().to_owned()).collect();
                            answer =
                                handle.authenticate_keyboard_interactive_respond(replies).await.map_err(connection)?;
                        }
                        KeyboardInteractiveAuthResponse::InfoRequest { .. } => break,
                    }
                }
            }
        }
        let offered =
            offered.map(|m| m.iter().map(<&str>::from).collect::<Vec<_>>().join(", ")).filter(|m| !m.is_empty());
        Err(DeviceError::LoginRefused {
            endpoint: self.endpoint.to_string(),
            user: user.clone(),
            tried: tried.join(", "),
            offered: offered.unwrap_or_else(|| "nothing more".into()),
        })
    }
}

/// Looks at the host key while the connection is made.
struct Gate {
    endpoint: String,
    rule: HostKeys,
    seen: Arc<Mutex<Option<HostKey>>>,
    verdict: Arc<Mutex<Option<DeviceError>>>,
}

impl client::Handler for Gate {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        // certificates are not offered by us, so a device cannot show one
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let observed = HostKey { algorithm: plain_name(&key.algorithm()), key: key.public_key_base64() };
        let refused = judge(&self.endpoint, &self.rule, &observed).err();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(observed);
        let accepted = refused.is_none();
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = refused;
        Ok(accepted)
    }
}

/// Whether a key that a device shows is accepted.
fn judge(endpoint: &str, rule: &HostKeys, observed: &HostKey) -> Result<(), DeviceError> {
    if rule.known.iter().any(|k| k.key == observed.key) {
        Ok(())
    } else if !rule.known.is_empty() {
        Err(DeviceError::HostKeyChanged {
            endpoint: endpoint.into(),
            known: rule.known.clone(),
            observed: observed.clone(),
        })
    } else if rule.rule == HostKeyRule::TrustOnFirstUse {
        Ok(())
    } else {
        Err(DeviceError::HostKeyUnknown { endpoint: endpoint.into(), observed: observed.clone() })
    }
}

struct SshSession {
    handle: client::Handle<Gate>,
    limits: crate::Limits,
    host_key: Option<HostKey>,
}

impl SshSession {
    async fn start(&self, command: &Command) -> Result<Closing, DeviceError> {
        let lost = |e: russh::Error| cut(command, &e.to_string());
        let (read, write) = self.handle.channel_open_session().await.map_err(lost)?.split();
        let mut channel = Closing { read, write: Arc::new(write) };
        channel.write.exec(true, command.line.as_bytes()).await.map_err(lost)?;
        loop {
            match channel.read.wait().await {
                Some(ChannelMsg::Success) => break,
                Some(ChannelMsg::Failure) => {
                    return Err(DeviceError::Connection("the device does not run commands for this login".into()));
                }
                Some(ChannelMsg::WindowAdjusted { .. }) => {}
                Some(_) | None => return Err(cut(command, "before it began")),
            }
        }
        Ok(channel)
    }
}

#[async_trait]
impl Session for SshSession {
    async fn run(&self, command: Command) -> Result<Output, DeviceError> {
        let after = command.timeout.unwrap_or(self.limits.command);
        let limit = self.limits.output;
        let work = async {
            let mut channel = self.start(&command).await?;
            let mut answer = Answer::default();
            let mut writer = channel.write.make_writer();
            let stdin = command.stdin.clone();
            // Writing and reading go on side by side: a command that prints before it has read everything would block both.
            let feed = async {
                use tokio::io::AsyncWriteExt;
                if let Some(text) = &stdin {
                    writer.write_all(text.expose().as_bytes()).await?;
                }
                writer.shutdown().await
            };
            tokio::pin!(feed);
            let mut fed = false;
            loop {
                tokio::select! {
                    result = &mut feed, if !fed => {
                        fed = true;
                        // a command that ends without reading all of it is told apart by its exit status
                        if let Err(error) = result { tracing::debug!(%error, "input of a command was not taken"); }
                    }
                    message = channel.read.wait() => if !answer.take(message, &command, limit)? { break },
                }
            }
            answer.whole(&command)
        };
        match timeout(after, work).await {
            Ok(output) => output,
            // the channel is closed with it, which ends the command's pipes on the device
            Err(_) => Err(DeviceError::TimedOut { purpose: command.purpose.into(), after }),
        }
    }

    async fn hold(&self, command: Command) -> Result<(String, Box<dyn Held>), DeviceError> {
        let after = command.timeout.unwrap_or(self.limits.command);
        let limit = self.limits.output;
        let work = async {
            let mut channel = self.start(&command).await?;
            let mut answer = Answer::default();
            loop {
                let message = channel.read.wait().await;
                if !answer.take(message, &command, limit)? {
                    return Err(answer.whole(&command)?.failure(command.purpose));
                }
                if let Some(end) = answer.stdout.iter().position(|b| *b == b'\n') {
                    let line = String::from_utf8_lossy(&answer.stdout[..end]).into_owned();
                    return Ok((line, Box::new(channel) as Box<dyn Held>));
                }
            }
        };
        match timeout(after, work).await {
            Ok(held) => held,
            Err(_) => Err(DeviceError::TimedOut { purpose: command.purpose.into(), after }),
        }
    }

    fn host_key(&self) -> Option<HostKey> {
        self.host_key.clone()
    }

    async fn close(&self) {
        let _ = self.handle.disconnect(Disconnect::ByApplication, "", "en").await;
    }
}

/// A channel that is closed when it is dropped; russh leaves it open.
struct Closing {
    read: russh::ChannelReadHalf,
    write: Arc<russh::ChannelWriteHalf<client::Msg>>,
}

impl Held for Closing {}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let write = self.write.clone();
            runtime.spawn(async move {
                let _ = write.eof().await;
                let _ = write.close().await;
            });
        }
    }
}

/// What has come from a command so far.
#[derive(Default)]
struct Answer {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: Option<u32>,
    signal: Option<String>,
}

impl Answer {
    /// Take one message; `false` when there are no more.
    fn take(&mut self, message: Option<ChannelMsg>, command: &Command, limit: usize) -> Result<bool, DeviceError> {
        match message {
            Some(ChannelMsg::Data { data }) => self.stdout.extend_from_slice(&data),
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => self.stderr.extend_from_slice(&data),
            Some(ChannelMsg::ExitStatus { exit_status }) => self.status = Some(exit_status),
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => self.signal = Some(format!("{signal_name:?}")),
            Some(ChannelMsg::Close) | None => return Ok(false),
            Some(_) => {}
        }
        if self.stdout.len() + self.stderr.len() > limit {
            return Err(DeviceError::TooLong { purpose: command.purpose.into(), limit });
        }
        Ok(true)
    }

    fn whole(self, command: &Command) -> Result<Output, DeviceError> {
        if let Some(signal) = self.signal {
            return Err(cut(command, &format!("the command was ended by signal {signal}")));
        }
        let Some(status) = self.status else { return Err(cut(command, "no exit status came")) };
        let text =
            |bytes| String::from_utf8(bytes).map_err(|_| DeviceError::NotText { purpose: command.purpose.into() });
        Ok(Output { status, stdout: text(self.stdout)?, stderr: String::from_utf8_lossy(&self.stderr).into_owned() })
    }
}

fn cut(command: &Command, cause: &str) -> DeviceError {
    DeviceError::Cut { purpose: command.purpose.into(), cause: cause.into() }
}

fn connection(error: russh::Error) -> DeviceError {
    DeviceError::Connection(error.to_string())
}

fn unreachable(endpoint: &str, error: &std::io::Error) -> DeviceError {
    let cause = match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused: nothing listens there".to_owned(),
        std::io::ErrorKind::TimedOut => "no answer".to_owned(),
        _ => error.to_string(),
    };
    DeviceError::Unreachable { endpoint: endpoint.into(), cause }
}

fn handshake(endpoint: &str, error: russh::Error) -> DeviceError {
    match error {
        russh::Error::NoCommonAlgo { kind, theirs, .. } => DeviceError::NoCommonAlgorithm {
            endpoint: endpoint.into(),
            kind: format!("{kind:?}").to_lowercase(),
            theirs: theirs.join(", "),
        },
        russh::Error::IO(e) => unreachable(endpoint, &e),
        russh::Error::HUP | russh::Error::Disconnect => DeviceError::Unreachable {
            endpoint: endpoint.into(),
            cause: "it closed the connection before the login".into(),
        },
        other => DeviceError::Unreachable {
            endpoint: endpoint.into(),
            cause: format!("what answers does not speak SSH as expected ({other})"),
        },
    }
}

/// What we offer. With keys on record only their algorithms are offered for the host key, or a device that has several
/// would look changed when it picks another one.
fn preferred(legacy: Legacy, known: &[HostKey]) -> Result<Preferred, DeviceError> {
    let mut offer = Preferred::default();
    if legacy != Legacy::No {
        let add_kex = if legacy == Legacy::Ancient {
            &[kex::DH_G14_SHA1, kex::DH_GEX_SHA1, kex::DH_G1_SHA1][..]
        } else {
            &[kex::DH_G14_SHA1, kex::DH_GEX_SHA1][..]
        };
        // before the pseudo-algorithms at the end of the list
        let mut names = offer.kex.to_vec();
        let end = names
            .iter()
            .position(|n| n.as_ref().starts_with("ext-info") || n.as_ref().starts_with("kex-strict"))
            .unwrap_or(names.len());
        names.splice(end..end, add_kex.iter().copied().chain([kex::ECDH_SHA2_NISTP256]));
        offer.kex = Cow::Owned(names);
        offer.cipher =
            Cow::Owned(offer.cipher.iter().copied().chain([cipher::AES_256_CBC, cipher::AES_128_CBC]).collect());
        offer.mac = Cow::Owned(offer.mac.iter().copied().chain([mac::HMAC_SHA1_ETM, mac::HMAC_SHA1]).collect());
        let mut keys = offer.key.to_vec();
        if !keys.contains(&Algorithm::Rsa { hash: None }) {
            keys.push(Algorithm::Rsa { hash: None });
        }
        offer.key = Cow::Owned(keys);
    }
    if !known.is_empty() {
        let names =
            known.iter().map(|k| public_key(k).map(|k| plain_name(&k.algorithm()))).collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<Algorithm> = offer.key.iter().filter(|a| names.contains(&plain_name(a))).cloned().collect();
        // Other algorithms follow: a device that has replaced its key by one of another kind must be shown as changed.
        let rest = offer.key.iter().filter(|a| !names.contains(&plain_name(a))).cloned().collect::<Vec<_>>();
        offer.key = Cow::Owned(keys.into_iter().chain(rest).collect());
    }
    Ok(offer)
}

/// `ssh-rsa` for RSA under any hash.
fn plain_name(algorithm: &Algorithm) -> String {
    match algorithm {
        Algorithm::Rsa { .. } => "ssh-rsa".into(),
        other => other.to_string(),
    }
}

fn private_key(key: &crate::PrivateKey) -> Result<russh::keys::PrivateKey, DeviceError> {
    let passphrase = key.passphrase.as_ref().map(|p| p.expose()).filter(|p| !p.is_empty());
    decode_secret_key(key.text.expose(), passphrase).map_err(|error| {
        DeviceError::KeyUnreadable(match error {
            russh::keys::Error::KeyIsEncrypted => "it is encrypted and no passphrase is given",
            _ if passphrase.is_some() => "the passphrase is wrong, or it is not a private key in a known format",
            _ => "it is not a private key in a known format",
        })
    })
}

pub(crate) fn public_key(key: &HostKey) -> Result<PublicKey, DeviceError> {
    russh::keys::parse_public_key_base64(&key.key).map_err(|_| DeviceError::HostKeyUnreadable)
}

pub(crate) fn fingerprint(key: &HostKey) -> Option<String> {
    Some(public_key(key).ok()?.fingerprint(HashAlg::Sha256).to_string())
}

/// The longest wait that a connection can cause: for callers that set a deadline around everything.
pub fn longest_connect(endpoint: &Endpoint) -> Duration {
    endpoint.limits.connect + endpoint.limits.authenticate
}
