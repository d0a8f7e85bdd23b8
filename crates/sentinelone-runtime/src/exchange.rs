//! One call: as many attempts as it takes and the policy allows, each within its limits.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request};

use crate::base_url::BaseUrl;
use crate::call::Call;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::limits::{Deadline, Limits};
use crate::observe::{Attempt, Observer};
use crate::outgoing::Outgoing;
use crate::rate_limiter::RateLimiter;
use crate::response::Head;
use crate::retry::{Budget, RetryPolicy};
use crate::trace::{AttemptSpan, CallSpan};
use crate::transport::{Body, Phase, Transport, TransportError};
use crate::watch::{Running, Watch};

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
        let outgoing = self.outgoing(call)?;
        let read = |answer: Answer| read(answer.head, answer.bytes);
        let outcome = self.attempts(&outgoing, Extent::Whole, read).await;
        let (value, watch) = outcome
            .map_err(|error| if call.has_cursor() { error.about_cursor() } else { error })?;
        watch.succeeded(self);
        Ok(value)
    }

    /// Makes a call up to the first part of the body. The rest comes as it is asked for, and
    /// whoever reads it ends the watch.
    pub(crate) async fn open(&self, outgoing: &Outgoing<'_>) -> Result<Opened, Error> {
        let read = |answer: Answer| Ok((answer.head, answer.rest));
        let ((head, rest), watch) = self.attempts(outgoing, Extent::First, read).await?;
        match rest {
            Some(rest) => Ok(Opened { head, rest, watch }),
            None => unreachable!("an answer is given with its rest if that is asked for"),
        }
    }

    /// Sends a request as often as it takes.
    async fn attempts<T>(
        &self,
        outgoing: &Outgoing<'_>,
        extent: Extent,
        read: impl Fn(Answer) -> Result<T, Error>,
    ) -> Result<(T, Watch), Error> {
        let operation = outgoing.operation;
        let span = CallSpan::new(operation);
        let started = self.clock.now();
        let times =
            Times { started, deadline: Deadline::new(started, self.timeouts.call, "the call") };
        let mut attempts = 0;
        let exchange = async {
            loop {
                attempts += 1;
                let attempt_span = span.attempt(attempts, outgoing.server);
                let mut running = Running::new(operation, attempts, self.clock.now());
                let outcome = self.attempt(outgoing, extent, times, &mut running, &read);
                let error = match attempt_span.instrument(outcome).await {
                    Ok(value) => {
                        if outgoing.to_console {
                            self.budget.put_back(1 < attempts);
                        }
                        return Ok((value, attempt_span, running));
                    }
                    Err(error) => error.retry_after_from(self.clock.system_time()),
                };
                let (delay, given_up) = self.next_delay(outgoing, attempts, &error, times.deadline);
                self.ended(&attempt_span, &running.attempt.failed(&error, delay));
                let Some(delay) = delay else {
                    let elapsed = self.since(started);
                    return Err(error.after(attempts, elapsed, given_up));
                };
                self.clock.sleep(delay).await;
            }
        };
        let outcome: Result<_, Error> = span.instrument(exchange).await;
        match outcome {
            Ok((value, span_of_attempt, running)) => {
                let watch = Watch::new(span, span_of_attempt, running, started);
                Ok((value, watch))
            }
            Err(error) => Err(error.for_operation(operation.id)),
        }
    }

    /// How long to wait for the next attempt, or why there is none although one was due.
    fn next_delay(
        &self,
        outgoing: &Outgoing<'_>,
        attempts: u32,
        error: &Error,
        deadline: Option<Deadline>,
    ) -> (Option<Duration>, Option<&'static str>) {
        let delay = self.retry.delay(attempts, error, (self.random)());
        if error.is_rate_limited() && outgoing.to_console {
            self.limiter.throttled(outgoing.operation, delay);
        }
        if !outgoing.operation.idempotent || !self.retry.applies(attempts, error) {
            return (None, None);
        }
        if deadline.is_some_and(|deadline| deadline.left(self.clock.now()) <= delay) {
            return (None, Some("the call's timeout would pass first"));
        }
        if outgoing.to_console && !self.budget.take() {
            return (None, Some("the retry budget is used up"));
        }
        (Some(delay), None)
    }

    async fn attempt<T>(
        &self,
        outgoing: &Outgoing<'_>,
        extent: Extent,
        times: Times,
        Running { attempt, sent }: &mut Running,
        read: &impl Fn(Answer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let asked = self.clock.now();
        if outgoing.to_console {
            let acquired = self.limiter.acquire(attempt.operation);
            let limits = Limits { idle: None, attempt: None, call: times.deadline };
            self.within(limits, Phase::RateLimit, acquired).await?;
        }
        *sent = self.clock.now();
        attempt.held_back = sent.saturating_duration_since(asked);

        let own = Deadline::new(*sent, self.timeouts.attempt, "the attempt");
        let limits = Limits { idle: self.timeouts.idle, attempt: own, call: times.deadline };
        let outcome = self.send(outgoing.request.clone(), extent, limits, attempt).await;
        attempt.elapsed = self.since(*sent);
        let mut answer = outcome?;
        answer.head.attempts = attempt.number;
        answer.head.elapsed = self.since(times.started);
        attempt.status = Some(answer.head.status);
        attempt.request_id = answer.head.request_id().map(str::to_owned);
        read(answer)
    }

    /// Sends the request and reads the answer, if it is one of success, as far as it is wanted.
    async fn send(
        &self,
        request: Request<Bytes>,
        extent: Extent,
        limits: Limits,
        attempt: &mut Attempt,
    ) -> Result<Answer, Error> {
        let response = self.within(limits, Phase::Head, self.transport.send(request)).await??;
        let (parts, mut body) = response.into_parts();
        let head = Head::new(parts);
        let success = head.status.is_success();
        if success && let Extent::First = extent {
            return match self.first(&mut body, limits).await {
                Ok(first) => {
                    let rest = Some(Rest { first, body, limits });
                    Ok(Answer { head, bytes: Vec::new(), rest })
                }
                Err(error) => Err(error.with_answer(head, &[])),
            };
        }
        let most = if success { self.max_body_bytes } else { Error::MAX_BODY };
        let mut bytes = Vec::new();
        let outcome = self.read(&head, &mut body, limits, most, &mut bytes).await;
        attempt.body_bytes = bytes.len();
        match outcome {
            Ok(()) if success => Ok(Answer { head, bytes, rest: None }),
            Err(error) if success => Err(error.with_answer(head, &bytes)),
            Ok(()) => Err(Error::status_error(head, &bytes)),
            // The status says more than a body that is too long or breaks off.
            Err(error) => Err(Error::status_error(head, &bytes).with_source(error)),
        }
    }

    /// The first bytes of a body, or `None` if there are none.
    async fn first(&self, body: &mut Body, limits: Limits) -> Result<Option<Bytes>, Error> {
        while let Some(chunk) = self.within(limits, Phase::Body, body.next()).await? {
            let chunk = chunk?;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
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
            sleep.as_mut().poll(context).map(|()| Err(expiry.error(phase)))
        })
        .await
    }

    /// Tells of the end of an attempt.
    pub(crate) fn ended(&self, span: &AttemptSpan, attempt: &Attempt) {
        span.ended(attempt);
        if let Some(on_attempt) = &self.on_attempt {
            on_attempt(attempt);
        }
    }

    pub(crate) fn since(&self, instant: Instant) -> Duration {
        self.clock.now().saturating_duration_since(instant)
    }
}

/// How much of a body is read within an attempt, so that another follows if it breaks off.
#[derive(Clone, Copy)]
enum Extent {
    Whole,
    First,
}

/// An answer of success, as far as it was read.
struct Answer {
    head: Head,
    /// The whole body, unless there is a rest.
    bytes: Vec<u8>,
    rest: Option<Rest>,
}

/// A body that is still being sent.
pub(crate) struct Rest {
    pub(crate) first: Option<Bytes>,
    pub(crate) body: Body,
    pub(crate) limits: Limits,
}

/// An answer whose body is still being sent.
pub(crate) struct Opened {
    pub(crate) head: Head,
    pub(crate) rest: Rest,
    pub(crate) watch: Watch,
}

/// When a call began, and when it has to end.
#[derive(Clone, Copy)]
struct Times {
    started: Instant,
    deadline: Option<Deadline>,
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
