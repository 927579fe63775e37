//! How long it takes to poll 200 routers of 250 sessions each from one process, and how much memory: the real driver and the
//! real parsers, on answers as long as FRR's. `cargo run --release -p peerage-devices --example poll` takes the answers from
//! memory; with `ssh` behind it they come over SSH from a server in the same process, so encryption counts twice and so does
//! memory. With `bird` or `openbgpd` behind it, those daemons' answers.

use async_trait::async_trait;
use peerage_devices::{
    DeviceError, Driver, Endpoint, HostKey, HostKeyRule, HostKeys, Login, Places, Platform, ShellDriver, Ssh,
    transport::{Command, Held, Output, Session, Transport},
};
use russh::{
    Channel, ChannelId,
    keys::ssh_key::private::Ed25519Keypair,
    server::{self, Auth, Msg, Server as _},
};
use std::{
    fmt::Write as _,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

const ROUTERS: usize = 200;
const SESSIONS: usize = 250;
/// How many routers are asked at the same time.
const AT_ONCE: usize = 32;

fn frr_summary() -> String {
    let mut text = String::from(
        "{\"default\":{\"ipv4Unicast\":{\"routerId\":\"192.0.2.1\",\"as\":64500,\"vrfName\":\"default\",\"peers\":{",
    );
    for i in 0..SESSIONS {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}\n\"10.0.{}.{}\":{{\"hostname\":\"peer{i}\",\"remoteAs\":{},\"localAs\":64500,\"version\":4,\"msgRcvd\":189,\"msgSent\":165,\"tableVersion\":0,\"outq\":0,\"inq\":0,\"peerUptime\":\"00:26:53\",\"peerUptimeMsec\":1613000,\"peerUptimeEstablishedEpoch\":1795725677,\"pfxRcd\":{i},\"pfxSnt\":1,\"state\":\"Established\",\"peerState\":\"OK\",\"connectionsEstablished\":1,\"connectionsDropped\":0,\"desc\":\"a peer of ours\",\"idType\":\"ipv4\"}}",
            i / 250,
            i % 250 + 1,
            64_512 + i
        );
    }
    text + "},\"totalPeers\":250}}}\n"
}

fn frr_neighbours() -> String {
    let padding: String = (0..60).map(|i| format!("\"messageStats{i}\":{{\"sent\":{i},\"received\":{i}}},")).collect();
    let mut text = String::from("{\"default\":{\"vrfId\":0,\"vrfName\":\"default\"");
    for i in 0..SESSIONS {
        let _ = write!(
            text,
            ",\n\"10.0.{}.{}\":{{\"remoteAs\":{},\"localAs\":64500,\"nbrExternalLink\":true,\"nbrDesc\":\"a peer of ours\",\"peerGroup\":\"IXP\",\"bgpVersion\":4,\"remoteRouterId\":\"192.0.2.9\",\"bgpState\":\"Established\",\"bgpTimerUpMsec\":1613000,{padding}\"addressFamilyInfo\":{{\"ipv4Unicast\":{{\"acceptedPrefixCounter\":{i},\"sentPrefixCounter\":1,\"prefixAllowedMax\":1000}}}},\"connectionsEstablished\":1,\"connectionsDropped\":0,\"hostLocal\":\"10.0.0.254\"}}",
            i / 250,
            i % 250 + 1,
            64_512 + i
        );
    }
    text + "}}\n"
}

fn bird() -> String {
    let mut text = String::from(
        "BIRD 2.0.12 ready.\nCurrent server time is 2026-11-26 20:41:14.459\nDaemon is up and running\nBIRD 2.0.12 ready.\nName       Proto      Table      State  Since         Info\n",
    );
    for i in 0..SESSIONS {
        let _ = write!(
            text,
            "as{i}_v4 BGP        ---        up     20:01:15.061  Established   \n  Description:    a peer of ours\n  BGP state:          Established\n    Neighbor address: 10.0.{}.{}\n    Neighbor AS:      {}\n    Local AS:         64500\n    Neighbor ID:      192.0.2.9\n    Local capabilities\n      Multiprotocol\n        AF announced: ipv4\n      Route refresh\n    Session:          external AS4\n    Source address:   10.0.0.254\n  Channel ipv4\n    State:          UP\n    Table:          master4\n    Import limit:   1000\n    Routes:         {i} imported, 1 filtered, 1 exported, 2 preferred\n    Route change stats:     received   rejected   filtered    ignored   accepted\n      Import updates:              3          0          1          0          2\n\n",
            i / 250,
            i % 250 + 1,
            64_512 + i
        );
    }
    text
}

fn openbgpd() -> String {
    let one = |i: usize| {
        format!(
            "{{\"remote_as\":\"{}\",\"description\":\"a peer of ours\",\"group\":\"ixp\",\"remote_addr\":\"10.0.{}.{}\",\"bgpid\":\"192.0.2.9\",\"state\":\"Established\",\"last_updown\":\"00:02:11\",\"last_updown_sec\":131,\"config\":{{\"template\":false,\"down\":false,\"max_prefix\":100,\"capabilities\":{{\"multiprotocol\":[\"IPv4 unicast\"]}}}},\"stats\":{{\"prefixes\":{{\"sent\":1,\"received\":{i}}},\"message\":{{\"sent\":{{\"open\":1,\"updates\":2}},\"received\":{{\"open\":1,\"updates\":2}}}}}},\"session\":{{\"holdtime\":30,\"local\":{{\"address\":\"10.0.0.254\",\"port\":179}},\"capabilities\":{{\"multiprotocol\":[\"IPv4 unicast\"]}}}}}}",
            64_512 + i,
            i / 250,
            i % 250 + 1
        )
    };
    format!("{{\"neighbors\":[{}]}}", (0..SESSIONS).map(one).collect::<Vec<_>>().join(","))
}

