//! `crashing-sync URL TOKEN STATE OUTPUT CRASH_AT SEED`: one run of an incremental export that is
//! killed in the middle of its change number `CRASH_AT` to the file system, if it comes so far.
//!
//! With an odd seed the power fails too: what was not made sure of is lost, in part or as a whole.

mod disk;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, RateLimits};
use sentinelone_cli::sync::Sync;

use disk::CrashingDisk;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}: {:?}", error.source());
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, token, state, output, crash_at, seed] = &arguments[..] else {
        return Err("write URL TOKEN STATE OUTPUT CRASH_AT SEED".into());
    };
    let client = Client::builder().url(url).token(token).rate_limits(RateLimits::unlimited());
    // Small pages, so that there is much to go wrong.
    let query = GetThreatsQuery::new().limit(20);
    let disk = CrashingDisk::new(crash_at.parse()?, seed.parse()?);
    let sync = Sync::new(client.build()?, query, state, output).disk(Arc::new(disk));
    sync.open()?.run(|_| {}).await?;
    Ok(())
}
