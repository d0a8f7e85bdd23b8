use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::transport::Phase;

/// What is called with every attempt.
pub(crate) type Observer = std::sync::Arc<dyn Fn(&Attempt) + Send + Sync>;

/// One attempt of a call as it ended, for metrics; see
/// [`ClientBuilder::on_attempt`](crate::ClientBuilder::on_attempt).
///
/// It holds neither the token, nor a query, nor a body.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// The operation that was called.
    pub operation: &'static Operation,
    /// Which attempt of the call it is, counted from 1.
    pub number: u32,
    /// The status of the answer, if its head came.
    pub status: Option<StatusCode>,
    /// What sort of failure it is, or `None` for a success.
    pub error: Option<ErrorKind>,
    /// How far the exchange had come, for a transport failure or a timeout.
    pub phase: Option<Phase>,
    /// The bytes of the body that were read, after decompression.
    pub body_bytes: usize,
    /// How long the rate limit held the attempt back.
    pub held_back: Duration,
    /// How long the attempt took from there to its end.
    pub elapsed: Duration,
    /// The `X-RQID` header of the answer.
    pub request_id: Option<String>,
    /// How long the call waits before its next attempt, or `None` if this one was its last.
    pub retry_in: Option<Duration>,
}

impl Attempt {
    /// Takes from an error what it says of the attempt.
    pub(crate) fn failed(mut self, error: &Error, retry_in: Option<Duration>) -> Self {
        self.status = error.status();
        self.error = Some(error.kind());
        self.phase = error.phase();
        self.request_id = error.request_id().map(str::to_owned);
        self.retry_in = retry_in;
        self
    }
}

impl fmt::Debug for Attempt {
    /// Of the operation, only the id is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("operation", &self.operation.id)
            .field("number", &self.number)
            .field("status", &self.status)
            .field("error", &self.error)
            .field("phase", &self.phase)
            .field("body_bytes", &self.body_bytes)
            .field("held_back", &self.held_back)
            .field("elapsed", &self.elapsed)
            .field("request_id", &self.request_id)
            .field("retry_in", &self.retry_in)
            .finish()
    }
}
