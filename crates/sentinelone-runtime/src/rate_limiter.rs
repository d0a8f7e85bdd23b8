use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::operation::{Operation, RateLimit};
use crate::transport::BoxFuture;

/// Holds requests back so that the console need not refuse them.
///
/// A client has a [`RateLimits`] unless it is given something else, such as a limiter that several
/// processes share. Each client has its own, and its clones share it: limits are those of one
/// console and token.
pub trait RateLimiter: Send + Sync + 'static {
    /// Waits until a request of `operation` may be sent. It is called before each attempt, and
    /// the future may be dropped at any time.
    fn acquire(&self, operation: &'static Operation) -> BoxFuture<'_, ()>;

    /// Takes note that the console answered 429, and that the call waits for `pause` before its
    /// next attempt.
    fn throttled(&self, operation: &'static Operation, pause: Duration);
}

/// How many requests a client and its clones send in a second.
///
/// For each operation there is a bucket of `burst` requests which may be sent at once, and which
/// fills up again by `requests_per_second`:
///
/// ```text
/// wait for request n = max(0, (n - burst) / requests_per_second - time since the first)
/// ```
///
/// Requests are let through in the order in which they came. After a 429, no request of any
/// operation is sent until the pause of the call that met it is over, and the bucket of its
/// operation is empty then.
///
/// # When to change it
///
/// The limits of the spec are the vendor's for one token. Lower them if several processes share a
/// token; take [`RateLimits::unlimited`] where something else limits the requests.
///
/// ```
/// use sentinelone_runtime::RateLimits;
/// use sentinelone_runtime::operation::RateLimit;
///
/// let half = RateLimits::of_the_spec().operation("getThreats", RateLimit::new(5.0, 25));
/// # let _ = half;
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RateLimits {
    unlimited: bool,
    operations: BTreeMap<String, RateLimit>,
}

impl RateLimits {
    /// The limits that the spec gives (`x-rate-limit`). Operations without one are not limited.
    pub fn of_the_spec() -> Self {
        RateLimits::default()
    }

    /// No limits, and no common pause after a 429: each call waits for itself alone.
    pub fn unlimited() -> Self {
        RateLimits { unlimited: true, operations: BTreeMap::new() }
    }

    /// Sets the limit of one operation, named by its `operationId`.
    #[must_use]
    pub fn operation(mut self, id: impl Into<String>, limit: RateLimit) -> Self {
        self.operations.insert(id.into(), limit);
        self
    }

    /// An operation with a limit that would let nothing through.
    pub(crate) fn impossible(&self) -> Option<&str> {
        let possible = |limit: &RateLimit| {
            let rate = limit.requests_per_second;
            rate.is_finite() && MIN_RATE <= rate && limit.burst != 0
        };
        self.operations.iter().find(|(_, limit)| !possible(limit)).map(|(id, _)| id.as_str())
    }

    pub(crate) fn limiter(self, clock: Arc<dyn Clock>) -> Arc<dyn RateLimiter> {
        Arc::new(Buckets { limits: self, clock, state: Mutex::default() })
    }
}

/// A request in a day and a bit; less is taken for a mistake.
const MIN_RATE: f64 = 1e-5;

struct Buckets {
    limits: RateLimits,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When requests may be sent again after a 429.
    resume: Option<Instant>,
    buckets: HashMap<&'static str, Arc<Bucket>>,
}

/// The bucket of an operation, by the generic cell rate algorithm: all it keeps is when it will
/// be full again.
struct Bucket {
    interval: Duration,
    /// What a burst takes to be filled up again.
    window: Duration,
    full: Mutex<Option<Instant>>,
    /// Held by whoever is next, so that the others queue up behind.
    turn: tokio::sync::Mutex<()>,
}

impl RateLimiter for Buckets {
    fn acquire(&self, operation: &'static Operation) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let bucket = self.bucket(operation);
            let _turn = match &bucket {
                Some(bucket) => Some(bucket.turn.lock().await),
                None => None,
            };
            loop {
                let now = self.clock.now();
                let pause = lock(&self.state).resume.map(|it| it.saturating_duration_since(now));
                let pause = pause.unwrap_or_default();
                let wait = if pause.is_zero() {
                    bucket.as_ref().map_or(Duration::ZERO, |bucket| bucket.take(now))
                } else {
                    pause
                };
                if wait.is_zero() {
                    return;
                }
                self.clock.sleep(wait).await;
            }
        })
    }

    fn throttled(&self, operation: &'static Operation, pause: Duration) {
        if self.limits.unlimited {
            return;
        }
        let Some(resume) = self.clock.now().checked_add(pause) else { return };
        if let Some(bucket) = self.bucket(operation) {
            bucket.empty(resume);
        }
        let mut state = lock(&self.state);
        state.resume = state.resume.max(Some(resume));
    }
}

impl Buckets {
    fn bucket(&self, operation: &'static Operation) -> Option<Arc<Bucket>> {
        let spec = operation.rate_limit.filter(|_| !self.limits.unlimited);
        let limit = self.limits.operations.get(operation.id).copied().or(spec)?;
        let mut state = lock(&self.state);
        let bucket = state.buckets.entry(operation.id);
        Some(Arc::clone(bucket.or_insert_with(|| Arc::new(Bucket::new(limit)))))
    }
}

impl Bucket {
    fn new(limit: RateLimit) -> Self {
        let rate = limit.requests_per_second.max(MIN_RATE);
        let interval = Duration::from_secs_f64(1.0 / rate);
        let window = interval.saturating_mul(limit.burst.max(1));
        Bucket { interval, window, full: Mutex::new(None), turn: tokio::sync::Mutex::new(()) }
    }

    /// Takes a request out of the bucket, or says how long to wait until there is one in it.
    fn take(&self, now: Instant) -> Duration {
        let mut full = lock(&self.full);
        let full_then = full.unwrap_or(now).max(now) + self.interval;
        let wait = full_then.saturating_duration_since(now).saturating_sub(self.window);
        if wait.is_zero() {
            *full = Some(full_then);
        }
        wait
    }

    /// Leaves one request in the bucket at that time, and none before.
    fn empty(&self, at: Instant) {
        let mut full = lock(&self.full);
        *full = (*full).max(at.checked_add(self.window - self.interval));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
