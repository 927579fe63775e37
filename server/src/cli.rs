//! What can be typed after `peerage`. Every setting is also an environment variable, named in `--help`, and those of `serve`
//! can stand in a file (`crate::settings`).

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use peerage_model::context::{Lists, Merging};
use std::{io::IsTerminal, net::SocketAddr, path::PathBuf};

/// BGP peering for network operators: plan, render, push, watch.
#[derive(Debug, Parser)]
#[command(name = "peerage", version)]
pub struct Cli {
    /// A TOML file with settings by the names of the options here and of serve: listen = "127.0.0.1:8080". The command line goes
    /// before the environment, that before the file
    #[arg(long, global = true, env = "PEERAGE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the data is: sqlite:PATH or postgres://USER@HOST/NAME
    #[arg(
        long,
        global = true,
        env = "PEERAGE_DATABASE",
        hide_env_values = true,
        default_value = "sqlite:peerage.sqlite",
        value_name = "URL"
    )]
    pub database: String,

    /// The file with the key that secrets are encrypted with [default: beside the SQLite file, or ./peerage.key]
    #[arg(long, global = true, env = "PEERAGE_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,

    /// What is logged: error, warn, info, debug, or a tracing filter
    #[arg(long, global = true, env = "PEERAGE_LOG", default_value = "warn,peerage=info", value_name = "FILTER")]
    pub log: String,

    /// Log as JSON lines
    #[arg(long, global = true, env = "PEERAGE_LOG_JSON")]
    pub log_json: bool,

    /// How long the template of one text may run before it is stopped
    #[arg(
        long,
        global = true,
        env = "PEERAGE_RENDER_TIMEOUT",
        default_value_t = 30,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(1..=3600)
    )]
    pub render_timeout: u32,

    /// What becomes of a list in a config context where a stronger one has that list as well, as Ansible's combine filter names it
    #[arg(long, global = true, env = "PEERAGE_CONTEXT_LISTS", value_parser = context_lists(), default_value_t, hide_short_help = true)]
    pub context_lists: Lists,

    /// Merge config contexts by their outermost keys alone: what lies within is replaced as a whole
    #[arg(long, global = true, env = "PEERAGE_CONTEXT_SHALLOW", hide_short_help = true)]
    pub context_shallow: bool,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the interface and the functions
    Serve(Serve),
    /// Do jobs beside peerage serve, on the same PostgreSQL database; takes no requests
    Worker(Worker),
    /// Bring the database to this version's schema
    Migrate,
    /// People who may sign in
    #[command(subcommand)]
    User(User),
    /// Keys with which scripts act as a user
    #[command(subcommand)]
    Token(Token),
    /// The cache of PeeringDB
    #[command(subcommand)]
    Peeringdb(Peeringdb),
    /// The key that secrets are encrypted with
    #[command(subcommand)]
    Key(Key),
    /// Render a router's configuration to standard output, or any template over plain data
    Render(Render),
    /// Routers themselves: whether one can be worked with, its host key, what a saved answer says
    #[command(subcommand)]
    Device(Device),
    /// Bring a router's configuration to it, after showing what would change; it takes itself back unless all is well
    Push(Push),
    /// Ask routers how their sessions are
    Poll(Poll),
    /// Look at everything that serving needs, and say what is wrong and how to mend it; takes the settings of serve
    Check(Serve),
    /// Write everything into one file, while serving; secrets in it stay sealed with the key, which is not in it
    Backup { file: PathBuf },
    /// Fill an empty database, of either kind, from a backup
    Restore {
        file: PathBuf,
        /// Leave passwords and other secrets empty: the key is lost
        #[arg(long)]
        without_secrets: bool,
    },
    /// Take over what another system has
    #[command(subcommand)]
    Import(Import),
    /// Write everything as Peering Manager's REST API would list it, secrets in clear
    Export(Export),
    /// Serve a fictional operator in a fictional world, from a database that is thrown away
    Demo(Demo),
}

#[derive(Args, Debug)]
pub struct Serve {
    /// Address and port; port 0 takes a free one
    #[arg(long, env = "PEERAGE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: SocketAddr,

    #[command(flatten)]
    pub peeringdb: PeeringdbSource,

