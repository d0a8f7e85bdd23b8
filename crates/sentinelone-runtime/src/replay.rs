use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use crate::transport::{Body, BoxFuture, Phase, Transport, TransportError};

/// Answers requests with replies given beforehand, in their order, and keeps the requests: for
/// tests of programs that use the SDK.
///
/// Clones share replies and requests. A request for which no reply is left fails, and is not
/// retried. Under `#[tokio::test(start_paused = true)]` the waiting between attempts takes no
/// time.
///
/// ```
/// use sentinelone_runtime::{ReplayTransport, Reply};
///
/// let replay = ReplayTransport::new([
///     Reply::text(503, "try again"),
///     Reply::json(r#"{"data": [], "pagination": {"nextCursor": null}}"#),
/// ]);
/// // Client::builder().url("console.test").token("t").transport(replay.clone()).build()
/// assert_eq!(replay.requests().len(), 0);
/// ```
#[derive(Clone, Default)]
pub struct ReplayTransport(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    requests: Vec<http::Request<Bytes>>,
}

impl ReplayTransport {
    /// Gives these replies.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = VecDeque::from_iter(replies);
        ReplayTransport(Arc::new(Mutex::new(State { replies, requests: Vec::new() })))
    }

    /// The requests so far. The token is in a header that is marked as sensitive.
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.state().requests.clone()
    }

    /// How many replies have not been asked for.
    pub fn replies_left(&self) -> usize {
        self.state().replies.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReplayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayTransport")
            .field("requests", &self.state().requests.len())
            .field("replies_left", &self.replies_left())
            .finish()
    }
}

impl Transport for ReplayTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let mut state = self.state();
        state.requests.push(request);
        let number = state.requests.len();
        let reply = state.replies.pop_front();
        Box::pin(match reply {
            Some(reply) => reply.give().boxed(),
            None => {
                let reason = format!("there is no reply left for request {number}");
                let error = TransportError::new(Phase::Connect, reason).permanent();
                std::future::ready(Err(error)).boxed()
            }
        })
    }
}

/// What a [`ReplayTransport`] does with a request.
pub struct Reply(Kind);

enum Kind {
    Answer(http::Response<Bytes>, BodyEnd),
    Failure(TransportError),
    Silence,
}

enum BodyEnd {
    Whole,
    Broken,
    Stalled,
}

impl Reply {
    /// Status 200 with JSON.
    pub fn json(body: impl Into<Bytes>) -> Self {
        let mut response = http::Response::new(body.into());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Reply::from(response)
    }

    /// A status with a text of any sort. What is no status is taken as 500.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        let mut response = http::Response::new(body.into());
        *response.status_mut() =
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Reply::from(response)
    }

    /// No answer, ever.
    pub fn silence() -> Self {
        Reply(Kind::Silence)
    }

    /// Breaks off where the body would end.
    #[must_use]
    pub fn broken(self) -> Self {
        self.ending(BodyEnd::Broken)
    }

    /// Sends the body but never its end.
    #[must_use]
    pub fn stalled(self) -> Self {
        self.ending(BodyEnd::Stalled)
    }

    fn ending(self, end: BodyEnd) -> Self {
        match self.0 {
            Kind::Answer(response, _) => Reply(Kind::Answer(response, end)),
            other => Reply(other),
        }
    }

    async fn give(self) -> Result<http::Response<Body>, TransportError> {
        let (response, end) = match self.0 {
            Kind::Answer(response, end) => (response, end),
            Kind::Failure(error) => return Err(error),
            Kind::Silence => return std::future::pending().await,
        };
        Ok(response.map(|body| {
            let whole = stream::iter([Ok(body)]);
            let broken = || Err(TransportError::new(Phase::Body, "the connection was closed"));
            match end {
                BodyEnd::Whole => whole.boxed(),
                BodyEnd::Broken => whole.chain(stream::iter([broken()])).boxed(),
                BodyEnd::Stalled => whole.chain(stream::pending()).boxed(),
            }
        }))
    }
}

impl From<http::Response<Bytes>> for Reply {
    fn from(response: http::Response<Bytes>) -> Self {
        Reply(Kind::Answer(response, BodyEnd::Whole))
    }
}

impl From<TransportError> for Reply {
    fn from(error: TransportError) -> Self {
        Reply(Kind::Failure(error))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Answer(response, _) => write!(f, "Reply({})", response.status()),
            Kind::Failure(error) => write!(f, "Reply({error})"),
            Kind::Silence => f.write_str("Reply(silence)"),
        }
    }
}
