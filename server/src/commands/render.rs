//! `peerage render`: the bytes that the browser shows, on standard output.

use super::{owner, services};
use crate::{
    cli::{Cli, Render},
    opening,
};
use anyhow::Context;
use peerage_render::{Template, Whitespace};
use std::io::Write;

/// Renders one router.
///
/// # Errors
/// If there is no such router, or the template does not render: then nothing is printed.
pub async fn render(cli: &Cli, arguments: &Render) -> anyhow::Result<()> {
    let services = services(opening::open(cli).await?)?;
    let who = owner();
    let router = super::router_named(services.store(), &arguments.router).await?.id;
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
