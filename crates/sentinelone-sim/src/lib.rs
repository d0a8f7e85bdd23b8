//! A SentinelOne management console in a box, for tests.
//!
//! A [`Simulator`] is a real HTTP server on a loopback port. It answers the operations of a table
//! of [`Operation`](sentinelone_runtime::operation::Operation)s as the console would: it checks
//! the token and every parameter, pages by keyset cursors, and refuses in the console's words.
//! Its threats are made up, and always the same for the same seed. It breaks as [`Faults`] say.
//!
//! ```no_run
//! # async fn run() -> Result<(), sentinelone_sim::StartError> {
//! let simulator = sentinelone_sim::Simulator::builder()
//!     .threats(10_000)
//!     .seed(7)
//!     .start()
//!     .await?;
//! println!("{} {}", simulator.url(), simulator.token());
//! # Ok(())
//! # }
//! ```

mod admin;
mod answer;
mod clock;
mod collection;
mod condition;
mod console;
mod cursor;
mod drift;
mod fault;
mod field;
mod filter;
mod invented;
mod items;
mod list;
mod moment;
mod page;
mod problem;
mod query;
mod recorded;
mod request_id;
mod respond;
mod server;
mod simulator;
mod source;
mod synth;
mod tags;
mod throttle;
mod view;

pub use fault::{Fault, FaultError, Faults, InjectedFault};
pub use items::{Items, ScenarioError, Version};
pub use moment::Moment;
pub use simulator::{Builder, Simulator, StartError};
pub use synth::threat;
