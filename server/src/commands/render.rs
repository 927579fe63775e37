//! `peerage render`: the bytes that the browser shows, on standard output.

use super::{owner, services};
use crate::{
    cli::{Cli, Render},
    opening,
};
use anyhow::Context;
use peerage_model::{Value, permit::View, types::ROUTER};
use peerage_render::{Template, Whitespace};
use std::io::Write;

/// Renders one router.
///
/// # Errors
/// If there is no such router, or the template does not render: then nothing is printed.
pub async fn render(cli: &Cli, arguments: &Render) -> anyhow::Result<()> {
    let services = services(opening::open(cli).await?)?;
    let who = owner();
    let permit = who.permit::<View>(&ROUTER)?;
    let wanted = Value::text(arguments.router.as_str());
    let mut found = services.store().find(&permit, &[("name", wanted.clone())]).await?;
    if found.is_empty() {
        found = services.store().find(&permit, &[("hostname", wanted)]).await?;
    }
    let router = match found.as_slice() {
        [router] => router.id,
        [] => anyhow::bail!("there is no router {}", arguments.router),
        _ => anyhow::bail!("{} is the host name of several routers: give a name", arguments.router),
    };
    let template = match &arguments.template {
        Some(path) => {
            let source = std::fs::read_to_string(path).with_context(|| format!("the template {}", path.display()))?;
            Some(Template::new(source, Whitespace { trim: arguments.trim, lstrip: arguments.lstrip }))
        }
        None => None,
    };
    let output = services.rendering().text(&who, router, template).await?;
    std::io::stdout().write_all(output.text.as_bytes())?;
    Ok(())
}
