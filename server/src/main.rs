//! The binary `peerage`: one program for everything that an operator runs. `peerage serve` answers browsers and scripts;
//! the other subcommands do on the command line what the interface does in the browser, through the same services.

mod cli;
mod commands;
mod demo;
mod devices;
mod http;
mod jobs;
mod keyfile;
mod keys;
mod opening;
mod peering_manager;
mod services;
mod settings;
mod webhooks;

use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match settings::read(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(settings::Refusal::Usage(error)) => error.exit(),
        Err(settings::Refusal::File(words)) => {
            eprintln!("peerage: {words}");
            return ExitCode::FAILURE;
        }
    };
    cli.init_tracing();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("peerage: the system gives no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match error.downcast_ref::<commands::Told>() {
                Some(words) => eprintln!("{words}"),
                None => eprintln!("peerage: {error:#}"),
            }
            ExitCode::FAILURE
        }
    }
}
