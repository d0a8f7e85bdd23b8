//! The command `s1`, and the incremental export that is its heart as a library.
//!
//! [`main`] is the command. [`sync`] keeps files up to date with the threats of a console, and is
//! of use to programs too.

mod arguments;
mod commands;
mod console;
mod context;
mod dry_run;
mod failure;
mod field;
mod format;
#[cfg_attr(not(feature = "keyring"), path = "no_keyring.rs")]
mod keyring;
mod output;
mod profile;
mod progress;
pub mod sync;
mod terminal;
mod token;
mod usage;
mod walk;
mod when;
mod writer;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::arguments::Arguments;
use crate::context::Context;
use crate::failure::{Failure, Kind};

/// Runs the command that the process's arguments are.
pub fn main() -> ExitCode {
    let Arguments { global, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::report(&error),
    };
    let error_format = global.error_format;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(async {
            let context = Context::new(global).await?;
            tokio::select! {
                // What reads standard input before it calls can still be interrupted that way.
                biased;
                outcome = commands::run(command, &context) => outcome,
                () = interruption() => Err(Failure::new("interrupted").kind(Kind::Interrupted)),
            }
        }),
        Err(error) => Err(Failure::new("the asynchronous runtime cannot start").because(error)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(error_format),
    }
}

/// How long a command may take to end that is in the middle of writing.
const GRACE: Duration = Duration::from_secs(5);

/// Returns when the user, or whoever supervises the process, wants it to end. Commands are dropped
/// then where they wait for the console, which is never in the middle of a change to a file. One
/// that is stuck, as nobody reads what it writes, is ended with the process.
async fn interruption() {
    let (told, tell) = tokio::sync::oneshot::channel();
    // A task of its own, as a command that writes does not let others run.
    tokio::spawn(async move {
        interrupted().await;
        // Nobody is told any more if the command has ended.
        let _ = told.send(());
        tokio::time::sleep(GRACE).await;
        std::process::exit(Kind::Interrupted.exit_code().into());
    });
    let _ = tell.await;
}

async fn interrupted() {
    let interrupt = async {
        // Without signals the process is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! { () = interrupt => {}, () = terminated() => {} }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => _ = signal.recv().await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
