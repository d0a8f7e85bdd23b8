//! What the tests of several crates share: a console that misbehaves as it is told, a clock
//! that never waits, and a second reading of what filters mean.

mod clock;
mod logs;
pub mod reading;
mod server;

pub use clock::TestClock;
pub use logs::CapturedLogs;
pub use server::{Answer, Server, answer, answer_by, json, page};
