//! The name of a request: in the header `X-Request-Id` of its answer, in every line that is logged meanwhile, in the change
//! records of what it wrote, and in what a person is told when the server failed, so that the four can be brought together.
//!
//! A proxy of ours (`--trusted-proxy`) may have named it already, for its own log; anybody else's name is not taken, because
//! two requests of one name would be undone as one.

use super::client::Front;
use crate::keys;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderName, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use peerage_model::{Label, Problem};

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// As many as change records keep.
const LONGEST: usize = 36;
/// A problem is a sentence or two; one of a conflict, which is none of ours, has an object with it.
const LARGEST_PROBLEM: usize = 1 << 20;

/// What a request is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    /// The proxy's name for it, or a new one.
    pub fn of(front: &Front, request: &Request) -> Self {
        let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
        match given {
            Some(given) if is_well_formed(given) && front.is_proxy(request.extensions()) => Self(given.to_owned()),
            _ => Self(keys::request_id()),
        }
    }
}

/// What can stand in a log line and in an address as it is.
fn is_well_formed(id: &str) -> bool {
    (8..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// Adds the name to what a person is told of a failure of ours.
pub async fn name_in_failures(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
    let (Some(RequestId(id)), true, StatusCode::INTERNAL_SERVER_ERROR) = (id, is_json, response.status()) else {
        return response;
    };
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_PROBLEM).await else {
        return super::refuse(&Problem::new(Label::Internal, told("Something went wrong in the server.", &id)));
    };
    let body = match serde_json::from_slice::<Problem>(&bytes) {
        Ok(problem) => {
            let named = Problem { message: told(&problem.message, &id), ..problem };
            serde_json::to_vec(&named).unwrap_or_else(|_| bytes.to_vec())
        }
        Err(_) => bytes.to_vec(),
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts, Body::from(body)).into_response()
}

fn told(message: &str, id: &str) -> String {
    format!("{message} If it stays, tell your administrator: request {id}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::ConnectInfo;
    use std::net::SocketAddr;

    fn named(peer: &str, id: &str) -> String {
        let front = Front::new(None, &["10.0.0.0/8".parse().unwrap()]).unwrap();
        let mut request = Request::get("/").header(HEADER, id).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        RequestId::of(&front, &request).0
    }

    #[test]
    fn only_a_trusted_proxy_names_a_request() {
        assert_eq!(named("10.0.0.1", "abc-DEF_123.4"), "abc-DEF_123.4");
        let own = named("192.0.2.1", "abc-DEF_123.4");
        assert_eq!(own.len(), 36);
        for bad in ["", "short", "with a blank", "a\"quoted\"name", &"x".repeat(37)] {
            assert_eq!(named("10.0.0.1", bad).len(), 36, "{bad}");
            assert_ne!(named("10.0.0.1", bad), bad);
        }
    }
}
