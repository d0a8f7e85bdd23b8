//! `sentinelone-sim`: the simulated console as a program.

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
    let Arguments { port, threats, seed, faults, rate_limit } = arguments;
    let builder = Simulator::builder().port(port).threats(threats).seed(seed);
    let simulator = builder.faults(faults).rate_limited(rate_limit).start().await?;
    println!("{threats} threats at {}", simulator.url());
    println!("  export SENTINELONE_URL={}", simulator.url());
    println!("  export SENTINELONE_TOKEN={}", simulator.token());
    if let Some(curl) = simulator.curl() {
        println!("  {curl}");
    }
    println!("Ctrl-C stops it");
    // Without signals there is no Ctrl-C to wait for, and the process is ended from outside.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    simulator.stop().await;
    Ok(())
}
