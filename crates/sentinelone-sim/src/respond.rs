//! From an answer to HTTP: headers, compression, chunks.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode};
use hyper::body::{Body, Frame};
use serde_json::Value;

use crate::answer::answer;
use crate::console::Console;
use crate::problem::Refusal;

/// Answers a request.
pub(crate) async fn respond(
    console: Arc<Console>,
    request: Parts,
) -> Result<Response<Chunks>, Infallible> {
    let request_id = console.next_request_id();
    // Looking through many threats takes a while, in which the client's own tasks are to run.
    let work = tokio::task::spawn_blocking(move || {
        let (status, body) = match answer(&console, &request) {
            Ok(body) => (StatusCode::OK, body),
            Err(refusal) => (refusal.status, refusal.body()),
        };
        encode(&console.url, &request.headers, status, &body)
    });
    let mut response = work.await.unwrap_or_else(|_| {
        let refusal = Refusal::internal();
        encode("null", &HeaderMap::new(), refusal.status, &refusal.body())
    });
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-rqid"), request_id);
    }
    Ok(response)
}

/// A body that is sent in chunks, as its length is not told.
#[derive(Debug)]
pub(crate) struct Chunks(Bytes);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        const CHUNK: usize = 16 * 1024;
        let length = self.0.len().min(CHUNK);
        let chunk = self.0.split_to(length);
        Poll::Ready((length > 0).then_some(Ok(Frame::data(chunk))))
    }
}

/// The headers that every answer has; hyper adds `Date` and `Transfer-Encoding`.
const HEADERS: [(HeaderName, &str); 11] = [
    (header::SERVER, "nginx"),
    (header::CONTENT_TYPE, "application/json"),
    (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
    (header::VARY, "Accept-Encoding, Origin"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'self'; frame-ancestors 'self'"),
    (header::CACHE_CONTROL, "no-store"),
    (header::PRAGMA, "no-cache"),
    (header::EXPIRES, "-1"),
];

fn encode(origin: &str, request: &HeaderMap, status: StatusCode, body: &Value) -> Response<Chunks> {
    let body = body.to_string().into_bytes();
    let zipped =
        if has_token(request, header::ACCEPT_ENCODING, "gzip") { gzip(&body) } else { None };

    let mut headers: HeaderMap =
        HEADERS.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
    if let Ok(origin) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    let last = has_token(request, header::CONNECTION, "close");
    let connection = if last { "close" } else { "keep-alive" };
    headers.insert(header::CONNECTION, HeaderValue::from_static(connection));
    if zipped.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }

    let mut response = Response::new(Chunks(zipped.unwrap_or(body).into()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Whether a comma-separated header names the token, and not with `q=0`.
fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|it| it.eq_ignore_ascii_case(token));
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|quality| quality.parse().is_ok_and(|quality: f32| quality <= 0.0));
        named && !refused
    })
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}
