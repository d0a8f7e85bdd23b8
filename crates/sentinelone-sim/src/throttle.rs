//! Refuses requests beyond the rate limit of the spec, as the gateway before a console does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sentinelone_runtime::operation::Operation;
use tokio::time::Instant;

/// When the bucket of each operation will be full again.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<&'static str, Instant>>);

impl Throttle {
    /// Whether a request of the operation is let through.
    pub(crate) fn admits(&self, operation: &'static Operation) -> bool {
        let Some(limit) = operation.rate_limit else { return true };
        let interval = Duration::from_secs_f64(1.0 / limit.requests_per_second);
        let now = Instant::now();
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full.entry(operation.id).or_insert(now);
        let then = (*full).max(now) + interval;
        let admitted = then.duration_since(now) <= interval * limit.burst;
        if admitted {
            *full = then;
        }
        admitted
    }
}
