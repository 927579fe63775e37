//! What each subcommand does: read its arguments, call the service that the interface calls, print the result. Results go
//! to standard output, everything else to standard error.

mod backup;
mod check;
mod demo;
mod device;
mod here;
mod key;
mod moving;
mod peeringdb;
mod poll;
mod push;
mod render;
mod serve;
mod worker;

use crate::{
    cli::{Cli, Command, HostKeys, Import, Key, PeeringdbSource, Routers, Telling, Token, User, Working},
    devices::Reaching,
    http::client::Front,
    jobs::{Engine, Means, Pace, Timetable},
    keys, opening,
    services::Services,
};
use anyhow::Context;
use peerage_devices::{HostKeyRule, Secret};
use peerage_model::{Record, Value, Who, permit::View, types::ROUTER};
use peerage_store::Store;
use peerage_sync::{peeringdb::Source, webhook::Caller};
use std::{
    io::{self, BufRead, Write},
    time::Duration,
};

/// A result, to standard output; whoever reads it may have gone (`| head`).
fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// What went wrong in words that stand for themselves: whoever reads them is a script.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Told(pub String);

/// Runs what was asked for.
///
/// # Errors
/// In words for the operator.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match &cli.command {
        Command::Serve(arguments) => serve::serve(&cli, arguments).await,
        Command::Worker(arguments) => worker::work(&cli, arguments).await,
        Command::Migrate => {
            opening::open(&cli).await?;
            println!("the database has this version's schema");
            Ok(())
        }
        Command::User(User::Create { name, superuser, groups, password_stdin }) => {
            let services = services(opening::open(&cli).await?)?;
            let password = if *password_stdin { read_password()? } else { keys::new_password() };
            services.accounts().create_user(name, &password, *superuser, groups).await?;
            if !password_stdin {
                println!("{password}");
            }
            eprintln!("user {name} may sign in");
            Ok(())
        }
        Command::Token(Token::Create { user, key, read_only, description }) => {
            let services = services(opening::open_existing(&cli).await?)?;
            let key = services.accounts().create_token(user, key.as_deref(), !read_only, description).await?;
            println!("{key}");
            Ok(())
        }
        Command::Peeringdb(command) => peeringdb::run(&cli, command).await,
        Command::Key(Key::Rotate) => key::rotate(&cli).await,
        Command::Render(arguments) => render::render(&cli, arguments).await,
        Command::Device(command) => device::run(&cli, command).await,
        Command::Push(arguments) => push::push(&cli, arguments).await,
        Command::Poll(arguments) => poll::poll(&cli, arguments).await,
        Command::Check(arguments) => check::check(&cli, arguments).await,
        Command::Backup { file } => backup::backup(&cli, file).await,
        Command::Restore { file, without_secrets } => backup::restore(&cli, file, *without_secrets).await,
        Command::Import(Import::PeeringManager(arguments)) => moving::import(&cli, arguments).await,
        Command::Export(arguments) => moving::export(&cli, arguments).await,
        Command::Demo(arguments) => demo::demo(&cli, arguments).await,
    }
}

/// The machine's owner, who may do everything.
fn owner() -> Who {
    Who::system("command line")
}

/// Services for commands that do not read PeeringDB.
fn services(store: Store) -> anyhow::Result<Services> {
    Ok(Services::new(store, Source::api(peerage_sync::peeringdb::PUBLIC_API, None)?, Front::default()))
}

/// The router of that name, or of that host name if only one has it.
async fn router_named(store: &Store, name: &str) -> anyhow::Result<Record> {
    let permit = owner().permit::<View>(&ROUTER)?;
    let wanted = Value::text(name);
    let mut found = store.find(&permit, &[("name", wanted.clone())]).await?;
    if found.is_empty() {
        found = store.find(&permit, &[("hostname", wanted)]).await?;
    }
    anyhow::ensure!(found.len() < 2, "{name} is the host name of several routers: give a name");
    found.pop().with_context(|| format!("there is no router {name}"))
}

/// How routers are reached, as the arguments say.
fn reaching(arguments: &Routers) -> anyhow::Result<Reaching> {
    let read = |path: &std::path::PathBuf, what: &str| {
        std::fs::read_to_string(path).with_context(|| format!("the {what} file {}", path.display()))
    };
    let password = arguments.device_password_file.as_ref().map(|path| read(path, "password")).transpose()?;
    let key = arguments.device_key_file.as_ref().map(|path| read(path, "private key")).transpose()?;
    let rule = match arguments.host_keys {
        HostKeys::Strict => HostKeyRule::Strict,
        HostKeys::FirstUse => HostKeyRule::TrustOnFirstUse,
    };
    let mut reaching = Reaching::default();
    reaching.user = arguments.device_user.clone().filter(|user| !user.is_empty());
    reaching.password = password.map(|text| Secret::from(text.trim_end_matches(['\n', '\r'])));
    reaching.key = key.map(Secret::from);
    reaching.rule = rule;
    reaching.timeout = Duration::from_secs(arguments.device_timeout.max(1));
    Ok(reaching)
}

/// Workers of this process for what the command itself does, reaching routers as its arguments say.
fn engine(store: &Store, routers: &Routers, working: &Working) -> anyhow::Result<Engine> {
    let source = Source::api(peerage_sync::peeringdb::PUBLIC_API, None)?;
    let means = Means { reaching: reaching(routers)?, ..Means::of(source) };
    let pace = Pace::with_lease(Duration::from_secs(working.job_lease.into()));
    Ok(Engine::new(store.clone(), means, Timetable::default(), pace))
}

/// Who sends webhooks, as the arguments say.
fn caller(arguments: &Telling) -> anyhow::Result<Caller> {
    let proxy = arguments.webhook_proxy.as_deref().filter(|proxy| !proxy.is_empty());
    Caller::new(&arguments.webhook_allow).through(proxy).context("--webhook-proxy")
}

/// PeeringDB as the arguments name it.
fn source(arguments: &PeeringdbSource) -> anyhow::Result<Source> {
    let key = match &arguments.api_key_file {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("the API key file {}", path.display()))?;
            Some(text.trim().to_owned())
        }
        None => None,
    };
    Source::api(&arguments.url, key.as_deref()).with_context(|| format!("PeeringDB at {}", arguments.url))
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password on standard input")?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
