//! From an answer to HTTP: headers, compression, chunks.

use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming};

use crate::answer::{Answer, answer};
use crate::console::Console;
use crate::fault::Fault;
use crate::items::date_time;
use crate::moment::{Moment, OnRequest};
use crate::problem::Refusal;

/// The largest body of a request.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Answers a request, or hangs up.
pub(crate) async fn respond(
    console: Arc<Console>,
    request: Request<Incoming>,
) -> Result<Response<Chunks>, HungUp> {
    let request_id = console.next_request_id();
    let (number, fault) = console.injector.next();
    if let Some(OnRequest(act)) = &console.on_request {
        act(&Moment::new(&console, number));
    }
    match fault {
        Fault::Latency(latency) => {
            console.injector.log(number, fault);
            tokio::time::sleep(latency).await;
        }
        Fault::Stall => {
            console.injector.log(number, fault);
            std::future::pending::<()>().await;
        }
        Fault::Reset => {
            console.injector.log(number, fault);
            return Err(HungUp);
        }
        _ => {}
    }
    // A client that does not send its request to the end is not answered.
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MOST_BYTES).collect().await.map_err(|_| HungUp)?;
    let request = Request::from_parts(head, body.to_bytes());
    let date = SystemTime::from(date_time(console.clock.now()));
    let date = HeaderValue::try_from(httpdate::fmt_http_date(date));
    let worker = Arc::clone(&console.workers).acquire_owned().await;
    // Looking through many threats takes a while, in which the client's own tasks are to run.
    let work = tokio::task::spawn_blocking(move || {
        // A client that gives up does not end the work.
        let _worker = worker;
        let mut met = true;
        let response = make(&console, &request, fault, &mut met);
        if met && !matches!(fault, Fault::Latency(_)) {
            console.injector.log(number, fault);
        }
        response
    });
    let mut response = work.await.unwrap_or_else(|_| {
        let Answer { status, body, .. } = Refusal::internal().answer();
        encode("null", &HeaderMap::new(), status, body, End::Whole)
    });
    if let Ok(date) = date {
        response.headers_mut().insert(header::DATE, date);
    }
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-rqid"), request_id);
    }
    Ok(response)
}

/// The answer. `met` is set to whether the fault shows in it.
fn make(
    console: &Console,
    request: &Request<Bytes>,
    fault: Fault,
    met: &mut bool,
) -> Response<Chunks> {
    let gateway = |status| gateway(&console.url, request.headers(), status);
    match fault {
        Fault::Throttle(after) => {
            let mut response = gateway(StatusCode::TOO_MANY_REQUESTS);
            if let Some(seconds) = after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            return response;
        }
        Fault::Status(status) => return gateway(status),
        Fault::Html => return gateway(StatusCode::OK),
        _ => {}
    }
    let (answer, allow) = match answer(console, request, fault, met) {
        Ok(answer) => (answer, None),
        Err(refusal) if refusal.status == StatusCode::TOO_MANY_REQUESTS => {
            *met = false;
            return gateway(refusal.status);
        }
        Err(refusal) => (refusal.answer(), refusal.allow),
    };
    let Answer { status, media_type, mut body } = answer;
    let end = match fault {
        Fault::ResetInBody => End::Broken,
        Fault::StallInBody => End::Silent,
        _ => End::Whole,
    };
    *met |= !body.is_empty() && (end != End::Whole || fault == Fault::Truncate);
    if fault == Fault::Truncate {
        body.truncate(body.len() / 2);
    }
    let mut response = encode(&console.url, request.headers(), status, body, end);
    if status == StatusCode::NO_CONTENT {
        response.headers_mut().remove(header::CONTENT_TYPE);
    } else {
        let media_type = HeaderValue::from_static(media_type);
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    if let Some(allow) = allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// What the gateway before a console answers by itself.
fn gateway(origin: &str, request: &HeaderMap, status: StatusCode) -> Response<Chunks> {
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1>\
         </center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    let mut response = encode(origin, request, status, page.into_bytes(), End::Whole);
    let html = HeaderValue::from_static("text/html");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// The connection is closed on purpose.
#[derive(Debug)]
pub(crate) struct HungUp;

impl std::error::Error for HungUp {}

impl std::fmt::Display for HungUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hung up on purpose")
    }
}

/// A body that is sent in chunks, as its length is not told.
#[derive(Debug)]
pub(crate) struct Chunks {
    bytes: Bytes,
    end: End,
}

/// What comes after the bytes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Broken,
    Silent,
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = HungUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HungUp>>> {
        const CHUNK: usize = 16 * 1024;
        let length = self.bytes.len().min(CHUNK);
        if 0 < length {
            return Poll::Ready(Some(Ok(Frame::data(self.bytes.split_to(length)))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Broken => Poll::Ready(Some(Err(HungUp))),
            End::Silent => Poll::Pending,
        }
    }
}

/// The headers that every answer has; hyper adds `Transfer-Encoding`.
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

fn encode(
    origin: &str,
    request: &HeaderMap,
    status: StatusCode,
    body: Vec<u8>,
    end: End,
) -> Response<Chunks> {
    let zips = has_token(request, header::ACCEPT_ENCODING, "gzip") && !body.is_empty();
    let zipped = if zips { gzip(&body) } else { None };

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

    let mut bytes = zipped.unwrap_or(body);
    if end != End::Whole {
        bytes.truncate(bytes.len() / 2);
    }
    let mut response = Response::new(Chunks { bytes: bytes.into(), end });
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
