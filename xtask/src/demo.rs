//! `cargo xtask demo`: pulls threats with the client that codegen has just written.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::Args;

/// Where the threats come from. The program that pulls them is an example of the simulator's
/// crate, in a cargo process of its own, so that it is built from the files just written.
#[derive(Args)]
pub(crate) struct Demo {
    /// A console's URL, such as `https://example.sentinelone.net`, with the API token in
    /// SENTINELONE_TOKEN; without it an embedded console is started.
    #[arg(long)]
    url: Option<String>,
    /// How many threats the embedded console has.
    #[arg(long, default_value_t = 5_000)]
    threats: u32,
}

impl Demo {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["run", "--quiet", "--package", "sentinelone-sim", "--example", "demo", "--"]);
        command.arg(format!("--threats={}", self.threats));
        command.args(self.url.iter().map(|url| format!("--url={url}")));
        let status = command.status().context("cannot start cargo")?;
        Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
