use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};

use crate::api_error::ApiError;
use crate::call::Problem;
use crate::page::Malformed;
use crate::response::Head;
use crate::retry;
use crate::transport::{BoxError, Phase};

/// Why a call failed.
///
/// `Display` is one line without body, token or query. What caused the error is its
/// [`source`](StdError::source), and the body of an answer is in [`body`](Error::body).
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    message: String,
    source: Option<BoxError>,
    problems: Vec<Problem>,
    phase: Option<Phase>,
    transient: bool,
    head: Option<Head>,
    retry_after: Option<Duration>,
    api_errors: Vec<ApiError>,
    body: Vec<u8>,
    attempts: u32,
    elapsed: Duration,
    given_up: Option<&'static str>,
}

/// What sort of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client is missing or malformed. Nothing was sent.
    Configuration,
    /// The spec does not allow the request. Nothing was sent; see [`Error::problems`].
    InvalidRequest,
    /// No answer came, or it broke off: see [`Error::phase`].
    Transport,
    /// The console stayed silent for too long: see [`Error::phase`].
    Timeout,
    /// The console answered with a status other than success.
    Status,
    /// The console answered with success, but not with what the spec says.
    Decode,
    /// A record does not have the form that the spec gives it; see [`Malformed`].
    Malformed,
    /// The body is longer than the client accepts.
    BodyTooLarge,
    /// What a download is written to does not take it.
    Write,
    /// The console sent a cursor a second time, so that paging would never end.
    RepeatedCursor,
    /// The console does not take the cursor (400 with the vendor's code 4000010): it has expired,
    /// or belongs to another console or sort order. The list has to be begun anew.
    StaleCursor,
}

impl Error {
    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The spec's `operationId` of the call, unless no call was made.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// What the spec does not allow about the request, all of it, for
    /// [`ErrorKind::InvalidRequest`].
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// How far the exchange had come, for [`ErrorKind::Transport`] and [`ErrorKind::Timeout`].
    pub fn phase(&self) -> Option<Phase> {
        self.0.phase
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.head.as_ref().map(|head| head.status)
    }

    /// The reason phrase of the answer, as the server wrote it.
    pub fn reason(&self) -> Option<&str> {
        self.0.head.as_ref().map(Head::reason)
    }

