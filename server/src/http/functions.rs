//! `POST /fn/...`: the server functions, made strict. leptos takes JSON under any content type, redirects browsers and
//! answers in prose; here only `application/json` from our own pages or from scripts gets in, and every error leaves as a
//! problem with its status.

use super::{IMPORT, RequestId, client::Client, identity, refuse};
use crate::services::Services;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use leptos::prelude::provide_context;
use peerage_app::Failure;
use peerage_model::{Label, Problem, permit::READ_ONLY};
use server_fn::{axum::server_fn_paths, error::SERVER_FN_ERROR_HEADER};

/// What strangers call: to begin, and to sign in and out.
pub const OF_STRANGERS: [&str; 4] =
    ["/fn/accounts/is-first-run", "/fn/accounts/first-run", "/fn/accounts/sign-in", "/fn/accounts/sign-out"];

/// One call of a server function.
pub async fn call(State(services): State<Services>, mut request: Request<Body>) -> Response {
    let client = Client::of(services.front(), request.extensions(), request.headers());
    if let Err(problem) = admissible(&request, &client) {
        return refuse(&problem);
    }
    let who = match identity::of(&services, &client, request.headers()).await {
        Ok(who) => who,
        Err(problem) => return refuse(&problem),
    };
    // nothing is read of those who may not call it, not even to say what is wrong with it; and a file is large
    let path = request.uri().path();
    let refusal = match &who {
        None => (!OF_STRANGERS.contains(&path)).then(Problem::sign_in_needed),
        Some(who) => (path == IMPORT && !who.rights.may_write).then(|| Problem::new(Label::Forbidden, READ_ONLY)),
    };
    if let Some(problem) = refusal {
        return refuse(&problem);
    }
    let by_token = request.headers().contains_key(header::AUTHORIZATION);
    let id = request.extensions().get::<RequestId>().cloned();
    let session = identity::cookie(request.headers());
    let browser =
        request.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    // leptos would answer a browser's form with a redirect to where it came from
    request.headers_mut().remove(header::REFERER);
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let context = move || {
        services.provide();
        provide_context(identity::Browser {
            cookie: session.clone(),
            secure: client.secure,
            agent: browser.clone(),
            address: client.address,
            by_token,
        });
        if let Some(who) = &who {
            provide_context(who.clone());
        }
        if let Some(id) = &id {
            provide_context(id.clone());
        }
    };
    let response = leptos_axum::handle_server_fns_with_context(context, request).await;
    with_status(axum::response::IntoResponse::into_response(response)).await
}

fn admissible(request: &Request<Body>, client: &Client) -> Result<(), Problem> {
    let path = request.uri().path();
    if !server_fn_paths().any(|(known, _)| known == path) {
        let names = server_fn_paths().map(|(known, _)| known);
        let near = peerage_model::filter::nearest(path, names);
        let hint = near.map(|near| format!(" The nearest is {near}.")).unwrap_or_default();
        return Err(Problem::new(Label::NotFound, format!("There is no function {path}.{hint}")));
    }
    if request.method() != Method::POST {
        return Err(Problem::malformed(format!("{path} is called with POST, not {}.", request.method())));
    }
    let content_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(Label::MediaType, "Send the arguments as application/json."));
    }
    same_origin(request, client)
}

/// A page of another site can neither send JSON without asking (CORS), nor our cookie (SameSite), nor hide its origin.
fn same_origin(request: &Request<Body>, client: &Client) -> Result<(), Problem> {
    let Some(origin) = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok()) else {
        return Ok(());
    };
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    if client.hosts.iter().any(|host| host == authority) {
        Ok(())
    } else {
        Err(Problem::new(Label::Forbidden, format!("Calls from pages of {origin} are not taken.")))
    }
}

/// Gives an error the status that its label means.
async fn with_status(response: Response) -> Response {
    if response.headers().get(SERVER_FN_ERROR_HEADER).is_none() {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let failure = match to_bytes(body, 16 << 20).await {
        Ok(bytes) => serde_json::from_slice::<Failure>(&bytes).ok(),
        Err(_) => None,
    };
    let problem = failure
        .map(|failure| failure.0)
        .unwrap_or_else(|| Problem::new(Label::Internal, "Something went wrong in the server."));
    parts.status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(serde_json::to_vec(&problem).unwrap_or_default()))
}
