//! Fills `frontend/index.html`: asset names, the inline style, and the JSON by which scripts find what they load later.

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{dist::Dist, split::PART};

/// Roles that a page looks up at run time, in the JSON with the id `assets`, besides the parts of the interface. A role
/// without a file is null.
const AT_RUN_TIME: [&str; 5] = ["wasm", "worker", "worker_wasm", "editor", "icons"];

pub fn fill(template: &str, inline_style: &str, dist: &Dist) -> Result<String> {
    let path = |role: &str| dist.assets().iter().find(|asset| asset.role == role).map(|asset| asset.path.as_str());
    let parts = dist.assets().iter().map(|asset| asset.role.as_str()).filter(|role| role.starts_with(PART));
    let assets: Map<_, _> = AT_RUN_TIME
        .into_iter()
        .chain(parts)
        .map(|role| (role.to_owned(), path(role).map_or(Value::Null, Value::from)))
        .collect();

    let mut page = without_comments(template);
    for asset in dist.assets() {
        page = page.replace(&format!("{{{{{}}}}}", asset.role), &asset.path);
    }
    page = page.replace("{{inline_css}}", inline_style).replace("{{assets}}", &Value::Object(assets).to_string());
    ensure!(!page.contains("{{"), "frontend/index.html names something that the bundle has not: {}", first_hole(&page));
    ensure!(page.contains("<base href=\"/\">"), "frontend/index.html has lost the <base> that the server replaces");
    Ok(page)
}

fn first_hole(page: &str) -> &str {
    let from = page.find("{{").unwrap_or(0);
    page[from..].split_inclusive("}}").next().unwrap_or_default()
}

fn without_comments(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, tail)| tail.trim_start());
    }
    out + rest
}

/// `'sha256-…'` of every inline style, as a content security policy writes them.
pub fn style_hashes(page: &str) -> Vec<String> {
    page.split("<style>")
        .skip(1)
        .filter_map(|part| part.split_once("</style>"))
        .map(|(style, _)| format!("sha256-{}", STANDARD.encode(Sha256::digest(style))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_hashes_are_what_a_browser_computes() {
        // printf %s 'a{}' | openssl dgst -sha256 -binary | base64
        assert_eq!(style_hashes("<style>a{}</style>"), ["sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk="]);
    }

    #[test]
    fn comments_stay_out_of_the_page() {
        assert_eq!(without_comments("a\n<!-- b -->\nc<!-- d -->e"), "a\nce");
    }
}
