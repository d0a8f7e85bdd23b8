//! How long to wait.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind};
use crate::transport::Phase;

/// Until when something has to be done.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    given: Duration,
    what: &'static str,
}

impl Deadline {
    pub(crate) fn new(start: Instant, given: Option<Duration>, what: &'static str) -> Option<Self> {
        let given = given?;
        Some(Deadline { at: start.checked_add(given)?, given, what })
    }

    pub(crate) fn left(&self, now: Instant) -> Duration {
        self.at.saturating_duration_since(now)
    }
}

/// What limits a wait.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) idle: Option<Duration>,
    pub(crate) attempt: Option<Deadline>,
    pub(crate) call: Option<Deadline>,
}

impl Limits {
    /// How long to wait by the limit that ends first, and what that means.
    pub(crate) fn first(&self, now: impl FnOnce() -> Instant) -> Option<(Duration, Expiry)> {
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
pub(crate) enum Expiry {
    Idle(Duration),
    Deadline(Deadline),
}

impl Expiry {
    pub(crate) fn error(&self, phase: Phase) -> Error {
        let message = format!("timed out {phase}: {self}");
        Error::new(ErrorKind::Timeout, message).with_phase(phase)
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expiry::Idle(limit) => write!(f, "nothing came for {limit:?}"),
            Expiry::Deadline(Deadline { given, what, .. }) => {
                write!(f, "{what} has taken {given:?}")
            }
        }
    }
}
