//! The command line.

mod config;
pub(crate) mod operation;

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use sentinelone::threats::GetThreatsQuery;

use crate::failure::{ErrorFormat, Failure};
use crate::format::Format;
use crate::when::{When, span};

pub(crate) use self::config::{Config, SetArguments};
pub(crate) use self::operation::OperationCall;

/// Threats of a SentinelOne console in a terminal, in a file, and kept up to date.
#[derive(Debug, Parser)]
#[command(
    name = "s1",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = EXAMPLES,
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  s1 --sim threats list
  s1 threats sync --state threats.state --output threats.ndjson --follow

Exit codes: 0 done, 1 failed, 2 usage, 3 authentication, 4 rate limited, 5 partial, 130 interrupted";

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_display_order = 1_000)]
pub(crate) struct Global {
    /// The profile to use; see `s1 config`
    #[arg(long, global = true, env = "SENTINELONE_PROFILE", value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The URL of the console, instead of SENTINELONE_URL
    #[arg(long, global = true)]
    pub(crate) url: Option<String>,
    /// A file that holds the API token, instead of SENTINELONE_TOKEN
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Use an embedded console, with so many threats, or 1,000
    #[cfg(feature = "sim")]
    #[arg(
        long,
        global = true,
        value_name = "THREATS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1000",
        conflicts_with_all = ["url", "token_file"],
    )]
    pub(crate) sim: Option<u32>,
    /// Requests per second at most, or 0 for no limit
    #[arg(long, global = true, value_name = "N", value_parser = rate)]
    pub(crate) requests_per_second: Option<f64>,
    /// How often a request is sent at most while the console is busy
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_attempts: Option<u32>,
    /// Print the first request instead of sending it
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Show no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// How errors are written
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        value_name = "text|json"
    )]
    pub(crate) error_format: ErrorFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List, export and count threats, and keep a file up to date with them
    #[command(
        subcommand,
        after_help = "\
Examples:
  s1 threats list --since 24h
  s1 threats count --help"
    )]
    Threats(Box<Threats>),
    /// Call any operation of the API, and print its answer as it is
    #[command(
        subcommand,
        after_help = "\
Examples:
  s1 api get-threats --limit 5
  s1 api getThreats --resolved=false --all > threats.ndjson"
    )]
    Api(OperationCall),
    /// Check the token
    #[command(
        subcommand,
        after_help = "\
Examples:
  s1 auth check"
    )]
    Auth(Auth),
    /// Keep consoles by name, as profiles
    #[command(subcommand, after_help = config::EXAMPLES)]
    Config(Config),
    /// Print what makes a shell complete the commands
    #[command(after_help = "\
Examples:
  s1 completions bash > ~/.local/share/bash-completion/completions/s1
  s1 completions fish > ~/.config/fish/completions/s1.fish")]
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the manual
    #[command(after_help = "\
Examples:
  s1 man | man -l -
  s1 man --output ~/.local/share/man/man1")]
    Man {
        /// A directory, for a page for each command
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Auth {
    /// Ask the console whether it takes the token, and how many threats that may see
    #[command(after_help = "\
Examples:
  s1 auth check --profile production
  s1 auth check --format json")]
    Check {
        /// How the answer is written
        #[arg(
            long,
            short,
            value_enum,
            default_value_t,
            hide_possible_values = true,
            value_name = "text|json"
        )]
        format: AnswerFormat,
    },
}

/// How a command tells of something that is no record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// Lines for a person.
    #[default]
    Text,
    /// A JSON object on one line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Threats {
    /// Show one page of threats, or all of them
    #[command(after_help = "\
Examples:
  s1 threats list --since 24h --analyst-verdicts undefined
  s1 threats list --incident-statuses unresolved --sort-by createdAt --sort-order desc
  s1 threats list --all --format csv --fields id,threatInfo.threatName")]
    List(ListArguments),
    /// Show threats by their ids
    #[command(after_help = "\
Examples:
  s1 threats get 1234567890123456789
  s1 threats get 1234567890123456789 --format json --fields threatInfo")]
    Get(GetArguments),
    /// Count threats
    #[command(after_help = "\
Examples:
  s1 threats count --since 7d --resolved=false")]
    Count(Filters),
    /// Count threats by classification, verdict, status, engine and day
    #[command(after_help = "\
Examples:
  s1 threats stats --since 30d
  s1 threats stats --format json --incident-statuses unresolved")]
    Stats(StatsArguments),
    /// Write all threats that match to a file
    #[command(after_help = "\
Examples:
  s1 threats export --output threats.ndjson.zst
  s1 threats export --since 2026-11-01 --format csv --output - | head
  s1 threats export --concurrency 8 --output threats.parquet")]
    Export(ExportArguments),
    /// Append to a file every threat that was updated since the last time
    #[command(after_help = "\
Examples:
  s1 threats sync --state threats.state --output threats.ndjson
  s1 threats sync --state s1.state --output /var/spool/s1 --follow --interval 5m
  s1 threats sync --state hot.state --output hot.ndjson --confidence-levels malicious

Killed at any moment and run again, it neither loses nor repeats a threat. A threat that was updated
is written again.")]
    Sync(SyncArguments),
}

