//! One call: as many attempts as it takes and the policy allows, each within its limits.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};

use crate::base_url::BaseUrl;
use crate::call::Call;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::observe::{Attempt, Observer};
use crate::operation::Operation;
use crate::rate_limiter::RateLimiter;
use crate::response::Head;
use crate::retry::{Budget, RetryPolicy};
use crate::trace::CallSpan;
use crate::transport::{Body, Phase, Transport, TransportError};

/// What all calls of a client and its clones share.
pub(crate) struct Settings {
    pub(crate) base_url: BaseUrl,
    /// Marked as sensitive, so that no `Debug` shows it.
    pub(crate) authorization: HeaderValue,
    pub(crate) user_agent: HeaderValue,
    pub(crate) timeouts: Timeouts,
    pub(crate) max_body_bytes: usize,
    pub(crate) prefetch: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limiter: Arc<dyn RateLimiter>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Fn() -> f64 + Send + Sync>,
    pub(crate) on_attempt: Option<Observer>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) idle: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) call: Option<Duration>,
}

impl Settings {
    /// Makes a call and has `read` make something of its answer, which is one of success. What
    /// `read` finds wrong counts as the attempt's failure.
    pub(crate) async fn exchange<T>(
        &self,
        call: &Call,
        read: impl Fn(Head, Vec<u8>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let operation = call.arguments.operation();
        let span = CallSpan::new(operation);
        let request = self.request(call).map_err(|error| error.for_operation(operation.id))?;
        let started = self.clock.now();
        let deadline = Deadline::new(started, self.timeouts.call, "the call");
        let mut attempts = 0;
        let exchange = async {
            loop {
                attempts += 1;
                let attempt_span = span.attempt(attempts, &self.base_url);
                let mut attempt = new_attempt(operation, attempts);
                let outcome = self.attempt(&request, deadline, started, &mut attempt, &read);
                let error = match attempt_span.instrument(outcome).await {
                    Ok(value) => {
                        self.budget.put_back(1 < attempts);
                        attempt_span.ended(&attempt);
                        self.observe(&attempt);
                        return Ok(value);
                    }
                    Err(error) => error.retry_after_from(self.clock.system_time()),
                };
                let (delay, given_up) = self.next_delay(operation, attempts, &error, deadline);
                let attempt = attempt.failed(&error, delay);
                attempt_span.ended(&attempt);
                self.observe(&attempt);
                let Some(delay) = delay else {
                    let elapsed = self.since(started);
                    return Err(error.after(attempts, elapsed, given_up));
                };
                self.clock.sleep(delay).await;
            }
        };
        let outcome: Result<T, Error> = span.instrument(exchange).await;
        outcome.map_err(|error| {
            let error = if call.has_cursor() { error.about_cursor() } else { error };
            error.for_operation(operation.id)
        })
    }

    /// How long to wait for the next attempt, or why there is none although one was due.
    fn next_delay(
        &self,
        operation: &'static Operation,
        attempts: u32,
        error: &Error,
        deadline: Option<Deadline>,
    ) -> (Option<Duration>, Option<&'static str>) {
        let delay = self.retry.delay(attempts, error, (self.random)());
        if error.is_rate_limited() {
            self.limiter.throttled(operation, delay);
        }
        if !operation.idempotent || !self.retry.applies(attempts, error) {
            return (None, None);
        }
        if deadline.is_some_and(|deadline| deadline.left(self.clock.now()) <= delay) {
            return (None, Some("the call's timeout would pass first"));
        }
        if !self.budget.take() {
            return (None, Some("the retry budget is used up"));
        }
        (Some(delay), None)
    }

    async fn attempt<T>(
        &self,
        request: &Request<Bytes>,
        deadline: Option<Deadline>,
        call_started: Instant,
        attempt: &mut Attempt,
        read: &impl Fn(Head, Vec<u8>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let asked = self.clock.now();
        let acquired = self.limiter.acquire(attempt.operation);
        let limits = Limits { idle: None, attempt: None, call: deadline };
        self.within(limits, Phase::RateLimit, acquired).await?;
        let started = self.clock.now();
        attempt.held_back = started.saturating_duration_since(asked);

        let own = Deadline::new(started, self.timeouts.attempt, "the attempt");
        let limits = Limits { idle: self.timeouts.idle, attempt: own, call: deadline };
        let outcome = self.send(request.clone(), limits, attempt).await;
        attempt.elapsed = self.since(started);
        let (mut head, bytes) = outcome?;
        head.attempts = attempt.number;
        head.elapsed = self.since(call_started);
        attempt.status = Some(head.status);
        attempt.request_id = head.request_id().map(str::to_owned);
        read(head, bytes)
    }

    /// Sends the request and reads the whole answer, if it is one of success.
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
        attempt: &mut Attempt,
    ) -> Result<(Head, Vec<u8>), Error> {
        let response = self.within(limits, Phase::Head, self.transport.send(request)).await??;
        let (parts, mut body) = response.into_parts();
        let head = Head::new(parts);
        let success = head.status.is_success();
        let most = if success { self.max_body_bytes } else { Error::MAX_BODY };
        let mut bytes = Vec::new();
        let outcome = self.read(&head, &mut body, limits, most, &mut bytes).await;
        attempt.body_bytes = bytes.len();
        match outcome {
            Ok(()) if success => Ok((head, bytes)),
            Err(error) if success => Err(error.with_answer(head, &bytes)),
            Ok(()) => Err(Error::status_error(head, &bytes)),
            // The status says more than a body that is too long or breaks off.
            Err(error) => Err(Error::status_error(head, &bytes).with_source(error)),
        }
    }

    async fn read(
        &self,
        head: &Head,
        body: &mut Body,
        limits: Limits,
        most: usize,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let too_large = || {
            let message = format!("the body is longer than {most} bytes");
            Error::new(ErrorKind::BodyTooLarge, message)
        };
        let announced =
            head.headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok());
        let announced: usize = announced.unwrap_or_default();
        if most < announced && head.status.is_success() {
            return Err(too_large());
        }
        // Not all that is announced need come.
        bytes.reserve(announced.min(1 << 20));
        while let Some(chunk) = self.within(limits, Phase::Body, body.next()).await? {
            let chunk = chunk?;
            let room = most - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if room < chunk.len() {
                return Err(too_large());
            }
        }
        Ok(())
    }

