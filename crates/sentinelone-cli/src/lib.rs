//! The command `s1`, and the incremental export that is its heart as a library.
//!
//! [`main`] is the command.

mod arguments;
mod commands;
mod context;
mod failure;
mod field;
mod format;
mod output;
mod when;
mod writer;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::context::Context;

/// Runs the command that the process's arguments are.
pub fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let error_format = global.error_format;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(async {
            let context = Context::new(global).await?;
            commands::run(command, &context).await
        }),
        Err(error) => {
            Err(failure::Failure::new("the asynchronous runtime cannot start").because(error))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(error_format),
    }
}
