//! `s1`: threats of a SentinelOne console in a terminal, in a file, and kept up to date.

use std::process::ExitCode;

fn main() -> ExitCode {
    sentinelone_cli::main()
}
