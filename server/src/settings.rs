//! Settings from a file: TOML whose keys are the long names of the options of `peerage` and `peerage serve`.
//!
//! What must stay true: a setting is written once, in `cli`. The keys, their kinds and what their values may be come from the
//! command that clap makes of it. A value from the file becomes the option's default, wherever the option stands, so that the
//! command line and the environment go before it without a rule of ours. A key that is not known, or a value that the option
//! would not take, is refused with its line: a setting that is misspelt would otherwise be one that is not in force.

use crate::cli::Cli;
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches};
use std::{ffi::OsString, path::Path};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The subcommand whose options may stand in the file, beside those of all.
const SERVE: &str = "serve";
/// What a file cannot say: where it is itself, and what is no setting.
const NOT_IN_FILES: [&str; 3] = ["config", "help", "version"];

/// Why there is no command to run.
#[derive(Debug)]
pub enum Refusal {
    /// The command line is wrong, or asks for help.
    Usage(clap::Error),
    /// The file is.
    File(String),
}

/// Reads the command line, the environment, and the file that one of them names.
///
/// # Errors
/// In words for the operator.
pub fn read(arguments: Vec<OsString>) -> Result<Cli, Refusal> {
    let given = parse(Cli::command(), &arguments).map_err(Refusal::Usage)?;
    let Some(path) = &given.config else { return Ok(given) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Refusal::File(format!("the configuration {} cannot be read: {error}", path.display())))?;
    with_file(path, &text, &arguments)
}

fn parse(command: Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

fn with_file(path: &Path, text: &str, arguments: &[OsString]) -> Result<Cli, Refusal> {
    let at = |line: usize, words: &str| Refusal::File(format!("{}, line {line}: {words}", path.display()));
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        at(line, error.message())
    })?;
    let mut command = Cli::command();
    for (key, value) in table.get_ref() {
        let line = line_of(text, key.span().start);
        let name = key.get_ref().as_ref();
        let Some(option) = options().into_iter().find(|option| option.get_long() == Some(name)) else {
            return Err(at(line, &unknown(name)));
        };
        let values = values(&option, value).map_err(|words| at(line, &format!("{name}: {words}")))?;
        let with_it = with_default(command, &option, &values);
        // tried by itself, so that what is wrong is wrong with this line; a serving process takes every option there is
        let alone = with_default(Cli::command(), &option, &values);
        if let Err(error) = alone.try_get_matches_from(["peerage", SERVE]) {
            return Err(at(line, &format!("{name}: {}", first_words(&error))));
        }
        command = with_it;
    }
    parse(command, arguments).map_err(Refusal::Usage)
}

/// Every option that a file may set.
fn options() -> Vec<Arg> {
    let root = Cli::command();
    let serve = root.find_subcommand(SERVE);
    let all = root.get_arguments().chain(serve.iter().flat_map(|serve| serve.get_arguments()));
    all.filter(|arg| arg.get_long().is_some_and(|long| !NOT_IN_FILES.contains(&long))).cloned().collect()
}

fn unknown(name: &str) -> String {
    let mut names: Vec<String> = options().iter().filter_map(Arg::get_long).map(str::to_owned).collect();
    names.sort_unstable();
    let near = peerage_model::filter::nearest(name, names.iter().map(String::as_str));
    let hint = near.map(|near| format!(" The nearest is {near}.")).unwrap_or_default();
    format!("there is no setting {name}.{hint} There are: {}.", names.join(", "))
}

/// A value of the file as one would type it.
fn values(option: &Arg, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    let takes_many = matches!(option.get_action(), ArgAction::Append);
    match (option.get_action(), value.get_ref()) {
        (ArgAction::SetTrue, DeValue::Boolean(yes)) => Ok(vec![yes.to_string()]),
        (ArgAction::SetTrue, _) => Err("true or false is expected, without quotes.".to_owned()),
        (ArgAction::Append, DeValue::Array(items)) => {
            items.iter().map(|item| text(item.get_ref()).ok_or_else(|| expected(takes_many))).collect()
        }
        (_, value) => Ok(vec![text(value).ok_or_else(|| expected(takes_many))?]),
    }
}

