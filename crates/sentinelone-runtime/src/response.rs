use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::transport::ReasonPhrase;

/// The header that names a request in the console's own logs.
const REQUEST_ID: &str = "x-rqid";

/// The answer to one call: its head, and its body as `T`.
#[derive(Clone)]
pub struct Response<T> {
    pub(crate) head: Head,
    pub(crate) body: T,
}

impl<T> Response<T> {
    /// The status, which is one of success.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The reason phrase, as the server wrote it.
    pub fn reason(&self) -> &str {
        self.head.reason()
    }

    /// The headers. A body that came compressed has lost `Content-Encoding` and
    /// `Content-Length`.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The `X-RQID` header, which the vendor's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    /// How long the call took, up to the last byte of the body, with all attempts and the waiting
    /// between them.
    pub fn elapsed(&self) -> Duration {
        self.head.elapsed
    }

    /// How often the request was made, 1 if the first attempt succeeded.
    pub fn attempts(&self) -> u32 {
        self.head.attempts
    }

    /// The body.
    pub fn body(&self) -> &T {
        &self.body
    }

    /// The body, without the head.
    pub fn into_body(self) -> T {
        self.body
    }
}

impl<T> fmt::Debug for Response<T> {
    /// A body can hold personal data, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

/// Everything of an answer but its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) reason: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl Head {
    pub(crate) fn new(parts: http::response::Parts) -> Self {
        Head {
            status: parts.status,
            reason: parts.extensions.get().map(|ReasonPhrase(reason)| reason.clone()),
            headers: parts.headers,
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID)?.to_str().ok()
    }

    pub(crate) fn reason(&self) -> &str {
        match &self.reason {
            Some(reason) => reason,
            None => self.status.canonical_reason().unwrap_or_default(),
        }
    }
}
