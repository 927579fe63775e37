//! The transport against an SSH server in the same process, which can do what a real one never does when asked: show other
//! keys, offer few methods, hang, stop in the middle, talk without end.

use peerage_devices::{
    DeviceError, Endpoint, HostKey, HostKeyRule, HostKeys, Legacy, Login, PrivateKey, Ssh,
    transport::{Command, Session, Transport},
};
use russh::{
    Channel, ChannelId, MethodKind, MethodSet, Preferred, Sig, cipher, kex,
    keys::{PublicKeyBase64, ssh_key::private::Ed25519Keypair},
    mac, server,
    server::{Auth, Msg, Response, Server as _},
};
use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

/// How the server behaves.
#[derive(Clone, Default)]
struct Behaviour {
    interactive_only: bool,
    /// Only what devices of 2008 know.
    ancient: bool,
    seed: u8,
}

#[derive(Clone)]
struct Device {
    taken: usize,
}

impl server::Server for Device {
    type Handler = Self;
    fn new_client(&mut self, _: Option<SocketAddr>) -> Self {
        self.clone()
    }
}

impl server::Handler for Device {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(if (user, password) == ("netops", "right") { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        Ok(match response {
            None => Auth::Partial {
                name: "".into(),
                instructions: "".into(),
                prompts: vec![("Password: ".into(), false)].into(),
            },
            Some(mut answers) => {
                if answers.next().is_some_and(|a| &a[..] == b"right") {
                    Auth::Accept
                } else {
                    Auth::reject()
                }
            }
        })
    }

    async fn channel_open_session(
        &mut self,
        _: Channel<Msg>,
        reply: server::ChannelOpenHandle,
        _: &mut server::Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut server::Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        match command {
            b"both" => {
                session.data(channel, "out\n")?;
                session.extended_data(channel, 1, "warning: unable to resolve host\n")?;
                session.exit_status_request(channel, 3)?;
                session.eof(channel)?;
                session.close(channel)?;
            }
            b"hang" => {}
            b"drip" => session.data(channel, "first line\nand half a li")?,
            b"cut" => {
                session.data(channel, "{\"neighbors\": [")?;
                session.close(channel)?;
            }
            b"drop" => {
                session.data(channel, "half")?;
                session.disconnect(russh::Disconnect::ByApplication, "reload", "")?;
            }
            b"big" => {
                for _ in 0..40 {
                    session.data(channel, vec![b'x'; 30_000])?;
                }
                session.exit_status_request(channel, 0)?;
                session.close(channel)?;
            }
            b"binary" => {
                session.data(channel, vec![0xff, 0xfe])?;
                session.exit_status_request(channel, 0)?;
                session.close(channel)?;
            }
            b"killed" => {
                session.exit_signal_request(channel, Sig::KILL, false, "", "")?;
                session.close(channel)?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn data(&mut self, _: ChannelId, data: &[u8], _: &mut server::Session) -> Result<(), Self::Error> {
        self.taken += data.len();
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut server::Session) -> Result<(), Self::Error> {
        if self.taken > 0 {
            session.data(channel, format!("{} bytes", self.taken))?;
            session.exit_status_request(channel, 0)?;
            session.close(channel)?;
        }
        Ok(())
    }
}

fn host_key(seed: u8) -> HostKey {
    let key = russh::keys::PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]));
    HostKey { algorithm: "ssh-ed25519".into(), key: key.public_key().public_key_base64() }
}

async fn start(behaviour: Behaviour) -> Endpoint {
    let methods: &[MethodKind] = if behaviour.interactive_only {
        &[MethodKind::KeyboardInteractive]
    } else {
        &[MethodKind::Password, MethodKind::PublicKey]
    };
    let preferred = if behaviour.ancient {
        Preferred {
            kex: Cow::Borrowed(&[kex::DH_G14_SHA1]),
            cipher: Cow::Borrowed(&[cipher::AES_256_CBC]),
            mac: Cow::Borrowed(&[mac::HMAC_SHA1]),
            ..Preferred::default()
        }
    } else {
        Preferred::default()
    };
    let config = server::Config {
        keys: vec![Ed25519Keypair::from_seed(&[behaviour.seed; 32]).into()],
        methods: MethodSet::from(methods),
        preferred,
        auth_rejection_time: Duration::from_millis(10),
        ..Default::default()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut device = Device { taken: 0 };
        let _ = device.run_on_socket(Arc::new(config), &listener).await;
    });
    let mut endpoint = Endpoint::new("127.0.0.1", port);
    endpoint.limits.command = Duration::from_millis(600);
    endpoint.limits.output = 1_000_000;
    endpoint
}

