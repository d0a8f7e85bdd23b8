//! `sentinelone-sim`: the simulated console as a program.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sentinelone_sim::{Faults, Simulator, StartError};

/// A SentinelOne console in a box, with threats that it makes up.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The port to listen on, on this machine alone; 0 takes a free one.
    #[arg(long, default_value_t = 8_080)]
    port: u16,
    /// How many threats there are.
    #[arg(long, default_value_t = 10_000)]
    threats: u32,
    /// Which threats there are: the same seed makes the same ones.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// What goes wrong: a script for the first requests such as `status:503,none,reset`, or a
    /// schedule such as `seed=7,rate=0.2`.
    #[arg(long, default_value = "none")]
    faults: Faults,
    /// Serve the threats of this file, one JSON object a line, in place of made-up ones.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["threats", "seed"])]
    data: Option<PathBuf>,
    /// Let the console's clock stand still unless it is put forward.
    #[arg(long)]
    frozen: bool,
    /// Take orders on this port as well: put the clock forward, add and change threats, let things
    /// go wrong. 0 takes a free one.
    #[arg(long)]
    admin_port: Option<u16>,
    /// Refuse requests beyond the rate limit of the spec.
    #[arg(long)]
    rate_limit: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&error);
            let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
            eprintln!("error: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StartError> {
    let mut builder = Simulator::builder()
        .port(arguments.port)
        .threats(arguments.threats)
        .seed(arguments.seed)
        .faults(arguments.faults)
        .ticking(!arguments.frozen)
        .rate_limited(arguments.rate_limit);
    if let Some(path) = arguments.data {
        builder = builder.data(path);
    }
    if let Some(port) = arguments.admin_port {
        builder = builder.admin_port(port);
    }
    let simulator = builder.start().await?;
    // Ctrl-C is waited for before the text invites to it.
    let interrupted = tokio::spawn(tokio::signal::ctrl_c());
    tokio::task::yield_now().await;
    println!("{} threats at {}", simulator.threats().len(), simulator.url());
    println!("  export SENTINELONE_URL={}", simulator.url());
    println!("  export SENTINELONE_TOKEN={}", simulator.token());
    if let Some(curl) = simulator.curl() {
        println!("  {curl}");
    }
    if let Some(url) = simulator.admin_url() {
        println!("  curl --json '{{\"advanceSeconds\": 3600}}' {url}/clock");
        println!("  curl --json '{{\"count\": 3}}' {url}/items/Threat");
    }
    println!("Ctrl-C stops it");
    // Without signals there is no Ctrl-C to wait for, and the process is ended from outside.
    if !matches!(interrupted.await, Ok(Ok(()))) {
        std::future::pending::<()>().await;
    }
    simulator.stop().await;
    Ok(())
}
