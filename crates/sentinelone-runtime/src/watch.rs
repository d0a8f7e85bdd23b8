//! An attempt, from its first byte to its last.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::exchange::Settings;
use crate::observe::Attempt;
use crate::operation::Operation;
use crate::trace::{AttemptSpan, CallSpan};

/// An attempt that succeeded so far. Its end is told of when the body has been read.
pub(crate) struct Watch {
    /// The span of the call, which ends with it.
    _call: CallSpan,
    span: AttemptSpan,
    running: Running,
    started: Instant,
}

impl Watch {
    pub(crate) fn new(
        call: CallSpan,
        span: AttemptSpan,
        running: Running,
        started: Instant,
    ) -> Self {
        Watch { _call: call, span, running, started }
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.running.attempt.operation
    }

    /// Takes note of bytes that were read after the attempt itself.
    pub(crate) fn read(&mut self, bytes: usize) {
        self.running.attempt.body_bytes += bytes;
    }

    /// Tells that the body came to its end.
    pub(crate) fn succeeded(self, settings: &Settings) {
        settings.ended(&self.span, &self.running.attempt);
    }

    /// Tells that the body came to its end while it was handed over.
    pub(crate) fn handed_over(mut self, settings: &Settings) {
        self.running.attempt.elapsed = settings.since(self.running.sent);
        self.succeeded(settings);
    }

    /// Tells that the body broke off, and says so in the error.
    pub(crate) fn failed(mut self, settings: &Settings, error: Error) -> Error {
        self.running.attempt.elapsed = settings.since(self.running.sent);
        let attempt = self.running.attempt.failed(&error, None);
        settings.ended(&self.span, &attempt);
        error.after(attempt.number, settings.since(self.started), None)
    }
}

/// An attempt that is under way.
pub(crate) struct Running {
    pub(crate) attempt: Attempt,
    pub(crate) sent: Instant,
}

impl Running {
    pub(crate) fn new(operation: &'static Operation, number: u32, now: Instant) -> Self {
        let attempt = Attempt {
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
        };
        Running { attempt, sent: now }
    }
}