/// The answers of one kind of router, by a word of the command.
struct Answers(Vec<(&'static str, String)>);

impl Answers {
    fn to(&self, command: &str) -> &str {
        self.0.iter().find(|(word, _)| command.contains(word)).map_or("", |(_, text)| text)
    }
}

struct Memory(Arc<Answers>);

#[async_trait]
impl Transport for Memory {
    async fn open(&self) -> Result<Box<dyn Session>, DeviceError> {
        Ok(Box::new(Memory(self.0.clone())))
    }
}

#[async_trait]
impl Session for Memory {
    async fn run(&self, command: Command) -> Result<Output, DeviceError> {
        Ok(Output { status: 0, stdout: self.0.to(&command.line).to_owned(), stderr: String::new() })
    }

    async fn hold(&self, _: Command) -> Result<(String, Box<dyn Held>), DeviceError> {
        Err(DeviceError::Connection("only for asking".into()))
    }

    fn host_key(&self) -> Option<HostKey> {
        None
    }

    async fn close(&self) {}
}

#[derive(Clone)]
struct Router(Arc<Answers>);

impl server::Server for Router {
    type Handler = Self;
    fn new_client(&mut self, _: Option<SocketAddr>) -> Self {
        self.clone()
    }
}

impl server::Handler for Router {
    type Error = russh::Error;

    async fn auth_password(&mut self, _: &str, _: &str) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
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
        let (handle, answers) = (session.handle(), self.0.clone());
        let command = String::from_utf8_lossy(command).into_owned();
        tokio::spawn(async move {
            let _ = handle.data(channel, answers.to(&command).as_bytes().to_vec()).await;
            let _ = handle.exit_status_request(channel, 0).await;
            let _ = handle.eof(channel).await;
            let _ = handle.close(channel).await;
        });
        Ok(())
    }
}

/// `VmHWM` of this process: the most memory that it ever had, in MiB.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib: f64 =
        status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok()).unwrap_or(0.0);
    kib / 1024.0
}

/// Processor seconds of this process so far (`/proc/self/stat`, in hundredths on Linux).
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let over_ssh = words.iter().any(|w| w == "ssh");
    let platform = words.iter().find_map(|w| w.parse::<Platform>().ok()).unwrap_or(Platform::Frr);
    let answers = Arc::new(match platform {
        Platform::Bird => Answers(vec![("protocols", bird())]),
        Platform::OpenBgpd => Answers(vec![("neighbor", openbgpd())]),
        _ => Answers(vec![("summary", frr_summary()), ("neighbors", frr_neighbours())]),
    });
    let bytes: usize = answers.0.iter().map(|(_, text)| text.len()).sum();
    let transport: Arc<dyn Transport> = if over_ssh {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let config = server::Config {
            keys: vec![Ed25519Keypair::from_seed(&[1; 32]).into()],
            nodelay: true,
            ..Default::default()
        };
        let endpoint = Endpoint::new("127.0.0.1", listener.local_addr()?.port());
        let mut router = Router(answers);
        tokio::spawn(async move {
            let _ = router.run_on_socket(Arc::new(config), &listener).await;
        });
        Arc::new(Ssh {
            endpoint,
            login: Login::password("netops", "x"),
            host_keys: HostKeys { known: Vec::new(), rule: HostKeyRule::TrustOnFirstUse },
        })
    } else {
        Arc::new(Memory(answers))
    };

    let (before, start) = (peak_memory(), Instant::now());
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut polls = tokio::task::JoinSet::new();
    for _ in 0..ROUTERS {
        let (turns, transport) = (turns.clone(), transport.clone());
        polls.spawn(async move {
            let _turn = turns.acquire_owned().await;
            let start = Instant::now();
            let driver = ShellDriver::new(platform, transport, Places::of(platform));
            let mut device = driver.connect().await?;
            let neighbours = device.neighbours().await?;
            device.close().await;
            let up = neighbours.iter().filter(|n| n.is_established()).count();
            Ok::<(usize, Duration), DeviceError>((up, start.elapsed()))
        });
    }
    let (mut sessions, mut slowest) = (0, Duration::ZERO);
    while let Some(poll) = polls.join_next().await {
        let (up, took) = poll??;
        sessions += up;
        slowest = slowest.max(took);
    }
    let took = start.elapsed().as_secs_f64();
    assert_eq!(sessions, ROUTERS * SESSIONS, "sessions are missing");
    println!(
        "{platform}{}: {ROUTERS} routers of {SESSIONS} sessions, {} KiB of answers each, {AT_ONCE} at once: {took:.2} s ({:.2} s of processor), the slowest router {:.2} s, peak memory {:.0} MiB ({before:.0} before)",
        if over_ssh { " over SSH" } else { "" },
        bytes / 1024,
        processor(),
        slowest.as_secs_f64(),
        peak_memory()
    );
    Ok(())
}
