//! `crashing-sync URL TOKEN STATE OUTPUT OVERLAP CRASH_AT SEED`: one run of an incremental export
//! that looks back by `OVERLAP` seconds and breaks off in the middle of its change number `CRASH_AT` to the file system, if it comes so far.
//!
//! The seed says how: the process is killed, the power fails, or the disk is full. Of a full disk
//! the process is told, and it tries once more.

mod disk;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sentinelone::threats::GetThreatsQuery;
use sentinelone::{Client, RateLimits};
use sentinelone_cli::sync::{Sync, SyncError, SyncErrorKind};

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
    let [url, token, state, output, overlap, crash_at, seed] = &arguments[..] else {
        return Err("write URL TOKEN STATE OUTPUT OVERLAP CRASH_AT SEED".into());
    };
    let overlap = overlap.parse()?;
    let client = Client::builder().url(url).token(token).rate_limits(RateLimits::unlimited());
    let client = client.build()?;
    let disk = Arc::new(CrashingDisk::new(crash_at.parse()?, seed.parse()?));
    let open = || {
        // Small pages, so that there is much to go wrong.
        let query = GetThreatsQuery::new().limit(20);
        let sync = Sync::new(client.clone(), query, state, output).disk(disk.clone());
        sync.overlap(Duration::from_secs(overlap)).open()
    };
    let mut sync = open().or_else(|error| if is_disk(&error) { open() } else { Err(error) })?;
    match sync.run(|_| {}).await {
        Err(error) if is_disk(&error) => sync.run(|_| {}).await?,
        outcome => outcome?,
    };
    Ok(())
}

fn is_disk(error: &SyncError) -> bool {
    error.kind() == SyncErrorKind::Disk
}