    /// The headers of the answer, if there was one.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.head.as_ref().map(|head| &head.headers)
    }

    /// The `X-RQID` header of the answer, which the vendor's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.head.as_ref()?.request_id()
    }

    /// What the console says went wrong; empty if the body is not the vendor's JSON.
    pub fn api_errors(&self) -> &[ApiError] {
        &self.0.api_errors
    }

    /// The body of the answer, cut off after [`Error::MAX_BODY`] bytes. It may hold personal
    /// data, so it is in no other text of the error.
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The body of the answer as text.
    pub fn body_text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.body())
    }

    /// How much of an answer's body is kept, in bytes.
    pub const MAX_BODY: usize = 64 * 1024;

    /// How long the answer asks to wait (`Retry-After`, as seconds or as a date).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often the request was made; 0 if nothing was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took with all its attempts and the waiting between them.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Whether the token is missing, wrong or expired (401).
    pub fn is_authentication(&self) -> bool {
        self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether the token's user may not do this (403).
    pub fn is_permission(&self) -> bool {
        self.status() == Some(StatusCode::FORBIDDEN)
    }

    /// Whether the console knows no such thing (404).
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether too many requests were sent (429).
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether the console stayed silent for too long.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Whether the request was refused by the spec or by the console (400).
    pub fn is_invalid_request(&self) -> bool {
        self.kind() == ErrorKind::InvalidRequest || self.status() == Some(StatusCode::BAD_REQUEST)
    }

    /// Whether no connection to the console came about, so that it has not seen the request.
    pub fn is_connect(&self) -> bool {
        self.phase() == Some(Phase::Connect)
    }

    /// Whether the console failed (5xx).
    pub fn is_server_error(&self) -> bool {
        self.kind() == ErrorKind::Status
            && self.status().is_some_and(|status| status.is_server_error())
    }

    /// Whether the same call may succeed later: after 408, 429, 502, 503 and 504, after a
    /// transport failure other than a certificate that is not trusted, after a timeout, and after
    /// JSON that ends too early. Whether it is safe to repeat is another question: for a list it
    /// is, and [`RetryPolicy`](crate::RetryPolicy) has done so as often as it allows.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Status => {
                matches!(self.status().map_or(0, |it| it.as_u16()), 408 | 429 | 502 | 503 | 504)
            }
            ErrorKind::Timeout => true,
            _ => self.0.transient,
        }
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            operation: None,
            message: message.into(),
            source: None,
            problems: Vec::new(),
            phase: None,
            transient: false,
            head: None,
            retry_after: None,
            api_errors: Vec::new(),
            body: Vec::new(),
            attempts: 0,
            elapsed: Duration::ZERO,
            given_up: None,
        }))
    }

    pub(crate) fn invalid_request(problems: Vec<Problem>) -> Self {
        let list: Vec<String> = problems.iter().map(Problem::to_string).collect();
        let mut error = Error::new(ErrorKind::InvalidRequest, list.join("; "));
        error.0.problems = problems;
        error
    }

    pub(crate) fn status_error(head: Head, body: &[u8]) -> Self {
        let api_errors = ApiError::parse_body(body);
        let mut message = head.status.as_u16().to_string();
        for part in [head.reason(), &shown(&api_errors)] {
            if !part.is_empty() {
                message.push(' ');
                message.push_str(part);
            }
        }
        let mut error = Error::new(ErrorKind::Status, message);
        error.0.api_errors = api_errors;
        error.with_answer(head, body)
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_phase(mut self, phase: Phase) -> Self {
        self.0.phase = Some(phase);
        self
    }

    pub(crate) fn with_answer(mut self, head: Head, body: &[u8]) -> Self {
        self.0.head = Some(head);
        self.0.body = body[..body.len().min(Error::MAX_BODY)].to_vec();
        self
    }

    /// Marks the error as one that may not come again.
    pub(crate) fn transient(mut self, transient: bool) -> Self {
        self.0.transient = transient;
        self
    }

    pub(crate) fn retry_after_from(mut self, now: SystemTime) -> Self {
        self.0.retry_after = self.headers().and_then(|headers| retry::retry_after(headers, now));
        self
    }

    /// Makes it an error about the cursor if it is the console's answer to one.
    pub(crate) fn about_cursor(mut self) -> Self {
        let refused = |error: &ApiError| error.code == Some(INVALID_CURSOR);
        if self.status() == Some(StatusCode::BAD_REQUEST) && self.api_errors().iter().any(refused) {
            self.0.kind = ErrorKind::StaleCursor;
        }
        self
    }

    /// Says how the call went, and why there was no further attempt if another was due.
    pub(crate) fn after(
        mut self,
        attempts: u32,
        elapsed: Duration,
        given_up: Option<&'static str>,
    ) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self.0.given_up = given_up;
        self
    }

    pub(crate) fn for_operation(mut self, operation: &'static str) -> Self {
        self.0.operation.get_or_insert(operation);
        self
    }
}

/// The vendor's code for a cursor that it cannot read, and for other values that it cannot.
const INVALID_CURSOR: i64 = 4_000_010;

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Error::new(ErrorKind::Malformed, "a record does not have the spec's form")
            .with_source(malformed)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        if 1 < self.attempts() {
            write!(f, ", {} attempts", self.attempts())?;
        }
        if let Some(why) = self.0.given_up {
            write!(f, ", no further one as {why}")?;
        }
        if let Some(request_id) = self.request_id() {
            write!(f, " (request id {request_id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("operation", &self.operation())
            .field("message", &self.0.message)
            .field("status", &self.status())
            .field("request_id", &self.request_id())
            .field("phase", &self.phase())
            .field("attempts", &self.attempts())
            .field("elapsed", &self.elapsed())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

/// What serde_json says of a value, without the value, which can be personal data.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match (text.find('"'), text.rfind('"')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}\"…\"{}", &text[..start], &text[end + 1..])
        }
        _ => text,
    }
}

fn shown(api_errors: &[ApiError]) -> String {
    let list: Vec<String> = api_errors.iter().map(ApiError::to_string).collect();
    if list.is_empty() { String::new() } else { format!("- {}", one_line(&list.join("; "))) }
}

/// A server's text without line breaks, and no longer than a line should be.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
