//! The console's own time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Microseconds since 1970.
pub(crate) type Micros = i64;

/// The end of the year 9999, beyond which there are no dates in HTTP. The clock stops there.
const END: Micros = 253_402_300_799_999_999;

/// A clock that stands still, or goes on with real time, and is put forward on demand.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Set if the clock goes on by itself: from when on.
    since: Option<Instant>,
    shown: Mutex<Micros>,
}

impl Clock {
    pub(crate) fn new(start: Micros, ticking: bool) -> Clock {
        Clock { since: ticking.then(Instant::now), shown: Mutex::new(start) }
    }

    pub(crate) fn now(&self) -> Micros {
        let elapsed = self.since.map_or(0, |since| micros(since.elapsed()));
        self.shown().saturating_add(elapsed).min(END)
    }

    /// Puts the clock forward, and tells what it shows then.
    pub(crate) fn advance(&self, duration: Duration) -> Micros {
        let mut shown = self.shown();
        *shown = shown.saturating_add(micros(duration));
        drop(shown);
        self.now()
    }

    fn shown(&self) -> MutexGuard<'_, Micros> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
