//! Tests of the command `s1`, as it is run.

mod command;
mod export;
mod formats;
mod sync;
