//! The interface, embedded in the binary: `index.html` for every address that is not a file, files by their content hash
//! for ever. Files are compressed when the interface is built, not when they are asked for.

use crate::services::Services;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../frontend/dist/"]
#[allow_missing = true]
struct Interface;

/// Scripts, wasm and styles are ours alone; the page's own inline style is known by its hash.
fn policy() -> String {
    #[derive(serde::Deserialize)]
    struct Manifest {
        style_hashes: Vec<String>,
    }
    let manifest = Interface::get("manifest.json").and_then(|file| serde_json::from_slice::<Manifest>(&file.data).ok());
    let hashes: String =
        manifest.iter().flat_map(|manifest| &manifest.style_hashes).map(|hash| format!(" '{hash}'")).collect();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'{hashes}; img-src 'self' data:; \
         object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// A file of the interface, or the page itself.
pub async fn serve(State(services): State<Services>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("assets/") {
        return file(path, &headers, FOR_EVER)
            .unwrap_or_else(|| (StatusCode::NOT_FOUND, "no such file\n").into_response());
    }
    let named = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'))
        .then(|| file(path, &headers, ASK_AGAIN))
        .flatten();
    named.or_else(|| page(services.front().path(), &headers)).unwrap_or_else(|| {
        (StatusCode::SERVICE_UNAVAILABLE, "This build has no interface in it: run make build.\n").into_response()
    })
}

/// The page, whose links begin at `path`.
fn page(path: &str, headers: &HeaderMap) -> Option<Response> {
    let mut response = if path.is_empty() {
        file("index.html", headers, ASK_AGAIN)?
    } else {
        let page = String::from_utf8(Interface::get("index.html")?.data.into_owned()).ok()?;
        let page = page.replace(r#"<base href="/">"#, &format!(r#"<base href="{path}/">"#));
        ([(header::CONTENT_TYPE, media_type("index.html")), (header::CACHE_CONTROL, ASK_AGAIN)], page).into_response()
    };
    if let Ok(policy) = HeaderValue::from_str(&policy()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Some(response)
}

fn file(path: &str, headers: &HeaderMap, caching: &'static str) -> Option<Response> {
    let brotli = accepts_brotli(headers).then(|| Interface::get(&format!("{path}.br"))).flatten();
    let encoded = brotli.is_some();
    let file = brotli.or_else(|| Interface::get(path))?;
    let tag = etag(&file);
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.into_owned()).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if encoded {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    Some(response)
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|coding| coding.split(';').next().unwrap_or_default().trim() == "br")
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