    /// The address that browsers use, if a proxy stands before it, beginning with https://
    #[arg(long, env = "PEERAGE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// A proxy, or a network of proxies, whose X-Forwarded-For, -Proto, -Host and X-Request-Id are believed; may be given several times
    #[arg(long = "trusted-proxy", env = "PEERAGE_TRUSTED_PROXIES", value_delimiter = ',', value_name = "PREFIX")]
    pub trusted_proxies: Vec<ipnet::IpNet>,

    /// Give /metrics (Prometheus) to everybody who reaches the server; otherwise a token of any user is needed, as for functions
    #[arg(long, env = "PEERAGE_METRICS_PUBLIC")]
    pub metrics_public: bool,

    /// Let everybody who reaches the server look at everything but configurations, secrets, accounts, webhooks, without signing in.
    /// Contacts of your peers are among what they see
    #[arg(long, env = "PEERAGE_ANONYMOUS", hide_short_help = true)]
    pub anonymous: bool,

    /// Forget changes that are older than so many days; 0 keeps them for ever. What is forgotten cannot be undone any more
    #[arg(long, env = "PEERAGE_KEEP_CHANGES", default_value_t = 0, value_name = "DAYS")]
    pub keep_changes: u32,

    /// Forget jobs that ended more than so many days ago, with their logs, runs of the PeeringDB synchronisation, with what they
    /// found changed, and what webhooks were told; 0 keeps them for ever
    #[arg(long, env = "PEERAGE_KEEP_JOBS", default_value_t = 90, value_name = "DAYS")]
    pub keep_jobs: u32,

    /// Forget checks and pushes that are older than so many days, with the texts that they brought; 0 keeps them for ever. The last
    /// of each kind to each router stays
    #[arg(long, env = "PEERAGE_KEEP_PUSHES", default_value_t = 365, value_name = "DAYS")]
    pub keep_pushes: u32,

    /// Synchronise with PeeringDB every so many hours, at a minute drawn once for this database; 0 never does by itself
    #[arg(long, env = "PEERAGE_PEERINGDB_EVERY", default_value_t = 24, value_name = "HOURS")]
    pub peeringdb_every: u32,

    /// Ask routers how their sessions are every so many minutes, those that are to be polled; 0 never does by itself
    #[arg(long, env = "PEERAGE_POLL_EVERY", default_value_t = 5, value_name = "MINUTES")]
    pub poll_every: u32,

    #[command(flatten)]
    pub routers: Routers,

    #[command(flatten)]
    pub telling: Telling,

    #[command(flatten)]
    pub working: Working,
}

/// How others are told of changes.
#[derive(Args, Clone, Debug)]
pub struct Telling {
    /// An address, or a network of addresses, of our own network that webhooks may lead to; may be given several times. Without it
    /// they lead to none that is private, of this machine or of its links
    #[arg(long, env = "PEERAGE_WEBHOOK_ALLOW", value_delimiter = ',', value_name = "PREFIX", hide_short_help = true)]
    pub webhook_allow: Vec<ipnet::IpNet>,

    /// A proxy through which webhooks are sent: an address like `http://proxy.example.net:3128`. What it may reach it has to know itself, where our own
    /// name servers do not tell. PeeringDB is asked as HTTPS_PROXY and NO_PROXY say
    #[arg(long, env = "PEERAGE_WEBHOOK_PROXY", hide_env_values = true, value_name = "URL", hide_short_help = true)]
    pub webhook_proxy: Option<String>,
}

/// How routers are reached that say nothing else themselves.
#[derive(Args, Clone, Debug)]
pub struct Routers {
    /// Who logs in to routers that have no user name of their own
    #[arg(long, env = "PEERAGE_DEVICE_USER", value_name = "NAME", hide_short_help = true)]
    pub device_user: Option<String>,

    /// A file with the password for routers that have none of their own; with an encrypted key, its passphrase
    #[arg(long, env = "PEERAGE_DEVICE_PASSWORD_FILE", value_name = "FILE", hide_short_help = true)]
    pub device_password_file: Option<PathBuf>,

    /// A private key for routers whose driver arguments name no key_file
    #[arg(long, env = "PEERAGE_DEVICE_KEY_FILE", value_name = "FILE", hide_short_help = true)]
    pub device_key_file: Option<PathBuf>,

