//! What the tests of several crates share: a console that misbehaves as it is told, and a clock
//! that never waits.

mod clock;
mod logs;
mod server;

pub use clock::TestClock;
pub use logs::CapturedLogs;
pub use server::{Answer, Server, answer, json, page};
