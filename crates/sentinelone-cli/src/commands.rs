//! One module for each command.

mod api;
mod auth;
mod completions;
mod config;
mod count;
mod export;
mod get;
mod list;
mod man;
mod stats;
mod sync;

use crate::arguments::{Auth, Command, Threats};
use crate::context::Context;
use crate::failure::Failure;

pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    match command {
        Command::Threats(command) => match *command {
            Threats::List(arguments) => list::run(&arguments, context).await,
            Threats::Get(arguments) => get::run(&arguments, context).await,
            Threats::Count(filters) => count::run(&filters, context).await,
            Threats::Sync(arguments) => sync::run(&arguments, context).await,
            Threats::Stats(arguments) => stats::run(&arguments, context).await,
            Threats::Export(arguments) => export::run(&arguments, context).await,
        },
        Command::Api(call) => api::run(&call, context).await,
        Command::Auth(Auth::Check { format }) => auth::check(format, context).await,
        Command::Config(command) => config::run(&command, context),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { output } => man::run(output.as_deref()),
    }
}
