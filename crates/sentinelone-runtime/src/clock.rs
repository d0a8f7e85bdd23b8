use std::time::{Duration, Instant, SystemTime};

use crate::transport::BoxFuture;

/// Where the runtime reads time and waits, so that a test can run in virtual time.
pub trait Clock: Send + Sync + 'static {
    /// The time now, for measuring durations.
    fn now(&self) -> Instant;

    /// The date and time now, for a `Retry-After` that is a date.
    fn system_time(&self) -> SystemTime;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The clock of the tokio runtime, which follows `tokio::time::pause`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
