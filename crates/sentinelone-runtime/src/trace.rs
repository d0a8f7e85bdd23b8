//! Spans and events, with the field names of OpenTelemetry's conventions for HTTP clients.
//!
//! Nothing here sees the token, a query or a body.

#[cfg(feature = "tracing")]
pub(crate) use on::{AttemptSpan, CallSpan, in_current_span};

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{AttemptSpan, CallSpan, in_current_span};

#[cfg(feature = "tracing")]
mod on {
    use std::future::Future;

    use reqwest::Url;
    use tracing::field::Empty;
    use tracing::instrument::{Instrument, Instrumented};
    use tracing::{Span, debug, debug_span, warn};

    use crate::observe::Attempt;
    use crate::operation::Operation;

    /// The span of a call, which has one of each attempt within it.
    pub(crate) struct CallSpan {
        span: Span,
        operation: &'static Operation,
    }

    impl CallSpan {
        pub(crate) fn new(operation: &'static Operation) -> Self {
            let span = debug_span!("sentinelone.call", sentinelone.operation = operation.id);
            CallSpan { span, operation }
        }

        pub(crate) fn instrument<F: Future>(&self, call: F) -> Instrumented<F> {
            call.instrument(self.span.clone())
        }

        /// The span of an attempt.
        pub(crate) fn attempt(&self, number: u32, server: &Url) -> AttemptSpan {
            let Operation { method, path, .. } = self.operation;
            let span = debug_span!(
                "sentinelone.attempt",
                otel.name = format_args!("{method} {path}"),
                otel.kind = "client",
                http.request.method = method.as_str(),
                url.template = path,
                url.scheme = server.scheme(),
                server.address = server.host_str(),
                server.port = server.port_or_known_default(),
                http.request.resend_count = Empty,
                http.response.status_code = Empty,
                http.response.body.size = Empty,
                error.type = Empty,
                sentinelone.request_id = Empty,
            );
            if 1 < number {
                span.record("http.request.resend_count", number - 1);
            }
            AttemptSpan(span)
        }
    }

    pub(crate) struct AttemptSpan(Span);

    impl AttemptSpan {
        pub(crate) fn instrument<F: Future>(&self, attempt: F) -> Instrumented<F> {
            attempt.instrument(self.0.clone())
        }

        /// Records how the attempt ended.
        pub(crate) fn ended(&self, attempt: &Attempt) {
            if let Some(status) = attempt.status {
                self.0.record("http.response.status_code", status.as_u16());
                self.0.record("http.response.body.size", attempt.body_bytes);
            }
            if let Some(request_id) = &attempt.request_id {
                self.0.record("sentinelone.request_id", request_id.as_str());
            }
            let _entered = self.0.enter();
            let Some(error) = attempt.error else {
                debug!(elapsed = ?attempt.elapsed, "the console has answered");
                return;
            };
            match attempt.status.filter(|status| !status.is_success()) {
                Some(status) => self.0.record("error.type", status.as_str()),
                None => self.0.record("error.type", tracing::field::debug(error)),
            };
            match attempt.retry_in {
                Some(delay) => {
                    warn!(attempt = attempt.number, ?delay, "the request failed and is repeated");
                }
                None => debug!(attempt = attempt.number, "the request failed"),
            }
        }
    }

    /// Keeps a future in the span of whoever made it, wherever it runs.
    pub(crate) fn in_current_span<F: Future>(future: F) -> Instrumented<F> {
        future.in_current_span()
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use std::future::Future;

    use reqwest::Url;

    use crate::observe::Attempt;
    use crate::operation::Operation;

    pub(crate) struct CallSpan;

    impl CallSpan {
        pub(crate) fn new(_: &'static Operation) -> Self {
            CallSpan
        }

        pub(crate) fn instrument<F: Future>(&self, call: F) -> F {
            call
        }

        pub(crate) fn attempt(&self, _: u32, _: &Url) -> AttemptSpan {
            AttemptSpan
        }
    }

    pub(crate) struct AttemptSpan;

    impl AttemptSpan {
        pub(crate) fn instrument<F: Future>(&self, attempt: F) -> F {
            attempt
        }

        pub(crate) fn ended(&self, _: &Attempt) {}
    }

    pub(crate) fn in_current_span<F: Future>(future: F) -> F {
        future
    }
}
