//! The simulator as its clients see it: bytes over TCP.

mod acts;
mod admin;
mod client;
mod faults;
mod filters;
mod paging;
mod program;
mod properties;
mod recorded;
mod refusals;
mod scenario;
mod server;
mod table;