fn expected(many: bool) -> String {
    if many {
        "a list of texts is expected: [\"…\", \"…\"]."
    } else {
        "a text in quotes, or a whole number, is expected."
    }
    .to_owned()
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// The command whose option, wherever it stands, has these defaults.
fn with_default(command: Command, option: &Arg, values: &[String]) -> Command {
    let is_it = |arg: &Arg| arg.get_long() == option.get_long() && arg.get_env() == option.get_env();
    let command = command.mut_args(|arg| if is_it(&arg) { arg.default_values(values.to_vec()) } else { arg });
    command.mut_subcommands(|under| with_default(under, option, values))
}

/// The first line of clap's words, without its prefix.
fn first_words(error: &clap::Error) -> String {
    let words = error.to_string();
    let first = words.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    fn read(text: &str, arguments: &[&str]) -> Result<Cli, String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        with_file(Path::new("p.toml"), text, &arguments).map_err(|refusal| match refusal {
            Refusal::Usage(error) => error.to_string(),
            Refusal::File(words) => words,
        })
    }

    fn serve(cli: Cli) -> cli::Serve {
        match cli.command {
            cli::Command::Serve(serve) => serve,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_stands_between_the_command_line_and_the_defaults() {
        let text = "# ours\ndatabase = \"sqlite:/var/p.sqlite\"\nlisten = '192.0.2.1:1'\nlog-json = true\n\
                    trusted-proxy = [\"10.0.0.0/8\", \"192.0.2.0/24\"]\n";
        let cli = read(text, &["peerage", "serve", "--listen", "[::1]:9"]).unwrap();
        assert_eq!((cli.database.as_str(), cli.log_json), ("sqlite:/var/p.sqlite", true));
        let serve = serve(cli);
        assert_eq!((serve.listen.to_string().as_str(), serve.trusted_proxies.len()), ("[::1]:9", 2));
        assert_eq!(serve.peeringdb.url, "https://www.peeringdb.com/api");
        // other subcommands that have the same setting
        let cli = read("peeringdb-url = \"https://mirror.example/api\"", &["peerage", "peeringdb", "sync"]).unwrap();
        assert!(format!("{cli:?}").contains("mirror.example"), "{cli:?}");
        let cli = read("trusted-proxy = \"10.0.0.0/8,192.0.2.0/24\"\n", &["peerage", "check"]).unwrap();
        assert!(format!("{cli:?}").contains("192.0.2.0/24"), "{cli:?}");
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_line() {
        for (text, line, words) in [
            ("\nlisten = \"nowhere\"", 2, "listen: invalid value 'nowhere'"),
            ("# a\n\nlog_json = true", 3, "there is no setting log_json. The nearest is log-json. There are: "),
            ("log-json = \"yes\"", 1, "log-json: true or false is expected"),
            ("database = true", 1, "database: a text in quotes"),
            ("trusted-proxy = [1.5]", 1, "trusted-proxy: a list of texts is expected"),
            ("trusted-proxy = [\"a\"]", 1, "trusted-proxy: invalid value 'a'"),
            ("[serve]\nlisten = \"[::1]:1\"", 1, "there is no setting serve"),
            ("database = \"a\"\ndatabase = \"b\"", 2, "duplicate key"),
            ("keep-changes = \"a year\"", 1, "keep-changes: invalid value 'a year'"),
            ("config = \"other\"", 1, "there is no setting config"),
        ] {
            let refusal = read(text, &["peerage", "migrate"]).unwrap_err();
            assert!(refusal.starts_with(&format!("p.toml, line {line}: {words}")), "{text}: {refusal}");
        }
    }

    #[test]
    fn every_setting_of_serve_can_stand_in_a_file() {
        let names: Vec<String> = options().iter().filter_map(Arg::get_long).map(str::to_owned).collect();
        for name in ["database", "key-file", "log", "listen", "public-url", "peeringdb-api-key-file"] {
            assert!(names.iter().any(|known| known == name), "{name} is missing from {names:?}");
        }
    }

    #[test]
    fn the_command_is_one_that_clap_takes() {
        Cli::command().debug_assert();
    }
}
