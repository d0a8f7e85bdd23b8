use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use sentinelone_runtime::{BoxFuture, Clock};

/// Virtual time for calls over real connections.
///
/// Waiting moves the time on and is over at once, except for the idle timeout: whether a
/// connection is silent is known to the server alone, which tells the clock.
#[derive(Clone)]
pub struct TestClock {
    start: Instant,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    elapsed: Duration,
    sleeps: Vec<Duration>,
    /// How often the idle timeout was waited for.
    idle_waits: usize,
    /// From which of these waits on the idle timeout passes.
    expired_from: Option<usize>,
    wakers: Vec<Waker>,
    on_sleep: Option<Box<dyn FnOnce() + Send>>,
}

impl TestClock {
    /// The timeout that a client has unless it is given another. A sleep as long as that is taken
    /// for a wait for it.
    pub const IDLE: Duration = Duration::from_secs(30);

    /// The date and time at which every test begins: 1994-11-06 08:49:30 UTC.
    pub const START: Duration = Duration::from_secs(784_111_770);

    /// A clock that has just been started.
    pub fn start() -> Self {
        TestClock { start: Instant::now(), state: Arc::default() }
    }

    /// The sleeps so far, without the waits for the idle timeout.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.state().sleeps.clone()
    }

    /// Moves the time on.
    pub fn advance(&self, duration: Duration) {
        self.state().elapsed += duration;
    }

    /// Calls `then` when a sleep begins, once.
    pub fn on_sleep(&self, then: impl FnOnce() + Send + 'static) {
        self.state().on_sleep = Some(Box::new(then));
    }

    /// How often the idle timeout has been waited for.
    pub(crate) fn idle_waits(&self) -> usize {
        self.state().idle_waits
    }

    /// Lets the idle timeout pass for the wait of that number, or the next after it.
    pub(crate) fn expire(&self, from: usize) {
        let mut state = self.state();
        state.expired_from = Some(from);
        state.wakers.drain(..).for_each(Waker::wake);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.state().elapsed
    }

    fn system_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Self::START + self.state().elapsed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration != Self::IDLE {
            let then = {
                let mut state = self.state();
                state.sleeps.push(duration);
                state.elapsed += duration;
                state.on_sleep.take()
            };
            if let Some(then) = then {
                then();
            }
            return Box::pin(std::future::ready(()));
        }
        let mut state = self.state();
        state.idle_waits += 1;
        let (number, clock) = (state.idle_waits, self.clone());
        Box::pin(poll_fn(move |context| {
            let mut state = clock.state();
            if state.expired_from.is_some_and(|from| from <= number) {
                state.expired_from = None;
                state.elapsed += Self::IDLE;
                return Poll::Ready(());
            }
            state.wakers.push(context.waker().clone());
            Poll::Pending
        }))
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestClock({:?})", self.state().elapsed)
    }
}
