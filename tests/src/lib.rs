//! What the tests of several crates share: a console that misbehaves as it is told, a clock
//! that never waits, a second reading of what filters mean, and values that operations take.

mod clock;
mod logs;
pub mod reading;
pub mod sample;
mod server;

pub use clock::TestClock;
pub use logs::CapturedLogs;
pub use server::{Answer, Server, answer, answer_by, json, page};
