//! The web server: server functions under `/fn/`, what was committed as a stream at `/events`, `/health`, `/metrics`, and the
//! embedded interface everywhere else.
//!
//! What must stay true: every answer carries a request id and the security headers; every error is a
//! [`Problem`] in JSON with its status; a body is bounded before it is read.

mod assets;
pub mod client;
mod events;
mod functions;
pub mod identity;
mod metrics;
mod request_id;
#[cfg(test)]
pub(crate) mod tests;

pub use request_id::RequestId;

use crate::services::Services;
use axum::{
    Extension, Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use peerage_app::failure::{LARGEST_BODY_MIB, LARGEST_FILE_MIB, too_large};
use peerage_model::{Label, Problem};
use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    limit::RequestBodyLimitLayer,
};
use tracing::Instrument;

/// The function that takes a file.
const IMPORT: &str = "/fn/records/import";

/// A request that takes longer is worth a line.
const SLOW: Duration = Duration::from_secs(1);

/// Everything that is served.
pub fn router(services: Services) -> Router {
    let path = services.front().path().to_owned();
    let counts = Arc::new(metrics::Counts::default());
    let served = Router::new()
        .route("/fn/{*function}", axum::routing::any(functions::call))
        .route("/health", get(health))
        .route("/events", get(events::stream))
        .route("/metrics", get(metrics::show).layer(Extension(counts.clone())))
        .fallback(get(assets::serve))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY_MIB << 20))
        .route(IMPORT, axum::routing::any(functions::call).layer(RequestBodyLimitLayer::new(LARGEST_FILE_MIB << 20)));
    // a proxy may pass the path on, or take it off
    let served = if path.is_empty() { served } else { Router::new().nest(&path, served.clone()).merge(served) };
    served
        // axum would stop at 2 MiB, where server functions read a body
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::map_response(in_words))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(request_id::name_in_failures))
        // an answer is wanted now, and waiting for a smaller one costs more than it saves
        .layer(CompressionLayer::new().no_br().gzip(true).quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn_with_state((services.clone(), counts), trace))
        .with_state(services)
}

/// 200 when the database answers.
async fn health(State(services): State<Services>) -> Response {
    match services.store().ping().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// A problem as an answer.
pub fn refuse(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A body that says beforehand that it is too long is refused in two words of plain text: in ours instead.
async fn in_words(response: Response) -> Response {
    let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !is_ours {
        return refuse(&too_large());
    }
    response
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let cause = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(cause, "a handler panicked");
    refuse(&Problem::new(Label::Internal, "Something went wrong in the server. It has been logged."))
}

/// Names the request, times it, and says in the log how it ended. Everything that is logged meanwhile stands in its span.
async fn trace(
    State((services, counts)): State<(Services, Arc<metrics::Counts>)>,
    mut request: Request<Body>,
    next: Next,
) -> Response {
    let id = RequestId::of(services.front(), &request);
    request.extensions_mut().insert(id.clone());
    // of the highest level: it is to be there whatever is logged
    let span = tracing::error_span!("request", id = %id.0, method = %request.method(), path = request.uri().path());
    let route = metrics::route(services.front().path(), request.uri().path());
    let began = Instant::now();
    async move {
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&id.0) {
            headers.insert(request_id::HEADER, id);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        let took = began.elapsed();
        let (status, milliseconds) = (response.status(), took.as_secs_f64() * 1000.0);
        counts.add(route, status.as_u16(), took);
        match status {
            status if status.is_server_error() => tracing::error!(status = status.as_u16(), milliseconds, "failed"),
            status if took > SLOW => tracing::warn!(status = status.as_u16(), milliseconds, "slow"),
            status => tracing::debug!(status = status.as_u16(), milliseconds, "answered"),
        }
        response
    }
    .instrument(span)
    .await
}
