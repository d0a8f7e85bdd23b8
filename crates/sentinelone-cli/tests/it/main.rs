//! Tests of the command `s1`, as it is run.

mod api;
mod command;
mod config;
mod errors;
mod export;
mod formats;
mod help;
mod secrets;
mod support;
mod sync;
