//! What each subcommand does: read its arguments, call the service that the interface calls, print the result. Results go
//! to standard output, everything else to standard error.

mod backup;
mod check;
mod demo;
mod key;
mod moving;
mod peeringdb;
mod render;
mod serve;
mod worker;

use crate::{
    cli::{Cli, Command, Import, Key, PeeringdbSource, Token, User},
    http::client::Front,
    keys, opening,
    services::Services,
};
use anyhow::Context;
use peerage_model::Who;
use peerage_store::Store;
use peerage_sync::peeringdb::Source;
use std::io::{self, BufRead, Write};

/// A result, to standard output; whoever reads it may have gone (`| head`).
fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

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
            let services = services(opening::open(&cli).await?)?;
            let key = services.accounts().create_token(user, key.as_deref(), !read_only, description).await?;
            println!("{key}");
            Ok(())
        }
        Command::Peeringdb(command) => peeringdb::run(&cli, command).await,
        Command::Key(Key::Rotate) => key::rotate(&cli).await,
        Command::Render(arguments) => render::render(&cli, arguments).await,
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