fn ssh(endpoint: Endpoint) -> Ssh {
    Ssh {
        endpoint,
        login: Login::password("netops", "right"),
        host_keys: HostKeys { known: vec![host_key(0)], rule: HostKeyRule::Strict },
    }
}

async fn open(behaviour: Behaviour) -> Box<dyn Session> {
    ssh(start(behaviour).await).open().await.unwrap()
}

async fn refused(ssh: &Ssh) -> DeviceError {
    ssh.open().await.err().expect("it was let in")
}

#[tokio::test]
async fn stdout_stderr_and_status_come_apart() {
    let output = open(Behaviour::default()).await.run(Command::new("testing", "both")).await.unwrap();
    assert_eq!((output.stdout.as_str(), output.status), ("out\n", 3));
    assert!(output.stderr.contains("warning"));
}

#[tokio::test]
async fn a_long_input_arrives_whole() {
    let text = "neighbor 192.0.2.1\n".repeat(100_000);
    let output = open(Behaviour::default())
        .await
        .run(Command::new("testing", "count").stdin(text.clone()).timeout(Duration::from_secs(20)))
        .await
        .unwrap();
    assert_eq!(output.stdout, format!("{} bytes", text.len()));
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_and_the_connection_lives() {
    let session = open(Behaviour::default()).await;
    let start = Instant::now();
    for command in ["hang", "drip"] {
        assert!(
            matches!(session.run(Command::new("testing", command)).await, Err(DeviceError::TimedOut { purpose, .. }) if purpose == "testing")
        );
    }
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(session.run(Command::new("testing", "both")).await.unwrap().status, 3);
}

#[tokio::test]
async fn an_answer_that_is_cut_is_no_answer() {
    let session = open(Behaviour::default()).await;
    for command in ["cut", "killed"] {
        assert!(
            matches!(session.run(Command::new("testing", command)).await, Err(DeviceError::Cut { .. })),
            "{command}"
        );
    }
    assert!(matches!(session.run(Command::new("testing", "binary")).await, Err(DeviceError::NotText { .. })));
    assert!(matches!(session.run(Command::new("testing", "drop")).await, Err(DeviceError::Cut { .. })));
    assert!(
        matches!(session.run(Command::new("testing", "both")).await, Err(DeviceError::Cut { .. })),
        "the connection is gone"
    );
}

#[tokio::test]
async fn an_answer_over_its_bound_is_an_error_not_shortened() {
    let session = open(Behaviour::default()).await;
    let answer = session.run(Command::new("testing", "big").timeout(Duration::from_secs(20))).await;
    assert!(matches!(answer, Err(DeviceError::TooLong { limit: 1_000_000, .. })), "{answer:?}");
}

#[tokio::test]
async fn a_held_command_gives_its_first_line() {
    let session = open(Behaviour::default()).await;
    let (line, held) = session.hold(Command::new("testing", "drip")).await.unwrap();
    assert_eq!(line, "first line");
    drop(held);
    assert!(matches!(session.hold(Command::new("testing", "hang")).await.err(), Some(DeviceError::TimedOut { .. })));
}

#[tokio::test]
async fn a_changed_host_key_is_refused_under_either_rule_with_both_fingerprints() {
    let mut ssh = ssh(start(Behaviour { seed: 9, ..Behaviour::default() }).await);
    for rule in [HostKeyRule::Strict, HostKeyRule::TrustOnFirstUse] {
        ssh.host_keys.rule = rule;
        let error = refused(&ssh).await;
        assert!(
            matches!(&error, DeviceError::HostKeyChanged { observed, known, .. } if *observed == host_key(9) && known[0] == host_key(0)),
            "{error:?}"
        );
        let words = error.to_string();
        assert!(
            words.contains(&host_key(0).fingerprint())
                && words.contains(&host_key(9).fingerprint())
                && words.matches("SHA256:").count() == 2,
            "{words}"
        );
    }
}

#[tokio::test]
async fn an_unknown_host_key_is_shown_or_trusted_as_the_rule_says() {
    let mut ssh = ssh(start(Behaviour::default()).await);
    ssh.host_keys.known.clear();
    assert!(matches!(refused(&ssh).await, DeviceError::HostKeyUnknown { observed, .. } if observed == host_key(0)));
    ssh.host_keys.rule = HostKeyRule::TrustOnFirstUse;
    assert_eq!(ssh.open().await.unwrap().host_key(), Some(host_key(0)));
}

#[tokio::test]
async fn a_wrong_login_says_what_was_tried_and_not_with_what() {
    let mut ssh = ssh(start(Behaviour::default()).await);
    ssh.login.password = Some("wrong-hunter2".into());
    let error = refused(&ssh).await;
    assert_eq!(error.label(), "login_refused");
    assert!(error.to_string().contains("tried: password"), "{error}");
    assert!(!format!("{error} {error:?} {ssh:?}").contains("hunter2"));
    // a key that it does not know, and then the password that it does
    let key = russh::keys::PrivateKey::from(Ed25519Keypair::from_seed(&[5; 32]))
        .to_openssh(russh::keys::ssh_key::LineEnding::LF)
        .unwrap();
    ssh.login.key = Some(PrivateKey { text: key.as_str().into(), passphrase: None });
    assert!(refused(&ssh).await.to_string().contains("tried: key, password"));
    ssh.login.password = Some("right".into());
    ssh.open().await.unwrap();
    ssh.login = Login { user: "netops".into(), password: None, key: None };
    assert_eq!(refused(&ssh).await.label(), "no_login");
    ssh.login.key = Some(PrivateKey { text: "no key".into(), passphrase: None });
    assert_eq!(refused(&ssh).await.label(), "key_unreadable");
}

#[tokio::test]
async fn a_device_that_only_asks_interactively_is_answered() {
    let mut ssh = ssh(start(Behaviour { interactive_only: true, ..Behaviour::default() }).await);
    ssh.open().await.unwrap();
    ssh.login.password = Some("wrong".into());
    assert_eq!(refused(&ssh).await.label(), "login_refused");
}

#[tokio::test]
async fn old_algorithms_only_when_asked() {
    let mut ssh = ssh(start(Behaviour { ancient: true, ..Behaviour::default() }).await);
    let error = refused(&ssh).await;
    assert!(
        matches!(&error, DeviceError::NoCommonAlgorithm { theirs, .. } if theirs.contains("diffie-hellman-group14-sha1")),
        "{error:?}"
    );
    ssh.endpoint.legacy = Legacy::Old;
    ssh.open().await.unwrap();
}

#[tokio::test]
async fn nothing_listens_or_something_else_does() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut other = ssh(Endpoint::new("127.0.0.1", port));
    other.endpoint.limits.connect = Duration::from_millis(400);
    // it accepts and says nothing
    let error = refused(&other).await;
    assert!(matches!(&error, DeviceError::Unreachable { .. }), "{error:?}");
    drop(listener);
    let error = refused(&other).await;
    assert!(error.to_string().contains("connection refused"), "{error}");
}