    /// Seconds that one command on a router may take, where it has no time-out of its own
    #[arg(long, env = "PEERAGE_DEVICE_TIMEOUT", default_value_t = 30, value_name = "SECONDS", hide_short_help = true)]
    pub device_timeout: u64,

    /// Host keys: strict speaks to no router whose key nobody has accepted; first-use takes the first that a router shows. One that
    /// has changed is refused by both
    #[arg(long, env = "PEERAGE_HOST_KEYS", value_enum, default_value_t = HostKeys::Strict, hide_short_help = true)]
    pub host_keys: HostKeys,
}

/// Reads what becomes of a list, by the words of the model.
fn context_lists() -> impl TypedValueParser<Value = Lists> {
    let named = |word: &str| Lists::ALL.into_iter().find(|lists| lists.to_string() == word);
    PossibleValuesParser::new(Lists::ALL.map(|lists| lists.to_string()))
        .try_map(move |word| named(&word).ok_or("none of them"))
}

impl Cli {
    /// How config contexts are merged.
    pub const fn merging(&self) -> Merging {
        Merging { recursive: !self.context_shallow, lists: self.context_lists }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum HostKeys {
    Strict,
    FirstUse,
}

/// How jobs are done.
#[derive(Args, Clone, Debug)]
pub struct Working {
    /// A process that does a job, or tells a webhook, and was not heard of for so many seconds has gone: another takes it up. Clocks of the machines
    /// that share a database must differ by less than a third of it
    #[arg(long, env = "PEERAGE_JOB_LEASE", default_value_t = 45, value_name = "SECONDS", hide_short_help = true)]
    pub job_lease: u32,
}

#[derive(Args, Debug)]
pub struct Worker {
    #[command(flatten)]
    pub peeringdb: PeeringdbSource,

    #[command(flatten)]
    pub routers: Routers,

    #[command(flatten)]
    pub telling: Telling,

    #[command(flatten)]
    pub working: Working,
}

/// Where PeeringDB is read from.
#[derive(Args, Clone, Debug)]
pub struct PeeringdbSource {
    /// Base address of PeeringDB's API
    #[arg(
        long = "peeringdb-url",
        visible_alias = "url",
        env = "PEERAGE_PEERINGDB_URL",
        default_value = "https://www.peeringdb.com/api",
        value_name = "URL"
    )]
    pub url: String,