    /// Waits for `future`, but no longer than the first of the limits.
    async fn within<F: Future>(
        &self,
        limits: Limits,
        phase: Phase,
        future: F,
    ) -> Result<F::Output, Error> {
        let mut future = pin!(future);
        let mut limit = None;
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            // Most chunks of a body are there when they are asked for, and need no timer.
            let limit = limit.get_or_insert_with(|| {
                let first = limits.first(|| self.clock.now());
                first.map(|(wait, expiry)| (self.clock.sleep(wait), expiry))
            });
            let Some((sleep, expiry)) = limit else { return Poll::Pending };
            sleep.as_mut().poll(context).map(|()| {
                let message = format!("timed out {phase}: {expiry}");
                Err(Error::new(ErrorKind::Timeout, message).with_phase(phase))
            })
        })
        .await
    }

    fn request(&self, call: &Call) -> Result<Request<Bytes>, Error> {
        let url = format!("{}{}", self.base_url.as_str(), call.path_and_query()?);
        if LONGEST_URL < url.len() {
            let message = format!(
                "the URL would have {} bytes, of which {LONGEST_URL} can be sent; split the lists \
                 into several requests",
                url.len()
            );
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let mut request = Request::builder()
            .method(call.arguments.operation().method.clone())
            .uri(url)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, &self.user_agent)
            .header(AUTHORIZATION, &self.authorization);
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request.body(call.body.clone().unwrap_or_default()).map_err(|error| {
            Error::new(ErrorKind::InvalidRequest, "the request cannot be written")
                .with_source(error)
        })
    }

    fn observe(&self, attempt: &Attempt) {
        if let Some(on_attempt) = &self.on_attempt {
            on_attempt(attempt);
        }
    }

    fn since(&self, instant: Instant) -> Duration {
        self.clock.now().saturating_duration_since(instant)
    }
}

/// What `http::Uri` can hold, in bytes. Servers take less: nginx answers 414 from 8 KiB on unless
/// it is configured otherwise.
const LONGEST_URL: usize = u16::MAX as usize - 1;

/// Until when something has to be done.
#[derive(Clone, Copy)]
struct Deadline {
    at: Instant,
    given: Duration,
    what: &'static str,
}

impl Deadline {
    fn new(start: Instant, given: Option<Duration>, what: &'static str) -> Option<Self> {
        let given = given?;
        Some(Deadline { at: start.checked_add(given)?, given, what })
    }

    fn left(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }
}

/// What limits a wait.
#[derive(Clone, Copy)]
struct Limits {
    idle: Option<Duration>,
    attempt: Option<Deadline>,
    call: Option<Deadline>,
}

impl Limits {
    /// How long to wait by the limit that ends first, and what that means.
    fn first(&self, now: impl FnOnce() -> Instant) -> Option<(Duration, Expiry)> {
        let idle = self.idle.map(|limit| (limit, Expiry::Idle(limit)));
        let deadline = match (self.attempt, self.call) {
            (Some(attempt), Some(call)) => Some(if call.at < attempt.at { call } else { attempt }),
            (attempt, call) => attempt.or(call),
        };
        let Some(deadline) = deadline else { return idle };
        let left = deadline.left(now());
        idle.filter(|(limit, _)| *limit < left).or(Some((left, Expiry::Deadline(deadline))))
    }
}

/// Why a wait ended too early.
enum Expiry {
    Idle(Duration),
    Deadline(Deadline),
}

impl std::fmt::Display for Expiry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expiry::Idle(limit) => write!(f, "nothing came for {limit:?}"),
            Expiry::Deadline(Deadline { given, what, .. }) => {
                write!(f, "{what} has taken {given:?}")
            }
        }
    }
}

fn new_attempt(operation: &'static Operation, number: u32) -> Attempt {
    Attempt {
        operation,
        number,
        status: None,
        error: None,
        phase: None,
        body_bytes: 0,
        held_back: Duration::ZERO,
        elapsed: Duration::ZERO,
        request_id: None,
        retry_in: None,
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        let kind = if error.timeout { ErrorKind::Timeout } else { ErrorKind::Transport };
        Error::new(kind, error.to_string())
            .with_phase(error.phase)
            .transient(!error.permanent)
            .with_source(error.source)
    }
}
