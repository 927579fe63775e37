//! `peerage render`: the bytes that the browser shows, on standard output or in files; and a template over plain data, which
//! needs no database.
//!
//! A text stands whole or not at all. What is wrong with a template is one line, `KIND: TEMPLATE:LINE: message`, for scripts.

use super::{Told, owner, services};
use crate::{
    cli::{Cli, Render},
    opening,
    services::{
        Services,
        rendering::{Refusal, at_this_moment, deadline, zones},
    },
};
use anyhow::{Context as _, bail, ensure};
use peerage_model::{ListQuery, Record, permit::View, types::ROUTER};
use peerage_render::{Context, Graph, Problem, ProblemKind, Session, Step, Template, Whitespace};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

/// Renders a router, all of them, or a template over plain data.
///
/// # Errors
/// If there is no such router, or a template does not render: then nothing is printed of it.
pub async fn render(cli: &Cli, arguments: &Render) -> anyhow::Result<()> {
    let longest = Duration::from_secs(cli.render_timeout.into());
    let template = arguments.template.as_deref().map(|path| read_template(path, arguments)).transpose()?;
    if let (Some(context), Some(template)) = (&arguments.context, &template) {
        let text = over_data(context, template, arguments, longest)?;
        return Ok(std::io::stdout().write_all(text.as_bytes())?);
    }
    let services = services(opening::open_existing(cli).await?)?.rendering_within(longest);
    match &arguments.router {
        Some(name) => {
            let router = super::router_named(services.store(), name).await?;
            let text = of_router(&services, &router, template, arguments).await?;
            Ok(std::io::stdout().write_all(text.as_bytes())?)
        }
        None => all(&services, template, arguments).await,
    }
}

fn read_template(path: &Path, arguments: &Render) -> anyhow::Result<Template> {
    let source = read(path).map_err(|error| missing(&path.display().to_string(), &error))?;
    Ok(Template::new(source, Whitespace { trim: arguments.trim_blocks, lstrip: arguments.lstrip_blocks }))
}

/// A text file, without the mark that some editors put before it (U+FEFF).
fn read(path: &Path) -> std::io::Result<String> {
    let text = fs::read_to_string(path)?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// A template that cannot be read, told as what is wrong in one.
fn missing(template: &str, error: &std::io::Error) -> Told {
    Told(format!("runtime: {template}:0: it cannot be read: {error}"))
}

fn over_data(context: &Path, template: &Template, arguments: &Render, longest: Duration) -> anyhow::Result<String> {
    let name = || format!("the context {}", context.display());
    let json = read(context).with_context(name)?;
    let values: serde_json::Value = serde_json::from_str(&json).with_context(name)?;
    let serde_json::Value::Object(values) = values else { bail!("{} is no JSON object", name()) };
    let mut templates = BTreeMap::new();
    for (name, path) in &arguments.includes {
        let source = read(path).map_err(|error| missing(name, &error))?;
        ensure!(templates.insert(name.clone(), source).is_none(), "{name} is given twice");
    }
    let context = Context::Data { values, templates };
    let mut session = Session::new(template, at_this_moment(), context).until(deadline(longest)).in_zones(zones());
    match session.step(&Graph::new()) {
        Step::Done(output) => Ok(output.text),
        Step::Failed(problem) => Err(told(&problem, &named(arguments, None)).into()),
        Step::Needs(_) => bail!("plain data lacks nothing"),
    }
}

/// What the outer template is called: its file, or the configuration that a router has.
fn named(arguments: &Render, router: Option<&Record>) -> String {
    match (&arguments.template, router) {
        (Some(path), _) => path.display().to_string(),
        (None, Some(router)) => format!("template of {}", router.text("name")),
        (None, None) => "template".to_owned(),
    }
}

/// `KIND: TEMPLATE:LINE: message`; line 0 where it is not known.
fn told(problem: &Problem, outer: &str) -> Told {
    let kind = match problem.kind {
        ProblemKind::Syntax => "syntax",
        ProblemKind::Runtime | ProblemKind::Limit => "runtime",
    };
    let template = if problem.template.is_empty() { outer } else { &problem.template };
    Told(format!("{kind}: {template}:{}: {}", problem.line.unwrap_or_default(), problem.message))
}

async fn of_router(
    services: &Services,
    router: &Record,
    template: Option<Template>,
    arguments: &Render,
) -> anyhow::Result<String> {
    match services.rendering().attempt(&owner(), router.id, template).await {
        Ok(output) => Ok(output.text),
        Err(Refusal::Template(problem)) => Err(told(&problem, &named(arguments, Some(router))).into()),
        Err(Refusal::Other(problem)) if problem.fields.iter().any(|field| field.field == "configuration_template") => {
            Err(Told(format!("runtime: {}:0: {}", named(arguments, Some(router)), problem.message)).into())
        }
        Err(Refusal::Other(problem)) => Err(problem.into()),
    }
}

/// Every router in the order of their names, to standard output or each into its file.
async fn all(services: &Services, template: Option<Template>, arguments: &Render) -> anyhow::Result<()> {
    let permit = owner().permit::<View>(&ROUTER)?;
    let mut routers = services.store().records(&permit, &ListQuery::all(&ROUTER).unpaged()).await?;
    routers.sort_by(|a, b| a.text("name").cmp(b.text("name")));
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    if let Some(directory) = &arguments.output {
        fs::create_dir_all(directory).with_context(|| format!("the directory {}", directory.display()))?;
        for router in &routers {
            let name = router.text("name");
            let file = file_of(directory, name);
            if let Some(other) = files.insert(file.clone(), name.to_owned()) {
                bail!("{other} and {name} would both be written to {}", file.display());
            }
        }
    }
    let mut faults = Vec::new();
    for router in &routers {
        let name = router.text("name");
        if template.is_none() && router.int("configuration_template").is_none() {
            eprintln!("{name} has no configuration template");
            continue;
        }
        let text = match of_router(services, router, template.clone(), arguments).await {
            Ok(text) => text,
            Err(error) => {
                faults.push(format!("{name}: {error:#}"));
                continue;
            }
        };
        match &arguments.output {
            Some(directory) => {
                let file = file_of(directory, name);
                fs::write(&file, text).with_context(|| format!("the file {}", file.display()))?;
            }
            None => {
                let mut out = std::io::stdout().lock();
                writeln!(out, "==> {name} <==")?;
                out.write_all(text.as_bytes())?;
                writeln!(out)?;
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Told(faults.join("\n")).into()) }
}

/// A router's file; names may have what names of files cannot.
fn file_of(directory: &Path, name: &str) -> PathBuf {
    let plain = |c: char| if c == '/' || c == '\\' || c.is_control() { '_' } else { c };
    directory.join(format!("{}.conf", name.chars().map(plain).collect::<String>()))
}