/// Which threats.
#[derive(Args, Debug)]
pub(crate) struct Filters {
    /// Threats created then or later: a time, a date, or a span such as 7d
    #[arg(long, value_name = "WHEN", conflicts_with = "created_at_gte")]
    pub(crate) since: Option<When>,
    /// Threats created before then
    #[arg(long, value_name = "WHEN", conflicts_with = "created_at_lt")]
    pub(crate) until: Option<When>,
    #[command(flatten, next_help_heading = "Filters and parameters of the API")]
    pub(crate) query: GetThreatsQuery,
}

impl Filters {
    /// The query, as of now.
    pub(crate) fn query(&self, now: DateTime<Utc>) -> GetThreatsQuery {
        let mut query = self.query.clone();
        if let Some(since) = self.since {
            query.created_at_gte = Some(since.from(now));
        }
        if let Some(until) = self.until {
            query.created_at_lt = Some(until.from(now));
        }
        query
    }

    /// Refuses parameters that the command sets by itself.
    pub(crate) fn refuse_paging(&self, command: &str) -> Result<(), Failure> {
        let GetThreatsQuery { cursor, skip, count_only, skip_count, .. } = &self.query;
        let set = [
            ("cursor", cursor.is_some()),
            ("skip", skip.is_some()),
            ("count-only", count_only.is_some()),
            ("skip-count", skip_count.is_some()),
        ];
        match set.into_iter().find(|(_, is_set)| *is_set) {
            Some((name, _)) => {
                let message = format!("`{command}` reads all pages by itself; leave out --{name}");
                Err(Failure::usage(message))
            }
            None => Ok(()),
        }
    }
}

/// How records are shown.
#[derive(Args, Debug)]
pub(crate) struct Shape {
    /// The format, instead of what the file's name ends in, a table on a terminal, or NDJSON
    #[arg(long, short, value_enum)]
    pub(crate) format: Option<Format>,
    /// The fields, by dotted paths, such as id,threatInfo.threatName
    #[arg(long, value_delimiter = ',', value_name = "PATHS")]
    pub(crate) fields: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// Show all pages, not one
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) shape: Shape,
    #[command(flatten)]
    pub(crate) filters: Filters,
}

#[derive(Args, Debug)]
pub(crate) struct GetArguments {
    /// The ids of the threats
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    #[command(flatten)]
    pub(crate) shape: Shape,
}

#[derive(Args, Debug)]
pub(crate) struct StatsArguments {
    /// The format: bars for people, or one JSON object
    #[arg(long, short, value_enum, default_value_t)]
    pub(crate) format: StatsFormat,
    #[command(flatten)]
    pub(crate) filters: Filters,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StatsFormat {
    /// Bars, as wide as the terminal
    #[default]
    Table,
    /// One JSON object
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArguments {
    /// The file to write, or - for standard output. `.gz` and `.zst` compress it. Until it is whole
    /// it is called FILE.partial
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// How many requests at once: the time from the first threat to the last is cut into windows
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: u16,
    #[command(flatten)]
    pub(crate) shape: Shape,
    #[command(flatten)]
    pub(crate) filters: Filters,
}

#[derive(Args, Debug)]
pub(crate) struct SyncArguments {
    /// The file that knows what has been written; it is made at the first run
    #[arg(long, value_name = "FILE")]
    pub(crate) state: PathBuf,
    /// The file to append to, or a directory in which each run writes a file of its own
    #[arg(long, short, value_name = "FILE|DIR")]
    pub(crate) output: PathBuf,
    /// At the first run, only threats that were updated then or later
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<When>,
    /// How long the console may take to show what was updated
    #[arg(long, value_name = "SPAN", default_value = "60s", value_parser = span)]
    pub(crate) settle: Duration,
    /// How far before the last threat to look once more for what the console showed still later
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = span)]
    pub(crate) overlap: Duration,
    /// Go on until it is stopped
    #[arg(long)]
    pub(crate) follow: bool,
    /// How long to wait between two runs
    #[arg(long, value_name = "SPAN", default_value = "60s", value_parser = span)]
    pub(crate) interval: Duration,
    #[command(flatten, next_help_heading = "Filters and parameters of the API")]
    pub(crate) query: GetThreatsQuery,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite() && 0.0 <= *rate);
    rate.ok_or_else(|| "write a number such as 0.5 or 10, or 0 for no limit".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::Arguments;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_fits_a_screen() {
        let command = Arguments::command().term_width(100);
        let help =
            command.try_get_matches_from(["s1", "--help"]).expect_err("the help").to_string();
        assert!(help.lines().count() <= 30, "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }

    #[test]
    fn every_command_has_an_example() {
        let mut command = Arguments::command();
        command.build();
        check(&command, "s1");
    }

    fn check(command: &Command, path: &str) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let example = format!("\n  {path}");
        // Those of a group show one of its commands, and those of `s1` its options.
        assert!(help.contains(&example) && help.contains("Examples:\n"), "{path}: {help}");
        assert!(command.get_about().is_some(), "{path} does not say what it does");
        for subcommand in command.get_subcommands() {
            check(subcommand, &format!("{path} {}", subcommand.get_name()));
        }
    }
}
