//! A SentinelOne management console in a box, for tests.
//!
//! A [`Simulator`] is a real HTTP server on a loopback port. It answers the operations of a table
//! of [`Operation`](sentinelone_runtime::operation::Operation)s as the console would: it checks
//! the token and every parameter, filters, sorts, pages by keyset cursors, and refuses in the
//! console's words. Its threats are made up, and always the same for the same seed.
//!
//! ```
//! use sentinelone::{Client, threats::GetThreatsQuery};
//! use sentinelone_sim::Simulator;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let console = Simulator::builder().threats(1_000).seed(7).start().await?;
//! let client = Client::builder().url(console.url()).token(console.token()).build()?;
//! let new = console.threats().add(3)?;
//!
//! let page = client.get_threats(&GetThreatsQuery::new().ids(&new)).await?;
//! assert_eq!(page.records().len(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # What happens on it
//!
//! Requests that change something do, as the spec says (`x-acts-on`): a verdict that is set shows in
//! the next list, and so does a note that is added, which is one of this threat and of no other. An
//! export is a table of what the filters select, and the URL of a file leads to one, on another host.
//! What agents do later is not played: no activity tells of a file that was asked for.
//!
//! A scenario puts the console's clock forward with [`Simulator::advance`], and adds and changes
//! threats by [`Simulator::threats`]. They are stamped with what the clock shows. With
//! [`Items::late`] they can be read only some time after that, as on a console that is busy.
//!
//! # What goes wrong
//!
//! Requests meet the [`Faults`] of a script or of a seeded schedule, and [`Simulator::faults`]
//! says afterwards which ones they were.
//!
//! # What else it serves
//!
//! With [`Builder::data`], it serves the threats of a file in place of made-up ones. Of lists of
//! other schemas, such as those of an endpoint that you add to the spec, the items are made up from
//! the operation table, and [`Simulator::items`] adds to them and changes them.
//!
//! # As a program
//!
//! `sentinelone-sim` is all of this as a program, whose clock goes on by itself. With
//! `--admin-port` it takes the steps of a scenario over HTTP: see [`Builder::admin_port`].

mod act;
mod admin;
mod answer;
mod body;
mod clock;
mod collection;
mod condition;
mod console;
mod cursor;
mod drift;
mod fault;
mod field;
mod files;
mod filter;
mod invented;
mod items;
mod list;
mod lists;
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
mod subject;
mod synth;
mod table;
mod tags;
mod throttle;
mod view;

pub use fault::{Fault, FaultError, Faults, InjectedFault};
pub use items::{Items, ScenarioError, Version};
pub use moment::Moment;
pub use simulator::{Builder, Simulator, StartError};
pub use synth::threat;