    /// A file with the API key; without one, most contacts are missing
    #[arg(
        long = "peeringdb-api-key-file",
        visible_alias = "api-key-file",
        env = "PEERAGE_PEERINGDB_API_KEY_FILE",
        value_name = "FILE"
    )]
    pub api_key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a user; prints a new password unless one comes on standard input
    Create {
        name: String,
        /// May do everything
        #[arg(long)]
        superuser: bool,
        /// A group whose permissions the user has; may be given several times
        #[arg(long = "group", value_name = "NAME")]
        groups: Vec<String>,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Add a token and print its key, alone, on standard output; it is not shown again
    Create {
        user: String,
        /// 40 hex digits of your own instead of random ones
        #[arg(long)]
        key: Option<String>,
        /// It may only read
        #[arg(long)]
        read_only: bool,
        #[arg(long, default_value = "")]
        description: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a new key and encrypt every secret with it, while serving. The old one is kept beside it, for backups made before
    Rotate,
}

#[derive(Debug, Subcommand)]
pub enum Peeringdb {
    /// Take over what is new at PeeringDB
    Sync {
        #[command(flatten)]
        source: PeeringdbSource,
        /// Read TYPE.json files from this directory instead
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
        /// Empty the cache first
        #[arg(long)]
        flush: bool,
        #[command(flatten)]
        working: Working,
    },
    /// Print how full the cache is, as JSON
    Status,
}

#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["router", "all", "context"]))]
pub struct Render {
    /// Name or host name of the router
    #[arg(long, value_name = "NAME|HOSTNAME")]
    pub router: Option<String>,
    /// Every router that has a template, each text under a line with the router's name
    #[arg(long)]
    pub all: bool,
    /// With --all: a directory that gets a file NAME.conf for each router instead
    // one that is required and cannot be there is not asked for: what excludes it is said as well
    #[arg(long, requires = "all", conflicts_with_all = ["router", "context"], value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Instead of a router: variables as an object in a JSON file; no database is looked at
    #[arg(long, requires = "template", value_name = "FILE")]
    pub context: Option<PathBuf>,
    /// A template file instead of the assigned template
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// With --context: what the template includes; may be given several times
    #[arg(long = "include", requires = "context", conflicts_with_all = ["router", "all"], value_name = "KIND::NAME=FILE", value_parser = include)]
    pub includes: Vec<(String, PathBuf)>,
    /// With --template: drop the line end after a block tag
    #[arg(long, requires = "template")]
    pub trim_blocks: bool,
    /// With --template: drop blanks before a block tag
    #[arg(long, requires = "template")]
    pub lstrip_blocks: bool,
}

/// `configuration::Header=header.j2`, cut at the first equals sign.
fn include(text: &str) -> Result<(String, PathBuf), String> {
    let expected = || "KIND::NAME=FILE is expected, as in configuration::Header=header.j2".to_owned();
    let (name, file) = text.split_once('=').ok_or_else(expected)?;
    match name.split_once("::") {
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() && !file.is_empty() => {}
        _ => return Err(expected()),
    }
    Ok((name.to_owned(), file.into()))
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Take over what Peering Manager's REST API lists, in one transaction, with the numbers that objects have there. It can be done
    /// again; what is here otherwise is reported and left alone
    PeeringManager(PeeringManager),
}

#[derive(Args, Debug)]
pub struct PeeringManager {
    /// Lists of its API in one JSON file, plain or compressed with gzip
    #[arg(long, value_name = "FILE", required_unless_present_any = ["url", "postgres"], conflicts_with_all = ["url", "postgres"])]
    pub file: Option<PathBuf>,
    /// Its address, to read the lists from
    #[arg(long, value_name = "URL", requires = "token", conflicts_with = "postgres")]
    pub url: Option<String>,
    /// Its own database, which has more than its API shows: postgres://user:password@host/name. With ?sslmode=verify-full the
    /// certificate is checked (by ?sslrootcert=FILE, else by the system's); without, TLS is used where the server has it
    #[arg(long, env = "PEERAGE_IMPORT_POSTGRES", hide_env_values = true, value_name = "URL")]
    pub postgres: Option<String>,
    /// The key of an API token there whose user may see everything
    #[arg(long, env = "PEERAGE_IMPORT_TOKEN", hide_env_values = true, value_name = "KEY")]
    pub token: Option<String>,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args, Debug)]
pub struct Export {
    /// The file; compressed if its name ends in .gz
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// The address that stands in it before each object's path
    #[arg(long, env = "PEERAGE_PUBLIC_URL", default_value = "http://localhost", value_name = "URL")]
    pub public_url: String,
}

#[derive(Debug, Subcommand)]
pub enum Device {
    /// Print what the driver of a platform reads from saved answers of a device, as JSON
    Parse {
        /// frr, bird or openbgpd
        #[arg(long, value_name = "NAME")]
        platform: String,
        /// What the answers are about: neighbours
        #[arg(long, default_value = "neighbours")]
        what: String,
        /// One file for each answer
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Say whether a router is reached, takes the login, and answers; changes nothing
    Test {
        /// Name or host name of the router
        #[arg(long, value_name = "NAME|HOSTNAME")]
        router: String,
        #[command(flatten)]
        routers: Routers,
        #[command(flatten)]
        working: Working,
    },
    /// Accept the host key that a router showed when it was tested or polled, in the place of those on record
    Accept {
        /// Name or host name of the router
        #[arg(long, value_name = "NAME|HOSTNAME")]
        router: String,
        /// SHA256:... as it was shown, after comparing it with the router's own
        fingerprint: String,
    },
}

#[derive(Args, Debug)]
pub struct Push {
    /// Name or host name of the router
    #[arg(long, value_name = "NAME|HOSTNAME")]
    pub router: String,
    /// Only show what would change
    #[arg(long)]
    pub check: bool,
    /// Push what this check showed, without asking; the number is printed by --check
    #[arg(long, value_name = "NUMBER", conflicts_with = "check")]
    pub approve: Option<i64>,
    /// Why; stands in the record of the push
    #[arg(long, value_name = "TEXT", required_unless_present = "check")]
    pub reason: Option<String>,
    /// Seconds after which the router takes back what is not confirmed
    #[arg(long, value_name = "SECONDS", default_value_t = crate::devices::push::TIMER, value_parser = clap::value_parser!(u64).range(20..=3_600))]
    pub timer: u64,
    /// Keep it only when somebody says so, once all is well: by typing yes here, or in the browser
    #[arg(long)]
    pub attended: bool,
    #[command(flatten)]
    pub routers: Routers,
    #[command(flatten)]
    pub working: Working,
}

#[derive(Args, Debug)]
pub struct Poll {
    /// Name or host name of the router; all that are to be polled without it
    #[arg(long, value_name = "NAME|HOSTNAME")]
    pub router: Option<String>,
    #[command(flatten)]
    pub routers: Routers,
    #[command(flatten)]
    pub working: Working,
}

#[derive(Args, Debug)]
pub struct Demo {
    /// Only write the fictional PeeringDB as JSON files into this directory
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,

