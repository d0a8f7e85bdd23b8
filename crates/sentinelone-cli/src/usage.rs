//! A command line that is none, or that asks for help, as clap tells of it.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::failure::{ErrorFormat, Failure};

/// Writes what clap has to say: to standard output what was asked for, and to standard error what
/// is wrong, in the format that the same command line asks for.
pub(crate) fn report(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Failure::write("standard output", error).report(ErrorFormat::Text),
        };
    }
    let failure = failure(error);
    if wants_json(std::env::args_os()) {
        return failure.report(ErrorFormat::Json);
    }
    // There is nowhere else to tell of standard error being closed.
    let _ = error.print();
    failure.exit_code()
}

fn failure(error: &clap::Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::usage("a command or an argument is missing").hint("see --help");
    }
    let text = error.to_string();
    let mut paragraphs = text.split("\n\n");
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let words: Vec<&str> = message.split_whitespace().collect();
    let tips = text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: "));
    let hint = match tips.collect::<Vec<_>>().join("; ") {
        tips if tips.is_empty() => "see --help".to_owned(),
        tips => tips,
    };
    Failure::usage(words.join(" ")).hint(hint)
}

/// Whether `--error-format json` is among the arguments, which could not be read as a whole.
fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut arguments = arguments.take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        if argument == "--error-format=json"
            || argument == "--error-format" && arguments.next().is_some_and(|next| next == "json")
        {
            return true;
        }
    }
    false
}
