//! A moment in the life of a console, at which a scenario may do something.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::console::Console;
use crate::items::Items;
use crate::synth;

/// The moment before a request is answered.
#[derive(Debug)]
pub struct Moment<'a> {
    console: &'a Console,
    request: u64,
}

/// What a scenario does at such a moment.
#[derive(Clone)]
pub(crate) struct OnRequest(pub(crate) Arc<dyn Fn(&Moment<'_>) + Send + Sync>);

impl<'a> Moment<'a> {
    pub(crate) fn new(console: &'a Console, request: u64) -> Self {
        Moment { console, request }
    }

    /// The number of the request, counted from 0.
    pub fn request(&self) -> u64 {
        self.request
    }

    /// The threats, to be added to and changed.
    pub fn threats(&self) -> Items<'a> {
        self.console.items(synth::SCHEMA).expect("every console has threats")
    }

    /// Puts the console's clock forward.
    pub fn advance(&self, duration: Duration) {
        self.console.clock.advance(duration);
    }
}

impl fmt::Debug for OnRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnRequest")
    }
}