    #[arg(long, env = "PEERAGE_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub listen: SocketAddr,
}

impl Cli {
    /// Logs go to standard error; standard output is for results.
    pub fn init_tracing(&self) {
        let filter = tracing_subscriber::EnvFilter::try_new(&self.log).unwrap_or_else(|error| {
            eprintln!("peerage: the log filter is not understood ({error}); logging at info");
            tracing_subscriber::EnvFilter::new("info")
        });
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        // a file is not coloured
        let builder = builder.with_ansi(std::io::stderr().is_terminal());
        // a log that cannot be written is no reason to panic: its disk may be full
        let builder = builder.log_internal_errors(false);
        if self.log_json { builder.json().init() } else { builder.with_target(false).init() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_rendering_would_not_heed_is_refused() {
        let read = |arguments: &[&str]| Cli::try_parse_from(["peerage", "render"].iter().chain(arguments)).is_ok();
        let data = ["--template", "t", "--context", "c"];
        assert!(read(&data) && read(&[&data[..], &["--include", "a::b=c"]].concat()));
        assert!(read(&["--all", "--output", "d"]) && read(&["--router", "r", "--template", "t", "--trim-blocks"]));
        for (what, unheeded) in [
            (&data[..], &["--output", "d"][..]),
            (&["--router", "r"], &["--output", "d"]),
            (&["--router", "r"], &["--include", "a::b=c"]),
            (&["--all"], &["--include", "a::b=c"]),
            (&["--all"], &["--trim-blocks"]),
        ] {
            assert!(read(what) && !read(&[what, unheeded].concat()), "{what:?} {unheeded:?}");
        }
    }

    #[test]
    fn how_contexts_are_merged_is_said_in_the_original_s_words() {
        let read = |arguments: &[&str]| {
            Cli::try_parse_from(["peerage", "check"].iter().chain(arguments)).map(|cli| cli.merging())
        };
        assert_eq!(read(&[]).unwrap(), Merging::default());
        assert_eq!(read(&["--context-shallow"]).unwrap(), Merging { recursive: false, lists: Lists::Replace });
        for (word, lists) in [
            ("replace", Lists::Replace),
            ("keep", Lists::Keep),
            ("append", Lists::Append),
            ("prepend", Lists::Prepend),
            ("append_rp", Lists::AppendRp),
            ("prepend_rp", Lists::PrependRp),
        ] {
            assert_eq!(read(&["--context-lists", word]).unwrap(), Merging { recursive: true, lists });
        }
        assert!(read(&["--context-lists", "extend"]).is_err());
    }

    #[test]
    fn an_import_names_its_source_and_an_address_comes_with_a_token() {
        let read = |arguments: &[&str]| {
            Cli::try_parse_from(["peerage", "import", "peering-manager"].iter().chain(arguments)).is_ok()
        };
        for whole in [&["--file", "f"][..], &["--file", "f", "--dry-run"], &["--url", "u", "--token", "t", "--dry-run"]]
        {
            assert!(read(whole), "{whole:?}");
        }
        for wanting in [&[][..], &["--dry-run"], &["--url", "u"], &["--file", "f", "--url", "u", "--token", "t"]] {
            assert!(!read(wanting), "{wanting:?}");
        }
    }
}
